"""Where everything stands in a picture of a map: title, map, legend beside it, words below it."""

import math
from collections.abc import Mapping
from typing import Any, Final

from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.patheffects import Normal, Stroke

from sahel_geo.maps.classes import LegendClass
from sahel_geo.maps.legend import class_label
from sahel_geo.maps.picture_shapes import Shapes, class_numbers
from sahel_geo.maps.picture_text import FAMILY, Ruler, height, plain
from sahel_geo.maps.texts import format_number
from sahel_geo.maps.wording import said
from sahel_geo.schema import Language

_MARGIN: Final = 0.3  # inches, as everything here
_PANEL: Final = 3.1
_GAP: Final = 0.25
_SWATCH: Final = (0.36, 0.2)
_ROW: Final = 0.29
_INK: Final = "#22201c"
_QUIET: Final = "#5a544a"
_GROUND: Final = {"land": "#ece8df", "sea": "#d9e5ea"}
_KM_PER_DEGREE: Final = 111.2
_HATCH: Final = {"no_data": ("#ffffff", "////", "#8f8a80"), "suppressed": (None, "....", "#3d3830")}
# kind, width in points, colour, dashes; a border has a light casing, so that it shows on any class
_LINES: Final = (
    ("around", 0.6, "#bdb6a8", "solid"),
    ("outer", 0.8, "#5e574d", "solid"),
    ("region", 0.7, "#5e574d", "solid"),
    ("casing", 3.2, "#ffffff", "solid"),
    ("border", 1.5, "#22201c", "solid"),
    ("zone", 1.9, "#0b4f8a", (0, (4, 2.5))),
)
_LABELS: Final = {
    "around": (7.0, "#7a7264", "normal"),
    "country": (8.5, _INK, "bold"),
    "capital": (7.5, _INK, "bold"),
    "town": (7.0, _INK, "normal"),
}


def draw(
    data: Mapping[str, Any], at: int, lang: Language, width: float, dpi: float = 150.0
) -> Figure:
    """Lay a map out and draw it.

    Parameters
    ----------
    data : mapping
        What the page draws and says.
    at : int
        Which indicator.
    lang : {"fr", "en"}
        Language.
    width : float
        Width in inches; the height is what the map and its words need.
    dpi : float
        Pixels to the inch.

    Returns
    -------
    matplotlib Figure
        The picture.
    """
    return _Picture(data, at, lang, width, dpi).drawn()


class _Picture:
    def __init__(
        self, data: Mapping[str, Any], at: int, lang: Language, width: float, dpi: float
    ) -> None:
        self.dpi = dpi
        self.data = data
        self.lang = lang
        self.texts = data["texts"][lang]
        self.shown = data["indicators"][at]
        self.ruler = Ruler(dpi)
        self.shapes = Shapes(data)
        self.width = width
        self.inner = width - 2 * _MARGIN
        self.title = self._block(data["title"], 15.0, self.inner, bold=True)
        self.subtitle = self._block(data["subtitle"], 10.0, self.inner)
        self.foot = self._foot()
        self.legend = self._legend()
        self._measure()

    def drawn(self) -> Figure:
        """Draw from top to bottom."""
        self.figure = Figure(figsize=(self.width, self.height), dpi=self.dpi, facecolor="#ffffff")
        top = self.height - _MARGIN
        top = self._write(self.title, 15.0, _MARGIN, top, weight="bold")
        top = self._write(self.subtitle, 10.0, _MARGIN, top, color=_QUIET) - 0.14
        self._map(_MARGIN, top - self.map_height)
        self._draw_legend(_MARGIN + self.map_width + _GAP, top)
        top -= max(self.map_height, self._legend_height()) + 0.16
        for lines in self.foot:
            top = self._write(lines, 7.5, _MARGIN, top, color=_QUIET) - 0.05
        return self.figure

    def _measure(self) -> None:
        """Give the map the width that the legend leaves, and the height of its extent."""
        (south, west), (north, east) = self.data["bounds"]
        self.map_width = self.inner - _PANEL - _GAP
        wide, high = (east - west) * self.shapes.squeeze, north - south
        pad = 0.04 * max(wide, high)
        wide, high = wide + 2 * pad, high + 2 * pad
        ratio = min(max(high / wide, 0.5), 1.15)
        self.map_height = self.map_width * ratio
        if high / wide > ratio:
            wide = high / ratio
        else:
            high = wide * ratio
        middle = ((west + east) / 2 * self.shapes.squeeze, (south + north) / 2)
        self.extent = (
            middle[0] - wide / 2,
            middle[0] + wide / 2,
            middle[1] - high / 2,
            middle[1] + high / 2,
        )
        self.degree = self.map_width / wide  # inches for a degree of latitude
        head = height(len(self.title), 15.0) + height(len(self.subtitle), 10.0) + 0.14
        foot = sum(height(len(lines), 7.5) + 0.05 for lines in self.foot)
        body = max(self.map_height, self._legend_height())
        self.height = 2 * _MARGIN + head + body + 0.16 + foot

    def _block(self, words: Any, size: float, width: float, *, bold: bool = False) -> list[str]:
        text = said(words, self.lang) if words else ""
        return self.ruler.lines(text, size, width, bold=bold) if text else []

    def _foot(self) -> list[list[str]]:
        statement = [
            f"{self.texts[f'part_{key}']}{self.texts['colon']}{said(text, self.lang)}"
            for key, text in self.data["statement"].items()
        ]
        told = [said(each, self.lang) for each in (*self.data["notes"], *self.data["sources"])]
        told = ["sahel_geo." if text == self.texts["software"] else text for text in told]
        return [self.ruler.lines(text, 7.5, self.inner) for text in (*statement, *told)]

    def _write(self, lines: list[str], size: float, x: float, top: float, **style: Any) -> float:
        """Write lines below `top`, and give where they end."""
        for number, line in enumerate(lines):
            self.figure.text(
                x / self.width,
                (top - height(number, size) - size * 1.02 / 72) / self.height,
                line,
                size=size,
                va="baseline",
                parse_math=False,
                family=FAMILY,
                **{"color": _INK, **style},
            )
        return top - height(len(lines), size)

    # the map

    def _map(self, left: float, bottom: float) -> None:
        box = (
            left / self.width,
            bottom / self.height,
            self.map_width / self.width,
            self.map_height / self.height,
        )
        self.axes = self.figure.add_axes(box)
        self.axes.set_xlim(*self.extent[:2])
        self.axes.set_ylim(*self.extent[2:])
        self.axes.set_facecolor(_GROUND["land"])
        self.axes.tick_params(left=False, bottom=False, labelleft=False, labelbottom=False)
        for side in self.axes.spines.values():
            side.set(color="#8c857a", linewidth=0.8)
        for part in self.data["context"]:
            self._area(part["shape"], {"facecolor": _GROUND[part["kind"]], "zorder": 1})
        self._units()
        for kind, weight, colour, dashes in _LINES:
            texts = self.data["paths"]["border" if kind == "casing" else kind]
            lines = [self.shapes.line(text) for text in texts]
            drawn = LineCollection(lines, colors=colour, linewidths=weight, linestyles=[dashes])
            drawn.set(zorder=4, capstyle="round", joinstyle="round")
            self.axes.add_collection(drawn, autolim=False)
        self._meeting_points()
        self._scale_bar()
        self._labels()

    def _area(self, text: str, style: Mapping[str, Any]) -> None:
        path = self.shapes.polygon(text)
        if path is not None:
            self.axes.add_patch(PathPatch(path, **{"linewidth": 0, **style}))

    def _units(self) -> None:
        doubtful = set((self.shown.get("uncertain") or {"at": []})["at"])
        numbers = class_numbers(self.shown["class_of"])
        for position, text in enumerate(self.data["units"]["shape"]):
            entry = self.shown["classes"][numbers[position]]
            self._area(text, {**_fill(entry, doubtful=position in doubtful), "zorder": 2})
            self._area(
                text,
                {"facecolor": "none", "edgecolor": "#8c857a", "linewidth": 0.35, "zorder": 3},
            )

    def _meeting_points(self) -> None:
        for lat, lon in self.data["meeting_points"]:
            (x, y), *_ = self.shapes.place([lon], [lat])
            self.axes.plot(x, y, "^", color=_INK, mec="#ffffff", mew=0.8, ms=7, zorder=6)

    def _scale_bar(self) -> None:
        """Draw a bar of a round length, about a fifth of the map."""
        room = self.map_width / self.degree * _KM_PER_DEGREE / 4
        power = 10 ** math.floor(math.log10(room))
        km = max(step * power for step in (1, 2, 5) if step * power <= room)
        long = km / _KM_PER_DEGREE
        x, y = (
            self.extent[0] + 0.18 / self.degree,
            self.extent[2] + 0.17 / self.degree,
        )
        text = f"{format_number(km, self.lang)} km"
        self.bar = (x, y, x + long, y + 0.25 / self.degree)
        paper: Any = {"facecolor": "#ffffff", "alpha": 0.85, "linewidth": 0, "zorder": 6}
        pad = 0.07 / self.degree
        tall = 0.32 / self.degree
        self.axes.add_patch(
            Rectangle(
                (x - pad, y - pad), max(long, 0.6 / self.degree) + 2 * pad, tall + pad, **paper
            )
        )
        self.axes.plot([x, x + long], [y, y], color=_INK, lw=2, solid_capstyle="butt", zorder=7)
        self.axes.text(
            x,
            y + 0.05 / self.degree,
            plain(text),
            size=7.5,
            color=_INK,
            family=FAMILY,
            va="bottom",
            zorder=7,
        )

    def _labels(self) -> None:
        """Write the names that fit, the first first; none covers another or leaves the map."""
        west, east, south, north = self.extent
        pad = 0.1 / self.degree
        taken = [(self.bar[0] - pad, self.bar[1] - pad, self.bar[2] + 2 * pad, self.bar[3] + pad)]
        for label in self.data["labels"]:
            if label["zoom"] > self._zoom():
                continue
            size, colour, weight = _LABELS[label["kind"]]
            town = label["kind"] in ("town", "capital")
            text = plain(said(label["text"], self.lang))
            text = text if town else text.upper()
            wide = self.ruler.width(text, size, bold=weight == "bold") / self.degree
            tall = size * 1.25 / 72 / self.degree
            (x, y), *_ = self.shapes.place([label["lon"]], [label["lat"]])
            gap = 0.06 / self.degree
            lefts = [x + gap, x - gap - wide] if town else [x - wide / 2]
            for left in lefts:
                box = (left - gap / 2, y - tall / 2, left + wide + gap / 2, y + tall / 2)
                inside = west < box[0] and box[2] < east and south < box[1] and box[3] < north
                if not inside or any(_overlap(box, other) for other in taken):
                    continue
                taken.append(box)
                self._label(text, left, y, size, colour, weight)
                if town:
                    self.axes.plot(x, y, "o", color=_INK, mec="#ffffff", mew=0.6, ms=3.2, zorder=8)
                break

    def _label(self, text: str, x: float, y: float, size: float, colour: str, weight: str) -> None:
        halo = [Stroke(linewidth=2.2, foreground="#ffffff", alpha=0.88), Normal()]
        self.axes.text(
            x,
            y,
            text,
            size=size,
            color=colour,
            weight=weight,
            family=FAMILY,
            va="center_baseline",
            parse_math=False,
            path_effects=halo,
            zorder=9,
            clip_on=True,
        )

    def _zoom(self) -> float:
        """Give the zoom of the page at which the map would be as large."""
        pixels_per_degree = self.degree * 96 / self.shapes.squeeze
        return math.log2(pixels_per_degree * self.shapes.squeeze * 360 / 256) + 0.35

    # the legend

    def _legend(self) -> list[tuple[str, Any, list[str]]]:
        """List its rows: what stands at the left, and the lines of words beside it."""
        room = _PANEL - _SWATCH[0] - 0.55
        rows: list[tuple[str, Any, list[str]]] = []
        for entry in self.shown["classes"]:
            label = _label_of(entry, self.lang)
            rows.append(("class", entry, self.ruler.lines(label, 9.0, room)))
        if self.shown.get("uncertain") and self.shown["uncertain"]["at"]:
            own = self.shown["uncertain"]["label"]
            label = self.texts["uncertain"] if own is None else said(own, self.lang)
            entry = {"kind": "uncertain", "count": len(self.shown["uncertain"]["at"])}
            rows.append(("class", entry, self.ruler.lines(label, 9.0, room)))
        for line in self.data["lines"]:
            label = self.texts[line["kind"]] if line["label"] is None else line["label"]
            rows.append(("line", line["kind"], self.ruler.lines(said(label, self.lang), 9.0, room)))
        if self.data["meeting_points"]:
            words = self.ruler.lines(self.texts["meeting_point"], 9.0, room)
            rows.append(("point", None, words))
        return rows

    def _heads(self) -> tuple[list[str], list[str], list[str]]:
        title = self._block(self.shown["title"], 10.5, _PANEL, bold=True)
        unit = self._block(self.shown["unit"], 9.0, _PANEL)
        method = self._block(self.shown["method"], 7.5, _PANEL)
        return title, unit, method

    def _legend_height(self) -> float:
        title, unit, method = self._heads()
        rows = sum(max(_ROW, height(len(words), 9.0) + 0.06) for _, _, words in self.legend)
        heads = height(len(title), 10.5) + height(len(unit), 9.0) + height(len(method), 7.5)
        return heads + rows + 0.3

    def _draw_legend(self, left: float, top: float) -> None:
        title, unit, method = self._heads()
        top = self._write(title, 10.5, left, top, weight="bold")
        top = self._write(unit, 9.0, left, top, color=_QUIET) - 0.1
        before = "class"
        for kind, what, words in self.legend:
            top -= 0.1 if kind != before and before == "class" else 0.0
            before = kind
            tall = max(_ROW, height(len(words), 9.0) + 0.06)
            self._symbol(kind, what, left, top - _ROW / 2)
            start = top - (_ROW - height(1, 9.0)) / 2
            self._write(words, 9.0, left + _SWATCH[0] + 0.12, start)
            if kind == "class":
                count = format_number(what["count"], self.lang)
                self._write(
                    [plain(count)], 8.0, left + _PANEL, start - 0.01, color=_QUIET, ha="right"
                )
            top -= tall
        self._write(method, 7.5, left, top - 0.08, color=_QUIET)

    def _symbol(self, kind: str, what: Any, left: float, middle: float) -> None:
        wide, tall = _SWATCH
        x, y = left / self.width, middle / self.height
        if kind == "class":
            corner = (x, (middle - tall / 2) / self.height)
            size = (wide / self.width, tall / self.height)
            style: Any = _fill(what, doubtful=what["kind"] == "uncertain")
            self._artist(Rectangle(corner, *size, **style))
            rim: Any = {"facecolor": "none", "edgecolor": "#8c857a", "linewidth": 0.6}
            self._artist(Rectangle(corner, *size, **rim))
        elif kind == "line":
            weight, colour, dashes = next(each[1:] for each in _LINES if each[0] == what)
            ends = [x, (left + wide) / self.width]
            self._artist(Line2D(ends, [y, y], color=colour, lw=weight, ls=dashes))
        else:
            centre = [(left + wide / 2) / self.width]
            self._artist(Line2D(centre, [y], marker="^", color=_INK, ms=7, ls="none"))

    def _artist(self, artist: Any) -> None:
        artist.set_transform(self.figure.transFigure)
        self.figure.add_artist(artist)


def _fill(entry: Mapping[str, Any], *, doubtful: bool) -> dict[str, Any]:
    """Give the fill of a class: its colour, hatched or dotted as on the page."""
    kind = entry["kind"]
    if kind in _HATCH:
        paper, hatch, ink = _HATCH[kind]
        return _hatched(paper or entry["colour"], hatch, ink)
    colour = entry.get("colour", "#ffffff")
    if doubtful:
        return _hatched(colour, "\\\\\\\\", _ink_on(colour))
    return {"facecolor": colour, "edgecolor": "none"}


def _hatched(paper: str, hatch: str, ink: str) -> dict[str, Any]:
    return {"facecolor": paper, "hatch": hatch, "edgecolor": ink, "linewidth": 0}


def _ink_on(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#3d3830" if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else "#ffffff"


def _label_of(entry: Mapping[str, Any], lang: Language) -> str:
    if entry["kind"] == "category":
        return said(entry["label"], lang)
    low = -math.inf if entry["low"] is None else entry["low"]
    high = math.nan if entry["high"] is None else entry["high"]
    return class_label(LegendClass(entry["kind"], low, high, entry["colour"], 0), lang)


def _overlap(box: tuple[float, ...], other: tuple[float, ...]) -> bool:
    apart = box[2] <= other[0] or other[2] <= box[0] or box[3] <= other[1] or other[3] <= box[1]
    return not apart
