"""The gazetteer: every known place of the three countries in one local table, no server.

It always holds the administrative units under all their names and the towns that the package
ships. That is small: a village needs a GeoNames dump or another table, added in one call.
"""

import hashlib
import json
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from sahel_geo.arrays import Flags
from sahel_geo.crs import WGS84
from sahel_geo.errors import FileError, InputError
from sahel_geo.files import atomic_path, data_path, write_text
from sahel_geo.notebook import table_html
from sahel_geo.places.boundaries.boundaries import load_boundaries
from sahel_geo.places.context import load_towns
from sahel_geo.places.gazetteer.checks import (
    CORRECTIONS,
    REASONS,
    Checked,
    Ground,
)
from sahel_geo.places.gazetteer.sources import (
    RAW_COLUMNS,
    SEPARATOR,
    Source,
    read_source,
    unit_places,
)
from sahel_geo.places.gazetteer.spelling import NameIndex, joined_form, plain_form, sound_form
from sahel_geo.schema import PathLike

_log = logging.getLogger(__name__)

PLACE_COLUMNS: Final = (
    "place_id", "name", "country", "feature", "feature_code", "lon", "lat", "population",
    "adm1_id", "adm1_name", "adm2_id", "adm2_name", "adm3_id", "adm3_name", "radius_km", "source",
)  # fmt: skip
# Half the extent of what one point stands for, km.
_POINT_RADIUS_KM: Final = {"populated": 2.0, "site": 2.0, "water": 5.0, "relief": 5.0, "area": 10.0}
Tables = tuple[pd.DataFrame, ...]
_FORMAT: Final = 3  # raised whenever the tables or the rules behind them change
_PARTS: Final = ("places", "names", "set_aside", "corrected")
_SHORT_NAMES: Final = {
    "Bobo-Dioulasso": "Bobo", "Dogondoutchi": "Doutchi", "Fada N'Gourma": "Fada",
    "Gorom-Gorom": "Gorom", "Ouagadougou": "Ouaga",
}  # fmt: skip
_SHIPPED: Final = ("gazetteer.csv", "towns.csv", "units.csv", "communes.parquet")
_SAME_TOWN_M: Final = 25_000.0


@dataclass(frozen=True, eq=False)
class Gazetteer:
    """Places under all their names.

    Attributes
    ----------
    places : DataFrame, n rows
        ``place_id``, ``name``, ``country`` (ISO 3166-1 alpha-3), ``feature`` (``country``,
        ``region``, ``district``, ``commune``, ``populated``, ``area``, ``water``, ``relief`` or
        ``site``), ``feature_code``, ``lon``, ``lat`` (EPSG:4326), ``population`` (0 where
        unknown), parents of levels 1 to 3 by the project's own polygons (missing outside them),
        ``radius_km`` (extent around the point: of a unit to its farthest corner; else 2 for towns
        and sites, 5 for waters and relief, 10 for areas), ``source``.
    names : DataFrame
        One row per name: ``place`` (row of `places`), ``name``, ``kind`` (``name`` or
        ``alternate``), ``joined`` and ``sound`` (forms for the search).
    set_aside, corrected : DataFrame
        Rows of the sources that were left out or put right: ``source_id``, ``name``, ``lon``,
        ``lat`` as stated, ``source``, ``reason``.
    """

    places: pd.DataFrame
    names: pd.DataFrame
    set_aside: pd.DataFrame
    corrected: pd.DataFrame

    def __len__(self) -> int:
        return len(self.places)

    def _repr_html_(self) -> str:
        words = f"{len(self)} places under {len(self.names)} names; {len(self.corrected)} rows "
        words += f"corrected (.corrected), {len(self.set_aside)} set aside (.set_aside)"
        return table_html(words, self.places)

    @cached_property
    def index(self) -> NameIndex:
        """Lookup tables over the names, built on first use."""
        return NameIndex(self.names, self.places["country"].to_numpy(dtype=object))

    @cached_property
    def seats(self) -> Flags:
        """Which places are towns that bear their commune's name or are seats by their code."""
        places = self.places
        same = np.array(
            [
                isinstance(commune, str) and plain_form(name) == plain_form(commune)
                for name, commune in zip(places["name"], places["adm3_name"], strict=True)
            ],
            dtype=bool,
        )
        coded = places["feature_code"].astype(str).str.startswith(("PPLA", "PPLC")).to_numpy(bool)
        towns = (places["feature"] == "populated").to_numpy(dtype=bool)
        return np.asarray((same | coded) & towns)

    def find(self, name: str, country: str | None = None) -> pd.DataFrame:
        """Give the places of one name, whatever its accents, capitals and hyphens.

        Parameters
        ----------
        name : str
            Any spelling of the sources.
        country : str, optional
            ISO 3166-1 alpha-3; all countries by default.

        Returns
        -------
        DataFrame
            Rows of `places`; none where the name is not known.

        Examples
        --------
        >>> load_gazetteer().find("gorom gorom", "BFA")["feature"].tolist()
        ['commune', 'populated']
        """
        joined = joined_form(plain_form(name))
        codes = [country] if country else sorted(set(self.places["country"]))
        rows = {int(self.index.place[row]) for code in codes
                for row in self.index.with_spelling(joined, code)}  # fmt: skip
        return self.places.iloc[sorted(rows)]

    def summary(self) -> dict[str, Any]:
        """Count places, names, corrections and rows set aside, as plain types.

        Examples
        --------
        >>> load_gazetteer().summary()["places"]["commune"]
        1318
        """
        return {
            "places": _tally(self.places["feature"]),
            "names": len(self.names),
            "sources": _tally(self.places["source"]),
            "corrected": {key: _tally(self.corrected["reason"]).get(key, 0) for key in CORRECTIONS},
            "set_aside": {key: _tally(self.set_aside["reason"]).get(key, 0) for key in REASONS},
        }


def _tally(values: "pd.Series[Any]") -> dict[str, int]:
    return {str(value): int(count) for value, count in values.value_counts().items()}


def load_gazetteer(
    *sources: Source, mapping: Mapping[str, str] | None = None, cache: bool | PathLike = True
) -> Gazetteer:
    """Load the embedded places and add those of any number of sources.

    Parameters
    ----------
    *sources : path-like or DataFrame
        GeoNames country dumps (``ML.zip``, ``NE.txt``), tables of OCHA's populated places, or any
        table with a name, a longitude and a latitude in degrees, EPSG:4326.
    mapping : mapping of str to str, optional
        Columns of a table whose names do not speak for themselves: ``name``, ``lon``, ``lat``,
        ``alternates``, ``source_id``, ``country``, ``stated_adm2``, ``stated_adm3``,
        ``population``. It applies to every source that is no GeoNames dump.
    cache : bool or path-like
        Where the finished tables are kept: True for the user's cache folder
        (``SAHEL_GEO_CACHE``, else ``XDG_CACHE_HOME``, else ``~/.cache``), False for nowhere.
        They are built again when a file changes; tables passed as frames are never kept.

    Returns
    -------
    Gazetteer
        Each row of a source is a place, is merged into the same place within 500 m, or is in
        ``set_aside`` with its reason. Admin parents come from the project's communes, not from
        the codes of a dump.

    Raises
    ------
    FileError
        If a file is missing, damaged, or an archive made to exhaust memory.
    InputError
        If no places can be recognised in a source.

    Notes
    -----
    Found and corrected: a longitude with the wrong sign and swapped axes, where that puts the
    place back into the country and the unit it is stated in. Found and set aside: places more
    than 10 km outside their country or 25 km outside their unit, coordinates that are missing,
    infinite or out of range, names without a Latin letter or over 200 characters.

    Examples
    --------
    >>> own = pd.DataFrame({"village": ["Puits neuf"], "lon": [2.4], "lat": [15.9]})
    >>> gazetteer = load_gazetteer(own)
    >>> gazetteer.find("puits-neuf")[["country", "adm1_name"]].values.tolist()
    [['MLI', 'Ménaka']]
    """
    for source in sources:
        if not isinstance(source, str | os.PathLike | pd.DataFrame):
            raise InputError(
                f"`sources` has a {type(source).__name__}; expected paths or DataFrames. "
                "Pass each source as its own argument."
            )
    files = [Path(source) for source in sources if not isinstance(source, pd.DataFrame)]
    usable = cache is not False and len(files) == len(sources)
    folder = cache if not isinstance(cache, bool) else None
    if usable and (kept := _cached_tables(files, mapping, folder)) is not None:
        return Gazetteer(*kept)
    built = _build(sources, mapping)
    if usable:
        tables = (built.places, built.names, built.set_aside, built.corrected)
        _store_tables(tables, files, mapping, folder)
    return built


def _build(sources: tuple[Source, ...], mapping: Mapping[str, str] | None) -> Gazetteer:
    communes = load_boundaries(3)
    ground = Ground(communes)
    raw = [
        _embedded_places(scenes=not sources),
        *(read_source(source, mapping) for source in sources),
    ]
    checked = [Checked.of(table, ground) for table in raw]
    merged, repeated = Checked.merge(checked)
    parents = communes.iloc[merged["unit"].clip(0)].reset_index(drop=True)
    ours = merged["unit"].to_numpy() >= 0
    merged = merged.rename(columns={"source_id": "place_id"})
    for level in (1, 2):
        for part in ("id", "name"):
            merged[f"adm{level}_{part}"] = parents[f"adm{level}_{part}"].where(ours)
    merged["adm3_id"] = parents["unit_id"].where(ours)
    merged["adm3_name"] = parents["name"].where(ours)
    merged["radius_km"] = merged["feature"].map(_POINT_RADIUS_KM).astype(float)
    whole = pd.concat([unit_places(), merged], ignore_index=True)
    aside = pd.concat([*(each.set_aside for each in checked), repeated], ignore_index=True)
    corrected = pd.concat([each.corrected for each in checked], ignore_index=True)
    _log.info("%d places, %d rows set aside, %d corrected", len(whole), len(aside), len(corrected))
    places = whole[list(PLACE_COLUMNS)].copy()
    numbers = {"lon", "lat", "population", "radius_km"}
    for name in PLACE_COLUMNS:
        values = places[name]
        places[name] = values.astype(np.float64) if name in numbers else values.astype("str")
    return Gazetteer(places, _names(whole), aside, corrected)


def _names(whole: pd.DataFrame) -> pd.DataFrame:
    """List every name once per place, in the forms of the search."""
    rows = []
    for place, (name, alternates) in enumerate(
        zip(whole["name"], whole["alternates"], strict=True)
    ):
        seen = set()
        spellings = [name, *(_split_names(alternates) if alternates else ())]
        for each in spellings:
            joined = joined_form(plain_form(each))
            if joined and joined not in seen:
                seen.add(joined)
                spelled = each in (name, name.removeprefix("Ville de "))
                kind = "name" if spelled else "alternate"
                rows.append((place, each, kind, joined, sound_form(joined)))
    names = pd.DataFrame(rows, columns=["place", "name", "kind", "joined", "sound"])
    return names.astype(
        {"place": np.int64, **dict.fromkeys(["name", "kind", "joined", "sound"], "str")}
    )


def _cached_tables(
    files: Sequence[Path], mapping: Mapping[str, str] | None, folder: PathLike | None = None
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
        return tuple(pd.read_parquet(BytesIO(each)) for each in contents)
    except (OSError, ValueError, RecursionError, pa.ArrowException):
        return None


def _store_tables(
    tables: Tables,
    files: Sequence[Path],
    mapping: Mapping[str, str] | None,
    folder: PathLike | None = None,
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
        write_text(home / f"{name}.json", json.dumps({"stamp": _stamp(files), "sha256": sums}))
    except (FileError, OSError) as error:
        _log.info("the gazetteer is not kept: %s", error)


def _checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _home(folder: PathLike | None) -> Path:
    if folder is not None:
        return Path(folder)
    stated = os.environ.get("SAHEL_GEO_CACHE")
    if stated:
        return Path(stated) / "gazetteer"
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "sahel_geo" / "gazetteer"


def _name(files: Sequence[Path], mapping: Mapping[str, str] | None) -> str:
    inputs = json.dumps(
        [[str(Path.cwd() / file) for file in files], sorted((mapping or {}).items())]
    )
    return hashlib.sha256(inputs.encode("utf-8", "surrogateescape")).hexdigest()[:20]


def _stamp(files: Sequence[Path]) -> list[list[int]]:
    every = [
        *files,
        *(data_path(name) for name in _SHIPPED),
        *sorted(Path(__file__).parent.glob("*.py")),
    ]
    stats = [file.stat() for file in every]
    return [[_FORMAT, 0], *([stat.st_size, stat.st_mtime_ns] for stat in stats)]


def _embedded_places(*, scenes: bool) -> pd.DataFrame:
    """Give the towns shipped, and scenes of incidents in place of villages where there are none."""
    cities = pd.read_csv(
        data_path("gazetteer.csv"), dtype={"alternates": str, "name": str}, keep_default_na=False
    ).assign(feature="populated", source="GeoNames")
    towns = pd.DataFrame(load_towns(["MLI", "NER", "BFA"]).drop(columns="geometry"))
    codes = {"capital": "PPLC", "region": "PPLA", "district": "PPLA2", "town": "PPL"}
    towns["feature_code"] = towns["rank"].map(codes)
    towns["source_id"] = [f"town:{number}" for number in range(1, len(towns) + 1)]
    towns = towns.assign(feature="populated", source="sahel_geo towns")
    towns["alternates"] = towns["name"].map(_SHORT_NAMES).fillna("")
    tables = [cities, towns, *([_scenes(towns)] if scenes else [])]
    whole = pd.concat(tables, ignore_index=True)
    for name in ("stated_adm2", "stated_adm3"):
        whole[name] = ""
    return whole[list(RAW_COLUMNS)]


def _scenes(towns: pd.DataFrame) -> pd.DataFrame:
    """Give the villages of the widely reported incidents, whose points were checked one by one."""
    known = pd.read_csv(data_path("notable_incidents.csv"), keep_default_na=False)
    plain = known["place"].str.fullmatch(r"(?!.* et )[^\W\d_][^(),]*")
    known = known[(known["location_precision"] == "exact") & plain]
    known = known.drop_duplicates(["place", "country"])
    same = known[["place", "country"]].merge(
        towns, left_on=["place", "country"], right_on=["name", "country"], how="left"
    )
    away = WGS84.inv(known["lon"], known["lat"], same["lon"].to_numpy(), same["lat"].to_numpy())[2]
    known = known[~(np.asarray(away) < _SAME_TOWN_M)]
    return known[["country", "lon", "lat"]].assign(
        name=known["place"],
        alternates="",
        population=0.0,
        feature="populated",
        feature_code="PPL",
        source="sahel_geo incidents",
        source_id="scene:" + known["incident_id"],
    )


def _split_names(alternates: str) -> list[str]:
    """Cut a list of alternate names, leaving out machine transliterations and addresses.

    >>> _split_names("Zorgho|zwrghw|Zorgo")
    ['Zorgho', 'Zorgo']
    """
    parts = (part.strip() for part in alternates.split(SEPARATOR))
    return [part for part in parts if part[:1].isupper() or part[:1] in "'’‘"
            if len(part) <= 60 and "/" not in part]  # fmt: skip
