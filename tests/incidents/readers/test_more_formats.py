"""GDELT, ICEWS and UCDP Candidate tables, merged headers, the page, and corrected quarantines."""

import re
import zipfile

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

import sahel_geo as sg
from sahel_geo.cli import app
from sahel_geo.errors import InputError


def test_gdelt_countries_are_fips_codes():
    frame = pd.DataFrame(
        {
            "GLOBALEVENTID": [1, 2, 3], "SQLDATE": [20210102, 20210103, 20210104],
            "Actor1Name": ["A", "B", "C"], "Actor2Name": ["", "", ""], "EventCode": [190, 190, 190],
            "ActionGeo_Type": [4, 1, 5],
            "ActionGeo_FullName": ["Diffa, Niger", "Burkina Faso", "Gao"],
            "ActionGeo_CountryCode": ["NG", "UV", "ML"],
            "ActionGeo_Lat": [13.3, 13.0, 16.0], "ActionGeo_Long": [12.6, -2.0, 0.0],
        }
    )  # fmt: skip
    found = sg.incidents_from_frame(frame)
    assert found.report.format == "gdelt"
    assert found["country"].tolist() == ["NER", "BFA", "MLI"]
    assert found["location_precision"].tolist() == ["near", "country", "admin1"]
    assert found["date"].dt.strftime("%Y%m%d").tolist() == ["20210102", "20210103", "20210104"]


def test_icews_tables_are_recognised():
    frame = pd.DataFrame(
        {"Event ID": [7], "Event Date": ["2014-05-17"], "Source Name": ["Army"],
         "Target Name": ["Group"], "Event Text": ["Fight"], "CAMEO Code": ["190"],
         "City": ["Kidal"], "Country": ["Mali"], "Latitude": [18.44], "Longitude": [1.41]}
    )  # fmt: skip
    found = sg.incidents_from_frame(frame)
    assert found.report.format == "icews"
    assert found.loc[0, ["place", "country", "actor2", "event_type"]].tolist() == [
        "Kidal", "MLI", "Group", "Fight",
    ]  # fmt: skip


def test_ucdp_candidate_events_are_read_as_ucdp():
    frame = pd.DataFrame(
        {"id": [501], "type_of_violence": [3], "side_a": ["X"], "side_b": ["Civilians"],
         "where_prec": [2], "where_coordinates": ["Ouallam town"], "latitude": [14.3],
         "longitude": [2.1], "country": ["Niger"], "date_prec": [1],
         "code_status": ["Check deaths"],
         "date_start": ["2024-02-03 00:00:00.000"], "best": [4], "high": [6], "low": [2]}
    )  # fmt: skip
    found = sg.incidents_from_frame(frame)
    assert found.report.format == "ucdp-ged"
    assert found.loc[0, ["country", "location_precision", "event_type"]].tolist() == [
        "NER", "near", "one-sided",
    ]  # fmt: skip
    assert found["date"].tolist() == [pd.Timestamp("2024-02-03")]


def test_merged_headers_of_a_workbook_are_put_together(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Suivi des incidents"])
    sheet.append(["Date", "Localisation", None, None, "Morts", None])
    sheet.append([None, "Village", "Longitude", "Latitude", "Min", "Max"])
    sheet.append(["13/05/2021", "Tessit", "0° 24' O", "15°12'36\" N", 3, 5])
    sheet.merge_cells("A2:A3")
    sheet.merge_cells("B2:D2")
    sheet.merge_cells("E2:F2")
    path = tmp_path / "kobo.xlsx"
    book.save(path)
    found = sg.read_incidents(path)
    assert found["date"].tolist() == [pd.Timestamp("2021-05-13")]
    assert found.loc[0, ["lon", "lat"]].tolist() == pytest.approx([-0.4, 15.21])
    assert found.loc[0, ["fatalities_low", "fatalities_high"]].tolist() == [3, 5]
    assert found.loc[0, "place"] == "Tessit"


def test_formulas_that_were_never_calculated_are_said(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Date", "Lieu", "Civils", "FDS", "Total morts"])
    for row in (2, 3):
        sheet.append([f"2025-01-0{row}", "Gao", 1, 2, f'=IF(C{row}>0,C{row}+D{row},"")'])
    sheet.append(["2025-01-04", "Koro", 1, 2, 3])
    path = tmp_path / "formulas.xlsx"
    book.save(path)
    found = sg.read_incidents(path)
    assert found["fatalities_best"].isna().tolist() == [True, True, False]
    said = "2 formulas were saved without their values"
    assert [note.startswith(said) for note in found.report.notes] == [True]
    blank, calculated = tmp_path / "blank.xlsx", tmp_path / "calculated.xlsx"
    for target, value, kind in ((blank, "", ' t="str"'), (calculated, "3", "")):
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
            for name in old.namelist():
                text = old.read(name).decode()
                if name.endswith("sheet1.xml"):
                    text = re.sub(r'(<c r="E[23]")', rf"\1{kind}", text)
                    text = text.replace("</f><v />", f"</f><v>{value}</v>")
                new.writestr(name, text)
        assert not sg.read_incidents(target).report.notes


@pytest.mark.parametrize(
    ("lines", "column", "tolls"),
    [
        ("Date;Lieu;Bilan;\n;;Blessés;Tués\n", "Tués", [1, 2]),
        (";;Bilan;\nDate;Lieu;Blessés;Tués\n", "Tués", [1, 2]),
        ("Date;Lieu;Civils;FDS\n;;Tués;Tués\n", None, None),  # no blank: not merged
        ("Date;Lieu;Civils;\n;;Blessés;\n", None, None),
    ],
)
def test_a_second_line_names_the_parts_of_merged_cells(tmp_path, lines, column, tolls):
    path = tmp_path / "two-lines.csv"
    path.write_text(lines + "13/05/2021;Tessit;9;1\n14/05/2021;Gao;8;2\n", encoding="utf-8")
    found = sg.read_incidents(path)
    assert found.report.columns.get("fatalities_best") == column
    assert found["place"].tolist() == ["Tessit", "Gao"]
    if tolls:
        assert found["fatalities_best"].tolist() == tolls
        assert found.quarantine.empty


@pytest.mark.parametrize(
    "lines",
    ["Date;Lieu;Civils;;FDS;\n;;Tués;Blessés;Tués;Blessés\n",
     ";;Civils;;FDS;\nDate;Lieu;Tués;Blessés;Tués;Blessés\n"],
)  # fmt: skip
def test_deaths_of_one_group_are_not_the_toll(tmp_path, lines):
    path = tmp_path / "groups.csv"
    path.write_text(lines + "13/05/2021;Tessit;1;0;4;2\n", encoding="utf-8")
    found = sg.read_incidents(path)
    assert found["fatalities_best"].isna().all()
    assert {"Civils Tués", "FDS Tués"} <= set(found.columns)
    assert any(note.startswith("deaths are not read: ['Civils") for note in found.report.notes)


def faulty():
    return pd.DataFrame(
        {
            "date": ["31/02/2020", "13/03/2020", "14/03/2020"],
            "village": ["=Gao()", "Dori", "Djibo"],
            "morts": ["1", "2", "3/4"],
        }
    )


def test_a_quarantine_is_written_corrected_and_read_back(tmp_path):
    first = sg.incidents_from_frame(faulty())
    assert len(first) == 1
    path = sg.write_quarantine(first, tmp_path / "aside.csv")
    written = pd.read_csv(path, dtype=str)
    assert written["village"].tolist() == ["'=Gao()", "Djibo"]
    written.loc[0, "date"] = "29/02/2020"
    written.loc[1, "morts"] = "4"
    written.to_csv(path, index=False, encoding="utf-8-sig")
    again = sg.read_quarantine(path)
    assert again["place"].tolist() == ["=Gao()", "Djibo"]
    assert again["fatalities_best"].tolist() == [1.0, 4.0]
    assert len(again.quarantine) == 0
    assert len(pd.concat([first, again])) == len(faulty())


def test_what_is_still_wrong_is_set_aside_again(tmp_path):
    path = sg.write_quarantine(sg.incidents_from_frame(faulty()), tmp_path / "aside.csv")
    again = sg.read_quarantine(path)
    assert len(again) == 0
    assert again.quarantine["reason"].tolist() == ["impossible_date", "not_a_number"]


def test_other_files_are_no_quarantine(tmp_path):
    path = tmp_path / "other.csv"
    path.write_text("date,village\n2020-01-01,Gao\n", encoding="utf-8")
    with pytest.raises(
        InputError, match=r"'other.csv' has no column \['row', 'reason', 'detail'\]"
    ):
        sg.read_quarantine(path)


def test_the_page_of_the_report_escapes_what_the_file_says(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("date,village,pays\n2020-01-01,Gao,<script>x</script>\n", encoding="utf-8")
    page = tmp_path / "quality.html"
    done = CliRunner().invoke(app, ["check", str(path), "--html", str(page)])
    assert done.exit_code == 0, done.output
    text = page.read_text(encoding="utf-8")
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert text.count("<tr>") == len(sg.quality_report(sg.read_incidents(path)).lines())


def test_the_command_geocodes_a_file(tmp_path):
    path, out = tmp_path / "a.csv", tmp_path / "located.csv"
    path.write_text("date,village,pays\n2020-01-01,Ménaka,Mali\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["geocode", str(path), "--out", str(out), "--json"])
    assert done.exit_code == 0, done.output
    located = pd.read_csv(out)
    assert located.loc[0, "lon"] == pytest.approx(2.4, abs=0.05)
    assert located.loc[0, "method"] == "exact"
