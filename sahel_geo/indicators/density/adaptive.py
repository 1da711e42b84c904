"""Bandwidths that follow the density: narrow where incidents are many, wide where they are few."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from sahel_geo.arrays import Flags, Floats, Positions
from sahel_geo.compiled import compiled, over_chunks
from sahel_geo.indicators.density.binning import Bins
from sahel_geo.indicators.density.kernels import Cells, peak_per_km2
from sahel_geo.tasks import track

MOST_TIMES: Final = 5.0  # of the bandwidth asked for; also its least part, a fifth
_STEP: Final = 1 / 8  # of the logarithm of the bandwidth, between two rungs of the ladder
_MOST_EXACT: Final = 10_000
_PAIRS_CHUNK: Final = 256


def local_bandwidths(pilot: Floats, bandwidth: float) -> tuple[Floats, int]:
    """Widen and narrow a bandwidth by the square-root law.

    pilot (n,): Density at each incident, above 0. bandwidths (n,): In inverse proportion to the
    square root of the pilot; their geometric mean is `bandwidth` unless some are held at a
    fifth or at five times of it.

    Abramson, I. S. (1982). On bandwidth variation in kernel estimates: a square root law. Annals of
    Statistics 10, 1217-1223. Silverman (1986), section 5.3, for the geometric mean.

    >>> local_bandwidths(np.array([1.0, 4.0, 16.0]), 10.0)[0].tolist()
    [20.0, 10.0, 5.0]
    """
    if not len(pilot):
        return np.empty(0), 0
    factor = np.exp(0.5 * (np.log(pilot).mean() - np.log(pilot)))
    limited = np.clip(factor, 1 / MOST_TIMES, MOST_TIMES)
    return limited * bandwidth, int((limited != factor).sum())


def pilot_density(x: Floats, y: Floats, bandwidth: float) -> Floats:
    """Estimate the density (per km²) at each incident (metres), itself included, by one Gaussian.

    Exact up to 10,000 incidents; beyond by the fine grid, at least the height of its own kernel.
    """
    one = np.ones(len(x))
    if len(x) <= _MOST_EXACT:
        result = np.empty(len(x))
        arrays = tuple(np.ascontiguousarray(values, dtype=np.float64) for values in (x, y, one))

        def work(part: slice) -> None:
            _add_at_places(x[part], y[part], *arrays, 0.5 / bandwidth**2, result[part])

        over_chunks(work, len(x), _PAIRS_CHUNK, "smoothing")
        return result * float(peak_per_km2("gaussian", bandwidth))
    side = bandwidth / 5
    west, south = x.min() - side, y.min() - side
    columns, rows = (int((v.max() - v.min()) / side) + 3 for v in (x, y))
    bins = Bins(Cells(float(west), float(south), (rows, columns), side), bandwidth)
    field = bins.smooth(bins.spread(x, y, one))
    return np.maximum(bins.gather(field, x, y), 1.0) * float(peak_per_km2("gaussian", bandwidth))


@dataclass(frozen=True)
class Ladder:
    """Gaussians of many widths, each made of four widths of a ladder.

    A kernel is, as a function of the logarithm of its width, a smooth curve; the cubic through four
    rungs replaces it by four kernels whose weights add up to 1. Kernels of a rung are then added
    through the fine grid of that rung.
    """

    cells: Cells  # where the surface is wanted
    bandwidth: Floats  # (n,) of each incident, metres

    @property
    def error_of_peak(self) -> float:
        """Bound of the error of a value, as a share of the largest, where widths change slowly.

        The remainder of the cubic is at most 9/16 of the fourth power of a step over 4!, times the
        fourth derivative, which is on average over a neighbourhood below 139 times the kernel. That
        average takes neighbouring incidents to have like widths, which the square-root law gives
        them. To this comes the error of the fine grid.
        """
        return 9 / 16 / 24 * _STEP**4 * 139 + self._bins(0).error_of_peak

    def values(self, x: Floats, y: Floats, weight: Floats) -> Floats:
        """Add every kernel, by its weight, at the centre of every cell."""
        total = np.zeros(self.cells.size)
        for rung, who, share in track(self._rungs(), "smoothing"):
            bins = self._bins(rung)
            added = bins.evaluate(bins.spread(x[who], y[who], weight[who] * share))
            total += added * float(peak_per_km2("gaussian", bins.bandwidth))
        return total

    def mass(self, x: Floats, y: Floats, inside: Flags) -> Floats:
        """Tell how much of each kernel falls on some of the cells: centres summed, times area."""
        total = np.zeros(len(x))
        for rung, who, share in track(self._rungs(), "smoothing"):
            bins = self._bins(rung)
            field = bins.smooth(bins.place(inside.astype(np.float64)))
            height = float(peak_per_km2("gaussian", bins.bandwidth)) * self.cells.km2
            total[who] += share * bins.gather(field, x[who], y[who]) * height
        return total

    def _bins(self, rung: int) -> Bins:
        width = float(self.bandwidth.min(initial=np.inf) * np.exp((rung - 1) * _STEP))
        return Bins(self.cells, width)

    def _rungs(self) -> list[tuple[int, Positions, Floats]]:
        """List the rungs in use, with the incidents on each and their shares of it."""
        if not len(self.bandwidth):
            return []
        above = np.log(self.bandwidth / self.bandwidth.min()) / _STEP
        first = np.floor(above).astype(np.intp)  # rung 1 is the narrowest bandwidth
        t = above - first
        shares = (
            -t * (t - 1) * (t - 2) / 6,
            (t + 1) * (t - 1) * (t - 2) / 2,
            -(t + 1) * t * (t - 2) / 2,
            (t + 1) * t * (t - 1) / 6,
        )
        rungs = []
        for rung in range(int(first.max()) + 4):
            pieces = [
                (np.flatnonzero((first == rung - k) & (share != 0)), share)
                for k, share in enumerate(shares)
            ]
            who = np.concatenate([at for at, _ in pieces])
            if len(who):
                rungs.append((rung, who, np.concatenate([share[at] for at, share in pieces])))
        return rungs


@compiled(fastmath=True)
def _add_at_places(  # pragma: no cover
    at_x: Floats, at_y: Floats, x: Floats, y: Floats, weight: Floats, factor: float, result: Floats
) -> None:
    for here in range(len(at_x)):
        total = 0.0
        for at in range(len(x)):
            squared = (x[at] - at_x[here]) ** 2 + (y[at] - at_y[here]) ** 2
            total += weight[at] * np.exp(-factor * squared)
        result[here] = total
