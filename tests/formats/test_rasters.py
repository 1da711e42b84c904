"""Cells without a size or a place are refused before anything is summed over them."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import Affine

from sahel_geo.errors import CrsError, FileError, InputError
from sahel_geo.formats.rasters import open_raster
from sahel_geo.indicators.border.bands import _raster_cells
from sahel_geo.indicators.surface.surface import Surface
from sahel_geo.places.zonal import zonal_sums

PLAIN = Affine(1, 0, 0, 0, -1, 18)
UNITS = gpd.GeoSeries([shapely.box(0, 14, 1, 15)], crs=4326)
READERS = {
    "sums": lambda path: zonal_sums(UNITS, path),
    "people": lambda path: list(_raster_cells(path)),
    "surface": Surface.from_geotiff,
}
NOWHERE = {
    "a height that is no number": Affine(0.1, 0, 0, 0, np.nan, 15.2),
    "an origin that is no number": Affine(0.1, 0, np.nan, 0, -0.1, 15.2),
    "an origin without end": Affine(0.1, 0, 0, 0, -0.1, np.inf),
    "cells beyond all numbers": Affine(0.1, 0, 0, 0, -1e307, 15.2),
    "cells larger than the Earth": Affine(1e9, 0, 0, 0, -0.1, 15.2),
    "cells without a size": Affine(1e-300, 0, 0, 0, -0.1, 15.2),
}


def write(path, transform=PLAIN, crs="EPSG:4326"):
    with rasterio.open(
        path, "w", driver="GTiff", height=8, width=8, count=1, dtype="float32", crs=crs,
        transform=transform,
    ) as raster:  # fmt: skip
        raster.write(np.ones((8, 8), "float32"), 1)
    return path


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("transform", NOWHERE.values(), ids=NOWHERE)
def test_a_raster_that_lies_nowhere_is_refused(transform, reader, tmp_path):
    """The sums over such cells end the process, with no error that could be caught."""
    path = write(tmp_path / "people.tif", transform)
    with pytest.raises(FileError, match="does not say where its cells lie or how large they are"):
        READERS[reader](path)


def test_small_cells_are_summed(tmp_path):
    path = write(tmp_path / "people.tif", Affine(1e-5, 0, 0.5, 0, -1e-5, 14.5))
    assert zonal_sums(UNITS, path) == pytest.approx([64.0])


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("reader", READERS)
def test_a_raster_without_a_system_is_refused_in_the_same_words(reader, tmp_path):
    path = write(tmp_path / "people.tif", crs=None)
    with pytest.raises(CrsError) as refused:
        READERS[reader](path)
    said = "has no coordinate reference system; expected one in the file. Add the right one"
    assert f"{str(path)!r} {said}" in str(refused.value)
    assert "n’a pas de système de coordonnées" in refused.value.say("fr")


TURNED = {
    "rotated": Affine.translation(0, 18) @ Affine.rotation(20) @ Affine.scale(1, -1),
    "south up": Affine(1, 0, 0, 0, 1, 10),
    "east to west": Affine(-1, 0, 8, 0, -1, 18),
}


@pytest.mark.parametrize("transform", TURNED.values(), ids=TURNED)
def test_a_turned_raster_is_refused_where_its_cells_are_cut_and_read_where_they_are_points(
    transform, tmp_path
):
    degrees = write(tmp_path / "people.tif", transform)
    metres = write(tmp_path / "metres.tif", Affine.scale(1000) @ transform, "EPSG:32631")
    for path, reader in ((degrees, "sums"), (metres, "surface")):
        with pytest.raises(InputError, match="is rotated or flipped; expected rows from north"):
            READERS[reader](path)
    ((lon, lat, people),) = READERS["people"](degrees)
    centres = [transform @ (column + 0.5, row + 0.5) for row in range(8) for column in range(8)]
    assert np.column_stack([lon, lat]) == pytest.approx(np.array(centres))
    assert people.sum() == 64


def test_a_band_that_is_not_there_is_refused(tmp_path):
    path = write(tmp_path / "people.tif")
    for band in (0, 2, -1):
        with (
            pytest.raises(InputError, match=f"`band` is {band}; expected 1 to 1"),
            open_raster(path, band=band),
        ):
            pass
