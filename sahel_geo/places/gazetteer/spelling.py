"""Three ways to write a place name down, from the strict to the tolerant.

The *plain* form forgets case, accents and punctuation. The *sound* form also forgets how French,
English and Tamasheq transliterations differ for one pronunciation: ``ou`` and ``w``, ``k``, ``q``
and ``c``, ``dj`` and ``j``, ``ch`` and ``s``, doubled letters, the joints of Tamasheq names
(In-Delimane, I-n-Delimane, Indelimane). The *skeleton* keeps the consonants of the sound.
"""

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.arrays import Integers

MAX_NAME: Final = 200  # characters; longer than any name in a gazetteer

_LIGATURES: Final = str.maketrans(
    {"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "đ": "d", "ɛ": "e", "ɔ": "o", "ŋ": "n", "ɲ": "ny",
     "ɓ": "b", "ɗ": "d", "ƴ": "y", "ƙ": "k", "ɣ": "g", "ə": "e", "ǝ": "e", "ʼ": "'", "’": "'",
     "Œ": "oe", "Æ": "ae", "Ɛ": "e", "Ɔ": "o", "Ŋ": "n", "Ɲ": "ny", "Ɓ": "b", "Ɗ": "d"},
)  # fmt: skip
_NOT_WORD: Final = re.compile(r"[^a-z0-9]+")
_PARTICLES: Final = frozenset({"de", "du", "des", "d", "la", "le", "les", "l", "of", "the"})

# Applied in this order to the joined plain form.
_SOUNDS: Final = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"tch|tsh|sch|ch|sh|c(?=[eiy])|z|x", "s"),
        (r"dj|dy(?=[aeiou])|g(?=[eiy])", "j"),
        (r"gu(?=[eiy])", "g"),
        (r"kh|q|c", "k"),
        (r"ph", "f"),
        (r"gh", "g"),
        (r"th", "t"),
        (r"dh", "d"),
        (r"gn|ny|ni(?=[aeou])", "n"),
        (r"m(?=[bp])", "n"),
        (r"ou|oo|w", "u"),
        (r"ai|ei|ay|ey|ae", "e"),
        (r"y|ii|ee", "i"),
        (r"h", ""),
        (r"(.)\1+", r"\1"),
        (r"(?<=[aeiou])e$|(?<=[ndtlrsk])e$", ""),
    )
)


def plain_form(name: str) -> str:
    """Give a name in lower-case letters and digits, words separated by one space.

    >>> plain_form("  Fada N’Gourma ")
    'fada n gourma'
    """
    text = unicodedata.normalize("NFKD", name[:MAX_NAME].translate(_LIGATURES)).lower()
    bare = "".join(char for char in text if not unicodedata.combining(char))
    return _NOT_WORD.sub(" ", bare).strip()


def joined_form(plain: str) -> str:
    """Join the words of a plain name, without the French particles between them.

    >>> joined_form("in delimane"), joined_form("dan de la brousse")
    ('indelimane', 'danbrousse')
    """
    words = plain.split(" ")
    kept = [word for word in words if word not in _PARTICLES]
    return "".join(kept or words)


def sound_form(joined: str) -> str:
    """Give the pronunciation of a joined plain name, whatever the transliteration.

    >>> sound_form("ouagadougou") == sound_form("wagadugu")
    True
    >>> sound_form("djibo"), sound_form("qalawal")
    ('jibo', 'kalaual')
    """
    for pattern, replacement in _SOUNDS:
        joined = pattern.sub(replacement, joined)
    return joined


@dataclass(frozen=True)
class CountryNames:
    """The distinct sounds of one country's places, and which names have each."""

    sounds: list[str]  # sorted
    rows: list[Integers]  # rows of the table of names with that sound


class NameIndex:
    """Lookup tables over the names of a gazetteer.

    names (n rows): ``place``, ``joined`` and ``sound``.
    countries (places,): Country of each place.
    """

    def __init__(self, names: pd.DataFrame, countries: npt.NDArray[Any]) -> None:
        self.place: Integers = names["place"].to_numpy(dtype=np.int64)
        self.joined: list[str] = names["joined"].tolist()
        self.sound: list[str] = names["sound"].tolist()
        self._country = countries[self.place].tolist()
        self._by_joined = _grouped(self._country, self.joined)
        self._by_sound = _grouped(self._country, self.sound)
        self._countries: dict[str, CountryNames] = {}

    def with_spelling(self, joined: str, country: str) -> list[int]:
        """Give the rows of names with this plain spelling in a country."""
        return self._by_joined.get((country, joined), [])

    def with_sound(self, sound: str, country: str) -> list[int]:
        """Give the rows of names with this sound in a country."""
        return self._by_sound.get((country, sound), [])

    def of_country(self, country: str) -> CountryNames:
        """Give the distinct sounds of a country, to be searched for what is close."""
        if country not in self._countries:
            sounds = sorted(
                (sound, rows) for (where, sound), rows in self._by_sound.items() if where == country
            )
            self._countries[country] = CountryNames(
                [sound for sound, _ in sounds], [np.array(rows) for _, rows in sounds]
            )
        return self._countries[country]


def _grouped(countries: list[str], texts: list[str]) -> dict[tuple[str, str], list[int]]:
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row, key in enumerate(zip(countries, texts, strict=True)):
        groups[key].append(row)
    return dict(groups)
