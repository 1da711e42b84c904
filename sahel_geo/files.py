"""Files on disk: atomic writing, and the data that the package ships."""

import csv
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pandas as pd

from sahel_geo.errors import FileError, why

# What a spreadsheet takes for the beginning of a formula, unless it is a number.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# The same where a spreadsheet that splits at semicolons, as French ones do, begins another cell.
_INNER: Final = re.compile(
    r"([;\t\r\n]['\"\s]*)(?=[=+@＝＋＠－-])(?![+-]?\d+(?:[.,]\d+)?\s*(?:[;\t\r\n]|$))"
)
_NUMBER: Final = re.compile(r"[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?")

_PACKAGE = Path(__file__).resolve().parent


def data_path(name: str) -> Path:
    """Locate a shipped data file, in the installed package or in a checkout."""
    for folder in (_PACKAGE / "boundaries", _PACKAGE.parent / "boundaries"):
        candidate = folder / name
        if candidate.is_file():
            return candidate
    raise FileError(
        "the shipped file {name!r} is missing from this installation; install again.",
        name=name,
    )


def check_not_folder(path: str | os.PathLike[str]) -> None:
    """Refuse a folder where a file is to be written."""
    if Path(path).is_dir():
        raise FileError("cannot write {path!r}: it is a folder. Name a file in it.", path=str(path))


@contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path beside `path`, and move it there only if the block succeeds.

    A reader of `path` sees the old file or the whole new one, never a part.
    """
    target = Path(path)
    check_not_folder(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=target.suffix)
        os.close(handle)
    except OSError as error:
        raise FileError(
            "cannot write to {target!r}: {why}.",
            target=str(target),
            why=why(error),
        ) from error
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(target)
    except FileError:
        raise
    except OSError as error:
        raise FileError("cannot write {path!r}: {why}.", path=str(path), why=why(error)) from error
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: str | os.PathLike[str], text: str) -> Path:
    """Write a UTF-8 text file atomically, with Unix line ends."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    return Path(path)


def write_csv(path: str | os.PathLike[str], table: pd.DataFrame) -> Path:
    """Write a table as CSV that opens as text in a spreadsheet, whole or not at all."""
    with (
        atomic_path(path) as temporary,
        temporary.open("w", encoding="utf-8-sig", newline="") as stream,
    ):
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([_harmless(str(name)) for name in table.columns])
        for row in table.astype(object).itertuples(index=False, name=None):
            writer.writerow([_harmless(cell) for cell in row])
    return Path(path)


def _harmless(cell: Any) -> Any:
    if isinstance(cell, str):
        formula = cell.lstrip(" ").startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(cell)
        text = f"'{cell}" if formula else cell
        return _INNER.sub(r"\1'", text)
    if isinstance(cell, list | tuple | dict):
        return _harmless(str(cell))
    return "" if pd.isna(cell) else cell
