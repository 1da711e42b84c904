"""The endemic-epidemic model of counts to come: one negative binomial a horizon."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import scipy

from sahel_geo.arrays import Floats, Integers
from sahel_geo.compiled import one_thread
from sahel_geo.forecast.features import thin_out
from sahel_geo.forecast.models.damping import damping
from sahel_geo.forecast.past import Past

OWN_MONTHS: Final = (0.7, 4.0, 16.0, 60.0)  # half-lives of the unit's own past
OTHERS_MONTHS: Final = (3.0, 16.0)  # and of what else is counted there: incidents beside deaths
AROUND_MONTHS: Final = (6.0,)  # and of its neighbours'
_RELEVANCE_MONTHS: Final = 60.0  # a month of the past counts half as much for the fit after these
_MOST_ROWS: Final = 150_000  # of units and periods that are fitted to
_VALUES_AT_ONCE: Final = 16  # of a distribution; most are over after the first
_WARM_UP_MONTHS: Final = 12  # before them nothing is known of the past


@dataclass(frozen=True)
class HorizonFit:
    """Parameters of one horizon.

    rates (p,): Share of each regressor that is expected to come: endemic, then as `_regressors`.
    season (2,): Sine and cosine of the year, on the logarithm of what is expected.
    size (2,): Logarithm of the size of the negative binomial where 1 is expected, and its slope by
        the logarithm of what is expected.
    """

    rates: Floats
    season: Floats
    size: Floats


class EndemicEpidemic:
    """What is expected is a base, a share of the unit's own past, and of its neighbours' past.

    Where deaths are forecast, past incidents are a part as well: they tell of the months to come
    what a single massacre does not. The neighbours come in two parts, at home and abroad. All parts
    vary together with the season. Counts scatter around what is expected as a negative binomial,
    relatively less where more is expected. Each horizon has a fit of its own, so that nothing needs
    to be simulated.

    Held, L., Höhle, M. and Hofmann, M. (2005). A statistical framework for the analysis of
    multivariate infectious disease surveillance counts. Statistical Modelling 5, 187-199.
    Bracher, J. and Held, L. (2022). Endemic-epidemic models with discrete-time serial interval
    distributions for infectious disease prediction. International Journal of Forecasting 38,
    1221-1233 (decaying lags).
    """

    fits_: dict[int, HorizonFit]  # by horizon, once fitted

    def fit(self, past: Past, horizons: Sequence[int], rng: np.random.Generator) -> Self:
        """Maximise the likelihood of each horizon; see :class:`Model`."""
        # products with some ten rows: threads wait for each other longer than they work
        with one_thread("blas"):
            self.fits_ = self._fits(past, horizons, rng)
        return self

    def _fits(
        self, past: Past, horizons: Sequence[int], rng: np.random.Generator
    ) -> dict[int, HorizonFit]:
        parts = _regressors(past)
        stirred = parts[1:].sum(axis=0) > 0
        length = parts.shape[2]
        start = min(past.length(_WARM_UP_MONTHS), length // 3)
        fits = {}
        best = None  # where the search for the next horizon begins
        for horizon in horizons:
            ahead = past.counts[:, start + horizon :]
            unit, place = np.nonzero(np.isfinite(ahead))
            came, origin = ahead[unit, place], start + place
            chosen, lift = thin_out((came > 0) | stirred[unit, origin], _MOST_ROWS, rng)
            unit, origin = unit[chosen], origin[chosen]
            waves = np.stack([wave[origin] for wave in past.season(horizon)])
            age = (length - horizon - 1 - origin) * 12 / past.per_year
            weights = lift * 0.5 ** (age / _RELEVANCE_MONTHS)
            best = _maximise(came[chosen], parts[:, unit, origin], waves, weights, best)
            count = len(parts)
            fits[horizon] = HorizonFit(
                np.exp(best[:count]), best[count : count + 2], best[count + 2 :]
            )
        return fits

    def predict_cdf(self, past: Past, horizon: int) -> Floats:
        """Give the negative binomial of each unit; see :class:`Model`."""
        fit = self.fits_[horizon]
        parts = _regressors(past, last=True)[:, :, 0]
        waves = np.array([wave[-1] for wave in past.season(horizon)])
        expected = (fit.rates @ parts) * np.exp(fit.season @ waves)
        expected *= damping(expected, past)
        return negative_binomial_cdf(expected, _sizes(fit.size, expected), past.support)


def _regressors(past: Past, *, last: bool = False) -> Floats:
    """Stack the parts of what is expected, shape (p, m, t) or, for the origin alone, (p, m, 1)."""
    part = slice(-1, None) if last else slice(None)
    own = [past.decayed(past.column, months)[:, part] for months in OWN_MONTHS]
    others = [
        past.decayed(name, months)[:, part] for name in past.counted for months in OTHERS_MONTHS
    ]
    around = [
        links @ past.decayed(past.column, months)[:, part]
        for months in AROUND_MONTHS
        for links in (past.ground.domestic, past.ground.foreign)
    ]
    return np.stack([np.ones(own[0].shape), *own, *others, *around])


def _sizes(size: Floats, expected: Floats) -> Floats:
    return np.asarray(np.exp(np.clip(size[0] + size[1] * np.log(expected), -7.0, 7.0)))


def _maximise(
    came: Floats, given: Floats, waves: Floats, weights: Floats, begin: Floats | None
) -> Floats:
    """Search for the most likely parameters: logarithms of rates, season, size."""
    count = len(given)
    if begin is None:
        mean = max(float(np.average(came, weights=weights)), 1e-3)
        begin = np.concatenate([np.full(count, np.log(0.1)), np.zeros(2), [-1.0, 0.3]])
        begin[0] = np.log(mean / 3)
    bounds = [(-14.0, 5.0)] * count + [(-2.0, 2.0)] * 2 + [(-6.0, 6.0), (-1.0, 2.0)]
    order = np.argsort(came == 0, kind="stable")  # positive counts first: zeros need no gammas
    positive = int((came > 0).sum())
    best = scipy.optimize.minimize(
        _loss,
        begin,
        args=(
            came[order][:positive],
            given[:, order],
            waves[:, order],
            weights[order] / weights.sum(),
        ),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": 200, "ftol": 1e-8, "gtol": 1e-5},
    )
    return np.asarray(best.x)


def _loss(
    theta: Floats, came: Floats, given: Floats, waves: Floats, weights: Floats
) -> tuple[float, Floats]:
    """Give minus the weighted mean log-likelihood (but for a constant), and its gradient.

    `came` holds the positive counts, which come first in the other arrays.
    """
    count, first = len(given), slice(len(came))
    rates, season, size = np.exp(theta[:count]), theta[count : count + 2], theta[count + 2 :]
    factor = np.exp(season @ waves)
    expected = np.maximum((rates @ given) * factor, 1e-9)
    logs = np.log(expected)
    shape = _sizes(size, expected)
    both = shape + expected
    share = np.log1p(expected / shape)
    fit = -shape * share
    fit[first] += (
        scipy.special.gammaln(came + shape[first])
        - scipy.special.gammaln(shape[first])
        + came * (logs[first] - np.log(both[first]))
    )
    by_mean = -shape / both
    by_mean[first] += came * shape[first] / (expected[first] * both[first])
    by_shape = expected / both - share
    by_shape[first] += (
        scipy.special.digamma(came + shape[first])
        - scipy.special.digamma(shape[first])
        - came / both[first]
    )
    inner = (np.abs(size[0] + size[1] * logs) < 7.0) * by_shape * shape * weights
    pull = by_mean * weights * expected + inner * size[1]  # by the logarithm of what is expected
    gradient = np.concatenate(
        [
            rates * (given @ (pull / expected * factor)),
            waves @ pull,
            [inner.sum(), (inner * logs).sum()],
        ]
    )
    return -float(fit @ weights), -gradient


def negative_binomial_cdf(expected: Floats, size: Floats, support: Integers) -> Floats:
    """Give negative binomials of variance mean + mean² / size on a support: (m, k), the last 1."""
    pairs, row = np.unique(np.stack([expected, size]), axis=1, return_inverse=True)
    chance = (pairs[1] / (pairs[1] + pairs[0]))[:, None]
    cdf = np.ones((len(chance), len(support)))
    rows = np.arange(len(chance))  # that have not reached 1
    for first in range(0, len(support), _VALUES_AT_ONCE):
        part = slice(first, first + _VALUES_AT_ONCE)
        values = scipy.special.betainc(pairs[1, rows, None], support[part] + 1.0, chance[rows])
        cdf[rows, part] = values
        rows = rows[values[:, -1] < 1.0]
    cdf[:, -1] = 1.0
    return cdf[row.ravel()]
