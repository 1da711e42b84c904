"""Two periods compared."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.indicators.rates.comparison import KINDS, _ratios, compare_periods


def panel_of(units, rows, start="2020-01"):
    counts = np.asarray(rows)
    periods = pd.period_range(start, periods=counts.shape[1], freq="M")
    return pd.DataFrame(
        {
            "unit_id": np.repeat(units["unit_id"].to_numpy(), len(periods)),
            "period": periods.take(np.tile(np.arange(len(periods)), len(units))),
            "incidents": counts.ravel(),
        }
    )


@pytest.fixture
def units(toy_units):
    return toy_units.assign(area_km2=1000.0)


def test_the_interval_is_that_of_the_conditional_test():
    # R: poisson.test(c(11, 6 + 8 + 7), c(800, 1083 + 1050 + 878))
    found = _ratios(np.array([[21.0, 11.0]]), np.array([3011.0, 800.0]), 0.05)
    assert found[0] == pytest.approx([1.971488, 0.8584264, 4.2772659], rel=1e-6)


def test_every_kind_on_a_table_that_can_be_checked_by_eye(units):
    rows = np.zeros((len(units), 24), dtype=int)
    rows[0, 12:] = 2  # nothing, then two a month
    rows[1, :12] = 2  # two a month, then nothing
    rows[2] = 1  # the same all along
    rows[3, 20] = 30  # one bout: an interval alone would call it clear
    found = compare_periods(
        panel_of(units, rows), units, ("2020-01", "2020-12"), ("2021-01", "2021-12"), rng=1
    )
    table = found.table
    expected = ["more", "less", "no clear change", "no clear change", "no incident"]
    assert table["kind"].tolist()[:5] == expected
    assert table["ratio"].tolist()[:2] == [np.inf, 0.0]
    assert table["ratio"][2] == pytest.approx(366 / 365)
    assert table.loc[3, "lower"] > 1
    assert table.loc[3, "p"] > 0.4  # half of the shuffles put the bout into the leap year
    assert table["rate_before"][1] == pytest.approx(24 / 366 * 365.25)
    assert table.loc[4:, ["ratio", "p", "q"]].isna().all().all()
    assert "nettement plus dans 1 unité," in found.sentence("fr")
    assert "clearly fewer in 1 unit," in found.sentence("en")
    assert found.plot().get_yticklabels()[0].get_text() != ""


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_exchanging_the_periods_turns_the_ratio(data):
    units = sg.load_boundaries(level=1, countries="NER")
    size = (len(units), 8)
    flat = data.draw(st.lists(st.integers(0, 5), min_size=size[0] * 8, max_size=size[0] * 8))
    rows = np.reshape(flat, size)
    spans = ("2022-03", "2022-06"), ("2022-07", "2022-10")
    panel = panel_of(units, rows, "2022-03")
    one = compare_periods(panel, units, *spans, rng=1, permutations=99).table
    other = compare_periods(panel, units, *spans[::-1], rng=1, permutations=99).table
    both = one["ratio"].notna()
    assert (both == other["ratio"].notna()).all()
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(one["ratio"][both], 1 / other["ratio"][both])
        np.testing.assert_allclose(one["lower"][both], 1 / other["upper"][both], rtol=1e-9)
        np.testing.assert_allclose(one["upper"][both], 1 / other["lower"][both], rtol=1e-9)
    assert one["kind"].isin(KINDS).all()
    np.testing.assert_allclose(one["before"], other["after"])


@pytest.mark.worlds
def test_under_no_change_few_units_are_called_clear():
    rng = np.random.default_rng(3)
    regions = sg.load_boundaries(level=2, countries="MLI")
    called = 0
    for seed in range(20):
        rows = rng.poisson(0.7, (len(regions), 24))
        panel = panel_of(regions, rows)
        found = compare_periods(
            panel,
            regions,
            ("2020-01", "2020-12"),
            ("2021-01", "2021-12"),
            rng=seed,
            permutations=199,
        )
        called += bool(found.table["kind"].isin(["more", "less"]).any())
    assert called <= 4  # the family-wise rate of 5 % makes 4 or more of 20 unlikely (p = 0.016)


def waves(rng, units, months, fading):
    """Counts whose rate wanders, with the variance of its logarithm 1, and does not change."""
    state = rng.normal(size=(units, 1))
    for _ in range(months - 1):
        step = np.sqrt(1 - fading**2) * rng.normal(size=(units, 1))
        state = np.hstack([state, fading * state[:, [-1]] + step])
    return rng.poisson(rng.gamma(0.7, 1.5, (units, 1)) * np.exp(state - 0.5))


@pytest.mark.worlds
def test_waves_of_violence_are_no_change_and_a_change_is_one():
    """In 0.1.0 a third of the units were called clear in worlds of waves without a change."""
    regions = sg.load_boundaries(level=2)
    spans = ("2021-01", "2021-12"), ("2022-01", "2022-12")
    called, found = 0, []
    for seed in range(6):
        rows = waves(np.random.default_rng(seed), len(regions), 36, 0.9)
        panel = panel_of(regions, rows)
        table = compare_periods(panel, regions, *spans, rng=seed, permutations=999).table
        called += int(table["kind"].isin(["more", "less"]).sum())
        rng = np.random.default_rng(seed)
        raised = rng.random(len(regions)) < 0.2
        level = rng.gamma(2, 1.0, (len(regions), 1)) * np.ones(36)
        level[raised, 24:] *= 4
        panel = panel_of(regions, rng.poisson(level))
        table = compare_periods(panel, regions, *spans, rng=seed, permutations=999).table
        found.append((table["kind"] == "more")[raised].mean())
    assert called <= 6 * 0.02 * len(regions)
    assert np.mean(found) > 0.5


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (("2020-01", "2020-06"), ("2020-06", "2020-12"), "overlap"),
        (("2020-06", "2020-01"), ("2020-07", "2020-12"), "`before` .* runs backwards"),
        (("2020-01", "2020-06"), ("2020-07", "2031-12"), "`after` .* leaves the panel"),
        (("soon", "later"), ("2020-07", "2020-12"), "expected first and last period"),
    ],
)
def test_spans_that_cannot_be_compared_are_refused(units, before, after, message):
    panel = panel_of(units, np.ones((len(units), 12), dtype=int))
    with pytest.raises(InputError, match=message):
        compare_periods(panel, units, before, after, rng=1)


def test_columns_that_hold_no_counts_are_refused(units):
    panel = panel_of(units, np.ones((len(units), 12))).assign(incidents=0.5)
    spans = ("2020-01", "2020-06"), ("2020-07", "2020-12")
    with pytest.raises(InputError, match="no counts"):
        compare_periods(panel, units, *spans, rng=1)
    with pytest.raises(InputError, match="names 1 units"):
        compare_periods(panel.assign(incidents=1), units.iloc[1:], *spans, rng=1)
    with pytest.raises(InputError, match=r"`panel` has no column \['missing'\]"):
        compare_periods(panel, units, *spans, rng=1, column="missing")
    nothing = panel.assign(incidents=0)
    assert set(compare_periods(nothing, units, *spans, rng=1).table["kind"]) == {"no incident"}
    with pytest.raises(InputError, match="no unit with an incident"):
        compare_periods(nothing, units, *spans, rng=1).plot()
