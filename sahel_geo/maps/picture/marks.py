"""Marks of a layer that a user added to a map, in degrees and in pixels of the page."""

from base64 import b64decode
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final, TypeAlias

import numpy as np
from matplotlib.patches import Circle, PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.transforms import Affine2D
from PIL import Image as Pillow

from sahel_geo.arrays import Floats, Integers
from sahel_geo.maps.picture.drawing import EDGE, POINTS_PER_PIXEL
from sahel_geo.maps.picture.view import PIXELS_PER_INCH

Paint: TypeAlias = tuple[float, float, float, float]
Box: TypeAlias = tuple[float, float, float, float]  # left, bottom, width and height

# Colours of the markers that folium.Icon chooses by name.
PIN_COLOURS: Final = {
    "red": "#d43e2a", "darkred": "#a13336", "lightred": "#ff8e7f", "orange": "#f69730",
    "beige": "#ffcb92", "green": "#72b026", "darkgreen": "#728224", "lightgreen": "#bbf970",
    "blue": "#38aadd", "darkblue": "#00649f", "lightblue": "#8adaff", "cadetblue": "#436978",
    "purple": "#d252b9", "darkpurple": "#5b396b", "pink": "#ff91ea", "white": "#fbfbfb",
    "gray": "#575757", "lightgray": "#a3a3a3", "black": "#303030",
}  # fmt: skip
PIN_BLUE: Final = "#2a81cb"
_PIN: Final = (12.5, 28.0)  # radius of the head and height of its middle above the tip, in pixels
_BARE: Final[dict[str, Any]] = {"facecolor": "none", "edgecolor": "none", "linewidth": 0}


@dataclass(frozen=True)
class Style:
    """How a shape is painted."""

    stroke: Paint | None  # from 0 to 1
    fill: Paint | None  # None for no line or no area
    width: float = 3.0  # of the line, in pixels
    dash: tuple[float, ...] = ()  # lengths of dashes and gaps in pixels; empty for an unbroken line

    def patches(self, path: Path, zorder: float = 1) -> list[Any]:
        """Give the area and the line of a path; apart, since each has an opacity of its own."""
        patches: list[Any] = []
        if self.fill is not None:
            patches.append(PathPatch(path, **{**_BARE, "facecolor": self.fill, "zorder": zorder}))
        if self.stroke is not None:
            dash = tuple(each * POINTS_PER_PIXEL for each in self.dash)
            line: Any = {**_BARE, "edgecolor": self.stroke, "zorder": zorder}
            line["linewidth"] = width = self.width * POINTS_PER_PIXEL
            if dash:
                # lengths of dashes are multiples of the width in matplotlib, pixels in Leaflet
                line["linestyle"] = (0, tuple(each / max(width, 1e-6) for each in dash))
            patches.append(PathPatch(path, capstyle="round", joinstyle="round", **line))
        return patches


# `squeeze` is the width of a degree of longitude beside one of latitude, `scale` the degrees to a
# pixel; a box of the legend is in inches.


@dataclass(frozen=True)
class Shape:
    """Lines, or an area with its holes."""

    rings: tuple[Floats, ...]  # (n, 2) longitude and latitude of the vertices
    closed: bool  # whether they bound an area
    style: Style  # how they are painted

    def draw(self, ax: Any, squeeze: float, _scale: float, zorder: float) -> None:
        """Draw it on a map."""
        vertices, codes = [], []
        for ring in self.rings:
            vertices.append(ring * (squeeze, 1.0))
            codes += [Path.MOVETO, *[Path.LINETO] * (len(ring) - 1)]
            if self.closed:
                codes[-1] = Path.CLOSEPOLY
        _add(ax, self.style.patches(Path(np.concatenate(vertices), codes), zorder))

    def symbol(self, box: Box) -> list[Any]:
        """Give what shows it in the legend."""
        left, bottom, wide, tall = box
        right, top, middle = left + wide, bottom + tall, bottom + tall / 2
        if not self.closed:
            return self.style.patches(Path([(left, middle), (right, middle)]))
        corners = [(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)]
        return self.style.patches(Path(corners, closed=True))


@dataclass(frozen=True)
class Dot:
    """A circle whose size is one of the page, not of the ground."""

    # lon, lat: its centre in degrees
    lon: float
    lat: float
    radius: float  # in pixels
    style: Style  # how it is painted

    def draw(self, ax: Any, squeeze: float, scale: float, zorder: float) -> None:
        """Draw it on a map."""
        centre = (self.lon * squeeze, self.lat)
        _add(ax, self.style.patches(Path.circle(centre, self.radius * scale), zorder))

    def symbol(self, box: Box) -> list[Any]:
        """Give what shows it in the legend."""
        left, bottom, wide, tall = box
        radius = min(self.radius / PIXELS_PER_INCH, tall / 2)
        return self.style.patches(Path.circle((left + wide / 2, bottom + tall / 2), radius))


@dataclass(frozen=True)
class Pin:
    """A marker whose tip is at a place."""

    # lon, lat: the place in degrees
    lon: float
    lat: float
    colour: str = PIN_BLUE  # of the marker, as ``"#rrggbb"``

    def draw(self, ax: Any, squeeze: float, scale: float, zorder: float) -> None:
        """Draw it on a map."""
        _add(ax, self._at((self.lon * squeeze, self.lat), scale, zorder + 1))

    def symbol(self, box: Box) -> list[Any]:
        """Give what shows it in the legend."""
        left, bottom, wide, _ = box
        return self._at((left + wide / 2, bottom - 0.03), 0.65 / PIXELS_PER_INCH)

    def _at(self, tip: tuple[float, float], scale: float, zorder: float = 1) -> list[Any]:
        radius, middle = _PIN
        half = np.arccos(radius / middle)
        bow = np.linspace(-np.pi / 2 + half, 1.5 * np.pi - half, 40)
        head = np.column_stack([radius * np.cos(bow), middle + radius * np.sin(bow)])
        outline = Path(np.vstack([[0, 0], head, [0, 0]]), closed=True)
        put = Affine2D().scale(scale).translate(*tip)
        body: Any = {"facecolor": self.colour, "edgecolor": "#ffffff", "linewidth": 0.8}
        hole: Any = {"facecolor": "#ffffff", "linewidth": 0, "zorder": zorder}
        return [
            PathPatch(outline.transformed(put), zorder=zorder, **body),
            Circle((tip[0], tip[1] + middle * scale), 4.8 * scale, **hole),
        ]


@dataclass(frozen=True)
class Image:
    """A picture between two corners of a web map."""

    address: str  # a ``data:`` address that holds it
    bounds: Any  # ``[[south, west], [north, east]]`` in degrees
    opacity: float = 1.0  # from 0 to 1

    def draw(self, ax: Any, squeeze: float, _scale: float, zorder: float) -> None:
        """Draw a picture made for a web map, its rows moved to where they lie on the ground."""
        with Pillow.open(BytesIO(b64decode(self.address.partition(",")[2]))) as opened:
            pixels = np.asarray(opened.convert("RGBA"))
        (south, west), (north, east) = sorted(np.asarray(self.bounds, dtype=np.float64).tolist())
        rows = pixels[_mercator_rows(len(pixels), south, north)].copy()
        rows[..., 3] = np.rint(rows[..., 3] * self.opacity).astype(np.uint8)
        extent = (west * squeeze, east * squeeze, south, north)
        limits = ax.axis()
        ax.imshow(rows, extent=extent, interpolation="none", aspect="auto", zorder=zorder)
        ax.axis(limits)

    def symbol(self, box: Box) -> list[Any]:
        """Give what shows it in the legend."""
        left, bottom, wide, tall = box
        return [Rectangle((left, bottom), wide, tall, facecolor="none", edgecolor=EDGE)]


def _mercator_rows(count: int, south: float, north: float) -> Integers:
    """Tell which row of a web map's picture lies at each of 2 x `count` even latitudes.

    >>> _mercator_rows(2, -60.0, 60.0)
    array([0, 0, 1, 1])
    """
    edges = np.radians([south, north])
    latitudes = np.radians(north - (np.arange(2 * count) + 0.5) / (2 * count) * (north - south))
    low, high = np.arcsinh(np.tan(edges))
    share = (high - np.arcsinh(np.tan(latitudes))) / (high - low)
    rows: Integers = np.clip((share * count).astype(np.int64), 0, count - 1)
    return rows


def _add(ax: Any, patches: list[Any]) -> None:
    for patch in patches:
        ax.add_patch(patch)


Mark: TypeAlias = Shape | Dot | Pin | Image
