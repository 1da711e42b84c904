"""Tolls as people write them: "au moins 5", "2-3", "plusieurs" become low, best and high."""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from sahel_geo.arrays import Flags, Floats, Integers
from sahel_geo.errors import first_offenders
from sahel_geo.i18n.sentence import Counted, Sentence
from sahel_geo.incidents.columns.number_words import COLLECTIVES, ONES, in_digits
from sahel_geo.incidents.columns.numbers import parse_numbers
from sahel_geo.incidents.columns.texts import without_footnote

# No event of the region in any published list comes near; the sum of absurd ones is no number.
MOST_DEATHS: Final = 1_000_000

_NONE: Final = re.compile(
    r"neant|ras|r\.a\.s|rien a signaler|nil|zero|no|nul(?:le)?s?|aucune?|nobody|none reported|"
    r"personne|"
    r"(?:no ?body|no ?one|no) (?:dead|killed)|no (?:deaths?|fatalit(?:y|ies)|casualt(?:y|ies))|"
    r"(?:aucune?|pas de|sans|zero|0) (?:bilan mortel|"
    r"(?:morte?s?|deces|tuee?s?|victimes?|pertes?)(?: (?:en |de )?vies?)?(?: humaines?)?)"
    r"(?: (?:a (?:deplorer|signaler)|(?:signale|enregistre|constate|deplore)e?s?))?"
)
_LABEL: Final = re.compile(  # "bilan provisoire : 5 morts", "tues : 5"
    r"^(?:(?:[a-z']+ )*(?:bilan|total|toll)(?: [a-z']+)*?(?: ?: ?| de | d'| of )"
    r"|(?:nombre de |nb (?:de )?)?(?:morts|tues|deces|killed|deaths|dead) ?[:=] ?)(?=.*\d)"
)
_HURT_BESIDE: Final = re.compile(r"[,;/] ?(?:blesse(?:e?s?)?|wounded|injured) ?[:=].*$")
_HURT_FIRST: Final = re.compile(
    r"^\d+ (?:\S+ )?(?:blesse(?:e?s?)?|wounded|injured)(?:,|;| et| and|\.) ?"
)  # "6 blesses, 4 tues"
_CODES_OF_MISSING: Final = (-99.0, -999.0, -9999.0)
_PAIR: Final = r"^(\d{1,7}) ?[/|+-] ?(\d{1,7})$"
_N: Final = r"(\d{1,7}(?:[ .,]\d{3})*|[a-z]+(?:-[a-z]+){0,2})"
_GROUP: Final = re.compile(
    rf"\b(?:une? |a )?(?:bonne |petite |good )?({'|'.join(COLLECTIVES)})(?: de| d'| of)?\b"
)
_DEATH_WORDS: Final = (
    r"morts?|mortes?|tue(?:e?s?)?|deces|dcd|decedee?s?|deaths?|dead|killed|fatalities|fatality|"
    r"assassine(?:e?s?)?|victimes? mortelles?|personnes? tuee?s?|people killed|corps|bodies"
)
_SPEAKS_OF_DEATH: Final = re.compile(rf"\b(?:{_DEATH_WORDS})\b")
_KILLED_TOO: Final = re.compile(r"\b(?:abattu[es]*|neutralise[es]*)\b")
_DEAD: Final = re.compile(
    rf"^(?P<number>{_N})(?P<who>(?: [a-z'-]+){{0,4}}?) (?:{_DEATH_WORDS})(?P<rest>\b.*)?$"
)
_HURT: Final = re.compile(
    r"(?P<first>.+?)(?:,|;| et| and) (?:\S+ ){0,2}(?:blesse(?:e?s?)?|wounded|injured)"
)
_PEOPLE: Final = (
    r"civils?|civilians?|personnes?|pers|people|persons?|hommes?|men|man|femmes?|women|woman|enfants?|"
    r"child(?:ren)?|soldats?|soldiers?|militaires?|gendarmes?|policiers?|police|officers?|"
    r"volontaires?|volunteers?|vdp|gardes?|guards?|agents?|villageois|villagers?|assaillants?|"
    r"attackers?|terroristes?|terrorists?|djihadistes?|jihadistes?|jihadists?|combattants?|"
    r"fighters?|miliciens?|militiamen|chasseurs?|hunters?|fds|fama"
)
_LEAST: Final = re.compile(
    rf"^(?:au moins|at least|minimum(?: de)?|min\.?|>=|≥|pas moins de|no fewer than|no less than)"
    rf" ?{_N}$"
    rf"|^{_N} ?(?:\+|ou plus|or more|et plus|au moins|minimum|min\.?)$"
)
_OVER: Final = re.compile(rf"^(?:>|plus de|plus d'|more than|over|au-dela de) ?{_N}$")
_MOST: Final = re.compile(rf"^(?:<=|≤|jusqu'a|up to|au plus|at most|maximum(?: de)?|max\.?) ?{_N}$")
_UNDER: Final = re.compile(rf"^(?:<|moins de|moins d'|fewer than|less than|under) ?{_N}$")
_RANGE: Final = re.compile(
    rf"^(?:de |from )?(\d{{1,7}}) ?(?:[-–—]|a|to|ou|or) ?(\d{{1,7}})$"
    rf"|^(?:de |from )?{_N} (?:a|to|ou|or) {_N}$|^(?:entre|between) {_N} (?:et|and) {_N}$"
)
_ABOUT: Final = re.compile(
    r"^(?:environ|~|≈|about|approx\.?|approximativement|approximately|around|pres d(?:e|')|"
    r"nearly|almost|quelque|some|env\.?|plus ou moins|±) ?(?:une? |a )?(?P<rest>.+)$"
)


class Toll(NamedTuple):
    """Low, best and high of one toll, NaN where the text does not say."""

    low: float = np.nan
    best: float = np.nan
    high: float = np.nan


@dataclass(frozen=True)
class Tolls:
    """A column of tolls."""

    # low, best, high: (n,) `low` and `high` are given where the text states a bound, and NaN
    # elsewhere
    low: Floats
    best: Floats
    high: Floats
    unreadable: Flags  # (n,) where a number is stated that is not a whole one, or cannot be read
    absurd: Flags  # (n,) where it is more than a million
    notes: list[Sentence] = field(default_factory=list)  # how many tolls were words


def parse_tolls(values: "pd.Series[Any]", name: str = "") -> Tolls:
    """Read a column of tolls; words without a number leave the toll missing.

    >>> result = parse_tolls(pd.Series(["au moins 5", "2-3", "plusieurs", ">10", "4", "Néant"]))
    >>> result.best.tolist(), result.low.tolist()
    ([5.0, nan, nan, 11.0, 4.0, 0.0], [5.0, 2.0, nan, 11.0, nan, nan])
    """
    if (dead := _dead_of_two(name)) is not None:
        texts = values.astype("string").str.strip()
        pairs = texts.str.extract(_PAIR)[dead]
        if pairs.notna().sum() * 2 >= texts.notna().sum():  # of one number one cannot tell which
            values = pairs.fillna(texts.mask(texts.str.fullmatch(r"\d+")))
    numbers = parse_numbers(values, name=name, whole=True)
    best, unreadable = numbers.values.copy(), numbers.unreadable.copy()
    low, high = np.full(len(best), np.nan), np.full(len(best), np.nan)
    if numbers.scale:  # a share is no toll
        unreadable |= (
            values.astype("string").str.contains("[%‰]").fillna(False).to_numpy(dtype=bool)
        )
        best[unreadable] = np.nan
    notes = list(numbers.notes)
    if len(coded := np.flatnonzero(np.isin(best, _CODES_OF_MISSING))):
        notes.append(
            Counted(
                "{name}: {count} toll is a code such as {code:.0f}, and missing",
                "{name}: {count} tolls are codes such as {code:.0f}, and missing",
                count=len(coded),
                name=name,
                code=float(best[coded[0]]),
            )
        )
        best[coded] = np.nan
    left = np.flatnonzero(unreadable & ~numbers.ambiguous)
    if len(left):
        codes, distinct = pd.factorize(values.iloc[left])
        tolls = [_read_toll(_plain(text)) for text in distinct]
        for at, code in zip(left, codes, strict=True):
            if (toll := tolls[code]) is not None:
                low[at], best[at], high[at] = toll
                unreadable[at] = False
        notes += _told(name, [str(text) for text in distinct], tolls, np.bincount(codes))
    with np.errstate(invalid="ignore"):
        fraction = np.floor(best) < best
        absurd = (best > MOST_DEATHS) | (low > MOST_DEATHS) | (high > MOST_DEATHS)
    return Tolls(low, best, high, unreadable | fraction, absurd, notes)


def _dead_of_two(name: str) -> int | None:
    """Tell which of two numbers in a cell are the dead: the first under "Morts/Blessés"."""
    words = [bool(_SPEAKS_OF_DEATH.search(word)) for word in re.findall(r"[a-z]+", _plain(name))
             if _SPEAKS_OF_DEATH.search(word) or _IS_HURT.search(word)]  # fmt: skip
    return words.index(True) if sorted(words) == [False, True] else None


def states_dead(values: "pd.Series[Any]", name: str = "") -> bool:
    """Tell whether a column states the dead: by words, or as one of two numbers that it names.

    >>> states_dead(pd.Series(["3 morts, 5 blessés", "2 blessés"]))
    True
    >>> states_dead(pd.Series(["3/5"]), "Killed/Injured")
    True
    >>> states_dead(pd.Series(["3", "1 mort"])), states_dead(pd.Series(["2 blessés"]))
    (False, False)
    """
    texts = {_plain(text) for text in values.dropna().unique()} - {""}
    others = {text for text in texts if not _SPEAKS_OF_DEATH.search(text)}
    if _dead_of_two(name) is not None:
        pairs = sum(re.fullmatch(_PAIR, text) is not None for text in texts)
        return 2 * pairs >= max(len(texts), 1)
    said = all(_NONE.fullmatch(text) or _IS_HURT.search(text) for text in others)
    return len(texts) > len(others) and said


def _told(
    name: str, texts: list[str], tolls: list[Toll | None], weights: Integers
) -> list[Sentence]:
    """Say how many tolls were words, and which of them state no number."""
    words = [at for at, toll in enumerate(tolls) if toll is not None]
    empty = [at for at in words if np.isnan(list(tolls[at] or ())).all()]
    stated = [at for at in words if at not in empty]
    notes: list[Sentence] = []
    if stated:
        notes.append(
            Counted(
                "{name}: {count} toll in words is read as low, best and high: {shown}",
                "{name}: {count} tolls in words are read as low, best and high: {shown}",
                count=int(weights[stated].sum()),
                name=name,
                shown=first_offenders([texts[at] for at in stated]),
            )
        )
    if empty:
        notes.append(
            Counted(
                "{name}: {count} toll states no number and is missing: {shown}",
                "{name}: {count} tolls state no number and are missing: {shown}",
                count=int(weights[empty].sum()),
                name=name,
                shown=first_offenders([texts[at] for at in empty]),
            )
        )
    return notes


def _plain(value: object) -> str:
    text = without_footnote(str(value).strip().lower().replace("’", "'"))
    text = unicodedata.normalize("NFKD", text)
    bare = "".join(char for char in text if not unicodedata.combining(char))
    return " ".join(bare.replace("\N{NON-BREAKING HYPHEN}", "-").split()).strip(".;:[] ")


def _read_toll(text: str) -> Toll | None:
    """Read one toll in words; None where it states a number that cannot be read."""
    text = _HURT_BESIDE.sub("", _LABEL.sub("", text))
    hurt_first = _HURT_FIRST.match(text)
    if hurt_first and _SPEAKS_OF_DEATH.search(text, hurt_first.end()):
        text = text[hurt_first.end() :]
    hurt = _HURT.fullmatch(text)  # "aucun mort, 2 blessés"
    if _NONE.fullmatch(hurt["first"] if hurt else text):
        return Toll(best=0.0)
    if (added := _added(text)) is not None:
        return Toll(best=added)
    bare = re.sub(r"^(\d+) ?\?+$", r"~\1", _without_words(in_digits(text)))  # "5?" is about five
    toll = _read_bounds(bare)
    if toll is None and (about := _ABOUT.match(bare)):
        number = _number(about["rest"])
        toll = None if number is None else Toll(best=number)
    if toll is None and (number := _number(bare)) is not None:
        toll = Toll(best=number)
    if toll is None and re.fullmatch(r"\d+[a-z]|[a-z]\d+", text):
        return None  # a slip of the keyboard, or thousands: no one can tell
    if toll is None and any(char.isalpha() for char in re.sub(r"\d[\d.,]*e[+-]?\d", "", text)):
        return Toll()
    return toll


def _added(text: str) -> float | None:
    """Add up "2 + 1", and "3 civils, 2 gendarmes et 1 enfant (tues)"; None of all else."""
    if re.fullmatch(r"\d{1,7}(?: ?\+ ?\d{1,7})+", text):
        return float(sum(map(int, text.split("+"))))
    ends = re.search(rf"(?:{_DEATH_WORDS})$", text)
    if not ends and _SPEAKS_OF_DEATH.search(text):
        return None  # "1 civil tué et 1 VDP" is silent on the second
    listed = re.split(r", | et | and ", in_digits(text))
    parts = [re.sub(rf" (?:{_DEATH_WORDS})$", "", part) for part in listed]
    if len(parts) < 2:
        return None
    matches = [re.fullmatch(rf"{_N} (?:{_PEOPLE})", part) for part in parts]
    numbers = [_number(each[1]) if each else None for each in matches]
    return None if None in numbers else float(sum(number or 0.0 for number in numbers))


def _without_words(text: str) -> str:
    """Reduce "3 morts et 2 blessés" to "3"; leave what names no dead as it is."""
    text = " ".join(re.sub(r"\(.*?\)", " ", text).split())
    text = re.sub(r"^un peu (?=plus|moins)", "", text)
    text = _GROUP.sub(r"\1", text)
    for lead in ("", *_LEADS):
        count = text.removeprefix(lead)
        if lead and (count == text or (lead[-1].isalpha() and count[:1].isalpha())):
            continue
        match = _DEAD.match(count.strip())
        if match is None or _number(match["number"]) is None:
            continue
        rest = match["rest"] or ""
        more = _SPEAKS_OF_DEATH.search(rest) or _KILLED_TOO.search(rest)
        others = any(re.match(rf"(?:{'|'.join(ONES)}|\d)", part) and not _IS_HURT.search(part)
                     for part in re.split(r"(?:,|;|\+| et| and| puis) +", rest)[1:])  # fmt: skip
        who = set(match["who"].split())
        if not (more or others or who & _NO_COUNT_OF_THE_DEAD):
            return f"{lead} {match['number']}".strip()
    return re.sub(
        rf" (?:{_DEATH_WORDS}|personnes?|pers|people|persons?|civils?|civilians?)$", "", text
    )


_IS_HURT: Final = re.compile(r"\b(?:bless|wound|injur|dispar|missing|enlev|otage|kidnap|abduct)")
_NO_COUNT_OF_THE_DEAD: Final = {
    *ONES, *COLLECTIVES, "et", "and", "ou", "or", "blesses", "ont", "ayant", "have", "has", "had",
}  # fmt: skip
_LEADS: Final = (
    "au moins", "at least", "plus de", "more than", "over", "environ", "about", "moins de",
    "fewer than", "less than", "jusqu'a", "up to", ">", "<", "~", "une", "a", "plus d'", "moins d'",
    "pres de", "pres d'", "pas moins de", "no fewer than", "no less than", "au plus", "at most",
    "nearly", "almost", "around", "quelque", "some", "approximately", "minimum",
)  # fmt: skip


def _read_bounds(text: str) -> Toll | None:
    bounds: tuple[tuple[re.Pattern[str], int | None, int | None], ...] = (
        (_LEAST, 0, None),
        (_OVER, 1, None),
        (_MOST, None, 0),
        (_UNDER, None, -1),
    )
    for pattern, more, less in bounds:
        if match := pattern.match(text):
            number = _number(next(group for group in match.groups() if group))
            if number is None:
                return None
            bound = np.nan if more is None else number + more
            return Toll(bound, bound, np.nan if less is None else number + less)
    if match := _RANGE.match(text):
        low, high = (_number(group) for group in match.groups() if group)
        if low is not None and high is not None and low < high:
            return Toll(low, np.nan, high)
    return None


def _number(text: str) -> float | None:
    """Read digits, a number as a word, or a collective such as "dizaine"."""
    words = re.sub(r"^(?:une? |a )(?=[a-z])", "", text.strip())
    if re.fullmatch(r"\d{1,7}", words):
        return float(words)
    if re.fullmatch(r"\d{1,3}(?:[ .,]\d{3})+", words):
        return float(re.sub(r"\D", "", words))
    if words in COLLECTIVES:
        return float(COLLECTIVES[words])
    return 1.0 if words in ONES else None
