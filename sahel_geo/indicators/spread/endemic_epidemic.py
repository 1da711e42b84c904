"""The endemic-epidemic count model: its mean, likelihood, derivatives and simulation."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import scipy

from sahel_geo.errors import InputError

Array = npt.NDArray[np.float64]
PARTS: Final = ("endemic", "autoregressive", "domestic", "foreign")
_MOST_EXPECTED: Final = 1e7  # incidents in one unit and period; beyond it a simulation explodes


@dataclass(frozen=True)
class Weights:
    """How the neighbours of each unit weigh, from row j to column i.

    Attributes
    ----------
    base : ndarray of float, shape (m, m)
        Kilometres of shared border, weights as given, or the order of contiguity (0 where not
        connected).
    abroad : ndarray of bool, shape (m, m)
        Whether the two units lie in different countries.
    power : bool
        Whether `base` holds orders, to be raised to minus the decay.
    normalised : bool
        Whether each row is scaled to sum to 1.
    """

    base: Array
    abroad: npt.NDArray[np.bool_]
    power: bool
    normalised: bool = True

    def at(self, decay: float) -> tuple[Array, Array]:
        """Weigh the links at a decay; also the derivative by the logarithm of the decay.

        decay: Exponent of the power law; not used with other weights. Returns two (m, m) arrays:
        Weights and derivatives; rows of units without neighbours are 0.
        """
        linked = self.base > 0
        logs = np.log(np.where(linked, self.base, 1.0)) if self.power else np.zeros_like(self.base)
        raw = np.where(linked, np.exp(-decay * logs), 0.0) if self.power else self.base
        if not self.normalised:
            return raw, -decay * raw * logs
        whole = raw.sum(axis=1, keepdims=True)
        weights = np.divide(raw, whole, out=np.zeros_like(raw), where=whole > 0)
        mean_log = (weights * logs).sum(axis=1, keepdims=True)
        return weights, decay * weights * (mean_log - logs)


@dataclass(frozen=True)
class Model:
    """All that is fixed while parameters vary: counts, regressors, offset and weights.

    Attributes
    ----------
    names : tuple of str
        Parameters in order: those of `design`, `covariates` and `waves`, then the parts, ``decay``
        and ``overdispersion``, which are positive and kept as logarithms.
    counts : ndarray of float, shape (m, t)
        Incidents by unit and period; the first `lags` periods only explain the others.
    design : ndarray of float, shape (t, k)
        Intercept, trend and seasonality.
    offset : ndarray of float, shape (m,)
        Population over its mean, or ones, times the level of each unit.
    weights : Weights
        Links between the units.
    upcoming : ndarray of float, shape (k,)
        The row of `design` for the period after the last.
    covariates : ndarray of float, shape (m, t, q)
        Regressors of the endemic part by unit and period; those of the last period serve the next.
    waves : ndarray of float, shape (t + 1, h)
        Seasons of the epidemic parts, the period after the last included.
    lags : int
        Periods of which the epidemic parts take the mean.
    """

    names: tuple[str, ...]
    counts: Array
    design: Array
    offset: Array
    weights: Weights
    upcoming: Array
    covariates: Array
    waves: Array
    lags: int = 1

    @property
    def free(self) -> int:
        """Number of parameters that may have either sign."""
        waves = self._waving * self.waves.shape[1]
        return int(self.design.shape[1] + self.covariates.shape[2] + waves)

    @property
    def _waving(self) -> int:
        return sum(name in self.names for name in PARTS[1:])

    @cached_property
    def past(self) -> Array:
        """Mean of the `lags` periods before each, shape (m, t - lags)."""
        steps = self.counts.shape[1] - self.lags
        parts = [self.counts[:, back : back + steps] for back in range(self.lags)]
        return np.asarray(sum(parts) / self.lags)

    def part(self, theta: Array, name: str) -> float:
        """Read a positive parameter, 0 where the model leaves it out.

        theta (p,): Parameters, the positive ones as logarithms.
        """
        return float(np.exp(theta[self.names.index(name)])) if name in self.names else 0.0

    def wave(self, theta: Array, name: str) -> Array:
        """Give the season of an epidemic part as a factor, shape (t + 1,)."""
        width = self.waves.shape[1]
        if not width or name not in self.names:
            return np.ones(len(self.waves))
        first = self.names.index(f"{name}_sin1")
        return np.asarray(np.exp(self.waves @ theta[first : first + width]))

    def split_weights(self, theta: Array) -> tuple[Array, Array, Array]:
        """Give the domestic and foreign weights, and the derivative of their sum by log decay.

        theta (p,): Parameters, the positive ones as logarithms. Returns three (m, m) arrays.
        """
        weights, slope = self.weights.at(self.part(theta, "decay"))
        abroad = self.weights.abroad
        return np.where(abroad, 0.0, weights), np.where(abroad, weights, 0.0), slope

    def next_matrix(self, theta: Array, at: int | None = None) -> Array:
        """Give Lambda: incidents in unit i (row) that one incident in unit j (column) leads to.

        At a period, or on the average of the year. Returns (m, m): Its largest eigenvalue is the
        epidemic proportion.
        """
        at_home, abroad, _ = self.split_weights(theta)
        rates = {
            name: self.part(theta, name) * float(wave.mean() if at is None else wave[at])
            for name in PARTS[1:]
            for wave in (self.wave(theta, name),)
        }
        spread = rates["domestic"] * at_home.T + rates["foreign"] * abroad.T
        return np.asarray(rates["autoregressive"] * np.eye(len(self.counts)) + spread)

    def endemic(self, theta: Array) -> Array:
        """Expect the incidents that would come anyway, shape (m, t)."""
        width, more = self.design.shape[1], self.covariates.shape[2]
        whole = np.outer(self.offset, np.exp(self.design @ theta[:width]))
        if more:
            whole = whole * np.exp(self.covariates @ theta[width : width + more])
        return np.asarray(whole)

    def components(self, theta: Array) -> dict[str, Array]:
        """Split the expected incidents of each unit and period into the four parts.

        theta (p,): Parameters, the positive ones as logarithms. Returns (m, t - lags) arrays.
        """
        at_home, abroad, _ = self.split_weights(theta)
        past = self.past
        parts = {"endemic": self.endemic(theta)[:, self.lags :]}
        around = {"autoregressive": past, "domestic": at_home.T @ past, "foreign": abroad.T @ past}
        for name, incidents in around.items():
            wave = self.wave(theta, name)[self.lags : -1]
            parts[name] = self.part(theta, name) * wave * incidents
        return parts

    def log_likelihood(self, theta: Array) -> tuple[float, Array]:
        """Evaluate the negative-binomial log-likelihood and its gradient.

        theta (p,): Parameters, the positive ones as logarithms. Returns float and (p,):
        Log-likelihood and derivatives by each parameter.
        """
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
        seen = self.counts[:, self.lags :]
        unique, number = self._unique
        constant = float(
            number
            @ (
                scipy.special.gammaln(unique + size)
                - scipy.special.gammaln(size)
                - scipy.special.gammaln(unique + 1)
            )
        )
        rest = seen * np.log(np.where(seen > 0, expected / (size + expected), 1.0))
        return constant + float((rest - size * np.log1p(expected / size)).sum())

    def by_overdispersion(self, expected: Array, size: float) -> tuple[float, float]:
        """Differentiate the log-likelihood by the logarithm of the overdispersion, twice."""
        seen = self.counts[:, self.lags :]
        unique, number = self._unique
        first = float(number @ (scipy.special.digamma(unique + size) - scipy.special.digamma(size)))
        second = float(
            number @ (scipy.special.polygamma(1, unique + size) - scipy.special.polygamma(1, size))
        )
        whole = size + expected
        first += float(((expected - seen) / whole - np.log1p(expected / size)).sum())
        second += float((1 / size - 2 / whole + (size + seen) / whole**2).sum())
        return -size * first, size * first + size**2 * second

    @cached_property
    def _unique(self) -> tuple[Array, Array]:
        unique, number = np.unique(self.counts[:, self.lags :], return_counts=True)
        return unique, number.astype(np.float64)

    def slopes(self, theta: Array, parts: dict[str, Array]) -> Array:
        """Differentiate the means by all parameters but the overdispersion.

        Returns (p - 1, m, t - lags).
        """
        endemic = parts["endemic"]
        rows = [endemic * column for column in self.design[self.lags :].T]
        rows += [endemic * part for part in np.moveaxis(self.covariates[:, self.lags :], 2, 0)]
        present = [name for name in PARTS[1:] if name in self.names]
        for name in present:
            rows += [parts[name] * column for column in self.waves[self.lags : -1].T]
        rows += [parts[name] for name in present]
        if "decay" in self.names:
            rows.append(self._by_decay(theta))
        return np.array(rows)

    def _by_decay(self, theta: Array) -> Array:
        _, _, slope = self.split_weights(theta)
        total = np.zeros_like(self.past)
        for name, kept in (("domestic", ~self.weights.abroad), ("foreign", self.weights.abroad)):
            wave = self.wave(theta, name)[self.lags : -1]
            total += self.part(theta, name) * wave * (np.where(kept, slope, 0.0).T @ self.past)
        return total

    def simulate(self, theta: Array, rng: np.random.Generator) -> npt.NDArray[np.int64]:
        """Draw counts for every period after the first, which is kept.

        theta (p,): Parameters, the positive ones as logarithms. Returns (m, t).
        """
        endemic = self.endemic(theta)
        size = 1.0 / self.part(theta, "overdispersion")
        drawn: npt.NDArray[Any] = np.zeros(self.counts.shape, dtype=np.int64)
        drawn[:, : self.lags] = self.counts[:, : self.lags]
        steady = None if self.waves.shape[1] else self.next_matrix(theta)
        for at in range(self.lags, drawn.shape[1]):
            matrix = self.next_matrix(theta, at) if steady is None else steady
            expected = endemic[:, at] + matrix @ drawn[:, at - self.lags : at].mean(axis=1)
            if expected.max() > _MOST_EXPECTED:
                raise InputError(
                    f"`parameters` let the simulation explode to {expected.max():.3g} expected "
                    f"incidents in one unit; expected at most {_MOST_EXPECTED:.0e}. Lower the "
                    "parts until the largest eigenvalue is below 1.",
                )
            drawn[:, at] = rng.negative_binomial(size, size / (size + expected))
        return drawn
