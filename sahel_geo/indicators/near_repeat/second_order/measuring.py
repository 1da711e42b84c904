"""What K-functions are made of: timetables of simulations, pairs of types, checked settings."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, Final

import numpy as np
import pandas as pd

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.indicators.near_repeat.pair_search import Floats
from sahel_geo.indicators.near_repeat.second_order.envelopes import Envelope, global_envelope
from sahel_geo.indicators.near_repeat.second_order.k_sums import KSums, Timetable
from sahel_geo.indicators.near_repeat.second_order.study import Study
from sahel_geo.indicators.permutation.strata import Blocks

_MOST_TYPES: Final = 4


def envelope_of_l(observed: Floats, simulated: Floats) -> Envelope:
    """Envelope of L: the square root makes the spread of K alike at all distances."""
    return global_envelope(np.sqrt(observed / np.pi), np.sqrt(simulated / np.pi))


def measure(
    sums: KSums, study: Study, timetable: Timetable, simulations: int, rng: np.random.Generator
) -> dict[str, Any]:
    """Set K(s, t) beside the product of its parts, as observed and simulated."""
    if simulations < 1:
        raise InputError(f"`permutations` is {simulations}; expected at least 1. Try 999.")
    times = study.days[sums.order][:, None]
    space, time, both = sums.space(), sums.time(times)[0], sums.space_time(times)[0]
    drawn_both, drawn_time = sums.simulate(timetable, simulations, rng)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = both / np.outer(space, time)
        drawn = drawn_both / (space[:, None] * drawn_time[:, None, :])
    envelope = global_envelope(ratio.ravel(), drawn.reshape(simulations, -1))
    return {
        "distances_km": sums.distances_km,
        "days": sums.days,
        "space": space,
        "time": time,
        "both": both,
        "ratio": ratio,
        "observed": sums.counts(times),
        "envelope": envelope,
        "incidents": len(sums.order),
        "pairs": sums.possible,
    }


def shifted(sums: KSums, study: Study, by: str, within: Sequence[str]) -> Timetable:
    """Shift the dates of the second type round and round."""
    days, first = study.days[sums.order], sums.of_first
    span = study.start, study.start + pd.Timedelta(days=study.length - 1)
    origin = (study.start - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)
    blocks = Blocks.of(study.known, by, within, span).taken(sums.order, origin)

    def fill(times: Any, rng: np.random.Generator) -> None:
        blocks.shift(days, rng, times)
        times[first] = days[first][:, None]

    return fill


def type_pairs(
    study: Study, by: str, between: Sequence[str] | None
) -> Iterator[tuple[str, Study, Any]]:
    """Give each two types, the study of their incidents, and which are of the first."""
    values = study.known[by].astype(str)
    names = sorted(set(values)) if between is None else [str(name) for name in between]
    unknown = sorted(set(names) - set(values))
    if unknown or len(set(names)) < 2 or len(names) > _MOST_TYPES:
        raise InputError(
            "`between` has {number} types in column {by!r}: {shown}, of which {absent} have "
            "no incident; expected two to {most_types}. Name them with between=.",
            number=len(set(names)),
            by=by,
            shown=first_offenders(names),
            absent=first_offenders(unknown),
            most_types=_MOST_TYPES,
        )
    for one, other in combinations(names, 2):
        pair = study.of_rows(values.isin([one, other]).to_numpy())
        yield f"{one}–{other}", pair, pair.known[by].astype(str).eq(one).to_numpy()


def ascending(argument: str, values: Sequence[float]) -> Floats:
    """Check that the values of an argument ascend."""
    ends = np.asarray(values, dtype=np.float64)
    good = ends.ndim == 1 and len(ends) and np.isfinite(ends).all() and ends.min() > 0
    if not good or (np.diff(ends) <= 0).any():
        raise InputError(
            f"`{argument}` is {first_offenders(np.ravel(ends))}; expected ascending finite numbers "
            "above 0. List them in order."
        )
    return ends
