"""Sums of a raster of four cells over polygons, worked by hand."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import Affine

from sahel_geo.errors import CrsError, InputError
from sahel_geo.places.zonal import zonal_sums

NORTH_UP = Affine(1, 0, 0, 0, -1, 2)
PEOPLE = [[[1, -9], [np.nan, 4]], [[10, 20], [30, 40]]]  # -9: no data


def write(folder, **told):
    profile = {"driver": "GTiff", "width": 2, "height": 2, "count": 2, "dtype": "float32",
               "crs": "EPSG:4326", "transform": NORTH_UP, "nodata": -9}  # fmt: skip
    path = folder / "people.tif"
    with rasterio.open(path, "w", **profile | told) as file:
        file.write(np.array(PEOPLE, dtype="float32"))
    return path


def series(*shapes):
    return gpd.GeoSeries(list(shapes), crs=4326)


def test_cells_count_with_the_share_inside_and_without_a_number_as_none(tmp_path):
    path = write(tmp_path)
    shapes = series(
        shapely.box(0, 0, 2, 2), shapely.box(0, 1, 0.5, 1.5), shapely.box(1, 0, 3, 0.5),
        shapely.box(1, 1, 2, 2), shapely.box(0, 0, 1, 1),
    )  # fmt: skip
    assert zonal_sums(shapes, path).tolist() == [5.0, 0.25, 2.0, 0.0, 0.0]
    assert zonal_sums(shapes, path, band=2).tolist() == [100.0, 2.5, 20.0, 20.0, 30.0]


def test_what_is_not_drawn_and_what_lies_outside_holds_nobody(tmp_path):
    path = write(tmp_path)
    line = shapely.Polygon([(0, 0), (1, 1), (0, 0)])
    shapes = series(None, shapely.Polygon(), line, shapely.box(9, 9, 10, 10),
                    shapely.box(0, 0, 2, 2))  # fmt: skip
    assert zonal_sums(shapes, path).tolist() == [0.0, 0.0, 0.0, 0.0, 5.0]
    assert zonal_sums(shapes[:2], path).tolist() == [0.0, 0.0]
    assert zonal_sums(shapes[3:4], path).tolist() == [0.0]
    assert zonal_sums(shapes[:0], path).tolist() == []


@pytest.mark.parametrize("band", [0, 3, -1])
def test_a_band_that_the_raster_has_not(tmp_path, band):
    with pytest.raises(InputError, match=f"`band` is {band}; expected 1 to 2"):
        zonal_sums(series(shapely.box(0, 0, 2, 2)), write(tmp_path), band=band)


@pytest.mark.parametrize(
    "transform",
    [
        Affine(0.5, 0, 0, 0, 0.5, 1),
        Affine(-1, 0, 2, 0, -1, 2),
        Affine(1, 0.1, 0, 0, -1, 2),
        Affine(1, 0, 0, 0.1, -1, 2),
    ],
    ids=["south up", "east to west", "sheared", "rotated"],
)
def test_cells_that_do_not_lie_north_up_are_refused(tmp_path, transform):
    path = write(tmp_path, transform=transform)
    with pytest.raises(InputError, match=r"people\.tif' is rotated or flipped"):
        zonal_sums(series(shapely.box(0, 0, 2, 2)), path)


def test_a_raster_or_polygons_that_do_not_say_where_they_lie(tmp_path):
    with pytest.raises(CrsError, match=r"people\.tif' has no coordinate reference system"):
        zonal_sums(series(shapely.box(0, 0, 2, 2)), write(tmp_path, crs=None))
    with pytest.raises(CrsError, match="`shapes` has no"):
        zonal_sums(series(shapely.box(0, 0, 2, 2)).set_crs(None, allow_override=True),
                   write(tmp_path))  # fmt: skip
