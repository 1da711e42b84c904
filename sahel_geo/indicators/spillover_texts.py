"""What a summary of spillover says, in French and in English."""

from typing import Final

from sahel_geo.i18n.sentence import Sentence, Texts

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
FEW_WEEKS: Final = Sentence("too few weeks with incidents in one half of the period")
FEW: Final = Sentence("fewer than two incidents")
ONE_SIDE: Final = Sentence("all incidents lie in one country")
ONE_DATE: Final = Sentence("all incidents have one date")

LABELS: Final[dict[str, Sentence]] = {
    "border_area": Sentence("Share of incidents near a border, beside the share of the land"),
    "border_people": Sentence("Share of incidents near a border, beside the share of the people"),
    "neighbours_alike": Sentence("Likeness of neighbours across the border (Moran's I)"),
    "near_repeat": Sentence("Pairs near in space and time across the border (Knox)"),
    "cross_k": Sentence("Nearness in space and time between two countries (cross-K)"),
    "alike_in_time": Sentence(
        "Link between the past of one side and the present of the other (bivariate Moran)"
    ),
    "escalation": Sentence("Escalations across the border"),
    "relocation": Sentence("Relocations across the border"),
    "endemic_epidemic": Sentence("Effect of foreign neighbours (endemic-epidemic model)"),
    "hawkes": Sentence("Share of incidents that follow another country (Hawkes, time)"),
    "hawkes_space": Sentence(
        "Share of incidents that follow another country (Hawkes, space and time)"
    ),
    "connectedness": Sentence(
        "Share of the forecast error that comes from other countries (Diebold-Yilmaz)"
    ),
    "centre": Sentence(
        "Shift of the mean centre of incidents, from the first half of the period to "
        "the second (km)"
    ),
}
TEXTS: Final = Texts(
    {
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
        "counts": (
            "{question}: {all} measures made, {above} above the baseline, {open} not "
            "distinguishable from it, {below} below."
        ),
        "where_only": "No measure tells whether incidents follow each other across the border: no "
        "spillover is claimed.",
        "agree": "At least two kinds of evidence agree ({kinds}): this is compatible with "
        "spillover across the border, and does not prove it.",
        "one": "Only one kind of evidence shows it ({kinds}): no spillover is claimed.",
        "none": "No measure establishes that incidents follow each other across the border more "
        "than place, season and chance would give: no spillover is claimed.",
        "spread": "Of {spread} of the {incidents} incidents only the week, month or year is known; "
        "their day was drawn, since to code them to one day would look like a link.",
        "caution": "These are reported incidents, as precisely as they were located.",
    }
)
