"""The near repeat table: what is seen, what exchanged dates give, and how to read and draw it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from sahel_geo.arrays import Integers
from sahel_geo.i18n.sentence import Sentence, Texts, joined
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.near_repeat.second_order.ratio_panels import Panel, draw_panels
from sahel_geo.indicators.plot_words import name_of, spelled, words
from sahel_geo.schema import Language

_LEVEL: Final = 0.05
_PAIRS: Final = Texts(
    {
        "all": "pairs of incidents",
        "domestic": "pairs inside one country",
        "cross_border": "pairs across a border",
        "same": "pairs of the same {by}",
        "different": "pairs of different {by}",
    }
)
_STRATA: Final = Texts(
    {"country": "country", "season": "quarter", "month": "month", "year": "year"}
)


@dataclass(frozen=True)
class KnoxTable(Result):
    """Pairs of incidents near in space and time, beside what exchanged dates give.

    Attributes
    ----------
    table : DataFrame
        One row per ``part`` and band: ``distance_from_km``, ``distance_to_km``, ``day_from``,
        ``day_to`` (half-open), ``observed``, ``expected``, ``low`` and ``high`` of 95 % of the
        simulations, ``ratio``, ``p`` of as many pairs or more, and ``p_adjusted``, the same for all
        bands of the part at once. Ratio and p are
        missing where no pair is there and none is expected.
    shares : DataFrame
        By band, with two kinds of pairs: ``share`` of the cross-border (or different) among the
        pairs of the band, ``expected_share``, and ``p`` of as large a share or larger; missing in
        a band without pairs.
    overall : DataFrame
        By ``part``: ``p`` that any of its bands holds as many pairs more than expected, in
        standard deviations, as the most outstanding one.
    by : str or None
        ``"border"`` or the column that the pairs are split by.
    within : tuple of str
        Dates were exchanged between incidents alike in these.
    null : str
        What the pairs across a border, or of different values, are compared with: ``"shift"`` of
        the dates of each country or value, or ``"exchange"``, as all others are.
    incidents : int
        Incidents that make the pairs.
    unmoved : int
        Those with no other to exchange their date with.
    imprecise : int
        Those placed to a unit or coarser, or dated to a month or coarser, where that is stated.
    left_out : mapping of str to int
        Rows without what is needed, by its column.
    permutations : int
        How often dates were exchanged, and shifted.
    simulated : ndarray of int64, shape (permutations, parts, k, l)
        Pairs in each exchange or shift.
    """

    named_by = ("part", "distance_from_km", "distance_to_km", "day_from", "day_to")
    measured = ("ratio",)

    table: pd.DataFrame
    shares: pd.DataFrame
    overall: pd.DataFrame
    by: str | None
    within: tuple[str, ...]
    null: str
    incidents: int
    unmoved: int
    imprecise: int
    left_out: Mapping[str, int]
    permutations: int
    simulated: Integers = field(repr=False)

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the ratios by part; two stars: adjusted p up to 0.05, one: its own p, none: pale."""
        texts = words(lang)
        panels = [self._panel(part, lang) for part in dict.fromkeys(self.table["part"])]
        return draw_panels(
            panels, ax, legend=texts["knox_legend"], x=texts["days_apart"], y=texts["km_apart"]
        )

    def _panel(self, part: str, lang: Language) -> Panel:
        rows = self.table[self.table["part"] == part]
        ratio = rows.pivot(
            index=["distance_from_km", "distance_to_km"],
            columns=["day_from", "day_to"],
            values="ratio",
        )
        return Panel(
            title=words(lang)[f"pairs_{part}"].format(by=name_of(self.by, lang)),
            ratios=ratio.to_numpy(),
            texts=[spelled(_cell_text(row), lang) for row in rows.to_dict("records")],
            firm=(rows["p"] <= _LEVEL).to_numpy().reshape(ratio.shape),
            rows=[spelled(_span(*ends), lang) for ends in ratio.index],
            columns=[spelled(_span(*ends), lang) for ends in ratio.columns],
        )

    def sentence(self, lang: Language = "fr") -> str:
        """Say what the nearest band holds, in a sentence to quote, with its caution.

        It speaks of the first band of distance and of time alone, so that no band is picked after
        the fact; and of an excess only where p is at most 0.05.
        """
        first = self.table.groupby("part", sort=False).head(1).iloc[::-1]
        if len(first) > 1:
            first = first[first["part"] != "all"]
        nearest = first.iloc[0]
        return Sentence(
            "At {km} km and {days} days apart: {pairs}. {caution}",
            km=_span(nearest["distance_from_km"], nearest["distance_to_km"]),
            days=_span(nearest["day_from"], nearest["day_to"]),
            pairs=joined([self._pairs(row) for row in first.to_dict("records")]),
            caution=self._caution(),
        ).say(lang)

    def _pairs(self, row: Any) -> Sentence:
        pairs = Sentence(_PAIRS["en"][row["part"]], by=self.by)
        if np.isnan(row["p"]):
            return Sentence("0 {pairs}, and none expected: nothing to compare", pairs=pairs)
        if row["p"] > _LEVEL:
            return Sentence(
                "{seen:,} {pairs}, no more than chance explains ({low} to {high} in 95% of the "
                "simulations; p = {p:.3f})",
                seen=row["observed"],
                pairs=pairs,
                low=row["low"],
                high=row["high"],
                p=row["p"],
            )
        return Sentence(
            "{seen:,} {pairs}, {times:.1f} times the number expected ({expected:.1f}; p = {p:.3f})",
            seen=row["observed"],
            pairs=pairs,
            times=row["ratio"],
            expected=row["expected"],
            p=row["p"],
        )

    def _caution(self) -> Sentence:
        inside: object = ""
        if self.within:
            names = [Sentence(_STRATA["en"].get(name, name)) for name in self.within]
            inside = Sentence(" inside each {strata}", strata=joined(names, " × "))
        sides: object = ""
        if self.by and self.null == "shift":
            sides = Sentence(" and, between the two sides, from shifting the dates of each")
        texts = [
            Sentence(
                "Expected numbers come from exchanging dates between incidents{inside}{sides}; "
                "nearness does not show that one incident brings about another.",
                inside=inside,
                sides=sides,
            )
        ]
        if 2 * self.unmoved > self.incidents:
            texts.append(
                Sentence(
                    "{unmoved} of {incidents} incidents have no other to exchange dates with: the "
                    "test says little.",
                    unmoved=self.unmoved,
                    incidents=self.incidents,
                )
            )
        if self.imprecise:
            texts.append(
                Sentence(
                    "{imprecise} of {incidents} incidents are coarsely placed or dated.",
                    imprecise=self.imprecise,
                    incidents=self.incidents,
                )
            )
        return joined(texts, " ")


def _cell_text(row: Mapping[Any, Any]) -> str:
    if np.isnan(row["ratio"]):
        return "–"
    mark = "**" if row["p_adjusted"] <= _LEVEL else "*" if row["p"] <= _LEVEL else ""
    return f"{row['ratio']:.2f}{mark}\n({row['observed']:,})"


def _span(low: float, high: float) -> str:
    return f"≥ {low:g}" if np.isinf(high) else f"{low:g}–{high:g}"
