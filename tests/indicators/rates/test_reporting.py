"""How many incidents two sources missed together."""

import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.errors import InputError


def events(only_a, only_b, both, **columns):
    flags = [(True, False)] * only_a + [(False, True)] * only_b + [(True, True)] * both
    return pd.DataFrame(flags, columns=["in_a", "in_b"]).assign(**columns)


def test_chapmans_estimate_by_hand():
    row = sg.reporting.unreported(events(30, 30, 20)).table.iloc[0]
    assert row["estimate"] == pytest.approx(51 * 51 / 21 - 1)
    assert row["recorded"] == 80
    assert row["lower"] > 80
    assert row["lower"] < row["estimate"] < row["upper"]
    assert row["seen"] == pytest.approx(80 / (51 * 51 / 21 - 1))


@pytest.mark.worlds
def test_intervals_hold_the_truth_where_sources_are_independent():
    held, estimates = 0, []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        a, b = rng.random(300) < 0.5, rng.random(300) < 0.3
        table = pd.DataFrame({"in_a": a, "in_b": b})[a | b]
        row = sg.reporting.unreported(table).table.iloc[0]
        estimates.append(row["estimate"])
        held += row["lower"] <= 300 <= row["upper"]
    assert np.mean(estimates) == pytest.approx(300, rel=0.02)
    assert 0.92 <= held / 400 <= 0.98


def test_groups_and_what_cannot_be_estimated():
    table = pd.concat([events(20, 10, 10, country="MLI"), events(5, 5, 2, country="NER")])
    table = table.reset_index(drop=True)
    found = sg.reporting.unreported(table, by=["country"])
    assert found.table["country"].tolist() == ["MLI", "NER", "all"]
    assert found.table["few"].tolist() == [False, True, False]
    assert np.isnan(found.table.loc[1, "estimate"])
    assert "there may have been" in found.sentence("en")
    assert "il y en aurait eu" in found.sentence("fr")
    assert len(found.plot().get_yticklabels()) == 2
    few = sg.reporting.unreported(events(5, 5, 2))
    assert few.sentence("en").startswith("Too few incidents")
    with pytest.raises(InputError, match="`table` has no estimate to draw"):
        few.plot()


def test_all_incidents_in_both_sources_leave_none_missed():
    row = sg.reporting.unreported(events(0, 0, 40)).table.iloc[0]
    assert row[["estimate", "lower", "upper"]].tolist() == [40, 40, 40]


def test_remote_incidents_stand_for_more():
    weights = sg.reporting.remote_weights(pd.Series([0.0, 500, 1000]), seen_near=0.8, seen_far=0.4)
    assert weights.tolist() == pytest.approx([1 / 0.8, 1 / 0.6, 1 / 0.4])
    with pytest.raises(InputError, match="`seen_near` is 0"):
        sg.reporting.remote_weights(pd.Series([1.0]), seen_near=0, seen_far=1)


def test_reporting_refuses_what_is_not_merged():
    with pytest.raises(InputError, match=r"no column \['in_a', 'in_b'\]"):
        sg.reporting.unreported(pd.DataFrame({"x": [1]}))
    with pytest.raises(InputError, match="1 rows in neither source"):
        sg.reporting.unreported(pd.DataFrame({"in_a": [False], "in_b": [False]}))
