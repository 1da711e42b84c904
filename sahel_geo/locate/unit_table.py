"""A table of one's own with a row per unit (people, prices, a score), joined to the units."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

import numpy as np
import pandas as pd

from sahel_geo.errors import InputError, did_you_mean, first_offenders
from sahel_geo.formats.vectors import read_vector, vector_layers
from sahel_geo.i18n.sentence import Counted, Sentence
from sahel_geo.incidents.columns.names import choose_columns, plain_name
from sahel_geo.incidents.columns.numbers import Mark, decimal_mark, parse_numbers
from sahel_geo.incidents.readers.geofiles import AreasError
from sahel_geo.incidents.readers.layers import read_frame
from sahel_geo.incidents.readers.opening import open_table
from sahel_geo.incidents.readers.raw import RawTable
from sahel_geo.locate.iso_codes import name_iso_codes
from sahel_geo.locate.unit_keys import (
    UnitColumns,
    check_level,
    find_unit_columns,
    level_of,
    match_rows,
    refuse_without_units,
    with_rows,
)
from sahel_geo.notebook import table_html
from sahel_geo.places.boundaries.boundaries import load_boundaries
from sahel_geo.places.boundaries.names import MATCHED, match_units
from sahel_geo.schema import PathLike

_LEAST_SHARE: Final = 0.5  # of the values of a column of numbers must be numbers
_UNITS: Final = ("country", "admin1", "admin2", "admin3", "place")
TOTAL: Final = re.compile(
    r"(?:(?:grand|sous|sub) ?)?tota(?:l|ux|ls)(?: .*)?|(?:.* )?(?:total|ensemble|confondus)|"
    r"ensemble .*|somme|sum|overall|all (?:regions|provinces|cercles|districts|units|areas)|"
    r"toutes? .*|national(?: .*)?|niveau national"
)


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
    level : int or None
        The level of the units.
    matched : mapping of str to int
        Rows by how their unit was found: ``pcode``, ``name``, ``alias``, ``sound`` and so on.
    scales : mapping of str to str
        Columns whose values bear a sign: ``"percent"`` or ``"per thousand"``.
    notes : tuple of Sentence
        How the values were read where they leave a choice.
    """

    values: pd.DataFrame
    unmatched: pd.DataFrame
    key: str
    level: int | None = None
    matched: Mapping[str, int] = field(default_factory=dict)
    scales: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Sentence, ...] = ()

    def _repr_html_(self) -> str:
        known = table_html(f"{len(self.values)} units, by the column {self.key!r}", self.values)
        if self.unmatched.empty:
            return known
        return known + table_html(f"{len(self.unmatched)} rows of no unit", self.unmatched)


def read_unit_table(
    path: PathLike,
    units: pd.DataFrame | None = None,
    *,
    columns: Sequence[str] | None = None,
    key: str | None = None,
    sheet: str | None = None,
    decimal: Mark | None = None,
    vintage: str | Mapping[str, str] | None = None,
) -> UnitTable:
    r"""Read a file that has a row per unit, and find each row's unit by P-code or name.

    Codes win over names, and a code that disagrees with the name beside it is refused. Names are
    matched together with the names of the units around them. Rows of another level than the units,
    or of another vintage, are refused, even if they bear names that the units have, too.

    Parameters
    ----------
    path : path-like
        A file that :func:`sahel_geo.read_incidents` could open: CSV, XLSX, Parquet, compressed.
    units : DataFrame, optional
        Units of one level, from :func:`sahel_geo.load_boundaries`; by default those of the level
        that the rows are of.
    columns : sequence of str, optional
        Columns to keep; by default all that do not name units.
    key : str, optional
        Column of P-codes or names; by default codes of the finest level, else names.
    sheet : str, optional
        Sheet of a workbook.
    decimal : {",", "."}, optional
        The decimal mark, where the file does not tell.
    vintage : str or mapping, optional
        Vintage of the default `units`.

    Returns
    -------
    UnitTable
        Values by unit, and the rows whose unit was not found.

    Raises
    ------
    FileError
        If the file cannot be read.
    InputError
        If a column is missing, no column names units, two rows name one unit, codes and names
        disagree, the level or the vintage is another one, or a column of numbers holds something
        else or can be read in two ways; the message numbers the rows.

    Examples
    --------
    >>> from sahel_geo.places.boundaries.boundaries import load_boundaries
    >>> file = getfixture("tmp_path") / "people.csv"
    >>> _ = file.write_text("région;habitants\nGao;712 000\nMénaka;318 000\n", encoding="utf-8")
    >>> read_unit_table(file, load_boundaries(1)).values["habitants"].tolist()
    [712000.0, 318000.0]
    """
    raw = _open(path, sheet, [name for name in (key, *(columns or ())) if name])
    _require(raw, [name for name in (key, *(columns or ())) if name])
    totals = [*leave_out_totals(raw), *name_iso_codes(raw)]
    found_columns = find_unit_columns(raw, key, level_of(units))
    if units is None:
        if found_columns is None or found_columns.level is None:
            refuse_without_units(raw)
        units = load_boundaries(found_columns.level, vintage=vintage)
    named, rows, notes = _match(raw, units, found_columns, key)
    rows["row"] = raw.rows
    matched = rows[rows["unit_id"].notna()]
    repeated = matched[matched["unit_id"].duplicated(keep=False)].sort_values(["unit_id", "row"])
    if len(repeated):
        raise InputError(
            "the file has {number} rows that share a unit with another: {shown}; expected a "
            "row per unit. Keep one period, or add them up first.",
            number=len(repeated),
            shown=first_offenders(with_rows(repeated["query"], repeated["row"])),
        )
    kept = rows["unit_id"].notna().to_numpy()
    wanted = list(columns) if columns is not None else [n for n in raw.names if n not in named.all]
    reader = _Reader(raw, kept, decimal or _file_mark(raw, named.all))
    read = {name: reader.values(name) for name in wanted}
    values = pd.DataFrame(read, index=pd.Index(rows.loc[kept, "unit_id"], name="unit_id"))
    order = [unit for unit in units["unit_id"].astype(str) if unit in values.index]
    unmatched = rows.loc[~kept, ["row", "query", "reason"]].reset_index(drop=True)
    counts = rows.loc[kept, "reason"].value_counts()
    return UnitTable(
        values.loc[order],
        unmatched,
        named.key,
        level_of(units),
        {str(how): int(counts[how]) for how in MATCHED if how in counts},
        reader.scales,
        (*raw.notes, *totals, *notes, *reader.notes),
    )


def _open(path: PathLike, sheet: str | None, wanted: Sequence[str]) -> RawTable:
    """Read the rows of a table, or what a layer of areas says of each."""
    try:
        return open_table(path, sheet, wanted)
    except AreasError:
        layers = [each for each in vector_layers(path) if sheet in {None, each.name}]
        layer = layers[0] if len(layers) == 1 else None
        return read_frame(pd.DataFrame(read_vector(path, layer).drop(columns="geometry")))


def _match(
    raw: RawTable, units: pd.DataFrame, unit_columns: UnitColumns | None, key: str | None
) -> tuple[UnitColumns, pd.DataFrame, list[Sentence]]:
    """Match rows by the columns found; cells and zones of one's own by their identifiers."""
    own = _identifier_column(raw, units, key)
    if own is not None:
        columns = UnitColumns(None, own, None)
        return columns, match_units(raw.column(own).astype(object), units), []
    if unit_columns is None:
        if key is None:
            refuse_without_units(raw)
        columns = UnitColumns(None, None, key)
        return columns, match_units(raw.column(str(key)).astype(object), units), []
    check_level(unit_columns, units, raw)
    return unit_columns, *match_rows(raw, unit_columns, units)


def _identifier_column(raw: RawTable, units: pd.DataFrame, key: str | None) -> str | None:
    """Find the column of identifiers of units that bear no published codes, such as cells."""
    ids = set(units["unit_id"].astype(str))
    if "level" in units and "country" in units:
        return None
    for column in [key] if key else raw.names:
        values = raw.column(column).dropna().astype(str).str.strip()
        if len(values) and values.isin(ids).mean() > _LEAST_SHARE:
            return column
    return None


def _file_mark(raw: RawTable, keys: Sequence[str]) -> Mark | None:
    """Tell the decimal mark of a file by its columns; one cut at commas has points."""
    mark = decimal_mark(raw.column(name) for name in raw.names if name not in keys)
    return "." if mark is None and raw.delimiter == "," else mark


def read_unit_column(given: str, option: str, units: pd.DataFrame) -> "pd.Series[Any]":
    r"""Read one column of numbers by ``unit_id``, given as ``FILE:COLUMN`` and named as the file.

    >>> file = getfixture("tmp_path") / "people.csv"
    >>> _ = file.write_text("région;habitants\nGao;712000\n", encoding="utf-8")
    >>> units = load_boundaries(1)
    >>> read_unit_column(f"{file}:habitants", "people", units).to_dict()
    {'ML07': 712000.0}
    """
    file, _, column = given.rpartition(":")
    if not (file and column):
        raise InputError(
            "--{option} is {given!r}; expected FILE:COLUMN, such as people.csv:people. Add both.",
            option=option,
            given=given,
        )
    values = read_unit_table(file, units, columns=[column]).values[column].astype("float64")
    return values.rename(Path(file).name)


def _require(raw: RawTable, names: Sequence[str]) -> None:
    missing = [name for name in names if name not in raw.names]
    if missing:
        raise InputError(
            "the file has no column {shown}; expected one of {columns}. {near}",
            shown=first_offenders(missing),
            columns=first_offenders(raw.names, 12),
            near=did_you_mean(missing[0], raw.names),
        )


class _Reader:
    """Reads columns of values, and keeps what is to be said of them."""

    def __init__(self, raw: RawTable, kept: Any, decimal: Mark | None) -> None:
        self.raw, self.kept, self.decimal = raw, kept, decimal
        self.scales: dict[str, str] = {}
        self.notes: list[Sentence] = []

    def values(self, name: str) -> Any:
        """Read a column as numbers if most of what it states are numbers, else as text."""
        column = self.raw.column(name)
        numbers = parse_numbers(column, name=name, decimal=self.decimal)
        stated = column.notna().to_numpy()
        self._refuse_ambiguous(name, numbers.ambiguous & self.kept)
        if not np.isfinite(numbers.values).any() or (
            numbers.unreadable.sum() > _LEAST_SHARE * stated.sum()
        ):
            return column.astype(object).where(column.notna(), None).to_numpy()[self.kept]
        if (wrong := numbers.unreadable & self.kept).any():
            refuse_words(name, self._cells(name, wrong))
        self.notes += numbers.notes
        if numbers.scale:
            self.scales[name] = numbers.scale
            self.notes.append(
                Sentence("{name}: values in {scale}", name=name, scale=_SCALES[numbers.scale])
            )
        return numbers.values[self.kept]

    def _refuse_ambiguous(self, name: str, ambiguous: Any) -> None:
        if not ambiguous.any():
            return
        texts = self.raw.column(name).astype(str).str.strip()
        example = texts.iloc[int(np.flatnonzero(ambiguous)[0])]
        mark = "," if "," in example else "."
        raise InputError(
            "the column {name!r} can be read in two ways: {example} is {decimal} or {thousands}, "
            "and no value tells ({number} such rows: {shown}). Say which mark is decimal with "
            "decimal=',' or decimal='.' (--decimal).",
            name=name,
            example=example,
            decimal=example.replace(mark, "."),
            thousands=example.replace(mark, ""),
            number=int(ambiguous.sum()),
            shown=first_offenders(self._cells(name, ambiguous), 3),
        )

    def _cells(self, name: str, mask: Any) -> list[Sentence]:
        return with_rows(self.raw.column(name)[mask], self.raw.rows[mask])


_SCALES: Final = {"percent": Sentence("per cent"), "per thousand": Sentence("per thousand")}


def refuse_words(name: str, cells: Sequence[str]) -> NoReturn:
    """Refuse a column of numbers for the cells that hold something else."""
    raise InputError(
        "the column {name!r} has {number} values that are no numbers: {shown}; expected "
        "numbers. Correct them, or leave them empty.",
        name=name,
        number=len(cells),
        shown=first_offenders(cells),
    )


def leave_out_totals(raw: RawTable) -> list[Sentence]:
    """Leave the rows of totals out of a table by unit, and say which they were.

    A row is one if a cell that should name its unit says so: "Total", "Sous-total Gao", "Ensemble".
    """
    chosen = choose_columns(raw.names).chosen
    columns = {chosen[name] for name in _UNITS if name in chosen} | set(raw.names[:1])
    labels: dict[int, str] = {}
    for column in columns:
        for at, value in enumerate(raw.column(column).tolist()):
            if isinstance(value, str) and TOTAL.fullmatch(plain_name(value)):
                labels[at] = value.strip()
    if not labels or len(labels) == len(raw):
        return []
    totals = sorted(labels)
    labelled = with_rows([labels[at] for at in totals], raw.rows[totals])
    raw.keep(~np.isin(np.arange(len(raw)), totals))
    return [
        Counted(
            "{count} row of totals is left out: {shown}",
            "{count} rows of totals are left out: {shown}",
            count=len(totals),
            shown=first_offenders(labelled),
        )
    ]
