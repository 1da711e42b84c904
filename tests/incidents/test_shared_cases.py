"""The files of the shapes that people pass around, each with its right answer.

They lie beside the reference data and are not part of the project; the tests are skipped without.
"""

from pathlib import Path

import pytest
from typer.testing import CliRunner

import sahel_geo as sg
from sahel_geo.cli import app
from sahel_geo.crs import WGS84
from sahel_geo.errors import FileError, InputError, SahelGeoError
from sahel_geo.incidents.rows.shapes import CountsError

pytestmark = pytest.mark.reference


@pytest.fixture(scope="session")
def cases(reference_data: Path) -> Path:
    folder = reference_data.parent / "cases"
    if not folder.is_dir():
        pytest.skip(f"no cases in {folder}")
    return folder


def days(table):
    return table["date"].dt.strftime("%Y-%m-%d").tolist()


def points(table):
    return [tuple(each) for each in table[["lat", "lon"]].to_numpy().round(4).tolist()]


def tolls(table):
    names = ["fatalities_low", "fatalities_best", "fatalities_high"]
    return [tuple(row) for row in table[names].fillna(-1).astype(int).to_numpy().tolist()]


def said(table):
    return " ".join(map(str, table.report.notes))


ANSONGO, KORO = (15.6599, 0.501), (14.45, -2.24)


def test_01_decimals_of_one_column_are_read_alike(cases):
    read = sg.read_unit_table(cases / "01-decimal-comma-three" / "taux.csv")
    values = read.values.iloc[:, 0]
    assert sorted(values) == [0.125, 0.875, 1.25, 3.4, 12.5]
    assert "',' as the decimal mark" in " ".join(map(str, read.notes))


def test_03_codes_of_another_vintage(cases):
    path = cases / "03-bfa-17-regions" / "bfa_2025.csv"
    with pytest.raises(InputError, match="vintage 2025"):
        sg.read_unit_table(path)
    read = sg.read_unit_table(path, vintage="2025")
    names = sg.load_boundaries(1, vintage="2025").set_index("unit_id")["name"]
    assert {names[unit]: value for unit, value in read.values["idp"].items()} == {
        "Bankui": 100, "Guiriko": 1, "Goulmou": 200, "Liptako": 300, "Sirba": 55, "Soum": 66,
    }  # fmt: skip


def test_04_coordinates_in_one_column(cases):
    found = sg.read_incidents(cases / "04-one-column-coords" / "kobo.csv")
    assert points(found) == [ANSONGO, (14.5021, -2.3107), (14.2, 0.5)]


@pytest.mark.parametrize("name", ["06-kobo-french/kobo.csv", "07-odk-central/odk.csv"])
def test_06_07_form_tools(cases, name):
    found = sg.read_incidents(cases / name)
    assert points(found) == [ANSONGO, KORO]
    assert days(found) == ["2025-02-28", "2025-03-01"]
    assert found["fatalities_best"].tolist() == [3, 1]


def test_08_counts_are_a_panel(cases):
    path = cases / "08-acled-hdx-counts" / "hrp.csv"
    with pytest.raises(CountsError):
        sg.read_incidents(path)
    panel = sg.read_panel(path)
    names = sg.load_boundaries(2).set_index("unit_id")["name"]
    told = list(zip(names[panel["unit_id"]], panel["incidents"], strict=True))
    assert sorted(told) == [("Ansongo", 0), ("Ansongo", 7), ("Koro", 12)]


def test_11_gtd(cases):
    found = sg.read_incidents(cases / "11-gtd" / "gtd.csv")
    assert found["country"].tolist() == ["BFA", "MLI", "NER"]
    assert found["place"].tolist()[:2] == ["Yirgou", "Bankass"]
    assert found["date_precision"].tolist() == ["day", "month", "day"]
    assert found["location_precision"].tolist() == ["exact", "exact", "admin1"]
    assert found["fatalities_best"].fillna(-1).tolist() == [6, -1, 3]


def test_14_gdelt_without_header(cases):
    found = sg.read_incidents(cases / "14-gdelt-raw" / "20250104.export.CSV")
    assert found.report.format == "gdelt"
    assert (len(found), set(found["country"]), set(days(found))) == (3, {"MLI"}, {"2025-01-03"})


def test_15_tolls_in_words(cases):
    found = sg.read_incidents(cases / "15-toll-text" / "bilan.csv")
    assert tolls(found) == [(5, 5, -1), (2, -1, 3), (-1, -1, -1), (11, 11, -1), (-1, 4, -1)]
    assert "3 tolls in words" in said(found)


def test_16_a_blank_commune(cases):
    found = sg.read_incidents(cases / "16-commune-blank" / "lieux.csv")
    assert found["place"].tolist() == ["Tessit", "Ansongo", "Koro"]
    assert found["location_precision"].tolist() == ["admin3", "admin2", "admin2"]


def test_17_order_in_the_header(cases):
    found = sg.read_incidents(cases / "17-date-header" / "dates.csv")
    assert (len(found), set(found["date_precision"])) == (1, {"day"})


def test_19_esri_json(cases):
    found = sg.read_incidents(cases / "19-esri-json" / "query.json")
    assert (days(found), points(found)) == (["2025-01-03"], [ANSONGO])
    assert found["fatalities_best"].tolist() == [3]


@pytest.mark.parametrize("name", ["ged.csv", "ged.csv.gz", "ged-csv.zip"])
def test_21_compressed(cases, name):
    assert len(sg.read_incidents(cases / "21-compressed" / name)) == 2


def test_24_percent(cases):
    read = sg.read_unit_table(cases / "24-percent" / "pct.csv")
    assert sorted(read.values["Taux"]) == [0, 3, 12.5, 45]
    assert read.scales == {"Taux": "percent"}


@pytest.mark.parametrize(
    ("name", "number"),
    [("mli_all", 53), ("mli_one_each", 9), ("mli_one_each_nocodes", 9), ("mli_two", 2)],
)
def test_26_the_level_of_the_rows_wins(cases, name, number):
    read = sg.read_unit_table(cases / "26-adm1-name-first" / f"{name}.csv")
    assert (read.level, len(read.values), len(read.unmatched)) == (2, number, 0)


def test_28_half_converted_dates(cases):
    path = cases / "28-excel-half-dates" / "incidents.xlsx"
    as_it_stands = sg.read_incidents(path)
    assert "--undo-swapped-dates" in said(as_it_stands)
    undone = sg.read_incidents(path, undo_swapped_dates=True)
    assert days(undone) == ["2025-02-03", "2025-02-17", "2025-03-05", "2025-03-28",
                            "2025-06-12", "2025-06-30"]  # fmt: skip


def test_29_a_sheet_per_country(cases):
    path = cases / "29-sheet-per-country" / "incidents.xlsx"
    assert sg.read_incidents(path)["country"].value_counts().to_dict() == {
        "MLI": 3, "NER": 3, "BFA": 3,
    }  # fmt: skip
    assert set(sg.read_incidents(path, sheet="Niger")["country"]) == {"NER"}


def test_30_merged_cells(cases):
    found = sg.read_incidents(cases / "30-merged-body" / "incidents.xlsx")
    assert found["admin2"].tolist() == ["Ansongo", "Ansongo", "Koro", "Koro"]
    assert days(found) == ["2025-01-03"] * 2 + ["2025-01-05"] * 2
    assert found["fatalities_best"].tolist() == [1, 2, 1, 3]


@pytest.mark.parametrize(
    "name",
    ["events.feather", "events.fgb", "events.gpkg", "events.kml", "events_shp.zip",
     "shp/events.shp", "geoarrow.parquet", "utm.parquet", "wkb.parquet"],
)  # fmt: skip
def test_33_containers_of_points(cases, name):
    found = sg.read_incidents(cases / "33-geo-containers" / name)
    assert points(found)[0] == ANSONGO
    assert (days(found)[0], found["fatalities_best"].tolist()) == ("2025-01-03", [3, 1])


@pytest.mark.parametrize("suffix", ["shx", "dbf", "prj", "cpg"])
def test_33_side_files(cases, suffix):
    with pytest.raises(FileError, match=r"Pass the \.shp"):
        sg.read_incidents(cases / "33-geo-containers" / "shp" / f"events.{suffix}")


def test_35_fourteen_digits(cases):
    found = sg.read_incidents(cases / "35-dates-14" / "dates.csv")
    assert days(found) == ["2025-01-03", "2025-01-04"]


def test_37_serial_days(cases):
    found = sg.read_incidents(cases / "37-excel-serial-csv" / "incidents.csv")
    assert days(found) == ["2025-01-03", "2025-01-18", "2025-02-03"]
    assert set(found["date_precision"]) == {"day"}
    assert "serial days" in said(found)


def test_38_villages_inside_the_units_of_their_rows(cases, reference_data):
    table = sg.read_incidents(cases / "38-geocode-with-parents" / "villages.csv")
    dump = sg.load_gazetteer(reference_data / "gazetteer" / "ML.zip")
    for gazetteer in (None, dump):
        found = sg.geocode(table, gazetteer)
        units = sg.assign(found.assign(country="MLI"), sg.load_boundaries(2))["unit_id"]
        names = sg.load_boundaries(2).set_index("unit_id")["name"][units].tolist()
        assert names == ["Bourem", "Koro", "Kéniéba", "Bankass", "Kangaba"]
        _, _, metres = WGS84.inv(found["lon"][0], found["lat"][0], -1.41, 17.03)
        assert metres < 1e3 * found["radius_km"][0]
    assert metres < 25_000


@pytest.mark.parametrize(("level", "number"), [(0, 1), (1, 2), (2, 4)])
def test_40_levels_of_one_archive(cases, level, number):
    layer = sg.read_boundaries(cases / "40-gadm-shp-zip" / "gadm41_NER_shp.zip", level=level)
    assert (len(layer.units), set(layer.units["level"])) == (number, {level})


@pytest.mark.parametrize("name", ["sub", "mac"])
def test_43_subfolders(cases, name):
    assert len(sg.read_boundaries(cases / "43-zip-subfolder" / f"{name}.zip").units) == 4


def test_43_an_archive_in_an_archive(cases):
    with pytest.raises(InputError, match="an archive inside it"):
        sg.read_boundaries(cases / "43-zip-subfolder" / "nested.zip")


def test_45_swapped_points(cases):
    with pytest.raises(InputError, match="swapped"):
        sg.read_incidents(cases / "45-latlon-order-geojson" / "swapped.geojson")


def test_46_victims_are_not_deaths(cases):
    found = sg.read_incidents(cases / "46-victimes" / "victimes.csv")
    assert found["fatalities_best"].isna().all()
    assert "'Victimes' is not read as deaths" in said(found)


def test_47_two_orders(cases):
    found = sg.read_incidents(cases / "47-mixed-orders" / "merged.csv")
    assert days(found) == ["2024-12-31", "2024-11-30", "2024-10-25", "2024-10-25", "2024-04-13"]
    assert found.quarantine[["row", "reason"]].to_numpy().tolist() == [[6, "ambiguous_date"]]
    assert "mixes two orders" in said(found)


@pytest.mark.parametrize("name", ["two.csv", "two2.csv"])
def test_51_two_pairs_of_coordinates(cases, name):
    found = sg.read_incidents(cases / "51-two-coords" / name)
    assert (days(found), points(found)) == (["2025-01-03"], [(15.6, 0.5)])


def test_52_sites(cases):
    found = sg.read_incidents(cases / "52-dtm-sites" / "sites.csv")
    assert (found["place"].tolist(), points(found)) == (["Site A"], [(15.66, 0.5)])
    assert "'Survey_Date', when they were recorded" in said(found)


def test_56_hemispheres(cases):
    found = sg.read_incidents(cases / "56-hemisphere-columns" / "hemi.csv")
    assert points(found) == [(14.5, -2.3), (14.6, -1.2)]


def test_58_a_repeated_header(cases):
    found = sg.read_incidents(cases / "58-concatenated" / "cat.csv")
    assert len(found) == 2
    assert found.quarantine["reason"].tolist() == ["repeated_header"]


def test_60_codes_of_units_alone(cases):
    found = sg.geocode(sg.read_incidents(cases / "60-pcode-only" / "pc.csv"))
    assert found["match_id"].tolist() == ["ML0701", "BF5601"]
    assert set(found["location_precision"]) == {"admin2"}


@pytest.mark.parametrize(
    ("name", "number", "kind"), [("acled", 3, "acled"), ("ucdp", 1, "ucdp-ged")]
)
def test_61_answers_of_interfaces(cases, name, number, kind):
    found = sg.read_incidents(cases / "61-acled-api-json" / f"{name}.json")
    assert (len(found), found.report.format) == (number, kind)


@pytest.mark.parametrize("name", ["pdi_pcodes", "pdi_regions"])
def test_65_a_table_of_regions(cases, name):
    read = sg.read_unit_table(cases / "65-region-table-default-level" / f"{name}.csv")
    assert (read.level, len(read.unmatched)) == (1, 0)
    assert "ML05" in read.values.index


def test_69_a_repeated_group(cases):
    found = sg.read_incidents(cases / "69-kobo-repeat" / "kobo.xlsx")
    assert days(found) == ["2025-02-28", "2025-03-01"]
    assert "victimes" in said(found)


def test_numbers_that_are_none(cases):
    found = sg.read_incidents(cases / "hostile" / "numbers.csv")
    assert found["incident_id"].tolist() == ["f", "l"]
    assert points(found) == [(14.5, 2.5), (14.0, 1.5)]
    assert len(sg.read_incidents(cases / "hostile" / "huge_toll.csv")) == 0


def test_small_files_that_are_large(cases):
    with pytest.raises(FileError, match="decodes to"):
        sg.read_incidents(cases / "hostile" / "dict.parquet")
    assert len(sg.read_incidents(cases / "hostile" / "row_gap.xlsx")) == 1


def test_no_file_is_answered_with_a_traceback(cases):
    paths = sorted(path for path in cases.rglob("*") if path.is_file() and path.suffix != ".md")
    assert len(paths) > 60
    for path in paths:
        for lang in ("fr", "en"):
            told = CliRunner().invoke(app, ["check", str(path), "--lang", lang])
            stopped = told.exception
            assert stopped is None or isinstance(stopped, SystemExit | SahelGeoError), path
            assert told.output.strip() or len(str(stopped)) > 40, path
