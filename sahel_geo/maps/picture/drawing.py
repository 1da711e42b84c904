"""Colours and fills, symbols of incidents, and text that is measured, broken and never cut off."""

import unicodedata
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Circle, Polygon

from sahel_geo.i18n.classes import HATCHES, ink_on
from sahel_geo.maps.picture.view import PIXELS_PER_INCH, Group

INK: Final = "#22201c"
QUIET: Final = "#5a544a"
EDGE: Final = "#8c857a"
POINTS: Final = "#0b4f8a"
GROUND: Final = {"land": "#ece8df", "sea": "#d9e5ea"}
_HATCH: Final = {"no_data": ("#ffffff", "////", "#8f8a80"), "suppressed": (None, "....", "#3d3830")}
# kind, width in points, colour, dashes; a border has a light casing, so that it shows on any class
LAKE: Final = "#b9d6e3"
LINES: Final = (
    ("river", 0.8, "#6a9fb8", "solid"),
    ("around", 0.6, "#bdb6a8", "solid"),
    ("outer", 0.8, "#5e574d", "solid"),
    ("region", 0.7, "#5e574d", "solid"),
    ("casing", 3.2, "#ffffff", "solid"),
    ("border", 1.5, INK, "solid"),
    ("zone", 1.9, "#0b4f8a", (0, (4, 2.5))),
)
FAMILY: Final = "DejaVu Sans"  # comes with matplotlib, so that a text is as wide everywhere
POINTS_PER_PIXEL: Final = 72 / PIXELS_PER_INCH
_LINE: Final = 1.32  # height of a line beside the size of its letters


def fill_of(entry: Mapping[str, Any], *, doubtful: bool) -> dict[str, Any]:
    """Give the fill of a class: its colour, hatched or dotted as on the page."""
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


def draw_group(put: Any, group: Group, scale: float, base: Any, zorder: float) -> None:
    """Draw the symbol of some incidents."""
    radius = group.radius * scale
    corners = _symbol_corners(group.precision, radius)
    look: Any = {
        "facecolor": POINTS,
        "edgecolor": "#ffffff",
        "linewidth": 1.4 * POINTS_PER_PIXEL,
        "alpha": 0.86,
        "zorder": zorder,
    }
    if corners is None:
        patch: Any = Circle((group.x, group.y), radius, **look)
    else:
        patch = Polygon([(group.x + x, group.y + y) for x, y in corners], closed=True, **look)
    patch.set_transform(base)
    put(patch)


def _symbol_corners(precision: int, radius: float) -> list[tuple[float, float]] | None:
    """Give the corners of the symbol of a precision around the origin, y up; None for a circle."""
    square, tall = radius * 0.89, radius * 1.2
    return {
        1: [(-square, -square), (square, -square), (square, square), (-square, square)],
        2: [(0.0, tall), (tall, 0.0), (0.0, -tall), (-tall, 0.0)],
        3: [(0.0, tall), (tall, -tall * 0.8), (-tall, -tall * 0.8)],
    }.get(precision)


def write_lines(
    figure: Any, lines: list[str], size: float, x: float, top: float, **style: Any
) -> float:
    """Write lines below `top`, inches from the left and the bottom, and give where they end."""
    across, up = figure.get_size_inches()
    for number, line in enumerate(lines):
        figure.text(
            x / across,
            (top - height(number, size) - size * 1.02 / 72) / up,
            line,
            size=size,
            va="baseline",
            parse_math=False,
            family=FAMILY,
            **{"color": INK, **style},
        )
    return top - height(len(lines), size)


class Ruler:
    """Measures text in inches, fitted to the picture's pixels, which makes small ones wider."""

    def __init__(self, dpi: float) -> None:
        self._dpi = dpi
        self._pace = 0.0075  # inches of a letter of one point, as in what was measured last

    def width(self, text: str, size: float, *, bold: bool = False) -> float:
        """Measure one line."""
        return _width(text, size, bold, self._dpi)

    def lines(self, text: str, size: float, width: float, *, bold: bool = False) -> list[str]:
        """Break a text into lines, inside words only where a word is longer than a line."""
        if not text:
            return []
        lines = [""]
        words = plain(text).split(" ")
        while words:
            begun = [lines[-1]] if lines[-1] else []
            near = " ".join([*begun, *words])[: self._letters(size, width)]
            guess = near.count(" ") + 1 - len(begun)
            count = self._most(words, size, width, bold=bold, guess=guess, begun=begun)
            lines[-1] = _line(begun, words, count)
            words = words[count:]
            if not words:
                break
            word, *words = words
            if word and lines[-1]:
                lines.append("")
            while word:
                guess = self._letters(size, width)
                count = self._most(word, size, width, bold=bold, guess=guess)
                lines[-1], word = word[:count], word[count:]
                if word:
                    lines.append("")
        return lines

    def _letters(self, size: float, width: float) -> int:
        """Guess how many letters a line takes."""
        return max(1, int(width / (self._pace * size)))

    def _most(
        self,
        parts: Sequence[str],
        size: float,
        width: float,
        *,
        bold: bool,
        guess: int,
        begun: Sequence[str] | None = None,
    ) -> int:
        """Find how many words fit in a line that others began, or how many letters of one word.

        A long line takes a millisecond to measure, so as few are measured as tell.
        """
        first, last = (1 if begun is None else 0), len(parts) + 1  # a line holds some letter
        low, high, at, step = first, last, guess, 1
        while high - low > 1:
            if low > first and high < last:
                at = (low + high) // 2
            at = min(max(at, low + 1), high - 1)
            line = _line(begun, parts, at)
            wide = self.width(line, size, bold=bold)
            if len(line) > 20:
                self._pace = max(wide / len(line) / size, 1e-4)
            low, high = (at, high) if wide <= width else (low, at)
            at += step if low == at else -step
            step *= 2
        return low


def _line(begun: Sequence[str] | None, parts: Sequence[str], count: int) -> str:
    """Join words; or letters, where nothing is begun."""
    if begun is None:
        return "".join(parts[:count])
    return " ".join([*begun, *parts[:count]]).lstrip(" ")


@lru_cache(maxsize=4096)
def _width(text: str, size: float, bold: bool, dpi: float) -> float:  # noqa: FBT001  remembered
    """Measure a line; the maps of a report have most of theirs in common."""
    font = FontProperties(family=FAMILY, size=size, weight="bold" if bold else "normal")
    with missing_letters():
        wide, *_ = _renderer(dpi).get_text_width_height_descent(text, font, ismath=False)
    return float(wide) / dpi


@cache
def _renderer(dpi: float) -> Any:
    canvas: Any = FigureCanvasAgg(Figure(dpi=dpi))
    return canvas.get_renderer()


def height(lines: int, size: float) -> float:
    """Give the inches that so many lines of letters of a size in points take."""
    return lines * size * _LINE / 72


def plain(text: str) -> str:
    r"""Replace what has no place in a line: breaks, and characters that control others.

    >>> plain("two\nlines")
    'two lines'
    """
    kept = (
        letter if unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Zl", "Zp") else " "
        for letter in text
    )
    return " ".join("".join(kept).replace("\u202f", "\u00a0").split(" "))


def write_figure(figure: Figure, path: Path, kind: str) -> None:
    """Write a figure as ``png`` or ``svg``: the same bytes for the same figure."""
    fixed: Any = {"svg.hashsalt": "sahel_geo", "svg.fonttype": "path", "hatch.linewidth": 0.6}
    about = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
    with mpl.rc_context(fixed), missing_letters():
        figure.savefig(path, format=kind, dpi="figure", metadata=about)


@contextmanager
def missing_letters() -> Iterator[None]:
    """Draw a box for a letter that the font lacks, without a warning."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph", UserWarning)
        warnings.filterwarnings("ignore", "Matplotlib currently does not support", UserWarning)
        yield
