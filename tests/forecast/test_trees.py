"""Boosted trees: enough rows in each distribution, and panels that outgrow their past."""

import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.forecast.models import trees
from sahel_geo.forecast.models.trees import Trees
from sahel_geo.forecast.past import read_past


@pytest.mark.parametrize("size", [1, 59, 60, 121, 900, 30_000])
def test_every_row_is_in_one_group_and_no_group_is_chance(size):
    ends = np.array(trees.group_ends(size))
    sizes = np.diff(ends)
    assert ends[0] == 0
    assert ends[-1] == size
    assert (sizes >= min(size, 60)).all()
    assert len(sizes) <= 30


@pytest.fixture(scope="module")
def growing():
    """Counts of 45 units that triple every year for five years, and what is known after three."""
    units = sg.load_boundaries(level=2, countries=["BFA"])
    random = np.random.default_rng(4)
    level = random.gamma(0.7, 0.2, size=len(units))[:, None]
    counts = random.negative_binomial(1.5, 1.5 / (1.5 + level * 3.0 ** (np.arange(60) / 12)))
    periods = pd.period_range("2015-01", periods=60, freq="M")
    panel = pd.DataFrame(
        {
            "unit_id": np.repeat(units["unit_id"].astype("str").to_numpy(), 60),
            "period": periods.take(np.tile(np.arange(60), len(units))),
            "incidents": counts.ravel(),
        }
    )
    return read_past(panel, units, "incidents")


def expected_total(past, model):
    """What the model expects of all units six months on."""
    cdf = model.predict_cdf(past, 6)
    return ((1 - cdf[:, :-1]) * np.diff(past.support)).sum()


def test_a_panel_that_outgrows_its_past_is_not_held_down_to_it(growing, monkeypatch):
    known, later = growing.until(35), growing.until(47)
    came = growing.counts[:, 50:57].mean(axis=1).sum()  # around six months after the latter
    totals = {}
    for prior in (150.0, 0.0):
        monkeypatch.setattr(trees, "_PRIOR", prior)
        model = Trees().fit(known, [6], np.random.default_rng(1))
        totals[prior] = expected_total(later, model)
    assert totals[0.0] < totals[150.0]
    assert abs(totals[150.0] - came) < abs(totals[0.0] - came)


def test_fits_know_what_came_where_as_much_was_expected(growing):
    model = Trees().fit(growing.until(47), [1, 2], np.random.default_rng(1))
    assert (np.diff(model.expected_) >= 0).all()
    for mean, (came, weights) in zip(model.means_, model.came_, strict=True):
        assert mean == pytest.approx(np.average(came, weights=weights))
    assert np.corrcoef(model.expected_, np.sqrt(model.means_))[0, 1] > 0.9
