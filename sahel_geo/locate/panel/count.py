"""Count placed incidents by unit and period, with every zero written out."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final, get_args

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.errors import InputError, did_you_mean, first_offenders
from sahel_geo.incidents.catalogue import is_selection
from sahel_geo.locate.assign.assign import take_text
from sahel_geo.locate.panel.tally import FATALITIES, FREQUENCY, Tally, merge, tally
from sahel_geo.locate.partitions import is_partitioned, open_partitions, reduce_partitions
from sahel_geo.places.grids import Grid
from sahel_geo.schema import Period

_MOST_ROWS: Final = 50_000_000


def count(
    placed: Any,
    units: gpd.GeoDataFrame | Grid,
    *,
    period: Period = "month",
    start: str | pd.Timestamp | None = None,
    end: str | pd.Timestamp | None = None,
    by: str | Sequence[str] = (),
    sparse: bool = False,
) -> pd.DataFrame:
    """Count incidents and sum fatalities in each unit and period.

    The panel is complete: a unit and period without incidents is a row of zeros, so that silence
    in the data is not mistaken for a gap in the table. Zero means that nothing was recorded, not
    that nothing happened.

    Parameters
    ----------
    placed : DataFrame, n rows
        Result of :func:`sahel_geo.assign`: columns ``unit_id`` and ``date``; the ``fatalities_*``
        columns are summed where they are there. Also a Dask DataFrame, or the path of Parquet data.
    units : GeoDataFrame, m rows, or grid
        The units that were assigned; their order is kept.
    period : {"month", "day", "week", "quarter", "year"}
        Length of a period. Weeks run from Monday to Sunday.
    start, end : date, optional
        The panel runs from the period that holds `start` to the one that holds `end`; by default
        those of the first and last placed incident. Incidents outside are left out and counted.
    by : str or sequence of str
        Count each value of these columns apart, such as ``"event_type"``. The values, or
        combinations of values, are those that occur in `placed`, and missing if it occurs.
    sparse : bool
        Leave the rows of zeros out, for fine grids over long times. An absent row then means that
        nothing was recorded.

    Returns
    -------
    DataFrame, m x p rows
        One row for each unit, period and value of `by`: columns ``unit_id``, ``period`` (pandas
        periods), those of `by`, ``incidents`` (int) and the sums of
        fatalities (float; missing where incidents are counted but none states a figure). Its
        ``attrs`` say how many incidents are not in the panel: ``unplaced``, ``undated`` and
        ``outside_period``; how many are dated less precisely than a period:
        ``imprecise_dates`` (they count at their first day); and whether they are a selection, from
        which nothing may be concluded: ``is_selection``.
        With no dated incident and no `start` and `end` the panel has no rows.

    Raises
    ------
    InputError
        If a column is missing, `period` is unknown, `start` is after `end`, a placed incident names
        a unit that `units` does not hold, or the panel would hold over 50 million rows.

    Examples
    --------
    >>> import shapely
    >>> units = gpd.GeoDataFrame({"unit_id": ["A", "B"]}, geometry=[shapely.box(0, 0, 1, 1)] * 2)
    >>> placed = pd.DataFrame({"unit_id": ["A"], "date": pd.to_datetime(["2024-02-10"])})
    >>> count(placed, units)[["unit_id", "incidents"]].values.tolist()
    [['A', 1], ['B', 0]]
    """
    by = [by] if isinstance(by, str) else list(by)
    if is_partitioned(placed):
        placed = open_partitions(placed)
    _check(placed, period, by)
    unit_ids = _ids(units)
    if isinstance(placed, pd.DataFrame):
        found = tally(placed, unit_ids, period=period, by=by)
    else:
        found = reduce_partitions(
            placed, partial(tally, period=period, by=by), unit_ids, partial(merge, by=by)
        )
    periods = _period_range(found, period, start, end)
    panel = _spell_out(found, unit_ids, periods, by, sparse=sparse)
    lowest = periods[0].ordinal if len(periods) else 0
    inside = found.sums["ordinal"].between(lowest, lowest + len(periods) - 1)
    panel.attrs = {
        "period": period,
        "unplaced": found.unplaced,
        "undated": found.undated,
        "outside_period": int(found.sums.loc[~inside, "incidents"].sum()),
        "imprecise_dates": int(found.sums.loc[inside, "imprecise"].sum()),
        "is_selection": isinstance(placed, pd.DataFrame) and is_selection(placed),
    }
    return panel


def _ids(units: gpd.GeoDataFrame | Grid) -> npt.NDArray[np.object_]:
    if isinstance(units, Grid):
        return units.unit_ids
    return np.asarray(units["unit_id"].astype(str), dtype=object)


def _check(placed: Any, period: str, by: list[str]) -> None:
    if period not in FREQUENCY:
        raise InputError(f"`period` is {period!r}; expected one of {list(get_args(Period))}.")
    missing = [name for name in ("unit_id", "date") if name not in placed.columns]
    if missing:
        raise InputError(
            f"`placed` has no column {first_offenders(missing)}; expected the result of sg.assign. "
            "Call sg.assign(incidents, units) first.",
        )
    reserved = {"unit_id", "date", "period", "incidents", *FATALITIES}
    wrong = [
        name for name in by if name not in placed.columns or name in reserved or by.count(name) > 1
    ]
    if wrong:
        free = [name for name in placed.columns if name not in reserved]
        raise InputError(
            f"`by` names {first_offenders(wrong)}; expected columns of `placed`, each once, other "
            f"than the unit, the date and what is counted. Choose among {first_offenders(free)}. "
            f"{did_you_mean(wrong[0], free)}",
        )


def _spell_out(
    found: Tally,
    unit_ids: npt.NDArray[np.object_],
    periods: pd.PeriodIndex,
    by: list[str],
    *,
    sparse: bool,
) -> pd.DataFrame:
    """Write the sums inside the periods as a panel, with every zero or without."""
    column = found.sums["ordinal"].to_numpy() - (periods[0].ordinal if len(periods) else 0)
    inside = (column >= 0) & (column < len(periods))
    table, column = found.sums[inside], column[inside]
    kinds = found.sums[by].drop_duplicates().sort_values(by, ignore_index=True) if by else None
    count_kinds = 1 if kinds is None else len(kinds)
    size = len(unit_ids) * len(periods) * count_kinds
    if (len(table) if sparse else size) > _MOST_ROWS:
        raise InputError(
            "the panel of {units} units x {periods} periods would hold over {most_rows:,} "
            "rows. Choose a longer `period`, bound it with start= and end=, or leave the "
            "zeros out with sparse=True.",
            units=len(unit_ids),
            periods=len(periods),
            most_rows=_MOST_ROWS,
        )
    kind = np.zeros(len(table), dtype=np.int64)
    if kinds is not None:
        kind = (
            table[by].merge(kinds.assign(_kind=range(len(kinds))), how="left")["_kind"].to_numpy()
        )
    cell = (table["row"].to_numpy() * len(periods) + column) * count_kinds + kind
    keys = np.sort(cell) if sparse else np.arange(size)
    at = np.searchsorted(keys, cell) if sparse else cell

    unit, column = np.divmod(keys // count_kinds, max(len(periods), 1))
    panel = pd.DataFrame({"unit_id": take_text(unit_ids, unit)})
    panel["period"] = periods.take(column)
    for name in by:
        panel[name] = kinds[name].take(keys % count_kinds).array if kinds is not None else None
    incidents = _placed_at(at, table["incidents"], len(keys))
    panel["incidents"] = incidents
    for name in FATALITIES:
        if name in table:
            stated = _placed_at(at, table[f"{name}_stated"], len(keys))
            total = _placed_at(at, table[name], len(keys))
            # incidents of which none states a figure are not zero deaths
            panel[name] = np.where((incidents > 0) & (stated == 0), np.nan, total)
    return panel


def _placed_at(at: npt.NDArray[np.int64], values: "pd.Series[Any]", size: int) -> npt.NDArray[Any]:
    numbers = values.to_numpy()
    out = np.zeros(size, dtype=numbers.dtype)
    out[at] = numbers
    return out


def _period_range(
    found: Tally,
    period: str,
    start: str | pd.Timestamp | None,
    end: str | pd.Timestamp | None,
) -> pd.PeriodIndex:
    frequency = FREQUENCY[period]
    if found.first_day is None and (start is None or end is None):
        return pd.PeriodIndex([], freq=frequency)
    first = pd.Timestamp(found.first_day or 0, unit="D") if start is None else pd.Timestamp(start)
    last = pd.Timestamp(found.last_day or 0, unit="D") if end is None else pd.Timestamp(end)
    if first > last:
        raise InputError(f"`start` {first:%Y-%m-%d} is after `end` {last:%Y-%m-%d}; swap them.")
    return pd.period_range(first, last, freq=frequency)
