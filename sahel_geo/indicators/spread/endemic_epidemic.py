"""The endemic-epidemic count model: its mean, likelihood, derivatives and simulation."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import scipy

from sahel_geo.arrays import Flags, Integers, Positions
from sahel_geo.errors import InputError

Array = npt.NDArray[np.float64]
PARTS: Final = ("endemic", "autoregressive", "domestic", "foreign")
_MOST_EXPECTED: Final = 1e7  # incidents in one unit and period; beyond it a simulation explodes


@dataclass(frozen=True)
class Weights:
    """How the neighbours of each unit weigh, from row j to column i."""

    # (m, m) kilometres of shared border, weights as given, or the order of contiguity (0 where not
    # connected)
    base: Array
    abroad: Flags  # (m, m) whether the two units lie in different countries
    power: bool  # whether `base` holds orders, to be raised to minus the decay
    normalised: bool = True  # whether each row is scaled to sum to 1

    def at(self, decay: float) -> tuple[Array, Array]:
        """Weigh the links at a decay; also the derivative by the logarithm of the decay.

        decay: Exponent of the power law; not used with other weights. Returns two (m, m) arrays:
        Weights and derivatives; rows of units without neighbours are 0.
        """
        linked, logs = self._links
        raw: Array = np.where(linked, np.exp(-decay * logs), 0.0) if self.power else self.base
        if not self.normalised:
            return raw, -decay * raw * logs
        whole = raw.sum(axis=1, keepdims=True)
        weights = np.divide(raw, whole, out=np.zeros_like(raw), where=whole > 0)
        mean_log = (weights * logs).sum(axis=1, keepdims=True)
        return weights, decay * weights * (mean_log - logs)

    @cached_property
    def _links(self) -> tuple[Flags, Array]:
        """Tell which units are linked, and give the logarithms of their orders."""
        linked = self.base > 0
        return linked, np.log(np.where(linked & self.power, self.base, 1.0))


@dataclass(frozen=True)
class Model:
    """All that is fixed while parameters vary: counts, regressors, offset and weights."""

    # parameters in order: those of `design`, `covariates` and `waves`, then the parts, ``decay``
    # and ``overdispersion``, which are positive and kept as logarithms
    names: tuple[str, ...]
    # (m, t) incidents by unit and period; the first `lags` periods only explain the others
    counts: Array
    design: Array  # (t, k) intercept, trend and seasonality
    offset: Array  # (m,) population over its mean, or ones, times the level of each unit
    weights: Weights  # links between the units
    upcoming: Array  # (k,) the row of `design` for the period after the last
    # (m, t, q) regressors of the endemic part by unit and period; those of the last period serve
    # the next
    covariates: Array
    waves: Array  # (t + 1, h) seasons of the epidemic parts, the period after the last included
    lags: int = 1  # periods of which the epidemic parts take the mean

    @property
    def free(self) -> int:
        """Number of parameters that may have either sign."""
        waves = sum(name in self.names for name in PARTS[1:]) * self.waves.shape[1]
        return int(self.design.shape[1] + self.covariates.shape[2] + waves)

    @cached_property
    def past(self) -> Array:
        """Mean of the `lags` periods before each, shape (m, t - lags)."""
        steps = self.counts.shape[1] - self.lags
        parts = [self.counts[:, back : back + steps] for back in range(self.lags)]
        return np.asarray(sum(parts) / self.lags)

    def part(self, theta: Array, name: str) -> float:
        """Read a positive parameter of theta, 0 where the model leaves it out."""
        return float(np.exp(theta[self.names.index(name)])) if name in self.names else 0.0

    def wave(self, theta: Array, name: str) -> Array:
        """Give the season of an epidemic part as a factor, shape (t + 1,)."""
        width = self.waves.shape[1]
        if not width or name not in self.names:
            return np.ones(len(self.waves))
        first = self.names.index(f"{name}_sin1")
        return np.asarray(np.exp(self.waves @ theta[first : first + width]))

    def _around(self, weights: Array) -> tuple[Array, Array]:
        """Sum the past of domestic and of foreign neighbours, each by its weight."""
        abroad = self.weights.abroad
        return (weights * ~abroad).T @ self.past, (weights * abroad).T @ self.past

    @cached_property
    def _always_around(self) -> tuple[Array, Array]:
        return self._around(self.weights.at(0.0)[0])

    def next_matrix(self, theta: Array, at: int | None = None) -> Array:
        """Give Lambda: incidents in unit i (row) that one incident in unit j (column) leads to.

        At a period, or on the average of the year. Returns (m, m): Its largest eigenvalue is the
        epidemic proportion.
        """
        weights = self.weights.at(self.part(theta, "decay"))[0]
        rates = {
            name: self.part(theta, name) * float(wave.mean() if at is None else wave[at])
            for name in PARTS[1:]
            for wave in (self.wave(theta, name),)
        }
        spread = np.where(self.weights.abroad, rates["foreign"], rates["domestic"]) * weights
        return np.asarray(rates["autoregressive"] * np.eye(len(self.counts)) + spread.T)

    def endemic(self, theta: Array) -> Array:
        """Expect the incidents that would come anyway, shape (m, t - lags)."""
        width, more = self.design.shape[1], self.covariates.shape[2]
        whole = np.outer(self.offset, np.exp(self.design[self.lags :] @ theta[:width]))
        if more:
            whole *= np.exp(self.covariates[:, self.lags :] @ theta[width : width + more])
        return whole

    def components(self, theta: Array, levels: Array | None = None) -> dict[str, Array]:
        """Split the expected incidents of each unit and period into the four parts.

        theta (p,): Parameters, the positive ones as logarithms. levels (m,): Logarithms of factors
        of the endemic part. Returns (m, t - lags) arrays.
        """
        parts = {"endemic": self.endemic(theta)}
        if levels is not None:
            parts["endemic"] *= np.exp(levels)[:, None]
        power = self.weights.power
        around = (
            self._around(self.weights.at(self.part(theta, "decay"))[0])
            if power
            else self._always_around
        )
        for name, incidents in zip(PARTS[1:], (self.past, *around), strict=True):
            parts[name] = self._rate(theta, name) * incidents
        return parts

    def _rate(self, theta: Array, name: str) -> Array | float:
        """Give the part that follows each incident, by period where it has a season."""
        rate = self.part(theta, name)
        return rate * self.wave(theta, name)[self.lags : -1] if self.waves.shape[1] else rate

    def log_likelihood(self, theta: Array) -> tuple[float, Array]:
        """Evaluate the negative-binomial log-likelihood and its gradient (p,)."""
        parts = self.components(theta)
        expected = np.asarray(sum(parts.values()))
        size = 1.0 / self.part(theta, "overdispersion")
        seen = self.counts[:, self.lags :]
        by_mean = seen / expected - (seen + size) / (size + expected)
        slopes = self.slopes(theta, parts).reshape(len(theta) - 1, -1)
        gradient = np.append(slopes @ by_mean.ravel(), self.by_overdispersion(expected, size)[0])
        return self.value(expected, size), gradient

    def value(self, expected: Array, size: float) -> float:
        """Evaluate the log-likelihood of means (m, t - lags)."""
        unique, number = self._unique
        where, seen = self._positive
        terms = scipy.special.gammaln(unique + size) - scipy.special.gammaln(unique + 1)
        constant = number @ (terms - scipy.special.gammaln(size)) - seen.sum() * np.log(size)
        more = np.log1p(expected / size)
        hits = seen @ (np.log(expected.ravel()[where]) - more.ravel()[where])
        return float(constant + hits - size * more.sum())

    def by_overdispersion(self, expected: Array, size: float) -> tuple[float, float]:
        """Differentiate the log-likelihood by the logarithm of the overdispersion, twice."""
        seen = self.counts[:, self.lags :]
        unique, number = self._unique
        digamma, zeta = scipy.special.digamma, scipy.special.zeta
        first = float(number @ (digamma(unique + size) - digamma(size)))
        second = float(number @ (zeta(2, unique + size) - zeta(2, size)))
        whole = size + expected
        apart = (expected - seen) / whole
        first += float((apart - np.log1p(expected / size)).sum())
        second += 1 / size * expected.size - float(((1 + apart) / whole).sum())
        return -size * first, size * first + size**2 * second

    @cached_property
    def _unique(self) -> tuple[Array, Array]:
        unique, number = np.unique(self.counts[:, self.lags :], return_counts=True)
        return unique, number.astype(np.float64)

    @cached_property
    def _positive(self) -> tuple[Positions, Array]:
        """Where counts are above 0, and these."""
        seen = self.counts[:, self.lags :].ravel()
        where = np.flatnonzero(seen)
        return where, seen[where]

    def slopes(self, theta: Array, parts: dict[str, Array]) -> Array:
        """Differentiate means by all parameters but the overdispersion: (p - 1, m, t - lags)."""
        slopes = np.empty((len(theta) - 1, *self.past.shape))
        rows = iter(slopes)
        for column in (*self.design[self.lags :].T, *np.moveaxis(self.covariates, 2, 0)):
            np.multiply(parts["endemic"], column[..., -self.past.shape[1] :], out=next(rows))
        present = [name for name in PARTS[1:] if name in self.names]
        for name in present:
            for column in self.waves[self.lags : -1].T:
                np.multiply(parts[name], column, out=next(rows))
        for name in present:
            next(rows)[:] = parts[name]
        if "decay" in self.names:
            around = self._around(self.weights.at(self.part(theta, "decay"))[1])
            at_home, abroad = (
                self._rate(theta, name) * incidents
                for name, incidents in zip(PARTS[2:], around, strict=True)
            )
            next(rows)[:] = at_home + abroad
        return slopes

    def simulate(self, theta: Array, rng: np.random.Generator) -> Integers:
        """Draw counts (m, t) for every period after the first, which is kept."""
        endemic = self.endemic(theta)
        size = 1.0 / self.part(theta, "overdispersion")
        drawn: npt.NDArray[Any] = np.zeros(self.counts.shape, dtype=np.int64)
        drawn[:, : self.lags] = self.counts[:, : self.lags]
        steady = None if self.waves.shape[1] else self.next_matrix(theta)
        for at in range(self.lags, drawn.shape[1]):
            matrix = self.next_matrix(theta, at) if steady is None else steady
            expected = endemic[:, at - self.lags] + matrix @ drawn[:, at - self.lags : at].mean(
                axis=1
            )
            if expected.max() > _MOST_EXPECTED:
                raise InputError(
                    f"`parameters` let the simulation explode to {expected.max():.3g} expected "
                    f"incidents in one unit; expected at most {_MOST_EXPECTED:.0e}. Lower the "
                    "parts until the largest eigenvalue is below 1."
                )
            drawn[:, at] = rng.negative_binomial(size, size / (size + expected))
        return drawn
