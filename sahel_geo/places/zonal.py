"""Sums of a raster over polygons, with cells that an edge cuts counted by the share inside."""

import geopandas as gpd
import numpy as np
import shapely
from exactextract import exact_extract
from exactextract.raster import RasterioRasterSource
from pyproj import CRS
from rasterio.windows import Window

from sahel_geo.arrays import Floats
from sahel_geo.crs import require_lonlat
from sahel_geo.formats.rasters import CELLS_AT_ONCE, open_raster
from sahel_geo.schema import PathLike


def zonal_sums(shapes: gpd.GeoSeries, path: PathLike, *, band: int = 1) -> Floats:
    """Sum the cells of a raster inside each polygon.

    A cell that lies partly inside counts with the share of its area that does, measured in the
    plane of the raster, so that polygons without gap or overlap share out every cell exactly.

    shapes (n,): Polygons in EPSG:4326. path: A GeoTIFF, opened alone: files beside it
    (``.aux.xml``, ``.tfw``) are not read. Returns (n,): Sums; cells without data or not finite
    count as 0, as does the ground outside the raster.

    >>> import rasterio, tempfile
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
    with open_raster(path, band=band) as raster:
        planes = shapes.to_crs(CRS.from_user_input(raster.crs))
        drawn = shapely.area(planes.to_numpy()) > 0  # NaN, and so false, where there is no shape
        sums = np.zeros(len(planes))
        if drawn.any():
            sums[drawn] = exact_extract(
                _People(raster, band),
                gpd.GeoDataFrame(geometry=planes.to_numpy()[drawn], crs=planes.crs),
                ["sum"],
                max_cells_in_memory=CELLS_AT_ONCE,
                output="pandas",
            )["sum"]
    return sums


class _People(RasterioRasterSource):  # type: ignore[misc]  # exactextract is not typed
    """The cells of a raster as finite numbers, 0 where there is none."""

    def nodata_value(self) -> None:
        """Leave no value to exactextract's own handling of missing cells."""

    def read_window(self, x0: int, y0: int, nx: int, ny: int) -> Floats:
        """Read some cells as stored, as the caller of `zonal_sums` would."""
        values = self.ds.read(self.band_idx, window=Window(x0, y0, nx, ny), masked=True)
        numbers: Floats = values.astype(np.float64).filled(0.0)
        numbers[~np.isfinite(numbers)] = 0.0
        return numbers
