"""The languages that sahel_geo speaks: one catalogue of ``locales/`` each, read when it is needed.

English stands in the code and needs no catalogue. A language is added by one more ``.po``.
"""

import os
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Final

ENGLISH: Final = "en"
DEFAULT: Final = "fr"
FOLDER: Final = Path(__file__).with_name("locales")


@cache
def languages() -> tuple[str, ...]:
    """List the languages (ISO 639-1), English and every catalogue, that of a page by default first.

    >>> languages()
    ('fr', 'en')
    """
    present = {file.stem for file in FOLDER.iterdir() if file.suffix in {".po", ".mo"}}
    return tuple(sorted({ENGLISH, *present}, key=lambda lang: (lang != DEFAULT, lang)))


def translate(english: str, lang: str, context: str = "") -> str:
    """Look a text up in the catalogue of a language, by its context; English where it lacks it.

    >>> translate("Permission denied", "fr"), translate("Permission denied", "xx")
    ('accès refusé', 'Permission denied')
    """
    if lang == ENGLISH or not english:
        return english
    catalogue = _catalogue(lang)
    return catalogue.pgettext(context, english) if context else catalogue.gettext(english)


def translate_plural(one: str, many: str, number: int, lang: str) -> str:
    """Look up the form, with its placeholders, that a text takes for a number."""
    if lang == ENGLISH:
        return one if number == 1 else many
    return _catalogue(lang).ngettext(one, many, number)


@cache
def _catalogue(lang: str) -> NullTranslations:
    """Read a catalogue, compiled where it has changed: a wheel holds compiled ones only."""
    source, compiled = FOLDER / f"{lang}.po", FOLDER / f"{lang}.mo"
    if not source.exists():
        exists = compiled.exists()
        return GNUTranslations(BytesIO(compiled.read_bytes())) if exists else NullTranslations()
    if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
        content = compile_catalogue(source)
        try:
            part = compiled.with_suffix(f".{os.getpid()}")
            part.write_bytes(content)
            part.replace(compiled)
        except OSError:
            return GNUTranslations(BytesIO(content))
    return GNUTranslations(BytesIO(compiled.read_bytes()))


def compile_catalogue(source: Path) -> bytes:
    """Turn a ``.po`` into what gettext reads quickly."""
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415

    content = BytesIO()
    with source.open("rb") as file:
        write_mo(content, read_po(file))
    return content.getvalue()
