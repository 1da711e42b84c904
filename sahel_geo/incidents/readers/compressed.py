"""Compressed tables: one file in gzip, bzip2 or xz, one table in a zip archive."""

import bz2
import gzip
import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO, Any, Final

from sahel_geo.errors import FileError, InputError, first_offenders, why
from sahel_geo.formats.archives import MAX_RATIO, copy_member, members, open_zip

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
_LAYERS: Final = (".shp", ".gpkg", ".geojson", ".fgb", ".kml", ".gdbtable")
_FAULTS: Final = (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError, MemoryError)
_MAX_XZ_MEMORY: Final = 256 * 1024**2


@contextmanager
def unpacked(path: Path, kind: str) -> Iterator[Path]:
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


def what_zip(path: Path) -> str:
    """Tell what a zip archive is: ``"xlsx"``, ``"layers"`` or ``"table"``."""
    with open_zip(path) as archive:
        names = [member.filename for member in members(archive)]
    if "xl/workbook.xml" in names or any(
        name.startswith(("xl/", "word/", "ppt/")) for name in names
    ):
        return "xlsx"
    if "content.xml" in names:
        return "xlsx"  # whose reader says what it is
    suffixes = {PurePosixPath(name).suffix.lower() for name in names}
    return "layers" if suffixes & set(_LAYERS) else "table"


@contextmanager
def table_in_zip(path: Path, name: str | None) -> Iterator[Path]:
    """Give the one table in a zip archive, unpacked; of several the one named."""
    with open_zip(path) as archive, TemporaryDirectory(prefix="sahel-geo-") as folder:
        held = members(archive)
        tables = [
            each
            for each in held
            if PurePosixPath(each.filename).suffix.lower() in _TABLES
            and not _BESIDE.match(PurePosixPath(each.filename).name)
        ]
        if name is not None:
            tables = [each for each in held if name in (each.filename, Path(each.filename).name)]
        if len(tables) != 1:
            raise InputError(
                "{name!r} is a zip archive with {number} tables, of {names}; expected one. Unpack "
                "it, then pass the table inside, or name it with sheet= (--sheet).",
                name=path.name,
                number=len(tables),
                names=first_offenders([each.filename for each in held], 5),
            )
        own = re.sub(r"[^\w. ()-]", "_", PurePosixPath(tables[0].filename).name).strip(".")
        target = Path(folder, own or "table")
        copy_member(archive, tables[0], target)
        yield target
