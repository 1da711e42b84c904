"""Phrases that many sentences share: periods in words, units counted."""

import datetime as dt
import re
from typing import Final

from sahel_geo.i18n.sentence import Counted, Sentence

_MONTH: Final = re.compile(r"\d{4}-\d{2}")
_DAYS_OF_WEEK: Final = 7
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def period_in_words(period: object, form: str = "yMMMM") -> Sentence:
    """Write a period such as "2019-03", a day or a week in words; others stay as they are.

    >>> period_in_words("2024-12-23/2024-12-29").say("en")
    'week 52 of 2024'
    >>> period_in_words("2019-03").say("fr"), period_in_words("2019").say("fr")
    ('mars 2019', '2019')
    """
    text = str(period)
    if _MONTH.fullmatch(text):
        return Sentence(f"{{day:{form}}}", day=dt.date.fromisoformat(f"{text}-01"))
    if _DAY.fullmatch(text):
        return Sentence("{day:long}", day=dt.date.fromisoformat(text))
    first, _, last = text.partition("/")
    if _DAY.fullmatch(first) and _DAY.fullmatch(last):
        year, week, weekday = dt.date.fromisoformat(first).isocalendar()
        length = (dt.date.fromisoformat(last) - dt.date.fromisoformat(first)).days + 1
        if weekday == 1 and length == _DAYS_OF_WEEK:
            return Sentence("week {week} of {year}", week=week, year=str(year))
    return Sentence.of(text)


def span_in_words(first: object, last: object) -> tuple[Sentence, Sentence]:
    """Write the ends of a span in words; the year of two months of one year is said once.

    >>> [end.say("fr") for end in span_in_words("2019-01", "2019-12")]
    ['janvier', 'décembre 2019']
    """
    texts = str(first), str(last)
    same = texts[0][:4] == texts[1][:4] and all(map(_MONTH.fullmatch, texts))
    return period_in_words(first, "MMMM" if same else "yMMMM"), period_in_words(last)


def units_counted(count: int) -> Sentence:
    """Count units in words.

    >>> [units_counted(count).say("fr") for count in (0, 1, 2)]
    ['aucune unité', '1 unité', '2 unités']
    """
    if count == 0:
        return Sentence("no unit")
    return Counted("{count:,} unit", "{count:,} units", count=count)
