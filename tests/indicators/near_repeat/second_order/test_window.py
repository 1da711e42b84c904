"""The window of K-functions, as cells: against GDAL, and against counting."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from rasterio.features import rasterize

import sahel_geo as sg
from sahel_geo.crs import EQUAL_AREA
from sahel_geo.indicators.near_repeat.second_order.window import Window


def island(hole):
    """A jagged island of some hundred km with a lake and an islet."""
    angle = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    coast = 1e5 + 3e4 * np.sin(7 * angle) + 1e4 * np.random.default_rng(1).uniform(-1, 1, 240)
    shape = shapely.Polygon(np.column_stack([coast * np.cos(angle), coast * np.sin(angle)]))
    lake = shapely.Point(1e4, 5e3).buffer(hole)
    whole = shape.difference(lake).union(shapely.box(2e5, 1e5, 2.3e5, 1.2e5))
    return gpd.GeoDataFrame(geometry=[whole], crs=EQUAL_AREA)


WINDOWS = {
    "island": lambda: island(2e4),
    "countries": lambda: sg.load_boundaries(level=0),
    "zone": lambda: sg.load_zone("menaka-tri-border").units,
}


@pytest.mark.parametrize("name", WINDOWS)
def test_the_cells_are_those_that_gdal_sets(name):
    window = Window.measured(WINDOWS[name](), 30)
    west, _, _, north = window.shape.bounds
    step_x, step_y = window.step_km
    to_km = Affine(step_x, 0, west, 0, -step_y, north)
    expected = rasterize(
        [(window.shape, 1)], out_shape=window.cells.shape, transform=to_km, dtype="uint8"
    )
    np.testing.assert_array_equal(window.cells, expected)


@pytest.mark.parametrize("reach_km", [4, 40])
def test_shifts_are_counted_cell_by_cell(reach_km):
    window = Window.measured(island(2e4), reach_km)
    cells, (down, across) = window.cells.astype(bool), np.array(window.covariance.shape) // 2
    rows, columns = cells.shape
    for south, east in [(0, 0), (down, across), (-down, across), (1, -across), (-3, 2)]:
        here = cells[max(0, -south) : rows - max(0, south), max(0, -east) : columns - max(0, east)]
        there = cells[max(0, south) : rows - max(0, -south), max(0, east) : columns - max(0, -east)]
        share = window.covariance[down + south, across + east]
        assert share == (here & there).sum() / cells.sum()
