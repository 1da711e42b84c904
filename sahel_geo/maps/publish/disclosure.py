"""Tables that may be published: small counts hidden, and nothing left to work them out from.

A count of one in a small place and a short time is an event that someone remembers, and so perhaps
a person. :func:`protect` hides counts from 1 to k - 1 and whatever else would give them away by
subtraction; :func:`possible_values` does what an outsider would do with the result.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from sahel_geo.errors import InputError, did_you_mean, first_offenders
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.indicators.display.plotting import axes
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.plot_words import words
from sahel_geo.maps.publish.suppression import Column, Ledger
from sahel_geo.schema import Language

__all__ = ["ProtectedTable", "possible_values", "protect"]

_LEAST_K: Final = 3
_MOST_K: Final = 10_000  # above it whole files are hidden, and the solver has no room to move
_SAID: Final = Sentence(
    "Counts from 1 to {most} are hidden, and with them others from which they could be worked "
    "out by subtraction ({hidden} figures in all, totals included). Zero is published. "
    "From the figures published here alone, no value from 1 to {most} can be ruled out for the "
    "hidden count of one unit and period; a hidden total is at least the number of its parts "
    "that are not zero. Together with another release of the same incidents, or of nearly the "
    "same, hidden counts could be worked out."
)


@dataclass(frozen=True)
class ProtectedTable(Result):
    """A table of counts and its totals, as they may be published.

    Attributes
    ----------
    table : DataFrame, n rows
        Rows and index of the table given: unit, period, parents, the counts (NaN where hidden or
        without data), and ``suppressed``. It does not tell small counts from those hidden to
        protect them, nor hold anything else of the table given.
    totals : DataFrame, m rows
        The totals over areas, over periods and over both, in the same columns; ``level`` is 0 for
        everything, then one more for each parent, and what a row adds up over is missing.
    k : int
        Smallest count shown.
    counts : tuple of str
        The columns of counts; the first governs which cells hold anything.
    small, further : int
        Figures hidden because they are small, and to protect those; totals included. Do not
        publish the two apart: where every hidden figure is small, those that are left of their sum
        bound each other.
    """

    table: pd.DataFrame
    totals: pd.DataFrame
    k: int
    counts: tuple[str, ...]
    keys: tuple[str, ...]
    period: str | None
    small: int
    further: int

    def sentence(self, lang: Language = "fr") -> str:
        """Say what was hidden and what that protects."""
        return _SAID.filled(most=self.k - 1, hidden=self.small + self.further).say(lang)

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw how many cells and totals are shown, zero and hidden."""
        texts = words(lang)
        ax = axes(ax, size=(6.4, 2.2), lang=lang)
        for row, part in enumerate((self.totals, self.table)):
            zero = int((part[self.counts[0]] == 0).sum())
            hidden = int(part["suppressed"].sum())
            published = int(part[self.counts[0]].notna().sum()) - zero
            left = 0
            colours = ("#0072b2", "#d9d9d9", "#d55e00")
            names = (texts["shown"], texts["zero"], texts["hidden"])
            for value, colour, name in zip((published, zero, hidden), colours, names, strict=True):
                ax.barh(row, value, left=left, color=colour, label=name if row == 0 else None)
                left += value
        ax.set_yticks([0, 1], [texts["totals"], texts["cells"]])
        ax.set_xlabel(texts["figures"])
        ax.legend(ncols=3, frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0))
        return ax


def protect(
    cells: pd.DataFrame,
    counts: str | Sequence[str] = "incidents",
    *,
    k: int = 5,
    unit: str = "unit_id",
    period: str | None = None,
    parents: Sequence[str] = (),
) -> ProtectedTable:
    """Hide small counts, and what would give them away, in a table and all its totals.

    Whoever knows the totals can subtract. Totals are therefore part of the table: of each unit over
    the periods, of each period over the units, of each parent area, and of everything. Which
    figures to hide beside the small ones is found by linear programming: the true table is moved
    along its sums, by hidden figures only, until each small count has been 1 and k - 1; where that
    is impossible the cheapest further figures are hidden, cells rather than totals.

    Zero is published: "nothing was recorded here" points at nobody, and is what most readers look
    for. An outsider may therefore conclude that every hidden count is at least 1, and is assumed
    to.

    Parameters
    ----------
    cells : DataFrame, n rows
        One row per unit, or per unit and period, such as :func:`sahel_geo.count` gives. NaN is no
        data: it adds nothing to totals and stays missing.
    counts : str or sequence of str
        Columns of whole numbers, not negative. Where the first is zero the others are zero; a cell
        is hidden in all of them or in none. Counts that are parts or bounds of one another must not
        stand together, as their order would tell more: publish one of them.
    k : int
        Smallest count shown, at least 3.
    unit, period : str
        Columns of the unit and, where there is one, of the period.
    parents : sequence of str
        Columns of the areas whose totals are known, from the largest, such as
        ``("country", "adm1_id")``.

    Returns
    -------
    ProtectedTable
        For a small count every value from 1 to k - 1 (of a total: from the number of its cells that
        are not zero), for any other hidden figure at least k - 1 values, agree with all that is
        shown. This is exact for whole numbers: units in nested
        areas by period form a network, whose extreme solutions are whole.

    Raises
    ------
    InputError
        If a column is missing, a count is negative, broken or inconsistent, a unit and period
        occurs twice, or `k` is too small.

    References
    ----------
    Fischetti, M. and Salazar, J. J. (2001). Solving the cell suppression problem on tabular data
    with linear constraints. Management Science 47, 1008-1027.
    Kelly, J. P., Golden, B. L. and Assad, A. A. (1992). Cell suppression: disclosure protection for
    sensitive tabular data. Networks 22, 397-417.

    Examples
    --------
    >>> table = pd.DataFrame({"unit_id": list("ABCD"), "incidents": [2, 9, 30, 0]})
    >>> safe = protect(table, k=5)
    >>> safe.table["incidents"].tolist()
    [nan, nan, 30.0, 0.0]
    >>> safe.totals["incidents"].tolist()
    [41.0]
    """
    names = (counts,) if isinstance(counts, str) else tuple(counts)
    keys = (*parents, unit)
    _check(cells, names, k, keys, period)
    ledger = Ledger.of(cells, unit, period, parents)
    first = ledger.spread(cells[names[0]])
    occupied = ledger.spread(cells[names[0]] > 0)
    columns = []
    small = np.zeros(len(first), dtype=bool)
    for name in names:
        values = ledger.spread(cells[name])
        stated = np.ones(len(first), dtype=bool)
        stated[ledger.cells] = cells[name].notna().to_numpy()
        floor = occupied if name == names[0] else np.zeros(len(first))
        columns.append(Column(values, floor, (first > 0) & stated))
        small |= (values >= 1) & (values < k)
    hidden = ledger.hide(columns, small, k)
    out = hidden[ledger.cells]
    table = cells[[*keys, *([period] if period else [])]].copy()
    table.attrs = {}
    totals = ledger.entries.iloc[ledger.inner].drop(columns="depth").reset_index(drop=True)
    for name, column in zip(names, columns, strict=True):
        table[name] = cells[name].astype("float64").mask(out)
        totals[name] = np.where(hidden, np.nan, column.values)[ledger.inner]
    return ProtectedTable(
        table=table.assign(suppressed=out),
        totals=totals.assign(suppressed=hidden[ledger.inner]),
        k=k,
        counts=names,
        keys=keys,
        period=period,
        small=int(small.sum()),
        further=int((hidden & ~small).sum()),
    )


def possible_values(safe: ProtectedTable, count: str | None = None) -> pd.DataFrame:
    """Work out what an outsider can know of each hidden figure from those that are shown.

    Parameters
    ----------
    safe : ProtectedTable
        A table with its totals; nothing else is used.
    count : str, optional
        Which count; the first by default.

    Returns
    -------
    DataFrame
        One row per hidden figure, cells and totals: ``level``, the parents, the unit, the period,
        ``low`` and ``high`` (infinite where nothing bounds it), from two linear programs each.

    Raises
    ------
    InputError
        If `count` is not one of the table.

    Examples
    --------
    >>> table = pd.DataFrame({"unit_id": list("ABCD"), "incidents": [2, 9, 30, 0]})
    >>> possible_values(protect(table))[["unit_id", "low", "high"]].values.tolist()
    [['A', 1.0, 10.0], ['B', 1.0, 10.0]]
    """
    name = count or safe.counts[0]
    if name not in safe.counts:
        raise InputError(
            f"`count` is {name!r}; expected one of {list(safe.counts)}. "
            f"{did_you_mean(name, safe.counts, 'Choose one.')}"
        )
    ledger = Ledger.of(safe.table, safe.keys[-1], safe.period, safe.keys[:-1])
    # the published figures in the order of the ledger, zero where they are hidden
    hidden, known = np.zeros(len(ledger.entries), dtype=bool), np.zeros(len(ledger.entries))
    for place, part in ((ledger.cells, safe.table), (ledger.inner, safe.totals)):
        hidden[place], known[place] = part["suppressed"], part[name].fillna(0)
    least = 1.0 if name == safe.counts[0] else 0.0
    ranges = ledger.ranges(hidden, known, least)
    rows = ledger.entries[hidden].drop(columns="depth").reset_index(drop=True)
    return rows.assign(low=ranges[:, 0].round(6), high=ranges[:, 1].round(6))


def _check(
    cells: pd.DataFrame, names: Sequence[str], k: int, keys: Sequence[str], period: str | None
) -> None:
    if not isinstance(k, int | np.integer) or not _LEAST_K <= k <= _MOST_K:
        raise InputError(
            "`k` is {k!r}; expected a whole number of at least {least_k}, or the class of "
            "hidden counts would say what they are. Five is usual.",
            k=k,
            least_k=_LEAST_K,
        )
    wanted = [*names, *keys, *([period] if period else [])]
    missing = [name for name in wanted if name not in cells]
    if missing or not names or cells.empty:
        meant = did_you_mean(missing[0], cells.columns) if missing else ""
        raise InputError(
            f"`cells` has {len(cells)} rows and lacks the columns {first_offenders(missing)}; "
            f"expected rows with {first_offenders(wanted, 12)}. Name the columns of the table. "
            f"{meant}".rstrip()
        )
    kept = [*keys[-1:], *([period] if period else [])]
    twice = cells.index[cells[kept].duplicated()]
    if len(twice):
        raise InputError(
            f"`cells` has {len(twice)} rows whose {' and '.join(kept)} occur before: "
            f"{first_offenders(twice)}; expected each once. Add them up first."
        )
    faults = [fault for name in names for fault in _count_faults(cells, name, names[0])]
    if faults:
        raise InputError(" ".join(faults))


def _count_faults(cells: pd.DataFrame, name: str, first: str) -> list[str]:
    if not pd.api.types.is_numeric_dtype(cells[name]):
        return [f"`cells` column {name!r} holds {cells[name].dtype} values; expected counts."]
    values = cells[name].astype("float64")
    faults = []
    broken = cells.index[(values < 0) | (values != np.floor(values)) & values.notna()]
    if len(broken):
        faults.append(
            f"`cells` column {name!r} has {len(broken)} values that are no counts, in rows "
            f"{first_offenders(broken)}; expected whole numbers, not negative. Pass counts, not "
            "rates."
        )
    alone = cells.index[(values > 0) & ~(cells[first] > 0)]
    if len(alone):
        faults.append(
            f"`cells` column {name!r} is above zero where {first!r} is not, in {len(alone)} rows: "
            f"{first_offenders(alone)}; expected nothing where {first!r} is zero. Protect it in a "
            "table of its own."
        )
    return faults
