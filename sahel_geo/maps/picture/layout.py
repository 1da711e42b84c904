"""Where everything stands in a picture of a map: title, map, legend beside it, words below it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from matplotlib.figure import Figure

from sahel_geo.arrays import Floats, Integers
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.maps.picture.drawing import QUIET, Ruler, height, write_figure, write_lines
from sahel_geo.maps.picture.folium_layers import UserLayers
from sahel_geo.maps.picture.legend import WIDTH, Legend
from sahel_geo.maps.picture.map import GROUP, Frame, MapDrawing
from sahel_geo.maps.picture.view import (
    MARGIN,
    Choice,
    Group,
    Incidents,
    Shapes,
    View,
    choice_label,
    span_label,
    statement_of,
    view_of,
)
from sahel_geo.maps.texts import said
from sahel_geo.schema import Language

_MARGIN: Final = 0.3  # inches, as everything here
_GAP: Final = 0.25
_LEFT_OUT: Final = Sentence("On the page, but not in this picture: {names}.")


@dataclass
class Sheet:
    """A map laid out."""

    data: Mapping[str, Any]  # what the page draws and says
    choice: Choice  # what of it is shown
    lang: Language
    width: float  # of the sheet, in inches
    dpi: float = 150.0  # pixels to the inch
    added: UserLayers = field(default_factory=UserLayers)  # layers that users added

    def __post_init__(self) -> None:
        """Measure everything."""
        data, choice, lang = self.data, self.choice, self.lang
        self.ruler = Ruler(self.dpi)
        self.shapes = Shapes(data)
        self.inner = self.width - 2 * _MARGIN
        self.view = view_of(data, choice, lang)
        points = data["points"]
        self._frame()
        incidents, self.groups = (None, []) if points is None else self._incidents(points)
        title, subtitle = _headings_of(data, choice, self.view, lang)
        self.title = self.ruler.lines(title, 15.0, self.inner, bold=True)
        self.subtitle = self.ruler.lines(subtitle, 10.0, self.inner)
        sentences = statement_of(data, lang)
        if self.added.telling:
            sentences.append(_LEFT_OUT.filled(names=", ".join(self.added.telling)).say(lang))
        sentences += [said(each, lang) for each in (*data["notes"], *data["sources"])]
        software = data["texts"][lang]["software"]
        sentences = ["sahel_geo." if text == software else text for text in sentences]
        self.foot = [self.ruler.lines(text, 7.5, self.inner) for text in sentences]
        self.legend = Legend(data, self.view, incidents, self.groups, self.added, lang, self.ruler)
        head = height(len(self.title), 15.0) + height(len(self.subtitle), 10.0) + 0.14
        foot = sum(height(len(lines), 7.5) + 0.05 for lines in self.foot)
        body = max(self.map_height, self.legend.height)
        self.height = 2 * _MARGIN + head + body + 0.16 + foot

    def _incidents(self, points: Mapping[str, Any]) -> tuple[Incidents, list[Group]]:
        """Keep those whose symbols reach into the map, grouped as on a page of the same size."""
        incidents = Incidents.of(points, self.choice.periods)
        x, y = self.shapes.place(incidents.lon, incidents.lat).T
        west, east, south, north = self.frame.extent
        pixel = self.frame.pixel
        reach = MARGIN * pixel
        near = (x > west - reach) & (x < east + reach) & (y > south - reach) & (y < north + reach)
        columns = (incidents.lon, incidents.lat, incidents.deaths, incidents.precision)
        kept = Incidents(*(column[near] for column in columns))
        x, y = (x[near] - west) / pixel, (north - y[near]) / pixel
        groups = [
            replace(group, x=west + group.x * pixel, y=north - group.y * pixel)
            for group in _group_points(x, y, kept.deaths, kept.precision)
        ]
        return kept, groups

    def drawn(self) -> Figure:
        """Draw from top to bottom."""
        self.figure = Figure(figsize=(self.width, self.height), dpi=self.dpi, facecolor="#ffffff")
        self.inches: Any = self.figure.dpi_scale_trans  # a drawing has a resolution of its own
        top = self.height - _MARGIN
        top = self.write(self.title, 15.0, _MARGIN, top, weight="bold")
        top = self.write(self.subtitle, 10.0, _MARGIN, top, color=QUIET) - 0.14
        across, up, bottom = self.width, self.height, top - self.map_height
        size = (self.map_width / across, self.map_height / up)
        axes = self.figure.add_axes((_MARGIN / across, bottom / up, *size))
        drawing = MapDrawing(self.data, self.view, self.shapes, self.frame, self.lang, self.ruler)
        drawing.draw(axes, self.groups, self.added)
        self.legend.draw(self, _MARGIN + self.map_width + _GAP, top)
        top -= max(self.map_height, self.legend.height) + 0.16
        for lines in self.foot:
            top = self.write(lines, 7.5, _MARGIN, top, color=QUIET) - 0.05
        return self.figure

    def save(self, path: Path, kind: str) -> None:
        """Write it as ``png`` or ``svg``."""
        write_figure(self.drawn(), path, kind)

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

    def write(self, lines: list[str], size: float, x: float, top: float, **style: Any) -> float:
        """Write lines below `top`, and give where they end."""
        return write_lines(self.figure, lines, size, x, top, **style)

    def put(self, artist: Any) -> None:
        """Add an artist whose places are inches of the sheet."""
        artist.set_transform(self.inches)
        self.figure.add_artist(artist)


def _headings_of(
    data: Mapping[str, Any], choice: Choice, view: View, lang: Language
) -> tuple[str, str]:
    """Give title and subtitle as the page has them, with the indicator and the time shown."""
    indicator = data["indicators"][choice.indicator]
    own = (said(indicator["title"], lang), said(indicator["unit"], lang))
    name, unit = (*(view.heads if choice.surface else own), "")[:2]
    follows = data["follows"]
    title = name if "title" in follows else said(data["title"], lang)
    below = [unit if "subtitle" in follows else said(data["subtitle"], lang)]
    if "title" not in follows:
        below.append(f"{name} ({unit})" if unit else name)
    elif "subtitle" not in follows:
        below.append(unit)
    if choice.periods:
        below.append(choice_label(data["time"], choice, lang))
    elif "period" in data["statement"]:
        below.append(said(data["statement"]["period"], lang))
    elif data["time"] is not None:
        below.append(span_label(data["time"], lang))
    return title, " \u00b7 ".join(filter(None, below))


def _group_points(x: Floats, y: Floats, deaths: Floats, precision: Integers) -> list[Group]:
    """Group points (pixels): those with the most deaths first, each with the nearest within reach.

    >>> at = np.array([0.0, 30.0, 100.0])
    >>> result = _group_points(at, at * 0, np.array([2.0, 1.0, np.nan]), np.array([0, 0, 2]))
    >>> [(group.x, group.count, group.deaths, group.precision) for group in result]
    [(15.0, 2, 3.0, 0), (100.0, 1, 0.0, 2)]
    """
    squares: dict[tuple[int, int], list[int]] = {}
    members: list[list[int]] = []
    for at in np.argsort(-np.nan_to_num(deaths), kind="stable").tolist():
        column, row = math.floor(x[at] / GROUP), math.floor(y[at] / GROUP)
        best, least = -1, GROUP**2
        for square in ((column + i, row + j) for i in (-1, 0, 1) for j in (-1, 0, 1)):
            for number in squares.get(square, ()):
                first = members[number][0]
                apart = (x[first] - x[at]) ** 2 + (y[first] - y[at]) ** 2
                if apart < least:
                    best, least = number, apart
        if best < 0:
            best = len(members)
            members.append([])
            squares.setdefault((column, row), []).append(best)
        members[best].append(at)
    groups = []
    for rows in members:
        kinds = set(precision[rows].tolist())
        across, down = (float(along[rows].sum() / len(rows)) for along in (x, y))
        toll = float(np.nansum(deaths[rows]))
        kind = kinds.pop() if len(kinds) == 1 else -1
        groups.append(Group(across, down, len(rows), toll, kind))
    return sorted(groups, key=lambda group: -group.deaths)
