"""Pairs of incidents within reach of each other: counted cell by cell, or listed in blocks."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Generic, Literal, TypeVar, get_args

import numpy as np
import numpy.typing as npt

from sahel_geo.arrays import Floats, Integers
from sahel_geo.compiled import compiled, over_chunks
from sahel_geo.crs import unit_vectors
from sahel_geo.errors import InputError, first_offenders, require_choice

Rows = npt.NDArray[np.int32]
Bands = npt.NDArray[np.uint8]
Listed = tuple[Rows, Rows, Bands]
T = TypeVar("T")
Metric = Literal["haversine", "euclidean", "manhattan"]

EARTH_KM: Final = 6371.0088  # mean radius of WGS 84
_METRICS: Final = get_args(Metric)
_MOST_STEPS: Final = 1_000_000  # cells along an axis, so that a cell's number fits 64 bits
STORED_PAIRS: Final = 32_000_000  # 9 bytes each; more are listed again whenever they are needed
_PAIRS_PER_BLOCK: Final = 1 << 19
_ROWS_PER_TASK: Final = 1024
_OFFSETS: Final = 27  # cells around one and itself


@dataclass(frozen=True)
class Pairs:
    """Incidents sorted into cells as wide as the largest finite distance, ready to be paired."""

    place: Floats  # (n, 3) coordinates in the order of the cells; within a cell by time
    time: Floats  # (n,) days
    start: Integers  # first incident of each cell and one entry more
    key: Integers  # number of each cell, ascending
    strides: tuple[int, int, int]  # difference of the numbers of neighbouring cells along each axis
    # distances, days: ends of the bands
    distances: Floats
    days: Floats
    metric: int  # position in the list of metrics

    @classmethod
    def of(
        cls,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
        time: npt.ArrayLike,
        *,
        distances: Sequence[float],
        days: Sequence[float],
        metric: Metric,
    ) -> "Pairs":
        """Check the arguments of `knox_counts` and sort the incidents into cells."""
        bands = band_ends("distances", distances), band_ends("days", days)
        moment = to_days(time)
        place, reach = _to_places(x, y, metric, bands[0])
        if len(place) != len(moment):
            raise InputError(
                f"`x` and `time` have {len(place)} and {len(moment)} values; expected as many. "
                "Pass columns of one table."
            )
        bad = ~(np.isfinite(place).all(axis=1) & np.isfinite(moment))
        if bad.any():
            raise InputError(
                f"`x`, `y` or `time` is missing or infinite in {int(bad.sum())} rows: "
                f"{first_offenders(np.flatnonzero(bad))}; expected numbers. Drop these rows."
            )
        key, strides = _cell_numbers(place, reach)
        order = np.lexsort((moment, key))
        keys, start = np.unique(key[order], return_index=True)
        start = np.append(start, len(order)).astype(np.int64)
        laid = np.ascontiguousarray(place[order]), np.ascontiguousarray(moment[order]), start, keys
        return cls(*laid, strides, *bands, _METRICS.index(metric))

    def near(self, first: int, last: int) -> Integers:
        """Count pairs of some cells' incidents with the same and later cells, (k + 1, l)."""
        counts: Integers = _near(
            self.place, self.time, self.start, self.key, self.strides, self.distances, self.days,
            self.metric, first, last,
        )  # fmt: skip
        return counts

    def finish(self, counts: Integers) -> Integers:
        """Fill in the band without end: the table (k, l) from the sum of what `near` gives."""
        table = counts[1:].copy()
        if np.isinf(self.distances[-1]):
            every = np.array([pairs_within(np.sort(self.time), day) for day in self.days])
            table[-1] = np.diff(every) - counts.sum(axis=0)
        return table


def band_ends(argument: str, ends: Sequence[float]) -> Floats:
    """Check the ends of bands."""
    values = np.asarray(ends, dtype=np.float64)
    finite = np.isfinite(values[:-1]).all() and not np.isnan(values[-1:]).any()
    if values.ndim != 1 or len(values) < 2 or not finite or (np.diff(values) <= 0).any():
        raise InputError(
            f"`{argument}` is {first_offenders(np.ravel(values))}; expected at least two ascending "
            "numbers, of which the last may be infinite. List the ends of the bands."
        )
    if values[0] < 0:
        raise InputError(f"`{argument}` begins at {values[0]:g}; expected 0 or more.")
    return values


def to_days(time: npt.ArrayLike) -> Floats:
    """Turn dates into days since 1970, NaN where missing; numbers pass as they are."""
    values: Any = np.asarray(time)
    if values.dtype.kind == "M":
        values = (values - np.datetime64("1970-01-01")) / np.timedelta64(1, "D")
    return np.asarray(values, dtype=np.float64)


def _to_places(
    x: npt.ArrayLike, y: npt.ArrayLike, metric: Metric, distances: Floats
) -> tuple[Floats, float]:
    """Give points (n, 3), on the unit sphere for "haversine", and how far one coordinate may be."""
    require_choice("metric", metric, _METRICS)
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if x.ndim != 1 or x.shape != y.shape:
        raise InputError(
            f"`x` and `y` have shapes {x.shape} and {y.shape}; expected (n,) both. "
            "Pass columns of one table."
        )
    reach = float(distances[-1] if np.isfinite(distances[-1]) else distances[-2])
    if metric != "haversine":
        return np.column_stack([x, y, np.zeros(len(x))]), reach
    chord = 2 * np.sin(min(reach / EARTH_KM, np.pi) / 2)
    return unit_vectors(x, y), float(chord)


def _cell_numbers(place: Floats, reach: float) -> tuple[Integers, tuple[int, int, int]]:
    """Give each point (n, 3) the number of its cell; near pairs are in one or two that touch."""
    if not len(place):
        return np.empty(0, dtype=np.int64), (1, 1, 1)
    low, width = place.min(axis=0), np.ptp(place, axis=0)
    # a little wider than the reach, so that rounding cannot part neighbours by two cells
    side = max(reach * (1 + 1e-9) + 1e-12 * float(np.abs(place).max()), width.max() / _MOST_STEPS)
    step = np.floor((place - low) / (side or 1.0)).astype(np.int64)
    sizes = step.max(axis=0) + 3  # a free cell on either side, so that numbers do not wrap
    strides = (int(sizes[1] * sizes[2]), int(sizes[2]), 1)
    return (step + 1) @ np.array(strides), strides


@compiled(inline="always")
def _distance(metric: int, place: Floats, i: int, j: int) -> float:
    """Measure the distance of two points of `_to_places`, in km for ``"haversine"``."""
    dx = place[i, 0] - place[j, 0]
    dy = place[i, 1] - place[j, 1]
    if metric == 2:
        return float(abs(dx) + abs(dy))
    dz = place[i, 2] - place[j, 2]
    straight = np.sqrt(dx * dx + dy * dy + dz * dz)
    if metric == 1:
        return float(straight)
    return float(2.0 * EARTH_KM * np.arcsin(min(0.5 * straight, 1.0)))


@compiled(inline="always")
def _reach(distances: Floats) -> float:
    last = len(distances) - 1
    return distances[last - 1] if distances[last] == np.inf else distances[last]  # type: ignore[no-any-return]


@compiled(inline="always")
def _neighbour(key: Integers, home: int, offset: int, strides: tuple[int, int, int]) -> int:
    """Find a cell around another; -1 if it is empty or comes before, so that none is met twice."""
    number = (
        key[home]
        + (offset // 9 - 1) * strides[0]
        + (offset // 3 % 3 - 1) * strides[1]
        + (offset % 3 - 1) * strides[2]
    )
    if number < key[home]:
        return -1
    other = np.searchsorted(key, number)
    return -1 if other == len(key) or key[other] != number else int(other)


@compiled()
def _near(  # noqa: C901  one loop over pairs, compiled
    place: Floats, time: Floats, start: Integers, key: Integers, strides: tuple[int, int, int],
    distances: Floats, days: Floats, metric: int, first: int, last: int,
) -> Integers:  # fmt: skip
    bands = len(distances)
    reach = _reach(distances)
    counts = np.zeros((bands, len(days) - 1), dtype=np.int64)
    for cell in range(first, last):
        for offset in range(27):
            other = _neighbour(key, cell, offset, strides)
            if other < 0:
                continue
            begin = start[other]
            for i in range(start[cell], start[cell + 1]):
                while begin < start[other + 1] and time[i] - time[begin] >= days[-1]:
                    begin += 1
                for j in range(i + 1 if other == cell else begin, start[other + 1]):
                    between = time[j] - time[i]
                    if between >= days[-1]:
                        break
                    away = _distance(metric, place, i, j)
                    between = abs(between)
                    if away >= reach or between < days[0]:
                        continue
                    column = 0
                    while between >= days[column + 1]:
                        column += 1
                    row = 0
                    while away >= distances[row]:
                        row += 1
                    counts[row, column] += 1
    return counts


@compiled()
def pairs_within(time: Floats, days: float) -> int:
    """Count the pairs of ascending times that lie less than some days apart."""
    total, begin = 0, 0
    for at in range(len(time)):
        while begin < at and time[at] - time[begin] >= days:
            begin += 1
        total += at - begin
    return total


@dataclass(frozen=True)
class CloseIncidents:
    """Incidents sorted into cells, whose pairs within reach can be listed."""

    # (n,) the caller's row of each incident in the order of the cells. Pairs are listed as
    # positions in this order, in which neighbours in space lie near each other in memory
    order: Integers
    place: Floats  # (n, 3) points in space, in this order
    cell: Integers  # cell of each incident
    start: Integers  # first incident of each cell and one entry more
    key: Integers  # number of each cell
    strides: tuple[int, int, int]  # difference of the numbers of neighbouring cells along each axis
    distances: Floats  # ends of the bands
    metric: int  # position in the list of metrics
    partners: Integers  # (n,) number of pairs of each incident with later ones

    @classmethod
    def of(
        cls, x: Floats, y: Floats, *, distances: Sequence[float], metric: Metric
    ) -> "CloseIncidents":
        """Sort incidents (degrees for "haversine") into cells and count the pairs within reach."""
        bands = band_ends("distances", distances)
        place, reach = _to_places(x, y, metric, bands)
        bad = ~np.isfinite(place).all(axis=1)
        if bad.any():
            raise InputError(
                f"`x` or `y` is missing or infinite in {int(bad.sum())} rows: "
                f"{first_offenders(np.flatnonzero(bad))}; expected numbers. Drop these rows."
            )
        number, strides = _cell_numbers(place, reach)
        order = np.argsort(number, kind="stable")
        key, start, cell = np.unique(number[order], return_index=True, return_inverse=True)
        start = np.append(start, len(order)).astype(np.int64)
        sorted_cells = np.ascontiguousarray(place[order]), cell.astype(np.int64), start, key
        settings = (strides, bands, _METRICS.index(metric))
        partners = np.zeros(len(order), dtype=np.int64)

        def work(part: slice) -> None:
            size = _OFFSETS * (part.stop - part.start) + len(order) * (part.stop - part.start) // 2
            count = _partners.sized(size)
            count(*sorted_cells, *settings, part.start, part.stop, partners)

        over_chunks(work, len(order), _ROWS_PER_TASK, "pairs")
        return cls(order, *sorted_cells, *settings, partners)

    @property
    def pairs(self) -> int:
        """Pairs within reach."""
        return int(self.partners.sum())

    def blocks(self) -> list[slice]:
        """Cut the incidents into runs of about half a million pairs."""
        ends = np.cumsum(self.partners) // _PAIRS_PER_BLOCK
        cuts = np.flatnonzero(np.diff(ends)) + 1
        edges = [0, *cuts.tolist(), len(ends)] if len(ends) else [0]
        return [slice(a, b) for a, b in pairwise(edges)]

    def listed(self, block: slice) -> Listed:
        """List pairs of a run of incidents with later ones, by place in `order`, with a band."""
        size = int(self.partners[block].sum())
        out = np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.uint8)
        fill = _list.sized(_OFFSETS * (block.stop - block.start) + 10 * size)
        fill(
            self.place, self.cell, self.start, self.key, self.strides, self.distances, self.metric,
            block.start, block.stop, *out,
        )  # fmt: skip
        return out

    def kept(self, made: Callable[[Listed], T]) -> Iterable[T]:
        """Keep what is made of the lists if they fit, else make it anew on each walk."""
        blocks = self.blocks()

        def make(block: slice) -> T:
            return made(self.listed(block))

        if self.pairs > STORED_PAIRS:
            return Anew(make, blocks)
        return over_chunks(lambda part: make(blocks[part.start]), len(blocks), 1, "pairs")


@dataclass(frozen=True)
class Anew(Generic[T]):
    """What is made of each run of incidents, again on every walk."""

    make: Callable[[slice], T]
    blocks: list[slice]

    def __iter__(self) -> Iterator[T]:
        return map(self.make, self.blocks)


@compiled()
def _partners(
    place: Floats, cell: Integers, start: Integers, key: Integers, strides: tuple[int, int, int],
    distances: Floats, metric: int, first: int, last: int, partners: Integers,
) -> None:  # fmt: skip
    reach = _reach(distances)
    for i in range(first, last):
        home = cell[i]
        total = 0
        for offset in range(27):
            other = _neighbour(key, home, offset, strides)
            if other < 0:
                continue
            for j in range(i + 1 if other == home else start[other], start[other + 1]):
                total += int(_distance(metric, place, i, j) < reach)
        partners[i] = total


@compiled()
def _list(
    place: Floats, cell: Integers, start: Integers, key: Integers, strides: tuple[int, int, int],
    distances: Floats, metric: int, first: int, last: int, left: Rows, right: Rows, band: Bands,
) -> None:  # fmt: skip
    reach = _reach(distances)
    at = 0
    for i in range(first, last):
        home = cell[i]
        for offset in range(27):
            other = _neighbour(key, home, offset, strides)
            if other < 0:
                continue
            for j in range(i + 1 if other == home else start[other], start[other + 1]):
                away = _distance(metric, place, i, j)
                if away >= reach:
                    continue
                row = 0
                while away >= distances[row]:
                    row += 1
                left[at], right[at], band[at] = i, j, row
                at += 1
