"""SCAD, ICEWS, POLECAT and IOM's figures, with the columns of their codebooks and invented rows."""

import json

import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.errors import FileError, InputError
from sahel_geo.incidents.rows.shapes import CountsError

_SCAD = (
    "eventid,id,ccode,countryname,startdate,enddate,duration,stday,stmo,styr,eday,emo,eyr,etype,"
    "escalation,actor1,actor2,actor3,target1,target2,cgovtarget,rgovtarget,npart,ndeath,repress,"
    "elocal,ilocal,sublocal,locnum,gislocnum,issue1,issue2,issue3,issuenote,nsource,notes,coder,"
    "acd_questionable,latitude,longitude,geo_comments,location_precision"
)
_ICEWS = (
    "Event ID|Event Date|Source Name|Source Sectors|Source Country|Event Text|CAMEO Code|Intensity|"
    "Target Name|Target Sectors|Target Country|Story ID|Sentence Number|Publisher|City|District|"
    "Province|Country|Latitude|Longitude"
)
_POLECAT = (
    "Event ID|Event Date|Event Type|Event Mode|Intensity|Quad Code|Contexts|Actor Name|"
    "Actor Country|Actor COW|Primary Actor Sector|Actor Sectors|Actor Title|Actor Name Raw|"
    "Wikipedia Actor ID|Recipient Name|Recipient Country|Recipient COW|Primary Recipient Sector|"
    "Recipient Sectors|Recipient Title|Recipient Name Raw|Wikipedia Recipient ID|Placename|City|"
    "District|Province|Country|Latitude|Longitude|GeoNames ID|Raw Placename|Feature Type|Source|"
    "Publication Date|Story People|Story Organizations|Story Locations|Language|Version"
)


def tabbed(header, *rows):
    names = header.split("|")
    lines = ["\t".join(str(row.get(name, "")) for name in names) for row in rows]
    return "\n".join(["\t".join(names), *lines]) + "\n"


def scad_row(event, row, country, start, kind, deaths, place, lat, lon):
    return (
        f"{event},{row},432,{country},{start},{start},1,,,,,,,{kind},0,Rebels,,,Government,,1,0,"
        f"2,{deaths},1,{place},{place},,1,1,2,0,0,,2,,5,0,{lat},{lon},,1"
    )


def test_scad_counts_the_toll_of_an_event_once(write):
    rows = [
        scad_row(4320010, 10, "Mali", "24-Jan-12", 8, 20, "Menaka", 15.92, 2.40),
        scad_row(4320010, 11, "Mali", "24-Jan-12", 8, 20, "Aguelhok", 19.46, 0.85),
        scad_row(4320012, 12, "Mali", "13-Feb-12", 1, -99, "Bamako", 12.65, -8.0),
        scad_row(4320013, 14, "Mali", "14-Feb-12", 1, -9, "Bamako", 12.65, -8.0),
        scad_row(4360003, 13, "Niger", "12-Mar-07", 8, 20, "Iferouane", 19.06, 8.42),
    ]
    found = sg.read_incidents(write("\n".join([_SCAD, *rows]) + "\n"))
    assert (found.report.format, len(found)) == ("scad", 5)
    assert found["fatalities_best"].fillna(-1).tolist() == [20, -1, -1, -1, 20]
    assert found["country"].tolist() == ["MLI", "MLI", "MLI", "MLI", "NER"]
    assert found["date"].dt.strftime("%Y-%m-%d").tolist()[:3] == [
        "2012-01-24", "2012-01-24", "2012-02-13",
    ]  # fmt: skip
    assert found["event_type"][2] == "organized demonstration"
    assert any("counted once" in note for note in found.report.notes)


def test_icews_is_as_precise_as_the_smallest_unit_it_names(write):
    place = {"Country": "Mali", "Latitude": 16, "Longitude": 0.5, "Event Date": "2012-01-24"}
    text = tabbed(
        _ICEWS,
        {"Event ID": 1, "City": "Gao", "Province": "Gao", "Source Name": "A", **place},
        {"Event ID": 2, "District": "Ansongo", "Province": "Gao", **place},
        {"Event ID": 3, "Province": "Gao", **place},
        {"Event ID": 4, "Target Name": "Citizen (Mali)", "CAMEO Code": "190", **place},
    )
    found = sg.read_incidents(write(text, "events.2012.tab"))
    assert found.report.format == "icews"
    assert found["location_precision"].tolist() == ["near", "admin2", "admin1", "country"]
    assert found["actor2"][3] == "Citizen (Mali)"


def test_icews_is_recognised_under_the_names_that_r_gives_its_columns(write):
    place = {"country": "Mali", "latitude": 16, "longitude": 0.5, "event_date": "2012-01-24"}
    header = _ICEWS.lower().replace(" ", "_")
    row = {"event_id": 1, "province": "Gao", "source_name": "A", "target_name": "B", **place}
    found = sg.read_incidents(write(tabbed(header, row), "icews.tab"))
    assert found.report.format == "icews"
    assert found.loc[0, ["location_precision", "admin1", "actor1", "actor2"]].tolist() == [
        "admin1", "Gao", "A", "B",
    ]  # fmt: skip


def test_polecat_is_as_precise_as_its_kind_of_place(write):
    place = {"Country": "MLI", "Latitude": 14.35, "Longitude": -3.61, "Event Date": "2023-01-05",
             "Publication Date": "2023-01-06", "Event Type": "ASSAULT"}  # fmt: skip
    text = tabbed(
        _POLECAT,
        {"Event ID": "A1", "Placename": "Bandiagara", "Feature Type": "PPLA2", **place},
        {"Event ID": "A2", "Placename": "Mopti", "Feature Type": "ADM1", **place},
        {"Event ID": "A3", "Placename": "Mali", "Feature Type": "PCLI", **place},
        {"Event ID": "A4", "Placename": "?", "Recipient Name": "Civilians", **place},
    )
    found = sg.read_incidents(write(text, "ngecEvents.txt"))
    assert found.report.format == "polecat"
    assert found["location_precision"].tolist() == ["near", "admin1", "country", "unknown"]
    assert found["date"].eq(pd.Timestamp("2023-01-05")).all()


def dtm_rows(*months):
    units = {"ML0701": "Ansongo", "ML0702": "Bourem"}
    return [
        {"id": 1, "operation": "Mali", "admin0Name": "Mali", "admin0Pcode": "MLI",
         "admin1Name": "Gao", "admin1Pcode": "ML07", "admin2Name": name, "admin2Pcode": code,
         "numPresentIdpInd": 100 * month, "reportingDate": f"2023-0{month}-28T00:00:00",
         "yearReportingDate": 2023, "monthReportingDate": month, "roundNumber": month,
         "displacementReason": "Conflict", "assessmentType": "BA"}
        for month in months for code, name in units.items()
    ]  # fmt: skip


def test_displaced_people_by_unit_are_no_incidents(write):
    answer = {"isSuccess": True, "statusCode": 200, "errorMessages": []}
    one, two = (
        write(json.dumps({**answer, "result": dtm_rows(*months)}), f"dtm{len(months)}.json")
        for months in [(1,), (1, 2)]
    )
    with pytest.raises(InputError, match="count people by unit \\('numPresentIdpInd'\\)"):
        sg.read_incidents(one)
    read = sg.read_unit_table(one, columns=["numPresentIdpInd"])
    assert read.values["numPresentIdpInd"].to_dict() == {"ML0701": 100, "ML0702": 100}
    with pytest.raises(InputError, match="Keep one period"):
        sg.read_unit_table(two, columns=["numPresentIdpInd"])


@pytest.mark.parametrize(
    "header",
    ["Date,Région,Nombre de PDI", "Date de rapport,Cercle,Ménages", "date,admin1,population"],
)
def test_people_counted_in_a_unit_are_no_incident(write, header):
    with pytest.raises(InputError, match="count people by unit"):
        sg.read_incidents(write(f"{header}\n2024-03-01,Gao,2000\n"))


def test_incidents_that_displaced_people_are_incidents(write):
    found = sg.read_incidents(write("Date,Commune,Morts,Déplacés\n2024-03-01,Ansongo,2,200\n"))
    assert found["fatalities_best"].tolist() == [2]


@pytest.mark.parametrize(
    ("header", "period"),
    [
        ("Semaine,Région,Nombre d'attaques", "2024-W05"),
        ("Mois,Région,Incidents sécuritaires", "2024-01"),
        ("Year,Admin1,Violent events", "2024"),
    ],
)
def test_counts_under_other_names_are_counts(write, header, period):
    path = write(f"{header},Total morts\n{period},Gao,7,3\n")
    with pytest.raises(CountsError, match="counts by unit and period"):
        sg.read_incidents(path)
    panel = sg.read_panel(path)
    assert panel[["unit_id", "incidents", "fatalities_best"]].to_numpy().tolist() == [
        ["ML07", 7, 3]
    ]


def test_numbers_of_incidents_are_no_counts(write):
    found = sg.read_incidents(write("Date,Cercle,Incident no\n2024-03-01,Ansongo,1\n"))
    assert len(found) == 1


def test_side_files_of_a_shapefile_say_what_to_pass(points, tmp_path):
    points.to_file(tmp_path / "events.shp")
    for suffix, what in {"shx": "index", "dbf": "attribute table", "prj": "reference system",
                         "cpg": "encoding"}.items():  # fmt: skip
        with pytest.raises(FileError, match=f"the {what} of a shapefile.*Pass the .shp"):
            sg.read_incidents(tmp_path / f"events.{suffix}")
    assert len(sg.read_incidents(tmp_path / "events.shp")) == 2


def test_placeholders_of_scad_are_no_events(write):
    rows = [
        scad_row(4320010, 10, "Mali", "24-Jan-12", 8, 20, "Menaka", 15.92, 2.40),
        scad_row(-4320001, -1, "Mali", "1-Jan-12", -9, -9, "Gao", 16.27, -0.04),
    ]
    found = sg.read_incidents(write("\n".join([_SCAD, *rows]) + "\n"))
    assert found["source_id"].tolist() == ["4320010"]
    assert found.quarantine["reason"].tolist() == ["not_an_event"]


def test_a_header_may_begin_with_the_mark_of_its_table(write):
    row = {"Event ID": "e1", "Event Date": "2024-03-01", "Event Type": "ASSAULT",
           "Placename": "Gao", "Recipient Name": "", "Country": "MLI",
           "Latitude": "16.27", "Longitude": "-0.04", "Feature Type": "PPL"}  # fmt: skip
    found = sg.read_incidents(write("#!" + tabbed(_POLECAT, row)))
    assert (found.report.format, found["incident_id"].tolist()) == ("polecat", ["e1"])
