"""Incidents per people and year, with what chance alone could make of them."""

import os
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.indicators import density
from sahel_geo.places.zonal import zonal_sums

Floats = npt.NDArray[np.float64]

SMALL_NUMBER: Final = 20  # events: below, the standard error of a rate is over 22 % of it


def per_person(
    panel: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    population: "pd.Series[Any] | str | os.PathLike[str]",
    level: float = 0.95,
) -> pd.DataFrame:
    """Relate incidents to people and years, with exact intervals and smoothed rates.

    A small unit with one incident has a high rate by accident. Where ``small_numbers`` is true,
    read the interval or the smoothed rate, not the rate. The interval says what chance could do
    if incidents were independent; they come in bouts, so the truth is wider.

    Parameters
    ----------
    panel : DataFrame
        Result of :func:`sahel_geo.count`.
    units : GeoDataFrame, m rows
        The same units, EPSG:4326.
    population : Series or path-like
        People by ``unit_id``; or a raster of people per cell, summed over each unit, where cells
        on an edge are shared out by area.
    level : float
        Of the interval.

    Returns
    -------
    DataFrame, m rows
        In the order of `units`: ``unit_id``, ``incidents``, ``population``, ``per_100k_year`` with
        ``low`` and ``high``, ``smoothed_per_100k_year`` and ``small_numbers`` (fewer than 20
        incidents). Rates are missing where the population is 0 or unknown.

    Raises
    ------
    InputError
        As for :func:`sahel_geo.density.rates`, and if `level` is not a share or a unit with no
        people has incidents.
    FileError
        If the raster cannot be read.

    References
    ----------
    Garwood, F. (1936). Fiducial limits for the Poisson distribution. Biometrika 28, 437-442.
    Marshall, R. J. (1991). Mapping disease and mortality rates using empirical Bayes estimators.
    Applied Statistics 40, 283-294.

    Examples
    --------
    >>> import shapely
    >>> units = gpd.GeoDataFrame(
    ...     {"unit_id": ["A"], "area_km2": [1.0]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4326)
    >>> panel = pd.DataFrame(
    ...     {"unit_id": ["A"], "period": pd.period_range("2023", "2023", freq="Y"), "incidents": 4})
    >>> table = per_person(panel, units, population=pd.Series({"A": 100_000}))
    >>> table[["per_100k_year", "low", "high"]].round(1).values.tolist()
    [[4.0, 1.1, 10.2]]
    """
    if not isinstance(population, pd.Series):
        sums = zonal_sums(units.geometry, population)
        population = pd.Series(sums, index=units["unit_id"].astype("str"))
    table = density.rates(panel, units, population=population)
    ids = table["unit_id"]
    people = population.reindex(ids).to_numpy(dtype=np.float64, na_value=np.nan)
    incidents = table["incidents"].to_numpy(np.float64)
    impossible = (people == 0) & (incidents > 0)
    if impossible.any():
        raise InputError(
            f"`population` is 0 for {int(impossible.sum())} units with incidents: "
            f"{first_offenders(ids[impossible])}; expected people, or a missing value where they "
            "are not known. Correct the table.",
        )
    people = np.where(people > 0, people, np.nan)
    years = float(table.attrs["years"])
    unit = 1e5 / (people * years)
    low, high = poisson_interval(incidents, level=level)
    result = pd.DataFrame(
        {
            "unit_id": ids,
            "incidents": table["incidents"],
            "population": people,
            "per_100k_year": incidents * unit,
            "low": low * unit,
            "high": high * unit,
            "smoothed_per_100k_year": empirical_bayes(incidents, people) * 1e5 / years,
            "small_numbers": incidents < SMALL_NUMBER,
        },
    )
    result.attrs = {**table.attrs, "level": level}
    return result


def poisson_interval(counts: npt.ArrayLike, *, level: float = 0.95) -> tuple[Floats, Floats]:
    """Bound the expectation behind each count, exactly.

    Parameters
    ----------
    counts : array_like of float, shape (n,)
        0 or more.
    level : float
        Least probability that the interval holds the expectation.

    Returns
    -------
    low, high : ndarray of float, shape (n,)
        Of a count of 0, the interval begins at 0. NaN for NaN.

    Raises
    ------
    InputError
        If a count is negative or `level` is not a share.

    References
    ----------
    Garwood, F. (1936). Fiducial limits for the Poisson distribution. Biometrika 28, 437-442.

    Examples
    --------
    >>> [limit.round(3).tolist() for limit in poisson_interval([0, 10])]
    [[0.0, 4.795], [3.689, 18.39]]
    """
    numbers = np.asarray(counts, dtype=np.float64)
    wrong = numbers < 0
    if wrong.any() or not 0 < level < 1:
        raise InputError(
            f"`counts` is negative at {first_offenders(np.flatnonzero(wrong))}, or `level` {level} "
            "is not a share; expected 0 or more, and a level such as 0.95. Correct them.",
        )
    tail = (1 - level) / 2
    low = np.where(
        numbers == 0, 0.0, stats.chi2.ppf(tail, np.where(numbers == 0, 1, 2 * numbers)) / 2
    )
    return low, np.asarray(stats.chi2.isf(tail, 2 * numbers + 2) / 2)


def empirical_bayes(counts: npt.ArrayLike, people: npt.ArrayLike) -> Floats:
    """Draw unstable rates of small populations toward the rate of all.

    Parameters
    ----------
    counts : array_like of float, shape (n,)
        Incidents.
    people : array_like of float, shape (n,)
        Positive; NaN for units that take no part.

    Returns
    -------
    ndarray of float, shape (n,)
        Rates per person, between the unit's own and that of all; that of all where rates vary no
        more than chance alone makes them, as with one unit or no incident. NaN where `counts` or
        `people` is NaN.

    Raises
    ------
    InputError
        If a population is not positive, or the shapes differ.

    References
    ----------
    Marshall, R. J. (1991). Mapping disease and mortality rates using empirical Bayes estimators.
    Applied Statistics 40, 283-294, section 3.1.

    Examples
    --------
    >>> (empirical_bayes([1, 50, 500], [1e3, 1e5, 1e5]) * 1e5).round(1).tolist()
    [161.6, 51.2, 498.8]
    """
    events, at_risk = np.asarray(counts, dtype=np.float64), np.asarray(people, dtype=np.float64)
    if events.shape != at_risk.shape or (at_risk <= 0).any():
        raise InputError(
            f"`people` has shape {at_risk.shape} and {int((at_risk <= 0).sum())} values that are "
            f"not positive; expected shape {events.shape} and positive numbers. Leave such units "
            "out, or pass NaN.",
        )
    result = np.full(events.shape, np.nan)
    known = ~(np.isnan(events) | np.isnan(at_risk))
    if not known.any():
        return result
    events, at_risk = events[known], at_risk[known]
    overall, rate = events.sum() / at_risk.sum(), events / at_risk
    spread = (at_risk * (rate - overall) ** 2).sum() / at_risk.sum() - overall / at_risk.mean()
    spread = max(float(spread), 0.0)
    chance = overall / at_risk
    share = np.divide(spread, spread + chance, out=np.zeros_like(chance), where=chance > 0)
    result[known] = overall + share * (rate - overall)
    return result
