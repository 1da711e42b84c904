"""Alerts: R's answers, false discoveries held, null worlds, and a rise that is found."""

from importlib import import_module

import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.alerts.detection import _critical, _held
from sahel_geo.alerts.farrington import FarringtonSettings, expected_counts, season_groups
from sahel_geo.alerts.ranges import Expected
from sahel_geo.errors import InputError
from sahel_geo.forecast.past import read_past


@pytest.fixture(scope="module")
def sm():
    return import_module("statsmodels.api")  # a second, which not every worker need wait


@pytest.fixture(scope="module")
def salmonella(request):
    folder = request.getfixturevalue("reference_data") / "known_answers"
    counts = pd.read_csv(folder / "alerts_salmonella_agona.csv")["cases"].to_numpy(float)
    answers = pd.read_csv(folder / "alerts_salmonella_reference.csv")
    return counts, answers, answers["week"].to_numpy() - 1


@pytest.mark.reference
def test_farrington_has_the_bounds_and_alarms_of_r(salmonella):
    counts, answers, at = salmonella
    upper = sg.alerts.farrington(counts, at, per_year=52)
    assert upper == pytest.approx(answers["upper"].to_numpy(), abs=1e-6)
    assert (counts[at] > upper).sum() == answers["alarm"].sum() == 3


@pytest.mark.parametrize(
    ("per_year", "window", "groups", "left_out"), [(52, 3, 10, 26), (12, 1, 4, 6)]
)
def test_many_units_are_fitted_as_each_by_a_log_linear_regression(
    sm, per_year, window, groups, left_out
):
    given = FarringtonSettings(2, window, groups, left_out, reweight_above=np.inf)
    rng = np.random.default_rng(6)
    now = 3 * per_year
    trend = np.exp(0.3 * np.arange(now + 1) / per_year)
    counts = rng.negative_binomial(2, 0.4, (6, now + 1)) + rng.poisson(trend, (6, now + 1))
    expected, dispersion = expected_counts(counts.astype(float), now, per_year, given)
    group = season_groups(now, per_year, given)
    used = np.flatnonzero(group >= 0)
    seasons = np.unique(group[used])
    table = np.column_stack([used, group[used, None] == seasons]).astype(float)
    ahead = np.concatenate([[now], seasons == groups]).astype(float)
    for row, series in enumerate(counts):
        fit = sm.GLM(series[used], table, family=sm.families.Poisson()).fit(tol=1e-12)
        assert expected[row] == pytest.approx(fit.predict(ahead[None])[0], rel=1e-6)
        wide = fit.pearson_chi2 / fit.df_resid
        assert dispersion[row] == pytest.approx(max(wide, 1), rel=1e-6)


def test_units_that_tell_nothing_disturb_no_other():
    given = FarringtonSettings(2, 1, 4, 6)
    counts = np.random.default_rng(3).poisson(2.0, (4, 40)).astype(float)
    alone = expected_counts(counts[[0, 3]], 39, 12, given)
    counts[1], counts[2, 20] = 0, np.nan
    expected, dispersion = expected_counts(counts, 39, 12, given)
    assert (expected[[0, 3]] == alone[0]).all()
    assert 0 < expected[1] < 0.05
    assert dispersion[1] == 1
    assert np.isnan(expected[2])
    assert np.isnan(expected_counts(counts, 20, 12, given)[0]).all()


@pytest.mark.reference
@pytest.mark.parametrize(("method", "alarms"), [("C1", 3), ("C2", 4), ("C3", 8)])
def test_ears_has_the_bounds_and_alarms_of_r(salmonella, method, alarms):
    counts, answers, at = salmonella
    upper = sg.alerts.ears(counts, method=method)[at]
    assert upper == pytest.approx(answers[f"ears_{method.lower()}_upper"].to_numpy(), abs=1e-6)
    assert ((counts[at] > upper) == answers[f"ears_{method.lower()}"].astype(bool)).all()
    assert (counts[at] > upper).sum() == alarms


def test_c1_is_mean_and_spread_of_seven_periods():
    usual = [4, 6, 5, 7, 3, 5, 5]
    bound = sg.alerts.ears([*usual, 0])[-1]
    assert bound == pytest.approx(np.mean(usual) + 3.090232306167813 * np.std(usual, ddof=1))
    assert np.isnan(sg.alerts.ears(usual)).all()


def test_false_discoveries_are_held_as_by_benjamini_and_hochberg(sm):
    chance = np.random.default_rng(2).beta(0.3, 1, (60, 4))
    ours = _held(chance, 0.1)
    for column in range(4):
        theirs = sm.stats.multipletests(chance[:, column], 0.1, method="fdr_bh")[0]
        assert (ours[:, column] == theirs).all()
    assert not _held(np.full((5, 1), np.nan), 0.1).any()


@pytest.fixture(scope="module")
def units():
    return sg.load_boundaries(level=2, countries=["BFA"])


def poisson_panel(units, months, rate=3.0, seed=1):
    rng = np.random.default_rng(seed)
    periods = pd.period_range("2018-01", periods=months, freq="M")
    size = len(units)
    return pd.DataFrame(
        {
            "unit_id": np.repeat(units["unit_id"].to_numpy(), months),
            "period": periods.take(np.tile(np.arange(months), size)),
            "incidents": rng.poisson(rate, months * size),
        }
    )


def test_a_world_without_change_has_few_alerts(units):
    methods = ("forecast", "farrington")
    alerts = sg.alerts.detect(
        poisson_panel(units, 72), units, methods=methods, model="endemic_epidemic"
    )
    record = alerts.record.set_index("method")
    assert record.loc["forecast", "false_share"] < 0.004
    assert record.loc["farrington", "false_share"] < 0.01  # its plug-in bound is a little low
    assert record.loc["forecast", "power"] > 0.1
    assert alerts.record["unit_periods"].eq(24 * len(units)).all()


def test_a_sudden_rise_is_found_by_every_method_and_said(units):
    panel = poisson_panel(units, 72)
    target = units["unit_id"].iloc[7]
    rise = (panel["unit_id"] == target) & (panel["period"] == panel["period"].max())
    panel.loc[rise, "incidents"] = 40
    alerts = sg.alerts.detect(panel, units, model="endemic_epidemic")
    assert (alerts.alerts["unit_id"] == target).sum() == 3
    assert alerts.alerts["unit_id"].value_counts().idxmax() == target
    name = units["name"].iloc[7]
    assert name in alerts.sentence("en")
    assert "Une alerte ne dit pas pourquoi" in alerts.sentence("fr")


def test_the_expected_range_is_made_before(units):
    panel = poisson_panel(units, 60)
    latest = panel["period"] == panel["period"].max()
    raised = panel.assign(incidents=panel["incidents"] + 90 * latest)
    methods = ("forecast", "farrington", "ears")
    one, other = (
        sg.alerts.detect(table, units, methods=methods, model="faded").table
        for table in (panel, raised)
    )
    assert (one[["expected", "upper"]].fillna(-1) == other[["expected", "upper"]].fillna(-1)).all(
        axis=None
    )


def test_a_country_at_a_level_unseen_for_years_is_told_as_by_hdx(units):
    panel = poisson_panel(units, 60)
    panel.loc[panel["period"] == panel["period"].max(), "incidents"] += 50
    alerts = sg.alerts.detect(panel, units, methods=["ears"])
    assert alerts.by_country["unseen_years"].tolist() == [3]


def test_weeks_are_taken_as_well(units):
    rng = np.random.default_rng(4)
    weeks = pd.period_range("2020-01-06", periods=280, freq="W-SUN")
    panel = pd.DataFrame(
        {
            "unit_id": np.repeat(units["unit_id"].to_numpy()[:25], 280),
            "period": weeks.take(np.tile(np.arange(280), 25)),
            "incidents": rng.poisson(1.0, 25 * 280),
        }
    )
    alerts = sg.alerts.detect(panel, units.iloc[:25], methods=("forecast", "ears"), model="faded")
    assert alerts.table["period"].iloc[0] == weeks[-1]
    assert alerts.record["unit_periods"].tolist() == [25 * 104, 25 * 104]


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"methods": ["farington"]}, "Did you mean 'farrington'"),
        ({"alpha": 0}, "`alpha` is 0"),
        ({"alpha": "0.01"}, "`alpha` is '0.01'"),
        ({"methods": None}, "expected some of"),
        ({"column": "deaths"}, "no column"),
        ({"model": "magic"}, "unknown names"),
    ],
)
def test_unknown_settings_are_refused(units, options, match):
    with pytest.raises(InputError, match=match):
        sg.alerts.detect(poisson_panel(units, 40), units, **options)


def test_what_is_too_short_for_a_method_is_refused(units):
    with pytest.raises(InputError, match="30 months"):
        sg.alerts.detect(poisson_panel(units, 30), units)
    assert len(sg.alerts.detect(poisson_panel(units, 30), units, methods="ears").table) == 45


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: sg.alerts.ears([1, 2], method="C4"), "`method` is 'C4'"),
        (lambda: sg.alerts.ears([1, 2], baseline=1), "`baseline` is 1"),
        (lambda: sg.alerts.farrington([1, 2], [2], per_year=52), "outside the 2 counts"),
        (lambda: sg.alerts.farrington([1, 2], [1], per_year=12), "fit into a year"),
    ],
)
def test_bounds_of_what_cannot_be_are_refused(call, match):
    with pytest.raises(InputError, match=match):
        call()


def in_unit(panel, units, place, periods, count):
    """The panel with another count in some periods of a unit."""
    rows = (panel["unit_id"] == units["unit_id"].iloc[place]) & panel["period"].isin(periods)
    return panel.assign(incidents=panel["incidents"].where(~rows, count))


def test_a_jump_after_periods_all_alike_is_an_alert(units):
    panel = poisson_panel(units, 30)
    months = panel["period"].unique()
    jump = in_unit(in_unit(panel, units, 4, months, 0), units, 4, months[-1:], 9)
    row = sg.alerts.detect(jump, units, methods="ears").table.iloc[4]
    assert row["alert"]
    assert row["chance"] < 1e-6
    assert row["upper"] < 9
    same = in_unit(panel, units, 4, months, 0)
    row = sg.alerts.detect(same, units, methods="ears").table.iloc[4]
    assert (row["chance"], row["alert"]) == (1.0, False)


def test_in_worlds_without_change_few_periods_have_a_false_alert_by_ears(units):
    # seeds 1 to 40: with the normal law of C1 itself 84 % of these periods had one
    shares = [
        _held(
            Expected.of(
                read_past(poisson_panel(units, 40, rate, seed), units, "incidents"),
                range(7, 40),
                "ears",
                ("faded", 0.01, 1),
            ).chance,
            0.1,
        )
        .any(axis=0)
        .mean()
        for rate in (0.3, 3.0)
        for seed in range(1, 21)
    ]
    assert np.mean(shares) < 0.1


def test_the_power_stated_is_that_of_the_alerts_given(units):
    # each doubling made for itself, and asked about as the latest period would be
    panel = poisson_panel(units, 60, seed=3)
    past = read_past(panel, units, "incidents")
    at = list(range(40, 60))
    ranges = Expected.of(past, at, "farrington", ("faded", 0.01, 1))
    noticed = ranges.doubled <= _critical(ranges.chance, 0.1)
    for unit, column in ((0, 0), (7, 5), (20, 11), (33, 19), (44, 3)):
        chance = ranges.chance.copy()
        chance[unit, column] = ranges.doubled[unit, column]
        assert _held(chance, 0.1)[unit, column] == noticed[unit, column]


def test_the_largest_chance_that_is_an_alert_beside_others_is_that_of_the_rule():
    draw = np.random.default_rng(5)
    chance = draw.beta(0.4, 1, (30, 12))
    chance[draw.random(chance.shape) < 0.2] = np.nan
    critical = _critical(chance, 0.1)
    for unit in range(30):
        for column in range(12):
            for own in (0.5, 2.0) if np.isfinite(chance[unit, column]) else ():
                changed = chance.copy()
                changed[unit, column] = critical[unit, column] * own
                assert _held(changed, 0.1)[unit, column] == (own < 1)
    assert np.isnan(critical[np.isnan(chance)]).all()


def test_units_of_which_nothing_is_known_are_not_called_as_expected(units):
    panel = poisson_panel(units, 60)
    last = panel["period"] == panel["period"].max()
    some = panel["unit_id"].isin(units["unit_id"].iloc[:20])
    lacking = panel.assign(incidents=panel["incidents"].where(~(last & some)))
    alerts = sg.alerts.detect(lacking, units, methods="farrington")
    assert "of 25 units had more" in alerts.sentence("en")
    assert "Of 20 more units nothing can be said" in alerts.sentence("en")
    assert "De 20 autres unités" in alerts.sentence("fr")
    unknown = panel.assign(incidents=panel["incidents"].where(~last))
    alerts = sg.alerts.detect(unknown, units, methods="ears")
    assert "no unit could be compared with" in alerts.sentence("en")
    assert "aucune unité n’a pu être comparée" in alerts.sentence("fr")


def test_a_share_of_a_handful_is_not_stated(units):
    panel = poisson_panel(units, 60)
    alone = panel[panel["unit_id"] == units["unit_id"].iloc[0]]
    said = sg.alerts.detect(alone, units, methods="ears").sentence("en")
    assert "too short or too quiet to tell" in said


def test_a_week_is_said_in_words(units):
    panel = poisson_panel(units, 60)
    weeks = pd.period_range("2024-01-01", periods=60, freq="W-SUN")
    panel = panel.assign(period=weeks.take(np.tile(np.arange(60), len(units))))
    alerts = sg.alerts.detect(panel, units, methods="ears")
    assert alerts.sentence("en").startswith("In week 8 of 2025, ")
    assert alerts.sentence("fr").startswith("En semaine 8 de 2025, ")


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: sg.alerts.ears(["a"] * 9), "no number"),
        (lambda: sg.alerts.ears([1] * 9, baseline=2.5), "`baseline` is 2.5"),
        (lambda: sg.alerts.ears([1] * 9, alpha="1"), "`alpha` '1'"),
        (lambda: sg.alerts.farrington(["a"] * 400, [350], per_year=52), "no number"),
        (lambda: sg.alerts.farrington([[1, 2]] * 9, [5], per_year=12), "2 dimensions"),
        (lambda: sg.alerts.farrington([1] * 400, [350.5], per_year=52), r"`at` holds \[350.5\]"),
        (lambda: sg.alerts.farrington([1] * 400, [350], per_year=52.18), "`per_year` is 52.18"),
    ],
)
def test_counts_and_settings_that_are_no_numbers_are_refused(call, match):
    with pytest.raises(InputError, match=match):
        call()


def test_one_incident_in_a_season_without_any_is_no_alert(units):
    # a rate fitted to no count at all is 0, before which a single one would be impossible
    panel = poisson_panel(units, 60, rate=1.0)
    winter = panel["period"].dt.month.isin([11, 12, 1])
    panel = panel.assign(incidents=panel["incidents"].where(~winter, 0))
    latest = panel["period"].max()
    single = in_unit(panel, units, 3, [latest], 1)
    many = in_unit(panel, units, 3, [latest], 6)
    one, other = (
        sg.alerts.detect(table, units, methods="farrington").table.iloc[3]
        for table in (single, many)
    )
    assert one["chance"] > 0.03
    assert not one["alert"]
    assert other["alert"]


def test_the_share_of_false_discoveries_accepted_is_held_by_the_forecast_of_the_pool(units):
    # worlds of seeds 1 to 8, 24 months each: by the faded past alone it is 40 %
    months = []
    for seed in range(1, 9):
        past = read_past(poisson_panel(units, 84, rate=2.0, seed=seed), units, "incidents")
        ranges = Expected.of(past, range(60, 84), "forecast", ("pool", 0.01, seed))
        months += _held(ranges.chance, 0.1).any(axis=0).tolist()
    assert np.mean(months) < 0.1 + 2 * np.sqrt(0.1 * 0.9 / len(months))


SCATTER = {  # what rates are multiplied by in each unit and month, and levels of units
    "none": lambda _, shape: 2.0 * np.ones(shape),
    "wide": lambda rng, shape: 3 * rng.gamma(0.5, 2.0, shape),
    "uneven": lambda rng, shape: (
        np.exp(1.3 * rng.normal(size=(shape[0], 1))) * rng.gamma(1, 1, shape)
    ),
    "in half of the units": lambda rng, shape: (
        3 * np.where(rng.random((shape[0], 1)) < 0.5, rng.gamma(0.3, 1 / 0.3, shape), 1)
    ),
    "heavy": lambda rng, shape: 0.8 * rng.pareto(1.3, shape),
}


@pytest.mark.worlds
@pytest.mark.parametrize("scatter", SCATTER)
@pytest.mark.parametrize(
    ("method", "model"),
    [
        ("ears", "faded"),
        ("farrington", "faded"),
        ("forecast", "faded"),
        ("forecast", "endemic_epidemic"),
    ],
)
def test_in_worlds_without_change_few_periods_have_a_false_alert(units, method, model, scatter):
    # before ranges were set beside how often they were passed, 4 to 94 % of months
    months = []
    for seed in range(4):
        rng = np.random.default_rng([seed, *map(ord, scatter)])
        panel = poisson_panel(units, 84, SCATTER[scatter](rng, (len(units), 84)).ravel(), seed)
        ranges = Expected.of(
            read_past(panel, units, "incidents"), range(60, 84), method, (model, 0.01, seed)
        )
        months += _held(ranges.as_seen().chance, 0.1).any(axis=0).tolist()
    assert np.mean(months) < 0.1 + 2 * np.sqrt(0.1 * 0.9 / len(months))


def test_chances_are_no_smaller_than_those_of_other_periods():
    chance = np.array([[0.5, 0.001, 0.2], [0.04, 0.3, np.nan]])
    seen = Expected(chance, chance, chance, chance / 100).as_seen()
    assert seen.chance[:, 0] == pytest.approx([1, 2 / 4])
    assert seen.chance[:, 1] == pytest.approx([1 / 4, 0.75])
    assert np.isnan(seen.chance[1, 2])
    assert seen.chance[0, 2] == pytest.approx(3 / 5)
    assert seen.doubled[0, 0] == pytest.approx(2 / 4)


def test_too_few_periods_to_check_ranges_are_told(units):
    short = sg.alerts.detect(poisson_panel(units, 16), units, methods="ears")
    assert not short.record["checked"].iloc[0]
    assert "too short" in short.sentence("en")
    longer = sg.alerts.detect(poisson_panel(units, 30), units, methods="ears")
    assert longer.record["checked"].iloc[0]
    assert "too short" not in longer.sentence("en")


def test_a_country_without_a_count_is_not_at_its_lowest(units):
    panel = poisson_panel(units, 60)
    last = panel["period"] == panel["period"].max()
    unknown = panel.assign(incidents=panel["incidents"].where(~last))
    row = sg.alerts.detect(unknown, units, methods="ears").by_country.iloc[0]
    assert np.isnan(row["observed"])
    assert row["unseen_years"] == 0
