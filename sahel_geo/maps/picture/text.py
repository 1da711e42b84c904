"""Text in a picture: measured, broken into lines, never cut off."""

import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any, Final

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

FAMILY: Final = "DejaVu Sans"  # comes with matplotlib, so that a text is as wide everywhere
_LINE: Final = 1.32  # height of a line beside the size of its letters


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
            for number, piece in enumerate(self._pieces(word, size, width, bold=bold)):
                if number:
                    lines.append("")
                lines[-1] = piece
        return lines

    def _pieces(self, word: str, size: float, width: float, *, bold: bool) -> Iterator[str]:
        """Cut a word as wide as the lines."""
        while word:
            guess = self._letters(size, width)
            count = self._most(word, size, width, bold=bold, guess=guess)
            yield word[:count]
            word = word[count:]

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


@contextmanager
def missing_letters() -> Iterator[None]:
    """Draw a box for a letter that the font lacks, without a warning."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph", UserWarning)
        warnings.filterwarnings("ignore", "Matplotlib currently does not support", UserWarning)
        yield
