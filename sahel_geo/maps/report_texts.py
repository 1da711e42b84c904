"""The words of the report, in French and in English."""

import datetime as dt
from typing import Final

from sahel_geo.i18n.cldr import date
from sahel_geo.i18n.sentence import Texts
from sahel_geo.schema import Language

WORDS: Final = Texts(
    {
        "nav_index": "Overview",
        "nav_zone": "Tri-border",
        "nav_hot": "Hot spots",
        "nav_spillover": "Spillover",
        "nav_comparison": "Two periods",
        "nav_risk": "Risk",
        "nav_quality": "Data quality",
        "nav_methods": "Methods and licences",
        "nav_licences": "Licences",
        "not_claimed": (
            "This page claims nothing: the incidents are a selection, from which no rate, no "
            "trend, no hot spot and no spillover can be concluded. With a complete file it would "
            "give what follows."
        ),
        "safe": (
            "Not published: this page is made of counts some of which are hidden, and could be "
            "worked out from it. The full report holds it."
        ),
        "hidden": "hidden",
        "zone_lead_safe": (
            "{units} units, {first} to {last}. The total of the zone is not published."
        ),
        "zone_order_safe": "By number of incidents; small counts are hidden.",
        "map_hot_spot": "Hot spots (Gi*)",
        "map_emerging": "History of hot spots",
        "promise_hot": (
            "The map of hot and cold spots, and the share of draws of the location error that "
            "confirm them."
        ),
        "promise_history": "The history of each hot spot: new, persistent, historical.",
        "promise_spillover": (
            "Each measure beside its baseline, with its interval and a verdict, in the zone and "
            "in all countries."
        ),
        "promise_comparison": (
            "The units with a clear change, and those of which nothing can be said."
        ),
        "no_incident": "No incident could be placed: nothing to measure.",
        "too_short": "The period is too short for this measure.",
        "too_few": "Too few units for this measure.",
        "no_people": (
            "The number of people by unit is not known for these units. Give a table with --people."
        ),
        "one_country": "All units lie in one country: nothing to compare across a border.",
        "unknown_precision": (
            "The precision of the location is not stated for more than half of the incidents, so "
            "the effect of location error is not measured."
        ),
        "too_many": (
            "Too many incidents or units to draw their places again within the time of a report."
        ),
        "zone_lead": (
            "{incidents} incidents recorded, in {affected} of {units} units, {first} to {last}."
        ),
        "zone_map": "Map of the zone",
        "zone_units": "The units of the zone",
        "zone_order": "By number of incidents. The rank is that of the unit among all {all} units.",
        "zone_order_selection": "By number of incidents of the selection; no rate is computed.",
        "col_unit": "Unit",
        "col_region": "Region",
        "col_country": "Country",
        "col_rank": "Rank",
        "no_zone_incident": "No incident recorded in the zone.",
        "hot_title": "Hot spots and their history",
        "hot_what": (
            "What the page shows: units around which incidents gather more (hot spots) or less "
            "(cold spots) than chance would gather them, and since when."
        ),
        "hot_lead": (
            "Hot spots: {hot}; cold spots: {cold}; in all: {all}. The statistic is "
            "Gi*, with a false-discovery rate of 5%."
        ),
        "hot_map": "Map of hot spots",
        "hot_caption": (
            "Gi* of the number of incidents by unit, {first} to {last}. A hot spot is a "
            "neighbourhood, not a unit: a quiet unit amid violent ones may be one."
        ),
        "no_data": "no data",
        "hot_list": "The units that stand out",
        "short_hot": "Hot spots: {hot}; cold spots: {cold}.",
        "short_refused": "Nothing is claimed here; the page says why.",
        "hot_none": "No unit is significant, either way.",
        "hot_more": "The next {more} are in indicators.csv.",
        "col_kind": "Class",
        "col_z": "z",
        "col_q": "q",
        "col_draws": "Share of draws that keep the class",
        "hot_draws": (
            "The last column: share of {draws} draws of the location error, in which "
            "each incident is put again inside the area that its precision admits, "
            "that give the unit the same class."
        ),
        "hot_counts": (
            "Counts are compared, not rates: a large and populous unit has more incidents than a "
            "small one. These are reported incidents."
        ),
        "emerging_title": "The history of hot spots",
        "emerging_text": (
            "Each unit classed by its {steps}, first to last. A new or consecutive "
            "hot spot deserves attention at once; a historical one is over."
        ),
        "emerging_short": (
            "The period has fewer than ten months, quarters or years: the history of hot spots is "
            "not classed."
        ),
        "step_year": "years",
        "step_quarter": "quarters",
        "step_month": "months",
        "col_number": "Number",
        "col_all_periods": "Incidents of the whole history",
        "col_last_period": "of the last period",
        "col_examples": "Units (incidents)",
        "others": "and {more} others",
        "spillover_title": "Is there spillover across the borders?",
        "spillover_what": (
            "What the page shows: every measure of spillover beside what area, season and chance "
            "would give, its interval, and a verdict."
        ),
        "spillover_all": "The countries of the file",
        "spillover_figure": (
            "Each figure as a multiple of its baseline (vertical line: 1). Grey: what chance gives "
            "in 95% of the draws. Orange: the figure, with its 95% interval where it is known."
        ),
        "col_measure": "Measure",
        "col_question": "Question",
        "col_figure": "Value",
        "col_baseline": "Baseline",
        "col_interval": "Interval",
        "col_range": "Kind of interval",
        "col_p": "p",
        "col_verdict": "Verdict",
        "unmeasured": "Measures that could not be made",
        "spillover_read": "How to read this table",
        "spillover_where_when": (
            '"Where": incidents lie near a border, or neighbours are alike, which cannot be told '
            'from a road, a desert or a distant state. "When": given the places, do incidents '
            "follow each other from one country to the next?"
        ),
        "spillover_verdict": (
            'The verdict is "above" only if the interval leaves out the baseline and q, the share '
            "of false discoveries among all tests made, is at most 5%."
        ),
        "spillover_absence": (
            "Not distinguishable from the baseline is no proof of absence: few incidents on "
            "either side of a border can show little."
        ),
        "spillover_left_out": (
            "With {incidents} incidents, these measures would take too long and are left out: "
            "{names}. sg.spillover.summary gives them."
        ),
        "short_claim_agree": (
            "At least two kinds of measures agree: compatible with spillover, which is no proof "
            "of it."
        ),
        "short_claim_none": "No spillover is claimed. Each measure beside its baseline.",
        "tiny": "< 0.001",
        "comparison_title": "Two periods compared",
        "comparison_what": (
            "What the page shows: units with clearly more, or clearly fewer, incidents than in an "
            "earlier period, and those of which nothing can be said."
        ),
        "comparison_short": (
            "The incidents do not cover two whole calendar years: no comparison by default. State "
            "two periods (before and after in report.toml)."
        ),
        "short_change": "Clearly more incidents: {more}; clearly fewer: {less}.",
        "comparison_figure": (
            "Ratio of rates of the units with most incidents, with its exact 95% interval. Red: "
            "clearly more; blue: clearly fewer; grey: nothing clear. An interval that leaves out 1 "
            "is not enough: incidents that come in bursts make it too narrow, and many units are "
            "compared. A second test, which shuffles the months, must confirm it."
        ),
        "comparison_list": "Before and after, unit by unit",
        "comparison_none": "No clear change.",
        "comparison_map": "Where the change is clear",
        "col_before": "Before",
        "col_after": "After",
        "col_ratio": "Ratio",
        "quality_title": "Quality of the file",
        "quality_lead": "{kept} incidents kept of {read} rows read; {mapped} are on the map.",
        "quality_file": "The file",
        "quality_precision": "Stated precision",
        "quality_unread": (
            "The table was not read by sahel_geo: only the numbers above are known of it."
        ),
        "quality_name": "Name and format",
        "quality_dates": "First and last day",
        "quality_months": "First and last month",
        "quality_countries": "Countries named",
        "quality_no_country": "no country",
        "quality_no_place": "Without coordinates",
        "quality_no_toll": "No death figure",
        "quality_shared": "Incidents that share their point with another",
        "quality_shared_text": (
            "A high share says that places were coded to the centre of a town or unit. No "
            "coordinate is published here."
        ),
        "quality_notes": "Notes of the reader",
        "col_precision": "Precision",
        "col_property": "Property",
        "col_value": "Value",
        "col_place": "Place",
        "col_date": "Date",
        "read_more": "Read the page",
        "findings": "The other pages",
        "more_text_zone": "The units of the zone, one by one.",
        "more_text_forecast": "Where worse is expected, how sure, and how good that has been.",
        "more_text_actors": "Who is named, where they meet, and whether that changed.",
        "more_text_quality": "What was read, placed and set aside, and how precisely.",
        "more_text_methods": "Definitions, formulas, references, versions and seeds.",
        "more_text_licences": "Sources, licences and credits to carry along.",
        "files": "For other programs",
        "files_note": (
            "These files are written beside this page. The links work only if the files come with "
            "it: sahel-geo report --config report.toml writes them again."
        ),
        "file_summary.json": "the figures of these pages",
        "file_indicators.csv": "a row per unit, for a spreadsheet",
        "file_indicators.parquet": "GeoParquet",
        "file_indicators.gpkg": "GeoPackage with styles, for QGIS",
        "file_datapackage.json": "what the columns are, as a Data Package",
        "file_report.toml": "what it takes to make this report again",
        "file_report.zip": "this whole folder, to send",
        "methods_title": "Methods",
        "methods_lead": "What each figure means, how it is computed, and who published it.",
        "made_title": "How this report was made",
        "made_text": (
            "report.toml holds these settings; sahel-geo report --config report.toml makes the "
            "same files again, byte for byte, with the same versions."
        ),
        "made_seed": "Seed of every draw",
        "made_level": "Administrative level",
        "made_versions": "Versions",
        "made_sums": "Checksums (SHA-256)",
        "licences_title": "Data and licences",
        "licences_lead": "The credits to carry along with any map or figure from these pages.",
        "licence_gazetteer": "Towns",
        "licence_gazetteer_text": "GeoNames (CC BY 4.0)",
        "licence_neighbours_text": "Natural Earth (public domain)",
        "licence_code": "Program",
        "licence_code_text": "sahel_geo {version} (MIT licence)",
        "licence_leaflet": "Maps",
        "licence_leaflet_text": (
            "Leaflet 1.9.4 (BSD 2-Clause licence, Volodymyr Agafonkin and contributors)"
        ),
        "licence_ask": (
            "Incidents keep the licence of their source: check that it allows totals to be "
            "published, and cite it."
        ),
        "licence_endorse": (
            "None of these sources endorses this report. Boundaries were made consistent from one "
            "country to the next and have no legal standing."
        ),
        "col_licence": "Licence",
        "col_source": "Source",
        "col_used": "What is used",
        "where": "Where now",
        "changed": "What changed",
        "most": "The units with most incidents",
        "limits": "What this file cannot see",
        "incidents": "incidents",
        "before": "the same days before",
        "deaths": "recorded deaths",
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
        "made_with": "Made with sahel_geo {version}",
        "none": "—",
        "to": "to",
        "col_what": "Step",
        "colon": ": ",
    }
)


def format_date(iso: str, lang: Language, skeleton: str = "long") -> str:
    """Write a date, or its month (``"yMMMM"``), the way the language does.

    >>> format_date("2024-03-01", "fr").split(), format_date("2024-03-11", "en").split()
    (['1er', 'mars', '2024'], ['11', 'March', '2024'])
    >>> format_date("2024-03-01", "fr", "yMMMM").split()
    ['mars', '2024']
    """
    return date(dt.date.fromisoformat(iso), lang, skeleton).replace(" ", "\N{NO-BREAK SPACE}")
