"""Add up the kernels of any number of points through a fine grid.

A kernel centred at a point is, as a function of that point, a smooth curve; interpolating it with
six grid points in each direction replaces the point by 36 weighted ones. Kernels of grid points are
then added by a Fourier transform. A quartic is smooth but at its rim, so it needs a finer grid.
Grids of parts of the points add up to that of the whole.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import scipy

from sahel_geo.arrays import Flags, Floats
from sahel_geo.compiled import compiled, over_chunks, workers
from sahel_geo.errors import InputError
from sahel_geo.indicators.density.kernels import Cells, Kernel, peak_per_km2

_BINS_PER_BANDWIDTH: Final[dict[Kernel, float]] = {"gaussian": 5.0, "quartic": 60.0}
_TAIL: Final[dict[Kernel, float]] = {"gaussian": 6.5, "quartic": 1.0}  # 7e-10 of the peak, and 0
_MOST_BINS: Final = 50_000_000
_MOST_SHARED: Final = 8_000_000  # bins up to which several threads each keep a grid of their own
_PARTS: Final = 4  # fixed, so that the sums do not depend on the number of processors


@dataclass(frozen=True)
class Bins:
    """The cells of a surface and the finer grid that covers them and the tails of the kernel."""

    cells: Cells  # those of the surface
    bandwidth: float  # standard deviation of a Gaussian, radius of a quartic; metres
    kernel: Kernel = "gaussian"  # its shape

    @classmethod
    def over(
        cls, bounds: tuple[float, ...], cell: float, bandwidth: float, kernel: Kernel
    ) -> "Bins":
        """Cover west, south, east and north by whole cells, so that surfaces line up."""
        west, south = (float(np.floor(value / cell) * cell) for value in bounds[:2])
        columns, rows = (
            max(int(np.ceil((high - low) / cell)), 1)
            for high, low in ((bounds[2], west), (bounds[3], south))
        )
        return cls(Cells(west, south, (rows, columns), cell), bandwidth, kernel)

    @cached_property
    def per_cell(self) -> int:
        """Steps of the fine grid in a cell."""
        fine = _BINS_PER_BANDWIDTH[self.kernel] * self.cells.side / self.bandwidth
        return max(int(np.ceil(fine - 1e-9)), 1)

    @property
    def step(self) -> float:
        """Distance of two points of the fine grid, metres."""
        return self.cells.side / self.per_cell

    @cached_property
    def margin(self) -> int:
        """Points of the fine grid before the first centre of a cell, to hold the tails."""
        return int(np.ceil(_TAIL[self.kernel] * self.bandwidth / self.step)) + 3

    @property
    def rows(self) -> int:
        """Rows of the fine grid."""
        return (self.cells.size[0] - 1) * self.per_cell + 1 + 2 * self.margin

    @property
    def columns(self) -> int:
        """Columns of the fine grid."""
        return (self.cells.size[1] - 1) * self.per_cell + 1 + 2 * self.margin

    @property
    def error_of_peak(self) -> float:
        """Bound of the error of a value, as a share of the largest.

        The remainder of the interpolation is at most the product of the six distances, 225/64 of a
        step each way, times the sixth derivative over 6!; that of a Gaussian is 15 at its peak, and
        on average over a neighbourhood below 22 times the kernel.

        A quartic is a polynomial that six points reproduce, but for its rim, where the second
        derivative jumps by 8: there it errs by at most 0.27 squared steps (in radii, relative to
        its peak), found by trying offsets. No more incidents lie at the rim around a cell than 13
        times the largest value: seven discs of half a radius cover the rim, and the middle of each
        would have at least (1 - 1/4)² of what it holds.
        """
        ratio = self.step / self.bandwidth
        if self.kernel == "quartic":
            return float(13 * 0.27 * ratio**2 + 1e-8)
        return float(2 * 22 * 225 / 64 / 720 * ratio**6 + 1e-8)

    def spread(self, x: Floats, y: Floats, weight: Floats) -> Floats:
        """Replace points by weighted points of the fine grid.

        x, y (n,): Metres. Points farther from the surface than the tails of the kernel add nothing.
        weight (n,): Their weights. Returns (bins.rows, bins.columns): Row 0 is the southernmost.
        Weights may be negative beside a point; their sum is its weight.
        """
        size = self.rows * self.columns
        if size > _MOST_BINS:
            raise InputError(
                f"a bandwidth of {self.bandwidth / 1e3:g} km needs a grid of {self.rows} x "
                f"{self.columns} points; expected at most {_MOST_BINS:,}. Choose a larger "
                "`bandwidth_km`, a smaller `extent`, or method='exact'."
            )
        first_x = self.cells.west + 0.5 * self.cells.side - self.margin * self.step
        first_y = self.cells.south + 0.5 * self.cells.side - self.margin * self.step
        x, y, weight = (np.ascontiguousarray(values) for values in (x, y, weight))

        def work(part: slice) -> Floats:
            grid = np.zeros((self.rows, self.columns))
            _spread(x[part], y[part], weight[part], first_x, first_y, 1.0 / self.step, grid)
            return grid

        parts = _PARTS if size <= _MOST_SHARED and len(x) > size else 1
        grids = over_chunks(work, len(x), max(-(-len(x) // parts), 1), "smoothing")
        total = grids[0] if grids else np.zeros((self.rows, self.columns))
        for grid in grids[1:]:
            total += grid
        return total

    def smooth(self, grid: Floats) -> Floats:
        """Add a kernel of height 1 for each point of the fine grid, at the points of the fine grid.

        Right from the first to the last centre of a cell; in the margins the other side's tails
        come round.
        """
        # the margins are as wide as the tails, so what wraps around never reaches a cell
        shape = [scipy.fft.next_fast_len(size, real=True) for size in grid.shape]
        wave = scipy.fft.rfft2(grid, shape, workers=workers())
        if self.kernel == "gaussian":
            wave *= _transfer(shape[0], self)[:, None]
            wave *= _transfer(shape[1], self)[None, : wave.shape[1]]
        else:
            up, across = (_away(size, self) for size in shape)
            kernel = np.maximum(1.0 - up[:, None] ** 2 - across[None, :] ** 2, 0.0) ** 2
            wave *= np.asarray(scipy.fft.rfft2(kernel, workers=workers()).real)
        whole = scipy.fft.irfft2(wave, shape, workers=workers(), overwrite_x=True)
        return np.asarray(whole[: grid.shape[0], : grid.shape[1]])

    def evaluate(self, grid: Floats) -> Floats:
        """Add a kernel of height 1 for each point of what `spread` gives, at centres of cells."""
        every = slice(self.margin, None, self.per_cell)
        picked = self.smooth(grid)[every, every][: self.cells.size[0], : self.cells.size[1]]
        return np.asarray(picked[::-1])

    def place(self, values: Floats) -> Floats:
        """Put the values of cells on the points of the fine grid that are their centres; else 0."""
        grid = np.zeros((self.rows, self.columns))
        last = self.margin + (np.array(self.cells.size) - 1) * self.per_cell + 1
        grid[self.margin : last[0] : self.per_cell, self.margin : last[1] : self.per_cell] = values[
            ::-1
        ]
        return grid

    def gather(self, field: Floats, x: Floats, y: Floats) -> Floats:
        """Interpolate the fine grid at points by the weights of `spread`; 0 outside of it."""
        first_x = self.cells.west + 0.5 * self.cells.side - self.margin * self.step
        first_y = self.cells.south + 0.5 * self.cells.side - self.margin * self.step
        x, y, field = (np.ascontiguousarray(values) for values in (x, y, field))
        result = np.zeros(len(x))

        def work(part: slice) -> None:
            _gather(x[part], y[part], first_x, first_y, 1.0 / self.step, field, result[part])

        over_chunks(work, len(x))
        return result


def _transfer(size: int, bins: Bins) -> Floats:
    """Transform a Gaussian of height 1 that is centred at point 0 of a ring."""
    away = _away(size, bins)
    return np.asarray(scipy.fft.fft(np.exp(-0.5 * away**2)).real)


def _away(size: int, bins: Bins) -> Floats:
    """Give the distances from point 0 of a ring, in bandwidths."""
    at = np.arange(size)
    return np.asarray(np.minimum(at, size - at) * (bins.step / bins.bandwidth))


@compiled(inline="always")
def _weights(t: float) -> tuple[float, float, float, float, float, float]:
    """Weigh six neighbours, two before and three after, by Lagrange's formula."""
    a, b, c, d, e, f = t + 2.0, t + 1.0, t, t - 1.0, t - 2.0, t - 3.0
    return (
        -b * c * d * e * f / 120.0,
        a * c * d * e * f / 24.0,
        -a * b * d * e * f / 12.0,
        a * b * c * e * f / 12.0,
        -a * b * c * d * f / 24.0,
        a * b * c * d * e / 120.0,
    )


@compiled()
def _spread(
    x: Floats, y: Floats, weight: Floats, first_x: float, first_y: float, per_metre: float,
    grid: Floats,
) -> None:  # fmt: skip
    rows, columns = grid.shape
    for at in range(len(x)):
        column, row = (x[at] - first_x) * per_metre, (y[at] - first_y) * per_metre
        if not (2.0 <= column < columns - 3 and 2.0 <= row < rows - 3):
            continue
        left, low = int(column), int(row)
        across, up = _weights(column - left), _weights(row - low)
        for i in range(6):
            height = up[i] * weight[at]
            for j in range(6):
                grid[low - 2 + i, left - 2 + j] += height * across[j]


@compiled()
def _gather(
    x: Floats, y: Floats, first_x: float, first_y: float, per_metre: float, field: Floats,
    result: Floats,
) -> None:  # fmt: skip
    rows, columns = field.shape
    for at in range(len(x)):
        column, row = (x[at] - first_x) * per_metre, (y[at] - first_y) * per_metre
        if not (2.0 <= column < columns - 3 and 2.0 <= row < rows - 3):
            continue
        left, low = int(column), int(row)
        across, up = _weights(column - left), _weights(row - low)
        total = 0.0
        for i in range(6):
            for j in range(6):
                total += up[i] * across[j] * field[low - 2 + i, left - 2 + j]
        result[at] = total


@dataclass(frozen=True)
class Fixed:
    """Kernels of one width, added by the fine grid."""

    bins: Bins  # that grid, with the kernel

    @property
    def error_of_peak(self) -> float:
        """Bound of the error of a value, as a share of the largest."""
        return self.bins.error_of_peak

    def values(self, x: Floats, y: Floats, weight: Floats) -> Floats:
        """Add every kernel, by its weight, at the centre of every cell."""
        return self.bins.evaluate(self.bins.spread(x, y, weight)) * self._height

    def mass(self, x: Floats, y: Floats, inside: Flags) -> Floats:
        """Tell how much of each kernel falls on some of the cells: centres summed, times area."""
        field = self.bins.smooth(self.bins.place(inside.astype(np.float64)))
        return self.bins.gather(field, x, y) * self._height * self.bins.cells.km2

    @property
    def _height(self) -> float:
        return float(peak_per_km2(self.bins.kernel, self.bins.bandwidth))
