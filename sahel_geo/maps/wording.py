"""Texts in one language or in both, and how the page carries them."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from sahel_geo.errors import InputError
from sahel_geo.i18n.language import languages
from sahel_geo.i18n.sentence import Sentence, spoken
from sahel_geo.maps.page.element import clean_text
from sahel_geo.schema import Language

Words: TypeAlias = str | Mapping[str, str] | Mapping[Language, str]


def wording(words: Words, argument: str) -> str | dict[str, str]:
    """Take a text in one language or in both.

    >>> wording({"fr": "Décès", "en": "Deaths"}, "labels")
    {'fr': 'Décès', 'en': 'Deaths'}
    >>> wording({"fr": "Mali", "en": "Mali"}, "labels")
    'Mali'
    """
    if isinstance(words, Sentence):
        return wording(spoken(words), argument)
    if isinstance(words, str):
        return clean_text(words)
    known = isinstance(words, Mapping) and words and set(words) <= set(languages())
    if not known or not all(isinstance(text, str) for text in words.values()):
        raise InputError(
            f"`{argument}` holds {words!r:.200}; expected text, or texts by language such as "
            "{'fr': '...', 'en': '...'}. Give one of them."
        )
    first = next(iter(words.values()))
    given = {str(lang): text for lang, text in words.items()}
    texts = {str(lang): clean_text(given.get(lang, first)) for lang in languages()}
    return texts if len(set(texts.values())) > 1 else next(iter(texts.values()))


def paired(texts: Mapping[Language, Sequence[str]]) -> list[str | dict[str, str]]:
    """Turn lists of texts by language into a list of texts in both languages."""
    rows = zip(*(texts.get(lang, ()) for lang in languages()), strict=True)
    return [wording(dict(zip(languages(), row, strict=True)), "notes") for row in rows]


def said(words: Any, lang: Language) -> str:
    """Say a text in one language."""
    return str(words if isinstance(words, str) else words[lang])
