"""Near repeat: pairs of incidents near each other in space and in time (Knox)."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.arrays import Floats, Integers
from sahel_geo.compiled import over_chunks
from sahel_geo.errors import InputError, require_choice, require_columns
from sahel_geo.indicators.near_repeat.knox_permutation import Counted
from sahel_geo.indicators.near_repeat.knox_table import KnoxTable
from sahel_geo.indicators.near_repeat.pairs import Metric, Pairs
from sahel_geo.indicators.permutation.strata import CALENDAR, Blocks, complete_rows, strata_within
from sahel_geo.locate.assign.assign import coordinates
from sahel_geo.locate.partitions import is_partitioned, open_partitions, reduce_partitions

__all__ = ["KnoxTable", "knox", "knox_counts", "knox_pairs"]

Null = Literal["shift", "exchange"]

_CELLS_PER_TASK: Final = 256
_COARSE: Final = {
    "location_precision": ("admin3", "admin2", "admin1", "country"),
    "date_precision": ("month", "year"),
}
_RANGE: Final = (0.025, 0.975)


def knox_counts(
    x: "npt.ArrayLike",
    y: "npt.ArrayLike",
    time: "npt.ArrayLike",
    *,
    distances: Sequence[float],
    days: Sequence[float],
    metric: Metric = "haversine",
) -> Integers:
    """Count the pairs of incidents in each band of distance and of time.

    Each pair counts once. Bands are half-open, [a, b): a pair at distance b belongs to the next
    band. Whether a count is high can only be said beside what chance gives.

    Parameters
    ----------
    x, y : array_like of float, shape (n,)
        Coordinates: lon and lat in degrees (EPSG:4326) for ``"haversine"``, else of a plane.
    time : array_like of float or datetime64, shape (n,)
        Days from any origin, or dates.
    distances : sequence of float, k + 1
        Ends of the bands, ascending; the last may be infinite. In km for ``"haversine"``, else in
        the unit of `x` and `y`.
    days : sequence of float, l + 1
        Ends of the bands of the time between two incidents, ascending; the last may be infinite.
    metric : {"haversine", "euclidean", "manhattan"}
        Great-circle distance on a sphere of radius 6371.0088 km, or distance in the plane.

    Returns
    -------
    ndarray of int64, shape (k, l)
        Pairs by distance and time; zeros with fewer than two incidents.

    Raises
    ------
    InputError
        If the arrays differ in length or hold missing values, the bands do not ascend from zero or
        more, or `metric` is unknown.

    Notes
    -----
    Memory grows with the incidents, not with the pairs, and time with the pairs nearer than the
    largest finite distance: those beyond it are the difference from all pairs of the band of time.

    References
    ----------
    Knox, E. G. (1964). The detection of space-time interactions. Applied Statistics 13, 25-30.

    Examples
    --------
    >>> knox_counts([0, 3, 9], [0, 4, 0], [0, 1, 9], distances=[0, 5, 6], days=[0, 2, 9],
    ...             metric="euclidean").tolist()
    [[0, 0], [1, 0]]
    """
    return _near_all(Pairs.of(x, y, time, distances=distances, days=days, metric=metric))


def knox_pairs(incidents: Any, *, distances_km: Sequence[float], days: Sequence[float]) -> Integers:
    """Count the pairs of a table of incidents in each band of distance and of time.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Columns ``lon``, ``lat`` (EPSG:4326) and ``date``; a row that misses one makes no pair. Also
        a Dask DataFrame, or the path of Parquet data. Three numbers per incident are then brought
        together, sorted, and shared out again; the pairs are counted where the workers are.
    distances_km, days : sequence of float
        Ends of the half-open bands, as in :func:`knox_counts`.

    Returns
    -------
    ndarray of int64, shape (k, l)
        Pairs by distance and time.

    Raises
    ------
    InputError
        As :func:`knox_counts`, or if a column is missing.
    """
    partitioned = is_partitioned(incidents)
    table = open_partitions(incidents) if partitioned else incidents
    require_columns(
        table, "incidents", ("lon", "lat", "date"), "Read the file with sg.read_incidents."
    )
    table = table[["lon", "lat", "date"]].dropna()
    table = table.compute() if partitioned else table
    lon, lat = coordinates(table)
    pairs = Pairs.of(lon, lat, table["date"], distances=distances_km, days=days, metric="haversine")
    ranges = [
        slice(at, min(at + _CELLS_PER_TASK, len(pairs.key)))
        for at in range(0, len(pairs.key), _CELLS_PER_TASK)
    ]
    if not partitioned or not ranges:
        return _near_all(pairs)
    return pairs.finish(reduce_partitions(ranges, _near_part, pairs, sum))


def _near_all(pairs: Pairs) -> Integers:
    tasks = over_chunks(partial(_near_part, pairs=pairs), len(pairs.key), _CELLS_PER_TASK, "pairs")
    return pairs.finish(sum(tasks, pairs.near(0, 0)))


def _near_part(part: slice, pairs: Pairs) -> Integers:
    return pairs.near(part.start, part.stop)


def knox(
    incidents: pd.DataFrame,
    *,
    distances_km: Sequence[float],
    days: Sequence[float],
    by: str | None = None,
    within: Sequence[str] | None = None,
    null: Null = "shift",
    permutations: int = 999,
    rng: np.random.Generator | int,
) -> KnoxTable:
    """Tell whether incidents near each other in space also lie near in time, and across a border.

    A ratio above 1 in a near band says that where an incident was recorded, another followed soon
    and close by more often than the dates of incidents alone would bring. It does not say that the
    first brought about the second: one offensive makes many near pairs.

    The dates are exchanged between incidents, which stay in their places. If dates move freely, a
    war that reaches one region in 2012 and another in 2016 makes near pairs by itself. `within`
    restricts the exchange (a stratified permutation): inside country, year and month, what
    countries, years and months share or do not share is kept, and only nearness within a month
    counts. Quarters leave some of a season in: with one of amplitude 0.6 and a trend that two
    countries share, 11 % of worlds without a link have p of 0.05 or less across the border.

    Pairs across a border need more. Exchanged dates have none of the outbreaks that each country
    has by itself, and beside them two such records agree far too often. The cross-border part is
    therefore compared with *shifts*: all dates of a country and month move by one random number
    of days, from its end round to its start, so that each keeps its own outbreaks and only what
    links the two is broken.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Columns ``lon``, ``lat`` (EPSG:4326), ``date``, and those of `by` and `within`; a row that
        misses one is left out and counted.
    distances_km, days : sequence of float
        Ends of the half-open bands, ascending; the last of each may be infinite. Distances are
        great-circle.
    by : str, optional
        ``"border"``: pairs inside one country and across a border (column ``country``) apart, as
        the parts ``domestic`` and ``cross_border``; another column: pairs of the ``same`` and of
        ``different`` values.
    within : sequence of str, optional
        Columns, and of the calendar ``"year"``, ``"season"`` (quarter of the year, the same in all
        years) and ``"month"`` (month of the year, likewise). By default country, year and month
        with ``by="border"``, else nothing: all incidents exchange dates.
    null : {"shift", "exchange"}
        What pairs across a border, or of different values, are compared with: shifts of the dates
        of each country or value inside the years, quarters or months of `within`, or the exchange.
    permutations : int
        How often the dates are exchanged, and shifted.
    rng : Generator or int
        Seed; the answer does not depend on the number of threads.

    Returns
    -------
    KnoxTable
        Expected numbers are exact where all incidents exchange dates, else means over the
        exchanges or shifts. p = (1 + exchanges with as many pairs or more) / (1 + permutations).
        With fewer than two incidents, or one country, the pairs that cannot be are 0 and their
        ratio and p are missing.

    Raises
    ------
    InputError
        If a column is missing, bands do not ascend from zero or more, `permutations` is not
        positive, or `within` has seasons or months without years beside shifts.

    References
    ----------
    Knox, E. G. (1964). The detection of space-time interactions. Applied Statistics 13, 25-30.
    Kulldorff, M. and Hjalmars, U. (1999). The Knox method and other tests for space-time
    interaction. Biometrics 55, 544-552 (trends that differ between places).
    Lotwick, H. W. and Silverman, B. W. (1982). Methods for analysing spatial processes of several
    types of points. Journal of the Royal Statistical Society B 44, 406-413 (shifts).
    Westfall, P. H. and Young, S. S. (1993). Resampling-Based Multiple Testing (p_adjusted).

    Examples
    --------
    >>> import sahel_geo as sg
    >>> incidents = pd.DataFrame({
    ...     "lon": [0.0, 0.1, 5.0, 5.1], "lat": [14.0] * 4, "country": ["MLI", "BFA", "NER", "NER"],
    ...     "date": pd.to_datetime(["2020-01-01", "2020-01-03", "2020-02-20", "2020-02-21"])})
    >>> result = knox(incidents, distances_km=[0, 20], days=[0, 7], by="border", within=[],
    ...              null="exchange", rng=1)
    >>> result.table[["part", "observed", "expected"]].round(2).values.tolist()
    [['all', 2, 0.67], ['domestic', 1, 0.33], ['cross_border', 1, 0.33]]
    """
    if permutations < 1:
        raise InputError(f"`permutations` is {permutations}; expected at least 1. Try 999.")
    require_choice("null", null, get_args(Null))
    inside = (("country", "year", "month") if by == "border" else ()) if within is None else within
    column = "country" if by == "border" else by
    others = [name for name in inside if name not in CALENDAR]
    needed = ["lon", "lat", "date", *([column] if column else []), *others]
    known, left_out = complete_rows(incidents, needed)
    label = None if column is None else pd.factorize(known[column])[0].astype(np.int64)
    stratum = strata_within(known, inside)
    count = partial(
        Counted.of,
        *(*coordinates(known), known["date"]),
        distances=distances_km,
        days=days,
        label=label,
        permutations=permutations,
    )
    generator = np.random.default_rng(rng)
    counted = count(stratum=stratum, rng=generator)
    observed, simulated = _with_sum(counted.observed, 0), _with_sum(counted.simulated, 1)
    expected = simulated.mean(axis=0) if inside else _with_sum(counted.expected(), 0)
    apart = simulated
    parts: tuple[str, ...] = ("all",)
    if column is not None:
        parts += ("domestic", "cross_border") if by == "border" else ("same", "different")
    if column is not None and null == "shift":
        blocks = Blocks.of(known, column, inside)
        apart = _with_sum(count(blocks=blocks, rng=generator).simulated, 1)
        simulated = np.concatenate([simulated[:, :2], apart[:, 2:]], axis=1)
        expected = np.concatenate([expected[:2], apart[:, 2:].mean(axis=0)])
    coarse = [known[column].isin(names) for column, names in _COARSE.items() if column in known]
    ends = np.asarray(distances_km, np.float64), np.asarray(days, np.float64)
    table, overall = _tabulate(parts, *ends, observed, expected, simulated)
    return KnoxTable(
        table=table,
        shares=_tabulate_shares(*ends, observed, apart),
        overall=overall,
        by=by,
        within=tuple(inside),
        null="exchange" if column is None else null,
        incidents=len(known),
        unmoved=int((np.bincount(stratum) == 1).sum()),
        imprecise=int(np.any(coarse, axis=0).sum()),
        left_out=left_out,
        permutations=permutations,
        simulated=simulated,
    )


def _with_sum(counts: Any, axis: int) -> Any:
    """Put all pairs before the two kinds that they are split into."""
    if counts.shape[axis] == 1:
        return counts
    return np.concatenate([counts.sum(axis=axis, keepdims=True), counts], axis=axis)


def _tabulate(
    parts: tuple[str, ...],
    distances_km: Floats,
    days: Floats,
    observed: Integers,
    expected: Floats,
    simulated: Integers,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Set pairs (parts, k, l) beside those expected and simulated (permutations, parts, k, l)."""
    runs = len(simulated) + 1
    pooled = np.concatenate([observed[None], simulated]).astype(np.float64)
    spread = pooled.std(axis=0)
    score = np.divide(
        pooled - pooled.mean(axis=0), spread, out=np.zeros_like(pooled), where=spread > 0
    )
    highest = score.max(axis=(2, 3))  # over all bands of a part: single-step max T
    p = (1 + (simulated >= observed).sum(axis=0)) / runs
    adjusted = (1 + (highest[1:, :, None, None] >= score[0]).sum(axis=0)) / runs
    # a count that was simulated, so that "between low and high" is said of counts
    low, high = np.quantile(simulated, _RANGE, axis=0, method="inverted_cdf")
    nothing = (expected == 0) & (observed == 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = observed / expected
    grid = pd.MultiIndex.from_product(
        [parts, range(len(distances_km) - 1), range(len(days) - 1)], names=["part", "row", "column"]
    ).to_frame(index=False)
    table = pd.DataFrame(
        {
            "part": grid["part"],
            **_ends(distances_km, days, grid["row"].to_numpy(), grid["column"].to_numpy()),
            "observed": observed.ravel(),
            "expected": expected.ravel(),
            "low": low.ravel(),
            "high": high.ravel(),
            "ratio": ratio.ravel(),
            "p": np.where(nothing, np.nan, p).ravel(),
            "p_adjusted": np.where(nothing, np.nan, adjusted).ravel(),
        }
    )
    empty = nothing.all(axis=(1, 2))
    whole = pd.DataFrame(
        {"part": list(parts), "p": np.where(empty, np.nan, adjusted.min(axis=(1, 2)))}
    )
    return table, whole


def _tabulate_shares(
    distances_km: Floats, days: Floats, observed: Integers, simulated: Integers
) -> pd.DataFrame:
    """Compare the share of the last part among all pairs with its expectation."""
    rows, columns = (index.ravel() for index in np.indices(observed.shape[1:]))
    ends = _ends(distances_km, days, rows, columns)
    if len(observed) < 2:
        return pd.DataFrame({**ends, "share": 0.0, "expected_share": 0.0, "p": 0.0}).head(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share, wanted = (
            observed[-1] / observed[0],
            simulated[:, -1].mean(0) / simulated[:, 0].mean(0),
        )
        drawn = simulated[:, -1] / simulated[:, 0]
    # a draw without any pair in the band has no share, and speaks neither for nor against
    known = np.isfinite(drawn).sum(axis=0)
    p = (1 + (drawn >= share).sum(axis=0)) / (1 + known)
    p = np.where(np.isnan(share), np.nan, p)
    return pd.DataFrame(
        {**ends, "share": share.ravel(), "expected_share": wanted.ravel(), "p": p.ravel()}
    )


def _ends(distances_km: Floats, days: Floats, rows: Any, columns: Any) -> dict[str, Floats]:
    return {
        "distance_from_km": distances_km[rows],
        "distance_to_km": distances_km[rows + 1],
        "day_from": days[columns],
        "day_to": days[columns + 1],
    }
