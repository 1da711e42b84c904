"""Sentences written in English that can be said in French as well.

English stands where the sentence is made, so that code can be read; ``french.toml`` holds the same
sentence in French. A test keeps the two together: the same placeholders, and none without French.
"""

import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, Final, Self

from sahel_geo.schema import Language

_FRENCH_NUMBER: Final = str.maketrans({",": "\N{NO-BREAK SPACE}", ".": ","})


class Sentence(str):
    """Text in English, as any ``str``, that knows what it is made of.

    Parameters
    ----------
    english : str
        A sentence with placeholders as of :meth:`str.format`, or without any.
    **parts : object
        What stands in the placeholders. One that is a `Sentence` is said in the same language; a
        number is written as the language does. Without parts the text is taken as it is.

    Examples
    --------
    >>> reason = Sentence("Did you mean {name!r}?", name="Gao")
    >>> reason
    "Did you mean 'Gao'?"
    >>> reason.say("fr")
    "Vouliez-vous dire 'Gao' ?"
    """

    __slots__ = ("english", "parts")
    english: str
    parts: dict[str, Any]

    def __new__(cls, english: str, /, **parts: object) -> Self:
        """Write the sentence in English."""
        made = super().__new__(cls, english.format(**parts).rstrip() if parts else english)
        made.english = english
        made.parts = parts
        return made

    @classmethod
    def of(cls, text: str) -> "Sentence":
        """Take a text as it is."""
        return text if isinstance(text, Sentence) else cls(text)

    def say(self, lang: Language) -> str:
        """Give the sentence in one language."""
        if lang != "fr":
            return str(self)
        french = catalogue().get(self.english, self.english)
        return _InFrench().vformat(french, (), self.parts).rstrip() if self.parts else french


class _InFrench(Formatter):
    """Says sentences within a sentence in French, and writes numbers as French does."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, Sentence):
            return format(value.say("fr"), format_spec)
        text = str(format(value, format_spec))
        return text.translate(_FRENCH_NUMBER) if isinstance(value, float | int) else text


def joined(sentences: Sequence[str], between: str = "; ") -> Sentence:
    """Join sentences into one that can still be said in French.

    Examples
    --------
    >>> joined([Sentence("no date is stated"), Sentence("a picture")]).say("fr")
    "aucune date n'est donnée ; une image"
    """
    places = "{between}".join(f"{{part{position}}}" for position in range(len(sentences)))
    parts = {f"part{position}": text for position, text in enumerate(sentences)}
    return Sentence(places, between=Sentence(between), **parts)


@cache
def catalogue() -> dict[str, str]:
    """Read what every English sentence is in French."""
    texts = tomllib.loads(Path(__file__).with_name("french.toml").read_text(encoding="utf-8"))
    return {each["en"]: each["fr"] for each in texts["sentence"]}
