"""Which of the places that a report names is the scene of what it tells, and which is context.

A place belongs to the nearest word before it in its clause that governs one: what happened, who
moves, who tells, whose people. Without such a word, to the nearest one behind it. Each event is
then left to the place it is told of.
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from sahel_geo.incidents.columns.number_words import COUNT
from sahel_geo.locate.geocode.answers import Answer
from sahel_geo.locate.geocode.reports.mentions import Mention
from sahel_geo.locate.geocode.reports.phrases import (
    SPOT,
    Sentence,
    dateline_end,
    is_denied,
    is_earlier,
    is_spared,
    offset_lead,
)

# What a place is worth as the scene.
_SURE: Final = 3.0  # an event is told of it
_LIKELY: Final = 2.0  # something happens in its clause
_LESSER: Final = 1.5  # of an arrest, a theft, a closure
_PERHAPS: Final = 1.0  # where no other place has the event
_NAMED: Final = 0.5  # nothing happens in its clause
_HOME: Final = 0.0  # of people, who may be elsewhere
_TOLD: Final = -1.0  # where it is told
_ASIDE: Final = -2.0  # where people come from or go to

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
_BREAK: Final = re.compile(
    r"[;:]|, | et | and | when | while | after | lorsqu| quand | alors | apr[eè]s ", re.IGNORECASE
)  # between an event and a place that it is hardly of
_BREAK_LENGTH: Final = 15  # characters that a break counts as
_PASSIVE: Final = re.compile(r"\b(?:[eé]t[eé]|was|were|been)\b", re.IGNORECASE)
_BACKWARDS: Final = 30  # and to look back: events are mostly told before their place

PLACE_LEAD: Final = re.compile(
    r"(?:\b(?:[àa]|au|aux|en|dans|pr[eè]s|vers|sur|contre|par|villages?|localit[eé]s?|ville|hameau|"
    r"camp|environs|autour|reliant|linking|joining|alentours|entre|axe|in|at|on|near|around|"
    r"towards?|outside|inside|through|against|towns?|between|locality|nord|sud|est|"
    r"ouest|north|south|east|west|of|de|d|km|jusqu['’][àa])['’ ] *"
    r"(?:de la |de l['’]|du |de |des |d['’]|of |the )?(?:la |le |l['’])?)$",
    re.IGNORECASE,
)
_OF_PEOPLE: Final = re.compile(
    r"(?:\b(?:de|du|des|of|from) |\bd['’])(?:la |l['’]|the )?$", re.IGNORECASE
)
_IN_VILLAGES: Final = re.compile(
    r"\b(?:in|at|near|à|dans|vers|sur) (?:\w+ ){1,2}(?:of|de|d['’]) ?$", re.IGNORECASE
)
_DEPENDS: Final = re.compile(
    r"^(?:[\w'’-]+ ){0,3}?(?:de|du|des|d|of|from|in|at|[àa])\b['’]?", re.IGNORECASE
)
_FROM: Final = re.compile(
    r"(?<!far )\b(?:from|depuis) (?:the |la |le |l['’]|son |sa |leur )?"
    r"(?:(?:base|camp|ville|village|town|bases) (?:de |d['’]|of |in |at ))?$",
    re.IGNORECASE,
)
_BESIDE: Final = re.compile(
    r"\b(?:non loin|pr[eè]s|proche|not far|close|near)(?: (?:de|du|d['’]|from|to))? ?"
    r"(?:la |le |l['’])?$",
    re.IGNORECASE,
)
_TO: Final = re.compile(
    r"(?<!close )(?<!next )(?<!near )(?<!adjacent )(?<!damage )\bto (?:the )?$", re.IGNORECASE
)
_ROAD_TO: Final = re.compile(
    r"\b(?:sur|on|along) (?:la |l['’]|the )(?:route|piste|axe|road|track|highway) "
    r"(?:de |d['’]|to )$",
    re.IGNORECASE,
)
# "on the road to X, near Y": Y says where on it.
_ON_IT: Final = re.compile(r", (?!et |and |ou |or |puis |then )\w")
_CAPITAL: Final = re.compile(r"\bcapitale?,? $", re.IGNORECASE)
# What was done to the place or to what is of it: "X was attacked", "the mayor of X was killed".
_PASSIVE_TAIL: Final = re.compile(
    r"^,? (?:qui |which )?"
    r"(?:(?:a|ont|avait|avaient) (?:[eé]galement |encore |aussi )?(?:[eé]t[eé]|essuy\w+|subi)|"
    r"(?:was|were|has been|have been|had been|came under))(?= )",
    re.IGNORECASE,
)
# "the Boni attack"
_COMPOUND_TAIL: Final = re.compile(
    r"^ (?:attack|ambush|massacre|killing|raid|clash|assault|explosion|bombing|blast|strike|"
    r"airstrike|shooting|incident|siege|battle)(?:e?s)?\b"
)
_THERE_TAIL: Final = re.compile(
    r"^,? (?:(?:o[uù]|where) |th[eé][aâ]tre d(?=[eu]|['’])|(?:the )?scene of )", re.IGNORECASE
)  # "in X, where ..."
_BASED_TAIL: Final = re.compile(r"^-based\b", re.IGNORECASE)
_HEADLINE_TAIL: Final = re.compile(r"^(?: ?\([^()]*\))? ?: ")
# Who tells of the event is at the name: "the mayor of X announced", without a comma between.
_TELLING_TAIL: Final = re.compile(
    r"^ (?:(?:a|ont|has|have) )?(?:annonc|confirm|d[eé]clar|signal|indiqu|affirm|rapport|pr[eé]cis|"
    r"[eé]voqu|d[eé]nonc|condamn|said\b|says?\b|announced|reported|told|denounced|condemned)",
    re.IGNORECASE,
)
# The other end of a stretch whose first end is marked.
_OTHER_END_LEAD: Final = re.compile(
    r"\b(?:axe|tron[cç]on|route|road|entre|between|mi-distance de) [^,.;()]{2,40}?"
    r"(?: ?[-–] ?| et (?:d['’]|de )?| and | [àa] | to | vers )$|"
    r"\b(?:reliant|linking|joining) [^,.;()]{2,40}? (?:[àa]|to|and|et) $",
    re.IGNORECASE,
)
# "on the track from X to Y"
_STRETCH_LEAD: Final = re.compile(
    r"\b(?:axe|tron[cç]on|route|piste|road|track|highway) (?:menant |allant |qui m[eè]ne |leading |"
    r"reliant |linking |between |entre )?(?:(?:de|from) |d['’])?"
    r"(?:(?:[^,.;()]{2,30} )?(?:[àa]|to|vers|et|and) )?$",
    re.IGNORECASE,
)
# "a bus linking X to Y"
_JOURNEY_LEAD: Final = re.compile(
    r"\b(?:reliant|ralliant|linking|joining|liaison) (?:entre )?"
    r"(?:[^,.;()]{2,30} (?:[àa]|et|to|and) )?$",
    re.IGNORECASE,
)
# "a convoy from X to Y", which is under way
_STARTS: Final = re.compile(
    r"(?<!route )(?<!axe )(?<!piste )(?<!road )(?<!track )(?:\b(?:de|from) |\bd['’])$",
    re.IGNORECASE,
)
_ONWARDS: Final = re.compile(
    r",? (?:vers|to|for|pour|en direction de|[àa] destination de) (?:la |le |l['’]|the )?",
    re.IGNORECASE,
)
# What carries a movement on from one place to the next: "from X to Y", "at X and Y".
_CARRIED_ON: Final = re.compile(
    r"(?: ?\([^()]*\))?,? ?(?:-|(?:et|and|ou|or|puis|then|pour|for|to|towards?|vers|[àa]|"
    r"en direction|via|by|par)\b)? ?(?:(?:de|d['’]|[àa]|from|in|of) ?)?(?:la |le |l['’]|the )?",
    re.IGNORECASE,
)
_FINITE: Final = re.compile(
    r"\b(?:a|ont|avait|avaient|est|sont|[eé]tai(?:t|ent)|was|were|has|have|had|is|are) ",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Hit:
    """A mention with its answer, and whether it is ``scene`` or ``context``."""

    mention: Mention
    role: str
    answer: Answer
    level: int = 0  # of a stated unit, 0 for a place
    whole: Mention | None = None  # of a unit, with the words that call it one


def is_aside(lead: str) -> bool:
    """Whether the words before a place say that people come from it, go there, or are near."""
    if _BESIDE.search(lead):
        return True
    sentence = Sentence.of(lead)
    if _FROM.search(lead) or _TO.search(lead):
        return not offset_lead(lead)
    before = [word for word in sentence.words if word[0] >= sentence.clause(len(lead))[0]]
    return bool(before) and before[-1][2] == "motion"


def weigh(mention: Mention, text: str, previous: Mention | None = None) -> float:
    """Tell from the words around a place how likely it is the scene: 3 sure, -2 certainly not.

    `previous` is the place before it, which may have taken the word that would govern this one.
    """
    tail = text[mention.end : mention.begins + len(mention.sentence)]
    if _BASED_TAIL.match(tail) or _CAPITAL.search(mention.lead) or mention.of_a_person():
        return _ASIDE
    if is_spared(mention.lead, tail, mention.sentence):
        return _ASIDE
    sentence = Sentence.of(mention.sentence)
    here = mention.start - mention.begins, mention.end - mention.begins
    behind = _kind_behind(sentence, here[1])
    passive = _PASSIVE_TAIL.match(tail) is not None
    if _TELLING_TAIL.match(tail):
        return _TOLD
    if _happens_in_tail(sentence, here[1], tail):
        return _PERHAPS if is_earlier(mention.lead) else _SURE
    taken = 0
    if previous is not None and previous.begins == mention.begins:
        link = text[previous.end : mention.start]
        taken = 0 if _CARRIED_ON.fullmatch(link) else previous.end - mention.begins
    weight = _governed(mention, sentence, here, behind, taken)
    if passive and behind in {"event", "lesser"}:
        # refugees who came to X and were killed there, the mayor of X who was killed
        weight = max(weight, _PERHAPS if weight <= _PERHAPS else _SURE)
    return min(weight, _PERHAPS) if is_earlier(mention.lead) else weight


def _happens_in_tail(sentence: Sentence, end: int, tail: str) -> bool:
    """Whether "the X attack", "X: eleven dead" or "X, where eleven died" follows."""
    there = _THERE_TAIL.match(tail)
    if there and _kind_behind(sentence, end + there.end()) == "event":
        return True
    head = _HEADLINE_TAIL.match(tail)
    if head and _kind_behind(sentence, end + head.end()) in {"event", "lesser"} and end < 60:
        return True
    return _COMPOUND_TAIL.match(tail) is not None


def _governed(
    mention: Mention, sentence: Sentence, here: tuple[int, int], behind: str, taken: int
) -> float:
    """Weigh a place by the nearest word before it, then by the nearest one behind it."""
    lead = mention.sentence[: here[0]]
    if SPOT.search(lead[-25:]) and sentence.events():  # "à la hauteur de la ville de "
        return _SURE
    located = PLACE_LEAD.search(lead) is not None or mention.on_a_road()
    offset = offset_lead(lead) is not None
    if _STRETCH_LEAD.search(lead) and sentence.events():
        aside = _ROAD_TO.search(lead) or SPOT.search(mention.sentence, here[1])
        return _PERHAPS if aside else _LIKELY
    if _JOURNEY_LEAD.search(lead):
        return _PERHAPS
    first, _ = sentence.clause(here[0])
    before = [word for word in sentence.words if first <= word[0] and word[1] <= here[0]]
    before = [
        (start, end, kind)
        for start, end, kind in before
        if kind != "motion" or not (end <= taken or _FINITE.search(lead, end))
    ]
    people = ""
    while before and before[-1][2] in {"people", "title", "source"}:
        kind, between = before[-1][2], lead[before[-1][1] :].lstrip()
        if not people and _DEPENDS.fullmatch(between.rstrip()) is None:
            before.pop()
            continue
        people = people or kind
        before.pop()
        if kind == "source":
            return _TOLD
    governor = before[-1] if before else (0, 0, "")
    if people == "title" and governor[1] <= taken and "," in lead[taken:]:
        # the event is that of the place before: "after the X attack, the mayor of Y"
        return {"event": _LIKELY, "lesser": _LESSER}.get(behind, _TOLD)
    return _weight(
        governor,
        people,
        behind,
        lead,
        located=located or offset,
        offset=offset,
        happens=bool(sentence.events()),
    )


def _weight(
    governor: tuple[int, int, str],
    people: str,
    behind: str,
    lead: str,
    *,
    located: bool,
    offset: bool,
    happens: bool,
) -> float:
    kind = governor[2]
    denied = kind == "event" and is_denied(lead[: governor[0]], lead[governor[0] :])
    if people == "title":
        return {"event": _SURE, "lesser": _LESSER, "telling": _TOLD, "motion": _TOLD}.get(
            kind, {"event": _PERHAPS, "lesser": _PERHAPS}.get(behind, _TOLD)
        )
    if people == "people" and _OF_PEOPLE.search(lead) and not _IN_VILLAGES.search(lead):
        return _ASIDE if "motion" in {kind, behind} and not happens else _HOME
    if not offset and (_FROM.search(lead) or _TO.search(lead)):
        taken = kind in {"event", "lesser"} and governor[1] >= len(lead) - 12
        return _LIKELY if taken and _FROM.search(lead) else _ASIDE
    if denied:
        return _TOLD
    if kind == "event":
        return _SURE if located or governor[1] >= len(lead) - 12 else _PERHAPS
    subject = located or not lead.strip()
    by_what_follows = {
        "event": _LIKELY if subject else _PERHAPS,
        "lesser": _LESSER,
        "telling": _TOLD,
    }.get(behind, _NAMED)
    return {"lesser": _LESSER, "telling": _TOLD, "motion": _ASIDE}.get(kind, by_what_follows)


def _kind_behind(sentence: Sentence, end: int) -> str:
    """Give the kind of the nearest word behind a place in its clause that is no person."""
    _, last = sentence.clause(end)
    kinds = (kind for start, _, kind in sentence.words if end <= start < last)
    return next((kind for kind in kinds if kind in {"event", "lesser", "telling", "motion"}), "")


def with_scenes(hits: list[Hit], text: str) -> list[Hit]:
    """Leave each event to its place, to a unit if none is told of; else take the likeliest."""
    before = [None, *(hit.mention for hit in hits)]
    weights = [
        _ASIDE if hit.level else weigh(hit.mention, text, before[at]) for at, hit in enumerate(hits)
    ]
    for at, hit in enumerate(hits):
        if hit.answer.location_precision in {"admin1", "admin2"} and hit.answer.method == "exact":
            weights[at] = min(weights[at], _HOME)  # a region named as if it were a town
    start = dateline_end(text)
    if any(hit.mention.start >= start and not hit.level for hit in hits):
        for at, hit in enumerate(hits):
            weights[at] = _TOLD if hit.mention.start < start else weights[at]
    _discount(hits, weights, text)
    _leave_the_past(hits, weights)
    scenes = _with_own_events(hits, weights, text) or _units_with_events(hits, text)
    if not scenes:
        places = [at for at, weight in enumerate(weights) if not hits[at].level and weight >= _HOME]
        scenes = set(sorted(places, key=lambda at: (-weights[at], at))[:1])
    return [
        replace(hit, role="scene" if at in scenes else "context") for at, hit in enumerate(hits)
    ]


def _units_with_events(hits: list[Hit], text: str) -> set[int]:
    """Give the stated units that an event is told of, the smallest ones."""
    weights = {at: weigh(hit.whole, text) for at, hit in enumerate(hits) if hit.whole is not None}
    likely = [at for at, weight in weights.items() if weight >= _LIKELY]
    smallest = max((hits[at].level for at in likely), default=0)
    return {at for at in likely if hits[at].level == smallest}


def _leave_the_past(hits: list[Hit], weights: list[float]) -> None:
    """Make context of what happened before, where another sentence tells of something since."""
    past = [is_earlier(each.mention.lead, each.mention.sentence) for each in hits]
    now = {
        hit.mention.begins
        for hit, weight, then in zip(hits, weights, past, strict=True)
        if weight >= _PERHAPS and not then
    }
    for at, hit in enumerate(hits):
        if past[at] and now - {hit.mention.begins}:
            weights[at] = min(weights[at], _NAMED)


def _discount(hits: list[Hit], weights: list[float], text: str) -> None:
    """Make context of the ends of a journey, and of a place that says where another lies."""
    under_way = -1
    for at in range(1, len(hits)):
        near, far = hits[at - 1], hits[at]
        between = text[near.mention.end : far.mention.start]
        if near.level or far.level:
            continue
        heading = _HEADLINE_TAIL.match(between)
        if (
            weights[at] >= _SURE
            and heading
            and not _BREAK.search(between, heading.end())
            and near.mention.begins == far.mention.begins
        ):
            weights[at - 1] = min(weights[at - 1], _NAMED)  # "Niamey: an attack in X"
        if _ONWARDS.fullmatch(between) and _STARTS.search(near.mention.lead):
            weights[at] = _ASIDE
            if not offset_lead(near.mention.lead):
                weights[at - 1] = _ASIDE
                under_way = at
        nearby = _FROM_THERE.fullmatch(between) or _SAME_BREATH.fullmatch(between)
        if nearby and _ON_IT.match(between) and _ROAD_TO.search(near.mention.lead):
            weights[at], weights[at - 1] = max(weights[at - 1], weights[at]), _ASIDE
        elif _FROM_THERE.fullmatch(between) and under_way != at - 1:
            if weights[at - 1] > _ASIDE:
                weights[at - 1] = max(weights[at - 1], weights[at])
            if weights[at - 1] > _ASIDE or between not in {" near ", " outside "}:
                weights[at] = _ASIDE  # else, as in "a raid from X near Y", not of X


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
    least = _LESSER if max(weights, default=0) >= _SURE else _PERHAPS
    scenes: set[int] = set()
    sentences: dict[int, list[int]] = {}  # candidates by where their sentence begins
    for at, hit in enumerate(hits):
        if weights[at] >= least:
            sentences.setdefault(hit.mention.begins, []).append(at)
    for begin, candidates in sentences.items():
        events = Sentence.of(hits[candidates[0]].mention.sentence).events()
        best = max(weights[at] for at in candidates)
        likely = [at for at in candidates if weights[at] >= min(best, _LIKELY)]
        nearest = (
            min(likely, key=lambda at: _apart(hits[at].mention, begin, event, text))
            for event in events
        )
        owners = {breath.get(at, at) for at in nearest}
        owned = {at for at in likely if breath.get(at, at) in owners}
        scenes |= owned | {at for at in likely if weights[at] >= _SURE} or set(likely)
    return scenes


def _breaths(hits: list[Hit], weights: list[float], text: str) -> list[list[int]]:
    """Group the places that are named one straight after the other; an aside stands alone."""
    groups: list[list[int]] = []
    end = -1
    for at, hit in enumerate(hits):
        if hit.level:
            continue
        mention, aside = hit.mention, weights[at] < _HOME
        between = text[max(end, 0) : mention.start]
        joined = end >= 0 and (
            _SAME_BREATH.fullmatch(between)
            or (_OTHER_END_LEAD.search(mention.lead) and not _FINITE.search(between.rstrip()))
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
