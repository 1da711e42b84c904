"""Which of the places of a report are its scenes, once each is weighed.

Each event is left to the place that it is told of.
"""

import re
from dataclasses import replace
from typing import Final

from sahel_geo.incidents.columns.number_words import COUNT
from sahel_geo.locate.geocode.reports.mentions import Mention
from sahel_geo.locate.geocode.reports.phrases import Sentence, dateline_end, is_earlier, offset_lead
from sahel_geo.locate.geocode.reports.roles import (
    ASIDE,
    FINITE,
    HEADLINE_TAIL,
    HOME,
    LESSER,
    LIKELY,
    NAMED,
    PERHAPS,
    ROAD_TAIL,
    SURE,
    TOLD,
    Hit,
    weigh,
)

# "X and Y", "X-Y", "X (commune of Z), then Y"
_SAME_BREATH: Final = re.compile(
    r"(?: ?\([^()]*\))?(?: (?:on )?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|"
    r"lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche))?"
    r"(?: ?[-–/] ?|,? (?:et|and|ou|or|puis|then|ainsi que|as well as) |, )"
    r"(?:(?:[àa]|in|at|de|d['’]|of|near|pr[eè]s de) ?)?(?:the |la |le |les |l['’])?"
    r"(?:villages? (?:of |de )?)?",
    re.IGNORECASE,
)
# "X, 20 km from Y", "X, not far from Y": Y only says where X is.
_FROM_THERE: Final = re.compile(
    r",? (?:(?:which |qui )?(?:is |lies |est |se trouve )?(?:situ\w+ |located )?)?"
    r"(?:(?:[àa] |some |about )?"
    rf"(?:environ |quelques |a few |\d[\d.,]* ?|{COUNT}(?: de| d['’]| of)? )"
    r"(?:km|kilom\w+|miles?)[^,;.()]{0,25}? (?:de |d['’]|of |from )|"
    r"(?:non loin|pr[eè]s|[àa] proximit[eé]|not far|close|[àa] c[oô]t[eé]) (?:de |d['’]|from |to )|"
    r"(?:near|outside|au large de) |"
    r"(?:au |[àa] l['’]|to the |just )?(?:nord|sud|est|ouest|north|south|east|west)[\w -]{0,7} "
    r"(?:de |d['’]|of ))(?:la (?:ville de |capitale,? )?|l['’]|the (?:town of |capital,? )?)?",
    re.IGNORECASE,
)
_MORE_OF_IT: Final = re.compile(r"(?: [a-zà-ÿ'’-]+){1,3}(?=, )")  # "the X game reserve, near Y"
_BREAK: Final = re.compile(
    r"[;:]|, | et | and | when | while | after | lorsqu| quand | alors | apr[eè]s ", re.IGNORECASE
)  # between an event and a place that it is hardly of
_BREAK_LENGTH: Final = 15  # characters that a break counts as
_PASSIVE: Final = re.compile(r"\b(?:[eé]t[eé]|was|were|been)\b", re.IGNORECASE)
_BACKWARDS: Final = 30  # and to look back: events are mostly told before their place

# "on the road to X, near Y", "on the X-Z road, near Y": Y says where on it.
_ON_IT: Final = re.compile(r", (?!et |and |ou |or |puis |then )\w")
_ROAD: Final = re.compile(
    r"\b(?:sur|on|along) (?:la |l['’]|the )(?:(?:route|piste|axe|road|track|highway)\b[^,.;()]*)?$",
    re.IGNORECASE,
)
# The other end of a stretch whose first end is marked.
_OTHER_END_LEAD: Final = re.compile(
    r"\b(?:axe|tron[cç]on|route|road|entre|between|mi-distance de) "
    r"(?!(?:menant|conduisant|allant|leading|qui m[eè]ne) (?:[àa]|vers|to) $)[^,.;()]{2,40}?"
    r"(?: ?[-–] ?| et (?:d['’]|de )?| and | [àa] | to | vers )$|"
    r"\b(?:reliant|linking|joining) [^,.;()]{2,40}? (?:[àa]|to|and|et) $",
    re.IGNORECASE,
)
# "a convoy from X to Y", which is under way
_STARTS: Final = re.compile(
    r"(?:(?<=en route )|(?<!route ))(?<!axe )(?<!piste )(?<!road )(?<!track )"
    r"(?:\b(?:de|from) |\bd['’])$",
    re.IGNORECASE,
)
_ONWARDS: Final = re.compile(
    r",? (?:vers|to|for|pour|en direction de|[àa] destination de) (?:la |le |l['’]|the )?",
    re.IGNORECASE,
)


def with_scenes(hits: list[Hit], text: str) -> list[Hit]:
    """Leave each event to its place, to a unit if none is told of; else take the likeliest."""
    before = [None, *(hit.mention for hit in hits)]
    weights = [
        ASIDE if hit.level else weigh(hit.mention, text, before[at]) for at, hit in enumerate(hits)
    ]
    for at, hit in enumerate(hits):
        if hit.answer.location_precision in {"admin1", "admin2"} and hit.answer.method == "exact":
            weights[at] = min(weights[at], HOME)  # a region named as if it were a town
    start = dateline_end(text)
    if any(hit.mention.start >= start and not hit.level for hit in hits):
        for at, hit in enumerate(hits):
            weights[at] = TOLD if hit.mention.start < start else weights[at]
    _discount(hits, weights, text)
    _leave_the_past(hits, weights, text)
    scenes = _with_own_events(hits, weights, text) or _units_with_events(hits, text)
    if not scenes:
        places = [at for at, weight in enumerate(weights) if not hits[at].level and weight >= HOME]
        scenes = set(sorted(places, key=lambda at: (-weights[at], at))[:1])
    return [
        replace(hit, role="scene" if at in scenes else "context") for at, hit in enumerate(hits)
    ]


def _units_with_events(hits: list[Hit], text: str) -> set[int]:
    """Give the stated units that an event is told of, the smallest ones."""
    weights = {at: weigh(hit.whole, text) for at, hit in enumerate(hits) if hit.whole is not None}
    likely = [at for at, weight in weights.items() if weight >= LIKELY]
    smallest = max((hits[at].level for at in likely), default=0)
    return {at for at in likely if hits[at].level == smallest}


def _leave_the_past(hits: list[Hit], weights: list[float], text: str) -> None:
    """Make context of what happened before, where another sentence tells of something since."""
    past = [
        is_earlier(each.mention.lead, text[each.mention.end :][:9], each.mention.sentence)
        for each in hits
    ]
    now = {
        hit.mention.begins
        for hit, weight, then in zip(hits, weights, past, strict=True)
        if weight >= PERHAPS and not then
    }
    for at, hit in enumerate(hits):
        if past[at] and now - {hit.mention.begins}:
            weights[at] = min(weights[at], NAMED)


def _discount(hits: list[Hit], weights: list[float], text: str) -> None:
    """Make context of the ends of a journey, and of a place that says where another lies."""
    under_way = -1
    for at in range(1, len(hits)):
        near, far = hits[at - 1], hits[at]
        between = _between(near.mention, far.mention, text)
        if near.level or far.level:
            continue
        heading = HEADLINE_TAIL.match(between)
        if (
            weights[at] >= SURE
            and heading
            and not _BREAK.search(between, heading.end())
            and near.mention.begins == far.mention.begins
        ):
            weights[at - 1] = min(weights[at - 1], NAMED)  # "Niamey: an attack in X"
        if _ONWARDS.fullmatch(between) and _STARTS.search(near.mention.lead):
            weights[at] = ASIDE
            if not offset_lead(near.mention.lead):
                weights[at - 1] = ASIDE
                under_way = at
        road = ROAD_TAIL.match(between)
        beyond = between[road.end() :] if road else between  # "on the X-Y road, near Z"
        nearby = _FROM_THERE.fullmatch(beyond) or _SAME_BREATH.fullmatch(beyond)
        if nearby and _ON_IT.match(beyond) and _ROAD.search(near.mention.lead):
            ends = min(at, 2 if _OTHER_END_LEAD.search(near.mention.lead) else 1)
            weights[at] = max(weights[at - 1], weights[at])
            weights[at - ends : at] = [ASIDE] * ends
        elif _FROM_THERE.fullmatch(between) and under_way != at - 1:
            if weights[at - 1] > ASIDE:
                weights[at - 1] = max(weights[at - 1], weights[at])
            if weights[at - 1] > ASIDE or between not in {" near ", " outside "}:
                weights[at] = ASIDE  # else, as in "a raid from X near Y", not of X


def _between(near: Mention, far: Mention, text: str) -> str:
    """Give what stands between two places, without what belongs to the name of the first."""
    between = text[near.end : far.start]
    more = _MORE_OF_IT.match(between)
    return between[more.end() :] if more and not Sentence.of(more[0]).words else between


def _with_own_events(hits: list[Hit], weights: list[float], text: str) -> set[int]:
    """Give the places that events belong to.

    In "the curfew in X after the massacre in Y" the massacre belongs to Y. Each word of an event is
    given to the nearest candidate of its sentence, and to those named in the same breath.
    """
    breath: dict[int, int] = {}  # by hit, the first one of its group
    for group in _breaths(hits, weights, text):
        breath |= dict.fromkeys(group, group[0])
        best = max(weights[at] for at in group)
        for at in group:
            weights[at] = best
    least = LESSER if max(weights, default=0) >= SURE else PERHAPS
    scenes: set[int] = set()
    sentences: dict[int, list[int]] = {}  # candidates by where their sentence begins
    for at, hit in enumerate(hits):
        if weights[at] >= least:
            sentences.setdefault(hit.mention.begins, []).append(at)
    for begin, candidates in sentences.items():
        events = Sentence.of(hits[candidates[0]].mention.sentence).events()
        best = max(weights[at] for at in candidates)
        likely = [at for at in candidates if weights[at] >= min(best, LIKELY)]
        nearest = (
            min(likely, key=lambda at: _apart(hits[at].mention, begin, event, text))
            for event in events
        )
        owners = {breath.get(at, at) for at in nearest}
        owned = {at for at in likely if breath.get(at, at) in owners}
        scenes |= owned | {at for at in likely if weights[at] >= SURE} or set(likely)
    return scenes


def _breaths(hits: list[Hit], weights: list[float], text: str) -> list[list[int]]:
    """Group the places that are named one straight after the other; an aside stands alone."""
    groups: list[list[int]] = []
    end = -1
    for at, hit in enumerate(hits):
        if hit.level:
            continue
        mention, aside = hit.mention, weights[at] < HOME
        between = text[max(end, 0) : mention.start]
        joined = end >= 0 and (
            _SAME_BREATH.fullmatch(between)
            or (_OTHER_END_LEAD.search(mention.lead) and not FINITE.search(between.rstrip()))
        )
        if joined and not aside:
            groups[-1].append(at)
        else:
            groups.append([at])
        end = -1 if aside else mention.end
    return groups


def _apart(mention: Mention, begin: int, event: tuple[int, int], text: str) -> int:
    """Count the characters between a place and an event; a break, or to look back, is more."""
    span = (begin + event[0], begin + event[1])
    first, last = sorted([(mention.start, mention.end), span])
    between = text[first[1] : last[0]]
    looks_back = mention.start < span[0] and not _PASSIVE.search(between)
    backwards = _BACKWARDS if looks_back else 0
    return len(between) + _BREAK_LENGTH * len(_BREAK.findall(between)) + backwards
