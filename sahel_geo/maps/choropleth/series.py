"""Values by unit and period, written small: what is not zero, as steps from one to the next."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.maps.choropleth.legend import (
    is_whole,
    plain_numbers,
    round_values,
    scale_data,
    sorted_values,
)
from sahel_geo.maps.choropleth.topology import encode_numbers
from sahel_geo.maps.publish.timeline import Timeline
from sahel_geo.schema import HIDDEN

YearRule = Literal["sum", "mean"]

_KINDS: Final = ("D", "M", "Q")  # weeks lie in two years, years are years already
_SUMS: Final = ("incidents", "fatalities_low", "fatalities_best", "fatalities_high")
_PER_AREA: Final = "per_1000km2"
_PER_YEAR: Final = ("per_1000km2_year", "per_100k_year")
_KEPT: Final = Context(prec=6, rounding=ROUND_HALF_UP)  # as toPrecision of the page rounds


@dataclass(frozen=True)
class YearGrid:
    """Values by unit and calendar year.

    years: Calendar years, in order.
    values (n, y): Sum or mean of the periods that have a value; NaN where none has.
    gaps (n, y): Periods of the year without a value.
    """

    years: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]
    gaps: npt.NDArray[np.int64]


def rule_of(column: str, rules: Mapping[str, Any]) -> YearRule | None:
    """Say how the values of a year come from those of its periods.

    >>> [rule_of(name, {}) for name in ("incidents", "per_1000km2", "per_100k_year", "gini")]
    ['sum', 'sum', 'mean', None]
    """
    if column in rules:
        return rules[column] or None
    rate = next((column.removeprefix(f"{name}_") for name in _SUMS if name in column), column)
    if column in _SUMS or rate == _PER_AREA:
        return "sum"
    return "mean" if rate in _PER_YEAR else None


def yearly_values(
    grid: npt.NDArray[np.float64], periods: pd.PeriodIndex, rule: YearRule
) -> YearGrid:
    """Make calendar years out of days, months or quarters.

    grid (n, t): Values by unit and period; NaN is missing.

    >>> months = pd.period_range("2023-12", periods=3, freq="M")
    >>> found = yearly_values(np.array([[4.0, 1.0, np.nan]]), months, "sum")
    >>> found.years.tolist(), found.values.tolist(), found.gaps.tolist()
    ([2023, 2024], [[4.0, 1.0]], [[0, 1]])
    """
    year_of = np.asarray(periods.year, dtype=np.int64)
    days = np.asarray((periods.end_time - periods.start_time).days, dtype=np.int64) + 1
    years = np.unique(year_of)
    shape = (len(grid), len(years))
    total, weight = np.zeros(shape), np.zeros(shape)
    gaps = np.zeros(shape, dtype=np.int64)
    for at, place in enumerate(np.searchsorted(years, year_of)):  # in order, as the page adds
        known = ~np.isnan(grid[:, at])
        share = 1.0 if rule == "sum" else float(days[at])
        total[known, place] += grid[known, at] * share
        weight[known, place] += share
        gaps[~known, place] += 1
    values = total if rule == "sum" else total / np.where(weight == 0, 1.0, weight)
    return YearGrid(years, np.where(weight == 0, np.nan, values), gaps)


def year_data(
    grid: npt.NDArray[np.float64],
    periods: pd.PeriodIndex,
    rule: YearRule | None,
    options: Mapping[str, Any],
    like: Mapping[str, Any] | None = None,
) -> dict[str, Any] | None:
    """Write what the page needs to show calendar years; it adds the periods up by itself.

    grid (n, t): Values by unit and period, as the page reads them.
    """
    if rule is None or periods.freqstr[0] not in _KINDS or len(periods.year.unique()) < 2:
        return None
    found = yearly_values(grid, periods, rule).values
    present = found[~np.isnan(found)]
    whole = rule == "sum" and bool((present == np.floor(present)).all())
    if not whole:
        found = six_digits(found)
    sorted_in = sorted_values(found.ravel(), options, like)
    return {"rule": rule, "whole": whole, **scale_data(sorted_in, like)}


def six_digits(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Round to the digits that the page keeps, halves away from zero as its language does.

    >>> six_digits(np.array([1.2345675])).tolist()
    [1.23457]
    """
    kept = [
        value if np.isnan(value) else float(_KEPT.create_decimal_from_float(value))
        for value in values.ravel().tolist()
    ]
    return np.array(kept, dtype=np.float64).reshape(values.shape)


def series_data(
    timeline: Timeline,
    values: "pd.Series[Any]",
    options: Mapping[str, Any],
    rule: YearRule | None = None,
    like: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Write the series of one indicator, with classes common to all periods.

    A unit's text lists, for each period whose value is not zero, the periods since the one before
    and a code: 0 for missing, otherwise the number itself or one more than its place in ``levels``.
    That of hidden periods lists the periods since the hidden one before.
    """
    column = timeline.panel[values.name]
    grid = np.zeros((len(values), len(timeline.periods)))
    grid[timeline.row, timeline.place] = column.to_numpy(dtype=float, na_value=np.nan)
    covered = values.notna().to_numpy()
    if options.get("hidden") is not None:
        covered = covered | (np.asarray(options["hidden"]) > 0)
    grid[~covered] = np.nan
    whole = is_whole(column, grid[np.isfinite(grid)])
    if not whole:
        grid = round_values(grid.ravel()).reshape(grid.shape)
    levels = None if whole and np.nanmin(grid, initial=0) >= 0 else np.unique(grid[grid != 0])
    least = _hidden_below(timeline, grid)
    years = None
    if HIDDEN not in timeline.panel:
        linked = (like or {}).get("years")
        years = year_data(grid, timeline.periods, rule, {**options, "hidden": None}, linked)
    sorted_in = sorted_values(grid.ravel(), {**options, "hidden": least.ravel()}, like)
    # The page knows a unit without data from its value over the whole time, and hidden periods
    # from a list of their own: neither has a figure here.
    rows = zip(np.where(least > 0, 0, grid), covered, strict=True)
    return {
        "cells": ".".join(_cells(row, levels) if known else "" for row, known in rows),
        "levels": None if levels is None else plain_numbers(levels[~np.isnan(levels)]),
        "whole": whole,
        "adds": values.name in _SUMS or (whole and rule == "sum"),
        **scale_data(sorted_in, like),
        "years": years,
        "hidden": ".".join(_places(row) for row in least > 0) if HIDDEN in timeline.panel else None,
        "sums": None if timeline.sums is None else _sums(timeline.sums, str(values.name)),
    }


def _hidden_below(timeline: Timeline, grid: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Give the smallest count shown where a figure is hidden, else zero."""
    least = np.zeros(grid.shape)
    if HIDDEN in timeline.panel:
        least[timeline.row, timeline.place] = timeline.panel[HIDDEN].to_numpy(dtype=float)
    return np.where(np.isnan(grid), least, 0.0)


def _places(hidden: npt.NDArray[np.bool_]) -> str:
    steps = np.diff(np.flatnonzero(hidden), prepend=-1) - 1
    return encode_numbers(steps.tolist())


def _sums(rows: pd.DataFrame, name: str) -> list[int | float | None] | None:
    """List the sums of all units by period; a rate has none."""
    sums = rows[name].to_numpy(dtype=float, na_value=np.nan)
    return None if np.isnan(sums).all() else plain_numbers(sums)


def _cells(row: npt.NDArray[np.float64], levels: npt.NDArray[np.float64] | None) -> str:
    at = np.flatnonzero(row != 0)
    steps = np.diff(at, prepend=-1) - 1
    held = row[at]
    missing = np.isnan(held)
    known = held if levels is None else np.searchsorted(levels, held) + 1.0
    codes = np.where(missing, 0, known).astype(np.int64)
    return encode_numbers(np.column_stack([steps, codes]).ravel().tolist())
