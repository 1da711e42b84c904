"""CSV with HXL tags, the Data Package beside the exports, and GeoParquet, by their standards."""

import hashlib
import importlib.util
import json
import re
import subprocess
import sys

import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely

import sahel_geo as sg
from sahel_geo.cli.terminal.words import Lang
from sahel_geo.maps.report.changes import read_figures
from sahel_geo.maps.report.exports import _title_of, hxl_tags

TAG = re.compile(r"#[a-z][a-z0-9_]*(\+[a-z][a-z0-9_]*)*")


def test_every_column_has_a_tag_that_follows_the_grammar(exports, table):
    tags = pd.read_csv(exports / "hxl" / "indicators.csv", nrows=1, dtype=str).iloc[0].tolist()
    assert len(tags) == len(table.columns) - 1
    assert all(TAG.fullmatch(tag) for tag in tags)
    assert tags[:3] == ["#adm1+code", "#adm1+name", "#country+code+v_iso3"]
    assert hxl_tags(pd.DataFrame({"1 odd Name": ["x"]})) == ["#indicator+n1_odd_name"]


def test_the_tags_are_the_only_difference_and_our_own_readers_pass_over_them(exports):
    plain = (exports / "indicators.csv").read_text(encoding="utf-8-sig").splitlines()
    tagged = (exports / "hxl" / "indicators.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [tagged[0], *tagged[2:]] == plain
    one, other = (read_figures(exports / name / "indicators.csv") for name in ("", "hxl"))
    pd.testing.assert_frame_equal(one, other)
    units = sg.load_boundaries(level=1)
    values = sg.read_unit_table(exports / "hxl" / "indicators.csv", units).values
    assert values["incidents"].sum() == one["incidents"].sum()


_IN_LIBHXL = """
import json, sys
import hxl
options = hxl.InputOptions(allow_local=True)
faults = []
source = hxl.data(sys.argv[1], options)
rows, tags = len(list(source)), source.display_tags
hxl.schema(callback=faults.append).validate(hxl.data(sys.argv[1], options))
said = [(fault.rule.severity, str(fault)) for fault in faults]
print(json.dumps([rows, tags, said]))
"""
_IN_FRICTIONLESS = """
import json, sys
import frictionless
report = frictionless.Package(sys.argv[1]).get_resource("indicators-csv").validate()
faults, rows = report.flatten(["type", "message"]), report.tasks[0].stats["rows"]
print(json.dumps([report.valid, faults, rows]))
"""


def in_a_process_of_its_own(module, script, file):
    """Run other people's code apart, since it leaves files open."""
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed (make interop installs it)")
    done = subprocess.run(
        [sys.executable, "-c", script, file], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_libhxl_reads_them_by_the_core_schema(exports, table):
    rows, tags, said = in_a_process_of_its_own(
        "hxl", _IN_LIBHXL, exports / "hxl" / "indicators.csv"
    )
    assert rows == len(table)
    assert "#event+incidents+num" in tags
    assert [text for severity, text in said if severity != "info"] == []  # of outliers, it informs


@pytest.mark.parametrize("folder", ["", "hxl"])
def test_the_descriptor_says_what_lies_beside_it(exports, table, folder):
    package = json.loads((exports / folder / "datapackage.json").read_text(encoding="utf-8"))
    assert [each["path"] for each in package["resources"]] == [
        "indicators.csv",
        "indicators.parquet",
        "indicators.gpkg",
    ]
    for each in package["resources"]:
        content = (exports / folder / each["path"]).read_bytes()
        assert each["bytes"] == len(content)
        assert each["hash"] == "sha256:" + hashlib.sha256(content).hexdigest()
    fields = package["resources"][0]["schema"]["fields"]
    assert [field["name"] for field in fields] == [
        name for name in table.columns if name != "geometry"
    ]
    titles = {field["name"]: field["title"] for field in fields}
    assert titles["incidents"].startswith("Incidents de la période")
    assert package["sources"][0] == {"title": "UCDP GED"}
    assert {each["name"] for each in package["licenses"]} >= {"CC-BY-4.0"}


@pytest.mark.parametrize("folder", ["", "hxl"])
def test_frictionless_finds_nothing_wrong(exports, table, folder):
    valid, faults, rows = in_a_process_of_its_own(
        "frictionless", _IN_FRICTIONLESS, exports / folder / "datapackage.json"
    )
    assert valid, faults[:5]
    assert rows == len(table)


@pytest.mark.parametrize("lang", [lang.value for lang in Lang])
def test_every_column_of_a_report_has_a_title(table, lang):
    for name in table.columns.drop("geometry"):
        assert _title_of(name).say(lang) != name


def test_geoparquet_follows_version_1_1(exports, table):
    """What the standard asks of the file's metadata, one rule after another."""
    file = exports / "indicators.parquet"
    geo = json.loads(pq.read_metadata(file).metadata[b"geo"])
    assert geo["version"] == "1.1.0"
    assert geo["primary_column"] == "geometry"
    column = geo["columns"]["geometry"]
    assert column["encoding"] == "WKB"
    assert set(column["geometry_types"]) <= {"Polygon", "MultiPolygon"}
    assert column["crs"]["type"] == "GeographicCRS"
    assert column["crs"]["id"] == {"authority": "EPSG", "code": 4326}
    assert column["bbox"] == pytest.approx(table.total_bounds.tolist())
    assert set(column) <= {"encoding", "geometry_types", "crs", "bbox", "edges", "orientation",
                           "epoch", "covering"}  # fmt: skip
    stored = pq.read_table(file, columns=["geometry"]).column("geometry")
    assert str(stored.type) == "binary"
    shapes = shapely.from_wkb(stored.to_pylist())
    assert {shape.geom_type for shape in shapes} == set(column["geometry_types"])
    assert not shapely.has_z(shapes).any()
