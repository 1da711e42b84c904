"""Centre, spread and direction of points in a plane."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

import numpy as np
import pandas as pd

from sahel_geo.arrays import Flags, Floats, Integers
from sahel_geo.errors import InputError, require_choice
from sahel_geo.indicators.permutation.two_spans import WaveDeals

Null: TypeAlias = Literal["waves", "shift", "blocks"]

_FEWEST_BLOCKS: Final = 6  # below, there is too little to draw from for an interval
_WIDE_METRES: Final = 100e3  # over which waves of violence are shared at least, as in a district
_LANES: Final = 16  # deals at a time


def sum_blocks(points: pd.DataFrame, block_days: int) -> Floats:
    """Add up weight, weighted x and weighted y of each block of days with incidents, (3, b)."""
    return _sums(points, np.unique(_blocks(points, block_days), return_inverse=True)[1])


def _blocks(points: pd.DataFrame, block_days: int) -> Integers:
    return points["date"].to_numpy("datetime64[D]").astype(np.int64) // block_days


def _sums(points: pd.DataFrame, block: Integers) -> Floats:
    x, y, weight = (points[name].to_numpy(np.float64) for name in ("x", "y", "weight"))
    return np.stack([np.bincount(block, weight * each) for each in (np.ones(len(x)), x, y)])


def resample_centres(sums: Floats, rng: np.random.Generator, replicates: int) -> Floats:
    """Give the centres (r, 2) of samples of whole blocks; none of under six, or without weight."""
    size = sums.shape[1]
    if size < _FEWEST_BLOCKS:
        return np.empty((0, 2))
    whole, along, up = sums @ rng.multinomial(size, np.full(size, 1 / size), replicates).T
    known = whole > 0
    return np.stack([along[known] / whole[known], up[known] / whole[known]], axis=1)


def compare(
    before: pd.DataFrame,
    after: pd.DataFrame,
    null: Null,
    block_days: int,
    rng: np.random.Generator,
    replicates: int,
    level: float,
) -> "pd.Series[float]":
    """Measure how far the centres of two times (x, y, weight, date) are apart, beside chance."""
    if null == "shift":
        return _compare_shifted(before, after, block_days, level)
    if null == "waves":
        late = np.repeat([False, True], [len(before), len(after)])
        record = pd.concat([before, after], ignore_index=True)
        return compare_waves(record, ~late, late, block_days, rng, replicates, level)
    sums = [sum_blocks(part, block_days) for part in (before, after)]
    return _compare_blocks(sums[0], sums[1], rng, replicates, level)


def _compare_blocks(
    first: Floats, second: Floats, rng: np.random.Generator, replicates: int, level: float
) -> "pd.Series[float]":
    """Measure how far two centres lie apart, beside the same blocks dealt between the two."""
    pool = np.concatenate([first, second], axis=1)
    size, before = pool.shape[1], first.shape[1]
    if min(before, size - before) < _FEWEST_BLOCKS or replicates == 0:
        return _beside(np.array([np.nan]), level)
    order = rng.permuted(np.tile(np.arange(size), (replicates, 1)), axis=1)
    dealt = pool[:, np.concatenate([np.arange(size)[None], order])]
    return _beside(
        _km_apart(dealt[..., :before].sum(axis=2), dealt[..., before:].sum(axis=2)), level
    )


def _compare_shifted(
    first: pd.DataFrame, second: pd.DataFrame, block_days: int, level: float
) -> "pd.Series[float]":
    """Measure how far two centres lie apart, beside all shifts of the cut between the two.

    Blocks stay in the order of time, and which are of the second time is shifted along them, from
    the end round to the start: what lasts for months lasts in every shift. The days between the two
    times are no part of it.
    """
    blocks = [_blocks(part, block_days) for part in (first, second)]
    if min(len(np.unique(each)) for each in blocks) < _FEWEST_BLOCKS:
        return _beside(np.array([np.nan]), level)
    steps = [np.arange(each.min(), each.max() + 1) for each in blocks]
    order = np.argsort(np.concatenate(steps), kind="stable")
    late = np.repeat([False, True], [len(each) for each in steps])[order]
    sums = [
        _sums(part, each - each.min()) for part, each in zip((first, second), blocks, strict=True)
    ]
    pool = np.concatenate(sums, axis=1)[:, order]
    turns = (np.arange(len(late)) - np.arange(len(late))[:, None]) % len(late)
    after = pool @ late[turns].T
    return _beside(_km_apart(pool.sum(axis=1, keepdims=True) - after, after), level)


def compare_waves(
    points: pd.DataFrame,
    first: Flags,
    second: Flags,
    block_days: int,
    rng: np.random.Generator,
    replicates: int,
    level: float = 0.95,
) -> "pd.Series[float]":
    """Measure how far two centres lie apart, beside incidents that waves deal between the two."""
    number = min(len(np.unique(_blocks(points[who], block_days))) for who in (first, second))
    if number < _FEWEST_BLOCKS or replicates == 0:
        return _beside(np.array([np.nan]), level)
    x, y, weight = (points[name].to_numpy(np.float64) for name in ("x", "y", "weight"))
    day = points["date"].to_numpy("datetime64[D]")
    order = np.lexsort([second, weight, y, x, day])  # the same draws in any order of rows
    x, y, weight = x[order], y[order], weight[order]
    first, second = first[order], second[order]
    month = day[order].astype("datetime64[M]").astype(np.int64)
    change = int(max(month[first].min(), month[second].min()))
    kept = first | second
    deal = WaveDeals(x, y, month, _WIDE_METRES, change).between(second, kept)
    sums = (weight * np.stack([np.ones(len(x)), x, y]))[:, kept]
    dealt = [deal(rng, min(_LANES, replicates - at)) for at in range(0, replicates, _LANES)]
    after = np.hstack([sums @ late.T for late in (second[kept][None], *dealt)])
    return _beside(_km_apart(sums.sum(axis=1, keepdims=True) - after, after), level)


def _km_apart(first: Floats, second: Floats) -> Floats:
    """Give the distance between centres from sums (3, r) of weight, weighted x and y."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.hypot(*(second[1:] / second[0] - first[1:] / first[0])) / 1e3)


def _beside(km: Floats, level: float) -> "pd.Series[float]":
    """Set the first distance beside the others."""
    names = ["moved_km", "baseline_km", "low_km", "high_km", "p"]
    dealt_km = km[1:][np.isfinite(km[1:])]
    if not np.isfinite(km[0]) or len(dealt_km) == 0:
        return pd.Series(np.nan, names)
    tail = (1 - level) / 2
    low, high = np.quantile(dealt_km, [tail, 1 - tail])
    p = (1 + (dealt_km >= km[0] * (1 - 1e-9)).sum()) / (1 + len(dealt_km))
    return pd.Series([km[0], dealt_km.mean(), low, high, p], names, dtype="float64")


Axes: TypeAlias = Literal["standard", "crimestat"]


@dataclass(frozen=True)
class Ellipse:
    """A standard deviational ellipse.

    Attributes
    ----------
    major, minor : float
        Half lengths of the axes, in the unit of the coordinates.
    azimuth : float
        Degrees of the major axis clockwise from the y axis, from 0 to below 180; missing where no
        direction stands out.
    """

    major: float
    minor: float
    azimuth: float


def mean_centre(x: Floats, y: Floats, weights: Floats | None = None) -> tuple[float, float]:
    """Give the weighted mean of each coordinate.

    Parameters
    ----------
    x, y : ndarray of float, shape (n,)
        Coordinates in a plane.
    weights : ndarray of float, shape (n,), optional
        Weights of 0 or more; all 1 by default.

    Returns
    -------
    x, y : float
        NaN without points, or where all weights are 0.

    Raises
    ------
    InputError
        If the shapes differ or a weight is negative or missing.

    References
    ----------
    Ebdon, D. (1985). Statistics in Geography, chapter 7.

    Examples
    --------
    >>> mean_centre(np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0, 4.0, 1.0, 3.0]))
    (2.5, 2.5)
    """
    x, y, weights = _checked(x, y, weights)
    whole = weights.sum()
    if not whole > 0:
        return np.nan, np.nan
    return float(weights @ x / whole), float(weights @ y / whole)


def standard_distance(x: Floats, y: Floats, weights: Floats | None = None) -> float:
    """Give the root of the weighted mean squared distance from the mean centre.

    Parameters
    ----------
    x, y, weights
        As for :func:`mean_centre`.

    Returns
    -------
    float
        In the unit of the coordinates; 0 for one point, NaN without points.

    Raises
    ------
    InputError
        As for :func:`mean_centre`.

    References
    ----------
    Ebdon, D. (1985). Statistics in Geography, chapter 7.

    Examples
    --------
    >>> spread = standard_distance(np.array([1.5, 3.5, 1.5, 3.5]), np.array([1.5, 1.5, 3.5, 3.5]))
    >>> round(spread**2, 12)  # four points, each the root of 2 from (2.5, 2.5)
    2.0
    """
    return float(np.sqrt(np.trace(_moments(*_checked(x, y, weights)))))


def deviational_ellipse(
    x: Floats, y: Floats, weights: Floats | None = None, *, axes: Axes = "standard"
) -> Ellipse:
    """Give the ellipse along the directions in which points spread most and least.

    Parameters
    ----------
    x, y, weights
        As for :func:`mean_centre`.
    axes : {"standard", "crimestat"}
        Half axes of one standard deviation (the squares add up to that of the standard distance),
        or those of CrimeStat: times the root of 2 n / (n - 2), n the number of points.

    Returns
    -------
    Ellipse
        Axes of 0 for one point; NaN without points, or with CrimeStat's axes below 3.

    Raises
    ------
    InputError
        As for :func:`mean_centre`, or if `axes` is unknown.

    References
    ----------
    Yuill, R. S. (1971). The standard deviational ellipse. Geografiska Annaler B 53, 28-39.
    Levine, N. (2015). CrimeStat IV, chapter 4 (the other axes).

    Examples
    --------
    >>> north_east = deviational_ellipse(np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 2.0]))
    >>> round(north_east.azimuth), round(north_east.minor, 9)
    (45, 0.0)
    """
    require_choice("axes", axes, get_args(Axes))
    x, y, weights = _checked(x, y, weights)
    moments = _moments(x, y, weights)
    n = int((weights > 0).sum())
    if np.isnan(moments).any() or (axes == "crimestat" and n < 3):
        return Ellipse(np.nan, np.nan, np.nan)
    variance, directions = np.linalg.eigh(moments)
    least, most = np.maximum(variance, 0.0)
    scale = 1.0 if axes == "standard" else np.sqrt(2 * n / (n - 2))
    east, north = directions[:, 1]
    azimuth = float(np.degrees(np.arctan2(east, north)) % 180)
    stands_out = most - least > 1e-12 * max(most, 1e-300)
    return Ellipse(
        float(scale * np.sqrt(most)),
        float(scale * np.sqrt(least)),
        azimuth if stands_out else np.nan,
    )


def _moments(x: Floats, y: Floats, weights: Floats) -> Floats:
    """Give the weighted covariance of the coordinates."""
    whole = weights.sum()
    if not whole > 0:
        return np.full((2, 2), np.nan)
    points = np.stack([x, y])
    away = points - (points @ weights / whole)[:, None]
    return np.asarray((weights * away) @ away.T / whole)


def _checked(x: Floats, y: Floats, weights: Floats | None) -> tuple[Floats, Floats, Floats]:
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    weight = np.ones(len(x)) if weights is None else np.asarray(weights, dtype=np.float64)
    if not x.shape == y.shape == weight.shape:
        raise InputError(
            f"`x`, `y` and `weights` have shapes {x.shape}, {y.shape} and {weight.shape}; expected "
            "the same. Take them from one table."
        )
    bad = ~(weight >= 0) | ~np.isfinite(x + y + weight)
    if bad.any():
        raise InputError(
            f"`x`, `y` or `weights` have {int(bad.sum())} missing, infinite or negatively weighted "
            f"points: rows {np.flatnonzero(bad)[:5].tolist()}; expected finite numbers and weights "
            "of 0 or more. Leave these rows out."
        )
    return x, y, weight
