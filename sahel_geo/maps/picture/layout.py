"""Where everything stands in a picture of a map: title, map, legend beside it, words below it."""

from collections.abc import Mapping
from typing import Any, Final

from matplotlib.figure import Figure

from sahel_geo.i18n.sentence import Sentence
from sahel_geo.maps.picture.drawing import QUIET, write_lines
from sahel_geo.maps.picture.legend import WIDTH, Legend
from sahel_geo.maps.picture.map import Frame, MapDrawing, groups_of, within
from sahel_geo.maps.picture.marks import UserLayers
from sahel_geo.maps.picture.points import Shapes, read_incidents
from sahel_geo.maps.picture.text import Ruler, height
from sahel_geo.maps.picture.view import Choice, headings_of, statement_of, view_of
from sahel_geo.maps.wording import said
from sahel_geo.schema import Language

_MARGIN: Final = 0.3  # inches, as everything here
_GAP: Final = 0.25
_LEFT_OUT: Final = Sentence("On the page, but not in this picture: {names}.")


def draw(
    data: Mapping[str, Any],
    choice: Choice,
    lang: Language,
    width: float,
    dpi: float = 150.0,
    added: UserLayers | None = None,
) -> Figure:
    """Lay a map out and draw it."""
    return _Sheet(data, choice, lang, width, dpi, added or UserLayers()).drawn()


class _Sheet:
    def __init__(
        self,
        data: Mapping[str, Any],
        choice: Choice,
        lang: Language,
        width: float,
        dpi: float,
        added: UserLayers,
    ) -> None:
        self.data = data
        self.lang = lang
        self.dpi = dpi
        self.added = added
        self.ruler = Ruler(dpi)
        self.shapes = Shapes(data)
        self.width = width
        self.inner = width - 2 * _MARGIN
        self.view = view_of(data, choice, lang)
        points = data["points"]
        self._frame()
        incidents = None
        self.groups = []
        if points is not None:
            found = read_incidents(points, choice.periods)
            incidents = within(found, self.shapes, self.frame)
            self.groups = groups_of(incidents, self.shapes, self.frame)
        title, subtitle = headings_of(data, choice, self.view, lang)
        self.title = self._block(title, 15.0, bold=True)
        self.subtitle = self._block(subtitle, 10.0)
        self.foot = self._foot()
        self.legend = Legend(data, self.view, incidents, self.groups, added, lang, self.ruler)
        head = height(len(self.title), 15.0) + height(len(self.subtitle), 10.0) + 0.14
        foot = sum(height(len(lines), 7.5) + 0.05 for lines in self.foot)
        body = max(self.map_height, self.legend.height)
        self.height = 2 * _MARGIN + head + body + 0.16 + foot

    def drawn(self) -> Figure:
        """Draw from top to bottom."""
        self.figure = Figure(figsize=(self.width, self.height), dpi=self.dpi, facecolor="#ffffff")
        self.inches: Any = self.figure.dpi_scale_trans  # a drawing has a resolution of its own
        top = self.height - _MARGIN
        top = self.write(self.title, 15.0, _MARGIN, top, weight="bold")
        top = self.write(self.subtitle, 10.0, _MARGIN, top, color=QUIET) - 0.14
        self._map(top - self.map_height)
        self.legend.draw(self, _MARGIN + self.map_width + _GAP, top)
        top -= max(self.map_height, self.legend.height) + 0.16
        for lines in self.foot:
            top = self.write(lines, 7.5, _MARGIN, top, color=QUIET) - 0.05
        return self.figure

    def _frame(self) -> None:
        """Give the map the width that the legend leaves, and the height of its extent."""
        (south, west), (north, east) = self.data["bounds"]
        self.map_width = self.inner - WIDTH - _GAP
        wide, high = (east - west) * self.shapes.squeeze, north - south
        pad = 0.04 * max(wide, high)
        wide, high = wide + 2 * pad, high + 2 * pad
        ratio = min(max(high / wide, 0.5), 1.15)
        self.map_height = self.map_width * ratio
        if high / wide > ratio:
            wide = high / ratio
        else:
            high = wide * ratio
        x, y = (west + east) / 2 * self.shapes.squeeze, (south + north) / 2
        extent = (x - wide / 2, x + wide / 2, y - high / 2, y + high / 2)
        self.frame = Frame(extent, self.map_width / wide)

    def _block(self, text: str, size: float, *, bold: bool = False) -> list[str]:
        return self.ruler.lines(text, size, self.inner, bold=bold) if text else []

    def _foot(self) -> list[list[str]]:
        told = statement_of(self.data, self.lang)
        if self.added.telling:
            told.append(_LEFT_OUT.filled(names=", ".join(self.added.telling)).say(self.lang))
        told += [said(each, self.lang) for each in (*self.data["notes"], *self.data["sources"])]
        software = self.data["texts"][self.lang]["software"]
        told = ["sahel_geo." if text == software else text for text in told]
        return [self.ruler.lines(text, 7.5, self.inner) for text in told]

    def _map(self, bottom: float) -> None:
        box = (
            _MARGIN / self.width,
            bottom / self.height,
            self.map_width / self.width,
            self.map_height / self.height,
        )
        axes = self.figure.add_axes(box)
        drawing = MapDrawing(self.data, self.view, self.shapes, self.frame, self.lang, self.ruler)
        drawing.draw(axes, self.groups, self.added)

    def write(self, lines: list[str], size: float, x: float, top: float, **style: Any) -> float:
        """Write lines below `top`, and give where they end."""
        return write_lines(self.figure, lines, size, x, top, **style)

    def put(self, artist: Any) -> None:
        """Add an artist whose places are inches of the sheet."""
        artist.set_transform(self.inches)
        self.figure.add_artist(artist)
