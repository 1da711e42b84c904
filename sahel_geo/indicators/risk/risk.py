"""A composite risk index from 0 to 10, never without its parts."""

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.arrays import Floats
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.indicators.border.border import foreign_exposure
from sahel_geo.indicators.rates.rates import area_km2_of, rates
from sahel_geo.indicators.risk.ranks import rank_sensitivity, ranks_without
from sahel_geo.indicators.risk.risk_result import DIMENSIONS, RankSensitivity, RiskIndex
from sahel_geo.indicators.risk.scoring import Component, combine
from sahel_geo.indicators.uncertainty.redraw import Areas
from sahel_geo.indicators.uncertainty.uncertainty import propagate
from sahel_geo.locate.panel.count import FREQUENCY, count
from sahel_geo.schema import Period

__all__ = [
    "DIMENSIONS", "Component", "RankSensitivity", "RiskIndex", "count_draws", "from_panel",
    "hazard_draws", "index", "rank_sensitivity", "ranks_without", "recent_hazard",
]  # fmt: skip

_FEW_PEOPLE: Final = 1_000.0  # score 0; from 0, the logarithm tells a town from a city by little
_HAZARD: Final = ("intensity", "trend", "fatalities", "spillover", "forecast")
Parts: TypeAlias = "Mapping[str, Component | pd.Series[Any]] | Component | pd.Series[Any]"
_TREND_FULL: Final = float(np.log(4))  # a fourfold rise scores 10, a fourfold fall 0


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
    >>> result = index(
    ...     hazard=pd.Series([8.0, 1.0], units),
    ...     exposure=Component(pd.Series([1e5, 1e5], units), high=1e5),
    ...     vulnerability=Component(pd.Series([4.0, 2.0], units), low=1, high=5))
    >>> result.table["risk"].round(2).tolist()
    [9.09, 3.15]
    """
    given = {"hazard": hazard, "exposure": exposure, "vulnerability": vulnerability}
    parts = _parts(**{name: part for name, part in given.items() if part is not None})
    ids = _all_units(parts)
    scores = pd.DataFrame(index=pd.Index(ids, name="unit_id", dtype="str"))
    rows = []
    left_out = {name for name, part in given.items() if part is None}
    asked = dict.fromkeys(DIMENSIONS, 1.0) | dict(weights or {}) | dict.fromkeys(left_out, 0.0)
    if set(asked) != set(DIMENSIONS) or min(asked.values()) < 0 or not sum(asked.values()) > 0:
        raise InputError(
            f"`weights` are {dict(weights or {})}; expected numbers of 0 or more, not all 0, for "
            f"{list(DIMENSIONS)}. Correct them."
        )
    across = {name: weight / sum(asked.values()) for name, weight in asked.items()}
    for name, component in parts.items():
        scores[name], low, high = component.scores(ids, name)
        share = across[name.split(": ", maxsplit=1)[0]]
        rows.append([name, low, high, component.log, component.weight, share])
    columns = ["component", "low", "high", "log", "weight", "dimension_weight"]
    stated = pd.DataFrame(rows, columns=columns)
    dimension = stated["component"].str.split(": ", n=1).str[0]
    stated["weight"] /= stated["weight"].groupby(dimension).transform("sum")
    within = stated["weight"].to_numpy(np.float64)
    weight = np.array([across[name] for name in DIMENSIONS])
    numbers = scores.to_numpy(np.float64)
    risk, levels, contributions = combine(numbers, within, weight, dimension.to_numpy(object))
    table = pd.DataFrame({"risk": risk}, index=scores.index)
    table["rank"] = table["risk"].round(9).rank(ascending=False, method="min")
    for at, name in enumerate(DIMENSIONS):
        table[name] = np.nan if name in left_out else levels[:, at]
    shares = pd.DataFrame(contributions, index=scores.index, columns=scores.columns)
    called = {} if names is None else {str(unit): str(name) for unit, name in names.items()}
    return RiskIndex(table, scores, shares, stated, called)


def from_panel(
    panel: pd.DataFrame,
    units: gpd.GeoDataFrame,
    people: "pd.Series[Any]",
    *,
    vulnerability: "pd.Series[Any] | None" = None,
    probability: "pd.Series[Any] | None" = None,
    periods: int = 12,
) -> RiskIndex:
    """Make the index of a panel, with the choices that the package's own pages make.

    Hazard is recent intensity, its trend, recorded deaths, incidents in foreign neighbours where
    `units` are of several countries, and the forecast where one is given; exposure is people, from
    1,000 to the largest number; vulnerability is left out where it is not known.

    Parameters
    ----------
    panel : DataFrame
        Result of :func:`sahel_geo.count` with at least 2 x `periods` periods.
    units : GeoDataFrame
        The same units, with ``name`` and ``country``.
    people : Series
        People by ``unit_id``; the index is missing where they are not known.
    vulnerability : Series, optional
        By ``unit_id``, such as the share of people in food insecurity.
    probability : Series, optional
        Forecast probability of violence by ``unit_id``, from 0 to 1.
    periods : int
        How many of the last periods are recent.

    Returns
    -------
    RiskIndex
        In the order of `units`.

    Raises
    ------
    InputError
        As for :func:`recent_hazard` and :func:`index`.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=1, countries=["NER"])
    >>> placed = sg.assign(sg.load_example_incidents(), units)
    >>> people = sg.load_population(1).set_index("unit_id")["population"]
    >>> result = from_panel(sg.count(placed, units), units, people)
    >>> result.scores.columns.tolist()
    ['hazard: intensity', 'hazard: trend', 'exposure: people']
    """
    hazard = recent_hazard(panel, units, periods=periods)
    if units["country"].nunique() < 2:
        del hazard["spillover"]
    deaths = hazard.get("fatalities")
    if deaths is not None and deaths.values.isna().any():
        del hazard["fatalities"]  # where no toll is stated, the whole index would be missing
    ids = units["unit_id"].astype("str")
    if probability is not None:
        hazard["forecast"] = Component(probability.reindex(ids), low=0.0, high=1.0)
    return index(
        hazard={name: hazard[name] for name in _HAZARD if name in hazard},
        exposure={"people": Component(people.reindex(ids), low=_FEW_PEOPLE, log=True)},
        vulnerability=None if vulnerability is None else vulnerability.reindex(ids),
        names=units.set_index("unit_id")["name"],
    )


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
                "more, not all 0. Correct them."
            )
    return parts


def _all_units(parts: Mapping[str, Component]) -> list[str]:
    ids: dict[str, None] = {}
    for name, component in parts.items():
        labels = component.values.index
        if not labels.is_unique:
            raise InputError(
                f"`{name}` has repeated units {first_offenders(labels[labels.duplicated()])}; "
                "expected each once. Add the rows of a unit up."
            )
        ids.update(dict.fromkeys(labels.astype(str)))
    return list(ids)


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
        ``"fatalities"``: recent ones per 1,000 km², as intensity, if the panel has them; missing
        where none is stated. ``"spillover"``: mean recent incidents of the neighbours abroad,
        weighted by shared border, as intensity; 0 without neighbours.

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
    recent, earlier = _spans(panel, periods)
    now = rates(recent, units).set_index("unit_id")
    before = rates(earlier, units).set_index("unit_id")
    counts = (rates_["incidents"].to_numpy(np.float64) for rates_ in (now, before))
    change = pd.Series(_trend(*counts), now.index)
    around = foreign_exposure(recent, units).groupby("unit_id")["foreign_exposure"].sum()
    parts = {
        "intensity": Component(now["per_1000km2"], low=0, log=True),
        "trend": Component(change, low=-_TREND_FULL, high=_TREND_FULL),
        "spillover": Component(around, low=0, log=True),
    }
    if "fatalities_best_per_1000km2" in now:
        parts["fatalities"] = Component(now["fatalities_best_per_1000km2"], low=0, log=True)
    return parts


def _spans(panel: pd.DataFrame, periods: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Take the recent periods of a panel, and as many before them."""
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
    return recent, earlier


def _trend(now: Floats, before: Floats) -> Floats:
    """Compare two spans; where nothing happened in either there is no hazard to rise."""
    change = np.log((1 + now) / (1 + before))
    return np.where((now == 0) & (before == 0), -_TREND_FULL, change)


def count_draws(
    panel: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    rng: np.random.Generator | int,
    periods: int = 12,
    n: int = 100,
) -> dict[str, pd.DataFrame]:
    """Draw the parts of hazard again from what was counted, for :func:`rank_sensitivity`.

    Each period of each unit counts none, one or several times (Poisson bootstrap), so that
    incidents of one unit and period stay together, as they came. A unit without a recorded
    incident stays at zero: what nobody records cannot be drawn.

    Parameters
    ----------
    panel, units, periods
        As for :func:`recent_hazard`.
    rng : Generator or int
        Seed.
    n : int
        Number of draws.

    Returns
    -------
    dict of str to DataFrame, shape (n, units)
        By ``"hazard: intensity"``, ``"hazard: trend"`` and so on, one row per draw.

    Raises
    ------
    InputError
        As for :func:`recent_hazard`.

    References
    ----------
    Hanley, J. A. and MacGibbon, B. (2006). Creating non-parametric bootstrap samples using Poisson
    frequencies. Computer Methods and Programs in Biomedicine 83, 57-62.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=1, countries=["NER"])
    >>> placed = sg.assign(sg.load_example_incidents(), units)
    >>> result = count_draws(sg.count(placed, units), units, rng=1, n=3)
    >>> result["hazard: intensity"].shape
    (3, 8)
    """
    rng = np.random.default_rng(rng)
    ids = pd.Index(units["unit_id"].astype("str"))
    sums: dict[str, list[Floats]] = {}
    for span in _spans(panel, periods):
        times = rng.poisson(1.0, (n, len(ids), periods))
        for name in ("incidents", "fatalities_best"):
            if name in span:
                cells = span.pivot(index="unit_id", columns="period", values=name).reindex(ids)
                known = cells.to_numpy(np.float64, na_value=0.0)
                sums.setdefault(name, []).append(np.einsum("nup,up->nu", times, known))
    return _drawn_parts(units, *sums["incidents"], *sums.get("fatalities_best", [])[:1])


def _drawn_parts(
    units: gpd.GeoDataFrame, now: Floats, before: Floats, deaths: Floats | None = None
) -> dict[str, pd.DataFrame]:
    """Give the parts of hazard from recent and earlier incidents of each draw, (n, units)."""
    ids = pd.Index(units["unit_id"].astype("str"))
    # neighbours abroad in each draw, as if each were a period of one panel
    draws = pd.period_range("2000-01-01", periods=len(now), freq="D")
    at = {"unit_id": np.tile(ids, len(draws)), "period": np.repeat(draws, len(ids))}
    drawn = pd.DataFrame({**at, "incidents": now.ravel()})
    around = foreign_exposure(drawn, units)
    wide = around.pivot(index="period", columns="unit_id", values="foreign_exposure")
    parts = {
        "intensity": now / area_km2_of(units) * 1e3,
        "trend": _trend(now, before),
        "spillover": np.asarray(wide[ids].fillna(0.0), dtype=np.float64),
    }
    if deaths is not None:
        parts["fatalities"] = deaths / area_km2_of(units) * 1e3
    return {f"hazard: {name}": pd.DataFrame(each, columns=ids) for name, each in parts.items()}


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
    >>> result = hazard_draws(sg.load_example_incidents(), units, n=3, rng=1, **span)
    >>> result["hazard: trend"].shape
    (3, 8)
    """
    none = incidents.iloc[:0].assign(unit_id="")
    recent, earlier = _spans(count(none, units, period=period, start=start, end=end), periods)
    days = pd.to_datetime(incidents["date"]).dt.tz_localize(None)
    own = days.dt.to_period(FREQUENCY[period])
    now, before = (own.isin(span["period"].unique()).to_numpy() for span in (recent, earlier))
    ids = pd.Index(units["unit_id"].astype("str"))
    counted = ["now", "before", *(["deaths"] if "fatalities_best" in incidents else [])]
    index = pd.MultiIndex.from_product([counted, ids])

    def measure(placed: pd.DataFrame, _: gpd.GeoDataFrame) -> "pd.Series[Any]":
        unit = ids.get_indexer(placed["unit_id"])
        inside = unit >= 0
        sums = [np.bincount(unit[inside & span], minlength=len(ids)) for span in (now, before)]
        if "deaths" in counted:
            best = placed["fatalities_best"].to_numpy(np.float64, na_value=np.nan)
            known = inside & now & np.isfinite(best)
            deaths = np.bincount(unit[known], best[known], len(ids))
            stated = np.bincount(unit[known], minlength=len(ids))
            sums.append(np.where((sums[0] > 0) & (stated == 0), np.nan, deaths))
        return pd.Series(np.concatenate(sums, dtype=np.float64), index)

    draws = propagate(measure, incidents, units, rng=rng, n=n, areas=areas).draws
    parts: Floats = draws.astype(np.float64).reshape(len(draws), len(counted), len(ids))
    return _drawn_parts(units, *(parts[:, at] for at in range(len(counted))))
