"""Cells by formula agree with their outlines, and with the published numbers of PRIO-GRID."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import sahel_geo as sg
from sahel_geo.crs import EQUAL_AREA
from sahel_geo.errors import CrsError, InputError

BOX = gpd.GeoDataFrame(geometry=[shapely.box(-4, 12, 4, 17)], crs=4326)


def grids():
    pytest.importorskip("h3")
    return [
        sg.PrioGrid(BOX),
        sg.SquareGrid(BOX, cell_km=40),
        sg.HexagonGrid(BOX, across_km=45),
        sg.H3Grid(BOX, resolution=4),
    ]


def random_points(size=4_000):
    rng = np.random.default_rng(1)
    return rng.uniform(-4, 4, size), rng.uniform(12, 17, size)


@pytest.mark.parametrize("grid", grids(), ids=lambda grid: type(grid).__name__)
def test_a_point_lies_in_the_outline_of_its_cell(grid):
    lon, lat = random_points()
    row = grid.locate(lon, lat)
    assert (row >= 0).all()
    cells = grid.cells()
    assert cells["unit_id"].tolist() == grid.unit_ids.tolist()
    assert cells["unit_id"].is_unique
    # sides are curved by the projection, so a point beside one may lie outside the straight outline
    away = shapely.distance(cells.geometry.to_numpy()[row], shapely.points(lon, lat))
    assert away.max() < 5e-4
    assert (away == 0).mean() > 0.99


@pytest.mark.parametrize("grid", grids(), ids=lambda grid: type(grid).__name__)
def test_points_outside_and_without_a_place_are_in_no_cell(grid):
    lon, lat = np.array([40.0, np.nan, 0.0, np.inf]), np.array([14.0, 14.0, np.nan, 14.0])
    assert grid.locate(lon, lat).tolist() == [-1, -1, -1, -1]


@pytest.mark.parametrize("grid", grids(), ids=lambda grid: type(grid).__name__)
def test_assign_and_count_take_a_grid(grid):
    lon, lat = random_points(300)
    incidents = pd.DataFrame({"lon": lon, "lat": lat, "date": pd.Timestamp("2024-05-01")})
    incidents.loc[0, "lon"] = 30.0
    placed = sg.assign(incidents, grid)
    expected = grid.unit_ids[grid.locate(lon, lat)]
    assert placed["unit_id"].tolist()[1:] == expected.tolist()[1:]
    assert placed.unplaced["nearest_km"].iloc[0] > 2_000
    panel = sg.count(placed, grid, sparse=True)
    assert panel["incidents"].sum() == 299
    assert len(sg.count(placed, grid)) == len(grid.unit_ids)


def test_prio_grid_numbers_run_by_rows_from_the_south_west():
    world = sg.PrioGrid()
    lon = np.array([-180, 179.9, 180, -180, 0.25, 180])
    lat = np.array([-90, -90, -90, -89.5, 0.25, 90])
    assert world.unit_ids[world.locate(lon, lat)].tolist() == [
        "1", "720", "720", "721", "129961", "259200",
    ]  # fmt: skip


@pytest.mark.reference
def test_prio_grid_numbers_are_those_of_the_event_data(reference_data):
    events = pd.read_csv(reference_data / "ucdp" / "ged251_bfa_2016_2022.csv")
    placed = sg.assign(
        events.rename(columns={"longitude": "lon", "latitude": "lat"})[["lon", "lat"]],
        sg.PrioGrid(),
    )
    assert len(events) > 500
    np.testing.assert_array_equal(placed["unit_id"].astype(int), events["priogrid_gid"])


def test_cells_of_equal_area_grids_have_one_area():
    for grid, area in (
        (sg.SquareGrid(BOX, cell_km=40), 1_600.0),
        (sg.HexagonGrid(BOX, across_km=45), np.sqrt(0.75) * 45**2),
    ):
        cells = grid.cells()
        np.testing.assert_allclose(cells["area_km2"], area)
        measured = cells.to_crs(6933).area
        np.testing.assert_allclose(measured / 1e6, area, rtol=2e-3)


@pytest.mark.parametrize("grid", grids()[:3], ids=lambda grid: type(grid).__name__)
def test_neighbouring_cells_share_their_corners(grid):
    cells = grid.cells()
    assert shapely.coverage_is_valid(cells.geometry.to_numpy())


@pytest.mark.parametrize(
    "box", [(-3.9, 12.1, 3.9, 16.9), (-0.2, 13.4, 1.1, 13.45), (1.9, 16.1, 2.2, 16.1)]
)
def test_a_grid_has_the_cells_that_meet_its_extent_and_no_others(box):
    extent = gpd.GeoDataFrame(geometry=[shapely.box(*box)], crs=4326)
    around = gpd.GeoDataFrame(geometry=[shapely.box(-6, 10, 6, 19)], crs=4326)
    for own, wide, plane in (
        (sg.PrioGrid(extent), sg.PrioGrid(around), 4326),
        (sg.SquareGrid(extent, cell_km=40), sg.SquareGrid(around, cell_km=40), EQUAL_AREA),
    ):
        west, south, east, north = extent.to_crs(plane).total_bounds
        bounds = wide.cells().to_crs(plane).bounds
        meets = (bounds["minx"] < east) & (bounds["maxx"] > west)
        meets &= (bounds["miny"] < north) & (bounds["maxy"] > south)
        assert 0 < meets.sum() < len(meets)
        assert own.unit_ids.tolist() == wide.unit_ids[meets].tolist()


@pytest.mark.parametrize("west", [-3.9, -3.8, -3.7, -3.6])
def test_hexagons_are_kept_whose_centre_lies_within_a_cell_of_the_extent(west):
    extent = gpd.GeoDataFrame(geometry=[shapely.box(west, 12 - west / 10, 1, 14)], crs=4326)
    around = gpd.GeoDataFrame(geometry=[shapely.box(-6, 10, 6, 19)], crs=4326)
    wide = sg.HexagonGrid(around, across_km=45)
    centre = shapely.centroid(wide.cells().to_crs(EQUAL_AREA).geometry.to_numpy())
    away = shapely.distance(centre, shapely.box(*extent.to_crs(EQUAL_AREA).total_bounds)) / 45e3
    own = set(sg.HexagonGrid(extent, across_km=45).unit_ids)
    assert set(wide.unit_ids[away < 0.999]) <= own <= set(wide.unit_ids[away < 3])


def test_squares_are_the_cells_of_a_surface():
    lon, lat = random_points(50)
    incidents = pd.DataFrame({"lon": lon, "lat": lat})
    surface = sg.density.kernel_density(incidents, bandwidth_km=40, cell_km=40, extent=BOX)
    grid = sg.SquareGrid(BOX, cell_km=40)
    assert (grid.rows, grid.columns) == surface.values.shape


def test_refuses_what_it_cannot_use():
    with pytest.raises(InputError, match="`cell_km` is 0; expected a positive number of km"):
        sg.SquareGrid(BOX, cell_km=0)
    with pytest.raises(InputError, match="`across_km` is nan"):
        sg.HexagonGrid(BOX, across_km=float("nan"))
    with pytest.raises(InputError, match=r"cells; expected at most 20,000,000"):
        sg.SquareGrid(BOX, cell_km=0.01)
    with pytest.raises(InputError, match="`resolution` is 16; expected 0 to 15"):
        sg.H3Grid(BOX, resolution=16)
    with pytest.raises(CrsError, match="`extent` has no coordinate reference system"):
        sg.PrioGrid(BOX.set_crs(None, allow_override=True))


def test_the_world_has_the_cells_of_prio_grid():
    """Tollefsen, Strand & Buhaug 2012: 259,200 cells of half a degree, 720 by 360, from 1."""
    ids = sg.PrioGrid().unit_ids
    assert (len(ids), ids[0], ids[-1]) == (259_200, "1", "259200")
