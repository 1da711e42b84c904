import hashlib
import importlib
import json
import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.affinity import translate

from sahel_geo.crs import geodesic_area_km2
from sahel_geo.errors import FileError, InputError
from sahel_geo.files import data_path

COUNTRIES = np.array(["MLI", "NER", "BFA"], dtype=object)


@pytest.fixture
def matching(tools):
    return importlib.import_module("edge_matching")


def test_squares_that_fit_stay_as_they_are(matching, toy_units):
    shapes = toy_units.geometry.to_numpy()
    found = matching.match_edges(shapes, toy_units["country"].to_numpy(object))
    assert shapely.equals(found.shapes, shapes).all()
    assert found.contested.empty
    assert found.gaps.empty


def test_an_overlap_goes_to_one_side_and_is_reported(matching):
    shapes = np.array([shapely.box(0, 10, 1.1, 11), shapely.box(1, 10, 3, 11)])
    found = matching.match_edges(shapes, COUNTRIES[:2])
    assert shapely.coverage_is_valid(found.shapes)
    assert found.shapes[0].area + found.shapes[1].area == pytest.approx(3)
    lost = found.contested["area_km2"].sum()
    assert lost == pytest.approx(geodesic_area_km2([shapely.box(1, 10, 1.1, 11)])[0])
    assert len(found.contested) == 1


def test_a_long_gap_is_split_along_its_middle(matching):
    # A strip of 0.02 degrees between two countries, closed at both ends by a third.
    left = shapely.box(0, 10, 1, 11)
    right = shapely.box(1.02, 10, 2, 11)
    caps = shapely.union_all([shapely.box(0, 11, 2, 12), shapely.box(0, 9, 2, 10)])
    caps = shapely.union(caps, shapely.box(2, 9, 3, 12))
    found = matching.match_edges(np.array([left, right, caps]), COUNTRIES)
    assert shapely.coverage_is_valid(found.shapes)
    assert shapely.union_all(found.shapes).area == pytest.approx(9)
    middle = shapely.LineString([(1.01, 10.1), (1.01, 10.9)])
    assert (
        shapely.hausdorff_distance(
            shapely.intersection(found.shapes[0].boundary, shapely.box(1.001, 10.1, 1.019, 10.9)),
            middle,
        )
        < 0.001
    )
    assert found.gaps["area_km2"].sum() == pytest.approx(
        geodesic_area_km2([shapely.box(1, 10, 1.02, 11)])[0], rel=1e-6
    )


def test_a_wedge_at_the_outer_edge_is_closed_between_countries_only(matching):
    left = shapely.Polygon([(0, 10), (1, 10), (0.99, 11), (0, 11)])
    right = shapely.box(1, 10, 2, 11)
    two = matching.match_edges(np.array([left, right]), COUNTRIES[:2])
    assert shapely.union_all(two.shapes).area == pytest.approx(2, rel=1e-4)
    one = matching.match_edges(np.array([left, right]), COUNTRIES[[0, 0]])
    assert shapely.union_all(one.shapes).area == pytest.approx(1.995)


def test_a_third_source_decides_large_claims_of_two_countries(matching):
    shapes = np.array([shapely.box(0, 10, 1.5, 11), shapely.box(1, 10, 3, 11)])
    for border in (1.0, 1.5):
        witness = {"MLI": shapely.box(0, 10, border, 11), "NER": shapely.box(border, 10, 3, 11)}
        found = matching.match_edges(shapes, COUNTRIES[:2], witness)
        assert found.shapes[0].area == pytest.approx(border)


def test_crumbs_join_their_surroundings_and_islands_are_left_out(matching):
    crumb = shapely.box(2.5, 10.5, 2.501, 10.501)
    island = shapely.box(5, 10, 5.001, 10.001)
    whole = shapely.box(2, 10, 3, 11)
    left = shapely.MultiPolygon([shapely.box(0, 10, 1, 11), crumb, island])
    shapes = np.array([left, shapely.difference(whole, crumb), shapely.box(1, 10, 2, 11)])
    found = matching.match_edges(shapes, COUNTRIES)
    assert shapely.get_num_geometries(found.shapes).tolist() == [1, 1, 1]
    assert shapely.equals(found.shapes[1], whole)


def test_fixed_units_receive_nothing(matching):
    left, right = shapely.box(0, 10, 1, 11), shapely.box(1.02, 10, 2, 11)
    frame = shapely.difference(shapely.box(-1, 9, 3, 12), shapely.box(0, 10, 2, 11))
    shapes = np.array([left, right, frame])
    found = matching.match_edges(shapes, fixed=np.array([True, False, False]))
    assert shapely.equals(found.shapes[0], left)
    assert shapely.coverage_is_valid(found.shapes)
    assert shapely.union_all(found.shapes).area == pytest.approx(12)


def test_random_tilings_with_noise_become_coverages(matching):
    rng = np.random.default_rng(2)
    for _ in range(5):
        sites = rng.uniform([0, 10], [3, 13], size=(25, 2))
        cells = shapely.get_parts(
            shapely.voronoi_polygons(shapely.MultiPoint(sites), extend_to=shapely.box(0, 10, 3, 13))
        )
        cells = shapely.intersection(cells, shapely.box(0, 10, 3, 13))
        shifts = rng.normal(0, 0.01, (len(cells), 2))
        noisy = np.array(
            [translate(cell, *shift) for cell, shift in zip(cells, shifts, strict=True)]
        )
        groups = COUNTRIES[(shapely.get_x(shapely.centroid(cells)) % 3).astype(int)]
        found = matching.match_edges(noisy, groups)
        assert shapely.coverage_is_valid(found.shapes)
        simple = matching.simplify(found.shapes, 0.001, 5)
        whole = shapely.coverage_union_all(simple)
        assert len(shapely.get_parts(whole)[0].interiors) == 0
        moved = matching.displacement_km(noisy, found.shapes)
        assert np.median(moved) < 1


def test_displacement_by_hand(matching):
    before = np.array([shapely.box(0, 0, 1, 1)])
    after = np.array([shapely.box(0, 0, 1, 0.99)])
    moved = matching.displacement_km(before, after)
    np.testing.assert_allclose(np.unique(moved.round(6)), [0, 1.11195])


def test_layers_are_written_to_the_same_bytes(tools, tmp_path, toy_units):
    build = importlib.import_module("build_boundaries")
    for name in ("a", "b"):
        build.write_layer(toy_units[["unit_id", "area_km2", "geometry"]], tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert gpd.read_parquet(tmp_path / "a").crs.to_epsg() == 4326


def test_an_archive_is_checked(tools, tmp_path):
    inputs = importlib.import_module("boundary_inputs")
    archive = tmp_path / inputs.COMMUNES.file_name
    archive.write_bytes(b"something else")
    with pytest.raises(InputError, match=r"has SHA-256 .*; expected b334efc8"):
        inputs.obtain(inputs.COMMUNES, archive, tmp_path)
    with pytest.raises(FileError, match="does not exist"):
        inputs.obtain(inputs.COMMUNES, tmp_path / "absent.whl", tmp_path)


def test_committed_files_are_those_of_the_report():
    report = json.loads(data_path("build_report.json").read_text(encoding="utf-8"))
    assert report["coverage_is_valid"]
    assert report["communes"] == {"MLI": 701, "NER": 266, "BFA": 351}
    for name, facts in report["files"].items():
        content = data_path(name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == facts["sha256"], name
    assert sum(facts["bytes"] for facts in report["files"].values()) < 2_500_000
    moved = report["displacement_km"]
    assert moved["median"] < 0.01
    assert moved["p99"] < 0.6
    assert report["resolutions"]["1m"]["displacement_km"]["p99"] < 0.1
    assert report["resolutions"]["5m"]["displacement_km"]["p99"] < 1.5


def test_facts_follow_the_compiled_table(tools, tmp_path):
    facts = importlib.import_module("unit_facts")
    units = pd.DataFrame(
        {
            "shape_id": ["2", "1", "3"],
            "country": ["MLI", "MLI", "NER"],
            "adm3_name": ["Lafia", "Salam", "Abala"],
            "adm3_pcode": ["ML060504", "ML060505", "NE006001001"],
            "adm2_name": "x",
            "adm2_pcode": "x",
            "adm1_name": ["Tombouctou", "Tombouctou", "Tillabéri"],
            "adm1_pcode": "x",
            "adm1_2012": ["Tombouctou", "Tombouctou", None],
            "adm1_2016": ["Taoudénit", "Taoudénit", None],
            "adm1_2023": [None, "Taoudénit", None],
            "adm2_2023": [None, "Araouane", None],
            "adm1_2025": None,
            "adm2_2025": None,
            "name_basis": ["COD-AB match", "RGPH-2019 list", "COD-AB match"],
            "parent_basis": [
                "hierarchy; 2023 frame: overlap adm1 0.68/adm2 0.41",
                "hierarchy; 2023 frame: overlap adm1 1.00/adm2 0.94, settlements 1.00/1.00",
                "hierarchy",
            ],
            "confidence": "high",
        }
    )
    units.to_csv(tmp_path / "units.csv", index=False)
    spellings = pd.DataFrame({"shape_id": ["1", "1"], "alias": ["Saalam", "Essalam"]})
    spellings.to_csv(tmp_path / "spellings.csv", index=False)
    table = facts.derive(tmp_path / "units.csv", tmp_path / "spellings.csv").set_index("name")
    assert list(table.index) == ["Lafia", "Salam", "Abala"]
    assert table["adm1_2016"].tolist()[:2] == ["Tombouctou", "Taoudénit"]
    assert table["adm1_2023_basis"].tolist()[:2] == ["kept", "law"]
    assert table["adm2_2023_basis"].tolist()[:2] == ["kept", "partly"]
    assert pd.isna(table.loc["Abala", "adm2_2023_basis"])
    assert table.loc["Lafia", "adm1_2023"] == "Tombouctou"
    assert table.loc["Salam", "aliases"] == "Essalam|Saalam"


def test_the_whole_build_gives_the_committed_bytes(tools, tmp_path):
    folder = os.environ.get("SAHEL_GEO_ARCHIVES")
    if not folder:
        pytest.skip("set SAHEL_GEO_ARCHIVES to the folder of the three pinned archives")
    build = importlib.import_module("build_boundaries")
    report = json.loads(data_path("build_report.json").read_text(encoding="utf-8"))
    if report["libraries"]["geos"] != shapely.geos_version_string:
        pytest.skip("another version of GEOS than the committed files were built with")
    (tmp_path / "units.csv").write_bytes(data_path("units.csv").read_bytes())
    inputs = importlib.import_module("boundary_inputs")
    packages = (inputs.COMMUNES, inputs.WORLD, inputs.TOWNS)
    paths = [Path(folder) / package.file_name for package in packages]
    archives = [inputs.obtain(*pair, tmp_path) for pair in zip(packages, paths, strict=True)]
    assert build.build(tmp_path, build.Archives(*archives))["files"] == report["files"]
