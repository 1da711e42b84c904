"""Backgrounds of Hawkes processes: smoothed from the incidents that follow no other."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final, Self

import numpy as np
import scipy

from sahel_geo.compiled import compiled
from sahel_geo.errors import InputError
from sahel_geo.indicators.hawkes.likelihood import Array, Optimum, maximise
from sahel_geo.indicators.hawkes.model import ModelT

_CELLS_PER_WIDTH: Final = 4
# to bin linearly and to read linearly widen the kernel by a sixth of a squared cell each
_SIGMA_CELLS: Final = math.sqrt(_CELLS_PER_WIDTH**2 - 1 / 3)
_REACH: Final = 5.0  # standard deviations
_PAIRS_PER_CELL: Final = 5  # a grid is smoothed along each axis: about as dear as so many pairs
_MOST_CELLS: Final = 30_000_000
_TIMES: Final = 513  # at which the background is added up
_ROUNDS: Final = 10
_STEADY: Final = 1e-3  # change of the probability to belong to the background, round to round


@dataclass(frozen=True)
class Smoother:
    """Gaussian density of weighted incidents of one type at each of them, itself left out."""

    axes: tuple[Array, ...]  # (n,) coordinates
    sides: tuple[float, ...]  # of a cell of the grid, along each axis
    shape: tuple[int, ...]  # of the grid
    inside: Array  # (n,) share of the kernel of each incident that lies where incidents can be
    volume: float  # volume in which incidents can be
    # days observed if time is an axis, else 1: the background is the density times these
    days: float

    @classmethod
    def of(
        cls,
        axes: Sequence[Array],
        widths: Sequence[float],
        share: Array,
        volume: float,
        days: float = 1.0,
    ) -> Self:
        """Lay a grid over the incidents of one type; `share` (n,) of each kernel lies inside."""
        sides = tuple(width / _CELLS_PER_WIDTH for width in widths)
        shape = tuple(
            int((at.max() - at.min()) / side) + 2 for at, side in zip(axes, sides, strict=True)
        )
        if np.prod(np.array(shape, dtype=float)) > _MOST_CELLS:
            raise InputError(
                "`background_km` or `background_days` of {widths} asks for a grid of {cells} "
                "cells; expected at most {most_cells:,}. Smooth more widely.",
                widths=list(widths),
                cells=" x ".join(map(str, shape)),
                most_cells=_MOST_CELLS,
            )
        return cls(tuple(axes), sides, shape, np.maximum(share, 1e-3), volume, days)

    def background(self, weights: Array) -> Array:
        """Give the background by others and one spread; its mean over time integrates to 1."""
        counted = weights / self.inside
        if len(weights) ** 2 < _PAIRS_PER_CELL * np.prod(np.array(self.shape, dtype=float)):
            others = self._by_pairs(counted)
        else:
            others = self._gridded(counted)
        return np.asarray(self.days * (others + 1 / self.volume) / (weights.sum() - weights + 1))

    def _by_pairs(self, counted: Array) -> Array:
        """Density of the others at each incident, by pairs near on the last axis: for few."""
        width = math.prod(self.sides) ** (1 / len(self.shape)) * _CELLS_PER_WIDTH
        peak = (math.sqrt(2 * math.pi) * width) ** -len(self.shape)
        order = np.argsort(self.axes[-1], kind="stable")
        axes = zip(self.axes, self.sides, strict=True)
        places = np.column_stack([at[order] / (side * _CELLS_PER_WIDTH) for at, side in axes])
        others = np.empty(len(counted))
        others[order] = _from_others(places, counted[order], _REACH)
        return np.asarray(peak * others)

    def _gridded(self, counted: Array) -> Array:
        """Density of the others at each incident, by a grid: for many incidents."""
        corners = np.zeros((len(counted), 1), dtype=np.int64)
        parts, own = np.ones((len(counted), 1)), np.ones(len(counted))
        middle, beside = _kernel()
        for at, side, size in zip(self.axes, self.sides, self.shape, strict=True):
            whole, rest = np.divmod((at - at.min()) / side, 1)
            ends = np.column_stack([1 - rest, rest])
            step = whole.astype(np.int64)[:, None] + np.array([0, 1])
            corners = (corners[:, :, None] * size + step[:, None, :]).reshape(len(counted), -1)
            parts = (parts[:, :, None] * ends[:, None, :]).reshape(len(counted), -1)
            own *= (ends**2).sum(axis=1) * middle + 2 * ends.prod(axis=1) * beside
        grid = np.bincount(
            corners.ravel(),
            weights=(counted[:, None] * parts).ravel(),
            minlength=int(np.prod(self.shape)),
        )
        smooth = scipy.ndimage.gaussian_filter(
            grid.reshape(self.shape), _SIGMA_CELLS, mode="constant", truncate=_REACH
        ).ravel()
        here = (smooth[corners] * parts).sum(axis=1) - counted * own
        return np.asarray(np.maximum(here / math.prod(self.sides), 0))


@cache
def _kernel() -> tuple[float, float]:
    """Give what a cell gets of itself, and of the next one."""
    point = np.zeros(16 * _CELLS_PER_WIDTH + 1)
    point[len(point) // 2] = 1
    kernel = scipy.ndimage.gaussian_filter(point, _SIGMA_CELLS, truncate=_REACH)
    return float(kernel[len(point) // 2]), float(kernel[len(point) // 2 + 1])


@compiled()
def _from_others(places: Any, weights: Any, reach: float) -> Any:  # pragma: no cover
    """Add up the kernels of the others at each incident (by the last axis); 1 at the middle."""
    size, axes = places.shape
    out = np.zeros(size)
    for one in range(size):
        for other in range(one + 1, size):
            apart = places[one, axes - 1] - places[other, axes - 1]
            if -apart > reach:
                break
            square, near = apart * apart, True
            for axis in range(axes - 2, -1, -1):
                apart = places[one, axis] - places[other, axis]
                if abs(apart) > reach:
                    near = False
                    break
                square += apart * apart
            if near:
                kernel = np.exp(-square / 2)
                out[one] += weights[other] * kernel
                out[other] += weights[one] * kernel
    return out


def share_of_time(times: Array, days: float, width: float) -> Array:
    """Give the share of a Gaussian around each time that lies in the time observed."""
    return np.asarray(
        scipy.special.ndtr((days - times) / width) - scipy.special.ndtr(-times / width)
    )


def passed(times: Array, weights: Array, days: float, width: float) -> Array:
    """Give the days (n,) on a clock that runs with a smoothed background, and ends at `days`."""
    clock = np.linspace(0, days, _TIMES)
    scaled = weights / share_of_time(times, days, width)
    before = scipy.special.ndtr(-times / width)
    past = [scaled @ (scipy.special.ndtr((at - times) / width) - before) for at in clock]
    summed = (np.array(past) + clock / days) / (weights.sum() + 1)
    return np.asarray(np.interp(times, clock, summed * days))


def take_turns(
    model: ModelT, smoothers: list[Smoother], starts: Sequence[Array], width_days: float | None
) -> tuple[ModelT, Optimum]:
    """Fit on a background, smooth what followed no other, until both agree, from each start."""
    events, step = model.events, 0.3
    weights = np.ones(len(events.times))
    for _ in range(_ROUNDS):
        model = smoothed_again(model, smoothers, weights)
        best = maximise(model, starts, step=step, precision=2e-3)
        before, weights = weights, best.design.background_probability(best.parts, events.members)
        if abs(weights - before).mean() < _STEADY:
            break
        starts, step = [best.kernel], 0.05
    clock = events.times.copy()
    if width_days is not None:
        for own in events.members:
            clock[own] = passed(events.times[own], before[own], events.days, width_days)
    return replace(model, passed=clock), best


def smoothed_again(model: ModelT, smoothers: list[Smoother], weights: Array) -> ModelT:
    """Smooth the background; the clock, which only residuals need, is left."""
    shape = np.empty(len(weights))
    for smoother, own in zip(smoothers, model.events.members, strict=True):
        shape[own] = smoother.background(weights[own])
    return replace(model, background=shape)
