"""Build the grid behind the unit index: its lines, and what each cell needs to answer.

Most cells lie wholly inside one unit, or outside all, and answer from a table. A cell that an edge
touches keeps the few edges concerned and the units that hold its lower left corner. Edges that two
units share are stored once and switch both.
"""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from sahel_geo.arrays import Flags, Floats, Integers, Objects
from sahel_geo.errors import InputError
from sahel_geo.locate.assign.orientation import are_left

WORD: Final = 64  # units told apart by the bits of one mask
STEEPEST: Final = 30_000  # largest coefficient of a line in a wedge, which holds two bytes of each

_CELLS_PER_EDGE: Final = 16.0
_FEWEST_CELLS, _MOST_CELLS = 4_096, 4_000_000
_NEAR: Final = 1e-6  # of a cell: an edge so close counts as touching it
_CLEAR: Final = 1e-4  # of a cell: an edge that ends so far outside a cell runs through it


class Blocks(NamedTuple):
    """What the cells that edges touch need to answer, up to 64 units a block.

    A group is a cell with its blocks. `wedges` serves the groups in which two half planes tell the
    answer, as along a border between two units: three coefficients of each, in parts of a cell
    from its lower left corner, then the unit inside both, and the unit elsewhere.
    """

    group_start: Integers
    masks: npt.NDArray[np.uint64]
    unit_start: Integers
    units: npt.NDArray[np.int32]
    edge_start: Integers
    edges: Floats
    edge_masks: npt.NDArray[np.uint64]
    wedges: npt.NDArray[np.int16]


@dataclass(frozen=True)
class UnitGrid:
    """The lines of a grid over polygons, and what its cells hold.

    x, y: The lines of the grid, none of which passes through a vertex.
    table: Row of the one unit that holds the cell; the number of units where none does; above that,
        the group of the cell, counted from there.
    blocks: The groups.
    """

    x: Floats
    y: Floats
    table: npt.NDArray[Any]
    blocks: Blocks

    @classmethod
    def of(cls, polygons: Objects, by_id: npt.NDArray[np.int32]) -> "UnitGrid":
        """Lay a grid over polygons and note what each cell needs to answer for a point in it.

        Polygons and multipolygons are in degrees, missing and empty ones hold nothing; `by_id`
        gives their rows in the order in which they win a shared border.
        """
        edges, owner_start, owner = _unique_edges(polygons, by_id)
        x, y = _grid_lines(edges)
        columns = len(x) - 1
        edge, cell = _edges_by_cell(edges, x, y)
        corner, holder = _corners(edges, owner_start, owner, edge, cell, x, y)
        cells = columns * (len(y) - 1)
        touched = np.bincount(cell, minlength=cells) > 0
        numbers = np.bincount(corner, minlength=cells)
        table = np.full(cells + 1, len(by_id), dtype=np.int64)
        one = ~touched[corner] & (numbers[corner] == 1)
        table[corner[one]] = by_id[holder[one]]
        grouped = np.flatnonzero(touched | (numbers > 1))
        table[grouped] = len(by_id) + 1 + np.arange(len(grouped))
        blocks = _blocks(
            grouped, cells, edge, cell, corner, holder, edges, owner_start, owner, by_id
        )
        wedges = _wedges(blocks, grouped, x, y)
        small = table.max() < 1 << 16
        return cls(
            x, y, table.astype(np.uint16 if small else np.uint32), blocks._replace(wedges=wedges)
        )


def _unique_edges(
    polygons: Objects, by_id: npt.NDArray[np.int32]
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
        "Simplify the layer with shapely.coverage_simplify."
    )


def _edges_by_cell(edges: Floats, x: Floats, y: Floats) -> tuple[Integers, Integers]:
    """List the edges that touch each cell, or come within a millionth of its size, by cell."""
    columns, rows = len(x) - 1, len(y) - 1
    ay, by = edges[:, 1], edges[:, 3]
    low = (_place(np.minimum(ay, by), y) - _NEAR).astype(np.int64)
    high = np.minimum((_place(np.maximum(ay, by), y) + _NEAR).astype(np.int64), rows - 1)
    edge, row = _expand(low, high - low + 1)
    left, right = _reach(edges[edge], y[row], y[row + 1])
    first = np.maximum((_place(left, x) - _NEAR).astype(np.int64), 0)
    last = np.minimum((_place(right, x) + _NEAR).astype(np.int64), columns - 1)
    pair, column = _expand(first, last - first + 1)
    cell = row[pair] * columns + column
    order = np.argsort(cell, kind="stable")
    return edge[pair][order], cell[order]


def _place(values: Floats, lines: Floats) -> Floats:
    """Give where values lie between the lines, in cells from the first line."""
    return np.asarray((values - lines[0]) * ((len(lines) - 1) / (lines[-1] - lines[0])))


def _expand(first: Integers, sizes: Integers) -> tuple[Integers, Integers]:
    """Count up from each first value; give the row that each number comes from, and the number."""
    sizes = np.maximum(sizes, 0)
    row = np.repeat(np.arange(len(first)), sizes)
    return row, np.arange(len(row)) - np.repeat(np.cumsum(sizes) - sizes, sizes) + first[row]


def _reach(edges: Floats, bottom: Floats, top: Floats) -> tuple[Floats, Floats]:
    """Give the range of x of each edge between two horizontal lines, a little widened."""
    ax, ay, bx, by = edges.T
    margin = (top - bottom) * _NEAR
    level = ay == by
    slope = (bx - ax) / np.where(level, 1.0, by - ay)
    low = np.maximum(np.minimum(ay, by), bottom - margin)
    high = np.minimum(np.maximum(ay, by), top + margin)
    one, other = ax + (low - ay) * slope, ax + (high - ay) * slope
    left = np.maximum(np.minimum(one, other), np.minimum(ax, bx))
    right = np.minimum(np.maximum(one, other), np.maximum(ax, bx))
    return np.where(level, np.minimum(ax, bx), left), np.where(level, np.maximum(ax, bx), right)


def _corners(
    edges: Floats,
    owner_start: Integers,
    owner: Integers,
    edge: Integers,
    cell: Integers,
    x: Floats,
    y: Floats,
) -> tuple[Integers, Integers]:
    """List the units (by rank) that hold the lower left corner of each cell, by cell and rank.

    Along the bottom of a row of cells, from outside all units, each edge that passes between two
    corners switches its units, from the second corner on.
    """
    columns = len(x) - 1
    row, column = cell // columns, cell % columns
    bottom = y[row]
    passing = np.flatnonzero((edges[edge, 1] > bottom) != (edges[edge, 3] > bottom))
    here, level, ends = column[passing], bottom[passing], edges[edge[passing]]
    switched = are_left(ends, x[here], level) != are_left(ends, x[here + 1], level)
    passing = passing[switched]
    number, at = _owners(owner_start, edge[passing])
    unit = owner[at]
    corner = cell[passing][number] + 1
    # two switches of one unit in one row hold all corners between them
    order = np.lexsort((corner, unit, row[passing][number]))
    start, end = corner[order][::2], corner[order][1::2]
    pair, corner = _expand(start, end - start)
    unit = unit[order][::2][pair]
    order = np.lexsort((unit, corner))
    return corner[order], unit[order]


def _owners(owner_start: Integers, edge: Integers) -> tuple[Integers, Integers]:
    """Give, for each owner of each edge, the position in `edge`, and that among all owners."""
    return _expand(owner_start[edge], owner_start[edge + 1] - owner_start[edge])


def _blocks(
    grouped: Integers,
    cells: int,
    edge: Integers,
    cell: Integers,
    corner: Integers,
    holder: Integers,
    edges: Floats,
    owner_start: Integers,
    owner: Integers,
    by_id: npt.NDArray[np.int32],
) -> Blocks:
    """Note for each group its units, in blocks of 64, those at its corner, and its edges."""
    size = max(len(by_id), 1)
    group_of = np.full(cells, -1)
    group_of[grouped] = np.arange(len(grouped))
    inside = group_of[corner]
    cell_of = inside[inside >= 0] * size + holder[inside >= 0]
    member, at = _owners(owner_start, edge)
    owned = group_of[cell][member] * size + owner[at]
    every = np.sort(
        np.concatenate([cell_of, owned])
    )  # np.union1d would hash them, ten times as long
    pairs = every[np.diff(every, prepend=-1) > 0]  # every unit of every group, by group and rank
    group = pairs // size
    first = np.searchsorted(group, np.arange(len(grouped) + 1))
    place = np.arange(len(pairs)) - first[group]
    count = -(-np.diff(first) // WORD)
    group_start = np.concatenate([[0], np.cumsum(count)])
    block = group_start[group] + place // WORD
    bit = np.uint64(1) << (place % WORD).astype(np.uint64)
    masks = np.zeros(group_start[-1], dtype=np.uint64)
    known = np.searchsorted(pairs, cell_of)
    np.bitwise_or.at(masks, block[known], bit[known])
    unit_start = np.searchsorted(block, np.arange(group_start[-1] + 1))
    # each block has all edges of its group, and the bits of those of its own units
    of_group = group_of[cell]
    copies, number = _expand(group_start[of_group], count[of_group])
    order = np.lexsort((copies, number))
    edge_of_block, block_of = edge[copies[order]], number[order]
    edge_start = np.searchsorted(block_of, np.arange(group_start[-1] + 1))
    entry, at = _owners(owner_start, edge_of_block)
    group_of_block = np.repeat(np.arange(len(grouped)), count)
    known = np.searchsorted(pairs, group_of_block[block_of][entry] * size + owner[at])
    own = block[known] == block_of[entry]
    edge_masks = np.zeros(len(edge_of_block), dtype=np.uint64)
    np.bitwise_xor.at(edge_masks, entry[own], bit[known[own]])
    return Blocks(
        group_start.astype(np.int64),
        masks,
        unit_start.astype(np.int64),
        by_id[pairs % size],
        edge_start.astype(np.int64),
        np.ascontiguousarray(edges[edge_of_block]),
        edge_masks,
        np.empty((0, 8), dtype=np.int16),
    )


def _wedges(blocks: Blocks, grouped: Integers, x: Floats, y: Floats) -> npt.NDArray[np.int16]:
    """Describe by two half planes the groups of one line, or of two that meet; zeros elsewhere."""
    wedges = np.zeros((len(grouped), 8), dtype=np.int16)
    block = blocks.group_start[:-1]
    number = np.diff(blocks.edge_start)[block]
    first = blocks.edge_start[block]
    last = first + np.maximum(number - 1, 0)
    alone = (np.diff(blocks.group_start) == 1) & (number >= 1) & (number <= 2)
    alone[alone] &= blocks.edge_masks[first[alone]] == blocks.edge_masks[last[alone]]
    kept = np.flatnonzero(alone)
    columns = len(x) - 1
    column, row = grouped[kept] % columns, grouped[kept] // columns
    corner = np.column_stack([x[column], y[row]])
    size = np.column_stack([x[column + 1], y[row + 1]]) - corner

    def ends(at: Integers) -> Floats:
        return (blocks.edges[at].reshape(-1, 2, 2) - corner[:, None]) / size[:, None]

    single = number[kept] == 1
    apex, one, other, sound = _arms(ends(first[kept]), ends(last[kept]), single)
    right = (_cross(one - apex, other - apex) < 0)[:, None]
    one, other = np.where(right, other, one), np.where(right, one, other)
    back = np.where(single[:, None], _line(apex, one), _line(other, apex))
    lines = np.stack([_line(apex, one), back], axis=1)
    at_corner = lines[:, :, 0]
    sound &= np.abs(at_corner).min(axis=1) > _CLEAR
    mask = blocks.masks[block[kept]]
    here = _first_unit(blocks, block[kept], mask)
    there = _first_unit(blocks, block[kept], mask ^ blocks.edge_masks[first[kept]])
    corner_inside = (at_corner > 0).all(axis=1)
    sound &= np.maximum(here, there) < 1 << 15
    wedges[kept, :6] = np.rint(lines.reshape(-1, 6) * STEEPEST)
    wedges[kept, 6] = np.where(corner_inside, here, there)
    wedges[kept, 7] = np.where(corner_inside, there, here)
    wedges[kept[~sound]] = 0
    return wedges


def _arms(first: Floats, last: Floats, single: Flags) -> tuple[Floats, Floats, Floats, Flags]:
    """Find where two edges meet and where each goes, or one goes through; not sound elsewhere."""
    apex, one, other = first[:, 0].copy(), first[:, 1].copy(), first[:, 1].copy()
    sound = single.copy()
    for mine in (0, 1):
        for its in (0, 1):
            meets = ~single & (first[:, mine] == last[:, its]).all(axis=1)
            apex[meets] = first[meets, mine]
            one[meets], other[meets] = first[meets, 1 - mine], last[meets, 1 - its]
            sound |= meets
    for end in (one, other):
        sound &= ~((end >= -_CLEAR) & (end <= 1 + _CLEAR)).all(axis=1)
    sound &= ~(single & ((apex >= -_CLEAR) & (apex <= 1 + _CLEAR)).all(axis=1))
    return apex, one, other, sound


def _line(start: Floats, end: Floats) -> Floats:
    """Give three coefficients, at most 1 in size, of a line; positive values lie to its left."""
    way = end - start
    line = np.column_stack([-_cross(way, start), -way[:, 1], way[:, 0]])
    return np.asarray(line / np.abs(line).max(axis=1, keepdims=True, initial=1e-300))


def _cross(a: Floats, b: Floats) -> Floats:
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])


def _first_unit(blocks: Blocks, block: Integers, mask: npt.NDArray[np.uint64]) -> Integers:
    """Give the row of the unit of the lowest bit of each mask, -1 of none."""
    lowest = mask & (~mask + np.uint64(1))
    bit = np.log2(np.maximum(lowest, 1).astype(np.float64)).astype(np.int64)
    at = np.minimum(blocks.unit_start[block] + bit, len(blocks.units) - 1)
    return np.where(mask > 0, blocks.units[at], -1)
