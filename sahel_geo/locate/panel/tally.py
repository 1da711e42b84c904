"""Add incidents up by unit, period and kind: the part of a count that can be done in pieces.

A tally holds only the combinations that occur, with whole numbers, so the tallies of the pieces of
a table add up to that of the whole, in any order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sahel_geo.compiled import over_chunks
from sahel_geo.errors import InputError, first_offenders

Integers = npt.NDArray[np.int64]
Names = npt.NDArray[np.object_]

FREQUENCY: Final[dict[str, str]] = {
    "day": "D",
    "week": "W-SUN",  # weeks run from Monday to Sunday (ISO 8601)
    "month": "M",
    "quarter": "Q",
    "year": "Y",
}
FATALITIES: Final = ("fatalities_low", "fatalities_best", "fatalities_high")
_MOST_DENSE: Final = 20_000_000  # above this many combinations, sort instead of counting in place
_NO_DAY: Final = np.iinfo(np.int64).min  # how NumPy stores a missing date


@dataclass(frozen=True)
class Tally:
    """Sums over some incidents, for the combinations of unit, period and kind that occur.

    Attributes
    ----------
    sums : DataFrame
        Columns ``row`` (of the unit), ``ordinal`` (of the period), those counted by, ``incidents``,
        ``imprecise``, and for each column of fatalities its sum and how many rows state a figure.
    unplaced, undated : int
        Incidents that are in no unit, or in one without a date.
    first_day, last_day : int or None
        Days since 1970 of the first and last incident counted; None where there is none.
    """

    sums: pd.DataFrame
    unplaced: int
    undated: int
    first_day: int | None
    last_day: int | None


def tally(placed: pd.DataFrame, unit_ids: Names, *, period: str, by: Sequence[str]) -> Tally:
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
    coarse = _coarse(table, period)
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


def merge(tallies: Sequence[Tally], by: Sequence[str]) -> Tally:
    """Add up the tallies of the pieces of a table."""
    if len(tallies) == 1:
        return tallies[0]
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


def _unit_rows(ids: "pd.Series[Any]", unit_ids: Names) -> Integers:
    if isinstance(ids.dtype, pd.CategoricalDtype):
        names = pd.Series(ids.cat.categories.astype("str"))
        # one entry more for the code -1 of a missing value
        return np.append(_unit_rows(names, unit_ids), -1)[ids.cat.codes.to_numpy()]
    text = pa.array(ids.astype("str"), from_pandas=True)
    found = pc.index_in(text, pa.array(unit_ids, text.type))
    if found.null_count > text.null_count:
        strangers = pc.unique(text.filter(pc.and_(pc.is_null(found), pc.is_valid(text))))
        raise InputError(
            f"`placed` names {len(strangers)} units that `units` does not hold: "
            f"{first_offenders(strangers.to_pylist())}; expected the units used in sg.assign. "
            "Assign again with these units.",
        )
    return found.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)  # type: ignore[no-any-return]


def _days(dates: "pd.Series[Any]") -> Integers:
    """Give the days since 1970, and the smallest integer where there is no date."""
    stamps = pd.to_datetime(dates)
    if stamps.dt.tz is not None:
        stamps = stamps.dt.tz_localize(None)
    values = stamps.to_numpy()

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


def _coarse(table: pd.DataFrame, period: str) -> npt.NDArray[np.bool_]:
    """Tell which incidents are dated less precisely than a period."""
    if "date_precision" not in table:
        return np.zeros(len(table), dtype=bool)
    scale = ["day", "week", "month", "quarter", "year"]
    coarser = [*scale[scale.index(period) + 1 :], "unknown"]
    return table["date_precision"].isin(coarser).to_numpy()
