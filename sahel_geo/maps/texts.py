"""Words and numbers of the page, in French and in English."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sahel_geo.schema import Language

NARROW_SPACE: Final = "\u202f"
_MINUS: Final = "\u2212"


@dataclass(frozen=True)
class Indicator:
    """How one column of a table of units is named and written.

    Attributes
    ----------
    title : dict of str
        What the number is, by language.
    unit : dict of str
        What it is counted in, by language; empty for a bare number.
    whole : bool
        Whether the values are counts.
    """

    title: Mapping[str, str]
    unit: Mapping[str, str]
    whole: bool = False


def _indicator(fr: str, en: str, unit_fr: str, unit_en: str, *, whole: bool = False) -> Indicator:
    return Indicator({"fr": fr, "en": en}, {"fr": unit_fr, "en": unit_en}, whole)


_PER_AREA: Final = ("pour 1\u202f000 km²", "per 1,000 km²")
_PER_AREA_YEAR: Final = ("pour 1\u202f000 km² et par an", "per 1,000 km² per year")
_PER_HEAD: Final = ("pour 100\u202f000 habitants et par an", "per 100,000 inhabitants per year")
_DEATHS: Final = {
    "low": ("Décès, estimation basse", "Deaths, low estimate"),
    "best": ("Décès, meilleure estimation", "Deaths, best estimate"),
    "high": ("Décès, estimation haute", "Deaths, high estimate"),
}

INDICATORS: Final[dict[str, Indicator]] = {
    "incidents": _indicator("Incidents", "Incidents", "nombre", "number", whole=True),
    "per_1000km2": _indicator("Incidents", "Incidents", *_PER_AREA),
    "per_100k_year": _indicator("Incidents", "Incidents", *_PER_HEAD),
    "incidents_per_1000km2": _indicator("Incidents", "Incidents", *_PER_AREA),
    "incidents_per_100k_year": _indicator("Incidents", "Incidents", *_PER_HEAD),
    "foreign_exposure": _indicator(
        "Incidents chez les voisins étrangers",
        "Incidents in foreign neighbours",
        "moyenne pondérée par la longueur de frontière commune",
        "mean weighted by the length of shared border",
    ),
    "distance_to_border_km": _indicator(
        "Distance à la frontière internationale",
        "Distance to the international border",
        "km",
        "km",
    ),
    "domestic_exposure": _indicator(
        "Incidents chez les voisins du même pays",
        "Incidents in neighbours of the same country",
        "moyenne pondérée par la longueur de limite commune",
        "mean weighted by the length of shared boundary",
    ),
    "risk": _indicator("Indice de risque", "Risk index", "de 0 à 10", "0 to 10"),
    "per_1000km2_year": _indicator("Incidents", "Incidents", *_PER_AREA_YEAR),
    "smoothed_per_100k_year": _indicator(
        "Incidents, taux lissé", "Incidents, smoothed rate", *_PER_HEAD
    ),
    "population": _indicator("Population", "Population", "habitants", "people", whole=True),
    "area_km2": _indicator("Superficie", "Area", "km²", "km²"),
}
for _key, _names in _DEATHS.items():
    INDICATORS[f"fatalities_{_key}"] = _indicator(*_names, "nombre", "number", whole=True)
    INDICATORS[f"fatalities_{_key}_per_1000km2"] = _indicator(*_names, *_PER_AREA)
    INDICATORS[f"fatalities_{_key}_per_100k_year"] = _indicator(*_names, *_PER_HEAD)

PAGE: Final[dict[Language, dict[str, str]]] = {
    "fr": {
        "map": "Carte",
        "legend": "Légende",
        "indicator": "Indicateur",
        "find": "Chercher une unité",
        "find_hint": "Nom ou code",
        "not_found": "Aucune unité de ce nom.",
        "find_several": "Plusieurs unités y répondent\u00a0:",
        "find_near": "Vouliez-vous dire\u00a0:",
        "units": "unités",
        "no_data": "Pas de données",
        "no_data_short": "pas de données",
        "suppressed": "Masqué (1 à {most}, ou protège un tel nombre)",
        "suppressed_short": "masqué",
        "zero": "Zéro",
        "to": "à",
        "border": "Frontière internationale",
        "region": "Limite de région",
        "zone": "Zone",
        "notes": "Notes",
        "sources": "Sources",
        "boundaries": "Limites administratives",
        "context": "Pays voisins",
        "towns": "Localités",
        "classes": "Classes",
        "counts_hint": "À droite : nombre d'unités par classe.",
        "bounds_hint": "La borne supérieure appartient à la classe.",
        "signed_hint": "La borne la plus éloignée de zéro appartient à la classe.",
        "licences": "Textes des licences\u00a0: ",
        "software": "Page : sahel_geo, Leaflet (licence BSD à 2 clauses).",
        "disclaimer": (
            "Les limites, les noms et les appellations de cette carte n'impliquent aucune "
            "reconnaissance officielle."
        ),
        "zoom_in": "Agrandir",
        "zoom_out": "Réduire",
        "reset": "Vue d'ensemble",
        "online": "Le fond de carte a besoin du réseau ; tout le reste s'affiche hors ligne.",
        "no_script": "Cette carte a besoin de JavaScript.",
        "map_hint": (
            "Carte. Flèches : déplacer ; plus et moins : agrandir et réduire ; Entrée : ouvrir "
            "l'unité au centre."
        ),
        "language": "Langue",
        "find_go": "Ouvrir",
        "uncertain": "Estimation incertaine",
        "meeting_point": "Point de trois frontières",
        "whole_period": "Toute la période",
        "time": "Temps",
        "play": "Lecture",
        "pause": "Pause",
        "previous": "Période précédente",
        "next": "Période suivante",
        "step": "Pas",
        "by_day": "par jour",
        "by_week": "par semaine",
        "by_month": "par mois",
        "by_quarter": "par trimestre",
        "by_year": "par année",
        "previous_year": "Année précédente",
        "next_year": "Année suivante",
        "day_one": "1 jour",
        "day_many": "{count} jours",
        "month_one": "1 mois",
        "month_many": "{count} mois",
        "quarter_one": "1 trimestre",
        "quarter_many": "{count} trimestres",
        "without_figure": "{count} sans chiffre",
        "incomplete": "Année incomplète : chiffres manquants",
        "year_sum": "Année : somme de ses {periods}.",
        "year_mean": "Année : moyenne de ses {periods}, pondérée par leurs jours.",
        "common_years": "Mêmes classes pour toutes les années.",
        "no_years": "Cet indicateur n'a pas de valeur annuelle.",
        "years_of": "{title}, par année",
        "light_bars": "Barre claire : année incomplète.",
        "no_series": "Cet indicateur n'est donné que pour toute la période.",
        "common_classes": "Mêmes classes pour toutes les périodes.",
        "week_of": "semaine du {day}",
        "quarter_of": "T{quarter} {year}",
        "close": "Fermer",
        "unit_box": "Unité",
        "rank": "rang {rank} sur {count}",
        "rank_hint": "Rang 1 : la valeur la plus haute.",
        "rank_shown": "Rang parmi les chiffres publiés.",
        "interval": "de {low} à {high}",
        "series_of": "{title}, par période",
        "series_peak": "maximum : {value} ({period})",
        "series_peak_shown": "maximum des chiffres publiés : {value} ({period})",
        "series_hidden": "En pointillé : périodes masquées ({count})",
        "neighbours": "Unités voisines",
        "no_neighbours": "Aucune unité de cette carte ne la touche.",
        "abroad": "autre pays",
        "part_source": "Source",
        "part_period": "Période",
        "part_left_out": "Hors carte",
        "part_limits": "Limites",
        "layers": "Couches",
        "layer_borders": "Frontières",
        "layer_regions": "Limites de région",
        "layer_zone": "Contour de la zone",
        "layer_towns": "Localités",
        "layer_names": "Noms de pays",
        "layer_around": "Pays voisins",
        "layer_points": "Incidents",
        "layer_surface": "Surface de densité",
        "layer_uncertain": "Hachures d'incertitude",
        "points": "Incidents",
        "points_hint": "Taille : décès signalés. Chiffre : nombre d'incidents regroupés.",
        "points_hint_plain": "Chiffre : nombre d'incidents regroupés.",
        "points_moved": "Positions arrondies à {km} km près.",
        "point_exact": "Lieu connu",
        "point_area": "Connu à une unité près",
        "point_wide": "Connu à une région ou un pays près",
        "point_unknown": "Précision inconnue",
        "point_count": "{count} incidents",
        "point_one": "1 incident",
        "point_deaths": "{count} décès signalés",
        "point_no_toll": "{count} sans bilan",
        "locator": "Situation de la vue",
        "save": "Enregistrer",
        "save_png": "Image PNG",
        "save_svg": "Dessin SVG",
        "save_csv": "Tableau CSV",
        "table_saved": "Tableau enregistré.",
        "within": "dans",
        "print": "Imprimer",
        "saved": "Image enregistrée.",
        "limit_zero": "Zéro ne prouve pas le calme.",
        "colon": "\u202f: ",
    },
    "en": {
        "map": "Map",
        "legend": "Legend",
        "indicator": "Indicator",
        "find": "Find a unit",
        "find_hint": "Name or code",
        "not_found": "No unit of that name.",
        "find_several": "Several units match:",
        "find_near": "Did you mean:",
        "units": "units",
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
        "step": "Step",
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
        "part_limits": "Limits",
        "layers": "Layers",
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
        "point_no_toll": "{count} without a toll",
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
    },
}

SCHEME_NAMES: Final[dict[str, dict[Language, str]]] = {
    "quantiles": {"fr": "quantiles", "en": "quantiles"},
    "fisher_jenks": {"fr": "seuils naturels (Fisher-Jenks)", "en": "natural breaks (Fisher-Jenks)"},
    "equal_interval": {"fr": "intervalles égaux", "en": "equal intervals"},
    "head_tail": {"fr": "tête et queue (head/tail)", "en": "head/tail breaks"},
    "log": {"fr": "progression géométrique", "en": "geometric progression"},
    "user": {"fr": "seuils choisis", "en": "chosen breaks"},
}


def format_number(value: float, lang: Language, *, decimals: int = 0) -> str:
    """Write a number the way the language does.

    Examples
    --------
    >>> format_number(1234.5, "en", decimals=1)
    '1,234.5'
    >>> format_number(1234.5, "fr", decimals=1).replace(NARROW_SPACE, "_")
    '1_234,5'
    """
    text = f"{abs(value):,.{decimals}f}"
    if lang == "fr":
        text = text.replace(",", NARROW_SPACE).replace(".", ",")
    is_zero = not any(digit in text for digit in "123456789")
    return text if value >= 0 or is_zero else _MINUS + text


def decimals_for(value: float, significant: int = 3) -> int:
    """Count the decimals that show a number with so many significant digits, at most eight.

    Examples
    --------
    >>> [decimals_for(v) for v in (0.0, 0.01234, 2.345, 87.1, 1234.0)]
    [0, 4, 2, 1, 0]
    """
    if value == 0:
        return 0
    magnitude = math.floor(math.log10(abs(value)))
    return max(0, min(8, significant - 1 - magnitude))


def format_value(value: float, lang: Language, *, whole: bool) -> str:
    """Write one value of an indicator: a count whole, a measure with three significant digits.

    Examples
    --------
    >>> format_value(2.3456, "en", whole=False), format_value(7.0, "fr", whole=True)
    ('2.35', '7')
    """
    return format_number(value, lang, decimals=0 if whole else decimals_for(value))
