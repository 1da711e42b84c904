"""Numbers, coordinates and tolls: exact values, one reading for a column, nothing guessed."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from sahel_geo.incidents.columns.coordinates import (
    holds_points,
    parse_degrees,
    parse_points,
    read_angle,
)
from sahel_geo.incidents.columns.grid_references import grid_reference
from sahel_geo.incidents.columns.numbers import decimal_mark, parse_numbers
from sahel_geo.incidents.columns.tolls import parse_tolls

NAN = float("nan")


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["1,250", "0,125", "12,5", "3,4", "0,875"], [1.25, 0.125, 12.5, 3.4, 0.875]),
        (["1.250", "0.125"], [1.25, 0.125]),
        (["1,250", "1,234,500", "876"], [1250, 1_234_500, 876]),
        (["1.250", "1.234.500"], [1250, 1_234_500]),
        (["1,250", "3.4"], [1250, 3.4]),
        (["1.250", "3,4"], [1250, 3.4]),
        (["1 234,5", "2,125"], [1234.5, 2.125]),
        (["1.234,5", "2.125"], [1234.5, 2125]),
        (["1,234.5", "2,125"], [1234.5, 2125]),
        (["1'234", "2’500", "1\u202f000", "1\u00a0000"], [1234, 2500, 1000, 1000]),
        (["12,5"], [12.5]),
        (["-3,5", "−3,5", "+2"], [-3.5, -3.5, 2]),
        (["1e2", "1.5E3"], [100, 1500]),
        (["45%", "12,5 %", "3 %", "0%"], [45, 12.5, 3, 0]),
        (["0.30000000000000004"], [0.1 + 0.2]),
        (["NA", "Inconnu", "INCONNUE", "n/a", "-", "?", "non précisé"], [NAN] * 7),
    ],
)
def test_a_column_has_one_reading(texts, values):
    found = parse_numbers(pd.Series(texts))
    np.testing.assert_array_equal(found.values, values)
    assert not found.unreadable.any()


@pytest.mark.parametrize(
    ("texts", "ambiguous"),
    [
        (["1,250", "3,400"], [True, True]),
        (["1.250", "3.400"], [True, True]),
        (["12,5", "1,234,567", "1,250"], [False, False, True]),
        (["12,5", "3.4", "1,250"], [False, False, True]),
        (["1,250", "1.250"], [True, True]),
    ],
)
def test_what_has_two_readings_is_not_read(texts, ambiguous):
    found = parse_numbers(pd.Series(texts))
    assert found.ambiguous.tolist() == ambiguous
    assert np.isnan(found.values[found.ambiguous]).all()


@pytest.mark.parametrize("told", [{"name": "PDI"}, {"decimal": "."}, {"decimal": ","}])
def test_two_marks_that_contradict_each_other_are_read_by_no_hint(told):
    assert parse_numbers(pd.Series(["1,250", "3.400"]), **told).ambiguous.all()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("123456789012345", 123456789012345), ("1234567890123456", NAN), ("-1e15", -1e15),
        ("999999999.01234567", 999999999.01234567), ("+1000000.0123456789012", 1000000.0123456789),
        ("1000000000.01234567", NAN), ("1000000000.01234", 1000000000.01234),
        ("1234567890123450000", 1234567890123450000), ("0000000000000000007", 7), ("1e400", NAN),
    ],
)  # fmt: skip
def test_a_number_keeps_fifteen_digits(text, number):
    """Beside a blank each text is looked at on its own."""
    found = parse_numbers(pd.Series([text, "n/a"]), decimal=".", whole=False)
    np.testing.assert_array_equal(found.values, [number, NAN])
    assert found.unreadable.tolist() == [np.isnan(number), False]


@pytest.mark.parametrize("name", ["PDI", "nb_morts", "Population totale", "IDP individuals"])
def test_a_column_that_counts_has_thousands(name):
    assert parse_numbers(pd.Series(["1,250", "3,400"]), name=name).values.tolist() == [1250, 3400]


def test_another_column_of_the_file_tells_the_mark():
    mark = decimal_mark([pd.Series(["15,6599"]), pd.Series(["03.01.2025"])])
    assert mark == ","
    found = parse_numbers(pd.Series(["1,250"]), name="taux", decimal=mark)
    assert found.values.tolist() == [1.25]
    assert "decimal mark of the file" in found.notes[0]
    for mark_of_file, text in ((".", "1,250"), (",", "1.250")):  # then the other marks thousands
        assert parse_numbers(pd.Series([text]), decimal=mark_of_file).values.tolist() == [1250]
    assert decimal_mark([pd.Series(["15,65"]), pd.Series(["15.65"])]) is None


@pytest.mark.parametrize(
    "text",
    ["9007199254740993", "1" * 41, "1" * 400, "12 5", "1 23", "1_000", "0x10", "1d", "e1", "0.1e",
     "abc", "1.2.3", "1,23,456", "inf", "45%%x"],
)  # fmt: skip
def test_nothing_is_cut_or_guessed(text):
    found = parse_numbers(pd.Series([text]))
    assert found.unreadable.tolist() == [True]
    assert np.isnan(found.values[0])


def test_per_cent_beside_plain_numbers_is_not_read():
    found = parse_numbers(pd.Series(["45%", "0,5"]))
    assert found.scale == "percent"
    assert found.unreadable.tolist() == [False, True]


@given(
    values=st.lists(st.decimals(0, 10**7, places=3), min_size=1, max_size=8),
    decimal=st.sampled_from([",", "."]),
    grouping=st.sampled_from(["", " ", "\u202f"]),
)
def test_what_is_read_is_what_was_written(values, decimal, grouping):
    texts = [f"{value:,.3f}".replace(",", "~").replace(".", decimal).replace("~", grouping)
             for value in values]  # fmt: skip
    found = parse_numbers(pd.Series(texts))
    read = ~found.unreadable
    np.testing.assert_allclose(found.values[read], np.array(values, dtype=float)[read])
    assert (found.unreadable == found.ambiguous).all()


@pytest.mark.parametrize(
    ("text", "degrees", "axis"),
    [
        ("14°30'N", 14.5, "lat"), ("14° 30' 15.5\" N", 14 + 30 / 60 + 15.5 / 3600, "lat"),
        ("14 30 15 N", 14 + 30 / 60 + 15 / 3600, "lat"), ("14:30", 14.5, ""),
        ("N14°30,5'", 14 + 30.5 / 60, "lat"), ("1°30'36\"O", -1.51, "lon"), ("1430N", 14.5, "lat"),
        ("143059N", 14 + 30 / 60 + 59 / 3600, "lat"),
        ("0015959.9E", 1 + 59 / 60 + 59.9 / 3600, "lon"),
        ("00215W", -2.25, "lon"), ("-2.3 W", -2.3, "lon"), ("2.5E", 2.5, "lon"),
        ("2,5 Ouest", -2.5, "lon"), ("14º30’15’’N", 14 + 30 / 60 + 15 / 3600, "lat"),
        ("14d30m15s N", 14 + 30 / 60 + 15 / 3600, "lat"), ("14°30'", 14.5, ""),
    ],
)  # fmt: skip
def test_angles(text, degrees, axis):
    found, of = read_angle(text)
    assert of == axis
    assert found == pytest.approx(degrees, abs=1e-12)


@pytest.mark.parametrize(
    "text",
    ["14°60'N", "14°30'60\"N", "-2.3E", "+2.3 W", "1d", "e1", "E1", "0.1e", "1e5", "20-30",
     "14 30", "14.5°30'N", "200.5", "N14E", "au moins 20", "1460N", "143060N", "1430E", "01430N",
     "14°30.5'30\"N"],
)  # fmt: skip
def test_what_is_no_angle(text):
    assert read_angle(text) is None


def test_a_hemisphere_of_the_other_axis_is_refused():
    texts = pd.Series(["2.5N", "2.5E", "W 2.5"])
    found = parse_degrees(texts, "lon")
    assert found.unreadable.tolist() == [True, False, False]
    assert found.values.tolist()[1:] == [2.5, -2.5]
    assert parse_degrees(texts, "lat").unreadable.tolist() == [False, True, True]


def test_a_column_of_hemispheres_gives_the_sign_or_nothing():
    found = parse_degrees(
        pd.Series(["2.3", "1.2", "-1.2", "-1", "3"]), "lon", pd.Series(["W", "Ouest", "W", "E", ""])
    )
    assert found.values.tolist()[:3] == [-2.3, -1.2, -1.2]
    assert found.unreadable.tolist() == [False, False, False, True, True]


@pytest.mark.parametrize(
    ("text", "lon", "lat"),
    [
        ("15.66, 0.50", 0.5, 15.66), ("15,66 0,50", 0.5, 15.66), ("15,66; 0,50", 0.5, 15.66),
        ("15,66, 0,50", 0.5, 15.66), ("(15.66,0.50)", 0.5, 15.66), ("[0.5, 15.66]", 0.5, 15.66),
        ("14.2 0.5 310.0 4.9", 0.5, 14.2), ("POINT (0.5 14.2)", 0.5, 14.2),
        ("POINT Z (0.5 14.2 30)", 0.5, 14.2), ("15°39'N 0°30'W", -0.5, 15.65),
        ("0°30'E, 15°39'N", 0.5, 15.65), ("N15°39' W0°30'", -0.5, 15.65),
        ("31P 232000 1733000", 0.499987, 15.660849), ("31PBT 32000 33000", 0.499992, 15.660853),
        ("30PXA5123458123", -1.599138, 14.089938), ("651234 1558123 30N", -1.599143, 14.089936),
        ("https://maps.google.com/?q=15.66,0.50", 0.5, 15.66), ("geo:15.66,0.5", 0.5, 15.66),
    ],
)  # fmt: skip
def test_both_coordinates_in_one_column(text, lon, lat):
    found = parse_points(pd.Series([text]))
    assert not found.unreadable[0]
    assert (found.lon[0], found.lat[0]) == pytest.approx((lon, lat), abs=1e-5)


@pytest.mark.parametrize("text", ["15,66,0,50", "12/05/2025", "2025-01-03", "12:30 14:30", "Gao",
                                  "1 234", "95.5, 190.5", "14°70'N 0°30'E", "15.66", "14,2",
                                  "-14,2", "12,5", "1,034.5", "-14,012.25",
                                  "14.2 0.5 310.0 4.9 7.1", "14.2, 0.5, 310, 4.9, 7"])  # fmt: skip
def test_what_is_no_pair(text):
    assert parse_points(pd.Series([text])).unreadable[0]
    assert not holds_points(pd.Series([text]))


def test_the_name_or_all_values_tell_that_the_longitude_is_first():
    assert parse_points(pd.Series(["0.5, 15.66"]), "lon/lat").lat.tolist() == [15.66]
    found = parse_points(pd.Series(["0.5, 15.66", "-2.3, 14.5"]), "gps")
    assert found.lat.tolist() == [15.66, 14.5]
    assert "longitude first" in found.notes[0]


@pytest.mark.parametrize("zone", [29, 30, 31])
def test_a_grid_reference_is_read_in_every_band(zone):
    """Written here from the metres of the zone, south of the equator with ten million added."""
    for lat in np.arange(-79.5, 84, 1.25):
        lon = 6 * zone - 183 + 2.0 * np.sin(lat)
        metres = Transformer.from_crs(4326, (32600 if lat >= 0 else 32700) + zone, always_xy=True)
        east, north = metres.transform(lon, lat)
        letters = (
            "CDEFGHJKLMNPQRSTUVWX"[min(int(lat + 80) // 8, 19)]
            + ("ABCDEFGH", "JKLMNPQR", "STUVWXYZ")[(zone - 1) % 3][int(east / 1e5) - 1]
            + "ABCDEFGHJKLMNPQRSTUV"[(int(north / 1e5) + 5 * (zone % 2 == 0)) % 20]
        )
        text = f"{zone}{letters} {int(east) % 100_000:05} {int(north) % 100_000:05}"
        assert grid_reference(text) == pytest.approx((lon, lat), abs=1e-4), text


@pytest.mark.parametrize("digits", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("between", ["", " "])
def test_a_coarser_grid_reference_is_the_middle_of_a_square_around_the_finer_one(digits, between):
    lon, lat = grid_reference("30PXA 51234 58123")
    middle = grid_reference(f"30PXA{between}{'51234'[:digits]}{between}{'58123'[:digits]}")
    north, east = (middle[1] - lat) * 110_600, (middle[0] - lon) * 111_320 * np.cos(np.radians(lat))
    assert max(abs(north), abs(east)) < 0.51 * 10 ** (5 - digits)


def test_a_grid_reference_of_a_wrong_zone_or_band_is_none():
    assert grid_reference("31X 232000 1733000") is None
    assert grid_reference("61P 232000 1733000") is None
    for zone, middle in (("1", -177), ("60", 177)):
        lon, lat = grid_reference(f"{zone}P 500000 1000000")
        assert (lon, lat) == pytest.approx((middle, 9.046), abs=1e-3)
    assert grid_reference("31PXX 12345 6789") is None
    assert grid_reference("31P 232000 1950000") is None  # 17.6 degrees north, and P ends at 16
    assert grid_reference("31R 232000 1733000") is None  # which begins at 24
    assert grid_reference("30PXA51234581") is not None
    assert grid_reference("30PXA5123458") is None  # as many digits for each axis


@pytest.mark.parametrize(
    ("text", "low", "best", "high"),
    [
        ("au moins 5", 5, 5, NAN), ("5?", NAN, 5, NAN), ("12 ?", NAN, 12, NAN),
        ("2-3", 2, NAN, 3), ("2 à 3", 2, NAN, 3), (">10", 11, 11, NAN),
        ("plus de dix morts", 11, 11, NAN), ("moins de 5", NAN, NAN, 4),
        ("plusieurs", NAN, NAN, NAN),
        ("RAS", NAN, 0, NAN), ("Aucun", NAN, 0, NAN), ("Néant", NAN, 0, NAN), ("deux", NAN, 2, NAN),
        ("3 morts", NAN, 3, NAN), ("3 morts et 2 blessés", NAN, 3, NAN),
        ("2 blessés", NAN, NAN, NAN),
        ("une dizaine de morts", NAN, 10, NAN), ("vingt-deux", NAN, 22, NAN), ("4", NAN, 4, NAN),
        ("2 soldats et 3 civils tués", NAN, 5, NAN), ("up to 7 killed", NAN, NAN, 7),
        ("quatre-vingt", NAN, 80, NAN), ("5+", 5, 5, NAN), ("1 234", NAN, 1234, NAN),
    ],
)  # fmt: skip
def test_tolls_in_words(text, low, best, high):
    found = parse_tolls(pd.Series([text]))
    assert not found.unreadable[0]
    np.testing.assert_array_equal([found.low[0], found.best[0], found.high[0]], [low, best, high])


@pytest.mark.parametrize("text", ["12,5", "0.5", "1" * 400, "20-10", "3/4", "9007199254740993"])
def test_numbers_that_are_no_toll(text):
    assert parse_tolls(pd.Series([text])).unreadable[0]


def test_absurd_tolls_are_told_apart():
    assert parse_tolls(pd.Series(["1e308", "9e15", "40"])).absurd.tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("form", "end", "settings"),
    [
        ("{:.5f}", [], {}),
        ("{:.3f}", ["2.5"], {}),
        ("{:.3f}", [], {"decimal": "."}),
        ("{:.3f}", [], {"whole": True, "name": "people"}),
        ("{:.4g}", ["12,5", "1 234,5", "n/a", "?", "about ten"], {}),
        ("{:.2f}%", [], {}),
    ],
)
def test_reads_a_column_whose_texts_stand_once_as_one_that_repeats_them(form, end, settings):
    drawn = np.random.default_rng(5).normal(0, 40, 400)
    texts = [*dict.fromkeys(form.format(value) for value in drawn), *end, None]
    once = parse_numbers(pd.Series(texts, dtype="str"), **settings)
    thrice = parse_numbers(pd.Series(texts * 3, dtype="str"), **settings)
    for name in ("values", "unreadable", "ambiguous"):
        np.testing.assert_array_equal(np.tile(getattr(once, name), 3), getattr(thrice, name))
    told = [[note.say("en") for note in each.notes] for each in (once, thrice)]
    assert told[0] == told[1]
    assert once.scale == thrice.scale


@given(
    st.lists(
        st.from_regex(r"-?[0-9]{1,5}([.][0-9]{0,9})?(e-?[0-9]{1,3})?", fullmatch=True), min_size=1
    )
)
def test_a_column_of_plain_digits_is_read_at_once_as_beside_other_texts(texts):
    """With a cell that says that nothing is known, each text is looked at on its own."""
    at_once = parse_numbers(pd.Series(texts), decimal=".", whole=False)
    apart = parse_numbers(pd.Series([*texts, "n/a"]), decimal=".", whole=False)
    np.testing.assert_array_equal(at_once.values, apart.values[:-1])
    np.testing.assert_array_equal(at_once.unreadable, apart.unreadable[:-1])
    np.testing.assert_array_equal(at_once.ambiguous, apart.ambiguous[:-1])
    assert not at_once.ambiguous.any()


def test_marks_of_provisional_numbers_are_left_out():
    assert parse_numbers(pd.Series(["3 (p)", "1 204 (est.)", "12"])).values.tolist() == [
        3,
        1204,
        12,
    ]
    assert parse_numbers(pd.Series(["3 (2)", "12"])).unreadable.tolist() == [True, False]


def test_a_sign_may_stand_apart():
    assert parse_numbers(pd.Series(["- 3,5", "+ 2,0", "1"])).values.tolist() == [-3.5, 2, 1]


def test_shares_of_a_hundred_and_of_a_thousand_in_one_column_are_no_numbers():
    numbers = parse_numbers(pd.Series(["5%", "5‰", "7"]))
    assert numbers.unreadable.tolist()[:2] == [True, True]
    assert numbers.scale == ""


@pytest.mark.parametrize("side", ["S", "s", "South", "sud", "W", "west", "o", "Ouest"])
def test_south_and_west_are_negative_in_every_word(side):
    assert read_angle(f"2.5 {side}")[0] == -2.5
    assert read_angle(f"{side} 2.5")[0] == -2.5
