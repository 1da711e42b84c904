"""Surfaces cut to an area and added up over units."""

from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from affine import Affine

from sahel_geo.crs import LONLAT, is_equal_area, require_lonlat, to_equal_area
from sahel_geo.errors import InputError
from sahel_geo.indicators.surface.raster import Raster

Floats = npt.NDArray[np.float64]

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


def clipped(surface: Raster, area: Any) -> tuple[Floats, Affine]:
    """Blank the cells outside an area and cut to the rest; see :meth:`Surface.clip`."""
    shapes = projected(units_of(area, "area"), surface.crs)
    inside = cells_inside(
        shapes, (surface.values.shape[0], surface.values.shape[1]), surface.transform
    )
    if not inside.any():
        raise InputError(
            "`area` holds the centre of no cell of the surface; expected an area that it covers. "
            "Make the surface with extent=, or with smaller cells.",
        )
    rows, columns = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
    kept = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    corner = surface.transform @ (float(columns[0]), float(rows[0]))
    grid = surface.transform
    values = np.where(inside, surface.values, np.nan)[kept]
    return values, Affine(grid.a, 0, corner[0], 0, grid.e, corner[1])


def sums_over(surface: Raster, units: gpd.GeoDataFrame) -> "pd.Series[float]":
    """Integrate a surface over each unit; see :meth:`Surface.sum_over`.

    Returns (n,): Sums.
    """
    from exactextract import exact_extract  # noqa: PLC0415  only sums need it
    from exactextract.raster import NumPyRasterSource  # noqa: PLC0415

    shapes = projected(units_of(units, "units"), surface.crs)
    grid, (rows, columns) = surface.transform, surface.values.shape
    wkt = surface.crs.to_wkt()
    source = NumPyRasterSource(
        np.nan_to_num(surface.values, nan=0.0),
        xmin=grid.c,
        ymin=grid.f + rows * grid.e,
        xmax=grid.c + columns * grid.a,
        ymax=grid.f,
        srs_wkt=wkt,
    )
    drawn = np.array([shape is not None and shapely.area(shape) > 0 for shape in shapes])
    sums = np.zeros(len(shapes))
    frame = gpd.GeoDataFrame(geometry=shapes[drawn], crs=wkt)
    if drawn.any():
        found = exact_extract(source, frame, ["sum"], output="pandas")["sum"]
        sums[drawn] = pd.to_numeric(found).fillna(0.0).to_numpy(np.float64)
    return pd.Series(sums * surface.cell_km2, index=units.index, name=surface.unit)
