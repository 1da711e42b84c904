"""Add up the Gaussian kernels of any number of points through a fine grid.

A kernel centred at a point is, as a function of that point, a smooth curve; interpolating it with
six grid points in each direction replaces the point by 36 weighted ones. Kernels of grid points are
then added by a Fourier transform. Grids of parts of the points add up to that of the whole.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import fft

from sahel_geo.compiled import compiled, over_chunks, workers
from sahel_geo.errors import InputError

Floats = npt.NDArray[np.float64]

_BINS_PER_BANDWIDTH: Final = 5.0
_TAIL: Final = 6.5  # bandwidths; a Gaussian is 7e-10 of its peak there
_MOST_BINS: Final = 50_000_000
_MOST_SHARED: Final = 8_000_000  # bins up to which several threads each keep a grid of their own
_PARTS: Final = 4  # fixed, so that the sums do not depend on the number of processors


@dataclass(frozen=True)
class Bins:
    """The cells of a surface and the finer grid that covers them and the tails of the kernel.

    Attributes
    ----------
    west, south : float
        Corner of the surface, metres.
    cells : tuple of int
        Rows and columns of the surface.
    cell : float
        Side of a cell, metres.
    bandwidth : float
        Standard deviation of the kernel, metres.
    """

    west: float
    south: float
    cells: tuple[int, int]
    cell: float
    bandwidth: float

    @cached_property
    def per_cell(self) -> int:
        """Steps of the fine grid in a cell."""
        return max(int(np.ceil(_BINS_PER_BANDWIDTH * self.cell / self.bandwidth - 1e-9)), 1)

    @property
    def step(self) -> float:
        """Distance of two points of the fine grid, metres."""
        return self.cell / self.per_cell

    @cached_property
    def margin(self) -> int:
        """Points of the fine grid before the first centre of a cell, to hold the tails."""
        return int(np.ceil(_TAIL * self.bandwidth / self.step)) + 3

    @property
    def rows(self) -> int:
        """Rows of the fine grid."""
        return (self.cells[0] - 1) * self.per_cell + 1 + 2 * self.margin

    @property
    def columns(self) -> int:
        """Columns of the fine grid."""
        return (self.cells[1] - 1) * self.per_cell + 1 + 2 * self.margin

    @property
    def error_of_peak(self) -> float:
        """Bound of the error of a value, as a share of the largest.

        The remainder of the interpolation is at most the product of the six distances, 225/64 of a
        step each way, times the sixth derivative over 6!; that of a Gaussian is 15 at its peak, and
        on average over a neighbourhood below 22 times the kernel.
        """
        ratio = self.step / self.bandwidth
        return float(2 * 22 * 225 / 64 / 720 * ratio**6 + 1e-8)


def bins_for(
    west: float, south: float, columns: int, rows: int, cell: float, bandwidth: float
) -> Bins:
    """Describe the fine grid of a surface.

    Parameters
    ----------
    west, south : float
        Corner of the surface, metres.
    columns, rows : int
        Its size.
    cell, bandwidth : float
        Side of a cell and standard deviation of the kernel, metres.

    Returns
    -------
    Bins
        Nothing is allocated yet.
    """
    return Bins(west, south, (rows, columns), cell, bandwidth)


def spread(x: Floats, y: Floats, weight: Floats, bins: Bins) -> Floats:
    """Replace points by weighted points of the fine grid.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n,)
        Metres. Points farther from the surface than the tails of the kernel add nothing.
    weight : ndarray of float64, shape (n,)
        Their weights.
    bins : Bins
        The fine grid.

    Returns
    -------
    ndarray of float64, shape (bins.rows, bins.columns)
        Row 0 is the southernmost. Weights may be negative beside a point; their sum is its weight.

    Raises
    ------
    InputError
        If the fine grid would hold more than 50 million points.
    """
    size = bins.rows * bins.columns
    if size > _MOST_BINS:
        raise InputError(
            f"a bandwidth of {bins.bandwidth / 1e3:g} km needs a grid of {bins.rows} x "
            f"{bins.columns} points; expected at most {_MOST_BINS:,}. Choose a larger "
            "`bandwidth_km`, a smaller `extent`, or method='exact'.",
        )
    first_x = bins.west + 0.5 * bins.cell - bins.margin * bins.step
    first_y = bins.south + 0.5 * bins.cell - bins.margin * bins.step
    x, y, weight = (np.ascontiguousarray(values) for values in (x, y, weight))

    def work(part: slice) -> Floats:
        grid = np.zeros((bins.rows, bins.columns))
        _spread(x[part], y[part], weight[part], first_x, first_y, 1.0 / bins.step, grid)
        return grid

    parts = _PARTS if size <= _MOST_SHARED and len(x) > size else 1
    grids = over_chunks(work, len(x), max(-(-len(x) // parts), 1))
    total = grids[0] if grids else np.zeros((bins.rows, bins.columns))
    for grid in grids[1:]:
        total += grid
    return total


def evaluate(grid: Floats, bins: Bins) -> Floats:
    """Add a kernel of height 1 for each point of the fine grid, at the centres of the cells.

    Parameters
    ----------
    grid : ndarray of float64, shape (bins.rows, bins.columns)
        Sum of what `spread` gives.
    bins : Bins
        The fine grid.

    Returns
    -------
    ndarray of float64, shape bins.cells
        Row 0 is the northernmost. Not negative.
    """
    # the margins are as wide as the tails, so what wraps around never reaches a cell
    shape = [fft.next_fast_len(size, real=True) for size in grid.shape]
    wave = fft.rfft2(grid, shape, workers=workers())
    wave *= _transfer(shape[0], bins)[:, None]
    wave *= _transfer(shape[1], bins)[None, : wave.shape[1]]
    smooth = fft.irfft2(wave, shape, workers=workers(), overwrite_x=True)
    rows, columns = (bins.margin + np.arange(size) * bins.per_cell for size in bins.cells)
    every = slice(bins.margin, None, bins.per_cell)
    picked = smooth[every, every][: len(rows), : len(columns)]
    return np.maximum(picked[::-1], 0.0)


def _transfer(size: int, bins: Bins) -> Floats:
    """Transform a kernel of height 1 that is centred at point 0 of a ring."""
    away = np.minimum(np.arange(size), size - np.arange(size)) * bins.step
    return np.asarray(fft.fft(np.exp(-0.5 * (away / bins.bandwidth) ** 2)).real)


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
    x: Floats,
    y: Floats,
    weight: Floats,
    first_x: float,
    first_y: float,
    per_metre: float,
    grid: Floats,
) -> None:
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
