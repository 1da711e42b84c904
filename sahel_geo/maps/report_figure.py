"""Plots of a report's pages, each drawn twice: for wide screens, and for a phone."""

import re
from collections.abc import Callable, Sequence
from textwrap import fill
from typing import Any, Final

from markupsafe import Markup

from sahel_geo.errors import InputError
from sahel_geo.maps.site import Figure, drawing

_WIDTH: Final = 6.0  # inches
_PHONE_WIDTH: Final = 3.7  # inches; 355 pixels, with letters in their own size
_LONG: Final = 18  # characters of a label that takes too much room beside the axes of a phone
_LABEL_WIDTH: Final = 42  # characters above a row
_ROW: Final = 0.5  # inches of a row under its label
_ID: Final = re.compile(r"""(\bid="|href="#|url\(#)""")


def plot_figure(plot: Callable[[], Any], caption: str) -> Figure | None:
    """Draw a result for a page.

    Parameters
    ----------
    plot : callable
        Gives matplotlib axes, in the language of the page.
    caption : str
        What the figure shows.

    Returns
    -------
    Figure or None
        With a second drawing for phones; None if there is nothing to draw.
    """
    try:
        ax = plot()
    except InputError:
        return None
    height = ax.figure.get_size_inches()[1]
    ax.figure.set_size_inches(_WIDTH, height)
    ax.set_title("")
    wide = drawing(ax)
    return Figure(wide, caption, narrow=_narrow(ax))


def _narrow(ax: Any) -> Markup:
    """Draw the figure for a phone, rows with long labels each under its own."""
    names = [" ".join(label.get_text().split()) for label in ax.get_yticklabels()]
    height = ax.figure.get_size_inches()[1]
    if max(map(len, names), default=0) > _LONG:
        _lift_labels(ax, names)
        height = 0.9 + _ROW * (len(names) + 0.5)
    ax.figure.set_size_inches(_PHONE_WIDTH, height)
    drawn = str(drawing(ax, letters="none"))
    # what has the same name in the other drawing, which a phone does not show, would not show here
    return Markup(_ID.sub(r"\1phone-", drawn))  # noqa: S704


def _lift_labels(ax: Any, names: Sequence[str]) -> None:
    places = list(ax.get_yticks())
    for place, name in zip(places, names, strict=True):
        ax.annotate(
            fill(name, _LABEL_WIDTH),
            (0, place),
            xycoords=("axes fraction", "data"),
            xytext=(2, 6),
            textcoords="offset points",
            va="bottom",
            fontsize=8.5,
            linespacing=1.1,
            annotation_clip=False,
            bbox={"facecolor": "#ffffff", "edgecolor": "none", "pad": 0.6},
        )
    ax.set_yticks(places, [""] * len(places))
    ax.tick_params(axis="y", length=0)
    ax.grid(visible=False, axis="y")
    downward = ax.yaxis_inverted()
    ends = (min(places) - 0.5, max(places) + 0.9)
    ax.set_ylim(*((max(places) + 0.5, min(places) - 0.9) if downward else ends))
