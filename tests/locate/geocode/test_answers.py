"""Points, precision and radius of an answer."""

import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.crs import WGS84
from sahel_geo.locate.geocode.queries import parse_place


def gazetteer_of(*rows):
    table = pd.DataFrame(list(rows), columns=["name", "lon", "lat", "country"])
    return sg.load_gazetteer(table, cache=False)


def one(name, gazetteer=None, **context):
    return sg.geocode([name], gazetteer, **context).iloc[0]


def km(row, lon, lat):
    return WGS84.inv(row["lon"], row["lat"], lon, lat)[2] / 1e3


@pytest.mark.parametrize(
    ("east", "south", "unit", "precision"),
    [
        # of one cercle, Gourma-Rharous, in two communes; of two cercles; of two regions
        (-1.6, 15.6, "ML0603", "admin2"),
        (-3.5, 16.1, "ML06", "admin1"),
        (-4.0, 14.5, "ML", "country"),
    ],
)
def test_an_ambiguous_name_is_told_as_the_smallest_unit_of_all_its_places(
    east, south, unit, precision
):
    gazetteer = gazetteer_of(("Kelwa", -2.1, 16.6, "MLI"), ("Kelwa", east, south, "MLI"))
    found = one("Kelwa", gazetteer, country="MLI")
    assert (found["method"], found["match_id"]) == ("ambiguous", unit)
    assert found["location_precision"] == precision
    assert max(km(found, -2.1, 16.6), km(found, east, south)) <= found["radius_km"]


@pytest.mark.parametrize("text", ["axe Ansongo-Ménaka", "axe Ménaka-Ansongo"])
def test_either_end_of_a_stretch_may_lie_outside_the_stated_region(text):
    ends = sg.geocode(["Ansongo", "Ménaka"], country="MLI")
    for region in ("Gao", "Ménaka"):
        found = one(text, country="MLI", admin1=region)
        assert found["method"] == "between"
        away = [km(found, lon, lat) for lon, lat in zip(ends["lon"], ends["lat"], strict=True)]
        assert away[0] == pytest.approx(away[1], rel=0.001)
        assert max(away) < found["radius_km"]


def test_a_country_of_which_nothing_is_known_gives_no_point_in_another():
    found = sg.geocode(["Natitingou", "Niamey", "20 km de Dori"], country="Benin")
    assert found["lon"].isna().all()
    assert set(found["location_precision"]) == {"unknown"}


def test_a_stretch_that_may_be_cut_at_two_places_has_one_answer():
    first = ("Gorbo", 0.0, 14.0, "BFA"), ("Tilma-Sanko", 0.3, 14.0, "BFA")
    second = ("Gorbo-Tilma", 0.0, 14.5, "BFA"), ("Sanko", 0.3, 14.5, "BFA")
    places = gazetteer_of(*first, *second)
    row = one("axe Gorbo-Tilma-Sanko", places)
    assert (row["match_name"], row["method"]) == ("Gorbo - Tilma-Sanko", "between")


@pytest.mark.parametrize(
    ("letters", "bearing"),
    [("NNE", 22.5), ("ENE", 67.5), ("ESE", 112.5), ("SSE", 157.5), ("SSO", 202.5), ("OSO", 247.5),
     ("ONO", 292.5), ("NNO", 337.5), ("SSW", 202.5), ("WSW", 247.5), ("WNW", 292.5),
     ("NNW", 337.5), ("NO", 315.0), ("se", 135.0)],
)  # fmt: skip
def test_letters_of_the_compass_are_bearings(letters, bearing):
    assert parse_place(f"3 km {letters} Dori").bearing == bearing


@pytest.mark.parametrize("word", ["one", "ose", "wse", "sno", "eso", "nsw"])
def test_letters_that_name_no_direction_are_none(word):
    assert parse_place(f"3 km {word} Dori").bearing is None
