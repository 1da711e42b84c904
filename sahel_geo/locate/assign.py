"""Assign incidents to units: each in exactly one unit, or in the table of the unplaced."""

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from sahel_geo.crs import EQUAL_AREA, LONLAT, WGS84
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.locate.unit_index import UnitIndex

NO_COORDINATES: Final = "no_coordinates"
OUTSIDE_UNITS: Final = "outside_units"

# The finest level at which an incident of each precision may be shown: "near" means up to 25 km off
# (UCDP GED codebook, where_prec 2), which is wider than most communes.
_FINEST_LEVEL: Final[dict[str, int]] = {
    "exact": 3,
    "admin3": 3,
    "near": 2,
    "admin2": 2,
    "admin1": 1,
    "country": 0,
    "unknown": 3,
}
_LON_LIMIT, _LAT_LIMIT = 180.0, 90.0


class PlacedIncidents(pd.DataFrame):
    """The caller's incidents with the unit of each; rows and index as they came.

    Four columns are added: ``unit_id`` (missing for an unplaced incident), ``unplaced_reason``
    (``"no_coordinates"`` or ``"outside_units"``, missing for a placed one), and for an incident
    outside every unit the nearest one, ``nearest_unit_id``, with its geodesic distance in km,
    ``nearest_km``.
    """

    @property
    def _constructor(self) -> type["PlacedIncidents"]:
        return PlacedIncidents

    @property
    def unplaced(self) -> pd.DataFrame:
        """The incidents that lie in no unit, each with its reason."""
        return pd.DataFrame(self.loc[self["unit_id"].isna()])


def assign(incidents: pd.DataFrame, units: gpd.GeoDataFrame) -> PlacedIncidents:
    """Find the one unit of each incident, and lose none.

    An incident inside a unit belongs to it. One that lies exactly on a shared border or corner
    belongs to the unit whose ``unit_id`` sorts first among those that touch it, whatever the order
    of rows on either side; one on the outer edge belongs to the unit of that edge. An incident
    outside every unit is never moved: it keeps its place, with a reason and the distance to the
    nearest unit.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Columns ``lon`` and ``lat`` in degrees, EPSG:4326; missing values are allowed.
    units : GeoDataFrame, m rows
        Columns ``unit_id`` (unique) and polygons in EPSG:4326.

    Returns
    -------
    PlacedIncidents, n rows
        A copy of `incidents` with the added columns, on the same index. With no incidents, or no
        units, the columns are there and nobody is placed.

    Raises
    ------
    CrsError
        If `units` is not in EPSG:4326.
    InputError
        If a column is missing, a coordinate is not a number in range, or a ``unit_id`` repeats.

    Examples
    --------
    >>> units = gpd.GeoDataFrame(
    ...     {"unit_id": ["A", "B"]},
    ...     geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)],
    ...     crs=4326,
    ... )
    >>> incidents = pd.DataFrame({"lon": [0.5, 1.0, 3.0], "lat": [0.5, 0.5, 0.5]})
    >>> placed = assign(incidents, units)
    >>> placed["unit_id"].tolist()
    ['A', 'A', nan]
    >>> placed.unplaced[["unplaced_reason", "nearest_unit_id"]].values.tolist()
    [['outside_units', 'B']]
    """
    index = UnitIndex(units)
    unit_ids = index.unit_ids
    lon, lat = coordinates(incidents)
    located = np.isfinite(lon) & np.isfinite(lat)
    row = index.locate(lon, lat)
    outside = located & (row < 0)

    reason = np.full(len(incidents), None, dtype=object)
    reason[~located] = NO_COORDINATES
    reason[outside] = OUTSIDE_UNITS
    nearest = np.full(len(incidents), -1, dtype=np.int64)
    nearest_km = np.full(len(incidents), np.nan)
    if outside.any() and len(units):
        nearest[outside], nearest_km[outside] = _nearest(lon[outside], lat[outside], units)

    placed = PlacedIncidents(incidents.copy())
    placed["unit_id"] = _take(unit_ids, row, placed.index)
    placed["unplaced_reason"] = pd.Series(reason, index=placed.index, dtype="str")
    placed["nearest_unit_id"] = _take(unit_ids, nearest, placed.index)
    placed["nearest_km"] = nearest_km
    return placed


def too_coarse(incidents: pd.DataFrame, level: int) -> "pd.Series[bool]":
    """Tell which incidents are known only to an area larger than the units of a level.

    An incident coded to the middle of a region lies, on the map, in whatever small unit holds that
    middle. Counting it there would make a hot spot out of a habit of coding.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Column ``location_precision``; without it nothing is known to be coarse. An ``"unknown"``
        precision is taken on trust.
    level : {0, 1, 2, 3}
        Level of the units.

    Returns
    -------
    Series of bool, n rows
        True where the incident should not be shown at this level; on the index of `incidents`.

    Examples
    --------
    >>> too_coarse(pd.DataFrame({"location_precision": ["exact", "admin1"]}), level=2).tolist()
    [False, True]
    """
    if "location_precision" not in incidents:
        return pd.Series(data=False, index=incidents.index)
    finest = incidents["location_precision"].map(_FINEST_LEVEL)
    return finest < level


def coordinates(
    incidents: pd.DataFrame,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Read and check the coordinates of a table of incidents.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Columns ``lon`` and ``lat``, degrees, EPSG:4326.

    Returns
    -------
    lon, lat : ndarray of float, shape (n,)
        NaN where missing.

    Raises
    ------
    InputError
        If a column is missing, not numeric, infinite, or outside the world.
    """
    missing = [name for name in ("lon", "lat") if name not in incidents]
    if missing:
        raise InputError(
            f"`incidents` has no column {first_offenders(missing)}; expected lon and lat in "
            "degrees. Rename the columns, or read the file with sg.read_incidents(path, mapping=).",
        )
    values = []
    for name in ("lon", "lat"):
        numbers = pd.to_numeric(incidents[name], errors="coerce")
        bad = numbers.isna() & incidents[name].notna()
        if bad.any():
            raise InputError(
                f"`incidents` has {int(bad.sum())} values in {name!r} that are not numbers: "
                f"{first_offenders(incidents.loc[bad, name])}; expected degrees. "
                "Read the file with sg.read_incidents, which sets such rows aside.",
            )
        values.append(numbers.to_numpy(dtype=np.float64, na_value=np.nan))
    lon, lat = values
    wrong = (np.abs(lon) > _LON_LIMIT) | (np.abs(lat) > _LAT_LIMIT)
    if wrong.any():
        raise InputError(
            f"`incidents` has {int(wrong.sum())} coordinates outside [-180, 180] x [-90, 90]: rows "
            f"{first_offenders(incidents.index[wrong])}; expected lon, lat in degrees. "
            "Swap the columns, or project the table to EPSG:4326 first.",
        )
    return lon, lat


def _nearest(
    lon: npt.NDArray[np.float64],
    lat: npt.NDArray[np.float64],
    units: gpd.GeoDataFrame,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Give the row of the nearest unit and the geodesic distance to it, in km."""
    flat = units.geometry.to_crs(EQUAL_AREA)
    points = gpd.GeoSeries(gpd.points_from_xy(lon, lat, crs=LONLAT)).to_crs(EQUAL_AREA)
    tree = shapely.STRtree(flat.to_numpy())
    # all_matches=False would leave the choice among equals to the tree's own order
    point, unit = tree.query_nearest(points.to_numpy(), all_matches=True)
    order = np.lexsort((units["unit_id"].astype(str).to_numpy(dtype=object)[unit], point))
    first = order[np.unique(point[order], return_index=True)[1]]
    row = unit[first]
    line = shapely.shortest_line(points.to_numpy(), flat.to_numpy()[row])
    ends = gpd.GeoSeries(shapely.get_point(line, 1), crs=EQUAL_AREA).to_crs(LONLAT)
    _, _, metres = WGS84.inv(lon, lat, ends.x.to_numpy(), ends.y.to_numpy())
    return row, np.asarray(metres) / 1e3


def _take(
    values: npt.NDArray[np.object_],
    row: npt.NDArray[np.integer],
    index: pd.Index,
) -> "pd.Series[str]":
    taken = np.full(len(row), None, dtype=object)
    taken[row >= 0] = values[row[row >= 0]]
    return pd.Series(taken, index=index, dtype="str")
