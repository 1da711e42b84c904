"""One name for each actor, whatever sources call it, and what could not be told."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from sahel_geo.errors import InputError
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.actors.event_groups import EVENT_GROUPS
from sahel_geo.incidents.actors.register import register
from sahel_geo.incidents.actors.sides import Ambiguous, Level
from sahel_geo.indicators.actors.events import Table, actor_events, unidentified_share
from sahel_geo.indicators.display.plotting import CYCLE, axes
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.plot_words import label_of
from sahel_geo.schema import Language

_BARS = 15


_SUSPECTED: Final = re.compile(
    r"suspect|alleged|presumed|probable|named by|identified as|présum|allégu", re.IGNORECASE
)
_CLAIMED: Final = re.compile(r"(?<!un)(?<!non )(?:claim|revendiqu)", re.IGNORECASE)


@dataclass(frozen=True)
class HarmonisedActors(Result):
    """The names in a table of incidents, and who they stand for.

    Attributes
    ----------
    table : DataFrame, one row per name and actor
        ``name`` (as the source writes it), ``actor_id``, ``short_en``, ``short_fr``, ``name_en``,
        ``name_fr``, ``kind``,
        ``counts_as`` (``"non-state"``, ``"state"``, ``"unidentified"`` or ``"none"``), ``rule``
        (``"listed"``, ``"contained"`` in a longer text, ``"label"`` of a militia, ``"unknown"``,
        or ``"missing"`` where no armed side is named), ``attribution`` (``"claimed"``,
        ``"suspected"`` or ``""``), ``incidents`` (weights of those who act together are 1 each, of
        those between whom a source cannot choose they add up to 1) and ``nearest`` (the listed
        name most like an unknown one).
    incidents : DataFrame
        The incidents given, with ``actor1_id`` and ``actor2_id``: the identifier, or several
        joined by ``|``; missing where nobody stands on that side.
    level : {"group", "alliance"}
        What identifiers stand for.
    unidentified : float
        Share of mentions of armed non-state actors that name nobody; NaN without mentions.
    """

    named_by = ("name", "actor_id")
    measured = ("incidents",)

    table: pd.DataFrame
    incidents: pd.DataFrame = field(repr=False)
    level: Level
    unidentified: float

    @property
    def unknown(self) -> pd.DataFrame:
        """Names that the table of actors does not hold, each with the nearest that it does."""
        rows = self.table[self.table["rule"] == "unknown"]
        return rows[["name", "incidents", "nearest"]].reset_index(drop=True)

    def sentence(self, lang: Language = "fr") -> str:
        """Say how many names stand for how many actors, and what is not known."""
        if self.table.empty:
            return Sentence("No incident, and so no actor.").say(lang)
        unknown = self.unknown
        sentences = [
            Sentence(
                "Names read: {names}; actors that they stand for: {actors}.",
                names=self.table["name"].nunique(),
                actors=self.table["actor_id"].nunique(),
            )
        ]
        if len(unknown):
            sentences.append(
                Sentence(
                    "Names not in the table of actors, counted as they are written: {number}, "
                    "first {name!r} ({incidents:.0f} incidents).",
                    number=len(unknown),
                    name=unknown["name"].iloc[0],
                    incidents=float(unknown["incidents"].iloc[0]),
                )
            )
        if np.isfinite(self.unidentified):
            sentences.append(
                Sentence(
                    "{share:.0f}% of the mentions of armed non-state groups identify nobody.",
                    share=100 * self.unidentified,
                )
            )
        else:
            sentences.append(Sentence("No armed non-state group is mentioned."))
        return " ".join(each.say(lang) for each in sentences)

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw how often each actor is named, the most named first."""
        armed = self.table[self.table["counts_as"].isin(["non-state", "unidentified"])]
        if armed.empty:
            raise InputError("`table` has no armed non-state actor to draw; expected at least one.")
        rows = armed.groupby(["actor_id", f"name_{lang}"], as_index=False).agg({"incidents": "sum"})
        rows = rows.sort_values("incidents", kind="stable").tail(_BARS)
        ax = axes(ax, size=(6.4, 1.4 + 0.24 * len(rows)), lang=lang)
        colours = [CYCLE[0] if a != "unidentified" else "#8a8a8a" for a in rows["actor_id"]]
        ax.barh(np.arange(len(rows)), rows["incidents"], color=colours)
        names = [label_of(name) for name in rows[f"name_{lang}"]]
        ax.set_yticks(np.arange(len(rows)), names, fontsize="small")
        ax.set_xlabel(Sentence("incidents that name the actor").say(lang))
        return ax


def harmonise(
    incidents: pd.DataFrame,
    level: Level = "group",
    *,
    table: Table = None,
    ambiguous: Ambiguous = "split",
    event_groups: Iterable[str] = EVENT_GROUPS,
) -> HarmonisedActors:
    """Say who each name in a table of incidents stands for.

    Names as UCDP, ACLED, GTD and analysts write them are looked up in the project's table of
    actors, by rule (years of a regime, a branch, an acronym, words of doubt), by date (Katiba
    Macina is part of JNIM from March 2017) and by place (UCDP's "IS" is another group around Lake
    Chad than in the west). Words such as "claimed" and "suspected" tell how sure a source is, and
    are no part of a name. The word of a communal militia stays the source's word.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Columns ``actor1`` and ``actor2``; ``date``, ``lon``, ``lat`` and ``country`` help to tell
        names apart.
    level : {"group", "alliance"}
        Groups for themselves, or in their alliance at the date.
    table : DataFrame or path-like, optional
        Your own rows: ``actor_id``, ``aliases`` (separated by ``|``) and any other column of the
        project's table. They add names and actors, and go before the project's.
    ambiguous : {"split", "unidentified"}
        What to make of "A and/or B": a part of each, or nobody identified.
    event_groups : iterable of {"violence", "demonstrations", "other"}
        Which events to read; all by default.

    Returns
    -------
    HarmonisedActors
        Names that are not known count as they are written; ``unknown`` lists them.

    Raises
    ------
    InputError
        If there is no column ``actor1``, or a setting is not known.

    Examples
    --------
    >>> import pandas as pd
    >>> names = ["ISGS", "Islamic State Sahel Province (ISSP)", "JNIM and/or Ansaroul Islam"]
    >>> result = harmonise(pd.DataFrame({"actor1": names, "actor2": "Civilians"}))
    >>> result.table["actor_id"].unique().tolist()
    ['is-sahel', 'civilians', 'jnim', 'ansaroul-islam']
    """
    events = actor_events(incidents, level, table, ambiguous, event_groups)
    long, names = events.sides.table, events.sides.names
    keys = ["name", "actor_id", "rule"]
    rows = long.groupby(keys, as_index=False, sort=False).agg({"weight": "sum"})
    rows = rows.rename(columns={"weight": "incidents"})
    for column in ("short_en", "short_fr", "name_en", "name_fr", "kind", "counts_as"):
        rows[column] = names[column].reindex(rows["actor_id"]).to_numpy()
    rows["attribution"] = rows["name"].map(lambda name: _attribution(str(name))).astype("str")
    known = register(table)
    rows["nearest"] = [
        known.nearest(name) if rule == "unknown" else ""
        for name, rule in zip(rows["name"], rows["rule"], strict=True)
    ]
    columns = ["name", "actor_id", "short_en", "short_fr", "name_en", "name_fr", "kind",
               "counts_as", "rule", "attribution", "incidents", "nearest"]  # fmt: skip
    ids = long[long["rule"] != "missing"].groupby(["row", "side"])["actor_id"].agg("|".join)
    out = events.incidents.copy()
    for side in (1, 2):
        own = ids.xs(side, level="side") if side in ids.index.get_level_values("side") else ids[:0]
        out[f"actor{side}_id"] = pd.Series(own.reindex(range(len(out))).to_numpy(), dtype="str")
    return HarmonisedActors(rows[columns], out, level, unidentified_share(long))


def _attribution(name: str) -> str:
    """Tell how sure a source is of a name: ``"claimed"``, ``"suspected"`` or ``""``."""
    if _CLAIMED.search(name):
        return "claimed"
    return "suspected" if _SUSPECTED.search(name) else ""
