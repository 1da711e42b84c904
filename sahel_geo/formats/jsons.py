"""JSON within bounds of memory, and GeoJSON as a table of shapes without asking GDAL."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from sahel_geo.crs import LONLAT
from sahel_geo.errors import CrsError, FileError, InputError, saying_why
from sahel_geo.formats.geopackage import MAX_CELLS
from sahel_geo.formats.offline import plain_crs

MAX_JSON_BYTES: Final = 128 * 1024**2
MAX_KEYS: Final = 2_000
_MAX_MEMORY: Final = 900 * 1024**2
# What Python keeps, at most, for each of these letters of a JSON text.
_COST: Final = {b"{": 200, b"[": 60, b",": 34, b'"': 30}
_CRS_NAME: Final = re.compile(
    r"(?:urn:(?:x-)?ogc:def:crs:)?(OGC|EPSG):[\w.]*:?(CRS84|\d{4,6})", re.IGNORECASE
)
_UNSTATED: Final = object()
_SHAPES: Final = (
    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon",
    "GeometryCollection",
)  # fmt: skip


def parse_json(content: bytes, file: Path) -> Any:
    """Parse JSON whose content is small enough; see `load_json`."""
    check_memory(file, content)
    with saying_why(
        "{name!r} begins as JSON but cannot be read ({why}). It may be cut short: export or "
        "download it again.",
        *(ValueError, RecursionError, MemoryError),
        width=120,
        name=file.name,
    ):
        return json.loads(content.decode("utf-8-sig"))


def check_memory(file: Path, content: bytes) -> None:
    """Refuse JSON whose objects would take too much memory, before any is made."""
    cost = sum(content.count(letter) * each for letter, each in _COST.items())
    wide = 4 if _above(content, 0xF0) else 2 if _above(content, 0xC4) else 1
    if cost + wide * len(content) > _MAX_MEMORY:
        raise FileError(
            "{name!r} would take {size:,} MB of memory; expected at most {most:,}. Convert it to "
            "a GeoPackage, Parquet or CSV.",
            name=file.name,
            size=(cost + wide * len(content)) // 1024**2,
            most=_MAX_MEMORY // 1024**2,
        )


def _above(content: bytes, byte: int) -> bool:
    """Whether UTF-8 text has bytes from here on, which widen every letter of a string."""
    return bool(content.translate(None, bytes(range(byte))))


def parse_geojson(content: bytes, file: Path) -> gpd.GeoDataFrame:
    """Read GeoJSON: a collection of features, one feature, or a bare geometry."""
    whole = parse_json(content, file)
    kind = whole.get("type") if isinstance(whole, dict) else None
    features = whole.get("features") if kind == "FeatureCollection" else None
    if kind == "Feature":
        features = [whole]
    elif kind in _SHAPES:
        features = [{"geometry": whole}]
    if not isinstance(features, list):
        raise InputError(
            "{file!r} is JSON without features; expected GeoJSON. Save the layer as GeoJSON or "
            "as a GeoPackage.",
            file=str(file),
        )
    crs = _stated_crs(whole.get("crs", _UNSTATED), file)
    records = [_record(feature) for feature in features]
    names = list(dict.fromkeys(name for record in records for name in record))
    check_cells(file, len(names), len(records))
    columns = {name: _column([_cell(record.get(name)) for record in records]) for name in names}
    table = pd.DataFrame(columns, index=range(len(records)))
    shapes = [
        _shape(feature.get("geometry") if isinstance(feature, dict) else None, number, file)
        for number, feature in enumerate(features, start=1)
    ]
    return gpd.GeoDataFrame(table, geometry=np.array(shapes, dtype=object), crs=crs)


def _stated_crs(stated: Any, file: Path) -> CRS | None:
    """Give the CRS that a GeoJSON names by its code; links are never followed."""
    if stated is _UNSTATED:
        return LONLAT
    if stated is None:
        return None
    kind = stated.get("type") if isinstance(stated, dict) else None
    properties = stated.get("properties") if isinstance(stated, dict) else None
    about = properties if isinstance(properties, dict) else {}
    name = about.get("name") if kind == "name" else f"EPSG:{about.get('code')}"
    code = _CRS_NAME.fullmatch(str(name)) if kind in {"name", "EPSG"} else None
    if code is None:
        raise CrsError(
            "{file!r} states its coordinate reference system as {stated!r}; expected the name of "
            "a code, such as EPSG:4326: links are not followed. Save it again in EPSG:4326.",
            file=str(file),
            stated=json.dumps(stated)[:80],
        )
    with saying_why(
        "{file!r} is in {code!r}, which is no known coordinate reference system; expected a code "
        "of EPSG. Save it again in EPSG:4326.",
        CRSError,
        kind=CrsError,
        file=str(file),
        code=code[0],
    ):
        known = LONLAT if code[2].upper() == "CRS84" else CRS.from_epsg(int(code[2]))
    plain_crs(known, file)
    return known


def _record(feature: Any) -> Mapping[str, Any]:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    record = properties if isinstance(properties, dict) else {}
    if isinstance(feature, dict) and "id" in feature and "id" not in record:
        record = {"id": feature["id"], **record}
    return flattened(record)


def flattened(record: Mapping[str, Any], depth: int = 3) -> Mapping[str, Any]:
    """Give what an object inside a record holds fields of their own, such as ``location.lat``."""
    if not depth or not any(_is_group(value) for value in record.values()):
        return record
    flat: dict[str, Any] = {}
    for key, value in record.items():
        inner = flattened(value, depth - 1) if _is_group(value) else None
        flat |= {key: value} if inner is None else {f"{key}.{name}": inner[name] for name in inner}
    return flat


def _is_group(value: object) -> bool:
    """Whether a value is an object of a few fields, and no geometry."""
    return isinstance(value, dict) and 0 < len(value) <= 50 and "coordinates" not in value


def check_cells(file: Path, keys: int, rows: int) -> None:
    """Refuse objects whose keys differ so much that a table of them would be mostly empty."""
    if keys > MAX_KEYS or keys * rows > MAX_CELLS:
        raise FileError(
            "{file!r} has {keys:,} different properties in {features:,} features; expected at "
            "most {max_keys:,} and {max_cells:,} cells. Keep the columns that are needed.",
            file=str(file),
            keys=keys,
            features=rows,
            max_keys=MAX_KEYS,
            max_cells=MAX_CELLS,
        )


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _column(values: list[Any]) -> "pd.Series[Any]":
    """Give text and numbers a type; whole numbers with gaps stay as they are, since codes are."""
    kinds = {type(value) for value in values}
    if kinds <= {str, type(None)}:
        return pd.Series(values, dtype="str")
    if kinds <= {float, int, type(None)} and float in kinds:
        return pd.Series(values, dtype="float64")
    whole = kinds == {int} and all(abs(value) < 2**63 for value in values)
    return pd.Series(values, dtype="int64" if whole else object)


def _shape(geometry: Any, number: int, file: Path) -> Any:
    if geometry is None:
        return None
    with saying_why(
        "{file!r} has a broken geometry in feature {number} ({why}); expected GeoJSON. Save it "
        "again.",
        Exception,
        kind=InputError,
        width=100,
        file=str(file),
        number=number,
    ):
        if not isinstance(geometry, dict) or geometry.get("type") not in _SHAPES:
            raise ValueError("no geometry")  # one message for all
        return shapely.geometry.shape(geometry)
