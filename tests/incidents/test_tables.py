"""Any table with a date and a place: encodings, separators, names, containers."""

import datetime as dt
import json

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.errors import CrsError, InputError
from sahel_geo.incidents.columns.coordinates import parse_degrees
from sahel_geo.incidents.columns.countries import country_codes
from sahel_geo.incidents.columns.dates.dates import parse_dates
from sahel_geo.incidents.columns.names import choose_columns
from sahel_geo.incidents.reading import incidents_from_frame
from sahel_geo.schema import INCIDENT_COLUMNS

FRENCH = (
    "Date de l'incident;Pays;Localité;Longitude (X);Latitude (Y);Tués;Acteur présumé\n"
    "13/05/2017;Burkina Faso;Koumé été;-0,2023;14,4911;3;Inconnu\n"
    "04/06/2017;Mali;Ménaka;2,4022;15,9182;;Inconnu\n"
)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "mac_roman", "cp850"]
)
def test_french_table_in_every_encoding_that_office_writes(write, encoding):
    incidents = sg.read_incidents(write(FRENCH.encode(encoding)))
    assert incidents.report.encoding == encoding
    assert incidents.report.delimiter == ";"
    assert incidents["place"].tolist() == ["Koumé été", "Ménaka"]
    assert incidents["lon"].tolist() == [-0.2023, 2.4022]
    assert incidents["lat"].tolist() == [14.4911, 15.9182]
    assert incidents["date"].dt.strftime("%Y-%m-%d").tolist() == ["2017-05-13", "2017-06-04"]
    assert incidents["country"].tolist() == ["BFA", "MLI"]
    assert incidents["fatalities_best"].tolist()[0] == 3
    assert np.isnan(incidents["fatalities_best"].tolist()[1])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(write, delimiter, line_end):
    text = line_end.join(
        ["date,lon,lat,lieu", '2020-01-01,1.5,15.25,"a, b"', "2020-01-02,1,15,c", ""]
    )
    cells = text.replace('"a, b"', "«").replace(",", delimiter).replace("«", '"a, b"')
    incidents = sg.read_incidents(write(cells))
    assert incidents["place"].tolist() == ["a, b", "c"]
    assert incidents.report.delimiter == delimiter


def test_titles_above_the_header_keep_the_row_numbers(write):
    text = (
        "Bulletin n° 4;;;\n\nsource : terrain;;;\ndate;lon;lat;lieu\n2020-01-01;1;15;a\n\n;1;15;b\n"
    )
    incidents = sg.read_incidents(write(text))
    assert incidents["place"].tolist() == ["a"]
    assert incidents.quarantine[["row", "reason"]].to_numpy().tolist() == [[7, "no_date"]]


def test_excel_separator_line_and_hxl_tags_are_not_rows(write):
    rows = "2020-01-01;1;15;a\n2020-01-02;1;95;b\n"
    text = f"sep=;\ndate;lon;lat;lieu\n#date;#geo+lon;#geo+lat;#loc\n{rows}"
    incidents = sg.read_incidents(write(text))
    assert len(incidents) == 1
    assert incidents.quarantine["row"].tolist() == [5]
    assert "HXL" in incidents.report.notes[0]


def test_a_quote_that_never_closes_costs_one_row_and_not_the_file(write):
    rows = "\n".join(f"2020-01-{day:02d},1,15,village {day}" for day in range(2, 30))
    incidents = sg.read_incidents(
        write(
            f'date,lon,lat,lieu\n2020-01-01,1,15,a\n2020-01-30,"1,15,b\n{rows}\n2020-01-31,1,99,z\n'
        )
    )
    assert len(incidents) == 29
    assert incidents.quarantine[["row", "reason"]].to_numpy().tolist() == [
        [3, "ragged_row"],
        [32, "coordinates_outside_world"],
    ]
    assert "never closes" in incidents.report.notes[0]


_LOST_QUOTES = {
    "in the last column": '2020-02-01,1,15,"x\n',
    "in the first column": '"2020-02-01,1,15,x\n',
    "before a row with quotes": '2020-02-01,1,15,"x\n2020-03-01,1,15,"Gao, ville"\n',
    "before one that opens late": '2020-02-01,1,15,"x\n2020-03-01,1,15,Gao"\n',
}


@pytest.mark.parametrize("lines", _LOST_QUOTES.values(), ids=_LOST_QUOTES)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("number", [3, 3000])
def test_no_quote_takes_the_rows_below_it_into_its_text(write, lines, end, number):
    days = pd.date_range("2010-01-01", periods=number).strftime("%Y-%m-%d")
    rows = [f"{day},1,15,village {day}\n" for day in days]
    text = "".join(["date,lon,lat,place\n", rows[0], lines, *rows[1:]])
    incidents = sg.read_incidents(write(text.replace("\n", end)))
    assert len(incidents) == number + lines.count("\n") - 1
    assert incidents.quarantine[["row", "reason"]].to_numpy().tolist() == [[3, "ragged_row"]]
    assert "never closes" in incidents.quarantine["detail"][0]
    assert incidents["place"].str.len().max() < 20


def test_texts_of_several_lines_are_texts(write):
    notes = ["x\ny, z, a, b\nbla", 'He said ""no""\nleft', "12 dead:\n- 3 in Gao\n", "one"]
    rows = "".join(f'2020-01-0{at},1,15,"{note}"\n' for at, note in enumerate(notes, start=1))
    incidents = sg.read_incidents(write(f"date,lon,lat,notes\n{rows}"), mapping={"place": "notes"})
    assert len(incidents) == 4
    assert incidents["place"][1].split() == ["He", "said", '"no"', "left"]


def test_a_file_cut_inside_a_quote_keeps_no_half_text(write):
    incidents = sg.read_incidents(
        write('date,lon,lat,place\n2020-01-01,1,15,Gao\n2020-01-02,1,15,"Tes')
    )
    assert incidents["place"].tolist() == ["Gao"]
    assert incidents.quarantine["row"].tolist() == [3]


@pytest.mark.parametrize("head", ['date,lon,lat,"a\n', 'date,"lon,lat,a\n', '"x\ndate,lon\n'])
def test_a_quote_lost_in_the_header_is_named(write, head):
    with pytest.raises(InputError, match="opens a quote at or above its header"):
        sg.read_incidents(write(head + "2020-01-01,1,15,a\n" * 9))


def test_more_lost_quotes_than_can_be_mended_are_refused(write):
    rows = "".join(f'{year}-01-01,1,15,"x\n{year}-02-01,1,15,y\n' for year in range(1900, 2024))
    with pytest.raises(InputError, match="more than 50 rows"):
        sg.read_incidents(write(f"date,lon,lat,place\n{rows}"))


def test_place_names_alone_are_kept_to_be_geocoded(write):
    incidents = sg.read_incidents(write("date,commune,morts\n2020-01-01,Ménaka,3\n"))
    assert incidents["lon"].isna().all()
    assert incidents.report.rows_without_coordinates == 1
    assert incidents["location_precision"].tolist() == ["admin3"]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Date", "Lat", "Long"], {"date": "Date", "lon": "Long", "lat": "Lat"}),
        (["DATE_EVENEMENT", "x", "y"], {"date": "DATE_EVENEMENT", "lon": "x", "lat": "y"}),
        (["event date", "GPS_Longitude", "GPS Latitude"],
         {"date": "event date", "lon": "GPS_Longitude", "lat": "GPS Latitude"}),
        (["Année", "Mois", "Jour", "Village", "nb_morts"],
         {"place": "Village", "fatalities_best": "nb_morts", "year": "Année", "month": "Mois",
          "day": "Jour"}),
        (["date", "localité", "Commune", "décès"],
         {"date": "date", "place": "localité", "admin3": "Commune", "fatalities_best": "décès"}),
    ],
)  # fmt: skip
def test_names_in_two_languages(names, expected):
    assert dict(choose_columns(names).chosen) == expected


def test_mapping_wins_and_a_typo_names_the_nearest(write):
    path = write("d,cx,cy,date\n2020-01-01,1,15,2021-01-01\n")
    incidents = sg.read_incidents(path, mapping={"date": "d", "lon": "cx", "lat": "cy"})
    assert incidents["date"].dt.year.tolist() == [2020]
    with pytest.raises(InputError, match=r"'latt' is not a schema column \(nearest: 'lat'"):
        sg.read_incidents(path, mapping={"latt": "cy"})
    with pytest.raises(InputError, match=r"'cxx' is not a column of the file \(nearest: 'cx'"):
        sg.read_incidents(path, mapping={"lon": "cxx"})


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["13/05/2017", "04/06/2017"], ["2017-05-13", "2017-06-04"]),
        (["05/13/2017", "06/04/2017"], ["2017-05-13", "2017-06-04"]),
        (["04/06/2017", "05/06/2017"], ["2017-06-04", "2017-06-05"]),
        (["04 June 2021", "4-Jun-21"], ["2021-06-04", "2021-06-04"]),
        (["1er août 2020", "lundi 3 février 2020"], ["2020-08-01", "2020-02-03"]),
        (["June 4, 2021", "Friday, June 4 2021"], ["2021-06-04", "2021-06-04"]),
        (["20210604", "2021/6/4"], ["2021-06-04", "2021-06-04"]),
        (["2021-06-04T23:59:00Z", "2021-06-04 00:00:00.000"], ["2021-06-04", "2021-06-04"]),
        (["44351", "44351.5"], ["2021-06-04", "2021-06-04"]),
        (["29/02/2020", "29/02/2021"], ["2020-02-29", "NaT"]),
        (["2021-13-01", "n'importe quoi"], ["NaT", "NaT"]),
        (["04.06.2021 14:30", "13.06.2021 14h30"], ["2021-06-04", "2021-06-13"]),
    ],
)
def test_dates_as_people_write_them(texts, expected):
    days = parse_dates(pd.Series(texts)).days.astype("datetime64[D]").astype(str).tolist()
    assert days == expected


def test_day_first_is_a_stated_assumption_only_where_nothing_tells():
    assert "day first" in parse_dates(pd.Series(["04/06/2017", "05/06/2017"])).notes[0]
    assert parse_dates(pd.Series(["13/06/2017", "05/06/2017"])).notes == []
    assert parse_dates(pd.Series(["2017-06-04"])).notes == []


def test_precision_of_a_date_is_what_is_written():
    parsed = parse_dates(pd.Series(["2021", "2021-06", "juin 2021", "06/2021", "2021-06-04"]))
    assert parsed.precision.tolist() == ["year", "month", "month", "month", "day"]


@pytest.mark.parametrize(
    ("text", "axis", "expected"),
    [
        ("1,234", "lon", 1.234), ("−3,5", "lon", -3.5), ("14°30'N", "lat", 14.5),
        ("1°30'36\"O", "lon", -1.51), ("0.5 W", "lon", -0.5),
    ],
)  # fmt: skip
def test_degrees_as_people_write_them(text, axis, expected):
    angles = parse_degrees(pd.Series([text]), axis)
    assert not angles.unreadable[0]
    np.testing.assert_allclose(angles.values[0], expected)


@pytest.mark.parametrize("text", ["abc", "20-30", "au moins 20", "inf", "14°70'N", "1.2.3", "N14E"])
def test_what_is_no_angle_stays_so(text):
    assert parse_degrees(pd.Series([text]), "lat").unreadable[0]


def test_countries_in_both_languages_and_in_codes():
    names = ["Mali", "NIGER", "Burkina-Faso", "BF", "ner", "466", "Algérie", "Côte d'Ivoire",
             "Ivory Coast", "Niger (le)", "Gondor"]  # fmt: skip
    codes, unknown = country_codes(pd.Series(names))
    assert codes.tolist()[:-1] == [
        "MLI",
        "NER",
        "BFA",
        "BFA",
        "NER",
        "MLI",
        "DZA",
        "CIV",
        "CIV",
        "NER",
    ]
    assert unknown == ["Gondor"]


def test_unknown_country_is_missing_with_a_note(write):
    incidents = sg.read_incidents(write("date,pays,lon,lat\n2020-01-01,Gondor,1,15\n"))
    assert incidents["country"].isna().all()
    assert "Gondor" in incidents.report.notes[0].say("fr")


def workbook(path, *sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


ROWS = [
    ["Situation sécuritaire", None, None, None],
    [None, None, None, None],
    ["Date", "Longitude", "Latitude", "Tués"],
    [dt.datetime(2021, 6, 4), 0.4535, 13.3824, 132],  # noqa: DTZ001
    [None, None, None, None],
    [dt.date(2021, 6, 5), 0.45, "abc", 3],
]


def test_workbook_with_titles_blank_rows_and_typed_dates(tmp_path):
    path = workbook(tmp_path / "a.xlsx", ("Lisez-moi", [["bonjour"]]), ("Données", ROWS))
    incidents = sg.read_incidents(path)
    assert incidents.report.sheet == "Données"
    assert incidents["date"].tolist() == [pd.Timestamp("2021-06-04")]
    assert incidents["fatalities_best"].tolist() == [132]
    assert incidents.quarantine[["row", "reason"]].to_numpy().tolist() == [[6, "not_a_number"]]


def test_workbook_sheet_that_does_not_exist_names_the_nearest(tmp_path):
    path = workbook(tmp_path / "a.xlsx", ("Données", ROWS))
    with pytest.raises(
        InputError, match=r"`sheet` 'Donnees' is not in 'a.xlsx' \(nearest: 'Données'"
    ):
        sg.read_incidents(path, sheet="Donnees")


def test_geojson_points_are_read_and_other_shapes_set_aside(write):
    def feature(geometry, **properties):
        return {"type": "Feature", "geometry": geometry, "properties": properties}

    content = {
        "type": "FeatureCollection",
        "features": [
            feature({"type": "Point", "coordinates": [0.45, 13.38]}, date="2021-06-04", nom="a"),
            feature({"type": "LineString", "coordinates": [[0, 1], [1, 1]]}, date="2021-06-05"),
            feature(None, date="2021-06-06", lieu="Solhan"),
        ],
    }
    incidents = sg.read_incidents(write(json.dumps(content), "points.geojson"))
    assert incidents.report.container == "geojson"
    assert incidents["lon"].tolist()[0] == 0.45
    assert incidents["place"].tolist()[1] == "Solhan"
    assert incidents.quarantine[["row", "reason"]].to_numpy().tolist() == [[2, "not_a_point"]]
    assert incidents.report.rows_read == 3


def test_geojson_in_metres_is_refused(write):
    content = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32630"}},
        "features": [],
    }
    with pytest.raises(InputError, match=r"EPSG::32630.*Reproject it to EPSG:4326"):
        sg.read_incidents(write(json.dumps(content), "a.geojson"))


def test_records_as_an_api_answers_them(write):
    record = {"event_id_cnty": "MLI1", "event_date": "2021-06-04", "latitude": "16.2",
              "longitude": "-0.04", "fatalities": "3", "country": "Mali",
              "location": "Gao"}  # fmt: skip
    incidents = sg.read_incidents(write(json.dumps({"status": 200, "data": [record]}), "a.json"))
    assert incidents.report.format == "acled"
    assert incidents["place"].tolist() == ["Gao"]


def test_parquet_with_types_and_round_trip(tmp_path):
    incidents = sg.load_example_incidents()
    incidents.to_parquet(tmp_path / "a.parquet")
    again = sg.read_incidents(tmp_path / "a.parquet")
    pd.testing.assert_frame_equal(pd.DataFrame(again), pd.DataFrame(incidents), check_dtype=True)
    incidents.to_csv(tmp_path / "a.csv", index=False)
    once_more = sg.read_incidents(tmp_path / "a.csv")
    pd.testing.assert_frame_equal(pd.DataFrame(once_more), pd.DataFrame(incidents))


def test_geoparquet_points(tmp_path):
    points = gpd.GeoDataFrame(
        {"date": pd.to_datetime(["2021-06-04", "2021-06-05"])},
        geometry=gpd.points_from_xy([0.45, 0.5], [13.38, 13.5]),
        crs=4326,
    )
    points.to_parquet(tmp_path / "a.parquet")
    assert sg.read_incidents(tmp_path / "a.parquet")["lat"].tolist() == [13.38, 13.5]
    points.to_crs(32630).to_parquet(tmp_path / "b.parquet")
    turned = sg.read_incidents(tmp_path / "b.parquet")
    np.testing.assert_allclose(turned[["lon", "lat"]], [[0.45, 13.38], [0.5, 13.5]], atol=1e-8)
    assert "UTM" in str(turned.report.notes[0])


def test_frames_share_the_rules_and_are_not_changed():
    frame = pd.DataFrame(
        {"date": ["2020-01-01", "2020-02-30"], "lon": [1.0, 2.0], "lat": [15.0, 15.0]},
        index=[7, 7],
    )
    before = frame.copy(deep=True)
    incidents = incidents_from_frame(frame, source="mine")
    pd.testing.assert_frame_equal(frame, before)
    assert tuple(incidents.columns) == INCIDENT_COLUMNS
    assert incidents["source"].tolist() == ["mine"]
    assert incidents.quarantine["row"].tolist() == [3]


def test_geodataframe_needs_degrees():
    points = gpd.GeoDataFrame({"date": ["2020-01-01"]}, geometry=gpd.points_from_xy([1.0], [15.0]))
    with pytest.raises(CrsError, match=r"`frame` has no coordinate reference system"):
        incidents_from_frame(points)
    assert incidents_from_frame(points.set_crs(4326))["lon"].tolist() == [1.0]
