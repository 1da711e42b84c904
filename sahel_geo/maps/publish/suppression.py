"""Which figures to hide so that small counts cannot be worked out from the others.

A ledger holds counts and all their totals as one set of sums, which an outsider can add up.

What an outsider can conclude of a hidden figure is the set of its values over all tables that agree
with what is published. A *move* is the difference between such a table and the true one: it leaves
every sum intact, changes hidden figures only, and takes none below what is known of it. A hidden
figure is safe when moves carry it far enough; where they do not, the cheapest move that does shows
what else must be hidden.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy

from sahel_geo.arrays import Flags, Floats, Integers

_Sums = list[tuple[int, Sequence[int]]]  # a total and its parts


@dataclass(frozen=True)
class Ledger:
    """Entries of a table: cells, and the totals over units, areas and periods."""

    # (n rows) ``level`` (0 everything, the highest number the units), the parents, the unit and the
    # period; empty where the entry adds up over them. ``depth`` counts what it adds up over
    entries: pd.DataFrame
    sums: Any  # (m, n) each row times the values of the entries is zero: a total less its parts
    cells: Integers  # (c,) the entry of each row of the table
    # (p, n) the area of each entry at each level of parents, from the largest; -1 where it spans
    # more
    areas: Integers

    @property
    def inner(self) -> Integers:
        """The entries that are totals."""
        return np.setdiff1d(np.arange(len(self.entries)), self.cells)

    def spread(self, values: npt.ArrayLike) -> Floats:
        """Give the value (n,) of every entry from those of the cells (c,); NaN adds nothing."""
        by_entry = np.zeros(len(self.entries))
        by_entry[self.cells] = np.nan_to_num(np.asarray(values, dtype=np.float64))
        # totals stand after their parts, so that one pass over the rows fills them
        for row in range(self.sums.shape[0]):
            start, end = self.sums.indptr[row : row + 2]
            parts, signs = self.sums.indices[start:end], self.sums.data[start:end]
            by_entry[parts[signs > 0]] = by_entry[parts[signs < 0]].sum()
        return by_entry

    @classmethod
    def of(
        cls, cells: pd.DataFrame, unit: str, period: str | None, parents: Sequence[str]
    ) -> "Ledger":
        """List every total of a table of units, or of units and periods."""
        keys = [*parents, unit]
        units = cells[keys].astype(object).where(cells[keys].notna(), "")
        spans = cells[period].to_numpy() if period else np.zeros(len(cells), dtype=int)
        span_codes, span_names = pd.factorize(spans, sort=True)
        several = len(span_names) > 1
        columns = len(span_names) + several
        nodes = [np.zeros(len(cells), dtype=np.int64)]
        nodes += [
            np.asarray(units.groupby(keys[: at + 1], sort=False).ngroup(), dtype=np.int64)
            for at in range(len(keys))
        ]
        sizes = [int(each.max()) + 1 if len(each) else 0 for each in nodes]
        starts = np.concatenate([[0], np.cumsum([size * columns for size in sizes])])
        sums: _Sums = []
        if several:
            for level in reversed(range(len(nodes))):
                for node in range(sizes[level]):
                    first = int(starts[level]) + node * columns
                    sums.append((first + columns - 1, range(first, first + columns - 1)))
        vertical: _Sums = []
        for level in reversed(range(len(nodes) - 1)):
            pairs = pd.DataFrame({"up": nodes[level], "down": nodes[level + 1]}).drop_duplicates()
            for up, downs in pairs.groupby("up")["down"]:
                above = int(starts[level]) + int(str(up)) * columns
                for column in range(columns):
                    total = above + column
                    parts = [
                        int(starts[level + 1]) + int(down) * columns + column for down in downs
                    ]
                    vertical.append((total, parts))
        entries = _entries(units, keys, nodes, span_names, period, several=several)
        leaf = int(starts[len(nodes) - 1]) + nodes[-1] * columns + span_codes
        ordered = _ordered(sums, vertical, int(starts[-2]), len(entries))
        areas = [entries.groupby(list(parents[: at + 1])).ngroup() for at in range(len(parents))]
        return cls(entries, ordered, leaf, np.array(areas).reshape(len(areas), len(entries)))

    def ranges(self, hidden: Flags, known: Floats, least: float) -> Floats:
        """Give the least and the most (m, 2) that each hidden entry can be; infinite if unbounded.

        hidden (n,): Which are. known (n,): The others, zero where hidden. least: What every hidden
        entry is at least.
        """
        entries = np.flatnonzero(hidden)
        unknown = self.sums[:, entries]
        used = np.flatnonzero(np.diff(unknown.tocsr().indptr))
        wanted = -(self.sums @ known)[used]
        ranges = np.zeros((len(entries), 2))
        for at in range(len(entries)):
            for side, sign in enumerate((1.0, -1.0)):
                goal = np.zeros(len(entries))
                goal[at] = sign
                solution = _extreme(goal, unknown[used], wanted, (least, np.inf))
                is_bound = solution.status == 0
                ranges[at, side] = sign * solution.fun if is_bound else np.inf * (side * 2 - 1)
        return ranges

    def hide(self, columns: "list[Column]", small: Flags, k: int) -> Flags:
        """Find what to hide beside the small counts.

        small (n,): Entries that must be hidden. Returns (n,): Entries to hide: every value from 1
        to k - 1 remains possible for a small count, and at least k - 1 values for each other hidden
        figure.
        """
        hidden = small.copy()
        cost = (1 + np.log1p(columns[0].values)) * _DEEPER ** self.entries["depth"].to_numpy()
        waiting = True
        while waiting:
            waiting = False
            for column in columns:
                _move_together(self, column, hidden, k)
                for entry in _unsafe(column, hidden, k):
                    if _is_safe(column, entry, k):
                        continue
                    hidden |= _move_one(self, column, hidden, cost, int(entry), k)
                    waiting = True
        return hidden


_CLOSE: Final = 1e-6
_FAR: Final = 1e7  # no count comes near, and the solver likes finite bounds
_PASSES: Final = 12  # of batches; what is left is looked at one by one
_DEEPER: Final = 6.0  # how much dearer a total is than its parts: readers need it most


@dataclass
class Column:
    """One kind of count in all entries, and how far each is known to be movable."""

    values: Floats  # (n,) the true figures
    floor: Floats  # (n,) what each is known to be at least, whatever is hidden
    movable: Flags  # (n,) figures that could be other than they are
    # up, down: (n,) largest moves found so far
    up: Floats = field(init=False)
    down: Floats = field(init=False)

    def __post_init__(self) -> None:
        """Start with no move found."""
        self.up, self.down = np.zeros((2, len(self.values)))

    @property
    def room(self) -> Floats:
        """How far each figure can fall."""
        return np.maximum(self.values - self.floor, 0.0)


def _needs(column: Column, k: int) -> tuple[Floats, Floats]:
    """Say how far each figure must be movable.

    up, down (n,): For a small count, to k - 1 and to 1, or to its floor; for any other, k - 2
    upwards (or in all, see `hide`).
    """
    few = (column.values >= 1) & (column.values < k)
    up = np.where(few, k - 1 - column.values, k - 2.0)
    down = np.where(few, column.values - np.maximum(column.floor, 1), 0.0)
    return up, down


def _unsafe(column: Column, hidden: Flags, k: int) -> Any:
    up, down = _needs(column, k)
    few = (column.values >= 1) & (column.values < k)
    short = (column.up < up - _CLOSE) | (column.down < down - _CLOSE)
    narrow = column.up + column.down < k - 2 - _CLOSE
    return np.flatnonzero(hidden & column.movable & np.where(few, short, narrow))


def _is_safe(column: Column, entry: int, k: int) -> bool:
    alone = np.zeros(len(column.values), dtype=bool)
    alone[entry] = True
    return len(_unsafe(column, alone, k)) == 0


def _learn(column: Column, entries: Any, move: Floats) -> None:
    """Remember how far a move, and the opposite one where it is possible, carries each figure."""
    for sign in (1.0, -1.0):
        step = sign * move
        if (step >= -column.room[entries] - _CLOSE).all():
            column.up[entries] = np.maximum(column.up[entries], step)
            column.down[entries] = np.maximum(column.down[entries], -step)


def _move_together(ledger: Ledger, column: Column, hidden: Flags, k: int) -> None:
    """Look for moves of hidden figures that carry many of them far enough at once."""
    entries = np.flatnonzero(hidden & column.movable)
    if not len(entries):
        return
    sums = _rows(ledger, entries)
    up, down = (need[entries] for need in _needs(column, k))
    for turn in range(_PASSES):
        left = np.isin(entries, _unsafe(column, hidden, k))
        if not left.any():
            return
        rising = left & (column.up[entries] < up - _CLOSE)
        falling = left & (column.down[entries] < down - _CLOSE)
        wanted = rising if turn % 2 == 0 else falling
        if not wanted.any():
            continue
        sign = 1.0 if turn % 2 == 0 else -1.0
        most = np.where(wanted & (sign > 0), up, _FAR)
        least = -np.minimum(column.room[entries], np.where(wanted & (sign < 0), down, _FAR))
        # another half of them each time, else the same ones stay behind
        weight = wanted * np.where((np.arange(len(entries)) >> (turn // 2)) % 2 == 0, 1.0, 0.4)
        solution = _extreme(
            np.asarray(-sign * weight, dtype=np.float64),
            sums,
            np.zeros(sums.shape[0]),
            np.column_stack([least, most]),
        )
        if solution.status == 0:
            _learn(column, entries, np.round(solution.x, 9))


def _move_one(
    ledger: Ledger, column: Column, hidden: Flags, cost: Floats, entry: int, k: int
) -> Flags:
    """Find the cheapest moves that carry one figure far enough, and what they need hidden."""
    up, down = (float(need[entry]) for need in _needs(column, k))
    needed = np.zeros(len(hidden), dtype=bool)
    goals = [
        goal
        for goal, seen in ((up, column.up[entry]), (-down, column.down[entry]))
        if abs(goal) > seen + _CLOSE
    ]
    for goal in goals:
        entries, move = _cheapest(ledger, column, cost, hidden | needed, entry, goal)
        needed[entries[np.abs(move) > _CLOSE]] = True
        _learn(column, entries, move)
    return needed


def _cheapest(
    ledger: Ledger, column: Column, cost: Floats, hidden: Flags, entry: int, goal: float
) -> tuple[Any, Floats]:
    """Find the cheapest move that carries one figure to its goal, first among its neighbours."""
    for entries in _circles(ledger, column, entry):
        sums = _rows(ledger, entries)
        both = scipy.sparse.hstack([sums, -sums]).tocsr()
        place = int(np.searchsorted(entries, entry))
        price = np.where(hidden[entries], 1e-4, cost[entries])
        bounds = np.zeros((2 * len(entries), 2))
        bounds[:, 1] = np.concatenate([np.full(len(entries), _FAR), column.room[entries]])
        bounds[place] = max(goal, 0.0)
        bounds[len(entries) + place] = max(-goal, 0.0)
        solution = _extreme(np.concatenate([price, price]), both, np.zeros(both.shape[0]), bounds)
        if solution.status == 0:
            return entries, np.round(solution.x[: len(entries)] - solution.x[len(entries) :], 9)
    raise ArithmeticError(f"no move of entry {entry} by {goal}: {solution.message}")


def _circles(ledger: Ledger, column: Column, entry: int) -> Iterator[Any]:
    """List where to look for a move: inside the area, inside the larger ones, everywhere.

    A program over one region is a thirtieth of one over all, and most moves stay in theirs.
    """
    for area in ledger.areas[::-1]:
        if area[entry] >= 0:
            yield np.flatnonzero(column.movable & (area == area[entry]))
    yield np.flatnonzero(column.movable)


def _extreme(goal: Floats, sums: Any, wanted: Floats, bounds: Any) -> Any:
    """Minimise `goal` (n,) within `bounds` (n, 2) where `sums` (m, n) stay as `wanted` (m,)."""
    kept = scipy.optimize.LinearConstraint(sums, wanted, wanted)
    solve: Any = scipy.optimize.milp  # linprog spends as long again on looking at its input
    return solve(goal, bounds=scipy.optimize.Bounds(*np.transpose(bounds)), constraints=kept)


def _rows(ledger: Ledger, entries: Any) -> Any:
    """Keep the sums that the entries appear in."""
    some = ledger.sums[:, entries]
    return some[np.flatnonzero(np.diff(some.tocsr().indptr))]


def _ordered(across: _Sums, upward: _Sums, lowest: int, count: int) -> Any:
    """Put the sums in the order that fills them: unit totals, then upward level by level."""
    first = [each for each in across if each[0] >= lowest]
    rows = [*first, *upward, *(each for each in across if each[0] < lowest)]
    place, entry, sign = [], [], []
    for row, (total, parts) in enumerate(rows):
        place += [row] * (1 + len(parts))
        entry += [total, *parts]
        sign += [1.0, *[-1.0] * len(parts)]
    shape = (len(rows), count)
    return scipy.sparse.csr_array((sign, (place, entry)), shape=shape)


def _entries(
    units: pd.DataFrame,
    keys: Sequence[str],
    nodes: Sequence[Integers],
    spans: Any,
    period: str | None,
    *,
    several: bool,
) -> pd.DataFrame:
    parts = []
    names = [*list(spans), None] if several else list(spans)
    for level, codes in enumerate(nodes):
        firsts = pd.Series(codes).drop_duplicates().sort_values().index
        named = units.iloc[firsts].reset_index(drop=True)
        named[list(keys[level:])] = None
        named.insert(0, "level", level)
        repeated = named.loc[named.index.repeat(len(names))].reset_index(drop=True)
        if period:
            repeated[period] = pd.Series(names * len(named), dtype=object)
        total = np.tile([several and name is None for name in names], len(named))
        repeated["depth"] = len(nodes) - 1 - level + total
        parts.append(repeated)
    return pd.concat(parts, ignore_index=True)
