"""Dates that are known to a week, month or year only, which all countries code to the same days."""

from typing import Final

import numpy as np
import pandas as pd

from sahel_geo.arrays import Flags

_SPANS: Final = {"week": "W", "month": "M", "year": "Y"}  # by precision
_CODED: Final = (1, 15)  # days of the month that stand for "in this month"
_DAYS: Final = 30.4  # of a month
_TIMES: Final = 3.0  # as many as even days have: real files have up to twice as many
_RARE: Final = 0.001


def spread_dates(
    incidents: pd.DataFrame, rng: np.random.Generator
) -> "tuple[pd.Series[pd.Timestamp], int]":
    """Draw the day of incidents that are dated to a week, month or year; tell of how many.

    Their stated day is a habit of coding that countries share, so it looks like a link between
    them. A first or fifteenth day of the month that comes three times as often as others is one.
    Days stay within those of the table; without such dates nothing is drawn.
    """
    date = incidents["date"]
    span = pd.Series("", index=incidents.index)
    if "date_precision" in incidents:
        span = incidents["date_precision"].astype("object").map(_SPANS).fillna("")
    for day in _CODED:
        span[_heaped(date, day) & span.eq("")] = "M"
    drawn = date.copy()
    first, last = date.min(), date.max()
    for code in _SPANS.values():
        rows = span.eq(code) & date.notna()
        if rows.any():
            period = date[rows].dt.to_period(code)
            low = period.dt.start_time.clip(lower=first.normalize())
            high = period.dt.end_time.dt.normalize().clip(upper=last.normalize())
            days = (high - low).dt.days + 1
            away = np.floor(rng.uniform(0, 1, len(days)) * days.to_numpy())
            drawn[rows] = (low + pd.to_timedelta(away, "D")).astype(date.dtype)
    return drawn, int((span.ne("") & date.notna()).sum())


def _heaped(date: "pd.Series[pd.Timestamp]", day: int) -> "Flags | pd.Series[bool]":
    """Tell which dates are of a day of the month that stands for the whole month; else none."""
    from scipy.stats import binom  # noqa: PLC0415  takes a while

    own = date.dt.day == day
    often = own.sum() > _TIMES / _DAYS * date.notna().sum()
    if not often:
        return np.zeros(len(date), dtype=bool)
    days = date.dropna().dt.normalize().drop_duplicates()  # one bad day is no habit
    rare = binom.sf((days.dt.day == day).sum() - 1, len(days), 1 / _DAYS) < _RARE
    return own if rare else np.zeros(len(date), dtype=bool)
