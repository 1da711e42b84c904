"""Polygons as shared arcs of small whole numbers, each stored once.

Two units that share a border share its vertices. Cutting every ring where the set of its
neighbours changes, and keeping one copy of each piece, halves the geometry; a vertex is then
stored as the difference to the one before, in a text of 64 harmless characters.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from sahel_geo.arrays import Integers
from sahel_geo.places.borders import is_coverage
from sahel_geo.schema import COUNTRIES

SCALE: Final = 10_000  # 1e-4 degree is 11 m, a tenth of a pixel at zoom 10
ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
DIGITS: Final = {character: digit for digit, character in enumerate(ALPHABET)}

Point = tuple[int, int]
Line = tuple[Point, ...]
Ring = list[int]  # arc numbers; ~i is arc i walked backwards
Shapes = npt.NDArray[np.object_]
Bounds = tuple[float, float, float, float]
LINE_KINDS: Final = (
    "sea", "far", "river", "lake", "border", "region", "outer", "around", "zone",
)  # fmt: skip
SEA: Final = "sea"
_VERTEX_BUDGET: Final = 45_000  # about 180 kB; level 2 of the three countries needs less


@dataclass(frozen=True)
class Topology:
    """Polygons that share arcs."""

    arcs: list[Line]  # vertices of each arc, in units of 1 / `SCALE` degree
    # for each geometry its polygons, for each polygon its rings, for each ring its arcs; a negative
    # number ``~i`` is arc ``i`` walked backwards
    polygons: list[list[list[Ring]]]

    def owners(self) -> list[tuple[int, ...]]:
        """Tell which geometries each arc bounds."""
        owner_sets: list[set[int]] = [set() for _ in self.arcs]
        for position, shape in enumerate(self.polygons):
            for ring in (ring for rings in shape for ring in rings):
                for arc in ring:
                    owner_sets[arc if arc >= 0 else ~arc].add(position)
        return [tuple(sorted(owner)) for owner in owner_sets]

    @classmethod
    def of(cls, geometries: Iterable[Any]) -> "Topology":
        """Cut polygons into arcs and keep each arc once.

        >>> pair = Topology.of([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
        >>> len(pair.arcs), pair.owners().count((0, 1))
        (3, 1)
        """
        shapes = [_quantised_polygons(geometry) for geometry in geometries]
        rings = [ring for shape in shapes for polygon in shape for ring in polygon]
        # Find the vertices where rings meet or part: not every ring has the same two neighbours.
        seen: dict[Point, frozenset[Point]] = {}
        junctions: set[Point] = set()
        for ring in rings:
            for before, point, after in zip(
                ring[-1:] + ring[:-1], ring, ring[1:] + ring[:1], strict=True
            ):
                pair = frozenset((before, after))
                if seen.setdefault(point, pair) != pair:
                    junctions.add(point)
        store = _ArcStore()
        polygons = [
            [[store.add_ring(ring, junctions) for ring in polygon] for polygon in shape]
            for shape in shapes
        ]
        return cls(list(store.number), polygons)


def encode_line(points: Iterable[Point]) -> str:
    """Write vertices as differences, five bits to a character.

    >>> encode_line([(0, 0), (3, -2)])
    'AAGD'
    >>> decode_line("AAGD")
    [(0, 0), (3, -2)]
    """
    numbers: list[int] = []
    last = (0, 0)
    for point in points:
        steps = (point[0] - last[0], point[1] - last[1])
        numbers += [step * 2 if step >= 0 else -step * 2 - 1 for step in steps]
        last = point
    return encode_numbers(numbers)


def encode_numbers(numbers: Iterable[int]) -> str:
    """Write whole numbers, five bits to a character.

    >>> encode_numbers([0, 31, 32])
    'AfgB'
    """
    out: list[str] = []
    for number in numbers:
        rest = number
        while rest >= 32:
            out.append(ALPHABET[32 + rest % 32])
            rest //= 32
        out.append(ALPHABET[rest])
    return "".join(out)


def encode_letters(numbers: Integers) -> str:
    """Write small numbers as one letter each."""
    return "".join(ALPHABET[number] for number in numbers.tolist())


def encode_shape(polygons: Iterable[Iterable[Ring]]) -> str:
    """Write which arcs bound a shape.

    >>> encode_shape([[[0, 1], [~2]], [[3]]])
    'AC.F,G'
    """
    return ",".join(
        ".".join(
            encode_numbers(2 * arc if arc >= 0 else 2 * ~arc + 1 for arc in ring) for ring in rings
        )
        for rings in polygons
    )


def decode_numbers(text: str) -> list[int]:
    """Read what `encode_numbers` wrote.

    >>> decode_numbers("AfgB")
    [0, 31, 32]
    """
    numbers: list[int] = []
    value = shift = 0
    for character in text:
        digit = DIGITS[character]
        value += (digit % 32) << shift
        shift += 5
        if digit < 32:
            numbers.append(value)
            value = shift = 0
    return numbers


def decode_line(text: str) -> list[Point]:
    """Read what `encode_line` wrote; the page does the same in JavaScript."""
    numbers = [
        number // 2 if number % 2 == 0 else -(number + 1) // 2 for number in decode_numbers(text)
    ]
    steps = np.asarray(numbers, dtype=np.int64).reshape(-1, 2)
    return list(map(tuple, steps.cumsum(axis=0).tolist()))


def quantise(coordinates: Any) -> Line:
    """Round coordinates (n, 2) in degrees to the grid and drop repeated vertices."""
    grid = np.rint(np.asarray(coordinates, dtype=np.float64)[:, :2] * SCALE).astype(np.int64)
    if len(grid) > 1:
        grid = grid[np.r_[True, (grid[1:] != grid[:-1]).any(axis=1)]]
    return tuple(map(tuple, grid.tolist()))


def _quantised_polygons(geometry: Any) -> list[list[Line]]:
    """List the open rings of each polygon; the exterior comes first."""
    polygons = []
    for part in shapely.get_parts(geometry):
        if part.geom_type != "Polygon" or part.is_empty:
            continue
        rings = [
            quantise(shapely.get_coordinates(ring))[:-1]
            for ring in (part.exterior, *part.interiors)
        ]
        if len(rings[0]) >= 3:
            polygons.append([ring for ring in rings if len(ring) >= 3])
    return polygons


class _ArcStore:
    """Arcs by their vertices, whichever way they are walked."""

    def __init__(self) -> None:
        self.number: dict[Line, int] = {}

    def add_ring(self, ring: Line, junctions: set[Point]) -> Ring:
        cuts = [i for i, point in enumerate(ring) if point in junctions]
        start = cuts[0] if cuts else ring.index(min(ring))
        turned = ring[start:] + ring[:start] + (ring[start],)
        ends = [cut - start for cut in cuts[1:]] + [len(ring)]
        starts = [0, *ends[:-1]]
        return [self._add(turned[a : b + 1]) for a, b in zip(starts, ends, strict=True)]

    def _add(self, arc: Line) -> int:
        if arc not in self.number and (backwards := self.number.get(arc[::-1])) is not None:
            return ~backwards
        return self.number.setdefault(arc, len(self.number))


@dataclass
class Layers:
    """Geometry of a page, ready for JSON."""

    arcs: list[str]  # encoded arcs
    # units, context: which arcs bound each unit, and each land or sea around them
    units: list[str]
    context: list[Any]
    tolerance: float  # simplification in degrees
    shared: bool  # whether neighbours share their edges, so that borders could be told from them
    # encoded lines by kind: ``sea`` and ``far`` beyond the frame of the land around, ``river``,
    # ``lake``, ``border``, ``region``, ``outer``, ``around``, ``zone``
    paths: dict[str, list[str]] = field(default_factory=lambda: {kind: [] for kind in LINE_KINDS})

    @classmethod
    def of(cls, units: gpd.GeoDataFrame, context: gpd.GeoDataFrame, bounds: Bounds) -> "Layers":
        """Simplify and encode units and the land around them."""
        shapes = np.concatenate([units.geometry.to_numpy(), context.geometry.to_numpy()])
        shared = is_coverage(shapes)
        simple, tolerance = simplify(shapes, bounds, shared=shared)
        topology = Topology.of(simple)
        count = len(units)
        layers = cls(
            arcs=[encode_line(arc) for arc in topology.arcs],
            units=[encode_shape(shape) for shape in topology.polygons[:count]],
            context=[encode_shape(shape) for shape in topology.polygons[count:]],
            tolerance=tolerance,
            shared=shared,
        )
        for kind, lines in _sort_lines(topology, units, context).items():
            layers.paths[kind] = [encode_line(line) for line in _chain(lines)]
        return layers


def simplify(shapes: Shapes, bounds: Bounds, *, shared: bool) -> tuple[Shapes, float]:
    """Leave out vertices of shapes (n,), in degrees, that no zoom of the map can show."""
    west, south, east, north = bounds
    tolerance = max(east - west, north - south, 0.01) / 6000
    if not shared:
        shapes = np.asarray(shapely.make_valid(shapes))
    while True:
        if shared:
            simple = shapely.coverage_simplify(shapes, tolerance)
        else:
            simple = shapely.simplify(shapes, tolerance, preserve_topology=True)
        if shapely.get_num_coordinates(simple).sum() <= _VERTEX_BUDGET * 2 or tolerance > 0.05:
            return np.asarray(simple), tolerance
        tolerance *= 1.4


def _sort_lines(
    topology: Topology, units: gpd.GeoDataFrame, context: gpd.GeoDataFrame
) -> Mapping[str, list[Line]]:
    count = len(units)
    countries = [*_column(units, "country"), *context["country"]]
    regions = _column(units, "adm1_id")
    several = len({region for region in regions if region is not None}) < count
    lines: dict[str, list[Line]] = {"border": [], "region": [], "outer": [], "around": []}
    for arc, owners in zip(topology.arcs, topology.owners(), strict=True):
        mapped = [owner for owner in owners if owner < count]
        own = {countries[owner] for owner in owners}
        if len(own) > 1 and not own & {None, SEA} and (mapped or own & set(COUNTRIES)):
            lines["border"].append(arc)
        elif len(owners) > 1 and not mapped:
            lines["around"].append(arc)
        elif len(mapped) == 1:
            lines["outer"].append(arc)
        elif len(mapped) == 2 and several and regions[mapped[0]] != regions[mapped[1]]:
            lines["region"].append(arc)
    return lines


def _column(frame: gpd.GeoDataFrame, name: str) -> list[Any]:
    if name not in frame:
        return [None] * len(frame)
    return [None if pd.isna(value) else value for value in frame[name]]


def _chain(segments: Iterable[Line]) -> list[Line]:
    """Join arcs that continue one another, so that a dashed line runs on."""
    lines = list(segments)
    at: defaultdict[Point, list[int]] = defaultdict(list)
    for number, line in enumerate(lines):
        at[line[0]].append(number)
        at[line[-1]].append(number)
    used: set[int] = set()
    joined = []
    for number, line in enumerate(lines):
        if number not in used:
            used.add(number)
            forwards = _grow(line, lines, at, used)
            joined.append(_grow(forwards[::-1], lines, at, used))
    return joined


def _grow(line: Line, lines: list[Line], at: dict[Point, list[int]], used: set[int]) -> Line:
    """Follow a line from its last vertex while exactly one other line continues it."""
    while True:
        there = at[line[-1]]
        free = [number for number in there if number not in used]
        if len(there) != 2 or not free:
            return line
        used.add(free[0])
        following = lines[free[0]]
        line += following[1:] if following[0] == line[-1] else following[::-1][1:]
