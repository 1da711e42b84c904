"""Layers of polygons, lines or points: GeoPackage, FlatGeobuf, shapefile, GeoJSON, Parquet ..."""

import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any, Final, TypeVar

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from sahel_geo.crs import LONLAT
from sahel_geo.errors import FileError, InputError, first_offenders, saying_why
from sahel_geo.formats.archives import copy_member, link_or_copy, members, open_zip, read_member
from sahel_geo.formats.arrow import read_table
from sahel_geo.formats.geodatabase import is_geodatabase, lay_out, packed_geodatabases
from sahel_geo.formats.geopackage import (
    MAX_LAYER_BYTES,
    check_amount,
    check_table,
    layer_tables,
    plain_rows,
    system_of,
)
from sahel_geo.formats.jsons import MAX_JSON_BYTES, parse_geojson
from sahel_geo.formats.kml import MAX_KML_BYTES, parse_kml
from sahel_geo.formats.offline import OFFLINE, plain_crs, stated_crs, unreadable_crs
from sahel_geo.formats.proof import check_size, file_kind, kind_name, kind_of, read_bytes
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.schema import PathLike

_Result = TypeVar("_Result")

MAX_BYTES: Final = 2 * 1024**3
_EXPECTED: Final = Sentence(
    "a GeoPackage, GeoJSON, FlatGeobuf, shapefile, KML, GeoParquet, geodatabase or a zip of one"
)
_SUFFIXES: Final = {
    "sqlite": ".gpkg", "flatgeobuf": ".fgb", "shapefile": ".shp", "json": ".geojson", "kml": ".kml",
    "parquet": ".parquet", "feather": ".feather", "geodatabase": ".gdb",
}  # fmt: skip
_DRIVERS: Final = {
    "sqlite": "GPKG",
    "flatgeobuf": "FlatGeobuf",
    "shapefile": "ESRI Shapefile",
    "geodatabase": "OpenFileGDB",
}
_TEXTS: Final[dict[str, tuple[Callable[[bytes, Path], gpd.GeoDataFrame], int]]] = {
    "json": (parse_geojson, MAX_JSON_BYTES),
    "kml": (parse_kml, MAX_KML_BYTES),
}
_IN_ARCHIVES: Final = (
    ".shp", ".gpkg", ".geojson", ".json", ".fgb", ".kml", ".gpx", ".parquet",
    ".geoparquet", ".feather",
)  # fmt: skip
_PARTS: Final = (".shx", ".dbf", ".prj", ".cpg")


_LISTS: Final = {  # how deep the coordinates of a shape lie
    "point": (0, shapely.GeometryType.POINT),
    "linestring": (1, shapely.GeometryType.LINESTRING),
    "multipoint": (1, shapely.GeometryType.MULTIPOINT),
    "polygon": (2, shapely.GeometryType.POLYGON),
    "multilinestring": (2, shapely.GeometryType.MULTILINESTRING),
    "multipolygon": (3, shapely.GeometryType.MULTIPOLYGON),
}


_one_at_a_time = Lock()


@dataclass(frozen=True)
class Layer:
    """One layer of a file."""

    file: Path  # the file, or the archive that holds it
    # of the table in a GeoPackage, of the member in an archive, else of the file; no suffix
    name: str
    kind: str  # what its content is, as `file_kind` says it
    member: str | None = None  # its name in the archive
    # whether its texts state their encoding; a shapefile without ``.cpg`` does not
    has_encoding: bool = True


def vector_layers(path: PathLike) -> list[Layer]:
    """List the layers of a file, or of all files in a zip archive.

    path: A GeoPackage, FlatGeobuf, shapefile, GeoJSON, KML or GeoParquet, by content; a file
    geodatabase, which is a folder; or a zip archive of some.

    >>> from sahel_geo.places.boundaries.boundaries import load_boundaries
    >>> file = getfixture("tmp_path") / "units.geojson"
    >>> load_boundaries(1, countries="NER")[["name", "geometry"]].to_file(file)
    >>> [(layer.name, layer.kind) for layer in vector_layers(file)]
    [('units', 'json')]
    """
    file = Path(path)
    if is_geodatabase(file):
        return _geodatabase(file, None)
    kind = file_kind(path)
    check_size(file, MAX_BYTES)
    if kind == "zip":
        return _packed_layers(file)
    if kind not in _SUFFIXES:
        raise FileError(
            "{file!r} is {kind}; expected {expected}. Save the layer as one of these.",
            file=str(file),
            kind=kind_name(kind),
            expected=_EXPECTED,
        )
    layer = Layer(file, file.stem, kind)
    if kind == "shapefile":
        return [replace(layer, has_encoding=_part(file, ".cpg") is not None)]
    return _tables(layer, file)


def _tables(layer: Layer, unpacked: Path) -> list[Layer]:
    if layer.kind != "sqlite":
        return [layer]
    return [replace(layer, name=name) for name in layer_tables(unpacked, layer.file)]


def _packed_layers(file: Path) -> list[Layer]:
    layers: list[Layer] = []
    with open_zip(file) as archive, TemporaryDirectory(prefix="sahel-geo-") as folder:
        names = {member.filename.lower() for member in members(archive)}
        for member in members(archive):
            path = PurePosixPath(member.filename)
            if path.suffix.lower() not in _IN_ARCHIVES:
                continue
            kind = kind_of(read_member(archive, member, 4096))
            if kind not in _SUFFIXES:
                continue
            layer = Layer(file, path.stem, kind, member.filename)
            if kind == "sqlite":
                alone = Path(folder, "layer.gpkg")
                copy_member(archive, member, alone)
                layers += _tables(layer, alone)
            else:
                stated = kind != "shapefile" or str(path.with_suffix(".cpg")).lower() in names
                layers.append(replace(layer, has_encoding=stated))
        for inside in packed_geodatabases(archive):
            layers += _geodatabase(file, inside)
        files = [member.filename for member in members(archive)]
    if not layers:
        raise InputError(
            "{file!r} holds 0 layers: {shown}; expected one of {known}. Unpack an archive inside "
            "it, or save the layer alone.",
            file=str(file),
            shown=first_offenders(files),
            known=first_offenders(_IN_ARCHIVES, len(_IN_ARCHIVES)),
        )
    return layers


def _geodatabase(file: Path, packed: str | None) -> list[Layer]:
    """List the layers with shapes of a file geodatabase."""
    import pyogrio  # noqa: PLC0415  slow to import

    with TemporaryDirectory(prefix="sahel-geo-") as folder:
        alone = Path(folder, "layer.gdb")
        lay_out(file, packed, alone)

        def names() -> list[str]:
            with _offline_vectors():
                return [str(name) for name, kind in pyogrio.list_layers(alone) if kind]

        return [Layer(file, name, "geodatabase", packed) for name in _within_package(names, file)]


def read_vector(
    path: PathLike, layer: Layer | None = None, *, encoding: str | None = None
) -> gpd.GeoDataFrame:
    """Read a layer with the one driver that its content calls for, and nothing beside it."""
    if layer is None:
        layers = vector_layers(path)
        if len(layers) != 1:
            raise InputError(
                "{file!r} holds {number} layers: {shown}; expected one. Save the layer alone.",
                file=str(path),
                number=len(layers),
                shown=first_offenders([each.name for each in layers]),
            )
        layer = layers[0]
    if layer.kind in _TEXTS:
        return _within_package(lambda: _read_text(layer), layer.file)
    with _alone(layer) as file:
        if layer.kind in {"parquet", "feather"}:
            return _within_package(lambda: _read_geoparquet(file, layer.file), layer.file)
        try:
            return _within_package(lambda: _read_gdal(layer, file, encoding), layer.file)
        except FileError as error:
            if isinstance(error.__cause__, UnicodeDecodeError) and not layer.has_encoding:
                raise error.__cause__ from None
            raise


def _read_text(layer: Layer) -> gpd.GeoDataFrame:
    """Read GeoJSON or KML, without GDAL."""
    parse, most = _TEXTS[layer.kind]
    if layer.member is None:
        return parse(read_bytes(layer.file, most), layer.file)
    with open_zip(layer.file) as archive:
        member = archive.getinfo(layer.member)
        if member.file_size > most:
            raise FileError(
                "{file!r} has {size:,} bytes; expected at most {max_bytes:,}. Cut it.",
                file=f"{layer.file}: {layer.member}",
                size=member.file_size,
                max_bytes=most,
            )
        content = read_member(archive, member)
    return parse(content, layer.file)


@contextmanager
def _alone(layer: Layer) -> Iterator[Path]:
    """Give a layer a name of ours in a private folder, with no other file beside it."""
    with TemporaryDirectory(prefix="sahel-geo-") as folder:
        target = Path(folder, "layer" + _SUFFIXES[layer.kind])
        if layer.kind == "geodatabase":
            lay_out(layer.file, layer.member, target)
            yield target
            return
        if layer.member is None:
            link_or_copy(layer.file, target)
            if layer.kind == "shapefile":
                for suffix in _PARTS:
                    if (part := _part(layer.file, suffix)) is not None:
                        link_or_copy(part, target.with_suffix(suffix))
        else:
            with open_zip(layer.file) as archive:
                _unpack(archive, layer, target)
        if file_kind(target) != layer.kind:
            raise FileError("{file!r} changed while it was read.", file=str(layer.file))
        yield target


def _unpack(archive: zipfile.ZipFile, layer: Layer, target: Path) -> None:
    path = PurePosixPath(layer.member or "")
    copy_member(archive, archive.getinfo(str(layer.member)), target)
    if layer.kind == "shapefile":
        wanted = {str(path.with_suffix(suffix)).lower(): suffix for suffix in _PARTS}
        for member in members(archive):
            if suffix := wanted.get(member.filename.lower()):
                copy_member(archive, member, target.with_suffix(suffix))


def _part(file: Path, suffix: str) -> Path | None:
    """Find a part of a shapefile, whatever the case of its suffix."""
    names = (file.with_suffix(suffix), file.with_suffix(suffix.upper()))
    return next((each for each in names if each.is_file()), None)


def _read_gdal(layer: Layer, file: Path, encoding: str | None) -> gpd.GeoDataFrame:
    import pyogrio  # noqa: PLC0415  slow to import

    table = layer.name if layer.kind in {"sqlite", "geodatabase"} else None
    if layer.kind == "sqlite":
        check_table(file, layer.name, layer.file)
        if (rows := plain_rows(file, layer.name, layer.file)) is not None:
            return rows
    elif layer.kind == "shapefile":
        _check_shapefile(layer, file)
    elif layer.kind != "geodatabase":  # whose size is checked when it is laid out
        check_size(file, MAX_LAYER_BYTES)
    options: dict[str, Any] = {"encoding": encoding} if encoding else {}
    with _offline_vectors():
        try:
            about = pyogrio.read_info(file, layer=table, **options)
        except pyogrio.errors.CRSError as error:
            raise unreadable_crs(_stated_system(layer, file) or str(error), layer.file) from error
        if about["driver"] != _DRIVERS[layer.kind]:
            raise ValueError(f"{about['driver']} is not the driver for it")
        check_amount(layer.file, max(0, int(about["features"])), len(about["fields"]), 0)
        frame = pyogrio.read_dataframe(file, layer=table, **options)
    if isinstance(frame, gpd.GeoDataFrame):
        if frame.crs is None and (stated := _stated_system(layer, file)):
            raise unreadable_crs(stated, layer.file)
        plain_crs(frame.crs, layer.file)
    return frame


def _stated_system(layer: Layer, file: Path) -> str:
    """Give what a layer says of its reference system; GDAL keeps silent where it cannot read it."""
    if layer.kind == "sqlite":
        return system_of(file, layer.name, layer.file)
    beside = file.with_suffix(".prj")
    if layer.kind != "shapefile" or not beside.is_file():
        return ""
    return beside.read_bytes()[:4096].decode("utf-8", "replace").strip("\ufeff\0 \t\r\n")


def _check_shapefile(layer: Layer, file: Path) -> None:
    """Refuse an index that hands out the same shapes again and again, and tables without end."""
    size = file.stat().st_size
    index = file.with_suffix(".shx")
    records = np.zeros((0, 2), dtype=">i4")
    if index.is_file():
        check_size(index, MAX_LAYER_BYTES)
        content = index.read_bytes()[100:]
        records = np.frombuffer(content[: len(content) // 8 * 8], dtype=">i4").reshape(-1, 2)
    listed = int(np.abs(records[:, 1].astype(np.int64)).sum()) * 2
    table = file.with_suffix(".dbf")
    cells = table.stat().st_size if table.is_file() else 0
    if listed > max(size, 100) or size + cells > MAX_LAYER_BYTES:
        raise FileError(
            "{file!r} lists {listed:,} bytes of shapes where it has {size:,}, and {cells:,} bytes "
            "of attributes; expected each shape once, and at most {max_bytes:,} bytes. Export it "
            "again, or cut it.",
            file=str(layer.file),
            listed=listed,
            size=size,
            cells=cells,
            max_bytes=MAX_LAYER_BYTES,
        )


def _read_geoparquet(file: Path, named: Path) -> gpd.GeoDataFrame:
    """Read the shapes and plain columns of a file whose metadata says which column holds shapes."""
    table = read_table(file)
    check_amount(named, table.num_rows, table.num_columns, 0)
    metadata = json.loads((table.schema.metadata or {}).get(b"geo", b"null"))
    column = metadata.get("primary_column") if isinstance(metadata, dict) else None
    if column not in table.column_names:
        raise InputError(
            "{file!r} does not say which column holds its shapes; expected GeoParquet. Save it "
            "again with geopandas or a GIS.",
            file=str(named),
        )
    about = metadata["columns"][column]
    stated = about.get("crs", "OGC:CRS84")
    crs = None if stated is None else stated_crs(stated, named)
    if crs is not None and crs.to_authority() == ("OGC", "CRS84"):
        crs = LONLAT
    shapes = _shapes(table.column(column).combine_chunks(), str(about.get("encoding", "WKB")))
    plain = [field.name for field in table.schema if not pa.types.is_nested(field.type)]
    frame = table.select([name for name in plain if name != column]).to_pandas()
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=crs)


def _shapes(values: Any, encoding: str) -> npt.NDArray[Any]:
    if isinstance(values, pa.ChunkedArray):
        values = values.chunk(0) if values.num_chunks else pa.array([], values.type)
    if encoding.upper() == "WKB":
        return np.asarray(shapely.from_wkb(values.to_numpy(zero_copy_only=False)), dtype=object)
    depth, kind = _LISTS[encoding.lower().removeprefix("geoarrow.")]
    offsets, inner = [], values.drop_null()
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


@contextmanager
def _offline_vectors() -> Iterator[None]:
    """Set GDAL's own switches for vector files while one is read, and put them back."""
    import pyogrio  # noqa: PLC0415

    with _one_at_a_time:
        before = {name: pyogrio.get_gdal_config_option(name) for name in OFFLINE}
        pyogrio.set_gdal_config_options(OFFLINE)
        try:
            yield
        finally:
            pyogrio.set_gdal_config_options(before)


def _within_package(read: Callable[[], _Result], file: Path) -> _Result:
    """Run a reader of another library, and let only errors of this package leave it."""
    with (
        saying_why(
            "{file!r} cannot be read ({why}); expected {expected}. Download or write it again.",
            Exception,
            file=str(file),
            expected=_EXPECTED,
        ),
        saying_why(
            "{file!r} takes more memory than there is. Cut it, or take another machine.",
            MemoryError,
            file=str(file),
        ),
    ):
        return read()
