"""Sentences written in English that can be said in every language there is a catalogue of.

English stands where the sentence is made, so that code can be read; ``locales/`` holds the same
sentence in other languages, with the same placeholders (``tools/catalogue.py`` checks it).
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from numbers import Real
from string import Formatter
from typing import Any, Final, Self, cast

from sahel_geo.i18n.cldr import date, locale, number
from sahel_geo.i18n.language import ENGLISH, languages, translate, translate_plural


class Sentence(str):
    """Text in English, as any ``str``, that knows what it is made of.

    Parameters
    ----------
    english : str
        A sentence with placeholders as of :meth:`str.format`, or without any.
    context : str
        What tells it from a text that is the same in English and not in another language.
    **parts : object
        What stands in the placeholders. One that is a `Sentence` is said in the same language; a
        number is written as the language does, a date with a specification after the CLDR such as
        ``{day:yMMMd}`` too, and a list with ``{names:standard}`` or ``{names:or}``. Without parts
        the text is taken as it is.

    Examples
    --------
    >>> reason = Sentence("Did you mean {name!r}?", name="Gao")
    >>> reason
    "Did you mean 'Gao'?"
    >>> reason.say("fr")
    "Vouliez-vous dire 'Gao'\u202f?"
    """

    __slots__ = ("context", "english", "parts")
    english: str
    context: str
    parts: dict[str, Any]

    def __new__(cls, english: str, context: str = "", /, **parts: object) -> Self:
        """Write the sentence in English."""
        made = super().__new__(cls, _filled(english, parts, ENGLISH))
        made.english = english
        made.context = context
        made.parts = parts
        return made

    @classmethod
    def of(cls, text: str) -> "Sentence":
        """Take a text as it is: a sentence as itself, another as one without parts."""
        return text if isinstance(text, Sentence) else cls(text)

    def filled(self, **parts: object) -> "Sentence":
        """Give the sentence with what stands in its placeholders."""
        return Sentence(self.english, self.context, **parts)

    def say(self, lang: str) -> str:
        """Give the sentence in one language; in English where the catalogue does not hold it."""
        return _filled(translate(self.english, lang, self.context), self.parts, lang)


class Counted(Sentence):
    """A sentence whose form depends on a number, which stands at ``{count}``, as languages have it.

    >>> Counted("{count} incident", "{count} incidents", count=1)
    '1 incident'
    """

    __slots__ = ("many",)
    many: str

    def __new__(cls, one: str, many: str, /, count: int, **parts: object) -> Self:
        """Write the sentence in English."""
        made = super().__new__(cls, one if count == 1 else many, count=count, **parts)
        made.english, made.many = one, many
        return made

    def counting(self, count: int) -> "Counted":
        """Give the same sentence for another number."""
        return Counted(self.english, self.many, **{**self.parts, "count": count})

    def say(self, lang: str) -> str:
        """Give the sentence in one language."""
        form = translate_plural(self.english, self.many, self.parts["count"], lang)
        return _filled(form, self.parts, lang)

    def __getnewargs_ex__(self) -> tuple[tuple[str, str], dict[str, Any]]:
        return (self.english, self.many), self.parts


class Texts(Mapping[str, Mapping[str, str]]):
    """Texts of a module by a key, each written once, in English.

    >>> words = Texts({"more": "... {number} more"})
    >>> words["fr"]["more"], words["en"]["more"]
    ('... et {number} autres', '... {number} more')
    """

    def __init__(self, english: Mapping[str, str]) -> None:
        self._english = english

    def __getitem__(self, lang: str) -> "TextsInLanguage":
        """Give the texts in one language."""
        return TextsInLanguage(self._english, lang)

    def __iter__(self) -> Iterator[str]:
        return iter(languages())

    def __len__(self) -> int:
        return len(languages())


class TextsInLanguage(Mapping[str, str]):
    """Texts by key in one language, looked up as they are asked for."""

    def __init__(self, english: Mapping[str, str], lang: str) -> None:
        self._english = english
        self._lang = lang

    def __getitem__(self, key: str) -> str:
        """Give a text."""
        return translate(self._english[key], self._lang)

    def __iter__(self) -> Iterator[str]:
        return iter(self._english)

    def __len__(self) -> int:
        return len(self._english)


class _Filler(Formatter):
    """Puts parts into a text: sentences are said in its language, numbers written as it does."""

    def __init__(self, lang: str) -> None:
        self._lang = lang

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, Sentence):
            return format(self._said(value), format_spec)
        if isinstance(value, Real):
            return number(value, format_spec, self._lang)
        if isinstance(value, dt.date) and format_spec and "%" not in format_spec:
            return date(value, self._lang, format_spec)
        if isinstance(value, list | tuple) and format_spec in ("standard", "or", "unit"):
            return _listing((self._said(each) for each in value), self._lang, format_spec)
        return str(format(value, format_spec))

    def _said(self, part: object) -> str:
        return part.say(self._lang) if isinstance(part, Sentence) else str(part)


def _filled(text: str, parts: Mapping[str, Any], lang: str) -> str:
    if not parts:
        return text
    filler = _Filler(lang)
    if lang != ENGLISH:
        text = _elided(text, parts, lang)
    return filler.vformat(text, (), parts).rstrip()


_ELIDED: Final = "[word that is elided before a vowel]"
_VOWELS: Final = frozenset("aeiouyàâäéèêëîïôöûüœ")


def _elided(text: str, parts: Mapping[str, Any], lang: str) -> str:
    """Elide the word of a language that loses its vowel before another, as "de" in French."""
    word = translate(_ELIDED, lang)

    def elide(match: re.Match[str]) -> str:
        part = parts.get(match[2], "")
        first = (part.say(lang) if isinstance(part, Sentence) else str(part))[:1].lower()
        return f"{match[1][:-2]}’{{{match[2]}" if first in _VOWELS else match[0]

    return re.sub(rf"\b({re.escape(word)} )\{{(\w+)", elide, text, flags=re.IGNORECASE)


def spoken(text: str, change: Callable[[str], str] = str) -> dict[str, str]:
    """Give a text in every language, for what chooses one later: a page, a legend.

    >>> spoken(Sentence("Permission denied"))
    {'fr': 'accès refusé', 'en': 'Permission denied'}
    """
    sentence = Sentence.of(text)
    return {lang: change(sentence.say(lang)) for lang in languages()}


def joined(sentences: Sequence[str], between: str = "; ") -> Sentence:
    """Join sentences, or plain text, into one that can still be said in every language.

    >>> joined([Sentence("no date is stated"), Sentence("a picture")]).say("fr")
    'aucune date n’est donnée\u202f; une image'
    """
    if len(sentences) == 1:
        return Sentence.of(sentences[0])
    places = "{between}".join(f"{{part{position}}}" for position in range(len(sentences)))
    parts = {f"part{position}": text for position, text in enumerate(sentences)}
    return Sentence(places, between=Sentence(between), **parts)


def _listing(items: Iterable[str], lang: str, style: str = "standard") -> str:
    """Write a list as a language does.

    >>> _listing(["Mali", "Niger", "Togo"], "fr"), _listing(["Mali", "Niger"], "en", "or")
    ('Mali, Niger et Togo', 'Mali or Niger')
    """
    from babel.lists import format_list  # noqa: PLC0415

    return str(format_list(list(items), cast("Any", style), locale=locale(lang)))
