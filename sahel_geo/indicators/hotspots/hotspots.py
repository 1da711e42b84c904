"""Hot and cold spots: where high, or low, figures gather more than chance would gather them.

Every local measure is tested by permutation, the tail taken from the statistic that is shown, and
the many tests of one map are held to a stated rate of false discoveries.
"""

from functools import lru_cache
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy

from sahel_geo.arrays import Floats
from sahel_geo.compiled import compiled, over_chunks
from sahel_geo.errors import InputError
from sahel_geo.indicators.hotspots.global_pattern import global_g, global_moran, join_counts
from sahel_geo.indicators.hotspots.results import (
    NOT_SIGNIFICANT,
    GlobalMeasure,
    JoinCounts,
    LocalSpots,
    shapes_of,
)
from sahel_geo.indicators.permutation.significance import SAME, false_discovery
from sahel_geo.indicators.weights.unit_values import Data, Seed, values_and_links
from sahel_geo.indicators.weights.weights import Weights, contiguity, distance_band, kernel, nearest
from sahel_geo.tasks import track

__all__ = [
    "GlobalMeasure", "JoinCounts", "LocalSpots", "Weights", "contiguity", "distance_band",
    "false_discovery", "global_g", "global_moran", "join_counts", "kernel", "local_gi",
    "local_moran", "nearest",
]  # fmt: skip

_FLAT: Final = 1e-13  # a variance below this share of the squares it comes from is rounding
_UNITS_PER_CHUNK: Final = 64
_FEW_CARDS: Final = 250_000  # that Python deals sooner than numba is imported


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
) -> LocalSpots:
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
        Deals of the values at random, from which `p` is taken: in Gi* among the unit and its
        neighbours, in Gi among its neighbours only. 0 takes `p` from `z` and the normal
        distribution, which errs where figures are skewed.
    alpha : float
        Share of false discoveries to accept among the units called significant.

    Returns
    -------
    LocalSpots
        Its ``table``, on the index of `units`: ``unit_id``, ``value``, ``neighbours``, ``z``
        (standard score of the weighted sum), ``p`` (two-sided), ``q`` (smallest `alpha` at which
        the unit is significant), ``significant``, and ``kind``: ``"hot"``, ``"cold"`` or
        ``"not significant"``. Units without neighbours have missing ``z``, ``p``, ``q``, ``kind``,
        as have units whose neighbourhood is the whole map, and all units where every value is the
        same; in Gi, also a unit where the values of all others are the same.

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
    >>> hot.table.loc[5, ["value", "z"]].astype(float).round(2).tolist()
    [9.0, 1.0]
    """
    values, links = values_and_links(data, units, column, weights, permutations, alpha)
    z = _gi_scores(values, links.matrix, star=star)
    p = 2 * scipy.special.ndtr(-np.abs(z))
    if permutations:
        own = scipy.sparse.eye_array(len(values), format="csr")
        around = links.matrix + own if star else links.matrix
        p = _permuted_p(values, around, permutations=permutations, rng=rng)
    p[np.isnan(z)] = np.nan
    figures = {"value": values, "neighbours": links.cardinality, "z": z}
    table = _table(units, figures, p, alpha, np.where(z > 0, "hot", "cold"))
    measure = "Gi*" if star else "Gi"
    return LocalSpots(table, measure, links.kind, permutations, alpha, shapes_of(units))


def local_moran(
    data: Data,
    units: gpd.GeoDataFrame,
    *,
    rng: Seed,
    column: str = "incidents",
    weights: Weights | None = None,
    permutations: int = 9_999,
    alpha: float = 0.05,
) -> LocalSpots:
    """Tell clusters of like units from units unlike their neighbours.

    Beside hot (HH) and cold (LL) clusters it names outliers: a violent unit among quiet ones (HL),
    a quiet one among violent ones (LH).

    Parameters
    ----------
    data, units, rng, column, weights, permutations, alpha
        As for :func:`local_gi`; the weights of each unit are scaled to sum to 1.

    Returns
    -------
    LocalSpots
        Its ``table``, on the index of `units`: ``unit_id``, ``value``, ``neighbours``, ``lag``
        (mean of the neighbours), ``local_i``, ``p`` (two-sided), ``q``, ``significant`` and
        ``kind``: ``"HH"``, ``"LL"``, ``"HL"``, ``"LH"`` or ``"not significant"``. Missing for
        units without neighbours and where every value is the same.

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
    >>> moran.table["local_i"].lt(0)[5]
    np.True_
    """
    values, links = values_and_links(data, units, column, weights, permutations, alpha)
    if permutations < 1:
        raise InputError("`permutations` is 0; expected at least 1. local_gi has a formula for it.")
    matrix = links.row_standardised().matrix
    deviation = values - values.mean()
    total = float(deviation @ deviation) if np.ptp(values) > 0 else np.nan
    alone = links.cardinality == 0
    local_i = (len(values) - 1) * deviation * (matrix @ deviation) / total
    local_i[alone] = np.nan
    p = _permuted_p(deviation, matrix, permutations=permutations, rng=rng)
    p[np.isnan(local_i)] = np.nan
    high, high_around = deviation > 0, matrix @ deviation > 0
    quadrant = np.where(high, "H", "L").astype(object) + np.where(high_around, "H", "L")
    figures = {"value": values, "neighbours": links.cardinality}
    figures |= {"lag": np.where(alone, np.nan, matrix @ values), "local_i": local_i}
    table = _table(units, figures, p, alpha, quadrant)
    return LocalSpots(table, "local Moran", links.kind, permutations, alpha, shapes_of(units))


def _table(
    units: gpd.GeoDataFrame, figures: dict[str, Any], p: Floats, alpha: float, kinds: Any
) -> pd.DataFrame:
    """Set p and q beside the figures, and the kind of what stands out; missing without a p."""
    q = false_discovery(p)
    table = pd.DataFrame({"unit_id": units["unit_id"].astype("str"), **figures}, units.index)
    table["p"], table["q"], table["significant"] = p, q, q <= alpha
    kind = pd.Series(np.where(q <= alpha, kinds, NOT_SIGNIFICANT), table.index, dtype="str")
    table["kind"] = kind.mask(np.isnan(p))
    return table


def _gi_scores(values: Floats, matrix: Any, *, star: bool) -> Floats:
    """Standardise the neighbour sums; NaN without neighbours or without variation."""
    own = 1.0 if star else 0.0
    n = len(values) - 1 + own
    total = np.asarray(matrix.sum(axis=1)).ravel() + own
    squares = np.asarray((matrix * matrix).sum(axis=1)).ravel() + own
    # from the median, so that neither large equal values nor one far from the rest cancel
    deviation = values - (np.median(values) if len(values) else 0.0)
    lag = matrix @ deviation + own * deviation
    sum_all = deviation.sum() - (0.0 if star else deviation)
    whole = float(deviation @ deviation)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = sum_all / n
        variance = (whole - (0.0 if star else deviation**2)) / n - mean**2
        scale = np.sqrt(variance * (n * squares - total**2) / (n - 1))
        z = np.asarray((lag - mean * total) / scale)
    flat = ~(variance > _FLAT * whole / max(n, 1))
    z[(np.diff(matrix.indptr) == 0) | flat | ~np.isfinite(z)] = np.nan
    return z


def _permuted_p(values: Floats, matrix: Any, *, permutations: int, rng: Seed) -> Floats:
    """Say how seldom dealing values (n,) at random gives a weighted sum as extreme, either way.

    matrix (n, n): Weights; without a diagonal a unit keeps its value and its neighbours are dealt
    those of the others (conditional permutation, Anselin 1995), with a full one it is dealt one as
    they are. Units with equally many neighbours of equal weight share one distribution of sums,
    corrected where a unit that keeps its value was dealt it, so the work does not grow with units
    times replicates. Returns (n,): twice the smaller share of the deals, ties on both sides.
    """
    size = len(values)
    indptr, data = matrix.indptr.astype(np.int64), matrix.data
    degree = np.diff(indptr)
    keeps_own = not matrix.diagonal().any()
    longest = min(int(degree.max(initial=0)) + 1, size)
    deal = _dealt if isinstance(rng, int | np.integer) else _dealt.__wrapped__
    deals, order, starts = deal(size, longest, permutations, rng)
    observed = matrix @ values
    slack = SAME * (abs(matrix) @ np.abs(values) + float(np.abs(values).max(initial=0)))
    at_least, at_most = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    scale = np.ones(size)
    scale[degree > 0] = data[indptr[:-1][degree > 0]]
    row = np.repeat(np.arange(size), degree)
    even = np.bincount(row[data != scale[row]], minlength=size) == 0  # all weigh the same
    away, slip = observed / scale, slack / scale
    for k in track(np.unique(degree[even & (degree > 0)]), "permutations"):
        members = np.flatnonzero(even & (degree == k))
        sums = values[deals[:, :k]].sum(axis=1)
        table = values, deals, k if keeps_own else 0, sums, np.sort(sums)
        for unit in members.tolist():
            places = order[starts[unit] : starts[unit + 1]]
            low, high = away[unit] - slip[unit], away[unit] + slip[unit]
            at_least[unit], at_most[unit] = _count_shared(unit, places, table, low, high)
    uneven = np.flatnonzero(~even)

    def work(part: slice) -> None:
        _count_weighted(
            *(uneven[part], values, indptr, data, deals, keeps_own),
            *(observed, slack, at_least, at_most),
        )

    over_chunks(work, len(uneven), _UNITS_PER_CHUNK, "permutations")
    return np.minimum(2 * (np.minimum(at_least, at_most) + 1.0) / (permutations + 1), 1.0)


@lru_cache(maxsize=4)
def _dealt(size: int, longest: int, permutations: int, rng: Seed) -> tuple[Any, Any, Any]:
    """Deal the first cards of a deck that is not put in order in between, and find each card.

    The deals of a seed are kept for the next map of the same units. Returns the deals
    (permutations, longest), their places in the order of the cards, and where each card starts.
    """
    generator = np.random.default_rng(rng)
    if _deal_into.is_at_hand or permutations * longest > _FEW_CARDS:
        deals = np.empty((permutations, longest), dtype=np.int64)
        _deal_into(deals, np.arange(size), generator)
    else:
        at = np.arange(longest)
        others = at + (generator.random((permutations, longest)) * (size - at)).astype(np.int64)
        deck = list(range(size))
        cards = []
        for row in others.tolist():
            for here, other in enumerate(row):
                deck[here], deck[other] = deck[other], deck[here]
            cards.append(deck[:longest])
        deals = np.array(cards, dtype=np.int64).reshape(permutations, longest)
    flat = deals.ravel()
    order = np.argsort(flat, kind="stable")
    return deals, order, np.searchsorted(flat[order], np.arange(size + 1))


@compiled()
def _deal_into(deals: Any, deck: Any, rng: Any) -> None:  # pragma: no cover
    replicates, longest = deals.shape
    size = len(deck)
    for row in range(replicates):
        for at in range(longest):
            other = at + int(rng.random() * (size - at))
            deck[at], deck[other] = deck[other], deck[at]
            deals[row, at] = deck[at]


def _count_shared(
    unit: int, places: Any, table: tuple[Floats, Any, int, Floats, Floats], low: float, high: float
) -> tuple[int, int]:
    """Count sums of a unit at least low and at most high, whatever its own value in the deals."""
    values, deals, k, sums, ordered = table
    row, column = np.divmod(places, deals.shape[1])
    row = row[column < k]  # dealt its own value, which it keeps: the next card takes the place
    wrong = sums[row]
    right = wrong - values[unit] + values[deals[row, k]]
    more = len(ordered) - np.searchsorted(ordered, low)
    less = np.searchsorted(ordered, high, side="right")
    more += np.count_nonzero(right >= low) - np.count_nonzero(wrong >= low)
    less += np.count_nonzero(right <= high) - np.count_nonzero(wrong <= high)
    return int(more), int(less)


@compiled()
def _count_weighted(  # pragma: no cover
    members: Any, values: Any, indptr: Any, data: Any, deals: Any, keeps_own: Any, observed: Any,
    slack: Any, at_least: Any, at_most: Any,
) -> None:  # fmt: skip
    for unit in members:
        start, k = indptr[unit], indptr[unit + 1] - indptr[unit]
        low, high = observed[unit] - slack[unit], observed[unit] + slack[unit]
        more, less = 0, 0
        for row in range(deals.shape[0]):
            total = 0.0
            for at in range(k):
                other = deals[row, at]
                if keeps_own and other == unit:
                    other = deals[row, k]
                total += data[start + at] * values[other]
            more += int(total >= low)
            less += int(total <= high)
        at_least[unit], at_most[unit] = more, less
