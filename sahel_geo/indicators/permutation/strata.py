"""Which rows can be used, and which of them may exchange their dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from sahel_geo.arrays import Floats, Integers
from sahel_geo.errors import InputError, first_offenders, require_columns

CALENDAR: Final[dict[str, Any]] = {
    "year": lambda date: date.dt.year,
    "season": lambda date: date.dt.quarter,
    "month": lambda date: date.dt.month,
}


def complete_rows(
    incidents: pd.DataFrame, needed: Sequence[str]
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Take the rows that have all that is needed."""
    needed = list(dict.fromkeys(needed))
    advice = (
        "Read the file with sg.read_incidents, and take the country from the units of sg.assign "
        "where it is missing."
    )
    require_columns(incidents, "incidents", needed, advice)
    table = pd.DataFrame(incidents).copy(deep=False)
    if "date" in needed:
        stated = table["date"]
        table["date"] = pd.to_datetime(stated, errors="coerce", format="ISO8601")
        if table["date"].dt.tz is not None:
            table["date"] = table["date"].dt.tz_localize(None)  # days as the source counts them
        bad = table["date"].isna() & stated.notna()
        if bad.any():
            raise InputError(
                f"`incidents` has {int(bad.sum())} values in 'date' that are no dates: "
                f"{first_offenders(stated[bad])}; expected dates. Read the file with "
                "sg.read_incidents, which sets such rows aside."
            )
    missing = table[needed].isna()
    counts = {name: int(missing[name].sum()) for name in needed}
    return table[~missing.any(axis=1)], {name: lost for name, lost in counts.items() if lost}


def strata_within(known: pd.DataFrame, within: Sequence[str]) -> Integers:
    """Give incidents that may exchange dates the same number; all 0 without `within`."""
    if not len(within) or known.empty:
        return np.zeros(len(known), dtype=np.int64)
    keys = {
        str(at): CALENDAR[name](known["date"]) if name in CALENDAR else known[name]
        for at, name in enumerate(within)
    }
    frame = pd.DataFrame(keys)
    return np.asarray(frame.groupby(list(frame.columns), observed=True).ngroup(), dtype=np.int64)


def shift_blocks(periods: pd.PeriodIndex, within: Sequence[str]) -> Integers:
    """Give numbers to the spans of time inside which history shifts, by where periods start."""
    if set(within) not in (set(), {"year"}, {"year", "season"}, {"year", "month"}):
        raise InputError(
            f"`within` is {list(within)}; expected [], ['year'], ['year', 'season'] or "
            "['year', 'month']. Choose one."
        )
    first = periods.start_time
    number = np.zeros(len(periods), dtype=np.int64)
    if "year" in within:
        number += 12 * np.asarray(first.year, dtype=np.int64)
    if "season" in within:
        number += np.asarray(first.quarter, dtype=np.int64)
    if "month" in within:
        number += np.asarray(first.month, dtype=np.int64)
    return number


@dataclass(frozen=True)
class Blocks:
    """Spans of days inside which the dates of a type are shifted together, round and round."""

    number: Integers  # (n,) block of each incident, 0, 1, 2, ...
    # low, length: (n,) first day of its block, as days since 1970, and days of the block
    low: Floats
    length: Floats

    @classmethod
    def of(cls, known: pd.DataFrame, by: str, within: Sequence[str], span: Any = None) -> "Blocks":
        """Cut the time of each type into blocks."""
        pooled = [name for name in within if name in ("season", "month")]
        if pooled and "year" not in within:
            raise InputError(
                f"`within` has {first_offenders(pooled)} without 'year', and dates are shifted "
                'inside spans of days; expected both. Add "year".'
            )
        low, high = cls._spans(known["date"], within, span)
        columns = [known[name] for name in [by, *within] if name not in CALENDAR]
        keys = pd.DataFrame({str(at): column for at, column in enumerate(columns)})
        keys["low"] = low
        number = keys.groupby(list(keys.columns), observed=True).ngroup()
        origin = pd.Timestamp("1970-01-01")
        return cls(
            np.asarray(number, dtype=np.int64),
            ((low - origin).dt.total_seconds() / 86_400).to_numpy(dtype=np.float64),
            ((high - low).dt.total_seconds() / 86_400).to_numpy(dtype=np.float64),
        )

    @staticmethod
    def _spans(date: Any, within: Sequence[str], span: Any) -> tuple[Any, Any]:
        if date.empty:
            return date, date
        first, last = (date.min(), date.max()) if span is None else span
        low, high = first.normalize(), last.normalize() + pd.Timedelta(days=1)
        if "year" not in within:
            return pd.Series(low, index=date.index), pd.Series(high, index=date.index)
        periods = date.dt.to_period(
            "M" if "month" in within else "Q" if "season" in within else "Y"
        )
        return periods.dt.start_time.clip(lower=low), (periods + 1).dt.start_time.clip(upper=high)

    def taken(self, rows: Integers, origin: float) -> "Blocks":
        """Take the blocks of some incidents, on another clock."""
        return Blocks(self.number[rows], self.low[rows] - origin, self.length[rows])

    def shift(self, times: Any, rng: np.random.Generator, out: Any) -> None:
        """Fill each column with the times, shifted by one number of days for each block.

        times (n,): On the clock of the blocks. out (n, lanes): Filled. Times of whole days
        are shifted by whole days.
        """
        whole = bool((times == np.floor(times)).all())
        since = times - self.low
        draws = rng.random((out.shape[1], int(self.number.max(initial=-1)) + 1))
        for lane, draw in enumerate(draws):
            step = draw[self.number] * self.length
            step = np.floor(step) if whole else step
            out[:, lane] = self.low + (since + step) % self.length
