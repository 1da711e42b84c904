"""Spatial density: rates by unit, and kernel surfaces in an equal-area projection."""

from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.arrays import Flags, Floats
from sahel_geo.crs import EQUAL_AREA, require_lonlat
from sahel_geo.errors import InputError, first_offenders, require_choice, require_km
from sahel_geo.indicators.density.adaptive import Ladder, local_bandwidths, pilot_density
from sahel_geo.indicators.density.bandwidth import bandwidth
from sahel_geo.indicators.density.binning import Bins, Fixed
from sahel_geo.indicators.density.kernels import (
    QUARTIC_OF_GAUSSIAN,
    REACH,
    Exact,
    Kernel,
    peak_per_km2,
)
from sahel_geo.indicators.density.points import Outline, Points, StudyArea, projected_points
from sahel_geo.indicators.density.relative_risk import relative_risk
from sahel_geo.indicators.density.relative_risk_result import RelativeRisk
from sahel_geo.indicators.rates.rates import rates
from sahel_geo.indicators.surface.image import SurfaceImage
from sahel_geo.indicators.surface.surface import Surface
from sahel_geo.locate.partitions import is_partitioned, open_partitions, reduce_partitions

__all__ = [
    "RelativeRisk", "Surface", "SurfaceImage", "bandwidth", "kernel_density", "rates",
    "relative_risk",
]  # fmt: skip

Bounds = tuple[float, float, float, float]
Method = Literal["binned", "exact"]
EdgeAt = Literal["incident", "place"]

_MOST_CELLS: Final = 50_000_000
_MOST_EXACT: Final = 10_000  # incidents up to which the exact sum is the default


def kernel_density(
    incidents: Any,
    *,
    bandwidth_km: float,
    cell_km: float = 5.0,
    kernel: Kernel = "gaussian",
    adaptive: bool = False,
    weights: str | None = None,
    extent: gpd.GeoDataFrame | None = None,
    edge: Any = None,
    edge_at: EdgeAt = "incident",
    method: Method | None = None,
) -> Surface:
    """Spread each incident over its surroundings with a kernel, and add them up.

    The surface shows where incidents are dense without the accident of unit outlines. It depends on
    `bandwidth_km` more than on anything else: show more than one. Incidents are taken at their
    stated point, however imprecise. Incidents outside the data raise nothing inside, so values near
    the edge of what was observed are too low unless `edge` tells where that edge is.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Columns ``lon`` and ``lat``, EPSG:4326. Rows without coordinates add nothing. Also a Dask
        DataFrame, or the path of Parquet data, which is read twice: for its extent and for its sum;
        these need a fixed bandwidth and no `edge`.
    bandwidth_km : float
        Standard deviation of a Gaussian, or radius of a quartic, in km. A quartic of 2.8 times the
        bandwidth smooths as much as a Gaussian.
    cell_km : float
        Side of a square cell, in km; the value is the intensity at its centre. The surface adds up
        to the number of incidents if a cell is no larger than the bandwidth of a Gaussian, or a
        third of that of a quartic.
    kernel : {"gaussian", "quartic"}
        ``"quartic"`` is zero beyond its radius.
    adaptive : bool
        Give each incident a bandwidth of its own, in inverse proportion to the square root of the
        density around it (a Gaussian of `bandwidth_km`, or a quartic's equivalent), with the
        geometric mean `bandwidth_km`; at most five times as wide or as narrow.
    weights : str, optional
        A column to weigh incidents by, such as ``"fatalities_best"``; missing counts as 0.
    extent : GeoDataFrame, optional
        Cover the bounding box of these units; by default that of the incidents and their kernels
        (of a Gaussian, five bandwidths), so that the surface adds up to the number of incidents.
    edge : Zone or GeoDataFrame, optional
        Where incidents were observed. Incidents outside are left out and counted in
        ``parameters["outside"]``, cells whose centre is outside are NaN, and the mass that kernels
        lose across the edge is given back.
    edge_at : {"incident", "place"}
        ``"incident"`` divides each kernel by its share inside the area, so that the surface adds up
        to the incidents inside. ``"place"`` divides the value at each cell by the share inside of a
        kernel centred there, which is right on average where incidents are evenly spread, but does
        not conserve their number; it needs a fixed bandwidth.
    method : {"binned", "exact"}, optional
        ``"exact"`` is the double sum over incidents and cells, without binning or cut-off; its cost
        grows with their product. ``"binned"`` replaces each incident by six by six weighted points
        of a grid as fine as a fifth of the bandwidth (a sixtieth of a quartic's), placed so that
        their moments up to the fifth are those of the incident, and adds the kernels by a Fourier
        transform; its cost grows with the incidents plus the cells. With `adaptive`, a Gaussian is
        made of four widths out of a ladder of them; a quartic is always exact. By default exact up
        to 10,000 incidents.

    Returns
    -------
    Surface
        Incidents (or weights) per km², in an Albers equal-area projection
        (:data:`sahel_geo.crs.EQUAL_AREA`). ``parameters["error_of_peak"]`` bounds the error of a
        value as a share of the largest: 0 where the sum is exact, else about 0.001 at most. With an
        `extent` or an `edge` and no incident, all cells are zero.

    Raises
    ------
    InputError
        If no incident has coordinates and no `extent` or `edge` is given, a length is not positive,
        `weights` is not a column, holds no numbers or negative ones, an option is unknown or does
        not go with another, or the raster, or the finer grid behind it, would be larger than 50
        million cells.
    CrsError
        If `extent` or `edge` is not in EPSG:4326.

    References
    ----------
    Silverman, B. W. (1986). Density Estimation for Statistics and Data Analysis, section 4.2;
    section 3.5 for the Fourier transform of binned data. Diggle, P. (1985). A kernel method for
    smoothing point process data. Applied Statistics 34, 138-147 (``"place"``). Jones, M. C. (1993).
    Simple boundary correction for kernel density estimation. Statistics and Computing 3, 135-146
    (``"incident"``). Abramson, I. S. (1982). On bandwidth variation in kernel estimates: a square
    root law. Annals of Statistics 10, 1217-1223.

    Examples
    --------
    >>> incidents = pd.DataFrame({"lon": [2.4, 2.5], "lat": [15.9, 15.8]})
    >>> surface = kernel_density(incidents, bandwidth_km=40)
    >>> round(surface.total(), 3)
    2.0
    """
    require_km("bandwidth_km", bandwidth_km)
    require_km("cell_km", cell_km)
    require_choice("kernel", kernel, get_args(Kernel))
    require_choice("edge_at", edge_at, get_args(EdgeAt))
    if method is not None:
        require_choice("method", method, get_args(Method))
    if edge is not None and extent is not None:
        raise InputError(
            "`extent` and `edge` are both given; expected one: the surface covers the study area. "
            "Leave out `extent`, and clip the surface afterwards."
        )
    if adaptive and edge_at == "place":
        raise InputError(
            "`edge_at` is 'place' and `adaptive` is true; expected a fixed bandwidth. "
            "Use edge_at='incident'."
        )
    if adaptive and kernel == "quartic" and method == "binned":
        raise InputError(
            "`method` is 'binned' for an adaptive quartic; expected 'exact', which is fast for a "
            "kernel that ends. Leave `method` out."
        )
    job = _Job(kernel, bandwidth_km, cell_km, weights, method)
    table = open_partitions(incidents) if is_partitioned(incidents) else incidents
    _check_weights(table, weights)
    if not isinstance(table, pd.DataFrame):
        if adaptive or edge is not None:
            raise InputError(
                "`incidents` is a table in pieces, and `adaptive` or `edge` is given; expected a "
                "table in memory for these. Load the columns lon and lat, or leave them out."
            )
        return _of_pieces(table, job, extent)
    points = projected_points(table, weights)
    if edge is None:
        return _of_points(points, job, extent, adaptive=adaptive)
    return _inside(points, job, StudyArea.of(edge, "edge"), edge_at, adaptive=adaptive)


@dataclass(frozen=True)
class _Job:
    """What was asked for."""

    kernel: Kernel
    bandwidth_km: float
    cell_km: float
    weights: str | None
    method: Method | None

    @property
    def bandwidth(self) -> float:
        return self.bandwidth_km * 1e3

    @property
    def reach(self) -> float:
        return REACH[self.kernel] * self.bandwidth

    def bins(self, bounds: Bounds) -> Bins:
        bins = Bins.over(bounds, self.cell_km * 1e3, self.bandwidth, self.kernel)
        rows, columns = bins.cells.size
        if columns * rows > _MOST_CELLS:
            raise InputError(
                f"the surface would have {rows} x {columns} cells; expected at most "
                f"{_MOST_CELLS:,}. Choose a larger `cell_km` or a smaller `extent`."
            )
        return bins

    def chosen(self, incidents: int, bins: Bins, *, adaptive: bool = False) -> Method:
        """Choose the exact sum for few incidents, and where the fine grid would be too large."""
        if self.method is not None:
            return self.method
        few = incidents <= _MOST_EXACT or bins.rows * bins.columns > _MOST_CELLS
        return "exact" if few or (adaptive and self.kernel == "quartic") else "binned"


def _sums(bins: Bins, bandwidth: Floats | None, incidents: int, method: Method) -> Any:
    """Choose how kernels are added; `bandwidth` is that of each incident, or None if they agree."""
    if method == "exact":
        widths = np.full(incidents, bins.bandwidth) if bandwidth is None else bandwidth
        return Exact(bins.cells, bins.kernel, widths)
    return Fixed(bins) if bandwidth is None else Ladder(bins.cells, bandwidth)


def _widths_at(
    x: Floats, y: Floats, kernel: Kernel, bandwidth: float
) -> tuple[Floats, dict[str, str | float]]:
    """Give each incident its bandwidth, all in metres, and say what they came to."""
    pilot = bandwidth / (QUARTIC_OF_GAUSSIAN if kernel == "quartic" else 1.0)
    widths, clipped = local_bandwidths(pilot_density(x, y, pilot), bandwidth)
    around = (widths if len(widths) else np.array([bandwidth])) / 1e3
    return widths, {
        "adaptive": "abramson",
        "narrowest_km": float(around.min()),
        "widest_km": float(around.max()),
        "held": clipped,
    }


def _of_points(
    points: Points, job: _Job, extent: gpd.GeoDataFrame | None, *, adaptive: bool
) -> Surface:
    x, y, weight = points
    widths, figures = _widths_at(x, y, job.kernel, job.bandwidth) if adaptive else (None, {})
    reach = np.full(len(x), job.reach) if widths is None else REACH[job.kernel] * widths
    bins = job.bins(_bounds(Outline.of(x, y, reach), extent, 0.0))
    method = job.chosen(len(x), bins, adaptive=adaptive)
    sums = _sums(bins, widths, len(x), method)
    values = np.maximum(sums.values(x, y, weight), 0.0)
    return _surface(
        values, bins, job, len(x), method, {"error_of_peak": sums.error_of_peak} | figures
    )


def _inside(
    points: Points, job: _Job, area: StudyArea, edge_at: EdgeAt, *, adaptive: bool
) -> Surface:
    """Sum inside a study area, with what its edge cuts off given back."""
    within = area.holds(points[0], points[1])
    x, y, weight = (values[within] for values in points)
    widths, figures = _widths_at(x, y, job.kernel, job.bandwidth) if adaptive else (None, {})
    bins = job.bins(area.bounds)
    inside = area.cells(bins.cells)
    method = job.chosen(len(x), bins, adaptive=adaptive)
    sums = _sums(bins, widths, len(x), method)
    if edge_at == "incident":
        mass = sums.mass(x, y, inside)
        missed = np.flatnonzero(mass <= 1e-9)
        if len(missed):
            raise InputError(
                f"the kernels of {len(missed)} incidents reach the centre of no cell in `edge`: "
                f"incidents {first_offenders(missed)} of those inside; expected cells smaller than "
                "the kernel. Choose a smaller `cell_km` or a larger `bandwidth_km`."
            )
        values = sums.values(x, y, weight / mass)
    else:
        values = sums.values(x, y, weight) / _mass_of_cells(bins, inside, method)
    values = np.where(inside, np.maximum(values, 0.0), np.nan)
    figures |= {
        "edge": edge_at,
        "outside": int((~within).sum()),
        "error_of_peak": sums.error_of_peak,
    }
    return _surface(values, bins, job, len(x), method, figures)


def _mass_of_cells(bins: Bins, inside: Flags, method: Method) -> Floats:
    """Give the share inside the area of a kernel centred at each cell; 1 outside."""
    rows, columns = np.nonzero(inside[::-1])
    centre_x, centre_y = bins.cells.centres()
    sums = _sums(bins, None, len(rows), method)
    shares = np.ones(inside.shape)
    shares[::-1][rows, columns] = sums.mass(centre_x[columns], centre_y[rows], inside)
    return shares


def _of_pieces(table: Any, job: _Job, extent: gpd.GeoDataFrame | None) -> Surface:
    outline = reduce_partitions(table, Outline.of_piece, job.weights, Outline.joined)
    bins = job.bins(_bounds(outline, extent, job.reach))
    method = job.chosen(outline.incidents, bins)
    total = reduce_partitions(table, _sum_piece, (bins, job.weights, method), sum)
    values = total if method == "exact" else bins.evaluate(total)
    if method == "binned":
        values = np.maximum(values, 0.0) * float(peak_per_km2(job.kernel, bins.bandwidth))
    error = bins.error_of_peak if method == "binned" else 0.0
    return _surface(values, bins, job, outline.incidents, method, {"error_of_peak": error})


def _sum_piece(piece: pd.DataFrame, shared: tuple[Bins, str | None, Method]) -> Floats:
    bins, weights, method = shared
    x, y, weight = projected_points(piece, weights)
    if method == "binned":
        return bins.spread(x, y, weight)
    return np.asarray(_sums(bins, None, len(x), method).values(x, y, weight))


def _surface(
    values: Floats,
    bins: Bins,
    job: _Job,
    incidents: int,
    method: Method,
    figures: dict[str, str | float],
) -> Surface:
    return Surface(
        values=values,
        transform=bins.cells.transform,
        crs=EQUAL_AREA,
        unit=f"{job.weights or 'incidents'} per km2",
        parameters={
            "measure": "kernel_density",
            "kernel": job.kernel,
            "bandwidth_km": _plain(job.bandwidth_km),
            "cell_km": _plain(job.cell_km),
            "weights": job.weights or "none",
            "incidents": incidents,
            "method": method,
            **figures,
        },
    )


def _plain(value: float) -> float:
    """Write 40 for 40.0, as the caller did."""
    return int(value) if value == int(value) else value


def _check_weights(table: Any, weights: str | None) -> None:
    """Refuse a column of weights that is not there or states nothing."""
    if weights is None:
        return
    if weights not in table.columns:
        raise InputError(
            f"`weights` is {weights!r}, which `incidents` does not hold; expected one of "
            f"{first_offenders(table.select_dtypes('number').columns)}."
        )
    if isinstance(table, pd.DataFrame):
        stated = table.empty or _states_a_figure(table, weights)
    else:
        stated = len(table) == 0 or reduce_partitions(table, _states_a_figure, weights, any)
    if not stated:
        raise InputError(
            f"`weights` column {weights!r} states no figure in {len(table)} rows; "
            "expected numbers. Choose another column."
        )


def _states_a_figure(piece: pd.DataFrame, column: str) -> bool:
    return bool(pd.to_numeric(piece[column], errors="coerce").notna().any())


def _bounds(outline: Outline, extent: gpd.GeoDataFrame | None, margin: float) -> Bounds:
    if extent is not None:
        require_lonlat(extent, "extent")
        west, south, east, north = extent.to_crs(EQUAL_AREA).total_bounds
        return float(west), float(south), float(east), float(north)
    if not outline.incidents:
        raise InputError(
            "`incidents` has no row with coordinates; expected at least one. "
            "Geocode them, or pass extent= for a surface of zeros."
        )
    (west, south), (east, north) = outline.low, outline.high
    return west - margin, south - margin, east + margin, north + margin
