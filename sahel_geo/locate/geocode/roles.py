"""Which of the places that a report names is the scene of what it tells, and which is context."""

import re
from dataclasses import dataclass, replace
from typing import Final

from sahel_geo.locate.geocode.answers import Answer
from sahel_geo.locate.geocode.mentions import Mention

# "X and Y", "X-Y", "X (commune of Z), then Y"
_SAME_BREATH: Final = re.compile(
    r"(?: ?\([^()]*\))?(?: ?[-–/] ?|,? (?:et|and|ou|or|puis|then|ainsi que|as well as) |, )"
    r"(?:(?:[àa]|in|at|de|of|near|pr[eè]s de) )?(?:the |la |le |les |l['’])?"
    r"(?:villages? (?:of |de )?)?"
)
# "X, 20 km from Y": Y only says where X is.
_FROM_THERE: Final = re.compile(
    r",? (?:situ\w+ |located )?(?:[àa] |some |about )?(?:environ |quelques |a few |\d[\d.,]* ?)"
    r"(?:km|kilom\w+)[^,;.()]{0,25}? (?:de |d['’]|of |from )(?:la |l['’]|the )?"
)
_BREAK: Final = re.compile(
    r"[;:]|, | et | and "
)  # between an event and a place that it is hardly of
_BREAK_LENGTH: Final = 15  # characters that a break counts as
_PASSIVE: Final = re.compile(r"\b(?:[eé]t[eé]|was|were|been)\b", re.IGNORECASE)
_BACKWARDS: Final = 30  # and to look back: events are mostly told before their place

PLACE_LEAD: Final = re.compile(
    r"(?:\b(?:[àa]|au|en|dans|pr[eè]s|vers|villages?|localit[eé]s?|ville|hameau|camp|environs|autour|reliant|linking|joining|"
    r"alentours|entre|axe|in|at|near|around|towards?|outside|towns?|between|locality|nord|sud|est|"
    r"ouest|north|south|east|west|of|de|d|km)['’ ] *(?:de la |de l['’]|du |de |des |d['’]|of |the )?"  # noqa: E501
    r"(?:la |le |l['’])?)$",
    re.IGNORECASE,
)
_DWELLERS: Final = (
    r"(?:villageois|habitants|[eé]lus|sources|residents|villagers|elders) "
    r"(?:de|d['’]|[àa]|in|of|at)|people of"
)
_OF_DWELLERS: Final = re.compile(rf"\b(?:{_DWELLERS}) *$", re.IGNORECASE)
ASIDE_LEAD: Final = re.compile(
    r"\b(?:bas[eé]e?s? [àa]|venus? de|venant de|originaires? de|parti[es]* de|en provenance de|"
    r"fronti[eè]re (?:avec|du|de)|en direction de|direction|fui (?:vers|[àa])|r[eé]fugi[eé]s? [àa]|"
    rf"{_DWELLERS}|"
    r"[eé]vacu[eé]e?s? (?:vers|[àa])|transf[eé]r[eé]e?s? [àa]|depuis|capitale,?|"
    r"based in|coming from|came from|from|border with|fled to|fled towards|evacuated to|"
    r"bound for|arrived in|arriv[eé]e?s? (?:[àa]|de)|reached|left|leaving|fled|fleeing|escaped|"
    r"(?<!close )(?<!next )(?<!near )(?<!adjacent )(?<!damage )to|quitt\w+|fuyant|fui|"
    r"(?:chass|d[eé]plac)[eé]e?s? (?:de|d['’])|affluent (?:[àa]|vers)|(?:rejoin|regagn)\w+|"
    r"(?:admis|soign|hospitalis|enterr|inhum|transport|condui|achemin)\w* (?:[àa]|au|vers)"
    r"(?: l['’]h[oô]pital (?:de|d['’]))?|"
    r"(?:buried|treated|hospitali[sz]ed|flown|driven|brought) (?:in|at|to)(?: hospital in)?|"
    r"capital,?)"
    r"(?: la ville de| the town of| le| la| the)? *$",
    re.IGNORECASE,
)
# The name is what was attacked: "attacked X", "X a été attaqué".
_STRUCK_LEAD: Final = re.compile(
    r"\b(?:attaqu\w+|incendi\w+|pill\w+|bombard\w+|attacked|raided|shelled|struck|looted|burned) "
    r"(?:(?:de|[àa]) nouveau |encore |again )?(?:le |la |l['’]|the )?$",
    re.IGNORECASE,
)
_STRUCK_TAIL: Final = re.compile(
    r"^ (?:(?:a|ont|avait) [eé]t[eé] (?:attaqu|incendi|pill|bombard|vis)|"
    r"(?:was|were|has been|came under) (?:attack|raid|shell|struck|loot|burn|hit))",
    re.IGNORECASE,
)
# Who tells of the event is at the name: "the mayor of X announced", without a comma between.
_TELLING_TAIL: Final = re.compile(
    r"^ (?:(?:a|ont|has|have) )?(?:annonc|confirm|d[eé]clar|signal|indiqu|affirm|rapport|pr[eé]cis|"
    r"[eé]voqu|said\b|says?\b|announced|reported|told)",
    re.IGNORECASE,
)
# The other end of a stretch whose first end is marked.
_OTHER_END_LEAD: Final = re.compile(
    r"\b(?:axe|tron[cç]on|route|road|entre|between) [^,.;()]{2,40}?(?: ?[-–] ?| et | and )$|"
    r"\b(?:reliant|linking|joining) [^,.;()]{2,40}? (?:[àa]|to) $",
    re.IGNORECASE,
)
OFFSET_LEAD: Final = re.compile(
    r"((?:environ |about |some )?\d{1,3}(?:[.,]\d+)? ?(?:km|kilom\w+)[^.;:]{0,30}?"
    r"(?:de la |de l['’]|du |de |d['’]|of |from ))$",
    re.IGNORECASE,
)
_AXIS_LEAD: Final = re.compile(r"\b(?:axe|route|road|tron[cç]on) $", re.IGNORECASE)
_AXIS_TAIL: Final = re.compile(r"^ (?:road|axis|highway)\b", re.IGNORECASE)
_EVENT: Final = re.compile(
    r"\b(?:attaqu\w*|tu[eé]\w*|mort\w*|bless\w*|embuscade\w*|explos\w*|enlev\w*|enl[eè]v\w*|"
    r"assassin\w*|[eé]gorg\w*|meurtr\w*|abatt\w*|sabot\w*|d[eé]tru\w*|braqu\w*|tirs?|corps|"
    r"stab\w*|torch\w*|gunned|gunfire|grenade\w*|overran|stole\w*|robb\w*|destroy\w*|blew|bod(?:y|ies)|"
    r"ouvert le feu|opened fire|ras[eé]\w*|p[eé]ri\w*|perdu la vie|lost their lives|"
    r"incendi\w*|assaut\w*|affront\w*|mine|engin|massacr\w*|ex[eé]cut\w*|pill\w*|bombard\w*|frapp\w*|"
    r"attack\w*|kill\w*|dead|died|wound\w*|injur\w*|ambush\w*|abduct\w*|kidnap\w*|burn\w*|raid\w*|"
    r"clash\w*|shot|shell\w*|bomb\w*|loot\w*|murder\w*|execut\w*|strike|struck|ied)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Hit:
    """A mention with its answer and its role."""

    mention: Mention
    role: str
    answer: Answer
    level: int = 0  # of a stated unit, 0 for a place


def on_a_road(mention: Mention, text: str) -> bool:
    """Whether the place is an end of a stretch of road."""
    tail = text[mention.end : mention.end + 20]
    return bool(_AXIS_LEAD.search(mention.lead) or _AXIS_TAIL.match(tail))


def role_of(mention: Mention, text: str) -> str:
    """Tell from the words around one place whether it is the scene, ``scene`` or ``context``."""
    tail = text[mention.end : mention.end + 60]
    if _STRUCK_LEAD.search(mention.lead) or _STRUCK_TAIL.match(tail):
        return "scene"
    if is_aside(mention, text) and not OFFSET_LEAD.search(mention.lead):
        return "context"
    if _OTHER_END_LEAD.search(mention.lead) and _EVENT.search(mention.sentence):
        return "scene"
    leads = (PLACE_LEAD.search(mention.lead), OFFSET_LEAD.search(mention.lead))
    located = on_a_road(mention, text) or leads != (None, None)
    return "scene" if located and _EVENT.search(mention.sentence) else "context"


def is_aside(mention: Mention, text: str) -> bool:
    """Whether people come from the place, go to it, or tell there of what happened elsewhere."""
    told = _TELLING_TAIL.match(text[mention.end : mention.end + 60])
    return told is not None or ASIDE_LEAD.search(mention.lead) is not None


def with_scenes(hits: list[Hit], text: str) -> list[Hit]:
    """Leave each event to the place it is told of; without any, the first place is the scene."""
    hits = _with_own_events(_without_yardsticks(hits, text), text)
    if any(hit.role == "scene" for hit in hits):
        return hits
    places = [at for at, hit in enumerate(hits) if not hit.level]
    plain = [at for at in places if not is_aside(hits[at].mention, text)]
    # "killed three residents of X": where nothing else is named, they were at home
    home = [at for at in places if _OF_DWELLERS.search(hits[at].mention.lead)]
    for at in (plain or home)[:1]:
        return [*hits[:at], replace(hits[at], role="scene"), *hits[at + 1 :]]
    return hits


def _without_yardsticks(hits: list[Hit], text: str) -> list[Hit]:
    """Make context of a place that only says where the one before it lies, which is the scene."""
    kept = list(hits)
    for at in range(1, len(hits)):
        near, far = kept[at - 1], kept[at]
        between = text[near.mention.end : far.mention.start]
        if far.role == "scene" and not near.level and _FROM_THERE.fullmatch(between):
            kept[at - 1 : at + 1] = replace(near, role="scene"), replace(far, role="context")
    return kept


def _with_own_events(hits: list[Hit], text: str) -> list[Hit]:
    """Make context of places beside which nothing happens, where something does elsewhere.

    In "the curfew in X after the massacre in Y" the massacre belongs to Y. Each word of an event is
    given to the nearest scene of its sentence, and to those named in the same breath.
    """
    kept = list(hits)
    breath: dict[int, int] = {}  # by hit, the first one of its group
    for group in _breaths(hits, text):
        breath |= dict.fromkeys(group, group[0])
        if any(hits[at].role == "scene" for at in group):
            for at in group:
                kept[at] = replace(hits[at], role="scene")
    sentences: dict[int, list[int]] = {}  # scenes by where their sentence begins
    for at, hit in enumerate(kept):
        if hit.role == "scene":
            sentence, start = hit.mention.sentence, hit.mention.start
            sentences.setdefault(text.rfind(sentence, 0, start + len(sentence)), []).append(at)
    for begin, scenes in sentences.items():
        words = _EVENT.finditer(hits[scenes[0]].mention.sentence)
        events = [(begin + word.start(), begin + word.end()) for word in words]
        if len(scenes) < 2 or not events:
            continue
        nearest = (
            min(scenes, key=lambda at: _apart(hits[at].mention, event, text)) for event in events
        )
        owners = {breath.get(at, at) for at in nearest}
        for at in scenes:
            if breath.get(at, at) not in owners and not _must_be_scene(hits[at].mention, text):
                kept[at] = replace(hits[at], role="context")
    return kept


def _breaths(hits: list[Hit], text: str) -> list[list[int]]:
    """Group the places that are named one straight after the other; an aside stands alone."""
    groups: list[list[int]] = []
    end = -1
    for at, hit in enumerate(hits):
        if hit.level:
            continue
        mention, aside = hit.mention, is_aside(hit.mention, text)
        joined = end >= 0 and (
            _SAME_BREATH.fullmatch(text[end : mention.start])
            or _OTHER_END_LEAD.search(mention.lead)
        )
        if joined and not aside:
            groups[-1].append(at)
        else:
            groups.append([at])
        end = -1 if aside else mention.end
    return groups


def _apart(mention: Mention, event: tuple[int, int], text: str) -> int:
    """Count the characters between a place and an event; a break, or to look back, is more."""
    first, last = sorted([(mention.start, mention.end), event])
    between = text[first[1] : last[0]]
    looks_back = mention.start < event[0] and not _PASSIVE.search(between)
    backwards = _BACKWARDS if looks_back else 0
    return len(between) + _BREAK_LENGTH * len(_BREAK.findall(between)) + backwards


def _must_be_scene(mention: Mention, text: str) -> bool:
    """Whether the words around a place leave no doubt: it was struck, or is an end of a road."""
    tail = text[mention.end : mention.end + 60]
    struck = _STRUCK_LEAD.search(mention.lead) or _STRUCK_TAIL.match(tail)
    return bool(struck) or on_a_road(mention, text)
