"""Pairs in space and time: published tables, and brute force over every metric."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sahel_geo as sg
from sahel_geo.errors import InputError

METRICS = ["haversine", "euclidean", "manhattan"]


def brute_force(x, y, time, distances, days, metric):
    x, y, time = (np.asarray(values, dtype=float) for values in (x, y, time))
    i, j = np.triu_indices(len(x), 1)
    if metric == "haversine":
        lon, lat = np.radians(x), np.radians(y)
        a = np.sin((lat[i] - lat[j]) / 2) ** 2
        a += np.cos(lat[i]) * np.cos(lat[j]) * np.sin((lon[i] - lon[j]) / 2) ** 2
        away = 2 * 6371.0088 * np.arcsin(np.sqrt(a))
    elif metric == "euclidean":
        away = np.sqrt((x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2)
    else:
        away = np.abs(x[i] - x[j]) + np.abs(y[i] - y[j])
    row = np.searchsorted(distances, away, side="right") - 1
    column = np.searchsorted(days, np.abs(time[i] - time[j]), side="right") - 1
    table = np.zeros((len(distances) - 1, len(days) - 1), dtype=np.int64)
    inside = (row >= 0) & (row < len(distances) - 1) & (column >= 0) & (column < len(days) - 1)
    np.add.at(table, (row[inside], column[inside]), 1)
    return table


@pytest.mark.reference
def test_chicago_burglaries(reference_data):
    path = reference_data / "known_answers" / "chicago_burglaries_month1.csv"
    table = pd.read_csv(path, header=None, names=["x", "y", "date"], parse_dates=["date"])
    assert len(table) == 970
    counts = sg.near_repeat.knox_counts(
        table["x"],
        table["y"],
        table["date"],
        distances=[0, 1, 101, 201, 301, np.inf],
        days=[0, 8, 15, 22, np.inf],
        metric="manhattan",
    )
    assert counts.tolist() == [
        [29, 4, 5, 2],
        [45, 15, 7, 2],
        [106, 48, 21, 13],
        [88, 64, 46, 15],
        [206611, 138108, 88321, 36415],
    ]


def test_burkitt_lymphoma_in_uganda():
    libpysal = pytest.importorskip("libpysal")
    columns = gpd.read_file(libpysal.examples.get_path("burkitt.shp")).astype({"T": float})
    counts = sg.near_repeat.knox_counts(
        columns["X"],
        columns["Y"],
        columns["T"],
        # the published bounds are closed: at most 20 and at most 5
        distances=[0, np.nextafter(20, 21), np.inf],
        days=[0, np.nextafter(5, 6), np.inf],
        metric="euclidean",
    )
    assert counts[0, 0] == 13
    assert counts.sum() == 188 * 187 // 2


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("end", [np.inf, 400.0])
@pytest.mark.parametrize("first", [0.0, 3.0])
def test_agrees_with_brute_force(metric, end, first):
    rng = np.random.default_rng(1)
    x, y = rng.uniform(-4, 4, 700), rng.uniform(10, 17, 700)
    if metric != "haversine":
        x, y = x * 100, y * 100
    time = rng.integers(0, 900, 700)
    distances, days = [first, 10.0, 33.3, 120.0, end], [first, 7, 30, 365]
    for ends in (days, [*days, np.inf]):
        got = sg.near_repeat.knox_counts(x, y, time, distances=distances, days=ends, metric=metric)
        np.testing.assert_array_equal(got, brute_force(x, y, time, distances, ends, metric))
        assert got.sum() > 0


lattice = st.lists(
    st.tuples(st.integers(-5, 5), st.integers(-5, 5), st.integers(0, 12)), max_size=40
)


@settings(deadline=None)
@given(lattice, st.sampled_from(["euclidean", "manhattan"]))
def test_pairs_on_the_ends_of_bands_fall_into_the_next(points, metric):
    x, y, time = np.array(points, dtype=float).reshape(-1, 3).T
    distances, days = [0, 1, 2, 5, np.inf], [0, 1, 3, 7]
    got = sg.near_repeat.knox_counts(x, y, time, distances=distances, days=days, metric=metric)
    np.testing.assert_array_equal(got, brute_force(x, y, time, distances, days, metric))


def test_great_circles_cross_the_date_line_and_the_pole():
    lon, lat = [179.9, -179.9, 0, 180], [0, 0, 89.9, 89.9]
    got = sg.near_repeat.knox_counts(lon, lat, [0] * 4, distances=[0, 30, np.inf], days=[0, 1])
    assert got.tolist() == [[2], [4]]


def test_dates_and_days_give_the_same_pairs():
    rng = np.random.default_rng(2)
    x, y, days = *rng.uniform(0, 2, (2, 200)), rng.integers(0, 100, 200)
    dates = pd.Timestamp("2020-01-01") + pd.to_timedelta(days, unit="D")
    options = {"distances": [0, 50, 100], "days": [0, 10, 30]}
    np.testing.assert_array_equal(
        sg.near_repeat.knox_counts(x, y, dates, **options),
        sg.near_repeat.knox_counts(x, y, days, **options),
    )


def test_fewer_than_two_incidents_make_no_pair():
    options = {"distances": [0, 5, np.inf], "days": [0, 5]}
    assert sg.near_repeat.knox_counts([], [], [], **options).tolist() == [[0], [0]]
    assert sg.near_repeat.knox_counts([1], [1], [1], **options).tolist() == [[0], [0]]


def test_refuses_what_it_cannot_use():
    good = {"distances": [0, 1], "days": [0, 1]}
    with pytest.raises(InputError, match="`metric` is 'chebyshev'; expected one of"):
        sg.near_repeat.knox_counts([0], [0], [0], metric="chebyshev", **good)
    with pytest.raises(InputError, match=r"`distances` is \[0.0, 0.0\]; expected at least two"):
        sg.near_repeat.knox_counts([0], [0], [0], distances=[0, 0], days=[0, 1])
    with pytest.raises(InputError, match="`days` begins at -1; expected 0 or more"):
        sg.near_repeat.knox_counts([0], [0], [0], distances=[0, 1], days=[-1, 1])
    with pytest.raises(InputError, match=r"missing or infinite in 1 rows: \[1\]"):
        sg.near_repeat.knox_counts([0, np.nan], [0, 0], [0, 0], **good)
    with pytest.raises(InputError, match=r"`x` and `time` have 1 and 2 values"):
        sg.near_repeat.knox_counts([0], [0], [0, 1], **good)
    with pytest.raises(InputError, match=r"shapes \(1,\) and \(2,\)"):
        sg.near_repeat.knox_counts([0], [0, 1], [0], **good)
