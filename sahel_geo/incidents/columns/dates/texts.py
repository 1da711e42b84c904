"""One date as text: what it says of year, month and day, and how precisely."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from typing import Final, NamedTuple

from sahel_geo.incidents.columns.texts import NOT_KNOWN, without_footnote

_MONTH_NAMES: Final = (
    "january janvier jan janv يناير", "february fevrier feb fev fevr فبراير",
    "march mars mar مارس", "april avril apr avr ابريل", "may mai مايو", "june juin jun يونيو",
    "july juillet jul juil يوليو", "august aout aug اغسطس", "september septembre sep sept سبتمبر",
    "october octobre oct اكتوبر", "november novembre nov نوفمبر", "december decembre dec ديسمبر",
)  # fmt: skip
MONTHS: Final = {name: n for n, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_DAYS: Final = (
    "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|monday|tuesday|wednesday|thursday|friday|"
    "saturday|sunday|lun|mar|mer|jeu|ven|sam|dim|mon|tue|wed|thu|fri|sat|sun"
)
_MONTH: Final = "|".join(MONTHS)
_ABOUT_AN_HOUR: Final = (
    "[-–]|a|at|vers|around|about|autour de|aux environs de|entre|between|de|from"
)
_OF_AN_HOUR: Final = r"h(?:eures?|ours?|rs?)?(?![a-z])"
_OF_A_ZONE: Final = "z|utc|gmt|tu|hl|local time|heure locale"
_CLOCK: Final = re.compile(
    rf"^(?P<date>.*?\d)(?:t|[ ,]+(?:(?:{_ABOUT_AN_HOUR}) )*)(?P<hour>\d{{1,2}})"
    rf"(?:(?P<packed>\d\d)(?= ?(?:{_OF_AN_HOUR}|{_OF_A_ZONE}))| ?(?=[ap]\.?m)"
    rf"| ?(?::|{_OF_AN_HOUR}) ?(?P<minute>\d{{1,2}})?(?::(?P<second>\d{{1,2}})(?:[.,]\d+)?)?)"
    rf" ?(?:min|mn|{_OF_AN_HOUR})? ?(?:[ap]\.?m\.?)? ?(?:{_OF_A_ZONE})?(?:[+-]\d{{2}}:?\d{{2}})?"
    rf"(?: ?(?:-|–|a|et|to|and) ?\d{{1,2}} ?(?:{_OF_AN_HOUR}|:) ?(?:\d{{1,2}})?"
    rf" ?(?:{_OF_A_ZONE})?)?$"
)
_CLOCK_INSIDE: Final = re.compile(  # Mon Mar 3 10:00:00 UTC 2025
    rf"^((?:{_MONTH}) \d{{1,2}}) \d\d:\d\d:\d\d (?:[a-z]{{3,4}} )?(\d{{4}})$"
)
_DATE_TIME_GROUP: Final = re.compile(  # 130530Z JAN 25
    rf"^(\d\d)(?:[01]\d|2[0-3])[0-5]\d ?z? ?({_MONTH}) ?(\d{{4}}|\d\d)$"
)
_LEAD: Final = re.compile(rf"^(?:le|on|the|du|date ?:|{_DAYS})[. ,]+")
_TAIL: Final = re.compile(
    r"(?: *\([^)]*\)|[ ,]+(?:(?:a|au|dans|de|du|en|vers|tot|fin|debut|in|at|by|early|late|around) "
    r"|(?:la|le|les|the|petit) |l')*"
    r"(?:matin|matinee|soir|soiree|nuit|apres-midi|midi|minuit|aube|aurore|crepuscule|morning|"
    r"evening|night|afternoon|noon|midnight|dawn|dusk)"
    r"|(?:(?<=\d{4})|(?<=[-/]\d\d)) (?:am|pm))+$"
)
_PART_OF_DAY: Final = re.compile(
    r"^(?:(?:dans|a|tot|en|in|early) )?(?:la |le |l'|the )?"
    r"(?:matinee|matin|aube|journee|apres-midi|soiree|soir|morning|evening|afternoon)"
    r" (?:du |de |of )(?:le |the )?"
)
_NIGHT: Final = re.compile(r"^(?:(?:dans )?la )?(?:nuit|night)(?: du| of| de)? (?:le |the )?")
_ABOUT: Final = re.compile(
    r"^(?:vers|environ|env\.?|autour du|aux environs du|~|ca\.?|circa|around|about|approx\.?|"
    r"on or about|a partir du|depuis)[ ]?(?:le |the )?"
)
_PART: Final = re.compile(
    r"^(?:debut|mi|fin|courant|milieu|early|mid|late|beginning of|end of|au cours (?:de|du))"
    r"[ -]+(?:du mois de |de |d'|of )?"
)
_ISO: Final = re.compile(r"^(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2}))?|\.(\d{1,2})\.(\d{1,2}))$")
_TRIPLE: Final = re.compile(r"^(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})$")
_COMPACT: Final = re.compile(r"^((?:19|20)\d\d)(0\d|1[0-2])(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(?:\.0)?$")
_JOINED: Final = re.compile(r"^(\d\d)(\d\d)((?:19|20)\d\d)$")
_JOINED_MONTH: Final = re.compile(r"^((?:19|20)\d\d)(0[1-9]|1[0-2])$")
# A day, or a day and a month, that somebody left open.
_OPEN: Final = r"(?:00|0|xx?|\?\??|--|__)"
_OPEN_DAY: Final = re.compile(
    rf"^{_OPEN}([-/. ])(?:(\d{{1,2}})|{_OPEN})\1(\d{{4}})$"
    rf"|^(\d{{4}})([-/.])(?:(\d{{1,2}})|{_OPEN})\5{_OPEN}$"
)
_YEAR: Final = re.compile(r"^(?:annee |year )?((?:19|20)\d\d)(?:\.0)?$")
_MONTH_YEAR: Final = re.compile(r"^(\d{1,2})[-/.](\d{4})$")
_WORDS_DMY: Final = re.compile(
    rf"^(\d{{1,2}})(?:er|st|nd|rd|th)?[-/. ]*(?:of )?({_MONTH})\.?[-/., ]*(\d{{4}}|\d{{2}})$"
)
_WORDS_MDY: Final = re.compile(rf"^({_MONTH})\.?[- ](\d{{1,2}})(?:st|nd|rd|th)?[-, ]+(\d{{4}})$")
_WORDS_YMD: Final = re.compile(rf"^(\d{{4}})[-/. ]({_MONTH})\.?[-/. ](\d{{1,2}})$")
_WORDS_MY: Final = re.compile(rf"^({_MONTH})\.?(?:[-/ ]|, | of | de )(\d{{4}})$")
_WORDS_MY_SHORT: Final = re.compile(rf"^({_MONTH})\.?[-/'](\d{{2}})$")
_WEEK: Final = re.compile(r"^(\d{4})[- /]?(?:w|s|sem\.? ?|semaine |week )-?(\d{2})(?:-?([1-7]))?$")
_WEEK_WORDS: Final = re.compile(
    r"^(?:semaine|week|sem\.?|se|s|w)[ -]*(?:n[o°]?\.? ?)?(\d{1,2})"
    r"(?:[ ,/-]*(?:de |of )?(\d{4})|[/-](\d\d))$"
)
_WEEK_OF: Final = re.compile(
    r"^(?:semaine|sem\.?|week)(?: \d{1,2})?"
    r"(?:(?: allant)? du |,? (?:of|from|commencing|beginning|starting) | ?[:(] ?(?:du )?)"
)
_ORDINALS: Final = {
    "1": "1 1er 1ere 1re 1st premier premiere first",
    "2": "2 2e 2eme 2nd 2nde 2d deuxieme second seconde",
    "3": "3 3e 3eme 3rd troisieme third",
    "4": "4 4e 4eme 4th quatrieme fourth dernier derniere last",
}
_ORDINAL: Final = {word: int(n) for n, words in _ORDINALS.items() for word in words.split()}
# A part of a month, a quarter or half of a year; their days or months.
_PARTS: Final = {"quinzaine": 15, "semaine": 7, "week": 7, "decade": 10, "half": 15}
_PART_OF_MONTH: Final = re.compile(
    rf"^(?:la |the )?({'|'.join(_ORDINAL)}) ({'|'.join(_PARTS)}) (?:du mois )?(?:de |d'|of )?"
    rf"({_MONTH})\.? (\d{{4}})$"
)
_PART_OF_YEAR: Final = re.compile(
    rf"^(?:le |the )?({'|'.join(_ORDINAL)}) (trimestre|quarter|semestre|half)"
    r" (?:de |of )?(?:l'annee )?(\d{4})$"
)
_QUARTER: Final = re.compile(
    r"^(?:q|t|trimestre |quarter )([1-4])[ /-]*(\d{4})$|^(\d{4})[ -]?[qt]([1-4])$"
)
_TO: Final = r"(?: ?(?:[-–—/&]|au|et|to|and|a|until|jusqu'au) ?)"
_DAYS_OF_MONTH: Final = re.compile(
    rf"^(?:du |les |from |entre le |between )?(\d{{1,2}})(?:er|st|nd|rd|th)?"
    rf"(?:(?:, ?| et | and | & |-)\d{{1,2}})*{_TO}(?:le )?(\d{{1,2}})"
    rf"(?:er|st|nd|rd|th)?[ -](?:of )?({_MONTH})\.?,?[ -](\d{{4}})$"
)
_DAYS_IN_FIGURES: Final = re.compile(
    r"^(?:du )?(\d{1,2})\.?(?: ?[-–—&] ?| au | et | to )(\d{1,2})([/.])(\d{1,2})\3(\d{4})$"
)
_ENDS_IN_FIGURES: Final = re.compile(
    r"^(?:du )?(\d{1,2}[/.]\d{1,2})\.?(?: ?[-–—&] ?| au | et | to )"
    r"(\d{1,2}[/.]\d{1,2}[/.](\d{4}))$"
)
_MONTHS_OF_YEAR: Final = re.compile(
    rf"^(?:de |d'|from |between )?({_MONTH})\.?{_TO}({_MONTH})\.? (?:de )?(\d{{4}})$"
)
_DAYS_AFTER_MONTH: Final = re.compile(
    rf"^({_MONTH})\.? (\d{{1,2}})(?:st|nd|rd|th)?{_TO}(\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})$"
)
_ISO_ENDS: Final = re.compile(
    r"^(?P<first>\d{4}(?P<mark>[-/])\d\d(?P=mark)\d\d)[-/–]"
    r"(?P<last>\d{4}(?P=mark)\d\d(?P=mark)\d\d)$"
)
_ENDS: Final = re.compile(
    r"^(?:du |from |entre le |between )?(?P<first>.*?\d|\d.*?[a-z])"
    r"(?: +(?:[-–—/&]|au|et(?: le)?|to|and|a|jusqu'au) +|(?<=\d\d\d\d)[/–—]|(?<=\D\d\d\d\d)-)"
    r"(?P<last>.+?\d{4}.*|\d.*)$"
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


def may_be_half_year(text: str) -> bool:
    """Whether what reads as a week may be half a year: S1 2025."""
    return re.fullmatch(r"s ?[12][ /-]*\d{4}", text) is not None


def plain_date(value: object) -> str:
    """Give a cell in lower case without accents, empty where it says that no date is known."""
    if isinstance(value, dt.date):
        return str(value)[:10]
    text = without_footnote(" ".join(str(value)[:80].lower().split()))
    text = re.sub(r"^(\d{1,4}) ?([/.-]) ?(\d{1,2}) ?\2 ?(\d{1,4})(?!\d)", r"\1\2\3\2\4", text)
    text = unicodedata.normalize("NFKD", text)
    bare = "".join(char for char in text if not unicodedata.combining(char)).replace("’", "'")
    return "" if bare in NOT_KNOWN or bare == "date inconnue" else bare


def month_and_number(text: str) -> tuple[int, int] | None:
    """Read a month and a number that is a year or a day: mars 24."""
    match = re.fullmatch(rf"({_MONTH})\.? (\d\d)", text)
    return (MONTHS[match[1]], int(match[2])) if match else None


def day_number(text: str) -> int | None:
    """Read a day of the month behind the name of a day of the week: lundi 3."""
    match = re.fullmatch(rf"(?:{_DAYS})[. ,]+(\d{{1,2}})", text)
    return int(match[1]) if match else None


def read_date(text: str) -> DateText | None:
    """Read one date.

    >>> read_date("12-14 mai 2025")
    DateText(year=2025, month=5, day=12, precision='week', swaps=False, orders=())
    >>> read_date("nuit du 3 au 4 janvier 2025").precision, read_date("2025-01-03 25:00")
    ('day', None)
    """
    if (doubted := re.sub(r" ?(?:\(\?+\)|\?+)$", "", text)) != text and doubted[-1:].isdigit():
        return _coarser(read_date(doubted), "week")
    if (opened := _OPEN_DAY.match(text)) is not None:
        return _without_day(opened)
    text = re.sub(r" ?\(((?:19|20)\d\d)\)$", r" \1", text.strip(" .,;"))
    week = _WEEK_OF.match(text)
    if week and (date := read_date(text[week.end() :].strip("() "))):
        return _coarser(date, "week")
    text = re.sub(r"^1er(?=[-/.]\d)", "1", _TAIL.sub("", text))
    while (date := _read_bare(text)) is None and (lead := _LEAD.match(text)):
        text = text[lead.end() :]  # "mar 2025" is March, "mar 3 mai 2025" a Tuesday
    return date


def _without_day(text: re.Match[str]) -> DateText:
    """Read a date whose day, or day and month, are left open: XX/03/2025, 2025-00-00."""
    year, month = int(text[3] or text[4]), int(text[2] or text[6] or 0)
    return DateText(year, month or 1, 1, "month" if month else "year")


def _read_bare(text: str) -> DateText | None:
    if night := _NIGHT.match(text):
        return _night(text[night.end() :])
    if about := _ABOUT.match(text):
        return _coarser(read_date(text[about.end() :]), "week")
    if part := _PART.match(text):
        return _coarser(read_date(text[part.end() :]), "month")
    if hours := _PART_OF_DAY.match(text):
        return read_date(text[hours.end() :])
    text = _CLOCK_INSIDE.sub(r"\1 \2", _DATE_TIME_GROUP.sub(r"\1 \2 \3", text))
    if clock := _CLOCK.match(text):
        hour, minute, second = (
            int(clock[name] or 0)
            for name in ("hour", "packed" if clock["packed"] else "minute", "second")
        )
        if hour > 24 or minute > 59 or second > 60 or (hour == 24 and minute):
            return None
        text = clock["date"].strip(" ,")
    return _read_numbers(text) or _read_words(text) or _read_span(text)


def _full_year(digits: str) -> int:
    """Complete a year of two digits: 1970 to 2069."""
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < 70 else 1900)


def _coarser(date: DateText | None, precision: str) -> DateText | None:
    ranks = ("day", "week", "month", "year")
    if date is None:
        return None
    return _each_order(date, lambda known: max(known, precision, key=ranks.index))


def _each_order(date: DateText, turn: Callable[[str], str]) -> DateText:
    """Change the precision, whatever order of day and month it hangs on."""
    orders = tuple(known and turn(known) for known in date.orders)
    return date._replace(precision=turn(date.precision), orders=orders)


def _night(text: str) -> DateText | None:
    """Date a night by the day on which it begins."""
    span = _read_span(text)
    if span is not None:
        return _each_order(span, lambda known: "day" if known == "week" else known)
    return read_date(text)


def _read_numbers(text: str) -> DateText | None:
    return _read_iso(text) or _read_joined(text) or _read_parts(text) or _read_part_of_year(text)


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


def _read_joined(text: str) -> DateText | None:
    """Read digits without anything between them."""
    if match := _JOINED_MONTH.match(text):
        return DateText(int(match[1]), int(match[2]), 1, "month")
    if match := _JOINED.match(text):
        return DateText(int(match[3]), int(match[2]), int(match[1]), swaps=True)
    return None


def _read_parts(text: str) -> DateText | None:
    if match := _YEAR.match(text):
        return DateText(int(match[1]), 1, 1, "year")
    if match := _MONTH_YEAR.match(text):
        return DateText(int(match[2]), int(match[1]), 1, "month")
    if match := _TRIPLE.match(text):
        return DateText(_full_year(match[4]), int(match[3]), int(match[1]), "day", swaps=True)
    if match := _WEEK_WORDS.match(text):
        return _week(_full_year(match[2] or match[3]), int(match[1]), 0)
    return None


def _read_part_of_year(text: str) -> DateText | None:
    """Read a quarter or half of a year by its first day."""
    if match := _QUARTER.match(text):
        quarter, year = int(match[1] or match[4]), int(match[2] or match[3])
        return DateText(year, 3 * quarter - 2, 1, "year")
    if match := _PART_OF_YEAR.match(text):
        months = 3 if match[2] in {"trimestre", "quarter"} else 6
        first = (_ORDINAL[match[1]] - 1) * months + 1
        return DateText(int(match[3]), first, 1, "year") if first < 12 else None
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
    if match := _PART_OF_MONTH.match(text):
        day = (_ORDINAL[match[1]] - 1) * _PARTS[match[2]] + 1
        return DateText(int(match[4]), MONTHS[match[3]], day, "month") if day < 29 else None
    return None


def _read_span(text: str) -> DateText | None:
    """Read a span of days by its first; its length is the precision."""
    if match := _DAYS_OF_MONTH.match(text):
        year, month = int(match[4]), MONTHS[match[3]]
        return _span(DateText(year, month, int(match[1])), DateText(year, month, int(match[2])))
    if match := _DAYS_AFTER_MONTH.match(text):
        year, month = int(match[4]), MONTHS[match[1]]
        return _span(DateText(year, month, int(match[2])), DateText(year, month, int(match[3])))
    if match := _DAYS_IN_FIGURES.match(text):
        days, month, year = (match[1], match[2]), int(match[4]), int(match[5])
        return _span(*(DateText(year, month, int(day)) for day in days))
    if match := _MONTHS_OF_YEAR.match(text):
        first, last = (
            DateText(int(match[3]), MONTHS[name], 1, "month") for name in match.groups()[:2]
        )
        return _months(first, last)
    if match := _ENDS_IN_FIGURES.match(text):
        whole = f"{match[1]}{match[2][-5]}{match[3]}"
        return _ends(whole, match[2]) or _ends(f"{whole[:-4]}{int(match[3]) - 1}", match[2])
    match = _ISO_ENDS.match(text) or _ENDS.match(text)
    return None if match is None else _ends(match["first"], match["last"])


def _ends(begin: str, end: str) -> DateText | None:
    """Read the span between two dates, the first of which may lack its year."""
    last = _read_numbers(end) or _read_words(end)
    if last is None:
        return None
    first = _read_numbers(begin) or _read_words(begin)
    if first is None:
        first = _read_words(f"{begin} {last.year}")
        if first is not None and first.month > last.month:
            first = first._replace(year=first.year - 1)
    if first is None or first.swaps != last.swaps:
        return None
    if first.precision == last.precision == "month":
        return _months(first, last)
    short = all(re.search(r"\D\d\d$", text) for text in (begin, end))
    return _swapping_span(first, last, short=short) if first.swaps else _span(first, last)


def _months(first: DateText, last: DateText) -> DateText:
    """Give a span of months by its first day; over the turn of a year, of the year before."""
    if first[:2] > last[:2]:
        first = first._replace(year=last.year - 1)
    return first._replace(precision="month" if first[:2] == last[:2] else "year")


def _swapping_span(first: DateText, last: DateText, *, short: bool) -> DateText | None:
    """Measure a span in each order of day, month and year that it may have."""
    turns = (_day_first, _month_first, _year_first)[: 3 if short else 2]
    spans = [_span(turn(first), turn(last)) for turn in turns]
    orders = tuple("" if span is None else span.precision for span in spans)
    known = next(filter(None, orders), None)
    return None if known is None else first._replace(precision=known, orders=orders)


def _day_first(date: DateText) -> DateText:
    return date._replace(swaps=False)


def _month_first(date: DateText) -> DateText:
    return date._replace(month=date.day, day=date.month, swaps=False)


def _year_first(date: DateText) -> DateText:
    return date._replace(year=2000 + date.day, day=date.year % 100, swaps=False)


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
