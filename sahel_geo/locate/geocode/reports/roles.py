"""How likely a place that a report names is the scene of what it tells.

A place belongs to the nearest word before it in its clause that governs one: what happened, who
moves, who tells, whose people. Without such a word, to the nearest one behind it.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sahel_geo.locate.geocode.answers import Answer
from sahel_geo.locate.geocode.reports.mentions import Mention
from sahel_geo.locate.geocode.reports.phrases import (
    SPOT,
    Sentence,
    is_denied,
    is_earlier,
    offset_lead,
)

# What a place is worth as the scene.
SURE: Final = 3.0  # an event is told of it
LIKELY: Final = 2.0  # something happens in its clause
LESSER: Final = 1.5  # of an arrest, a theft, a closure
PERHAPS: Final = 1.0  # where no other place has the event
NAMED: Final = 0.5  # nothing happens in its clause
HOME: Final = 0.0  # of people, who may be elsewhere
TOLD: Final = -1.0  # where it is told
ASIDE: Final = -2.0  # where people come from or go to

PLACE_LEAD: Final = re.compile(
    r"(?:\b(?:[àa]|au|aux|en|dans|pr[eè]s|vers|sur|contre|par|villages?|localit[eé]s?|ville|hameau|"
    r"camp|environs|autour|reliant|linking|joining|alentours|entre|axe|in|at|on|near|around|"
    r"towards?|outside|inside|through|against|towns?|between|locality|nord|sud|est|"
    r"ouest|north|south|east|west|of|de|d|km|jusqu['’][àa])['’ ] *"
    r"(?:de la |de l['’]|du |de |des |d['’]|of |the )?(?:la |le |l['’])?"
    r"(?:central |downtown |(?:north|south|east|west)ern |nearby )?)$",
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
_SHOTS: Final = re.compile(r"tir|fire|shot|lanc|launch", re.IGNORECASE)  # they land elsewhere
_BESIDE: Final = re.compile(
    r"\b(?:non loin|pr[eè]s|proche|not far|close|near)(?: (?:de|du|d['’]|from|to))? ?"
    r"(?:la |le |l['’])?$",
    re.IGNORECASE,
)
_TO: Final = re.compile(
    r"(?<!close )(?<!next )(?<!near )(?<!adjacent )(?<!damage )(?<!entrance )\bto (?:the )?$",
    re.IGNORECASE,
)
_ROAD_TO: Final = re.compile(
    r"\b(?:sur|on|along) (?:la |l['’]|the )(?:route|piste|axe|road|track|highway) "
    r"(?:(?:menant|conduisant|allant|qui m[eè]ne|leading) (?:[àa]|vers|to)|de|d['’]|to) ?$",
    re.IGNORECASE,
)
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
HEADLINE_TAIL: Final = re.compile(r"^(?: ?\([^()]*\))?(?: ?: | [-–—] (?=[a-zà-ÿ]))")
# Who tells of the event is at the name: "the mayor of X announced", without a comma between.
_TELLING_TAIL: Final = re.compile(
    r"^ (?:(?:a|ont|has|have) )?(?:annonc|confirm|d[eé]clar|signal|indiqu|affirm|rapport|pr[eé]cis|"
    r"[eé]voqu|d[eé]nonc|condamn|said\b|says?\b|announced|reported|told|denounced|condemned)",
    re.IGNORECASE,
)
# "on the track from X to Y"
_STRETCH_LEAD: Final = re.compile(
    r"\b(?:axe|tron[cç]on|route|piste|road|track|highway) (?:menant |allant |qui m[eè]ne |leading |"
    r"reliant |linking |between |entre )?(?:(?:de|from) |d['’])?"
    r"(?:(?:[^,.;()]{2,30} )?(?:[àa]|to|vers|et|and) )?$",
    re.IGNORECASE,
)
ROAD_TAIL: Final = re.compile(r" (?:road|highway|axis|track)\b")
# "a bus linking X to Y"
_JOURNEY_LEAD: Final = re.compile(
    r"\b(?:reli(?:ant|ait|aient)|ralli(?:ant|ait|aient)|linking|joining|liaison) (?:entre )?"
    r"(?:[^,.;()]{2,30} (?:[àa]|et|to|and) )?$",
    re.IGNORECASE,
)
# What carries a movement on from one place to the next: "from X to Y", "at X and Y".
_CARRIED_ON: Final = re.compile(
    r"(?: ?\([^()]*\))?(?!, (?:[àa]|in|at|dans|near) ),? ?"
    r"(?:-|(?:et|and|ou|or|puis|then|pour|for|to|towards?|vers|[àa]|"
    r"en direction|via|by|par)\b)? ?(?:(?:de|d['’]|[àa]|from|in|of) ?)?(?:la |le |l['’]|the )?",
    re.IGNORECASE,
)
FINITE: Final = re.compile(
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


# A place that is named because it is another one: "unlike X", "X was not attacked".
_OTHER_LEAD: Final = re.compile(
    r"\b(?:contrairement|[àa] la diff[eé]rence|unlike|except|sauf|hormis|"
    r"(?:et |mais |but |and )?(?:non|not|pas)|ni|neither|nor|plut[oô]t qu['’]|"
    r"rather than|instead of)"
    r"(?: (?:[àa]|au|de|d['’]|contre|in|at|near|on))? ?"
    r"(?:la |le |l['’]|the )?(?:ville de |town of )?$|"
    r"\b(?:ni|neither|nor) (?:the |l[ae] |l['’])?(?:\w+ ){0,2}(?:at|in|of|de|du|d['’]|[àa]) ?$",
    re.IGNORECASE,
)
# "After X, it is the turn of Y"
_AFTER_LEAD: Final = re.compile(r"^\W*(?:apr[eè]s|after) $", re.IGNORECASE)
_TURN_TAIL: Final = re.compile(
    r"^,? (?:c['’](?:est|[eé]tait)|voil[àa]|it (?:is|was)|now|ce fut) ", re.IGNORECASE
)
# "did not target X but Y": what is denied of the first place happened at the second.
_NOT_HERE: Final = (
    r"(?:\bn['’](?:a|ont|avait|avaient|est|sont|[eé]tait) pas|"
    r"\b(?:did|was|were|has|had|have)(?: not|n['’]t)) (?:\w+ ){1,4}(?:(?:the |l[ae] |l['’])?)"
)
_NOT_HERE_LEAD: Final = re.compile(_NOT_HERE + "$", re.IGNORECASE)
_BUT_HERE_LEAD: Final = re.compile(
    _NOT_HERE + r"[^,.;:]{2,40},? (?:mais|but) (?:plut[oô]t |rather )?"
    r"(?:(?:[àa]|au|contre|sur|in|at|on|near) )?(?:the |l[ae] |l['’])?$",
    re.IGNORECASE,
)
_BUT_TAIL: Final = re.compile(r"^,? (?:mais|but)\b", re.IGNORECASE)
# "the army denied that X had been attacked", "an attack planned on X"
_DENIED_THAT_LEAD: Final = re.compile(
    r"\b(?:d[eé]men\w*|nie|nient|den(?:y|ies|ied)) (?:that |qu(?:e |['’]))[^,.;:]{0,40}$|"
    r"\b(?:planned|planifi[eé]e?s?|projet[eé]e?s?) (?:on|against|in|at|for|contre|[àa]|sur) "
    r"(?:the |l[ae] |l['’])?$",
    re.IGNORECASE,
)
_CEREMONY_LEAD: Final = re.compile(
    r"\b(?:obs[eè]ques|fun[eé]railles|inhumations?|enterrements?|funerals?)\b[^.;]* "
    r"(?:eu lieu|took place|held|d[eé]roul\w+) (?:[àa]|in|at) $",
    re.IGNORECASE,
)
_DENIED_TAIL: Final = re.compile(
    r"^ ?\((?:situation )?(?:calme?|ras|rien|nothing|quiet)\b|"
    r"^[^,.;:]{0,40}?(?<!\w) ?(?:were|was|ha(?:s|ve) been|(?:a|ont) [eé]t[eé]) (?:\w+ )?"
    r"(?:denied|rejected|refuted|d[eé]mentie?s?)(?= by | par |[.,;]|$)|"
    r"^,? (?:(?:a|ont|avait) [eé]t[eé]|est|was|were|has been|is) (?:spared|[eé]pargn[eé]e?s?)\b|"
    r"^,? (?:n['’](?:a|ont|avait|avaient) (?:pas|jamais) [eé]t[eé] |"
    r"(?:was|were|has|have|had) (?:not|never) (?:been )?|(?:was|were)n['’]t )"
    r"(?:attaqu|vis[eé]|touch|frapp|bombard|pill|attack|hit\b|struck|target|raid|bomb|shell)",
    re.IGNORECASE,
)
_UNTRUE: Final = re.compile(
    r"\b(?:(?:is|are|was|were|proved|proven|turned out(?: to be)?|est|sont|[eé]tai(?:t|ent)|"
    r"av[eé]r[eé]e?s?|r[eé]v[eé]l[eé]e?s?) (?:\w+ )?(?:false|fake|untrue|unfounded|"
    r"baseless|(?:(?:celles?|ceux|those) )?(?:d['’]un|from an?|of an?) (?:\w+ )?"
    r"(?:exerci[cs]e|drill)|"
    r"fausses?|faux|infond[eé]e?s?|erron[eé]e?s?|d[eé]nu[eé]e?s? de|sans fondement)|"
    r"(?:proven(?:ai(?:t|ent)|ant)|came) (?:d['’]un|from an?) (?:\w+ )?(?:exerci[cs]e|drill)|"
    r"fausses? (?:alertes?|informations?|rumeurs?|nouvelles?)|false (?:alarm|reports?|rumou?rs?)|"
    r"(?:intox|rumeurs?|rumou?rs?) (?:d['’]une? |d['’]|of (?:an? )?))",
    re.IGNORECASE,
)


def _is_spared(lead: str, tail: str, sentence: str) -> bool:
    """Whether a place is named since nothing happened there, by the words around it."""
    elsewhere = _OTHER_LEAD.search(lead) or _CEREMONY_LEAD.search(lead)
    elsewhere = elsewhere or _DENIED_THAT_LEAD.search(lead)
    elsewhere = elsewhere or (_TURN_TAIL.match(tail) and _AFTER_LEAD.match(lead))
    elsewhere = elsewhere or (_BUT_TAIL.match(tail) and _NOT_HERE_LEAD.search(lead))
    return bool(elsewhere or _DENIED_TAIL.match(tail) or _is_untrue(sentence))


@lru_cache(maxsize=256)
def _is_untrue(sentence: str) -> bool:
    return _UNTRUE.search(sentence) is not None


# "people displaced from X after an attack": what they fled from happened at X.
_FLED_LEAD: Final = re.compile(
    r"\b(?:venu\w*|arriv\w+|chass\w+|d[eé]plac\w+|displaced|fui|fuient|fuyant|fuite|fled|fleeing|"
    r"escaped|quitt\w+|left)(?: en masse)?(?: (?:de|from|of|d['’]))? ?(?:la |le |l['’]|the )?$",
    re.IGNORECASE,
)
_AFTER_TAIL: Final = re.compile(
    r"^,? (?:juste |right |shortly |soon )?(?:apr[eè]s|suite [àa]|following|after|because of|"
    r"[àa] cause d[eu'’])",
    re.IGNORECASE,
)


def _is_fled(lead: str, tail: str) -> bool:
    """Whether people fled from a place after what happened there."""
    after = _AFTER_TAIL.match(tail) if _FLED_LEAD.search(lead) else None
    return after is not None and bool(Sentence.of(tail[after.end() :]).events())


def weigh(mention: Mention, text: str, previous: Mention | None = None) -> float:
    """Tell from the words around a place how likely it is the scene: 3 sure, -2 certainly not.

    `previous` is the place before it, which may have taken the word that would govern this one.
    """
    tail = text[mention.end : mention.begins + len(mention.sentence)]
    if _BASED_TAIL.match(tail) or _CAPITAL.search(mention.lead) or mention.of_a_person():
        return ASIDE
    if _is_spared(mention.lead, tail, mention.sentence):
        return ASIDE
    sentence = Sentence.of(mention.sentence)
    if (fled := _is_fled(mention.lead, tail)) or _BUT_HERE_LEAD.search(mention.lead):
        return LIKELY if fled else SURE
    here = mention.start - mention.begins, mention.end - mention.begins
    behind = _kind_behind(sentence, here[1])
    passive = _PASSIVE_TAIL.match(tail) is not None
    if _TELLING_TAIL.match(tail):
        return TOLD
    earlier = is_earlier(mention.lead, tail)
    if _happens_in_tail(sentence, here[1], tail):
        return PERHAPS if earlier else SURE
    taken = 0
    if previous is not None and previous.begins == mention.begins:
        link = text[previous.end : mention.start]
        taken = 0 if _CARRIED_ON.fullmatch(link) else previous.end - mention.begins
    weight = _governed(mention, sentence, here, behind, taken)
    if passive and behind in {"event", "lesser"}:
        # refugees who came to X and were killed there, the mayor of X who was killed
        weight = max(weight, PERHAPS if weight <= PERHAPS else SURE)
    return min(weight, PERHAPS) if earlier else weight


def _happens_in_tail(sentence: Sentence, end: int, tail: str) -> bool:
    """Whether "the X attack", "X: eleven dead" or "X, where eleven died" follows."""
    there = _THERE_TAIL.match(tail)
    if there and _kind_behind(sentence, end + there.end()) == "event":
        return True
    head = HEADLINE_TAIL.match(tail)
    if head and _kind_behind(sentence, end + head.end()) in {"event", "lesser"} and end < 60:
        return True
    return _COMPOUND_TAIL.match(tail) is not None


def _governed(
    mention: Mention, sentence: Sentence, here: tuple[int, int], behind: str, taken: int
) -> float:
    """Weigh a place by the nearest word before it, then by the nearest one behind it."""
    lead = mention.sentence[: here[0]]
    if SPOT.search(lead[-25:]) and sentence.events():  # "à la hauteur de la ville de "
        return SURE
    located = PLACE_LEAD.search(lead) is not None or mention.on_a_road()
    offset = offset_lead(lead) is not None
    if _STRETCH_LEAD.search(lead) and sentence.events():
        aside = _ROAD_TO.search(lead) or SPOT.search(mention.sentence, here[1])
        return PERHAPS if aside else LIKELY
    on_a_road = lead.endswith("on the ") and ROAD_TAIL.match(mention.sentence, here[1])
    if on_a_road or _JOURNEY_LEAD.search(lead):
        return PERHAPS
    first, _ = sentence.clause(here[0])
    before = [word for word in sentence.words if first <= word[0] and word[1] <= here[0]]
    before = [
        (start, end, kind)
        for start, end, kind in before
        if kind != "motion" or not (end <= taken or FINITE.search(lead, end))
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
            return TOLD
    governor = before[-1] if before else (0, 0, "")
    if people == "title" and governor[1] <= taken and "," in lead[taken:]:
        # the event is that of the place before: "after the X attack, the mayor of Y"
        return {"event": LIKELY, "lesser": LESSER}.get(behind, TOLD)
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
        return {"event": SURE, "lesser": LESSER, "telling": TOLD, "motion": TOLD}.get(
            kind, {"event": PERHAPS, "lesser": PERHAPS}.get(behind, TOLD)
        )
    if people == "people" and _OF_PEOPLE.search(lead) and not _IN_VILLAGES.search(lead):
        return ASIDE if "motion" in {kind, behind} and not happens else HOME
    if not offset and (_FROM.search(lead) or _TO.search(lead)):
        taken = kind in {"event", "lesser"} and governor[1] >= len(lead) - 12
        taken &= _SHOTS.match(lead, governor[0]) is None
        return LIKELY if taken and _FROM.search(lead) else ASIDE
    if denied:
        return TOLD
    if kind == "event":
        return SURE if located or governor[1] >= len(lead) - 12 else PERHAPS
    subject = located or not lead.strip()
    by_what_follows = {
        "event": LIKELY if subject else PERHAPS,
        "lesser": LESSER,
        "telling": TOLD,
    }.get(behind, NAMED)
    return {"lesser": LESSER, "telling": TOLD, "motion": ASIDE}.get(kind, by_what_follows)


def _kind_behind(sentence: Sentence, end: int) -> str:
    """Give the kind of the nearest word behind a place in its clause that is no person."""
    _, last = sentence.clause(end)
    kinds = (kind for start, _, kind in sentence.words if end <= start < last)
    return next((kind for kind in kinds if kind in {"event", "lesser", "telling", "motion"}), "")
