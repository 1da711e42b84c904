"""Look points up in the grid of the unit index.

A point in a cell that edges touch is reached from the lower left corner of the cell along two sides
of a rectangle, and each edge crossed on the way switches its units on or off. Edges that two units
share switch both, so a point between two units can fall neither in both nor in none.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from sahel_geo.compiled import compiled
from sahel_geo.locate.assign.orientation import is_left, orientation

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int32]

BATCH = 4_096  # points whose answers stay in the nearest cache between the rounds
UNSURE = np.float32(
    8.0
)  # of 30,000: so near a line, coefficients of two bytes may not tell the side


@compiled()
def _holders(
    px: float,
    py: float,
    corner_x: float,
    corner_y: float,
    mask: np.uint64,
    first: int,
    last: int,
    edges: Floats,
    edge_masks: Words,
) -> np.uint64:
    """Walk from the corner up to the height of the point, then across; switch at each edge.

    The units whose boundary the point touches are added at the end.
    """
    touched = np.uint64(0)
    for at in range(first, last):
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
def _holders_in_block(
    px: float,
    py: float,
    corner_x: float,
    corner_y: float,
    block: int,
    masks: Words,
    edge_start: Integers,
    edges: Floats,
    edge_masks: Words,
) -> Any:
    first, last = edge_start[block], edge_start[block + 1]
    return _holders(px, py, corner_x, corner_y, masks[block], first, last, edges, edge_masks)


@compiled()
def _holder(
    px: float,
    py: float,
    corner_x: float,
    corner_y: float,
    group: int,
    group_start: Integers,
    masks: Words,
    unit_start: Integers,
    units: Rows,
    edge_start: Integers,
    edges: Floats,
    edge_masks: Words,
) -> int:
    """Give the row of the first unit of a group that holds a point, -1 if none does."""
    for block in range(group_start[group], group_start[group + 1]):
        mask = _holders_in_block(
            px, py, corner_x, corner_y, block, masks, edge_start, edges, edge_masks
        )
        if mask:
            bit = 0
            while not (mask >> np.uint64(bit)) & np.uint64(1):
                bit += 1
            return int(units[unit_start[block] + bit])
    return -1


@compiled()
def locate_points(
    lon: Floats,
    lat: Floats,
    x: Floats,
    y: Floats,
    table: npt.NDArray[Any],
    outside: int,
    group_start: Integers,
    masks: Words,
    unit_start: Integers,
    units: Rows,
    edge_start: Integers,
    edges: Floats,
    edge_masks: Words,
    wedges: npt.NDArray[np.int16],
    places: Rows,
    out: Rows,
) -> None:
    """Write the row of the unit of each point, -1 outside; arguments as `UnitGrid.of` gives them.

    `outside` is the number of units, and `places` has room for three times a batch. Each batch is
    gone through in three rounds without a branch that a processor could mistake: the table for all
    points, two half planes for those near an edge, exact arithmetic for the few that are left.
    """
    columns, rows = len(x) - 1, len(y) - 1
    per_x, per_y = columns / (x[columns] - x[0]), rows / (y[rows] - y[0])
    left, low = x[0], y[0]
    for start in range(0, len(lon), BATCH):
        stop = min(start + BATCH, len(lon))
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
            places[BATCH + 2 * unsure] = at - start
            places[BATCH + 2 * unsure + 1] = group
            unsure += min(abs(one), abs(other)) <= UNSURE
        for i in range(unsure):
            at, group = start + places[BATCH + 2 * i], places[BATCH + 2 * i + 1]
            corner_x, corner_y = x[int((lon[at] - left) * per_x)], y[int((lat[at] - low) * per_y)]
            out[at] = _holder(
                lon[at], lat[at], corner_x, corner_y, group, group_start, masks, unit_start, units,
                edge_start, edges, edge_masks,
            )  # fmt: skip


def locate_few(
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
def locate_pairs(
    lon: Floats,
    lat: Floats,
    x: Floats,
    y: Floats,
    table: npt.NDArray[Any],
    outside: int,
    group_start: Integers,
    masks: Words,
    unit_start: Integers,
    units: Rows,
    edge_start: Integers,
    edges: Floats,
    edge_masks: Words,
    point: Integers,
    unit: Integers,
) -> int:
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
            mask = _holders_in_block(
                lon[at], lat[at], corner_x, corner_y, block, masks, edge_start, edges, edge_masks
            )
            for bit in range(unit_start[block + 1] - unit_start[block]):
                if (mask >> np.uint64(bit)) & np.uint64(1):
                    if size < len(point):
                        point[size], unit[size] = at, units[unit_start[block] + bit]
                    size += 1
    return size
