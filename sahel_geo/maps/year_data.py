"""Calendar years out of shorter periods: sums of counts, means of rates per year."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context
from typing import Any, Final, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.errors import InputError
from sahel_geo.maps.classes import classify
from sahel_geo.maps.legend import class_data, method_text
from sahel_geo.schema import LANGUAGES

YearRule = Literal["sum", "mean"]

_KINDS: Final = ("D", "M", "Q")  # weeks lie in two years, years are years already
_SUMS: Final = ("incidents", "fatalities_low", "fatalities_best", "fatalities_high")
_PER_AREA: Final = "per_1000km2"
_PER_YEAR: Final = ("per_1000km2_year", "per_100k_year")
_KEPT: Final = Context(prec=6, rounding=ROUND_HALF_UP)  # as toPrecision of the page rounds


@dataclass(frozen=True)
class YearGrid:
    """Values by unit and calendar year.

    Attributes
    ----------
    years : ndarray of int, length y
        Calendar years, in order.
    values : ndarray of float, shape (n, y)
        Sum or mean of the periods that have a value; NaN where none has.
    gaps : ndarray of int, shape (n, y)
        Periods of the year without a value.
    """

    years: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]
    gaps: npt.NDArray[np.int64]


def check_rules(rules: Mapping[str, Any]) -> None:
    """Refuse a way to make years that is none.

    Parameters
    ----------
    rules : mapping of str to {"sum", "mean", False}
        By column.

    Raises
    ------
    InputError
        If a rule is unknown.
    """
    known = (*get_args(YearRule), False)
    wrong = {name: rule for name, rule in rules.items() if rule not in known}
    if wrong:
        raise InputError(
            f"`by_year` is {wrong}; expected 'sum' for what adds up over time, 'mean' for a rate "
            "per year, or False. Leave out columns that have no value of a year.",
        )


def rule_of(column: str, rules: Mapping[str, Any]) -> YearRule | None:
    """Say how the values of a year come from those of its periods.

    Parameters
    ----------
    column : str
        An indicator.
    rules : mapping of str to {"sum", "mean", False}
        What the caller says, by column.

    Returns
    -------
    {"sum", "mean"} or None
        By default counts, and counts per area, add up; what is "per year" is averaged. Of other
        columns nothing is known, and they have no value of a year.

    Examples
    --------
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
    grid: npt.NDArray[np.float64],
    periods: pd.PeriodIndex,
    rule: YearRule,
) -> YearGrid:
    """Make calendar years out of days, months or quarters.

    Parameters
    ----------
    grid : ndarray of float, shape (n, t)
        Values by unit and period; NaN is missing.
    periods : PeriodIndex, length t
        The periods, in order.
    rule : {"sum", "mean"}
        Add the periods up, or average them, each weighing as many days as it has.

    Returns
    -------
    YearGrid
        The years that the periods touch; of the first and last, only the periods there are.

    Examples
    --------
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
) -> dict[str, Any] | None:
    """Write what the page needs to show calendar years; it adds the periods up by itself.

    Parameters
    ----------
    grid : ndarray of float, shape (n, t)
        Values by unit and period, as the page reads them.
    periods : PeriodIndex, length t
        The periods.
    rule : {"sum", "mean"} or None
        As from `rule_of`.
    options : mapping
        Keyword arguments of `classify`, but for `hidden`.

    Returns
    -------
    dict or None
        ``rule``, ``whole``, ``classes`` and ``method``; None where there are no years to show:
        without a rule, from weeks and years, and within a single year.
    """
    if rule is None or periods.freqstr[0] not in _KINDS or len(periods.year.unique()) < 2:
        return None
    found = yearly_values(grid, periods, rule).values
    present = found[~np.isnan(found)]
    whole = rule == "sum" and bool((present == np.floor(present)).all())
    if not whole:
        found = six_digits(found)
    sorted_in = classify(found.ravel(), **options)
    return {
        "rule": rule,
        "whole": whole,
        "classes": [class_data(entry) for entry in sorted_in.classes],
        "method": {lang: method_text(sorted_in, lang) for lang in LANGUAGES},
    }


def six_digits(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Round to the digits that the page keeps, halves away from zero as its language does.

    Examples
    --------
    >>> six_digits(np.array([1.2345675])).tolist()
    [1.23457]
    """
    kept = [
        value if np.isnan(value) else float(_KEPT.create_decimal_from_float(value))
        for value in values.ravel().tolist()
    ]
    return np.array(kept, dtype=np.float64).reshape(values.shape)
