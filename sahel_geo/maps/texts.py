"""Words and numbers of the page in both languages, and texts of the user in one or both."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from sahel_geo.errors import InputError
from sahel_geo.i18n.cldr import MINUS, number
from sahel_geo.i18n.language import languages
from sahel_geo.i18n.sentence import Sentence, Texts, spoken
from sahel_geo.schema import Language

Words: TypeAlias = str | Mapping[str, str] | Mapping[Language, str]

PartKind: TypeAlias = Literal["event_type", "alliance"]


@dataclass(frozen=True)
class Indicator:
    """How one column of a table of units is named and written."""

    title: Sentence  # what the number is
    unit: Sentence  # what it is counted in; empty for a bare number
    whole: bool = False  # whether the values are counts


_PER_AREA: Final = Sentence("per 1,000 km²")
_PER_AREA_YEAR: Final = Sentence("per 1,000 km² per year")
_PER_HEAD: Final = Sentence("per 100,000 inhabitants per year")
_NUMBER: Final = Sentence("number")
_INCIDENTS: Final = Sentence("Incidents")
_DEATHS: Final = {
    "low": Sentence("Deaths, low estimate"),
    "best": Sentence("Deaths, central estimate"),
    "high": Sentence("Deaths, high estimate"),
}

INDICATORS: Final[dict[str, Indicator]] = {
    "incidents": Indicator(_INCIDENTS, _NUMBER, whole=True),
    "per_1000km2": Indicator(_INCIDENTS, _PER_AREA),
    "per_100k_year": Indicator(_INCIDENTS, _PER_HEAD),
    "incidents_per_1000km2": Indicator(_INCIDENTS, _PER_AREA),
    "incidents_per_100k_year": Indicator(_INCIDENTS, _PER_HEAD),
    "foreign_exposure": Indicator(
        Sentence("Incidents in foreign neighbours"),
        Sentence("mean weighted by the length of shared border"),
    ),
    "distance_to_border_km": Indicator(
        Sentence("Distance to the international border"), Sentence("km")
    ),
    "domestic_exposure": Indicator(
        Sentence("Incidents in neighbours of the same country"),
        Sentence("mean weighted by the length of shared boundary"),
    ),
    "risk": Indicator(Sentence("Risk index"), Sentence("0 to 10")),
    "per_1000km2_year": Indicator(_INCIDENTS, _PER_AREA_YEAR),
    "smoothed_per_100k_year": Indicator(Sentence("Incidents, smoothed rate"), _PER_HEAD),
    "population": Indicator(Sentence("Population"), Sentence("people"), whole=True),
    "area_km2": Indicator(Sentence("Area"), Sentence("km²")),
}
for _key, _name in _DEATHS.items():
    INDICATORS[f"fatalities_{_key}"] = Indicator(_name, _NUMBER, whole=True)
    INDICATORS[f"fatalities_{_key}_per_1000km2"] = Indicator(_name, _PER_AREA)
    INDICATORS[f"fatalities_{_key}_per_100k_year"] = Indicator(_name, _PER_HEAD)

PAGE: Final = Texts(
    {
        "map": "Map",
        "legend": "Legend",
        "indicator": "Indicator",
        "find": "Find a unit",
        "find_hint": "Unit, town or code",
        "not_found": "No unit of that name, and no town.",
        "town": "Town",
        "find_several": "Several units match:",
        "find_near": "Did you mean:",
        "units": "units",
        "units_head": "Units",
        "annotations": "Notes on the map",
        "trend": "Trend",
        "trend_all": "{title}, all units",
        "compare": "Compare two periods",
        "compare_end": "End the comparison",
        "compare_with": "Compare with",
        "divider": "Line between the two periods",
        "side_by_side": "Side by side",
        "pair_of": "{title}: {before} and {after}",
        "all_years": "One map per year",
        "all_periods": "One map per period",
        "share": "Link to this view",
        "copy_link": "Copy the link",
        "copy_embed": "Copy to embed",
        "copied": "Copied.",
        "to_report": "Back to the report",
        "region_name": "Region",
        "country": "Country",
        "no_data": "No data",
        "no_data_short": "no data",
        "suppressed": "Hidden (1 to {most}, or to protect such a count)",
        "suppressed_short": "hidden",
        "zero": "Zero",
        "to": "to",
        "border": "International border",
        "region": "Regional boundary",
        "zone": "Zone",
        "notes": "Notes",
        "sources": "Sources",
        "boundaries": "Administrative boundaries",
        "context": "Neighbouring countries",
        "waters": "Rivers and lakes",
        "towns": "Towns",
        "classes": "Classes",
        "counts_hint": "On the right: number of units per class.",
        "bounds_hint": "The upper bound belongs to the class.",
        "signed_hint": "The bound farther from zero belongs to the class.",
        "licences": "Texts of the licences: ",
        "software": "Page: sahel_geo, Leaflet (BSD 2-Clause licence).",
        "disclaimer": (
            "The boundaries, names and designations on this map do not imply official recognition."
        ),
        "zoom_in": "Zoom in",
        "zoom_out": "Zoom out",
        "reset": "Whole map",
        "online": "The background map needs the network; everything else shows offline.",
        "no_script": "This map needs JavaScript.",
        "map_hint": (
            "Map. Arrow keys pan; plus and minus zoom; Enter opens the unit at the centre."
        ),
        "language": "Language",
        "find_go": "Open",
        "uncertain": "Uncertain estimate",
        "meeting_point": "Where three countries meet",
        "whole_period": "Whole period",
        "time": "Time",
        "play": "Play",
        "pause": "Pause",
        "previous": "Previous period",
        "next": "Next period",
        "step": "Time step",
        "by_day": "by day",
        "by_week": "by week",
        "by_month": "by month",
        "by_quarter": "by quarter",
        "by_year": "by year",
        "previous_year": "Previous year",
        "next_year": "Next year",
        "day_one": "1 day",
        "day_many": "{count} days",
        "month_one": "1 month",
        "month_many": "{count} months",
        "quarter_one": "1 quarter",
        "quarter_many": "{count} quarters",
        "without_figure": "{count} without a figure",
        "incomplete": "Incomplete year: figures missing",
        "year_sum": "Year: sum of its {periods}.",
        "year_mean": "Year: mean of its {periods}, weighted by their days.",
        "common_years": "The same classes for all years.",
        "no_years": "This indicator has no value of a year.",
        "years_of": "{title}, by year",
        "light_bars": "Light bar: incomplete year.",
        "no_series": "This indicator is given for the whole period only.",
        "common_classes": "The same classes for all periods.",
        "week_of": "week of {day}",
        "quarter_of": "Q{quarter} {year}",
        "close": "Close",
        "unit_box": "Unit",
        "rank": "rank {rank} of {count}",
        "rank_hint": "Rank 1: the highest value.",
        "rank_shown": "Rank among the figures shown.",
        "interval": "{low} to {high}",
        "series_of": "{title}, by period",
        "series_peak": "highest: {value} ({period})",
        "series_peak_shown": "highest of the figures shown: {value} ({period})",
        "series_hidden": "Dotted: hidden periods ({count})",
        "neighbours": "Neighbouring units",
        "no_neighbours": "No unit of this map touches it.",
        "abroad": "other country",
        "part_source": "Source",
        "part_period": "Period",
        "part_left_out": "Not on the map",
        "part_limits": "Cautions",
        "layers": "Layers",
        "event_types": "Types of event",
        "which": "Which incidents",
        "which_all": "All incidents",
        "which_event_type": "By kind of event",
        "which_alliance": "By alliance named",
        "layer_borders": "Borders",
        "layer_regions": "Regional boundaries",
        "layer_zone": "Outline of the zone",
        "layer_towns": "Towns",
        "layer_names": "Country names",
        "layer_around": "Neighbouring countries",
        "layer_points": "Incidents",
        "layer_surface": "Density surface",
        "layer_uncertain": "Hatching of uncertainty",
        "points": "Incidents",
        "points_hint": "Size: recorded deaths. Number: incidents grouped.",
        "points_hint_plain": "Number: incidents grouped.",
        "points_moved": "Positions rounded to {km} km.",
        "point_exact": "Place known",
        "point_area": "Known to a unit",
        "point_wide": "Known to a region or country",
        "point_unknown": "Precision unknown",
        "point_count": "{count} incidents",
        "point_one": "1 incident",
        "point_deaths": "{count} recorded deaths",
        "point_no_toll": "{count} with no death figure",
        "locator": "Where the view lies",
        "save": "Save",
        "save_png": "PNG picture",
        "save_svg": "SVG drawing",
        "save_csv": "CSV table",
        "table_saved": "Table saved.",
        "within": "in",
        "print": "Print",
        "saved": "Picture saved.",
        "limit_zero": "Zero is no proof of calm.",
        "colon": ": ",
    }
)

SCHEME_NAMES: Final[dict[str, Sentence]] = {
    "quantiles": Sentence("quantiles"),
    "quantiles_head_tail": Sentence(
        "quantiles; the highest class, whose values differ more than fourfold, is split at their "
        "mean (head/tail breaks)"
    ),
    "fisher_jenks": Sentence("natural breaks (Fisher-Jenks)"),
    "equal_interval": Sentence("equal intervals"),
    "head_tail": Sentence("head/tail breaks"),
    "log": Sentence("geometric progression"),
    "user": Sentence("chosen breaks"),
}


def format_number(value: float, lang: Language, *, decimals: int = 0) -> str:
    """Write a number the way the language does.

    >>> format_number(1234.5, "en", decimals=1)
    '1,234.5'
    >>> format_number(1234.5, "fr", decimals=1).replace("\u202f", "_")
    '1_234,5'
    """
    text = number(abs(value), f",.{decimals}f", lang)
    is_zero = not any(digit in text for digit in "123456789")
    return text if value >= 0 or is_zero else MINUS + text


def decimals_for(value: float, significant: int = 3) -> int:
    """Count the decimals that show a number with so many significant digits, at most eight.

    >>> [decimals_for(v) for v in (0.0, 0.01234, 2.345, 87.1, 1234.0)]
    [0, 4, 2, 1, 0]
    """
    if value == 0:
        return 0
    magnitude = math.floor(math.log10(abs(value)))
    return max(0, min(8, significant - 1 - magnitude))


def clean_text(text: str) -> str:
    """Replace what UTF-8 cannot hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def wording(words: Words, argument: str) -> str | dict[str, str]:
    """Take a text in one language or in both.

    >>> wording({"fr": "Décès", "en": "Deaths"}, "labels")
    {'fr': 'Décès', 'en': 'Deaths'}
    >>> wording({"fr": "Mali", "en": "Mali"}, "labels")
    'Mali'
    """
    if isinstance(words, Sentence):
        return wording(spoken(words), argument)
    if isinstance(words, str):
        return clean_text(words)
    known = isinstance(words, Mapping) and words and set(words) <= set(languages())
    if not known or not all(isinstance(text, str) for text in words.values()):
        raise InputError(
            f"`{argument}` holds {words!r:.200}; expected text, or texts by language such as "
            "{'fr': '...', 'en': '...'}. Give one of them."
        )
    first = next(iter(words.values()))
    given = {str(lang): text for lang, text in words.items()}
    texts = {str(lang): clean_text(given.get(lang, first)) for lang in languages()}
    return texts if len(set(texts.values())) > 1 else next(iter(texts.values()))


def paired(texts: Mapping[Language, Sequence[str]]) -> list[str | dict[str, str]]:
    """Turn lists of texts by language into a list of texts in both languages."""
    rows = zip(*(texts.get(lang, ()) for lang in languages()), strict=True)
    return [wording(dict(zip(languages(), row, strict=True)), "notes") for row in rows]


def said(words: Any, lang: Language) -> str:
    """Say a text in one language."""
    return str(words if isinstance(words, str) else words[lang])
