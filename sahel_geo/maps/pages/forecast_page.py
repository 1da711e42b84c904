"""Parts of a page on what comes next: where, how sure, how good so far, and what it cannot see."""

from typing import TYPE_CHECKING, Any, Final

import folium
import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.forecast.wording import LIMITS, count_of, model_name, one_of, record_sentence
from sahel_geo.i18n.cldr import number, percent
from sahel_geo.i18n.sentence import Sentence, spoken
from sahel_geo.maps.pages.site import Section, Table, plot_figure
from sahel_geo.schema import Language

if TYPE_CHECKING:
    from sahel_geo.alerts import Alerts
    from sahel_geo.forecast import Forecast

_ROWS: Final = 12
CLASS_NAMES: Final = {
    "under 10 %": Sentence("under 10 %"),
    "10-30 %": Sentence("10 to 30 %"),
    "30-60 %": Sentence("30 to 60 %"),
    "60 % or more": Sentence("60 % or more"),
}


def sections(
    forecast: "Forecast",
    lang: Language,
    *,
    alerts: "Alerts | None" = None,
    publish: str = "full",
) -> tuple[Section, ...]:
    """Write what a reader asks of a forecast, in the order in which it is asked.

    Parameters
    ----------
    forecast : Forecast
        The forecast, which carries its record.
    lang : {"fr", "en"}
        Language.
    alerts : Alerts, optional
        Units above what was expected of the latest period.
    publish : {"full", "safe"}
        With "safe" probabilities are told by class, and no number of what is expected.

    Returns
    -------
    tuple of Section
        Where worse is expected; how good this has been; what it cannot see; alerts if given.
    """
    parts = [_where(forecast, lang, publish), _record(forecast, lang), _limits(lang)]
    if alerts is not None:
        parts.append(_alerts(alerts, lang))
    return tuple(parts)


def forecast_map(
    forecast: "Forecast",
    units: gpd.GeoDataFrame,
    lang: Language,
    *,
    publish: str = "full",
) -> folium.Map:
    """Draw the first period that is forecast, hatched where a simple rule has been as good.

    Parameters
    ----------
    forecast : Forecast
        The forecast.
    units : GeoDataFrame
        The units that were forecast.
    lang : {"fr", "en"}
        Language that the page opens in.
    publish : {"full", "safe"}
        With "safe" the map shows classes of probability, of level 1 or 2, and nothing else.

    Returns
    -------
    folium.Map
        Probability of at least one, and the median with its 90 % interval.

    Raises
    ------
    InputError
        With "safe" and units finer than the second level.
    """
    from sahel_geo.maps.choropleth.choropleth import choropleth  # noqa: PLC0415

    table = forecast.table[forecast.table["horizon"] == 1].set_index("unit_id")
    period = str(table["period"].iloc[0])
    shown = units.assign(unit_id=units["unit_id"].astype("str")).set_index("unit_id", drop=False)
    note = {each: record_sentence(forecast).say(each) for each in ("fr", "en")}
    limits = {each: LIMITS[-1].say(each) for each in ("fr", "en")}
    title = spoken(Sentence("Forecast for {period}", period=period))
    likely = Sentence("probability of {what}", what=one_of(forecast.column))
    common: dict[str, Any] = {
        "lang": lang,
        "title": title,
        "period": period,
        "notes": [note],
        "limits": limits,
    }
    if publish == "safe":
        classes = forecast.classes()
        first = classes[classes["horizon"] == 1].set_index("unit_id")["probability_class"]
        shown["probability_class"] = first.reindex(shown.index)
        names = {code: spoken(name) for code, name in CLASS_NAMES.items()}
        return choropleth(
            shown.reset_index(drop=True),
            "probability_class",
            categories={"probability_class": names},
            labels={"probability_class": spoken(likely)},
            **common,
        )
    shown["forecast_probability"] = 100 * table["probability"].reindex(shown.index)
    shown["forecast_median"] = table["q50"].reindex(shown.index).astype("float64")
    shown["forecast_median_low"] = table["q05"].reindex(shown.index).astype("float64")
    shown["forecast_median_high"] = table["q95"].reindex(shown.index).astype("float64")
    better = table["better"].reindex(shown.index).astype("boolean").fillna(value=False)
    shown["no_better"] = ~better.to_numpy(dtype=bool)
    return choropleth(
        shown.reset_index(drop=True),
        ["forecast_probability", "forecast_median"],
        labels={
            "forecast_probability": spoken(likely),
            "forecast_median": spoken(Sentence("{what}, median", what=count_of(forecast.column))),
            "no_better": spoken(Sentence("no better here than the best simple rule")),
        },
        unit_labels={"forecast_probability": "%", "forecast_median": ""},
        breaks=None,
        uncertain="no_better",
        **common,
    )


def _where(forecast: "Forecast", lang: Language, publish: str) -> Section:
    """List the units with most to come, of the first period."""
    title = Sentence("Where is worse expected?").say(lang)
    said = (forecast.sentence(lang),)
    first = forecast.table[forecast.table["horizon"] == 1]
    likely = Sentence("Probability of {what}", what=one_of(forecast.column)).say(lang)
    name = Sentence("Unit").say(lang)
    rows: list[tuple[str, ...]]
    if publish == "safe":
        classes = forecast.classes()
        first = first.merge(classes[classes["horizon"] == 1], on=["unit_id", "period", "horizon"])
        top = first.sort_values("probability", ascending=False, kind="stable").head(_ROWS)
        rows = [
            (str(row.name), CLASS_NAMES[str(row.probability_class)].say(lang))
            for row in top.itertuples(index=False)
        ]
        return Section(
            title,
            (record_sentence(forecast).say(lang),),
            table=Table((name, likely), tuple(rows), words=(1,)),
        )
    top = first.sort_values(["q50", "q95"], ascending=False, kind="stable").head(_ROWS)
    year = forecast.past.length(12)
    usual = pd.Series(
        np.nanmean(forecast.past.counts[:, -year:], axis=1), index=forecast.past.ground.unit_ids
    )
    rows = [
        (
            str(row.name),
            number(row.q50, "d", lang),
            Sentence("{low} to {high}", low=row.q05, high=row.q95).say(lang),
            percent(float(str(row.probability)), lang, 0),
            number(float(usual[str(row.unit_id)]), ".1f", lang),
        )
        for row in top.itertuples(index=False)
    ]
    head = (
        name,
        Sentence("Median").say(lang),
        Sentence("90 % interval").say(lang),
        likely,
        Sentence("Mean of the last 12 months").say(lang),
    )
    drawn = plot_figure(lambda: forecast.plot(lang=lang), said[0])
    return Section(title, said, figure=drawn, table=Table(head, tuple(rows), minor=(4,)))


def _record(forecast: "Forecast", lang: Language) -> Section:
    """Set the scores of the models and of the simple rules side by side."""
    rows = [
        (
            model_name(str(row.model)).say(lang),
            number(row.crps, ".3f", lang),
            number(row.ign, ".3f", lang),
            number(row.brier, ".3f", lang),
            percent(float(str(row.coverage)), lang, 0),
        )
        for row in forecast.scores.table.itertuples(index=False)
    ]
    head = (
        Sentence("Forecast by").say(lang),
        "CRPS",
        "IGN",
        "Brier",
        Sentence("In the 90 % interval").say(lang),
    )
    return Section(
        Sentence("How good has this been?").say(lang),
        (forecast.scores.sentence(lang),),
        table=Table(head, tuple(rows), minor=(3,)),
    )


def _limits(lang: Language) -> Section:
    title = Sentence("What can it not see?").say(lang)
    return Section(title, items=tuple(text.say(lang) for text in LIMITS))


def _alerts(alerts: "Alerts", lang: Language) -> Section:
    """List the units above what was expected of the latest period."""
    method = alerts.record["method"].iloc[0]
    kept = alerts.alerts
    rows = [
        (
            str(row.name),
            number(row.observed, ".0f", lang),
            number(row.expected, ".0f", lang),
            number(row.upper, ".0f", lang),
        )
        for row in kept[kept["method"] == method].head(_ROWS).itertuples(index=False)
    ]
    head = (
        Sentence("Unit").say(lang),
        Sentence("Recorded").say(lang),
        Sentence("Expected before").say(lang),
        Sentence("Upper end of what was expected").say(lang),
    )
    table = Table(head, tuple(rows)) if rows else None
    return Section(
        Sentence("What is above what was expected?").say(lang),
        (alerts.sentence(lang),),
        table=table,
    )
