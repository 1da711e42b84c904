"""What arrived, opened by what it proves to be, and never larger than it may be."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from sahel_geo.errors import FileError
from sahel_geo.formats.archives import open_zip
from sahel_geo.i18n.sentence import Sentence

FILE_BYTES: Final = 2 * 1024**3
PAGE_FAULT: Final = Sentence(
    "it is a web page, as for a login, consent or maintenance, and no data"
)
_HEAD: Final = 4096
_TIFF: Final = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")


class DamagedError(Exception):
    """What arrived is not what it should be; the reason is a Sentence."""

    @property
    def reason(self) -> Sentence:
        """In words."""
        return Sentence.of(self.args[0])


def is_page(start: bytes) -> bool:
    """Whether bytes begin as a web page does.

    >>> is_page(b"  <!doctype html><title>Log in</title>"), is_page(b'{"data": []}')
    (True, False)
    """
    return start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def prove(path: Path, kind: str) -> None:
    """Make sure that a file is of the kind asked for; "any" is no web page and not empty."""
    with path.open("rb") as stream:
        start = stream.read(_HEAD)
    if is_page(start):
        raise DamagedError(PAGE_FAULT)
    if not start.strip():
        raise DamagedError(Sentence("it is empty"))
    expected = {
        "zip": start.startswith(b"PK\x03\x04"),
        "xlsx": start.startswith(b"PK\x03\x04"),
        "tif": start.startswith(_TIFF),
        "json": start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")),
        "csv": b"\x00" not in start and not start.startswith(b"PK"),
        "any": True,
    }
    if not expected[kind]:
        raise DamagedError(Sentence("it is no file of the kind {kind}", kind=kind))
    if not start.startswith(b"PK\x03\x04"):
        return
    try:
        with open_zip(path) as archive:
            for each in archive.infolist():
                with archive.open(each) as stream:
                    while stream.read(1 << 20):  # the end of each member checks its sum
                        pass
    except FileError:
        raise DamagedError(
            Sentence("the archive is damaged, broken off, or unpacks to more than it may")
        ) from None


@contextmanager
def open_text(path: Path) -> Iterator[IO[bytes]]:
    """Open a table, or the one table inside an archive, as bytes."""
    with path.open("rb") as stream:
        if not stream.read(4).startswith(b"PK\x03\x04"):
            stream.seek(0)
            yield stream
            return
    with open_zip(path) as archive:
        names = [
            each
            for each in archive.namelist()
            if each.lower().endswith(".csv") and not each.startswith("__MACOSX/")
        ]
        if len(names) != 1:
            raise DamagedError(
                Sentence(
                    "the archive holds {number} files that end in {suffix}, not one",
                    number=len(names),
                    suffix=".csv",
                )
            )
        with archive.open(names[0]) as member:
            yield member
