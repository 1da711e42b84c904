"""Places that stand where their source says, are put right, are set aside, or are one."""

import numpy as np
import pandas as pd
import pytest

from sahel_geo.crs import WGS84
from sahel_geo.places.gazetteer.checks import Checked, Ground
from sahel_geo.places.gazetteer.sources import SEPARATOR


def checked(toy_units, *rows):
    """Lay places, each (lon, lat, and what differs), on six squares as if these were communes."""
    usual = {"alternates": "", "feature": "populated", "feature_code": "PPL", "population": 0.0,
             "country": "", "stated_adm2": "", "stated_adm3": "", "source": "table"}  # fmt: skip
    table = pd.DataFrame(
        [
            {"source_id": str(number), "name": f"Puits {number}", "lon": lon, "lat": lat,
             **usual, **told}
            for number, (lon, lat, told) in enumerate(rows)
        ]
    )  # fmt: skip
    return Checked.of(table, Ground(toy_units))


def off(lon, lat, azimuth, km):
    return WGS84.fwd(lon, lat, azimuth, 1e3 * km)[:2]


MALI, NIGER, NIGERIA = ({"country": code} for code in ("MLI", "NER", "NGA"))


@pytest.mark.parametrize(
    ("place", "reason", "unit"),
    [
        ((0.5, 11.5, MALI), None, 0),
        ((*off(0.5, 12, 0, 9.9), MALI), None, 0),  # 10 km from the edge of the country
        ((*off(0.5, 12, 0, 10.1), MALI), "outside_country", None),
        ((*off(0.5, 11, 180, 9.9), MALI), None, 0),  # in Burkina Faso
        ((*off(0.5, 11, 180, 10.1), MALI), "outside_country", None),
        ((*off(1, 11.5, 90, 24.4), MALI | {"stated_adm2": "unit m1"}), None, 1),
        ((*off(1, 11.5, 90, 25.6), MALI | {"stated_adm2": "unit m1"}), "outside_unit", None),
        ((*off(1, 11.5, 90, 60), MALI | {"stated_adm2": "Nulle Part"}), None, 1),
        ((*off(1, 11.5, 90, 60),
          MALI | {"stated_adm2": "Nulle Part", "stated_adm3": "Unit M1"}), "outside_unit", None),
        ((0.1, 11.5, MALI | {"stated_adm2": "Unit M2"}), "outside_unit", None),
        ((1.5, 11.5, MALI | {"stated_adm2": "Unit M1", "stated_adm3": "Unit M2"}), None, 1),
        ((1.0, 11.5, MALI), None, 0),  # on a shared edge: the first
        ((1.0, 11.0, {}), None, 0),
        ((0.5, 11.5, {"name": "P" * 200}), None, 0),
        ((0.5, 11.5, {"name": "P" * 201}), "name_too_long", None),
        ((0.5, 11.5, NIGERIA), "outside_country", None),
        ((0.5, 11.5, {}), None, 0),  # states no country: where it lies
        ((5.0, 11.5, {}), None, -1),
        ((2.5, 11.0, NIGERIA), "outside_country", None),  # a neighbour's, amid Niger
        ((*off(3, 11, 270, 9.8), NIGERIA), None, -1),  # beside its border
        ((*off(3, 11, 270, 11), NIGERIA), "outside_country", None),
        ((5.0, 11.5, NIGERIA), None, -1),
        ((180.0, 90.0, {}), None, -1),
        ((180.1, 11.5, {}), "outside_world", None),
        ((0.5, -90.1, {}), "outside_world", None),
        ((np.inf, 11.5, MALI), "no_coordinates", None),
    ],
)  # fmt: skip
def test_a_place_stands_where_its_source_says_or_is_set_aside(toy_units, place, reason, unit):
    found = checked(toy_units, place, (0.5, 11.5, MALI))
    assert found.set_aside["reason"].tolist() == ([reason] if reason else [])
    assert found.places["unit"].tolist() == ([] if reason else [unit]) + [0]
    if unit is not None:
        country = toy_units["country"][unit] if unit >= 0 else place[2].get("country", "")
        assert found.places["country"].tolist() == [country, "MLI"]
    names = [place[2].get("name", "Puits 0")[:200]] if reason else []
    assert found.set_aside["name"].tolist() == names
    assert len(found.corrected) == 0


def test_what_is_set_aside_for_several_reasons_is_one_table(toy_units):
    nameless, abroad = (0.5, 11.5, MALI | {"name": ""}), (0.5, 11.5, NIGERIA)
    found = checked(toy_units, abroad, (0.5, 11.5, MALI), nameless)
    assert set(found.set_aside["reason"]) == {"no_name", "outside_country"}
    assert found.set_aside.index.tolist() == [0, 1]
    assert found.places.index.tolist() == [0]


@pytest.mark.parametrize(
    ("lon", "lat", "told", "answer"),
    [
        (-2.5, 11.5, NIGER, ("longitude_sign", 2.5, 11.5)),
        (11.5, 2.5, NIGER, ("swapped_axes", 2.5, 11.5)),
        (-2.5, 11.5, NIGER | {"stated_adm2": "Unit N1"}, ("longitude_sign", 2.5, 11.5)),
        (-2.5, 11.5, NIGER | {"stated_adm2": "Unit N2"}, None),  # 55 km from it
        (-0.2, 11.5, MALI, None),  # just outside: its mirror image inside would be a coincidence
        (-0.5, 11.5, MALI, ("longitude_sign", 0.5, 11.5)),
        (-2.5, 11.5, MALI, None),  # its mirror image lies in another country
        (100.0, 2.5, NIGER, None),
    ],
)  # fmt: skip
def test_signs_and_axes_are_put_right_only_where_that_agrees(toy_units, lon, lat, told, answer):
    found = checked(toy_units, (lon, lat, told))
    if answer is None:
        assert len(found.corrected) == len(found.places) == 0
        assert len(found.set_aside) == 1
        return
    reason, x, y = answer
    assert found.corrected[["reason", "lon", "lat"]].values.tolist() == [[reason, lon, lat]]
    assert found.places[["lon", "lat", "country"]].values.tolist() == [[x, y, told["country"]]]
    assert len(found.set_aside) == 0


def test_rows_of_one_name_and_kind_within_500_m_are_one_place(toy_units):
    def near(km):
        return off(0.5, 11.5, 30, km)

    found = checked(
        toy_units,
        (0.5, 11.5, {"name": "Puits Rouge", "population": 10.0}),
        (*near(0.498), {"name": "PUITS-ROUGE", "population": 30.0, "alternates": "Bir Lahmar"}),
        (*near(0.9), {"name": "Puits rouge", "population": 20.0}),  # beside the second
        (*near(1.41), {"name": "Puits Rouge"}),  # 510 m from the third
        (*near(0.1), {"name": "Puits Rouge", "feature": "water"}),
        (*near(0.1), {"name": "Puits Vert"}),
    )
    kept, merged = Checked.merge([found])
    assert kept["source_id"].tolist() == ["0", "3", "4", "5"]
    assert merged[["source_id", "reason"]].values.tolist() == [
        ["1", "duplicate"], ["2", "duplicate"],
    ]  # fmt: skip
    assert kept.loc[0, "population"] == 30
    assert kept.loc[0, "alternates"].split(SEPARATOR) == [
        "PUITS-ROUGE", "Bir Lahmar", "Puits rouge",
    ]  # fmt: skip
    assert (kept.loc[1:, "alternates"] == "").all()
