"""What lies on a map beside the units: land around, borders, zone, names, and who to credit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sahel_geo.crs import require_lonlat
from sahel_geo.errors import InputError
from sahel_geo.i18n.countries import spellings
from sahel_geo.i18n.language import languages
from sahel_geo.maps.choropleth import layers
from sahel_geo.maps.choropleth.topology import SCALE, encode_line, quantise_each
from sahel_geo.maps.choropleth.topology import quantise as quantise_line
from sahel_geo.maps.licences import credit_in, licence_texts
from sahel_geo.maps.page.element import clean_text
from sahel_geo.maps.texts import PAGE, Words, wording
from sahel_geo.places.borders import is_coverage, tri_points
from sahel_geo.places.boundaries.boundaries import load_boundaries
from sahel_geo.places.context import (
    load_far_context,
    load_neighbour_countries,
    load_towns,
    load_water_names,
    load_waters,
)

Layer: TypeAlias = gpd.GeoDataFrame | Literal[False]
_REACH: Final = 0.7  # of the width of a map: how far beyond it a reader can move


Uncertain = str | Mapping[str, str] | None


@dataclass(frozen=True)
class Surroundings:
    """What a caller wants around the units; None takes what the package ships, False leaves out.

    neighbours, borders, towns, waters: Countries, lines, points, and rivers with lakes.
    zone: Area or lines to outline.
    zone_label: Its name.
    fit: What the map shows first.
    """

    neighbours: Layer | None
    borders: Layer | None
    towns: Layer | None
    waters: Layer | None
    zone: Any
    zone_label: Words | None
    fit: gpd.GeoDataFrame | Sequence[float] | None


def ground_data(units: gpd.GeoDataFrame, around: Surroundings, *, online: bool) -> dict[str, Any]:
    """Write what lies on the map whatever the indicator: units, lines, names, sources."""
    land = load_neighbour_countries() if around.neighbours is None else around.neighbours
    places = load_towns() if around.towns is None else around.towns
    waters = load_waters() if around.waters is None else around.waters
    waters = False if online and around.waters is None else waters  # tiles have rivers
    waters_named = around.waters is None and waters is not False
    frame = _frame_of(units, around.fit)
    shipped = around.neighbours is None
    drawn = draw(units, land, frame, around.borders, around.zone, shipped=shipped)
    wide = _padded(frame, _REACH)
    if waters is not False:
        _add_waters(drawn, waters, wide)
    if shipped and not online:
        far = load_far_context()
        for kind, name in (("sea", "sea"), ("border", "far")):
            shapes = far.geometry[far["kind"] == kind]
            drawn.paths[name] = [text for each in shapes for text in _encode_outline(each)]
    # List the kinds of line that the map holds, with the name of the zone if it has one.
    named = {lang: getattr(around.zone, f"title_{lang}", None) for lang in languages()}
    titles = {lang: title for lang, title in named.items() if isinstance(title, str)}
    label = (
        wording(around.zone_label or titles, "zone_label") if around.zone_label or titles else None
    )
    kinds = ("zone", "border", "region")
    return {
        "sources": _sources(units, land, places, waters),
        "scale": SCALE,
        "bounds": [[frame[1], frame[0]], [frame[3], frame[2]]],
        "max_zoom": _max_zoom(drawn.tolerance),
        "arcs": drawn.arcs,
        "units": _unit_data(units, drawn.units),
        "paths": drawn.paths,
        "lines": [
            {"kind": kind, "label": label if kind == "zone" else None}
            for kind in kinds
            if drawn.paths[kind]
        ],
        "meeting_points": _meeting_points(units, drawn),
        "labels": _label_data(units, land, places, frame, rivers=waters_named),
        "context": [] if online else drawn.context,
    }


def _add_waters(drawn: layers.Layers, waters: gpd.GeoDataFrame, frame: layers.Bounds) -> None:
    """Add rivers and lakes, as far as a reader can see them and as fine as the zoom can show."""
    if "kind" not in waters:
        raise InputError(
            "`waters` has no column 'kind'; expected 'river' or 'lake' in every row. Add it, or "
            "leave the layer out with False."
        )
    for kind in ("river", "lake"):
        seen = shapely.clip_by_rect(waters.geometry[waters["kind"] == kind].to_numpy(), *frame)
        thin = shapely.simplify(seen[~shapely.is_empty(seen)], drawn.tolerance * 2)
        drawn.paths[kind] = [text for each in thin for text in _encode_outline(each)]


def draw(
    units: gpd.GeoDataFrame,
    around: Layer,
    frame: layers.Bounds,
    borders: Layer | None,
    zone: Any,
    *,
    shipped: bool,
) -> layers.Layers:
    """Encode the units and everything drawn as areas or lines."""
    context = gpd.GeoDataFrame({"country": []}, geometry=[], crs=units.crs)
    countries = load_boundaries(level=0) if shipped else None
    if around is not False:
        context = layers.land_around(units, around, countries)
    drawn = layers.Layers.of(units, context, frame)
    kinds = ["sea" if code == layers.SEA else "land" for code in context["country"]]
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
        whole = layers.land_around(nothing, around, countries)
        drawn.paths["border"] = layers.Layers.of(nothing, whole, frame).paths["border"]
    if zone is not None:
        drawn.paths["zone"] = _encode_outline(_outline(zone))
    return drawn


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


def _meeting_points(units: gpd.GeoDataFrame, drawn: layers.Layers) -> list[list[float]]:
    """Find where three countries meet, as [lat, lon]; none unless the units share their edges."""
    if "country" not in units or units["country"].nunique() < 3:
        return []
    if not drawn.shared and not is_coverage(units.geometry.to_numpy()):
        return []
    return [[round(row.lat, 4), round(row.lon, 4)] for row in tri_points(units).itertuples()]


def _label_data(
    units: gpd.GeoDataFrame,
    around: Layer,
    places: Layer,
    frame: layers.Bounds,
    *,
    rivers: bool = False,
) -> list[dict[str, Any]]:
    """Order the labels: countries mapped, capitals, countries around, waters, towns by rank."""
    wide = _padded(frame, 0.08)
    empty = gpd.GeoDataFrame({"country": []}, geometry=[], crs=units.crs)
    names = layers.name_labels(units, empty if around is False else around, wide)
    waters = layers.water_labels(load_water_names(), _padded(frame, 0.3)) if rivers else []
    if places is False:
        return [*names, *waters]
    points = layers.town_labels(places, _padded(frame, 0.3))
    own = [label for label in names if label["kind"] == "country"]
    others = [label for label in names if label["kind"] != "country"]
    first = [label for label in points if label["zoom"] == 0]
    return [*own, *first, *others, *waters, *(label for label in points if label["zoom"] > 0)]


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
            credits_ = clean_text("; ".join(_credits(layer)))
            lines.append(
                {
                    lang: f"{PAGE[lang][key]}{PAGE[lang]['colon']}{credit_in(credits_, lang)}."
                    for lang in languages()
                }
            )
    credited = [layer for _, layer in listed if layer is not False and "licence" in layer]
    named = licence_texts(name for layer in credited for name in layer["licence"].unique())
    if named:
        told = ", ".join(address.removeprefix("https://").rstrip("/") for address in named.values())
        lines.append({lang: f"{PAGE[lang]['licences']}{told}." for lang in languages()})
    lines += [{lang: PAGE[lang][key] for lang in languages()} for key in ("software", "disclaimer")]
    return [wording(line, "units") for line in lines]


def _credits(layer: gpd.GeoDataFrame) -> list[str]:
    licences = layer["licence"] if "licence" in layer else pd.Series(None, index=layer.index)
    pairs = pd.DataFrame({"source": layer["source"], "licence": licences}).drop_duplicates()
    return [
        f"{row.source} ({row.licence})" if isinstance(row.licence, str) else str(row.source)
        for row in pairs.dropna(subset="source").itertuples()
    ]


def _frame_of(
    units: gpd.GeoDataFrame, fit: gpd.GeoDataFrame | Sequence[float] | None
) -> layers.Bounds:
    """Find what the map shows first, in degrees."""
    if isinstance(fit, gpd.GeoDataFrame):
        require_lonlat(fit, "fit")
    shown = fit.total_bounds if isinstance(fit, gpd.GeoDataFrame) else fit
    values = [float(value) for value in (units.total_bounds if shown is None else shown)]
    if len(values) != 4 or not np.isfinite(values).all() or values[:2] >= values[2:]:
        raise InputError(
            f"`fit` is {values}; expected (west, south, east, north) in degrees, or a layer. "
            "Leave it out to show all units."
        )
    west, south, east, north = (round(value, 4) for value in values)
    return west, south, east, north


def _padded(frame: layers.Bounds, share: float) -> layers.Bounds:
    west, south, east, north = frame
    wide, high = (east - west) * share, (north - south) * share
    return west - wide, south - high, east + wide, north + high


def _unit_data(units: gpd.GeoDataFrame, shapes: Sequence[str]) -> dict[str, Any]:
    """Write names, codes, parents, centres and shapes."""
    rows = pd.DataFrame(units.drop(columns=units.geometry.name)).to_dict("records")
    groups: dict[str, int] = {}
    parents: list[dict[str, Any]] = []
    parent = []
    for row in rows:
        names, country = _parents(row), row.get("country")
        key = repr((names, country))
        if key not in groups:
            groups[key] = len(parents)
            parents.append(
                {"names": names, "country": country if isinstance(country, str) else None}
            )
        parent.append(groups[key])
    points = (shape.representative_point() for shape in units.geometry)
    return {
        "id": [clean_text(str(row["unit_id"])) for row in rows],
        "name": [clean_text(str(row["name"])) for row in rows],
        "parent": parent,
        "parents": parents,
        "centre": encode_line(quantise_each([(point.x, point.y) for point in points])),
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
