"""The parts of hazard that a count of incidents gives: intensity, trend, deaths, neighbours."""

from typing import Any, Final, TypeAlias

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.errors import InputError
from sahel_geo.indicators.border.border import foreign_exposure
from sahel_geo.indicators.density.density import rates
from sahel_geo.indicators.rates.per_area import area_km2_of
from sahel_geo.indicators.risk.scoring import Component
from sahel_geo.indicators.uncertainty.redraw import Areas
from sahel_geo.indicators.uncertainty.uncertainty import propagate
from sahel_geo.locate.panel.count import count
from sahel_geo.schema import Period

Floats: TypeAlias = "npt.NDArray[np.float64]"
_TREND_FULL: Final = float(np.log(4))  # a fourfold rise scores 10, a fourfold fall 0


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
    >>> found = count_draws(sg.count(placed, units), units, rng=1, n=3)
    >>> found["hazard: intensity"].shape
    (3, 8)
    """
    generator = np.random.default_rng(rng)
    ids = pd.Index(units["unit_id"].astype("str"))
    sums: dict[str, list[Floats]] = {}
    for span in _spans(panel, periods):
        times = generator.poisson(1.0, (n, len(ids), periods))
        for name in ("incidents", "fatalities_best"):
            if name in span:
                cells = span.pivot(index="unit_id", columns="period", values=name).reindex(ids)
                known = cells.to_numpy(np.float64, na_value=0.0)
                sums.setdefault(name, []).append(np.einsum("nup,up->nu", times, known))
    now, before = sums["incidents"]
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
    if "fatalities_best" in sums:
        parts["fatalities"] = sums["fatalities_best"][0] / area_km2_of(units) * 1e3
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
