"""What each unit would count anyway: its own level of these months, and its country's season.

A test of whether two sides of a border keep time must not be told so by a trend or a season that
they share, nor by a war that moves slowly past both. All of these are in the level of a unit, which
is smoothed from its own counts alone, so that nothing of the other side enters. What departs from
the levels is then shifted, the history of one country against that of the other.
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import pandas as pd
import scipy

from sahel_geo.arrays import Floats, Integers
from sahel_geo.errors import InputError
from sahel_geo.indicators.permutation.country import Linked

_WIDTH_DAYS: Final = 90.0  # standard deviation of the kernel: what changes more slowly is level
_YEAR_DAYS: Final = 365.25
_KNOT_YEARS: Final = 1.5  # between the knots of a country's trend
_PRIOR: Final = 1.0  # periods that a unit's share of its country counts for in its level
_FLOOR: Final = 0.05  # of the unit's mean, in its variance: no score of a quiet time outweighs all
_FLOOR_MARKS: Final = 0.01
_MOST: Final = 6.0  # greatest score
_SURE: Final = 0.98  # greatest level of a mark of 0 or 1
_ROUNDS: Final = 50
_RIDGE: Final = 1e-3


@dataclass(frozen=True)
class Departures:
    """Figures by unit and period, each (n, t), beside their levels and how far they spread."""

    values: Floats
    levels: Floats
    spread: Floats

    @classmethod
    def of(
        cls, values: Floats, country: Integers, periods: pd.PeriodIndex, *, marks: bool = False
    ) -> Self:
        """Set counts, or marks of 0 or 1, beside their levels; a unit without any departs by 0."""
        if values.size and values.min() < 0:
            raise InputError(
                "`data` is negative for some units and periods; expected counts to set beside the "
                "level of each unit. Pass within= to shift figures as they are."
            )
        levels = _own_levels(values, country, periods)
        if marks:
            levels = np.minimum(levels, _SURE)
            variance = levels * (1 - levels)
        else:
            square = float((levels**2).sum())
            extra = float(((values - levels) ** 2 - levels).sum()) / square if square else 0.0
            variance = levels + max(extra, 0.0) * levels**2
        mean = values.mean(axis=1, keepdims=True) if values.size else values
        floor = _FLOOR_MARKS if marks else _FLOOR
        return cls(values, levels, np.sqrt(variance + floor * mean))

    @property
    def scores(self) -> Floats:
        """Departures in units of their spread, shape (n, t); NaN where all values are the same."""
        if not self.values.size or np.ptp(self.values) == 0:
            return np.full(self.values.shape, np.nan)
        apart = self.values - self.levels
        scores = np.divide(apart, self.spread, out=np.zeros_like(apart), where=self.spread > 0)
        return np.asarray(np.clip(scores, -_MOST, _MOST))

    @property
    def scaled(self) -> Floats:
        """Scores on the scale of the standardised figures, shape (n, t)."""
        return self.scores * (float(self.spread.mean()) / (float(self.values.std()) or 1.0))

    def during(self, steps: slice) -> Self:
        """Take some of the periods."""
        return type(self)(self.values[:, steps], self.levels[:, steps], self.spread[:, steps])

    def opposite(self) -> Self:
        """Take the marks of what was not marked."""
        return type(self)(1 - self.values, 1 - self.levels, self.spread)


def shifted_products(
    linked: Linked, x: Departures, y: Departures, *, permutations: int, seed: int
) -> Floats:
    """Add up w_ij x_it y_jt by kind of link, the departures of each country shifted in time.

    Levels stay, and so does what a departure on one side adds to the level of the other; only
    products of two departures are up to chance. Shape (permutations, c * c); links inside a country
    keep what was observed.
    """
    size, steps = len(linked.names), x.values.shape[1]
    row = np.repeat(np.arange(len(x.values)), np.diff(linked.matrix.indptr))
    column = linked.matrix.indices
    sums = np.tile(linked.sums(x.values, y.values), (permutations, 1))
    if not steps:
        return sums
    apart, scores = np.nan_to_num(x.scores) * x.spread, np.nan_to_num(y.scores)
    shift = np.random.default_rng(seed).integers(0, steps, (permutations, size))
    for code in np.unique(linked.code):
        first, second = divmod(int(code), size)
        if first == second:
            continue
        here = linked.code == code
        left = apart[row[here]] * y.spread[column[here]] * linked.matrix.data[here, None]
        waves = np.conj(np.fft.rfft(left, axis=1)) * np.fft.rfft(scores[column[here]], axis=1)
        by_shift = np.fft.irfft(waves.sum(axis=0), steps)
        drawn = by_shift[(shift[:, second] - shift[:, first]) % steps]
        sums[:, code] += drawn - by_shift[0]
    return sums


def _own_levels(values: Floats, country: Integers, periods: pd.PeriodIndex) -> Floats:
    """Expect the counts of each unit in each period from its other periods, shape (n, t).

    The mean of the unit's own counts in the months around, the period itself left out, times the
    season of its country; beside it, the unit's share of the trend of its country counts as one
    period.
    """
    levels = np.zeros_like(values)
    steps = values.shape[1]
    if not steps:
        return levels
    days = (periods.end_time - periods.start_time).days.to_numpy(dtype=np.float64).mean() + 1
    width = max(_WIDTH_DAYS / days, 1.0)
    fall = np.exp(-0.5 * (np.arange(steps) / width) ** 2)
    fall[0] = 0.0
    kernel = fall[np.abs(np.arange(steps)[:, None] - np.arange(steps))]
    for code in np.unique(country):
        own = country == code
        trend, season = _trend_and_season(values[own].sum(axis=0), periods)
        whole = trend * season
        share = values[own].sum(axis=1, keepdims=True) / max(float(whole.sum()), 1e-12)
        around = values[own] @ kernel + _PRIOR * share * whole
        levels[own] = season * around / (kernel @ season + _PRIOR * season)
    return levels


def _trend_and_season(total: Floats, periods: pd.PeriodIndex) -> tuple[Floats, Floats]:
    """Split what a country counts into a smooth trend and a season whose logarithm is a wave."""
    steps = len(total)
    middle = periods.start_time + (periods.end_time - periods.start_time) / 2
    years = np.asarray((middle - middle[0]).total_seconds()) / 86_400 / _YEAR_DAYS
    per_year = (steps - 1) / years[-1] if steps > 1 and years[-1] > 0 else 1.0
    pieces = int(min(max(years[-1] / _KNOT_YEARS, 1), steps // 6)) if steps >= 12 else 0
    columns = [np.ones(steps)]
    if pieces:
        knots = np.r_[[0.0] * 3, np.linspace(0, years[-1], pieces + 1), [years[-1]] * 3]
        columns = list(scipy.interpolate.BSpline.design_matrix(years, knots, 3).toarray().T)
    waves = 0 if steps < 2 * per_year or per_year < 4 else 1 if per_year < 8 else 2
    smooth = len(columns)
    for wave in range(1, waves + 1):
        angle = 2 * np.pi * wave * years
        columns += [np.sin(angle), np.cos(angle)]
    design = np.column_stack(columns)
    weights = _poisson(design, total)
    log_season = design[:, smooth:] @ weights[smooth:]
    return np.exp(design[:, :smooth] @ weights[:smooth]), np.exp(log_season)


def _poisson(design: Floats, total: Floats) -> Floats:
    """Fit a log-linear Poisson regression by iteratively reweighted least squares."""
    weights = np.linalg.lstsq(design, np.log(total + 0.5), rcond=None)[0]
    ridge = _RIDGE * np.eye(design.shape[1])
    for _ in range(_ROUNDS):
        mean = np.exp(np.clip(design @ weights, -20, 20))
        curvature = design.T @ (design * mean[:, None]) + ridge
        step = np.linalg.solve(curvature, design.T @ (total - mean) - ridge @ weights)
        weights = weights + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-6:
            break
    return np.asarray(np.clip(weights, -20, 20))
