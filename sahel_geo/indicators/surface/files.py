"""Surfaces in files: Cloud-Optimised GeoTIFFs that say what they hold."""

import json
import os
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from affine import Affine
from pyproj import CRS

from sahel_geo.errors import CrsError, FileError, InputError
from sahel_geo.files import atomic_path
from sahel_geo.formats.rasters import open_raster
from sahel_geo.formats.writing import create_raster
from sahel_geo.indicators.surface.raster import Raster

Floats = npt.NDArray[np.float64]
Parts = tuple[Floats, Affine, CRS, str, dict[str, str | float]]

NODATA: Final = -9999.0
_TAG: Final = "SAHEL_GEO"
_MOST_CELLS: Final = 50_000_000
_MOST_TAGS: Final = 200
_MOST_CHARACTERS: Final = 2_000


def write_surface(surface: Raster, path: str | os.PathLike[str]) -> Path:
    """Write a surface; see :meth:`Surface.to_geotiff`."""
    profile = {
        "driver": "COG",
        "dtype": "float32",
        "count": 1,
        "height": surface.values.shape[0],
        "width": surface.values.shape[1],
        "crs": surface.crs.to_wkt(),
        "transform": surface.transform,
        "nodata": NODATA,
        "compress": "deflate",
        "predictor": "floating_point",
        "overview_resampling": "average",
    }
    readable = {key: str(value) for key, value in surface.parameters.items()}
    exact = json.dumps({"unit": surface.unit, "parameters": dict(surface.parameters)})
    # the outer block renames the file, so the inner one must have closed it
    with atomic_path(path) as temporary, create_raster(temporary, **profile) as raster:
        raster.write(np.nan_to_num(surface.values, nan=NODATA).astype(np.float32), 1)
        raster.update_tags(**readable, **{_TAG: exact})
        raster.update_tags(1, units=surface.unit)
        raster.set_band_unit(1, surface.unit)
    return Path(path)


def read_surface(path: str | os.PathLike[str], band: int) -> Parts:
    """Read what makes a surface; see :meth:`Surface.from_geotiff`."""
    with open_raster(path) as raster:
        crs = _checked_crs(raster, path)
        _check_shape(raster, path, band)
        values = raster.read(band, masked=True).astype(np.float64).filled(np.nan)
        unit, parameters = _meaning(raster, band)
        return values, raster.transform, crs, unit, parameters


def _checked_crs(raster: Any, path: str | os.PathLike[str]) -> CRS:
    if raster.crs is None:
        raise CrsError(
            f"{os.fspath(path)!r} has no coordinate reference system; expected a projected one in "
            "metres. Add it, for example with gdal_edit -a_srs."
        )
    crs = CRS.from_user_input(raster.crs.to_wkt())
    metres = [axis.unit_conversion_factor for axis in crs.axis_info[:2]] == [1.0, 1.0]
    if not (crs.is_projected and metres):
        raise CrsError(
            f"{os.fspath(path)!r} is in {crs.name!r}; expected a projection in metres, so that "
            "cells have areas. Warp it first, for example with gdalwarp -t_srs."
        )
    return crs


def _check_shape(raster: Any, path: str | os.PathLike[str], band: int) -> None:
    if not 1 <= band <= raster.count:
        raise InputError(f"`band` is {band}; expected 1 to {raster.count}. Choose one of them.")
    if raster.width * raster.height > _MOST_CELLS:
        raise FileError(
            f"{os.fspath(path)!r} has {raster.height} x {raster.width} cells; expected at most "
            f"{_MOST_CELLS:,}. Cut or coarsen it first."
        )
    if np.dtype(raster.dtypes[band - 1]).kind not in "iuf":
        raise InputError(
            f"{os.fspath(path)!r} holds {raster.dtypes[band - 1]}; expected real numbers. "
            "Choose another file."
        )
    grid = raster.transform
    if grid.b or grid.d or grid.a <= 0 or grid.e >= 0:
        raise InputError(
            f"{os.fspath(path)!r} is rotated or flipped; expected rows from north to south and "
            "columns from west to east. Warp it first."
        )


def _meaning(raster: Any, band: int) -> tuple[str, dict[str, str | float]]:
    """Read unit and parameters from our own tag, or as text from those that anyone may write."""
    tags = raster.tags()
    try:
        told = json.loads(tags.get(_TAG, "")[: _MOST_TAGS * _MOST_CHARACTERS])
        unit, parameters = str(told["unit"]), dict(told["parameters"])
    except (ValueError, TypeError, KeyError, RecursionError):
        unit = str(raster.units[band - 1] or raster.tags(band).get("units", ""))
        parameters = {key: value for key, value in tags.items() if key != "AREA_OR_POINT"}
    kept: dict[str, str | float] = {}
    for key, value in list(parameters.items())[:_MOST_TAGS]:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        kept[str(key)[:_MOST_CHARACTERS]] = value if number else str(value)[:_MOST_CHARACTERS]
    return unit[:_MOST_CHARACTERS], kept
