"""What has arrived, kept by checksum, with an index of one small file an entry.

An entry is replaced whole or not at all, so a crash leaves the old one or the new one; an object is
never changed. Two processes at once therefore see a consistent cache without locking it.
"""

import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import platformdirs

from sahel_geo.errors import InputError, saying_why
from sahel_geo.files import atomic_path, checksum, write_text
from sahel_geo.provenance import Part, Provenance
from sahel_geo.schema import PathLike
from sahel_geo.sources.access.errors import SourceError

CACHE_VARIABLE: Final = "SAHEL_GEO_CACHE"
_DATA_SET: Final = "data set"
_BEFORE_TIME: Final = float("-inf")  # days; reading an age refuses what is no moment
_GRACE_SECONDS: Final = 3600.0  # another process may be about to name a new object
_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Entry:
    """One thing in the cache."""

    path: Path  # the object itself
    provenance: Provenance  # where it came from
    kind: str  # ``"data set"`` or ``"file"``
    extras: Mapping[str, Path]  # what belongs to it, such as the rows that others replaced
    index: Path  # the file of the index

    @property
    def size(self) -> int:
        """Bytes of the object and its extras."""
        return sum(each.stat().st_size for each in (self.path, *self.extras.values()))

    def part(self, rows: int = 0) -> Part:
        """Name it among what a data set was made of, with the rows taken from it."""
        origin = self.provenance
        return Part(origin.url, origin.sha256, origin.version, rows)


class Cache:
    """The folder of received data.

    Parameters
    ----------
    folder : path-like, optional
        By default what ``SAHEL_GEO_CACHE`` names, else the user's cache folder.

    Examples
    --------
    >>> cache = Cache(getfixture("tmp_path"))
    >>> cache.size, list(cache.entries())
    (0, [])
    """

    def __init__(self, folder: PathLike | None = None) -> None:
        if not isinstance(folder, str | os.PathLike | None):
            raise InputError(
                "`cache` is a {kind}; expected the path of a folder. Name one, or leave it out.",
                kind=type(folder).__name__,
            )
        named = folder or os.environ.get(CACHE_VARIABLE)
        self.folder: Final = Path(named) if named else platformdirs.user_cache_path("sahel_geo")

    @property
    def objects(self) -> Path:
        """Folder of what has arrived, by checksum."""
        return self.folder / "objects"

    @property
    def received(self) -> Path:
        """Folder for files that a person fetched on another machine."""
        return self.folder / "received"

    @property
    def size(self) -> int:
        """Bytes of everything in the cache."""
        files = self.folder.rglob("*") if self.folder.is_dir() else ()
        return sum(each.stat().st_size for each in files if each.is_file())

    def make(self, name: str) -> Path:
        """Create a folder of the cache that only this user can read, or raise SourceError."""
        with saying_why(
            "the cache {folder!r} cannot be written: {why}. Name another folder with {variable} "
            "or cache=.",
            *(OSError, ValueError),  # a name that no folder can have
            kind=SourceError,
            folder=str(self.folder),
            variable=CACHE_VARIABLE,
        ):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            (self.folder / name).mkdir(exist_ok=True, mode=0o700)
        return self.folder / name

    def keep(self, content: bytes | Path, name: str) -> tuple[Path, str]:
        """Put an object into the cache (a file is moved); give where it lies and its checksum."""
        self.make("objects")
        if isinstance(content, bytes):
            temporary = self.make("partial") / f"{os.getpid()}-{time.monotonic_ns()}"
            temporary.write_bytes(content)
            content = temporary
        sha256 = checksum(content)
        known = self.object(sha256)
        if known is not None:
            content.unlink()
            return known, sha256
        target = self.objects / sha256 / (_NAME.sub("-", name).strip(".-")[-100:] or "data")
        with atomic_path(target) as placed:
            shutil.move(content, placed)
        return target, sha256

    def object(self, sha256: str) -> Path | None:
        """Find an object by its checksum; one that is no longer what it was is removed."""
        if not re.fullmatch(r"[0-9a-f]{64}", sha256):
            return None
        folder = self.objects / sha256
        for path in [each for each in folder.glob("*") if not each.name.startswith(".")]:
            if checksum(path) == sha256:
                return path
            path.unlink(missing_ok=True)
        return None

    def store(
        self,
        request: Mapping[str, str],
        path: Path,
        provenance: Provenance,
        *,
        kind: str = _DATA_SET,
        extras: Mapping[str, str] | None = None,
    ) -> Entry:
        """Name an object in the index by the request that it answers.

        kind: ``"data set"`` or ``"file"``. extras: Checksums of what belongs to it.
        """
        index = self.make("index") / f"{_key(request)}.json"
        plain = {"kind": kind, "extras": dict(extras or {}), "provenance": provenance.as_dict()}
        write_text(index, json.dumps(plain, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
        objects = {name: self.object(sha256) for name, sha256 in (extras or {}).items()}
        return Entry(path, provenance, kind, {k: v for k, v in objects.items() if v}, index)

    def find(self, request: Mapping[str, str]) -> Entry | None:
        """Look up what answers a request; None where nothing does, or what did is damaged."""
        return self._read(self.folder / "index" / f"{_key(request)}.json")

    def entries(self) -> Iterator[Entry]:
        """Go through the index, by name of its files."""
        for index in sorted((self.folder / "index").glob("*.json")):
            if entry := self._read(index):
                yield entry

    def pinned(self, provenance: Provenance) -> Entry:
        """Give the very data set of an earlier report; SourceError if the cache has lost it."""
        path = self.object(provenance.sha256)
        if path is None:
            raise SourceError(
                "the data set of {source} fetched on {day} (SHA-256 {sha256}) is not in the cache "
                "{folder}; expected it for the same bytes. Fetch anew with --source {source}, or "
                "copy the cache of the machine that made the report.",
                source=provenance.source,
                day=provenance.fetched[:10],
                sha256=provenance.sha256[:12],
                folder=str(self.folder),
            )
        entries = (each for each in self.entries() if each.provenance.sha256 == provenance.sha256)
        return Entry(path, provenance, _DATA_SET, next((each.extras for each in entries), {}), path)

    def prune(self, older_than_days: float) -> int:
        """Remove what is older, and what nothing in the index names; give the bytes made free."""
        before = self.size
        for entry in list(self.entries()):
            if entry.provenance.age_days >= older_than_days:
                entry.index.unlink(missing_ok=True)
        named = {
            each.parent.name
            for entry in self.entries()
            for each in (entry.path, *entry.extras.values())
        }
        grace = 0.0 if older_than_days == 0 else _GRACE_SECONDS
        for folder in (*self.objects.glob("*"), *(self.folder / "partial").glob("*")):
            if folder.name not in named and time.time() - folder.stat().st_mtime >= grace:
                shutil.rmtree(folder) if folder.is_dir() else folder.unlink(missing_ok=True)
        answers = self.folder / "answers.sqlite"
        if answers.exists() and time.time() - answers.stat().st_mtime >= older_than_days * 86_400:
            for each in self.folder.glob("answers.sqlite*"):
                each.unlink(missing_ok=True)
        return before - self.size

    def _read(self, index: Path) -> Entry | None:
        try:
            plain: Any = json.loads(index.read_text(encoding="utf-8"))
            provenance = Provenance.from_dict(plain["provenance"])
            if not (isinstance(provenance.request, Mapping) and provenance.age_days > _BEFORE_TIME):
                return None
            path = self.object(provenance.sha256)
            objects = {name: self.object(sha256) for name, sha256 in plain["extras"].items()}
            kind = str(plain["kind"])
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None  # an index that somebody or something damaged names nothing
        if path is None or None in objects.values():
            return None
        return Entry(path, provenance, kind, {k: v for k, v in objects.items() if v}, index)


def _key(request: Mapping[str, str]) -> str:
    text = json.dumps(dict(request), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
