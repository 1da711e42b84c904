"""The values of a surface, where they lie, what they are, and their sums over units."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from affine import Affine
from pyproj import CRS

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

    values: npt.NDArray[np.float64]
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


def projected(units: gpd.GeoDataFrame, crs: Any) -> npt.NDArray[np.object_]:
    """Project outlines, with their long edges bent as the projection bends them.

    Returns (n,): An edge that two units share is bent for both alike.
    """
    return np.asarray(
        gpd.GeoSeries(shapely.segmentize(units.geometry.to_numpy(), _DENSE_DEGREES), crs=units.crs)
        .to_crs(crs)
        .to_numpy(),
        dtype=object,
    )


def cells_inside(
    shapes: npt.NDArray[np.object_], size: tuple[int, int], transform: Affine
) -> npt.NDArray[np.bool_]:
    """Tell which cells have their centre inside any of some shapes."""
    from rasterio.features import rasterize  # noqa: PLC0415  slow to import

    drawn = [shape for shape in shapes if shape is not None and shapely.area(shape) > 0]
    if not drawn:
        return np.zeros(size, dtype=bool)
    burned = rasterize(drawn, out_shape=size, transform=transform, dtype="uint8")
    return np.asarray(burned, dtype=bool)
