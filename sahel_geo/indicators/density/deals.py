"""What chance deals between two periods: incidents, bouts, or waves that districts go through."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from sahel_geo.indicators.permutation.waves import Waves

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Together = Literal["waves", "place-month", "area-month", "incident"]
Deal = Callable[[np.random.Generator], Flags]

_SAME_PLACE_METRES: Final = 10.0
_WIDE: Final = 2.0  # bandwidths: side of a square that goes through waves, or bouts, as one
_REACHES: Final = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)  # sides, over which waves are shared
_FARTHEST: Final = 6.0  # sides, up to which waves are compared


@dataclass(frozen=True)
class Record:
    """All incidents with a place and a date, of which some belong to one of the two periods.

    Attributes
    ----------
    x, y : ndarray of float64, shape (n,)
        Metres.
    month : ndarray of int64, shape (n,)
        Months since the year 0.
    late, kept : ndarray of bool, shape (n,)
        Whether an incident belongs to the later period, and to either.
    """

    x: Floats
    y: Floats
    month: npt.NDArray[np.int64]
    late: Flags
    kept: Flags

    def of(self, rows: Flags) -> "Record":
        """Take some of the incidents."""
        return Record(*(getattr(self, each.name)[rows] for each in fields(self)))

    def deal(self, together: Together, bandwidth: float) -> Deal:
        """Give a function that draws, with a generator, which of the incidents kept are late."""
        wide = _WIDE * bandwidth
        if together == "waves":
            return _of_waves(self, *_squares(self.x, self.y, wide))
        own = self.of(self.kept)
        if together == "incident":
            return _of_groups(np.arange(len(own.x)), own.late)
        side = wide if together == "area-month" else _SAME_PLACE_METRES
        keys = np.column_stack([_squares(own.x, own.y, side)[0], own.month])
        groups = np.unique(keys, axis=0, return_inverse=True)[1]
        return _of_groups(groups.ravel(), own.late)

    def spans(self) -> list[npt.NDArray[np.int64]]:
        """Months of the earlier period, the later one, and those before, between and after."""
        early = self.kept & ~self.late
        ends = [(self.month[who].min(), self.month[who].max() + 1) for who in (early, self.late)]
        first, last = sorted(ends)
        rest = [(self.month.min(), first[0]), (first[1], last[0]), (last[1], self.month.max() + 1)]
        return [np.arange(*end) for end in (*ends, *rest) if end[1] > end[0]]


def _squares(x: Floats, y: Floats, side: float) -> tuple[npt.NDArray[np.intp], Floats]:
    """Give each point the number of its square, and the places of the squares in sides, (m, 2)."""
    keys = np.column_stack([np.rint(x / side), np.rint(y / side)])
    place, square = np.unique(keys, axis=0, return_inverse=True)
    return square.ravel(), place


def _of_groups(groups: npt.NDArray[np.intp], late: Flags) -> Deal:
    """Deal the periods among groups, each whole; one in both is told by its first incident."""
    labels = late[np.unique(groups, return_index=True)[1]]
    return lambda rng: np.asarray(rng.permutation(labels)[groups])


def _of_waves(record: Record, square: npt.NDArray[np.intp], place: Floats) -> Deal:
    """Share the incidents of each square out between the periods as waves would.

    The rates of a square wander, and those of squares near each other do so together: how much,
    how long and how far is estimated inside each period and in the time around them, so that a
    change between them is none.
    """
    spans, counts = record.spans(), []
    for span in spans:
        inside = (record.month >= span[0]) & (record.month <= span[-1])
        cell = square[inside] * len(span) + record.month[inside] - span[0]
        table = np.bincount(cell, minlength=len(place) * len(span))
        counts.append(table.reshape(len(place), -1).astype(np.float64))
    waves = Waves.of(counts, even=True)
    position = np.concatenate(spans[:2]).astype(np.float64)
    rates = waves.rates(np.abs(position[:, None] - position))
    away = np.hypot(*np.moveaxis(place[:, None] - place, 2, 0))
    values, vectors = np.linalg.eigh(_alike(away, _reach(counts, away)))
    root = vectors * np.sqrt(np.maximum(values, 0))
    share, first, own = record.late[record.kept].mean(), len(spans[0]), square[record.kept]

    def deal(rng: np.random.Generator) -> Flags:
        drawn = rates(len(place), rng, root)
        late = share * drawn[:, first:].mean(axis=1)
        early = (1 - share) * drawn[:, :first].mean(axis=1)
        return np.asarray(rng.random(len(own)) < (late / (late + early))[own])

    return deal


def _alike(away: Floats, reach: float) -> Floats:
    """Correlation of the waves of squares at some distance."""
    return np.exp(-away / reach) if reach else np.asarray(away == 0, dtype=np.float64)


def _reach(counts: list[Floats], away: Floats) -> float:
    """Find how far waves are shared, from how squares depart from their means together."""
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
        design = (weight * _alike(away, reach))[near]
        most = float(design @ design)
        size = max(float(design @ together[near]) / most, 0.0) if most else 0.0
        error = float(((together[near] - size * design) ** 2).sum())
        if error < best * (1 - 1e-9):
            best, chosen = error, reach
    return chosen
