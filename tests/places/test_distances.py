import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from scipy.optimize import minimize_scalar

from sahel_geo.errors import CrsError, InputError
from sahel_geo.places.borders import distance_to_border, international_borders
from sahel_geo.places.distances import _ecef_km

GEOD = Geod(ellps="WGS84")


def oracle_km(lon, lat, lines):
    """Nearest geodesic distance, by search along every segment that is straight in lon and lat."""
    best = np.inf
    for line in shapely.get_parts(lines):
        xy = shapely.get_coordinates(line)
        steps = np.linspace(0, 1, 33)
        dense = xy[:-1, None] + steps[None, :, None] * np.diff(xy, axis=0)[:, None]
        flat = dense.reshape(-1, 2)
        n = len(flat)
        rough = GEOD.inv(np.full(n, lon), np.full(n, lat), flat[:, 0], flat[:, 1])[2]
        rough = np.asarray(rough).reshape(len(xy) - 1, -1)
        for row in np.argsort(rough.min(axis=1))[:6]:
            start, end = xy[row], xy[row + 1]

            def along(t, start=start, end=end):
                x, y = start + t * (end - start)
                return GEOD.inv(lon, lat, x, y)[2]

            middle = steps[rough[row].argmin()]
            bounds = (max(0, middle - 1 / 32), min(1, middle + 1 / 32))
            found = minimize_scalar(
                along, bounds=bounds, method="bounded", options={"xatol": 1e-12}
            )
            best = min(best, found.fun, along(0), along(1))
    return best / 1e3


def line(*xy):
    return gpd.GeoSeries([shapely.LineString(xy)], crs=4326)


def test_distance_from_the_equator_by_hand():
    degree = GEOD.inv(0, 0, 1, 0)[2] / 1e3  # 111.319 km along the equator
    border = line((1, -5), (1, 5))
    found = distance_to_border([0, 1, 3], [0, 2, 0], border)
    np.testing.assert_allclose(found, [degree, 0, 2 * degree], rtol=1e-6, atol=1e-9)


def test_beyond_the_end_of_a_line_its_end_is_nearest():
    border = line((0, 10), (0, 12))
    expected = GEOD.inv(0.5, 13, 0, 12)[2] / 1e3
    assert distance_to_border([0.5], [13.0], border)[0] == pytest.approx(expected, rel=1e-9)


def test_toy_border(toy_units):
    borders = international_borders(toy_units)
    found = distance_to_border([1.0, 2.0], [11.5, 11.5], borders)
    to_parallel = GEOD.inv(1, 11.5, 1, 11)[2] / 1e3
    np.testing.assert_allclose(found, [to_parallel, 0], rtol=1e-4, atol=1e-9)


@pytest.mark.parametrize("offset_m", [1e-3, 0.01, 0.1, 1, 10, 100, 1e3, 1e4, 19_990, 20_010, 1e5])
def test_points_at_a_known_distance_from_the_real_border(borders, offset_m):
    rng = np.random.default_rng(7)
    row = borders.geometry.iloc[2]
    xy = shapely.get_coordinates(row)
    picks = rng.integers(1, len(xy) - 1, size=12)
    share = rng.uniform(0.1, 0.9, size=12)[:, None]
    base = xy[picks] + share * (xy[picks + 1] - xy[picks])
    lon, lat, _ = GEOD.fwd(base[:, 0], base[:, 1], rng.uniform(0, 360, 12), np.full(12, offset_m))
    expected = [oracle_km(x, y, [row]) for x, y in zip(lon, lat, strict=True)]
    found = distance_to_border(lon, lat, borders.iloc[[2]])
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-7)  # atol 0.1 mm


def test_points_everywhere_against_the_oracle(borders):
    rng = np.random.default_rng(11)
    lon, lat = rng.uniform(-12, 16, 40), rng.uniform(9, 25, 40)
    expected = [oracle_km(x, y, borders.geometry.to_numpy()) for x, y in zip(lon, lat, strict=True)]
    np.testing.assert_allclose(distance_to_border(lon, lat, borders), expected, rtol=2e-4)


@given(
    x=st.floats(-11, 15),
    y=st.floats(5, 24),
    bend=st.tuples(st.floats(-10, 14), st.floats(6, 23)),
)
@settings(max_examples=30, deadline=None)
def test_long_straight_segments_against_the_oracle(x, y, bend):
    border = line((-9.0, 7.0), bend, (12.0, 21.0))
    expected = oracle_km(x, y, border.to_numpy())
    found = distance_to_border([x], [y], border)[0]
    assert found == pytest.approx(expected, rel=1e-3, abs=1e-6)


def test_a_ring_around_a_point_needs_many_candidates():
    angles = np.radians(np.arange(0, 361, 1))
    ring = line(*np.column_stack([1 + 0.1 * np.cos(angles), 15 + 0.1 * np.sin(angles)]))
    rng = np.random.default_rng(3)
    lon, lat = 1 + rng.normal(0, 0.002, 20), 15 + rng.normal(0, 0.002, 20)
    expected = [oracle_km(x, y, ring.to_numpy()) for x, y in zip(lon, lat, strict=True)]
    np.testing.assert_allclose(distance_to_border(lon, lat, ring), expected, rtol=1e-3)


@pytest.mark.parametrize("distance_km", [2, 15, 50, 400])
def test_of_pieces_all_around_the_one_a_hair_nearer_counts(distance_km):
    """Every direction is measured on one scale, near and far: a hair is 3 parts in 10,000."""
    directions = np.arange(0.0, 360.0, 30.0)
    for lat in (8.0, 24.0):
        for nearest in (0, 1, 2, 3):
            reach = np.full(12, 1e3 * distance_km)
            reach[nearest] *= 1 - 3e-4
            ends = [
                GEOD.fwd(np.full(12, 2.0), np.full(12, lat), directions, reach * part)[:2]
                for part in (1, 1.1)
            ]
            spokes = gpd.GeoSeries(shapely.linestrings(np.swapaxes(ends, 1, 2).swapaxes(0, 1)))
            found = distance_to_border([2.0], [lat], spokes.set_crs(4326))
            assert found == pytest.approx(reach[nearest] / 1e3, rel=1e-4)


def test_the_nearest_line_counts_though_the_knots_of_twelve_others_are_nearer():
    """It passes at 190 m, its knots 240 m to either side; the others end at 200 m."""
    place = np.array([2.0, 15.0])
    km = np.array([1 / 107.55, 1 / 110.66])  # degrees at 15 N
    passing = shapely.LineString(place + km * [[-0.24, 0.19], [0.24, 0.19]])
    angles = np.radians(np.arange(100, 340, 20))
    away = km * np.column_stack([np.sin(angles), np.cos(angles)])
    ending = shapely.linestrings(place + np.stack([0.2 * away, 0.25 * away], axis=1))
    lines = gpd.GeoSeries([*ending, passing], crs=4326)
    foot_km = GEOD.inv(*place, *(place + km * [0, 0.19]))[2] / 1e3
    beside = place + 0.2 * away[6]  # the same answer whatever is asked besides
    found = distance_to_border(*np.column_stack([place, beside]), lines)
    assert found == pytest.approx([foot_km, 0], rel=1e-4, abs=1e-6)


def test_missing_coordinates_give_missing_distances():
    found = distance_to_border([np.nan, 0, 1], [1, np.nan, 1], line((0, 0), (0, 2)))
    assert np.isnan(found).tolist() == [True, True, False]
    assert distance_to_border([], [], line((0, 0), (0, 2))).shape == (0,)


def test_polygons_stand_for_their_outlines(toy_units):
    inside = distance_to_border([0.5], [11.5], toy_units.iloc[[0]])
    outline = gpd.GeoSeries(toy_units.geometry.iloc[[0]].boundary, crs=4326)
    assert inside == distance_to_border([0.5], [11.5], outline)
    assert inside[0] > 50


def test_order_and_chunks_do_not_matter(borders, monkeypatch):
    rng = np.random.default_rng(5)
    lon, lat = rng.uniform(-2, 4, 500), rng.uniform(13, 17, 500)
    expected = distance_to_border(lon, lat, borders)
    order = rng.permutation(500)
    np.testing.assert_array_equal(
        distance_to_border(lon[order], lat[order], borders), expected[order]
    )
    monkeypatch.setattr("sahel_geo.places.distances._CHUNK", 7)
    np.testing.assert_array_equal(distance_to_border(lon, lat, borders), expected)


def test_failures(toy_units):
    border = line((0, 0), (0, 2))
    with pytest.raises(CrsError, match="`border` has no coordinate reference system"):
        distance_to_border([0], [0], gpd.GeoSeries([shapely.LineString([(0, 0), (1, 1)])]))
    with pytest.raises(InputError, match=r"`lon` has shape \(2,\) and `lat` \(1,\)"):
        distance_to_border([0, 1], [0], border)
    with pytest.raises(InputError, match=r"1 positions outside .*rows \[1\]"):
        distance_to_border([0, 1], [0, 95], border)
    with pytest.raises(InputError, match=r"2 positions outside .*rows \[0, 2\]"):
        distance_to_border([-180.1, 180, 180.1], [0, -90, 0], border)
    pole = GEOD.inv(0, 90, 0, 2)[2] / 1e3
    ends = distance_to_border([180, -180, 0], [90, 90, -90], border)
    np.testing.assert_allclose(ends, [pole, pole, GEOD.inv(0, -90, 0, 0)[2] / 1e3])
    with pytest.raises(InputError, match="`border` holds 0 geometries"):
        distance_to_border([0], [0], border.iloc[:0])
    with pytest.raises(InputError, match=r"of type .*Point.*expected at least one line"):
        distance_to_border([0], [0], gpd.GeoSeries([shapely.Point(0, 0)], crs=4326))


def test_a_frame_of_points_keeps_its_index_and_its_gaps(borders):
    places = gpd.GeoDataFrame(
        {"n": [1, 2, 3, 4]},
        index=[9, 4, 7, 1],
        geometry=[shapely.Point(2.4, 15.9), None, shapely.Point(0.3, 14.2), shapely.Point()],
        crs=4326,
    )
    found = distance_to_border(places, borders)
    assert found.name == "distance_km"
    assert found.index.tolist() == [9, 4, 7, 1]
    assert found.isna().tolist() == [False, True, False, True]
    plain = distance_to_border([2.4, 0.3], [15.9, 14.2], borders)
    np.testing.assert_array_equal(found[[9, 7]], plain)
    np.testing.assert_array_equal(distance_to_border(places.geometry, borders)[[9, 7]], plain)


def test_the_sign_tells_the_side(units, borders):
    rng = np.random.default_rng(5)
    lon, lat = rng.uniform(-4, 4, 300), rng.uniform(11, 17, 300)
    plain = distance_to_border(lon, lat, borders)
    mali = units[0].loc[units[0]["country"] == "MLI"]
    inside = shapely.contains_xy(mali.geometry.item(), lon, lat)
    for side in ("MLI", "mli", mali, mali.geometry, units[2][units[2]["country"] == "MLI"]):
        signed = distance_to_border(lon, lat, borders, signed_by=side)
        np.testing.assert_array_equal(np.abs(signed), plain)
        assert (np.sign(signed) == np.where(inside, -1, 1)).all()
    assert 20 < inside.sum() < 280


def test_faults_of_frames_and_sides(borders, units):
    point = gpd.GeoSeries([shapely.Point(0, 15)], crs=4326)
    with pytest.raises(
        InputError, match=r"`points` has 1 geometries that are not points: rows \[3"
    ):
        distance_to_border(gpd.GeoSeries([shapely.box(0, 0, 1, 1)], [3], crs=4326), borders)
    with pytest.raises(CrsError, match="`points` has no coordinate reference system"):
        distance_to_border(gpd.GeoSeries([shapely.Point(0, 15)]), borders)
    with pytest.raises(InputError, match="`border` is a ndarray; expected a GeoDataFrame"):
        distance_to_border(point, np.zeros(1))
    with pytest.raises(InputError, match="`border` is a NoneType; expected a GeoDataFrame"):
        distance_to_border([0.0], [15.0])
    with pytest.raises(InputError, match=r"1 unknown codes: \['FRA'\]"):
        distance_to_border(point, borders, signed_by="FRA")
    with pytest.raises(InputError, match="`signed_by` holds 3 geometries, not all polygons"):
        distance_to_border(point, borders, signed_by=borders)


def test_points_in_three_dimensions_lie_on_the_ellipsoid():
    points = np.array([[0.0, 0.0], [90.0, 0.0], [0.0, 90.0], [2.4, 15.9]])
    x, y, z = _ecef_km(points).T
    np.testing.assert_allclose(np.hypot(x, y)[:2], 6378.137)
    assert z[2] == pytest.approx(6356.752314)
    np.testing.assert_allclose((x**2 + y**2) / 6378.137**2 + z**2 / 6356.752314245**2, 1)
