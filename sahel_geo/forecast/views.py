"""Forecasts as draws in the format of the VIEWS prediction challenge."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sahel_geo.arrays import Integers
from sahel_geo.errors import InputError
from sahel_geo.files import atomic_path
from sahel_geo.forecast.past import Past

_FIRST_MONTH: Final = (1980 - 1970) * 12 - 1  # months since 1970 of the month before number 1


def write_views(path: Path, past: Past, draws: Iterable[Integers]) -> Path:
    """Write the draws (m, count) of every month that follows the past, a month at a time."""
    if not str(past.periods.freqstr).startswith("M"):
        raise InputError(
            f"`forecast` has periods of {past.periods.freqstr!r}; expected months, which "
            "the format numbers. Count with period='month'."
        )
    unit_ids = past.ground.unit_ids
    cells = all(str(unit).isdigit() for unit in unit_ids)
    names = np.array(unit_ids, dtype=np.int64) if cells else unit_ids.astype(str)
    schema = pa.schema(
        [
            ("month_id", pa.int32()),
            ("priogrid_gid", pa.int64()) if cells else ("unit_id", pa.string()),
            ("draw", pa.int32()),
            ("outcome", pa.int64()),
        ]
    )
    with (
        atomic_path(path) as temporary,
        temporary.open("wb") as stream,
        pq.ParquetWriter(stream, schema) as writer,
    ):
        for month, outcome in enumerate(draws, past.periods[-1].ordinal + 1 - _FIRST_MONTH):
            count = outcome.shape[1]
            columns = [
                pa.array(np.full(outcome.size, month, dtype=np.int32)),
                pa.array(np.repeat(names, count)),
                pa.array(np.tile(np.arange(count, dtype=np.int32), len(names))),
                pa.array(outcome.ravel()),
            ]
            writer.write_table(pa.table(columns, schema=schema))
    return path
