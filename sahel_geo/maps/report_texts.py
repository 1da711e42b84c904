"""The words of the report, in French and in English."""

import datetime as dt
from typing import Final

from sahel_geo.maps.period_names import month_name
from sahel_geo.places.zones import Zone
from sahel_geo.schema import Language

TEXTS: Final[dict[Language, dict[str, str]]] = {
    "fr": {
        "title": "Sahel central : incidents et taux par unité administrative",
        "title_selection": "Sahel central : incidents notables par unité administrative",
        "lead": (
            "{incidents} incidents enregistrés du {first} au {last}, placés dans {units} unités "
            "administratives du Mali, du Niger et du Burkina Faso."
        ),
        "not_covered": (
            "Ce fichier ne nomme aucun incident dans : {countries}. Ces unités sont sans données, "
            "et non à zéro."
        ),
        "lead_none": "Aucun incident n'a pu être placé sur la carte ; les raisons sont ci-dessous.",
        "maps": "Les cartes",
        "open": "Ouvrir la carte",
        "offline": "Chaque carte est un seul fichier, qui s'ouvre sans connexion.",
        "map_all": "Les trois pays",
        "map_all_text": (
            "Incidents pour 1 000 km², {level}, avec les effectifs et les décès enregistrés."
        ),
        "map_all_count": "Incidents de la sélection, {level}, et décès enregistrés.",
        "map_zone_text": (
            "La même mesure, de plus près. Les classes de couleurs sont calculées dans la zone : "
            "une même couleur ne dit pas la même chose sur les deux cartes."
        ),
        "map_title": "Incidents par unité, du {first} au {last}",
        "zone_title": "{zone} : incidents par unité, du {first} au {last}",
        "level_0": "par pays",
        "level_1": "par région",
        "level_2": "par cercle, département ou province",
        "level_3": "par commune",
        "read_caption": "Ce qui a été lu, placé et mis de côté",
        "row_read": "Lignes lues",
        "row_set_aside": "Mises de côté par les contrôles",
        "row_kept": "Incidents retenus",
        "row_no_coordinates": "sans coordonnées",
        "row_outside": "hors des trois pays",
        "row_coarse": "localisés trop vaguement pour ce niveau",
        "row_undated": "sans date",
        "row_mapped": "Incidents sur la carte",
        "row_differs": "dont le pays déclaré n'est pas celui de l'unité",
        "row_precision": "dont la précision de localisation n'est pas indiquée",
        "countries_caption": "Par pays et dans la zone",
        "col_area": "Territoire",
        "col_units": "Unités",
        "col_with": "avec incident",
        "col_incidents": "Incidents",
        "col_fatalities": "Décès enregistrés",
        "col_rate": "Incidents pour 1 000 km²",
        "border_caption": "Près d'une frontière entre deux des trois pays",
        "border_text": (
            "Part des incidents à moins de la distance donnée de la frontière, à côté de la part "
            "du territoire qui en est aussi proche. Au-dessus de 1, les incidents y sont plus "
            "concentrés que la surface ; la population, les routes et les villes s'y concentrent "
            "peut-être aussi. Cela ne prouve aucun débordement d'un pays à l'autre."
        ),
        "border_selection": (
            "Ce fichier est une sélection d'incidents notables : aucune part ni aucune "
            "comparaison de proximité des frontières n'est donc calculée."
        ),
        "col_border": "Frontière",
        "col_distance": "Distance",
        "col_incidents_share": "Part des incidents",
        "col_area_share": "Part de la surface",
        "col_quotient": "Rapport",
        "border_all": "Toutes",
        "limits": "Comment lire ces cartes",
        "limit_zero": (
            "Zéro veut dire : rien d'enregistré dans ce fichier. Ce n'est pas une preuve de calme."
        ),
        "limit_rate": (
            "Un taux par surface compare des unités de taille différente. Il ne dit rien du "
            "risque que court une personne : il faudrait la population."
        ),
        "limit_place": (
            "Un incident est placé au point que donne sa source. Ceux qui ne sont connus qu'à "
            "l'échelle d'une unité plus vaste que celles de la carte n'y figurent pas ; ils sont "
            "comptés à la page de la qualité des données."
        ),
        "limit_safe": "Ces pages ne contiennent aucun point : seulement des totaux par unité.",
        "limit_boundaries": (
            "Les limites sont rendues cohérentes d'un pays à l'autre ; elles n'ont aucune valeur "
            "juridique et n'expriment aucune position sur leur tracé."
        ),
        "zone_definition": "Définition de la zone",
        "sources": "Sources et licences",
        "source_incidents": "Incidents",
        "source_selection": (
            "Catalogue d'incidents notables de sahel_geo, vérifié ligne à ligne dans UCDP GED et "
            "dans la presse"
        ),
        "source_boundaries": "Limites",
        "source_context": "Pays voisins et villes",
        "context_credit": "Natural Earth (domaine public) ; villes : GeoNames (CC BY 4.0)",
        "made_with": "Fait avec sahel_geo {version}",
        "none": "—",
        "to": "à",
        "col_what": "Étape",
        "col_number": "Nombre",
        "colon": " : ",
    },
    "en": {
        "title": "Central Sahel: incidents and rates by administrative unit",
        "title_selection": "Central Sahel: notable incidents by administrative unit",
        "lead": (
            "{incidents} incidents recorded from {first} to {last}, placed in {units} "
            "administrative units of Mali, Niger and Burkina Faso."
        ),
        "not_covered": (
            "This file names no incident in: {countries}. Those units have no data, which is not "
            "zero."
        ),
        "lead_none": "No incident could be placed on the map; the reasons are below.",
        "maps": "The maps",
        "open": "Open the map",
        "offline": "Each map is a single file that opens without a connection.",
        "map_all": "The three countries",
        "map_all_text": "Incidents per 1,000 km² {level}, with the counts and the recorded deaths.",
        "map_all_count": "Incidents of the selection {level}, and recorded deaths.",
        "map_zone_text": (
            "The same measure, closer. Colour classes are computed within the zone: one colour "
            "does not mean the same thing on the two maps."
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
        "row_undated": "without a date",
        "row_mapped": "Incidents on the map",
        "row_differs": "whose stated country is not that of the unit",
        "row_precision": "whose location precision is not stated",
        "countries_caption": "By country and in the zone",
        "col_area": "Territory",
        "col_units": "Units",
        "col_with": "with incidents",
        "col_incidents": "Incidents",
        "col_fatalities": "Recorded deaths",
        "col_rate": "Incidents per 1,000 km²",
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
        "limits": "How to read these maps",
        "limit_zero": "Zero means that nothing is recorded in this file. It is no proof of calm.",
        "limit_rate": (
            "A rate per area compares units of different size. It says nothing about the risk of "
            "a person, for which the population would be needed."
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
    },
}


def format_date(iso: str, lang: Language) -> str:
    """Write a date the way the language does.

    Examples
    --------
    >>> format_date("2024-03-01", "fr").split(), format_date("2024-03-01", "en").split()
    (['1er', 'mars', '2024'], ['1', 'March', '2024'])
    """
    date = dt.date.fromisoformat(iso)
    day = "1er" if lang == "fr" and date.day == 1 else str(date.day)
    return f"{day}\N{NO-BREAK SPACE}{format_month(iso, lang)}"


def format_month(iso: str, lang: Language) -> str:
    """Write the month of a date the way the language does.

    Examples
    --------
    >>> format_month("2024-03-01", "fr").split()
    ['mars', '2024']
    """
    date = dt.date.fromisoformat(iso)
    return f"{month_name(date.month, lang)}\N{NO-BREAK SPACE}{date.year}"


def zone_title(zone: Zone, lang: Language) -> str:
    """Give the title of a zone in a language."""
    return zone.title_fr if lang == "fr" else zone.title_en


def _typeset(text: str) -> str:
    """Keep the space before French double punctuation from breaking a line."""
    for mark in ":;?!":
        text = text.replace(f" {mark}", f"\N{NO-BREAK SPACE}{mark}")
    return text.replace("1 000 km²", "1\N{NARROW NO-BREAK SPACE}000\N{NO-BREAK SPACE}km²")


TEXTS["fr"].update({key: _typeset(text) for key, text in TEXTS["fr"].items()})
