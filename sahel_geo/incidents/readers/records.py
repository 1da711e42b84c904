"""Cut delimited text into rows below a known header, number them, and survive lost quotes."""

import csv
import io
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from sahel_geo.arrays import Integers
from sahel_geo.errors import InputError, why
from sahel_geo.i18n.sentence import Sentence, joined
from sahel_geo.incidents.columns.texts import lowest
from sahel_geo.incidents.readers.raw import NULLS, RawTable
from sahel_geo.incidents.reasons import RAGGED_ROW

_BLOCK_BYTES: Final = 8 * 1024**2
# One row may need this much when a quote that never closes swallows the rest of the file.
_LARGEST_BLOCK: Final = 64 * 1024**2
_MAX_REPAIRS: Final = 50
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n?|\n)?")
_MAX_RAGGED: Final = 100_000  # characters kept of a row that does not match the header
_BREAK: Final = r"\r\n?|\n"
_BLANK: Final = ord(" ")  # below which are line breaks
_TAIL_BYTES: Final = 1024**2
_LOOKED_AT: Final = 200  # rows that tell what a column holds, lines of one text that are tried
_NUMBER: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_DATE: Final = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ].*)?")


class QuoteCheck:
    """Whether a row that spans lines does so only because a quote was lost."""

    def __init__(self, delimiter: str, kinds: Sequence[str | None]) -> None:
        self.delimiter, self.kinds = delimiter, kinds
        mark = re.escape(delimiter)
        cell = rf'(?:"(?:[^"]++|"")*+"|[^"{mark}\r\n][^{mark}\r\n]*+|)'
        self._well_quoted = re.compile(rf"(?:{cell}{mark})*+{cell}[\r\n]*")

        loose = rf'(?:"(?:[^"]++|"")*+"[^{mark}\r\n]*+|[^"{mark}\r\n][^{mark}\r\n]*+|)'
        self._open = re.compile(rf'(?:{loose}{mark})*+"(?:[^"]++|"")*+')

    def open_at_end(self, text: str) -> bool:
        """Tell whether a row ends inside a quote."""
        return self._open.fullmatch(text) is not None

    def lost(self, text: str) -> bool:
        """Tell whether a quote never closes, or closes on a line that is a row of its own."""
        if not self._well_quoted.fullmatch(text):
            return True
        below = islice(io.StringIO(text, newline=None), 1, _LOOKED_AT)
        return any(self._is_row(line.rstrip("\n")) for line in below)

    def _is_row(self, line: str) -> bool:
        """Tell whether a line has the header's fields, with numbers and dates where it must."""
        if line.count(self.delimiter) < len(self.kinds) - 1:
            return False
        fields = _cut(line, self.delimiter)
        if len(fields) != len(self.kinds) or len(fields) < 2:
            return False
        kinds = [
            (kind, _kind(value))
            for kind, value in zip(self.kinds, fields, strict=True)
            if kind and value
        ]
        return bool(kinds) and all(kind == own for kind, own in kinds)


@dataclass(frozen=True)
class Layout:
    """Where the rows begin and how they are cut."""

    delimiter: str  # one character
    names: list[str]  # columns
    skip_lines: int  # physical lines above the first row of data
    header_row: int  # the header's number in a spreadsheet
    tags: bool  # whether the first row below the header holds HXL tags
    above: str = ""  # what the lines above the header say


@dataclass(frozen=True)
class _Ragged:
    row: int
    fields: int
    text: str
    quote_lost: bool = False  # it spans lines only because a quote never closes

    @property
    def lines(self) -> tuple[str, str]:
        """The first line, and what is below it."""
        first = _LINE.match(self.text)
        end = first.end() if first else 0
        return self.text[:end].rstrip("\r\n"), self.text[end:]


@dataclass
class Records:
    """Rows that match the header, their numbers, and apart the rows that do not."""

    cells: pa.Table
    rows: Integers
    ragged: list[_Ragged]
    notes: list[Sentence] = field(default_factory=list)

    def reject_into(self, table: RawTable, layout: Layout) -> None:
        """Hand the ragged rows to a table, but for those without any content."""
        for row in self.ragged:
            if row.text.strip(f'{layout.delimiter} \t\r\n"'):
                fields = _cut(row.text[:_MAX_RAGGED], layout.delimiter)
                table.rejected.append((row.row, RAGGED_ROW, _fault(row, layout), fields))

    @classmethod
    def read(cls, source: str | pa.Buffer, layout: Layout, name: str) -> "Records":
        """Read all rows below the header as text."""
        records = _read_once(source, layout, name)
        repairs = 0
        while lost := next(
            (row for row in records.ragged if row.quote_lost and row.lines[1]), None
        ):
            if repairs == _MAX_REPAIRS:
                raise InputError(
                    "{name!r} has more than {most} rows that open a quote and never close it, such "
                    "as row {row}; expected quotes closed. Write the table again.",
                    name=name,
                    most=_MAX_REPAIRS,
                    row=lost.row,
                )
            _repair(records, lost, layout, name)
            repairs += 1
        if len(records.notes) > 1:
            records.notes = [
                Sentence(
                    "{number} rows open a quote that never closes; the rows below them that they "
                    "swallowed are read on their own",
                    number=repairs,
                )
            ]
        return records


def _fault(row: _Ragged, layout: Layout) -> Sentence:
    sentences = []
    if row.fields != len(layout.names):
        sentences.append(
            Sentence(
                "{number} fields where the header has {wanted}",
                number=row.fields,
                wanted=len(layout.names),
            )
        )
    if row.quote_lost:
        sentences.append(Sentence("a quote opens here and never closes"))
    return joined(sentences)


def _repair(records: Records, lost: _Ragged, layout: Layout, name: str) -> None:
    """Read the lines below a lost quote again, and renumber what follows them."""
    first, rest = lost.lines
    below = replace(layout, skip_lines=0, header_row=lost.row)
    again = _read_once(pa.py_buffer(rest.encode("utf-8")), below, name)
    added = again.cells.num_rows + len(again.ragged)
    records.rows = np.where(records.rows > lost.row, records.rows + added, records.rows)
    records.ragged = [
        *(
            replace(r, row=r.row + added * (r.row > lost.row))
            for r in records.ragged
            if r is not lost
        ),
        replace(lost, text=first),
        *again.ragged,
    ]
    records.cells = pa.concat_tables([records.cells, again.cells])
    records.rows = np.concatenate([records.rows, again.rows])
    if not added:
        return
    records.notes.append(
        Sentence(
            "row {row} opens a quote that never closes; rows that it swallowed are read on their "
            "own: {added}",
            row=lost.row,
            added=added,
        )
    )


def _read_once(source: str | pa.Buffer, layout: Layout, name: str) -> Records:
    try:
        cells, ragged = _read_blocks(source, layout, _BLOCK_BYTES)
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):
            empty = pa.array([], pa.large_string())
            cells, ragged = pa.table(dict.fromkeys(layout.names, empty)), []
        else:
            cells, ragged = _read_one_block(source, layout, name)
    total = cells.num_rows + len(ragged)
    rows = np.arange(layout.header_row + 1, layout.header_row + 1 + total, dtype=np.int64)
    if ragged:
        rows = rows[~np.isin(rows, [row.row for row in ragged])]
    return _without_lost_quotes(Records(cells, rows, ragged), source, layout)


def _without_lost_quotes(records: Records, source: str | pa.Buffer, layout: Layout) -> Records:
    """Take the rows that span lines for want of a quote out of the rows that match the header."""
    total = len(records.rows) + len(records.ragged)
    check = QuoteCheck(layout.delimiter, _column_kinds(records.cells))
    texts = _spanning(records, source, layout)
    lost = {at: text for at, text in texts.items() if check.lost(text)}
    if total and total - 1 not in lost and check.open_at_end(tail := _last_line(source)):
        lost[total - 1] = tail
    if not lost:
        return records
    kept = records.rows - layout.header_row - 1
    fields = {row.row - layout.header_row - 1: row.fields for row in records.ragged}
    gone = np.isin(kept, list(lost))
    ragged = [row for row in records.ragged if row.row - layout.header_row - 1 not in lost]
    for at, text in lost.items():
        wide = fields.get(at, len(layout.names))
        ragged.append(_Ragged(at + layout.header_row + 1, wide, text, quote_lost=True))
    if gone.any():
        records = replace(
            records, cells=records.cells.filter(pa.array(~gone)), rows=records.rows[~gone]
        )
    return replace(records, ragged=sorted(ragged, key=lambda row: row.row))


def _spanning(records: Records, source: str | pa.Buffer, layout: Layout) -> dict[int, str]:
    """Give the text of each row that spans lines, by its place below the header."""
    broken = [column for column in records.cells.columns if lowest(column) < _BLANK]
    if not broken and not records.ragged:
        return {}
    breaks = np.zeros(len(records.rows) + len(records.ragged), dtype=np.int64)
    kept = records.rows - layout.header_row - 1
    for column in broken:
        breaks[kept] += pc.fill_null(pc.count_substring_regex(column, _BREAK), 0).to_numpy()
    for row in records.ragged:
        breaks[row.row - layout.header_row - 1] = len(
            re.findall(_BREAK, row.text.rstrip("\r\n"))  # without the one that ends the row
        )
    starts = layout.skip_lines + np.cumsum(breaks + 1) - breaks - 1
    spanning = np.flatnonzero(breaks)
    texts = _raw_texts(source, {int(starts[at]): int(breaks[at]) + 1 for at in spanning})
    return {int(at): texts[int(starts[at])] for at in spanning}


def _read_one_block(
    source: str | pa.Buffer, layout: Layout, name: str
) -> tuple[pa.Table, list[_Ragged]]:
    try:
        return _read_blocks(source, layout, _LARGEST_BLOCK)
    except pa.ArrowInvalid as error:
        raise InputError(
            "{name!r} cannot be cut into rows ({why}); expected one incident per line with "
            "quotes closed. Look for a quote that never closes, or split the file.",
            name=name,
            why=why(error, 120),
        ) from error


def _read_blocks(
    source: str | pa.Buffer, layout: Layout, block_bytes: int
) -> tuple[pa.Table, list[_Ragged]]:
    offset = layout.header_row - layout.skip_lines
    ragged: list[_Ragged] = []

    def set_aside(row: Any) -> str:
        ragged.append(_Ragged(row.number + offset, row.actual_columns, row.text))
        return "skip"

    cells = pacsv.read_csv(
        # not by its path, whose suffix Arrow would believe
        pa.OSFile(os.fsencode(source)) if isinstance(source, str) else pa.BufferReader(source),
        # One thread: only then does Arrow number the rows it refuses.
        read_options=pacsv.ReadOptions(
            use_threads=False,
            skip_rows=layout.skip_lines,
            column_names=layout.names,
            block_size=block_bytes,
        ),
        parse_options=pacsv.ParseOptions(
            delimiter=layout.delimiter,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=set_aside,
        ),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(layout.names, pa.large_string()),
            strings_can_be_null=True,
            null_values=list(NULLS),
            check_utf8=False,  # the scan of the encoding made sure
        ),
    )
    return cells, ragged


def _last_line(source: str | pa.Buffer) -> str:
    """Give the end of a text after its last line break, where that is short."""
    with opened(source) as stream:
        size = stream.seek(0, io.SEEK_END)
        stream.seek(max(0, size - _TAIL_BYTES))
        tail: bytes = stream.read()
    cut_off = size > _TAIL_BYTES and not re.search(rb"[\r\n]", tail)
    return "" if cut_off else re.split(rb"[\r\n]", tail)[-1].decode("utf-8", "replace")


def opened(source: str | pa.Buffer) -> Any:
    """Open a text, on disk or in memory, to read its bytes."""
    return Path(source).open("rb") if isinstance(source, str) else pa.BufferReader(source)


def _raw_texts(source: str | pa.Buffer, spans: Mapping[int, int]) -> dict[int, str]:
    """Give the text of rows by the line they begin on; `spans` says how many lines each has."""
    texts = {}
    with io.TextIOWrapper(opened(source), "utf-8", "replace", newline="") as stream:
        at = 0
        for start in sorted(spans):
            for _ in islice(stream, start - at):
                pass
            texts[start] = "".join(islice(stream, spans[start]))
            at = start + spans[start]
    return texts


def _column_kinds(cells: pa.Table) -> list[str | None]:
    """Tell of each column whether its first rows hold numbers, dates or neither (None)."""
    kinds: list[str | None] = []
    for column in cells.slice(0, _LOOKED_AT).columns:
        own = [_kind(value) for value in column.to_pylist() if value]
        best = max(set(own), key=own.count, default=None)
        kinds.append(best if best and own.count(best) >= 0.8 * len(own) else None)
    return kinds


def _kind(value: str) -> str | None:
    value = value.strip()
    return "number" if _NUMBER.fullmatch(value) else "date" if _DATE.fullmatch(value) else None


def _cut(text: str, delimiter: str) -> list[str]:
    """Cut one row into fields."""
    try:
        return next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:
        return [text]
