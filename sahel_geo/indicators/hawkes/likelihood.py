"""Maximum likelihood of Hawkes processes.

Once the kernels are known, the likelihood is concave in everything else, and the rows of the
branching matrix have nothing to do with one another. So Newton's method solves each row, and only
the one or two parameters of the kernels are searched.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
import scipy

from sahel_geo.arrays import Integers, Positions
from sahel_geo.compiled import compiled
from sahel_geo.tasks import task

Array = npt.NDArray[np.float64]

LEAST_EXPOSURE: Final = 1e-9
_SEEN: Final = 1e-200  # curvature; what is flatter was not seen, and cannot be divided by
_DONE: Final = 1e-9  # Newton decrement, twice the log-likelihood that is left
_ALMOST: Final = 1e-5  # from which one whole step is enough
_LEAST_BACKGROUND: Final = 1e-3  # expected incidents: an intensity is nowhere 0


@dataclass(frozen=True)
class Design:
    """What the incidents say about the parts of the intensity, for given kernels.

    table (n, 1 + m): Density of the background and of what follows each type, at each incident,
        type by type; each integrates to 1 over what was observed.
    ends (1 + m,): Where the incidents of each type begin, and the last ends.
    exposure (m, 1 + m): Expected incidents per unit of the background rate and of the branching.
    inside (m, m): Mean share of what follows an incident of the column that falls where the row is
        observed.
    """

    table: Array
    ends: Integers
    exposure: Array
    inside: Array

    @classmethod
    def of(
        cls, table: Array, ends: Integers, exposure: Array, inside: Array | None = None
    ) -> "Design":
        """Scale a table to the expected incidents, in place.

        table (n, 1 + m): Intensity per unit of the background rate and of the branching, type by
        type. exposure (m, 1 + m): Its integral over what was observed. inside (m, m): Share of
        what follows that falls where it is observed; 1 by default.
        """
        seen = exposure > LEAST_EXPOSURE
        scale = np.where(seen, 1 / np.where(seen, exposure, 1), 0.0)
        table *= np.repeat(scale, np.diff(ends), axis=0)
        shares = np.ones((len(exposure), len(exposure))) if inside is None else inside
        return cls(table, ends, exposure, shares)

    @property
    def rows(self) -> list[Array]:
        """The table of each type, shape (n of the type, 1 + m)."""
        return [self.table[begin:end] for begin, end in pairwise(self.ends.tolist())]

    def per_unit(self) -> Array:
        """Give one expected incident of each part in its natural unit; 0 where unobserved."""
        whole = np.hstack([np.ones((len(self.inside), 1)), self.inside])
        seen = self.exposure > LEAST_EXPOSURE
        return np.divide(whole, self.exposure, out=np.zeros_like(whole), where=seen)

    def maximise(self, start: Array | None = None) -> tuple[Array, Array]:
        """Find the expected incidents (m, 1 + m) of each part; also each log-likelihood (m,)."""
        return self._maximise(self.table, start)

    def alone(self, start: Array | None = None) -> tuple[Array, Array]:
        """Do the same, (m, 2) and (m,), where types follow none but themselves."""
        kinds = np.repeat(np.arange(len(self.exposure)), np.diff(self.ends))
        own = self.table[np.arange(len(kinds)), 1 + kinds]
        return self._maximise(np.column_stack([self.table[:, 0], own]), start)

    def _maximise(self, table: Array, start: Array | None) -> tuple[Array, Array]:
        numbers, width = np.diff(self.ends)[:, None], table.shape[1]
        parts = np.tile(numbers / width, width) if start is None else start.copy()
        parts[:, 0] = np.maximum(parts[:, 0], _LEAST_BACKGROUND)
        price, ends = np.ones(width), self.ends.tolist()
        rows = (table[begin:end] for begin, end in pairwise(ends))
        values = [_newton(row, price, part) for row, part in zip(rows, parts, strict=True)]
        return parts, np.array(values)

    def log_likelihood(self, parts: Array) -> float:
        """Evaluate the log-likelihood of expected incidents (m, 1 + m) by part."""
        rates = (row @ part for row, part in zip(self.rows, parts, strict=True))
        return float(sum(np.log(rate).sum() for rate in rates) - parts.sum())

    def share(self, parts: Array) -> Array:
        """Average the probability that each part brought an incident; each row sums to 1."""
        types = zip(self.rows, parts, strict=True)
        return np.array([(row * part / (row @ part)[:, None]).mean(axis=0) for row, part in types])

    def background_probability(self, parts: Array, members: Sequence[Positions]) -> Array:
        """Give the probability that each incident followed no other, shape (n,)."""
        weights = np.empty(sum(map(len, members)))
        for row, part, own in zip(self.rows, parts, members, strict=True):
            weights[own] = row[:, 0] * part[0] / (row @ part)
        return weights


class Model(Protocol):
    """A process with kernels of given form."""

    @property
    def bounds(self) -> Array:
        """Least and greatest logarithm of each parameter of the kernels, shape (d, 2)."""

    def design(self, kernel: Array) -> Design:
        """Evaluate the kernels, whose parameters are logarithms, shape (d,)."""


@dataclass(frozen=True)
class Optimum:
    """The most likely parameters."""

    kernel: Array  # (d,) logarithms of the parameters of the kernels
    design: Design  # at these
    parts: Array  # (m, 1 + m) expected incidents by part
    value: float  # log-likelihood


def maximise_row(row: Array, price: Array, start: Array | None = None) -> tuple[Array, float]:
    """Maximise sum(log(row @ part)) - price @ part over part >= 0, by Newton's method.

    row (n, k): Densities, not negative; the first column positive. price (k,): Positive. start
    (k,): Where to begin; by default all parts explain as much. Returns (k,): Where the maximum
    is, and its value.

    Parts at 0 whose derivative is negative stay there. The criterion is the Newton decrement, twice
    the gain that is left.
    """
    size, width = row.shape
    part = np.full(width, size / width) / price if start is None else start.copy()
    part[0] = max(part[0], _LEAST_BACKGROUND / price[0])
    return part, float(_newton(np.ascontiguousarray(row), price, part))


@compiled()
def _newton(row: Array, price: Array, part: Array) -> float:  # noqa: C901, PLR0912  one loop
    """Move `part` to the maximum and give the value there; plain loops, which compile soonest."""
    width, size = len(part), len(row)
    gradient, curvature, step = np.empty(width), np.empty((width, width)), np.empty(width)
    moved, rate, trial = np.empty(width), np.empty(size), np.empty(size)
    value = _value(row, price, part, rate)
    for _ in range(200):
        _slopes(row, price, rate, gradient, curvature)
        for a in range(width):
            if not curvature[a, a] > _SEEN:
                value += price[a] * part[a]
                part[a] = 0.0
        decrement = _newton_step(part, gradient, curvature, step)
        if decrement < _DONE:
            break
        length = 1.0
        for a in range(width):
            if step[a] < 0:
                # the background alone explains the first event: it does not fall to 0 at once
                slow = a == 0 and part[0] * price[0] > 1e-9 * size
                length = min(length, (0.9 if slow else 1.0) * part[a] / -step[a])
        gained = -math.inf
        for _ in range(60):
            for a in range(width):
                moved[a] = max(part[a] + length * step[a], 0.0)
                hit = part[a] <= -step[a] * length or moved[a] * price[a] < 1e-13 * size
                if step[a] < 0 and hit:
                    moved[a] = 0.0
            gained = _value(row, price, moved, trial)
            if gained >= value + 1e-4 * length * decrement - 1e-12 * abs(value):
                break
            length /= 2
        if gained == -math.inf:
            break
        for a in range(width):
            part[a] = moved[a]
        rate, trial, value = trial, rate, gained
        if decrement < _ALMOST and length == 1.0:
            break  # sums of logarithms are self-concordant: its square, about, is left
    return float(value)


@compiled()
def _value(row: Array, price: Array, part: Array, rate: Array) -> float:
    """Fill in the rates (n,); give their logarithms' sum, of products for speed, less the price."""
    total, product = 0.0, 1.0
    for a in range(len(part)):
        total -= price[a] * part[a]
    for i in range(len(row)):
        rate[i] = 0.0
        for a in range(len(part)):
            rate[i] += row[i, a] * part[a]
        if not rate[i] > 0.0:  # nor if it is no number
            return -math.inf
        if 1e-100 < rate[i] < 1e100:
            product *= rate[i]
            if not 1e-100 < product < 1e100:
                total += math.log(product)
                product = 1.0
        else:
            total += math.log(rate[i])
    return total + math.log(product)


@compiled()
def _slopes(row: Array, price: Array, rate: Array, gradient: Array, curvature: Array) -> None:
    """Fill in the gradient (k,), and the lower half of the curvature (k, k)."""
    width = len(price)
    for a in range(width):
        gradient[a] = -price[a]
        for b in range(a + 1):
            curvature[a, b] = 0.0
    for i in range(len(row)):
        inverse = 1.0 / rate[i]
        for a in range(width):
            relative = row[i, a] * inverse
            gradient[a] += relative
            for b in range(a + 1):
                curvature[a, b] += relative * row[i, b] * inverse


@compiled()
def _newton_step(part: Array, gradient: Array, curvature: Array, step: Array) -> float:
    """Fill in the step of parts free to move (none falls below 0), and give the decrement."""
    width = len(part)
    free, factor = np.empty(width, dtype=np.bool_), np.empty((width, width))
    for a in range(width):
        seen = curvature[a, a] > _SEEN
        free[a] = (part[a] > 0 or gradient[a] > 0) and seen
    outward = True
    while outward:
        _solve(curvature, gradient, free, factor, step)
        outward = False
        for a in range(width):
            if free[a] and part[a] <= 0 and step[a] < 0:
                free[a], outward = False, True
    decrement = 0.0
    for a in range(width):
        decrement += gradient[a] * step[a]
    return decrement


@compiled()
def _solve(matrix: Array, right: Array, free: Any, factor: Array, out: Array) -> None:
    """Solve for the free rows and columns by Cholesky's method; the others are 0."""
    width = len(right)
    for a in range(width):
        out[a] = right[a] if free[a] else 0.0
        for b in range(a + 1):
            entry = matrix[a, b] if free[a] and free[b] else 0.0
            if a == b:
                entry = entry * (1.0 + 1e-10) if free[a] else 1.0
            for c in range(b):
                entry -= factor[a, c] * factor[b, c]
            if a == b:
                factor[a, a] = math.sqrt(max(entry, 1e-14 * matrix[a, a]))
            else:
                factor[a, b] = entry / factor[b, b]
        for c in range(a):
            out[a] -= factor[a, c] * out[c]
        out[a] /= factor[a, a]
    for a in range(width - 1, -1, -1):
        for c in range(a + 1, width):
            out[a] -= factor[c, a] * out[c]
        out[a] /= factor[a, a]


def maximise(model: Model, starts: Sequence[Array], *, step: float, precision: float) -> Optimum:
    """Search the kernels from the best of some `starts` (d,), logarithms of their parameters."""
    warm: list[Array | None] = [None]

    def cost(kernel: Array) -> float:
        parts, values = model.design(kernel).maximise(warm[0])
        warm[0] = np.maximum(parts, 1e-3 * parts.sum(axis=1, keepdims=True))
        step_done()
        return -float(values.sum())

    with task("fitting") as step_done:
        best = min(starts, key=cost)
        low, high = model.bounds.T
        corners = [best, *(best + step * axis for axis in np.eye(len(best)))]
        inside = [np.where(corner > high, 2 * best - corner, corner) for corner in corners]
        optimum = scipy.optimize.minimize(
            cost,
            best,
            method="Nelder-Mead",
            bounds=list(zip(low, high, strict=True)),
            options={"initial_simplex": inside, "xatol": precision, "fatol": 1e-4, "maxiter": 200},
        )
    kernel = np.asarray(optimum.x)
    design = model.design(kernel)
    parts, values = design.maximise()
    return Optimum(kernel, design, parts, float(values.sum()))
