"""Figures drawn beside the range that chance alone would give them."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from sahel_geo.errors import InputError
from sahel_geo.indicators.country_permutation import Deal
from sahel_geo.indicators.plotting import COLOURS, CYCLE, axes, label_of

_COLOUR: Final = {
    "all": COLOURS["all"],
    "domestic": COLOURS["domestic"],
    "international": COLOURS["cross_border"],
}
_CHANCE: Final[dict[Deal, str]] = {
    "places": "95 % of deals in countries",
    "times": "95 % of shifts in time",
}
_WORDS: Final = {
    "all": "all neighbours",
    "domestic": "same country",
    "international": "across a border",
}


def draw_against_chance(
    table: pd.DataFrame,
    *,
    along: str,
    names: Sequence[Any],
    value: str,
    label: str,
    deal: Deal,
    ax: Any = None,
) -> Any:
    """Draw each figure as a point on the bar of 95 % of the deals.

    Parameters
    ----------
    table : DataFrame
        Columns ``links``, `along`, ``value``, ``low`` and ``high``.
    along : str
        Column that the groups of points follow.
    names : sequence
        Its values, in order.
    value, label : str
        Labels of the vertical and horizontal axes.
    deal : {"places", "times"}
        What was up to chance.
    ax : matplotlib Axes, optional
        Axes to draw on.

    Returns
    -------
    matplotlib Axes
        The axes drawn on.

    Raises
    ------
    InputError
        If there is nothing to draw.
    """
    if table["value"].isna().all():
        raise InputError("`table` has no figure to draw; expected one that is not missing.")
    ax = axes(ax)
    kinds = list(dict.fromkeys(table["links"]))
    width = 0.8 / len(kinds)
    place = {name: at for at, name in enumerate(names)}
    for at, kind in enumerate(kinds):
        rows = table[table["links"] == kind]
        x = rows[along].map(place).to_numpy(np.float64) + (at - (len(kinds) - 1) / 2) * width
        colour = _COLOUR.get(kind, CYCLE[2 + at % 4])  # a pair of countries
        marker = "o" if kind in _COLOUR else "sD^v"[at // 4 % 4]
        heights = rows["high"].to_numpy(np.float64) - rows["low"].to_numpy(np.float64)
        chance = _CHANCE[deal] if at == 0 else None
        ax.bar(x, heights, width * 0.7, rows["low"], color="#d9d9d9", label=chance)
        ax.plot(
            x,
            rows["value"],
            marker,
            color=colour,
            markersize=6,
            label=label_of(_WORDS.get(kind, kind)),
        )
    ax.axhline(0, color="#8a8a8a", linewidth=0.8)
    ax.set_xticks(range(len(names)), [label_of(name) for name in names])
    ax.set_xlabel(label)
    ax.set_ylabel(value)
    under = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.16)}
    ax.legend(fontsize="small", frameon=False, ncols=4 if len(kinds) < 4 else 3, **under)
    return ax
