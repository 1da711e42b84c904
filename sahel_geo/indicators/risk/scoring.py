"""Figures of a unit as scores from 0 to 10, and how scores combine into one index."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sahel_geo.arrays import Floats, Objects
from sahel_geo.errors import InputError
from sahel_geo.indicators.risk.risk_result import DIMENSIONS


@dataclass(frozen=True)
class Component:
    """One figure per unit, and how it becomes a score from 0 to 10.

    The score is 10 (t(x) - t(low)) / (t(high) - t(low)), cut to 0 and 10, where t is the identity
    or the logarithm of 1 + x. Where `high` does not exceed `low` every score is 0.

    Attributes
    ----------
    values : Series
        By ``unit_id``.
    low, high : float, optional
        Values that score 0 and 10; by default 0, or the smallest value if that is negative, and
        the largest value. Scores with a default depend on which units are compared.
    log : bool
        Whether to take the logarithm of 1 + x, for figures that a few units dominate.
    weight : float
        Weight within its dimension.
    """

    values: "pd.Series[Any]"
    low: float | None = None
    high: float | None = None
    log: bool = False
    weight: float = 1.0

    def scores(self, ids: list[str], name: str) -> tuple[Floats, float, float]:
        """Score units, ids (m,): scores (m,) and the values that score 0 and 10.

        name: Of the component, for what is refused.

        >>> Component(pd.Series([1.0, 2.0], ["A", "B"])).scores(["A", "B"], "hazard: a")[0].tolist()
        [5.0, 10.0]
        """
        series = self.values.set_axis(self.values.index.astype(str))
        values = series.reindex(ids).to_numpy(dtype=np.float64, na_value=np.nan)
        known = values[~np.isnan(values)]
        low = float(min(known.min(initial=0.0), 0.0)) if self.low is None else self.low
        high = float(known.max(initial=low)) if self.high is None else self.high
        if np.isinf(known).any() or (self.log and min(known.min(initial=0), low) <= -1):
            raise InputError(
                "`{name}` holds infinite values, or values of -1 or less under log=True; expected "
                "numbers. Correct the table, or leave log out.",
                name=name,
            )
        return scaled(values, low, high, log=self.log), low, high


def scaled(values: Floats, low: float, high: float, *, log: bool) -> Floats:
    """Scale values of any shape to 0 at `low` and 10 at `high`.

    >>> scaled(np.array([0.0, 3.0, 9.0]), 0, 3, log=True).tolist()
    [0.0, 10.0, 10.0]
    """
    if not high > low:
        return np.where(np.isnan(values), np.nan, 0.0)
    if log:
        values, low, high = np.log1p(values), float(np.log1p(low)), float(np.log1p(high))
    return np.asarray(10 * np.clip((values - low) / (high - low), 0, 1))


def combine(
    scores: Floats, within: Floats, weight: Floats, dimension: Objects
) -> tuple[Floats, Floats, Floats]:
    """Mean within dimensions, geometric mean across; and the share of each component.

    scores (n, c); within (c,) and dimension (c,): weight and dimension of each component; weight
    (3,): of the dimensions. Returns risk (n,), levels (n, 3), shares (n, c).

    >>> parts = np.array(["hazard", "exposure"], dtype=object)
    >>> float(combine(np.array([[4.0, 9.0]]), np.ones(2), np.array([0.5, 0.5, 0]), parts)[0][0])
    6.0
    """
    belongs = dimension[:, None] == np.array(DIMENSIONS, dtype=object)[None, :]
    levels = scores @ (within[:, None] * belongs)
    risk = np.minimum(np.prod(levels**weight, axis=1), 10.0)  # rounding may exceed it
    level = levels @ belongs.T.astype(np.float64)
    part = np.divide(scores * within, level, out=np.zeros_like(scores), where=level > 0)
    shares = part * (belongs @ weight) * risk[:, None]
    return np.asarray(risk), levels, shares
