"""Clusters of incidents: close in space, or in space and time; and the space-time scan."""

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy
import shapely

from sahel_geo.arrays import Flags, Floats, Integers
from sahel_geo.crs import geodesic_area_km2, unit_vectors
from sahel_geo.errors import InputError, require_columns
from sahel_geo.indicators.hotspots.cluster_results import Clusters, ScanResult
from sahel_geo.indicators.hotspots.scan import scan
from sahel_geo.locate.assign.assign import coordinates

__all__ = ["Clusters", "ScanResult", "dbscan", "hdbscan", "scan", "st_dbscan"]

NOISE: Final = -1
_EARTH_KM: Final = 6371.0088  # mean radius; haversine distances are within 0.6 % of geodesic ones


def dbscan(incidents: pd.DataFrame, *, radius_km: float, min_incidents: int = 5) -> Clusters:
    """Find groups of incidents that are dense in space, of any shape.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Columns ``lon``, ``lat``, EPSG:4326.
    radius_km : float
        Reach of an incident, great-circle distance.
    min_incidents : int
        An incident with so many in reach, itself included, is the core of a cluster.

    Returns
    -------
    Clusters
        An incident in reach of the cores of two clusters belongs to the one numbered first.

    Raises
    ------
    InputError
        If a column is missing or a setting is out of range.

    References
    ----------
    Ester, M., Kriegel, H.-P., Sander, J. and Xu, X. (1996). A density-based algorithm for
    discovering clusters. KDD-96, 226-231.

    Examples
    --------
    >>> incidents = pd.DataFrame({"lon": [0, 0.01, 0.02, 5], "lat": [14.0] * 4})
    >>> dbscan(incidents, radius_km=5, min_incidents=3).labels.tolist()
    [0, 0, 0, -1]
    """
    _check(radius_km=radius_km, min_incidents=min_incidents)
    lon, lat = coordinates(incidents)
    known = np.isfinite(lon) & np.isfinite(lat)
    labels = _dense(lon[known], lat[known], None, radius_km, 0.0, min_incidents)
    method = f"DBSCAN, {radius_km:g} km, {min_incidents}+"
    return _described(incidents, lon, lat, known, labels, method)


def st_dbscan(
    incidents: pd.DataFrame, *, radius_km: float, days: float, min_incidents: int = 5
) -> Clusters:
    """Find groups of incidents that are dense in space and time.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Columns ``lon``, ``lat``, EPSG:4326, and ``date``.
    radius_km : float
        Reach of an incident, great-circle distance.
    days : float
        Reach in time; both must hold.
    min_incidents : int
        An incident with so many in reach, itself included, is the core of a cluster.

    Returns
    -------
    Clusters
        As for :func:`dbscan`.

    Raises
    ------
    InputError
        If a column is missing or a setting is out of range.

    References
    ----------
    Birant, D. and Kut, A. (2007). ST-DBSCAN: an algorithm for clustering spatial-temporal data.
    Data and Knowledge Engineering 60, 208-221 (without its condition on non-spatial values).

    Examples
    --------
    >>> incidents = pd.DataFrame({
    ...     "lon": [0, 0, 0, 0], "lat": [14.0] * 4,
    ...     "date": pd.to_datetime(["2023-01-01", "2023-01-03", "2023-01-05", "2023-06-01"])})
    >>> st_dbscan(incidents, radius_km=5, days=7, min_incidents=3).labels.tolist()
    [0, 0, 0, -1]
    """
    _check(radius_km=radius_km, min_incidents=min_incidents)
    if not days >= 0:
        raise InputError(f"`days` is {days}; expected 0 or more.")
    require_columns(incidents, "incidents", ("date",), "Use dbscan, which needs none.")
    lon, lat = coordinates(incidents)
    date = pd.to_datetime(incidents["date"])
    known = np.isfinite(lon) & np.isfinite(lat) & date.notna().to_numpy()
    day = np.asarray((date - pd.Timestamp(0)) / pd.Timedelta(days=1), dtype=np.float64)
    labels = _dense(lon[known], lat[known], day[known], radius_km, days, min_incidents)
    method = f"ST-DBSCAN, {radius_km:g} km, {days:g} d, {min_incidents}+"
    return _described(incidents, lon, lat, known, labels, method)


def hdbscan(incidents: pd.DataFrame, *, min_incidents: int = 5) -> Clusters:
    """Find groups of incidents of varying density, without choosing a distance.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Columns ``lon``, ``lat``, EPSG:4326.
    min_incidents : int
        Smallest cluster, at least 2.

    Returns
    -------
    Clusters
        With fewer incidents than `min_incidents`, or all in one place, none or one cluster.

    Raises
    ------
    InputError
        If a column is missing or `min_incidents` is below 2.

    References
    ----------
    Campello, R., Moulavi, D. and Sander, J. (2013). Density-based clustering based on hierarchical
    density estimates. PAKDD 2013, 160-172.

    Examples
    --------
    >>> incidents = pd.DataFrame({"lon": [0, 0.01, 0.02, 5, 5.01, 5.02], "lat": [14.0] * 6})
    >>> hdbscan(incidents, min_incidents=3).labels.tolist()
    [0, 0, 0, 1, 1, 1]
    """
    _check(radius_km=1.0, min_incidents=min_incidents)
    if min_incidents < 2:
        raise InputError(f"`min_incidents` is {min_incidents}; expected at least 2.")
    lon, lat = coordinates(incidents)
    known = np.isfinite(lon) & np.isfinite(lat)
    places = np.radians(np.column_stack([lat[known], lon[known]]))
    if len(places) < min_incidents:
        labels = np.full(len(places), NOISE)
    elif np.ptp(places, axis=0).max() == 0:
        labels = np.zeros(len(places), dtype=np.int64)
    else:
        from sklearn.cluster import HDBSCAN  # noqa: PLC0415  a second, and only this needs it

        model = HDBSCAN(min_cluster_size=min_incidents, metric="haversine", copy=True)
        labels = model.fit(places).labels_.astype(np.int64)
    return _described(incidents, lon, lat, known, _renumbered(labels), f"HDBSCAN, {min_incidents}+")


def _check(*, radius_km: float, min_incidents: int) -> None:
    if not (np.isfinite(radius_km) and radius_km > 0) or min_incidents < 1:
        raise InputError(
            f"`radius_km` is {radius_km} and `min_incidents` is {min_incidents}; expected a "
            "positive number of km and at least 1 incident. Correct the setting."
        )


def _dense(
    lon: Floats, lat: Floats, day: Floats | None, radius_km: float, days: float, least: int
) -> Integers:
    """Label the connected groups of cores, and what is in reach of them."""
    if len(lon) == 0:
        return np.zeros(0, dtype=np.int64)
    first, back, counts = _distinct(lon, lat, np.zeros_like(lon) if day is None else day)
    size = len(first)
    sphere = unit_vectors(lon[first], lat[first])
    chord = 2 * np.sin(min(radius_km / _EARTH_KM, np.pi) / 2)
    if day is None:
        pairs = scipy.spatial.KDTree(sphere).query_pairs(chord * (1 + 1e-12), output_type="ndarray")
    else:
        pairs = _near_in_both(sphere, day[first], chord * (1 + 1e-12), days)
    ends = np.concatenate([pairs, pairs[:, ::-1]])
    in_reach = counts + np.bincount(ends[:, 0], weights=counts[ends[:, 1]], minlength=size)
    core = in_reach >= least
    both = pairs[core[pairs].all(axis=1)]
    links = scipy.sparse.coo_array(
        (np.ones(len(both)), (both[:, 0], both[:, 1])), shape=(size, size)
    )
    group = scipy.sparse.csgraph.connected_components(links, directed=False)[1].astype(np.int64)
    labels = _renumbered(np.where(core, group, NOISE))
    border = ends[~core[ends[:, 0]] & core[ends[:, 1]]]
    lowest = np.full(size, np.iinfo(np.int64).max)
    np.minimum.at(lowest, border[:, 0], labels[border[:, 1]])
    return np.where(core | (lowest == np.iinfo(np.int64).max), labels, lowest)[back]


def _near_in_both(sphere: Floats, day: Floats, chord: float, days: float) -> Integers:
    """List the pairs near in space and in time, from one tree with time as a fourth direction."""
    scale = chord / days if days > 0 else 4.0 / chord  # then only equal days are as near
    tree = scipy.spatial.KDTree(np.column_stack([sphere, (day - day.min()) * scale]))
    pairs = tree.query_pairs(chord * np.sqrt(2) * (1 + 1e-9), output_type="ndarray")
    one, other = pairs.T
    near = np.abs(day[one] - day[other]) <= days
    near &= ((sphere[one] - sphere[other]) ** 2).sum(axis=1) <= chord**2
    return np.asarray(pairs[near], dtype=np.int64)


def _distinct(lon: Floats, lat: Floats, day: Floats) -> tuple[Integers, Integers, Integers]:
    """Find places and days that repeat: their first row, the place of each row, and how many.

    Pairs of distinct places grow far less than pairs of incidents where many are coded to one town.
    """
    order = np.lexsort((day, lat, lon))  # stable: of equal ones, the first row comes first
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff([lon[order], lat[order], day[order]]) != 0).any(axis=0)
    group = np.empty(len(order), dtype=np.int64)
    group[order] = np.cumsum(new) - 1
    place, first = np.unique(group, return_index=True)
    place[np.argsort(first)] = np.arange(len(first))
    return np.sort(first), place[group], np.bincount(place[group])


def _renumbered(labels: Integers) -> Integers:
    codes, _ = pd.factorize(np.asarray(labels)[labels >= 0])
    result = np.full(len(labels), NOISE, dtype=np.int64)
    result[labels >= 0] = codes
    return result


def _described(
    incidents: pd.DataFrame, lon: Floats, lat: Floats, known: Flags, labels: Integers, method: str
) -> Clusters:
    series = pd.Series(pd.NA, index=incidents.index, dtype="Int64", name="cluster")
    series[known] = labels
    whole = np.full(len(incidents), NOISE, dtype=np.int64)
    whole[known] = labels
    members = whole >= 0
    table = pd.DataFrame({"cluster": whole, "lon": lon, "lat": lat})[members]
    grouped = table.groupby("cluster")
    summary = grouped.size().rename("incidents").reset_index()
    if "fatalities_best" in incidents:
        best = incidents["fatalities_best"].to_numpy(dtype=np.float64, na_value=np.nan)[members]
        sums = pd.Series(best).groupby(table["cluster"].to_numpy()).sum(min_count=1)
        summary["fatalities_best"] = sums.to_numpy()
    if "date" in incidents:
        dates = pd.to_datetime(incidents["date"]).reset_index(drop=True)[members]
        by_cluster = dates.groupby(table["cluster"])
        summary["first_date"] = by_cluster.min().to_numpy()
        summary["last_date"] = by_cluster.max().to_numpy()
    summary["lon"] = grouped["lon"].mean().to_numpy()
    summary["lat"] = grouped["lat"].mean().to_numpy()
    ordered = table.sort_values("cluster", kind="stable")
    points: Any = shapely.points(ordered[["lon", "lat"]].to_numpy())
    group = np.unique(ordered["cluster"], return_inverse=True)[1]
    hulls = shapely.convex_hull(shapely.multipoints(points, indices=group))
    summary["area_km2"] = geodesic_area_km2(hulls)
    shapes = gpd.GeoDataFrame(summary, geometry=hulls, crs=4326)
    places = pd.DataFrame({"lon": lon, "lat": lat}, index=incidents.index)
    return Clusters(series, shapes, method, places)
