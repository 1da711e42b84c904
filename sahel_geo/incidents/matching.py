"""Records of one event: between two sources, and repeated inside one.

Two records match if their starts and their ends differ by at most a window, the distance between
them is at most another, and every taxonomy (type, actor, precision) agrees at some level. Among
the pairs that remain, the best fit decides, one to one. Events of one day are matched with events,
and episodes that last with episodes; an event inside an episode is flagged and left to a person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy

from sahel_geo.arrays import Floats, Integers
from sahel_geo.crs import WGS84, unit_vectors
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.incidents.columns.texts import as_text
from sahel_geo.notebook import table_html
from sahel_geo.tasks import track

Taxonomies = Mapping[str, Mapping[str, Sequence[str]]]

MATCHED: Final = "matched"
OUTBID: Final = "outbid"
MIXED: Final = "mixed"
PAIR_COLUMNS: Final = ("index_a", "index_b", "distance_km", "days", "fit", "decision")
_BLOCK: Final = 2000  # records compared at once, in the order of their dates
_EARTH_KM: Final = 6335.0  # smallest radius of curvature, so that no close pair is missed


@dataclass(frozen=True)
class MergedSources:
    """One record per event, and why.

    Attributes
    ----------
    events : DataFrame
        All rows of `a`, then the rows of `b` that match none; ``in_a``, ``in_b`` and, for events
        in both, ``index_b``, ``fit``. Where `a` says nothing and `b` does, the value is that of
        `b`.
    pairs : DataFrame
        Every pair inside the windows and taxonomies: ``index_a``, ``index_b``, ``distance_km``,
        ``days`` (the larger of the differences of starts and of ends), ``fit`` (0 best, 1 worst),
        ``decision`` (``matched``; ``outbid`` where a better fit took one of the two; ``mixed`` for
        an event and an episode, which are never merged), and one column ``level_<taxonomy>`` each.
    """

    events: pd.DataFrame
    pairs: pd.DataFrame

    def _repr_html_(self) -> str:
        both = int((self.events["in_a"] & self.events["in_b"]).sum())
        words = f"{len(self.events)} events, {both} of them in both sources"
        pairs = f"{len(self.pairs)} pairs near enough to be one event"
        mixed = int((self.pairs["decision"] == MIXED).sum())
        pairs += f", {mixed} of them an event beside an episode, not merged" if mixed else ""
        return table_html(words, self.events) + table_html(pairs, self.pairs)


def merge_sources(
    a: pd.DataFrame,
    b: pd.DataFrame,
    *,
    window_km: float,
    window_days: float,
    taxonomies: Taxonomies | None = None,
    weights: Mapping[str, float] | None = None,
) -> MergedSources:
    """Merge two sources into one record per event.

    Parameters
    ----------
    a, b : DataFrame, n and m rows
        ``date``, ``lon``, ``lat`` (EPSG:4326), the columns that `taxonomies` names and, where
        records last, ``date_end``: one that ends after it starts is an episode and matches only
        episodes. Each has a unique index. They are not changed.
    window_km : float
        Largest distance between two records of one event, geodesic.
    window_days : float
        Largest difference of their starts, and of their ends.
    taxonomies : mapping of str to mapping, optional
        For a column, each of its categories and what it is called from the finest level to the
        coarsest: ``{"event_type": {"Battles": ("battle", "armed"), ...}}``. A category that is
        missing or not listed agrees with none.
    weights : mapping of str to float, optional
        Weight of each taxonomy in the fit; 1 by default.

    Returns
    -------
    MergedSources
        Records without a date or coordinates match none and are kept.

    Raises
    ------
    InputError
        If a window is negative, a column is missing, an index repeats, or the levels of a taxonomy
        differ in number.

    References
    ----------
    Donnay, K., Dunford, E. T., McGrath, E. C., Backer, D., Cunningham, D. E. (2019). Integrating
    conflict event data. Journal of Conflict Resolution 63(5), 1337-1364.

    Examples
    --------
    >>> day = pd.to_datetime(["2020-03-01", "2020-03-09"])
    >>> a = pd.DataFrame({"date": day, "lon": [0.0, 1.0], "lat": [14.0, 14.0]})
    >>> b = pd.DataFrame({"date": day[:1], "lon": [0.02], "lat": [14.0]}, index=["x"])
    >>> merged = merge_sources(a, b, window_km=5, window_days=1)
    >>> merged.pairs[["index_a", "index_b", "decision"]].values.tolist()
    [[0, 'x', 'matched']]
    >>> len(merged.events)
    2
    """
    levels = _check(a, b, window_km, window_days, taxonomies or {}, weights or {})
    left, right = _Records(a, levels), _Records(b, levels)
    pairs = _judged(left, right, _candidates(left, right, window_km, window_days), weights or {})
    taken = pairs["decision"] == MATCHED
    return MergedSources(_events(a, b, pairs[taken]), _told(pairs, a.index, b.index))


def find_duplicates(
    incidents: pd.DataFrame,
    *,
    window_km: float,
    window_days: float,
    taxonomies: Taxonomies | None = None,
    weights: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Find records of one source that may report one event twice.

    Parameters
    ----------
    incidents : DataFrame, n rows
        As for :func:`merge_sources`.
    window_km, window_days, taxonomies, weights
        As for :func:`merge_sources`.

    Returns
    -------
    DataFrame
        One row per pair, each once: the columns of ``MergedSources.pairs`` without a decision, and
        ``group``, a number for all records that pairs chain together. Nothing is removed.

    Raises
    ------
    InputError
        As for :func:`merge_sources`.

    Examples
    --------
    >>> day = pd.to_datetime(["2020-03-01", "2020-03-01", "2020-05-01"])
    >>> twice = pd.DataFrame({"date": day, "lon": [0.0, 0.0, 0.0], "lat": [14.0, 14.0, 14.0]})
    >>> find_duplicates(twice, window_km=1, window_days=1)[["index_a", "index_b"]].values.tolist()
    [[0, 1]]
    """
    levels = _check(incidents, incidents, window_km, window_days, taxonomies or {}, weights or {})
    records = _Records(incidents, levels)
    near = _candidates(records, records, window_km, window_days)
    near = near[near["row_a"] < near["row_b"]].reset_index(drop=True)
    pairs = _judged(records, records, near, weights or {})
    size = len(incidents)
    ends = pairs["row_a"].to_numpy(dtype=np.int64), pairs["row_b"].to_numpy(dtype=np.int64)
    links = scipy.sparse.coo_matrix((np.ones(len(pairs)), ends), shape=(size, size))
    group = scipy.sparse.csgraph.connected_components(links, directed=False)[1][ends[0]]
    table = _told(pairs, incidents.index, incidents.index).drop(columns="decision")
    return table.assign(group=pd.factorize(group)[0])


class _Records:
    """The dates, positions and taxonomy levels of a source, as arrays."""

    def __init__(self, table: pd.DataFrame, levels: Taxonomies) -> None:
        start = pd.to_datetime(table["date"])
        end = pd.to_datetime(table["date_end"]).fillna(start) if "date_end" in table else start
        self.start, self.end = _days(start), _days(end)
        self.lasts = self.end > self.start
        self.lon = pd.to_numeric(table["lon"]).to_numpy(dtype=np.float64, na_value=np.nan)
        self.lat = pd.to_numeric(table["lat"]).to_numpy(dtype=np.float64, na_value=np.nan)
        known = np.isfinite(self.start) & np.isfinite(self.lon) & np.isfinite(self.lat)
        rows = np.flatnonzero(known)
        self.rows: Integers = rows[np.argsort(self.start[rows], kind="stable")]
        self.levels = {name: _coded(table[name], known) for name, known in levels.items()}

    def chords(self, rows: Integers) -> Floats:
        return np.asarray(_EARTH_KM * unit_vectors(self.lon[rows], self.lat[rows]))


def _days(values: "pd.Series[Any]") -> Floats:
    numbers = values.to_numpy(dtype="datetime64[us]")
    days = numbers.astype(np.int64) / 86_400e6
    days[np.isnat(numbers)] = np.nan
    return days


def _coded(values: "pd.Series[Any]", known: Mapping[str, Sequence[str]]) -> npt.NDArray[Any]:
    """Give the name of each record at each level, None where the taxonomy does not know it."""
    depth = len(next(iter(known.values())))
    coded = np.full((len(values), depth), None, dtype=object)
    for row, value in enumerate(values.tolist()):
        if isinstance(value, str) and value in known:
            coded[row] = list(known[value])
    return coded


def _check(
    a: pd.DataFrame,
    b: pd.DataFrame,
    window_km: float,
    window_days: float,
    taxonomies: Taxonomies,
    weights: Mapping[str, float],
) -> Taxonomies:
    faults = [f"`{name}` is {value!r}" for name, value in (("window_km", window_km),
              ("window_days", window_days)) if not 0 <= value < np.inf]  # fmt: skip
    for name, frame in (("a", a), ("b", b)):
        lacking = [column for column in ("date", "lon", "lat", *taxonomies) if column not in frame]
        if lacking:
            faults.append(f"`{name}` lacks the columns {first_offenders(lacking)}")
        if not frame.index.is_unique:
            repeated = first_offenders(frame.index[frame.index.duplicated()])
            faults.append(f"the index of `{name}` repeats {repeated}")
    for name, known in taxonomies.items():
        depths = {len(levels) for levels in known.values()}
        if len(depths) != 1 or 0 in depths:
            faults.append(f"`taxonomies` has {sorted(depths)} levels for {name!r}")
    strange = [name for name in weights if name not in taxonomies or not weights[name] > 0]
    if strange:
        faults.append(f"`weights` has {first_offenders(strange)}")
    if faults:
        raise InputError(
            f"{'; '.join(faults)}; expected windows of 0 or more, date, lon and lat, a unique "
            "index, one depth per taxonomy and positive weights of taxonomies. Correct these."
        )
    return taxonomies


def _candidates(
    left: _Records, right: _Records, window_km: float, window_days: float
) -> pd.DataFrame:
    """Give pairs inside both windows: their rows, ``distance_km`` and ``days``."""
    empty = np.empty(0, dtype=np.int64)
    parts = [{"row_a": empty, "row_b": empty, "distance_km": np.empty(0), "days": np.empty(0)}]
    dates = right.start[right.rows]
    for at in track(range(0, len(left.rows), _BLOCK), "comparing"):
        mine = left.rows[at : at + _BLOCK]
        first = np.searchsorted(dates, left.start[mine[0]] - window_days, side="left")
        last = np.searchsorted(dates, left.start[mine[-1]] + window_days, side="right")
        theirs = right.rows[first:last]
        if not len(theirs):
            continue
        reach = window_km * 1.001 + 1e-6
        near = scipy.spatial.KDTree(left.chords(mine)).sparse_distance_matrix(
            scipy.spatial.KDTree(right.chords(theirs)), reach, output_type="coo_matrix"
        )
        one, other = mine[near.row], theirs[near.col]
        starts = np.abs(left.start[one] - right.start[other])
        days = np.maximum(starts, np.abs(left.end[one] - right.end[other]))
        one, other, days = (each[days <= window_days] for each in (one, other, days))
        apart = WGS84.inv(left.lon[one], left.lat[one], right.lon[other], right.lat[other])[2]
        metres = np.asarray(apart, dtype=np.float64)
        inside = metres <= window_km * 1e3
        pairs = {"row_a": one, "row_b": other, "distance_km": metres / 1e3, "days": days}
        parts.append({name: each[inside] for name, each in pairs.items()})
    return pd.DataFrame({name: np.concatenate([each[name] for each in parts]) for name in parts[0]})


def _judged(
    left: _Records, right: _Records, pairs: pd.DataFrame, weights: Mapping[str, float]
) -> pd.DataFrame:
    """Measure the fit of pairs, drop those that a taxonomy forbids, and decide one to one."""
    one, other = pairs["row_a"].to_numpy(), pairs["row_b"].to_numpy()
    total, fit = 0.0, np.zeros(len(pairs))
    allowed = np.ones(len(pairs), dtype=bool)
    for name, levels in left.levels.items():
        depth = levels.shape[1]
        same = levels[one] == right.levels[name][other]
        same &= levels[one] != None  # noqa: E711  elementwise
        level = np.where(same.any(axis=1), same.argmax(axis=1), -1)
        allowed &= level >= 0
        weight = float(weights.get(name, 1.0))
        total += weight
        fit += weight * level / max(depth - 1, 1)
        pairs[f"level_{name}"] = level
    pairs["fit"] = fit / total if total else fit
    pairs = pairs[allowed].sort_values(
        ["fit", "distance_km", "days", "row_a", "row_b"], kind="stable", ignore_index=True
    )
    mixed = left.lasts[pairs["row_a"].to_numpy()] != right.lasts[pairs["row_b"].to_numpy()]
    decisions = _one_to_one(pairs[~mixed]).reindex(pairs.index).fillna(MIXED)
    return pairs.assign(decision=as_text(decisions))


def _one_to_one(pairs: pd.DataFrame) -> "pd.Series[Any]":
    used_a: set[int] = set()
    used_b: set[int] = set()
    decision = []
    for one, other in zip(pairs["row_a"].tolist(), pairs["row_b"].tolist(), strict=True):
        free = one not in used_a and other not in used_b
        decision.append(MATCHED if free else OUTBID)
        if free:
            used_a.add(one)
            used_b.add(other)
    return pd.Series(decision, index=pairs.index, dtype=object)


def _told(pairs: pd.DataFrame, index_a: pd.Index, index_b: pd.Index) -> pd.DataFrame:
    table = pairs.assign(index_a=index_a[pairs["row_a"]], index_b=index_b[pairs["row_b"]])
    extra = [name for name in pairs.columns if name.startswith("level_")]
    return table[[*PAIR_COLUMNS, *extra]]


def _events(a: pd.DataFrame, b: pd.DataFrame, matched: pd.DataFrame) -> pd.DataFrame:
    both = pd.DataFrame(a).copy()
    in_b = np.zeros(len(a), dtype=bool)
    in_b[matched["row_a"]] = True
    partner = pd.DataFrame(b).iloc[matched["row_b"]].set_axis(a.index[matched["row_a"]], axis=0)
    for name in both.columns.intersection(partner.columns):
        gaps = both[name].isna()
        if gaps.any():
            both[name] = both[name].where(~gaps, partner[name].reindex(both.index))
    rows = matched["row_a"].to_numpy(dtype=np.int64)
    fit = np.full(len(a), np.nan)
    fit[rows] = matched["fit"].to_numpy(dtype=np.float64)
    index_b = np.full(len(a), None, dtype=object)
    index_b[rows] = b.index[matched["row_b"]].to_numpy(dtype=object)
    both = both.assign(in_a=True, in_b=in_b, index_b=index_b, fit=fit)
    alone = np.ones(len(b), dtype=bool)
    alone[matched["row_b"]] = False
    rest = pd.DataFrame(b)[alone]
    rest = rest.assign(in_a=False, in_b=True, index_b=rest.index.astype(object), fit=np.nan)
    parts = [part for part in (both, rest) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else both
