"""Published formats: how UCDP, ACLED, GDELT, GTD and others name columns and code precision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sahel_geo.incidents.columns.countries import FIPS


@dataclass(frozen=True)
class Profile:
    """How one publisher's columns and codes translate into the schema."""

    # name, source: format as the report states it, and the value of the ``source`` column ("" for
    # none)
    name: str
    source: str
    # sets of column names; a file that holds all names of one set has this format
    signature: tuple[frozenset[str], ...]
    columns: Mapping[str, str]  # schema column to the publisher's column
    # location, date: the publisher's precision codes in the schema's terms
    location: Mapping[str, str] = field(default_factory=dict)
    date: Mapping[str, str] = field(default_factory=dict)
    # the publisher's codes of event types
    event_types: Mapping[str, str] = field(default_factory=dict)
    # the publisher's own country codes to ISO 3166-1 alpha-3, where they are of another standard
    countries: Mapping[str, str] = field(default_factory=dict)
    # keep rows whose low, best and high contradict each other, as published, with a note
    trusted_fatalities: bool = False
    missing_numbers: tuple[float, ...] = ()  # what stands for a toll that is not known
    # the rows of the several places of one event all state the toll of the whole
    toll_of_event: bool = False
    # rows with a negative identifier stand for wars that others count, and are no events
    placeholders: bool = False

    @classmethod
    def of(cls, names: Sequence[str]) -> "Profile":
        """Tell the format from the column names.

        >>> Profile.of(["event_id_cnty", "event_date", "country", "fatalities"]).name
        'acled'
        >>> Profile.of(["date", "lieu"]).name
        'table'
        """
        present = {_bare(name) for name in names}
        present |= {name.replace("_", " ") for name in present}  # as packages of R rename them
        for profile in (UCDP, ACLED, GDELT, ICEWS, GTD, SCAD, POLECAT):
            if any(signature <= present for signature in profile.signature):
                return profile
        return TABLE

    def columns_in(self, names: Sequence[str]) -> dict[str, str]:
        """Give the file's own spelling of the publisher's columns that it has."""
        spelled = {_bare(name).replace("_", " "): name for name in reversed(names)}
        spelled |= {_bare(name): name for name in reversed(names)}
        known = {
            target: spelled[column] for target, column in self.columns.items() if column in spelled
        }
        if self is GDELT and "date" not in known and "day" in spelled:
            known["date"] = spelled["day"]
        if self is ACLED:
            if "incident_id" not in known and "data_id" in spelled:
                known["incident_id"] = known["source_id"] = spelled["data_id"]
            if "country" not in known and "iso3" in spelled:
                known["country"] = spelled["iso3"]
        return known


UCDP: Final = Profile(
    name="ucdp-ged",
    source="UCDP GED",
    signature=(
        frozenset({"type_of_violence", "side_a", "side_b", "latitude", "longitude"}),
        frozenset({"where_prec", "date_start", "latitude", "longitude"}),
    ),
    columns={
        "incident_id": "id", "source_id": "id", "date": "date_start", "date_precision": "date_prec",
        "country": "country", "place": "where_coordinates", "admin1": "adm_1", "admin2": "adm_2",
        "lon": "longitude", "lat": "latitude", "location_precision": "where_prec",
        "fatalities_low": "low", "fatalities_best": "best",
        "fatalities_high": "high", "event_type": "type_of_violence", "actor1": "side_a",
        "actor2": "side_b",
    },
    # Code 5 is a line, a fuzzy area or an estimated point. In this region most are a commune or
    # the border of two provinces; the second level contains both without overstating precision.
    location={"1": "exact", "2": "near", "3": "admin2", "4": "admin1", "5": "admin2",
              "6": "country", "7": "unknown"},
    # 1 a day, 2 up to six days, 3 a week known, 4 up to a month, 5 up to a year.
    date={"1": "day", "2": "week", "3": "week", "4": "month", "5": "year"},
    event_types={"1": "state-based", "2": "non-state", "3": "one-sided",
                 "state based violence": "state-based", "non state violence": "non-state",
                 "one sided violence": "one-sided", "state based": "state-based",
                 "non state": "non-state", "one sided": "one-sided",
                 "state based conflict": "state-based", "non state conflict": "non-state"},
    trusted_fatalities=True,
)  # fmt: skip

ACLED: Final = Profile(
    name="acled",
    source="ACLED",
    signature=(
        frozenset({"event_id_cnty", "event_date"}),
        frozenset({"data_id", "event_date", "geo_precision"}),
        frozenset({"event_date", "time_precision", "geo_precision", "sub_event_type"}),
    ),
    columns={
        "incident_id": "event_id_cnty", "source_id": "event_id_cnty", "date": "event_date",
        "date_precision": "time_precision", "country": "country", "place": "location",
        "admin1": "admin1", "admin2": "admin2", "admin3": "admin3", "lon": "longitude",
        "lat": "latitude", "location_precision": "geo_precision",
        "fatalities_best": "fatalities", "event_type": "event_type", "actor1": "actor1",
        "actor2": "actor2",
    },
    # 1 the town named, 2 a point near it or in a part of a region, 3 a larger region.
    location={"1": "exact", "2": "near", "3": "admin1"},
    date={"1": "day", "2": "week", "3": "month"},
)  # fmt: skip

GDELT: Final = Profile(
    name="gdelt",
    source="GDELT events",
    signature=(
        frozenset({"globaleventid", "sqldate", "actiongeo_lat", "actiongeo_long"}),
        frozenset({"globaleventid", "day", "actiongeo_lat", "actiongeo_long"}),
    ),
    columns={
        "incident_id": "globaleventid", "source_id": "globaleventid", "date": "sqldate",
        "country": "actiongeo_countrycode", "place": "actiongeo_fullname",
        "lon": "actiongeo_long", "lat": "actiongeo_lat", "location_precision": "actiongeo_type",
        "event_type": "eventcode", "actor1": "actor1name", "actor2": "actor2name",
    },
    # 1 country, 2 US state, 3 US city, 4 city elsewhere, 5 first level elsewhere. A machine chose
    # the city from the text, so it is near at best.
    location={"1": "country", "2": "admin1", "3": "near", "4": "near", "5": "admin1"},
    countries=FIPS,
)  # fmt: skip


ICEWS: Final = Profile(
    name="icews",
    source="ICEWS",
    signature=(frozenset({"event id", "event date", "cameo code", "source name"}),),
    columns={
        "incident_id": "event id", "source_id": "event id", "date": "event date",
        "country": "country", "place": "city", "admin1": "province", "admin2": "district",
        "lon": "longitude", "lat": "latitude", "event_type": "event text",
        "actor1": "source name", "actor2": "target name",
    },
)  # fmt: skip

GTD: Final = Profile(
    name="gtd",
    source="GTD",
    signature=(frozenset({"eventid", "iyear", "imonth", "iday", "country_txt"}),),
    columns={
        "incident_id": "eventid", "source_id": "eventid", "year": "iyear", "month": "imonth",
        "day": "iday", "country": "country_txt", "place": "city", "admin1": "provstate",
        "lon": "longitude", "lat": "latitude", "location_precision": "specificity",
        "fatalities_best": "nkill", "event_type": "attacktype1_txt", "actor1": "gname",
        "actor2": "target1",
    },
    # 1 the town, 2 and 3 the middle of the smallest unit known, 4 of the region, 5 not known.
    location={"1": "exact", "2": "admin2", "3": "admin2", "4": "admin1", "5": "country"},
    missing_numbers=(-99.0, -9.0),
)  # fmt: skip

SCAD: Final = Profile(
    name="scad",
    source="SCAD",
    signature=(frozenset({"eventid", "countryname", "startdate", "etype", "ndeath"}),),
    columns={
        "incident_id": "id", "source_id": "eventid", "date": "startdate", "country": "countryname",
        "place": "elocal", "lon": "longitude", "lat": "latitude",
        "location_precision": "location_precision", "fatalities_best": "ndeath",
        "event_type": "etype", "actor1": "actor1", "actor2": "target1",
    },
    event_types={"1": "organized demonstration", "2": "spontaneous demonstration",
                 "3": "organized violent riot", "4": "spontaneous violent riot",
                 "5": "general strike", "6": "limited strike", "7": "pro-government violence",
                 "8": "anti-government violence", "9": "extra-government violence",
                 "10": "intra-government violence"},
    missing_numbers=(-99.0, -88.0, -77.0, -9.0),
    toll_of_event=True,
    placeholders=True,
)  # fmt: skip

POLECAT: Final = Profile(
    name="polecat",
    source="POLECAT",
    signature=(frozenset({"event id", "event date", "event type", "placename", "recipient name"}),),
    columns={
        "incident_id": "event id", "source_id": "event id", "date": "event date",
        "country": "country", "place": "placename", "admin1": "province", "admin2": "district",
        "lon": "longitude", "lat": "latitude", "event_type": "event type", "actor1": "actor name",
        "actor2": "recipient name", "location_precision": "feature type",
    },
    # Codes of GeoNames. A machine chose the place from the text, so it is near at best.
    location={"PPL": "near", "PPLA": "near", "PPLA2": "near", "PPLA3": "near", "PPLA4": "near",
              "PPLC": "near", "PPLL": "near", "PPLX": "near", "PPLS": "near", "ADM1": "admin1",
              "ADM2": "admin2", "ADM3": "admin3", "ADMD": "unknown", "PCLI": "country",
              "PCL": "country"},
)  # fmt: skip

TABLE: Final = Profile(
    name="table",
    source="",
    signature=(),
    columns={},
    location={
        "precise": "exact", "exacte": "exact", "gps": "exact",
        "approximate": "near", "approximative": "near", "approximatif": "near", "proche": "near",
        "village": "exact", "localite": "exact", "place": "exact",
        "commune": "admin3", "adm3": "admin3", "cercle": "admin2", "province": "admin2",
        "departement": "admin2", "district": "admin2", "adm2": "admin2", "region": "admin1",
        "adm1": "admin1", "gouvernorat": "admin1", "pays": "country", "adm0": "country",
        "national": "country", "inconnue": "unknown", "inconnu": "unknown",
    },
    date={"jour": "day", "exacte": "day", "exact": "day", "semaine": "week", "mois": "month",
          "annee": "year", "inconnue": "unknown", "inconnu": "unknown"},
)  # fmt: skip


def _bare(name: str) -> str:
    """Give a header in lower case without the mark that begins the first line of some files."""
    return name.strip().removeprefix("#!").strip().lower()
