"""What the map draws, as small JSON: units and land around them, lines, labels.

Units and the land around them are one coverage: they are simplified together, so that no sliver
opens, and each shared edge is stored once. Borders are those edges, sorted by what lies on their
two sides.
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

from sahel_geo.i18n.countries import spellings
from sahel_geo.i18n.language import languages
from sahel_geo.maps.choropleth.topology import Line, Point, Topology, encode_line, encode_shape
from sahel_geo.maps.texts import wording
from sahel_geo.places.borders import is_coverage, joined
from sahel_geo.schema import COUNTRIES

Shapes = npt.NDArray[np.object_]
Bounds = tuple[float, float, float, float]

# Zoom from which a town is labelled, if there is room.
TOWN_ZOOM: Final = {"capital": 0.0, "region": 4.5, "district": 6.5, "town": 8.0}
LINE_KINDS: Final = (
    "sea", "far", "river", "lake", "border", "region", "outer", "around", "zone",
)  # fmt: skip
SEA: Final = "sea"
_MOST_PLACES: Final = 24
_VERTEX_BUDGET: Final = 45_000  # about 180 kB; level 2 of the three countries needs less


@dataclass
class Layers:
    """Geometry of a page, ready for JSON.

    arcs: Encoded arcs.
    units, context: Which arcs bound each unit, and each land or sea around them.
    paths: Encoded lines by kind: ``sea`` and ``far`` beyond the frame of the land around,
        ``river``, ``lake``, ``border``, ``region``, ``outer``, ``around``, ``zone``.
    tolerance: Simplification in degrees.
    shared: Whether neighbours share their edges, so that borders could be told from them.
    """

    arcs: list[str]
    units: list[str]
    context: list[Any]
    tolerance: float
    shared: bool
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
    """Leave out vertices that no zoom of the map can show.

    shapes (n,): In EPSG:4326. Returns (n,): The same shapes, lighter.
    """
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


def land_around(
    units: gpd.GeoDataFrame, neighbours: gpd.GeoDataFrame, countries: gpd.GeoDataFrame | None
) -> gpd.GeoDataFrame:
    """Gather what lies around the units: other countries, and the rest of their own."""
    parts = [_plain(neighbours)]
    covered = joined(units.geometry.to_numpy())
    if countries is not None:
        rest = _plain(countries)
        rest["geometry"] = rest.geometry.difference(covered).map(_areas)
        # below 250 km² it is an edge, not land
        parts.append(rest[shapely.area(rest.geometry) > 0.02])
    table = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=units.crs)
    land = shapely.union_all([covered, *table.geometry])
    sea = _areas(shapely.normalize(shapely.box(*neighbours.total_bounds).difference(land)))
    if countries is not None and sea.area > 0.05:
        table.loc[len(table)] = [SEA, sea]
    return table


def name_labels(
    units: gpd.GeoDataFrame, neighbours: gpd.GeoDataFrame, frame: Bounds
) -> list[dict[str, Any]]:
    """Place the names of the mapped countries and of those around."""
    labels = []
    if "country" in units:
        for code, rows in units.groupby("country").groups.items():
            area = joined(units.geometry.loc[rows].to_numpy())
            names = spellings(code)
            label = _label(wording(names or str(code), "units"), "country", area)
            labels.append(label | {"places": _places_in(area)})
    for row in neighbours.to_dict("records"):
        text = _country_name(row)
        seen = shapely.clip_by_rect(row[neighbours.geometry.name], *frame)
        seen = _areas(seen)
        if text and seen.area > 0.004 * _area(frame):
            labels.append(_label(text, "around", seen))
    return labels


def town_labels(towns: gpd.GeoDataFrame, frame: Bounds) -> list[dict[str, Any]]:
    """Place the names of towns, the most important first."""
    west, south, east, north = frame
    seen = towns.cx[west:east, south:north]
    points = seen.geometry
    table = pd.DataFrame(
        {
            "text": seen["name"].astype("str"),
            "kind": "town",
            "lon": points.x.round(4),
            "lat": points.y.round(4),
            "zoom": _optional(seen, "rank", "region").map(TOWN_ZOOM).fillna(TOWN_ZOOM["town"]),
            "abroad": ~_optional(seen, "country", "").isin(COUNTRIES),
            "people": -_optional(seen, "population", 0).fillna(0),
        }
    )
    table.loc[table["zoom"] == 0, "kind"] = "capital"
    table = table.sort_values(["zoom", "abroad", "people"], kind="stable")
    columns = ["text", "kind", "lon", "lat", "zoom"]
    return [{str(key): row[key] for key in columns} for row in table.to_dict("records")]


def water_labels(names: gpd.GeoDataFrame, frame: Bounds) -> list[dict[str, Any]]:
    """Place the names of rivers and lakes."""
    west, south, east, north = frame
    return [
        {
            "text": wording(
                {lang: row.get(f"name_{lang}", row["name_en"]) for lang in languages()}, "waters"
            ),
            "kind": "water",
            **{name: row[name] for name in ("lon", "lat", "zoom")},
        }
        for row in names.cx[west:east, south:north].to_dict("records")
    ]


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


def _plain(countries: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    columns = {"country": countries["country"].to_numpy()}
    return gpd.GeoDataFrame(columns, geometry=countries.geometry.to_numpy(), crs=countries.crs)


def _column(frame: gpd.GeoDataFrame, name: str) -> list[Any]:
    if name not in frame:
        return [None] * len(frame)
    return [None if pd.isna(value) else value for value in frame[name]]


def _optional(frame: gpd.GeoDataFrame, name: str, missing: object) -> pd.Series:
    return frame[name] if name in frame else pd.Series(missing, index=frame.index)


def _country_name(row: Mapping[Any, Any]) -> str | dict[str, str]:
    """Name a country in both languages, as far as the layer or the schema can."""
    known = spellings(row.get("country"))
    found = {lang: row.get(f"name_{lang}") or known.get(lang) for lang in languages()}
    names = {lang: name for lang, name in found.items() if isinstance(name, str)}
    plain = row.get("name")
    return wording(names or (plain if isinstance(plain, str) else ""), "neighbours")


def _label(text: str | dict[str, str], kind: str, area: Any) -> dict[str, Any]:
    point = shapely.maximum_inscribed_circle(area, tolerance=0.1).coords[0]
    lon, lat = round(point[0], 3), round(point[1], 3)
    return {"text": text, "kind": kind, "lon": lon, "lat": lat, "zoom": 0}


def _places_in(area: Any) -> list[list[float]]:
    """List places deep inside an area where its name could stand, the roomiest first."""
    west, south, east, north = area.bounds
    steps = np.linspace(0.1, 0.9, 9)
    x, y = np.meshgrid(west + (east - west) * steps, south + (north - south) * steps)
    points: Any = shapely.points(x.ravel(), y.ravel())
    points = points[shapely.contains(area, points)]
    room = shapely.distance(points, area.boundary)
    order = np.argsort(-room, kind="stable")[:_MOST_PLACES]
    return [[round(point.y, 2), round(point.x, 2)] for point in points[order]]


def _areas(shape: Any) -> Any:
    """Keep the polygons of a mixed collection."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts)


def _area(frame: Bounds) -> float:
    return (frame[2] - frame[0]) * (frame[3] - frame[1])


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
