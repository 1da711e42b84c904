"""Count placed incidents by unit and period, with every zero written out."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, get_args

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sahel_geo.arrays import Integers, Objects
from sahel_geo.compiled import over_chunks
from sahel_geo.errors import (
    InputError,
    did_you_mean,
    first_offenders,
    require_choice,
    require_columns,
)
from sahel_geo.incidents.catalogue import is_selection
from sahel_geo.locate.assign.assign import take_text
from sahel_geo.locate.partitions import is_partitioned, open_partitions, reduce_partitions
from sahel_geo.places.grids import Grid
from sahel_geo.schema import FATALITIES, Period

FREQUENCY: Final[dict[str, str]] = {
    "day": "D",
    "week": "W-SUN",  # weeks run from Monday to Sunday (ISO 8601)
    "month": "M",
    "quarter": "Q",
    "year": "Y",
}

_MOST_ROWS: Final = 50_000_000


_MOST_DENSE: Final = 20_000_000  # above this many combinations, sort instead of counting in place
_NO_DAY: Final = np.iinfo(np.int64).min  # how NumPy stores a missing date


@dataclass(frozen=True)
class Tally:
    """Sums over some incidents, for the combinations of unit, period and kind that occur."""

    # columns ``row`` (of the unit), ``ordinal`` (of the period), those counted by, ``incidents``,
    # ``imprecise``, and for each column of fatalities its sum and how many rows state a figure
    sums: pd.DataFrame
    # unplaced, undated: incidents that are in no unit, or in one without a date
    unplaced: int
    undated: int
    first_day: int | None  # days since 1970 of the first and last incident counted
    last_day: int | None  # None where there is none


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
    if isinstance(units, Grid):
        unit_ids = units.unit_ids
    else:
        unit_ids = np.asarray(units["unit_id"].astype(str), dtype=object)
    if isinstance(placed, pd.DataFrame):
        tally = _tally(placed, unit_ids, period=period, by=by)
    else:
        tally = reduce_partitions(
            placed, partial(_tally, period=period, by=by), unit_ids, partial(_merge, by=by)
        )
    first, last = (
        None if day is None else pd.Timestamp(day, unit="D")
        for day in (tally.first_day, tally.last_day)
    )
    periods = period_range(first, last, period, start, end)
    panel = _spell_out(tally, unit_ids, periods, by, sparse=sparse)
    lowest = periods[0].ordinal if len(periods) else 0
    inside = tally.sums["ordinal"].between(lowest, lowest + len(periods) - 1)
    panel.attrs = {
        "period": period,
        "unplaced": tally.unplaced,
        "undated": tally.undated,
        "outside_period": int(tally.sums.loc[~inside, "incidents"].sum()),
        "imprecise_dates": int(tally.sums.loc[inside, "imprecise"].sum()),
        "is_selection": isinstance(placed, pd.DataFrame) and is_selection(placed),
    }
    return panel


def _check(placed: Any, period: str, by: list[str]) -> None:
    require_choice("period", period, get_args(Period))
    advice = "Call sg.assign(incidents, units) first."
    require_columns(placed, "placed", ("unit_id", "date"), advice)
    reserved = {"unit_id", "date", "period", "incidents", *FATALITIES}
    wrong = [
        name for name in by if name not in placed.columns or name in reserved or by.count(name) > 1
    ]
    if wrong:
        free = [name for name in placed.columns if name not in reserved]
        raise InputError(
            f"`by` names {first_offenders(wrong)}; expected columns of `placed`, each once, other "
            f"than the unit, the date and what is counted. Choose among {first_offenders(free)}. "
            f"{did_you_mean(wrong[0], free)}"
        )


def _spell_out(
    tally: Tally, unit_ids: Objects, periods: pd.PeriodIndex, by: list[str], *, sparse: bool
) -> pd.DataFrame:
    """Write the sums inside the periods as a panel, with every zero or without."""
    column = tally.sums["ordinal"].to_numpy() - (periods[0].ordinal if len(periods) else 0)
    inside = (column >= 0) & (column < len(periods))
    table, column = tally.sums[inside], column[inside]
    kinds = tally.sums[by].drop_duplicates().sort_values(by, ignore_index=True) if by else None
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


def _placed_at(at: Integers, values: "pd.Series[Any]", size: int) -> npt.NDArray[Any]:
    numbers = values.to_numpy()
    out = np.zeros(size, dtype=numbers.dtype)
    out[at] = numbers
    return out


def period_range(
    first: pd.Timestamp | None,
    last: pd.Timestamp | None,
    period: str,
    start: str | pd.Timestamp | None,
    end: str | pd.Timestamp | None,
) -> pd.PeriodIndex:
    """Give the periods from a first day to a last one, or from `start` to `end` where stated."""
    first = first if start is None else pd.Timestamp(start)
    last = last if end is None else pd.Timestamp(end)
    if first is None or last is None:
        return pd.PeriodIndex([], freq=FREQUENCY[period])
    if first > last:
        raise InputError(f"`start` {first:%Y-%m-%d} is after `end` {last:%Y-%m-%d}; swap them.")
    return pd.period_range(first, last, freq=FREQUENCY[period])


def _tally(placed: pd.DataFrame, unit_ids: Objects, *, period: str, by: Sequence[str]) -> Tally:
    """Add up some incidents."""
    row = _unit_rows(placed["unit_id"], unit_ids)
    days = _days(placed["date"])
    placed_here, dated = row >= 0, days != _NO_DAY
    usable = placed_here & dated
    whole = bool(usable.all())
    row, days = (row, days) if whole else (row[usable], days[usable])
    needed = [*by, *(name for name in ("date_precision", *FATALITIES) if name in placed)]
    table = placed[needed] if whole else placed[needed].loc[usable]

    first, last = (int(days.min()), int(days.max())) if len(days) else (0, 0)
    ordinal_of = _ordinals(first, last, period)
    kinds = [pd.factorize(table[name], sort=True, use_na_sentinel=False) for name in by]
    sizes = [len(ordinal_of), *(len(labels) for _, labels in kinds)]
    lowest = int(ordinal_of[0])
    sizes[0] = int(ordinal_of[-1]) - lowest + 1

    def work(part: slice) -> Integers:
        key = row[part] * sizes[0]
        key += ordinal_of[days[part] - first] - lowest
        for (codes, _), size in zip(kinds, sizes[1:], strict=True):
            key *= size
            key += codes[part]
        return key

    key = np.concatenate([np.empty(0, np.int64), *over_chunks(work, len(row), name="counting")])
    keys, cell = _combinations(key, len(unit_ids) * int(np.prod(sizes)))
    sums = _unfold(keys, sizes, [labels for _, labels in kinds], by)
    sums["ordinal"] += lowest
    sums["incidents"] = np.bincount(cell, minlength=len(keys)).astype(np.int64)
    # Tell which incidents are dated less precisely than a period.
    if "date_precision" not in table:
        coarse = np.zeros(len(table), dtype=bool)
    else:
        scale = ["day", "week", "month", "quarter", "year"]
        coarser = [*scale[scale.index(period) + 1 :], "unknown"]
        coarse = table["date_precision"].isin(coarser).to_numpy()
    sums["imprecise"] = np.bincount(cell[coarse], minlength=len(keys)).astype(np.int64)
    for name in FATALITIES:
        if name in table:
            numbers = table[name].to_numpy(dtype=np.float64, na_value=np.nan)
            known = np.isfinite(numbers)
            at = cell[known]
            sums[name] = np.bincount(at, weights=numbers[known], minlength=len(keys))
            sums[f"{name}_stated"] = np.bincount(at, minlength=len(keys)).astype(np.int64)
    return Tally(
        sums=sums,
        unplaced=int((~placed_here).sum()),
        undated=int((placed_here & ~dated).sum()),
        first_day=first if len(days) else None,
        last_day=last if len(days) else None,
    )


def _merge(tallies: Sequence[Tally], by: Sequence[str]) -> Tally:
    """Add up the tallies of the pieces of a table."""
    keys = ["row", "ordinal", *by]
    parts = [part.sums for part in tallies if len(part.sums)] or [tallies[0].sums]
    sums = pd.concat(parts, ignore_index=True).groupby(keys, dropna=False).sum().reset_index()
    firsts = [part.first_day for part in tallies if part.first_day is not None]
    lasts = [part.last_day for part in tallies if part.last_day is not None]
    return Tally(
        sums=sums,
        unplaced=sum(part.unplaced for part in tallies),
        undated=sum(part.undated for part in tallies),
        first_day=min(firsts, default=None),
        last_day=max(lasts, default=None),
    )


def _unit_rows(ids: "pd.Series[Any]", unit_ids: Objects) -> Integers:
    if isinstance(ids.dtype, pd.CategoricalDtype):
        names = pd.Series(ids.cat.categories.astype("str"))
        # one entry more for the code -1 of a missing value
        return np.append(_unit_rows(names, unit_ids), -1)[ids.cat.codes.to_numpy()]
    text = pa.array(ids.astype("str"), from_pandas=True)
    rows = pc.index_in(text, pa.array(unit_ids, text.type))
    if rows.null_count > text.null_count:
        strangers = pc.unique(text.filter(pc.and_(pc.is_null(rows), pc.is_valid(text))))
        raise InputError(
            f"`placed` names {len(strangers)} units that `units` does not hold: "
            f"{first_offenders(strangers.to_pylist())}; expected the units used in sg.assign. "
            "Assign again with these units."
        )
    return rows.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)  # type: ignore[no-any-return]


def _days(dates: "pd.Series[Any]") -> Integers:
    """Give the days since 1970, and the smallest integer where there is no date."""
    values = pd.to_datetime(dates).dt.tz_localize(None).to_numpy()

    def work(part: slice) -> Integers:
        return values[part].astype("datetime64[D]").view(np.int64)

    return np.concatenate([np.empty(0, np.int64), *over_chunks(work, len(values))])


def _ordinals(first: int, last: int, period: str) -> Integers:
    """Give the number of the period of each day from the first to the last."""
    days = np.arange(first, last + 1).astype("datetime64[D]").astype("datetime64[s]")
    return pd.PeriodIndex(days, freq=FREQUENCY[period]).asi8


def _combinations(key: Integers, most: int) -> tuple[Integers, Integers]:
    """List the distinct keys in order, and the place of each row's key among them."""
    if most > _MOST_DENSE:
        return np.unique(key, return_inverse=True)
    keys = np.flatnonzero(np.bincount(key, minlength=most))
    number = np.empty(most, dtype=np.int64)
    number[keys] = np.arange(len(keys))
    return keys, np.concatenate(
        [np.empty(0, np.int64), *over_chunks(lambda part: number[key[part]], len(key))]
    )


def _unfold(keys: Integers, sizes: list[int], labels: list[Any], by: Sequence[str]) -> pd.DataFrame:
    """Take the keys apart again into unit, period and kinds."""
    columns: dict[str, Any] = {}
    rest = keys
    for name, names, size in zip(by[::-1], labels[::-1], sizes[:0:-1], strict=True):
        columns[name] = pd.Series(names).take(rest % size).reset_index(drop=True)
        rest = rest // size
    columns["ordinal"] = rest % sizes[0]
    columns["row"] = rest // sizes[0]
    return pd.DataFrame({name: columns[name] for name in ("row", "ordinal", *by)})
