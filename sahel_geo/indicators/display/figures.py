"""Figures and axes that show themselves, and their pictures; imported when something is drawn."""

import warnings
from io import BytesIO, StringIO
from typing import Any, Final, Literal

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

_LARGEST_SVG: Final = 400_000  # letters; beyond, a picture in dots weighs less
_DOTS_PER_INCH: Final = 144


class ShownAxes(Axes):
    """Axes that show the figure they belong to."""

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return dict([picture(self.figure)])


class ShownFigure(Figure):
    """A figure without a window that shows itself."""

    is_saved = False

    def savefig(self, *args: Any, **options: Any) -> None:
        """Save; what is cut to the ink is drawn twice, since only drawing tells where ink is."""
        cut = options.get("bbox_inches") or mpl.rcParams["savefig.bbox"]
        self.is_saved = cut in (None, "standard")
        try:
            super().savefig(*args, **options)
        finally:
            self.is_saved = False

    def draw(self, renderer: Any) -> None:
        """Draw; while it is saved only lay out the first time, of which nothing is kept."""
        engine = self.get_layout_engine()
        if self.is_saved and isinstance(engine, ConstrainedLayoutEngine):
            engine.execute(self)
        else:
            super().draw(renderer)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return dict([picture(self)])


def new_axes(size: tuple[float, float]) -> Axes:
    """Make axes in a figure of their own."""
    return ShownFigure(figsize=size, layout="constrained").add_subplot(axes_class=ShownAxes)


def picture(figure: Any) -> tuple[str, str | bytes]:
    """Draw a figure for a page: as lines, or as dots where the lines would be too many."""
    drawn = svg(figure)
    if len(drawn) <= _LARGEST_SVG:
        return "image/svg+xml", drawn
    dots = BytesIO()
    with warnings.catch_warnings():
        _ignore_missing_glyphs()
        figure.savefig(dots, format="png", dpi=_DOTS_PER_INCH)
    return "image/png", dots.getvalue()


def svg(figure: Any, *, letters: Literal["path", "none"] = "path") -> str:
    """Write a figure as SVG, with the same bytes every time."""
    written = StringIO()
    with (
        mpl.rc_context({"svg.hashsalt": "sahel_geo", "svg.fonttype": letters}),
        warnings.catch_warnings(),
    ):
        _ignore_missing_glyphs()
        figure.savefig(written, format="svg", metadata={"Date": None})
    return written.getvalue()


def _ignore_missing_glyphs() -> None:
    """Let a letter that the font lacks be drawn as a box."""
    warnings.filterwarnings("ignore", "Glyph .* missing from font")
