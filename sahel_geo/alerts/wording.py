"""What alerts say in words, and their drawing."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.i18n.phrases import period_in_words
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.indicators.display.plotting import COLOURS, axes, legend_above
from sahel_geo.indicators.plot_words import label_of, name_of
from sahel_geo.schema import Language

if TYPE_CHECKING:
    from sahel_geo.alerts.detection import Alerts

_UNITS: Final = 12
METHOD_NAMES: Final = {
    "forecast": Sentence("the forecast made one period before"),
    "farrington": Sentence("the same season of past years (Farrington)"),
    "ears": Sentence("the seven periods before (EARS C1)"),
}


def alerts_sentence(alerts: "Alerts") -> Sentence:
    """Say which units are above what was expected, and how far to trust that.

    Parameters
    ----------
    alerts : Alerts
        What was found.

    Returns
    -------
    Sentence
        Three or four sentences.
    """
    row: Any = alerts.record.iloc[0]
    rows = alerts.table[alerts.table["method"] == row["method"]]
    kept = alerts.alerts
    names = kept.loc[kept["method"] == row["method"], "name"].tolist()
    parts = {
        "period": period_in_words(rows["period"].iloc[0]),
        "units": len(rows),
        "method": METHOD_NAMES[str(row["method"])],
    }
    finding = (
        Sentence(
            "In {period}, {number} of {units} units had more recorded than {method} made likely: "
            "{names}.",
            number=len(names),
            names=first_offenders(names),
            **parts,
        )
        if names
        else Sentence(
            "In {period}, none of {units} units had more recorded than {method} made likely.",
            **parts,
        )
    )
    return Sentence(
        "{finding} {record} {caution}", finding=finding, record=_record(row), caution=_CAUTION
    )


_CAUTION: Final = Sentence(
    "An alert does not say why: a new source or a late batch of reports looks the same."
)


def _record(row: Any) -> Sentence:
    if not row["quiet_unit_periods"] or not row["doublings"]:
        return Sentence("The panel is too short or too quiet to tell how often alerts were false.")
    if np.isnan(row["delay"]):
        return Sentence(
            "In quiet times {false:.1%} of units and periods had a false alert; no doubling would "
            "have been noticed within three periods.",
            false=row["false_share"],
        )
    return Sentence(
        "In quiet times {false:.1%} of units and periods had a false alert; {power:.0%} of "
        "doublings would have been noticed within three periods, {delay:.1f} periods "
        "late on average.",
        false=row["false_share"],
        power=row["power"],
        delay=row["delay"],
    )


def plot_alerts(alerts: "Alerts", ax: Any, lang: Language) -> Any:
    """Draw what was recorded beside the expected range, for the least likely units.

    Parameters
    ----------
    alerts : Alerts
        What was found.
    ax : matplotlib Axes or None
        Axes to draw on.
    lang : {"fr", "en"}
        Language of the labels.

    Returns
    -------
    matplotlib Axes
        The axes drawn on: at most twelve units of the first method; filled where there is an alert.

    Raises
    ------
    InputError
        If nothing was recorded that could be drawn.
    """
    method = alerts.record["method"].iloc[0]
    rows = alerts.table[(alerts.table["method"] == method) & alerts.table["chance"].notna()]
    rows = rows.sort_values(["chance", "observed"], ascending=[True, False]).head(_UNITS).iloc[::-1]
    if rows.empty:
        raise InputError("`table` has no unit with an expected range; expected at least one.")
    ax = axes(ax, lang=lang)
    at = np.arange(len(rows))
    ax.barh(
        at,
        rows["upper"],
        height=0.6,
        color=COLOURS["baseline"],
        alpha=0.5,
        label=Sentence("expected before, upper end").say(lang),
    )
    ax.scatter(
        rows["observed"],
        at,
        facecolors=[COLOURS["hot"] if alert else "white" for alert in rows["alert"]],
        edgecolors=COLOURS["hot"],
        zorder=3,
        label=Sentence("recorded").say(lang),
    )
    ax.set_yticks(at, [label_of(str(name)) for name in rows["name"]])
    period = period_in_words(rows["period"].iloc[0])
    ax.set_xlabel(
        Sentence("{what} in {period}", what=name_of(alerts.column, lang), period=period).say(lang)
    )
    legend_above(ax)
    return ax
