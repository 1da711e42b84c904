"""How much two spans of time differ where nothing changes but violence comes in waves.

The rate of a unit wanders: it is multiplied by a process whose relative variance has a part that
lasts one period and a part that fades by a constant factor from period to period. Both are shared
by the units and estimated from the departures of the counts from the means of their spans.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import scipy

from sahel_geo.arrays import Flags, Floats, Integers

_FADING: Final = np.r_[np.arange(0.0, 0.95, 0.05), 0.95, 0.97, 0.98]
_LAGS: Final = 12  # at most, at which departures are compared
_MOST_VARIANCE: Final = 20.0  # relative, of one period
_FEWEST: Final = 8  # periods, for waves beside a trend
_LEAST_LEFT: Final = 0.25  # of a mean, that waves do not explain
_LEAST_SHARE: Final = 0.05  # of its mean, below which no trend takes a row


@dataclass(frozen=True)
class Waves:
    """Relative variance of the rate of a period: what lasts, what does not, and how it fades."""

    lasting: float
    passing: float
    fading: float

    @classmethod
    def of(cls, spans: list[Floats]) -> "Waves":
        """Estimate them from counts, (n, t) in each span, each beside the mean of its span."""
        sizes = [part.shape[1] for part in spans]
        means = [np.repeat(part.mean(axis=1, keepdims=True), part.shape[1], 1) for part in spans]
        taken = scipy.linalg.block_diag(*[np.full((n, n), 1 / n) for n in sizes])
        inside = scipy.linalg.block_diag(*[np.ones((n, n)) for n in sizes]) > 0
        return cls.beside(np.hstack(spans), np.hstack(means), taken, inside)

    @classmethod
    def around_trends(cls, counts: Floats, noise: Floats | None = None) -> "Waves":
        """Estimate them from counts (n, t), each row beside its own straight line.

        noise (n,): Variance of a row by chance over its mean; 1 for counts.
        """
        steps = counts.shape[1]
        if steps < _FEWEST:
            return cls(0.0, 0.0, 0.0)
        basis = np.linalg.qr(np.column_stack([np.ones(steps), np.arange(steps)]))[0]
        taken = basis @ basis.T
        mean = np.maximum(counts @ taken, _LEAST_SHARE * counts.mean(axis=1, keepdims=True))
        return cls.beside(counts, mean, taken, np.ones((steps, steps), dtype=bool), noise)

    @classmethod
    def of_table(cls, counts: Integers, strata: Integers | None = None) -> "Waves":
        """Estimate them from counts (n, t), each beside its unit's share of what others count.

        What the others count tells a season and a trend that all share; with strata (t,), shares
        are those of each stratum. Each unit weighs by what its counts can tell, so that the largest
        do not decide alone.
        """
        steps = counts.shape[1]
        number = np.zeros(steps, dtype=np.int64) if strata is None else strata
        together = (number[:, None] == number).astype(np.float64)
        own, others = counts @ together, counts.sum(axis=0) - counts
        mean = own * others / np.maximum(others @ together, 1)
        weight = 1 / (1 + counts.mean(axis=1, keepdims=True))
        taken, everywhere = together / together.sum(axis=0), np.ones((steps, steps), dtype=bool)
        waves = cls.beside(counts * weight, mean * weight, taken, everywhere, weight[:, 0])
        return waves.of_levels(counts * weight, weight, taken)

    def of_levels(self, counts: Floats, noise: Floats, taken: Floats) -> "Waves":
        """Say what is relative to the means that were counted relative to what they would be.

        A mean that was counted holds a part of the wave, and of chance, so that its square is too
        large. counts (n, t); noise (n, 1): their variance by chance over their mean; taken as for
        :meth:`beside`.
        """
        mean = counts @ taken
        square = float((mean**2).sum())
        chance = float((noise * mean * np.diag(taken)).sum())
        sure = max(1 - chance / max(square, 1e-12), _LEAST_LEFT)
        lasting, passing = self.lasting / sure, self.passing / sure
        steps = len(taken)
        kept = lasting * float((self.fading ** _gap(steps) * taken).sum()) / steps
        kept += passing * float(np.diag(taken).mean())
        rest = max(1 - kept, _LEAST_LEFT)
        return Waves(*_limited((lasting / rest, passing / rest)), self.fading)

    @classmethod
    def beside(
        cls, counts: Floats, mean: Floats, taken: Floats, inside: Flags, noise: Floats | None = None
    ) -> "Waves":
        """Estimate them from how the departures of counts from a mean vary, and are alike.

        Departures from a mean that is estimated from them are smaller and less alike than those
        from the true one; the expected moments take that into account. counts, mean (n, t); taken
        (t, t): the projection that gives the mean; inside (t, t): pairs of periods to compare.
        """
        steps = counts.shape[1]
        lags = min(_LAGS, steps - 1)
        centre = np.eye(steps) - taken
        apart = (counts - mean) @ centre
        by_chance = mean.sum(axis=0) if noise is None else noise @ mean
        weight = mean.T @ mean
        seen = apart.T @ apart - centre @ np.diag(by_chance) @ centre
        gap = _gap(steps)
        kept = inside & (gap <= lags)

        def moment(matrix: Floats) -> Floats:
            sums = np.bincount(gap[kept], weights=matrix[kept], minlength=lags + 1)
            return np.asarray(sums, dtype=np.float64)

        best, chosen = np.inf, cls(0.0, 0.0, 0.0)
        scale = 1 / np.maximum(moment(weight), 1e-12)
        for fading in _FADING:
            lasting = centre @ (fading**gap * inside * weight) @ centre
            passing = centre @ (np.eye(steps) * weight) @ centre
            design = np.column_stack([moment(lasting) * scale, moment(passing) * scale])
            parts, error = scipy.optimize.nnls(design, moment(seen) * scale)
            if error < best - 1e-12:
                best, chosen = error, cls(*_limited(parts), float(fading))
        return chosen

    def rates(self, gap: Floats) -> "Callable[..., Floats]":
        """Give a function of a number and a generator that draws log-normal rates of mean 1."""
        shared = np.log1p(self.lasting * self.fading**gap + self.passing * (gap == 0))
        root = root_of(shared).T
        half = np.diag(shared) / 2

        def draw(draws: int, rng: np.random.Generator) -> Floats:
            shocks = rng.normal(size=(draws, len(half)))
            return np.asarray(np.exp(shocks @ root - half))

        return draw


def root_of(covariance: Floats) -> Floats:
    """Give a matrix whose product with its transpose is a covariance, also of dependent rows."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0)))


def _gap(steps: int) -> Integers:
    """How far periods are apart, (t, t)."""
    span = np.arange(steps)
    return np.asarray(np.abs(span[:, None] - span), dtype=np.int64)


def _limited(parts: Any) -> tuple[float, float]:
    lasting, passing = (min(float(part), _MOST_VARIANCE) for part in parts)
    return lasting, passing
