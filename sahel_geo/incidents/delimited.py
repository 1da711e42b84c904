"""Delimited text: which encoding, which delimiter, which line is the header, which rows are ragged."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv

from sahel_geo.errors import InputError
from sahel_geo.incidents.columns import header_score
from sahel_geo.incidents.encoding import DAMAGED_UTF8, detect_encoding
from sahel_geo.incidents.raw import (
    HEADER_LINES,
    NULLS,
    RAW_TEXT,
    RawTable,
    drop_blank_rows,
    find_header_row,
    is_tag_row,
    unique_names,
)

_HEAD_BYTES: Final = 256 * 1024
_BLOCK_BYTES: Final = 8 * 1024**2
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
    layout = _find_header(head, delimiter, wanted)
    table = RawTable(pd.DataFrame(), np.empty(0, dtype=np.int64), "csv", encoding, delimiter)
    table.notes += notes
    _read_body(source, layout, table, path.name)
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
        data = source.slice(0, _HEAD_BYTES).to_pybytes()
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


def _find_header(head: str, delimiter: str, wanted: Sequence[str]) -> _Layout:
    records = _records(head, delimiter)
    row = find_header_row([record for record, _ in records], wanted)
    header, last_line = records[row]
    width = max([len(header), *_overhang(records[row + 1 :], len(header))])
    names = unique_names([*header, *[""] * (width - len(header))])
    below = records[row + 1][0] if row + 1 < len(records) else []
    return _Layout(delimiter, names, last_line, row + 1, is_tag_row(below))


def _overhang(records: Sequence[tuple[list[str], int]], width: int) -> list[int]:
    """Widths of the rows, if every one only adds empty fields after the header's last."""
    rows = [record for record, _ in records if any(record)]
    if rows and all(len(row) > width and not any(row[width:]) for row in rows):
        return [len(row) for row in rows]
    return []


def _read_body(source: Any, layout: _Layout, table: RawTable, name: str) -> None:
    """Read the rows below the header into `table`."""
    offset = layout.header_row - layout.skip_lines
    ragged: list[Any] = []

    def set_aside(row: Any) -> str:
        ragged.append((row.number, row.actual_columns, row.text[:4000]))
        return "skip"

    try:
        arrow = pacsv.read_csv(
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
                column_types=dict.fromkeys(layout.names, pa.string()),
                strings_can_be_null=True,
                null_values=list(NULLS),
                check_utf8=True,
            ),
        )
    except pa.ArrowInvalid as error:
        arrow = _explain_or_empty(error, layout, name)
    _number_rows(arrow, [(at + offset, width, text) for at, width, text in ragged], layout, table)


def _explain_or_empty(error: pa.ArrowInvalid, layout: _Layout, name: str) -> pa.Table:
    if "Empty CSV" in str(error):
        return pa.table({column: pa.array([], pa.string()) for column in layout.names})
    raise InputError(
        f"{name!r} cannot be cut into rows ({str(error)[:200]}); expected one incident per line with "
        "quotes closed. Look for a field larger than a few megabytes or a quote that never closes.",
    ) from error


def _number_rows(
    arrow: pa.Table,
    ragged: list[tuple[int, int, str]],
    layout: _Layout,
    table: RawTable,
) -> None:
    total = arrow.num_rows + len(ragged)
    numbers = np.arange(layout.header_row + 1, layout.header_row + 1 + total)
    refused = np.isin(numbers, [at for at, _, _ in ragged])
    frame = arrow.to_pandas(types_mapper={pa.string(): RAW_TEXT}.get)
    table.frame, table.rows = drop_blank_rows(frame, numbers[~refused])
    if layout.tags and len(table.frame):
        table.frame, table.rows = table.frame.iloc[1:], table.rows[1:]
        table.notes.append("the row of HXL tags below the header is skipped")
    for at, width, text in ragged:
        if not text.strip(f'{layout.delimiter} \t\r\n"'):
            continue
        detail = f"{width} fields where the header has {len(layout.names)}"
        table.rejected.append((at, "ragged_row", detail, _cut(text, layout.delimiter)))


def _cut(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:
        return [text]
