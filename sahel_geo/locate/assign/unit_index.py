"""Which unit holds each of many points, exactly and fast."""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from sahel_geo.compiled import CHUNK, over_chunks
from sahel_geo.crs import require_lonlat
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.locate.assign.point_search import BATCH, locate_few, locate_pairs, locate_points
from sahel_geo.locate.assign.unit_grid import UnitGrid
from sahel_geo.remember import remembered

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_NOWHERE = -1
_FEW = 500_000  # points that NumPy places sooner than the compiler is imported
_FEW_AT_ONCE = 1 << 15  # by NumPy, with some ten arrays of them


class UnitIndex:
    """Find the unit of each of many points.

    A point inside a unit belongs to it; one on the boundary of several belongs to the one whose
    ``unit_id`` sorts first; one on an outer boundary belongs to its unit. The answers are exact in
    double precision and do not depend on the order of units, points or threads. Units may overlap,
    have holes and many parts.

    Parameters
    ----------
    units : GeoDataFrame, m rows
        Column ``unit_id``, unique, and polygons or multipolygons in EPSG:4326. May be empty.

    Attributes
    ----------
    unit_ids : ndarray of str objects, shape (m,)
        Identifiers, in the order of `units`.

    Raises
    ------
    CrsError
        If `units` is not in EPSG:4326.
    InputError
        If a ``unit_id`` is missing or repeated, or a geometry is not a polygon.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> units = gpd.GeoDataFrame(
    ...     {"unit_id": ["A", "B"]},
    ...     geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)],
    ...     crs=4326,
    ... )
    >>> UnitIndex(units).locate(np.array([1.5, 1.0, 3.0]), np.array([0.5, 0.5, 0.5])).tolist()
    [1, 0, -1]
    """

    def __init__(self, units: gpd.GeoDataFrame) -> None:
        require_lonlat(units, "units")
        self.unit_ids = unique_ids(units)
        polygons = units.geometry.to_numpy()
        _check_polygons(polygons, self.unit_ids)
        by_id = np.argsort(self.unit_ids, kind="stable").astype(np.int32)
        self._grid = UnitGrid.of(polygons, by_id)
        self._asked = 0  # points so far

    def __len__(self) -> int:
        return len(self.unit_ids)

    def locate(self, lon: Floats, lat: Floats) -> npt.NDArray[np.int32]:
        """Give the row of the unit of each point.

        Parameters
        ----------
        lon, lat : ndarray of float64, shape (n,)
            Degrees, EPSG:4326. NaN and infinite values lie in no unit.

        Returns
        -------
        ndarray of int32, shape (n,)
            Row position in the units, -1 outside.

        Raises
        ------
        InputError
            If the arrays are not of one dimension and one length.
        """
        lon, lat = _coordinate_pair(lon, lat)
        out = np.empty(len(lon), dtype=np.int32)
        grid, outside = self._grid, len(self)
        lines = grid.x, grid.y, grid.table
        self._asked += len(lon)
        few = self._asked <= _FEW and not locate_points.is_at_hand

        def work(part: slice) -> None:
            points = np.ascontiguousarray(lon[part]), np.ascontiguousarray(lat[part])
            if few:
                out[part] = locate_few(*points, *lines, outside, grid.blocks)
                return
            places = np.empty(3 * BATCH, dtype=np.int32)
            locate_points(*points, *lines, outside, *grid.blocks, places, out[part])

        over_chunks(work, len(lon), _FEW_AT_ONCE if few else CHUNK, "placing")
        return out

    def locate_all(self, lon: Floats, lat: Floats) -> tuple[Integers, Integers]:
        """Give every unit that holds or touches each point, for units that overlap.

        Parameters
        ----------
        lon, lat : ndarray of float64, shape (n,)
            Degrees, EPSG:4326.

        Returns
        -------
        point, unit : ndarray of int64, each of shape (k,)
            Pairs of positions, sorted by point, then by ``unit_id``.
        """
        lon, lat = _coordinate_pair(lon, lat)

        grid, outside = self._grid, len(self)
        search = locate_pairs.sized(5 * len(lon))

        def work(part: slice) -> tuple[Integers, Integers]:
            points = np.ascontiguousarray(lon[part]), np.ascontiguousarray(lat[part])
            blocks = grid.blocks[:-1]  # without the wedges, which tell one unit only
            size = 2 * len(points[0])
            while True:
                point, unit = np.empty((2, size), dtype=np.int64)
                found = search(*points, grid.x, grid.y, grid.table, outside, *blocks, point, unit)
                if found <= size:
                    return point[:found] + part.start, unit[:found].copy()
                size = found

        pairs = over_chunks(work, len(lon), name="placing")
        empty = np.empty(0, dtype=np.int64)
        point = np.concatenate([empty, *(pair[0] for pair in pairs)])
        unit = np.concatenate([empty, *(pair[1] for pair in pairs)])
        return point, unit


@remembered("unit_id")
def index_of(units: gpd.GeoDataFrame) -> UnitIndex:
    """Give the index over some units; the same units are indexed once."""
    return UnitIndex(units)


def unique_ids(units: gpd.GeoDataFrame) -> npt.NDArray[np.object_]:
    """Read the identifiers of units, each of which must be there once.

    Returns (m,): The identifiers.
    """
    if "unit_id" not in units:
        raise InputError(
            "`units` has no column 'unit_id'; expected one identifier per unit. "
            "Load units with sg.load_boundaries(level=...)."
        )
    ids = units["unit_id"]
    repeated = ids[ids.duplicated() | ids.isna()]
    if len(repeated):
        raise InputError(
            f"`units` has {len(repeated)} missing or repeated values in 'unit_id': "
            f"{first_offenders(repeated)}; expected each once. Dissolve or rename them."
        )
    return np.asarray(ids.astype(str), dtype=object)


def _check_polygons(polygons: npt.NDArray[np.object_], unit_ids: npt.NDArray[np.object_]) -> None:
    kinds = shapely.get_type_id(polygons)
    wrong = ~np.isin(kinds, (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON))
    wrong &= kinds != _NOWHERE  # a missing geometry holds no point
    if wrong.any():
        raise InputError(
            f"`units` has {int(wrong.sum())} geometries that are not polygons: units "
            f"{first_offenders(unit_ids[wrong])}; expected polygons or multipolygons. "
            "Remove them, or polygonise the lines first."
        )
    infinite = ~np.isfinite(shapely.bounds(polygons)).all(axis=1) & ~shapely.is_empty(polygons)
    infinite &= kinds != _NOWHERE
    if infinite.any():
        raise InputError(
            f"`units` has coordinates that are not finite: units "
            f"{first_offenders(unit_ids[infinite])}; expected degrees. Repair the layer."
        )


def _coordinate_pair(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if lon.ndim != 1 or lon.shape != lat.shape:
        raise InputError(
            f"`lon` and `lat` have shapes {lon.shape} and {lat.shape}; expected (n,) both. "
            "Flatten them with numpy.ravel."
        )
    return lon, lat
