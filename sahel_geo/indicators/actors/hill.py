"""How many actors share the events: Hill numbers, plain, unbiased and rarefied."""

from typing import Any

import numpy as np
import numpy.typing as npt

from sahel_geo.arrays import Floats
from sahel_geo.errors import InputError


def hill_number(counts: "npt.ArrayLike", order: float = 2) -> Any:
    """Give the effective number of actors.

    As many actors as would, if each had the same number of events, be as diverse as those counted.
    Order 0 counts every actor, however rare, and so mostly the names that a source knows; order 2
    hardly heeds the rare ones.

    Parameters
    ----------
    counts : array_like, shape (..., k)
        Events of each of k actors; not negative.
    order : float
        0 for the number of actors, 1 for the exponential of Shannon's entropy, 2 for
        1 / sum of squared shares.

    Returns
    -------
    float or ndarray, shape (...)
        0 of order 0, and otherwise NaN, where there is no event.

    Raises
    ------
    InputError
        If a count or the order is negative.

    References
    ----------
    Hill, M. O. (1973). Diversity and evenness. Ecology 54, 427-432, equation 2.

    Examples
    --------
    >>> [round(hill_number([50, 30, 20], order), 3) for order in (0, 1, 2)]
    [3.0, 2.8, 2.632]
    """
    numbers = _counts(counts)
    if not order >= 0:
        raise InputError(f"`order` is {order}; expected 0 or more. Give 0, 1 or 2.")
    total = numbers.sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = numbers / total
        if order == 0:
            out = (numbers > 0).sum(axis=-1).astype(np.float64)
        elif order == 1:
            out = np.exp(-np.where(share > 0, share * np.log(share), 0.0).sum(axis=-1))
        else:
            out = np.where(share > 0, share**order, 0.0).sum(axis=-1) ** (1 / (1 - order))
        if order > 0:
            out = np.where(total[..., 0] > 0, out, np.nan)
    return out if out.ndim else float(out)


def concentration(counts: "npt.ArrayLike") -> Any:
    """Give the Herfindahl-Hirschman index, the sum of squared shares.

    Parameters
    ----------
    counts : array_like, shape (..., k)
        Events of each of k actors.

    Returns
    -------
    float or ndarray, shape (...)
        From 1/k to 1; NaN where there is no event.

    Raises
    ------
    InputError
        If a count is negative.

    Examples
    --------
    >>> round(concentration([50, 30, 20]), 3)
    0.38
    """
    return 1 / hill_number(counts, 2)


def difference_probability(counts: "npt.ArrayLike") -> Any:
    """Give the probability that two events drawn at random name different actors.

    Unlike one minus the sum of squared shares it has no bias in small samples.

    Parameters
    ----------
    counts : array_like, shape (..., k)
        Events of each of k actors.

    Returns
    -------
    float or ndarray, shape (...)
        1 - sum n(n-1) / N(N-1); NaN for one event or none.

    Raises
    ------
    InputError
        If a count is negative.

    References
    ----------
    Simpson, E. H. (1949). Measurement of diversity. Nature 163, 688.

    Examples
    --------
    >>> round(difference_probability([50, 30, 20]), 4)
    0.6263
    """
    numbers = _counts(counts)
    total = numbers.sum(axis=-1)
    pairs = np.where(numbers > 1, numbers * (numbers - 1), 0.0).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        out = np.where(total > 1, 1 - pairs / (total * (total - 1)), np.nan)
    return out if out.ndim else float(out)


def rarefied(counts: "npt.ArrayLike", size: float, order: float = 2) -> float:
    """Give the effective number of actors expected among fewer events, drawn at random.

    More events name more actors. Places and years compare only for equal numbers of events.

    Parameters
    ----------
    counts : array_like, shape (k,)
        Events of each of k actors, N together.
    size : float
        Number of events to draw, without replacement.
    order : {0, 1, 2}
        As for :func:`hill_number`.

    Returns
    -------
    float
        The Hill number of the mean frequencies of frequencies (orders 0 and 1) or of the mean
        probability of a pair (order 2); NaN where there are fewer events than `size`.

    Raises
    ------
    InputError
        If a count is negative, `size` is below 1, or the order is none of the three.

    References
    ----------
    Chao, A. et al. (2014). Rarefaction and extrapolation with Hill numbers. Ecological Monographs
    84, 45-67, equations 5 and 10.

    Examples
    --------
    >>> round(rarefied([50, 30, 20], 100), 3), round(rarefied([50, 30, 20], 10), 3)
    (2.632, 2.292)
    """
    numbers = _counts(counts)
    if not size >= 1 or order not in (0, 1, 2):
        raise InputError(
            f"`size` is {size} and `order` {order}; expected at least 1 event and order 0, 1 or 2. "
            "Correct the setting."
        )
    numbers = numbers[numbers > 0]
    total = float(numbers.sum())
    if total < size:
        return float("nan")
    if order == 2:
        alike = 1.0 - float(difference_probability(numbers)) if total > 1 else 1.0
        return float(1 / (1 / size + (size - 1) / size * alike))
    # Sum over what may be drawn of each actor, by the hypergeometric distribution.
    drawn = np.arange(1, int(size) + 1, dtype=np.float64)[:, None]
    with np.errstate(invalid="ignore"):
        log = (
            _choose(numbers, drawn)
            + _choose(total - numbers, size - drawn)
            - _choose(np.float64(total), np.float64(size))
        )
    chance = np.where(np.isfinite(log), np.exp(log), 0.0)
    if int(order) == 0:
        return float(chance.sum())
    share = drawn / size
    return float(np.exp(-(chance * share * np.log(share)).sum()))


def _choose(of: Any, few: Any) -> Any:
    """Log of the binomial coefficient; minus infinity where more are drawn than there are."""
    from scipy.special import gammaln  # noqa: PLC0415  takes a while to load

    possible = (few >= 0) & (of - few >= -1e-9)
    rest = np.where(possible, of - few, 0.0)
    log = gammaln(of + 1) - gammaln(np.where(few >= 0, few, 0.0) + 1) - gammaln(rest + 1)
    return np.where(possible, log, -np.inf)


def _counts(counts: npt.ArrayLike) -> Floats:
    numbers = np.asarray(counts, dtype=np.float64)
    if (numbers < 0).any():
        raise InputError("`counts` has negative numbers; expected 0 or more events. Correct them.")
    return numbers
