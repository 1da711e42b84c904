"""Rates by area, and by people where they are known."""

import os
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.crs import geodesic_area_km2, require_lonlat
from sahel_geo.errors import InputError, first_offenders

_COUNTED: Final = ("incidents", "fatalities_low", "fatalities_best", "fatalities_high")
_DAYS_PER_YEAR: Final = 365.2425


def rates(
    panel: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    population: "pd.Series[Any] | str | os.PathLike[str] | None" = None,
) -> pd.DataFrame:
    """Relate what was counted in each unit to its area, and to its people where they are given.

    A rate per area compares units of different size; it says nothing about the risk of a person,
    for which a population is needed. Zero means that nothing was recorded.

    Parameters
    ----------
    panel : DataFrame
        Result of :func:`sahel_geo.count`.
    units : GeoDataFrame, m rows
        Units with ``unit_id``; ``area_km2`` is used if there, else measured geodesically.
    population : Series or path-like, optional
        People by unit, indexed by ``unit_id``; or a raster of people per cell, summed over each
        unit, where cells on an edge are shared out by area. Units without people, or not known to
        have any, get no rate per person.

    Returns
    -------
    DataFrame, m rows
        In the order of `units`: ``unit_id``; the totals over the panel's periods, ``incidents`` and
        ``fatalities_*``; ``per_1000km2``, incidents per 1,000 km² over the whole panel, and
        ``per_1000km2_year``, the same per year; ``fatalities_*_per_1000km2``; with `population`,
        ``per_100k_year``, incidents per 100,000 people and year, and
        ``fatalities_*_per_100k_year``. A total of fatalities is missing
        where a unit has incidents and none states a figure. ``attrs`` hold ``first_period``,
        ``last_period`` and ``years``.

    Raises
    ------
    InputError
        If the panel holds no period, names units that `units` lacks, or `population` is negative or
        matches no unit.
    FileError
        If the raster cannot be read.

    Examples
    --------
    >>> import shapely
    >>> units = gpd.GeoDataFrame(
    ...     {"unit_id": ["A"], "area_km2": [2000.0]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4326)
    >>> panel = pd.DataFrame(
    ...     {"unit_id": ["A"], "period": pd.period_range("2024", "2024", freq="Y"), "incidents": 6})
    >>> rates(panel, units)["per_1000km2"].tolist()
    [3.0]
    """
    if panel.empty:
        raise InputError(
            "`panel` has no rows; expected at least one unit and period. "
            "Pass start= and end= to sg.count, or check that incidents were placed."
        )
    unit_ids = units["unit_id"].astype("str")
    strangers = set(panel["unit_id"]) - set(unit_ids)
    if strangers:
        raise InputError(
            f"`panel` names {len(strangers)} units that `units` does not hold: "
            f"{first_offenders(sorted(strangers))}; expected the same units. Count again."
        )
    counted = [name for name in _COUNTED if name in panel]
    sums = panel.groupby("unit_id")[counted].sum()
    stated = panel[counted].notna().mul(panel["incidents"] > 0, axis="index")
    unstated = ~stated.groupby(panel["unit_id"]).any()  # missing where there are incidents
    sums = sums.mask(unstated & sums[["incidents"]].gt(0).all(axis=1).to_numpy()[:, None])
    totals = sums.reindex(unit_ids).reset_index()
    area = area_km2_of(units) / 1e3
    first, last = panel["period"].min(), panel["period"].max()
    days = (last.end_time.normalize() - first.start_time).days + 1
    years = float(days / _DAYS_PER_YEAR)
    totals["per_1000km2"] = totals["incidents"] / area
    totals["per_1000km2_year"] = totals["per_1000km2"] / years
    for name in counted[1:]:
        totals[f"{name}_per_1000km2"] = totals[name] / area
    if population is not None:
        people = _people(people_of(population, units), unit_ids)
        totals["per_100k_year"] = totals["incidents"] / people * 1e5 / years
        for name in counted[1:]:
            totals[f"{name}_per_100k_year"] = totals[name] / people * 1e5 / years
    totals.attrs = {
        "first_period": str(first),
        "last_period": str(last),
        "years": years,
    }
    return totals


def people_of(
    population: "pd.Series[Any] | str | os.PathLike[str]", units: gpd.GeoDataFrame
) -> "pd.Series[Any]":
    """Take a table of people as it is, or add up a raster of them over the units."""
    if isinstance(population, pd.Series):
        return population
    from sahel_geo.places.zonal import zonal_sums  # noqa: PLC0415  loads rasterio

    sums = zonal_sums(units.geometry, population)
    return pd.Series(sums, index=units["unit_id"].astype("str"))


def area_km2_of(units: gpd.GeoDataFrame) -> npt.NDArray[np.float64]:
    """Take the areas of units as they are stated, or measure them."""
    if "area_km2" in units:
        return np.asarray(units["area_km2"], dtype=np.float64)
    require_lonlat(units, "units")
    return np.asarray(geodesic_area_km2(units.geometry.to_numpy()))


def _people(population: "pd.Series[Any]", unit_ids: "pd.Series[str]") -> npt.NDArray[np.float64]:
    people = population.reindex(unit_ids).to_numpy(dtype=np.float64, na_value=np.nan)
    if len(people) and np.isnan(people).all():
        raise InputError(
            "`population` matches none of the {number} units: its index begins {shown}; "
            "expected unit_id. Set the index with population.set_axis(codes).",
            number=len(unit_ids),
            shown=first_offenders(population.index),
        )
    if (people < 0).any():
        raise InputError(
            "`population` is negative for units {shown}; expected people. Correct the table.",
            shown=first_offenders(unit_ids[people < 0]),
        )
    return np.where(people > 0, people, np.nan)
