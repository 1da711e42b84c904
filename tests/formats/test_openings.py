"""A file from a stranger: whatever it says, no other file is opened and no host is called."""

import ast
import json
import socketserver
import sqlite3
import threading
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from pyproj import CRS
from rasterio.transform import Affine

import sahel_geo
from sahel_geo.errors import SahelGeoError
from sahel_geo.formats.rasters import open_raster
from sahel_geo.formats.vectors import read_vector, vector_layers
from sahel_geo.indicators.border.bands import _raster_cells, _windows
from sahel_geo.places.boundaries.foreign import read_boundaries
from sahel_geo.places.zonal import zonal_sums

SECRET = "the-secret-of-another-file"
SHAPES = gpd.GeoSeries([shapely.box(0, 0, 2, 2)], crs=4326)


@pytest.fixture
def host():
    """Count who calls a server on this machine."""
    calls = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            calls.append(self.request.recv(200))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", calls
        server.shutdown()


@pytest.fixture
def secret(tmp_path):
    """Write a CSV with geometry that no file here may give away."""
    file = tmp_path / "elsewhere" / "secret.csv"
    file.parent.mkdir()
    file.write_text(f'name,pcode,WKT\n{SECRET},X1,"POLYGON((0 0,1 0,1 1,0 0))"\n')
    return file


def vectors(secret: Path, host: str) -> dict[str, str]:
    """Files that name another file or an address, in the words of GDAL's drivers."""
    vrt = (
        f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{secret}</SrcDataSource>'
        "<GeometryType>wkbPolygon</GeometryType><LayerSRS>EPSG:4326</LayerSRS>"
        '<GeometryField encoding="WKT" field="WKT"/></OGRVRTLayer></OGRVRTDataSource>'
    )
    link = {
        "type": "FeatureCollection",
        "crs": {"type": "link", "properties": {"href": f"{host}/crs", "type": "proj4"}},
        "features": [
            {
                "type": "Feature",
                "properties": {"name": "a", "pcode": "b"},
                "geometry": json.loads(shapely.to_geojson(shapely.box(0, 0, 1, 1))),
            }
        ],
    }
    algorithm = f"gdal vector pipeline ! read {secret} ! reproject --dst-crs=EPSG:4326"
    return {
        "vrt": vrt,
        "vrt in JSON": f'{{"a": 1}}\n{vrt}',
        "address": vrt.replace(str(secret), f"/vsicurl/{host}/x.csv"),
        "GDALG": json.dumps({"type": "gdal_streamed_alg", "command_line": algorithm}),
        "WFS": f"<OGRWFSDataSource><URL>{host}/wfs</URL></OGRWFSDataSource>",
        "link": json.dumps(link),
        "file link": json.dumps(link).replace(f"{host}/crs", str(secret)),
        "service": json.dumps({"type": "FeatureCollection", "links": [{"href": f"{host}/x"}]}),
        "OAPIF": f"<OGCWebServiceContext><Server><OnlineResource href='{host}'/></Server>"
        "</OGCWebServiceContext>",
    }


CASES = sorted(vectors(Path("x"), "y"))


@pytest.mark.parametrize(
    "suffix", ["geojson", "gpkg", "shp", "fgb", "kml", "geojson.zip", "gpkg.zip"]
)
@pytest.mark.parametrize("case", CASES)
def test_a_vector_file_reads_no_other_and_calls_nobody(tmp_path, secret, host, case, suffix):
    address, calls = host
    content = vectors(secret, address)[case]
    path = tmp_path / f"layer.{suffix}"
    if suffix.endswith("zip"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(path.stem, content)
    else:
        path.write_text(content)
    with pytest.raises(SahelGeoError, match=r"layer\."):
        read_boundaries(path, level=2)
    assert calls == []


@pytest.mark.parametrize("mark", [b"fgb\x03fgb\x01", b"fgb\x03fgb\x00", b"SQLite format 3\x00",
                                  b"\x00\x00\x27\x0a"])  # fmt: skip
@pytest.mark.parametrize("suffix", [".vrt", ".xml", ".fgb", ".csv"])
def test_marks_of_one_format_before_another_open_nothing(tmp_path, secret, mark, suffix):
    path = tmp_path / f"layer{suffix}"
    path.write_bytes(mark + vectors(secret, "")["vrt"].encode())
    with pytest.raises(SahelGeoError, match="layer"):
        read_boundaries(path, level=2)


@pytest.mark.parametrize("path", ["http://127.0.0.1:9/a.geojson", "/vsicurl/http://127.0.0.1:9/a",
                                  "/vsizip/a.zip/a.shp", "GPKG:a.gpkg", "WFS:http://127.0.0.1",
                                  '{"type": "FeatureCollection", "features": []}', "PG:dbname=x",
                                  "/dev/zero", "a\0b", ""])  # fmt: skip
def test_what_is_no_file_is_refused(path):
    for read in (read_boundaries, lambda each: zonal_sums(SHAPES, each), vector_layers):
        with pytest.raises(SahelGeoError, match=r"cannot be read|device|folder"):
            read(path)


def a_layer(file: Path) -> Path:
    frame = gpd.GeoDataFrame({"name": ["a"], "pcode": ["b"]}, geometry=[shapely.box(0, 0, 1, 1)])
    frame.set_crs(4326).to_file(file, layer="adm2")
    return file


@pytest.mark.parametrize(
    "change",
    [
        "DROP TABLE adm2; CREATE VIEW adm2 AS SELECT 1 AS fid, NULL AS geom, 'x' AS name",
        "ALTER TABLE adm2 ADD COLUMN more TEXT AS (hex(zeroblob(100000000)))",
        f"ALTER TABLE adm2 ADD COLUMN more TEXT DEFAULT '{'x' * 100_000}'",
        "DROP TABLE adm2; CREATE VIRTUAL TABLE adm2 USING fts5(name, geom)",
    ],
    ids=["view", "computed", "long default", "virtual"],
)
def test_a_geopackage_that_computes_its_rows_is_refused(tmp_path, change):
    path = a_layer(tmp_path / "a.gpkg")
    database = sqlite3.connect(path)
    for (name,) in database.execute(
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    ).fetchall():
        database.execute(f'DROP TRIGGER "{name}"')
    database.executescript(change)
    database.close()
    with pytest.raises(SahelGeoError, match=r"a\.gpkg' computes 1 of its layers"):
        read_boundaries(path, level=2)


def test_an_index_that_gives_one_shape_many_times_is_refused(tmp_path):
    frame = gpd.GeoDataFrame(
        {"name": ["a"]}, geometry=[shapely.Point(0, 0).buffer(1, 500)], crs=4326
    )
    frame.to_file(tmp_path / "a.shp")
    index = (tmp_path / "a.shx").read_bytes()
    (tmp_path / "a.shx").write_bytes(index + index[100:] * 50_000)
    with pytest.raises(SahelGeoError, match=r"a\.shp' lists .* expected each shape once"):
        read_vector(tmp_path / "a.shp")


def a_raster(file: Path, values: np.ndarray, **profile) -> Path:
    rows, columns = values.shape
    with rasterio.open(
        file, "w", driver="GTiff", height=rows, width=columns, count=1, dtype=values.dtype,
        crs="EPSG:4326", transform=Affine(2 / columns, 0, 0, 0, -2 / rows, 2), **profile,
    ) as raster:  # fmt: skip
        raster.write(values, 1)
    return file


RASTERS = {
    "VRT": "<VRTDataset rasterXSize='2' rasterYSize='2'><SRS>EPSG:4326</SRS><GeoTransform>0,1,0,2,"
    "0,-1</GeoTransform><VRTRasterBand dataType='Float32' band='1'><SimpleSource><SourceFilename>"
    "{file}</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>",
    "WMS": "<GDAL_WMS><Service name='TMS'><ServerUrl>{host}/</ServerUrl></Service><DataWindow>"
    "<UpperLeftX>0</UpperLeftX><UpperLeftY>2</UpperLeftY><LowerRightX>2</LowerRightX><LowerRightY>0"
    "</LowerRightY><SizeX>2</SizeX><SizeY>2</SizeY></DataWindow><Projection>EPSG:4326</Projection>"
    "<BandsCount>1</BandsCount></GDAL_WMS>",
    "far VRT": "<VRTDataset rasterXSize='2' rasterYSize='2'><VRTRasterBand dataType='Byte' "
    "band='1'><SimpleSource><SourceFilename>/vsicurl/{host}/a.tif</SourceFilename></SimpleSource>"
    "</VRTRasterBand></VRTDataset>",
}


@pytest.mark.parametrize("suffix", ["tif", "vrt", "xml"])
@pytest.mark.parametrize("case", RASTERS)
def test_a_raster_reads_no_other_and_calls_nobody(tmp_path, host, case, suffix):
    address, calls = host
    other = a_raster(tmp_path / "other.tif", np.ones((2, 2), "float32"))
    path = tmp_path / f"people.{suffix}"
    path.write_text(RASTERS[case].format(file=other, host=address))
    for read in (lambda: zonal_sums(SHAPES, path), lambda: list(_raster_cells(path))):
        with pytest.raises(SahelGeoError, match=r"people\..* cannot be read as a GeoTIFF"):
            read()
    assert calls == []


def test_side_files_and_overviews_elsewhere_are_left_alone(tmp_path, host):
    address, calls = host
    path = a_raster(tmp_path / "people.tif", np.ones((64, 64), "float32"))
    with rasterio.open(path, "r+") as raster:
        raster.update_tags(ns="OVERVIEWS", OVERVIEW_FILE=f"/vsicurl/{address}/x.tif")
    (tmp_path / "people.tif.aux.xml").write_text("<PAMDataset><SRS>EPSG:32631</SRS></PAMDataset>")
    (tmp_path / "people.tif.msk").write_text(RASTERS["far VRT"].format(host=address))
    (tmp_path / "people.tif.ovr").write_text(RASTERS["far VRT"].format(host=address))
    assert zonal_sums(SHAPES, path) == pytest.approx(64 * 64)
    assert sum(number.sum() for _, _, number in _raster_cells(path)) == 64 * 64
    assert calls == []


def test_windows_cover_a_raster_once(tmp_path):
    path = a_raster(tmp_path / "people.tif", np.ones((7, 11), "uint8"))
    for cells in (1, 3, 10, 12, 1000):
        seen = np.zeros((7, 11), dtype=int)
        with open_raster(path) as raster:
            for left, top, width, height in _windows(raster, cells):
                assert width * height <= cells
                seen[top : top + height, left : left + width] += 1
        assert (seen == 1).all()


@pytest.mark.parametrize("grids", ["/etc/hostname", "@null,/etc/hostname", "@nullx", "@/etc/x"])
def test_a_reference_system_that_opens_files_is_refused(tmp_path, grids):
    proj = f"+proj=longlat +datum=WGS84 +nadgrids={grids} +no_defs"
    a_layer(tmp_path / "a.shp")
    (tmp_path / "a.prj").write_text(CRS.from_user_input(proj).to_wkt("WKT1_GDAL"))
    with pytest.raises(SahelGeoError, match=r"a\.shp' has a coordinate reference system that"):
        read_boundaries(tmp_path / "a.shp", level=2)


FOREIGN = {"pyogrio", "fiona", "osgeo"}
READERS = {"read_file", "list_layers", "from_file"}


def test_only_one_room_opens_files_through_gdal():
    root = Path(sahel_geo.__file__).parent
    offenders = []
    for file in sorted(root.rglob("*.py")):
        if file.parent.name == "formats":
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            roots = {name.split(".")[0] for name in names}
            if roots & FOREIGN or {"rasterio", "rasterio.open", "rasterio.io"} & set(names):
                offenders.append(f"{file.relative_to(root)}:{node.lineno} imports {names}")
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and called.attr in READERS:
                offenders.append(f"{file.relative_to(root)}:{node.lineno} calls {called.attr}")
    assert offenders == []
