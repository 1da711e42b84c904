"""The drawings of a report as inline SVG: units in colours, numbered units, months as bars."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from markupsafe import Markup, escape

from sahel_geo.arrays import Objects
from sahel_geo.maps.classes.classes import classify
from sahel_geo.places.remember import remembered

_WIDTH: Final = 480.0
NO_DATA: Final = "#d9d9d9"
INK: Final = "#1d2329"
_MARK: Final = 7.5  # radius of a number on a map


def thumbnail(units: gpd.GeoDataFrame, column: str) -> Markup:
    """Draw the units in the colours of a map of `column`, without words."""
    classes = classify(units[column])
    colours = [legend.colour or NO_DATA for legend in classes.classes]
    frame = Frame.of(units)
    return _picture(_shapes(units, [colours[at] for at in classes.class_of], frame), frame, "")


@dataclass(frozen=True)
class Frame:
    """Where degrees lie in a drawing of a given width."""

    west: float
    north: float
    squeeze: float  # one degree of longitude shrinks with the cosine of the latitude
    scale: float
    height: float

    @classmethod
    def of(cls, units: gpd.GeoDataFrame) -> "Frame":
        """Fit some units."""
        west, south, east, north = units.total_bounds
        squeeze = float(np.cos(np.radians((south + north) / 2)))
        scale = _WIDTH / ((east - west) * squeeze)
        return cls(west, north, squeeze, scale, (north - south) * scale)

    def at(self, lon: Any, lat: Any) -> tuple[Any, Any]:
        """Give the place of a point in the drawing."""
        return (lon - self.west) * self.squeeze * self.scale, (self.north - lat) * self.scale

    @property
    def view(self) -> str:
        """The part of the plane that the drawing takes."""
        return f"-6 -6 {_WIDTH + 12:.0f} {self.height + 12:.0f}"


def _shapes(units: gpd.GeoDataFrame, colours: list[str], frame: Frame) -> list[str]:
    """Draw the units and the outlines of their countries."""
    drawn, outline = _drawn(units, frame)
    painted = np.array(colours)
    paths = []
    for colour in dict.fromkeys(colours):
        data = "".join(drawn[painted == colour])
        paths.append(f'<path fill="{colour}" stroke="#fff" stroke-width="0.4" d="{data}"/>')
    paths.append(f'<path fill="none" stroke="#333" stroke-width="1.2" d="{outline}"/>')
    return paths


@remembered("country")
def _drawn(units: gpd.GeoDataFrame, frame: Frame) -> tuple[Objects, str]:
    """Write the path of each unit, and those of their countries: the same in every colour."""
    flat = shapely.transform(
        units.geometry.to_numpy(), lambda xy: np.column_stack(frame.at(xy[:, 0], xy[:, 1]))
    )
    flat = shapely.coverage_simplify(flat, tolerance=1.0)
    country = units["country"].to_numpy()
    wholes = (shapely.coverage_union_all(flat[country == code]) for code in np.unique(country))
    outline = "".join(_path(shape) for shape in wholes)
    return np.array([_path(shape) for shape in flat], dtype=object), outline


def _picture(parts: Sequence[str], frame: Frame, attribute: str) -> Markup:
    return Markup(  # noqa: S704  numbers and colours of our own, names escaped
        f'<svg{attribute} viewBox="{frame.view}" aria-hidden="true" stroke-linejoin="round">'
        f"{''.join(parts)}</svg>"
    )


def _path(shape: Any) -> str:
    commands = []
    for ring in shapely.get_rings(shapely.get_parts(shape)):
        xy = shapely.get_coordinates(ring).round(1)
        kept = xy[np.append(True, (xy[1:] != xy[:-1]).any(axis=1))]
        if len(kept) > 3:
            commands.append("M" + "L".join(f"{x:g} {y:g}" for x, y in kept[:-1]) + "Z")
    return "".join(commands)


def unit_map(
    units: gpd.GeoDataFrame,
    colours: Sequence[str],
    marks: Sequence[tuple[float, float]] = (),
    towns: Sequence[tuple[float, float, str]] = (),
) -> Markup:
    """Draw the units in given colours, with numbers on some of them and the names of capitals.

    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=0)
    >>> str(unit_map(units, ["#b2182b"] * 3)).count("#b2182b")
    1
    """
    frame = Frame.of(units)
    parts = _shapes(units, list(colours), frame)
    for lon, lat, name in towns:
        x, y = frame.at(lon, lat)
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="#fff" stroke="{INK}"/>'
            f'<text x="{x + 5:.1f}" y="{y + 10:.1f}" class="town">{escape(name)}</text>'
        )
    own = [frame.at(lon, lat) for lon, lat in marks]
    capitals = [frame.at(lon, lat) for lon, lat, _ in towns]
    for place, ((x, y), (near, by)) in enumerate(zip(own, apart(own, capitals), strict=True), 1):
        if np.hypot(near - x, by - y) > _MARK:
            parts.append(
                f'<path d="M{x:.1f} {y:.1f}L{near:.1f} {by:.1f}" stroke="{INK}" class="lead"/>'
            )
        parts.append(
            f'<circle cx="{near:.1f}" cy="{by:.1f}" r="{_MARK}" fill="{INK}" stroke="#fff"/>'
            f'<text x="{near:.1f}" y="{by + 3.2:.1f}" class="mark">{place}</text>'
        )
    return _picture(parts, frame, ' class="map"')


def apart(
    points: Sequence[tuple[float, float]], fixed: Sequence[tuple[float, float]] = ()
) -> list[tuple[float, float]]:
    """Move the numbers on a map as little as it takes for none to lie on another or on a town.

    >>> (x, _), (other, _) = apart([(0.0, 0.0), (4.0, 0.0)])
    >>> other - x > 15
    True
    """
    if not points:
        return []
    places = np.array([*points, *fixed], dtype=np.float64)
    places[: len(points)] += np.linspace(0, 0.1, len(points))[:, None] * [1.0, 0.6]  # same place
    reach = np.full(len(places), _MARK + 0.4)
    reach[len(points) :] = 2.5
    least = reach[:, None] + reach[None, :]
    movable = np.arange(len(places)) < len(points)
    for _ in range(200):
        gap = places[:, None] - places[None, :]
        distance = np.hypot(gap[..., 0], gap[..., 1])
        np.fill_diagonal(distance, np.inf)
        short = np.clip(least - distance, 0, None)
        if not short[movable].any():
            break
        push = (gap / np.maximum(distance, 1e-6)[..., None] * short[..., None]).sum(axis=1) / 2
        places[movable] += push[movable]
    return [(float(x), float(y)) for x, y in places[: len(points)]]
