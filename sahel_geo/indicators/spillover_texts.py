"""What a summary of spillover says, in French and in English."""

from typing import Final

from sahel_geo.schema import Language

Words = dict[Language, str]

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
        "range_figure": "intervalle du chiffre",
        "range_chance": "ce que donne le hasard",
        "nothing": "Aucune des mesures ne peut être faite avec ces {incidents} incidents : rien à "
        "dire d'un débordement.",
        "counts": "Mesures qui demandent « {question} » : {above} sur {all} au-dessus de leur "
        "référence, {open} ne s'en distinguent pas, {below} au-dessous.",
        "where_only": "Aucune mesure ne dit si des incidents se suivent à travers la frontière : "
        "aucun débordement n'est affirmé.",
        "agree": "Toutes les mesures de « quand » s'accordent : cela est compatible avec un "
        "débordement à travers la frontière, sans le prouver.",
        "mixed": "Les mesures de « quand » ne s'accordent pas : aucun débordement n'est affirmé.",
        "none": "Aucune mesure n'établit que des incidents se suivent à travers la frontière plus "
        "que ne le donnent le lieu, la saison et le hasard : aucun débordement n'est affirmé.",
        "caution": "Il s'agit d'incidents rapportés, à la précision de leur localisation.",
    },
    "en": {
        "where": "where",
        "when": "when",
        "range_figure": "interval of the figure",
        "range_chance": "what chance gives",
        "nothing": "None of the measures can be made with these {incidents} incidents: nothing to "
        "say of spillover.",
        "counts": 'Measures that ask "{question}": {above} of {all} above their baseline, {open} '
        "not distinguishable from it, {below} below.",
        "where_only": "No measure tells whether incidents follow each other across the border: no "
        "spillover is claimed.",
        "agree": 'All measures of "when" agree: this is compatible with spillover across the '
        "border, and does not prove it.",
        "mixed": 'The measures of "when" do not agree: no spillover is claimed.',
        "none": "No measure establishes that incidents follow each other across the border more "
        "than place, season and chance would give: no spillover is claimed.",
        "caution": "These are reported incidents, as precisely as they were located.",
    },
}
