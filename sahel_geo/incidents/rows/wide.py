"""Tables with a column for each period: recognised, and laid out with a row for each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.incidents.columns.dates import parse_dates
from sahel_geo.incidents.columns.field_names import NAMES
from sahel_geo.incidents.columns.names import COORDINATES, PCODES, plain_name
from sahel_geo.incidents.columns.numbers import parse_numbers
from sahel_geo.incidents.readers.raw import RAW_TEXT, RawTable
from sahel_geo.schema import Period

_FREQUENCY: Final = {"week": "W-SUN", "month": "M", "quarter": "Q-DEC", "year": "Y-DEC"}
_UNITS: Final = ("admin1", "admin2", "admin3", "country", *PCODES)
_LEAST: Final = 2  # periods
_MONTH_WORDS: Final = (
    "janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre", "octobre",
    "novembre", "decembre", "january", "february", "march", "april", "may", "june", "july",
    "august", "september", "october", "november", "december",
)  # fmt: skip
_SHORTEST_MONTH: Final = 3  # letters of "jan", "mai"
_QUARTER: Final = re.compile(
    r"(?:(\d{4}) ?(?:[tq]|trim\w*) ?([1-4])|(?:[tq]|trim\w*) ?([1-4]) (\d{4}))"
)
_NUMBERS: Final = re.compile(
    r"(\d{4}) ?m?(0[1-9]|1[0-2])(?: 01(?: 00 00 00)?)?|(0?[1-9]|1[0-2]) (\d{4})"
)
_HALF_YEAR: Final = re.compile(r"(?:.* )?s ?[12] (?:19|20)\d{2}|(?:19|20)\d{2} s ?[12]")
_YEAR: Final = re.compile(r"(?:annee )?((?:19|20)\d{2})(?: 0)?")
_SHORT_YEAR: Final = re.compile(r"([a-z]{3,}) (\d{2})")
_NOT_DEATHS: Final = {"nombre", "nb", "number", "total", "best", "estimate", "de", "of"}
_DEATHS: Final = frozenset(" ".join(NAMES["fatalities_best"]).split()) - _NOT_DEATHS
_MEASURES: Final = frozenset(
    ["events", "event", "incidents", "incident", "evenements", "attaques", "attacks", "nb",
     "nombre", "n", "count", "total", "nbre"]
)  # fmt: skip


@dataclass(frozen=True)
class WideTable:
    """The columns of a table that are periods.

    length: Of the periods: ``week``, ``month``, ``quarter`` or ``year``.
    events, deaths: Column to its period; a month without a year is ``"01"``.
    year: Column of the years of such months.
    """

    length: Period
    events: Mapping[str, str]
    deaths: Mapping[str, str]
    year: str | None = None


def wide_columns(table: RawTable, chosen: Mapping[str, str]) -> WideTable | None:
    """Tell which columns are periods, where the rows are units; None for any other table."""
    if not set(_UNITS) & set(chosen) or {"lon", "lat", COORDINATES, "date"} & set(chosen):
        return None
    found: dict[tuple[Period, bool], dict[str, str]] = {}
    for name in table.names:
        period = _period(name)
        if period is not None and name not in chosen.values():
            length, text, of_deaths = period
            found.setdefault((length, of_deaths), {})[name] = text
    lengths = {length for length, _ in found}
    events = {length: found.get((length, False), {}) for length in lengths}
    best = max(lengths, key=lambda length: len(events[length]), default=None)
    if best is None or len(events[best]) < _LEAST:
        return None
    if best == "week" and all(_HALF_YEAR.fullmatch(plain_name(name)) for name in events[best]):
        raise InputError(
            "the columns {columns} may be weeks or half-years; expected periods that can be told "
            "apart. Write weeks as 2024-W01, or half-years as two sums of months.",
            columns=first_offenders(list(events[best])),
        )
    months = [text for text in events[best].values() if len(text) == 2]
    year = chosen.get("year")
    if months and (year is None or len(months) < len(events[best])):
        return None
    if not all(_is_count(table, name) for name in events[best]):
        return None
    deaths = found.get((best, True), {})
    return WideTable(best, events[best], deaths, year if months else None)


def _is_count(table: RawTable, name: str) -> bool:
    numbers = parse_numbers(table.column(name), whole=True)
    stated = numbers.values[~np.isnan(numbers.values)]
    return not numbers.unreadable.any() and bool((stated >= 0).all())


def _period(name: str) -> tuple[Period, str, bool] | None:
    """Read a header as a period: its length, how it is written here, whether deaths are counted."""
    words = plain_name(name).split()
    said = {word for word in words if word in _DEATHS}
    deaths = bool(said)
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
    if month := _month_alone(text):
        return "month", month, deaths
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
        return "quarter", f"{match[1] or match[4]}Q{match[2] or match[3]}"
    if match := _NUMBERS.fullmatch(text):
        year, month = (match[1], match[2]) if match[1] else (match[4], match[3])
        return "month", f"{year}-{int(month):02d}"
    if match := _YEAR.fullmatch(text):
        return "year", match[1]
    return None


def _month_alone(text: str) -> str:
    """Give the number of a month that is named without a year; "" for anything else."""
    if len(text) < _SHORTEST_MONTH or not text.isalpha():
        return ""
    if text not in _MONTH_WORDS and not any(
        word.startswith(text) and len(text) <= 5 for word in _MONTH_WORDS
    ):
        return ""
    days = parse_dates(pd.Series([f"1 {text} 2001"], dtype=RAW_TEXT), name="month").days
    return "" if np.isnat(days[0]) else f"{pd.Timestamp(days[0]).month:02d}"


def lay_out(table: RawTable, wide: WideTable) -> tuple[RawTable, "pd.PeriodIndex"]:
    """Give a row for each unit and period with a count, and its period; blank cells are missing."""
    kept = [name for name in table.names if name not in wide.events and name not in wide.deaths]
    base = pd.DataFrame({name: table.column(name).astype(object) for name in kept})
    deaths = {period: name for name, period in wide.deaths.items()}
    parts, periods, rows = [], [], []
    for name, period in wide.events.items():
        stated = table.column(name).notna().to_numpy(dtype=bool)
        part = base[stated].assign(incidents=table.column(name)[stated].astype(object))
        other = table.column(deaths[period])[stated] if period in deaths else None
        parts.append(part.assign(fatalities=None if other is None else other.astype(object)))
        years = base.loc[stated, wide.year].astype(str).str[:4] if wide.year else None
        periods += [period] * len(part) if years is None else [f"{y}-{period}" for y in years]
        rows.append(table.rows[stated])
    cells = pd.concat(parts, ignore_index=True)
    if not wide.deaths:
        cells = cells.drop(columns="fatalities")
    long = RawTable(cells, np.concatenate(rows), table.container, delimiter=table.delimiter)
    long.notes = list(table.notes)
    return long, pd.PeriodIndex(periods, freq=_FREQUENCY[wide.length])
