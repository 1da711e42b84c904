"""The words of every plot of a result, in French and in English."""

from collections.abc import Mapping
from typing import Any, Final

from sahel_geo.errors import require_language
from sahel_geo.i18n.classes import class_name
from sahel_geo.i18n.cldr import Symbols
from sahel_geo.i18n.sentence import Sentence, Texts
from sahel_geo.schema import Language

_LONGEST_LABEL: Final = 40  # letters
# What stands on axes, in legends and in titles; names in braces are filled in.
TEXTS: Final = Texts(
    {
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
        "shuffle_range": "95% of shuffled maps",
        "gi": "Gi*; coloured: q ≤ {alpha}",
        "shifted": "series shifted apart",
        "error_share": "per cent of the forecast error at {n} periods",
        "window_end": "end of a window of {n} periods",
        "connectedness": "total connectedness, per cent",
        "received": "{series} from others",
        "given": "{series} to others",
        "balance": "{series} net",
        "total": "Total",
        "deals_places": "95% of deals in countries",
        "deals_times": "95% of shifts in time",
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
        "followers": "Incidents that follow one incident (95% interval)",
        "after_one": "after one incident of",
        "follow": "follow incidents of",
        "not_known": "not known",
        "k_legend": "K(s, t) / (K(s) K(t))\n* outside the 95% envelope",
        "days_most": "days apart, at most",
        "km_most": "km apart, at most",
        "all_incidents": "all incidents",
        "distance": "distance, km",
        "l_less": "L less the distance, km",
        "bands": "bands: 95% of shifts",
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
        "draws_range": "{level}% of {n} draws",
        "draws_mean": "mean of the draws",
        "figure": "figure",
        "not_shown": "({n} lower ones not shown)",
        "class_share": "share of {n} draws; outlined: class as recorded",
        "type_share": "share of {n} draws with each type",
        "type_recorded": "type as recorded (cells)",
        "risk": "risk, 0 to 10, as the sum of the components' contributions",
        "settings_range": "{level}% of {n} settings",
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
    }
)

# What stands in tables, where a plot shows it: classes, kinds of links, measures, columns.
NAMES: Final[dict[str, Sentence]] = {
    "no answer": Sentence("no answer"),
    "all": Sentence("all neighbours"),
    "domestic": Sentence("same country"),
    "international": Sentence("across a border"),
    "hit-hit": Sentence("hit-hit"),
    "hit-quiet": Sentence("hit-quiet"),
    "quiet-hit": Sentence("quiet-hit"),
    "quiet-quiet": Sentence("quiet-quiet"),
    "escalation": Sentence("escalation"),
    "relocation": Sentence("relocation"),
    "Moran's I": Sentence("Moran's I"),
    "global G": Sentence("global G"),
    "local Moran": Sentence("local Moran"),
    "country": Sentence("country"),
    "actor": Sentence("actor"),
    "actor1": Sentence("actor"),
    "incidents": Sentence("incidents"),
    "fatalities_low": Sentence("fatalities, low estimate"),
    "fatalities_best": Sentence("fatalities, best estimate"),
    "fatalities_high": Sentence("fatalities, high estimate"),
    "log relative risk": Sentence("log relative risk"),
}


def words(lang: Language) -> Mapping[str, str]:
    """Give the words of plots in a language.

    >>> words("fr")["rank"]
    'rang, 1 le plus élevé'
    """
    require_language(lang)
    return TEXTS[lang]


def name_of(value: Any, lang: Language) -> str:
    """Name what stands in a table; a name that is not of the package goes on one line.

    >>> name_of("no pattern", "fr"), name_of("Gao", "fr")
    ('aucune tendance', 'Gao')
    """
    words(lang)
    if str(value) in NAMES:
        return NAMES[str(value)].say(lang)
    return class_name(value, lang) or label_of(value)


def label_of(text: object) -> str:
    r"""Write a name for a plot: on one line, not too long, and never as mathematics.

    >>> print(label_of("Prix : 5 $\n ou 6 $"))
    Prix : 5 \$ ou 6 \$
    """
    line = " ".join(str(text).split())
    if len(line) > _LONGEST_LABEL:
        line = f"{line[: _LONGEST_LABEL - 1]}…"
    return line.replace("$", r"\$")


def unit_name(unit: str, lang: Language) -> str:
    """Name the unit of a surface.

    >>> unit_name("incidents per km2", "fr"), unit_name("mm of rain", "fr")
    ('incidents par km²', 'mm of rain')
    """
    what, per, rest = unit.partition(" per km2")
    named = NAMES[what].say(lang) if what in NAMES else what
    if not per or rest:
        return named if not per else unit
    return Sentence("{what} per km²", what=Sentence.of(named)).say(lang)


def spelled(text: str, lang: Language) -> str:
    r"""Give the numbers of a text, written as in English, the signs of a language.

    >>> spelled("0.05 (1,234)", "fr"), spelled("0.05 (1,234)", "en")
    ('0,05 (1\u202f234)', '0.05 (1,234)')
    """
    own = Symbols.of(lang)
    signs = (own.group, own.decimal)
    return text.translate(dict(zip(map(ord, ",."), signs, strict=True)))
