"""The words of the command line in French and English, and which of them a person gets."""

import os
import sys
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from sahel_geo.i18n.language import languages, translate
from sahel_geo.i18n.sentence import Texts

LANG_VARIABLE: Final = "SAHEL_GEO_LANG"


if TYPE_CHECKING:

    class Lang(StrEnum):
        """Language of pages and tables."""

        FRENCH = "fr"
        ENGLISH = "en"

else:
    _NAMES = {"fr": "FRENCH", "en": "ENGLISH"}
    Lang = StrEnum("Lang", {_NAMES.get(lang, lang.upper()): lang for lang in languages()})


def help_language() -> Lang:
    """Tell the language of help texts and errors."""
    asked = (os.environ.get(name, "") for name in (LANG_VARIABLE, "LC_ALL", "LC_MESSAGES", "LANG"))
    stated = next((text for text in (_lang_option(sys.argv), *asked) if text), "")
    code = stated.lower()[:2]
    return Lang(code) if code in languages() else Lang.ENGLISH


def _lang_option(arguments: list[str]) -> str:
    """Read ``--lang`` before anything else does: help and errors need it first."""
    for word, after in pairwise([*arguments, ""]):
        if word == "--lang":
            return after
        if word.startswith("--lang="):
            return word.removeprefix("--lang=")
    return ""


def tell(english: str) -> str:
    """Say a text in the language of help texts."""
    return translate(english, help_language().value)


def examples(*lines: str) -> str:
    """Write the examples that end a help text, one a line."""
    # The form feed of \b keeps lines apart in the help.
    return "\b\n" + "\n".join([tell("Examples:"), *(f"  sahel-geo {line}" for line in lines)])


WORDS: Final = Texts(
    {
        "step": "Step",
        "number": "Number",
        "read": "Rows read",
        "set_aside": "  set aside",
        "kept": "Incidents kept",
        "no_coordinates": "  without coordinates",
        "outside": "  outside the three countries",
        "geocoded": "  without coordinates, geocoded",
        "coarse": "  too vague for this level",
        "beyond": "  in a country that the file does not speak of",
        "not_chosen": "  of other kinds or actors",
        "undated": "  without a date",
        "other_period": "  outside the period shown",
        "elsewhere": "  outside the countries that the file names",
        "mapped": "Incidents on the map",
        "placed": "Incidents in a unit",
        "units": "Units",
        "periods": "Periods",
        "rows": "Rows read",
        "matched": "Units recognised",
        "pcode": "  by their code",
        "name": "  by their name",
        "alias": "  by another of their names",
        "word order": "  by another order of words",
        "given": "  coordinates given already",
        "exact": "  by the name itself",
        "alternate": "  by another name",
        "sound": "  by its sound",
        "fuzzy": "  but for a few letters",
        "between": "  between two places",
        "+offset": "at the distance said",
        "+near": "nearby",
        "unit": "  by the unit stated",
        "ambiguous": "  several places possible",
        "too_long": "  text too long for a name",
        "none": "  not found",
        "outside_units": "  outside the units",
        "written": "Written",
        "changed": "This report is not made as the first one was; changed: {what}",
        "reading": "Reading…",
        "examining": "Looking at the installation…",
        "fetching": "Fetching…",
        "locating": "Geocoding…",
        "placing": "Placing…",
        "measuring": "Computing…",
        "drawing": "Maps…",
        "hotspots": "Hot spots…",
        "spillover": "Spillover…",
        "comparison": "Two periods…",
        "forecast": "Forecast…",
        "writing": "Pages and files…",
        "nothing": "No incident could be placed: no map; the index says why.",
        "none_placed": "No incident could be placed.",
        "unusable": "sahel-geo: {error}",
    }
)
