"""How good forecasts would have been: from each past origin, scored against what came."""

from collections.abc import Sequence
from typing import Any, Final, Literal, TypeAlias, get_args

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.arrays import Integers
from sahel_geo.errors import InputError, require_choice, require_whole
from sahel_geo.forecast.distributions import CdfScores
from sahel_geo.forecast.features import features
from sahel_geo.forecast.models.registry import BASELINES, POOL, Team, resolve
from sahel_geo.forecast.past import Past, read_past, read_period, require_known_end
from sahel_geo.forecast.record.scorecard import FIGURES, WITHOUT_FOREIGN, ForecastScores, Record
from sahel_geo.tasks import track

Refit: TypeAlias = Literal["year", "quarter", "origin"]
_REFIT_MONTHS: Final = {"year": 12.0, "quarter": 3.0, "origin": 0.0}
_ORIGINS: Final = 24  # months that are looked back on unless the caller says
_FEWEST_MONTHS: Final = 36  # known before the first origin
_QUIET_MONTHS: Final = 12


def evaluate(
    panel: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    column: str = "fatalities_best",
    horizons: int = 6,
    models: Sequence[str] = ("zero", "last", "conflictology", *POOL, "pool"),
    origins: tuple[str, str] | None = None,
    every: int = 1,
    refit: Refit = "year",
    population: "pd.Series[Any] | None" = None,
    covariates: Sequence[str] = (),
    ablation: bool = True,
    rng: np.random.Generator | int = 1,
) -> ForecastScores:
    """Tell how good forecasts would have been, had they been made in the past.

    From each origin every model forecasts the periods after it, knowing only what had happened up
    to it. The forecasts are whole distributions and are scored exactly, without draws. Whatever
    comes after an origin changes none of its forecasts. Real forecasts do somewhat worse than these
    scores: late reports were not there yet when one would have forecast.

    Parameters
    ----------
    panel : DataFrame
        Result of :func:`sahel_geo.count`, complete and without ``by=``, or any table with
        ``unit_id``, ``period`` and counts.
    units : GeoDataFrame, m rows
        The units counted (or the cells of a grid), EPSG:4326, edges matching.
    column : str
        What is forecast, a column of whole numbers; missing ones are neither used nor scored.
    horizons : int
        Forecasts reach from 1 to this many periods ahead.
    models : sequence of str
        ``"zero"``, ``"last"``, ``"conflictology"`` (the unit's last 12 months), ``"faded"``,
        ``"endemic_epidemic"``, ``"trees"``, their equal ``"pool"``, and those registered by
        :func:`register`. All baselines are scored, asked for or not.
    origins : (str, str), optional
        First and last origin, such as ``("2023-12", "2026-04")``; an origin is the last period
        known. By default the last 24 months that have something after them.
    every : int
        Periods between two origins.
    refit : {"year", "quarter", "origin"}
        How often models are fitted again, from everything up to the origin.
    population : Series, optional
        People by ``unit_id``, for the trees.
    covariates : sequence of str
        Further columns of numbers in the panel that the trees may use, such as actors present or
        the share of incidents that are placed exactly.
    ablation : bool
        Whether the pool is also fitted without foreign neighbours, to tell what they are worth.
    rng : Generator or int
        Source of randomness; the same seed gives the same scores.

    Returns
    -------
    ForecastScores
        One row for each model; skill, quiet units, calibration and more besides.

    Raises
    ------
    InputError
        If the panel is no panel of counts, or holds too little for an honest forecast; if a model
        or another setting is unknown; if fewer than 36 months precede the first origin.

    References
    ----------
    Hegre, H. et al. (2025). The 2023/24 VIEWS prediction challenge. Journal of Peace Research.
    Tashman, L. J. (2000). Out-of-sample tests of forecasting accuracy. International Journal of
    Forecasting 16, 437-450 (rolling origin).

    Examples
    --------
    >>> import sahel_geo as sg
    >>> from sahel_geo.forecast.simulation import simulate_panel
    >>> units = sg.load_boundaries(level=2, countries=["NER"])
    >>> panel = simulate_panel(units, months=60, rng=1)
    >>> scores = evaluate(panel, units, horizons=2, models=["conflictology"], every=6)
    >>> bool(scores.table.set_index("model").loc["zero", "coverage"] < 1)
    True
    """
    generator = np.random.default_rng(rng)
    names = list(dict.fromkeys([*BASELINES, *resolve(models)]))
    require_whole("horizons", horizons)
    require_whole("every", every)
    require_choice("refit", refit, get_args(Refit))
    past = read_past(panel, units, column, population=population, covariates=covariates)
    require_known_end(past)
    at = _origins(past, origins, every, horizons)
    gap = _REFIT_MONTHS[refit] * past.per_year / 12
    steps = range(1, horizons + 1)
    teams: list[tuple[Team, Past, str]] = [(Team(names), past, "")]
    if ablation and "pool" in names and past.ground.on_border.any():
        teams.append((Team(["pool"]), past.without_foreign(), WITHOUT_FOREIGN))
    for _, whole, _ in teams:
        features(whole)  # once: each period knows only those before it
    parts: dict[str, list[npt.NDArray[np.float32]]] = {}
    fitted = -np.inf
    seed = int(generator.integers(2**31))
    for origin in track(at, "fitting"):
        views = [whole.until(origin) for _, whole, _ in teams]
        if origin - fitted >= gap - 0.01:
            for (team, _, _), view in zip(teams, views, strict=True):
                team.fit(view, steps, np.random.default_rng([seed, origin]))
            fitted = origin
        for horizon in steps:
            if origin + horizon >= past.counts.shape[1]:
                continue
            for (team, _, label), view in zip(teams, views, strict=True):
                answers = team.predict_cdfs(view, horizon)
                for name, cdf in answers.items():
                    figures = CdfScores.of(cdf, view.support, past.counts[:, origin + horizon])
                    table = np.stack([getattr(figures, each) for each in FIGURES], axis=1)
                    parts.setdefault(label or name, []).append(table.astype(np.float32))
    record = Record(
        keys=_keys(past, at, steps),
        figures={name: np.concatenate(each) for name, each in parts.items()},
        ground=past.ground,
    )
    return ForecastScores.of(
        record, column=column, fingerprint=past.fingerprint, settings=(horizons, refit), seed=seed
    )


def _origins(past: Past, asked: tuple[str, str] | None, every: int, horizons: int) -> Integers:
    """Find the positions of the origins, each with at least one period after it."""
    least = past.length(_FEWEST_MONTHS) - 1
    last = past.counts.shape[1] - 2
    if asked is None:
        room = past.counts.shape[1] - 1 - horizons
        first = max(least, min(room, last - past.length(_ORIGINS) + 1))
    else:
        both = [asked] if isinstance(asked, str) else list(asked)
        if len(both) != 2:
            raise InputError(
                "`origins` has {number} periods; expected the first and the last. Name both.",
                number=len(both),
            )
        first, end = (
            read_period(text, pd.Series(past.periods), "origins").ordinal - past.periods[0].ordinal
            for text in both
        )
        last = min(last, end)
        if first < least or first > last:
            raise InputError(
                "`origins` is {asked}; expected periods from {first} to {last}, which leave 36 "
                "months before the first and something to compare with after the last.",
                asked=list(map(str, both)),
                first=str(past.periods[min(least, len(past.periods) - 1)]),
                last=str(past.periods[-2]),
            )
    if first > last:
        raise InputError(
            "the panel has {periods} periods; expected more than 36 months, so that a forecast "
            "can be compared with what came. Add earlier years.",
            periods=len(past.periods),
        )
    return np.arange(first, last + 1, every)


def _keys(past: Past, at: Integers, steps: range) -> pd.DataFrame:
    """Tell which unit, origin and horizon each forecast is for, and what came."""
    pairs = [(o, h) for o in at.tolist() for h in steps if o + h < past.counts.shape[1]]
    origin, horizon = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    size = len(past.counts)
    unit = np.tile(np.arange(size), len(pairs))
    year = past.length(_QUIET_MONTHS)
    # not where a month is missing: that is not known to be quiet
    quiet = [past.counts[:, max(0, o + 1 - year) : o + 1].sum(axis=1) == 0 for o in origin]
    return pd.DataFrame(
        {
            "unit": unit,
            "origin": past.periods.take(np.repeat(origin, size)),
            "horizon": np.repeat(horizon, size),
            "target": past.periods.take(np.repeat(origin + horizon, size)),
            "observed": past.counts[unit, np.repeat(origin + horizon, size)],
            "quiet": np.concatenate(quiet) if quiet else np.zeros(0, dtype=bool),
        }
    )
