"""What likeness across a border comes to: tables, a drawing and a sentence."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from sahel_geo.i18n.cldr import decimal
from sahel_geo.i18n.sentence import Texts
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.permutation.country import Deal
from sahel_geo.indicators.plot_words import words
from sahel_geo.indicators.spread.chance import draw_against_chance, verdict
from sahel_geo.schema import Language

_TEXTS: Final = Texts(
    {
        "none": "No link between neighbours of two countries, or values all equal: nothing to say "
        "of likeness across borders.",
        "moran": "Between neighbours on the two sides of a border, Moran's I{lag} is {value}; "
        "{deal} give {low} to {high} (95% of the deals).",
        "joins": "{value} links across a border join two hit units{lag}; {deal} "
        "give {low} to {high} (95% of the deals).",
        "places": "histories dealt anew among the units of each country",
        "times": "histories of countries shifted in time against one another",
        "lag": " (lag of {lag} periods)",
        "more": "Neighbours are more alike than this chance would make them.",
        "less": "Neighbours are less alike than this chance would make them.",
        "open": "That does not differ from this chance.",
        "home": "Inside the countries: {value}, against {low} to {high}.",
        "caution": "Likeness says neither where violence comes from nor that it crosses a border.",
    }
)


@dataclass(frozen=True)
class CrossBorderMoran(Result):
    """Likeness of neighbours, inside countries and across borders.

    Attributes
    ----------
    table : DataFrame
        One row per kind of link, and per lag if asked for: ``lag``, ``links`` (``"all"``,
        ``"domestic"``, ``"international"``, pairs of countries), ``pairs`` (links, each direction
        counted), ``value`` (mean product of standard scores over the links: Moran's I), and of the
        deals inside each country ``expected`` (mean), ``low`` and ``high`` (95 %), ``z`` and ``p``
        (two-sided). Missing where there is no such link or every value is the same.
    permutations : int
        Number of deals.
    deal : {"places", "times"}
        What was up to chance.
    """

    named_by = ("lag", "links")
    measured = ("value",)

    table: pd.DataFrame
    permutations: int
    deal: Deal = "places"

    def sentence(self, lang: Language = "fr") -> str:
        """Say whether neighbours across a border are alike, beside those inside a country."""
        return _say(self.table, "moran", self.deal, lang, digits=2)

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw each figure beside what chance gives, a point per kind of link, by lag."""
        texts = words(lang)
        table, label = self.table, "lag"
        if "lag" not in table:
            table, label = table.assign(lag=texts["all_periods"]), ""
        return draw_against_chance(
            table, along="lag", value="moran", label=label, deal=self.deal, lang=lang, ax=ax
        )


@dataclass(frozen=True)
class CrossBorderJoins(Result):
    """Links between units hit and units quiet, inside countries and across borders.

    Attributes
    ----------
    table : DataFrame
        One row per kind of link and of join, and per lag if asked for: ``lag``, ``links``,
        ``joins`` (``"hit-hit"``, ``"hit-quiet"``, ``"quiet-quiet"``; with lags the first word is
        the unit before and the second its neighbour after, so there is also ``"quiet-hit"``),
        ``pairs``, ``value`` (sum of weights; without lags each pair once), and ``expected``,
        ``low``, ``high``, ``z``, ``p`` as in :class:`CrossBorderMoran`.
    permutations : int
        Number of deals.
    deal : {"places", "times"}
        What was up to chance.
    """

    named_by = ("lag", "links", "joins")
    measured = ("value",)

    table: pd.DataFrame
    permutations: int
    deal: Deal = "places"

    def sentence(self, lang: Language = "fr") -> str:
        """Say how many links across a border join two hit units, beside chance."""
        return _say(
            self.table[self.table["joins"] == "hit-hit"], "joins", self.deal, lang, digits=0
        )

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the counts of the first lag but those of two quiet units, beside chance."""
        table = self.table[self.table["joins"] != "quiet-quiet"]
        if "lag" in table:
            table = table[table["lag"] == table["lag"].iloc[0]]
        return draw_against_chance(
            table, along="joins", value="links", label="joined", deal=self.deal, lang=lang, ax=ax
        )


def _say(table: pd.DataFrame, text: str, deal: Deal, lang: Language, digits: int) -> str:
    """Compare at the first lag: no difference within the range of chance, or while p > 0.05."""
    texts = _TEXTS[lang]
    if "lag" in table:
        table = table[table["lag"] == table["lag"].iloc[0]]
    abroad: Any = table[table["links"] == "international"].iloc[0]
    home: Any = table[table["links"] == "domestic"].iloc[0]
    if np.isnan(abroad["value"]):
        return f"{texts['none']} {texts['caution']}"

    def numbers(row: Any) -> dict[str, str]:
        return {key: decimal(float(row[key]), lang, digits) for key in ("value", "low", "high")}

    lag = texts["lag"].format(lag=abroad["lag"]) if "lag" in table and abroad["lag"] else ""
    sentences = [
        texts[text].format(lag=lag, deal=texts[deal], **numbers(abroad)),
        texts[verdict(abroad)],
    ]
    if deal == "places" and not np.isnan(home["value"]):
        sentences.append(texts["home"].format(**numbers(home)))
    return " ".join([*sentences, texts["caution"]])
