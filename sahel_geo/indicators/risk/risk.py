"""A composite risk index from 0 to 10, never without its parts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.indicators.border.border import foreign_exposure
from sahel_geo.indicators.density.density import rates
from sahel_geo.indicators.risk.risk_result import DIMENSIONS, RankSensitivity, RiskIndex
from sahel_geo.indicators.uncertainty.redraw import Areas
from sahel_geo.indicators.uncertainty.uncertainty import propagate
from sahel_geo.locate.panel.count import count
from sahel_geo.schema import Period
from sahel_geo.tasks import track

__all__ = [
    "DIMENSIONS",
    "Component",
    "RankSensitivity",
    "RiskIndex",
    "hazard_draws",
    "index",
    "rank_sensitivity",
    "recent_hazard",
]

Floats = npt.NDArray[np.float64]

_TREND_FULL: Final = float(np.log(4))  # a fourfold rise scores 10, a fourfold fall 0


@dataclass(frozen=True)
class Component:
    """One figure per unit, and how it becomes a score from 0 to 10.

    The score is 10 (t(x) - t(low)) / (t(high) - t(low)), cut to 0 and 10, where t is the identity
    or the logarithm of 1 + x. Where `high` does not exceed `low` every score is 0.

    Attributes
    ----------
    values : Series
        By ``unit_id``.
    low, high : float, optional
        Values that score 0 and 10; by default 0, or the smallest value if that is negative, and
        the largest value. Scores with a default depend on which units are compared.
    log : bool
        Whether to take the logarithm of 1 + x, for figures that a few units dominate.
    weight : float
        Weight within its dimension.
    """

    values: "pd.Series[Any]"
    low: float | None = None
    high: float | None = None
    log: bool = False
    weight: float = 1.0


Parts: TypeAlias = "Mapping[str, Component | pd.Series[Any]] | Component | pd.Series[Any]"


def index(
    *,
    hazard: Parts,
    exposure: Parts,
    vulnerability: "Parts | None" = None,
    weights: Mapping[str, float] | None = None,
    names: "pd.Series[Any] | Mapping[str, str] | None" = None,
) -> RiskIndex:
    """Combine hazard, exposure and vulnerability into one index per unit.

    The index ranks units for attention. It is not a probability, and equal indices can have
    different causes: read `contributions`. As a geometric mean, it is 0 where one dimension is 0,
    so that violence where nobody lives, or people where nothing happens, do not score.

    Parameters
    ----------
    hazard, exposure, vulnerability : mapping of str to Component or Series, or one of them
        Components by name; a bare Series stands for ``Component(series)``. See
        :func:`recent_hazard`. Without `vulnerability` the index is that of the other two, and its
        column of the table is missing.
    weights : mapping of str to float, optional
        Weight of each dimension; 1 each by default.
    names : Series or mapping of str to str, optional
        Names by ``unit_id``, such as ``units.set_index("unit_id")["name"]``, for the sentence and
        the picture.

    Returns
    -------
    RiskIndex
        For all units that occur in a component; the risk is missing where a component is.

    Raises
    ------
    InputError
        If a dimension is empty, a unit repeats, a weight is negative or all are 0, or a value has
        no logarithm.

    References
    ----------
    Marin-Ferrer, M., Vernaccini, L. and Poljansek, K. (2017). Index for Risk Management INFORM
    concept and methodology, version 2017 (three dimensions, geometric mean).

    Examples
    --------
    >>> units = ["A", "B"]
    >>> found = index(
    ...     hazard=pd.Series([8.0, 1.0], units),
    ...     exposure=Component(pd.Series([1e5, 1e5], units), high=1e5),
    ...     vulnerability=Component(pd.Series([4.0, 2.0], units), low=1, high=5))
    >>> found.table["risk"].round(2).tolist()
    [9.09, 3.15]
    """
    given = {"hazard": hazard, "exposure": exposure, "vulnerability": vulnerability}
    parts = _parts(**{name: part for name, part in given.items() if part is not None})
    ids = _all_units(parts)
    scores = pd.DataFrame(index=pd.Index(ids, name="unit_id", dtype="str"))
    rows = []
    left_out = {name for name, part in given.items() if part is None}
    across = _dimension_weights(weights, left_out)
    for name, component in parts.items():
        score, low, high = _score(component, ids, name)
        scores[name] = score
        share = across[name.split(": ", maxsplit=1)[0]]
        rows.append([name, low, high, component.log, component.weight, share])
    columns = ["component", "low", "high", "log", "weight", "dimension_weight"]
    stated = pd.DataFrame(rows, columns=columns)
    dimension = stated["component"].str.split(": ", n=1).str[0]
    stated["weight"] /= stated["weight"].groupby(dimension).transform("sum")
    within = stated["weight"].to_numpy(np.float64)
    weight = np.array([across[name] for name in DIMENSIONS])
    numbers = scores.to_numpy(np.float64)
    risk, levels, contributions = _combine(numbers, within, weight, dimension.to_numpy(object))
    table = pd.DataFrame({"risk": risk}, index=scores.index)
    table["rank"] = table["risk"].round(9).rank(ascending=False, method="min")
    for at, name in enumerate(DIMENSIONS):
        table[name] = np.nan if name in left_out else levels[:, at]
    shares = pd.DataFrame(contributions, index=scores.index, columns=scores.columns)
    called = {} if names is None else {str(unit): str(name) for unit, name in names.items()}
    return RiskIndex(table, scores, shares, stated, called)


def rank_sensitivity(
    result: RiskIndex,
    *,
    rng: np.random.Generator | int,
    n: int = 1000,
    spread: float = 0.5,
    draws: Mapping[str, npt.ArrayLike] | None = None,
    level: float = 0.9,
) -> RankSensitivity:
    """Show how far the ranks move when weights, or the figures themselves, could be others.

    A unit whose ranks span half the list has no rank worth reporting.

    Parameters
    ----------
    result : RiskIndex
        From :func:`index`.
    rng : Generator or int
        Seed.
    n : int
        Number of random settings.
    spread : float
        Each weight is multiplied by a number between 1 - spread and 1 + spread; 0 keeps them.
    draws : mapping of str to array_like, optional
        Figures of a component under location error by its name, such as ``"hazard: intensity"``,
        shape (k, units), units in the order of the result; a DataFrame with the units as columns
        is put in that order. See :func:`hazard_draws`. They are scored as the component was.
        Components with as many draws take the same draw, so that what goes together stays so.
    level : float
        Share of the ranks between ``rank_low`` and ``rank_high``.

    Returns
    -------
    RankSensitivity
        Missing ranks where the risk is missing.

    Raises
    ------
    InputError
        If a setting is out of range, or `draws` names no component or has another shape.

    References
    ----------
    Saisana, M., Saltelli, A. and Tarantola, S. (2005). Uncertainty and sensitivity analysis
    techniques as tools for the quality assessment of composite indicators. Journal of the Royal
    Statistical Society A 168, 307-323.

    Examples
    --------
    >>> units = ["A", "B"]
    >>> same = pd.Series([5.0, 5.0], units)
    >>> found = index(hazard=pd.Series([8.0, 1.0], units), exposure=same, vulnerability=same)
    >>> rank_sensitivity(found, rng=1, n=50).table["rank_high"].tolist()
    [1.0, 2.0]
    """
    if n < 1 or not 0 <= spread < 1 or not 0 < level < 1:
        raise InputError(
            f"`n` is {n}, `spread` {spread}, `level` {level}; expected at least 1, and shares from "
            "0 to below 1. Correct the setting.",
        )
    generator = np.random.default_rng(rng)
    names = result.scores.columns.tolist()
    other = _scored_draws(result, draws or {})
    sizes = sorted({len(scored) for scored in other.values()})
    stated = result.transformations
    within = stated["weight"].to_numpy(np.float64)
    dimension = stated["component"].str.split(": ", n=1).str[0]
    across = stated["dimension_weight"].groupby(dimension).first().reindex(DIMENSIONS, fill_value=0)
    ranks = np.full((n, len(result.table)), np.nan)
    numbers = result.scores.to_numpy(np.float64, copy=True)
    for at in track(range(n), "draws"):
        chosen = {size: generator.integers(size) for size in sizes}
        for name, scored in other.items():
            numbers[:, names.index(name)] = scored[chosen[len(scored)]]
        moved = within * generator.uniform(1 - spread, 1 + spread, len(within))
        weight = across.to_numpy(np.float64) * generator.uniform(1 - spread, 1 + spread, 3)
        moved /= pd.Series(moved).groupby(dimension).transform("sum").to_numpy()
        risk, *_ = _combine(numbers, moved, weight / weight.sum(), dimension.to_numpy(object))
        ranks[at] = pd.Series(risk).round(9).rank(ascending=False, method="min")
    table = result.table[["rank"]].copy()
    known = ~np.isnan(ranks).any(axis=0)
    tail = (1 - level) / 2
    table["rank_low"], table["rank_high"], table["top_share"] = np.nan, np.nan, np.nan
    if known.any():
        low, high = np.quantile(ranks[:, known], [tail, 1 - tail], axis=0)
        table.loc[known, "rank_low"], table.loc[known, "rank_high"] = low, high
        top = max(1, round(known.sum() / 10))
        table.loc[known, "top_share"] = (ranks[:, known] <= top).mean(axis=0)
    return RankSensitivity(table, n, level, result.names)


def recent_hazard(
    panel: pd.DataFrame, units: gpd.GeoDataFrame, *, periods: int = 12
) -> dict[str, Component]:
    """Build the parts of hazard from a panel: intensity, trend, fatalities and spillover.

    Parameters
    ----------
    panel : DataFrame
        Result of :func:`sahel_geo.count` with at least 2 x `periods` periods.
    units : GeoDataFrame
        The same units, with ``country`` and matching edges, EPSG:4326.
    periods : int
        How many of the last periods are recent.

    Returns
    -------
    dict of str to Component
        ``"intensity"``: recent incidents per 1,000 km², logarithmic, 0 to the largest.
        ``"trend"``: logarithm of (1 + recent) / (1 + those of as many periods before); a fourfold
        fall scores 0, no change 5, a fourfold rise 10; where nothing happened in either, 0.
        ``"fatalities"``: recent ones per 1,000 km²,
        as intensity, if the panel has them; missing where none is stated. ``"spillover"``: mean
        recent incidents of the neighbours abroad, weighted by shared border, as intensity; 0
        without neighbours.

    Raises
    ------
    InputError
        If the panel is too short or does not fit the units.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=1)
    >>> placed = sg.assign(sg.load_example_incidents(), units)
    >>> sorted(recent_hazard(sg.count(placed, units), units))
    ['fatalities', 'intensity', 'spillover', 'trend']
    """
    steps = pd.Index(panel["period"].unique()).sort_values() if "period" in panel else pd.Index([])
    if periods < 1 or len(steps) < 2 * periods:
        raise InputError(
            "`panel` has {number} periods; expected at least {least}, twice `periods` = "
            "{periods}. Count a longer time, or choose fewer recent periods.",
            number=len(steps),
            least=2 * periods,
            periods=periods,
        )
    recent = panel[panel["period"] >= steps[-periods]]
    earlier = panel[(panel["period"] < steps[-periods]) & (panel["period"] >= steps[-2 * periods])]
    now = rates(recent, units).set_index("unit_id")
    before = rates(earlier, units).set_index("unit_id")
    ratio = (1 + now["incidents"]) / (1 + before["incidents"])
    change = pd.Series(np.log(ratio.to_numpy(np.float64)), ratio.index)
    change[(now["incidents"] == 0) & (before["incidents"] == 0)] = -_TREND_FULL
    around = foreign_exposure(recent, units).groupby("unit_id")["foreign_exposure"].sum()
    parts = {
        "intensity": Component(now["per_1000km2"], low=0, log=True),
        "trend": Component(change, low=-_TREND_FULL, high=_TREND_FULL),
        "spillover": Component(around, low=0, log=True),
    }
    if "fatalities_best_per_1000km2" in now:
        parts["fatalities"] = Component(now["fatalities_best_per_1000km2"], low=0, log=True)
    return parts


def hazard_draws(
    incidents: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    start: str | pd.Timestamp,
    end: str | pd.Timestamp,
    rng: np.random.Generator | int,
    period: Period = "month",
    periods: int = 12,
    n: int = 200,
    areas: Areas | None = None,
) -> dict[str, pd.DataFrame]:
    """Draw the parts of hazard under location error, for :func:`rank_sensitivity`.

    Parameters
    ----------
    incidents, units, rng, n, areas
        As for :func:`sahel_geo.uncertainty.propagate`; with column ``date``.
    start, end, period
        As for :func:`sahel_geo.count`; those of the panel that the index was made from.
    periods : int
        As for :func:`recent_hazard`.

    Returns
    -------
    dict of str to DataFrame, shape (n, units)
        By ``"hazard: intensity"``, ``"hazard: trend"`` and so on, one row per draw; all parts of a
        draw belong together.

    Raises
    ------
    InputError
        As for :func:`sahel_geo.uncertainty.propagate` and :func:`recent_hazard`.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=1, countries=["NER"])
    >>> span = {"start": "2015-01-01", "end": "2024-12-31", "period": "year", "periods": 5}
    >>> found = hazard_draws(sg.load_example_incidents(), units, n=3, rng=1, **span)
    >>> found["hazard: trend"].shape
    (3, 8)
    """

    def measure(placed: pd.DataFrame, areas_of: gpd.GeoDataFrame) -> "pd.Series[Any]":
        panel = count(placed, areas_of, period=period, start=start, end=end)
        parts = recent_hazard(panel, areas_of, periods=periods)
        named = {f"hazard: {name}": part.values for name, part in parts.items()}
        together: pd.Series[Any] = pd.concat(named, names=["component", "unit_id"])
        return together

    found = propagate(measure, incidents, units, rng=rng, n=n, areas=areas)
    component, unit = (found.table.index.get_level_values(at) for at in (0, 1))
    return {
        str(name): pd.DataFrame(found.draws[:, component == name], columns=unit[component == name])
        for name in component.unique()
    }


def _parts(**dimensions: Parts) -> dict[str, Component]:
    parts: dict[str, Component] = {}
    for dimension, given in dimensions.items():
        named = given if isinstance(given, Mapping) else {dimension: given}
        if not named:
            raise InputError(f"`{dimension}` has no component; expected at least one. Add one.")
        for name, part in named.items():
            component = part if isinstance(part, Component) else Component(part)
            parts[f"{dimension}: {name}"] = component
        weight = [parts[f"{dimension}: {name}"].weight for name in named]
        if min(weight) < 0 or not sum(weight) > 0:
            raise InputError(
                f"`{dimension}` has component weights {first_offenders(weight)}; expected 0 or "
                "more, not all 0. Correct them.",
            )
    return parts


def _all_units(parts: Mapping[str, Component]) -> list[str]:
    ids: dict[str, None] = {}
    for name, component in parts.items():
        labels = component.values.index
        if not labels.is_unique:
            raise InputError(
                f"`{name}` has repeated units {first_offenders(labels[labels.duplicated()])}; "
                "expected each once. Add the rows of a unit up.",
            )
        ids.update(dict.fromkeys(labels.astype(str)))
    return list(ids)


def _dimension_weights(
    weights: Mapping[str, float] | None, left_out: Collection[str] = ()
) -> dict[str, float]:
    given = dict.fromkeys(DIMENSIONS, 1.0) | dict(weights or {}) | dict.fromkeys(left_out, 0.0)
    if set(given) != set(DIMENSIONS) or min(given.values()) < 0 or not sum(given.values()) > 0:
        raise InputError(
            f"`weights` are {dict(weights or {})}; expected numbers of 0 or more, not all 0, for "
            f"{list(DIMENSIONS)}. Correct them.",
        )
    return {name: weight / sum(given.values()) for name, weight in given.items()}


def _score(component: Component, ids: list[str], name: str) -> tuple[Floats, float, float]:
    series = component.values.set_axis(component.values.index.astype(str))
    values = series.reindex(ids).to_numpy(dtype=np.float64, na_value=np.nan)
    known = values[~np.isnan(values)]
    low = float(min(known.min(initial=0.0), 0.0)) if component.low is None else component.low
    high = float(known.max(initial=low)) if component.high is None else component.high
    if np.isinf(known).any() or (component.log and min(known.min(initial=0), low) <= -1):
        raise InputError(
            "`{name}` holds infinite values, or values of -1 or less under log=True; expected "
            "numbers. Correct the table, or leave log out.",
            name=name,
        )
    return _scaled(values, low, high, log=component.log), low, high


def _scaled(values: Floats, low: float, high: float, *, log: bool) -> Floats:
    if not high > low:
        return np.where(np.isnan(values), np.nan, 0.0)
    if log:
        values, low, high = np.log1p(values), float(np.log1p(low)), float(np.log1p(high))
    return np.asarray(10 * np.clip((values - low) / (high - low), 0, 1))


def _combine(
    scores: Floats, within: Floats, weight: Floats, dimension: npt.NDArray[np.object_]
) -> tuple[Floats, Floats, Floats]:
    """Mean within dimensions, geometric mean across; and the share of each component."""
    belongs = dimension[:, None] == np.array(DIMENSIONS, dtype=object)[None, :]
    levels = scores @ (within[:, None] * belongs)
    risk = np.minimum(np.prod(levels**weight, axis=1), 10.0)  # rounding may exceed it
    level = levels @ belongs.T.astype(np.float64)
    part = np.divide(scores * within, level, out=np.zeros_like(scores), where=level > 0)
    shares = part * (belongs @ weight) * risk[:, None]
    return np.asarray(risk), levels, shares


def _scored_draws(result: RiskIndex, draws: Mapping[str, npt.ArrayLike]) -> dict[str, Floats]:
    stated = result.transformations.set_index("component")
    scored = {}
    for name, figures in draws.items():
        known = figures
        if isinstance(figures, pd.DataFrame):
            known = figures.reindex(columns=result.table.index)
        table = np.asarray(known, dtype=np.float64)
        if name not in stated.index or table.ndim != 2 or table.shape[1] != len(result.table):
            raise InputError(
                f"`draws` has {name!r} of shape {table.shape}; expected one of "
                f"{first_offenders(stated.index)} and {len(result.table)} columns. Use the draws "
                "of sg.uncertainty.propagate on the same units.",
            )
        low, high, log = (stated[column].to_dict()[name] for column in ("low", "high", "log"))
        scored[name] = _scaled(table, float(low), float(high), log=bool(log))
    return scored
