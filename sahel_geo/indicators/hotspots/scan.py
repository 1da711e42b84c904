"""Space-time scan: the places and times with more incidents than chance puts anywhere."""

from collections.abc import Sequence
from typing import Any, Final, get_args

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.arrays import Flags, Floats, Integers, Objects, Positions
from sahel_geo.crs import EQUAL_AREA, LONLAT, WGS84, require_lonlat
from sahel_geo.errors import InputError, first_offenders, require_columns
from sahel_geo.indicators.hotspots.cluster_results import ScanResult
from sahel_geo.indicators.hotspots.results import shapes_of
from sahel_geo.indicators.hotspots.scan_search import Draws, Model, best_by_centre, product_of_sums
from sahel_geo.indicators.permutation.waves import Waves
from sahel_geo.indicators.weights.panel import require_units
from sahel_geo.locate.assign.unit_index import unique_ids
from sahel_geo.places.remember import remembered

_MOST_VARIANCE: Final = 50.0
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
    max_population_share: float = 1.0,
    within: Sequence[str] = (),
    overdispersed: bool = False,
    prospective: bool = False,
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
    max_population_share : float
        Largest share of the people, or for ``"permutation"`` of the incidents, in a circle.
    within : sequence of str
        ``"season"`` (quarter of the year) or ``"month"``: dates are exchanged, and incidents
        expected, inside the same season of all years only. Without, a season that differs between
        places passes for clusters: in 32 % of such worlds without any.
    overdispersed : bool
        Estimate by how much the rates of units vary from period to period beyond chance, and how
        much of it lasts, and let the replicates vary as much. Without, as the scan was published,
        bouts and waves of violence pass for clusters in over half of worlds without any. A cluster
        raises the estimate too, so that only what lasts for long or is many times as high is seen.
    prospective : bool
        Only spans that last until the last period: what goes on now.
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
    Kulldorff, M. (2001). Prospective time periodic geographical disease surveillance using a scan
    statistic. Journal of the Royal Statistical Society A 164, 61-72. Zhang, T., Zhang, Z. and Lin,
    G. (2012). Spatial scan statistics with overdispersion. Statistics in Medicine 31, 762-774.
    Zeger, S. L. (1988). A regression model for time series of counts. Biometrika 75, 621-629.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=1, countries=["NER"])
    >>> placed = sg.assign(sg.load_example_incidents(), units)
    >>> result = scan(sg.count(placed, units, period="year"), units, rng=1, replicates=19)
    >>> bool((result.clusters["p"] >= 0.05).all())
    True
    """
    _check_settings(model, max_km, min(max_share, max_population_share), replicates)
    if not 0 < max_population_share <= 1 or not set(within) <= {"season", "month"}:
        raise InputError(
            f"`max_population_share` is {max_population_share} and `within` {list(within)}; "
            'expected a share up to 1, and "season" or "month". Correct the setting.'
        )
    require_lonlat(units, "units")
    ids = unique_ids(units)
    counts, periods = _counts(panel, ids)
    total = int(counts.sum())
    if total < 2:
        raise InputError(
            f"`panel` holds {total} incidents; expected at least 2. Choose a longer time or a "
            "larger area."
        )
    strata = _strata(periods, counts.shape[1], within)
    baseline = _baseline(counts, ids, model, population, strata)
    near, size, distance = _circles(units, max_km, baseline.sum(axis=1), max_population_share)
    steps = counts.shape[1]
    longest = max(1, int(max_share * steps))
    spans = longest if prospective else sum(steps - length + 1 for length in range(1, longest + 1))
    cylinders = int(size.sum()) * spans
    if cylinders > _MOST_CYLINDERS:
        raise InputError(
            f"the scan would try {cylinders:,} cylinders; expected at most {_MOST_CYLINDERS:,}. "
            "Choose a smaller `max_km`, a smaller `max_share` or longer periods."
        )
    best = best_by_centre(counts, baseline, near, size, longest, prospective)
    shape = near, size, _fresh(near, size), longest, prospective
    calm = Waves(0.0, 0.0, 0.0)
    waves = _waves(counts, model, baseline, strata) if overdispersed else calm
    draws = Draws(counts, baseline, model, strata, waves)
    maxima = draws.highest(shape, replicates, np.random.default_rng(rng))
    clusters = _clusters(best, counts, baseline, ids, periods, near, distance, maxima)
    extra = waves.lasting + waves.passing
    fading = waves.lasting / extra * waves.fading if extra else 0.0
    adjusted = tuple(within), extra if overdispersed else None, fading
    return ScanResult(clusters, maxima, model, cylinders, shapes_of(units), *adjusted)


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
            "share up to 1 and at least 1 replicate. Correct the setting."
        )


def _counts(panel: pd.DataFrame, ids: Any) -> tuple[Integers, pd.PeriodIndex]:
    advice = "Call sg.count(placed, units) first."
    require_columns(panel, "panel", ("unit_id", "period", "incidents"), advice)
    require_units(panel, ids)
    place = pd.Index(ids).get_indexer(pd.Index(panel["unit_id"].astype(str)))
    if panel.empty:
        return np.zeros((len(ids), 1), dtype=np.int64), pd.PeriodIndex([], freq="D")
    period = pd.PeriodIndex(panel["period"])
    periods = pd.period_range(period.min(), period.max())
    cell = place * len(periods) + (period.asi8 - period.asi8.min())
    number = panel["incidents"].to_numpy(dtype=np.float64, na_value=0.0)
    table = np.bincount(cell, weights=number, minlength=len(ids) * len(periods))
    return table.astype(np.int64).reshape(len(ids), len(periods)), periods


def _strata(periods: pd.PeriodIndex, steps: int, within: Sequence[str]) -> Integers:
    """Give each period the number of its season."""
    if not within or not len(periods):
        return np.zeros(steps, dtype=np.int64)
    first = periods.start_time
    season = first.month if "month" in within else first.quarter
    return np.unique(np.asarray(season), return_inverse=True)[1].astype(np.int64)


def _waves(counts: Integers, model: Model, baseline: Floats, strata: Integers) -> Waves:
    """Estimate how the rates of units vary from period to period, beyond chance and what all share.

    A model by people leaves lasting differences between units to be found, and takes what varies
    for new in each period. Seasons that differ between places count as waves outside of strata.
    """
    if model == "permutation":
        return Waves.of_table(counts, strata)
    apart = float(((counts - baseline) ** 2).sum()) - float(baseline.sum())
    extra = max(apart, 0.0) / max(float((baseline**2).sum()), 1e-12)
    return Waves(0.0, min(extra, _MOST_VARIANCE), 0.0)


def _baseline(
    counts: Integers,
    ids: Objects,
    model: Model,
    population: "pd.Series[Any] | None",
    strata: Integers,
) -> Floats:
    if model == "permutation":
        return product_of_sums(counts, strata)
    people = np.full(len(ids), np.nan)
    if population is not None:
        people = population.reindex(ids).to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~(np.isfinite(people) & (people >= 0)) | ((people == 0) & (counts.sum(axis=1) > 0))
    if wrong.any():
        raise InputError(
            f"`population` is missing, negative, or 0 with incidents for {int(wrong.sum())} units: "
            f"{first_offenders(ids[wrong])}; expected people for each. Pass a Series by unit_id, "
            "or use model='permutation'."
        )
    inside = np.bincount(strata, weights=counts.sum(axis=0)) / np.bincount(strata)
    return np.asarray(np.outer(people / people.sum(), inside[strata]))


def _circles(
    units: gpd.GeoDataFrame, max_km: float, weight: Floats, most: float
) -> tuple[Any, Any, Floats]:
    """List the units around each, the nearest first, up to a radius and a share of the weight."""
    near, distance = _nearest_first(units)
    size = (distance <= max_km).sum(axis=1).astype(np.int64)
    near = np.ascontiguousarray(near[:, : size.max()])
    share = np.cumsum(weight[near], axis=1) / weight.sum()
    inside = (share <= most + 1e-12).sum(axis=1)
    return near, np.maximum(np.minimum(size, inside), 1).astype(np.int64), distance


def _fresh(near: Any, size: Any) -> Flags:
    """Tell which circles hold other units than all before them."""
    marks = np.random.default_rng(0).integers(2**63, size=len(size), dtype=np.uint64)
    inside = np.arange(near.shape[1]) < size[:, None]
    sums = np.cumsum(marks[near], axis=1)  # over the edge of the integers: as good as a hash
    first = np.unique(sums[inside], return_index=True)[1]
    fresh = np.zeros(near.shape, dtype=np.bool_)
    fresh.flat[np.flatnonzero(inside)[first]] = True
    return fresh


@remembered()
def _nearest_first(units: gpd.GeoDataFrame) -> tuple[Positions, Floats]:
    """List all units around each, the nearest first, and how far they are."""
    centres = units.geometry.to_crs(EQUAL_AREA).centroid.to_crs(LONLAT)
    lon, lat = centres.x.to_numpy(np.float64), centres.y.to_numpy(np.float64)
    row, column = np.triu_indices(len(lon), 1)
    distance = np.zeros((len(lon), len(lon)))
    apart = np.asarray(WGS84.inv(lon[row], lat[row], lon[column], lat[column])[2]) / 1e3
    distance[row, column] = distance[column, row] = apart
    near = np.argsort(distance, axis=1, kind="stable")
    return near, np.take_along_axis(distance, near, axis=1)


def _clusters(
    best: Any,
    counts: Integers,
    baseline: Floats,
    ids: Objects,
    periods: pd.PeriodIndex,
    near: Any,
    distance: Floats,
    maxima: Floats,
) -> pd.DataFrame:
    ratio, where = best
    chosen: list[int] = []
    taken = np.zeros(len(near), dtype=np.bool_)
    for centre in np.argsort(-ratio, kind="stable"):
        members = near[centre, : where[centre, 0]]
        if ratio[centre] > 0 and not taken[members].any():
            taken[members] = True
            chosen.append(int(centre))
    number, start, stop = where[chosen].T
    circles = [near[centre, :k] for centre, k in zip(chosen, number, strict=True)]
    boxes = [*zip(circles, start, stop + 1, strict=True)]
    observed, expected = (
        np.array([table[units, first:end].sum() for units, first, end in boxes], table.dtype)
        for table in (counts, baseline)
    )
    above = (maxima >= ratio[chosen, None] - 1e-9).sum(axis=1)
    table = {
        "centre_id": ids[chosen].astype(str),
        "unit_ids": [tuple(str(unit) for unit in ids[units]) for units in circles],
        "radius_km": distance[chosen, number - 1],
        "first_period": periods.take(start),
        "last_period": periods.take(stop),
        "observed": observed,
        "expected": expected,
        "ratio": observed / expected,
        "log_likelihood_ratio": ratio[chosen],
        "p": (1 + above) / (1 + len(maxima)),
    }
    return pd.DataFrame(table)
