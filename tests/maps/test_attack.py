"""What is published is attacked as an outsider would: every figure of the files, linear programs."""

import io
import json
import sqlite3
import zipfile

import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.maps.publish import safe_units
from tests.maps.attack import (
    COUNTS,
    EVERY,
    HIDDEN,
    Attack,
    Known,
    learn_totals,
    narrowest,
    page_data,
    read_map,
    visible_text,
)

K = 5
SHOWN = ["incidents", "per_1000km2", "fatalities_best"]


def make_incidents(units, number, seed):
    """Incidents of four years, each on a day between the 7th and the 24th, near the unit's middle."""
    rng = np.random.default_rng(seed)
    weights = rng.gamma(0.6, 1, len(units))
    at = rng.choice(len(units), number, p=weights / weights.sum())
    middle = units.representative_point().iloc[at]
    day = pd.to_datetime("2020-01-07") + pd.to_timedelta(rng.integers(0, 17, number), unit="D")
    month = rng.integers(0, 48, number)
    dates = [each + pd.DateOffset(months=int(more)) for each, more in zip(day, month, strict=True)]
    return pd.DataFrame(
        {
            "incident_id": [f"IDSECRET{row}" for row in range(number)],
            "date": pd.to_datetime(pd.Series(dates)),
            "lon": middle.x.to_numpy() + rng.uniform(-0.02, 0.02, number),
            "lat": middle.y.to_numpy() + rng.uniform(-0.02, 0.02, number),
            "country": units["country"].to_numpy()[at],
            "place": "placesecret",
            "location_precision": "exact",
            "fatalities_best": rng.poisson(1.5, number),
            "actor1": "actorsecret",
            "notes": "notesecret",
        }
    )


def groups_of(units, keys):
    """Name the groups of units whose totals are known, from the largest."""
    found = {"keys": keys, "units": set(units["unit_id"]), EVERY: list(units["unit_id"])}
    for depth in range(1, len(keys) + 1):
        for names, part in units.groupby(keys[:depth]):
            found["/".join(names)] = list(part["unit_id"])
    return found


def truth_of(panel, groups, count):
    """Give the true figure of an area and a year."""
    table = panel.assign(year=panel["period"].dt.year)
    grid = table.pivot_table(index="unit_id", columns="year", values=count, aggfunc="sum")

    def find(area, when):
        rows = grid.loc[[area] if area in groups["units"] else groups[area]]
        return float(rows.sum().sum() if when is None else rows[when].sum())

    return find


@pytest.fixture(scope="module")
def provinces():
    """Units in regions in a country, their counts by month, and their whole-time figures."""
    units = sg.load_boundaries(level=2, countries="BFA")
    placed = sg.assign(make_incidents(units, 1500, 3), units)
    panel = sg.count(placed, units, period="month")
    return units.merge(sg.density.rates(panel, units), on="unit_id"), panel


@pytest.fixture(scope="module")
def page(provinces, tmp_path_factory):
    table, panel = provinces
    m = sg.choropleth(table, SHOWN, panel=panel, publish="safe", least=K)
    return sg.save_map(m, tmp_path_factory.mktemp("safe") / "map.html")


def learned(provinces, path):
    table, panel = provinces
    known = Known(groups_of(table, ["country", "adm1_id"]))
    read_map(known, path, table.set_index("unit_id")["area_km2"])
    learn_totals(known, safe_units(table, SHOWN, k=K, panel=panel).protected.totals)
    return known


@pytest.mark.parametrize("count", ["incidents", "fatalities_best"])
def test_no_figure_of_a_map_with_series_is_known_better_than_promised(provinces, page, count):
    known = learned(provinces, page)
    attack = Attack(known, count)
    truth = truth_of(provinces[1], known.groups, count)
    for (area, when), value in attack.facts.items():
        assert isinstance(value, str) or value == truth(area, when)
    assert len(attack.periods) == 4
    leaks, tried = narrowest(attack, truth, K)
    assert leaks == []
    assert tried > 80


def test_what_is_hidden_in_one_indicator_is_hidden_in_all(provinces, page):
    known = learned(provinces, page)
    hidden = {key[1:] for key, value in known.facts.items() if value == HIDDEN}
    for name in ("incidents", "fatalities_best"):
        assert {key[1:] for key, v in known.facts.items() if key[0] == name and v == HIDDEN} == hidden
    small = provinces[1].assign(year=lambda p: p["period"].dt.year)
    small = small.groupby(["unit_id", "year"])[["incidents", "fatalities_best"]].sum()
    few = small[small.ge(1).any(axis=1) & (small.gt(0) & small.lt(K)).any(axis=1)]
    assert set(few.index) <= hidden
    zero = small[small["incidents"] == 0]
    assert len(zero) > 5
    assert not set(zero.index) & hidden


@pytest.mark.parametrize("leak", ["cell", "unit", "sum", "rate"])
def test_the_attack_finds_a_figure_too_many(provinces, page, leak):
    """One hidden figure put back, of whatever kind, gives others away."""
    known = learned(provinces, page)
    truth = truth_of(provinces[1], known.groups, "incidents")
    hidden = sorted(
        (key for key, value in known.facts.items() if key[0] == "incidents" and value == HIDDEN),
        key=str,
    )
    of_units = [key for key in hidden if key[1] in known.groups["units"]]
    cells = [key for key in of_units if key[2] is not None]
    for key in cells:
        _, unit, when = key
        if leak == "cell" and sum(other[1] == unit for other in cells) == 2:
            known.facts[key] = truth(unit, when)
            break
        if leak == "unit" and ("incidents", unit, None) in of_units:
            known.facts["incidents", unit, None] = truth(unit, None)
            break
        if leak == "rate" and truth(unit, when) < K:
            known.facts[key] = truth(unit, when)  # as read_map makes it of a rate
            break
    if leak == "sum":
        known.groups["pair"] = [cells[0][1], cells[1][1]]
        known.facts["incidents", "pair", cells[0][2]] = truth("pair", cells[0][2])
    leaks, _ = narrowest(Attack(known, "incidents"), truth, K, among=[key[1:] for key in cells])
    assert leaks or leak == "rate"
