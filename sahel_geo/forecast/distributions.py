"""Distributions on the whole numbers, and their scores without the noise of draws.

A forecast is a row of cumulative probabilities at the values of a *support*: every small whole
number, every large one that was observed, and between these ever wider steps. The mass lies on the
values of the support alone, so a score over all whole numbers is a finite sum.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from sahel_geo.arrays import Floats, Integers

DRAWS: Final = 1000  # a forecast's draws are its quantiles at (k - 1/2) / DRAWS
LEVEL: Final = 0.9  # of the interval that is scored
# deaths in a month and unit, from none to over a thousand: the bins of the VIEWS challenge 2023/24
BIN_EDGES: Final = (0.0, 0.5, 2.5, 5.5, 10.5, 25.5, 50.5, 100.5, 250.5, 500.5, 1000.5)


def empirical_cdf(values: npt.ArrayLike, weights: npt.ArrayLike, support: Integers) -> Floats:
    """Accumulate weighted values (n,) on a support, upwards; without weight 0 is certain."""
    at = np.minimum(np.searchsorted(support, np.asarray(values)), len(support) - 1)
    mass = np.bincount(at, weights=np.asarray(weights, dtype=float), minlength=len(support))
    total = mass.sum()
    return np.cumsum(mass) / total if total > 0 else np.ones(len(support))


def quantiles(cdf: Floats, support: Integers, level: float) -> Integers:
    """Give the smallest value (n,) whose cumulative probability (n, k) reaches a level."""
    below = np.count_nonzero(cdf < level - 1e-12, axis=1)
    return np.asarray(support[np.minimum(below, len(support) - 1)])


def _draw_quantile(cdf: Floats, support: Integers, level: float) -> Floats:
    """Give a quantile of a forecast's draws (n,), as `numpy.quantile` would from the draws."""
    place = level * (DRAWS - 1)
    first = int(np.floor(place + 1e-9))
    share = place - first
    low = quantiles(cdf, support, (first + 0.5) / DRAWS)
    if share < 1e-9:
        return low.astype(np.float64)
    return np.asarray((1 - share) * low + share * quantiles(cdf, support, (first + 1.5) / DRAWS))


def draws(cdf: Floats, support: Integers, count: int = DRAWS) -> Integers:
    """Spell a forecast out as draws (n, count): its quantiles at (k - 1/2) / count."""
    upto = _draws_upto(cdf, count)
    each = np.diff(upto, axis=1, prepend=0)
    each[:, -1] += count - upto[:, -1]
    return np.repeat(np.tile(support, len(cdf)), each.ravel()).reshape(len(cdf), count)


def exceedance(cdf: Floats, support: Integers, threshold: int) -> Floats:
    """Give the probability (n,) of a threshold or more."""
    last_below = int(np.searchsorted(support, threshold)) - 1
    return np.clip(1.0 - cdf[:, last_below], 0.0, 1.0)


@dataclass(frozen=True)
class CdfScores:
    """Scores of n forecasts, one a row.

    crps, ign, mis (n,): Continuous ranked probability score, ignorance in bits, interval score at
        90 %.
    lower, upper (n,): Ends of the interval.
    at_least_1, at_least_25 (n,): Probabilities of these numbers or more.
    below, upto (n,): Cumulative probabilities just below, and at, what came.
    inside_positive (n,): Probability, by the forecast itself, of 1 or more that lies in the
        interval.
    """

    crps: Floats
    ign: Floats
    mis: Floats
    lower: Floats
    upper: Floats
    at_least_1: Floats
    at_least_25: Floats
    below: Floats
    upto: Floats
    inside_positive: Floats

    @classmethod
    def of(cls, cdf: Floats, support: Integers, observed: Floats) -> "CdfScores":
        """Score distributions exactly on the whole numbers.

        cdf (n, k): Cumulative probabilities of n forecasts; all mass lies on the support.
        support (k,): Their values.
        observed (n,): Whole numbers that came; they need not be in the support.
        Returns: CRPS = sum over whole x of (F(x) - 1{y <= x})²; ignorance and interval as of 1,000
        draws.

        Epstein, E. S. (1969). A scoring system for probability forecasts of ranked categories.
        Journal of Applied Meteorology 8, 985-987. Czado, C., Gneiting, T. and Held, L. (2009).
        Predictive model assessment for count data. Biometrics 65, 1254-1261, section 3 (ranked
        probability score).
        """
        tail = (1 - LEVEL) / 2
        lower = _draw_quantile(cdf, support, tail)
        upper = _draw_quantile(cdf, support, 1 - tail)
        outside = np.maximum(lower - observed, 0) + np.maximum(observed - upper, 0)
        after = np.searchsorted(support, observed, side="right")  # values at or below what came
        before = np.searchsorted(support, observed, side="left")
        padded = np.concatenate([np.zeros((len(cdf), 1)), cdf], axis=1)
        rows = np.arange(len(cdf))
        first = np.searchsorted(support, np.maximum(lower, 1), side="left")
        last = np.searchsorted(support, upper, side="right")
        return cls(
            crps=_crps(cdf, support, observed),
            ign=_ignorance(cdf, support, observed),
            mis=upper - lower + outside / tail,
            lower=lower,
            upper=upper,
            at_least_1=exceedance(cdf, support, 1),
            at_least_25=exceedance(cdf, support, 25),
            below=padded[rows, before],
            upto=padded[rows, after],
            inside_positive=np.maximum(padded[rows, last] - padded[rows, first], 0.0),
        )


def _crps(cdf: Floats, support: Integers, observed: Floats) -> Floats:
    """Sum over all whole numbers; F is constant between two values of the support."""
    widths = np.diff(support).astype(np.float64)
    came = np.minimum(observed, support[-1])
    # beyond the value that came F is compared with 1: (F - 1)² = F² - 2 F + 1
    reached = np.searchsorted(support, came, side="right") - 1  # interval that holds what came
    inner = cdf[:, :-1]
    squares = (inner * inner) @ widths
    missing = (1.0 - 2.0 * inner) * widths
    beyond = np.concatenate(
        [np.cumsum(missing[:, ::-1], axis=1)[:, ::-1], np.zeros((len(cdf), 1))], axis=1
    )
    rows = np.arange(len(cdf))
    passed = came - support[reached]  # whole numbers of its interval below what came
    own = np.where(
        reached < len(support) - 1, 1.0 - 2.0 * cdf[rows, np.minimum(reached, len(widths) - 1)], 0.0
    )
    scores = squares + beyond[rows, reached] - passed * own
    return np.asarray(np.maximum(scores, 0.0) + (observed - came))


def _ignorance(cdf: Floats, support: Integers, observed: Floats) -> Floats:
    """Count, of 1,000 draws, those in the bin of what came."""
    edges = np.asarray(BIN_EDGES)
    last = np.searchsorted(support, np.append(edges[1:], np.inf)) - 1  # last value of each bin
    upto = _draws_upto(cdf[:, last], DRAWS)
    upto[:, -1] = DRAWS
    each = np.diff(upto, axis=1, prepend=0)
    own = each[np.arange(len(cdf)), np.digitize(observed, edges) - 1]
    return np.asarray(-np.log2((own + 1) / (DRAWS + len(edges))))


def _draws_upto(cdf: Floats, count: int) -> Integers:
    """Count the draws that lie at or below each value: quantiles (k - 1/2)/count up to F."""
    return np.floor(np.clip(cdf, 0, 1) * count + 0.5 + 1e-9).astype(np.int64)
