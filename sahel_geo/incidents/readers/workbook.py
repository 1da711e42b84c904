"""Excel workbooks (.xlsx): bounded in size, the header found wherever it stands."""

import csv
import datetime as dt
import difflib
import itertools
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from openpyxl.utils import column_index_from_string

from sahel_geo.errors import FileError, InputError, first_offenders, why
from sahel_geo.i18n.sentence import Counted, Sentence
from sahel_geo.incidents.columns.countries import country_codes
from sahel_geo.incidents.columns.field_names import NAMES
from sahel_geo.incidents.columns.names import field_of, header_score, plain_name, readings
from sahel_geo.incidents.readers.headings import date_by_title
from sahel_geo.incidents.readers.raw import (
    HEADER_LINES,
    MAX_TITLE,
    NULLS,
    RAW_TEXT,
    RawTable,
    find_header,
    find_header_row,
    is_tag_row,
    unique_names,
)
from sahel_geo.incidents.reasons import TAGS_NOTE
from sahel_geo.schema import FATALITIES

MAX_WORKBOOK_BYTES: Final = 200 * 1024**2
MAX_UNPACKED_BYTES: Final = 300 * 1024**2  # of XML, which takes about a gigabyte and 20 seconds
MAX_CELLS: Final = 20_000_000  # blank ones too, which a sheet need not hold to have
# Sheets are XML that packs to between a fifth and a thirtieth; a bomb packs to a thousandth.
_MAX_RATIO: Final = 200
_RATIO_FROM_BYTES: Final = 16 * 1024**2
_MAX_ROWS: Final = 1_048_576

_MAX_MERGED: Final = 200_000
_MERGED: Final = re.compile(rb'<mergeCell ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
# A cell without a type whose formula has no value beside it: no program has calculated it.
_UNCALCULATED: Final = re.compile(
    rb"<c(?: (?:r|s)=\"\w+\")*><f(?:>[^<]*</f>|[^>]*(?:/>|>[^<]*</f>))(?:<v ?/>|<v></v>)?</c>"
)
_HIDDEN: Final = re.compile(rb'<row (?=[^>]*\bhidden="(?:1|true)")[^>]*?\br="(\d{1,7})"')
_FEWEST_ALIKE: Final = 4  # fields that make sheets with other columns beside them one table
_LONGEST_FORMULA: Final = 16_384
# Texts, single signs, colours and languages in the format of a number.
_TEXT_OF_FORMAT: Final = re.compile(r'"[^"]*"|\\.|_.|\[[^]]*\]')
_WHOLE_DATE: Final = len("YYYY-MM-DD")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
# What the sheets of repeated groups hold in exports of KoBo and ODK.
_OF_PARENTS: Final = frozenset(
    ["_parent_index", "_parent_table_name", "_submission__id", "parent_key", "_parent_id"]
)

Row = list[str | None]


def read_workbook(path: Path, sheet: str | None, wanted: Sequence[str]) -> RawTable:
    """Read one sheet of a workbook as text, with the number of every row."""
    import openpyxl  # noqa: PLC0415  slow to import, and only workbooks need it

    try:
        _check_archive(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl comments on styles and validations
            book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
            try:
                return _read_book(book, path.name, sheet, wanted)
            finally:
                book.close()
    except (FileError, InputError):
        raise
    except Exception as error:  # zipfile and openpyxl raise whatever they trip over
        raise FileError(
            "{name!r} is a damaged workbook ({kind}: {why}). Open it in a spreadsheet "
            "program and save it again, or as CSV.",
            name=path.name,
            kind=type(error).__name__,
            why=why(error, 120),
        ) from error


def _check_archive(path: Path) -> None:
    name, size = path.name, path.stat().st_size
    if size > MAX_WORKBOOK_BYTES:
        raise FileError(
            "{name!r} has {size:.0f} MiB; expected at most 200 MiB for a workbook. Save it as CSV.",
            name=name,
            size=size / 1024**2,
        )
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if "xl/workbook.xml" not in archive.namelist():
            raise FileError(
                "{name!r} is {what}", name=name, what=_what_zip([each.filename for each in members])
            )
        _check_members(archive, members, name)


def _what_zip(names: Sequence[str]) -> Sentence:
    if "xl/workbook.bin" in names:
        return Sentence("a binary workbook (.xlsb). Save it as .xlsx or CSV.")
    if "content.xml" in names:
        return Sentence("an OpenDocument file. Save it as .xlsx or CSV.")
    if any(name.startswith(("word/", "ppt/")) for name in names):
        return Sentence("a text document or slides. Export the table in it as .xlsx or CSV.")
    return Sentence(
        "a zip archive of {names}. Unpack it, then pass the table inside.",
        names=first_offenders(names, 3),
    )


def _check_members(archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo], name: str) -> None:
    """Refuse archives made to exhaust memory, before anything is unpacked."""
    unpacked = sum(member.file_size for member in members)
    bloated = [
        member.filename
        for member in members
        if member.file_size > _RATIO_FROM_BYTES
        and member.file_size > _MAX_RATIO * max(member.compress_size, 1)
    ]
    if unpacked > MAX_UNPACKED_BYTES or bloated or len(members) > 10_000:
        raise FileError(
            "{name!r} unpacks to {unpacked:.0f} MiB in {number} parts; expected at most "
            "{most:.0f} MiB, and no part over {max_ratio} times its packed size. Save it as CSV.",
            name=name,
            unpacked=unpacked / 1024**2,
            number=len(members),
            most=MAX_UNPACKED_BYTES / 1024**2,
            max_ratio=_MAX_RATIO,
        )
    for member in members:
        if member.filename.endswith((".xml", ".rels")):
            with archive.open(member) as part:
                if b"<!DOCTYPE" in part.read(2048):
                    raise FileError(
                        "{name!r} declares its own XML entities in {filename!r}, which no "
                        "spreadsheet program writes. Save it again, or as CSV.",
                        name=name,
                        filename=member.filename,
                    )


def _read_book(book: Any, name: str, sheet: str | None, wanted: Sequence[str]) -> RawTable:
    sheets = {each.title: each for each in book.worksheets if each.sheet_state == "visible"}
    everything = {each.title: each for each in book.worksheets}
    if sheet is not None:
        if sheet not in everything:
            near = difflib.get_close_matches(sheet, list(everything), n=1, cutoff=0.4)
            hint = f" (nearest: {near[0]!r})" if near else ""
            raise InputError(
                f"`sheet` {sheet!r} is not in {name!r}{hint}; its sheets are "
                f"{first_offenders(everything, 10)}."
            )
        return _read_sheet(everything[sheet], wanted)
    heads = {title: _head(page) for title, page in (sheets or everything).items()}
    scores = {title: _score(head, wanted) for title, head in heads.items()}
    best = max(heads, key=lambda title: (not _is_repeat(heads[title]), scores[title]))
    alike = [title for title in heads if scores[title] and _alike(heads[title], heads[best])]
    tables = [_read_sheet(everything[title], wanted) for title in alike or [best]]
    table = tables[0] if len(tables) == 1 else _together(tables)
    if len(sheets) > 1:
        left = [title for title in sheets if title not in (alike or [best])]
        table.notes.append(
            Sentence(
                "the workbook has {number} sheets; read: {read}, not read: {left}",
                number=len(sheets),
                read=first_offenders(alike or [best], 12),
                left=first_offenders(left, 12),
            )
        )
    return table


def _head(sheet: Any) -> list[list[str]]:
    head = itertools.islice(_rows(sheet), HEADER_LINES)
    return [[cell or "" for cell in row] for _, row in head]


def _score(head: list[list[str]], wanted: Sequence[str]) -> int:
    return max((header_score(row, wanted) for row in head), default=0)


def _is_repeat(head: list[list[str]]) -> bool:
    """Whether a sheet holds the repeated part of a form, whose rows belong to those of another."""
    return any(set(map(str.lower, row)) & _OF_PARENTS for row in head)


def _alike(one: list[list[str]], other: list[list[str]]) -> bool:
    """Whether two sheets have the same columns, or columns for the same fields beside others."""
    headers = [rows[find_header_row(rows, ())] for rows in (one, other) if rows]
    names = [set(_fields([cell for cell in header if cell])) for header in headers]
    if len(names) < 2 or names[0] == names[1]:
        return len(names) == 2
    known = [each & set(NAMES) for each in names]
    return known[0] == known[1] and len(known[0]) >= _FEWEST_ALIKE


def _fields(names: Sequence[str]) -> dict[str, str]:
    """Give columns by the field that each is named after, the first of several, else by name."""
    columns: dict[str, str] = {}
    for name in names:
        field = field_of(name)
        columns.setdefault(plain_name(name) if field in columns else field, name)
    return columns


def _together(tables: Sequence[RawTable]) -> RawTable:
    """Join the rows of sheets with the same columns, and keep the name of each row's sheet."""
    filled = [table for table in tables if len(table)]
    titles = [str(table.sheet) for table in filled]
    names = _fields(filled[0].names)
    frames = []
    years = {table.year for table in filled}
    for table in filled:
        date_by_title(table)
        dated = {field_of(name) for name in table.names}
        if len(years) > 1 and "year" not in dated and dated & {"date", "day"}:
            table.add_column("year", [table.year or None] * len(table))
        own = {name: names.get(field, name) for field, name in _fields(table.names).items()}
        free = {name: other for name, other in own.items() if other not in own}
        frames.append(table.take(np.arange(len(table))).rename(columns=free))
    countries = country_codes(pd.Series(titles, dtype=object))[1] == []
    stated = any(set(readings(name)) & set(NAMES["country"]) for name in filled[0].names)
    column = unique_names([*filled[0].names, "country" if countries and not stated else "sheet"])[
        -1
    ]
    cells = pd.concat(frames, ignore_index=True)
    cells[column] = pd.array(np.repeat(titles, list(map(len, filled))), dtype=RAW_TEXT)
    rows = np.concatenate([table.rows for table in filled])
    notes = list(dict.fromkeys(note for table in tables for note in table.notes))
    return RawTable(cells, rows, "xlsx", sheet=", ".join(titles), notes=notes)


def _rows(sheet: Any, lengths: dict[int, int] | None = None) -> Iterator[tuple[int, Row]]:
    """Give the number and the cells of each row; below the first ones, of those with content.

    In `lengths` by column: as many signs of its dates as their formats show, see `_date_length`.
    """
    cells, mark = 0, ""
    sheet.reset_dimensions()  # what a sheet says of its size may be far from true
    for number, row in enumerate(sheet.iter_rows(max_row=_MAX_ROWS), start=1):
        cells += len(row)
        if cells > MAX_CELLS:
            raise FileError(
                "the sheet {sheet!r} has more than {most:,} cells, blank ones counted; expected a "
                "table without gaps. Save the table alone, or as CSV.",
                sheet=str(sheet.title),
                most=MAX_CELLS,
            )
        width = len(row)
        while width and row[width - 1].value is None:
            width -= 1
        filled = row[:width]
        if lengths is not None:
            for column, cell in enumerate(filled):
                if isinstance(cell.value, dt.datetime):
                    length = _date_length(cell.value, _format_of(cell))
                    lengths[column] = max(lengths.get(column, 0), length)
        texts = [_cell_text(cell.value, _format_of(cell)) for cell in filled]
        mark = mark or (_mark_of(texts[0] or "") if len(texts) == 1 else "")
        if mark:
            line = ",".join(text or "" for text in texts)  # which the program cut at commas only
            texts = [text or None for text in next(csv.reader([line], delimiter=mark), [])]
        if texts or number <= HEADER_LINES:
            yield number, texts


def _mark_of(text: str) -> str:
    """Tell what parts the names of a header that stands in one cell, as its rows do below it."""
    scores = {mark: header_score(text.split(mark)) for mark in ",;\t|" if text.count(mark) > 1}
    best = max(scores, key=scores.__getitem__, default="")
    return best if scores.get(best, 0) > 1 else ""


def _format_of(cell: Any) -> str:
    """Give how a number or date is shown, without texts, colours and languages; "" of the rest."""
    if cell.value is None or isinstance(cell.value, str):
        return ""
    return _bare_format(cell.number_format)


@lru_cache(maxsize=256)
def _bare_format(number_format: str) -> str:
    return _TEXT_OF_FORMAT.sub("", number_format).lower()


def _date_length(date: dt.datetime, shown: str) -> int:
    """Count the signs of YYYY-MM-DD that say more than a format does: the first day of a month."""
    if "d" in shown or "y" not in shown or date.day > 1 or date.time() != dt.time():
        return _WHOLE_DATE
    return 7 if "m" in shown or date.month > 1 else 4


def _merged_ranges(sheet: Any) -> list[tuple[int, int, int, int]]:
    """Find the merged cells of a sheet, as first and last row and column, counted from 0."""
    path = getattr(sheet, "_worksheet_path", None)
    if path is None:
        return []
    ranges: list[tuple[int, int, int, int]] = []
    with sheet.parent._archive.open(path) as part:  # noqa: SLF001  openpyxl reads them not
        rest = b""
        while (block := part.read(1 << 20)) and len(ranges) < _MAX_MERGED:
            text = rest + block
            for match in _MERGED.finditer(text):
                first, last, left, right = (match[at].decode() for at in (2, 4, 1, 3))
                columns = [column_index_from_string(name) - 1 for name in (left, right)]
                ranges.append((int(first) - 1, int(last) - 1, columns[0], columns[1]))
            rest = text[-64:] if b"<mergeCell " in text[-64:] else b""
    return ranges


def _look_over(sheet: Any) -> tuple[int, set[int]]:
    """Count the formulas that a program wrote without their values, and number the hidden rows."""
    path = getattr(sheet, "_worksheet_path", None)
    if path is None:
        return 0, set()
    count, hidden = 0, set()
    with sheet.parent._archive.open(path) as part:  # noqa: SLF001  openpyxl gives blanks for them
        rest = b""
        while block := part.read(1 << 20):
            text, end = rest + block, 0
            hidden |= {int(number) for number in _HIDDEN.findall(text)}
            for match in _UNCALCULATED.finditer(text) if b"<f" in text else ():
                count, end = count + 1, match.end()
            rest = text[end:][-_LONGEST_FORMULA:]
    return count, hidden


def _fill_merged(
    body: list[Row],
    numbers: Sequence[int],
    names: Sequence[str],
    ranges: Sequence[tuple[int, int, int, int]],
) -> int:
    """Write what a merged cell holds into all of its rows; a toll of several stays in the first."""
    tolls = {name for target in FATALITIES for name in NAMES[target]}
    at = {number - 1: position for position, number in enumerate(numbers)}
    filled = 0
    for first, last, left, right in ranges:
        if first not in at or last == first or left >= len(names):
            continue
        value = body[at[first]][left]
        for column in range(left, min(right + 1, len(names))):
            if value is None or set(readings(names[column])) & tolls:
                continue
            for row in range(first, last + 1):
                if row in at and body[at[row]][column] is None:
                    body[at[row]][column] = value
                    filled += 1
    return filled


def _shorten_dates(body: list[Row], lengths: dict[int, int]) -> None:
    """Leave of the dates of a column what its formats show, where all are first days."""
    for column, length in lengths.items():
        for row in body if length < _WHOLE_DATE else ():
            cell = row[column]
            if cell and _DATE.fullmatch(cell):
                row[column] = cell[:length]


def _cell_text(cell: object, shown: str = "") -> str | None:
    if cell is None:
        return None
    if "%" in shown and isinstance(cell, int | float) and not isinstance(cell, bool):
        return f"{100 * cell:.10g}%"
    if isinstance(cell, str):
        return None if cell.strip() in NULLS else cell
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ") if cell.time() != dt.time() else cell.date().isoformat()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)


def _read_sheet(sheet: Any, wanted: Sequence[str]) -> RawTable:
    lengths: dict[int, int] = {}
    rows = _rows(sheet, lengths)
    numbered = list(itertools.islice(rows, HEADER_LINES))
    head = [row for _, row in numbered]
    nothing = RawTable(pd.DataFrame(), np.empty(0, dtype=np.int64), "xlsx", sheet=sheet.title)
    if not any(any(row) for row in head):
        return nothing
    at, header = find_header([[cell or "" for cell in row] for row in head], wanted)
    while header and not header[-1]:
        header.pop()
    names = unique_names(header)
    start = at + 1
    notes: list[Sentence] = []
    if start < len(head) and is_tag_row([cell or "" for cell in head[start]]):
        notes.append(TAGS_NOTE)
        start += 1
    width = len(names)
    numbers, body = [], []
    for number, row in itertools.chain(numbered[start:], rows):
        numbers.append(number)
        body.append([*row[:width], *[None] * (width - len(row))])
    _shorten_dates(body, {at: length for at, length in lengths.items() if at < width})
    filled = _fill_merged(body, numbers, names, _merged_ranges(sheet))
    if filled:
        notes.append(
            Counted(
                "{count} cell inside merged ones takes their value",
                "{count} cells inside merged ones take their value",
                count=filled,
            )
        )
    blank, hidden = _look_over(sheet)
    unseen = sum(at in hidden and any(row) for at, row in zip(numbers, body, strict=True))
    if unseen:
        notes.append(
            Counted(
                "{count} row that the sheet hides is read too",
                "{count} rows that the sheet hides are read too",
                count=unseen,
            )
        )
    if blank:
        notes.append(
            Counted(
                "{count} formula was saved without its value and is missing; open the workbook in "
                "a spreadsheet program and save it again",
                "{count} formulas were saved without their values and are missing; open the "
                "workbook in a spreadsheet program and save it again",
                count=blank,
            )
        )
    frame = pd.DataFrame(
        {
            name: pd.array([row[position] for row in body], dtype=RAW_TEXT)
            for position, name in enumerate(names)
        }
    )
    table = RawTable(
        frame, np.array(numbers, dtype=np.int64), "xlsx", sheet=sheet.title, notes=notes
    )
    above = (cell[:MAX_TITLE] for row in head[:at] for cell in row if cell)
    table.title = " ".join([sheet.title, *above])[-MAX_TITLE:]
    return table
