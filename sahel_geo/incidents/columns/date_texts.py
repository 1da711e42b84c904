"""One date as text: what it says of year, month and day, and how precisely."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from typing import Final, NamedTuple

_MONTH_NAMES: Final = (
    "january janvier jan janv", "february fevrier feb fev fevr", "march mars mar",
    "april avril apr avr", "may mai", "june juin jun", "july juillet jul juil",
    "august aout aug", "september septembre sep sept", "october octobre oct",
    "november novembre nov", "december decembre dec",
)  # fmt: skip
MONTHS: Final = {name: n for n, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_BLANKS: Final = frozenset(
    ["-", "--", "?", "nan", "nat", "none", "null", "n/a", "na", "nd", "n.d.", "n/d", "inconnue",
     "inconnu", "unknown", "non precise", "non precisee", "non renseigne", "non renseignee",
     "<null>", "<na>", "date inconnue", "missing"],
)  # fmt: skip
_DAYS: Final = (
    "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|monday|tuesday|wednesday|thursday|friday|"
    "saturday|sunday|lun|mar|mer|jeu|ven|sam|dim|mon|tue|wed|thu|fri|sat|sun"
)
_MONTH: Final = "|".join(MONTHS)
_CLOCK: Final = re.compile(
    r"^(?P<date>.*?\d)(?:t|[ ,]+(?:a |at |vers |around )?)(?P<hour>\d{1,2})"
    r"(?:[:h] ?(?P<minute>\d{1,2})?(?::(?P<second>\d{1,2})(?:[.,]\d+)?)?) ?(?:min|mn)? ?(?:am|pm)?"
    r" ?(?:z|utc|gmt|[+-]\d{2}:?\d{2})?$"
)
_LEAD: Final = re.compile(rf"^(?:(?:le|on|the|du|date ?:|{_DAYS})[. ,]+)+")
_TAIL: Final = re.compile(
    r"(?: *\([^)]*\)|[ ,]+(?:au |dans la |le |in the |at )?"
    r"(?:matin|matinee|soir|soiree|nuit|apres-midi|midi|morning|evening|night|afternoon|noon))+$"
)
_NIGHT: Final = re.compile(r"^(?:(?:dans )?la )?(?:nuit|night)(?: du| of| de)? (?:le |the )?")
_ABOUT: Final = re.compile(
    r"^(?:vers|environ|autour du|aux environs du|~|ca\.?|circa|around|about|approx\.?|on or about|"
    r"a partir du|depuis)[ ]?(?:le |the )?"
)
_PART: Final = re.compile(
    r"^(?:debut|mi|fin|courant|milieu|early|mid|late|beginning of|end of|au cours (?:de|du))"
    r"[ -]+(?:du mois de |de |d'|of )?"
)
_ISO: Final = re.compile(r"^(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2}))?|\.(\d{1,2})\.(\d{1,2}))$")
_TRIPLE: Final = re.compile(r"^(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})$")
_COMPACT: Final = re.compile(r"^((?:19|20)\d\d)(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(?:\.0)?$")
_YEAR: Final = re.compile(r"^(?:annee )?((?:19|20)\d\d)(?:\.0)?$")
_MONTH_YEAR: Final = re.compile(r"^(\d{1,2})[-/.](\d{4})$")
_WORDS_DMY: Final = re.compile(
    rf"^(\d{{1,2}})(?:er|st|nd|rd|th)?[-/. ]*(?:of )?({_MONTH})\.?[-/., ]*(\d{{4}}|\d{{2}})$"
)
_WORDS_MDY: Final = re.compile(rf"^({_MONTH})\.?[- ](\d{{1,2}})(?:st|nd|rd|th)?[-, ]+(\d{{4}})$")
_WORDS_YMD: Final = re.compile(rf"^(\d{{4}})[-/. ]({_MONTH})\.?[-/. ](\d{{1,2}})$")
_WORDS_MY: Final = re.compile(rf"^({_MONTH})\.?(?:[-/ ]|, | of | de )(\d{{4}})$")
_WORDS_MY_SHORT: Final = re.compile(rf"^({_MONTH})\.?[-/'](\d{{2}})$")
_WEEK: Final = re.compile(r"^(\d{4})[- ]?w(\d{2})(?:-?([1-7]))?$")
_WEEK_WORDS: Final = re.compile(
    r"^(?:semaine|week|sem\.?|s|w)[ -]*(?:n[o°]?\.? ?)?(\d{1,2})[ ,/-]*(?:de |of )?(\d{4})$"
)
_QUARTER: Final = re.compile(
    r"^(?:q|t|trimestre |quarter )([1-4])[ /-]*(\d{4})$|^(\d{4})[ -]?[qt]([1-4])$"
)
_TO: Final = r"(?: ?(?:[-–—/]|au|et|to|and|a|until|jusqu'au) ?)"
_DAYS_OF_MONTH: Final = re.compile(
    rf"^(?:du |from |entre le |between )?(\d{{1,2}})(?:er|st|nd|rd|th)?{_TO}(?:le )?(\d{{1,2}})"
    rf"(?:er|st|nd|rd|th)?[ -](?:of )?({_MONTH})\.?,?[ -](\d{{4}})$"
)
_DAYS_AFTER_MONTH: Final = re.compile(
    rf"^({_MONTH})\.? (\d{{1,2}})(?:st|nd|rd|th)?{_TO}(\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})$"
)
_ISO_ENDS: Final = re.compile(r"^(\d{4}-\d\d-\d\d)/(\d{4}-\d\d-\d\d)$")
_ENDS: Final = re.compile(
    r"^(?:du |from |entre le |between )?(.*?\d|\d.*?[a-z])"
    r"(?: +(?:[-–—/]|au|et(?: le)?|to|and|a|jusqu'au) +|(?<=\d\d\d\d)[/–—]|(?<=\D\d\d\d\d)-)"
    r"(.+?\d{4}.*|\d.*)$"
)  # fmt: skip


class DateText(NamedTuple):
    """What a text says: numbers of a date, its precision, and whether day and month may swap.

    Where `swaps` is true, `day` is what stands first and `month` what stands second. A span of such
    dates is as long as its order makes it: `orders` has its precision with the day first, the month
    and, where years are short, the year; empty where there is no such span.
    """

    year: int
    month: int
    day: int
    precision: str = "day"
    swaps: bool = False
    orders: tuple[str, ...] = ()


def plain_date(value: object) -> str:
    """Give a cell in lower case without accents, empty where it says that no date is known."""
    if isinstance(value, dt.date):
        return str(value)[:10]
    text = unicodedata.normalize("NFKD", " ".join(str(value)[:80].lower().split()))
    bare = "".join(char for char in text if not unicodedata.combining(char)).replace("’", "'")
    return "" if bare in _BLANKS else bare


def read_date(text: str) -> DateText | None:
    """Read one date.

    >>> read_date("12-14 mai 2025")
    DateText(year=2025, month=5, day=12, precision='week', swaps=False, orders=())
    >>> read_date("nuit du 3 au 4 janvier 2025").precision, read_date("2025-01-03 25:00")
    ('day', None)
    """
    text = _TAIL.sub("", text.strip(" .,;"))
    bare = _LEAD.sub("", text)
    if bare == text:
        return _read_bare(text)
    return _read_bare(text) or _read_bare(bare)  # "mar 2025" is March, "mar 3 mai 2025" a Tuesday


def _read_bare(text: str) -> DateText | None:
    if night := _NIGHT.match(text):
        return _night(text[night.end() :])
    if about := _ABOUT.match(text):
        found = read_date(text[about.end() :])
        return _coarser(found, "week")
    if part := _PART.match(text):
        return _coarser(read_date(text[part.end() :]), "month")
    if clock := _CLOCK.match(text):
        hour, minute, second = (int(clock[name] or 0) for name in ("hour", "minute", "second"))
        if hour > 24 or minute > 59 or second > 60 or (hour == 24 and minute):
            return None
        text = clock["date"].strip(" ,")
    return _read_numbers(text) or _read_words(text) or _read_span(text)


def _full_year(digits: str) -> int:
    """Complete a year of two digits: 1970 to 2069."""
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < 70 else 1900)


def _coarser(found: DateText | None, precision: str) -> DateText | None:
    ranks = ("day", "week", "month", "year")
    if found is None:
        return None
    return _each_order(found, lambda known: max(known, precision, key=ranks.index))


def _each_order(found: DateText, turn: Callable[[str], str]) -> DateText:
    """Change the precision, whatever order of day and month it hangs on."""
    orders = tuple(known and turn(known) for known in found.orders)
    return found._replace(precision=turn(found.precision), orders=orders)


def _night(text: str) -> DateText | None:
    """Date a night by the day on which it begins."""
    span = _read_span(text)
    if span is not None:
        return _each_order(span, lambda known: "day" if known == "week" else known)
    return read_date(text)


def _read_numbers(text: str) -> DateText | None:
    return _read_iso(text) or _read_parts(text)


def _read_iso(text: str) -> DateText | None:
    if match := _ISO.match(text):
        month, day = match[2] or match[4], match[3] or match[5]
        return DateText(int(match[1]), int(month), int(day or 1), "day" if day else "month")
    if match := _COMPACT.match(text):
        if int(match[4] or 0) > 24 or int(match[5] or 0) > 59 or int(match[6] or 0) > 60:
            return None
        return DateText(int(match[1]), int(match[2]), int(match[3]))
    if match := _WEEK.match(text):
        return _week(int(match[1]), int(match[2]), int(match[3] or 0))
    return None


def _read_parts(text: str) -> DateText | None:
    if match := _YEAR.match(text):
        return DateText(int(match[1]), 1, 1, "year")
    if match := _MONTH_YEAR.match(text):
        return DateText(int(match[2]), int(match[1]), 1, "month")
    if match := _TRIPLE.match(text):
        return DateText(_full_year(match[4]), int(match[3]), int(match[1]), "day", swaps=True)
    if match := _WEEK_WORDS.match(text):
        return _week(int(match[2]), int(match[1]), 0)
    if match := _QUARTER.match(text):
        quarter, year = int(match[1] or match[4]), int(match[2] or match[3])
        return DateText(year, 3 * quarter - 2, 1, "year")
    return None


def _week(year: int, week: int, day: int) -> DateText | None:
    try:
        first = dt.date.fromisocalendar(year, week, day or 1)
    except ValueError:
        return None
    return DateText(first.year, first.month, first.day, "day" if day else "week")


def _read_words(text: str) -> DateText | None:
    if match := _WORDS_DMY.match(text):
        return DateText(_full_year(match[3]), MONTHS[match[2]], int(match[1]))
    if match := _WORDS_MDY.match(text):
        return DateText(int(match[3]), MONTHS[match[1]], int(match[2]))
    if match := _WORDS_YMD.match(text):
        return DateText(int(match[1]), MONTHS[match[2]], int(match[3]))
    if match := _WORDS_MY.match(text) or _WORDS_MY_SHORT.match(text):
        return DateText(_full_year(match[2]), MONTHS[match[1]], 1, "month")
    return None


def _read_span(text: str) -> DateText | None:
    """Read a span of days by its first; its length is the precision."""
    if match := _DAYS_OF_MONTH.match(text):
        year, month = int(match[4]), MONTHS[match[3]]
        return _span(DateText(year, month, int(match[1])), DateText(year, month, int(match[2])))
    if match := _DAYS_AFTER_MONTH.match(text):
        year, month = int(match[4]), MONTHS[match[1]]
        return _span(DateText(year, month, int(match[2])), DateText(year, month, int(match[3])))
    match = _ISO_ENDS.match(text) or _ENDS.match(text)
    if match is None:
        return None
    last = _read_numbers(match[2]) or _read_words(match[2])
    if last is None:
        return None
    first = _read_numbers(match[1]) or _read_words(match[1])
    if first is None:
        first = _read_words(f"{match[1]} {last.year}")
        if first is not None and first.month > last.month:
            first = first._replace(year=first.year - 1)
    if first is None or first.swaps != last.swaps:
        return None
    short = all(re.search(r"\D\d\d$", end) for end in match.groups())
    return _swapping_span(first, last, short=short) if first.swaps else _span(first, last)


def _swapping_span(first: DateText, last: DateText, *, short: bool) -> DateText | None:
    """Measure a span in each order of day, month and year that it may have."""
    turns = (_day_first, _month_first, _year_first)[: 3 if short else 2]
    spans = [_span(turn(first), turn(last)) for turn in turns]
    orders = tuple("" if span is None else span.precision for span in spans)
    known = next(filter(None, orders), None)
    return None if known is None else first._replace(precision=known, orders=orders)


def _day_first(found: DateText) -> DateText:
    return found._replace(swaps=False)


def _month_first(found: DateText) -> DateText:
    return found._replace(month=found.day, day=found.month, swaps=False)


def _year_first(found: DateText) -> DateText:
    return found._replace(year=2000 + found.day, day=found.year % 100, swaps=False)


def _span(first: DateText, last: DateText) -> DateText | None:
    try:
        days = (dt.date(*last[:3]) - dt.date(*first[:3])).days
    except ValueError:
        return None
    if days < 0 or {first.precision, last.precision} != {"day"}:
        return None
    return first._replace(precision=span_precision(days))


def span_precision(days: int) -> str:
    """Give the precision of the first day of a span that ends some days later.

    >>> [span_precision(days) for days in (0, 2, 28, 300)]
    ['day', 'week', 'month', 'year']
    """
    limits = ((0, "day"), (7, "week"), (31, "month"))
    return next((word for limit, word in limits if days <= limit), "year")
