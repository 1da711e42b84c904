"""The sixteen classes and their boundaries, from a table of series written by hand."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from scipy import stats

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.indicators.display.plotting import COLOURS
from sahel_geo.indicators.permutation.trends import Alike

H, C, O = 3.0, -3.0, 0.0  # noqa: E741  hot, cold, neither
RISING = [2.0 + 0.1 * step for step in range(10)]

# ten steps of time: series, class by "arcgis", class by "sfdep"
TABLE = [
    ([O] * 9 + [H], "new", "new"),
    ([C] + [O] * 8 + [H], "new", "oscillating"),  # a cold step earlier
    ([O] * 8 + [H] * 2, "consecutive", "consecutive"),  # the shortest run
    ([O] * 2 + [H] * 8, "consecutive", "consecutive"),  # 80 %
    ([O] + [H] * 9, "persistent", "persistent"),  # 90 % is no longer consecutive
    ([C, O] + [H] * 8, "consecutive", "oscillating"),
    (RISING, "intensifying", "intensifying"),
    ([O, *RISING[1:]], "intensifying", "intensifying"),  # exactly 90 %
    ([O, O, *RISING[2:]], "consecutive", "consecutive"),
    ([H] * 10, "persistent", "persistent"),
    ([H] * 5 + [O] + [H] * 4, "persistent", "persistent"),  # exactly 90 %, hot last
    (RISING[::-1], "diminishing", "diminishing"),
    ([RISING[9 - at] for at in range(8)] + [O, 2.0], "diminishing", "diminishing"),
    ([H] * 9 + [O], "historical", "persistent"),  # no trend in ranks, not hot last
    ([*RISING[::-1][:9], -0.5], "historical", "historical"),
    ([*RISING[::-1][:9], 0.5], "historical", "no pattern"),  # falling, last score not below 0
    ([H] + [O] * 8 + [H], "sporadic", "sporadic"),
    ([H, H, O, H, O, H, H, H, H, H], "sporadic", "sporadic"),  # 80 %
    ([H] + [O] * 9, "no pattern", "sporadic"),  # not hot last
    ([H, C] + [O] * 7 + [H], "oscillating", "oscillating"),
    ([H, C, O, H, H, H, H, H, H, H], "oscillating", "oscillating"),  # 80 %
    ([C, *RISING[1:]], "intensifying", "intensifying"),  # 90 % hot: not oscillating
    ([H] + [O] * 7 + [H] * 2, "sporadic", "sporadic"),  # a final run of two, but hot before it
    ([O] * 7 + [H, O, H], "sporadic", "sporadic"),  # the last run has one step only
    ([H, O, C, *RISING[3:]], "oscillating", "oscillating"),  # one hot step short of 90 %
    ([*RISING[:4], C, *RISING[5:]], "intensifying", "intensifying"),  # exactly 90 %, once cold
    ([H] * 8 + [O] * 2, "no pattern", "sporadic"),  # 80 % and over: not historical
    ([H, C] + [O] * 8, "no pattern", "no pattern"),  # hot and cold, neither last
    ([O] * 10, "no pattern", "no pattern"),
]


@pytest.mark.parametrize("variant", ["arcgis", "sfdep"])
@pytest.mark.parametrize("side", ["hot", "cold"])
def test_every_class_and_boundary(variant, side):
    z = np.array([series for series, *_ in TABLE]) * (1 if side == "hot" else -1)
    kinds = [row[1 if variant == "arcgis" else 2] for row in TABLE]
    expected = [kind if kind == "no pattern" else f"{kind} {side} spot" for kind in kinds]
    table = sg.emerging.classify(z, variant=variant)
    found = table["kind"].tolist()
    assert list(zip(range(len(z)), found, strict=True)) == list(enumerate(expected))
    other = "cold" if side == "hot" else "hot"
    steps = [[sum(score > 1.9 for score in series) / 10, series.count(C) / 10]
             for series, *_ in TABLE]  # fmt: skip
    assert table[[f"{side}_share", f"{other}_share"]].to_numpy().tolist() == steps
    assert {kind for _, kind, _ in TABLE} == {*sg.emerging.KINDS, "no pattern"}


@pytest.mark.parametrize("steps", [10, 11, 13, 20, 30, 40, 70, 100, 110])
def test_ninety_percent_is_counted_in_whole_steps(steps):
    """At the fewest hot steps that make 90 %, the class is persistent; with one less, not."""
    fewest = -(-9 * steps // 10)
    for hot, kind in ((fewest, "persistent"), (fewest - 1, "consecutive")):
        z = [[O] * (steps - hot) + [H] * hot]
        # many equal scores after a low start may rise by ranks; only the share is looked at here
        states = (np.array(z) == H).astype(int)
        found = sg.emerging.classify(np.zeros_like(z), states=states)["kind"].tolist()
        assert found == [f"{kind} hot spot"]


def test_short_series_stand_on_the_boundaries():
    def kinds(rows):
        return sg.emerging.classify(rows)["kind"].tolist()

    assert kinds([[O, H], [H, H], [H, O]]) == ["new hot spot", "persistent hot spot", "no pattern"]
    assert kinds([[O, H, H]]) == ["consecutive hot spot"]
    # four rising steps give Mann-Kendall p = 0.09, five give 0.03
    assert kinds([[2.0, 2.1, 2.2, 2.3]]) == ["persistent hot spot"]
    assert kinds([[2.0, 2.1, 2.2, 2.3, 2.4]]) == ["intensifying hot spot"]
    # the level belongs to the trend, and to the steps
    p = sg.emerging.mann_kendall([[2.0, 2.1, 2.2, 2.3, 2.4]])[1][0]
    for alpha, kind in ((p, "intensifying"), (p * 0.999, "persistent")):
        found = sg.emerging.classify([[9.0, 9.1, 9.2, 9.3, 9.4]], alpha=alpha)["kind"].tolist()
        assert found == [f"{kind} hot spot"]
    limit = stats.norm.isf(0.025)
    assert kinds([[O, limit], [O, np.nextafter(limit, 0)]]) == ["new hot spot", "no pattern"]


def test_the_first_class_counts_whichever_side_it_is_on():
    long_hot = [H] * 9 + [C]  # historical hot by the first wording, new cold by the last
    assert sg.emerging.classify([long_hot])["kind"].tolist() == ["new cold spot"]
    loose = sg.emerging.classify([long_hot], variant="sfdep")["kind"].tolist()
    assert loose == ["persistent hot spot"]
    falling = [*RISING[::-1][:9], C]
    loose = sg.emerging.classify([falling, np.negative(falling)], variant="sfdep")["kind"].tolist()
    assert loose == ["oscillating cold spot", "oscillating hot spot"]


def test_the_last_step_decides_between_hot_and_cold():
    assert sg.emerging.classify([[H, O, O, C]])["kind"].tolist() == ["new cold spot"]
    found = sg.emerging.classify([[H, C, O, C]])["kind"].tolist()
    assert found == ["oscillating cold spot"]


def test_trend_against_kendall_of_scipy():
    rng = np.random.default_rng(1)
    series = rng.integers(0, 6, (40, 25)).astype(float)
    z, p = sg.emerging.mann_kendall(series)
    for at, row in enumerate(series):
        score = sum(np.sign(row[j] - row[i]) for i in range(25) for j in range(i + 1, 25))
        _, counts = np.unique(row, return_counts=True)
        variance = 25 * 24 * 55 - sum(k * (k - 1) * (2 * k + 5) for k in counts)
        assert z[at] == pytest.approx((score - np.sign(score)) / np.sqrt(variance / 18))
        kendall = stats.kendalltau(np.arange(25), row, method="asymptotic").pvalue
        assert p[at] == pytest.approx(kendall, abs=0.05)  # without the correction for continuity


def test_space_time_scores_by_the_formula(toy_units):
    weights = sg.hotspots.contiguity(toy_units)
    values = np.random.default_rng(4).poisson(3, (6, 4)).astype(float)
    z = sg.emerging.space_time_scores(values, weights)
    links = weights.matrix.toarray() + np.eye(6)
    big = np.zeros((24, 24))
    for step in range(4):
        for back in range(min(step, 1) + 1):
            rows = np.arange(6) * 4 + step
            big[np.ix_(rows, np.arange(6) * 4 + step - back)] = links
    x, n = values.ravel(), 24
    total, squares = big.sum(axis=1), (big**2).sum(axis=1)
    spread = np.sqrt((x**2).mean() - x.mean() ** 2)
    oracle = (big @ x - x.mean() * total) / (spread * np.sqrt((n * squares - total**2) / (n - 1)))
    np.testing.assert_allclose(z.ravel(), oracle, rtol=1e-10)


def make_panel(values, units):
    periods = pd.period_range("2020", periods=values.shape[1], freq="Y")
    return pd.DataFrame(
        {
            "unit_id": np.repeat(units["unit_id"].to_numpy(), len(periods)),
            "period": periods.take(np.tile(np.arange(len(periods)), len(units))),
            "incidents": values.ravel(),
        },
    )


def test_the_class_comes_with_the_series_behind_it(toy_units):
    values = np.zeros((6, 10))
    values[0, -1] = 50
    found = sg.emerging.hot_spots(make_panel(values, toy_units), toy_units, time_lags=0)
    assert found.table["unit_id"].tolist() == toy_units["unit_id"].tolist()
    assert found.table.set_index("unit_id").loc["M1", "kind"] == "new hot spot"
    series = found.series[found.series["unit_id"] == "M1"]
    assert series["state"].tolist() == [0] * 9 + [1]
    assert series["value"].tolist() == values[0].tolist()
    kinds = sg.emerging.classify(
        found.series["z"].to_numpy().reshape(6, 10),
        states=found.series["state"].to_numpy().reshape(6, 10),
    )["kind"]
    quiet = found.table["last"] == 0  # next to the incidents, but without any
    assert kinds[quiet].eq("new hot spot").any()
    assert kinds[~quiet].tolist() == found.table.loc[~quiet, "kind"].tolist()
    assert set(found.table.loc[quiet, "kind"]) == {"no pattern"}
    assert found.table.loc[0, ["total", "last", "around"]].tolist() == [50, 50, 50]
    assert found.table["around"].tolist() == [50, 50, 0, 0, 50, 50]


@pytest.mark.parametrize(
    "grid", [sg.PrioGrid, partial(sg.SquareGrid, cell_km=55), partial(sg.HexagonGrid, across_km=55)]
)
def test_cells_of_a_grid_have_histories_too(toy_units, grid):
    cells = grid(toy_units)
    rng = np.random.default_rng(1)
    events = pd.DataFrame(
        {
            "lon": np.r_[rng.uniform(0, 3, 40), rng.uniform(1.4, 1.6, 80)],
            "lat": np.r_[rng.uniform(10, 12, 40), rng.uniform(11.2, 11.4, 80)],
            "date": pd.to_datetime(
                [f"{2015 + at % 8}-03-01" for at in range(40)] + ["2022-05-01"] * 80
            ),
        }
    )
    panel = sg.count(sg.assign(events, cells), cells, period="year")
    found = sg.emerging.hot_spots(panel, cells.cells(), time_lags=0)
    assert "new hot spot" in found.table["kind"].tolist()
    assert found.table["unit_id"].tolist() == cells.unit_ids.tolist()


def test_the_result_speaks_and_draws(toy_units):
    values = np.zeros((6, 10))
    values[0, -1] = 50
    found = sg.emerging.hot_spots(make_panel(values, toy_units), toy_units, time_lags=0)
    assert found.sentence("en") == (
        "Over 6 units and 10 periods (2020 to 2029): 1 new hot spot (Unit M1 50). A number beside "
        "a unit is what it counted in all. The class depends on where the panel begins and on the "
        'length of its periods (variant "arcgis").'
    )
    assert "1 point chaud nouveau (Unit M1" in found.sentence("fr")
    labels = [text.get_text() for text in found.plot().get_legend().get_texts()]
    assert labels == ["new hot spot (1)", "no pattern (5)"]
    assert len(found.plot_series("M1").patches) == 10
    assert found._repr_html_().count("<p lang=") == 2
    with pytest.raises(InputError, match="`unit_id` is 'X9'"):
        found.plot_series("X9")
    quiet = sg.emerging.hot_spots(make_panel(np.eye(6)[:, :3], toy_units), toy_units)
    assert quiet.sentence("fr").startswith("Sur 6 unités et 3 périodes (2020 à 2022), aucune")
    zeros = sg.emerging.hot_spots(make_panel(np.zeros((6, 3)), toy_units), toy_units)
    assert zeros.sentence("en").startswith("None of the 6 units has a class")
    with pytest.raises(InputError, match="`unit_id` is 'M1', which is not there or has no score"):
        zeros.plot_series("M1")


def test_the_series_of_a_unit_is_drawn_in_the_colours_of_its_states(toy_units):
    values = np.zeros((6, 5))
    values[0, -1], values[:, 1] = 50, 9
    values[3, 1:] = 1
    found = sg.emerging.hot_spots(make_panel(values, toy_units), toy_units)
    series = found.series.assign(state=np.tile([0, -1, 1, 0, 1], 6))
    kinds = ["no pattern", "new hot spot", "no pattern", "sporadic cold spot", *["no pattern"] * 2]
    table = found.table.assign(kind=kinds)
    drawn = replace(found, series=series, table=table).plot_series("N2")
    colours = [to_hex(bar.get_facecolor()) for bar in drawn.patches]
    hot, cold, neither = COLOURS["hot"].lower(), COLOURS["cold"].lower(), "#bdbdbd"
    assert colours == [neither, cold, hot, neither, hot]
    heights = [bar.get_height() for bar in drawn.patches]
    assert heights == series.loc[series["unit_id"] == "N2", "z"].tolist()
    assert [label.get_text() for label in drawn.get_xticklabels()] == [
        "2020", "2021", "2022", "2023", "2024",
    ]  # fmt: skip
    assert drawn.get_title() == "N2: sporadic cold spot"
    assert drawn.get_ylabel().endswith("q ≤ 0.05")
    assert [list(line.get_ydata()) for line in drawn.lines] == [[0, 0]]


def test_up_to_four_units_of_a_class_are_named(toy_units):
    values = np.zeros((6, 10))
    values[0, -1] = 50
    found = sg.emerging.hot_spots(make_panel(values, toy_units), toy_units)
    for number, more in ((4, ")."), (5, ", …).")):
        kinds = ["new hot spot"] * number + ["no pattern"] * (6 - number)
        said = replace(found, table=found.table.assign(kind=kinds)).sentence("en")
        four = "Unit M1 50, Unit M2 0, Unit N1 0, Unit N2 0"
        assert f"{number} new hot spots ({four}{more}" in said
    unnamed = replace(found, units=found.units.drop(columns="name"))
    assert "1 new hot spot. A number" in unnamed.sentence("en")


def test_few_incidents_make_no_hot_spots():
    """Three incidents made seven hot spots in 0.1.0, four of them without any incident."""
    units = sg.load_boundaries(level=2, countries=["NER"])
    values = np.zeros((len(units), 12))
    values[5, -1], values[9, -3:-1] = 1, 1
    found = sg.emerging.hot_spots(make_panel(values, units), units).table
    assert set(found["kind"].dropna()) == {"no pattern"}
    values[5, -3:] = 9
    found = sg.emerging.hot_spots(make_panel(values, units), units).table
    now = found["kind"].isin(
        [f"{kind} hot spot" for kind in ("new", "consecutive", "intensifying")]
    )
    assert found.index[now].tolist() == [5]
    short = sg.emerging.hot_spots(make_panel(values[:, -3:], units), units).table
    assert set(short["kind"].dropna()) == {"no pattern"}
    for least, kinds in ((12, found["kind"].dropna().tolist()), (13, ["no pattern"] * len(units))):
        again = sg.emerging.hot_spots(make_panel(values, units), units, least_periods=least).table
        assert again["kind"].dropna().tolist() == kinds


@pytest.mark.worlds
def test_trends_are_seldom_claimed_where_there_is_none():
    units = sg.load_boundaries(level=2, countries=["NER"])
    p = []
    for seed in range(20):
        values = np.random.default_rng(seed).poisson(2.0, (len(units), 12))
        p += sg.emerging.hot_spots(make_panel(values, units), units).table["trend_p"].tolist()
    assert 0.02 < np.mean(np.array(p) <= 0.05) < 0.08  # 0.17 with windows that overlap in time


def test_degenerate_panels_have_stated_answers(toy_units):
    zeros = sg.emerging.hot_spots(make_panel(np.zeros((6, 3)), toy_units), toy_units)
    assert zeros.table["kind"].isna().all()
    two = sg.emerging.hot_spots(make_panel(np.eye(6)[:, :2], toy_units), toy_units, time_lags=0)
    assert (two.table["trend_p"] > 0.05).all()
    steady = np.arange(6.0)[:, None] * np.ones((6, 4))  # constant in time, not in space
    found = sg.emerging.hot_spots(make_panel(steady, toy_units), toy_units, time_lags=0).table
    assert found["trend_p"].tolist() == [1.0] * 6
    one = toy_units.iloc[[0]]
    assert (
        sg.emerging.hot_spots(make_panel(np.array([[1, 5]]), one), one).table["kind"].isna().all()
    )


def test_emerging_refuses_what_it_cannot_use(toy_units):
    panel = make_panel(np.ones((6, 3)), toy_units)
    with pytest.raises(InputError, match=r"`panel` has 1 periods; expected at least 2"):
        sg.emerging.hot_spots(panel[panel["period"] == panel["period"].min()], toy_units)
    with pytest.raises(InputError, match=r"names 1 units that `units` does not hold: \['M1'\]"):
        sg.emerging.hot_spots(panel, toy_units.iloc[1:])
    with pytest.raises(InputError, match=r"no column \['dead'\]"):
        sg.emerging.hot_spots(panel, toy_units, column="dead")
    with pytest.raises(InputError, match="missing values of 'incidents'"):
        sg.emerging.hot_spots(panel.assign(incidents=np.nan), toy_units)
    with pytest.raises(InputError, match="`least` is -1 and `least_periods` 4"):
        sg.emerging.hot_spots(panel, toy_units, least=-1)
    with pytest.raises(InputError, match="`time_lags` is -1"):
        sg.emerging.hot_spots(panel, toy_units, time_lags=-1)
    weights = sg.hotspots.contiguity(toy_units.iloc[:2])
    with pytest.raises(InputError, match="`weights` were made for other units"):
        sg.emerging.hot_spots(panel, toy_units, weights=weights)
    with pytest.raises(InputError, match=r"`z` has shape \(1, 1\)"):
        sg.emerging.classify([[1.0]])
    with pytest.raises(InputError, match="`variant` is 'other'"):
        sg.emerging.classify([[1.0, 2.0]], variant="other")
    for alpha in (0, 1):
        with pytest.raises(InputError, match=f"`alpha` is {alpha}; .* a share between 0 and 1"):
            sg.emerging.classify([[1.0, 2.0]], alpha=alpha)
    with pytest.raises(InputError, match="`states` has shape"):
        sg.emerging.classify([[1.0, 2.0]], states=[[1, 2]])


def test_the_variance_of_the_score_of_correlated_values_is_that_of_simulation():
    """Kendall's score over 24 steps of values that last, pass, or overlap."""
    rng, steps = np.random.default_rng(8), 24
    gap = np.abs(np.subtract.outer(np.arange(steps), np.arange(steps)))
    overlapping = np.maximum(1 - np.arange(steps) / 3, 0)
    for share, passing in (
        (0.0, gap[0] == 0),
        (0.6, gap[0] == 0),
        (1.0, gap[0] == 0),
        (0.0, overlapping),
    ):
        alike = Alike(np.array([share]), 0.8 ** gap[0], np.asarray(passing, dtype=float))
        root = np.linalg.cholesky((share * alike.lasting + (1 - share) * alike.passing)[gap])
        series = rng.normal(size=(20_000, steps)) @ root.T
        score = sum(
            np.sign(series[:, late] - series[:, early])
            for early in range(steps) for late in range(early + 1, steps)
        )  # fmt: skip
        independent = steps * (steps - 1) * (2 * steps + 5) / 18
        assert alike.spread()[0] == pytest.approx(score.var() / independent, rel=0.04)


@pytest.mark.worlds
def test_a_wave_is_no_trend_and_a_rise_is_one(toy_units):
    """Rates of six units wander: of a standard deviation of 0.8, 0.7 is left a step later."""

    def trends(rise, waves, worlds):
        found = []
        for seed in range(worlds):
            rng = np.random.default_rng(seed)
            state, counts = rng.normal(size=6), []
            for step in range(36):
                state = 0.7 * state + np.sqrt(1 - 0.49) * rng.normal(size=6)
                counts.append(rng.poisson(6 * np.exp(0.8 * state - 0.32 + rise * step / 36)))
            panel = make_panel(np.array(counts).T, toy_units)
            table = sg.emerging.hot_spots(panel, toy_units, waves=waves).table
            found.append((table["trend_p"] <= 0.05).mean())
        return np.mean(found)

    assert trends(0.0, waves=False, worlds=40) > 0.12
    assert trends(0.0, waves=True, worlds=60) <= 0.09
    assert trends(3.0, waves=True, worlds=20) >= 0.5


def test_windows_that_overlap_find_no_more_trends(toy_units):
    rng = np.random.default_rng(9)
    tables = [
        sg.emerging.hot_spots(
            make_panel(rng.poisson(3, (6, 30)), toy_units), toy_units, time_lags=1
        )
        for _ in range(80)
    ]
    share = np.mean([(found.table["trend_p"] <= 0.05).mean() for found in tables])
    assert share <= 0.09  # 0.17 if they are taken for independent


def test_waves_are_taken_into_account_unless_it_is_said(toy_units):
    values = np.random.default_rng(4).poisson(3, (6, 12)).cumsum(axis=1) % 11
    panel = make_panel(values, toy_units)
    usual, waves, bare = (
        sg.emerging.hot_spots(panel, toy_units, **options).table["trend_p"]
        for options in ({}, {"waves": True}, {"waves": False})
    )
    assert usual.equals(waves)
    assert (bare <= waves).all()
    assert (bare < waves).any()
