"""The exports opened in the programs that people have: QGIS, GDAL, DuckDB, R."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from sahel_geo.maps.classes.categories import categories_of

HERE = Path(__file__).resolve().parent


def call(*command):
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={"PATH": "/usr/bin:/bin", "QT_QPA_PLATFORM": "offscreen", "LC_ALL": "C.UTF-8"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def qgis(exports, tmp_path_factory):
    """What QGIS says of the GeoPackage; the system's Python has its module."""
    system = Path("/usr/bin/python3")
    probe = [system, "-c", "import qgis.core"]
    if not system.exists() or subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("QGIS is not installed (make interop installs Debian's python3-qgis)")
    # of its own, since QGIS writes into the files that it opens
    package = shutil.copy(exports / "indicators.gpkg", tmp_path_factory.mktemp("qgis été"))
    printed = call(system, HERE / "in_qgis.py", package)
    return json.loads(printed.splitlines()[-1])


def test_qgis_opens_the_layer_in_its_default_style(qgis, table):
    assert qgis["version"].startswith("3.")
    assert (qgis["valid"], qgis["features"], qgis["crs"]) == (True, len(table), "EPSG:4326")
    assert qgis["default"] == "incidents"
    assert qgis["renderer"] == "RuleRenderer"
    assert sum(rule["features"] for rule in qgis["opened"]) == len(table)


def test_qgis_paints_each_unit_once_in_each_of_the_nine_styles(qgis, table):
    assert len(qgis["styles"]) == 9
    for name, rules in qgis["styles"].items():
        assert sum(rule["features"] for rule in rules) == len(table), name
        assert all(rule["label"] for rule in rules), name
        assert all(re.fullmatch(r"#[0-9a-f]{6}", rule["colour"]) for rule in rules), name


def test_qgis_shows_the_classes_by_their_names_and_colours(qgis, table):
    for name in ("gi_kind", "emerging_kind", "change_kind"):
        known = {each.colour.lower() for each in categories_of(table[name]) if each.colour}
        used = [rule for rule in qgis["styles"][name] if rule["features"]]
        assert len(used) == 3
        assert {rule["colour"] for rule in used} <= known
    labels = {rule["label"] for rule in qgis["styles"]["gi_kind"]}
    assert {"Point chaud", "Point froid"} <= labels
    assert "Pas de données" in {rule["label"] for rule in qgis["styles"]["per_100k_year"]}


@pytest.mark.parametrize("suffix", [".gpkg", ".csv", ".parquet"])
def test_ogrinfo_reads_every_export(exports, table, suffix):
    if shutil.which("ogrinfo") is None:
        pytest.skip("ogrinfo is not installed (make interop installs Debian's gdal-bin)")
    if suffix == ".parquet" and "Parquet" not in call("ogrinfo", "--formats"):
        pytest.skip("this build of GDAL has no driver for Parquet")
    file = exports / f"indicators{suffix}"
    layer = "units" if suffix == ".gpkg" else "indicators"
    printed = call("ogrinfo", "-so", file, layer)
    assert f"Feature Count: {len(table)}" in printed
    for name in table.columns.drop("geometry"):
        assert re.search(rf"^{name}: ", printed, flags=re.MULTILINE), name
    if suffix == ".gpkg":
        assert 'ID["EPSG",4326]' in printed
        assert "incidents: Integer64" in printed
        assert "valid_from: DateTime" in printed


def test_duckdb_reads_geoparquet_and_the_geopackage_with_its_spatial_extension(exports, table):
    duckdb = pytest.importorskip("duckdb", reason="DuckDB is not installed (make interop does)")
    packaged = pytest.importorskip(
        "duckdb_extension_spatial",
        reason="DuckDB's spatial extension is not installed (make interop installs it)",
    )
    (extension,) = Path(packaged.__path__[0]).rglob("spatial.duckdb_extension")
    database = duckdb.connect()
    database.execute(f"LOAD '{extension}'")
    rows, incidents, area, valid, kind = database.execute(
        "SELECT count(*), sum(incidents), "
        "sum(ST_Area_Spheroid(ST_FlipCoordinates(geometry))) / 1e6,"
        " bool_and(ST_IsValid(geometry)), any_value(typeof(geometry)) "
        f"FROM '{exports / 'indicators.parquet'}'"
    ).fetchone()
    assert (rows, incidents, valid) == (len(table), table["incidents"].sum(), True)
    assert area == pytest.approx(table["area_km2"].sum(), rel=1e-3)
    assert kind.startswith("GEOMETRY")
    inside = database.execute(
        f"SELECT name FROM st_read('{exports / 'indicators.gpkg'}', layer = 'units') "
        "WHERE ST_Contains(geom, ST_Point(2.4, 15.92))"
    ).fetchall()
    assert inside == [("Ménaka",)]


_IN_R = """
suppressMessages(library(sf))
units <- st_read(commandArgs(TRUE)[1], layer = "units", quiet = TRUE)
sf_use_s2(TRUE)
cat(nrow(units), st_crs(units)$epsg, sum(units$incidents), all(st_is_valid(units)),
    sum(as.numeric(st_area(units))) / 1e6, units$name[units$adm1_id == "ML10"])
"""


def test_r_reads_the_geopackage_with_sf(exports, table, tmp_path):
    probe = ["Rscript", "-e", "library(sf)"]
    if (
        shutil.which("Rscript") is None
        or subprocess.run(probe, capture_output=True, check=False).returncode
    ):
        pytest.skip("R with sf is not installed (make interop installs Debian's r-cran-sf)")
    script = tmp_path / "read.R"
    script.write_text(_IN_R, encoding="utf-8")
    printed = call("Rscript", script, exports / "indicators.gpkg").split()
    assert printed[:4] == [str(len(table)), "4326", str(table["incidents"].sum()), "TRUE"]
    assert float(printed[4]) == pytest.approx(table["area_km2"].sum(), rel=0.01)
    assert printed[5] == "Ménaka"
