"""Which column of a table is which, by its name and by what it holds."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from sahel_geo.incidents.columns.coordinates import holds_points, pair_of_sides
from sahel_geo.incidents.columns.countries import all_countries
from sahel_geo.incidents.columns.dates.dates import parse_dates
from sahel_geo.incidents.columns.dates.parts import with_years
from sahel_geo.incidents.columns.field_names import (
    DOUBTFUL_TOLLS,
    ELSEWHERE,
    END_DATES,
    EVENT_CONTEXT,
    FORM_DATES,
    MAYBE_COUNTRIES,
    OF_DAYS,
    WORLD_REGIONS,
)
from sahel_geo.incidents.columns.names import (
    COORDINATES,
    DATE_PARTS,
    ColumnChoice,
    choose_columns,
    look_alikes,
    period_of,
    plain_name,
    readings,
)
from sahel_geo.incidents.columns.numbers import parse_numbers
from sahel_geo.incidents.columns.profiles import Profile
from sahel_geo.incidents.columns.tolls import states_dead
from sahel_geo.incidents.readers.raw import RawTable
from sahel_geo.incidents.rows.shapes import PEOPLE, SIDES_OR_TOLLS


def choose_by_content(
    table: RawTable, mapping: Mapping[str, str], profile: Profile
) -> ColumnChoice:
    """Choose columns by name, leave out what holds something else, and find what has no name."""
    choice = _choose(table, mapping, profile)
    chosen = dict(choice.chosen)
    for target, is_other in _NOT_BY_CONTENT:
        if target in chosen and target not in mapping and is_other(table, chosen[target]):
            del chosen[target]
    return replace(choice, chosen=chosen)


def _choose(table: RawTable, mapping: Mapping[str, str], profile: Profile) -> ColumnChoice:
    """Choose columns by name; where no coordinates are found, by what the columns hold."""
    names = table.names
    known = profile.columns_in(names)
    choice = choose_columns(names, mapping, known)
    for target, words, holds in _BY_CONTENT:
        if any(name.startswith(target.split("_")[0]) for name in choice.chosen):
            continue
        maybe = (name for name in names if set(readings(name)) & set(words))
        if column := next((name for name in maybe if holds(table.column(name), name)), None):
            known = {**known, target: column}
            choice = choose_columns(names, mapping, known)
    day = "" if "date" in mapping else choice.chosen.get("date", "")
    if day and not period_of(day) and _holds_days(table, day):
        by_parts = choose_columns(names, mapping, {**known, "day": day})
        if {"year", "month"} <= set(by_parts.chosen):
            choice, known = by_parts, {**known, "day": day}
    choice = _with_periods(table, choice, mapping, known)
    if not {"date", "year"} & set(choice.chosen) and (day := _column_of_days(table, choice)):
        known = {**known, "date": day}
        choice = choose_columns(names, mapping, known)
    if {"lon", "lat"} <= set(choice.chosen) or COORDINATES in choice.chosen:
        return choice
    sure = {choice.chosen[name] for name in ("date", "country") if name in choice.chosen}
    others = [name for name in names if name not in sure]
    if pair := pair_of_sides(others, table.column):
        return choose_columns(names, mapping, {**known, **pair})
    points = [name for name in others if holds_points(table.column(name), name)]
    points.sort(key=_farness)
    if not points or _farness(points[0]) == _ELSEWHERE:
        return choice
    choice = choose_columns(names, mapping, {**known, COORDINATES: points[0]})
    doubts = [look_alikes(COORDINATES, points)] if len(points) > 1 else []
    return replace(choice, notes=(*choice.notes, *doubts))


_ELSEWHERE: Final = 3


def _farness(name: str) -> int:
    """Say how far from the incidents the points of a column may be, by its name, from 0 to 3."""
    words = {word for form in readings(name) for word in form.split()}
    if words & EVENT_CONTEXT:
        return 0
    by_the_form = name.startswith("_") or words & {"geolocation", "start"}  # where it was filled
    return _ELSEWHERE if words & ELSEWHERE else 2 if by_the_form else 1


# What a column may be that has none of its usual names, if all it holds is that.
_BY_CONTENT: Final = (
    ("country", MAYBE_COUNTRIES, lambda values, _: all_countries(values)),
    ("fatalities_best", DOUBTFUL_TOLLS, states_dead),
)


def _with_periods(
    table: RawTable, choice: ColumnChoice, mapping: Mapping[str, str], known: Mapping[str, str]
) -> ColumnChoice:
    """Choose a column of weeks, months or quarters where no other tells dates as precisely."""
    chosen = choice.chosen
    recorded = set(readings(chosen.get("date", ""))) & set(FORM_DATES)
    if ("date" in chosen and not recorded) or "day" in chosen or {"date", "year"} & set(mapping):
        return choice
    years = table.column(chosen["year"]) if "year" in chosen else None
    used = {name for target, name in chosen.items() if target not in {*DATE_PARTS, "date"}}
    lengths = ("week",) if {"year", "month"} <= set(chosen) else ("week", "month", "quarter")
    for length in lengths:
        for name in table.names:
            if name in used or period_of(name) != length:
                continue
            values = table.column(name)
            whole = values if years is None else with_years(values, years, length)
            if whole is not None and not np.isnat(parse_dates(whole).days).all():
                return choose_columns(table.names, mapping, {**known, "date": name})
    return choice


def _column_of_days(table: RawTable, choice: ColumnChoice) -> str:
    """Find the one column that holds days in every row that it fills; numbers if called a date."""
    named = {name: {word for form in readings(name) for word in form.split()}
             for name in table.names}  # fmt: skip
    words_of_all = set().union(*named.values())
    of_events = words_of_all & EVENT_CONTEXT and not words_of_all & PEOPLE
    if not (of_events or SIDES_OR_TOLLS & set(choice.chosen)):
        return ""  # a list of sites, say, and the day is that of a visit
    columns = []
    taken = {name for target, name in choice.chosen.items() if target not in DATE_PARTS}
    for name, words in named.items():
        if name in taken or END_DATES & set(readings(name)):
            continue
        values = table.column(name)
        if not words & OF_DAYS and (pd.api.types.is_numeric_dtype(values.dtype)
                                    or not parse_numbers(values).unreadable.any()):  # fmt: skip
            continue
        if table.year:
            completed = with_years(values, pd.Series([table.year]).repeat(len(values)), "")
            values = values if completed is None else completed
        dates = parse_dates(values)
        if (dates.missing | (dates.precision == "day")).all() and not dates.missing.all():
            columns.append(name)
    return columns[0] if len(columns) == 1 else ""


def _holds_days(table: RawTable, column: str) -> bool:
    """Whether a column of dates holds no more than days of a month, from 1 to 31."""
    numbers = parse_numbers(table.column(column), whole=True)
    stated = numbers.values[~np.isnan(numbers.values)]
    days = np.isin(stated, np.arange(1, 32))
    return bool(len(stated)) and bool(days.all()) and not numbers.unreadable.any()


def _in_metres(table: RawTable, column: str) -> bool:
    """Whether a column of precision is how exact a device measured, and no code."""
    numbers = parse_numbers(table.column(column)).values
    stated = numbers[~np.isnan(numbers)]
    return bool(len(stated)) and bool((stated % 1 > 0).any() or stated.max() > 9)


def _of_the_world(table: RawTable, column: str) -> bool:
    """Whether a column of regions names parts of the world, and none of a country."""
    said = {plain_name(text) for text in table.column(column).dropna().unique()}
    return bool(said) and said <= WORLD_REGIONS


# What a column does not hold that has the name for it.
_NOT_BY_CONTENT: Final = (("location_precision", _in_metres), ("admin1", _of_the_world))
