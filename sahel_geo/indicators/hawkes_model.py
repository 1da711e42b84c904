"""Likelihood, gradient, compensator and thinning of a Hawkes process with exponential kernels."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sahel_geo.compiled import compiled
from sahel_geo.errors import InputError

Array = npt.NDArray[np.float64]
_MOST_EVENTS = 5_000_000


@compiled()
def _past(times: Array, kinds: npt.NDArray[np.int64], count: int, decay: float):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """Sum exp(-decay * age), and age times it, over strictly earlier events of each type."""
    size = len(times)
    sums = np.zeros((size, count))
    aged = np.zeros((size, count))
    now = np.zeros(count)
    older = np.zeros(count)
    at, waiting = 0.0, 0
    for i in range(size):
        if i == 0 or times[i] > at:
            for j in range(waiting, i):  # events at the same time do not excite one another
                now[kinds[j]] += 1.0
            waiting = i
            gap = times[i] - at
            fade = np.exp(-decay * gap)
            for n in range(count):
                older[n] = fade * (older[n] + gap * now[n])
                now[n] *= fade
            at = times[i]
        for n in range(count):
            sums[i, n] = now[n]
            aged[i, n] = older[n]
    return sums, aged


@dataclass(frozen=True)
class Events:
    """Events in time order.

    Attributes
    ----------
    times : ndarray of float, shape (n,)
        Days since the start, not decreasing.
    kinds : ndarray of int, shape (n,)
        Type of each event, 0 to `count` - 1.
    count : int
        Number of types.
    days : float
        Length of the observation.
    """

    times: Array
    kinds: npt.NDArray[np.int64]
    count: int
    days: float

    def split(self, theta: Array) -> tuple[Array, Array, float]:
        """Read background rates, branching matrix (target, source) and decay from logarithms.

        Parameters
        ----------
        theta : ndarray of float, shape (m + m² + 1,)
            Logarithms of the parameters.

        Returns
        -------
        tuple
            Rates per day of shape (m,), matrix of shape (m, m), decay per day.
        """
        values = np.exp(theta)
        count = self.count
        return values[:count], values[count:-1].reshape(count, count), float(values[-1])

    def excitation(self, theta: Array) -> Array:
        """Split the intensity of each event's own type, at the event, by type of source.

        Parameters
        ----------
        theta : ndarray of float, shape (m + m² + 1,)
            Logarithms of the parameters.

        Returns
        -------
        ndarray of float, shape (n, m)
            Events per day; the background is not in it.
        """
        _, branching, decay = self.split(theta)
        sums, _ = _past(self.times, self.kinds, self.count, decay)
        return np.asarray(branching[self.kinds] * decay * sums)

    def log_likelihood(self, theta: Array) -> tuple[float, Array]:
        """Evaluate the log-likelihood and its gradient in time linear in the events.

        Parameters
        ----------
        theta : ndarray of float, shape (m + m² + 1,)
            Logarithms of the parameters.

        Returns
        -------
        tuple of float and ndarray of float, shape (m + m² + 1,)
            Log-likelihood and derivatives.
        """
        rates, branching, decay = self.split(theta)
        sums, aged = _past(self.times, self.kinds, self.count, decay)
        here = branching[self.kinds]
        intensity = rates[self.kinds] + decay * (here * sums).sum(axis=1)
        left = self.days - self.times
        still = np.exp(-decay * left)
        reached = np.bincount(self.kinds, weights=1 - still, minlength=self.count)
        cut = np.bincount(self.kinds, weights=left * still, minlength=self.count)
        value = np.log(intensity).sum() - rates.sum() * self.days - (branching @ reached).sum()

        inverse = 1 / intensity
        by_rate = np.bincount(self.kinds, weights=inverse, minlength=self.count) - self.days
        own = np.eye(self.count)[self.kinds]
        by_branching = own.T @ (decay * sums * inverse[:, None]) - reached
        by_decay = (here * (sums - decay * aged)).sum(axis=1) @ inverse - (branching @ cut).sum()
        gradient = np.concatenate(
            [by_rate * rates, (by_branching * branching).ravel(), [by_decay * decay]],
        )
        return float(value), gradient

    def information(self, theta: Array) -> Array:
        """Measure the curvature of the log-likelihood, by central differences of its gradient.

        Parameters
        ----------
        theta : ndarray of float, shape (p,)
            Logarithms of the parameters.

        Returns
        -------
        ndarray of float, shape (p, p)
            Observed information.
        """
        step = 1e-5
        rows = [
            (self.log_likelihood(theta - move)[1] - self.log_likelihood(theta + move)[1])
            / (2 * step)
            for move in np.eye(len(theta)) * step
        ]
        found = np.asarray(rows)
        return np.asarray((found + found.T) / 2)

    def rescaled_gaps(self, theta: Array, kind: int) -> Array:
        """Give the gaps between the events of one type on the clock of the fitted process.

        Parameters
        ----------
        theta : ndarray of float, shape (p,)
            Logarithms of the parameters.
        kind : int
            The type.

        Returns
        -------
        ndarray of float
            One per event of the type; exponential with mean 1 if the model is true.
        """
        rates, branching, decay = self.split(theta)
        sums, _ = _past(self.times, self.kinds, self.count, decay)
        mine = np.flatnonzero(self.kinds == kind)
        first = np.searchsorted(self.times, self.times[mine], side="left")
        counted = np.zeros((len(self.times) + 1, self.count))
        counted[1:] = np.cumsum(np.eye(self.count)[self.kinds], axis=0)
        elapsed = rates[kind] * self.times[mine] + (counted[first] - sums[mine]) @ branching[kind]
        return np.diff(elapsed, prepend=0.0)


def thin(
    rates: Array,
    branching: Array,
    decay: float,
    days: float,
    rng: np.random.Generator,
) -> Events:
    """Draw a process by thinning: candidates at the current intensity, kept as it has fallen.

    Parameters
    ----------
    rates : ndarray of float, shape (m,)
        Background events per day.
    branching : ndarray of float, shape (m, m)
        Events of each target (row) that one event of each source (column) triggers.
    decay : float
        Per day.
    days : float
        Length.
    rng : Generator
        Source of randomness.

    Returns
    -------
    Events
        The events, in time order.

    Raises
    ------
    InputError
        If over five million events are drawn.

    References
    ----------
    Ogata, Y. (1981). On Lewis' simulation method for point processes. IEEE Transactions on
    Information Theory 27, 23-31, algorithm 3.
    """
    times: list[float] = []
    kinds: list[int] = []
    excited = np.zeros(len(rates))  # intensity above the background, by target
    ceiling, at = float(rates.sum()), 0.0
    while ceiling > 0:
        gap = rng.exponential(1 / ceiling)
        at += gap
        if at >= days:
            break
        excited *= np.exp(-decay * gap)
        reach = np.cumsum(rates + excited)
        mark = rng.uniform(0, ceiling)
        if mark < reach[-1]:
            kind = int(np.searchsorted(reach, mark, side="right"))
            times.append(at)
            kinds.append(kind)
            excited += branching[:, kind] * decay
            if len(times) > _MOST_EVENTS:
                raise InputError(
                    f"`days` of {days:g} gives over {_MOST_EVENTS:,} events; expected fewer. "
                    "Simulate a shorter time or lower rates.",
                )
        ceiling = float(rates.sum() + excited.sum())
    return Events(np.array(times), np.array(kinds, dtype=np.int64), len(rates), days)
