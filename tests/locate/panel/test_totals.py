"""Rows of totals are no units: they are left out, named, and never added to what they sum."""

import pytest
from typer.testing import CliRunner

import sahel_geo as sg
from sahel_geo.cli import app

MONTHS = "2024-01;2024-02"


def read(tmp_path, text):
    file = tmp_path / "table.csv"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    "label",
    ["Total", "TOTAL GÉNÉRAL", "Total Mali", "Ensemble", "Ensemble du pays", "Grand total",
     "Somme", "Toutes les régions", "Mali total"],
)  # fmt: skip
def test_a_row_of_totals_of_a_wide_table_is_named_and_left_out(tmp_path, label):
    file = read(tmp_path, f"Cercle;{MONTHS}\nAnsongo;3;2\nKoro;1;5\n{label};4;7\n")
    panel = sg.read_panel(file)
    assert panel["incidents"].tolist() == [1, 5, 3, 2]
    assert panel.attrs["unmatched"] == 0
    assert [str(note) for note in panel.attrs["notes"]] == [
        f"1 row of totals is left out: [{label} (row 4)]"
    ]


def test_subtotals_do_not_turn_cercles_into_regions_counted_twice(tmp_path):
    rows = "Gao;Ansongo;3;2\nGao;Sous-total Gao;3;2\nMopti;Koro;1;5\nMopti;Sous-total Mopti;1;5\n"
    panel = sg.read_panel(read(tmp_path, f"Région;Cercle;{MONTHS}\n{rows};Grand total;4;7\n"))
    assert panel.attrs["level"] == 2
    assert panel["incidents"].sum() == 11
    assert "[Sous-total Gao (row 3), Sous-total Mopti (row 5), Grand total (row 6)]" in str(
        panel.attrs["notes"][0]
    )


def test_rows_added_up_by_a_wider_unit_than_the_file_names_are_said(tmp_path):
    rows = "Gao;DS Alpha;6;4\nGao;DS Beta;5;3\nMopti;DS Gamma;1;1\n"
    panel = sg.read_panel(read(tmp_path, f"Région;District;{MONTHS}\n{rows}"))
    assert panel.attrs["level"] == 1
    assert "'District'" in str(panel.attrs["notes"][0])


def test_a_table_by_unit_names_its_totals(tmp_path):
    table = sg.read_unit_table(
        read(tmp_path, "Région;Habitants\nGao;10\nMopti;20\nSous-total;30\nTotal;30\n")
    )
    assert table.values["Habitants"].to_dict() == {"ML05": 20, "ML07": 10}
    assert len(table.unmatched) == 0
    assert (
        str(table.notes[0]) == "2 rows of totals are left out: [Sous-total (row 4), Total (row 5)]"
    )


def test_check_says_in_french_which_rows_are_totals(tmp_path):
    file = read(tmp_path, f"Cercle;{MONTHS}\nAnsongo;3;2\nKoro;1;5\nTotal;4;7\n")
    told = CliRunner().invoke(app, ["check", str(file), "--lang", "fr"])
    assert told.exit_code == 0
    assert "1 ligne de totaux est laissée de côté" in " ".join(told.output.split())
