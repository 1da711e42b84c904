"""The search for pairs of incidents: cells as wide as the reach, and their neighbours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np
import numpy.typing as npt

from sahel_geo.compiled import compiled
from sahel_geo.errors import InputError, first_offenders

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Metric = Literal["haversine", "euclidean", "manhattan"]

EARTH_KM: Final = 6371.0088  # mean radius of WGS 84
METRICS: Final = get_args(Metric)
_MOST_STEPS: Final = 1_000_000  # cells along an axis, so that a cell's number fits 64 bits


@dataclass(frozen=True)
class Pairs:
    """Incidents sorted into cells as wide as the largest finite distance, ready to be paired.

    place (n, 3): Coordinates in the order of the cells; within a cell by time.
    time (n,): Days.
    start, key: First incident of each cell and one entry more; number of each cell, ascending.
    strides: Difference of the numbers of neighbouring cells along each axis.
    distances, days: Ends of the bands.
    metric: Position in the list of metrics.
    """

    place: Floats
    time: Floats
    start: Integers
    key: Integers
    strides: tuple[int, int, int]
    distances: Floats
    days: Floats
    metric: int

    @classmethod
    def of(
        cls,
        x: npt.ArrayLike,
        y: npt.ArrayLike,
        time: npt.ArrayLike,
        *,
        distances: Sequence[float],
        days: Sequence[float],
        metric: Metric,
    ) -> "Pairs":
        """Check the arguments of `knox_counts` and sort the incidents into cells.

        x, y, time (n,): As in :func:`knox_counts`.
        """
        if metric not in METRICS:
            raise InputError(f"`metric` is {metric!r}; expected one of {list(METRICS)}.")
        bands = band_ends("distances", distances), band_ends("days", days)
        moment = to_days(time)
        place, reach = to_places(
            np.asarray(x, np.float64), np.asarray(y, np.float64), metric, bands[0]
        )
        if len(place) != len(moment):
            raise InputError(
                f"`x` and `time` have {len(place)} and {len(moment)} values; expected as many. "
                "Pass columns of one table."
            )
        bad = ~(np.isfinite(place).all(axis=1) & np.isfinite(moment))
        if bad.any():
            raise InputError(
                f"`x`, `y` or `time` is missing or infinite in {int(bad.sum())} rows: "
                f"{first_offenders(np.flatnonzero(bad))}; expected numbers. Drop these rows."
            )
        key, strides = cell_numbers(place, reach)
        order = np.lexsort((moment, key))
        keys, start = np.unique(key[order], return_index=True)
        return cls(
            place=np.ascontiguousarray(place[order]),
            time=np.ascontiguousarray(moment[order]),
            start=np.append(start, len(order)).astype(np.int64),
            key=keys,
            strides=strides,
            distances=bands[0],
            days=bands[1],
            metric=METRICS.index(metric),
        )

    @property
    def cells(self) -> int:
        """Cells that hold an incident."""
        return len(self.key)

    def near(self, first: int, last: int) -> Integers:
        """Count the pairs of the incidents of some cells with those of the same and later cells.

        Returns (k + 1, l): The first row is below the first band; a band without end holds
        nothing yet.
        """
        counts: Integers = _near(
            self.place, self.time, self.start, self.key, self.strides, self.distances, self.days,
            self.metric, first, last,
        )  # fmt: skip
        return counts

    def finish(self, counts: Integers) -> Integers:
        """Fill in the band without end, from the sum of what `near` gives.

        counts (k + 1, l): Sum over all cells. Returns (k, l): The table.
        """
        table = counts[1:].copy()
        if np.isinf(self.distances[-1]):
            every = np.array([pairs_within(np.sort(self.time), day) for day in self.days])
            table[-1] = np.diff(every) - counts.sum(axis=0)
        return table


def band_ends(argument: str, ends: Sequence[float]) -> Floats:
    """Check the ends of bands."""
    values = np.asarray(ends, dtype=np.float64)
    finite = np.isfinite(values[:-1]).all() and not np.isnan(values[-1:]).any()
    if values.ndim != 1 or len(values) < 2 or not finite or (np.diff(values) <= 0).any():
        raise InputError(
            f"`{argument}` is {first_offenders(np.ravel(values))}; expected at least two ascending "
            "numbers, of which the last may be infinite. List the ends of the bands."
        )
    if values[0] < 0:
        raise InputError(f"`{argument}` begins at {values[0]:g}; expected 0 or more.")
    return values


def to_days(time: npt.ArrayLike) -> Floats:
    """Turn dates into days since 1970.

    time (n,): Numbers pass as they are. Returns (n,): NaN where missing.
    """
    values: Any = np.asarray(time)
    if values.dtype.kind == "M":
        origin = np.datetime64("1970-01-01")
        days = (values - origin) / np.timedelta64(1, "D")
        return np.asarray(days, dtype=np.float64)
    return np.asarray(values, dtype=np.float64)


def to_places(x: Floats, y: Floats, metric: Metric, distances: Floats) -> tuple[Floats, float]:
    """Give points in space and the largest difference of one coordinate of a near pair.

    x, y (n,): Degrees for ``"haversine"``, else of a plane. place (n, 3): On the unit sphere
    for ``"haversine"``.
    """
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
    chord = 2 * np.sin(min(reach / EARTH_KM, np.pi) / 2)
    return np.column_stack(sphere), float(chord)


def cell_numbers(place: Floats, reach: float) -> tuple[Integers, tuple[int, int, int]]:
    """Give each point the number of its cell, in cells no narrower than the reach.

    place (n, 3): Points in space. number (n,): Near pairs are in the same cell or in two that
    touch.
    """
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
def distance(metric: int, place: Floats, i: int, j: int) -> float:
    """Measure the distance of two points, in km for ``"haversine"``.

    place (n, 3): From :func:`to_places`.
    """
    dx = place[i, 0] - place[j, 0]
    dy = place[i, 1] - place[j, 1]
    if metric == 2:
        return float(abs(dx) + abs(dy))
    dz = place[i, 2] - place[j, 2]
    straight = np.sqrt(dx * dx + dy * dy + dz * dz)
    if metric == 1:
        return float(straight)
    return float(2.0 * EARTH_KM * np.arcsin(min(0.5 * straight, 1.0)))


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
                    away = distance(metric, place, i, j)
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
def pairs_within(time: Floats, days: float) -> int:
    """Count the pairs of sorted times that lie less than some days apart.

    time (n,): Ascending.
    """
    total, begin = 0, 0
    for at in range(len(time)):
        while begin < at and time[at] - time[begin] >= days:
            begin += 1
        total += at - begin
    return total
