"""What titles and headings between the rows say of the incidents below them."""

import re
from typing import Final

import numpy as np
import pandas as pd

from sahel_geo.errors import first_offenders
from sahel_geo.i18n.sentence import Counted, Sentence
from sahel_geo.incidents.columns.countries import all_countries
from sahel_geo.incidents.columns.dates.texts import MONTHS, plain_date, read_date
from sahel_geo.incidents.columns.names import field_of
from sahel_geo.incidents.readers.raw import RawTable, stated_in

# What a heading may say of the rows below it, and what it then says anew.
_HEADED: Final = {"country": ("admin1", "admin2", "admin3"), "admin1": ("admin2", "admin3"),
                  "admin2": ("admin3",), "admin3": (), "year": ("month",), "month": ()}  # fmt: skip
_NUMBERED: Final = re.compile(r"^(?:[IVX]+|[A-Z]|\d+(?:\.\d+)*)\s*[.)/-]+\s*")
_UNIT_HEADING: Final = re.compile(
    r"(\w+)s?\s*(?::|du |de la |de l['’]|des |de |d['’]|of )\s*(\S.{0,60})", re.IGNORECASE
)
_LONGEST_TITLE: Final = 80  # characters, of a longer one those at its end
_FEWEST_COLUMNS: Final = 3  # in which a row of one cell stands out
_MOST_HEADINGS: Final = 500  # different ones; more are no headings
_MONTH_OF_TITLE: Final = re.compile(rf"\b({'|'.join(MONTHS)})\.?[ ,-]*((?:19|20)\d\d)\b")
_MONTH: Final = re.compile(rf"\b({'|'.join(MONTHS)})\b")
_DAY_ALONE: Final = re.compile(r"(?:le )?([12]\d|3[01]|0?[1-9])(?:er)?(?:\.0)?")


def fold_headings(table: RawTable) -> None:
    """Write headings between the rows, such as "Région de Gao", beside each row below them.

    A heading is the only cell of its row, and names a country, a month, or a unit behind what it
    is; it holds until the next of its level or of a higher one. Not for tables of units, where a
    unit without figures looks the same.
    """
    taken = {field_of(name) for name in table.names}
    filled = sum(stated_in(table.cells, name).astype(np.int64) for name in table.names)
    alone = np.flatnonzero(np.asarray(filled) == 1)
    if not len(alone) or len(table.names) < _FEWEST_COLUMNS:
        return
    cells = table.take(alone).bfill(axis=1).iloc[:, 0].astype(str)
    known = {text: _heading(text) for text in cells.unique()[:_MOST_HEADINGS]}
    heads = {int(at): head for at, text in zip(alone, cells, strict=True)
             if (head := known.get(text)) and taken.isdisjoint(head)}  # fmt: skip
    if not heads:
        return
    rows: list[dict[str, str]] = []
    stated: dict[str, str] = {}
    for at in range(len(table)):
        for level, name in heads.get(at, {}).items():
            lower = _HEADED[level]
            stated = {each: text for each, text in stated.items() if each not in lower}
            stated[level] = name
        rows.append(stated)
    for level in dict.fromkeys(level for row in rows for level in row):
        table.add_column(level, [row.get(level) for row in rows])
    shown = [text for at, text in zip(alone, cells, strict=True) if int(at) in heads]
    table.keep(~np.isin(np.arange(len(table)), list(heads)))
    table.notes.append(
        Counted(
            "{count} heading between the rows is read beside those below it: {shown}",
            "{count} headings between the rows are read beside those below them: {shown}",
            count=len(heads),
            shown=first_offenders(shown),
        )
    )


def date_by_title(table: RawTable) -> None:
    """Give days without a month the one month that the title states."""
    plain = plain_date(table.title[-_LONGEST_TITLE:])
    months = {(match[2], str(MONTHS[match[1]])) for match in _MONTH_OF_TITLE.finditer(plain)}
    fields = [field_of(name) for name in table.names]
    columns = [name for name, field in zip(table.names, fields, strict=True)
               if field in {"date", "day"}]  # fmt: skip
    named = {MONTHS[name] for name in _MONTH.findall(plain)}  # "janvier - mars 2024" is three
    if not months or len(named) != 1 or not table.year:
        return
    if len(columns) != 1 or {"year", "month"} & set(fields):
        return
    values = table.column(columns[0])
    days = {text: _DAY_ALONE.fullmatch(plain_date(text)) for text in values.dropna().unique()}
    if not days or None in days.values():
        return
    numbers = values.map({text: match[1] for text, match in days.items() if match})
    table.replace_column(columns[0], numbers)
    (year, month), *_ = months
    for name, text in (("year", year), ("month", month)):
        table.add_column(name, [text] * len(table))
    table.notes.append(
        Sentence(
            "days in {column!r} are those of {month}/{year}, which the title of the table states",
            column=columns[0],
            month=month,
            year=year,
        )
    )


def _heading(text: str) -> dict[str, str]:
    """Tell what a heading says of the rows below it.

    >>> _heading("1. Région de Gao"), _heading("MARS 2024"), _heading("Total")
    ({'admin1': 'Gao'}, {'year': '2024', 'month': '3'}, {})
    """
    bare = _NUMBERED.sub("", text[:_LONGEST_TITLE].strip()).strip(" :.")
    if all_countries(pd.Series([bare])):
        return {"country": bare}
    month = read_date(plain_date(bare))
    if month is not None and month.precision == "month":
        return {"year": str(month.year), "month": str(month.month)}
    match = _UNIT_HEADING.fullmatch(bare)
    level = field_of(match[1]) if match else ""
    return {level: match[2]} if match and level in {"country", *_HEADED["country"]} else {}
