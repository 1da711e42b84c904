"""Which incidents follow which nearby, found again where the truth is known."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from scipy.stats import multivariate_normal

import sahel_geo as sg
from sahel_geo.crs import EQUAL_AREA
from sahel_geo.errors import CrsError, InputError
from sahel_geo.indicators.hawkes.background import Smoother, passed, share_of_time
from sahel_geo.indicators.hawkes.likelihood import maximise
from sahel_geo.indicators.hawkes.model import Events
from sahel_geo.indicators.hawkes.spatial import PlaceModel
from sahel_geo.indicators.hawkes.window import Window

BRANCHING = [[0.3, 0.2], [0.1, 0.4]]


def box(*bounds, **columns):
    return gpd.GeoDataFrame({key: [value] for key, value in columns.items()},
                            geometry=[shapely.box(*bounds)], crs=4326)  # fmt: skip


SQUARE = box(0, 12, 4, 16)
HALVES = pd.concat([box(0, 12, 2, 16, country="MLI"), box(2, 12, 4, 16, country="NER")])


def drawn(window=SQUARE, seed=1, days=1500, branching=BRANCHING, **options):
    names = ["MLI", "NER"]
    return sg.hawkes.simulate_spatial(
        [0.2, 0.2], branching, mean_days=4, sigma_km=15, days=days, window=window, rng=seed,
        names=names, **options,
    )  # fmt: skip


def small_model(seed=1, kernel="exponential", size=120):
    """A hundred events in a square of 200 km, observed in two halves."""
    rng = np.random.default_rng(seed)
    x, y, kinds = rng.uniform(0, 200, size), rng.uniform(0, 200, size), rng.integers(0, 2, size)
    x = np.where(kinds == 0, x / 2, 100 + x / 2)
    events = Events(np.sort(np.floor(rng.uniform(0, 300, size))), kinds, 2, 300.0)
    area = Window((shapely.box(0, 0, 100, 200), shapely.box(100, 0, 200, 200)))
    background = rng.uniform(0.5, 2, size) / 20_000
    return PlaceModel(
        events, kernel, 60.0, background, events.times, x, y, area.shares(x, y), (2.0, 100.0)
    ), area


def density_by_pairs(model, at):
    """Sum the kernels over all pairs, from the definition, without cells or cut."""
    delay, sigma = model.delay(at), model.sigma_km(at)
    events = model.events
    i, j = np.nonzero(events.times[:, None] > events.times)
    age = events.times[i] - events.times[j]
    if delay.kernel == "exponential":
        in_time = np.exp(-age / delay.mean_days) / delay.mean_days
    else:
        spread = delay.mean_days * np.sqrt(np.pi / 2)
        in_time = 2 * np.exp(-((age / spread) ** 2) / 2) / (spread * np.sqrt(2 * np.pi))
    away = np.column_stack([model.x[i] - model.x[j], model.y[i] - model.y[j]])
    in_space = multivariate_normal.pdf(away, [0, 0], sigma**2)
    sums = np.zeros((len(model.x), events.count))
    np.add.at(sums, (i, events.kinds[j]), in_time * in_space)
    return sums


@pytest.mark.parametrize("kernel", ["exponential", "gaussian"])
def test_likelihood_equals_a_sum_over_all_pairs(kernel):
    model, area = small_model(kernel=kernel, size=60)
    at, rng = np.log([6.0, 20.0]), np.random.default_rng(2)
    rates, branching = rng.uniform(0.1, 0.3, 2), rng.uniform(0, 0.8, (2, 2))
    events, sums = model.events, density_by_pairs(model, at)
    found = model.sums([model.delay(at)], 20.0, np.ones((60, 1)))[0]
    np.testing.assert_allclose(found, sums, atol=1e-7 * sums.max())
    rate = rates[events.kinds] * model.background + (branching[events.kinds] * sums).sum(axis=1)
    expected = np.log(rate).sum() - rates.sum() * 300
    reached = model.delay(at).reached(300 - events.times)
    for target, shape in enumerate(area.shapes):
        west, south, east, north = shape.bounds
        for j, kind in enumerate(events.kinds):
            law = multivariate_normal([model.x[j], model.y[j]], 20.0**2)
            inside = law.cdf([east, north], lower_limit=[west, south])
            expected -= branching[target, kind] * reached[j] * inside
    design = model.design(at)
    parts = np.column_stack([rates, branching]) * design.exposure
    assert design.log_likelihood(parts) == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("kernel", ["exponential", "gaussian"])
def test_marks_and_a_window_change_the_sum_over_all_pairs_as_they_should(kernel):
    """Each pair counts by the weight of the earlier one, and not at all beyond the window."""
    model, _ = small_model(kernel=kernel, size=60)
    doublings = np.random.default_rng(4).uniform(0, 3, 60)
    marked = replace(model, window_days=9.0, doublings=doublings)
    at = np.log([6.0, 20.0, 1.7])
    weights = marked.weights(at)
    raw = 1.7**doublings
    kinds = model.events.kinds
    np.testing.assert_allclose(
        weights, [w / raw[kinds == k].mean() for w, k in zip(raw, kinds, strict=True)]
    )
    delay, expected = marked.delay(at), np.zeros((60, 2))
    for source in range(60):
        alone = replace(model.events, kinds=np.where(np.arange(60) == source, 0, 1))
        single = density_by_pairs(replace(model, events=alone), at[:2])[:, 0] / delay.kept
        age = model.events.times - model.events.times[source]
        expected[:, kinds[source]] += weights[source] * np.where(age <= 9.0, single, 0.0)
    found = marked.sums([delay], 20.0, weights[:, None])[0]
    np.testing.assert_allclose(found, expected, atol=1e-7 * expected.max())
    one, other = replace(model, doublings=np.full(60, 1.5)).design(at), model.design(at[:2])
    np.testing.assert_allclose(one.exposure, other.exposure)  # equal marks are none
    np.testing.assert_allclose(np.vstack(one.rows), np.vstack(other.rows))


def marked_record(factor, seed, size=700, days=2000.0):
    """Incidents of which each is followed by 0.4 others on average, more by those of high tolls."""
    rng = np.random.default_rng(seed)
    place, day = rng.uniform(-250, 250, (size, 2)), rng.uniform(0, days, size)
    parts, toll = [], rng.choice([0, 1, 3, 7], size)
    while len(day):
        parts.append(np.column_stack([place, day, toll]))
        mean = 0.4 * factor ** np.log2(1 + toll) / np.mean(factor ** np.arange(4.0))
        source = np.repeat(np.arange(len(day)), rng.poisson(mean))
        place = place[source] + rng.normal(0, 12, (len(source), 2))
        day = day[source] + rng.exponential(5, len(source))
        toll = rng.choice([0, 1, 3, 7], len(source))
    whole = np.vstack(parts)
    whole = whole[(np.abs(whole[:, :2]) < 250).all(axis=1) & (whole[:, 2] < days)]
    points = gpd.GeoSeries.from_xy(*(whole[:, :2].T * 1e3), crs=EQUAL_AREA).to_crs(4326)
    date = pd.Timestamp("2015-01-01") + pd.to_timedelta(whole[:, 2], "D")
    return pd.DataFrame(
        {"lon": points.x, "lat": points.y, "date": date, "country": "A", "dead": whole[:, 3]}
    )


@pytest.mark.parametrize("factor", [1.0, 1.8])
def test_what_follows_deadlier_incidents_nearby_is_found_again(factor):
    given = marked_record(factor, seed=5)
    found = sg.hawkes.fit_spatial(given, marks="dead", background_km=150)
    row = found.kernel.loc["mark_factor"]
    assert row["lower"] < factor < row["upper"]
    assert (row["lower"] > 1) == (factor > 1)
    assert found.table["branching"].iloc[0] == pytest.approx(0.4, abs=0.12)
    assert found.kernel.loc["sigma_km", "estimate"] == pytest.approx(12, rel=0.2)
    with pytest.raises(InputError, match="`marks` is 'toll', which `incidents` has not"):
        sg.hawkes.fit_spatial(given, marks="toll")
    with pytest.raises(InputError, match="`window_days` is 0; expected more than 0"):
        sg.hawkes.fit_spatial(given, window_days=0)


def test_kernels_evaluated_together_are_those_evaluated_one_by_one():
    model, _ = small_model(size=60)
    marked = replace(model, doublings=np.random.default_rng(4).uniform(0, 3, 60))
    kernels = [np.log(at) for at in ([6, 20, 1.2], [2, 40, 0.8], [9, 20, 1.2], [1, 20, 0.7])]
    for kernel, design in zip(kernels, marked.designs(kernels), strict=True):
        single = marked.design(kernel)
        np.testing.assert_allclose(design.table, single.table, rtol=1e-12)
        np.testing.assert_allclose(design.exposure, single.exposure, rtol=1e-12)


def test_truncation_error_bounds_what_the_cut_leaves_out():
    model, _ = small_model()
    best = maximise(model, model.starts(), step=0.3, precision=1e-2)
    delay, sigma = model.delay(best.kernel), model.sigma_km(best.kernel)
    whole = density_by_pairs(model, best.kernel)
    near = model.sums([delay], sigma, np.ones((len(model.x), 1)))[0]
    missed = 0.0
    for kind, own in enumerate(model.events.members):
        natural = best.parts[kind, 1:] / best.design.exposure[kind, 1:]
        background = best.design.rows[kind][:, 0] * best.parts[kind, 0]
        kept = background + near[own] @ natural
        missed += np.log((background + whole[own] @ natural) / kept).sum()
    assert 0 <= missed <= model.truncation_error(best) + 1e-9
    assert model.truncation_error(best) < 0.01


def test_shares_inside_equal_the_mass_of_a_gaussian_in_a_rectangle():
    area = Window((shapely.box(0, 0, 300, 200), shapely.box(300, 0, 400, 200)))
    rng = np.random.default_rng(3)
    x, y = rng.uniform(0, 400, 40), rng.uniform(0, 200, 40)
    shares = area.shares(x, y)
    for sigma in (5.0, 17.0, 60.0, 150.0):
        found = shares.at(sigma)
        for kind, shape in enumerate(area.shapes):
            west, south, east, north = shape.bounds
            exact = [
                multivariate_normal(at, sigma**2).cdf([east, north], lower_limit=[west, south])
                for at in zip(x, y, strict=True)
            ]
            np.testing.assert_allclose(found[kind], exact, atol=0.02)


@pytest.mark.parametrize("width_days", [None, 40.0])
def test_background_leaves_each_incident_out_and_keeps_its_integral(width_days):
    rng = np.random.default_rng(4)
    place, times, weights = rng.uniform(0, 300, (2, 80)), rng.uniform(0, 200, 80), rng.random(80)
    area = Window((shapely.box(0, 0, 300, 300),))
    inside = area.shares(*place).at(30.0)[0]
    axes, widths, days = list(place), [30.0, 30.0], 1.0
    if width_days:
        inside = inside * share_of_time(times, 200, width_days)
        axes, widths, days = [*axes, times], [*widths, width_days], 200.0
    smoother = Smoother.of(axes, widths, inside, 90_000 * days, days)
    at = np.column_stack(axes)
    kernels = [
        multivariate_normal.pdf(at, mean=mean, cov=np.square(widths)) / share
        for mean, share in zip(at, inside, strict=True)
    ]
    counted = np.array(kernels) * weights[:, None]
    np.fill_diagonal(counted, 0)
    exact = (counted.sum(axis=0) + 1 / (90_000 * days)) / (weights.sum() - weights + 1) * days
    np.testing.assert_allclose(smoother.background(weights), exact, rtol=0.03)


def test_background_clock_ends_with_the_time():
    rng = np.random.default_rng(5)
    times = np.append(np.sort(rng.uniform(0, 500, 60)), 500.0)
    clock = passed(times, rng.random(61), 500, 50)
    assert (np.diff(clock) > 0).all()
    assert clock[-1] == pytest.approx(500)


@pytest.mark.parametrize("kernel", ["exponential", "gaussian"])
def test_finds_the_parameters_that_made_the_incidents(kernel):
    fit = sg.hawkes.fit_spatial(drawn(kernel=kernel), window=SQUARE, kernel=kernel)
    truth = np.ravel(BRANCHING) * fit.table["inside"]
    away = (fit.table["branching"] - truth) / fit.table["standard_error"]
    assert away.abs().max() < 3.5
    assert fit.table["standard_error"].max() < 0.06
    assert ((fit.table["lower"] <= truth) & (truth <= fit.table["upper"])).sum() >= 3
    assert fit.sigma_km == pytest.approx(15, rel=0.1)
    assert fit.mean_days == pytest.approx(4, rel=0.15)
    assert fit.background["per_day"].between(0.16, 0.24).all()
    assert (fit.background["residual_p"] > 0.01).all()
    assert fit.truncation_error < 0.1


def test_what_falls_across_the_border_is_found_in_halves():
    """Each country's incidents stay inside it; most of what crosses is lost, and counted so."""
    fit = sg.hawkes.fit_spatial(drawn(HALVES, days=3000), window=HALVES)
    across = fit.table[fit.table["target"] != fit.table["source"]]
    assert (across["inside"] < 0.1).all()
    truth = np.array([0.2, 0.1]) * across["inside"]
    assert ((across["lower"] <= truth) & (truth <= across["upper"])).all()
    home = fit.table[fit.table["target"] == fit.table["source"]]
    assert ((home["branching"] / home["inside"]) - [0.3, 0.4]).abs().max() < 0.08


def test_distance_tells_what_time_alone_takes_for_contagion():
    """Two countries that flare up in the same weeks, far apart: in space nothing crosses."""
    rng = np.random.default_rng(6)
    weeks = np.repeat(rng.uniform(0, 1500, 60), 12)
    date = pd.Timestamp("2015-01-01") + pd.to_timedelta(weeks + rng.exponential(4, 720), unit="D")
    country = rng.choice(["MLI", "NER"], 720)
    lon = np.where(country == "MLI", 0.5, 3.5) + rng.uniform(-0.4, 0.4, 720)
    table = pd.DataFrame(
        {"date": date, "country": country, "lon": lon, "lat": rng.uniform(13, 15, 720)}
    )
    assert sg.hawkes.fit(table).from_others_lower > 0.1
    assert sg.hawkes.fit_spatial(table).from_others_upper < 0.05


def test_simulation_keeps_to_the_window_and_the_seed():
    table = drawn(HALVES, days=400)
    for country, own in table.groupby("country"):
        shape = HALVES.loc[HALVES["country"] == country].geometry.union_all()
        assert shapely.intersects_xy(shape.buffer(0.02), own["lon"], own["lat"]).all()
    assert table["date"].is_monotonic_increasing
    pd.testing.assert_frame_equal(table, drawn(HALVES, days=400))
    assert sorted(drawn(HALVES)["country"].unique()) == ["MLI", "NER"]


def test_simulation_has_the_mean_that_the_branching_matrix_implies():
    wide = box(-8, 4, 12, 24)  # so wide that little falls outside
    expected = np.linalg.solve(np.eye(2) - BRANCHING, [0.2, 0.2]).sum() * 1500
    numbers = [len(drawn(wide, seed=at)) for at in range(10)]
    assert np.mean(numbers) == pytest.approx(expected, rel=0.06)


def test_row_order_is_irrelevant_and_inputs_are_kept():
    given, land = drawn(days=500), SQUARE.copy()
    kept = given.copy()
    one = sg.hawkes.fit_spatial(given, window=land)
    mixed = sg.hawkes.fit_spatial(given.sample(frac=1, random_state=1), window=land)
    pd.testing.assert_frame_equal(one.table, mixed.table)
    pd.testing.assert_frame_equal(given, kept)
    assert land.equals(SQUARE)


def test_rows_without_place_or_outside_the_window_are_counted():
    given = drawn(days=500)
    given.loc[:2, "lon"] = np.nan
    given.loc[3, "lat"] = 30.0
    assert sg.hawkes.fit_spatial(given, window=SQUARE).left_out == 4


def test_a_single_type_has_no_foreign_share():
    own = drawn(days=800)[lambda frame: frame["country"] == "MLI"]
    fit = sg.hawkes.fit_spatial(own, window=SQUARE)
    assert np.isnan(fit.from_others)
    assert "Un seul type" in fit.sentence("fr")


def test_places_that_repeat_keep_the_reach_from_falling_to_nothing():
    given = drawn(days=500).assign(lon=lambda t: t["lon"].round(), lat=lambda t: t["lat"].round())
    fit = sg.hawkes.fit_spatial(given, least_km=8)
    assert fit.sigma_km == pytest.approx(8, rel=0.01)
    assert np.isfinite(fit.table["upper"]).all()


def test_a_background_that_moves_is_no_contagion():
    """Two unconnected wars that drift east: smoothed in time, they leave nothing to follow."""
    rng = np.random.default_rng(9)
    times = np.sort(rng.uniform(0, 2000, 800))
    table = pd.DataFrame(
        {
            "date": pd.Timestamp("2012-01-01") + pd.to_timedelta(times, unit="D"),
            "country": rng.choice(["MLI", "NER"], 800),
            "lon": times / 500 + rng.normal(0, 1.2, 800),
            "lat": 14 + rng.normal(0, 1.2, 800),
        }
    )
    flat = sg.hawkes.fit_spatial(table)
    moving = sg.hawkes.fit_spatial(table, background_km=60, background_days=200)
    assert flat.from_others_lower > 0.2
    assert moving.from_others_upper < flat.from_others_lower


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (lambda frame: frame.drop(columns="lon"), {}, r"no column \['lon'\]"),
        (lambda frame: frame.assign(lon=1.0, lat=13.0), {}, "span 0 km.*four times"),
        (lambda frame: frame, {"background_km": 0}, "`background_km` is 0"),
        (lambda frame: frame, {"least_km": 0}, "`least_km` 0"),
        (lambda frame: frame, {"background_days": -1}, "`background_days` is -1"),
        (lambda frame: frame, {"kernel": "power"}, "`kernel` is 'power'"),
        (lambda frame: frame, {"window": HALVES.iloc[:1]}, r"no polygon for 1.*\['NER'\]"),
        (lambda frame: frame, {"window": box(20, 12, 24, 16)}, "fewer than 10 incidents"),
        (lambda frame: frame, {"background_km": 0.05, "background_days": 1}, "grid of .* cells"),
    ],
)
def test_what_cannot_be_fitted_is_refused(change, options, message):
    with pytest.raises(InputError, match=message):
        sg.hawkes.fit_spatial(change(drawn(days=200)), **options)


def test_a_window_needs_degrees():
    with pytest.raises(CrsError, match="`window`"):
        sg.hawkes.fit_spatial(drawn(days=200), window=SQUARE.to_crs(3857))


def test_what_cannot_be_simulated_is_refused():
    with pytest.raises(InputError, match="largest eigenvalue"):
        drawn(branching=[[1.1, 0], [0, 0.1]])
    with pytest.raises(InputError, match="no polygon"):
        drawn(HALVES.iloc[:1])


def test_result_is_shown_and_quoted():
    fit = sg.hawkes.fit_spatial(drawn(days=800), window=SQUARE)
    assert f"{100 * fit.from_others:.1f}%" in fit.sentence("en")
    assert len(fit.plot().texts) == 4
    assert "<table" in fit._repr_html_()


def test_shares_can_be_propagated_through_location_error(toy_units):
    given = drawn(box(1.2, 10.2, 2.8, 11.8), days=300).assign(location_precision="near")

    def share(placed, units):
        fit = sg.hawkes.fit_spatial(placed, window=units.drop(columns="country"))
        return pd.Series({"from_others": fit.from_others, "sigma_km": fit.sigma_km})

    found = sg.uncertainty.propagate(share, given, toy_units, n=3, rng=1)
    assert found.table.loc["sigma_km", "low"] > found.table.loc["sigma_km", "recorded"]
    assert found.table["sd"].gt(0).all()


def test_a_gain_that_is_nothing_but_rounding_is_no_link():
    """Two types that never come near each other: every shift gains as much, nothing."""
    rng = np.random.default_rng(3)
    size = 60
    given = pd.DataFrame(
        {
            "date": pd.Timestamp("2020-01-01")
            + pd.to_timedelta(rng.integers(0, 700, 2 * size), "D"),
            "lon": np.repeat([1.3, 2.7], size) + rng.normal(0, 0.03, 2 * size),
            "lat": 11 + rng.normal(0, 0.03, 2 * size),
            "country": np.repeat(["A", "B"], size),
        }
    )
    found = [
        sg.hawkes.fit_spatial(given, background_days=90, shifts=19, rng=seed).shifted["p"]
        for seed in range(3)
    ]
    assert found == [1.0, 1.0, 1.0]


@pytest.mark.reference
def test_share_from_abroad_in_the_central_sahel_depends_on_the_background(reference_data):
    table = pd.read_csv(reference_data / "ucdp" / "ged211_mli_ner_bfa_prec12_reduced.csv")
    table["date"] = pd.to_datetime(table[["year", "month", "day"]])
    table = table[table["year"] >= 2012].rename(columns={"longitude": "lon", "latitude": "lat"})
    span = {"start": "2012-01-01", "end": "2021-01-01", "rng": 1}
    flat = sg.hawkes.fit(table, **span)
    yearly = sg.hawkes.fit(table, background_days=365, **span)
    assert flat.from_others_lower > 0.03
    assert (flat.background["residual_p"] < 0.05).all()
    assert yearly.from_others_lower == 0
    assert (yearly.background["residual_p"] > 0.05).all()
