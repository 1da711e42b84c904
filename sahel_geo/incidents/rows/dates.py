"""The dates of rows: years and ends from columns of their own, and how precise they are."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sahel_geo.i18n.sentence import Counted, Sentence
from sahel_geo.incidents.columns.dates.dates import Dates, parse_dates
from sahel_geo.incidents.columns.dates.parts import parse_date_parts, with_years
from sahel_geo.incidents.columns.dates.texts import span_precision
from sahel_geo.incidents.columns.field_names import END_DATES, END_PARTS, NAMES
from sahel_geo.incidents.columns.names import DATE_PARTS, period_of, readings
from sahel_geo.incidents.columns.texts import as_text
from sahel_geo.incidents.readers.raw import RawTable


def read_dates(raw: RawTable, chosen: Mapping[str, str], *, published: bool, undo: bool) -> Dates:
    """Read the column of dates, and how precise they are by the columns around it.

    published: A publisher's format, whose dates say all themselves.
    undo: Swap day and month back where a spreadsheet half converted a column.
    """
    name = chosen["date"]
    values = raw.column(name)
    if published:
        return parse_dates(values, name=name, undo_swapped=undo)
    notes: list[Sentence] = []
    values = _with_years(raw, chosen, values, notes)
    dates = parse_dates(values, name=name, undo_swapped=undo)
    dates.notes[:0] = notes
    _coarsen(dates, name)
    _read_spans(dates, raw, chosen, values, undo=undo)
    return dates


def _with_years(
    raw: RawTable, chosen: Mapping[str, str], values: "pd.Series[Any]", notes: list[Sentence]
) -> "pd.Series[Any]":
    """Give dates the year of a column of its own, or of the title, where they have none."""
    named, used = set(NAMES["year"]), chosen.values()
    names = [name for name in raw.names if name not in used and named & set(readings(name))]
    if not (names or raw.year) or pd.api.types.is_datetime64_any_dtype(values.dtype):
        return values
    column = chosen["date"]
    years = raw.column(names[0]) if names else pd.Series([raw.year]).repeat(len(raw))
    completed = with_years(values, years, period_of(column))
    if completed is None:
        return values
    notes.append(
        Sentence("dates in {column!r} take their year from {year!r}", column=column, year=names[0])
        if names
        else Sentence(
            "dates in {column!r} take their year, {year}, from the title of the table",
            column=column,
            year=raw.year,
        )
    )
    return completed


def _coarsen(dates: Dates, column: str) -> None:
    """Make days no finer than the periods that their column is called after."""
    period = period_of(column)
    length = "year" if period == "quarter" else period
    order = ("day", "week", "month", "year")
    finer = dates.precision.isin(order[: order.index(length)] if length else ())
    if finer.any():
        dates.precision = as_text(dates.precision.mask(finer, length))
        dates.notes.append(
            Counted(
                "{count} date is as precise as the name {column!r} says",
                "{count} dates are as precise as the name {column!r} says",
                count=int(finer.sum()),
                column=column,
            )
        )


def read_parts(raw: RawTable, chosen: Mapping[str, str]) -> Dates:
    """Read dates from columns of years, months and days, as precise as the ends beside them."""
    parts = {part: raw.column(chosen[part]) for part in DATE_PARTS if part in chosen}
    dates = parse_date_parts(parts, len(raw))
    free = [name for name in raw.names if name not in chosen.values()]
    ends = {
        part: name
        for part, words in END_PARTS.items()
        for name in free
        if words & set(readings(name))
    }
    if "year" in ends:
        last = parse_date_parts({part: raw.column(name) for part, name in ends.items()}, len(raw))
        _stretch(dates, last.days, ends["year"])
    return dates


def _read_spans(
    dates: Dates, raw: RawTable, chosen: Mapping[str, str], first: "pd.Series[Any]", *, undo: bool
) -> None:
    """Make dates as coarse as the days until the date in a column of ends."""
    begun = "start" in readings(chosen["date"])
    wanted = END_DATES | {"end"} if begun else END_DATES  # a form's own end says nothing else
    name = next((each for each in raw.names if wanted & set(readings(each))), None)
    last = None if name is None else raw.column(name)
    if name is None or last is None or name in chosen.values() or last.dtype != first.dtype:
        return
    ends = pd.concat([first, last], ignore_index=True)  # one order of day and month for both
    begin, end = parse_dates(ends, name=chosen["date"], undo_swapped=undo).days.reshape(2, -1)
    _stretch(dates, np.where(begin == dates.days, end, begin), name)


def _stretch(dates: Dates, ends: "np.ndarray[Any, Any]", name: str) -> None:
    """Make days as coarse as the span to their ends (n,), and months that end in another years."""
    precision = dates.precision.to_numpy(dtype=object)
    longer = (ends > dates.days) & np.isin(precision, ["day", "month"])
    if longer.any():
        spans = (ends - dates.days).astype("timedelta64[D]").astype(int)
        precision[longer] = [
            "year" if precision[at] == "month" else span_precision(int(spans[at]))
            for at in np.flatnonzero(longer)
        ]
        dates.precision = as_text(pd.Series(precision))
        dates.notes.append(
            Counted(
                "{count} date is a span that ends in {column!r}, and as precise as the span",
                "{count} dates are spans that end in {column!r}, and as precise as the span",
                count=int(longer.sum()),
                column=name,
            )
        )
