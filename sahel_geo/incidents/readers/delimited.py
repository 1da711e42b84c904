"""Delimited text: its delimiter, the line of its header, the rows that do not match it."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from sahel_geo.errors import FileError, InputError
from sahel_geo.incidents.columns.names import header_score
from sahel_geo.incidents.columns.profiles import gdelt_names
from sahel_geo.incidents.readers.encoding import DAMAGED_UTF8, detect_encoding
from sahel_geo.incidents.readers.raw import (
    HEADER_LINES,
    RawTable,
    find_header_row,
    is_tag_row,
    unique_names,
)
from sahel_geo.incidents.readers.records import Layout, read_records
from sahel_geo.incidents.reasons import TAGS_NOTE

MAX_CELLS: Final = 100_000_000
_HEAD_BYTES: Final = 256 * 1024
_SCAN_BYTES: Final = 8 * 1024**2
_DELIMITERS: Final = (",", ";", "\t", "|")


def read_delimited(path: Path, wanted: Sequence[str] = ()) -> RawTable:
    """Read a CSV or TSV file as text, with the number of every row."""
    encoding, notes = detect_encoding(path)
    source = _as_utf8(path, encoding)
    head = _head_text(source)
    if not head.strip():
        raise InputError(
            "{name!r} is empty; expected a header and at least one incident.",
            name=path.name,
        )
    delimiter = _sniff_delimiter(head, wanted)
    _check_cells(source, delimiter, path.name)
    layout = _find_header(head, delimiter, wanted, path.name)
    records = read_records(source, layout, path.name)
    notes += records.notes
    table = RawTable(records.cells, records.rows, "csv", encoding, delimiter, notes=notes)
    if layout.tags and len(table):
        table.skip_first()
        table.notes.append(TAGS_NOTE)
    records.reject_into(table, layout)
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


def _check_cells(source: Any, delimiter: str, name: str) -> None:
    """Refuse text that is mostly delimiters: a blank cell takes a byte here, nine in memory."""
    mark, cells = delimiter.encode(), 0
    with Path(source).open("rb") if isinstance(source, str) else pa.BufferReader(source) as stream:
        while block := stream.read(_SCAN_BYTES):
            cells += block.count(mark)
    if cells > MAX_CELLS:
        raise FileError(
            "{name!r} has {cells:,} cells; expected at most {most:,}. Leave out the columns that "
            "are not needed, or split it by year.",
            name=name,
            cells=cells,
            most=MAX_CELLS,
        )


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

    if _gdelt(_records(head, "\t")) is not None:
        return "\t"

    def score(delimiter: str) -> tuple[int, float]:
        records = [record for record, _ in _records(head, delimiter) if any(record)]
        known = max((header_score(record, wanted) for record in records), default=0)
        widths = Counter(len(record) for record in records)
        width, times = widths.most_common(1)[0] if widths else (1, 0)
        return known, (width > 1) * times / max(len(records), 1)

    return max(_DELIMITERS, key=score)


def _find_header(head: str, delimiter: str, wanted: Sequence[str], name: str) -> Layout:
    records = _records(head, delimiter)
    if not records:
        raise InputError(
            "{name!r} has no line that can be cut into fields; expected CSV with a header. "
            "Check that the file is the table of incidents.",
            name=name,
        )
    if delimiter == "\t" and (names := _gdelt(records)) is not None:
        return Layout(delimiter, names, 0, 0, tags=False)
    row = find_header_row([record for record, _ in records], wanted)
    header, last_line = records[row]
    if row + 1 == len(records) and any("\n" in cell or "\r" in cell for cell in header):
        raise InputError(
            "{name!r} opens a quote at or above its header that never closes; expected quotes "
            "closed. Take the quote out.",
            name=name,
        )
    width = max([len(header), *_overhang(records[row + 1 :], len(header))])
    names = unique_names([*header, *[""] * (width - len(header))])
    if not names:  # blank lines and a delimiter
        raise InputError(
            "{name!r} is empty; expected a header and at least one incident.", name=name
        )
    below = records[row + 1][0] if row + 1 < len(records) else []
    return Layout(delimiter, names, last_line, row + 1, is_tag_row(below))


def _gdelt(records: Sequence[tuple[list[str], int]]) -> list[str] | None:
    """Give the columns of a GDELT export, which has no header, None for any other file."""
    rows = [record for record, _ in records]
    widths = {len(row) for row in rows}
    if len(widths) != 1 or max(widths) < 57:
        return None
    starts = all(
        row[0].isdigit() and re.fullmatch(r"(?:19|20)\d{6}", row[1]) and row[1][:4] == row[3]
        for row in rows
    )
    return gdelt_names(max(widths)) if starts else None


def _overhang(records: Sequence[tuple[list[str], int]], width: int) -> list[int]:
    """Give the widths of the rows, if every one only adds empty fields after the header's last."""
    rows = [record for record, _ in records if any(record)]
    if rows and all(len(row) > width and not any(row[width:]) for row in rows):
        return [len(row) for row in rows]
    return []
