"""The chance that a quiet unit stays quiet: a hazard of parts that add up."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy

from sahel_geo.arrays import Floats

_LEAST, _MOST = -16.0, 6.0  # of the logarithm of a rate
_MIXING: Final = 4.0  # of the logarithm of the size, up or down


@dataclass(frozen=True)
class QuietModel:
    """Rates by which parts of what is known add to the hazard of a first event.

    The probability is 1 - (1 + hazard / size)^-size. Rates are not negative and parts add up, so
    that what lies beyond everything seen before is not taken for certain, as it would be by a
    logistic regression.

    Held, L., Höhle, M. and Hofmann, M. (2005). A statistical framework for the analysis of
    multivariate infectious disease surveillance counts. Statistical Modelling 5, 187-199.
    """

    rates: Floats  # (k,) hazard for one of each part; the first part is 1 everywhere
    size: float  # the smaller, the more units differ in what is not known of them

    @classmethod
    def fit(cls, parts: Floats, came: Floats) -> "QuietModel":
        """Maximise the likelihood of `came` (n,) by `parts` (n, k), not negative, the first 1."""
        count = parts.shape[1]
        share = max(float(came.mean()), 1e-3) / count
        begin = np.append(np.log(share / np.maximum(parts.mean(axis=0), 1e-9)), 0.0)
        bounds = [(_LEAST, _MOST)] * count + [(-_MIXING, _MIXING)]
        begin[:-1] = np.clip(begin[:-1], _LEAST, _MOST)
        best = scipy.optimize.minimize(
            _loss, begin, args=(parts, came > 0), jac=True, method="L-BFGS-B", bounds=bounds
        )
        return cls(np.exp(best.x[:-1]), float(np.exp(best.x[-1])))

    def probability(self, parts: Floats) -> Floats:
        """Give the probability of a first event, shape (n,)."""
        return np.asarray(-np.expm1(-self.size * np.log1p(parts @ self.rates / self.size)))


def _loss(theta: Floats, parts: Floats, hit: Floats) -> tuple[float, Floats]:
    """Give minus the mean log-likelihood, and its gradient by the logarithms of rates and size."""
    rates, size = np.exp(theta[:-1]), float(np.exp(theta[-1]))
    hazard = parts @ rates + 1e-12
    spread = np.log1p(hazard / size)
    quiet = -size * spread  # logarithm of the probability that nothing comes
    stays = np.exp(quiet)
    comes = np.maximum(-np.expm1(quiet), 1e-12)
    pull = np.where(hit, -stays / comes, 1.0)  # of the logarithm, by `quiet`
    by_hazard = -pull / (1 + hazard / size)
    by_size = pull * size * (hazard / (size + hazard) - spread)
    fit = np.where(hit, np.log(comes), quiet)
    gradient = np.append(rates * (by_hazard @ parts), by_size.sum())
    return -float(fit.mean()), -gradient / len(fit)
