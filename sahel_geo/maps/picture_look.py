"""Colours, hatchings and lines of a picture, as on the page."""

from collections.abc import Mapping
from typing import Any, Final

from sahel_geo.indicators.class_colours import HATCHES, ink_on

INK: Final = "#22201c"
QUIET: Final = "#5a544a"
EDGE: Final = "#8c857a"
POINTS: Final = "#0b4f8a"
GROUND: Final = {"land": "#ece8df", "sea": "#d9e5ea"}
_HATCH: Final = {"no_data": ("#ffffff", "////", "#8f8a80"), "suppressed": (None, "....", "#3d3830")}
# kind, width in points, colour, dashes; a border has a light casing, so that it shows on any class
LINES: Final = (
    ("around", 0.6, "#bdb6a8", "solid"),
    ("outer", 0.8, "#5e574d", "solid"),
    ("region", 0.7, "#5e574d", "solid"),
    ("casing", 3.2, "#ffffff", "solid"),
    ("border", 1.5, INK, "solid"),
    ("zone", 1.9, "#0b4f8a", (0, (4, 2.5))),
)


def fill_of(entry: Mapping[str, Any], *, doubtful: bool) -> dict[str, Any]:
    """Give the fill of a class: its colour, hatched or dotted as on the page.

    Parameters
    ----------
    entry : mapping
        ``kind`` and ``colour`` of the class.
    doubtful : bool
        Whether the value is uncertain.

    Returns
    -------
    dict
        Keyword arguments of a matplotlib patch.
    """
    kind = entry["kind"]
    if kind in _HATCH:
        paper, hatch, ink = _HATCH[kind]
        return _hatched(paper or entry["colour"], hatch, ink)
    colour = entry.get("colour", "#ffffff")
    lines = HATCHES.get(entry.get("mark", ""), "") + ("\\\\\\\\" if doubtful else "")
    if lines:
        return _hatched(colour, lines, ink_on(colour))
    return {"facecolor": colour, "edgecolor": "none", "linewidth": 0}


def _hatched(paper: str, hatch: str, ink: str) -> dict[str, Any]:
    return {"facecolor": paper, "hatch": hatch, "edgecolor": ink, "linewidth": 0}
