"""What every measure of spillover answers to next to no data: a stated answer, or a clear error."""

import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.errors import InputError

SPAN = {"start": "2018-01-01", "end": "2020-12-31"}


def panel(placed, units):
    return sg.count(placed, units, **SPAN)


def hit(placed, units):
    return panel(placed, units).groupby("unit_id")["incidents"].sum() > 20


def series(placed, units):
    return sg.connectedness.series_of(panel(placed, units), units)


MEASURES = {
    "border": lambda p, u: sg.border.proximity_profile(
        p, sg.international_borders(u), u, distances_km=(25, 50), rng=1, replicates=19
    ),
    "exposure": lambda p, u: sg.border.exposure(panel(p, u), u),
    "knox": lambda p, _: sg.near_repeat.knox(
        p, distances_km=[0, 20, 50], days=[0, 14], by="border", permutations=9, rng=1
    ),
    "K": lambda p, u: sg.k_functions.space_time_k(
        p, u, distances_km=[50], days=[14], permutations=9, rng=1
    ),
    "cross-K": lambda p, u: sg.k_functions.space_time_cross_k(
        p, u, distances_km=[50], days=[14], by="country", permutations=9, rng=1
    ),
    "moran": lambda p, u: sg.cross_border.moran(
        panel(p, u), u, rng=1, lags=[0, 1], permutations=19
    ),
    "joins": lambda p, u: sg.cross_border.join_counts(hit(p, u), u, rng=1, permutations=19),
    "diffusion": lambda p, u: sg.diffusion.join_counts(panel(p, u), u, rng=1, permutations=19),
    "onsets": lambda p, u: sg.diffusion.onsets(panel(p, u), u),
    "contagion": lambda p, u: sg.contagion.fit(panel(p, u), u),
    "hawkes": lambda p, _: sg.hawkes.fit(p, by="country", rng=1, **SPAN),
    "hawkes in space": lambda p, u: sg.hawkes.fit_spatial(p, by="country", window=u, rng=1, **SPAN),
    "connectedness": lambda p, u: sg.connectedness.fit(
        series(p, u), rng=1, lags=1, replicates=19, shifts=19
    ),
    "rolling": lambda p, u: sg.connectedness.rolling(
        series(p, u), rng=1, lags=1, window=24, shifts=9
    ),
    "migration": lambda p, u: sg.migration.path(p, u, rng=1, replicates=99, **SPAN),
    "summary": lambda p, u: sg.spillover.summary(p, u, rng=1, permutations=9, **SPAN),
}


def scattered(west=1.3, east=2.7, size=180):
    rng = np.random.default_rng(5)
    lon, lat = rng.uniform(west, east, size), rng.uniform(10.4, 11.6, size)
    return pd.DataFrame(
        {
            "lon": lon,
            "lat": lat,
            "date": pd.Timestamp("2018-01-01") + pd.to_timedelta(rng.integers(0, 1096, size), "D"),
            "country": np.where(lon > 2, "NER", np.where(lat > 11, "MLI", "BFA")),
        },
    )


def every_month():
    """One incident in each of three countries on the first of every month."""
    date = pd.date_range("2018-01-01", periods=36, freq="MS")
    places = {"MLI": (1.5, 11.5), "NER": (2.5, 11.5), "BFA": (1.5, 10.5)}
    parts = [
        pd.DataFrame({"lon": lon, "lat": lat, "date": date, "country": country})
        for country, (lon, lat) in places.items()
    ]
    return pd.concat(parts, ignore_index=True)


def within(table, units):
    return table[sg.assign(table, units)["unit_id"].notna().to_numpy()].reset_index(drop=True)


def apart(units):
    """Leave a gap between a unit of Mali and two of Niger."""
    kept = units[units["unit_id"].isin(["M1", "N1", "N2"])].reset_index(drop=True)
    return within(scattered(0, 3), kept), kept


def one_country(units):
    kept = units[units["country"] == "NER"].reset_index(drop=True)
    return within(scattered(), kept), kept


def half_years(units):
    table = scattered()
    return table[table["date"].dt.month <= 6].reset_index(drop=True), units


CASES = {
    "no foreign neighbour": apart,
    "one country": one_country,
    "months without incidents": half_years,
    "a country without incidents": lambda u: (
        scattered().query("country != 'BFA'").reset_index(drop=True),
        u,
    ),
    "periodic": lambda u: (every_month(), u),
    "one date": lambda u: (scattered().assign(date=pd.Timestamp("2019-05-05")), u),
    "each twice": lambda u: (pd.concat([scattered()] * 2, ignore_index=True), u),
    "one incident": lambda u: (scattered().iloc[:1], u),
    "none": lambda u: (scattered().iloc[:0], u),
}

# measure: case, words of the answer; "!" and words of the error
ANSWERS = {
    "border": {
        "no foreign neighbour": "!`border` has no row; expected at least one pair of countries",
        "one country": "!`border` has no row",
        "months without incidents": "of the 85 incidents",
        "a country without incidents": "of the 132 incidents",
        "periodic": "0.0% of the 108 incidents",
        "one date": "Without an interval, the comparison is not established",
        "each twice": "of the 360 incidents",
        "one incident": "100.0% of the 1 incidents",
        "none": "No incident placed in the units",
    },
    "exposure": {
        "no foreign neighbour": "No unit has a neighbour abroad",
        "one country": "No unit has a neighbour abroad",
        "months without incidents": "Among the 6 units",
        "a country without incidents": "Among the 6 units",
        "periodic": "Among the 6 units",
        "one date": "Among the 6 units",
        "each twice": "Among the 6 units",
        "one incident": "Among the 6 units",
        "none": "No unit has a neighbour abroad where anything was counted",
    },
    "knox": {
        "no foreign neighbour": "0 pairs across a border, and none expected",
        "one country": "0 pairs across a border, and none expected",
        "months without incidents": "pairs across a border, no more than chance explains",
        "a country without incidents": "pairs across a border, no more than chance explains",
        "periodic": "0 pairs inside one country, and none expected",
        "one date": "102 pairs across a border, no more than chance explains (102 to 102",
        "each twice": "pairs across a border, no more than chance explains",
        "one incident": "0 pairs across a border, and none expected",
        "none": "0 pairs across a border, and none expected",
    },
    "K": {
        "no foreign neighbour": "All incidents: no more nearness",
        "one country": "All incidents: no more nearness",
        "months without incidents": "All incidents: no more nearness",
        "a country without incidents": "All incidents: no more nearness",
        "periodic": "All incidents: no more nearness",
        "one date": "!`days` reaches 14 in a study of 1 days",
        "each twice": "All incidents: no more nearness",
        "one incident": "!`days` reaches 14 in a study of 1 days",
        "none": "!`incidents` has no usable row",
    },
    "cross-K": {
        "no foreign neighbour": "Mali and Niger: no pair is near, nothing to measure",
        "one country": r"!`between` has 1 types in column 'country': ['NER']",
        "months without incidents": "Burkina Faso and Mali: no more nearness",
        "a country without incidents": "Mali and Niger: no more nearness",
        "periodic": "Burkina Faso and Mali: no pair is near",
        "one date": "!`days` reaches 14 in a study of 1 days",
        "each twice": "Burkina Faso and Mali: no more nearness",
        "one incident": "!`days` reaches 14 in a study of 1 days",
        "none": "!`incidents` has no usable row",
    },
    "moran": {
        "no foreign neighbour": "No link between neighbours of two countries",
        "one country": "No link between neighbours of two countries",
        "months without incidents": "That does not differ from this chance",
        "a country without incidents": "That does not differ from this chance",
        "periodic": "That does not differ from this chance",
        "one date": "That does not differ from this chance",
        "each twice": "That does not differ from this chance",
        "one incident": "That does not differ from this chance",
        "none": "or values all equal",
    },
    "joins": {
        "no foreign neighbour": "No link between neighbours of two countries",
        "one country": "No link between neighbours of two countries",
        "months without incidents": "That does not differ from this chance",
        "a country without incidents": "That does not differ from this chance",
        "periodic": "3 links across a border join two hit units",
        "one date": "That does not differ from this chance",
        "each twice": "That does not differ from this chance",
        "one incident": "0 links across a border join two hit units",
        "none": "0 links across a border join two hit units",
    },
    "diffusion": {
        "no foreign neighbour": "No link between neighbours of two countries",
        "one country": "No link between neighbours of two countries",
        "months without incidents": "nothing that differs from this chance",
        "a country without incidents": "nothing that differs from this chance",
        "periodic": "0 escalation links",
        "one date": "0 escalation links",
        "each twice": "nothing that differs from this chance",
        "one incident": "0 escalation links",
        "none": "0 escalation links",
    },
    "onsets": {
        "no foreign neighbour": "0 of the 31 onsets of activity followed activity in a foreign",
        "one country": "0 of the 17 onsets of activity followed activity in a foreign",
        "months without incidents": "14 of the 21 onsets",
        "a country without incidents": "17 of the 26 onsets",
        "periodic": "No onset of activity was observed",
        "one date": "0 of the 4 onsets",
        "each twice": "33 of the 33 onsets",
        "one incident": "0 of the 1 onsets",
        "none": "No onset of activity was observed",
    },
    "contagion": {
        "no foreign neighbour": "No unit has a foreign neighbour",
        "one country": "No unit has a foreign neighbour",
        "months without incidents": "cannot be told from zero",
        "a country without incidents": "cannot be told from zero",
        "periodic": "cannot be told from zero",
        "one date": "cannot be told from zero",
        "each twice": "cannot be told from zero",
        "one incident": "cannot be told from zero",
        "none": "!`panel` has 36 periods and 0 incidents after the first",
    },
    "hawkes": {
        "one country": "A single type of incidents",
        "periodic": "the model does not describe these data",
        "one incident": "!`incidents` has types with fewer than 10 incidents: ['NER']",
        "none": "!`incidents` has no row with a date and a type",
    },
    "hawkes in space": {
        "one country": "A single type of incidents",
        "periodic": "the model does not describe these data",
        "one incident": "!`incidents` has types with fewer than 10 incidents: ['NER']",
        "none": "!`incidents` has no row with a date and a type",
    },
    "connectedness": {
        "no foreign neighbour": "It cannot be told from what chance would give",
        "one country": "!One country alone is connected with nothing",
        "months without incidents": "% of the forecast error at 10 periods comes from the other",
        "a country without incidents": r"!`series` has 1 constant columns: ['BFA']",
        "periodic": "!`series` has 3 constant columns: ['BFA', 'MLI', 'NER']",
        "one date": "!are functions of each other",
        "each twice": "It cannot be told from what chance would give",
        "one incident": "!`series` has 2 constant columns",
        "none": "!`series` has 3 constant columns",
    },
    "rolling": {
        "no foreign neighbour": "Over 13 windows of 24 periods",
        "one country": "!One country alone is connected with nothing",
        "months without incidents": "Over 13 windows of 24 periods",
        "a country without incidents": "No window of 24 periods allows",
        "periodic": "No window of 24 periods allows",
        "one date": "No window of 24 periods allows",
        "each twice": "Over 13 windows of 24 periods",
        "one incident": "No window of 24 periods allows",
        "none": "No window of 24 periods allows",
    },
    "migration": {
        "no foreign neighbour": "no crossing is claimed",
        "one country": "Its path cuts no border",
        "months without incidents": "no crossing is claimed",
        "a country without incidents": "Its path cuts no border",
        "periodic": "moved 0 km in a straight line. Its path cuts no border",
        "one date": "one centre, and no path",
        "each twice": "no crossing is claimed",
        "one incident": "one centre, and no path",
        "none": "No dated and located incident: no centre",
    },
    "summary": {
        "no foreign neighbour": "no spillover is claimed",
        "one country": "None of the measures can be made with these 90 incidents",
        "periodic": "no spillover is claimed",
        "one date": "None of the measures can be made with these 180 incidents",
        "one incident": "None of the measures can be made with these 1 incidents",
        "none": "None of the measures can be made with these 0 incidents",
    },
}
PAIRS = [(name, case) for name, cases in ANSWERS.items() for case in cases]


def test_every_measure_and_every_case_has_an_answer():
    assert set(ANSWERS) == set(MEASURES)
    whole = {name for name, cases in ANSWERS.items() if set(cases) == set(CASES)}
    assert whole == set(MEASURES) - {"hawkes", "hawkes in space", "summary"}  # these take seconds


@pytest.mark.parametrize(("name", "case"), PAIRS)
def test_next_to_no_data_has_the_stated_answer(toy_units, name, case):
    words = ANSWERS[name][case]
    incidents, units = CASES[case](toy_units)
    placed = sg.assign(incidents, units)
    if words.startswith("!"):
        with pytest.raises(InputError) as refused:
            MEASURES[name](placed, units)
        assert words[1:] in str(refused.value)
        return
    found = MEASURES[name](placed, units)
    assert words in found.sentence("en")
    assert found.sentence("fr")
    assert len(found.table.columns) > 0


@pytest.mark.parametrize("case", ["one date", "each twice"])
@pytest.mark.parametrize("name", ["hawkes", "hawkes in space"])
def test_repeated_times_are_fitted_without_a_claim_of_cause(toy_units, name, case):
    incidents, units = CASES[case](toy_units)
    found = MEASURES[name](sg.assign(incidents, units), units)
    numbers = found.table[["branching", "share"]].to_numpy()
    assert np.isfinite(numbers).all()
    said = found.sentence("en")
    assert "does not prove a cause" in said or "do not show" in said
