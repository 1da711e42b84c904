"""Files on disk: atomic writing, and the data that the package ships."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sahel_geo.errors import FileError

_PACKAGE = Path(__file__).resolve().parent


def data_path(name: str) -> Path:
    """Locate a shipped data file, in the installed package or in a checkout.

    Parameters
    ----------
    name : str
        File name inside ``boundaries/``.

    Returns
    -------
    Path
        An existing file.

    Raises
    ------
    FileError
        If the installation does not hold the file.
    """
    for folder in (_PACKAGE / "boundaries", _PACKAGE.parent / "boundaries"):
        candidate = folder / name
        if candidate.is_file():
            return candidate
    raise FileError(f"the shipped file {name!r} is missing from this installation; install again.")


@contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path beside `path`, and move it there only if the block succeeds.

    A reader of `path` sees the old file or the whole new one, never a part.

    Parameters
    ----------
    path : path-like
        The file to write; its folder is created if needed.

    Yields
    ------
    Path
        Where to write.

    Raises
    ------
    FileError
        If the folder cannot be created or written.
    """
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=target.suffix)
        os.close(handle)
    except OSError as error:
        raise FileError(f"cannot write to {str(target)!r}: {error.strerror or error}.") from error
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: str | os.PathLike[str], text: str) -> Path:
    """Write a UTF-8 text file atomically, with Unix line ends.

    Parameters
    ----------
    path : path-like
        The file to write.
    text : str
        Its whole content.

    Returns
    -------
    Path
        The file written.
    """
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    return Path(path)
