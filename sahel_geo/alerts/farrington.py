"""Upper bounds of a count by Farrington's method, in the flexible version of Noufaily et al."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sahel_geo.errors import InputError

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_STEPS: Final = 50  # of the iterative fit; R stops after 25
_CLOSE: Final = 1e-10  # relative change of the deviance


@dataclass(frozen=True)
class FarringtonSettings:
    """How an upper bound is found.

    Attributes
    ----------
    years_back : int
        Years of reference periods.
    window : int
        Periods on each side of the same season in past years that make one group.
    groups : int
        Groups that a year is split into, that window included.
    left_out : int
        Latest periods that are not used, so that an outbreak under way does not raise its bound.
    reweight_above : float
        Periods with a larger standardised Anscombe residual weigh less.
    alpha : float
        Probability of a count above the bound, if nothing has changed.
    """

    years_back: int = 4
    window: int = 3
    groups: int = 10
    left_out: int = 26
    reweight_above: float = 2.58
    alpha: float = 0.01


def farrington(
    counts: "npt.ArrayLike",
    at: "npt.ArrayLike",
    *,
    per_year: int,
    settings: FarringtonSettings | None = None,
) -> Floats:
    """Give the count above which a period is unusual, from the same season of past years.

    A quasi-Poisson regression with a trend and groups of the year is fitted twice, the second time
    with less weight on past outbreaks; the bound is a quantile of a negative binomial with the
    expected count and the overdispersion of that fit.

    Parameters
    ----------
    counts : array_like, shape (t,)
        Counts of successive periods.
    at : array_like of int
        Positions of the periods to give a bound for.
    per_year : int
        Periods in a year, 52 or 12.
    settings : FarringtonSettings, optional
        How; those of Noufaily et al. for weeks by default.

    Returns
    -------
    ndarray of float
        Bound of each period: a count above it is an alarm. Missing where too little precedes it.

    Raises
    ------
    InputError
        If a position is outside the counts or the settings do not fit a year.

    References
    ----------
    Farrington, C. P. et al. (1996). A statistical algorithm for the early detection of outbreaks of
    infectious disease. Journal of the Royal Statistical Society A 159, 547-563. Noufaily, A. et al.
    (2013). An improved algorithm for outbreak detection in multiple surveillance systems.
    Statistics in Medicine 32, 1206-1222. Salmon, M., Schumacher, D. and Höhle, M. (2016).
    Monitoring count time series in R: aberration detection in public health surveillance. Journal
    of Statistical Software 70(10) (the R function farringtonFlexible, method nbPlugin).

    Examples
    --------
    >>> farrington([3, 4, 2, 3] * 60, [239], per_year=52).tolist()
    [8.0]
    """
    series = np.asarray(counts, dtype=np.float64)
    given = settings or FarringtonSettings()
    places = np.atleast_1d(np.asarray(at, dtype=np.int64))
    if ((places < 0) | (places >= len(series))).any():
        raise InputError(
            f"`at` has positions outside the {len(series)} counts; expected 0 to {len(series) - 1}."
        )
    if per_year < 2 * given.window + given.groups or given.years_back < 1:
        raise InputError(
            f"`settings` ask for {given.groups} groups and a window of {given.window} in "
            f"{per_year} periods; expected both to fit into a year. Choose fewer groups."
        )
    fits = [expected_count(series, place, per_year, given) for place in places.tolist()]
    return np.array([quantile_above(*fit, given.alpha) for fit in fits])


def expected_count(
    series: Floats, now: int, per_year: int, given: FarringtonSettings
) -> tuple[float, float]:
    """Fit up to one period and tell what is expected in it, and the overdispersion.

    Parameters
    ----------
    series : ndarray of float, shape (t,)
        Counts.
    now : int
        Position of the period.
    per_year : int
        Periods in a year.
    given : FarringtonSettings
        How.

    Returns
    -------
    tuple of float
        Expected count and overdispersion, at least 1; missing where too little precedes. Where
        nothing was ever counted, half an incident in all is taken as what could have been.
    """
    group = _season_groups(now, per_year, given)
    if group is None or np.isnan(series[: now + 1][group >= 0]).any():
        return float("nan"), float("nan")
    used = np.flatnonzero(group >= 0)
    came, season = series[used], group[used]
    if came.sum() == 0:
        return 0.5 / len(came), 1.0
    levels = np.unique(season)
    dummies = (season[:, None] == levels[None, 1:]).astype(np.float64)
    table = np.column_stack([np.ones(len(used)), used + 1.0, dummies])
    ahead = np.concatenate([[1.0, now + 1.0], (levels[1:] == given.groups).astype(np.float64)])
    expected, dispersion = _fitted(table, came, ahead, given.reweight_above)
    if expected > came.max():  # a trend must not carry the forecast beyond all that was seen
        keep = np.arange(table.shape[1]) != 1
        expected, dispersion = _fitted(table[:, keep], came, ahead[keep], given.reweight_above)
    return expected, dispersion


def quantile_above(expected: float, dispersion: float, alpha: float) -> float:
    """Give the count that is exceeded with probability `alpha` at most.

    Parameters
    ----------
    expected, dispersion : float
        As of :func:`expected_count`.
    alpha : float
        Probability.

    Returns
    -------
    float
        Quantile of the negative binomial, of the Poisson without overdispersion.
    """
    from scipy.stats import nbinom, poisson  # noqa: PLC0415  takes a while

    if dispersion > 1:
        size = expected / (dispersion - 1)
        return float(nbinom.ppf(1 - alpha, size, size / (size + expected)))
    return float(poisson.ppf(1 - alpha, expected))


def chance_of(count: float, expected: float, dispersion: float) -> float:
    """Give the probability of a count or more.

    Parameters
    ----------
    count : float
        The count.
    expected, dispersion : float
        As of :func:`expected_count`.

    Returns
    -------
    float
        Probability; missing where nothing could be fitted.
    """
    if np.isnan(expected) or np.isnan(count):
        return float("nan")
    from scipy.stats import nbinom, poisson  # noqa: PLC0415  takes a while

    if dispersion > 1:
        size = expected / (dispersion - 1)
        return float(nbinom.sf(count - 1, size, size / (size + expected)))
    return float(poisson.sf(count - 1, expected))


def _season_groups(now: int, per_year: int, given: FarringtonSettings) -> Integers | None:
    """Give the group of the year of each period up to `now`; -1 where it is not used."""
    first = now - per_year * given.years_back - given.window
    if first < 0:
        return None
    group = np.full(now + 1, -1, dtype=np.int64)
    group[now - given.window :] = given.groups
    for year in range(1, given.years_back + 1):
        middle = now - per_year * year
        group[middle - given.window : middle + given.window + 1] = given.groups
        between = per_year - 2 * given.window - 1
        lengths = np.full(given.groups - 1, between // (given.groups - 1))
        lengths[: between % (given.groups - 1)] += 1
        begin = middle + given.window + 1
        group[begin : begin + between] = np.repeat(np.arange(1, given.groups), lengths)
    group[max(now - given.left_out, 0) :] = -1
    return group


def _fitted(table: Floats, came: Floats, ahead: Floats, threshold: float) -> tuple[float, float]:
    """Fit, weigh outbreaks down, fit again; give what is expected ahead and the overdispersion."""
    weights = np.ones(len(came))
    beta, leverage = _poisson_fit(table, came, weights)
    dispersion = max(_dispersion(table, came, weights, beta), 1.0)
    mean = _mean(table, beta)
    residual = 1.5 * (came ** (2 / 3) * mean ** (-1 / 6) - np.sqrt(mean))
    residual /= np.sqrt(dispersion * np.maximum(1 - leverage, 1e-12))
    shrink = np.where(residual > threshold, np.maximum(residual, threshold) ** -2.0, 1.0)
    weights = len(came) / shrink.sum() * shrink
    beta, _ = _poisson_fit(table, came, weights)
    dispersion = max(_dispersion(table, came, weights, beta), 1.0)
    return float(_mean(ahead, beta)), dispersion


def _poisson_fit(table: Floats, came: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Fit a log-linear model by iterated least squares; give coefficients and leverages."""
    mean = came + 0.1
    deviance = np.inf
    root = np.sqrt(weights * mean)
    for _ in range(_STEPS):
        response = np.log(mean) + (came - mean) / mean
        root = np.sqrt(weights * mean)
        beta = np.linalg.lstsq(table * root[:, None], response * root, rcond=None)[0]
        mean = _mean(table, beta)
        logs = np.where(came > 0, came * np.log(np.where(came > 0, came, 1.0) / mean), 0.0)
        before, deviance = deviance, 2 * float((weights * (logs - came + mean)).sum())
        if abs(deviance - before) < _CLOSE * (abs(deviance) + 0.1):
            break
    orthogonal, _ = np.linalg.qr(table * root[:, None])
    return np.asarray(beta), np.asarray((orthogonal**2).sum(axis=1))


def _mean(table: npt.NDArray[Any], beta: npt.NDArray[Any]) -> Floats:
    """Expect counts; where a group has none at all its logarithm would fall without end."""
    return np.asarray(np.exp(np.clip(table @ beta, -30, 30)))


def _dispersion(table: Floats, came: Floats, weights: Floats, beta: Floats) -> float:
    mean = _mean(table, beta)
    freedom = int((weights > 0).sum()) - table.shape[1]
    return float((weights * (came - mean) ** 2 / mean).sum() / max(freedom, 1))
