"""Find the stretches of a text that may name places, by capitals, prepositions and stop words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from sahel_geo.locate.geocode.reports.passed_over import (
    BESIDE_NAMES,
    COMMON,
)
from sahel_geo.places.gazetteer.spelling import plain_form

# What people of the three countries are called. A village may be named after someone, and then
# stands behind a preposition of place: "à Ali", "the village of Moussa".
_FIRST_NAMES: Final = frozenset(
    ["abdoul", "abdoulaye", "abdourahamane", "abou", "abubakar", "adama", "ahmadou", "ahmed",
     "aïcha", "aïssata", "alassane", "alhassane", "ali", "aly", "amadou", "aminata", "assimi",
     "awa", "bakary", "boubacar", "boukary", "boureima", "cheick", "daouda", "dramane", "drissa",
     "fatima", "fatoumata", "garba", "habibou", "hadiza", "hama", "hamadoun", "hamidou", "harouna",
     "hassan", "hassane", "ibrahim", "ibrahima", "idrissa", "inoussa", "ismael", "issa", "issaka",
     "issouf", "kadiatou", "lassana", "mahamadou", "mahamane", "mamadou", "mariam", "mariama",
     "modibo", "mohamed", "mohammed", "moussa", "oumar", "oumarou", "ousmane", "salif", "salifou",
     "seydou", "sidi", "siaka", "souleymane", "yacouba", "youssouf", "zakaria"]
)  # fmt: skip
_NAMED_PLACE: Final = re.compile(
    r"(?:\b(?:[àa]|au|en|dans|vers|entre|sur|in|at|near|towards?|between)|"
    r"\b(?:pr[eè]s|villages?|localit[eé]s?|hameaux?|ville|camp|hamlet|town|km|nord|sud|est|ouest|"
    r"north|south|east|west) (?:de|of)|\b(?:pr[eè]s|village) d['’]) ?$",
    re.IGNORECASE,
)


def _is_first_name(word: str, lead: str) -> bool:
    """Whether a word is what someone is called, and the words before it speak of no place."""
    return word.lower() in _FIRST_NAMES and _NAMED_PLACE.search(lead) is None


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

    def on_a_road(self) -> bool:
        """Whether the place is an end of a stretch of road."""
        tail = _AXIS_TAIL.match(self.sentence, self.end - self.begins)
        return bool(_AXIS_LEAD.search(self.lead) or tail)

    def overlaps(self, others: "list[Mention]") -> bool:
        """Whether it shares letters with any of others."""
        return any(self.start < each.end and each.start < self.end for each in others)

    def of_a_person(self) -> bool:
        """Whether it stands behind what someone is called: "Moussa Kaya"."""
        lead = self.lead
        for _ in range(_MOST_NAMES):
            before = _LAST_NAME.search(lead)
            if before is None:
                return False
            lead = lead[: before.start()]
            if _is_first_name(before[1], lead):
                return True
        return False

    def in_longer_name(self, text: str) -> bool:
        """Whether a name goes on with a capitalised word that no place bears: "Petel Gaoudi".

        Not so where every word has a capital, as in headlines, or where it says what the place is.
        """
        if self.of_a_person():
            return True
        behind = _NEXT_NAME.match(text, self.end)
        before = _LAST_NAME.search(self.lead)
        words = [word[0] for word in _WORD.finditer(self.sentence) if len(word[0]) > 3]
        if sum(word[0].isupper() for word in words) > len(words) / 2:
            return False
        first = before is not None and len(self.lead) == len(before[0])
        return any(
            each is not None and plain_form(each[1]) not in BESIDE_NAMES
            for each in (behind, None if first else before)
        )


_WORD: Final = re.compile(r"[^\W\d_](?:[\w’'-]*\w)?|\d+")
_SENTENCE: Final = re.compile(r"[^.!?\n]+(?:\.(?=\S)[^.!?\n]+)*")
_LINKS: Final = frozenset({"de", "du", "n", "la", "le", "ag", "el"})
_OPENS_NO_NAME: Final = frozenset({"de", "du", "la", "le"})  # where every letter is a capital
_ELISION: Final = re.compile(r"^(?:[dlDL]|[Qq]u)['’](?=\w)")
_SUFFIX: Final = re.compile(r"(?:-(?:based|born|bound)|['’][sS])$")  # "the Djibo-based group"
_NEXT_NAME: Final = re.compile(r" ([A-ZÉÈ][\w'’-]+|\d+)")
_LAST_NAME: Final = re.compile(r"(?:^|(?<=\s))([A-ZÉÈ][\w'’-]+) $")
_AXIS_LEAD: Final = re.compile(r"\b(?:axe|route|road|tron[cç]on|liaison) $", re.IGNORECASE)
_AXIS_TAIL: Final = re.compile(r" (?:road|axis|highway)\b", re.IGNORECASE)
# Regions of Burkina Faso whose names are common words, where the text calls them regions.
_REGIONS: Final = frozenset({"est", "nord"})
_REGION_LEAD: Final = re.compile(r"\br[eé]gion (?:du |de l['’])$", re.IGNORECASE)
_REGION_TAIL: Final = re.compile(r" region\b")
_LEAD_CHARS: Final = 60
_MAX_WORDS: Final = 4
_MOST_NAMES: Final = 3  # of a person, before the last


# Armed groups, forces and people's names are not places although they hold names of places.
_GROUPS: Final = re.compile(
    r"\b(?:katiba \w+|ansar[ou]*l islam|ansar (?:ed-?)?dine|dan na ambassagou|boko haram|"
    r"(?:front|mouvement|coordination|alliance|groupe|autorit[eé]|comit[eé])"
    r"(?: (?:de|des|du|pour|la|le|les|l['’]\w+|d['’]\w+|lib[eé]ration|mouvements|salut|soutien|"
    r"\w+ement|national|islam|et|aux|musulmans|d[eé]fense))+ (?:de l['’]|du |de )?[A-Z]\w+|"
    r"macina liberation front|[eé]tat islamique(?: (?:au|dans le|du) (?:grand )?(?:sahara|sahel))?|"
    r"islamic state(?: in the (?:greater )?(?:sahara|sahel))?(?: sahel province)?|"
    r"province du sahel (?=de l['’][eé]tat islamique)|"
    r"(?:force (?:conjointe )?(?:du )?)?g5[ -]sahel|force conjointe(?: du liptako[- ]gourma)?|"
    r"(?:force )?barkhane|takuba|alliance des [eé]tats du sahel|alliance of sahel states|"
    r"op[eé]ration \w+|jnim|gsim|eigs|isgs|issp|minusma|gatia|msa|cma|vdp|fds|fama|aqmi|aqim|"
    r"(?-i:FLA|CSP|AES)(?:-\w+)?|azawad|"
    r"al[ -]?qa[iï]da(?: au maghreb islamique)?|liptako[- ]gourma(?= authority)|wagner|"
    r"radio \w+|studio \w+|journal \w+|le monde|le figaro|jeune afrique|"
    r"universit[eé] de \w+|university of \w+)\b",
    re.IGNORECASE,
)
_TITLES: Final = re.compile(
    r"\b(?i:colonel|g[eé]n[eé]ral|general|capitaine|captain|commandant|lieutenant|sergent|"
    r"adjudant|caporal|corporal|pr[eé]sident|president|ministre|minister|gouverneur|governor|"
    r"maire|mayor|imam|marabout|pasteur|pastor|enseignant|teacher|journaliste|journalist|"
    r"[dj]+ihadiste?|chef|docteur|dr|m|mme|mr|mrs|monsieur|madame|porte-parole|spokesman)\.? "
    r"((?!(?i:d[eu]s?|of|in|at|near|from|[àa]|pr[eè]s|vers|dans|sur) )"
    r"(?:[A-ZÉÈÀÂÎÔ][\w'’-]+ ?){1,3})"
)


def _hidden_spans(text: str) -> list[tuple[int, int]]:
    """Give the spans of groups, and of the people that a title announces."""
    spans = [match.span() for match in _GROUPS.finditer(text)]
    return spans + [match.span(1) for match in _TITLES.finditer(text)]


def find_mentions(text: str) -> Iterator[Mention]:
    """Give the stretches of capitalised words outside groups' and people's names.

    >>> [each.name for each in find_mentions("La Katiba Macina a attaqué Boni hier.")]
    ['Boni']
    """
    hidden = _hidden_spans(text)
    for sentence in _SENTENCE.finditer(text):
        yield from _in_sentence(text, sentence, hidden)


def _in_sentence(
    text: str, sentence: "re.Match[str]", hidden: list[tuple[int, int]]
) -> Iterator[Mention]:
    words = _words(text, sentence.start(), sentence.end())
    first = words[0][0] if words else -1
    capitals = sentence[0].isupper()
    for at, (start, end) in enumerate(words):
        if not text[start].isupper() or _overlaps(start, end, hidden):
            continue
        lead = text[max(sentence.start(), start - _LEAD_CHARS) : start]
        if _is_first_name(text[start:end], lead):
            continue
        for last in range(min(at + _MAX_WORDS, len(words)) - 1, at - 1, -1):
            stop = words[last][1]
            name = text[start:stop]
            if last > at and not _is_chain(text, words[at : last + 1], hidden):
                continue
            if last > at and start == first and plain_form(text[start:end]) in COMMON:
                continue  # the capital is the sentence's, not the name's
            if capitals and last > at and _has_other_words(text, words[at : last + 1]):
                continue
            plain = plain_form(name)
            region = plain in _REGIONS and (
                _REGION_LEAD.search(lead) or _REGION_TAIL.match(text, stop)
            )
            if (plain in COMMON and not region) or len(plain) < 2:
                continue
            yield Mention(
                start, stop, name, lead, sentence[0], sentence.start(), opens=start == first
            )


def _words(text: str, start: int, end: int) -> list[tuple[int, int]]:
    spans = []
    for match in _WORD.finditer(text, start, end):
        elision = _ELISION.match(match[0])
        suffix = _SUFFIX.search(match[0])
        begin = match.start() + (elision.end() if elision else 0)
        spans.append((begin, match.start() + suffix.start() if suffix else match.end()))
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


def _has_other_words(text: str, words: list[tuple[int, int]]) -> bool:
    """Whether words in capitals are more than a name: "A GAO", "CAMP DE GAO", "GAO EN FEU"."""
    plain = [plain_form(text[start:end]) for start, end in words]
    return plain[0] in _OPENS_NO_NAME or any(
        word in COMMON and word not in _LINKS for word in plain
    )


def _overlaps(start: int, end: int, spans: list[tuple[int, int]]) -> bool:
    return any(start < stop and begin < end for begin, stop in spans)
