"""No panel grows for ever: what fitted models expect in all is drawn back to what came lately."""

from typing import Final

import numpy as np

from sahel_geo.arrays import Floats
from sahel_geo.forecast.past import Past

_RECENT_MONTHS: Final = 6.0  # half-life of what came lately
_HELD: Final = 0.5  # share of the way back, on the logarithm
_MOST: Final = 4.0  # times up or down


def damping(expected: Floats, past: Past) -> float:
    """Give the factor that draws what is expected of all units halfway back to the recent level.

    A model that learns from years of growth expects the growth to go on, and is furthest off when
    it ends. Half of the way, on the logarithm, is the compromise of a damped trend.

    expected (m,): What a model expects of each unit in the period that is forecast.
    Returns: From 1/4 to 4; 1 where as much is expected as came lately.

    Gardner, E. S. and McKenzie, E. (1985). Forecasting trends in time series. Management Science
    31, 1237-1246.
    """
    recent = float(np.nansum(past.decayed(past.column, _RECENT_MONTHS)[:, -1]))
    total = float(expected.sum())
    if total <= 0:
        return 1.0
    return float(np.clip((recent / total) ** _HELD, 1 / _MOST, _MOST))
