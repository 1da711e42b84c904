"""Build the grid behind the unit index: its lines, and what each cell needs to answer.

Most cells lie wholly inside one unit, or outside all, and answer from a table. A cell that an edge
touches keeps the few edges concerned and the units that hold its lower left corner. Edges that two
units share are stored once and switch both.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from sahel_geo.compiled import compiled
from sahel_geo.errors import InputError
from sahel_geo.locate.assign.orientation import is_left

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Blocks = tuple[np.ndarray, ...]

_CELLS_PER_EDGE = 16.0
_FEWEST_CELLS, _MOST_CELLS = 4_096, 4_000_000


def build_grid(
    polygons: npt.NDArray[np.object_], by_id: npt.NDArray[np.int32]
) -> tuple[Floats, Floats, Blocks]:
    """Lay a grid over polygons and note what each cell needs to answer for a point in it.

    polygons (m,): In degrees, EPSG:4326; missing and empty ones hold nothing. by_id (m,): Rows
    of the polygons, in the order in which they win a shared border.
    """
    edges, owner_start, owner = _unique_edges(polygons, by_id)
    x, y = _grid_lines(edges)
    start, members = _edges_by_cell(edges, x, y)
    blocks: Any = _fill_blocks(edges, owner_start, owner, start, members, x, y, by_id)
    return x, y, blocks


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


@compiled(inline="always")
def _column(x: float, lines: Floats) -> float:
    return float((x - lines[0]) * ((len(lines) - 1) / (lines[-1] - lines[0])))


@compiled()
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


@compiled(inline="always")
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


@compiled()
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
    table = np.full(columns * rows + 1, -1, dtype=np.int32)
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
                    if (ay > y[row]) != (by > y[row]) and is_left(
                        ax, ay, bx, by, x[column], y[row]
                    ) != is_left(ax, ay, bx, by, x[column + 1], y[row]):
                        for unit in owner[owner_start[edge] : owner_start[edge + 1]]:
                            inside[unit] = not inside[unit]
                count = 0
                for at in range(total):
                    if inside[here[at]]:
                        active[count] = here[at]
                        count += 1
    return table, group_start, masks, unit_start, units, edge_start, block_edges, edge_masks
