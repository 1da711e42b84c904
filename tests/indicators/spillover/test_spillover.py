"""The whole battery: each figure beside its baseline, and no claim beyond its range."""

import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.indicators.spillover.measures import MEASURES, QUESTIONS, Row
from sahel_geo.indicators.spillover.spillover import SpilloverSummary, _controlled, summary
from sahel_geo.indicators.spillover_texts import LABELS

FAST = {"permutations": 99, "near_km": 60, "start": "2018-01-01", "end": "2019-12-31"}


@pytest.fixture(scope="module")
def units():
    return sg.load_boundaries(level=1)


def incidents_near_the_border(seed, *, follow):
    """Simulate incidents in Mali near Burkina Faso; across the border each is followed or not."""
    rng = np.random.default_rng(seed)
    n = 150
    day = np.sort(rng.uniform(0, 700, n))
    lon, lat = rng.uniform(-2.2, -1.2, n), rng.uniform(14.5, 15.0, n)
    after = day + rng.exponential(1.5, n) if follow else rng.uniform(0, 700, n)
    south = pd.DataFrame({"lon": lon + rng.normal(0, 0.05, n), "lat": lat - 0.45, "day": after})
    table = pd.concat([pd.DataFrame({"lon": lon, "lat": lat, "day": day}), south])
    table["date"] = pd.Timestamp("2018-01-01") + pd.to_timedelta(table["day"].clip(0, 729), "D")
    return table.drop(columns="day").reset_index(drop=True)


def verdicts(found):
    return found.table.set_index("measure")["verdict"]


def test_planted_following_is_found_by_the_measures_that_look_for_it(units):
    names = ["near_repeat", "cross_k", "hawkes"]
    planted = incidents_near_the_border(1, follow=True)
    found = summary(planted, units, rng=1, measures=names, near_days=4, **FAST)
    assert verdicts(found)["near_repeat"] == "above"
    assert verdicts(found)["cross_k:BFA–MLI"] == "above"
    assert verdicts(found)["hawkes"] == "above"
    assert found.agreeing == ["pairs", "process"]
    assert found.compatible
    assert "compatible with spillover" in found.sentence("en")
    assert "paires d’incidents et le modèle d’enchaînement" in found.sentence("fr")
    assert "sans le prouver" in found.sentence("fr")
    assert found.period == ("2018-01-01", "2020-01-05")  # whole weeks


def test_one_kind_of_evidence_is_not_enough(units):
    planted = incidents_near_the_border(1, follow=True)
    names = ["near_repeat", "cross_k", "escalation"]
    found = summary(planted, units, rng=1, measures=names, near_days=4, **FAST)
    assert found.agreeing == ["pairs"]
    assert not found.compatible
    assert "Only one kind of evidence shows it (pairs of incidents)" in found.sentence("en")
    assert "aucun débordement n’est affirmé" in found.sentence("fr")


def test_certain_measures_of_where_do_not_lower_the_bar_for_when():
    rows = [("where", 1e-9)] * 8 + [("when", 0.04), ("when", 0.5)]
    table = pd.DataFrame(rows, columns=["question", "p"]).assign(verdict="above", detail="")
    table.insert(0, "measure", [f"{name}{at}" for at, (name, _) in enumerate(rows)])
    table = _controlled(table).set_index("measure")
    assert table.loc["when8", "q"] == pytest.approx(0.08)  # and 0.044 if all were one family
    assert table.loc["when8", "verdict"] == "open"
    assert (table.loc[table["question"] == "where", "verdict"] == "above").all()


def test_a_handful_of_incidents_on_one_side_carries_no_order(units):
    north = incidents_near_the_border(1, follow=True).query("lat > 14.8")
    two = incidents_near_the_border(1, follow=True).query("lat < 14.15").head(4)
    found = summary(
        pd.concat([north, two]), units, rng=1, measures=["cross_k", "connectedness"], **FAST
    )
    assert set(found.table["verdict"]) == {"not measurable"}
    assert set(found.table["detail"]) == {"fewer than ten incidents in one of the countries"}
    assert found.rows("fr")[0]["detail"] == "moins de dix incidents dans l’un des pays"


@pytest.mark.worlds
def test_nearness_without_following_is_not_called_spillover(units):
    names = ["border_area", "near_repeat", "cross_k", "endemic_epidemic", "escalation", "hawkes"]
    for seed in range(3):
        apart = incidents_near_the_border(seed, follow=False)
        found = summary(apart, units, rng=seed, measures=names, near_days=10, **FAST)
        assert verdicts(found)["border_area"] == "above"
        when = found.table[found.table["question"] == "when"]
        assert not (when["verdict"] == "above").any(), when.to_string()
        assert "no spillover is claimed" in found.sentence("en")


@pytest.mark.worlds
def test_dates_coded_to_the_first_of_the_month_are_no_link(units):
    """Where half of the dates are, as they stand, both measures are above and spillover is said."""
    for seed in range(3):
        rng = np.random.default_rng(seed)
        table = incidents_near_the_border(seed, follow=False)
        table = pd.concat([table, incidents_near_the_border(seed + 9, follow=False)])
        coded = rng.random(len(table)) < 0.5
        first = table["date"].dt.to_period("M").dt.start_time
        table = table.assign(date=table["date"].where(~coded, first))
        found = summary(
            table,
            units,
            rng=seed,
            measures=["hawkes", "connectedness"],
            **FAST | {"permutations": 199},
        )
        assert not (found.table["verdict"] == "above").any()
        assert not found.compatible
        assert found.spread > 250
        assert "their day was drawn" in found.sentence("en")
        assert "leur jour a été tiré au sort" in found.sentence("fr")


def test_a_verdict_is_only_given_where_the_range_leaves_out_the_baseline():
    assert Row(2.0, 1.0, 1.5, 2.5, "figure").verdict == "above"
    assert Row(2.0, 1.0, 1.0, 2.5, "figure").verdict == "open"
    assert Row(0.5, 1.0, 0.2, 0.9, "figure").verdict == "below"
    assert Row(2.0, 1.0, 0.5, 1.9, "chance").verdict == "above"
    assert Row(2.0, 1.0, 0.5, 2.0, "chance").verdict == "open"
    assert Row(2.0, 1.0, 0.5, 1.9, "chance", p=0.06).verdict == "open"
    assert Row(2.0, np.nan, 0.5, 1.9, "chance").verdict == "not measurable"


def test_a_selection_carries_no_claim(units):
    found = summary(sg.load_example_incidents(), units, rng=1)
    placed = sg.assign(sg.load_example_incidents(), units)  # which no longer has its report
    pd.testing.assert_frame_equal(summary(placed, units, rng=1).table, found.table)
    assert set(found.table["verdict"]) == {"not measurable"}
    assert {row["detail"] for row in found.rows("fr")} == {
        "un choix d’incidents\u202f: aucune part, aucun taux, aucun ordre ne peut en être tiré"
    }
    assert found.table["detail"].str.contains("selection").all()
    assert found.sentence("fr").endswith("rien à dire d’un débordement.")
    assert all(not row["figure"] for row in found.rows("en"))
    with pytest.raises(InputError, match="no measure to draw"):
        found.plot()
    assert "<p lang" in found._repr_html_()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda table: table.iloc[:0], "fewer than two"),
        (lambda table: table.iloc[:1], "fewer than two"),
        (lambda table: table[table["lat"] > 14.8], "one country"),
        (lambda table: table.assign(date=pd.NaT), "fewer than two"),
        (lambda table: table.assign(lat=48.0, lon=2.0), "fewer than two"),
    ],
)
def test_data_that_carry_nothing_say_why(units, change, reason):
    table = change(incidents_near_the_border(1, follow=True))
    found = summary(table, units, rng=1, **FAST)
    assert set(found.table["verdict"]) == {"not measurable"}
    assert found.table["detail"].str.contains(reason).all()
    assert found.incidents + sum(found.left_out.values()) == len(table)


def test_one_country_one_month_and_one_place_are_answered(units):
    table = incidents_near_the_border(1, follow=True)
    mali = summary(table, units[units["country"] == "MLI"], rng=1, **FAST)
    assert set(mali.table["detail"]) == {"the units lie in one country"}
    still = table.assign(date=pd.Timestamp("2018-05-05"))
    found = summary(still, units, rng=1, permutations=19)
    assert set(found.table["detail"]) == {"all incidents have one date"}
    two = pd.concat([table.iloc[[0]], table.iloc[[-1]]])
    found = summary(two, units, rng=1, permutations=19)
    assert not (found.table["verdict"] == "above").any()


def test_the_same_seed_gives_the_same_table_and_every_row_has_words(units):
    table = incidents_near_the_border(2, follow=True)
    names = ["border_area", "near_repeat", "alike_in_time", "relocation"]
    one, other = (summary(table, units, rng=5, measures=names, **FAST) for _ in range(2))
    pd.testing.assert_frame_equal(one.table, other.table)
    for lang in ("fr", "en"):
        rows = one.rows(lang)
        assert [set(row) for row in rows] == [set(rows[0])] * len(names)
        assert all(row["measure"] and row["verdict"] for row in rows)
    assert set(LABELS) == set(MEASURES) == set(QUESTIONS)
    assert isinstance(one, SpilloverSummary)
    assert one.plot().get_xlabel().startswith("multiple of the baseline")
    french = one.plot(lang="fr")
    assert french.get_xlabel().startswith("multiple de la référence")
    assert any("frontière" in label.get_text() for label in french.get_yticklabels())


def test_progress_is_logged(units, caplog):
    with caplog.at_level("INFO", logger="sahel_geo.indicators.spillover.spillover"):
        table = incidents_near_the_border(1, follow=True)
        summary(table, units, rng=1, measures=["near_repeat", "border_area"], **FAST)
    assert [record.getMessage().split(",")[0] for record in caplog.records] == [
        "1 of 2: near_repeat",
        "2 of 2: border_area",
    ]


def test_the_zone_keeps_its_units_only(units):
    table = incidents_near_the_border(1, follow=True)
    found = summary(
        table, units, rng=1, zone=["BF54", "BF56", "ML05"], measures=["near_repeat"], **FAST
    )
    assert found.zone is None
    assert found.incidents <= len(table)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"measures": ["knox"]}, r"unknown names: \['knox'\]"),
        ({"near_days": 0}, "`near_days` 0"),
        ({"zone": ["XX01"]}, "holds none of the 58 units|holds none of the"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(units, settings, message):
    with pytest.raises(InputError, match=message):
        summary(incidents_near_the_border(1, follow=True), units, rng=1, **settings)


def test_covariates_and_weights_of_units_go_into_the_endemic_epidemic_model(units):
    """What poverty explains of two sides of a border is taken off, as Buhaug and Gleditsch ask."""
    table = incidents_near_the_border(1, follow=False)
    poor = pd.DataFrame({"unit_id": units["unit_id"], "poverty": 0.0})
    poor.loc[poor["unit_id"].isin(sg.assign(table, units)["unit_id"].unique()), "poverty"] = 1.0
    people = pd.Series(1e5, units["unit_id"])
    options = {"rng": 1, "measures": ["endemic_epidemic"], **FAST}
    found = {
        name: summary(table, units, **given, **options).table.iloc[0]
        for name, given in {
            "plain": {},
            "covariates": {"covariates": poor},
            "gravity": {"weights": "gravity", "population": people},
            "by hand": {"weights": sg.contagion.gravity(units, people), "population": people},
        }.items()
    }
    panel = sg.count(
        sg.assign(table, units), units, period="month", start=FAST["start"], end="2020-01-05"
    )
    direct = sg.contagion.fit(panel, units, covariates=poor)
    assert found["covariates"]["p"] == pytest.approx(direct.foreign_p, abs=1e-6)
    assert "poverty" in direct.table.index
    assert found["covariates"]["figure"] != found["plain"]["figure"]
    assert found["gravity"]["figure"] == pytest.approx(found["by hand"]["figure"], abs=1e-6)
    assert found["gravity"]["figure"] != found["plain"]["figure"]
