"""Tables of another shape than one row an incident: counts, and two rows for the two sides."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.i18n.sentence import Counted
from sahel_geo.incidents.columns.names import COORDINATES, PCODES, readings
from sahel_geo.incidents.columns.numbers import parse_numbers
from sahel_geo.incidents.columns.texts import stripped
from sahel_geo.incidents.readers.raw import RawTable
from sahel_geo.incidents.rows.wide import wide_columns

_COUNTS: Final = (
    "events", "event count", "count events", "number events", "nb events", "n events",
    "total events", "incidents", "nb incidents", "nombre incidents", "nbre incidents",
    "number incidents", "incident count", "total incidents", "count", "evenements",
    "nb evenements", "nombre evenements", "nbre evenements", "events count", "n incidents",
    "political violence events", "conflict events", "no events", "no incidents",
)  # fmt: skip
# Words that make a column of whole numbers one of counts where a row has no point and no sides.
_EVENTS: Final = frozenset(
    ["events", "incidents", "evenements", "attaques", "attacks", "attentats", "violences",
     "clashes", "affrontements", "explosions", "raids"]
)  # fmt: skip
_NUMBERED: Final = frozenset(
    ["id", "code", "numero", "num", "no", "ref", "reference", "type"]
)  # fmt: skip
_PERIODS: Final = (
    "month year", "period", "periode", "week", "semaine", "quarter", "trimestre", "month", "mois",
    "year", "annee", "reference period start", "date", "month start", "week start", "time",
    "reference period", "yearmonth", "annee mois",
)  # fmt: skip
_UNITS: Final = ("admin1", "admin2", "admin3", "country", *PCODES)


# What tells people or households counted in a unit from an incident there.
_PEOPLE: Final = frozenset(
    ["idp", "idps", "pdi", "deplace", "deplaces", "displaced", "individuals", "individus", "ind",
     "hh", "households", "menages", "population", "people", "personnes", "refugees", "refugies",
     "returnees", "retournes", "rapatries", "beneficiaries", "beneficiaires", "pin", "besoin",
     "need", "affected", "affectees"]
)  # fmt: skip
_OF_EVENTS: Final = frozenset(
    ["lon", "lat", COORDINATES, "place", "event_type", "actor1", "actor2",
     "fatalities_low", "fatalities_best", "fatalities_high"]
)  # fmt: skip


@dataclass(frozen=True)
class CountColumns:
    """Which columns of a table of counts hold the counts and the periods."""

    events: str
    periods: tuple[str, ...]


def count_columns(table: RawTable, chosen: Mapping[str, str]) -> CountColumns | None:
    """Tell whether the rows of a table are counts by unit and period."""
    named = {name: readings(name) for name in table.names}
    events = [name for want in _COUNTS for name, forms in named.items() if want in forms]
    if not {"lon", "lat", COORDINATES, "place"} & set(chosen):
        events += [name for name, forms in named.items() if _says_events(forms)]
    events = [name for name in events if _is_count(table.column(name))]
    periods = [name for want in _PERIODS for name, forms in named.items() if want in forms]
    units = [chosen[target] for target in _UNITS if target in chosen]
    sides = {"actor1", "actor2"} & set(chosen)
    if not events or not periods or not units or sides:
        return None
    return CountColumns(events[0], tuple(dict.fromkeys(periods)))


def _says_events(forms: tuple[str, ...]) -> bool:
    words = {word for form in forms for word in form.split()}
    return bool(words & _EVENTS) and not words & _NUMBERED


def _is_count(values: "pd.Series[Any]") -> bool:
    numbers = parse_numbers(values, whole=True)
    stated = numbers.values[~np.isnan(numbers.values)]
    return (
        not numbers.unreadable.any()
        and len(stated) > 0
        and bool((stated >= 0).all() and (stated % 1 == 0).all())
    )


class NotIncidentsError(InputError):
    """A table whose rows say too little to be incidents: no date, no place, or counts."""


class PeopleError(NotIncidentsError):
    """A table whose rows count people by unit, and not incidents."""


class CountsError(NotIncidentsError):
    """A table whose rows are counts by unit and period, and not incidents."""


def refuse_counts(table: RawTable, chosen: Mapping[str, str]) -> None:
    """Refuse to take counts for incidents, and say how they are read."""
    wide = wide_columns(table, chosen)
    if wide is not None:
        raise CountsError(
            "the columns {columns} are periods and their cells counts by unit, not incidents; "
            "expected a row per incident. Read them with sg.read_panel(path); the commands map "
            "and indicators take them as they are.",
            columns=first_offenders(list(wide.events), 3),
        )
    found = count_columns(table, chosen)
    if found is not None:
        raise CountsError(
            "the rows are counts by unit and period ({events!r} by {periods}), not incidents; "
            "expected a row per incident. Read them with sg.read_panel(path); the commands map "
            "and indicators take them as they are.",
            events=found.events,
            periods=", ".join(repr(name) for name in found.periods),
        )
    people = _people_counted(table, chosen)
    if people is not None:
        raise PeopleError(
            "the rows count people by unit ({column!r}) and tell of no incident; expected a row "
            "per incident. Read them with sg.read_unit_table(path), or the command map with "
            "--column {column!r}, a row per unit.",
            column=people,
        )


def _people_counted(table: RawTable, chosen: Mapping[str, str]) -> str | None:
    """Name the column of people, where rows state units and dates and nothing else of an event."""
    if _OF_EVENTS & set(chosen) or not set(_UNITS) & set(chosen):
        return None
    for name in table.names:
        words = {word for form in readings(name) for word in form.split()}
        if name not in chosen.values() and words & _PEOPLE and _is_count(table.column(name)):
            return name
    return None


def fold_sides(table: RawTable, chosen: dict[str, str]) -> int:
    """Fold the two rows of a monadic event, one per side, into one; the table is changed."""
    if "incident_id" not in chosen or "actor1" not in chosen:
        return 0
    if "actor2" in chosen and table.column(chosen["actor2"]).notna().any():
        return 0
    ids = stripped(table.column(chosen["incident_id"]))
    actors = stripped(table.column(chosen["actor1"]))
    same = [stripped(table.column(chosen[name])).fillna("") for name in ("date", "lon", "lat")
            if name in chosen]  # fmt: skip
    key = pd.concat([ids, *same], axis=1).agg("\x1f".join, axis=1) if same else ids
    twin = (ids.notna() & key.duplicated(keep=False)).to_numpy(dtype=bool)
    repeated = pd.concat([key, actors], axis=1).duplicated(keep="first").to_numpy(dtype=bool)
    twin = twin & ~repeated
    if not twin.any():
        return 0
    later = twin & key.where(twin, pd.Series(range(len(key)), key.index).astype(str)).duplicated(
        keep="first"
    ).to_numpy(dtype=bool)
    if not later.any():
        return 0
    table.add_column("actor2", _other_sides(key, actors, later))
    table.keep(~later)
    chosen["actor2"] = table.names[-1]
    table.notes.append(
        Counted(
            "{count} row is the second side of an event stated above: folded into actor1 and "
            "actor2",
            "{count} rows are the second side of an event stated above: folded into actor1 and "
            "actor2",
            count=int(later.sum()),
        )
    )
    return int(later.sum())


def _other_sides(
    key: "pd.Series[Any]", actors: "pd.Series[Any]", later: npt.NDArray[np.bool_]
) -> list[str | None]:
    """Give each first row the actors of the rows that follow it under the same key."""
    others = actors[later].fillna("").groupby(key[later]).agg("; ".join)
    return [
        None if folded or name not in others.index else str(others[name]) or None
        for name, folded in zip(key, later, strict=True)
    ]
