"""File geodatabases: read where they are sound, refused where they are not."""

import zipfile

import geopandas as gpd
import pytest
from shapely import MultiPolygon, box

from sahel_geo.errors import FileError
from sahel_geo.formats.geodatabase import is_geodatabase
from sahel_geo.formats.vectors import read_vector, vector_layers


@pytest.fixture
def squares():
    shapes = [MultiPolygon([box(at, 14, at + 1, 15)]) for at in range(3)]
    return gpd.GeoDataFrame({"name": ["Gao", "Dori", "Téra"]}, geometry=shapes, crs=4326)


@pytest.fixture
def database(tmp_path, squares):
    folder = tmp_path / "units.gdb"
    for layer in ("adm1", "adm2"):
        squares.to_file(
            folder, driver="OpenFileGDB", layer=layer, mode="a" if folder.exists() else "w"
        )
    return folder


def packed(folder, file, prefix):
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in sorted(folder.iterdir()):
            archive.write(each, prefix + each.name)
            archive.writestr(f"__MACOSX/{prefix}._{each.name}", b"\0\5\x16\7")
    return file


@pytest.mark.parametrize("prefix", ["units.gdb/", "", "export/2025/units.gdb/"])
def test_a_zipped_geodatabase_holds_its_layers(database, tmp_path, squares, prefix):
    file = packed(database, tmp_path / "units.gdb.zip", prefix)
    layers = vector_layers(file)
    assert [(layer.name, layer.kind) for layer in layers] == [
        ("adm1", "geodatabase"), ("adm2", "geodatabase"),
    ]  # fmt: skip
    frame = read_vector(file, layers[1])
    assert frame["name"].tolist() == squares["name"].tolist()
    assert frame.geometry.geom_equals(squares.geometry).all()
    assert frame.crs.to_epsg() == 4326


def test_a_folder_is_read_as_its_archive_is(database, squares):
    assert is_geodatabase(database)
    assert read_vector(database, vector_layers(database)[0])["name"].tolist() == list(
        squares["name"]
    )


def test_tables_of_another_content_are_refused(database):
    table = max(database.glob("*.gdbtable"), key=lambda each: each.stat().st_size)
    table.write_bytes(b"<VRTDataset/>" + table.read_bytes()[13:])
    with pytest.raises(FileError, match=r"units\.gdb' is a damaged or too large geodatabase: a0"):
        vector_layers(database)


def test_a_list_that_gives_out_one_row_again_and_again_is_refused(database):
    for rows in database.glob("*.gdbtablx"):
        content = bytearray(rows.read_bytes())
        width = int.from_bytes(content[12:16], "little")
        first = content[16 : 16 + width]
        content[16 : 16 + 3 * width] = first * 3
        rows.write_bytes(content)
    with pytest.raises(FileError, match=r"\.gdbtablx is no table of one"):
        vector_layers(database)


def test_a_table_cut_short_is_refused(database):
    table = max(database.glob("*.gdbtable"), key=lambda each: each.stat().st_size)
    table.write_bytes(table.read_bytes()[:60])
    with pytest.raises(FileError, match="is no table of one"):
        vector_layers(database)
