"""A file's rows before any interpretation, and what every container shares: headers, blanks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from sahel_geo.arrays import Flags, Integers, Positions
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.columns.field_names import AXES
from sahel_geo.incidents.columns.names import header_score, plain_name

MAX_COLUMNS: Final = 2000
MAX_TITLE: Final = 1_000  # characters
HEADER_LINES: Final = 40  # how far down a header may stand below titles
NULLS: Final = ("", "NULL", "null", "NaN", "nan", "NA", "N/A", "n/a", "#N/A", "<Null>", "None")
_BLANK_NAME: Final = re.compile(r"column \d+$")  # as `unique_names` writes it
_YEAR: Final = re.compile(r"(?<![\d/.-])(?:19|20)\d\d(?!\d|[/.-]\d)")  # alone, in no date
_MADE: Final = re.compile(
    r"\b(?:export\w*|g[eé]n[eé]r[eé]e?s?|extra(?:it|ct)\w*|imprim[eé]\w*|[eé]dit[eé]e?s?|[aà] jour|"
    r"printed|updated|generated|downloaded|t[eé]l[eé]charg\w*)\b",
    re.IGNORECASE,
)  # of when a file was made, not of what it holds
_FEWEST_BESIDE: Final = 4  # rows; of fewer, half is no sign of anything
RAW_TEXT: Final = pd.StringDtype("pyarrow")
_TO_PANDAS: Final = {pa.large_string(): RAW_TEXT, pa.string(): RAW_TEXT}.get


@dataclass
class RawTable:
    """A file's rows before any interpretation.

    `cells` is an Arrow table of text, or a frame where the container has types of its own; a
    blank cell is missing. `rows` numbers the rows as a spreadsheet shows them. `rejected` holds
    rows that could not become cells: number, reason code, detail, fields.
    """

    cells: pa.Table | pd.DataFrame
    rows: Integers
    container: str
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    notes: list[Sentence] = field(default_factory=list)
    rejected: list[tuple[int, str, str, list[str]]] = field(default_factory=list)
    title: str = ""  # what stands above the header, and the name of the sheet, or the end of it

    def __post_init__(self) -> None:
        """Leave out the rows without any content, which spreadsheets export by the thousand."""
        filled = np.zeros(len(self), dtype=bool)
        for name in self.names:
            if filled.all():
                return
            filled |= stated_in(self.cells, name)
        if not filled.all():
            self.keep(filled)

    def __len__(self) -> int:
        return len(self.cells)

    @property
    def year(self) -> str:
        """The one year that the title states, "" where it states several, or when it was made."""
        years = set(_YEAR.findall(self.title))
        return years.pop() if len(years) == 1 and not _MADE.search(self.title) else ""

    @property
    def names(self) -> list[str]:
        """Columns of the file."""
        frame = isinstance(self.cells, pd.DataFrame)
        return [str(name) for name in (self.cells.columns if frame else self.cells.column_names)]

    def column(self, name: str) -> "pd.Series[Any]":
        """Give one column, of shape (n,)."""
        values: pd.Series[Any] = (
            self.cells[name]
            if isinstance(self.cells, pd.DataFrame)
            else self.cells.column(name).to_pandas(types_mapper=_TO_PANDAS)
        )
        return values

    def take(self, positions: Positions) -> pd.DataFrame:
        """Give whole rows, by ascending position."""
        if isinstance(self.cells, pd.DataFrame):
            return self.cells.iloc[positions].reset_index(drop=True)
        mask = np.zeros(len(self), dtype=bool)
        mask[positions] = True
        rows = self.cells.filter(pa.array(mask)) if len(positions) else self.cells.slice(0, 0)
        return pd.DataFrame(rows.to_pandas(types_mapper=_TO_PANDAS))

    def add_column(self, name: str, values: Sequence[str | None]) -> None:
        """Append a column of text under a name that is free."""
        free = unique_names([*self.names, name])[-1]
        if isinstance(self.cells, pd.DataFrame):
            self.cells = self.cells.assign(**{free: pd.array(values, dtype=RAW_TEXT)})
        else:
            self.cells = self.cells.append_column(free, pa.array(values, pa.large_string()))

    def replace_column(self, name: str, values: "pd.Series[Any]") -> None:
        """Put other values (n,) of the same kind in the place of a column's."""
        if isinstance(self.cells, pd.DataFrame):
            self.cells = self.cells.assign(**{name: values})
        else:
            at = self.cells.column_names.index(name)
            plain = values.astype(object).where(values.notna(), None)
            self.cells = self.cells.set_column(at, name, pa.array(plain, pa.large_string()))

    def rename(self, names: Sequence[str]) -> None:
        """Give the columns other names, in their order."""
        if isinstance(self.cells, pd.DataFrame):
            self.cells = self.cells.set_axis(list(names), axis=1)
        else:
            self.cells = self.cells.rename_columns(list(names))

    def drop(self, names: Sequence[str]) -> None:
        """Leave columns out."""
        if isinstance(self.cells, pd.DataFrame):
            self.cells = self.cells.drop(columns=names)
        else:
            self.cells = self.cells.drop_columns(list(names))

    def keep(self, mask: Flags) -> None:
        """Leave out the rows that a mask does not name."""
        self.rows = self.rows[mask]
        if isinstance(self.cells, pd.DataFrame):
            self.cells = self.cells.loc[mask].reset_index(drop=True)
        else:
            self.cells = self.cells.filter(pa.array(mask))


def leave_out_side_tables(table: RawTable) -> None:
    """Leave out a small table that stands right of the rows, behind a blank column, with a note.

    It fills the first rows only, each of them, and no more than half: its region or its total is
    not that of the incidents beside it. One that holds coordinates may be theirs, and stays.
    """
    names = table.names
    blank = [bool(_BLANK_NAME.match(name)) and not stated_in(table.cells, name).any()
             for name in names]  # fmt: skip
    if True not in blank or len(table) < _FEWEST_BESIDE:
        return
    is_gap = dict(zip(names, blank, strict=True))
    dropped: list[str] = []
    for gap, block in groupby(names[blank.index(True) :], key=is_gap.__getitem__):
        columns = list(block)
        if gap:
            continue
        filled = np.logical_or.reduce([stated_in(table.cells, name) for name in columns])
        rows = int(filled.sum())
        if 0 < rows <= len(table) / 2 and filled[:rows].all() and not _holds_places(columns):
            dropped += columns
    if dropped:
        table.drop(dropped)
        table.notes.append(
            Sentence("not read, since they stand beside the table, in fewer rows: {shown}",
                     shown=first_offenders(dropped))
        )  # fmt: skip


def _holds_places(columns: Sequence[str]) -> bool:
    places = {*AXES, "x", "y", "gps", "coordonnees", "coordinates"}
    return any(places & set(plain_name(name).split()) for name in columns)


def stated_in(cells: pa.Table | pd.DataFrame, name: str) -> Flags:
    """Tell which cells of a column hold anything, (n,)."""
    if isinstance(cells, pd.DataFrame):
        return cells[name].notna().to_numpy(dtype=bool)
    if not cells.column(name).null_count:
        return np.ones(len(cells), dtype=bool)
    return np.asarray(cells.column(name).is_valid().to_numpy(), dtype=bool)


def find_header_row(records: Sequence[Sequence[str]], wanted: Sequence[str]) -> int:
    """Find the line with the most column names we know; the first filled one if there is none."""
    scores = [header_score(record, wanted) for record in records]
    if max(scores, default=0) >= 2:
        return scores.index(max(scores))
    cells = [sum(bool(cell.strip()) for cell in record) for record in records]
    filled = [at for at, number in enumerate(cells) if number > 1]
    # The line of a pivot table that names what is counted is much shorter than the one below.
    wide = (at for at, below in pairwise(filled) if 2 * cells[at] > cells[below])
    return next(wide, (filled or [0])[0])


def find_header(records: Sequence[Sequence[str]], wanted: Sequence[str]) -> tuple[int, list[str]]:
    """Find the last line of the header, and its names with those of the line around them.

    >>> find_header([["Date", "Lieu", "Bilan", ""], ["", "", "Blessés", "Tués"]], ())
    (1, ['Date', 'Lieu', 'Blessés', 'Tués'])
    """
    at = find_header_row(records, wanted)
    if at and is_tag_row(records[at]):  # the names above may say as much
        at -= header_score(records[at - 1], wanted) >= header_score(records[at], wanted)
    if at + 1 < len(records) and _is_lower_line(records[at], records[at + 1]):
        at += 1
    return at, _merged_header(records[at - 1] if at else [], records[at])


def _is_lower_line(upper: Sequence[str], lower: Sequence[str]) -> bool:
    """Whether a line only names parts of what is merged sideways in the line above it."""
    names = [*upper, *[""] * (len(lower) - len(upper))]
    group, of_group = 0, []
    for at, name in enumerate(names):
        group = at if name.strip() else group
        of_group.append(group)
    filled = [at for at, cell in enumerate(lower) if cell.strip()]
    return (
        len(filled) > 1
        and all(names[of_group[at]].strip() for at in filled)
        and all(of_group.count(of_group[at]) > 1 for at in filled)
        and {of_group[at] for at in filled} != set(of_group)
        and not any(char.isdigit() for at in filled for char in lower[at])
    )


def _merged_header(above: Sequence[str], own: Sequence[str]) -> list[str]:
    """Complete a header by the line above it, whose cells may be merged over it.

    A cell merged downwards leaves a blank in the lower line; one merged sideways names a group
    whose parts (``Morts``: ``Min``, ``Max``; ``Civils``: ``Tués`` beside ``FDS``: ``Tués``) only
    mean something with the group's name.
    """
    width = max(len(own), len(above))
    lower = [*own, *[""] * (width - len(own))]
    upper = [*above, *[""] * (width - len(above))]
    if sum(bool(cell) for cell in upper) < 2:
        return lower  # a title, not a line of the header
    names, group = [], ""
    for top, cell in zip(upper, lower, strict=True):
        group = top or group
        alone = cell or top
        year = group.strip().isdigit()  # of the months below it
        whole = f"{cell} {group}" if year else f"{group} {cell}"
        better = bool(cell and group) and (
            year or lower.count(cell) > 1 or header_score([whole]) > header_score([alone])
        )
        names.append(whole if better else alone)
    return names


def is_tag_row(cells: Sequence[str]) -> bool:
    """Whether a line holds HXL tags (``#date``, ``#geo+lat``) instead of an incident."""
    filled = [cell.strip() for cell in cells if cell and cell.strip()]
    return len(filled) > 1 and all(cell.startswith("#") for cell in filled)


def unique_names(header: Sequence[str]) -> list[str]:
    """Trim column names, number blank and repeated ones, and bound how many there are."""
    if len(header) > MAX_COLUMNS:
        raise InputError(
            "the header has {number} columns; expected at most {max_columns}. Check the "
            "delimiter, or remove columns.",
            number=len(header),
            max_columns=MAX_COLUMNS,
        )
    names: list[str] = []
    taken: set[str] = set()
    for position, cell in enumerate(header, start=1):
        base = " ".join(str(cell).split())[:200] or f"column {position}"
        name, copy = base, 2
        while name in taken:
            name, copy = f"{base} ({copy})", copy + 1
        names.append(name)
        taken.add(name)
    return names
