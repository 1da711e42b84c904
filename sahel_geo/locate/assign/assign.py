"""Assign incidents to units: each in exactly one unit, or in the table of the unplaced."""

from collections.abc import Sequence
from typing import Any, Final, overload

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import shapely

from sahel_geo.arrays import Floats, Integers, Objects
from sahel_geo.compiled import over_chunks
from sahel_geo.crs import EQUAL_AREA, LONLAT, WGS84
from sahel_geo.errors import InputError, first_offenders, require_columns
from sahel_geo.locate.assign.unit_index import UnitIndex, index_of
from sahel_geo.locate.partitions import is_partitioned, map_partitions, open_partitions
from sahel_geo.notebook import table_html
from sahel_geo.places.grids import Grid

NO_COORDINATES: Final = "no_coordinates"
OUTSIDE_UNITS: Final = "outside_units"
_REASONS: Final = (NO_COORDINATES, OUTSIDE_UNITS)

# The finest level at which an incident of each precision may be shown: "near" means up to 25 km off
# (UCDP GED codebook, where_prec 2), which is wider than most communes.
_FINEST_LEVEL: Final[dict[str, int]] = {
    "exact": 3, "admin3": 3, "near": 2, "admin2": 2, "admin1": 1, "country": 0, "unknown": 3,
}  # fmt: skip
_LON_LIMIT, _LAT_LIMIT = 180.0, 90.0


class PlacedIncidents(pd.DataFrame):
    """The caller's incidents with the unit of each; rows and index as they came.

    Columns are added: ``unit_id``, missing for an unplaced incident, ``unit_name`` where the units
    have names, and ``unplaced_reason``, ``"no_coordinates"`` or ``"outside_units"``, missing for a
    placed one.
    """

    _metadata = ["_units"]  # noqa: RUF012  pandas' own protocol
    _units: gpd.GeoDataFrame | Grid | None = None

    @property
    def _constructor(self) -> type["PlacedIncidents"]:
        return PlacedIncidents

    def _repr_html_(self) -> str:
        unit = self.get("unit_id")
        known = len(self) if unit is None else int(unit.notna().sum())
        words = f"{known} incidents placed, {len(self) - known} not (.unplaced)"
        return table_html(words if unit is not None else f"{len(self)} rows", self)

    @property
    def unplaced(self) -> pd.DataFrame:
        """The incidents that lie in no unit, each with its reason.

        For one outside every unit, ``nearest_unit_id`` and ``nearest_km``, the geodesic distance,
        tell how far it missed. They are measured when asked for.
        """
        table = pd.DataFrame(self.loc[self["unit_id"].isna()])
        outside = table["unplaced_reason"].eq(OUTSIDE_UNITS).to_numpy()
        nearest = np.full(len(table), None, dtype=object)
        nearest_km = np.full(len(table), np.nan)
        units = self._units.cells() if isinstance(self._units, Grid) else self._units
        if units is not None and len(units) and outside.any():
            lon, lat = (table.loc[outside, name].to_numpy(np.float64) for name in ("lon", "lat"))
            row, nearest_km[outside] = _nearest(lon, lat, units)
            nearest[outside] = units["unit_id"].astype(str).to_numpy(dtype=object)[row]
        table["nearest_unit_id"] = pd.Series(nearest, index=table.index, dtype="str")
        table["nearest_km"] = nearest_km
        return table


@overload
def assign(incidents: pd.DataFrame, units: gpd.GeoDataFrame | Grid) -> PlacedIncidents: ...
@overload
def assign(incidents: Any, units: gpd.GeoDataFrame | Grid) -> Any: ...
def assign(incidents: Any, units: gpd.GeoDataFrame | Grid) -> Any:
    """Find the one unit of each incident, and lose none.

    An incident inside a unit belongs to it. One that lies exactly on a shared border or corner
    belongs to the unit whose ``unit_id`` sorts first among those that touch it, whatever the order
    of rows on either side; one on the outer edge belongs to the unit of that edge. An incident
    outside every unit is never moved: it is in ``unplaced``, with a reason and the distance to the
    nearest unit.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Columns ``lon`` and ``lat`` in degrees, EPSG:4326; missing values are allowed. Also a Dask
        DataFrame, or the path of a Parquet data set, whose points may be GeoParquet or GeoArrow.
    units : GeoDataFrame, m rows, or grid
        Columns ``unit_id`` (unique) and polygons in EPSG:4326; or a grid of regular cells such as
        :class:`sahel_geo.PrioGrid`.

    Returns
    -------
    PlacedIncidents, n rows
        A copy of `incidents` with the added columns, on the same index. With no incidents, or no
        units, the columns are there and nobody is placed. For a table in pieces, a Dask DataFrame
        with the same columns, not computed yet; it has no ``unplaced``.

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
    index = units if isinstance(units, Grid) else index_of(units)
    if isinstance(units, Grid) or "name" not in units:
        names = None
    else:
        labels = [None if pd.isna(name) else str(name) for name in units["name"]]
        names = np.array(labels, dtype=object)
    shared = index, names
    if is_partitioned(incidents):
        table = open_partitions(incidents)
        return map_partitions(table, _place, shared, _place(table._meta, shared))  # noqa: SLF001
    placed = PlacedIncidents(_place(incidents, shared))
    placed._units = units  # noqa: SLF001
    return placed


def _place(
    incidents: pd.DataFrame, shared: tuple[UnitIndex | Grid, Objects | None]
) -> pd.DataFrame:
    index, names = shared
    lon, lat = coordinates(incidents)
    row = index.locate(lon, lat)
    reason = np.where(row < 0, np.int8(_REASONS.index(OUTSIDE_UNITS)), np.int8(-1))
    unplaced = np.flatnonzero(row < 0)
    nowhere = unplaced[~(np.isfinite(lon[unplaced]) & np.isfinite(lat[unplaced]))]
    reason[nowhere] = _REASONS.index(NO_COORDINATES)
    placed = pd.DataFrame(incidents).copy(deep=False)
    if "unit_name" in placed:  # of the units that another call placed them in
        placed = placed.drop(columns="unit_name")
    placed["unit_id"] = pd.Series(take_text(index.unit_ids, row), placed.index)
    if names is not None:
        at = list(placed.columns).index("unit_id") + 1
        placed.insert(at, "unit_name", pd.Series(take_text(names, row), placed.index))
    placed["unplaced_reason"] = pd.Series(take_text(_REASONS, reason), placed.index)
    return placed


def take_text(
    names: Sequence[str] | Objects, row: npt.NDArray[np.integer[Any]]
) -> pd.api.extensions.ExtensionArray:
    """Spell out rows (n,) of a list of names, not one object a row; negative ones are missing."""
    # one missing name at the end, so that no mask of n rows is built for the negative positions
    dictionary = pa.array([*names, None], pa.large_string())

    def work(part: slice) -> pa.Array:
        return dictionary.take(pa.array(np.where(row[part] < 0, len(names), row[part])))

    chunks = pa.chunked_array(over_chunks(work, len(row)), pa.large_string())
    # the pandas protocol for Arrow columns, which pandas-stubs does not know
    dtype: Any = pd.StringDtype(na_value=np.nan)
    text: pd.api.extensions.ExtensionArray = dtype.__from_arrow__(chunks)
    return text


def too_coarse(incidents: pd.DataFrame, level: int) -> "pd.Series[bool]":
    """Tell which incidents are known only to an area larger than the units of a level.

    An incident coded to the middle of a region lies, on the map, in whatever small unit holds that
    middle. Counting it there would make a hot spot out of a habit of coding.

    >>> too_coarse(pd.DataFrame({"location_precision": ["exact", "admin1"]}), level=2).tolist()
    [False, True]
    """
    if "location_precision" not in incidents:
        return pd.Series(data=False, index=incidents.index)
    return incidents["location_precision"].map(_FINEST_LEVEL) < level


def coordinates(incidents: pd.DataFrame) -> tuple[Floats, Floats]:
    """Read and check the coordinates of a table of incidents; NaN where missing."""
    advice = "Give lon and lat in degrees, or read the file with sg.read_incidents(path, mapping=)."
    require_columns(incidents, "incidents", ("lon", "lat"), advice)
    lon, lat = (_numbers(incidents[name], name) for name in ("lon", "lat"))
    if _largest(lon) > _LON_LIMIT or _largest(lat) > _LAT_LIMIT:
        wrong = (np.abs(lon) > _LON_LIMIT) | (np.abs(lat) > _LAT_LIMIT)
        raise InputError(
            f"`incidents` has {int(wrong.sum())} coordinates outside [-180, 180] x [-90, 90]: rows "
            f"{first_offenders(incidents.index[wrong])}; expected lon, lat in degrees. "
            "Swap the columns, or project the table to EPSG:4326 first."
        )
    return lon, lat


def _numbers(column: pd.Series, name: str) -> Floats:
    if column.dtype == np.float64:
        return np.asarray(column)  # the caller's own memory, which is only read
    numbers = pd.to_numeric(column, errors="coerce")
    bad = numbers.isna() & column.notna()
    if bad.any():
        raise InputError(
            f"`incidents` has {int(bad.sum())} values in {name!r} that are not numbers: "
            f"{first_offenders(column[bad])}; expected degrees. "
            "Read the file with sg.read_incidents, which sets such rows aside."
        )
    return numbers.to_numpy(dtype=np.float64, na_value=np.nan)


def _largest(values: Floats) -> float:
    """Give the largest absolute value that is not NaN, without a copy of the column."""
    low, high = np.fmin.reduce(values, initial=0.0), np.fmax.reduce(values, initial=0.0)
    return float(max(-low, high))


def _nearest(lon: Floats, lat: Floats, units: gpd.GeoDataFrame) -> tuple[Integers, Floats]:
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


def covered_countries(placed: pd.DataFrame, units: gpd.GeoDataFrame) -> list[str]:
    """Tell which countries a table speaks of: those it names, or else those it has points in.

    Names of other countries than those of `units` do not count.
    A file about one country has no incident in the next, which is no reason to give that one zeros.
    """
    stated = placed["country"].dropna() if "country" in placed else pd.Series(dtype="str")
    if not set(stated) & set(units["country"]):
        stated = units.set_index("unit_id")["country"].reindex(placed["unit_id"].dropna())
    return [country for country in units["country"].unique() if country in set(stated)]
