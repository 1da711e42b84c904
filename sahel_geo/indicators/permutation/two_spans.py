"""What chance deals between two spans of time where the rates of places wander for months.

The rate of a place is taken for log-normal around a level of its own: a part of its logarithm fades
by a constant factor from month to month, and another lasts one month. Their variances and the
factor are drawn from their likelihood, so that what is not known about them widens what chance
gives.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from itertools import product
from typing import Final

import numpy as np
import scipy

from sahel_geo.arrays import Flags, Floats, Integers, Positions
from sahel_geo.compiled import one_thread
from sahel_geo.indicators.permutation.waves import root_of

Deal = Callable[[np.random.Generator, int], Flags]
Part = tuple[Positions, Floats, Floats]

_LASTING: Final = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.25)  # variances of the logarithm
_PASSING: Final = (0.0, 0.25, 0.6, 1.2)
_FADING: Final = (0.6, 0.8, 0.9, 0.95)  # from month to month
_KINDS: Final = [
    kind for kind in product(_FADING, _LASTING, _PASSING) if kind[1] or kind[0] == _FADING[0]
]
_COURSES: Final = 1_000  # of rates, for each kind of waves
_UNLIKELY: Final = 1e-3  # a kind of waves that is left out
_MOST_TAKEN: Final = 0.75  # of the variance of waves, by what all places share
_PARTS: Final = 9  # of the whole time, whose counts are compared
_MOST_PLACES: Final = 500
_REACHES: Final = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)  # widths, over which waves are shared
_LEAST_REACH: Final = 1.0  # a district shares its waves, though neighbours on average may not
_FARTHEST: Final = 6.0  # widths, up to which waves are compared


class WaveDeals:
    """What waves would deal between any two spans of time of one record of incidents.

    x, y, month (n,): Metres, and months since any. width: Metres over which waves are shared at
    least. change: Month from which on rates may differ from those before; what differs between the
    two sides is no wave.
    """

    @one_thread("blas")
    def __init__(
        self, x: Floats, y: Floats, month: Integers, width: float, change: int | None = None
    ) -> None:
        self.place, middles = _places(x, y, width / 4)
        first, steps, size = int(month.min()), int(np.ptp(month)) + 1, len(middles)
        self.month = month - first
        cell = self.place * steps + self.month
        self.table = np.bincount(cell, minlength=size * steps).reshape(size, steps)
        cut = 0 if change is None else change - first
        sides = [side for side in np.split(np.arange(steps), [cut]) if len(side)]
        away = np.hypot(*np.moveaxis(middles[:, None] - middles, 2, 0)) / width
        parts = [self.table[:, side].astype(np.float64) for side in sides]
        alike = np.exp(-away / max(_reach(parts, away), _LEAST_REACH))
        self.root = root_of(alike)
        weight = 1 / (1 + self.table.mean(axis=1))  # so that the largest do not decide alone
        self.common = weight @ self.table / (weight @ self.table).sum() + 1e-9
        part = weight * self.table.sum(axis=1) / (weight @ self.table).sum()
        taken = min(float(part @ alike @ part), _MOST_TAKEN)  # by what all share, of the waves
        self.parts, self.number = self._counted([self._parts(side) for side in sides])
        courses = _Courses(steps)
        fit = np.array([self._likelihood(courses.of(kind)) for kind in _KINDS])
        likely = np.exp(fit - fit.max()) / np.exp(fit - fit.max()).sum()
        kept = np.flatnonzero(likely >= _UNLIKELY)
        self.likely = likely[kept] / likely[kept].sum()
        self.rates = [courses.of(_KINDS[at], 1 / (1 - taken)) for at in kept]

    def _parts(self, side: Positions) -> Part:
        """Cut a side of the change: its months, how rates of months add up, and the counts.

        Sums are of parts, (steps, parts + 1), and last of all; counts (m, parts + 1) of the last
        are negative, since how many fall to the side is given.
        """
        part = np.arange(len(side)) // max(1, round(self.table.shape[1] / _PARTS))
        inside = (part[:, None] == np.unique(part)).astype(np.float64)
        number = self.table[:, side] @ inside
        sums = np.column_stack([inside, np.ones(len(side))]) * self.common[side, None]
        return side, sums, np.column_stack([number, -number.sum(axis=1)])

    @staticmethod
    def _counted(parts: list[Part]) -> tuple[list[Part], Integers]:
        """Keep one of the places whose counts are the same, and how many each stands for."""
        whole = np.hstack([number for _, _, number in parts])
        rows, times = np.unique(whole, axis=0, return_counts=True)
        ends = np.cumsum([number.shape[1] for _, _, number in parts])[:-1]
        numbers = np.split(rows, ends, axis=1)
        return [(*part[:2], one) for part, one in zip(parts, numbers, strict=True)], times

    def _likelihood(self, rates: Floats) -> float:
        """Give the log-likelihood of one kind of waves, from how counts fall to parts of a side."""
        fit = np.zeros((len(self.number), len(rates)))
        for side, sums, number in self.parts:
            fit += number @ np.log(rates[:, side] @ sums).T
        most = fit.max(axis=1, keepdims=True)
        return float(self.number @ (most[:, 0] + np.log(np.exp(fit - most).mean(axis=1))))

    def between(self, late: Flags, kept: Flags) -> Deal:
        """Give a function that draws, so many times, which of the incidents kept are late.

        late, kept (n,): Which incidents belong to the later span, and to either. The number of each
        place in both spans together stays.
        """
        own, chances = self.place[kept], _Chances(self, late, kept)

        @one_thread("blas")
        def deal(rng: np.random.Generator, number: int) -> Flags:
            shocks = rng.normal(size=(number, len(self.root))) @ self.root.T
            chance = chances.at(scipy.special.ndtr(shocks), rng)
            return np.asarray(rng.random((number, len(own))) < chance[:, own])

        return deal


class _Chances:
    """Chances that an incident of a place is late, under each kind of waves."""

    def __init__(self, record: WaveDeals, late: Flags, kept: Flags) -> None:
        self.likely = record.likely
        masks = kept & ~late, kept & late
        spans = [np.arange(record.month[who].min(), record.month[who].max() + 1) for who in masks]
        spans.append(np.setdiff1d(np.arange(record.table.shape[1]), np.concatenate(spans)))
        sizes = [int(who.sum()) for who in (*masks, ~kept)]
        total = record.table.sum(axis=1)
        number = np.bincount(record.place[kept], minlength=len(total))
        # places with the same numbers are one
        alike, self.row = np.unique(np.stack([number, total]), axis=1, return_inverse=True)
        number, rest = alike[0], alike[1] - alike[0]
        self.kinds = []
        for rates in record.rates:
            shares = (record.common[span] for span in spans)
            before, after, outside = (
                size * (rates[:, span] @ share) / max(share.sum(), 1e-12)
                for size, span, share in zip(sizes, spans, shares, strict=True)
            )
            self.kinds.append(_ordered(before, after, outside, number, rest))

    def at(self, level: Floats, rng: np.random.Generator) -> Floats:
        """Give each place the chance that stands at a level (r, m), of 0 to 1, of its own ones."""
        kinds = rng.choice(len(self.likely), len(level), p=self.likely)
        chances, place = np.empty(level.shape), self.row
        for kind in np.unique(kinds):
            rows, (chance, below) = np.flatnonzero(kinds == kind), self.kinds[kind]
            at = below.searchsorted(level[rows] + place) - place * len(chance)
            chances[rows] = chance[at.clip(0, len(chance) - 1)]
        return chances


def _ordered(
    before: Floats, after: Floats, outside: Floats, number: Integers, rest: Integers
) -> tuple[Floats, Floats]:
    """Give chances in order, (courses,), and how likely those up to each are, (m * courses,).

    A course is the likelier, the better it goes with how many incidents a place has in both spans
    beside the rest, whatever the level of the place. Places follow each other: to how likely their
    courses are, their number is added.
    """
    order = np.argsort(after / (before + after), kind="stable")
    inside, outside = (before + after)[order], outside[order]
    fit = np.outer(number, np.log(inside)) - np.outer(number + rest, np.log(inside + outside))
    if outside.any():
        fit += np.outer(rest, np.log(outside))
    sums = np.cumsum(np.exp(fit - fit.max(axis=1, keepdims=True)), axis=1)
    return (after / (before + after))[order], (
        sums / sums[:, -1:] + np.arange(len(sums))[:, None]
    ).ravel()


class _Courses:
    """Rates of mean 1, (courses, steps), the same each time: integrals are evaluated at them."""

    def __init__(self, steps: int) -> None:
        shocks, passing = np.random.default_rng(0).normal(size=(2, _COURSES, steps))
        waves = {fading: _faded(shocks, fading) for fading in _FADING}
        # kinds that follow one another share what lasts or passes in them
        self.lasting = lru_cache(1)(lambda fading, variance: _log_normal(waves[fading], variance))
        self.passing = lru_cache(len(_PASSING))(partial(_log_normal, passing))

    def of(self, kind: tuple[float, float, float], more: float = 1.0) -> Floats:
        """Give the rates of one kind whose variances are so many times larger."""
        fading, slow, fast = kind
        return np.asarray(self.lasting(fading, more * slow) * self.passing(more * fast))


def _log_normal(shocks: Floats, variance: float) -> Floats:
    return np.asarray(np.exp(np.sqrt(variance) * shocks - variance / 2))


def _faded(shocks: Floats, fading: float) -> Floats:
    """Make shocks (courses, steps) a process of variance 1 that fades from step to step."""
    wave = shocks.copy()
    for step in range(1, wave.shape[1]):
        wave[:, step] *= np.sqrt(1 - fading**2)
        wave[:, step] += fading * wave[:, step - 1]
    return wave


def _places(x: Floats, y: Floats, radius: float) -> tuple[Positions, Floats]:
    """Give each point the number of its place, and the middles of the places, (m, 2).

    Places are laid around where points are densest, so that no town is cut in two.
    """
    keys = np.column_stack([np.rint(x / radius * 5), np.rint(y / radius * 5)])
    cells, cell, number = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    tree = scipy.spatial.cKDTree(cells)
    dense = [int(number[near].sum()) for near in tree.query_ball_point(cells, 2.5)]
    free, middles = np.ones(len(cells), dtype=bool), []
    for at in np.argsort(-np.array(dense), kind="stable"):
        if free[at]:
            middles.append(at)
            free[tree.query_ball_point(cells[at], 5.0)] = False
    if len(middles) > _MOST_PLACES:
        return _places(x, y, 1.5 * radius)
    nearest = np.asarray(scipy.spatial.cKDTree(cells[middles]).query(cells)[1])
    return nearest[cell.ravel()], cells[middles] * radius / 5


def _reach(counts: list[Floats], away: Floats) -> float:
    """Find how far waves are shared, from how places depart from their means together."""
    apart, scale = [], []
    for part in counts:
        mean = part.mean(axis=1, keepdims=True)
        apart.append((part - mean) / (1 + mean))
        scale.append(mean[:, 0] / (1 + mean[:, 0]))
    together = sum(part @ part.T for part in apart)
    weight = sum(np.outer(part, part) * counts[at].shape[1] for at, part in enumerate(scale))
    near = (away > 0) & (away <= _FARTHEST)
    if not near.any():
        return 0.0
    best, chosen = np.inf, 0.0
    for reach in _REACHES:
        alike = np.exp(-away / reach) if reach else np.zeros_like(away)
        design = (weight * alike)[near]
        most = float(design @ design)
        size = max(float(design @ together[near]) / most, 0.0) if most else 0.0
        error = float(((together[near] - size * design) ** 2).sum())
        if error < best * (1 - 1e-9):
            best, chosen = error, reach
    return chosen
