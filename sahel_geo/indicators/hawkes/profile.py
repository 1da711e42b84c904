"""Likelihood intervals of Hawkes processes: everything else estimated anew at each value."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, reduce
from typing import Final

import numpy as np
import scipy

from sahel_geo.arrays import Positions
from sahel_geo.indicators.hawkes.likelihood import (
    Array,
    Design,
    Model,
    Optimum,
    maximise,
    maximise_row,
)
from sahel_geo.tasks import track

_DROP: Final = 3.8414588206941285 / 2  # of the log-likelihood at the ends: chi-square
_TAIL: Final = 0.025  # p at which the lower end of a 95 % interval leaves 0
_NODES: Final = {1: 9, 2: 5, 3: 4}  # along an axis, by number of axes
_SCAN: Final = 60  # delays at which other peaks are sought
_WIDE: Final = 2.5  # logarithm; over a wider range the likelihood is not smooth enough for a spline
_SAME: Final = 1e-3  # log-likelihood: maxima this near to each other are one
_CLIMBS: Final = 4
_FAR: Final = 30.0  # logarithm of a price: as good as none, or as one that nothing can pay


def with_profile(model: Model, best: Optimum, *, smoothed: bool) -> tuple[Optimum, "Profile"]:
    """Lay the profile around a maximum, and search on where it shows a higher one."""
    profile = Profile.around(model, best)
    for _ in range(_CLIMBS):
        kernel, value = profile.highest()
        if value <= best.value + (_DROP if smoothed else _SAME):
            break
        higher = maximise(model, [kernel], step=0.1, precision=1e-3)
        if higher.value <= best.value:
            break
        best, profile = higher, Profile.around(model, higher)
    return best, profile


@dataclass(frozen=True)
class Profile:
    """The likelihood over all kernels that the data admit."""

    kernels: Array  # (k, d) nodes, a product of axes
    designs: tuple[Design, ...]  # at the nodes
    parts: Array  # (k, m, 1 + m) best at each node
    values: Array  # (k, m) log-likelihood of each type
    fine: tuple[Array, ...]  # axes on which values at the nodes are interpolated
    weights: Array  # (f, k) how
    top: float  # log-likelihood at the maximum

    @classmethod
    def around(cls, model: Model, best: Optimum) -> "Profile":
        """Lay nodes over the kernels that fall short of the best by less than allowed."""
        axes = [_axis(model, best, at) for at in range(len(best.kernel))]
        fine, weights = zip(*(_interpolation(axis) for axis in axes), strict=True)
        grid = np.meshgrid(*axes, indexing="ij")
        kernels = np.column_stack([part.ravel() for part in grid])
        designs = tuple(model.design(kernel) for kernel in track(kernels, "profile"))
        start = np.maximum(best.parts, 1e-3 * best.parts.sum(axis=1, keepdims=True))
        maxima = [design.maximise(start) for design in track(designs, "profile")]
        values = np.array([value for _, value in maxima])
        operator = reduce(np.kron, weights)
        top = max(best.value, float((operator @ values.sum(axis=1)).max()))
        return cls(
            kernels, designs, np.array([part for part, _ in maxima]), values, fine, operator, top
        )

    def highest(self) -> tuple[Array, float]:
        """Give the node with the highest log-likelihood, shape (d,), and that log-likelihood."""
        values = self.values.sum(axis=1)
        return self.kernels[int(values.argmax())], float(values.max())

    def kernel_interval(self, axis: int) -> tuple[float, float]:
        """Give the 95 % likelihood interval of one parameter of the kernels."""
        shape = [len(part) for part in self.fine]
        surface = (self.weights @ self.values.sum(axis=1)).reshape(shape)
        others = tuple(at for at in range(len(shape)) if at != axis)
        likely = self.fine[axis][surface.max(axis=others) >= self.top - _DROP]
        if not len(likely):
            likely = self.fine[axis][[int(surface.max(axis=others).argmax())]]
        return float(likely.min()), float(likely.max())

    def interval(self, weigh: Callable[[Design], Array]) -> tuple[float, float, float]:
        """Give the 95 % likelihood interval of a weighted sum of expected incidents.

        Everything else is estimated anew at each value: to charge for the sum (a price above that
        of the likelihood) or to reward it moves it along its profile. At 0, on the edge of what
        is possible, the test follows a mixture of chi-squared laws (Self and Liang 1987).
        """
        weights = np.array([weigh(design) for design in self.designs])
        involved = np.flatnonzero(weights.any(axis=(0, 2)))
        heaviest = float(weights.max())
        if not heaviest > 0:
            return np.nan, np.nan, np.nan
        curve = _Curve(self, weights, involved)
        step = cache(curve.step)

        # where the maximum lies between nodes, the nodes alone may fall short of it by too much
        between = step(0.0)[0] ** 2
        between = between if between >= _DROP else 0.0

        def excess(price: float) -> float:
            short = step(math.expm1(price) / heaviest)[0] ** 2
            return math.sqrt(max(short - between, 0.0)) - math.sqrt(_DROP)

        short, number = curve.without(), int((weights > 0).any(axis=0).sum())
        tested = 1.0 if short < _SAME else _chi_bar_tail(2 * short, number)
        lower, brentq = 0.0, scipy.optimize.brentq
        if tested <= _TAIL and excess(_FAR) > 0:
            lower = step(math.expm1(brentq(excess, 0.0, _FAR, xtol=1e-5)) / heaviest)[1]
        if excess(-_FAR) > 0:
            upper = step(math.expm1(brentq(excess, -_FAR, 0.0, xtol=1e-5)) / heaviest)[1]
        else:  # no incident could be owed to it: each expected one lowers the likelihood by 1
            room = _DROP - self.top + self.values.sum(axis=1)
            upper = float((weights.max(axis=(1, 2)) * room).max())
        return lower, upper, tested


class _Curve:
    """Maxima under a price or reward on a weighted sum."""

    def __init__(self, profile: Profile, weights: Array, rows: Positions) -> None:
        self.profile, self.weights, self.rows = profile, weights, rows
        self.rest = profile.values.sum(axis=1) - profile.values[:, rows].sum(axis=1)

    def step(self, charge: float) -> tuple[float, float]:
        """Give the root of the fall in log-likelihood, and the sum."""
        likelihood, total = self.rest.copy(), np.zeros(len(self.rest))
        for node, design in enumerate(self.profile.designs):
            for at in self.rows:
                weight, whole = self.weights[node, at], self.profile.parts[node, at]
                price = 1 + charge * weight
                start = np.maximum(whole, 1e-3 * whole.sum()) / price
                part, value = maximise_row(design.rows[at], price, start)
                total[node] += weight @ part
                likelihood[node] += value + charge * (weight @ part)
        chosen = self.profile.weights @ (likelihood - charge * total)
        at = self.profile.weights[int(chosen.argmax())]
        return float(np.sqrt(max(self.profile.top - at @ likelihood, 0))), float(at @ total)

    def without(self) -> float:
        """Give the fall in log-likelihood where the sum is 0."""
        likelihood = self.rest.copy()
        for node, design in enumerate(self.profile.designs):
            for at in self.rows:
                kept = self.weights[node, at] <= 0
                rest = design.rows[at][:, kept]
                gain = maximise_row(rest, np.ones(rest.shape[1]))[1] if kept[0] else -np.inf
                likelihood[node] += gain
        if np.isinf(likelihood).all():
            return np.inf
        return self.profile.top - float((self.profile.weights @ likelihood).max())


def _chi_bar_tail(statistic: float, number: int) -> float:
    """Give the tail of the chi-bar-squared law with binomial weights (Self and Liang 1987)."""
    if np.isinf(statistic):
        return 0.0
    degrees = np.arange(1, number + 1)
    return float(
        scipy.special.comb(number, degrees) @ scipy.special.chdtrc(degrees, statistic) / 2.0**number
    )


def _axis(model: Model, best: Optimum, axis: int) -> Array:
    ends: list[float] = []
    start = np.maximum(best.parts, 1e-3 * best.parts.sum(axis=1, keepdims=True))
    for sign, bound in zip((-1, 1), model.bounds[axis], strict=True):
        reach = abs(bound - best.kernel[axis])
        far = min(0.1, reach)
        for _ in range(12):
            kernel = best.kernel.copy()
            kernel[axis] += sign * far
            drop = best.value - model.design(kernel).maximise(start)[1].sum()
            if 2.0 <= drop <= 3.5 or (drop < 2.0 and far >= reach):
                break
            far = min(reach, far * np.clip(np.sqrt(2.6 / max(drop, 1e-6)), 0.2, 4))
        ends.append(float(best.kernel[axis] + sign * far))
    if len(best.kernel) == 1:  # other peaks of the likelihood count too
        low, high = (float(bound) for bound in model.bounds[0])
        scan = np.linspace(low, high, _SCAN)
        values = [model.design(at[None]).maximise(start)[1].sum() for at in scan]
        admitted = scan[np.array(values) >= best.value - _DROP]
        gap = scan[1] - scan[0]
        ends = [
            float(max(min([ends[0], *(admitted - gap)]), low)),
            float(min(max([ends[1], *(admitted + gap)]), high)),
        ]
    most = _NODES[len(best.kernel)]
    wide = ends[1] - ends[0] > _WIDE
    number = 3 * most if wide and most == _NODES[1] else most
    if ends[1] - ends[0] < 1e-9:
        return np.array(ends[:1])
    nodes = np.linspace(ends[0], ends[1], number)
    away = np.abs(nodes - best.kernel[axis])
    if away.min() < 0.25 * (nodes[1] - nodes[0]):
        nodes[away.argmin()] = best.kernel[axis]
        return nodes
    return np.union1d(nodes, best.kernel[axis])  # a narrow peak may lie between two nodes


def _interpolation(axis: Array) -> tuple[Array, Array]:
    if len(axis) == 1:
        return axis, np.ones((1, 1))
    fine = np.union1d(np.linspace(axis[0], axis[-1], 16 * (len(axis) - 1) + 1), axis)
    degree = 3 if axis[-1] - axis[0] <= _WIDE else 1
    return fine, np.asarray(
        scipy.interpolate.make_interp_spline(axis, np.eye(len(axis)), k=degree)(fine)
    )
