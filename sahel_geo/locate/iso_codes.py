"""Codes of ISO 3166-2 as units: regions by number, the provinces of Burkina Faso by letters."""

import re
from typing import Final

from sahel_geo.errors import first_offenders
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.readers.raw import RawTable

_REGIONS: Final = {
    "ML": "Kayes,Koulikoro,Sikasso,Ségou,Mopti,Tombouctou,Gao,Kidal,Ménaka,Taoudénit",
    "NE": "Agadez,Diffa,Dosso,Maradi,Tahoua,Tillabéri,Zinder,Niamey",
    "BF": "Boucle du Mouhoun,Cascades,Centre,Centre-Est,Centre-Nord,Centre-Ouest,Centre-Sud,Est,"
          "Hauts-Bassins,Nord,Plateau-Central,Sahel,Sud-Ouest",
}  # fmt: skip
_PROVINCES: Final = (
    "BAL Balé,BAM Bam,BAN Banwa,BAZ Bazèga,BGR Bougouriba,BLG Boulgou,BLK Boulkiemdé,COM Comoé,"
    "GAN Ganzourgou,GNA Gnagna,GOU Gourma,HOU Houet,IOB Ioba,KAD Kadiogo,KEN Kénédougou,"
    "KMD Komondjari,KMP Kompienga,KOP Koulpélogo,KOS Kossi,KOT Kouritenga,KOW Kourwéogo,LER Léraba,"
    "LOR Loroum,MOU Mouhoun,NAM Namentenga,NAO Nahouri,NAY Nayala,NOU Noumbiel,OUB Oubritenga,"
    "OUD Oudalan,PAS Passoré,PON Poni,SEN Séno,SIS Sissili,SMT Sanmatenga,SNG Sanguié,SOM Soum,"
    "SOR Sourou,TAP Tapoa,TUI Tuy,YAG Yagha,YAT Yatenga,ZIR Ziro,ZON Zondoma,ZOU Zoundwéogo"
)
_NAMES: Final = {
    # Burkina Faso's numbers have two digits: "BF-01"
    f"{country}-{number:0{1 + (country == 'BF')}}": f"Région {name}"
    for country, names in _REGIONS.items()
    for number, name in enumerate(names.split(","), start=1)
} | {"ML-BKO": "Région Bamako"} | {
    f"BF-{code}": f"Province {name}"
    for code, name in (entry.split(" ", 1) for entry in _PROVINCES.split(","))
}  # fmt: skip
_CODE: Final = re.compile(r"(?:ML|NE|BF)-(?:\d{1,2}|[A-Z]{3})")


def name_iso_codes(raw: RawTable) -> list[Sentence]:
    """Write names of units for codes of ISO 3166-2 in a table, where all of a column are codes."""
    notes = []
    for column in raw.names:
        values = raw.column(column)
        codes = {text: str(text).strip().upper() for text in values.dropna().unique()}
        if not codes or not all(map(_CODE.fullmatch, codes.values())):
            continue
        if not any(code in _NAMES for code in codes.values()):
            continue
        names = {text: _NAMES.get(code, code) for text, code in codes.items()}
        raw.replace_column(column, values.map(names, na_action="ignore"))
        notes.append(
            Sentence("{column!r} holds codes of ISO 3166-2, such as {shown}, read as names",
                     column=column, shown=first_offenders(codes.values(), 2))
        )  # fmt: skip
    return notes
