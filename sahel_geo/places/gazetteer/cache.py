"""Keep the finished tables of a gazetteer, and notice when a file behind them changes."""

import hashlib
import json
import logging
import os
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa

from sahel_geo.errors import FileError
from sahel_geo.files import atomic_path, data_path, write_text

_log = logging.getLogger(__name__)

Tables = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]

_FORMAT: Final = 3  # raised whenever the tables or the rules behind them change
_PARTS: Final = ("places", "names", "set_aside", "corrected")
_SHIPPED: Final = ("gazetteer.csv", "towns.csv", "units.csv", "communes.parquet")


def cached_tables(
    files: Sequence[Path],
    mapping: Mapping[str, str] | None,
    folder: str | os.PathLike[str] | None = None,
) -> Tables | None:
    """Read the tables kept for these files, if they are whole and no file has changed."""
    home, name = _home(folder), _name(files, mapping)
    try:
        kept = json.loads((home / f"{name}.json").read_text(encoding="utf-8"))
        if not isinstance(kept, dict) or kept.get("stamp") != _stamp(files):
            return None
        contents = [(home / f"{name}-{part}.parquet").read_bytes() for part in _PARTS]
        if [_checksum(content) for content in contents] != kept.get("sha256"):
            _log.warning("the gazetteer kept in %s is damaged and is made again", home)
            return None
        places, names, aside, corrected = (pd.read_parquet(BytesIO(each)) for each in contents)
    except (OSError, ValueError, RecursionError, pa.ArrowException):
        return None
    return places, names, aside, corrected


def store_tables(
    tables: Tables,
    files: Sequence[Path],
    mapping: Mapping[str, str] | None,
    folder: str | os.PathLike[str] | None = None,
) -> None:
    """Keep tables for the next time; a folder that cannot be written is logged, not raised."""
    home, name = _home(folder), _name(files, mapping)
    try:
        (home / f"{name}.json").unlink(missing_ok=True)
        sums = []
        for part, table in zip(_PARTS, tables, strict=True):
            with atomic_path(home / f"{name}-{part}.parquet") as temporary:
                table.to_parquet(temporary, index=False, compression="zstd")
                sums.append(_checksum(temporary.read_bytes()))
        kept = {"stamp": _stamp(files), "sha256": sums}
        write_text(home / f"{name}.json", json.dumps(kept))
    except (FileError, OSError) as error:
        _log.info("the gazetteer is not kept: %s", error)


def _checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _home(folder: str | os.PathLike[str] | None) -> Path:
    if folder is not None:
        return Path(folder)
    stated = os.environ.get("SAHEL_GEO_CACHE")
    if stated:
        return Path(stated) / "gazetteer"
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "sahel_geo" / "gazetteer"


def _name(files: Sequence[Path], mapping: Mapping[str, str] | None) -> str:
    told = json.dumps([[str(Path.cwd() / file) for file in files], sorted((mapping or {}).items())])
    return hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()[:20]


def _stamp(files: Sequence[Path]) -> list[list[int]]:
    every = [*files, *(data_path(name) for name in _SHIPPED), *_code()]
    stats = [file.stat() for file in every]
    return [[_FORMAT, 0], *([stat.st_size, stat.st_mtime_ns] for stat in stats)]


def _code() -> list[Path]:
    """Give the modules whose rules shaped the tables."""
    return sorted(Path(__file__).parent.glob("*.py"))
