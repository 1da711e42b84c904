"""Sums over the links between units, told apart by country, beside what chance alone would give.

Chance means one of two things. Of places: the histories of the units are dealt among the units of
the same country, each history whole; only where in the country it took place is up to chance. Of
times: the history of each country is shifted against those of the others, as a whole or inside
years or quarters, its end put before its start; where things took place stays, and only the time on
one side of a border beside the other is up to chance.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Final, Literal, TypeAlias, get_args

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.arrays import Flags, Floats, Integers
from sahel_geo.compiled import compiled, over_chunks
from sahel_geo.errors import InputError, first_offenders, require_choice, require_columns
from sahel_geo.indicators.permutation.significance import SAME, two_sided_p
from sahel_geo.indicators.weights.panel import require_units
from sahel_geo.indicators.weights.weights import Weights, links_of
from sahel_geo.locate.assign.unit_index import unique_ids

Kinds = dict[str, Flags]
Deal: TypeAlias = Literal["places", "times"]

LEVEL: Final = 0.95  # of the range that chance is said to give
_PER_CHUNK: Final = 64
_FEW_STEPS: Final = 2_000_000  # deals and links that NumPy adds up sooner than numba is imported
_MOST_PRODUCTS: Final = 20_000_000  # 160 MB


@dataclass(frozen=True)
class Linked:
    """Links between units, each numbered by the countries of its two ends."""

    matrix: Any  # (n, n) weights
    code: Integers  # country of the row times c plus country of the column
    country: Integers  # (n,) number of the country of each unit
    names: tuple[str, ...]  # the countries

    @classmethod
    def of(cls, units: gpd.GeoDataFrame, weights: Weights | None) -> "Linked":
        """Take the links of some units, each with its countries."""
        require_columns(units, "units", ("unit_id", "country"))
        ids = unique_ids(units)
        nowhere = units["country"].isna().to_numpy()
        if nowhere.any():
            raise InputError(
                f"`units` has no country for {int(nowhere.sum())} units: "
                f"{first_offenders(ids[nowhere])}; expected one for each. Use cells_with_country "
                "for cells of a grid, or drop them."
            )
        links = links_of(units, weights)
        names, country = np.unique(
            units["country"].astype(str).to_numpy(object), return_inverse=True
        )
        row = np.repeat(np.arange(len(ids)), links.cardinality)
        code = country[row] * len(names) + country[links.matrix.indices]
        return cls(links.matrix, code.astype(np.int64), country.astype(np.int64), tuple(names))

    def kinds(self, *, by_pair: bool, directed: bool) -> Kinds:
        """Tell which numbers of links are ``"all"``, ``"domestic"``, ``"MLI-NER"`` and so on."""
        size = len(self.names)
        own = np.eye(size, dtype=bool).ravel()
        kinds = {"all": np.ones(size * size, dtype=bool), "domestic": own, "international": ~own}
        if not by_pair:
            return kinds
        present = np.bincount(self.code, minlength=size * size) > 0
        for first, second in np.ndindex(size, size):
            there, back = first * size + second, second * size + first
            if first == second or not (present[there] or present[back]):
                continue
            sign, ends = ("→", [there]) if directed else ("-", [there, back])
            if directed or first < second:
                name = f"{self.names[first]}{sign}{self.names[second]}"
                kinds[name] = np.isin(np.arange(size * size), ends)
        return kinds

    def weight(self) -> Floats:
        """Sum of the weights by number of link, shape (c * c,)."""
        size = len(self.names) ** 2
        total = np.bincount(self.code, weights=self.matrix.data, minlength=size)
        return np.asarray(total, dtype=np.float64)

    def sums(self, x: Floats, y: Floats) -> Floats:
        """Add up w_ij x_it y_jt over links and periods, by number of link: (n, t) to (c * c,)."""
        row = np.repeat(np.arange(len(x)), np.diff(self.matrix.indptr))
        product = np.einsum("lt,lt->l", x[row], y[self.matrix.indices]) * self.matrix.data
        total = np.bincount(self.code, weights=product, minlength=len(self.names) ** 2)
        return np.asarray(total, dtype=np.float64)

    def dealt_sums(
        self,
        x: Floats,
        y: Floats,
        *,
        permutations: int,
        seed: int,
        deal: Deal = "places",
        blocks: Integers | None = None,
    ) -> Floats:
        """Give the same sums by chance: of places inside each country, or of times between them.

        x, y (n, t): One row per unit; a unit keeps its x and its y together. blocks (t,):
        Histories are shifted only among periods with the same number; all by default.
        Returns (r, c * c): Sums.
        """
        x, y = np.ascontiguousarray(x), np.ascontiguousarray(y)
        if deal == "times":
            number = np.zeros(x.shape[1], dtype=np.int64) if blocks is None else blocks
            rng = np.random.default_rng(seed)
            inside = [number == block for block in np.unique(number)]
            start = np.zeros((permutations, len(self.names) ** 2))
            parts = (self._shifted_sums(x[:, at], y[:, at], permutations, rng) for at in inside)
            return sum(parts, start)
        order = np.argsort(self.country, kind="stable")
        sizes = np.bincount(self.country, minlength=len(self.names))
        starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        indptr = self.matrix.indptr.astype(np.int64)
        indices = self.matrix.indices.astype(np.int64)
        out = np.zeros((permutations, len(self.names) ** 2))
        children = np.random.default_rng(seed).spawn(-(-permutations // _PER_CHUNK))

        home = self.country * (len(self.names) + 1)
        several = x.shape[1] > 1
        look_up = several and len(x) ** 2 <= _MOST_PRODUCTS
        products = x @ y.T if look_up else np.empty((0, 0))
        links = (indptr, indices, self.matrix.data, self.code)
        ends = (x, y, x.any(axis=1), y.any(axis=1), products)
        steps = permutations * (len(x) + len(indices))
        if x.shape[1] == 1 and steps <= _FEW_STEPS and not _deal_and_sum.is_at_hand:
            places = _dealt_places(order, starts, children, permutations)
            return _sums_of(places, (*links, home), x[:, 0], y[:, 0], out)

        def work(part: slice) -> None:
            rng = children[part.start // _PER_CHUNK]
            if several:
                _deal_and_sum_steps(order, starts, *links, *ends, rng, out[part])
            elif x.shape[1]:
                _deal_and_sum(order, starts, *links, home, x[:, 0], y[:, 0], rng, out[part])

        over_chunks(work, permutations, _PER_CHUNK, "permutations")
        return out

    @cached_property
    def _between(self) -> dict[tuple[int, int], Any]:
        """Links from the units of each country to those of each other."""
        inside = [self.country == code for code in range(len(self.names))]
        pairs = np.ndindex(len(inside), len(inside))
        return {(one, other): self.matrix[inside[one]][:, inside[other]] for one, other in pairs}

    def _shifted_sums(
        self, x: Floats, y: Floats, permutations: int, rng: np.random.Generator
    ) -> Floats:
        """Look the sums up by how far the one country is shifted against the other."""
        size, steps = len(self.names), x.shape[1]
        apart = np.zeros((steps, size * size))
        later = (np.arange(steps)[:, None] + np.arange(steps)) % steps
        for first, second in np.ndindex(size, size):
            here, there = self.country == first, self.country == second
            around = self._between[first, second] @ y[there]
            together = x[here].T @ around  # of each period of the one with each of the other
            apart[:, first * size + second] = together[later, np.arange(steps)].sum(axis=1)
        shift = rng.integers(0, steps, (permutations, size))
        rows, columns = np.divmod(np.arange(size * size), size)
        by = (shift[:, columns] - shift[:, rows]) % steps
        return np.asarray(np.take_along_axis(apart, by, axis=0))


def _dealt_places(
    order: Integers, starts: Integers, children: Sequence[np.random.Generator], permutations: int
) -> Integers:
    """Deal as `_deal` does, in Python: whose history each unit gets, (units, permutations)."""
    lowest = np.repeat(starts[:-1], np.maximum(np.diff(starts) - 1, 0))
    at = np.concatenate([np.arange(b - 1, a, -1) for a, b in pairwise(starts.tolist())])
    places = np.empty((permutations, len(order)), dtype=np.int64)
    for begin, rng in zip(range(0, permutations, _PER_CHUNK), children, strict=True):
        rows = min(_PER_CHUNK, permutations - begin)
        others = lowest + (rng.random((rows, len(at))) * (at + 1 - lowest)).astype(np.int64)
        here, deck = at.tolist(), order.tolist()
        for row, other in enumerate(others.tolist(), begin):
            for one, two in zip(here, other, strict=True):
                deck[one], deck[two] = deck[two], deck[one]
            places[row, order] = deck
    return places.T


def _sums_of(places: Integers, links: tuple[Any, ...], x: Floats, y: Floats, out: Floats) -> Floats:
    """Add up as `_deal_and_sum` does, link by link for all permutations at once."""
    indptr, indices, data, code, home = links
    dealt_x, dealt_y = x[places], y[places]
    sums = np.zeros(out.shape[::-1])
    for unit, own in enumerate(dealt_x):
        around = np.zeros(len(out))
        for link in range(indptr[unit], indptr[unit + 1]):
            if code[link] == home[unit]:
                around += data[link] * dealt_y[indices[link]]
            else:
                sums[code[link]] += data[link] * own * dealt_y[indices[link]]
        sums[home[unit]] += own * around
    out[:] = sums.T
    return out


@compiled()
def _deal(order: Any, starts: Any, deck: Any, place: Any, rng: Any) -> None:  # pragma: no cover
    """Say whose history each unit gets, of the units of its country."""
    for group in range(len(starts) - 1):
        first = starts[group]
        for at in range(starts[group + 1] - 1, first, -1):
            other = first + int(rng.random() * (at + 1 - first))
            deck[at], deck[other] = deck[other], deck[at]
    for at in range(len(order)):
        place[order[at]] = deck[at]


@compiled()
def _deal_and_sum(  # pragma: no cover
    order: Any, starts: Any, indptr: Any, indices: Any, data: Any, code: Any, home: Any, x: Any,
    y: Any, rng: Any, out: Any,
) -> None:  # fmt: skip
    size = len(order)
    deck, place = order.copy(), np.empty(size, dtype=np.int64)
    dealt = np.empty(size)
    for row in range(len(out)):
        _deal(order, starts, deck, place, rng)
        for unit in range(size):
            dealt[unit] = y[place[unit]]
        for unit in range(size):
            own, around = x[place[unit]], 0.0
            for link in range(indptr[unit], indptr[unit + 1]):
                if code[link] == home[unit]:
                    around += data[link] * dealt[indices[link]]
                else:
                    out[row, code[link]] += data[link] * own * dealt[indices[link]]
            out[row, home[unit]] += own * around


@compiled()
def _deal_and_sum_steps(  # pragma: no cover
    order: Any, starts: Any, indptr: Any, indices: Any, data: Any, code: Any, x: Any, y: Any,
    busy_x: Any, busy_y: Any, products: Any, rng: Any, out: Any,
) -> None:  # fmt: skip
    size, steps = x.shape
    deck, place = order.copy(), np.empty(size, dtype=np.int64)
    for row in range(len(out)):
        _deal(order, starts, deck, place, rng)
        for unit in range(size):
            here = place[unit]
            if not busy_x[here]:
                continue
            for link in range(indptr[unit], indptr[unit + 1]):
                there = place[indices[link]]
                if not busy_y[there]:
                    continue
                if products.size > 0:
                    total = products[here, there]
                else:
                    total = 0.0
                    for step in range(steps):
                        total += x[here, step] * y[there, step]
                out[row, code[link]] += data[link] * total


def against_chance(observed: float, dealt: Floats) -> dict[str, float]:
    """Set a figure beside its figures (r,) in the deals."""
    if np.isnan(observed) or len(dealt) == 0:
        return {"value": observed, **dict.fromkeys(("expected", "low", "high", "z", "p"), np.nan)}
    slack = SAME * max(abs(observed), float(np.abs(dealt).max()))
    low, high = np.quantile(dealt, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    spread = float(dealt.std())
    return {
        "value": observed,
        "expected": float(dealt.mean()),
        "low": float(low),
        "high": float(high),
        "z": (observed - float(dealt.mean())) / spread if spread > slack else np.nan,
        "p": two_sided_p(observed, dealt),
    }


def panel_values(
    panel: pd.DataFrame, units: gpd.GeoDataFrame, column: str, argument: str = "panel"
) -> tuple[pd.PeriodIndex, Floats]:
    """Read a panel as one row of numbers per unit, (n, t), every period from first to last."""
    require_columns(panel, argument, ("unit_id", "period", column))
    ids = pd.Index(unique_ids(units))
    require_units(panel, ids, argument)
    row = ids.get_indexer(pd.Index(panel["unit_id"].astype(str)))
    figures = panel[column].to_numpy(np.float64, na_value=np.nan)
    wrong = ~np.isfinite(figures)
    twice = panel.duplicated(["unit_id", "period"]).to_numpy()
    if wrong.any() or twice.any():
        raise InputError(
            f"`{argument}` has {int(wrong.sum())} missing or infinite figures and "
            f"{int(twice.sum())} repeated units and periods: rows "
            f"{first_offenders(panel.index[wrong | twice])}; expected a number for each "
            "once. Fill them, or add the kinds up."
        )
    if panel.empty:
        return pd.PeriodIndex([], freq="M"), np.zeros((len(ids), 0))
    stated = pd.PeriodIndex(panel["period"])
    periods = pd.period_range(stated.min(), stated.max(), freq=stated.freq)
    values = np.zeros((len(ids), len(periods)))
    values[row, periods.get_indexer(stated)] = figures
    return periods, values


def check_deals(
    permutations: int, deal: str, *, by_period: bool, within: Sequence[str] = ()
) -> None:
    """Refuse deals that give no answer."""
    if within and deal != "times":
        raise InputError(
            f"`within` is {list(within)} and `deal` {deal!r}; expected spans of time only where "
            "times are shifted. Pass deal='times', or leave within= out."
        )
    require_choice("deal", deal, get_args(Deal))
    if deal == "times" and not by_period:
        raise InputError(
            "`deal` is 'times' without `lags`; expected figures by period. Pass a panel and lags=."
        )
    if permutations < 1:
        raise InputError(f"`permutations` is {permutations}; expected at least 1. Ask for 999.")


def by_kind(
    linked: Linked, kinds: Kinds, observed: Floats, dealt: Floats, scale: Floats | float
) -> Iterator[dict[str, Any]]:
    """Give one row per kind of link: its figure beside chance.

    observed (c * c,): Sums by number of link. dealt (r, c * c): The same in each deal. scale (c
    * c,): What the sums of a kind are divided by: one number, or these, once added up.
    """
    number = np.bincount(linked.code, minlength=len(observed))
    for name, mask in kinds.items():
        whole = scale if isinstance(scale, float) else float(scale[mask].sum())
        value = float(observed[mask].sum()) / whole if number[mask].sum() and whole else np.nan
        drawn = dealt[:, mask].sum(axis=1) / whole if whole else dealt[:, 0]
        yield {"links": name, "pairs": int(number[mask].sum()), **against_chance(value, drawn)}
