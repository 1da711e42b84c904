"""Which units are above what was expected of their latest period, and how far to trust that."""

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar, Final, get_args

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.alerts.ranges import Expected, Method
from sahel_geo.arrays import Flags, Floats
from sahel_geo.errors import InputError, did_you_mean, first_offenders
from sahel_geo.forecast.models.registry import resolve
from sahel_geo.forecast.past import Past, read_past
from sahel_geo.i18n.phrases import period_in_words
from sahel_geo.i18n.sentence import Sentence, joined
from sahel_geo.indicators.display.plotting import COLOURS, axes, legend_above
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.permutation.significance import false_discovery
from sahel_geo.indicators.plot_words import label_of, name_of
from sahel_geo.schema import Language

_LOOKED_BACK_MONTHS: Final = 24
_AFTER: Final = 3  # periods after an alert that must stay high for it to be true
_FEWEST_MONTHS: Final = {"forecast": 36, "farrington": 24, "ears": 3}
_FEWEST_MEASURED: Final = 30  # quiet ones, and doublings: a share of fewer says nothing
_YEARS: Final = (1, 2, 3)  # of HDX Signals: a level not seen in so many


_UNITS: Final = 12
METHOD_NAMES: Final = {
    "forecast": Sentence("the forecast made one period before"),
    "farrington": Sentence("the same season of past years (Farrington)"),
    "ears": Sentence("the seven periods before (EARS C1)"),
}
_CAUTION: Final = Sentence(
    "An alert does not say why: a new source or a late batch of reports looks the same."
)


@dataclass(frozen=True)
class Alerts(Result):
    """Units above what was expected before, by method, with the record of such alerts.

    Attributes
    ----------
    table : DataFrame
        A row for each method and unit: ``method``, ``unit_id``, ``name``, ``period``,
        ``observed``, ``expected``, ``upper`` (end of the expected range), ``chance`` (of so much or
        more, as seen before; missing where no count is known or too few precede), ``alert``
        (whether that is rare enough among all units, and beside how often the ranges of other
        periods were passed as far).
    record : DataFrame
        A row for each method, measured on the panel's own past: ``method``, ``unit_periods``,
        ``alerts``, ``quiet_unit_periods``, ``false_share`` (alerts among them), ``doublings``,
        ``power`` (share of doublings noticed within three periods), ``delay`` (mean periods until
        then, of those noticed).
    by_country : DataFrame
        The rule of HDX Signals beside it: ``country``, ``observed``, ``unseen_years``: for how many
        of the last three years no period was as high; 0 if the last one was.
    column : str
        What was counted.
    false_discovery_rate : float
        Share of false alerts among all of a period that was accepted. It holds as far as what comes
        is as variable as the periods of the record were.
    """

    table: pd.DataFrame
    record: pd.DataFrame
    by_country: pd.DataFrame
    column: str
    false_discovery_rate: float
    named_by: ClassVar[tuple[str, ...]] = ("method", "unit_id", "name")

    @property
    def alerts(self) -> pd.DataFrame:
        """The rows with an alert, least likely first within each method."""
        kept = self.table[self.table["alert"]]
        order = {name: place for place, name in enumerate(self.record["method"])}
        return kept.sort_values(
            ["method", "chance"],
            key=lambda each: each.map(order) if each.name == "method" else each,
        ).reset_index(drop=True)

    def sentence(self, lang: Language = "fr") -> str:  # noqa: D102  as of Result
        row: Any = self.record.iloc[0]
        rows = self.table[self.table["method"] == row["method"]]
        kept = self.alerts
        names = kept.loc[kept["method"] == row["method"], "name"].tolist()
        known = int(rows["chance"].notna().sum())
        parts = {
            "period": period_in_words(rows["period"].iloc[0]),
            "units": known,
            "method": METHOD_NAMES[str(row["method"])],
        }
        finding = Sentence(
            "In {period}, none of {units} units had more recorded than {method} made likely.",
            **parts,
        )
        if names:
            finding = Sentence(
                "In {period}, {number} of {units} units had more recorded than {method} made "
                "likely: {names}.",
                number=len(names),
                names=first_offenders(names),
                **parts,
            )
        if not known:
            finding = Sentence(
                "In {period}, no unit could be compared with {method}: too little was counted "
                "before, or nothing is known of the period.",
                **parts,
            )
        untold = Sentence(
            "Of {number} more units nothing can be said: no count, or too few before.",
            number=len(rows) - known,
        )
        sentences = [
            finding,
            *([untold] if 0 < known < len(rows) else []),
            _record_words(row),
            _CAUTION,
        ]
        return joined(sentences, " ").say(lang)

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw what was recorded of the twelve least likely units beside the expected range."""
        method = self.record["method"].iloc[0]
        rows = self.table[(self.table["method"] == method) & self.table["chance"].notna()]
        order = rows.sort_values(["chance", "observed"], ascending=[True, False])
        rows = order.head(_UNITS).iloc[::-1]
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
        what = name_of(self.column, lang)
        ax.set_xlabel(Sentence("{what} in {period}", what=what, period=period).say(lang))
        return legend_above(ax)


def detect(
    panel: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    column: str = "incidents",
    methods: Sequence[Method] = ("forecast", "farrington", "ears"),
    model: str = "pool",
    alpha: float = 0.01,
    false_discovery_rate: float = 0.1,
    rng: np.random.Generator | int = 1,
) -> Alerts:
    """Find the units whose latest period is higher than what was expected before it.

    An alert says that more was recorded than the unit's past made likely. It does not say why; a
    new source or a late batch of reports looks the same. The expected range is made from the
    periods before, and how often such alerts were false, and how soon a doubling would have been
    noticed, is measured on the panel's own past and stands beside every list. What comes counts as
    no rarer than such a chance was among all units in the other periods of that past, since ranges
    err; after many real rises it takes a greater one.

    Parameters
    ----------
    panel : DataFrame
        Result of :func:`sahel_geo.count` by week or month. Leave an incomplete last period out.
    units : GeoDataFrame, m rows
        The units counted.
    column : str
        What is counted.
    methods : sequence of {"forecast", "farrington", "ears"}
        The one-step forecast's own distribution; Farrington flexible, which compares with the same
        season of up to four past years; EARS C1, which needs seven periods only, by the law that
        fits so few.
    model : str
        Model of the forecast; see :func:`sahel_geo.forecast.evaluate`.
    alpha : float
        Probability, without any change, of a count above the upper end of a range.
    false_discovery_rate : float
        Over all units of a period, the share of false alerts that is accepted.
    rng : Generator or int
        Source of randomness.

    Returns
    -------
    Alerts
        Rows by method and unit, and the record of each method.

    Raises
    ------
    InputError
        If a method or setting is unknown, or the panel is too short for a method.

    References
    ----------
    Noufaily, A. et al. (2013). An improved algorithm for outbreak detection in multiple
    surveillance systems. Statistics in Medicine 32, 1206-1222. Vovk, V., Gammerman, A. and Shafer,
    G. (2005). Algorithmic Learning in a Random World (chances as seen before). Hutwagner, L. et al.
    (2003). The bioterrorism preparedness and response Early Aberration Reporting System (EARS).
    Journal of Urban Health 80, i89-i96. Benjamini, Y. and Hochberg, Y. (1995). Controlling the
    false discovery rate. Journal of the Royal Statistical Society B 57, 289-300.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=2, countries=["NER"])
    >>> panel = sg.forecast.simulate_panel(units, months=60, rng=1)
    >>> alerts = detect(panel, units, methods=["ears"])
    >>> len(alerts.table) == len(units)
    True
    """
    asked = _check(methods, alpha, false_discovery_rate)
    (name,) = resolve([model])
    past = read_past(
        panel,
        units,
        column,
        fewest_months=max(_FEWEST_MONTHS[method] for method in asked),
        fewest_units=20 if "forecast" in asked else 1,
    )
    seed = int(np.random.default_rng(rng).integers(2**31))
    last = past.counts.shape[1] - 1
    tables, records = [], []
    for method in asked:
        least = past.length(_FEWEST_MONTHS[method])
        first = max(min(least, last), last - past.length(_LOOKED_BACK_MONTHS) + 1)
        at = list(range(first, last + 1))
        ranges = Expected.of(past, at, method, (name, alpha, seed))
        # with fewer periods not even what was never seen could be rare enough
        known_periods = int(np.isfinite(ranges.chance).any(axis=0).sum())
        checked = (known_periods - 1) * false_discovery_rate >= 1
        seen = ranges.as_seen() if checked else ranges
        alarms = _held(seen.chance, false_discovery_rate)
        tables.append(_latest(past, method, ranges, alarms))
        noticed = seen.doubled <= _critical(seen.chance, false_discovery_rate)
        record = _record(past, method, at, ranges, (alarms, noticed))
        records.append({**record, "checked": checked})
    return Alerts(
        table=pd.concat(tables, ignore_index=True),
        record=pd.DataFrame(records),
        by_country=_unseen(past),
        column=column,
        false_discovery_rate=false_discovery_rate,
    )


def _check(methods: Sequence[str], alpha: float, rate: float) -> list[Method]:
    asked = [methods] if isinstance(methods, str) else list(dict.fromkeys(methods or ()))
    known = list(get_args(Method))
    unknown = [name for name in asked if name not in known]
    if unknown or not asked:
        raise InputError(
            "`methods` is {asked}; expected some of {known}. {near}",
            asked=asked,
            known=known,
            near=did_you_mean(unknown[0] if unknown else "", known),
        )
    if not all(isinstance(share, Real) and 0 < share < 1 for share in (alpha, rate)):
        raise InputError(
            f"`alpha` is {alpha!r} and `false_discovery_rate` {rate!r}; expected shares between "
            "0 and 1."
        )
    return [name for name in known if name in asked]


def _latest(past: Past, method: str, ranges: Expected, alarms: Flags) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "method": method,
            "unit_id": past.ground.unit_ids,
            "name": past.ground.names,
            "period": past.periods[-1],
            "observed": past.counts[:, -1],
            "expected": ranges.middle[:, -1],
            "upper": ranges.upper[:, -1],
            "chance": ranges.chance[:, -1],
            "alert": alarms[:, -1],
        }
    )


def _record(
    past: Past, method: str, at: Sequence[int], ranges: Expected, alerts: tuple[Flags, Flags]
) -> dict[str, Any]:
    """Measure false alerts and the notice of doublings on the periods before the latest.

    alerts (m, s): Whether there was one, and whether there would have been for twice the count.
    """
    alarms, above = alerts
    counts, year = past.counts, past.length(12)
    known = np.isfinite(ranges.chance)
    quiet = np.zeros(alarms.shape, dtype=bool)
    usual = np.full(alarms.shape, np.nan)
    for column, position in enumerate(at):
        before = counts[:, max(0, position - year) : position].mean(axis=1)
        usual[:, column] = before
        after = counts[:, position + 1 : position + 1 + _AFTER]
        if after.shape[1] == _AFTER:
            quiet[:, column] = known[:, column] & (after.mean(axis=1) <= before)
    noticed, delays = _doublings(above, known & (usual >= 1))
    return {
        "method": method,
        "unit_periods": int(known.sum()),
        "alerts": int(alarms.sum()),
        "quiet_unit_periods": int(quiet.sum()),
        "false_share": float(alarms[quiet].mean()) if quiet.any() else np.nan,
        "doublings": len(noticed),
        "power": float(noticed.mean()) if len(noticed) else np.nan,
        "delay": float(delays[noticed].mean()) if noticed.any() else np.nan,
    }


def _doublings(above: Flags, busy: Flags) -> tuple[Flags, Floats]:
    """Double three periods of each busy unit in turn; tell which are noticed, and when.

    above (m, s): Whether twice the count of a period is an alert. The ranges stay those made from
        what was really counted.
    """
    noticed, delays = [], []
    for start in range(above.shape[1] - _AFTER + 1):
        alerted = above[busy[:, start], start : start + _AFTER]
        noticed.append(alerted.any(axis=1))
        delays.append(alerted.argmax(axis=1).astype(np.float64))
    if not noticed:
        return np.zeros(0, dtype=bool), np.zeros(0)
    return np.concatenate(noticed), np.concatenate(delays)


def _unseen(past: Past) -> pd.DataFrame:
    """Tell for how many years each country has not seen a period as high as the latest."""
    rows = []
    for code in sorted(set(past.ground.country.tolist())):
        own = past.counts[past.ground.country == code]
        total = np.where(np.isnan(own).all(axis=0), np.nan, np.nansum(own, axis=0))
        unseen = 0
        for years in _YEARS:
            length = past.length(12 * years)
            if len(total) > length and total[-1] > np.nanmax(total[-1 - length : -1], initial=0):
                unseen = years
        rows.append((code, total[-1], unseen))
    return pd.DataFrame(rows, columns=["country", "observed", "unseen_years"])


def _record_words(row: Any) -> Sentence:
    if row["quiet_unit_periods"] < _FEWEST_MEASURED or not row["checked"]:
        return Sentence("The panel is too short or too quiet to tell how often alerts were false.")
    if row["doublings"] < _FEWEST_MEASURED:
        return Sentence(
            "In quiet times {false:.1%} of units and periods had a false alert; too few units "
            "counted one a period to tell how soon a doubling would be noticed.",
            false=row["false_share"],
        )
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


def _critical(chance: Floats, rate: float) -> Floats:
    """Tell how small the chance of a unit must be for an alert, beside those of all others.

    chance (m, s): Of what came, by period; missing ones are no tests.
    Returns (m, s): The largest chance that would be one.
    """
    critical = np.full(chance.shape, np.nan)
    for column in range(chance.shape[1]):
        rows = np.flatnonzero(np.isfinite(chance[:, column]))
        own, place = chance[rows, column], np.arange(len(rows))
        ends = rate * (place + 1) / max(len(rows), 1)
        # k chances below the k-th end are alerts: k - 1 of them are those of others
        upto = np.searchsorted(np.sort(own), ends, side="right")
        with_own = np.where(upto > place, ends, 0.0).max(initial=0.0)
        without = np.maximum.accumulate(np.append(0.0, np.where(upto >= place, ends, 0.0)))
        first = np.searchsorted(ends, own)  # end from which the own chance is among them
        critical[rows, column] = np.where(own <= with_own, with_own, without[first])
    return critical


def _held(chance: Floats, rate: float) -> Flags:
    """Tell, period by period, which chances (m, s) hold the share of false ones among all found."""
    return np.apply_along_axis(false_discovery, 0, chance) <= rate
