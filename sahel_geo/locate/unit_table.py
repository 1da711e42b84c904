"""A table of one's own with a row per unit (people, prices, a score), joined to the units."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from sahel_geo.errors import InputError, did_you_mean, first_offenders
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.columns.numbers import parse_numbers
from sahel_geo.incidents.readers.opening import open_table
from sahel_geo.incidents.readers.raw import RawTable
from sahel_geo.notebook import table_html
from sahel_geo.places.boundaries.names import match_units

_TRIED: Final = 200  # rows that are looked at to find the column of units
_LEAST_SHARE: Final = 0.5  # of them must be units


@dataclass(frozen=True)
class UnitTable:
    """The rows of a file, by unit.

    Attributes
    ----------
    values : DataFrame
        Indexed by ``unit_id``, in the order of the units, with the columns asked for: numbers where
        a column holds numbers, text elsewhere. A unit without a row is missing from it.
    unmatched : DataFrame
        The other rows: ``row`` (as a spreadsheet numbers it), ``query``, ``reason``.
    key : str
        The column that names the units.
    """

    values: pd.DataFrame
    unmatched: pd.DataFrame
    key: str

    def _repr_html_(self) -> str:
        known = table_html(f"{len(self.values)} units, by the column {self.key!r}", self.values)
        if self.unmatched.empty:
            return known
        return known + table_html(f"{len(self.unmatched)} rows of no unit", self.unmatched)


def read_unit_table(
    path: str | os.PathLike[str],
    units: pd.DataFrame,
    *,
    columns: Sequence[str] | None = None,
    key: str | None = None,
    sheet: str | None = None,
) -> UnitTable:
    r"""Read a file that has a row per unit, and find each row's unit by P-code or name.

    Parameters
    ----------
    path : path-like
        A CSV, TSV, XLSX or Parquet file.
    units : DataFrame
        Units of one level, from :func:`sahel_geo.load_boundaries`.
    columns : sequence of str, optional
        Columns to keep; all others than the key by default.
    key : str, optional
        Column of P-codes or names; by default the one whose values are units most often.
    sheet : str, optional
        Sheet of a workbook.

    Returns
    -------
    UnitTable
        Values by unit, and the rows whose unit was not found.

    Raises
    ------
    FileError
        If the file cannot be read.
    InputError
        If a column is missing, no column names units, two rows name one unit, or a column of
        numbers holds something else; the message numbers the rows.

    Examples
    --------
    >>> from sahel_geo.places.boundaries.boundaries import load_boundaries
    >>> file = getfixture("tmp_path") / "people.csv"
    >>> _ = file.write_text("région;habitants\nGao;712 000\nMénaka;318 000\n", encoding="utf-8")
    >>> read_unit_table(file, load_boundaries(1)).values["habitants"].tolist()
    [712000.0, 318000.0]
    """
    raw = open_table(path, sheet, [name for name in (key, *(columns or ())) if name])
    _require(raw, [name for name in (key, *(columns or ())) if name])
    key = key or _find_key(raw, units)
    found = match_units(raw.column(key).astype(object), units)
    found["row"] = raw.rows
    _refuse_repeats(found)
    kept = found["unit_id"].notna().to_numpy()
    wanted = list(columns) if columns is not None else [n for n in raw.names if n != key]
    read = {name: _values(raw, name, kept) for name in wanted}
    values = pd.DataFrame(read, index=pd.Index(found.loc[kept, "unit_id"], name="unit_id"))
    order = [unit for unit in units["unit_id"].astype(str) if unit in values.index]
    unmatched = found.loc[~kept, ["row", "query", "reason"]].reset_index(drop=True)
    return UnitTable(values.loc[order], unmatched, key)


def _require(raw: RawTable, names: Sequence[str]) -> None:
    missing = [name for name in names if name not in raw.names]
    if missing:
        raise InputError(
            "the file has no column {shown}; expected one of {columns}. {near}",
            shown=first_offenders(missing),
            columns=first_offenders(raw.names, 12),
            near=did_you_mean(missing[0], raw.names),
        )


def _find_key(raw: RawTable, units: pd.DataFrame) -> str:
    """Take the column most of whose first values are units, P-codes before names."""
    codes = set(units["unit_id"].astype(str))
    best, name = 0.0, ""
    for candidate in raw.names:
        values = raw.column(candidate).head(_TRIED).dropna().astype(str)
        if values.empty or pd.to_numeric(values.astype(object), errors="coerce").notna().all():
            continue
        by_code = float(values.str.strip().isin(codes).mean())
        share = by_code or float(match_units(values, units)["unit_id"].notna().mean())
        if share > best and share >= _LEAST_SHARE:
            best, name = share, candidate
    if not name:
        raise InputError(
            "the file has no column that names units of this level: {shown}; expected P-codes "
            "or names. Name the column, or choose another level.",
            shown=first_offenders(raw.names),
        )
    return name


def _refuse_repeats(found: pd.DataFrame) -> None:
    matched = found[found["unit_id"].notna()]
    repeated = matched[matched["unit_id"].duplicated(keep=False)].sort_values(["unit_id", "row"])
    if len(repeated):
        shown = [
            Sentence("{name} (row {row})", name=each.query, row=each.row)
            for each in repeated.itertuples()
        ]
        raise InputError(
            "the file has {number} rows that share a unit with another: {shown}; expected a "
            "row per unit. Add them up first.",
            number=len(repeated),
            shown=first_offenders(shown),
        )


def _values(raw: RawTable, name: str, kept: Any) -> Any:
    """Read a column as numbers if most of what it states are numbers, else as text."""
    column = raw.column(name)
    numbers, unreadable = parse_numbers(column, count=True)
    if not np.isfinite(numbers).any() or unreadable.mean() > _LEAST_SHARE:
        return column.astype(object).where(column.notna(), None).to_numpy()[kept]
    wrong = np.flatnonzero(unreadable & kept)
    if len(wrong):
        shown = [
            Sentence("{name} (row {row})", name=column.iloc[at], row=raw.rows[at]) for at in wrong
        ]
        raise InputError(
            "the column {name!r} has {number} values that are no numbers: {shown}; expected "
            "numbers. Correct them, or leave them empty.",
            name=name,
            number=len(wrong),
            shown=first_offenders(shown),
        )
    return numbers[kept]
