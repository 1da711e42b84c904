"""The incidents that measures of actors count, with who stands on each side of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.arrays import Floats
from sahel_geo.errors import InputError, did_you_mean, first_offenders, require_columns
from sahel_geo.i18n.language import languages
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.actors.event_groups import EVENT_GROUPS, group_events
from sahel_geo.incidents.actors.sides import Ambiguous, Level, Sides, read_sides, resolve
from sahel_geo.incidents.catalogue import SELECTION_NOTICE, is_selection
from sahel_geo.indicators.display.result import Result
from sahel_geo.locate.assign.assign import assign
from sahel_geo.schema import Language, PathLike

Table = pd.DataFrame | PathLike | None
CLAIM_POINTS: Final = 0.10  # of the share unidentified: moved by as much, naming explains a change


@dataclass(frozen=True)
class ActorEvents:
    """Incidents of the groups asked for, and their sides."""

    incidents: pd.DataFrame  # (n rows) with an index from 0, to which ``sides.table["row"]`` points
    sides: Sides  # who stands where
    # whether any row is of a selection, from which no trend or share may be concluded
    selection: bool

    def named(self, actor: str) -> dict[Language, str]:
        """Name an actor in every language, in English where the list has no name in one."""
        names = self.sides.names
        if actor not in names.index:
            return dict.fromkeys(languages(), actor)
        own = names.loc[actor]
        return {lang: str(own.get(f"short_{lang}", own["short_en"])) for lang in languages()}

    def named_both(self) -> dict[str, dict[Language, str]]:
        """Name every actor that occurs."""
        return {actor: self.named(actor) for actor in sorted(set(self.sides.table["actor_id"]))}

    def weights(self, actor: str) -> Floats:
        """Give the weight of an actor in each incident, on either side; shape (n,)."""
        return self._sum(self.sides.table["actor_id"] == actor)

    def unidentified(self) -> Floats:
        """Give the weight of unidentified armed actors in each incident; shape (n,)."""
        return self._sum(self.sides.table["counts_as"] == "unidentified")

    def _sum(self, wanted: "pd.Series[bool]") -> Floats:
        rows = self.sides.table[wanted]
        out = np.zeros(len(self.incidents))
        np.add.at(out, rows["row"].to_numpy(), rows["weight"].to_numpy())
        return out

    def matrix(self) -> tuple[list[str], Floats]:
        """Give the named non-state actors, and how often each incident names each; shape (n, k)."""
        rows = self.sides.armed()
        actors = sorted(set(rows["actor_id"]))
        at = pd.Index(actors).get_indexer(rows["actor_id"]) if actors else np.empty(0, np.int64)
        out = np.zeros((len(self.incidents), len(actors)))
        np.add.at(out, (rows["row"].to_numpy(), at), rows["weight"].to_numpy())
        return actors, out

    def by_unit(self, own: "pd.Series[Any]", units: gpd.GeoDataFrame) -> pd.DataFrame:
        """Add up the mentions of named non-state actors by unit, period (n,) and actor."""
        named = self.sides.armed()
        row = named["row"].to_numpy()
        table = pd.DataFrame(
            {
                "unit_id": units_of(self.incidents, units).to_numpy()[row],
                "period": own.array[row],
                "actor_id": named["actor_id"].to_numpy(),
                "incidents": named["weight"].to_numpy(),
            }
        )
        keys = ["unit_id", "period", "actor_id"]
        return table.groupby(keys, as_index=False).agg({"incidents": "sum"})


def actor_events(
    incidents: pd.DataFrame,
    level: Level,
    table: Table,
    ambiguous: Ambiguous,
    event_groups: Iterable[str],
) -> ActorEvents:
    """Keep the incidents of some groups of events, one per event, and read their sides."""
    # Refuse groups of events that do not exist; give those named, in their order.
    several = isinstance(event_groups, Iterable) and not isinstance(event_groups, str)
    groups = tuple(event_groups) if several else (event_groups,)
    unknown = [name for name in groups if name not in EVENT_GROUPS]
    if unknown or not groups:
        raise InputError(
            "`{argument}` has {number} groups of events that do not exist: {unknown}; expected "
            "some of {known}. {near}",
            argument="event_groups",
            number=len(unknown),
            unknown=first_offenders(unknown),
            known=list(EVENT_GROUPS),
            near=did_you_mean(unknown[0] if unknown else "", EVENT_GROUPS),
        )
    kept = pd.DataFrame(incidents)
    if "event_type" in kept:
        kept = kept[group_events(kept["event_type"]).isin(groups).to_numpy()]
    kept = kept.reset_index(drop=True)
    sides = read_sides(kept, level=level, table=table, ambiguous=ambiguous)
    if _is_monadic(kept):
        kept, sides = _joined(kept, sides)
    return ActorEvents(kept, sides, is_selection(incidents))


def _is_monadic(incidents: pd.DataFrame) -> bool:
    """Tell a file that states each event once per actor: no second actor, and events twice."""
    if "actor2" in incidents and incidents["actor2"].notna().any():
        return False
    identifier = _identifier(incidents)
    return identifier in incidents and bool(incidents[identifier].duplicated().any())


def require_two_sides(incidents: pd.DataFrame) -> None:
    """Refuse a table that names no second actor for what needs both."""
    table = pd.DataFrame(incidents)
    if len(table) and not ("actor2" in table and table["actor2"].notna().any()):
        raise InputError(
            "`incidents` names no second actor in any row (column 'actor2'); expected both "
            "sides of each event. Some public exports state each event once per actor: ask for "
            "the full file, in which each event has actor1 and actor2."
        )


def identify(actor: str, events: ActorEvents, table: Table, argument: str) -> str:
    """Give the identifier of an actor named by a user, by identifier or by any of its names."""
    if actor in events.sides.names.index:
        return actor
    long = events.sides.table
    meant = sorted(resolve(actor, table) or set(long.loc[long["name"] == actor, "actor_id"]))
    named = set(long["actor_id"].unique())
    present = [each for each in meant if each in named]
    chosen = present if len(present) == 1 else meant
    if len(chosen) != 1:
        known = [*events.sides.names.index, *long["name"].unique()]
        raise InputError(
            "`{argument}` is {actor!r}, which is the name of {number} actors; expected an "
            "identifier of the table of actors or one of their names. {near}",
            argument=argument,
            actor=actor,
            number=len(meant),
            near=did_you_mean(actor, meant or known),
        )
    return str(chosen[0])


def units_of(incidents: pd.DataFrame, units: gpd.GeoDataFrame | None) -> "pd.Series[Any]":
    """Give the unit of each incident: ``"all"`` without units, missing where there is none.

    Of whole countries, the one that the source states is taken before the one in which the point
    lies, since borders are drawn less finely than places.
    """
    if units is None:
        return pd.Series("all", incidents.index, dtype="str")
    require_columns(units, "units", ("unit_id", "geometry"))
    known = set(units["unit_id"].astype(str))
    if "unit_id" in incidents and set(incidents["unit_id"].dropna()) <= known:
        return incidents["unit_id"].astype("str")
    placed = assign(incidents, units)["unit_id"].astype("str")
    whole = "level" in units and "country" in units and bool((units["level"] == 0).all())
    if whole and units["country"].is_unique and "country" in incidents:
        by_code = dict(zip(units["country"], units["unit_id"].astype(str), strict=True))
        stated = incidents["country"].map(by_code)
        placed = stated.where(stated.notna(), placed).astype("str")
    return placed


def _identifier(incidents: pd.DataFrame) -> str:
    """Name the column that tells events apart; ``""`` if there is none."""
    names = ("source_id", "incident_id")
    return next((name for name in names if name in incidents and incidents[name].notna().all()), "")


def _joined(incidents: pd.DataFrame, sides: Sides) -> tuple[pd.DataFrame, Sides]:
    """Make one incident of the rows of one event, with all its actors on one side."""
    codes, _ = pd.factorize(incidents[_identifier(incidents)])
    first = np.unique(codes, return_index=True)[1]
    long = sides.table.assign(row=codes[sides.table["row"].to_numpy()])
    armed = set(long.loc[(long["counts_as"] != "none") & (long["rule"] != "missing"), "row"])
    long = long[(long["rule"] != "missing") | ~long["row"].isin(armed)]
    long = long.drop_duplicates(["row", "actor_id"]).sort_values("row", ignore_index=True)
    kept = incidents.iloc[first].reset_index(drop=True)
    return kept, Sides(long, sides.names, len(kept))


def unidentified_share(long: pd.DataFrame) -> float:
    """Give the share of mentions of armed non-state actors that name nobody; NaN without any."""
    nobody = float(long.loc[long["counts_as"] == "unidentified", "weight"].sum())
    named = float(long.loc[long["counts_as"] == "non-state", "weight"].sum())
    return nobody / (nobody + named) if nobody + named else float("nan")


class OfActors(Result):
    """A result by actor, which says under every figure what it does not carry."""

    selection: bool

    def _said(self, lang: Language, *sentences: Sentence) -> str:
        """Say some sentences, and what stands under them."""
        return " ".join(each.say(lang) for each in (*sentences, *caution(self.selection)))


def caution(selection: bool) -> list[Sentence]:  # noqa: FBT001
    """Give what stands under every figure by actor, and the notice of a selection."""
    sentences = [Sentence("Events show where a group acted and was named, not what it controls.")]
    return [*sentences, SELECTION_NOTICE] if selection else sentences
