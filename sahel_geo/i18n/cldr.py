"""Numbers, percents, dates, ranges and lists as a language writes them, after the CLDR of Babel.

Babel waits until a language other than English, a date or a list asks for it.
"""

import datetime as dt
import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sahel_geo.i18n.language import ENGLISH

if TYPE_CHECKING:
    from babel import Locale

MINUS: Final = "\N{MINUS SIGN}"
NARROW_SPACE: Final = "\N{NARROW NO-BREAK SPACE}"
# An ordinal, which the patterns of the CLDR do not write; not raised, so that pages, pictures and
# plain text write it alike.
_FIRST_OF_MONTH: Final = {"fr": "1er"}
_ONE: Final = re.compile(r"\b1(?=\s[^\W\d])")
_REGION: Final = {ENGLISH: "en_GB"}  # the English of the code is that of Britain


class Symbols(NamedTuple):
    """The signs that a language writes numbers with."""

    decimal: str
    group: str
    percent: str
    minus: str = MINUS

    @classmethod
    @cache
    def of(cls, lang: str) -> "Symbols":
        """Give a language's signs for decimals, thousands, a percent with its space, and minus.

        >>> Symbols.of("en")
        Symbols(decimal='.', group=',', percent='%', minus='−')
        """
        if lang == ENGLISH:
            return cls(".", ",", "%")
        signs = locale(lang).number_symbols["latn"]
        pattern = str(locale(lang).percent_formats[None].pattern)
        percent = pattern.lstrip("#,0.").replace("\N{NO-BREAK SPACE}", NARROW_SPACE)
        group = signs["group"].replace("\N{NO-BREAK SPACE}", NARROW_SPACE)
        return cls(signs["decimal"], group, percent)


def number(value: Any, spec: str, lang: str) -> str:
    """Write a number as a language does.

    value: Any number that can be formatted.
    spec: As of :func:`format`; ``"%"`` writes a percent. Empty for a number as it was given (a
        year, a row, an argument), which takes no sign for thousands.
    lang: Language.

    >>> number(-0.022, ".3f", "en"), number(-0.022, ".3f", "fr")
    ('−0.022', '−0,022')
    >>> number(1533, ",", "fr") == "1\N{NARROW NO-BREAK SPACE}533"
    True
    >>> number(0.05, ".0%", "en"), number(0.05, ".0%", "fr") == "5\N{NARROW NO-BREAK SPACE}%"
    ('5%', True)
    """
    text = format(value, spec)
    if text.startswith("-") and not text.strip("-0.,%"):  # what is written as 0 has no minus
        text = format(0.0, spec)
    return text if lang == ENGLISH and not spec else signs_of(text, lang)


def signs_of(numbers: str, lang: str) -> str:
    """Give numbers, written as in English and with nothing else, the signs of a language.

    >>> signs_of("0.05", "fr"), signs_of("-2", "en")
    ('0,05', '−2')
    """
    own = Symbols.of(lang)
    signs = (own.group, own.decimal, own.minus, own.percent)
    return numbers.translate(dict(zip(map(ord, ",.-%"), signs, strict=True)))


def decimal(value: float, lang: str, digits: int = 1) -> str:
    """Write a number with so many decimals.

    >>> decimal(28.81, "fr"), decimal(-0.04, "en", 2)
    ('28,8', '−0.04')
    """
    return number(value, f".{digits}f", lang)


def percent(share: float, lang: str, digits: int = 0) -> str:
    """Write a share as a percent.

    >>> percent(0.125, "en", 1)
    '12.5%'
    """
    return number(share, f".{digits}%", lang)


@cache
def locale(lang: str) -> "Locale":
    """Give what the CLDR knows of a language; of English where it does not know the language."""
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415

    try:
        return Locale.parse(_REGION.get(lang, lang))
    except (UnknownLocaleError, ValueError):
        return Locale.parse(_REGION[ENGLISH])


def date(day: dt.date, lang: str, skeleton: str = "yMMMd") -> str:
    """Write a day, or what of it is asked for, as a language does.

    skeleton: What to write, after the CLDR: ``"long"`` with the month in full, ``"yMMMM"`` for
    a month, ``"MMMM"`` for its name alone, ``"yQQQ"`` for a quarter.

    >>> day = dt.date(2019, 9, 3)
    >>> date(day, "fr"), date(day, "en"), date(day, "fr", "yMMMM")
    ('3 sept. 2019', '3 Sept 2019', 'septembre 2019')
    """
    from babel.dates import format_date, format_skeleton  # noqa: PLC0415

    if skeleton in ("long", "MMMM"):
        text = str(format_date(day, {"MMMM": "LLLL"}.get(skeleton, skeleton), locale=locale(lang)))
    else:
        text = str(format_skeleton(skeleton, day, locale=locale(lang), fuzzy=True))
    first = _FIRST_OF_MONTH.get(lang)
    return _ONE.sub(first, text, count=1) if first else text
