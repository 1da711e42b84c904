"""Shares of forecast error: known answers, identities, and what unrelated series would show."""

from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.indicators.spread.autoregression import (
    generalised_shares,
    least_squares,
    spectral_radius,
)
from sahel_geo.indicators.spread.connectedness import _shift_apart, fit, rolling, series_of

QUICK = {"replicates": 99, "shifts": 99}


@pytest.fixture(scope="module")
def var():
    return import_module("statsmodels.tsa.api").VAR  # a second, which not every worker need wait


def months(values, names="ABCDEFGH"):
    periods = pd.period_range("2010-01", periods=len(values), freq="M")
    return pd.DataFrame(values, periods, list(names)[: np.shape(values)[1]])


def following(seed, steps=120, k=3):
    """B has its own shocks and, a month later, those of A; the others have their own."""
    shocks = np.random.default_rng(seed).poisson(9, (steps + 1, k)).astype(float)
    values = shocks[1:].copy()
    values[:, 1] += shocks[:-1, 0]
    return months(values)


def random_model(seed, k, lags):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(k, k))
    return rng.normal(scale=0.3, size=(lags, k, k)), root @ root.T + 0.1 * np.eye(k)


def test_a_series_that_repeats_another_a_month_later_owes_it_what_the_algebra_says():
    # x_t = e_t, y_t = 2 x_(t-1) + u_t: two months ahead 4 of the 5 parts of y's error come from x
    follows = np.array([[[0.0, 0.0], [2.0, 0.0]]])
    at = {ahead: generalised_shares(follows, np.eye(2), ahead) for ahead in (1, 2, 9)}
    assert at[1] == pytest.approx(100 * np.eye(2))
    assert at[2] == pytest.approx(np.array([[100, 0], [80, 20]]))
    assert at[9] == pytest.approx(at[2])


def test_feedback_over_three_months_by_hand():
    # A_1 = [[.5, .2], [.1, .4]], A_2 = A_1² = [[.27, .18], [.09, .18]], unit shocks, H = 3
    found = generalised_shares(np.array([[[0.5, 0.2], [0.1, 0.4]]]), np.eye(2), 3)
    own, other = 1 + 0.25 + 0.0729, 0.04 + 0.0324
    assert found[0] == pytest.approx(np.array([own, other]) / (own + other) * 100)
    own, other = 1 + 0.16 + 0.0324, 0.01 + 0.0081
    assert found[1] == pytest.approx(np.array([other, own]) / (own + other) * 100)


@pytest.mark.parametrize("horizon", [1, 10])
def test_shocks_that_arrive_together_are_credited_to_both(horizon):
    # with correlation r and no dynamics between them each owes the other r² / (1 + r²)
    found = generalised_shares(
        np.diag([0.8, -0.5])[None], np.array([[4.0, 1.0], [1.0, 1.0]]), horizon
    )
    assert found == pytest.approx(np.array([[80, 20], [20, 80]]))


def test_shares_before_scaling_are_cholesky_shares_with_the_sender_first(var):
    values = following(3).to_numpy()
    model = var(values).fit(2)
    found = generalised_shares(model.coefs, model.sigma_u, 7)
    first = np.empty((3, 3))
    for sender in range(3):
        order = [sender, *(at for at in range(3) if at != sender)]
        decomposed = var(values[:, order]).fit(2).fevd(7).decomp
        first[order, sender] = decomposed[:, -1, 0]
    assert found == pytest.approx(100 * first / first.sum(axis=1, keepdims=True))


@given(st.integers(0, 10**6), st.integers(2, 5), st.integers(1, 3), st.integers(1, 12))
def test_identities_hold_for_every_model(seed, k, lags, horizon):
    coefficients, covariance = random_model(seed, k, lags)
    found = generalised_shares(coefficients, covariance, horizon)
    assert (found >= 0).all()
    assert found.sum(axis=1) == pytest.approx(np.full(k, 100.0))
    assert (found.sum(axis=0) - found.sum(axis=1)).sum() == pytest.approx(0, abs=1e-9)
    order = np.random.default_rng(seed).permutation(k)
    again = generalised_shares(
        coefficients[:, order][:, :, order], covariance[order][:, order], horizon
    )
    assert again == pytest.approx(found[order][:, order])
    scale = np.exp(np.random.default_rng(seed).normal(size=k))  # units of measurement
    other = generalised_shares(
        coefficients * scale[:, None] / scale, 7 * covariance * np.outer(scale, scale), horizon
    )
    assert other == pytest.approx(found)


def test_many_fits_at_once_are_those_of_statsmodels(var):
    records = np.stack([following(seed).to_numpy() for seed in range(3)])
    for trend in ("c", "ct", "n"):
        coefficients, residuals, _ = least_squares(records, 2, trend)
        for record, matrices, left in zip(records, coefficients, residuals, strict=True):
            model = var(record).fit(2, trend=trend)
            assert matrices == pytest.approx(model.coefs, abs=1e-9)
            assert left == pytest.approx(model.resid, abs=1e-9)
    assert spectral_radius(model.coefs) == pytest.approx(1 / np.abs(model.roots).min())


def test_the_order_is_the_one_that_statsmodels_would_choose(var):
    rng = np.random.default_rng(4)
    values = rng.normal(size=(200, 2))
    for step in range(3, 200):
        values[step] += 0.6 * values[step - 3]
    series = months(values)
    for criterion in ("aic", "bic"):
        chosen = var(values).select_order(6).selected_orders[criterion]
        found = fit(series, rng=1, lags=criterion, transform="none", replicates=0, shifts=0)
        assert found.lags == chosen == 3


def test_the_table_adds_up_and_does_not_depend_on_the_order_of_the_series():
    series = following(1)
    found = fit(series, rng=1, **QUICK)
    figures = found.table.set_index(["measure", "series", "other"])["value"]
    assert found.shares.sum(axis=1).to_numpy() == pytest.approx(np.full(3, 100.0))
    assert figures["net"].sum() == pytest.approx(0, abs=1e-9)
    assert figures["from"].mean() == pytest.approx(found.total)
    assert figures["to"].sum() == pytest.approx(figures["from"].sum())
    assert figures["net", "A", ""] == pytest.approx(
        figures["net_pair", "A", "B"] + figures["net_pair", "A", "C"]
    )
    assert figures["share", "B", "A"] == pytest.approx(found.shares.loc["B", "A"])
    turned = fit(series[["C", "A", "B"]], rng=1, **QUICK)
    pd.testing.assert_frame_equal(turned.shares.loc[series.columns, series.columns], found.shares)


def test_planted_following_is_told_from_chance_and_in_its_direction():
    found = fit(following(2), rng=1, **QUICK)
    rows = found.table.set_index(["measure", "series", "other"])
    assert rows.loc[("total", "", ""), "p"] == 0.01
    assert rows.loc[("share", "B", "A"), "lower"] > rows.loc[("share", "A", "B"), "upper"]
    assert rows.loc[("net_pair", "A", "B"), "p"] == 0.02
    assert (rows["lower"] <= rows["value"]).all()
    assert (rows["value"] <= rows["upper"]).all()
    assert "beyond what chance would give" in found.sentence("en")
    assert "dépasse ce que donnerait le hasard" in found.sentence("fr")


@pytest.mark.worlds
def test_unrelated_series_are_called_connected_no_more_than_chance_allows():
    p, low = [], []
    for seed in range(40):
        values = np.random.default_rng(seed).poisson(3, (90, 3))
        found = fit(months(values), rng=seed, lags=1, **QUICK)
        p.append(found.table["p"].iloc[0])
        low.append(found.table["lower"].iloc[0])
        assert found.total > 0  # noise alone gives some
    assert np.mean(np.array(p) <= 0.05) <= 0.125  # 5 of 40 or more: p < 0.05
    assert np.mean(np.array(low) == 0) >= 0.875


def test_a_shared_season_is_chance_only_if_the_shifts_keep_it():
    rng = np.random.default_rng(1)
    rain = 10 + 8 * np.sin(np.arange(120) * 2 * np.pi / 12)
    series = months(rng.poisson(rain[:, None], (120, 3)))
    run = {keep: fit(series, rng=1, lags=1, keep=keep, **QUICK) for keep in ("nothing", "season")}
    assert run["nothing"].table["p"].iloc[0] <= 0.05
    assert run["season"].table["p"].iloc[0] > 0.2
    without = fit(series, rng=1, lags=1, deseason=True, **QUICK)
    assert without.total < run["nothing"].total / 3
    assert without.table["p"].iloc[0] > 0.05
    yearly = series.set_axis(pd.period_range("1800", periods=120, freq="Y"))
    with pytest.raises(InputError, match="expected shorter ones to take a season"):
        fit(yearly, rng=1, deseason=True)


def test_shifts_inside_quarters_keep_all_that_changes_from_quarter_to_quarter():
    values = np.arange(24.0).reshape(12, 2)
    block = np.repeat([8, 9, 12, 13], 3)
    shifted = _shift_apart(values, 200, np.random.default_rng(1), block=block)
    quarters = shifted.reshape(200, 4, 3, 2)
    assert (np.sort(quarters, axis=2) == values.reshape(4, 3, 2)).all()
    assert len(np.unique(quarters[:, 0, :, 0], axis=0)) == 3  # the three turns of three months
    step = np.diff(np.concatenate([quarters, quarters[:, :, :1]], axis=2), axis=2)
    assert ((step == 2) | (step == -4)).all()  # in order, the end before the start
    rng = np.random.default_rng(3)
    level = np.repeat(rng.gamma(2, 5, 40), 3)  # both countries rise and fall together
    series = months(rng.poisson(level[:, None], (120, 2)))
    run = {keep: fit(series, rng=1, lags=1, keep=keep, **QUICK) for keep in ("nothing", "quarters")}
    assert run["nothing"].table["p"].iloc[0] <= 0.05
    assert run["quarters"].table["p"].iloc[0] > 0.05


def test_a_rise_that_countries_share_counts_only_without_a_trend():
    values = np.random.default_rng(2).normal(size=(108, 3))
    rising = values + np.linspace(0, 8, 108)[:, None]
    run = {"transform": "none", "lags": 1, "rng": 1, **QUICK}
    apart, together = (fit(months(each), trend="ct", **run) for each in (values, rising))
    columns = ["value", "baseline", "p"]
    assert together.table[columns].to_numpy() == pytest.approx(apart.table[columns].to_numpy())
    assert together.table["p"].iloc[0] > 0.05
    assert fit(months(rising), **run).total > 5 * together.total


def test_the_same_seed_gives_the_same_table_and_inputs_stay():
    series = following(1)
    before = series.copy()
    tables = [fit(series, rng=seed, **QUICK).table for seed in (1, 1, 2)]
    pd.testing.assert_frame_equal(tables[0], tables[1])
    assert (tables[0]["upper"] != tables[2]["upper"]).any()
    pd.testing.assert_frame_equal(series, before)


def test_each_window_is_fitted_as_if_it_were_the_record():
    series = following(5, steps=70)
    found = rolling(series, rng=1, window=60, lags=2, shifts=19)
    assert len(found.table) == 11
    assert found.table["period"].iloc[[0, -1]].astype(str).tolist() == ["2014-12", "2015-10"]
    alone = fit(series.iloc[4:64], rng=1, lags=2, replicates=0, shifts=0)
    row = found.table.iloc[4]
    assert row["total"] == pytest.approx(alone.total)
    net = alone.table.loc[alone.table["measure"] == "net", "value"].tolist()
    assert row[["net_A", "net_B", "net_C"]].tolist() == pytest.approx(net)
    assert "fenêtres" in found.sentence("fr")
    assert "11 windows" in found.sentence("en")
    assert found.plot().get_ylim()[0] == 0


def test_a_window_in_which_nothing_happened_says_so():
    series = following(5, steps=60)
    series.iloc[:30, 0] = 0
    found = rolling(series, rng=1, window=30, lags=1, shifts=9)
    assert np.isnan(found.table["total"].iloc[0])
    assert "1 constant columns: ['A']" in found.table["reason"].iloc[0]
    assert found.table["total"].notna().any()
    nowhere = rolling(series.iloc[:30], rng=1, window=30, lags=1, shifts=9)
    assert nowhere.sentence("fr").startswith("Aucune fenêtre de 30 périodes")
    with pytest.raises(InputError, match="no window to draw"):
        nowhere.plot()


def test_without_draws_there_is_no_interval_and_no_baseline():
    found = fit(following(1), rng=1, replicates=0, shifts=0)
    missing = found.table[["lower", "upper", "baseline", "baseline_low", "baseline_high", "p"]]
    assert missing.isna().all().all()
    assert "interval" not in found.sentence("en")
    assert "contre" not in found.sentence("fr")


def test_the_plot_names_every_series_and_the_notebook_shows_both_languages():
    found = fit(following(1), rng=1, **QUICK)
    labels = [label.get_text() for label in found.plot().get_yticklabels()]
    assert labels[-1] == "Total"
    assert "A to others" in labels
    assert found._repr_html_().count("<p lang") == 2


def test_series_are_sums_of_units(toy_units):
    placed = pd.DataFrame(
        {
            "unit_id": ["M1", "M2", "M2", "B1"],
            "date": pd.to_datetime(["2020-01-05", "2020-01-09", "2020-03-01", "2020-02-02"]),
        },
    )
    panel = sg.count(placed, toy_units)
    by_country = series_of(panel, toy_units)
    assert by_country.to_dict("list") == {"BFA": [0, 1, 0], "MLI": [2, 0, 1], "NER": [0, 0, 0]}
    assert by_country.index.astype(str).tolist() == ["2020-01", "2020-02", "2020-03"]
    assert series_of(panel, toy_units, by="unit_id")["M2"].tolist() == [1, 0, 1]
    with pytest.raises(InputError, match="`by` is 'region', which `units` does not hold"):
        series_of(panel, toy_units, by="region")


def copies(series):
    return series.assign(B=series["A"])


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (lambda s: s[["A"]], {}, r"columns \['A'\]; expected two or more"),
        (lambda s: s.iloc[:0], {}, "has 0 periods; expected at least 8"),
        (lambda s: s.iloc[:7], {"lags": 1}, "has 7 periods; expected at least 8"),
        (lambda s: s.assign(C=0), {}, r"1 constant columns: \['C'\]"),
        (lambda s: s.assign(C=np.nan), {}, r"120 values that are missing.*\['C'\]"),
        (lambda s: s - 100, {}, "cannot be transformed"),
        (lambda s: s.assign(C=[0, 1] * 60), {"lags": 1}, r"explains without error: \['C'\]"),
        (copies, {"lags": 1}, "functions of each other"),
        (lambda s: 1.1 ** np.arange(120)[:, None] * s, {"transform": "none"}, "largest root of"),
        (lambda s: s.iloc[::2], {}, "no run of consecutive periods"),
        (lambda s: s.reset_index(drop=True), {}, "RangeIndex"),
        (lambda s: s, {"lags": "hqic"}, "`lags` is 'hqic'"),
        (lambda s: s, {"lags": 0}, "`lags` is 0"),
        (lambda s: s, {"transform": "log"}, "`transform` is 'log'"),
        (lambda s: s, {"trend": "t"}, "`trend` is 't'"),
        (lambda s: s, {"keep": "day"}, "`keep` is 'day'"),
        (lambda s: s.iloc[:100], {"keep": "season"}, "whole years"),
        (lambda s: s, {"horizon": 0}, "`horizon` 0"),
        (lambda s: s, {"shifts": -1}, "`shifts` -1"),
    ],
)
def test_series_that_carry_no_answer_are_refused(change, options, message):
    with pytest.raises(InputError, match=message):
        fit(change(following(1)), rng=1, **{**QUICK, **options})


def test_settings_of_windows_and_languages_are_checked():
    with pytest.raises(InputError, match="`window` is 5; expected between 8"):
        rolling(following(1), rng=1, window=5, lags=1)
    with pytest.raises(InputError, match="`lang` is 'de'"):
        fit(following(1), rng=1, replicates=0, shifts=0).sentence("de")
    with pytest.raises(InputError, match="`horizon` is 0"):
        generalised_shares(np.zeros((1, 2, 2)), np.eye(2), 0)
    with pytest.raises(InputError, match="have shapes"):
        generalised_shares(np.zeros((2, 2)), np.eye(2), 1)
