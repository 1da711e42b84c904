"""Whether series rise or fall, by ranks, and how much chance moves ranks where values are alike."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import scipy

from sahel_geo.arrays import Floats
from sahel_geo.indicators.permutation.waves import Waves

_SHARES: Final = np.linspace(0, 1, 6)  # of what lasts, between which variances are read off
_MOST_LAGS: Final = 200  # of the first of two pairs


@dataclass(frozen=True)
class Alike:
    """How alike the values of each series are from step to step, where nothing rises or falls."""

    share: Floats  # (n,) share of the variance of each series that lasts
    # lasting, passing: (t,) correlation over so many steps of what lasts, and of the rest
    lasting: Floats
    passing: Floats

    @classmethod
    def of(cls, sums: Floats, noise: Floats, *, overlap: int = 0) -> "Alike":
        """Estimate it from counts, each series beside its own straight line.

        sums (n, t): Before windows overlap. noise (n,): Variance of a sum by chance over its mean.
        overlap: How many earlier steps a window holds too.
        """
        steps = sums.shape[1]
        waves = Waves.around_trends(sums, noise)
        mean = sums.mean(axis=1)
        window = overlap + 1 - np.abs(np.arange(-overlap, overlap + 1.0))
        lag = np.abs(np.arange(-overlap, steps + overlap))
        kept, gone = (np.convolve(each, window, "valid") for each in (waves.fading**lag, lag == 0))
        lasts, passes = waves.lasting * mean * kept[0], (noise + waves.passing * mean) * gone[0]
        whole = lasts + passes
        share = np.divide(lasts, whole, out=np.zeros_like(whole), where=whole > 0)
        return cls(share, kept / kept[0], gone / gone[0])

    def spread(self) -> Floats:
        """Give the variance of Kendall's score over that of independent values, (n,)."""
        steps = len(self.lasting)
        independent = steps * (steps - 1) * (2 * steps + 5) / 18
        if not self.share.any() and not self.passing[1:].any():
            return np.ones(len(self.share))
        at = np.array([share * self.lasting + (1 - share) * self.passing for share in _SHARES])
        return np.asarray(np.interp(self.share, _SHARES, _score_variance(at) / independent))


def _score_variance(correlation: Floats) -> Floats:
    """Give the variance of Kendall's score of normal values so correlated, (m, t) to (m,).

    The signs of two differences have the covariance 2 / pi arcsin r, where r is the correlation
    of the differences: Kendall's score is a sum of such signs. Pairs a steps apart are compared
    with pairs b apart that begin d steps later.
    """
    steps = correlation.shape[1]
    b, d = np.arange(1, steps)[:, None], np.arange(1 - steps, steps)[None, :]
    apart = np.sqrt(np.maximum(2 - 2 * correlation, 1e-12))
    lags = np.unique(np.linspace(1, steps - 1, min(steps - 1, _MOST_LAGS)).astype(int))
    total = np.zeros(len(correlation))
    for a in lags:
        first, last = np.maximum(0, -d), np.minimum(steps - 1 - a, steps - 1 - b - d)
        places = np.maximum(last - first + 1, 0)
        ends = (correlation[:, np.minimum(np.abs(lag), steps - 1)] for lag in (d + b - a, d))
        cross = (correlation[:, np.minimum(np.abs(lag), steps - 1)] for lag in (d - a, d + b))
        r = (sum(ends) - sum(cross)) / (apart[:, a, None, None] * apart[:, b[:, 0], None])
        total += (places * np.arcsin(np.clip(r, -1, 1))).sum(axis=(1, 2))
    return np.asarray(2 / np.pi * total * (steps - 1) / len(lags))


def mann_kendall(series: "npt.ArrayLike", *, alike: Alike | None = None) -> "tuple[Floats, Floats]":
    """Test each series, a row each, for a steady rise or fall, by ranks.

    Gives the scores, corrected for continuity and ties, and two-sided p values: 0 and 1 for a
    constant series, NaN for one with a missing value. With `alike`, the variance of the score is
    that of values so correlated where nothing rises or falls (Hamed and Rao).

    References
    ----------
    Kendall, M. G. (1975). Rank Correlation Methods, chapter 4. Hamed, K. H. and Rao, A. R. (1998).
    A modified Mann-Kendall trend test for autocorrelated data. Journal of Hydrology 204, 182-196.

    Examples
    --------
    >>> z, p = mann_kendall([[1, 2, 3, 4, 5, 6]])
    >>> z.round(4).tolist(), p.round(4).tolist()
    ([2.6301], [0.0085])
    """
    rows = np.asarray(series, dtype=np.float64)
    steps = rows.shape[1]
    score = np.zeros(len(rows))
    for at in range(steps - 1):
        score += np.sign(rows[:, at + 1 :] - rows[:, [at]]).sum(axis=1)
    ordered = np.sort(rows, axis=1)
    new = np.ones(rows.shape, dtype=bool)
    new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    group = np.cumsum(new.ravel()) - 1
    sizes = np.bincount(group).astype(np.float64) if rows.size else np.zeros(0)
    ties = sizes * (sizes - 1) * (2 * sizes + 5)
    owner = np.repeat(np.arange(len(rows)), steps)[new.ravel()]
    tied = np.bincount(owner, weights=ties, minlength=len(rows))
    variance = (steps * (steps - 1) * (2 * steps + 5) - tied) / 18
    if alike is not None:
        variance = variance * alike.spread()
    z = np.where(variance > 0, (score - np.sign(score)) / np.sqrt(np.maximum(variance, 1e-9)), 0.0)
    z[np.isnan(rows).any(axis=1)] = np.nan
    return z, np.asarray(2 * scipy.special.ndtr(-np.abs(z)))
