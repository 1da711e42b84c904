"""Delimited text: its delimiter, the line of its header, the rows that do not match it."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from sahel_geo.errors import InputError
from sahel_geo.incidents.columns import header_score
from sahel_geo.incidents.encoding import DAMAGED_UTF8, detect_encoding
from sahel_geo.incidents.raw import (
    HEADER_LINES,
    NULLS,
    RawTable,
    find_header_row,
    is_tag_row,
    unique_names,
)
from sahel_geo.incidents.reasons import RAGGED_ROW

_HEAD_BYTES: Final = 256 * 1024
_BLOCK_BYTES: Final = 8 * 1024**2
_MAX_RAGGED: Final = 1024**2  # characters kept of a row that cannot be cut
_DELIMITERS: Final = (",", ";", "\t", "|")


def read_delimited(path: Path, wanted: Sequence[str] = ()) -> RawTable:
    """Read a CSV or TSV file as text, with the number of every row.

    Parameters
    ----------
    path : Path
        An existing file.
    wanted : sequence of str
        Column names that the caller expects; they help to find the header.

    Returns
    -------
    RawTable
        Rows whose number of fields differs from the header's are in `rejected`.

    Raises
    ------
    FileError
        If the file is larger than 2 GiB or is not text.
    InputError
        If it is empty, or holds a header and nothing else.
    """
    encoding, notes = detect_encoding(path)
    source = _as_utf8(path, encoding)
    head = _head_text(source)
    if not head.strip():
        raise InputError(f"{path.name!r} is empty; expected a header and at least one incident.")
    delimiter = _sniff_delimiter(head, wanted)
    layout = _find_header(head, delimiter, wanted, path.name)
    cells, ragged = _read_body(source, layout, path.name)
    total = cells.num_rows + len(ragged)
    numbers = np.arange(layout.header_row + 1, layout.header_row + 1 + total)
    numbers = numbers[~np.isin(numbers, [at for at, _, _ in ragged])]
    table = RawTable(cells, numbers, "csv", encoding, delimiter, notes=notes)
    if layout.tags and len(table):
        table.skip_first()
        table.notes.append("the row of HXL tags below the header is skipped")
    _reject_ragged(table, ragged, layout)
    return table


def _as_utf8(path: Path, encoding: str) -> Any:
    """Give something Arrow can read twice: the path itself, or the file as UTF-8 in memory."""
    if encoding in {"utf-8", "utf-8-sig"}:
        return str(path)
    codec = "utf-8" if encoding == DAMAGED_UTF8 else encoding
    text = path.read_bytes().decode(codec, "replace")
    return pa.py_buffer(text.encode("utf-8"))


def _head_text(source: Any) -> str:
    if isinstance(source, str):
        with Path(source).open("rb") as stream:
            data = stream.read(_HEAD_BYTES)
    else:
        data = source.slice(0, min(_HEAD_BYTES, source.size)).to_pybytes()
    return data.decode("utf-8-sig", "ignore")


@dataclass(frozen=True)
class _Layout:
    delimiter: str
    names: list[str]
    skip_lines: int  # physical lines above the first row of data
    header_row: int  # the header's number in a spreadsheet
    tags: bool  # whether the first row below holds HXL tags


def _records(head: str, delimiter: str, limit: int = HEADER_LINES) -> list[tuple[list[str], int]]:
    """First records of a text and the physical line each ends on."""
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    found: list[tuple[list[str], int]] = []
    try:
        for record in reader:
            found.append((record, reader.line_num))
            if len(found) == limit:
                break
    except csv.Error:  # a field beyond the csv module's limit, or a stray NUL: use what came before
        pass
    return found


def _sniff_delimiter(head: str, wanted: Sequence[str]) -> str:
    stated = re.match(r"^sep=(.)\r?\n", head)
    if stated:
        return stated[1]

    def score(delimiter: str) -> tuple[int, float]:
        records = [record for record, _ in _records(head, delimiter) if any(record)]
        known = max((header_score(record, wanted) for record in records), default=0)
        widths = Counter(len(record) for record in records)
        width, times = widths.most_common(1)[0] if widths else (1, 0)
        return known, (width > 1) * times / max(len(records), 1)

    return max(_DELIMITERS, key=score)


def _find_header(head: str, delimiter: str, wanted: Sequence[str], name: str) -> _Layout:
    records = _records(head, delimiter)
    if not records:
        raise InputError(
            f"{name!r} has no line that can be cut into fields; expected CSV with a header. "
            "Check that the file is the table of incidents.",
        )
    row = find_header_row([record for record, _ in records], wanted)
    header, last_line = records[row]
    width = max([len(header), *_overhang(records[row + 1 :], len(header))])
    names = unique_names([*header, *[""] * (width - len(header))])
    below = records[row + 1][0] if row + 1 < len(records) else []
    return _Layout(delimiter, names, last_line, row + 1, is_tag_row(below))


def _overhang(records: Sequence[tuple[list[str], int]], width: int) -> list[int]:
    """Give the widths of the rows, if every one only adds empty fields after the header's last."""
    rows = [record for record, _ in records if any(record)]
    if rows and all(len(row) > width and not any(row[width:]) for row in rows):
        return [len(row) for row in rows]
    return []


_Ragged = tuple[int, int, str]  # row number, fields found, text


def _read_body(source: Any, layout: _Layout, name: str) -> tuple[pa.Table, list[_Ragged]]:
    """Read the rows below the header, and apart the rows whose fields do not match it."""
    offset = layout.header_row - layout.skip_lines
    ragged: list[_Ragged] = []

    def set_aside(row: Any) -> str:
        ragged.append((row.number + offset, row.actual_columns, row.text[:_MAX_RAGGED]))
        return "skip"

    try:
        cells = pacsv.read_csv(
            pa.BufferReader(source) if isinstance(source, pa.Buffer) else source,
            # One thread: only then does Arrow number the rows it refuses.
            read_options=pacsv.ReadOptions(
                use_threads=False,
                skip_rows=layout.skip_lines,
                column_names=layout.names,
                block_size=_BLOCK_BYTES,
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
    except pa.ArrowInvalid as error:
        cells = _explain_or_empty(error, layout, name)
    return cells, ragged


def _explain_or_empty(error: pa.ArrowInvalid, layout: _Layout, name: str) -> pa.Table:
    if "Empty CSV" in str(error):
        return pa.table({column: pa.array([], pa.large_string()) for column in layout.names})
    raise InputError(
        f"{name!r} cannot be cut into rows ({str(error)[:200]}); expected one incident per line with "
        "quotes closed. Look for a field larger than a few megabytes or a quote that never closes.",
    ) from error


def _reject_ragged(table: RawTable, ragged: list[_Ragged], layout: _Layout) -> None:
    for at, width, text in ragged:
        if not text.strip(f'{layout.delimiter} \t\r\n"'):
            continue
        detail = f"{width} fields where the header has {len(layout.names)}"
        lines = text.count("\n")
        if lines and text.count('"') % 2:
            detail += f"; a quote opens here and never closes, which hides {lines} line(s) below"
            table.notes.append(
                f"row {at} opens a quote that never closes: {lines} line(s) below it are not read",
            )
        table.rejected.append((at, RAGGED_ROW, detail, _cut(text, layout.delimiter)))


def _cut(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:
        return [text]
