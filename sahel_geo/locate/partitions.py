"""Work on tables in pieces: a Dask DataFrame, or the path of Parquet data of any size.

Each function of the package that does so has one part that takes a piece and one that adds results
up; a table in memory is the case of one piece. Dask's own schedulers run the pieces: threads,
processes, or a cluster of `distributed`. Whatever all pieces need, such as the index of the units,
is one value of the graph, which the scheduler sends to each worker once and again to a worker that
replaces a lost one.
"""

import os
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Final

from sahel_geo.errors import InputError
from sahel_geo.locate.arrow_points import pieces, read_piece
from sahel_geo.tasks import task

_FAN_IN: Final = 8  # results added up at once, so that no worker holds those of all pieces


def is_partitioned(data: Any) -> bool:
    """Tell whether a table is a Dask DataFrame or the path of Parquet data."""
    return isinstance(data, str | os.PathLike) or type(data).__module__.startswith("dask")


def open_partitions(data: Any) -> Any:
    """Give the table as a Dask DataFrame."""
    frames = _dask("dask.dataframe")
    if not isinstance(data, str | os.PathLike):
        return data
    parts, meta = pieces(data)
    if not parts:
        return frames.from_pandas(meta, npartitions=1)
    return frames.from_map(read_piece, parts, meta=meta)


def map_partitions(data: Any, work: Callable[..., Any], shared: Any, meta: Any) -> Any:
    """Apply a function to each piece, lazily."""
    value = _dask("dask").delayed(shared, traverse=False)
    return data.map_partitions(work, value, meta=meta)


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
            "Install the extra: sahel-geo[scale].",
        ) from error
