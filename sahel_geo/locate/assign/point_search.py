"""Look points up in the grid of the unit index.

A point in a cell that edges touch is reached from the lower left corner of the cell along two sides
of a rectangle, and each edge crossed on the way switches its units on or off. Edges that two units
share switch both, so a point between two units can fall neither in both nor in none.
"""

import numpy as np
import numpy.typing as npt

from sahel_geo.compiled import compiled
from sahel_geo.locate.assign.orientation import is_left, orientation

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int32]

_BATCH = 4_096  # points whose answers stay in the nearest cache between the two passes


@compiled(inline="always")
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


@compiled(inline="always")
def _look_up(
    lon: Floats, lat: Floats, x: Floats, y: Floats, table: Rows, first: int, last: int, out: Rows
) -> None:
    """Read the table for a batch; the entry after the last cell stands for off the grid."""
    columns, rows = len(x) - 1, len(y) - 1
    per_x, per_y = columns / (x[columns] - x[0]), rows / (y[rows] - y[0])
    left, low = x[0], y[0]
    for at in range(first, last):
        column, row = (lon[at] - left) * per_x, (lat[at] - low) * per_y
        on_grid = (column >= 0.0) & (column < columns) & (row >= 0.0) & (row < rows)
        cell = int(row) * columns + int(column) if on_grid else columns * rows
        out[at] = table[cell]


@compiled()
def locate_points(
    lon: Floats,
    lat: Floats,
    x: Floats,
    y: Floats,
    table: Rows,
    group_start: Integers,
    masks: Words,
    unit_start: Integers,
    units: Rows,
    edge_start: Integers,
    edges: Floats,
    edge_masks: Words,
    out: Rows,
) -> None:
    """Write the row of the unit of each point, -1 outside; arguments as `build_grid` gives them."""
    columns, rows = len(x) - 1, len(y) - 1
    per_x, per_y = columns / (x[columns] - x[0]), rows / (y[rows] - y[0])
    for start in range(0, len(lon), _BATCH):
        stop = min(start + _BATCH, len(lon))
        # all reads of the table first: nothing in that loop waits for the outcome of another read
        _look_up(lon, lat, x, y, table, start, stop, out)
        for at in range(start, stop):
            if out[at] >= -1:
                continue
            group = -2 - out[at]
            column, row = int((lon[at] - x[0]) * per_x), int((lat[at] - y[0]) * per_y)
            out[at] = -1
            for block in range(group_start[group], group_start[group + 1]):
                mask = _holders(
                    lon[at],
                    lat[at],
                    x[column],
                    y[row],
                    masks[block],
                    edge_start[block],
                    edge_start[block + 1],
                    edges,
                    edge_masks,
                )
                if mask:
                    bit = 0
                    while not (mask >> np.uint64(bit)) & np.uint64(1):
                        bit += 1
                    out[at] = units[unit_start[block] + bit]
                    break


@compiled()
def locate_pairs(
    lon: Floats,
    lat: Floats,
    x: Floats,
    y: Floats,
    table: Rows,
    group_start: Integers,
    masks: Words,
    unit_start: Integers,
    units: Rows,
    edge_start: Integers,
    edges: Floats,
    edge_masks: Words,
) -> tuple[Integers, Integers]:
    """List every unit that holds or touches each point, as pairs (point, row of the unit)."""
    columns, rows = len(x) - 1, len(y) - 1
    per_x, per_y = columns / (x[columns] - x[0]), rows / (y[rows] - y[0])
    answers = np.empty(len(lon), dtype=np.int32)
    _look_up(lon, lat, x, y, table, 0, len(lon), answers)
    point = np.empty(len(lon), dtype=np.int64)
    unit = np.empty(len(lon), dtype=np.int64)
    size = 0
    for at in range(len(lon)):
        group = -2 - answers[at]
        first = group_start[group] if group >= 0 else 0
        last = group_start[group + 1] if group >= 0 else 0
        if size + max(64 * (last - first), 1) > len(point):
            grown = 2 * len(point) + 64 * (last - first) + 1
            longer = np.empty((2, grown), dtype=np.int64)
            longer[0, :size], longer[1, :size] = point[:size], unit[:size]
            point, unit = longer[0], longer[1]
        if answers[at] >= 0:
            point[size], unit[size] = at, answers[at]
            size += 1
        for block in range(first, last):
            column, row = int((lon[at] - x[0]) * per_x), int((lat[at] - y[0]) * per_y)
            mask = _holders(
                lon[at],
                lat[at],
                x[column],
                y[row],
                masks[block],
                edge_start[block],
                edge_start[block + 1],
                edges,
                edge_masks,
            )
            for bit in range(unit_start[block + 1] - unit_start[block]):
                if (mask >> np.uint64(bit)) & np.uint64(1):
                    point[size], unit[size] = at, units[unit_start[block] + bit]
                    size += 1
    return point[:size].copy(), unit[:size].copy()
