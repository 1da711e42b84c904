"""People by unit: totals, what is missing, other vintages, tables that can hardly be right."""

import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.places.population import implausible_people, people_by_unit

MISSING = ["NE004007", "NE007011"]  # Ville de Maradi, Ville de Zinder


@pytest.fixture(scope="module")
def people():
    return {level: sg.load_population(level) for level in (0, 1, 2)}


def test_every_unit_has_a_row_and_a_missing_town_is_not_zero(people):
    table = people[2]
    assert table["unit_id"].tolist() == sg.load_boundaries(2)["unit_id"].tolist()
    assert table.loc[table["population"].isna(), "unit_id"].tolist() == MISSING
    assert (table["population"].dropna() > 0).all()
    pd.testing.assert_frame_equal(sg.load_population(), table)
    for known in people.values():
        assert (known["year"] == 2020).all()
        assert (known["source"] == "Cadre Harmonisé, 2020").all()


def test_known_totals_of_countries_in_millions(people):
    known = people[0].set_index("name")["at_least"] / 1e6
    assert known.round(2).to_dict() == {"Mali": 20.54, "Niger": 21.83, "Burkina Faso": 21.40}


def test_what_lacks_a_part_has_no_total_but_a_lower_bound(people):
    regions = people[1].set_index("name")
    assert regions.loc[["Maradi", "Zinder"], "population"].isna().all()
    parts = people[2].assign(region=sg.load_boundaries(2)["adm1_name"].to_numpy())
    sums = parts.groupby("region")["population"].sum()
    np.testing.assert_allclose(regions["at_least"], sums[regions.index])
    assert regions.loc["Ménaka", "confidence"] == "low"
    assert people[0].set_index("name")["population"].isna().to_dict()["Niger"]


def test_a_whole_is_as_sure_as_its_weakest_part(people):
    regions, countries = (people[level].set_index("name")["confidence"] for level in (1, 0))
    parts = people[2].assign(region=sg.load_boundaries(2)["adm1_name"].to_numpy())
    of_region = parts.groupby("region")["confidence"].agg(set)
    assert of_region["Maradi"] == {"high", "medium", "none"}  # its town is missing
    assert (regions["Maradi"], regions["Kayes"]) == ("none", "high")
    assert countries.to_dict() == {"Mali": "low", "Niger": "none", "Burkina Faso": "high"}


def test_another_vintage_shares_people_out_and_keeps_their_number(people):
    newer = sg.load_population(1, vintage="2025")
    assert newer["at_least"].sum() == pytest.approx(people[1]["at_least"].sum(), rel=1e-9)
    burkina = newer[newer["unit_id"].str.startswith("BF")]
    assert len(burkina) == 17
    assert set(burkina.loc[burkina["name"].isin(["Soum", "Tapoa"]), "confidence"]) == {"low"}


@pytest.mark.parametrize("vintage", ["2012", "2025"])
def test_only_units_of_the_same_communes_keep_their_confidence_in_another_vintage(people, vintage):
    before, after = (
        table.set_index("unit_id") for table in (people[2], sg.load_population(2, vintage=vintage))
    )
    both = after.index.intersection(before.index)
    assert 0 < len(both) < len(after)
    assert after.loc[both, "confidence"].tolist() == before.loc[both, "confidence"].tolist()
    np.testing.assert_allclose(after.loc[both, "population"], before.loc[both, "population"])
    others = after.drop(both)
    assert set(others["confidence"]) == {"low"}
    assert (others["population"] > 0).all()


def test_units_of_another_frame_have_no_people_by_default():
    units = sg.load_boundaries(1, countries="MLI")
    assert people_by_unit(units)["ML09"] > 2e6
    assert people_by_unit(units.assign(name="elsewhere")) is None
    assert people_by_unit(sg.load_boundaries(3, countries="MLI")) is None
    assert people_by_unit(units.drop(columns="level")) is None
    both = pd.concat([units, sg.load_boundaries(2, countries="MLI")])
    assert people_by_unit(both) is None  # of two levels


@pytest.mark.parametrize(("renamed", "known"), [(0, 10), (1, 9), (2, None)])
def test_nine_units_in_ten_are_to_be_known(renamed, known):
    units = sg.load_boundaries(1, countries="MLI")
    assert len(units) == 10
    units.loc[units.index < renamed, "name"] = "elsewhere"
    found = people_by_unit(units)
    assert (None if found is None else len(found)) == known


@pytest.mark.parametrize("factor", [0.45, 0.499, 2.001, 2.2])
def test_figures_against_the_wrong_names_are_found(factor):
    units = sg.load_boundaries(1, countries="NER")
    table = people_by_unit(units).fillna(3e6)
    assert implausible_people(table, units).empty
    for fine in (0.5, 2):
        assert implausible_people(people_by_unit(units) * fine, units).empty
    table["NE008"] *= factor
    found = implausible_people(table, units)
    assert found["name"].tolist() == ["Niamey"]
    assert found["people"].iloc[0] == table["NE008"]


def test_figures_of_towns_that_2020_does_not_know_are_not_strange():
    units = sg.load_boundaries(2, countries="NER")
    table = pd.Series(dict.fromkeys(MISSING, 400_000.0))
    assert implausible_people(table, units).empty
    table["NE004007"] = 400_000_000.0
    found = implausible_people(table, units)
    assert found["unit_id"].tolist() == ["NE004007"]
    assert found["in_2020"].isna().all()
    assert found.index.tolist() == [0]
    area = units.set_index("unit_id").loc["NE004007", "area_km2"]
    assert found["per_km2"].item() == pytest.approx(4e8 / area)


def test_too_many_people_on_a_square_kilometre_are_found_where_2020_is_unknown():
    units = sg.load_boundaries(3, countries="MLI").head(2)
    areas = units["area_km2"].to_numpy()
    dense = pd.Series(areas * [25_001, 24_999], index=units["unit_id"])
    assert implausible_people(dense, units)["unit_id"].tolist() == [units["unit_id"].iloc[0]]


def test_there_is_no_table_by_commune():
    with pytest.raises(InputError, match="`level` is 3; expected 0, 1 or 2"):
        sg.load_population(3)
