"""GeoJSON, records in JSON, and Parquet: containers with types or geometries of their own."""

import codecs
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
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
from sahel_geo.formats.jsons import MAX_JSON_BYTES, check_cells, flattened, parse_json
from sahel_geo.formats.offline import in_degrees, plain_crs, stated_crs
from sahel_geo.formats.proof import read_bytes
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.columns.names import header_score
from sahel_geo.incidents.readers.raw import RAW_TEXT, RawTable
from sahel_geo.incidents.reasons import NOT_A_POINT

_LONLAT_NAMES: Final = ("CRS84", "EPSG::4326", "EPSG:4326")


def read_geojson(path: Path) -> RawTable:
    """Read a GeoJSON feature collection of points, or a list of records as an API answers it."""
    text = _utf8(read_bytes(path, MAX_JSON_BYTES))
    content: Any = _json_lines(text, path) or parse_json(text, path)
    kind = content.get("type") if isinstance(content, dict) else None
    if kind in ("FeatureCollection", "Feature"):
        _check_geojson_crs(content, path.name)
        features = content.get("features") if kind == "FeatureCollection" else [content]
        return _from_features(features, path.name)
    if isinstance(content, dict) and "features" in content and "geometryType" in content:
        return _from_esri(content, path.name)
    if isinstance(content, list) and content and all(_is_feature(each) for each in content):
        return _from_features(content, path.name)
    records = _find_records(content)
    if records is None:
        _refuse_answer(content, path.name)
        raise InputError(
            "{name!r} is JSON without features or records; expected a GeoJSON feature "
            "collection of points, or a list of objects with a date and a place.",
            name=path.name,
        )
    table = _from_records(records, "json", path.name)
    table.notes += _cut_short(content, len(records))
    return table


_LISTS: Final = ("data", "Result", "result", "results", "records", "value", "items", "rows")
_MERCATOR: Final = (102100, 102113, 3857)
_TOTALS: Final = ("TotalCount", "total", "totalCount", "total_count", "count", "numberMatched")
_NEXT: Final = ("NextPageUrl", "next", "exceededTransferLimit")


def _utf8(text: bytes) -> bytes:
    """Give JSON that a program of Windows wrote in UTF-16 in UTF-8."""
    if text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = text.decode("utf-16", "replace").encode()
    return text.removeprefix(codecs.BOM_UTF8)


def _find_records(content: Any) -> list[dict[str, Any]] | None:
    """Find the rows of a table in JSON, whichever way they are laid out; None where none are.

    >>> _find_records([["date", "lieu"], ["2025-03-12", "Gao"]])
    [{'date': '2025-03-12', 'lieu': 'Gao'}]
    >>> _find_records({"n": 1, "result": {"date": {"0": "2025-03-12"}, "lieu": {"0": "Gao"}}})
    [{'date': '2025-03-12', 'lieu': 'Gao'}]
    """
    if not isinstance(content, dict) or content.keys() == {"error"}:
        return _rows_of(content) if isinstance(content, list) else None
    parts = list(content.values())
    inner = [content[key] for key in _LISTS if isinstance(content.get(key), list | dict)]
    if inner and isinstance(inner[0], list) and isinstance(content.get("columns"), list):
        return _rows_of([content["columns"], *inner[0]])
    inner += [each for each in parts if isinstance(each, list) and _is_object(each[:1])]
    answers = map(_find_records, inner)
    records = next((each for each in answers if each is not None), None)
    return _from_columns(content, parts) if records is None else records


def _is_object(first: list[Any]) -> bool:
    return bool(first) and isinstance(first[0], dict)


def _from_columns(content: Mapping[str, Any], parts: list[Any]) -> list[dict[str, Any]] | None:
    """Find rows in an object of columns, whose cells are lists or numbered, or of named rows."""
    if parts and all(isinstance(each, dict) for each in parts):
        rows = list(dict.fromkeys(key for each in parts for key in each))
        if header_score(rows) >= header_score(list(content)):
            return parts
        return [{name: content[name].get(row) for name in content} for row in rows]
    if parts and all(isinstance(each, list) and len(each) == len(parts[0]) for each in parts):
        return [dict(zip(content, row, strict=True)) for row in zip(*parts, strict=True)]
    return None


def _rows_of(values: list[Any]) -> list[dict[str, Any]] | None:
    """Give a list of objects as it is, and one of lists below the names in the first."""
    if all(isinstance(each, dict) for each in values):
        return values
    if not all(isinstance(each, list) for each in values):
        return None
    return [dict(zip(map(str, values[0]), row, strict=False)) for row in values[1:]]


def _refuse_answer(content: Any, name: str) -> None:
    """Refuse a service's answer that holds an error instead of records, with its words."""
    if isinstance(content, dict) and (said := content.get("error") or content.get("message")):
        said = said.get("message", said) if isinstance(said, dict) else said
        raise InputError(
            "{name!r} holds no records but what a service answered: {said!r}. Ask it again.",
            name=name,
            said=str(said)[:200],
        )


def _cut_short(content: Any, number: int) -> list[Sentence]:
    """Say that an answer is one page of several, or has fewer records than there are."""
    whole = content if isinstance(content, dict) else {}
    whole = whole["result"] if isinstance(whole.get("result"), dict) else whole
    totals = [whole[key] for key in _TOTALS if isinstance(whole.get(key), int)]
    total = max(totals, default=0)
    if total <= number and not any(whole.get(key) for key in _NEXT):
        return []
    if total > number:
        return [
            Sentence(
                "the file holds {number} of the {total} records that the service counts: the "
                "others are on further pages",
                number=number,
                total=total,
            )
        ]
    return [Sentence("the file is one page of a service's answer: further records are not in it")]


def _json_lines(text: bytes, path: Path) -> list[Any] | None:
    """Read a text with one JSON object a line, or a GeoJSON sequence; None for any other JSON."""
    lines = text.splitlines()
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
    table = _from_records(records, "geojson", name)
    table.notes += _cut_short(content, len(records))
    return table


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
            rejected.append((number, NOT_A_POINT, detail, flattened(record)))
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


class AreasError(InputError):
    """A layer of areas where points of incidents were expected."""


def refuse_shapes(name: str, kind: str) -> NoReturn:
    """Refuse a layer without a point, and say what reads areas."""
    raise AreasError(
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
    records = [flattened(record) for record in records]
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


def _json_text(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "; ".join(value) or None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def read_parquet(path: Path) -> RawTable:
    """Read a Parquet, GeoParquet or Feather file with its own types."""
    arrow = read_table(path)
    columns: dict[str, Any] = {}
    skipped = []
    geometry, stated = _geometry_column(arrow)
    crs = None if stated is None else stated_crs(stated, path)
    for column, values in _plain_columns(arrow, geometry):
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


def _plain_columns(arrow: pa.Table, geometry: str | None) -> list[tuple[str, pa.ChunkedArray]]:
    """Give the columns of a table, the fields of structures as columns: ``location.lat``."""
    columns = list(zip(arrow.column_names, arrow.columns, strict=True))
    at = 0
    while at < len(columns):
        name, values = columns[at]
        if name == geometry or not pa.types.is_struct(values.type):
            at += 1
            continue
        names = [f"{name}.{field.name}" for field in values.type]
        columns[at : at + 1] = zip(names, values.flatten(), strict=True)
    return columns


def _written_out(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Give lists of texts, lists of numbers (a point, perhaps) and bytes that are text as text."""
    kind = values.type
    if pa.types.is_list(kind) and pa.types.is_string(kind.value_type):
        return pc.binary_join(values, "; ")
    if pa.types.is_list(kind) and pa.types.is_floating(kind.value_type):
        return pa.chunked_array([[each and json.dumps(each) for each in values.to_pylist()]])
    if str(kind) in {"binary", "large_binary"}:
        with suppress(pa.ArrowInvalid):
            return values.cast(pa.large_string())
    return values


def _typed(values: pa.ChunkedArray) -> "pd.Series[Any] | None":
    """Convert an Arrow column; None for what cannot be a cell of a table."""
    values = _written_out(values)
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
