"""A unit counts the same as a Polygon, a MultiPolygon, cut in two, or with land apart."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod

import sahel_geo as sg
from sahel_geo.crs import geodesic_area_km2
from sahel_geo.indicators.weights import weights
from sahel_geo.indicators.weights.exposure import foreign_exposure
from sahel_geo.locate.assign.unit_index import UnitIndex
from sahel_geo.maps.choropleth.topology import Layers
from sahel_geo.places.borders import (
    distance_to_border,
    international_borders,
    neighbours,
    tri_points,
)


def _halves(shape):
    west, south, east, north = shape.bounds
    middle = (west + east) / 2
    parts = [shapely.box(west, south, middle, north), shapely.box(middle, south, east, north)]
    return shapely.MultiPolygon([shapely.segmentize(part, 0.5) for part in parts])


FORMS = {
    "polygon": lambda shape: shapely.segmentize(shape, 0.5),
    "multipolygon": lambda shape: shapely.MultiPolygon([shapely.segmentize(shape, 0.5)]),
    "halves": _halves,
}


@pytest.fixture(params=list(FORMS))
def form(request):
    """How each unit is written."""
    return FORMS[request.param]


@pytest.fixture(params=["all", "one", "every other"])
def pair(request, form, toy_units):
    """Six squares as Polygons, and the same with some or all of them in another form."""
    chosen = {"all": range(6), "one": [1], "every other": [0, 2, 4]}[request.param]
    plain = toy_units.set_geometry(shapely.segmentize(toy_units.geometry, 0.5))
    shapes = plain.geometry.to_numpy().copy()
    for row in chosen:
        shapes[row] = form(toy_units.geometry.iloc[row])
    return plain, toy_units.set_geometry(shapes, crs=4326)


@pytest.mark.parametrize("corners", [False, True])
def test_neighbours_and_shared_lengths(pair, corners):
    expected, found = (neighbours(units, corners=corners) for units in pair)
    assert len(found) == (22 if corners else 14)
    pd.testing.assert_frame_equal(found, expected)


def test_borders_with_and_without_other_countries(pair):
    expected, found = (international_borders(units) for units in pair)
    assert found["length_km"].tolist() == pytest.approx(expected["length_km"].tolist())
    assert shapely.equals(found.geometry.to_numpy(), expected.geometry.to_numpy()).all()


def test_tri_points(pair):
    expected, found = (tri_points(units) for units in pair)
    pd.testing.assert_frame_equal(pd.DataFrame(found), pd.DataFrame(expected))


def test_contiguity_and_distances_between_units(pair):
    for links in (
        weights.contiguity,
        lambda units: weights.distance_band(units, 120),
        lambda units: weights.nearest(units, 2),
        lambda units: weights.kernel(units, 200),
    ):
        expected, found = (links(units).matrix.toarray() for units in pair)
        assert (expected > 0).any()
        np.testing.assert_allclose(found, expected, rtol=1e-9)


@pytest.mark.parametrize("link", ["border", "distance"])
def test_exposure(pair, link):
    days = pd.date_range("2024-01-01", periods=6, freq="MS").repeat(6)
    where = pair[0].geometry.representative_point()
    incidents = pd.DataFrame(
        {
            "event_id": range(36),
            "date": days,
            "lon": np.tile(where.x, 6),
            "lat": np.tile(where.y, 6),
            "fatalities": np.arange(36) % 5,
        }
    )
    panel = sg.count(sg.assign(incidents, pair[0]), pair[0], period="month")
    expected, found = (foreign_exposure(panel, units, weights=link) for units in pair)
    columns = ["foreign_exposure", "domestic_exposure", "foreign_weight"]
    if link == "border":
        np.testing.assert_allclose(found[columns], expected[columns], rtol=1e-9)
    else:  # inner points may lie elsewhere in a unit that is cut
        assert found["foreign_exposure"].notna().all()


def test_areas_places_and_outlines(pair):
    plain, units = pair
    np.testing.assert_allclose(
        geodesic_area_km2(units.geometry), geodesic_area_km2(plain.geometry), rtol=1e-9
    )
    lon, lat = (
        grid.ravel() for grid in np.meshgrid(np.arange(0, 3, 0.125), np.arange(10, 12, 0.125))
    )
    assert UnitIndex(units).locate(lon, lat).tolist() == UnitIndex(plain).locate(lon, lat).tolist()
    expected, found = (distance_to_border(lon, lat, layer) for layer in (plain, units))
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_crosswalks_from_and_to(pair, toy_units):
    """A layer of two columns, one unit each, that cut the squares in halves."""
    columns = gpd.GeoDataFrame(
        {"unit_id": ["W", "E"], "name": ["West", "East"]},
        geometry=[shapely.box(0, 10, 1.5, 12), shapely.box(1.5, 10, 3, 12)],
        crs=4326,
    )
    for way in (lambda units: (units, columns), lambda units: (columns, units)):
        expected, found = (sg.crosswalk(2, *way(units)) for units in pair)
        assert len(expected) == 8
        pd.testing.assert_frame_equal(found, expected, rtol=1e-6)


def test_zones_by_a_circle(pair):
    expected, found = (sg.zone(units, around=(1.5, 11.0), radius_km=90) for units in pair)
    assert found.units["unit_id"].tolist() == expected.units["unit_id"].tolist()
    assert 0 < len(expected.units) < 6
    assert len(sg.zone(pair[0], around=(1.5, 11.0), radius_km=2000).units) == 6


def test_shared_lines_of_a_page(pair):
    """What is drawn covers the same ground, and a border between countries is drawn once."""
    lengths = []
    for units in pair:
        layers = Layers.of(units, units.iloc[:0], (0, 10, 3, 12))
        assert layers.shared
        assert len(layers.units) == 6
        lengths.append({kind: len(layers.paths[kind]) > 0 for kind in ("border", "outer")})
    assert lengths[0] == lengths[1]


def test_lengths_that_meet_in_a_tri_point_are_counted_once(pair):
    """Three countries meet in one point: their borders add up to the lines between them."""
    for units in pair:
        found = international_borders(units)
        lines = shapely.union_all(found.geometry.to_numpy())
        whole = Geod(ellps="WGS84").geometry_length(lines) / 1e3
        assert found["length_km"].sum() == pytest.approx(whole, rel=1e-9)
        twice = neighbours(units)
        abroad = twice.loc[twice["is_international"], "shared_km"].sum()
        assert abroad / 2 == pytest.approx(whole, rel=1e-9)


def test_land_apart_has_neighbours_of_its_own(toy_units):
    lone = toy_units.iloc[[0, 1, 3, 4]].reset_index(drop=True)
    shapes = lone.geometry.to_numpy().copy()
    shapes[0] = shapely.union(shapes[0], toy_units.geometry.iloc[2])
    units = lone.set_geometry(shapes, crs=4326)
    assert units.geom_type.tolist() == ["MultiPolygon", "Polygon", "Polygon", "Polygon"]
    links = neighbours(units)
    around = links.groupby("unit_id")["neighbour_id"].agg(lambda names: " ".join(sorted(names)))
    assert around.to_dict() == {"M1": "B1 M2 N2", "M2": "M1", "N2": "M1", "B1": "M1"}
    twice = neighbours(units).set_index(["unit_id", "neighbour_id"])["shared_km"]
    one = neighbours(toy_units).set_index(["unit_id", "neighbour_id"])["shared_km"]
    assert twice["M1", "M2"] == pytest.approx(one["M1", "M2"] + one["M2", "N1"])


@pytest.mark.parametrize("level", [2, 3])
def test_a_unit_of_several_parts_in_the_shipped_layer(units, level):
    several = units[level][units[level].geom_type == "MultiPolygon"]
    assert len(several) == 1
    around = neighbours(units[level])
    own = around[around["unit_id"] == several["unit_id"].item()]
    assert len(own) == {2: 4, 3: 1}[level]
    as_multi = units[level].set_geometry(
        [shapely.multipolygons(shapely.get_parts(shape)) for shape in units[level].geometry],
        crs=4326,
    )
    pd.testing.assert_frame_equal(neighbours(as_multi), around)


def test_the_border_of_niger_and_nigeria_is_whole(units):
    found = international_borders(units[2], outer=True).set_index(["country_a", "country_b"])
    assert found.loc[("NER", "NGA"), "length_km"] == pytest.approx(1501.9, abs=0.1)


def test_layers_of_no_unit(toy_units):
    none = toy_units.iloc[:0]
    assert neighbours(none).columns.tolist() == [
        "unit_id",
        "neighbour_id",
        "shared_km",
        "is_international",
    ]
    for measure in (neighbours, international_borders, tri_points):
        assert measure(none).empty
    assert neighbours(none, corners=True).empty
    assert international_borders(none, outer=True).empty
    assert weights.contiguity(none).matrix.shape == (0, 0)


@pytest.mark.parametrize("resolution", ["1m", "5m"])
def test_borders_of_a_part_add_up_to_those_of_the_whole(resolution):
    """Each region, alone, finds its own stretch of every border, and no border at home."""
    units = sg.load_boundaries(1, resolution=resolution)
    whole = international_borders(units, outer=True).set_index(["country_a", "country_b"])
    parts = []
    for row in range(len(units)):
        alone = units.iloc[[row]]
        assert international_borders(alone).empty
        found = international_borders(alone, outer=True)
        assert (found[["country_a", "country_b"]] == alone["country"].item()).any(axis=1).all()
        parts.append(found)
    total = pd.concat(parts).groupby(["country_a", "country_b"])["length_km"].sum()
    inner = total.index.isin([("BFA", "MLI"), ("BFA", "NER"), ("MLI", "NER")])
    expected = whole["length_km"].where(
        ~whole.index.isin(total.index[inner]), 2 * whole["length_km"]
    )
    pd.testing.assert_series_equal(total, expected.sort_index(), rtol=2e-3)
