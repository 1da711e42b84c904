"""How many groups share the events: known answers, chance alone, naming, and degenerate input."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.indicators.actors.blocks import turning_point

COUNTS = st.lists(st.integers(1, 40), min_size=1, max_size=8)


def events(counts, year=2020, unit=None, seed=3):
    """Events of actors named a, b, ... on days of one year."""
    rng = np.random.default_rng(seed)
    names = np.repeat([f"actor {chr(97 + i)}" for i in range(len(counts))], counts)
    table = pd.DataFrame({"actor1": names, "actor2": "Civilians"})
    days = rng.integers(0, 365, len(names))
    table["date"] = pd.Timestamp(f"{year}-01-01") + pd.to_timedelta(days, "D")
    return table if unit is None else table.assign(unit_id=unit)


def test_known_answers():
    counts = [50, 30, 20]
    assert sg.actors.concentration(counts) == pytest.approx(0.38)
    assert sg.actors.hill_number(counts, 0) == 3
    assert sg.actors.hill_number(counts, 1) == pytest.approx(2.800, abs=5e-4)
    assert sg.actors.hill_number(counts, 2) == pytest.approx(2.632, abs=5e-4)
    assert sg.actors.difference_probability(counts) == pytest.approx(0.6263, abs=5e-5)
    row = sg.actors.fragmentation(events(counts)).table.iloc[0]
    assert row[["n0", "mentions", "unidentified"]].tolist() == [3, 100, 0]
    assert row["n1"] == pytest.approx(2.800, abs=5e-4)
    assert row["n2"] == pytest.approx(2.632, abs=5e-4)
    assert row["different"] == pytest.approx(0.6263, abs=5e-5)
    assert row["low"] < row["n2"] < row["high"]


@given(COUNTS)
def test_numbers_fall_with_order_and_reach_from_one_to_all(counts):
    n0, n1, n2 = (sg.actors.hill_number(counts, order) for order in (0, 1, 2))
    assert len(counts) + 1e-9 >= n0 >= n1 - 1e-9
    assert n1 + 1e-9 >= n2 >= 1 - 1e-9


@given(COUNTS, st.integers(1, 30))
def test_rarefaction_is_the_mean_over_what_may_be_drawn(counts, size):
    total = sum(counts)
    if size > total:
        assert np.isnan(sg.actors.rarefied(counts, size, 2))
        return
    whole = [sg.actors.rarefied(counts, total, order) for order in (0, 1, 2)]
    assert whole == pytest.approx([sg.actors.hill_number(counts, order) for order in (0, 1, 2)])
    assert sg.actors.rarefied(counts, 1, 0) == pytest.approx(1)
    assert sg.actors.rarefied(counts, size, 0) <= len(counts) + 1e-9


def test_rarefied_richness_agrees_with_drawing():
    counts = np.array([12, 5, 2, 1])
    rng = np.random.default_rng(5)
    drawn = rng.multivariate_hypergeometric(counts, 6, 40_000)
    assert sg.actors.rarefied(counts, 6, 0) == pytest.approx((drawn > 0).sum(1).mean(), abs=0.01)
    same = (drawn * (drawn - 1)).sum(1) / 30  # chance that two of the six are alike
    assert 1 / sg.actors.rarefied(counts, 6, 2) == pytest.approx(
        1 / 6 + 5 / 6 * same.mean(), abs=0.005
    )


def test_periods_and_units_without_events_have_a_row(toy_units):
    table = pd.concat([events([4, 4], 2019, "M1"), events([3], 2021, "B1")])
    found = sg.actors.fragmentation(table, toy_units).table
    assert len(found) == len(toy_units) * 3
    quiet = found[(found["unit_id"] == "M2")]
    assert quiet["n0"].tolist() == [0, 0, 0]
    assert quiet["n2"].isna().all()


def test_whole_countries_take_the_country_that_the_source_states(toy_units):
    countries = toy_units.dissolve("country", as_index=False).assign(
        unit_id=lambda t: t["country"], level=0, name=lambda t: t["country"]
    )
    table = events([5]).assign(country="BFA", lon=0.5, lat=11.01)  # just across, in Mali
    found = sg.actors.fragmentation(table, countries).table.set_index("unit_id")
    assert found.loc["BFA", "mentions"] == 5


def test_an_incident_of_two_groups_mentions_both():
    table = pd.DataFrame({"actor1": ["JNIM"], "actor2": ["IS Sahel"], "date": ["2021-03-01"]})
    row = sg.actors.fragmentation(table.assign(date=pd.to_datetime(table["date"]))).table.iloc[0]
    assert row[["incidents", "mentions", "n0", "n2"]].tolist() == [1, 2, 2, 2]


def test_states_civilians_and_demonstrations_are_in_no_count():
    table = events([3]).assign(event_type="Battles")
    others = pd.DataFrame(
        {
            "actor1": ["Military Forces of Mali (2021-)", "Protesters (Mali)", "JNIM"],
            "actor2": ["Civilians (Mali)", None, None],
            "event_type": ["Violence against civilians", "Protests", "Strategic developments"],
            "date": pd.Timestamp("2020-06-01"),
        }
    )
    found = sg.actors.fragmentation(pd.concat([table, others])).table.iloc[0]
    assert found[["incidents", "mentions", "n0", "unidentified"]].tolist() == [4, 3, 1, 0]
    asked = sg.actors.fragmentation(
        pd.concat([table, others]), event_groups=["violence", "demonstrations", "other"]
    ).table.iloc[0]
    assert asked[["incidents", "mentions", "n0"]].tolist() == [6, 4, 2]


def test_the_unidentified_stand_beside_and_bound_what_naming_can_do():
    nobody = events([10]).assign(actor1="Unidentified Armed Group (Mali)")
    row = sg.actors.fragmentation(pd.concat([events([20, 10]), nobody])).table.iloc[0]
    assert row["unidentified"] == pytest.approx(0.25)
    assert row["n2"] == pytest.approx(sg.actors.hill_number([20, 10]))
    assert row["naming_low"] == pytest.approx(sg.actors.hill_number([30, 10]))
    assert row["naming_high"] == pytest.approx(sg.actors.hill_number([20, 10, 10]))


def test_a_change_is_claimed_only_beyond_chance_and_naming():
    few = [events([60, 3, 2], year, seed=year) for year in (2016, 2017, 2018)]
    many = [events([20, 20, 20, 20], year, seed=year) for year in (2019, 2020, 2021)]
    found = sg.actors.fragmentation(pd.concat([*few, *many]))
    assert found.trends["claim"].tolist() == ["more"]
    assert "is fragmenting" in found.sentence("en")
    assert "se fragmente" in found.sentence("fr")
    unnamed = [each.assign(actor1="Unidentified Armed Group (Mali)") for each in few]
    blurred = sg.actors.fragmentation(pd.concat([*few, *unnamed, *many]))
    assert blurred.trends["claim"].tolist() == ["naming"]
    assert "naming may explain it" in blurred.sentence("en")


def course(numbers, total=60):
    """Years from 2010 on with so many groups of equal shares each."""
    years = [events([total // n] * n, 2010 + at, seed=at) for at, n in enumerate(numbers)]
    return sg.actors.fragmentation(pd.concat(years))


@pytest.mark.parametrize(
    ("numbers", "claim", "turn", "words"),
    [
        ([1, 2, 3, 4, 5, 6, 7], "more", None, ["is fragmenting: +1.0"]),
        ([7, 6, 5, 4, 3, 2, 1], "fewer", None, ["is concentrating, not fragmenting: −1.0"]),
        ([1, 2, 3, 4, 5, 6, 5, 4, 3], "turned", "2015",
         ["Until 2015 the landscape fragmented: +", "Since then it has been concentrating: −"]),
        ([6, 5, 4, 2, 1, 2, 4, 5], "turned", "2014",
         ["Until 2014 the landscape concentrated: −", "Since then it has been fragmenting: +"]),
        ([1, 2, 3, 4, 5, 6, 6, 6, 6, 6, 6], "turned", "2015",
         ["Until 2015 the landscape fragmented: +", "Since then it has not clearly changed: "]),
        ([4, 4, 4, 4, 4, 4, 2, 1, 1], "turned", "2014",
         ["Until 2014 the landscape did not clearly change: ", "it has been concentrating: −"]),
        ([3, 3, 3, 3, 3, 3, 3, 3], "none", None, ["do not show that fragmentation increases"]),
    ],
    ids=["rise", "fall", "rise, fall", "fall, rise", "rise, level", "level, fall", "level"],
)  # fmt: skip
def test_a_course_is_said_as_it_runs(numbers, claim, turn, words):
    found = course(numbers)
    row = found.trends.iloc[0]
    assert (row["claim"], None if pd.isna(row["turn"]) else str(row["turn"])) == (claim, turn)
    said = found.sentence("en")
    for each in words:
        assert each in said
    if claim == "turned":
        assert "The landscape is" not in said
        assert "les" in found.sentence("fr")
        assert "landscape" not in found.sentence("fr")


def test_a_turn_may_be_one_of_naming():
    years = [
        events([60 // n] * n, 2010 + at, seed=at) for at, n in enumerate([1, 2, 4, 6, 4, 2, 1])
    ]
    hidden = events([30], 2013).assign(actor1="Unidentified Armed Group (Mali)")
    found = sg.actors.fragmentation(pd.concat([*years, hidden]))
    assert found.trends["claim"].tolist() == ["naming"]
    assert found.trends["unidentified_change"].abs().item() == pytest.approx(1 / 3)
    assert "naming may explain it" in found.sentence("en")


def test_of_units_those_with_a_turn_are_counted(toy_units):
    numbers = [1, 2, 4, 6, 4, 2, 1]
    years = [events([60 // n] * n, 2010 + at, "M1", at) for at, n in enumerate(numbers)]
    said = sg.actors.fragmentation(pd.concat(years), toy_units).sentence("en")
    assert "Of 6 units, fragmenting beyond chance: 0; concentrating: 0; with a turn: 1." in said


def test_chance_around_a_line_seldom_turns_and_a_clear_turn_is_found():
    rng = np.random.default_rng(8)
    at, spread = np.arange(12.0), rng.uniform(0.1, 0.6, 12)
    noise = rng.normal(0, spread, (200, 12))

    def turns(values):
        return turning_point(values, at, rng.normal(0, spread, (999, 12)), level=0.95)

    assert sum(turns(2 + 0.3 * at + each) is not None for each in noise) <= 20  # 10 expected
    peaks = [turns(5 - np.abs(at - 6) + each) for each in noise]
    assert sum(peak in (5, 6, 7) for peak in peaks) >= 190
    troughs = [turns(np.abs(at - 4) + each) for each in noise]
    assert sum(trough in (3, 4, 5) for trough in troughs) >= 190
    assert turns(2 + 0.3 * at) is None
    assert turning_point(at[:4], at[:4], noise[:, :4], level=0.95) is None


@pytest.mark.reference
def test_the_sahel_of_ucdp_rose_and_fell(reference_data):
    incidents = sg.read_incidents(reference_data / "ucdp/ged211_mli_ner_bfa_prec12_reduced.csv")
    found = sg.actors.fragmentation(incidents)
    row = found.trends.iloc[0]
    assert (row["claim"], str(row["turn"])) == ("turned", "2014")
    assert row["before_low"] > 0 > row["after_high"]
    assert "Jusqu’en 2014, le paysage s’est fragmenté" in found.sentence("fr")
    assert "Depuis, il se concentre" in found.sentence("fr")


@pytest.mark.worlds
def test_where_nothing_changes_change_is_seldom_claimed():
    """Sixty worlds of four groups of the same shares in each of five years, seeds 0 to 59."""
    claims = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        years = [
            events(rng.multinomial(60, [0.5, 0.3, 0.15, 0.05]), year, seed=seed)
            for year in range(2016, 2021)
        ]
        found = sg.actors.fragmentation(pd.concat(years), rng=seed, replicates=199)
        claims += found.trends["claim"].item() != "none"
    assert claims <= 8  # 5 % of 60 is 3; 9 or more would have a chance of about 0.003


@pytest.mark.worlds
@pytest.mark.parametrize("kind", ["a record that grows", "half-years that differ"])
def test_neither_a_growing_record_nor_campaigns_are_a_trend(kind):
    """Sixty worlds of six years; by redrawn events alone 12 and 26 of these claimed a change."""
    claims = 0
    for seed in range(60):
        rng = np.random.default_rng([seed, len(kind)])
        day = np.sort(rng.integers(0, 2190, rng.poisson(480)))
        share = np.array([0.45, 0.3, 0.15, 0.1])
        if kind == "a record that grows":
            day = day[rng.random(len(day)) < 0.05 + 0.95 * day / 2190]
            group = rng.choice(4, len(day), p=share)
        else:
            shares = rng.dirichlet(4 * share, 13)[day // 180]
            group = (shares.cumsum(axis=1) < rng.random((len(day), 1))).sum(axis=1).clip(0, 3)
        names = np.array(["JNIM", "ISGS", "Boko Haram", "MNLA"])
        date = pd.Timestamp("2015-01-01") + pd.to_timedelta(day, "D")
        table = pd.DataFrame({"actor1": names[group], "date": date, "country": "MLI"})
        trends = sg.actors.fragmentation(table, rng=seed, replicates=199).trends
        claims += trends["claim"].item() != "none"
    assert claims <= 8  # 5 % of 60 is 3; 9 or more would have a chance of about 0.003


def test_two_periods_show_no_trend():
    found = sg.actors.fragmentation(pd.concat([events([40]), events([20, 20], 2021)]))
    assert found.trends["claim"].item() == "none"
    assert found.trends["low"].isna().item()
    assert "is fragmenting" not in found.sentence("en")


def test_one_actor_none_named_and_one_period_are_answered_in_words():
    one = sg.actors.fragmentation(events([5]))
    assert "One period shows no change" in one.sentence("en")
    assert one.table["n2"].item() == 1
    nobody = sg.actors.fragmentation(events([5]).assign(actor1="Unknown"))
    assert "No incident names" in nobody.sentence("en")
    assert nobody.table["unidentified"].item() == 1
    with pytest.raises(InputError, match="names no armed group to draw"):
        nobody.plot()
    empty = sg.actors.fragmentation(events([5]).iloc[:0])
    assert empty.table.empty
    assert "Aucun incident" in empty.sentence("fr")


def test_a_selection_gets_its_notice_and_no_trend():
    found = sg.actors.fragmentation(sg.load_example_incidents())
    said = found.sentence("en")
    assert "selection" in said
    assert "chance" not in said
    assert "fragment" not in said.replace("fragmentation", "")


def test_settings_out_of_range_are_refused():
    with pytest.raises(InputError, match="`order` is 3"):
        sg.actors.fragmentation(events([3]), order=3)
    with pytest.raises(InputError, match="`period` is 'decade'"):
        sg.actors.fragmentation(events([3]), period="decade")
    with pytest.raises(InputError, match="groups of events that do not exist"):
        sg.actors.fragmentation(events([3]), event_groups=["battles"])
    with pytest.raises(InputError, match="negative numbers"):
        sg.actors.hill_number([1, -1])


def test_the_same_seed_gives_the_same_answer():
    table = events([30, 20, 10])
    first, again = (sg.actors.fragmentation(table, rng=4).table for _ in range(2))
    pd.testing.assert_frame_equal(first, again)
    shuffled = table.sample(frac=1, random_state=1)
    assert sg.actors.fragmentation(shuffled, rng=4).table["n2"].tolist() == first["n2"].tolist()


def test_location_error_is_carried_through(toy_units):
    table = events([12, 8]).assign(
        lon=np.linspace(0.1, 1.9, 20), lat=11.5, country="MLI", location_precision="near"
    )
    found = sg.uncertainty.propagate(
        lambda placed, units: sg.actors.fragmentation(placed, units, replicates=0),
        table, toy_units, n=10, rng=1, columns="n2",
    )  # fmt: skip
    rows = found.table.dropna(subset=["recorded"])
    assert ((rows["low"] <= rows["high"] + 1e-9) & (rows["high"] >= 1)).all()
    assert found.redrawn["moved"].sum() == 20


def test_a_file_that_states_each_event_once_per_actor_is_counted_once():
    table = pd.DataFrame({"incident_id": ["e1", "e1", "e2", "e2"],
                          "actor1": ["JNIM", "Civilians (Mali)", "ISGS", "JNIM"],
                          "date": pd.Timestamp("2020-01-01")})  # fmt: skip
    row = sg.actors.fragmentation(table).table.iloc[0]
    assert row[["incidents", "mentions", "n0", "unidentified"]].tolist() == [2, 3, 2, 0]


@pytest.mark.reference
def test_ucdp_burkina_faso(reference_data):
    incidents = sg.read_incidents(reference_data / "ucdp" / "ged251_bfa_2016_2022.csv")
    found = sg.actors.fragmentation(incidents, sg.load_boundaries(level=0), period="year")
    own = found.table[found.table["unit_id"] == "BF"].set_index("period")["n2"]
    assert own["2017":].round(3).tolist() == [2.065, 1.777, 1.920, 2.116, 1.856, 1.707]
    assert found.table["unidentified"].dropna().eq(0).all()
    assert found.trends.set_index("unit_id").loc["BF", "claim"] == "none"
    assert "do not show that fragmentation increases" in found.sentence("en")
    assert "ne montrent pas que la fragmentation augmente" in found.sentence("fr")
