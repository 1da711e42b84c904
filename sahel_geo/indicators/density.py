"""Spatial density: rates by unit, and kernel surfaces in an equal-area projection."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from affine import Affine

from sahel_geo.crs import EQUAL_AREA, geodesic_area_km2, require_lonlat
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.indicators.binning import Bins, bins_for, evaluate, spread
from sahel_geo.indicators.surface import Surface
from sahel_geo.locate.assign import coordinates
from sahel_geo.locate.partitions import is_partitioned, open_partitions, reduce_partitions
from sahel_geo.projection import project

_COUNTED: Final = ("incidents", "fatalities_low", "fatalities_best", "fatalities_high")
_TAIL_BANDWIDTHS: Final = 5.0  # a Gaussian keeps all but 3e-6 of its mass within five bandwidths
_MOST_CELLS: Final = 50_000_000
_CHUNK: Final = 20_000
_MOST_EXACT: Final = 10_000  # incidents up to which the exact sum is the default
_DAYS_PER_YEAR: Final = 365.2425

Method = Literal["binned", "exact"]

_Points = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]


def rates(
    panel: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    population: "pd.Series[Any] | None" = None,
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
    population : Series, optional
        People by unit, indexed by ``unit_id``. Units that it lacks get no rate per person.

    Returns
    -------
    DataFrame, m rows
        In the order of `units`: ``unit_id``; the totals over the panel's periods, ``incidents`` and
        ``fatalities_*``; ``per_1000km2``, incidents per 1,000 km² over the whole panel, and
        ``per_1000km2_year``, the same per year; ``fatalities_*_per_1000km2``; with `population`,
        ``per_100k_year``, incidents per 100,000 people and year. A total of fatalities is missing
        where a unit has incidents and none states a figure. ``attrs`` hold ``first_period``,
        ``last_period`` and ``years``.

    Raises
    ------
    InputError
        If the panel holds no period, names units that `units` lacks, or `population` is negative or
        matches no unit.

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
            "Pass start= and end= to sg.count, or check that incidents were placed.",
        )
    unit_ids = units["unit_id"].astype("str")
    strangers = set(panel["unit_id"]) - set(unit_ids)
    if strangers:
        raise InputError(
            f"`panel` names {len(strangers)} units that `units` does not hold: "
            f"{first_offenders(sorted(strangers))}; expected the same units. Count again.",
        )
    counted = [name for name in _COUNTED if name in panel]
    totals = _totals(panel, counted).reindex(unit_ids).reset_index()
    area = _area_km2(units) / 1e3
    years = _years(panel["period"])
    totals["per_1000km2"] = totals["incidents"] / area
    totals["per_1000km2_year"] = totals["per_1000km2"] / years
    for name in counted[1:]:
        totals[f"{name}_per_1000km2"] = totals[name] / area
    if population is not None:
        people = _people(population, unit_ids)
        totals["per_100k_year"] = totals["incidents"] / people * 1e5 / years
    totals.attrs = {
        "first_period": str(panel["period"].min()),
        "last_period": str(panel["period"].max()),
        "years": years,
    }
    return totals


def _totals(panel: pd.DataFrame, counted: list[str]) -> pd.DataFrame:
    """Add up the periods of each unit; missing where it has incidents but no stated figure."""
    totals = panel.groupby("unit_id")[counted].sum()
    stated = panel[counted].notna().mul(panel["incidents"] > 0, axis="index")
    return totals.mask(
        ~stated.groupby(panel["unit_id"]).any()
        & totals[["incidents"]].gt(0).all(axis=1).to_numpy()[:, None]
    )


def _area_km2(units: gpd.GeoDataFrame) -> npt.NDArray[np.float64]:
    if "area_km2" in units:
        return np.asarray(units["area_km2"], dtype=np.float64)
    require_lonlat(units, "units")
    return geodesic_area_km2(units.geometry.to_numpy())


def _years(periods: "pd.Series[Any]") -> float:
    first, last = periods.min(), periods.max()
    days = (last.end_time.normalize() - first.start_time).days + 1
    return float(days / _DAYS_PER_YEAR)


def _people(population: "pd.Series[Any]", unit_ids: "pd.Series[str]") -> npt.NDArray[np.float64]:
    people = population.reindex(unit_ids).to_numpy(dtype=np.float64, na_value=np.nan)
    if len(people) and np.isnan(people).all():
        raise InputError(
            f"`population` matches none of the {len(unit_ids)} units: its index begins "
            f"{first_offenders(population.index)}; expected unit_id. "
            "Set the index with population.set_axis(codes).",
        )
    if (people < 0).any():
        raise InputError(
            f"`population` is negative for units {first_offenders(unit_ids[people < 0])}; "
            "expected people. Correct the table.",
        )
    return np.where(people > 0, people, np.nan)


def kernel_density(
    incidents: Any,
    *,
    bandwidth_km: float,
    cell_km: float = 5.0,
    weights: str | None = None,
    extent: gpd.GeoDataFrame | None = None,
    method: Method | None = None,
) -> Surface:
    """Spread each incident over its surroundings with a Gaussian kernel, and add them up.

    The surface shows where incidents are dense without the accident of unit outlines. It depends on
    `bandwidth_km` more than on anything else: show more than one. Incidents are taken at their
    stated point, however imprecise, and incidents outside the region raise nothing inside, so
    values near the edge of the data are too low.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Columns ``lon`` and ``lat``, EPSG:4326. Rows without coordinates add nothing. Also a Dask
        DataFrame, or the path of Parquet data, which is read twice: for its extent and for its sum.
    bandwidth_km : float
        Standard deviation of the kernel, in km.
    cell_km : float
        Side of a square cell, in km; the value is the intensity at its centre.
    weights : str, optional
        A column to weigh incidents by, such as ``"fatalities_best"``; missing counts as 0.
    extent : GeoDataFrame, optional
        Cover the bounding box of these units; by default that of the incidents and five bandwidths
        around, so that the surface adds up to the number of incidents.
    method : {"binned", "exact"}, optional
        ``"exact"`` is the double sum over incidents and cells, without binning or cut-off; its cost
        grows with their product. ``"binned"`` replaces each incident by six by six weighted points
        of a grid as fine as a fifth of the bandwidth, placed so that their moments up to the fifth
        are those of the incident, and adds the kernels by a Fourier transform; its cost grows with
        the incidents plus the cells. By default exact up to 10,000 incidents.

    Returns
    -------
    Surface
        Incidents (or weights) per km², in an Albers equal-area projection
        (:data:`sahel_geo.crs.EQUAL_AREA`). ``parameters["error_of_peak"]`` bounds the error of a
        value as a share of the largest: 0 where the sum is exact, else under 0.0001.

    Raises
    ------
    InputError
        If no incident has coordinates and no `extent` is given, a length is not positive,
        `weights` is not a column, holds no numbers or negative ones, `method` is unknown, or the
        raster, or the finer grid behind it, would be larger than 50 million cells.
    CrsError
        If `extent` is not in EPSG:4326.

    References
    ----------
    Silverman, B. W. (1986). Density Estimation for Statistics and Data Analysis, section 4.2;
    section 3.5 for the Fourier transform of binned data.

    Examples
    --------
    >>> incidents = pd.DataFrame({"lon": [2.4, 2.5], "lat": [15.9, 15.8]})
    >>> surface = kernel_density(incidents, bandwidth_km=40)
    >>> round(surface.total(), 3)
    2.0
    """
    for name, value in {"bandwidth_km": bandwidth_km, "cell_km": cell_km}.items():
        if not (np.isfinite(value) and value > 0):
            raise InputError(f"`{name}` is {value}; expected a positive number of km.")
    if method is not None and method not in get_args(Method):
        raise InputError(f"`method` is {method!r}; expected one of {list(get_args(Method))}.")
    table = open_partitions(incidents) if is_partitioned(incidents) else incidents
    _check_weights(table, weights)
    points = _projected(table, weights) if isinstance(table, pd.DataFrame) else None
    found = (
        reduce_partitions(table, _outline_piece, weights, _join_outlines)
        if points is None
        else _outline(points)
    )
    bounds = _bounds(found, extent, margin=_TAIL_BANDWIDTHS * bandwidth_km * 1e3)
    west, south, columns, rows = _grid(bounds, cell_km * 1e3)
    bins = bins_for(west, south, columns, rows, cell_km * 1e3, bandwidth_km * 1e3)
    if method is None:
        small = found.incidents <= _MOST_EXACT or bins.rows * bins.columns > _MOST_CELLS
        method = "exact" if small else "binned"
    grid = (
        reduce_partitions(table, _sum_piece, (bins, weights, method), sum)
        if points is None
        else _sum(points, bins, method)
    )
    values = evaluate(grid, bins) if method == "binned" else grid
    return _surface(values, bins, weights, found.incidents, method)


@dataclass(frozen=True)
class _Outline:
    """Projected bounds of some incidents, and how many there are."""

    low: tuple[float, float]
    high: tuple[float, float]
    incidents: int


def _reduce(table: Any, work: Any, shared: Any, add: Any) -> Any:
    if isinstance(table, pd.DataFrame):
        return work(table, shared)
    return reduce_partitions(table, work, shared, add)


def _outline_piece(piece: pd.DataFrame, weights: str | None) -> _Outline:
    return _outline(_projected(piece, weights))


def _outline(points: _Points) -> _Outline:
    x, y, _ = points
    low = (float(x.min(initial=np.inf)), float(y.min(initial=np.inf)))
    return _Outline(low, (float(x.max(initial=-np.inf)), float(y.max(initial=-np.inf))), len(x))


def _join_outlines(parts: Sequence[_Outline]) -> _Outline:
    low, high = np.array([p.low for p in parts]), np.array([p.high for p in parts])
    return _Outline(
        (float(low[:, 0].min()), float(low[:, 1].min())),
        (float(high[:, 0].max()), float(high[:, 1].max())),
        sum(part.incidents for part in parts),
    )


def _sum_piece(
    piece: pd.DataFrame, shared: tuple[Bins, str | None, Method]
) -> npt.NDArray[np.float64]:
    bins, weights, method = shared
    return _sum(_projected(piece, weights), bins, method)


def _sum(points: _Points, bins: Bins, method: Method) -> npt.NDArray[np.float64]:
    x, y, weight = points
    return spread(x, y, weight, bins) if method == "binned" else _exact_sum(x, y, weight, bins)


def _surface(
    values: npt.NDArray[np.float64], bins: Bins, weights: str | None, incidents: int, method: Method
) -> Surface:
    step, bandwidth_km = bins.cell, bins.bandwidth / 1e3
    return Surface(
        values=values / (2 * np.pi * bandwidth_km**2),
        transform=Affine(step, 0, bins.west, 0, -step, bins.south + len(values) * step),
        crs=EQUAL_AREA,
        unit=f"{weights or 'incidents'} per km2",
        parameters={
            "measure": "kernel_density",
            "kernel": "gaussian",
            "bandwidth_km": _plain(bandwidth_km),
            "cell_km": _plain(step / 1e3),
            "weights": weights or "none",
            "incidents": incidents,
            "method": method,
            "error_of_peak": bins.error_of_peak if method == "binned" else 0.0,
        },
    )


def _plain(value: float) -> float:
    """Write 40 for 40.0, as the caller did."""
    return int(value) if value == int(value) else value


def _exact_sum(
    x: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
    weight: npt.NDArray[np.float64],
    bins: Bins,
) -> npt.NDArray[np.float64]:
    """Add every kernel at every cell.

    A Gaussian is the product of one in x and one in y, so the double sum is one matrix product.
    """
    centre_x = bins.west + (np.arange(bins.cells[1]) + 0.5) * bins.cell
    centre_y = bins.south + (np.arange(bins.cells[0]) + 0.5)[::-1] * bins.cell
    values = np.zeros(bins.cells)
    for at in range(0, len(x), _CHUNK):
        part = slice(at, at + _CHUNK)
        in_x = np.exp(-0.5 * ((centre_x[None, :] - x[part, None]) / bins.bandwidth) ** 2)
        in_y = np.exp(-0.5 * ((centre_y[None, :] - y[part, None]) / bins.bandwidth) ** 2)
        values += (in_y * weight[part, None]).T @ in_x
    return values


def _projected(incidents: pd.DataFrame, weights: str | None) -> _Points:
    """Give x, y in metres and the weight of each incident that has coordinates."""
    lon, lat = coordinates(incidents)
    weight = np.ones(len(lon)) if weights is None else _weights(incidents, weights)
    located = np.isfinite(lon) & np.isfinite(lat)
    if located.all():
        return *project(lon, lat), weight
    return *project(lon[located], lat[located]), weight[located]


def _check_weights(table: Any, weights: str | None) -> None:
    if weights is None:
        return
    if weights not in table.columns:
        raise InputError(
            f"`weights` is {weights!r}, which `incidents` does not hold; expected one of "
            f"{first_offenders(table.select_dtypes('number').columns)}.",
        )
    if len(table) and not _reduce(table, _states_a_figure, weights, any):
        raise InputError(
            f"`weights` column {weights!r} states no figure in {len(table)} rows; "
            "expected numbers. Choose another column.",
        )


def _states_a_figure(piece: pd.DataFrame, column: str) -> bool:
    return bool(pd.to_numeric(piece[column], errors="coerce").notna().any())


def _weights(incidents: pd.DataFrame, column: str) -> npt.NDArray[np.float64]:
    numbers = pd.to_numeric(incidents[column], errors="coerce").to_numpy(
        np.float64, na_value=np.nan
    )
    if (numbers < 0).any() or np.isinf(numbers).any():
        raise InputError(
            f"`weights` column {column!r} is negative or infinite in rows "
            f"{first_offenders(incidents.index[(numbers < 0) | np.isinf(numbers)])}; "
            "expected zero or more. Correct these rows.",
        )
    return np.where(np.isnan(numbers), 0.0, numbers)


def _bounds(
    found: _Outline, extent: gpd.GeoDataFrame | None, margin: float
) -> tuple[float, float, float, float]:
    if extent is not None:
        require_lonlat(extent, "extent")
        west, south, east, north = extent.to_crs(EQUAL_AREA).total_bounds
        return float(west), float(south), float(east), float(north)
    if not found.incidents:
        raise InputError(
            "`incidents` has no row with coordinates; expected at least one. "
            "Geocode them, or pass extent= for a surface of zeros.",
        )
    (west, south), (east, north) = found.low, found.high
    return west - margin, south - margin, east + margin, north + margin


def _grid(bounds: tuple[float, float, float, float], step: float) -> tuple[float, float, int, int]:
    """Snap the extent to whole cells, so that two surfaces of one cell size line up."""
    west, south = (np.floor(value / step) * step for value in bounds[:2])
    columns = int(np.ceil((bounds[2] - west) / step)) or 1
    rows = int(np.ceil((bounds[3] - south) / step)) or 1
    if columns * rows > _MOST_CELLS:
        raise InputError(
            f"the surface would have {rows} x {columns} cells; expected at most {_MOST_CELLS:,}. "
            "Choose a larger `cell_km` or a smaller `extent`.",
        )
    return float(west), float(south), columns, rows
