"""Scores of forecasts: how far draws lie from what came, and how well probabilities order it."""

import numpy as np
import numpy.typing as npt

from sahel_geo.arrays import Flags, Floats
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.forecast.distributions import BIN_EDGES


def crps(draws: "npt.ArrayLike", observed: "npt.ArrayLike", *, fair: bool = False) -> Floats:
    """Score draws by the continuous ranked probability score; lower is better.

    The score is in the unit of what is forecast: a forecast of one number has its absolute error.
    It rewards a distribution that is both narrow and where the observation lies.

    Parameters
    ----------
    draws : array_like, shape (n, m)
        m draws for each of n forecasts.
    observed : array_like, shape (n,)
        What came.
    fair : bool
        Correct for the number of draws, as if there were infinitely many.

    Returns
    -------
    ndarray of float, shape (n,)
        One score a row: the mean ``|x - y|`` less half of the mean ``|x - x'|`` over all pairs of
        draws (fair: over pairs of different draws).

    Raises
    ------
    InputError
        If the shapes do not fit or a value is missing; or `fair` is asked for one draw.

    References
    ----------
    Gneiting, T. and Raftery, A. E. (2007). Strictly proper scoring rules, prediction, and
    estimation. Journal of the American Statistical Association 102, 359-378, equation 21.
    Ferro, C. A. T. (2014). Fair scores for ensemble forecasts. Quarterly Journal of the Royal
    Meteorological Society 140, 1917-1923 (fair).

    Examples
    --------
    >>> crps([[0, 1, 2, 3]], [1]).tolist()
    [0.375]
    >>> crps([[0, 1, 2, 3]], [1], fair=True).round(4).tolist()
    [0.1667]
    """
    sample, came = _checked(draws, observed)
    ordered = np.sort(sample, axis=1)
    count = ordered.shape[1]
    if fair and count == 1:
        raise InputError("`draws` has one draw a row; expected two or more with fair=True.")
    rank = 2 * np.arange(1, count + 1) - count - 1
    pairs = count * (count - 1) if fair else count**2
    spread = ordered @ rank / pairs  # half of the mean distance of two draws
    return np.asarray(np.abs(ordered - came[:, None]).mean(axis=1) - spread)


def ignorance(
    draws: "npt.ArrayLike", observed: "npt.ArrayLike", *, edges: "npt.ArrayLike" = BIN_EDGES
) -> Floats:
    """Score draws by the information that they lacked about the bin that came; lower is better.

    Each bin is given one draw more, so that a bin without any costs much, but not everything: one
    unit is one bit.

    Parameters
    ----------
    draws : array_like, shape (n, m)
        m draws for each of n forecasts.
    observed : array_like, shape (n,)
        What came.
    edges : array_like, shape (k,)
        Increasing lower ends of the k bins, the last without an upper end.

    Returns
    -------
    ndarray of float, shape (n,)
        One score a row: -log2((draws in the bin + 1) / (m + k)).

    Raises
    ------
    InputError
        If the shapes do not fit, a value is missing, or one lies below the first edge.

    References
    ----------
    Roulston, M. S. and Smith, L. A. (2002). Evaluating probabilistic forecasts using information
    theory. Monthly Weather Review 130, 1653-1660. Hegre, H. et al. (2025). The 2023/24 VIEWS
    prediction challenge. Journal of Peace Research (bins).

    Examples
    --------
    >>> ignorance([[0, 1, 2, 3]], [1]).round(4).tolist()
    [2.3219]
    """
    sample, came = _checked(draws, observed)
    ends = np.asarray(edges, dtype=np.float64)
    if min(sample.min(initial=np.inf), came.min(initial=np.inf)) < ends[0]:
        raise InputError(
            f"`draws` or `observed` has values below the first edge {ends[0]:g}; expected all in "
            "a bin. Lower the first of `edges`."
        )
    same = np.digitize(sample, ends) == np.digitize(came, ends)[:, None]
    return np.asarray(-np.log2((same.sum(axis=1) + 1) / (sample.shape[1] + len(ends))))


def interval_score(
    draws: "npt.ArrayLike", observed: "npt.ArrayLike", *, level: float = 0.9
) -> Floats:
    """Score the central interval of draws: its width, and a fine where the observation is outside.

    Parameters
    ----------
    draws : array_like, shape (n, m)
        m draws for each of n forecasts.
    observed : array_like, shape (n,)
        What came.
    level : float
        Share of the draws that the interval holds.

    Returns
    -------
    ndarray of float, shape (n,)
        One score a row: upper - lower + 2 / (1 - level) times the distance to the interval. Its
        mean over many forecasts is the mean interval score (MIS).

    Raises
    ------
    InputError
        If the shapes do not fit, a value is missing, or `level` is not between 0 and 1.

    References
    ----------
    Gneiting, T. and Raftery, A. E. (2007). Strictly proper scoring rules, prediction, and
    estimation. Journal of the American Statistical Association 102, 359-378, equation 43.

    Examples
    --------
    >>> interval_score([[0, 1, 2, 3]], [1]).round(4).tolist()
    [2.7]
    """
    sample, came = _checked(draws, observed)
    if not 0 < level < 1:
        raise InputError(f"`level` is {level}; expected a share between 0 and 1, such as 0.9.")
    tail = (1 - level) / 2
    lower, upper = np.quantile(sample, [tail, 1 - tail], axis=1)
    outside = np.maximum(lower - came, 0) + np.maximum(came - upper, 0)
    return np.asarray(upper - lower + outside / tail)


def _checked(draws: npt.ArrayLike, observed: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Give draws and observations as numbers, n x m and n."""
    try:
        sample = np.asarray(draws, dtype=np.float64)
        came = np.asarray(observed, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(
            "`draws` or `observed` holds what is no number, or rows of different lengths; expected "
            "as many numbers in each row of draws. Correct them."
        ) from None
    if sample.ndim != 2 or came.shape != sample.shape[:1] or sample.shape[1] == 0:
        raise InputError(
            f"`draws` has shape {sample.shape} and `observed` {came.shape}; expected (n, m) and "
            "(n,), m at least 1. Give one row of draws for each observation."
        )
    rows = np.flatnonzero(np.isnan(came) | np.isnan(sample).any(axis=1))
    if len(rows):
        raise InputError(
            f"`draws` or `observed` has missing values in {len(rows)} rows "
            f"{first_offenders(rows)}; expected numbers. Leave these rows out."
        )
    return sample, came


def average_precision(probability: Floats, came: Flags) -> float:
    """Average the share of hits among all at least as likely, over hits; base rate without skill.

    >>> average_precision(np.array([0.9, 0.8, 0.1]), np.array([True, False, True])).__round__(4)
    0.8333
    """
    if not came.any():
        return float("nan")
    order = np.argsort(-probability, kind="stable")
    value, hit = probability[order], came[order]
    last = np.append(value[1:] != value[:-1], True)  # ties are passed together
    hits = np.cumsum(hit)[last]
    precision = hits / (np.flatnonzero(last) + 1)
    return float((np.diff(hits, prepend=0) * precision).sum() / hits[-1])


def area_under_curve(probability: Floats, came: Flags) -> float:
    """Give the chance that something that happened was stated as more likely than what did not.

    probability (n,): Stated probabilities, or anything that orders likewise.
    came (n,): What happened.
    Returns: Area under the ROC curve: 0.5 without any skill; missing if nothing or all
    happened.

    Hanley, J. A. and McNeil, B. J. (1982). The meaning and use of the area under a receiver
    operating characteristic (ROC) curve. Radiology 143, 29-36.

    >>> area_under_curve(np.array([0.9, 0.8, 0.1]), np.array([True, False, True]))
    0.5
    """
    from scipy.stats import rankdata  # noqa: PLC0415  takes a while

    hits, misses = int(came.sum()), int((~came).sum())
    if hits == 0 or misses == 0:
        return float("nan")
    ranks = rankdata(probability)
    return float((ranks[came].sum() - hits * (hits + 1) / 2) / (hits * misses))
