"""Backgrounds of Hawkes processes that follow covariates, in time or on the ground."""

from dataclasses import dataclass, replace
from typing import Final, Self, TypeAlias

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from sahel_geo.crs import to_equal_area
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.indicators.hawkes.likelihood import Array, Optimum, maximise
from sahel_geo.indicators.hawkes.model import Events, ModelT, TimeModel
from sahel_geo.indicators.hawkes.window import Window

Pieces = npt.NDArray[np.intp]

_ROUNDS: Final = 60
_STEADY: Final = 1e-5  # change of the probability to belong to the background, round to round
_Z: Final = 1.959963984540054  # of 95 %

_ERROR: Final = 0.02  # of the area, by which units may miss the window or overlap


@dataclass(frozen=True)
class Loglinear:
    """A rate over pieces of time or of land, whose logarithm is linear in covariates."""

    sizes: Array  # (s,) days or km² of each piece
    values: Array  # (s, 1 + q) a one, and the covariates less their mean

    @classmethod
    def of(cls, sizes: Array, numbers: Array) -> Self:
        """Centre covariates (s, q), which must vary."""
        values = numbers - np.average(numbers, axis=0, weights=sizes)
        if (np.ptp(values[sizes > 0], axis=0) == 0).any():
            raise InputError(
                "`covariates` has a column that never changes over the time observed, or over the "
                "land; expected one that does. Leave it out."
            )
        return cls(sizes, np.column_stack([np.ones(len(values)), values]))

    def fit(self, piece: Pieces, weights: Array) -> Array:
        """Fit the logarithm of a rate to weighted incidents, by Newton's method; (1 + q,)."""
        counts = np.bincount(piece, weights=weights, minlength=len(self.values))
        beta = np.zeros(self.values.shape[1])
        beta[0] = np.log(max(counts.sum(), 1e-9) / self.sizes.sum())
        for _ in range(50):
            rate = self.sizes * np.exp(np.clip(self.values @ beta, -50, 50))
            bend = (self.values * rate[:, None]).T @ self.values
            move = np.linalg.solve(
                bend + 1e-12 * np.eye(len(beta)), self.values.T @ (counts - rate)
            )
            beta = beta + np.clip(move, -2, 2)
            if np.abs(move).max() < 1e-10:
                break
        return np.asarray(beta)

    def shape(self, beta: Array) -> Array:
        """Give the rate in each piece, of mean 1 over all."""
        rate = np.exp(self.values @ np.r_[0.0, beta[1:]])
        return np.asarray(rate * self.sizes.sum() / (rate @ self.sizes))

    def errors(self, piece: Pieces, weights: Array, beta: Array) -> Array:
        """Give the standard errors, what follows incidents being taken as known; (1 + q,)."""
        rate = self.sizes * np.exp(self.values @ beta)
        lost = np.bincount(piece, weights=weights * (1 - weights), minlength=len(rate))
        seen = (self.values * (rate - lost)[:, None]).T @ self.values
        variance = np.diag(np.linalg.pinv(seen))
        return np.sqrt(np.where(variance > 0, variance, np.nan))


def _numbers(table: pd.DataFrame, column: str, kind: str) -> tuple[tuple[str, ...], Array]:
    """Take the columns of numbers beside that of dates or polygons, with their names."""
    numbers = pd.DataFrame(table).drop(columns=column, errors="ignore").select_dtypes("number")
    if column not in table or not len(numbers.columns) or numbers.isna().any(axis=None):
        raise InputError(
            f"`covariates` has the columns {first_offenders(table.columns)} and "
            f"{int(numbers.isna().sum().sum())} missing numbers; expected {kind} and a number in "
            "each row for each covariate. Complete it."
        )
    return tuple(map(str, numbers.columns)), numbers.to_numpy(dtype=np.float64)


@dataclass(frozen=True)
class Steps:
    """Covariates that hold from one date to the next."""

    ends: Array  # (s + 1,) days since the start at which a step begins, and the end of the last
    law: Loglinear  # of the background, by step
    names: tuple[str, ...]  # of the covariates

    @classmethod
    def of(cls, table: pd.DataFrame, first: pd.Timestamp, days: float) -> Self:
        """Read a table with a date and numbers, each row of which holds until the next."""
        names, numbers = _numbers(table, "date", "a date")
        date = pd.to_datetime(table["date"])
        order = np.argsort(date.to_numpy(), kind="stable")
        at = ((date - first) / pd.Timedelta(days=1)).to_numpy(dtype=np.float64)[order]
        if not len(at) or not at[0] <= 0 or (np.diff(at) <= 0).any():
            raise InputError(
                f"`covariates` begins {at[:1].tolist()} days after the first day, {first:%Y-%m-%d},"
                " or repeats a date; expected one row for each date, from that day on or before. "
                "Add the rows before, or pass start=."
            )
        last = np.flatnonzero(at <= 0)[-1]
        kept = np.arange(last, int((at < days).sum()))
        ends = np.r_[0.0, at[kept[1:]], days]
        return cls(ends, Loglinear.of(np.diff(ends), numbers[order][kept]), names)

    def pieces(self, events: Events, kind: int) -> tuple[Loglinear, Pieces]:
        """Give the law, and the step in which each incident of a type lies."""
        return self.law, self._step(events.times[events.members[kind]])

    def background(self, events: Events, kind: int, beta: Array) -> tuple[Array, Array]:
        """Give the background at the incidents of a type, of mean 1, and its integral until."""
        return self.at(events.times[events.members[kind]], beta)

    def at(self, times: Array, beta: Array) -> tuple[Array, Array]:
        """Give the background at some times, of mean 1 over the time, and its integral until."""
        rate, step = self.law.shape(beta), self._step(times)
        whole = np.r_[0.0, np.cumsum(rate * self.law.sizes)]
        return rate[step], whole[step] + rate[step] * (times - self.ends[step])

    def _step(self, times: Array) -> Pieces:
        last = len(self.law.sizes) - 1
        return np.clip(np.searchsorted(self.ends, times, side="right") - 1, 0, last)


@dataclass(frozen=True)
class Ground:
    """Covariates that hold inside polygons."""

    laws: tuple[Loglinear, ...]  # of the background of each type, by polygon
    piece: Pieces  # (n,) polygon of each incident
    names: tuple[str, ...]  # of the covariates

    @classmethod
    def of(cls, covariates: gpd.GeoDataFrame, area: Window, x: Array, y: Array) -> Self:
        """Measure each polygon (km) inside each type's window, and find that of each incident."""
        plane = to_equal_area(covariates, "covariates").geometry.scale(1e-3, 1e-3, origin=(0, 0))
        names, values = _numbers(covariates, covariates.geometry.name, "polygons")
        models = dict[int, Loglinear]()
        for shape in area.shapes:
            if id(shape) not in models:
                sizes = np.asarray(shapely.area(shapely.intersection(plane.to_numpy(), shape)))
                filled = float(sizes.sum() / shape.area)
                if abs(filled - 1) > _ERROR:
                    raise InputError(
                        f"`covariates` has polygons that fill {filled:.3f} of the window; expected "
                        "all of it, once. Complete them, take out those that overlap, or pass "
                        "window= with what they fill."
                    )
                models[id(shape)] = Loglinear.of(sizes, values)
        piece = np.asarray(shapely.STRtree(plane.to_numpy()).nearest(shapely.points(x, y)))
        return cls(tuple(models[id(shape)] for shape in area.shapes), piece, names)

    def pieces(self, events: Events, kind: int) -> tuple[Loglinear, Pieces]:
        """Give the law of a type, and the polygon in which each of its incidents lies."""
        return self.laws[kind], self.piece[events.members[kind]]

    def background(self, events: Events, kind: int, beta: Array) -> tuple[Array, Array]:
        """Give the density of the background at the incidents of a type, and their times."""
        law, piece = self.pieces(events, kind)
        return law.shape(beta)[piece] / law.sizes.sum(), events.times[events.members[kind]]


Covariates: TypeAlias = Steps | Ground  # what the background of each type follows


def check_background(
    background_days: float | None, window_days: float | None, covariates: pd.DataFrame | None
) -> None:
    """Refuse a background that is smoothed in time and follows covariates too."""
    if window_days is not None and not 0 < window_days < np.inf:
        raise InputError(
            f"`window_days` is {window_days}; expected more than 0. Leave it out for no window."
        )
    if covariates is not None and background_days is not None:
        raise InputError(
            f"`covariates` and `background_days` ({background_days}) are both given; expected one, "
            "since a smoothed background leaves covariates nothing. Leave one out."
        )


def with_covariates(model: ModelT, covariates: Covariates, weights: Array) -> ModelT:
    """Fit the background of each type to its incidents, by their probability to belong to it."""
    background, passed = np.empty(len(weights)), np.empty(len(weights))
    for kind, own in enumerate(model.events.members):
        law, piece = covariates.pieces(model.events, kind)
        beta = law.fit(piece, weights[own])
        background[own], passed[own] = covariates.background(model.events, kind, beta)
    return replace(model, background=background, passed=passed)


def maximise_with(model: ModelT, covariates: Covariates) -> tuple[ModelT, Optimum]:
    """Fit background and what follows in turns, until they agree (expectation-maximisation)."""
    weights = np.ones(len(model.events.times))
    starts, step = model.starts(), 0.3
    for _ in range(_ROUNDS):
        model = with_covariates(model, covariates, weights)
        best = maximise(model, starts, step=step, precision=1e-4)
        before = weights
        weights = best.design.background_probability(best.parts, model.events.members)
        if abs(weights - before).mean() < _STEADY:
            break
        starts, step = [best.kernel], 0.02
    return model, best


def coefficients(
    model: TimeModel, covariates: Covariates, best: Optimum, names: pd.Index
) -> pd.DataFrame:
    """Tabulate by how much each covariate multiplies the background of each type."""
    weights = best.design.background_probability(best.parts, model.events.members)
    rows = []
    for kind, (name, own) in enumerate(zip(names, model.events.members, strict=True)):
        law, piece = covariates.pieces(model.events, kind)
        beta = law.fit(piece, weights[own])
        error = law.errors(piece, weights[own], beta)
        rows += [
            {
                str(names.name): name,
                "covariate": covariate,
                "rate_ratio": np.exp(beta[at]),
                "standard_error": error[at],
                "lower": np.exp(beta[at] - _Z * error[at]),
                "upper": np.exp(beta[at] + _Z * error[at]),
            }
            for at, covariate in enumerate(covariates.names, start=1)
        ]
    return pd.DataFrame(rows)
