"""The incidents of a study: complete, and inside its window and its time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from sahel_geo.arrays import Flags, Floats, Integers
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.indicators.near_repeat.knox_permutation import Strata
from sahel_geo.indicators.near_repeat.second_order.k_sums import KSums, Timetable
from sahel_geo.indicators.near_repeat.second_order.window import Window
from sahel_geo.indicators.permutation.strata import Blocks, complete_rows
from sahel_geo.locate.assign.assign import coordinates
from sahel_geo.projection import project

_MOST_TYPES: Final = 4
_NO_DAY: Final = pd.Timestamp(0)


@dataclass(frozen=True)
class Study:
    """Incidents inside a window and a time."""

    known: pd.DataFrame  # (n rows) the incidents
    place: Floats  # (n, 2) km, in the region's equal-area projection
    days: Floats  # (n,) days since the start
    length: float  # days of the study
    start: pd.Timestamp  # first of them
    # rows left out, by missing column, ``"outside_window"`` and ``"outside_time"``
    left_out: dict[str, int]
    area_km2: float  # of the window

    @classmethod
    def of(
        cls,
        incidents: pd.DataFrame,
        window: Window,
        *,
        columns: Sequence[str],
        start: str | pd.Timestamp | None = None,
        end: str | pd.Timestamp | None = None,
        dated: bool = True,
    ) -> "Study":
        """Take the incidents that a study can use."""
        needed = ["lon", "lat", *(["date"] if dated else []), *columns]
        known, left_out = complete_rows(incidents, needed)
        x, y = project(*coordinates(known))
        place = np.column_stack([x, y]) / 1e3
        shapely.prepare(window.shape)
        inside = shapely.intersects_xy(window.shape, place)
        left_out["outside_window"] = int((~inside).sum())
        study = cls(known, place, np.zeros(len(known)), 1.0, _NO_DAY, left_out, window.area_km2)
        study = study.of_rows(inside)
        if study.known.empty:
            raise InputError(
                "`incidents` has no usable row; left out: {left_out}; expected incidents "
                "inside `window` with all that is needed. Check the window and the columns.",
                left_out=left_out,
            )
        return study.during(start, end) if dated else study

    def during(self, start: Any, end: Any) -> "Study":
        """Take the incidents of some days, whose times then count from the first of them."""
        date = self.known["date"]
        first = date.min().normalize() if start is None else pd.Timestamp(start)
        last = date.max().normalize() if end is None else pd.Timestamp(end)
        if first > last:
            raise InputError(
                "`start` is {first} and `end` {last}; expected start first. Swap.",
                first=first,
                last=last,
            )
        length = float((last - first) / pd.Timedelta(days=1)) + 1.0
        days = (date - first).dt.total_seconds().to_numpy(dtype=np.float64) / 86_400
        inside = (days >= 0) & (days < length)
        lost = {**self.left_out, "outside_time": int((~inside).sum())}
        return replace(self, days=days, length=length, start=first, left_out=lost).of_rows(inside)

    def of_rows(self, rows: Flags) -> "Study":
        """Take some of the incidents."""
        return replace(self, known=self.known[rows], place=self.place[rows], days=self.days[rows])

    def at(self, place: Floats) -> "Study":
        """Put the incidents elsewhere, (n, 2) in km."""
        return replace(self, place=place)

    def sums(
        self, window: Window, distances_km: Floats, days: Floats, *, first: Flags | None = None
    ) -> KSums:
        """Find the close pairs of the study; `first` are incidents of the first of two types."""
        ends = {"distances_km": distances_km, "days": days}
        return KSums.of(self.place, window, **ends, length=self.length, first=first)

    def type_pairs(
        self, by: str, between: Sequence[str] | None
    ) -> Iterator[tuple[str, "Study", Any]]:
        """Give each two types, the study of their incidents, and which are of the first."""
        values = self.known[by].astype(str)
        names = sorted(set(values)) if between is None else [str(name) for name in between]
        unknown = sorted(set(names) - set(values))
        if unknown or len(set(names)) < 2 or len(names) > _MOST_TYPES:
            raise InputError(
                "`between` has {number} types in column {by!r}: {shown}, of which {absent} have "
                "no incident; expected two to {most_types}. Name them with between=.",
                number=len(set(names)),
                by=by,
                shown=first_offenders(names),
                absent=first_offenders(unknown),
                most_types=_MOST_TYPES,
            )
        for one, other in combinations(names, 2):
            pair = self.of_rows(values.isin([one, other]).to_numpy())
            yield f"{one}–{other}", pair, pair.known[by].astype(str).eq(one).to_numpy()

    def exchanged(self, sums: KSums, stratum: Integers) -> Timetable:
        """Exchange the dates inside strata 0, 1, 2, ..."""
        days, strata = self.days[sums.order], Strata.of(stratum[sums.order])
        return lambda times, rng: strata.exchange(days, rng, times)

    def shifted(self, sums: KSums, by: str, within: Sequence[str]) -> Timetable:
        """Shift the dates of the second type round and round."""
        days, first = self.days[sums.order], sums.of_first
        span = self.start, self.start + pd.Timedelta(days=self.length - 1)
        origin = (self.start - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)
        blocks = Blocks.of(self.known, by, within, span).taken(sums.order, origin)

        def fill(times: Any, rng: np.random.Generator) -> None:
            blocks.shift(days, rng, times)
            times[first] = days[first][:, None]

        return fill
