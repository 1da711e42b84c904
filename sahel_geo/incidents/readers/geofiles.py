"""GeoJSON, records in JSON, and Parquet: containers with types or geometries of their own."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from sahel_geo.crs import LONLAT
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.formats.arrow import arrow_crs, read_table
from sahel_geo.formats.jsons import MAX_JSON_BYTES, check_cells, parse_json
from sahel_geo.formats.offline import in_degrees, plain_crs, stated_crs
from sahel_geo.formats.proof import read_bytes
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.readers.raw import RAW_TEXT, RawTable
from sahel_geo.incidents.reasons import NOT_A_POINT

_LONLAT_NAMES: Final = ("CRS84", "EPSG::4326", "EPSG:4326")


def read_geojson(path: Path) -> RawTable:
    """Read a GeoJSON feature collection of points, or a list of records as an API answers it."""
    content: Any = json_lines(path) or parse_json(read_bytes(path, MAX_JSON_BYTES), path)
    kind = content.get("type") if isinstance(content, dict) else None
    if kind in ("FeatureCollection", "Feature"):
        _check_geojson_crs(content, path.name)
        features = content.get("features") if kind == "FeatureCollection" else [content]
        return _from_features(features, path.name)
    if isinstance(content, dict) and "features" in content and "geometryType" in content:
        return _from_esri(content, path.name)
    if isinstance(content, list) and content and all(_is_feature(each) for each in content):
        return _from_features(content, path.name)
    records = content
    if isinstance(content, dict):
        lists = (content.get(key) for key in _LISTS)
        records = next((entries for entries in lists if isinstance(entries, list)), None)
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise InputError(
            "{name!r} is JSON without features or records; expected a GeoJSON feature "
            "collection of points, or a list of objects with a date and a place.",
            name=path.name,
        )
    return _from_records(records, "json", path.name)


_LISTS: Final = ("data", "Result", "result", "results", "records", "value", "items", "rows")
_MERCATOR: Final = (102100, 102113, 3857)


def json_lines(path: Path) -> list[Any] | None:
    """Read a file with one JSON object a line, or a GeoJSON sequence; None for any other JSON."""
    lines = read_bytes(path, MAX_JSON_BYTES).removeprefix(b"\xef\xbb\xbf").splitlines()
    stated = [line.strip(b"\x1e \t,") for line in lines if line.strip(b"\x1e \t,")]
    if len(stated) < 2 and not (stated and lines[0].startswith(b"\x1e")):
        return None
    if not all(line.startswith(b"{") and line.endswith(b"}") for line in stated):
        return None
    return [parse_json(line, path) for line in stated]


def _is_feature(value: object) -> bool:
    return isinstance(value, dict) and value.get("type") == "Feature" and "geometry" in value


def _from_esri(content: Mapping[str, Any], name: str) -> RawTable:
    """Read what a feature service of ArcGIS answers: attributes, and points as x and y."""
    features = content.get("features")
    reference = content.get("spatialReference")
    stated = reference if isinstance(reference, dict) else {}
    wkid = stated.get("latestWkid") or stated.get("wkid")
    wkt = None if wkid else stated.get("wkt")
    if not isinstance(features, list) or not all(isinstance(each, dict) for each in features):
        raise InputError("{name!r} has no list of features; expected GeoJSON points.", name=name)
    points = [_esri_point(feature.get("geometry")) for feature in features]
    try:
        code = 3857 if wkid in _MERCATOR else int(wkid or 4326)
        crs = CRS.from_wkt(str(wkt)) if wkt else CRS.from_epsg(code)
    except (CRSError, TypeError, ValueError) as error:
        raise _not_in_degrees(name, str(wkt or wkid)) from error
    if not crs.equals(LONLAT, ignore_axis_order=True):
        plain_crs(crs, name)
        turn = Transformer.from_crs(crs, LONLAT, always_xy=True)
        points = [None if point is None else turn.transform(*point) for point in points]
    records = [
        dict(feature.get("attributes") or {})
        | ({} if point is None else {"lon": point[0], "lat": point[1]})
        for feature, point in zip(features, points, strict=True)
    ]
    return _from_records(records, "geojson", name)


def _esri_point(geometry: Any) -> tuple[float, float] | None:
    x, y = (geometry.get("x"), geometry.get("y")) if isinstance(geometry, dict) else (None, None)
    if not isinstance(x, int | float) or not isinstance(y, int | float):
        return None
    return float(x), float(y)


def _check_geojson_crs(content: Mapping[str, Any], name: str) -> None:
    stated = content.get("crs")
    properties = stated.get("properties") if isinstance(stated, dict) else None
    about = properties if isinstance(properties, dict) else {}
    code = f"EPSG:{about['code']}" if "code" in about else json.dumps(stated)
    label = str(about.get("name") or code)
    if stated is not None and not label.endswith(_LONLAT_NAMES):
        raise _not_in_degrees(name, label)


def _not_in_degrees(name: str, label: str) -> InputError:
    return InputError(
        "{name!r} is in {label!r}; expected WGS 84 (lon, lat in degrees). Reproject it to "
        "EPSG:4326 first.",
        name=name,
        label=label[:80],
    )


def _from_features(features: Any, name: str) -> RawTable:
    if not isinstance(features, list):
        raise InputError("{name!r} has no list of features; expected GeoJSON points.", name=name)
    records, rejected = [], []
    for number, feature in enumerate(features, start=1):
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        properties = feature.get("properties") if isinstance(feature, dict) else None
        record = dict(properties) if isinstance(properties, dict) else {}
        point, kind = _point(geometry)
        if kind is None:
            records.append(record | point)
        else:
            records.append({})
            detail = Sentence("the geometry is a {kind}", kind=kind[:40])
            rejected.append((number, NOT_A_POINT, detail, _flat(record)))
    shapes = {detail.parts["kind"] for _, _, detail, _ in rejected}
    if rejected and len(rejected) == len(features) and shapes <= {"Polygon", "MultiPolygon"}:
        refuse_shapes(name, min(shapes))
    table = _from_records(records, "geojson", name)
    names = table.names
    table.rejected = [
        (number, code, detail, [_json_text(record.get(name)) or "" for name in names])
        for number, code, detail, record in rejected
    ]
    return table


def refuse_shapes(name: str, kind: str) -> NoReturn:
    """Refuse a layer without a point, and say what reads areas."""
    raise InputError(
        "{name!r} holds shapes of kind {kind}, and no points of incidents; expected points. Areas "
        "are read with sg.read_boundaries and looked at with sahel-geo boundaries check.",
        name=name,
        kind=kind,
    )


def _point(geometry: Any) -> tuple[dict[str, Any], str | None]:
    """Longitude and latitude of a geometry, or what it is instead of a point."""
    if geometry is None:
        return {}, None
    kind = str(geometry.get("type")) if isinstance(geometry, dict) else "broken geometry"
    place = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if kind == "MultiPoint" and isinstance(place, list) and len(place) == 1:
        kind, place = "Point", place[0]
    if kind != "Point" or not isinstance(place, list) or len(place) not in {0, 2, 3, 4}:
        return {}, kind if kind != "Point" else "broken point"
    return ({"lon": place[0], "lat": place[1]} if place else {}), None


def _from_records(records: Sequence[Mapping[str, Any]], container: str, name: str) -> RawTable:
    records = [_flat(record) for record in records]
    names = list(dict.fromkeys(str(key) for record in records for key in record))
    check_cells(Path(name), len(names), len(records))
    frame = pd.DataFrame(
        {
            name: pd.array([_json_text(record.get(name)) for record in records], dtype=RAW_TEXT)
            for name in names
        },
        index=range(len(records)),
    )
    return RawTable(frame, np.arange(1, len(records) + 1, dtype=np.int64), container)


def _flat(record: Mapping[str, Any], depth: int = 3) -> Mapping[str, Any]:
    """Give what an object inside a record holds fields of their own, such as ``location.lat``."""
    if not depth or not any(_is_group(value) for value in record.values()):
        return record
    flat: dict[str, Any] = {}
    for key, value in record.items():
        inner = _flat(value, depth - 1) if _is_group(value) else None
        flat |= {key: value} if inner is None else {f"{key}.{name}": inner[name] for name in inner}
    return flat


def _is_group(value: object) -> bool:
    """Whether a value is an object of a few fields, and no geometry."""
    return isinstance(value, dict) and 0 < len(value) <= 50 and "coordinates" not in value


def _json_text(value: object) -> str | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def read_parquet(path: Path) -> RawTable:
    """Read a Parquet, GeoParquet or Feather file with its own types."""
    arrow = read_table(path)
    columns: dict[str, Any] = {}
    skipped = []
    geometry, stated = _geometry_column(arrow)
    crs = None if stated is None else stated_crs(stated, path)
    for column, values in zip(arrow.column_names, arrow.columns, strict=True):
        if column == geometry:
            columns |= _coordinates(values, crs)
        elif (series := _typed(values)) is None:
            skipped.append(column)
        else:
            columns.setdefault(column, series)
    frame = pd.DataFrame(columns, index=range(arrow.num_rows))
    table = RawTable(frame, np.arange(2, arrow.num_rows + 2), "parquet")
    if skipped:
        examples = first_offenders(skipped)
        table.notes.append(
            Sentence("nested or binary columns are not read: {shown}", shown=examples)
        )
    if crs is not None and not in_degrees(crs):
        table.notes.append(Sentence("points are reprojected from {crs} to degrees", crs=crs.name))
    return table


def _typed(values: pa.ChunkedArray) -> "pd.Series[Any] | None":
    """Convert an Arrow column; None for what cannot be a cell of a table."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    series: pd.Series[Any]
    if str(kind) in {"string", "large_string", "string_view"}:
        series = values.cast(pa.string()).to_pandas(types_mapper={pa.string(): RAW_TEXT}.get)
        return series.mask((series.str.strip() == "").fillna(False).astype(bool))
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        zone = getattr(kind, "tz", None)
        return pd.Series(values.cast(pa.timestamp("us", tz=zone), safe=False).to_pandas())
    if pa.types.is_decimal(kind):
        values = values.cast(pa.float64())
    elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)):
        return None
    return pd.Series(values.to_pandas())


def _geometry_column(arrow: pa.Table) -> tuple[str | None, Any]:
    """Name the column of points and the system it states: GeoParquet, GeoArrow, plain WKB."""
    try:
        metadata = json.loads((arrow.schema.metadata or {}).get(b"geo", b"null"))
        column = metadata["primary_column"] if metadata else None
        if column in arrow.column_names:
            return str(column), metadata["columns"][column].get("crs")
    except (ValueError, KeyError, TypeError, AttributeError):
        return None, None
    for field, values in zip(arrow.schema, arrow.columns, strict=True):
        if _holds_points(values):
            return str(field.name), arrow_crs(field)
    return None, None


_POINT_BYTES: Final = (b"\x01\x01\x00\x00\x00", b"\x00\x00\x00\x00\x01")  # how WKB begins


def _holds_points(values: pa.ChunkedArray) -> bool:
    """Whether a column holds points in WKB or as pairs of x and y."""
    kind = values.type
    if pa.types.is_struct(kind):
        return {"x", "y"} <= {field.name for field in kind}
    if not (pa.types.is_binary(kind) or pa.types.is_large_binary(kind)):
        return False
    first = next((value.as_py() for value in values.drop_null()[:1]), None)
    return isinstance(first, bytes) and first.startswith(_POINT_BYTES)


def _coordinates(values: pa.ChunkedArray, crs: CRS | None) -> dict[str, Any]:
    """Give points as ``lon`` and ``lat`` in degrees."""
    kind = values.type
    if pa.types.is_struct(kind) and {"x", "y"} <= {field.name for field in kind}:
        whole = values.combine_chunks()
        pairs = [np.asarray(pc.struct_field(whole, name), dtype=float) for name in ("x", "y")]
    elif pa.types.is_fixed_size_list(kind) or pa.types.is_list(kind):
        places = values.to_pylist()
        pairs = [
            np.array([np.nan if each is None else each[at] for each in places]) for at in (0, 1)
        ]
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        shapes = np.asarray(shapely.from_wkb(values.to_numpy(), on_invalid="ignore"), dtype=object)
        pairs = [shapely.get_x(shapes), shapely.get_y(shapes)]
    else:
        return {}
    if crs is not None and not in_degrees(crs):
        turn = Transformer.from_crs(crs, LONLAT, always_xy=True)
        pairs = list(turn.transform(pairs[0], pairs[1]))
    return {"lon": pd.Series(pairs[0]), "lat": pd.Series(pairs[1])}
