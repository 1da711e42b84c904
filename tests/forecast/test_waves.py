"""On waves as dense as totals of ACLED, drawn by no model of the package, the pool is better."""

import numpy as np
import pytest

import sahel_geo as sg
from tests.forecast.waves import waves


@pytest.fixture(scope="module")
def scores():
    units = sg.load_boundaries(level=2)
    return sg.forecast.evaluate(
        waves(units),
        units,
        models=["pool"],
        origins=("2024-03", "2026-02"),
        every=6,
        ablation=False,
    )


def test_the_world_is_as_dense_as_meant():
    panel = waves(sg.load_boundaries(level=2))
    deaths = panel["fatalities_best"]
    assert (deaths == 0).mean() == pytest.approx(0.64, abs=0.03)
    assert deaths.mean() == pytest.approx(6, abs=0.5)
    by_unit = panel.pivot(index="unit_id", columns="period", values="fatalities_best").to_numpy()
    years = by_unit[:, :132].reshape(len(by_unit), 11, 12).sum(axis=2)
    assert np.corrcoef(years[:, :-1].ravel(), years[:, 1:].ravel())[0, 1] > 0.6  # waves last


@pytest.mark.parametrize("rule", ["conflictology", "conflictology_24"])
def test_the_pool_is_better_than_the_rules_and_not_incredibly_so(scores, rule):
    skill = scores.skill("pool", against=rule)
    assert skill.loc["crps", "lower"] > 0.02
    assert 0.04 < skill.loc["crps", "skill"] < 0.12
    assert skill.loc["ign", "lower"] > 0.05


def test_the_intervals_of_the_pool_hold_what_they_promise(scores):
    row = scores.table.set_index("model").loc["pool"]
    assert 0.94 <= row["coverage"] <= 0.97
    assert row["coverage_positive"] >= 0.87
    assert row["coverage_positive"] == pytest.approx(row["coverage_positive_expected"], abs=0.02)
    assert scores.pit["pool"].between(0.07, 0.13).all()
