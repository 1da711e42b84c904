"""Whose shocks the forecast errors of several series come from."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from sahel_geo.errors import InputError

Floats: TypeAlias = npt.NDArray[np.float64]


def generalised_shares(coefficients: Floats, covariance: Floats, horizon: int) -> Floats:
    """Tell what share of each series' forecast error comes from the shocks of each.

    Unlike Cholesky shares, these do not depend on the order of the series: shocks that arrive
    together are credited to each of the series that they hit, so rows are scaled to add up to 100.

    Parameters
    ----------
    coefficients : ndarray of float, shape (..., p, k, k)
        Lag matrices of a vector autoregression, lag 1 first; rows are the series explained.
    covariance : ndarray of float, shape (..., k, k)
        Covariance of its innovations; any multiple gives the same answer.
    horizon : int
        Periods ahead, H; 1 is what arrives together.

    Returns
    -------
    ndarray of float, shape (..., k, k)
        Per cent; row i, column j: what series j gives to series i. NaN where a series has no
        innovation.

    Raises
    ------
    InputError
        If `horizon` is below 1 or the shapes do not fit.

    References
    ----------
    Pesaran, H. H. and Shin, Y. (1998). Generalized impulse response analysis in linear multivariate
    models. Economics Letters 58, 17-29, section 2.
    Diebold, F. X. and Yilmaz, K. (2012). Better to give than to receive. International Journal of
    Forecasting 28, 57-66, equations 1 and 2.

    Examples
    --------
    >>> one_way = np.array([[[0.0, 0.0], [1.0, 0.0]]])  # the second follows the first
    >>> generalised_shares(one_way, np.eye(2), horizon=2).tolist()
    [[100.0, 0.0], [50.0, 50.0]]
    """
    coefficients = np.asarray(coefficients, dtype=np.float64)
    covariance = np.asarray(covariance, dtype=np.float64)
    k = covariance.shape[-1]
    if horizon < 1:
        raise InputError(f"`horizon` is {horizon}; expected at least 1 period. Ask for 10.")
    if coefficients.ndim < 3 or coefficients.shape[-2:] != (k, k) or covariance.shape[-2] != k:
        raise InputError(
            f"`coefficients` and `covariance` have shapes {coefficients.shape} and "
            f"{covariance.shape}; expected (..., p, k, k) and (..., k, k). Stack the lag matrices.",
        )
    answers: list[Floats] = []
    given = np.zeros(covariance.shape)
    whole = np.zeros(covariance.shape[:-1])
    for _ in range(horizon):
        answers.append(_next_answer(coefficients, answers))
        effect = answers[-1] @ covariance
        given += effect**2
        whole += np.einsum("...ij,...ij->...i", effect, answers[-1])
    variance = np.diagonal(covariance, axis1=-2, axis2=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = given / variance[..., None, :] / whole[..., :, None]
        return np.asarray(100 * shares / shares.sum(axis=-1, keepdims=True))


def _next_answer(coefficients: Floats, before: list[Floats]) -> Floats:
    """Give the response of every series to a unit shock of each, one more period later."""
    if not before:
        return np.broadcast_to(np.eye(coefficients.shape[-1]), coefficients[..., 0, :, :].shape)
    lags = min(len(before), coefficients.shape[-3])
    terms = [coefficients[..., lag, :, :] @ before[-1 - lag] for lag in range(lags)]
    return np.asarray(np.sum(terms, axis=0))


def shift_apart(
    series: Floats,
    replicates: int,
    rng: np.random.Generator,
    *,
    every: int = 1,
    block: npt.NDArray[np.int64] | None = None,
) -> Floats:
    """Shift each series by a random time of its own, its end put before its start.

    Each keeps its values and, but for the seams, their order; what one owes to another is lost.

    Parameters
    ----------
    series : ndarray of float, shape (t, k)
        What was observed.
    replicates : int
        Number r of shifted sets.
    rng : Generator
        Source of randomness.
    every : int
        Shifts are multiples of this many periods.
    block : ndarray of int, shape (t,), optional
        Rising number of the block that holds each period: each block is then shifted in itself, so
        that whatever changes from block to block stays. The whole by default.

    Returns
    -------
    ndarray of float, shape (r, t, k)
        Shifted sets.
    """
    steps, k = series.shape
    of = np.unique(np.zeros(steps) if block is None else block, return_inverse=True)[1]
    size = np.bincount(of)
    start = np.concatenate([[0], np.cumsum(size)[:-1]])[of]
    most = np.maximum(size // every, 1)
    shift = every * rng.integers(0, most[:, None], (replicates, len(size), k))[:, of]
    place = (np.arange(steps) - start)[:, None]
    at = start[:, None] + (place + shift) % size[of][:, None]
    return np.take_along_axis(np.broadcast_to(series, (replicates, steps, k)), at, axis=1)
