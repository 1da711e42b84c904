"""The words of the command line in French and English, and which of them a person gets."""

import os
from enum import StrEnum
from typing import Final

LANG_VARIABLE: Final = "SAHEL_GEO_LANG"


class Lang(StrEnum):
    """Language of pages and tables."""

    FRENCH = "fr"
    ENGLISH = "en"


def help_language() -> Lang:
    """Tell the language of help texts: that of ``SAHEL_GEO_LANG``, or else of the system.

    Returns
    -------
    Lang
        French if either says so, English otherwise.
    """
    for variable in (LANG_VARIABLE, "LC_ALL", "LC_MESSAGES", "LANG"):
        stated = os.environ.get(variable, "")
        if stated:
            return Lang.FRENCH if stated.lower().startswith("fr") else Lang.ENGLISH
    return Lang.ENGLISH


def tell(french: str, english: str) -> str:
    """Choose between two texts by the language of help texts.

    Parameters
    ----------
    french, english : str
        The same text twice.

    Returns
    -------
    str
        One of them.
    """
    return french if help_language() is Lang.FRENCH else english


def examples(*lines: str) -> str:
    """Write the examples that end a help text, one a line.

    Parameters
    ----------
    *lines : str
        Commands to type, without the name of the program.

    Returns
    -------
    str
        A block that the help shows as it is.
    """
    heading = tell("Exemples :", "Examples:")
    # The form feed of \b keeps lines apart in the help.
    return "\b\n" + "\n".join([heading, *(f"  sahel-geo {line}" for line in lines)])


WORDS: Final[dict[str, dict[str, str]]] = {
    "fr": {
        "step": "Étape",
        "number": "Nombre",
        "read": "Lignes lues",
        "set_aside": "  mises de côté",
        "kept": "Incidents retenus",
        "no_coordinates": "  sans coordonnées",
        "outside": "  hors des trois pays",
        "coarse": "  trop vagues pour ce niveau",
        "undated": "  sans date",
        "elsewhere": "  hors des pays que nomme le fichier",
        "mapped": "Incidents sur la carte",
        "placed": "Incidents dans une unité",
        "units": "Unités",
        "periods": "Périodes",
        "rows": "Lignes lues",
        "matched": "Unités reconnues",
        "unmatched": "Lignes sans unité : {shown}. Corrigez les noms ou utilisez les P-codes.",
        "written": "Écrit",
        "too_many": "{share} des lignes sont mises de côté, plus que {limit}.",
        "reading": "Lecture…",
        "locating": "Géocodage…",
        "placing": "Placement…",
        "measuring": "Calculs…",
        "drawing": "Cartes…",
        "hotspots": "Points chauds…",
        "spillover": "Débordement…",
        "comparison": "Deux périodes…",
        "writing": "Pages et fichiers…",
        "nothing": "Aucun incident n'a pu être placé : pas de carte ; l'index dit pourquoi.",
        "none_placed": "Aucun incident n'a pu être placé.",
        "unusable": "sahel-geo : entrée inutilisable (le détail est en anglais) : {error}",
    },
    "en": {
        "step": "Step",
        "number": "Number",
        "read": "Rows read",
        "set_aside": "  set aside",
        "kept": "Incidents kept",
        "no_coordinates": "  without coordinates",
        "outside": "  outside the three countries",
        "coarse": "  too vague for this level",
        "undated": "  without a date",
        "elsewhere": "  outside the countries that the file names",
        "mapped": "Incidents on the map",
        "placed": "Incidents in a unit",
        "units": "Units",
        "periods": "Periods",
        "rows": "Rows read",
        "matched": "Units recognised",
        "unmatched": "Rows without a unit: {shown}. Correct the names, or use P-codes.",
        "written": "Written",
        "too_many": "{share} of the rows are set aside, more than {limit}.",
        "reading": "Reading…",
        "locating": "Geocoding…",
        "placing": "Placing…",
        "measuring": "Computing…",
        "drawing": "Maps…",
        "hotspots": "Hot spots…",
        "spillover": "Spillover…",
        "comparison": "Two periods…",
        "writing": "Pages and files…",
        "nothing": "No incident could be placed: no map; the index says why.",
        "none_placed": "No incident could be placed.",
        "unusable": "sahel-geo: {error}",
    },
}
