"""Dates: exact days, the right precision, the order of a column, nothing guessed."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from sahel_geo.incidents.columns.dates.dates import parse_dates, to_days
from sahel_geo.incidents.columns.dates.parts import parse_date_parts, with_years
from sahel_geo.incidents.columns.dates.texts import plain_date, read_date


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
    texts = ["12/31/2024", "11/30/2024", "25/10/2024", "05/04/2024", "05/05/2024", "13/04/2024",
             "12/11/2024", "12/12/2024", "13/13/2024", "13/14/2024"]  # fmt: skip
    found = parse_dates(pd.Series(texts))
    assert days(found) == [
        "2024-12-31", "2024-11-30", "2024-10-25", "NaT", "2024-05-05", "2024-04-13",
        "NaT", "2024-12-12", "NaT", "NaT",
    ]  # fmt: skip
    assert np.flatnonzero(found.ambiguous).tolist() == [3, 6]
    assert found.impossible.tolist() == [False] * 8 + [True] * 2
    assert "mixes two orders: rows with the day first 2 ['25/10/2024'" in found.notes[0]
    assert "with the month first 2 ['12/31/2024', '11/30/2024'];" in found.notes[0]


def test_one_slip_in_twenty_does_not_make_two_orders():
    texts = [f"{day:02d}/03/2024" for day in range(13, 29)] * 3 + ["03/14/2024", "02/03/2024"]
    found = parse_dates(pd.Series(texts))
    assert days(found)[-2:] == ["NaT", "2024-03-02"]
    for stated, doubtful in ((19, False), (18, True)):
        column = pd.Series(["13/03/2024"] * stated + ["03/14/2024", "02/03/2024"])
        assert parse_dates(column).ambiguous[-1] == doubtful
        american = column.replace({"13/03/2024": "03/13/2024", "03/14/2024": "14/03/2024"})
        found = parse_dates(american)
        assert found.ambiguous[-1] == doubtful
        assert days(found)[0] == "2024-03-13"
        assert days(found)[-1] == ("NaT" if doubtful else "2024-02-03")


def test_a_span_with_the_month_first_tells_the_order_of_its_column():
    found = parse_dates(pd.Series(["03/28/2025 - 04/02/2025", "03/04/2025"]))
    assert days(found) == ["2025-03-28", "2025-03-04"]
    assert found.precision.tolist() == ["week", "day"]


SPANS = [(dt.date(2024, month, day), length) for month in (1, 3, 12) for day in (1, 4, 12)
         for length in (0, 1, 7, 8, 30, 31, 32)]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "telling"),
    [("%d/%m/%Y", "13/01/2024"), ("%m/%d/%Y", "01/13/2024"), ("%y/%m/%d", "24/01/31")],
)
@pytest.mark.parametrize("joined", ["{} - {}", "du {} au {}"])
def test_spans_in_numbers_have_the_order_of_their_column(form, telling, joined):
    ends = [(first, first + dt.timedelta(days=length)) for first, length in SPANS]
    texts = [joined.format(*(each.strftime(form) for each in pair)) for pair in ends]
    found = parse_dates(pd.Series([telling] * 30 + texts))
    told = parse_dates(pd.Series([" - ".join(map(str, pair)) for pair in ends]))
    assert days(found)[30:] == days(told) == [str(first) for first, _ in SPANS]
    assert found.precision.tolist()[30:] == told.precision.tolist()


def test_a_span_that_one_order_makes_end_before_it_begins_tells_the_order():
    found = parse_dates(pd.Series(["04/03/2024 - 05/01/2024", "02/03/2024"]))
    assert days(found) == ["2024-04-03", "2024-02-03"]
    assert found.precision.tolist() == ["month", "day"]
    (said,) = [note.say("en") for note in found.notes]
    assert said == "dates are read month first: 1 row allows nothing else"


def test_a_span_is_impossible_in_an_order_that_makes_it_end_before_it_begins():
    for stated, kept in (("jj/mm/aaaa", 1), ("mm/jj/aaaa", 0)):
        texts = pd.Series(["04/03/2024 - 05/01/2024", "03/04/2024 - 01/05/2024"])
        found = parse_dates(texts, name=stated)
        assert days(found) == ["2024-04-03" if row == kept else "NaT" for row in (0, 1)]
        assert found.impossible.tolist() == [row != kept for row in (0, 1)]
        assert found.precision.tolist() == ["month" if row == kept else "unknown" for row in (0, 1)]


def test_spans_that_fit_both_orders_of_a_mixed_column_are_left_open():
    texts = ["13/04/2024", "25/10/2024", "04/13/2024", "10/25/2024", "03/04/2024 - 03/05/2024",
             "04/03/2024 - 05/01/2024", "03/04/2024 - 01/05/2024"]  # fmt: skip
    found = parse_dates(pd.Series(texts))
    assert found.ambiguous.tolist() == [False] * 4 + [True] + [False] * 2
    assert days(found)[4:] == ["NaT", "2024-04-03", "2024-04-03"]
    assert found.precision.tolist()[5:] == ["month", "month"]


def test_it_says_by_which_dates_day_and_month_are_told_apart():
    def said(*texts):
        return [note.say("en") for note in parse_dates(pd.Series(texts)).notes]

    assert said("02/03/2024", "13/03/2024") == said("05/05/2024", "06/06/2024") == []
    (assumed,) = said("05/05/2024", "02/03/2024", "03/02/2024")
    assert "no date tells day from month ('02/03/2024')" in assumed
    (american,) = said("02/03/2024", "03/13/2024", "03/13/2024")
    assert american == "dates are read month first: 2 rows allow nothing else"


@pytest.mark.parametrize(
    ("name", "text", "day"),
    [("Date (JJ/MM/AAAA)", "03/01/2025", "2025-01-03"),
     ("date_jj_mm_aaaa", "03/01/2025", "2025-01-03"),
     ("Date (MM/DD/YYYY)", "03/01/2025", "2025-03-01"),
     ("Date (AA/MM/JJ)", "25/01/03", "2025-01-03")],
)  # fmt: skip
def test_the_header_may_state_the_order(name, text, day):
    found = parse_dates(pd.Series([text]), name=name)
    assert days(found) == [day]
    assert found.notes == []
    both = parse_dates(pd.Series(["03/01/2025"]), name="jj/mm/aa ou mm/jj/aa")
    assert "day first is assumed" in both.notes[0]


def test_a_half_converted_column_is_said_and_put_right_on_request():
    texts = pd.Series(["2025-03-02", "17/02/2025", "2025-05-03", "28/03/2025"])
    found = parse_dates(texts, name="Date")
    assert days(found)[0] == "2025-03-02"
    assert "a spreadsheet has probably swapped" in found.notes[0]
    undone = parse_dates(texts, name="Date", undo_swapped=True)
    assert days(undone) == ["2025-02-03", "2025-02-17", "2025-03-05", "2025-03-28"]


@pytest.mark.parametrize(
    ("texts", "suspected"),
    [
        (["2025-03-12", "17/02/2025", "2025-05-03", "13/03/2025"], True),
        (["2025-03-13", "17/02/2025", "2025-05-03", "13/03/2025"], False),  # a real one above 12
        (["2025-03-12", "17/02/2025", "2025-05-03", "12/03/2025"], False),  # a text of 12
        (["2025-03-12", "17/02/2025", "13/03/2025"], False),  # too few to tell
        (["2025-03-12", "2025-05-03", "13/03/2025"], False),
    ],
)
def test_a_spreadsheet_is_suspected_only_where_it_leaves_no_other_explanation(texts, suspected):
    assert len(parse_dates(pd.Series(texts)).notes) == suspected
    kept = parse_dates(pd.Series(texts))
    undone = parse_dates(pd.Series(texts), undo_swapped=True)
    assert (days(kept) != days(undone)) == suspected
    if suspected:
        assert "swapped back in 2 real dates, beside 2 that stayed text" in undone.notes[0]


def test_years_of_two_digits_that_may_stand_at_either_end_are_set_aside():
    found = parse_dates(pd.Series(["25/01/03", "25/01/07", "25/02/11"]))
    assert found.ambiguous.all()
    (note,) = found.notes  # of no order is anything said
    assert "may begin or end with the year" in note
    for other in (
        ["25/01/03", "25/01/07"],  # two are few
        ["14/01/03", "14/01/07", "14/02/11"],  # so long ago as no one writes of
        ["28/01/69", "28/01/67", "28/02/68"],  # a year to come
        ["21/01/03", "22/01/07", "23/02/11", "24/02/12", "25/02/13"],  # days, of many years
        ["25/01/03", "24/01/04", "23/02/03"],  # days, of few years
        ["25/01/2003", "25/01/2007", "25/02/2011"],
    ):
        found = parse_dates(pd.Series(other))
        assert not found.ambiguous.any()
        assert days(found)[0][-2:] == other[0][:2]
    assert days(parse_dates(pd.Series(["25/01/31", "25/02/28"]))) == ["2025-01-31", "2025-02-28"]
    assert days(parse_dates(pd.Series(["03/01/25", "14/02/25", "28/02/25"])))[0] == "2025-01-03"


@pytest.mark.parametrize(
    ("year", "month", "day", "expected"),
    [
        ("2025", "January", "", ("2025-01-01", "month")),
        ("2025", "févr.", "3", ("2025-02-03", "day")),
        ("2025", "0", "0", ("2025-01-01", "year")), ("2025", "-99", "1", ("NaT", "unknown")),
        ("2025", "2", "-1", ("NaT", "unknown")), ("2025", "", "7", ("2025-01-01", "year")),
        ("2025", "1.5", "1", ("NaT", "unknown")), ("2025", "13", "1", ("NaT", "unknown")),
        ("12025", "1", "1", ("NaT", "unknown")), ("2025", "avant", "1", ("NaT", "unknown")),
        ("2024", "févr.", "29", ("2024-02-29", "day")), ("1899", "1", "1", ("NaT", "unknown")),
        ("", "2", "3", ("NaT", "unknown")), ("0", "2", "3", ("NaT", "unknown")),
        ("1900", "1", "1", ("1900-01-01", "day")),
    ],
)  # fmt: skip
def test_dates_in_columns_of_their_own(year, month, day, expected):
    columns = {"year": [year], "month": [month], "day": [day]}
    found = parse_date_parts({name: pd.Series(cells) for name, cells in columns.items()}, 1)
    assert (days(found)[0], found.precision[0]) == expected
    assert found.missing[0] == (year in {"", "0"})
    assert found.impossible[0] == (expected[0] == "NaT" and not found.missing[0])


def test_a_year_alone_is_enough():
    found = parse_date_parts({"year": pd.Series(["2019", "NA"])}, 2)
    assert found.precision.tolist() == ["year", "unknown"]
    assert found.missing.tolist() == [False, True]


def test_plain_dates_have_no_accents():
    assert read_date(plain_date("1er Août 2020")) is not None


def test_two_digits_at_the_front_are_the_year_where_those_at_the_end_cannot_be():
    to_come = ["20/01/31", "21/02/28", "19/12/30"]
    found = parse_dates(pd.Series(to_come))
    assert days(found) == ["2020-01-31", "2021-02-28", "2019-12-30"]
    assert days(parse_dates(pd.Series(["20/01/31", "21/02/25"]))) == ["2020-01-31", "2021-02-25"]
    for other in ("21/02/30", "69/02/28", "21/13/28"):  # no day of the calendar, or still to come
        assert days(parse_dates(pd.Series([*to_come, other])))[0] == "2031-01-20"
    assert days(parse_dates(pd.Series([*to_come, "01/02/2031"])))[0] == "2031-01-20"


@pytest.mark.parametrize(
    ("number", "day"),
    [
        (19_725, dt.date(1954, 1, 1)), (19_724, None), (80_000, dt.date(2119, 1, 11)),
        (80_001, None), (45_660.75, dt.date(2025, 1, 3)), (315_532_800, dt.date(1980, 1, 1)),
        (315_532_799, None), (4_102_444_800, dt.date(2100, 1, 1)), (4_102_444_801, None),
        (1_735_948_799, dt.date(2025, 1, 3)), (1_735_948_799_999, dt.date(2025, 1, 3)),
        (315_532_800_000, dt.date(1980, 1, 1)), (315_532_799_999, None),
        (4_102_444_800_000, dt.date(2100, 1, 1)), (4_102_444_800_001, None),
        (1_709_164_800, dt.date(2024, 2, 29)), (45_352, dt.date(2024, 3, 1)),
    ],
)  # fmt: skip
def test_numbers_of_days_and_seconds_are_dates_within_their_bounds(number, day):
    found = parse_dates(pd.Series([str(number), None, "3 mai 2025"]))
    assert days(found) == ["NaT" if day is None else str(day), "NaT", "2025-05-03"]
    assert found.precision.tolist() == ["unknown" if day is None else "day", "unknown", "day"]
    assert found.impossible.tolist() == [day is None, False, False]
    assert found.missing.tolist() == [False, True, False]
    assert len(found.notes) == (day is not None)
    units = ("Excel's serial days", "seconds since", "milliseconds since")
    unit = units[(number > 1e6) + (number > 1e11)]
    assert all(f"are read as {unit}" in note.say("en") for note in found.notes)


def test_dates_are_those_of_the_calendar():
    grid = np.meshgrid([1899, 1900, 2000, 2023, 2024, 9999, 10000], range(-1, 14), range(-1, 33))
    expected = []
    for year, month, day in zip(*(axis.ravel().tolist() for axis in grid), strict=True):
        try:
            expected.append(str(dt.date(year, month, day)) if year >= 1900 else "NaT")
        except ValueError:
            expected.append("NaT")
    found = to_days(*(axis.ravel() for axis in grid))
    assert found.astype("datetime64[D]").astype(str).tolist() == expected


def test_what_is_a_date_already_is_kept_from_1900_on_in_the_place_that_it_was_written_in():
    times = pd.Series(
        pd.to_datetime(["1899-12-31 23:59", "1900-01-01 00:00", None, "2024-02-29 23:59"])
    )
    found = parse_dates(times)
    assert days(found) == ["NaT", "1900-01-01", "NaT", "2024-02-29"]
    assert found.impossible.tolist() == [True, False, False, False]
    assert found.missing.tolist() == [False, False, True, False]
    assert found.precision.tolist() == ["unknown", "day", "unknown", "day"]
    assert days(parse_dates(times.dt.tz_localize("Africa/Niamey"))) == days(found)
    assert days(parse_dates(pd.Series(["1899-12-31", "1900-01-01"]))) == ["NaT", "1900-01-01"]


def test_the_future_begins_after_tomorrow():
    today = dt.datetime.now(tz=dt.UTC).date()
    near = [str(today + dt.timedelta(ahead)) for ahead in (-1, 0, 1, 2, 3)]
    assert parse_dates(pd.Series([*near, None])).future.tolist() == [
        False, False, False, True, True, False,
    ]  # fmt: skip


def test_a_serial_day_may_have_a_decimal_comma():
    parsed = parse_dates(pd.Series(["45292", "45300,5"]))
    assert parsed.days.astype("datetime64[D]").astype(str).tolist() == ["2024-01-01", "2024-01-09"]


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (["03032025", "14032025"], ["2025-03-03", "2025-03-14"]),
        (["03142025", "03052025"], ["2025-03-14", "2025-03-05"]),
        (["20122012", "20120312"], ["2012-12-20", "2012-03-12"]),
        (["mars 24", "avr. 24", "déc. 23"], ["2024-03-01", "2024-04-01", "2023-12-01"]),
        (["Mar 24", "Apr 24"], ["2024-03-01", "2024-04-01"]),
        (["mars 24", "avr. 17", "déc. 23"], ["NaT"] * 3),  # these may be days
        (["mai 28", "juin 28"], ["NaT"] * 2),
        (["030325", "140325"], ["NaT"] * 2),  # no days since 1899
        (["S1 2025", "S2 2025"], ["NaT"] * 2),  # weeks, or halves of a year
        (["S1 2025", "S12 2025"], ["2024-12-30", "2025-03-17"]),
    ],
)
def test_what_a_column_as_a_whole_tells(texts, found):
    assert days(parse_dates(pd.Series(texts))) == found


@pytest.mark.parametrize(
    ("values", "unit", "completed"),
    [
        (["3 mars", "03/03", "3 mars 2024", "mars", None], "",
         ["3 mars 2025", "03/03/2025", "3 mars 2024", "mars 2025", None]),
        (["12", "S12", "1"], "week", ["s12 2025", "S12 2025", "s1 2025"]),
        ([12.0, 53.0], "week", ["s12 2025", "s53 2025"]),
        (["1", "T4"], "quarter", ["t1 2025", "T4 2025"]),
        (["12", "45719", "inconnue"], "", None),
        (["123", "2025", "202503", "20250303", "45719"], "week", None),
        (["2025-03-03", "mars 2025"], "week", None),
    ],
)  # fmt: skip
def test_dates_without_a_year_take_it_from_its_column(values, unit, completed):
    found = with_years(pd.Series(values), pd.Series(["2025"] * len(values)), unit)
    texts = None if found is None else [None if pd.isna(text) else text for text in found]
    assert texts == completed


def test_a_row_without_a_year_keeps_its_date_as_it_is():
    found = with_years(pd.Series(["3 mars", "14 mars"]), pd.Series([None, "2025"]), "")
    assert found.tolist() == ["3 mars", "14 mars 2025"]
