"""Dates whose year, month and day stand in columns of their own."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sahel_geo.incidents.columns.dates.dates import Dates, to_days
from sahel_geo.incidents.columns.dates.texts import MONTHS, day_number, plain_date, read_date
from sahel_geo.incidents.columns.numbers import parse_numbers
from sahel_geo.incidents.columns.texts import as_text, text_of, told_apart


def parse_date_parts(columns: Mapping[str, "pd.Series[Any]"], size: int) -> Dates:
    """Read dates from columns ``year``, ``month`` and ``day``, the last two optional.

    A missing or zero day leaves a month, a missing or zero month a year; months may be words.
    """
    parts = np.zeros((size, 3))
    unreadable = np.zeros(size, dtype=bool)
    for place, part in enumerate(("year", "month", "day")):
        if part not in columns:
            continue
        values = columns[part]
        if part != "year" and not pd.api.types.is_numeric_dtype(values.dtype):
            values = _named_numbers(values, part)
        numbers = parse_numbers(values, whole=True)
        unreadable |= numbers.unreadable | (numbers.values % 1 > 0)
        parts[:, place] = np.nan_to_num(numbers.values, nan=0.0)
    years = parts[:, 0]
    short = (years >= 10) & (years < 100)
    parts[:, 0] = np.where(short, years + np.where(years < 70, 2000, 1900), years)
    parts = np.clip(parts, -1, 10_000).astype(np.int64)  # neither is a year
    missing = (parts[:, 0] == 0) & ~unreadable
    parts[parts[:, 1] == 0, 2] = 0
    kinds = np.where(parts[:, 1] == 0, "year", np.where(parts[:, 2] == 0, "month", "day")).astype(
        object
    )
    days = to_days(*np.where(parts == 0, [0, 1, 1], parts).T)
    days[unreadable] = np.datetime64("NaT")
    bad = np.isnat(days)
    kinds[bad] = "unknown"
    return Dates(
        days, as_text(pd.Series(kinds)), missing, bad & ~missing, np.zeros(size, dtype=bool)
    )


def _named_numbers(values: "pd.Series[Any]", part: str) -> "pd.Series[Any]":
    """Turn names of months, and days behind that of the week, into numbers; anything else stays."""
    plain = {text: plain_date(text).strip(". ") for text in values.dropna().unique()}
    known = {
        text: day_number(word) if part == "day" else MONTHS.get(word)
        for text, word in plain.items()
    }
    named = {text: str(number) for text, number in known.items() if number}
    return values.astype(object).replace(named) if named else values


def with_years(
    values: "pd.Series[Any]", years: "pd.Series[Any]", unit: str
) -> "pd.Series[Any] | None":
    """Complete dates that lack their year (3 mars, 14/03, S12) from a column of years.

    unit: What a bare number counts: ``week``, ``quarter``, or ``""`` where it is none.
    Returns (n,): None where no date lacks one.

    >>> with_years(pd.Series(["3 mars", "2025-03-14"]), pd.Series(["2025", "2025"]), "").tolist()
    ['3 mars 2025', '2025-03-14']
    """
    codes, texts = told_apart(values)
    sign = {"week": "s", "quarter": "t"}.get(unit)
    completed: list[str | None] = []
    for text in texts:
        plain = plain_date(text)
        number = plain.isdecimal()  # of nothing, but for that of a period
        forms = [f"{sign}{plain} {{}}"] if number else [f"{text} {{}}", f"{text}/{{}}"]
        forms = [] if number and sign is None else forms
        whole = not plain or (not number and read_date(plain) is not None)
        fitting = (form for form in forms if read_date(plain_date(form.format(2020))))
        completed.append(None if whole else next(fitting, None))
    if not any(completed):
        return None
    year_codes, year_texts = told_apart(years)
    pairs, distinct = pd.factorize(pd.MultiIndex.from_arrays([codes, year_codes]))
    joined: list[str | None] = []
    for code, year in distinct:
        form = completed[code] if code >= 0 else None
        cell = texts[code] if code >= 0 else None
        joined.append(form.format(year_texts[year]) if form and year >= 0 else cell)
    return text_of(pairs, [*joined, None])
