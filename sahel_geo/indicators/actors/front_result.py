"""How far an actor's events are from places: the result, what it says and how it is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from sahel_geo.errors import InputError
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.indicators.actors.blocks import Slope
from sahel_geo.indicators.actors.events import OfActors
from sahel_geo.indicators.display.plotting import CYCLE, axes, date_ticks, legend_above
from sahel_geo.indicators.plot_words import label_of
from sahel_geo.schema import Language

_SHOWN_KM: Final = 150.0
_FEWEST_A_PERIOD: Final = 10  # events; a tenth of fewer is a single one


@dataclass(frozen=True)
class Front(OfActors):
    """How far from each place an actor's events are, and whether that changes.

    Attributes
    ----------
    table : DataFrame, one row per place, actor and period
        ``place``, ``actor``, ``period``, ``incidents``; ``q05_km``, ``q10_km``, ``q50_km`` (5 %,
        10 % and half of the events are nearer); ``unidentified`` (share of mentions of armed
        non-state actors that name nobody). NaN without events.
    slopes : DataFrame, one row per place and actor
        ``quarters`` (with at least five events), ``slope`` (km per year of the quarterly 10 %
        quantile, Theil-Sen), ``low``, ``high``, ``unidentified_change``, ``claim``
        (``"nearer"``, ``"farther"``, ``"turned"``, ``"none"``, ``"naming"`` or ``"few"``). Where
        two pieces of eight quarters or more fit clearly better than one line and do not both go the
        same way, ``turn`` is the quarter between them, ``before`` and ``after`` their slopes.
    shares : DataFrame, one row per place, actor and distance
        ``within_km``, ``events`` (share of the actor's events), ``low``, ``high``, ``land``,
        ``people``.
    bearings : DataFrame, one row per place, actor and eighth of the compass
        ``towards``, ``incidents``, ``q10_km``.
    left_out : dict of str to int
        Incidents without place or date.
    level : float
        Share of the draws in an interval.
    names : mapping
        Names of the actors by language.
    selection : bool
        Whether the incidents are a selection.
    """

    named_by = ("place", "actor", "period")
    measured = ("q10_km", "q50_km")

    table: pd.DataFrame
    slopes: pd.DataFrame
    shares: pd.DataFrame
    bearings: pd.DataFrame
    left_out: Mapping[str, int]
    level: float
    names: Mapping[str, Mapping[Language, str]] = field(repr=False)
    selection: bool = False

    def sentence(self, lang: Language = "fr") -> str:
        """Say for each place whether events come nearer, and what does not carry it."""
        total = self.table.groupby(["place", "actor"], sort=False)["incidents"].sum()
        if not (total > 0).any():
            return self._said(lang, Sentence("No located event of these actors: no distance."))
        sentences: list[Sentence] = []
        for key, number in total[total > 0].items():
            place, actor = str(key[0]), str(key[1])  # type: ignore[index]
            rows, slopes, shares = (
                part[(part["place"] == place) & (part["actor"] == actor)]
                for part in (self.table, self.slopes, self.shares)
            )
            rows = rows[rows["incidents"] >= _FEWEST_A_PERIOD]
            named = self._name(actor, lang)
            if rows.empty:
                sentences.append(
                    Sentence(
                        "{actor}, {place}: {number:,.0f} events, too few in any period to speak of "
                        "a distance.", actor=named, place=str(place), number=float(number),
                    )
                )  # fmt: skip
                continue
            sentences.append(_distance(place, named, number, rows.iloc[-1]))
            sentences += [] if self.selection else _trend(slopes.iloc[0])
            sentences += _beside(shares)
        return self._said(lang, *sentences)

    def _name(self, actor: str, lang: Language) -> Sentence:
        """Name an actor, or all of them together."""
        if actor == "all":
            return Sentence("All armed non-state groups")
        return Sentence("{name}", name=self.names.get(actor, {}).get(lang, actor))

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the 10 % quantile and the median over time, for the actor with most events."""
        known = self.table[self.table["incidents"] > 0]
        if known.empty:
            raise InputError("`table` has no event to draw; expected a dated, located incident.")
        actor = known.groupby("actor")["incidents"].sum().idxmax()
        ax = axes(ax, lang=lang)
        rows = self.table[self.table["actor"] == actor]
        rows = rows[rows["place"].isin(known["place"])]
        enough = rows["incidents"] >= _FEWEST_A_PERIOD  # the tenth of fewer is a single attack
        if enough.any():
            rows = rows.assign(**{name: rows[name].where(enough) for name in ("q10_km", "q50_km")})
        for colour, (place, part) in zip(CYCLE, rows.groupby("place", sort=False), strict=False):
            at = part["period"].dt.start_time
            ax.plot(at, part["q10_km"], "o-", color=colour, markersize=4, label=label_of(place))
            ax.plot(at, part["q50_km"], "o:", color=colour, markersize=2)
        ax.plot([], [], "-", color="#555555", label=Sentence("a tenth are nearer").say(lang))
        ax.plot([], [], ":", color="#555555", label=Sentence("half are nearer").say(lang))
        ax.set_ylim(bottom=0)
        ax.set_ylabel("km")
        date_ticks(ax)
        title = label_of(self._name(str(actor), lang).say(lang))
        return legend_above(ax, title=title, title_fontsize="small")


def _distance(place: Any, actor: Sentence, number: float, last: Any) -> Sentence:
    return Sentence(
        "{actor}, {place}: of {number:,.0f} events, a tenth of those of {period} lie within "
        "{near:.0f} km and half within {half:.0f} km.",
        actor=actor,
        place=str(place),
        number=float(number),
        period=str(last["period"]),
        near=float(last["q10_km"]),
        half=float(last["q50_km"]),
    )


def _trend(trend: Any) -> list[Sentence]:
    if trend["claim"] == "few":
        return [Sentence("Too few quarters with events to tell a change from chance.")]
    if trend["claim"] == "naming":
        return [
            Sentence(
                "The distance moves, but so does the share of mentions that identify nobody: "
                "naming may explain it."
            )
        ]
    if trend["claim"] == "turned":
        before, after = (Slope.of_row(trend, name) for name in ("before", "after"))
        until = {"turn": trend["turn"].start_time, "how": _how(before)}
        return [
            (
                Sentence("Until {turn:yMMMM} they neither came nearer nor moved away clearly: "
                         "{how}.", **until),
                Sentence("Until {turn:yMMMM} they moved away: {how}.", **until),
                Sentence("Until {turn:yMMMM} they came nearer: {how}.", **until),
            )[before.sign],
            (
                Sentence("Since then neither is clear: {how}.", how=_how(after)),
                Sentence("Since then they have been moving away: {how}.", how=_how(after)),
                Sentence("Since then they have been coming nearer: {how}.", how=_how(after)),
            )[after.sign],
        ]  # fmt: skip
    how = _how(Slope.of_row(trend))
    return [
        {
            "nearer": Sentence("Events come nearer, advancing by {how}.", how=how),
            "farther": Sentence("Events move away: {how}.", how=how),
            "none": Sentence("These data do not show that events come nearer or move away: {how}.",
                             how=how),
        }[str(trend["claim"])]
    ]  # fmt: skip


def _how(slope: Slope) -> Sentence:
    return Sentence(
        "{slope:+.0f} km per year (interval {low:+.0f} to {high:+.0f})", **slope._asdict()
    )


def _beside(shares: pd.DataFrame) -> list[Sentence]:
    row = shares[shares["within_km"] == _SHOWN_KM].iloc[0]
    parts: dict[str, Any] = {
        "km": _SHOWN_KM, "events": 100 * float(row["events"]), "land": 100 * float(row["land"]),
    }  # fmt: skip
    if not np.isfinite(parts["events"] + parts["land"]):
        return []
    if np.isfinite(row["people"]):
        return [
            Sentence(
                "Within {km:.0f} km lie {events:.0f}% of the events, {land:.0f}% of the land and "
                "{people:.0f}% of the people.", people=100 * float(row["people"]), **parts,
            )
        ]  # fmt: skip
    return [
        Sentence("Within {km:.0f} km lie {events:.0f}% of the events and {land:.0f}% of the land.",
                 **parts)
    ]  # fmt: skip
