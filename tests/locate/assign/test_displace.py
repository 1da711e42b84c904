"""Moved positions: near enough, the same every time, and no way back but to the square."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sahel_geo as sg
from sahel_geo.crs import WGS84
from sahel_geo.errors import InputError
from sahel_geo.locate.assign.displace import displace


def table(count=400, seed=1):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "incident_id": [f"i{number}" for number in range(count)],
            "lon": rng.uniform(-12, 16, count),
            "lat": rng.uniform(9.5, 25, count),
        },
    )


def moved_km(before, after):
    return WGS84.inv(before["lon"], before["lat"], after["lon"], after["lat"])[2] / 1e3


@given(st.floats(1, 300), st.integers(0, 2**31))
def test_no_point_moves_farther_than_stated(within, seed):
    points = table(60, seed % 1000)
    after = displace(points, within_km=within, seed=seed)
    assert (moved_km(points, after) <= within).all()


def test_points_move_far_and_in_every_direction():
    points = table(4_000)
    after = displace(points, within_km=20)
    distance = moved_km(points, after)
    assert 5 < np.median(distance) < 12
    # Two points of a square are 0.5214 sides apart in the mean (Robbins 1978), and its diagonal is
    # the farthest move, less the stretch of the projection: a smaller square would hide less.
    assert distance.mean() == pytest.approx(0.5214 * 20 / np.sqrt(2) / 1.03, rel=0.04)
    shift = after["lon"] - points["lon"]
    assert abs(shift.mean()) < 4 * shift.std() / np.sqrt(len(shift))


def test_a_release_moves_each_incident_alike_whatever_else_is_in_the_file():
    points = table()
    after = displace(points, within_km=20)
    again = displace(points.sample(frac=0.5, random_state=1), within_km=20)
    pd.testing.assert_frame_equal(again, after.loc[again.index])
    other = displace(points, within_km=20, seed=2)
    assert (other["lon"] != after["lon"]).mean() > 0.99


def test_the_rule_gives_back_the_square_and_no_more():
    """Every position of a square leads to the same answer, so none can be told from another."""
    rng = np.random.default_rng(5)
    points = table(1).loc[[0] * 300].assign(lon=2.4 + rng.uniform(-0.02, 0.02, 300))
    after = displace(points, within_km=30)
    assert len(after[["lon", "lat"]].drop_duplicates()) <= 2
    assert points["lon"].nunique() == 300


def test_the_other_columns_and_rows_without_a_point_stay():
    incidents = sg.load_example_incidents()
    after = displace(incidents, within_km=25)
    same = [name for name in incidents if name not in ("lon", "lat")]
    pd.testing.assert_frame_equal(
        pd.DataFrame(after[same]), pd.DataFrame(incidents[same]), check_frame_type=False
    )
    loose = table(3).assign(lon=[1.0, np.nan, 2.0])
    assert displace(loose, within_km=5)["lon"].isna().tolist() == [False, True, False]
    assert (after["within_km"] == 25).all()


def test_refuses_a_row_that_no_key_names():
    with pytest.raises(InputError, match="`key` 'incident_id' is missing in 1 rows"):
        displace(table().assign(incident_id=lambda rows: rows["incident_id"].mask(rows.index == 7)),
                 within_km=20)  # fmt: skip


@pytest.mark.parametrize("within_km", [1, 300])
def test_the_least_and_the_largest_move_are_allowed(within_km):
    points = table(9)
    moved = moved_km(points, displace(points, within_km=within_km))
    assert (moved > 0).all()
    assert (moved <= within_km).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"within_km": 0.2}, r"`within_km` is 0\.2; expected 1 to 300 km"),
        ({"within_km": 301}, r"`within_km` is 301; expected 1 to 300 km"),
        ({"within_km": 20, "key": "event"}, "`key` 'event' is missing in 400 rows"),
    ],
)
def test_refuses_moves_that_would_not_protect(options, message):
    with pytest.raises(InputError, match=message):
        displace(table(), **options)
