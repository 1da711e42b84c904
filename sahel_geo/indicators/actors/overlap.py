"""Are two actors in the same places: overlap of their events, beside what dealing them gives."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.arrays import Floats
from sahel_geo.errors import InputError, did_you_mean, first_offenders, require_columns
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.actors.sides import Ambiguous, Level, resolve
from sahel_geo.indicators.actors.blocks import check_settings, dated, interval, periods_of
from sahel_geo.indicators.actors.events import OfActors, Table, actor_events, unidentified_share
from sahel_geo.indicators.display.plotting import COLOURS, CYCLE, axes, legend_above
from sahel_geo.schema import Language, Period

_CHANCE: Final = 0.05  # of as much scatter between periods without bouts
_ACTOR_COLUMNS: Final = ("actor_id", "actor", "actor1")


@dataclass(frozen=True)
class Overlap(OfActors):
    """How far two actors act in the same units, by period and over all.

    Attributes
    ----------
    table : DataFrame, one row per period, then one over all (``period`` missing)
        ``incidents_a``, ``incidents_b``; ``units_a``, ``units_b``, ``contested`` (units with
        events of both); ``morisita_horn`` (0 apart, 1 the same shares of events by unit) and
        ``jaccard`` (contested units of all units with either); of the first, with labels dealt
        inside each country and period, ``expected``, ``low``, ``high`` and ``p`` (of as little
        overlap or less). NaN where one of the two has no event.
    contested : DataFrame
        ``unit_id``, ``period``, ``incidents_a``, ``incidents_b`` of each contested unit.
    a, b : str
        The two actors, as the panel names them.
    unidentified : float
        Share of mentions that name nobody, where the panel states it; else NaN.
    level : float
        Share of the deals between ``low`` and ``high``.
    """

    named_by = ("period",)
    measured = ("morisita_horn", "jaccard")

    table: pd.DataFrame
    contested: pd.DataFrame
    a: str
    b: str
    unidentified: float
    level: float
    names: Mapping[str, Mapping[Language, str]] = field(default_factory=dict, repr=False)
    selection: bool = False

    def sentence(self, lang: Language = "fr") -> str:
        """Say whether the two act in the same units more or less than dealt labels would."""
        whole = self.table.iloc[-1]
        parts: dict[str, Any] = {
            name: self.names.get(actor, {}).get(lang, actor)
            for name, actor in (("a", self.a), ("b", self.b))
        }
        if not np.isfinite(whole["morisita_horn"]):
            text = Sentence("{a} and {b} do not both have events: there is no overlap.", **parts)
            return self._said(lang, text)
        parts |= {
            "contested": int(whole["contested"]),
            "either": int(whole["units_a"] + whole["units_b"] - whole["contested"]),
            "value": float(whole["morisita_horn"]),
            "low": float(whole["low"]),
            "high": float(whole["high"]),
        }
        sentences = [
            Sentence(
                "{a} and {b} both have events in {contested} of the {either} units in which either "
                "has.", **parts,
            ),
            *([] if self.selection else [self._against_chance(whole, parts)]),
        ]  # fmt: skip
        return self._said(lang, *sentences)

    def _against_chance(self, whole: Any, parts: Mapping[str, Any]) -> Sentence:
        if not np.isfinite(whole["low"]):
            return Sentence("Their overlap is {value:.2f}, of 1 at most.", **parts)
        if whole["morisita_horn"] < whole["low"]:
            return Sentence(
                "Their overlap, {value:.2f}, is less than that of events dealt at random in "
                "each country and period ({low:.2f} to {high:.2f}): they are apart.", **parts,
            )  # fmt: skip
        return Sentence(
            "Their overlap, {value:.2f}, is what events dealt at random in each country and period "
            "would give ({low:.2f} to {high:.2f}), or more.", **parts,
        )  # fmt: skip

    def plot(self, ax: Any = None, *, lang: Language = "en") -> Any:
        """Draw the overlap period by period, beside that of dealt labels."""
        rows = self.table[self.table["morisita_horn"].notna() & self.table["period"].notna()]
        if rows.empty:
            raise InputError("`table` has no overlap to draw; expected events of both actors.")
        ax = axes(ax, lang=lang)
        at = np.arange(len(rows))
        dealt = Sentence("events dealt inside country and period").say(lang)
        ax.vlines(at, rows["low"], rows["high"], color=COLOURS["baseline"], linewidth=6, alpha=0.5,
                  label=dealt)  # fmt: skip
        ax.plot(at, rows["morisita_horn"], "o-", color=CYCLE[0],
                label=Sentence("overlap of events").say(lang))  # fmt: skip
        ax.plot(at, rows["jaccard"], "s--", color=CYCLE[1],
                label=Sentence("share of units with both").say(lang))  # fmt: skip
        step = max(1, -(-len(at) // 6))  # so many labels stand apart on a phone
        ax.set_xticks(at[::step], [str(each) for each in rows["period"]][::step])
        ax.set_ylim(-0.02, 1.02)
        return legend_above(ax, columns=1)


def panel(
    incidents: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    period: Period = "year",
    level: Level = "group",
    table: Table = None,
    ambiguous: Ambiguous = "split",
    event_groups: Iterable[str] = ("violence",),
) -> pd.DataFrame:
    """Count the incidents of each named armed actor by unit and period.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Columns ``actor1``, ``actor2``, ``date``, ``lon`` and ``lat`` (EPSG:4326) or ``unit_id``.
    units : GeoDataFrame
        Columns ``unit_id``, ``country`` and polygons, EPSG:4326.
    period : {"year", "quarter", "month", "week", "day"}
        Length of a period.
    level, table, ambiguous, event_groups
        As for :func:`sahel_geo.actors.fragmentation`.

    Returns
    -------
    DataFrame
        ``unit_id``, ``country``, ``period``, ``actor_id``, ``incidents`` (weights), without rows of
        zeros; ``attrs["unidentified"]`` is the share of mentions that name nobody.

    Raises
    ------
    InputError
        As for :func:`sahel_geo.actors.fragmentation`.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> result = panel(sg.load_example_incidents(), sg.load_boundaries(level=1))
    >>> list(result)
    ['unit_id', 'country', 'period', 'actor_id', 'incidents']
    """
    events = actor_events(incidents, level, table, ambiguous, event_groups)
    own, _ = periods_of(dated(events.incidents), period)
    out = events.by_unit(own, units)
    country = dict(zip(units["unit_id"].astype(str), units["country"], strict=True))
    out.insert(1, "country", out["unit_id"].map(country))
    out.attrs = {"unidentified": unidentified_share(events.sides.table),
                 "names": events.named_both(), "selection": events.selection}  # fmt: skip
    return out


def overlap(
    panel: pd.DataFrame,
    a: str,
    b: str,
    *,
    rng: np.random.Generator | int = 1,
    deals: int = 499,
    confidence: float = 0.95,
    table: Table = None,
) -> Overlap:
    """Compare where two actors act, against their events dealt inside country and period.

    That two actors share units may only mean that both are where all events are. Dealing which
    event is whose, within each country and period, keeps where and when events happen. Events of
    one campaign, or recorded twice, are of one actor: where the shares of units scatter between
    periods more than chance would make them, so many fewer events are dealt.

    Parameters
    ----------
    panel : DataFrame
        From :func:`panel`: ``unit_id``, ``period``, ``actor_id`` (or ``actor``, ``actor1``, as of
        ``sg.count(..., by="actor1")``), ``incidents`` and, where there is one, ``country``; or one
        row per unit with a column for each of the two actors.
    a, b : str
        Actors, as the panel names them or by any name of the table of actors.
    rng : Generator or int
        Seed of the deals.
    deals : int
        Number of deals; 0 for none.
    confidence : float
        Share of the deals in the interval.
    table
        As for :func:`sahel_geo.actors.harmonise`, to look up `a` and `b`.

    Returns
    -------
    Overlap
        Without a column ``country``, labels are dealt inside each period.

    Raises
    ------
    InputError
        If a column is missing, or the panel has no such actor.

    References
    ----------
    Morisita, M. (1959). Measuring of interspecific association and similarity between communities.
    Horn, H. S. (1966). Measurement of "overlap" in comparative ecological studies. The American
    Naturalist 100, 419-424.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"unit_id": ["U", "V", "W"], "x": [6, 2, 0], "y": [0, 2, 6]})
    >>> overlap(table, "x", "y").table[["morisita_horn", "jaccard"]].round(3).values.tolist()
    [[0.1, 0.333]]
    """
    check_settings(deals, confidence)
    counts = _two_columns(panel, a, b, table)
    first, second = counts.attrs["pair"]
    bout = _bout(counts)
    generator = np.random.default_rng(rng)
    rows = []
    units = pd.Index(sorted(counts["unit_id"].unique()))
    dealt, events = np.zeros((deals, len(units))), np.zeros(len(units))  # over all periods
    strata = [name for name in ("period", "country") if name in counts]
    periods = sorted(counts["period"].unique()) if "period" in counts else []
    for one in periods or [None]:
        part = counts if one is None else counts[counts["period"] == one]
        # Deal which of the events of a unit are of a; shape (deals, k). Halves are rounded.
        draws = np.zeros((deals, len(part)), dtype=np.int64)
        events_of = (part["a"] + part["b"]).to_numpy(np.float64) / bout
        if bout > 1:
            events_of = np.floor(events_of + generator.random(len(part)))
        total = np.round(events_of).astype(np.int64)
        groups = part.groupby(strata, dropna=False).indices if strata else {0: np.arange(len(part))}
        for at in groups.values():
            of_a = min(round(float(part["a"].to_numpy()[at].sum() / bout)), int(total[at].sum()))
            draws[:, at] = generator.multivariate_hypergeometric(total[at], of_a, deals)
        place = units.get_indexer(part["unit_id"])  # a unit has one row in a period
        dealt[:, place] += draws
        events[place] += total
        if periods:
            rows.append({"period": one} | _measure(part, draws, total, confidence))
    whole = counts.groupby("unit_id")[["a", "b"]].sum()
    rows.append({"period": None} | _measure(whole, dealt, events, confidence))
    both = counts[(counts["a"] > 0) & (counts["b"] > 0)]
    contested = both.rename(columns={"a": "incidents_a", "b": "incidents_b"})
    keep = [
        name for name in ("unit_id", "period", "incidents_a", "incidents_b") if name in contested
    ]
    return Overlap(
        pd.DataFrame(rows), contested[keep].reset_index(drop=True), first, second,
        float(panel.attrs.get("unidentified", np.nan)), confidence,
        panel.attrs.get("names", {}), bool(panel.attrs.get("selection", False)),
    )  # fmt: skip


def _bout(counts: pd.DataFrame) -> float:
    """Say how many events tell as much as one: how far shares of a unit scatter between periods.

    Pearson's overdispersion beside the shares of the unit and of the period, 1 where chance may do
    it, or where each unit has one period.
    """
    from scipy.special import expit, logit  # noqa: PLC0415  takes a while
    from scipy.stats import chi2  # noqa: PLC0415

    whole = counts["a"] + counts["b"]
    share = counts["a"].sum() / max(whole.sum(), 1)
    if "period" not in counts or not 0 < share < 1:
        return 1.0
    odds = pd.Series(-logit(share), index=counts.index)
    for name in ("unit_id", "period"):
        sums = counts.assign(whole=whole).groupby(name)[["a", "whole"]].transform("sum")
        odds += logit((sums["a"] + share) / (sums["whole"] + 1))
    expected = expit(odds)
    kept = (whole > 0) & (expected > 0.02) & (expected < 0.98)
    used, chance = counts[kept], (whole * expected * (1 - expected))[kept]
    away = ((counts["a"] - whole * expected) ** 2)[kept]
    freedom = len(used) - used["unit_id"].nunique() - used["period"].nunique() + 1
    if freedom < 1 or chi2.sf((away / chance).sum(), freedom) > _CHANCE:
        return 1.0
    return float(max(1.0, away.sum() / chance.sum() * len(used) / freedom))


def morisita_horn(x: Floats, y: Floats) -> Any:
    """Give the overlap of two rows of counts; NaN where one is empty; shape (..., k) to (...)."""
    total_x, total_y = x.sum(axis=-1), y.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        alone = (x**2).sum(axis=-1) / total_x**2 + (y**2).sum(axis=-1) / total_y**2
        return 2 * (x * y).sum(axis=-1) / (alone * total_x * total_y)


def _measure(part: pd.DataFrame, draws: Any, total: Any, confidence: float) -> dict[str, Any]:
    """Compare the two counts of units, (k,), and those of `total` that were dealt, (deals, k)."""
    a, b = (part[name].to_numpy(np.float64) for name in ("a", "b"))
    either, both = int(((a > 0) | (b > 0)).sum()), int(((a > 0) & (b > 0)).sum())
    value = float(morisita_horn(a, b))
    out: dict[str, Any] = {
        "incidents_a": a.sum(), "incidents_b": b.sum(), "units_a": int((a > 0).sum()),
        "units_b": int((b > 0).sum()), "contested": both, "morisita_horn": value,
        "jaccard": both / either if a.sum() and b.sum() else np.nan, "expected": np.nan,
        "low": np.nan, "high": np.nan, "p": np.nan,
    }  # fmt: skip
    chance = np.asarray(morisita_horn(draws.astype(np.float64), total - draws))
    if np.isfinite(value) and np.isfinite(chance).any():  # parts of incidents may round to none
        out["expected"] = float(np.nanmean(chance))
        out["low"], out["high"] = interval(chance, confidence)
        out["p"] = float((1 + (chance <= value + 1e-12).sum()) / (1 + len(chance)))
    return out


def _two_columns(panel: pd.DataFrame, a: str, b: str, table: Table) -> pd.DataFrame:
    """Bring a panel into one row per unit and period, with the counts of the two."""
    require_columns(panel, "panel", ("unit_id",), "Make it with sg.actors.panel.")
    keys = [name for name in ("unit_id", "country", "period") if name in panel]
    if {a, b} <= set(panel):
        wide = panel[keys].assign(a=panel[a], b=panel[b])
        pair = (a, b)
    else:
        column = next((name for name in _ACTOR_COLUMNS if name in panel), None)
        if column is None or "incidents" not in panel:
            raise InputError(
                "`panel` has no columns of actors and incidents among {columns}; expected the "
                "result of sg.actors.panel. Make it with that.",
                columns=first_offenders(panel.columns, 12),
            )
        present = set(panel[column].dropna())
        pair = (_actor(a, present, table, "a"), _actor(b, present, table, "b"))
        rows = panel[panel[column].isin(pair)]
        counts = rows.pivot_table("incidents", keys, column, aggfunc="sum", fill_value=0)
        wide = counts.reindex(columns=list(pair), fill_value=0).set_axis(["a", "b"], axis=1)
        wide = wide.reset_index()
    wide = wide.reset_index(drop=True)
    wide.attrs = {"pair": pair}
    return wide


def _actor(actor: str, present: set[str], table: Table, argument: str) -> str:
    if actor in present:
        return actor
    meant = resolve(actor, table)
    chosen = sorted(meant & present) or sorted(meant)
    if len(chosen) != 1:
        raise InputError(
            "`{argument}` is {actor!r}; the panel has no such actor. {near}",
            argument=argument,
            actor=actor,
            near=did_you_mean(actor, present, "Choose one that it has."),
        )
    return chosen[0]
