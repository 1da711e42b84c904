"""Forecasts as draws in the format of the VIEWS prediction challenge."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sahel_geo.errors import InputError
from sahel_geo.files import atomic_path

if TYPE_CHECKING:
    from sahel_geo.forecast.prediction import Forecast

_FIRST_MONTH: Final = (1980 - 1970) * 12 - 1  # months since 1970 of the month before number 1


def write_views(forecast: "Forecast", path: Path, count: int) -> Path:
    """Write the draws of every unit and month, a month at a time."""
    if not str(forecast.past.periods.freqstr).startswith("M"):
        raise InputError(
            f"`forecast` has periods of {forecast.past.periods.freqstr!r}; expected months, which "
            "the format numbers. Count with period='month'."
        )
    unit_ids = forecast.past.ground.unit_ids
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
        for horizon in range(1, forecast.horizons + 1):
            month = (forecast.origin + horizon).ordinal - _FIRST_MONTH
            outcome = forecast.draws(horizon, count)
            size = outcome.size
            columns = [
                pa.array(np.full(size, month, dtype=np.int32)),
                pa.array(np.repeat(names, count)),
                pa.array(np.tile(np.arange(count, dtype=np.int32), len(names))),
                pa.array(outcome.ravel()),
            ]
            writer.write_table(pa.table(columns, schema=schema))
    return path
