"""K-functions: brute force with shapely, exact means over exchanges, and what they find."""

from itertools import permutations as arrangements

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import sahel_geo as sg
from sahel_geo.crs import EQUAL_AREA
from sahel_geo.errors import CrsError, InputError
from sahel_geo.indicators.near_repeat.second_order.k_sums import Envelope, KSums
from sahel_geo.indicators.near_repeat.second_order.study import Study
from sahel_geo.indicators.near_repeat.second_order.window import Window

L_SHAPE = shapely.Polygon([(0, 0), (400, 0), (400, 150), (170, 190), (150, 400), (0, 380)])
START = pd.Timestamp("2018-01-01")
ENDS = {"distances_km": np.array([15.0, 40, 90]), "days": np.array([5.0, 20, 60])}


def frame(shape=L_SHAPE):
    metres = shapely.transform(shape, lambda xy: xy * 1e3)
    return gpd.GeoDataFrame(geometry=[metres], crs=EQUAL_AREA)


def incidents_at(place, day, **columns):
    points = gpd.GeoSeries.from_xy(*(place.T * 1e3), crs=EQUAL_AREA).to_crs(4326)
    date = pd.Timestamp("2018-01-01") + pd.to_timedelta(day, "D")
    return pd.DataFrame({"lon": points.x, "lat": points.y, "date": date, **columns})


def scattered(rng, size, shape=L_SHAPE):
    place = rng.uniform(shape.bounds[:2], shape.bounds[2:], (6 * size, 2))
    return place[shapely.contains_xy(shape, place)][:size]


def brute_force(place, day, length, first=None, shape=L_SHAPE):
    """K in space, in time and in both, pair by pair, with shapely's own intersections."""
    space, time = np.zeros(3), np.zeros(3)
    both, possible = np.zeros((3, 3)), 0
    for i, j in zip(*np.triu_indices(len(place), 1), strict=True):
        if first is not None and first[i] == first[j]:
            continue
        possible += 1
        apart, lag = place[j] - place[i], abs(day[j] - day[i])
        near = np.hypot(*apart) <= ENDS["distances_km"]
        soon = lag <= ENDS["days"]
        v = length / (length - lag)
        time += soon * v
        if near.any():
            moved = shapely.transform(shape, lambda xy, apart=apart: xy + apart)
            w = shape.area / shape.intersection(moved).area
            space += near * w
            both += np.outer(near, soon) * w * v
    return (
        shape.area * space / possible,
        length * time / possible,
        shape.area * length * both / possible,
    )


@pytest.mark.parametrize("reach", [30, 120])
def test_the_window_in_common_with_its_shift_is_that_of_shapely(reach):
    window = Window.of(frame(), reach)
    assert window.area_km2 == pytest.approx(L_SHAPE.area, rel=1e-9)
    rng = np.random.default_rng(1)
    radius, angle = reach * rng.uniform(0.05, 1, 40), rng.uniform(0, 2 * np.pi, 40)
    dx, dy = radius * np.cos(angle), radius * np.sin(angle)
    true = [
        L_SHAPE.area / L_SHAPE.intersection(shapely.transform(L_SHAPE, lambda xy, s=s: xy + s)).area
        for s in zip(dx, dy, strict=True)
    ]
    np.testing.assert_allclose(window.weights(dx, dy), true, rtol=5e-4)


@pytest.mark.parametrize("types", [False, True])
def test_estimates_are_those_of_brute_force(types):
    rng = np.random.default_rng(2)
    place, day = scattered(rng, 80), rng.integers(0, 200, 80).astype(float)
    day[:2] = 0, 199
    first = rng.random(80) < 0.4 if types else None
    incidents = incidents_at(place, day, actor1=np.where(first, "A", "B") if types else "A")
    options = {**ENDS, "permutations": 9, "rng": 1}
    if types:
        found = sg.k_functions.space_time_cross_k(incidents, frame(), by="actor1", **options)
    else:
        found = sg.k_functions.space_time_k(incidents, frame(), **options)
    space, time, both = brute_force(place, day, 200, first)
    np.testing.assert_allclose(found.space["k_km2"], space, rtol=5e-4)
    np.testing.assert_allclose(found.time["k_days"], time, rtol=1e-12)
    np.testing.assert_allclose(found.table["k"], both.ravel(), rtol=5e-4)
    np.testing.assert_allclose(found.table["ratio"], (both / np.outer(space, time)).ravel(), 1e-3)
    np.testing.assert_allclose(
        found.table["excess"], found.table["k"] - found.table["independent"], rtol=1e-12
    )
    apart = np.hypot(*(place[:, None] - place).transpose(2, 0, 1)) <= 40
    pairs = np.triu(apart & (abs(day[:, None] - day) <= 20), 1)
    if types:
        pairs &= first[:, None] != first
    row = found.table.query("distance_km == 40 and days == 20")
    assert row["observed"].tolist() == [pairs.sum()]
    assert found.length_days == 200


def test_a_pair_at_exactly_a_distance_and_a_delay_is_within_it():
    place, day = np.array([[10.0, 10], [50, 10], [300, 100]]), np.array([0.0, 20, 199])
    study = Study(pd.DataFrame({"x": day}), place, day, 200.0, START, {}, L_SHAPE.area)
    sums = study.sums(Window.of(frame(), 90), *ENDS.values())
    counts = sums.counts(day[sums.order][:, None])
    assert counts.tolist() == [[0, 0, 0], [0, 1, 1], [0, 1, 1]]


@pytest.mark.worlds
def test_points_without_order_give_the_area_of_the_disc_in_any_window():
    rng = np.random.default_rng(3)
    window = Window.of(frame(), 90)
    found = []
    for _ in range(150):
        place, day = scattered(rng, 60), rng.uniform(0, 300, 60)
        sums = KSums.of(place, window, **ENDS, length=300.0)
        times = day[sums.order][:, None]
        found.append(np.r_[sums.space(), sums.time(times)[0], sums.space_time(times)[0].ravel()])
    disc, days = np.pi * ENDS["distances_km"] ** 2, 2 * ENDS["days"]
    truth = np.r_[disc, days, np.outer(disc, days).ravel()]
    error = np.std(found, axis=0) / np.sqrt(150)
    assert (abs(np.mean(found, axis=0) - truth) < 3.5 * error).all()
    assert (error < 0.08 * truth)[[1, 2, 3, 4, 5]].all()


def test_the_mean_over_all_exchanges_of_dates_is_exactly_the_product_of_the_parts():
    rng = np.random.default_rng(4)
    place, day = scattered(rng, 6) / 2, rng.uniform(0, 100, 6)
    shape = shapely.transform(L_SHAPE, lambda xy: xy / 2)
    sums = KSums.of(place, Window.of(frame(shape), 90), **ENDS, length=100.0)
    times = np.array(list(arrangements(day))).T.copy()
    both, time = sums.space_time(times), sums.time(times)
    np.testing.assert_allclose(time, np.broadcast_to(time[0], time.shape))
    np.testing.assert_allclose(both.mean(axis=0), np.outer(sums.space(), time[0]), rtol=1e-10)


def families(rng, parents=60, spread_km=6, mean_days=4):
    """Incidents each followed near and soon by another."""
    place, day = scattered(rng, parents, shapely.buffer(L_SHAPE, -25)), rng.uniform(0, 390, parents)
    near = place + rng.normal(0, spread_km, place.shape)
    after = day + rng.exponential(mean_days, parents)
    return place, day.astype(int), near, np.minimum(after, 399).astype(int)


def test_followers_are_found_and_scattered_incidents_are_not():
    rng = np.random.default_rng(5)
    place, day, near, after = families(rng)
    both = incidents_at(np.r_[place, near], np.r_[day, after])
    options = {**ENDS, "permutations": 99, "rng": 1, "start": "2018-01-01", "end": "2019-02-04"}
    found = sg.k_functions.space_time_k(both, frame(), **options)
    assert found.length_days == 400
    assert found.overall["p"].tolist() == [0.01]
    first = found.table.iloc[0]
    assert first["ratio"] > first["high"]
    assert "times as many pairs within" in found.sentence("en")
    assert "fois autant de paires" in found.sentence("fr")
    alone = incidents_at(scattered(rng, 120), rng.integers(0, 400, 120))
    nothing = sg.k_functions.space_time_k(alone, frame(), **options)
    assert nothing.overall["p"].iloc[0] > 0.05
    assert "no more nearness" in nothing.sentence("en")


def test_cross_k_finds_the_follower_type_and_shifts_keep_each_types_own_clusters():
    rng = np.random.default_rng(6)
    place, day, near, after = families(rng)
    kinds = np.repeat(["MLI", "NER"], 60)
    linked = incidents_at(np.r_[place, near], np.r_[day, after], country=kinds)
    options = {**ENDS, "permutations": 99, "rng": 1}
    found = sg.k_functions.space_time_cross_k(linked, frame(), **options)
    assert found.overall[["pair", "incidents", "pairs", "p"]].values.tolist() == [
        ["MLI–NER", 120, 3600, 0.01]
    ]
    # two types that each cluster, without regard to the other
    apart = [families(rng, 30) for _ in range(2)]
    own = incidents_at(
        np.concatenate([np.r_[one[0], one[2]] for one in apart]),
        np.concatenate([np.r_[one[1], one[3]] for one in apart]),
        country=kinds,
    )
    assert sg.k_functions.space_time_cross_k(own, frame(), **options).overall["p"].iloc[0] > 0.05


def test_shifts_keep_whole_days_and_the_gaps_of_each_type():
    rng = np.random.default_rng(7)
    day = rng.integers(0, 50, 30).astype(float)
    known = incidents_at(scattered(rng, 30), day, actor1="A")
    study = Study(known, scattered(rng, 30), day, 50.0, START, {}, L_SHAPE.area)
    first = np.arange(30) < 12
    sums = study.sums(Window.of(frame(), 90), *ENDS.values(), first=first)
    times = np.empty((30, 40))
    study.shifted(sums, "actor1", [])(times, np.random.default_rng(1))
    of_first, recorded = first[sums.order], day[sums.order]
    assert (times[of_first] == recorded[of_first][:, None]).all()
    steps = (times[~of_first] - recorded[~of_first][:, None]) % 50
    assert (steps == steps[0]).all()
    assert (steps == np.floor(steps)).all()
    assert len(set(steps[0])) > 20


def test_the_same_seed_gives_the_same_answer_with_any_number_of_threads(monkeypatch):
    rng = np.random.default_rng(8)
    place, day, near, after = families(rng, 30)
    incidents = incidents_at(np.r_[place, near], np.r_[day, after], country=["MLI", "NER"] * 30)
    results = []
    for threads in (1, 3):
        monkeypatch.setattr("sahel_geo.compiled.workers", lambda threads=threads: threads)
        for null, within in (("shift", ["year"]), ("exchange", ["season"])):
            results.append(
                sg.k_functions.space_time_cross_k(
                    incidents, frame(), **ENDS, null=null, within=within, permutations=70, rng=3
                ).table
            )
    for one, other in zip(results[:2], results[2:], strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_actors_who_seek_each_other_and_who_do_not():
    rng = np.random.default_rng(9)
    box = shapely.box(0, 0, 300, 200)
    place = scattered(rng, 60, shapely.buffer(box, -20))
    near = place + rng.normal(0, 6, place.shape)
    kinds = np.repeat(["A", "B"], 60)
    window, options = frame(box), {"distances_km": [10, 20, 40], "permutations": 99, "rng": 1}
    together = incidents_at(np.r_[place, near], np.zeros(120), actor1=kinds)
    found = sg.k_functions.cross_k(together.drop(columns="date"), window, **options)
    assert found.overall[["pair", "first", "second", "p"]].values.tolist() == [
        ["A–B", 60, 60, 0.01]
    ]
    assert "nearer to each other" in found.sentence("en")
    assert "plus proches" in found.sentence("fr")
    apart = incidents_at(scattered(rng, 120, box), np.zeros(120), actor1=kinds)
    nothing = sg.k_functions.cross_k(apart, window, **options)
    assert nothing.overall["p"].iloc[0] > 0.05
    assert "neither nearer nor farther" in nothing.sentence("en")
    np.testing.assert_allclose(nothing.table["l_km"], [10, 20, 40], rtol=0.2)
    assert len(nothing.plot().lines) == 2


@pytest.mark.worlds
def test_an_envelope_holds_the_stated_share_of_whole_functions():
    rng = np.random.default_rng(10)
    inside, small = 0, 0
    for _ in range(600):
        every = np.cumsum(rng.exponential(1, (100, 8)), axis=1)  # correlated and skewed
        found = Envelope.of(every[0], every[1:])
        within = ((every[0] >= found.low) & (every[0] <= found.high)).all()
        inside, small = inside + within, small + (found.p <= 0.05)
        assert within == (found.p > 0.05)
    assert small == 600 - inside
    assert 14 <= small <= 48  # 30 expected, 5.3 the standard deviation


def test_an_envelope_leaves_out_what_is_missing():
    simulated = np.random.default_rng(11).normal(size=(19, 3))
    simulated[4, 1] = np.nan
    found = Envelope.of(np.array([9.0, 0.0, 9.0]), simulated)
    assert np.isnan(found.low).tolist() == [False, True, False]
    assert found.p == 0.05
    assert np.isnan(Envelope.of(np.full(3, np.nan), simulated).p)


def test_incidents_outside_are_counted_and_too_few_measure_nothing():
    place = np.array([[10.0, 10], [380, 380], [60, 60]])
    incidents = incidents_at(place, np.array([0, 5, 500]), country="MLI")
    incidents.loc[len(incidents)] = [np.nan, 14.0, pd.Timestamp("2018-01-02"), "MLI"]
    options = {**ENDS, "permutations": 9, "rng": 1, "start": "2018-01-01", "end": "2018-12-31"}
    found = sg.k_functions.space_time_k(incidents, frame(), **options)
    assert dict(found.left_out) == {"lon": 1, "outside_window": 1, "outside_time": 1}
    assert found.overall["incidents"].tolist() == [1]
    assert found.table["ratio"].isna().all()
    assert "nothing to measure" in found.sentence("en")
    assert found.plot().child_axes


def test_location_error_is_carried_through(toy_units):
    rng = np.random.default_rng(12)
    incidents = pd.DataFrame(
        {
            "lon": rng.uniform(0, 3, 50),
            "lat": rng.uniform(10, 12, 50),
            "date": pd.Timestamp("2018-01-01") + pd.to_timedelta(rng.integers(0, 300, 50), "D"),
            "location_precision": ["admin2"] * 20 + ["exact"] * 30,
        }
    )

    def ratios(placed, units):
        found = sg.k_functions.space_time_k(placed, units, **ENDS, permutations=1, rng=1)
        return found.table.set_index(["distance_km", "days"])["ratio"]

    found = sg.uncertainty.propagate(
        ratios, incidents, toy_units, n=5, rng=1, areas={"admin2": toy_units}
    )
    recorded = ratios(incidents, toy_units)
    pd.testing.assert_series_equal(found.table["recorded"], recorded, check_names=False)
    assert (found.table["high"] > found.table["low"]).any()


def test_refuses_what_it_cannot_use(toy_units):
    incidents = incidents_at(scattered(np.random.default_rng(1), 20), np.arange(20), country="MLI")
    measure, cross = sg.k_functions.space_time_k, sg.k_functions.space_time_cross_k
    good = {"distances_km": [10], "days": [5], "rng": 1}
    with pytest.raises(InputError, match=r"`days` is \[5.0, 5.0\]; expected ascending"):
        measure(incidents, frame(), distances_km=[10], days=[5, 5], rng=1)
    with pytest.raises(InputError, match="`days` reaches 20 in a study of 20 days"):
        measure(incidents, frame(), distances_km=[10], days=[20], rng=1)
    with pytest.raises(InputError, match="a shift of `window` leaves nothing"):
        measure(incidents, frame(), distances_km=[900], days=[5], rng=1)
    with pytest.raises(InputError, match=r"`incidents` has no usable row.*'outside_window': 20"):
        measure(incidents, toy_units, **good)
    with pytest.raises(CrsError, match="`window` has no coordinate reference system"):
        measure(incidents, gpd.GeoDataFrame(geometry=[L_SHAPE]), **good)
    with pytest.raises(InputError, match="`permutations` is 0"):
        measure(incidents, frame(), **good, permutations=0)
    with pytest.raises(InputError, match=r"`between` has 1 types in column 'country': \['MLI'\]"):
        cross(incidents, frame(), **good)
    with pytest.raises(InputError, match=r"of which \['NER'\] have no incident"):
        cross(incidents, frame(), **good, between=["MLI", "NER"])
    with pytest.raises(InputError, match="`null` is 'rotate'"):
        cross(incidents, frame(), **good, null="rotate")
    two = incidents.assign(country=["MLI", "NER"] * 10)
    with pytest.raises(InputError, match=r"`within` has \['month'\] without 'year'"):
        cross(two, frame(), **good, within=["month"])
    with pytest.raises(InputError, match="`by` is 'country', and countries share no space"):
        sg.k_functions.cross_k(incidents, frame(), distances_km=[9], by="country", rng=1)
    with pytest.raises(InputError, match="`window` is not a rectangle"):
        sg.k_functions.cross_k(incidents, frame(), distances_km=[9], by="date", rng=1)
