"""Envelopes of a function from simulations, at one level for all its arguments together."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Envelope:
    """What simulations leave room for.

    low, high (k,): An observed function stays between them everywhere with the probability of the
        level, if it is like the simulated ones.
    p: Of leaving as far anywhere.
    pointwise_p (k,): Of a value as high or higher, at each argument by itself.
    """

    low: Floats
    high: Floats
    p: float
    pointwise_p: Floats

    @classmethod
    def of(cls, observed: Floats, simulated: Floats, *, level: float = 0.95) -> "Envelope":
        """Find the band that holds whole simulated functions, not their values one by one.

        observed (k,): The function. Arguments at which it, or any simulation, is missing are left
        out. simulated (n, k): As many functions as there are simulations.

        Myllymäki, M., Mrkvička, T., Grabarnik, P., Seijo, H. and Hahn, U. (2017). Global envelope
        tests for spatial processes. Journal of the Royal Statistical Society B 79, 381-404 (extreme
        rank length).

        >>> simulated = np.random.default_rng(1).normal(size=(999, 3))
        >>> found = Envelope.of(np.array([4.0, 5.0, 4.0]), simulated)
        >>> found.p, bool(found.high[1] < 5)
        (0.001, True)
        """
        every = np.concatenate([observed[None], simulated])
        usable = np.isfinite(every).all(axis=0)
        low, high, pointwise = (np.full(len(observed), np.nan) for _ in range(3))
        if not usable.any():
            return cls(low, high, np.nan, pointwise)
        kept = every[:, usable]
        from scipy.stats import rankdata  # noqa: PLC0415  slow to import

        rank = rankdata(kept, axis=0)
        depth = np.sort(np.minimum(rank, len(kept) + 1 - rank), axis=1)
        # as many are as extreme, or more so, as the row stands in the order of the rows
        _, place, sizes = np.unique(depth, axis=0, return_inverse=True, return_counts=True)
        p = np.cumsum(sizes)[place.ravel()] / len(kept)
        inside = kept[p > 1 - level]
        low[usable], high[usable] = inside.min(axis=0), inside.max(axis=0)
        pointwise[usable] = (kept >= kept[0]).mean(axis=0)
        return cls(low, high, float(p[0]), pointwise)

    @classmethod
    def of_l(cls, observed: Floats, simulated: Floats) -> "Envelope":
        """Envelope of L: the square root makes the spread of K alike at all distances."""
        return cls.of(np.sqrt(observed / np.pi), np.sqrt(simulated / np.pi))
