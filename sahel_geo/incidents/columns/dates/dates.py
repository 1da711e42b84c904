"""Columns of dates: one order of day and month for all, numbers of days."""

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from sahel_geo.arrays import Flags, Floats, Integers, Positions
from sahel_geo.errors import first_offenders
from sahel_geo.i18n.sentence import Counted, Sentence
from sahel_geo.incidents.columns.dates.texts import (
    DateText,
    may_be_half_year,
    month_and_number,
    plain_date,
    read_date,
)
from sahel_geo.incidents.columns.texts import longest, text_of

Order = Literal["dmy", "mdy", "ymd", ""]
DATE_UNIT: Final = "datetime64[us]"

EARLIEST_YEAR: Final = 1900
# A computer whose clock was reset must not push every incident into the future.
_CLOCK_FLOOR: Final = dt.date(2026, 1, 1)
# Serial days of Excel's 1900 system for 1954 and 2119; a column inside is a column of dates.
_SERIALS: Final = (19725.0, 80000.0)
_EXCEL_EPOCH: Final = np.datetime64("1899-12-30", "D")
_UNIX_SECONDS: Final = (315_532_800.0, 4_102_444_800.0)  # 1980 to 2100
_READ_AS: Final = {
    "days": Sentence("numbers such as {shown} are read as Excel's serial days"),
    "seconds": Sentence("numbers such as {shown} are read as seconds since 1970"),
    "milliseconds": Sentence("numbers such as {shown} are read as milliseconds since 1970"),
}
_STRAY_SHARE: Final = 0.05  # of the telling dates, in the other order, are mistakes of typing
_NEAR_YEARS: Final = 2  # apart, of few dates such as "mars 24"
_HEADER_ORDERS: Final = (
    (r"\b(?:jj|dd|j|d) ?(?:mm|m) ?(?:aaaa|yyyy|aa|yy)\b", "dmy"),
    (r"\b(?:mm|m) ?(?:jj|dd|d|j) ?(?:aaaa|yyyy|aa|yy)\b", "mdy"),
    (r"\b(?:aaaa|yyyy|aa|yy) ?(?:mm|m) ?(?:jj|dd|d|j)\b", "ymd"),
)


@dataclass
class Dates:
    """Dates of n rows, their precision, and the rows where none could be had."""

    days: npt.NDArray[np.datetime64]  # NaT where missing, unreadable, ambiguous or impossible
    precision: "pd.Series[Any]"
    missing: Flags
    impossible: Flags
    ambiguous: Flags  # of two dates, which one: not among the impossible
    notes: list[Sentence] = field(default_factory=list)

    @property
    def future(self) -> Flags:
        """Rows dated after tomorrow, by the computer's clock."""
        today = max(dt.datetime.now(tz=dt.UTC).date(), _CLOCK_FLOOR)
        return self.days > np.datetime64(today + dt.timedelta(days=1), "us")


def parse_dates(values: "pd.Series[Any]", *, name: str = "", undo_swapped: bool = False) -> Dates:
    """Read one column of dates, deciding day or month first for the column as a whole.

    >>> parsed = parse_dates(pd.Series(["13/05/2017", "1er juin 2017", "juin 2018", "31/02/2018"]))
    >>> parsed.days.astype("datetime64[D]").astype(str).tolist()
    ['2017-05-13', '2017-06-01', '2018-06-01', 'NaT']
    >>> parsed.precision.tolist()
    ['day', 'day', 'month', 'unknown']
    """
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        local = values.dt.tz_localize(None) if values.dt.tz is not None else values
        return _from_days(
            local.to_numpy(dtype="datetime64[us]").astype("datetime64[D]").astype(DATE_UNIT)
        )
    plain = _plain_days(values)
    if plain is not None:
        return _from_days(plain)
    codes, distinct = pd.factorize(values)
    column = _Column([plain_date(text) for text in distinct], codes)
    column.read_numbers()
    column.read_short_months()
    column.leave_half_years()
    column.decide_order(_stated_order(name))
    column.look_for_swaps(name, undo=undo_swapped)
    return column.dates()


def _plain_days(values: "pd.Series[Any]") -> npt.NDArray[np.datetime64] | None:
    """Read at once dates that are all written as 2021-05-12 (NaT if missing); else give None."""
    if not isinstance(values.dtype, pd.StringDtype) or longest(values) != len("2021-05-12"):
        return None
    try:
        days = pa.array(values).cast(pa.date32()).cast(pa.timestamp("us"))
    except pa.ArrowInvalid:
        return None
    return np.array(days.to_numpy(zero_copy_only=False), dtype=DATE_UNIT)


def _from_days(days: npt.NDArray[np.datetime64]) -> Dates:
    missing = np.isnat(days)
    impossible = days < np.datetime64(f"{EARLIEST_YEAR}-01-01")
    days[impossible] = np.datetime64("NaT")
    precision = text_of(np.isnat(days).astype(np.intp), ["day", "unknown"])
    return Dates(days, precision, missing, impossible, np.zeros(len(days), dtype=bool))


def _stated_order(name: str) -> Order:
    plain = re.sub(r"[^a-z]+", " ", name.lower())
    orders = [order for pattern, order in _HEADER_ORDERS if re.search(pattern, plain)]
    return orders[0] if len(orders) == 1 else ""  # type: ignore[return-value]


class _Column:
    """The distinct texts of a column, what each says, and what is decided for all of them."""

    def __init__(self, texts: list[str], codes: Positions) -> None:
        self.texts, self.codes = texts, codes
        self.lacking = bool((codes < 0).any())
        stated = codes[codes >= 0] if self.lacking else codes
        self.weights = np.bincount(stated, minlength=len(texts))
        read = [read_date(text) if text else None for text in texts]
        nothing = DateText(0, 0, 0, "unknown")
        dates = [nothing if each is None else each for each in read]
        self.parts = np.array([each[:3] for each in dates], dtype=np.int64).reshape(-1, 3)
        self.precision = [each.precision for each in dates]
        self.swaps = np.array([each.swaps for each in dates], dtype=bool)
        self.spans = {row: each.orders for row, each in enumerate(dates) if each.orders}
        self.ambiguous = np.zeros(len(texts), dtype=bool)
        self.notes: list[Sentence] = []

    def dates(self) -> Dates:
        days = to_days(*self.parts.T) if len(self.texts) else np.empty(0, DATE_UNIT)
        days[self.ambiguous] = np.datetime64("NaT")
        full = np.append(days, np.datetime64("NaT"))
        bad = np.isnat(full)
        blank = np.array([*(text == "" for text in self.texts), True], dtype=bool)
        open_dates = np.append(self.ambiguous, [False])
        kinds = np.where(bad, "unknown", np.array([*self.precision, "unknown"], dtype=object))
        return Dates(
            full[self.codes],
            text_of(self.codes, kinds.tolist()),
            self._rows(blank),
            self._rows(bad & ~blank & ~open_dates),
            self._rows(open_dates),
            self.notes,
        )

    def _rows(self, texts: Flags) -> Flags:
        """Tell which rows have one of these texts; the last stands for a missing cell."""
        if texts[:-1].any() or (texts[-1] and self.lacking):
            return texts[self.codes]
        return np.zeros(len(self.codes), dtype=bool)

    def read_numbers(self) -> None:
        """Read numbers that are no dates as text: Excel's serial days, seconds since 1970."""
        unread = np.flatnonzero(self.parts[:, 0] == 0)
        numerals = [
            re.sub(r"^0.*|^(\d{5}),(\d+)$", r"\1.\2", self.texts[row])  # 030325 is no number
            for row in unread
        ]
        texts = pd.Series(numerals, dtype=object)
        numbers = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=float)
        first, last = _UNIX_SECONDS
        for low, high, unit in (
            (*_SERIALS, "days"),
            (first, last, "seconds"),
            (1000 * first, 1000 * last, "milliseconds"),
        ):
            mine = (numbers >= low) & (numbers <= high)
            if mine.any():
                self._take(unread[mine], _days_of(numbers[mine], unit), unit)

    def read_short_months(self) -> None:
        """Read "mars 24" as March 2024 where many months share few numbers, which days do not."""
        pairs = {
            row: month_and_number(self.texts[row]) for row in np.flatnonzero(self.parts[:, 0] == 0)
        }
        known = {row: pair for row, pair in pairs.items() if pair is not None}
        years = {2000 + number for _, number in known.values()}
        this_year = max(dt.datetime.now(tz=dt.UTC).year, _CLOCK_FLOOR.year)
        texts = len(set(known.values()))
        if not known or len(years) == texts or max(years) > this_year:
            return
        if 2 * len(years) > texts and max(years) - min(years) > _NEAR_YEARS:
            return
        for row, (month, number) in known.items():
            self.parts[row] = 2000 + number, month, 1
            self.precision[row] = "month"
        examples = first_offenders([self.texts[row] for row in known], 2)
        self.notes.append(
            Sentence("dates such as {shown} are read as months of years", shown=examples)
        )

    def leave_half_years(self) -> None:
        """Leave weeks open where all may be halves of years."""
        halves = np.array([may_be_half_year(text) for text in self.texts], dtype=bool)
        if not halves.any() or halves.sum() < sum(bool(text) for text in self.texts):
            return
        self.ambiguous |= halves
        examples = first_offenders([self.texts[row] for row in np.flatnonzero(halves)], 3)
        self.notes.append(
            Sentence("dates such as {shown} may be weeks or half-years: set aside", shown=examples)
        )

    def _take(self, rows: Integers, days: npt.NDArray[np.datetime64], unit: str) -> None:
        months, years = days.astype("datetime64[M]"), days.astype("datetime64[Y]")
        self.parts[rows] = np.column_stack([
            years.astype(np.int64) + 1970,
            (months - years.astype("datetime64[M]")).astype(np.int64) + 1,
            (days - months.astype("datetime64[D]")).astype(np.int64) + 1,
        ])  # fmt: skip
        for row in rows:
            self.precision[row] = "day"
        examples = first_offenders([self.texts[row] for row in rows], 2)
        self.notes.append(_READ_AS[unit].filled(shown=examples))

    def decide_order(self, stated: Order) -> None:
        """Turn (year, second, first) of dates that may swap into (year, month, day)."""
        rows = np.flatnonzero(self.swaps)
        if not len(rows):
            return
        if not stated and self._year_first(rows):
            stated = "ymd"
        if not stated and self._either_end(rows):
            return
        if stated:
            self._apply(rows, stated)
            return
        only_days, only_months = self._fitting_one(rows)
        day_first = int(self.weights[rows[only_days]].sum())
        month_first = int(self.weights[rows[only_months]].sum())
        if min(day_first, month_first) > _STRAY_SHARE * (day_first + month_first):
            self._apply_both(rows, only_days, only_months)
            return
        self._apply(rows, "mdy" if month_first > day_first else "dmy")
        self._say_order(rows, day_first, month_first)

    def _year_first(self, rows: Integers) -> bool:
        """Whether dates of three short numbers make sense with the year first only."""
        year, second, first = self.parts[rows].T
        short = self._short(rows)
        this_year = max(dt.datetime.now(tz=dt.UTC).year, _CLOCK_FLOOR.year)
        if not short.all() or not (year > this_year).any():
            return False
        turned = to_days(2000 + first, second, year % 100)
        return bool((~np.isnat(turned)).all() and (2000 + first <= this_year).all())

    def _either_end(self, rows: Integers) -> bool:
        """Leave dates open whose first number looks as much like the year as their last."""
        year, _, first = self.parts[rows].T
        this_year = max(dt.datetime.now(tz=dt.UTC).year, _CLOCK_FLOOR.year)
        short = self._short(rows)
        recent = (first >= 15) & (2000 + first <= this_year)
        few = len(np.unique(first)) <= 3 and len(np.unique(year)) > len(np.unique(first))
        if not (len(rows) >= 3 and few and short.all() and recent.all()):
            return False
        self.ambiguous[rows] = True
        self.notes.append(
            Sentence(
                "dates such as {shown} may begin or end with the year: they are set aside",
                shown=first_offenders([self.texts[row] for row in rows], 3),
            )
        )
        return True

    def _short(self, rows: Integers) -> Flags:
        """Tell which dates, or both ends of which spans, have a year of two digits."""
        return np.array([
            len(self.spans[row]) > 2
            if row in self.spans
            else re.fullmatch(r"\d{1,2}\D\d{1,2}\D\d\d", self.texts[row].strip()) is not None
            for row in rows
        ])  # fmt: skip

    def _fitting_one(self, rows: Integers) -> tuple[Flags, Flags]:
        """Tell which dates allow the day first only, and which the month first only."""
        _, second, first = self.parts[rows].T
        days, months = (first > 12) & (second <= 12), (second > 12) & (first <= 12)
        for at, row in enumerate(rows) if self.spans else ():
            if row in self.spans:
                day, month, *_ = map(bool, self.spans[row])
                days[at], months[at] = day and not month, month and not day
        return days, months

    def _apply(self, rows: Integers, order: Order) -> None:
        """Read dates in one order, and spans as long as they are in it."""
        year, second, first = self.parts[rows].T
        if order == "ymd":
            self.parts[rows] = np.column_stack([2000 + first, second, year % 100])
        elif order == "mdy":
            self.parts[rows] = np.column_stack([year, first, second])
        for row in rows if self.spans else ():
            if row in self.spans:
                lengths = dict(zip(("dmy", "mdy", "ymd"), self.spans[row], strict=False))
                self.precision[row] = lengths.get(order) or "unknown"
                if not lengths.get(order):
                    self.parts[row] = 0

    def _apply_both(self, rows: Integers, only_days: Flags, only_months: Flags) -> None:
        """Read each date that fits one order in that one, and leave those that fit both open."""
        _, second, first = self.parts[rows].T
        self.ambiguous[rows] = ~only_days & ~only_months & (first <= 12) & (first != second)
        self._apply(rows[~only_months], "dmy")
        self._apply(rows[only_months], "mdy")
        examples = [
            first_offenders([self.texts[row] for row in rows[mask]], 3)
            for mask in (only_days, only_months)
        ]
        self.notes.append(
            Sentence(
                "the column mixes two orders: rows with the day first {day_first} {days}, with "
                "the month first {month_first} {months}; dates that fit both are set aside",
                day_first=int(self.weights[rows[only_days]].sum()),
                days=examples[0],
                month_first=int(self.weights[rows[only_months]].sum()),
                months=examples[1],
            )
        )

    def _say_order(self, rows: Integers, day_first: int, month_first: int) -> None:
        if month_first > day_first:
            self.notes.append(
                Counted(
                    "dates are read month first: {count} row allows nothing else",
                    "dates are read month first: {count} rows allow nothing else",
                    count=month_first,
                )
            )
            return
        differ = self.parts[rows, 1] != self.parts[rows, 2]
        if day_first == 0 and differ.any():
            example = self.texts[int(rows[np.flatnonzero(differ)[0]])]
            self.notes.append(
                Sentence(
                    "no date tells day from month ({example!r}): day first is assumed throughout",
                    example=example,
                )
            )

    def look_for_swaps(self, name: str, *, undo: bool) -> None:
        """Suspect real dates beside text that no real date could be: a spreadsheet swapped them."""
        if np.count_nonzero(self.swaps) < 2:
            return
        iso = np.array([bool(re.match(r"\d{4}-\d\d-\d\d", t)) for t in self.texts], dtype=bool)
        real, text = np.flatnonzero(iso), np.flatnonzero(self.swaps & ~iso)
        if len(real) < 2 or len(text) < 2:
            return
        days = self.parts[real, 2]
        month, day = self.parts[text, 1], self.parts[text, 2]
        if days.max() > 12 or not (np.maximum(month, day) > 12).all():
            return
        numbers = {
            "name": name,
            "real": int(self.weights[real].sum()),
            "text": int(self.weights[text].sum()),
        }
        if undo:
            self.parts[real] = self.parts[real][:, [0, 2, 1]]
            self.notes.append(
                Sentence(
                    "{name}: day and month are swapped back in {real} real dates, beside {text} "
                    "that stayed text",
                    **numbers,
                )
            )
            return
        self.notes.append(
            Sentence(
                "{name}: all {real} real dates have a day up to 12, and all {text} that stayed "
                "text one above: a spreadsheet has probably swapped day and month in the real "
                "ones. They are read as they stand; undo_swapped_dates=True (--undo-swapped-dates) "
                "swaps them back",
                **numbers,
            )
        )


def _days_of(numbers: Floats, unit: str) -> npt.NDArray[np.datetime64]:
    if unit == "days":
        return _EXCEL_EPOCH + np.floor(numbers).astype("timedelta64[D]")
    seconds = numbers / (1000 if unit == "milliseconds" else 1)
    return np.floor(seconds).astype("datetime64[s]").astype("datetime64[D]")


def to_days(year: Integers, month: Integers, day: Integers) -> npt.NDArray[np.datetime64]:
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
