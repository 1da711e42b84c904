"""Every incident in exactly one unit, or among the unplaced with a reason."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

import sahel_geo as sg
from sahel_geo.errors import CrsError, InputError
from sahel_geo.locate.assign.assign import coordinates, covered_countries, too_coarse


def squares(order=("A", "B", "C", "D")):
    """Four unit squares that meet in the corner (1, 1)."""
    boxes = {"A": (0, 0), "B": (1, 0), "C": (0, 1), "D": (1, 1)}
    shapes = [shapely.box(x, y, x + 1, y + 1) for x, y in (boxes[name] for name in order)]
    return gpd.GeoDataFrame({"unit_id": list(order)}, geometry=shapes, crs=4326)


def points(*lonlat):
    return pd.DataFrame(lonlat, columns=["lon", "lat"], dtype=float)


def test_an_incident_inside_a_unit_belongs_to_it():
    placed = sg.assign(points((0.5, 0.5), (1.5, 0.5), (0.5, 1.5), (1.5, 1.5)), squares())
    assert placed["unit_id"].tolist() == ["A", "B", "C", "D"]
    assert placed.unplaced.empty


@pytest.mark.parametrize("order", ["ABCD", "DCBA", "CADB"])
@pytest.mark.parametrize(
    ("lonlat", "expected"),
    [((1, 0.5), "A"), ((0.5, 1), "A"), ((1.5, 1), "B"), ((1, 1.5), "C"), ((1, 1), "A")],
)
def test_a_shared_border_or_corner_goes_to_the_id_that_sorts_first(order, lonlat, expected):
    placed = sg.assign(points(lonlat), squares(tuple(order)))
    assert placed["unit_id"].tolist() == [expected]


def test_the_outer_edge_belongs_to_its_unit():
    placed = sg.assign(points((0, 0), (2, 1.5), (2, 2)), squares())
    assert placed["unit_id"].tolist() == ["A", "D", "D"]


def test_the_unplaced_keep_their_row_with_reason_and_distance():
    incidents = points((2.5, 0.5), (np.nan, 0.5), (0.5, 0.5)).set_axis([10, 20, 30])
    incidents["note"] = ["out", "nowhere", "in"]
    placed = sg.assign(incidents, squares())
    assert placed.index.tolist() == [10, 20, 30]
    assert placed["note"].tolist() == ["out", "nowhere", "in"]
    out = placed.unplaced
    assert out["unplaced_reason"].tolist() == ["outside_units", "no_coordinates"]
    assert out["nearest_unit_id"].iloc[0] == "B"
    expected_km = Geod(ellps="WGS84").inv(2.5, 0.5, 2.0, 0.5)[2] / 1e3
    assert out["nearest_km"].iloc[0] == pytest.approx(expected_km, rel=1e-5)
    assert np.isnan(out["nearest_km"].iloc[1])


def test_two_units_equally_near_are_decided_by_id_not_by_row():
    tips = [[(0, 1), (2, 1), (0, 2)], [(0, 0), (2, 1), (0, 1)]]
    units = gpd.GeoDataFrame(
        {"unit_id": ["B", "A"]}, geometry=[shapely.Polygon(tip) for tip in tips], crs=4326
    )
    for rows in (units, units.iloc[::-1]):
        assert sg.assign(points((3, 1)), rows).unplaced["nearest_unit_id"].tolist() == ["A"]


def test_a_hole_is_outside():
    ring = shapely.box(0, 0, 3, 3).difference(shapely.box(1, 1, 2, 2))
    units = gpd.GeoDataFrame({"unit_id": ["ring"]}, geometry=[ring], crs=4326)
    placed = sg.assign(points((1.5, 1.5), (1, 1.5), (0.5, 0.5)), units)
    assert placed["unit_id"].fillna("-").tolist() == ["-", "ring", "ring"]


def test_inputs_are_not_changed():
    incidents, units = points((0.5, 0.5)), squares()
    before = incidents.copy(), units.copy()
    sg.assign(incidents, units)
    pd.testing.assert_frame_equal(incidents, before[0])
    pd.testing.assert_frame_equal(pd.DataFrame(units), pd.DataFrame(before[1]))


def test_no_incidents_and_no_units_give_empty_answers():
    nobody = sg.assign(points(), squares())
    assert nobody.empty
    assert "unit_id" in nobody
    nowhere = sg.assign(points((0.5, 0.5)), squares().iloc[:0])
    assert nowhere.unplaced["unplaced_reason"].tolist() == ["outside_units"]


@given(
    st.lists(
        st.tuples(
            st.integers(-2, 10).map(lambda quarter: quarter / 4),
            st.integers(-2, 10).map(lambda quarter: quarter / 4),
        ),
        min_size=1,
        max_size=30,
    ),
)
def test_agrees_with_shapely_point_by_point(lonlat):
    units = squares()
    placed = sg.assign(points(*lonlat), units)
    for (lon, lat), unit in zip(lonlat, placed["unit_id"], strict=True):
        touching = [
            name
            for name, shape in zip(units["unit_id"], units.geometry, strict=True)
            if shape.intersects(shapely.Point(lon, lat))
        ]
        assert (unit == min(touching)) if touching else pd.isna(unit)


def test_row_order_does_not_matter_on_real_units():
    units = sg.load_boundaries(level=2)
    vertices = shapely.get_coordinates(units.geometry)[::40]
    frame = pd.DataFrame(vertices, columns=["lon", "lat"])
    placed = sg.assign(frame, units)
    assert placed.unplaced.empty, "a vertex of a unit lies in a unit"
    shuffled = sg.assign(frame.sample(frac=1, random_state=1), units.sample(frac=1, random_state=2))
    pd.testing.assert_series_equal(shuffled["unit_id"].sort_index(), placed["unit_id"])


def test_the_added_columns_are_text_without_python_objects():
    placed = sg.assign(points((0.5, 0.5), (5, 5), (np.nan, 1)), squares())
    assert placed.dtypes[["unit_id", "unplaced_reason"]].eq("str").all()
    assert placed["unit_id"].fillna("-").tolist() == ["A", "-", "-"]
    assert placed["unplaced_reason"].fillna("-").tolist() == [
        "-",
        "outside_units",
        "no_coordinates",
    ]
    placed.loc[0, "unit_id"] = "B"
    assert placed["unit_id"].fillna("-").tolist() == ["B", "-", "-"]


def test_numbers_of_any_type_are_read():
    frame = pd.DataFrame({"lon": pd.array([1, None], "Int64"), "lat": ["0.5", "0.5"]})
    assert sg.assign(frame, squares())["unit_id"].fillna("-").tolist() == ["A", "-"]
    with pytest.raises(InputError, match=r"outside \[-180, 180\] x \[-90, 90\]: rows \[1\]"):
        sg.assign(points((0, 0), (-np.inf, 0)), squares())


def test_refuses_what_it_cannot_use():
    with pytest.raises(InputError, match=r"no column \['lat'\]; .* Give lon and lat in degrees"):
        sg.assign(pd.DataFrame({"lon": [1.0]}), squares())
    with pytest.raises(InputError, match=r"outside \[-180, 180\] x \[-90, 90\]: rows \[0\]"):
        sg.assign(points((14.0, 95.0)), squares())
    with pytest.raises(InputError, match=r"not numbers: \['12,5'\]"):
        sg.assign(pd.DataFrame({"lon": ["12,5", "0.5"], "lat": ["1", "1"]}), squares())
    with pytest.raises(CrsError, match="`units` has no coordinate reference system"):
        sg.assign(points((0, 0)), squares().set_crs(None, allow_override=True))
    with pytest.raises(CrsError, match=r"expected EPSG:4326 .* Use units\.to_crs\(4326\)"):
        sg.assign(points((0, 0)), squares().to_crs(3857))
    with pytest.raises(InputError, match=r"missing or repeated values in 'unit_id': \['A'\]"):
        sg.assign(points((0, 0)), squares().assign(unit_id=["A", "A", "C", "D"]))


def test_units_are_named_beside_their_ids(toy_units):
    points = pd.DataFrame({"lon": [0.5, 2.5, 9.0], "lat": [11.5, 10.5, 9.0], "mine": [1, 2, 3]})
    placed = sg.assign(points, toy_units)
    assert list(placed.columns) == ["lon", "lat", "mine", "unit_id", "unit_name", "unplaced_reason"]
    assert placed["unit_name"].fillna("-").tolist() == ["Unit M1", "Unit N2", "-"]
    again = sg.assign(placed, toy_units.drop(columns="name"))
    assert "unit_name" not in again
    assert sg.assign(placed, toy_units.assign(name="X"))["unit_name"].tolist()[:2] == ["X", "X"]


@pytest.mark.parametrize(("lon", "lat"), [(180, 90), (-180, -90)])
def test_degrees_end_at_the_poles_and_where_the_day_does(lon, lat):
    at_the_end = pd.DataFrame({"lon": [lon, lon], "lat": [lat, lat]}, index=["a", "b"])
    found = coordinates(at_the_end)
    assert [each.tolist() for each in found] == [[lon, lon], [lat, lat]]
    for name in ("lon", "lat"):
        beyond = at_the_end.astype(float)
        beyond.loc["b", name] = np.nextafter(beyond.loc["b", name], 999 * lon)
        with pytest.raises(InputError, match=r"has 1 coordinates outside .* rows \['b'\]"):
            coordinates(beyond)


def test_an_incident_is_too_coarse_for_units_smaller_than_what_is_known_of_it():
    precisions = ["exact", "admin3", "unknown", "near", "admin2", "admin1", "country"]
    table = pd.DataFrame({"location_precision": precisions})
    known = {level: table["location_precision"][~too_coarse(table, level)].tolist()
             for level in range(4)}  # fmt: skip
    assert known == {0: precisions, 1: precisions[:6], 2: precisions[:5], 3: precisions[:3]}
    assert not too_coarse(table.drop(columns="location_precision"), 3).any()


def test_a_notebook_says_how_many_are_placed(toy_units):
    placed = sg.assign(pd.DataFrame({"lon": [0.5, 9.0, 1.5], "lat": 11.5}), toy_units)
    assert "2 incidents placed, 1 not (.unplaced)" in placed._repr_html_()
    assert "3 rows" in placed.drop(columns="unit_id")._repr_html_()


def test_a_table_speaks_of_the_countries_it_names_and_else_of_those_it_has_points_in(toy_units):
    placed = sg.assign(pd.DataFrame({"lon": [0.5, 9.0, 2.5], "lat": 11.5}), toy_units)
    assert covered_countries(placed, toy_units) == ["MLI", "NER"]
    for stated, expected in (
        (["BFA", None, "BFA"], ["BFA"]),
        (["NGA", "NER", "MLI"], ["MLI", "NER"]),
        (["NGA", "NGA", None], ["MLI", "NER"]),
        ([None] * 3, ["MLI", "NER"]),
    ):
        assert covered_countries(placed.assign(country=stated), toy_units) == expected
    assert covered_countries(placed.iloc[[1]], toy_units) == []
