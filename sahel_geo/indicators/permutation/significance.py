"""From figures that chance deals to a p value, from many p values to false discoveries."""

from typing import Final

import numpy as np
import numpy.typing as npt

from sahel_geo.arrays import Floats

SAME: Final = 1e-9  # sums of the same numbers in another order differ by far less than this share


def two_sided_p(observed: float, dealt: Floats) -> float:
    """Give the p value of one figure among those that chance dealt, ties on both sides."""
    slack = SAME * max(abs(observed), float(np.abs(dealt).max(initial=0)))
    extreme = min((dealt >= observed - slack).sum(), (dealt <= observed + slack).sum())
    return min(1.0, 2 * (float(extreme) + 1) / (len(dealt) + 1))


def false_discovery(p: "npt.ArrayLike") -> Floats:
    """Turn the p values of many tests into the false-discovery rate at which each would pass.

    Calling significant all tests with q at most 0.05 keeps the expected share of false ones among
    them at 5 % or less. A p of NaN stays NaN and does not count as a test.

    References
    ----------
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the
    Royal Statistical Society B 57, 289-300.

    Examples
    --------
    >>> false_discovery([0.01, 0.04, 0.03, np.nan]).round(3).tolist()
    [0.03, 0.04, 0.04, nan]
    """
    values = np.asarray(p, dtype=np.float64)
    q = np.full(values.shape, np.nan)
    made = ~np.isnan(values)
    if made.any():
        tests = values[made]
        order, number = np.argsort(tests), len(tests)
        scaled = tests[order] * (number / np.arange(1, number + 1))
        tests[order] = np.minimum.accumulate(scaled[::-1])[::-1].clip(0, 1)
        q[made] = tests
    return q
