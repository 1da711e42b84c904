"""Layers whose container says more, or less, than a table does."""

import sqlite3
from contextlib import closing

import pandas as pd
import pyogrio
import pytest

import sahel_geo as sg
from sahel_geo.errors import FileError

MARK = (
    "<Placemark><name>{}</name><TimeStamp><when>2025-03-12</when></TimeStamp>{}"
    "<Point><coordinates>2.4,15.92</coordinates></Point></Placemark>"
)
DATA = '<ExtendedData><Data name="Localité"><value>Inékar</value></Data></ExtendedData>'


@pytest.mark.parametrize(("data", "place"), [("", "Ménaka"), (DATA, "Inékar")])
def test_a_placemark_is_called_after_its_place_unless_its_data_name_one(write, data, place):
    kml = '<kml xmlns="http://www.opengis.net/kml/2.2">' + MARK.format("Ménaka", data) + "</kml>"
    assert sg.read_incidents(write(kml, "a.kml"))["place"].tolist() == [place]


def test_names_that_a_shapefile_cut_are_known(points, tmp_path):
    names = {"date": "DATE_INCID", "place": "NOM_LOCALI", "deaths": "NOMBRE_MOR"}
    points.rename(columns=names).to_file(tmp_path / "a.shp")
    found = sg.read_incidents(tmp_path / "a.shp")
    assert found["place"].tolist() == ["Ansongo", "Dinangourou"]
    assert found["fatalities_best"].tolist() == [3, 1]


def test_a_geopackage_without_shapes_is_read_as_a_table(points, tmp_path):
    table = points.assign(lon=points.geometry.x, lat=points.geometry.y).drop(columns="geometry")
    pyogrio.write_dataframe(table, tmp_path / "a.gpkg", driver="GPKG")
    found = sg.read_incidents(tmp_path / "a.gpkg")
    assert found["lon"].tolist() == [0.501, -2.24]
    points.to_file(tmp_path / "a.gpkg", layer="points", driver="GPKG")
    assert sg.read_incidents(tmp_path / "a.gpkg").report.sheet is None  # the layer with points


def test_a_plain_database_holds_tables(tmp_path):
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as database, database:
        database.execute("CREATE TABLE villages (name TEXT, photo BLOB)")
        database.execute("CREATE TABLE incidents (jour TEXT, date TEXT, lat REAL, lon REAL, morts)")
        row = ("vendredi", "2025-01-03", 16.272, -0.045, 3)
        database.execute("INSERT INTO incidents VALUES (?, ?, ?, ?, ?)", row)
    incidents = sg.read_incidents(tmp_path / "a.sqlite")
    assert incidents[["lat", "lon", "fatalities_best"]].to_numpy().tolist() == [[16.272, -0.045, 3]]
    assert incidents.date.tolist() == [pd.Timestamp("2025-01-03")]
    assert any("'incidents' is read" in note for note in incidents.report.notes)


def test_a_database_that_computes_a_column_is_refused(tmp_path):
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as database, database:
        database.execute("CREATE TABLE incidents (date TEXT, place AS (hex(zeroblob(9))))")
    with pytest.raises(FileError, match="computes 1 of its layers"):
        sg.read_incidents(tmp_path / "a.sqlite")


def test_waypoints_of_a_receiver_are_points_dated_as_they_were_stored(write):
    text = (
        '<?xml version="1.0"?><gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">'
        '<wpt lat="15.66" lon="0.501"><time>2025-01-03T09:12:00Z</time><name>Ansongo</name>'
        '</wpt><trk><trkseg><trkpt lat="1" lon="1"/></trkseg></trk></gpx>'
    )
    incidents = sg.read_incidents(write(text, "a.gpx"))
    assert incidents[["lat", "lon", "place"]].to_numpy().tolist() == [[15.66, 0.501, "Ansongo"]]
    assert incidents.date.tolist() == [pd.Timestamp("2025-01-03")]
    assert any("when they were recorded" in note for note in incidents.report.notes)
