"""How far to smooth: a bandwidth from the spread of incidents, or from how well they foretell."""

from typing import Final, Literal, get_args

import numpy as np
import pandas as pd
import scipy

from sahel_geo.arrays import Floats, Positions
from sahel_geo.compiled import compiled, over_chunks
from sahel_geo.errors import InputError, require_choice
from sahel_geo.indicators.density.kernels import QUARTIC_OF_GAUSSIAN, Kernel
from sahel_geo.indicators.density.points import projected_points
from sahel_geo.tasks import track

Rule = Literal["silverman", "scott", "likelihood"]

_QUARTILES_PER_SD: Final = 1.349  # of a normal distribution
_SAME_PLACE_METRES: Final = 10.0
_MOST_PLACES: Final = 5_000  # whose likelihood is computed; all others still take part in it
_TRIED: Final = 28
_NARROWEST, _WIDEST = 0.005, 3.0  # times the spread of the incidents
_CHUNK: Final = 64


def bandwidth(
    incidents: pd.DataFrame,
    *,
    rule: Rule = "silverman",
    kernel: Kernel = "gaussian",
    rng: np.random.Generator | int = 0,
) -> float:
    """Suggest a bandwidth for :func:`kernel_density`.

    The first two rules are right for one round cloud of incidents. Conflict has several, so they
    smooth too much: read them as an upper bound. The likelihood smooths less where incidents
    gather, and may follow single roads and towns. None replaces looking at several bandwidths.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Columns ``lon`` and ``lat``, EPSG:4326. Rows without coordinates take no part.
    rule : {"silverman", "scott", "likelihood"}
        ``"scott"`` is s n^(-1/6), where s² is the mean of the variances along both axes;
        ``"silverman"`` takes on each axis the quartile range / 1.349 instead of the standard
        deviation where it is smaller and not zero, so that a few far incidents weigh less.
        ``"likelihood"`` is the one under which all other places foretell each place best: the
        criterion is the leave-one-place-out cross-validated log-likelihood (Duin 1976).
    kernel : {"gaussian", "quartic"}
        The rules are those of a Gaussian; a quartic gets 2.778 times as much.
    rng : Generator or int
        Draws the 5,000 places that are foretold where there are more; else not used.

    Returns
    -------
    float
        Kilometres.

    Raises
    ------
    InputError
        If the incidents lie in fewer than two places, an option is unknown, or the likelihood still
        grows at a two-hundredth of the spread: then nearly every place has a twin close by, and it
        describes the coordinates, not the violence.

    Notes
    -----
    Incidents of one town share its coordinates. Left alone, each would foretell the others
    perfectly with an ever narrower kernel, and the likelihood would choose a bandwidth of 0. So a
    place, with all incidents within the same 10 m, is left out as a whole, and counts as often as
    it has incidents: the score is the sum over places of m_p log(sum over others of m_q K(d_pq) /
    (n - m_p)).

    References
    ----------
    Silverman, B. W. (1986). Density Estimation for Statistics and Data Analysis, sections 3.4.4 and
    4.3.2. Scott, D. W. (1992). Multivariate Density Estimation, section 6.3. Habbema, J. D. F.,
    Hermans, J. and van den Broek, K. (1974). A stepwise discriminant analysis program using density
    estimation. Compstat 1974, 101-110; Duin, R. P. W. (1976). IEEE Transactions on Computers 25,
    1175-1179, for the likelihood.

    Examples
    --------
    >>> places = pd.DataFrame({"lon": [0.0, 1.0], "lat": [17.0, 17.0]})
    >>> round(bandwidth(places, rule="scott"), 1), round(bandwidth(places, rule="likelihood"), 1)
    (47.3, 75.0)
    """
    require_choice("rule", rule, get_args(Rule))
    require_choice("kernel", kernel, get_args(Kernel))
    x, y, _ = projected_points(incidents, None)
    keys = np.rint(np.column_stack([x, y]) / _SAME_PLACE_METRES)
    _, first, counts = np.unique(keys, axis=0, return_index=True, return_counts=True)
    places = np.column_stack([x[first], y[first]])
    if len(places) < 2:
        raise InputError(
            f"`incidents` has {len(x)} rows with coordinates, in {len(places)} places; expected at "
            "least 2 places. Give the bandwidth in km yourself."
        )
    variances = []
    for axis in (x, y):
        deviation = float(axis.std(ddof=1))
        quartiles = float(np.subtract(*np.percentile(axis, [75, 25]))) / _QUARTILES_PER_SD
        robust = rule == "silverman" and quartiles > 0
        variances.append((min(deviation, quartiles) if robust else deviation) ** 2)
    spread = float(np.sqrt(np.mean(variances)))
    if rule == "likelihood":
        metres = _by_likelihood(
            places, counts.astype(np.float64), spread, np.random.default_rng(rng)
        )
    else:
        metres = spread * len(x) ** (-1 / 6)
    return metres / 1e3 * (QUARTIC_OF_GAUSSIAN if kernel == "quartic" else 1.0)


def _by_likelihood(
    places: Floats, counts: Floats, spread: float, rng: np.random.Generator
) -> float:
    chosen = np.arange(len(places))
    if len(places) > _MOST_PLACES:
        chosen = np.sort(rng.choice(len(places), _MOST_PLACES, replace=False))

    def loss(logarithm: float) -> float:
        return -leave_one_out(places, counts, chosen, float(np.exp(logarithm)))

    tried = np.log(spread) + np.linspace(np.log(_NARROWEST), np.log(_WIDEST), _TRIED)
    losses = np.array([loss(each) for each in track(tried, "choosing")])
    best = int(losses.argmin())
    if best == 0:
        raise InputError(
            f"the likelihood of `incidents` still grows at a bandwidth of "
            f"{np.exp(tried[0]) / 1e3:.3g} km, since nearly every place has a twin close by; "
            "expected places that stand apart. Use rule='silverman', or round the coordinates."
        )
    bounds = tried[best - 1], tried[min(best + 1, _TRIED - 1)]
    optimum = scipy.optimize.minimize_scalar(loss, bounds=bounds, method="bounded")
    return float(np.exp(optimum.x if optimum.fun < losses[best] else tried[best]))


def leave_one_out(places: Floats, counts: Floats, chosen: Positions, width: float) -> float:
    """Score how well all other places (p, 2) foretell the counts (p,) of some, `chosen` (m,)."""
    x, y = (np.ascontiguousarray(axis) for axis in places.T)
    sums = np.empty(len(chosen))

    def work(part: slice) -> None:
        _sum_of_others(x, y, counts, chosen[part], 0.5 / width**2, sums[part])

    over_chunks(work, len(chosen), _CHUNK)
    with np.errstate(divide="ignore"):
        logarithms = np.log(sums / (2 * np.pi * width**2 * (counts.sum() - counts[chosen])))
    return float((counts[chosen] * logarithms).sum())


@compiled(fastmath={"contract", "reassoc", "arcp"})
def _sum_of_others(  # pragma: no cover
    x: Floats, y: Floats, counts: Floats, chosen: Positions, factor: float, sums: Floats
) -> None:
    for at in range(len(chosen)):
        place = chosen[at]
        total = 0.0
        for other in range(len(x)):
            squared = (x[other] - x[place]) ** 2 + (y[other] - y[place]) ** 2
            kernel = np.exp(-factor * squared)
            total += counts[other] * kernel if other != place else 0.0
        sums[at] = total
