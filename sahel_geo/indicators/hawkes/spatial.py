"""Whether incidents are followed by others near them, at home and across a border.

A Hawkes process in time and space: what follows an incident comes after a delay and falls around
its place.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Final, Self

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.arrays import Integers, Positions
from sahel_geo.compiled import compiled, over_chunks
from sahel_geo.errors import InputError, require_choice
from sahel_geo.indicators.hawkes.background import (
    Smoother,
    share_of_time,
    smoothed_again,
    take_turns,
)
from sahel_geo.indicators.hawkes.covariates import (
    Ground,
    check_background,
    coefficients,
    maximise_with,
)
from sahel_geo.indicators.hawkes.likelihood import Array, Design, Optimum
from sahel_geo.indicators.hawkes.model import (
    CUT,
    KERNELS,
    Delay,
    Events,
    Kernel,
    TimeModel,
    doublings_of,
    longest_delay,
    read_events,
    require_enough,
)
from sahel_geo.indicators.hawkes.profile import with_profile
from sahel_geo.indicators.hawkes.result import SpatialHawkesFit, beside_shifts, summarise
from sahel_geo.indicators.hawkes.window import Shares, Window
from sahel_geo.locate.assign.assign import coordinates
from sahel_geo.projection import project

_MOST_KM: Final = 500.0
_STARTS: Final = [(days, km) for days in (2.0, 8.0, 32.0) for km in (10.0, 40.0)]
_LATE: Final = [(days, km) for days in (128.0, 512.0) for km in (10.0, 40.0)]
_CHUNK: Final = 4096  # incidents; fewer are done before a second thread has begun
_FAR_CUT: Final = 36.0  # at which truncation is checked


@compiled()
def _near(  # noqa: C901  one loop over pairs
    x: Array, y: Array, times: Array, kinds: Integers, start: Integers, cells: Integers,
    columns: int, weights: Array, per_day: Array, law: tuple[bool, float, float, float],
    first: int, last: int, sums: Array,
) -> None:  # fmt: skip
    """Sum weight * kernel over earlier incidents nearby; they lie by cell, then by time.

    Weights (n, k) and sums (k, n, m) are of kernels of one width, per_day (k,), that share `law`.
    """
    gaussian, per_km2, cut, window = law
    reach = cut / per_day.min()
    reach = min(math.sqrt(reach) if gaussian else reach, window)
    begin, here = np.zeros(9, np.int64), -1
    for i in range(first, last):
        if cells[i] != here:  # the events of a cell lie by time: what is too old stays too old
            here = cells[i]
            for offset in range(9):
                begin[offset] = start[here + (offset // 3 - 1) * columns + offset % 3 - 1]
        for offset in range(9):
            low, high = begin[offset], start[here + (offset // 3 - 1) * columns + offset % 3]
            while low < high and times[low] < times[i] - reach:
                low += 1
            begin[offset] = low
            for j in range(low, high):
                age = times[i] - times[j]
                if age <= 0.0:
                    break
                east, north = x[i] - x[j], y[i] - y[j]
                away = (east * east + north * north) * per_km2
                if away < cut:
                    for k in range(len(per_day)):
                        fall = (age * age if gaussian else age) * per_day[k] + away
                        if fall < cut:
                            sums[k, i, kinds[j]] += weights[j, k] * math.exp(-fall)


@dataclass(frozen=True)
class _Laid:
    """Events by cell, then by time: x, y, times, kinds, where each cell begins, and cells."""

    order: Integers
    columns: int
    arrays: tuple[Array | Integers, ...]

    @classmethod
    def of(cls, x: Array, y: Array, events: Events, reach: float) -> Self:
        """Lay events, shape (n,), into cells as wide as the kernel reaches."""
        column = ((x - x.min()) // reach).astype(np.int64) + 1
        row = ((y - y.min()) // reach).astype(np.int64) + 1
        columns = int(column.max()) + 2
        cell = row * columns + column
        order = np.argsort(cell, kind="stable")
        cells = cell[order]
        start = np.searchsorted(cells, np.arange((int(row.max()) + 2) * columns + 1))
        parts = (part[order] for part in (x, y, events.times, events.kinds))
        return cls(order, columns, (*parts, start, cells))


@dataclass(frozen=True)
class PlaceModel(TimeModel):
    """A process in time and space: ``background`` per km² too, the rest as :class:`TimeModel`."""

    # x, y: (n,) km in the equal-area projection
    x: Array
    y: Array
    inside: Shares  # of the kernels around the events
    bounds_km: tuple[float, float]  # least and greatest sigma

    @property
    def bounds(self) -> Array:
        """Least and greatest logarithm of mean delay, sigma, and the factor of marks, (d, 2)."""
        days, *factor = super().bounds
        return np.vstack([days, np.log(self.bounds_km), *factor])

    @property
    def parameters(self) -> list[str]:
        """Names of the parameters of the kernels."""
        days, *factor = super().parameters
        return [days, "sigma_km", *factor]

    def starts(self) -> list[Array]:
        """Kernels from which to begin."""
        low, high = self.bounds[:2].T
        late = [at for at in np.log(_LATE) if at[0] < high[0]]
        return self.with_factors([np.clip(at, low, high) for at in [*np.log(_STARTS), *late]])

    def moved(self, times: Array) -> Self:
        """Put the events at other times, their places and background with them."""
        order = np.argsort(times, kind="stable")
        inside = replace(self.inside, order=order)
        return replace(super().moved(times), x=self.x[order], y=self.y[order], inside=inside)

    def sigma_km(self, kernel: Array) -> float:
        """Read sigma from its logarithm, kernel having shape (d,)."""
        return math.exp(kernel[1])

    def sums(
        self, delays: Sequence[Delay], sigma_km: float, weights: Array, cut: float = CUT
    ) -> Array:
        """Sum kernels of one width over earlier incidents nearby by `weights` (n, k): (k, n, m)."""
        laid = self._laid(sigma_km * math.sqrt(2 * cut))
        gaussian = self.kernel == "gaussian"
        per_day = np.array(
            [1 / (2 * each.spread_days**2) if gaussian else 1 / each.mean_days for each in delays]
        )
        sums_by_cell = np.zeros((len(delays), len(self.x), self.events.count))
        law = gaussian, 1 / (2 * sigma_km**2), cut, self.window_days
        given = (laid.columns, weights[laid.order], per_day, law)

        def work(part: slice) -> None:
            _near(*laid.arrays, *given, part.start, part.stop, sums_by_cell)

        over_chunks(work, len(self.x), _CHUNK)
        sums = np.empty_like(sums_by_cell)
        sums[:, laid.order] = sums_by_cell
        peaks = np.array([each.peak for each in delays])
        return sums * (peaks[:, None, None] / (2 * math.pi * sigma_km**2))

    def _laid(self, reach: float) -> _Laid:
        """Lay the events into cells; kernels of one width share them."""
        if reach not in self._layouts:
            self._layouts[reach] = _Laid.of(self.x, self.y, self.events, reach)
        return self._layouts[reach]

    @cached_property
    def _layouts(self) -> dict[float, _Laid]:
        return {}

    def design(self, kernel: Array) -> Design:
        """Evaluate the kernels (d,): logarithms of mean delay (days), sigma (km) and factor."""
        return self.designs([kernel])[0]

    def designs(self, kernels: Sequence[Array]) -> list[Design]:
        """Evaluate several kernels; those of one width look for the incidents nearby together."""
        by_place: dict[int, Design] = {}
        for width in {float(kernel[1]): None for kernel in kernels}:
            places = [at for at, kernel in enumerate(kernels) if kernel[1] == width]
            delays = [self.delay(kernels[at]) for at in places]
            weights = [self.weights(kernels[at]) for at in places]
            sigma_km = self.sigma_km(kernels[places[0]])
            sums = self.sums(delays, sigma_km, np.column_stack(weights))
            share = self.inside.at(sigma_km)
            for at, delay, weight, each in zip(places, delays, weights, sums, strict=True):
                by_place[at] = self._design(delay, share * weight, each)
        return [by_place[at] for at in range(len(kernels))]

    def _design(self, delay: Delay, inside: Array, sums: Array) -> Design:
        events, kind = self.events, self.events.indicator
        reached = (inside * delay.reached(events.days - events.times)) @ kind
        exposure = np.column_stack([np.full(events.count, events.days), reached])
        return Design.of(self.table(sums), events.ends, exposure, inside @ kind / events.numbers)

    def seen(self, kernel: Array, kind: int) -> Array:
        """Give what of a type follows each event where the type can be, (n,)."""
        return np.asarray(self.weights(kernel) * self.inside.at(self.sigma_km(kernel))[kind])

    def truncation_error(self, best: Optimum) -> float:
        """Bound what the pairs that were left out could add to the log-likelihood."""
        events, delay = self.events, self.delay(best.kernel)
        sigma_km = self.sigma_km(best.kernel)
        weights = self.weights(best.kernel)
        sums = self.sums([delay], sigma_km, weights[:, None], _FAR_CUT)[0]
        most = math.exp(-_FAR_CUT) * delay.peak / (2 * math.pi * sigma_km**2)
        sums += most * np.cumsum(weights[:, None] * events.indicator, axis=0)  # all that is farther
        total = 0.0
        for kind, own in enumerate(events.members):
            row, part = best.design.rows[kind], best.parts[kind]
            seen = np.maximum(best.design.exposure[kind, 1:], 1e-300)
            whole = row[:, 0] * part[0] + sums[own] @ (part[1:] / seen)
            total += float(np.log(whole / (row @ part)).sum())
        return total


def fit_spatial(
    incidents: pd.DataFrame,
    *,
    by: str = "country",
    window: gpd.GeoDataFrame | None = None,
    kernel: Kernel = "exponential",
    background_km: float = 100.0,
    background_days: float | None = None,
    least_km: float = 5.0,
    marks: str | None = None,
    window_days: float | None = None,
    covariates: gpd.GeoDataFrame | None = None,
    start: str | pd.Timestamp | None = None,
    end: str | pd.Timestamp | None = None,
    shifts: int = 0,
    within: Sequence[str] = ("year", "month"),
    rng: np.random.Generator | int | None = None,
) -> SpatialHawkesFit:
    """Measure how many incidents of each type follow nearby those of each other type.

    An incident raises the rate of others after it and around it, at home and abroad, above a
    background that differs from place to place. Unlike
    :func:`sahel_geo.hawkes.fit` it does not take two incidents a thousand kilometres apart for one
    following the other. An offensive that moves a whole area still looks like following.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Columns ``date``, ``lon``, ``lat`` (EPSG:4326) and `by`.
    by : str
        Column that tells the types apart, such as ``"country"`` or ``"actor1"``.
    window : GeoDataFrame, optional
        Polygons (EPSG:4326) in which incidents were observed, such as
        ``sg.load_boundaries(level=0)``. With a column `by`, incidents of a type fall only into its
        own polygons, as those of a country do. By default the rectangle around the incidents.
    kernel : {"exponential", "gaussian"}
        Law of the delays, as in :func:`sahel_geo.hawkes.fit`; places are Gaussian.
    background_km : float
        Width of the Gaussian with which the background is smoothed. The smaller, the more of what
        clusters at one place counts as a lasting background.
    background_days : float, optional
        Let the background change in time as well, as in :func:`sahel_geo.hawkes.fit`.
    least_km : float
        Least width of what follows. Incidents coded to one place are not known to be nearer to each
        other than the coding is exact, and would pull the width to 0.
    marks, window_days
        As in :func:`sahel_geo.hawkes.fit`: a column such as ``"fatalities_best"`` by which more or
        less follows an incident, and the days after which nothing follows.
    covariates : GeoDataFrame, optional
        Polygons (EPSG:4326) that fill the window, with a number for each covariate, such as
        people per km²: they multiply the background of each type, by factors that are estimated
        (``covariates``), and take the place of smoothing. Not together with `background_days`.
        Without `window` they are it.
    start, end : date, optional
        Time observed, `start` included and `end` not; by default from the day of the first incident
        to the day after the last.
    shifts, within, rng
        As in :func:`sahel_geo.hawkes.fit`.

    Returns
    -------
    SpatialHawkesFit
        With a single type there is nothing to follow from others: that share is missing.

    Raises
    ------
    InputError
        As :func:`sahel_geo.hawkes.fit`; or if a setting is not positive, the window lacks a type,
        `covariates` does not fill it, or all incidents are at one place.

    Notes
    -----
    Distances are taken in the equal-area projection of the package, km. What follows and falls
    outside the window is not observed and not expected: the expected number counts the share of
    each kernel inside (on a grid of 400,000 cells). The background of a type is the smoothed
    density of its own incidents, each weighted by the probability that it followed no other and
    left out at its own place, with the kernel's share inside (Diggle 1985) and one incident spread
    evenly over the window; weights and fit take turns until they agree (Zhuang, Ogata and
    Vere-Jones 2002). Everything else is maximum likelihood. Pairs whose kernel is below 1.5e-8 of
    its peak are left out. Intervals take the shape of the background as known.

    References
    ----------
    Marsan, D. and Lengliné, O. (2008). Extending earthquakes' reach through cascading. Science 319,
    1076-1079. Mohler, G. O. et al. (2011). Self-exciting point process modeling of crime. JASA 106,
    100-108. Veen, A. and Schoenberg, F. P. (2008). JASA 103, 614-624. Zhuang, J., Ogata, Y. and
    Vere-Jones, D. (2002). Stochastic declustering of space-time earthquake occurrences. JASA 97,
    369-380. Diggle, P. (1985). Applied Statistics 34, 138-147.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> land = sg.load_boundaries(level=0, countries=["BFA"])
    >>> incidents = sg.hawkes.simulate_spatial(
    ...     [0.5], [[0.5]], mean_days=5, sigma_km=15, days=400, window=land, rng=1)
    >>> result = sg.hawkes.fit_spatial(incidents, window=land.drop(columns="country"))
    >>> bool(result.table.loc[0, "lower"] < 0.5 < result.table.loc[0, "upper"])
    True
    """
    require_choice("kernel", kernel, KERNELS)
    check_background(background_days, window_days, covariates)
    if not (background_km > 0 and 0.5 <= least_km < _MOST_KM):
        raise InputError(
            f"`background_km` is {background_km} and `least_km` {least_km}; expected more than 0, "
            f"and from 0.5 to {_MOST_KM:g}. Correct the setting."
        )
    spread = None if rng is None else np.random.default_rng(rng)
    window = window if covariates is None or window is not None else covariates[["geometry"]]
    events, names, rows, first, area, x, y = _observed(incidents, by, window, (start, end), spread)
    widths = _widths_km(x, y, least_km, background_km)
    model = PlaceModel(
        events, kernel, longest_delay(events.days, background_days), np.ones(len(x)), events.times,
        x, y, area.shares(x, y), widths,
        window_days=math.inf if window_days is None else window_days,
        doublings=None if marks is None else doublings_of(incidents, marks, rows),
    )  # fmt: skip
    smoothers = partial(_smoothers, area=area, background_km=background_km, days=background_days)
    ground = None if covariates is None else Ground.of(covariates, area, x, y)
    if ground is not None:
        model, best = maximise_with(model, ground)
    else:
        model, best = take_turns(model, smoothers(model), model.starts(), background_days)
    best, profile = with_profile(model, best, smoothed=True)
    summary = summarise(model, best, profile, names)
    summary["table"]["inside"] = best.design.inside.ravel()
    shifted = beside_shifts(
        model, best, first, within=within, shifts=shifts, rng=spread,
        smooth=None if background_days is None
        else lambda moved, weights: smoothed_again(moved, smoothers(moved), weights),
    )  # fmt: skip
    return SpatialHawkesFit(
        **summary,
        covariates=None if ground is None else coefficients(model, ground, best, names),
        shifted=shifted,
        left_out=len(incidents) - len(x),
        sigma_km=float(summary["kernel"].loc["sigma_km", "estimate"]),
        background_km=math.nan if ground is not None else background_km,
        truncation_error=model.truncation_error(best),
    )


def _observed(
    incidents: pd.DataFrame,
    by: str,
    window: gpd.GeoDataFrame | None,
    span: tuple[str | pd.Timestamp | None, str | pd.Timestamp | None],
    rng: np.random.Generator | None,
) -> tuple[Events, pd.Index, Positions, pd.Timestamp, Window, Array, Array]:
    """Read the events inside the window of their type, with this window and their places, km."""
    place = np.stack(coordinates(incidents))
    located = np.flatnonzero(np.isfinite(place).all(axis=0))
    events, names, rows, first = read_events(incidents.iloc[located], by, span, rng)
    rows = located[rows]
    x, y = (part / 1e3 for part in project(*place[:, rows]))
    area = Window.around(x, y, len(names)) if window is None else Window.of(window, names, by)
    inside = area.holds(x, y, events.kinds)
    require_enough(np.bincount(events.kinds[inside], minlength=len(names)), names)
    events = replace(events, times=events.times[inside], kinds=events.kinds[inside])
    return events, names, rows[inside], first, area, x[inside], y[inside]


def _widths_km(x: Array, y: Array, least_km: float, background_km: float) -> tuple[float, float]:
    """Give the least and the largest width of what follows."""
    extent = max(np.ptp(x), np.ptp(y))
    if extent < 4 * least_km:
        raise InputError(
            "`incidents` span {extent:g} km; expected at least four times least_km, {least_km:g}: "
            "at one place nothing tells how far what follows reaches. Use sg.hawkes.fit.",
            extent=extent,
            least_km=least_km,
        )
    return least_km, max(min(extent / 4, background_km), 2 * least_km)


def _smoothers(
    model: PlaceModel, area: Window, background_km: float, days: float | None
) -> list[Smoother]:
    events, widths = model.events, [background_km, background_km]
    axes, share = [model.x, model.y], model.inside.at(background_km)
    if days is not None:
        axes, widths = [*axes, events.times], [*widths, days]
        share = share * share_of_time(events.times, events.days, days)
    span = 1.0 if days is None else events.days
    volume = area.areas_km2 * span
    return [
        Smoother.of([axis[own] for axis in axes], widths, share[kind, own], volume[kind], span)
        for kind, own in enumerate(events.members)
    ]
