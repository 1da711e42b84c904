"""Surfaces cut to an area and added up over units."""

from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from affine import Affine

from sahel_geo.crs import LONLAT, is_equal_area, require_lonlat, to_equal_area
from sahel_geo.errors import InputError

_DENSE_DEGREES: Final = 0.05  # between the corners of an outline, so that it bends as it should


def units_of(area: Any, argument: str) -> gpd.GeoDataFrame:
    """Take the units of a zone, or units as they are."""
    units = getattr(area, "units", area)
    if isinstance(units, gpd.GeoSeries):
        units = units.to_frame("geometry")
    if not isinstance(units, gpd.GeoDataFrame):
        raise InputError(
            f"`{argument}` is a {type(area).__name__}; expected a zone or a GeoDataFrame of units. "
            "Take one from load_zone or load_boundaries.",
        )
    if is_equal_area(units.crs):
        units = to_equal_area(units, argument).to_crs(LONLAT)
    require_lonlat(units, argument)
    if not (shapely.area(units.geometry.to_numpy()) > 0).any():
        raise InputError(
            f"`{argument}` has no area in {len(units)} rows; expected polygons. "
            "Pass units or an outline.",
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
