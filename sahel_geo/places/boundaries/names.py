"""Find the unit that a name or a P-code in somebody's table stands for."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import pandas as pd
from rapidfuzz import fuzz, process

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.i18n.countries import spellings
from sahel_geo.places.boundaries.boundaries import load_facts
from sahel_geo.places.boundaries.vintages import FRAMES, parents_of
from sahel_geo.places.spelling import KEYS, OTHER_SPELLINGS, key, pcode_forms, words_of

REASONS: Final = (
    "pcode",  # the code, in any dialect
    "name",  # the name, up to case, accents, hyphens and apostrophes
    "alias",  # another spelling, or the name of the same ground in another vintage
    "word order",
    "sound",  # French and English ways of writing
    "fuzzy",  # a few letters differ; see the score
    "ambiguous",  # several units fit; not matched
    "parent",  # units of that name exist, but not in that parent; not matched
    "other vintage",  # a unit of another vintage whose ground is shared out here; not matched
    "unmatched",
    "empty",
)
MATCHED: Final = REASONS[:6]

MIN_SCORE: Final = 88.0
MARGIN: Final = 5.0  # the second best unit must be this much worse
_SHORTEST_FUZZY: Final = 5  # letters; below, one letter is another place
_SHOWN: Final = 5
_SCORES: Final = {
    "pcode": 100.0,
    "whole name": 100.0,
    "name": 100.0,
    "alias": 100.0,
    "word order": 98.0,
    "sound": 95.0,
}


def match_units(
    names: Iterable[Any],
    units: pd.DataFrame,
    *,
    parents: Iterable[Any] | pd.DataFrame | None = None,
    min_score: float = MIN_SCORE,
) -> pd.DataFrame:
    """Match names or P-codes to units, row for row, and guess nothing.

    Tried in this order, and the first that fits decides: the P-code; the name; another spelling,
    or the name that exactly the same ground has in another vintage; another order of words; the
    same sound; a few wrong letters. If units of the same rank are several, the row is ambiguous and
    stays unmatched, with its candidates, unless `parents` tells them apart.

    Parameters
    ----------
    names : Series or iterable of str, shape (n,)
        Names or P-codes; missing values are allowed.
    units : DataFrame
        Units of one level with ``unit_id`` and ``name``; ``country``, ``level`` and the parents'
        columns of `load_boundaries` are used where present.
    parents : Series, iterable or DataFrame, shape (n,) or (n, k), optional
        Name or P-code of the region, cercle or country each row lies in, as far as known. Several
        columns must all fit; one called such as ``adm1_name`` is compared with that level only. A
        parent of another vintage fits where it holds all of the unit's ground.
    min_score : float
        Least similarity (0 to 100, the share of letters that agree) for wrong letters; above 100
        switches that off.

    Returns
    -------
    DataFrame
        On the index of `names`: ``query``, ``unit_id`` and ``name`` (missing if not matched),
        ``score`` (0 to 100), ``reason`` (one of `REASONS`) and ``candidates`` (tuple of unit_id:
        the match, or what was too close to call).

    Raises
    ------
    InputError
        If `units` lacks a column or repeats a ``unit_id``, or `parents` has another length.

    Examples
    --------
    >>> from sahel_geo.places.boundaries.boundaries import load_boundaries
    >>> cercles = load_boundaries(2, countries="MLI")
    >>> result = match_units(["TIMBUKTU", "ML10-01", "Minaka", "Atlantis"], cercles)
    >>> result[["name", "reason"]].values.tolist()
    [['Tombouctou', 'alias'], ['Ménaka', 'pcode'], ['Ménaka', 'alias'], [nan, 'unmatched']]
    """
    queries = names if isinstance(names, pd.Series) else pd.Series(list(names), dtype=object)
    index = _index(units)
    limits = _parent_rows(parents, queries)
    answers: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    rows = []
    for query, limit in zip(queries, limits, strict=True):
        text = "" if _missing(query) else str(query).strip()
        question = (text, *limit)
        if question not in answers:
            answers[question] = _answer(index, text, limit, min_score)
        rows.append((query, *answers[question]))
    columns = ["query", "unit_id", "name", "score", "reason", "candidates"]
    result = pd.DataFrame(rows, columns=columns, index=queries.index)
    texts = {"unit_id": "str", "name": "str", "reason": "str"}
    return result.astype({**texts, "score": float})


@dataclass
class _Index:
    """Everything a query is looked up in; sets hold row numbers of the units."""

    ids: list[str]
    names: list[str]
    codes: dict[str, set[int]]
    keys: dict[str, dict[str, set[int]]]  # by reason, then by key
    parents: list[dict[int, set[str]]]  # by level; 0 is the country
    once: list[dict[int, set[str]]]  # parents of other vintages around all of a unit's ground
    elsewhere: dict[str, set[int]] = field(default_factory=dict)


_Limit = tuple[tuple[int | None, str], ...]
_LEVEL_IN_COLUMN: Final = re.compile(r"adm(?:in)?_?([012])")


def _index(units: pd.DataFrame) -> _Index:
    missing = [column for column in ("unit_id", "name") if column not in units]
    if missing or units["unit_id"].duplicated().any():
        twice = [] if missing else units["unit_id"][units["unit_id"].duplicated()].tolist()
        raise InputError(
            f"`units` lacks the columns {missing} or repeats unit_id {first_offenders(twice)}; "
            "expected one row per unit, as load_boundaries gives. Rename columns or drop repeats."
        )
    ids, names = units["unit_id"].astype(str).tolist(), units["name"].astype(str).tolist()
    keys: dict[str, dict[str, set[int]]] = {reason: defaultdict(set) for reason in KEYS}
    codes: dict[str, set[int]] = defaultdict(set)
    level = int(units["level"].iloc[0]) if "level" in units and len(units) else 3
    for row, (unit, name) in enumerate(zip(ids, names, strict=True)):
        codes[unit.upper()].add(row)
        others = _aliases(level).get(unit, ())
        if level == 0:
            code = {"ML": "MLI", "NE": "NER", "BF": "BFA"}.get(unit, unit)
            others = (code, *spellings(code).values())
        keys["whole name"][KEYS["whole name"](name)].add(row)
        keys["name"][key(name)].add(row)
        for other in (*others, *OTHER_SPELLINGS.get(name, ())):
            keys["alias"][key(other)].add(row)
        for spelling in (name, *others):
            keys["word order"][KEYS["word order"](spelling)].add(row)
            keys["sound"][KEYS["sound"](spelling)].add(row)
    for table in keys.values():
        table.pop("", None)
    once = _parents_once(ids, level)
    return _Index(ids, names, codes, keys, _parents(units), once, _elsewhere(ids, level))


@cache
def _grounds(level: int) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """Give the communes and the names of every unit of every vintage of a level, by identifier."""
    facts = load_facts()
    grounds: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
    for country, frames in FRAMES.items():
        own = facts[facts["country"] == country]
        for vintage in frames:
            parents = parents_of(own, country, vintage)
            groups = own["pcode"].groupby(parents[f"adm{level}_id"]).agg(frozenset)
            names = parents.groupby(f"adm{level}_id")[f"adm{level}_name"].first()
            for unit, ground in groups.items():
                known = grounds.get(str(unit), (ground, frozenset[str]()))[1]
                grounds[str(unit)] = (ground, known | {str(names[str(unit)])})
    return grounds


@cache
def _aliases(level: int) -> dict[str, tuple[str, ...]]:
    """List the other names of each unit: spellings of communes, vintages of the levels above."""
    if level == 3:
        facts = load_facts()
        pairs = zip(facts["pcode"], facts["aliases"], strict=True)
        return {unit: tuple(text.split("|")) for unit, text in pairs if text}
    if level not in (1, 2):
        return {}
    names: dict[frozenset[str], set[str]] = defaultdict(set)
    for ground, given in _grounds(level).values():
        names[ground] |= given
    return {unit: tuple(sorted(names[ground])) for unit, (ground, _) in _grounds(level).items()}


def _elsewhere(ids: Sequence[str], level: int) -> dict[str, set[int]]:
    """Find, for names of other vintages, the given units that share their ground."""
    if level not in (1, 2):
        return {}
    grounds = _grounds(level)
    rows_of: dict[str, set[int]] = defaultdict(set)
    for row, unit in enumerate(ids):
        for commune in grounds[unit][0] if unit in grounds else ():
            rows_of[commune].add(row)
    rows_by_name: dict[str, set[int]] = defaultdict(set)
    for unit, (ground, names) in grounds.items():
        if unit not in ids:
            for name in names:
                rows_by_name[key(name)] |= {row for commune in ground for row in rows_of[commune]}
    return {name: rows for name, rows in rows_by_name.items() if rows}


def _parents_once(ids: Sequence[str], level: int) -> list[dict[int, set[str]]]:
    """Give, by level, the keys and codes of units of any vintage that hold all of each unit."""
    known: list[dict[int, set[str]]] = [{0: set(), 1: set(), 2: set()} for _ in ids]
    grounds = (
        {unit: ground for unit, (ground, _) in _grounds(level).items()} if level in (1, 2) else {}
    )
    for above in range(1, level):
        of_commune: dict[str, list[tuple[str, frozenset[str], frozenset[str]]]] = defaultdict(list)
        for parent, (ground, names) in _grounds(above).items():
            for commune in ground:
                of_commune[commune].append((parent, ground, names))
        for row, unit in enumerate(ids):
            mine = grounds.get(unit, frozenset([unit]))
            for parent, ground, names in of_commune[next(iter(mine))]:
                if mine <= ground:
                    spellings = {other for name in names for other in OTHER_SPELLINGS.get(name, ())}
                    known[row][above] |= {parent.upper(), *map(key, names | spellings)}
    return known


@cache
def vintage_units(level: int, vintage: str) -> pd.DataFrame:
    """List the units of a vintage without their outlines; other countries have their default.

    Callers share the table and must not change it.
    """
    facts = load_facts()
    tables = []
    for country, frames in FRAMES.items():
        own = facts[facts["country"] == country]
        year = vintage if vintage in frames else next(iter(frames))
        parents = parents_of(own, country, year)
        table = parents.assign(country=country, level=level)
        table["unit_id"] = own["pcode"] if level == 3 else parents[f"adm{level}_id"]
        table["name"] = own["name"] if level == 3 else parents[f"adm{level}_name"]
        tables.append(table.drop_duplicates("unit_id"))
    return pd.concat(tables, ignore_index=True)


@cache
def _vintage_index(level: int, vintage: str) -> _Index:
    return _index(vintage_units(level, vintage))


def share_of_names(values: Iterable[str], level: int, vintage: str) -> float:
    """Tell how many of some texts are names of units of a level and vintage; 0 for none at all."""
    keys = _vintage_index(level, vintage).keys
    known = [
        any(KEYS[reason](text) in keys[reason] for reason in KEYS if reason != "sound")
        for text in values
    ]
    return sum(known) / len(known) if known else 0.0


def _parents(units: pd.DataFrame) -> list[dict[int, set[str]]]:
    """Give, by level, the keys and codes of everything each unit lies in."""
    known: list[dict[int, set[str]]] = [{0: set(), 1: set(), 2: set()} for _ in range(len(units))]
    level = int(units["level"].iloc[0]) if "level" in units and len(units) else 3
    for above in range(1, level):
        if f"adm{above}_id" in units:
            for row, code in enumerate(units[f"adm{above}_id"]):
                if not _missing(code):
                    others = _aliases(above).get(str(code), ())
                    known[row][above] |= {str(code).upper(), *map(key, others)}
        if f"adm{above}_name" in units:
            for row, name in enumerate(units[f"adm{above}_name"]):
                if not _missing(name):
                    known_as = (str(name), *OTHER_SPELLINGS.get(str(name), ()))
                    known[row][above] |= {key(spelling) for spelling in known_as}
    if "country" in units:
        for row, code in enumerate(units["country"].astype(str)):
            names = {key(name) for name in spellings(code).values()}
            known[row][0] |= {code, code.casefold(), code[:2], *names}
    return known


def _parent_rows(parents: Iterable[Any] | pd.DataFrame | None, queries: pd.Series) -> list[_Limit]:
    """Give, for each query, the parents it names, each with its level (None where not said)."""
    if parents is None:
        return [()] * len(queries)
    table = parents if isinstance(parents, pd.DataFrame) else pd.DataFrame({"": list(parents)})
    if len(table) != len(queries):
        raise InputError(
            f"`parents` has {len(table)} rows and `names` {len(queries)}; expected one per name. "
            "Take both from the same table."
        )
    matches = [_LEVEL_IN_COLUMN.search(str(column).casefold()) for column in table.columns]
    levels = [int(match[1]) if match else None for match in matches]
    return [
        tuple(
            (level, str(value).strip())
            for level, value in zip(levels, row, strict=True)
            if not _missing(value) and str(value).strip()
        )
        for row in table.itertuples(index=False)
    ]


def _missing(value: Any) -> bool:
    return value is None or bool(pd.isna(value))


def _answer(index: _Index, text: str, limit: _Limit, min_score: float) -> tuple[Any, ...]:
    """Decide one query: unit_id, name, score, reason, candidates."""
    if not text or not words_of(text):
        return None, None, 0.0, "empty", ()
    # Find the units inside all the parents named.
    allowed = set(range(len(index.ids)))
    for level, parent in limit:
        above = [_at_level(levels, level) for levels in index.parents]
        wanted = {parent.upper(), *pcode_forms(parent), key(parent)} - {""}
        inside = {row for row in allowed if above[row] & wanted}
        if not inside:
            inside = {row for row in allowed if _at_level(index.once[row], level) & wanted}
        if not inside and min_score <= 100:
            known = sorted(set().union(*above))
            near = process.extractOne(key(parent), known, scorer=fuzz.ratio, score_cutoff=min_score)
            inside = {row for row in allowed if near and near[0] in above[row]}
        allowed &= inside
    outside: set[int] = set()
    for reason, rows in _exact(index, text):
        fitting = rows & allowed
        if fitting:
            return _decide(index, fitting, _SCORES[reason], reason)
        outside |= rows
    if outside:
        return None, None, 0.0, "parent", _ids(index, outside)
    if shared := index.elsewhere.get(key(text), set()) & allowed:
        return None, None, 0.0, "other vintage", _ids(index, shared)
    if pcode_forms(text):
        return None, None, 0.0, "unmatched", ()
    return _fuzzy(index, text, allowed, min_score)


def _at_level(levels: dict[int, set[str]], level: int | None) -> set[str]:
    return set().union(*levels.values()) if level is None else levels.get(level, set())


def _exact(index: _Index, text: str) -> Iterable[tuple[str, set[int]]]:
    codes = [text.upper(), *pcode_forms(text)]
    yield "pcode", set().union(*(index.codes.get(code, set()) for code in codes))
    for reason, reduce in KEYS.items():
        yield reason, index.keys[reason].get(reduce(text), set())


def _fuzzy(index: _Index, text: str, allowed: set[int], min_score: float) -> tuple[Any, ...]:
    wanted = key(text)
    if len(wanted) < _SHORTEST_FUZZY or min_score > 100:
        return None, None, 0.0, "unmatched", ()
    choices: dict[str, set[int]] = defaultdict(set)
    for reason in ("name", "alias"):
        for spelling, rows in index.keys[reason].items():
            if rows & allowed:
                choices[spelling] |= rows & allowed
    floor = max(0.0, min_score - MARGIN)
    alike = process.extract(wanted, list(choices), scorer=fuzz.ratio, score_cutoff=floor, limit=20)
    scores: dict[int, float] = {}
    for spelling, score, _ in alike:
        for row in choices[spelling]:
            scores[row] = max(score, scores.get(row, 0.0))
    best = max(scores.values(), default=0.0)
    if best < min_score:
        return None, None, best, "unmatched", _ids(index, scores)
    close = {row for row, score in scores.items() if score > best - MARGIN}
    return _decide(index, close, best, "fuzzy")


def _decide(index: _Index, rows: set[int], score: float, reason: str) -> tuple[Any, ...]:
    if len(rows) > 1:
        return None, None, score, "ambiguous", _ids(index, rows)
    row = next(iter(rows))
    reason_shown = "name" if reason == "whole name" else reason
    return index.ids[row], index.names[row], score, reason_shown, (index.ids[row],)


def _ids(index: _Index, rows: Iterable[int]) -> tuple[str, ...]:
    return tuple(index.ids[row] for row in sorted(rows))[:_SHOWN]
