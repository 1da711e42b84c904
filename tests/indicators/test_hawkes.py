"""Which incidents follow which, found again where the truth is known."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import approx_fprime

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.indicators.hawkes_model import Events

RATES = [0.2, 0.3]
BRANCHING = [[0.3, 0.2], [0.05, 0.4]]


def drawn(days=6000, seed=1, branching=BRANCHING):
    return sg.hawkes.simulate(
        RATES, branching, mean_days=4, days=days, rng=seed, names=["MLI", "NER"]
    )


def likelihood_by_pairs(events, theta):
    """Sum over all pairs of events, from the definition, without the recursion."""
    rates, branching, decay = events.split(theta)
    total = -rates.sum() * events.days
    for i, (time, kind) in enumerate(zip(events.times, events.kinds, strict=True)):
        age = time - events.times
        past = age > 0
        kernel = decay * np.exp(-decay * age[past])
        total += np.log(rates[kind] + (branching[kind, events.kinds[past]] * kernel).sum())
        rest = 1 - np.exp(-decay * (events.days - time))
        total -= branching[:, events.kinds[i]].sum() * rest
    return total


def random_events(seed, ties):
    rng = np.random.default_rng(seed)
    times = np.sort(rng.uniform(0, 200, 150))
    times = np.floor(times) if ties else times
    return Events(times, rng.integers(0, 3, 150), 3, 200.0), rng.normal(-1, 0.5, 13)


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_likelihood_equals_a_sum_over_all_pairs(seed, ties):
    events, theta = random_events(seed, ties)
    expected = likelihood_by_pairs(events, theta)
    assert events.log_likelihood(theta)[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("ties", [False, True])
def test_gradient_equals_finite_differences(ties):
    events, theta = random_events(4, ties)
    numeric = approx_fprime(theta, lambda at: events.log_likelihood(at)[0], 1e-7)
    np.testing.assert_allclose(events.log_likelihood(theta)[1], numeric, rtol=1e-4, atol=1e-3)


def test_finds_the_parameters_that_made_the_incidents():
    fit = sg.hawkes.fit(drawn())
    away = (fit.table["branching"] - np.ravel(BRANCHING)) / fit.table["standard_error"]
    assert away.abs().max() < 3.5
    assert fit.table["standard_error"].max() < 0.05
    rates = (fit.background["per_day"] - RATES) / fit.background["standard_error"]
    assert rates.abs().max() < 3.5
    assert fit.mean_days == pytest.approx(4, rel=0.25)
    assert fit.spectral_radius == pytest.approx(np.linalg.eigvals(BRANCHING).max(), abs=0.1)


def test_simulation_has_the_mean_that_the_branching_matrix_implies():
    # in the long run the rates are (I - branching)^-1 background
    expected = np.linalg.solve(np.eye(2) - BRANCHING, RATES) * 6000
    numbers = np.mean(
        [drawn(seed=at)["country"].value_counts().reindex(["MLI", "NER"]) for at in range(15)],
        axis=0,
    )
    np.testing.assert_allclose(numbers, expected, rtol=0.06)
    pd.testing.assert_frame_equal(drawn(seed=3), drawn(seed=3))


def test_shares_sum_to_one_and_the_foreign_share_is_the_off_diagonal():
    fit = sg.hawkes.fit(drawn())
    shares = fit.table.groupby("target")["share"].sum() + fit.background["share"]
    np.testing.assert_allclose(shares, 1)
    numbers = fit.background["incidents"]
    off = fit.table[fit.table["target"] != fit.table["source"]].set_index("target")["share"]
    assert fit.from_others == pytest.approx((off * numbers).sum() / numbers.sum())
    assert f"{100 * fit.from_others:.1f} %" in fit.sentence("en")
    assert f"{100 * fit.from_others:.1f}".replace(".", ",") in fit.sentence("fr")


def test_residuals_accept_the_true_model_and_refuse_a_wrong_one():
    good = [sg.hawkes.fit(drawn(days=1500, seed=at)).background["residual_p"] for at in range(10)]
    assert (np.ravel(good) < 0.05).mean() <= 0.2
    # a rate that swells and falls over years is no Hawkes process with a constant background
    rng = np.random.default_rng(2)
    days = np.flatnonzero(rng.uniform(size=4000) < 0.5 * (np.arange(4000) % 200 < 20))
    date = pd.Timestamp("2010-01-01") + pd.to_timedelta(days, unit="D")
    wrong = sg.hawkes.fit(pd.DataFrame({"date": date, "country": "MLI"}))
    assert wrong.background["residual_p"].iloc[0] < 0.05


def test_a_single_type_has_no_foreign_share():
    fit = sg.hawkes.fit(drawn()[lambda frame: frame["country"] == "MLI"])
    assert np.isnan(fit.from_others)
    assert "single type" in fit.sentence("en")
    assert "Un seul type" in fit.sentence("fr")


def test_a_perfectly_periodic_record_follows_nothing():
    dates = pd.date_range("2015-01-05", periods=200, freq="7D")
    fit = sg.hawkes.fit(pd.DataFrame({"date": dates, "country": "MLI"}))
    assert fit.table["branching"].iloc[0] == 0
    assert np.isnan(fit.mean_days)
    assert fit.background["residual_p"].iloc[0] < 0.001


def test_incidents_at_the_same_time_do_not_follow_one_another():
    day = pd.DataFrame({"date": pd.Timestamp("2020-01-01"), "country": ["MLI", "NER"] * 10})
    fit = sg.hawkes.fit(day, end="2020-06-01")
    assert (fit.table["share"] < 1e-9).all()


def test_spreading_over_the_day_keeps_the_day_and_the_seed():
    dated = drawn(days=800)
    dated["date"] = dated["date"].dt.normalize()
    one, two = sg.hawkes.fit(dated, rng=5), sg.hawkes.fit(dated, rng=5)
    pd.testing.assert_frame_equal(one.table, two.table)
    assert one.log_likelihood != sg.hawkes.fit(dated).log_likelihood


def test_row_order_is_irrelevant_and_inputs_are_kept():
    given = drawn(days=800)
    kept = given.copy()
    mixed = sg.hawkes.fit(given.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(sg.hawkes.fit(given).table, mixed.table)
    pd.testing.assert_frame_equal(given, kept)


def test_rows_without_date_or_outside_are_counted():
    given = drawn(days=800)
    inside = int((given["date"] >= "2020-03-01").sum())
    more = pd.concat([given, pd.DataFrame({"date": [pd.NaT], "country": ["MLI"]})])
    fit = sg.hawkes.fit(more, start="2020-03-01")
    assert fit.left_out == len(more) - inside
    assert fit.background["incidents"].sum() == inside


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (lambda frame: frame.drop(columns="date"), {}, r"no column \['date'\]"),
        (lambda frame: frame.iloc[:0], {}, "no row with a date"),
        (lambda frame: frame, {"start": "2022-01-01", "end": "2021-01-01"}, "start before end"),
        (lambda frame: frame.iloc[:12], {}, "fewer than 10 incidents"),
        (lambda frame: frame, {"by": "actor1"}, r"no column \['actor1'\]"),
    ],
)
def test_what_cannot_be_fitted_is_refused(change, options, message):
    with pytest.raises(InputError, match=message):
        sg.hawkes.fit(change(drawn(days=800)), **options)


def test_what_cannot_be_simulated_is_refused():
    with pytest.raises(InputError, match=r"largest eigenvalue 1\.2"):
        sg.hawkes.simulate([0.1], [[1.2]], mean_days=1, days=10, rng=1)
    with pytest.raises(InputError, match="square matrix"):
        sg.hawkes.simulate([0.1, 0.2], [[0.5]], mean_days=1, days=10, rng=1)
    with pytest.raises(InputError, match="`lang` is 'de'"):
        sg.hawkes.fit(drawn(days=800)).sentence("de")


def test_plot_writes_the_branching_matrix():
    fit = sg.hawkes.fit(drawn(days=800))
    words = [text.get_text() for text in fit.plot().texts]
    assert words == [f"{value:.2f}" for value in fit.table["branching"]]
