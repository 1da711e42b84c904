"""What a report looks ahead with: a forecast and its record, alerts, or why there is neither."""

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo import alerts, forecast
from sahel_geo.errors import InputError, or_none
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.indicators.permutation.coarse_dates import spread_dates
from sahel_geo.locate.panel.count import count
from sahel_geo.maps.pages.forecast_page import Outlook
from sahel_geo.maps.periods import last_complete

_MONTHS: Final = 180  # of history; what lies before hardly weighs in any model
_EVERY: Final = 3  # months between two origins of the record
_FINEST: Final = 2
_QUIET_HISTORY: Final = 96  # months to learn from; more change no rank that matters
_QUIET_AHEAD: Final = (6, 3)  # months; the first is told in the brief
_ALERT_MODEL: Final = "endemic_epidemic"  # as good as the pool one month ahead, and soon fitted
_STATED: Final = 0.5  # share of the incidents that must state their deaths


def look_ahead(
    history: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    level: int,
    selection: bool = False,
    publish: str = "full",
    seed: int = 1,
) -> Outlook:
    """Forecast the next six months of the units, and look for what is above its expected range.

    Deaths are forecast where most incidents state them, incidents otherwise. The record is taken
    from every third month of the last two years, so that a report stays quick; `sahel-geo forecast`
    takes every month.

    selection: Whether the incidents are a selection, of which nothing is forecast.
    publish: With "safe" nothing is forecast, since the figures of a forecast, and of its
    record, move with every count that is hidden.
    Returns: The forecast, or in words why there is none.
    """
    refused = _refused(history, level, selection=selection, publish=publish)
    if refused:
        return Outlook(refused=refused, publish=publish)
    end = last_complete(history["date"])
    if history["date"].min().to_period("M") > end:
        return Outlook(
            refused=Sentence("The file holds no complete month: nothing is forecast from it."),
            publish=publish,
        )
    begin = max(history["date"].min().to_period("M"), end - _MONTHS + 1)
    # what is dated to a year stands on its first day, and would make each January a bad month
    dates, _ = spread_dates(history, np.random.default_rng([seed, 2]))
    panel = count(history.assign(date=dates), units, start=begin.start_time, end=end.end_time)
    # Choose what is forecast: deaths where most incidents state them.
    if "fatalities_best" not in history:
        column = "incidents"
    else:
        stated = history["fatalities_best"].notna().mean()
        column = "fatalities_best" if stated >= _STATED else "incidents"
    try:
        scores = forecast.evaluate(
            panel, units, column=column, models=["pool"], every=_EVERY, rng=seed
        )
        ahead = forecast.predict(panel, units, column=column, scores=scores, rng=seed)
    except InputError as error:
        why = Sentence("No forecast is made: {why}", why=error.sentence)
        return Outlook(refused=why, publish=publish)
    # rank the quiet units, where enough first events came to learn from and to check with
    recent = panel[panel["period"] > panel["period"].max() - _QUIET_HISTORY]
    onset = or_none(forecast.onset, recent, units, column=column, within=_QUIET_AHEAD, rng=seed)
    if onset is not None and not (len(onset.table) and onset.record["onsets"].iloc[0]):
        onset = None
    # none in short files
    above = or_none(alerts.detect, panel, units, methods=["forecast"], model=_ALERT_MODEL, rng=seed)
    return Outlook(ahead, above, onset, "", publish)


def _refused(history: pd.DataFrame, level: int, *, selection: bool, publish: str) -> str:
    """Say why nothing is forecast, before anything long is computed."""
    if publish == "safe":
        return Sentence(
            "Not published: a forecast is made of counts some of which are hidden, and its figures "
            "move with them. The full report holds it; `sahel-geo forecast --publish safe` gives "
            "classes of probability."
        )
    if selection:
        return Sentence("From a selection of incidents nothing is forecast.")
    if history.empty:
        return Sentence("No incident could be placed: there is nothing to forecast from.")
    if level > _FINEST:
        return Sentence(
            "A report forecasts regions, and cercles, departments and provinces, no smaller units: "
            "a finer map of probabilities can be used to aim, and a single unit has had too little "
            "to learn from. Make a report of level 2."
        )
    return ""
