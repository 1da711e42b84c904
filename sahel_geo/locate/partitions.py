"""Work on tables in pieces: a Dask DataFrame, or the path of Parquet data of any size.

Each function of the package that does so has one part that takes a piece and one that adds results
up; a table in memory is the case of one piece. Dask's own schedulers run the pieces: threads,
processes, or a cluster of `distributed`. Whatever all pieces need, such as the index of the units,
is one value of the graph, which the scheduler sends to each worker once and again to a worker that
replaces a lost one.
"""

import json
import os
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sahel_geo.arrays import Floats
from sahel_geo.errors import CrsError, FileError, InputError
from sahel_geo.formats.arrow import arrow_crs, count_groups, read_groups, saying_damaged
from sahel_geo.formats.offline import in_degrees, stated_crs
from sahel_geo.tasks import task

_FAN_IN: Final = 8  # results added up at once, so that no worker holds those of all pieces
_WKB_POINT_BYTES = 21  # byte order, type, two doubles


def is_partitioned(data: Any) -> bool:
    """Tell whether a table is a Dask DataFrame or the path of Parquet data."""
    return isinstance(data, str | os.PathLike) or type(data).__module__.startswith("dask")


def open_partitions(data: Any) -> Any:
    """Give the table as a Dask DataFrame."""
    frames = _dask("dask.dataframe")
    if not isinstance(data, str | os.PathLike):
        return data
    files = _files(Path(data))
    parts = [(file, group) for file in files for group in range(count_groups(file))]
    schema = read_groups(files[0], []).schema
    _check_crs(schema, Path(data))
    with saying_damaged(Path(data)):
        meta = _to_frame(schema.empty_table())
    if not parts:
        return frames.from_pandas(meta, npartitions=1)
    return frames.from_map(_read_piece, parts, schema=schema, meta=meta)


def map_partitions(data: Any, work: Callable[..., Any], shared: Any, meta: Any) -> Any:
    """Apply a function to each piece, lazily."""
    return data.map_partitions(work, _dask("dask").delayed(shared, traverse=False), meta=meta)


def reduce_partitions(
    data: Any, work: Callable[..., Any], shared: Any, add: Callable[[Sequence[Any]], Any]
) -> Any:
    """Apply a function to each piece and add the results up in a tree."""
    dask = _dask("dask")
    parts = data.to_delayed() if hasattr(data, "to_delayed") else list(data)
    value = dask.delayed(shared, traverse=False)
    results = [dask.delayed(work)(part, value) for part in parts]
    keys = {each.key for each in results}
    while len(results) > 1:
        groups = [results[at : at + _FAN_IN] for at in range(0, len(results), _FAN_IN)]
        results = [dask.delayed(add)(group) for group in groups]
    with (
        task("pieces", len(keys)) as step,
        _dask("dask.callbacks").Callback(posttask=lambda key, *_: step() if key in keys else None),
    ):  # told by the schedulers of one machine; a cluster has its dashboard
        return dask.compute(results[0])[0]


def _dask(module: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise InputError(
            "Dask is not installed; it is needed for tables in pieces. "
            "Install the extra: sahel-geo[scale]."
        ) from error


def _files(path: Path) -> list[Path]:
    """Give the files of a folder, but for those that Spark, Dask and others hide."""
    if not path.is_dir():
        return [path]
    inside = (file for file in sorted(path.rglob("*")) if file.is_file())
    files = [
        file
        for file in inside
        if not any(part.startswith((".", "_")) for part in file.relative_to(path).parts)
    ]
    if not files:
        raise FileError(
            f"{os.fspath(path)!r} holds no file; expected Parquet files. Check the path."
        )
    return files


def _read_piece(piece: tuple[Path, int], schema: pa.Schema) -> pd.DataFrame:
    """Read one group of rows, with the columns of the first file."""
    file, group = piece
    table = read_groups(file, [group])
    try:
        columns = [
            table[field.name].cast(field.type)
            if field.name in table.column_names
            else pa.nulls(table.num_rows, field.type)
            for field in schema
        ]
    except pa.ArrowException as error:
        raise FileError(
            f"{os.fspath(file)!r} does not have the columns of the first file: {error}; expected "
            "the same in all. Write it again, or take it out of the folder."
        ) from error
    with saying_damaged(file):
        return _to_frame(pa.table(columns, schema=schema))


def _to_frame(table: pa.Table) -> pd.DataFrame:
    """Give a piece with ``lon`` and ``lat``, and without geometries, which Dask takes for text."""
    points: dict[str, Floats] = {}
    if not {"lon", "lat"} <= set(table.column_names):
        column = table.column(_point_column(table.schema))
        points["lon"], points["lat"] = _points(column.combine_chunks())
    dropped = {*_geometries(table.schema), *points}
    table = table.select([name for name in table.column_names if name not in dropped])
    for name, values in points.items():
        table = table.append_column(name, pa.array(values))
    return pd.DataFrame(table.to_pandas(split_blocks=True))


def _point_column(schema: pa.Schema) -> str:
    geometries = _geometries(schema)
    if geometries:
        return geometries[0]
    raise InputError(
        f"the data set has columns {schema.names}; expected 'lon' and 'lat' in degrees, or a "
        "column of points as GeoParquet or GeoArrow write them. Rename the columns."
    )


def _geometries(schema: pa.Schema) -> list[str]:
    """Give the columns that GeoParquet or GeoArrow call geometries, the main one first."""
    geo = json.loads((schema.metadata or {}).get(b"geo", b"{}"))
    named = [geo.get("primary_column"), *geo.get("columns", {})]
    for entry in schema:
        extension = getattr(entry.type, "extension_name", "")
        encoding = (entry.metadata or {}).get(b"ARROW:extension:name", extension.encode())
        if encoding.startswith(b"geoarrow."):
            named.append(entry.name)
    return [name for name in dict.fromkeys(named) if name in schema.names]


def _check_crs(schema: pa.Schema, path: Path) -> None:
    geo = json.loads((schema.metadata or {}).get(b"geo", b"{}"))
    column = geo.get("columns", {}).get(geo.get("primary_column"), {})
    if {"lon", "lat"} <= set(schema.names):
        return
    stated = column.get("crs") or arrow_crs(schema.field(_point_column(schema)))
    if stated is None:
        return  # GeoParquet means longitude and latitude where it names no CRS
    crs = stated_crs(stated, path)
    if not in_degrees(crs):
        raise CrsError(
            f"the points of the data set are in {crs.name!r}; expected EPSG:4326 (lon, lat in "
            "degrees). Write it again after to_crs(4326)."
        )


def _points(column: pa.Array) -> tuple[Floats, Floats]:
    """Take the coordinates out of an Arrow column of points; NaN where a point is missing."""
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    lon, lat = np.full(len(column), np.nan), np.full(len(column), np.nan)
    valid = pc.is_valid(column).to_numpy(zero_copy_only=False)
    known = column.drop_null()
    if pa.types.is_struct(known.type):
        lon[valid] = known.field("x").to_numpy(zero_copy_only=False)
        lat[valid] = known.field("y").to_numpy(zero_copy_only=False)
    elif pa.types.is_fixed_size_list(known.type) and known.type.list_size == 2:
        lon[valid], lat[valid] = known.flatten().to_numpy(zero_copy_only=False).reshape(-1, 2).T
    elif pa.types.is_binary(known.type) or pa.types.is_large_binary(known.type):
        lon[valid], lat[valid] = _from_wkb(known)
    else:
        raise _not_points(str(known.type))
    return lon, lat


def _from_wkb(known: pa.Array) -> Floats:
    known = pa.concat_arrays([known])  # starts at offset 0
    wide = np.int64 if pa.types.is_large_binary(known.type) else np.int32
    _, ends, data = known.buffers()
    if not len(known):
        return np.empty((2, 0))
    offsets = np.frombuffer(ends, wide)[known.offset : known.offset + len(known) + 1]
    if (np.diff(offsets) != _WKB_POINT_BYTES).any():
        raise _not_points("WKB of another length than a point's")
    raw = np.frombuffer(data, np.uint8)[offsets[0] : offsets[-1]].reshape(-1, _WKB_POINT_BYTES)
    if (raw[:, :5] != np.array([1, 1, 0, 0, 0], np.uint8)).any():
        raise _not_points("WKB that is not of little-endian points")
    return np.ascontiguousarray(raw[:, 5:]).view("<f8").T


def _not_points(reason: str) -> InputError:
    return InputError(
        f"the geometry column holds {reason}; expected points in two dimensions. "
        "Take representative points, or write columns lon and lat."
    )
