"""Maximum likelihood of the endemic-epidemic model by Fisher scoring, with levels of the units.

The levels of the units multiply the endemic part. They are eliminated from each step (their part of
the information is diagonal), so that a step costs units x periods x the square of the other
parameters, however many units there are.
"""

from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
import pandas as pd
import scipy

from sahel_geo.arrays import Flags
from sahel_geo.indicators.spread.contagion_inputs import start_values
from sahel_geo.indicators.spread.endemic_epidemic import Array, Model
from sahel_geo.tasks import task

_ABSENT: Final = -12.0  # logarithm: a part this small, 6e-6, counts as absent
_LEAST_OVERDISPERSION: Final = -9.0  # logarithm: indistinguishable from Poisson
_MOST: Final = 5.0  # logarithm of a part
_ROUNDS: Final = 200
_STEP: Final = 3.0  # longest step of a parameter
_HALVINGS: Final = 12
_JOINT_TRIES: Final = 4  # of a step of all parameters at once
_ROUNDING: Final = 1e-14  # of the log-likelihood
_TRIAL_ROUNDS: Final = 2  # from another decay: three find no other peaks
_NEAR_DECAY: Final = 1.0  # logarithm: from there the same peak is reached
_GAIN: Final = 1e-12  # of the log-likelihood, at which the search ends
_LEAST_VARIANCE: Final = 1e-4  # of the levels; below it they count as equal
_LOOSE: Final = 25.0  # variance of fixed levels: keeps that of a unit without incidents finite


@dataclass(frozen=True)
class Optimum:
    """Where the likelihood is highest."""

    theta: Array  # (p,) parameters, positive ones as logarithms
    levels: Array  # (m,) logarithm of the level of each unit; 0 without effects
    variance: float  # of the levels; 0 without effects
    value: float  # log-likelihood, less what the levels cost by their distribution
    log_likelihood: float  # without that cost

    @classmethod
    def of(
        cls, model: Model, starts: list[Array], effects: str | None, known: Self | None = None
    ) -> "Optimum":
        """Climb to the maximum, and a little from other decays: another peak may be higher."""
        best = maximise(model, starts[0], effects, known)
        for start in starts[1:]:
            decay = model.names.index("decay")
            if abs(start[decay] - best.theta[decay]) < _NEAR_DECAY:
                continue
            other = np.where(np.arange(len(start)) == decay, start, best.theta)
            trial = maximise(model, other, effects, best, _TRIAL_ROUNDS)
            if trial.value > best.value + 1e-6:
                again = maximise(model, trial.theta, effects, known)
                best = again if again.value > best.value else best
        return best

    def model(self, model: Model) -> Model:
        """Take the levels into the offset."""
        return replace(model, offset=model.offset * np.exp(self.levels))

    def without_foreign(self, model: Model, effects: str | None) -> tuple[float, float]:
        """Compare with the model without its foreign part; missing where there is none."""
        if "foreign" not in model.names:
            return np.nan, np.nan
        kept = [at for at, name in enumerate(model.names) if not name.startswith("foreign")]
        less = replace(model, names=tuple(model.names[at] for at in kept))
        starts = start_values(less) if "decay" in less.names else []
        without = self.of(less, [self.theta[kept], *starts], effects, known=self)
        statistic = max(0.0, 2 * (self.value - without.value))
        return statistic, float(scipy.special.chdtrc(1, statistic) / 2) if statistic > 1e-6 else 1.0

    def wald_table(self, model: Model) -> pd.DataFrame:
        """Give estimates and Wald intervals; parameters at the edge of their range have none."""
        theta = self.theta
        positive = np.arange(len(theta)) >= model.free
        edge = np.full(len(theta), _ABSENT)
        edge[-1] = _LEAST_OVERDISPERSION
        inner = ~positive | (theta > edge + 0.5)
        error = np.full(len(theta), np.nan)
        at = _Point(model, theta, self.levels, self.variance)
        whole = np.zeros((len(theta), len(theta)))  # information on all parameters but the levels
        whole[:-1, :-1] = _information(model, at, self.variance)[0]
        whole[-1, -1] = max(-model.by_overdispersion(at.expected, at.size)[1], 0.0)
        variance = np.diag(np.linalg.pinv(whole[np.ix_(inner, inner)]))
        error[inner] = np.sqrt(np.where(variance > 0, variance, np.nan))
        scale = np.where(positive, np.exp(np.where(positive, theta, 0.0)), 1.0)
        reach = scipy.special.ndtri(0.975) * error
        table = {
            "estimate": np.where(positive, np.where(inner, scale, 0.0), theta),
            "standard_error": error * scale,
        }
        with np.errstate(over="ignore"):  # a bound that nothing limits is infinite
            for name, end in (("lower", theta - reach), ("upper", theta + reach)):
                table[name] = np.where(positive, np.exp(np.where(positive, end, 0.0)), end)
        return pd.DataFrame(table, index=pd.Index(model.names, name="parameter"))


class _Point:
    """Parameters and levels, and what the model expects there."""

    def __init__(self, model: Model, theta: Array, levels: Array, variance: float) -> None:
        self.theta, self.levels = theta, levels
        self.parts = model.components(theta, levels if variance else None)
        self.expected = np.asarray(sum(self.parts.values()))
        self.size = 1.0 / model.part(theta, "overdispersion")
        self.log_likelihood = model.value(self.expected, self.size)
        self.value = self.log_likelihood - _cost(levels, variance)


def maximise(
    model: Model,
    start: Array,
    effects: str | None,
    known: Optimum | None = None,
    rounds: int = _ROUNDS,
) -> Optimum:
    """Climb to the maximum; with `known`, from its levels, whose variance is kept."""
    levels = np.zeros(len(model.counts)) if known is None else known.levels
    variance = {None: 0.0, "fixed": _LOOSE, "random": 0.5}[effects]
    variance = variance if known is None else known.variance
    low, high = np.full(len(model.names), _ABSENT), np.full(len(model.names), _MOST)
    low[: model.free], high[: model.free] = -40.0, 40.0
    low[-1], high[-1] = _LEAST_OVERDISPERSION, 9.0
    if "decay" in model.names:
        at = model.names.index("decay")
        low[at], high[at] = -5.0, 4.0
    bounds = low, high
    here = _Point(model, np.clip(start, *bounds), levels, variance)
    with task("fitting") as step_done:
        for _ in range(rounds):
            step_done()
            before = here
            here, curvature = _advance(model, before, variance, bounds)
            gained, moved = here.value - before.value, 0.0
            if effects == "random" and known is None and variance > 0:
                former = variance
                # degrees of freedom that the data, not the distribution, decide
                decided = len(here.levels) - float((1 / curvature).sum()) / variance
                estimate = float((here.levels**2).sum()) / max(decided, 1e-3)
                variance = float(np.clip(estimate, _LEAST_VARIANCE, _LOOSE))
                moved = abs(np.log(variance / former))
                if variance <= _LEAST_VARIANCE:  # units do not differ
                    variance = 0.0
                    here = _Point(model, here.theta, np.zeros(len(levels)), variance)
                here.value = here.log_likelihood - _cost(here.levels, variance)
            if gained < _GAIN * (1 + abs(here.value)) and moved < 1e-3:
                break
    return Optimum(here.theta, here.levels, variance, here.value, here.log_likelihood)


def _cost(levels: Array, variance: float) -> float:
    return float((levels**2).sum()) / (2 * variance) if variance else 0.0


def _information(
    model: Model, at: _Point, variance: float
) -> tuple[Array, Array, Array, Array, Array]:
    """Give the information less what the levels take, and what a step needs of them."""
    root = 1.0 / np.sqrt(at.expected * (1 + at.expected / at.size))
    slopes = model.slopes(at.theta, at.parts)
    slopes *= root
    flat = slopes.reshape(len(slopes), -1)
    matrix = flat @ flat.T
    apart = (model.counts[:, model.lags :] - at.expected) * root
    gradient = flat @ apart.ravel()
    if not variance:
        none = np.zeros((len(model.counts), 0))
        return matrix, gradient, none, none, none
    endemic = at.parts["endemic"] * root
    own = (endemic**2).sum(axis=1) + 1 / variance
    cross = np.einsum("pmt,mt->pm", slopes, endemic)
    score = (endemic * apart).sum(axis=1)
    return matrix - (cross / own) @ cross.T, gradient, own, cross, score


def _advance(
    model: Model, at: _Point, variance: float, bounds: tuple[Array, Array]
) -> tuple[_Point, Array]:
    """Step once towards the maximum; also give the curvature of the levels.

    The overdispersion has no information in common with the means, so that its own step of Newton
    joins theirs. Cut off at the bounds, a scoring step need not lead upwards; a second step, each
    parameter by itself, always does.
    """
    matrix, gradient, own, cross, score = _information(model, at, variance)
    if variance:
        score = score - at.levels / variance
        gradient = gradient - cross @ (score / own)
    low, high = bounds[0][:-1], bounds[1][:-1]
    mean = at.theta[:-1]
    free = ~((mean <= low) & (gradient < 0) | (mean >= high) & (gradient > 0))
    ends = np.maximum(low - mean, -_STEP), np.minimum(high - mean, _STEP)
    slope, bend = model.by_overdispersion(at.expected, at.size)
    step = np.zeros(len(at.theta))
    step[-1] = np.clip(-slope / bend if bend < 0 else np.sign(slope), -2.0, 2.0)
    step[:-1] = _inside(matrix, gradient, free, ends)
    moves = (score - cross.T @ step[:-1]) / own if variance else np.zeros(len(at.levels))
    ahead = gradient @ step[:-1] + abs(slope * step[-1])
    ahead += float(score @ (score / own)) if variance else 0.0  # twice what a step can gain
    near = ahead < 2 * _GAIN * (1 + abs(at.value))
    there = _ascend(model, at, (step, moves), variance, bounds, 1 if near else _JOINT_TRIES)
    if near:
        return there, own
    if there.value - at.value <= _GAIN * (1 + abs(at.value)):
        step[:-1][free] = gradient[free] / (np.diag(matrix)[free] + 1e-12)
        alone = score / own if variance else moves
        there = _ascend(model, there, (step, alone), variance, bounds)
    return there, own


def _inside(matrix: Array, gradient: Array, free: Flags, ends: tuple[Array, Array]) -> Array:
    """Give the scoring step of the free parameters, those that it takes over an end held there."""
    step, rest = np.zeros(len(gradient)), free.copy()
    while rest.any():
        ridge = np.diag(1e-9 * np.diag(matrix)[rest] + 1e-12)
        left = gradient[rest] - matrix[np.ix_(rest, ~rest)] @ step[~rest]
        step[rest] = np.linalg.solve(matrix[np.ix_(rest, rest)] + ridge, left)
        over = rest & ((step < ends[0]) | (step > ends[1]))
        if not over.any():
            break
        step[over] = np.clip(step, *ends)[over]
        rest &= ~over
    return step


def _ascend(
    model: Model,
    at: _Point,
    steps: tuple[Array, Array],
    variance: float,
    bounds: tuple[Array, Array],
    times: int = _HALVINGS,
) -> _Point:
    """Go along a step as far as it leads upwards, but for rounding."""
    length = 1.0
    step, moves = (np.clip(each, -_STEP, _STEP) for each in steps)
    for _ in range(times):
        theta = np.clip(at.theta + length * step, *bounds)
        there = _Point(model, theta, at.levels + length * moves, variance)
        if np.isfinite(there.value) and there.value >= at.value - _ROUNDING * abs(at.value):
            return there
        length /= 3
    return at
