"""Reference systems that lead to no place on the Earth are refused, in whatever file they stand."""

import zipfile

import geopandas as gpd
import pytest
import rasterio
import shapely
from pyproj import CRS

import sahel_geo as sg
from sahel_geo.errors import CrsError
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
