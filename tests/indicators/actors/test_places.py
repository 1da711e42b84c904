"""Where actors are: overlap of two, distances to the capitals, contours."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter

import sahel_geo as sg
from sahel_geo.crs import WGS84
from sahel_geo.errors import InputError
from sahel_geo.indicators.actors.blocks import chance_with_memory, turning_point
from sahel_geo.indicators.actors.front import _quantile, slope_draws
from sahel_geo.indicators.actors.overlap import morisita_horn
from sahel_geo.places.reach import Target

HERE = (2.0, 14.0)


def wide(a, b, **columns):
    units = [f"U{i}" for i in range(len(a))]
    return pd.DataFrame({"unit_id": units, "x": a, "y": b, **columns})


def at(distance_km, bearing=0.0, origin=HERE):
    distance, bearing = np.broadcast_arrays(np.atleast_1d(distance_km), bearing)
    size = np.ones(len(distance))
    lon, lat, _ = WGS84.fwd(origin[0] * size, origin[1] * size, bearing * size, 1e3 * distance)
    return np.asarray(lon), np.asarray(lat)


def attacks(distance_km, dates="2022-05-01", bearing=0.0, actor="JNIM"):
    lon, lat = at(distance_km, bearing)
    return pd.DataFrame({"actor1": actor, "actor2": "Civilians", "lon": lon, "lat": lat,
                         "date": pd.to_datetime(dates)})  # fmt: skip


def test_known_overlap():
    row = sg.actors.overlap(wide([6, 2, 0], [0, 2, 6]), "x", "y").table.iloc[-1]
    assert row["morisita_horn"] == pytest.approx(0.1)
    assert row["jaccard"] == pytest.approx(1 / 3)
    assert row["contested"] == 1


def test_the_same_shares_are_one_and_other_units_are_nothing():
    assert morisita_horn(np.array([3.0, 1.0]), np.array([30.0, 10.0])) == pytest.approx(1)
    assert morisita_horn(np.array([3.0, 0.0]), np.array([0.0, 5.0])) == 0


def test_labels_are_dealt_inside_country_and_period():
    """Each actor alone in a country: dealing inside countries can change nothing."""
    panel = wide([9, 4, 0, 0], [0, 0, 5, 8], country=["MLI", "MLI", "NER", "NER"])
    apart = sg.actors.overlap(panel, "x", "y").table.iloc[-1]
    assert apart[["low", "high", "p"]].tolist() == [0, 0, 1]
    one = sg.actors.overlap(panel.assign(country="MLI"), "x", "y").table.iloc[-1]
    assert one["low"] > 0.3
    assert one["p"] < 0.01


@pytest.mark.worlds
def test_two_actors_dealt_at_random_are_seldom_called_apart():
    """Two hundred worlds of events dealt to two actors in each of twelve units, seeds 0 to 199."""
    low = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        total = rng.poisson(6, 12)
        a = rng.multivariate_hypergeometric(total, total.sum() // 2)
        row = sg.actors.overlap(wide(a, total - a), "x", "y", rng=seed, deals=99).table.iloc[-1]
        low += row["p"] <= 0.05
    assert low <= 20  # 10 are expected; 21 or more would have a chance of about 0.001


@pytest.mark.worlds
def test_actors_whose_campaigns_are_dealt_at_random_are_seldom_called_apart():
    """Eighty worlds of twelve units and eight years, four events a campaign (one by one: 79)."""
    low = 0
    for seed in range(80):
        rng = np.random.default_rng(seed)
        campaigns = rng.poisson(2.5, (12, 8))
        a = 4 * rng.binomial(campaigns, 0.5)
        years = [
            wide(each, 4 * total - each).assign(period=2013 + year)
            for year, (each, total) in enumerate(zip(a.T, campaigns.T, strict=True))
        ]
        found = sg.actors.overlap(pd.concat(years), "x", "y", rng=seed, deals=99)
        low += found.table.iloc[-1]["p"] <= 0.05
    assert low <= 12  # 15 %: 4 are expected, and how large campaigns are is estimated


def test_actors_apart_in_all_years_are_called_so_and_one_year_shows_no_campaigns():
    rng = np.random.default_rng(1)
    share = np.repeat([0.9, 0.1], 6)
    a, b = (rng.poisson(6 * part, (8, 12)) for part in (share, 1 - share))
    years = [
        wide(each, other).assign(period=2013 + year)
        for year, (each, other) in enumerate(zip(a, b, strict=True))
    ]
    found = sg.actors.overlap(pd.concat(years), "x", "y").table
    assert found["p"].max() < 0.05
    alone = sg.actors.overlap(years[0].drop(columns="period"), "x", "y").table.iloc[-1]
    assert alone["expected"] == pytest.approx(found["expected"].iloc[0], abs=0.02)


def test_a_panel_of_actors_by_unit(toy_units):
    table = pd.DataFrame({"actor1": ["JNIM", "JNIM", "ISGS", "ISGS"], "actor2": "Civilians",
                          "lon": [0.5, 1.5, 1.5, 2.5], "lat": 11.5,
                          "date": pd.to_datetime(["2020-02-01", "2020-03-01", "2020-04-01",
                                                  "2021-04-01"])})  # fmt: skip
    panel = sg.actors.panel(table, toy_units)
    assert panel["incidents"].sum() == 4
    found = sg.actors.overlap(panel, "GSIM", "is-sahel")
    assert found.contested["unit_id"].tolist() == ["M2"]
    assert found.table["contested"].tolist() == [1, 0, 1]
    assert found.unidentified == 0
    counted = sg.count(sg.assign(table, toy_units), toy_units, period="year", by="actor1")
    assert sg.actors.overlap(counted, "JNIM", "ISGS").table["contested"].iloc[-1] == 1


def test_actors_that_the_panel_does_not_hold():
    panel = pd.DataFrame({"unit_id": ["U"], "actor_id": ["jnim"], "incidents": [3]})
    found = sg.actors.overlap(panel, "jnim", "is-sahel")
    assert "do not both have events" in found.sentence("en")
    with pytest.raises(InputError, match="`b` is 'nobody at all'"):
        sg.actors.overlap(panel, "jnim", "nobody at all")
    with pytest.raises(InputError, match=r"no column \['unit_id'\]"):
        sg.actors.overlap(panel.drop(columns="unit_id"), "jnim", "is-sahel")


@pytest.mark.parametrize("capital", ["Bamako", "Niamey", "Ouagadougou"])
def test_one_event_a_hundred_km_north_of_a_capital(capital):
    towns = sg.load_towns().set_index("name").loc[capital]
    lon, lat = at(100.0, 0.0, (towns.geometry.x, towns.geometry.y))
    table = attacks(0.0).assign(lon=lon, lat=lat)
    found = sg.actors.front(table, to="capital", actors=["jnim"])
    row = found.table.set_index("place").loc[capital]
    assert row[["q05_km", "q10_km", "q50_km"]].tolist() == pytest.approx([100] * 3, abs=1e-6)
    others = found.table.set_index("place").drop(capital)
    assert others["incidents"].eq(0).all()
    assert found.bearings.set_index(["place", "towards"]).loc[(capital, "N"), "incidents"] == 1
    assert "too few" in found.sentence("en")


def test_quantiles_shares_and_bearings():
    distance = np.arange(1.0, 101.0)
    table = attacks(distance, bearing=90.0)
    found = sg.actors.front(table, {"here": HERE})
    row = found.table.iloc[0]
    for name, share in (("q05_km", 0.05), ("q10_km", 0.1), ("q50_km", 0.5)):
        assert row[name] == pytest.approx(np.quantile(distance, share), abs=1e-6)
    shares = found.shares.set_index("within_km")["events"]
    assert shares.to_dict() == {50.0: 0.5, 100.0: 1.0, 150.0: 1.0, 250.0: 1.0}
    assert found.bearings.set_index("towards").loc["E", "incidents"] == 100


def test_a_quantile_of_unequal_weights_lies_where_the_weight_does():
    values, weights = np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 8.0])
    assert _quantile(values, weights, 0.5) == 3.0
    assert _quantile(values, weights, 0.1) == 1.0
    assert np.isnan(_quantile(values, np.zeros(3), 0.5))


def test_land_and_people_within_reach(toy_units):
    target = Target("corner", "", 1.5, 11.0)
    land, people = target.surroundings(toy_units, None, [1, 60, 1000])
    assert land[0] == pytest.approx(np.pi / toy_units["area_km2"].sum(), rel=0.01)
    assert land[2] == pytest.approx(1)
    assert np.isnan(people).all()
    even = pd.Series(toy_units["area_km2"].to_numpy(), toy_units["unit_id"])
    land, people = target.surroundings(toy_units, even, [60, 150])
    assert people == pytest.approx(land)
    own, _ = Target("corner", "MLI", 1.5, 11.0).surroundings(toy_units, None, [1000])
    assert own == pytest.approx([1])


def test_bearings_are_from_the_place():
    target = Target("here", "", *HERE)
    lon, lat = at(50.0, 225.0)
    distance, bearing = target.measure(lon, lat)
    assert (distance[0], bearing[0]) == pytest.approx((50, 225))


def quarters(distances, per_quarter=20, seed=2, actor="JNIM"):
    rng = np.random.default_rng(seed)
    parts = []
    for place, middle in enumerate(distances):
        start = pd.Period("2017Q1") + place
        days = start.start_time + pd.to_timedelta(rng.integers(0, 90, per_quarter), "D")
        parts.append(attacks(middle + rng.uniform(0, 60, per_quarter), days, actor=actor))
    return pd.concat(parts, ignore_index=True)


def test_an_approach_is_measured_and_said():
    table = quarters(np.linspace(300, 190, 12))  # 40 km nearer in each year
    found = sg.actors.front(table, {"here": HERE})
    slope = found.slopes.iloc[0]
    assert slope["slope"] == pytest.approx(-40, abs=6)
    assert slope["low"] < -40 < slope["high"] < 0
    assert slope["claim"] == "nearer"
    assert "advancing" in found.sentence("en")
    assert "se rapprochent" in found.sentence("fr")
    away = sg.actors.front(quarters(np.linspace(190, 300, 12)), {"here": HERE})
    assert away.slopes["claim"].tolist() == ["farther"]


def test_an_approach_that_turned_is_no_approach():
    """Three years nearer by 40 km in each, then three years away again."""
    there_and_back = np.concatenate([np.linspace(300, 190, 12), np.linspace(200, 310, 12)])
    found = sg.actors.front(quarters(there_and_back), {"here": HERE})
    row = found.slopes.iloc[0]
    assert row["claim"] == "turned"
    assert abs((row["turn"] - pd.Period("2019Q4")).n) <= 2
    assert row["before"] == pytest.approx(-40, abs=8)
    assert row["after"] == pytest.approx(40, abs=8)
    assert row["before_high"] < 0 < row["after_low"]
    english = found.sentence("en")
    assert re.search(r"Until \w+ 20(19|20) they came nearer: −[34]", english)
    assert "Since then they have been moving away: +" in english
    assert "advancing" not in english
    assert re.search(
        r"Jusqu’en \w+ 20(19|20), ils se sont rapprochés.: −[34]", found.sentence("fr")
    )
    steady = np.concatenate([np.linspace(300, 190, 12), np.full(12, 190.0)])
    assert "neither is clear" in sg.actors.front(quarters(steady), {"here": HERE}).sentence("en")


def test_no_approach_is_claimed_where_naming_moved():
    table = quarters(np.linspace(300, 190, 12))
    early = table["date"] < "2018-06-01"
    third = np.arange(len(table)) % 3 == 0
    table.loc[early & third, "actor1"] = "Unidentified Armed Group (Mali)"
    found = sg.actors.front(table, {"here": HERE}, "jnim")
    assert found.slopes["claim"].tolist() == ["naming"]
    assert "advancing" not in found.sentence("en")


@pytest.mark.worlds
@pytest.mark.parametrize("quarters", [8, 12, 20])
def test_where_nothing_moves_a_move_is_seldom_found(quarters):
    """A hundred worlds of noise alone for each length, seeds 0 to 99."""
    wrong, time = 0, np.arange(quarters) / 4
    for seed in range(100):
        rng = np.random.default_rng(seed)
        draws = slope_draws(rng.normal(200, 20, quarters), time, 99, rng)
        low, high = np.quantile(draws, [0.025, 0.975])
        wrong += low > 0 or high < 0
    assert wrong <= 13  # 5 are expected; 14 or more would have a chance of less than 0.001


@pytest.mark.worlds
@pytest.mark.parametrize("memory", [0.0, 0.5])
def test_a_steady_course_seldom_turns(memory):
    """Two hundred lines with noise that remembers the quarter before, seeds 0 to 199."""
    time, wrong = np.arange(24) / 4, 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        noise = lfilter([1], [1, -memory], rng.normal(0, 20, 74))[50:]
        course = 300 - 10 * time + noise
        chance = chance_with_memory(course, time, least=8, draws=199, rng=rng)
        wrong += turning_point(course, time, chance, level=0.95, least=8) is not None
    # 10 are expected; with memory it is estimated, and the sentence needs two slopes beyond chance
    assert wrong <= (21 if memory == 0 else 30)


def test_too_little_is_said_in_words():
    few = sg.actors.front(attacks([30.0, 40.0]), {"here": HERE})
    assert few.slopes["claim"].tolist() == ["few"]
    none = sg.actors.front(attacks([30.0]), {"here": HERE}, "is-sahel")
    assert "No located event" in none.sentence("en")
    with pytest.raises(InputError, match="no event to draw"):
        none.plot()
    lost = sg.actors.front(attacks([30.0]).assign(lon=np.nan), {"here": HERE})
    assert lost.left_out == {"no_coordinates": 1, "undated": 0}


def test_places_that_do_not_exist_are_refused():
    with pytest.raises(InputError, match="`to` is 'capitals'"):
        sg.actors.front(attacks([3.0]), "capitals")
    with pytest.raises(InputError, match="outside"):
        sg.actors.front(attacks([3.0]), {"x": (200.0, 14.0)})
    with pytest.raises(InputError, match="`actors` is 'jnmi'"):
        sg.actors.front(attacks([3.0]), {"x": HERE}, "jnmi")


def test_contours_leave_the_outer_tenth_out(toy_units):
    rng = np.random.default_rng(6)
    many = pd.DataFrame({"actor1": "JNIM", "actor2": "Civilians",
                         "lon": np.r_[rng.normal(1, 0.1, 95), np.full(5, 2.9)],
                         "lat": np.r_[rng.normal(11, 0.1, 95), np.full(5, 10.1)],
                         "date": pd.Timestamp("2020-05-01")})  # fmt: skip
    found = sg.actors.reach_map(many, toy_units)
    west, _, east, _ = found.contours.total_bounds
    assert 0.4 < west < 1 < east < 2  # the five far ones are outside
    assert found.table["area_km2"].item() < 10_000
    assert found.contested.empty
    few = sg.actors.reach_map(many.iloc[:9], toy_units)
    assert few.contours.empty
    assert "no contour" in few.sentence("en")
    with pytest.raises(InputError, match="`contours` is empty"):
        few.plot()


def test_contested_units_have_enough_of_both(toy_units):
    table = pd.DataFrame({"actor1": ["JNIM"] * 6 + ["ISGS"] * 5 + ["ISGS"] * 4,
                          "actor2": "Civilians", "lon": [0.5] * 11 + [1.5] * 4, "lat": 10.5,
                          "date": pd.Timestamp("2021-02-01")})  # fmt: skip
    more = pd.concat([table, table.iloc[:6].assign(lon=1.5)])
    found = sg.actors.reach_map(more, toy_units, least=5)
    assert found.contested["unit_id"].tolist() == ["B1"]  # four are below the threshold in B2
