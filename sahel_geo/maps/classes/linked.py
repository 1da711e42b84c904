"""The classes of one map on another, so that the same shade means the same figure on both."""

import math
from collections.abc import Mapping
from typing import Any

from sahel_geo.maps.classes.classes import LegendClass


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
