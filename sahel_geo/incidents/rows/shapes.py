"""Tables of another shape than one row an incident: counts, periods as columns, rows for sides."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

import numpy as np
import pandas as pd

from sahel_geo.arrays import Flags, Floats
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.i18n.sentence import Counted
from sahel_geo.incidents.columns.dates.dates import parse_dates
from sahel_geo.incidents.columns.dates.texts import MONTHS
from sahel_geo.incidents.columns.field_names import DEATHS
from sahel_geo.incidents.columns.names import COORDINATES, PCODES, period_of, plain_name, readings
from sahel_geo.incidents.columns.numbers import parse_numbers
from sahel_geo.incidents.columns.texts import stripped
from sahel_geo.incidents.readers.raw import RAW_TEXT, RawTable
from sahel_geo.schema import FATALITIES, Period

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
UNITS: Final = ("admin1", "admin2", "admin3", "country", *PCODES)


# What tells people or households counted in a unit from an incident there.
PEOPLE: Final = frozenset(
    ["idp", "idps", "pdi", "deplace", "deplaces", "displaced", "individuals", "individus", "ind",
     "hh", "households", "menages", "population", "people", "personnes", "refugees", "refugies",
     "returnees", "retournes", "rapatries", "beneficiaries", "beneficiaires", "pin", "besoin",
     "need", "affected", "affectees"]
)  # fmt: skip
_UNITS_SINCE: Final = frozenset(["validon", "valid on", "validto", "valid to"])
_PATIENTS: Final = frozenset(["cas", "cases", "patients", "malades"])
_HURT: Final = frozenset(
    ["blesses", "wounded", "injured", "enleves", "abducted", "kidnapped", "otages", "disparus"]
)
_FORECASTS: Final = frozenset(
    ["forecast", "forecasts", "predicted", "prediction", "prevision", "previsions", "prevus"]
)  # fmt: skip
_PRICES: Final = frozenset(["price", "prices", "prix", "usdprice"])
_GOODS: Final = frozenset(["commodity", "produit", "denree", "cereale", "market", "marche"])
_TOLLS: Final = frozenset(FATALITIES)
SIDES_OR_TOLLS: Final = _TOLLS | {"actor1", "actor2"}
_OF_EVENTS: Final = SIDES_OR_TOLLS | {"lon", "lat", COORDINATES, "place", "event_type"}


@dataclass(frozen=True)
class CountColumns:
    """Which columns of a table of counts hold the counts and the periods."""

    events: str
    periods: tuple[str, ...]

    @classmethod
    def of(cls, table: RawTable, chosen: Mapping[str, str]) -> "CountColumns | None":
        """Tell whether the rows of a table are counts by unit and period."""
        named = {name: readings(name) for name in table.names}
        events = [name for want in _COUNTS for name, forms in named.items() if want in forms]
        if not {"lon", "lat", COORDINATES, "place"} & set(chosen):
            events += [name for name, forms in named.items() if _says_events(forms)]
        events = [name for name in events if _is_count(table.column(name))]
        periods = [name for want in _PERIODS for name, forms in named.items() if want in forms]
        units = [chosen[target] for target in UNITS if target in chosen]
        sides = {"actor1", "actor2"} & set(chosen)
        if not events or not periods or not units or sides:
            return None
        return cls(events[0], tuple(dict.fromkeys(periods)))


def _says_events(forms: tuple[str, ...]) -> bool:
    words = {word for form in forms for word in form.split()}
    return bool(words & _EVENTS) and not words & _NUMBERED


def _is_count(values: "pd.Series[Any]") -> bool:
    counts = _counts(values)
    return counts is not None and len(counts) > 0 and bool((counts % 1 == 0).all())


def _counts(values: "pd.Series[Any]") -> Floats | None:
    """Give the numbers that a column states, None where one is negative or no number."""
    numbers = parse_numbers(values, whole=True)
    stated = numbers.values[~np.isnan(numbers.values)]
    return None if numbers.unreadable.any() or (stated < 0).any() else stated


class NotIncidentsError(InputError):
    """A table whose rows say too little to be incidents: no date, no place, or counts."""


class PeopleError(NotIncidentsError):
    """A table whose rows count people by unit, or forecast, and tell of no incidents."""


class CountsError(NotIncidentsError):
    """A table whose rows are counts by unit and period, and not incidents."""


def refuse_counts(table: RawTable, chosen: Mapping[str, str]) -> None:
    """Refuse to take counts for incidents, and say how they are read."""
    wide = WideTable.of(table, chosen)
    if wide is not None:
        raise CountsError(
            "the columns {columns} are periods and their cells counts by unit, not incidents; "
            "expected a row per incident. Read them with sg.read_panel(path); the commands map "
            "and indicators take them as they are.",
            columns=first_offenders(list(wide.events), 3),
        )
    columns = CountColumns.of(table, chosen)
    if columns is not None:
        raise CountsError(
            "the rows are counts by unit and period ({events!r} by {periods}), not incidents; "
            "expected a row per incident. Read them with sg.read_panel(path); the commands map "
            "and indicators take them as they are.",
            events=columns.events,
            periods=", ".join(repr(name) for name in columns.periods),
        )
    if _tolls_by_period(table, chosen):
        raise CountsError(
            "the rows are deaths by unit and period ({column!r}), each unit once in a period, and "
            "may be of several incidents; expected a row per incident. Read them with "
            "sg.read_unit_table(path), a period at a time; if each row is one incident, say where "
            "with mapping={{'place': '...'}} (--mapping place=...).",
            column=next(chosen[target] for target in chosen if target in _TOLLS),
        )
    _refuse_measures(table, chosen)


def _refuse_measures(table: RawTable, chosen: Mapping[str, str]) -> None:
    """Refuse prices, people, forecasts and other numbers by unit, which tell of no incident."""
    words = {name: {word for form in readings(name) for word in form.split()}
             for name in table.names if name not in chosen.values()}  # fmt: skip
    priced = [name for name in words if words[name] & _PRICES]
    if priced and any(words[name] & _GOODS for name in words) and not SIDES_OR_TOLLS & set(chosen):
        raise NotIncidentsError(
            "the rows are prices ({column!r}), and tell of no incident; expected a row per "
            "incident. Take their mean by unit, and look at it with the command map.",
            column=priced[0],
        )
    patients = [
        name
        for name in words
        if words[name] & _PATIENTS
        and not words[name] & (_NUMBERED | {"n"})  # "N° du cas"
        and _is_count(table.column(name))
    ]
    events = _OF_EVENTS - _TOLLS if patients else _OF_EVENTS  # who dies of a disease is no toll
    if events & set(chosen) or not set(UNITS) & set(chosen):
        return
    if units := next((name for name in table.names if _UNITS_SINCE & set(readings(name))), None):
        raise NotIncidentsError(
            "the rows are units ({column!r} says since when), and tell of no incident; expected a "
            "row per incident. Boundaries are read with sg.read_boundaries(path).",
            column=units,
        )
    if forecast := next((name for name in words if words[name] & _FORECASTS), None):
        raise PeopleError(
            "the rows are forecasts by unit ({column!r}), and tell of no incident; expected a row "
            "per incident. Look at them with the command map and --column {column!r}, a row per "
            "unit.",
            column=forecast,
        )
    people = (name for name in words if words[name] & PEOPLE and _is_count(table.column(name)))
    if column := next(chain(patients, people), None):
        raise PeopleError(
            "the rows count people by unit ({column!r}) and tell of no incident; expected a row "
            "per incident. Read them with sg.read_unit_table(path), or the command map with "
            "--column {column!r}, a row per unit.",
            column=column,
        )
    numbers = (name for name in words if (stated := _counts(table.column(name))) is not None
               and len(stated) and not words[name] & _NUMBERED)  # fmt: skip
    if column := next((name for name in numbers if _measures(table, chosen, name)), None):
        raise PeopleError(
            "the rows hold numbers by unit and period ({column!r}) and tell of no incident; "
            "expected a row per incident. Read them with sg.read_unit_table(path), or the command "
            "map with --column {column!r}, a row per unit.",
            column=column,
        )


def _tolls_by_period(table: RawTable, chosen: Mapping[str, str]) -> bool:
    """Whether rows say no more than how many died in a unit and a month, week or quarter."""
    targets = set(chosen)
    periods = [chosen[part] for part in ("date", "year", "month") if part in chosen]
    other = targets - {*UNITS, *_TOLLS, "date", "year", "month"}
    if other or not (targets & set(UNITS) and targets & _TOLLS and periods) or len(table) < _LEAST:
        return False
    if "date" in targets and not period_of(chosen["date"]):
        return False
    names = [*periods, *(chosen[target] for target in UNITS if target in chosen)]
    return not table.take(np.arange(len(table)))[names].duplicated().any()


def _measures(table: RawTable, chosen: Mapping[str, str], column: str) -> bool:
    """Whether numbers in rows that name no incident are rates or prices, or no row tells a day."""
    if {"date", "month"}.isdisjoint(chosen) or not _is_count(table.column(column)):
        return True
    days = table.column(chosen["date"]).dropna().unique() if "date" in chosen else ()
    if len(table) > 1 == len(days) and not _HURT & set(plain_name(column).split()):
        return True  # each row tells of another unit on the same day
    dates = None if "date" not in chosen else parse_dates(table.column(chosen["date"]))
    return dates is not None and not (dates.precision == "day").any()


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
    later = np.zeros(len(key), dtype=bool)
    later[twin] = key[twin].duplicated()
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


def _other_sides(key: "pd.Series[Any]", actors: "pd.Series[Any]", later: Flags) -> list[str | None]:
    """Give each first row the actors of the rows that follow it under the same key."""
    others = actors[later].fillna("").groupby(key[later]).agg("; ".join)
    return [
        None if folded or name not in others.index else str(others[name]) or None
        for name, folded in zip(key, later, strict=True)
    ]


_FREQUENCY: Final = {"week": "W-SUN", "month": "M", "quarter": "Q-DEC", "year": "Y-DEC"}
_LEAST: Final = 2  # periods
_QUARTER: Final = re.compile(
    r"(?:(\d{4}) ?(?:[tq]|trim\w*) ?([1-4])|(?:[tq]|trim\w*) ?([1-4]) (\d{4})|"
    r"([1-4])(?:er|e|eme|nd|st|rd|th) (?:trim\w*|quarter) (\d{4}))"
)
_NUMBERS: Final = re.compile(
    r"(\d{4}) ?m?(0[1-9]|1[0-2])(?: 01(?: 00 00 00)?)?|(0?[1-9]|1[0-2]) (\d{4})"
)
_HALF_YEAR: Final = re.compile(r"(?:.* )?s ?[12] (?:19|20)\d{2}|(?:19|20)\d{2} s ?[12]")
_YEAR: Final = re.compile(r"(?:annee )?((?:19|20)\d{2})(?: 0)?")
_SHORT_YEAR: Final = re.compile(r"([a-z]{3,}) (\d{2})")
_DEATHS: Final = frozenset([*DEATHS, "bilan", "toll", "nkill"])
_MEASURES: Final = frozenset(
    ["events", "event", "incidents", "incident", "evenements", "attaques", "attacks", "nb",
     "nombre", "n", "count", "total", "nbre"]
)  # fmt: skip


@dataclass(frozen=True)
class WideTable:
    """The columns of a table that are periods."""

    length: Period  # of the periods: ``week``, ``month``, ``quarter`` or ``year``
    events: Mapping[str, str]  # column to its period
    deaths: Mapping[str, str]  # a month without a year is ``"01"``
    year: str | None = None  # column of the years of such months

    @classmethod
    def of(cls, table: RawTable, chosen: Mapping[str, str]) -> "WideTable | None":
        """Tell which columns are periods, where the rows are units; None for any other table."""
        if not set(UNITS) & set(chosen) or {"lon", "lat", COORDINATES, "date"} & set(chosen):
            return None
        columns: dict[tuple[Period, bool], dict[str, str]] = {}
        for name in table.names:
            period = _period(name)
            if period is not None and name not in chosen.values():
                length, text, of_deaths = period
                columns.setdefault((length, of_deaths), {})[name] = text
        lengths = {length for length, _ in columns}
        events = {length: columns.get((length, False), {}) for length in lengths}
        best = max(lengths, key=lambda length: len(events[length]), default=None)
        if best is None or len(events[best]) < _LEAST:
            return None
        if best == "week" and all(_HALF_YEAR.fullmatch(plain_name(name)) for name in events[best]):
            raise InputError(
                "the columns {columns} may be weeks or half-years; expected periods that can be "
                "told apart. Write weeks as 2024-W01, or half-years as two sums of months.",
                columns=first_offenders(list(events[best])),
            )
        months = [text for text in events[best].values() if len(text) == 2]
        year = chosen.get("year")
        if months and (year is None or len(months) < len(events[best])):
            return None
        if any(_counts(table.column(name)) is None for name in events[best]):
            return None
        return cls(best, events[best], columns.get((best, True), {}), year if months else None)

    def lay_out(self, table: RawTable) -> tuple[RawTable, "pd.PeriodIndex"]:
        """Give a row for each unit and period with a count, and its period; blanks are missing."""
        kept = [name for name in table.names if name not in self.events and name not in self.deaths]
        base = pd.DataFrame({name: table.column(name).astype(object) for name in kept})
        deaths = {period: name for name, period in self.deaths.items()}
        parts, periods, rows = [], [], []
        for name, period in self.events.items():
            stated = table.column(name).notna().to_numpy(dtype=bool)
            part = base[stated].assign(incidents=table.column(name)[stated].astype(object))
            other = table.column(deaths[period])[stated] if period in deaths else None
            parts.append(part.assign(fatalities=None if other is None else other.astype(object)))
            years = base.loc[stated, self.year].astype(str).str[:4] if self.year else None
            periods += [period] * len(part) if years is None else [f"{y}-{period}" for y in years]
            rows.append(table.rows[stated])
        cells = pd.concat(parts, ignore_index=True)
        if not self.deaths:
            cells = cells.drop(columns="fatalities")
        long = RawTable(cells, np.concatenate(rows), table.container, delimiter=table.delimiter)
        long.notes = list(table.notes)
        return long, pd.PeriodIndex(periods, freq=_FREQUENCY[self.length])


def _period(name: str) -> tuple[Period, str, bool] | None:
    """Read a header as a period: its length, how it is written here, whether deaths are counted."""
    words = plain_name(name).split()
    deaths = bool({word for word in words if word in _DEATHS})
    for _ in range(len(words)):  # "morts janv-24" and "janv-24 morts"
        if words[0] in _MEASURES | _DEATHS:
            words = words[1:]
        elif words[-1] in _MEASURES | _DEATHS:
            words = words[:-1]
    if not words:
        return None
    text = " ".join(words)
    if figures := _in_figures(text):
        return *figures, deaths
    if match := _SHORT_YEAR.fullmatch(text):
        text = f"{match[1]}-{match[2]}"
    if month := MONTHS.get(text):
        return "month", f"{month:02d}", deaths
    text = re.sub("^s(?=[12] )", "s0", text)  # weeks here; half-years are refused by the columns
    dates = parse_dates(pd.Series([text], dtype=RAW_TEXT), name=name)
    precision = str(dates.precision[0])
    if np.isnat(dates.days[0]) or precision not in {"week", "month"}:
        return None
    day = pd.Timestamp(dates.days[0])
    if precision == "month":
        return "month", f"{day:%Y-%m}", deaths
    return "week", f"{day:%Y-%m-%d}", deaths


def _in_figures(text: str) -> tuple[Period, str] | None:
    """Read quarters, months and years that are written in figures."""
    if match := _QUARTER.fullmatch(text):
        year, quarter = match[1] or match[4] or match[6], match[2] or match[3] or match[5]
        return "quarter", f"{year}Q{quarter}"
    if match := _NUMBERS.fullmatch(text):
        year, month = (match[1], match[2]) if match[1] else (match[4], match[3])
        return "month", f"{year}-{int(month):02d}"
    if match := _YEAR.fullmatch(text):
        return "year", match[1]
    return None
