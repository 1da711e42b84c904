"""Open a file of incidents, whatever its container, judged by its content and not by its name."""

import bz2
import codecs
import gzip
import lzma
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO, Any, Final

from sahel_geo.errors import FileError, InputError, first_offenders, why
from sahel_geo.formats.archives import MAX_RATIO, copy_member, members, open_zip
from sahel_geo.formats.proof import file_kind, kind_name, kind_of
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.readers.delimited import read_delimited
from sahel_geo.incidents.readers.encoded_twice import undo_encoding_twice
from sahel_geo.incidents.readers.raw import RawTable, leave_out_side_tables
from sahel_geo.schema import PathLike

# What people pass by mistake, and what to do about it.
_WITH_SHAPES: Final = Sentence("Pass the .shp file of the same name.")
_REMEDIES: Final = {
    "shx": _WITH_SHAPES,
    "dbf": Sentence("Pass the .shp file of the same name, or save the table as CSV."),
    "prj": _WITH_SHAPES,
    "cpg": _WITH_SHAPES,
    "ole": Sentence("Save it as .xlsx or CSV."),
    "pdf": Sentence("Export the table behind it as CSV or XLSX."),
    "7-zip": Sentence("Unpack it first."),
    "rar": Sentence("Unpack it first."),
    "tiff": Sentence("Pass the table of incidents."),
    "picture": Sentence("Pass the table of incidents."),
}
# The module of this folder, and the function in it, that reads a kind of one table.
READERS: Final = {
    "parquet": "geofiles.read_parquet",
    "feather": "geofiles.read_parquet",
    "json": "geofiles.read_geojson",
}
_LAYERS: Final = ("sqlite", "flatgeobuf", "shapefile", "kml")

_ADDRESS: Final = re.compile(r"^[a-z][a-z0-9+.-]{1,9}:/{1,2}", re.IGNORECASE)
_MAX_BYTES: Final = 2 * 1024**3
_RATIO_FROM_BYTES: Final = 16 * 1024**2
_OPEN: Final[dict[str, Callable[..., Any]]] = {
    "gzip": gzip.open,
    "bzip2": bz2.open,
    "xz": lzma.open,
}
_TABLES: Final = (".csv", ".tsv", ".txt", ".tab", ".xlsx", ".xlsm", ".json", ".jsonl", ".ndjson",
                  ".parquet", ".feather", ".geojsonl", ".export")  # fmt: skip
_BESIDE: Final = re.compile(r"(?:read[ _-]?me|lisez|licen[cs]e|citation|meta)", re.IGNORECASE)
_LAYER_SUFFIXES: Final = (".shp", ".gpkg", ".geojson", ".fgb", ".kml", ".gpx", ".gdbtable")
_FAULTS: Final = (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError, MemoryError)
_MAX_XZ_MEMORY: Final = 256 * 1024**2


def open_table(path: PathLike, sheet: str | None = None, wanted: Sequence[str] = ()) -> RawTable:
    """Read the rows of a table or a layer of points as they are; `wanted` help find the header."""
    if _ADDRESS.match(str(path)):
        raise FileError(
            "{path!r} is an address; expected a file on disk. Download it first, and pass the "
            "file.",
            path=str(path),
        )
    file = Path(path)
    if "\0" not in str(path) and not file.exists():
        raise FileError("{file!r} does not exist. Check the path and the spelling.", file=str(file))
    table = _open(file, sheet, wanted)
    if not len(table) and not table.rejected:
        raise InputError(
            "{name!r} holds a header and no rows; expected at least one incident.", name=file.name
        )
    leave_out_side_tables(table)
    undo_encoding_twice(table, wanted)
    return table


def _open(file: Path, sheet: str | None, wanted: Sequence[str]) -> RawTable:
    """Open a file by what it is; what is packed in another is opened once unpacked."""
    kind = _kind(file)
    if kind in _OPEN:
        with _unpacked(file, kind) as inner:
            return _plain(inner, _unpacked_kind(inner, file), sheet, wanted)
    if kind == "zip":
        what = _what_zip(file)
        if what == "table":
            with _table_in_zip(file, sheet) as inner:
                return _plain(inner, _unpacked_kind(inner, file), None, wanted)
        kind = what
    return _plain(file, kind, sheet, wanted)


def _plain(file: Path, kind: str, sheet: str | None, wanted: Sequence[str]) -> RawTable:
    """Read a file that is not packed; each reader is imported when it is needed."""
    if kind == "xlsx":
        from sahel_geo.incidents.readers.workbook import read_workbook  # noqa: PLC0415

        return read_workbook(file, sheet, wanted)
    if kind in {"layers", *_LAYERS}:
        from sahel_geo.incidents.readers.layers import read_layers  # noqa: PLC0415

        return read_layers(file, sheet, wanted)
    if sheet is not None:
        raise InputError(
            f"`sheet` is {sheet!r} but {file.name!r} is not a workbook. Leave `sheet` out."
        )
    if kind in READERS:
        module, _, function = READERS[kind].partition(".")
        read = getattr(import_module(f"sahel_geo.incidents.readers.{module}"), function)
        table: RawTable = read(file)
        return table
    return read_delimited(file, wanted)


def _unpacked_kind(inner: Path, outer: Path) -> str:
    kind = _kind(inner)
    if kind == "zip":
        kind = _what_zip(inner)
    if kind in {*_OPEN, "table"}:
        raise FileError(
            "{name!r} holds an archive inside an archive; expected a table. Unpack it once.",
            name=outer.name,
        )
    return kind


def _kind(file: Path) -> str:
    kind = file_kind(file)
    with file.open("rb") as stream:
        start = stream.read(4096)
    if not start.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise InputError(
            "{name!r} is empty; expected a header and at least one incident.", name=file.name
        )
    if start.startswith(b"\x1e"):
        kind = kind_of(start[1:])
    if (
        kind == "text"
        and file.suffix.lower() == ".cpg"
        and re.fullmatch(rb"[\w -]{1,40}\s*", start)
    ):
        kind = "cpg"
    if kind in _REMEDIES:
        raise FileError(
            "{name!r} is {what}; expected CSV, XLSX, Parquet or GeoJSON. {remedy}",
            name=file.name,
            what=kind_name(kind),
            remedy=_REMEDIES[kind],
        )
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        start = start.decode("utf-16", "ignore").encode()
        kind = kind_of(start)
    if kind == "json" and not re.match(rb"[\xef\xbb\xbf\x1e\s]*(?:\{|\[\s*(?:\{|\[\s*\"))", start):
        kind = "text"
    if kind == "xml":
        raise FileError(
            "{name!r} is a web page or XML saved under another name; expected CSV, XLSX, "
            "Parquet or GeoJSON. Download the data file itself, or save it again as CSV.",
            name=file.name,
        )
    return kind


@contextmanager
def _unpacked(path: Path, kind: str) -> Iterator[Path]:
    """Give the file inside a gzip, bzip2 or xz file, unpacked within bounds."""
    with TemporaryDirectory(prefix="sahel-geo-") as folder:
        target = Path(folder, path.name.rsplit(".", 1)[0] or "table")
        try:
            if kind == "xz":
                _check_xz(path)
            with _OPEN[kind](path, "rb") as source, target.open("wb") as copy:
                _copy(source, copy, path)
        except FileError:
            raise
        except _FAULTS as error:
            raise FileError(
                "{file!r} is a damaged archive: {why}. Fetch it again.",
                file=path.name,
                why=why(error),
            ) from error
        yield target


def _check_xz(path: Path) -> None:
    """Refuse a dictionary of gigabytes, which the first block asks for in a few bytes."""
    with path.open("rb") as stream:
        lzma.LZMADecompressor(memlimit=_MAX_XZ_MEMORY).decompress(stream.read(4096), 1)


def _copy(source: IO[bytes], copy: IO[bytes], path: Path) -> None:
    most = max(_RATIO_FROM_BYTES, min(_MAX_BYTES, MAX_RATIO * path.stat().st_size))
    size = 0
    while block := source.read(1 << 20):
        size += len(block)
        if size > most:
            raise FileError(
                "{file!r} unpacks to more than {max_bytes:,} bytes; expected less. Unpack it "
                "yourself if you trust it.",
                file=path.name,
                max_bytes=most,
            )
        copy.write(block)


def _what_zip(path: Path) -> str:
    """Tell what a zip archive is: ``"xlsx"``, ``"layers"`` or ``"table"``."""
    with open_zip(path) as archive:
        names = [member.filename for member in members(archive)]
    if "content.xml" in names or any(name.startswith(("xl/", "word/", "ppt/")) for name in names):
        return "xlsx"  # whose reader says what else it is
    suffixes = {PurePosixPath(name).suffix.lower() for name in names}
    return "layers" if suffixes & set(_LAYER_SUFFIXES) else "table"


@contextmanager
def _table_in_zip(path: Path, name: str | None) -> Iterator[Path]:
    """Give the one table in a zip archive, unpacked; of several the one named."""
    with open_zip(path) as archive, TemporaryDirectory(prefix="sahel-geo-") as folder:
        files = members(archive)
        tables = [
            each
            for each in files
            if PurePosixPath(each.filename).suffix.lower() in _TABLES
            and not _BESIDE.match(PurePosixPath(each.filename).name)
        ]
        if name is not None:
            tables = [each for each in files if name in (each.filename, Path(each.filename).name)]
        if len(tables) != 1:
            raise InputError(
                "{name!r} is a zip archive with {number} tables, of {names}; expected one. Unpack "
                "it, then pass the table inside, or name it with sheet= (--sheet).",
                name=path.name,
                number=len(tables),
                names=first_offenders([each.filename for each in files], 5),
            )
        own = re.sub(r"[^\w. ()-]", "_", PurePosixPath(tables[0].filename).name).strip(".")
        target = Path(folder, own or "table")
        copy_member(archive, tables[0], target)
        yield target
