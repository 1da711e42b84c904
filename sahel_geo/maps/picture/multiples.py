"""Small maps of one indicator side by side, one for each year or period, on one scale."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle

from sahel_geo.errors import InputError
from sahel_geo.maps.periods import period_start, periods_of_year
from sahel_geo.maps.picture.drawing import (
    EDGE,
    INK,
    QUIET,
    Ruler,
    fill_of,
    height,
    write_figure,
    write_lines,
)
from sahel_geo.maps.picture.view import (
    Choice,
    Shapes,
    View,
    choice_label,
    label_of,
    statement_of,
    view_of,
)
from sahel_geo.maps.texts import said
from sahel_geo.schema import Language

_MOST: Final = 36
_MARGIN: Final = 0.3  # inches, as everything here
_GAP: Final = 0.16
_NAME: Final = 0.24
_SWATCH: Final = 0.26
_FOOT: Final = 7.5


@dataclass
class Multiples:
    """The small maps laid out in rows, with one legend below them."""

    data: Mapping[str, Any]  # what the page draws and says
    choices: Sequence[Choice]  # what each map shows
    lang: Language
    width: float  # of the sheet, in inches
    dpi: float  # pixels to the inch

    @classmethod
    def of(
        cls, data: Mapping[str, Any], indicator: int, by: str, lang: Language, *size: float
    ) -> "Multiples":
        """Show calendar years, or the last periods of the map."""
        series = data["indicators"][indicator].get("series")
        time = data["time"]
        yearly = by == "year" and time is not None and time["kind"] != "year"
        if time is None or not series or (yearly and not series["years"]):
            raise InputError(
                "`by` is {by}, but {key} has no such values; expected an indicator with a panel, "
                "and values of a year for by='year'. Choose another indicator, or by='period'.",
                by=repr(by),
                key=repr(data["indicators"][indicator]["key"]),
            )
        if yearly:
            first, last = (period_start(time, at).year for at in (0, time["count"] - 1))
            years = range(first, last + 1)
            choices = [Choice(indicator, periods_of_year(time, year), year) for year in years]
        else:
            choices = [Choice(indicator, range(at, at + 1)) for at in range(time["count"])]
        return cls(data, choices[-_MOST:], lang, *size)

    def __post_init__(self) -> None:
        """Measure everything."""
        data, choices, lang = self.data, self.choices, self.lang
        self.ruler = Ruler(self.dpi)
        self.shapes = Shapes(data)
        self.views = [view_of(data, choice, lang) for choice in choices]
        self.inner = self.width - 2 * _MARGIN
        self.columns = min(len(choices), 6 if len(choices) > 12 else 4)
        self.small = (self.inner - (self.columns - 1) * _GAP) / self.columns
        (south, west), (north, east) = data["bounds"]
        squeeze = self.shapes.squeeze
        pad = 0.02 * max((east - west) * squeeze, north - south)
        self.extent = (west * squeeze - pad, east * squeeze + pad, south - pad, north + pad)
        ratio = (north - south + 2 * pad) / ((east - west) * squeeze + 2 * pad)
        self.tall = self.small * min(max(ratio, 0.4), 1.4)
        indicator = data["indicators"][choices[0].indicator]
        name, unit = (said(indicator[part], lang) for part in ("title", "unit"))
        ends = [choice_label(data["time"], choices[at], lang) for at in (0, -1)]
        title = f"{name} ({unit})" if unit else name
        title = f"{title}, {ends[0]} – {ends[1]}"
        self.title = self.ruler.lines(title, 14.0, self.inner, bold=True)
        lines = [*statement_of(data, lang), *(said(each, lang) for each in data["sources"])]
        series = indicator["series"]
        side = series if choices[0].year is None else series["years"]
        method = said(side["method"], lang).replace(data["texts"][lang]["counts_hint"], "").strip()
        self.foot = [self.ruler.lines(text, _FOOT, self.inner) for text in (method, *lines) if text]

    def drawn(self) -> Figure:
        """Draw from top to bottom."""
        legend = self._legend_rows()
        rows = math.ceil(len(self.choices) / self.columns)
        head = height(len(self.title), 14.0) + 0.12
        body = rows * (self.tall + _NAME + _GAP)
        foot = sum(height(len(lines), _FOOT) + 0.05 for lines in self.foot)
        self.height = 2 * _MARGIN + head + body + 0.3 * len(legend) + foot
        self.figure = Figure(figsize=(self.width, self.height), dpi=self.dpi, facecolor="#ffffff")
        write_lines(self.figure, self.title, 14.0, _MARGIN, self.height - _MARGIN, weight="bold")
        top = self.height - _MARGIN - head
        for at, view in enumerate(self.views):
            left = _MARGIN + (at % self.columns) * (self.small + _GAP)
            below = top - (at // self.columns) * (self.tall + _NAME + _GAP)
            name = choice_label(self.data["time"], self.choices[at], self.lang)
            write_lines(self.figure, [name], 10.0, left, below, weight="bold")
            self._map(view, left, below - _NAME - self.tall)
        top -= body
        self._legend(legend, top)
        top -= 0.3 * len(legend)
        for lines in self.foot:
            write_lines(self.figure, lines, _FOOT, _MARGIN, top, color=QUIET)
            top -= height(len(lines), _FOOT) + 0.05
        return self.figure

    def save(self, path: Path, kind: str) -> None:
        """Write them as ``png`` or ``svg``."""
        write_figure(self.drawn(), path, kind)

    def _map(self, view: View, left: float, bottom: float) -> None:
        box = (
            left / self.width,
            bottom / self.height,
            self.small / self.width,
            self.tall / self.height,
        )
        axes = self.figure.add_axes(box)
        axes.set_axis_off()
        west, east, south, north = self.extent
        axes.set(xlim=(west, east), ylim=(south, north), aspect="equal")
        for position, text in enumerate(self.data["units"]["shape"]):
            path = self.shapes.polygon(text)
            if path is not None:
                entry = view.classes[view.numbers[position]]
                style = fill_of(entry, doubtful=position in view.doubtful)
                axes.add_artist(PathPatch(path, **{**style, "zorder": 1}))
                rim: Any = {"facecolor": "none", "edgecolor": EDGE, "linewidth": 0.15}
                axes.add_artist(PathPatch(path, zorder=2, **rim))
        for kind in ("outer", "border"):
            lines = [self.shapes.line(text) for text in self.data["paths"][kind]]
            drawn = LineCollection(lines, colors=INK, linewidths=0.5)
            drawn.set(zorder=3)
            axes.add_collection(drawn, autolim=False)

    def _legend_rows(self) -> list[list[tuple[float, Mapping[str, Any], str]]]:
        """Put the classes beside each other, in as many rows as they need."""
        rows: list[list[tuple[float, Mapping[str, Any], str]]] = [[]]
        left = 0.0
        for entry in self.views[0].classes:
            label = label_of(entry, self.lang)
            wide = _SWATCH + 0.3 + self.ruler.width(label, 9.0)
            if left + wide > self.inner and rows[-1]:
                rows.append([])
                left = 0.0
            rows[-1].append((left, entry, label))
            left += wide
        return rows

    def _legend(self, rows: list[list[tuple[float, Mapping[str, Any], str]]], top: float) -> None:
        inches: Any = self.figure.dpi_scale_trans
        for number, row in enumerate(rows):
            y = top - 0.3 * number
            for left, entry, label in row:
                x = _MARGIN + left
                rim: Any = {"facecolor": "none", "edgecolor": EDGE, "linewidth": 0.6}
                fill: Any = fill_of(entry, doubtful=False)
                for style in (fill, rim):
                    patch = Rectangle((x, y - 0.19), _SWATCH, 0.17, **style)
                    patch.set_transform(inches)
                    self.figure.add_artist(patch)
                write_lines(self.figure, [label], 9.0, x + _SWATCH + 0.08, y)
