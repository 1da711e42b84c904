"""A folder of pages: what a run wrote into it, and what a later run may take away.

``manifest.sha256`` lists every file of a run with its checksum, as ``sha256sum -c`` reads it. A
later run removes what an earlier one wrote and nothing else; a run for publication refuses a folder
that holds anything else, since folders are passed on whole.
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sahel_geo.errors import FileError, InputError, first_offenders, saying_why
from sahel_geo.files import checksum, write_text

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]

NAME: Final = "manifest.sha256"
_MAX_BYTES: Final = 1_000_000
_LINE: Final = re.compile(r"(?P<sum>[0-9a-f]{64}|-)  (?P<name>[^/\\\x00-\x1f]{1,200})")
_PLAIN: Final = re.compile(r"[\w][\w.-]{0,150}", re.ASCII)
_DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
_LARGEST: Final = 64 * 1024**2
_MARKS: Final = (b"sahel_geo", b"sahelGeo")


class OutputFolder:
    """A run's folder of `names`, no link; if `alone`, what earlier runs wrote there goes first."""

    def __init__(self, folder: Path, names: Sequence[str], *, alone: bool) -> None:
        self.folder = folder
        self.names = list(names)
        self.alone = alone
        _check_names(self.names)
        _check_folder(folder)
        self.earlier = _read(folder)
        self._check_others()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the folder alone; note what will be written before, and what was written after."""
        path = str(self.folder)
        with saying_why("cannot write {path!r}: {why}.", OSError, ValueError, path=path):
            self.folder.mkdir(parents=True, exist_ok=True)
        with _held(self.folder):
            if self.alone:
                self._remove({**self.earlier, **dict.fromkeys(self.names, "-")})
                self.earlier = {}
            _write(self.folder, {**self.earlier, **dict.fromkeys(self.names, "-")})
            yield
            self._finish()

    def _finish(self) -> Path:
        """List what was written, and remove what only an earlier run wrote."""
        written = [name for name in self.names if (self.folder / name).is_file()]
        self._remove([name for name in self.earlier if name not in written])
        return _write(self.folder, {name: checksum(self.folder / name) for name in written})

    def _check_others(self) -> None:
        """Refuse to overwrite, or to lie beside, what no run of ours wrote."""
        ours = {name for name in self.earlier if self._is_untouched(name)}
        present = [each.name for each in _visible(self.folder) if each.name != NAME]
        if self.alone:
            strange = [name for name in present if name not in ours and name not in self.names]
            if strange:
                raise FileError(
                    "`out` {folder!r} holds {number} files that this report would not replace: "
                    "{shown}; expected an empty folder or one that an earlier report filled, since "
                    "a folder is passed on whole. Choose another folder.",
                    folder=str(self.folder),
                    number=len(strange),
                    shown=first_offenders(strange),
                )
        own = "index.html" in present and _has_mark(self.folder / "index.html")
        strange = [
            name
            for name in self.names
            if name in present
            and name not in self.earlier
            and not (own and (_has_mark(self.folder / name) or not name.endswith(".html")))
        ]
        if strange:
            raise FileError(
                "`out` {folder!r} holds {number} files of something else: {shown}; expected none "
                "that a report would overwrite. Choose another folder.",
                folder=str(self.folder),
                number=len(strange),
                shown=first_offenders(strange),
            )

    def _is_untouched(self, name: str) -> bool:
        stated = self.earlier.get(name, "-")
        file = self.folder / name
        return stated == "-" or not file.is_file() or checksum(file) == stated

    def _remove(self, names: Iterable[str]) -> None:
        """Remove files of an earlier run, but those that somebody changed since."""
        for name in names:
            file = self.folder / name
            if file.is_file() and self._is_untouched(name):
                with saying_why("cannot remove {path!r}: {why}.", OSError, path=str(file)):
                    file.unlink(missing_ok=True)


def _check_names(names: Sequence[str]) -> None:
    wrong = [name for name in names if not _PLAIN.fullmatch(name) or _DEVICES.fullmatch(name)]
    lower = [name.lower() for name in names]
    wrong += sorted({name for name in names if lower.count(name.lower()) > 1 or name == NAME})
    if wrong:
        raise InputError(
            "the report would write {number} files of names that are reserved or no file names: "
            "{shown}; expected a zone named in letters, digits and hyphens, and not as a page is. "
            "Rename the zone.",
            number=len(wrong),
            shown=first_offenders(wrong),
        )


def _check_folder(folder: Path) -> None:
    with saying_why("cannot write {path!r}: {why}.", OSError, ValueError, path=str(folder)):
        linked, file = folder.is_symlink(), folder.is_file()
    if file:
        raise FileError(
            "`out` {folder!r} is a file; expected a folder. Name a folder.", folder=str(folder)
        )
    if linked:
        raise FileError(
            "`out` {folder!r} is a link to {target!r}; expected a folder. Name that folder itself.",
            folder=str(folder),
            target=str(folder.resolve()),
        )


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Let one run at a time write into a folder, among threads and processes."""
    if fcntl is None:  # Windows has no such lock
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FileError(
                "another run is writing into {folder!r}; expected one at a time. Wait for it, or "
                "choose another folder.",
                folder=str(folder),
            ) from error
        except OSError:  # some network folders have no locks
            pass
        yield
    finally:
        os.close(descriptor)


def _visible(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(each for each in folder.iterdir() if not each.name.startswith("."))


def _read(folder: Path) -> dict[str, str]:
    """Read what earlier runs wrote; a manifest that is none lists nothing."""
    file = folder / NAME
    try:
        if file.stat().st_size > _MAX_BYTES:
            return {}
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return {}
    matches = (_LINE.fullmatch(line) for line in lines)
    return {
        each["name"]: each["sum"] for each in matches if each and _PLAIN.fullmatch(each["name"])
    }


def _write(folder: Path, listed: dict[str, str]) -> Path:
    lines = [f"{total}  {name}\n" for name, total in sorted(listed.items())]
    return write_text(folder / NAME, "".join(lines))


def _has_mark(file: Path) -> bool:
    """Whether a page says that this package wrote it."""
    if not file.is_file() or file.stat().st_size > _LARGEST:
        return False
    content = file.read_bytes()
    return any(mark in content for mark in _MARKS)
