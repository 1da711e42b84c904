"""Weighted sums over pairs near in space and in time: K-functions, and their envelopes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sahel_geo.arrays import Flags, Floats, Integers
from sahel_geo.compiled import compiled, over_chunks
from sahel_geo.errors import InputError
from sahel_geo.indicators.near_repeat.knox_permutation import count_lags
from sahel_geo.indicators.near_repeat.pairs import CloseIncidents, Listed
from sahel_geo.indicators.near_repeat.second_order.window import Window

_SIDE_BY_SIDE: Final = 32

Weighed = tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.uint8], Floats]
Timetable = Callable[[Any, Any], None]


@dataclass(frozen=True)
class Envelope:
    """What simulations leave room for."""

    # low, high: (k,) an observed function stays between them everywhere with the probability of the
    # level, if it is like the simulated ones
    low: Floats
    high: Floats
    p: float  # of leaving as far anywhere
    pointwise_p: Floats  # (k,) of a value as high or higher, at each argument by itself

    @classmethod
    def of(cls, observed: Floats, simulated: Floats, *, level: float = 0.95) -> "Envelope":
        """Find the band that holds whole simulated functions, not their values one by one.

        observed (k,): The function. Arguments at which it, or any simulation, is missing are left
        out. simulated (n, k): As many functions as there are simulations.

        Myllymäki, M., Mrkvička, T., Grabarnik, P., Seijo, H. and Hahn, U. (2017). Global envelope
        tests for spatial processes. Journal of the Royal Statistical Society B 79, 381-404 (extreme
        rank length).

        >>> simulated = np.random.default_rng(1).normal(size=(999, 3))
        >>> result = Envelope.of(np.array([4.0, 5.0, 4.0]), simulated)
        >>> result.p, bool(result.high[1] < 5)
        (0.001, True)
        """
        every = np.concatenate([observed[None], simulated])
        usable = np.isfinite(every).all(axis=0)
        low, high, pointwise = (np.full(len(observed), np.nan) for _ in range(3))
        if not usable.any():
            return cls(low, high, np.nan, pointwise)
        kept = every[:, usable]
        from scipy.stats import rankdata  # noqa: PLC0415  slow to import

        rank = rankdata(kept, axis=0)
        depth = np.sort(np.minimum(rank, len(kept) + 1 - rank), axis=1)
        # as many are as extreme, or more so, as the row stands in the order of the rows
        _, place, sizes = np.unique(depth, axis=0, return_inverse=True, return_counts=True)
        p = np.cumsum(sizes)[place.ravel()] / len(kept)
        inside = kept[p > 1 - level]
        low[usable], high[usable] = inside.min(axis=0), inside.max(axis=0)
        pointwise[usable] = (kept >= kept[0]).mean(axis=0)
        return cls(low, high, float(p[0]), pointwise)

    @classmethod
    def of_l(cls, observed: Floats, simulated: Floats) -> "Envelope":
        """Envelope of L: the square root makes the spread of K alike at all distances."""
        return cls.of(np.sqrt(observed / np.pi), np.sqrt(simulated / np.pi))


@dataclass(frozen=True)
class KSums:
    """Points whose pairs are summed: all of them, or those of two types."""

    pairs: Iterable[Weighed]  # close pairs with their band and the weight of their place
    order: Integers  # (n,) the caller's row of each point
    of_first: Flags  # (n,) in this order: the points of the first type, if there are two
    two: bool  # whether only pairs of the first type with the second count
    # distances_km, days: ends, included
    distances_km: Floats
    days: Floats
    length: float  # days of the study
    area_km2: float  # of the window

    @classmethod
    def of(
        cls,
        place: Floats,
        window: Window,
        *,
        distances_km: Floats,
        days: Floats,
        length: float,
        first: Flags | None = None,
    ) -> "KSums":
        """Find close pairs of places (n, 2) in km, and weigh them; `first` is one of two types."""
        ends = np.nextafter(distances_km, np.inf)  # bands are half-open, and K has its end inside
        close = CloseIncidents.of(*place.T.copy(), distances=[0.0, *ends], metric="euclidean")
        kind = np.zeros(len(place), dtype=bool) if first is None else first[close.order]

        def weighed(listed: Listed) -> Weighed:
            one, other, band = listed
            if first is not None:
                across = kind[one] != kind[other]
                one, other, band = one[across], other[across], band[across]
            apart = close.place[other] - close.place[one]
            dx, dy = np.ascontiguousarray(apart[:, 0]), np.ascontiguousarray(apart[:, 1])
            return one, other, band, window.weights(dx, dy)

        pairs, two = close.kept(weighed), first is not None
        return cls(pairs, close.order, kind, two, distances_km, days, length, window.area_km2)

    @property
    def possible(self) -> int:
        """Pairs of any distance."""
        size, own = len(self.order), int(self.of_first.sum())
        return own * (size - own) if self.two else size * (size - 1) // 2

    def space(self) -> Floats:
        """Estimate K in space, km²; for points without order, pi times the squared distance."""
        sums = np.zeros(len(self.distances_km) + 1)
        for *_, band, weight in self.pairs:
            sums += np.bincount(band, weight, minlength=len(sums))
        return np.asarray(self.area_km2 * np.cumsum(sums[1:]) / max(self.possible, 1))

    def time(self, times: Floats) -> Floats:
        """Estimate K (lanes, l) in time (n, lanes): days; without order, twice their number."""
        out = np.empty((times.shape[1], len(self.days)))
        first = self.of_first
        add = _time_sums.sized(self.possible * times.shape[1])
        for lane in range(times.shape[1]):
            if self.two:
                one, other = np.sort(times[first, lane]), np.sort(times[~first, lane])
            else:
                one = other = np.sort(times[:, lane])
            out[lane] = add(one, other, int(not self.two), self.days, self.length)
        return np.asarray(self.length * out / max(self.possible, 1))

    def space_time(self, times: Floats) -> Floats:
        """Estimate K (lanes, k, l) in space and time, km² x days, as :meth:`time` does."""
        shape = (len(self.distances_km) + 1, len(self.days), times.shape[1])
        sums = np.zeros(shape)
        for one, other, band, weight in self.pairs:
            add = _weighed_lags.sized(len(one) * times.shape[1] * (1 + len(self.days)))
            add(one, other, band, weight, times, self.days, self.length, sums)
        scale = self.area_km2 * self.length / max(self.possible, 1)
        return np.asarray(scale * np.cumsum(sums[1:], axis=0).transpose(2, 0, 1))

    def counts(self, times: Floats) -> Integers:
        """Count the pairs (k, l) within each distance and delay, without correction."""
        counts = np.zeros((len(self.distances_km) + 1, len(self.days), 1), dtype=np.int64)
        for one, other, band, _ in self.pairs:
            add = count_lags.sized(len(one) * (1 + len(self.days)))
            add(one, other, band, times, np.nextafter(self.days, np.inf), counts)
        return np.asarray(np.cumsum(counts[1:, :, 0], axis=0))

    def simulate(
        self, timetable: Timetable, simulations: int, rng: np.random.Generator
    ) -> tuple[Floats, Floats]:
        """Estimate K of many timetables: as :meth:`space_time` and :meth:`time`."""
        seeds = rng.spawn(-(-simulations // _SIDE_BY_SIDE))

        def work(part: slice) -> tuple[Floats, Floats]:
            times = np.empty((len(self.order), part.stop - part.start))
            timetable(times, seeds[part.start // _SIDE_BY_SIDE])
            return self.space_time(times), self.time(times)

        done = over_chunks(work, simulations, _SIDE_BY_SIDE, "permutations")
        return np.concatenate([both for both, _ in done]), np.concatenate([one for _, one in done])

    def measure(
        self, days: Floats, timetable: Timetable, simulations: int, rng: np.random.Generator
    ) -> dict[str, Any]:
        """Set K(s, t), in the caller's order, beside the product of its parts, also simulated."""
        if simulations < 1:
            raise InputError(f"`permutations` is {simulations}; expected at least 1. Try 999.")
        times = days[self.order][:, None]
        space, time, both = self.space(), self.time(times)[0], self.space_time(times)[0]
        drawn_both, drawn_time = self.simulate(timetable, simulations, rng)
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = both / np.outer(space, time)
            drawn = drawn_both / (space[:, None] * drawn_time[:, None, :])
        envelope = Envelope.of(ratio.ravel(), drawn.reshape(simulations, -1))
        return {
            "distances_km": self.distances_km,
            "days": self.days,
            "space": space,
            "time": time,
            "both": both,
            "ratio": ratio,
            "observed": self.counts(times),
            "envelope": envelope,
            "incidents": len(self.order),
            "pairs": self.possible,
        }


@compiled()
def _weighed_lags(  # pragma: no cover
    one: Any, other: Any, band: Any, weight: Any, times: Any, ends: Any, length: float, sums: Any
) -> None:
    lanes = times.shape[1]
    lag, value = np.empty(lanes), np.empty(lanes)
    for at in range(len(one)):
        here, there = times[one[at]], times[other[at]]
        for lane in range(lanes):
            lag[lane] = abs(here[lane] - there[lane])
            value[lane] = weight[at] * length / (length - lag[lane])
        for end in range(len(ends)):
            row = sums[band[at], end]
            for lane in range(lanes):
                row[lane] += value[lane] if lag[lane] <= ends[end] else 0.0


@compiled()
def _time_sums(  # pragma: no cover
    one: Any, other: Any, same: int, ends: Any, length: float
) -> Any:
    sums = np.zeros(len(ends))
    begin = 0
    for at in range(len(one)):
        while begin < len(other) and one[at] - other[begin] > ends[-1]:
            begin += 1
        for to in range(at + 1 if same else begin, len(other)):
            lag = abs(other[to] - one[at])
            if other[to] - one[at] > ends[-1]:
                break
            for end in range(len(ends)):
                if lag <= ends[end]:
                    sums[end] += length / (length - lag)
    return sums
