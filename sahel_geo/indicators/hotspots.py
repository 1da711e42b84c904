"""Hot and cold spots: where high, or low, figures gather more than chance would gather them.

Every local measure is tested by conditional permutation, and the many tests of one map are held to
a stated rate of false discoveries.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.indicators.permutation import lag_tails, shuffled_forms
from sahel_geo.indicators.unit_values import Data, values_by_unit
from sahel_geo.indicators.weights import Weights, contiguity, distance_band, kernel, nearest
from sahel_geo.locate.unit_index import unique_ids

__all__ = [
    "GlobalMeasure",
    "Weights",
    "contiguity",
    "distance_band",
    "false_discovery",
    "global_g",
    "global_moran",
    "join_counts",
    "kernel",
    "local_gi",
    "local_moran",
    "nearest",
]

Floats = npt.NDArray[np.float64]
Seed: TypeAlias = np.random.Generator | int


@dataclass(frozen=True)
class GlobalMeasure:
    """One figure for the whole map.

    Attributes
    ----------
    name : str
        Which measure.
    value, expected : float
        Observed, and without any spatial pattern.
    z : float
        Standardised under randomisation, by formula.
    p : float
        Two-sided, from permutations; from `z` where there are none.
    permutations : int
        How many.
    """

    name: str
    value: float
    expected: float
    z: float
    p: float
    permutations: int


def local_gi(
    data: Data,
    units: gpd.GeoDataFrame,
    *,
    rng: Seed,
    star: bool = True,
    column: str = "incidents",
    weights: Weights | None = None,
    permutations: int = 9_999,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Find units in whose surroundings high, or low, figures gather (Getis and Ord).

    A hot spot is a neighbourhood that holds more than its share, not a unit with many incidents:
    a violent unit among quiet ones may not be one, a quiet unit amid violence may. Compare counts
    only between units of similar size and people; for others use rates.

    Parameters
    ----------
    data : DataFrame, Series or array_like
        A panel of :func:`sahel_geo.count`, added up over its periods (units without a row count
        as 0); a Series by ``unit_id``; or n numbers in the order of `units`.
    units : GeoDataFrame, n rows
        Units with ``unit_id``; also ``country`` and polygons in EPSG:4326 unless `weights` is
        given.
    rng : Generator or int
        Seed of the permutations. The same seed gives the same answer on any number of threads.
    star : bool
        Whether the unit belongs to its own neighbourhood (Gi*), with weight 1, or not (Gi).
    column : str
        Column of a panel to add up.
    weights : Weights, optional
        From :func:`contiguity`, :func:`distance_band`, :func:`nearest` or :func:`kernel` of
        `sahel_geo.hotspots`; by default units that touch, at corners too.
    permutations : int
        Conditional permutations; 0 takes `p` from `z` and the normal distribution.
    alpha : float
        Share of false discoveries to accept among the units called significant.

    Returns
    -------
    DataFrame, n rows
        On the index of `units`: ``unit_id``, ``value``, ``neighbours``, ``z`` (standard score of
        the weighted sum), ``p`` (two-sided), ``q`` (smallest `alpha` at which the unit is
        significant), ``significant``, and ``kind``: ``"hot"``, ``"cold"`` or
        ``"not significant"``. Units without neighbours have missing ``z``, ``p``, ``q``, ``kind``,
        as have units whose neighbourhood is the whole map, and all units where every value is the
        same. ``attrs`` hold the settings.

    Raises
    ------
    InputError
        If the data do not fit the units, a value is missing or infinite, the weights were made for
        other units, or a setting is out of range.

    References
    ----------
    Ord, J. K. and Getis, A. (1995). Local spatial autocorrelation statistics. Geographical
    Analysis 27, 286-306, equations 6 and 7.
    Caldas de Castro, M. and Singer, B. H. (2006). Controlling the false discovery rate.
    Geographical Analysis 38, 180-208.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> regions = sg.load_boundaries(level=1, countries=["NER"])
    >>> hot = local_gi([0, 0, 0, 0, 0, 9, 0, 0], regions, rng=1, permutations=99)
    >>> hot.loc[5, ["value", "z"]].astype(float).round(2).tolist()
    [9.0, 1.0]
    """
    values, links = _prepare(data, units, column, weights, permutations, alpha)
    z = _gi_scores(values, links.matrix, star=star)
    p = 2 * stats.norm.sf(np.abs(z))
    if permutations:
        # in Gi* the unit's own value is fixed, so the sum of the others decides
        p = _two_sided(
            *lag_tails(
                values, links.matrix, permutations=permutations, rng=np.random.default_rng(rng)
            ),
            permutations,
        )
    p[np.isnan(z)] = np.nan
    q = false_discovery(p)
    table = _table(values, units, links)
    table["z"], table["p"], table["q"] = z, p, q
    table["significant"] = q <= alpha
    kind = np.where(q <= alpha, np.where(z > 0, "hot", "cold"), "not significant")
    table["kind"] = pd.Series(kind, table.index, dtype="str").mask(np.isnan(z))
    table.attrs = {
        "measure": "Gi*" if star else "Gi",
        "weights": links.kind,
        "permutations": permutations,
        "alpha": alpha,
    }
    return table


def local_moran(
    data: Data,
    units: gpd.GeoDataFrame,
    *,
    rng: Seed,
    column: str = "incidents",
    weights: Weights | None = None,
    permutations: int = 9_999,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Tell clusters of like units from units unlike their neighbours.

    Beside hot (HH) and cold (LL) clusters it names outliers: a violent unit among quiet ones (HL),
    a quiet one among violent ones (LH).

    Parameters
    ----------
    data, units, rng, column, weights, permutations, alpha
        As for :func:`local_gi`; the weights of each unit are scaled to sum to 1.

    Returns
    -------
    DataFrame, n rows
        On the index of `units`: ``unit_id``, ``value``, ``neighbours``, ``lag`` (mean of the
        neighbours), ``local_i``, ``p`` (two-sided), ``q``, ``significant`` and ``kind``:
        ``"HH"``, ``"LL"``, ``"HL"``, ``"LH"`` or ``"not significant"``. Missing for units without
        neighbours and where every value is the same.

    Raises
    ------
    InputError
        As for :func:`local_gi`, and if `permutations` is 0.

    References
    ----------
    Anselin, L. (1995). Local indicators of spatial association. Geographical Analysis 27, 93-115,
    equation 12.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> regions = sg.load_boundaries(level=1, countries=["NER"])
    >>> moran = local_moran([0, 0, 0, 0, 0, 9, 0, 0], regions, rng=1, permutations=99)
    >>> moran["local_i"].lt(0)[5]
    np.True_
    """
    values, links = _prepare(data, units, column, weights, permutations, alpha)
    if permutations < 1:
        raise InputError("`permutations` is 0; expected at least 1. local_gi has a formula for it.")
    matrix = links.row_standardised().matrix
    deviation = values - values.mean()
    total = float(deviation @ deviation) if np.ptp(values) > 0 else np.nan
    alone = links.cardinality == 0
    local_i = (len(values) - 1) * deviation * (matrix @ deviation) / total
    local_i[alone] = np.nan
    tails = lag_tails(deviation, matrix, permutations=permutations, rng=np.random.default_rng(rng))
    p = _two_sided(*tails, permutations)
    p[np.isnan(local_i)] = np.nan
    q = false_discovery(p)
    high, high_around = deviation > 0, matrix @ deviation > 0
    quadrant = np.where(high, "H", "L").astype(object) + np.where(high_around, "H", "L")
    table = _table(values, units, links)
    table["lag"] = np.where(alone, np.nan, matrix @ values)
    table["local_i"], table["p"], table["q"] = local_i, p, q
    table["significant"] = q <= alpha
    kind = pd.Series(np.where(q <= alpha, quadrant, "not significant"), table.index, dtype="str")
    table["kind"] = kind.mask(np.isnan(local_i))
    table.attrs = {"measure": "local Moran", "weights": links.kind, "permutations": permutations}
    table.attrs["alpha"] = alpha
    return table


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
    values, links = _prepare(data, units, column, weights, permutations, 0.05)
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
    values, links = _prepare(data, units, column, weights, permutations, 0.05)
    if (values < 0).any():
        wrong = unique_ids(units)[values < 0]
        raise InputError(
            f"`data` is negative for {len(wrong)} units: {first_offenders(wrong)}; expected 0 or "
            "more. Use global_moran, which takes any values.",
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
) -> pd.DataFrame:
    """Count the links between two units with incidents, two without, and one of each.

    More links between units with incidents than chance gives means that being hit at all clusters,
    however often each is hit.

    Parameters
    ----------
    data, units, rng, column, weights, permutations
        As for :func:`local_gi`; a unit counts as hit where its value is above 0.

    Returns
    -------
    DataFrame, 3 rows
        ``joins`` (``"hit-hit"``, ``"hit-quiet"``, ``"quiet-quiet"``), ``count`` (sum of the
        weights, each pair once), ``expected``, and ``p``, two-sided. With all units hit, or none,
        ``p`` is 1.

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
    >>> join_counts([1] * 8, regions, rng=1)["count"].tolist()
    [11.0, 0.0, 0.0]
    """
    values, links = _prepare(data, units, column, weights, permutations, 0.05)
    if permutations < 1 or not links.symmetric:
        wrong = "`permutations` is 0" if permutations < 1 else f"`weights` ({links.kind}) differ"
        raise InputError(
            f"{wrong}; expected at least 1 permutation, and links that weigh as much in both "
            "directions. Use contiguity, distance or kernel weights.",
        )
    hit = (values > 0).astype(np.float64)
    seed = int(np.random.default_rng(rng).integers(2**62))  # both kinds see the same shuffles
    total = float(links.matrix.sum()) / 2
    counts, dealt, expected = [], [], []
    for mark in (hit, 1 - hit):
        share = mark.sum() * (mark.sum() - 1) / max(len(hit) * (len(hit) - 1), 1)
        counts.append(float(mark @ (links.matrix @ mark)) / 2)
        dealt.append(_forms(mark, links.matrix, permutations, seed) / 2)
        expected.append(total * share)
    order = {"hit-hit": 0, "hit-quiet": 2, "quiet-quiet": 1}
    counts.append(total - counts[0] - counts[1])
    dealt.append(total - dealt[0] - dealt[1])
    expected.append(total - expected[0] - expected[1])
    return pd.DataFrame(
        {
            "joins": list(order),
            "count": [counts[at] for at in order.values()],
            "expected": [expected[at] for at in order.values()],
            "p": [_rank_p(counts[at], dealt[at]) for at in order.values()],
        },
    )


def false_discovery(p: npt.ArrayLike) -> Floats:
    """Turn the p values of many tests into the false-discovery rate at which each would pass.

    Calling significant all tests with q at most 0.05 keeps the expected share of false ones among
    them at 5 % or less.

    Parameters
    ----------
    p : array_like of float
        Any shape; NaN for tests that were not made.

    Returns
    -------
    ndarray of float
        Same shape; NaN stays NaN and does not count as a test.

    References
    ----------
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the
    Royal Statistical Society B 57, 289-300.

    Examples
    --------
    >>> false_discovery([0.01, 0.04, 0.03, np.nan]).round(3).tolist()
    [0.03, 0.04, 0.04, nan]
    """
    values = np.asarray(p, dtype=np.float64)
    q = np.full(values.shape, np.nan)
    made = ~np.isnan(values)
    if made.any():
        q[made] = stats.false_discovery_control(values[made])
    return q


def _prepare(
    data: Data,
    units: gpd.GeoDataFrame,
    column: str,
    weights: Weights | None,
    permutations: int,
    alpha: float,
) -> tuple[Floats, Weights]:
    if permutations < 0 or not 0 < alpha < 1:
        raise InputError(
            f"`permutations` is {permutations} and `alpha` is {alpha}; expected 0 or more, and a "
            "share between 0 and 1. Correct the setting.",
        )
    values = values_by_unit(data, units, column=column)
    links = contiguity(units) if weights is None else weights
    ids = tuple(unique_ids(units))
    if links.unit_ids != ids:
        strangers = sorted(set(ids) ^ set(links.unit_ids)) or list(ids)
        raise InputError(
            "`weights` were made for other units, or in another order: "
            f"{first_offenders(strangers)}; expected those of `units`. Build them again from them.",
        )
    return values, links


def _table(values: Floats, units: gpd.GeoDataFrame, links: Weights) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "unit_id": units["unit_id"].astype("str"),
            "value": values,
            "neighbours": links.cardinality,
        },
        index=units.index,
    )


def _gi_scores(values: Floats, matrix: Any, *, star: bool) -> Floats:
    """Standardise the neighbour sums; NaN without neighbours or without variation."""
    own = 1.0 if star else 0.0
    n = len(values) - 1 + own
    total = np.asarray(matrix.sum(axis=1)).ravel() + own
    squares = np.asarray((matrix * matrix).sum(axis=1)).ravel() + own
    lag = matrix @ values + own * values
    shift = values.mean()  # deviations, so that large equal values do not cancel
    deviation = values - shift
    sum_all = deviation.sum() - (0.0 if star else deviation)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = sum_all / n
        square = (deviation @ deviation - (0.0 if star else deviation**2)) / n
        spread = np.sqrt(np.maximum(square - mean**2, 0))
        scale = spread * np.sqrt((n * squares - total**2) / (n - 1))
        z = np.asarray((lag - (mean + shift) * total) / scale)
    flat = np.ptp(values) == 0 if len(values) else True
    tiny = spread <= 1e-12 * max(float(np.abs(values).max(initial=0)), 1e-300)
    z[(np.diff(matrix.indptr) == 0) | flat | tiny | ~np.isfinite(z)] = np.nan
    return z


def _two_sided(at_least: Any, at_most: Any, permutations: int) -> Floats:
    p = 2 * (np.minimum(at_least, at_most) + 1.0) / (permutations + 1)
    return np.asarray(np.minimum(p, 1.0))


def _rank_p(observed: float, dealt: Floats) -> float:
    slack = 1e-9 * max(abs(observed), float(np.abs(dealt).max(initial=0)))
    extreme = min((dealt >= observed - slack).sum(), (dealt <= observed + slack).sum())
    return min(1.0, 2 * (float(extreme) + 1) / (len(dealt) + 1))


def _forms(values: Floats, matrix: Any, permutations: int, rng: Seed) -> Floats:
    return shuffled_forms(values, matrix, permutations=permutations, rng=np.random.default_rng(rng))


def _measure(name: str, observed: Any, expected: Any, z: Any, shuffled: Floats) -> GlobalMeasure:
    if np.isnan(observed):
        p = np.nan
    elif len(shuffled):
        p = _rank_p(float(observed), shuffled)
    else:
        p = 2 * float(stats.norm.sf(abs(z)))
    return GlobalMeasure(name, float(observed), float(expected), float(z), p, len(shuffled))


def _moments(matrix: Any) -> tuple[float, float, float]:
    """Give S0, S1 and S2 of Cliff and Ord."""
    both = matrix + matrix.T
    rows, columns = (np.asarray(matrix.sum(axis=axis)).ravel() for axis in (1, 0))
    return (
        float(matrix.sum()),
        float((both * both).sum()) / 2,
        float(((rows + columns) ** 2).sum()),
    )
