"""What a summary of spillover says, in French and in English."""

from typing import Final

from sahel_geo.i18n.sentence import Sentence
from sahel_geo.schema import Language

Words = dict[Language, str]

FEW_IN_COUNTRY: Final = Sentence("fewer than ten incidents in one of the countries")
NO_BORDER: Final = Sentence("the units share no international border")
NO_NEIGHBOUR: Final = Sentence("no unit has a foreign neighbour")
NO_PAIR: Final = Sentence("no pair across a border is near in space")
NO_PEOPLE: Final = Sentence("no population was given")
NOTHING: Final = Sentence("nothing to compare with")
POOR: Final = Sentence("the model does not describe these data well: do not quote the share")
MANY_TESTS: Final = Sentence("does not survive the number of tests made")
A_SELECTION: Final = Sentence(
    "a selection of incidents: no share, rate or order may be concluded from it"
)
ONE_COUNTRY: Final = Sentence("the units lie in one country")
FEW_WEEKS: Final = Sentence("too few weeks with incidents in one half of the time")
FEW: Final = Sentence("fewer than two incidents")
ONE_SIDE: Final = Sentence("all incidents lie in one country")
ONE_DATE: Final = Sentence("all incidents have one date")

LABELS: Final[dict[str, Words]] = {
    "border_area": {
        "fr": "Part des incidents près d'une frontière, à côté de la part du sol",
        "en": "Share of incidents near a border, beside the share of the land",
    },
    "border_people": {
        "fr": "Part des incidents près d'une frontière, à côté de la part des habitants",
        "en": "Share of incidents near a border, beside the share of the people",
    },
    "neighbours_alike": {
        "fr": "Ressemblance des voisins de part et d'autre (indice de Moran)",
        "en": "Likeness of neighbours across the border (Moran's I)",
    },
    "near_repeat": {
        "fr": "Paires proches en espace et en temps à travers la frontière (Knox)",
        "en": "Pairs near in space and time across the border (Knox)",
    },
    "cross_k": {
        "fr": "Proximité en espace et en temps entre deux pays (K croisée)",
        "en": "Nearness in space and time between two countries (cross-K)",
    },
    "alike_in_time": {
        "fr": "Mon passé, votre présent, à travers la frontière (Moran bivarié)",
        "en": "My past, your present, across the border (bivariate Moran)",
    },
    "escalation": {
        "fr": "Escalades à travers la frontière",
        "en": "Escalations across the border",
    },
    "relocation": {
        "fr": "Déplacements à travers la frontière",
        "en": "Relocations across the border",
    },
    "endemic_epidemic": {
        "fr": "Effet des voisins étrangers (modèle endémique-épidémique)",
        "en": "Effect of foreign neighbours (endemic-epidemic model)",
    },
    "hawkes": {
        "fr": "Part des incidents qui suivent un autre pays (Hawkes, temps)",
        "en": "Share of incidents that follow another country (Hawkes, time)",
    },
    "hawkes_space": {
        "fr": "Part des incidents qui suivent un autre pays (Hawkes, espace et temps)",
        "en": "Share of incidents that follow another country (Hawkes, space and time)",
    },
    "connectedness": {
        "fr": "Part de l'erreur de prévision qui vient des autres pays (Diebold-Yilmaz)",
        "en": "Share of the forecast error that comes from other countries (Diebold-Yilmaz)",
    },
    "centre": {
        "fr": "Chemin du centre des incidents, d'une moitié de la période à l'autre (km)",
        "en": "Way of the centre of incidents, from one half of the time to the other (km)",
    },
}
VERDICTS: Final[dict[str, Words]] = {
    "above": {"fr": "au-dessus de la référence", "en": "above the baseline"},
    "open": {"fr": "ne s'en distingue pas", "en": "not distinguishable"},
    "below": {"fr": "au-dessous de la référence", "en": "below the baseline"},
    "not measurable": {"fr": "non mesurable", "en": "not measurable"},
}
TEXTS: Final[dict[Language, dict[str, str]]] = {
    "fr": {
        "where": "où",
        "when": "quand",
        "asked_where": "Où sont les incidents",
        "asked_when": "Se suivent-ils d'un pays à l'autre",
        "evidence_pairs": "les paires d'incidents",
        "evidence_units": "les unités de période en période",
        "evidence_process": "le modèle d'enchaînement",
        "and": " et ",
        "axis": "multiple de la référence (en gris : le hasard)",
        "range_figure": "intervalle du chiffre",
        "range_chance": "ce que donne le hasard",
        "nothing": "Aucune des mesures ne peut être faite avec ces {incidents} incidents : rien à "
        "dire d'un débordement.",
        "counts": "{question}, mesures faites : {all}, dont {above} au-dessus de la référence, "
        "{open} sans différence nette, {below} au-dessous.",
        "where_only": "Aucune mesure ne dit si des incidents se suivent à travers la frontière : "
        "aucun débordement n'est affirmé.",
        "agree": "Deux sortes d'indices au moins s'accordent ({kinds}) : cela est compatible avec "
        "un débordement à travers la frontière, sans le prouver.",
        "one": "Une seule sorte d'indices le montre ({kinds}) : aucun débordement n'est affirmé.",
        "none": "Aucune mesure n'établit que des incidents se suivent à travers la frontière plus "
        "que ne le donnent le lieu, la saison et le hasard : aucun débordement n'est affirmé.",
        "caution": "Il s'agit d'incidents rapportés, à la précision de leur localisation.",
    },
    "en": {
        "where": "where",
        "when": "when",
        "asked_where": "Where incidents lie",
        "asked_when": "Whether they follow each other from country to country",
        "evidence_pairs": "pairs of incidents",
        "evidence_units": "units from period to period",
        "evidence_process": "the process model",
        "and": " and ",
        "axis": "multiple of the baseline (grey: chance)",
        "range_figure": "interval of the figure",
        "range_chance": "what chance gives",
        "nothing": "None of the measures can be made with these {incidents} incidents: nothing to "
        "say of spillover.",
        "counts": "{question}, measures made: {all}, of which {above} above the baseline, {open} "
        "not distinguishable from it, {below} below.",
        "where_only": "No measure tells whether incidents follow each other across the border: no "
        "spillover is claimed.",
        "agree": "At least two kinds of evidence agree ({kinds}): this is compatible with "
        "spillover across the border, and does not prove it.",
        "one": "Only one kind of evidence shows it ({kinds}): no spillover is claimed.",
        "none": "No measure establishes that incidents follow each other across the border more "
        "than place, season and chance would give: no spillover is claimed.",
        "caution": "These are reported incidents, as precisely as they were located.",
    },
}
