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
    with pytest.raises(InputError, match=r"is 0 for 1 units with incidents: \['M1'\]"):
        sg.rates.per_person(
            panel(toy_units, [1, 0, 0, 0, 0, 0]),
            toy_units,
            population=pd.Series({"M1": 0, "M2": 5}),
        )
