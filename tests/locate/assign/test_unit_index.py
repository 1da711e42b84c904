"""The grid over the units gives the answers of GEOS, on borders, corners and grid lines too."""

import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import sahel_geo as sg
from sahel_geo import compiled
from sahel_geo.errors import CrsError, InputError
from sahel_geo.locate.assign import unit_index


def frame(*polygons, ids=None):
    ids = ids or [f"U{number:03}" for number in range(len(polygons))]
    return gpd.GeoDataFrame({"unit_id": ids}, geometry=list(polygons), crs=4326)


def oracle(units, lon, lat):
    """Every (point, unit) pair that GEOS finds to touch."""
    tree = shapely.STRtree(list(gpd.points_from_xy(lon, lat)))
    unit, point = tree.query(units.geometry.to_numpy(), predicate="intersects")
    return set(zip(point.tolist(), unit.tolist(), strict=True))


def assert_agrees(units, lon, lat):
    index = sg.UnitIndex(units)
    expected = oracle(units, lon, lat)
    first, ids = {}, units["unit_id"].tolist()
    for p, u in expected:
        first[p] = min(first.get(p, u), u, key=ids.__getitem__)
    for few in (0, 10**9):  # machine code, and for few points the same in Python or NumPy
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(unit_index, "_FEW", few)
            patch.setattr(compiled, "FEW_STEPS", few)
            patch.setattr(compiled.Kernel, "is_at_hand", property(lambda _: False))
            point, unit = index.locate_all(lon, lat)
            assert set(zip(point.tolist(), unit.tolist(), strict=True)) == expected
            got = index.locate(lon, lat)
        np.testing.assert_array_equal(got, [first.get(p, -1) for p in range(len(lon))])


@pytest.fixture(scope="module")
def communes():
    return sg.load_boundaries(level=3)


def test_uniform_points_on_the_real_communes(communes):
    rng = np.random.default_rng(1)
    west, south, east, north = communes.total_bounds
    assert_agrees(communes, rng.uniform(west, east, 20_000), rng.uniform(south, north, 20_000))


def test_points_on_every_fifth_vertex_and_beside_it(communes):
    x, y = shapely.get_coordinates(communes.geometry)[::5].T
    assert_agrees(communes, x.copy(), y.copy())
    assert_agrees(communes, np.nextafter(x, 90), np.nextafter(y, -90))
    assert (sg.UnitIndex(communes).locate(x.copy(), y.copy()) >= 0).all()


def test_points_along_edges(communes):
    rng = np.random.default_rng(2)
    xy = shapely.get_coordinates(communes.geometry)
    at = rng.integers(0, len(xy) - 1, 10_000)
    share = rng.random((len(at), 1))
    x, y = (xy[at] * share + xy[at + 1] * (1 - share)).T
    assert_agrees(communes, x.copy(), y.copy())


def test_points_on_the_lines_of_the_grid_itself(communes):
    index = sg.UnitIndex(communes)
    rng = np.random.default_rng(3)
    assert_agrees(communes, rng.choice(index._grid.x, 5_000), rng.choice(index._grid.y, 5_000))
    xy = shapely.get_coordinates(communes.geometry)
    assert_agrees(communes, rng.choice(index._grid.x, 5_000), rng.choice(xy[:, 1], 5_000))
    assert_agrees(communes, rng.choice(xy[:, 0], 5_000), rng.choice(xy[:, 1], 5_000))


quarter = st.integers(0, 24).map(lambda n: n / 4)
polygon = (
    st.lists(st.tuples(quarter, quarter), min_size=3, max_size=9, unique=True)
    .map(lambda points: shapely.make_valid(shapely.Polygon(points)))
    .map(
        lambda shape: shapely.MultiPolygon(
            [p for p in shapely.get_parts(shape) if p.area > 0 and p.geom_type == "Polygon"]
        )
    )
    .filter(lambda shape: not shape.is_empty and shape.is_valid)
)


@settings(max_examples=150)
@given(
    st.lists(polygon, min_size=1, max_size=6),
    st.lists(st.tuples(quarter, quarter), min_size=1, max_size=60),
)
def test_overlapping_polygons_on_a_lattice_where_everything_touches(polygons, points):
    lon, lat = np.array(points).T.copy()
    assert_agrees(frame(*polygons), lon, lat)


@settings(max_examples=40)
@given(st.lists(polygon, min_size=1, max_size=3), st.sampled_from([0.01, 1e-9]))
def test_points_level_with_a_corner_and_just_beside_it(polygons, step):
    """Corners left and right, above and below of which the same lines lead on, or turn."""
    corners = np.unique(shapely.get_coordinates(polygons), axis=0)
    ways = np.array([(step, 0), (-step, 0), (0, step), (0, -step)])
    lon, lat = (corners[:, None] + ways).reshape(-1, 2).T.copy()
    assert_agrees(frame(*polygons), lon, lat)


@pytest.mark.parametrize("way", [(1, 0), (-1, 0), (0, 1), (0, -1)])
@pytest.mark.parametrize("reach", [3e-7, 3e-9])
def test_a_corner_a_hair_beyond_a_line_of_the_grid_is_known_on_both_sides(way, reach):
    """A wedge points across a line by so much of a cell, into a cell it does not enter else."""
    along, hull = np.array(way), shapely.box(0, 0, 1, 1)
    aside = along[::-1] * 0.1

    def wedge(tip):
        return shapely.Polygon([tip, tip - 0.2 * along + aside, tip - 0.2 * along - aside])

    grid = sg.UnitIndex(frame(wedge(np.array([0.5, 0.5])), hull))._grid
    lines = np.array([grid.x[len(grid.x) // 2], grid.y[len(grid.y) // 2]])
    cell = np.array([np.diff(grid.x)[0], np.diff(grid.y)[0]])
    start = np.where(along == 0, lines + 0.4 * cell, lines)
    units = frame(wedge(start + reach * cell * along), hull)
    np.testing.assert_array_equal(sg.UnitIndex(units)._grid.x, grid.x)
    steps = np.array([-0.5, -reach, 0, 0.3 * reach, 0.7 * reach, reach, 2 * reach, 0.5])
    lon, lat = (start + steps[:, None] * cell * along).T.copy()
    assert_agrees(units, lon, lat)


@pytest.mark.parametrize("seed", range(16))
def test_a_border_that_bends_in_a_cell_through_whose_corner_it_came_is_known_there(seed):
    """So near the corner, rounding would tell on which side of the border the cell begins."""
    rng = np.random.default_rng(seed)

    def halves(bend, west):
        border = [(0, west), tuple(bend), (10, 5)]
        return frame(*(shapely.Polygon([(0, y), *border, (10, y)]) for y in (0, 10)))

    grid = sg.UnitIndex(halves((5.1, 5.2), 4))._grid
    cell = np.array([np.diff(grid.x)[0], np.diff(grid.y)[0]])
    corner = np.array([grid.x[rng.integers(10, 30)], grid.y[rng.integers(25, 40)]])
    bend = corner + cell * rng.uniform([0.4, 0.2], [0.8, 0.4])
    slope = (bend - corner)[1] / (bend - corner)[0]
    units = halves(bend, corner[1] - corner[0] * slope)
    np.testing.assert_array_equal(sg.UnitIndex(units)._grid.x, grid.x)
    lon, lat = (corner + cell * rng.random((40, 2))).T.copy()
    assert_agrees(units, lon, lat)


def test_more_units_over_one_cell_than_a_word_has_bits():
    rng = np.random.default_rng(4)
    disks = [shapely.Point(*rng.normal(0, 0.02, 2)).buffer(1, quad_segs=3) for _ in range(150)]
    lon, lat = rng.uniform(-1.2, 1.2, (2, 2_000))
    assert_agrees(frame(*disks), lon, lat)


def test_holes_and_islands_in_holes():
    lake = shapely.box(0, 0, 6, 6) - shapely.box(1, 1, 5, 5)
    island = shapely.box(2, 2, 4, 4)
    lon, lat = (a.ravel() / 2 for a in np.meshgrid(np.arange(-1, 14.0), np.arange(-1, 14.0)))
    assert_agrees(frame(lake, island), lon, lat)
    assert_agrees(frame(shapely.MultiPolygon([lake, island])), lon, lat)


@given(st.permutations(range(9)))
@settings(max_examples=20)
def test_the_order_of_units_does_not_matter(order):
    boxes = [shapely.box(n % 3, n // 3, n % 3 + 1, n // 3 + 1) for n in range(9)]
    ids = np.array([f"U{n}" for n in range(9)])
    lon, lat = (a.ravel() / 2 for a in np.meshgrid(np.arange(-1, 8.0), np.arange(-1, 8.0)))
    plain = sg.UnitIndex(frame(*boxes, ids=list(ids))).locate(lon, lat)
    order = list(order)
    mixed = sg.UnitIndex(frame(*[boxes[n] for n in order], ids=list(ids[order]))).locate(lon, lat)
    named = np.append(ids, "-")
    np.testing.assert_array_equal(np.append(ids[order], "-")[mixed], named[plain])


def test_points_without_a_place_lie_nowhere():
    index = sg.UnitIndex(frame(shapely.box(0, 0, 1, 1)))
    bad = np.array([np.nan, np.inf, -np.inf, 1e300, 0.5])
    assert index.locate(bad, np.full(5, 0.5)).tolist() == [-1, -1, -1, -1, 0]
    assert index.locate(np.full(5, 0.5), bad).tolist() == [-1, -1, -1, -1, 0]


def test_an_empty_layer_and_empty_shapes_hold_nothing():
    for units in (frame(), frame(shapely.MultiPolygon(), None)):
        index = sg.UnitIndex(units)
        assert index.locate(np.array([0.5]), np.array([0.5])).tolist() == [-1]
        assert [len(a) for a in index.locate_all(np.array([0.5]), np.array([0.5]))] == [0, 0]
    assert sg.UnitIndex(frame(shapely.box(0, 0, 1, 1))).locate(np.array([]), np.array([])).size == 0


def test_the_index_travels_to_workers(communes):
    index = sg.UnitIndex(communes)
    copy = pickle.loads(pickle.dumps(index))
    x, y = shapely.get_coordinates(communes.representative_point()).T
    np.testing.assert_array_equal(copy.locate(x.copy(), y.copy()), np.arange(len(communes)))


def test_chunks_and_threads_do_not_change_the_answer(communes):
    rng = np.random.default_rng(5)
    west, south, east, north = communes.total_bounds
    lon, lat = rng.uniform(west, east, 600_000), rng.uniform(south, north, 600_000)
    index = sg.UnitIndex(communes)
    whole = index.locate(lon, lat)
    parts = [index.locate(lon[at::7], lat[at::7]) for at in range(7)]
    for at, part in enumerate(parts):
        np.testing.assert_array_equal(whole[at::7], part)


def test_views_and_read_only_columns_are_read_as_they_are(communes):
    index = sg.UnitIndex(communes)
    rng = np.random.default_rng(6)
    west, south, east, north = communes.total_bounds
    table = np.column_stack([rng.uniform(west, east, 5_000), rng.uniform(south, north, 5_000)])
    expected = index.locate(table[:, 0].copy(), table[:, 1].copy())
    table.setflags(write=False)
    np.testing.assert_array_equal(index.locate(table[:, 0], table[:, 1]), expected)
    point, unit = index.locate_all(table[::-1, 0], table[::-1, 1])
    np.testing.assert_array_equal(unit, expected[::-1][point])


@pytest.mark.parametrize("user_folder", [True, False])
def test_a_package_that_cannot_be_written_still_compiles(tmp_path, user_folder):
    """The cache moves to the user's folder, and where that fails too nothing is kept."""
    package = Path(sg.__file__).parent
    shutil.copytree(
        package, tmp_path / "sahel_geo", ignore=shutil.ignore_patterns("__pycache__", "maps")
    )
    for folder in [tmp_path / "sahel_geo", *(tmp_path / "sahel_geo").rglob("*/")]:
        (folder / "__pycache__").touch()  # a file where the folder of the cache would be
    (tmp_path / "no-folder").touch()
    cache = tmp_path / ("cache" if user_folder else "no-folder")
    variables = {"HOME": str(cache), "XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(tmp_path)}
    variables |= {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    program = (
        "from sahel_geo.locate.assign.orientation import orientation, __file__ as home;"
        "print(home, orientation(0.0, 0.0, 1.0, 1.0, 0.0, 1.0))"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", program],
        env=variables,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    home, sign = done.stdout.split()
    assert Path(home).is_relative_to(tmp_path)
    assert float(sign) > 0
    assert bool(list(tmp_path.rglob("*.nbi"))) == user_folder


def test_refuses_what_it_cannot_use():
    box = shapely.box(0, 0, 1, 1)
    with pytest.raises(CrsError, match="`units` has no coordinate reference system"):
        sg.UnitIndex(frame(box).set_crs(None, allow_override=True))
    with pytest.raises(InputError, match=r"not polygons: units \['U001'\]"):
        sg.UnitIndex(frame(box, shapely.Point(0, 0)))
    with pytest.raises(InputError, match=r"not finite: units \['U000'\]"):
        sg.UnitIndex(frame(shapely.Polygon([(0, 0), (np.inf, 0), (1, 1)])))
    with pytest.raises(InputError, match=r"shapes \(2,\) and \(1,\); expected \(n,\) both"):
        sg.UnitIndex(frame(box)).locate(np.zeros(2), np.zeros(1))
