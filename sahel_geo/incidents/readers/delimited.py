"""Delimited text: encoding, delimiter, the line of its header, the rows that do not match it."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from sahel_geo.errors import FileError, InputError
from sahel_geo.i18n.sentence import Counted, Sentence
from sahel_geo.incidents.columns.names import header_score
from sahel_geo.incidents.readers.raw import (
    HEADER_LINES,
    MAX_TITLE,
    RawTable,
    find_header,
    is_tag_row,
    unique_names,
)
from sahel_geo.incidents.readers.records import Layout, Records, opened
from sahel_geo.incidents.reasons import TAGS_NOTE

MAX_CELLS: Final = 100_000_000
_HEAD_BYTES: Final = 256 * 1024
_SCAN_BYTES: Final = 1024**2  # as much as stays in the processor's cache
_DELIMITERS: Final = (",", ";", "\t", "|")
MAX_TEXT_BYTES: Final = 2 * 1024**3
# Control bytes that text does not hold; tab, line feed, form feed and return are text.
_CONTROL: Final = bytes([*range(9), 11, *range(14, 32)])
DAMAGED_UTF8: Final = "utf-8-damaged"
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# A line that is one field in quotes.
_WRAPPED: Final = re.compile(r'^"((?:[^"]++|"")*+)"(?=\r?$)', re.MULTILINE)
_WRAPPED_NOTE: Final = Sentence("lines in quotes as a whole are cut at the delimiters inside them")
# What French text is full of, to tell one single-byte encoding from another.
_FRENCH: Final = frozenset("éèêëàâçùûîïôœÉÈÀÇÊÎÔ’«»°")


def read_delimited(path: Path, wanted: Sequence[str] = ()) -> RawTable:
    """Read a CSV or TSV file as text, with the number of every row."""
    encoding, notes = _detect_encoding(path)
    source = _as_utf8(path, encoding)
    head = _head(source)
    if (line := _WRAPPED.match(head.lstrip())) and header_score(re.split("[,;\t|]", line[1])):
        source = _unwrapped(source)
        head = _head(source)
        notes.append(_WRAPPED_NOTE)
    if not head.strip():
        raise InputError(
            "{name!r} is empty; expected a header and at least one incident.", name=path.name
        )
    delimiter = _sniff_delimiter(head, wanted)
    _check_cells(source, delimiter, path.name)
    layout = _find_header(head, delimiter, wanted, path.name)
    records = Records.read(source, layout, path.name)
    if any(row.fields == 1 and _WRAPPED.match(row.text.strip()) for row in records.ragged):
        records = Records.read(_unwrapped(source), layout, path.name)
        notes.append(_WRAPPED_NOTE)
    notes += records.notes
    table = RawTable(records.cells, records.rows, "csv", encoding, delimiter, notes=notes)
    table.title = layout.above
    if delimiter == "|" and len(table) and not "".join(_first_row(table)).strip(":- "):
        table.keep(np.arange(len(table)) > 0)  # the rule below a header
    if layout.tags and len(table):
        table.keep(np.arange(len(table)) > 0)
        table.notes.append(TAGS_NOTE)
    records.reject_into(table, layout)
    return table


def _first_row(table: RawTable) -> list[str]:
    return [str(cell) for cell in table.take(np.array([0])).iloc[0] if pd.notna(cell)]


def _head(source: Any) -> str:
    with opened(source) as stream:
        return str(stream.read(_HEAD_BYTES).decode("utf-8-sig", "ignore"))


def _unwrapped(source: Any) -> Any:
    """Take off the quotes around whole lines, which a spreadsheet writes that did not cut them."""
    with opened(source) as stream:
        text = stream.read().decode("utf-8-sig", "replace")
    plain = _WRAPPED.sub(
        lambda line: line[1].replace('""', '"') if re.search("[,;\t|]", line[1]) else line[0], text
    )
    return pa.py_buffer(plain.encode())


def _as_utf8(path: Path, encoding: str) -> Any:
    """Give something Arrow can read twice: the path itself, or the file as UTF-8 in memory."""
    if encoding in {"utf-8", "utf-8-sig"}:
        return str(path)
    codec = "utf-8" if encoding == DAMAGED_UTF8 else encoding
    text = path.read_bytes().decode(codec, "replace")
    return pa.py_buffer(text.encode("utf-8"))


def _check_cells(source: Any, delimiter: str, name: str) -> None:
    """Refuse text that is mostly delimiters: a blank cell takes a byte here, nine in memory."""
    if (Path(source).stat().st_size if isinstance(source, str) else source.size) <= MAX_CELLS:
        return
    mark, cells = delimiter.encode(), 0
    with opened(source) as stream:
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


def _records(head: str, delimiter: str) -> list[tuple[list[str], int]]:
    """First records of a text and the physical line each ends on."""
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    records: list[tuple[list[str], int]] = []
    try:
        for record in reader:
            records.append((record, reader.line_num))
            if len(records) == HEADER_LINES:
                break
    except csv.Error:  # a field beyond the csv module's limit, or a stray NUL: use what came before
        pass
    return records


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
    row, header = find_header([record for record, _ in records], wanted)
    last_line = records[row][1]
    if row + 1 == len(records) and any("\n" in cell or "\r" in cell for cell in header):
        raise InputError(
            "{name!r} opens a quote at or above its header that never closes; expected quotes "
            "closed. Take the quote out.",
            name=name,
        )
    if _has_row_names(records[row + 1 :], len(header)):
        header = ["", *header]
    width = max([len(header), *_overhang(records[row + 1 :], len(header))])
    names = unique_names([*header, *[""] * (width - len(header))])
    if not names:  # blank lines and a delimiter
        raise InputError(
            "{name!r} is empty; expected a header and at least one incident.", name=name
        )
    below = records[row + 1][0] if row + 1 < len(records) else []
    above = " ".join(cell for record, _ in records[:row] for cell in record)[-MAX_TITLE:]
    return Layout(delimiter, names, last_line, row + 1, is_tag_row(below), above)


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


def _has_row_names(records: Sequence[tuple[list[str], int]], width: int) -> bool:
    """Whether each row begins with its number, of which the header says nothing, as R writes it."""
    rows = [record for record, _ in records if any(record)]
    numbered = (len(row) == width + 1 and row[0] == str(at) for at, row in enumerate(rows, 1))
    return bool(rows) and all(numbered)


def _overhang(records: Sequence[tuple[list[str], int]], width: int) -> list[int]:
    """Give the widths of the rows, if every one only adds empty fields after the header's last."""
    rows = [record for record, _ in records if any(record)]
    if rows and all(len(row) > width and not any(row[width:]) for row in rows):
        return [len(row) for row in rows]
    return []


def _detect_encoding(path: Path) -> tuple[str, list[Sentence]]:
    """Decide how the bytes of a text file are to be read.

    UTF-8 is taken where the whole file is valid; else UTF-8 with single damaged characters, else
    the single-byte encoding (Windows, Mac, DOS) that makes the most French of it.
    """
    size = path.stat().st_size
    if size > MAX_TEXT_BYTES:
        raise FileError(
            "{name!r} has {size:.1f} GiB; expected at most 2 GiB of text. Split it by year, "
            "or convert it to Parquet.",
            name=path.name,
            size=size / 1024**3,
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


def _scan(stream: io.BufferedReader, name: str) -> tuple[str, list[Sentence]]:
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    valid = True
    control = total = 0
    while block := stream.read(_SCAN_BYTES):
        total += len(block)
        control += _controls(block)
        plain = block.isascii() and not decoder.getstate()[0]
        valid = valid and (plain or _decodes(decoder, block))
    valid = valid and _decodes(decoder, b"", final=True)
    if control > max(20, total // 100):
        raise FileError(
            "{name!r} is not text ({control} control bytes of {total}); expected CSV, TSV, "
            "XLSX, Parquet or GeoJSON. Export the table again in one of these formats.",
            name=name,
            control=control,
            total=total,
        )
    return ("utf-8", []) if valid else _scan_invalid(stream)


def _controls(block: bytes) -> int:
    """Count the control bytes; most blocks hold no byte below a blank but line feeds."""
    signs = np.frombuffer(block, np.uint8) ^ np.uint8(10)  # swaps bytes below 32 among themselves
    signs -= np.uint8(1)  # a line feed, now 0, becomes 255
    if signs.min() >= 31:
        return 0
    return len(block) - len(block.translate(None, _CONTROL))


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def _scan_invalid(stream: io.BufferedReader) -> tuple[str, list[Sentence]]:
    """Tell UTF-8 with single damaged characters from text that was never UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    stream.seek(0)
    damaged = accented = 0
    histogram = np.zeros(256, dtype=np.int64)
    while block := stream.read(_SCAN_BYTES):
        histogram += np.bincount(np.frombuffer(block, dtype=np.uint8), minlength=256)
        text = decoder.decode(block)
        damaged += text.count("\ufffd")
        accented += sum(text.count(char) for char in _FRENCH)
    damaged += decoder.decode(b"", final=True).count("\ufffd")
    if damaged * 20 < accented:
        return DAMAGED_UTF8, [
            Counted(
                "{count} character is damaged UTF-8 and shows as {sign}",
                "{count} characters are damaged UTF-8 and show as {sign}",
                count=damaged,
                sign="\ufffd",
            )
        ]
    return _single_byte(Counter({code: int(histogram[code]) for code in range(128, 256)})), []


def _weight(char: str) -> int:
    if char in _FRENCH:
        return 3 if char.islower() else 1
    return 0 if char.isalpha() else -1


def _single_byte(odd_bytes: Counter[int]) -> str:
    def score(name: str) -> int:
        letters = ((bytes([byte]).decode(name, "replace"), n) for byte, n in odd_bytes.items())
        return sum(n * _weight(char) for char, n in letters)

    best = max(("cp1252", "mac_roman", "cp850"), key=score)  # the first wins a tie
    undefined = any(odd_bytes[byte] for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D))
    return "latin-1" if best == "cp1252" and undefined else best


def gdelt_names(width: int) -> list[str]:
    """Give the columns of a GDELT file, which has no header, by their number.

    Events of 1.0 have 57 or 58 columns, those of 2.0 have 61; files of another width keep the names
    of their first and last columns.

    >>> gdelt_names(61)[53:58]
    ['ActionGeo_CountryCode', 'ActionGeo_ADM1Code', 'ActionGeo_ADM2Code', 'ActionGeo_Lat',
     'ActionGeo_Long']
    """
    actor = ["Code", "Name", "CountryCode", "KnownGroupCode", "EthnicCode", "Religion1Code",
             "Religion2Code", "Type1Code", "Type2Code", "Type3Code"]  # fmt: skip
    parts = ["Type", "FullName", "CountryCode", "ADM1Code", "ADM2Code", "Lat", "Long", "FeatureID"]
    if width in {57, 58}:
        parts.remove("ADM2Code")
    ends = ["DATEADDED"] if width == 57 else ["DATEADDED", "SOURCEURL"]
    action = [f"ActionGeo_{part}" for part in parts] + ends
    head = ["GLOBALEVENTID", "SQLDATE", "MonthYear", "Year", "FractionDate"]
    head += [f"{who}{part}" for who in ("Actor1", "Actor2") for part in actor]
    head += ["IsRootEvent", "EventCode", "EventBaseCode", "EventRootCode", "QuadClass",
             "GoldsteinScale", "NumMentions", "NumSources", "NumArticles", "AvgTone"]  # fmt: skip
    between = [f"{who}Geo_{part}" for who in ("Actor1", "Actor2") for part in parts]
    if width != len(head) + len(between) + len(action):
        between = [f"column {at}" for at in range(len(head) + 1, width - len(action) + 1)]
    return [*head, *between, *action]
