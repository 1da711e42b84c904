"""Counts and all their totals as one set of sums: what an outsider can add and subtract."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Ledger:
    """Entries of a table: cells, and the totals over units, areas and periods.

    entries (n rows): ``level`` (0 everything, the highest number the units), the parents, the unit
        and the period; empty where the entry adds up over them. ``depth`` counts what it adds up
        over.
    sums (m, n): Each row times the values of the entries is zero: a total less its parts.
    cells (c,): The entry of each row of the table.
    areas (p, n): The area of each entry at each level of parents, from the largest; -1 where it
        spans more.
    """

    entries: pd.DataFrame
    sums: Any
    cells: npt.NDArray[np.int64]
    areas: npt.NDArray[np.int64]

    def spread(self, values: npt.ArrayLike) -> Floats:
        """Give the value of every entry from those of the cells.

        values (c,): By row of the table; NaN adds nothing. Returns (n,): By entry.
        """
        held = np.zeros(len(self.entries))
        held[self.cells] = np.nan_to_num(np.asarray(values, dtype=np.float64))
        # totals stand after their parts, so that one pass over the rows fills them
        for row in range(self.sums.shape[0]):
            start, end = self.sums.indptr[row : row + 2]
            parts, signs = self.sums.indices[start:end], self.sums.data[start:end]
            held[parts[signs > 0]] = held[parts[signs < 0]].sum()
        return held


def build_ledger(
    cells: pd.DataFrame, unit: str, period: str | None, parents: Sequence[str]
) -> Ledger:
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
    sums = _Sums()
    if several:
        for level in reversed(range(len(nodes))):
            for node in range(sizes[level]):
                first = int(starts[level]) + node * columns
                sums.add(first + columns - 1, range(first, first + columns - 1))
    vertical = _Sums()
    for level in reversed(range(len(nodes) - 1)):
        pairs = pd.DataFrame({"up": nodes[level], "down": nodes[level + 1]}).drop_duplicates()
        for up, downs in pairs.groupby("up")["down"]:
            above = int(starts[level]) + int(str(up)) * columns
            for column in range(columns):
                total = above + column
                parts = [int(starts[level + 1]) + int(down) * columns + column for down in downs]
                vertical.add(total, parts)
    entries = _entries(units, keys, nodes, span_names, period, several=several)
    leaf = int(starts[len(nodes) - 1]) + nodes[-1] * columns + span_codes
    ordered = _ordered(sums, vertical, int(starts[-2]), len(entries))
    areas = [entries.groupby(list(parents[: at + 1])).ngroup() for at in range(len(parents))]
    return Ledger(entries, ordered, leaf, np.array(areas).reshape(len(areas), len(entries)))


class _Sums:
    """Totals and their parts, gathered one by one."""

    def __init__(self) -> None:
        self.totals: list[int] = []
        self.parts: list[list[int]] = []

    def add(self, total: int, parts: Sequence[int]) -> None:
        self.totals.append(total)
        self.parts.append(list(parts))


def _ordered(across: _Sums, upward: _Sums, lowest: int, count: int) -> Any:
    """Put the sums in the order that fills them: unit totals, then upward level by level."""
    first = [i for i, total in enumerate(across.totals) if total >= lowest]
    rest = [i for i, total in enumerate(across.totals) if total < lowest]
    rows = [(across, i) for i in first]
    rows += [(upward, i) for i in range(len(upward.totals))]
    rows += [(across, i) for i in rest]
    place, entry, sign = [], [], []
    for row, (sums, i) in enumerate(rows):
        members = [sums.totals[i], *sums.parts[i]]
        place += [row] * len(members)
        entry += members
        sign += [1.0, *[-1.0] * len(sums.parts[i])]
    shape = (len(rows), count)
    return scipy.sparse.csr_array((sign, (place, entry)), shape=shape)


def _entries(
    units: pd.DataFrame,
    keys: Sequence[str],
    nodes: Sequence[npt.NDArray[np.int64]],
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
