"""File geodatabases of Esri (``.gdb``): folders of tables, looked at before GDAL reads them.

Only the tables and the lists of their rows are handed on, under their own names in our folder;
spatial and attribute indexes, which are further things to damage, are left out.
"""

import re
import zipfile
from contextlib import nullcontext
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Final

import numpy as np

from sahel_geo.errors import FileError
from sahel_geo.formats.archives import copy_member, link_or_copy, members, open_zip
from sahel_geo.formats.geopackage import MAX_LAYER_BYTES
from sahel_geo.i18n.sentence import Sentence

_CATALOGUE: Final = "a00000001.gdbtable"  # lists the tables; every geodatabase has it
_TABLE: Final = re.compile(r"a[0-9a-f]{8}\.gdbtabl[ex]")
_MAX_TABLES: Final = 2_000
_HEAD: Final = 40  # bytes of the head of a table


def is_geodatabase(folder: Path) -> bool:
    """Tell whether a folder is one by the table that lists the others."""
    return folder.is_dir() and (folder / _CATALOGUE).is_file()


def packed_geodatabases(archive: zipfile.ZipFile) -> list[str]:
    """Give the folders of an archive that hold a geodatabase; "" for the archive itself."""
    paths = [PurePosixPath(member.filename) for member in members(archive)]
    folders = (path.parent for path in paths if path.name.lower() == _CATALOGUE)
    return ["" if str(folder) == "." else str(folder) for folder in folders]


def lay_out(source: Path, packed: str | None, target: Path) -> None:
    """Put the tables of a geodatabase, perhaps `packed`, into a folder of ours, and check them."""
    target.mkdir()
    with nullcontext() if packed is None else open_zip(source) as archive:
        if archive is None:
            copies = {file.name: partial(link_or_copy, file) for file in source.iterdir()}
        else:
            paths = {PurePosixPath(member.filename): member for member in members(archive)}
            copies = {
                path.name: partial(copy_member, archive, member)
                for path, member in paths.items()
                if str(path.parent) == (packed or ".")
            }
        named = ((name.lower(), copy) for name, copy in copies.items())
        tables = {name: copy for name, copy in named if _TABLE.fullmatch(name)}
        if len(tables) > 2 * _MAX_TABLES:
            raise _damaged(source, Sentence("it has {number} tables", number=len(tables)))
        for name, copy in tables.items():
            copy(target / name)
    _check(source, target)


def _check(source: Path, folder: Path) -> None:
    """Refuse what is no table, and a list of rows that gives out one row again and again."""
    files = sorted(folder.iterdir())
    if sum(file.stat().st_size for file in files) > MAX_LAYER_BYTES:
        raise _damaged(source, Sentence("its tables are larger than {most:,} bytes",
                                        most=MAX_LAYER_BYTES))  # fmt: skip
    for file in files:
        with file.open("rb") as stream:
            head = stream.read(_HEAD)
        numbers = np.frombuffer(head[:16].ljust(16, b"\0"), dtype="<i4")
        if file.suffix == ".gdbtable":
            sound = numbers[0] in {3, 4} and numbers[3] == 5 and len(head) == _HEAD
            size = int.from_bytes(head[24:32], "little")
            sound = sound and size <= file.stat().st_size
        else:
            sound = numbers[0] in {3, 4} and _lists_each_once(file, int(numbers[3]))
        if not sound:
            raise _damaged(source, Sentence("{table} is no table of one", table=file.name))


def _lists_each_once(file: Path, width: int) -> bool:
    """Whether a list of rows names each place in the table at most once."""
    if width not in {4, 5, 6}:
        return False
    listed = file.read_bytes()
    content = np.frombuffer(listed[16:], dtype=np.uint8)
    entries = content[: len(content) // width * width].reshape(-1, width).astype(np.uint64)
    blocks = int.from_bytes(listed[4:8], "little")
    weights = np.uint64(1) << (np.uint64(8) * np.arange(width, dtype=np.uint64))
    places = (entries[: blocks * 1024] * weights).sum(axis=1)
    places = places[places > 0]
    return len(np.unique(places)) == len(places)


def _damaged(source: Path, why: Sentence) -> FileError:
    return FileError(
        "{file!r} is a damaged or too large geodatabase: {why}. Save the layer as a GeoPackage.",
        file=str(source),
        why=why,
    )
