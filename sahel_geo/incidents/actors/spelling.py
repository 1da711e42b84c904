"""How sources write the names of actors: what surrounds a name, and how several stand in one."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Final

_YEARS: Final = re.compile(r"\s*\(\s*\d{4}\s*[-–]\s*(?:\d{4})?\s*\).*$")  # a regime, then a branch
_BRACKETS: Final = re.compile(r"\([^()]*\)")
_ACRONYM_BEFORE: Final = re.compile(r"^\s*([A-Z][A-Z0-9-]{1,11})\s*:\s*(.+)$")
_ACRONYM_AFTER: Final = re.compile(r"^(.+?)\s*\(\s*([A-Z][A-Z0-9-]{1,11})\s*\)\s*$")
_EITHER: Final = re.compile(r"\s+(?:and/or|et/ou|or|ou)\s+|\s*/\s*", re.IGNORECASE)
_BOTH: Final = re.compile(r"\s*,\s*|\s+(?:and|et|with|&)\s+", re.IGNORECASE)
_BRANCH: Final = re.compile(
    r"^((?:Military|Police|Armed|Security) Forces of|Government of)\s+(.+)$", re.IGNORECASE
)
_LABEL: Final = re.compile(
    r"^(?:(.*?)\s*\b(?:ethnic|communal|clan|tribal|community)?\s*militias?\b|(supporters of .+))",
    re.IGNORECASE,
)
_NO_LABEL: Final = re.compile(r"self defen[cs]e|vigilan\w*|auto ?defense|village|local")
# How sure a source is of an attribution; words about a name, and no part of it.
_DOUBT: Final = re.compile(
    r"\b(?:un)?claimed\b|\bsuspected\b|\balleged\b|\bpresumed\b|\bprobable\b|\bat first\b"
    r"|\bnamed by\b.*|\bdenied\b|\brevendiqu\w*|\bnon revendiqu\w*|\bsuspect\w*|\bpr[ée]sum\w*"
    r"|\ball[ée]gu\w*|\bprobables?\b",
    re.IGNORECASE,
)
_SUSPECTED: Final = re.compile(
    r"suspect|alleged|presumed|probable|named by|identified as|présum|allégu", re.IGNORECASE
)
_CLAIMED: Final = re.compile(r"(?<!un)(?<!non )(?:claim|revendiqu)", re.IGNORECASE)
_PREFIXES: Final = {  # by the first word, whatever follows
    "unidentified": "unidentified",
    "unknown": "unidentified",
    "non": "unidentified",
    "civilians": "civilians",
    "civils": "civilians",
    "protesters": "protesters",
    "rioters": "protesters",
}


@dataclass(frozen=True)
class Written:
    """A name as a source writes it, taken apart.

    Attributes
    ----------
    forms : tuple of str
        Keys to look up, the most literal first.
    label : str
        The word of a communal militia (``"fulani"``), or ``""``.
    """

    forms: tuple[str, ...]
    label: str = ""


@cache
def key(text: object) -> str:
    """Give a name without case, accents, apostrophes and marks.

    Examples
    --------
    >>> key("Jama'at Nusrat al-Islam")
    'jamaat nusrat al islam'
    """
    plain = unicodedata.normalize("NFKD", str(text).casefold())
    letters = "".join(c for c in plain if not unicodedata.combining(c) and c not in "'’ʼ`´")
    return " ".join(re.sub(r"[^a-z0-9]+", " ", letters).split())


def forms_of(name: str) -> Written:
    """Give the forms under which one name may be listed.

    Parameters
    ----------
    name : str
        One name, such as ``"Military Forces of Mali (2021-) Gendarmerie"``.

    Returns
    -------
    Written
        Its keys without a regime's years, a country in brackets, an acronym before or after, or
        words of doubt.

    Examples
    --------
    >>> forms_of("Military Forces of Mali (2021-) Gendarmerie").forms[-1]
    'military forces of mali'
    """
    texts = [name, _YEARS.sub("", name)]
    for pattern in (_ACRONYM_BEFORE, _ACRONYM_AFTER):
        match = pattern.match(texts[1])
        texts += match.groups() if match else ()
    bare = _BRACKETS.sub(" ", texts[1])
    sure = _DOUBT.sub(" ", bare)
    texts += [bare, sure, re.sub(r"\battacks?\b.*$", " ", sure)]
    branch = _BRANCH.match(sure.strip())
    if branch and "," not in sure:
        words = branch[2].split()
        texts += [f"{branch[1]} {' '.join(words[:n])}" for n in range(len(words), 0, -1)]
    forms = [key(text) for text in texts]
    first = key(sure).split(" ")[0]
    if first in _PREFIXES:
        forms.append(_PREFIXES[first])
    match = _LABEL.match(sure)
    label = key(match[1] or match[2] or "") if match else ""
    kept = tuple(dict.fromkeys(form for form in forms if form))
    return Written(kept, "" if _NO_LABEL.search(label) else label)


def attribution(name: str) -> str:
    """Tell how sure a source is of a name: ``"claimed"``, ``"suspected"`` or ``""``."""
    if _CLAIMED.search(name):
        return "claimed"
    return "suspected" if _SUSPECTED.search(name) else ""


def in_doubt(name: str) -> list[str]:
    """Cut a name into those of which one or the other acted; the first assertion stands.

    Examples
    --------
    >>> in_doubt("unclaimed; JNIM and/or Ansaroul Islam suspected")
    ['JNIM', 'Ansaroul Islam suspected']
    """
    parts = (part.strip() for part in _outside_brackets(name).split(";"))
    first = next((part for part in parts if key(_DOUBT.sub(" ", part))), name)
    return [part for part in _EITHER.split(first) if key(part)] or [name]


def together(name: str) -> list[str]:
    """Cut a name into those who acted together.

    Examples
    --------
    >>> together("GATIA, MSA")
    ['GATIA', 'MSA']
    """
    return [part for part in _BOTH.split(name) if key(part)] or [name]


def _outside_brackets(name: str) -> str:
    """Drop brackets in which several names or assertions stand."""
    return re.sub(r"\([^()]*[;/][^()]*\)", " ", name)
