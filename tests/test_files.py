"""Files appear whole or not at all, and a table opens as text in a spreadsheet."""

import csv

import pandas as pd
import pytest

from sahel_geo.errors import FileError
from sahel_geo.files import atomic_path, data_path, write_csv, write_text
from sahel_geo.incidents.corrections import _unguarded


def interrupted(path):
    with atomic_path(path) as temporary:
        temporary.write_text("half", encoding="utf-8")
        raise KeyboardInterrupt


def test_an_interrupted_write_leaves_the_old_file_and_no_other(tmp_path):
    path = write_text(tmp_path / "page.html", "old")
    with pytest.raises(KeyboardInterrupt):
        interrupted(path)
    assert path.read_text(encoding="utf-8") == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["page.html"]


def test_formulas_become_text_and_numbers_stay(tmp_path):
    table = pd.DataFrame(
        {
            "=HYPERLINK(1)": ["=1+1", "  @SUM(A1)", "-2.40", "+cmd|' /C calc'!A0", None, "Gao"],
            "lon": [-2.4, 0.0, 1e-7, float("nan"), 1.0, 2.0],
            "both": [("=x", 1), [], "－1", "ok", "\t=1", "fin"],
        },
    )
    path = write_csv(tmp_path / "out.csv", table)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["'=HYPERLINK(1)", "lon", "both"]
    assert [row[0] for row in rows[1:]] == [
        "'=1+1",
        "'  @SUM(A1)",
        "-2.40",
        "'+cmd|' /C calc'!A0",
        "",
        "Gao",
    ]
    assert [row[1] for row in rows[1:]] == ["-2.4", "0.0", "1e-07", "", "1.0", "2.0"]
    assert rows[3][2] == "'－1"
    assert rows[5][2] == "'\t'=1"


def test_formulas_after_what_other_spreadsheets_split_at_become_text(tmp_path):
    texts = ['Gao;=1+1"', "a; \"=cmd|' /C calc'!A0", "x\n@SUM(1)", "14.2;-1.5", "b; c", "1;-1+2"]
    path = write_csv(tmp_path / "out.csv", pd.DataFrame({"note": texts}))
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = [row[0] for row in csv.reader(stream)][1:]
    told = [
        "Gao;'=1+1\"",
        "a; \"'=cmd|' /C calc'!A0",
        "x\n'@SUM(1)",
        "14.2;-1.5",
        "b; c",
        "1;'-1+2",
    ]
    assert rows == told
    assert [_unguarded(row) for row in rows] == texts


def test_a_place_that_cannot_be_written_is_one_message(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    with pytest.raises(FileError, match="cannot write to"):
        write_text(blocked / "page.html", "x")


def test_a_missing_data_file_is_named():
    with pytest.raises(FileError, match=r"'nothing\.csv' is missing from this installation"):
        data_path("nothing.csv")
