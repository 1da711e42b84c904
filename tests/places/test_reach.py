"""How far places are, and what share of the land and of its people lies around them."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from sahel_geo.crs import WGS84, geodesic_area_km2
from sahel_geo.errors import InputError
from sahel_geo.places.reach import RADII_KM, Target, targets

HERE = Target("Puits", "", 2.0, 15.0)


def halves(*countries):
    """Two units of 4 by 8 degrees that meet in the meridian of the place."""
    shapes = [shapely.segmentize(shapely.box(x, 11, x + 4, 19), 0.25) for x in (-2, 2)]
    return gpd.GeoDataFrame(
        {"unit_id": ["W", "E"], "country": countries}, geometry=shapes, crs=4326
    )


def test_distances_and_bearings_are_seen_from_the_place():
    ways = np.array([0.0, 90.0, 181.0, 359.0])
    lon, lat, _ = WGS84.fwd(np.full(4, 2.0), np.full(4, 15.0), ways, [0.0, 5e4, 2e5, 1e6])
    away, bearing = HERE.measure(lon, lat)
    np.testing.assert_allclose(away, [0, 50, 200, 1000], atol=1e-6)
    np.testing.assert_allclose(bearing[1:], ways[1:], atol=1e-6)


def test_a_circle_holds_its_share_of_the_land_and_of_the_people():
    units = halves("MLI", "NER")
    area = geodesic_area_km2(units.geometry)
    circle = np.pi * np.array([50.0, 100.0]) ** 2
    people = pd.Series({"W": 300.0, "E": 100.0})
    land, lived = HERE.surroundings(units, people, (50.0, 100.0))
    np.testing.assert_allclose(land, circle / area.sum(), rtol=2e-4)
    np.testing.assert_allclose(lived, circle / area.sum(), rtol=2e-4)  # half of it in each
    own = Target("Puits", "NER", 2.0, 15.0)
    land, lived = own.surroundings(units, people, (50.0,))
    assert [land[0], lived[0]] == pytest.approx([circle[0] / 2 / area[1]] * 2, rel=2e-3)
    aside = Target("Puits", "", 4.0, 15.0)  # in the eastern unit alone, with a quarter of all
    land, lived = aside.surroundings(units, people, (100.0,))
    assert lived[0] == pytest.approx(circle[1] / area[1] / 4, rel=2e-3)
    known = aside.surroundings(units, people.drop("W"), (100.0,))[1]
    assert known[0] == pytest.approx(circle[1] / area[1], rel=2e-3)


def test_shares_do_not_hang_on_the_unit_in_which_people_are_counted():
    units = halves("MLI", "NER")
    people = pd.Series({"W": 300.0, "E": 100.0})
    place = Target("Puits", "", 3.0, 15.0)
    lived = place.surroundings(units, people)[1]
    np.testing.assert_allclose(place.surroundings(units, people / 1e6)[1], lived, rtol=1e-12)
    assert (lived > 0).all()


def test_distances_by_default_are_those_of_the_methods():
    units = halves("MLI", "NER")
    assert RADII_KM == (50, 100, 150, 250)  # docs/methods/actors.md
    by_default = HERE.surroundings(units, None)[0]
    np.testing.assert_array_equal(
        by_default, HERE.surroundings(units, None, (50, 100, 150, 250))[0]
    )


def test_what_is_not_known_has_no_share():
    units = halves("MLI", "MLI")
    for people in (None, pd.Series({"A": 1.0}), pd.Series({"W": 0.0, "E": 0.0})):
        land, lived = HERE.surroundings(units, people, (50.0,))
        assert land[0] > 0
        assert np.isnan(lived).all()
    land, lived = Target("Puits", "NER", 2.0, 15.0).surroundings(units, None, (50.0,))
    assert np.isnan([*land, *lived]).all()


def test_places_are_read_from_a_word_a_pair_names_and_tables():
    capitals = {each.name: each.country for each in targets("capital")}
    assert capitals == {"Bamako": "MLI", "Niamey": "NER", "Ouagadougou": "BFA"}
    assert targets((2.0, 15.0)) == [Target("", "", 2.0, 15.0)]
    assert targets({"Puits": (2, 15)}) == [HERE]
    table = pd.DataFrame({"name": ["A", "B"], "lon": [180, -180], "lat": [90, -90]})
    assert targets(table) == [Target("A", "", 180.0, 90.0), Target("B", "", -180.0, -90.0)]
    assert targets(table.assign(country=["MLI", None]))[0].country == "MLI"
    assert targets(table.assign(country=["MLI", None]))[1].country == ""


@pytest.mark.parametrize(
    ("to", "message"),
    [
        ("Gao", "`to` is 'Gao'; expected 'capital'"),
        ((1.0, 2.0, 3.0), r"`to` is \(1.0, 2.0, 3.0\)"),
        (pd.DataFrame({"name": ["A"]}), "a table with name, lon and lat"),
        ({}, "`to` is empty"),
        ({"A": (180.1, 0), "B": (0, -90.1), "C": (0, 0)}, r"2 places outside .*\['A', 'B'\]"),
    ],
)
def test_places_that_cannot_be_read(to, message):
    with pytest.raises(InputError, match=message):
        targets(to)
