"""What diffusion comes to: tables, drawings and sentences."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from sahel_geo.errors import InputError, require_language
from sahel_geo.i18n.cldr import decimal
from sahel_geo.i18n.sentence import Texts
from sahel_geo.indicators.display.plotting import COLOURS, axes
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.permutation.country import LEVEL, Deal
from sahel_geo.indicators.plot_words import words
from sahel_geo.indicators.spread.chance_plot import draw_against_chance
from sahel_geo.schema import Language

TYPES: Final = ("escalation", "relocation")
_TEXTS: Final = Texts(
    {
        "none": "No link between neighbours of two countries, or a single period: nothing to say "
        "of diffusion across borders.",
        "count": "Across borders, {n} {type} ({low} to {high} in 95% of the {deal}): {verdict}.",
        "places": "deals inside each country",
        "times": "shifts in time between countries",
        "escalation": "escalation links",
        "relocation": "relocation links",
        "more": "more than this chance",
        "less": "fewer than this chance",
        "open": "nothing that differs from this chance",
        "caution": "The order of events does not say that one caused the other.",
        "no_onset": "No onset of activity was observed.",
        "onsets": "{abroad} of the {all} onsets of activity followed activity in a foreign "
        "neighbour, {only} of them with no active neighbour in their own country.",
        "risk": "Of quiet border units, {with_}% become active in the next period when a foreign "
        "neighbour is active, {without}% otherwise.",
    }
)


@dataclass(frozen=True)
class DiffusionCounts(Result):
    """Escalations and relocations between neighbours, beside what chance would give.

    Attributes
    ----------
    table : DataFrame
        One row per kind of link and type: ``links`` (``"all"``, ``"domestic"``,
        ``"international"``, directed pairs of countries), ``type`` (``"escalation"``,
        ``"relocation"``), ``pairs`` (links, each direction counted), ``value`` (times that an
        active unit had a newly active neighbour), and of the deals inside each country
        ``expected`` (mean), ``low`` and ``high`` (95 %), ``z`` and ``p`` (two-sided). Missing where
        there is no such link or there is only one period.
    periods : int
        Number of periods.
    permutations : int
        Number of deals.
    deal : {"places", "times"}
        What was up to chance.
    """

    measured = ("value",)

    table: pd.DataFrame
    periods: int
    permutations: int
    deal: Deal = "places"

    def sentence(self, lang: Language = "fr") -> str:
        """Say how many escalations and relocations cross a border, beside chance.

        No difference is claimed inside the range that chance gives, or while p is above 0.05.
        """
        require_language(lang)
        texts = _TEXTS[lang]
        rows = self.table[self.table["links"] == "international"].set_index("type")
        if rows["value"].isna().any():
            return f"{texts['none']} {texts['caution']}"
        said = []
        for name in TYPES:
            row: Any = rows.loc[name]
            verdict = "more" if row["value"] > row["high"] else "less"
            if row["p"] > 1 - LEVEL or row["low"] <= row["value"] <= row["high"]:
                verdict = "open"
            numbers = {key: decimal(float(row[key]), lang, 0) for key in ("low", "high")}
            count = decimal(float(row["value"]), lang, 0)
            said.append(
                texts["count"].format(
                    n=count,
                    type=texts[name],
                    deal=texts[self.deal],
                    verdict=texts[verdict],
                    **numbers,
                )
            )
        return " ".join([*said, texts["caution"]])

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the counts beside what chance gives.

        A point per kind of link, by type. Raises InputError if every figure is missing.
        """
        return draw_against_chance(
            self.table,
            along="type",
            names=TYPES,
            value="links",
            label="diffusion",
            deal=self.deal,
            lang=lang,
            ax=ax,
        )


@dataclass(frozen=True)
class Onsets(Result):
    """Units that became active after a foreign neighbour was.

    Attributes
    ----------
    table : DataFrame
        One row per onset that followed an active foreign neighbour, in order of time: ``unit_id``,
        ``name``, ``country``, ``period``, ``foreign_active`` and ``domestic_active`` (neighbours
        active in the period before), ``foreign_units`` (those abroad, with commas),
        ``foreign_countries``, and ``still_active`` (how many of those abroad stayed active).
    risk : DataFrame
        Units with a foreign neighbour, quiet in a period, by ``foreign_active`` and
        ``domestic_active`` (whether any neighbour was): ``at_risk``, ``onsets`` in the next period,
        and ``rate``, their ratio.
    all_onsets : int
        Onsets of all units.
    """

    table: pd.DataFrame
    risk: pd.DataFrame
    all_onsets: int

    def sentence(self, lang: Language = "fr") -> str:
        """Say how many onsets followed activity across the border.

        With the rates of onset with and without an active foreign neighbour, which is a comparison
        of unlike places and no test.
        """
        require_language(lang)
        texts = _TEXTS[lang]
        if self.all_onsets == 0:
            return texts["no_onset"]
        only = int((self.table["domestic_active"] == 0).sum())
        said = [texts["onsets"].format(abroad=len(self.table), all=self.all_onsets, only=only)]
        sums = self.risk.groupby("foreign_active")[["at_risk", "onsets"]].sum()
        if (sums["at_risk"] > 0).all():
            rate = sums["onsets"] / sums["at_risk"] * 100
            said.append(
                texts["risk"].format(
                    with_=decimal(float(rate[True]), lang),
                    without=decimal(float(rate[False]), lang),
                )
            )
        return " ".join([*said, texts["caution"]])

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the rates of onset in border units, by where neighbours were active.

        A bar per state of the neighbours, with the number at risk. Raises InputError if no border
        unit was ever quiet.
        """
        texts = words(lang)
        risk = self.risk[self.risk["at_risk"] > 0]
        if risk.empty:
            raise InputError("`risk` has no quiet border unit to draw; expected at least one.")
        ax = axes(ax, lang=lang)
        at = np.arange(len(risk))
        colours = [
            COLOURS["cross_border"] if abroad else COLOURS["domestic"]
            for abroad in risk["foreign_active"]
        ]
        ax.bar(at, risk["rate"] * 100, color=colours, width=0.6)
        where = {
            (False, False): texts["nowhere"],
            (False, True): texts["home_only"],
            (True, False): texts["abroad_only"],
            (True, True): texts["home_abroad"],
        }
        keys = zip(risk["foreign_active"], risk["domestic_active"], strict=True)
        ax.set_xticks(
            at,
            [
                f"{where[bool(abroad), bool(home)]}\n"
                f"({texts['onsets_of'].format(onsets=onsets, number=number)})"
                for (abroad, home), onsets, number in zip(
                    keys, risk["onsets"], risk["at_risk"], strict=True
                )
            ],
        )
        ax.set_xlabel(texts["neighbours_before"])
        ax.set_ylabel(texts["becoming_active"])
        return ax
