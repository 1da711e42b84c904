"""Parquet and Feather as Arrow tables, bounded by what they decode to.

A file of a kilobyte can say "the same 100,000 letters, 20,000 times". Texts are therefore read as
dictionaries, which stay small, and written out only if the whole is.
"""

import json
import os
import struct
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sahel_geo.errors import FileError, saying_why
from sahel_geo.formats.proof import check_size, file_kind, kind_name
from sahel_geo.i18n.sentence import Sentence

MAX_BYTES: Final = 2 * 1024**3
MAX_DECODED: Final = 512 * 1024**2
MAX_VALUES: Final = 60_000_000
_MAX_FOOTER: Final = 16 * 1024**2  # bytes, some six seconds; 1,000 groups of 100 columns have 11 MB
_ROWS_AT_ONCE: Final = 65_536
_FAULTS: Final = (
    pa.ArrowException, OSError, ValueError, KeyError, IndexError, TypeError, NotImplementedError,
    MemoryError, OverflowError, RecursionError, struct.error,
)  # fmt: skip

_INT64, _LIST, _STRUCTURE = 6, 9, 12  # kinds of Thrift's compact protocol
_DEEPEST: Final = 16
_AS_BYTES: Final = {
    "string": pa.binary(),
    "large_string": pa.large_binary(),
    "string_view": pa.binary_view(),
}


def read_table(file: Path) -> pa.Table:
    """Read a small Parquet or Feather file, texts written out; damaged letters become U+FFFD."""
    with saying_damaged(file):
        check_size(file, MAX_BYTES)
        kind = file_kind(file)
        if kind == "parquet":
            groups = _groups(file)
            _check(file, sum(values for values, _ in groups), sum(size for _, size in groups))
            return _gathered(file, _parquet_batches(file))
        if kind == "feather":
            return _gathered(file, _feather_batches(file))
    raise _other_kind(file, Sentence("Parquet or Feather"))


def count_groups(file: Path) -> int:
    """Count the groups of rows of a Parquet file of any size, each of which is small enough."""
    with saying_damaged(file):
        if file_kind(file) == "parquet":
            groups = _groups(file)
            for values, size in groups:
                _check(file, values, size)
            return len(groups)
    raise _other_kind(file, Sentence("Parquet"))


def read_groups(file: Path, groups: Sequence[int]) -> pa.Table:
    """Read some groups of rows of a Parquet file that :func:`count_groups` has seen."""
    with saying_damaged(file):
        return _gathered(file, _parquet_batches(file, groups))


def saying_damaged(file: Path) -> AbstractContextManager[None]:
    """Say of whatever fails inside a `with` that the file is damaged."""
    return saying_why(
        "{name!r} is a damaged Parquet file ({why}). Write it again.",
        *_FAULTS,
        width=120,
        name=file.name,
    )


def _other_kind(file: Path, expected: Sentence) -> FileError:
    kind = kind_name(file_kind(file))
    return FileError(
        "{file!r} is {kind}; expected {expected}.", file=str(file), kind=kind, expected=expected
    )


def _parquet_batches(file: Path, groups: Sequence[int] | None = None) -> Iterator[pa.RecordBatch]:
    """Read some groups of rows, or all, with texts as dictionaries; first a batch without rows."""
    name = os.fsencode(file)  # bytes, since Arrow takes texts in UTF-8 only
    with pa.OSFile(name) as stream, pq.ParquetFile(stream) as source:
        about = source.metadata
        # in the names of Parquet: only columns that are text or bytes themselves
        texts = [
            field.name
            for field in source.schema_arrow
            if str(field.type) in {"string", "binary", "large_string", "large_binary"}
        ]
    with (
        pa.OSFile(name) as stream,
        pq.ParquetFile(stream, metadata=about, read_dictionary=texts, pre_buffer=False) as source,
    ):
        yield pa.RecordBatch.from_pylist([], source.schema_arrow)
        yield from source.iter_batches(_ROWS_AT_ONCE, groups, use_threads=False)


def _groups(file: Path) -> list[tuple[int, int]]:
    """Give what the footer states of each group of rows: values, and bytes after decompression."""
    groups = []
    with pa.OSFile(os.fsencode(file)) as stream, pq.ParquetFile(stream) as source:
        about = source.metadata
        stated = [about.row_group(at) for at in range(about.num_row_groups)]
        columns = [about.schema.column(at) for at in range(about.num_columns)]
    fixed = sum(max(0, column.length) for column in columns)  # bytes of each row, of fixed size
    read = _row_groups(file)
    sizes = [(each.num_columns, each.total_byte_size) for each in stated]
    rows = sum(each.num_rows for each in stated)
    if sizes != [(len(chunks), whole) for whole, chunks in read] or rows != about.num_rows:
        raise ValueError("its footer can be read in two ways")
    for each, (whole, chunks) in zip(stated, read, strict=True):
        rows = max(each.num_rows, 0)
        values = rows * len(columns) + sum(max(0, number - rows) for number, _ in chunks)
        size = max(whole, sum(unpacked for _, unpacked in chunks)) + fixed * rows
        groups.append((values, size))
    return groups


def _row_groups(file: Path) -> list[tuple[int, list[tuple[int, int]]]]:
    """Read what the footer of a Parquet file says of its groups of rows.

    Arrow's own reader of these ends the process where statistics of a column do not fit. Returns
    for each group its bytes, and for each of its columns the values and the bytes, all unpacked.
    """
    with file.open("rb") as opened:
        opened.seek(-8, os.SEEK_END)
        end = opened.tell()
        size = int.from_bytes(opened.read(4), "little")
        if size > _MAX_FOOTER:
            raise ValueError(f"its footer has {size:,} bytes")
        opened.seek(end - size)  # an OSError where there is not so much
        footer, _ = _structure(opened.read(size), 0, 0)
    groups = []
    for group in footer.get((4, _LIST), []):
        about = [chunk[3, _STRUCTURE] for chunk in group[1, _LIST]]
        chunks = [(each[5, _INT64], each[6, _INT64]) for each in about]
        groups.append((group[2, _INT64], chunks))
    return groups


def _structure(data: bytes, at: int, depth: int) -> tuple[dict[tuple[int, int], Any], int]:
    """Read a structure of Thrift's compact protocol: values by field and kind, and its end."""
    if depth > _DEEPEST:
        raise ValueError("its footer is nested too deeply")
    values: dict[tuple[int, int], Any] = {}
    field = 0
    while mark := data[at]:
        at += 1
        if mark >> 4:
            field += mark >> 4
        else:
            field, at = _whole_number(data, at)
        kind = mark & 15
        if kind > 2:  # true and false are kinds
            values[field, kind], at = _thrift_value(data, at, kind, depth)
    return values, at + 1


def _thrift_value(data: bytes, at: int, kind: int, depth: int) -> tuple[Any, int]:
    """Read a value of one kind: a number, the items of a list, a structure; others are skipped."""
    if kind <= 3:
        return None, at + 1
    if kind <= _INT64:
        return _whole_number(data, at)
    if kind in {7, 13}:
        return None, at + (8 if kind == 7 else 16)
    if kind == _STRUCTURE:
        return _structure(data, at, depth + 1)
    if kind == 8:
        size, at = _varint(data, at)
        return None, at + size
    if kind not in {_LIST, 10} or depth > _DEEPEST:
        raise ValueError("its footer holds what no Parquet file has")
    size, of = data[at] >> 4, data[at] & 15
    at += 1
    if size == 15:
        size, at = _varint(data, at)
    items = []
    for _ in range(size):
        item, at = _thrift_value(data, at, of, depth + 1)
        items.append(item)
        if at > len(data):
            raise IndexError("its footer ends early")
    return items, at


def _whole_number(data: bytes, at: int) -> tuple[int, int]:
    number, at = _varint(data, at)
    return (number >> 1) ^ -(number & 1), at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while shift < 70:
        byte = data[at]
        number |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return number, at
    raise ValueError("its footer holds a number that is too long")


def _check(file: Path, values: int, size: int) -> None:
    if values > MAX_VALUES or size > MAX_DECODED:
        raise FileError(
            "{name!r} decodes to {values:,} values and {size:,} bytes; expected at most "
            "{max_values:,} values and {max_bytes:,} bytes. Split it by year.",
            name=file.name,
            values=values,
            size=size,
            max_values=MAX_VALUES,
            max_bytes=MAX_DECODED,
        )


def _gathered(file: Path, batches: Iterator[pa.RecordBatch]) -> pa.Table:
    """Write texts out, batch by batch, as long as the whole stays within bounds."""
    gathered: list[pa.Table] = []
    values = size = 0
    for batch in batches:
        columns = {}
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            _check_layout(column)
            if pa.types.is_run_end_encoded(column.type):
                raise ValueError("run-end encoded columns are not read")
            if pa.types.is_dictionary(column.type):
                lengths = pc.take(_lengths(column.dictionary), column.indices)
            else:
                lengths = _lengths(column)
            size += int(pc.sum(lengths).as_py() or 0)
            _check(file, values, size)
            columns[name] = _plain(column)
        values += batch.num_rows * batch.num_columns
        _check(file, values, size)
        fields = [
            pa.field(field.name, column.type, metadata=field.metadata)
            for field, column in zip(batch.schema, columns.values(), strict=True)
        ]
        schema = pa.schema(fields, metadata=batch.schema.metadata)
        gathered.append(pa.Table.from_arrays(list(columns.values()), schema=schema))
    return pa.concat_tables(gathered)


def _check_layout(column: pa.Array) -> None:
    """Refuse a column whose offsets or indices point beyond what it holds; letters may be damaged.

    Arrow takes them as they stand in a file, and reads memory of others where they are wrong.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        _check_layout(column.dictionary)
        pa.DictionaryArray.from_arrays(column.indices, column.dictionary, safe=True)
    else:
        column.view(_AS_BYTES.get(str(kind), kind)).validate(full=True)


def _lengths(values: pa.Array) -> pa.Array:
    kind = str(values.type)
    if kind.endswith("_view"):
        values = values.cast("large_binary") if values.nbytes < MAX_DECODED else values
    if kind.removeprefix("large_").startswith(("string", "binary", "fixed_size_binary")):
        return pc.cast(pc.binary_length(values), pa.int64())
    width = max(1, values.nbytes // max(1, len(values)))
    return pa.array(np.full(len(values), width))


def _plain(column: pa.Array) -> pa.Array:
    """Give a column without a dictionary, its text valid."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if str(column.type) in {"string", "large_string"}:
        try:
            column.validate(full=True)
        except pa.ArrowInvalid:
            raw = column.cast(pa.large_binary()).to_pylist()
            texts = [None if each is None else each.decode("utf-8", "replace") for each in raw]
            return pa.array(texts, column.type)
    return column


def _feather_batches(file: Path) -> Iterator[pa.RecordBatch]:
    """Read the stream in a Feather file, after adding up what its buffers unpack to."""
    with pa.memory_map(os.fsencode(file)) as mapped:
        whole = mapped.read_buffer()
        stream = whole.slice(8)  # behind the mark that makes a file of a stream
        size = sum(
            _unpacked_bytes(message)
            for message in pa.ipc.MessageReader.open_stream(pa.BufferReader(stream))
        )
        _check(file, 0, size)
        with pa.ipc.open_stream(pa.BufferReader(stream)) as reader:
            yield pa.RecordBatch.from_pylist([], reader.schema)
            yield from reader


def _unpacked_bytes(message: Any) -> int:
    """Add up the bytes that the buffers of an Arrow message unpack to."""
    body = message.body
    if body is None or body.size == 0:
        return 0
    flat = _Flat(message.metadata.to_pybytes())
    batch = flat.table(flat.root(), 2)  # Message.header
    if message.type == "dictionary":
        batch = flat.table(batch, 1)  # DictionaryBatch.data
    if batch is None or flat.field(batch, 3) is None:  # RecordBatch.compression
        return int(body.size)
    total = 0
    for offset, length in flat.pairs(batch, 2):  # RecordBatch.buffers
        if length >= 8:
            stated = struct.unpack_from("<q", body, offset)[0]
            total += length - 8 if stated < 0 else stated
    return total


class _Flat:
    """The few steps through a FlatBuffer that its sizes need."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def root(self) -> int:
        return int(struct.unpack_from("<I", self.data, 0)[0])

    def field(self, table: int | None, at: int) -> int | None:
        """Where the field of a table lies; None where it is left out."""
        if table is None:
            return None
        vtable = table - struct.unpack_from("<i", self.data, table)[0]
        if 4 + 2 * at >= struct.unpack_from("<H", self.data, vtable)[0]:
            return None
        offset = struct.unpack_from("<H", self.data, vtable + 4 + 2 * at)[0]
        return table + offset if offset else None

    def table(self, table: int | None, at: int) -> int | None:
        where = self.field(table, at)
        return None if where is None else where + struct.unpack_from("<I", self.data, where)[0]

    def pairs(self, table: int, at: int) -> Iterator[tuple[int, int]]:
        """Give the structs of two 64-bit numbers in a vector."""
        vector = self.table(table, at)
        if vector is not None:
            for number in range(struct.unpack_from("<I", self.data, vector)[0]):
                yield struct.unpack_from("<qq", self.data, vector + 4 + 16 * number)


def arrow_crs(field: pa.Field) -> Any:
    """Give the reference system that a column of GeoArrow states; None where it states none."""
    metadata = (field.metadata or {}).get(b"ARROW:extension:metadata", b"")
    if isinstance(field.type, pa.ExtensionType):
        metadata = field.type.__arrow_ext_serialize__()
    try:
        about = json.loads(metadata)
    except ValueError:
        return None
    return about.get("crs") if isinstance(about, dict) else None
