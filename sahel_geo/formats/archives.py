"""Archives: what they hold, unpacked within bounds that look at the decoded size."""

import lzma
import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

from sahel_geo.errors import FileError, saying_why

MAX_BYTES: Final = 2 * 1024**3
MAX_MEMBERS: Final = 10_000
MAX_RATIO: Final = 300  # text and boundaries shrink four- to thirtyfold, a bomb a thousandfold
_RATIO_FROM_BYTES: Final = 16 * 1024**2
_MAX_DIRECTORY: Final = 8 * 1024**2  # bytes of the table of contents, which is read as a whole
_TAIL: Final = 66_000  # a comment of at most 65,535 bytes, and the end record
_FAULTS: Final = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, RuntimeError,
    NotImplementedError, struct.error, KeyError, IndexError, OverflowError, MemoryError,
)  # fmt: skip


@contextmanager
def open_zip(file: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip archive that does not unpack to too much; whatever is wrong is a `FileError`."""
    with saying_why(
        "{file!r} is a damaged archive: {why}. Fetch it again.", *_FAULTS, file=str(file)
    ):
        # Refuse a table of contents that would fill the memory before it can be counted.
        with file.open("rb") as stream:
            stream.seek(max(0, file.stat().st_size - _TAIL))
            tail = stream.read()
        end, wide = tail.rfind(b"PK\x05\x06"), tail.rfind(b"PK\x06\x06")
        size = int.from_bytes(tail[end + 12 : end + 16], "little") if end >= 0 else 0
        if wide >= 0:
            size = max(size % 0xFFFFFFFF, int.from_bytes(tail[wide + 40 : wide + 48], "little"))
        if size > _MAX_DIRECTORY:
            raise zipfile.BadZipFile(f"its table of contents has {size} bytes")
        with zipfile.ZipFile(file) as archive:
            _check_sizes(file, archive.infolist())
            yield archive


def _check_sizes(file: Path, members: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    bloated = any(
        member.file_size > max(_RATIO_FROM_BYTES, MAX_RATIO * member.compress_size)
        for member in members
    )
    if bloated or unpacked > MAX_BYTES or len(members) > MAX_MEMBERS:
        raise FileError(
            "{file!r} unpacks to {unpacked:,} bytes in {number} files, {ratio:,} times its size; "
            "expected at most {max_bytes:,} bytes, {max_members} files and {max_ratio} times its "
            "size. Unpack it yourself if you trust it.",
            file=str(file),
            unpacked=unpacked,
            number=len(members),
            ratio=unpacked // packed,
            max_bytes=MAX_BYTES,
            max_members=MAX_MEMBERS,
            max_ratio=MAX_RATIO,
        )


def members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """List the files of an archive without folders and what macOS and Windows add."""
    return [
        member
        for member in archive.infolist()
        if not member.is_dir()
        and "__MACOSX" not in PurePosixPath(member.filename).parts
        and not PurePosixPath(member.filename).name.startswith(("._", ".DS_Store", "Thumbs.db"))
    ]


def read_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int | None = None
) -> bytes:
    """Read one file of an archive, and no byte beyond the size that it states."""
    with archive.open(member) as part:
        content = part.read(member.file_size + 1 if most is None else most)
    _check_stated(member, len(content), archive.filename)
    return content


def copy_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    """Unpack one file of an archive to a path of ours, and no byte beyond its stated size."""
    with archive.open(member) as part, target.open("wb") as copy:
        left = member.file_size
        while left > 0 and (block := part.read(min(left, 1 << 20))):
            copy.write(block)
            left -= len(block)
        _check_stated(member, copy.tell() + len(part.read(1)), archive.filename)


def _check_stated(member: zipfile.ZipInfo, size: int, name: str | None) -> None:
    if size > member.file_size:
        raise FileError(
            "{name!r} states a wrong size for {filename!r}. Pack it again.",
            name=Path(name or "").name,
            filename=member.filename,
        )


def link_or_copy(file: Path, target: Path) -> None:
    """Give a file another name without its neighbours: a link, or a copy where links fail."""
    try:
        target.symlink_to(file.resolve())
    except OSError:  # Windows without the right to make links
        shutil.copyfile(file, target)
