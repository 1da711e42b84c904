"""How much two spans of time differ where nothing changes but violence comes in waves.

The rate of a unit wanders: it is multiplied by a process whose relative variance has a part that
lasts one period and a part that fades by a constant factor from period to period. Both are shared
by the units and estimated from the departures of the counts from the means of their spans.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import scipy

Floats = npt.NDArray[np.float64]

_FADING: Final = np.r_[np.arange(0.0, 0.95, 0.05), 0.95, 0.97, 0.98]
_LAGS: Final = 12  # at most, at which departures are compared
_MOST_VARIANCE: Final = 20.0  # relative, of one period
_BLOCK: Final = 256  # units at a time


@dataclass(frozen=True)
class Waves:
    """Relative variance of the rate of a period: what lasts, what does not, and how it fades."""

    lasting: float
    passing: float
    fading: float

    @classmethod
    def of(cls, spans: list[Floats]) -> "Waves":
        """Estimate them from counts, (n, t) in each span, each beside the mean of its span.

        Departures from a mean that is estimated from them are smaller and less alike than those
        from the true one; the expected moments take that into account.
        """
        means = [np.repeat(part.mean(axis=1, keepdims=True), part.shape[1], 1) for part in spans]
        apart = np.hstack(spans) - np.hstack(means)
        mean = np.hstack(means)
        sizes = [part.shape[1] for part in spans]
        lags = min(_LAGS, max(sizes) - 1)
        centre = np.eye(sum(sizes)) - scipy.linalg.block_diag(
            *[np.full((n, n), 1 / n) for n in sizes]
        )
        inside = scipy.linalg.block_diag(*[np.ones((n, n)) for n in sizes]) > 0
        weight = mean.T @ mean
        seen = apart.T @ apart - centre @ np.diag(mean.sum(axis=0)) @ centre
        span = np.arange(sum(sizes))
        gap = np.abs(span[:, None] - span)
        kept = inside & (gap <= lags)

        def moment(matrix: Floats) -> Floats:
            sums = np.bincount(gap[kept], weights=matrix[kept], minlength=lags + 1)
            return np.asarray(sums, dtype=np.float64)

        best, chosen = np.inf, cls(0.0, 0.0, 0.0)
        scale = 1 / np.maximum(moment(weight), 1e-12)
        for fading in _FADING:
            lasting = centre @ (fading**gap * inside * weight) @ centre
            passing = centre @ (np.eye(len(span)) * weight) @ centre
            design = np.column_stack([moment(lasting) * scale, moment(passing) * scale])
            parts, error = scipy.optimize.nnls(design, moment(seen) * scale)
            if error < best - 1e-12:
                best, chosen = error, cls(*_limited(parts), float(fading))
        return chosen

    def rates(self, gap: Floats, draws: int, rng: np.random.Generator) -> Floats:
        """Draw rates of mean 1, log-normal, for periods at some distances (t, t); (draws, t)."""
        shared = np.log1p(self.lasting * self.fading**gap + self.passing * (gap == 0))
        values, vectors = np.linalg.eigh(shared)
        root = vectors * np.sqrt(np.maximum(values, 0))
        return np.asarray(np.exp(rng.normal(size=(draws, len(gap))) @ root.T - np.diag(shared) / 2))


def _limited(parts: Floats) -> tuple[float, float]:
    lasting, passing = (min(float(part), _MOST_VARIANCE) for part in parts)
    return lasting, passing


def wave_p(
    sums: Floats,
    spans: list[npt.NDArray[np.intp]],
    days: Floats,
    waves: Waves,
    draws: int,
    rng: np.random.Generator,
) -> Floats:
    """Give the share of draws without a change whose rates differ as much, relative to their sum.

    sums (n, 2): Counts of the two spans. Returns (n,), missing where nothing was counted.
    """
    position = np.concatenate(spans).astype(np.float64)
    drawn = waves.rates(np.abs(position[:, None] - position), draws, rng)
    first = len(spans[0])
    exposed = np.column_stack([drawn[:, :first].mean(axis=1), drawn[:, first:].mean(axis=1)]) * days
    observed = _difference(sums, days)
    p = np.full(len(sums), np.nan)
    daily = sums.sum(axis=1) / days.sum()
    counted = np.flatnonzero(daily > 0)
    for part in np.split(counted, range(_BLOCK, len(counted), _BLOCK)):
        chance = rng.poisson(daily[part, None, None] * exposed)
        as_large = _difference(chance, days) >= observed[part, None] - 1e-12
        p[part] = (1 + as_large.sum(axis=1)) / (1 + draws)
    return p


def _difference(sums: Floats, days: Floats) -> Floats:
    rates = sums / days
    total = rates.sum(axis=-1)
    apart = np.abs(rates[..., 1] - rates[..., 0])
    return np.asarray(np.divide(apart, total, out=np.zeros_like(total), where=total > 0))
