"""What was expected of each unit before a period came, and the chance of what came."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

import numpy as np

from sahel_geo.alerts.ears import usual
from sahel_geo.alerts.farrington import FarringtonSettings, ranges_at
from sahel_geo.arrays import Floats, Integers
from sahel_geo.forecast.distributions import quantiles
from sahel_geo.forecast.features import features
from sahel_geo.forecast.models.registry import Team
from sahel_geo.forecast.past import Past
from sahel_geo.indicators.permutation.significance import SAME
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
    doubled (m, s): The same of twice what came.
    """

    middle: Floats
    upper: Floats
    chance: Floats
    doubled: Floats

    @classmethod
    def of(
        cls, past: Past, at: Sequence[int], method: Method, settings: tuple[str, float, int]
    ) -> "Expected":
        """Make ranges from what came before; settings are model, probability above, and seed."""
        if method == "forecast":
            return _by_forecast(past, at, settings)
        return (_by_farrington if method == "farrington" else _by_ears)(past, at, settings[1])

    def as_seen(self) -> "Expected":
        """Make each chance at least the share of units in other periods that had one as small.

        Ranges err: by what was taken for certain, by a law that scatters less than counts do. How
        often they were passed as far tells by how much, whatever the law (Vovk et al. 2005).
        """
        chance, doubled = self.chance.copy(), self.doubled.copy()
        for column in range(chance.shape[1]):
            others = np.delete(self.chance, column, axis=1)
            others = np.sort(others[np.isfinite(others)])
            for kept in (chance, doubled):
                own = kept[:, column]
                seen = np.searchsorted(others, own * (1 + SAME), side="right")
                kept[:, column] = np.maximum(own, (1 + seen) / (1 + len(others)))
        return replace(self, chance=chance, doubled=doubled)


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
        columns.append(
            (
                quantiles(cdf, view.support, 0.5),
                quantiles(cdf, view.support, 1 - alpha),
                *(_chance(cdf, view.support, times * came) for times in (1, 2)),
            )
        )
    return Expected(
        *(np.stack(each, axis=1).astype(np.float64) for each in zip(*columns, strict=True))
    )


def _chance(cdf: Floats, support: Integers, came: Floats) -> Floats:
    """Give the probability of what came or more; missing where it is not known."""
    below = np.searchsorted(support, np.nan_to_num(came), side="left") - 1
    upto = cdf[np.arange(len(cdf)), np.maximum(below, 0)]
    return np.where(np.isnan(came), np.nan, np.where(below < 0, 1.0, 1.0 - upto))


def _by_farrington(past: Past, at: Sequence[int], alpha: float) -> Expected:
    per_year = round(past.per_year)
    weekly = per_year > 12
    window, groups = (3, 10) if weekly else (1, 4)
    years = min(4, (at[0] - window) // per_year)
    if years < 1 or per_year < 12:
        return Expected(*np.full((4, len(past.counts), len(at)), np.nan))
    given = FarringtonSettings(
        years_back=years, window=window, groups=groups, left_out=past.length(6), alpha=alpha
    )
    return Expected(*ranges_at(past.counts, track(at, "fitting"), per_year, given))


def _by_ears(past: Past, at: Sequence[int], alpha: float) -> Expected:
    """Judge by mean and spread of the seven periods before, as C1 does.

    Seven periods tell a spread badly: by the normal law that C1 takes, six times as many counts are
    above its bound as should be. So the law of a next value is Student's, and no narrower than that
    of counts with seven periods to tell their mean, which also holds after periods all alike.
    """
    from scipy.stats import nbinom, t  # noqa: PLC0415  takes a while

    mean, spread = (values[:, at] for values in usual(past.counts, BASELINE, 0))
    came = past.counts[:, at]
    wide = np.where(spread > 0, spread * np.sqrt(1 + 1 / BASELINE), np.nan)
    counted = (BASELINE * mean + 0.5, BASELINE / (BASELINE + 1))  # Jeffreys' prior

    def chance(value: Floats) -> Floats:
        student = t.sf((value - 0.5 - mean) / wide, BASELINE - 1)
        return np.asarray(np.fmax(student, nbinom.sf(value - 1, *counted)))

    reach = mean - 0.5 + t.isf(alpha, BASELINE - 1) * wide
    upper = np.fmax(reach, nbinom.isf(alpha, *counted))
    return Expected(mean, upper, chance(came), chance(2 * came))
