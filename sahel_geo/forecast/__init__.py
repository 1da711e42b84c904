"""What comes next, and how well we would have known: distributions, models, scores and records.

Use :func:`evaluate` for the record, :func:`predict` for the forecast, :func:`onset` for quiet
units, and :func:`crps`, :func:`ignorance` and :func:`interval_score` for draws of your own.
"""

from sahel_geo.forecast.context import CONTEXT, with_context
from sahel_geo.forecast.evaluation import evaluate
from sahel_geo.forecast.first_events import OnsetForecast, onset
from sahel_geo.forecast.models.registry import Model, register
from sahel_geo.forecast.past import Past
from sahel_geo.forecast.prediction import Forecast, predict
from sahel_geo.forecast.record.scorecard import ForecastScores
from sahel_geo.forecast.record.scores import crps, ignorance, interval_score
from sahel_geo.forecast.simulation import simulate_panel

__all__ = [
    "CONTEXT", "Forecast", "ForecastScores", "Model", "OnsetForecast", "Past", "crps", "evaluate",
    "ignorance", "interval_score", "onset", "predict", "register", "simulate_panel", "with_context",
]  # fmt: skip


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
