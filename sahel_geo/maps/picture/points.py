"""Incidents of a picture, grouped and sized as the page does at the same scale."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from matplotlib.path import Path

from sahel_geo.maps.choropleth.topology import DIGITS, decode_line, decode_numbers

Points = npt.NDArray[np.float64]


class Shapes:
    """Polygons and lines of a page, in a plane whose unit is the degree of latitude.

    Parameters
    ----------
    data : mapping
        What the page draws: ``arcs``, ``scale`` and ``bounds``.

    Attributes
    ----------
    squeeze : float
        Width of a degree of longitude beside one of latitude, at the middle of the map.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        (south, _), (north, _) = data["bounds"]
        self.scale = float(data["scale"])
        self.squeeze = float(np.cos(np.radians((south + north) / 2)))
        self.arcs = [self.line(text) for text in data["arcs"]]

    def place(self, lon: Any, lat: Any) -> Points:
        """Give the place of coordinates in the plane."""
        return np.column_stack([np.asarray(lon, float) * self.squeeze, np.asarray(lat, float)])

    def line(self, text: str) -> Points:
        """Decode a line."""
        steps = np.asarray(decode_line(text), dtype=np.float64).reshape(-1, 2) / self.scale
        return self.place(steps[:, 0], steps[:, 1])

    def polygon(self, text: str) -> Path | None:
        """Decode a shape; None if it has no ring."""
        vertices, codes = [], []
        for polygon in text.split(",") if text else []:
            for ring in polygon.split("."):
                points = self._ring(ring)
                vertices.append(points)
                codes += [Path.MOVETO, *[Path.LINETO] * (len(points) - 2), Path.CLOSEPOLY]
        return Path(np.concatenate(vertices), codes) if vertices else None

    def _ring(self, text: str) -> Points:
        parts: list[Points] = []
        for number in decode_numbers(text):
            arc = self.arcs[number // 2] if number % 2 == 0 else self.arcs[number // 2][::-1]
            parts.append(arc[1:] if parts else arc)
        return np.concatenate(parts)


def class_numbers(letters: str) -> npt.NDArray[np.int64]:
    """Read one class number per letter."""
    return np.array([DIGITS[letter] for letter in letters], dtype=np.int64)


PIXELS_PER_INCH: Final = 96.0  # of a page
GROUP: Final = 40.0  # pixels; points within so many of the first of a group join it
PRECISIONS: Final = ("point_exact", "point_area", "point_wide", "point_unknown")
MARGIN: Final = 30.0  # pixels; a point so far outside still reaches into the map
LARGEST: Final = 21.0


@dataclass(frozen=True)
class Incidents:
    """Incidents of the period shown.

    Attributes
    ----------
    lon, lat : ndarray of float, shape (n,)
        Degrees, EPSG:4326.
    deaths : ndarray of float, shape (n,)
        Recorded deaths; NaN without a toll.
    precision : ndarray of int, shape (n,)
        Place in `PRECISIONS`.
    """

    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    deaths: npt.NDArray[np.float64]
    precision: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Group:
    """Incidents that would cover one another.

    Attributes
    ----------
    x, y : float
        Mean of their places, in pixels of the page.
    count : int
        How many they are.
    deaths : float
        Recorded deaths of all.
    precision : int
        The precision that all share, or -1.
    """

    x: float
    y: float
    count: int
    deaths: float
    precision: int

    @property
    def radius(self) -> float:
        """Radius in pixels: the area grows with the deaths."""
        return radius_of(self.deaths, several=self.count > 1)


def radius_of(deaths: float, *, several: bool = False) -> float:
    """Give the radius of a symbol in pixels.

    Examples
    --------
    >>> radius_of(0), radius_of(4), radius_of(0, several=True), radius_of(1000)
    (4.5, 6.5, 9.0, 21.0)
    """
    least = 9.0 if several else 4.5
    return min(LARGEST, max(least, 3.5 + 1.5 * math.sqrt(deaths)))


def read_incidents(points: Mapping[str, Any], periods: range) -> Incidents:
    """Read the incidents of a page."""
    places = np.asarray(decode_line(points["place"]), dtype=np.float64).reshape(-1, 2)
    lon, lat = (places / points["scale"]).T
    precision = class_numbers(points["precision"])
    deaths = np.full(len(lon), np.nan)
    if points["deaths"] is not None:
        written = np.asarray(decode_numbers(points["deaths"]), dtype=np.float64)
        deaths = np.where(written == 0, np.nan, written - 1)
    shown = np.ones(len(lon), dtype=bool)
    if periods and points["period"] is not None:
        number = np.asarray(decode_numbers(points["period"])) - 1
        shown = (number >= periods.start) & (number < periods.stop)
    return Incidents(lon[shown], lat[shown], deaths[shown], precision[shown])


def group_points(
    x: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
    deaths: npt.NDArray[np.float64],
    precision: npt.NDArray[np.int64],
) -> list[Group]:
    """Group points: those with the most deaths first, each with the nearest group within reach.

    x, y (n,): Places in pixels of the page. deaths (n,): NaN without a toll. precision (n,):
    Place in `PRECISIONS`.

    Examples
    --------
    >>> at = np.array([0.0, 30.0, 100.0])
    >>> found = group_points(at, at * 0, np.array([2.0, 1.0, np.nan]), np.array([0, 0, 2]))
    >>> [(group.x, group.count, group.deaths, group.precision) for group in found]
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
    groups = [_group(rows, x, y, deaths, precision) for rows in members]
    return sorted(groups, key=lambda group: -group.deaths)


def _group(rows: list[int], x: Any, y: Any, deaths: Any, precision: Any) -> Group:
    kinds = set(precision[rows].tolist())
    return Group(
        x=float(x[rows].sum() / len(rows)),
        y=float(y[rows].sum() / len(rows)),
        count=len(rows),
        deaths=float(np.nansum(deaths[rows])),
        precision=kinds.pop() if len(kinds) == 1 else -1,
    )


def symbol_corners(precision: int, radius: float) -> list[tuple[float, float]] | None:
    """Give the corners of the symbol of a precision around the origin, y up; None for a circle."""
    square, tall = radius * 0.89, radius * 1.2
    return {
        1: [(-square, -square), (square, -square), (square, square), (-square, square)],
        2: [(0.0, tall), (tall, 0.0), (0.0, -tall), (-tall, 0.0)],
        3: [(0.0, tall), (tall, -tall * 0.8), (-tall, -tall * 0.8)],
    }.get(precision)
