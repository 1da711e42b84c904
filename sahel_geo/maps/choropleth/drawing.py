"""What lies on a map beside the units: land around, borders, zone, names, and who to credit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sahel_geo.crs import require_lonlat, shipped_layer
from sahel_geo.errors import InputError, require_columns
from sahel_geo.i18n.countries import spellings
from sahel_geo.i18n.language import languages
from sahel_geo.maps.choropleth.topology import (
    SCALE,
    SEA,
    Bounds,
    Layers,
    encode_line,
)
from sahel_geo.maps.choropleth.topology import quantise as quantise_line
from sahel_geo.maps.licences import credit_in, licence_texts
from sahel_geo.maps.texts import PAGE, Words, clean_text, wording
from sahel_geo.places.borders import is_coverage, joined, tri_points
from sahel_geo.places.boundaries.boundaries import load_boundaries
from sahel_geo.places.context import (
    load_neighbour_countries,
    load_towns,
    load_water_names,
    load_waters,
)
from sahel_geo.places.remember import remembered
from sahel_geo.schema import COUNTRIES

Layer: TypeAlias = gpd.GeoDataFrame | Literal[False]
_REACH: Final = 0.7  # of the width of a map: how far beyond it a reader can move


# Zoom from which a town is labelled, if there is room.
_TOWN_ZOOM: Final = {"capital": 0.0, "region": 4.5, "district": 6.5, "town": 8.0}
_MOST_PLACES: Final = 24


@dataclass(frozen=True)
class Surroundings:
    """What a caller wants around the units; None takes what the package ships, False leaves out."""

    # neighbours, borders, towns, waters: countries, lines, points, and rivers with lakes
    neighbours: Layer | None
    borders: Layer | None
    towns: Layer | None
    waters: Layer | None
    zone: Any  # area or lines to outline
    zone_label: Words | None  # its name
    fit: gpd.GeoDataFrame | Sequence[float] | None  # what the map shows first

    def data(self, units: gpd.GeoDataFrame, *, online: bool) -> dict[str, Any]:
        """Write what lies on the map whatever the indicator: units, lines, names, sources."""
        frame = _frame_of(units, self.fit)
        layers = (self.neighbours, self.borders, self.towns, self.waters)
        ours = all(layer is None or layer is False for layer in layers)
        ground = (_shipped_ground if ours else _ground)(units, frame, layers, online, languages())
        paths = dict(ground.drawn.paths)
        if self.zone is not None:
            paths["zone"] = _encode_outline(_outline(self.zone))
        # List the kinds of line that the map holds, with the name of the zone if it has one.
        named = {lang: getattr(self.zone, f"title_{lang}", None) for lang in languages()}
        titles = {lang: title for lang, title in named.items() if isinstance(title, str)}
        words = self.zone_label or titles
        label = wording(words, "zone_label") if words else None
        kinds = ("zone", "border", "region")
        return {
            "sources": ground.sources,
            "scale": SCALE,
            "bounds": [[frame[1], frame[0]], [frame[3], frame[2]]],
            "max_zoom": _max_zoom(ground.drawn.tolerance),
            "arcs": ground.drawn.arcs,
            "units": _unit_data(units, ground.drawn.units),
            "paths": paths,
            "lines": [
                {"kind": kind, "label": label if kind == "zone" else None}
                for kind in kinds
                if paths[kind]
            ],
            "meeting_points": ground.meeting_points,
            "labels": ground.labels,
            "context": [] if online else ground.drawn.context,
        }


class _Ground(NamedTuple):
    """What lies on a map of some units, whatever zone is outlined on it."""

    drawn: Layers
    sources: list[str | dict[str, str]]
    meeting_points: list[list[float]]
    labels: list[dict[str, Any]]


def _ground(
    units: gpd.GeoDataFrame,
    frame: Bounds,
    layers: tuple[Layer | None, Layer | None, Layer | None, Layer | None],
    online: bool,  # noqa: FBT001  remembered by place
    _: tuple[str, ...],
) -> _Ground:
    """Gather neighbours, borders, towns and waters in these languages; None is what we ship."""
    neighbours, borders, towns, waters = layers
    land = load_neighbour_countries() if neighbours is None else neighbours
    places = load_towns() if towns is None else towns
    water = load_waters() if waters is None else waters
    water = False if online and waters is None else water  # tiles have rivers
    drawn = draw(units, land, frame, borders, shipped=neighbours is None)
    if water is not False:  # as far as a reader can see it, and as fine as the zoom can show
        advice = "Say 'river' or 'lake' in every row, or leave the layer out with False."
        require_columns(water, "waters", ("kind",), advice)
        reach = _padded(frame, _REACH)
        for kind in ("river", "lake"):
            seen = shapely.clip_by_rect(water.geometry[water["kind"] == kind].to_numpy(), *reach)
            thin = shapely.simplify(seen[~shapely.is_empty(seen)], drawn.tolerance * 2)
            drawn.paths[kind] = [text for each in thin for text in _encode_outline(each)]
    if neighbours is None and not online:
        far = shipped_layer("far_context.parquet")  # the sea, and borders beyond neighbours
        for kind, name in (("sea", "sea"), ("border", "far")):
            shapes = far.geometry[far["kind"] == kind]
            drawn.paths[name] = [text for each in shapes for text in _encode_outline(each)]
    named = waters is None and water is not False
    return _Ground(
        drawn,
        _sources(units, land, places, water),
        _meeting_points(units, drawn),
        _label_data(units, land, places, frame, rivers=named),
    )


_shipped_ground = remembered("country", "adm1_id", "source", "licence")(_ground)


def draw(
    units: gpd.GeoDataFrame, around: Layer, frame: Bounds, borders: Layer | None, *, shipped: bool
) -> Layers:
    """Encode the units, and what is drawn as areas or lines whatever the zone."""
    context = gpd.GeoDataFrame({"country": []}, geometry=[], crs=units.crs)
    countries = load_boundaries(level=0) if shipped else None
    if around is not False:
        context = _land_around(units, around, countries)
    drawn = Layers.of(units, context, frame)
    kinds = ["sea" if code == SEA else "land" for code in context["country"]]
    drawn.context = [
        {"kind": kind, "shape": shape} for kind, shape in zip(kinds, drawn.context, strict=True)
    ]
    if borders is False:
        drawn.paths["border"] = []
    elif borders is not None:
        lines = (_encode_outline(line) for line in borders.geometry)
        drawn.paths["border"] = [text for texts in lines for text in texts]
    elif around is not False and countries is not None and not drawn.shared:
        # Edges that do not meet tell neither a border nor a rim; the shipped countries do.
        drawn.paths["outer"] = []
        nothing = units.iloc[:0]
        whole = _land_around(nothing, around, countries)
        drawn.paths["border"] = Layers.of(nothing, whole, frame).paths["border"]
    return drawn


def _land_around(
    units: gpd.GeoDataFrame, neighbours: gpd.GeoDataFrame, countries: gpd.GeoDataFrame | None
) -> gpd.GeoDataFrame:
    """Gather what lies around the units: other countries, and the rest of their own."""
    table = _plain(neighbours)
    if countries is None:
        return table
    rest = _plain(countries)
    covered = joined(units.geometry.to_numpy())
    rest["geometry"] = rest.geometry.difference(covered).map(_areas)
    # below 250 km² it is an edge, not land
    parts = [table, rest[shapely.area(rest.geometry) > 0.02]]
    table = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=units.crs)
    land = joined(np.concatenate([neighbours.geometry.to_numpy(), countries.geometry.to_numpy()]))
    sea = shapely.box(*neighbours.total_bounds).difference(land)
    table.loc[len(table)] = [SEA, _areas(shapely.normalize(sea))]
    return table


def _plain(countries: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    columns = {"country": countries["country"].to_numpy()}
    return gpd.GeoDataFrame(columns, geometry=countries.geometry.to_numpy(), crs=countries.crs)


def _areas(shape: Any) -> Any:
    """Keep the polygons of a mixed collection."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(parts)


def _outline(zone: Any) -> Any:
    """Find the geometry of a zone in whatever form it comes."""
    shape = getattr(zone, "outline", zone)
    if isinstance(shape, gpd.GeoDataFrame | gpd.GeoSeries):
        require_lonlat(shape, "zone")
        shape = shape.geometry.union_all()
    if not hasattr(shape, "geom_type") or shape.geom_type.endswith("Point"):
        raise InputError(
            f"`zone` is a {type(zone).__name__}; expected areas or lines in EPSG:4326. "
            "Pass what sahel_geo.load_zone gives, a GeoDataFrame or a shapely geometry."
        )
    return shape


def _meeting_points(units: gpd.GeoDataFrame, drawn: Layers) -> list[list[float]]:
    """Find where three countries meet, as [lat, lon]; none unless the units share their edges."""
    if "country" not in units or units["country"].nunique() < 3:
        return []
    if not drawn.shared and not is_coverage(units.geometry.to_numpy()):
        return []
    return [[round(row.lat, 4), round(row.lon, 4)] for row in tri_points(units).itertuples()]


def _label_data(
    units: gpd.GeoDataFrame, around: Layer, places: Layer, frame: Bounds, *, rivers: bool
) -> list[dict[str, Any]]:
    """Order the labels: countries mapped, capitals, countries around, waters, towns by rank."""
    wide = _padded(frame, 0.08)
    empty = gpd.GeoDataFrame({"country": []}, geometry=[], crs=units.crs)
    names = _name_labels(units, empty if around is False else around, wide)
    waters = _water_labels(load_water_names(), _padded(frame, 0.3)) if rivers else []
    if places is False:
        return [*names, *waters]
    points = _town_labels(places, _padded(frame, 0.3))
    own = [label for label in names if label["kind"] == "country"]
    others = [label for label in names if label["kind"] != "country"]
    first = [label for label in points if label["zoom"] == 0]
    return [*own, *first, *others, *waters, *(label for label in points if label["zoom"] > 0)]


def _name_labels(
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
        known, plain = spellings(row.get("country")), row.get("name")
        spelt = {lang: row.get(f"name_{lang}") or known.get(lang) for lang in languages()}
        stated = {lang: name for lang, name in spelt.items() if isinstance(name, str)}
        text = wording(stated or (plain if isinstance(plain, str) else ""), "neighbours")
        seen = _areas(shapely.clip_by_rect(row[neighbours.geometry.name], *frame))
        if text and seen.area > 0.004 * (frame[2] - frame[0]) * (frame[3] - frame[1]):
            labels.append(_label(text, "around", seen))
    return labels


def _town_labels(towns: gpd.GeoDataFrame, frame: Bounds) -> list[dict[str, Any]]:
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
            "zoom": _optional(seen, "rank", "region").map(_TOWN_ZOOM).fillna(_TOWN_ZOOM["town"]),
            "abroad": ~_optional(seen, "country", "").isin(COUNTRIES),
            "people": -_optional(seen, "population", 0).fillna(0),
        }
    )
    table.loc[table["zoom"] == 0, "kind"] = "capital"
    table = table.sort_values(["zoom", "abroad", "people"], kind="stable")
    columns = ["text", "kind", "lon", "lat", "zoom"]
    return [{str(key): row[key] for key in columns} for row in table.to_dict("records")]


def _water_labels(names: gpd.GeoDataFrame, frame: Bounds) -> list[dict[str, Any]]:
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


def _optional(frame: gpd.GeoDataFrame, name: str, missing: object) -> pd.Series:
    return frame[name] if name in frame else pd.Series(missing, index=frame.index)


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


def _sources(
    units: gpd.GeoDataFrame, around: Layer, places: Layer, waters: Layer
) -> list[str | dict[str, str]]:
    """Credit the layers of the map, in both languages."""
    listed = [
        ("boundaries", units), ("context", around), ("waters", waters), ("towns", places),
    ]  # fmt: skip
    lines = []
    for key, layer in listed:
        if layer is not False and "source" in layer:
            licences = layer.get("licence", pd.Series(None, index=layer.index))
            pairs = pd.DataFrame({"source": layer["source"], "licence": licences})
            names = [
                f"{row.source} ({row.licence})" if isinstance(row.licence, str) else str(row.source)
                for row in pairs.drop_duplicates().dropna(subset="source").itertuples()
            ]
            credits_ = clean_text("; ".join(names))
            lines.append(
                {
                    lang: f"{PAGE[lang][key]}{PAGE[lang]['colon']}{credit_in(credits_, lang)}."
                    for lang in languages()
                }
            )
    credited = [layer for _, layer in listed if layer is not False and "licence" in layer]
    named = licence_texts(name for layer in credited for name in layer["licence"].unique())
    if named:
        addresses = ", ".join(
            address.removeprefix("https://").rstrip("/") for address in named.values()
        )
        lines.append({lang: f"{PAGE[lang]['licences']}{addresses}." for lang in languages()})
    lines += [{lang: PAGE[lang][key] for lang in languages()} for key in ("software", "disclaimer")]
    return [wording(line, "units") for line in lines]


def _frame_of(units: gpd.GeoDataFrame, fit: gpd.GeoDataFrame | Sequence[float] | None) -> Bounds:
    """Find what the map shows first, in degrees."""
    if isinstance(fit, gpd.GeoDataFrame):
        require_lonlat(fit, "fit")
    bounds = fit.total_bounds if isinstance(fit, gpd.GeoDataFrame) else fit
    values = [float(value) for value in (units.total_bounds if bounds is None else bounds)]
    if len(values) != 4 or not np.isfinite(values).all() or values[:2] >= values[2:]:
        raise InputError(
            f"`fit` is {values}; expected (west, south, east, north) in degrees, or a layer. "
            "Leave it out to show all units."
        )
    west, south, east, north = (round(value, 4) for value in values)
    return west, south, east, north


def _padded(frame: Bounds, share: float) -> Bounds:
    west, south, east, north = frame
    wide, high = (east - west) * share, (north - south) * share
    return west - wide, south - high, east + wide, north + high


def _unit_data(units: gpd.GeoDataFrame, shapes: Sequence[str]) -> dict[str, Any]:
    """Write names, codes, parents, centres and shapes."""
    rows = pd.DataFrame(units.drop(columns=units.geometry.name)).to_dict("records")
    parents: dict[str, dict[str, Any]] = {}
    keys = []
    for row in rows:
        country = row["country"] if isinstance(row.get("country"), str) else None
        entry = {"names": _parents(row), "country": country}
        keys.append(repr(entry))
        parents.setdefault(keys[-1], entry)
    place = {key: at for at, key in enumerate(parents)}
    points = (shape.representative_point() for shape in units.geometry)
    return {
        "id": [clean_text(str(row["unit_id"])) for row in rows],
        "name": [clean_text(str(row["name"])) for row in rows],
        "parent": [place[key] for key in keys],
        "parents": list(parents.values()),
        "centre": encode_line((round(each.x * SCALE), round(each.y * SCALE)) for each in points),
        "shape": list(shapes),
    }


def _parents(row: Mapping[Any, Any]) -> list[str | dict[str, str]]:
    names: list[str | dict[str, str]] = []
    for level in ("adm2", "adm1"):
        parent = row.get(f"{level}_name")
        own = str(row.get(f"{level}_id")) == str(row["unit_id"])
        if isinstance(parent, str) and parent and not own:
            names.append(clean_text(parent))
    country = row.get("country")
    if isinstance(country, str) and row.get("level") != 0:
        names.append(wording(spellings(country) or country, "units"))
    return names


def _max_zoom(tolerance: float) -> int:
    """Tell the zoom beyond which the simplified lines would look false.

    >>> _max_zoom(0.0047)
    10
    """
    degrees_per_pixel = 360 / 256
    zoom = round(np.log2(degrees_per_pixel * 3 / tolerance))
    return int(min(12, max(7, zoom)))


def _encode_outline(outline: Any) -> list[str]:
    """Encode lines, or the boundary of areas."""
    if outline.is_empty:
        return []
    lines = outline.boundary if outline.geom_type.endswith("Polygon") else outline
    merged = shapely.line_merge(lines) if lines.geom_type == "MultiLineString" else lines
    parts = [quantise_line(part.coords) for part in shapely.get_parts(merged)]
    return [encode_line(part) for part in parts if len(part) > 1]
