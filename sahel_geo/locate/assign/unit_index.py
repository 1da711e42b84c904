"""Which unit holds each of many points, exactly and fast."""

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from sahel_geo.arrays import Floats, Integers, Objects
from sahel_geo.compiled import CHUNK, compiled, over_chunks
from sahel_geo.crs import require_lonlat
from sahel_geo.errors import InputError, first_offenders, require_columns
from sahel_geo.locate.assign.orientation import is_left, orientation
from sahel_geo.locate.assign.unit_grid import UnitGrid
from sahel_geo.places.remember import remembered

Words = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int32]

_NOWHERE = -1
_FEW = 500_000  # points that NumPy places sooner than the compiler is imported
_FEW_AT_ONCE = 1 << 15  # by NumPy, with some ten arrays of them
_BATCH = 4_096  # points whose answers stay in the nearest cache between the rounds
# of 30,000: so near a line, coefficients of two bytes may not tell the side
UNSURE = np.float32(8.0)


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
        few = self._asked <= _FEW and not _locate_points.is_at_hand

        def work(part: slice) -> None:
            points = np.ascontiguousarray(lon[part]), np.ascontiguousarray(lat[part])
            if few:
                out[part] = _locate_few(*points, *lines, outside, grid.blocks)
                return
            places = np.empty(3 * _BATCH, dtype=np.int32)
            _locate_points(*points, *lines, outside, *grid.blocks, places, out[part])

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
        search = _locate_pairs.sized(5 * len(lon))

        def work(part: slice) -> tuple[Integers, Integers]:
            points = np.ascontiguousarray(lon[part]), np.ascontiguousarray(lat[part])
            blocks = grid.blocks[:-1]  # without the wedges, which tell one unit only
            size = 2 * len(points[0])
            while True:
                point, unit = np.empty((2, size), dtype=np.int64)
                count = search(*points, grid.x, grid.y, grid.table, outside, *blocks, point, unit)
                if count <= size:
                    return point[:count] + part.start, unit[:count].copy()
                size = count

        pairs = over_chunks(work, len(lon), name="placing")
        empty = np.empty(0, dtype=np.int64)
        point = np.concatenate([empty, *(pair[0] for pair in pairs)])
        unit = np.concatenate([empty, *(pair[1] for pair in pairs)])
        return point, unit


@remembered("unit_id")
def index_of(units: gpd.GeoDataFrame) -> UnitIndex:
    """Give the index over some units; the same units are indexed once."""
    return UnitIndex(units)


def unique_ids(units: gpd.GeoDataFrame) -> Objects:
    """Read the identifiers (m,) of units, each of which must be there once."""
    advice = "Load units with sg.load_boundaries(level=...)."
    require_columns(units, "units", ("unit_id",), advice)
    ids = units["unit_id"]
    repeated = ids[ids.duplicated() | ids.isna()]
    if len(repeated):
        raise InputError(
            f"`units` has {len(repeated)} missing or repeated values in 'unit_id': "
            f"{first_offenders(repeated)}; expected each once. Dissolve or rename them."
        )
    return np.asarray(ids.astype(str), dtype=object)


def _check_polygons(polygons: Objects, unit_ids: Objects) -> None:
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


@compiled()
def _holders(
    px: float, py: float, corner_x: float, corner_y: float, block: int, masks: Words,
    edge_start: Integers, edges: Floats, edge_masks: Words,
) -> Any:  # fmt: skip
    """Walk from the corner up to the height of the point, then across; switch at each edge.

    The units whose boundary the point touches are added at the end.
    """
    mask, touched = masks[block], np.uint64(0)
    for at in range(edge_start[block], edge_start[block + 1]):
        ax, ay, bx, by = edges[at, 0], edges[at, 1], edges[at, 2], edges[at, 3]
        across = (ay > py) != (by > py)
        upward = (ax > corner_x) != (bx > corner_x)
        if across or upward:
            turn_left = is_left(ax, ay, bx, by, corner_x, py)
            if upward and turn_left != is_left(ax, ay, bx, by, corner_x, corner_y):
                mask ^= edge_masks[at]
            if across and turn_left != is_left(ax, ay, bx, by, px, py):
                mask ^= edge_masks[at]
        if (
            ax <= px <= bx  # edges run from left to right
            and min(ay, by) <= py <= max(ay, by)
            and orientation(ax, ay, bx, by, px, py) == 0.0
        ):
            touched |= edge_masks[at]
    return mask | touched


@compiled()
def _holder(
    px: float, py: float, corner_x: float, corner_y: float, group: int, group_start: Integers,
    masks: Words, unit_start: Integers, units: Rows, edge_start: Integers, edges: Floats,
    edge_masks: Words,
) -> int:  # fmt: skip
    """Give the row of the first unit of a group that holds a point, -1 if none does."""
    for block in range(group_start[group], group_start[group + 1]):
        mask = _holders(px, py, corner_x, corner_y, block, masks, edge_start, edges, edge_masks)
        if mask:
            bit = 0
            while not (mask >> np.uint64(bit)) & np.uint64(1):
                bit += 1
            return int(units[unit_start[block] + bit])
    return -1


@compiled()
def _locate_points(
    lon: Floats, lat: Floats, x: Floats, y: Floats, table: npt.NDArray[Any], outside: int,
    group_start: Integers, masks: Words, unit_start: Integers, units: Rows, edge_start: Integers,
    edges: Floats, edge_masks: Words, wedges: npt.NDArray[np.int16], places: Rows, out: Rows,
) -> None:  # fmt: skip
    """Write the row of the unit of each point, -1 outside; arguments as `UnitGrid.of` gives them.

    `outside` is the number of units, and `places` has room for three times a batch. Each batch is
    gone through in three rounds without a branch that a processor could mistake: the table for all
    points, two half planes for those near an edge, exact arithmetic for the few that are left.
    """
    columns, rows = len(x) - 1, len(y) - 1
    per_x, per_y = columns / (x[columns] - x[0]), rows / (y[rows] - y[0])
    left, low = x[0], y[0]
    for start in range(0, len(lon), _BATCH):
        stop = min(start + _BATCH, len(lon))
        for at in range(start, stop):
            column, row = (lon[at] - left) * per_x, (lat[at] - low) * per_y
            on_grid = (column >= 0.0) & (column < columns) & (row >= 0.0) & (row < rows)
            cell = int(row) * columns + int(column) if on_grid else columns * rows
            out[at] = table[cell]
        near = 0
        for at in range(start, stop):
            places[near] = at - start
            near += out[at] > outside
            out[at] = -1 if out[at] == outside else out[at]
        unsure = 0
        for i in range(near):
            at = start + places[i]
            group = out[at] - outside - 1
            column, row = (lon[at] - left) * per_x, (lat[at] - low) * per_y
            u, v = np.float32(column - int(column)), np.float32(row - int(row))
            one = wedges[group, 0] + wedges[group, 1] * u + wedges[group, 2] * v
            other = wedges[group, 3] + wedges[group, 4] * u + wedges[group, 5] * v
            out[at] = wedges[group, 6] if (one > 0) & (other > 0) else wedges[group, 7]
            places[_BATCH + 2 * unsure] = at - start
            places[_BATCH + 2 * unsure + 1] = group
            unsure += min(abs(one), abs(other)) <= UNSURE
        for i in range(unsure):
            at, group = start + places[_BATCH + 2 * i], places[_BATCH + 2 * i + 1]
            corner_x, corner_y = x[int((lon[at] - left) * per_x)], y[int((lat[at] - low) * per_y)]
            out[at] = _holder(
                lon[at], lat[at], corner_x, corner_y, group, group_start, masks, unit_start, units,
                edge_start, edges, edge_masks,
            )  # fmt: skip


def _locate_few(
    lon: Floats,
    lat: Floats,
    x: Floats,
    y: Floats,
    table: npt.NDArray[Any],
    outside: int,
    blocks: Any,
) -> Rows:
    """Do as `locate_points` does, in NumPy and without the compiler: where points are few."""
    columns, rows = len(x) - 1, len(y) - 1
    with np.errstate(invalid="ignore", over="ignore"):
        across = (lon - x[0]) * (columns / (x[-1] - x[0]))
        up = (lat - y[0]) * (rows / (y[-1] - y[0]))
        on_grid = (across >= 0.0) & (across < columns) & (up >= 0.0) & (up < rows)
    across, up = np.where(on_grid, across, 0.0), np.where(on_grid, up, 0.0)
    column, row = across.astype(np.int64), up.astype(np.int64)
    out = table[np.where(on_grid, row * columns + column, columns * rows)].astype(np.int32)
    near = np.flatnonzero(out > outside)
    group = out[near] - outside - 1
    out[out == outside] = -1
    u, v = (np.float32(part[near] % 1) for part in (across, up))
    wedge = blocks.wedges[group].T.astype(np.float32)
    one, other = (wedge[k] + wedge[k + 1] * u + wedge[k + 2] * v for k in (0, 3))
    out[near] = np.where((one > 0) & (other > 0), wedge[6], wedge[7])
    unsure = np.minimum(abs(one), abs(other)) <= UNSURE
    for at, own in zip(near[unsure].tolist(), group[unsure].tolist(), strict=True):
        corner = float(x[column[at]]), float(y[row[at]])
        out[at] = _holder.plain(float(lon[at]), float(lat[at]), *corner, own, *blocks[:-1])
    return out


@compiled()
def _locate_pairs(
    lon: Floats, lat: Floats, x: Floats, y: Floats, table: npt.NDArray[Any], outside: int,
    group_start: Integers, masks: Words, unit_start: Integers, units: Rows, edge_start: Integers,
    edges: Floats, edge_masks: Words, point: Integers, unit: Integers,
) -> int:  # fmt: skip
    """List every unit that holds or touches each point, as pairs (point, row of the unit).

    Gives the number of pairs; those beyond the room in `point` and `unit` are only counted.
    """
    columns, rows = len(x) - 1, len(y) - 1
    per_x, per_y = columns / (x[columns] - x[0]), rows / (y[rows] - y[0])
    size = 0
    for at in range(len(lon)):
        column, row = (lon[at] - x[0]) * per_x, (lat[at] - y[0]) * per_y
        on_grid = (column >= 0.0) & (column < columns) & (row >= 0.0) & (row < rows)
        answer = int(table[int(row) * columns + int(column) if on_grid else columns * rows])
        if answer < outside:
            if size < len(point):
                point[size], unit[size] = at, answer
            size += 1
        group = answer - outside - 1
        first = group_start[group] if group >= 0 else 0
        last = group_start[group + 1] if group >= 0 else 0
        for block in range(first, last):
            corner_x, corner_y = x[int(column)], y[int(row)]
            mask = _holders(
                lon[at], lat[at], corner_x, corner_y, block, masks, edge_start, edges, edge_masks
            )
            for bit in range(unit_start[block + 1] - unit_start[block]):
                if (mask >> np.uint64(bit)) & np.uint64(1):
                    if size < len(point):
                        point[size], unit[size] = at, units[unit_start[block] + bit]
                    size += 1
    return size
