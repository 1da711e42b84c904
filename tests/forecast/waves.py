"""Waves of violence: units that turn tense, go to war and blaze up, as dense as totals of ACLED.

No model of the package is of this kind: units change between four states, by chance and when
neighbours are at war; incidents are more in a worse state and bring more in the next month; most
cost no life, and few cost very many.
"""

import numpy as np
import pandas as pd

from sahel_geo.forecast.ground import read_ground

MONTHS = 140
SILENT, DEATHS = (
    0.64,
    6.0,
)  # share of units and months without a death, and their mean: those aimed at
INCIDENTS = np.array([0.08, 0.5, 3.0, 10.0])  # calm, tense, war, blaze
MONTHS_HELD = np.array([np.inf, 60.0, 40.0, 8.0])
SEED = 7


def waves(units, seed=SEED):
    """Make the panel up: `incidents` and `fatalities_best` of each unit in 140 months from 2015."""
    rng = np.random.default_rng(seed)
    ground, size = read_ground(units), len(units)
    near = (ground.domestic + ground.foreign).toarray()
    smooth = np.eye(size) + 2 * near + 1.5 * near @ near
    like = smooth @ rng.normal(size=(size, 2))
    like /= like.std(axis=0)
    scale, prone = np.exp(0.8 * like[:, 0]), np.exp(1.1 * like[:, 1] - 0.5)
    state = (rng.random(size) < 0.12).astype(int)
    incidents, deaths = np.zeros((size, MONTHS), dtype=int), np.zeros((size, MONTHS))
    for month in range(MONTHS):
        growth = min(1.0, 0.5 + month / 60)
        turn = np.select(
            [state == 0, state == 1, state == 2],
            [
                growth * prone * (0.04 + 0.25 * near @ (state >= 2)),
                0.04 * np.minimum(prone, 3),
                0.03,
            ],
        )
        worse = rng.random(size) < np.minimum(turn, 0.5)
        better = ~worse & (rng.random(size) < 1 / MONTHS_HELD[state])
        state = state + worse - better
        season = 1 + 0.25 * np.cos(2 * np.pi * (month - 3) / 12)
        usual = INCIDENTS[state] * scale * season + 0.01 * prone
        echo = 0.3 * incidents[:, month - 1] if month else 0.0
        incidents[:, month] = rng.poisson(usual * rng.gamma(2.0, 0.5, size) + echo)
        deadly = np.repeat(np.arange(size), rng.binomial(incidents[:, month], 0.55))
        lives = np.minimum(np.floor(3 * rng.pareto(1.6, len(deadly))) + 1, 200)
        deaths[:, month] = np.bincount(deadly, weights=lives, minlength=size)
    periods = pd.period_range("2015-01", periods=MONTHS, freq="M")
    return pd.DataFrame(
        {
            "unit_id": np.repeat(units["unit_id"].astype("str").to_numpy(), MONTHS),
            "period": periods.take(np.tile(np.arange(MONTHS), size)),
            "incidents": incidents.ravel(),
            "fatalities_best": deaths.ravel(),
        }
    )
