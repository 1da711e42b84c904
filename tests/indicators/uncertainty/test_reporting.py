"""How many incidents two sources missed together."""

import math

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


def covers(size, a, b, *, seeds=300, **columns):
    """Draw which of `size` incidents two sources have, and see which intervals hold the truth."""
    rows = []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        flags = pd.DataFrame({"in_a": rng.random(size) < a, "in_b": rng.random(size) < b})
        flags = flags.assign(**columns)
        seen = flags[flags["in_a"] | flags["in_b"]]
        rows.append(sg.reporting.unreported(seen, by=list(columns)).table.iloc[-1])
    table = pd.DataFrame(rows)
    inside = (table["lower"] <= size) & (size <= np.ceil(table["upper"]))
    return float(inside.mean()), float(table["estimate"].mean()), table


@pytest.mark.worlds
@pytest.mark.parametrize(("a", "b"), [(0.5, 0.3), (0.95, 0.95), (0.5, 0.99), (0.8, 0.8)])
def test_intervals_hold_the_truth_where_sources_are_independent(a, b):
    share, mean, table = covers(300, a, b)
    assert share >= 0.92
    assert mean == pytest.approx(300, rel=0.02)
    assert (table["upper"] > table["lower"]).all()


@pytest.mark.worlds
def test_the_whole_holds_the_truth_where_groups_are_not_seen_alike():
    near = np.arange(200) < 100
    share, mean, _ = covers(200, *(np.where(near, p, 0.25) for p in (0.8, 0.8)), near=near)
    assert share >= 0.92
    assert mean == pytest.approx(200, rel=0.03)
    pooled, low, _ = covers(200, *(np.where(near, p, 0.25) for p in (0.8, 0.8)))
    assert pooled < 0.2  # what would be said of all as one group
    assert low < 170


def test_a_source_whose_incidents_are_all_in_the_other_may_have_missed_some():
    row = sg.reporting.unreported(events(0, 70, 30)).table.iloc[0]
    assert row["estimate"] == row["lower"] == 100
    # as likely as 100 over 30, or more, of every so many over 30: half of it is 2.5 % or less
    beyond = [size for size in range(100, 200) if math.comb(100, 30) / math.comb(size, 30) <= 0.05]
    assert row["upper"] == beyond[0] - 1 == 108


def test_stray_incidents_change_the_whole_little():
    part = events(20, 10, 40, kind="attack")
    alone = sg.reporting.unreported(part, by=["kind"]).table.iloc[-1]
    strays = pd.concat([part, events(1, 1, 0, kind="other")])
    table = sg.reporting.unreported(strays, by=["kind"]).table
    assert table["few"].tolist() == [False, True, False]
    assert 2 < table.iloc[-1]["estimate"] - alone["estimate"] < 4
    assert table.iloc[-1]["upper"] - alone["upper"] < 5


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
    assert row[["estimate", "lower"]].tolist() == [40, 40]
    assert row["upper"] == 40  # of 41, 40 and the same 40 are one in 41


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


def remote_world(toy_units):
    """Incidents of six squares, one of which lies far from everywhere."""
    rng = np.random.default_rng(2)
    middle = toy_units.geometry.representative_point()
    number = [40, 30, 25, 20, 6, 12]
    at = np.repeat(np.arange(6), number)
    incidents = pd.DataFrame(
        {
            "unit_id": toy_units["unit_id"].to_numpy()[at],
            "lon": middle.x.to_numpy()[at] + rng.uniform(-0.4, 0.4, len(at)),
            "lat": middle.y.to_numpy()[at] + rng.uniform(-0.4, 0.4, len(at)),
        }
    )
    away = pd.Series(np.array([0.0, 100, 200, 300, 400, 1000])[at], incidents.index)
    return incidents, away, number


def test_figures_under_remote_reporting_are_those_of_weights_worked_by_hand(toy_units):
    incidents, away, number = remote_world(toy_units)
    found = sg.reporting.sensitivity(
        incidents, toy_units, rng=1, distance_km=away, seen_far=(1.0, 0.5), permutations=199
    )
    even, thin = (found.units[found.units["seen_far"] == share] for share in (1.0, 0.5))
    assert even["incidents"].tolist() == number
    seen = 1 - 0.5 * np.array([0, 0.1, 0.2, 0.3, 0.4, 1.0])
    np.testing.assert_allclose(thin["incidents"], number / seen)
    np.testing.assert_allclose(
        thin["rate"], thin["incidents"] / toy_units["area_km2"].to_numpy() * 1e3
    )
    border = sg.distance_to_border(
        incidents["lon"], incidents["lat"], sg.international_borders(toy_units)
    )
    near = np.asarray(border) <= 50
    weight = 1 / (1 - 0.5 * away / 1000)
    shares = found.table["border_share"]
    assert shares.tolist() == pytest.approx([near.mean(), weight[near].sum() / weight.sum()])
    assert found.table["rank_correlation"].iloc[0] == pytest.approx(1)
    plain = sg.hotspots.local_gi(
        pd.Series(number, toy_units["unit_id"]), toy_units, rng=1, permutations=199
    )
    assert (even["hot"].to_numpy() == (plain.table["kind"] == "hot").to_numpy()).all()
    assert found.table["top_kept"].tolist() == [6, 6]
    assert found.left_out == 0


def test_distances_are_those_to_the_capital_of_the_unit():
    land = sg.load_boundaries(level=1)
    niamey = pd.DataFrame({"lon": [2.11, 2.11, 12.0], "lat": [13.51, 15.0, 17.0]})
    placed = sg.assign(niamey.assign(event_id=range(3)), land)
    found = sg.reporting.sensitivity(placed, land, rng=1, seen_far=(1.0, 0.5), permutations=99)
    thin = found.units[(found.units["seen_far"] == 0.5) & (found.units["incidents"] > 0)]
    assert thin["incidents"].max() == pytest.approx(2.0)  # the farthest counts twice
    assert found.table["incidents"].iloc[0] == 3
    for lang in ("fr", "en"):
        assert len(found.sentence(lang).split(". ")) >= 3
    assert "at the farthest place" in found.sentence("en")
    assert len(found.plot().get_yticks()) == len(thin)


def test_one_country_has_no_share_near_a_border_and_faults_are_said(toy_units):
    incidents, away, _ = remote_world(toy_units)
    mali = toy_units[toy_units["country"] == "MLI"].reset_index(drop=True)
    found = sg.reporting.sensitivity(incidents, mali, rng=1, distance_km=away, permutations=99)
    assert found.table["border_share"].isna().all()
    assert found.left_out == (~incidents["unit_id"].isin(mali["unit_id"])).sum()
    assert "border" not in found.sentence("en")
    with pytest.raises(InputError, match="`incidents` lacks columns"):
        sg.reporting.sensitivity(incidents.drop(columns="lon"), mali, rng=1)
    with pytest.raises(InputError, match="`incidents` has none inside the units"):
        sg.reporting.sensitivity(incidents.assign(unit_id="elsewhere"), mali, rng=1)
    with pytest.raises(InputError, match=r"`seen_near` is 1\.0, `seen_far` 0"):
        sg.reporting.sensitivity(incidents, mali, rng=1, distance_km=away, seen_far=(0,))
