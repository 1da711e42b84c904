"""A table of one's own, joined to the units."""

import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.locate.unit_table import read_unit_column


@pytest.fixture(scope="module")
def regions():
    return sg.load_boundaries(level=1)


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


def test_the_finest_level_decides_and_codes_win(written):
    text = "admin0Name,admin1Name,admin1Pcode,admin2Name,admin2Pcode,IDP\n"
    text += "Mali,Kayes,ML01,Bafoulabé,ML0101,100\nMali,Gao,ML07,Bourem,ML0702,7\n"
    table = sg.read_unit_table(written(text))
    assert (table.key, table.level, table.matched) == ("admin2Pcode", 2, {"pcode": 2})
    assert table.values["IDP"].to_dict() == {"ML0101": 100, "ML0702": 7}
    names = "admin1Name;admin2Name;IDP\nKayes;Bafoulabé;100\nGao;Bourem;7\n"
    assert sg.read_unit_table(written(names)).values.index.tolist() == ["ML0101", "ML0702"]


def test_regions_are_never_drawn_on_cercles_of_their_name(written):
    path = written("Région;PDI\nMopti;150000\nGao;50000\nSégou;30000\n")
    assert sg.read_unit_table(path).level == 1
    with pytest.raises(InputError, match=r"units of level 1 by the column 'Région'.*--level 1"):
        sg.read_unit_table(path, sg.load_boundaries(2))
    with pytest.raises(InputError, match=r"levels 1, 2, 3 alike"):
        sg.read_unit_table(written("unité;PDI\nMopti;1\nGao;2\nSégou;3\n"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pcode,x\nML05,1\nML0501,2\n", r"mixes codes of 2 levels, such as \['ML05'\]"),
        ("nom;x\nRégion de Mopti;1\nCercle de Koro;2\n", r"mixes units of several levels"),
        ("code,nom,v\nBF48,Est,5\nBF52,Est,3\n", r"BF48 is Centre-Est, but the row says Est"),
        ("code,nom,v\nML09,Taoudénit,5\nML07,Gao,3\n", r"units and codes of vintage 2023"),
        ("Région;x\nBankui;1\nGuiriko;2\n", r"units of vintage 2025.*--vintage 2025"),
        ("Région;Taux\nMopti;1,250\nGao;2,125\n", r"1,250 is 1\.250 or 1250.*--decimal"),
    ],
)
def test_what_does_not_agree_is_refused(written, text, message):
    with pytest.raises(InputError, match=message):
        sg.read_unit_table(written(text))


def test_another_vintage_reads_its_own_names(written):
    path = written("adm1_pcode,adm1_name,idp\nBF46,Bankui,100\nBF48,Guiriko,1\nBF57,Sirba,55\n")
    table = sg.read_unit_table(path, vintage="2025")
    assert table.values["idp"].to_dict() == {
        "BF53": 1, "BFA-2025-bankui": 100, "BFA-2025-sirba": 55,
    }  # fmt: skip
    assert "rows are matched by name" in table.notes[0]


def test_decimals_and_per_cent(written):
    table = sg.read_unit_table(written("Région;Taux\nGao;1,250\nMénaka;0,125\nMopti;12,5\n"))
    assert table.values["Taux"].tolist() == [12.5, 1.25, 0.125]
    shares = sg.read_unit_table(written("Région;Part\nGao;45%\nMénaka;12,5 %\n"))
    assert shares.scales == {"Part": "percent"}
    assert shares.values["Part"].tolist() == [45, 12.5]
    said = sg.read_unit_table(written("Région;Taux\nMopti;1,250\nGao;2,125\n"), decimal=",")
    assert said.values["Taux"].tolist() == [1.25, 2.125]


def test_a_parent_of_another_vintage_helps():
    provinces = sg.load_boundaries(2, countries="BFA", vintage="2025")
    found = sg.match_units(["Séno", "Oudalan"], provinces, parents=["Sahel", "BF56"])
    assert found["unit_id"].tolist() == ["BF5602", "BF5601"]


def test_codes_of_all_three_countries_are_of_one_level(written):
    codes = ["ML0101", "NE006001", "BF1300", "MLI007001", "NER006002", "BFA046001"]
    text = "pcode,x\n" + "".join(f"{code},{n}\n" for n, code in enumerate(codes))
    table = sg.read_unit_table(written(text))
    assert table.level == 2
    assert table.values["x"].to_dict() == {
        "ML0101": 0, "NE006001": 1, "BF1300": 2, "ML0701": 3, "NE006002": 4, "BF4601": 5,
    }  # fmt: skip


def test_codes_swapped_among_units_are_said_to_be_and_no_vintage_is_offered(written):
    path = written("pcode,cercle,v\nML0701,Bourem,3\nML0702,Ansongo,4\nML0703,Gao,5\n")
    told = (
        r"2 codes disagree .*ML0701 is Ansongo, but the row says Bourem \(row 2\), "
        r"ML0702 is Bourem, but the row says Ansongo \(row 3\)"
    )
    with pytest.raises(InputError, match=told) as caught:
        sg.read_unit_table(path)
    assert "vintage" not in str(caught.value)
    assert "2 codes contredisent les noms placés à côté" in caught.value.say("fr")


def test_the_vintage_named_is_one_of_the_country_of_the_names(written):
    provinces = sg.load_boundaries(2, countries="BFA", vintage="2025")
    path = written("Province,Région,v\nSéno,Sahel,3\nSoum,Sahel,3\n")
    with pytest.raises(InputError, match=r"1 name that .*Soum \(row 3\).*vintage='2001'"):
        sg.read_unit_table(path, provinces)


def test_departments_before_2011_are_a_vintage_that_tables_are_read_with(written):
    units = sg.load_boundaries(2, countries="NER", vintage="1998")
    path = written("Département,v\nTéra,3\nGroumdji,4\nMatameye,5\n")
    values = sg.read_unit_table(path, units).values["v"]
    assert values.to_dict() == {
        "NE004005": 4.0, "NE007005": 5.0, "NER-1998-tillaberi-tera": 3.0
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kept", "left_out"),
    [
        ("Région;v\nGao;1\nTotal;3\nMopti;2\n", {"ML05": 2, "ML07": 1}, "Total (row 3)"),
        ("Région;v\nGao;1\n Ensemble des régions ;3\nMopti;2\nSOMME;6\n",
         {"ML05": 2, "ML07": 1}, "[Ensemble des régions (row 3), SOMME (row 5)]"),
        ("n;Région;v\nSous-total;Gao;1\nx;Mopti;2\n", {"ML05": 2}, "Sous-total (row 2)"),
        # what stands in another column says nothing of the unit
        ("Région;note;v\nGao;Total;1\nMopti;x;2\n", {"ML05": 2, "ML07": 1}, None),
        ("Région;v\nGao;1\nMopti;2\n", {"ML05": 2, "ML07": 1}, None),
    ],
)  # fmt: skip
def test_rows_of_totals_are_left_out_and_named(written, text, kept, left_out):
    table = sg.read_unit_table(written(text))
    assert table.values["v"].to_dict() == kept
    assert table.unmatched.empty
    said = [str(note) for note in table.notes]
    assert (left_out is None and not said) or (left_out or "") in said[0]


def test_a_table_of_nothing_but_totals_is_not_emptied(written):
    with pytest.raises(InputError, match=r"no column that names units: \['Région', 'v'\]"):
        sg.read_unit_table(written("Région;v\nTotal;3\nEnsemble;2\n"))


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1", "2", "x"], r"1 values that are no numbers: \[x \(row 4\)\]"),
        (["1", "x"], r"1 values that are no numbers: \[x \(row 3\)\]"),
        (["1", "x", "y"], ["1", "x", "y"]),  # mostly words
        (["1", "", "x", "y"], ["1", None, "x", "y"]),
        (["1", "", ""], [1, None, None]),
        (["", "", ""], [None, None, None]),
        (["haut", "bas"], ["haut", "bas"]),
    ],
)
def test_a_column_is_one_of_numbers_if_half_of_what_it_states_are(written, cells, values):
    regions = ["Kayes", "Koulikoro", "Sikasso", "Ségou"]
    text = "Région;v\n" + "".join(
        f"{name};{cell}\n" for name, cell in zip(regions, cells, strict=False)
    )
    if isinstance(values, str):
        with pytest.raises(InputError, match=values):
            sg.read_unit_table(written(text))
        return
    read = sg.read_unit_table(written(text)).values["v"]
    assert [None if pd.isna(value) else value for value in read] == values


def test_a_cell_of_a_row_without_a_unit_need_not_be_right(written):
    table = sg.read_unit_table(written("Région;v\nGao;1\nMopti;2\nKayes;3\nNulle part;x\n"))
    assert table.values["v"].to_dict() == {"ML01": 3, "ML05": 2, "ML07": 1}
    assert table.unmatched["query"].tolist() == ["Nulle part"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Région;v\nGao;1.250\nMopti;2.500\n",
         r"1\.250 is 1\.250 or 1250, .*\(2 such rows: \[1\.250 \(row 2\), 2\.500 \(row 3\)\]"),
        ("Région;v\nGao;2\nMopti; 2,500\nKayes;3,125\nSégou;4,125\nKidal;5,125\n",
         r"2,500 is 2\.500 or 2500, .*\(4 such rows: .*\(row 5\), \.\.\. 1 more\]"),
    ],
)  # fmt: skip
def test_a_number_of_two_readings_is_told_with_both(written, text, said):
    with pytest.raises(InputError, match=said):
        sg.read_unit_table(written(text))


def test_a_file_cut_at_commas_has_decimal_points(written):
    table = sg.read_unit_table(written("Région,v\nGao,1.250\nMopti,2.500\n"))
    assert table.values["v"].to_dict() == {"ML05": 2.5, "ML07": 1.25}


@pytest.fixture
def zones():
    """Three zones of one's own, without a level."""
    return pd.DataFrame({"unit_id": ["z1", "z2", "z3"], "name": ["Un", "Deux", "Trois"]})


def test_units_of_ones_own_are_found_by_their_identifiers_or_a_column_named(written, zones):
    for text, key in (
        ("zone;v\nz3;3\nz1;1\n", None),
        ("zone;v\nz3;3\nz1;1\n", "zone"),
        ("v;zone\n3;z3\n1; z1 \n", None),
        ("zone;v\nTrois;3\nUn;1\n", "zone"),
    ):
        table = sg.read_unit_table(written(text), zones, key=key)
        assert (table.key, table.level) == ("zone", None)
        assert list(table.values["v"].items()) == [("z1", 1), ("z3", 3)]
    mostly = sg.read_unit_table(written("zone;v\nz1;1\nz2;2\nx;3\n"), zones)
    assert mostly.unmatched[["row", "query"]].values.tolist() == [[4, "x"]]
    for text in ("zone;v\nz1;1\nx;2\n", "zone;v\nUn;1\nTrois;3\n"):
        with pytest.raises(InputError, match=r"no column that names units: \['zone', 'v'\]"):
            sg.read_unit_table(written(text), zones)
    leveled = sg.read_unit_table(written("zone;v\nz1;1\nz3;3\n"), zones.assign(level=1))
    assert (leveled.level, len(leveled.values)) == (1, 2)
    none = sg.read_unit_table(written("Région;v\nGao;1\n"), sg.load_boundaries(1).iloc[:0])
    assert (none.level, len(none.values), len(none.unmatched)) == (None, 0, 1)


def test_only_the_columns_asked_for_are_read(written, regions):
    path = written("Région;a;b\nGao;1;x\nMopti;2;y\n")
    assert list(sg.read_unit_table(path, regions, columns=["b"]).values) == ["b"]
    assert list(sg.read_unit_table(path, regions).values) == ["a", "b"]
    assert list(sg.read_unit_table(path, regions, columns=[]).values) == []
    with pytest.raises(InputError, match=r"no column \['region'\].*'Région'"):
        sg.read_unit_table(path, regions, key="region")


@pytest.mark.parametrize("given", ["people.csv", ":people", "people.csv:"])
def test_a_column_of_a_file_is_named_with_both(given, regions):
    with pytest.raises(InputError, match=r"--people is .*; expected FILE:COLUMN"):
        read_unit_column(given, "people", regions)


def test_a_table_is_shown_with_its_rows_of_no_unit_if_there_are_any(written, regions):
    whole = sg.read_unit_table(written("Région;v\nGao;1\n"), regions)._repr_html_()
    assert "1 units, by the column" in whole
    assert "rows of no unit" not in whole
    part = sg.read_unit_table(written("Région;v\nGao;1\nMopti;2\nAtlantis;3\n"), regions)
    assert "1 rows of no unit" in part._repr_html_()


def test_what_a_layer_of_areas_says_of_each_is_a_table_by_unit(tmp_path):
    units = sg.load_boundaries(1, countries="NER")[["unit_id", "geometry"]].assign(
        people=[*range(8)]
    )
    units.to_file(tmp_path / "a.geojson")
    table = sg.read_unit_table(tmp_path / "a.geojson", columns=["people"])
    assert table.values["people"].to_dict() == dict(zip(units["unit_id"], range(8), strict=True))
    units.to_file(tmp_path / "a.gpkg", layer="people")
    units.to_file(tmp_path / "a.gpkg", layer="other")
    table = sg.read_unit_table(tmp_path / "a.gpkg", columns=["people"], sheet="people")
    assert (len(table.values), table.level) == (8, 1)


@pytest.mark.parametrize("units", [None, 0])
def test_a_table_by_country_is_of_level_0(written, units):
    path = written("Pays;Réfugiés\nMali;1\nNiger;2\nBurkina Faso;3\nBénin;4\n")
    table = sg.read_unit_table(path, units if units is None else sg.load_boundaries(units))
    assert table.level == 0
    assert table.values["Réfugiés"].tolist() == [1, 2, 3]
    assert table.unmatched["query"].tolist() == ["Bénin"]


def test_countries_are_not_the_units_of_rows_that_name_others(written, regions):
    path = written("Pays;Cercle;v\nMali;Atlantis;1\nNiger;Lemuria;2\n")
    with pytest.raises(InputError, match="no column that names units"):
        sg.read_unit_table(path)
    with pytest.raises(InputError, match="no column that names units"):
        sg.read_unit_table(written("Pays;v\nMali;1\nNiger;2\n"), regions)


def test_what_is_said_of_the_file_is_said_of_its_table(tmp_path):
    with pd.ExcelWriter(tmp_path / "a.xlsx") as book:
        pd.DataFrame({"région": ["Gao"], "v": [1]}).to_excel(book, sheet_name="a", index=False)
        pd.DataFrame({"notes": ["x"]}).to_excel(book, sheet_name="b", index=False)
    (note,) = sg.read_unit_table(tmp_path / "a.xlsx").notes
    assert "not read: ['b']" in str(note)


def test_a_header_of_two_kinds_of_units_is_of_the_kind_that_its_values_are(written):
    path = written("Pays;Région/Province;Dept/Cercle;n\nMali;Mopti;Koro;1\nMali;Mopti;Bankass;2\n")
    assert sg.read_unit_table(path).values["n"].to_dict() == {"ML0502": 2, "ML0505": 1}
    provinces = sg.read_unit_table(written("Région/Province;n\nSoum;1\nYagha;2\n"))
    assert provinces.values["n"].to_dict() == {"BF5603": 1, "BF5604": 2}
