"""Small static maps, as inline SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from markupsafe import Markup

from sahel_geo.maps.classes.classes import classify

_WIDTH: Final = 480.0
_NO_DATA: Final = "#d9d9d9"


def thumbnail(units: gpd.GeoDataFrame, column: str) -> Markup:
    """Draw the units in the colours of a map of `column`, without words."""
    classes = classify(units[column])
    colours = [legend.colour or _NO_DATA for legend in classes.classes]
    return _picture(units, [colours[at] for at in classes.class_of], "")


def class_map(units: gpd.GeoDataFrame, colours: Sequence[str]) -> Markup:
    """Draw the units in given colours, without words.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=0)
    >>> str(class_map(units, ["#b2182b"] * 3)).count("#b2182b")
    1
    """
    return _picture(units, list(colours), ' class="map"')


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


def shapes(units: gpd.GeoDataFrame, colours: list[str], frame: Frame) -> list[str]:
    """Draw the units and the outlines of their countries."""
    flat = shapely.transform(
        units.geometry.to_numpy(), lambda xy: np.column_stack(frame.at(xy[:, 0], xy[:, 1]))
    )
    flat = shapely.coverage_simplify(flat, tolerance=1.0)
    painted = np.array(colours)
    paths = []
    for colour in dict.fromkeys(colours):
        data = "".join(_path(shape) for shape in flat[painted == colour])
        paths.append(f'<path fill="{colour}" stroke="#fff" stroke-width="0.4" d="{data}"/>')
    outline = "".join(_path(shape) for shape in _countries(units, flat))
    paths.append(f'<path fill="none" stroke="#333" stroke-width="1.2" d="{outline}"/>')
    return paths


def _picture(units: gpd.GeoDataFrame, colours: list[str], attribute: str) -> Markup:
    frame = Frame.of(units)
    return Markup(  # noqa: S704  numbers and colours of our own
        f'<svg{attribute} viewBox="{frame.view}" aria-hidden="true" stroke-linejoin="round">'
        f"{''.join(shapes(units, colours, frame))}</svg>",
    )


def _countries(units: gpd.GeoDataFrame, flat: Any) -> list[Any]:
    country = units["country"].to_numpy()
    return [shapely.coverage_union_all(flat[country == code]) for code in np.unique(country)]


def _path(shape: Any) -> str:
    commands = []
    for ring in shapely.get_rings(shapely.get_parts(shape)):
        xy = shapely.get_coordinates(ring).round(1)
        kept = xy[np.append(True, (xy[1:] != xy[:-1]).any(axis=1))]
        if len(kept) > 3:
            commands.append("M" + "L".join(f"{x:g} {y:g}" for x, y in kept[:-1]) + "Z")
    return "".join(commands)
