"""What models expect in all is drawn halfway back to the recent level."""

import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.forecast.models import endemic_epidemic, trees
from sahel_geo.forecast.models.damping import damping
from sahel_geo.forecast.models.registry import MODELS
from sahel_geo.forecast.past import read_past

MONTHS, ORIGIN = 72, 59  # growth ends with the origin


@pytest.fixture(scope="module")
def past():
    """Counts that double every year for five years and then stay, in units of several sizes."""
    units = sg.load_boundaries(level=2, countries=["BFA"])
    random = np.random.default_rng(11)
    level = random.gamma(0.7, 0.3, size=len(units))[:, None]
    growth = 2.0 ** (np.minimum(np.arange(MONTHS), ORIGIN) / 12)
    counts = random.negative_binomial(1.5, 1.5 / (1.5 + level * growth))
    periods = pd.period_range("2015-01", periods=MONTHS, freq="M")
    panel = pd.DataFrame(
        {
            "unit_id": np.repeat(units["unit_id"].astype("str").to_numpy(), MONTHS),
            "period": periods.take(np.tile(np.arange(MONTHS), len(units))),
            "incidents": counts.ravel(),
        }
    )
    return read_past(panel, units, "incidents")


def test_halfway_is_meant_on_the_logarithm_and_has_an_end(past):
    known = past.until(ORIGIN)
    recent = known.decayed("incidents", 6)[:, -1]
    assert damping(recent, known) == pytest.approx(1)
    assert damping(4 * recent, known) == pytest.approx(1 / 2)
    assert damping(recent / 9, known) == pytest.approx(3)
    assert damping(1000 * recent, known) == damping(1e9 * recent, known) == 1 / 4
    assert damping(np.zeros(len(recent)), known) == 1


@pytest.mark.parametrize("name", ["endemic_epidemic", "trees"])
def test_where_growth_ends_it_halves_the_excess(past, monkeypatch, name):
    known = past.until(ORIGIN)
    model = MODELS[name]().fit(known, [6], np.random.default_rng(1))

    def total():
        """What is expected of all units six months on."""
        cdf = model.predict_cdf(known, 6)
        return ((1 - cdf[:, :-1]) * np.diff(known.support)).sum()

    held = total()
    for module in (endemic_epidemic, trees):
        monkeypatch.setattr(module, "damping", lambda *_: 1.0)
    free, came = total(), past.counts[:, ORIGIN + 1 :].sum() / (MONTHS - ORIGIN - 1)
    recent = known.decayed("incidents", 6)[:, -1].sum()
    assert held == pytest.approx(np.sqrt(free * recent), rel=0.1)
    if name == "endemic_epidemic":  # which extrapolates
        assert free > 1.2 * came
        assert abs(held - came) < abs(free - came)
