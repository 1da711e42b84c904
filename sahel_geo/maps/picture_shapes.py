"""The shapes of a page, decoded again for a drawing."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.path import Path

from sahel_geo.maps.topology import DIGITS, decode_line, decode_numbers

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
