"""Dates: exact days, the right precision, the order of a column, nothing guessed."""

import pandas as pd
import pytest

from sahel_geo.incidents.columns.date_texts import plain_date, read_date
from sahel_geo.incidents.columns.dates import parse_date_parts, parse_dates


def days(found):
    return found.days.astype("datetime64[D]").astype(str).tolist()


@pytest.mark.parametrize(
    ("text", "day", "precision"),
    [
        ("20250103120000", "2025-01-03", "day"), ("20250104", "2025-01-04", "day"),
        ("2025-W03", "2025-01-13", "week"), ("S03 2025", "2025-01-13", "week"),
        ("12-14 mai 2025", "2025-05-12", "week"), ("du 12 au 14 mai 2025", "2025-05-12", "week"),
        ("May 12-14, 2025", "2025-05-12", "week"), ("30 avril - 2 mai 2025", "2025-04-30", "week"),
        ("nuit du 3 au 4 janvier 2025", "2025-01-03", "day"),
        ("2025-05-12/2025-05-30", "2025-05-12", "month"),
        ("début janvier 2025", "2025-01-01", "month"), ("mi-mars 2025", "2025-03-01", "month"),
        ("vers le 3 mars 2025", "2025-03-03", "week"), ("1900", "1900-01-01", "year"),
        ("lundi 3 février 2020 à 14h", "2020-02-03", "day"), ("2021", "2021-01-01", "year"),
        ("06/2021", "2021-06-01", "month"), ("2021-01-02T10:00:00.000+00:00", "2021-01-02", "day"),
        ("3 janvier 2025 (matin)", "2025-01-03", "day"), ("mai-25", "2025-05-01", "month"),
        ("45660", "2025-01-03", "day"), ("1735862400", "2025-01-03", "day"),
        ("1735862400000", "2025-01-03", "day"),
    ],
)  # fmt: skip
def test_dates_and_their_precision(text, day, precision):
    found = parse_dates(pd.Series([text]))
    assert (days(found), found.precision.tolist()) == ([day], [precision])


@pytest.mark.parametrize(
    "text",
    ["2021-01-02 25:00", "2021-01-02 10:75", "2021.5", "nuit du 3 au 4 janvier", "mai 25", "1899",
     "31/02/2021", "2024-W60", "20251301", "14 mai au 12 mai 2025"],
)  # fmt: skip
def test_what_is_no_date(text):
    assert parse_dates(pd.Series([text])).impossible.tolist() == [True]


@pytest.mark.parametrize("text", ["NA", "Inconnu", "INCONNUE", "nd", "?", "-", ""])
def test_what_says_that_no_date_is_known(text):
    assert parse_dates(pd.Series([text])).missing.tolist() == [True]


def test_a_column_of_two_orders_leaves_open_what_fits_both():
    texts = ["12/31/2024", "11/30/2024", "25/10/2024", "05/04/2024", "05/05/2024", "13/04/2024"]
    found = parse_dates(pd.Series(texts))
    assert days(found) == [
        "2024-12-31", "2024-11-30", "2024-10-25", "NaT", "2024-05-05", "2024-04-13",
    ]  # fmt: skip
    assert found.ambiguous.tolist() == [False, False, False, True, False, False]
    assert "mixes two orders" in found.notes[0]


def test_one_slip_in_a_hundred_does_not_make_two_orders():
    texts = [f"{day:02d}/03/2024" for day in range(13, 29)] * 3 + ["03/14/2024", "02/03/2024"]
    found = parse_dates(pd.Series(texts))
    assert days(found)[-2:] == ["NaT", "2024-03-02"]


@pytest.mark.parametrize(
    ("name", "day"),
    [("Date (JJ/MM/AAAA)", "2025-01-03"), ("Date (MM/DD/YYYY)", "2025-03-01"),
     ("date_jj_mm_aaaa", "2025-01-03")],
)  # fmt: skip
def test_the_header_may_state_the_order(name, day):
    found = parse_dates(pd.Series(["03/01/2025"]), name=name)
    assert days(found) == [day]
    assert found.notes == []


def test_a_half_converted_column_is_said_and_put_right_on_request():
    texts = pd.Series(["2025-03-02", "17/02/2025", "2025-05-03", "28/03/2025"])
    found = parse_dates(texts, name="Date")
    assert days(found)[0] == "2025-03-02"
    assert "a spreadsheet has probably swapped" in found.notes[0]
    undone = parse_dates(texts, name="Date", undo_swapped=True)
    assert days(undone) == ["2025-02-03", "2025-02-17", "2025-03-05", "2025-03-28"]
    assert (
        parse_dates(pd.Series(["2025-03-22", "17/02/2025", "2025-05-03", "28/03/2025"])).notes == []
    )


def test_years_of_two_digits_that_may_stand_at_either_end_are_set_aside():
    found = parse_dates(pd.Series(["25/01/03", "25/01/07", "25/02/11"]))
    assert found.ambiguous.all()
    assert days(parse_dates(pd.Series(["25/01/31", "25/02/28"]))) == ["2025-01-31", "2025-02-28"]
    assert days(parse_dates(pd.Series(["03/01/25", "14/02/25", "28/02/25"])))[0] == "2025-01-03"


@pytest.mark.parametrize(
    ("year", "month", "day", "expected"),
    [
        ("2025", "January", "", ("2025-01-01", "month")),
        ("2025", "févr.", "3", ("2025-02-03", "day")),
        ("2025", "0", "0", ("2025-01-01", "year")), ("2025", "-99", "1", ("NaT", "unknown")),
        ("2025", "2", "-1", ("NaT", "unknown")), ("1900", "1", "1", ("1900-01-01", "day")),
    ],
)  # fmt: skip
def test_dates_in_columns_of_their_own(year, month, day, expected):
    columns = {"year": [year], "month": [month], "day": [day]}
    found = parse_date_parts({name: pd.Series(cells) for name, cells in columns.items()}, 1)
    assert (days(found)[0], found.precision[0]) == expected


def test_a_year_alone_is_enough():
    found = parse_date_parts({"year": pd.Series(["2019", "NA"])}, 2)
    assert found.precision.tolist() == ["year", "unknown"]
    assert found.missing.tolist() == [False, True]


def test_plain_dates_have_no_accents():
    assert read_date(plain_date("1er Août 2020")) is not None
