"""Delimited text: which encoding, which delimiter, which line is the header, which rows are ragged."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv

from sahel_geo.errors import FileError, InputError
from sahel_geo.incidents.columns import header_score

MAX_TEXT_BYTES: Final = 2 * 1024**3
_HEAD_BYTES: Final = 256 * 1024
_SCAN_BYTES: Final = 8 * 1024**2
_HEADER_LINES: Final = 40  # how far down a header may stand below titles
MAX_COLUMNS: Final = 2000
_DELIMITERS: Final = (",", ";", "\t", "|")
_NULLS: Final = ["", "NULL", "null", "NaN", "nan", "NA", "N/A", "n/a", "#N/A", "<Null>", "None"]
RAW_TEXT: Final = pd.StringDtype("pyarrow")

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What French text is full of, to tell one single-byte encoding from another.
_FRENCH: Final = frozenset("éèêëàâçùûîïôœÉÈÀÇÊÎÔ’«»°")


@dataclass
class RawTable:
    """A file's rows before any interpretation.

    `rows` numbers them as a spreadsheet shows them. Text cells are stripped of nothing and missing
    where blank; columns may also be numbers or timestamps where the container has types.
    """

    frame: pd.DataFrame
    rows: npt.NDArray[np.int64]
    container: str
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    notes: list[str] = field(default_factory=list)
    rejected: list[tuple[int, str, str, list[str]]] = field(default_factory=list)


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


def detect_encoding(path: Path) -> tuple[str, list[str]]:
    """Decide how the bytes of a text file are to be read.

    UTF-8 is taken where the whole file is valid; else UTF-8 with single damaged characters, else
    the single-byte encoding (Windows, Mac, DOS) that makes the most French of it.
    """
    size = path.stat().st_size
    if size > MAX_TEXT_BYTES:
        raise FileError(
            f"{path.name!r} has {size / 1024**3:.1f} GiB; expected at most 2 GiB of text. "
            "Split it by year, or convert it to Parquet.",
        )
    with path.open("rb") as stream:
        start = stream.read(4096)
        for bom, name in _BOMS:
            if start.startswith(bom):
                return name, []
        if guess := _utf16_without_bom(start):
            return guess, []
        stream.seek(0)
        return _scan(stream, path.name)


def _utf16_without_bom(start: bytes) -> str | None:
    even, odd = start[0::2].count(0), start[1::2].count(0)
    half = len(start) // 2
    if half >= 4 and odd > 0.7 * half and even < 0.05 * half:
        return "utf-16-le"
    if half >= 4 and even > 0.7 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None


def _scan(stream: io.BufferedReader, name: str) -> tuple[str, list[str]]:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    control = total = damaged = accented = 0
    odd_bytes: Counter[int] = Counter()
    while block := stream.read(_SCAN_BYTES):
        total += len(block)
        control += sum(block.count(bytes([code])) for code in (*range(1, 8), *range(14, 27)))
        control += block.count(0)
        if block.isascii() and not decoder.getstate()[0]:
            continue
        text = decoder.decode(block)
        damaged += text.count("\ufffd")
        accented += sum(text.count(char) for char in _FRENCH)
        odd_bytes.update(byte for byte in block if byte > 127)
    damaged += decoder.decode(b"", final=True).count("\ufffd")
    if control > max(20, total // 100):
        raise FileError(
            f"{name!r} is not text ({control} control bytes of {total}); expected CSV, TSV, XLSX, "
            "Parquet or GeoJSON. Export the table again in one of these formats.",
        )
    if not damaged:
        return "utf-8", []
    if damaged * 20 < accented:
        return "utf-8-damaged", [f"{damaged} character(s) are damaged UTF-8 and show as \ufffd"]
    return _single_byte(odd_bytes), []


def _single_byte(odd_bytes: Counter[int]) -> str:
    def score(name: str) -> int:
        letters = ((bytes([byte]).decode(name, "replace"), n) for byte, n in odd_bytes.items())
        return sum(n if char in _FRENCH else -n * (char == "\ufffd") for char, n in letters)

    best = max(("cp1252", "mac_roman", "cp850"), key=score)  # the first wins a tie
    undefined = {0x81, 0x8D, 0x8F, 0x90, 0x9D}
    return "latin-1" if best == "cp1252" and undefined & set(odd_bytes) else best


def _as_utf8(path: Path, encoding: str) -> Any:
    """Give something Arrow can read twice: the path itself, or the file as UTF-8 in memory."""
    if encoding in {"utf-8", "utf-8-sig"}:
        return str(path)
    codec = "utf-8" if encoding == "utf-8-damaged" else encoding
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


def _records(head: str, delimiter: str, limit: int = _HEADER_LINES) -> list[tuple[list[str], int]]:
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


def find_header_row(records: Sequence[Sequence[str]], wanted: Sequence[str]) -> int:
    """Position of the line that holds the most column names we know; the first filled one if none."""
    scores = [header_score(record, wanted) for record in records]
    if max(scores) >= 2:
        return scores.index(max(scores))
    filled = (
        at for at, record in enumerate(records) if sum(bool(cell.strip()) for cell in record) > 1
    )
    return next(filled, 0)


def _overhang(records: Sequence[tuple[list[str], int]], width: int) -> list[int]:
    """Widths of the rows, if every one only adds empty fields after the header's last."""
    rows = [record for record, _ in records if any(record)]
    if rows and all(len(row) > width and not any(row[width:]) for row in rows):
        return [len(row) for row in rows]
    return []


def is_tag_row(cells: Sequence[str]) -> bool:
    """Whether a line holds HXL tags (``#date``, ``#geo+lat``) instead of an incident."""
    filled = [cell.strip() for cell in cells if cell and cell.strip()]
    return len(filled) > 1 and all(cell.startswith("#") for cell in filled)


def unique_names(header: Sequence[str]) -> list[str]:
    """Trim column names, number blank and repeated ones, and bound how many there are."""
    if len(header) > MAX_COLUMNS:
        raise InputError(
            f"the header has {len(header)} columns; expected at most {MAX_COLUMNS}. "
            "Check the delimiter, or remove columns.",
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
                block_size=_SCAN_BYTES,
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
                null_values=_NULLS,
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


def drop_blank_rows(
    frame: pd.DataFrame,
    rows: npt.NDArray[np.int64],
) -> tuple[pd.DataFrame, npt.NDArray[np.int64]]:
    """Leave out the rows without any content, which spreadsheets export by the thousand."""
    filled = np.zeros(len(frame), dtype=bool)
    for name in frame.columns:
        if filled.all():
            break
        filled |= frame[name].notna().to_numpy(dtype=bool)
    if filled.all():
        return frame, rows
    return frame.loc[filled].reset_index(drop=True), rows[filled]
