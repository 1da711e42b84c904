"""Reference distributions by permutation: conditional for one unit, or of the whole map.

Conditional permutation keeps the value of one unit and deals the values of the others to its
neighbours at random; where the unit belongs to its own sum, all values are dealt. Units with
equally many neighbours of equal weight share one distribution of sums, corrected where a unit that
keeps its value was dealt it, so the work does not grow with units times replicates.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sahel_geo.compiled import compiled, over_chunks
from sahel_geo.tasks import track

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

_UNITS_PER_CHUNK: Final = 64
_MAPS_PER_CHUNK: Final = 64
_SAME: Final = 1e-9  # sums of the same numbers in another order differ by far less than this share


def lag_tails(
    values: Floats, matrix: Any, *, permutations: int, rng: np.random.Generator
) -> tuple[Counts, Counts]:
    """Count how often dealing values at random gives a weighted sum as extreme.

    values (n,): One per unit. matrix (n, n): Weights; without a diagonal a unit keeps its value
    and its neighbours are dealt those of the others, with a full one it is dealt one as they are.
    at_least, at_most (n,): Deals with a sum at least, and at most, that observed; ties in both.

    Anselin, L. (1995). Local indicators of spatial association. Geographical Analysis 27, 93-115
    (conditional permutation).
    """
    size = len(values)
    indptr, data = matrix.indptr.astype(np.int64), matrix.data
    degree = np.diff(indptr)
    keeps_own = not matrix.diagonal().any()
    longest = min(int(degree.max(initial=0)) + 1, size)
    deals = _deal(size, longest, permutations, rng)
    observed = matrix @ values
    slack = _SAME * (abs(matrix) @ np.abs(values) + float(np.abs(values).max(initial=0)))
    at_least, at_most = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    even = _even_rows(indptr, data)
    scale = np.ones(size)
    scale[degree > 0] = data[indptr[:-1][degree > 0]]
    sorted_deals = _where_dealt(deals, size)
    for k in track(np.unique(degree[even & (degree > 0)]), "permutations"):
        members = np.flatnonzero(even & (degree == k))
        sums = values[deals[:, :k]].sum(axis=1)
        _count_shared(
            *(members, values, deals, k if keeps_own else 0, sums, np.sort(sums), *sorted_deals),
            *(observed[members] / scale[members], slack[members] / scale[members]),
            *(at_least, at_most),
        )
    uneven = np.flatnonzero(~even)

    def work(part: slice) -> None:
        _count_weighted(
            *(uneven[part], values, indptr, data, deals, keeps_own),
            *(observed, slack, at_least, at_most),
        )

    over_chunks(work, len(uneven), _UNITS_PER_CHUNK, "permutations")
    return at_least, at_most


def shuffled_forms(
    values: Floats, matrix: Any, *, permutations: int, rng: np.random.Generator
) -> Floats:
    """Compute sum of w_ij x_i x_j for the values shuffled over the whole map.

    values (n,): One per unit. matrix (n, n): Weights. Returns (permutations,): The sums.
    """
    out = np.empty(permutations)
    seeds = rng.spawn(-(-permutations // _MAPS_PER_CHUNK))
    indptr, indices = matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64)

    def work(part: slice) -> None:
        child = seeds[part.start // _MAPS_PER_CHUNK]
        _shuffle_and_sum(values.copy(), indptr, indices, matrix.data, child, out[part])

    over_chunks(work, permutations, _MAPS_PER_CHUNK, "permutations")
    return out


def _even_rows(indptr: Any, data: Floats) -> npt.NDArray[np.bool]:
    """Tell which units give all their neighbours the same weight."""
    degree = np.diff(indptr)
    first = np.zeros(len(degree))
    first[degree > 0] = data[indptr[:-1][degree > 0]]
    differs = data != np.repeat(first, degree)
    row = np.repeat(np.arange(len(degree)), degree)
    return np.asarray(np.bincount(row[differs], minlength=len(degree)) == 0)


def _where_dealt(deals: Any, size: int) -> tuple[Any, Any]:
    """List, for each unit, the places in the table of deals where it stands."""
    flat = deals.ravel()
    order = np.argsort(flat, kind="stable")
    return order, np.searchsorted(flat[order], np.arange(size + 1))


@compiled()
def _deal_into(deals: Any, deck: Any, rng: Any) -> None:  # pragma: no cover
    replicates, longest = deals.shape
    size = len(deck)
    for row in range(replicates):
        for at in range(longest):
            other = at + int(rng.random() * (size - at))
            deck[at], deck[other] = deck[other], deck[at]
            deals[row, at] = deck[at]


def _deal(size: int, longest: int, permutations: int, rng: np.random.Generator) -> Any:
    deals = np.empty((permutations, longest), dtype=np.int64)
    _deal_into(deals, np.arange(size), rng)
    return deals


@compiled()
def _count_shared(  # pragma: no cover
    members: Any,
    values: Any,
    deals: Any,
    k: int,
    sums: Any,
    ordered: Any,
    places: Any,
    starts: Any,
    observed: Any,
    slack: Any,
    at_least: Any,
    at_most: Any,
) -> None:
    longest = deals.shape[1]
    for at in range(len(members)):
        unit = members[at]
        low, high = observed[at] - slack[at], observed[at] + slack[at]
        more = len(ordered) - np.searchsorted(ordered, low)
        less = np.searchsorted(ordered, high, side="right")
        for place in places[starts[unit] : starts[unit + 1]]:
            row, column = place // longest, place % longest
            if column < k:  # dealt its own value, which it keeps: the next card takes the place
                wrong = sums[row]
                right = wrong - values[unit] + values[deals[row, k]]
                more += int(right >= low) - int(wrong >= low)
                less += int(right <= high) - int(wrong <= high)
        at_least[unit], at_most[unit] = more, less


@compiled()
def _count_weighted(  # pragma: no cover
    members: Any,
    values: Any,
    indptr: Any,
    data: Any,
    deals: Any,
    keeps_own: Any,
    observed: Any,
    slack: Any,
    at_least: Any,
    at_most: Any,
) -> None:
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
