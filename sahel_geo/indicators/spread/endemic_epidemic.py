"""The endemic-epidemic count model: its mean, likelihood, gradient and simulation."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import digamma, gammaln

from sahel_geo.errors import InputError

Array = npt.NDArray[np.float64]
PARTS: Final = ("endemic", "autoregressive", "domestic", "foreign")
_MOST_EXPECTED: Final = 1e7  # incidents in one unit and period; beyond it a simulation explodes


@dataclass(frozen=True)
class Weights:
    """How the neighbours of each unit weigh, from row j to column i; each row sums to 1.

    Attributes
    ----------
    base : ndarray of float, shape (m, m)
        Kilometres of shared border, or the order of contiguity (0 where not connected).
    abroad : ndarray of bool, shape (m, m)
        Whether the two units lie in different countries.
    power : bool
        Whether `base` holds orders, to be raised to minus the decay.
    """

    base: Array
    abroad: npt.NDArray[np.bool_]
    power: bool

    def at(self, decay: float) -> tuple[Array, Array]:
        """Weigh the links at a decay; also the derivative by the logarithm of the decay.

        Returns (m, m): Weights and derivatives; rows of units without neighbours are 0.
        """
        linked = self.base > 0
        logs = np.log(np.where(linked, self.base, 1.0)) if self.power else np.zeros_like(self.base)
        raw = np.where(linked, np.exp(-decay * logs), 0.0) if self.power else self.base
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
        Parameters in order: those of `design`, then the parts, ``decay`` and ``overdispersion``.
    counts : ndarray of float, shape (m, t)
        Incidents by unit and period; the first period only explains the second.
    design : ndarray of float, shape (t, k)
        Intercept, trend and seasonality.
    offset : ndarray of float, shape (m,)
        Population over its mean, or ones.
    weights : Weights
        Links between the units.
    upcoming : ndarray of float, shape (k,)
        The row of `design` for the period after the last.
    """

    names: tuple[str, ...]
    counts: Array
    design: Array
    offset: Array
    weights: Weights
    upcoming: Array

    def part(self, theta: Array, name: str) -> float:
        """Read a positive parameter, 0 where the model leaves it out.

        theta (p,): Parameters, the positive ones as logarithms.
        """
        return float(np.exp(theta[self.names.index(name)])) if name in self.names else 0.0

    def split_weights(self, theta: Array) -> tuple[Array, Array, Array]:
        """Give the domestic and foreign weights, and the derivative of their sum by log decay.

        theta (p,): Parameters, the positive ones as logarithms. Returns (m, m): Domestic
        weights, foreign weights, derivative.
        """
        weights, slope = self.weights.at(self.part(theta, "decay"))
        abroad = self.weights.abroad
        return np.where(abroad, 0.0, weights), np.where(abroad, weights, 0.0), slope

    def next_matrix(self, theta: Array) -> Array:
        """Give Lambda: incidents in unit i (row) that one incident in unit j (column) leads to.

        theta (p,): Parameters, the positive ones as logarithms. Returns (m, m): Its largest
        eigenvalue is the epidemic proportion.
        """
        at_home, abroad, _ = self.split_weights(theta)
        spread = self.part(theta, "domestic") * at_home.T + self.part(theta, "foreign") * abroad.T
        own = self.part(theta, "autoregressive") * np.eye(len(self.counts))
        return np.asarray(own + spread)

    def components(self, theta: Array) -> dict[str, Array]:
        """Split the expected incidents of each unit and period into the four parts.

        theta (p,): Parameters, the positive ones as logarithms. Returns (m, t - 1): By name
        of the part, from the second period on.
        """
        past = self.counts[:, :-1]
        at_home, abroad = self._around if not self.weights.power else self._past_around(theta)
        width = self.design.shape[1]
        return {
            "endemic": np.outer(self.offset, np.exp(self.design[1:] @ theta[:width])),
            "autoregressive": self.part(theta, "autoregressive") * past,
            "domestic": self.part(theta, "domestic") * at_home,
            "foreign": self.part(theta, "foreign") * abroad,
        }

    def _past_around(self, theta: Array) -> tuple[Array, Array]:
        """Weigh the past of the domestic and of the foreign neighbours, each (m, t - 1)."""
        at_home, abroad, _ = self.split_weights(theta)
        return at_home.T @ self.counts[:, :-1], abroad.T @ self.counts[:, :-1]

    @cached_property
    def _around(self) -> tuple[Array, Array]:
        """The same for weights that no parameter changes."""
        return self._past_around(np.zeros(len(self.names)))

    @cached_property
    def _seen(self) -> tuple[Array, npt.NDArray[np.intp]]:
        """The few different counts, and which of them each one is; they repeat a lot."""
        values, which = np.unique(self.counts[:, 1:], return_inverse=True)
        return values, which.reshape(self.counts[:, 1:].shape)

    def log_likelihood(self, theta: Array) -> tuple[float, Array]:
        """Evaluate the negative-binomial log-likelihood and its gradient.

        theta (p,): Parameters, the positive ones as logarithms. Returns (p,):
        Log-likelihood and derivatives by each parameter.
        """
        parts = self.components(theta)
        expected = sum(parts.values())
        seen = self.counts[:, 1:]
        size = 1.0 / self.part(theta, "overdispersion")
        values, which = self._seen
        fit = (
            (gammaln(values + size) - gammaln(size) - gammaln(values + 1))[which]
            - size * np.log1p(expected / size)
            + np.where(seen > 0, seen * np.log(expected / (size + expected)), 0.0)
        )
        by_mean = seen / expected - (seen + size) / (size + expected)
        by_size = (
            (digamma(values + size) - digamma(size))[which]
            - np.log1p(expected / size)
            + (expected - seen) / (size + expected)
        )
        width = self.design.shape[1]
        gradient = np.empty(len(theta))
        gradient[:width] = self.design[1:].T @ (by_mean * parts["endemic"]).sum(axis=0)
        for at, name in enumerate(self.names[width:], start=width):
            if name in PARTS:
                gradient[at] = (by_mean * parts[name]).sum()
            elif name == "decay":
                gradient[at] = (by_mean * self._by_decay(theta)).sum()
            else:
                gradient[at] = -size * by_size.sum()
        return float(fit.sum()), gradient

    def _by_decay(self, theta: Array) -> Array:
        _, _, slope = self.split_weights(theta)
        rates = np.where(
            self.weights.abroad,
            self.part(theta, "foreign"),
            self.part(theta, "domestic"),
        )
        return np.asarray((rates * slope).T @ self.counts[:, :-1])

    def information(self, theta: Array) -> Array:
        """Measure the curvature of the log-likelihood, by central differences of its gradient.

        theta (p,): Parameters, the positive ones as logarithms. Returns (p, p): Observed
        information; its inverse is the covariance of the estimates.
        """
        step = 1e-5
        rows = []
        for move in np.eye(len(theta)) * step:
            up, down = self.log_likelihood(theta + move)[1], self.log_likelihood(theta - move)[1]
            rows.append((down - up) / (2 * step))
        found = np.asarray(rows)
        return np.asarray((found + found.T) / 2)

    def simulate(self, theta: Array, rng: np.random.Generator) -> npt.NDArray[np.int64]:
        """Draw counts for every period after the first, which is kept.

        theta (p,): Parameters, the positive ones as logarithms. Returns (m, t): Simulated
        counts.
        """
        matrix = self.next_matrix(theta)
        width = self.design.shape[1]
        endemic = np.outer(self.offset, np.exp(self.design @ theta[:width]))
        size = 1.0 / self.part(theta, "overdispersion")
        drawn: npt.NDArray[Any] = np.zeros(self.counts.shape, dtype=np.int64)
        drawn[:, 0] = self.counts[:, 0]
        for at in range(1, drawn.shape[1]):
            expected = endemic[:, at] + matrix @ drawn[:, at - 1]
            if expected.max() > _MOST_EXPECTED:
                raise InputError(
                    f"`parameters` let the simulation explode to {expected.max():.3g} expected "
                    f"incidents in one unit; expected at most {_MOST_EXPECTED:.0e}. Lower the "
                    "parts until the largest eigenvalue is below 1.",
                )
            drawn[:, at] = rng.negative_binomial(size, size / (size + expected))
        return drawn
