"""Incidents per area, and per people and year, with what chance alone could make of them."""

import warnings
from typing import Any, Final, Literal, get_args

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy

from sahel_geo.arrays import Floats
from sahel_geo.crs import geodesic_area_km2, require_lonlat
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.indicators.weights.panel import require_units
from sahel_geo.schema import PathLike

__all__ = ["empirical_bayes", "gamma_interval", "per_person", "poisson_interval"]

Counted = Literal["incidents", "fatalities_low", "fatalities_best", "fatalities_high"]

SMALL_NUMBER: Final = 20  # events: below, the standard error of a rate is over 22 % of it
_COUNTED: Final = get_args(Counted)
_DAYS_PER_YEAR: Final = 365.2425


def per_person(
    panel: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    population: "pd.Series[Any] | PathLike",
    of: Counted = "incidents",
    level: float = 0.95,
) -> pd.DataFrame:
    """Relate incidents or fatalities to people and years, with intervals and smoothed rates.

    A small unit with one incident has a high rate by accident. Where ``small_numbers`` is true,
    read the interval or the smoothed rate, not the rate. The interval says what chance could do
    if incidents were independent; they come in bouts, so the truth is wider. Fatalities are not
    independent of each other: their interval takes the toll of each unit and period for one event,
    and the finer the periods of the panel, the narrower it gets.

    Parameters
    ----------
    panel : DataFrame
        Result of :func:`sahel_geo.count`.
    units : GeoDataFrame, m rows
        The same units, EPSG:4326.
    population : Series or path-like
        People by ``unit_id``; or a raster of people per cell, summed over each unit, where cells
        on an edge are shared out by area.
    of : {"incidents", "fatalities_low", "fatalities_best", "fatalities_high"}
        What to relate.
    level : float
        Of the interval.

    Returns
    -------
    DataFrame, m rows
        In the order of `units`: ``unit_id``, the total of `of`, ``population``, ``per_100k_year``
        with ``low`` and ``high``, ``smoothed_per_100k_year`` and ``small_numbers`` (fewer than 20
        incidents, or tolls worth fewer than 20 equal ones). Rates are missing where the population
        is 0 or unknown, or no incident states its fatalities.

    Raises
    ------
    InputError
        As for :func:`sahel_geo.density.rates`, and if `of` is not counted or `level` is no share.
    FileError
        If the raster cannot be read.

    Warns
    -----
    UserWarning
        If a unit with incidents has a population of 0.

    References
    ----------
    Garwood, F. (1936). Fiducial limits for the Poisson distribution. Biometrika 28, 437-442.
    Fay, M. P. and Feuer, E. J. (1997). Confidence intervals for directly standardized rates: a
    method based on the gamma distribution. Statistics in Medicine 16, 791-801. Marshall, R. J.
    (1991). Mapping disease and mortality rates using empirical Bayes estimators. Applied Statistics
    40, 283-294.

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
    if of not in _COUNTED or of not in panel:
        known = [name for name in _COUNTED if name in panel]
        raise InputError(f"`of` is {of!r}; expected one of {known}. Choose one that is counted.")
    population = _people_of(population, units)
    table = rates(panel, units, population=population)
    ids, years = table["unit_id"], float(table.attrs["years"])
    people = population.reindex(ids).to_numpy(dtype=np.float64, na_value=np.nan)
    nobody = (people == 0) & (table["incidents"].to_numpy() > 0)
    if nobody.any():
        warnings.warn(
            f"`population` is 0 for {int(nobody.sum())} units with incidents: "
            f"{first_offenders(ids[nobody])}; their rates are missing.",
            stacklevel=2,
        )
    people = np.where(people > 0, people, np.nan)
    events = table[of].to_numpy(np.float64, na_value=np.nan)
    unit = 1e5 / (people * years)
    if of == "incidents":
        worth, dispersion = events, 1.0
        low, high = poisson_interval(events, level=level)
    else:
        squares, largest, dispersion = _tolls(panel, of, ids)
        # so many events of equal toll would make a total as certain
        worth = np.divide(events**2, squares, out=np.zeros_like(events), where=squares > 0)
        low, high = gamma_interval(events, squares, largest, level=level)
    smoothed = empirical_bayes(events, people, dispersion=dispersion)
    result = pd.DataFrame(
        {
            "unit_id": ids,
            of: table[of],
            "population": people,
            "per_100k_year": events * unit,
            "low": low * unit,
            "high": high * unit,
            "smoothed_per_100k_year": smoothed * 1e5 / years,
            "small_numbers": ~(worth >= SMALL_NUMBER),
        }
    )
    result.attrs = {**table.attrs, "level": level}
    return result


def _tolls(panel: pd.DataFrame, name: str, ids: "pd.Series[str]") -> tuple[Floats, Floats, float]:
    """Sum the squares of each unit's tolls, find the largest, and say how tolls disperse."""
    tolls = panel[name].astype(np.float64).fillna(0.0)
    squares = tolls.pow(2).groupby(panel["unit_id"]).sum().reindex(ids).fillna(0.0)
    total = float(tolls.sum())
    dispersion = float(tolls.pow(2).sum()) / total if total > 0 else 1.0
    deadly = tolls[tolls > 0]
    usual = float(deadly.mean()) if len(deadly) else 1.0
    largest = tolls.groupby(panel["unit_id"]).max().reindex(ids).fillna(0.0).clip(lower=usual)
    return np.asarray(squares, np.float64), np.asarray(largest, np.float64), dispersion


def gamma_interval(
    totals: "npt.ArrayLike",
    squares: "npt.ArrayLike",
    largest: "npt.ArrayLike",
    *,
    level: float = 0.95,
) -> "tuple[Floats, Floats]":
    """Bound the expectation behind sums of events of unequal size.

    Parameters
    ----------
    totals : array_like of float, shape (n,)
        Sum of the sizes, 0 or more.
    squares : array_like of float, shape (n,)
        Sum of their squares: the variance of the sum, if the events are independent.
    largest : array_like of float, shape (n,)
        Size of the largest event that could have happened, above 0.
    level : float
        About the probability that the interval holds the expectation, seldom less.

    Returns
    -------
    low, high : ndarray of float, shape (n,)
        With events of size 1, those of :func:`poisson_interval`. Of a total of 0, the interval
        begins at 0. NaN for NaN.

    Raises
    ------
    InputError
        If a value is negative, or `level` is not a share.

    References
    ----------
    Fay, M. P. and Feuer, E. J. (1997). Confidence intervals for directly standardized rates: a
    method based on the gamma distribution. Statistics in Medicine 16, 791-801, section 3.

    Examples
    --------
    >>> [limit.round(2).tolist() for limit in gamma_interval([30], [500], [20])]
    [[3.05], [123.64]]
    """
    total, square, most = (
        np.asarray(values, dtype=np.float64) for values in (totals, squares, largest)
    )
    wrong = (total < 0) | (square < 0) | ~(most > 0)
    if wrong.any() or not 0 < level < 1:
        raise InputError(
            f"`totals`, `squares` or `largest` is negative at "
            f"{first_offenders(np.flatnonzero(wrong))}, or `level` {level} is not a share; "
            "expected 0 or more, and a level such as 0.95. Correct them."
        )
    tail, some = (1 - level) / 2, total > 0
    low_shape = np.divide(total**2, square, out=np.ones_like(total), where=some)
    low_scale = np.divide(square, total, out=np.ones_like(total), where=some)
    low = np.where(total == 0, 0.0, scipy.special.gammaincinv(low_shape, tail) * low_scale)
    high_mean, high_variance = total + most, square + most**2
    scale = high_variance / high_mean
    high = scipy.special.gammainccinv(high_mean**2 / high_variance, tail) * scale
    return np.where(np.isnan(total), np.nan, low), np.asarray(high)


def poisson_interval(counts: "npt.ArrayLike", *, level: float = 0.95) -> "tuple[Floats, Floats]":
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
            "is not a share; expected 0 or more, and a level such as 0.95. Correct them."
        )
    tail = (1 - level) / 2
    low = np.where(
        numbers == 0, 0.0, scipy.special.gammaincinv(np.where(numbers == 0, 1, numbers), tail)
    )
    return low, np.asarray(scipy.special.chdtri(2 * numbers + 2, tail) / 2)


def empirical_bayes(
    counts: "npt.ArrayLike", people: "npt.ArrayLike", *, dispersion: float = 1.0
) -> Floats:
    """Draw unstable rates of small populations toward the rate of all.

    Parameters
    ----------
    counts : array_like of float, shape (n,)
        Incidents.
    people : array_like of float, shape (n,)
        Positive; NaN for units that take no part.
    dispersion : float
        Variance of a count over its expectation: 1 for independent incidents; more for what comes
        several at a time, as fatalities do.

    Returns
    -------
    ndarray of float, shape (n,)
        Rates per person, between the unit's own and that of all; that of all where rates vary no
        more than chance alone makes them, as with one unit or no incident. NaN where `counts` or
        `people` is NaN.

    Raises
    ------
    InputError
        If a population or `dispersion` is not positive, or the shapes differ.

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
            "out, or pass NaN."
        )
    if not dispersion > 0:
        raise InputError(f"`dispersion` is {dispersion}; expected a positive number such as 1.")
    result = np.full(events.shape, np.nan)
    known = ~(np.isnan(events) | np.isnan(at_risk))
    if not known.any():
        return result
    events, at_risk = events[known], at_risk[known]
    overall, rate = events.sum() / at_risk.sum(), events / at_risk
    spread = (at_risk * (rate - overall) ** 2).sum() / at_risk.sum()
    spread = max(float(spread - dispersion * overall / at_risk.mean()), 0.0)
    chance = dispersion * overall / at_risk
    share = np.divide(spread, spread + chance, out=np.zeros_like(chance), where=chance > 0)
    result[known] = overall + share * (rate - overall)
    return result


def rates(
    panel: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    population: "pd.Series[Any] | PathLike | None" = None,
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
    require_units(panel, unit_ids)
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
        people = _people(_people_of(population, units), unit_ids)
        totals["per_100k_year"] = totals["incidents"] / people * 1e5 / years
        for name in counted[1:]:
            totals[f"{name}_per_100k_year"] = totals[name] / people * 1e5 / years
    totals.attrs = {"first_period": str(first), "last_period": str(last), "years": years}
    return totals


def _people_of(
    population: "pd.Series[Any] | PathLike", units: gpd.GeoDataFrame
) -> "pd.Series[Any]":
    """Take a table of people as it is, or add up a raster of them over the units."""
    if isinstance(population, pd.Series):
        return population
    from sahel_geo.places.zonal import zonal_sums  # noqa: PLC0415  loads rasterio

    return pd.Series(zonal_sums(units.geometry, population), index=units["unit_id"].astype("str"))


def area_km2_of(units: gpd.GeoDataFrame) -> Floats:
    """Take the areas of units as they are stated, or measure them."""
    if "area_km2" in units:
        return np.asarray(units["area_km2"], dtype=np.float64)
    require_lonlat(units, "units")
    return np.asarray(geodesic_area_km2(units.geometry.to_numpy()))


def _people(population: "pd.Series[Any]", unit_ids: "pd.Series[str]") -> Floats:
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
