"""Files of invented values in the shapes that people pass around, with answers by construction."""

import gzip
import json
import lzma
import zipfile

import geopandas as gpd
import pytest
from pyproj import Transformer

import sahel_geo as sg
from sahel_geo.errors import SahelGeoError

POINTS = [(-0.045, 16.272), (0.501, 15.66)]
DAYS = ["2025-01-03", "2025-02-13"]
TABLE = (
    "Date;Localité;Latitude;Longitude;Morts\n"
    "03/01/2025;Gao;16,272;-0,045;3\n13/02/2025;Ansongo;15,66;0,501;0\n"
)


@pytest.fixture
def write(tmp_path):
    def written(name, content, encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return written


def utm(point, zone):
    turn = Transformer.from_crs(4326, 32600 + zone, always_xy=True)
    return "{:.0f} {:.0f}".format(*turn.transform(*point))


def frame():
    values = {"date": DAYS, "morts": [3, 0], "lieu": ["Gao", "Ansongo"]}
    shapes = gpd.points_from_xy(*zip(*POINTS, strict=True))
    return gpd.GeoDataFrame(values, geometry=shapes, crs=4326).astype({"morts": "int32"})


TEXTS = {
    "kobo with groups": "start,grp_loc/village,grp_loc/_gps_latitude,grp_loc/_gps_longitude,"
    "grp_ev/date_incident,grp_ev/nb_morts,_id\n"
    "2025-01-05T10:00:00.000+00:00,Gao,16.272,-0.045,2025-01-03,3,1\n"
    "2025-02-14T10:00:00.000+00:00,Ansongo,15.66,0.501,2025-02-13,0,2\n",
    "odk central": "SubmissionDate,data-event-date_of_event,data-event-location-Latitude,"
    "data-event-location-Longitude,data-event-deaths,KEY\n2025-01-05,2025-01-03,16.272,-0.045,3,a\n"
    "2025-02-15,2025-02-13,15.66,0.501,0,b\n",
    "utm with its zone": f"date;lieu;coordonnees;morts\n03/01/2025;Gao;30P {utm(POINTS[0], 30)};3\n"
    f"13/02/2025;Ansongo;31P {utm(POINTS[1], 31)};0\n",
    "metres east and north beside their zone": "date;lieu;est;nord;zone;morts\n"
    f"03/01/2025;Gao;{utm(POINTS[0], 30).replace(' ', ';')};30P;3\n"
    f"13/02/2025;Ansongo;{utm(POINTS[1], 31).replace(' ', ';')};31P;0\n",
    "angles in one column": "date,place,coordinates,deaths\n"
    '2025-01-03,Gao,"16°16\'19""N 0°02\'42""W",3\n'
    '2025-02-13,Ansongo,"15°39\'36""N, 0°30\'04""E",0\n',
    "wkt": "date,place,geom,deaths\n2025-01-03,Gao,POINT(-0.045 16.272),3\n"
    '2025-02-13,Ansongo,"SRID=4326;POINT (0.501 15.66)",0\n',
    "geojson in a column": "date,place,geometry,deaths\n"
    '2025-01-03,Gao,"{""type"":""Point"",""coordinates"":[-0.045,16.272]}",3\n'
    '2025-02-13,Ansongo,"{""coordinates"": [0.501, 15.66, 250.0], ""type"": ""Point""}",0\n',
    "east and west beside the longitude": "date,place,latitude,longitude,E/W,deaths\n"
    "2025-01-03,Gao,16.272,0.045,W,3\n2025-02-13,Ansongo,15.66,0.501,E,0\n",
    "tags below the header": "Date,Localité,Lat,Lon,Tués\n"
    "#date+occurred,#loc+name,#geo+lat,#geo+lon,#affected+killed\n"
    "2025-01-03,Gao,16.272,-0.045,3\n2025-02-13,Ansongo,15.66,0.501,0\n",
    "tags alone": "#date+occurred,#adm1+name,#loc+name,#geo+lat,#geo+lon,#affected+killed\n"
    "2025-01-03,Gao,Gao,16.272,-0.045,3\n2025-02-13,Gao,Ansongo,15.66,0.501,0\n",
    "decimal commas in quotes": "Date,Lieu,Latitude,Longitude,Morts\n"
    '03/01/2025,Gao,"16,272","-0,045",3\n13/02/2025,Ansongo,"15,66","0,501",0\n',
    "a night and a day in words": "Date;Lieu;Latitude;Longitude;Morts\n"
    "3 janvier 2025;Gao;16.272;-0.045;3\nnuit du 13 au 14 février 2025;Ansongo;15.66;0.501;0\n",
    "seconds since 1970": "timestamp,place,lat,lon,deaths\n1735862400,Gao,16.272,-0.045,3\n"
    "1739404800,Ansongo,15.66,0.501,0\n",
    "letters of the hemisphere beside": "date,lieu,lat,lat_dir,lon,lon_dir,morts\n"
    "2025-01-03,Gao,16.272,N,0.045,W,3\n2025-02-13,Ansongo,15.66,N,0.501,E,0\n",
    "a table of Markdown": "| Date | Lieu | Lat | Lon | Morts |\n|:-----|---|---:|---:|---:|\n"
    "| 2025-01-03 | Gao | 16.272 | -0.045 | 3 |\n| 2025-02-13 | Ansongo | 15.66 | 0.501 | 0 |\n",
    "remarks behind the pairs": "Date;Coordonnées GPS;Morts\n"
    "03/01/2025;16.272, -0.045 (approx.);3\n13/02/2025;15.66, 0.501 (centre du village);0\n",
    "where a form was filled, and the incident": "start,_geolocation,gps_incident,date_incident,"
    "nb_morts\n2025-03-01,12.63 -8.0 350 5,16.272 -0.045 250 5,2025-01-03,3\n"
    "2025-03-02,12.63 -8.0 350 5,15.66 0.501 250 5,2025-02-13,0\n",
    "sums of a pivot table": "occurred_at,Lieu,Lat,Lon,Somme de Morts,Somme de Blessés\n"
    "2025-01-03,Gao,16.272,-0.045,3,9\n2025-02-13,Ansongo,15.66,0.501,0,9\n",
    "dead and wounded in one column": "Date;Lieu;Lat;Lon;Bilan (morts/blessés)\n"
    "03 / 01 / 2025;Gao;16.272;-0.045;3/2\n13 / 02 / 2025;Ansongo;15.66;0.501;0 / 4\n",
    "wounded and dead in one column": "date,endroit,lat,lon,Injured/Killed\n"
    "2025-01-03,Gao,16.272,-0.045,2-3\n2025-02-13,Ansongo,15.66,0.501,4-0\n",
    "points behind the names": "Date;Lieu (GPS);KIA;WIA\n03/01/2025;Gao (16.272, -0.045);3;1\n"
    "13/02/2025;Ansongo [15.66 0.501];0;2\n",
    "days under the year of a title": "Incidents au Mali, année 2025;;;\n;;;\n"
    "Jour;Coordonnées;Localité;Tués\n3 janvier;16.272 / -0.045;Gao;3\n"
    "13 février;15.66 / 0.501;Ansongo;0\n",
    "json lines": "\n".join(
        json.dumps({"date": day, "lat": lat, "lon": lon, "deaths": toll})
        for day, (lon, lat), toll in zip(DAYS, POINTS, (3, 0), strict=True)
    ),
}

SWAPPED = """date,place,country,lat,lon
2025-01-03,Gao,Mali,-0.045,16.272
2025-02-13,Ansongo,Mali,0.501,15.66
"""


def assert_the_two_incidents(path):
    found = sg.read_incidents(path)
    assert found["date"].dt.strftime("%Y-%m-%d").tolist() == DAYS
    assert found["lon"].tolist() == pytest.approx([lon for lon, _ in POINTS], abs=0.001)
    assert found["lat"].tolist() == pytest.approx([lat for _, lat in POINTS], abs=0.001)
    assert found["fatalities_best"].tolist() == [3, 0]
    assert not len(found.quarantine)


@pytest.mark.parametrize("kind", TEXTS)
def test_tables_of_any_shape_hold_the_same_two_incidents(write, kind):
    assert_the_two_incidents(write("table.csv", TEXTS[kind]))


def test_letters_written_as_on_web_pages_are_letters_and_markup_stays(write):
    text = "date,place,notes\n2025-01-03,M&eacute;naka,R&amp;D &lt;b&gt; l&#8217;est\n"
    found = sg.read_incidents(write("a.csv", text))
    assert found["place"].tolist() == ["Ménaka"]
    assert found["notes"].tolist() == ["R&amp;D &lt;b&gt; l’est"]


def test_side_a_and_side_b_are_the_actors(write):
    text = "date,place,side_a,side_b\n2025-01-03,Gao,JNIM,FAMa\n"
    found = sg.read_incidents(write("a.csv", text))
    assert (found["actor1"].tolist(), found["actor2"].tolist()) == (["JNIM"], ["FAMa"])


def test_a_column_of_points_elsewhere_is_not_where_the_incidents_were(write):
    text = "date,lieu,gps_bureau,gps_1\n2025-01-03,Gao,12.63 -8.0,16.27 -0.04\n"
    found = sg.read_incidents(write("a.csv", text))
    assert found["lat"].tolist() == [16.27]
    assert any("'gps_bureau' also looks like it" in str(note) for note in found.report.notes)
    alone = sg.read_incidents(
        write("b.csv", text.replace("gps_1", "code").replace("16.27 -0.04", "7"))
    )
    assert alone["lat"].isna().all()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_encodings_and_delimiters_are_found(write, encoding, mark):
    assert_the_two_incidents(write("table.txt", TABLE.replace(";", mark), encoding))


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_packed_tables_are_unpacked(write, pack):
    assert_the_two_incidents(write("table.csv.packed", pack(TABLE.encode())))


def test_what_lies_beside_the_table_in_a_zip_is_no_table(tmp_path):
    with zipfile.ZipFile(tmp_path / "download.zip", "w") as archive:
        archive.writestr("data/incidents.csv", TABLE)
        for name in ("README.txt", "LICENSE.txt", "metadata.json", "__MACOSX/data/._incidents.csv"):
            archive.writestr(name, "{}")
    assert len(sg.read_incidents(tmp_path / "download.zip")) == 2


def test_a_column_of_yes_beside_the_longitude_does_not_turn_it(write):
    text = "date,lat,lon,Vérifié,morts\n2025-01-03,15.66,0.501,O,3\n2025-01-04,15.66,0.6,O,0\n"
    assert sg.read_incidents(write("oui.csv", text))["lon"].tolist() == [0.501, 0.6]


def test_a_zipped_geodatabase_of_points_holds_incidents(tmp_path):
    frame().to_file(tmp_path / "points.gdb", driver="OpenFileGDB")
    with zipfile.ZipFile(tmp_path / "points.gdb.zip", "w") as archive:
        for each in (tmp_path / "points.gdb").iterdir():
            archive.write(each, f"points.gdb/{each.name}")
    assert_the_two_incidents(tmp_path / "points.gdb.zip")


def test_weeks_have_their_precision(write):
    text = "semaine;lieu;lat;lon\n2025-W01;Gao;16.272;-0.045\n2025-W07;Ansongo;15.66;0.501\n"
    found = sg.read_incidents(write("weeks.csv", text))
    assert found["date_precision"].tolist() == ["week", "week"]
    assert found["date"].dt.strftime("%Y-%m-%d").tolist() == ["2024-12-30", "2025-02-10"]


def test_when_a_form_was_filled_is_said_to_stand_for_the_date(write):
    found = sg.read_incidents(write("form.csv", TEXTS["seconds since 1970"]))
    assert any("'timestamp', when they were recorded" in str(note) for note in found.report.notes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SWAPPED, "are swapped in 2 of 2 rows"),
        ("Cercle,janv-24,févr-24\nAnsongo,1,2\n", r"are periods .*sg\.read_panel"),
        ("Country,Admin2 Pcode,Month,Year,Events\nMali,ML0701,January,2025,7\n",
         r"counts by unit and period.*sg\.read_panel"),
        ("Région;PDI\nGao;100\n", r"count people by unit.*sg\.read_unit_table"),
        ("admin1Name,T_TL,F_TL,year\nGao,9,5,2024\n", r"numbers by unit and period \('T_TL'\)"),
        ("<html><table><tr><td>Date</td></tr></table></html>", "a web page or XML"),
    ],
)  # fmt: skip
def test_what_is_no_list_of_incidents_is_refused_with_the_remedy(write, text, message):
    with pytest.raises(SahelGeoError, match=message):
        sg.read_incidents(write("other.csv", text))


def test_deaths_in_two_columns_are_not_lost_without_a_word(write):
    text = "Date;Lieu;Lat;Lon;Civils tués;Militaires tués\n03/01/2025;Gao;16.27;-0.04;3;2\n"
    found = sg.read_incidents(write("two.csv", text))
    assert found["fatalities_best"].isna().all()
    assert any("'Civils tués', 'Militaires tués'" in str(note) for note in found.report.notes)


def test_arabic_digits_are_numbers(write):
    file = write("digits.csv", "Région;Habitants\nGao;\u0661\u0662\nMopti;5\nTombouctou;3\n")
    assert sg.read_unit_table(file).values["Habitants"].tolist() == [5.0, 3.0, 12.0]


@pytest.mark.parametrize(
    ("header", "cells", "lons"),
    [
        ("Longitude (W)", ("1.63", "1.08"), [-1.63, -1.08]),
        ("Longitude Ouest", ("1.63", "1.08"), [-1.63, -1.08]),
        ("Longitude (O)", ("-1.63", "1.08"), [-1.63, 1.08]),
        ("Longitude (W)", ("1.63 E", "1.08"), [1.63, 1.08]),
        ("Longitude (E)", ("1.63", "1.08"), [1.63, 1.08]),
        ("Longitude (E/W)", ("1.63", "1.08"), [1.63, 1.08]),
    ],
)
def test_a_side_in_the_header_is_the_sign_of_values_without_one(write, header, cells, lons):
    rows = (f"2025-01-03,Djibo,14.1,{cells[0]}", f"2025-01-04,Kaya,13.09,{cells[1]}")
    found = sg.read_incidents(write("west.csv", "\n".join((f"Date,Lieu,Latitude,{header}", *rows))))
    assert found.lon.tolist() == lons
    turned = any("as its name says" in note for note in found.report.notes)
    assert turned == (min(lons) == -1.63 and max(lons) < 0)


@pytest.mark.parametrize("wrap", ["list", "lines", "features"])
def test_objects_inside_records_are_fields(write, wrap):
    records = [
        {"when": {"date": day}, "location": {"name": name, "gps": {"lat": lat, "lon": lon}},
         "deaths": {"low": 1, "best": 2, "high": 3}}
        for day, name, (lon, lat) in zip(DAYS, ["Gao", "Ansongo"], POINTS, strict=True)
    ]  # fmt: skip
    features = [
        {"type": "Feature", "properties": each,
         "geometry": {"type": "Point", "coordinates": list(point)}}
        for each, point in zip(records, POINTS, strict=True)
    ]  # fmt: skip
    text = {
        "list": json.dumps({"results": records}),
        "lines": "\n".join(map(json.dumps, records)),
        "features": json.dumps({"type": "FeatureCollection", "features": features}),
    }[wrap]
    found = sg.read_incidents(write("nested.json", text))
    assert found.date.dt.strftime("%Y-%m-%d").tolist() == DAYS
    assert found.place.tolist() == ["Gao", "Ansongo"]
    assert list(zip(found.lon, found.lat, strict=True)) == POINTS
    assert found.filter(like="fatalities").to_numpy().tolist() == [[1, 2, 3]] * 2


def test_a_placemark_has_its_own_time_and_not_that_of_the_view(write):
    view = "<LookAt><TimeStamp><when>2011-01-01</when></TimeStamp></LookAt>"
    own = [
        "<TimeStamp><when>2025-01-10T08:00:00Z</when></TimeStamp>",
        "<TimeSpan><begin>2025-01-12</begin><end>2025-01-14</end></TimeSpan>",
        "",
    ]
    marks = "".join(
        f"<Placemark><name>Inates</name>{view}{each}"
        "<Point><coordinates>1.31,15.09,0</coordinates></Point></Placemark>"
        for each in own
    )
    text = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{marks}</Document></kml>'
    found = sg.read_incidents(write("earth.kml", text))
    assert found.date.dt.strftime("%Y-%m-%d").tolist() == ["2025-01-10", "2025-01-12"]
    assert found.date_precision.tolist() == ["day", "week"]
    assert found.quarantine.reason.tolist() == ["no_date"]


def test_a_dash_for_a_minus_and_a_column_too_narrow(write):
    text = (
        "Date;Lieu;Latitude;Longitude\n03/01/2025;Sévaré;14.5283;\u20134.0917\n"
        "14/01/2025;########;14.65;\u20111.72\n"
    )
    found = sg.read_incidents(write("dash.csv", text))
    assert found.lon.tolist() == [-4.0917, -1.72]
    assert found.place.isna().tolist() == [False, True]


def test_totals_are_no_incidents(write):
    places = ["Gao", "TOTAL", "Sous-total Gao", "Total janvier", "Total général", "Station Total"]
    rows = "".join(f"{day}/01/2025;{place};3\n" for day, place in enumerate(places, start=13))
    found = sg.read_incidents(write("totals.csv", f"Date;Localité;Morts\n{rows};Total;18\n"))
    assert found.place.tolist() == ["Gao", "Station Total"]
    assert found.quarantine.reason.tolist() == ["total"] * 5


def test_a_date_is_as_precise_as_the_span_until_its_end(write):
    text = (
        "Date de début;Date de fin;Lieu\n3/1/2025;5/1/2025;Gao\n14/1/2025;14/1/2025;Koro\n"
        "2/1/2025;2/2/2025;Niono\n1/1/2025;31/12/2025;Say\n5/1/2025;;Téra\n6/1/2025;1/1/2025;Ber\n"
    )
    found = sg.read_incidents(write("spans.csv", text))
    assert found.date_precision.tolist() == ["week", "day", "month", "year", "day", "day"]
    assert found.date.dt.month.unique().tolist() == [1]
    note = "3 dates are spans that end in 'Date de fin', and as precise as the span"
    assert note in found.report.notes
    american = "Start Date,End Date,Place\n1/3/2025,1/4/2025,Gao\n1/14/2025,1/14/2025,Koro\n"
    assert sg.read_incidents(write("us.csv", american)).date_precision.tolist() == ["week", "day"]


PERIODS = {
    "weeks of a year": ("Année;Semaine", ["2025;1", "2025;12"],
                        ["2024-12-30", "2025-03-17"], "week"),
    "epidemiological weeks": ("Année;N° Sem. épi", ["2025;S1", "2025;S12"],
                              ["2024-12-30", "2025-03-17"], "week"),
    "quarters": ("Année;Trimestre", ["2025;1", "2025;T2"], ["2025-01-01", "2025-04-01"], "year"),
    "a year beside": ("Date;Année", ["03/03;2025", "14 mars;2025"],
                      ["2025-03-03", "2025-03-14"], "day"),
    "weeks beside days": ("Année;Mois;Jour;Semaine", ["2025;3;3;10", "2025;3;14;11"],
                          ["2025-03-03", "2025-03-14"], "day"),
    "weeks beside months": ("Année;Mois;Semaine", ["2025;3;10", "2025;3;11"],
                            ["2025-03-03", "2025-03-10"], "week"),
    "months and years": ("Mois/Année", ["03/2025", "avr-25"],
                         ["2025-03-01", "2025-04-01"], "month"),
    "months": ("Mois", ["mars 2025", "2025-04-01"], ["2025-03-01", "2025-04-01"], "month"),
    "first days of weeks": ("Semaine (début);Semaine (fin)", ["17/03/2025;23/03/2025"] * 2,
                            ["2025-03-17"] * 2, "week"),
    "days of the week": ("Jour;Mois;An", ["Lundi 3;Mars;25", "vendredi 14;03;25"],
                         ["2025-03-03", "2025-03-14"], "day"),
    "months beside when they were written down": (
        "Date rapport;Mois", ["10/04/2025;mars 2025", "10/05/2025;avril 2025"],
        ["2025-03-01", "2025-04-01"], "month"),
    "numbers of months without a year": (
        "Date rapport;Mois", ["10/04/2025;3", "10/05/2025;4"], ["2025-04-10", "2025-05-10"], "day"),
}  # fmt: skip


@pytest.mark.parametrize("kind", PERIODS)
def test_dates_are_as_precise_as_their_columns_say(write, kind):
    header, cells, days, precision = PERIODS[kind]
    rows = [f"{cell};Gao{at};16.272;-0.045" for at, cell in enumerate(cells)]
    text = "\n".join([f"{header};Lieu;Latitude;Longitude", *rows])
    found = sg.read_incidents(write("periods.csv", text))
    assert found["date"].dt.strftime("%Y-%m-%d").tolist() == days
    assert found["date_precision"].tolist() == [precision] * len(days)


WHERE = {
    "sides of the world": ("Nord;Ouest", ["16,272;0,045", "14,1;1,63"]),
    "north and west": ("Lat N;Long W", ["16.272;0.045", "14.1;1.63"]),
    "metres whose header states the zone": (
        "X_UTM30N;Y_UTM30N", [f"{utm((-0.045, 16.272), 30).replace(' ', ';')}",
                              f"{utm((-1.63, 14.1), 30).replace(' ', ';')}"]),
    "metres whose header states the system": (
        "X (EPSG:32630);Y (EPSG:32630)", [f"{utm((-0.045, 16.272), 30).replace(' ', ';')}",
                                          f"{utm((-1.63, 14.1), 30).replace(' ', ';')}"]),
    "links": ("Lien", ["https://maps.google.com/?q=16.272%2C-0.045", "geo:14.1,-1.63"]),
    "commas beside points": ("Latitude;Longitude", ["16.272;-0,045", "14,1;-1.63"]),
}  # fmt: skip


@pytest.mark.parametrize("kind", WHERE)
def test_points_in_any_columns(write, kind):
    header, cells = WHERE[kind]
    text = f"Date;Lieu;{header}\n2025-03-03;Gao;{cells[0]}\n2025-03-14;Djibo;{cells[1]}\n"
    found = sg.read_incidents(write("where.csv", text))
    assert found["lon"].tolist() == pytest.approx([-0.045, -1.63], abs=1e-4)
    assert found["lat"].tolist() == pytest.approx([16.272, 14.1], abs=1e-4)


@pytest.mark.parametrize(
    ("column", "cells", "countries", "said"),
    [
        ("Pays", ["ML", "NG", "UV"], ["MLI", "NER", "BFA"], "read as FIPS 10-4"),
        ("Pays", ["ML", "NG", "ML"], ["MLI", "NER", "MLI"], "read as FIPS 10-4"),  # by its point
        ("Etat", ["Mali", "Niger", "Burkina Faso"], ["MLI", "NER", "BFA"], ""),
        ("Région", ["Mali", "Niger", "Burkina Faso"], ["MLI", "NER", "BFA"], ""),
        ("Etat", ["vérifié", "en cours", "vérifié"], [None] * 3, ""),
        ("Code pays", ["223", "227", "226"], ["MLI", "NER", "BFA"], "no codes of ISO"),
        ("Pays", ["466", "562", "854"], ["MLI", "NER", "BFA"], ""),
    ],
)
def test_countries_by_what_the_column_holds(write, column, cells, countries, said):
    points = ["Gao;16.272;-0.045", "Agadez;16.97;7.99", "Djibo;14.1;-1.63"]
    if cells.count("ML") == 2:
        points[2] = "Ansongo;15.66;0.501"
    rows = [f"2025-03-0{at + 1};{cells[at]};{point}" for at, point in enumerate(points)]
    text = "\n".join([f"Date;{column};Lieu;Latitude;Longitude", *rows])
    found = sg.read_incidents(write("countries.csv", text))
    assert (
        found["country"].astype(object).where(found["country"].notna(), None).tolist() == countries
    )
    assert said in " ".join(map(str, found.report.notes))


def test_codes_of_two_countries_are_not_guessed(write):
    text = "Date;Pays;Lieu\n2025-03-03;ML;Gao\n2025-03-04;NG;Magaria\n"
    found = sg.read_incidents(write("codes.csv", text))
    assert found["country"].isna().tolist() == [False, True]
    assert "Nigeria in ISO and Niger in FIPS" in " ".join(map(str, found.report.notes))


@pytest.mark.parametrize(("sign", "said"), [("", True), ("-", False)])
def test_a_minus_lost_in_a_whole_file_is_said(write, sign, said):
    text = (
        "Date;Pays;Lieu;Latitude;Longitude\n2025-03-03;Mali;Bamako;12.65;8.0\n"
        f"2025-03-04;Burkina Faso;Djibo;14.1;{sign}1.63\n2025-03-05;Mali;Mopti;14.5;{sign}4.2\n"
    )
    found = sg.read_incidents(write("east.csv", text))
    assert ("the sign is probably lost in all 3" in " ".join(map(str, found.report.notes))) is said
    assert found.report.set_aside == {"outside_country": 1}


def test_a_date_beside_its_month_and_year_is_the_day(write):
    text = "Date;Mois;Année;Lieu\n12;janvier;2024;Gao\n3;février;2024;Gao\n"
    found = sg.read_incidents(write("parts.csv", text))
    assert found.date.dt.strftime("%Y-%m-%d").tolist() == ["2024-01-12", "2024-02-03"]
    assert found.date_precision.tolist() == ["day", "day"]


UCDP_FRENCH = (
    "date_debut;precision_date;ou;morts_min;morts;morts_max;precision_lieu\n"
    "2025-01-03;1;Gao;1;2;3;1\n2025-01-01;{};Gao;1;2;3;3\n"
)


@pytest.mark.parametrize(
    ("columns", "code", "dates", "places"),
    [
        ("morts_min;morts;morts_max", 4, ["day", "month"], ["exact", "admin2"]),
        ("a;morts;b", 5, ["day", "year"], ["unknown", "unknown"]),
        ("a;morts;b", 3, ["unknown", "unknown"], ["unknown", "unknown"]),
    ],
)
def test_codes_of_precision_are_ucdps_where_the_file_shows_it(write, columns, code, dates, places):
    text = UCDP_FRENCH.format(code).replace("morts_min;morts;morts_max", columns)
    text = text.replace("ou;", "lat;lon;").replace(";Gao;", ";16.27;-0.04;")
    found = sg.read_incidents(write("coded.csv", text))
    assert found.date_precision.tolist() == dates
    assert found.location_precision.tolist() == places
    assert any("UCDP's codes" in note for note in found.report.notes) == (dates[0] == "day")


def test_ou_names_a_place(write):
    found = sg.read_incidents(write("ou.csv", "Quand;Où;Bilan\n13/01/2025;Sévaré;3 morts\n"))
    assert found.place.tolist() == ["Sévaré"]


def test_what_a_column_of_victims_says_of_the_dead_is_read(write):
    text = (
        "Date;Lieu;Bilan humain\n03/01/2025;Gao;03 morts, 05 blessés\n14/01/2025;Gao;02 blessés\n"
        "15/01/2025;Gao;01 mort et 02 enlevés\n16/01/2025;Gao;RAS\n"
    )
    found = sg.read_incidents(write("toll.csv", text))
    assert found.fatalities_best.fillna(-1).tolist() == [3, -1, 1, 0]


def test_numbers_in_brackets_are_negative_beside_others(write):
    file = write(
        "change.csv", "Région;Écart;Part\nKidal;(3);(1)\nMopti;12;(2)\nGao;(1 250,5);(3)\n"
    )
    table = sg.read_unit_table(file)
    assert table.values["Écart"].tolist() == [12, -1250.5, -3]
    assert table.values["Part"].tolist() == ["(2)", "(3)", "(1)"]
    assert any("brackets" in note for note in table.notes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Date;Région;Mil\n2025-01-03;Gao;250,5\n2025-01-10;Gao;260\n", "unit and period"),
        ("Mois;Région;Cas de paludisme\n2025-01;Gao;250\n2025-02;Gao;260\n", "people by unit"),
        ("date,market,lat,lon,commodity,price\n2024-01-15,Gao,16,-0,Millet,31.5\n", "are prices"),
    ],
)  # fmt: skip
def test_prices_and_other_measures_are_no_incidents(write, text, message):
    with pytest.raises(SahelGeoError, match=message):
        sg.read_incidents(write("measures.csv", text))


def test_numbers_beside_a_day_and_a_unit_may_be_of_the_hurt(write):
    found = sg.read_incidents(write("hurt.csv", "Date;Commune;Blessés\n03/01/2025;Djibo;4\n"))
    assert found.place.tolist() == ["Djibo"]


@pytest.mark.parametrize(
    ("header", "cells", "day"),
    [
        ("date_inc,n", "1735862400000,5", "2025-01-03"),
        ("Moment exact,code", "03/01/2025,20250104", "2025-01-03"),
        ("timestamp_utc,n", "2025-01-03T23:30:00Z,5", "2025-01-03"),
    ],
)
def test_the_one_column_of_days_is_the_date_whatever_its_name(write, header, cells, day):
    found = sg.read_incidents(write("days.csv", f"{header},lieu,tués\n{cells},Gao,2\n"))
    assert found.date.dt.strftime("%Y-%m-%d").tolist() == [day]


@pytest.mark.parametrize(
    "header",
    ["Structure,Commune,Latitude,Longitude,Date d'inauguration,Lits",
     "Site,Commune,Latitude,Longitude,Date of assessment,Households"],
)  # fmt: skip
def test_a_list_of_places_is_no_list_of_incidents_for_a_day_in_it(write, header):
    with pytest.raises(SahelGeoError, match="no column for a date"):
        sg.read_incidents(write("sites.csv", f"{header}\nX,Gao,16.27,-0.04,2019-05-03,12\n"))


def test_of_two_columns_of_days_none_is_guessed(write):
    text = "Moment 1,Moment 2,lieu,tués\n2025-01-03,2025-01-04,Gao,2\n"
    with pytest.raises(SahelGeoError, match="no column for a date"):
        sg.read_incidents(write("two.csv", text))


@pytest.mark.parametrize(
    "header",
    [
        "Lieu des faits",
        "4. Localité exacte",
        "Lieu de l'attaque",
        "Village touché",
        "LOCALITE SINISTREE",
    ],
)
def test_the_place_of_an_incident_is_named_before_the_unit_around_it(write, header):
    text = f"Date;3. Cercle / Département;{header};Tués\n03/01/2025;Koro;Madougou;2\n"
    found = sg.read_incidents(write("faits.csv", text))
    assert found[["place", "fatalities_best"]].to_numpy().tolist() == [["Madougou", 2]]
    assert found.report.columns["admin2"] == "3. Cercle / Département"


@pytest.mark.parametrize("header", ["combien de morts", "How many people were killed?"])
def test_a_question_for_the_dead_is_their_number(write, header):
    text = f"quand,Where did it happen?,{header}\n13/03/2025,Gao,une cinquantaine\n"
    found = sg.read_incidents(write("question.csv", text))
    assert found[["place", "fatalities_best"]].to_numpy().tolist() == [["Gao", 50]]


def test_deaths_of_some_alone_are_not_left_out_in_silence(write):
    found = sg.read_incidents(write("some.csv", "Date,Lieu,dont décédées\n13/01/2025,Gao,2\n"))
    assert found.fatalities_best.isna().all()
    assert any("'dont décédées'" in note for note in found.report.notes)


def test_a_list_of_units_and_rain_by_unit_are_no_incidents(write):
    units = "ADM0_FR,ADM1_FR,ADM1_PCODE,date,validOn\nMali,Gao,ML07,2021-01-01,2021-06-01\n"
    with pytest.raises(SahelGeoError, match=r"the rows are units .*sg\.read_boundaries"):
        sg.read_incidents(write("units.csv", units))
    rain = "date,ADM2_PCODE,n_pixels,rfh\n2024-01-01,ML0701,20,0.0\n2024-01-11,ML0701,20,1.5\n"
    with pytest.raises(SahelGeoError, match=r"numbers by unit and period \('rfh'\)"):
        sg.read_incidents(write("rain.csv", rain))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Mois;Province;Morts\n2025-01;Soum;30\n2025-02;Soum;22\n", r"deaths by unit and period"),
        ("Région;Inscrits;Date\nGao;12;2023-06-18\nKidal;5;2023-06-18\n", r"unit and period"),
    ],
)
def test_deaths_by_month_and_numbers_of_one_day_are_no_incidents(write, text, message):
    with pytest.raises(SahelGeoError, match=message):
        sg.read_incidents(write("table.csv", text))


@pytest.mark.parametrize(
    "text",
    [
        "Mois;Province;Morts\n2025-01;Soum;3\n2025-01;Soum;2\n",
        "Mois;Province;Auteur;Morts\n2025-01;Soum;X;3\n2025-02;Soum;Y;2\n",
        "Date;Province;Morts\n03/01/2025;Soum;3\n14/01/2025;Soum;2\n",
        "Date;Commune;Blessés\n13/01/2025;Djibo;3\n13/01/2025;Arbinda;2\n",
        "N° du cas;Date;Commune;Tués\n1;13/01/2025;Djibo;3\n2;14/01/2025;Arbinda;2\n",
    ],
)
def test_lists_that_look_like_tables_are_lists(write, text):
    assert len(sg.read_incidents(write("list.csv", text))) == 2


def test_groups_of_day_and_time_and_dcd_are_read(write):
    text = "Date-heure;Bilan;Lieu\n130530Z JAN 25;02 DCD, 03 blessés;Djibo\n"
    text += "202330ZFEB2025;00 DCD;Dori\n"
    found = sg.read_incidents(write("group.csv", text))
    assert found.date.dt.strftime("%Y-%m-%d").tolist() == ["2025-01-13", "2025-02-20"]
    assert found.fatalities_best.tolist() == [2, 0]


def test_two_balances_are_not_left_out_in_silence(write):
    text = "Date;Lieu;Bilan officiel;Bilan sources locales\n13/01/2025;Gao;2;5\n"
    found = sg.read_incidents(write("two.csv", text))
    assert any("'Bilan officiel', 'Bilan sources locales'" in note for note in found.report.notes)


def test_a_dash_may_part_the_day_from_the_hour(write):
    text = "Date - Heure;Lieu\n13-01-2025 - 14h;Gao\n20-02-2025 - 06h30;Gao\n"
    found = sg.read_incidents(write("hour.csv", text))
    assert found.date.dt.strftime("%Y-%m-%d").tolist() == ["2025-01-13", "2025-02-20"]


def test_questions_are_named_after_what_they_ask_for(write):
    text = (
        "Horodateur;Quelle est la date de l'incident ?;Dans quelle région ?;Quel village ?\n"
        "14/01/2025 10:00:00;13/01/2025;Gao;Wabaria\n"
    )
    found = sg.read_incidents(write("form.csv", text))
    assert found.date.dt.strftime("%Y-%m-%d").tolist() == ["2025-01-13"]
    assert found.place.tolist() == ["Wabaria"]


def test_an_event_with_a_start_and_an_end_is_as_precise_as_its_span(write):
    text = "Start,End,Where\n13/01/2025,13/01/2025,Gao\n20/02/2025,22/02/2025,Kidal\n"
    found = sg.read_incidents(write("span.csv", text))
    assert found.date_precision.tolist() == ["day", "week"]


def test_cases_and_deaths_of_a_disease_are_no_incidents(write):
    text = "Date;District;Cas suspects;Décès\n13/01/2025;Diffa;12;1\n14/01/2025;Diffa;8;0\n"
    with pytest.raises(SahelGeoError, match="count people by unit"):
        sg.read_incidents(write("cholera.csv", text))


def test_people_beside_deaths_do_not_make_a_list_one_of_sites(write):
    text = "Commune;Date de l'inondation;Décès;Personnes sinistrées\nDakoro;12/08/2024;3;1800\n"
    found = sg.read_incidents(write("flood.csv", text))
    assert found.date.dt.strftime("%Y-%m-%d").tolist() == ["2024-08-12"]
    assert found.fatalities_best.tolist() == [3]
