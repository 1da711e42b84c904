"""What chance deals between two periods: incidents, bouts, or waves that districts go through."""

from dataclasses import dataclass, fields
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from sahel_geo.indicators.permutation.two_spans import Deal, WaveDeals

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Together = Literal["waves", "place-month", "area-month", "incident"]

_SAME_PLACE_METRES: Final = 10.0
_WIDE: Final = 2.0  # bandwidths: how wide a square goes through bouts, or waves, as one


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
        """Give a function that draws, so many times, which of the incidents kept are late."""
        wide = _WIDE * bandwidth
        if together == "waves":
            starts = [self.month[who].min() for who in (self.late, self.kept & ~self.late)]
            waves = WaveDeals(self.x, self.y, self.month, wide, int(max(starts)))
            return waves.between(self.late, self.kept)
        own = self.of(self.kept)
        if together == "incident":
            return _of_groups(np.arange(len(own.x)), own.late)
        side = wide if together == "area-month" else _SAME_PLACE_METRES
        keys = np.column_stack([np.rint(own.x / side), np.rint(own.y / side), own.month])
        groups = np.unique(keys, axis=0, return_inverse=True)[1]
        return _of_groups(groups.ravel(), own.late)


def _of_groups(groups: npt.NDArray[np.intp], late: Flags) -> Deal:
    """Deal the periods among groups, each whole; one in both is told by its first incident."""
    labels = late[np.unique(groups, return_index=True)[1]]
    return lambda rng, number: np.stack([rng.permutation(labels)[groups] for _ in range(number)])
