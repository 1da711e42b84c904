"""Names of countries in every language."""

from typing import Final

from sahel_geo.i18n.language import languages
from sahel_geo.i18n.sentence import Sentence

COUNTRY_NAMES: Final[dict[str, Sentence]] = {
    "MLI": Sentence("Mali"),
    "NER": Sentence("Niger"),
    "BFA": Sentence("Burkina Faso"),
    "DZA": Sentence("Algeria"),
    "MRT": Sentence("Mauritania"),
    "SEN": Sentence("Senegal"),
    "GIN": Sentence("Guinea"),
    "CIV": Sentence("Côte d'Ivoire"),
    "GHA": Sentence("Ghana"),
    "TGO": Sentence("Togo"),
    "BEN": Sentence("Benin"),
    "NGA": Sentence("Nigeria"),
    "TCD": Sentence("Chad"),
    "LBY": Sentence("Libya"),
}

IN_COUNTRY: Final[dict[str, Sentence]] = {
    "MLI": Sentence("in Mali"),
    "NER": Sentence("in Niger"),
    "BFA": Sentence("in Burkina Faso"),
}

# another case in languages that join the preposition to the article
OF_COUNTRY: Final[dict[str, Sentence]] = {
    "MLI": Sentence("Mali", "of"),
    "NER": Sentence("Niger", "of"),
    "BFA": Sentence("Burkina Faso", "of"),
}


def country_name(code: object, lang: str) -> str:
    """Name a country; a code that is not known stands for itself.

    >>> country_name("DZA", "fr"), country_name("XXX", "fr")
    ('Algérie', 'XXX')
    """
    return COUNTRY_NAMES[str(code)].say(lang) if code in COUNTRY_NAMES else str(code)


def spellings(code: object) -> dict[str, str]:
    """List what a country is called, by language; nothing for a code that is not known.

    >>> spellings("TCD")
    {'fr': 'Tchad', 'en': 'Chad'}
    """
    name = COUNTRY_NAMES.get(str(code))
    return {} if name is None else {lang: name.say(lang) for lang in languages()}
