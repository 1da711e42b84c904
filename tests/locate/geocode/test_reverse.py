"""Points in words: the polygon first, then the nearest place of the same country."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sahel_geo as sg
from sahel_geo.crs import WGS84
from sahel_geo.errors import InputError


@pytest.fixture(scope="module")
def gazetteer():
    return sg.load_gazetteer(cache=False)


def town(gazetteer, name):
    found = gazetteer.find(name)
    return found[found["feature"] == "populated"].iloc[0]


@pytest.mark.parametrize(
    ("bearing", "fr", "en"),
    [(0, "au nord d’", "north of"), (45, "au nord-est d’", "north-east of"),
     (90, "à l’est d’", "east of"), (225, "au sud-ouest d’", "south-west of"),
     (338, "au nord d’", "north of"), (337, "au nord-ouest d’", "north-west of")],
)  # fmt: skip
def test_distance_and_direction_are_seen_from_the_place(gazetteer, bearing, fr, en):
    start = town(gazetteer, "Ansongo")
    lon, lat, _ = WGS84.fwd(start["lon"], start["lat"], bearing, 12_000)
    french = sg.reverse_geocode([(lon, lat)], gazetteer).iloc[0]
    english = sg.reverse_geocode([(lon, lat)], gazetteer, lang="en").iloc[0]
    assert french["nearest_place"] == "Ansongo"
    assert french["distance_km"] == pytest.approx(12, abs=1e-6)
    assert french["description"].startswith(f"12 km {fr}Ansongo, commune d")
    assert english["description"].startswith(f"12 km {en} Ansongo, commune of")


def test_a_point_at_a_place_is_that_place(gazetteer):
    start = town(gazetteer, "Ansongo")
    found = sg.reverse_geocode([(start["lon"], start["lat"])], gazetteer).iloc[0]
    assert found["description"] == "Ansongo, commune d’Ansongo"
    lon, lat, _ = WGS84.fwd(start["lon"], start["lat"], 90, 1_600)
    outside = sg.reverse_geocode([(lon, lat)], gazetteer).iloc[0]
    assert outside["description"].startswith("2 km à l’est d’Ansongo, commune d")


def test_a_border_is_never_crossed():
    units = sg.load_boundaries(0)
    border = sg.international_borders(units)
    lines = border[
        border["country_a"].isin(["MLI", "NER"]) & border["country_b"].isin(["MLI", "NER"])
    ]
    middle = lines.geometry.iloc[0].interpolate(0.3, normalized=True)
    sides = [WGS84.fwd(middle.x, middle.y, azimuth, 1500)[:2] for azimuth in range(0, 360, 15)]
    country = sg.reverse_geocode(sides, sg.load_gazetteer(cache=False))["country"]
    malian, nigerien = (sides[country[country == code].index[0]] for code in ("MLI", "NER"))
    village = pd.DataFrame({"name": ["Poste"], "lon": [malian[0]], "lat": [malian[1]]})
    gazetteer = sg.load_gazetteer(village, cache=False)
    here, there = sg.reverse_geocode([malian, nigerien], gazetteer).to_dict("records")
    assert here["nearest_place"] == "Poste"
    assert there["country"] == "NER"
    assert there["nearest_place"] != "Poste"
    assert there["distance_km"] > WGS84.inv(*malian, *nigerien)[2] / 1e3


def test_outside_and_without_coordinates(gazetteer):
    table = pd.DataFrame(
        {"lon": [2.35, np.nan, 0.0, np.nan], "lat": [48.85, np.nan, np.nan, 15.0]},
        index=["p", "q", "r", "s"],
    )
    found = sg.reverse_geocode(table, gazetteer)
    assert found.index.tolist() == ["p", "q", "r", "s"]
    assert found.loc["p", "description"] == "hors du Mali, du Niger et du Burkina Faso"
    assert found["description"].isna().tolist() == [False, True, True, True]
    assert found.drop(columns="description").isna().all(axis=None)


def test_the_first_unit_and_the_last_are_named_like_any_other(gazetteer):
    communes = sg.load_boundaries(3).iloc[[0, 1, -1]]
    inside = communes.representative_point()
    found = sg.reverse_geocode(list(zip(inside.x, inside.y, strict=True)), gazetteer)
    assert found["unit_id"].tolist() == communes["unit_id"].tolist()
    assert found["adm3_name"].tolist() == communes["name"].tolist()


def test_a_gazetteer_may_hold_two_places_of_a_country_and_none_of_another(gazetteer):
    towns = gazetteer.places[gazetteer.places["feature"] == "populated"]
    two = towns[towns["country"] == "NER"].iloc[:2].reset_index(drop=True)
    points = [(two["lon"][0], two["lat"][0]), (8.0, 17.0), (-1.4, 17.0)]
    found = sg.reverse_geocode(points, dataclasses.replace(gazetteer, places=two))
    assert found["nearest_place"][0] == two["name"][0]
    away = WGS84.inv([8.0] * 2, [17.0] * 2, two["lon"].tolist(), two["lat"].tolist())[2]
    assert found["nearest_place"][1] == two["name"][int(np.argmin(away))]
    assert found["distance_km"][1] == pytest.approx(min(away) / 1e3)
    assert pd.isna(found["nearest_place"][2])
    assert found["description"][2] == f"commune de {found['adm3_name'][2]}"


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(12, 16)), min_size=1, max_size=20))
def test_the_nearest_place_is_the_nearest_of_all(gazetteer, points):
    found = sg.reverse_geocode(points, gazetteer)
    places = gazetteer.places[gazetteer.places["feature"] == "populated"]
    for (lon, lat), (_, row) in zip(points, found.iterrows(), strict=True):
        if pd.isna(row["country"]):
            continue
        own = places[places["country"] == row["country"]]
        here = np.full(len(own), lon), np.full(len(own), lat)
        metres = WGS84.inv(*here, own["lon"].to_numpy(), own["lat"].to_numpy())[2]
        assert row["distance_km"] == pytest.approx(np.min(metres) / 1e3, abs=1e-6)


def test_wrong_arguments_are_named(gazetteer):
    with pytest.raises(InputError, match="`lang` is 'de'"):
        sg.reverse_geocode([(0, 15)], gazetteer, lang="de")
    with pytest.raises(InputError, match="cannot be read as pairs"):
        sg.reverse_geocode(["Gao"], gazetteer)
    with pytest.raises(InputError, match="1 coordinates outside"):
        sg.reverse_geocode([(float("inf"), 15)], gazetteer)
