"""Codes of ISO 3166-2 name units of the three countries."""

import sahel_geo as sg
from sahel_geo.locate import iso_codes


def test_regions_and_provinces_by_code(written):
    text = "ISO,PDI\nML-7,5\nNE-8,7\nBF-12,9\nML-9,2\nML-BKO,1\n"
    table = sg.read_unit_table(written(text))
    codes = {"ML07": 5, "NE008": 7, "BF56": 9, "ML10": 2, "ML09": 1}
    assert table.values["PDI"].to_dict() == codes
    assert any("ISO 3166-2" in note for note in table.notes)
    provinces = sg.read_unit_table(written("code;PDI\nBF-SOM;5\nbf-yag;7\n"))
    assert provinces.values["PDI"].to_dict() == {"BF5603": 5, "BF5604": 7}


def test_every_code_is_that_of_one_unit():
    names = {level: set(sg.load_boundaries(level).name) for level in (1, 2)}
    for code, name in iso_codes._NAMES.items():
        kind, _, bare = name.partition(" ")
        assert bare in names[1 if kind == "Région" else 2] or code == "ML-10", code
    assert len(iso_codes._NAMES) == 11 + 8 + 13 + 45


def test_p_codes_and_unknown_codes_are_left_as_they_are(written):
    assert sg.read_unit_table(written("code,n\nML09,5\nML10,6\n")).values["n"].tolist() == [5, 6]
    table = sg.read_unit_table(written("code,n\nBF-SOM,5\nBF-SAH,6\nBF-OUD,7\n"))
    assert table.unmatched["query"].tolist() == ["BF-SAH"]


def test_panels_take_them_too(written):
    panel = sg.read_panel(written("iso;janv-24;févr-24\nNE-1;1;2\nNE-6;3;4\n"))
    assert panel["unit_id"].tolist() == ["NE001", "NE001", "NE006", "NE006"]
