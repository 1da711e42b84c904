"""Find the stretches of a text that may name places, by capitals, prepositions and stop words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from sahel_geo.places.gazetteer.spelling import plain_form


@dataclass(frozen=True)
class Mention:
    """A stretch of text that may name a place."""

    # start, end: span of the name in the text
    start: int
    end: int
    name: str  # the name as written
    lead: str  # the words before it that say how the place is meant, from the text
    sentence: str  # the sentence around it
    begins: int  # where that sentence begins in the text
    opens: bool  # whether it begins its sentence, where every word has a capital

    def on_a_road(self, text: str) -> bool:
        """Whether the place is an end of a stretch of road."""
        tail = text[self.end : self.end + 20]
        return bool(_AXIS_LEAD.search(self.lead) or _AXIS_TAIL.match(tail))

    def in_longer_name(self, text: str) -> bool:
        """Whether a name goes on with a capitalised word that no place bears: "Petel Gaoudi".

        Not so where every word has a capital, as in headlines, or where it says what the place is.
        """
        behind = _NEXT_NAME.match(text, self.end)
        before = _LAST_NAME.search(self.lead)
        words = [word[0] for word in _WORD.finditer(self.sentence) if len(word[0]) > 3]
        if sum(word[0].isupper() for word in words) > len(words) / 2:
            return False
        first = before is not None and len(self.lead) == len(before[0])
        return any(
            each is not None and plain_form(each[1]) not in _BESIDE_NAMES
            for each in (behind, None if first else before)
        )


# Armed groups, forces and people's names are not places although they hold names of places.
_GROUPS: Final = re.compile(
    r"\b(?:katiba \w+|ansar[ou]*l islam|ansar (?:ed-?)?dine|dan na ambassagou|boko haram|"
    r"(?:front|mouvement|coordination|alliance|groupe|autorit[eé]|comit[eé])"
    r"(?: (?:de|des|du|pour|la|le|les|l['’]\w+|d['’]\w+|lib[eé]ration|mouvements|salut|soutien|"
    r"\w+ement|national|islam|et|aux|musulmans|d[eé]fense))+ (?:de l['’]|du |de )?[A-Z]\w+|"
    r"macina liberation front|[eé]tat islamique(?: (?:au|dans le|du) (?:grand )?(?:sahara|sahel))?|"
    r"islamic state(?: in the (?:greater )?(?:sahara|sahel))?|g5[ -]sahel|force barkhane|"
    r"op[eé]ration \w+|jnim|gsim|eigs|isgs|issp|minusma|gatia|msa|cma|vdp|fds|fama|aqmi|aqim|"
    r"al[ -]?qa[iï]da(?: au maghreb islamique)?|liptako[- ]gourma(?= authority)|wagner|"
    r"radio \w+|journal \w+|universit[eé] de \w+|university of \w+)\b",
    re.IGNORECASE,
)
_TITLES: Final = re.compile(
    r"\b(?i:colonel|g[eé]n[eé]ral|general|capitaine|captain|commandant|lieutenant|sergent|"
    r"pr[eé]sident|president|ministre|minister|gouverneur|governor|maire|mayor|imam|marabout|"
    r"chef|docteur|dr|m|mme|mr|mrs|monsieur|madame|porte-parole|spokesman)\.? "
    r"((?:[A-ZÉÈÀÂÎÔ][\w'’-]+ ?){1,3})"
)
_WORD: Final = re.compile(r"[^\W\d_](?:[\w’'-]*\w)?|\d+")
_SENTENCE: Final = re.compile(r"[^.!?\n]+(?:\.(?=\S)[^.!?\n]+)*")
_LINKS: Final = frozenset({"de", "du", "n", "la", "le", "ag", "el"})
_ELISION: Final = re.compile(r"^(?:[dlDL]|[Qq]u)['’](?=\w)")
_BASED: Final = re.compile(r"-(?:based|born|bound)$")  # "the Djibo-based group"
_NEXT_NAME: Final = re.compile(r" ([A-ZÉÈ][\w'’-]+|\d+)")
_LAST_NAME: Final = re.compile(r"(?:^|(?<=\s))([A-ZÉÈ][\w'’-]+) $")
_AXIS_LEAD: Final = re.compile(r"\b(?:axe|route|road|tron[cç]on|liaison) $", re.IGNORECASE)
_AXIS_TAIL: Final = re.compile(r"^ (?:road|axis|highway)\b", re.IGNORECASE)
# Regions of Burkina Faso whose names are common words, where the text calls them regions.
_REGIONS: Final = frozenset({"est", "nord"})
_REGION_LEAD: Final = re.compile(r"\br[eé]gion (?:du |de l['’])$", re.IGNORECASE)
_REGION_TAIL: Final = re.compile(r" region\b")
_LEAD_CHARS: Final = 60
_MAX_WORDS: Final = 4

# Capitalised at the start of a sentence, or in passing, and no place on its own.
_COMMON_WORDS: Final = (
    "le la les un une des du de au aux en et à dans sur sous vers près selon après avant depuis "
    "hier lundi mardi mercredi jeudi vendredi samedi dimanche janvier février mars avril mai juin "
    "juillet août septembre octobre novembre décembre attaque attaques embuscade explosion "
    "affrontement affrontements assaut enlèvement trois deux quatre cinq six sept huit neuf dix "
    "plusieurs cette ce ces son sa ses leur leurs ils elle elles il on aucun aucune armée "
    "gendarmerie police groupe village ville région province cercle commune département nord sud "
    "est ouest entre axe route marché école mosquée puits forêt the a an in at near from to and of "
    "by after before since yesterday monday tuesday wednesday thursday friday saturday sunday "
    "january february march april may june july august september october november december attack "
    "attacks ambush clashes raid three two four five seven eight nine ten several this that these "
    "those his her their they he she it no army group gunmen militants unidentified armed men "
    "soldiers civilians north south east west between road market school mosque well forest hommes "
    "armés individus militaires civils fusillade incident incidents bilan region district islam "
    "sahara sahélien peul peuls dogon touareg arabes bambara mossi zarma haoussa fulani tuareg "
    "villagers residents traders farmers herders local new old young suspected heavy jihadist "
    "jihadists islamist islamists rebel rebels government security humanitarian foreign french "
    "american russian malian nigerien burkinabe simultaneous fighters families people police "
    "soldier officials sources witnesses women children men some around about according further "
    "more most many at least during when while where following meanwhile later then there "
    "autorités habitants familles femmes enfants jeunes sources témoins éleveurs agriculteurs "
    "commerçants orpailleurs terroristes assaillants rebelles présumés suspects nouvelle nouveau "
    "violents violent explosions lors pendant alors puis ensuite suite situation alerte urgent "
    "bilan selon certains quelques environ malgré parmi york nuit matin soir journée semaine "
)
_COMMON: Final = frozenset(plain_form(word) for word in _COMMON_WORDS.split())
# Capitalised beside a name without being part of it.
_BESIDE_NAMES: Final = _COMMON | frozenset(
    ["province", "provinces", "department", "departement", "town", "city", "camp", "cercle",
     "district", "village", "villages", "county", "axis", "highway", "localite", "localites",
     "hameau", "state", "airport", "base", "border"]
)  # fmt: skip


def find_mentions(text: str) -> Iterator[Mention]:
    """Give the stretches of capitalised words outside groups' and people's names.

    >>> [each.name for each in find_mentions("La Katiba Macina a attaqué Boni hier.")]
    ['Boni']
    """
    hidden = [match.span() for match in _GROUPS.finditer(text)]
    hidden += [match.span(1) for match in _TITLES.finditer(text)]
    for sentence in _SENTENCE.finditer(text):
        yield from _in_sentence(text, sentence, hidden)


def _in_sentence(
    text: str, sentence: "re.Match[str]", hidden: list[tuple[int, int]]
) -> Iterator[Mention]:
    words = _words(text, sentence.start(), sentence.end())
    first = words[0][0] if words else -1
    for at, (start, end) in enumerate(words):
        if not text[start].isupper() or _overlaps(start, end, hidden):
            continue
        for last in range(min(at + _MAX_WORDS, len(words)) - 1, at - 1, -1):
            stop = words[last][1]
            name = text[start:stop]
            if last > at and not _is_chain(text, words[at : last + 1], hidden):
                continue
            if last > at and start == first and plain_form(text[start:end]) in _COMMON:
                continue  # the capital is the sentence's, not the name's
            lead = text[max(sentence.start(), start - _LEAD_CHARS) : start]
            plain = plain_form(name)
            region = plain in _REGIONS and (
                _REGION_LEAD.search(lead) or _REGION_TAIL.match(text, stop)
            )
            if (plain in _COMMON and not region) or len(plain) < 2:
                continue
            yield Mention(
                start, stop, name, lead, sentence[0], sentence.start(), opens=start == first
            )


def _words(text: str, start: int, end: int) -> list[tuple[int, int]]:
    spans = []
    for match in _WORD.finditer(text, start, end):
        elision = _ELISION.match(match[0])
        based = _BASED.search(match[0])
        begin = match.start() + (elision.end() if elision else 0)
        spans.append((begin, match.start() + based.start() if based else match.end()))
    return spans


def _is_chain(text: str, words: list[tuple[int, int]], hidden: list[tuple[int, int]]) -> bool:
    """Whether words make one name: capitals or linking words, nothing but a space between."""
    gaps = (text[one[1] : other[0]] for one, other in pairwise(words))
    if any(gap.strip(" '’-") or len(gap) > 2 for gap in gaps):
        return False
    inner = [text[start:end] for start, end in words]
    capital = all(word[0].isupper() or word.lower() in _LINKS or word.isdigit() for word in inner)
    return capital and inner[-1].lower() not in _LINKS and not _overlaps(
        words[0][0], words[-1][1], hidden
    )  # fmt: skip


def _overlaps(start: int, end: int, spans: list[tuple[int, int]]) -> bool:
    return any(start < stop and begin < end for begin, stop in spans)
