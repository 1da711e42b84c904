"""Do events come closer to the capitals: quantiles of distance, never the single nearest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.arrays import Flags, Floats, Objects
from sahel_geo.errors import require_columns
from sahel_geo.incidents.actors.sides import Ambiguous, Level
from sahel_geo.indicators.actors.blocks import (
    Slope,
    chance_with_memory,
    check_settings,
    dated,
    interval,
    periods_of,
    pieces,
    resampled,
    theil_sen,
)
from sahel_geo.indicators.actors.events import CLAIM_POINTS, Table, actor_events, identify
from sahel_geo.indicators.actors.front_result import Front
from sahel_geo.locate.assign.assign import assign
from sahel_geo.places.boundaries.boundaries import load_boundaries
from sahel_geo.places.reach import RADII_KM, SECTORS, Target, targets
from sahel_geo.schema import Period

ALL: Final = "all"
_FEWEST_A_QUARTER: Final = 5  # events; the 10 % quantile of fewer is nearly a minimum
_FEWEST_QUARTERS: Final = 8
_NOISE_RUNS: Final = 60
_COLUMNS: Final = {
    "table": ["place", "actor", "period", "incidents", "q05_km", "q10_km", "q50_km",
              "unidentified"],
    "slopes": ["place", "actor", "quarters", "slope", "low", "high", "unidentified_change",
               "claim", "turn", "before", "before_low", "before_high", "after", "after_low",
               "after_high"],
    "shares": ["place", "actor", "within_km", "events", "low", "high", "land", "people"],
    "bearings": ["place", "actor", "towards", "incidents", "q10_km"],
}  # fmt: skip
_QUANTILES: Final = {"q05_km": 0.05, "q10_km": 0.10, "q50_km": 0.50}


def front(
    incidents: pd.DataFrame,
    to: Any = "capital",
    actors: str | Sequence[str] | None = None,
    *,
    units: gpd.GeoDataFrame | None = None,
    population: "pd.Series[Any] | None" = None,
    period: Period = "year",
    level: Level = "group",
    table: Table = None,
    ambiguous: Ambiguous = "split",
    event_groups: Iterable[str] = ("violence",),
    rng: np.random.Generator | int = 1,
    replicates: int = 499,
    confidence: float = 0.95,
) -> Front:
    """Measure how far an actor's events are from the capitals, and whether they come nearer.

    The nearest event is one attack, and says nothing of a front. Quantiles do: a tenth of the
    events lie nearer than the 10 % quantile. What part of the events lies within a distance means
    something only beside the part of the land, and of the people, that does.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Columns ``actor1``, ``actor2``, ``date``, ``lon``, ``lat`` (EPSG:4326); ``country`` where it
        is there. Those without place or date are left out and counted.
    to : "capital", mapping, DataFrame or pair
        The three capitals, each for the events of its country; or places by name with
        ``(lon, lat)``, for all events; or a table with ``name``, ``lon``, ``lat`` and, to count the
        events of one country only, ``country``.
    actors : str or sequence of str, optional
        Identifiers or names of actors; by default all armed non-state actors together, the
        unidentified too.
    units : GeoDataFrame, optional
        Land to compare with; by default that of :func:`sahel_geo.load_boundaries` at level 2.
    population : Series, optional
        People by ``unit_id`` of `units`.
    period : {"year", "quarter", "month"}
        Length of a period of the table. Slopes are always of quarters.
    level, table, ambiguous, event_groups
        As for :func:`sahel_geo.actors.fragmentation`.
    rng, replicates, confidence
        Seed, number and coverage of the bootstraps: of blocks of quarters for slopes, of blocks of
        14 days for shares.

    Returns
    -------
    Front
        A place without events has rows of zero incidents.

    Raises
    ------
    InputError
        If a column is missing, a place or an actor is not known, or a setting is wrong.

    References
    ----------
    Walther, O. and Russell, N. (2024). The spatial reach of violence. OECD West African Papers 41.
    Sen, P. K. (1968). Estimates of the regression coefficient based on Kendall's tau.
    Künsch, H. R. (1989). The jackknife and the bootstrap for general stationary observations.

    Examples
    --------
    >>> import pandas as pd
    >>> one = pd.DataFrame({"actor1": ["JNIM"], "actor2": ["Civilians"], "lon": [2.0],
    ...     "lat": [14.0], "date": pd.to_datetime(["2022-05-01"])})
    >>> result = front(one, {"here": (2.0, 14.0)}, "jnim")
    >>> result.table[["q05_km", "q10_km", "q50_km"]].values.tolist()
    [[0.0, 0.0, 0.0]]
    """
    check_settings(replicates, confidence)
    places = targets(to)
    events = actor_events(incidents, level, table, ambiguous, event_groups)
    asked = [actors] if isinstance(actors, str) else list(actors or [ALL])
    chosen = [each if each == ALL else identify(each, events, table, "actors") for each in asked]
    dates = dated(events.incidents)
    own, periods = periods_of(dates, period)
    require_columns(events.incidents, "incidents", ("lon", "lat"))
    at = (pd.to_numeric(events.incidents[name], errors="coerce") for name in ("lon", "lat"))
    lon, lat = (each.to_numpy(np.float64) for each in at)
    placed = np.isfinite(lon) & np.isfinite(lat)
    known = placed & own.notna().to_numpy()
    units = load_boundaries(level=2) if units is None else units
    country = _countries(events.incidents, units, places)
    generator = np.random.default_rng(rng)
    mentions = events.unidentified(), events.matrix()[1].sum(axis=1)
    all_of = {actor: sum(mentions) if actor == ALL else events.weights(actor) for actor in chosen}
    weights_of = {actor: np.minimum(weights, 1.0) for actor, weights in all_of.items()}
    parts: dict[str, list[dict[str, Any]]] = {name: [] for name in _COLUMNS}
    for target in places:
        here = known & (country == target.country) if target.country else known
        away = target.surroundings(units, population)
        job = _Job(target, dates, mentions, own, periods, here, target.measure(lon, lat),
                   generator, replicates, confidence)  # fmt: skip
        for actor in chosen:
            weights = weights_of[actor] * here
            parts["table"] += job.by_period(actor, weights)
            parts["slopes"].append(job.slope(actor, weights))
            parts["shares"] += job.shares(actor, weights, away)
            parts["bearings"] += job.bearings(actor, weights)
    left_out = {"no_coordinates": int((~placed).sum()), "undated": int((placed & ~known).sum())}
    tables = {name: pd.DataFrame(rows, columns=_COLUMNS[name]) for name, rows in parts.items()}
    return Front(
        **tables,
        left_out=left_out,
        level=confidence,
        names=events.named_both(),
        selection=events.selection,
    )


@dataclass(frozen=True)
class _Job:
    """What is measured for one place."""

    target: Target
    dates: "pd.Series[Any]"
    mentions: tuple[Floats, Floats]  # of nobody, and of named actors
    own: "pd.Series[Any]"
    periods: pd.PeriodIndex
    here: Flags
    geometry: tuple[Floats, Floats]
    rng: np.random.Generator
    replicates: int
    confidence: float

    def by_period(self, actor: str, weights: Floats) -> list[dict[str, Any]]:
        cells = pd.Series(self.own).groupby(self.own).indices
        rows = []
        for one in self.periods:
            at = cells.get(one, np.empty(0, dtype=np.int64))
            row: dict[str, Any] = {"place": self.target.name, "actor": actor, "period": one}
            row["incidents"] = float(weights[at].sum())
            for name, share in _QUANTILES.items():
                row[name] = _quantile(self.geometry[0][at], weights[at], share)
            rows.append(row | {"unidentified": self._unidentified(at)})
        return rows

    def slope(self, actor: str, weights: Floats) -> dict[str, Any]:
        """Give the trend of the quarterly 10 % quantile, and what may be said of it."""
        quarter, quarters = periods_of(self.dates.where(pd.Series(weights > 0)), "quarter")
        cells = pd.Series(quarter).groupby(quarter).indices
        enough = [
            one for one in quarters
            if one in cells and (weights[cells[one]] > 0).sum() >= _FEWEST_A_QUARTER
        ]  # fmt: skip
        near = [_quantile(self.geometry[0][cells[one]], weights[cells[one]], 0.1) for one in enough]
        days = [(one.start_time - pd.Timestamp("2000-01-01")).days for one in enough]
        at = np.array(days) / 365.25
        row: dict[str, Any] = {"place": self.target.name, "actor": actor, "quarters": len(enough)}
        row |= {"slope": np.nan, "low": np.nan, "high": np.nan}
        row["unidentified_change"], row["claim"] = np.nan, "few"
        if len(enough) < 2:
            return row
        course = np.array(near)
        row["slope"] = float(theil_sen(course, at))
        all_of = self.dates.dt.to_period("Q").to_numpy()
        shares = [self._unidentified(np.flatnonzero(all_of == one)) for one in enough]
        moved = [shares[-1] - shares[0]]
        row["unidentified_change"] = moved[0]
        if len(enough) < _FEWEST_QUARTERS or not self.replicates:
            return row

        def slope(part: slice) -> Slope:
            draws = slope_draws(course[part], at[part], self.replicates, self.rng)
            return Slope(
                float(theil_sen(course[part], at[part])), *interval(draws, self.confidence)
            )

        whole = slope(slice(None))
        row |= whole._asdict() | {"claim": ("none", "farther", "nearer")[whole.sign]}
        least = _FEWEST_QUARTERS
        chance = chance_with_memory(course, at, least=least, draws=self.replicates, rng=self.rng)
        turned = pieces(course, at, chance, slope, level=self.confidence, least=least)
        if turned is not None:
            turn, before, after = turned
            row |= {"claim": "turned", "turn": enough[turn]}
            row |= before.named("before") | after.named("after")
            moved += [shares[turn] - shares[0], shares[-1] - shares[turn]]
        most = max(moved, key=abs)
        if row["claim"] != "none" and not abs(most) < CLAIM_POINTS:
            row |= {"claim": "naming", "unidentified_change": most}
        return row

    def shares(
        self, actor: str, weights: Floats, away: tuple[Floats, Floats]
    ) -> list[dict[str, Any]]:
        day = self.dates.to_numpy("datetime64[D]")
        at = np.flatnonzero(weights > 0)
        near = self.geometry[0][at, None] <= np.array(RADII_KM)
        sums = np.column_stack([near * weights[at, None], weights[at]])
        drawn = resampled(sums, day[at], replicates=self.replicates, rng=self.rng)
        rows = []
        for place, radius in enumerate(RADII_KM):
            low, high = interval(drawn[:, place] / drawn[:, -1], self.confidence)
            total = sums[:, -1].sum()
            rows.append(
                {
                    "place": self.target.name, "actor": actor, "within_km": radius,
                    "events": float(sums[:, place].sum() / total) if total else np.nan,
                    "low": low, "high": high, "land": away[0][place], "people": away[1][place],
                }
            )  # fmt: skip
        return rows

    def bearings(self, actor: str, weights: Floats) -> list[dict[str, Any]]:
        distance, bearing = self.geometry
        eighth = np.where(np.isfinite(bearing), np.round(bearing / 45), 0).astype(np.int64) % 8
        rows = []
        for place, towards in enumerate(SECTORS):
            at = (eighth == place) & (weights > 0)
            few = at.sum() < _FEWEST_A_QUARTER
            near = np.nan if few else _quantile(distance[at], weights[at], 0.1)
            rows.append(
                {"place": self.target.name, "actor": actor, "towards": towards,
                 "incidents": float(weights[at].sum()), "q10_km": near}
            )  # fmt: skip
        return rows

    def _unidentified(self, at: Any) -> float:
        """Give the share of mentions in the country of the place that name nobody."""
        here = self.here[at]
        nobody, named = (float(each[at][here].sum()) for each in self.mentions)
        return nobody / (nobody + named) if nobody + named else float("nan")


def slope_draws(near: Floats, at: Floats, replicates: int, rng: np.random.Generator) -> Floats:
    """Draw slopes again from blocks of what a line leaves unexplained.

    `near` and `at` have the shape (q,), the draws (r,). A line takes up part of the noise, and
    blocks of what is left vary less than noise would: the draws are spread by as much as the same
    blocks fall short for white noise, and for the few quarters.
    """
    from scipy.stats import t  # noqa: PLC0415  takes a while to load

    size = len(near)
    length = max(1, int(np.ceil(round(size ** (1 / 3), 9))))
    first = rng.integers(0, size, (replicates, -(-size // length)))
    drawn = ((first[:, :, None] + np.arange(length)) % size).reshape(replicates, -1)[:, :size]
    slope, rest = _detrended(near[None], at)
    true, left = _detrended(rng.standard_normal((_NOISE_RUNS, size)), at)
    again = np.array([theil_sen(each[drawn[:_NOISE_RUNS]], at).std() for each in left])
    few = np.sqrt(size / (size - 2)) * t.ppf(0.975, size - 2) / 1.96
    wider = few * max(1.0, float(true.std() / again.mean()))
    return np.asarray(slope[0] + wider * theil_sen(rest[0][drawn], at))


def _detrended(values: Floats, at: Floats) -> tuple[Floats, Floats]:
    slope = theil_sen(values, at)
    rest = values - slope[:, None] * at
    return slope, rest - rest.mean(axis=1, keepdims=True)


def _countries(incidents: pd.DataFrame, units: gpd.GeoDataFrame, places: list[Target]) -> Objects:
    """Give the country of each incident: as stated, or else of the unit that holds it."""
    if not any(place.country for place in places):
        return np.full(len(incidents), "", dtype=object)
    stated = incidents["country"] if "country" in incidents else pd.Series(None, incidents.index)
    stated = stated.astype(object)
    if stated.isna().any():
        own = assign(incidents[["lon", "lat"]], units)["unit_id"]
        by_unit = dict(zip(units["unit_id"].astype(str), units["country"], strict=True))
        stated = stated.where(stated.notna(), own.map(by_unit))
    return np.array(stated.fillna("").tolist(), dtype=object)


def _quantile(values: Floats, weights: Floats, share: float) -> float:
    """Give a quantile; of unequal weights, the value below which the share of the weight lies."""
    kept = weights > 0
    values, weights = values[kept], weights[kept]
    if not len(values):
        return float("nan")
    if np.ptp(weights) < 1e-9:
        return float(np.quantile(values, share))
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, share * total[-1] - 1e-12)])
