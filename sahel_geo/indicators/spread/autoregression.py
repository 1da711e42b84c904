"""Vector autoregressions, many at a time."""

from dataclasses import dataclass
from typing import Final, Literal, Self, TypeAlias, get_args

import numpy as np

from sahel_geo.arrays import Floats
from sahel_geo.errors import InputError

Criterion: TypeAlias = Literal["aic", "bic"]


def generalised_shares(coefficients: Floats, covariance: Floats, horizon: int) -> Floats:
    """Tell what share of each series' forecast error comes from the shocks of each.

    Unlike Cholesky shares, these do not depend on the order of the series: shocks that arrive
    together are credited to each of the series that they hit, so rows are scaled to add up to 100.

    coefficients (..., p, k, k): Lag matrices of a vector autoregression, lag 1 first; rows are
    the series explained.
    covariance (..., k, k): Covariance of its innovations; any multiple gives the same answer.
    Returns (..., k, k): Per cent; row i, column j: what series j gives to series i. NaN where a
    series has no innovation.

    Pesaran, H. H. and Shin, Y. (1998). Generalized impulse response analysis in linear multivariate
    models. Economics Letters 58, 17-29, section 2.
    Diebold, F. X. and Yilmaz, K. (2012). Better to give than to receive. International Journal of
    Forecasting 28, 57-66, equations 1 and 2.

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
            f"{covariance.shape}; expected (..., p, k, k) and (..., k, k). Stack the lag matrices."
        )
    answers: list[Floats] = []  # of every series to a unit shock of each, by periods since
    at_once = np.broadcast_to(np.eye(k), coefficients[..., 0, :, :].shape)
    given = np.zeros(covariance.shape)
    whole = np.zeros(covariance.shape[:-1])
    for ahead in range(horizon):
        lags = min(ahead, coefficients.shape[-3])
        terms = [coefficients[..., lag, :, :] @ answers[-1 - lag] for lag in range(lags)]
        answers.append(np.asarray(np.sum(terms, axis=0)) if terms else at_once)
        effect = answers[-1] @ covariance
        given += effect**2
        whole += np.einsum("...ij,...ij->...i", effect, answers[-1])
    variance = np.diagonal(covariance, axis1=-2, axis2=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = given / variance[..., None, :] / whole[..., :, None]
        return np.asarray(100 * shares / shares.sum(axis=-1, keepdims=True))


Trend: TypeAlias = Literal["c", "ct", "n"]

_AT_ONCE: Final = 64  # records; more take memory and no less time
_TINY: Final = 1e-10  # share of a variance below which nothing is left to explain


def least_squares(series: Floats, lags: int, trend: Trend) -> tuple[Floats, Floats, Floats]:
    """Fit many vector autoregressions of one order at once.

    series (r, t, k): r sets of k series of t periods. coefficients (r, p, k, k): Lag matrices,
    rows the series explained. residuals (r, t - p, k): What is left. constants (r, t - p, k):
    What the constant and the trend give in each period.

    Lütkepohl, H. (2005). New Introduction to Multiple Time Series Analysis, section 3.2.
    """
    steps, k = series.shape[-2:]
    past = [series[..., lags - 1 - lag : steps - 1 - lag, :] for lag in range(lags)]
    fixed = np.vander(np.arange(lags + 1.0, steps + 1.0) / steps, len(trend.strip("n")))
    shape = (*series.shape[:-2], *fixed.shape)
    design = np.concatenate([np.broadcast_to(fixed, shape), *past], axis=-1)
    target = series[..., lags:, :]
    solution = np.linalg.pinv(design) @ target
    kept = fixed.shape[-1]
    matrices = solution[..., kept:, :].reshape(*series.shape[:-2], lags, k, k)
    residuals = target - design @ solution
    return np.swapaxes(matrices, -1, -2), residuals, fixed @ solution[..., :kept, :]


def spectral_radius(coefficients: Floats) -> float:
    """Give the largest modulus of the roots of a vector autoregression.

    coefficients (p, k, k): Lag matrices, lag 1 first.

    Lütkepohl, H. (2005). New Introduction to Multiple Time Series Analysis, section 2.1.1.

    >>> spectral_radius(np.array([[[0.5, 0.0], [1.0, 0.2]]]))
    0.5
    """
    lags, k, _ = coefficients.shape
    companion = np.zeros((lags * k, lags * k))
    companion[:k] = coefficients.transpose(1, 0, 2).reshape(k, -1)
    companion[k:, :-k] = np.eye((lags - 1) * k)
    return float(np.abs(np.linalg.eigvals(companion)).max())


@dataclass(frozen=True)
class Autoregression:
    """A vector autoregression before it is fitted."""

    lags: int  # its order
    # a constant, ``"c"``; a constant and a linear trend, ``"ct"``; or neither, ``"n"``
    trend: Trend

    @classmethod
    def of(cls, values: Floats, lags: int | str, max_lags: int, trend: Trend) -> Self:
        """Take an order of at least 1, or choose it by a criterion."""
        if isinstance(lags, str):
            if lags not in get_args(Criterion) or max_lags < 1:
                raise InputError(
                    f"`lags` is {lags!r} and `max_lags` {max_lags}; expected a number of 1 or "
                    f"more, or one of {list(get_args(Criterion))}, and at least 1. Correct them."
                )
            steps, k = values.shape
            tried = [p for p in range(1, max_lags + 1) if cls(p, trend).fewest_periods(k) <= steps]
            if not tried or (np.ptp(values, axis=0) == 0).any():
                return cls(1, trend)
            return cls(_chosen(values, lags, tried[-1], trend), trend)
        if lags < 1:
            raise InputError(f"`lags` is {lags}; expected 1 or more. Pass 'aic' to choose.")
        return cls(int(lags), trend)

    def fewest_periods(self, k: int) -> int:
        """Tell how many periods k series need, for residuals that are not all used up."""
        return self.lags + k * self.lags + len(self.trend.strip("n")) + k

    def check(self, series: Floats, names: list[str]) -> None:
        """Refuse series (t, k) that it cannot be fitted to."""
        steps, k = series.shape
        fewest = self.fewest_periods(k)
        if steps < fewest:
            raise InputError(
                "`series` has {steps} periods; expected at least {fewest} for {k} series and "
                "{lags} lags. Take a longer record, fewer series or fewer lags.",
                steps=steps,
                fewest=fewest,
                k=k,
                lags=self.lags,
            )
        still = np.array(names)[np.ptp(series, axis=0) == 0].tolist()
        if still:
            raise InputError(
                "`series` has {number} constant columns: {still}; expected series that vary. "
                "Leave them out, or take a longer record.",
                number=len(still),
                still=still[:5],
            )
        coefficients, residuals, _ = (
            part[0] for part in least_squares(series[None], self.lags, self.trend)
        )
        left = residuals.var(axis=0) / series.var(axis=0)
        exact = np.array(names)[left < _TINY].tolist()
        if exact:
            raise InputError(
                "`series` has {number} columns that their past explains without error: {exact}; "
                "expected some that surprise. A periodic series has no shocks to share.",
                number=len(exact),
                exact=exact[:5],
            )
        scaled = residuals / residuals.std(axis=0)
        if np.linalg.matrix_rank(scaled, tol=1e-6 * np.sqrt(len(scaled))) < k:
            raise InputError(
                "`series` {names} are functions of each other; expected {k} series with shocks of "
                "their own. Leave the copies out.",
                names=names[:5],
                k=k,
            )
        radius = spectral_radius(coefficients)
        if radius >= 1:
            raise InputError(
                "`series` has a largest root of {radius:.3f}; expected less than 1, so that "
                "shocks die out. Pass difference=True, trend='ct', or fewer lags.",
                radius=radius,
            )

    def shares(self, records: Floats, horizon: int) -> Floats:
        """Fit each record (r, t, k) and give its :func:`generalised_shares` (r, k, k)."""
        shares = [np.empty((0, records.shape[2], records.shape[2]))]
        for at in range(0, len(records), _AT_ONCE):
            coefficients, residuals, _ = least_squares(
                records[at : at + _AT_ONCE], self.lags, self.trend
            )
            # up to the divisor, which shares do not depend on
            covariance = np.swapaxes(residuals, -1, -2) @ residuals / residuals.shape[-2]
            shares.append(generalised_shares(coefficients, covariance, horizon))
        return np.concatenate(shares)

    def simulate_again(self, series: Floats, replicates: int, rng: np.random.Generator) -> Floats:
        """Fit it and simulate the fit, with its own residuals drawn again.

        The residuals of one period stay together, so what arrives together still does.

        series (t, k): What was observed. Returns (r, t, k): The first p periods are as observed.

        Runkle, D. E. (1987). Vector autoregressions and reality. Journal of Business and Economic
        Statistics 5, 437-442.
        """
        coefficients, residuals, constants = (
            part[0] for part in least_squares(series[None], self.lags, self.trend)
        )
        centred = residuals - residuals.mean(axis=0)
        drawn = centred[rng.integers(0, len(centred), (replicates, len(centred)))]
        made = np.repeat(series[None], replicates, axis=0)
        for step in range(self.lags, len(series)):
            made[:, step] = constants[step - self.lags] + drawn[:, step - self.lags]
            for lag in range(self.lags):
                made[:, step] += made[:, step - 1 - lag] @ coefficients[lag].T
        return made


def _chosen(values: Floats, criterion: str, highest: int, trend: Trend) -> int:
    from statsmodels.tsa.api import VAR  # noqa: PLC0415  a second, and only this needs it

    try:
        tried = VAR(values).select_order(highest, trend=trend).ics[criterion]
    except np.linalg.LinAlgError:  # series that are functions of each other are refused later
        return 1
    by_order = tried if trend == "n" else tried[1:]  # without a constant there is no order 0
    return 1 + int(np.argmin(by_order))
