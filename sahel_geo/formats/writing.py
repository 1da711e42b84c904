"""Layers and rasters written by GDAL, whose errors become ours."""

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd

from sahel_geo.errors import saying_why


def _full_disk(path: Path) -> AbstractContextManager[None]:
    """Turn whatever GDAL raises while it writes, a full disk among it, into a `FileError`."""
    return saying_why(
        "cannot write {path!r} ({why}); expected a folder with room. Choose another folder.",
        Exception,
        path=str(path),
    )


@contextmanager
def _plain_name(path: Path) -> Iterator[Path]:
    """Give GDAL, which takes names in UTF-8 only, a name that it can take."""
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:  # the system has another encoding
        with TemporaryDirectory(prefix="sahel-geo-") as folder:
            other = Path(folder, f"file{path.suffix}")
            yield other
            shutil.copyfile(other, path)
    else:
        yield path


def write_layer(
    frame: gpd.GeoDataFrame, path: Path, layer: str, *, stamp: str | None = None
) -> None:
    """Write a table of shapes as the one layer of a new GeoPackage."""
    import pyogrio  # noqa: PLC0415  slow to import

    with _full_disk(path), _plain_name(path) as target:
        path.unlink(missing_ok=True)  # GDAL takes an empty file for a damaged database
        before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
        if stamp is not None:
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": stamp})
        try:
            options = {"dataset_options": {"VERSION": "1.2"}} if stamp is not None else {}
            frame.to_file(target, driver="GPKG", layer=layer, engine="pyogrio", **options)
        finally:
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


@contextmanager
def create_raster(path: Path, **profile: Any) -> Iterator[Any]:
    """Open a new raster for writing."""
    import rasterio  # noqa: PLC0415  half a second, and only files need it

    with (
        _full_disk(path),
        _plain_name(path) as target,
        rasterio.open(target, "w", **profile) as raster,
    ):
        yield raster
