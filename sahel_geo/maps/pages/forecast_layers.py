"""What a map shows of a forecast: probability, median with interval, alert; or classes alone."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.forecast.wording import count_of, one_of
from sahel_geo.i18n.phrases import period_in_words
from sahel_geo.i18n.sentence import Sentence

if TYPE_CHECKING:
    from sahel_geo.alerts import Alerts
    from sahel_geo.forecast import Forecast


@dataclass(frozen=True)
class Layers:
    """What a map shows of a forecast, for m units."""

    table: pd.DataFrame  # (m rows) by ``unit_id``: the columns of `shown`, and those that they need
    shown: tuple[str, ...]  # indicators
    # labels, unit_labels: what they are called and counted in
    labels: dict[str, Sentence]
    unit_labels: dict[str, str] = field(default_factory=dict)
    # column of truth values by indicator: where the forecast is no better than a simple rule
    uncertain: dict[str, str] = field(default_factory=dict)

    def add_to(self, table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Put the columns of a forecast into a table of units; units without one have no data."""
        rows = self.table.reindex(table["unit_id"].to_numpy())
        columns: dict[str, Any] = {str(name): rows[name].to_numpy() for name in rows}
        if "no_better" in columns:
            columns["no_better"] = rows["no_better"].eq(other=True).to_numpy()
        return table.assign(**columns)

    @classmethod
    def of(
        cls, forecast: "Forecast", alerts: "Alerts | None" = None, *, publish: str = "full"
    ) -> "Layers":
        """Give a map's layers: probability, median with interval, alert; or classes alone."""
        first = forecast.table[forecast.table["horizon"] == 1].set_index("unit_id")
        period = forecast_period(forecast)
        likely = Sentence(
            "Probability of {what}, {period}", period=period, what=one_of(forecast.column)
        )
        if publish == "safe":
            classes = forecast.classes()
            table = classes[classes["horizon"] == 1].set_index("unit_id")[["probability_class"]]
            return cls(table, ("probability_class",), {"probability_class": likely})
        table = pd.DataFrame(
            {
                "forecast_probability": 100 * first["probability"],
                "forecast_median": first["q50"].astype("float64"),
                "forecast_median_low": first["q05"].astype("float64"),
                "forecast_median_high": first["q95"].astype("float64"),
                "no_better": ~first["better"].astype("bool"),
            }
        )
        columns = ["forecast_probability", "forecast_median"]
        labels = {
            "forecast_probability": likely,
            "forecast_median": Sentence(
                "Forecast of {what}, median, {period}",
                period=period,
                what=count_of(forecast.column),
            ),
            "no_better": Sentence("no better here than the best simple rule"),
        }
        if alerts is not None:
            columns.append("alert")
            table["alert"], labels["alert"] = _alert_column(alerts)
        return cls(
            table,
            tuple(columns),
            labels,
            {"forecast_probability": "%", "forecast_median": ""},
            dict.fromkeys(columns[:2], "no_better"),
        )


def _alert_column(alerts: "Alerts") -> tuple["pd.Series[Any]", Sentence]:
    """Class the units by whether their latest month is above what was expected of it."""
    rows = alerts.table[alerts.table["method"] == str(alerts.record["method"].iloc[0])]
    kinds = np.where(rows["alert"], "above expected", "as expected").astype(object)
    kinds[rows["chance"].isna().to_numpy()] = None
    label = Sentence(
        "{what}, against what was expected: {period}",
        period=period_in_words(rows["period"].iloc[0]),
        what=count_of(alerts.column),
    )
    return pd.Series(kinds, index=rows["unit_id"].to_numpy()), label


def forecast_period(forecast: "Forecast") -> Sentence:
    """Name the first period that is forecast."""
    return period_in_words(forecast.table["period"].iloc[0])
