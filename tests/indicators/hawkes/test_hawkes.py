"""Which incidents follow which, found again where the truth is known."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import chi2, expon, halfnorm

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.indicators.hawkes.likelihood import maximise, maximise_row
from sahel_geo.indicators.hawkes.model import Delay, Events, TimeModel
from sahel_geo.indicators.hawkes.profile import Profile

RATES = [0.2, 0.3]
BRANCHING = [[0.3, 0.2], [0.05, 0.4]]


def drawn(days=6000, seed=1, branching=BRANCHING):
    return sg.hawkes.simulate(
        RATES, branching, mean_days=4, days=days, rng=seed, names=["MLI", "NER"]
    )


def likelihood_by_pairs(events, delay, rates, branching):
    """Sum over all pairs of events, from the definition, without recursion or cut."""
    law = (
        expon(scale=delay.mean_days)
        if delay.kernel == "exponential"
        else halfnorm(scale=delay.mean_days * np.sqrt(np.pi / 2))
    )
    total = -rates.sum() * events.days
    for time, kind in zip(events.times, events.kinds, strict=True):
        past = events.times < time
        density = law.pdf(time - events.times[past])
        total += np.log(rates[kind] + branching[kind, events.kinds[past]] @ density)
        total -= branching[:, kind].sum() * law.cdf(events.days - time)
    return total


def random_events(seed, ties):
    rng = np.random.default_rng(seed)
    times = np.sort(rng.uniform(0, 200, 150))
    times = np.floor(times) if ties else times
    events = Events(times, rng.integers(0, 3, 150), 3, 200.0)
    return events, rng.uniform(0.1, 0.5, 3), rng.uniform(0, 0.6, (3, 3))


def model_of(events, kernel="exponential", most_days=40.0):
    return TimeModel(events, kernel, most_days, np.ones(len(events.times)), events.times)


@pytest.mark.parametrize("kernel", ["exponential", "gaussian"])
@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("seed", [1, 2])
def test_likelihood_equals_a_sum_over_all_pairs(seed, ties, kernel):
    events, rates, branching = random_events(seed, ties)
    model, at = model_of(events, kernel), np.log([7.0])
    design = model.design(at)
    parts = np.column_stack([rates, branching]) * design.exposure
    expected = likelihood_by_pairs(events, model.delay(at), rates, branching)
    assert design.log_likelihood(parts) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("kernel", ["exponential", "gaussian"])
def test_clock_of_the_process_is_the_integral_of_its_rate(kernel):
    events, rates, branching = random_events(3, ties=False)
    model, at = model_of(events, kernel), np.log([7.0])
    fine = np.linspace(0, 200, 200_001)
    law = expon(scale=7) if kernel == "exponential" else halfnorm(scale=7 * np.sqrt(np.pi / 2))
    age = fine[:, None] - events.times[events.kinds == 2]
    rate = rates[0] + branching[0, 2] * law.pdf(age).sum(axis=1)
    clock = np.concatenate([[0], np.cumsum((rate[1:] + rate[:-1]) / 2 * np.diff(fine))])
    own = events.times[events.kinds == 0]
    found = model.elapsed(at, 0, np.array([rates[0], 0, 0, branching[0, 2]]))
    np.testing.assert_allclose(found, np.interp(own, fine, clock), atol=5e-3)


def test_maximum_agrees_with_a_numerical_one_over_all_parameters():
    events, *_ = random_events(5, ties=False)
    model = model_of(events)
    best = maximise(model, model.starts(), step=0.3, precision=1e-5)
    base = np.maximum(best.parts / best.design.exposure, 1e-9)

    def cost(theta):
        values = np.exp(theta[:-1]).reshape(3, 4)
        return -likelihood_by_pairs(
            events, Delay("exponential", np.exp(theta[-1])), *parted(values)
        )

    def parted(values):
        return values[:, 0], values[:, 1:]

    start = np.append(np.log(base).ravel(), best.kernel)
    assert best.value == pytest.approx(-cost(start), abs=1e-4)
    rng = np.random.default_rng(1)
    near = [cost(start + rng.normal(0, size, 13)) for size in (1e-3, 1e-2, 0.1, 0.5) for _ in "abc"]
    assert min(near) >= -best.value - 1e-6


def em_step(row, price, part):
    return part * (row / (row @ part)[:, None]).sum(axis=0) / price


@given(st.integers(0, 10_000))
@settings(max_examples=30)
def test_newton_ends_where_expectation_maximisation_stands_still(seed):
    rng = np.random.default_rng(seed)
    size, width = rng.integers(3, 80), rng.integers(1, 6)
    row = rng.exponential(1, (size, width)) ** rng.integers(1, 5)
    row[:, 1:] *= rng.random((size, width - 1)) < rng.random()
    price = 10.0 ** rng.uniform(-4, 4, width)
    part, value = maximise_row(row, price)
    np.testing.assert_allclose(em_step(row, price, part) * price, part * price, atol=1e-3)
    for _ in range(20):  # nowhere nearby is higher
        other = np.maximum(part * rng.uniform(0, 2, width) + rng.exponential(1e-3, width), 1e-12)
        assert np.log(row @ other).sum() - price @ other <= value + 1e-6


def test_interval_ends_where_the_profile_likelihood_has_fallen_by_half_a_quantile():
    """Each end is the value at which the best of everything else falls short by 1.92."""
    events, *_ = random_events(6, ties=False)
    model = model_of(events)
    best = maximise(model, model.starts(), step=0.3, precision=1e-5)
    profile = Profile.around(model, best)

    def weigh(design):
        weights = np.zeros((3, 4))
        weights[1, 3] = 1 / design.exposure[1, 3]
        return weights

    lower, upper, p = profile.interval(weigh)

    def held(value):  # by brute force over the delay, the effect kept at a value
        tops = []
        for at in np.linspace(-3, np.log(40), 150):
            design = model.design(np.array([at]))
            fixed = value * design.rows[1][:, 3] * design.exposure[1, 3]
            free = design.rows[1][:, :3]

            def cost(theta, free=free, fixed=fixed):
                part = np.exp(theta)
                return part.sum() - np.log(free @ part + fixed).sum()

            found = minimize(cost, np.log([20, 5, 5]), method="L-BFGS-B", bounds=[(-30, 10)] * 3)
            others = [maximise_row(design.rows[row], np.ones(4))[1] for row in (0, 2)]
            tops.append(sum(others) - found.fun - value * design.exposure[1, 3])
        return max(tops)

    assert held(upper) == pytest.approx(profile.top - chi2.ppf(0.95, 1) / 2, abs=0.05)
    if lower > 0:
        assert held(lower) == pytest.approx(profile.top - chi2.ppf(0.95, 1) / 2, abs=0.05)
    else:
        assert p > 0.025
    assert chi2.sf(2 * (profile.top - held(0)), 1) / 2 == pytest.approx(p, abs=0.02)


def test_finds_the_parameters_that_made_the_incidents():
    fit = sg.hawkes.fit(drawn())
    away = (fit.table["branching"] - np.ravel(BRANCHING)) / fit.table["standard_error"]
    assert away.abs().max() < 3.5
    assert fit.table["standard_error"].max() < 0.05
    rates = (fit.background["per_day"] - RATES) / fit.background["standard_error"]
    assert rates.abs().max() < 3.5
    assert fit.mean_days == pytest.approx(4, rel=0.25)
    assert fit.kernel.loc["mean_days", "lower"] < 4 < fit.kernel.loc["mean_days", "upper"]
    assert fit.spectral_radius == pytest.approx(np.linalg.eigvals(BRANCHING).max(), abs=0.1)


def test_intervals_hold_the_truth_and_agree_with_the_errors_where_much_is_known():
    fit = sg.hawkes.fit(drawn())
    truth, table = np.ravel(BRANCHING), fit.table
    assert ((table["lower"] <= truth) & (truth <= table["upper"])).all()
    known = table[table["lower"] > 0]
    assert len(known) >= 3
    reach = 1.96 * known["standard_error"]
    np.testing.assert_allclose(known["lower"], known["branching"] - reach, atol=0.01)
    np.testing.assert_allclose(known["upper"], known["branching"] + reach, atol=0.01)
    rates = fit.background
    assert ((rates["lower"] <= RATES) & (rates["upper"] >= RATES)).all()
    assert fit.from_others_lower < fit.from_others < fit.from_others_upper
    assert fit.from_others_p < 1e-6


def test_an_effect_put_at_zero_has_an_upper_limit():
    fit = sg.hawkes.fit(drawn(days=1500, branching=[[0.3, 0.0], [0.0, 0.4]], seed=4))
    zero = fit.table[fit.table["branching"] == 0]
    assert len(zero)
    assert (zero["lower"] == 0).all()
    assert zero["upper"].between(0.001, 0.3).all()
    assert (zero["p"] == 1).all()
    assert zero["standard_error"].isna().all()


def test_no_effect_from_others_is_claimed_where_there_is_none():
    fits = [
        sg.hawkes.fit(drawn(days=800, branching=[[0.4, 0], [0, 0.3]], seed=at)) for at in range(12)
    ]
    claims = [fit for fit in fits if fit.from_others_lower > 0]
    assert len(claims) <= 2
    silent = next(fit for fit in fits if not fit.from_others_lower > 0)
    assert "do not show" in silent.sentence("en")
    assert "ne montrent pas" in silent.sentence("fr")
    assert f"at most {100 * silent.from_others_upper:.1f}%" in silent.sentence("en")


def test_gaussian_delays_are_found_again():
    made = sg.hawkes.simulate(
        RATES, BRANCHING, mean_days=4, days=6000, rng=3, kernel="gaussian", names=["MLI", "NER"]
    )
    right, wrong = sg.hawkes.fit(made, kernel="gaussian"), sg.hawkes.fit(made)
    assert right.log_likelihood > wrong.log_likelihood
    assert right.mean_days == pytest.approx(4, rel=0.15)
    truth = np.ravel(BRANCHING)
    away = (right.table["branching"] - truth) / right.table["standard_error"]
    assert away.abs().max() < 3.5


def test_a_rate_that_changes_over_years_is_background_if_asked():
    """Two unconnected countries at war in the same years: a constant background sees contagion."""
    rng = np.random.default_rng(8)
    times = rng.uniform(0, 3000, 6000)
    kept = times[rng.uniform(size=6000) < np.exp(-(((times - 1500) / 700) ** 2))]
    date = pd.Timestamp("2012-01-01") + pd.to_timedelta(kept, unit="D")
    wars = pd.DataFrame({"date": date, "country": rng.choice(["MLI", "NER"], len(kept))})
    span = {"start": "2012-01-01", "end": "2020-03-19"}
    flat, moving = sg.hawkes.fit(wars, **span), sg.hawkes.fit(wars, background_days=120, **span)
    assert flat.from_others_lower > 0.2
    assert moving.from_others_lower == 0
    assert moving.from_others < 0.1
    assert (moving.background["residual_p"] > 0.01).all()


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
    assert f"{100 * fit.from_others:.1f}%" in fit.sentence("en")
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
    assert fit.table["upper"].iloc[0] < 0.5
    assert fit.background["residual_p"].iloc[0] < 0.001


def test_incidents_at_the_same_time_do_not_follow_one_another():
    day = pd.DataFrame({"date": pd.Timestamp("2020-01-01"), "country": ["MLI", "NER"] * 10})
    for end in ("2020-06-01", None):  # None: one day is all that there is
        fit = sg.hawkes.fit(day, end=end)
        assert (fit.table["share"] < 1e-9).all()
        assert np.isfinite(fit.table["upper"]).all()


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
        (lambda frame: frame, {"kernel": "power"}, r"`kernel` is 'power'.*exponential"),
        (lambda frame: frame, {"background_days": 0}, "`background_days` is 0"),
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


def test_plot_writes_the_branching_matrix_with_its_intervals():
    fit = sg.hawkes.fit(drawn(days=800))
    words = [text.get_text() for text in fit.plot().texts]
    assert words == [
        f"{row.branching:.2f}\n{row.lower:.2f} to {row.upper:.2f}" for row in fit.table.itertuples()
    ]


def test_types_can_be_actors():
    given = drawn(days=800).rename(columns={"country": "actor1"})
    assert sg.hawkes.fit(given, by="actor1").background.index.name == "actor1"


def test_shares_can_be_propagated_through_location_error(toy_units):
    given = drawn(days=800)
    given["lon"], given["lat"] = np.where(given["country"] == "MLI", 1.9, 2.1), 11.5
    given["location_precision"] = "near"
    country = toy_units.set_index("unit_id")["country"]

    def share(placed, units):
        placed = placed.assign(country=placed["unit_id"].map(country))
        return pd.Series({"from_others": sg.hawkes.fit(placed).from_others})

    found = sg.uncertainty.propagate(share, given, toy_units, n=4, rng=1)
    assert found.table["recorded"].iloc[0] == pytest.approx(sg.hawkes.fit(given).from_others)
    assert found.table["sd"].iloc[0] > 0


@pytest.mark.parametrize("seed", range(12))
def test_estimates_lie_inside_their_intervals_where_the_likelihood_has_many_peaks(seed):
    rng = np.random.default_rng(seed)
    dates = pd.Timestamp("2012-01-01") + pd.to_timedelta(rng.integers(0, 4000, 60), "D")
    few = pd.DataFrame({"date": dates, "country": rng.choice(["BFA", "MLI", "NER"], 60)})
    few = pd.concat([few, few.head(10).assign(country="NER")])
    found = sg.hawkes.fit(few, rng=seed)
    table = found.table
    assert (table["lower"] <= table["branching"] + 1e-6).all()
    assert (table["branching"] <= table["upper"] + 1e-6).all()
    assert found.from_others_lower <= found.from_others + 1e-6
    assert found.from_others <= found.from_others_upper <= 1


def test_events_put_at_other_times_are_the_events_of_those_times():
    events, rates, branching = random_events(3, ties=False)
    model, at = model_of(events), np.log([7.0])
    times = np.random.default_rng(4).permutation(events.times)
    order = np.argsort(times)
    fresh = model_of(Events(times[order], events.kinds[order], 3, 200.0))
    parts = np.column_stack([rates, branching])
    values = [
        one.design(at).log_likelihood(parts * one.design(at).exposure)
        for one in (model.moved(times), fresh)
    ]
    assert values[0] == pytest.approx(values[1], abs=1e-9)


def independent(seed, days=1461):
    """Two countries with outbreaks of their own, and one trend and season for both."""
    rng = np.random.default_rng(seed)
    parts = []
    for country in ("MLI", "NER"):
        day = days * np.sqrt(rng.random(260))
        day = day[rng.random(260) < (1 + 0.6 * np.sin(day / 58.1)) / 1.6]
        followed = day[rng.random(len(day)) < 0.4]
        day = np.concatenate([day, followed + rng.exponential(4, len(followed))])
        parts.append(pd.DataFrame({"day": day[day < days], "country": country}))
    table = pd.concat(parts, ignore_index=True)
    table["date"] = pd.Timestamp("2015-01-01") + pd.to_timedelta(np.floor(table["day"]), "D")
    return table


SHIFTED = {"background_days": 90, "shifts": 99, "start": "2015-01-01", "end": "2019-01-01"}


@pytest.mark.worlds
def test_a_shared_season_is_not_beyond_shifted_dates_and_a_planted_link_is():
    low = 0
    for seed in range(25):
        found = sg.hawkes.fit(independent(seed), rng=seed, **{**SHIFTED, "shifts": 19})
        low += found.shifted["p"] <= 0.05
    assert low < 6  # 1.25 expected; so many once in five hundred times
    table = independent(1)
    after = table[table["country"] == "MLI"].sample(frac=0.5, random_state=1)
    later = after["date"] + pd.Timedelta(days=2)
    linked = pd.concat([table, after.assign(country="NER", date=later)])
    found = sg.hawkes.fit(linked[linked["date"] < "2019-01-01"], rng=1, **SHIFTED)
    assert found.shifted["p"] == 0.02
    assert found.shifted["value"] == pytest.approx(found.from_others, abs=1e-3)
    assert "Dates shifted by chance give" in found.sentence("en")
    assert found.sentence("fr").endswith("%\u202f: la valeur est plus grande.")


@pytest.mark.worlds
def test_beside_one_large_type_small_ones_are_seldom_called_linked():
    """Thirty worlds; with a background of what seemed to follow nothing 8 of these were."""
    low, sizes = 0, [400, 60, 15]
    for seed in range(30):
        day = np.random.default_rng(seed).integers(0, 1461, sum(sizes))
        date = pd.Timestamp("2017-01-01") + pd.to_timedelta(day, "D")
        table = pd.DataFrame({"date": date, "country": np.repeat(list("ABC"), sizes)})
        found = sg.hawkes.fit(table, background_days=90, shifts=39, rng=seed)
        low += found.shifted["p"] <= 0.05
    assert low <= 4  # 1.5 expected; 5 or more would have a chance of about 0.016


def test_shifts_need_a_seed_and_two_types():
    with pytest.raises(InputError, match=r"`shifts` is 9 and `rng` None"):
        sg.hawkes.fit(drawn(days=400), shifts=9)
    alone = drawn(days=1500).query("country == 'MLI'")
    assert sg.hawkes.fit(alone, shifts=9, rng=1).shifted is None
    assert sg.hawkes.fit(drawn(days=400), rng=1).shifted is None
