"""The near repeat table: published answers, every exchange enumerated, and what it says."""

from itertools import permutations as arrangements
from itertools import product

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.indicators.near_repeat import knox_permutation
from sahel_geo.indicators.near_repeat import pairs as close_pairs
from sahel_geo.indicators.near_repeat.knox_permutation import Counted
from sahel_geo.indicators.permutation import strata

BANDS = {"distances_km": [0, 20, 60, 150], "days": [0, 7, 30]}


def some_incidents(size=150, seed=3):
    rng = np.random.default_rng(seed)
    lon = rng.uniform(0, 3, size)
    return pd.DataFrame(
        {
            "lon": lon,
            "lat": rng.uniform(13, 15, size),
            "date": pd.Timestamp("2019-06-01") + pd.to_timedelta(rng.integers(0, 500, size), "D"),
            "country": np.select([lon < 1, lon < 2], ["MLI", "BFA"], "NER"),
            "actor1": rng.choice(["A", "B"], size),
        }
    )


def test_burkitt_lymphoma_in_uganda():
    libpysal = pytest.importorskip("libpysal")
    columns = gpd.read_file(libpysal.examples.get_path("burkitt.shp")).astype({"T": float})
    counted = Counted.of(
        columns["X"],
        columns["Y"],
        columns["T"],
        distances=[0, np.nextafter(20, 21), np.inf],
        days=[0, np.nextafter(5, 6), np.inf],
        metric="euclidean",
        permutations=999,
        rng=1,
    )
    assert counted.observed[0].tolist() == [[13, 3416], [39, 14110]]
    expected = [[10.1438161, 3418.85618], [41.8561839, 14107.1438]]
    np.testing.assert_allclose(counted.expected()[0], expected, rtol=1e-7)
    drawn = counted.simulated[:, 0, 0, 0]
    assert abs(drawn.mean() - 10.1438161) < 4 * drawn.std() / np.sqrt(999)
    # the p published for these data, by 99 permutations, is 0.21
    assert 0.14 < (1 + (drawn >= 13).sum()) / 1000 < 0.28


@pytest.mark.reference
def test_chicago_burglaries(reference_data):
    path = reference_data / "known_answers" / "chicago_burglaries_month1.csv"
    table = pd.read_csv(path, header=None, names=["x", "y", "date"], parse_dates=["date"])
    counted = Counted.of(
        table["x"],
        table["y"],
        table["date"],
        distances=[0, 1, 101, 201, 301, np.inf],
        days=[0, 8, 15, 22, np.inf],
        metric="manhattan",
        permutations=99,
        rng=1,
    )
    assert counted.observed[0].tolist() == [
        [29, 4, 5, 2],
        [45, 15, 7, 2],
        [106, 48, 21, 13],
        [88, 64, 46, 15],
        [206611, 138108, 88321, 36415],
    ]
    assert (counted.simulated.sum(axis=2) == counted.timed).all()
    # repeats in the same place and week: more than any exchange gives
    assert (counted.simulated[:, 0, 0, 0] < 29).all()


@pytest.mark.parametrize("end", [np.inf, 150.0])
@pytest.mark.parametrize("first", [0.0, 5.0])
@pytest.mark.parametrize("whole", [True, False])
def test_every_exchange_counts_as_brute_force_does(end, first, whole):
    """Two strata of three: each of the 36 exchanges must appear, with its own table."""
    rng = np.random.default_rng(4)
    x, y = rng.uniform(0, 100, (2, 6))
    time = rng.integers(0, 40, 6) + (0.0 if whole else rng.uniform(0, 1, 6))
    label, stratum = np.array([0, 1, 0, 1, 2, 2]), np.array([0, 1, 0, 1, 1, 0])
    bands = {"distances": [first, 30, 60, end], "days": [first, 10, 25.5]}

    def brute(times):
        away, between = np.hypot(x[:, None] - x, y[:, None] - y), abs(times[:, None] - times)
        tables = np.zeros((2, 3, 2), dtype=int)
        for i, j in zip(*np.triu_indices(6, 1), strict=True):
            row = np.searchsorted(bands["distances"], away[i, j], side="right") - 1
            column = np.searchsorted(bands["days"], between[i, j], side="right") - 1
            if 0 <= row < 3 and 0 <= column < 2:
                tables[int(label[i] != label[j]), row, column] += 1
        return tables

    groups = [np.flatnonzero(stratum == code) for code in (0, 1)]
    possible = []
    for orders in product(*(arrangements(group) for group in groups)):
        times = time.copy()
        for group, order in zip(groups, orders, strict=True):
            times[group] = time[list(order)]
        possible.append(brute(times))
    counted = Counted.of(
        *(x, y, time),
        **bands,
        metric="euclidean",
        label=label,
        stratum=stratum,
        permutations=3000,
        rng=1,
    )
    np.testing.assert_array_equal(counted.observed, brute(time))
    drawn = {table.tobytes() for table in counted.simulated}
    assert drawn == {table.tobytes() for table in possible}
    spread = np.std(possible, axis=0) / np.sqrt(3000)
    assert (abs(counted.simulated.mean(axis=0) - np.mean(possible, axis=0)) <= 4.5 * spread).all()


def test_exchanges_between_all_incidents_have_the_exact_mean():
    found = sg.near_repeat.knox(
        some_incidents(), **BANDS, by="border", within=[], null="exchange", rng=1
    )
    spread = found.simulated.std(axis=0).ravel() / np.sqrt(999)
    away = abs(found.simulated.mean(axis=0).ravel() - found.table["expected"])
    assert (away <= 4.5 * spread + 1e-12).all()


def test_observed_pairs_are_those_of_the_pair_counts_and_split_without_rest():
    incidents = some_incidents()
    found = sg.near_repeat.knox(incidents, **BANDS, by="border", null="exchange", rng=1)
    parts = found.table.set_index("part")[["observed", "expected"]]
    whole = parts.loc["domestic"].to_numpy() + parts.loc["cross_border"].to_numpy()
    np.testing.assert_allclose(parts.loc["all"].to_numpy(), whole)
    counts = sg.near_repeat.knox_pairs(incidents, **BANDS)
    assert parts.loc["all", "observed"].tolist() == counts.ravel().tolist()
    home = sum(sg.near_repeat.knox_pairs(part, **BANDS) for _, part in incidents.groupby("country"))
    assert parts.loc["domestic", "observed"].tolist() == home.ravel().tolist()


def test_the_same_seed_gives_the_same_answer_with_any_number_of_threads(monkeypatch):
    incidents, bands = some_incidents(), {**BANDS, "distances_km": [0, 20, np.inf]}
    runs = []
    for threads, stored in ((1, True), (3, True), (3, False)):
        monkeypatch.setattr("sahel_geo.compiled.workers", lambda threads=threads: threads)
        monkeypatch.setattr(close_pairs, "STORED_PAIRS", 10**9 if stored else 0)
        monkeypatch.setattr(close_pairs, "_PAIRS_PER_BLOCK", 1 << 19 if stored else 7)
        runs.append(sg.near_repeat.knox(incidents, **bands, by="border", rng=5))
    for other in runs[1:]:
        pd.testing.assert_frame_equal(runs[0].table, other.table)
        np.testing.assert_array_equal(runs[0].simulated, other.simulated)
    another = sg.near_repeat.knox(incidents, **bands, by="border", rng=6)
    assert (another.simulated != runs[0].simulated).any()


@settings(max_examples=25)
@given(st.randoms(use_true_random=False), st.sampled_from(["country", "year", "actor1"]))
def test_order_of_rows_and_names_of_countries_do_not_matter(random, within):
    incidents = some_incidents(60)
    order = random.sample(range(60), 60)
    other = incidents.iloc[order].replace({"country": {"MLI": "Z", "NER": "Y"}})
    one, two = (
        sg.near_repeat.knox(table, **BANDS, by="border", within=[within], permutations=9, rng=1)
        for table in (incidents, other)
    )
    assert one.table["observed"].tolist() == two.table["observed"].tolist()
    assert one.unmoved == two.unmoved


def test_p_is_the_rank_of_the_observed_and_adjusted_never_smaller():
    found = sg.near_repeat.knox(some_incidents(), **BANDS, by="actor1", permutations=99, rng=1)
    as_many = (found.simulated >= found.table["observed"].to_numpy().reshape(3, 3, 2)).sum(axis=0)
    np.testing.assert_allclose(found.table["p"], ((1 + as_many) / 100).ravel())
    assert (found.table["p_adjusted"] >= found.table["p"] - 1e-12).all()
    low, high = found.table["low"].to_numpy(), found.table["high"].to_numpy()
    drawn = found.simulated.reshape(99, -1)
    assert ((drawn < low).mean(axis=0) <= 0.025).all()
    assert ((drawn <= high).mean(axis=0) >= 0.975).all()
    lowest = found.table.groupby("part", sort=False)["p_adjusted"].min()
    assert found.overall["p"].tolist() == lowest.tolist()
    assert found.table["part"].unique().tolist() == ["all", "same", "different"]
    share = found.table[found.table["part"] == "different"]["observed"].to_numpy()
    share = share / found.table[found.table["part"] == "all"]["observed"].to_numpy()
    np.testing.assert_allclose(found.shares["share"], share)


def test_repeats_across_a_border_are_found_and_a_trend_that_differs_is_not():
    rng = np.random.default_rng(8)
    size = 300
    start = pd.Timestamp("2020-01-01")
    # the east burns later than the west, on both sides of the border; no incident follows another
    east = rng.uniform(0, 1, size)
    day = 1000 * east + rng.uniform(0, 400, size)
    drift = pd.DataFrame(
        {
            "lon": 3 * east,
            "lat": rng.uniform(13.9, 14.1, size),
            "date": start + pd.to_timedelta(day.astype(int), "D"),
        }
    )
    drift["country"] = np.where(drift["lat"] < 14, "BFA", "MLI")
    bands = {"distances_km": [0, 25], "days": [0, 14]}

    def across(incidents, **options):
        table = sg.near_repeat.knox(incidents, **options, by="border", rng=1).table
        return table.set_index("part").loc["cross_border"]

    assert across(drift, **bands, within=[], null="exchange")["p"] == 0.001
    assert across(drift, **bands)["p"] > 0.05
    # now half of them are followed within days just over the border
    after = drift.iloc[::2].copy()
    after["date"] += pd.to_timedelta(rng.integers(0, 4, len(after)), "D")
    after["lat"] = 28 - after["lat"]
    after["country"] = np.where(after["lat"] < 14, "BFA", "MLI")
    found = across(pd.concat([drift, after]), distances_km=[0, 25], days=[0, 4])
    assert found["p"] == 0.001
    assert found["ratio"] > 1.3


def test_outbreaks_that_each_country_has_by_itself_do_not_link_them():
    rng = np.random.default_rng(9)
    first = rng.uniform([0, 14, 0], [1, 14.2, 700], (60, 3))
    each = first[rng.integers(0, 60, 400)]
    each[:, 2] += rng.exponential(4, 400)
    each[:, :2] += rng.normal(0, 0.01, (400, 2))
    # those of the second country are a copy a hundred days later, just over the border
    over = each[::2] * [1, -1, 1] + [0, 28, 100]
    table = pd.DataFrame(np.r_[each[1::2], over], columns=["lon", "lat", "day"])
    table["date"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(table.pop("day").astype(int), "D")
    table["country"] = np.repeat(["MLI", "BFA"], 200)
    options = {"distances_km": [0, 15], "days": [0, 10], "by": "border", "rng": 1}
    found = sg.near_repeat.knox(table, **options).table.set_index("part")
    assert found.loc["domestic", "p"] == 0.001
    assert found.loc["cross_border", "p"] > 0.05
    exchanged = sg.near_repeat.knox(table, **options, null="exchange")
    # shifts leave room for more pairs by chance than exchanges do
    width = found["high"] - found["low"]
    narrow = exchanged.table.set_index("part").eval("high - low")
    assert width["cross_border"] > 1.5 * narrow["cross_border"]
    assert "from shifting the dates of each" not in exchanged.sentence("en")


@pytest.mark.parametrize(
    ("within", "length"), [([], 730), (["year"], 365), (["year", "season"], 92)]
)
def test_shifts_go_round_inside_their_block_together(within, length):
    incidents = some_incidents(80).assign(date=lambda t: t["date"] + pd.Timedelta(days=-151))
    incidents.loc[0, "date"], incidents.loc[1, "date"] = map(
        pd.Timestamp, ("2019-01-01", "2020-12-30")
    )
    blocks = strata.Blocks.of(incidents, "country", within)
    day = knox_permutation.to_days(incidents["date"])
    out = np.empty((80, 30))
    blocks.shift(day, np.random.default_rng(1), out)
    assert (out >= blocks.low[:, None]).all()
    assert (out < (blocks.low + blocks.length)[:, None]).all()
    assert blocks.length.max() <= length
    steps = (out - day[:, None]) % blocks.length[:, None]
    for number in range(blocks.number.max() + 1):
        own = blocks.number == number
        assert (steps[own] == steps[own][0]).all()
        assert len(set(incidents.loc[own, "country"])) == 1
    assert len(np.unique(steps[0])) > 15


def test_shifted_times_count_as_brute_force_does_beyond_reach_too():
    incidents = some_incidents(40)
    label = pd.factorize(incidents["country"])[0]
    blocks = strata.Blocks.of(incidents, "country", [])
    bands = {"distances": [0, 30, np.inf], "days": [0, 20, 200]}
    place, day = (incidents["lon"], incidents["lat"]), knox_permutation.to_days(incidents["date"])
    counted = Counted.of(*place, day, **bands, label=label, blocks=blocks, permutations=5, rng=1)
    out = np.empty((40, 5))
    blocks.shift(day, np.random.default_rng(1).spawn(1)[0], out)
    for lane in range(5):
        every = sg.near_repeat.knox_counts(*place, out[:, lane], **bands)
        assert counted.simulated[lane].sum(axis=0).tolist() == every.tolist()


def test_rows_that_miss_something_are_counted_and_left_out():
    incidents = some_incidents(40)
    incidents["location_precision"] = ["admin1"] * 5 + ["exact"] * 35
    whole = sg.near_repeat.knox(incidents.iloc[3:], **BANDS, by="border", permutations=9, rng=1)
    incidents.loc[0, "date"] = pd.NaT
    incidents.loc[1, "country"] = None
    incidents.loc[2, "lon"] = np.nan
    before = incidents.copy()
    found = sg.near_repeat.knox(incidents, **BANDS, by="border", permutations=9, rng=1)
    assert dict(found.left_out) == {"lon": 1, "date": 1, "country": 1}
    assert (found.incidents, found.imprecise) == (37, 2)
    pd.testing.assert_frame_equal(found.table, whole.table)
    pd.testing.assert_frame_equal(incidents, before)
    assert "2 of 37 incidents are coarsely placed" in found.sentence("en")


def test_dates_with_a_time_zone_count_as_the_days_that_they_say():
    incidents = some_incidents(40)
    zoned = incidents.assign(date=incidents["date"].dt.tz_localize("Africa/Lagos"))
    one, two = (
        sg.near_repeat.knox(table, **BANDS, by="border", permutations=9, rng=1).table
        for table in (incidents, zoned)
    )
    pd.testing.assert_frame_equal(one, two)


def test_one_country_has_no_pair_across_a_border_and_says_so():
    incidents = some_incidents(40).assign(country="MLI")
    found = sg.near_repeat.knox(incidents, **BANDS, by="border", permutations=9, rng=1)
    across = found.table[found.table["part"] == "cross_border"]
    assert (across[["observed", "expected"]] == 0).all(axis=None)
    assert across[["ratio", "p", "p_adjusted"]].isna().all(axis=None)
    assert "0 pairs across a border, and none expected" in found.sentence("en")
    assert "rien à comparer" in found.sentence("fr")
    assert found.plot().get_children()


@pytest.mark.parametrize("size", [0, 1, 2])
def test_few_incidents(size):
    found = sg.near_repeat.knox(
        some_incidents(2).head(size), **BANDS, by="border", permutations=9, rng=1
    )
    assert len(found.table) == 18
    assert found.table["observed"].sum() <= 2
    assert found.incidents == size
    assert found.sentence("en")
    assert "<table" in found._repr_html_()


def test_all_at_the_same_time_is_no_more_than_expected():
    incidents = some_incidents(40).assign(date=pd.Timestamp("2020-01-01"))
    table = sg.near_repeat.knox(incidents, **BANDS, permutations=9, rng=1).table
    first = table[table["day_from"] == 0]
    assert (first["ratio"] == 1).all()
    assert (first["p"] == 1).all()
    assert table.loc[table["day_from"] > 0, "ratio"].isna().all()


def test_incidents_alone_in_their_stratum_are_counted_and_the_sentence_warns():
    incidents = some_incidents(30)
    incidents["place"] = np.arange(30) // np.where(np.arange(30) < 20, 1, 30)
    found = sg.near_repeat.knox(incidents, **BANDS, within=["place"], permutations=9, rng=1)
    assert found.unmoved == 19
    assert "19 of 30 incidents have no other to exchange dates with" in found.sentence("en")


def test_the_sentence_claims_an_excess_only_where_p_is_small():
    incidents = some_incidents(60)
    chance = sg.near_repeat.knox(incidents, **BANDS, within=[], rng=1)
    assert chance.table["p"].iloc[0] > 0.05
    assert "no more than chance explains" in chance.sentence("en")
    twice = pd.concat([incidents, incidents])
    found = sg.near_repeat.knox(twice, **BANDS, rng=1)
    assert "times the number expected" in found.sentence("en")
    assert "fois le nombre attendu" in found.sentence("fr")
    with pytest.raises(InputError, match="`lang` is 'de'"):
        found.sentence("de")


def test_location_error_is_carried_through(toy_units):
    incidents = some_incidents(60)
    incidents["lat"] -= 3
    incidents["location_precision"] = ["admin2"] * 20 + ["exact"] * 40

    def ratios(placed, units):
        found = sg.near_repeat.knox(placed, **BANDS, by="border", permutations=19, rng=1)
        return found.table.set_index(["part", "distance_from_km", "day_from"])["observed"]

    areas = {"admin2": toy_units}
    found = sg.uncertainty.propagate(ratios, incidents, toy_units, n=10, rng=1, areas=areas)
    assert found.table.index.names == ["part", "distance_from_km", "day_from"]
    recorded = sg.near_repeat.knox(incidents, **BANDS, by="border", permutations=9, rng=1)
    assert found.table["recorded"].tolist() == recorded.table["observed"].tolist()
    assert (found.table["high"] > found.table["low"]).any()


def test_refuses_what_it_cannot_use():
    incidents = some_incidents(10)
    with pytest.raises(InputError, match=r"no column \['country'\]; it has"):
        sg.near_repeat.knox(incidents.drop(columns="country"), **BANDS, by="border", rng=1)
    with pytest.raises(InputError, match=r"no column \['region'\]"):
        sg.near_repeat.knox(incidents, **BANDS, within=["region"], rng=1)
    with pytest.raises(InputError, match=r"10 values in 'date' that are no dates: \['soon'"):
        sg.near_repeat.knox(incidents.assign(date="soon"), **BANDS, rng=1)
    with pytest.raises(InputError, match="`null` is 'rotate'; expected one of"):
        sg.near_repeat.knox(incidents, **BANDS, by="border", null="rotate", rng=1)
    with pytest.raises(InputError, match=r"`within` has \['season'\] without 'year'"):
        sg.near_repeat.knox(incidents, **BANDS, by="border", within=["season"], rng=1)
    with pytest.raises(InputError, match="`permutations` is 0; expected at least 1"):
        sg.near_repeat.knox(incidents, **BANDS, permutations=0, rng=1)
    with pytest.raises(InputError, match="`days` begins at -1"):
        sg.near_repeat.knox(incidents, distances_km=[0, 1], days=[-1, 1], rng=1)


def test_times_too_far_apart_for_whole_numbers_count_as_well():
    x, time = np.array([0.0, 1, 2, 3]), np.array([0, 5, 4e9, 4e9 + 5])
    counted = Counted.of(
        *(x, x, time), distances=[0, 9], days=[0, 6], metric="euclidean", permutations=1, rng=1
    )
    assert counted.observed.tolist() == [[[2]]]
    assert knox_permutation._coded(time, np.array([0.0, 6.0]))[0].dtype == np.float64
