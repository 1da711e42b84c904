"""Figures beside the range that chance alone would give them: the verdict and the drawing."""

from typing import Any, Final

import numpy as np
import pandas as pd

from sahel_geo.errors import InputError
from sahel_geo.indicators.display.plotting import COLOURS, CYCLE, axes
from sahel_geo.indicators.permutation.country import LEVEL, Deal
from sahel_geo.indicators.plot_words import name_of, words
from sahel_geo.schema import Language

_COLOUR: Final = {
    "all": COLOURS["all"],
    "domestic": COLOURS["domestic"],
    "international": COLOURS["cross_border"],
}
_MARKER: Final = {"all": "o", "domestic": "s", "international": "^"}


def verdict(row: Any) -> str:
    """Claim a difference only outside the range, and where there were deals enough to tell."""
    if row["p"] > 1 - LEVEL or row["low"] <= row["value"] <= row["high"]:
        return "open"
    return "more" if row["value"] > row["high"] else "less"


def draw_against_chance(
    table: pd.DataFrame,
    *,
    along: str,
    value: str,
    label: str,
    deal: Deal,
    lang: Language,
    ax: Any = None,
) -> Any:
    """Draw each figure as a point on the bar of 95 % of the deals."""
    texts = words(lang)
    if table["value"].isna().all():
        raise InputError("`table` has no figure to draw; expected one that is not missing.")
    ax = axes(ax, lang=lang)
    ax.use_sticky_edges = False  # a point at the end of the lowest bar is seen whole
    kinds, names = (list(dict.fromkeys(table[column])) for column in ("links", along))
    width = 0.8 / len(kinds)
    place = {name: at for at, name in enumerate(names)}
    for at, kind in enumerate(kinds):
        rows = table[table["links"] == kind]
        x = rows[along].map(place).to_numpy(np.float64) + (at - (len(kinds) - 1) / 2) * width
        colour = _COLOUR.get(kind, CYCLE[2 + at % 4])  # a pair of countries
        marker = _MARKER.get(kind) or "sD^v"[at // 4 % 4]
        heights = rows["high"].to_numpy(np.float64) - rows["low"].to_numpy(np.float64)
        chance = texts[f"deals_{deal}"] if at == 0 else None
        ax.bar(x, heights, width * 0.7, rows["low"], color="#d9d9d9", label=chance)
        ax.plot(x, rows["value"], marker, color=colour, markersize=6, label=name_of(kind, lang))
    ax.axhline(0, color="#8a8a8a", linewidth=0.8)
    ax.set_xticks(range(len(names)), [name_of(name, lang) for name in names])
    ax.set(xlabel=texts[label] if label else "", ylabel=texts[value])
    under = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.16)}
    ax.legend(fontsize="small", frameon=False, ncols=2 if len(kinds) < 4 else 3, **under)
    return ax
