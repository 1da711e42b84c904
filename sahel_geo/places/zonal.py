"""Sums of a raster over polygons, with cells that an edge cuts counted by the share inside."""

import os
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import rasterio
import shapely
from affine import Affine
from pyproj import CRS
from rasterio.errors import RasterioError
from rasterio.features import rasterize
from rasterio.windows import Window

from sahel_geo.crs import require_lonlat
from sahel_geo.errors import CrsError, FileError, InputError

Floats = npt.NDArray[np.float64]

_CELLS_AT_ONCE: Final = 4_000_000


def zonal_sums(shapes: gpd.GeoSeries, path: str | os.PathLike[str], *, band: int = 1) -> Floats:
    """Sum the cells of a raster inside each polygon.

    A cell that lies partly inside counts with the share of its area that does, measured in the
    plane of the raster, so that polygons without gap or overlap share out every cell exactly.

    Parameters
    ----------
    shapes : GeoSeries, shape (n,)
        Polygons in EPSG:4326.
    path : path-like
        A raster of counts per cell, such as people, in any CRS; rows must run east to west.
    band : int
        Which band, from 1.

    Returns
    -------
    ndarray of float, shape (n,)
        Sums; cells without data or not finite count as 0, as does the ground outside the raster.

    Raises
    ------
    CrsError
        If `shapes` is not in EPSG:4326 or the raster has no CRS.
    FileError
        If the file cannot be read as a raster.
    InputError
        If it has no such band, or is rotated.

    Examples
    --------
    >>> import tempfile
    >>> from rasterio.transform import Affine
    >>> path = tempfile.mkdtemp() + "/people.tif"
    >>> profile = {"driver": "GTiff", "width": 2, "height": 2, "count": 1, "dtype": "float32"}
    >>> profile |= {"crs": "EPSG:4326", "transform": Affine(1, 0, 0, 0, -1, 2)}
    >>> with rasterio.open(path, "w", **profile) as file:
    ...     file.write(np.array([[[1, 2], [3, 4]]], dtype="float32"))
    >>> zonal_sums(gpd.GeoSeries([shapely.box(0, 0, 1.5, 2)], crs=4326), path)
    array([7.])
    """
    require_lonlat(shapes, "shapes")
    try:
        with rasterio.open(path) as raster:
            _check_raster(raster, path, band)
            planes = shapes.to_crs(CRS.from_user_input(raster.crs)).to_numpy()
            return np.array([_sum_inside(raster, shape, band) for shape in planes], dtype=float)
    except (RasterioError, OSError) as error:
        raise FileError(
            f"{os.fspath(path)!r} cannot be read as a raster ({str(error)[:200]}); expected a "
            "GeoTIFF or another format of GDAL. Check the path, or download it again.",
        ) from error


def _check_raster(raster: Any, path: str | os.PathLike[str], band: int) -> None:
    if raster.crs is None:
        raise CrsError(
            f"{os.fspath(path)!r} has no coordinate reference system; expected one in the file. "
            "Add it, for example with gdal_edit -a_srs EPSG:4326.",
        )
    if not 1 <= band <= raster.count:
        raise InputError(f"`band` is {band}; expected 1 to {raster.count}. Choose one of them.")
    transform = raster.transform
    if transform.b or transform.d or transform.a <= 0 or transform.e >= 0:
        raise InputError(
            f"{os.fspath(path)!r} is rotated or flipped; expected rows from north to south and "
            "columns from west to east. Warp it first.",
        )


def _sum_inside(raster: Any, shape: Any, band: int) -> float:
    if shape is None or shape.is_empty:
        return 0.0
    grid = raster.transform
    west, south, east, north = shape.bounds
    left, top = max(0, int((west - grid.c) // grid.a)), max(0, int((north - grid.f) // grid.e))
    right = min(raster.width, int((east - grid.c) // grid.a) + 1)
    bottom = min(raster.height, int((south - grid.f) // grid.e) + 1)
    if right <= left or bottom <= top:
        return 0.0
    step = max(1, _CELLS_AT_ONCE // (right - left))
    windows = [
        Window(left, row, right - left, min(step, bottom - row)) for row in range(top, bottom, step)
    ]
    return sum(_sum_window(raster, shape, band, window) for window in windows)


def _sum_window(raster: Any, shape: Any, band: int, window: Any) -> float:
    values = raster.read(band, window=window, masked=True).astype(np.float64).filled(0.0)
    values[~np.isfinite(values)] = 0.0
    grid = raster.transform
    west, north = grid.c + window.col_off * grid.a, grid.f + window.row_off * grid.e
    transform = Affine(grid.a, 0.0, west, 0.0, grid.e, north)
    burn = {"out_shape": values.shape, "transform": transform, "dtype": "uint8"}
    inside = rasterize([shape], **burn).astype(bool)
    edge = rasterize([shape.boundary], all_touched=True, **burn).astype(bool)
    rows, columns = np.nonzero(edge & (values != 0))
    west, north = west + columns * grid.a, north + rows * grid.e
    cells = shapely.box(west, north + grid.e, west + grid.a, north)
    shapely.prepare(shape)
    share = shapely.area(shapely.intersection(cells, shape)) / abs(grid.a * grid.e)
    return float(values[inside & ~edge].sum() + (values[rows, columns] * share).sum())
