"""What was expected of each unit before a period came, and the chance of what came."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import scipy

from sahel_geo.alerts.ears import usual
from sahel_geo.alerts.farrington import (
    FarringtonSettings,
    expected_counts,
    of_law,
    quantile_above,
)
from sahel_geo.forecast.distributions import quantiles
from sahel_geo.forecast.features import features
from sahel_geo.forecast.models.registry import Team
from sahel_geo.forecast.past import Floats, Past
from sahel_geo.tasks import track

Method: TypeAlias = Literal["forecast", "farrington", "ears"]
BASELINE: Final = 7  # periods that EARS C1 takes as usual
_REFIT_MONTHS: Final = 12


@dataclass(frozen=True)
class Expected:
    """Ranges made before each of s periods, for m units.

    middle, upper (m, s): Median or mean, and the count exceeded with the stated probability at
        most.
    chance (m, s): Probability, as seen before, of what came or more; missing where nothing could be
        expected.
    """

    middle: Floats
    upper: Floats
    chance: Floats


def expect(
    past: Past, at: Sequence[int], method: Method, settings: tuple[str, float, int]
) -> Expected:
    """Make the ranges of some periods, each from what came before it.

    settings: Model of the forecasts, probability of exceeding the upper end, seed.
    """
    ways: dict[str, Callable[[], Expected]] = {
        "forecast": lambda: _by_forecast(past, at, settings),
        "farrington": lambda: _by_farrington(past, at, settings[1]),
        "ears": lambda: _by_ears(past, at, settings[1]),
    }
    return ways[method]()


def _by_forecast(past: Past, at: Sequence[int], settings: tuple[str, float, int]) -> Expected:
    model, alpha, seed = settings
    columns = []
    team, fitted = Team([model]), -np.inf
    features(past)  # once: each period knows only those before it
    for position in track(at, "fitting"):
        view = past.until(position - 1)
        if position - fitted >= past.length(_REFIT_MONTHS):
            team = team.fit(view, [1], np.random.default_rng([seed, position]))
            fitted = position
        cdf = team.predict_cdfs(view, 1)[model]
        came = past.counts[:, position]
        below = np.searchsorted(view.support, np.nan_to_num(came), side="left") - 1
        upto = cdf[np.arange(len(cdf)), np.maximum(below, 0)]
        chance = np.where(below < 0, 1.0, 1.0 - upto)
        columns.append(
            (
                quantiles(cdf, view.support, 0.5),
                quantiles(cdf, view.support, 1 - alpha),
                np.where(np.isnan(came), np.nan, chance),
            )
        )
    return Expected(
        *(np.stack(each, axis=1).astype(np.float64) for each in zip(*columns, strict=True))
    )


def _by_farrington(past: Past, at: Sequence[int], alpha: float) -> Expected:
    per_year = round(past.per_year)
    weekly = per_year > 12
    window, groups = (3, 10) if weekly else (1, 4)
    years = min(4, (at[0] - window) // per_year)
    given = FarringtonSettings(
        years_back=max(years, 1), window=window, groups=groups, left_out=past.length(6), alpha=alpha
    )
    shape = (len(past.counts), len(at))
    middle, upper, chance = (np.full(shape, np.nan) for _ in range(3))
    if years >= 1 and per_year >= 12:
        for column, position in enumerate(track(at, "fitting")):
            fit = expected_counts(past.counts, position, per_year, given)
            middle[:, column] = fit[0]
            upper[:, column] = quantile_above(*fit, alpha)
            chance[:, column] = of_law("sf", past.counts[:, position] - 1, *fit)
    return Expected(middle, upper, chance)


def _by_ears(past: Past, at: Sequence[int], alpha: float) -> Expected:
    mean, spread = (values[:, at] for values in usual(past.counts, BASELINE, 0))
    came = past.counts[:, at]
    with np.errstate(invalid="ignore", divide="ignore"):
        chance = scipy.special.ndtr((mean - came) / spread)
    # without any spread the counts were all the same: a rise has no measure there
    chance = np.where(spread > 0, chance, np.where(np.isnan(spread), np.nan, 1.0))
    return Expected(mean, mean + scipy.special.ndtri(1 - alpha) * spread, np.asarray(chance))


def held(chance: Floats, rate: float) -> npt.NDArray[np.bool_]:
    """Tell, period by period, which chances are small enough to hold the false discoveries.

    chance (m, s): Probabilities; missing ones are never small.
    rate: Share of false ones among all found that is accepted.
    Returns (m, s): Whether each is found.

    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the
    Royal Statistical Society B 57, 289-300.
    """
    known = np.isfinite(chance)
    ordered = np.sort(np.where(known, chance, 1.0), axis=0)
    count = np.maximum(known.sum(axis=0), 1)
    rank = np.arange(1, len(chance) + 1)[:, None]
    passed = ordered <= rate * rank / count
    last = np.where(passed.any(axis=0), len(chance) - 1 - np.argmax(passed[::-1], axis=0), -1)
    limit = np.where(last >= 0, np.take_along_axis(ordered, np.maximum(last, 0)[None], 0)[0], -1.0)
    return np.asarray(known & (chance <= limit))
