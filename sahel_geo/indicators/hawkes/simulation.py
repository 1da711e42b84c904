"""Incidents drawn from known Hawkes processes, to see what a fit makes of a known truth."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sahel_geo.arrays import Integers
from sahel_geo.errors import InputError, require_choice
from sahel_geo.indicators.hawkes.likelihood import Array
from sahel_geo.indicators.hawkes.model import KERNELS, Delay, Events, Kernel
from sahel_geo.indicators.hawkes.window import Window
from sahel_geo.projection import unproject

_MOST_EVENTS: Final = 5_000_000


def simulate(
    background: Sequence[float],
    branching: Sequence[Sequence[float]],
    *,
    mean_days: float,
    days: float,
    rng: np.random.Generator | int,
    kernel: Kernel = "exponential",
    window_days: float = math.inf,
    marks: Sequence[float] | None = None,
    mark_factor: float = 1.0,
    rate: "Callable[[Array], Array] | None" = None,
    names: Sequence[str] | None = None,
    by: str = "country",
    start: str | pd.Timestamp = "2020-01-01",
) -> pd.DataFrame:
    """Draw incidents from a known process, to see what a fit makes of a known truth.

    Parameters
    ----------
    background : sequence of float, length m
        Incidents per day of each type that follow no other.
    branching : sequence of sequences of float, m x m
        Incidents of the row that follow one of the column; largest eigenvalue below 1.
    mean_days : float
        Mean delay of a following incident.
    days : float
        Length of the time.
    rng : Generator or int
        Source of randomness, or its seed.
    kernel : {"exponential", "gaussian"}
        Law of the delays.
    window_days : float
        Nothing follows later; the law of the delays is cut off there and scaled to 1.
    marks : sequence of float, optional
        Marks of 0 or more, one of which each incident gets at random, as the column ``mark``.
    mark_factor : float
        How many times as much follows with each doubling of one more than the mark; an incident of
        the average of that is followed as `branching` says.
    rate : callable, optional
        What multiplies the background at some days since the start, from 0 to 1.
    names : sequence of str, optional
        Names of the types; by default ``"0"``, ``"1"`` and so on.
    by : str
        Column for the types.
    start : date
        First day.

    Returns
    -------
    DataFrame
        ``date`` (to the microsecond) and `by`, in time order.

    Raises
    ------
    InputError
        If the sizes differ, a value is negative, or the process explodes or gives over five million
        incidents.

    References
    ----------
    Ogata, Y. (1981). On Lewis' simulation method for point processes. IEEE Transactions on
    Information Theory 27, 23-31, algorithm 3 (exponential). Hawkes, A. G. and Oakes, D. (1974). A
    cluster process representation of a self-exciting process. Journal of Applied Probability 11,
    493-503 (Gaussian).

    Examples
    --------
    >>> simulate([0.2], [[0.5]], mean_days=4, days=100, rng=1).columns.tolist()
    ['date', 'country']
    """
    require_choice("kernel", kernel, KERNELS)
    rates, matrix, labels = _process(background, branching, names, (mean_days, days))
    generator = np.random.default_rng(rng)
    plain = math.isinf(window_days) and marks is None and rate is None
    if kernel == "exponential" and plain:
        drawn = _thin(rates, matrix, 1 / mean_days, days, generator)
        return _table(drawn.times, drawn.kinds, labels, by, start)
    delay, given = Delay(kernel, mean_days, window_days), _Marks.of(marks, mark_factor)
    thinning = None if rate is None else lambda when, _: rate(when)
    times, kinds, columns = _cluster(rates, matrix, delay, days, generator, None, given, thinning)
    table = _table(times, kinds, labels, by, start)
    return table if marks is None else table.assign(mark=columns[:, 2])


def simulate_spatial(
    background: Sequence[float],
    branching: Sequence[Sequence[float]],
    *,
    mean_days: float,
    sigma_km: float,
    days: float,
    window: gpd.GeoDataFrame,
    rng: np.random.Generator | int,
    kernel: Kernel = "exponential",
    rate: "Callable[[Array, Array], Array] | None" = None,
    names: Sequence[str] | None = None,
    by: str = "country",
    start: str | pd.Timestamp = "2020-01-01",
) -> pd.DataFrame:
    """Draw incidents from a known process in time and space.

    The background is even over the window, or as `rate` has it. What follows an incident falls
    around it, and is lost, with all that would follow it, where it falls outside the window or
    after the end: nothing is known of what happens there, and
    :func:`sahel_geo.hawkes.fit_spatial` takes it so.

    Parameters
    ----------
    background : sequence of float, length m
        Incidents per day of each type, over the whole window, that follow no other, where `rate`
        is 1.
    branching : sequence of sequences of float, m x m
        Incidents of the row that follow one of the column, those lost included; largest eigenvalue
        below 1.
    mean_days : float
        Mean delay of a following incident.
    sigma_km : float
        Standard deviation of its distance, north-south and east-west.
    days : float
        Length of the time.
    window : GeoDataFrame
        Polygons, EPSG:4326. With a column `by`, each type falls only into its own.
    rng : Generator or int
        Source of randomness, or its seed.
    kernel : {"exponential", "gaussian"}
        Law of the delays.
    rate : callable, optional
        What multiplies the background at some lon, lat, from 0 to 1.
    names : sequence of str, optional
        Names of the types; by default those in the column `by` of `window`, sorted, or else
        ``"0"``, ``"1"`` and so on.
    by : str
        Column for the types.
    start : date
        First day.

    Returns
    -------
    DataFrame
        ``date`` (to the microsecond), `by`, ``lon``, ``lat`` (EPSG:4326), in time order.

    Raises
    ------
    InputError
        As :func:`simulate`, or if the window lacks a type.

    Notes
    -----
    Drawn generation by generation (Hawkes and Oakes 1974), in the equal-area projection.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> land = sg.load_boundaries(level=0)
    >>> drawn = simulate_spatial([0.1] * 3, [[0.3, 0.1, 0.1]] * 3, mean_days=5, sigma_km=20,
    ...                          days=365, window=land, rng=1)
    >>> sorted(drawn["country"].unique())
    ['BFA', 'MLI', 'NER']
    """
    require_choice("kernel", kernel, KERNELS)
    if names is None and by in window:
        names = sorted(window[by].unique())
    rates, matrix, labels = _process(background, branching, names, (mean_days, days, sigma_km))
    area, generator = Window.of(window, pd.Index(labels), by), np.random.default_rng(rng)
    delay = Delay(kernel, mean_days)
    thinning = None if rate is None else lambda _, at: rate(*unproject(*at.T * 1e3))
    around = area, sigma_km
    times, kinds, place = _cluster(rates, matrix, delay, days, generator, around, rate=thinning)
    lon, lat = unproject(*place[:, :2].T * 1e3)
    return _table(times, kinds, labels, by, start).assign(lon=lon, lat=lat)


def _process(
    background: Sequence[float],
    branching: Sequence[Sequence[float]],
    names: Sequence[str] | None,
    sizes: tuple[float, ...],
) -> tuple[Array, Array, list[str]]:
    rates, matrix = np.asarray(background, dtype=float), np.asarray(branching, dtype=float)
    labels = [str(at) for at in range(len(rates))] if names is None else list(names)
    fits = matrix.shape == (len(rates), len(rates)) and len(labels) == len(rates) > 0
    if not fits or min(rates.min(), matrix.min()) < 0 or min(sizes) <= 0:
        raise InputError(
            f"`branching` is {matrix.tolist()} with {len(rates)} rates in `background` and "
            f"{len(labels)} names, and lengths of {list(sizes)}; expected a square matrix of their "
            "size, no negative value, and lengths over 0. Correct the one that differs."
        )
    radius = float(np.abs(np.linalg.eigvals(matrix)).max())
    if radius >= 1:
        raise InputError(
            f"`branching` has the largest eigenvalue {radius:.3g}; expected below 1, or the "
            "process explodes. Lower its values."
        )
    return rates, matrix, labels


def _table(
    times: Array, kinds: Integers, labels: list[str], by: str, start: str | pd.Timestamp
) -> pd.DataFrame:
    date = pd.Timestamp(start) + pd.to_timedelta(times, unit="D").as_unit("us")
    return pd.DataFrame({"date": date, by: np.asarray(labels, dtype=object)[kinds]})


def _thin(
    rates: Array, branching: Array, decay: float, days: float, rng: np.random.Generator
) -> Events:
    """Draw a process by thinning (Ogata 1981): candidates at the intensity, kept as it falls."""
    times: list[float] = []
    kinds: list[int] = []
    excited = np.zeros(len(rates))  # intensity above the background, by target
    ceiling, at = float(rates.sum()), 0.0
    while ceiling > 0:
        gap = rng.exponential(1 / ceiling)
        at += gap
        if at >= days:
            break
        excited *= np.exp(-decay * gap)
        reach = np.cumsum(rates + excited)
        mark = rng.uniform(0, ceiling)
        if mark < reach[-1]:
            kind = int(np.searchsorted(reach, mark, side="right"))
            times.append(at)
            kinds.append(kind)
            excited += branching[:, kind] * decay
            if len(times) > _MOST_EVENTS:
                raise _too_many(days)
        ceiling = float(rates.sum() + excited.sum())
    return Events(np.array(times), np.array(kinds, dtype=np.int64), len(rates), days)


@dataclass(frozen=True)
class _Marks:
    """Marks that incidents may get, and what follows each over what follows on average."""

    values: Array
    weights: Array

    @classmethod
    def of(cls, marks: Sequence[float] | None, factor: float) -> Self:
        values = np.zeros(1) if marks is None else np.asarray(marks, dtype=np.float64)
        if not len(values) or not (values >= 0).all() or not factor > 0:
            raise InputError(
                f"`marks` has {int((~(values >= 0)).sum())} of {len(values)} that are missing or "
                f"negative, and `mark_factor` is {factor}; expected marks of 0 or more and a "
                "positive factor. Correct them."
            )
        weights = factor ** np.log2(1 + values)
        return cls(values, weights / weights.mean())


def _cluster(
    rates: Array,
    branching: Array,
    delay: Delay,
    days: float,
    rng: np.random.Generator,
    around: tuple[Window, float] | None = None,
    marks: _Marks | None = None,
    rate: Callable[[Array, Array], Array] | None = None,
) -> tuple[Array, Integers, Array]:
    """Draw times, kinds, x, y, marks by generations (Hawkes and Oakes 1974), in order of time."""
    count, given = len(rates), marks or _Marks.of(None, 1.0)
    kinds = np.repeat(np.arange(count), rng.poisson(rates * days))
    times = rng.uniform(0, days, len(kinds))
    place = np.zeros((len(kinds), 2))
    if around is not None:
        for kind, shape in enumerate(around[0].shapes):
            own = kinds == kind
            place[own] = _points_inside(shape, int(own.sum()), rng)
    if rate is not None:
        kept = rng.random(len(times)) < rate(times, place)
        times, kinds, place = times[kept], kinds[kept], place[kept]
    generations, total = [], 0
    while True:
        mark = (
            rng.integers(0, len(given.values), len(times)) if marks else np.zeros(len(times), int)
        )
        generations.append((times, kinds, np.column_stack([place, given.values[mark]])))
        total += len(times)
        if total > _MOST_EVENTS:
            raise _too_many(days)
        if not len(times):
            break
        parents, targets = np.indices((len(times), count)).reshape(2, -1)
        follow = rng.poisson(branching[targets, kinds[parents]] * given.weights[mark[parents]])
        parents, kinds = np.repeat(parents, follow), np.repeat(targets, follow)
        times, place = times[parents] + delay.draw(len(parents), rng), place[parents]
        kept = times < days
        if around is not None:
            place = place + rng.normal(0, around[1], place.shape)
            kept &= around[0].holds(place[:, 0], place[:, 1], kinds)
        times, kinds, place = times[kept], kinds[kept], place[kept]
    times, kinds, place = (np.concatenate(parts) for parts in zip(*generations, strict=True))
    order = np.argsort(times, kind="stable")
    return times[order], kinds[order].astype(np.int64), place[order]


def _points_inside(shape: Any, size: int, rng: np.random.Generator) -> Array:
    """Draw points evenly over a shape."""
    shapely.prepare(shape)
    points = np.empty((0, 2))
    while len(points) < size:
        drawn = rng.uniform(shape.bounds[:2], shape.bounds[2:], (2 * size + 16, 2))
        points = np.vstack([points, drawn[shapely.contains_xy(shape, *drawn.T)]])
    return points[:size]


def _too_many(days: float) -> InputError:
    return InputError(
        f"`days` of {days:g} gives over {_MOST_EVENTS:,} events; expected fewer. "
        "Simulate a shorter time or lower rates."
    )
