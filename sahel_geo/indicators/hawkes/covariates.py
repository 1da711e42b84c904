"""Backgrounds of Hawkes processes that follow covariates in time: rain, seasons, campaigns."""

from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.indicators.hawkes.likelihood import Array, Optimum, maximise
from sahel_geo.indicators.hawkes.model import TimeModel

_ROUNDS: Final = 60
_STEADY: Final = 1e-5  # change of the probability to belong to the background, round to round
_Z: Final = 1.959963984540054  # of 95 %


@dataclass(frozen=True)
class Steps:
    """Covariates that hold from one date to the next.

    Attributes
    ----------
    ends : ndarray of float, shape (s + 1,)
        Days since the start at which a step begins, and the end of the last.
    values : ndarray of float, shape (s, 1 + q)
        A one, and the covariates less their mean over the time.
    names : tuple of q str
        Of the covariates.
    """

    ends: Array
    values: Array
    names: tuple[str, ...]

    @classmethod
    def of(cls, table: pd.DataFrame, first: pd.Timestamp, days: float) -> Self:
        """Read a table with a date and numbers, each row of which holds until the next."""
        numbers = pd.DataFrame(table).drop(columns="date", errors="ignore").select_dtypes("number")
        if "date" not in table or not len(numbers.columns) or numbers.isna().any(axis=None):
            raise InputError(
                f"`covariates` has the columns {first_offenders(table.columns)} and "
                f"{int(numbers.isna().sum().sum())} missing numbers; expected a date and a number "
                "in each row for each covariate. Complete it.",
            )
        date = pd.to_datetime(table["date"])
        order = np.argsort(date.to_numpy(), kind="stable")
        at = ((date - first) / pd.Timedelta(days=1)).to_numpy(dtype=np.float64)[order]
        if not len(at) or not at[0] <= 0 or (np.diff(at) <= 0).any():
            raise InputError(
                f"`covariates` begins {at[:1].tolist()} days after the first day, {first:%Y-%m-%d},"
                " or repeats a date; expected one row for each date, from that day on or before. "
                "Add the rows before, or pass start=.",
            )
        last = np.flatnonzero(at <= 0)[-1]
        kept = np.arange(last, int((at < days).sum()))
        ends = np.r_[0.0, at[kept[1:]], days]
        values = numbers.to_numpy(dtype=np.float64)[order][kept]
        values = values - np.average(values, axis=0, weights=np.diff(ends))
        if (np.ptp(values, axis=0) == 0).any():
            raise InputError(
                "`covariates` has a column that never changes over the time observed; expected "
                "one that does. Leave it out.",
            )
        names = tuple(str(name) for name in numbers.columns)
        return cls(ends, np.column_stack([np.ones(len(values)), values]), names)

    def fit(self, times: Array, weights: Array) -> Array:
        """Fit the logarithm of a rate to weighted incidents, by Newton's method; (1 + q,)."""
        counts = np.bincount(self._step(times), weights=weights, minlength=len(self.values))
        lengths = np.diff(self.ends)
        beta = np.zeros(self.values.shape[1])
        beta[0] = np.log(max(counts.sum(), 1e-9) / lengths.sum())
        for _ in range(50):
            rate = lengths * np.exp(np.clip(self.values @ beta, -50, 50))
            bend = (self.values * rate[:, None]).T @ self.values
            move = np.linalg.solve(
                bend + 1e-12 * np.eye(len(beta)), self.values.T @ (counts - rate)
            )
            beta = beta + np.clip(move, -2, 2)
            if np.abs(move).max() < 1e-10:
                break
        return np.asarray(beta)

    def background(self, times: Array, beta: Array) -> tuple[Array, Array]:
        """Give the background at some times, of mean 1 over the time, and its integral until."""
        rate = np.exp(self.values @ np.r_[0.0, beta[1:]])
        whole = np.r_[0.0, np.cumsum(rate * np.diff(self.ends))]
        scale = self.ends[-1] / whole[-1]
        step = self._step(times)
        passed = whole[step] + rate[step] * (times - self.ends[step])
        return rate[step] * scale, passed * scale

    def errors(self, times: Array, weights: Array, beta: Array) -> Array:
        """Give the standard errors, what follows incidents being taken as known; (1 + q,)."""
        step, lengths = self._step(times), np.diff(self.ends)
        rate = lengths * np.exp(self.values @ beta)
        lost = np.bincount(step, weights=weights * (1 - weights), minlength=len(lengths))
        seen = (self.values * (rate - lost)[:, None]).T @ self.values
        variance = np.diag(np.linalg.pinv(seen))
        return np.sqrt(np.where(variance > 0, variance, np.nan))

    def _step(self, times: Array) -> npt.NDArray[np.intp]:
        return np.clip(np.searchsorted(self.ends, times, side="right") - 1, 0, len(self.values) - 1)


def with_covariates(model: TimeModel, steps: Steps, weights: Array) -> TimeModel:
    """Fit the background of each type to its incidents, by their probability to belong to it."""
    background, passed = np.empty(len(weights)), np.empty(len(weights))
    for own in model.events.members:
        times = model.events.times[own]
        beta = steps.fit(times, weights[own])
        background[own], passed[own] = steps.background(times, beta)
    return replace(model, background=background, passed=passed)


def climb_with(model: TimeModel, steps: Steps) -> tuple[TimeModel, Optimum]:
    """Fit background and what follows in turns, until they agree (expectation-maximisation)."""
    weights = np.ones(len(model.events.times))
    starts, step = model.starts(), 0.3
    for _ in range(_ROUNDS):
        model = with_covariates(model, steps, weights)
        best = maximise(model, starts, step=step, precision=1e-4)
        before = weights
        weights = best.design.background_probability(best.parts, model.events.members)
        if abs(weights - before).mean() < _STEADY:
            break
        starts, step = [best.kernel], 0.02
    return model, best


def coefficients(model: TimeModel, steps: Steps, best: Optimum, names: pd.Index) -> pd.DataFrame:
    """Tabulate by how much each covariate multiplies the background of each type."""
    weights = best.design.background_probability(best.parts, model.events.members)
    rows = []
    for name, own in zip(names, model.events.members, strict=True):
        times = model.events.times[own]
        beta = steps.fit(times, weights[own])
        error = steps.errors(times, weights[own], beta)
        rows += [
            {
                str(names.name): name,
                "covariate": covariate,
                "rate_ratio": np.exp(beta[at]),
                "standard_error": error[at],
                "lower": np.exp(beta[at] - _Z * error[at]),
                "upper": np.exp(beta[at] + _Z * error[at]),
            }
            for at, covariate in enumerate(steps.names, start=1)
        ]
    return pd.DataFrame(rows)
