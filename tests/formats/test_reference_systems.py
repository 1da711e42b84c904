"""Reference systems that lead to no place on the Earth are refused, in whatever file they stand."""

import json
import sqlite3
import zipfile
from contextlib import closing

import geopandas as gpd
import pyarrow as pa
import pytest
import rasterio
import shapely
from pyarrow import feather
from pyarrow import parquet as pq
from pyproj import CRS
from rasterio.transform import Affine

import sahel_geo as sg
from sahel_geo.errors import CrsError, InputError
from sahel_geo.places.zonal import zonal_sums
from tests.formats.test_rasters import write as write_raster

ELSEWHERE = {
    "another planet": 'GEOGCS["Mars 2000",DATUM["D_Mars_2000",SPHEROID["Mars_2000_IAU_IAG",'
    '3396190.0,169.89444722361179]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]',
    "a plan of a building": 'LOCAL_CS["plan",UNIT["metre",1]]',
    "heights above the sea": CRS(5773).to_wkt("WKT1_GDAL"),
    "the middle of the Earth": CRS(4978).to_wkt("WKT1_GDAL"),
}
NO_WAY = "from which no way leads to degrees on the Earth"


def layer(crs, *, points):
    squares = [shapely.box(x, 14, x + 1, 15) for x in range(3)]
    shapes = shapely.centroid(squares) if points else squares
    table = {"ADM1_PCODE": list("ABC"), "ADM1_FR": ["Gao", "Ménaka", "Kidal"], "date": "2021-01-02"}
    return gpd.GeoDataFrame(table, geometry=shapes, crs=crs)


def write(table, folder, kind):
    path = folder / f"layer.{kind}"
    if kind == "parquet":
        table.to_parquet(path)
    elif kind != "zip":
        table.to_file(path)
    else:
        table.to_file(folder / "layer.shp")
        with zipfile.ZipFile(path, "w") as archive:
            for end in ("shp", "shx", "dbf", "prj"):
                archive.write(folder / f"layer.{end}", f"layer.{end}")
    return path


@pytest.mark.parametrize("kind", ["gpkg", "fgb", "parquet", "zip"])
@pytest.mark.parametrize("crs", ELSEWHERE.values(), ids=ELSEWHERE)
def test_layers_of_elsewhere_are_refused(kind, crs, tmp_path):
    if kind == "zip" and not crs.startswith(("GEOGCS", "LOCAL_CS")):
        pytest.skip("GDAL writes no .prj for it, and reads none")
    for name, points in (("units", False), ("points", True)):
        folder = tmp_path / name
        folder.mkdir()
        path = write(layer(crs, points=points), folder, kind)
        with pytest.raises(CrsError, match=NO_WAY):
            sg.read_incidents(path) if points else sg.read_boundaries(path, level=1)


@pytest.mark.parametrize("crs", ELSEWHERE.values(), ids=ELSEWHERE)
def test_rasters_of_elsewhere_are_refused(crs, tmp_path):
    path = write_raster(tmp_path / "people.tif", crs=rasterio.crs.CRS.from_wkt(crs))
    with pytest.raises(CrsError, match=NO_WAY):
        zonal_sums(gpd.GeoSeries([shapely.box(0, 11, 3, 14)], crs=4326), path)


def test_heights_beside_places_are_no_obstacle(tmp_path):
    both = layer(4326, points=True).set_crs("EPSG:9518", allow_override=True)  # WGS 84 + EGM2008
    found = sg.read_incidents(write(both, tmp_path, "gpkg"))
    assert found["lon"].tolist() == pytest.approx([0.5, 1.5, 2.5])


def test_a_projection_on_the_earth_is_no_obstacle(tmp_path):
    utm = layer(4326, points=True).to_crs(32631)
    found = sg.read_incidents(write(utm, tmp_path, "gpkg"))
    assert found["lon"].tolist() == pytest.approx([0.5, 1.5, 2.5])
    assert found["lat"].tolist() == pytest.approx([14.5] * 3)


def test_web_mercator_opens_no_file(tmp_path):
    """GDAL writes it with ``nadgrids=@null``, which names none."""
    path = tmp_path / "people.tif"
    write_raster(path, Affine(1e5, 0, 0, 0, -1e5, 2e6), crs="EPSG:3857")
    with rasterio.open(path) as raster:
        assert "nadgrids=@null" in raster.crs.to_wkt()
        shapes = gpd.GeoSeries([shapely.box(*raster.bounds)], crs=3857).to_crs(4326)
    assert zonal_sums(shapes, path) == pytest.approx([64.0])
    units = layer(4326, points=False).to_crs(3857)
    units.to_file(tmp_path / "layer.shp")
    (tmp_path / "layer.prj").write_text(CRS(3857).to_wkt("WKT1_GDAL"), encoding="utf-8")
    found = sg.read_boundaries(tmp_path / "layer.shp", level=1)
    assert found.units.total_bounds == pytest.approx([0, 14, 3, 15])


UNREADABLE = {
    "words": "WGS 84 I believe",
    "a code alone": "EPSG:32631",
    "half a text": 'PROJCS["UTM 31",GEOGCS["GCS_x",DATUM[',
    "heights": 'VERT_CS["EGM96",VERT_DATUM["x",2005],UNIT["metre",1]]',
    "bytes": "\x01\x02\ufffd",
}
NOT_READ = "states a coordinate reference system that cannot be read: .*Set the right one in a GIS"


def shapefile(folder, *, points, prj):
    path = folder / "layer.shp"
    layer(4326, points=points).to_file(path)
    path.with_suffix(".prj").unlink()
    if prj is not None:
        path.with_suffix(".prj").write_text(prj, encoding="utf-8")
    return path


@pytest.mark.parametrize("points", [True, False], ids=["points", "units"])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("prj", UNREADABLE.values(), ids=UNREADABLE)
def test_a_prj_that_cannot_be_read_is_not_a_missing_one(prj, packed, points, tmp_path):
    path = shapefile(tmp_path, points=points, prj=prj)
    if packed:
        path = tmp_path / "layer.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for end in ("shp", "shx", "dbf", "prj"):
                archive.write(tmp_path / f"layer.{end}", f"LAYER.{end.upper()}")
    with pytest.raises(CrsError, match=NOT_READ) as refused:
        sg.read_incidents(path) if points else sg.read_boundaries(path, level=1)
    assert path.name in str(refused.value)
    assert prj.split()[0][:3] in str(refused.value) or prj == UNREADABLE["bytes"]


@pytest.mark.parametrize("prj", [None, "", " \r\n", "\ufeff"])
def test_a_missing_or_blank_prj_states_nothing(prj, tmp_path):
    found = sg.read_incidents(shapefile(tmp_path, points=True, prj=prj))
    assert found["lon"].tolist() == pytest.approx([0.5, 1.5, 2.5])
    assert "the file states no reference system: its points are read as degrees" in map(
        str, found.report.notes
    )


NOWHERE = "UPDATE gpkg_spatial_ref_sys SET definition = 'a plan', organization = 'us' "


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ("DELETE FROM gpkg_spatial_ref_sys WHERE srs_id = 4326", "srs_id 4326"),
        (NOWHERE + "WHERE srs_id = 4326", "a plan"),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of GDAL
def test_a_geopackage_whose_system_nobody_defines_is_refused(change, shown, tmp_path):
    path = write(layer(4326, points=True), tmp_path, "gpkg")
    with closing(sqlite3.connect(path)) as database:
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute(change)
        database.commit()
    with pytest.raises(CrsError, match=f"cannot be read: '{shown}'"):
        sg.read_incidents(path)


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_geopackage_without_a_system_is_read_as_degrees(tmp_path):
    found = sg.read_incidents(write(layer(None, points=True), tmp_path, "gpkg"))
    assert found["lon"].tolist() == pytest.approx([0.5, 1.5, 2.5])


def geoparquet(path, crs):
    table = pa.table(layer(4326, points=True).to_arrow(geometry_encoding="WKB"))
    about = {"version": "1.1.0", "primary_column": "geometry"}
    about["columns"] = {"geometry": {"encoding": "WKB", "geometry_types": [], "crs": crs}}
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(about)}), path)
    return path


@pytest.mark.parametrize("crs", ["our own", {"type": "UnknownCRS", "name": "x"}])
def test_geoparquet_whose_system_cannot_be_read_is_refused(crs, tmp_path):
    path = geoparquet(tmp_path / "layer.parquet", crs)
    for read in (sg.read_incidents, lambda file: sg.read_boundaries(file, level=1)):
        with pytest.raises(CrsError, match=NOT_READ):
            read(path)


def test_geoarrow_states_its_system_at_the_column(tmp_path):
    path = tmp_path / "layer.feather"
    table = pa.table(layer(4326, points=True).to_crs(32631).to_arrow(geometry_encoding="WKB"))
    feather.write_feather(table, path)
    found = sg.read_incidents(path)
    assert found["lon"].tolist() == pytest.approx([0.5, 1.5, 2.5])
    about = {b"ARROW:extension:name": b"geoarrow.wkb", b"ARROW:extension:metadata": b'{"crs": "?"}'}
    field = table.schema.field("geometry").with_metadata(about)
    at = table.schema.get_field_index("geometry")
    feather.write_feather(table.set_column(at, field, table["geometry"]), path)
    with pytest.raises(CrsError, match=NOT_READ):
        sg.read_incidents(path)


@pytest.mark.parametrize(
    "stated",
    [
        {"type": "EPSG", "properties": {"code": 32631}},
        {"type": "link", "properties": {"href": "crs.wkt", "type": "ogcwkt"}},
        {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32631"}},
    ],
)
@pytest.mark.parametrize("kind", ["FeatureCollection", "Feature"])
def test_geojson_in_another_system_is_refused_however_it_says_so(stated, kind, tmp_path):
    point = {"type": "Feature", "properties": {"date": "2021-01-02"}}
    point["geometry"] = {"type": "Point", "coordinates": [0.5, 14.5]}
    whole = {"type": kind, "features": [point]} if kind == "FeatureCollection" else point
    path = tmp_path / "points.geojson"
    path.write_text(json.dumps({**whole, "crs": stated}))
    with pytest.raises(InputError, match=r"is in .*expected WGS 84"):
        sg.read_incidents(path)
    path.write_text(json.dumps({**whole, "crs": {"type": "EPSG", "properties": {"code": 4326}}}))
    assert sg.read_incidents(path)["lon"].tolist() == [0.5]


def test_a_feature_service_may_state_its_system_as_wkt(tmp_path):
    utm = layer(4326, points=True).to_crs(32631)
    features = [
        {"attributes": {"date": "2021-01-02", "n": n}, "geometry": {"x": shape.x, "y": shape.y}}
        for n, shape in enumerate(utm.geometry)
    ]
    answer = {"geometryType": "esriGeometryPoint", "features": features}
    path = tmp_path / "answer.json"
    path.write_text(
        json.dumps(answer | {"spatialReference": {"wkt": CRS(32631).to_wkt("WKT1_ESRI")}})
    )
    assert sg.read_incidents(path)["lon"].tolist() == pytest.approx([0.5, 1.5, 2.5])
    path.write_text(json.dumps(answer | {"spatialReference": {"wkt": "our own"}}))
    with pytest.raises(InputError, match="is in 'our own'; expected WGS 84"):
        sg.read_incidents(path)
