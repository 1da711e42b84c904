"""Keys under which different spellings of one name, or dialects of one P-code, are equal."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

# Words that say what kind of unit a name belongs to.
_KINDS: Final = frozenset([
    "region", "cercle", "commune", "departement", "department", "province", "district",
    "communaute", "arrondissement", "municipality", "municipalite", "gouvernorat",
    "governorate", "urbaine", "rurale", "urban", "rural", "ville",
])  # fmt: skip
_LINKS: Final = frozenset(["de", "du", "des", "d", "la", "le", "les", "l", "of", "the"])
_LIGATURES: Final = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ŋ": "ng", "ɓ": "b", "ɗ": "d"})
_APOSTROPHES: Final = re.compile(r"['’‘`´ʼʻ′]")

# French and English ways to write the same sounds, applied in this order.
_SOUNDS: Final = (
    ("tch", "c"), ("ch", "s"), ("sh", "s"), ("ph", "f"), ("dj", "j"), ("gu", "g"), ("gh", "g"),
    ("kh", "k"), ("ck", "k"), ("ou", "u"), ("oo", "u"), ("w", "u"), ("y", "i"), ("q", "k"),
    ("c", "k"), ("z", "s"), ("h", ""),
)  # fmt: skip

# Spellings in use that no rule above makes equal to the name.
OTHER_SPELLINGS: Final[dict[str, tuple[str, ...]]] = {
    "Tombouctou": ("Timbuktu", "Timbuctoo", "Tombouktou"),
    "Ménaka": ("Minaka", "Meneka"),
    "Taoudénit": ("Taoudeni", "Taoudenni", "Taoudéni"),
    "Kouritenga": ("Kourittenga",),
    "Komondjari": ("Komandjari",),
    "Koulsé": ("Kuilsé", "Kulsé"),
    "Koosin": ("Kossin",),
    "Djôrô": ("Djoro",),
    "Agadez": ("Agades",),
    "Niamey": ("Niamé",),
    "Birni N'Konni": ("Konni",),
    "Dogondoutchi": ("Doutchi",),
    "Guidan Roumdji": ("Groumdji", "Guidan Roumji"),
    "Kantché": ("Matamèye", "Matamaye"),  # its chief town, for which maps name the department
    "Abeïbara": ("Abeibara",),
    "Nioro": ("Nioro du Sahel",),
}

# How many digits each level of a code has, by country, as OCHA writes it.
_DIGITS: Final = {"ML": 2, "NE": 3, "BF": 2}
_LONGEST_KEPT: Final = 200  # letters of a name whose words are kept
_CODE: Final = re.compile(r"^(MLI|ML|NER|NE|BFA|BF)(\d{2,9})$")


def words_of(name: str) -> list[str]:
    """Split a name into plain lower-case words.

    >>> words_of("Cercle de Gourma-Rharous"), words_of("Fada N’Gourma")
    (['gourma', 'rharous'], ['fada', 'ngourma'])
    """
    return list(_words(name) if len(name) <= _LONGEST_KEPT else _words.__wrapped__(name))


@lru_cache(maxsize=8192)  # names of units are asked for again and again, in several spellings
def _words(name: str) -> tuple[str, ...]:
    words = _plain_words(re.sub(r"\([^)]*\)", " ", name))
    start = 0
    while start < len(words) - 1 and words[start] in _KINDS:
        start += 1
    if start:
        while start < len(words) - 1 and words[start] in _LINKS:
            start += 1
    end = len(words)
    while end > start + 1 and words[end - 1] in _KINDS:
        end -= 1
    return tuple(words[start:end])


def _plain_words(text: str) -> list[str]:
    bare = _APOSTROPHES.sub("", unicodedata.normalize("NFKC", text).casefold())
    plain = unicodedata.normalize("NFKD", bare.translate(_LIGATURES))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.findall(r"[^\W_]+", plain)


def _full_key(name: str) -> str:
    """Reduce a name to letters and digits, with words such as *ville de* left in.

    >>> _full_key("Ville de Tahoua"), key("Ville de Tahoua")
    ('villedetahoua', 'tahoua')
    """
    return "".join(_plain_words(name))


def key(name: str) -> str:
    """Reduce a name to letters and digits, in the order of the words.

    >>> key("Fada-Ngourma") == key("FADA N'GOURMA")
    True
    """
    return "".join(words_of(name))


def _sorted_key(name: str) -> str:
    """Reduce a name to its words in alphabetical order.

    >>> _sorted_key("Rharous Gourma")
    'gourma rharous'
    """
    return " ".join(sorted(words_of(name)))


def _sound_key(name: str) -> str:
    """Reduce a name to how it sounds, so that French and English spellings meet.

    >>> _sound_key("Dyunkassi") == _sound_key("Diounkassi")
    True
    """
    text = key(name)
    for written, sound in _SOUNDS:
        text = text.replace(written, sound)
    return re.sub(r"(.)\1+", r"\1", text)


# What two spellings of a name have in common, by the reason an answer gives; the strictest first.
KEYS: Final = {
    "whole name": _full_key,
    "name": key,
    "alias": key,
    "word order": _sorted_key,
    "sound": _sound_key,
}


def pcode_forms(text: str) -> list[str]:
    """Read a text as a P-code and give the ways OCHA may write it.

    >>> pcode_forms("MLI009001"), pcode_forms("NER06-01"), pcode_forms("Gao")
    (['ML009001', 'ML0901'], ['NE0601', 'NE006001'], [])
    """
    match = _CODE.match(re.sub(r"[\s\-_./]", "", text).upper())
    if match is None:
        return []
    country, digits = match[1][:2], match[2]
    forms = [country + digits]
    wanted = _DIGITS[country]
    given = 5 - wanted  # the other of two and three digits
    if len(digits) % given == 0:
        parts = [digits[place : place + given] for place in range(0, len(digits), given)]
        if wanted > given or all(part[0] == "0" for part in parts):
            forms.append(country + "".join(part[-wanted:].zfill(wanted) for part in parts))
    return forms
