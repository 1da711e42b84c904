"""The classes of one map on another, so that the same shade means the same figure on both."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.maps.classes.classes import Classification, LegendClass, round_up
from sahel_geo.maps.classes.palettes import ZERO_COLOUR

_VALUED = ("range", "value")


def legend_class(entry: Mapping[str, Any], count: int = 0) -> LegendClass:
    """Read a class as a page keeps it.

    Examples
    --------
    >>> legend_class({"kind": "range", "low": 1, "high": 2.5, "colour": "#ffffff"}).high
    2.5
    """
    low = -math.inf if entry["low"] is None else float(entry["low"])
    high = math.nan if entry["high"] is None else float(entry["high"])
    digits = entry.get("digits", LegendClass.digits)
    return LegendClass(entry["kind"], low, high, entry["colour"], count, digits)


def sort_like(values: npt.ArrayLike, classes: Sequence[Mapping[str, Any]]) -> Classification:
    """Sort values into the classes of another map; the highest grows where values lie beyond.

    values (n,): NaN is missing. classes: As a page keeps them, from low to high.

    Examples
    --------
    >>> page = [{"kind": "range", "low": 1, "high": 2, "colour": "#aaaaaa"},
    ...         {"kind": "range", "low": 3, "high": 9, "colour": "#555555"}]
    >>> [(c.kind, c.high, c.count) for c in sort_like([0, 4, 12], page).classes]
    [('zero', 0.0, 1), ('range', 2.0, 0), ('range', 12.0, 2)]
    """
    data = np.asarray(values, dtype=np.float64)
    kept = [legend_class(entry) for entry in classes if entry["kind"] in _VALUED]
    is_open = any(math.isinf(entry.low) for entry in kept)
    below = [] if is_open else [entry for entry in kept if entry.high < 0]
    above = _grown(kept[len(below) :], data)
    zero = [LegendClass("zero", 0.0, 0.0, ZERO_COLOUR, 0)]
    if is_open or not ((data == 0).any() or any(entry["kind"] == "zero" for entry in classes)):
        zero = []
    missing = [LegendClass("no_data", math.nan, math.nan, "", 0)] if np.isnan(data).any() else []
    ordered = [*below, *zero, *above, *missing]
    at = np.searchsorted([entry.high for entry in above], data) + len(below) + len(zero)
    at[data == 0] = len(below) if zero else at[data == 0]
    if not is_open:
        at[data < 0] = np.searchsorted([entry.low for entry in below], data[data < 0], "right") - 1
    at[np.isnan(data)] = len(ordered) - 1
    lost = (at < 0) | (at >= len(ordered) - len(missing)) & ~np.isnan(data)
    if lost.any():
        raise InputError(
            Sentence(
                "`scale_of` has no class for {count} values: {some}; expected a map whose classes "
                "reach as far on both sides of zero. Leave it out, or give `breaks`.",
                count=int(lost.sum()),
                some=first_offenders(np.unique(data[lost])),
            ),
        )
    counts = np.bincount(at, minlength=len(ordered))
    counted = (replace(each, count=int(n)) for each, n in zip(ordered, counts, strict=True))
    return Classification("linked", tuple(counted), at.astype(np.int64))


def _grown(above: list[LegendClass], data: npt.NDArray[np.float64]) -> list[LegendClass]:
    """Let the highest class reach what lies beyond it."""
    most = float(np.nanmax(data, initial=-math.inf))
    if not above or most <= above[-1].high:
        return above
    reach = most if most == math.floor(most) else round_up(most, 3)
    return [*above[:-1], replace(above[-1], kind="range", high=reach)]
