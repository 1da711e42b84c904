"""A grid over the units that answers which unit holds a point, exactly and fast.

Most cells lie wholly inside one unit, or outside all, and answer from a table. A cell that an edge
touches keeps the few edges concerned and the units that hold its lower left corner; a point in it
is reached from that corner along two sides of a rectangle, and each edge crossed on the way
switches its units on or off. Edges that two units share are stored once and switch both, so a point
between two units can fall neither in both nor in none.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import geopandas as gpd
import numba
import numpy as np
import numpy.typing as npt
import shapely

from sahel_geo.crs import require_lonlat
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.locate.orientation import orientation

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_CELLS_PER_EDGE = 16.0
_FEWEST_CELLS, _MOST_CELLS = 4_096, 4_000_000
_CHUNK = 1 << 18
_NOWHERE = -1


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
        edges, owner_start, owner = _unique_edges(polygons, by_id)
        self._x, self._y = _grid_lines(edges)
        start, members = _edges_by_cell(edges, self._x, self._y)
        self._blocks: Any = _fill_blocks(
            edges, owner_start, owner, start, members, self._x, self._y, by_id
        )

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

        def work(part: slice) -> None:
            _locate(lon[part], lat[part], self._x, self._y, *self._blocks, out[part])  # type: ignore[call-arg]

        with ThreadPoolExecutor(_workers()) as pool:
            list(pool.map(work, _slices(len(lon))))
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

        def work(part: slice) -> tuple[Integers, Integers]:
            point, unit = _locate_all(lon[part], lat[part], self._x, self._y, *self._blocks)
            return point + part.start, unit

        with ThreadPoolExecutor(_workers()) as pool:
            pairs = list(pool.map(work, _slices(len(lon))))
        empty = np.empty(0, dtype=np.int64)
        point = np.concatenate([empty, *(pair[0] for pair in pairs)])
        unit = np.concatenate([empty, *(pair[1] for pair in pairs)])
        return point, unit


def unique_ids(units: gpd.GeoDataFrame) -> npt.NDArray[np.object_]:
    """Read the identifiers of units, each of which must be there once.

    Parameters
    ----------
    units : GeoDataFrame, m rows
        Column ``unit_id``.

    Returns
    -------
    ndarray of str objects, shape (m,)
        The identifiers.

    Raises
    ------
    InputError
        If the column is missing, or a value is missing or repeated.
    """
    if "unit_id" not in units:
        raise InputError(
            "`units` has no column 'unit_id'; expected one identifier per unit. "
            "Load units with sg.load_boundaries(level=...).",
        )
    ids = units["unit_id"]
    repeated = ids[ids.duplicated() | ids.isna()]
    if len(repeated):
        raise InputError(
            f"`units` has {len(repeated)} missing or repeated values in 'unit_id': "
            f"{first_offenders(repeated)}; expected each once. Dissolve or rename them.",
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
            "Remove them, or polygonise the lines first.",
        )
    infinite = ~np.isfinite(shapely.bounds(polygons)).all(axis=1) & ~shapely.is_empty(polygons)
    infinite &= kinds != _NOWHERE
    if infinite.any():
        raise InputError(
            f"`units` has coordinates that are not finite: units "
            f"{first_offenders(unit_ids[infinite])}; expected degrees. Repair the layer.",
        )


def _coordinate_pair(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    lon, lat = np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)
    if lon.ndim != 1 or lon.shape != lat.shape:
        raise InputError(
            f"`lon` and `lat` have shapes {lon.shape} and {lat.shape}; expected (n,) both. "
            "Flatten them with numpy.ravel.",
        )
    return lon, lat


def _workers() -> int:
    return os.cpu_count() or 1


def _slices(size: int) -> list[slice]:
    return [slice(at, min(at + _CHUNK, size)) for at in range(0, size, _CHUNK)]


def _unique_edges(
    polygons: npt.NDArray[np.object_],
    by_id: npt.NDArray[np.int32],
) -> tuple[Floats, Integers, Integers]:
    """List each edge once, with the ranks of the units that have it in a ring."""
    rings, part_of_ring = shapely.get_rings(shapely.get_parts(polygons), return_index=True)
    part_of = shapely.get_parts(polygons, return_index=True)[1]
    rank = np.empty(len(by_id), dtype=np.int64)
    rank[by_id] = np.arange(len(by_id))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    inner = np.flatnonzero(ring[1:] == ring[:-1])
    start, end = xy[inner], xy[inner + 1]
    unit = rank[part_of[part_of_ring[ring[inner]]]]
    moved = (start != end).any(axis=1)
    start, end, unit = start[moved], end[moved], unit[moved]
    turn = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    edges = np.where(turn[:, None], np.hstack([end, start]), np.hstack([start, end]))
    order = np.lexsort((unit, *edges.T))
    edges, unit = edges[order], unit[order]
    new = np.ones(len(edges), dtype=bool)
    new[1:] = (edges[1:] != edges[:-1]).any(axis=1)
    first = np.append(np.flatnonzero(new), len(edges)).astype(np.int64)
    return np.ascontiguousarray(edges[new]), first, unit


def _grid_lines(edges: Floats) -> tuple[Floats, Floats]:
    """Choose the lines of the grid so that no vertex lies on one."""
    if not len(edges):
        return np.array([0.0, 1.0]), np.array([0.0, 1.0])
    x, y = edges[:, [0, 2]].ravel(), edges[:, [1, 3]].ravel()
    width, height = float(np.ptp(x)), float(np.ptp(y))
    cells = min(max(_CELLS_PER_EDGE * len(edges), _FEWEST_CELLS), _MOST_CELLS)
    columns = int(min(max(np.sqrt(cells * width / height), 8), cells / 8))
    return _clear_lines(x, columns), _clear_lines(y, int(cells / columns))


def _clear_lines(values: Floats, size: int) -> Floats:
    step = float(np.ptp(values)) / (size - 1)
    # the golden ratio never falls into step with regular coordinates for long
    for trial in range(1, 1000):
        offset = (trial * 0.6180339887498949) % 1.0
        lines = values.min() + (np.arange(size + 1) - offset) * step
        if not np.isin(values, lines).any():
            return np.asarray(lines)
    raise InputError(
        "`units` has a vertex at every possible grid line; expected ordinary polygons. "
        "Simplify the layer with shapely.coverage_simplify.",
    )


@numba.njit(cache=True, nogil=True, inline="always")
def _column(x: float, lines: Floats) -> float:
    return float((x - lines[0]) * ((len(lines) - 1) / (lines[-1] - lines[0])))


@numba.njit(cache=True, nogil=True)
def _edges_by_cell(edges: Floats, x: Floats, y: Floats) -> tuple[Integers, Integers]:
    """List the edges that touch each cell, or come within a millionth of its size."""
    columns, rows = len(x) - 1, len(y) - 1
    start = np.zeros(columns * rows + 1, dtype=np.int64)
    members = np.empty(0, dtype=np.int64)
    for filling in (False, True):
        at = start[:-1].copy()
        for edge in range(len(edges)):
            ax, ay, bx, by = edges[edge]
            low = int(_column(min(ay, by), y) - 1e-6)
            high = min(int(_column(max(ay, by), y) + 1e-6), rows - 1)
            for row in range(low, high + 1):
                left, right = _reach(ax, ay, bx, by, y[row], y[row + 1])
                first = max(int(_column(left, x) - 1e-6), 0)
                last = min(int(_column(right, x) + 1e-6), columns - 1)
                for cell in range(row * columns + first, row * columns + last + 1):
                    if filling:
                        members[at[cell]] = edge
                        at[cell] += 1
                    else:
                        start[cell + 1] += 1
        if not filling:
            start = np.cumsum(start)
            members = np.empty(start[-1], dtype=np.int64)
    return start, members


@numba.njit(cache=True, nogil=True, inline="always")
def _reach(
    ax: float, ay: float, bx: float, by: float, bottom: float, top: float
) -> tuple[float, float]:
    """Give the range of x of an edge between two horizontal lines, a little widened."""
    margin = (top - bottom) * 1e-6
    if ay == by:
        return min(ax, bx), max(ax, bx)
    slope = (bx - ax) / (by - ay)
    low = max(min(ay, by), bottom - margin)
    high = min(max(ay, by), top + margin)
    one, other = ax + (low - ay) * slope, ax + (high - ay) * slope
    return max(min(one, other), min(ax, bx)), min(max(one, other), max(ax, bx))


@numba.njit(cache=True, nogil=True, inline="always")
def _is_left(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> bool:
    """Tell the side of a point, taken a hair above where it stands."""
    turn = orientation(ax, ay, bx, by, px, py)
    return turn > 0.0 or (turn == 0.0 and bx > ax)


@numba.njit(cache=True, nogil=True)
def _fill_blocks(  # noqa: C901, PLR0912, PLR0915  one sweep, compiled; parts would share all its state
    edges: Floats,
    owner_start: Integers,
    owner: Integers,
    start: Integers,
    members: Integers,
    x: Floats,
    y: Floats,
    by_id: npt.NDArray[np.int32],
) -> tuple[np.ndarray, ...]:
    """Sweep each row of cells from outside all units, and note what each cell needs to answer.

    Returns the table of cells (row of the one unit, -1 for none, -2 - g for group g of blocks), and
    the arrays of groups, blocks, their units, and their edges.
    """
    columns, rows = len(x) - 1, len(y) - 1
    table = np.empty(columns * rows, dtype=np.int32)
    inside = np.zeros(len(by_id), dtype=np.bool_)
    seen = np.full(len(by_id), -1, dtype=np.int64)
    slot = np.zeros(len(by_id), dtype=np.int64)
    here = np.empty(len(by_id), dtype=np.int64)
    active = np.empty(len(by_id), dtype=np.int64)
    sizes = np.zeros(4, dtype=np.int64)
    for filling in (False, True):
        group_start = np.zeros(sizes[0] + 1, dtype=np.int64)
        masks = np.zeros(sizes[1], dtype=np.uint64)
        unit_start = np.zeros(sizes[1] + 1, dtype=np.int64)
        units = np.empty(sizes[2], dtype=np.int32)
        edge_start = np.zeros(sizes[1] + 1, dtype=np.int64)
        block_edges = np.empty((sizes[3], 4), dtype=np.float64)
        edge_masks = np.zeros(sizes[3], dtype=np.uint64)
        sizes[:] = 0
        seen[:] = -1
        for row in range(rows):
            inside[:] = False
            count = 0
            for column in range(columns):
                cell = row * columns + column
                mine = members[start[cell] : start[cell + 1]]
                if len(mine) == 0 and count < 2:
                    table[cell] = by_id[active[0]] if count == 1 else -1
                    continue
                total = 0
                for at in range(count):
                    here[total] = active[at]
                    seen[active[at]] = cell
                    total += 1
                for edge in mine:
                    for unit in owner[owner_start[edge] : owner_start[edge + 1]]:
                        if seen[unit] != cell:
                            seen[unit] = cell
                            here[total] = unit
                            total += 1
                here[:total].sort()
                table[cell] = -2 - sizes[0]
                for first in range(0, total, 64):
                    last = min(first + 64, total)
                    for at in range(first, last):
                        slot[here[at]] = at - first
                        if filling:
                            units[sizes[2]] = by_id[here[at]]
                            if inside[here[at]]:
                                masks[sizes[1]] |= np.uint64(1) << np.uint64(at - first)
                        sizes[2] += 1
                    for edge in mine:
                        mask = np.uint64(0)
                        for unit in owner[owner_start[edge] : owner_start[edge + 1]]:
                            if here[first] <= unit <= here[last - 1]:
                                mask ^= np.uint64(1) << np.uint64(slot[unit])
                        if filling:
                            block_edges[sizes[3]] = edges[edge]
                            edge_masks[sizes[3]] = mask
                        sizes[3] += 1
                    sizes[1] += 1
                    if filling:
                        unit_start[sizes[1]] = sizes[2]
                        edge_start[sizes[1]] = sizes[3]
                sizes[0] += 1
                if filling:
                    group_start[sizes[0]] = sizes[1]
                for edge in mine:
                    ax, ay, bx, by = edges[edge]
                    if (ay > y[row]) != (by > y[row]) and _is_left(
                        ax, ay, bx, by, x[column], y[row]
                    ) != _is_left(ax, ay, bx, by, x[column + 1], y[row]):
                        for unit in owner[owner_start[edge] : owner_start[edge + 1]]:
                            inside[unit] = not inside[unit]
                count = 0
                for at in range(total):
                    if inside[here[at]]:
                        active[count] = here[at]
                        count += 1
    return table, group_start, masks, unit_start, units, edge_start, block_edges, edge_masks


@numba.njit(cache=True, nogil=True, inline="always")
def _cell_of(px: float, py: float, x: Floats, y: Floats) -> int:
    column, row = _column(px, x), _column(py, y)
    if not (0.0 <= column < len(x) - 1 and 0.0 <= row < len(y) - 1):
        return -1
    return int(row) * (len(x) - 1) + int(column)


@numba.njit(cache=True, nogil=True, inline="always")
def _holders(
    px: float,
    py: float,
    corner_x: float,
    corner_y: float,
    mask: np.uint64,
    edges: Floats,
    edge_masks: npt.NDArray[np.uint64],
) -> np.uint64:
    """Walk from the corner up to the height of the point, then across; switch at each edge.

    The units whose boundary the point touches are added at the end.
    """
    touched = np.uint64(0)
    for at in range(len(edges)):
        ax, ay, bx, by = edges[at]
        across = (ay > py) != (by > py)
        upward = (ax > corner_x) != (bx > corner_x)
        if across or upward:
            turn_left = _is_left(ax, ay, bx, by, corner_x, py)
            if upward and turn_left != _is_left(ax, ay, bx, by, corner_x, corner_y):
                mask ^= edge_masks[at]
            if across and turn_left != _is_left(ax, ay, bx, by, px, py):
                mask ^= edge_masks[at]
        if (
            min(ax, bx) <= px <= max(ax, bx)
            and min(ay, by) <= py <= max(ay, by)
            and orientation(ax, ay, bx, by, px, py) == 0.0
        ):
            touched |= edge_masks[at]
    return mask | touched


@numba.njit(cache=True, nogil=True)
def _locate(
    lon: Floats,
    lat: Floats,
    x: Floats,
    y: Floats,
    table: npt.NDArray[np.int32],
    group_start: Integers,
    masks: npt.NDArray[np.uint64],
    unit_start: Integers,
    units: npt.NDArray[np.int32],
    edge_start: Integers,
    edges: Floats,
    edge_masks: npt.NDArray[np.uint64],
    out: npt.NDArray[np.int32],
) -> None:
    columns = len(x) - 1
    for at in range(len(lon)):
        cell = _cell_of(lon[at], lat[at], x, y)
        answer = np.int32(-1) if cell < 0 else table[cell]
        if answer < -1:
            group = -2 - answer
            answer = np.int32(-1)
            for block in range(group_start[group], group_start[group + 1]):
                part = slice(edge_start[block], edge_start[block + 1])
                mask = _holders(
                    lon[at],
                    lat[at],
                    x[cell % columns],
                    y[cell // columns],
                    masks[block],
                    edges[part],
                    edge_masks[part],
                )
                if mask:
                    bit = 0
                    while not (mask >> np.uint64(bit)) & np.uint64(1):
                        bit += 1
                    answer = units[unit_start[block] + bit]
                    break
        out[at] = answer


@numba.njit(cache=True, nogil=True)
def _locate_all(
    lon: Floats,
    lat: Floats,
    x: Floats,
    y: Floats,
    table: npt.NDArray[np.int32],
    group_start: Integers,
    masks: npt.NDArray[np.uint64],
    unit_start: Integers,
    units: npt.NDArray[np.int32],
    edge_start: Integers,
    edges: Floats,
    edge_masks: npt.NDArray[np.uint64],
) -> tuple[Integers, Integers]:
    columns = len(x) - 1
    point = np.empty(len(lon), dtype=np.int64)
    unit = np.empty(len(lon), dtype=np.int64)
    size = 0
    for at in range(len(lon)):
        cell = _cell_of(lon[at], lat[at], x, y)
        answer = np.int32(-1) if cell < 0 else table[cell]
        group = -2 - answer
        blocks = group_start[group + 1] - group_start[group] if group >= 0 else 0
        if size + max(64 * blocks, 1) > len(point):
            grown = 2 * len(point) + 64 * blocks + 1
            longer = np.empty((2, grown), dtype=np.int64)
            longer[0, :size], longer[1, :size] = point[:size], unit[:size]
            point, unit = longer[0], longer[1]
        if answer >= 0:
            point[size], unit[size] = at, answer
            size += 1
        for block in range(
            group_start[group] if blocks else 0, group_start[group] + blocks if blocks else 0
        ):
            part = slice(edge_start[block], edge_start[block + 1])
            mask = _holders(
                lon[at],
                lat[at],
                x[cell % columns],
                y[cell // columns],
                masks[block],
                edges[part],
                edge_masks[part],
            )
            for bit in range(unit_start[block + 1] - unit_start[block]):
                if (mask >> np.uint64(bit)) & np.uint64(1):
                    point[size], unit[size] = at, units[unit_start[block] + bit]
                    size += 1
    return point[:size].copy(), unit[:size].copy()
