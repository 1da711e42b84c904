"""The words of the report, in French and in English."""

import datetime as dt
from typing import Final

from sahel_geo.i18n.cldr import date
from sahel_geo.i18n.sentence import Sentence, Texts
from sahel_geo.places.zones import Zone
from sahel_geo.schema import Language

TEXTS: Final = Texts(
    {
        "lead_none": "No incident could be placed on the map; the reasons are below.",
        "brief": "In two pages",
        "brief_title": "The brief",
        "brief_text": (
            "Where now, what changed, which units, what this file cannot see: one file to print "
            "or send."
        ),
        "brief_open": "Open the brief",
        "maps": "The maps",
        "open": "Open the map",
        "offline": "Each map is a single file that opens without a connection.",
        "map_all": "The three countries",
        "map_all_text": (
            "Incidents per 1,000 km² and year {level}, with the counts and the recorded deaths."
        ),
        "map_all_count": "Incidents of the selection {level}, and recorded deaths.",
        "map_zone_text": (
            "The same measure, closer, in the same colour classes: a colour means the same on the "
            "two maps."
        ),
        "map_title": "Incidents by unit, {first} to {last}",
        "zone_title": "{zone}: incidents by unit, {first} to {last}",
        "level_0": "by country",
        "level_1": "by region",
        "level_2": "by cercle, department or province",
        "level_3": "by commune",
        "read_caption": "What was read, placed and set aside",
        "row_read": "Rows read",
        "row_set_aside": "Set aside by the checks",
        "row_kept": "Incidents kept",
        "row_no_coordinates": "without coordinates",
        "row_outside": "outside the three countries",
        "row_coarse": "located too vaguely for this level",
        "row_beyond": "in a country that the file does not speak of",
        "row_undated": "without a date",
        "row_other_period": "outside the period shown",
        "row_mapped": "Incidents on the map",
        "row_differs": "whose stated country is not that of the unit",
        "row_precision": "whose location precision is not stated",
        "countries_caption": "By country and in the zone",
        "col_area": "Territory",
        "col_units": "Units",
        "col_with": "with incidents",
        "col_incidents": "Incidents",
        "col_fatalities": "Recorded deaths",
        "col_rate": "Incidents per 1,000 km² and year",
        "border_caption": "Near a border between two of the three countries",
        "border_text": (
            "Share of incidents within the given distance of the border, beside the share of land "
            "that is as near. Above 1, incidents are more concentrated there than land is; "
            "people, roads and towns may be too. It does not prove that anything spilled over."
        ),
        "border_selection": (
            "This file is a selection of notable incidents, so no share and no comparison of "
            "nearness to borders is computed."
        ),
        "col_border": "Border",
        "col_distance": "Distance",
        "col_incidents_share": "Share of incidents",
        "col_area_share": "Share of land",
        "col_quotient": "Ratio",
        "border_all": "All",
        "limit_zero": "Zero means that nothing is recorded in this file. It is no proof of calm.",
        "limit_rate": (
            "A rate per area compares units of different size. What a person risks is told by a "
            "rate per 100,000 people, where their number is known."
        ),
        "limit_place": (
            "An incident is placed at the point that its source gives. Those known only to an "
            "area larger than the units of the map are not on it; they are counted on the page of "
            "data quality."
        ),
        "limit_safe": "These pages hold no points, only totals by unit.",
        "limit_boundaries": (
            "Boundaries are made consistent from one country to the next; they have no legal "
            "standing and take no position on any line."
        ),
        "zone_definition": "Definition of the zone",
        "sources": "Sources and licences",
        "source_incidents": "Incidents",
        "source_selection": (
            "sahel_geo catalogue of notable incidents, checked row by row against UCDP GED and "
            "the press"
        ),
        "source_boundaries": "Boundaries",
        "source_context": "Neighbouring countries and towns",
        "context_credit": "Natural Earth (public domain); towns: GeoNames (CC BY 4.0)",
        "made_with": "Made with sahel_geo {version}",
        "none": "—",
        "to": "to",
        "col_what": "Step",
        "col_number": "Number",
        "colon": ": ",
    }
)


def format_date(iso: str, lang: Language) -> str:
    """Write a date the way the language does.

    >>> format_date("2024-03-01", "fr").split(), format_date("2024-03-11", "en").split()
    (['1er', 'mars', '2024'], ['11', 'March', '2024'])
    """
    day = dt.date.fromisoformat(iso)
    month = format_month(iso, lang)
    if day.day == 1:
        return Sentence("1 {month}", month=month).say(lang).replace(" ", "\N{NO-BREAK SPACE}", 1)
    return date(day, lang, "long").replace(" ", "\N{NO-BREAK SPACE}")


def format_month(iso: str, lang: Language) -> str:
    """Write the month of a date the way the language does.

    >>> format_month("2024-03-01", "fr").split()
    ['mars', '2024']
    """
    month = date(dt.date.fromisoformat(iso), lang, "yMMMM")
    return month.replace(" ", "\N{NO-BREAK SPACE}")


def zone_title(zone: Zone, lang: Language) -> str:
    """Give the title of a zone in a language."""
    return zone.title_in(lang)
