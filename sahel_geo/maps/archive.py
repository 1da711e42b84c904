"""A zip archive with the same bytes for the same files."""

import os
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from sahel_geo.files import atomic_path

_DATE: Final = (1980, 1, 1, 0, 0, 0)  # the earliest that the format can hold
_MODE: Final = 0o644 << 16


def write_archive(path: str | os.PathLike[str], files: Iterable[str | os.PathLike[str]]) -> Path:
    """Put files side by side into a zip archive, whole or not at all.

    Parameters
    ----------
    path : path-like
        The archive to write.
    files : iterable of path-like
        What goes in, under its name without folder, in the order of the names.

    Returns
    -------
    Path
        The archive. Neither the time nor the machine changes its bytes.

    Raises
    ------
    FileError
        If a file cannot be read or the archive cannot be written.

    Examples
    --------
    >>> folder = getfixture("tmp_path")
    >>> _ = (folder / "a.txt").write_text("a")
    >>> zipfile.ZipFile(write_archive(folder / "all.zip", [folder / "a.txt"])).namelist()
    ['a.txt']
    """
    target = Path(path)
    with atomic_path(target) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for file in sorted(map(Path, files), key=lambda each: each.name):
            entry = zipfile.ZipInfo(file.name, _DATE)
            entry.external_attr = _MODE
            entry.create_system = 3  # Unix, on every system
            archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED, 9)
    return target
