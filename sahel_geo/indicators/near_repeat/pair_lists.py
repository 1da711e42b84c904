"""Lists of the pairs of incidents within reach of each other, in blocks that bound the memory."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from sahel_geo.compiled import compiled, over_chunks
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.indicators.near_repeat.pair_search import (
    METRICS,
    Floats,
    Integers,
    Metric,
    band_ends,
    cell_numbers,
    distance,
    to_places,
)

Rows = npt.NDArray[np.int32]
Bands = npt.NDArray[np.uint8]
Listed = tuple[Rows, Rows, Bands]

T = TypeVar("T")

STORED_PAIRS: Final = 32_000_000  # 9 bytes each; more are listed again whenever they are needed
_PAIRS_PER_BLOCK: Final = 1 << 19
_ROWS_PER_TASK: Final = 1024
_OFFSETS: Final = 27  # cells around one and itself


@dataclass(frozen=True)
class CloseIncidents:
    """Incidents sorted into cells, whose pairs within reach can be listed.

    order (n,): The caller's row of each incident in the order of the cells. Pairs are listed as
        positions in this order, in which neighbours in space lie near each other in memory.
    place (n, 3): Points in space, in this order.
    cell, start, key: Cell of each incident; first incident of each cell and one entry more; number
        of each cell.
    strides: Difference of the numbers of neighbouring cells along each axis.
    distances: Ends of the bands.
    metric: Position in the list of metrics.
    partners (n,): Number of pairs of each incident with later ones.
    """

    order: Integers
    place: Floats
    cell: Integers
    start: Integers
    key: Integers
    strides: tuple[int, int, int]
    distances: Floats
    metric: int
    partners: Integers

    @classmethod
    def of(
        cls, x: Floats, y: Floats, *, distances: Sequence[float], metric: Metric
    ) -> "CloseIncidents":
        """Sort incidents into cells and count the pairs within the largest finite distance.

        x, y (n,): Degrees for ``"haversine"``, else of a plane.
        """
        if metric not in METRICS:
            raise InputError(f"`metric` is {metric!r}; expected one of {list(METRICS)}.")
        bands = band_ends("distances", distances)
        place, reach = to_places(
            np.asarray(x, np.float64), np.asarray(y, np.float64), metric, bands
        )
        bad = ~np.isfinite(place).all(axis=1)
        if bad.any():
            raise InputError(
                f"`x` or `y` is missing or infinite in {int(bad.sum())} rows: "
                f"{first_offenders(np.flatnonzero(bad))}; expected numbers. Drop these rows."
            )
        number, strides = cell_numbers(place, reach)
        order = np.argsort(number, kind="stable")
        key, start, cell = np.unique(number[order], return_index=True, return_inverse=True)
        start = np.append(start, len(order)).astype(np.int64)
        sorted_cells = np.ascontiguousarray(place[order]), cell.astype(np.int64), start, key
        settings = (strides, bands, METRICS.index(metric))
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
        """List the pairs of a run of incidents with later ones.

        first, second (m,): Positions in ``order``. band (m,): 0 below the first band, then
        1, 2, ...
        """
        size = int(self.partners[block].sum())
        out = np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.uint8)
        fill = _list.sized(_OFFSETS * (block.stop - block.start) + 10 * size)
        fill(
            self.place, self.cell, self.start, self.key, self.strides, self.distances, self.metric,
            block.start, block.stop, *out,
        )  # fmt: skip
        return out

    def kept(self, made: Callable[[Listed], T]) -> "KeptPairs[T]":
        """Keep what is made of the lists if they fit, else make it anew on each walk."""
        blocks = self.blocks()
        anew = KeptPairs(self, blocks, made, None)
        if self.pairs > STORED_PAIRS:
            return anew
        stored = over_chunks(lambda part: anew.make(blocks[part.start]), len(blocks), 1, "pairs")
        return KeptPairs(self, blocks, made, stored)


@dataclass(frozen=True)
class KeptPairs(Generic[T]):
    """Lists of pairs, kept in memory or made anew.

    incidents: What they are pairs of.
    blocks: Runs of incidents.
    made: What is made of a list.
    stored: What was made of each run, if kept.
    """

    incidents: CloseIncidents
    blocks: list[slice]
    made: Callable[[Listed], T]
    stored: list[T] | None

    def make(self, block: slice) -> T:
        """Make what is needed of the pairs of one run."""
        return self.made(self.incidents.listed(block))

    def __iter__(self) -> Iterator[T]:
        if self.stored is not None:
            return iter(self.stored)
        return map(self.make, self.blocks)


@compiled(inline="always")
def _reach(distances: Floats) -> float:
    last = len(distances) - 1
    return distances[last - 1] if distances[last] == np.inf else distances[last]  # type: ignore[no-any-return]


@compiled()
def _partners(
    place: Floats,
    cell: Integers,
    start: Integers,
    key: Integers,
    strides: tuple[int, int, int],
    distances: Floats,
    metric: int,
    first: int,
    last: int,
    partners: Integers,
) -> None:
    reach = _reach(distances)
    for i in range(first, last):
        home = cell[i]
        total = 0
        for offset in range(27):
            number = (
                key[home]
                + (offset // 9 - 1) * strides[0]
                + (offset // 3 % 3 - 1) * strides[1]
                + (offset % 3 - 1) * strides[2]
            )
            if number < key[home]:
                continue
            other = np.searchsorted(key, number)
            if other == len(key) or key[other] != number:
                continue
            for j in range(i + 1 if other == home else start[other], start[other + 1]):
                total += int(distance(metric, place, i, j) < reach)
        partners[i] = total


@compiled()
def _list(
    place: Floats,
    cell: Integers,
    start: Integers,
    key: Integers,
    strides: tuple[int, int, int],
    distances: Floats,
    metric: int,
    first: int,
    last: int,
    left: Rows,
    right: Rows,
    band: Bands,
) -> None:
    reach = _reach(distances)
    at = 0
    for i in range(first, last):
        home = cell[i]
        for offset in range(27):
            number = (
                key[home]
                + (offset // 9 - 1) * strides[0]
                + (offset // 3 % 3 - 1) * strides[1]
                + (offset % 3 - 1) * strides[2]
            )
            if number < key[home]:
                continue
            other = np.searchsorted(key, number)
            if other == len(key) or key[other] != number:
                continue
            for j in range(i + 1 if other == home else start[other], start[other + 1]):
                away = distance(metric, place, i, j)
                if away >= reach:
                    continue
                row = 0
                while away >= distances[row]:
                    row += 1
                left[at], right[at], band[at] = i, j, row
                at += 1
