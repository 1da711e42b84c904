"""The Gaussian and the quartic kernel, and their sums without approximation.

A sum gives each incident a kernel of its own width. Its twin, the mass, tells how much of each
kernel falls on a set of cells; the two use the same values of the kernel, so that dividing the one
by the other conserves the number of incidents.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from affine import Affine

from sahel_geo.arrays import Flags, Floats
from sahel_geo.compiled import compiled

Kernel = Literal["gaussian", "quartic"]

# Bandwidths that keep (almost) all of the mass: a Gaussian all but 3e-6, a quartic everything.
REACH: Final[dict[Kernel, float]] = {"gaussian": 5.0, "quartic": 1.0}
# A quartic of this many times the bandwidth smooths as a Gaussian does: the ratio of the optimal
# bandwidths in the plane, ((R(K) / s^4) of one over the other)^(1/6), Silverman (1986), table 4.1.
QUARTIC_OF_GAUSSIAN: Final = 2.778
_CHUNK: Final = 20_000


@dataclass(frozen=True)
class Cells:
    """Square cells of a surface."""

    # west, south: corner, metres
    west: float
    south: float
    size: tuple[int, int]  # rows and columns
    side: float  # metres

    @property
    def km2(self) -> float:
        """Area of a cell."""
        return self.side**2 / 1e6

    @property
    def transform(self) -> Affine:
        """From column and row, from the north-west, to metres."""
        north = self.south + self.size[0] * self.side
        return Affine(self.side, 0, self.west, 0, -self.side, north)

    def centres(self) -> tuple[Floats, Floats]:
        """Give x of the columns, and y of the rows from the south, metres."""
        rows, columns = (np.arange(n, dtype=np.float64) + 0.5 for n in self.size)
        return self.west + columns * self.side, self.south + rows * self.side


def peak_per_km2(kernel: Kernel, bandwidth_m: npt.ArrayLike) -> Floats:
    """Give the height of kernels that integrate to 1.

    Silverman, B. W. (1986). Density Estimation for Statistics and Data Analysis, equations 4.3 and
    4.5.

    >>> float(peak_per_km2("quartic", 1000).round(4))
    0.9549
    """
    squared = (np.asarray(bandwidth_m, dtype=np.float64) / 1e3) ** 2
    return np.asarray((1 / 2 if kernel == "gaussian" else 3) / (np.pi * squared))


@dataclass(frozen=True)
class Exact:
    """Kernels of any width, added one by one."""

    cells: Cells  # where
    kernel: Kernel  # shape of the kernels
    bandwidth: Floats  # (n,) of each incident, metres

    error_of_peak = 0.0

    def values(self, x: Floats, y: Floats, weight: Floats) -> Floats:
        """Add every kernel, by its weight, at the centre of every cell."""
        cells, height = self.cells, weight * peak_per_km2(self.kernel, self.bandwidth)
        values = np.zeros(cells.size)
        if self.kernel == "quartic":
            _add_quartics(x, y, height, self.bandwidth, *cells.centres(), cells.side, values)
            return values[::-1]
        for part in _parts(len(x)):
            in_x, in_y = _profiles(x[part], y[part], self.bandwidth[part], cells)
            values += (in_y * height[part, None]).T @ in_x
        return values[::-1]

    def mass(self, x: Floats, y: Floats, inside: Flags) -> Floats:
        """Tell how much of each kernel falls on some of the cells: centres summed, times area."""
        cells, height = self.cells, peak_per_km2(self.kernel, self.bandwidth) * self.cells.km2
        counted = np.ascontiguousarray(inside[::-1], dtype=np.float64)
        mass = np.zeros(len(x))
        if self.kernel == "quartic":
            at = *cells.centres(), cells.side
            _weigh_quartics(x, y, height, self.bandwidth, *at, counted, mass)
            return mass
        for part in _parts(len(x)):
            in_x, in_y = _profiles(x[part], y[part], self.bandwidth[part], cells)
            mass[part] = height[part] * ((in_y @ counted) * in_x).sum(axis=1)
        return mass


def _parts(size: int) -> list[slice]:
    return [slice(at, at + _CHUNK) for at in range(0, size, _CHUNK)]


def _profiles(x: Floats, y: Floats, bandwidth: Floats, cells: Cells) -> tuple[Floats, Floats]:
    """Split Gaussians into one along x and one along y, so that a sum is a matrix product."""
    centre_x, centre_y = cells.centres()
    return (
        np.exp(-0.5 * ((centre_x - x[:, None]) / bandwidth[:, None]) ** 2),
        np.exp(-0.5 * ((centre_y - y[:, None]) / bandwidth[:, None]) ** 2),
    )


@compiled(inline="always")
def _span(place: float, reach: float, first: float, side: float, size: int) -> tuple[int, int]:
    """Give the first cell whose centre is within reach, and the one after the last."""
    low = np.ceil((place - reach - first) / side)
    high = np.floor((place + reach - first) / side) + 1.0
    return int(min(max(low, 0.0), size)), int(min(max(high, 0.0), size))


@compiled()
def _add_quartics(  # pragma: no cover
    x: Floats, y: Floats, height: Floats, radius: Floats, centre_x: Floats, centre_y: Floats,
    side: float, values: Floats,
) -> None:  # fmt: skip
    for at in range(len(x)):
        left, right = _span(x[at], radius[at], centre_x[0], side, len(centre_x))
        low, high = _span(y[at], radius[at], centre_y[0], side, len(centre_y))
        inverse = 1.0 / (radius[at] * radius[at])
        for row in range(low, high):
            rest = 1.0 - (centre_y[row] - y[at]) ** 2 * inverse
            for column in range(left, right):
                share = max(rest - (centre_x[column] - x[at]) ** 2 * inverse, 0.0)
                values[row, column] += height[at] * share * share


@compiled()
def _weigh_quartics(  # pragma: no cover
    x: Floats, y: Floats, height: Floats, radius: Floats, centre_x: Floats, centre_y: Floats,
    side: float, counted: Floats, mass: Floats,
) -> None:  # fmt: skip
    for at in range(len(x)):
        left, right = _span(x[at], radius[at], centre_x[0], side, len(centre_x))
        low, high = _span(y[at], radius[at], centre_y[0], side, len(centre_y))
        inverse = 1.0 / (radius[at] * radius[at])
        total = 0.0
        for row in range(low, high):
            rest = 1.0 - (centre_y[row] - y[at]) ** 2 * inverse
            for column in range(left, right):
                share = max(rest - (centre_x[column] - x[at]) ** 2 * inverse, 0.0)
                total += counted[row, column] * share * share
        mass[at] = height[at] * total
