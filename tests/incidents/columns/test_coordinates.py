"""Coordinates in one column: pairs with and without labels, links of maps, and what is no pair."""

import pandas as pd
import pytest

from sahel_geo.incidents.columns.coordinates import (
    holds_points,
    pair_of_sides,
    parse_degrees,
    read_point,
)

GAO = (16.272, -0.045)


@pytest.mark.parametrize(
    "text",
    [
        "https://www.google.com/maps/@16.272,-0.045,15z",
        "https://www.google.com/maps/place/16.272,-0.045/@16.3,-0.1,17z",
        "https://www.google.com/maps/place/Gao,+Mali/@16.25,-0.06,13z/data=!3m1!8m2!3d16.272!4d-0.045",
        "https://maps.google.com/?q=16.272%2C-0.045", "https://maps.google.com/maps?q=loc:16.272,-0.045",
        "https://www.google.com/maps/search/?api=1&query=16.272%2C-0.045",
        "https://www.openstreetmap.org/?mlat=16.272&mlon=-0.045#map=12/16.3/-0.1",
        "https://www.openstreetmap.org/#map=12/16.272/-0.045", "geo:16.272,-0.045;u=35",
        "https://www.google.com/maps/place/16%C2%B016%2719.2%22N+0%C2%B002%2742.0%22W/@16.3,-0.1,17z",
        "Lat: 16.272, Long: -0.045", "lat 16,272 ; lon -0,045", '{"lat": 16.272, "lon": -0.045}',
        "Latitude 16°16'19.2\"N Longitude 0°2'42\"W", "LatLng(16.272, -0.045)",
    ],
)  # fmt: skip
def test_links_of_maps_and_pairs_with_labels(text):
    first, second, order = read_point(text)
    lat, lon = (second, first) if order == "lon" else (first, second)
    assert (lat, lon) == pytest.approx(GAO, abs=1e-4)


@pytest.mark.parametrize(
    "text",
    ["https://maps.app.goo.gl/abcd", "https://example.org/?page=16.272,5", "https://x.org/@gao",
     "https://www.google.com/maps/place/Gao/", "Latitude", "lat 16.272", "laterite 16.2, 3.1",
     "180°30.5' 10°20.5'", "10°20.5' 180°30.5'"],
)  # fmt: skip
def test_other_links_and_words_are_no_points(text):
    assert read_point(text) is None


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("16 degrés 16 minutes 19,2 secondes Nord", 16.272), ("16&deg;16'19.2&quot;N", 16.272),
        ("'16.272", 16.272), ("16,272", 16.272), ("16,2", 16.2),
    ],
)  # fmt: skip
def test_angles_in_words_in_markup_and_beside_points(text, degrees):
    found = parse_degrees(pd.Series([text, "14.207"]), "lat")
    assert found.values.tolist() == pytest.approx([degrees, 14.207], abs=1e-4)


def test_where_nothing_or_zero_is_stated_no_hemisphere_is_needed():
    found = parse_degrees(pd.Series([2.3, None, 0.0]), "lon", pd.Series(["W", "", ""]))
    assert found.unreadable.tolist() == [False, False, False]
    assert found.values.tolist() == pytest.approx([-2.3, float("nan"), 0.0], nan_ok=True)


@pytest.mark.parametrize(
    ("name", "cells", "points"),
    [
        ("Commentaire", [None, None, "14.5, 3.2"], False),
        ("Commentaire", ["14.5, 3.2", "15.1, 2.2", "16.0, 1.1"], False),
        ("Observations", ["14.5N 3.2W", "15.1N, 2.2W", None], True),
        ("Colonne 7", [None, None, "14.5, 3.2"], False),
        ("Colonne 7", [None, "15.1, 2.2", "14.5, 3.2"], True),
        ("Colonne 7", [None, "14.5, 3.2"], True),
        ("GPS", [None, None, "14.5, 3.2"], True),
        ("Lien carte", [None, None, "https://maps.google.com/?q=14.5,3.2"], True),
    ],
)
def test_a_pair_in_a_remark_is_no_column_of_coordinates(name, cells, points):
    assert holds_points(pd.Series(cells, dtype="string"), name) is points


@pytest.mark.parametrize(
    ("columns", "pair"),
    [
        ({"N": ["16.272", "14.1"], "W": ["0.045", "1.63"]}, {"lat": "N", "lon": "W"}),
        ({"Nord": ["16,272", "14,1"], "Est": ["0,045", "1,63"]}, {"lat": "Nord", "lon": "Est"}),
        ({"Nord": ["16", "14"], "Est": ["5", "3"]}, {}),  # counts by region
        ({"Nord": ["16.2", "14.1"], "Sud": ["5.1", "3.2"], "Est": ["1.1", "2.2"]}, {}),
        ({"Nord": ["oui", "non"], "Est": ["1.1", "2.2"]}, {}),
        ({"Nord": ["0.2", "0.1"], "Est": ["0.1", "0.2"]}, {}),  # shares
        ({"N": ["1", "2"], "E": ["x", "y"]}, {}),
    ],
)
def test_columns_called_after_sides_of_the_world(columns, pair):
    cells = {name: pd.Series(values, dtype="string") for name, values in columns.items()}
    assert pair_of_sides(list(cells), cells.__getitem__) == pair
