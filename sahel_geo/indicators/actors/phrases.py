"""What sentences of measures of actors share: claims that the data carry, and cautions."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.catalogue import SELECTION_NOTICE
from sahel_geo.schema import Language

_SHOWN_KM: Final = 150.0
FEWEST_A_PERIOD: Final = 10  # events; a tenth of fewer is a single one


def caution(selection: bool) -> list[Sentence]:  # noqa: FBT001
    """Give what stands under every figure by actor, and the notice of a selection."""
    said = [Sentence("Events show where a group acted and was named, not what it controls.")]
    return [*said, SELECTION_NOTICE] if selection else said


def front_words(
    table: pd.DataFrame,
    slopes: pd.DataFrame,
    shares: pd.DataFrame,
    names: Mapping[str, Mapping[Language, str]],
    lang: Language,
    *,
    selection: bool,
) -> list[Sentence]:
    """Write the sentences of :class:`sahel_geo.indicators.actors.front.Front`.

    Returns: Two for each place and actor with events, then the caution.
    """
    total = table.groupby(["place", "actor"], sort=False)["incidents"].sum()
    if not (total > 0).any():
        return [Sentence("No located event of these actors: no distance."), *caution(selection)]
    said: list[Sentence] = []
    for key, number in total[total > 0].items():
        place, actor = str(key[0]), str(key[1])  # type: ignore[index]
        rows = table[(table["place"] == place) & (table["actor"] == actor)]
        rows = rows[rows["incidents"] >= FEWEST_A_PERIOD]
        trend = slopes[(slopes["place"] == place) & (slopes["actor"] == actor)].iloc[0]
        named = actor_name(actor, names, lang)
        if rows.empty:
            said.append(
                Sentence(
                    "{actor}, {place}: {number:,.0f} events, too few in any period to speak of a "
                    "distance.", actor=named, place=str(place), number=float(number),
                )
            )  # fmt: skip
            continue
        said.append(_distance(place, named, number, rows.iloc[-1]))
        said += [] if selection else [_trend(trend)]
        said += _beside(shares[(shares["place"] == place) & (shares["actor"] == actor)])
    return [*said, *caution(selection)]


def actor_name(actor: str, names: Mapping[str, Mapping[Language, str]], lang: Language) -> Sentence:
    """Name an actor, or all of them together."""
    if actor == "all":
        return Sentence("All armed non-state groups")
    return Sentence("{name}", name=names.get(actor, {}).get(lang, actor))


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


def _trend(trend: Any) -> Sentence:
    numbers = {name: float(trend[name]) for name in ("slope", "low", "high")}
    if trend["claim"] == "few":
        return Sentence("Too few quarters with events to tell a change from chance.")
    if trend["claim"] == "naming":
        return Sentence(
            "The distance moves, but so does the share of mentions that identify nobody: naming "
            "may explain it."
        )
    how = Sentence("{slope:+.0f} km per year (interval {low:+.0f} to {high:+.0f})", **numbers)
    return {
        "nearer": Sentence("Events come nearer, advancing by {how}.", how=how),
        "farther": Sentence("Events move away: {how}.", how=how),
        "none": Sentence("These data do not show that events come nearer or move away: {how}.",
                         how=how),
    }[str(trend["claim"])]  # fmt: skip


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
