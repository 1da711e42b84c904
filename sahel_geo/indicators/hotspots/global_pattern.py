"""One figure for the whole map: whether neighbours are alike, high figures gather, hits adjoin."""

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy

from sahel_geo.arrays import Floats
from sahel_geo.compiled import compiled, over_chunks
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.indicators.hotspots.results import GlobalMeasure, JoinCounts
from sahel_geo.indicators.permutation.significance import two_sided_p
from sahel_geo.indicators.weights.unit_values import Data, Seed, values_and_links
from sahel_geo.indicators.weights.weights import Weights
from sahel_geo.locate.assign.unit_index import unique_ids

_MAPS_PER_CHUNK: Final = 64


def global_moran(
    data: Data,
    units: gpd.GeoDataFrame,
    *,
    rng: Seed,
    column: str = "incidents",
    weights: Weights | None = None,
    permutations: int = 999,
) -> GlobalMeasure:
    """Measure whether neighbours are alike over the whole map (Moran's I).

    Above its expectation, neighbours resemble one another; below, they differ. It says nothing
    about where.

    Parameters
    ----------
    data, units, rng, column, weights, permutations
        As for :func:`local_gi`; the weights of each unit are scaled to sum to 1. Units without
        neighbours count in the mean only.

    Returns
    -------
    GlobalMeasure
        ``value`` is NaN where every value is the same or no unit has a neighbour.

    Raises
    ------
    InputError
        As for :func:`local_gi`.

    References
    ----------
    Cliff, A. D. and Ord, J. K. (1981). Spatial Processes, section 2.3 (moments, randomisation).

    Examples
    --------
    >>> import sahel_geo as sg
    >>> regions = sg.load_boundaries(level=1, countries=["NER"])
    >>> round(global_moran(range(8), regions, rng=1).expected, 4)
    -0.1429
    """
    values, links = values_and_links(data, units, column, weights, permutations, 0.05)
    matrix = links.row_standardised().matrix
    size, deviation = len(values), values - values.mean()
    s0, s1, s2 = _moments(matrix)
    squares = float(deviation @ deviation) if np.ptp(values) > 0 else np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.float64(size) / (s0 * squares)
        observed = factor * (deviation @ (matrix @ deviation))
        expected = -1 / np.float64(size - 1)
        peak = size * (deviation**4).sum() / squares**2
        spread = size * ((size**2 - 3 * size + 3) * s1 - size * s2 + 3 * s0**2)
        spread -= peak * ((size**2 - size) * s1 - 2 * size * s2 + 6 * s0**2)
        spread /= (size - 1) * np.float64(size - 2) * (size - 3) * s0**2
        z = (observed - expected) / np.sqrt(spread - expected**2)
    shuffled = factor * _forms(deviation, matrix, permutations, rng)
    return _measure("Moran's I", observed, expected, z, shuffled)


def global_g(
    data: Data,
    units: gpd.GeoDataFrame,
    *,
    rng: Seed,
    column: str = "incidents",
    weights: Weights | None = None,
    permutations: int = 999,
) -> GlobalMeasure:
    """Measure whether high figures lie near high ones, over the whole map (Getis and Ord).

    Above its expectation, high values gather; below, low ones do.

    Parameters
    ----------
    data, units, rng, column, weights, permutations
        As for :func:`local_gi`; values must not be negative.

    Returns
    -------
    GlobalMeasure
        ``value`` is NaN with fewer than two units above 0.

    Raises
    ------
    InputError
        As for :func:`local_gi`, and if a value is negative.

    References
    ----------
    Getis, A. and Ord, J. K. (1992). The analysis of spatial association by use of distance
    statistics. Geographical Analysis 24, 189-206, equations 4 to 8.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> regions = sg.load_boundaries(level=1, countries=["NER"])
    >>> round(global_g([1] * 8, regions, rng=1).value, 4)
    0.3929
    """
    values, links = values_and_links(data, units, column, weights, permutations, 0.05)
    if (values < 0).any():
        wrong = unique_ids(units)[values < 0]
        raise InputError(
            f"`data` is negative for {len(wrong)} units: {first_offenders(wrong)}; expected 0 or "
            "more. Use global_moran, which takes any values."
        )
    size, matrix = np.float64(len(values)), links.matrix
    s0, s1, s2 = _moments(matrix)
    m1, m2, m3, m4 = (float((values**power).sum()) for power in (1, 2, 3, 4))
    several = np.count_nonzero(values) > 1
    pairs = m1**2 - m2 if several else np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        observed = values @ (matrix @ values) / pairs
        expected = s0 / (size * (size - 1))
        square = ((size**2 - 3 * size + 3) * s1 - size * s2 + 3 * s0**2) * m2**2
        square -= ((size**2 - size) * s1 - 2 * size * s2 + 6 * s0**2) * m4
        square -= (2 * size * s1 - (size + 3) * s2 + 6 * s0**2) * m1**2 * m2
        square += (4 * (size - 1) * s1 - 2 * (size + 1) * s2 + 8 * s0**2) * m1 * m3
        square += (s1 - s2 + s0**2) * m1**4
        square /= pairs**2 * size * (size - 1) * (size - 2) * (size - 3)
        z = (observed - expected) / np.sqrt(np.maximum(square - expected**2, 0))
    return _measure(
        "global G", observed, expected, z, _forms(values, matrix, permutations, rng) / pairs
    )


def join_counts(
    data: Data,
    units: gpd.GeoDataFrame,
    *,
    rng: Seed,
    column: str = "incidents",
    weights: Weights | None = None,
    permutations: int = 999,
) -> JoinCounts:
    """Count the links between two units with incidents, two without, and one of each.

    More links between units with incidents than chance gives means that being hit at all clusters,
    however often each is hit.

    Parameters
    ----------
    data, units, rng, column, weights, permutations
        As for :func:`local_gi`; a unit counts as hit where its value is above 0.

    Returns
    -------
    JoinCounts
        With all units hit, or none, ``p`` is 1.

    Raises
    ------
    InputError
        As for :func:`local_gi`, and if `permutations` is 0 or the weights are not symmetric.

    References
    ----------
    Cliff, A. D. and Ord, J. K. (1981). Spatial Processes, section 1.4 (non-free sampling).

    Examples
    --------
    >>> import sahel_geo as sg
    >>> regions = sg.load_boundaries(level=1, countries=["NER"])
    >>> join_counts([1] * 8, regions, rng=1).table["count"].tolist()
    [11.0, 0.0, 0.0]
    """
    values, links = values_and_links(data, units, column, weights, permutations, 0.05)
    if permutations < 1 or not links.symmetric:
        wrong = "`permutations` is 0" if permutations < 1 else f"`weights` ({links.kind}) differ"
        raise InputError(
            f"{wrong}; expected at least 1 permutation, and links that weigh as much in both "
            "directions. Use contiguity, distance or kernel weights."
        )
    hit = (values > 0).astype(np.float64)
    seed = int(np.random.default_rng(rng).integers(2**62))  # both kinds see the same shuffles
    total = float(links.matrix.sum()) / 2
    joins = {}
    for name, mark in (("hit-hit", hit), ("quiet-quiet", 1 - hit)):
        share = mark.sum() * (mark.sum() - 1) / max(len(hit) * (len(hit) - 1), 1)
        count = float(mark @ (links.matrix @ mark)) / 2
        joins[name] = np.r_[
            count, total * share, _forms(mark, links.matrix, permutations, seed) / 2
        ]
    joins["hit-quiet"] = total - joins["hit-hit"] - joins["quiet-quiet"]
    rows = []
    for name in ("hit-hit", "hit-quiet", "quiet-quiet"):
        (count, expected), dealt = joins[name][:2].tolist(), joins[name][2:]
        low, high = np.quantile(dealt, [0.025, 0.975]).tolist()
        row = {"joins": name, "count": count, "expected": expected, "low": low, "high": high}
        rows.append(row | {"p": two_sided_p(count, dealt)})
    return JoinCounts(pd.DataFrame(rows), permutations)


def _forms(values: Floats, matrix: Any, permutations: int, rng: Seed) -> Floats:
    """Compute sum of w_ij x_i x_j for the values shuffled over the whole map."""
    out = np.empty(permutations)
    seeds = np.random.default_rng(rng).spawn(-(-permutations // _MAPS_PER_CHUNK))
    indptr, indices = matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64)

    def work(part: slice) -> None:
        child = seeds[part.start // _MAPS_PER_CHUNK]
        _shuffle_and_sum(values.copy(), indptr, indices, matrix.data, child, out[part])

    over_chunks(work, permutations, _MAPS_PER_CHUNK, "permutations")
    return out


def _measure(name: str, observed: Any, expected: Any, z: Any, shuffled: Floats) -> GlobalMeasure:
    if np.isnan(observed):
        p = np.nan
    elif len(shuffled):
        p = two_sided_p(float(observed), shuffled)
    else:
        p = 2 * float(scipy.special.ndtr(-abs(z)))
    figures = (float(observed), float(expected), float(z), p)
    return GlobalMeasure(name, *figures, len(shuffled), shuffled)


def _moments(matrix: Any) -> tuple[float, float, float]:
    """Give S0, S1 and S2 of Cliff and Ord."""
    both = matrix + matrix.T
    rows, columns = (np.asarray(matrix.sum(axis=axis)).ravel() for axis in (1, 0))
    return (
        float(matrix.sum()),
        float((both * both).sum()) / 2,
        float(((rows + columns) ** 2).sum()),
    )


@compiled()
def _shuffle_and_sum(  # pragma: no cover
    deck: Any, indptr: Any, indices: Any, data: Any, rng: Any, out: Any
) -> None:
    size = len(deck)
    for row in range(len(out)):
        for at in range(size - 1, 0, -1):
            other = int(rng.random() * (at + 1))
            deck[at], deck[other] = deck[other], deck[at]
        total = 0.0
        for unit in range(size):
            lag = 0.0
            for link in range(indptr[unit], indptr[unit + 1]):
                lag += data[link] * deck[indices[link]]
            total += deck[unit] * lag
        out[row] = total
