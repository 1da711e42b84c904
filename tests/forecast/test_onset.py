"""First events after a quiet year: a world with a cause is ranked, one without is not."""

import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.forecast.models.quiet import QuietModel

MONTHS = 120


def world(seed, pull):
    """Rare events that begin more often where neighbours had some the month before."""
    units = sg.load_boundaries(level=2, countries=["BFA", "NER"])
    links = sg.neighbours(units)
    index = pd.Index(units["unit_id"])
    near = np.zeros((len(units), len(units)))
    near[index.get_indexer(links["unit_id"]), index.get_indexer(links["neighbour_id"])] = 1
    rng = np.random.default_rng(seed)
    active = np.zeros((len(units), MONTHS))
    for month in range(1, MONTHS):
        beside = near @ active[:, month - 1] > 0
        chance = np.where(beside, 0.012 * pull, 0.012)
        active[:, month] = rng.random(len(units)) < np.where(active[:, month - 1] > 0, 0.4, chance)
    periods = pd.period_range("2012-01", periods=MONTHS, freq="M")
    panel = pd.DataFrame(
        {
            "unit_id": np.repeat(index.to_numpy(), MONTHS),
            "period": periods.take(np.tile(np.arange(MONTHS), len(units))),
            "incidents": active.ravel().astype(int),
        }
    )
    return units, panel


def test_where_neighbours_pull_the_ranking_finds_it_and_names_the_reason():
    units, panel = world(3, pull=15)
    found = sg.forecast.onset(panel, units, column="incidents", within=[1])
    row = found.record.iloc[0]
    assert row["auc"] > 0.6
    assert row["ap"] > row["base_rate"]
    assert found.importance["feature"].iloc[0] in {"domestic_2", "foreign_2"}
    assert (found.table["probability"].diff().dropna() <= 0).all()
    assert "domestic_2" in found.table["reasons"].iloc[0]
    assert row["stated"] == pytest.approx(row["base_rate"], rel=0.25)


def test_rates_that_made_the_world_are_found_and_nothing_unseen_is_certain():
    random = np.random.default_rng(8)
    parts = np.column_stack([np.ones(40_000), random.gamma(0.5, 1.0, size=(40_000, 2))])
    hazard = random.gamma(1.5, 1 / 1.5, size=40_000) * (parts @ [0.03, 0.2, 0.0])
    came = (random.random(40_000) < -np.expm1(-hazard)).astype(float)
    fit = QuietModel.fit(parts, came)
    assert fit.rates[:2] == pytest.approx([0.03, 0.2], rel=0.1)
    assert fit.rates[2] < 0.005
    assert 0.8 < fit.size < 3
    assert fit.probability(parts).mean() == pytest.approx(came.mean(), rel=0.01)
    beyond = fit.probability(np.array([[1.0, 5 * parts[:, 1].max(), 0.0]]))[0]
    assert 0.8 < beyond < 0.99


def test_where_nothing_is_to_be_known_the_ranking_is_chance():
    units, panel = world(4, pull=1)
    row = sg.forecast.onset(panel, units, column="incidents", within=[3]).record.iloc[0]
    assert abs(row["auc"] - 0.5) < 0.1
    assert row["ap"] < 2 * row["base_rate"]


def test_only_quiet_units_are_ranked_and_the_record_says_so_in_both_languages():
    units, panel = world(3, pull=8)
    found = sg.forecast.onset(panel, units, column="incidents")
    last = panel["period"].max()
    recent = panel[panel["period"] > last - 12].groupby("unit_id")["incidents"].sum()
    assert set(found.table["unit_id"]) == set(recent[recent == 0].index)
    assert found.record["within"].tolist() == [3, 6]
    assert found.record["base_rate"].is_monotonic_increasing
    assert "average precision" in found.sentence("en")
    assert "précision moyenne" in found.sentence("fr")


def test_what_comes_after_the_panel_ends_is_not_known():
    units, panel = world(5, pull=4)
    cut = panel[panel["period"] <= panel["period"].max() - 6]
    one, other = (
        sg.forecast.onset(table[table["period"] <= cut["period"].max()], units, column="incidents")
        for table in (cut, panel)
    )
    pd.testing.assert_frame_equal(one.table, other.table)


@pytest.mark.parametrize(("options", "match"), [({"within": [0]}, "at least 1 period")])
def test_spans_of_nothing_are_refused(options, match):
    units, panel = world(3, pull=1)
    with pytest.raises(InputError, match=match):
        sg.forecast.onset(panel, units, column="incidents", **options)


def test_a_year_of_which_months_are_missing_is_not_quiet():
    units, panel = world(3, pull=1)
    found = sg.forecast.onset(panel, units, column="incidents", within=[3])
    quiet = found.table["unit_id"]
    lost = (panel["period"] > panel["period"].max() - 6) & (panel["unit_id"] == quiet.iloc[0])
    missing = panel.assign(incidents=panel["incidents"].astype(float).mask(lost))
    again = sg.forecast.onset(missing, units, column="incidents", within=[3])
    assert set(quiet) - set(again.table["unit_id"]) == {quiet.iloc[0]}
