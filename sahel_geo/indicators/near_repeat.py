"""Pairs of incidents that are near each other in space and in time (Knox)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal, get_args

import numpy as np
import numpy.typing as npt

from sahel_geo.compiled import compiled, over_chunks
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.locate.assign import coordinates
from sahel_geo.locate.partitions import is_partitioned, open_partitions, reduce_partitions

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Metric = Literal["haversine", "euclidean", "manhattan"]

_EARTH_KM: Final = 6371.0088  # mean radius of WGS 84
_MOST_STEPS: Final = 1_000_000  # cells along an axis, so that a cell's number fits 64 bits
_METRICS: Final = get_args(Metric)
_CELLS_PER_TASK: Final = 256


def knox_counts(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    time: npt.ArrayLike,
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
    pairs = prepare(x, y, time, distances=distances, days=days, metric=metric)
    tasks = over_chunks(partial(_near_part, pairs=pairs), pairs.cells, _CELLS_PER_TASK)
    return pairs.finish(sum(tasks, pairs.near(0, 0)))


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
    missing = [name for name in ("lon", "lat", "date") if name not in table.columns]
    if missing:
        raise InputError(
            f"`incidents` has no column {first_offenders(missing)}; expected lon, lat and date. "
            "Read the file with sg.read_incidents.",
        )
    table = table[["lon", "lat", "date"]].dropna()
    table = table.compute() if partitioned else table
    lon, lat = coordinates(table)
    pairs = prepare(lon, lat, table["date"], distances=distances_km, days=days, metric="haversine")
    ranges = [
        slice(at, min(at + _CELLS_PER_TASK, pairs.cells))
        for at in range(0, pairs.cells, _CELLS_PER_TASK)
    ]
    if not partitioned or not ranges:
        tasks = over_chunks(partial(_near_part, pairs=pairs), pairs.cells, _CELLS_PER_TASK)
        return pairs.finish(sum(tasks, pairs.near(0, 0)))
    return pairs.finish(reduce_partitions(ranges, _near_part, pairs, sum))


def _near_part(part: slice, pairs: "Pairs") -> Integers:
    return pairs.near(part.start, part.stop)


@dataclass(frozen=True)
class Pairs:
    """Incidents sorted into cells as wide as the largest finite distance, ready to be paired.

    Attributes
    ----------
    place : ndarray of float64, shape (n, 3)
        Coordinates in the order of the cells; within a cell by time.
    time : ndarray of float64, shape (n,)
        Days.
    start, key : ndarray of int64
        First incident of each cell and one entry more; number of each cell, ascending.
    strides : tuple of int
        Difference of the numbers of neighbouring cells along each axis.
    distances, days : ndarray of float64
        Ends of the bands.
    metric : int
        Position in the list of metrics.
    """

    place: Floats
    time: Floats
    start: Integers
    key: Integers
    strides: tuple[int, int, int]
    distances: Floats
    days: Floats
    metric: int

    @property
    def cells(self) -> int:
        """Cells that hold an incident."""
        return len(self.key)

    def near(self, first: int, last: int) -> Integers:
        """Count the pairs of the incidents of some cells with those of the same and later cells.

        Parameters
        ----------
        first, last : int
            Range of cells.

        Returns
        -------
        ndarray of int64, shape (k + 1, l)
            The first row is below the first band; a band without end holds nothing yet.
        """
        counts: Integers = _near(
            self.place, self.time, self.start, self.key, self.strides, self.distances, self.days,
            self.metric, first, last,
        )  # fmt: skip
        return counts

    def finish(self, counts: Integers) -> Integers:
        """Fill in the band without end, from the sum of what `near` gives.

        Parameters
        ----------
        counts : ndarray of int64, shape (k + 1, l)
            Sum over all cells.

        Returns
        -------
        ndarray of int64, shape (k, l)
            The table.
        """
        table = counts[1:].copy()
        if np.isinf(self.distances[-1]):
            every = np.array([_pairs_within(np.sort(self.time), day) for day in self.days])
            table[-1] = np.diff(every) - counts.sum(axis=0)
        return table


def prepare(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    time: npt.ArrayLike,
    *,
    distances: Sequence[float],
    days: Sequence[float],
    metric: Metric,
) -> Pairs:
    """Check the arguments of `knox_counts` and sort the incidents into cells.

    Parameters
    ----------
    x, y, time : array_like, shape (n,)
        As in :func:`knox_counts`.
    distances, days : sequence of float
        As in :func:`knox_counts`.
    metric : str
        As in :func:`knox_counts`.

    Returns
    -------
    Pairs
        Countable cell by cell, on any machine.

    Raises
    ------
    InputError
        As in :func:`knox_counts`.
    """
    if metric not in _METRICS:
        raise InputError(f"`metric` is {metric!r}; expected one of {list(_METRICS)}.")
    bands = _bands("distances", distances), _bands("days", days)
    moment = _days(time)
    place, reach = _place(np.asarray(x, np.float64), np.asarray(y, np.float64), metric, bands[0])
    if len(place) != len(moment):
        raise InputError(
            f"`x` and `time` have {len(place)} and {len(moment)} values; expected as many. "
            "Pass columns of one table."
        )
    bad = ~(np.isfinite(place).all(axis=1) & np.isfinite(moment))
    if bad.any():
        raise InputError(
            f"`x`, `y` or `time` is missing or infinite in {int(bad.sum())} rows: "
            f"{first_offenders(np.flatnonzero(bad))}; expected numbers. Drop these rows.",
        )
    key, strides = _cell_numbers(place, reach)
    order = np.lexsort((moment, key))
    keys, start = np.unique(key[order], return_index=True)
    return Pairs(
        place=np.ascontiguousarray(place[order]),
        time=np.ascontiguousarray(moment[order]),
        start=np.append(start, len(order)).astype(np.int64),
        key=keys,
        strides=strides,
        distances=bands[0],
        days=bands[1],
        metric=_METRICS.index(metric),
    )


def _bands(argument: str, ends: Sequence[float]) -> Floats:
    values = np.asarray(ends, dtype=np.float64)
    finite = np.isfinite(values[:-1]).all() and not np.isnan(values[-1:]).any()
    if values.ndim != 1 or len(values) < 2 or not finite or (np.diff(values) <= 0).any():
        raise InputError(
            f"`{argument}` is {first_offenders(np.ravel(values))}; expected at least two ascending "
            "numbers, of which the last may be infinite. List the ends of the bands.",
        )
    if values[0] < 0:
        raise InputError(f"`{argument}` begins at {values[0]:g}; expected 0 or more.")
    return values


def _days(time: npt.ArrayLike) -> Floats:
    values: Any = np.asarray(time)
    if values.dtype.kind == "M":
        origin = np.datetime64("1970-01-01")
        days = (values - origin) / np.timedelta64(1, "D")
        return np.asarray(days, dtype=np.float64)
    return np.asarray(values, dtype=np.float64)


def _place(x: Floats, y: Floats, metric: Metric, distances: Floats) -> tuple[Floats, float]:
    """Give points in space and the largest difference of one coordinate of a near pair."""
    if x.ndim != 1 or x.shape != y.shape:
        raise InputError(
            f"`x` and `y` have shapes {x.shape} and {y.shape}; expected (n,) both. "
            "Pass columns of one table."
        )
    reach = float(distances[-1] if np.isfinite(distances[-1]) else distances[-2])
    if metric != "haversine":
        return np.column_stack([x, y, np.zeros(len(x))]), reach
    lon, lat = np.radians(x), np.radians(y)
    sphere = [np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]
    chord = 2 * np.sin(min(reach / _EARTH_KM, np.pi) / 2)
    return np.column_stack(sphere), float(chord)


def _cell_numbers(place: Floats, reach: float) -> tuple[Integers, tuple[int, int, int]]:
    if not len(place):
        return np.empty(0, dtype=np.int64), (1, 1, 1)
    low, width = place.min(axis=0), np.ptp(place, axis=0)
    # a little wider than the reach, so that rounding cannot part neighbours by two cells
    side = max(reach * (1 + 1e-9) + 1e-12 * float(np.abs(place).max()), width.max() / _MOST_STEPS)
    step = np.floor((place - low) / (side or 1.0)).astype(np.int64)
    sizes = step.max(axis=0) + 3  # a free cell on either side, so that numbers do not wrap
    strides = (int(sizes[1] * sizes[2]), int(sizes[2]), 1)
    return (step + 1) @ np.array(strides), strides


@compiled(inline="always")
def _distance(metric: int, place: Floats, i: int, j: int) -> float:
    dx = place[i, 0] - place[j, 0]
    dy = place[i, 1] - place[j, 1]
    if metric == 2:
        return float(abs(dx) + abs(dy))
    dz = place[i, 2] - place[j, 2]
    straight = np.sqrt(dx * dx + dy * dy + dz * dz)
    if metric == 1:
        return float(straight)
    return float(2.0 * _EARTH_KM * np.arcsin(min(0.5 * straight, 1.0)))


@compiled()
def _near(  # noqa: C901  one loop over pairs, compiled
    place: Floats,
    time: Floats,
    start: Integers,
    key: Integers,
    strides: tuple[int, int, int],
    distances: Floats,
    days: Floats,
    metric: int,
    first: int,
    last: int,
) -> Integers:
    bands = len(distances)
    endless = distances[bands - 1] == np.inf
    reach = distances[bands - 2] if endless else distances[bands - 1]
    counts = np.zeros((bands, len(days) - 1), dtype=np.int64)
    for cell in range(first, last):
        for offset in range(27):
            number = (
                key[cell]
                + (offset // 9 - 1) * strides[0]
                + (offset // 3 % 3 - 1) * strides[1]
                + (offset % 3 - 1) * strides[2]
            )
            if number < key[cell]:
                continue
            other = np.searchsorted(key, number)
            if other == len(key) or key[other] != number:
                continue
            begin = start[other]
            for i in range(start[cell], start[cell + 1]):
                while begin < start[other + 1] and time[i] - time[begin] >= days[-1]:
                    begin += 1
                for j in range(i + 1 if other == cell else begin, start[other + 1]):
                    between = time[j] - time[i]
                    if between >= days[-1]:
                        break
                    away = _distance(metric, place, i, j)
                    between = abs(between)
                    if away >= reach or between < days[0]:
                        continue
                    column = 0
                    while between >= days[column + 1]:
                        column += 1
                    row = 0
                    while away >= distances[row]:
                        row += 1
                    counts[row, column] += 1
    return counts


@compiled()
def _pairs_within(time: Floats, days: float) -> int:
    """Count the pairs of sorted times that lie less than some days apart."""
    total, begin = 0, 0
    for at in range(len(time)):
        while begin < at and time[at] - time[begin] >= days:
            begin += 1
        total += at - begin
    return total
