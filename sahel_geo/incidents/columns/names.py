"""Which column of a file is which: English and French names, and the caller's own mapping."""

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.incidents.reasons import Note
from sahel_geo.schema import INCIDENT_COLUMNS

# Parts of a date in columns of their own; not in the schema, but a mapping may name them.
DATE_PARTS: Final = ("year", "month", "day")
MAPPABLE: Final = (*INCIDENT_COLUMNS, *DATE_PARTS)

# Names by field, best first, in the form that `plain_name` gives.
_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "incident_id": ("incident id", "event id", "id incident", "id evenement", "identifiant"),
    "date": (
        "date", "event date", "date event", "incident date", "date incident", "date evenement",
        "date start", "start date", "date debut", "date attaque", "date faits", "date survenue",
        "jour incident",
    ),
    "date_precision": ("date precision", "precision date", "date prec", "time precision"),
    "country": (
        "country", "pays", "iso3", "country iso3", "country code", "code pays", "adm0 name",
        "admin0", "admin0name", "admin0name fr", "adm0 fr", "admin0pcode", "adm0 pcode", "iso",
    ),
    "place": (
        "place", "place name", "location", "localite", "lieu", "village", "ville", "town",
        "settlement", "site", "nom lieu", "nom localite", "where coordinates", "toponyme",
        "commune", "adm3 name", "admin3", "adm3 fr", "departement", "cercle", "province",
        "admin2", "region", "admin1",
    ),
    "lon": ("lon", "longitude", "long", "lng", "x", "coord x", "x coord", "point x",
            "longitude gps", "gps longitude", "coordonnee x", "geo longitude"),
    "lat": ("lat", "latitude", "y", "coord y", "y coord", "point y", "gps latitude", "latitude gps",
            "coordonnee y", "geo latitude"),
    "location_precision": (
        "location precision", "geo precision", "where prec", "precision", "precision lieu",
        "precision localisation", "precision geographique",
    ),
    "fatalities_low": (
        "fatalities low", "low", "low death", "deaths low", "low estimate", "minimum deaths",
        "morts min", "tues min", "bilan min", "bilan bas", "nb morts min", "deces min",
    ),
    "fatalities_best": (
        "fatalities best", "fatalities", "best", "best death", "deaths best", "best estimate",
        "deaths", "death", "killed", "dead", "nb morts", "nbre morts", "nombre morts", "morts",
        "mort", "tues", "nb tues", "nombre tues", "deces", "nb deces", "nombre deces", "bilan",
        "bilan morts", "toll", "number deaths", "number killed", "nkill", "total deaths",
        "victimes",
    ),
    "fatalities_high": (
        "fatalities high", "high", "high death", "deaths high", "high estimate", "maximum deaths",
        "morts max", "tues max", "bilan max", "bilan haut", "nb morts max", "deces max",
    ),
    "event_type": (
        "event type", "type event", "type evenement", "type incident", "incident type", "type",
        "type violence", "type of violence", "nature incident", "nature", "categorie", "category",
        "attacktype1 txt",
    ),
    "actor1": ("actor1", "actor 1", "acteur1", "acteur 1", "side a", "actor", "acteur", "auteur",
               "auteurs", "perpetrator", "assaillant", "assaillants", "auteur presume",
               "attributed to", "groupe", "gname"),
    "actor2": ("actor2", "actor 2", "acteur2", "acteur 2", "side b", "target", "cible", "victim"),
    "source": ("source", "sources", "reported by", "source information"),
    "source_id": ("source id", "id", "event id cnty", "data id", "eventid", "numero", "no", "num",
                  "code", "reference", "ref", "objectid", "fid"),
    "year": ("year", "annee", "an", "iyear"),
    "month": ("month", "mois", "imonth"),
    "day": ("day", "jour", "iday"),
}  # fmt: skip

# Words that a header may carry without changing what the column is.
_FILLER: Final = frozenset(
    [
        "de",
        "du",
        "des",
        "d",
        "l",
        "la",
        "le",
        "les",
        "un",
        "une",
        "the",
        "of",
        "a",
        "en",
        "et",
        "in",
        "wgs84",
        "wgs",
        "dd",
        "deg",
        "degres",
        "degrees",
        "decimal",
        "decimale",
        "decimaux",
        "epsg",
        "4326",
    ],
)
_CONTEXT: Final = frozenset(
    ["incident", "incidents", "evenement", "event", "events", "attaque", "lieu", "gps"]
)
_AXES: Final = {"longitude": "lon", "latitude": "lat", "long": "lon", "lat": "lat", "lon": "lon"}


@dataclass(frozen=True)
class ColumnChoice:
    """Which file column fills each schema column, and the look-alikes that were passed over."""

    chosen: Mapping[str, str]
    notes: tuple[Note, ...]


def plain_name(name: str) -> str:
    """Reduce a header to lower-case words without accents, punctuation or filler.

    Examples
    --------
    >>> plain_name("Date de l'incident")
    'date incident'
    >>> plain_name(" NB_MORTS ")
    'nb morts'
    """
    decomposed = unicodedata.normalize("NFKD", str(name))
    bare = "".join(char for char in decomposed if not unicodedata.combining(char)).lower()
    words = re.split(r"[^0-9a-z]+", bare)
    return " ".join(word for word in words if word and word not in _FILLER)


def choose_columns(
    names: Sequence[str],
    mapping: Mapping[str, str] | None = None,
    known: Mapping[str, str] | None = None,
) -> ColumnChoice:
    """Decide which of a file's columns fills each schema column.

    Examples
    --------
    >>> choose_columns(["Date de l'incident", "Longitude (X)", "Latitude (Y)", "Tués"]).chosen
    {'date': "Date de l'incident", 'lon': 'Longitude (X)', 'lat': 'Latitude (Y)',
     'fatalities_best': 'Tués'}
    """
    chosen = dict(check_mapping(names, mapping or {}))
    for target, column in (known or {}).items():
        if column in names:
            chosen.setdefault(target, column)
    notes = []
    for target in MAPPABLE:
        if target in chosen:
            continue
        taken = set(chosen.values())
        free = {name: plain_name(name) for name in names if name not in taken}
        found = _candidates(target, free)
        if found:
            chosen[target] = found[0]
        if len(found) > 1 and target in {"lon", "lat", "date"}:
            others = ", ".join(repr(name) for name in found[1:4])
            notes.append(
                Note(
                    f"{target} is read from {found[0]!r}; {others} also looks like it",
                    f"{target} est lu dans {found[0]!r} ; {others} y ressemble aussi",
                ),
            )
    ordered: dict[str, str] = {target: chosen[target] for target in MAPPABLE if target in chosen}
    return ColumnChoice(_without_needless_parts(ordered), tuple(notes))


def _without_needless_parts(chosen: dict[str, str]) -> dict[str, str]:
    if "date" not in chosen:
        return chosen
    return {target: column for target, column in chosen.items() if target not in DATE_PARTS}


def _candidates(target: str, free: Mapping[str, str]) -> list[str]:
    """Columns that may be `target`, best first: exact names, then names with context removed."""
    found: list[str] = []
    for wanted in _NAMES[target]:
        found += [name for name, plain in free.items() if plain == wanted and name not in found]
    if target in {"lon", "lat"}:
        found += [
            name for name, plain in free.items() if _axis(plain) == target and name not in found
        ]
    if target == "place" or found:
        return found
    for wanted in _NAMES[target]:
        found += [
            name for name, plain in free.items()
            if _without_context(plain) == wanted and name not in found
        ]  # fmt: skip
    return found


def _without_context(plain: str) -> str:
    return " ".join(word for word in plain.split() if word not in _CONTEXT)


def _axis(plain: str) -> str | None:
    words = [word for word in plain.split() if word not in _CONTEXT | {"x", "y", "coord", "point"}]
    return _AXES.get(words[0]) if len(words) == 1 else None


def check_mapping(names: Sequence[str], mapping: Mapping[str, str]) -> Mapping[str, str]:
    """Refuse a mapping with unknown keys or columns, naming the nearest ones."""
    faults = []
    for target, column in mapping.items():
        if target not in MAPPABLE:
            faults.append(f"{target!r} is not a schema column{_nearest(target, MAPPABLE)}")
        if column not in names:
            faults.append(f"{column!r} is not a column of the file{_nearest(column, names)}")
    if faults:
        raise InputError(
            f"`mapping` has {len(faults)} fault(s): {'; '.join(faults[:5])}; expected schema name "
            f"to file column. The file's columns are {first_offenders(names, 12)}.",
        )
    return mapping


def _nearest(word: object, choices: Sequence[str]) -> str:
    by_plain = {plain_name(choice): choice for choice in reversed(choices)}
    close = difflib.get_close_matches(plain_name(str(word)), list(by_plain), n=3, cutoff=0.5)
    return f" (nearest: {', '.join(repr(by_plain[plain]) for plain in close)})" if close else ""


def header_score(cells: Sequence[str], wanted: Sequence[str] = ()) -> int:
    """Count the cells of a line that look like column names of ours, or are in `wanted`."""
    plain = {plain_name(cell) for cell in cells if cell}
    known = sum(bool(plain & set(options)) for options in _NAMES.values())
    return known + 2 * sum(cell in wanted for cell in cells)
