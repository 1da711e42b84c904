"""Other people's boundary files: read, checked, mended, drawn, compared."""

import json
import re
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from typer.testing import CliRunner

from sahel_geo.cli import app
from sahel_geo.crs import WGS84, geodesic_area_km2
from sahel_geo.errors import CrsError, FileError, InputError, SahelGeoError
from sahel_geo.places.boundaries.boundaries import load_boundaries
from sahel_geo.places.boundaries.boundary_map import draw_faults
from sahel_geo.places.boundaries.checks import Finding, mend
from sahel_geo.places.boundaries.compare import Comparison
from sahel_geo.places.boundaries.foreign import read_boundaries
from sahel_geo.schema import UNIT_COLUMNS

HOSTILE = '<script>alert("1")</script>'


def cod(units, level=2, style="upper"):
    """Dress units in OCHA's columns."""
    names = {
        "upper": ("ADM{}_PCODE", "ADM{}_FR"),
        "lower": ("adm{}_pcode", "adm{}_name"),
        "gadm": ("GID_{}", "NAME_{}"),
    }[style]
    frame = units[["geometry"]].copy()
    for depth in range(1, level + 1):
        for pattern, kind in zip(names, ("id", "name"), strict=True):
            frame[pattern.format(depth)] = units[f"adm{depth}_{kind}"]
    frame[names[0].format(0)] = units["country"].str[:2] if style != "gadm" else units["country"]
    return frame


@pytest.fixture
def niger():
    """Departments of Niger."""
    return load_boundaries(2, countries="NER", resolution="5m")


def zipped(frame, tmp_path, *, leave_out=()):
    """Write a zipped shapefile."""
    frame.to_file(tmp_path / "adm2.shp", encoding="UTF-8")
    archive = tmp_path / "adm2.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for part in sorted(tmp_path.glob("adm2.*")):
            if part.suffix not in {*leave_out, ".zip"}:
                target.write(part, part.name)
    return archive


@pytest.mark.parametrize("style", ["upper", "lower", "gadm"])
@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "fgb", "zip"])
def test_the_same_units_come_out_of_every_format(niger, tmp_path, style, suffix):
    frame = cod(niger, style=style)
    path = tmp_path / f"units.{suffix}"
    if suffix == "zip":
        path = zipped(frame, tmp_path)
    else:
        frame.to_file(path)
    layer = read_boundaries(path)
    ours = layer.units.sort_values("unit_id", ignore_index=True)
    assert tuple(ours.columns) == UNIT_COLUMNS
    for column in ("unit_id", "name", "country", "level", "adm1_id", "adm1_name", "adm2_id"):
        assert ours[column].tolist() == niger[column].tolist(), column
    np.testing.assert_allclose(ours["area_km2"], niger["area_km2"], rtol=1e-4, atol=0.1)
    assert layer.report.is_clean
    assert layer.report.level == 2
    assert layer.report.notes == ()


def test_a_shapefile_without_cpg_is_read_as_utf8(niger, tmp_path):
    layer = read_boundaries(zipped(cod(niger), tmp_path, leave_out={".cpg"}))
    assert "Maïné Soroa" in set(layer.units["name"])
    assert any("no .cpg" in note for note in layer.report.notes)


def test_geoboundaries_natural_earth_and_mapping(toy_units, tmp_path):
    path = tmp_path / "layer.geojson"
    frame = toy_units[["geometry"]].assign(
        shapeName=toy_units["name"], shapeID=toy_units["unit_id"], shapeGroup=toy_units["country"]
    )
    frame.assign(shapeType="ADM2").to_file(path)
    layer = read_boundaries(path)
    assert (layer.report.scheme, layer.report.level) == ("geoBoundaries", 2)
    assert layer.units["country"].tolist() == toy_units["country"].tolist()
    frame = toy_units[["name", "geometry"]].assign(
        adm1_code=toy_units["unit_id"], adm0_a3=toy_units["country"]
    )
    frame.to_file(path)
    assert read_boundaries(path).report.scheme == "Natural Earth"
    assert read_boundaries(path).report.level == 1
    frame = toy_units[["geometry"]].assign(sigle=toy_units["unit_id"], titre=toy_units["name"])
    frame.to_file(path)
    layer = read_boundaries(path, level=2, mapping={"unit_id": "sigle", "name": "titre"})
    assert layer.units["unit_id"].tolist() == toy_units["unit_id"].tolist()
    with pytest.raises(InputError, match=r"the level cannot be told .* no column of names"):
        read_boundaries(path)
    with pytest.raises(InputError, match=r"`mapping` names columns \['code'\] that the file lacks"):
        read_boundaries(path, level=2, mapping={"unit_id": "code"})
    with pytest.raises(InputError, match=r"`mapping` has keys \['unit'\]"):
        read_boundaries(path, level=2, mapping={"unit": "sigle", "name": "titre"})


def test_a_layer_of_countries_is_of_level_0(toy_units, tmp_path):
    whole = toy_units.dissolve("country").reset_index()[["geometry"]]
    frame = whole.assign(ADM0_PCODE=["BF", "ML", "NE"], ADM0_FR=["Burkina Faso", "Mali", "Niger"])
    frame.to_crs("OGC:CRS84").to_file(tmp_path / "adm0.gpkg")
    layer = read_boundaries(tmp_path / "adm0.gpkg")
    assert (layer.report.level, layer.report.findings, layer.report.notes) == (0, (), ())
    assert layer.units[["unit_id", "name", "country", "level"]].to_numpy().tolist() == [
        ["BF", "Burkina Faso", "BFA", 0], ["ML", "Mali", "MLI", 0], ["NE", "Niger", "NER", 0],
    ]  # fmt: skip
    assert layer.units[["adm1_id", "adm2_id"]].isna().all().all()


def test_codes_of_gadm_nest_though_they_end_in_a_version(toy_units, tmp_path):
    frame = toy_units[["geometry"]].assign(GID_0="MLI", GID_1="MLI.1_1", NAME_1="Gao")
    frame = frame.assign(GID_2=[f"MLI.1.{n}_1" for n in range(6)], NAME_2=toy_units["name"])
    frame.to_file(tmp_path / "gadm41_MLI_2.gpkg")
    layer = read_boundaries(tmp_path / "gadm41_MLI_2.gpkg")
    assert (layer.report.scheme, layer.report.findings) == ("GADM", ())
    frame.loc[0, "GID_2"] = "MLI.2.1_1"
    frame.to_file(tmp_path / "gadm41_MLI_2.gpkg")
    report = read_boundaries(tmp_path / "gadm41_MLI_2.gpkg").report
    assert [fault.units for fault in report.of("parent")] == [("MLI.2.1_1",)]


def broken_layer(toy_units, tmp_path):
    """One fault of each kind: sizes by hand."""
    shapes = toy_units.geometry.to_numpy().copy()
    shapes[0] = shapely.box(0, 11, 1.1, 12)  # over M2 by 0.1 degree
    hole = shapely.box(2.5, 10.5, 2.501, 10.501)
    shapes[3] = shapely.difference(shapes[3], hole)  # a gap in N2
    shapes[4] = shapely.Polygon([(0, 10), (1, 11), (1, 10), (0, 11)])  # a bow tie
    frame = cod(toy_units.set_geometry(gpd.GeoSeries(shapes, crs=4326)))
    frame.loc[5, "ADM2_PCODE"] = "B1"
    frame.loc[1, "ADM2_FR"] = None
    frame.loc[2, "ADM1_PCODE"] = "X"
    path = tmp_path / "broken.gpkg"
    frame.to_file(path)
    return path, hole


def test_every_fault_is_found_with_its_size(toy_units, tmp_path):
    path, hole = broken_layer(toy_units, tmp_path)
    report = read_boundaries(path).report
    assert not report.is_clean
    (overlap,) = report.of("overlap")
    assert set(overlap.units) == {"M1", "M2"}
    expected = geodesic_area_km2([shapely.box(1, 11, 1.1, 12)])[0]
    assert overlap.area_km2 == pytest.approx(expected)
    assert (1 < overlap.lon < 1.1, 11 < overlap.lat < 12) == (True, True)
    gap = min(report.of("gap"), key=lambda fault: fault.area_km2)
    assert gap.units == ("N2",)
    assert gap.area_km2 == pytest.approx(geodesic_area_km2([hole])[0], rel=1e-6)
    assert [fault.units for fault in report.of("duplicate")] == [("B1",)]
    assert [fault.units for fault in report.of("nameless")] == [("M2",)]
    assert {fault.units[0] for fault in report.of("parent")} == {"N1"}
    assert "Self-intersection" in report.of("invalid")[0].detail
    text = "\n".join(report.lines())
    assert "overlap: 1" in text
    assert json.loads(json.dumps(report.to_dict()))["summary"]["overlap"]["count"] == 1


def test_of_many_units_around_a_gap_four_are_named(toy_units):
    angles = np.radians(np.arange(0, 361, 60))
    middle, star = np.array([0, 12]), np.column_stack([np.cos(angles), np.sin(angles)])
    around, inner = middle + star, middle + star / 5
    wedges = [shapely.Polygon([inner[n], around[n], around[n + 1], inner[n + 1]]) for n in range(6)]
    for chosen in (wedges, [*wedges[:3], shapely.union_all(wedges[3:])]):
        units = toy_units.iloc[: len(chosen)].set_geometry(chosen, crs=4326)
        (gap,) = Finding.all_of(units)
        assert (gap.kind, gap.units) == ("gap", tuple(toy_units["unit_id"][:4]))
        assert gap.area_km2 == pytest.approx(geodesic_area_km2([shapely.Polygon(inner)])[0])


def test_a_unit_alone_may_hold_a_gap_and_a_layer_of_none_has_no_faults(toy_units):
    hole = shapely.box(0.4, 11.4, 0.6, 11.6)
    alone = toy_units.iloc[[0]].assign(geometry=[shapely.difference(toy_units.geometry[0], hole)])
    (gap,) = Finding.all_of(alone)
    assert (gap.kind, gap.units) == ("gap", ("M1",))
    assert gap.area_km2 == pytest.approx(geodesic_area_km2([hole])[0])
    assert Finding.all_of(toy_units.iloc[:0]) == ()


@pytest.mark.parametrize(("metres", "faults"), [(9.9, 0), (10.1, 2)])
def test_slivers_below_a_hundred_square_metres_are_no_faults(toy_units, metres, faults):
    """A square of so many metres over the neighbour, and one cut out of the middle."""
    place, side = np.array([1.0, 11.5]), np.array([metres / 109_120, metres / 110_640])
    square = shapely.box(*place, *(place + side))
    shapes = toy_units.geometry.to_numpy().copy()
    shapes[0] = shapely.union(shapes[0], square)
    shapes[3] = shapely.difference(shapes[3], shapely.box(2.5, 10.5, 2.5 + side[0], 10.5 + side[1]))
    found = Finding.all_of(toy_units.set_geometry(shapes, crs=4326))
    assert [fault.kind for fault in found] == ["overlap", "gap"][:faults]


def test_each_row_without_a_parent_is_named(toy_units):
    toy_units.loc[[1, 4], "adm1_id"] = [None, ""]
    found = Finding.all_of(toy_units)
    assert [(fault.kind, *fault.units, str(fault.detail)) for fault in found] == [
        ("parent", "B1", "no parent"), ("parent", "M2", "no parent"),
    ]  # fmt: skip
    assert Finding.all_of(toy_units.assign(adm1_id=None)) == ()  # the layer does not tell parents


def test_repair_mends_geometry_and_leaves_the_rest(toy_units, tmp_path):
    path, _ = broken_layer(toy_units, tmp_path)
    if not hasattr(shapely, "coverage_clean"):
        pytest.skip("fitting edges needs shapely 2.2")
    layer = read_boundaries(path, repair=True)
    assert {fault.kind for fault in layer.report.findings} <= {
        "duplicate", "nameless", "parent", "gap",
    }  # fmt: skip
    assert all(fault.area_km2 > 10 for fault in layer.report.of("gap"))  # half the bow tie
    assert any("1 invalid polygons rebuilt: ['B1']" in text for text in layer.report.repairs)
    assert any("edges fitted" in text for text in layer.report.repairs)
    solid = layer.units.geometry.to_numpy()
    assert shapely.coverage_is_valid(solid)


def test_rows_of_one_unit_are_joined(toy_units, tmp_path):
    frame = cod(toy_units)
    frame.loc[1, ["ADM2_PCODE", "ADM2_FR"]] = frame.loc[0, ["ADM2_PCODE", "ADM2_FR"]].to_numpy()
    frame.to_file(tmp_path / "parts.gpkg")
    layer = read_boundaries(tmp_path / "parts.gpkg", repair=True)
    assert len(layer.units) == 5
    assert layer.report.is_clean
    total = geodesic_area_km2(toy_units.geometry.iloc[:2]).sum()
    assert layer.units["area_km2"].iloc[0] == pytest.approx(total, rel=1e-4)


def test_rows_of_one_code_without_a_name_are_not_joined(toy_units):
    twice = toy_units.copy()
    twice.loc[1, "unit_id"] = twice.loc[0, "unit_id"]
    twice.loc[[0, 1], "name"] = None
    mended, done = mend(twice)
    assert len(mended) == 6
    assert not any("joined" in each.say("en") for each in done)


def test_empty_and_strange_geometry_is_reported(toy_units, tmp_path):
    shapes = toy_units.geometry.to_numpy().copy()
    shapes[0], shapes[1] = None, shapely.Point(1, 11)
    cod(toy_units.set_geometry(gpd.GeoSeries(shapes, crs=4326))).to_file(tmp_path / "a.geojson")
    for repair in (False, True):
        report = read_boundaries(tmp_path / "a.geojson", repair=repair).report
        assert [fault.units for fault in report.of("empty")] == [("M1",)]
        assert [fault.detail for fault in report.of("invalid")] == ["a Point, not a polygon"]


def test_another_crs_is_reprojected_and_none_refused(niger, tmp_path):
    cod(niger).to_crs(32632).to_file(tmp_path / "utm.gpkg")
    layer = read_boundaries(tmp_path / "utm.gpkg")
    assert "UTM zone 32N" in layer.report.crs
    np.testing.assert_allclose(layer.units["area_km2"], niger["area_km2"], rtol=1e-3, atol=0.1)
    with pytest.raises(CrsError, match="has no coordinate reference system"):
        read_boundaries(zipped(cod(niger), tmp_path, leave_out={".prj"}))


def test_files_that_cannot_be_used(niger, tmp_path, monkeypatch):
    with pytest.raises(FileError, match=r"missing.zip' cannot be read"):
        read_boundaries(tmp_path / "missing.zip")
    with pytest.raises(FileError, match="it is a folder"):
        read_boundaries(tmp_path)
    for name, content in (
        ("a.gpkg", b"SQLite format 3\x00 nothing"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": ['),
        ("a.shp", b"\x00\x00\x27\x0a"),
        ("empty.gpkg", b""),
        ("text.csv", b"a;b\n1;2\n"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(SahelGeoError, match=re.escape(name)):
            read_boundaries(tmp_path / name)
    archive = zipped(cod(niger), tmp_path)
    (tmp_path / "cut.zip").write_bytes(archive.read_bytes()[:-3000])
    with pytest.raises(FileError, match=r"cut.zip'"):
        read_boundaries(tmp_path / "cut.zip")
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("adm2.geojson", b" " * 20_000_000)
    with pytest.raises(FileError, match="unpacks to 20,000,000 bytes"):
        read_boundaries(tmp_path / "bomb.zip")
    with zipfile.ZipFile(tmp_path / "none.zip", "w") as none:
        none.writestr("readme.txt", "nothing")
    with pytest.raises(InputError, match="holds 0 layers"):
        read_boundaries(tmp_path / "none.zip")
    monkeypatch.setattr("sahel_geo.formats.vectors.MAX_BYTES", 100)
    with pytest.raises(FileError, match="expected at most 100"):
        read_boundaries(archive)


def test_one_of_several_layers_by_level(niger, tmp_path):
    path = tmp_path / "all.gpkg"
    cod(niger).to_file(path, layer="ner_admbnda_adm2")
    cod(load_boundaries(1, countries="NER", resolution="5m"), 1).to_file(path, layer="ner_adm1")
    assert len(read_boundaries(path, level=1).units) == 8
    assert len(read_boundaries(path, level=2).units) == 67
    with pytest.raises(InputError, match="`path` holds 2 layers"):
        read_boundaries(path)


def test_the_picture_marks_the_worst_and_runs_nothing(toy_units, tmp_path):
    toy_units["name"] = HOSTILE
    toy_units["adm2_id"] = [f"{HOSTILE}{row}" for row in range(6)]
    path, _ = broken_layer(toy_units, tmp_path)
    layer = read_boundaries(path)
    for name in ("faults.svg", "faults.html"):
        text = draw_faults(layer, tmp_path / name).read_text(encoding="utf-8")
        assert "<script" not in text
        assert "&lt;script&gt;" in text
        assert text.count("<circle") == sum(f.lon is not None for f in layer.report.findings)
        assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    with pytest.raises(InputError, match=r"expected a name in .svg or .html"):
        draw_faults(layer, tmp_path / "faults.png")


@pytest.mark.parametrize(("wide", "height"), [(True, 625), (False, 1269)])
def test_a_mark_stands_where_its_fault_is_on_the_map(toy_units, tmp_path, wide, height):
    """The map fills the page between its margins, and a tall one is 1/0.7 as high as wide."""
    shapes = shapely.transform(
        toy_units.geometry.to_numpy(),
        lambda xy: xy - [5, 0] if wide else (xy - [0, 10]) * [0.1, 3] + [-5, 8],
    )
    west, south, east, north = shapely.total_bounds(shapes)
    middle = (south + north) / 2 + 0.3
    holes = [
        shapely.Point(west + share * (east - west), middle).buffer(0.01 * share)
        for share in (0.2, 0.8)
    ]
    cut = shapely.difference(shapely.difference(shapes, holes[0]), holes[1])
    cod(toy_units.set_geometry(cut, crs=4326)).to_file(tmp_path / "a.gpkg")
    layer = read_boundaries(tmp_path / "a.gpkg")
    text = draw_faults(layer, tmp_path / "a.svg").read_text(encoding="utf-8")
    outline = np.array(re.findall(r"[ML]([\d.]+) ([\d.]+)", text), dtype=float)
    low, high = outline.min(axis=0), outline.max(axis=0)
    squeeze = np.cos(np.radians((south + north) / 2))
    per_degree = (high - low) / [east - west, north - south]
    assert per_degree[0] / per_degree[1] == pytest.approx(squeeze, rel=2e-3 if wide else 0.02)
    assert low == pytest.approx([20, 20], abs=0.1)
    assert f'viewBox="0 0 900 {height}"' in text
    assert high[1] == pytest.approx(height - 21, abs=1)
    assert high[0] == pytest.approx(880, abs=0.1) if wide else high[0] < 880
    marks = np.array(re.findall(r'cx="(\S+)" cy="(\S+)"', text), dtype=float)
    places = np.array([(holes[n].centroid.x, holes[n].centroid.y) for n in (1, 0)])
    expected = low + (places - [west, north]) * [1, -1] * per_degree
    np.testing.assert_allclose(marks, expected, atol=0.6)
    assert re.findall(r">(\d+)</text>", text) == ["1", "2"]  # the larger first


def test_commands(toy_units, tmp_path):
    run = CliRunner()
    path, _ = broken_layer(toy_units, tmp_path)
    picture, mended = tmp_path / "map.svg", tmp_path / "mended.gpkg"
    found = run.invoke(app, ["boundaries", "check", str(path), "--map", str(picture)])
    assert found.exit_code == 1
    assert "chevauchement\u202f: 1" in found.output
    assert picture.read_text(encoding="utf-8").startswith("<svg")
    found = run.invoke(app, ["boundaries", "check", str(path), "--json", "--repair", str(mended)])
    assert json.loads(found.output)["repairs"]
    assert len(read_boundaries(mended, level=2).units) == 6
    clean = tmp_path / "clean.gpkg"
    cod(load_boundaries(1, countries="NER", resolution="5m"), 1).to_file(clean)
    assert run.invoke(app, ["boundaries", "check", str(clean)]).exit_code == 0
    found = run.invoke(app, ["boundaries", "compare", str(clean), "--json"])
    figures = json.loads(found.output)
    assert (figures["ours"], figures["theirs"], figures["matched_by_code"]) == (8, 8, 8)
    assert 0.95 < figures["overlap_median"] < 1
    compare = ["boundaries", "compare", str(clean)]
    assert "écart des contours" in run.invoke(app, compare).output
    assert "offset of outlines" in run.invoke(app, [*compare, "--lang", "en"]).output


def test_comparison_by_hand(toy_units):
    moved = toy_units.assign(geometry=toy_units.geometry.translate(0.1, 0))
    found = Comparison.of(toy_units, moved)
    np.testing.assert_allclose(found.units["overlap"], 0.9 / 1.1, rtol=1e-3)
    assert found.units["same_parent"].all()
    # Half of the corners moved 0.1 degree along our outline, half of them off it.
    assert found.offset_p99_km == pytest.approx(WGS84.inv(0, 10, 0.1, 10)[2] / 1e3, rel=2e-4)
    assert (found.by_code, found.by_name) == (6, 0)
    parents = ["M", None, "N", "B", "B", "B"]
    named = toy_units.assign(unit_id=["M1", "x", "N1", "N2", "y", "B2"], adm1_id=parents)
    figures = Comparison.of(toy_units, named).to_dict()
    assert [figures[f"matched_by_{way}"] for way in ("code", "name")] == [4, 2]
    assert [figures[name] for name in ("same_code", "parents_wrong", "parents_compared")] == [
        4, 1, 5,
    ]  # fmt: skip
    # Shares are told to a ten-thousandth, distances to the metre.
    figures = found.to_dict()
    figures["worst"] = min(figures["overlap_worst"].values())
    for name, value, step in (
        ("worst", found.units["overlap"].min(), 1e-4),
        ("overlap_median", found.units["overlap"].median(), 1e-4),
        ("overlap_p5", found.units["overlap"].quantile(0.05), 1e-4),
        ("offset_median_km", found.offset_median_km, 1e-3),
        ("offset_p99_km", found.offset_p99_km, 1e-3),
    ):
        assert figures[name] == pytest.approx(value, abs=step / 2)
        assert figures[name] / step == pytest.approx(round(figures[name] / step), abs=1e-6)
    # One of some 480 corners off by 5 km is no percent of them, and not the median.
    dense = shapely.segmentize(toy_units.geometry.to_numpy(), 0.05)
    tip = shapely.Polygon([(-0.05, 11.45), (0, 11.44), (0, 11.46)])
    dense[0] = shapely.union(dense[0], tip)
    found = Comparison.of(toy_units, toy_units.set_geometry(dense, crs=4326))
    assert found.offset_p99_km < 0.1  # parallels bend in a plane
    assert found.offset_median_km < 0.1
    strangers = toy_units.assign(unit_id="x", name="y")
    with pytest.raises(InputError, match="`theirs` has no unit of `ours` among its 6"):
        Comparison.of(toy_units, strangers)


@pytest.mark.reference
@pytest.mark.parametrize(
    ("name", "least", "codes"),
    [
        ("mli_admbnda_adm1_1m_gov_20211220.zip", 0.99, True),
        ("mli_admbnda_adm2_1m_gov_20211220.zip", 0.99, True),
        ("NER_admbnda_adm1_IGNN_20230720.zip", 0.97, True),
        ("NER_admbnda_adm2_IGNN_20230720.zip", 0.92, True),
        ("geoBoundaries-BFA-ADM1_2017.geojson", 0.98, False),
        ("geoBoundaries-BFA-ADM2_2017.geojson", 0.98, False),
    ],
)
def test_real_layers_are_clean_and_agree(reference_data, name, least, codes):
    layer = read_boundaries(reference_data / "codab" / name)
    assert layer.report.is_clean
    found = Comparison.of(load_boundaries(layer.report.level), layer.units)
    assert found.ours == found.theirs == len(found.units)
    assert found.units["same_code"].all() == codes
    assert not (found.units["same_parent"] == False).any()  # noqa: E712  missing is no fault
    assert found.units["overlap"].median() >= least


@pytest.mark.reference
def test_a_layer_that_was_simplified_alone_is_mended(reference_data):
    path = reference_data / "codab" / "bfa_adm1_2025_17regions_simplified.geojson"
    before = read_boundaries(path).report
    assert len(before.of("overlap")) > 20
    assert len(before.of("gap")) > 100
    if hasattr(shapely, "coverage_clean"):
        assert read_boundaries(path, repair=True).report.is_clean


@pytest.mark.parametrize("names", [("adm{}_code", "adm{}_name"), ("gaul{}_code", "gaul{}_name")])
def test_units_of_gaul_are_recognised(tmp_path, names):
    code, name = names
    columns = {code.format(1): [2200, 2200], name.format(1): ["Agadez", "Agadez"],
               code.format(2): [22100, 22101], name.format(2): ["Arlit", "Bilma"],
               code.format(0): [181, 181], name.format(0): ["Niger", "Niger"]}  # fmt: skip
    boxes = [shapely.box(7, 18, 8, 19), shapely.box(8, 18, 9, 19)]
    gpd.GeoDataFrame(columns, geometry=boxes, crs=4326).to_file(tmp_path / "gaul.gpkg")
    units = read_boundaries(tmp_path / "gaul.gpkg").units
    assert units["unit_id"].tolist() == ["22100", "22101"]
    assert units[["name", "country", "level", "adm1_name"]].to_numpy().tolist() == [
        ["Arlit", "NER", 2, "Agadez"], ["Bilma", "NER", 2, "Agadez"],
    ]  # fmt: skip


def test_codes_of_a_nation_are_no_country(tmp_path):
    frame = gpd.GeoDataFrame(
        {"code_dep": ["101", "102"], "departement": ["Arlit", "Bilma"]},
        geometry=[shapely.box(7, 18, 8, 19), shapely.box(8, 18, 9, 19)], crs=4326,
    )  # fmt: skip
    frame.to_file(tmp_path / "own.gpkg")
    mapping = {"unit_id": "code_dep", "name": "departement"}
    units = read_boundaries(tmp_path / "own.gpkg", level=2, mapping=mapping).units
    assert units["country"].isna().all()


@pytest.mark.parametrize("crs", [4326, 32632])
@pytest.mark.parametrize("encoding", ["WKB", "geoarrow"])
def test_geoparquet_is_read_in_any_encoding_and_reference_system(tmp_path, crs, encoding):
    units = load_boundaries(2, countries="NER", resolution="5m")
    file = tmp_path / "units.parquet"
    cod(units, 2).to_crs(crs).to_parquet(file, geometry_encoding=encoding)
    layer = read_boundaries(file)
    assert layer.report.scheme == "OCHA COD-AB"
    assert layer.report.level == 2
    assert layer.units["unit_id"].tolist() == units["unit_id"].tolist()
    assert layer.units["area_km2"].sum() == pytest.approx(units["area_km2"].sum(), rel=0.01)


def test_geoparquet_without_its_metadata_is_refused_in_words(tmp_path):
    file = tmp_path / "units.parquet"
    pd.DataFrame({"name": ["Gao"]}).to_parquet(file)
    with pytest.raises(InputError, match="does not say which column holds its shapes"):
        read_boundaries(file)


def test_parquet_in_an_archive_is_a_layer(tmp_path):
    units = load_boundaries(1, countries="NER", resolution="5m")
    cod(units, 1).to_parquet(tmp_path / "adm1.parquet")
    file = tmp_path / "units.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.write(tmp_path / "adm1.parquet", "sub/adm1.parquet")
    assert read_boundaries(file).units["name"].tolist() == units["name"].tolist()


def test_copies_of_one_layer_are_read_once_and_the_finest_is_named(tmp_path):
    units = load_boundaries(1, countries="NER", resolution="5m")
    frame = gpd.GeoDataFrame(
        {"shapeName": units["name"], "shapeID": range(len(units)), "shapeGroup": "NER",
         "shapeType": "ADM1"}, geometry=units.geometry, crs=4326,
    )  # fmt: skip
    stem = "geoBoundaries-NER-ADM1"
    frame.to_file(tmp_path / f"{stem}.geojson")
    frame.head(3).to_file(tmp_path / f"{stem}_simplified.geojson")
    frame.to_file(tmp_path / f"{stem}.shp")
    (tmp_path / "meta.json").write_text('{"boundaryID": "NER-ADM1"}')
    file = tmp_path / "geoBoundaries-NER-ADM1-all.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for each in sorted(tmp_path.glob("*.*")):
            if each != file:
                archive.write(each, each.name)
    layer = read_boundaries(file)
    assert len(layer.units) == 8
    assert f"of 3 copies of one layer, {stem}.shp is read" in [str(n) for n in layer.report.notes]


@pytest.mark.parametrize(
    ("columns", "level"),
    [
        ({"CODE_DEP": "unit_id", "NOM_DEP": "name", "NOM_REG": "adm1_name"}, 2),
        ({"code_departement": "unit_id", "departement": "name", "region": "adm1_name"}, 2),
        ({"Nom_Commune": "name", "Province": "adm2_name", "Région": "adm1_name"}, 3),
        ({"DEPARTEMENT": "name", "PROVINCE": "adm2_name", "REGION": "adm1_name"}, 3),
    ],
)
def test_national_layers_are_known_by_the_words_of_their_columns(tmp_path, columns, level):
    units = load_boundaries(level, countries="BFA" if level == 3 else "NER", resolution="5m")
    frame = units[[*columns.values(), "geometry"]].copy()
    frame.columns = [*columns, "geometry"]
    frame.to_file(tmp_path / "units.gpkg")
    layer = read_boundaries(tmp_path / "units.gpkg")
    assert layer.report.level == level
    for ours in columns.values():
        assert layer.units[ours].tolist() == units[ours].tolist()


def test_the_level_of_a_plain_name_is_not_that_of_its_region(tmp_path):
    units = load_boundaries(2, countries="NER", resolution="5m")
    frame = units.rename(columns={"name": "Nom", "adm1_name": "Region"})
    frame[["Nom", "Region", "geometry"]].to_file(tmp_path / "units.gpkg")
    with pytest.raises(InputError, match="the level cannot be told"):
        read_boundaries(tmp_path / "units.gpkg")
    assert read_boundaries(tmp_path / "units.gpkg", level=2).units["adm1_name"].nunique() == 8
