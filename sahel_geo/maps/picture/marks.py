"""Marks of a layer that a user added to a map, in degrees and in pixels of the page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import ImageColor

from sahel_geo.crs import WGS84

Ring: TypeAlias = npt.NDArray[np.float64]
Paint: TypeAlias = tuple[float, float, float, float]

LEAFLET_BLUE: Final = "#3388ff"
# Colours of the markers that folium.Icon chooses by name.
PIN_COLOURS: Final = {
    "red": "#d43e2a",
    "darkred": "#a13336",
    "lightred": "#ff8e7f",
    "orange": "#f69730",
    "beige": "#ffcb92",
    "green": "#72b026",
    "darkgreen": "#728224",
    "lightgreen": "#bbf970",
    "blue": "#38aadd",
    "darkblue": "#00649f",
    "lightblue": "#8adaff",
    "cadetblue": "#436978",
    "purple": "#d252b9",
    "darkpurple": "#5b396b",
    "pink": "#ff91ea",
    "white": "#fbfbfb",
    "gray": "#575757",
    "lightgray": "#a3a3a3",
    "black": "#303030",
}
PIN_BLUE: Final = "#2a81cb"
_WITH_ALPHA: Final = re.compile(r"rgba\(([\d.]+)[, ]+([\d.]+)[, ]+([\d.]+)[,/ ]+([\d.]+)\)")
_NUMBER: Final = re.compile(r"[\d.]+")
_VERTICES: Final = 90  # of a circle


@dataclass(frozen=True)
class Style:
    """How a shape is painted.

    Attributes
    ----------
    stroke, fill : (red, green, blue, alpha), optional
        From 0 to 1; None for no line or no area.
    width : float
        Of the line, in pixels.
    dash : tuple of float
        Lengths of dashes and gaps in pixels; empty for an unbroken line.
    """

    stroke: Paint | None
    fill: Paint | None
    width: float = 3.0
    dash: tuple[float, ...] = ()


@dataclass(frozen=True)
class Shape:
    """Lines, or an area with its holes.

    Attributes
    ----------
    rings : tuple of ndarray, each of shape (n, 2)
        Longitude and latitude of the vertices.
    closed : bool
        Whether they bound an area.
    style : Style
        How they are painted.
    """

    rings: tuple[Ring, ...]
    closed: bool
    style: Style


@dataclass(frozen=True)
class Dot:
    """A circle whose size is one of the page, not of the ground.

    Attributes
    ----------
    lon, lat : float
        Its centre in degrees.
    radius : float
        In pixels.
    style : Style
        How it is painted.
    """

    lon: float
    lat: float
    radius: float
    style: Style


@dataclass(frozen=True)
class Pin:
    """A marker whose tip is at a place.

    Attributes
    ----------
    lon, lat : float
        The place in degrees.
    colour : str
        Of the marker, as ``"#rrggbb"``.
    """

    lon: float
    lat: float
    colour: str = PIN_BLUE


@dataclass(frozen=True)
class Image:
    """A picture between two corners of a web map.

    Attributes
    ----------
    address : str
        A ``data:`` address that holds it.
    bounds : sequence
        ``[[south, west], [north, east]]`` in degrees.
    opacity : float
        From 0 to 1.
    """

    address: str
    bounds: Any
    opacity: float = 1.0


Mark: TypeAlias = Shape | Dot | Pin | Image


@dataclass
class UserLayers:
    """What was added to a map.

    Attributes
    ----------
    marks : list of Mark
        In the order of the page.
    named : list of (str, Mark)
        Layers with a name of their own, each with its first mark, for the legend.
    left_out : list of str
        What a picture cannot show.
    telling : list of str
        Those of them that hold something to see, so that the picture must say so itself.
    """

    marks: list[Mark] = field(default_factory=list)
    named: list[tuple[str, Mark]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    telling: list[str] = field(default_factory=list)


def paint_of(colour: object, opacity: object) -> Paint | None:
    """Read a colour of CSS.

    Examples
    --------
    >>> paint_of("#f00", 0.5), paint_of("none", 1)
    ((1.0, 0.0, 0.0, 0.5), None)
    """
    text = str(colour).strip().lower()
    if text in ("none", "transparent"):
        return None
    share = float(str(opacity))
    found = _WITH_ALPHA.fullmatch(text)
    if found:
        *channels, alpha = (float(each) for each in found.groups())
        rgb = [channel / 255 for channel in channels]
        return (rgb[0], rgb[1], rgb[2], alpha * share)
    channels = [channel / 255 for channel in ImageColor.getrgb(text)]
    alpha = channels[3] if len(channels) == 4 else 1.0
    return (channels[0], channels[1], channels[2], alpha * share)


def style_of(options: Mapping[str, Any], *, fills: bool) -> Style:
    """Read the options of a path of Leaflet."""
    given = {name: value for name, value in options.items() if value is not None}
    colour = given.get("color", LEAFLET_BLUE)
    fill = None
    if given.get("fill", fills):
        fill = paint_of(given.get("fillColor") or colour, given.get("fillOpacity", 0.2))
    width = float(given.get("weight", 3))
    stroke = None
    if given.get("stroke", True) and width > 0:
        stroke = paint_of(colour, given.get("opacity", 1))
    dash = tuple(float(each) for each in _NUMBER.findall(str(given.get("dashArray", ""))))
    return Style(stroke, fill, width, dash * 2 if len(dash) % 2 else dash)


def circle(lon: float, lat: float, metres: float) -> Ring:
    """Draw a circle on the ground.

    Returns (91, 2): Longitude and latitude, closed.
    """
    ways = np.linspace(0, 360, _VERTICES + 1)
    same = np.ones_like(ways)
    lons, lats, _ = WGS84.fwd(lon * same, lat * same, ways, metres * same)
    return np.column_stack([lons, lats])
