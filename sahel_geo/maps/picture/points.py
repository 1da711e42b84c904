"""Incidents of a picture, grouped and sized as the page does at the same scale."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from matplotlib.path import Path

from sahel_geo.arrays import Floats, Integers
from sahel_geo.maps.choropleth.topology import DIGITS, decode_line, decode_numbers


class Shapes:
    """Polygons and lines of a page, in a plane whose unit is the degree of latitude.

    data: What the page draws: ``arcs``, ``scale`` and ``bounds``.

    squeeze: Width of a degree of longitude beside one of latitude, at the middle of the map.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        (south, _), (north, _) = data["bounds"]
        self.scale = float(data["scale"])
        self.squeeze = float(np.cos(np.radians((south + north) / 2)))
        self.arcs = [self.line(text) for text in data["arcs"]]

    def place(self, lon: Any, lat: Any) -> Floats:
        """Give the place of coordinates in the plane."""
        return np.column_stack([np.asarray(lon, float) * self.squeeze, np.asarray(lat, float)])

    def line(self, text: str) -> Floats:
        """Decode a line."""
        steps = np.asarray(decode_line(text), dtype=np.float64).reshape(-1, 2) / self.scale
        return self.place(steps[:, 0], steps[:, 1])

    def polygon(self, text: str) -> Path | None:
        """Decode a shape; None if it has no ring."""
        vertices, codes = [], []
        for polygon in text.split(",") if text else []:
            for ring in polygon.split("."):
                parts: list[Floats] = []
                for number in decode_numbers(ring):
                    arc = self.arcs[number // 2][:: -1 if number % 2 else 1]
                    parts.append(arc[1:] if parts else arc)
                points = np.concatenate(parts)
                vertices.append(points)
                codes += [Path.MOVETO, *[Path.LINETO] * (len(points) - 2), Path.CLOSEPOLY]
        return Path(np.concatenate(vertices), codes) if vertices else None


def class_numbers(letters: str) -> Integers:
    """Read one class number per letter."""
    return np.array([DIGITS[letter] for letter in letters], dtype=np.int64)


PIXELS_PER_INCH: Final = 96.0  # of a page
PRECISIONS: Final = ("point_exact", "point_area", "point_wide", "point_unknown")
MARGIN: Final = 30.0  # pixels; a point so far outside still reaches into the map
LARGEST: Final = 21.0


@dataclass(frozen=True)
class Incidents:
    """Incidents of the period shown."""

    # lon, lat: (n,) degrees, EPSG:4326
    lon: Floats
    lat: Floats
    deaths: Floats  # (n,) recorded deaths; NaN without a toll
    precision: Integers  # (n,) place in `PRECISIONS`


@dataclass(frozen=True)
class Group:
    """Incidents that would cover one another."""

    # x, y: mean of their places, in pixels of the page
    x: float
    y: float
    count: int  # how many they are
    deaths: float  # recorded deaths of all
    precision: int  # the precision that all share, or -1

    @property
    def radius(self) -> float:
        """Radius in pixels: the area grows with the deaths."""
        return radius_of(self.deaths, several=self.count > 1)


def radius_of(deaths: float, *, several: bool = False) -> float:
    """Give the radius of a symbol in pixels.

    >>> radius_of(0), radius_of(4), radius_of(0, several=True), radius_of(1000)
    (4.5, 6.5, 9.0, 21.0)
    """
    least = 9.0 if several else 4.5
    return min(LARGEST, max(least, 3.5 + 1.5 * math.sqrt(deaths)))
