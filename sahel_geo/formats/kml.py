"""KML and GPX as tables of shapes: placemarks, waypoints and their data, nothing that is linked."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, cast
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sahel_geo.crs import LONLAT
from sahel_geo.errors import FileError, InputError, saying_why
from sahel_geo.formats.geopackage import check_amount
from sahel_geo.formats.jsons import MAX_KEYS

MAX_KML_BYTES: Final = 64 * 1024**2
_MAX_ELEMENTS: Final = 3_000_000
_MAX_DEPTH: Final = 200


def parse_kml(content: bytes, file: Path) -> gpd.GeoDataFrame:
    """Read the placemarks of a KML file, or the waypoints of a GPX; all else is left out."""
    root = _parse(content, file)
    records, shapes = [], []
    kind = "wpt" if _tag(root) == "gpx" else "Placemark"
    for number, mark in enumerate(_all(root, kind), start=1):
        records.append(_record(mark))
        shapes.append(_placed(mark, number, file))
    names = list(dict.fromkeys(name for record in records for name in record))
    check_amount(file, len(records), len(names), 0)
    if len(names) > MAX_KEYS:
        raise FileError(
            "{file!r} has {number:,} different fields; expected at most {most:,}. Cut it.",
            file=str(file),
            number=len(names),
            most=MAX_KEYS,
        )
    columns = {
        name: pd.Series([record.get(name) for record in records], dtype="str") for name in names
    }
    table = pd.DataFrame(columns, index=range(len(records)))
    return gpd.GeoDataFrame(table, geometry=np.array(shapes, dtype=object), crs=LONLAT)


def _parse(content: bytes, file: Path) -> ET.Element:
    with saying_why(
        "{file!r} cannot be read as KML ({why}); expected KML in UTF-8. Export it again.",
        *(ET.ParseError, ValueError, MemoryError, RecursionError),
        width=120,
        file=str(file),
    ):
        text = content.decode("utf-8-sig")
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise ValueError("it declares XML entities of its own")
        if text.count("<") > _MAX_ELEMENTS:
            raise ValueError("it has millions of elements")
        return _built(re.sub(r"^\s*<\?xml[^>]*\?>", "", text, count=1))


def _built(text: str) -> ET.Element:
    """Parse piece by piece, and stop where elements are nested deeper than any KML's."""
    parser: ET.XMLPullParser[Any] = ET.XMLPullParser(("start", "end"))
    depth = 0
    root: ET.Element | None = None
    for at in range(0, len(text), 1 << 16):
        parser.feed(text[at : at + (1 << 16)])
        for event, element in cast("Iterator[tuple[str, ET.Element]]", parser.read_events()):
            root = element if root is None else root
            depth += 1 if event == "start" else -1
            if depth > _MAX_DEPTH:
                raise ValueError("its elements are nested too deep")
    parser.close()
    if root is None:
        raise ValueError("it is empty")
    return root


def _tag(element: ET.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _all(element: ET.Element, tag: str) -> Iterator[ET.Element]:
    return (each for each in element.iter() if _tag(each) == tag)


def _record(mark: ET.Element) -> dict[str, str]:
    record: dict[str, str] = {}
    for child in mark:
        if _tag(child) == "name":
            record["Name"] = (child.text or "").strip()
        elif _tag(child) in {"description", "desc", "cmt"}:
            record["description"] = (child.text or "").strip()
        elif _tag(child) == "time":  # when a receiver stored the waypoint
            record["timestamp"] = (child.text or "").strip()
    for data in _all(mark, "Data"):
        value = next(_all(data, "value"), None)
        record[data.get("name", "")] = ((value.text if value is not None else "") or "").strip()
    for data in _all(mark, "SimpleData"):
        record[data.get("name", "")] = (data.text or "").strip()
    record.pop("", None)
    day = _day(mark)
    if day and not any(name.lower() == "date" for name in record):
        record["date"] = day
    return record


def _day(mark: ET.Element) -> str:
    """Give the day or days of a placemark's own time; that of the view upon it is another."""
    own = [child for child in mark if _tag(child) in {"TimeStamp", "TimeSpan"}]
    entries = {_tag(part): (part.text or "").strip()[:10] for each in own for part in each}
    begin, end = entries.get("begin", ""), entries.get("end", "")
    return entries.get("when", "") or (
        f"{begin}/{end}" if begin and end not in {"", begin} else begin
    )


def _placed(mark: ET.Element, number: int, file: Path) -> Any:
    with saying_why(
        "{file!r} has a broken geometry in placemark {number} ({why}); expected KML. Export it "
        "again.",
        Exception,
        kind=InputError,
        width=100,
        file=str(file),
        number=number,
    ):
        if _tag(mark) == "wpt":
            return shapely.Point(float(mark.get("lon", "")), float(mark.get("lat", "")))
        shapes = [shape for child in mark for shape in _shapes(child)]
        if len(shapes) < 2:
            return shapes[0] if shapes else None
        kinds = {shape.geom_type for shape in shapes}
        kind = kinds.pop() if len(kinds) == 1 else ""
        if kind in {"Point", "LineString", "Polygon"}:
            return getattr(shapely, f"multi{kind.lower()}s")(shapes)
        return shapely.geometrycollections(shapes)


def _shapes(element: ET.Element) -> Iterator[Any]:
    kind = _tag(element)
    if kind == "MultiGeometry":
        for child in element:
            yield from _shapes(child)
    elif kind == "Polygon":
        outer = [_coordinates(ring) for ring in _all(element, "outerBoundaryIs")]
        inner = [_coordinates(ring) for ring in _all(element, "innerBoundaryIs")]
        if outer:
            yield shapely.Polygon(outer[0], inner)
    elif kind in {"Point", "LineString"}:
        places = _coordinates(element)
        if len(places):
            yield shapely.Point(places[0]) if kind == "Point" else shapely.LineString(places)


def _coordinates(element: ET.Element) -> Any:
    text = " ".join(each.text or "" for each in _all(element, "coordinates"))
    tuples = [place.split(",")[:2] for place in re.sub(r"\s*,\s*", ",", text).split()]
    return np.array(tuples, dtype=np.float64).reshape(-1, 2)
