"""Marks, covariates of the background and a window, found again where the truth is known."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.crs import EQUAL_AREA
from sahel_geo.errors import CrsError, InputError
from sahel_geo.indicators.hawkes.covariates import Steps
from sahel_geo.indicators.hawkes.model import Events, TimeModel
from sahel_geo.indicators.hawkes.window import Window

RATES = [0.2, 0.3]
BRANCHING = [[0.3, 0.1], [0.0, 0.4]]
TOLLS = [0, 0, 1, 2, 5, 12, 40]


def drawn(seed=1, days=5000, **options):
    return sg.hawkes.simulate(
        RATES, BRANCHING, mean_days=4, days=days, rng=seed, names=["MLI", "NER"], **options
    )


def holds(row, truth):
    return row["lower"] <= truth <= row["upper"]


@pytest.mark.parametrize("kernel", ["exponential", "gaussian"])
def test_the_likelihood_with_marks_and_a_window_is_a_sum_over_all_pairs(kernel):
    rng = np.random.default_rng(4)
    times, kinds = np.sort(rng.uniform(0, 200, 150)), rng.integers(0, 2, 150)
    marks, rates, branching = rng.poisson(3, 150), np.array([0.3, 0.2]), rng.uniform(0, 0.5, (2, 2))
    events = Events(times, kinds, 2, 200.0)
    shape, passed = 1 + 0.5 * np.sin(times), times
    model = TimeModel(
        events, kernel, 40.0, shape, passed, window_days=9.0, doublings=np.log2(1 + marks)
    )
    at = np.log([7.0, 1.4])
    design = model.design(at)
    found = design.log_likelihood(np.column_stack([rates, branching]) * design.exposure)
    weight = 1.4 ** np.log2(1 + marks)
    for kind in (0, 1):
        weight[kinds == kind] /= weight[kinds == kind].mean()
    fine = np.linspace(0, 9, 90_001)
    law = np.exp(-fine / 7) if kernel == "exponential" else np.exp(-(fine**2) / (49 * np.pi))
    law /= np.trapezoid(law, fine)
    below = np.r_[0, np.cumsum((law[1:] + law[:-1]) / 2 * np.diff(fine))]
    total = -rates.sum() * 200
    for i, (time, kind) in enumerate(zip(times, kinds, strict=True)):
        past = (times < time) & (times >= time - 9)
        follows = branching[kind, kinds[past]] * weight[past]
        total += np.log(rates[kind] * shape[i] + follows @ np.interp(time - times[past], fine, law))
        total -= branching[:, kind].sum() * weight[i] * np.interp(200 - time, fine, below)
    assert found == pytest.approx(total, rel=1e-6)


@pytest.mark.parametrize("factor", [0.8, 1.0, 1.6])
def test_finds_by_how_much_deadlier_incidents_are_followed(factor):
    incidents = drawn(marks=TOLLS, mark_factor=factor)
    found = sg.hawkes.fit(incidents, marks="mark")
    assert holds(found.kernel.loc["mark_factor"], factor)
    assert found.kernel.loc["mark_factor", "upper"] - factor < 0.4
    assert holds(found.kernel.loc["mean_days"], 4)
    truth = np.ravel(BRANCHING)
    inside = (found.table["lower"] <= truth) & (truth <= found.table["upper"])
    assert inside.sum() >= 3
    plain = sg.hawkes.fit(incidents)
    gained = found.log_likelihood - plain.log_likelihood
    assert gained > -1e-3
    assert (gained > 3) == (factor != 1.0)


def test_finds_where_the_window_ends_what_follows():
    incidents = drawn(window_days=6.0, seed=2)
    logs = {
        days: sg.hawkes.fit(incidents, window_days=days).log_likelihood for days in (2.0, 6.0, 60.0)
    }
    assert logs[6.0] == max(logs.values())
    found = sg.hawkes.fit(incidents, window_days=6.0)
    truth = np.ravel(BRANCHING)
    assert ((found.table["lower"] <= truth) & (truth <= found.table["upper"])).sum() >= 3
    whole = sg.hawkes.fit(incidents, window_days=1e6)
    assert whole.log_likelihood == pytest.approx(sg.hawkes.fit(incidents).log_likelihood, abs=1e-3)


def months(days, seed=7):
    date = pd.date_range("2020-01-01", periods=days // 30 + 1, freq="30D")
    return pd.DataFrame({"date": date, "rain": np.random.default_rng(seed).normal(size=len(date))})


def test_finds_what_covariates_do_to_the_background():
    rain = months(5000)
    steps = Steps.of(rain, pd.Timestamp("2020-01-01"), 5000.0)

    def rate(times):
        shape = steps.at(times, np.array([0.0, np.log(1.8)]))[0]
        return shape / shape.max()

    incidents = drawn(seed=3, rate=rate)
    found = sg.hawkes.fit(incidents, covariates=rain, start="2020-01-01")
    assert found.covariates["country"].tolist() == ["MLI", "NER"]
    assert (found.covariates["lower"] < 1.8).all()
    assert (found.covariates["upper"] > 1.8).all()
    assert (found.covariates["lower"] > 1.2).all()
    without = sg.hawkes.fit(incidents, start="2020-01-01")
    assert found.log_likelihood > without.log_likelihood + 20
    assert (found.background["residual_p"] > 0.01).all()
    none = sg.hawkes.fit(drawn(seed=5), covariates=rain, start="2020-01-01")
    assert ((none.covariates["lower"] < 1) & (none.covariates["upper"] > 1)).all()


def test_the_clock_of_a_background_with_covariates_ends_with_the_time():
    steps = Steps.of(months(300), pd.Timestamp("2020-01-10"), 250.0)
    times = np.linspace(0, 250, 50_001)
    shape, passed = steps.at(times, np.array([0.0, 0.7]))
    assert passed[-1] == pytest.approx(250)
    rough = np.r_[0, np.cumsum((shape[1:] + shape[:-1]) / 2 * np.diff(times))]
    np.testing.assert_allclose(passed, rough, atol=0.02)


def test_marks_and_covariates_go_with_shifted_dates():
    found = sg.hawkes.fit(
        drawn(days=1500, marks=TOLLS), marks="mark", covariates=months(1500), start="2020-01-01",
        window_days=30, shifts=9, rng=1,
    )  # fmt: skip
    assert 0 < found.shifted["p"] <= 1
    assert found.shifted["low"] <= found.shifted["high"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window_days": 0}, "`window_days` is 0"),
        ({"marks": "tolls"}, "`marks` is 'tolls', which `incidents` has not"),
        ({"marks": "mark"}, "`marks` 'mark' is missing, infinite or negative in 1 rows"),
        ({"covariates": months(300), "background_days": 90}, "`covariates` and `background_days`"),
        ({"covariates": months(300).drop(columns="rain")}, "`covariates` has the columns"),
        ({"covariates": months(300).iloc[3:]}, "`covariates` begins"),
        ({"covariates": months(300).assign(rain=1.0)}, "a column that never changes"),
    ],
)
def test_what_cannot_be_used_is_refused(options, message):
    incidents = drawn(days=300, marks=TOLLS)
    incidents.loc[3, "mark"] = -1
    with pytest.raises(InputError, match=message):
        sg.hawkes.fit(incidents, start="2020-01-01", **options)
    with pytest.raises(InputError, match="`marks` has 1 of 2 that are missing or negative"):
        drawn(marks=[1, -1])


def test_a_search_that_ends_at_its_bound_says_so(toy_units):
    """What reaches farther than the background may, or as near as places are told apart."""
    rng = np.random.default_rng(6)
    number = 60
    first = pd.DataFrame(
        {"lon": rng.uniform(0.2, 2.8, number), "lat": rng.uniform(10.2, 11.8, number)}
    )
    day = rng.uniform(0, 900, number)
    near = first + rng.normal(0, 0.005, (number, 2))
    table = pd.concat([first, near], ignore_index=True)
    when = np.r_[day, day + rng.exponential(2, number)]
    table["date"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(when, "D")
    table["country"] = "all"
    window = toy_units.drop(columns="country")
    found = sg.hawkes.fit_spatial(table, window=window, least_km=5)
    assert found.kernel["at_bound"].to_dict() == {"mean_days": False, "sigma_km": True}
    assert found.kernel.loc["sigma_km", "estimate"] == pytest.approx(5, rel=0.02)
    free = sg.hawkes.fit(drawn(days=2000))
    assert not free.kernel["at_bound"].any()
    assert "end of the range" not in free.sentence("en")
    pair = replace(free, kernel=free.kernel.assign(at_bound=True))
    assert "`mean_days` stopped at the end of the range allowed" in pair.sentence("en")
    assert "`mean_days`" in pair.sentence("fr")


def test_a_window_in_the_equal_area_system_is_that_in_degrees(toy_units, tmp_path):
    """Also under the name that a file gives the system."""
    plane = toy_units.to_crs(EQUAL_AREA)
    plane.to_file(tmp_path / "plane.gpkg")
    read = gpd.read_file(tmp_path / "plane.gpkg")
    places = np.random.default_rng(1).uniform([0.1, 10.1], [2.9, 11.9], (60, 2))
    incidents = pd.DataFrame(places, columns=["lon", "lat"]).assign(actor1=["A", "B"] * 30)
    names = pd.Index(["all"])
    areas = [Window.of(each, names, "by").areas_km2 for each in (toy_units, plane, read)]
    np.testing.assert_allclose(areas[1:], [areas[0]] * 2, rtol=1e-9)
    tables = [
        sg.k_functions.cross_k(
            incidents, each, null="labels", distances_km=[20], permutations=9, rng=1
        ).table
        for each in (toy_units, plane, read)
    ]
    pd.testing.assert_frame_equal(tables[0], tables[1])
    pd.testing.assert_frame_equal(tables[0], tables[2])
    surfaces = [
        sg.density.kernel_density(incidents, bandwidth_km=30, cell_km=20, edge=each).values
        for each in (toy_units, read)
    ]
    np.testing.assert_allclose(surfaces[0], surfaces[1], rtol=2e-2, atol=1e-6)
    with pytest.raises(CrsError, match="expected EPSG:4326"):
        Window.of(toy_units.to_crs(32630), names, "by")
