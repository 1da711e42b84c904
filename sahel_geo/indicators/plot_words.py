"""The words of every plot of a result, in French and in English."""

from typing import Any, Final

from sahel_geo.errors import InputError
from sahel_geo.schema import LANGUAGES, Language

_LONGEST_LABEL: Final = 40  # letters
# What stands on axes, in legends and in titles; names in braces are filled in.
TEXTS: Final[dict[Language, dict[str, str]]] = {
    "fr": {
        "to": "à",
        "colon": " : ",
        "then": "puis",
        "variant": "variante « {name} »",
        "observed": "observé",
        "expected": "attendu",
        "as_recorded": "tel que relevé",
        "links": "liens",
        "shuffles": "{n} cartes mélangées",
        "shuffled_count": "cartes mélangées",
        "shuffle_range": "95 % des cartes mélangées",
        "gi": "Gi* ; en couleur : q ≤ {alpha}",
        "shifted": "séries décalées l'une de l'autre",
        "error_share": "pour cent de l'erreur de prévision à {n} périodes",
        "window_end": "fin d'une fenêtre de {n} périodes",
        "connectedness": "connexion totale, pour cent",
        "received": "{series}, reçu des autres",
        "given": "{series}, donné aux autres",
        "balance": "{series}, solde",
        "total": "Total",
        "deals_places": "95 % des distributions dans les pays",
        "deals_times": "95 % des décalages dans le temps",
        "lag": "Décalage (périodes de l'un à l'autre)",
        "all_periods": "toutes les périodes ensemble",
        "moran": "I de Moran",
        "joined": "Unités reliées",
        "diffusion": "Type de diffusion",
        "nowhere": "nulle part",
        "home_only": "dans le pays\nseulement",
        "abroad_only": "à l'étranger\nseulement",
        "home_abroad": "dans le pays\net à l'étranger",
        "onsets_of": "{onsets} sur {number}",
        "neighbours_before": "Voisins touchés à la période précédente",
        "becoming_active": "Unités frontalières calmes qui s'activent (%)",
        "abroad": "à l'étranger",
        "home": "dans le pays",
        "neighbours": "Voisins",
        "around": "{column} autour de l'unité (moyenne pondérée)",
        "ratio": "taux après / taux avant",
        "in_no_cluster": "dans aucun groupe",
        "shown": "montrés",
        "zero": "zéro",
        "hidden": "masqués",
        "totals": "totaux",
        "cells": "cases",
        "figures": "chiffres",
        "expected_incidents": "incidents attendus par période",
        "part_endemic": "endémique",
        "part_autoregressive": "passé de l'unité",
        "part_domestic": "voisins du pays",
        "part_foreign": "voisins étrangers",
        "followers": "Incidents qui suivent un incident (intervalle à 95 %)",
        "after_one": "après un incident de",
        "follow": "suivent des incidents de",
        "not_known": "inconnu",
        "k_legend": "K(s, t) / (K(s) K(t))\n* hors de l'enveloppe à 95 %",
        "days_most": "jours d'écart, au plus",
        "km_most": "km d'écart, au plus",
        "all_incidents": "tous les incidents",
        "distance": "distance, km",
        "l_less": "L moins la distance, km",
        "bands": "bandes : 95 % des décalages",
        "knox_legend": "paires vues / attendues\n* p ≤ 0,05\n** pour toutes les bandes ensemble",
        "days_apart": "jours d'écart",
        "km_apart": "km d'écart",
        "pairs_all": "toutes les paires",
        "pairs_domestic": "dans un seul pays",
        "pairs_cross_border": "à travers une frontière",
        "pairs_same": "même {by}",
        "pairs_different": "autre {by}",
        "centre_sure": "centre sûrement dans son pays",
        "centre_unsure": "centre peut-être ailleurs",
        "crossing": "passage affirmé",
        "ellipses": "ellipses",
        "longitude": "longitude",
        "latitude": "latitude",
        "draws_range": "{level} % de {n} tirages",
        "draws_mean": "moyenne des tirages",
        "figure": "valeur",
        "not_shown": "({n} plus basses non montrées)",
        "class_share": "part de {n} tirages ; cerné : classe relevée",
        "type_share": "part de {n} tirages par type",
        "type_recorded": "type relevé (cellules)",
        "risk": "risque, de 0 à 10, somme des contributions",
        "settings_range": "{level} % de {n} réglages",
        "rank_computed": "rang calculé",
        "rank": "rang, 1 le plus élevé",
        "any_border": "toute frontière",
        "the_border": "la frontière {border}",
        "in_zone": "{place} (dans la zone)",
        "outside_zone": "{place} (hors de la zone)",
        "period": "Période",
        "border_distance": "Distance à {place} (km), au plus",
        "share_near": "Part à moins de {km} km de {place} (%)",
        "share_within": "Part en deçà de la distance (%)",
        "land": "sol",
        "people": "habitants",
        "incidents": "incidents",
        "fatalities": "décès",
        "lon": "°E",
        "lat": "°N",
    },
    "en": {
        "to": "to",
        "colon": ": ",
        "then": "then",
        "variant": 'variant "{name}"',
        "observed": "observed",
        "expected": "expected",
        "as_recorded": "as recorded",
        "links": "links",
        "shuffles": "{n} shuffled maps",
        "shuffled_count": "shuffled maps",
        "shuffle_range": "95 % of shuffled maps",
        "gi": "Gi*; coloured: q ≤ {alpha}",
        "shifted": "series shifted apart",
        "error_share": "per cent of the forecast error at {n} periods",
        "window_end": "end of a window of {n} periods",
        "connectedness": "total connectedness, per cent",
        "received": "{series} from others",
        "given": "{series} to others",
        "balance": "{series} net",
        "total": "Total",
        "deals_places": "95 % of deals in countries",
        "deals_times": "95 % of shifts in time",
        "lag": "Lag (periods from the one to the other)",
        "all_periods": "all periods together",
        "moran": "Moran's I",
        "joined": "Units linked",
        "diffusion": "Type of diffusion",
        "nowhere": "nowhere",
        "home_only": "at home only",
        "abroad_only": "abroad only",
        "home_abroad": "at home\nand abroad",
        "onsets_of": "{onsets} of {number}",
        "neighbours_before": "Neighbours active in the period before",
        "becoming_active": "Quiet border units that become active (%)",
        "abroad": "abroad",
        "home": "at home",
        "neighbours": "Neighbours",
        "around": "{column} around the unit (weighted mean)",
        "ratio": "rate after / rate before",
        "in_no_cluster": "in no cluster",
        "shown": "shown",
        "zero": "zero",
        "hidden": "hidden",
        "totals": "totals",
        "cells": "cells",
        "figures": "figures",
        "expected_incidents": "expected incidents in a period",
        "part_endemic": "endemic",
        "part_autoregressive": "the unit's own past",
        "part_domestic": "neighbours at home",
        "part_foreign": "neighbours abroad",
        "followers": "Incidents that follow one incident (95 % interval)",
        "after_one": "after one incident of",
        "follow": "follow incidents of",
        "not_known": "not known",
        "k_legend": "K(s, t) / (K(s) K(t))\n* outside the 95 % envelope",
        "days_most": "days apart, at most",
        "km_most": "km apart, at most",
        "all_incidents": "all incidents",
        "distance": "distance, km",
        "l_less": "L less the distance, km",
        "bands": "bands: 95 % of shifts",
        "knox_legend": "pairs seen / expected\n* p ≤ 0.05,  ** for all bands together",
        "days_apart": "days apart",
        "km_apart": "km apart",
        "pairs_all": "all pairs",
        "pairs_domestic": "inside one country",
        "pairs_cross_border": "across a border",
        "pairs_same": "same {by}",
        "pairs_different": "different {by}",
        "centre_sure": "centre surely in its country",
        "centre_unsure": "centre not surely",
        "crossing": "crossing claimed",
        "ellipses": "ellipses",
        "longitude": "longitude",
        "latitude": "latitude",
        "draws_range": "{level} % of {n} draws",
        "draws_mean": "mean of the draws",
        "figure": "figure",
        "not_shown": "({n} lower ones not shown)",
        "class_share": "share of {n} draws; outlined: class as recorded",
        "type_share": "share of {n} draws with each type",
        "type_recorded": "type as recorded (cells)",
        "risk": "risk, 0 to 10, as the sum of the components' contributions",
        "settings_range": "{level} % of {n} settings",
        "rank_computed": "rank as computed",
        "rank": "rank, 1 highest",
        "any_border": "any border",
        "the_border": "the border {border}",
        "in_zone": "{place} (the zone)",
        "outside_zone": "{place} (outside the zone)",
        "period": "Period",
        "border_distance": "Distance to {place} (km), at most",
        "share_near": "Share within {km} km of {place} (%)",
        "share_within": "Share within the distance (%)",
        "land": "land",
        "people": "people",
        "incidents": "incidents",
        "fatalities": "fatalities",
        "lon": "°E",
        "lat": "°N",
    },
}

EMERGING_FRENCH: Final = {
    "new": "nouveau",
    "consecutive": "consécutif",
    "intensifying": "qui s'intensifie",
    "persistent": "persistant",
    "diminishing": "qui s'atténue",
    "sporadic": "sporadique",
    "oscillating": "oscillant",
    "historical": "historique",
}
# What stands in tables, where a plot shows it: classes, kinds of links, measures, columns.
NAMES: Final[dict[str, dict[Language, str]]] = {
    "no answer": {"fr": "sans réponse", "en": "no answer"},
    "hot": {"fr": "point chaud", "en": "hot"},
    "cold": {"fr": "point froid", "en": "cold"},
    "not significant": {"fr": "non significatif", "en": "not significant"},
    "no pattern": {"fr": "sans régularité", "en": "no pattern"},
    **{
        f"{kind} {side} spot": {"fr": f"point {word} {fr}", "en": f"{kind} {side} spot"}
        for side, word in (("hot", "chaud"), ("cold", "froid"))
        for kind, fr in EMERGING_FRENCH.items()
    },
    "unclassed": {"fr": "non classé", "en": "unclassed"},
    "all": {"fr": "tous les voisins", "en": "all neighbours"},
    "domestic": {"fr": "même pays", "en": "same country"},
    "international": {"fr": "à travers une frontière", "en": "across a border"},
    "hit-hit": {"fr": "touchée-touchée", "en": "hit-hit"},
    "hit-quiet": {"fr": "touchée-calme", "en": "hit-quiet"},
    "quiet-hit": {"fr": "calme-touchée", "en": "quiet-hit"},
    "quiet-quiet": {"fr": "calme-calme", "en": "quiet-quiet"},
    "escalation": {"fr": "escalade", "en": "escalation"},
    "relocation": {"fr": "déplacement", "en": "relocation"},
    "Moran's I": {"fr": "I de Moran", "en": "Moran's I"},
    "global G": {"fr": "G global", "en": "global G"},
    "local Moran": {"fr": "Moran local", "en": "local Moran"},
    "country": {"fr": "pays", "en": "country"},
    "actor": {"fr": "acteur", "en": "actor"},
    "actor1": {"fr": "acteur", "en": "actor"},
    "incidents": {"fr": "incidents", "en": "incidents"},
    "fatalities_low": {"fr": "décès, estimation basse", "en": "fatalities, low estimate"},
    "fatalities_best": {"fr": "décès, meilleure estimation", "en": "fatalities, best estimate"},
    "fatalities_high": {"fr": "décès, estimation haute", "en": "fatalities, high estimate"},
    "log relative risk": {"fr": "logarithme du risque relatif", "en": "log relative risk"},
}


def words(lang: Language) -> dict[str, str]:
    """Give the words of plots in a language.

    Examples
    --------
    >>> words("fr")["rank"]
    'rang, 1 le plus élevé'
    """
    if lang not in LANGUAGES:
        raise InputError(f"`lang` is {lang!r}; expected one of {list(LANGUAGES)}. Choose one.")
    return TEXTS[lang]


def name_of(value: Any, lang: Language) -> str:
    """Name what stands in a table; a name that is not of the package goes on one line.

    Examples
    --------
    >>> name_of("no pattern", "fr"), name_of("Gao", "fr")
    ('sans régularité', 'Gao')
    """
    words(lang)
    return NAMES[str(value)][lang] if str(value) in NAMES else label_of(value)


def label_of(text: object) -> str:
    r"""Write a name for a plot: on one line, not too long, and never as mathematics.

    Examples
    --------
    >>> print(label_of("Prix : 5 $\n ou 6 $"))
    Prix : 5 \$ ou 6 \$
    """
    line = " ".join(str(text).split())
    if len(line) > _LONGEST_LABEL:
        line = f"{line[: _LONGEST_LABEL - 1]}…"
    return line.replace("$", r"\$")


def unit_name(unit: str, lang: Language) -> str:
    """Name the unit of a surface.

    Examples
    --------
    >>> unit_name("incidents per km2", "fr"), unit_name("mm of rain", "fr")
    ('incidents par km²', 'mm of rain')
    """
    what, per, rest = unit.partition(" per km2")
    named = NAMES[what][lang] if what in NAMES else what
    if not per or rest:
        return named if not per else unit
    return f"{named} {'par' if lang == 'fr' else 'per'} km²"


def spelled(text: str, lang: Language) -> str:
    r"""Give the numbers of a text, written as in English, the signs of a language.

    Examples
    --------
    >>> spelled("0.05 (1,234)", "fr"), spelled("0.05 (1,234)", "en")
    ('0,05 (1\xa0234)', '0.05 (1,234)')
    """
    return text.replace(",", "\N{NO-BREAK SPACE}").replace(".", ",") if lang == "fr" else text
