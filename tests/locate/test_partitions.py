"""Tables in pieces give the numbers of the table in memory, with a worker lost on the way too."""

import json
import os
import shutil
import signal
import threading
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

import sahel_geo as sg
from sahel_geo.errors import CrsError, FileError, InputError
from sahel_geo.locate.partitions import _points

dask = pytest.importorskip("dask")
dd = pytest.importorskip("dask.dataframe")

DENSITY = {"bandwidth_km": 40, "cell_km": 20, "method": "binned"}
KNOX = {"distances_km": [0, 5, 20, np.inf], "days": [0, 7, 30, np.inf]}


@pytest.fixture(scope="module")
def units():
    return sg.load_boundaries(level=2)


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(1)
    size = 12_000
    days = rng.integers(0, 900, size)
    frame = pd.DataFrame(
        {
            "lon": rng.uniform(-6, 8, size),
            "lat": rng.uniform(11, 18, size),
            "date": pd.Timestamp("2020-01-01") + pd.to_timedelta(days, unit="D"),
            "event_type": rng.choice(["raid", "ambush"], size),
            "fatalities_best": rng.integers(0, 20, size).astype(float),
        }
    ).astype({"event_type": "str"})
    frame.loc[::97, "lon"] = np.nan
    frame.loc[::89, "fatalities_best"] = np.nan
    return frame


@pytest.fixture(scope="module")
def folder(table, tmp_path_factory):
    """Six files of two row groups."""
    path = tmp_path_factory.mktemp("points")
    for number, part in enumerate(np.array_split(np.arange(len(table)), 6)):
        piece = pa.Table.from_pandas(table.iloc[part], preserve_index=False)
        pq.write_table(piece, path / f"part{number}.parquet", row_group_size=1_000)
    return path


@pytest.mark.parametrize("pieces", [1, 2, 4])
def test_the_months_of_a_panel_run_from_the_first_of_any_piece_to_the_last(pieces):
    units = gpd.GeoDataFrame({"unit_id": ["A", "B"]}, geometry=[shapely.box(0, 0, 1, 1)] * 2)
    days = pd.to_datetime(["2024-03-01", "2024-01-31", None, "2024-05-02"])
    rows = pd.DataFrame({"unit_id": ["A", "B", "B", "A"], "date": days, "fatalities_best": 2.0})
    rows = rows.astype({"unit_id": "str"})
    expected = sg.count(rows, units)
    panel = sg.count(dd.from_pandas(rows, npartitions=pieces, sort=False), units)
    pd.testing.assert_frame_equal(panel.astype(expected.dtypes), expected)
    assert panel.attrs == expected.attrs
    assert panel["period"].astype(str).tolist() == [f"2024-0{month}" for month in range(1, 6)] * 2
    assert panel["incidents"].tolist() == [0, 0, 1, 0, 1, 1, 0, 0, 0, 0]
    kinds = rows.assign(kind=pd.Series(["x", None, "x", None], dtype="str"))
    apart = sg.count(dd.from_pandas(kinds, npartitions=pieces, sort=False), units, by="kind")
    assert apart.groupby("kind", dropna=False)["incidents"].sum().tolist() == [1, 2]


def assert_same(source, table, units):
    """Compare everything that takes pieces with the answer in memory."""
    placed = sg.assign(table, units)
    in_pieces = sg.assign(source, units)
    got = in_pieces.compute().reset_index(drop=True)
    expected = pd.DataFrame(placed).reset_index(drop=True)
    # Dask reads text as its own kind of string
    pd.testing.assert_frame_equal(got.astype(expected.dtypes), expected)
    for options in ({}, {"by": "event_type", "sparse": True}):
        panel = sg.count(in_pieces, units, **options)
        expected = sg.count(placed, units, **options)
        pd.testing.assert_frame_equal(panel.astype(expected.dtypes), expected)
        assert panel.attrs == expected.attrs
    for options in (DENSITY, DENSITY | {"weights": "fatalities_best", "method": "exact"}):
        surface = sg.density.kernel_density(source, **options)
        whole = sg.density.kernel_density(table, **options)
        assert surface.parameters == whole.parameters
        np.testing.assert_allclose(
            surface.values, whole.values, rtol=0, atol=1e-9 * whole.values.max()
        )
    np.testing.assert_array_equal(
        sg.near_repeat.knox_pairs(source, **KNOX), sg.near_repeat.knox_pairs(table, **KNOX)
    )


def test_threads_give_the_numbers_of_memory(table, folder, units):
    with dask.config.set(scheduler="threads"):
        assert_same(folder, table, units)
        assert_same(dd.from_pandas(table, npartitions=5), table, units)


def test_a_grid_serves_in_pieces(table, folder):
    grid = sg.PrioGrid()
    panel = sg.count(sg.assign(str(folder), grid), grid, period="year", sparse=True)
    expected = sg.count(sg.assign(table, grid), grid, period="year", sparse=True)
    pd.testing.assert_frame_equal(panel, expected)


@pytest.mark.filterwarnings("default")  # a killed worker makes its neighbours complain
def test_a_cluster_that_loses_a_worker_gives_the_same_numbers(table, folder, units):
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        assert_same(folder, table, units)
        workers = client.run(os.getpid)
        assert len(workers) == 2
        victim = next(iter(workers.values()))
        slow = sg.assign(folder, units).map_partitions(wait_a_little)
        killer = threading.Timer(0.7, os.kill, (victim, signal.SIGKILL))
        killer.start()
        panel = sg.count(slow, units)
        assert not killer.is_alive(), "the work was done before the worker was lost"
        expected = sg.count(sg.assign(table, units), units)
        pd.testing.assert_frame_equal(panel, expected)
        assert panel.attrs == expected.attrs
        client.wait_for_workers(2, timeout=60)
        assert victim not in client.run(os.getpid).values()


def test_processes_give_the_numbers_of_memory(table, folder, units):
    with dask.config.set(scheduler="processes", num_workers=2):
        panel = sg.count(sg.assign(folder, units), units)
    pd.testing.assert_frame_equal(panel, sg.count(sg.assign(table, units), units))


def wait_a_little(piece):
    time.sleep(0.3)
    return piece


@pytest.mark.parametrize("encoding", ["WKB", "geoarrow"])
def test_points_of_geoparquet_are_read(table, units, tmp_path, encoding):
    shapes = gpd.points_from_xy(table["lon"], table["lat"])
    shapes[::97] = None
    frame = gpd.GeoDataFrame({"row": range(len(table))}, geometry=shapes, crs=4326)
    frame.to_parquet(tmp_path / "points.parquet", geometry_encoding=encoding)
    placed = sg.assign(tmp_path / "points.parquet", units).compute()
    expected = sg.assign(table, units)
    assert placed["row"].tolist() == list(range(len(table)))
    for name in ("lon", "unit_id", "unplaced_reason"):
        pd.testing.assert_series_equal(placed[name], expected[name], check_index=False)


def test_points_of_every_arrow_layout():
    wkb = pa.array(shapely.to_wkb(shapely.points([[9, 9], [1, 2], [3, 4]])).tolist())
    pairs = pa.array([[9.0, 9.0], [1.0, 2.0], None, [3.0, 4.0]], pa.list_(pa.float64(), 2))
    for column in (wkb[1:], wkb.cast(pa.large_binary())[1:], pairs[1:].drop_null()):
        lon, lat = _points(column)
        assert (lon.tolist(), lat.tolist()) == ([1, 3], [2, 4])
    assert np.isnan(_points(pairs)[0]).tolist() == [False, False, True, False]


@pytest.fixture(scope="module")
def squares():
    """A and B, one degree wide, side by side."""
    boxes = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)]
    return gpd.GeoDataFrame({"unit_id": ["A", "B"]}, geometry=boxes, crs=4326)


POINTS = [[0.5, 0.5], [1.5, 0.5], [0.25, 0.75]]


def written(path, array, metadata=None, geo=None, **columns):
    """Write a column of points as Parquet, called ``where``."""
    fields = [pa.field(name, values.type) for name, values in columns.items()]
    point = pa.field("where", array.type, metadata=metadata)
    about = None if geo is None else {b"geo": json.dumps(geo).encode()}
    schema = pa.schema([*fields, point], metadata=about)
    pq.write_table(pa.table([*columns.values(), array], schema=schema), path)
    return path


def units_of(path, squares):
    return sg.assign(path, squares).compute()["unit_id"].tolist()


def wkb(shape, **options):
    """Write a point as it should be, and a shape that is none."""
    good = shapely.to_wkb(shapely.Point(1.5, 0.5))
    return pa.array([good, shapely.to_wkb(shape, **options)])


@pytest.mark.parametrize("name", ["geoarrow.point", "geoarrow.wkb"])
def test_points_of_geoarrow_without_geoparquet_are_read(squares, tmp_path, name):
    xy = np.array(POINTS).T
    array = (
        pa.StructArray.from_arrays([pa.array(xy[0]), pa.array(xy[1])], ["x", "y"])
        if name == "geoarrow.point"
        else pa.array(shapely.to_wkb(shapely.points(POINTS)).tolist())
    )
    other = pa.array([b"x"] * 3)
    path = written(tmp_path / "a", array, {"ARROW:extension:name": name}, note=other)
    assert units_of(path, squares) == ["A", "B", "A"]
    path = written(tmp_path / "b", array, {"ARROW:extension:name": "ogc.wkb"}, note=other)
    with pytest.raises(InputError, match=r"columns \['note', 'where'\]; expected 'lon' and 'lat'"):
        sg.assign(path, squares)


@pytest.mark.parametrize(
    ("array", "found"),
    [
        (pa.array([[0.5, 0.5, 9.0]], pa.list_(pa.float64(), 3)), r"fixed_size_list<.*>\[3\]"),
        (pa.array(["POINT (0.5 0.5)"]), "string"),
        (wkb(shapely.Point(0.5, 0.5), byte_order=0), "WKB that is not of little-endian points"),
        (wkb(shapely.Point(0.5, 0.5, 9)), "WKB of another length"),
        (wkb(shapely.MultiPoint([(0.5, 0.5)])), "WKB of another length"),
    ],
)  # fmt: skip
def test_what_is_no_point_in_two_dimensions_is_refused(squares, tmp_path, array, found):
    path = written(tmp_path / "a", array, {"ARROW:extension:name": "geoarrow.any"})
    with pytest.raises(InputError, match=f"holds {found}.*; expected points in two dimensions"):
        units_of(path, squares)


@pytest.mark.parametrize("layout", [pa.binary(), pa.large_binary(), pa.list_(pa.float64(), 2)])
def test_a_piece_in_which_every_point_is_missing_has_no_places(squares, tmp_path, layout):
    array = pa.array([None, None], layout)
    path = written(tmp_path / "a", array, {"ARROW:extension:name": "geoarrow.any"})
    placed = sg.assign(path, squares).compute()
    assert placed["lon"].isna().tolist() == placed["lat"].isna().tolist() == [True, True]


def test_the_reference_system_of_the_points_counts_unless_degrees_are_beside_them(
    squares, tmp_path
):
    array = pa.array(shapely.to_wkb(shapely.points(POINTS)).tolist())

    def geo(**column):
        return {"primary_column": "where", "columns": {"where": {"encoding": "WKB", **column}}}

    for crs in ({}, {"crs": None}, {"crs": "OGC:CRS84"}, {"crs": "EPSG:4326"}):
        path = written(tmp_path / "a", array, geo=geo(**crs))
        assert units_of(path, squares) == ["A", "B", "A"]
    for crs, said in (("EPSG:4267", "are in 'NAD27'"), ("OGC:CRS27", "are in 'NAD27"),
                      ("EPSG:3857", "are in 'WGS 84 / Pseudo-Mercator'"),
                      ("nonsense", "system that cannot be read")):  # fmt: skip
        path = written(tmp_path / "b", array, geo=geo(crs=crs))
        with pytest.raises(CrsError, match=said):
            sg.assign(path, squares)
        degrees = {"lon": pa.array([1.5, 0.5, 0.5]), "lat": pa.array([0.5] * 3)}
        path = written(tmp_path / "c", array, geo=geo(crs=crs), **degrees)
        assert units_of(path, squares) == ["B", "A", "A"]
    half = written(tmp_path / "d", array, geo=geo(), lon=pa.array([1.5, 0.5, 0.5]))
    assert units_of(half, squares) == ["A", "B", "A"]  # lon alone is no place


def test_files_in_folders_are_read_in_order_and_hidden_ones_are_not(squares, tmp_path):
    for folder, lon in (("year=2021", 1.5), ("year=2020", 0.5), ("_temporary", 1.5), (".old", 1.5)):
        (tmp_path / "all" / folder).mkdir(parents=True)
        table = pa.table({"lon": [lon] * 2, "lat": [0.5] * 2})
        pq.write_table(table, tmp_path / "all" / folder / "part.parquet")
    assert units_of(tmp_path / "all", squares) == ["A", "A", "B", "B"]
    hidden = (tmp_path / "_here").joinpath(".and", "there")  # above the folder, no matter
    shutil.copytree(tmp_path / "all", hidden)
    assert units_of(hidden, squares) == ["A", "A", "B", "B"]


def test_data_without_a_row_has_no_rows(squares, tmp_path):
    empty = pa.table({"lon": pa.array([], pa.float64()), "lat": pa.array([], pa.float64())})
    pq.write_table(empty, tmp_path / "empty.parquet")
    assert units_of(tmp_path / "empty.parquet", squares) == []


def test_the_files_of_a_folder_are_opened_by_what_they_hold(folder, units, tmp_path):
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    for name in ("_SUCCESS", ".part0.parquet.crc", "_metadata"):  # as Spark and Dask leave them
        (copy / name).write_bytes(b"x")
    assert len(sg.assign(copy, units)) == len(sg.assign(folder, units))
    (copy / "part9.parquet").write_text("lon,lat\n0,14\n", encoding="utf-8")
    with pytest.raises(FileError, match=r"part9\.parquet' is text.*; expected Parquet"):
        sg.assign(copy, units)
    (copy / "part9.parquet").unlink()
    whole = (copy / "part3.parquet").read_bytes()
    (copy / "part3.parquet").write_bytes(whole[:4] + b"\xff" * 40 + whole[44:])
    with pytest.raises(FileError, match=r"'part3\.parquet' is a damaged Parquet file"):
        sg.assign(copy, units).compute()
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileError, match="empty' holds no file; expected Parquet"):
        sg.assign(tmp_path / "empty", units)


def test_a_piece_that_unpacks_to_too_much_is_refused(units, tmp_path):
    table = pa.table({"lon": [0.0] * 9_000, "lat": [14.0] * 9_000, "note": ["x" * 70_000] * 9_000})
    pq.write_table(table, tmp_path / "large.parquet")
    assert (tmp_path / "large.parquet").stat().st_size < 200_000
    with pytest.raises(FileError, match=r"'large\.parquet' decodes to .*; expected at most"):
        sg.assign(tmp_path / "large.parquet", units).compute()


def test_files_of_a_folder_may_differ_in_columns_that_can_be_lacking(table, units, tmp_path):
    table.iloc[:500].to_parquet(tmp_path / "a.parquet")
    table.iloc[500:900].drop(columns="fatalities_best").to_parquet(tmp_path / "b.parquet")
    whole = table.iloc[900:].assign(fatalities_best=0).astype({"fatalities_best": "int32"})
    whole[::-1].assign(other=1)[[*table.columns[::-1], "other"]].to_parquet(tmp_path / "c.parquet")
    found = sg.assign(tmp_path, units).compute()
    expected = pd.concat([table.iloc[:900], whole[::-1]], ignore_index=True)
    expected.loc[500:899, "fatalities_best"] = np.nan
    assert list(found.columns) == list(sg.assign(table, units).columns)
    found = found[list(table)].reset_index(drop=True)
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    table.iloc[:9].assign(lon="x").to_parquet(tmp_path / "d.parquet")
    with pytest.raises(FileError, match="does not have the columns of the first file"):
        sg.assign(tmp_path, units).compute()


def test_refuses_what_it_cannot_use(tmp_path, units, table):
    with pytest.raises(FileError, match="nowhere' cannot be read: No such file"):
        sg.assign(tmp_path / "nowhere", units)
    table[["date"]].to_parquet(tmp_path / "dates.parquet")
    with pytest.raises(InputError, match=r"columns \['date'\]; expected 'lon' and 'lat'"):
        sg.assign(tmp_path / "dates.parquet", units)
    utm = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0.0], [0.0]), crs=32630)
    utm.to_parquet(tmp_path / "utm.parquet")
    with pytest.raises(CrsError, match="the points of the data set are in 'WGS 84 / UTM zone 30N'"):
        sg.assign(tmp_path / "utm.parquet", units)
    lines = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (1, 1)])], crs=4326)
    lines.to_parquet(tmp_path / "lines.parquet")
    with pytest.raises(InputError, match="holds WKB of another length than a point's"):
        sg.assign(tmp_path / "lines.parquet", units).compute()
    with pytest.raises(InputError, match=r"`placed` has no column \['unit_id'\]"):
        sg.count(dd.from_pandas(table, npartitions=2), units)
    with pytest.raises(InputError, match=r"`incidents` has no column \['date'\]"):
        sg.near_repeat.knox_pairs(table.drop(columns="date"), **KNOX)
