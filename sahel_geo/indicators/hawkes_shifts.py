"""What share of the incidents would seem to follow those of others if only chance linked them.

The dates of each type are shifted inside quarters against those of the others. Each type keeps its
places and its own outbreaks, and what the types share from quarter to quarter stays; only what
links them within weeks is broken.
"""

from collections.abc import Sequence
from typing import Any, Protocol, Self

import numpy as np
import pandas as pd

from sahel_geo.errors import InputError
from sahel_geo.indicators.country_permutation import against_chance
from sahel_geo.indicators.hawkes_likelihood import Array, Model, Optimum
from sahel_geo.indicators.hawkes_model import Events
from sahel_geo.indicators.strata import Blocks
from sahel_geo.tasks import track

_EPOCH = pd.Timestamp("1970-01-01")


class Movable(Model, Protocol):
    """A process whose events can be moved in time."""

    @property
    def events(self) -> Events:
        """The events."""

    def moved(self, times: Array) -> Self:
        """Give the process with its events at other times, shape (n,)."""


def beside_shifts(
    model: Movable,
    best: Optimum,
    first: pd.Timestamp,
    *,
    within: Sequence[str],
    shifts: int,
    rng: np.random.Generator | int | None,
) -> "pd.Series[Any] | None":
    """Set the share that follows other types beside that of shifted dates.

    Parameters
    ----------
    model : Movable
        The process.
    best : Optimum
        Its maximum; its kernels are kept, rates and branching are fitted to each shift anew, and
        the background moves with the events.
    first : Timestamp
        Start of the observation.
    within : sequence of str
        Spans of the calendar, as for :func:`sahel_geo.near_repeat.knox`.
    shifts : int
        How many; none for no answer.
    rng : Generator or int
        Seed.

    Returns
    -------
    Series or None
        ``value``, ``expected``, ``low`` and ``high`` (95 % of the shifts), ``z``, and ``p``, two-
        sided; None with no shift or a single type.

    Raises
    ------
    InputError
        If `shifts` is negative, or there is no seed for them.
    """
    if shifts < 0 or (shifts and rng is None):
        raise InputError(
            f"`shifts` is {shifts} and `rng` {rng!r}; expected 0 or more, and a seed with them. "
            "Pass rng=1.",
        )
    events = model.events
    if not shifts or events.count < 2:
        return None
    known = pd.DataFrame({"date": first + pd.to_timedelta(events.times, "D"), "kind": events.kinds})
    span = first, first + pd.Timedelta(days=events.days - 1)
    origin = (first - _EPOCH) / pd.Timedelta(days=1)
    blocks = Blocks.of(known, "kind", within, span).taken(np.arange(len(known)), origin)
    times = np.empty((len(known), shifts))
    blocks.shift(events.times, np.random.default_rng(rng), times)
    foreign = np.hstack([np.zeros((events.count, 1)), 1 - np.eye(events.count)])
    start = np.maximum(best.parts, 1e-3 * best.parts.sum(axis=1, keepdims=True))
    found = [
        float((model.moved(at).design(best.kernel).maximise(start)[0] * foreign).sum())
        for at in track(times.T, "shifts")
    ]
    observed = float((best.parts * foreign).sum())
    size = len(known)
    return pd.Series(against_chance(observed / size, np.array(found) / size))
