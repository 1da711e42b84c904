"""Hawkes processes in time: kernels, likelihood, residuals and simulation."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, Literal, Self, TypeVar, get_args

import numpy as np
import pandas as pd
import scipy

from sahel_geo.arrays import Integers, Positions
from sahel_geo.compiled import compiled
from sahel_geo.errors import InputError, did_you_mean, first_offenders
from sahel_geo.indicators.hawkes.likelihood import Array, Design
from sahel_geo.indicators.permutation.coarse_dates import spread_dates

Kernel = Literal["exponential", "gaussian"]
KERNELS: Final = get_args(Kernel)
CUT: Final = 18.0  # a kernel counts as 0 where its exponent is below -18, 1.5e-8 of its peak
FEWEST: Final = 10  # incidents of a type

_LEAST_DAYS: Final = 1 / 1440  # mean delay: a minute
_OF_TIME: Final = 5  # a kernel longer than a fifth of the record passes for the background
_OF_BACKGROUND: Final = 2  # nor one longer than half the width of the background
_START_DAYS: Final = (0.02, 0.1, 0.4, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0)

_FACTORS: Final = (0.2, 5.0)  # of what follows, for each doubling of one more than the mark
_START_FACTORS: Final = (0.7, 1.0, 1.5)


@compiled()
def _recursion(
    times: Array, kinds: Integers, weights: Array, decay: float, sums: Array, faded: Array
) -> None:
    """Sum weight * exp(-decay * age), and weight less that, over strictly earlier events by type.

    The recursion of Ozaki (1979): time linear in the events. Loops over types, since whole rows
    take a second longer to compile.
    """
    count = sums.shape[1]
    now, seen = np.zeros(count), np.zeros(count)
    at, waiting = 0.0, 0
    for i in range(len(times)):
        if i == 0 or times[i] > at:
            for j in range(waiting, i):  # events at the same time do not excite one another
                now[kinds[j]] += weights[j]
                seen[kinds[j]] += weights[j]
            waiting = i
            left = math.exp(-decay * (times[i] - at))
            for kind in range(count):
                now[kind] *= left
            at = times[i]
        for kind in range(count):
            sums[i, kind] = now[kind]
            if len(faded):
                faded[i, kind] = seen[kind] - now[kind]


@compiled()
def _pairs(
    times: Array, kinds: Integers, weights: Array, law: tuple[bool, float, float, float],
    sums: Array, faded: Array,
) -> None:  # fmt: skip
    """Do the same over the pairs that a kernel reaches: half a Gaussian, or any that is cut off.

    `law`: whether Gaussian, its scale, its reach and the share that comes within it. Without room
    in `faded`, the slow error function is left out.
    """
    gaussian, scale, reach, whole = law
    seen = np.zeros(sums.shape[1])
    first, waiting = 0, 0
    for i in range(len(times)):
        while waiting < i and times[waiting] < times[i]:
            waiting += 1
        while first < waiting and times[i] - times[first] > reach:
            seen[kinds[first]] += weights[first] * whole
            first += 1
        for j in range(first, waiting):
            scaled = (times[i] - times[j]) / scale
            fall = scaled * scaled if gaussian else scaled
            sums[i, kinds[j]] += weights[j] * math.exp(-fall)
        if len(faded):
            for kind in range(sums.shape[1]):
                faded[i, kind] = seen[kind]
            for j in range(first, waiting):
                scaled = (times[i] - times[j]) / scale
                part = math.erf(scaled) if gaussian else -math.expm1(-scaled)
                faded[i, kinds[j]] += weights[j] * part


@dataclass(frozen=True)
class Delay:
    """Law of the days until a following incident."""

    kernel: Kernel  # an exponential density, or the right half of a Gaussian one
    mean_days: float  # its mean, before it is cut off
    # where it is cut off: nothing follows later. What is left is scaled to 1
    window_days: float = math.inf

    @property
    def spread_days(self) -> float:
        """Standard deviation of the whole Gaussian."""
        return self.mean_days * math.sqrt(math.pi / 2)

    @property
    def peak(self) -> float:
        """Density per day at 0."""
        whole = 2 / math.pi if self.kernel == "gaussian" else 1.0
        return whole / self.mean_days / self.kept

    @property
    def kept(self) -> float:
        """Share of the law that is not cut off."""
        if math.isinf(self.window_days):
            return 1.0
        return float(self._reached(np.array([self.window_days]))[0])

    def reached(self, age: Array) -> Array:
        """Give the share of the following incidents that come before an age in days."""
        return np.asarray(self._reached(np.minimum(age, self.window_days)) / self.kept)

    def _reached(self, age: Array) -> Array:
        if self.kernel == "gaussian":
            root = np.asarray(age) / (self.spread_days * math.sqrt(2))
            return np.array([math.erf(part) for part in root], dtype=np.float64)
        return np.asarray(-np.expm1(-age / self.mean_days))

    def draw(self, size: int, rng: np.random.Generator) -> Array:
        """Draw delays in days."""
        if not math.isinf(self.window_days):
            share = rng.uniform(0, self.kept, size)
            if self.kernel == "gaussian":
                return np.asarray(self.spread_days * scipy.special.ndtri((1 + share) / 2))
            return np.asarray(-self.mean_days * np.log1p(-share))
        if self.kernel == "gaussian":
            return np.abs(rng.normal(0, self.spread_days, size))
        return rng.exponential(self.mean_days, size)


@dataclass(frozen=True)
class Events:
    """Events in time order."""

    times: Array  # (n,) days since the start, not decreasing
    kinds: Integers  # (n,) type of each event, 0 to `count` - 1
    count: int  # number of types
    days: float  # length of the observation

    @cached_property
    def numbers(self) -> Integers:
        """Events of each type, shape (m,)."""
        return np.bincount(self.kinds, minlength=self.count)

    @cached_property
    def members(self) -> list[Positions]:
        """Events of each type, by position."""
        return [np.flatnonzero(self.kinds == kind) for kind in range(self.count)]

    @cached_property
    def by_type(self) -> Positions:
        """Positions of the events, type by type, shape (n,)."""
        return np.concatenate(self.members)

    @cached_property
    def ends(self) -> Integers:
        """Where each type begins in this order, and the last ends, shape (m + 1,)."""
        return np.concatenate([[0], np.cumsum(self.numbers)])

    @cached_property
    def indicator(self) -> Array:
        """1 in the column of the type of each event, shape (n, m)."""
        return np.eye(self.count)[self.kinds]

    def past(
        self, delay: Delay, weights: Array | None = None, *, integrated: bool = True
    ) -> tuple[Array, Array]:
        """Sum the kernel, and its integral, over the earlier events of each type.

        weights (n,): What each event counts for; 1 by default. Returns (n, m): Density per
        day at each event, and the share that has come to pass by then, without rows if it
        is not needed.
        """
        shape = len(self.times), self.count
        sums, faded = np.zeros(shape), np.zeros(shape if integrated else (0, self.count))
        counted = np.ones(len(self.times)) if weights is None else weights
        gaussian = delay.kernel == "gaussian"
        if gaussian or not math.isinf(delay.window_days):
            scale = delay.spread_days * math.sqrt(2) if gaussian else delay.mean_days
            far = scale * (math.sqrt(CUT) if gaussian else 2 * CUT)
            law = gaussian, scale, min(far, delay.window_days), delay.kept
            _pairs(self.times, self.kinds, counted, law, sums, faded)
        else:
            recursion = _recursion.sized(sums.size)
            recursion(self.times, self.kinds, counted, 1 / delay.mean_days, sums, faded)
        return sums * delay.peak, faded / delay.kept


@dataclass(frozen=True)
class TimeModel:
    """A process in time with one kernel for all pairs of types."""

    events: Events  # what was observed
    kernel: Kernel  # form of the kernel
    most_days: float  # greatest mean delay
    # (n,) background at each event, of its own type, for a rate of 1 a day on average
    background: Array
    passed: Array  # (n,) its integral until the event, in days
    window_days: float = field(default=math.inf, kw_only=True)  # nothing follows later
    # (n,) of one more than the mark of each event: each multiplies what follows by the same factor
    doublings: Array | None = field(default=None, kw_only=True)

    @property
    def bounds(self) -> Array:
        """Least and greatest logarithm of the mean delay, and of the factor of marks, (d, 2)."""
        ends = [[min(_LEAST_DAYS, self.most_days / 2), self.most_days]]
        return np.log(ends if self.doublings is None else [*ends, _FACTORS])

    @property
    def parameters(self) -> list[str]:
        """Names of the parameters of the kernels."""
        return ["mean_days", *([] if self.doublings is None else ["mark_factor"])]

    def delay(self, kernel: Array) -> Delay:
        """Read the delay from its logarithm, shape (d,)."""
        return Delay(self.kernel, math.exp(kernel[0]), self.window_days)

    def weights(self, kernel: Array) -> Array:
        """Give what follows each event over what follows an average one of its type."""
        if self.doublings is None:
            return np.ones(len(self.events.times))
        raw = np.exp(kernel[-1] * self.doublings)
        mean = np.bincount(self.events.kinds, weights=raw, minlength=self.events.count)
        return np.asarray(raw / (mean / self.events.numbers)[self.events.kinds])

    def starts(self) -> list[Array]:
        """Kernels from which to begin: the likelihood can have several peaks."""
        low, high = self.bounds[0]
        inside = [np.array([at]) for at in np.log(_START_DAYS) if low < at < high]
        return self.with_factors(inside or [np.array([(low + high) / 2])])

    def with_factors(self, starts: list[Array]) -> list[Array]:
        """Begin at several factors of the marks, where there are marks."""
        if self.doublings is None:
            return starts
        return [np.append(at, factor) for at in starts for factor in np.log(_START_FACTORS)]

    def design(self, kernel: Array) -> Design:
        """Evaluate the kernel, (1,): the logarithm of the mean delay in days."""
        events, delay = self.events, self.delay(kernel)
        weights = self.weights(kernel)
        sums, _ = events.past(delay, weights, integrated=False)
        share = delay.reached(events.days - events.times) * weights
        reached = np.bincount(events.kinds, weights=share, minlength=events.count)
        exposure = np.tile(np.concatenate([[events.days], reached]), (events.count, 1))
        return Design.of(self.table(sums), events.ends, exposure)

    def designs(self, kernels: Sequence[Array]) -> list[Design]:
        """Evaluate several kernels, each of shape (d,)."""
        return [self.design(kernel) for kernel in kernels]

    def table(self, sums: Array) -> Array:
        """Set the background beside what follows, sums (n, m), type by type; (n, 1 + m)."""
        events = self.events
        table = np.empty((len(sums), 1 + events.count))
        table[:, 0] = self.background[events.by_type]
        table[:, 1:] = sums[events.by_type]
        return table

    def moved(self, times: Array) -> Self:
        """Put the events at other times (days since the start), their background with them."""
        order = np.argsort(times, kind="stable")
        events = replace(self.events, times=times[order], kinds=self.events.kinds[order])
        marks = None if self.doublings is None else self.doublings[order]
        return replace(
            self,
            events=events,
            background=self.background[order],
            passed=self.passed[order],
            doublings=marks,
        )

    def elapsed(self, kernel: Array, kind: int, rates: Array) -> Array:
        """Give the time of one type's events on the clock of the process, places summed up."""
        own = self.events.members[kind]
        _, faded = self.events.past(self.delay(kernel), self.seen(kernel, kind))
        return np.asarray(rates[0] * self.passed[own] + faded[own] @ rates[1:])

    def seen(self, kernel: Array, kind: int) -> Array:  # noqa: ARG002  of a type in space alone
        """Give what of a type follows each event where the type can be, (n,)."""
        return self.weights(kernel)


ModelT = TypeVar("ModelT", bound=TimeModel)


def longest_delay(days: float, background_days: float | None) -> float:
    """Give the longest mean delay that can be told from the background."""
    if background_days is None:
        return days / _OF_TIME
    if not background_days > 0:
        raise InputError(
            f"`background_days` is {background_days}; expected more than 0. Leave it out for a "
            "background that is constant."
        )
    return min(days / _OF_TIME, background_days / _OF_BACKGROUND)


def doublings_of(incidents: pd.DataFrame, marks: str, rows: Positions) -> Array:
    """Read the marks, as doublings of one more than each."""
    if marks not in incidents:
        raise InputError(
            f"`marks` is {marks!r}, which `incidents` has not; expected one of its columns. "
            f"Choose one. {did_you_mean(marks, incidents.columns)}".rstrip()
        )
    values: Any = pd.to_numeric(incidents[marks].iloc[rows], errors="coerce")
    wrong = ~(values >= 0) | np.isinf(values)
    if wrong.any():
        raise InputError(
            f"`marks` {marks!r} is missing, infinite or negative in {int(wrong.sum())} rows: "
            f"{first_offenders(values.index[wrong])}; expected a number of 0 or more for each. "
            "Fill them, or leave those incidents out."
        )
    return np.asarray(np.log2(1 + values.to_numpy(dtype=np.float64)))


def read_events(
    incidents: pd.DataFrame,
    by: str,
    span: tuple[str | pd.Timestamp | None, str | pd.Timestamp | None],
    rng: np.random.Generator | int | None,
) -> tuple[Events, pd.Index, Positions, pd.Timestamp]:
    """Take times and types from a table."""
    missing = [name for name in ("date", by) if name not in incidents]
    if missing:
        raise InputError(
            "`incidents` has no column {shown}; it has {columns}. Rename the columns, or "
            "choose another by=. {meant}",
            shown=first_offenders(missing),
            columns=first_offenders(incidents.columns),
            meant=did_you_mean(missing[0], incidents.columns),
        )
    rows = np.flatnonzero(incidents[["date", by]].notna().all(axis=1).to_numpy())
    known = incidents[["date", by]].iloc[rows]
    generator = None if rng is None else np.random.default_rng(rng)
    if generator is not None and len(rows):
        known = known.assign(date=spread_dates(incidents.iloc[rows], generator)[0])
    if known.empty:
        raise InputError(
            "`incidents` has no row with a date and a type; expected at least {fewest} of "
            "each type. Load a longer time.",
            fewest=FEWEST,
        )
    first = known["date"].min().normalize() if span[0] is None else pd.Timestamp(span[0])
    day_after = known["date"].max().normalize() + pd.Timedelta(days=1)
    last = day_after if span[1] is None else pd.Timestamp(span[1])
    if first >= last:
        raise InputError(
            "`start` is {first} and `end` {last}; expected start before end. Swap.",
            first=first,
            last=last,
        )
    observed = ((known["date"] >= first) & (known["date"] < last)).to_numpy()
    inside, rows = known[observed], rows[observed]
    kinds, names = pd.factorize(inside[by], sort=True)
    require_enough(np.bincount(kinds, minlength=len(names)), names)
    times = (inside["date"] - first).dt.total_seconds().to_numpy(dtype=np.float64) / 86_400
    days = float((last - first) / pd.Timedelta(days=1))
    if generator is not None:
        times = np.floor(times) + generator.uniform(0, 1, len(times))
        times = np.minimum(times, np.nextafter(days, 0))
    order = np.argsort(times, kind="stable")
    events = Events(times[order], kinds[order].astype(np.int64), len(names), days)
    return events, pd.Index(names, name=by), rows[order], first


def require_enough(numbers: Integers, names: pd.Index) -> None:
    """Refuse types with too few incidents, `numbers` (m,)."""
    if not len(names) or numbers.min() < FEWEST:
        raise InputError(
            "`incidents` has types with fewer than {fewest} incidents: {shown}; expected "
            "{fewest} of each. Leave them out, join them, or take a longer time.",
            fewest=FEWEST,
            shown=first_offenders(names[numbers < FEWEST]),
        )
