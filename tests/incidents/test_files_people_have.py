"""Files of the shapes that people pass around: read right, or refused in words."""

import bz2
import datetime as dt
import gzip
import io
import json
import lzma
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.errors import FileError, InputError
from sahel_geo.incidents.readers.delimited import gdelt_names

TWO = (
    "date,place,longitude,latitude,deaths\n"
    "2025-01-03,Ansongo,0.501,15.6599,3\n2025-02-04,Dinangourou,-2.24,14.45,1\n"
)


def said(incidents):
    return " | ".join(str(note) for note in incidents.report.notes)


def test_one_column_of_coordinates(write):
    text = 'date,commune,gps,tués\n2025-01-03,Ansongo,"15.6599, 0.5010",3\n'
    text += '2025-02-10,Gabou,"14.5021, -2.3107",2\n2025-02-11,Tessit,14.2 0.5 310.0 4.9,1\n'
    found = sg.read_incidents(write(text))
    assert found["lat"].tolist() == [15.6599, 14.5021, 14.2]
    assert found["lon"].tolist() == [0.501, -2.3107, 0.5]
    assert found.report.columns["coordinates"] == "gps"
    assert found["gps"].tolist()[0] == "15.6599, 0.5010"


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        (("start;Date de l'incident;Cercle;_Point GPS_latitude;_Point GPS_longitude;"
          "_Point GPS_precision;Nombre de morts;_id"),
         "2025-03-01T10:00:00Z;2025-02-28;Ansongo;15.66;0.501;4.9;3;101"),
        (("SubmissionDate;grp-date_incident;grp-cercle;grp-location-Latitude;"
          "grp-location-Longitude;grp-location-Accuracy;grp-morts;meta-instanceID"),
         "2025-03-01T10:11:00.000Z;2025-02-28;Ansongo;15.66;0.501;4.9;3;uuid:1"),
        ("today;sec/event_date;sec/Cercle;sec/gps_lat;sec/gps_lon;sec/acc;sec/fatalities;_uuid",
         "2025-03-01;2025-02-28;Ansongo;15.66;0.501;4.9;3;u"),
        ("Q1. Date de l'incident;Q2_Cercle;Q3) Latitude;Q4) Longitude;x;y2;Q5. Nb de morts;z",
         "2025-02-28;Ansongo;15.66;0.501;;;3;"),
    ],
)  # fmt: skip
def test_columns_of_form_tools(write, header, fields):
    found = sg.read_incidents(write(f"{header}\n{fields}\n"))
    row = found.iloc[0]
    assert str(row["date"].date()) == "2025-02-28"
    assert (row["lon"], row["lat"], row["fatalities_best"]) == (0.501, 15.66, 3)
    assert row["admin2"] == "Ansongo"


def test_coordinates_of_the_office_are_not_those_of_the_incident(write):
    text = "Date incident,Date saisie,lat_bureau,lon_bureau,Latitude,Longitude\n"
    found = sg.read_incidents(write(text + "2025-01-03,2025-01-09,12.65,-8.0,15.6,0.5\n"))
    assert found[["lon", "lat"]].to_numpy().tolist() == [[0.5, 15.6]]
    assert str(found["date"].iloc[0].date()) == "2025-01-03"


def test_two_pairs_of_columns_are_refused(write):
    text = "date,depot_lat,depot_lon,camp_lat,camp_lon\n2025-01-03,12,0,15.6,0.5\n"
    with pytest.raises(InputError, match=r"several pairs of columns .*--mapping lon="):
        sg.read_incidents(write(text))


def test_tolls_in_words_keep_their_incidents(write):
    tolls = ["au moins 5", "2-3", "plusieurs", ">10", "4"]
    rows = "".join(
        f"{at + 3:02d}/01/2025;Ansongo;15,6599;0,501;{t}\n" for at, t in enumerate(tolls)
    )
    found = sg.read_incidents(write("Date;Commune;Latitude;Longitude;Nombre de morts\n" + rows))
    assert len(found) == 5
    np.testing.assert_array_equal(
        found[["fatalities_low", "fatalities_best", "fatalities_high"]],
        [[5, 5, np.nan], [2, np.nan, 3], [np.nan] * 3, [11, 11, np.nan], [np.nan, 4, np.nan]],
    )
    assert found["Nombre de morts"].tolist() == tolls
    assert "3 tolls in words" in said(found)
    assert "1 toll states no number" in said(found)


def test_a_blank_commune_leaves_the_cercle(write):
    text = "Date;Région;Cercle;Commune;Morts\n03/01/2025;Gao;Ansongo;Tessit;1\n"
    found = sg.read_incidents(write(text + "14/01/2025;Gao;Ansongo;;2\n15/01/2025;Mopti;Koro;;2\n"))
    assert found["place"].tolist() == ["Tessit", "Ansongo", "Koro"]
    assert found["location_precision"].tolist() == ["admin3", "admin2", "admin2"]
    assert found["admin1"].tolist() == ["Gao", "Gao", "Mopti"]


def test_victims_are_not_deaths_unless_somebody_says_so(write):
    path = write("Date;Latitude;Longitude;Victimes;Blessés\n03/01/2025;15,6;0,5;12;9\n")
    found = sg.read_incidents(path)
    assert found["fatalities_best"].isna().all()
    assert "'Victimes' is not read as deaths" in said(found)
    mapped = sg.read_incidents(path, mapping={"fatalities_best": "Victimes"})
    assert mapped["fatalities_best"].tolist() == [12]


@pytest.mark.parametrize("toll", ["1d", "e1", "10k"])
def test_a_digit_beside_a_letter_is_no_toll(write, toll):
    found = sg.read_incidents(
        write(f"date;lon;lat;victimes tuées\n2025-01-03;0.5;15.6;{toll}\n2025-01-04;0.5;15.6;2\n")
    )
    assert found["fatalities_best"].tolist() == [2]
    assert found.quarantine["reason"].tolist() == ["not_a_number"]


def test_hemispheres_in_columns_of_their_own(write):
    text = "date,village,lat,lat_dir,lon,lon_dir\n"
    text += "2025-01-03,A,14.5,N,2.3,W\n2025-01-04,B,14.6,N,1.2,E\n"
    found = sg.read_incidents(write(text))
    assert found["lon"].tolist() == [-2.3, 1.2]
    assert "'lon_dir' gives the hemisphere of 'lon'" in said(found)


def test_a_hemisphere_that_cannot_be_read_is_no_reason_to_forget_the_others(write):
    found = sg.read_incidents(
        write(
            "date,lat,lat_dir,lon,lon_dir\n2025-01-03,14.5,N,2.3,W\n2025-01-04,14.5,N,2.3,X\n"
            "2025-01-05,14.5,N,-2.3,E\n2025-01-06,14.5,N,2.3,\n2025-01-07,14.5,N,1.2,W\n"
            "date,lat,lat_dir,lon,lon_dir\n2025-01-08,14.5,N,1.5,E\n"
        )
    )
    assert found["lon"].tolist() == [-2.3, -1.2, 1.5]
    assert found.quarantine["row"].tolist() == [3, 4, 5, 7]


def test_a_repeated_header_is_called_so(write):
    text = "date,country,lat,lon,deaths\n2025-01-03,Mali,15.6,0.5,1\n"
    found = sg.read_incidents(write(text + text.replace("-03", "-04")))
    assert len(found) == 2
    assert found.quarantine[["row", "reason"]].to_numpy().tolist() == [[3, "repeated_header"]]


def test_codes_of_units_are_enough(write):
    text = "date,admin2Pcode,fatalities\n2025-01-03,ML0701,3\n2025-01-05,BF5601,1\n"
    found = sg.read_incidents(write(text))
    assert found["admin2"].tolist() == ["ML0701", "BF5601"]
    assert found["location_precision"].tolist() == ["admin2", "admin2"]
    located = sg.geocode(found)
    assert located["match_id"].tolist() == ["ML0701", "BF5601"]
    assert located["location_precision"].tolist() == ["admin2", "admin2"]


def test_own_columns_come_back(write):
    path = write("date,lat,lon,équipe,source,note\n2025-01-03,15.6,0.5,A,radio,x\n")
    assert sg.read_incidents(path)["équipe"].tolist() == ["A"]
    assert list(sg.read_incidents(path).columns)[-2:] == ["équipe", "note"]
    assert list(sg.read_incidents(path, keep=["note"]).columns)[-1] == "note"
    assert "note" not in sg.read_incidents(path, keep=False)
    with pytest.raises(InputError, match=r"`keep` names \['notes'\].*'note'"):
        sg.read_incidents(path, keep=["notes"])


GTD = "eventid,iyear,imonth,iday,country,country_txt,provstate,city,latitude,longitude,specificity,\
summary,attacktype1_txt,gname,nkill\n"


def test_the_global_terrorism_database(write):
    rows = (
        "201901010001,2019,1,1,33,Burkina Faso,Centre-Nord,Yirgou,13.45,-1.10,1,words,Armed,X,6\n"
    )
    rows += "201901000002,2019,1,0,123,Mali,Mopti,Bankass,14.07,-3.51,1,,Armed,X,-99\n"
    rows += "201903230001,2019,3,23,146,Niger,Diffa,Unknown,13.9,12.9,4,,Armed,X,3\n"
    found = sg.read_incidents(write(GTD + rows))
    assert found.report.format == "gtd"
    assert found["country"].tolist() == ["BFA", "MLI", "NER"]
    assert found["place"].tolist() == ["Yirgou", "Bankass", "Diffa"]
    assert found["date_precision"].tolist() == ["day", "month", "day"]
    assert found["location_precision"].tolist() == ["exact", "exact", "admin1"]
    np.testing.assert_array_equal(found["fatalities_best"], [6, np.nan, 3])


@pytest.mark.parametrize("width", [57, 58, 61])
def test_gdelt_without_a_header(write, width):
    names = gdelt_names(width)
    values = {"GLOBALEVENTID": "1", "SQLDATE": "20250103", "Year": "2025", "ActionGeo_Type": "4",
              "ActionGeo_FullName": "Ansongo, Gao, Mali", "ActionGeo_CountryCode": "ML",
              "ActionGeo_Lat": "15.6599", "ActionGeo_Long": "0.501"}  # fmt: skip
    row = "\t".join(values.get(name, "") for name in names)
    found = sg.read_incidents(
        write("\n".join([row, row.replace("1", "2", 1)]) + "\n", "x.export.CSV")
    )
    assert found.report.format == "gdelt"
    assert found[["country", "lon", "lat"]].to_numpy().tolist() == [["MLI", 0.501, 15.6599]] * 2


def test_the_two_rows_of_a_monadic_event_become_one(write):
    text = (
        "event_id_cnty,event_date,country,admin1,location,latitude,longitude,geo_precision,actor1,\
fatalities\nMLI1,2025-01-03,Mali,Gao,Ansongo,15.66,0.5,1,JNIM,3\n\
MLI1,2025-01-03,Mali,Gao,Ansongo,15.66,0.5,1,FAMa,3\nMLI2,2025-01-04,Mali,Gao,Gao,16.2,0,1,JNIM,1\n"
    )
    found = sg.read_incidents(write(text))
    assert found[["actor1", "actor2"]].iloc[0].tolist() == ["JNIM", "FAMa"]
    assert found["fatalities_best"].sum() == 4
    assert (found.report.rows_read, found.report.rows_folded) == (3, 1)
    assert "folded into actor1 and actor2" in said(found)


@pytest.mark.parametrize(
    ("pack", "name"),
    [(gzip.compress, "a.csv.gz"), (bz2.compress, "a.bz2"), (lzma.compress, "a.xz")],
)
def test_compressed_tables(write, pack, name):
    assert sg.read_incidents(write(pack(TWO.encode()), name))["lon"].tolist() == [0.501, -2.24]


def zipped(**files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_dot_", ".").replace("__", "/"), content)
    return stream.getvalue()


def test_a_table_in_a_zip(write):
    path = write(zipped(data__GEDEvent_dot_csv=TWO, readme_dot_md="x"), "ged.zip")
    assert sg.read_incidents(path)["place"].tolist() == ["Ansongo", "Dinangourou"]
    both = write(zipped(a_dot_csv=TWO, b_dot_csv=TWO), "both.zip")
    with pytest.raises(InputError, match=r"zip archive with 2 tables, of \['a.csv', 'b.csv'\]"):
        sg.read_incidents(both)
    assert len(sg.read_incidents(both, sheet="b.csv")) == 2
    with pytest.raises(FileError, match="archive inside an archive"):
        sg.read_incidents(write(zipped(a_dot_csv=gzip.compress(b"x")), "nested.zip"))


@pytest.mark.parametrize("crs", [4326, 32630])
@pytest.mark.parametrize(
    "name", ["e.gpkg", "e.fgb", "e.shp", "e.parquet", "e.feather", "g.parquet"]
)
def test_layers_of_points(points, tmp_path, name, crs):
    path = tmp_path / name
    turned = points.to_crs(crs)
    if name == "g.parquet":
        turned.to_parquet(path, geometry_encoding="geoarrow", schema_version="1.1.0")
    elif name.endswith("parquet"):
        turned.to_parquet(path)
    elif name.endswith("feather"):
        turned.to_feather(path)
    else:
        turned.to_file(path)
    found = sg.read_incidents(path)
    np.testing.assert_allclose(found[["lon", "lat"]], [[0.501, 15.6599], [-2.24, 14.45]], atol=1e-6)
    assert found["fatalities_best"].tolist() == [3, 1]


def test_points_of_kml_and_of_a_zipped_shapefile(points, tmp_path):
    marks = "".join(
        f"<Placemark><name>{n}</name><ExtendedData><Data name='date'><value>{d}</value></Data>"
        f"</ExtendedData><Point><coordinates>{p.x},{p.y}</coordinates></Point></Placemark>"
        for n, d, p in zip(points["place"], points["date"], points.geometry, strict=True)
    )
    kml = tmp_path / "e.kml"
    kml.write_text(
        f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{marks}</Document></kml>'
    )
    assert sg.read_incidents(kml)["lat"].tolist() == [15.6599, 14.45]
    points.to_file(tmp_path / "e.shp")
    with zipfile.ZipFile(tmp_path / "e.zip", "w") as archive:
        for part in tmp_path.glob("e.*"):
            if part.suffix in {".shp", ".shx", ".dbf", ".prj", ".cpg"}:
                archive.write(part, f"data/{part.name}")
    assert sg.read_incidents(tmp_path / "e.zip")["lon"].tolist() == [0.501, -2.24]


def test_what_a_feature_service_answers(write):
    feature = {"attributes": {"event_date": 1735862400000, "fatalities": 3},
               "geometry": {"x": 0.501, "y": 15.6599}}  # fmt: skip
    content = {"geometryType": "esriGeometryPoint", "spatialReference": {"wkid": 4326},
               "features": [feature]}  # fmt: skip
    found = sg.read_incidents(write(json.dumps(content), "query.json"))
    assert str(found["date"].iloc[0].date()) == "2025-01-03"
    assert found[["lon", "lat", "fatalities_best"]].to_numpy().tolist() == [[0.501, 15.6599, 3]]
    content["spatialReference"] = {"wkid": 102100, "latestWkid": 3857}
    content["features"][0]["geometry"] = {"x": 55771.06, "y": 1765000.0}
    mercator = sg.read_incidents(write(json.dumps(content), "m.json"))
    assert mercator["lon"].tolist() == pytest.approx([0.501], abs=1e-4)


def test_lines_of_json_and_sequences(write):
    records = [{"date": "2025-01-03", "lat": 15.6, "lon": 0.5}, {"date": "2025-01-04", "lat": 15,
               "lon": 1}]  # fmt: skip
    lines = "\n".join(json.dumps(record) for record in records)
    assert sg.read_incidents(write(lines, "a.jsonl"))["lon"].tolist() == [0.5, 1]
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [record["lon"], record["lat"]]},
            "properties": {"date": record["date"]},
        }
        for record in records
    ]
    sequence = "".join(f"\x1e{json.dumps(feature)}\n" for feature in features)
    assert sg.read_incidents(write(sequence, "a.geojsons"))["lat"].tolist() == [15.6, 15]


def test_features_without_a_geometry_have_it_in_their_properties(write):
    def feature(geometry, **properties):
        return {"type": "Feature", "geometry": geometry, "properties": properties}

    point = {"type": "Point", "coordinates": [0.5, 15.6]}
    content = {"type": "FeatureCollection", "features": [
        feature(point, date="2025-01-03", latitude=None, longitude=None),
        feature(None, date="2025-01-04", latitude=14.45, longitude=-2.24),
    ]}  # fmt: skip
    found = sg.read_incidents(write(json.dumps(content), "a.geojson"))
    assert found[["lon", "lat"]].to_numpy().tolist() == [[0.5, 15.6], [-2.24, 14.45]]
    assert "1 feature without a geometry" in said(found)


def test_one_swapped_point_among_others_is_set_aside_without_a_country(write):
    rows = "2024-01-01,Gao,16.27,-0.04\n2024-01-02,Menaka,15.92,2.4\n2024-01-03,Gao,{}\n"
    table = sg.read_incidents(write("date,place,lat,lon\n" + rows.format("-0.04,16.27")))
    assert table.quarantine["reason"].tolist() == ["swapped_coordinates"]
    # what is near the three countries, or no place of the others once swapped, may be itself
    for point in ("11.5,13.1", "10.6,14.3", "4.05,9.7", "-4.3,15.3", "33.6,-7.6"):
        neighbour = sg.read_incidents(write("date,place,lat,lon\n" + rows.format(point)))
        assert len(neighbour) == 3, point


def test_a_column_called_day_may_hold_whole_dates(write):
    text = "Jour,Localité,Morts\nlundi 4 mars 2024,Gao,1\nmercredi 6 mars 2024,Ber,2\n"
    table = sg.read_incidents(write(text))
    assert table["date"].dt.strftime("%Y-%m-%d").tolist() == ["2024-03-04", "2024-03-06"]


def test_a_span_in_two_columns_called_du_and_au(write):
    text = "Du;Au;Localité;Morts\n03/01/2024;05/01/2024;Djibo;4\n10/02/2024;10/02/2024;Djibo;1\n"
    table = sg.read_incidents(write(text))
    assert table["date"].dt.strftime("%Y-%m-%d").tolist() == ["2024-01-03", "2024-02-10"]
    assert table["date_precision"].tolist() == ["week", "day"]


def test_swapped_points_without_a_country_are_refused(write):
    features = [{"type": "Feature", "geometry": {"type": "Point", "coordinates": [15.6 + at, 0.5]},
                 "properties": {"date": "2025-01-03", "n": at}} for at in range(4)]  # fmt: skip
    text = json.dumps({"type": "FeatureCollection", "features": features})
    with pytest.raises(InputError, match=r"swapped in 4 of 4 rows .*mapping="):
        sg.read_incidents(write(text, "a.geojson"))
    mapped = sg.read_incidents(write(text, "b.geojson"), mapping={"lon": "lat", "lat": "lon"})
    assert mapped["lat"].tolist()[0] == 15.6


def book(path, **sheets):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        page = made.create_sheet(title)
        for row in rows:
            page.append(row)
    made.save(path)
    return path


def test_sheets_of_the_same_columns_are_read_together(tmp_path):
    header = ["Date", "Latitude", "Longitude", "Morts"]
    rows = {title: [header, [dt.date(2025, 1, n), 14 + n, 0.5, n]]
            for n, title in enumerate(["Mali", "Niger"], 1)}  # fmt: skip
    path = book(tmp_path / "a.xlsx", Lisez=[["bonjour"]], **rows)
    found = sg.read_incidents(path)
    assert found["country"].tolist() == ["MLI", "NER"]
    assert found["fatalities_best"].tolist() == [1, 2]
    assert "read: ['Mali', 'Niger'], not read: ['Lisez']" in said(found)
    assert sg.read_incidents(path, sheet="Niger")["lat"].tolist() == [16]


def test_merged_cells_are_filled_down_but_for_tolls(tmp_path):
    path = tmp_path / "a.xlsx"
    made = openpyxl.Workbook()
    page = made.active
    for row in [["Date", "Cercle", "Latitude", "Longitude", "Morts"],
                [dt.date(2025, 1, 3), "Ansongo", 15.6, 0.5, 5],
                [None, None, 15.7, 0.5, None]]:  # fmt: skip
        page.append(row)
    for column in "ABE":
        page.merge_cells(f"{column}2:{column}3")
    made.save(path)
    found = sg.read_incidents(path)
    assert found["admin2"].tolist() == ["Ansongo", "Ansongo"]
    assert found["fatalities_best"].sum() == 5


def test_a_repeat_group_is_not_the_table_of_incidents(tmp_path):
    path = book(
        tmp_path / "kobo.xlsx",
        incidents=[["Date de l'incident", "Commune", "_gps_latitude", "_gps_longitude", "_index"],
                   ["2025-02-28", "Ansongo", 15.66, 0.5, 1], ["2025-03-01", "Koro", 14.1, -3.1, 2]],
        victimes=[["Type", "Date", "Lieu", "Morts", "Latitude", "Longitude", "_parent_index"],
                  *[["civil", "2025-02-28", "Ansongo", 1, 15.66, 0.5, 1]] * 4],
    )  # fmt: skip
    found = sg.read_incidents(path)
    assert found["place"].tolist() == ["Ansongo", "Koro"]
    assert "not read: ['victimes']" in said(found)


def test_bytes_frames_and_addresses(points):
    assert len(sg.read_incidents(TWO.encode())) == 2
    assert sg.read_incidents(points)["lon"].tolist() == [0.501, -2.24]
    assert sg.read_incidents(pd.DataFrame(points.drop(columns="geometry")))["lon"].isna().all()
    with pytest.raises(FileError, match=r"is an address; .*Download it first"):
        sg.read_incidents("https://example.org/a.csv")
