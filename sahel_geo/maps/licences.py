"""Where the texts of licences are, which most of them ask to be named with the credit."""

from collections.abc import Iterable
from typing import Final

from sahel_geo.i18n.sentence import Sentence
from sahel_geo.schema import Language

_TEXTS: Final = {
    "CC BY 4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC BY 3.0": "https://creativecommons.org/licenses/by/3.0/",
    "CC BY-IGO 3.0": "https://creativecommons.org/licenses/by/3.0/igo/",
    "CC BY 3.0 IGO": "https://creativecommons.org/licenses/by/3.0/igo/",
    "CC BY-SA 4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "CC0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "LGPL-3.0-or-later": "https://www.gnu.org/licenses/lgpl-3.0.html",
    "ODbL 1.0": "https://opendatacommons.org/licenses/odbl/1-0/",
}
_CREDITS: Final = (
    Sentence("edges matched by sahel_geo"),
    Sentence("fitted by sahel_geo"),
    Sentence("thinned by sahel_geo"),
    Sentence("Public Domain"),
)


def credit_in(text: str, lang: Language) -> str:
    """Say a shipped credit in a language; names stay as they are.

    >>> credit_in("Natural Earth 4.1, fitted by sahel_geo (Public Domain)", "fr")
    'Natural Earth 4.1, ajusté par sahel_geo (domaine public)'
    """
    for credit in _CREDITS:
        text = text.replace(credit, credit.say(lang))
    return text


def licence_texts(names: Iterable[object]) -> dict[str, str]:
    """Find the addresses of the licences that are known.

    >>> licence_texts(["CC BY 4.0", "toy", None, "CC BY 4.0"])
    {'CC BY 4.0': 'https://creativecommons.org/licenses/by/4.0/'}
    """
    known = (name for name in names if isinstance(name, str))
    return {name: _TEXTS[name] for name in known if name in _TEXTS}
