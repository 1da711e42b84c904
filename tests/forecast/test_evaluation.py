"""Forecasts and their record: nothing from after the origin, same seed same bytes, refusals."""

import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.forecast.models.baselines import Last, Zero
from sahel_geo.forecast.models.registry import BASELINES, MODELS, Team
from sahel_geo.forecast.past import read_past

ORIGIN = 47  # position of the month 2019-12


@pytest.fixture(scope="module")
def units():
    return sg.load_boundaries(level=2, countries=["BFA"])


@pytest.fixture(scope="module")
def panel(units):
    return sg.forecast.simulate_panel(units, months=60, rng=5)


@pytest.fixture(scope="module")
def scores(panel, units):
    return sg.forecast.evaluate(panel, units, horizons=3, origins=("2019-06", "2020-10"), every=4)


def altered_after(panel, month):
    """The same panel, with other figures after a month."""
    changed = panel.copy()
    later = changed["period"] > pd.Period(month, freq="M")
    changed.loc[later, ["incidents", "fatalities_best"]] = 77
    return changed


def test_nothing_after_the_origin_changes_a_forecast(panel, units):
    answers = []
    for table in (panel, altered_after(panel, "2019-12")):
        past = read_past(table, units, "fatalities_best").until(ORIGIN)
        team = Team([*MODELS, "pool"]).fit(past, [1, 3], np.random.default_rng(1))
        answers.append(
            {(name, h): cdf for h in (1, 3) for name, cdf in team.predict_cdfs(past, h).items()}
        )
    for key, cdf in answers[0].items():
        np.testing.assert_array_equal(cdf, answers[1][key], err_msg=str(key))
        assert (np.diff(cdf, axis=1) >= -1e-12).all(), key
        assert cdf[:, -1] == pytest.approx(1), key


def test_the_scores_of_early_targets_do_not_know_late_figures(panel, units):
    both = [
        sg.forecast.evaluate(
            table, units, horizons=2, models=["pool"], origins=("2019-08", "2019-11"), every=3,
            ablation=False,
        ).forecasts.query("target <= '2019-12'")
        for table in (panel, altered_after(panel, "2019-12"))
    ]  # fmt: skip
    assert len(both[0]) > 0
    pd.testing.assert_frame_equal(both[0], both[1])


def test_the_same_seed_gives_the_same_bytes(panel, units):
    def once(seed):
        scores = sg.forecast.evaluate(
            panel, units, horizons=2, models=["pool"], every=12, rng=seed, ablation=False
        )
        forecast = sg.forecast.predict(panel, units, horizons=2, scores=scores, rng=seed)
        return scores.table, scores.skill("pool"), forecast.table, forecast.cdf.tobytes()

    first, again = once(3), once(3)
    for left, right in zip(first[:3], again[:3], strict=True):
        pd.testing.assert_frame_equal(left, right, check_exact=True)
    assert first[3] == again[3]


def test_the_record_holds_every_baseline_and_is_scored_where_the_panel_reaches(scores, units):
    assert set(BASELINES) <= set(scores.table["model"])
    keys = scores.record.keys
    assert keys["target"].max() <= pd.Period("2020-12", freq="M")
    assert (keys["target"] - keys["origin"]).map(lambda step: step.n).eq(keys["horizon"]).all()
    # origins 2019-06, 2019-10, 2020-02, 2020-06, 2020-10; only two targets follow the last
    assert len(keys) == len(units) * (4 * 3 + 2)


def test_zero_has_the_mean_as_its_error_and_last_the_mean_difference(scores, panel):
    table = scores.table.set_index("model")
    keys = scores.record.keys
    assert table.loc["zero", "crps"] == pytest.approx(keys["observed"].mean())
    wide = panel.pivot(index="unit_id", columns="period", values="fatalities_best")
    wide = wide.loc[scores.record.ground.unit_ids]
    last = wide.to_numpy()[keys["unit"], (keys["origin"].array.asi8 - wide.columns[0].ordinal)]
    assert table.loc["last", "crps"] == pytest.approx(np.abs(last - keys["observed"]).mean())
    assert table.loc["zero", "brier"] == pytest.approx((keys["observed"] > 0).mean())
    assert table.loc["zero", "coverage_positive"] == 0


def test_conflictology_is_the_last_twelve_months(scores, panel):
    keys = scores.record.keys
    wide = panel.pivot(index="unit_id", columns="period", values="fatalities_best")
    values = wide.loc[scores.record.ground.unit_ids].to_numpy()
    at = keys["origin"].array.asi8 - wide.columns[0].ordinal
    sample = np.stack([values[keys["unit"], at - back] for back in range(12)], axis=1)
    assert scores.record.of("conflictology", "crps") == pytest.approx(
        sg.forecast.crps(sample, keys["observed"]), abs=1e-4
    )


def test_parts_of_the_record_add_up_to_the_whole(scores):
    whole = scores.table.set_index("model")["crps"]
    for part in (scores.by_horizon, scores.by_country, scores.by_border):
        sums = part.assign(all=part["crps"] * part["forecasts"]).groupby("model")
        assert (sums["all"].sum() / sums["forecasts"].sum()).loc[whole.index].to_numpy() == (
            pytest.approx(whole.to_numpy())
        )
    assert len(scores.quiet) == len(scores.active) == len(scores.table)
    assert scores.pit["pool"].sum() == pytest.approx(1)
    assert (scores.calibration.groupby(["model", "at_least"])["forecasts"].sum() == len(
        scores.record.keys
    )).all()  # fmt: skip


def test_skill_of_a_model_against_itself_is_nothing(scores):
    table = scores.skill("pool", against="pool")
    assert (table[["skill", "lower", "upper"]].to_numpy() == 0).all()
    best = scores.skill("pool")
    assert (best["lower"] <= best["skill"]).all()
    assert (best["skill"] <= best["upper"]).all()
    assert set(best["against"]) <= set(BASELINES)
    assert scores.skill("pool", against="conflictology-24").loc["crps", "against"] == (
        "conflictology_24"
    )


def test_foreign_neighbours_are_one_line_where_there_is_a_border():
    units = sg.load_boundaries(level=2, countries=["BFA", "NER"])
    panel = sg.forecast.simulate_panel(units, months=48, rng=2)
    scores = sg.forecast.evaluate(panel, units, horizons=1, models=["pool"], every=10)
    table = scores.foreign_neighbours.set_index("units")
    assert table.loc["all", "forecasts"] == table.loc[["border", "inland"], "forecasts"].sum()
    assert abs(table.loc["all", "skill"]) < 0.1
    assert "across a border" in scores.sentence("en")
    assert "d’une frontière" in scores.sentence("fr")


def test_a_model_of_ones_own_joins_by_name(panel, units, monkeypatch):
    monkeypatch.setattr("sahel_geo.forecast.models.registry.MODELS", dict(MODELS))
    sg.forecast.register("nothing", Zero)
    scores = sg.forecast.evaluate(panel, units, horizons=1, models=["nothing"], every=12)
    table = scores.table.set_index("model")
    assert table.loc["nothing", "crps"] == table.loc["zero", "crps"]


def test_a_forecast_carries_its_record(panel, units, scores):
    forecast = sg.forecast.predict(panel, units, horizons=3, scores=scores)
    assert forecast.scores is scores
    assert len(forecast.table) == 3 * len(units)
    assert (forecast.quantiles["q05"] <= forecast.quantiles["q95"]).all()
    first = forecast.probability(at_least=1)["probability"]
    assert (forecast.probability(at_least=5)["probability"] <= first).all()
    assert "last 12 months" in forecast.sentence("en")
    assert "12 derniers mois" in forecast.sentence("fr")
    sample = forecast.draws(1)
    assert np.median(sample, axis=1) == pytest.approx(
        forecast.quantiles["q50"][: len(units)], abs=1
    )


def test_without_scores_a_forecast_makes_its_record(panel, units):
    forecast = sg.forecast.predict(panel, units, model="faded", horizons=1)
    assert "faded" in forecast.scores.models
    assert forecast.scores.record.keys["origin"].nunique() == 24


def test_a_forecast_no_better_than_a_rule_says_so(panel, units):
    scores = sg.forecast.evaluate(panel, units, horizons=1, models=["last"], every=6)
    forecast = sg.forecast.predict(panel, units, model="last", horizons=1, scores=scores)
    assert not forecast.is_better
    assert "no better than the last 12 months" in forecast.sentence("en")
    assert "pas été meilleures que les 12 derniers mois" in forecast.sentence("fr")


def test_views_reads_the_draws_of_a_forecast(panel, units, scores, tmp_path):
    forecast = sg.forecast.predict(panel, units, horizons=2, scores=scores)
    table = pd.read_parquet(forecast.to_views(tmp_path / "draws.parquet", count=20))
    assert table["month_id"].unique().tolist() == [493, 494]  # January 2021 is 1 + 41 * 12
    assert len(table) == 2 * 20 * len(units)
    first = table[table["month_id"] == 493]["outcome"].to_numpy().reshape(-1, 20)
    assert (first == forecast.draws(1, 20)).all()


def test_classes_stand_in_for_probabilities(panel, units, scores):
    forecast = sg.forecast.predict(panel, units, horizons=1, scores=scores)
    table = forecast.classes()
    assert "probability" not in table
    likely = forecast.table["probability"] >= 0.6
    assert (table.loc[likely, "probability_class"] == "60% or more").all()


def test_cells_of_a_grid_are_forecast_too():
    niger = sg.load_boundaries(level=1, countries=["NER"])
    cells = sg.PrioGrid(niger.iloc[[0]]).cells()
    rng = np.random.default_rng(1)
    months = pd.period_range("2017-01", periods=48, freq="M")
    panel = pd.DataFrame(
        {
            "unit_id": np.repeat(cells["unit_id"].to_numpy(), 48),
            "period": months.take(np.tile(np.arange(48), len(cells))),
            "incidents": rng.poisson(0.2, 48 * len(cells)),
        }
    )
    forecast = sg.forecast.predict(panel, cells, column="incidents", model="faded", horizons=2)
    assert forecast.table["q95"].max() <= 4
    with pytest.raises(InputError, match="finer than the second level"):
        forecast.classes()


@pytest.mark.parametrize(
    ("change", "options", "match"),
    [
        (lambda p: p[p["period"] < "2018-06"], {}, "29 months"),
        (lambda p: p.assign(fatalities_best=0), {}, "0 units and periods"),
        (lambda p: p.assign(fatalities_best=-1), {}, "no counts"),
        (lambda p: p.assign(fatalities_best=0.5), {}, "no counts"),
        (lambda p: p.rename(columns={"fatalities_best": "x"}), {}, "no column"),
        (lambda p: pd.concat([p, p]), {}, "repeated rows"),
        (lambda p: p, {"models": ["conflictologie"]}, "Did you mean 'conflictology'"),
        (lambda p: p, {"horizons": 0}, "`horizons` is 0"),
        (lambda p: p, {"refit": "day"}, "`refit` is 'day'"),
        (lambda p: p, {"origins": ("2016-05", "2020-01")}, "leave 36 months before"),
    ],
)
def test_what_no_honest_forecast_can_be_made_from_is_refused(panel, units, change, options, match):
    with pytest.raises(InputError, match=match):
        sg.forecast.evaluate(change(panel), units, **({"models": ["faded"]} | options))


def test_few_units_are_refused(toy_units):
    panel = pd.DataFrame(
        {
            "unit_id": np.repeat(toy_units["unit_id"].to_numpy(), 48),
            "period": pd.period_range("2017-01", periods=48, freq="M").take(
                np.tile(np.arange(48), 6)
            ),
            "incidents": 1,
        }
    )
    with pytest.raises(InputError, match="6 units") as caught:
        sg.forecast.predict(panel, toy_units, column="incidents")
    assert "6 unités" in caught.value.say("fr")


def test_a_selection_of_incidents_is_refused():
    units = sg.load_boundaries(level=2)
    panel = sg.count(sg.assign(sg.load_example_incidents(), units), units)
    with pytest.raises(InputError, match="selection of incidents"):
        sg.forecast.predict(panel, units)


def test_scores_of_another_panel_are_refused(panel, units, scores):
    with pytest.raises(InputError, match="belong to another panel"):
        sg.forecast.predict(altered_after(panel, "2020-11"), units, horizons=3, scores=scores)
    with pytest.raises(InputError, match="up to 3 periods ahead"):
        sg.forecast.predict(panel, units, horizons=6, scores=scores)


def with_counts(panel, rows, count):
    """The panel with another number of deaths in some rows."""
    return panel.assign(fatalities_best=panel["fatalities_best"].where(~rows, count))


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda p: p[p["fatalities_best"] > 0], "no 'fatalities_best' of 0"),
        (lambda p: p.assign(period=p["period"].dt.year), "no months, such as"),
        (lambda p: p.assign(period="janvier 2024"), "no months, such as"),
        (lambda p: p.assign(period=p["period"].astype(str) + "-17"), "no months, such as"),
        (lambda p: p.assign(period=p["period"].dt.asfreq("h")), "expected days, weeks, months"),
        (lambda p: p.assign(fatalities_best="many"), "other than numbers"),
        (lambda p: [p], "`panel` is a list"),
        (
            lambda p: with_counts(p, p["period"] > "2020-09", np.nan),
            "knows nothing of any unit after 2020-09, up to 2020-12",
        ),
    ],
)
def test_tables_that_would_be_read_as_something_else_are_refused(panel, units, change, match):
    with pytest.raises(InputError, match=match):
        sg.forecast.evaluate(change(panel), units, models=["faded"])


@pytest.mark.parametrize("way", [str, lambda p: f"{p}-01", lambda p: p.to_timestamp(), lambda p: p])
def test_months_are_read_however_they_are_kept(panel, units, way):
    periods = pd.Series([way(each) for each in panel["period"]], index=panel.index)
    past = read_past(panel.assign(period=periods), units, "fatalities_best")
    assert past.periods.equals(read_past(panel, units, "fatalities_best").periods)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"horizons": 2.5}, "`horizons` is 2.5"),
        ({"horizons": "3"}, "`horizons` is '3'"),
        ({"horizons": True}, "`horizons` is True"),
        ({"every": 2.5}, "`every` is 2.5"),
        ({"origins": ("2019-05",)}, "`origins` has 1 periods"),
        ({"origins": ("a", "b")}, "`origins` is 'a'"),
        ({"origins": (None, None)}, "`origins` is None"),
        ({"models": None}, "`models` has 0 unknown names"),
        ({"population": 5}, "`population` is a int"),
        ({"covariates": "incidents"}, "`covariates` a str"),
    ],
)
def test_settings_that_are_none_are_refused(panel, units, options, match):
    with pytest.raises(InputError, match=match):
        sg.forecast.evaluate(panel, units, **({"models": ["faded"]} | options))


def test_what_a_forecast_is_asked_must_be_whole_numbers(panel, units, scores):
    forecast = sg.forecast.predict(panel, units, horizons=1, scores=scores)
    for call, match in (
        (lambda: forecast.probability("1"), "`at_least` is '1'"),
        (lambda: forecast.probability(1.5), "`at_least` is 1.5"),
        (lambda: forecast.draws(1.0), "`horizon` is 1.0"),
        (lambda: forecast.draws(1, 2.5), "`count` is 2.5"),
        (lambda: sg.forecast.predict(panel, units, origin="soon"), "`origin` is 'soon'"),
    ):
        with pytest.raises(InputError, match=match):
            call()


def test_the_last_value_is_the_last_one_known(panel, units):
    last = panel["period"] == panel["period"].max()
    lost = panel["unit_id"].isin(units["unit_id"].iloc[:9])
    past = read_past(with_counts(panel, last & lost, np.nan), units, "fatalities_best")
    cdf = Last().predict_cdf(past, 1)
    before = past.counts[:9, -2]
    assert (past.support[(cdf[:9] < 1).sum(axis=1)] == before).all()
    never = read_past(with_counts(panel, lost, np.nan), units, "fatalities_best")
    assert (Last().predict_cdf(never, 1)[:9] == 1).all()


def test_a_record_of_a_few_periods_claims_nothing(panel, units):
    short = panel[panel["period"] < panel["period"].min() + 39]
    forecast = sg.forecast.predict(short, units, model="faded", horizons=6)
    assert np.isnan(forecast.record["lower"])
    assert not forecast.is_better
    said = forecast.sentence("en")
    assert "too short to tell" in said or "too few for an interval" in said
    assert "Nothing is known of how good they are more than 3 periods ahead" in said
    assert "nan" not in said + forecast.sentence("fr") + forecast.scores.sentence("fr")
    assert "Rien n’est connu de leur qualité" in forecast.sentence("fr")


def test_where_nothing_is_expected_no_unit_is_named_as_having_most(panel, units):
    early = panel["period"] < panel["period"].min() + 30
    silent = with_counts(panel, ~early, 0.0)
    forecast = sg.forecast.predict(silent, units, model="conflictology", horizons=1)
    assert "No unit is expected to record any" in forecast.sentence("en")
    assert "Most is expected" not in forecast.sentence("en")
    assert "Aucune unité" in forecast.sentence("fr")
