"""Administrative frames: which region and cercle a commune belongs to, and when.

A frame is named by a year. The default one of each country carries OCHA's P-codes. Codes change
their meaning between vintages (ML09 is Bamako in OCHA's table of 2021 and Taoudénit in that of
2025), so a unit of another frame carries a P-code only where it consists of exactly the same
communes; else it has an identifier of the project's own, such as ``MLI-2016-taoudenit`` for a
region and ``MLI-2016-tombouctou-tombouctou`` for a cercle.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

import pandas as pd

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.i18n.countries import spellings
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.schema import COUNTRIES


@dataclass(frozen=True)
class Frame:
    """Where the facts hold the parents of a commune in one vintage."""

    adm1: str  # column of the region's name
    adm2: str  # column of the name of the cercle, department or province


FRAMES: Final[dict[str, dict[str, Frame]]] = {
    "MLI": {
        "2021": Frame("adm1_name", "adm2_name"),
        "2012": Frame("adm1_2012", "adm2_name"),
        "2016": Frame("adm1_2016", "adm2_name"),
        "2023": Frame("adm1_2023", "adm2_2023"),
    },
    "NER": {"2023": Frame("adm1_name", "adm2_name"), "1998": Frame("adm1_name", "adm2_name")},
    "BFA": {"2001": Frame("adm1_name", "adm2_name"), "2025": Frame("adm1_2025", "adm2_2025")},
}

# Niger's department of 1998 from which the law of 2011 took each of its 27 new ones. The towns of
# Maradi, Tahoua and Zinder, urban communities of their own, are counted in the department around
# them, as lists of that time (ACLED, GADM) do.
NIGER_BEFORE_2011: Final = {
    "Aderbissinat": "Tchirozérine", "Iferouane": "Arlit", "Ingall": "Tchirozérine",
    "Bosso": "Diffa", "Goudoumaria": "Maïné Soroa", "N'Gourti": "N'Guigmi",
    "Dioundiou": "Gaya", "Falmey": "Boboye", "Tibiri": "Dogondoutchi",
    "Bermo": "Dakoro", "Gazaoua": "Aguié", "Ville de Maradi": "Madarounfa",
    "Bagaroua": "Illéla", "Malbaza": "Birni N'Konni", "Tassara": "Tchintabaraden",
    "Tillia": "Tchintabaraden", "Ville de Tahoua": "Tahoua", "Abala": "Filingué",
    "Ayerou": "Tillabéri", "Balleyara": "Filingué", "Banibangou": "Ouallam",
    "Bankilaré": "Téra", "Gothèye": "Téra", "Torodi": "Say", "Belbedji": "Tanout",
    "Damagaram Takaya": "Mirriah", "Dungass": "Magaria", "Takeita": "Mirriah",
    "Tesker": "Gouré", "Ville de Zinder": "Mirriah",
}  # fmt: skip


def check_countries(countries: Iterable[str] | str | None) -> list[str]:
    """Resolve a choice of countries.

    >>> check_countries(["bfa", "MLI"])
    ['MLI', 'BFA']
    """
    if countries is None:
        return list(COUNTRIES)
    given = [countries] if isinstance(countries, str) else list(countries)
    codes = [str(code).upper() for code in given]
    unknown = [code for code, upper in zip(given, codes, strict=True) if upper not in COUNTRIES]
    if unknown or not codes:
        raise InputError(
            "`countries` has {number} unknown codes: {shown}; expected one or more of "
            "{known}. {hint}",
            number=len(unknown),
            shown=first_offenders(unknown),
            known=first_offenders(COUNTRIES),
            hint=_country_hint(unknown),
        )
    return [country for country in COUNTRIES if country in codes]


def _country_hint(unknown: list[str]) -> Sentence:
    """Guess the country meant by a name, a two-letter code or a typo."""
    if not unknown:
        return Sentence("Leave it out for all three.")
    spelled = {code: code for code in COUNTRIES} | {"ML": "MLI", "NE": "NER", "BF": "BFA"}
    for code in COUNTRIES:
        spelled |= {name.upper(): code for name in spellings(code).values()}
    near = get_close_matches(str(unknown[0]).upper(), spelled, n=1, cutoff=0.3)
    if near:
        return Sentence("Did you mean {name!r}?", name=spelled[near[0]])
    return Sentence("Use alpha-3 codes.")


def parents_of(
    facts: pd.DataFrame, country: str, vintage: str, *, codes: bool = True
) -> pd.DataFrame:
    """Name and identify the region and the cercle of each commune."""
    frame = FRAMES[country][vintage]
    parents = pd.DataFrame({"adm1_name": facts[frame.adm1]}, index=facts.index)
    parents["adm2_name"] = _district_names(facts, frame, vintage)
    if not codes:
        return parents
    own = f"{country}-{vintage}-" + parents["adm1_name"].map(slug)
    parents["adm1_id"] = _reuse_codes(own, facts["adm1_pcode"])
    own = own + "-" + parents["adm2_name"].map(slug)
    parents["adm2_id"] = _reuse_codes(own, facts["adm2_pcode"])
    return parents


def _district_names(facts: pd.DataFrame, frame: Frame, vintage: str) -> pd.Series:
    """Name the cercle or province of each commune, the way that year had it."""
    names = facts[frame.adm2]
    if vintage == "1998":
        return names.replace(NIGER_BEFORE_2011)
    if vintage == "2012":  # the four cercles of today's Ménaka region were one
        return names.mask(facts["adm1_name"] == "Ménaka", "Ménaka")
    if vintage == "2016":  # the six cercles of Taoudénit cannot be told apart inside Salam
        return names.mask(facts["adm1_2016"] == "Taoudénit", "Taoudénit")
    if vintage == "2023":  # a commune cut by new cercles stays in the cercle it had
        kept = facts["adm2_name"].mask(facts["adm1_2023"] == "Taoudénit", "Taoudénit")
        return names.mask(names == "", kept)
    return names


def _reuse_codes(own: pd.Series, pcodes: pd.Series) -> pd.Series:
    """Put the P-code where a unit has exactly the communes of the coded one."""
    codes_per_unit = pcodes.groupby(own).transform("nunique")
    units_per_code = own.groupby(pcodes).transform("nunique")
    return own.mask((codes_per_unit == 1) & (units_per_code == 1), pcodes)


def slug(name: str) -> str:
    """Reduce a name to lower-case ASCII words joined by hyphens, for identifiers.

    >>> slug("Boucle du Mouhoun"), slug("N'Tillit")
    ('boucle-du-mouhoun', 'n-tillit')
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub("[^a-z0-9]+", "-", plain.lower()).strip("-")
