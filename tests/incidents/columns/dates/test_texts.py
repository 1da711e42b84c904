"""One date as text: every writing of a day, a month, a week or a span says what was written."""

import datetime as dt

import pytest

from sahel_geo.incidents.columns.dates.texts import MONTHS, DateText, plain_date, read_date

NAMES = {n: [name for name, number in MONTHS.items() if number == n] for n in range(1, 13)}
DAYS = [dt.date(1900, 1, 1), dt.date(2099, 12, 31), dt.date(2024, 2, 29)] + [
    dt.date(1980 + 4 * month, month, day) for month in range(1, 13) for day in (9, 10, 30 - month)
]
OF_A_DAY = (
    "{0:%Y-%m-%d}", "{0:%Y/%m/%d}", "{0:%Y.%m.%d}", "{0:%Y%m%d}", "{0:%Y%m%d%H%M}",
    "{0:%G-W%V-%u}", "{0:%Y-%m-%dT%H:%M:%SZ}", "{0:%Y-%m-%d} 24:00", "{0:%Y-%m-%d} 23:59:60",
    "{0:%Y-%m-%d} vers 9h", "{0.day} {1} {0.year}", "{0.day}-{1}-{0.year}",
    "{0.day:02}{1}{0.year}", "{0.day}th of {1}, {0.year}", "{1} {0.day}, {0.year}",
    "{1}-{0.day}-{0.year}", "{0.year}-{1}-{0.day:02}", "le {0.day}er {1} {0.year}",
    "mardi, {0.day} {1} {0.year} au matin", "{0.day} {1}. {0.year} (nuit)",
    "{0.day} {1} {0.year} à 14h30", "{0:%Y-%m-%d} vers 15 h",
    "le {0.day} {1} {0.year} vers 4 heures du matin", "{0:%Y-%m-%d} aux environs de 18 heures 30",
    "{0.day} {1} {0.year}, à l'aube", "{1} {0.day}, {0.year} at about 6 pm",
    "{0.day} {1} {0.year} entre 8h et 10h30 TU", "{0:%Y-%m-%d} at 1430 hours", "{0:%Y-%m-%d} PM",
    "{0.day} {1} {0.year}, au petit matin (heure locale)", "nuit du {0.day} {1} {0.year}",
    "night of {1} {0.day}, {0.year}",
)  # fmt: skip
OF_A_MONTH = (
    "{0:%Y-%m}", "{0:%Y/%m}", "{0:%m/%Y}", "{0:%m.%Y}", "{1} {0.year}", "{1}, {0.year}",
    "{1} of {0.year}", "courant {1} {0.year}", "late {1} {0.year}", "fin {1} {0.year}",
)  # fmt: skip
SPANS = (
    "{0:%Y-%m-%d}/{1:%Y-%m-%d}", "{0:%Y-%m-%d} - {1:%Y-%m-%d}",
    "du {0:%Y-%m-%d} au {1:%Y-%m-%d}", "{0.day} {2} {0.year} au {1.day} {3} {1.year}",
    "from {2} {0.day}, {0.year} to {3} {1.day}, {1.year}",
    "entre le {0.day} {2} {0.year} et le {1.day} {3} {1.year}",
)  # fmt: skip


@pytest.mark.parametrize("form", OF_A_DAY)
def test_every_writing_of_a_day_is_that_day(form):
    for day in DAYS:
        for name in NAMES[day.month]:
            text = form.format(day, name)
            assert read_date(plain_date(text)) == DateText(day.year, day.month, day.day), text


@pytest.mark.parametrize("form", OF_A_MONTH)
def test_every_writing_of_a_month_is_its_first_day(form):
    for day in DAYS:
        for name in NAMES[day.month]:
            text = form.format(day, name)
            assert read_date(plain_date(text)) == DateText(day.year, day.month, 1, "month"), text


@pytest.mark.parametrize("form", SPANS)
@pytest.mark.parametrize(
    ("length", "precision"),
    [(0, "day"), (1, "week"), (7, "week"), (8, "month"), (31, "month"), (32, "year")],
)
def test_a_span_begins_on_its_first_day_and_is_as_precise_as_it_is_long(form, length, precision):
    for at, first in enumerate(DAYS):
        last = first + dt.timedelta(length)
        names = [NAMES[day.month][at % len(NAMES[day.month])] for day in (first, last)]
        text = form.format(first, last, *names)
        assert read_date(plain_date(text)) == (*first.timetuple()[:3], precision, False, ()), text
        if length:
            text = form.format(last, first, *names[::-1])
            assert read_date(plain_date(text)) is None, text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("28 décembre au 3 janvier 2025", (2024, 12, 28, "week")),
        ("30 avril - 2 mai 2025", (2025, 4, 30, "week")),
        ("3 mai au 5 mai 2025", (2025, 5, 3, "week")),
        ("12 et 13 mai 2025", (2025, 5, 12, "week")), ("May 1-9, 2025", (2025, 5, 1, "month")),
        ("nuit du 31 décembre 2024 au 1er janvier 2025", (2024, 12, 31, "day")),
        ("Mar. 12, 2025", (2025, 3, 12, "day")), ("mar. 12 mai 2025", (2025, 5, 12, "day")),
        ("Mar 12-14, 2025", (2025, 3, 12, "week")), ("mar 2025-05-13", (2025, 5, 13, "day")),
        ("on or about 3 May 2025", (2025, 5, 3, "week")),
        ("nuit du 3 au 20 mai 2025", (2025, 5, 3, "month")),
        ("nuit de mai 2025", (2025, 5, 1, "month")),
        ("vers mai 2025", (2025, 5, 1, "month")), ("environ le 3 mai 2025", (2025, 5, 3, "week")),
        ("début 2025", (2025, 1, 1, "year")), ("mi-mai 2025", (2025, 5, 1, "month")),
        ("année 2025", (2025, 1, 1, "year")), ("2025.0", (2025, 1, 1, "year")),
        ("T3 2025", (2025, 7, 1, "year")), ("2025-Q1", (2025, 1, 1, "year")),
        ("trimestre 4 2025", (2025, 10, 1, "year")), ("2025-W01", (2024, 12, 30, "week")),
        ("semaine 11 (2024)", (2024, 3, 11, "week")), ("mai (2025)", (2025, 5, 1, "month")),
        ("semaine n° 53, 2020", (2020, 12, 28, "week")), ("2025W037", (2025, 1, 19, "day")),
        ("3 mai 69", (2069, 5, 3, "day")), ("3 mai 70", (1970, 5, 3, "day")),
        ("mai-69", (2069, 5, 1, "month")), ("mai '70", None), ("mai'70", (1970, 5, 1, "month")),
        ("12 mai 2025 a 19", None), ("12 mai 2025 2460Z", None), ("2025-05-12 24:01", None),
         ("2025-05-12 25:00", None), ("2025-05-12 23:60", None),
        ("2025-05-12 23:59:61", None), ("202505122460", None), ("202505122500", None),
        ("202505122400", (2025, 5, 12, "day")), ("20250512235961", None),
        ("20250512235960", (2025, 5, 12, "day")),
        ("2021-W53", None), ("2025-W00", None), ("T5 2025", None), ("14-12 mai 2025", None),
        ("May 14-12, 2025", None), ("mai 2025 au 3 juin 2025", None), ("3 au 31 juin 2025", None),
        ("1899", None), ("2100", None),
    ],
)  # fmt: skip
def test_dates_whose_reading_is_known(text, said):
    assert read_date(plain_date(text)) == (None if said is None else DateText(*said))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("03/01/2025", (2025, 1, 3, "day", True)), ("3.1.25", (2025, 1, 3, "day", True)),
        ("03 01 69", (2069, 1, 3, "day", True)), ("03-01-70", (1970, 1, 3, "day", True)),
        ("03/04/2024 - 03/05/2024", (2024, 4, 3, "month", True, ("month", "week"))),
        ("04/03/2024 - 05/01/2024", (2024, 3, 4, "month", True, ("", "month"))),
        ("3/4/2024-5/4/2024", (2024, 4, 3, "week", True, ("week", "year"))),
        ("3-4-2024-5-4-2024", (2024, 4, 3, "week", True, ("week", "year"))),
        ("vers 3/4/2024 - 3/4/2024", (2024, 4, 3, "week", True, ("week", "week"))),
        ("nuit du 3/4/2024 au 4/4/2024", (2024, 4, 3, "day", True, ("day", "month"))),
        ("24/03/04 - 24/03/06", (2004, 3, 24, "year", True, ("year", "", "week"))),
        ("24/12/31 - 25/01/02", (2031, 12, 24, "week", True, ("", "", "week"))),
        ("03/01-2025", None),
        ("03/01/2025 - 05/01/2025", (2025, 1, 3, "week", True, ("week", "year"))),
        ("03/01/2025 - 03/01/2025", (2025, 1, 3, "day", True, ("day", "day"))),
        ("03/01/2025 au 10/01/2025", (2025, 1, 3, "week", True, ("week", "year"))),
        ("03/01/2025 au 11/01/2025", (2025, 1, 3, "month", True, ("month", "year"))),
        ("30/01/2025 au 02/02/2025", (2025, 1, 30, "week", True, ("week", ""))),
        ("03/28/2025 - 04/02/2025", (2025, 28, 3, "week", True, ("", "week"))),
        ("03/13/2025 - 04/02/2025", (2025, 13, 3, "month", True, ("", "month"))),
        ("12/31/2024 au 01/31/2025", (2024, 31, 12, "month", True, ("", "month"))),
        ("04/02/2025 - 03/28/2025", None), ("02/30/2025 - 03/28/2025", None),
        ("31/02/2025 - 03/03/2025", None),
        ("03/01/2024 au 03/01/2025", (2024, 1, 3, "year", True, ("year", "year"))),
        ("05/01/2025 - 03/01/2025", None), ("03/01/2025 - 2025-01-05", None),
        ("2025-01-03 - 05/01/2025", None), ("vers le 03/01/2025", (2025, 1, 3, "week", True)),
    ],
)  # fmt: skip
def test_dates_whose_day_and_month_may_swap(text, said):
    assert read_date(plain_date(text)) == (None if said is None else DateText(*said))


def test_what_is_no_text_is_read_as_the_date_that_it_is():
    noon = dt.datetime(2025, 1, 3, 14, 5, tzinfo=dt.UTC)
    assert plain_date(noon) == plain_date(noon.date()) == "2025-01-03"
    assert plain_date("  1er   AOÛT 2020 ") == "1er aout 2020"
    assert plain_date(" Non Précisé ") == plain_date("-") == ""


@pytest.mark.parametrize(
    ("text", "day", "precision"),
    [
        ("12-14/03/2024", "2024-03-12", "week"), ("du 12 au 14/03/2024", "2024-03-12", "week"),
        ("12.-14.03.2024", "2024-03-12", "week"), ("28/02-02/03/2024", "2024-02-28", "week"),
        ("12/03 au 14/03/2024", "2024-03-12", "week"), ("30/12-02/01/2025", "2024-12-30", "week"),
        ("12, 13 et 14 mars 2024", "2024-03-12", "week"),
        ("12-13-14 mars 2024", "2024-03-12", "week"),
        ("2024/03/12-2024/03/14", "2024-03-12", "week"),
        ("mars-avril 2025", "2025-03-01", "year"), ("mars 2025 - avril 2025", "2025-03-01", "year"),
        ("décembre-janvier 2025", "2024-12-01", "year"),
        ("Semaine du 17 au 23 mars 2025", "2025-03-17", "week"),
        ("semaine du 24/03/2025 au 30/03/2025", "2025-03-24", "week"),
        ("week of 7 April 2025", "2025-04-07", "week"),
        ("Semaine 12 (17-23 mars 2025)", "2025-03-17", "week"),
        ("S12 2025", "2025-03-17", "week"), ("2025-S12", "2025-03-17", "week"),
        ("2025 S12", "2025-03-17", "week"), ("S12-25", "2025-03-17", "week"),
        ("3e trimestre 2025", "2025-07-01", "year"),
        ("premier trimestre de 2025", "2025-01-01", "year"),
        ("2nd half of 2025", "2025-07-01", "year"), ("1er semestre 2025", "2025-01-01", "year"),
        ("1ère quinzaine de mars 2025", "2025-03-01", "month"),
        ("seconde quinzaine de juillet 2025", "2025-07-16", "month"),
        ("dernière semaine de mars 2025", "2025-03-22", "month"),
        ("1ère quinzaine de mars 2025 - 2e quinzaine de mars 2025", "2025-03-01", "month"),
        ("3e décade de mars 2025", "2025-03-21", "month"),
        ("mi-mars 2025", "2025-03-01", "month"), ("début 2025", "2025-01-01", "year"),
        ("XX/03/2025", "2025-03-01", "month"), ("2025-03-00", "2025-03-01", "month"),
        ("00/00/2024", "2024-01-01", "year"), ("2025-XX-XX", "2025-01-01", "year"),
        ("202503", "2025-03-01", "month"), ("Year 2024", "2024-01-01", "year"),
        ("21/11/2025?", "2025-11-21", "week"), ("21 nov. 2025 (?)", "2025-11-21", "week"),
        ("env. 21 novembre 2025", "2025-11-21", "week"),
        ("Mon Mar 03 2025 10:00:00 GMT+0000 (Coordinated Universal Time)", "2025-03-03", "day"),
        ("Mon Mar  3 10:00:00 2025", "2025-03-03", "day"),
        ("Soirée du 21 novembre 2025", "2025-11-21", "day"),
        ("21 novembre 2025 PM", "2025-11-21", "day"),
        ("à l'aube du 5 avril 2025", "2025-04-05", "day"), ("3 مارس 2025", "2025-03-03", "day"),
    ],
)  # fmt: skip
def test_what_is_less_or_more_than_a_day_is_as_precise_as_it_says(text, day, precision):
    found = read_date(plain_date(text))
    assert (str(dt.date(*found[:3])), found.precision) == (day, precision)


@pytest.mark.parametrize(
    "text",
    ["avant le 14 mars 2025", "14-12/03/2024", "12/13/03/2024", "2023-2024", "202513", "20251399",
     "5e quinzaine de mars 2025", "3e quinzaine de mars 2025", "3e semestre 2025",
     "semaine 12", "hivernage 2024", "mars 24", "3 mars", "14//03/2025"],
)  # fmt: skip
def test_what_says_too_little_or_too_much_is_no_date(text):
    assert read_date(plain_date(text)) is None
