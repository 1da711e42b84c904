"""Rows of delimited text that span lines: which are texts of several lines, which lost a quote."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_BREAK: Final = r"\r\n?|\n"
_SCAN_BYTES: Final = 8 * 1024**2
_TAIL_BYTES: Final = 1024**2
_LOOKED_AT: Final = 200  # rows that tell what a column holds, lines of one text that are tried
_NUMBER: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_DATE: Final = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ].*)?")


def line_breaks(cells: pa.Table, source: str | pa.Buffer, lines: int) -> npt.NDArray[np.int64]:
    """Count the line breaks inside each row, shape (n,); `lines` is their number without any."""
    breaks = np.zeros(cells.num_rows, dtype=np.int64)
    if _lines(source) == lines:
        return breaks
    for column in cells.columns:
        spans = (pc.match_substring(column, mark) for mark in ("\n", "\r"))
        if any(pc.any(each).as_py() for each in spans):
            breaks += pc.fill_null(pc.count_substring_regex(column, _BREAK), 0).to_numpy()
    return breaks


def _lines(source: str | pa.Buffer) -> int:
    """Count the lines of a text as most are written; -1 where a bare return may end one."""
    number, last = 0, b"\n"
    with _opened(source) as stream:
        while block := stream.read(_SCAN_BYTES):
            if b"\r" in block and block.count(b"\r") != block.count(b"\r\n"):
                return -1
            number += block.count(b"\n")
            last = block[-1:]
    return number + (last != b"\n")


def breaks_of(text: str) -> int:
    """Count the line breaks inside the text of one row, without the one that ends it."""
    return len(re.findall(_BREAK, text.rstrip("\r\n")))


def last_line(source: str | pa.Buffer) -> str:
    """Give the end of a text after its last line break, where that is short."""
    with _opened(source) as stream:
        size = stream.seek(0, io.SEEK_END)
        stream.seek(max(0, size - _TAIL_BYTES))
        tail: bytes = stream.read()
    cut_off = size > _TAIL_BYTES and not re.search(rb"[\r\n]", tail)
    return "" if cut_off else re.split(rb"[\r\n]", tail)[-1].decode("utf-8", "replace")


def _opened(source: str | pa.Buffer) -> Any:
    """Open a text, on disk or in memory, to read its bytes."""
    return Path(source).open("rb") if isinstance(source, str) else pa.BufferReader(source)


def raw_texts(source: str | pa.Buffer, spans: Mapping[int, int]) -> dict[int, str]:
    """Give the text of rows by the line they begin on; `spans` says how many lines each has."""
    found = {}
    with io.TextIOWrapper(_opened(source), "utf-8", "replace", newline="") as stream:
        at = 0
        for start in sorted(spans):
            for _ in islice(stream, start - at):
                pass
            found[start] = "".join(islice(stream, spans[start]))
            at = start + spans[start]
    return found


def column_kinds(cells: pa.Table) -> list[str | None]:
    """Tell of each column whether its first rows hold numbers, dates or neither (None)."""
    kinds: list[str | None] = []
    for column in cells.slice(0, _LOOKED_AT).columns:
        said = [_kind(value) for value in column.to_pylist() if value]
        best = max(set(said), key=said.count, default=None)
        kinds.append(best if best and said.count(best) >= 0.8 * len(said) else None)
    return kinds


def _kind(value: str) -> str | None:
    value = value.strip()
    return "number" if _NUMBER.fullmatch(value) else "date" if _DATE.fullmatch(value) else None


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
        fields = cut(line, self.delimiter)
        if len(fields) != len(self.kinds) or len(fields) < 2:
            return False
        told = [
            (kind, _kind(value))
            for kind, value in zip(self.kinds, fields, strict=True)
            if kind and value
        ]
        return bool(told) and all(kind == said for kind, said in told)


def cut(text: str, delimiter: str) -> list[str]:
    """Cut one row into fields."""
    try:
        return next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:
        return [text]
