"""Knox counts of the times as they are, and exchanged or shifted at random.

Sixty-four permutations are counted side by side: the times of one incident in all of them lie in
one row, so a pair of incidents costs two rows and no look-up per permutation.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sahel_geo.arrays import Floats, Integers
from sahel_geo.compiled import compiled, over_chunks
from sahel_geo.indicators.near_repeat.pairs import (
    CloseIncidents,
    Listed,
    Metric,
    band_ends,
    pairs_within,
    to_days,
)
from sahel_geo.indicators.permutation.strata import Blocks

_SIDE_BY_SIDE: Final = 64
_FARTHEST_DAY: Final = 2**31 - 2

Grouped = tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.uint16]]


@dataclass(frozen=True)
class Counted:
    """Pairs by kind, distance and time."""

    # (kinds, k, l) of the times as they are. The kinds are one, all pairs, without labels; with
    # labels, pairs of the same and of different labels
    observed: Integers
    simulated: Integers  # (permutations, kinds, k, l) of the exchanged times
    near: Integers  # (kinds, k) pairs by distance, whatever the time
    timed: Integers  # (l,) pairs of any kind by time, whatever the distance
    pairs: int

    @classmethod
    def of(
        cls,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
        time: npt.ArrayLike,
        *,
        distances: Sequence[float],
        days: Sequence[float],
        metric: Metric = "haversine",
        label: Integers | None = None,
        stratum: Integers | None = None,
        blocks: Blocks | None = None,
        permutations: int,
        rng: np.random.Generator | int,
    ) -> "Counted":
        """Count pairs in bands as they are, and with times exchanged inside strata 0, 1, 2, ...

        With `label` (n,), a country or other type, pairs of the same and of different labels are
        counted apart.
        """
        close = CloseIncidents.of(
            np.asarray(x, np.float64), np.asarray(y, np.float64), distances=distances, metric=metric
        )
        coded, ends, origin = _coded(to_days(time)[close.order], band_ends("days", days))
        kinds, alike = 1 if label is None else 2, np.zeros(len(coded), np.int64)
        labels = alike if label is None else label[close.order]
        deck = Strata.of(alike if stratum is None else stratum[close.order])

        def grouped(listed: Listed) -> Grouped:
            first, second, band = listed
            group = band.astype(np.uint16) * np.uint16(kinds)
            if kinds > 1:
                group += labels[first] != labels[second]
            return first, second, group

        far = _Far.of(coded, ends, labels, kinds, shifted=blocks is not None)
        banded = _Banded(close.kept(grouped), close.distances, kinds, ends, far)
        turns = None if blocks is None else blocks.taken(close.order, origin)
        seeds = np.random.default_rng(rng).spawn(-(-permutations // _SIDE_BY_SIDE))

        def work(part: slice) -> Integers:
            times = np.empty((len(coded), part.stop - part.start), dtype=coded.dtype)
            move = deck.exchange if turns is None else turns.shift
            move(coded, seeds[part.start // _SIDE_BY_SIDE], times)
            return banded.count(times)

        observed = banded.count(coded[:, None])[0]
        simulated = over_chunks(work, permutations, _SIDE_BY_SIDE, "permutations")
        none = np.empty((0, *observed.shape), np.int64)
        return cls(
            observed,
            np.concatenate([*simulated, none]),
            banded.near(),
            np.diff(far.every),
            len(coded) * (len(coded) - 1) // 2,
        )

    def expected(self) -> Floats:
        """Give the mean (kinds, k, l) over all exchanges of times between incidents, exactly."""
        share = self.timed / max(self.pairs, 1)
        return np.asarray(self.near[:, :, None] * share, dtype=np.float64)


@dataclass(frozen=True)
class _Banded:
    """Close pairs by band and kind, to be counted by any times."""

    pairs: Iterable[Grouped]
    distances: Floats
    kinds: int
    ends: Any
    far: "_Far"

    def count(self, times: Any) -> Integers:
        """Count the pairs by permutation (n, permutations), kind, distance and time."""
        shape = (len(self.distances), self.kinds, len(self.ends), times.shape[1])
        counts = np.zeros((shape[0] * shape[1], *shape[2:]), dtype=np.int64)
        for first, second, group in self.pairs:
            add = count_lags.sized(len(first) * times.shape[1] * (1 + len(self.ends)))
            add(first, second, group, times, self.ends, counts)
        counts = counts.reshape(shape).transpose(3, 1, 0, 2)
        if np.isinf(self.distances[-1]):
            counts[:, :, -1] = self.far.totals(times) - counts[:, :, :-1].sum(axis=2)
        return np.diff(counts[:, :, 1:], axis=3)

    def near(self) -> Integers:
        """Count the pairs by kind and distance, whatever the time."""
        counts = np.zeros(len(self.distances) * self.kinds, dtype=np.int64)
        for *_, group in self.pairs:
            counts += np.bincount(group, minlength=len(counts))
        near = counts.reshape(-1, self.kinds).T.copy()
        if np.isinf(self.distances[-1]):
            near[:, -1] = self.far.pairs_by_kind() - near[:, :-1].sum(axis=1)
        return near[:, 1:]


@dataclass(frozen=True)
class Strata:
    """Incidents by stratum."""

    members: Integers  # (n,) incidents, stratum by stratum
    starts: Integers  # first of each stratum in `members`, and one entry more

    @classmethod
    def of(cls, stratum: Integers) -> "Strata":
        """Sort incidents into strata 0, 1, 2, ..."""
        members = np.argsort(stratum, kind="stable")
        return cls(members, np.append(0, np.cumsum(np.bincount(stratum))).astype(np.int64))

    def exchange(self, coded: Any, rng: np.random.Generator, times: Any) -> None:
        """Fill each column (n, lanes) with the times, exchanged at random inside each stratum."""
        deal = _exchange.sized(2 * times.size)
        deal(coded, self.members, self.starts, rng, times)


@dataclass(frozen=True)
class _Far:
    """Pairs at any distance; those of the band without end are what remains of them."""

    labels: Strata
    every: Integers  # whatever is exchanged, all pairs together have the same times
    shifted: bool
    ends: Any
    kinds: int

    @classmethod
    def of(cls, coded: Any, ends: Any, label: Integers, kinds: int, *, shifted: bool) -> "_Far":
        ordered = np.sort(coded)
        count = pairs_within.sized(2 * len(ordered) * len(ends))
        every = np.array([count(ordered, end) for end in ends], dtype=np.int64)
        return cls(Strata.of(label), every, shifted, ends, kinds)

    def pairs_by_kind(self) -> Integers:
        """Count all pairs, whatever the time."""
        size, own = self.labels.starts[-1], np.diff(self.labels.starts)
        every, same = size * (size - 1) // 2, (own * (own - 1) // 2).sum()
        return np.array([every] if self.kinds == 1 else [same, every - same], dtype=np.int64)

    def totals(self, times: Any) -> Integers:
        """Count the pairs below each end, by permutation and kind."""
        every = np.broadcast_to(self.every, (times.shape[1], len(self.ends)))
        if self.shifted:
            every = _same_label(times, self.labels.members, np.array([0, len(times)]), self.ends)
        if self.kinds == 1:
            return every[:, None]
        same = _same_label(times, self.labels.members, self.labels.starts, self.ends)
        return np.stack([same, every - same], axis=1)


def _coded(days: Floats, ends: Floats) -> tuple[Any, Any, float]:
    """Write whole days as 32-bit numbers since some day, with the same answers to "less than"."""
    low = days.min(initial=np.inf)
    whole = bool((days == np.floor(days)).all()) and len(days) > 0
    if not whole or days.max() - low > _FARTHEST_DAY:
        return days, ends, 0.0
    limit = np.minimum(np.ceil(ends), _FARTHEST_DAY + 1)
    return (days - low).astype(np.int32), limit.astype(np.int32), float(low)


@compiled()
def count_lags(  # pragma: no cover
    first: Any, second: Any, group: Any, times: Any, ends: Any, counts: Any
) -> None:
    """Add up pairs (m,) less than each end (l,) apart, in many timetables (n, lanes) at once."""
    lanes = times.shape[1]
    part = np.zeros(counts.shape, dtype=np.int32)
    lag = np.empty(lanes, dtype=times.dtype)
    for at in range(len(first)):
        one, other = times[first[at]], times[second[at]]
        for lane in range(lanes):
            lag[lane] = abs(one[lane] - other[lane])
        for end in range(len(ends)):
            limit, row = ends[end], part[group[at], end]
            for lane in range(lanes):
                row[lane] += np.int32(lag[lane] < limit)
    counts += part


@compiled()
def _exchange(  # pragma: no cover
    coded: Any, members: Any, starts: Any, rng: Any, times: Any
) -> None:
    deck = coded[members]
    for lane in range(times.shape[1]):
        for stratum in range(len(starts) - 1):
            low = starts[stratum]
            for at in range(starts[stratum + 1] - 1, low, -1):
                other = low + int(rng.random() * (at + 1 - low))
                deck[at], deck[other] = deck[other], deck[at]
        for at in range(len(deck)):
            times[members[at], lane] = deck[at]


@compiled()
def _same_label(  # pragma: no cover
    times: Any, members: Any, starts: Any, ends: Any
) -> Any:
    counts = np.zeros((times.shape[1], len(ends)), dtype=np.int64)
    for lane in range(times.shape[1]):
        ordered = times[:, lane][members]
        for label in range(len(starts) - 1):
            own = np.sort(ordered[starts[label] : starts[label + 1]])
            for end in range(len(ends)):
                counts[lane, end] += pairs_within(own, ends[end])
    return counts
