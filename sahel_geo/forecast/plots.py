"""Drawings of forecasts and of their records."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sahel_geo.errors import InputError
from sahel_geo.forecast.wording import model_name
from sahel_geo.i18n.cldr import number
from sahel_geo.i18n.phrases import period_in_words
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.indicators.display.plotting import COLOURS, axes, legend_above
from sahel_geo.indicators.plot_words import label_of, name_of
from sahel_geo.schema import Language

if TYPE_CHECKING:
    from sahel_geo.forecast.first_events import OnsetForecast
    from sahel_geo.forecast.prediction import Forecast
    from sahel_geo.forecast.record.scorecard import ForecastScores

_UNITS: Final = 12
_MARKS: Final = (0, 5, 10, 30, 100, 300, 1000, 3000, 10000)  # of the axis


def plot_scores(scores: "ForecastScores", ax: Any, lang: Language) -> Any:
    """Draw the CRPS of each model, baselines grey, with the interval of its skill.

    Returns: The axes drawn on: one bar a model; the whisker is the 95 % interval of its skill
    against the best baseline, carried over to the score.
    """
    table = scores.table.iloc[::-1]
    if table["crps"].isna().all():
        raise InputError("`scores` has no forecast that could be scored; expected at least one.")
    ax = axes(ax, lang=lang)
    at = np.arange(len(table))
    baseline = [name in scores.baselines for name in table["model"]]
    colours = [COLOURS["baseline"] if rule else COLOURS["domestic"] for rule in baseline]
    ax.barh(at, table["crps"], color=colours, height=0.7)
    for place, name in zip(at, table["model"], strict=True):
        if name in scores.baselines:
            continue
        row: Any = scores.skill(str(name)).loc["crps"]
        rival: Any = scores.table.set_index("model").loc[str(row["against"]), "crps"]
        ends = [rival * (1 - row["upper"]), rival * (1 - row["lower"])]
        ax.plot(ends, [place, place], color=COLOURS["all"], linewidth=1.5)
    ax.set_yticks(at, [label_of(model_name(str(name)).say(lang)) for name in table["model"]])
    ax.set_xlabel(Sentence("CRPS ({what})", what=name_of(scores.column, lang)).say(lang))
    return ax


def plot_forecast(forecast: "Forecast", ax: Any, lang: Language) -> Any:
    """Draw median and intervals of the units for which most is expected in the first period.

    Returns: The axes drawn on: at most twelve units; pale where the forecast is no better than
    the best baseline there.
    """
    table = forecast.table
    first = table[table["horizon"] == 1]
    first = (
        first.sort_values(["q95", "q50"], ascending=False, kind="stable").head(_UNITS).iloc[::-1]
    )
    ax = axes(ax, lang=lang)
    at = np.arange(len(first))
    strength = np.where(first["better"], 1.0, 0.35)
    for place, row, alpha in zip(at, first.itertuples(index=False), strength, strict=True):
        own = place == at[-1]
        ax.plot(
            [row.q05, row.q95],
            [place, place],
            color=COLOURS["baseline"],
            alpha=alpha,
            label=Sentence("90% interval").say(lang) if own else None,
        )
        ax.plot(
            [row.q25, row.q75],
            [place, place],
            color=COLOURS["domestic"],
            alpha=alpha,
            linewidth=5,
            solid_capstyle="butt",
            label=Sentence("50% interval").say(lang) if own else None,
        )
    ax.scatter(
        first["q50"],
        at,
        color=COLOURS["cross_border"],
        zorder=3,
        label=Sentence("median").say(lang),
    )
    ax.set_yticks(at, [label_of(str(name)) for name in first["name"]])
    ax.set_xscale("symlog", linthresh=10)
    top = float(first["q95"].max())
    marks = [mark for mark in _MARKS if mark <= max(top, _MARKS[2])]
    ax.set_xticks(marks, [number(mark, ",d", lang) for mark in marks])
    ax.minorticks_off()
    period = period_in_words(first["period"].iloc[0])
    ax.set_xlabel(
        Sentence("{what} in {period}", what=name_of(forecast.column, lang), period=period).say(lang)
    )
    legend_above(ax)
    return ax


def plot_onset(onset: "OnsetForecast", ax: Any, lang: Language) -> Any:
    """Draw the most probable first events, for the shortest span.

    Returns: The axes drawn on: at most twelve quiet units; the line is the base rate of past
    origins.
    """
    row: Any = onset.record.iloc[0]
    rows = onset.table[onset.table["within"] == row["within"]].head(_UNITS).iloc[::-1]
    if rows.empty:
        raise InputError("`table` has no quiet unit; expected at least one.")
    ax = axes(ax, lang=lang)
    at = np.arange(len(rows))
    ax.barh(at, rows["probability"], color=COLOURS["domestic"], height=0.7)
    if np.isfinite(row["base_rate"]):
        label = Sentence("base rate").say(lang)
        ax.axvline(row["base_rate"], color=COLOURS["all"], linestyle="--", label=label)
        legend_above(ax)
    ax.set_yticks(at, [label_of(str(name)) for name in rows["name"]])
    ax.set_xlabel(
        Sentence("probability within {within} periods", within=int(row["within"])).say(lang)
    )
    return ax
