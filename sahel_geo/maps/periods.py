"""Which months a report speaks of, by default the last twelve complete ones, and their names."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from sahel_geo.errors import InputError

_MONTHS: Final = 12
_CHANCE: Final = 0.05  # of as many days without an incident as are missing
_MOST_YEARS: Final = 200
_LENGTH: Final = re.compile(r"(\d{1,4})\s*([dwmy])", re.IGNORECASE)
_MONTH: Final = re.compile(r"\d{4}-\d{2}(-\d{2})?")
_YEAR: Final = re.compile(r"\d{4}")
_MONTHS_IN: Final = {"month": 1, "quarter": 3, "year": 12}
_DAYS_IN: Final = {"day": 1, "week": 7}
Period = str | dt.date | pd.Period


@dataclass(frozen=True)
class Months:
    """A run of whole months, both ends included."""

    first: pd.Period
    last: pd.Period

    def __len__(self) -> int:
        return int(self.last.ordinal - self.first.ordinal) + 1

    @property
    def days(self) -> tuple[str, str]:
        """First and last day."""
        return f"{self.first.start_time:%Y-%m-%d}", f"{self.last.end_time:%Y-%m-%d}"

    @property
    def before(self) -> "Months":
        """As many months before."""
        return Months(self.first - len(self), self.first - 1)

    def holds(self, dates: "pd.Series[pd.Timestamp]") -> "pd.Series[bool]":
        """Tell which days lie in these months; a missing one does not."""
        return dates.between(self.first.start_time, self.last.end_time)

    @classmethod
    def chosen(
        cls,
        dates: "pd.Series[pd.Timestamp]",
        since: str = "",
        until: str = "",
        last: str = "",
        *,
        whole: bool = False,
    ) -> "Months | None":
        """Choose the months that maps and tables show.

        dates (n,): Days of the incidents on the map; missing ones are left out. `since` and
        `until` are months or years ("2024-01", "2024") or, for `since`, a length ("12m", "2y",
        "90d", "26w"); `last` is a length or "all". Days and weeks are rounded out to whole months.
        With none of them: the last twelve complete months, if as many lie before them in the file,
        otherwise everything. With `whole`, everything unless months are asked for.

        >>> days = pd.Series(pd.date_range("2021-01-01", "2023-06-14", freq="D"))
        >>> Months.chosen(days).days
        ('2022-06-01', '2023-05-31')
        >>> Months.chosen(days, last="all") is None
        True
        """
        cls.check(since, until, last)
        known = dates.dropna()
        if known.empty or last.strip().lower() == "all":
            return None
        earliest, latest = known.min().to_period("M"), known.max()
        end = latest.to_period("M")
        complete = last_complete(known)
        length = last or (since if cls.is_length(since) else "")
        if not (length or since or until):
            short = complete.ordinal - earliest.ordinal + 1 < 2 * _MONTHS
            return None if whole or short else cls(complete - _MONTHS + 1, complete)
        closing = _month(until, "until", at_end=True) if until else end if not length else complete
        if length:
            first = _first(length, closing, "last" if last else "since")
        else:
            first = _month(since, "since", at_end=False) if since else earliest
        chosen = cls(first, closing)
        if chosen.first > chosen.last or chosen.first > end or chosen.last < earliest:
            raise InputError(
                "the months {first} to {last} hold no incident of the file, which reaches from "
                "{earliest} to {latest}; expected some of them. Choose others.",
                first=str(chosen.first),
                last=str(chosen.last),
                earliest=str(earliest),
                latest=str(end),
            )
        return chosen

    @staticmethod
    def is_length(text: str) -> bool:
        """Tell whether a text is a length of time, such as "12m" or "90d".

        >>> Months.is_length("12m"), Months.is_length("2024-01")
        (True, False)
        """
        return bool(_LENGTH.fullmatch(text.strip()))

    @staticmethod
    def check(since: str, until: str, last: str) -> None:
        """Refuse months that cannot be read, before anything is read or fetched for them.

        >>> Months.check("2024-01", "", "")
        """
        if last and since:
            raise InputError(
                "`since` is {since!r} and `last` {last!r}; expected one of them. Leave one out.",
                since=since,
                last=last,
            )
        first = None
        if last and last.strip().lower() != "all":
            _first(last, pd.Period("2000-01", freq="M"), "last")
        if since and Months.is_length(since):
            _first(since, pd.Period("2000-01", freq="M"), "since")
        elif since:
            first = _month(since, "since", at_end=False)
        end = _month(until, "until", at_end=True) if until else None
        if first is not None and end is not None and first > end:
            raise InputError(
                "`since` is {since!r} and `until` {until!r}, which is earlier; expected the "
                "earlier month first. Exchange them.",
                since=since,
                until=until,
            )


def last_complete(dates: "pd.Series[pd.Timestamp]") -> pd.Period:
    """Give the last month that the file may well cover to its end.

    That is its last one where as many days without an incident as are missing come about by chance
    in more than one case of twenty, at the rate of the year before; otherwise the month before.

    >>> sparse = pd.Series(pd.to_datetime(["2024-01-10", "2024-05-02", "2024-12-28"]))
    >>> str(last_complete(sparse))
    '2024-12'
    """
    latest = dates.max()
    month = latest.to_period("M")
    missing = (month.end_time.normalize() - latest.normalize()).days
    year = dates[dates > latest - pd.Timedelta(days=365)]
    chance = np.exp(-missing * len(year) / 365)
    return month if chance > _CHANCE else month - 1


def _month(text: str, argument: str, *, at_end: bool) -> pd.Period:
    """Read a month, a day in it, or a year."""
    plain = text.strip()
    try:
        if _YEAR.fullmatch(plain):
            return pd.Period(f"{plain}-{12 if at_end else 1:02d}", freq="M")
        if _MONTH.fullmatch(plain):
            return pd.Period(plain, freq="M")
    except ValueError:
        pass
    raise InputError(
        "`{argument}` is {text!r}; expected a month such as 2024-01, a year, or for `since` a "
        "length such as 12m. Correct it.",
        argument=argument,
        text=text,
    )


def _first(length: str, closing: pd.Period, argument: str) -> pd.Period:
    """Give the first month of a length that ends with a month: "24m", "2y", "26w" or "90d"."""
    match = _LENGTH.fullmatch(length.strip())
    number = int(match[1]) if match else 0
    if not match or not number or (match[2].lower() == "y" and number > _MOST_YEARS):
        raise InputError(
            "`{argument}` is {text!r}; expected a number of months, weeks, days or up to {most} "
            "years, such as 24m, 26w, 90d or 2y. Correct it.",
            argument=argument,
            text=length,
            most=_MOST_YEARS,
        )
    unit = match[2].lower()
    if unit in "my":
        return closing - number * (12 if unit == "y" else 1) + 1
    days = number * (7 if unit == "w" else 1)
    return (closing.end_time - pd.Timedelta(days=days - 1)).to_period("M")


def period_start(time: Mapping[str, Any], number: int) -> dt.date:
    """Give the first day of a period.

    >>> period_start({"kind": "quarter", "first": "2021-04-01"}, 3)
    datetime.date(2022, 1, 1)
    """
    first = dt.date.fromisoformat(time["first"])
    if time["kind"] in _DAYS_IN:
        return first + dt.timedelta(days=_DAYS_IN[time["kind"]] * number)
    months = first.year * 12 + first.month - 1 + _MONTHS_IN[time["kind"]] * number
    return dt.date(months // 12, months % 12 + 1, 1)


def periods_of_year(time: Mapping[str, Any], year: int) -> range:
    """List the periods that lie in a calendar year."""
    inside = [at for at in range(time["count"]) if period_start(time, at).year == year]
    return range(inside[0], inside[-1] + 1) if inside else range(0)
