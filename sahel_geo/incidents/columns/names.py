"""Which column of a file is which: English and French names, and the caller's own mapping."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.columns.field_names import (
    AXES,
    BOUNDS,
    CONTEXT,
    DEATHS,
    DOUBTFUL_TOLLS,
    ELSEWHERE,
    EVENT_CONTEXT,
    EXACTLY,
    FILLER,
    FORM_DATES,
    NAMES,
    OF_DAYS,
    PERIODS,
    SIDES,
)
from sahel_geo.incidents.columns.grid_references import zone_of_header
from sahel_geo.schema import INCIDENT_COLUMNS

# Parts of a date in columns of their own; not in the schema, but a mapping may name them.
DATE_PARTS: Final = ("year", "month", "day")
# Codes of units, and both coordinates in one column: what they say goes into the schema.
PCODES: Final = ("admin1_pcode", "admin2_pcode", "admin3_pcode", "pcode")
COORDINATES: Final = "coordinates"
MAPPABLE: Final = (*INCIDENT_COLUMNS, *DATE_PARTS, *PCODES, COORDINATES)
_NUMBER_OF_QUESTION: Final = re.compile(
    r"^\W*(?:q(?:uestion)? ?)?\d+(?:[.\-_]\d+)*[.):_ -]+(?=\D)"
    r"|^(?:(?:dans|in) )?(?:quel(?:le)?s?(?: est| sont)?|what|which)(?: is| was| are)? (?:the )?",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(r"(?:^|,)\s*([a-z_0-9]+)\s*=")
# A column with one of them counts deaths, perhaps of some people only.
_OF_THE_DEAD: Final = frozenset([*DEATHS, "bilan", "toll"])
_ADMINS: Final = ("admin1", "admin2", "admin3")
_METRES: Final = {"x": "lon", "easting": "lon", "est": "lon", "y": "lat", "northing": "lat",
                  "nord": "lat"}  # fmt: skip
_LONGEST_FIELD: Final = 10  # letters of a name in a shapefile
_FEWEST_LETTERS: Final = 3  # of the word cut off, so that it tells which
_MINUTES: Final = frozenset(["min", "mn", "minute", "minutes"])


@dataclass(frozen=True)
class ColumnChoice:
    """Which file column fills each schema column, and what to say about it."""

    chosen: Mapping[str, str]  # schema column, date part or code to the file's column
    notes: tuple[Sentence, ...]  # look-alikes that were passed over, and doubts
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # the look-alikes


def plain_name(name: str) -> str:
    """Reduce a header to lower-case words without accents, punctuation or filler.

    >>> plain_name("Date de l'incident")
    'date incident'
    >>> plain_name(" NB_MORTS ")
    'nb morts'
    """
    decomposed = unicodedata.normalize("NFKD", str(name))
    bare = "".join(char for char in decomposed if not unicodedata.combining(char)).lower()
    words = re.findall("[0-9a-z]+", bare)
    last = ["a"] if words[-1:] == ["a"] else []  # "side a"
    return " ".join([word for word in words if word not in FILLER] + last or words)


@lru_cache(maxsize=4096)
def readings(name: str) -> tuple[str, ...]:
    """Give the plain words of a header, then those without what tools and forms add.

    Brackets and the numbers of questions are left out, words joined by capitals are parted, and of
    a path such as ``group/sub-group/date`` the last part is taken.

    >>> readings("grp_incident-date_incident")
    ('grp incident date incident', 'date incident')
    >>> readings("Date (JJ/MM/AAAA)"), readings("admin1Pcode")
    (('date jj mm aaaa', 'date'), ('admin1pcode', 'admin1 pcode'))
    >>> readings("NOM_LOCALI")
    ('nom locali', 'nom localite')
    """
    text = str(name).strip()
    bare = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", text)
    bare = _NUMBER_OF_QUESTION.sub("", bare)
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", " ", bare)
    either = _either_of(_NUMBER_OF_QUESTION.sub("", text))
    last = re.split(r"(?<=\w)(?:[/:.|]|(?<! )-(?! ))(?=\w)", parted.strip())[-1]
    path = [last, last.lstrip("_")] if either is None else either
    names = [plain_name(each) for each in (text, bare, parted, *path)]
    if len(text) == _LONGEST_FIELD:
        names.append(_cut_off(names[0]))
    return tuple(dict.fromkeys(each for each in names if each))


def _either_of(text: str) -> list[str] | None:
    """Give the name that the parts of "Location / Localité" share, none of "Région/Province".

    None where the parts are no names of a field or of units: those of a path.
    """
    parts = [plain_name(part) for part in re.split(r"[/|\n]", text)]
    fields = [set(_TARGETS.get(part, ())) for part in parts]
    if len(parts) > 1 and set.intersection(*fields):
        return parts[:1]
    return [] if len(parts) > 1 and all(each & set(_ADMINS) for each in fields) else None


def _cut_off(plain: str) -> str:
    """Complete a name that a shapefile cut inside a word, where it can only be one field."""
    if plain in _TARGETS or len(plain.rpartition(" ")[2]) < _FEWEST_LETTERS:
        return ""
    whole = [form for form in _TARGETS if re.match(f"{plain}[a-z]", form)]
    return whole[0] if len({_TARGETS[form][0] for form in whole}) == 1 else ""


def choose_columns(
    names: Sequence[str],
    mapping: Mapping[str, str] | None = None,
    known: Mapping[str, str] | None = None,
) -> ColumnChoice:
    """Decide which of a file's columns fills each schema column.

    >>> choose_columns(["Date de l'incident", "Longitude (X)", "Latitude (Y)", "Tués"]).chosen
    {'date': "Date de l'incident", 'lon': 'Longitude (X)', 'lat': 'Latitude (Y)',
     'fatalities_best': 'Tués'}
    """
    chosen = dict(mapping or {})
    _check_mapping(names, chosen)
    for target, column in (known or {}).items():
        if column in names:
            chosen.setdefault(target, column)
    notes: list[Sentence] = []
    others: dict[str, tuple[str, ...]] = {}
    for target in MAPPABLE:
        if target in chosen or target == COORDINATES:
            continue
        free = [name for name in names if name not in chosen.values()]
        candidates = _candidates(target, free)
        if (
            target == "fatalities_best"
            and len(candidates) > 1
            and not _is_named(target, candidates[0])
        ):
            continue  # "Tués (civils)" beside "Tués (FDS)": none of them is the toll
        if candidates:
            chosen[target] = candidates[0]
        if len(candidates) > 1 and target in {"lon", "lat", "date", "fatalities_best"}:
            others[target] = tuple(candidates[1:])
            notes.append(look_alikes(target, candidates))
    if {"lon", "lat"}.isdisjoint(chosen):
        chosen |= _prefixed_pair([name for name in names if name not in chosen.values()])
    else:
        _refuse_parted_degrees(names, chosen, mapping or {})
    whole = {"year", "month", "day"} <= set(chosen)
    if whole and "date" not in (mapping or {}) and period_of(chosen.get("date", "")) == "week":
        del chosen["date"]  # three columns say it to the day
    notes += _last_resorts(names, chosen)
    _place_departements(names, chosen)
    needless = DATE_PARTS if "date" in chosen else ()
    ordered: dict[str, str] = {
        name: chosen[name] for name in MAPPABLE if name in chosen and name not in needless
    }
    return ColumnChoice(ordered, tuple(notes), others)


def look_alikes(target: str, candidates: Sequence[str]) -> Sentence:
    """Say which of several columns is read, the first, and which others look like it."""
    return Sentence(
        "{target} is read from {column!r}; {others} also looks like it",
        target=target,
        column=candidates[0],
        others=", ".join(repr(name) for name in candidates[1:4]),
    )


def period_of(name: str) -> str:
    """Tell which periods a column is called after: ``week``, ``month``, ``quarter`` or none.

    >>> period_of("Semaine (début)"), period_of("N° Sem."), period_of("Date"), period_of("Lieu")
    ('week', 'week', '', '')
    """
    words = {word for form in readings(name) for word in form.split()}
    if words & OF_DAYS or len(periods := {PERIODS[word] for word in words & set(PERIODS)}) != 1:
        return ""
    return periods.pop()


def _last_resorts(names: Sequence[str], chosen: dict[str, str]) -> list[Sentence]:
    """Take the day on which a form was filled where no other date is; doubt victims as deaths."""
    notes = []
    free = [name for name in names if name not in chosen.values()]
    if "date" not in chosen and "year" not in chosen:
        dates = _named(FORM_DATES, free)
        if dates:
            chosen["date"] = dates[0]
            notes.append(
                Sentence(
                    "no column holds the date of the incidents: {column!r}, when they were "
                    "recorded, is read instead",
                    column=dates[0],
                )
            )
    if any(name.startswith("fatalities") for name in chosen):
        return notes
    of_some = [name for name in free if _OF_THE_DEAD & set(plain_name(name).split())]
    if of_some:
        notes.append(
            Sentence(
                "deaths are not read: {shown} may each count some of them; add them up in one "
                "column, or name one with mapping={{'fatalities_best': '...'}} "
                "(--mapping fatalities_best=...)",
                shown=first_offenders(of_some),
            )
        )
    doubtful = _named(DOUBTFUL_TOLLS, free)
    if doubtful:
        notes.append(
            Sentence(
                "{column!r} is not read as deaths, since it may count the wounded; if it counts "
                "deaths, say so with mapping={{'fatalities_best': {column!r}}} "
                "(--mapping fatalities_best={column})",
                column=doubtful[0],
            )
        )
    return notes


def _place_departements(names: Sequence[str], chosen: dict[str, str]) -> None:
    """Take departments for the third level beside provinces, as in Burkina Faso."""
    if "admin3" in chosen or "admin2" not in chosen:
        return
    if any("province" in plain.split() for plain in readings(chosen["admin2"])):
        free = [name for name in names if name not in chosen.values()]
        for name in _named(("departement", "department"), free)[:1]:
            chosen["admin3"] = name


def _named(wanted: Iterable[str], free: Sequence[str]) -> list[str]:
    """Columns that have one of the wanted names, best first."""
    names_of = {name: readings(name) for name in free}
    columns = (
        name
        for depth in range(3)
        for want in wanted
        for name, each in names_of.items()
        if len(each) > depth and each[depth] == want
    )
    return list(dict.fromkeys(columns))


def _candidates(target: str, free: Sequence[str]) -> list[str]:
    """Columns that may be `target`, best first: exact names, then names with context removed."""
    if target == "fatalities_best":
        free = [name for name in free if _bound(name) is None]
    columns = _named(NAMES[target], free)
    if target in BOUNDS and not columns:
        columns = [
            name
            for name in free
            if _bound(name) == target and _OF_THE_DEAD & set(plain_name(name).split())
        ]
    if target in {"lon", "lat"}:
        columns += [name for name in free if _axis(name) == target and name not in columns]
        columns += [name for name in free if _metric_axis(name) == target and name not in columns]
        columns.sort(key=lambda name: len(name) <= 2)  # x and y may be anything else
    if target in PCODES or columns:
        return columns
    # "Type de lieu" is no type of incident, and the place of a group is no actor
    around = CONTEXT if target in {"lon", "lat", "location_precision"} else EVENT_CONTEXT
    around = around | (EXACTLY if target in {"place", *_ADMINS} else set())
    for wanted in NAMES[target]:
        columns += [
            name
            for name in free
            if name not in columns
            and any(
                " ".join(word for word in plain.split() if word not in around) == wanted
                for plain in readings(name)
            )
        ]
    return columns


def _bound(name: str) -> str | None:
    """Tell which bound of a toll a column is called after."""
    words = set(plain_name(name).split())
    return next((target for target, marks in BOUNDS.items() if words & marks), None)


def _is_named(target: str, name: str) -> bool:
    """Whether a header is a name of `target` word for word."""
    return plain_name(name) in NAMES[target]


def _axis(name: str) -> str | None:
    for plain in readings(name):
        words = [
            word for word in plain.split() if word not in CONTEXT | {"x", "y", "coord", "point"}
        ]
        if len(words) == 2 and SIDES & set(words):
            words = [word for word in words if word not in SIDES]
        if len(words) == 1 and words[0] in AXES:
            return AXES[words[0]]
    return None


def _metric_axis(name: str) -> str | None:
    """Tell the axis of metres whose header states their zone: X_UTM30N."""
    if not zone_of_header(name):
        return None
    words = re.findall(r"[a-z]+", plain_name(name))
    axes = {_METRES[word] for word in words if word in _METRES}
    return axes.pop() if len(axes) == 1 else None


def _refuse_parted_degrees(
    names: Sequence[str], chosen: Mapping[str, str], mapping: Mapping[str, str]
) -> None:
    """Refuse degrees whose minutes stand in a column of their own: they would be far off."""
    words = {name: set(plain_name(name).split()) for name in names}
    parted = [
        name
        for name in names
        if words[name] & _MINUTES and words[name] & set(AXES) and name not in chosen.values()
    ]
    whole = any(each & {"max", "maximum"} for each in words.values())  # then min is a minimum
    if parted and not whole and {"lon", "lat"}.isdisjoint(mapping):
        raise InputError(
            "the minutes of the coordinates stand in columns of their own, {shown}; expected one "
            "column for the latitude and one for the longitude. Add degrees, minutes / 60 and "
            "seconds / 3600 up in one column each.",
            shown=first_offenders(parted),
        )


def _prefixed_pair(free: Sequence[str]) -> dict[str, str]:
    """Find the one pair of axes behind a form's own words: ``_Site GPS_latitude``."""
    pairs: dict[str, dict[str, str]] = {}
    for name in free:
        words = next(iter(readings(name)), "").split()
        axes = [at for at, word in enumerate(words) if word in AXES]
        if len(axes) != 1 or axes[0] not in {0, len(words) - 1} or ELSEWHERE & set(words):
            continue
        rest = " ".join(word for at, word in enumerate(words) if at != axes[0])
        pairs.setdefault(rest, {}).setdefault(AXES[words[axes[0]]], name)
    whole = [pair for pair in pairs.values() if len(pair) == 2]
    telling = [pair for pair in whole if CONTEXT & set(" ".join(readings(pair["lat"])).split())]
    if len(whole) > 1 and len(telling) != 1:
        raise InputError(
            "several pairs of columns may be the coordinates: {shown}; expected one. Name it "
            "with mapping={{'lon': '...', 'lat': '...'}} (--mapping lon=...,lat=...).",
            shown=first_offenders([f"{pair['lat']} / {pair['lon']}" for pair in whole]),
        )
    best = telling if len(whole) > 1 else whole
    return best[0] if best else {}


def _check_mapping(names: Sequence[str], mapping: Mapping[str, str]) -> None:
    """Refuse a mapping with unknown keys or columns, naming the nearest ones."""
    faults: list[str] = []
    for target, column in mapping.items():
        if target not in MAPPABLE:
            faults.append(
                Sentence(
                    "{name!r} is not a schema column{nearest}",
                    name=target,
                    nearest=_nearest(target, MAPPABLE),
                )
            )
        if column not in names:
            faults.append(
                Sentence(
                    "{name!r} is not a column of the file{nearest}",
                    name=column,
                    nearest=_nearest(column, names),
                )
            )
    if faults:
        raise InputError(
            "`mapping` has faults ({number}): {faults}; expected schema name to file column. The "
            "file's columns are {columns}.",
            number=len(faults),
            faults=first_offenders(faults),
            columns=first_offenders(names, 12),
        )


def parse_mapping(given: Sequence[str] | None) -> dict[str, str]:
    """Read ``date=Jour,lat=Y``; a column's name may hold commas.

    >>> parse_mapping(["date=Jour, mois,lat=Y", "lon=X"])
    {'date': 'Jour, mois', 'lat': 'Y', 'lon': 'X'}
    """
    mapping: dict[str, str] = {}
    for text in given or ():
        names = list(_NAMED.finditer(text))
        if not names or names[0].start() > 0:
            raise InputError(
                "--mapping is {given!r}; expected NAME=COLUMN, such as date=Jour,lat=Y. Write the "
                "column as in the file.",
                given=text,
            )
        ends = [*(match.start() for match in names[1:]), len(text)]
        for match, end in zip(names, ends, strict=True):
            mapping[match[1]] = text[match.end() : end].strip()
    return mapping


def _nearest(word: object, choices: Sequence[str]) -> str:
    by_plain = {plain_name(choice): choice for choice in reversed(choices)}
    close = difflib.get_close_matches(plain_name(str(word)), list(by_plain), n=3, cutoff=0.5)
    if not close:
        return ""
    return Sentence(
        " (nearest: {names})", names=", ".join(repr(by_plain[plain]) for plain in close)
    )


_TARGETS: Final = {
    form: [target for target, forms in NAMES.items() if form in forms]
    for forms in NAMES.values()
    for form in forms
}


def field_of(name: str) -> str:
    """Give the field of the schema that a header is a name of, else its plain words.

    >>> field_of("Nom du cercle"), field_of("Observations")
    ('admin2', 'observations')
    """
    fields = (field for form in readings(name) for field in _TARGETS.get(form, ()))
    return next(fields, plain_name(name))


def header_score(cells: Sequence[str], wanted: Sequence[str] = ()) -> int:
    """Count the cells of a line that look like column names of ours, or are in `wanted`."""
    plain = {form for cell in cells if cell for form in readings(cell)}
    known = len({target for form in plain for target in _TARGETS.get(form, ())})
    axes = len({_axis(cell) for cell in cells if cell} - {None})
    return known + axes + 2 * sum(cell in wanted for cell in cells)
