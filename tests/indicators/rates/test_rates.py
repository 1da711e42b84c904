"""Exact intervals, smoothed rates, and people from a table or a raster."""

import esda.smoothing
import numpy as np
import pandas as pd
import pytest
import rasterio
from affine import Affine
from scipy import stats

import sahel_geo as sg
from sahel_geo.errors import InputError


def panel(units, counts):
    return pd.DataFrame(
        {
            "unit_id": units["unit_id"],
            "period": pd.PeriodIndex(["2023"] * len(units), freq="Y"),
            "incidents": counts,
        },
    )


@pytest.mark.parametrize("count", [1, 4, 25, 1000])
def test_limits_are_where_the_tails_hold_the_rest(count):
    low, high = sg.rates.poisson_interval([count], level=0.9)
    assert stats.poisson.sf(count - 1, low[0]) == pytest.approx(0.05)
    assert stats.poisson.cdf(count, high[0]) == pytest.approx(0.05)


def test_no_incident_is_not_no_risk():
    low, high = sg.rates.poisson_interval([0])
    assert low[0] == 0
    assert high[0] == pytest.approx(-np.log(0.025))


def test_smoothed_rates_equal_those_of_esda():
    rng = np.random.default_rng(1)
    people = rng.integers(500, 90_000, 60).astype(float)
    events = rng.poisson(people * rng.gamma(2, 1e-3, 60)).astype(float)
    theirs = esda.smoothing.Empirical_Bayes(events, people).r
    np.testing.assert_allclose(sg.rates.empirical_bayes(events, people), np.ravel(theirs))


def test_smoothing_falls_back_on_the_rate_of_all():
    even = sg.rates.empirical_bayes([1, 1, 1], [100, 100, 100])
    assert even.tolist() == pytest.approx([0.01] * 3)
    assert sg.rates.empirical_bayes([5], [100]).tolist() == [0.05]
    assert sg.rates.empirical_bayes([0, 0], [100, 900]).tolist() == [0, 0]
    assert np.isnan(sg.rates.empirical_bayes([1, 2], [np.nan, np.nan])).all()
    mixed = sg.rates.empirical_bayes([1, 2], [100, np.nan])
    assert mixed[0] == 0.01
    assert np.isnan(mixed[1])


def test_rates_per_person_by_hand(toy_units):
    people = pd.Series({"M1": 100_000, "M2": 200_000, "N1": 50_000, "N2": 1000, "B1": 1000})
    table = sg.rates.per_person(
        panel(toy_units, [20, 19, 0, 0, 0, 1]), toy_units, population=people
    )
    years = 365 / 365.2425
    assert table["unit_id"].tolist() == toy_units["unit_id"].tolist()
    np.testing.assert_allclose(table["per_100k_year"], np.array([20, 9.5, 0, 0, 0, np.nan]) / years)
    assert table["small_numbers"].tolist() == [False, True, True, True, True, True]
    assert (table["low"] <= table["per_100k_year"])[:5].all()
    assert table.loc[2, "high"] == pytest.approx(-np.log(0.025) * 2 / years)
    assert 0 < table.loc[3, "smoothed_per_100k_year"] < 20


def test_people_from_a_raster_are_those_of_the_table(toy_units, tmp_path):
    path = tmp_path / "people.tif"
    profile = {"driver": "GTiff", "width": 12, "height": 8, "count": 1, "dtype": "float32"}
    profile |= {"crs": "EPSG:4326", "transform": Affine(0.25, 0, 0, 0, -0.25, 12)}
    with rasterio.open(path, "w", **profile) as file:
        file.write(np.arange(96, dtype="float32").reshape(1, 8, 12))
    counted = panel(toy_units, [1, 2, 3, 4, 5, 6])
    table = sg.rates.per_person(counted, toy_units, population=path)
    assert table["population"].sum() == pytest.approx(np.arange(96).sum())
    by_table = sg.rates.per_person(
        counted, toy_units, population=table.set_index("unit_id")["population"]
    )
    pd.testing.assert_frame_equal(table, by_table)


def test_rates_refuse_what_they_cannot_use(toy_units):
    with pytest.raises(InputError, match=r"`counts` is negative at \[1\]"):
        sg.rates.poisson_interval([1, -1])
    with pytest.raises(InputError, match=r"`level` 95 is not a share"):
        sg.rates.poisson_interval([1], level=95)
    with pytest.raises(InputError, match="1 values that are not positive"):
        sg.rates.empirical_bayes([1, 1], [0, 1])
    with pytest.raises(InputError, match=r"`dispersion` is 0"):
        sg.rates.empirical_bayes([1, 1], [1, 1], dispersion=0)
    with pytest.raises(InputError, match=r"negative at \[1\]"):
        sg.rates.gamma_interval([1, -1], [1, 1], [1, 1])
    with pytest.raises(InputError, match=r"`of` is 'fatalities_best'; expected one of"):
        sg.rates.per_person(
            panel(toy_units, [1] * 6), toy_units, population=pd.Series(), of="fatalities_best"
        )


def test_a_unit_without_people_has_no_rate(toy_units):
    people = pd.Series({"M1": 0, "M2": 5, "N1": 0})
    with pytest.warns(UserWarning, match=r"is 0 for 1 units with incidents: \['M1'\]"):
        table = sg.rates.per_person(
            panel(toy_units, [1, 0, 0, 0, 0, 1]), toy_units, population=people
        )
    assert table["per_100k_year"].isna().tolist() == [True, False, True, True, True, True]
    assert table["high"].isna().tolist() == table["per_100k_year"].isna().tolist()
    assert table["incidents"].tolist() == [1, 0, 0, 0, 0, 1]


def test_the_gamma_interval_of_single_events_is_exact():
    counts = np.array([0.0, 1, 7, 40])
    exact = sg.rates.poisson_interval(counts, level=0.9)
    found = sg.rates.gamma_interval(counts, counts, np.ones(4), level=0.9)
    np.testing.assert_allclose(found, exact, rtol=1e-9)
    tenfold = sg.rates.gamma_interval(10 * counts, 100 * counts, 10 * np.ones(4), level=0.9)
    np.testing.assert_allclose(tenfold, np.multiply(exact, 10), rtol=1e-9)


def test_the_gamma_interval_by_the_chi_square_formula():
    y, v, w = 30.0, 500.0, 20.0
    low, high = sg.rates.gamma_interval([y], [v], [w])
    assert low[0] == pytest.approx(v / (2 * y) * stats.chi2.ppf(0.025, 2 * y**2 / v))
    degrees = 2 * (y + w) ** 2 / (v + w**2)
    assert high[0] == pytest.approx((v + w**2) / (2 * (y + w)) * stats.chi2.ppf(0.975, degrees))
    missing = sg.rates.gamma_interval([np.nan], [0.0], [1.0])
    assert np.isnan(missing).all()


def test_the_gamma_interval_holds_the_expectation():
    rng = np.random.default_rng(1)
    sizes = np.array([1.0, 4.0, 25.0])
    events = rng.poisson([3.0, 2.0, 0.5], (20_000, 3))
    totals, squares = events @ sizes, events @ sizes**2
    low, high = sg.rates.gamma_interval(totals, squares, np.full(20_000, 25.0))
    expected = sizes @ [3.0, 2.0, 0.5]
    assert ((low <= expected) & (expected <= high)).mean() >= 0.95


def test_fatalities_per_person_are_less_certain_than_incidents(toy_units):
    months = pd.period_range("2023-01", "2023-12", freq="M")
    rows = [(unit, month) for unit in toy_units["unit_id"] for month in months]
    counted = pd.DataFrame(rows, columns=["unit_id", "period"])
    counted["incidents"] = 2
    counted["fatalities_best"] = np.where(counted["period"].dt.month == 5, 60.0, 0.0)
    silent = counted["unit_id"] == "B2"
    counted.loc[silent, "fatalities_best"] = np.nan
    people = pd.Series(1e5, index=toy_units["unit_id"])
    people["B1"] = np.nan
    table = sg.rates.per_person(counted, toy_units, population=people, of="fatalities_best")
    by_incident = sg.rates.per_person(counted, toy_units, population=people)
    years = 365 / 365.2425
    assert table["fatalities_best"].tolist()[:5] == [60.0] * 5
    assert table.loc[0, "per_100k_year"] == pytest.approx(60 / years)
    low, high = sg.rates.gamma_interval([60.0], [3600.0], [60.0])
    assert table.loc[0, "low"] == pytest.approx(low[0] / years)
    assert table.loc[0, "high"] == pytest.approx(high[0] / years)
    assert table["small_numbers"].all()  # one month made the toll
    assert not by_incident["small_numbers"].any()
    assert table["per_100k_year"].isna().tolist() == [False] * 4 + [True, True]


def test_smoothing_of_dispersed_counts_trusts_them_less():
    counts, people = [10, 60, 200], [1e4, 5e4, 1e5]
    plain = sg.rates.empirical_bayes(counts, people)
    dispersed = sg.rates.empirical_bayes(counts, people, dispersion=20)
    overall = 270 / 1.6e5
    assert (np.abs(dispersed - overall) < np.abs(plain - overall)).all()


def test_area_rates_take_people_from_a_raster(toy_units, tmp_path):
    path = tmp_path / "people.tif"
    profile = {"driver": "GTiff", "width": 3, "height": 1, "count": 1, "dtype": "float32"}
    profile |= {"crs": "EPSG:4326", "transform": Affine(1, 0, 0, 0, -1, 12)}
    with rasterio.open(path, "w", **profile) as file:
        file.write(np.array([[[1e5, 2e5, 0]]], dtype="float32"))
    counted = panel(toy_units, [2] * 6).assign(fatalities_best=4.0)
    table = sg.density.rates(counted, toy_units, population=path)
    years = 365 / 365.2425
    expected = np.array([2, 1, np.nan, np.nan, np.nan, np.nan]) / years
    np.testing.assert_allclose(table["per_100k_year"], expected)
    np.testing.assert_allclose(table["fatalities_best_per_100k_year"], 2 * expected)
