"""How good forecasts have been: scores, the scorecard, rankings of rare events."""
