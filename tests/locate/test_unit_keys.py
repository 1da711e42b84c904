"""Which columns name the units of a table, of which level they are, and which unit a row is."""

import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.incidents.readers.opening import open_table
from sahel_geo.locate.unit_keys import UnitColumns, find_unit_columns

NAMES = "pays;Région;Cercle;Commune;v\nMali;Gao;Ansongo;Tessit;1\nMali;Mopti;Koro;Dinangourou;2\n"
BOTH = "adm1;c1;adm2;c2;v\nGao;ML07;Ansongo;ML0701;1\nMopti;ML05;Koro;ML0505;2\n"
ALIKE = "unité;v\nMopti;1\nGao;2\nSégou;3\n"  # regions, cercles and communes


@pytest.fixture
def columns(written):
    def find(text, key=None, level=None):
        return find_unit_columns(open_table(written(text)), key, level)

    return find


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        (NAMES, None, UnitColumns(3, None, "Commune",
                                  {"adm0": "pays", "adm1": "Région", "adm2": "Cercle"})),
        (NAMES, "Cercle", UnitColumns(2, None, "Cercle", {"adm0": "pays", "adm1": "Région"})),
        (NAMES, "Région", UnitColumns(1, None, "Région", {"adm0": "pays"})),
        (NAMES, "v", None),
        (BOTH, None, UnitColumns(2, "c2", "adm2", {"adm1": "adm1"}, ("c1", "c2"))),
        (BOTH, "c1", UnitColumns(1, "c1", "adm1", {}, ("c1",))),
        (BOTH, "adm1", UnitColumns(1, None, "adm1")),
        (BOTH, "adm2", UnitColumns(2, None, "adm2", {"adm1": "adm1"})),
        ("note;v\nhaut;1\nbas;2\n", None, None),
    ],
)  # fmt: skip
def test_the_finest_units_or_those_of_the_column_named_are_those_of_the_rows(
    columns, text, key, expected
):
    found = columns(text, key)
    assert found == expected
    if found is not None:
        assert found.key == (found.code or found.name)
        assert set(found.all) == {found.key, *found.parents.values(), *found.others} | (
            {found.name} - {None}
        )


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("ML07", 1), ("ML0701", 2), ("ML070101", 3), ("NE006", 1), ("NE006001", 2),
        ("NE006001001", 3), ("BF56", 1), ("BF5601", 2), ("BF560101", 3),
        # of a numbering that no vintage has
        ("ML99", 1), ("ML9999", 2), ("ML999999", 3), ("NE999", 1), ("NE999999", 2),
        ("NE999999999", 3), ("BF99", 1), ("BF9999", 2), ("BF999999", 3),
        # as sg.load_boundaries calls units of other years
        ("BFA-2025-bankui", 1), ("NER-1998-tillaberi-tera", 2),
        ("ML99999999", None), ("NE99999", None), ("TG01", None), ("7", None),
    ],
)  # fmt: skip
def test_a_code_tells_its_level(columns, code, level):
    found = columns(f"code;v\n{code};1\n")
    assert (None if found is None else (found.level, found.code)) == (level and (level, "code"))


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("code;v\nML0701;1\nx;2\n", "code"),
        ("code;v\nML0701;1\nx;2\ny;3\n", None),
        ("code;v\n;1\n;2\n;3\nML0701;4\n", "code"),  # blank cells say nothing
        ("Région;v\nGao;1\nailleurs;2\n", "Région"),
        ("Région;v\nGao;1\nailleurs;2\nlà-bas;3\n", None),
        ("lieu;v\nGao;1\nailleurs;2\n", None),  # not called after a level
        ("Région;v\nGao;1\n12;2\n", "Région"),
        ("Région;v\nGao;1\n12;2\n13;3\n", None),
        ("Région;v\nGao;1\nMénaka;2\nML05;3\n", "Région"),  # a code among names
        ("lieu;v\nCercle de Koro;1\nCercle de Bankass;2\n", "lieu"),
        ("lieu;v\nKayes;1\nTillabéri;2\nHauts-Bassins;3\nCentre-Nord;4\n", "lieu"),
    ],
)
def test_half_of_a_column_called_so_or_most_of_another_must_be_units(columns, text, column):
    found = columns(text)
    assert (found and found.key) == column


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Département;v\nTéra;1\nFilingué;2\nDosso;3\n", 2),  # of Niger
        ("Département;v\nDjibo;1\nArbinda;2\nSebba;3\n", 3),  # of Burkina Faso
        ("Cercle;v\nMopti;1\nGao;2\nSégou;3\n", 2),
        ("Commune;v\nMopti;1\nGao;2\nSégou;3\n", 3),
        ("lieu;v\nRégion de Mopti;1\nRégion de Gao;2\n", 1),
        ("lieu;v\nCercle de Mopti;1\nCercle de Gao;2\n", 2),
        ("lieu;v\nCommune de Mopti;1\nCommune de Gao;2\n", 3),
        ("lieu;v\nDistrict de Bamako;1\n", 1),
        ("lieu;v\nDépartement de Téra;1\nDépartement de Filingué;2\n", 2),
        ("lieu;v\nDepartment of Téra;1\nDepartment of Filingué;2\n", 2),
        ("lieu;v\nGouvernorat de Mopti;1\nGouvernorat de Gao;2\n", 1),
        ("lieu;v\nMunicipalité de Mopti;1\nMunicipalité de Gao;2\n", 3),
        ("lieu;v\nMunicipality of Mopti;1\nMunicipality of Gao;2\n", 3),
        ("lieu;code;v\nMopti;ML0504;1\nGao;ML0703;2\nSégou;ML0405;3\n", 2),
        ("Chef-lieu;Cercle;v\nMopti;Mopti;1\nAnsongo;Ansongo;2\nKoro;Koro;3\n", 2),
        ("Cercle;Chef-lieu;v\nMopti;Mopti;1\nAnsongo;Ansongo;2\nKoro;Koro;3\n", 2),
    ],
)
def test_names_of_several_levels_are_of_the_one_that_the_file_speaks_of(columns, text, level):
    found = columns(text)
    assert found.level == level


def test_names_of_several_levels_are_refused_unless_the_level_is_said(columns):
    refused = r"column 'unité' \(such as \['Mopti', 'Gao', 'Ségou'\]\).*levels 1, 2, 3 alike"
    for key in (None, "unité"):
        with pytest.raises(InputError, match=refused):
            columns(ALIKE, key)
        for level in (1, 2, 3):
            assert columns(ALIKE, key, level) == UnitColumns(level, None, "unité")
    with pytest.raises(InputError, match=r"such as \['Koro', 'Djenné', 'Niono', \.\.\. 1 more\]"):
        columns("lieu;v\nKoro;1\nDjenné;2\nNiono;3\nBankass;4\n")
    beside = "unité;Région;v\nMopti;Gao;1\nGao;Mopti;2\nSégou;Kidal;3\n"
    assert columns(beside, "Région").name == "Région"


def test_the_column_that_names_most_units_of_a_level_is_taken(columns):
    text = "autre;lieu;v\nKayes;Kayes;1\nKoulikoro;Koulikoro;2\nSikasso;Sikasso;3\nx;Kidal;4\n"
    assert columns(text, level=1).name == "lieu"
    assert columns(text.replace("autre", "Région"), level=1).name == "Région"


def test_codes_of_one_numbering_are_read_back_as_they_were_written(written):
    units = sg.load_boundaries(2, countries="NER", vintage="1998")
    text = "code,v\n" + "".join(f"{unit},{n}\n" for n, unit in enumerate(units["unit_id"]))
    table = sg.read_unit_table(written(text), units)
    assert table.values["v"].tolist() == list(range(len(units)))
    assert table.matched == {"pcode": len(units)}


def test_a_code_that_is_blank_or_unknown_leaves_its_row_to_the_name(written):
    text = "pcode,cercle,v\nML0701,Ansongo,1\n,Bourem,2\nML0599,Koro,3\nML0703,,4\n,,5\n"
    table = sg.read_unit_table(written(text))
    values = table.values["v"].to_dict()
    assert values == {"ML0701": 1, "ML0702": 2, "ML0505": 3, "ML0703": 4}
    assert table.matched == {"pcode": 2, "name": 2}
    assert table.unmatched[["row", "reason"]].values.tolist() == [[6, "empty"]]


def test_the_units_around_tell_namesakes_apart(written):
    text = "Région;Commune;v\nGao;Tessit;1\nMopti;Bamba;2\nGao;Bamba;3\n"
    communes = sg.load_boundaries(3, countries="MLI").set_index("unit_id")
    for key in (None, "Commune"):
        values = sg.read_unit_table(written(text), communes.reset_index(), key=key).values["v"]
        assert values.sort_values().tolist() == [1, 2, 3]
        told = communes.loc[values.sort_values().index, ["name", "adm1_name"]]
        assert told.values.tolist() == [["Tessit", "Gao"], ["Bamba", "Mopti"], ["Bamba", "Gao"]]


def test_one_code_wrong_of_many_is_refused_and_named(written):
    text = "pcode,cercle,v\nML0701,Ansongo,1\nML0702,Koro,2\n"
    with pytest.raises(InputError, match=r"1 code disagrees .*ML0702 is Bourem.*Koro \(row 3\)"):
        sg.read_unit_table(written(text))
    assert sg.read_unit_table(written(text), key="cercle").values["v"].to_dict() == {
        "ML0701": 1, "ML0505": 2,
    }  # fmt: skip
    for wrong, units in ((0, ["ML0701", "ML0505"]), (1, ["ML0701", "ML0702"])):
        kept = "\n".join(
            ",".join(line.split(",")[:wrong] + line.split(",")[wrong + 1 :])
            for line in text.splitlines()
        )
        assert sorted(sg.read_unit_table(written(kept)).values.index) == sorted(units)


def test_a_panel_with_codes_of_another_numbering_is_matched_by_name(written):
    text = "code,cercle,year,events\nML0101,Ansongo,2024,1\nML0102,Bourem,2024,2\n"
    panel = sg.read_panel(written(text))
    assert panel.set_index("unit_id")["incidents"].to_dict() == {"ML0701": 1, "ML0702": 2}
    assert "are of another numbering: rows are matched by name" in panel.attrs["notes"][0]
    twice = text + "ML0101,Koro,2024,3\n"  # one code beside two names is no numbering
    with pytest.raises(InputError, match=r"3 codes disagree with the names beside them"):
        sg.read_panel(written(twice))
    twice = text + "ML0103,Ansongo,2024,3\n"  # nor are two codes beside one name
    with pytest.raises(InputError, match=r"3 codes disagree with the names beside them"):
        sg.read_panel(written(twice))
    right = text + "ML0505,Koro,2024,3\n"  # nor is one that some rows share
    with pytest.raises(InputError, match=r"2 codes disagree with the names beside them"):
        sg.read_panel(written(right))


def test_the_level_of_units_must_be_that_of_the_rows_where_they_say_it(written):
    path = written("Cercle;v\nAnsongo;1\nKoro;2\nMopti;3\nGao;4\n")
    regions = sg.load_boundaries(1)
    refused = (
        r"level 2 by the column 'Cercle' \(such as \['Ansongo', 'Koro', 'Mopti', \.\.\. 1 more\]"
    )
    with pytest.raises(InputError, match=refused + r".*not of level 1.*--level 2"):
        sg.read_unit_table(path, regions)
    cercles = pd.DataFrame(sg.load_boundaries(2)).drop(columns="level")
    assert len(sg.read_unit_table(path, cercles).values) == 4


def test_rows_of_units_that_were_not_asked_for_are_set_aside(written):
    cercles = sg.load_boundaries(2, countries="MLI")
    gao = cercles[cercles["adm1_name"] == "Gao"]
    for text in ("cercle,v\nAnsongo,1\nKoro,2\nBourem,3\n",
                 "code,cercle,v\nML0701,Ansongo,1\nML0505,Koro,2\nML0702,Bourem,3\n"):  # fmt: skip
        table = sg.read_unit_table(written(text), gao)
        assert table.values["v"].to_dict() == {"ML0701": 1, "ML0702": 3}
        assert table.unmatched["row"].tolist() == [3]
    with pytest.raises(InputError, match=r"Nioro \(row 3\).*vintage='2023'"):
        sg.read_unit_table(
            written("Région,v\nGao,1\nNioro,2\n"), sg.load_boundaries(1, countries="MLI")
        )


def test_a_code_of_a_namesake_that_was_not_asked_for_is_not_taken_by_name(written):
    communes = sg.load_boundaries(3, countries="MLI")
    bambas = communes[communes["name"] == "Bamba"].set_index("adm1_name")["unit_id"]
    gao = communes[communes["adm1_name"] == "Gao"]
    text = f"code,commune,v\nML070101,Ansongo,1\n{bambas['Mopti']},Bamba,7\n"
    table = sg.read_unit_table(written(text), gao)
    assert table.values["v"].to_dict() == {"ML070101": 1}
    assert table.unmatched[["row", "query"]].values.tolist() == [[3, bambas["Mopti"]]]
    both = sg.read_unit_table(written(f"{text}{bambas['Gao']},Bamba,8\n"), gao)
    assert both.values["v"].to_dict() == {"ML070101": 1, bambas["Gao"]: 8}


def test_codes_tell_the_vintage_of_names_that_two_have(written):
    later = sg.load_boundaries(1, countries="MLI", vintage="2023")
    now = sg.load_boundaries(1, countries="MLI")
    both = later[later["name"].isin(now["name"])]
    text = "code,Région,v\n" + "".join(
        f"{unit},{name},{n}\n"
        for n, (unit, name) in enumerate(zip(both["unit_id"], both["name"], strict=True))
    )
    moved = (~both["unit_id"].isin(now["unit_id"])).sum()
    told = rf"{moved} codes disagree with the names in 'Région'.*with vintage 2023 they agree"
    with pytest.raises(InputError, match=told):
        sg.read_unit_table(written(text), now)
    assert sg.read_unit_table(written(text), later).values["v"].tolist() == list(range(len(both)))
