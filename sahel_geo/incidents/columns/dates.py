"""Dates as files state them: ISO, day first, month names, Excel serials, separate columns."""

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.errors import first_offenders
from sahel_geo.incidents.columns.numbers import parse_numbers
from sahel_geo.incidents.reasons import Note

Mask = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
DATE_UNIT: Final = "datetime64[us]"

EARLIEST_YEAR: Final = 1900
# A computer whose clock was reset must not push every incident into the future.
_CLOCK_FLOOR: Final = dt.date(2026, 1, 1)
# Serial days of Excel's 1900 system for 1954 and 2119; a column inside is a column of dates.
_SERIALS: Final = (19725, 80000)
_EXCEL_EPOCH: Final = np.datetime64("1899-12-30", "D")

_MONTH_NAMES: Final = (
    "january janvier jan janv", "february fevrier feb fev fevr", "march mars mar",
    "april avril apr avr", "may mai", "june juin jun", "july juillet jul juil",
    "august aout aug", "september septembre sep sept", "october octobre oct",
    "november novembre nov", "december decembre dec",
)  # fmt: skip
_MONTHS: Final = {name: n for n, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}

_TIME: Final = r"(?:[t ,]+\d{1,2}[:h]\d{0,2}.*)?"
_ISO: Final = re.compile(rf"^(\d{{4}})[-/.](\d{{1,2}})(?:[-/.](\d{{1,2}}))?{_TIME}$")
_TRIPLE: Final = re.compile(rf"^(\d{{1,2}})[-/. ](\d{{1,2}})[-/. ](\d{{4}}|\d{{2}}){_TIME}$")
_COMPACT: Final = re.compile(r"^((?:19|20)\d\d)(\d\d)(\d\d)(?:\.0)?$")
_YEAR: Final = re.compile(r"^((?:19|20)\d\d)(?:\.0)?$")
_MONTH_YEAR: Final = re.compile(r"^(\d{1,2})[-/.](\d{4})$")
_WORDS_DMY: Final = re.compile(
    rf"^(?:[a-z]+,? )?(\d{{1,2}})(?:er|st|nd|rd|th)?[-/. ]*([a-z]+)\.?[-/., ]*"
    rf"(\d{{4}}|\d{{2}}){_TIME}$",
)
_WORDS_MDY: Final = re.compile(
    rf"^(?:[a-z]+,? )?([a-z]{{3,}})\.? (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}}){_TIME}$"
)
_WORDS_MY: Final = re.compile(r"^([a-z]{3,})\.?[-/ ](\d{4}|\d{2})$")


@dataclass
class Dates:
    """Dates of n rows, their precision, and the rows where none could be had."""

    days: npt.NDArray[np.datetime64]  # NaT where missing, unreadable or impossible
    precision: npt.NDArray[np.object_]
    missing: Mask
    impossible: Mask
    notes: list[Note] = field(default_factory=list)

    @property
    def future(self) -> Mask:
        """Rows dated after tomorrow, by the computer's clock."""
        today = max(dt.datetime.now(tz=dt.UTC).date(), _CLOCK_FLOOR)
        return self.days > np.datetime64(today + dt.timedelta(days=1), "us")


def parse_dates(values: "pd.Series[Any]") -> Dates:
    """Read one column of dates, deciding day or month first for the column as a whole.

    values (n,): Text, timestamps, or numbers (years, ``yyyymmdd``, Excel serial days).

    Examples
    --------
    >>> parsed = parse_dates(pd.Series(["13/05/2017", "1er juin 2017", "juin 2018", "31/02/2018"]))
    >>> parsed.days.astype("datetime64[D]").astype(str).tolist()
    ['2017-05-13', '2017-06-01', '2018-06-01', 'NaT']
    >>> parsed.precision.tolist()
    ['day', 'day', 'month', 'unknown']
    """
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return _from_timestamps(values)
    codes, distinct = pd.factorize(values)
    texts = [_plain_date(text) for text in distinct]
    parts, precision, notes = _parse_distinct(
        texts, np.bincount(codes[codes >= 0], minlength=len(texts))
    )
    days = _to_days(*parts.T)
    blank = np.array([*(text == "" for text in texts), True], dtype=bool)[codes]
    full = np.append(days, np.datetime64("NaT"))[codes]
    kinds = np.array([*precision, "unknown"], dtype=object)[codes]
    bad = np.isnat(full)
    kinds[bad] = "unknown"
    return Dates(full, kinds, blank, bad & ~blank, notes)


def parse_date_parts(columns: Mapping[str, "pd.Series[Any]"], size: int) -> Dates:
    """Read dates from columns ``year``, ``month`` and ``day``, the last two optional.

    A missing or zero day leaves a month, a missing or zero month a year.
    """
    parts = np.zeros((size, 3))
    unreadable = np.zeros(size, dtype=bool)
    for place, name in enumerate(("year", "month", "day")):
        if name not in columns:
            continue
        numbers, wrong = parse_numbers(columns[name], count=True)
        unreadable |= wrong | (numbers % 1 > 0)
        parts[:, place] = np.nan_to_num(numbers, nan=0.0)
    parts = np.clip(parts, -1, 9999).astype(np.int64)
    missing = (parts[:, 0] == 0) & ~unreadable
    parts[parts[:, 1] == 0, 2] = 0
    kinds = np.where(parts[:, 1] == 0, "year", np.where(parts[:, 2] == 0, "month", "day")).astype(
        object
    )
    days = _to_days(*np.where(parts == 0, [0, 1, 1], parts).T)
    days[unreadable] = np.datetime64("NaT")
    bad = np.isnat(days)
    kinds[bad] = "unknown"
    return Dates(days, kinds, missing, bad & ~missing)


def _from_timestamps(values: "pd.Series[Any]") -> Dates:
    local = values.dt.tz_localize(None) if values.dt.tz is not None else values
    days = local.to_numpy(dtype="datetime64[us]").astype("datetime64[D]").astype(DATE_UNIT)
    missing = np.isnat(days)
    years = days.astype("datetime64[Y]").astype(np.int64) + 1970
    impossible = ~missing & (years < EARLIEST_YEAR)
    days[impossible] = np.datetime64("NaT")
    precision = np.where(np.isnat(days), "unknown", "day").astype(object)
    return Dates(days, precision, missing, impossible)


def _plain_date(value: object) -> str:
    if isinstance(value, (dt.date, np.datetime64)):
        return str(value)[:10]
    text = unicodedata.normalize("NFKD", str(value)[:60].strip().lower())
    bare = "".join(char for char in text if not unicodedata.combining(char))
    return "" if bare in {"-", "?", "nan", "nat", "none", "null", "n/a", "nd", "inconnue"} else bare


def _parse_distinct(texts: list[str], weights: Ints) -> tuple[Ints, list[str], list[Note]]:
    """Year, month and day of each text (0 where unreadable), their precision, and notes."""
    parts = np.zeros((len(texts), 3), dtype=np.int64)
    precision = ["day"] * len(texts)
    triples = []
    for row, text in enumerate(texts):
        if match := _TRIPLE.match(text):
            triples.append(row)
            parts[row] = int(match[1]), int(match[2]), _full_year(match[3])
        else:
            parts[row], precision[row] = _parse_text(text)
    notes = _settle_order(parts, np.array(triples, dtype=np.int64), texts, weights)
    notes += _settle_serials(parts, texts)
    return parts, precision, notes


def _parse_text(text: str) -> tuple[tuple[int, int, int], str]:
    if match := _ISO.match(text) or _COMPACT.match(text):
        day = match[3]
        return (int(match[1]), int(match[2]), int(day or 1)), "day" if day else "month"
    if match := _YEAR.match(text):
        return (int(match[1]), 1, 1), "year"
    if match := _MONTH_YEAR.match(text):
        return (int(match[2]), int(match[1]), 1), "month"
    return _parse_words(text)


def _parse_words(text: str) -> tuple[tuple[int, int, int], str]:
    if match := _WORDS_DMY.match(text):
        return (_full_year(match[3]), _MONTHS.get(match[2], 0), int(match[1])), "day"
    if match := _WORDS_MDY.match(text):
        return (int(match[3]), _MONTHS.get(match[1], 0), int(match[2])), "day"
    if match := _WORDS_MY.match(text):
        return (_full_year(match[2]), _MONTHS.get(match[1], 0), 1), "month"
    return (0, 0, 0), "unknown"


def _full_year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < 70 else 1900)


def _settle_order(parts: Ints, triples: Ints, texts: list[str], weights: Ints) -> list[Note]:
    """Turn (first, second, year) of `triples` into (year, month, day), in place."""
    if not len(triples):
        return []
    first, second, year = parts[triples].T
    day_first = int(weights[triples][(first > 12) & (second <= 12)].sum())
    month_first = int(weights[triples][(second > 12) & (first <= 12)].sum())
    american = month_first > day_first
    month, day = (first, second) if american else (second, first)
    parts[triples] = np.column_stack([year, month, day])
    if american:
        return [
            Note(
                f"dates are read month first: {month_first} row(s) allow nothing else",
                f"dates lues mois d'abord : {month_first} ligne(s) n'admettent rien d'autre",
            ),
        ]
    if day_first == 0 and (first != second).any():
        example = texts[int(triples[np.flatnonzero(first != second)[0]])]
        return [
            Note(
                f"no date tells day from month ({example!r}): day first is assumed throughout",
                f"aucune date ne distingue jour et mois ({example!r}) : jour d'abord partout",
            ),
        ]
    return []


def _settle_serials(parts: Ints, texts: list[str]) -> list[Note]:
    """Read numbers in the range of Excel's serial days, in place."""
    unread = np.flatnonzero(parts[:, 0] == 0)
    numbers = pd.to_numeric(
        pd.Series([texts[row] for row in unread], dtype=object), errors="coerce"
    )
    serial = numbers.between(*_SERIALS).to_numpy(dtype=bool)
    if not serial.any():
        return []
    days = _EXCEL_EPOCH + np.floor(numbers.to_numpy(dtype=float)[serial]).astype("timedelta64[D]")
    months = days.astype("datetime64[M]")
    years = days.astype("datetime64[Y]")
    parts[unread[serial]] = np.column_stack(
        [
            years.astype(np.int64) + 1970,
            (months - years.astype("datetime64[M]")).astype(np.int64) + 1,
            (days - months.astype("datetime64[D]")).astype(np.int64) + 1,
        ]
    )
    shown = first_offenders([texts[row] for row in unread[serial]], 2)
    return [
        Note(
            f"numbers such as {shown} are read as Excel's serial days",
            f"les nombres comme {shown} sont lus comme des jours d'Excel",
        ),
    ]


def _to_days(year: Ints, month: Ints, day: Ints) -> npt.NDArray[np.datetime64]:
    """Build dates, NaT where year, month and day name no day of the calendar."""
    valid = (year >= EARLIEST_YEAR) & (year <= 9999) & (month >= 1) & (month <= 12) & (day >= 1)
    months = ((np.where(valid, year, 1970) - 1970) * 12 + np.where(valid, month, 1) - 1).astype(
        "datetime64[M]"
    )
    length = ((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(
        np.int64
    )
    days = (months.astype("datetime64[D]") + np.where(valid, day, 1) - 1).astype(DATE_UNIT)
    days[~valid | (day > length)] = np.datetime64("NaT")
    return days
