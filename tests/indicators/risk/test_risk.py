"""The index by hand, its parts, and how far its ranks may be trusted."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.indicators.risk.risk import Component

UNITS = ["A", "B", "C"]


def series(*values):
    return pd.Series(values, UNITS, dtype=float)


def example(**options):
    return sg.risk.index(
        hazard={
            "intensity": Component(series(0, 3, 15), high=15, log=True),
            "trend": Component(series(-1, 0, 1), low=-1, high=1, weight=3),
        },
        exposure=Component(series(50, 100, 400), low=0, high=200),
        vulnerability=Component(series(1, 3, 5), low=1, high=5),
        **options,
    )


def test_scores_and_index_by_hand():
    found = example()
    # log(1 + 3) / log(1 + 15) is a half; 400 people are beyond the upper mark
    assert found.scores["hazard: intensity"].tolist() == pytest.approx([0, 5, 10])
    assert found.scores["exposure: exposure"].tolist() == [2.5, 5, 10]
    assert found.table["hazard"].tolist() == pytest.approx([0, 5, 10])
    assert found.table["risk"].tolist() == pytest.approx([0, 5, 10])
    assert found.table["rank"].tolist() == [3, 2, 1]
    stated = found.transformations.set_index("component")
    assert stated.loc["hazard: trend", "weight"] == 0.75
    assert stated.loc["hazard: trend", ["low", "high"]].tolist() == [-1, 1]


def test_weights_change_the_index():
    found = example(weights={"hazard": 2, "exposure": 1, "vulnerability": 1})
    hazard, exposure, vulnerability = found.table.loc["B", list(sg.risk.DIMENSIONS)]
    expected = hazard**0.5 * exposure**0.25 * vulnerability**0.25
    assert found.table.loc["B", "risk"] == pytest.approx(expected)


scores = st.lists(st.floats(0, 10), min_size=3, max_size=3)


@given(scores, scores, scores, scores)
def test_parts_add_up_and_the_index_stays_in_range(first, second, exposure, vulnerability):
    def component(values):
        return Component(series(*values), low=0, high=10)

    found = sg.risk.index(
        hazard={"first": component(first), "second": component(second)},
        exposure=component(exposure),
        vulnerability=component(vulnerability),
    )
    assert found.table["risk"].between(0, 10 + 1e-9).all()
    np.testing.assert_allclose(found.contributions.sum(axis=1), found.table["risk"], atol=1e-9)
    lowest = found.table[list(sg.risk.DIMENSIONS)].min(axis=1)
    assert (found.table["risk"] >= lowest - 1e-9).all()


def test_a_missing_part_makes_the_index_missing():
    found = sg.risk.index(
        hazard=series(1, 2, np.nan),
        exposure=series(1, 2, 3).iloc[1:],
        vulnerability=series(1, 2, 3),
    )
    assert found.table["risk"].isna().tolist() == [True, False, True]
    ranks = sg.risk.rank_sensitivity(found, rng=1, n=20)
    assert ranks.table["rank_low"].isna().tolist() == [True, False, True]


def test_all_zeros_and_one_unit_have_stated_answers():
    zeros = sg.risk.index(
        hazard=series(0, 0, 0), exposure=series(1, 1, 1), vulnerability=series(1, 2, 3)
    )
    assert zeros.table["risk"].tolist() == [0, 0, 0]
    assert zeros.table["rank"].tolist() == [1, 1, 1]
    assert (zeros.contributions == 0).all(axis=None)
    one = pd.Series({"A": 3.0})
    assert sg.risk.index(hazard=one, exposure=one, vulnerability=one).table["risk"].tolist() == [
        10.0
    ]


def test_ranks_that_depend_on_the_weights_are_shown_to():
    firm = sg.risk.rank_sensitivity(example(), rng=1, n=200)
    assert firm.table["rank_low"].tolist() == firm.table["rank_high"].tolist() == [3, 2, 1]
    assert firm.table["top_share"].tolist() == [0, 0, 1]
    close = sg.risk.index(
        hazard=Component(series(9, 4, 1), high=10),
        exposure=Component(series(4, 9, 1), high=10),
        vulnerability=Component(series(5, 5, 1), high=10),
    )
    loose = sg.risk.rank_sensitivity(close, rng=1, n=200)
    assert loose.table["rank_low"].tolist() == [1, 1, 3]
    assert loose.table["rank_high"].tolist() == [2, 2, 3]
    kept = sg.risk.rank_sensitivity(close, rng=1, n=20, spread=0)
    assert kept.table["rank_low"].tolist() == [1, 1, 3]
    assert kept.table["rank_high"].tolist() == [1, 1, 3]


def test_ranks_under_location_error_use_the_scale_of_the_component():
    found = example()
    swapped = np.array([[15.0, 3.0, 0.0]])
    moved = sg.risk.rank_sensitivity(
        found, rng=1, n=5, spread=0, draws={"hazard: intensity": swapped}
    )
    assert moved.table["rank_low"].tolist() == [
        3,
        2,
        1,
    ]  # A still has no vulnerability, C loses a quarter
    every = np.array([[0.0, 15.0, 0.0]])
    moved = sg.risk.rank_sensitivity(
        example(), rng=1, n=5, spread=0, draws={"hazard: intensity": every}
    )
    assert moved.table["rank_high"].tolist() == [3, 2, 1]


def test_parts_of_one_draw_stay_together():
    """Two components that always trade places: taken apart, B would lead at times."""
    found = sg.risk.index(
        hazard={
            "first": Component(series(5, 4, 0), high=10),
            "second": Component(series(5, 4, 0), high=10),
        },
        exposure=Component(series(5, 5, 5), high=10),
        vulnerability=Component(series(5, 5, 5), high=10),
    )
    first = pd.DataFrame([[4, 10, 0], [0, 8, 0]], columns=["B", "A", "C"])
    second = pd.DataFrame([[4, 0, 0], [8, 2, 0]], columns=["B", "A", "C"])
    draws = {"hazard: first": first, "hazard: second": second}
    moved = sg.risk.rank_sensitivity(found, rng=1, n=200, spread=0, draws=draws)
    # each draw gives A 5 and B 4
    assert moved.table["rank_high"].tolist() == [1, 2, 3]


def test_hazard_under_location_error(toy_units):
    table = pd.DataFrame(
        {
            "lon": 0.5,
            "lat": 11.5,
            "location_precision": ["exact"] * 4 + ["admin2"] * 4,
            "date": pd.to_datetime(["2023-01-05", "2023-02-05", "2023-03-05", "2023-04-05"] * 2),
        }
    )
    span = {"start": "2023-01-01", "end": "2023-04-30"}
    both = toy_units.assign(geometry=toy_units.geometry.union_all())
    draws = sg.risk.hazard_draws(
        table, toy_units, **span, periods=2, n=40, rng=1, areas={"admin2": both.iloc[[0]]}
    )
    assert sorted(draws) == ["hazard: intensity", "hazard: spillover", "hazard: trend"]
    placed = sg.assign(table, toy_units)
    parts = sg.risk.recent_hazard(sg.count(placed, toy_units, **span), toy_units, periods=2)
    intensity = draws["hazard: intensity"]
    assert intensity.columns.tolist() == toy_units["unit_id"].tolist()
    assert intensity["M1"].max() <= parts["intensity"].values["M1"] + 1e-9
    assert intensity["M1"].min() > 0
    assert intensity["N2"].max() > 0
    people = pd.Series(1.0, toy_units["unit_id"].to_numpy())
    found = sg.risk.index(hazard=parts, exposure=people, vulnerability=people)
    ranks = sg.risk.rank_sensitivity(found, rng=1, n=100, draws=draws)
    assert ranks.table.loc["M1", "rank"] == 1
    assert (ranks.table["rank_high"] >= ranks.table["rank_low"]).all()
    assert ranks.table.loc["N2", "rank_low"] < ranks.table.loc["N2", "rank_high"]


@pytest.mark.parametrize("tolls", [None, [0, 3, np.nan, 2], np.nan], ids=["none", "some", "blank"])
def test_hazard_of_each_draw_is_that_of_its_panel(toy_units, tolls):
    rng = np.random.default_rng(4)
    table = pd.DataFrame(
        {
            "lon": rng.uniform(-0.5, 2.5, 60),
            "lat": rng.uniform(10.5, 13.5, 60),
            "location_precision": rng.choice(["exact", "near", "admin2"], 60),
            "date": pd.Timestamp("2022-12-01") + pd.to_timedelta(rng.integers(0, 190, 60), "D"),
        }
    )
    table.loc[[3, 4], "date"] = pd.NaT
    if tolls is not None:
        table["fatalities_best"] = np.resize(np.array(tolls, dtype=float), 60)
        table["fatalities_low"] = table["fatalities_best"] - 1
        table["fatalities_high"] = table["fatalities_best"] + 4
    span = {"start": "2023-01-01", "end": "2023-05-31"}
    areas = {"admin2": toy_units.assign(geometry=toy_units.geometry.union_all()).iloc[[0]]}

    def slowly(placed, units):
        parts = sg.risk.recent_hazard(sg.count(placed, units, **span), units, periods=2)
        return pd.concat({f"hazard: {name}": part.values for name, part in parts.items()})

    found = sg.risk.hazard_draws(table, toy_units, **span, periods=2, n=12, rng=3, areas=areas)
    one = sg.uncertainty.propagate(slowly, table, toy_units, n=12, rng=3, areas=areas)
    names = one.table.index.get_level_values(0)
    assert list(found) == list(names.unique())
    for name, drawn in found.items():
        told = pd.DataFrame(one.draws, columns=one.table.index)[name]
        pd.testing.assert_frame_equal(drawn, told[drawn.columns], check_names=False, rtol=1e-12)
        assert drawn.to_numpy()[:, ::2].std() > 0 or name == "hazard: fatalities"


def test_hazard_drawn_again_keeps_its_mean_and_leaves_quiet_units_at_zero(toy_units):
    cells = {"M1": [4, 0, 9, 3], "M2": [0, 0, 0, 0], "N1": [1, 1, 1, 1], "B1": [0, 6, 0, 0]}
    months = pd.period_range("2023-01", periods=4, freq="M")
    panel = pd.DataFrame(
        [(u, m, n, 2.0 * n) for u, row in cells.items() for m, n in zip(months, row, strict=True)],
        columns=["unit_id", "period", "incidents", "fatalities_best"],
    )
    units = toy_units[toy_units["unit_id"].isin(cells)]
    parts = sg.risk.recent_hazard(panel, units, periods=2)
    draws = sg.risk.count_draws(panel, units, rng=1, periods=2, n=4_000)
    for name in ("intensity", "spillover", "fatalities"):  # linear in the counts
        given = parts[name].values
        drawn = draws[f"hazard: {name}"].mean()
        np.testing.assert_allclose(drawn[given.index], given, rtol=0.06, err_msg=name)
    intensity = draws["hazard: intensity"] * units["area_km2"].to_numpy() / 1e3
    assert intensity["M1"].var() == pytest.approx(9**2 + 3**2, rel=0.1)  # months stay together
    assert (intensity["M2"] == 0).all()
    trend = draws["hazard: trend"]
    assert (trend["M2"] == -np.log(4)).all()
    assert set(np.round(np.exp(trend["B1"]), 6)) <= {0.25, *(np.round(1 / (1 + 6 * k), 6)
                                                             for k in range(1, 20))}  # fmt: skip
    ratio = panel.assign(fatalities_best=panel["fatalities_best"] / panel["incidents"].clip(1))
    assert set(sg.risk.count_draws(ratio, units, rng=1, periods=2, n=2)) == set(draws)


def test_the_index_speaks_with_its_parts_and_draws_them():
    found = example(names={"C": "Ville C"})
    assert found.sentence("en").startswith(
        "Ville C leads 3 units with 10.0 of 10 (hazard 10.0, exposure 10.0, vulnerability 10.0); "
        'the component that weighs most in it is "exposure: exposure" (3.3 of 10.0).'
    )
    assert "n’est ni une probabilité ni une prévision" in found.sentence("fr")
    assert "«\u202fexposition\u202f: exposition\u202f» (3,3 sur 10,0)" in found.sentence("fr")
    ax = found.plot()
    assert [text.get_text() for text in ax.get_yticklabels()] == ["A", "B", "Ville C"]
    widths = np.array([[bar.get_width() for bar in bars] for bars in ax.containers])
    np.testing.assert_allclose(widths.sum(axis=0), found.table["risk"], atol=1e-9)
    ranks = sg.risk.rank_sensitivity(found, rng=1, n=50)
    assert "Ville C, which leads, stays in the highest tenth in 100% of them" in (
        ranks.sentence("en")
    )
    assert "rangs 1 à 1 à 90\u202f%" in ranks.sentence("fr")
    assert ranks.plot().get_xlabel() == "rank, 1 highest"
    for result in (found, ranks):
        assert result._repr_html_().count("<p lang=") == 2
    none = sg.risk.index(
        hazard=series(np.nan, np.nan, np.nan),
        exposure=series(1, 2, 3),
        vulnerability=series(1, 2, 3),
    )
    assert none.sentence("fr").startswith("Aucune unité n’a d’indice")
    with pytest.raises(InputError, match="no index to draw"):
        none.plot()


def test_recent_hazard_by_hand(toy_units):
    counts = np.zeros((6, 4))
    counts[0] = [1, 0, 4, 3]  # M1: 1, then 7
    counts[2] = [7, 0, 1, 0]  # N1: 7, then 1
    periods = pd.period_range("2023-01", periods=4, freq="M")
    panel = pd.DataFrame(
        {
            "unit_id": np.repeat(toy_units["unit_id"].to_numpy(), 4),
            "period": periods.take(np.tile(np.arange(4), 6)),
            "incidents": counts.ravel().astype(int),
            "fatalities_best": 2 * counts.ravel(),
        },
    )
    parts = sg.risk.recent_hazard(panel, toy_units, periods=2)
    area = toy_units.set_index("unit_id")["area_km2"]
    assert parts["intensity"].values["M1"] == pytest.approx(7 / area["M1"] * 1000)
    assert parts["fatalities"].values["M1"] == pytest.approx(14 / area["M1"] * 1000)
    assert parts["trend"].values["M1"] == pytest.approx(np.log(4))
    assert parts["trend"].values["N1"] == pytest.approx(-np.log(4))
    people = pd.Series(1.0, toy_units["unit_id"].to_numpy())
    found = sg.risk.index(hazard=parts, exposure=people, vulnerability=people)
    assert found.scores.loc[["M1", "M2", "N1"], "hazard: trend"].tolist() == pytest.approx(
        [10, 0, 0]
    )
    assert found.scores.loc["B1", "hazard: spillover"] > 0  # M1 lies across its border
    assert found.table["risk"].notna().all()
    with pytest.raises(InputError, match=r"`panel` has 4 periods; expected at least 24"):
        sg.risk.recent_hazard(panel, toy_units)


def test_risk_refuses_what_it_cannot_use():
    one = series(1, 2, 3)
    with pytest.raises(InputError, match="`hazard` has no component"):
        sg.risk.index(hazard={}, exposure=one, vulnerability=one)
    with pytest.raises(InputError, match="component weights"):
        sg.risk.index(hazard=Component(one, weight=-1), exposure=one, vulnerability=one)
    with pytest.raises(InputError, match=r"`weights` are \{'risk': 1\}"):
        example(weights={"risk": 1})
    with pytest.raises(InputError, match="repeated units"):
        sg.risk.index(hazard=pd.Series([1, 2], ["A", "A"]), exposure=one, vulnerability=one)
    with pytest.raises(InputError, match="under log=True"):
        sg.risk.index(hazard=Component(one - 3, log=True), exposure=one, vulnerability=one)
    with pytest.raises(InputError, match="`spread` 2"):
        sg.risk.rank_sensitivity(example(), rng=1, spread=2)
    with pytest.raises(InputError, match=r"`draws` has 'x' of shape \(1, 3\)"):
        sg.risk.rank_sensitivity(example(), rng=1, draws={"x": [[1, 2, 3]]})


def test_a_rank_without_a_part_is_that_of_the_index_made_without_it():
    """Leaving a component out is the same as never having given it."""
    rng = np.random.default_rng(5)
    units = [f"U{number}" for number in range(12)]
    parts = {name: pd.Series(rng.uniform(1, 9, 12), units) for name in ("now", "trend", "deaths")}
    people = pd.Series(rng.uniform(1, 9, 12), units)
    people.iloc[3] = np.nan
    found = sg.risk.index(hazard=parts, exposure={"people": people})
    moved = sg.risk.ranks_without(found)
    assert list(moved) == ["hazard: now", "hazard: trend", "hazard: deaths", "exposure: people"]
    for name in parts:
        rest = {key: part for key, part in parts.items() if key != name}
        other = sg.risk.index(hazard=rest, exposure={"people": people})
        pd.testing.assert_series_equal(
            moved[f"hazard: {name}"], other.table["rank"], check_names=False
        )
    assert moved.loc["U3"].isna().all()
    hazard = found.table["hazard"].where(people.notna())
    expected = hazard.round(9).rank(ascending=False, method="min")
    pd.testing.assert_series_equal(moved["exposure: people"], expected, check_names=False)


def test_the_index_of_a_panel_leaves_out_what_the_panel_cannot_say(toy_units):
    """One country has no foreign neighbours; units whose dead are not stated still have a rank."""
    one = toy_units[toy_units["country"] == toy_units["country"].iloc[0]]
    panel = pd.DataFrame(
        [
            (unit, period, int(unit == one["unit_id"].iloc[0]), np.nan)
            for unit in one["unit_id"]
            for period in pd.period_range("2022-01", "2023-12", freq="M")
        ],
        columns=["unit_id", "period", "incidents", "fatalities_best"],
    )
    people = pd.Series(1000.0, one["unit_id"])
    found = sg.risk.from_panel(panel, one, people, probability=people / 2000)
    assert found.scores.columns.tolist() == [
        "hazard: intensity",
        "hazard: trend",
        "hazard: forecast",
        "exposure: people",
    ]
    assert found.table["vulnerability"].isna().all()
    assert found.table["risk"].notna().all()
    assert (found.scores["hazard: forecast"] == 5).all()
    alone = sg.risk.index(hazard=people, exposure=people, weights={"hazard": 0})
    with pytest.raises(InputError, match="gives no weight to anything but 'exposure: exposure'"):
        sg.risk.ranks_without(alone)
