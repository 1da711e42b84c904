"""Events by period and short block of time: what a bootstrap of event counts draws from."""

import math
from collections.abc import Callable
from numbers import Integral, Real
from typing import Any, Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.arrays import Floats
from sahel_geo.errors import InputError, first_offenders, require_choice, require_columns
from sahel_geo.locate.panel.count import FREQUENCY

BLOCK_DAYS: Final = 14
_WARM_UP: Final = 50  # values of noise with memory before the first that counts
FEWEST_BLOCKS: Final = 6  # with events; below, an interval would promise more than it holds


def dated(incidents: pd.DataFrame) -> "pd.Series[Any]":
    """Give the dates of incidents, without a time zone."""
    require_columns(incidents, "incidents", ("date",), "Read the file with sg.read_incidents.")
    days = pd.to_datetime(incidents["date"], errors="coerce", format="ISO8601")
    lost = incidents.loc[days.isna() & incidents["date"].notna(), "date"]
    if len(lost):
        raise InputError(
            "`incidents` has {number} dates that cannot be read: {lost}; expected dates, as "
            "sg.read_incidents gives them. Read the file with it.",
            number=len(lost),
            lost=first_offenders(lost),
        )
    return days.dt.tz_localize(None)


def periods_of(dates: "pd.Series[Any]", period: str) -> tuple["pd.Series[Any]", pd.PeriodIndex]:
    """Give the period of each date, and all periods from the first to the last."""
    require_choice("period", period, FREQUENCY)
    frequency = FREQUENCY[period]
    own = dates.dt.to_period(frequency)
    known = dates.dropna()
    if known.empty:
        return own, pd.PeriodIndex([], freq=frequency)
    return own, pd.period_range(known.min(), known.max(), freq=frequency)


def resampled(
    counts: Floats, day: npt.NDArray[np.datetime64], *, replicates: int, rng: np.random.Generator
) -> Floats:
    """Draw a period's sums again from blocks of days, (n, k) to (r, k); no rows of under six."""
    block = day.astype("datetime64[D]").astype(np.int64) // BLOCK_DAYS
    blocks, of = np.unique(block, return_inverse=True)
    if len(blocks) < FEWEST_BLOCKS or replicates < 1:
        return np.empty((0, counts.shape[1]))
    sums = np.zeros((len(blocks), counts.shape[1]))
    np.add.at(sums, of, counts)
    drawn = rng.multinomial(len(blocks), np.full(len(blocks), 1 / len(blocks)), replicates)
    return np.asarray(drawn @ sums, dtype=np.float64)


def interval(draws: npt.ArrayLike, level: float) -> tuple[float, float]:
    """Give the interval that holds a share of draws; NaN where there are none."""
    values = np.asarray(draws, dtype=np.float64)
    values = values[np.isfinite(values)]
    if len(values) < 2:
        return float("nan"), float("nan")
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def theil_sen(values: Floats, at: Floats) -> Floats:
    """Give the median slope of all pairs of points, for each row.

    values (..., n): Missing values are left out.
    at (n,): Where on the other axis.
    Returns (...): NaN where fewer than two points are known.

    Sen, P. K. (1968). Estimates of the regression coefficient based on Kendall's tau. Journal of
    the American Statistical Association 63, 1379-1389.
    """
    first, second = np.triu_indices(values.shape[-1], 1)
    if not len(first):
        return np.full(values.shape[:-1], np.nan)
    slopes = (values[..., second] - values[..., first]) / (at[second] - at[first])
    finite = np.isfinite(slopes)
    if finite.all():  # the median that looks for missing values takes ten times as long
        return np.asarray(np.median(slopes, axis=-1))
    known = finite.any(axis=-1)
    out = np.full(values.shape[:-1], np.nan)
    out[known] = np.nanmedian(slopes[known], axis=-1)
    return out


def slope_reach(values: Floats, at: Floats, level: float) -> float:
    """Give how far the slope of a course may be off, by how much its values differ from a line.

    What events of a period are drawn again for does not tell how much periods differ anyway.

    >>> round(slope_reach(np.array([1.0, 2.0, 4.0, 5.0]), np.arange(4.0), 0.95), 3)
    0.608
    """
    from scipy.special import stdtrit  # noqa: PLC0415  takes a while

    away = at - at.mean()
    freedom = len(at) - 2
    left = (_left(values[None], at) ** 2).sum()
    return float(stdtrit(freedom, (1 + level) / 2) * np.sqrt(left / freedom / (away**2).sum()))


def turning_point(
    values: Floats, at: Floats, chance: Floats, *, level: float, least: int = 3
) -> int | None:
    """Find where a course turns, if two straight pieces that meet there fit better than one line.

    The better fit is the smallest sum of squares of two pieces with `least` values each, the turn
    in both, beside that of the line. It counts where a line with chance alone comes as far in less
    than ``1 - level`` of the draws.

    values (n,): The course.
    at (n,): Where on the other axis.
    chance (r, n): Draws of what chance alone leaves around a line.
    Returns: Its place among the values; None of too few for two pieces, and of a steady course.

    Andrews, D. W. K. (1993). Tests for parameter instability and structural change with unknown
    change point. Econometrica 61, 821-856.
    """
    turns = _turns(len(values), least)
    if not turns:
        return None
    courses = np.vstack([values, chance])
    squares = np.array([(_left(courses, at, turn) ** 2).sum(axis=1) for turn in turns])
    gain = (_left(courses, at) ** 2).sum(axis=1) / np.maximum(squares.min(axis=0), 1e-12)
    if (gain >= gain[0]).mean() > 1 - level:
        return None
    return turns[int(squares[:, 0].argmin())]


def chance_with_memory(
    values: Floats, at: Floats, *, least: int, draws: int, rng: np.random.Generator
) -> Floats:
    """Draw noise, (r, n), that remembers the value before as what the best two pieces leave does.

    That autocorrelation comes out too low, by a bias that is added to it, with half its standard
    error (Marriott and Pope 1954).
    """
    from scipy.signal import lfilter  # noqa: PLC0415  takes a while to load

    size = len(values)
    turns = _turns(size, least)
    rest = min((_left(values[None], at, turn)[0] for turn in turns), key=lambda left: left @ left,
               default=_left(values[None], at)[0])  # fmt: skip
    memory = float(rest[1:] @ rest[:-1] / max(rest @ rest, 1e-12))
    memory += (4 + 6 * memory) / size + 0.5 * math.sqrt((1 - memory**2) / size)
    noise = rng.normal(0, 1, (draws, _WARM_UP + size))
    return np.asarray(lfilter([1.0], [1.0, -min(max(memory, 0.0), 0.9)], noise)[:, _WARM_UP:])


def _turns(size: int, least: int) -> range:
    """Give the places at which two pieces can meet, each with so many values, the turn in both."""
    return range(least - 1, size - least + 1)


def _left(courses: Floats, at: Floats, turn: int | None = None) -> Floats:
    """Give what a line leaves of each course, or two pieces that meet at a turn."""
    bend = [] if turn is None else [np.clip(at - at[turn], 0, None)]
    basis = np.linalg.qr(np.column_stack([np.ones(len(at)), at - at.mean(), *bend]))[0]
    return np.asarray(courses - (courses @ basis) @ basis.T)


class Slope(NamedTuple):
    """A change per year with its interval."""

    slope: float
    low: float
    high: float

    @property
    def sign(self) -> int:
        """1 or -1, and 0 where chance may do it."""
        return int(self.low > 0) - int(self.high < 0)

    def named(self, lead: str) -> dict[str, float]:
        """Give columns of a piece, as ``before``, ``before_low`` and ``before_high``."""
        return {lead: self.slope, f"{lead}_low": self.low, f"{lead}_high": self.high}

    @classmethod
    def of_row(cls, row: Any, lead: str = "") -> Self:
        """Read such columns, or those of the whole course."""
        names = (lead, f"{lead}_low", f"{lead}_high") if lead else cls._fields
        return cls(*(float(row[name]) for name in names))


def pieces(
    values: Floats,
    at: Floats,
    chance: Floats,
    slope: Callable[[slice], Slope],
    *,
    level: float,
    least: int = 3,
) -> tuple[int, Slope, Slope] | None:
    """Give a :func:`turning_point` and the slopes before and after, unless both go one way."""
    turn = turning_point(values, at, chance, level=level, least=least)
    if turn is None:
        return None
    before, after = slope(slice(turn + 1)), slope(slice(turn, None))
    if before.sign == -after.sign != 0:  # then the peak or trough, as a reader sees it
        turn = max(_turns(len(values), least), key=lambda place: before.sign * values[place])
        before, after = slope(slice(turn + 1)), slope(slice(turn, None))
    return (turn, before, after) if before.sign != after.sign else None


def check_settings(replicates: int, level: float) -> None:
    """Refuse numbers of draws and levels that no interval can have."""
    draws = isinstance(replicates, Integral) and replicates >= 0
    if not draws or not (isinstance(level, Real) and 0 < level < 1):
        raise InputError(
            f"`replicates` is {replicates!r} and `level` {level!r}; expected 0 or more draws, and "
            "a share between 0 and 1. Correct the setting."
        )


def by_draw(draws: Floats, measure: Callable[[Floats], Any]) -> Floats:
    """Apply a measure of the last axis to draws, of which there may be none."""
    return np.asarray(measure(draws), dtype=np.float64) if len(draws) else np.empty(0)
