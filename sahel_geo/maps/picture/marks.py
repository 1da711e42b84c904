"""Marks of a layer that a user added to a map, in degrees and in pixels of the page."""

from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from sahel_geo.arrays import Floats

Paint: TypeAlias = tuple[float, float, float, float]

# Colours of the markers that folium.Icon chooses by name.
PIN_COLOURS: Final = {
    "red": "#d43e2a", "darkred": "#a13336", "lightred": "#ff8e7f", "orange": "#f69730",
    "beige": "#ffcb92", "green": "#72b026", "darkgreen": "#728224", "lightgreen": "#bbf970",
    "blue": "#38aadd", "darkblue": "#00649f", "lightblue": "#8adaff", "cadetblue": "#436978",
    "purple": "#d252b9", "darkpurple": "#5b396b", "pink": "#ff91ea", "white": "#fbfbfb",
    "gray": "#575757", "lightgray": "#a3a3a3", "black": "#303030",
}  # fmt: skip
PIN_BLUE: Final = "#2a81cb"


@dataclass(frozen=True)
class Style:
    """How a shape is painted."""

    stroke: Paint | None  # from 0 to 1
    fill: Paint | None  # None for no line or no area
    width: float = 3.0  # of the line, in pixels
    dash: tuple[float, ...] = ()  # lengths of dashes and gaps in pixels; empty for an unbroken line


@dataclass(frozen=True)
class Shape:
    """Lines, or an area with its holes."""

    rings: tuple[Floats, ...]  # (n, 2) longitude and latitude of the vertices
    closed: bool  # whether they bound an area
    style: Style  # how they are painted


@dataclass(frozen=True)
class Dot:
    """A circle whose size is one of the page, not of the ground."""

    # lon, lat: its centre in degrees
    lon: float
    lat: float
    radius: float  # in pixels
    style: Style  # how it is painted


@dataclass(frozen=True)
class Pin:
    """A marker whose tip is at a place."""

    # lon, lat: the place in degrees
    lon: float
    lat: float
    colour: str = PIN_BLUE  # of the marker, as ``"#rrggbb"``


@dataclass(frozen=True)
class Image:
    """A picture between two corners of a web map."""

    address: str  # a ``data:`` address that holds it
    bounds: Any  # ``[[south, west], [north, east]]`` in degrees
    opacity: float = 1.0  # from 0 to 1


Mark: TypeAlias = Shape | Dot | Pin | Image


@dataclass
class UserLayers:
    """What was added to a map."""

    marks: list[Mark] = field(default_factory=list)  # in the order of the page
    # layers with a name of their own, each with its first mark, for the legend
    named: list[tuple[str, Mark]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)  # what a picture cannot show
    # those of them that hold something to see, so that the picture must say so itself
    telling: list[str] = field(default_factory=list)
