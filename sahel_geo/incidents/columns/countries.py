"""Names and codes of countries, in French and English, to ISO 3166-1 alpha-3."""

import re
from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from sahel_geo.incidents.columns.names import plain_name
from sahel_geo.incidents.columns.texts import text_of

# ISO alpha-3: alpha-2, numeric code, and names in French and English as plain words.
_COUNTRIES: Final[dict[str, tuple[str, int, str]]] = {
    "MLI": ("ML", 466, "mali|republique mali|republic mali|مالي"),
    "NER": ("NE", 562, "niger|republique niger|republic niger|النيجر"),
    "BFA": (
        "BF",
        854,
        "burkina faso|burkina|b faso|burkina faso upper volta|haute volta|بوركينا فاسو",
    ),
    "DZA": ("DZ", 12, "algerie|algeria"),
    "MRT": ("MR", 478, "mauritanie|mauritania"),
    "SEN": ("SN", 686, "senegal"),
    "GIN": ("GN", 324, "guinee|guinea|guinee conakry|guinea conakry"),
    "CIV": ("CI", 384, "cote ivoire|ivory coast"),
    "GHA": ("GH", 288, "ghana"),
    "TGO": ("TG", 768, "togo"),
    "BEN": ("BJ", 204, "benin"),
    "NGA": ("NG", 566, "nigeria"),
    "TCD": ("TD", 148, "tchad|chad"),
    "LBY": ("LY", 434, "libye|libya"),
    "CMR": ("CM", 120, "cameroun|cameroon"),
    "CAF": ("CF", 140, "republique centrafricaine|centrafrique|central african republic|rca"),
    "SDN": ("SD", 729, "soudan|sudan"),
    "SSD": ("SS", 728, "soudan sud|south sudan"),
    "GMB": ("GM", 270, "gambie|gambia"),
    "GNB": ("GW", 624, "guinee bissau|guinea bissau"),
    "SLE": ("SL", 694, "sierra leone"),
    "LBR": ("LR", 430, "liberia"),
    "MAR": ("MA", 504, "maroc|morocco"),
    "ESH": ("EH", 732, "sahara occidental|western sahara"),
    "TUN": ("TN", 788, "tunisie|tunisia"),
    "EGY": ("EG", 818, "egypte|egypt"),
    "GAB": ("GA", 266, "gabon"),
    "GNQ": ("GQ", 226, "guinee equatoriale|equatorial guinea"),
    "COG": ("CG", 178, "congo|republique congo|republic congo|congo brazzaville"),
    "COD": (
        "CD",
        180,
        "republique democratique congo|democratic republic congo|dr congo|congo kinshasa|rdc|drc",
    ),
    "ETH": ("ET", 231, "ethiopie|ethiopia"),
    "ERI": ("ER", 232, "erythree|eritrea"),
    "SOM": ("SO", 706, "somalie|somalia"),
    "KEN": ("KE", 404, "kenya"),
    "UGA": ("UG", 800, "ouganda|uganda"),
    "CPV": ("CV", 132, "cap vert|cape verde|cabo verde"),
    "MOZ": ("MZ", 508, "mozambique"),
    "BDI": ("BI", 108, "burundi"),
    "RWA": ("RW", 646, "rwanda"),
    "TZA": ("TZ", 834, "tanzanie|tanzania"),
    "AGO": ("AO", 24, "angola"),
    "ZMB": ("ZM", 894, "zambie|zambia"),
    "ZWE": ("ZW", 716, "zimbabwe"),
    "ZAF": ("ZA", 710, "afrique sud|south africa"),
    "NAM": ("NA", 516, "namibie|namibia"),
    "BWA": ("BW", 72, "botswana"),
    "MWI": ("MW", 454, "malawi"),
    "LSO": ("LS", 426, "lesotho"),
    "SWZ": ("SZ", 748, "eswatini|swaziland"),
    "MDG": ("MG", 450, "madagascar"),
    "DJI": ("DJ", 262, "djibouti"),
    "COM": ("KM", 174, "comores|comoros"),
    "MUS": ("MU", 480, "maurice|mauritius"),
    "SYC": ("SC", 690, "seychelles"),
    "STP": ("ST", 678, "sao tome principe|sao tome et principe|sao tome and principe"),
}  # fmt: skip


def _lookup() -> dict[str, str]:
    table = {}
    for iso3, (iso2, number, names) in _COUNTRIES.items():
        codes = (iso3.lower(), iso2.lower(), str(number), f"{number:03d}")
        table.update(dict.fromkeys([*codes, *names.split("|")], iso3))
    return table


_ISO3: Final = _lookup()


def _known(plain: str) -> str | None:
    """Look a name up, also behind "République" or "Rép. islamique"; longer titles say more."""
    title = re.match(
        r"^(?:rep|republique|republic) (?:islamique |islamic |federale |federal )?", plain
    )
    return _ISO3.get(plain) or (_ISO3.get(plain[title.end() :]) if title else None)


# FIPS 10-4, in which NG is Niger and NI is Nigeria, as GDELT and other American tables use it.
FIPS: Final = {
    "ML": "MLI", "NG": "NER", "UV": "BFA", "AG": "DZA", "MR": "MRT", "SG": "SEN", "GV": "GIN",
    "IV": "CIV", "GH": "GHA", "TO": "TGO", "BN": "BEN", "NI": "NGA", "CD": "TCD", "LY": "LBY",
}  # fmt: skip


# Numbers that stand for countries elsewhere: of telephones, and of Gleditsch and Ward, as UCDP has.
NUMBERED: Final = (
    {"223": "MLI", "227": "NER", "226": "BFA", "234": "NGA", "229": "BEN", "228": "TGO",
     "225": "CIV", "233": "GHA", "221": "SEN", "222": "MRT", "224": "GIN", "235": "TCD",
     "213": "DZA"},
    {"432": "MLI", "436": "NER", "439": "BFA", "475": "NGA", "434": "BEN", "461": "TGO",
     "437": "CIV", "452": "GHA", "433": "SEN", "435": "MRT", "438": "GIN", "483": "TCD",
     "615": "DZA", "620": "LBY"},
)  # fmt: skip


def all_countries(values: "pd.Series[Any]") -> bool:
    """Whether a column of names holds countries and nothing else."""
    texts = [str(text) for text in values.dropna().unique()[:200]]
    named = bool(texts) and all(re.search(r"[^\W\d_]{4}", text) for text in texts)
    return named and not country_codes(pd.Series(texts, dtype=object))[1]


def fips_or_iso(texts: Sequence[str]) -> str:
    """Tell of which standard codes are: ``"FIPS"``, ``"ISO"``, or ``""`` for either.

    >>> fips_or_iso(["ML", "NG", "UV"]), fips_or_iso(["ML", "NE", "NG"]), fips_or_iso(["ML", "NG"])
    ('FIPS', 'ISO', '')
    """
    codes = {text.strip().upper() for text in texts}
    if "NG" not in codes or not all(len(code) == 2 for code in codes):
        return "ISO"
    iso = {iso2 for iso2, _, _ in _COUNTRIES.values()}
    fips_alone, iso_alone = codes & set(FIPS) - iso, codes & iso - set(FIPS)
    if bool(fips_alone) != bool(iso_alone):
        return "FIPS" if fips_alone else "ISO"
    return ""


def country_codes(names: "pd.Series[Any]") -> tuple["pd.Series[Any]", list[str]]:
    """Turn names (French, English) or codes of countries into ISO 3166-1 alpha-3, or missing.

    >>> codes, unknown = country_codes(pd.Series(["Burkina-Faso", "Niger (le)", "NE", "Mordor"]))
    >>> codes.tolist()[:3], unknown
    (['BFA', 'NER', 'NER'], ['Mordor'])
    """
    codes, distinct = pd.factorize(names)
    texts = [str(name) for name in distinct]
    bare = [re.sub(r"\(.*?\)|\.0$", "", text).strip() for text in texts]
    # the code of Ethiopia is a French word that names leave out
    countries = [_known(plain_name(text) or text.lower()) for text in bare]
    unknown = [
        text for text, iso3 in zip(texts, countries, strict=True) if iso3 is None and text.strip()
    ]
    return text_of(codes, [*countries, None]).set_axis(names.index), unknown
