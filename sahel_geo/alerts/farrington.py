"""Upper bounds of a count by Farrington's method, in the flexible version of Noufaily et al."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from sahel_geo.alerts.ears import series_of
from sahel_geo.arrays import Floats, Integers
from sahel_geo.errors import InputError, first_offenders

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
    series = series_of(counts)
    given = settings or FarringtonSettings()
    places = np.atleast_1d(np.asarray(at))
    if series.ndim != 1 or places.dtype.kind not in "iu" or not isinstance(per_year, int):
        raise InputError(
            "`counts` has {dimensions} dimensions, `at` holds {at} and `per_year` is {year!r}; "
            "expected one series, positions that are whole numbers, and 52 or 12. Correct them.",
            dimensions=series.ndim,
            at=first_offenders(places.ravel().tolist()),
            year=per_year,
        )
    if ((places < 0) | (places >= len(series))).any():
        raise InputError(
            f"`at` has positions outside the {len(series)} counts; expected 0 to {len(series) - 1}."
        )
    if per_year < 2 * given.window + given.groups or given.years_back < 1:
        raise InputError(
            f"`settings` ask for {given.groups} groups and a window of {given.window} in "
            f"{per_year} periods; expected both to fit into a year. Choose fewer groups."
        )
    fits = [expected_counts(series[None], place, per_year, given) for place in places.tolist()]
    expected, dispersion = (np.concatenate(each) for each in zip(*fits, strict=True))
    return _quantile_above(expected, dispersion, given.alpha)


def ranges_at(
    counts: Floats, at: Iterable[int], per_year: int, given: FarringtonSettings
) -> Floats:
    """Give what is expected, the bound, the chance of as much or more and of twice as much."""
    columns = []
    for position in at:
        fit = expected_counts(counts, position, per_year, given)
        group = season_groups(position, per_year, given)
        if group is not None:
            # a season without a count is fitted as if none could come: half of one in all could
            fit = (np.maximum(fit[0], 0.5 / np.count_nonzero(group == given.groups)), fit[1])
        came = counts[:, position]
        chances = [_of_law("sf", times * came - 1, *fit) for times in (1, 2)]
        columns.append([fit[0], _quantile_above(*fit, given.alpha), *chances])
    return np.moveaxis(np.array(columns), 0, 2)


def expected_counts(
    series: Floats, now: int, per_year: int, given: FarringtonSettings
) -> tuple[Floats, Floats]:
    """Fit m units apart up to one period; give what is expected in it, and overdispersion.

    Missing where too little precedes. Where nothing was ever counted, half an incident in all is
    taken as what could have been.
    """
    expected, dispersion = np.full(len(series), np.nan), np.full(len(series), np.nan)
    group = season_groups(now, per_year, given)
    if group is None:
        return expected, dispersion
    used = np.flatnonzero(group >= 0)
    came = series[:, used]
    silent = came.sum(axis=1) == 0
    expected[silent], dispersion[silent] = 0.5 / len(used), 1.0
    rows = np.flatnonzero(came.sum(axis=1) > 0)  # neither missing nor silent
    season = _Season.of(group[used], used - now, given)
    expected[rows], dispersion[rows] = _fitted(season, came[rows], given.reweight_above)
    # a trend must not carry the forecast beyond all that was seen
    rows = rows[expected[rows] > came[rows].max(axis=1)]
    flat = replace(season, since=np.zeros(len(used)))
    expected[rows], dispersion[rows] = _fitted(flat, came[rows], given.reweight_above)
    return expected, dispersion


def _quantile_above(expected: Floats, dispersion: Floats, alpha: float) -> Floats:
    """Give the count that is exceeded with probability `alpha` at most."""
    return _of_law("ppf", 1 - alpha, expected, dispersion)


def _of_law(
    method: Literal["ppf", "sf"], at: Floats | float, expected: Floats, dispersion: Floats
) -> Floats:
    """Ask negative binomials, or Poisson laws where there is no overdispersion."""
    from scipy.stats import nbinom, poisson  # noqa: PLC0415  takes a while

    wide = dispersion > 1
    size = expected / np.where(wide, dispersion - 1, 1.0)
    negative = getattr(nbinom, method)(at, size, size / (size + expected))
    return np.asarray(np.where(wide, negative, getattr(poisson, method)(at, expected)))


@dataclass(frozen=True)
class _Season:
    """Groups of the year of n periods, and how long before the present they were.

    With a level for each group and one slope, weighted least squares need no matrix: the slope is
    that of the deviations from the means of the groups.
    """

    member: Floats  # 1 where a period (row) is of a group (column), shape (n, g)
    since: Floats  # periods, 0 is now, shape (n,); all 0 for a model without a trend
    now: int  # column of the present group

    @classmethod
    def of(cls, group: Integers, since: Integers, given: FarringtonSettings) -> "_Season":
        levels = np.unique(group)
        member = (group[:, None] == levels).astype(np.float64)
        return cls(member, since.astype(np.float64), int(np.searchsorted(levels, given.groups)))

    @property
    def parameters(self) -> int:
        return int(self.member.shape[1] + self.since.any())

    def line(self, response: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
        """Fit m responses; give fitted values (m, n), the value now (m,) and leverages (m, n)."""
        weight = weights @ self.member
        middle = (weights * self.since) @ self.member / weight  # time, by group
        level = (weights * response) @ self.member / weight
        away = self.since - middle @ self.member.T
        spread = (weights * away**2).sum(axis=1)
        slope = np.divide(
            (weights * away * response).sum(axis=1), spread, out=np.zeros(len(spread)),
            where=spread > 0,
        )  # fmt: skip
        fitted = level @ self.member.T + slope[:, None] * away
        now = level[:, self.now] - slope * middle[:, self.now]
        reach = np.divide(
            away**2, spread[:, None], out=np.zeros(away.shape), where=spread[:, None] > 0
        )
        return fitted, now, weights * (1 / weight @ self.member.T + reach)


def season_groups(now: int, per_year: int, given: FarringtonSettings) -> Integers | None:
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


def _fitted(season: _Season, came: Floats, threshold: float) -> tuple[Floats, Floats]:
    """Fit, weigh outbreaks down, fit again; give what is expected now and the overdispersion."""
    weights = np.ones(came.shape)
    mean, _, leverage = _poisson_fit(season, came, weights)
    dispersion = _dispersion(season, came, weights, mean)
    residual = 1.5 * (came ** (2 / 3) * mean ** (-1 / 6) - np.sqrt(mean))
    residual /= np.sqrt(dispersion[:, None] * np.maximum(1 - leverage, 1e-12))
    shrink = np.where(residual > threshold, np.maximum(residual, threshold) ** -2.0, 1.0)
    weights = shrink / shrink.mean(axis=1, keepdims=True)
    mean, expected, _ = _poisson_fit(season, came, weights)
    return expected, _dispersion(season, came, weights, mean)


def _poisson_fit(season: _Season, came: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Fit log-linear models by iterated least squares; give means, those of now, leverages."""
    mean = came + 0.1
    now, leverage = np.zeros(len(came)), np.zeros(came.shape)
    deviance = np.full(len(came), np.inf)
    rows = np.arange(len(came))  # whose fit still moves
    for _ in range(_STEPS):
        given, expected, weight = came[rows], mean[rows], weights[rows]
        response = np.log(expected) + (given - expected) / expected
        line, ahead, leverage[rows] = season.line(response, weight * expected)
        # where a group has no count at all its logarithm would fall without end
        now[rows] = np.exp(np.clip(ahead, -30, 30))
        mean[rows] = expected = np.exp(np.clip(line, -30, 30))
        logs = np.where(given > 0, given * np.log(np.where(given > 0, given, 1.0) / expected), 0.0)
        before = deviance[rows]
        deviance[rows] = 2 * (weight * (logs - given + expected)).sum(axis=1)
        moved = np.abs(deviance[rows] - before) >= _CLOSE * (np.abs(deviance[rows]) + 0.1)
        rows = rows[moved]
        if not len(rows):
            break
    return mean, now, leverage


def _dispersion(season: _Season, came: Floats, weights: Floats, mean: Floats) -> Floats:
    """Give Pearson's overdispersion of each series, at least 1."""
    freedom = max(came.shape[1] - season.parameters, 1)
    return np.asarray(np.maximum((weights * (came - mean) ** 2 / mean).sum(axis=1) / freedom, 1.0))
