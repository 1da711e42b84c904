"""The map of a picture: land, units or surface, lines, incidents, names, and layers of users."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.patheffects import Normal, Stroke

from sahel_geo.maps.picture.drawing import (
    EDGE,
    FAMILY,
    GROUND,
    INK,
    LAKE,
    LINES,
    POINTS_PER_PIXEL,
    Ruler,
    draw_group,
    fill_of,
    plain,
)
from sahel_geo.maps.picture.folium_layers import UserLayers
from sahel_geo.maps.picture.marks import Image
from sahel_geo.maps.picture.view import PIXELS_PER_INCH, UNDER_SURFACE, Group, Shapes, View
from sahel_geo.maps.texts import format_number, said
from sahel_geo.schema import Language

_KM_PER_DEGREE: Final = 111.2
_LABELS: Final = {
    "around": (7.0, "#7a7264", "normal"),
    "country": (8.5, INK, "bold"),
    "capital": (7.5, INK, "bold"),
    "town": (7.0, INK, "normal"),
    "water": (6.5, "#2b6a86", "normal"),
}
_STACK: Final = {
    "context": 1, "units": 2, "edges": 3, "surface": 3.5, "lines": 4, "points": 5, "furniture": 6,
    "names": 9, "users": 10,
}  # fmt: skip


GROUP: Final = 40.0  # pixels; points within so many of the first of a group join it


@dataclass(frozen=True)
class Frame:
    """What of the world a map shows, in degrees of latitude."""

    extent: tuple[float, float, float, float]  # west, east, south and north
    degree: float  # inches to a degree

    @property
    def pixel(self) -> float:
        """Degrees to a pixel of the page."""
        return 1 / self.degree / PIXELS_PER_INCH

    @property
    def zoom(self) -> float:
        """The zoom of the page at which the map would be as large."""
        return math.log2(self.degree * PIXELS_PER_INCH * 360 / 256) + 0.35


@dataclass
class MapDrawing:
    """Draws a map on its axes."""

    data: Mapping[str, Any]  # what the page draws and says
    view: View  # the classes shown
    shapes: Shapes  # its geometry, decoded
    frame: Frame  # what of the world is shown
    lang: Language
    ruler: Ruler  # measures text

    def draw(self, axes: Any, groups: list[Group], added: UserLayers) -> None:
        """Draw everything, from the ground up."""
        self.axes = axes
        west, east, south, north = self.frame.extent
        axes.set(xlim=(west, east), ylim=(south, north), facecolor=GROUND["land"])
        axes.tick_params(left=False, bottom=False, labelleft=False, labelbottom=False)
        for side in axes.spines.values():
            side.set(color=EDGE, linewidth=0.8)
        for part in self.data["context"]:
            self._area(part["shape"], "context", {"facecolor": GROUND[part["kind"]]})
        self._units()
        if not len(self.view.numbers):
            surface = self.data["surface"]
            image = Image(surface["picture"], surface["bounds"])
            image.draw(axes, self.shapes.squeeze, self.frame.pixel, _STACK["surface"])
        rings = [self.shapes.line(text) for text in self.data["paths"]["lake"]]
        lakes = PolyCollection(rings, facecolors=LAKE, edgecolors="none")
        lakes.set(zorder=_STACK["lines"] - 0.1)
        self.axes.add_collection(lakes, autolim=False)
        for kind, weight, colour, dashes in LINES:
            texts = self.data["paths"]["border" if kind == "casing" else kind]
            lines = [self.shapes.line(text) for text in texts]
            drawn = LineCollection(lines, colors=colour, linewidths=weight, linestyles=[dashes])
            drawn.set(zorder=_STACK["lines"], capstyle="round", joinstyle="round")
            self.axes.add_collection(drawn, autolim=False)
        for lat, lon in self.data["meeting_points"]:
            (x, y), *_ = self.shapes.place([lon], [lat])
            style: Any = {"color": INK, "mec": "#ffffff", "mew": 0.8, "ms": 7}
            self.axes.plot(x, y, "^", zorder=_STACK["furniture"], **style)
        for at, group in enumerate(groups):
            # each with its number, so that one that lies on top hides both of another
            layer = _STACK["points"] + 0.9 * at / len(groups)
            draw_group(self.axes.add_patch, group, self.frame.pixel, self.axes.transData, layer)
            if group.count > 1:
                self.axes.text(
                    group.x, group.y, str(group.count), size=10.5 * POINTS_PER_PIXEL,
                    weight="bold", color="#ffffff", family=FAMILY, ha="center",
                    va="center_baseline", parse_math=False, clip_on=True, zorder=layer,
                )  # fmt: skip
        self._scale_bar()
        self._labels()
        self._notes()
        for mark in added.marks:
            mark.draw(axes, self.shapes.squeeze, self.frame.pixel, _STACK["users"])

    def _area(self, text: str, layer: str, style: Mapping[str, Any]) -> None:
        path = self.shapes.polygon(text)
        if path is not None:
            # as a patch it would be measured, curve by curve, for limits that are set already
            self.axes.add_artist(
                PathPatch(path, **{"linewidth": 0, "zorder": _STACK[layer], **style})
            )

    def _units(self) -> None:
        rim = {"facecolor": "none", "edgecolor": EDGE, "linewidth": 0.35}
        for position, text in enumerate(self.data["units"]["shape"]):
            style: dict[str, Any] = {"facecolor": UNDER_SURFACE}
            if len(self.view.numbers):
                entry = self.view.classes[self.view.numbers[position]]
                style = fill_of(entry, doubtful=position in self.view.doubtful)
            self._area(text, "units", style)
            self._area(text, "edges", rim)

    def _notes(self) -> None:
        """Put the numbers of the notes where these stand."""
        for number, note in enumerate(self.data["annotations"], start=1):
            (x, y), *_ = self.shapes.place([note["lon"]], [note["lat"]])
            disc: Any = {"color": "#ffffff", "mec": INK, "mew": 1.1, "ms": 12}
            self.axes.plot(x, y, "o", zorder=_STACK["users"], **disc)
            style: Any = {"size": 7.5, "weight": "bold", "color": INK, "family": FAMILY}
            place: Any = {"ha": "center", "va": "center_baseline", "zorder": _STACK["users"] + 1}
            self.axes.text(x, y, str(number), clip_on=True, **style, **place)

    def _scale_bar(self) -> None:
        """Draw a bar of a round length, about a fifth of the map."""
        west, east, south, _ = self.frame.extent
        inch = 1 / self.frame.degree
        room = (east - west) * _KM_PER_DEGREE / 4
        power = 10 ** math.floor(math.log10(room))
        km = max(step * power for step in (1, 2, 5) if step * power <= room)
        long = km / _KM_PER_DEGREE
        x, y = west + 0.18 * inch, south + 0.17 * inch
        text = f"{format_number(km, self.lang, decimals=max(0, -math.floor(math.log10(km))))} km"
        self.bar = (x, y, x + long, y + 0.25 * inch)
        paper: Any = {"facecolor": "#ffffff", "alpha": 0.85, "linewidth": 0}
        pad, tall = 0.07 * inch, 0.32 * inch
        wide = max(long, 0.6 * inch) + 2 * pad
        layer = _STACK["furniture"]
        self.axes.add_patch(Rectangle((x - pad, y - pad), wide, tall + pad, zorder=layer, **paper))
        bar: Any = {"color": INK, "lw": 2, "solid_capstyle": "butt", "zorder": layer + 1}
        self.axes.plot([x, x + long], [y, y], **bar)
        style: Any = {"size": 7.5, "color": INK, "family": FAMILY, "va": "bottom"}
        self.axes.text(x, y + 0.05 * inch, plain(text), zorder=layer + 1, **style)

    def _labels(self) -> None:
        """Write the names that fit, the first first; none covers another or leaves the map."""
        west, east, south, north = self.frame.extent
        inch = 1 / self.frame.degree
        pad, gap = 0.1 * inch, 0.06 * inch
        taken = [(self.bar[0] - pad, self.bar[1] - pad, self.bar[2] + 2 * pad, self.bar[3] + pad)]
        for label in self.data["labels"]:
            if label["zoom"] > self.frame.zoom:
                continue
            size, colour, weight = _LABELS[label["kind"]]
            town = label["kind"] in ("town", "capital")
            text = plain(said(label["text"], self.lang))
            text = text if town or label["kind"] == "water" else text.upper()
            wide = self.ruler.width(text, size, bold=weight == "bold") * inch
            tall = size * 1.25 / 72 * inch
            places = label.get("places") or [[label["lat"], label["lon"]]]
            at = self.shapes.place([lon for _, lon in places], [lat for lat, _ in places])
            spots = [(x - wide / 2, y) for x, y in at]
            if len(spots) > 1:  # a country: rather where no capital is
                spots.sort(key=lambda spot: self._is_capital_near(spot, wide, tall))
            if town:
                x, y = at[0]
                spots = [(x + gap, y), (x - gap - wide, y)]
            for left, y in spots:
                box = (left - gap / 2, y - tall / 2, left + wide + gap / 2, y + tall / 2)
                inside = west < box[0] and box[2] < east and south < box[1] and box[3] < north
                if not inside or any(
                    box[0] < other[2] and other[0] < box[2]
                    and box[1] < other[3] and other[1] < box[3]
                    for other in taken
                ):  # fmt: skip
                    continue
                taken.append(box)
                self._label(text, left, y, size, colour, weight)
                if town:
                    style: Any = {"color": INK, "mec": "#ffffff", "mew": 0.6, "ms": 3.2}
                    self.axes.plot(x, y, "o", zorder=_STACK["names"] - 1, **style)
                break

    def _is_capital_near(self, spot: tuple[float, float], wide: float, tall: float) -> bool:
        """Tell whether a name would lie on the dot or on the name of a capital."""
        capitals = [label for label in self.data["labels"] if label["kind"] == "capital"]
        at = self.shapes.place(
            [label["lon"] for label in capitals], [label["lat"] for label in capitals]
        )
        left, y = spot
        across = (at[:, 0] > left - wide / 2) & (at[:, 0] < left + 1.2 * wide)
        return bool((across & (abs(at[:, 1] - y) < 1.1 * tall)).any())

    def _label(self, text: str, x: float, y: float, size: float, colour: str, weight: str) -> None:
        halo = [Stroke(linewidth=2.2, foreground="#ffffff", alpha=0.88), Normal()]
        style: Any = {"size": size, "color": colour, "weight": weight, "family": FAMILY}
        place: Any = {"va": "center_baseline", "zorder": _STACK["names"], "clip_on": True}
        self.axes.text(x, y, text, parse_math=False, path_effects=halo, **style, **place)
