"""Space-time scan: the places and times with more incidents than chance puts anywhere."""

from typing import Any, Final, Literal, get_args

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.compiled import compiled, over_chunks
from sahel_geo.crs import EQUAL_AREA, LONLAT, WGS84, require_lonlat
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.indicators.hotspots.cluster_results import ScanResult
from sahel_geo.locate.assign.unit_index import unique_ids

Floats = npt.NDArray[np.float64]
Model = Literal["permutation", "poisson"]

_REPLICATES_PER_CHUNK: Final = 16
_MOST_CYLINDERS: Final = 20_000_000


def scan(
    panel: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    rng: np.random.Generator | int,
    model: Model = "permutation",
    population: "pd.Series[Any] | None" = None,
    max_km: float = 100.0,
    max_share: float = 0.5,
    replicates: int = 999,
) -> ScanResult:
    """Search all circles and all spans of time for more incidents than expected (Kulldorff).

    A cluster with a low p says that incidents gathered there and then beyond chance; its edge is
    approximate, as only circles around units are tried.

    Parameters
    ----------
    panel : DataFrame
        Result of :func:`sahel_geo.count`.
    units : GeoDataFrame, n rows
        The same units, EPSG:4326; a circle takes in the units whose centroids it holds.
    rng : Generator or int
        Seed of the replicates. The same seed gives the same answer on any number of threads.
    model : {"permutation", "poisson"}
        ``"permutation"`` asks whether places and dates go together beyond the habits of each place
        and each time, and needs no population; ``"poisson"`` expects incidents in proportion to
        people, the same in each period.
    population : Series, optional
        People by ``unit_id``, for ``"poisson"``.
    max_km : float
        Largest radius.
    max_share : float
        Longest span, as a share of the periods.
    replicates : int
        Number of random data sets.

    Returns
    -------
    ScanResult
        ``p`` is (1 + replicates whose maximum is at least as high) / (1 + replicates).

    Raises
    ------
    InputError
        If there are fewer than two incidents, a column, a unit or people are missing, a setting is
        out of range, or there would be over 20 million cylinders.

    References
    ----------
    Kulldorff, M. (1997). A spatial scan statistic. Communications in Statistics 26, 1481-1496.
    Kulldorff, M. et al. (2005). A space-time permutation scan statistic. PLoS Medicine 2, e59.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=1, countries=["NER"])
    >>> placed = sg.assign(sg.load_example_incidents(), units)
    >>> found = scan(sg.count(placed, units, period="year"), units, rng=1, replicates=19)
    >>> bool((found.clusters["p"] >= 0.05).all())
    True
    """
    _check_settings(model, max_km, max_share, replicates)
    require_lonlat(units, "units")
    ids = unique_ids(units)
    counts, periods = _counts(panel, ids)
    total = int(counts.sum())
    if total < 2:
        raise InputError(
            f"`panel` holds {total} incidents; expected at least 2. Choose a longer time or a "
            "larger area.",
        )
    baseline = _baseline(counts, ids, model, population)
    near, size, distance = _circles(units, max_km)
    longest = max(1, int(max_share * len(periods)))
    spans = sum(len(periods) - length + 1 for length in range(1, longest + 1))
    cylinders = int(size.sum()) * spans
    if cylinders > _MOST_CYLINDERS:
        raise InputError(
            f"the scan would try {cylinders:,} cylinders; expected at most {_MOST_CYLINDERS:,}. "
            "Choose a smaller `max_km`, a smaller `max_share` or longer periods.",
        )
    logs = _expectations(baseline, near, size, longest, cylinders, float(total))
    entropy = np.arange(total + 1) * np.log(np.maximum(np.arange(total + 1), 1))
    best = _best_by_centre(counts, near, size, longest, *logs, entropy)
    maxima = np.zeros(replicates)
    seeds = np.random.default_rng(rng).spawn(replicates)
    place, when = np.divmod(np.repeat(np.arange(counts.size), counts.ravel()), counts.shape[1])
    share = baseline.ravel() / baseline.sum()

    def work(part: slice) -> None:
        for at in range(part.start, part.stop):
            if model == "permutation":
                cell = place * counts.shape[1] + seeds[at].permutation(when)
                drawn = np.bincount(cell, minlength=counts.size)
            else:
                drawn = seeds[at].multinomial(total, share)
            table = drawn.reshape(counts.shape).astype(np.int64)
            found = _best_by_centre(table, near, size, longest, *logs, entropy)
            maxima[at] = found[0].max()

    over_chunks(work, replicates, _REPLICATES_PER_CHUNK, "simulations")
    clusters = _clusters(best, counts, baseline, ids, periods, near, distance, maxima)
    kept = [name for name in ("unit_id", "name") if name in units]
    shapes = units[[*kept, units.geometry.name]]
    return ScanResult(clusters, maxima, model, cylinders, shapes)


def _check_settings(model: str, max_km: float, max_share: float, replicates: int) -> None:
    if (
        model not in get_args(Model)
        or not (np.isfinite(max_km) and max_km > 0)
        or not 0 < max_share <= 1
        or replicates < 1
    ):
        raise InputError(
            f"`model` is {model!r}, `max_km` {max_km}, `max_share` {max_share}, `replicates` "
            f"{replicates}; expected one of {list(get_args(Model))}, a positive number of km, a "
            "share up to 1 and at least 1 replicate. Correct the setting.",
        )


def _counts(panel: pd.DataFrame, ids: Any) -> tuple[npt.NDArray[np.int64], pd.PeriodIndex]:
    missing = [name for name in ("unit_id", "period", "incidents") if name not in panel]
    if missing:
        raise InputError(
            f"`panel` has no column {first_offenders(missing)}; expected the result of sg.count. "
            "Call sg.count(placed, units) first.",
        )
    strangers = pd.Index(panel["unit_id"].astype(str).unique()).difference(pd.Index(ids))
    if len(strangers):
        raise InputError(
            f"`panel` names {len(strangers)} units that `units` does not hold: "
            f"{first_offenders(strangers)}; expected the same units. Count again with these units.",
        )
    if panel.empty:
        return np.zeros((len(ids), 1), dtype=np.int64), pd.PeriodIndex([], freq="D")
    periods: Any = pd.period_range(panel["period"].min(), panel["period"].max())
    sums = panel.groupby([panel["unit_id"].astype(str), "period"])["incidents"].sum().unstack()
    table = sums.reindex(index=ids, columns=periods).fillna(0)
    return table.to_numpy(dtype=np.int64), periods


def _baseline(
    counts: npt.NDArray[np.int64],
    ids: npt.NDArray[np.object_],
    model: Model,
    population: "pd.Series[Any] | None",
) -> Floats:
    total = counts.sum()
    if model == "permutation":
        return np.asarray(np.outer(counts.sum(axis=1), counts.sum(axis=0)) / total)
    people = np.full(len(ids), np.nan)
    if population is not None:
        people = population.reindex(ids).to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~(np.isfinite(people) & (people >= 0)) | ((people == 0) & (counts.sum(axis=1) > 0))
    if wrong.any():
        raise InputError(
            f"`population` is missing, negative, or 0 with incidents for {int(wrong.sum())} units: "
            f"{first_offenders(ids[wrong])}; expected people for each. Pass a Series by unit_id, "
            "or use model='permutation'.",
        )
    steps = counts.shape[1]
    return np.asarray(np.repeat(people[:, None], steps, axis=1) / (people.sum() * steps) * total)


def _circles(units: gpd.GeoDataFrame, max_km: float) -> tuple[Any, Any, Floats]:
    """List the units around each, the nearest first, up to the largest radius."""
    centres = units.geometry.to_crs(EQUAL_AREA).centroid.to_crs(LONLAT)
    lon, lat = centres.x.to_numpy(np.float64), centres.y.to_numpy(np.float64)
    count = len(lon)
    distance = np.empty((count, count))
    for at in range(count):
        here = np.full(count, lon[at]), np.full(count, lat[at])
        distance[at] = np.asarray(WGS84.inv(*here, lon, lat)[2]) / 1e3
    np.fill_diagonal(distance, 0.0)
    near = np.argsort(distance, axis=1, kind="stable")
    distance = np.take_along_axis(distance, near, axis=1)
    size = (distance <= max_km).sum(axis=1).astype(np.int64)
    return np.ascontiguousarray(near[:, : size.max()]), size, distance


@compiled()
def _expectations(  # pragma: no cover
    baseline: Any, near: Any, size: Any, longest: int, cylinders: int, total: float
) -> Any:
    expected, inside, outside = np.empty(cylinders), np.empty(cylinders), np.empty(cylinders)
    steps, at = baseline.shape[1], 0
    for centre in range(len(size)):
        column = np.zeros(steps)
        for k in range(size[centre]):
            column += baseline[near[centre, k]]
            for start in range(steps):
                count = 0.0
                for stop in range(start, min(start + longest, steps)):
                    count += column[stop]
                    expected[at] = count * (1 + 1e-12)  # a tie is no excess, whatever the rounding
                    inside[at] = np.log(max(count, 1e-300))
                    outside[at] = np.log(max(total - count, 1e-300))
                    at += 1
    return expected, inside, outside


@compiled()
def _best_by_centre(  # pragma: no cover
    counts: Any,
    near: Any,
    size: Any,
    longest: int,
    expected: Any,
    inside: Any,
    outside: Any,
    entropy: Any,
) -> Any:
    """Highest ratio of each centre, and its number of units, first and last period."""
    steps, at, total = counts.shape[1], 0, len(entropy) - 1
    ratio, where = np.zeros(len(size)), np.zeros((len(size), 3), dtype=np.int64)
    column = np.zeros(steps, dtype=np.int64)
    for centre in range(len(size)):
        column[:] = 0
        for k in range(size[centre]):
            column += counts[near[centre, k]]
            for start in range(steps):
                count = 0
                for stop in range(start, min(start + longest, steps)):
                    count += column[stop]
                    if count > 1 and count > expected[at]:
                        value = entropy[count] - count * inside[at]
                        value += entropy[total - count] - (total - count) * outside[at]
                        if value > ratio[centre]:
                            ratio[centre] = value
                            where[centre, 0] = k + 1
                            where[centre, 1] = start
                            where[centre, 2] = stop
                    at += 1
    return ratio, where


def _clusters(
    best: Any,
    counts: npt.NDArray[np.int64],
    baseline: Floats,
    ids: npt.NDArray[np.object_],
    periods: pd.PeriodIndex,
    near: Any,
    distance: Floats,
    maxima: Floats,
) -> pd.DataFrame:
    ratio, where = best
    rows: list[list[Any]] = []
    taken: set[int] = set()
    for centre in np.argsort(-ratio, kind="stable"):
        k, start, stop = (int(value) for value in where[centre])
        members = near[centre, :k]
        if ratio[centre] <= 0 or not taken.isdisjoint(members.tolist()):
            continue
        taken.update(members.tolist())
        observed = int(counts[members, start : stop + 1].sum())
        expected = float(baseline[members, start : stop + 1].sum())
        above = int((maxima >= ratio[centre] - 1e-9).sum())
        rows.append(
            [
                *(str(ids[centre]), tuple(str(unit) for unit in ids[members])),
                *(float(distance[centre, k - 1]), periods[start], periods[stop]),
                *(observed, expected, observed / expected, float(ratio[centre])),
                (1 + above) / (1 + len(maxima)),
            ],
        )
    columns = ["centre_id", "unit_ids", "radius_km", "first_period", "last_period", "observed"]
    return pd.DataFrame(rows, columns=[*columns, "expected", "ratio", "log_likelihood_ratio", "p"])
