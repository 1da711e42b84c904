"""Do two actors fight each other: events and deaths between them, beside all that each does."""

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
    by_draw,
    check_settings,
    dated,
    interval,
    periods_of,
    resampled,
)
from sahel_geo.indicators.actors.events import (
    CLAIM_POINTS,
    ActorEvents,
    OfActors,
    Table,
    actor_events,
    identify,
    require_two_sides,
    units_of,
)
from sahel_geo.indicators.display.plotting import CYCLE, axes, legend_above
from sahel_geo.schema import FATALITIES, Language, Period

_FEWEST_QUARTERS: Final = 3  # with incidents of either, before a change and after it
_SHUFFLES: Final = 999


@dataclass(frozen=True)
class Rivalry(OfActors):
    """Events in which two actors stand on opposite sides, by period and unit.

    Attributes
    ----------
    table : DataFrame, one row per period (and unit)
        ``unit_id`` where units were given; ``period``; ``incidents`` between the two;
        ``fatalities_*`` of these (missing where none states a figure); ``incidents_a`` and
        ``incidents_b`` (all of each actor), ``share_a`` and ``share_b`` of these that are between
        the two; ``share`` of the events of either, with ``low`` and ``high``; ``unidentified``
        (share of mentions of armed non-state actors that name nobody).
    a, b : str
        Identifiers.
    level : float
        Share of the draws in an interval.
    names : mapping
        Names of the two actors, by language.
    shift : Series or None
        Where the share changed most, of all beginnings of periods with enough incidents on both
        sides: ``since`` (the period), ``before`` and ``after`` (shares), ``unidentified_change``,
        and ``p`` of so large a change if the quarters came in any order: a bout of fighting is one
        observation, not many. None with units, and of too few incidents.
    selection : bool
        Whether the incidents are a selection.
    """

    named_by = ("unit_id", "period")
    measured = ("incidents", "share")

    table: pd.DataFrame
    a: str
    b: str
    level: float
    names: Mapping[str, Mapping[Language, str]] = field(repr=False)
    shift: "pd.Series[Any] | None" = None
    selection: bool = False

    def sentence(self, lang: Language = "fr") -> str:
        """Say how often the two met, whether that changed, and what does not carry it."""
        by_period = self._by_period()
        a, b = (self.names[actor][lang] for actor in (self.a, self.b))
        total, deaths = by_period["incidents"].sum(), by_period["fatalities_best"].sum()
        if not total:
            text = Sentence("No incident has {a} and {b} on opposite sides.", a=a, b=b)
            return self._said(lang, text)
        top = by_period.iloc[int(by_period["incidents"].to_numpy().argmax())]
        sentences = [
            Sentence(
                "{a} and {b} stand on opposite sides of {number:.0f} incidents with {deaths:.0f} "
                "deaths reported, most of them in {period} ({most:.0f} incidents).",
                a=a, b=b, number=float(total), deaths=float(deaths), period=str(top["period"]),
                most=float(top["incidents"]),
            )
        ]  # fmt: skip
        return self._said(lang, *sentences, *self._change())

    def _by_period(self) -> pd.DataFrame:
        summed = ["incidents", "fatalities_best", "incidents_a", "incidents_b"]
        return self.table.groupby("period", as_index=False)[summed].sum()

    def _change(self) -> list[Sentence]:
        if "unit_id" in self.table or len(self.table) < 2 or self.selection:
            return []
        if self.shift is None:
            return [Sentence("Too few incidents to tell a change from chance.")]
        if self.shift["p"] > 1 - self.level:
            return [Sentence("Their share of all that either does shows no change beyond chance.")]
        if abs(self.shift["unidentified_change"]) >= CLAIM_POINTS:
            return [
                Sentence(
                    "Their share of all that either does changes, but so does the share of "
                    "mentions that identify nobody: better or worse naming may explain it."
                )
            ]
        return [
            Sentence(
                "Their share of all that either does went from {before:.1f}% before {since} to "
                "{after:.1f}% from then on, beyond chance.",
                before=100 * float(self.shift["before"]), since=str(self.shift["since"]),
                after=100 * float(self.shift["after"]),
            )
        ]  # fmt: skip

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw incidents and deaths between the two, from the first period that names either."""
        rows = self._by_period()
        rows = rows[(rows["incidents_a"] + rows["incidents_b"]).cumsum() > 0]
        if rows.empty:
            raise InputError("`table` has no period to draw; expected a dated incident.")
        ax = axes(ax, lang=lang)
        at = np.arange(len(rows))
        kinds = (("incidents", Sentence("incidents")), ("fatalities_best", Sentence("deaths")))
        for place, (name, label) in enumerate(kinds):
            shift = 0.4 * place - 0.2
            ax.bar(at + shift, rows[name], 0.38, color=CYCLE[place], label=label.say(lang))
        step = max(1, -(-len(at) // 6))  # so many labels stand apart on a phone
        ax.set_xticks(at[::step], [str(each) for each in rows["period"]][::step])
        return legend_above(ax)


def rivalry(
    incidents: pd.DataFrame,
    a: str,
    b: str,
    *,
    period: Period = "year",
    units: gpd.GeoDataFrame | None = None,
    level: Level = "group",
    table: Table = None,
    ambiguous: Ambiguous = "split",
    event_groups: Iterable[str] = ("violence",),
    rng: np.random.Generator | int = 1,
    replicates: int = 499,
    confidence: float = 0.95,
) -> Rivalry:
    """Count the events and deaths between two actors, by period and unit.

    Two actors of one place may leave each other alone; only events with one on each side are
    rivalry. Their number follows all that either does, so a share stands beside it.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Columns ``actor1``, ``actor2``, ``date``; ``fatalities_*`` where they are there.
    a, b : str
        Identifiers of the table of actors, or any of their names.
    period : {"year", "quarter", "month", "week", "day"}
        Length of a period.
    units : GeoDataFrame, optional
        Count in each unit; incidents in none are left out.
    level, table, ambiguous
        As for :func:`sahel_geo.actors.harmonise`.
    event_groups : iterable of {"violence", "demonstrations", "other"}
        Which events count.
    rng, replicates, confidence
        Seed, number and coverage of the bootstrap of blocks of 14 days.

    Returns
    -------
    Rivalry
        Periods without such an event have a row of zeros.

    Raises
    ------
    InputError
        If no row names a second actor, an actor is not known, `a` is `b`, or a setting is wrong.

    References
    ----------
    Nemeth, S. (2014). The effect of competition on terrorist group operations. Journal of Conflict
    Resolution 58, 336-362.

    Examples
    --------
    >>> import pandas as pd
    >>> fights = pd.DataFrame({"actor1": ["ISGS", "JNIM"], "actor2": ["JNIM", "Civilians"],
    ...     "date": pd.to_datetime(["2020-05-03", "2021-01-01"]), "fatalities_best": [12, 3]})
    >>> rivalry(fights, "is-sahel", "jnim").table[["incidents", "share_b"]].values.tolist()
    [[1.0, 1.0], [0.0, 0.0]]
    """
    check_settings(replicates, confidence)
    require_two_sides(incidents)
    events = actor_events(incidents, level, table, ambiguous, event_groups)
    first, second = identify(a, events, table, "a"), identify(b, events, table, "b")
    if first == second:
        raise InputError(
            "`a` and `b` are both {actor!r} at this level; expected two actors. Choose another, or "
            "level='group'.",
            actor=first,
        )
    dates = dated(events.incidents)
    own, periods = periods_of(dates, period)
    where = units_of(events.incidents, units)
    ids = ["all"] if units is None else units["unit_id"].astype(str).tolist()
    sums = _sums(events, first, second)
    day = dates.to_numpy("datetime64[D]")
    cells = pd.DataFrame({"unit": where, "period": own}).groupby(["unit", "period"]).indices
    generator = np.random.default_rng(rng)
    rows = []
    for unit_id in ids:
        for one in periods:
            at = cells.get((unit_id, one), np.empty(0, dtype=np.int64))
            row: dict[str, Any] = {"period": one} if units is None else {"unit_id": unit_id,
                                                                         "period": one}  # fmt: skip
            row |= _figures(sums[at], events, at)
            drawn = resampled(sums[at], day[at], replicates=replicates, rng=generator)
            low, high = interval(by_draw(drawn, _share), confidence)
            row["low"], row["high"] = _at_least_exact(low, high, sums[at].sum(axis=0), confidence)
            rows.append(row)
    columns = ["period", "incidents", *FATALITIES, "incidents_a", "incidents_b", "share_a",
               "share_b", "share", "low", "high", "unidentified"]  # fmt: skip
    columns = columns if units is None else ["unit_id", *columns]
    figures = pd.DataFrame(rows, columns=columns)
    if (figures["incidents"] % 1 == 0).all():
        figures["incidents"] = figures["incidents"].astype(np.int64)
    names = {actor: events.named(actor) for actor in (first, second)}
    shift = _shift(sums, dates, own, generator) if units is None else None
    return Rivalry(figures, first, second, confidence, names, shift, events.selection)


def _shift(
    sums: Floats, dates: "pd.Series[Any]", own: "pd.Series[Any]", rng: np.random.Generator
) -> "pd.Series[Any] | None":
    """Find the beginning of a period at which the share between the two changed most.

    sums (n, 6): As of `_sums`.

    Andrews, D. W. K. (1993). Tests for parameter instability and structural change with unknown
    change point. Econometrica 61, 821-856.
    """
    quarter = dates.dt.to_period("Q")
    part = pd.DataFrame(sums).groupby(quarter).sum().assign(period=own.groupby(quarter).min())
    part = part[part[3] > 0]
    of = part["period"].to_numpy()
    ends = np.flatnonzero(of[1:] != of[:-1]) + 1
    ends = ends[(ends >= _FEWEST_QUARTERS) & (ends <= len(part) - _FEWEST_QUARTERS)]
    if not len(ends):
        return None
    counts = part[[0, 3]].to_numpy()
    orders = rng.permuted(np.tile(np.arange(len(part)), (_SHUFFLES, 1)), axis=1)
    gain = _gains(counts[np.vstack([np.arange(len(part)), orders])], ends)
    best = gain.max(axis=1)
    at = int(ends[gain[0].argmax()])
    sides = [each.drop(columns="period").sum() for each in (part[:at], part[at:])]
    before, after = (side[0] / side[3] for side in sides)
    nobody = [side[4] / (side[4] + side[5]) if side[4] + side[5] else 0.0 for side in sides]
    return pd.Series(
        {"since": of[at], "before": before, "after": after,
         "unidentified_change": nobody[1] - nobody[0],
         "p": float((best >= best[0] - 1e-9).mean())}
    )  # fmt: skip


def _gains(counts: Floats, ends: Any) -> Floats:
    """Give the gain in binomial log-likelihood by one share before and another after each end.

    counts (r, n, 2): Incidents between the two, and of either. Returns (r, k).
    """
    running = counts.cumsum(axis=1)
    whole, before = running[:, -1:], running[:, ends - 1]
    parts = [_log_likelihood(each) for each in (before, whole - before, whole)]
    return np.asarray(parts[0] + parts[1] - parts[2])


def _log_likelihood(counts: Floats) -> Floats:
    """Give the greatest binomial log-likelihood of incidents (..., 2) between the two."""
    from scipy.special import xlogy  # noqa: PLC0415  takes a while to load

    met, either = counts[..., 0], counts[..., 1]
    apart = np.maximum(either - met, 0.0)
    return np.asarray(xlogy(met, met / either) + xlogy(apart, apart / either))


def _sums(events: ActorEvents, a: str, b: str) -> Floats:
    """Give what incidents add: between (by weight), of a, of b, of either, unidentified, named."""
    long = events.sides.table
    weights = np.zeros((2, 2, len(events.incidents)))  # actor, side
    for place, actor in enumerate((a, b)):
        for side in (1, 2):
            rows = long[(long["actor_id"] == actor) & (long["side"] == side)]
            weights[place, side - 1, rows["row"].to_numpy()] = rows["weight"].to_numpy()
    crossed = weights[0, 0] * weights[1, 1] + weights[0, 1] * weights[1, 0]
    met = np.minimum(crossed, 1.0)
    of_a, of_b = (np.minimum(events.weights(actor), 1.0) for actor in (a, b))
    named = events.matrix()[1].sum(axis=1)
    return np.column_stack([met, of_a, of_b, np.maximum(of_a, of_b), events.unidentified(), named])


def _figures(sums: Floats, events: ActorEvents, at: Any) -> dict[str, float]:
    met, of_a, of_b, _, nobody, named = sums.sum(axis=0)
    row = {"incidents": met, "incidents_a": of_a, "incidents_b": of_b}
    part = sums[:, 0]
    for name in FATALITIES:
        row[name] = np.nan
        if name in events.incidents:
            stated = events.incidents[name].to_numpy(np.float64)[at]
            if not met or np.isfinite(stated[part > 0]).any():
                row[name] = float(np.nansum(np.where(part > 0, stated * part, 0.0)))
    row["share_a"] = met / of_a if of_a else np.nan
    row["share_b"] = met / of_b if of_b else np.nan
    row["share"] = float(_share(sums.sum(axis=0)[None])[0])
    row["unidentified"] = nobody / (nobody + named) if nobody + named else np.nan
    return row


def _at_least_exact(low: float, high: float, sums: Floats, level: float) -> tuple[float, float]:
    """Widen to the exact binomial interval: none seen of few events is not none for sure."""
    if not np.isfinite(low):
        return low, high
    from scipy.stats import binomtest  # noqa: PLC0415  takes a while to load

    met, either = round(float(sums[0])), max(round(float(sums[3])), 1)
    exact = binomtest(min(met, either), either).proportion_ci(level)
    return min(low, float(exact.low)), max(high, float(exact.high))


def _share(sums: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(sums[:, 3] > 0, sums[:, 0] / sums[:, 3], np.nan))
