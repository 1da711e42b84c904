"""Panels of ratios side by side: how many times more than expected, by distance and by days."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sahel_geo.arrays import Flags, Floats
from sahel_geo.indicators.display.plotting import axes
from sahel_geo.indicators.plot_words import label_of

_STEPS: Final = 2.0  # doublings at which the colours end
_DARK: Final = 1.4
_PALE: Final = 0.35


@dataclass(frozen=True)
class Panel:
    """One panel."""

    title: str  # above it
    ratios: Floats  # (k, l) missing ones stay white
    texts: Sequence[str]  # in each cell, row by row
    firm: Flags  # (k, l) those that chance does not explain; the others are drawn pale
    # rows, columns: distances and days
    rows: Sequence[str]
    columns: Sequence[str]


def draw_panels(panels: Sequence[Panel], ax: Any, *, legend: str, x: str, y: str) -> Any:
    """Draw panels beside each other with one scale of colours from a quarter to four times."""
    count, bands = len(panels), len(panels[0].columns)
    ax = axes(ax, size=(1.2 + count * max(2.6, 0.8 * bands + 0.4), 3.6))
    ax.set_axis_off()
    width = 1 / (count + 0.12 * (count - 1))
    for at, panel in enumerate(panels):
        inner = ax.inset_axes([at * 1.12 * width, 0, width, 1])
        image = _draw(inner, panel)
        inner.set_xlabel(x)
        if at:
            inner.set_yticklabels([])
        else:
            inner.set_ylabel(y)
    bar = ax.figure.colorbar(image, ax=ax, shrink=0.8, ticks=[-2, -1, 0, 1, 2])
    bar.ax.set_yticklabels(["¼", "½", "1", "2", "4"])
    bar.set_label(legend)
    return ax


def _draw(inner: Any, panel: Panel) -> Any:
    with np.errstate(divide="ignore"):
        tones = np.clip(np.log2(panel.ratios), -_STEPS, _STEPS)
    image = inner.imshow(
        np.ma.masked_invalid(tones),
        cmap="RdBu_r",
        vmin=-_STEPS,
        vmax=_STEPS,
        aspect="auto",
        alpha=np.where(panel.firm, 1.0, _PALE),
    )
    inner.grid(visible=False)
    for at, tone in enumerate(tones.ravel()):
        row, column = divmod(at, tones.shape[1])
        colour = "white" if abs(tone) > _DARK and panel.firm[row, column] else "black"
        text = panel.texts[at]
        inner.text(column, row, text, ha="center", va="center", color=colour, fontsize=8)
    inner.set_xticks(range(len(panel.columns)), panel.columns)
    inner.set_yticks(range(len(panel.rows)), panel.rows)
    inner.tick_params(labelsize=8, length=0)
    inner.set_title(label_of(panel.title), fontsize=10)
    return image
