"""Which incidents to count: by actor, by kind of event, and those aimed at civilians."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from sahel_geo.arrays import Flags, Objects
from sahel_geo.errors import InputError, did_you_mean, first_offenders
from sahel_geo.i18n.language import languages
from sahel_geo.i18n.sentence import Sentence, joined
from sahel_geo.incidents.actors.event_groups import EVENT_GROUPS, group_events
from sahel_geo.incidents.actors.register import key
from sahel_geo.incidents.actors.sides import read_sides, resolve
from sahel_geo.schema import PathLike

ALL: Final = "all"
_GROUPS: Final = {
    "violence": Sentence("violence"),
    "demonstrations": Sentence("demonstrations"),
    "other": Sentence("other events, such as strategic developments"),
}
_NO_CIVILIANS: Final = {"", "0", "no", "non", "false", "nan", "none"}


_CIVILIANS: Final = re.compile(r"\b(one sided|violence against civilians|attacks? on civilians"
                               r"|attaques? (?:de|contre (?:les|des)) civils)\b")  # fmt: skip


@dataclass(frozen=True)
class Chosen:
    """Incidents chosen, and what was chosen in words.

    Attributes
    ----------
    incidents : DataFrame
        The rows chosen, of the class and with the index of the table given.
    sentences : tuple of Sentence
        What is shown and what is left out; empty where everything is shown.
    left_out : int
        Rows left out.
    """

    incidents: Any
    sentences: tuple[Sentence, ...]
    left_out: int


def select(
    incidents: pd.DataFrame,
    *,
    actors: Sequence[str] = (),
    event_types: Sequence[str] = (),
    civilians: bool = False,
    table: pd.DataFrame | PathLike | None = None,
    least: int = 0,
) -> Chosen:
    """Choose incidents by actor, by kind of event, and by whether civilians were the target.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Columns ``actor1``, ``actor2``, ``event_type`` where they are needed.
    actors : sequence of str
        Identifiers, names or alliances; an incident with any of them on either side is kept.
    event_types : sequence of str
        Groups (``"violence"``, ``"demonstrations"``, ``"other"``, or ``"all"``), or kinds as the
        table writes them. By default violence only.
    civilians : bool
        Keep only incidents aimed at civilians.
    table : DataFrame or path-like, optional
        A user's own table of actors.
    least : int
        Smallest number that the sentences state, for publication.

    Returns
    -------
    Chosen
        With what is shown in words.

    Raises
    ------
    InputError
        If the table has no such actor or kind of event, or does not tell who was the target.

    Examples
    --------
    >>> table = pd.DataFrame({"actor1": ["JNIM", "ISGS"], "event_type": ["Battles", "Protests"]})
    >>> chosen = select(table)
    >>> len(chosen.incidents), str(chosen.sentences[0])
    (1, 'Shown: violence. Left out: demonstrations (1).')
    """
    actors = (actors,) if isinstance(actors, str) else actors
    event_types = (event_types,) if isinstance(event_types, str) else event_types
    kept, sentences = _by_type(incidents, event_types, least)
    if actors:
        chosen, sentence = _by_actor(incidents, actors, table)
        kept &= chosen
        sentences.append(sentence)
    if civilians:
        kept &= aimed_at_civilians(incidents)
        sentences.append(Sentence("Only incidents aimed at civilians are shown."))
    if kept.all() and not actors and not civilians and not event_types:
        return Chosen(incidents, (), 0)
    return Chosen(incidents[kept], tuple(sentences), int((~kept).sum()))


def aimed_at_civilians(incidents: pd.DataFrame) -> Flags:
    """Tell which incidents were aimed at civilians: as the source says, or by who stands there."""
    civilians = np.zeros(len(incidents), dtype=bool)
    known = False
    if "civilian_targeting" in incidents:
        text = incidents["civilian_targeting"].astype("str").str.strip().str.lower().fillna("")
        civilians |= ~text.isin(_NO_CIVILIANS).to_numpy(dtype=bool)
        known = True
    if "event_type" in incidents and incidents["event_type"].notna().any():
        kinds = {
            kind: bool(_CIVILIANS.search(key(str(kind))))
            for kind in incidents["event_type"].dropna().unique()
        }
        civilians |= incidents["event_type"].map(kinds).eq(other=True).to_numpy(dtype=bool)
        known = True
    if "actor2" in incidents and incidents["actor2"].notna().any():
        long = read_sides(incidents.reset_index(drop=True)).table
        civilians[long.loc[long["actor_id"] == "civilians", "row"].to_numpy()] = True
        known = True
    if not known and len(incidents):
        raise InputError(
            "the incidents do not tell who was the target: there is neither a kind of event "
            "nor a second actor. Leave --civilians out."
        )
    return civilians


def _by_type(
    incidents: pd.DataFrame, wanted: Sequence[str], least: int
) -> tuple[Flags, list[Sentence]]:
    """Keep the groups or kinds asked for; by default violence."""
    size = len(incidents)
    stated = "event_type" in incidents and incidents["event_type"].notna().any()
    if size and not stated and not {*wanted} <= {ALL, "violence"}:
        raise InputError(
            "--event-type is {wanted}, and the incidents state no kind of event; expected it left "
            "out. Leave it out, or name the column of kinds with --mapping event_type=...",
            wanted=first_offenders(wanted),
        )
    if "event_type" not in incidents or ALL in wanted:
        return np.ones(size, dtype=bool), [Sentence("All kinds of event are shown.")]
    groups = group_events(incidents["event_type"]).to_numpy(dtype=object)
    asked = list(wanted) or ["violence"]
    kinds = {key(str(kind)): str(kind) for kind in incidents["event_type"].dropna().unique()}
    plain = incidents["event_type"].map(lambda kind: key(str(kind))).to_numpy(dtype=object)
    kept = np.zeros(size, dtype=bool)
    unknown = []
    for each in asked:
        if each in EVENT_GROUPS:
            kept |= groups == each
        elif key(each) in kinds:
            kept |= plain == key(each)
        else:
            unknown.append(each)
    if unknown:
        known = [*EVENT_GROUPS, ALL, *kinds.values()]
        raise InputError(
            "--event-type has {number} kinds that the table does not hold: {unknown}; expected "
            "some of {known}. {near}",
            number=len(unknown),
            unknown=first_offenders(unknown),
            known=first_offenders(known, 8),
            near=did_you_mean(unknown[0], known),
        )
    names = [_GROUPS.get(each, Sentence("{kind}", kind=kinds.get(key(each), each)))
             for each in asked]  # fmt: skip
    return kept, [_shown(names, groups, kept, least)]


def _shown(names: list[Sentence], groups: Objects, kept: Flags, least: int) -> Sentence:
    out, own = groups[~kept], set(groups[kept])
    numbers = {_GROUPS[each]: int((out == each).sum()) for each in EVENT_GROUPS if each not in own}
    numbers[Sentence("other kinds")] = int(np.isin(out, list(own)).sum())
    left = [
        Sentence("{kind} ({number:,})", kind=kind, number=number)
        if number >= least
        else Sentence("{kind}", kind=kind)
        for kind, number in numbers.items()
        if number
    ]
    if not left:
        return Sentence("Shown: {shown}.", shown=joined(names, ", "))
    return Sentence(
        "Shown: {shown}. Left out: {left}.", shown=joined(names, ", "), left=joined(left, ", ")
    )


class _InTable(Sentence):
    """A name whose other languages are in a table and not in the catalogue."""

    __slots__ = ("others",)
    others: dict[str, str]

    def say(self, lang: str) -> str:
        """Give the name in one language, in English where the table lacks it."""
        return self.others.get(lang, str(self))


def _named(actor: str, names: pd.DataFrame) -> Sentence:
    if actor not in names.index:
        return Sentence("{name}", name=actor)
    own = names.loc[actor]
    named = _InTable(str(own["short_en"]))
    named.others = {lang: str(own.get(f"short_{lang}", own["short_en"])) for lang in languages()}
    return named


def _by_actor(
    incidents: pd.DataFrame, actors: Sequence[str], table: pd.DataFrame | PathLike | None
) -> tuple[Flags, Sentence]:
    """Keep incidents with one of the actors, or of their alliances, on either side."""
    plain = pd.DataFrame(incidents).reset_index(drop=True)
    kept = np.zeros(len(plain), dtype=bool)
    group = read_sides(plain, table=table)
    alliance = read_sides(plain, level="alliance", table=table)
    names: list[Sentence] = []
    for actor in actors:
        meant = resolve(actor, table) | {actor}
        rows = [
            long.loc[long["actor_id"].isin(meant) | (long["name"] == actor), "row"]
            for long in (group.table, alliance.table)
        ]
        if not any(len(each) for each in rows) and not meant & set(group.names.index):
            known = [*group.names.index, *group.table["name"].unique()]
            raise InputError(
                "--actor {actor!r} is the name of no actor of the table of actors or of the "
                "incidents. {near}",
                actor=actor,
                near=did_you_mean(
                    actor, known, Sentence("See sg.actors.harmonise(incidents).table.")
                ),
            )
        for each in rows:
            kept[each.to_numpy(np.int64)] = True
        names.append(_named(actor, group.names))
    return kept, Sentence(
        "Only incidents that name {actors} on either side are shown.", actors=joined(names, ", ")
    )
