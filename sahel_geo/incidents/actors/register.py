"""The table of actors: who they are, when, whose part, and every name that sources write."""

import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz import fuzz, process

from sahel_geo.arrays import Floats, Objects
from sahel_geo.errors import FileError, InputError, did_you_mean, first_offenders, why
from sahel_geo.files import data_path
from sahel_geo.schema import COUNTRIES, PathLike

COLUMNS: Final = (
    "actor_id", "short_en", "short_fr", "name_en", "name_fr", "kind", "side", "alliance", "part_of",
    "country", "zone", "from", "to", "aliases", "note_en", "note_fr", "sources", "confidence",
)  # fmt: skip
SIDES: Final = ("non-state", "state", "unidentified", "none")
_STATE_KINDS: Final = {"state", "foreign-state", "peacekeeping"}
_NO_PARTY: Final = {"civilians", "unarmed", "mixed", "alliance"}
# One name can mean two groups by place. The west and the Lake Chad basin are told apart along 8
# degrees east, where the sources have hardly any event of either (Zinder and Kano lie east of it).
ZONES: Final[Mapping[str, tuple[float, float]]] = {"west": (-180.0, 8.0), "lake-chad": (8.0, 180.0)}
_ZONE_OF_COUNTRY: Final = {
    "MLI": "west", "BFA": "west", "DZA": "west", "MRT": "west", "BEN": "west", "TGO": "west",
    "NGA": "lake-chad", "TCD": "lake-chad", "CMR": "lake-chad",
}  # fmt: skip
_MAX_BYTES: Final = 5_000_000
_NEAREST: Final = 60.0  # of 100; below, no known name is worth naming


@dataclass(frozen=True)
class Register:
    """Actors by row, each row one state of an actor between two dates."""

    # (n rows) the columns of :data:`COLUMNS`; ``since`` and ``until`` as dates, ``until`` excluded
    rows: pd.DataFrame
    aliases: Mapping[str, tuple[int, ...]]  # rows by key of a name

    @cached_property
    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Columns of the rows that are looked up by position, name by name."""
        kinds = {"since": "datetime64[s]", "until": "datetime64[s]"}
        names = ("actor_id", "country", "zone", "since", "until")
        return {name: self.rows[name].to_numpy(kinds.get(name, object)) for name in names}

    @classmethod
    def of(cls, table: pd.DataFrame, own: frozenset[str] = frozenset()) -> "Register":
        """Index a table by every name that it lists; actors of `own` go before others."""
        rows = table.reset_index(drop=True)
        rows["since"] = _dates(rows["from"], "1000-01-01")
        rows["until"] = _dates(rows["to"], "2999-01-01")
        names: dict[str, set[str]] = defaultdict(set)
        for actor, group in rows.groupby("actor_id", sort=False):
            if group["kind"].iloc[0] != "alliance":  # "Mali" in a text is no alliance
                for text in (str(actor), *group["name_en"], *group["name_fr"], *group["short_en"]):
                    names[key(text)].add(str(actor))
            for cell in group["aliases"]:
                for text in filter(None, cell.split("|")):
                    names[key(text)].add(str(actor))
        states = {actor: tuple(group.index) for actor, group in rows.groupby("actor_id")}
        aliases = {
            name: tuple(row for actor in sorted(actors) for row in states[actor])
            for name, actors in ((each, of & own or of) for each, of in names.items())
            if name
        }
        return cls(rows, aliases)

    def extended(self, table: pd.DataFrame | PathLike | None) -> "Register":
        """Put a user's own rows (`actor_id`, other :data:`COLUMNS`) before the project's.

        Names of an actor that the project lists are added to its own; its other columns replace the
        project's where they are filled. A name that the project gives to another actor means the
        user's from then on. Raises InputError for what is not known.
        """
        if table is None:
            return self
        own = _own_rows(table)
        theirs = self.rows[list(COLUMNS)].copy()
        fresh = own[~own["actor_id"].isin(set(theirs["actor_id"]))]
        for row in own[own["actor_id"].isin(set(theirs["actor_id"]))].to_dict("records"):
            at = theirs["actor_id"] == row["actor_id"]
            for name in COLUMNS[1:]:
                if name == "aliases":
                    theirs.loc[at, name] += f"|{row[name]}" if row[name] else ""
                elif row["given"][name]:
                    theirs.loc[at, name] = row[name]
        both = pd.concat([fresh[list(COLUMNS)], theirs], ignore_index=True)
        return Register.of(both, frozenset(own["actor_id"]))

    def nearest(self, name: str) -> str:
        """Give the listed name most like one that is not listed, or ``""``."""
        best = process.extractOne(
            key(name), list(self.aliases), scorer=fuzz.WRatio, score_cutoff=_NEAREST
        )
        return "" if best is None else str(self.rows["name_en"].iloc[self.aliases[best[0]][0]])

    def choose(
        self,
        candidates: tuple[int, ...],
        when: npt.NDArray[np.datetime64],
        zone: Objects,
        country: Objects,
    ) -> Floats:
        """Share each incident among the rows that a name can mean: weights (n, c) add up to 1.

        Country and zone decide first, then dates; rows of one actor of which none holds at the date
        give way to the nearest in time; actors whom nothing tells apart share.
        """
        at = list(candidates)
        since, until = (self.columns[name][at] for name in ("since", "until"))
        day = np.where(np.isnat(when), np.datetime64("2999-01-01"), when)[:, None]
        off = np.where(day < since, since - day, np.where(day >= until, day - until, 0))
        late = off.astype("timedelta64[D]").astype(np.float64)
        own_country, own_zone = (self.columns[name][at] for name in ("country", "zone"))
        fits = np.where(own_country == "", 0.5, (country[:, None] == own_country) * 1.0)
        fits += np.where(own_zone == "", 0.5, (zone[:, None] == own_zone) * 1.0)
        fits = np.where((zone[:, None] == "") & (own_zone != ""), 0.5, fits)
        best = fits == fits.max(axis=1, keepdims=True)
        late = np.where(best, late, np.inf)
        nearest = best & (late == late.min(axis=1, keepdims=True))
        return np.asarray(nearest / nearest.sum(axis=1, keepdims=True), dtype=np.float64)

    @classmethod
    @cache
    def shipped(cls) -> "Register":
        """Give the project's own table, credits per row."""
        return cls.of(pd.read_csv(data_path("actors.csv"), dtype=str, keep_default_na=False))


def register(table: pd.DataFrame | PathLike | None = None) -> Register:
    """Give the project's table, with a user's own rows before it."""
    return Register.shipped().extended(table)


def zones_of(lon: Any, country: Any) -> Objects:
    """Give the zone of each incident by its longitude, or else by its country; or ``""``."""
    names = np.full(len(country), "", dtype=object)
    for code, zone in _ZONE_OF_COUNTRY.items():
        names[country == code] = zone
    for zone, (west, east) in ZONES.items():
        names[(lon >= west) & (lon < east)] = zone
    return names


def side_of(kind: str) -> str:
    """Tell on which side a kind of actor counts."""
    if kind in _STATE_KINDS:
        return "state"
    if kind in _NO_PARTY:
        return "none"
    return "unidentified" if kind == "unidentified" else "non-state"


def _dates(cells: "pd.Series[Any]", otherwise: str) -> "pd.Series[Any]":
    return pd.to_datetime(_filled(cells, otherwise), format="ISO8601").astype("datetime64[s]")


def _filled(cells: "pd.Series[Any]", otherwise: Any) -> "pd.Series[Any]":
    return cells.where(cells != "", otherwise)


def _read(path: Path) -> pd.DataFrame:
    """Read a user's table of actors, of a bounded size."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise InputError(
                "{name!r} has more than {most:,} bytes; expected a table of actors. Shorten it.",
                name=path.name,
                most=_MAX_BYTES,
            )
        return pd.read_csv(
            path, dtype=str, keep_default_na=False, encoding="utf-8-sig", compression=None
        )
    except OSError as error:
        raise FileError("cannot read {file!r}: {why}.", file=str(path), why=why(error)) from error
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            "{name!r} is no table of actors: {why}; expected CSV in UTF-8 with a column "
            "'actor_id'. Save it as that.",
            name=path.name,
            why=why(error),
        ) from error


def _own_rows(table: pd.DataFrame | PathLike) -> pd.DataFrame:
    """Read a user's rows, fill what they leave out, and refuse what the table cannot hold."""
    if not isinstance(table, pd.DataFrame | str | os.PathLike):
        raise InputError(
            "`table` is a {kind}; expected a table of actors, or the path of one. Pass either.",
            kind=type(table).__name__,
        )
    if not isinstance(table, pd.DataFrame):
        table = _read(Path(table))
    unknown = [name for name in map(str, table) if name not in COLUMNS]
    if "actor_id" not in table or unknown:
        raise InputError(
            "`table` has no column 'actor_id', or columns that a table of actors does not hold: "
            "{unknown}; expected some of {columns}. {near}",
            unknown=first_offenders(unknown),
            columns=list(COLUMNS),
            near=did_you_mean(unknown[0] if unknown else "actor_id", COLUMNS),
        )
    own = table.reset_index(drop=True).astype(object)
    own = own.where(own.notna(), "").astype(str)
    given = [{name: bool(row.get(name)) for name in COLUMNS} for row in own.to_dict("records")]
    own = own.reindex(columns=list(COLUMNS), fill_value="")
    for lang, other in (("en", "fr"), ("fr", "en")):
        own[f"name_{lang}"] = _filled(own[f"name_{lang}"], own[f"name_{other}"])
        own[f"name_{lang}"] = _filled(own[f"name_{lang}"], own["actor_id"])
        own[f"short_{lang}"] = _filled(own[f"short_{lang}"], own[f"name_{lang}"])
    own["kind"] = _filled(own["kind"], "unknown")
    own["side"] = _filled(own["side"], own["kind"].map(side_of))
    _refuse(own, "side", SIDES)
    _refuse(own, "zone", ("", *ZONES))
    _refuse(own, "country", ("", *COUNTRIES, *_ZONE_OF_COUNTRY))
    try:
        for name in ("from", "to"):
            _dates(own[name], "2000")
    except ValueError as error:
        raise InputError(
            "`table` has dates in 'from' or 'to' that cannot be read; expected such as 2017 or "
            "2017-03. Correct them."
        ) from error
    return own.assign(given=pd.Series(given, own.index, dtype=object))


def _refuse(own: pd.DataFrame, column: str, allowed: tuple[str, ...]) -> None:
    wrong = sorted(set(own[column]) - set(allowed))
    if wrong:
        raise InputError(
            "`table` has {number} values of {column!r} that are not known: {wrong}; expected some "
            "of {allowed}. Correct them.",
            number=len(wrong),
            column=column,
            wrong=first_offenders(wrong),
            allowed=list(allowed),
        )


@cache
def key(text: object) -> str:
    """Give a name without case, accents, apostrophes and marks.

    >>> key("Jama'at Nusrat al-Islam")
    'jamaat nusrat al islam'
    """
    plain = unicodedata.normalize("NFKD", str(text)).casefold()
    letters = "".join(c for c in plain if not unicodedata.combining(c) and c not in "'’ʼ`´")
    return " ".join(re.sub(r"[^a-z0-9]+", " ", letters).split())
