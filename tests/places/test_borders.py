import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from sahel_geo.errors import CrsError, InputError
from sahel_geo.places.borders import international_borders, is_coverage, neighbours, tri_points
from sahel_geo.places.boundaries.boundaries import load_boundaries
from sahel_geo.places.context import load_neighbour_countries

GEOD = Geod(ellps="WGS84")
DEGREE_EAST = GEOD.inv(0, 11, 1, 11)[2] / 1e3  # along the parallel of 11 N
DEGREE_NORTH = [GEOD.inv(2, y, 2, y + 1)[2] / 1e3 for y in (10, 11)]


def test_toy_borders_by_hand(toy_units):
    borders = international_borders(toy_units)
    pairs = borders[["country_a", "country_b"]].to_numpy().tolist()
    assert pairs == [["BFA", "MLI"], ["BFA", "NER"], ["MLI", "NER"]]
    expected = [2 * DEGREE_EAST, *DEGREE_NORTH]
    np.testing.assert_allclose(borders["length_km"], expected, rtol=1e-12)
    lines = [[(0, 11), (1, 11), (2, 11)], [(2, 10), (2, 11)], [(2, 11), (2, 12)]]
    for found, line in zip(borders.geometry, lines, strict=True):
        assert found.geom_type == "MultiLineString"
        assert shapely.equals(found, shapely.LineString(line))
    assert borders.crs.to_epsg() == 4326
    assert borders["source"].tolist() == ["toy world"] * 3


def test_toy_tri_point_by_hand(toy_units):
    found = tri_points(toy_units)
    assert found[["countries", "lon", "lat"]].to_numpy().tolist() == [["BFA-MLI-NER", 2.0, 11.0]]
    assert found.geometry.iloc[0] == shapely.Point(2, 11)


def test_toy_neighbours_by_hand(toy_units):
    links = neighbours(toy_units)
    around = links.groupby("unit_id")["neighbour_id"].agg(lambda names: " ".join(sorted(names)))
    assert around.to_dict() == {
        "M1": "B1 M2",
        "M2": "B2 M1 N1",
        "N1": "M2 N2",
        "N2": "B2 N1",
        "B1": "B2 M1",
        "B2": "B1 M2 N2",
    }
    abroad = links[links["is_international"]]
    assert {frozenset(pair) for pair in abroad[["unit_id", "neighbour_id"]].to_numpy()} == {
        frozenset(pair) for pair in (("M1", "B1"), ("M2", "B2"), ("M2", "N1"), ("N2", "B2"))
    }
    table = links.set_index(["unit_id", "neighbour_id"])["shared_km"]
    assert table["M2", "B2"] == pytest.approx(DEGREE_EAST)
    assert table["N1", "M2"] == pytest.approx(DEGREE_NORTH[1])


def test_corners_count_only_when_asked_for(toy_units):
    links = neighbours(toy_units, corners=True).set_index(["unit_id", "neighbour_id"])
    corner = links[links["shared_km"] == 0].index
    assert set(corner) == {
        ("M1", "B2"),
        ("B2", "M1"),
        ("M2", "B1"),
        ("B1", "M2"),
        ("M2", "N2"),
        ("N2", "M2"),
        ("N1", "B2"),
        ("B2", "N1"),
    }


def test_one_country_has_no_border_and_no_tri_point(toy_units):
    mali = toy_units[toy_units["country"] == "MLI"]
    assert international_borders(mali).empty
    assert international_borders(mali).crs.to_epsg() == 4326
    assert tri_points(mali).empty


def test_an_isolated_unit_has_no_neighbours(toy_units):
    assert neighbours(toy_units.iloc[[0, 2]]).empty


@given(order=st.permutations(range(6)))
@settings(max_examples=25, deadline=None)
def test_row_order_does_not_matter(order):
    frame = _toy()
    mixed = frame.iloc[order]
    a, b = international_borders(frame), international_borders(mixed)
    pd.testing.assert_frame_equal(pd.DataFrame(a), pd.DataFrame(b))
    keys = ["unit_id", "neighbour_id"]
    first, second = (
        neighbours(part).sort_values(keys, ignore_index=True) for part in (frame, mixed)
    )
    pd.testing.assert_frame_equal(first, second)


@given(dx=st.integers(-20, 20), dy=st.integers(-9, 9))
@settings(max_examples=25, deadline=None)
def test_moving_the_world_moves_its_tri_point(dx, dy):
    moved = _toy()
    moved.geometry = moved.geometry.translate(dx, dy)
    assert tri_points(moved)[["lon", "lat"]].to_numpy().tolist() == [[2.0 + dx, 11.0 + dy]]


def test_every_level_has_the_same_borders(units):
    expected = international_borders(units[0])
    for level in (1, 2, 3):
        found = international_borders(units[level])
        np.testing.assert_allclose(found["length_km"], expected["length_km"], rtol=1e-12)
        assert shapely.equals(found.geometry.to_numpy(), expected.geometry.to_numpy()).all()


def test_borders_equal_the_overlay_of_the_countries(units, borders):
    shapes = units[0].set_index("country").geometry
    for row in borders.itertuples():
        shared = shapely.intersection(
            shapes[row.country_a].boundary, shapes[row.country_b].boundary
        )
        assert GEOD.geometry_length(shared) / 1e3 == pytest.approx(row.length_km, rel=1e-9)


def test_lengths_are_near_the_published_ones(borders):
    length = borders.set_index(["country_a", "country_b"])["length_km"]
    # CIA World Factbook, land boundaries; lines of another resolution.
    assert length["BFA", "MLI"] == pytest.approx(1325, rel=0.08)
    assert length["BFA", "NER"] == pytest.approx(622, rel=0.08)
    assert length["MLI", "NER"] == pytest.approx(838, rel=0.08)


def test_the_tri_point_of_the_three_countries(units):
    found = tri_points(units[3])
    assert found["countries"].tolist() == ["BFA-MLI-NER"]
    assert found["lon"].item() == pytest.approx(0.23, abs=0.03)
    assert found["lat"].item() == pytest.approx(14.99, abs=0.03)


def test_outer_borders_name_every_neighbour(units):
    found = international_borders(units[1], outer=True)
    pairs = {f"{row.country_a}-{row.country_b}" for row in found.itertuples()}
    assert pairs == {
        "BFA-MLI", "BFA-NER", "MLI-NER",
        "DZA-MLI", "MLI-MRT", "MLI-SEN", "GIN-MLI", "CIV-MLI",
        "DZA-NER", "LBY-NER", "NER-TCD", "NER-NGA", "BEN-NER",
        "BEN-BFA", "BFA-TGO", "BFA-GHA", "BFA-CIV",
    }  # fmt: skip
    whole = shapely.coverage_union_all(units[0].geometry.to_numpy()).exterior
    outer = found[~found["country_a"].add(found["country_b"]).isin(["BFAMLI", "BFANER", "MLINER"])]
    assert outer["length_km"].sum() == pytest.approx(GEOD.geometry_length(whole) / 1e3, rel=1e-6)


@pytest.mark.parametrize("resolution", ["full", "5m"])
def test_outer_borders_at_other_resolutions(units, resolution):
    expected = international_borders(units[1], outer=True)
    frame = load_boundaries(1, resolution=resolution)
    found = international_borders(frame, outer=True)
    pairs = ["country_a", "country_b"]
    assert found[pairs].to_numpy().tolist() == expected[pairs].to_numpy().tolist()
    whole = shapely.coverage_union_all(frame.geometry.to_numpy()).exterior
    outer = found["length_km"].sum() - international_borders(frame)["length_km"].sum()
    assert outer == pytest.approx(GEOD.geometry_length(whole) / 1e3, rel=1e-6)
    np.testing.assert_allclose(found["length_km"], expected["length_km"], rtol=0.25)
    inland = frame[frame["name"].isin(["Centre", "Plateau-Central"])]
    assert international_borders(inland, outer=True).empty


def test_a_part_of_one_country_finds_the_other_side(units, borders):
    mali = international_borders(load_boundaries(1, countries="MLI"), outer=True)
    length = mali.set_index(["country_a", "country_b"])["length_km"]
    known = borders.set_index(["country_a", "country_b"])["length_km"]
    assert length["BFA", "MLI"] == pytest.approx(known["BFA", "MLI"])
    assert length["MLI", "NER"] == pytest.approx(known["MLI", "NER"])
    inland = units[1][units[1]["name"].isin(["Centre", "Plateau-Central"])]
    assert international_borders(inland, outer=True).empty


def test_neighbour_countries_fit_without_overlap(units):
    around = load_neighbour_countries()
    shapes = np.concatenate([units[0].geometry.to_numpy(), around.geometry.to_numpy()])
    assert shapely.coverage_is_valid(shapes)


def test_neighbours_are_symmetric_and_fill_the_outlines(units):
    links = neighbours(units[2])
    there = links.set_index(["unit_id", "neighbour_id"])["shared_km"]
    back = links.set_index(["neighbour_id", "unit_id"])["shared_km"]
    pd.testing.assert_series_equal(there.sort_index(), back.sort_index(), check_names=False)
    inland = units[2][units[2]["name"] == "Ansongo"]
    around = links[links["unit_id"] == inland["unit_id"].item()]
    outline = GEOD.geometry_length(inland.geometry.item().boundary) / 1e3
    assert around["shared_km"].sum() == pytest.approx(outline, rel=1e-9)
    assert around["is_international"].any()


def test_international_links_add_up_to_the_borders(units, borders):
    links = neighbours(units[3])
    abroad = links.loc[links["is_international"], "shared_km"].sum() / 2
    assert abroad == pytest.approx(borders["length_km"].sum(), rel=1e-9)


@pytest.mark.parametrize("measure", [international_borders, tri_points, neighbours])
def test_wrong_crs_and_missing_columns(toy_units, measure):
    with pytest.raises(CrsError, match=r"`units` is in .*expected EPSG:4326"):
        measure(toy_units.to_crs(3857))
    with pytest.raises(InputError, match=r"`units` has no column \['country'\]"):
        measure(toy_units.drop(columns="country"))


@pytest.mark.parametrize("measure", [international_borders, tri_points, neighbours])
def test_overlapping_units_are_refused(toy_units, measure):
    shapes = toy_units.geometry.to_numpy()
    shapes[0] = shapely.box(0, 11, 1.5, 12)
    broken = toy_units.set_geometry(gpd.GeoSeries(shapes, crs=4326))
    with pytest.raises(InputError, match=r"`units` has 3 rows whose edges overlap .*\[0, 1, 4\]"):
        measure(broken)


def test_repeated_units_are_refused(toy_units):
    toy_units.loc[1, "unit_id"] = "M1"
    with pytest.raises(InputError, match=r"1 repeated unit_id: \['M1'\]"):
        neighbours(toy_units)


def _toy() -> gpd.GeoDataFrame:
    squares = {
        "M1": ("MLI", 0, 11), "M2": ("MLI", 1, 11), "N1": ("NER", 2, 11),
        "N2": ("NER", 2, 10), "B1": ("BFA", 0, 10), "B2": ("BFA", 1, 10),
    }  # fmt: skip
    table = pd.DataFrame(
        {"unit_id": list(squares), "country": [country for country, _, _ in squares.values()]}
    )
    shapes = [shapely.box(x, y, x + 1, y + 1) for _, x, y in squares.values()]
    return gpd.GeoDataFrame(table, geometry=shapes, crs=4326)


def test_units_that_share_no_corner_have_no_neighbours_even_with_corners(toy_units):
    islands = toy_units[toy_units["unit_id"].isin(["M1", "N2"])]
    assert neighbours(islands, corners=True).empty


def test_a_polygon_named_twice_is_no_coverage(toy_units):
    shapes = toy_units.geometry.to_numpy()
    assert is_coverage(shapes)
    assert is_coverage(shapes[:2])
    assert not is_coverage(shapes[[0, 0, 1]])
