"""Distances from points to borders, on the ellipsoid."""

from typing import Any, Final, TypeAlias, overload

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy
import shapely

from sahel_geo.arrays import Floats, Positions
from sahel_geo.crs import WGS84, require_lonlat, unit_vectors
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.places.boundaries.boundaries import load_boundaries
from sahel_geo.places.boundaries.vintages import check_countries
from sahel_geo.places.remember import remembered

SPACING_KM: Final = 0.5  # between the knots of the border
FAR_KM: Final = 20.0  # beyond, the nearest knot alone fixes the distance to within 1 : 12,800
_KM_PER_DEGREE: Final = 111.32  # at most, on WGS 84
_CHUNK: Final = 200_000


Points: TypeAlias = gpd.GeoDataFrame | gpd.GeoSeries
Side: TypeAlias = str | gpd.GeoDataFrame | gpd.GeoSeries


@overload
def distance_to_border(
    lon: npt.ArrayLike, lat: npt.ArrayLike, border: Points, *, signed_by: Side | None = None
) -> Floats: ...


@overload
def distance_to_border(
    lon: Points, lat: Points, border: None = None, *, signed_by: Side | None = None
) -> pd.Series: ...


def distance_to_border(
    lon: "npt.ArrayLike | Points",
    lat: "npt.ArrayLike | Points",
    border: Points | None = None,
    *,
    signed_by: Side | None = None,
) -> Floats | pd.Series:
    """Measure the shortest distance from points to a border.

    Call it as ``distance_to_border(lon, lat, border)`` with two arrays, or as
    ``distance_to_border(points, border)`` with a frame of points.

    Border segments are straight in longitude and latitude, as a map in these coordinates draws
    them. Knots are set on the border every half kilometre and searched in a k-d tree of
    three-dimensional coordinates; near the border every piece that can hold the nearest point is
    tried; the distance to that point is geodesic. The error is below 0.01 % at any range.

    Parameters
    ----------
    lon, lat : array_like of float, shape (n,)
        Degrees, WGS 84. In the second form `lon` is the GeoDataFrame or GeoSeries of points in
        EPSG:4326, and `lat` the border.
    border : GeoDataFrame or GeoSeries
        Lines (or polygons, for their outlines) in EPSG:4326, such as rows of
        `international_borders`; the nearest of all of them counts.
    signed_by : str, GeoDataFrame or GeoSeries, optional
        Ground whose side of the border counts as inside: the alpha-3 code of one of the three
        countries, or polygons in EPSG:4326. Distances of points in it are negative, all others
        positive: with ``signed_by="MLI"``, -12 is a place 12 km from the border on Mali's side.

    Returns
    -------
    ndarray of float, shape (n,), or Series
        Kilometres, unsigned unless `signed_by` is given; NaN where a coordinate is NaN or a point
        is missing or empty. A Series named ``distance_km`` on the index of the points in the second
        form.

    Raises
    ------
    CrsError
        If a layer is not in EPSG:4326.
    InputError
        If `border` is empty, `lon` and `lat` differ in shape, a coordinate is out of range, the
        points hold other geometries, or `signed_by` names another country or holds no polygon.

    References
    ----------
    Karney, C. F. F. (2013). Algorithms for geodesics. Journal of Geodesy 87, 43-55.

    Examples
    --------
    >>> meridian = gpd.GeoSeries([shapely.LineString([(0, 10), (0, 20)])], crs=4326)
    >>> distance_to_border([1.0, 0.0], [0.0, 15.0], meridian).round(1)
    array([1111.4,    0. ])
    >>> places = gpd.GeoSeries([shapely.Point(1, 15), shapely.Point(-1, 15)], [7, 8], crs=4326)
    >>> west = gpd.GeoSeries([shapely.box(-9, 10, 0, 20)], crs=4326)
    >>> distance_to_border(places, meridian, signed_by=west).round(1).to_dict()
    {7: 107.6, 8: -107.6}
    """
    if isinstance(lon, gpd.GeoDataFrame | gpd.GeoSeries):
        if border is not None or not isinstance(lat, gpd.GeoDataFrame | gpd.GeoSeries):
            raise InputError(
                f"`border` is a {type(lat).__name__}; expected a GeoDataFrame or GeoSeries after "
                "the frame of points. Call distance_to_border(points, border)."
            )
        x, y = _coordinates(lon)
        return pd.Series(_distances(x, y, lat, signed_by), index=lon.index, name="distance_km")
    if not isinstance(border, gpd.GeoDataFrame | gpd.GeoSeries):
        raise InputError(
            f"`border` is a {type(border).__name__}; expected a GeoDataFrame or GeoSeries. Call "
            "distance_to_border(lon, lat, border) or distance_to_border(points, border)."
        )
    return _distances(lon, lat, border, signed_by)


def _coordinates(points: Points) -> tuple[Floats, Floats]:
    require_lonlat(points, "points")
    shapes = points.geometry.to_numpy()
    usable = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    odd = points.index[usable & (shapely.get_type_id(shapes) != 0)]
    if len(odd):
        raise InputError(
            f"`points` has {len(odd)} geometries that are not points: rows {first_offenders(odd)}; "
            "expected one point per row. Use points.representative_point() or explode them."
        )
    shapes = np.where(usable, shapes, None)
    return np.asarray(shapely.get_x(shapes)), np.asarray(shapely.get_y(shapes))


def _distances(
    lon: npt.ArrayLike, lat: npt.ArrayLike, border: Points, signed_by: Side | None
) -> Floats:
    require_lonlat(border, "border")
    x, y = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape:
        raise InputError(
            f"`lon` has shape {x.shape} and `lat` {y.shape}; expected two one-dimensional arrays "
            "of the same length."
        )
    bad = np.flatnonzero((np.abs(x) > 180) | (np.abs(y) > 90))
    if len(bad):
        raise InputError(
            f"`lon`, `lat` have {len(bad)} positions outside [-180, 180] x [-90, 90]: rows "
            f"{first_offenders(bad)}; expected degrees. Swap the columns, or reproject to "
            "EPSG:4326."
        )
    knots, before, after, tree = _searchable(border)
    result = np.full(x.shape, np.nan)
    rows = np.flatnonzero(~(np.isnan(x) | np.isnan(y)))
    for part in np.split(rows, range(_CHUNK, len(rows), _CHUNK)) if len(rows) else ():
        points = np.column_stack([x[part], y[part]])
        foot = _nearest_foot(points, knots, before, after, tree)
        result[part] = np.asarray(WGS84.inv(*points.T, *foot.T)[2]) / 1e3
    if signed_by is not None:
        result = np.where(shapely.contains_xy(_ground(signed_by), x, y), -result, result)
    return result


def _ground(side: Side) -> Any:
    """Resolve the side that counts as inside to one prepared polygon."""
    if isinstance(side, str):
        shapes = load_boundaries(0, countries=check_countries(side)).geometry.to_numpy()
    else:
        require_lonlat(side, "signed_by")
        shapes = side.geometry.to_numpy()
    if len(shapes) == 0 or (shapely.get_dimensions(shapes) != 2).any():
        raise InputError(
            f"`signed_by` holds {len(shapes)} geometries, not all polygons; expected the ground on "
            "one side of the border. Pass units, or the code of a country."
        )
    ground = shapely.union_all(shapes)
    shapely.prepare(ground)
    return ground


@remembered()
def _searchable(border: Points) -> tuple[Floats, Positions, Positions, Any]:
    """Set knots along the border.

    Returns their lon, lat (m, 2), the numbers of the knots before and after each (at the end of a
    line a knot is its own successor), and the tree that finds the nearest.
    """
    lines = border.geometry.to_numpy()
    # Draw the outline of each shape; the seam between two of its parts is none.
    whole = lines.copy()
    broken = ~(shapely.is_missing(lines) | shapely.is_valid(lines))
    whole[broken] = shapely.union_all(lines[broken][:, None], axis=1)
    lines = np.where(shapely.get_dimensions(lines) == 2, shapely.boundary(whole), lines)
    parts = shapely.get_parts(lines[~(shapely.is_missing(lines) | shapely.is_empty(lines))])
    if len(parts) == 0 or (shapely.get_dimensions(parts) != 1).any():
        kinds = sorted(set(border.geom_type.dropna()))
        raise InputError(
            f"`border` holds {len(border)} geometries of type {kinds}; expected at least one line. "
            "Pass rows of international_borders."
        )
    parts = shapely.segmentize(parts, SPACING_KM / _KM_PER_DEGREE)
    knots, line = shapely.get_coordinates(parts, return_index=True)
    number = np.arange(len(knots))
    ends = np.r_[line[1:] != line[:-1], True]
    starts = np.r_[True, line[1:] != line[:-1]]
    before, after = np.where(starts, number, number - 1), np.where(ends, number, number + 1)
    return knots, before, after, scipy.spatial.KDTree(_ecef_km(knots))


def _ecef_km(lonlat: Floats) -> Floats:
    """Turn lon, lat in degrees into geocentric Cartesian coordinates in km, shape (n, 3)."""
    normals = unit_vectors(*lonlat.T)
    length = WGS84.a / 1e3 / np.sqrt(1 - WGS84.es * normals[:, 2] ** 2)
    return np.asarray(normals * np.column_stack([length, length, length * (1 - WGS84.es)]))


def _nearest_foot(
    points: Floats, knots: Floats, before: Positions, after: Positions, tree: "scipy.spatial.KDTree"
) -> Floats:
    """Find the point of the border that is nearest to each point; lon, lat of shape (n, 2).

    A foot lies at most half a spacing from a knot, at a right angle to the way there, or is a knot.
    So the knot next to it is no farther than hypot(distance, spacing / 2): for far points the
    nearest knot is good enough, for near ones all knots inside that reach are tried.
    """
    positions = _ecef_km(points)
    nearest = tree.query(positions)
    reach, knot = np.asarray(nearest[0]), np.asarray(nearest[1], dtype=np.intp)
    foot = _best_foot(points, knot[:, None], knots, before, after)
    near = np.flatnonzero(reach < FAR_KM)
    bound = np.hypot(reach, SPACING_KM / 2) * (1 + 1e-4)
    tried = 8
    while len(near):
        tried = min(tried, len(knots))
        neighbours = tree.query(
            positions[near],
            k=np.arange(1, tried + 1),
            distance_upper_bound=float(bound[near].max()),
        )
        distance = np.asarray(neighbours[0])
        known = np.isfinite(distance)
        candidates = np.where(known, neighbours[1], knot[near][:, None])
        foot[near] = _best_foot(points[near], candidates, knots, before, after)
        if tried == len(knots):
            break
        near = near[known[:, -1] & (distance[:, -1] < bound[near])]
        tried *= 4
    return foot


def _best_foot(
    points: Floats, candidates: Positions, knots: Floats, before: Positions, after: Positions
) -> Floats:
    """Choose among the pieces on both sides of the candidate knots (n, k)."""
    pairs = np.stack([before[candidates], candidates, candidates, after[candidates]], axis=-1)
    start = knots[pairs[..., [0, 2]]].reshape(len(points), -1, 2)
    end = knots[pairs[..., [1, 3]]].reshape(len(points), -1, 2)
    middle = np.radians(points[:, None, 1] + start[..., 1]) / 2
    # Give the length of one degree eastward, in degrees northward, at a latitude.
    east = np.cos(middle) * (1 - WGS84.es * np.sin(middle) ** 2) / (1 - WGS84.es)
    stretch = np.stack([east, np.ones_like(east)], axis=-1)
    way, target = (end - start) * stretch, (points[:, None] - start) * stretch
    square = (way**2).sum(axis=-1)
    along = np.divide(
        (way * target).sum(axis=-1), square, out=np.zeros_like(square), where=square > 0
    ).clip(0, 1)
    miss = ((target - along[..., None] * way) ** 2).sum(axis=-1)
    best = miss.argmin(axis=1)
    row = np.arange(len(points))
    return np.asarray(
        start[row, best] + along[row, best, None] * (end[row, best] - start[row, best])
    )
