"""Find the places of a report in French or English: which is the scene, which is context."""

import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from itertools import pairwise
from typing import Any, Final

import pandas as pd

from sahel_geo.errors import InputError, require_language
from sahel_geo.i18n.countries import spellings
from sahel_geo.incidents.columns.dates.dates import parse_dates
from sahel_geo.locate.geocode.answers import Answer
from sahel_geo.locate.geocode.choice import Stated
from sahel_geo.locate.geocode.names import ANSWER_COLUMNS, COUNTRY_OF, Job
from sahel_geo.locate.geocode.queries import parse_place
from sahel_geo.locate.geocode.reports.mentions import (
    Mention,
    find_mentions,
)
from sahel_geo.locate.geocode.reports.passed_over import (
    TOWNS_ABROAD,
    names_abroad,
    stands_abroad,
    tells_abroad,
)
from sahel_geo.locate.geocode.reports.phrases import dateline_end, offset_lead
from sahel_geo.locate.geocode.reports.roles import PLACE_LEAD, Hit, is_aside
from sahel_geo.locate.geocode.reports.scenes import with_scenes
from sahel_geo.locate.geocode.reports.units import ACRONYM, stated_units, units_around
from sahel_geo.places.gazetteer.gazetteer import Gazetteer
from sahel_geo.places.gazetteer.sources import UNIT_FEATURES
from sahel_geo.places.gazetteer.spelling import plain_form
from sahel_geo.schema import COUNTRIES, Language

_MAX_TEXT: Final = 200_000  # characters
_LEAST_FUZZY: Final = 0.86  # of a name that only a preposition marks as a place
# Regions only where the text calls them so.
_VAGUE: Final = frozenset({"sahel", "centre", "est", "nord"})
_SHORT_NAMES: Final = {"BFA": ("Burkina", "BurkinaFaso")}
_NAMES_OF: Final = {
    code: {*spellings(code).values(), *_SHORT_NAMES.get(code, ())} for code in COUNTRIES
}
_COUNTRY_NAMES: Final = {
    code: re.compile(rf"(?<!fleuve )(?<!river )\b(?:{'|'.join(map(re.escape, names))})\b")
    for code, names in _NAMES_OF.items()
}
_IN_LIST: Final = re.compile(r"\w(?:, | et | and |-)$")  # "Djibo, Dori and X"
_CAPITALS: Final = frozenset({"bamako", "niamey", "ouagadougou"})  # reports are told there
_FAR_KM: Final = 200.0  # from the other places of a report, where a namesake is this near them:
_BESIDE_KM: Final = 100.0
_LONGEST_IN_CAPITALS: Final = 6  # letters of an acronym, where every word has capitals only
_LEAST_OPENING: Final = 5  # letters of a name that opens a sentence, where capitals say nothing

_PLACE_TAIL: Final = re.compile(r" (?:village|town|camp|city|hamlet|locality|market|checkpoint)\b")
# "X village (commune of Y)", "X, in the department of Y": the unit Y is stated for X.
_UP_TO_ITS_UNIT: Final = re.compile(
    r"(?: village| town| camp)?[ ,(]{1,3}(?:situ\w+ |located )?(?:in |dans |en )?"
    r"(?:the |la |le |l['’])?"
    r"(?:(?:r[eé]gion|province|cercle|d[eé]partement|department|commune|district)s? )?"
    r"(?:of |de la |de l['’]|de |du |d['’])?",
    re.IGNORECASE,
)
_VILLAGE_LEAD: Final = re.compile(
    r"\b(?:villages?|hameaux?|localit[eé]s?|hamlets?|campements?) "
    r"(?:de la |de l['’]|du |de |d['’]|of )$",
    re.IGNORECASE,
)
_NEAR_LEAD: Final = re.compile(
    r"\b(pr[eè]s de |pr[eè]s d['’]|vers |aux environs de |aux alentours de |aux abords de |near |"
    r"around |outside |close to |"
    r"(?:au |[àa] l['’]|to the |just )?(?:(?:nord|sud|north|south)(?:[ -]?(?:est|ouest|east|"
    r"west))?|est|ouest|east|west) (?:de |d['’]|of ))(?:la |le )?$",
    re.IGNORECASE,
)
_BETWEEN_LEAD: Final = re.compile(r"\b(?:entre|between) (?:les villages de )?$", re.IGNORECASE)
_OTHER_END: Final = re.compile(r" (?:et|and) ([^,.;()]{2,40})", re.IGNORECASE)
_MONTHS: Final = (
    "janvier|février|fevrier|mars|avril|mai|juin|juillet|août|aout|septembre|octobre|novembre|"
    "décembre|decembre|january|february|march|april|may|june|july|august|september|october|"
    "november|december"
)
_DATE: Final = re.compile(
    rf"\b(\d{{1,2}}(?:er|st|nd|rd|th)? (?:{_MONTHS}) \d{{4}}|(?:{_MONTHS}) \d{{1,2}},? \d{{4}}|"
    r"\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4})\b",
    re.IGNORECASE,
)


# The end of a line that is only broken, as in print; so is a long one before a small letter.
_RUNS_ON: Final = re.compile(
    r"(?:^|[\s'’])(?:[àa]|au|aux|contre|d[eu]|des|dans|en|et|la|les?|pr[eè]s|sur|vers|"
    r"and|at|from|in|near|of|on|the|to|towards?)\s*$",
    re.IGNORECASE,
)
_LONG_LINE: Final = 30  # characters


def _on_whole_lines(text: str) -> str:
    r"""Give a text with spaces for the line breaks inside its sentences, letter for letter.

    >>> _on_whole_lines("Une attaque contre\nGao.\nBilan : un mort.")
    'Une attaque contre Gao.\nBilan : un mort.'
    """
    if "\n" not in text:
        return text
    lines = text.split("\n")
    whole = lines[0]
    for line, below in pairwise(lines):
        long = len(line) >= _LONG_LINE and line.rstrip()[-1:] not in {".", "!", "?", ":", ";"}
        broken = (long and below[:1].islower()) or (below[:1].isalpha() and _RUNS_ON.search(line))
        whole += (" " if broken else "\n") + below
    return whole


def _without_hashes(text: str) -> tuple[str, Sequence[int]]:
    """Give a text without the marks of hashtags, and where each of its letters stood before.

    >>> _without_hashes("À #Gao")
    ('À Gao', [0, 1, 3, 4, 5, 6])
    """
    if "#" not in text:
        return text, range(len(text) + 1)
    marks = {at for at, each in enumerate(text) if each == "#" and text[at + 1 : at + 2].isalpha()}
    kept = [at for at in range(len(text)) if at not in marks]
    return "".join(text[at] for at in kept), [*kept, len(text)]


def geocode_text(
    text: str,
    gazetteer: Gazetteer | None = None,
    *,
    lang: Language = "fr",
    country: str | None = None,
) -> pd.DataFrame:
    """Find the places that a report names, resolve them together, and tell scene from context.

    Rules and gazetteer only. A name must have a capital; names of armed groups and of people are
    passed over. Stated regions and countries bind the villages of the same report, and an
    ambiguous name goes to the candidate nearest to the certain ones.

    Parameters
    ----------
    text : str
        A sentence or a report, up to 200,000 characters.
    gazetteer : Gazetteer, optional
        The embedded one by default, which knows few villages.
    lang : {"fr", "en"}
        Language of the text; phrases of both are understood.
    country : str, optional
        ISO 3166-1 alpha-3 of the report; by default the countries that it names, else all three.

    Returns
    -------
    DataFrame
        One row per mention, in the order of the text: ``start``, ``end`` (span), ``text``,
        ``role`` (``scene`` or ``context``), the columns of :func:`sahel_geo.geocode`, and
        ``date`` (the first date that the text states, NaT without one). No rows where no place
        is named.

    Raises
    ------
    InputError
        If `text` is no text or too long, or `lang` or `country` is not known.

    Examples
    --------
    >>> report = "Le 9 mars 2020, une embuscade à 15 km de Ansongo (région de Gao) a fait un mort."
    >>> hits = geocode_text(report)
    >>> hits[["text", "role", "location_precision"]].values.tolist()
    [['Ansongo', 'scene', 'near'], ['Gao', 'context', 'admin1']]
    >>> str(hits["date"].iloc[0].date())
    '2020-03-09'
    """
    if not isinstance(text, str) or len(text) > _MAX_TEXT:
        what = f"{len(text):,} characters" if isinstance(text, str) else type(text).__name__
        raise InputError(
            f"`text` has {what}; expected a text of at most {_MAX_TEXT:,} characters. Cut it."
            if isinstance(text, str)
            else f"`text` is a {what}; expected str. Pass one report at a time."
        )
    require_language(lang)
    if country is not None and country not in COUNTRIES:
        raise InputError(f"`country` is {country!r}; expected one of {COUNTRIES}.")
    job = Job.of(gazetteer)
    text, kept = _without_hashes(_on_whole_lines(text))
    mentions = list(find_mentions(text))
    countries = (country,) if country else _named_countries(text) or COUNTRIES
    units = stated_units(job, mentions, text, countries)
    # Bind places to the stated units, where the report states one of each level.
    rows = [-1, -1, -1]
    for level in (1, 2, 3):
        matches = {hit.answer.match_id for hit in units if hit.level == level}
        if len(matches) == 1:
            rows[level - 1] = job.context.row_of(str(matches.pop()))
    stated = Stated(countries, (rows[0], rows[1], rows[2]))
    hits = [*units, *_places(job, mentions, units, stated, text)]
    hits = _decide(job, hits, stated, text)
    hits.sort(key=lambda hit: hit.mention.start)
    return _table(with_scenes(hits, text), text, kept)


def _named_countries(text: str) -> tuple[str, ...]:
    named = []
    for code in COUNTRIES:
        matches = _COUNTRY_NAMES[code].finditer(text)
        # attackers who come from Mali do not strike there
        if any(not is_aside(text[max(0, at.start() - 60) : at.start()]) for at in matches):
            named.append(code)
    return tuple(named)


def _places(
    job: Job, mentions: list[Mention], units: list[Hit], stated: Stated, text: str
) -> list[Hit]:
    hits: list[Hit] = []
    blocked = [hit.mention for hit in units]
    marked = {each.name for each in mentions if each.opens or _is_marked(each, text)}
    abroad = names_abroad(text)
    open_names = [name for name in marked if not job.chooser.decided(parse_place(name), stated)]
    job.search.prepare([(name, code) for name in open_names for code in stated.countries])
    for mention in mentions:
        if mention.overlaps(blocked):
            continue
        if plain_form(mention.name) in COUNTRY_OF:
            blocked.append(mention)
            continue
        around = _around(job, mention, stated, text)
        if _is_abroad(mention, around, text, named=abroad):
            blocked.append(mention)
            continue
        own = _own_unit(mention, units, text)
        answer = _answer(job, mention, around, text, own)
        if answer is not None:
            hits.append(Hit(mention, "context", answer))
            blocked.append(mention)
    return hits


def _is_abroad(mention: Mention, stated: Stated, text: str, *, named: bool) -> bool:
    """Whether a name is that of a town in another country, by its fame or by what the text says.

    named: Whether the text names another country at all.
    """
    if plain_form(mention.name) in TOWNS_ABROAD:
        return stated.units == (-1, -1, -1) and not _VILLAGE_LEAD.search(mention.lead)
    if named and (names_abroad(mention.name) or stands_abroad(text, mention.end)):
        return True
    return named and tells_abroad(mention.sentence) and not _named_countries(mention.sentence)


def _around(job: Job, mention: Mention, stated: Stated, text: str) -> Stated:
    """Give what is stated around one mention: units in brackets behind it, or in its path."""
    units = units_around(job, mention, text, stated.countries)
    return stated if units == (-1, -1, -1) else replace(stated, units=units)


def _own_unit(mention: Mention, units: list[Hit], text: str) -> Answer | None:
    """Give the unit that is stated straight behind a place: "X village (commune of Y)"."""
    if ACRONYM.fullmatch(mention.name) or (
        mention.sentence.isupper() and not _is_marked(mention, text)
    ):
        return None
    for unit in units:
        between = text[mention.end : unit.mention.start]
        if between and _UP_TO_ITS_UNIT.fullmatch(between):
            return unit.answer
    return None


def _is_marked(mention: Mention, text: str) -> bool:
    """Whether a preposition before a name, or the word village behind it, makes it a place."""
    lead = PLACE_LEAD.search(mention.lead)
    return lead is not None or _PLACE_TAIL.match(text, mention.end) is not None


def _is_spelled(job: Job, mention: Mention, stated: Stated) -> bool:
    """Whether some place has this very name, and not only one of its sound."""
    return any(
        each.method in {"exact", "alternate"}
        for code in stated.countries
        for each in job.search.candidates(mention.name, code)
    )


def _answer(
    job: Job, mention: Mention, stated: Stated, text: str, own: Answer | None = None
) -> Answer | None:
    plain = job.answerer.answer(parse_place(mention.name), stated)
    if mention.on_a_road() and (stretch := _stretch(job, mention, stated, plain)):
        return stretch
    vague = plain_form(mention.name) in _VAGUE
    if plain.method in {"unit", "none"} and own is not None:
        return own  # no source has the place, or one of its name elsewhere
    if plain.method in {"unit", "none"} and any(unit >= 0 for unit in stated.units):
        # a place outside the stated units is still a place of the text, if its name is certain
        free = job.answerer.answer(
            parse_place(mention.name), Stated(stated.countries, (-1, -1, -1), stated.anchors)
        )
        plain = free if free.method in {"exact", "alternate"} else plain
    acronym = (
        ACRONYM.fullmatch(mention.name)
        and (len(mention.name) <= _LONGEST_IN_CAPITALS or not mention.sentence.isupper())
        and plain.method in {"sound", "fuzzy", "ambiguous"}
        and not _is_spelled(job, mention, stated)
    )
    if plain.method in {"unit", "none"} or vague or acronym:
        village = plain.method == "unit" and _VILLAGE_LEAD.search(mention.lead)
        return plain if village else None  # called a village, and in no source
    marked = _is_marked(mention, text)
    apart = text[mention.end : mention.end + 2].strip()[:1] in {",", ":", "("}
    inside = apart and any(unit >= 0 for unit in stated.units)
    if plain.method == "fuzzy" and not ((marked or inside) and plain.score >= _LEAST_FUZZY):
        return None
    placed = marked or inside or _IN_LIST.search(mention.lead)
    opening = mention.opens and not (marked or apart) and len(mention.name) < _LEAST_OPENING
    if opening or not (placed or _is_spelled(job, mention, stated)):
        return None
    answer = _with_relation(job, mention, stated, text) or plain
    if answer.location_precision in {"exact", "near"} and mention.in_longer_name(text):
        answer = job.answerer.doubted(answer, stated)
    return answer


def _stretch(job: Job, mention: Mention, stated: Stated, plain: Answer) -> Answer | None:
    """Answer a stretch of road by both its ends, or by the one known if its name is no place's."""
    stretch = job.answerer.answer(parse_place(f"axe {mention.name}"), stated)
    of_one = "-" in mention.name and stretch.method == "exact+near"
    nameless = plain.method in {"unit", "none"}
    return stretch if stretch.method == "between" or (of_one and nameless) else None


def _with_relation(job: Job, mention: Mention, stated: Stated, text: str) -> Answer | None:
    """Answer an offset, a stretch between two places, or a place nearby."""
    tail = text[mention.end : mention.end + 60]
    if _BETWEEN_LEAD.search(mention.lead):
        other = _OTHER_END.match(tail)
        if other:
            names = other[1].split()
            for size in range(min(3, len(names)), 0, -1):
                second = " ".join(names[:size])
                query = parse_place(f"entre {mention.name} et {second}")
                answer = job.answerer.answer(query, stated)
                if answer.method == "between":
                    return answer
    for before in (offset_lead(mention.lead), _NEAR_LEAD.search(mention.lead)):
        if before:
            query = parse_place(before[1].strip() + " " + mention.name)
            answer = job.answerer.answer(query, stated)
            if answer.method not in {"unit", "none"}:
                return answer
    return None


def _decide(job: Job, hits: list[Hit], stated: Stated, text: str) -> list[Hit]:
    """Answer mentions again that others of the same report tell apart from their namesakes."""
    start = dateline_end(text)
    certain = [
        hit
        for hit in hits
        if hit.mention.start >= start
        and hit.answer.method != "ambiguous"
        and hit.answer.location_precision != "country"
    ]
    settled = []
    for hit in hits:
        ambiguous = hit.answer.method == "ambiguous"
        company = [each for each in certain if each is not hit and (ambiguous or _is_near(each))]
        anchors = tuple((each.answer.lon, each.answer.lat) for each in company)
        if anchors and (ambiguous or _is_doubtful(job, hit, anchors, stated)):
            around = _around(job, hit.mention, stated, text)
            beside = _answer(job, hit.mention, replace(around, anchors=anchors), text)
            settled.append(replace(hit, answer=beside or hit.answer))
        else:
            settled.append(hit)
    return settled


def _is_near(hit: Hit) -> bool:
    """Whether a place tells that others of its report are near: a point, not a capital."""
    point = hit.answer.location_precision in {"exact", "near"} or hit.answer.method == "between"
    return point and plain_form(hit.mention.name) not in _CAPITALS


def _is_doubtful(
    job: Job, hit: Hit, anchors: tuple[tuple[float, float], ...], stated: Stated
) -> bool:
    """Whether a place far from its company, and no large town, has a namesake beside it."""
    if hit.answer.method not in {"exact", "exact+near"} or not _is_near(hit):
        return False
    places = [
        each.place
        for code in stated.countries
        for each in job.search.candidates(hit.mention.name, code)
        if each.method == "exact" and job.context.feature[each.place] not in UNIT_FEATURES
    ]
    point = hit.answer.lon, hit.answer.lat
    at = [(job.chooser.lon[place], job.chooser.lat[place]) for place in places]
    if len(places) < 2 or point not in at or job.chooser.is_town(places[at.index(point)]):
        return False
    away = [job.chooser.company_km(place, anchors) for place in places]
    return away[at.index(point)] > _FAR_KM and min(away) < _BESIDE_KM


def _table(hits: list[Hit], text: str, kept: Sequence[int]) -> pd.DataFrame:
    rows: list[dict[str, Any]] = [
        {"start": kept[hit.mention.start], "end": kept[hit.mention.end - 1] + 1,
         "text": hit.mention.name, "role": hit.role, **asdict(hit.answer)}
        for hit in hits
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["start", "end", "text", "role", *ANSWER_COLUMNS])
    stated = _DATE.search(text)
    date = parse_dates(pd.Series([stated[1]])).days[0] if stated else pd.NaT
    table["date"] = pd.Series([date] * len(table), dtype="datetime64[us]")
    return table
