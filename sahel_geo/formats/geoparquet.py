"""GeoParquet, and Feather with the same metadata: shapes in WKB or as nested lists."""

import json
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from pyproj import CRS

from sahel_geo.crs import LONLAT
from sahel_geo.errors import InputError
from sahel_geo.formats.arrow import read_table
from sahel_geo.formats.geopackage import check_amount
from sahel_geo.formats.offline import plain_crs

_LISTS: Final = {  # how deep the coordinates of a shape lie
    "point": (0, shapely.GeometryType.POINT),
    "linestring": (1, shapely.GeometryType.LINESTRING),
    "multipoint": (1, shapely.GeometryType.MULTIPOINT),
    "polygon": (2, shapely.GeometryType.POLYGON),
    "multilinestring": (2, shapely.GeometryType.MULTILINESTRING),
    "multipolygon": (3, shapely.GeometryType.MULTIPOLYGON),
}


def read_geoparquet(file: Path, named: Path) -> gpd.GeoDataFrame:
    """Read the shapes and plain columns of a file whose metadata says which column holds shapes."""
    table = read_table(file)
    check_amount(named, table.num_rows, table.num_columns, 0)
    told = json.loads((table.schema.metadata or {}).get(b"geo", b"null"))
    column = told.get("primary_column") if isinstance(told, dict) else None
    if column not in table.column_names:
        raise InputError(
            "{file!r} does not say which column holds its shapes; expected GeoParquet. Save it "
            "again with geopandas or a GIS.",
            file=str(named),
        )
    about = told["columns"][column]
    stated = about.get("crs", "OGC:CRS84")
    crs = None if stated is None else CRS.from_user_input(stated)
    if crs is not None and crs.to_authority() == ("OGC", "CRS84"):
        crs = LONLAT
    shapes = _shapes(table.column(column).combine_chunks(), str(about.get("encoding", "WKB")))
    plain = [field.name for field in table.schema if not pa.types.is_nested(field.type)]
    frame = table.select([name for name in plain if name != column]).to_pandas()
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=plain_crs(crs, named))


def _shapes(values: Any, encoding: str) -> npt.NDArray[Any]:
    if isinstance(values, pa.ChunkedArray):
        values = values.chunk(0) if values.num_chunks else pa.array([], values.type)
    if encoding.upper() == "WKB":
        return np.asarray(shapely.from_wkb(values.to_numpy(zero_copy_only=False)), dtype=object)
    depth, kind = _LISTS[encoding.lower().removeprefix("geoarrow.")]
    known = values.drop_null()
    offsets, inner = [], known
    for _ in range(depth):
        offsets.append(np.asarray(inner.offsets))
        inner = inner.values
    if pa.types.is_struct(inner.type):
        pairs = [np.asarray(pc.struct_field(inner, name), dtype=float) for name in ("x", "y")]
        places = np.column_stack(pairs)
    else:
        places = np.asarray(inner.flatten(), dtype=float).reshape(-1, inner.type.list_size)[:, :2]
    shapes = np.full(len(values), None, dtype=object)
    shapes[np.asarray(values.is_valid())] = shapely.from_ragged_array(
        kind, np.ascontiguousarray(places), tuple(reversed(offsets)) or None
    )
    return shapes
