"""How sources write the names of actors: what surrounds a name, and how several stand in one."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Written:
    """A name as a source writes it, taken apart.

    forms: Keys to look up, the most literal first.
    label: The word of a communal militia (``"fulani"``), or ``""``.
    """

    forms: tuple[str, ...]
    label: str = ""


@cache
def key(text: object) -> str:
    """Give a name without case, accents, apostrophes and marks.

    >>> key("Jama'at Nusrat al-Islam")
    'jamaat nusrat al islam'
    """
    plain = unicodedata.normalize("NFKD", str(text).casefold())
    letters = "".join(c for c in plain if not unicodedata.combining(c) and c not in "'’ʼ`´")
    return " ".join(re.sub(r"[^a-z0-9]+", " ", letters).split())
