"""What two actors are compared with: exchanged labels, and the density of each."""

from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import sahel_geo as sg
from sahel_geo.crs import EQUAL_AREA
from sahel_geo.errors import InputError
from sahel_geo.indicators.near_repeat.second_order.nulls import Density, _dealt
from sahel_geo.indicators.near_repeat.second_order.window import Window

L_SHAPE = shapely.Polygon([(0, 0), (300, 0), (300, 120), (140, 120), (140, 260), (0, 260)])
LIMITS = [15.0, 40.0]


@cache
def frame(shape=L_SHAPE):
    """Give the same window each time: it is measured once."""
    metres = shapely.transform(shape, lambda xy: xy * 1e3)
    return gpd.GeoDataFrame(geometry=[metres], crs=EQUAL_AREA)


def incidents_at(place, **columns):
    points = gpd.GeoSeries.from_xy(*(place.T * 1e3), crs=EQUAL_AREA).to_crs(4326)
    return pd.DataFrame({"lon": points.x, "lat": points.y, **columns})


def two_actors(seed, *, follow=False, size=60, towns=6):
    """Two actors who seek the same towns, 20 km wide; the second perhaps follows the first."""
    rng = np.random.default_rng(seed)
    centre = rng.uniform([40, 40], [260, 90], (towns, 2))
    first, second = (
        centre[rng.integers(0, towns, size)] + rng.normal(0, 10, (size, 2)) for _ in range(2)
    )
    if follow:
        second = first + rng.normal(0, 2, first.shape)
    return incidents_at(np.vstack([first, second]), actor1=np.repeat(["A", "B"], size))


def weighted_pairs(place, shape=L_SHAPE):
    """Every pair with its translation weight, by shapely's own intersections."""
    for one in range(len(place)):
        for other in range(one + 1, len(place)):
            apart = place[other] - place[one]
            distance = np.hypot(*apart)
            if distance <= LIMITS[-1]:
                moved = shapely.transform(shape, lambda xy, apart=apart: xy + apart)
                yield one, other, distance, shape.area / shape.intersection(moved).area


def test_the_k_of_labels_is_that_of_brute_force():
    rng = np.random.default_rng(3)
    place = rng.uniform([0, 0], [140, 120], (24, 2))
    kinds = np.array(["A", "B", "B"] * 8)
    incidents = incidents_at(place, actor1=kinds)
    found = sg.k_functions.cross_k(
        incidents, frame(), distances_km=LIMITS, null="labels", permutations=19, rng=1
    )
    expected = np.zeros(2)
    for one, other, distance, weight in weighted_pairs(place):
        if kinds[one] != kinds[other]:
            expected += weight * (distance <= np.array(LIMITS))
    expected *= L_SHAPE.area / (8 * 16)
    np.testing.assert_allclose(found.table["k_km2"], expected, rtol=0.01)


def test_the_inhomogeneous_k_is_that_of_brute_force():
    rng = np.random.default_rng(4)
    place = rng.uniform([20, 20], [120, 100], (20, 2))
    bandwidth = 8.0  # no kernel reaches over the edge
    found = sg.k_functions.inhomogeneous_k(
        incidents_at(place), frame(), distances_km=LIMITS, bandwidth_km=bandwidth, permutations=9,
        rng=1,
    )  # fmt: skip
    square = ((place[:, None] - place[None]) ** 2).sum(axis=2)
    kernel = np.exp(-square / (2 * bandwidth**2)) / (2 * np.pi * bandwidth**2)
    density = kernel.sum(axis=1)
    density = density / Density.of(Window.of(frame(), 40.0), bandwidth)._share(place)
    expected = np.zeros(2)
    for one, other, distance, weight in weighted_pairs(place):
        expected += 2 * weight * (distance <= np.array(LIMITS)) / density[one] / density[other]
    np.testing.assert_allclose(found.table["k_km2"], expected / L_SHAPE.area, rtol=0.01)


def test_the_share_of_a_kernel_inside_is_half_at_a_straight_edge_and_a_quarter_in_a_corner():
    density = Density.of(Window.of(frame(), 40.0), 10.0)
    share = density._share(np.array([[0.0, 130.0], [0.0, 0.0], [70.0, 60.0]]))
    np.testing.assert_allclose(share, [0.5, 0.25, 1.0], atol=0.02)


@pytest.mark.worlds
def test_actors_who_share_towns_attract_by_shifts_and_not_by_labels():
    """Types do not matter here: of 40 worlds about 2 are called by labels, most by shifts."""
    box = shapely.box(0, 0, 300, 130)

    def called(null, worlds):
        found = [
            sg.k_functions.cross_k(
                two_actors(seed), frame(box), distances_km=[5, 15], null=null, permutations=99,
                rng=seed,
            )
            for seed in range(worlds)
        ]  # fmt: skip
        return sum(each.overall["p"].iloc[0] <= 0.05 for each in found)

    assert called("labels", 40) <= 6  # the chance of 7 of 40 at 5 % is 0.3 %
    assert called("shift", 8) >= 4


@pytest.mark.parametrize(
    "options", [{"null": "labels"}, {"null": "inhomogeneous", "bandwidth_km": 5}]
)
def test_an_actor_who_follows_the_other_inside_the_towns_is_found(options):
    found = sg.k_functions.cross_k(
        two_actors(1, follow=True), frame(), distances_km=[5, 15], permutations=99, rng=1, **options
    )
    assert found.overall["p"].iloc[0] <= 0.02
    assert "nearer to each other" in found.sentence("en")
    assert "plus proches" in found.sentence("fr")
    assert found.null == options["null"]


@pytest.mark.worlds
def test_actors_with_towns_of_their_own_share_no_more_than_these():
    """The first acts in the west and the second in the east of the same towns: 40 worlds."""

    def called(null, worlds, **options):
        p = []
        for seed in range(worlds):
            rng = np.random.default_rng(seed)
            centre = rng.uniform([20, 20], [280, 110], (12, 2))
            town = rng.integers(0, 12, 150)
            place = centre[town] + rng.normal(0, 6, (150, 2))
            west = rng.random(150) < 1 / (1 + np.exp((centre[town, 0] - 150) / 20))
            found = sg.k_functions.cross_k(
                incidents_at(place, actor1=np.where(west, "A", "B")), frame(), rng=seed,
                distances_km=[3, 6], null=null, permutations=39, **options,
            )  # fmt: skip
            p.append(found.overall["p"].iloc[0])
        return sum(each <= 0.05 for each in p)

    assert called("inhomogeneous", 40, bandwidth_km=5) <= 6  # 2 expected
    assert called("labels", 10) >= 6


def test_types_are_dealt_inside_their_groups_alone():
    rng = np.random.default_rng(5)
    kind, group = rng.random(200) < 0.3, rng.integers(0, 4, 200)
    dealt = np.array([_dealt(kind, group, rng) for _ in range(400)])
    for each in range(4):
        assert (dealt[:, group == each].sum(axis=1) == kind[group == each].sum()).all()
        share = kind[group == each].mean()
        assert np.abs(dealt[:, group == each].mean(axis=0) - share).max() < 0.12


def test_a_type_that_came_later_is_dealt_within_years():
    incidents = two_actors(2).assign(date=pd.Timestamp("2020-06-01"))
    incidents.loc[incidents["actor1"] == "B", "date"] = pd.Timestamp("2021-06-01")
    found = sg.k_functions.cross_k(
        incidents, frame(), distances_km=[15], null="labels", within=["year"], permutations=19,
        rng=1,
    )  # fmt: skip
    assert found.overall["p"].iloc[0] == 1  # no deal differs from what is observed


def test_points_scattered_by_a_density_lie_in_the_window_and_around_their_towns():
    place = np.random.default_rng(6).normal([60, 60], 8, (300, 2))
    drawn = Density.of(Window.of(frame(), 40.0), 6.0).scatter(place, np.random.default_rng(7))()
    assert shapely.contains_xy(L_SHAPE, drawn).all()
    assert len(drawn) == len(place)
    np.testing.assert_allclose(drawn.mean(axis=0), [60, 60], atol=2)
    np.testing.assert_allclose(drawn.std(axis=0), np.hypot(8, 6), rtol=0.12)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"null": "towns"}, r"`null` is 'towns'; expected one of"),
        ({"null": "labels", "bandwidth_km": 5}, "`bandwidth_km` belongs to null='inhomogeneous'"),
        ({"null": "inhomogeneous"}, "`bandwidth_km` belongs to null='inhomogeneous'"),
        ({"null": "inhomogeneous", "bandwidth_km": -1}, r"`bandwidth_km` is -1; expected a number"),
        ({"within": ["year"]}, "`within` is for null='labels'"),
        ({}, "`window` is not a rectangle"),
    ],
)
def test_refuses_what_it_cannot_use(options, message):
    with pytest.raises(InputError, match=message):
        sg.k_functions.cross_k(two_actors(1), frame(), distances_km=[5], rng=1, **options)


def test_each_width_has_its_own_share_of_a_kernel():
    window = Window.of(frame(), 20.0)
    first, second, again = (Density.of(window, width).inside for width in (2.0, 6.0, 2.0))
    assert np.abs(first - second).max() > 0.1
    np.testing.assert_array_equal(first, again)
