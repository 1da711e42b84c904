"""Text whose rows are not what its header says, for reasons that the file shows."""

import pytest

import sahel_geo as sg

LINES = ["Date,Localité,Note,Morts,Lat,Long",
         '12/03/2025,Ménaka,"deux camps, dit-on",3,15.92,2.4',
         "28/03/2025,Ansongo,rien,0,15.66,0.5"]  # fmt: skip


def quoted(line):
    return '"' + line.replace('"', '""') + '"'


@pytest.mark.parametrize("which", [{0, 1, 2}, {1}], ids=["all", "those with quotes"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_that_a_spreadsheet_quoted_as_a_whole_are_cut(write, which, end):
    lines = [quoted(line) if at in which else line for at, line in enumerate(LINES)]
    found = sg.read_incidents(write(end.join(lines) + end))
    assert found["place"].tolist() == ["Ménaka", "Ansongo"]
    assert found["fatalities_best"].tolist() == [3, 0]
    assert found["Note"].tolist() == ["deux camps, dit-on", "rien"]
    (note,) = (note for note in found.report.notes if "quotes" in str(note))
    assert "entre guillemets" in note.say("fr")


def test_a_table_with_quotes_in_its_cells_stays_as_it_is(write):
    found = sg.read_incidents(write('"Date";"Localité"\n"12/03/2025";"Gao, nord"\n'))
    assert found["place"].tolist() == ["Gao, nord"]
    assert not any("quotes" in str(note) for note in found.report.notes)


def test_names_of_rows_without_a_header_as_r_writes_them_are_no_column_of_it(write):
    text = '"date","localite","morts"\n"1",2025-03-12,"Gao",3\n"2",2025-03-13,"Ansongo",NA\n'
    found = sg.read_incidents(write(text))
    assert found["place"].tolist() == ["Gao", "Ansongo"]
    assert found["fatalities_best"].fillna(-1).tolist() == [3, -1]
    shifted = sg.read_incidents(write(text.replace('"2"', '"7"')))
    assert len(shifted) == 0  # a further field that is no number of the row is not understood


TAGS = "#date,#loc,#affected+killed,#geo+lat,#geo+lon"


@pytest.mark.parametrize(
    ("header", "place"),
    [("Quand,Où,Combien,Y,X", "#loc"), ("Date,Localité,Tués,Lat,Long", "Localité")],
)
def test_tags_name_columns_only_where_the_header_does_not(write, header, place):
    found = sg.read_incidents(write(f"{header}\n{TAGS}\n2025-03-12,Ménaka,3,15.92,2.4\n"))
    assert found["place"].tolist() == ["Ménaka"]
    assert found[["lat", "lon", "fatalities_best"]].to_numpy().tolist() == [[15.92, 2.4, 3]]
    assert found.report.columns["place"] == place
