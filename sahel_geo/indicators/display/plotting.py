"""Axes to draw on, in one printable style; matplotlib is loaded only when something is drawn."""

import re
from collections.abc import Iterable
from typing import Any, Final, cast

from sahel_geo.errors import require_language
from sahel_geo.i18n.classes import HOT_COLD, colours_of, grey
from sahel_geo.indicators.plot_words import spelled
from sahel_geo.schema import Language

# Okabe & Ito (2008): told apart with any colour vision, and in grey by their lightness.
COLOURS: Final[dict[str, str]] = {
    "all": "#000000",
    "domestic": "#0072b2",
    "cross_border": "#d55e00",
    "baseline": "#8a8a8a",
    "hot": colours_of(HOT_COLD)["hot"],
    "cold": colours_of(HOT_COLD)["cold"],
}
CYCLE: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
_SIZE_INCHES: Final = (6.4, 4.0)
_LADDERS: Final = (  # of ratios to mark, from coarse to fine
    (1, 2, 5),
    (1, 1.5, 2, 3, 5, 7),
    (1, 1.1, 1.2, 1.3, 1.5, 1.7, 2, 2.5, 3, 4, 5, 6, 7, 8, 9),
)
_FEWEST_RATIOS: Final = 3
_HATCHES: Final = (
    "////",
    "\\\\\\\\",
    "xxxx",
    "----",
    "||||",
    "++++",
    "//--",
    "\\\\||",
)  # lines, since dots weigh much in a drawing
_APART: Final = 24.0  # levels of grey of 255 that an eye tells apart on paper
_MOST_RATIOS: Final = 9
_YEARS: Final = (1800, 2200)  # an axis between them is one of years
_THOUSANDS: Final = re.compile(r"(?<![\d.])\d{4,}")


def axes(ax: Any = None, *, size: tuple[float, float] = _SIZE_INCHES, lang: Language = "en") -> Any:
    """Give the caller's axes, or new ones in the style of the package."""
    require_language(lang)
    if ax is not None:
        return _numbered(ax, lang)
    from sahel_geo.indicators.display.figures import new_axes  # noqa: PLC0415  matplotlib is slow

    ax = new_axes(size)
    ax.set_prop_cycle(color=CYCLE)
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(visible=True, color="#e3e3e3", linewidth=0.6)
    ax.set_axisbelow(True)
    return _numbered(ax, lang)


def ratio_ticks(axis: Any, ends: tuple[float, float], lang: Language) -> None:
    """Mark a logarithmic axis of ratios with plain numbers."""
    from matplotlib.ticker import NullFormatter, NullLocator  # noqa: PLC0415

    ticks: list[float] = []
    for ladder in _LADDERS:
        steps = (float(f"{step}e{power}") for power in range(-4, 5) for step in ladder)
        ticks = [step for step in steps if ends[0] <= step <= ends[1]]
        if len(ticks) >= _FEWEST_RATIOS:
            break
    while len(ticks) > _MOST_RATIOS:
        ticks = ticks[len(ticks) % 2 :: 2]
    axis.set_ticks(ticks, [spelled(f"{tick:,g}", lang) for tick in ticks])
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())


def _numbered(ax: Any, lang: Language) -> Any:
    """Give the axes the signs of a language, unless they have a format of their own."""
    from matplotlib.ticker import ScalarFormatter  # noqa: PLC0415

    class InLanguage(ScalarFormatter):
        """Numbers with the signs of the language, thousands apart but in years."""

        def __call__(self, x: float, pos: int | None = None) -> str:
            text, axis = super().__call__(x, pos), cast("Any", self.axis)
            low, high = sorted(axis.get_view_interval())
            if not _YEARS[0] < low < high < _YEARS[1]:
                text = _THOUSANDS.sub(lambda match: f"{int(match[0]):,}", text)
            return spelled(text, lang)

    for axis in (ax.xaxis, ax.yaxis):
        if type(axis.get_major_formatter()) is ScalarFormatter:
            axis.set_major_formatter(InLanguage())
            axis.isDefault_majfmt = True  # dates bring a format of their own
    return ax


def hatches(colours: Iterable[str]) -> list[str | None]:
    """Choose hatchings for areas whose colours would look alike in grey.

    >>> hatches(["#b2182b", "#ffffff", "#2166ac"])
    [None, None, '////']
    """
    chosen: list[tuple[float, str | None]] = []
    for level in map(grey, colours):
        taken = {hatch for other, hatch in chosen if abs(other - level) < _APART}
        free = [hatch for hatch in (None, *_HATCHES) if hatch not in taken]
        chosen.append((level, free[0] if free else _HATCHES[len(chosen) % len(_HATCHES)]))
    return [hatch for _, hatch in chosen]


_LEGEND_WIDTH: Final = 84  # letters across a figure
_LEGEND_SIGN: Final = 6  # letters that a sign and its gap take


def legend_above(ax: Any, *, columns: int = 3, **options: Any) -> Any:
    """Put the legend above the axes, where it covers nothing, in as many columns as fit."""
    names = options.get("labels") or ax.get_legend_handles_labels()[1]
    names = [handle.get_label() for handle in options.get("handles", ())] or names
    longest = max((len(str(name)) for name in names), default=1)
    columns = max(1, min(columns, _LEGEND_WIDTH // (longest + _LEGEND_SIGN)))
    place = {"loc": "lower center", "bbox_to_anchor": (0.5, 1.0)}
    ax.legend(**{"fontsize": "small", "frameon": False, "ncols": columns, **place, **options})
    return ax


def date_ticks(ax: Any) -> None:
    """Mark few enough dates that their labels stay apart; they are numbers, of no language."""
    from matplotlib import dates  # noqa: PLC0415

    untyped: Any = dates
    locator = untyped.AutoDateLocator(minticks=3, maxticks=6)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(untyped.AutoDateFormatter(locator))
