"""Centres of incidents that come in blocks of days: drawn again, and dealt between two times."""

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats: TypeAlias = npt.NDArray[np.float64]

_FEWEST_BLOCKS: Final = 6  # below, there is too little to draw from for an interval


def sum_blocks(points: pd.DataFrame, block_days: int) -> Floats:
    """Add up the incidents of each block of days.

    Parameters
    ----------
    points : DataFrame, n rows
        Columns ``x``, ``y`` (metres, projected), ``weight`` and ``date``.
    block_days : int
        Days in a block.

    Returns
    -------
    ndarray of float, shape (3, b)
        Weight, weighted x and weighted y of each block with incidents.
    """
    x, y, weight = (points[name].to_numpy(np.float64) for name in ("x", "y", "weight"))
    day = points["date"].to_numpy("datetime64[D]").astype(np.int64)
    block = np.unique(day // block_days, return_inverse=True)[1]
    return np.stack([np.bincount(block, weight * each) for each in (np.ones(len(x)), x, y)])


def resample_centres(sums: Floats, rng: np.random.Generator, replicates: int) -> Floats:
    """Give the centres of samples of whole blocks.

    Parameters
    ----------
    sums : ndarray of float, shape (3, b)
        From :func:`sum_blocks`.
    rng : Generator
        Source of randomness.
    replicates : int
        Number of samples.

    Returns
    -------
    ndarray of float, shape (r, 2)
        Metres; no rows where there are fewer than six blocks. Samples without weight are left out.
    """
    size = sums.shape[1]
    if size < _FEWEST_BLOCKS:
        return np.empty((0, 2))
    whole, along, up = sums @ rng.multinomial(size, np.full(size, 1 / size), replicates).T
    known = whole > 0
    return np.stack([along[known] / whole[known], up[known] / whole[known]], axis=1)


def compare(
    first: Floats,
    second: Floats,
    rng: np.random.Generator,
    replicates: int,
    level: float = 0.95,
) -> "pd.Series[float]":
    """Measure how far two centres lie apart, beside the same blocks dealt between the two.

    Parameters
    ----------
    first, second : ndarray of float, shapes (3, b) and (3, c)
        From :func:`sum_blocks`.
    rng : Generator
        Source of randomness.
    replicates : int
        Number of deals.
    level : float
        Share of the deals in the range.

    Returns
    -------
    Series
        As :func:`sahel_geo.migration.displacement`.
    """
    names = ["moved_km", "baseline_km", "low_km", "high_km", "p"]
    nothing = pd.Series(np.nan, names)
    pool = np.concatenate([first, second], axis=1)
    size, before = pool.shape[1], first.shape[1]
    if min(before, size - before) < _FEWEST_BLOCKS or replicates == 0:
        return nothing
    order = rng.permuted(np.tile(np.arange(size), (replicates, 1)), axis=1)
    dealt = pool[:, np.concatenate([np.arange(size)[None], order])]
    halves = dealt[..., :before].sum(axis=2), dealt[..., before:].sum(axis=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        km = np.hypot(*(halves[1][1:] / halves[1][0] - halves[0][1:] / halves[0][0])) / 1e3
    dealt_km = km[1:][np.isfinite(km[1:])]
    if not np.isfinite(km[0]) or len(dealt_km) == 0:
        return nothing
    tail = (1 - level) / 2
    low, high = np.quantile(dealt_km, [tail, 1 - tail])
    p = (1 + (dealt_km >= km[0] * (1 - 1e-9)).sum()) / (1 + len(dealt_km))
    return pd.Series([km[0], dealt_km.mean(), low, high, p], names, dtype="float64")
