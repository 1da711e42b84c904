"""What a file is, judged by its first bytes and never by its name."""

import re
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from sahel_geo.errors import FileError, saying_why
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.schema import PathLike

_START_BYTES: Final = 4096

# The kinds that bytes of a fixed place prove. A NUL among them, or right after them, ends the text
# that GDAL's other drivers would search for their own marks.
_MAGIC: Final = (
    (b"SQLite format 3\x00", "sqlite"),
    (b"fgb\x03fgb\x00", "flatgeobuf"),
    (b"fgb\x03fgb\x01", "flatgeobuf"),
    (b"\x00\x00\x27\x0a", "shapefile"),
    (b"II\x2a\x00", "tiff"),
    (b"MM\x00\x2a", "tiff"),
    (b"II\x2b\x00", "tiff"),
    (b"MM\x00\x2b", "tiff"),
    (b"PAR1", "parquet"),
    (b"ARROW1\x00\x00", "feather"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7-zip"),
    (b"Rar!", "rar"),
    (b"\xd0\xcf\x11\xe0", "ole"),
    (b"%PDF", "pdf"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
)


def _reading(path: PathLike, *more: type[Exception]) -> AbstractContextManager[None]:
    return saying_why(
        "{file!r} cannot be read: {why}. Check the path.", OSError, *more, file=str(path)
    )


def regular_file(path: PathLike) -> Path:
    """Refuse what is not an existing file on disk: addresses, folders, devices, pipes."""
    with _reading(path, ValueError, TypeError):
        file = Path(path)
        kind = "folder" if file.is_dir() else "file" if file.is_file() else ""
        if not kind and file.exists():
            kind = "device"
        if not kind:
            file.stat()  # says why
    if kind == "folder":
        raise FileError("{file!r} cannot be read: it is a folder. Check the path.", file=str(file))
    if kind != "file":
        raise FileError(
            "{file!r} is a device or a pipe; expected a file on disk. Check the path.",
            file=str(file),
        )
    return file


def check_size(file: Path, most: int) -> None:
    """Refuse a file that is larger than some reader takes."""
    size = file.stat().st_size
    if size > most:
        raise FileError(
            "{file!r} has {size:,} bytes; expected at most {max_bytes:,}. Cut it.",
            file=str(file),
            size=size,
            max_bytes=most,
        )


def read_bytes(file: Path, most: int) -> bytes:
    """Read a whole file that is small enough."""
    check_size(regular_file(file), most)
    with _reading(file):
        return file.read_bytes()


def file_kind(path: PathLike) -> str:
    """Tell what a file is by its first bytes.

    >>> from sahel_geo.files import data_path
    >>> file_kind(data_path("communes.parquet"))
    'parquet'
    """
    file = regular_file(path)
    with _reading(file), file.open("rb") as stream:
        return kind_of(stream.read(_START_BYTES))


def kind_of(start: bytes) -> str:
    """Tell what begins with these bytes; see `file_kind`."""
    for magic, kind in _MAGIC:
        if start.startswith(magic):
            # a shapefile's first record has number 1; its index begins with an offset of 50 words
            return "shx" if kind == "shapefile" and start[100:104] == b"\x00\x00\x00\x32" else kind
    if _is_dbase(start):
        return "dbf"
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    if text.startswith((b"{", b"[")):
        return "json"
    if re.match(rb"(?:GEOGCS|PROJCS|GEOGCRS|PROJCRS|COMPD_CS)\s*\[", text):
        return "prj"
    if text.startswith(b"<"):
        return "kml" if re.search(rb"<(?:\w+:)?(?:kml|gpx)[\s>]", text) else "xml"
    return "text"


def _is_dbase(start: bytes) -> bool:
    """Tell a table of dBase: version, a date, a header of 32 bytes a field that ends on 0x0D."""
    if len(start) < 65 or start[0] not in {0x03, 0x30, 0x31, 0x83, 0x8B, 0xF5}:
        return False
    header = int.from_bytes(start[8:10], "little")
    rest = start[header - 1 : header] if 65 <= header <= len(start) else b"\r"
    return 1 <= start[2] <= 12 and 1 <= start[3] <= 31 and header >= 65 and rest in b"\r\x00"


_NAMES: Final = {
    "sqlite": Sentence("a SQLite or GeoPackage database"),
    "flatgeobuf": Sentence("a FlatGeobuf"),
    "shapefile": Sentence("a shapefile"),
    "shx": Sentence("the index of a shapefile (.shx)"),
    "dbf": Sentence("the attribute table of a shapefile (.dbf)"),
    "prj": Sentence("the reference system of a shapefile (.prj)"),
    "cpg": Sentence("the encoding of a shapefile (.cpg)"),
    "tiff": Sentence("a TIFF"),
    "parquet": Sentence("a Parquet file"),
    "feather": Sentence("a Feather file"),
    "zip": Sentence("a zip archive"),
    "gzip": Sentence("a gzip archive"),
    "bzip2": Sentence("a bzip2 archive"),
    "xz": Sentence("an xz archive"),
    "7-zip": Sentence("a 7-Zip archive"),
    "rar": Sentence("a RAR archive"),
    "ole": Sentence("an old Excel workbook (.xls) or one with a password"),
    "pdf": Sentence("a PDF document"),
    "picture": Sentence("a picture"),
    "kml": Sentence("a KML file"),
    "xml": Sentence("a web page or other XML"),
    "json": Sentence("JSON"),
    "text": Sentence("text, or of no known kind"),
}


def kind_name(kind: str) -> Sentence:
    """Say what a file is."""
    return _NAMES[kind]
