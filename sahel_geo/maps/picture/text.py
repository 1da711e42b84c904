"""Text in a picture: measured, broken into lines, never cut off."""

import unicodedata
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
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
        canvas: Any = FigureCanvasAgg(Figure(dpi=dpi))
        self._renderer = canvas.get_renderer()

    def width(self, text: str, size: float, *, bold: bool = False) -> float:
        """Measure one line."""
        font = FontProperties(family=FAMILY, size=size, weight="bold" if bold else "normal")
        with missing_letters():
            wide, *_ = self._renderer.get_text_width_height_descent(text, font, ismath=False)
        return float(wide) / self._dpi

    def lines(self, text: str, size: float, width: float, *, bold: bool = False) -> list[str]:
        """Break a text into lines, inside words only where a word is longer than a line."""
        if not text:
            return []
        lines = [""]
        for word in plain(text).split(" "):
            longer = f"{lines[-1]} {word}" if lines[-1] else word
            if self.width(longer, size, bold=bold) <= width:
                lines[-1] = longer
                continue
            if lines[-1]:
                lines.append("")
            for piece in self._pieces(word, size, width, bold=bold):
                lines[-1] = piece
                lines.append("")
            lines.pop()
        return lines

    def _pieces(self, word: str, size: float, width: float, *, bold: bool) -> Iterator[str]:
        """Cut a word as wide as the lines; of a long one only what may fit is measured."""
        while word:
            low, high = 1, 2
            while high <= len(word) and self.width(word[:high], size, bold=bold) <= width:
                low, high = high, 2 * high
            high = min(high, len(word) + 1)
            while high - low > 1:
                middle = (low + high) // 2
                fits = self.width(word[:middle], size, bold=bold) <= width
                low, high = (middle, high) if fits else (low, middle)
            yield word[:low]
            word = word[low:]


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
