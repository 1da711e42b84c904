"""What comes next, for a report: its page and its parts of the brief.

A reader asks where worse is expected, how sure that is, how good it has been, and what it cannot
see.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from sahel_geo.forecast.wording import LIMITS, count_of, model_name, one_of
from sahel_geo.i18n.classes import PROBABILITY, name_in
from sahel_geo.i18n.cldr import number, percent
from sahel_geo.i18n.phrases import period_in_words
from sahel_geo.i18n.sentence import Sentence, joined
from sahel_geo.maps.pages.basis import Basis
from sahel_geo.maps.pages.forecast_layers import Layers, forecast_period
from sahel_geo.maps.pages.site import Part, Section, SitePage, Table, plot_figure
from sahel_geo.schema import Language

if TYPE_CHECKING:
    from sahel_geo.alerts import Alerts
    from sahel_geo.forecast import Forecast, OnsetForecast

FILE: Final = "forecast.html"
_ROWS: Final = 12
_QUIET_ROWS: Final = 8
_NAMED: Final = 4  # units named in a sentence
_EVEN: Final = 0.5
_REASONS: Final = {
    "own": Sentence("its own past"),
    "active": Sentence("its own past"),
    "domestic": Sentence("neighbours in the country"),
    "foreign": Sentence("neighbours across the border"),
    "incidents": Sentence("incidents without deaths"),
    "fatalities": Sentence("past deaths"),
    "actors": Sentence("armed groups named"),
}
_WHERE: Final = Sentence("Where is worse expected?")
_CANNOT_SEE: Final = Section(Sentence("What can it not see?"), items=LIMITS)


@dataclass(frozen=True)
class Outlook:
    """What a report says of the coming months."""

    forecast: "Forecast | None" = None  # the forecast with its record
    # units above what was expected of the latest month; None where they were not looked for
    alerts: "Alerts | None" = None
    # quiet units by the probability of a first event; None where too few came to learn from
    onset: "OnsetForecast | None" = None
    refused: str = ""  # why there is no forecast, a Sentence; empty if there is one
    # with "safe" classes of probability alone are told, and no alert, which would tell of counts
    publish: str = "full"

    @property
    def probability(self) -> "pd.Series[float] | None":
        """Probability of violence in the first month ahead by ``unit_id``, for the risk index.

        >>> Outlook().probability is None
        True
        """
        if self.forecast is None:
            return None
        table = self.forecast.table
        return table[table["horizon"] == 1].set_index("unit_id")["probability"].astype("float64")

    @property
    def layers(self) -> Layers | None:
        """The layers of the maps; None without a forecast."""
        if self.forecast is None:
            return None
        return Layers.of(self.forecast, self.alerts, publish=self.publish)

    def in_figures(self, lang: Language) -> dict[str, Any]:
        """Sum it up as plain types: what was forecast, from when, its record, or why not."""
        ahead = self.forecast
        if ahead is None:
            return {"refused": Sentence.of(self.refused).say(lang)}
        figures: dict[str, Any] = {
            "measure": ahead.column,
            "model": ahead.model,
            "origin": str(ahead.origin),
            "horizons": ahead.horizons,
            "skill": {name: round(float(value), 6) for name, value in ahead.record.items()},
            "sentence": ahead.record_sentence.say(lang),
            "alerts": None,
        }
        if self.publish == "full":
            figures["sentence"] = ahead.sentence(lang)
        if self.alerts is not None:
            figures["alerts"] = self.alerts.alerts["unit_id"].tolist()
        return figures

    @property
    def in_short(self) -> tuple[Part, ...]:
        """Say in the brief what is expected with its record in one line, and what is above it."""
        forecast = self.forecast
        if forecast is None:
            return ()
        parts = {"period": forecast_period(forecast), "what": one_of(forecast.column)}
        if self.publish == "safe":
            named = _likely(forecast)["name"].astype(str).tolist()
            expected = Sentence(
                "In {period}, no unit has a probability of 30% or more of {what}.", **parts
            )
            if named:
                expected = Sentence(
                    "In {period}, {names:standard} have a probability of 30% or more of {what}.",
                    names=named[:_NAMED],
                    **parts,
                )
        else:
            named = [
                Sentence(
                    "{name} ({low} to {high}, probability {probability:.0%})",
                    name=str(row["name"]),
                    low=int(row["q05"]),
                    high=int(row["q95"]),
                    probability=row["probability"],
                )
                for row in _most_expected(forecast).head(_NAMED).to_dict("records")
            ]
            expected = Sentence(
                "In {period}, most {counted} are expected in {names:standard} (90% interval, "
                "probability of {what}).",
                counted=count_of(forecast.column),
                names=named,
                **parts,
            )
        sentences = [expected, forecast.record_sentence]
        sentences += [_onset_in_short(self.onset)] if self.onset is not None else []
        boxes = [Part(Sentence("What comes next?"), tuple(sentences), href=FILE)]
        if self.alerts is not None:
            above = _alerts_in_short(self.alerts)
            boxes.append(Part(Sentence("Above what was expected"), (above,), href=FILE))
        return tuple(boxes)

    def page(self, basis: Basis) -> SitePage:
        """Answer where worse is expected, how sure, how good it has been, what it cannot see."""
        lang = basis.lang
        lead = Sentence(
            "What the months to come may bring if things go on as they were recorded: a "
            "probability for each unit, never without its record."
        )
        if self.forecast is None:
            parts: tuple[Section, ...] = (Section(paragraphs=(self.refused,)), _CANNOT_SEE)
        else:
            parts = sections(self.forecast, lang, alerts=self.alerts, publish=self.publish)
            if self.onset is not None:
                parts = (parts[0], _onset(self.onset, lang), *parts[1:])
        name, title = Sentence("Forecast"), Sentence("What comes next?")
        return basis.page(FILE, name, title, lead, parts)


def _most_expected(forecast: "Forecast") -> pd.DataFrame:
    """Order the units in the first period by what is expected, the most first."""
    first = forecast.table[forecast.table["horizon"] == 1]
    return first.sort_values(["q50", "q95"], ascending=False, kind="stable")


def _onset_in_short(onset: "OnsetForecast") -> Sentence:
    """Name the quiet units where something is most likely, with the record of such rankings."""
    record = onset.record.iloc[0]
    order = Sentence(
        "Quiet for a year, and most likely to record {what} within {within} months, in this order: "
        "{names:standard}",
        what=one_of(onset.column),
        within=int(onset.record["within"].iloc[0]),
        names=[str(name) for name in onset.table["name"].head(_NAMED - 1)],
    )
    past = Sentence(
        "In the past such a ranking put the unit where something came above another in {own:.0%} "
        "of the pairs; a ranking by the neighbours alone in {near:.0%}, chance in 50%.",
        own=float(record["auc"]),
        near=float(record["auc_neighbours"]),
    )
    return joined([order, past], ". ")


def _likely(forecast: "Forecast") -> pd.DataFrame:
    """Find the units of the upper two classes in the first period, by class and then by name."""
    first = forecast.table[forecast.table["horizon"] == 1]
    kept = first[first["probability"] >= 0.3].copy()
    kept["rank"] = np.where(kept["probability"] >= 0.6, 0, 1)
    return kept.sort_values(["rank", "name", "unit_id"])


def _alerts_in_short(alerts: "Alerts") -> Sentence:
    """Name the units above what was expected of the latest month."""
    rows = _alert_rows(alerts)
    period = period_in_words(alerts.table["period"].iloc[0])
    if alerts.table["chance"].isna().all():
        return Sentence("In {period}, no unit could be compared with its own past.", period=period)
    if rows.empty:
        return Sentence(
            "In {period}, no unit had more {what} than its own past made likely.",
            period=period,
            what=count_of(alerts.column),
        )
    named = [
        Sentence(
            "{name} ({observed:.0f}, at most {upper:.0f} expected)",
            name=str(row["name"]),
            observed=float(row["observed"]),
            upper=float(row["upper"]),
        )
        for row in rows.head(_NAMED).to_dict("records")
    ]
    return Sentence(
        "In {period}, {number} of {units} units had more {what} than their own past made likely: "
        "{names}.",
        period=period,
        number=len(rows),
        units=alerts.table.loc[alerts.table["chance"].notna(), "unit_id"].nunique(),
        what=count_of(alerts.column),
        names=joined(named, ", "),
    )


def _alert_rows(alerts: "Alerts") -> pd.DataFrame:
    kept = alerts.alerts
    return kept[kept["method"] == str(alerts.record["method"].iloc[0])]


def sections(
    forecast: "Forecast", lang: Language, *, alerts: "Alerts | None" = None, publish: str = "full"
) -> tuple[Section, ...]:
    """Write what a reader asks of a forecast in order: where worse, how good, what it misses."""
    where = _where_by_class if publish == "safe" else _where
    parts = [where(forecast, lang), _record(forecast, lang), _CANNOT_SEE]
    if alerts is not None:
        parts.append(_alerts(alerts, lang))
    return tuple(parts)


def _where(forecast: "Forecast", lang: Language) -> Section:
    """List the units with most to come, of the first period."""
    sentences = (forecast.sentence(lang), _rising(forecast))
    usual = _usual(forecast)
    rows = [
        (
            str(row.name),
            number(row.q50, "d", lang),
            Sentence("{low} to {high}", low=row.q05, high=row.q95).say(lang),
            percent(float(str(row.probability)), lang, 0),
            number(float(usual[str(row.unit_id)]), ".1f", lang),
        )
        for row in _most_expected(forecast).head(_ROWS).itertuples(index=False)
    ]
    head = (
        Sentence("Unit"),
        Sentence("Median"),
        Sentence("90% interval"),
        Sentence("Probability of {what}", what=one_of(forecast.column)),
        Sentence("Mean of the last 12 months"),
    )
    caption = Sentence(
        "Median, 50% and 90% intervals for {period}; pale where a simple rule has been as good.",
        period=forecast_period(forecast),
    )
    drawn = plot_figure(lambda: forecast.plot(lang=lang), caption)
    return Section(_WHERE, sentences, figure=drawn, table=Table(head, tuple(rows), minor=(4,)))


def _rising(forecast: "Forecast") -> Sentence:
    """Name the units that are more likely than not to pass their own mean of the last year."""
    usual = _usual(forecast).to_numpy()
    # the first whole number above the mean
    last_below = np.searchsorted(forecast.support, np.floor(usual), side="right") - 1
    above = 1 - forecast.cdf[0][np.arange(len(usual)), last_below]
    order = np.argsort(-above, kind="stable")
    rising = [str(forecast.past.ground.names[at]) for at in order if above[at] > _EVEN]
    parts = {"period": forecast_period(forecast), "units": len(usual)}
    if not rising:
        return Sentence(
            "In none of {units} units is {period} more likely than not to bring more than a mean "
            "month of the last 12: violence comes in bursts, and most months lie below the mean.",
            **parts,
        )
    return Sentence(
        "In {number} of {units} units {period} is more likely than not to bring more than a mean "
        "month of the last 12: {names:standard}.",
        number=len(rising),
        names=rising[:_NAMED],
        **parts,
    )


def _usual(forecast: "Forecast") -> "pd.Series[float]":
    """Give the mean of each unit over the last 12 months."""
    year = forecast.past.length(12)
    known = pd.DataFrame(forecast.past.counts[:, -year:], index=forecast.past.ground.unit_ids)
    return known.mean(axis=1).fillna(0.0)


def _where_by_class(forecast: "Forecast", lang: Language) -> Section:
    """List the units of the upper classes of probability, by name within a class."""
    rows = _likely(forecast).merge(forecast.classes(), on=["unit_id", "period", "horizon"])
    cells = [
        (str(row["name"]), name_in(PROBABILITY, row["probability_class"], lang))
        for row in rows.to_dict("records")
    ]
    sentences = (
        forecast.record_sentence,
        Sentence("In {period}, all other units: under 30%.", period=forecast_period(forecast)),
    )
    head = (Sentence("Unit"), Sentence("Probability of {what}", what=one_of(forecast.column)))
    return Section(
        _WHERE, sentences, table=Table(head, tuple(cells), words=(1,)) if cells else None
    )


def _onset(onset: "OnsetForecast", lang: Language) -> Section:
    """List the quiet units that are most likely to record a first event, and why."""
    spans = sorted(onset.record["within"].tolist())
    chances = onset.table.pivot(index="unit_id", columns="within", values="probability")
    rows = [
        (
            str(row["name"]),
            *(percent(float(chances.loc[row["unit_id"], span]), lang, 0) for span in spans),
            Sentence("{reasons:standard}", reasons=reasons).say(lang) if reasons else "–",
        )
        for row in onset.table[onset.table["within"] == spans[-1]]
        .head(_QUIET_ROWS)
        .to_dict("records")
        for reasons in [_reasons_in_words(row["reasons"])]
    ]
    head = (
        Sentence("Unit"),
        *(Sentence("Within {number} months", number=span) for span in spans),
        Sentence("Comes mostly from"),
    )
    record = onset.record.iloc[0]
    stated = Sentence(
        "On average a probability of {stated:.1%} was stated where {came:.1%} came. Most quiet "
        "units stay quiet, the first of the list as well.",
        stated=record["stated"],
        came=record["base_rate"],
    )
    sentences = (onset.sentence(lang), stated)
    table = Table(head, tuple(rows), words=(len(spans) + 1,)) if rows else None
    return Section(Sentence("Where may a quiet year end?"), sentences, table=table)


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
    head = (Sentence("Forecast by"), "CRPS", "IGN", "Brier", Sentence("In the 90% interval"))
    return Section(
        Sentence("How good has this been?"),
        (forecast.scores.sentence(lang),),
        table=Table(head, tuple(rows), minor=(3,)),
    )


def _alerts(alerts: "Alerts", lang: Language) -> Section:
    """List the units above what was expected of the latest period."""
    rows = [
        (
            str(row.name),
            number(row.observed, ".0f", lang),
            number(row.expected, ".0f", lang),
            number(row.upper, ".0f", lang),
        )
        for row in _alert_rows(alerts).head(_ROWS).itertuples(index=False)
    ]
    head = (
        Sentence("Unit"),
        Sentence("Recorded"),
        Sentence("Expected before"),
        Sentence("Upper end of what was expected"),
    )
    title = Sentence("What is above what was expected?")
    table = Table(head, tuple(rows)) if rows else None
    return Section(title, (alerts.sentence(lang),), table=table)


def _reasons_in_words(reasons: str) -> list[Sentence]:
    """Say from what the probability of a first event comes, the most telling reason first."""
    sentences: dict[str, Sentence] = {}
    for feature in filter(None, reasons.split("; ")):
        known = _REASONS.get(feature.partition("_")[0])
        text = known or Sentence("{feature}", feature=feature)
        sentences.setdefault(text.say("en"), text)
    return list(sentences.values())
