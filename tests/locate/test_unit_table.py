"""A table of one's own, joined to the units."""

import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.errors import InputError


@pytest.fixture(scope="module")
def regions():
    return sg.load_boundaries(level=1)


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "table.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_codes_go_before_names_and_the_order_is_that_of_the_units(regions, written):
    path = written("nom,pcode,people\nNiamey,NE008,1 324 700\nwrong name,ML10,5\nGao,ML07,\n")
    table = sg.read_unit_table(path, regions)
    assert table.key == "pcode"
    assert table.values.index.tolist() == ["ML07", "ML10", "NE008"]
    assert table.values["people"].tolist()[1:] == [5.0, 1_324_700.0]
    assert table.values["people"].isna().tolist() == [True, False, False]
    assert table.matched == {"pcode": 3}
    assert table.unmatched.empty


def test_rows_without_a_unit_are_told_by_their_number(regions, written):
    table = sg.read_unit_table(written("région,x\nGao,1\nMenaka,2\nAtlantis,3\n"), regions)
    assert table.unmatched.to_dict("records") == [
        {"row": 4, "query": "Atlantis", "reason": "unmatched"}
    ]


def test_a_workbook_is_read_like_a_text_file(regions, tmp_path):
    path = tmp_path / "table.xlsx"
    pd.DataFrame({"code": ["NE008", "BF56"], "score": [0.5, 1.5]}).to_excel(path, index=False)
    table = sg.read_unit_table(path, regions, columns=["score"])
    assert table.values["score"].to_dict() == {"NE008": 0.5, "BF56": 1.5}


@pytest.mark.parametrize(
    ("text", "settings", "message"),
    [
        ("a,b\nGao,1\nGAO,2\n", {}, r"2 rows that share a unit .*Gao \(row 2\).*GAO \(row 3\)"),
        ("a,b\nx,1\ny,2\n", {}, r"no column that names units.*\['a', 'b'\]"),
        ("a,people\nGao,1\n", {"columns": ["peple"]}, r"no column \['peple'\].*'people'\?"),
        ("a,b\nGao,1\nMénaka,2\nKidal,n/x\n", {}, r"column 'b' has 1 values .*n/x \(row 4\)"),
    ],
)
def test_unusable_tables_are_refused(regions, written, text, settings, message):
    with pytest.raises(InputError, match=message):
        sg.read_unit_table(written(text), regions, **settings)
