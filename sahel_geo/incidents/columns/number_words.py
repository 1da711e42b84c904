"""Numbers in words, French and English, up to the hundred thousands: written as digits."""

import re
from collections.abc import Callable
from typing import Final

_UNITS: Final = (
    "zero zero", "un one", "deux two", "trois three", "quatre four", "cinq five", "six six",
    "sept seven", "huit eight", "neuf nine", "dix ten", "onze eleven", "douze twelve",
    "treize thirteen", "quatorze fourteen", "quinze fifteen", "seize sixteen",
    "dix-sept seventeen", "dix-huit eighteen", "dix-neuf nineteen",
)  # fmt: skip
_FRENCH, _ENGLISH = zip(*(words.split() for words in _UNITS), strict=True)
_FRENCH_TENS: Final = {
    "vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "septante": 70,
    "huitante": 80, "octante": 80, "nonante": 90,
}  # fmt: skip
_ENGLISH_TENS: Final = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
COLLECTIVES: Final = {
    "demi-douzaine": 6, "huitaine": 8, "dizaine": 10, "douzaine": 12, "quinzaine": 15,
    "vingtaine": 20, "trentaine": 30, "quarantaine": 40, "cinquantaine": 50, "soixantaine": 60,
    "centaine": 100, "millier": 1000, "dozen": 12,
}  # fmt: skip
ONES: Final = ("un", "une", "one")


def _below_hundred() -> dict[tuple[str, ...], int]:
    """Give the words of every number below a hundred."""
    french: dict[tuple[str, ...], int] = {("une",): 1}
    french |= {tuple(word.split("-")): n for n, word in enumerate(_FRENCH)}
    known = french | {(word,): n for n, word in enumerate(_ENGLISH)}
    for word, tens in (_FRENCH_TENS | {"quatre vingt": 80}).items():
        most = 20 if word in {"soixante", "quatre vingt"} else 10  # "vingt-onze" is no number
        known |= {(*word.split(), *rest): tens + n for rest, n in french.items() if 0 < n < most}
        known |= {(word, "et", one): tens + 1 for one in ("un", "une")}
        known[*word.split(),] = tens
    for word, tens in _ENGLISH_TENS.items():
        known |= {(word, rest): tens + n for n, rest in enumerate(_ENGLISH[:10]) if n}
        known[word,] = tens
    return known | {("quatre", "vingts"): 80, ("soixante", "et", "onze"): 71}


_BELOW_HUNDRED: Final = _below_hundred()
_LONGEST: Final = max(map(len, _BELOW_HUNDRED))
_SCALES: Final = {"cent": 100, "cents": 100, "hundred": 100, "mille": 1000, "thousand": 1000}
_HUNDREDS: Final = (["cent"], ["cents"], ["hundred"])
_GROUPS: Final = COLLECTIVES | {f"{word}s": number for word, number in COLLECTIVES.items()}
_AFTER_ONE: Final = frozenset([*_GROUPS, "demi", "bonne", "petite"])
_CHAIN: Final = re.compile(r"(?<![a-z\d])[a-z]+(?:[ -][a-z]+)*(?![a-z\d])")
_SHARED: Final = re.compile(
    r"(?P<between>\b(?:entre|between) )?\b(?P<low>\d{1,3}|[a-z]+)"
    r"(?P<join> (?:ou|a|or|to|et|and) )(?P<high>\d{1,3}|[a-z]+) (?P<scale>[a-z]+(?:-[a-z]+)?)\b"
)
_MULTIPLE: Final = re.compile(r"\b(\d{1,4}) ([a-z]+(?:-[a-z]+)?)\b(?! ?\d)")
_GROUP: Final = rf"(?:une? |a )?(?:bonne |petite |good )?({'|'.join(COLLECTIVES)})"
_TIMES: Final = _SCALES | _GROUPS
_SINGLE: Final = {word for words in _BELOW_HUNDRED for word in words} - {"et"}
# A number in words, or a collective with its article; what is no number together is no `count`.
COUNT: Final = (
    r"(?:(?:une? |a |bonne |petite |good )*"
    rf"\b(?:(?:{'|'.join(sorted({*_TIMES, *_SINGLE}, reverse=True))})\b[ -]?(?:(?:et|and) )?)+)"
)


def count(text: str) -> float | None:
    """Read a number in words or digits, or a collective such as "une trentaine".

    >>> count("vingt et un"), count("une trentaine"), count("trois dizaines"), count("dizaines")
    (21.0, 30.0, 30.0, None)
    """
    digits = in_digits(text.strip().lower())
    if digits.isdecimal():
        return float(digits)
    group = re.fullmatch(_GROUP, digits)
    one = 1.0 if digits in ONES else None
    return one if group is None else float(COLLECTIVES[group[1]])


def in_digits(text: str) -> str:
    """Write numbers in words as digits, in plain letters; "un", "one" and collectives stay.

    >>> in_digits("plus de vingt et un morts, une trentaine de blesses")
    'plus de 21 morts, une trentaine de blesses'
    >>> in_digits("mille deux cent quatre-vingt-dix-sept"), in_digits("two or three hundred")
    ('1297', '200 or 300')
    """
    text = re.sub(r"\bhalf(?: a |[ -])dozen\b", "demi-douzaine", text)
    text = _MULTIPLE.sub(_multiply, _SHARED.sub(_share, text))  # "3 mille"
    return _MULTIPLE.sub(_multiply, _CHAIN.sub(_replace, text))  # "deux dizaines"


def _multiply(match: re.Match[str]) -> str:
    return str(int(match[1]) * _TIMES[match[2]]) if match[2] in _TIMES else match[0]


def _share(match: re.Match[str]) -> str:
    """Give both ends of "two or three hundred" their hundred."""
    low, high = (
        int(end) if end.isdecimal() else _BELOW_HUNDRED.get((end,), 0)
        for end in (match["low"], match["high"])
    )
    spans = match["join"].strip() not in {"et", "and"} or match["between"]
    if not spans or not 0 < low < high or match["scale"] not in _TIMES:
        return match[0]
    return f"{match['between'] or ''}{low} {match['scale']}{match['join']}{high} {match['scale']}"


def _replace(chain: re.Match[str]) -> str:
    parts = re.split(r"([ -])", chain[0])
    words, joins = parts[::2], [*parts[1::2], ""]
    written, at = "", 0
    while at < len(words):
        reading = _read(words, at)
        if reading is None or words[at : reading[1]] in [[one] for one in ONES]:
            written += words[at] + joins[at]
            at += 1
        else:
            number, at = reading
            written += f"{number}{joins[at - 1]}"
    return written


_Found = tuple[int, int] | None  # a number, and where it ends


def _read(words: list[str], at: int) -> _Found:
    """Read the longest number that begins at a word."""
    number = _below_thousand(words, at)
    if words[at : at + 2] == ["a", "thousand"]:
        number = 1, at + 1
    elif words[at] in {"mille", "thousand"}:
        number = 1, at
    if number is None or words[number[1] : number[1] + 1] not in (["mille"], ["thousand"]):
        return number
    return _with_rest(1000 * number[0], words, number[1] + 1, _below_thousand)


def _below_thousand(words: list[str], at: int) -> _Found:
    if words[at] == "hundred":
        return 100, at + 1
    number = _small(words, at)
    if words[at] == "cent":
        number = 1, at
    elif words[at : at + 2] == ["a", "hundred"]:
        number = 1, at + 1
    if not number or not number[0] or words[number[1] : number[1] + 1] not in _HUNDREDS:
        return number
    return _with_rest(100 * number[0], words, number[1] + 1, _small)


def _with_rest(
    number: int, words: list[str], at: int, read: Callable[[list[str], int], _Found]
) -> tuple[int, int]:
    """Add what follows the hundreds or thousands, but not the end of a span with "and"."""
    start = at + (words[at : at + 1] == ["and"])
    rest = read(words, start) if start < len(words) else None
    if not rest or not rest[0]:
        return number, at
    if start > at and words[rest[1] : rest[1] + 1] and words[rest[1]] in _SCALES:
        return number, at
    return number + rest[0], rest[1]


def _small(words: list[str], at: int) -> _Found:
    """Read a number below a hundred; "une" of "une trentaine" is none."""
    for end in range(min(at + _LONGEST, len(words)), at, -1):
        number = _BELOW_HUNDRED.get(tuple(words[at:end]))
        one_of = words[end - 1] in ONES and end < len(words) and words[end] in _AFTER_ONE
        if number is not None and not one_of:
            return number, end
    return None
