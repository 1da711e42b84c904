"""The values of a surface, where they lie, what they are, and their sums over units."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
from affine import Affine
from pyproj import CRS

from sahel_geo.arrays import Flags, Floats, Objects
from sahel_geo.crs import LONLAT, is_equal_area, require_lonlat, to_equal_area
from sahel_geo.errors import InputError

_DENSE_DEGREES: Final = 0.05  # between the corners of an outline, so that it bends as it should


@dataclass(frozen=True)
class Raster:
    """A raster of one measure, with the projection and the parameters that made it.

    Attributes
    ----------
    values : ndarray of float, shape (rows, columns)
        Row 0 is the northernmost.
    transform : Affine
        From (column, row) to projected metres.
    crs : CRS
        Projection of the raster.
    unit : str
        Unit of the values.
    parameters : mapping of str to str or number
        What it was made with.
    """

    values: Floats
    transform: Affine
    crs: CRS
    unit: str
    parameters: Mapping[str, str | float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.values.setflags(write=False)
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))

    @property
    def cell_km2(self) -> float:
        """Area of one cell in km²."""
        return abs(self.transform.a * self.transform.e) / 1e6


def units_of(area: Any, argument: str) -> gpd.GeoDataFrame:
    """Take the units of a zone, or units as they are."""
    units = getattr(area, "units", area)
    if isinstance(units, gpd.GeoSeries):
        units = units.to_frame("geometry")
    if not isinstance(units, gpd.GeoDataFrame):
        raise InputError(
            f"`{argument}` is a {type(area).__name__}; expected a zone or a GeoDataFrame of units. "
            "Take one from load_zone or load_boundaries."
        )
    if is_equal_area(units.crs):
        units = to_equal_area(units, argument).to_crs(LONLAT)
    require_lonlat(units, argument)
    if not (shapely.area(units.geometry.to_numpy()) > 0).any():
        raise InputError(
            f"`{argument}` has no area in {len(units)} rows; expected polygons. "
            "Pass units or an outline."
        )
    return units


def projected(units: gpd.GeoDataFrame, crs: Any) -> Objects:
    """Project outlines, long edges bent as the projection bends them, shared ones alike."""
    return np.asarray(
        gpd.GeoSeries(shapely.segmentize(units.geometry.to_numpy(), _DENSE_DEGREES), crs=units.crs)
        .to_crs(crs)
        .to_numpy(),
        dtype=object,
    )


def cells_inside(shapes: Objects, size: tuple[int, int], transform: Affine) -> Flags:
    """Tell which cells have their centre in a shape, without GDAL, which takes 40 MB to load."""
    inside = np.zeros(size, dtype=bool)
    for shape in shapes:
        if shape is not None and shapely.area(shape) > 0:
            rows, columns, drawn = _cells_of(shape, size, ~transform)
            inside[rows, columns] |= drawn
    return inside


def _cells_of(shape: Any, size: tuple[int, int], to_cells: Affine) -> tuple[slice, slice, Flags]:
    """Set the cells of one shape, row by row between where its edges pass; in the box around it."""
    rings = shapely.get_rings(shapely.get_parts(shape))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    x = to_cells.a * xy[:, 0] + to_cells.b * xy[:, 1] + to_cells.c - 0.5  # 0 at the first centre
    y = to_cells.d * xy[:, 0] + to_cells.e * xy[:, 1] + to_cells.f - 0.5
    left, right = np.clip(np.ceil([x.min(), x.max()]), 0, size[1]).astype(int).tolist()
    top, bottom = np.clip(np.ceil([y.min(), y.max()]), 0, size[0]).astype(int).tolist()
    edge = np.flatnonzero(ring[1:] == ring[:-1])
    ends = np.sort(np.stack([y[edge], y[edge + 1]]), axis=0)
    first, past = np.clip(np.ceil(ends), 0, size[0]).astype(int)
    passes = past - first
    edge = np.repeat(edge, passes)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(passes) - passes - first, passes)
    share = (row - y[edge]) / (y[edge + 1] - y[edge])
    column = np.ceil(x[edge] + share * (x[edge + 1] - x[edge]))
    column = np.clip(column, left, right).astype(int)
    wide = right - left + 1
    cell = (row - top) * wide + column - left
    passed = np.bincount(cell, minlength=(bottom - top) * wide) % 2 == 1
    drawn = np.logical_xor.accumulate(passed.reshape(-1, wide)[:, :-1], axis=1)
    return slice(top, bottom), slice(left, right), drawn
