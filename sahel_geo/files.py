"""Files on disk: atomic writing, and the data that the package ships."""

import csv
import hashlib
import os
import platform
import re
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any, Final

import pandas as pd

from sahel_geo.errors import FileError, as_unicode, saying_why
from sahel_geo.schema import PathLike

# What a spreadsheet takes for the beginning of a formula, unless it is a number.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# The same where a spreadsheet that splits at semicolons, as French ones do, begins another cell.
_INNER: Final = re.compile(
    r"([;\t\r\n]['\"\s]*)(?=[=+@＝＋＠－-])(?![+-]?\d+(?:[.,]\d+)?\s*(?:[;\t\r\n]|$))"
)
_NUMBER: Final = re.compile(r"[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?")

_MARK: Final = ".sahel-geo"  # in the names of temporary files
_OURS: Final = re.compile(
    rf"\.[0-9a-f]{{12}}-(?P<host>[0-9a-f]{{8}})-(?P<process>\d+){re.escape(_MARK)}.*"
)
_SECONDS_A_DAY: Final = 86_400

_protected: ContextVar[frozenset[tuple[int, int] | None]] = ContextVar(
    "protected", default=frozenset()
)

_PACKAGE = Path(__file__).resolve().parent


def data_path(name: str, folder: str = "boundaries") -> Path:
    """Locate a shipped file, in the installed package or in a checkout."""
    for home in (_PACKAGE, _PACKAGE.parent):
        candidate = home / folder / name
        if candidate.is_file():
            return candidate
    raise FileError(
        "the shipped file {name!r} is missing from this installation; install again.", name=name
    )


def check_not_folder(path: PathLike) -> None:
    """Refuse a folder where a file is to be written."""
    with saying_why("cannot write {path!r}: {why}.", OSError, ValueError, path=str(path)):
        folder = Path(path).is_dir()
    if folder:
        raise FileError("cannot write {path!r}: it is a folder. Name a file in it.", path=str(path))


@contextmanager
def protecting(inputs: Iterable[PathLike]) -> Iterator[None]:
    """Refuse to write over these files, under whatever name, while the block runs."""
    token = _protected.set(frozenset(_identity(each) for each in inputs) - {None})
    try:
        yield
    finally:
        _protected.reset(token)


def _identity(path: PathLike) -> tuple[int, int] | None:
    try:
        about = Path(path).stat()
    except (OSError, ValueError):
        return None
    return (about.st_dev, about.st_ino) if about.st_ino else None


@contextmanager
def atomic_path(path: PathLike) -> Iterator[Path]:
    """Give a temporary path beside `path`, and move it there only if the block succeeds.

    A reader of `path` sees the old file or the whole new one, never a part. A new file gets the
    permissions that the umask allows, one that replaces another keeps that one's. What killed runs
    left behind is removed.
    """
    target = Path(path)
    check_not_folder(target)
    if (identity := _identity(target)) is not None and identity in _protected.get():
        raise FileError(
            "cannot write {path!r}: it is the input. Name another file.", path=str(target)
        )
    with saying_why("cannot write to {target!r}: {why}.", OSError, ValueError, target=str(target)):
        target.parent.mkdir(parents=True, exist_ok=True)
        remove_abandoned(target.parent)
        mode = target.stat().st_mode & 0o777 if target.is_file() else None
        name = f".{secrets.token_hex(6)}-{_host()}-{os.getpid()}{_MARK}{target.suffix}"
        temporary = target.with_name(name)
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
        os.close(os.open(temporary, flags, 0o666 if mode is None else mode & 0o600))
    try:
        with saying_why("cannot write {path!r}: {why}.", OSError, path=str(path)):
            yield temporary
            # a name that no file can have is a ValueError
            with saying_why("cannot write {path!r}: {why}.", ValueError, path=str(target)):
                if mode is not None:
                    temporary.chmod(mode)
                temporary.replace(target)
    finally:
        for part in ("", "-journal", "-wal", "-shm"):  # what a database writes beside itself
            temporary.with_name(temporary.name + part).unlink(missing_ok=True)


@cache
def _host() -> str:
    return hashlib.sha256(platform.node().encode("utf-8", "replace")).hexdigest()[:8]


def remove_abandoned(folder: Path) -> None:
    """Remove the temporary files of runs that were killed; those of other machines after a day."""
    for left in folder.glob(f".*{_MARK}*"):
        match = _OURS.fullmatch(left.name)
        if match is None:
            continue
        try:
            old = time.time() - left.stat().st_mtime > _SECONDS_A_DAY
            if old or (match["host"] == _host() and not _is_alive(int(match["process"]))):
                left.unlink(missing_ok=True)
        except OSError:  # another run was faster, or it is somebody else's
            continue


def _is_alive(process: int) -> bool:
    if os.name != "posix":
        return True  # cannot be asked without ending it
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def checksum(path: Path) -> str:
    """Give the SHA-256 of a file."""
    reading = saying_why("cannot read {file!r}: {why}.", OSError, file=str(path))
    with reading, path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_text(path: PathLike, text: str) -> Path:
    """Write a UTF-8 text file atomically, with Unix line ends."""
    with atomic_path(path) as temporary:
        temporary.write_text(as_unicode(text), encoding="utf-8", newline="\n")
    return Path(path)


def write_csv(path: PathLike, table: pd.DataFrame, tags: Iterable[str] = ()) -> Path:
    """Write a table, and `tags` below its header, as CSV for a spreadsheet, whole or not at all."""
    with (
        atomic_path(path) as temporary,
        temporary.open("w", encoding="utf-8-sig", errors="surrogateescape", newline="") as stream,
    ):
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([_harmless(str(name)) for name in table.columns])
        writer.writerows([tags] if (tags := list(tags)) else [])
        for row in table.astype(object).itertuples(index=False, name=None):
            writer.writerow([_harmless(cell) for cell in row])
    return Path(path)


def _harmless(cell: Any) -> Any:
    if isinstance(cell, str):
        formula = cell.lstrip(" ").startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(cell)
        return _INNER.sub(r"\1'", f"'{cell}" if formula else cell)
    if isinstance(cell, list | tuple | dict):
        return _harmless(str(cell))
    return "" if pd.isna(cell) else cell
