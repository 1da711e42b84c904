"""Sheets that hide rows, and sheets that are one table under other names."""

import openpyxl
import pandas as pd
import pytest

import sahel_geo as sg

HEADER = ["Date", "Région", "Cercle", "Localité", "Morts"]
MALI = ["2025-03-12", "Gao", "Ansongo", "Ansongo", 3]
NIGER = ["2025-03-14", "Tillabéri", "Téra", "Téra", 4]


def save(path, sheets, hide=()):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        for number in hide:
            sheet.row_dimensions[number].hidden = True
    book.save(path)
    return path


@pytest.mark.parametrize(("hidden", "said"), [((), ""), ((3,), "1 row"), ((2, 3), "2 rows")])
def test_rows_that_a_filter_hides_are_read_and_said_to_be(tmp_path, hidden, said):
    file = save(tmp_path / "a.xlsx", {"a": [HEADER, MALI, NIGER]}, (*hidden, 9))
    found = sg.read_incidents(file)
    assert len(found) == 2
    notes = [note for note in found.report.notes if "hides" in str(note)]
    assert [str(note).startswith(said) for note in notes] == [True] * bool(hidden)
    assert all("masquée" in note.say("fr") for note in notes)


def test_sheets_that_name_the_same_fields_otherwise_are_one_table(tmp_path):
    other = ["Date", "Région", "Département", "Localité", "Nb morts", "Observations"]
    sheets = {"Mali": [HEADER, MALI], "Niger": [other, [*NIGER, "à vérifier"]]}
    found = sg.read_incidents(save(tmp_path / "a.xlsx", sheets))
    assert found["admin2"].tolist() == ["Ansongo", "Téra"]
    assert found["fatalities_best"].tolist() == [3, 4]
    assert found["Observations"].isna().tolist() == [True, False]
    assert found["country"].tolist() == ["MLI", "NER"]


def test_a_sheet_of_other_fields_is_another_table(tmp_path):
    people = [["Date", "Localité", "Nom", "Âge"], ["2025-03-12", "Ansongo", "A. M.", 30]]
    found = sg.read_incidents(save(tmp_path / "a.xlsx", {"a": [HEADER, MALI], "b": people}))
    assert len(found) == 1
    assert any("not read: ['b']" in str(note) for note in found.report.notes)


def dated(path, dates, number_format):
    """A workbook of one row a date, shown by a format."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Date", "Pays", "Localité", "Morts"])
    for at, date in enumerate(dates, start=2):
        sheet.append([date, "Mali", "Ansongo", 1])
        sheet.cell(at, 1).number_format = number_format
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("number_format", "precision"),
    [
        ("mmm-yy", "month"),
        ('[$-40C]mmmm" "yyyy;@', "month"),
        ("mm/yyyy", "month"),
        ("yyyy", "year"),
        ("dd/mm/yyyy", "day"),
        ("General", "day"),
        ('"day "mmm-yy', "month"),
    ],
)
def test_a_date_is_as_exact_as_its_cell_shows(tmp_path, number_format, precision):
    file = dated(tmp_path / "a.xlsx", [pd.Timestamp(2025, 1, 1)], number_format)
    found = sg.read_incidents(file)
    assert found["date"].tolist() == [pd.Timestamp("2025-01-01")]
    assert found["date_precision"].tolist() == [precision]


def test_days_that_a_format_hides_are_kept(tmp_path):
    days = [pd.Timestamp(2025, 3, 1), pd.Timestamp(2025, 3, 17)]
    found = sg.read_incidents(dated(tmp_path / "a.xlsx", days, "mmm-yy"))
    assert found["date"].tolist() == days
    assert found["date_precision"].tolist() == ["day", "day"]


def test_percents_are_read_as_their_cells_show_them(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["Pcode", "Part"], ["ML0701", 0.45], ["ML0702", "12,5 %"], ["ML0703", 1]):
        sheet.append(row)
    for at in (2, 4):
        sheet.cell(at, 2).number_format = "0.0%"
    book.save(tmp_path / "a.xlsx")
    units = sg.load_boundaries(level=2, countries=["MLI"])
    found = sg.read_unit_table(tmp_path / "a.xlsx", units)
    assert found.values["Part"].tolist() == [45.0, 12.5, 100.0]
    assert found.scales == {"Part": "percent"}


@pytest.mark.parametrize("mark", [";", ",", "\t"])
def test_lines_that_stand_in_the_first_column_are_cut(tmp_path, mark):
    """As where a spreadsheet opened text and cut it nowhere, or at the decimal commas alone."""
    place = '"Téra, marché"' if mark == "," else "Téra, marché"
    cells = [["Date", "Localité", "Morts"], ["2025-03-12", "Ansongo", "3"]]
    lines = map(mark.join, [*cells, ["2025-03-14", place, "4"]])
    rows = [[line] if mark == "," else line.split(",") for line in ["Titre", *lines]]
    table = sg.read_incidents(save(tmp_path / "a.xlsx", {"a": rows}))
    assert table["fatalities_best"].tolist() == [3, 4]
    assert table["place"].tolist() == ["Ansongo", "Téra, marché"]


def test_a_long_heading_with_commas_is_no_line_of_names(tmp_path):
    title = ["Lieux, dates, et ce que l’on sait"]
    table = sg.read_incidents(save(tmp_path / "a.xlsx", {"a": [title, HEADER, MALI]}))
    assert table["fatalities_best"].tolist() == [3]
