"""Maximum likelihood of the endemic-epidemic model by Fisher scoring, with levels of the units.

The levels of the units multiply the endemic part. They are eliminated from each step (their part of
the information is diagonal), so that a step costs units x periods x the square of the other
parameters, however many units there are.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sahel_geo.indicators.spread.endemic_epidemic import Array, Model
from sahel_geo.tasks import task

ABSENT: Final = -12.0  # logarithm: a part this small, 6e-6, counts as absent
LEAST_OVERDISPERSION: Final = -9.0  # logarithm: indistinguishable from Poisson
_MOST: Final = 5.0  # logarithm of a part
_ROUNDS: Final = 200
_STEP: Final = 3.0  # longest step of a parameter
_GAIN: Final = 1e-10  # of the log-likelihood, at which the search ends: rounding is 1e-11
_LEAST_VARIANCE: Final = 1e-4  # of the levels; below it they count as equal
_LOOSE: Final = 25.0  # variance of fixed levels: keeps that of a unit without incidents finite


@dataclass(frozen=True)
class Optimum:
    """Where the likelihood is highest.

    Attributes
    ----------
    theta : ndarray of float, shape (p,)
        Parameters, positive ones as logarithms.
    levels : ndarray of float, shape (m,)
        Logarithm of the level of each unit; 0 without effects.
    variance : float
        Of the levels; 0 without effects.
    value : float
        Log-likelihood, less what the levels cost by their distribution.
    log_likelihood : float
        Without that cost.
    """

    theta: Array
    levels: Array
    variance: float
    value: float
    log_likelihood: float

    def model(self, model: Model) -> Model:
        """Take the levels into the offset."""
        return replace(model, offset=model.offset * np.exp(self.levels))


def maximise(
    model: Model,
    start: Array,
    effects: str | None,
    known: Optimum | None = None,
    rounds: int = _ROUNDS,
) -> Optimum:
    """Climb to the maximum; with `known`, from its levels, whose variance is kept."""
    theta = start.copy()
    levels = np.zeros(len(model.counts)) if known is None else known.levels.copy()
    variance = {None: 0.0, "fixed": _LOOSE, "random": 0.5}[effects]
    variance = variance if known is None else known.variance
    low, high = _bounds(model)
    theta = np.clip(theta, low, high)
    best = _penalised(model, theta, levels, variance)
    with task("fitting") as step_done:
        for _ in range(rounds):
            step_done()
            steps, slow, curvature = _step(model, theta, levels, variance, (low, high))
            for step in (steps, slow):
                theta, levels, value = _climb(
                    model, (theta, levels), step, variance, (low, high), best
                )
                if value - best > _GAIN * (1 + abs(best)):
                    break
            value, theta = _fit_overdispersion(model, theta, levels, variance, value)
            gained, best = value - best, value
            moved = 0.0
            if effects == "random" and known is None and variance > 0:
                before = variance
                variance = _new_variance(levels, curvature, variance)
                moved = abs(np.log(variance / before))
                if variance <= _LEAST_VARIANCE:  # units do not differ
                    variance, levels = 0.0, np.zeros(len(levels))
                best = _penalised(model, theta, levels, variance)
            if gained < _GAIN * (1 + abs(best)) and moved < 1e-3:
                break
    cost = _cost(levels, variance)
    return Optimum(theta, levels, variance, best, best + cost)


def information(model: Model, found: Optimum) -> Array:
    """Expect the information on all parameters, the levels eliminated; shape (p, p)."""
    at = found.model(model)
    matrix = _information(at, found.theta, found.variance)[0]
    whole = np.zeros((len(found.theta), len(found.theta)))
    whole[:-1, :-1] = matrix
    expected = np.asarray(sum(at.components(found.theta).values()))
    size = 1.0 / at.part(found.theta, "overdispersion")
    whole[-1, -1] = max(-at.by_overdispersion(expected, size)[1], 0.0)
    return whole


def _bounds(model: Model) -> tuple[Array, Array]:
    low, high = np.full(len(model.names), ABSENT), np.full(len(model.names), _MOST)
    low[: model.free], high[: model.free] = -40.0, 40.0
    low[-1], high[-1] = LEAST_OVERDISPERSION, 9.0
    if "decay" in model.names:
        at = model.names.index("decay")
        low[at], high[at] = -5.0, 4.0
    return low, high


def _cost(levels: Array, variance: float) -> float:
    return float((levels**2).sum()) / (2 * variance) if variance else 0.0


def _penalised(model: Model, theta: Array, levels: Array, variance: float) -> float:
    at = replace(model, offset=model.offset * np.exp(levels)) if variance else model
    expected = np.asarray(sum(at.components(theta).values()))
    value = at.value(expected, 1.0 / at.part(theta, "overdispersion"))
    return value - _cost(levels, variance)


def _information(
    at: Model, theta: Array, variance: float
) -> tuple[Array, Array, Array, Array, Array]:
    """Give the information less what the levels take, and what a step needs of them."""
    parts = at.components(theta)
    expected = np.asarray(sum(parts.values()))
    overdispersion = at.part(theta, "overdispersion")
    weight = 1.0 / (expected * (1 + overdispersion * expected))
    slopes = at.slopes(theta, parts)
    weighted = slopes * weight
    flat = weighted.reshape(len(slopes), -1)
    matrix = flat @ slopes.reshape(len(slopes), -1).T
    apart = at.counts[:, at.lags :] - expected
    gradient = flat @ apart.ravel()
    if not variance:
        none = np.zeros((len(at.counts), 0))
        return matrix, gradient, none, none, none
    own = (parts["endemic"] ** 2 * weight).sum(axis=1) + 1 / variance
    cross = np.einsum("pmt,mt->pm", weighted, parts["endemic"])
    score = (parts["endemic"] * weight * apart).sum(axis=1)
    return matrix - (cross / own) @ cross.T, gradient, own, cross, score


def _step(
    model: Model, theta: Array, levels: Array, variance: float, bounds: tuple[Array, Array]
) -> tuple[tuple[Array, Array], tuple[Array, Array], Array]:
    """Give the scoring step of the parameters and the levels, and the curvature of the levels.

    Cut off at the bounds, a scoring step need not lead upwards; the second step, each parameter by
    itself, always does.
    """
    at = replace(model, offset=model.offset * np.exp(levels)) if variance else model
    matrix, gradient, own, cross, score = _information(at, theta, variance)
    if variance:
        score = score - levels / variance
        gradient = gradient - cross @ (score / own)
    low, high = bounds[0][:-1], bounds[1][:-1]
    held = ((theta[:-1] <= low) & (gradient < 0)) | ((theta[:-1] >= high) & (gradient > 0))
    free = ~held
    step = np.zeros(len(theta))
    ridge = 1e-9 * np.diag(np.diag(matrix)[free]) + 1e-12 * np.eye(int(free.sum()))
    step[:-1][free] = np.linalg.solve(matrix[np.ix_(free, free)] + ridge, gradient[free])
    step = np.clip(step, -_STEP, _STEP)
    moves = (score - cross.T @ step[:-1]) / own if variance else np.zeros(len(levels))
    slow, apart = np.zeros(len(theta)), score / own if variance else np.zeros(len(levels))
    slow[:-1][free] = np.clip(gradient[free] / (np.diag(matrix)[free] + 1e-12), -_STEP, _STEP)
    steps = step, np.clip(moves, -_STEP, _STEP)
    return steps, (slow, np.clip(apart, -_STEP, _STEP)), own


def _climb(
    model: Model,
    where: tuple[Array, Array],
    steps: tuple[Array, Array],
    variance: float,
    bounds: tuple[Array, Array],
    best: float,
) -> tuple[Array, Array, float]:
    length = 1.0
    for _ in range(20):
        theta = np.clip(where[0] + length * steps[0], *bounds)
        levels = where[1] + length * steps[1]
        value = _penalised(model, theta, levels, variance)
        if np.isfinite(value) and value >= best:
            return theta, levels, value
        length /= 3
    return *where, best


def _fit_overdispersion(
    model: Model, theta: Array, levels: Array, variance: float, value: float
) -> tuple[float, Array]:
    """Move the overdispersion by Newton's method while the means stay."""
    at = replace(model, offset=model.offset * np.exp(levels)) if variance else model
    expected = np.asarray(sum(at.components(theta).values()))
    log, here = float(theta[-1]), value + _cost(levels, variance)
    for _ in range(3):
        slope, bend = at.by_overdispersion(expected, float(np.exp(-log)))
        move = -slope / bend if bend < 0 else np.sign(slope)
        trial = float(np.clip(log + np.clip(move, -2.0, 2.0), LEAST_OVERDISPERSION, 9.0))
        reached = at.value(expected, float(np.exp(-trial)))
        if not reached > here:
            break
        log, here, done = trial, reached, abs(reached - here)
        if done < _GAIN * (1 + abs(here)):
            break
    theta = theta.copy()
    theta[-1] = log
    return here - _cost(levels, variance), theta


def _new_variance(levels: Array, curvature: Array, variance: float) -> float:
    """Estimate the variance of the levels from them and from their own uncertainty."""
    left = 1 / curvature
    # degrees of freedom that the data, not the distribution, decide
    decided = len(levels) - float(left.sum()) / variance
    estimate = float((levels**2).sum()) / max(decided, 1e-3)
    return float(np.clip(estimate, _LEAST_VARIANCE, _LOOSE))
