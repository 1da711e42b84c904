"""Events between two actors, and the network of all of them."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.errors import InputError


def fights(pairs, year=2020):
    table = pd.DataFrame(pairs, columns=["actor1", "actor2"])
    table["date"] = pd.Timestamp(f"{year}-01-01") + pd.to_timedelta(5 * np.arange(len(table)), "D")
    return table.assign(fatalities_best=2.0)


def test_only_events_with_one_on_each_side_count():
    table = fights(
        [("JNIM", "ISGS"), ("IS Sahel", "JNIM"), ("JNIM", "Civilians"), ("JNIM, ISGS", "FAMa")]
    )
    found = sg.actors.rivalry(table, "is-sahel", "jnim").table
    row = found.iloc[0]
    assert row[["incidents", "fatalities_best", "incidents_a", "incidents_b"]].tolist() == [
        2, 4, 3, 4,
    ]  # fmt: skip
    assert row["share_a"] == pytest.approx(2 / 3)
    assert row["share_b"] == pytest.approx(1 / 2)


def test_it_is_the_same_from_both_ends_and_by_any_name():
    table = fights([("JNIM", "ISGS"), ("GSIM", "EIGS"), ("ISGS", "Civilians")])
    one = sg.actors.rivalry(table, "ISGS", "JNIM").table
    other = sg.actors.rivalry(table, "jnim", "is-sahel").table
    assert one["incidents"].tolist() == other["incidents"].tolist() == [2]


def test_quiet_periods_have_zeros_and_few_events_no_certainty():
    table = pd.concat(
        [fights([("JNIM", "Civilians")] * 20, 2018), fights([("JNIM", "ISGS")] * 6, 2020)]
    )
    found = sg.actors.rivalry(table, "jnim", "is-sahel").table
    assert found["incidents"].tolist() == [0, 0, 6]
    assert found["fatalities_best"].tolist() == [0, 0, 12]
    assert found["high"][0] > 0.1  # none of twenty is not none for sure


def test_by_unit(toy_units):
    table = fights([("JNIM", "ISGS"), ("JNIM", "ISGS")]).assign(lon=[0.5, 2.5], lat=10.5)
    found = sg.actors.rivalry(table, "jnim", "is-sahel", units=toy_units).table
    assert found.set_index("unit_id")["incidents"].to_dict() == {
        "M1": 0, "M2": 0, "N1": 0, "N2": 1, "B1": 1, "B2": 0,
    }  # fmt: skip


def test_deaths_that_nobody_states_are_not_zero():
    table = fights([("JNIM", "ISGS")]).assign(fatalities_best=np.nan)
    assert np.isnan(sg.actors.rivalry(table, "jnim", "is-sahel").table["fatalities_best"].item())


def test_monadic_exports_are_refused():
    table = pd.DataFrame({"incident_id": ["e", "e"], "actor1": ["JNIM", "ISGS"],
                          "date": pd.Timestamp("2020-01-01")})  # fmt: skip
    for measure in (lambda: sg.actors.rivalry(table, "jnim", "is-sahel"),
                    lambda: sg.actors.network(table)):  # fmt: skip
        with pytest.raises(InputError, match="names no second actor"):
            measure()


def test_unknown_and_equal_actors_are_refused():
    table = fights([("JNIM", "ISGS")])
    with pytest.raises(InputError, match=r"`a` is 'jnmi'.*Did you mean"):
        sg.actors.rivalry(table, "jnmi", "is-sahel")
    with pytest.raises(InputError, match="both 'jnim'"):
        sg.actors.rivalry(table, "GSIM", "jnim")


def test_no_such_event_is_said():
    found = sg.actors.rivalry(fights([("JNIM", "Civilians")]), "jnim", "is-sahel")
    assert "No incident has" in found.sentence("en")
    assert "Aucun incident n’oppose" in found.sentence("fr")


@pytest.mark.reference
def test_ucdp_burkina_faso(reference_data):
    incidents = sg.read_incidents(reference_data / "ucdp" / "ged251_bfa_2016_2022.csv")
    found = sg.actors.rivalry(incidents, "is-sahel", "jnim", period="year").table
    told = found.set_index("period")[["incidents", "fatalities_best"]]
    assert told["2019":].values.tolist() == [[1, 1], [10, 137], [7, 82], [8, 42]]
    assert told[:"2018"].eq(0).all(axis=None)


def test_star_and_ring():
    star = sg.actors.network(fights([("hub", each) for each in "pqrs"])).table.iloc[0]
    assert star[["actors", "rivalries", "density", "centralisation"]].tolist() == [5, 4, 0.4, 1]
    assert star["central"] == "hub"
    ring = [("a1", "b1"), ("b1", "c1"), ("c1", "d1"), ("d1", "e1"), ("e1", "a1")]
    assert sg.actors.network(fights(ring)).table["centralisation"].item() == 0


def test_the_figures_are_those_of_networkx():
    rng = np.random.default_rng(8)
    ends = rng.integers(0, 9, (60, 2))
    table = fights([(f"n{a}", f"n{b}") for a, b in ends])
    found = sg.actors.network(table)
    graph = nx.Graph((f"n{a}", f"n{b}") for a, b in ends if a != b)
    row = found.table.iloc[0]
    assert row["density"] == pytest.approx(nx.density(graph))
    assert set(found.graph(2020).edges) == {tuple(sorted(edge)) for edge in graph.edges} or (
        nx.utils.graphs_equal(nx.Graph(found.graph(2020).edges), nx.Graph(graph.edges))
    )
    degree = np.array([d for _, d in graph.degree])
    size = len(degree)
    assert row["centralisation"] == pytest.approx(
        (degree.max() - degree).sum() / ((size - 1) * (size - 2))
    )
    assert found.edges["incidents"].sum() == (ends[:, 0] != ends[:, 1]).sum()


def test_alliances_are_only_what_the_source_states():
    table = fights([("Military Forces of Mali (2021-)", "JNIM"), ("JNIM", "ISGS")])
    assert sg.actors.network(table).table["alliances"].isna().all()
    table["assoc_actor_1"] = [
        "Wagner Group; GATIA: Imghad Tuareg and Allies Self-Defense Group",
        None,
    ]
    table["assoc_actor_2"] = [None, "Civilians (Mali)"]
    found = sg.actors.network(table)
    allied = found.edges[found.edges["kind"] == "alliance"]
    assert set(zip(allied["a"], allied["b"], strict=True)) == {
        ("government-mali", "wagner"),
        ("gatia", "government-mali"),
    }
    assert found.table["alliances"].item() == 2


def test_nobody_on_the_other_side_is_no_network():
    found = sg.actors.network(fights([("JNIM", "Civilians (Mali)")]))
    assert np.isnan(found.table["density"].item())
    assert "no network" in found.sentence("en")
    with pytest.raises(InputError, match="no rivalry to draw"):
        found.plot()


def shares_of_rivalry(rng, chance, days=6 * 365):
    """Some hundred events of two actors, who meet with a chance for each of the years from 2015."""
    day = np.sort(rng.integers(0, days, int(rng.integers(150, 500))))
    met = rng.random(len(day)) < np.asarray(chance)[day // 365]
    others = np.where(rng.random(len(day)) < 0.6, "JNIM", "ISGS")
    return pd.DataFrame({
        "actor1": np.where(met, "JNIM", others), "actor2": np.where(met, "ISGS", "Civilians"),
        "date": pd.Timestamp("2015-01-01") + pd.to_timedelta(day, "D"), "fatalities_best": 1.0,
    })  # fmt: skip


def test_a_war_that_begins_is_stated_with_its_year_and_shares():
    table = shares_of_rivalry(np.random.default_rng(1), [0, 0, 0, 0, 0.3, 0.3])
    found = sg.actors.rivalry(table, "jnim", "is-sahel")
    met, late = table["actor2"].eq("ISGS"), table["date"].ge("2019-01-01")
    assert str(found.shift["since"]) == "2019"
    assert found.shift["before"] == met[~late].mean()
    assert found.shift["after"] == pytest.approx(met[late].mean())
    share = f"{100 * met[late].mean():.1f}"
    assert f"from 0.0% before 2019 to {share}% from then on" in found.sentence("en")
    assert f"{share.replace('.', ',')}\u202f% depuis" in found.sentence("fr")


@pytest.mark.parametrize("period", ["year", "month"])
def test_a_steady_rivalry_is_rarely_called_a_change(period):
    rng = np.random.default_rng(20)
    worlds = [shares_of_rivalry(rng, np.full(6, 0.05)) for _ in range(60)]
    found = [
        sg.actors.rivalry(world, "jnim", "is-sahel", period=period, replicates=0, rng=1).shift["p"]
        for world in worlds
    ]
    assert 0 < np.mean(np.array(found) <= 0.25) <= 0.40  # 60 of a quarter: at most 24 in 99 %
    assert np.mean(np.array(found) <= 0.05) <= 0.12


def test_better_naming_is_no_change_of_a_rivalry():
    table = shares_of_rivalry(np.random.default_rng(2), [0, 0, 0, 0, 0.3, 0.3])
    early = table[table["date"] < "2019-01-01"]
    nobody = early.assign(actor1="Unidentified Armed Group (Mali)", actor2="Civilians (Mali)")
    text = sg.actors.rivalry(pd.concat([table, nobody]), "jnim", "is-sahel").sentence("en")
    assert "better or worse naming may explain it" in text
    assert "beyond chance" not in text


def test_a_short_record_states_no_change():
    found = sg.actors.rivalry(fights([("JNIM", "ISGS")] * 30), "jnim", "is-sahel", period="month")
    assert found.shift is None
    assert "Too few incidents" in found.sentence("en")


def test_density_is_set_beside_the_period_before():
    years = [(2001, [("a1", "b1")]), (2019, [("hub", x) for x in "pqrs"]),
             (2020, [("hub", x) for x in "pqrst"])]  # fmt: skip
    table = pd.concat([fights(pairs * 12, year) for year, pairs in years])
    text = sg.actors.network(table).sentence("en")
    assert "In 2019 it was 40%" in text
    assert "2001" not in text
