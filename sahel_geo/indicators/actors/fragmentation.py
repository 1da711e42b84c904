"""Is the landscape breaking up: how many armed groups share the events, beside the unnamed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.arrays import Floats
from sahel_geo.errors import InputError
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.actors.sides import Ambiguous, Level
from sahel_geo.indicators.actors.blocks import (
    Slope,
    by_draw,
    check_settings,
    dated,
    interval,
    periods_of,
    pieces,
    resampled,
    slope_reach,
    theil_sen,
)
from sahel_geo.indicators.actors.events import CLAIM_POINTS, OfActors, Table, actor_events, units_of
from sahel_geo.indicators.actors.hill import (
    concentration,
    difference_probability,
    hill_number,
    rarefied,
)
from sahel_geo.indicators.display.plotting import CYCLE, axes, date_ticks, legend_above
from sahel_geo.indicators.plot_words import label_of
from sahel_geo.indicators.weights.unit_values import names_of
from sahel_geo.schema import Language, Period

_FEWEST_RAREFIED: Final = 10  # mentions; a smaller sample says little of how many groups there are
_MOST_LINES: Final = 7


@dataclass(frozen=True)
class Fragmentation(OfActors):
    """Effective numbers of named armed non-state actors, by unit and period.

    Attributes
    ----------
    table : DataFrame, one row per unit and period
        ``unit_id``, ``period``; ``incidents``; ``mentions`` (of named armed non-state actors: an
        incident has two where two of them meet); Hill numbers ``n0`` (0 without mentions), ``n1``,
        ``n2``; ``low`` and ``high`` (interval of the one of `order`); ``n1_rarefied`` and
        ``n2_rarefied`` (expected among ``rarefied_to`` mentions, as many in each period of the
        unit); ``concentration`` (sum of squared shares) and ``different`` (probability, without
        bias, that two mentions name different actors); ``unidentified`` (share of mentions of
        armed non-state actors that name nobody); and of the number of `order`, ``naming_low`` and
        ``naming_high``: what it would be if all unidentified were the actor named most, or one
        more actor.
    trends : DataFrame, one row per unit
        ``slope`` (per year, Theil-Sen over the periods, of the number of `order`), ``low``,
        ``high``, ``unidentified_change`` (last period less the first; of a turn that naming may
        explain, the piece that moved most), and ``claim``: ``"more"`` or ``"fewer"`` where the
        interval excludes no change and the share unidentified moved by less than ten points, else
        ``"none"``, or ``"naming"`` where only the second fails.
        ``"turned"`` where two pieces fit clearly better than one line and do not both rise or both
        fall: ``turn`` is the period of the peak, the trough or the bend, ``before`` and ``after``
        with ``_low`` and ``_high`` are the slopes up to it and from it on, and the share
        unidentified may not have moved by ten points in either piece.
    order : float
        Order of the number with an interval.
    level : float
        Share of the draws in an interval.
    names : mapping
        Names of the units and actors.
    selection : bool
        Whether the incidents are a selection, from which nothing may be concluded.
    """

    named_by = ("unit_id", "period")
    measured = ("n0", "n1", "n2")

    table: pd.DataFrame
    trends: pd.DataFrame
    order: float
    level: float
    names: Mapping[str, str] = field(repr=False)
    selection: bool = False

    def sentence(self, lang: Language = "fr") -> str:
        """Say whether more groups share the events than before, and what does not carry it."""
        known = self.table[self.table["mentions"] > 0]
        if known.empty:
            nobody = Sentence(
                "No incident names an armed non-state group: there is nothing to share."
            )
            return self._said(lang, nobody)
        if self.selection:  # a share of a selection is a share of what was selected
            most = Sentence("Armed groups named in one period, at most: {number:.0f}.",
                            number=float(known["n0"].max()))  # fmt: skip
            return self._said(lang, most)
        several = len(set(known["period"])) > 1
        return self._said(lang, *(self._trend(known) if several else self._one_period(known)))

    def _one_period(self, known: pd.DataFrame) -> list[Sentence]:
        top = known.iloc[int(known["mentions"].to_numpy().argmax())]
        return [
            Sentence(
                "In {period}, {unit}: {named:.0f} armed groups are named, and they share the "
                "events as {effective:.1f} equal ones would; {share:.0f}% of the mentions identify "
                "nobody.",
                period=str(top["period"]),
                unit=self._unit(top["unit_id"]),
                named=float(top["n0"]),
                effective=float(top[f"n{self.order:.0f}"]),
                share=100 * float(top["unidentified"]),
            ),
            Sentence("One period shows no change."),
        ]

    def _trend(self, known: pd.DataFrame) -> list[Sentence]:
        mentions = known.groupby("unit_id")["mentions"].sum()
        unit = str(mentions.idxmax())
        rows, trend = known[known["unit_id"] == unit], self.trends.set_index("unit_id").loc[unit]
        column = f"n{self.order:.0f}"
        sure = rows[rows["low"].notna()]
        rows = sure if len(sure) > 1 else rows
        first, last = rows.iloc[0], rows.iloc[-1]
        top = rows.iloc[int(rows[column].to_numpy().argmax())]
        figures: dict[str, Any] = {"unit": self._unit(unit)}
        for name, row in (("last", last), ("first", first), ("top", top)):
            figures |= {name: float(row[column]), f"{name}_period": str(row["period"])}
        between = top["period"] not in (first["period"], last["period"])
        sentences = [
            Sentence(
                "{unit}: the armed groups named share the events as {last:.1f} equal ones would in "
                "{last_period}, after {first:.1f} in {first_period} and at most {top:.1f} in "
                "{top_period}."
                if between
                else "{unit}: the armed groups named share the events as {last:.1f} equal ones "
                "would in {last_period}, after {first:.1f} in {first_period}.",
                **figures,
            ),
            *_trend_words(trend),
        ]
        if len(self.trends) > 1:
            claims = self.trends["claim"].value_counts()
            sentences.append(
                Sentence(
                    "Of {units} units, fragmenting beyond chance: {more}; concentrating: {fewer}; "
                    "with a turn: {turned}.",
                    units=len(self.trends),
                    more=int(claims.get("more", 0)),
                    fewer=int(claims.get("fewer", 0)),
                    turned=int(claims.get("turned", 0)),
                )
            )
        return sentences

    def _unit(self, unit: str) -> Sentence:
        whole = Sentence("All incidents together")
        return whole if unit == "all" else Sentence("{name}", name=self.names.get(unit, unit))

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the number of each unit over time with its interval, and who is not identified."""
        known = self.table[self.table["mentions"] > 0]
        if known.empty:
            raise InputError("`table` names no armed group to draw; expected at least one.")
        column = f"n{self.order:.0f}"
        most = known.groupby("unit_id")["mentions"].sum().nlargest(_MOST_LINES).index
        ax = axes(ax, lang=lang)
        for colour, unit in zip(CYCLE, most, strict=False):
            rows = known[known["unit_id"] == unit]
            at = rows["period"].dt.start_time
            label = label_of(self._unit(str(unit)).say(lang))
            ax.plot(at, rows[column], "o-", color=colour, markersize=4, label=label)
            ax.fill_between(at, rows["low"], rows["high"], color=colour, alpha=0.15, linewidth=0)
        if len(most) == 1:
            ax.plot(
                at,
                rows["unidentified"],
                "--",
                color="#8a8a8a",
                label=Sentence("share of mentions unidentified").say(lang),
            )
        ax.set_ylim(bottom=0)
        ax.set_ylabel(Sentence("effective number of armed groups").say(lang))
        date_ticks(ax)
        return legend_above(ax, columns=1 if len(most) == 1 else 2)


def fragmentation(
    incidents: pd.DataFrame,
    units: gpd.GeoDataFrame | None = None,
    period: Period = "year",
    order: float = 2,
    *,
    level: Level = "group",
    table: Table = None,
    ambiguous: Ambiguous = "split",
    event_groups: Iterable[str] = ("violence",),
    rng: np.random.Generator | int = 1,
    replicates: int = 499,
    confidence: float = 0.95,
) -> Fragmentation:
    """Count how many armed non-state groups share the events, beside those nobody names.

    The number of names (``n0``) grows with how well a source tells groups apart, and with the
    number of events; it says little about groups. The effective number (``n2``) asks how evenly
    the events are shared. Neither sees what nobody recorded.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Columns ``actor1``, ``actor2``, ``date``, and ``lon`` and ``lat`` (EPSG:4326) or
        ``unit_id``.
    units : GeoDataFrame, optional
        Columns ``unit_id`` and polygons, EPSG:4326; without them all incidents are one unit,
        ``"all"``. Incidents in no unit are left out. Of whole countries, the country that the
        source states counts.
    period : {"year", "quarter", "month", "week", "day"}
        Length of a period.
    order : {2, 1, 0}
        Order of the Hill number with an interval, a trend and a sentence.
    level : {"group", "alliance"}
        What counts as one actor.
    table, ambiguous
        As for :func:`sahel_geo.actors.harmonise`.
    event_groups : iterable of {"violence", "demonstrations", "other"}
        Which events count.
    rng : Generator or int
        Seed of the bootstrap.
    replicates : int
        Bootstrap samples of blocks of 14 days; a period with events in fewer than six blocks has
        no interval.
    confidence : float
        Share of the samples in an interval.

    Returns
    -------
    Fragmentation
        Each unit and period has a row, those without incidents too.

    Raises
    ------
    InputError
        If a column is missing or a setting is not known.

    References
    ----------
    Hill, M. O. (1973). Diversity and evenness. Ecology 54, 427-432.
    Dowd, C. (2015). Actor proliferation and the fragmentation of violent groups in conflict.
    Research & Politics 2(4).

    Examples
    --------
    >>> import sahel_geo as sg
    >>> incidents = sg.load_example_incidents()
    >>> trend = fragmentation(incidents, sg.load_boundaries(level=0), period="year")
    >>> bool((trend.table["n2"].dropna() <= trend.table["n0"][trend.table["n2"].notna()]).all())
    True
    """
    check_settings(replicates, confidence)
    if order not in (0, 1, 2):
        raise InputError(f"`order` is {order}; expected 0, 1 or 2. Choose one.")
    events = actor_events(incidents, level, table, ambiguous, event_groups)
    dates = dated(events.incidents)
    own, periods = periods_of(dates, period)
    unit = units_of(events.incidents, units)
    _, named = events.matrix()
    nobody = events.unidentified()
    generator = np.random.default_rng(rng)
    rows, draws = [], {}
    ids = ["all"] if units is None else units["unit_id"].astype(str).tolist()
    day = dates.to_numpy("datetime64[D]")
    cells = pd.DataFrame({"unit": unit, "period": own}).groupby(["unit", "period"]).indices
    for unit_id in ids:
        own_rows = []
        for one in periods:
            at = cells.get((unit_id, one), np.empty(0, dtype=np.int64))
            drawn = resampled(
                np.column_stack([named[at], nobody[at]]), day[at], replicates=replicates,
                rng=generator,
            )  # fmt: skip
            own_rows.append({"unit_id": unit_id, "period": one, "incidents": len(at)})
            own_rows[-1] |= _figures(named[at].sum(axis=0), float(nobody[at].sum()), order)
            draws[unit_id, one] = by_draw(drawn, lambda sums: hill_number(sums[:, :-1], order))
            own_rows[-1]["low"], own_rows[-1]["high"] = interval(draws[unit_id, one], confidence)
        rows += _with_rarefied(own_rows, [named[cells.get((unit_id, one), [])] for one in periods])
    figures = pd.DataFrame(rows, columns=_COLUMNS)
    trends = pd.DataFrame(
        [
            {"unit_id": unit_id}
            | _trend_of(
                figures[figures["unit_id"] == unit_id],
                {one: draws[unit_id, one] for one in periods},
                order,
                confidence,
                generator,
            )
            for unit_id in ids
        ],
        columns=_TREND_COLUMNS,
    )
    return Fragmentation(figures, trends, order, confidence, names_of(units), events.selection)


_TREND_COLUMNS: Final = [
    "unit_id", "slope", "low", "high", "unidentified_change", "claim", "turn",
    "before", "before_low", "before_high", "after", "after_low", "after_high",
]  # fmt: skip
_COLUMNS: Final = [
    "unit_id", "period", "incidents", "mentions", "n0", "n1", "n2", "low", "high", "n1_rarefied",
    "n2_rarefied", "rarefied_to", "concentration", "different", "unidentified", "naming_low",
    "naming_high",
]  # fmt: skip


def _figures(counts: Floats, nobody: float, order: float) -> dict[str, float]:
    """Give the figures of one unit and period from the mentions of each actor."""
    mentions = float(counts.sum())
    known = nobody + mentions
    most = counts.copy()
    if mentions:
        most[counts.argmax()] += nobody
    return {
        "mentions": mentions,
        "n0": hill_number(counts, 0),
        "n1": hill_number(counts, 1),
        "n2": hill_number(counts, 2),
        "concentration": concentration(counts) if mentions else np.nan,
        "different": difference_probability(counts),
        "unidentified": nobody / known if known else np.nan,
        "naming_low": hill_number(most, order) if mentions else np.nan,
        "naming_high": hill_number([*counts, nobody], order) if mentions else np.nan,
    }


def _with_rarefied(rows: list[dict[str, Any]], mentions: list[Floats]) -> list[dict[str, Any]]:
    """Add what is expected among as many mentions in each period of a unit."""
    enough = [row["mentions"] for row in rows if row["mentions"] >= _FEWEST_RAREFIED]
    size = float(np.floor(min(enough))) if enough else np.nan
    for row, part in zip(rows, mentions, strict=True):
        counts = part.sum(axis=0)
        for order in (1, 2):
            known = np.isfinite(size) and row["mentions"] >= size
            row[f"n{order}_rarefied"] = rarefied(counts, size, order) if known else np.nan
        row["rarefied_to"] = size
    return rows


def _trend_of(
    rows: pd.DataFrame,
    drawn: Mapping[Any, Floats],
    order: float,
    confidence: float,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Give the slope of one unit over its periods, where it turns, and what may be said of it."""
    unidentified = rows["unidentified"].reset_index(drop=True)
    years = np.array([(one.start_time - pd.Timestamp("2000-01-01")).days for one in drawn]) / 365.25
    value = rows[f"n{order:.0f}"].where(rows["mentions"] > 0).to_numpy(np.float64)
    at = np.array([place for place, each in enumerate(drawn.values()) if len(each)], dtype=int)
    trend: dict[str, Any] = {"claim": "none", "unidentified_change": _moved(unidentified)}
    if len(at) < 3:  # two say nothing of how much periods differ anyway
        return trend | {"slope": float(theil_sen(value, years))}
    years, value = years[at], value[at]
    many = np.column_stack([each for each in drawn.values() if len(each)])
    # few events show fewer groups, and draws of them lose as much again: all may be given back
    lost = value - many.mean(axis=0)

    def slope(part: slice) -> Slope:
        own = float(theil_sen(value[part], years[part]))
        reach = slope_reach(value[part], years[part], confidence)
        ends = [own - reach, own + reach]
        for course in (many, many + 2 * lost):
            ends += interval(theil_sen(course[:, part], years[part]), confidence)
        return Slope(own, min(ends), max(ends))

    whole = slope(slice(None))
    trend |= whole._asdict() | {"claim": ("none", "more", "fewer")[whole.sign]}
    moved = [trend["unidentified_change"]]
    chance = rng.normal(0, many.std(axis=0), (999, len(value)))
    turned = pieces(value, years, chance, slope, level=confidence)
    if turned is not None:
        turn, before, after = turned
        trend |= {"claim": "turned", "turn": rows["period"].iloc[at[turn]]}
        trend |= before.named("before") | after.named("after")
        moved += [_moved(unidentified[: at[turn] + 1]), _moved(unidentified[at[turn] :])]
    most = max(moved, key=abs)
    if trend["claim"] != "none" and not abs(most) < CLAIM_POINTS:
        trend |= {"claim": "naming", "unidentified_change": most}
    return trend


def _moved(unidentified: "pd.Series[Any]") -> float:
    """Give by how much the share that identifies nobody moved from the first period to the last."""
    shares = unidentified.dropna()
    return float(shares.iloc[-1] - shares.iloc[0]) if len(shares) else np.nan


def _trend_words(trend: Any) -> list[Sentence]:
    """Say whether the landscape fragments, only where the interval and the naming allow it."""
    whole = Slope.of_row(trend)
    if not np.isfinite(whole.low):
        return [Sentence("Too few incidents or periods to tell a change from chance.")]
    if trend["claim"] == "turned":
        return _turn_words(trend)
    entries = {
        "more": Sentence("The landscape is fragmenting: {range}.", range=_range(whole)),
        "fewer": Sentence("The landscape is concentrating, not fragmenting: {range}.",
                          range=_range(whole)),
        "none": Sentence("These data do not show that fragmentation increases: {range}.",
                         range=_range(whole)),
        "naming": Sentence(
            "The number moves, but so does the share of mentions that identify nobody, by "
            "{points:.0f} points: better or worse naming may explain it.",
            points=100 * abs(float(trend["unidentified_change"])),
        ),
    }  # fmt: skip
    return [entries[str(trend["claim"])]]


def _turn_words(trend: Any) -> list[Sentence]:
    """Say what the number did up to its turn, and what it has done since."""
    before, after = (Slope.of_row(trend, name) for name in ("before", "after"))
    until, since = {"turn": str(trend["turn"]), "range": _range(before)}, _range(after)
    return [
        (
            Sentence("Until {turn} the landscape did not clearly change: {range}.", **until),
            Sentence("Until {turn} the landscape fragmented: {range}.", **until),
            Sentence("Until {turn} the landscape concentrated: {range}.", **until),
        )[before.sign],
        (
            Sentence("Since then it has not clearly changed: {range}.", range=since),
            Sentence("Since then it has been fragmenting: {range}.", range=since),
            Sentence("Since then it has been concentrating: {range}.", range=since),
        )[after.sign],
    ]


def _range(slope: Slope) -> Sentence:
    return Sentence(
        "{slope:+.2f} groups per year (interval {low:+.2f} to {high:+.2f})", **slope._asdict()
    )
