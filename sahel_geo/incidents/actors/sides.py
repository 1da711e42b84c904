"""Who stands on each side of each incident, by identifier, from the names that sources write."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal, NamedTuple, get_args

import numpy as np
import pandas as pd

from sahel_geo.arrays import Floats, Integers
from sahel_geo.errors import InputError, require_choice
from sahel_geo.incidents.actors.register import Register, key, register, side_of, zones_of
from sahel_geo.schema import PathLike

Level = Literal["group", "alliance"]
Ambiguous = Literal["split", "unidentified"]
UNIDENTIFIED: Final = "unidentified"
Rule = Literal["listed", "contained", "label", "unknown", "missing"]
# incidents, name, actor, its row in the table, rule and weights
_Part = tuple[Integers, Any, str, int, str, Floats]
_TEXTS: Final = ("short_en", "short_fr", "name_en", "name_fr")
_NOBODY: Final = ("unidentified", "unknown", "non identifi", "inconnu")
_SHORTEST_CONTAINED: Final = 5  # letters of a name looked for inside a longer text
_CONTAINED_KINDS: Final = {"jihadist", "rebel", "self-defence", "militia", "foreign-state", "state"}
_YEARS: Final = re.compile(r"\s*\(\s*\d{4}\s*[-–]\s*(?:\d{4})?\s*\).*$")  # a regime, then a branch
_BRACKETS: Final = re.compile(r"\([^()]*\)")
_ACRONYM_BEFORE: Final = re.compile(r"^\s*([A-Z][A-Z0-9-]{1,11})\s*:\s*(.+)$")
_ACRONYM_AFTER: Final = re.compile(r"^(.+?)\s*\(\s*([A-Z][A-Z0-9-]{1,11})\s*\)\s*$")
_EITHER: Final = re.compile(r"\s+(?:and/or|et/ou|or|ou)\s+|\s*/\s*", re.IGNORECASE)
_BOTH: Final = re.compile(r"\s*[,+;]\s*|\s+(?:and|et|with|avec|&)\s+", re.IGNORECASE)
# ACLED's and the press's names of IS Sahel while it was counted under the province of Lake Chad
_GREATER_SAHARA: Final = re.compile(r"\b(?:greater|grand)[ -]+sahara\b", re.IGNORECASE)
_ACRONYM: Final = re.compile(r"\b[A-Z]{4,}\b")
# Those who stand against a group, or stood in it, are not the group.
_NOT_ITSELF: Final = re.compile(
    r"\b(?:anti|contre|against|ex|former\w*|anciens?|dissid\w*|d[ée]fect\w*|splinter|pro)\b",
    re.IGNORECASE,
)
_BRANCH: Final = re.compile(
    r"^((?:Military|Police|Armed|Security) Forces of|Government of)\s+(.+)$", re.IGNORECASE
)
_LABEL: Final = re.compile(
    r"^(?:(.*?)\s*\b(?:ethnic|communal|clan|tribal|community)?\s*militias?\b|(supporters of .+))",
    re.IGNORECASE,
)
_NO_LABEL: Final = re.compile(r"self defen[cs]e|vigilan\w*|auto ?defense|village|local")
# How sure a source is of an attribution; words about a name, and no part of it.
_DOUBT: Final = re.compile(
    r"\b(?:un)?claimed\b|\bsuspected\b|\balleged\b|\bpresumed\b|\bprobable\b|\bat first\b"
    r"|\bnamed by\b.*|\bdenied\b|\brevendiqu\w*|\bnon revendiqu\w*|\bsuspect\w*|\bpr[ée]sum\w*"
    r"|\ball[ée]gu\w*|\bprobables?\b",
    re.IGNORECASE,
)
_PREFIXES: Final = {  # by the first word, whatever follows
    "unidentified": "unidentified",
    "unknown": "unidentified",
    "non": "unidentified",
    "civilians": "civilians",
    "civils": "civilians",
    "protesters": "protesters",
    "rioters": "protesters",
}


@dataclass(frozen=True)
class Sides:
    """Who stands where."""

    # one row per incident, side and actor: ``row`` (position of the incident), ``side`` (1 or 2),
    # ``name`` (as written), ``actor_id``, ``kind``, ``counts_as`` (``"non-state"``, ``"state"``,
    # ``"unidentified"``, ``"none"``), ``rule`` and ``weight``. Those who act together weigh 1 each;
    # of those who acted one or the other, the weights add up to 1
    table: pd.DataFrame
    # ``short_en``, ``short_fr``, ``name_en``, ``name_fr``, ``kind``, ``alliance``, ``counts_as``
    names: pd.DataFrame
    incidents: int  # number of incidents

    def armed(self) -> pd.DataFrame:
        """Rows of non-state actors, named."""
        return self.table[self.table["counts_as"] == "non-state"]

    def unidentified(self) -> pd.DataFrame:
        """Rows of armed actors whom nobody names."""
        return self.table[self.table["counts_as"] == UNIDENTIFIED]


@dataclass
class _Rows:
    """Rows of the register, and those that names outside it make up."""

    register: Register
    made: dict[str, dict[str, str]]

    def add(self, actor_id: str, kind: str, name: str) -> str:
        label = " ".join(name.split())[:120]
        english, french = label, label
        if kind == "communal":  # never more than what the source writes
            english = f"“{label}” (the source's word)"
            french = f"«\u202f{label}\u202f» (mot de la source)"
        self.made.setdefault(
            actor_id,
            {
                "actor_id": actor_id,
                "short_en": english,
                "short_fr": french,
                "name_en": english,
                "name_fr": french,
                "kind": kind,
                "side": side_of(kind),
                "alliance": "",
                "part_of": "",
            },
        )
        return actor_id


def read_sides(
    incidents: pd.DataFrame,
    *,
    level: Level = "group",
    table: pd.DataFrame | PathLike | None = None,
    ambiguous: Ambiguous = "split",
) -> Sides:
    """Read the actors of each incident; one that names no armed side has one unidentified.

    Dates, places and countries tell names apart that mean two groups. `table`: a user's own rows,
    see :meth:`Register.extended`. `ambiguous`: whether "A and/or B" is half of each, or nobody.
    Raises InputError if there is no column of actors, or a setting is not known.
    """
    _check(incidents, level, ambiguous)
    rows = _Rows(register(table), {})
    parts = [
        _side(incidents, side, rows)
        for side in (1, 2)
        if f"actor{side}" in incidents and incidents[f"actor{side}"].notna().any()
    ]
    empty = pd.DataFrame(columns=["row", "side", "name", "at", "actor_id", "rule", "weight"])
    long = pd.concat(parts, ignore_index=True) if parts else empty
    names = _names(rows) if rows.made or table is not None else _names_of_ours()
    # Turn an actor of the day into the group that it is part of, or into its alliance.
    at = long["at"].to_numpy(np.int64)
    listed = at >= 0
    group = long["actor_id"].to_numpy(dtype=object).copy()
    source = rows.register.rows
    part_of = source["part_of"].to_numpy(dtype=object)[at[listed]]
    group[listed] = np.where(part_of != "", part_of, group[listed])
    if level == "alliance":
        alliance = source["alliance"].to_numpy(dtype=object)[at[listed]]
        group[listed] = np.where(alliance != "", alliance, group[listed])
    long["actor_id"] = pd.Series(group, long.index, dtype=object)
    if ambiguous == "unidentified":
        long = _unsplit(long)
    keys = ["row", "side", "actor_id"]
    long = long.groupby(keys, as_index=False, sort=False).agg(
        {"name": "first", "rule": "first", "weight": "sum"}
    )
    # the same actor alone and in company on one side still is one actor
    long["weight"] = long["weight"].astype(np.float64).clip(upper=1.0)
    for name in ("kind", "counts_as"):
        long[name] = names[name].reindex(long["actor_id"]).to_numpy()
    long = pd.concat([long, _nobody(long, incidents)], ignore_index=True)
    long = long.sort_values(["row", "side"], kind="stable", ignore_index=True)
    long = long.astype({"row": np.int64, "side": np.int64, "weight": np.float64})
    return Sides(long, names, len(incidents))


def resolve(name: str, table: pd.DataFrame | PathLike | None = None) -> set[str]:
    """Give the identifiers that one name may mean, of actors or of an alliance."""
    rows = _Rows(register(table), {})
    actor_ids: set[str] = set()
    for actors, *_ in _meanings(str(name), rows):
        actor_ids |= {str(rows.register.rows["actor_id"].iloc[at]) for at in actors}
    return actor_ids


def _side(incidents: pd.DataFrame, side: int, rows: _Rows) -> pd.DataFrame:
    """Read one column of actors: each distinct name once, then each incident that holds it."""
    texts = incidents[f"actor{side}"].astype(object)
    texts = texts.mask(texts.astype(str).str.strip() == "")
    size = len(incidents)
    codes, distinct = pd.factorize(texts, use_na_sentinel=True)
    day = _column(incidents, "date", "datetime64[s]", np.datetime64("NaT"), size)
    country = _column(incidents, "country", object, "", size)
    lon = _column(incidents, "lon", np.float64, np.nan, size)
    zone = zones_of(lon, country)
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(len(distinct) + 1))
    parts: list[_Part] = []
    for code, name in enumerate(distinct):
        at = order[starts[code] : starts[code + 1]]
        for candidates, made, weight, rule in _meanings(str(name), rows):
            if made:
                parts.append((at, name, made, -1, rule, np.full(len(at), weight)))
                continue
            shares = rows.register.choose(candidates, day[at], zone[at], country[at])
            for column, row in enumerate(candidates):
                present = shares[:, column] > 0
                actor = str(rows.register.columns["actor_id"][row])
                parts.append(
                    (at[present], name, actor, row, rule, weight * shares[present, column])
                )
    return _joined(parts, side)


def _meanings(name: str, rows: _Rows) -> list[tuple[tuple[int, ...], str, float, Rule]]:
    """Give rows or a made-up actor, weight and rule for each actor that stands in a name."""
    name = " ".join(name.split())  # long runs of blanks take patterns long
    if not key(name):  # marks alone, such as "?"
        return [(rows.register.aliases[UNIDENTIFIED], "", 1.0, "listed")]
    if key(name) in rows.register.aliases:
        return [(rows.register.aliases[key(name)], "", 1.0, "listed")]
    either = _in_doubt(name)
    meanings: list[tuple[tuple[int, ...], str, float, Rule]] = []
    for each in either:
        for part, actors, rule in _members(each, rows.register):
            made = "" if actors else _make(part, rows)
            meanings.append((actors, made, 1 / len(either), rule))
    return meanings


def _members(name: str, known: Register) -> list[tuple[str, tuple[int, ...], Rule]]:
    """Give the one actor of a name, or those who act together in it."""
    whole, rule = _look_up(name, known)
    company = _together(name)
    if len(company) > 1 and key(name) not in known.aliases:
        members = [(part, *_look_up(part, known)) for part in company]
        # what is found of the whole may be the first of them, with the others for its branch
        if all(actors for _, actors, _ in members) or (not whole and re.search("[,;]", name)):
            return members
    unnamed = {known.rows["actor_id"].iloc[at] for at in whole} == {UNIDENTIFIED}
    if whole and (not unnamed or key(name).startswith(_NOBODY)):
        return [(name, whole, rule)]
    inside = _contained(name, known)  # of a kind of group, perhaps its name
    return [(name, inside or whole, "contained" if inside else rule)]


def _look_up(name: str, known: Register) -> tuple[tuple[int, ...], Rule]:
    """Find a name in the register, as it is listed or as the word of a militia."""
    written = _forms_of(name)
    if _GREATER_SAHARA.search(name) and not _BOTH.search(name) and key(name) not in known.aliases:
        return known.aliases.get(key("Islamic State in the Greater Sahara"), ()), "contained"
    for form in written.forms:
        if form in known.aliases:
            return known.aliases[form], "listed"
    if not written.label:
        return (), "unknown"
    label = written.label.replace(" ", "-")
    return known.aliases.get(key(f"label-{label}"), known.aliases.get(written.label, ())), "label"


def _contained(text: str, known: Register) -> tuple[int, ...]:
    """Find a listed name of an armed actor that stands whole in a text, the longest of one."""
    if _NOT_ITSELF.search(text):
        return ()
    padded = f" {key(text)} "
    acronyms = {key(word) for word in _ACRONYM.findall(text)}
    best = max(
        (
            name
            for name, at in known.aliases.items()
            if (len(name) >= _SHORTEST_CONTAINED or name in acronyms)
            and f" {name} " in padded
            and known.rows["kind"].iloc[at[0]] in _CONTAINED_KINDS
            and len({known.rows["actor_id"].iloc[row] for row in at}) == 1
        ),
        key=lambda name: (
            known.rows["side"].iloc[known.aliases[name][0]] == "non-state",
            len(name),
        ),
        default="",
    )
    return known.aliases[best] if best else ()


def _make(name: str, rows: _Rows) -> str:
    """Keep a name that is not listed, under an identifier of its own."""
    label = _forms_of(name).label
    if label:
        return rows.add(f"label-{label.replace(' ', '-')}", "communal", name)
    made, known = key(name).replace(" ", "-"), rows.register.rows
    listed = (known["actor_id"] == made) | (known["alliance"] == made)
    return rows.add(f"named-{made}" if listed.any() else made, "unknown", name)


def _joined(parts: list[_Part], side: int) -> pd.DataFrame:
    """Make one table of the incidents, actors and weights of each name."""
    sizes = [len(at) for at, *_ in parts]
    at, names, actors, rows, rules, weights = zip(*parts, strict=True) if parts else [()] * 6
    columns = {"name": names, "at": rows, "actor_id": actors, "rule": rules}
    repeated = {name: pd.Series(list(each)).repeat(sizes).array for name, each in columns.items()}
    empty = np.empty(0)
    return pd.DataFrame(
        {"row": np.concatenate([empty.astype(np.int64), *at]), "side": side, **repeated,
         "weight": np.concatenate([empty, *weights])}
    )  # fmt: skip


@cache
def _names_of_ours() -> pd.DataFrame:
    """Describe those of the project's table; callers share the answer and must not change it."""
    return _names(_Rows(register(), {}))


def _names(rows: _Rows) -> pd.DataFrame:
    """Describe each identifier once; an alliance counts as its members do."""
    known = pd.concat([rows.register.rows, pd.DataFrame(list(rows.made.values()))])
    last = known.drop_duplicates("actor_id", keep="last").set_index("actor_id")
    names = last[["short_en", "short_fr", "name_en", "name_fr", "kind", "alliance"]].copy()
    names["counts_as"] = last["side"]
    members = known[(known["alliance"] != "")].groupby("alliance")["side"].agg(set)
    sides = {each: "state" if "state" in of else "non-state" for each, of in members.items()}
    alone = {each for each in sides if each not in names.index}
    alliances = names.index[(names["kind"] == "alliance") & names.index.isin(list(sides))]
    names.loc[alliances, "counts_as"] = alliances.map(sides)
    fresh = pd.DataFrame(
        [
            {**dict.fromkeys(_TEXTS, each), "kind": "alliance", "alliance": each, "counts_as": side}
            for each, side in sides.items()
            if each in alone
        ],
        index=pd.Index([each for each in sides if each in alone], name=names.index.name),
        columns=names.columns,
    )
    return pd.concat([names, fresh.astype(names.dtypes)])


def _unsplit(long: pd.DataFrame) -> pd.DataFrame:
    """Take those between whom a source cannot choose for one unidentified."""
    whole = long.groupby(["row", "side", "actor_id"])["weight"].transform("sum")
    return long.assign(actor_id=long["actor_id"].mask(whole < 1 - 1e-9, UNIDENTIFIED))


def _nobody(long: pd.DataFrame, incidents: pd.DataFrame) -> pd.DataFrame:
    """Add one unidentified side to each incident that names no armed one."""
    armed = set(long.loc[long["counts_as"].ne("none"), "row"])
    peaceful = set(long.loc[long["kind"] == "unarmed", "row"])
    rows = [row for row in range(len(incidents)) if row not in armed and row not in peaceful]
    return pd.DataFrame(
        {"row": rows, "side": 1, "actor_id": UNIDENTIFIED, "name": "", "rule": "missing",
         "weight": 1.0, "kind": UNIDENTIFIED, "counts_as": UNIDENTIFIED}
    )  # fmt: skip


def _column(incidents: pd.DataFrame, name: str, kind: Any, otherwise: Any, size: int) -> Any:
    if name not in incidents:
        return np.full(size, otherwise, dtype=kind)
    values = incidents[name]
    if name == "date":
        days = pd.to_datetime(values, errors="coerce", format="ISO8601")
        return days.dt.tz_localize(None).to_numpy("datetime64[s]")
    if kind is object:
        return values.astype(object).where(values.notna(), otherwise).to_numpy(dtype=object)
    return pd.to_numeric(values, errors="coerce").to_numpy(np.float64)


def _check(incidents: pd.DataFrame, level: str, ambiguous: str) -> None:
    if not isinstance(incidents, pd.DataFrame) or "actor1" not in incidents:
        raise InputError(
            "`incidents` has no column 'actor1', or is no table; expected the actors in actor1 and "
            "actor2, as sg.read_incidents gives them. Rename the columns, or read the file with it."
        )
    require_choice("level", level, get_args(Level))
    require_choice("ambiguous", ambiguous, get_args(Ambiguous))


class _Written(NamedTuple):
    """Keys of a name to look up, the most literal first, and the word of a communal militia."""

    forms: tuple[str, ...]
    label: str = ""


def _forms_of(name: str) -> _Written:
    """Give the keys under which a name may be listed: no years, country, acronym or words of doubt.

    >>> _forms_of("Military Forces of Mali (2021-) Gendarmerie").forms[-1]
    'military forces of mali'
    """
    texts = [name, _YEARS.sub("", name)]
    for pattern in (_ACRONYM_BEFORE, _ACRONYM_AFTER):
        match = pattern.match(texts[1])
        texts += match.groups() if match else ()
    bare = _BRACKETS.sub(" ", texts[1])
    sure = _DOUBT.sub(" ", bare)
    texts += [bare, sure, re.sub(r"\battacks?\b.*$", " ", sure)]
    branch = _BRANCH.match(sure.strip())
    if branch and "," not in sure:
        words = branch[2].split()
        texts += [f"{branch[1]} {' '.join(words[:n])}" for n in range(len(words), 0, -1)]
    forms = [key(text) for text in texts]
    first = key(sure).split(" ")[0]
    if first in _PREFIXES:
        forms.append(_PREFIXES[first])
    match = _LABEL.match(sure)
    label = key(match[1] or match[2] or "") if match else ""
    kept = tuple(dict.fromkeys(form for form in forms if form))
    return _Written(kept, "" if _NO_LABEL.search(label) else label)


def _in_doubt(name: str) -> list[str]:
    """Cut a name into those of which one or the other acted; of doubts, the first stands.

    >>> _in_doubt("unclaimed; JNIM and/or Ansaroul Islam suspected")
    ['JNIM', 'Ansaroul Islam suspected']
    """
    parts = (part.strip() for part in re.sub(r"\([^()]*[;/][^()]*\)", " ", name).split(";"))
    doubted = _DOUBT.search(name)
    first = next((part for part in parts if key(_DOUBT.sub(" ", part))), name) if doubted else name
    return [part for part in _EITHER.split(first) if key(part)] or [name]


def _together(name: str) -> list[str]:
    """Cut a name into those who acted together.

    >>> _together("GATIA, MSA")
    ['GATIA', 'MSA']
    """
    return [part for part in _BOTH.split(name) if key(part)] or [name]
