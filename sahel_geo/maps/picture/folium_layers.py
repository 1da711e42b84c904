"""Layers that users added to a map, read as marks that a picture can draw.

Only what looks the same without a browser is read. Everything else is named, since a reader who
does not see a layer would believe that there is nothing.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import folium
import numpy as np
from branca.element import Element
from folium.plugins import FeatureGroupSubGroup, MarkerCluster
from folium.raster_layers import ImageOverlay, TileLayer
from folium.vector_layers import Circle, CircleMarker, Polygon, PolyLine, Rectangle
from PIL import ImageColor

from sahel_geo.crs import WGS84
from sahel_geo.maps.page.element import PageElement
from sahel_geo.maps.picture.marks import (
    PIN_BLUE,
    PIN_COLOURS,
    Dot,
    Image,
    Mark,
    Paint,
    Pin,
    Shape,
    Style,
)

# What answers to a pointer or a key, or says where the page opens: nothing to see on paper.
_UNSEEN: Final = (
    folium.LayerControl, folium.Popup, folium.FitBounds, folium.map.FitOverlays,
    folium.ClickForLatLng, folium.ClickForMarker, folium.LatLngPopup, folium.GeoJsonTooltip,
    folium.GeoJsonPopup, folium.Icon, folium.plugins.Fullscreen, folium.plugins.MousePosition,
    folium.plugins.MeasureControl, folium.plugins.MiniMap, folium.plugins.LocateControl,
    folium.plugins.ScrollZoomToggler, folium.plugins.Draw, folium.plugins.Search,
    folium.plugins.Geocoder, folium.plugins.GroupedLayerControl, folium.plugins.TreeLayerControl,
)  # fmt: skip
_GROUPS: Final = (FeatureGroupSubGroup, MarkerCluster)
_RANDOM: Final = re.compile(r"_[0-9a-f]{32}\Z")
_AREAS: Final = ("Polygon", "MultiPolygon")
_LINES: Final = ("LineString", "MultiLineString")


LEAFLET_BLUE: Final = "#3388ff"
_WITH_ALPHA: Final = re.compile(r"rgba\(([\d.]+)[, ]+([\d.]+)[, ]+([\d.]+)[,/ ]+([\d.]+)\)")
_NUMBER: Final = re.compile(r"[\d.]+")
_VERTICES: Final = 90  # of a circle


class _UnreadableError(Exception):
    """What a picture cannot show, by name."""


def _children(element: Element) -> Iterator[Any]:
    yield from element._children.values()  # noqa: SLF001


def _name_of(element: Any) -> str:
    """Name a layer by its kind, and by its own name if it has one."""
    kind = type(element).__name__
    own = _own_name(element)
    icon = getattr(element, "icon", None)
    if isinstance(element, folium.Marker) and icon is not None:
        return f"{kind} ({type(icon).__name__})"
    return f"{kind} ({own})" if own else kind


def _own_name(element: Any) -> str:
    """Give the name that a user gave, not the random one of folium."""
    name = str(getattr(element, "layer_name", None) or "")
    return "" if _RANDOM.search(name) else name


def _marks(element: Any) -> Iterator[Mark]:
    """Read one layer; only the classes whose look is known, not those made from them."""
    kind = type(element)
    if kind in (PolyLine, Polygon, Rectangle):
        yield _path(element)
    elif kind in (Circle, CircleMarker, folium.Marker):
        lat, lon = element.location
        yield _placed(element, float(lon), float(lat), {})
    elif kind is folium.GeoJson:
        yield from _geojson(element)
    elif kind is ImageOverlay and str(element.url).startswith("data:image/"):
        yield Image(str(element.url), element.bounds, float(element.options.get("opacity", 1.0)))
    else:
        raise _UnreadableError


def _path(element: Any) -> Shape:
    style = _style_of(element.options, fills=False)
    if isinstance(element, Rectangle):
        (south, west), (north, east) = element.locations
        corners = [(west, south), (west, north), (east, north), (east, south), (west, south)]
        return Shape((np.asarray(corners, dtype=np.float64),), True, style)
    rings = tuple(
        np.asarray([point[:2] for point in part], dtype=np.float64)[:, ::-1]
        for part in _lists_of_points(element.locations)
    )
    if isinstance(element, Polygon):
        return Shape(tuple(np.vstack([ring, ring[:1]]) for ring in rings), True, style)
    return Shape(rings, style.fill is not None, style)


def _lists_of_points(nested: Any) -> Iterator[Any]:
    """Walk down to the lists of points, however deep they lie."""
    if len(nested) and np.isscalar(nested[0][0]):
        yield nested
    else:
        for part in nested:
            yield from _lists_of_points(part)


def _placed(element: Any, lon: float, lat: float, style: Mapping[str, Any]) -> Mark:
    """Read a marker or a circle at a place."""
    options = {**element.options, **style}
    if type(element) is Circle:
        # Draw a circle on the ground.
        ways = np.linspace(0, 360, _VERTICES + 1)
        same = np.ones_like(ways)
        lons, lats, _ = WGS84.fwd(
            lon * same, lat * same, ways, float(options.get("radius", 50)) * same
        )
        return Shape((np.column_stack([lons, lats]),), True, _style_of(options, fills=True))
    if type(element) is CircleMarker:
        radius = float(options.get("radius", 10))
        return Dot(lon, lat, radius, _style_of(options, fills=True))
    icon = element.icon
    if type(element) is not folium.Marker or not (icon is None or type(icon) is folium.Icon):
        raise _UnreadableError
    if icon is None:
        return Pin(lon, lat, PIN_BLUE)
    # folium before 0.19 names its options as JavaScript does
    name = icon.options.get("marker_color") or icon.options.get("markerColor") or "blue"
    return Pin(lon, lat, PIN_COLOURS[str(name)])


def _geojson(layer: folium.GeoJson) -> Iterator[Mark]:
    data: Any = layer.data
    for feature in data["features"] if data["type"] == "FeatureCollection" else [data]:
        is_feature = feature.get("type") == "Feature"
        whole = feature if is_feature else {"type": "Feature", "geometry": feature}
        if whole["geometry"] is None:
            continue
        own = (whole.get("properties") or {}).get("style") or {}
        style = layer.style_function(whole) if layer.style else own
        yield from _geometry(layer, whole["geometry"], style)


def _geometry(
    layer: folium.GeoJson, geometry: Mapping[str, Any], style: Mapping[str, Any]
) -> Iterator[Mark]:
    kind = geometry["type"]
    if kind == "GeometryCollection":
        for part in geometry["geometries"]:
            yield from _geometry(layer, part, style)
        return
    places = geometry["coordinates"]
    parts = places if kind.startswith("Multi") else [places]
    if kind in _AREAS:
        for rings in parts:
            shape = tuple(_ring(ring) for ring in rings)
            if shape:
                yield Shape(shape, True, _style_of(style, fills=True))
    elif kind in _LINES:
        look = _style_of(style, fills=False)
        yield Shape(tuple(_ring(line) for line in parts), look.fill is not None, look)
    else:
        marker = layer.marker or folium.Marker()
        for lon, lat, *_ in parts:
            yield _placed(marker, float(lon), float(lat), style)


def _ring(points: Any) -> Any:
    return np.asarray([point[:2] for point in points], dtype=np.float64)


def _paint_of(colour: object, opacity: object) -> Paint | None:
    """Read a colour of CSS.

    >>> _paint_of("#f00", 0.5), _paint_of("none", 1)
    ((1.0, 0.0, 0.0, 0.5), None)
    """
    text = str(colour).strip().lower()
    if text in ("none", "transparent"):
        return None
    share = float(str(opacity))
    match = _WITH_ALPHA.fullmatch(text)
    if match:
        *channels, alpha = (float(each) for each in match.groups())
        rgb = [channel / 255 for channel in channels]
        return (rgb[0], rgb[1], rgb[2], alpha * share)
    channels = [channel / 255 for channel in ImageColor.getrgb(text)]
    alpha = channels[3] if len(channels) == 4 else 1.0
    return (channels[0], channels[1], channels[2], alpha * share)


def _style_of(options: Mapping[str, Any], *, fills: bool) -> Style:
    """Read the options of a path of Leaflet."""
    given = {name: value for name, value in options.items() if value is not None}
    colour = given.get("color", LEAFLET_BLUE)
    fill = None
    if given.get("fill", fills):
        fill = _paint_of(given.get("fillColor") or colour, given.get("fillOpacity", 0.2))
    width = float(given.get("weight", 3))
    stroke = None
    if given.get("stroke", True) and width > 0:
        stroke = _paint_of(colour, given.get("opacity", 1))
    dash = tuple(float(each) for each in _NUMBER.findall(str(given.get("dashArray", ""))))
    return Style(stroke, fill, width, dash * 2 if len(dash) % 2 else dash)


@dataclass
class UserLayers:
    """What was added to a map."""

    marks: list[Mark] = field(default_factory=list)  # in the order of the page
    # layers with a name of their own, each with its first mark, for the legend
    named: list[tuple[str, Mark]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)  # what a picture cannot show
    # those of them that hold something to see, so that the picture must say so itself
    telling: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, m: folium.Map) -> "UserLayers":
        """Read what was added to a map beside the page itself."""
        layers = cls()
        for child in _children(m):
            if isinstance(child, PageElement):
                continue
            before = len(layers.marks)
            layers._read(child)
            name = _own_name(child)
            if name and len(layers.marks) > before:
                layers.named.append((name, layers.marks[before]))
        return layers

    def _read(self, element: Any) -> None:
        """Read a layer and what it holds."""
        if isinstance(element, _UNSEEN) or not getattr(element, "show", True):
            return
        if isinstance(element, TileLayer):
            self.left_out.append(_name_of(element))
            return
        if isinstance(element, folium.FeatureGroup) or type(element) in _GROUPS:
            for child in _children(element):
                self._read(child)
            return
        try:
            marks = list(_marks(element))
        except (_UnreadableError, ValueError, TypeError, KeyError, IndexError):
            self._leave_out(_name_of(element))
            return
        self.marks.extend(marks)
        for child in _children(element):
            # Name what hangs on a mark and can be seen without a pointer.
            if isinstance(child, folium.Tooltip) and child.options.get("permanent"):
                self._leave_out("Tooltip")
            icon = child.options.get("icon") if isinstance(child, folium.Icon) else None
            if icon not in (None, "", "circle") and f"Icon {icon}" not in self.left_out:
                self.left_out.append(f"Icon {icon}")

    def _leave_out(self, name: str) -> None:
        if name not in self.left_out:
            self.left_out.append(name)
            self.telling.append(name)
