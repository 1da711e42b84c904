"""Cells inside shapes are those that GDAL burns."""

import numpy as np
import pytest
import shapely
from affine import Affine
from rasterio.features import rasterize

import sahel_geo as sg
from sahel_geo.crs import EQUAL_AREA
from sahel_geo.indicators.surface.raster import cells_inside, projected


def blots(number):
    """Ragged shapes that overlap, some with holes, some partly or wholly off the grid."""
    rng = np.random.default_rng(2)
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    for _ in range(number):
        middle, radius = rng.uniform(-20, 120, 2), rng.uniform(2, 30) * rng.uniform(0.6, 1.4, 60)
        outline = middle + np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
        yield shapely.Polygon(outline).difference(shapely.Point(middle).buffer(radius.min() / 2))


@pytest.mark.parametrize(
    "transform",
    [Affine(0.7, 0, -5, 0, -0.9, 105), Affine(0.7, 0, -5, 0, 0.9, -5)],
    ids=["north first", "south first"],
)
def test_shapes_that_overlap_or_leave_the_grid(transform):
    shapes = np.array([*blots(30), None, shapely.Point(3, 3), shapely.Polygon()], dtype=object)
    expected = rasterize(blots(30), out_shape=(110, 140), transform=transform, dtype="uint8")
    found = cells_inside(shapes, (110, 140), transform)
    np.testing.assert_array_equal(found, expected.astype(bool))
    assert 0 < found.mean() < 1


@pytest.mark.parametrize("level", [0, 2])
def test_units(level):
    shapes = projected(sg.load_boundaries(level=level), EQUAL_AREA)
    west, south, east, north = shapely.total_bounds(shapes)
    transform = Affine(3e3, 0, west - 1e4, 0, -3e3, north + 1e4)
    size = int((north - south) / 3e3) + 7, int((east - west) / 3e3) + 7
    expected = rasterize(shapes, out_shape=size, transform=transform, dtype="uint8")
    np.testing.assert_array_equal(cells_inside(shapes, size, transform), expected.astype(bool))


def test_no_shape_has_no_cell():
    assert not cells_inside(np.array([], dtype=object), (3, 4), Affine.identity()).any()
