"""Rasters: GeoTIFFs alone, read in windows that stay small."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
from pyproj import CRS

from sahel_geo.errors import CrsError, FileError, InputError, saying_why
from sahel_geo.formats.archives import link_or_copy
from sahel_geo.formats.offline import OFFLINE, plain_crs
from sahel_geo.formats.proof import file_kind, kind_name
from sahel_geo.schema import PathLike

MAX_CELLS: Final = 1_000_000_000  # of one band, read a window at a time
MAX_BLOCK_BYTES: Final = 128 * 1024**2  # a tile or strip is decoded as a whole
CELLS_AT_ONCE: Final = 4_000_000
_MAX_BANDS: Final = 10_000
_FARTHEST: Final = 1e9  # degrees or metres: no projection of the Earth leads there
_SMALLEST: Final = 1e-9
_ENVIRONMENT: Final = {
    **OFFLINE,
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",  # no side files
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_CACHEMAX": 64 * 1024**2,
}


@contextmanager
def open_raster(path: PathLike, *, band: int = 1, upright: bool = True) -> Iterator[Any]:
    """Open a GeoTIFF, its CRS known, with its own driver; `upright` where rows run south."""
    import rasterio  # noqa: PLC0415  half a second, and only files need it

    kind = file_kind(path)
    file = Path(path)
    if kind != "tiff":
        raise FileError(
            "{file!r} cannot be read as a GeoTIFF (it is {kind}). Save the raster as GeoTIFF.",
            file=str(file),
            kind=kind_name(kind),
        )
    with (
        saying_why(
            "{file!r} takes more memory than there is. Cut or coarsen it.",
            MemoryError,
            file=str(file),
        ),
        saying_why(
            "{file!r} cannot be read as a GeoTIFF ({why}). Write or download it again.",
            *(rasterio.errors.RasterioError, rasterio.errors.RasterioIOError, OSError),
            *(ValueError, ArithmeticError, KeyError, IndexError, RuntimeError),
            file=str(file),
        ),
        TemporaryDirectory(prefix="sahel-geo-") as folder,
        rasterio.Env(**_ENVIRONMENT),
    ):
        alone = Path(folder, "raster.tif")
        link_or_copy(file, alone)
        with rasterio.open(alone, driver="GTiff") as raster:
            _check_bounds(raster, file)
            _check_place(raster, file)
            _check_reading(raster, file, band, upright=upright)
            yield raster


def _check_bounds(raster: Any, file: Path) -> None:
    if raster.crs is not None:
        plain_crs(CRS.from_user_input(raster.crs.to_wkt()), file)
    widest = max((np.dtype(kind).itemsize for kind in raster.dtypes if kind), default=1)
    pixels = "PIXEL" in str(raster.interleaving).upper()  # then all bands lie in one tile
    cells = max((rows * columns for rows, columns in raster.block_shapes), default=0)
    size = cells * widest * (raster.count if pixels else 1)
    many = raster.width * raster.height > MAX_CELLS
    if many or size > MAX_BLOCK_BYTES or raster.count > _MAX_BANDS:
        raise FileError(
            "{file!r} has {height:,} x {width:,} cells in {count:,} bands and tiles of {size:,} "
            "bytes; expected at most {max_cells:,} cells and {max_bytes:,} bytes. Cut, coarsen or "
            "tile it.",
            file=str(file),
            height=raster.height,
            width=raster.width,
            count=raster.count,
            size=size,
            max_cells=MAX_CELLS,
            max_bytes=MAX_BLOCK_BYTES,
        )


def _check_reading(raster: Any, file: Path, band: int, *, upright: bool) -> None:
    """Refuse a raster without a CRS or the band, or that is turned."""
    if raster.crs is None:
        raise CrsError(
            "{file!r} has no coordinate reference system; expected one in the file. Add the right "
            "one, for example with gdal_edit -a_srs.",
            file=str(file),
        )
    if not 1 <= band <= raster.count:
        raise InputError(
            "`band` is {band}; expected 1 to {count}. Choose one of them.",
            band=band,
            count=raster.count,
        )
    grid = raster.transform
    if upright and (grid.b or grid.d or grid.a <= 0 or grid.e >= 0):
        raise InputError(
            "{file!r} is rotated or flipped; expected rows from north to south and columns from "
            "west to east. Warp it first.",
            file=str(file),
        )


def _check_place(raster: Any, file: Path) -> None:
    """Refuse cells without a size or a place: with these exactextract crashes."""
    grid = np.array(raster.transform[:6], dtype=np.float64).reshape(2, 3)
    cell = np.abs(grid[:, :2]).max(axis=0)
    with np.errstate(over="ignore", invalid="ignore"):
        ends = np.abs(grid) @ np.array([raster.width, raster.height, 1.0])
    if not (np.isfinite(ends) & (ends <= _FARTHEST) & (cell >= _SMALLEST)).all():
        raise FileError(
            "{file!r} does not say where its cells lie or how large they are ({numbers}); expected "
            "an origin and a size in degrees or metres. Write it again with both.",
            file=str(file),
            numbers=", ".join(f"{number:g}" for number in grid.ravel()),
        )
