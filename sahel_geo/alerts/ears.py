"""Upper bounds of a count by the methods of the Early Aberration Reporting System."""

from numbers import Real
from typing import Final, Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt
import scipy

from sahel_geo.arrays import Floats
from sahel_geo.errors import InputError, require_choice

EarsMethod: TypeAlias = Literal["C1", "C2", "C3"]
_ALPHA: Final = {"C1": 0.001, "C2": 0.001, "C3": 0.025}
_GUARD: Final = 2  # latest periods that C2 and C3 leave out of what is usual


def ears(
    counts: "npt.ArrayLike",
    *,
    method: EarsMethod = "C1",
    baseline: int = 7,
    alpha: float | None = None,
) -> Floats:
    """Give the count above which a period is unusual, from the few periods before it.

    C1 takes mean and spread of the periods just before, C2 leaves the last two of them out, and C3
    adds up how far the last three periods were above what C2 expects. They need no past years, and
    know no season.

    Parameters
    ----------
    counts : array_like, shape (..., t)
        Counts of successive periods along the last axis.
    method : {"C1", "C2", "C3"}
        Which.
    baseline : int
        Periods that tell what is usual.
    alpha : float, optional
        Probability of a count above the bound if nothing has changed; 0.001, for C3 0.025.

    Returns
    -------
    ndarray of float, shape (..., t)
        Bounds: a count above its own is an alarm. Missing where too little precedes.

    Raises
    ------
    InputError
        If the method is unknown or a setting is out of range.

    References
    ----------
    Hutwagner, L. et al. (2003). The bioterrorism preparedness and response Early Aberration
    Reporting System (EARS). Journal of Urban Health 80, i89-i96. Fricker, R. D., Hegler, B. L. and
    Dunfee, D. A. (2008). Comparing syndromic surveillance detection methods: EARS' versus a
    CUSUM-based methodology. Statistics in Medicine 27, 3407-3429 (C3 as used here).

    Examples
    --------
    >>> ears([1, 2, 3, 1, 2, 3, 2, 9]).round(3).tolist()[-1]
    4.523
    """
    series = series_of(counts)
    require_choice("method", method, get_args(EarsMethod))
    level = _ALPHA[method] if alpha is None else alpha
    shares = isinstance(level, Real) and 0 < level < 1
    if not isinstance(baseline, int) or baseline < 2 or not shares:
        raise InputError(
            f"`baseline` is {baseline!r} and `alpha` {level!r}; expected at least 2 periods and a "
            "probability between 0 and 1."
        )
    guard = 0 if method == "C1" else _GUARD
    mean, spread = usual(series, baseline, guard)
    reach = float(scipy.special.ndtri(1 - level))
    if method != "C3":
        return mean + reach * spread
    with np.errstate(invalid="ignore", divide="ignore"):
        above = np.maximum((series - mean) / spread - 1, 0.0)
    above = np.where(spread > 0, above, np.where(np.isnan(spread), np.nan, 0.0))
    recent = np.full(series.shape, np.nan)
    recent[..., 2:] = above[..., 1:-1] + above[..., :-2]
    # as in R's surveillance: how much of the quantile the two periods before have used up
    return np.maximum(series + spread * (reach - recent), 0.0)


def series_of(counts: "npt.ArrayLike") -> Floats:
    """Read counts as numbers."""
    try:
        return np.asarray(counts, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(
            "`counts` holds what is no number, or rows of different lengths; expected numbers. "
            "Correct them."
        ) from None


def usual(series: Floats, baseline: int, guard: int) -> tuple[Floats, Floats]:
    """Give mean and standard deviation (..., t) before each period; NaN if too little precedes."""
    mean, spread = np.full(series.shape, np.nan), np.full(series.shape, np.nan)
    first = baseline + guard
    if series.shape[-1] > first:
        windows = np.lib.stride_tricks.sliding_window_view(series, baseline, axis=-1)
        windows = windows[..., : series.shape[-1] - first, :]
        mean[..., first:] = windows.mean(axis=-1)
        spread[..., first:] = windows.std(axis=-1, ddof=1)
    return mean, spread
