"""Crosswalks between vintages, tables carried along them, and sums of rasters."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st

from sahel_geo.crs import EQUAL_AREA, geodesic_area_km2
from sahel_geo.errors import CrsError, FileError, InputError
from sahel_geo.places.boundaries.boundaries import load_boundaries
from sahel_geo.places.boundaries.crosswalk import crosswalk, harmonise
from sahel_geo.places.zonal import zonal_sums

PAIRS = [
    (1, "2012", "2023"),
    (2, "2012", "2016"),
    (2, None, "2023"),
    (2, "2023", "2012"),
    (1, "2001", "2025"),
    (2, "2025", "2001"),
    (0, None, "2025"),
    (3, "2012", "2023"),
]


@pytest.fixture(scope="module")
def raster(tmp_path_factory):
    """People on a grid of 0.1 degrees over the three countries, with gaps."""
    path = tmp_path_factory.mktemp("raster") / "people.tif"
    values = np.random.default_rng(3).gamma(1.0, 50.0, (170, 300)).astype("float32")
    values[:20, :20] = -9999
    profile = {"driver": "GTiff", "width": 300, "height": 170, "count": 1, "dtype": "float32"}
    profile |= {"crs": "EPSG:4326", "transform": Affine(0.1, 0, -13, 0, -0.1, 26), "nodata": -9999}
    with rasterio.open(path, "w", **profile) as file:
        file.write(values, 1)
    return path


@pytest.mark.parametrize(("level", "source", "target"), PAIRS)
def test_shares_add_up_to_exactly_one_in_any_order(level, source, target):
    table = crosswalk(level, source, target)
    for seed in range(3):
        mixed = table.sample(frac=1, random_state=seed)
        totals = [sum(group.tolist()) for _, group in mixed.groupby("source_id")["area_share"]]
        assert totals == [1.0] * len(totals)
    assert (table["area_share"] > 0).all()
    assert table["target_id"].notna().all()
    pairs = table[["source_id", "target_id"]].itertuples(index=False, name=None)
    assert list(pairs) == sorted(set(zip(table["source_id"], table["target_id"], strict=True)))
    assert table.index.tolist() == list(range(len(table)))
    ours = set(load_boundaries(level, vintage=source, resolution="5m")["unit_id"])
    assert set(table["source_id"]) == ours
    target_units = set(load_boundaries(level, vintage=target, resolution="5m")["unit_id"])
    assert set(table["target_id"]) == target_units


def test_menaka_before_and_after():
    table = crosswalk(1, "2014-06-01", "2016-06-01", countries="MLI").set_index(
        ["source_name", "target_name"]
    )
    areas = load_boundaries(1, countries="MLI").set_index("name")["area_km2"]
    share = areas["Ménaka"] / (areas["Ménaka"] + areas["Gao"])
    assert table.loc[("Gao", "Ménaka"), "area_share"] == pytest.approx(share, rel=1e-9)
    assert table.loc[("Kidal", "Kidal"), "area_share"] == 1.0
    assert len(table.loc["Gao"]) == 2


def test_a_crosswalk_through_communes_equals_the_overlay_of_the_units():
    source = load_boundaries(2, countries="MLI", vintage="2012")
    target = load_boundaries(2, countries="MLI", vintage="2023")
    known = crosswalk(2, "2012", "2023", countries="MLI")
    found = crosswalk(2, source, target)
    keys = ["source_id", "target_id"]
    both = known.merge(found, on=keys, how="outer", suffixes=("", "_overlay"))
    assert both.notna().all().all()
    # Long straight edges of the desert: geodesics in one, lines of the map in the other.
    np.testing.assert_allclose(both["area_share"], both["area_share_overlay"], atol=3e-4)


def test_ground_outside_the_target_is_kept(toy_units):
    part = toy_units[toy_units["unit_id"] != "B1"]
    moved = part.assign(geometry=part.geometry.translate(0.25, 0))
    table = crosswalk(2, toy_units, moved).set_index("source_id")
    lost = table[table["target_id"].isna()]["area_share"]
    assert lost.round(3).to_dict() == {"B1": 1.0, "B2": 0.25, "M1": 0.25}
    assert table.loc["M2"].set_index("target_id")["area_share"].round(3).to_dict() == {
        "M1": 0.25,
        "M2": 0.75,
    }
    assert table.groupby(level=0)["area_share"].sum().eq(1.0).all()


def test_pieces_carry_names_or_identifiers_where_there_are_none(toy_units):
    named = toy_units.assign(name=[f"unit {unit}" for unit in toy_units["unit_id"]])
    table = crosswalk(2, named, toy_units.drop(columns="name", errors="ignore"))
    assert table["source_name"].tolist() == [f"unit {unit}" for unit in table["source_id"]]
    assert table["target_name"].tolist() == table["target_id"].tolist()


def test_a_rate_of_small_units_is_carried_as_that_of_large_ones(toy_units):
    small = toy_units.assign(geometry=toy_units.geometry.scale(1e-3, 1e-3, origin=(0, 10)))
    table = pd.DataFrame({"unit_id": toy_units["unit_id"], "rate": range(6)})
    found = harmonise(table, to=small, source=small, intensive=["rate"]).set_index("unit_id")
    assert found.loc[table["unit_id"], "rate"].tolist() == pytest.approx(range(6))
    assert found["coverage"].tolist() == pytest.approx([1] * 6)


def test_what_lies_outside_the_new_units_is_a_last_row(toy_units, raster):
    """Squares moved east by a quarter: each keeps three quarters and gives one to the next."""
    moved = toy_units[toy_units["unit_id"] != "B1"]
    moved = moved.assign(geometry=moved.geometry.translate(0.25, 0))
    rate = {"M1": 1.0, "M2": 2.0, "N1": 3.0, "N2": 4.0, "B1": 5.0, "B2": 6.0}
    table = pd.DataFrame({"unit_id": rate.keys(), "rate": rate.values()})
    found = harmonise(
        table.assign(n=100 * table["rate"]),
        to=moved, source=toy_units, extensive=["n"], intensive=["rate"],
    )  # fmt: skip
    assert found["unit_id"].fillna("outside").tolist() == ["B2", "M1", "M2", "N1", "N2", "outside"]
    assert found["n"].tolist() == pytest.approx([550, 125, 225, 225, 300, 675])
    assert found["rate"].tolist() == pytest.approx([5.5, 1.25, 2.25, 3, 4, 4.5], rel=2e-3)
    assert found["coverage"].tolist() == pytest.approx([1, 1, 1, 0.75, 0.75, 1])
    half, whole = zonal_sums(
        gpd.GeoSeries([shapely.box(2.25, 11, 3, 12), shapely.box(2.25, 11, 3.25, 12)], crs=4326),
        raster,
    )
    people = harmonise(
        table, to=moved, source=toy_units, intensive=["rate"], population=raster
    ).set_index("unit_id")
    assert people.loc["N1", "coverage"] == pytest.approx(half / whole, rel=1e-3)
    assert people.loc["M1", "coverage"] == 1
    gap = harmonise(
        table.assign(n=[np.nan, *range(5)]), to=moved, source=toy_units, extensive=["n"]
    )
    assert gap["unit_id"][gap["n"].isna()].fillna("outside").tolist() == ["M1", "outside"]


def test_a_unit_that_a_layer_only_touches_is_not_called_covered():
    """Half a region, carried to regions, holds half of one and nothing of the others."""
    regions = load_boundaries(1, countries="BFA", resolution="5m")
    west, south, east, north = regions.geometry.iloc[0].bounds
    half = regions.iloc[[0]].clip((west, south, (west + east) / 2, north))
    table = pd.DataFrame({"unit_id": half["unit_id"], "n": [8.0]})
    found = harmonise(table, to=None, source=half, level=1, extensive=["n"]).set_index("unit_id")
    areas = [geodesic_area_km2(layer.geometry)[0] for layer in (half, regions)]
    assert found.loc[half["unit_id"].item(), "coverage"] == pytest.approx(
        areas[0] / areas[1], abs=0.01
    )
    assert (found["coverage"].drop(half["unit_id"].item()) < 0.02).all()
    inferred = harmonise(table, to=None, source=half, extensive=["n"])  # its column says its level
    pd.testing.assert_frame_equal(inferred.set_index("unit_id"), found)


def test_layers_without_one_row_per_unit_are_refused(toy_units):
    twice = toy_units.assign(unit_id=["M1", *toy_units["unit_id"].iloc[:-1]])
    for layer in (twice, toy_units.drop(columns="unit_id")):
        with pytest.raises(InputError, match="`source` has no unit_id or repeats one"):
            crosswalk(2, layer, toy_units)
        with pytest.raises(InputError, match="`target` has no unit_id or repeats one"):
            crosswalk(2, toy_units, layer)


def test_people_share_out_differently_from_ground():
    communes = load_boundaries(3, countries="BFA", resolution="5m")
    people = pd.Series(1000.0, index=communes["unit_id"])
    people[communes["unit_id"][communes["name"] == "Djibo"]] = 100_000.0
    table = crosswalk(1, "2001", "2025", countries="BFA", population=people)
    sahel = table[table["source_name"] == "Sahel"].set_index("target_name")
    counts = communes[communes["adm1_name"] == "Sahel"]["adm2_name"].value_counts()
    expected = (100_000 + 1000 * (counts["Soum"] - 1)) / (100_000 + 1000 * (counts.sum() - 1))
    assert sahel.loc["Soum", "population_share"] == pytest.approx(expected)
    assert sahel.loc["Soum", "area_share"] < 0.4
    frame = people.rename("population").rename_axis("unit_id").reset_index()
    again = crosswalk(1, "2001", "2025", countries="BFA", population=frame)
    pd.testing.assert_frame_equal(table, again)


def test_units_without_people_are_shared_out_by_area():
    communes = load_boundaries(3, countries="BFA", resolution="5m")
    none = pd.Series(0.0, index=communes["unit_id"])
    table = crosswalk(1, "2001", "2025", countries="BFA", population=none)
    np.testing.assert_array_equal(table["population_share"], table["area_share"])


def test_population_faults():
    communes = load_boundaries(3, countries="BFA", resolution="5m")
    people = pd.Series(1.0, index=communes["unit_id"])
    with pytest.raises(InputError, match=r"`population` lacks 2 communes: \['BF1300"):
        crosswalk(1, "2001", "2025", countries="BFA", population=people.iloc[2:])
    with pytest.raises(InputError, match=r"`population` has no column \['unit_id'"):
        crosswalk(1, "2001", "2025", population=pd.DataFrame({"a": [1]}))
    with pytest.raises(InputError, match=r"repeats 0 communes .* has text or negative numbers"):
        crosswalk(1, "2001", "2025", countries="BFA", population=-people)
    with pytest.raises(InputError, match="expected a raster where a side is a layer"):
        crosswalk(1, load_boundaries(1, resolution="5m"), "2025", population=people)


def test_people_from_a_raster(raster):
    table = crosswalk(1, "2001", "2025", countries="BFA", population=raster)
    whole = zonal_sums(load_boundaries(0, countries="BFA").geometry, raster)
    assert table["population"].sum() == pytest.approx(whole[0], rel=1e-9)
    layers = [load_boundaries(1, countries="BFA", vintage=year) for year in ("2001", "2025")]
    overlay = crosswalk(1, *layers, population=raster)
    assert overlay["population"].sum() == pytest.approx(whole[0], rel=1e-3)


@given(
    counts=st.lists(st.integers(0, 10_000), min_size=20, max_size=20),
    pair=st.sampled_from([("2012", "2023"), ("2023", "2012"), ("2012", "2016"), ("2021", "2023")]),
)
@settings(max_examples=15, deadline=None)
def test_totals_are_conserved(counts, pair):
    ids = load_boundaries(1, countries="MLI", vintage=pair[0], resolution="5m")["unit_id"]
    table = pd.DataFrame({"unit_id": ids, "incidents": counts[: len(ids)]})
    moved = harmonise(table, to=pair[1], source=pair[0], extensive=["incidents"])
    assert moved["incidents"].sum() == pytest.approx(table["incidents"].sum(), rel=1e-12)
    assert moved["coverage"].eq(1.0).all()


@given(value=st.floats(-1e6, 1e6), by=st.sampled_from(["2016", "2023"]))
@settings(max_examples=15, deadline=None)
def test_a_rate_that_is_the_same_everywhere_stays_so(value, by):
    ids = load_boundaries(2, countries="MLI", vintage="2012", resolution="5m")["unit_id"]
    table = pd.DataFrame({"unit_id": ids, "rate": value})
    moved = harmonise(table, to=by, source="2012", intensive=["rate"])
    np.testing.assert_allclose(moved["rate"], value, rtol=1e-12)


def test_there_and_back_changes_nothing_where_units_were_only_split():
    old = load_boundaries(1, countries="BFA", vintage="2001", resolution="5m")
    table = pd.DataFrame({"unit_id": old["unit_id"], "n": np.arange(13.0)})
    there = harmonise(table, to="2025", source="2001", extensive=["n"])
    back = harmonise(there, to="2001", source="2025", extensive=["n"])
    np.testing.assert_allclose(back.set_index("unit_id")["n"][table["unit_id"]], table["n"])


def test_periods_are_carried_apart_and_gaps_stay_gaps():
    table = pd.DataFrame(
        {
            "unit_id": ["BF56", "BF56", "BF47", "BF47"],
            "period": ["2024", "2025", "2024", "2025"],
            "n": [10.0, np.nan, 4.0, 5.0],
        }
    )
    moved = harmonise(table, to="2025", source="2001", extensive=["n"], by=["period"])
    wide = moved.pivot(index="name", columns="period", values="n")
    assert wide.loc[["Liptako", "Soum"], "2024"].sum() == pytest.approx(10)
    assert wide.loc[["Liptako", "Soum"], "2025"].isna().all()
    assert wide.loc["Tannounyan"].tolist() == [4.0, 5.0]


def test_a_partly_covered_unit_says_so():
    cercles = load_boundaries(2, countries="MLI", resolution="5m")
    menaka = cercles[cercles["adm1_name"] == "Ménaka"]
    table = pd.DataFrame({"unit_id": menaka["unit_id"].iloc[:1], "n": [5.0], "rate": [2.0]})
    moved = harmonise(table, to="2012", level=2, extensive=["n"], intensive=["rate"])
    assert moved["n"].tolist() == [5.0]
    assert moved["rate"].tolist() == [2.0]
    assert moved["coverage"].item() == pytest.approx(
        menaka["area_km2"].iloc[0] / menaka["area_km2"].sum(), rel=1e-2
    )


def test_table_faults_are_gathered():
    table = pd.DataFrame({"unit_id": ["BF56", "BF56", None], "n": ["a", "b", "c"]})
    with pytest.raises(
        InputError, match=r"not numbers: \['n'\]; has 1 rows without .* repeat a key: \[1\]"
    ):
        harmonise(table, to="2025", source="2001", extensive=["n"])
    with pytest.raises(InputError, match=r"`table` has no column \['m'\]"):
        harmonise(table, to="2025", extensive=["m"])
    with pytest.raises(InputError, match="names no column in extensive or intensive"):
        harmonise(table.iloc[:1], to="2025")
    unknown = pd.DataFrame({"unit_id": ["BF56", "BF99"], "n": [1, 2]})
    with pytest.raises(InputError, match=r"has 1 unit_id that the source vintage lacks: \['BF99'"):
        harmonise(unknown, to="2025", source="2001", extensive=["n"])


def test_zonal_sums_equal_brute_force(raster):
    shapes = load_boundaries(2, countries="NER").geometry.iloc[:8]
    with rasterio.open(raster) as file:
        values = file.read(1, masked=True).filled(0).astype(float)
    rows, columns = np.indices(values.shape)
    cells = shapely.box(
        -13 + columns * 0.1, 26 - (rows + 1) * 0.1, -13 + (columns + 1) * 0.1, 26 - rows * 0.1
    ).ravel()
    tree = shapely.STRtree(cells)
    for shape, found in zip(shapes, zonal_sums(shapes, raster), strict=True):
        near = tree.query(shape)
        share = shapely.area(shapely.intersection(cells[near], shape)) / 0.01
        assert found == pytest.approx(
            (values.ravel()[near] * share).sum(), rel=1e-7
        )  # shares are float32


def test_zonal_sums_of_a_coverage_share_out_every_cell(raster):
    units = load_boundaries(1)
    parts = zonal_sums(units.geometry, raster)
    whole = gpd.GeoSeries([shapely.coverage_union_all(units.geometry.to_numpy())], crs=4326)
    assert parts.sum() == pytest.approx(zonal_sums(whole, raster)[0], rel=1e-9)


def test_zonal_sums_in_strips(raster, monkeypatch):
    shapes = load_boundaries(1, countries="NER").geometry
    whole = zonal_sums(shapes, raster)
    monkeypatch.setattr("sahel_geo.places.zonal.CELLS_AT_ONCE", 500)
    np.testing.assert_allclose(zonal_sums(shapes, raster), whole, rtol=1e-12)


def test_zonal_sums_outside_and_empty(raster):
    shapes = gpd.GeoSeries([shapely.box(100, 0, 101, 1), shapely.Polygon()], crs=4326)
    assert zonal_sums(shapes, raster).tolist() == [0.0, 0.0]


def test_raster_faults(raster, tmp_path):
    shapes = gpd.GeoSeries([shapely.box(0, 10, 1, 11)], crs=4326)
    with pytest.raises(FileError, match=r"'.*missing.tif' cannot be read: No such file"):
        zonal_sums(shapes, tmp_path / "missing.tif")
    (tmp_path / "broken.tif").write_bytes(b"II*\x00 nothing")
    with pytest.raises(FileError, match=r"'.*broken.tif' cannot be read as a GeoTIFF"):
        zonal_sums(shapes, tmp_path / "broken.tif")
    for band in (0, 2):
        with pytest.raises(InputError, match=f"`band` is {band}; expected 1 to 1"):
            zonal_sums(shapes, raster, band=band)
    with pytest.raises(CrsError, match="`shapes` has no coordinate reference system"):
        zonal_sums(shapes.set_crs(None, allow_override=True), raster)
    profile = {"driver": "GTiff", "width": 2, "height": 2, "count": 1, "dtype": "float32"}
    bare, turned = tmp_path / "bare.tif", tmp_path / "turned.tif"
    with rasterio.open(bare, "w", transform=Affine(1, 0, 0, 0, -1, 2), **profile) as file:
        file.write(np.ones((1, 2, 2), "float32"))
    with pytest.raises(CrsError, match=r"bare.tif' has no coordinate reference system"):
        zonal_sums(shapes, bare)
    for turn in (
        Affine(1, 0.5, 0, 0.5, -1, 2), Affine(1, 0.5, 0, 0, -1, 2), Affine(1, 0, 0, 0.5, -1, 2),
        Affine(1, 0, 0, 0, 1, 2), Affine(-1, 0, 2, 0, -1, 2),
    ):  # fmt: skip
        with rasterio.open(turned, "w", transform=turn, crs="EPSG:4326", **profile) as file:
            file.write(np.ones((1, 2, 2), "float32"))
        with pytest.raises(InputError, match=r"turned.tif' is rotated or flipped"):
            zonal_sums(shapes, turned)


def test_a_band_of_several_with_cells_that_hold_no_number(tmp_path):
    path = tmp_path / "bands.tif"
    values = np.array([[[1, 2], [3, 4]], [[10, np.nan], [np.inf, 40]]], "float32")
    profile = {"driver": "GTiff", "width": 2, "height": 2, "count": 2, "dtype": "float32"}
    profile |= {"crs": "EPSG:4326", "transform": Affine(1, 0, 0, 0, -1, 2)}
    with rasterio.open(path, "w", **profile) as file:
        file.write(values)
    shapes = gpd.GeoSeries([shapely.box(0, 0, 2, 2), shapely.box(0, 1, 0.5, 2)], crs=4326)
    assert zonal_sums(shapes, path).tolist() == [10, 0.5]
    assert zonal_sums(shapes, path, band=2).tolist() == [50, 5]


def test_a_raster_in_another_projection(tmp_path):
    path = tmp_path / "metres.tif"
    profile = {"driver": "GTiff", "width": 200, "height": 200, "count": 1, "dtype": "float32"}
    profile |= {"crs": EQUAL_AREA.to_wkt(), "transform": Affine(1e4, 0, -1e6, 0, -1e4, 1e6)}
    with rasterio.open(path, "w", **profile) as file:
        file.write(np.full((1, 200, 200), 100.0, "float32"))  # one person per km²
    box = gpd.GeoSeries([shapely.segmentize(shapely.box(0, 15, 2, 16), 0.05)], crs=4326)
    area = shapely.area(box.to_crs(EQUAL_AREA).to_numpy())[0] / 1e6
    assert zonal_sums(box, path)[0] == pytest.approx(area, rel=1e-9)
