"""The units that a report states: called so, in brackets, behind a comma, in a path."""

import re
from dataclasses import replace
from typing import Final

from sahel_geo.locate.geocode.names import Job
from sahel_geo.locate.geocode.queries import split_bracket
from sahel_geo.locate.geocode.reports.mentions import Mention
from sahel_geo.locate.geocode.reports.roles import Hit
from sahel_geo.places.gazetteer.sources import UNIT_FEATURES
from sahel_geo.places.gazetteer.spelling import plain_form

ACRONYM: Final = re.compile(r"[A-Z]{2,9}s?")  # the names of organisations match no place by sound
BRACKET: Final = re.compile(r"(?<=\w) ?\(([^()]{2,80})\)")  # "Bamba (Bourem, Gao)"
# "Tiemboulo village, Soum": the unit around the place before it, at the end of what is said.
_BEHIND_COMMA: Final = re.compile(r"(?P<name>[^\W\d_][\w’'-]*)(?: (?:village|town|camp))?, $")
_PATH_MARK: Final = re.compile(r" ?[/>] ?")
_PATH: Final = re.compile(
    r"(?:^|[:–—-] )([^\W\d_](?:(?! [-–—] )[^/>:\n]){1,30}"
    r"(?: ?[/>] ?[^/>:\n]{2,30}){2,3}?)(?= ?[:–—\n]| - |$)",
    re.MULTILINE,
)
_PATH_BEFORE: Final = re.compile(
    r"(?:^|[:–—-] )([^/>:]{2,30}(?: ?[/>] ?[^/>:]{2,30}){0,2}) ?[/>] ?$"
)
_OUTLINE_KM: Final = 12.0  # outlines differ by a few kilometres
_ENDS: Final = re.compile(r"\s*(?:[.;:)\n]|$)")
_UNIT_LEAD: Final = re.compile(
    r"\b(r[eé]gions?|gouvern(?:eur|orat)|governor of|provinces?|cercles?|d[eé]partements?|"
    r"communes?(?: (?:rurale|urbaine)s?)?|regions? of|provinces? of|departments? of|districts? of)(?: (?:de la|de l['’]|du|de|des|d['’]|of)| ?:)? *(?:l['’]|la |le )?$",  # noqa: E501
    re.IGNORECASE,
)
_UNIT_TAIL: Final = re.compile(
    r" (region|province|department|cercle|district|commune)\b", re.IGNORECASE
)
# "dans le Soum", "chef-lieu de la Tapoa": towns have no article.
_ARTICLE_LEAD: Final = re.compile(
    r"\b(?:dans (?:le |la |l['’])|chef-lieu (?:du |de la |de l['’]))$", re.IGNORECASE
)
_OF_ARTICLES: Final = (2, 1)
_UNIT_END: Final = re.compile(r" (Region|Province|Department|Cercle|District|Commune)$")


def stated_units(
    job: Job, mentions: list[Mention], text: str, countries: tuple[str, ...]
) -> list[Hit]:
    """Give the mentions that are units by what stands around them."""
    units = _called_units(job, mentions, text, countries)
    for reading in (_bracketed_units, _units_behind, _units_of_paths):
        units += reading(job, mentions, units, text, countries)
    return units


def _called_units(
    job: Job, mentions: list[Mention], text: str, countries: tuple[str, ...]
) -> list[Hit]:
    """Give the mentions that the text itself calls a region, a cercle or a commune."""
    sentences: list[tuple[tuple[int, ...], Mention, Mention]] = []
    for mention in mentions:
        called = _called_unit(mention, text)
        if called is not None and not mention.overlaps([each for _, each, _ in sentences]):
            word, whole = called
            sentences.append((_levels(plain_form(word)), mention, whole))
    hits: list[Hit] = []
    for levels, mention, whole in sorted(sentences, key=lambda each: max(each[0])):  # regions first
        named: list[tuple[bool, float, int, int]] = []
        for level in levels:
            around = tuple(
                job.context.row_of(str(hit.answer.match_id)) for hit in hits if hit.level < level
            )
            row, score = job.context.find_unit(mention.name, level, countries, around)
            inside = all(job.context.distance_km(row, unit) == 0 for unit in around if row >= 0)
            named.append((inside, score, level, row))
        # of equal names, the first level
        _, score, level, row = max(named, key=lambda each: each[:2])
        if row >= 0 and (score == 1 or levels != _OF_ARTICLES):
            hits.append(Hit(mention, "context", job.answerer.unit(row, "unit"), level, whole))
    return hits


def _called_unit(mention: Mention, text: str) -> tuple[str, Mention] | None:
    """Give the word that calls a mention a unit, and it widened by that: "the commune of X"."""
    if lead := _UNIT_LEAD.search(mention.lead):
        start = mention.start - len(mention.lead) + lead.start()
        name, before = text[start : mention.end], mention.lead[: lead.start()]
        return lead[1], replace(mention, start=start, name=name, lead=before)
    if tail := _UNIT_TAIL.match(text, mention.end):
        name = text[mention.start : tail.end()]
        return tail[1], replace(mention, end=tail.end(), name=name)
    if last := _UNIT_END.search(mention.name):
        return last[1], mention
    return ("", mention) if _ARTICLE_LEAD.search(mention.lead) else None


def _bracketed_units(
    job: Job, mentions: list[Mention], units: list[Hit], text: str, countries: tuple[str, ...]
) -> list[Hit]:
    """Give the units in the brackets behind a name: "Bamba (Bourem, Gao)"."""
    hits: list[Hit] = []
    for bracket in BRACKET.finditer(text):
        for level, row in enumerate(units_in(job, bracket[1], countries), start=1):
            name = plain_form(job.answerer.unit(row, "unit").match_name or "") if row >= 0 else ""
            inside = (
                each
                for each in mentions
                if bracket.start(1) <= each.start
                and each.end <= bracket.end(1)
                and plain_form(each.name) == name
            )
            mention = next(inside, None)
            known = [hit.mention for hit in (*units, *hits)]
            if mention is not None and not mention.overlaps(known):
                hits.append(Hit(mention, "context", job.answerer.unit(row, "unit"), level))
    return hits


def _units_behind(
    job: Job, mentions: list[Mention], units: list[Hit], text: str, countries: tuple[str, ...]
) -> list[Hit]:
    """Give the unit behind a comma, unless the place before it is known elsewhere only."""
    hits: list[Hit] = []
    for mention in mentions:
        before = _BEHIND_COMMA.search(mention.lead)
        known = [hit.mention for hit in (*units, *hits)]
        if not before or not _ENDS.match(text, mention.end) or mention.overlaps(known):
            continue
        rows = job.context.units_of([mention.name], countries)
        level, row = next(((at, row) for at, row in enumerate(rows[:2], 1) if row >= 0), (0, -1))
        if row < 0:
            continue
        places = [
            each.place
            for code in countries
            for each in job.search.candidates(before["name"], code)
            if each.method == "exact"
        ]
        if not places or any(job.context.distance_km(place, row) == 0 for place in places):
            hits.append(Hit(mention, "context", job.answerer.unit(row, "unit"), level))
    return hits


def _units_of_paths(
    job: Job, mentions: list[Mention], units: list[Hit], text: str, countries: tuple[str, ...]
) -> list[Hit]:
    """Give the units before the last part of a path: "Tillabéri / Téra / Méhana : attaque"."""
    hits: list[Hit] = []
    for path in _PATH.finditer(text):
        parts = [part.strip() for part in _PATH_MARK.split(path[1])]
        rows = [row for row in job.context.units_of(parts[-2::-1], countries) if row >= 0]
        inside = any(
            all(job.context.distance_km(each.place, row) <= _OUTLINE_KM for row in rows)
            for code in countries
            for each in job.search.candidates(parts[-1], code)
        )
        if len(rows) < len(parts) - 1 or not inside:
            continue
        at = path.start(1)
        for part, row in zip(parts, rows, strict=False):
            at = text.index(part, at)
            answer = job.answerer.unit(row, "unit")
            named = (each for each in mentions if (each.start, each.name) == (at, part))
            mention = next(named, None)
            if mention is not None and not mention.overlaps([hit.mention for hit in units]):
                level = UNIT_FEATURES.index(job.context.feature[row])
                hits.append(Hit(mention, "context", answer, level))
            at += len(part)
    return hits


def units_around(
    job: Job, mention: Mention, text: str, countries: tuple[str, ...]
) -> tuple[int, int, int]:
    """Give the rows of the units in the brackets behind a place, or before it in its path."""
    if bracket := BRACKET.match(text, mention.end):
        return units_in(job, bracket[1], countries)
    if path := _PATH_BEFORE.search(mention.lead):
        return job.context.units_of(_PATH_MARK.split(path[1])[::-1], countries)
    return -1, -1, -1


def units_in(job: Job, inside: str, countries: tuple[str, ...]) -> tuple[int, int, int]:
    """Give the rows of the units that brackets name, by level, -1 where none is."""
    parts = [part for part in split_bracket(inside) if not ACRONYM.fullmatch(part)]
    return job.context.units_of(parts, countries)


def _levels(word: str) -> tuple[int, ...]:
    if not word:
        return _OF_ARTICLES
    if word.startswith(("region", "gouvern", "govern")):
        return (1,)
    if word.startswith(("province", "cercle", "district")):
        return (2,)
    return (3, 2) if word.startswith("commune") else (2, 3)
