"""What is done at once or to distinct texts gives what each cell would give on its own."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sahel_geo.incidents.columns import numbers
from sahel_geo.incidents.columns.dates import dates
from sahel_geo.incidents.columns.texts import (
    TEXT_DTYPE,
    distinctly,
    holds,
    kept_rows,
    longest,
    lowest,
    stripped,
    text_of,
    told_apart,
)
from sahel_geo.incidents.rows.checks import _all_differ

SIGNS = st.characters(codec="utf-8") | st.sampled_from(
    " \t\n\x00\x0b\x1f\x85\xa0\u2009\u3000éÉ’1.-+eE"
)
TEXTS = st.text(SIGNS, max_size=6)
NUMBERS = st.text(st.sampled_from("0123456789.,+-eExXnaif \xa0%"), max_size=17) | st.sampled_from(
    ["nan", "-inf", "Infinity", "1e999", "0x1F", "1_0", "1,250", "1.250", "007", "5.", ".5", "1e2"]
)
PLAIN = st.from_regex(r"-?[0-9]{1,6}(\.[0-9]{1,6})?", fullmatch=True)
COLUMNS = st.lists(TEXTS | st.none(), max_size=12)


def column(cells):
    return pd.Series(cells, dtype="string")


def test_texts_that_differ_in_blanks_alone_are_one_text():
    codes, texts = told_apart(column([" Mali", "Mali", "Niger", None, "Mali "]))
    assert (codes.tolist(), texts) == ([0, 0, 1, -1, 0], ["Mali", "Niger"])


def test_each_piece_of_a_column_is_looked_at_for_blanks():
    pieces = pa.chunked_array([["Gao"], ["\u3000Téra"]], pa.large_string())
    cells = pd.Series(pd.arrays.ArrowStringArray(pieces))
    assert stripped(cells).tolist() == ["Gao", "Téra"]


@given(COLUMNS)
def test_texts_are_trimmed_as_one_by_one(cells):
    told = [None if cell is None else cell for cell in column(cells).str.strip()]
    expected = [None if pd.isna(cell) or cell == "" else cell for cell in told]
    found = [None if pd.isna(cell) else cell for cell in stripped(column(cells))]
    assert found == expected
    codes, texts = told_apart(column(cells))
    assert [None if code < 0 else texts[code] for code in codes] == expected
    assert len(set(texts)) == len(texts)
    again = distinctly(column(cells), stripped)
    assert [None if pd.isna(cell) else cell for cell in again] == expected


@pytest.mark.parametrize(
    ("cells", "texts"),
    [
        ([1.0, 250.0, None], ["1", "250", None]), ([1.0, 2.5], ["1.0", "2.5"]), ([0.0], ["0"]),
        ([1.0, np.inf], ["1.0", "inf"]), ([np.nan], [None]), ([3, 20], ["3", "20"]),
    ],
)  # fmt: skip
def test_whole_numbers_are_texts_without_a_decimal_point(cells, texts):
    found = stripped(pd.Series(cells))
    assert [None if pd.isna(cell) else cell for cell in found] == texts


@given(COLUMNS, st.sampled_from([b"\n", b"\0", b"e", "é".encode()]))
def test_no_run_lacks_what_a_cell_holds(cells, part):
    stated = [cell.encode() for cell in cells if cell]
    assert holds(column(cells), part) >= any(part in cell for cell in stated)
    assert lowest(column(cells)) <= min((min(cell) for cell in stated), default=255)
    assert longest(column(cells)) == max(map(len, stated), default=0)


@given(st.lists(TEXTS | st.none(), min_size=1, max_size=4), st.data())
def test_codes_stand_for_their_texts(texts, data):
    codes = data.draw(st.lists(st.integers(-1, len(texts) - 1), max_size=8))
    found = text_of(np.array(codes, dtype=np.intp), texts)
    assert found.dtype == pd.Series(["a"]).dtype
    assert [None if pd.isna(cell) else cell for cell in found] == [texts[code] for code in codes]


@pytest.mark.parametrize("few", [0, 50])
@given(st.lists(st.tuples(TEXTS | st.none(), st.booleans()), max_size=12))
def test_rows_are_kept_as_by_a_mask(few, rows):
    values, keep = column([text for text, _ in rows]), np.array([kept for _, kept in rows], bool)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sahel_geo.incidents.columns.texts._FEW", few)
        found = kept_rows({"text": values, "at": np.arange(len(rows))}, keep)
    pd.testing.assert_series_equal(found["text"], values[keep].reset_index(drop=True))
    np.testing.assert_array_equal(found["at"], np.flatnonzero(keep))


def test_the_lowest_byte_is_that_of_all_pieces():
    pieces = [["zz"], ["b\ta"], [], ["\n"], [None, "y"]]
    for count, byte in ((0, 255), (1, ord("z")), (2, 9), (4, 9), (5, 9)):
        assert lowest(pa.chunked_array(pieces[:count], pa.large_string())) == byte
    assert lowest(pa.chunked_array(pieces[3:], pa.string())) == ord("\n")


@pytest.mark.parametrize("pieces", [[], [[]], [["a", None], []], [["a"], ["b", "c"]]])
def test_rows_of_a_column_in_pieces_are_kept_even_if_there_is_none(pieces):
    cells = pa.chunked_array(pieces, pa.large_string())
    texts = pd.Series(pd.array(cells, dtype=TEXT_DTYPE))
    for keep in (np.ones(len(texts), bool), np.zeros(len(texts), bool), np.arange(len(texts)) > 0):
        found = kept_rows({"a": texts}, keep)["a"]
        pd.testing.assert_series_equal(found, texts[keep].reset_index(drop=True))


@given(
    st.lists(NUMBERS | st.none(), max_size=8) | st.lists(PLAIN | st.none(), max_size=4),
    st.sampled_from([None, "."]),
)
def test_plain_numbers_are_read_at_once_as_they_are_one_by_one(cells, decimal):
    found = numbers.parse_numbers(column(cells), decimal=decimal)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbers, "read_clean", lambda *_, **__: None)
        careful = numbers.parse_numbers(column(cells), decimal=decimal)
    np.testing.assert_array_equal(found.values, careful.values)
    np.testing.assert_array_equal(found.unreadable, careful.unreadable)
    np.testing.assert_array_equal(found.ambiguous, careful.ambiguous)
    assert (found.notes, found.scale) == (careful.notes, careful.scale)
    assert found.values.flags.writeable


@given(st.lists(st.sampled_from(["1", "01", "2", "-2", "10", "a", "1.0", "", None]), max_size=6))
def test_identifiers_differ_by_their_text(cells):
    stated = [cell for cell in cells if cell is not None]
    assert _all_differ(column(cells)) == (len(set(stated)) == len(stated))


@given(
    st.lists(st.dates().map(str) | st.none(), max_size=6)
    | st.lists(st.from_regex("[0-9]{4}-[0-9]{2}-[0-9]{2}", fullmatch=True), max_size=2)
    | st.lists(st.text(st.sampled_from("0123456789-/ T"), max_size=11), max_size=2)
)
def test_plain_dates_are_read_at_once_as_they_are_one_by_one(cells):
    found = dates.parse_dates(column(cells))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dates, "_plain_days", lambda _: None)
        careful = dates.parse_dates(column(cells))
    for name in ("days", "missing", "impossible", "ambiguous", "future"):
        np.testing.assert_array_equal(getattr(found, name), getattr(careful, name))
    assert found.precision.tolist() == careful.precision.tolist()
    assert (found.notes, found.days.dtype) == (careful.notes, careful.days.dtype)
    assert found.days.flags.writeable
