"""Headings between the rows, and years that a title states."""

import openpyxl
import pytest

import sahel_geo as sg
from sahel_geo.errors import InputError

HEAD = ["Date", "Localité", "Type", "Morts"]


def read(path, rows):
    """Write rows as a workbook or as CSV, and read them."""
    if path.suffix == ".csv":
        width = max(map(len, rows))
        filled = ([*row, *[None] * (width - len(row))] for row in rows)
        lines = (";".join("" if cell is None else str(cell) for cell in row) for row in filled)
        path.write_text("\n".join(lines), encoding="utf-8")
    else:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)
    return sg.read_incidents(path)


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_heading_says_where_the_rows_below_it_are(tmp_path, suffix):
    table = read(tmp_path / f"a.{suffix}", [
        HEAD, ["MALI", None, None, None], ["1. Région de Gao", None, None, None],
        ["2024-03-01", "Ansongo", "Attaque", 3], ["2. Région de Kidal :", None, None, None],
        ["2024-03-09", "Tessalit", "Attaque", 2], ["NIGER", None, None, None],
        ["2024-03-10", "Téra", "Attaque", 1],
    ])  # fmt: skip
    assert table["admin1"].fillna("").tolist() == ["Gao", "Kidal", ""]
    assert table["country"].tolist() == ["MLI", "MLI", "NER"]
    assert table["fatalities_best"].tolist() == [3, 2, 1]
    assert not len(table.quarantine)
    (note,) = (note for note in table.report.notes if "headings between the rows" in str(note))
    assert "4 headings" in str(note)


@pytest.mark.parametrize("text", ["Total", "Source : presse", "Région", "suite de la page 3"])
def test_another_text_alone_in_its_row_is_no_heading(tmp_path, text):
    table = read(tmp_path / "a.csv", [HEAD, ["2024-03-01", "Gao", "Attaque", 3], [text],
                                      ["2024-03-02", "Gao", "Attaque", 3]])  # fmt: skip
    assert "admin1" not in table or table["admin1"].isna().all()
    assert not any("heading" in str(note) for note in table.report.notes)


def test_a_column_of_regions_is_not_overruled_by_headings(tmp_path):
    table = read(tmp_path / "a.csv", [["Date", "Région", "Localité"], ["Région de Gao"],
                                      ["2024-03-01", "Kidal", "Tessalit"]])  # fmt: skip
    assert table["admin1"].tolist() == ["Kidal"]


@pytest.mark.parametrize("header", ["Date", "Jour"])
def test_a_date_without_a_year_takes_that_of_the_title(tmp_path, header):
    rows = [["Bilan sécuritaire 2024"], [header, "Localité", "Morts"], ["3 janvier", "Gao", 3]]
    table = read(tmp_path / "a.xlsx", rows)
    assert table["date"].dt.strftime("%Y-%m-%d").tolist() == ["2024-01-03"]
    assert any("take their year, 2024, from the title" in str(note) for note in table.report.notes)


@pytest.mark.parametrize(
    "title",
    [
        "Bilan 2023-2024",
        "Export du 5 février 2024",
        "Incidents (au 05/02/2024)",
        "Mis à jour en 2024",
    ],
)
def test_a_title_of_two_years_or_of_the_day_it_was_made_gives_none(tmp_path, title):
    rows = [[title], ["Date", "Localité", "Morts"], ["3 janvier", "Gao", 3],
            ["2024-01-05", "Gao", 1]]  # fmt: skip
    table = read(tmp_path / "a.xlsx", rows)
    assert len(table) == 1
    assert table.quarantine["reason"].tolist() == ["impossible_date"]


@pytest.mark.parametrize("days", [("01", "13", 2), ("1er mars", "mercredi 13 mars", "2 avril")])
def test_days_below_a_heading_of_a_month_are_its_days(tmp_path, days):
    first, second, third = days
    table = read(tmp_path / "a.xlsx", [
        HEAD, ["MARS 2024"], [first, "Gao", "Attaque", 3], [second, "Kidal", "Attaque", 5],
        ["Avril 2024"], [third, "Gao", "Attaque", 1],
    ])  # fmt: skip
    days = table["date"].dt.strftime("%Y-%m-%d").tolist()
    assert days == ["2024-03-01", "2024-03-13", "2024-04-02"]
    assert not len(table.quarantine)


@pytest.mark.parametrize("header", ["Date", "Jour"])
@pytest.mark.parametrize("days", [(1, 13), ("le 1er", "le 13"), ("01", "13")])
def test_days_below_a_title_of_a_month_are_its_days(tmp_path, header, days):
    rows = [["RAPPORT MENSUEL - MARS 2024"], [], [header, "Localité", "Morts"],
            *([day, "Gao", 3] for day in days)]  # fmt: skip
    table = read(tmp_path / "a.xlsx", rows)
    assert table["date"].dt.strftime("%Y-%m-%d").tolist() == ["2024-03-01", "2024-03-13"]
    assert any("are those of 3/2024" in str(note) for note in table.report.notes)


def test_whole_dates_are_not_those_of_the_title(tmp_path):
    rows = [["Mars 2024"], ["Date", "Localité", "Morts"], ["2023-12-31", "Gao", 3]]
    table = read(tmp_path / "a.xlsx", rows)
    assert table["date"].dt.strftime("%Y-%m-%d").tolist() == ["2023-12-31"]


@pytest.mark.parametrize(
    ("titles", "header", "days"),
    [(("2023", "2024"), "Date", ("1 mars", "13 mars")),
     (("2023", "2024"), "Date", ("01/03", "13/03")),
     (("Mars 2023", "Mars 2024"), "Jour", (1, 13)), (("Mars 2023", "Mars 2024"), "Jour", (1, "13")),
     (("2023", "2024"), "Date", ("2023-03-01", "2024-03-13"))],
)  # fmt: skip
def test_each_sheet_dates_its_rows_by_its_name(tmp_path, titles, header, days):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, day in zip(titles, days, strict=True):
        sheet = book.create_sheet(title)
        sheet.append([header, "Localité", "Type", "Morts"])
        sheet.append([day, "Gao", "Attaque", 3])
    book.save(tmp_path / "a.xlsx")
    table = sg.read_incidents(tmp_path / "a.xlsx")
    assert table["date"].dt.strftime("%Y-%m-%d").tolist() == ["2023-03-01", "2024-03-13"]


def test_a_unit_without_figures_is_no_heading_in_a_table_of_units(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "Unité;Ménages;Déplacés\nCercle de Gao;3;1\nCercle de Kidal;;\nCercle de Ansongo;5;2\n",
        "utf-8",
    )
    table = sg.read_unit_table(path)
    assert len(table.values) == 3


def test_days_between_headings_of_regions_are_those_of_the_title(tmp_path):
    table = read(tmp_path / "a.csv", [
        ["Rapport mensuel - mars 2024"], ["Jour", "Localité", "Type", "Morts/Blessés"],
        ["RÉGION DE GAO"], ["le 1er", "Ansongo", "Attaque", "3/2"],
        ["Région de Kidal"], ["le 20", "Tessalit", "Attaque", "-99"],
    ])  # fmt: skip
    assert table["date"].dt.strftime("%Y-%m-%d").tolist() == ["2024-03-01", "2024-03-20"]
    assert table["admin1"].tolist() == ["GAO", "Kidal"]
    assert table["fatalities_best"].fillna(-1).tolist() == [3, -1]


@pytest.mark.parametrize(
    "title", ["Janvier - mars 2024", "Export de mars 2024", "Mars 2023 et 2024"]
)
def test_days_below_a_title_of_several_months_or_of_an_export_have_none(tmp_path, title):
    rows = [[title], ["Jour", "Localité", "Morts"], [3, "Gao", 3], [13, "Gao", 1]]
    with pytest.raises(InputError, match="no column for a date"):
        read(tmp_path / "a.xlsx", rows)


def test_a_general_account_states_its_year(tmp_path):
    rows = [["Bilan général, printemps 2024"], ["Date", "Localité"], ["3 mars", "Gao"]]
    table = read(tmp_path / "a.xlsx", rows)
    assert table["date"].dt.year.tolist() == [2024]
