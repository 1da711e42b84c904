"""Names and P-codes of other people's tables, matched or honestly left open."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sahel_geo.errors import InputError
from sahel_geo.places.boundaries.boundaries import load_boundaries
from sahel_geo.places.boundaries.names import MATCHED, REASONS, match_units


def one(query, units, parent=None):
    found = match_units([query], units, parents=None if parent is None else [parent])
    return found.iloc[0]


@pytest.mark.parametrize(
    "spelling", ["Ménaka", "MENAKA", "Menaka", "Minaka", "  ménaka ", "Cercle de Ménaka"]
)
def test_menaka_in_every_spelling(units, spelling):
    assert one(spelling, units[2])["unit_id"] == "ML1001"


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("Timbuktu", "Tombouctou"),
        ("Tombouktou", "Tombouctou"),
        ("Région de Tombouctou", "Tombouctou"),
        ("Boucle-du-Mouhoun", "Boucle du Mouhoun"),
        ("est centre", "Centre-Est"),
        ("Yaadga", "Nord"),
        ("Tannounyan", "Cascades"),
        ("Agades", "Agadez"),
    ],
)
def test_regions(units, spelling, name):
    assert one(spelling, units[1])["name"] == name


def test_old_and_new_names_of_the_same_ground_both_work():
    new = load_boundaries(1, countries="BFA", vintage="2025", resolution="5m")
    assert one("Cascades", new)["name"] == "Tannounyan"
    assert one("Kuilsé", new)["name"] == "Koulsé"
    assert one("Sahel", new)["reason"] == "other vintage"
    assert set(one("Sahel", new)["candidates"]) == set(
        new.loc[new["name"].isin(["Liptako", "Soum"]), "unit_id"]
    )


@pytest.mark.parametrize(
    "spelling", ["Fada N'Gourma", "Fada-Ngourma", "FADA N’GOURMA", "fada ngourma"]
)
def test_apostrophes_and_hyphens(units, spelling):
    assert one(spelling, units[3])["unit_id"] == "BF520203"


@pytest.mark.parametrize(
    ("code", "level", "unit"),
    [
        ("ML0901", 2, "ML0901"),
        ("ml 09-01", 2, "ML0901"),
        ("MLI0901", 2, "ML0901"),
        ("MLI009001", 2, "ML0901"),
        ("ML10", 1, "ML10"),
        ("MLI010", 1, "ML10"),
        ("NE006001", 2, "NE006001"),
        ("NER006001", 2, "NE006001"),
        ("NE0601", 2, "NE006001"),
        ("BFA5601", 2, "BF5601"),
        ("BF56.01.02", 3, "BF560102"),
    ],
)
def test_dialects_of_pcodes(units, code, level, unit):
    found = one(code, units[level])
    assert (found["unit_id"], found["reason"], found["score"]) == (unit, "pcode", 100.0)


@pytest.mark.parametrize("code", ["ML99", "NE006099", "BF5601"])
def test_codes_that_do_not_exist_at_this_level_are_not_guessed(units, code):
    found = one(code, units[1])
    assert pd.isna(found["unit_id"])
    assert found["reason"] == "unmatched"


def test_homonyms_are_ambiguous_until_a_parent_is_named(units):
    found = one("Bamba", units[3])
    assert found["reason"] == "ambiguous"
    assert pd.isna(found["unit_id"])
    assert set(found["candidates"]) == {"ML050501", "ML070201"}
    for parent in ("Gao", "ML07", "Bourem", "ml0702", "région de GAO"):
        assert one("Bamba", units[3], parent)["unit_id"] == "ML070201"
    wrong = one("Bamba", units[3], "Kayes")
    assert (wrong["reason"], len(wrong["candidates"]), wrong["score"]) == ("parent", 2, 0.0)


def test_a_parent_may_have_a_wrong_letter_but_not_be_unknown(units):
    assert one("Bamba", units[3], "Bouremm")["unit_id"] == "ML070201"
    strict = match_units(["Bamba"], units[3], parents=["Bouremm"], min_score=101)
    assert strict["reason"].item() == "parent"
    for name, namesakes in (("Bamba", 2), ("Tessit", 1)):
        unknown = one(name, units[3], "Atlantis")
        assert (unknown["reason"], len(unknown["candidates"])) == ("parent", namesakes)


def test_a_layer_may_hold_one_unit_and_no_more_than_names(units):
    gao = units[1][units[1]["name"] == "Gao"]
    for layer in (gao, gao[["unit_id", "name"]]):
        assert match_units(["Gao", "ML07", "Kidal"], layer)["unit_id"].notna().tolist() == [
            True, True, False,
        ]  # fmt: skip
    assert match_units(["Gao"] * 2, gao, parents=["Mali", "Niger"])["reason"].tolist() == [
        "name", "parent",
    ]  # fmt: skip


def test_a_code_in_the_wrong_parent_is_not_matched(units):
    assert one("ML070201", units[3], "Mopti")["reason"] == "parent"


def test_parents_by_column_are_compared_level_by_level(units):
    # Sikasso is a region and one of its cercles.
    parents = pd.DataFrame({"adm1_name": ["Sikasso"], "adm2_name": ["Sikasso"]})
    assert match_units(["Kapala"], units[3], parents=parents)["unit_id"].tolist() == ["ML030517"]
    assert match_units(["Kapala"], units[3], parents=["Sikasso"])["reason"].item() == "ambiguous"
    assert (
        one("Tibiri", units[3], "Dosso")["unit_id"] != one("Tibiri", units[3], "Maradi")["unit_id"]
    )


def test_nothing_is_said_of_nothing_and_of_strangers(units):
    found = match_units([None, " ", "Atlantis", float("nan"), "---", pd.NA], units[2])
    assert found["unit_id"].isna().all()
    assert found["reason"].tolist() == ["empty", "empty", "unmatched", "empty", "empty", "empty"]
    assert found["candidates"].tolist() == [()] * 6


def test_rows_and_index_are_those_of_the_caller(units):
    names = pd.Series(["Gao", "Gao", "Kidal"], index=[7, 3, 9])
    found = match_units(names, units[2])
    assert found.index.tolist() == [7, 3, 9]
    assert found["query"].tolist() == ["Gao", "Gao", "Kidal"]
    assert found["name"].tolist() == ["Gao", "Gao", "Kidal"]


def test_wrong_letters_can_be_switched_off(units):
    assert one("Bafoulabexé", units[2])["reason"] == "fuzzy"
    strict = match_units(["Bafoulabexé"], units[2], min_score=101)
    assert strict["reason"].tolist() == ["unmatched"]


def test_short_names_are_never_bent(units):
    assert one("Gaq", units[2])["reason"] == "unmatched"


def test_a_name_between_two_units_is_ambiguous(toy_units):
    toy_units["name"] = ["Kalangabougou", "Kalandabougou", "Tera", "Say", "Dori", "Djibo"]
    found = one("Kalanbabougou", toy_units)
    assert (found["reason"], set(found["candidates"])) == ("ambiguous", {"M1", "M2"})


def test_a_wrong_letter_scores_by_the_letters_that_agree(toy_units):
    """One of 13 letters differs from the best name, 2 from the next: 5 points worse is enough."""
    toy_units["name"] = ["Kalangabougou", "Kolandabougou", "Tera", "Say", "Dori", "Djibo"]
    found = one("Kalanbabougou", toy_units)
    assert (found["unit_id"], found["reason"]) == ("M1", "fuzzy")
    assert found["score"] == pytest.approx(100 * 12 / 13)
    assert one("Atlantis", toy_units)["score"] == 0


def test_one_wrong_letter_in_nine_is_forgiven_and_in_eight_is_not(toy_units):
    """By default 88 letters in a hundred agree."""
    toy_units["name"] = ["Baraboulo", "Kalabanko", "Tera", "Say", "Dori", "Sikassou"]
    assert one("Barabaulo", toy_units)["unit_id"] == "M1"
    assert one("Sikassau", toy_units)["reason"] == "unmatched"
    assert match_units(["Sikassau"], toy_units, min_score=87)["unit_id"].tolist() == ["B2"]


def test_the_stricter_the_way_to_a_match_the_higher_its_score(units):
    found = match_units(["Centre-Est", "est centre", "Sahell", "Cemtre-Est", "Xyzzy"], units[1])
    assert found["reason"].tolist() == ["name", "word order", "sound", "fuzzy", "unmatched"]
    assert found["score"].iloc[[0, -1]].tolist() == [100, 0]
    assert (found["score"].diff().iloc[1:] < 0).all()


@given(text=st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_any_text_gets_an_answer(text):
    units = load_boundaries(1, resolution="5m")
    found = match_units([text], units).iloc[0]
    assert found["reason"] in REASONS
    assert pd.notna(found["unit_id"]) == (found["reason"] in MATCHED)


@pytest.mark.parametrize("level", [1, 2, 3])
def test_every_unit_finds_itself_by_name_and_code(units, level):
    frame = units[level]
    codes = match_units(frame["unit_id"], frame)
    assert codes["unit_id"].tolist() == frame["unit_id"].tolist()
    parents = frame[["country"] if level == 1 else ["adm1_name", "adm2_name"][: level - 1]]
    names = match_units(frame["name"].str.upper(), frame, parents=parents)
    wrong = names["unit_id"].notna() & (names["unit_id"] != frame["unit_id"])
    assert not wrong.any()
    assert (names["unit_id"] == frame["unit_id"]).mean() > 0.995


def test_a_dropped_letter_rarely_finds_another_commune(units):
    frame = units[3]
    typos = [name[: len(name) // 2] + name[len(name) // 2 + 1 :] for name in frame["name"]]
    found = match_units(typos, frame, parents=frame[["adm1_name", "adm2_name"]])
    right = found["unit_id"].to_numpy() == frame["unit_id"].to_numpy()
    wrong = found["unit_id"].notna().to_numpy() & ~right
    assert wrong.mean() < 0.01
    assert right.mean() > 0.5


def test_faults(units):
    with pytest.raises(InputError, match=r"`units` lacks the columns \['unit_id', 'name'\]"):
        match_units(["Gao"], pd.DataFrame())
    with pytest.raises(InputError, match=r"repeats unit_id \['ML01'\]"):
        match_units(["Gao"], pd.DataFrame({"unit_id": ["ML01"] * 2, "name": ["a", "b"]}))
    with pytest.raises(InputError, match="`parents` has 2 rows and `names` 1"):
        match_units(["Gao"], units[1], parents=["a", "b"])


@pytest.mark.reference
@pytest.mark.parametrize("level", [1, 2, 3])
def test_all_names_of_ocha_find_their_code(reference_data, units, level):
    path = reference_data.parent / "reference" / "reference_codab_units.csv"
    if not path.is_file():
        pytest.skip(f"no {path.name} beside the reference data")
    table = pd.read_csv(path, dtype={"vintage": str})
    frames = ["20211220", "20230720", "20200323", "20200323_tabular"]
    table = table[(table["level"] == level) & table["vintage"].isin(frames)]
    parents = table[["country", "adm1_name", "adm2_name"][:level]]
    found = match_units(table["name"], units[level], parents=parents)
    assert (found["unit_id"] == table["pcode"]).all()
    alone = match_units(table["name"], units[level])
    wrong = alone["unit_id"].notna() & (alone["unit_id"] != table["pcode"])
    assert wrong.mean() < 0.002
