"""Periods of a map: which one is meant, and what it is called."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from sahel_geo.errors import InputError
from sahel_geo.i18n.cldr import date
from sahel_geo.maps.texts import PAGE
from sahel_geo.schema import Language

_MONTHS_IN: Final = {"month": 1, "quarter": 3, "year": 12}
_DAYS_IN: Final = {"day": 1, "week": 7}
_ORDER: Final = {"D": 0, "W": 1, "M": 2, "Q": 3, "Y": 4}
_KINDS: Final = {"day": "D", "week": "W", "month": "M", "quarter": "Q", "year": "Y"}
Period = str | dt.date | pd.Period


def period_start(time: Mapping[str, Any], number: int) -> dt.date:
    """Give the first day of a period.

    Examples
    --------
    >>> period_start({"kind": "quarter", "first": "2021-04-01"}, 3)
    datetime.date(2022, 1, 1)
    """
    first = dt.date.fromisoformat(time["first"])
    if time["kind"] in _DAYS_IN:
        return first + dt.timedelta(days=_DAYS_IN[time["kind"]] * number)
    months = first.year * 12 + first.month - 1 + _MONTHS_IN[time["kind"]] * number
    return dt.date(months // 12, months % 12 + 1, 1)


def period_label(time: Mapping[str, Any], number: int, lang: Language) -> str:
    """Name a period as the page does.

    Examples
    --------
    >>> period_label({"kind": "month", "first": "2021-01-01"}, 2, "fr")
    'mars 2021'
    """
    texts = PAGE[lang]
    if number < 0:
        return texts["whole_period"]
    day = period_start(time, number)
    kind = time["kind"]
    if kind == "year":
        return str(day.year)
    if kind == "quarter":
        return texts["quarter_of"].format(quarter=(day.month + 2) // 3, year=day.year)
    if kind == "month":
        return date(day, lang, "yMMMM")
    whole = date(day, lang)
    return texts["week_of"].format(day=whole) if kind == "week" else whole


def periods_of_year(time: Mapping[str, Any], year: int) -> range:
    """List the periods that lie in a calendar year."""
    inside = [at for at in range(time["count"]) if period_start(time, at).year == year]
    return range(inside[0], inside[-1] + 1) if inside else range(0)


def period_span(time: Mapping[str, Any] | None, period: Period) -> tuple[range, int | None]:
    """Find a period of a map, or the periods of a calendar year.

    Examples
    --------
    >>> time = {"kind": "month", "first": "2021-06-01", "count": 12}
    >>> period_span(time, "2021-07"), period_span(time, "2022")
    ((range(1, 2), None), (range(7, 12), 2022))
    """
    if time is None:
        raise InputError(
            f"`period` is {str(period)!r}, but the map shows the whole time only; expected a map "
            "with periods. Make it with choropleth(..., panel=sg.count(...)).",
        )
    start, letter = _start_of(period)
    kind = time["kind"]
    if start is not None and letter == "Y" and kind in ("day", "month", "quarter"):
        found = periods_of_year(time, start.year)
        if found:
            return found, start.year
    elif start is not None and _ORDER[letter] <= _ORDER[_KINDS[kind]]:
        number = _steps(dt.date.fromisoformat(time["first"]), start, kind)
        if 0 <= number < time["count"]:
            return range(number, number + 1), None
    first, last = (period_start(time, number) for number in (0, time["count"] - 1))
    raise InputError(
        f"`period` is {str(period)!r:.60}; expected a {kind} that starts from {first} to {last}. "
        "Write it such as '2024', '2024Q1', '2024-03' or '2024-03-15'.",
    )


def _steps(first: dt.date, start: dt.date, kind: str) -> int:
    """Count the periods from one day to another."""
    if kind in _DAYS_IN:
        return (start - first).days // _DAYS_IN[kind]
    return ((start.year - first.year) * 12 + start.month - first.month) // _MONTHS_IN[kind]


def _start_of(period: Period) -> tuple[dt.date | None, str]:
    """Give the first day of what was asked for, and the letter of its kind."""
    try:
        found: Any = period if isinstance(period, pd.Period) else pd.Period(str(period))
    except ValueError:
        return None, "D"
    if found is pd.NaT:
        return None, "D"
    letter = found.freqstr[0]
    return found.start_time.date(), letter if letter in _ORDER else "D"
