"""Dates as a language writes them."""

import datetime as dt
import re

import pytest

from sahel_geo.i18n.cldr import date, number
from sahel_geo.maps.report_texts import format_date

FORMS = ("yMMMd", "yMMMMd", "long", "MMMd", "yMMMEd", "MMMEd")


@pytest.mark.parametrize("form", FORMS)
def test_the_first_of_a_month_is_an_ordinal_in_french_and_no_other_day(form):
    for day in (dt.date(2023, 1, 1) + dt.timedelta(days=n) for n in range(365)):
        number = re.search(r"\b(\d+(?:er)?)\s", date(day, "fr", form))[1]
        assert number == ("1er" if day.day == 1 else str(day.day))
        assert "1er" not in date(day, "en", form)


def test_months_and_quarters_have_no_first_day():
    day = dt.date(2021, 1, 1)
    assert date(day, "fr", "yMMMM") == "janvier 2021"
    assert date(day, "fr", "yQQQ") == "T1 2021"


def test_a_date_of_a_page_does_not_break():
    for iso, french, english in (
        ("2024-03-01", "1er mars 2024", "1 March 2024"),
        ("2024-08-11", "11 août 2024", "11 August 2024"),
    ):
        assert format_date(iso, "fr") == french.replace(" ", "\N{NO-BREAK SPACE}")
        assert format_date(iso, "en") == english.replace(" ", "\N{NO-BREAK SPACE}")


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (-0.001, "+.2f", "+0,00"), (-0.001, ".2f", "0,00"), (-0.0, ",.0f", "0"),
        (-0.0004, ".1%", "0,0\N{NARROW NO-BREAK SPACE}%"), (-0.006, "+.2f", "−0,01"),
        (float("-inf"), ".1f", "−inf"),
    ],
)  # fmt: skip
def test_what_is_written_as_zero_has_no_minus(value, spec, text):
    assert number(value, spec, "fr") == text
