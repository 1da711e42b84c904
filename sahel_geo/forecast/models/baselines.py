"""Rules that every model has to beat, and the faded past; none of them fits anything."""

from collections.abc import Sequence
from typing import Final, Self

import numpy as np

from sahel_geo.arrays import Floats, Integers
from sahel_geo.forecast.distributions import empirical_cdf
from sahel_geo.forecast.past import Past

_HALF_LIFE_MONTHS: Final = 8.0
_POOL_SHARE: Final = 0.03  # of the distribution, given to what was positive anywhere


class _Rule:
    """A forecast that is read off the past as it stands."""

    def fit(self, past: Past, horizons: Sequence[int], rng: np.random.Generator) -> Self:  # noqa: ARG002
        """Take the past as it is; nothing is fitted."""
        return self


class Zero(_Rule):
    """Nothing will happen."""

    def predict_cdf(self, past: Past, horizon: int) -> Floats:  # noqa: ARG002
        """Be certain of 0; see :class:`Model`."""
        return np.ones((len(past.counts), len(past.support)))


class Last(_Rule):
    """The last value comes again."""

    def predict_cdf(self, past: Past, horizon: int) -> Floats:  # noqa: ARG002
        """Be certain of the last value known, of 0 where none is; see :class:`Model`."""
        known = np.isfinite(past.counts)
        at = known.shape[1] - 1 - known[:, ::-1].argmax(axis=1)
        last = np.where(known.any(axis=1), past.counts[np.arange(len(at)), at], 0.0)
        return np.asarray(last[:, None] <= past.support, dtype=np.float64)


class Conflictology(_Rule):
    """Each of the last months of the unit is as likely to come again.

    months: How many.
    neighbours: Whether the same months of the neighbouring units count as well, each as much.

    Hegre, H. et al. (2025). The 2023/24 VIEWS prediction challenge. Journal of Peace Research
    (conflictology, and conflictology with neighbours, as benchmarks).
    """

    def __init__(self, months: int = 12, *, neighbours: bool = False) -> None:
        self.months, self.neighbours = months, neighbours

    def predict_cdf(self, past: Past, horizon: int) -> Floats:  # noqa: ARG002
        """Give the distribution of the last months; see :class:`Model`."""
        recent = past.counts[:, -past.length(self.months) :]
        sums = _cumulated(recent, np.ones(recent.shape), past.support)
        if self.neighbours:
            links = (past.ground.domestic + past.ground.foreign) > 0
            sums = sums + links.astype(np.float64) @ sums
        return _normalised(sums)


class Faded(_Rule):
    """All of the unit's past, ever fainter, and a little of what was positive anywhere.

    The weight of a month halves every eight months. Three per cent go to the positive counts of all
    units, faded likewise, since what never happened here has happened elsewhere.
    """

    def predict_cdf(self, past: Past, horizon: int) -> Floats:  # noqa: ARG002
        """Give the distribution of the faded past; see :class:`Model`."""
        age = np.arange(past.counts.shape[1])[::-1] * 12 / past.per_year
        weights = np.broadcast_to(0.5 ** (age / _HALF_LIFE_MONTHS), past.counts.shape)
        own = _normalised(_cumulated(past.counts, weights, past.support))
        positive = past.counts > 0
        pool = empirical_cdf(past.counts[positive], weights[positive], past.support)
        return np.asarray((1 - _POOL_SHARE) * own + _POOL_SHARE * pool)


def _cumulated(values: Floats, weights: Floats, support: Integers) -> Floats:
    """Sum the weights of the values up to each one of the support, by row; shape (m, k)."""
    known = np.isfinite(values)
    size = len(support)
    at = np.searchsorted(support, np.where(known, values, 0.0))
    cell = at + size * np.arange(len(values))[:, None]
    mass = np.bincount(
        cell.ravel(), weights=np.where(known, weights, 0.0).ravel(), minlength=size * len(values)
    )
    return np.asarray(np.cumsum(mass.reshape(len(values), size), axis=1))


def _normalised(sums: Floats) -> Floats:
    """Scale the last sum of each row to 1; rows without anything are certain of 0."""
    whole = sums[:, -1:]
    return np.asarray(np.divide(sums, whole, out=np.ones(sums.shape), where=whole > 0))
