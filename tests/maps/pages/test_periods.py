"""Which months a report shows."""

import pandas as pd
import pytest

from sahel_geo.errors import InputError
from sahel_geo.maps.periods import Months, last_complete


def daily(first, last):
    return pd.Series(pd.date_range(first, last, freq="D"))


def test_the_default_is_the_last_twelve_complete_months_beside_as_many():
    months = Months.chosen(daily("2020-03-05", "2023-06-14"))
    assert months.days == ("2022-06-01", "2023-05-31")
    assert months.before.days == ("2021-06-01", "2022-05-31")
    assert len(months) == 12


def test_a_month_that_ends_with_the_file_is_complete():
    assert Months.chosen(daily("2020-01-01", "2022-12-31")).days[1] == "2022-12-31"


@pytest.mark.parametrize(("per_day", "complete"), [(1, "2022-12"), (2, "2022-12"), (3, "2022-11")])
def test_a_missing_last_day_counts_by_how_seldom_a_day_is_empty(per_day, complete):
    # exp(-1) and exp(-2) are above one in twenty, exp(-3) is not
    days = pd.concat([daily("2021-01-01", "2022-12-30")] * per_day)
    assert str(last_complete(days)) == complete


def test_a_short_file_and_a_selection_are_shown_whole():
    assert Months.chosen(daily("2021-07-01", "2023-05-31")) is None
    assert Months.chosen(daily("2001-01-01", "2023-05-31"), whole=True) is None
    assert Months.chosen(pd.Series([pd.NaT, pd.NaT])) is None


@pytest.mark.parametrize(
    ("asked", "days"),
    [
        ({"since": "2022-11"}, ("2022-11-01", "2023-06-30")),
        ({"since": "2022"}, ("2022-01-01", "2023-06-30")),
        ({"until": "2021"}, ("2020-03-01", "2021-12-31")),
        ({"since": "2021-02", "until": "2021-03"}, ("2021-02-01", "2021-03-31")),
        ({"last": "24m"}, ("2021-06-01", "2023-05-31")),
        ({"last": "2y"}, ("2021-06-01", "2023-05-31")),
        ({"since": "6m"}, ("2022-12-01", "2023-05-31")),
        ({"since": "92d"}, ("2023-03-01", "2023-05-31")),
        ({"since": "93d"}, ("2023-02-01", "2023-05-31")),
        ({"last": "4 W"}, ("2023-05-01", "2023-05-31")),
        ({"last": "52w"}, ("2022-06-01", "2023-05-31")),
        ({"last": "3m", "until": "2022-12"}, ("2022-10-01", "2022-12-31")),
    ],
)
def test_months_asked_for(asked, days):
    assert Months.chosen(daily("2020-03-05", "2023-06-14"), **asked).days == days


def test_a_day_without_a_date_is_in_no_month():
    days = ["2022-06-01 00:00", None, "2023-05-31 23:59", "2023-06-01 00:00"]
    dates = pd.Series(pd.to_datetime(days))
    months = Months.chosen(daily("2020-03-05", "2023-06-14"))
    assert months.holds(dates).tolist() == [True, False, True, False]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"since": "soon"}, "`since` is 'soon'; expected a month such as 2024-01"),
        ({"since": "2022-13"}, "`since` is '2022-13'; expected a month"),
        ({"last": "12"}, "`last` is '12'; expected a number of months, weeks, days"),
        ({"last": "0m"}, "`last` is '0m'"),
        ({"last": "9999y"}, "up to 200 years"),
        ({"since": "2022-01", "last": "3m"}, "expected one of them"),
        ({"since": "2031"}, "hold no incident of the file, which reaches from 2020-03 to 2023-06"),
        ({"since": "2022-05", "until": "2022-01"}, "expected the earlier month first"),
        ({"since": "0d"}, "`since` is '0d'; expected a number of months, weeks, days"),
    ],
)
def test_months_that_cannot_be_shown_are_refused(asked, message):
    with pytest.raises(InputError, match=message):
        Months.chosen(daily("2020-03-05", "2023-06-14"), **asked)
