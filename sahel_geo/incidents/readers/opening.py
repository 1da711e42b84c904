"""Open a file of incidents, whatever its container, judged by its content and not by its name."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sahel_geo.errors import FileError, InputError, why
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.readers.delimited import read_delimited
from sahel_geo.incidents.readers.raw import RawTable

# First bytes of what people pass by mistake, and what to do about it.
_REFUSED: Final = (
    (
        b"\xd0\xcf\x11\xe0",
        Sentence("an old Excel workbook (.xls) or one with a password"),
        Sentence("Save it as .xlsx or CSV."),
    ),
    (
        b"%PDF",
        Sentence("a PDF document"),
        Sentence("Export the table behind it as CSV or XLSX."),
    ),
    (b"\x1f\x8b", Sentence("a gzip archive"), Sentence("Unpack it first.")),
    (b"BZh", Sentence("a bzip2 archive"), Sentence("Unpack it first.")),
    (b"7z\xbc\xaf", Sentence("a 7-Zip archive"), Sentence("Unpack it first.")),
    (b"Rar!", Sentence("a RAR archive"), Sentence("Unpack it first.")),
    (
        b"SQLite format 3",
        Sentence("a SQLite or GeoPackage database"),
        Sentence("Export the layer as GeoJSON or CSV."),
    ),
    (b"\x89PNG", Sentence("a picture"), Sentence("Pass the table of incidents.")),
    (b"\xff\xd8\xff", Sentence("a picture"), Sentence("Pass the table of incidents.")),
)


def open_table(
    path: str | os.PathLike[str],
    sheet: str | None = None,
    wanted: Sequence[str] = (),
) -> RawTable:
    """Read the rows of a CSV, TSV, XLSX, Parquet or GeoJSON file without interpreting them."""
    file = Path(path)
    start = _first_bytes(file)
    kind = _kind(file, start)
    if sheet is not None and kind != "xlsx":
        raise InputError(
            f"`sheet` is {sheet!r} but {file.name!r} is not a workbook. Leave `sheet` out."
        )
    if kind == "xlsx":
        from sahel_geo.incidents.readers.workbook import read_workbook  # noqa: PLC0415  (slow import)

        table = read_workbook(file, sheet, wanted)
    elif kind == "parquet":
        from sahel_geo.incidents.readers.geofiles import read_parquet  # noqa: PLC0415

        table = read_parquet(file)
    elif kind == "geojson":
        from sahel_geo.incidents.readers.geofiles import read_geojson  # noqa: PLC0415

        table = read_geojson(file)
    else:
        table = read_delimited(file, wanted)
    if not len(table) and not table.rejected:
        raise InputError(
            "{name!r} holds a header and no rows; expected at least one incident.",
            name=file.name,
        )
    return table


def _first_bytes(file: Path) -> bytes:
    if file.is_dir():
        raise FileError(
            "{file!r} is a folder; expected a file of incidents.",
            file=str(file),
        )
    if file.exists() and not file.is_file():
        raise FileError(
            "{file!r} is a device or a pipe; expected a file of incidents.",
            file=str(file),
        )
    try:
        with file.open("rb") as stream:
            start = stream.read(4096)
    except FileNotFoundError as error:
        raise FileError(
            "{file!r} does not exist. Check the path and the spelling.",
            file=str(file),
        ) from error
    except (OSError, ValueError) as error:
        raise FileError(
            "{file!r} cannot be read ({reason}).",
            file=str(file),
            reason=why(error),
        ) from error
    if not start.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise InputError(
            "{name!r} is empty; expected a header and at least one incident.",
            name=file.name,
        )
    return start


def _kind(file: Path, start: bytes) -> str:
    for magic, what, remedy in _REFUSED:
        if start.startswith(magic):
            raise FileError(
                "{name!r} is {what}; expected CSV, XLSX, Parquet or GeoJSON. {remedy}",
                name=file.name,
                what=what,
                remedy=remedy,
            )
    if start.startswith(b"PK\x03\x04"):
        return "xlsx"
    if start.startswith((b"PAR1", b"ARROW1")):
        return "parquet"
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"{") or text[:64].replace(b" ", b"").startswith(b"[{"):
        return "geojson"
    if text.startswith(b"<"):
        raise FileError(
            "{name!r} is a web page or XML saved under another name; expected CSV, XLSX, "
            "Parquet or GeoJSON. Download the data file itself, or save it again as CSV.",
            name=file.name,
        )
    return "csv"
