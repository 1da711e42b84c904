"""Column names and enumerations that every part of sahel_geo shares.

A table of *units* has one row per administrative area, a table of *incidents* one row per event, a
*panel* one row per unit and period. The names below are the only ones used for these things.
"""

import os
from typing import Final, Literal, TypeAlias, get_args

Country = Literal["MLI", "NER", "BFA"]
COUNTRIES: Final[tuple[Country, ...]] = get_args(Country)

Level = Literal[0, 1, 2, 3]
LEVELS: Final[tuple[Level, ...]] = get_args(Level)

Language: TypeAlias = str  # a code of ISO 639-1 that there is a catalogue of: "fr", "en"
PathLike: TypeAlias = str | os.PathLike[str]

UNIT_COLUMNS: Final = (
    "unit_id",  # P-code where there is one
    "name",  # French orthography
    "country",  # ISO 3166-1 alpha-3
    "level",  # 0 country, 1 region, 2 cercle / department / province, 3 commune
    "adm1_id",
    "adm1_name",
    "adm2_id",
    "adm2_name",
    "area_km2",  # geodesic, WGS 84
    "source",
    "licence",
    "valid_from",  # first day of the unit in this name and extent; missing where unknown
    "valid_to",  # day it ended; missing while it lasts or where unknown
    "legal_act",  # act that created it; missing where none was found
    "approximate",  # True where the outline in this vintage is a reconstruction
    "geometry",  # EPSG:4326
)

INCIDENT_COLUMNS: Final = (
    "incident_id",
    "date",  # first day of the event, datetime64
    "date_precision",  # one of DATE_PRECISIONS
    "country",  # ISO 3166-1 alpha-3
    "place",
    "admin1",  # region as stated, by name or P-code
    "admin2",  # cercle, department or province
    "admin3",  # commune
    "lon",
    "lat",
    "location_precision",  # one of LOCATION_PRECISIONS
    "fatalities_low",
    "fatalities_best",
    "fatalities_high",
    "event_type",
    "actor1",
    "actor2",
    "source",
    "source_id",
)

FATALITIES: Final = ("fatalities_low", "fatalities_best", "fatalities_high")

DatePrecision = Literal["day", "week", "month", "year", "unknown"]
DATE_PRECISIONS: Final[tuple[DatePrecision, ...]] = get_args(DatePrecision)

LocationPrecision = Literal["exact", "near", "admin3", "admin2", "admin1", "country", "unknown"]
LOCATION_PRECISIONS: Final[tuple[LocationPrecision, ...]] = get_args(LocationPrecision)

Period = Literal["day", "week", "month", "quarter", "year"]
PERIODS: Final[tuple[Period, ...]] = get_args(Period)

# in tables made for publication: the smallest count shown where figures are hidden, else 0
HIDDEN: Final = "suppressed_below"
