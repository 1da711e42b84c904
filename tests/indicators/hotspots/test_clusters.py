"""Clusters beside scikit-learn and by hand; the scan against every cylinder, and what it finds."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, chi2
from sklearn.cluster import DBSCAN

import sahel_geo as sg
from sahel_geo import compiled
from sahel_geo.errors import InputError
from sahel_geo.indicators.hotspots import scan_search
from sahel_geo.indicators.hotspots.cluster_results import ScanResult
from sahel_geo.indicators.hotspots.scan import _baseline, _circles, _fresh, _waves
from sahel_geo.indicators.permutation.waves import Waves


def events(lon, lat, day=None, **columns):
    table = pd.DataFrame({"lon": lon, "lat": lat} | columns)
    if day is not None:
        table["date"] = pd.Timestamp("2023-01-01") + pd.to_timedelta(day, unit="D")
    return table


@pytest.mark.parametrize("radius_km", [5, 20, 60])
def test_dbscan_agrees_with_scikit_learn(radius_km):
    rng = np.random.default_rng(1)
    centre = rng.integers(0, 5, 300)
    lon, lat = centre + rng.normal(0, 0.2, 300), 14 + rng.normal(0, 0.2, 300)
    ours = sg.clusters.dbscan(events(lon, lat), radius_km=radius_km).labels.to_numpy(np.int64)
    model = DBSCAN(eps=radius_km / 6371.0088, min_samples=5, metric="haversine")
    model.fit(np.radians(np.column_stack([lat, lon])))
    core = model.core_sample_indices_
    pairs = {*zip(ours[core].tolist(), model.labels_[core].tolist(), strict=True)}
    assert len(pairs) == len(set(ours[core])) == len(set(model.labels_[core]))
    assert ((ours < 0) == (model.labels_ < 0)).all()


@pytest.mark.parametrize("days", [None, 0, 3])
def test_clusters_are_those_of_all_distances_wherever_they_lie(days):
    rng = np.random.default_rng(2)
    at = rng.integers(0, 3, 300)
    lon = np.array([-17, 0.5, 24])[at] + rng.normal(0, 0.25, 300)
    lat = np.array([-4, 14, 24])[at] + rng.normal(0, 0.25, 300)
    day = rng.integers(0, 8, 300)
    east, north = np.radians(lon), np.radians(lat)
    cosine = np.sin(north) * np.sin(north)[:, None] + np.cos(north) * np.cos(north)[
        :, None
    ] * np.cos(east - east[:, None])
    apart = 6371.0088 * np.arccos(np.minimum(cosine, 1)) / 20
    if days is None:
        ours = sg.clusters.dbscan(events(lon, lat), radius_km=20, min_incidents=5)
    else:
        ours = sg.clusters.st_dbscan(
            events(lon, lat, day), radius_km=20, days=days, min_incidents=5
        )
        apart[np.abs(day - day[:, None]) > days] = 9
    model = DBSCAN(eps=1, min_samples=5, metric="precomputed").fit(apart)
    core, found = model.core_sample_indices_, ours.labels.to_numpy(np.int64)
    pairs = {*zip(found[core].tolist(), model.labels_[core].tolist(), strict=True)}
    assert len(pairs) == len(set(found[core])) == len(set(model.labels_[core])) >= 3
    assert ((found < 0) == (model.labels_ < 0)).all()


def test_dbscan_agrees_with_scikit_learn_where_places_repeat():
    rng = np.random.default_rng(4)
    lon, lat = rng.normal(0, 0.6, 500).round(1), 14 + rng.normal(0, 0.6, 500).round(1)
    ours = sg.clusters.dbscan(events(lon, lat), radius_km=11, min_incidents=9).labels
    model = DBSCAN(eps=11 / 6371.0088, min_samples=9, metric="haversine")
    model.fit(np.radians(np.column_stack([lat, lon])))
    core = model.core_sample_indices_
    found = ours.to_numpy(np.int64)
    pairs = {*zip(found[core].tolist(), model.labels_[core].tolist(), strict=True)}
    assert len(pairs) == len(set(found[core])) == len(set(model.labels_[core]))
    assert ((found < 0) == (model.labels_ < 0)).all()


def test_tens_of_thousands_in_one_place_need_no_pairs():
    table = events([1.0] * 40_000 + [5.0], [14.0] * 40_001, [*range(2)] * 20_000 + [0])
    for found in (
        sg.clusters.dbscan(table, radius_km=5),
        sg.clusters.st_dbscan(table, radius_km=5, days=1),
    ):
        assert found.table["incidents"].tolist() == [40_000]
        assert found.labels.iloc[-1] == -1


def test_time_keeps_clusters_apart():
    table = events([0.0] * 8, [14.0] * 8, [0, 1, 2, 3, 100, 101, 102, 50])
    found = sg.clusters.st_dbscan(table, radius_km=1, days=5, min_incidents=3)
    assert found.labels.tolist() == [0, 0, 0, 0, 1, 1, 1, -1]
    assert found.summary["incidents"].tolist() == [4, 3]
    assert found.summary["first_date"].dt.strftime("%Y-%m-%d").tolist()[0] == "2023-01-01"
    wide = sg.clusters.st_dbscan(table, radius_km=1, days=50, min_incidents=3)
    assert wide.labels.tolist() == [0] * 8


def test_the_least_reach_and_the_least_number_are_allowed():
    table = events([0.0, 0.0, 0.0, 2.0], [14.0] * 4, [0, 0, 1, 0])
    same_day = sg.clusters.st_dbscan(table, radius_km=1, days=0, min_incidents=2)
    assert same_day.labels.tolist() == [0, 0, -1, -1]
    alone = sg.clusters.dbscan(table, radius_km=1, min_incidents=1)
    assert alone.labels.tolist() == [0, 0, 0, 1]


def test_an_incident_exactly_at_the_radius_is_in_reach():
    for degrees in (0.1, 0.3, 0.7, 1.1, 1.3, 3.7):
        table, km = events([0, degrees], [0.0, 0.0], [0, 0]), 6371.0088 * np.radians(degrees)
        for reach, expected in ((km, [0, 0]), (km * (1 - 1e-9), [-1, -1])):
            plain = sg.clusters.dbscan(table, radius_km=reach, min_incidents=2)
            timed = sg.clusters.st_dbscan(table, radius_km=reach, days=1, min_incidents=2)
            assert plain.labels.tolist() == timed.labels.tolist() == expected


@pytest.mark.parametrize("gap", ["lon", "lat"])
def test_half_a_place_is_none(gap):
    table = events([0, 0.01, 0.02, 0.01, 5], [14.0] * 5, [0] * 5)
    table.loc[1, gap] = np.nan
    for found in (
        sg.clusters.dbscan(table, radius_km=5, min_incidents=3),
        sg.clusters.st_dbscan(table, radius_km=5, days=1, min_incidents=3),
        sg.clusters.hdbscan(table, min_incidents=2),
    ):
        assert found.labels.isna().tolist() == [False, True, False, False, False]
        assert found.labels.iloc[4] == -1


def test_the_summary_describes_the_hull():
    table = events(
        [0, 0.1, 0.1, 0, np.nan], [14, 14, 14.1, 14.1, 14], fatalities_best=[1, np.nan, 2, 3, 50]
    )
    found = sg.clusters.dbscan(table, radius_km=20, min_incidents=3)
    assert found.labels.isna().tolist() == [False] * 4 + [True]
    row = found.summary.iloc[0]
    assert [row["lon"], row["lat"]] == pytest.approx([0.05, 14.05])
    assert row["area_km2"] == pytest.approx(10.8 * 11.06, rel=0.01)
    assert row["fatalities_best"] == 6


def test_hdbscan_finds_groups_of_unlike_density():
    rng = np.random.default_rng(1)
    lon = np.r_[rng.normal(0, 0.01, 40), rng.normal(4, 0.2, 40)]
    lat = np.r_[rng.normal(14, 0.01, 40), rng.normal(14, 0.2, 40)]
    labels = sg.clusters.hdbscan(events(lon, lat), min_incidents=10).labels.to_numpy(np.int64)
    assert np.bincount(labels[:40] + 1).argmax() == 1
    assert np.bincount(labels[40:] + 1).argmax() == 2


def test_one_incident_none_and_all_in_one_place():
    one = events([1.0], [14.0], [0])
    same = events([1.0] * 6, [14.0] * 6, [0] * 6)
    for run in (
        lambda table: sg.clusters.dbscan(table, radius_km=5),
        lambda table: sg.clusters.st_dbscan(table, radius_km=5, days=1),
        sg.clusters.hdbscan,
    ):
        assert run(one).labels.tolist() == [-1]
        assert run(one).summary.empty
        assert run(one.iloc[:0]).labels.empty
        assert run(same).labels.tolist() == [0] * 6
        assert run(same).summary["area_km2"].tolist() == [0.0]


def make_panel(counts, units):
    periods = pd.period_range("2023-01", periods=counts.shape[1], freq="M")
    return pd.DataFrame(
        {
            "unit_id": np.repeat(units["unit_id"].to_numpy(), len(periods)),
            "period": periods.take(np.tile(np.arange(len(periods)), len(units))),
            "incidents": counts.ravel(),
        },
    )


def likelihood_ratio(observed, expected, total):
    ratio = observed * np.log(observed / expected)
    rest = total - observed
    return ratio + (rest * np.log(rest / (total - expected)) if rest else 0.0)


def test_the_scan_finds_the_best_of_all_cylinders(toy_units):
    counts = np.random.default_rng(3).poisson(6, (6, 6))
    counts[2:4, 3:5] += 15
    found = sg.clusters.scan(
        make_panel(counts, toy_units), toy_units, rng=1, max_km=120, replicates=9
    )
    total, best = counts.sum(), (0.0,)
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / total
    centres = [(0.5, 11.5), (1.5, 11.5), (2.5, 11.5), (2.5, 10.5), (0.5, 10.5), (1.5, 10.5)]
    for lon, lat in centres:
        # one degree east is 109 km, one north 110.6 km: 120 km holds the four sides, no corner
        east, north = ([place[axis] for place in centres] for axis in (0, 1))
        square = 0.97 * (np.array(east) - lon) ** 2 + (np.array(north) - lat) ** 2
        order = np.argsort(square, kind="stable")
        inside = [at for at in order if abs(centres[at][0] - lon) + abs(centres[at][1] - lat) <= 1]
        for k in range(1, len(inside) + 1):
            for start in range(6):
                for stop in range(start, min(start + 3, 6)):
                    seen = counts[inside[:k], start : stop + 1].sum()
                    mean = expected[inside[:k], start : stop + 1].sum()
                    if seen > mean:
                        ratio = likelihood_ratio(seen, mean, total)
                        best = max(best, (ratio, seen, start, stop, *sorted(inside[:k])))
    first = found.clusters.iloc[0]
    ratio, seen, start, stop, *units = best
    assert first["log_likelihood_ratio"] == pytest.approx(ratio)
    assert set(first["unit_ids"]) == set(toy_units["unit_id"].iloc[units])
    assert first["observed"] == seen
    assert [first["first_period"].month, first["last_period"].month] == [start + 1, stop + 1]
    assert first["p"] == 0.1
    members = [unit for units in found.clusters["unit_ids"] for unit in units]
    assert len(members) == len(set(members))


def dealt(share, total, lanes, seed, room=1_000_000):
    """Deal incidents out among cells, (cells, lanes)."""
    rng = np.random.default_rng(seed)
    drawn = np.zeros((lanes, len(share)), dtype=np.float32)
    state = rng.integers(2**63, size=1, dtype=np.uint64)
    scan_search.deal_out(scan_search.laws_of(share, total, room), total, state, rng, drawn)
    return drawn.T


@pytest.mark.parametrize(("steps", "mean"), [(1, 4.0), (1, 300.0), (5, 2.0)])
def test_the_highest_ratio_of_many_tables_is_that_of_each_by_itself(steps, mean):
    """Ratios that a bound passes over are those that cannot be the highest."""
    rng = np.random.default_rng(5)
    baseline = rng.gamma(2, mean / 2, (9, steps))
    total = int(baseline.sum())
    near = np.array([rng.permutation(9) for _ in range(9)])
    size = np.full(9, 9)
    tables = dealt(baseline.ravel() / baseline.sum(), total, 20, seed=5)
    assert (tables.sum(axis=0) == total).all()
    baseline *= total / baseline.sum()
    tables = tables.reshape(9, steps, 20)
    fresh = _fresh(near, size)
    found = scan_search.highest_of_many(tables, baseline, near, size, fresh, steps, False)
    lasting = scan_search.highest_of_many(tables, baseline, near, size, fresh, steps, True)
    for lane in range(20):
        best = now = 0.0
        for centre in range(9):
            for k in range(1, 10):
                for start in range(steps):
                    for stop in range(start + 1, steps + 1):
                        cylinder = near[centre, :k], slice(start, stop)
                        seen = tables[cylinder[0], cylinder[1], lane].sum()
                        mean = baseline[cylinder].sum()
                        if seen > max(mean * (1 + 1e-9), 1):
                            best = max(best, likelihood_ratio(seen, mean, total))
                            if stop == steps:
                                now = max(now, likelihood_ratio(seen, mean, total))
        assert found[lane] == pytest.approx(best, rel=1e-6)
        assert lasting[lane] == pytest.approx(now, rel=1e-6)
        table = tables[:, :, lane].astype(np.int64)
        for prospective, expected in ((False, best), (True, now)):
            shape = table, baseline, near, size
            ratio = scan_search._highest(*shape, fresh, steps, prospective)
            each, _ = scan_search.best_by_centre(*shape, steps, prospective)
            assert [ratio, each.max()] == pytest.approx([expected] * 2, rel=1e-6)


def ratios_of_the_first_place(seen, expected):
    """Of two places far from each other, by each of the three searches."""
    near, size = np.array([[0, 1], [1, 0]]), np.array([1, 1])
    table, baseline, fresh = np.c_[seen], np.c_[expected].astype(float), _fresh(near, size)
    lanes = np.repeat(table[:, :, None], 16, axis=2).astype(np.float32)
    return [
        scan_search._highest(table, baseline, near, size, fresh, 1, False),
        scan_search.highest_of_many(lanes, baseline, near, size, fresh, 1, False)[0],
        scan_search.best_by_centre(table, baseline, near, size, 1, False)[0][0],
    ]


def test_one_incident_is_no_cluster_and_two_are():
    """However rare the place: of 40 incidents one or two fall where 0.01 are expected."""
    assert ratios_of_the_first_place([1, 39], [0.01, 39.99]) == [0, 0, 0]
    ratio = likelihood_ratio(2, 0.01, 40)
    found = ratios_of_the_first_place([2, 38], [0.01, 39.99])
    assert found == pytest.approx([ratio] * 3, rel=1e-6)


def test_all_incidents_in_one_of_two_equal_places_are_a_cluster():
    assert ratios_of_the_first_place([10, 0], [5, 5]) == pytest.approx([10 * np.log(2)] * 3)


def test_circles_end_at_the_radius_and_at_the_share_of_people(toy_units):
    weight = np.array([1.0, 4.0, 1.0, 2.0, 1.0, 1.0])
    near, size, distance = _circles(toy_units, 120.0, weight, 1.0)
    assert size.tolist() == [3, 4, 3, 3, 3, 4]  # itself and those that touch at a side
    for most in (0.05, 0.3, 0.6, 0.8):
        capped = _circles(toy_units, 120.0, weight, most)[1]
        for centre in range(6):
            fits = [
                count
                for count in range(1, size[centre] + 1)
                if weight[near[centre, :count]].sum() <= most * 10 + 1e-9
            ]
            assert capped[centre] == max(fits, default=1)  # the centre stays
    assert (np.diff(distance, axis=1) >= 0).all()
    assert (_circles(toy_units, 1e-9, weight, 1.0)[1] == 1).all()


def test_people_are_expected_to_be_hit_alike_in_each_season():
    counts, people = np.array([[3, 1, 0, 8], [1, 1, 6, 0]]), pd.Series({"A": 1.0, "B": 3.0})
    ids, seasons = np.array(["A", "B"], dtype=object), np.array([0, 1, 0, 1])
    found = _baseline(counts, ids, "poisson", people, seasons)
    # (4 + 6) / 2 in each period of the first season, (2 + 8) / 2 in those of the second
    np.testing.assert_allclose(found, [[1.25] * 4, [3.75] * 4])
    uneven = _baseline(counts, ids, "poisson", people, np.array([0, 0, 0, 1]))
    np.testing.assert_allclose(uneven, np.outer([0.25, 0.75], [4, 4, 4, 8]))
    for wrong in ({"A": 1.0, "B": 0.0}, {"A": 1.0, "B": -1.0}, {"A": 1.0}, {"A": np.inf, "B": 1}):
        with pytest.raises(InputError, match=r"for 1 units: \['[AB]'\]"):
            _baseline(counts, ids, "poisson", pd.Series(wrong), seasons)
    few = np.array([[1, 0], [1, 0]])
    with pytest.raises(InputError, match="for 1 units"):
        _baseline(few, ids, "poisson", pd.Series({"A": 1.0, "B": 0.0}), seasons[:2])
    none = _baseline(few * [[1], [0]], ids, "poisson", pd.Series({"A": 1, "B": 0}), seasons[:2])
    assert none.tolist() == [[1, 0], [0, 0]]


def test_the_variance_of_rates_by_people_by_hand():
    counts, expected = np.array([[9, 1], [2, 8]]), np.array([[4.0, 6.0], [4.0, 6.0]])
    seasons = np.zeros(2, dtype=np.int64)
    waves = _waves(counts, "poisson", expected, seasons)
    # squares of what is off: 25 + 25 + 4 + 4; less 20 by chance; over 16 + 36 + 16 + 36
    assert (waves.lasting, waves.passing) == (0, pytest.approx(38 / 104))
    assert _waves(expected.astype(int), "poisson", expected, seasons).passing == 0


def test_tables_of_chance_keep_what_their_model_keeps():
    """Exchanged dates keep both margins; people and waves keep the total alone."""
    rng = np.random.default_rng(3)
    counts, seasons = rng.poisson(4, (5, 6)), np.array([0, 1, 0, 1, 0, 1])
    baseline = scan_search.product_of_sums(counts, seasons)
    calm, wild = Waves(0.0, 0.0, 0.0), Waves(0.3, 0.2, 0.5)
    for model, waves, fixed in (
        ("permutation", calm, True), ("poisson", calm, True), ("poisson", wild, True),
        ("permutation", wild, False),
    ):  # fmt: skip
        draws = scan_search.Draws(counts, baseline, model, seasons, waves)
        assert draws.fixed == fixed
        if not fixed:
            drawn, expected = draws.anew(rng)
            assert drawn.sum() == counts.sum()
            np.testing.assert_allclose(expected, scan_search.product_of_sums(drawn, seasons))
            continue
        tables = draws.tables(20, rng)
        assert (tables[:, :, 20:] == 0).all()
        assert (tables[:, :, :20].sum(axis=(0, 1)) == counts.sum()).all()
        assert (tables[:, :, 0] != tables[:, :, 1]).any()
        if model == "permutation":
            assert (tables[:, :, :20].sum(axis=0) == counts.sum(axis=0)[:, None]).all()
            for season in (0, 1):
                own = seasons == season
                sums = counts[:, own].sum(axis=1)
                assert (tables[:, own, :20].sum(axis=1) == sums[:, None]).all()


def test_each_exchange_of_dates_is_as_likely_as_any_whatever_the_one_before():
    counts, seasons = np.eye(3, dtype=np.int64), np.zeros(3, dtype=np.int64)
    baseline = scan_search.product_of_sums(counts, seasons)
    draws = scan_search.Draws(counts, baseline, "permutation", seasons, Waves(0.0, 0.0, 0.0))
    tables = draws.tables(3_600, np.random.default_rng(4))[:, :, :3_600]
    orders = [tuple(order) for order in tables.argmax(axis=1).T.tolist()]
    follows = Counter(pairwise(orders))
    assert len(follows) == 6 * 6
    assert chi2.sf(sum((seen - 100) ** 2 / 100 for seen in follows.values()), 35) > 1e-3


@pytest.mark.parametrize("total", [50, 4_000])
def test_incidents_are_dealt_out_by_the_multinomial_law(total):
    share = np.array([0.5, 0.3, 0.15, 0.05])
    drawn = dealt(share, total, 4_000, seed=2)
    np.testing.assert_allclose(drawn.mean(axis=1), total * share, atol=0.08 * np.sqrt(total))
    covariance = total * (np.diag(share) - np.outer(share, share))
    np.testing.assert_allclose(np.cov(drawn), covariance, atol=0.06 * total * 0.25)


@pytest.mark.parametrize("room", [1_000_000, 0])
def test_many_incidents_are_dealt_out_alike_with_and_without_laws_laid_out(room):
    """Goodness of fit of the binomial law of each cell."""
    share, total = np.array([0.6, 0.3, 0.1, 0.0]), 60
    drawn = dealt(share, total, 20_000, seed=3, room=room)
    assert (drawn.sum(axis=0) == total).all()
    for cell in range(3):
        seen = np.bincount(drawn[cell].astype(int), minlength=total + 1)
        law = binom.pmf(np.arange(total + 1), total, share[cell]) * 20_000
        often = law >= 5
        tail = [seen[~often].sum(), law[~often].sum()]
        statistic = ((seen - law)[often] ** 2 / law[often]).sum() + (tail[0] - tail[1]) ** 2 / max(
            tail[1], 1
        )
        assert chi2.sf(statistic, often.sum()) > 1e-3
    assert not drawn[3].any()


def test_circles_around_several_centres_are_searched_once():
    near = np.array([[0, 1, 2], [1, 0, 2], [2, 1, 0], [3, 0, 1]])
    fresh = _fresh(near, np.array([3, 2, 3, 1]))
    assert fresh.tolist() == [
        [True] * 3,
        [True, False, False],
        [True, True, False],
        [True, False, False],
    ]


@pytest.mark.worlds
@pytest.mark.parametrize("overdispersed", [True, False])
def test_p_values_are_even_where_there_is_nothing_to_find(toy_units, overdispersed):
    p = [
        sg.clusters.scan(
            make_panel(np.random.default_rng(seed).poisson(3, (6, 6)), toy_units),
            toy_units,
            rng=seed,
            replicates=39,
            overdispersed=overdispersed,
        ).clusters["p"][0]
        for seed in range(60)
    ]
    assert 0.3 < np.mean(p) < 0.7
    assert np.mean(np.array(p) <= 0.1) <= 0.25


def test_poisson_expects_incidents_where_people_are(toy_units):
    counts = np.full((6, 4), 5)
    counts[0] = 50
    people = pd.Series({"M1": 10.0, "M2": 1.0, "N1": 1.0, "N2": 1.0, "B1": 1.0, "B2": 1.0})
    panel = make_panel(counts, toy_units)
    fair = sg.clusters.scan(
        panel, toy_units, rng=1, model="poisson", population=people, replicates=19
    )
    assert fair.clusters.empty or fair.clusters["p"][0] == 1
    flat = people * 0 + 1
    unfair = sg.clusters.scan(
        panel, toy_units, rng=1, model="poisson", population=flat, replicates=19
    )
    assert unfair.clusters["unit_ids"][0] == ("M1",)
    assert unfair.clusters["p"][0] == 0.05
    assert unfair.clusters["expected"][0] == pytest.approx(300 / 12)


def false_clusters(units, draw, worlds=40, **settings):
    """Share of worlds without a cluster in which p is 0.05 or less."""
    low = 0
    for seed in range(worlds):
        panel = make_panel(draw(np.random.default_rng(seed)), units)
        found = sg.clusters.scan(panel, units, rng=seed, replicates=59, **settings)
        low += (not found.clusters.empty) and found.clusters["p"][0] <= 0.05
    return low / worlds


def test_bouts_of_violence_are_no_cluster_where_they_are_taken_into_account(toy_units):
    def bouts(rng):
        return rng.negative_binomial(0.5, 0.5 / (0.5 + 5), (6, 24))

    assert false_clusters(toy_units, bouts, worlds=20) > 0.5
    assert false_clusters(toy_units, bouts, overdispersed=True) <= 0.15  # 2 of 40 expected


@pytest.mark.worlds
def test_waves_are_no_cluster_where_they_are_taken_into_account(toy_units):
    def waves(rng):
        state, counts = rng.normal(size=6), []
        for _ in range(48):
            state = 0.9 * state + np.sqrt(1 - 0.81) * rng.normal(size=6)
            counts.append(rng.poisson(2 * np.exp(0.7 * state - 0.245)))
        return np.array(counts).T

    assert false_clusters(toy_units, waves, worlds=15) > 0.5
    assert (
        false_clusters(toy_units, waves, overdispersed=True) <= 0.15
    )  # 2 of 40 expected; 7 or more in 0.3 %
    both = {"within": ["month"], "overdispersed": True}
    assert false_clusters(toy_units, waves, **both) <= 0.15


def test_a_season_that_differs_between_places_is_no_cluster_inside_its_months(toy_units):
    months = np.arange(36)
    wave = 1 + 0.9 * np.sin(2 * np.pi * (months / 12 + np.array([0, 0, 0, 0.5, 0.5, 0.5])[:, None]))

    def seasons(rng):
        return rng.poisson(4 * wave)

    assert false_clusters(toy_units, seasons, worlds=20) > 0.5
    both = {"within": ["month"], "overdispersed": True}
    assert false_clusters(toy_units, seasons, within=["month"]) <= 0.15
    assert false_clusters(toy_units, seasons, **both) <= 0.15
    assert false_clusters(toy_units, seasons, overdispersed=True) <= 0.15


def test_the_scan_of_what_goes_on_now_and_of_small_circles(toy_units):
    counts = np.random.default_rng(3).poisson(6, (6, 6))
    counts[2:4, 2:4] += 25  # over by now
    counts[0, 5] += 15
    panel = make_panel(counts, toy_units)
    whole = sg.clusters.scan(panel, toy_units, rng=1, replicates=99)
    now = sg.clusters.scan(panel, toy_units, rng=1, replicates=99, prospective=True)
    assert now.clusters["unit_ids"][0] == ("M1",)
    assert (now.clusters["last_period"] == pd.Period("2023-06", "M")).all()
    assert now.cylinders < whole.cylinders
    capped = sg.clusters.scan(
        panel, toy_units, rng=1, replicates=9, max_km=1e4, max_population_share=0.3
    )
    totals = pd.Series(counts.sum(axis=1), toy_units["unit_id"])
    for members in capped.clusters["unit_ids"]:
        assert len(members) == 1 or totals[list(members)].sum() <= 0.3 * totals.sum()
    with pytest.raises(InputError, match="`max_population_share` is 2 and `within`"):
        sg.clusters.scan(panel, toy_units, rng=1, max_population_share=2)
    with pytest.raises(InputError, match=r"`within` \['year'\]"):
        sg.clusters.scan(panel, toy_units, rng=1, within=["year"])


def test_the_seed_fixes_the_scan_whatever_the_threads(toy_units, monkeypatch):
    panel = make_panel(np.random.default_rng(3).poisson(2, (6, 6)), toy_units)
    one = sg.clusters.scan(panel, toy_units, rng=1, replicates=300)
    monkeypatch.setattr(compiled, "workers", lambda: 4)
    many = sg.clusters.scan(panel, toy_units, rng=1, replicates=300)
    other = sg.clusters.scan(panel, toy_units, rng=2, replicates=300)
    assert (one.replicate_maxima == many.replicate_maxima).all()
    assert (one.replicate_maxima != other.replicate_maxima).any()


def test_one_unit_and_one_period_hold_no_cluster(toy_units):
    one = sg.clusters.scan(
        make_panel(np.array([[3, 9, 1]]), toy_units.iloc[[0]]), toy_units.iloc[[0]], rng=1
    )
    assert one.clusters.empty
    single = sg.clusters.scan(make_panel(np.arange(6)[:, None], toy_units), toy_units, rng=1)
    assert single.clusters.empty
    assert len(single.replicate_maxima) == 999


def test_clusters_speak_and_draw():
    table = events([0, 0.1, 0.1, 0, 3.0], [14, 14, 14.1, 14.1, 15], [0, 1, 2, 3, 9])
    found = sg.clusters.dbscan(table, radius_km=20, min_incidents=3)
    assert found.sentence("en").startswith(
        "DBSCAN, 20 km, 3+: one group, of 4 of the 5 incidents from 2023-01-01 to 2023-01-04; "
        "its centre is at 14.05° N, 0.05° E and it covers 120 km²."
    )
    assert "Ces groupes ne sont pas testés" in found.sentence("fr")
    drawn = found.plot()
    assert drawn.get_title() == "DBSCAN, 20 km, 3+"
    noise, members, hull = (line.get_xdata().tolist() for line in drawn.lines)
    assert (noise, members, len(hull)) == ([3.0], [0, 0.1, 0.1, 0], 5)
    assert drawn.get_legend() is not None
    pairs = sg.clusters.dbscan(events([0, 0, 3, 3], [14] * 4), radius_km=1, min_incidents=2).plot()
    assert [line.get_xdata().tolist() for line in pairs.lines] == [[], [0, 0], [3, 3]]
    assert len({line.get_color() for line in pairs.lines}) == 3
    assert pairs.get_legend() is None
    assert found.table["incidents"].tolist() == [4]
    assert found._repr_html_().count("<p lang=") == 2
    none = sg.clusters.hdbscan(table.iloc[:0])
    assert none.sentence("fr") == "HDBSCAN, 5+\u202f: aucun groupe parmi 0 incidents."
    with pytest.raises(InputError, match="no incident with a place"):
        none.plot()


def test_the_sentence_of_a_scan_names_five_units_and_counts_clusters(toy_units):
    ids = toy_units["unit_id"].tolist()

    def said(*clusters, **options):
        rows = [
            {"unit_ids": tuple(ids[:size]), "p": p, "observed": 9, "expected": 2.0,
             "first_period": "2023-01", "last_period": "2023-02"}
            for size, p in clusters
        ]  # fmt: skip
        return ScanResult(
            pd.DataFrame(rows), np.zeros(9), "permutation", 70, toy_units, **options
        ).sentence("en")

    five = "Unit M1, Unit M2, Unit N1, Unit N2, Unit B1"
    assert said((5, 0.05)).startswith(
        f"The strongest cluster: {five}, from 2023-01 to 2023-02, 9 incidents against 2.0 expected "
        "(more than chance gives, p = 0.050, 70 places and spans compared). Its edge is"
    )
    assert f"cluster: {five}, …, from" in said((6, 0.06))
    assert "as chance gives too, p = 0.060" in said((6, 0.06))
    assert "clusters in all" not in said((2, 0.01), (1, 0.06))
    assert "2 clusters in all have p ≤ 0.05." in said((2, 0.01), (1, 0.05))
    assert said((1, 0.5), within=("month",)).endswith("without a cluster.")
    assert "Neither" not in said((1, 0.5), within=("month",))
    assert said((1, 0.5), within=("month",), overdispersion=0.0).endswith("approximate.")
    fitful = said((1, 0.5), within=("month",), overdispersion=4.5)
    assert "in half of simulated worlds without a cluster" in fitful


def test_the_scan_speaks_and_draws(toy_units):
    counts = np.random.default_rng(3).poisson(6, (6, 6))
    counts[2:4, 3:5] += 15
    panel = make_panel(counts, toy_units)
    found = sg.clusters.scan(panel, toy_units, rng=1, replicates=99)
    said = found.sentence("en")
    assert said.startswith("The strongest cluster: Unit N")
    assert "from 2023-04 to 2023-05" in said
    p = found.clusters["p"][0]
    assert p <= 0.03
    assert f"more than chance gives, p = {p:.3f}" in said
    assert "Neither seasons nor bouts of violence are taken into account" in said
    assert found.overdispersion is None
    assert "geometry" not in repr(found)  # a console shows the clusters, not the map
    wild = sg.clusters.scan(panel, toy_units, rng=1, replicates=19, overdispersed=True)
    assert wild.sentence("en").endswith("approximate. Seasons are not taken into account.")
    assert wild.overdispersion > 0
    french = found.sentence("fr")
    assert f"ce que le hasard ne donne guère, p = {p:.3f}".replace(".", ",") in french
    labels = [text.get_text() for text in found.plot().get_legend().get_texts()]
    assert labels[0].startswith(f"1: 2023-04 to 2023-05, p = {p:g} (")
    assert found._repr_html_().count("<p lang=") == 2
    one = toy_units.iloc[[0]]
    empty = sg.clusters.scan(make_panel(np.array([[3, 9, 1]]), one), one, rng=1, replicates=9)
    assert empty.sentence("en").startswith("No place and no span")
    with pytest.raises(InputError, match="`clusters` is empty"):
        empty.plot()


def test_clusters_refuse_what_they_cannot_use(toy_units):
    table = events([1.0], [14.0])
    with pytest.raises(InputError, match="`radius_km` is 0 and `min_incidents` is 5"):
        sg.clusters.dbscan(table, radius_km=0)
    with pytest.raises(InputError, match=r"no column \['date'\]"):
        sg.clusters.st_dbscan(table, radius_km=1, days=1)
    with pytest.raises(InputError, match="`days` is -1"):
        sg.clusters.st_dbscan(table, radius_km=1, days=-1)
    with pytest.raises(InputError, match="`min_incidents` is 1; expected at least 2"):
        sg.clusters.hdbscan(table, min_incidents=1)
    zeros = make_panel(np.zeros((6, 3), dtype=int), toy_units)
    with pytest.raises(InputError, match="`panel` holds 0 incidents; expected at least 2"):
        sg.clusters.scan(zeros, toy_units, rng=1)
    with pytest.raises(InputError, match="`model` is 'normal'"):
        sg.clusters.scan(zeros, toy_units, rng=1, model="normal")
    for wrong in ({"max_km": 0}, {"max_km": np.inf}, {"max_share": 0}, {"replicates": 0}):
        with pytest.raises(InputError, match=r"a positive number of km, a share up to 1 and at"):
            sg.clusters.scan(zeros.assign(incidents=1), toy_units, rng=1, **wrong)
    with pytest.raises(InputError, match="`population` is missing"):
        sg.clusters.scan(zeros.assign(incidents=1), toy_units, rng=1, model="poisson")
    with pytest.raises(InputError, match=r"names 1 units .*\['M1'\]"):
        sg.clusters.scan(zeros, toy_units.iloc[1:], rng=1)
    with pytest.raises(InputError, match="no column"):
        sg.clusters.scan(zeros[["unit_id"]], toy_units, rng=1)
