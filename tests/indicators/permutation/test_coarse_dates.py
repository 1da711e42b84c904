"""Dates coded to the first of a month, and dates that are known to the day."""

import numpy as np
import pandas as pd
import pytest

from sahel_geo.indicators.permutation.coarse_dates import spread_dates


def dated(number, coded, *, seed=1, day=1):
    """Incidents of six years, a share of which is coded to one day of its month."""
    rng = np.random.default_rng(seed)
    date = pd.Timestamp("2015-01-10") + pd.to_timedelta(rng.integers(0, 2_100, number), "D")
    date = pd.Series(date)
    some = rng.random(number) < coded
    date[some] = date[some].dt.to_period("M").dt.start_time + pd.Timedelta(days=day - 1)
    return pd.DataFrame({"date": date})


@pytest.mark.parametrize("number", [8, 60, 800])
def test_dates_known_to_the_day_stay(number):
    for seed in range(20):
        table = dated(number, 0.0, seed=seed)
        drawn, spread = spread_dates(table, np.random.default_rng(1))
        assert spread == 0
        assert drawn.equals(table["date"])


def test_one_day_with_many_incidents_is_no_habit():
    table = dated(100, 0.0)
    table.loc[:40, "date"] = pd.Timestamp("2016-03-01")
    assert spread_dates(table, np.random.default_rng(1))[1] == 0


@pytest.mark.parametrize("day", [1, 15])
def test_dates_coded_to_a_day_of_the_month_are_drawn_in_their_month(day):
    table = dated(400, 0.4, day=day)
    drawn, spread = spread_dates(table, np.random.default_rng(1))
    coded = table["date"].dt.day == day
    assert spread == coded.sum() > 150
    assert (drawn[~coded] == table["date"][~coded]).all()
    assert (drawn.dt.to_period("M") == table["date"].dt.to_period("M")).all()
    assert drawn.dt.day.value_counts().max() < 35
    assert drawn.between(table["date"].min(), table["date"].max()).all()


def test_a_stated_precision_is_taken_at_its_word():
    table = pd.DataFrame(
        {
            "date": pd.to_datetime(["2020-01-01", "2020-06-01", "2020-06-03", "2021-12-31", None]),
            "date_precision": ["year", "month", "week", "day", "month"],
        }
    )
    drawn, spread = spread_dates(table, np.random.default_rng(2))
    assert spread == 3
    assert drawn[0].year == 2020
    assert (drawn[1].year, drawn[1].month) == (2020, 6)
    assert pd.Timestamp("2020-06-01") <= drawn[2] <= pd.Timestamp("2020-06-07")
    assert drawn[3] == table["date"][3]
    assert pd.isna(drawn[4])
