"""Boosted trees over all units, and the scatter that counts had around what they expected."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final, Self

import numpy as np

from sahel_geo.arrays import Floats, Integers
from sahel_geo.compiled import one_thread
from sahel_geo.forecast.distributions import empirical_cdf
from sahel_geo.forecast.features import build_features, features, pick_features, thin_out
from sahel_geo.forecast.models.damping import damping
from sahel_geo.forecast.past import Past

_FOLDS: Final = 3
_FOLD_MONTHS: Final = 12
_MOST_ROWS: Final = 30_000
_WARM_UP_MONTHS: Final = 12
_RELEVANCE_MONTHS: Final = 60.0
_BINS: Final = 30
_FEWEST_IN_BIN: Final = 60  # rows: a distribution from fewer is chance
_PRIOR: Final = 150.0  # units and periods with anything, as many as what is usual counts for
_LEVEL: Final = {
    "own_8": 0.6, "own_24": 0.25, "domestic_12": 0.1, "foreign_12": 0.1, "everywhere": 0.05
}  # fmt: skip
_LEAST: Final = 1e-4  # level of a unit where nothing ever was
_CODES: Final = 128
_TELLING: Final = 16  # features of what moves, the first ones, that are 0 where nothing ever was


class Trees:
    """One model for all units: trees expect a number, and past errors give its distribution.

    Trees are grown for the square root of the count on some years and asked about the others. They
    start from a share of what usually came where the past of a unit and its neighbours was at such
    a level, the larger the less was seen: a panel that outgrows its past is not held down to it.
    The counts that came where about as much was expected are the distribution. Forecasts average
    the trees of all years.

    Ke, G. et al. (2017). LightGBM: a highly efficient gradient boosting decision tree. Advances in
    Neural Information Processing Systems 30 (histogram-based boosting, as in scikit-learn).
    Vovk, V. et al. (2022). Nonparametric predictive distributions based on conformal prediction.
    Machine Learning 108, 445-474 (errors of cross-fitted models as a distribution).
    """

    edges_: Floats  # (c, k) quantiles of each feature, between which its values are not told apart
    # levels (logarithms), increasing, and the share of the square root that usually came there
    start_: tuple[Floats, Floats]
    members_: list[Any]  # fitted trees, one a fold of years
    # expected_, means_: (b,) mean of what was expected (square root) in each bin, increasing, and
    # of what came
    expected_: Floats
    means_: Floats
    # (b of them) counts that came in each bin, and their weights
    came_: list[tuple[Floats, Floats]]

    def fit(self, past: Past, horizons: Sequence[int], rng: np.random.Generator) -> Self:
        """Grow trees on folds of years, ask them about the others; see :class:`Model`."""
        table, came, weights, fold = _training(past, horizons, rng)
        self.edges_ = np.quantile(np.nan_to_num(table), np.linspace(0, 1, _CODES)[1:-1], axis=0)
        active = int((past.counts > 0).sum())
        levels, usual = _usual(table[:, -1], np.sqrt(came), weights)
        self.start_ = levels, usual * _PRIOR / (_PRIOR + active)
        start = self._start(table)
        rest = np.sqrt(came) - start
        table = _coded(table, self.edges_)
        seeds = rng.integers(2**31, size=_FOLDS)

        self.members_ = []
        expected = np.zeros(len(came))
        # in one thread: many small steps, and on a busy machine threads wait for each other longer
        with one_thread("openmp"):
            for number, seed in enumerate(seeds.tolist()):
                inside = fold != number
                trees = _grown(table[inside], rest[inside], weights[inside], seed)
                expected[~inside] = start[~inside] + trees.predict(table[~inside])
                self.members_.append(trees)
        order = np.argsort(expected, kind="stable")
        means, groups = [], []
        for first, last in pairwise(group_ends(len(order))):
            rows = order[first:last]
            means.append(float(np.average(expected[rows], weights=weights[rows])))
            groups.append((came[rows], weights[rows]))
        self.expected_, self.came_ = np.maximum.accumulate(np.asarray(means)), groups
        self.means_ = np.array([np.average(came, weights=weight) for came, weight in self.came_])
        return self

    def predict_cdf(self, past: Past, horizon: int) -> Floats:
        """Give what came where as much was expected; see :class:`Model`."""
        origin = np.array([past.counts.shape[1] - 1])
        table = _with_target(build_features(past, origin), past, origin, horizon)
        start = self._start(table)
        table = _coded(table, self.edges_)
        with one_thread("openmp"):
            rest = np.mean([trees.predict(table) for trees in self.members_], axis=0)
        expected = np.maximum(start + rest, 0.0)
        # what came on average where as much was expected
        came = np.interp(expected, self.expected_, self.means_) * self._above(expected)
        damped = expected * np.sqrt(damping(came, past))
        # between the distributions of the bins; above the last, it is stretched
        shapes = np.array([empirical_cdf(*pair, past.support) for pair in self.came_])
        place = np.interp(damped, self.expected_, np.arange(len(shapes)))
        low = np.minimum(place.astype(np.int64), max(len(shapes) - 2, 0))
        share = (place - low)[:, None]
        cdf = (1 - share) * shapes[low] + share * shapes[np.minimum(low + 1, len(shapes) - 1)]
        values, weights = self.came_[-1]
        above = self._above(damped)
        for row in np.flatnonzero(above > 1):
            cdf[row] = empirical_cdf(np.rint(values * above[row]), weights, past.support)
        cdf[:, -1] = 1.0
        return np.asarray(cdf)

    def _start(self, table: Floats) -> Floats:
        """Give where the trees start; beyond all levels seen it grows on."""
        levels, usual = self.start_
        beyond = np.exp(np.maximum(table[:, -1] - levels[-1], 0.0) / 2)
        return np.asarray(np.interp(table[:, -1], levels, usual) * beyond)

    def _above(self, expected: Floats) -> Floats:
        """Tell how many times the top bin's count is expected, at least 1."""
        return np.asarray(np.maximum(expected / max(self.expected_[-1], 1e-9), 1.0) ** 2)


def _usual(level: Floats, came: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Average what came by level, in groups of rows ever smaller towards the top."""
    order = np.argsort(level, kind="stable")
    groups = [order[first:last] for first, last in pairwise(group_ends(len(order)))]
    levels, means = (
        np.array([np.average(values[rows], weights=weights[rows]) for rows in groups])
        for values in (level, came)
    )
    return np.maximum.accumulate(levels), np.maximum.accumulate(means)


def _grown(table: Floats, rest: Floats, weights: Floats, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingRegressor  # noqa: PLC0415  takes a while

    trees = HistGradientBoostingRegressor(
        loss="squared_error",
        learning_rate=0.06,
        max_iter=80,
        max_leaf_nodes=3,
        min_samples_leaf=50,
        l2_regularization=5.0,
        early_stopping=False,
        random_state=seed,
    )
    return trees.fit(table, rest, sample_weight=weights)


def _coded(table: Floats, edges: Floats) -> Floats:
    """Replace values by numbers of bins; scikit-learn takes long to do so with weights."""
    columns = [np.searchsorted(edge, column) for edge, column in zip(edges.T, table.T, strict=True)]
    return np.stack(columns, axis=1).astype(np.float64)


def _training(
    past: Past, horizons: Sequence[int], rng: np.random.Generator
) -> tuple[Floats, Floats, Floats, Integers]:
    """Lay out features, what came, weights and fold of years, by origin and horizon."""
    length = past.counts.shape[1]
    start = min(past.length(_WARM_UP_MONTHS), length // 3)
    origins = np.arange(start, length - min(horizons))
    unit, place = np.divmod(np.arange(len(past.counts) * len(origins)), len(origins))
    steps = np.asarray(horizons)
    # each row serves for some horizons only, in turn: neighbouring months tell the same
    turns = max(1, len(steps) // 2)
    turn = (unit + place) % turns
    pieces = []
    for number, horizon in enumerate(steps):
        ends = origins[place] + horizon
        rows = np.flatnonzero((turn == number % turns) & (ends < length))
        came = past.counts[unit[rows], ends[rows]]
        rows, came = rows[np.isfinite(came)], came[np.isfinite(came)]
        pieces.append((rows, came, np.full(len(rows), horizon)))
    rows, came, ahead = (np.concatenate(part) for part in zip(*pieces, strict=True))
    # units that have had anything, themselves or near, by each period
    moving = [values for values in features(past).values() if values.ndim == 2]
    total = np.zeros(past.counts.shape)
    for values in moving[:_TELLING]:
        total += np.nan_to_num(values)
    loud = (came > 0) | (total > 0)[unit[rows], origins[place[rows]]]
    chosen, lift = thin_out(loud, _MOST_ROWS, rng)
    rows, came, ahead = rows[chosen], came[chosen], ahead[chosen]
    at = origins[place[rows]]
    age = (length - 1 - at) * 12 / past.per_year
    weights = lift * 0.5 ** (age / _RELEVANCE_MONTHS)
    target = at + ahead
    block = min(past.length(_FOLD_MONTHS), -(-int(np.ptp(target) + 1) // _FOLDS))
    fold = (target - target.min()) // block % _FOLDS
    table = _with_target(pick_features(past, unit[rows], at), past, at, ahead, unit[rows])
    return table, came, weights, fold


def _with_target(
    table: Floats,
    past: Past,
    origins: Integers,
    ahead: Integers | int,
    units: Integers | slice = slice(None),
) -> Floats:
    """Add horizon, time of year that is forecast, and logarithm of the level, to the features."""
    angle = 2 * np.pi * (past.periods.asi8[0] + origins + ahead) / past.per_year
    extra = np.broadcast_to(np.stack([np.sin(angle), np.cos(angle)]).T, (len(table), 2))
    # of the fading past of each unit, of its neighbours and of all units
    known = features(past)
    level = sum(share * known[name][units, origins] for name, share in _LEVEL.items()) + _LEAST
    return np.column_stack([table, np.broadcast_to(ahead, len(table)), extra, np.log(level)])


def group_ends(size: int) -> list[int]:
    """Part rows into groups of at least 60, smaller towards the end; give ends from 0 to `size`."""
    upto = 1 - (1 - np.linspace(0, 1, _BINS + 1)) ** 2
    ends = [size]
    for end in np.rint(upto * size).astype(np.int64)[::-1].tolist():
        if ends[-1] - end >= _FEWEST_IN_BIN and end >= _FEWEST_IN_BIN:
            ends.append(end)
    return [0, *ends[::-1]]
