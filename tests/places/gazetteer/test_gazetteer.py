"""The gazetteer: what it reads, what it corrects, what it sets aside, and what it refuses."""

import io
import os
import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sahel_geo as sg
from sahel_geo.errors import FileError, InputError
from sahel_geo.locate.geocode.candidates import _skeleton_form
from sahel_geo.places.gazetteer.gazetteer import Gazetteer, _split_names
from sahel_geo.places.gazetteer.sources import SEPARATOR, read_source
from sahel_geo.places.gazetteer.spelling import NameIndex, joined_form, plain_form, sound_form


def sound(name):
    return sound_form(joined_form(plain_form(name)))


def dump_line(number, name, lon, lat, country, alternates="", code="PPL", admin1="99"):
    return "\t".join(
        [str(number), name, plain_form(name).title(), alternates, str(lat), str(lon), "P", code,
         country, "", admin1, "", "", "", "0", "", "250", "Africa/Bamako", "2024-01-01"],
    )  # fmt: skip


@pytest.fixture
def dump(tmp_path):
    lines = [
        dump_line(1, "Puits Rouge", 2.41, 15.92, "ML", "Bir Lahmar,بئر,birlhmr"),
        dump_line(2, "Campement Vert", -0.05, 16.27, "ML"),
        dump_line(3, "Ville Perdue", 9.5, 40.0, "ML"),
        dump_line(4, "Trop Loin", float("nan"), 15.0, "ML"),
        dump_line(5, "Infinie", float("inf"), 15.0, "ML"),
        dump_line(6, "Puits rouge", 2.412, 15.921, "ML"),
        dump_line(7, "Hors du monde", 181, 15.0, "ML"),
        dump_line(8, "L" * 100_000, 2.4, 15.9, "ML"),
        dump_line(9, "بئر", 2.4, 15.9, "ML"),
    ]
    path = tmp_path / "ML.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Indelimane", "I-n-Delimane"), ("Indelimane", "In-Delimane"), ("Chinégodar", "Sinégodar"),
        ("Ouagadougou", "Wagadugu"), ("Djibo", "Jibo"), ("Kouakourou", "Quacouro u"),
        ("Ti-n-Taradat", "Tin Taradat"), ("Boulikessi", "Boulikesi"), ("Ménaka", "MENAKA"),
    ],
)  # fmt: skip
def test_transliterations_of_one_name_sound_the_same(one, other):
    assert sound(one) == sound(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Chinagodrar", "Sinégodar"), ("Solhan", "Solna"), ("Arbinda", "Aribinda"),
     ("Boulikessi", "Boulkessi")],
)  # fmt: skip
def test_swallowed_vowels_leave_the_same_consonants(one, other):
    assert _skeleton_form(sound(one)) == _skeleton_form(sound(other))


@pytest.mark.parametrize(
    ("one", "other"), [("Gao", "Kayes"), ("Djibo", "Dori"), ("Téra", "Tessit")]
)
def test_different_names_sound_different(one, other):
    assert _skeleton_form(sound(one)) != _skeleton_form(sound(other))


@given(st.text(max_size=300))
def test_forms_are_stable_and_bounded(text):
    plain = plain_form(text)
    assert plain_form(plain) == plain
    assert plain == plain.lower() == plain.strip()
    assert plain.isascii()
    assert set(_skeleton_form(sound(text))) <= set("abdfgjklmnprstvqcxyz0123456789")


def test_the_embedded_gazetteer_knows_every_unit_and_the_towns():
    gazetteer = sg.load_gazetteer(cache=False)
    counts = gazetteer.places["feature"].value_counts()
    assert counts["commune"] == 1318
    assert counts["country"] == 3
    found = gazetteer.find("menaka", "MLI")
    town = found[found["feature"] == "populated"].iloc[0]
    assert town[["lon", "lat"]].tolist() == pytest.approx([2.4, 15.92], abs=0.05)
    assert town["adm1_name"] == "Ménaka"


def test_the_embedded_gazetteer_knows_where_widely_reported_incidents_were():
    found = sg.geocode(["Bamba", "Bamba", "Solhan"], country=["MLI", "MLI", "BFA"],
                       admin1=["Gao", "Sikasso", "Sahel"])  # fmt: skip
    assert found["lon"].tolist() == pytest.approx([-1.404, -7.15, 0.4535], abs=1e-3)
    assert found["lat"].tolist() == pytest.approx([17.034, 10.383, 13.3824], abs=1e-3)
    assert set(found["location_precision"]) == {"exact"}
    alone = sg.geocode(["Bamba"], country="MLI").iloc[0]
    assert (alone["method"], alone["location_precision"]) == ("ambiguous", "country")


def test_units_contain_their_own_point_and_reach_their_farthest_corner():
    gazetteer = sg.load_gazetteer(cache=False)
    units = sg.load_boundaries(2).set_index("unit_id")
    places = gazetteer.places[gazetteer.places["place_id"].isin(units.index)].set_index("place_id")
    shapes = units.geometry.loc[places.index]
    for unit in places.index[::17]:
        row, shape = places.loc[unit], shapes.loc[unit]
        east, north = np.abs(np.array(shape.exterior.coords if shape.geom_type == "Polygon"
                                      else shape.convex_hull.exterior.coords)
                             - [row["lon"], row["lat"]]).T  # fmt: skip
        span = np.hypot(east * np.cos(np.radians(row["lat"])), north).max() * 111.2
        assert row["radius_km"] == pytest.approx(span, rel=0.03)


def test_a_dump_is_read_and_its_errors_are_counted_by_reason(dump):
    gazetteer = sg.load_gazetteer(dump, cache=False)
    counts = gazetteer.summary()["set_aside"]
    assert counts["outside_country"] == 1
    assert counts["no_coordinates"] == 2
    assert counts["outside_world"] == 1
    assert counts["name_too_long"] == 1
    assert counts["no_name"] == 1
    aside = gazetteer.set_aside
    merged = aside[(aside["reason"] == "duplicate") & (aside["source_id"] == "geonames:6")]
    assert len(merged) == 1
    well = gazetteer.find("puits rouge")
    assert well["place_id"].tolist() == ["geonames:1"]
    assert well["adm1_name"].tolist() == ["Ménaka"]
    assert gazetteer.find("bir lahmar")["place_id"].tolist() == ["geonames:1"]
    assert len(gazetteer.find("birlhmr")) == 0  # a machine's transliteration is no name


def test_zip_and_text_give_the_same_places(dump, tmp_path):
    packed = tmp_path / "ML.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(dump, "ML.txt")
        archive.writestr("readme.txt", "x" * 10)
    one, other = sg.load_gazetteer(dump, cache=False), sg.load_gazetteer(packed, cache=False)
    pd.testing.assert_frame_equal(one.places, other.places)


def test_a_lost_sign_near_greenwich_is_put_right_by_the_stated_unit():
    table = pd.DataFrame(
        {
            "name": ["Poste A", "Poste B", "Poste C"],
            "pays": ["Mali"] * 3,
            "cercle": ["Ménaka", "Ménaka", "Ménaka"],
            "lon": [-2.40, 2.40, -7.0],
            "lat": [15.92, 15.92, 13.0],
        },
    )
    before = table.copy()
    gazetteer = sg.load_gazetteer(table)
    pd.testing.assert_frame_equal(table, before)
    assert gazetteer.corrected[["name", "lon", "reason"]].values.tolist() == [
        ["Poste A", -2.4, "longitude_sign"]
    ]
    assert gazetteer.find("poste a")["lon"].item() == 2.40
    aside = gazetteer.set_aside[gazetteer.set_aside["source"] == "table"]
    assert aside[["name", "reason"]].values.tolist() == [["Poste C", "outside_unit"]]


def test_swapped_axes_are_put_right_by_the_stated_country():
    table = pd.DataFrame({"nom": ["Puits X"], "pays": ["NER"], "lon": [20.0], "lat": [8.0]})
    gazetteer = sg.load_gazetteer(table)
    assert gazetteer.find("puits x")[["lon", "lat"]].values.tolist() == [[8.0, 20.0]]
    assert gazetteer.corrected["reason"].tolist() == ["swapped_axes"]


def test_no_place_is_lost(dump):
    added = len(pd.read_csv(dump, sep="\t", header=None))
    empty = sg.load_gazetteer(cache=False)
    full = sg.load_gazetteer(dump, cache=False)
    scenes = (empty.places["source"] == "sahel_geo incidents").sum()  # where no source is given
    assert scenes > 30
    more = len(full) + len(full.set_aside) - len(empty) - len(empty.set_aside)
    assert more == added - scenes


def test_the_cache_answers_the_same_and_notices_a_changed_file(dump, tmp_path):
    folder = tmp_path / "kept"
    first = sg.load_gazetteer(dump, cache=folder)
    again = sg.load_gazetteer(dump, cache=folder)
    for part in ("places", "names", "set_aside", "corrected"):
        pd.testing.assert_frame_equal(getattr(first, part), getattr(again, part))
    with dump.open("a", encoding="utf-8") as stream:
        stream.write(dump_line(77, "Nouveau Puits", 2.3, 15.8, "ML") + "\n")
    assert len(first.find("nouveau puits")) == 0
    assert len(sg.load_gazetteer(dump, cache=folder).find("nouveau puits")) == 1


def test_a_damaged_cache_is_built_again(dump, tmp_path):
    folder = tmp_path / "kept"
    first = sg.load_gazetteer(dump, cache=folder)
    for kept in folder.glob("*-places.parquet"):
        kept.write_bytes(b"PAR1 nonsense")
    pd.testing.assert_frame_equal(sg.load_gazetteer(dump, cache=folder).places, first.places)


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "mkfifo"), reason="needs POSIX folders")
def test_a_cache_that_cannot_be_written_is_no_error(dump, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("x", encoding="utf-8")
    assert len(sg.load_gazetteer(dump, cache=blocked / "inside").find("puits rouge")) == 1


def refused(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    return path


def test_files_that_are_no_gazetteer_are_refused(tmp_path):
    with pytest.raises(FileError, match=r"absent\.txt"):
        sg.load_gazetteer(tmp_path / "absent.txt", cache=False)
    with pytest.raises(FileError, match="is no text"):
        sg.load_gazetteer(refused(tmp_path, "a.txt", b"\x00\x01\x02" * 10), cache=False)
    with pytest.raises(InputError, match="one column"):
        sg.load_gazetteer(refused(tmp_path, "b.txt", b"hello\nworld\n"), cache=False)
    with pytest.raises(InputError, match="no line end in its first MiB"):
        sg.load_gazetteer(refused(tmp_path, "c.txt", b"x\t" * 2**20), cache=False)
    with pytest.raises(InputError, match=r"no column for \['lat'\]"):
        sg.load_gazetteer(refused(tmp_path, "d.csv", b"name,lon\nA,1\n"), cache=False)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.exe", "x")
    with pytest.raises(FileError, match=r"csv or \.tsv table inside"):
        sg.load_gazetteer(refused(tmp_path, "e.zip", content.getvalue()), cache=False)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("ML.txt", b"0" * (40 * 1024**2))
    with pytest.raises(FileError, match="unpacks to 41,943,040 bytes"):
        sg.load_gazetteer(path, cache=False)


def test_wrong_arguments_are_named():
    table = pd.DataFrame({"name": ["A"], "lon": [1.0], "lat": [15.0]})
    with pytest.raises(InputError, match=r"`mapping` has 2 faults: \['nom', 'absent'\]"):
        sg.load_gazetteer(table, mapping={"nom": "absent"})
    with pytest.raises(InputError, match="`sources` has a list"):
        sg.load_gazetteer(["ML.zip"])


@pytest.mark.reference
def test_the_known_errors_of_the_published_sources_are_found(reference_data):
    folder = reference_data / "gazetteer"
    files = [folder / name for name in ("ML.zip", "ocha_mali_settlements.zip")]
    gazetteer = sg.load_gazetteer(*files, cache=False)
    signs = gazetteer.corrected[gazetteer.corrected["reason"] == "longitude_sign"]
    assert "ocha:ML070403010" in set(signs["source_id"])  # Ménaka at -2.40
    menaka = gazetteer.find("menaka", "MLI")
    towns = menaka[menaka["feature"] == "populated"]
    assert (towns["lon"].sub(2.40).abs() < 0.1).any()
    assert (towns["lon"] > 0).all() or (towns.loc[towns["lon"] < 0, "adm1_name"] != "Ménaka").all()
    assert (
        gazetteer.places.loc[gazetteer.places["feature"] == "populated", "adm1_id"].notna().mean()
        > 0.99
    )


def test_names_are_found_by_spelling_and_sound_inside_a_country():
    names = pd.DataFrame(
        [(0, "gao", "go"), (1, "djibo", "jb"), (1, "jibo", "jb"), (2, "gao", "go"),
         (3, "dori", "dr")],
        columns=["place", "joined", "sound"],
    )  # fmt: skip
    index = NameIndex(names, np.array(["MLI", "BFA", "BFA", "BFA"], dtype=object))
    assert [index.with_spelling("gao", code) for code in ("MLI", "BFA", "NER")] == [[0], [3], []]
    assert index.with_sound("jb", "BFA") == [1, 2]
    assert index.with_sound("jb", "MLI") == []
    for _ in range(2):  # the second time from what is remembered
        known = index.of_country("BFA")
        assert known.sounds == ["dr", "go", "jb"]
        assert [rows.tolist() for rows in known.rows] == [[4], [3], [1, 2]]
        assert index.of_country("MLI").sounds == ["go"]
        assert index.of_country("NER").sounds == []


def test_a_name_of_sixty_letters_is_one_and_a_longer_one_a_sentence():
    assert _split_names("|".join(["A" * 60, "B" * 61, "a/b", "http", "’Abbas"])) == [
        "A" * 60, "’Abbas",
    ]  # fmt: skip


def test_a_table_is_no_dump_for_its_number_of_columns_and_names_are_read_as_text(tmp_path):
    columns = ["name", "lon", "lat", "country", *(f"x{number}" for number in range(15))]
    rows = [["Null", "2.4", "15.9", "NE", *["1"] * 15], ["NA", "2.5", "15.8", "NE", *["2"] * 15]]
    text = "\n".join("\t".join(row) for row in (columns, *rows))
    (tmp_path / "own.tsv").write_text(text, encoding="utf-8")
    found = read_source(tmp_path / "own.tsv", None)
    assert found[["name", "lon", "country"]].values.tolist() == [
        ["Null", 2.4, "NER"], ["NA", 2.5, "NER"],
    ]  # fmt: skip


@pytest.mark.parametrize(("cut", "read"), [(1, True), (2, False)])
def test_a_dump_may_have_a_cut_line_in_a_hundred_but_no_more(tmp_path, cut, read):
    lines = [dump_line(number, f"Puits {number}", 2.4, 15.9, "ML") for number in range(1, 125)]
    (tmp_path / "ML.txt").write_text("\n".join([*lines, *["1\tPuits"] * cut]), encoding="utf-8")
    if read:
        assert len(read_source(tmp_path / "ML.txt", None)) == 124
        return
    with pytest.raises(InputError, match="has 2 of 126 lines without 19 columns"):
        read_source(tmp_path / "ML.txt", None)


def test_other_names_stand_in_lists_and_what_is_missing_is_none():
    table = pd.DataFrame({"name": list("ABCD"), "lon": 2.4, "lat": 15.9,
                          "aliases": [None, np.nan, "Ba; Bi,Bo|Bu ", ""]})  # fmt: skip
    found = read_source(table, None)["alternates"]
    assert found.str.split(SEPARATOR).tolist() == [[""], [""], ["Ba", "Bi", "Bo", "Bu"], [""]]


def test_each_place_has_the_extent_of_its_kind(tmp_path):
    kinds = {"P": "populated", "S": "site", "H": "water", "T": "relief", "L": "area"}
    lines = [
        dump_line(number, f"Lieu {kind}", 2.4 + number / 100, 15.9, "ML").replace(
            "\tP\t", f"\t{kind}\t"
        )
        for number, kind in enumerate(kinds)
    ]
    (tmp_path / "ML.txt").write_text("\n".join(lines), encoding="utf-8")
    places = sg.load_gazetteer(tmp_path / "ML.txt", cache=False).places
    found = (
        places[places["source"] == "GeoNames"]
        .set_index("name")
        .loc[[f"Lieu {kind}" for kind in kinds]]
    )
    assert found["feature"].tolist() == list(kinds.values())
    assert found["radius_km"].tolist() == [2.0, 2.0, 5.0, 5.0, 10.0]


def test_a_seat_is_a_town_that_bears_the_name_of_its_commune_or_the_code_of_one():
    places = pd.DataFrame(
        [
            ("Tessit", "populated", "PPL", "TESSIT"),
            ("Tessit", "commune", "ADM3", "Tessit"),
            ("Tessit", "water", "LK", "Tessit"),
            ("Puits", "populated", "PPL", "Tessit"),
            ("Ansongo", "populated", "PPLA2", "Bara"),
            ("Ansongo", "area", "PPLA2", "Bara"),
            ("Tamanrasset", "populated", "PPLA", None),
            ("Bordj", "populated", "PPL", None),
        ],
        columns=["name", "feature", "feature_code", "adm3_name"],
    )
    none = pd.DataFrame()
    seats = Gazetteer(places, none, none, none).seats
    assert seats.tolist() == [True, False, False, False, True, False, True, False]


def test_parents_are_those_of_the_commune_around_a_point_and_none_abroad(units):
    communes = units[3]
    inside = communes.geometry.representative_point()
    rows = [0, 1, len(communes) - 1]
    table = pd.DataFrame(
        {
            "name": ["Lieu A", "Lieu B", "Lieu C", "Ailleurs"],
            "lon": [*inside.x.iloc[rows], 5.5],
            "lat": [*inside.y.iloc[rows], 22.8],  # Tamanrasset
        }
    )
    gazetteer = sg.load_gazetteer(table)
    found = gazetteer.places.set_index("name").loc[table["name"]]
    assert found["adm3_id"].iloc[:3].tolist() == communes["unit_id"].iloc[rows].tolist()
    for column in ("adm1_id", "adm1_name", "adm2_id", "adm2_name"):
        assert found[column].iloc[:3].tolist() == communes[column].iloc[rows].tolist()
        assert pd.isna(found[column].iloc[3])
    assert found[["adm3_id", "adm3_name"]].iloc[3].isna().all()


def test_a_place_is_listed_once_under_each_spelling_and_never_under_none():
    table = pd.DataFrame(
        {"name": ["Puits Neuf"], "lon": [2.4], "lat": [15.9],
         "aliases": ["PUITS-NEUF; Bir Jadid; ’;; Bir jadid"]}
    )  # fmt: skip
    gazetteer = sg.load_gazetteer(table)
    names = gazetteer.names[gazetteer.names["place"] == len(gazetteer) - 1]
    assert names[["name", "kind"]].values.tolist() == [
        ["Puits Neuf", "name"], ["Bir Jadid", "alternate"],
    ]  # fmt: skip
    assert not gazetteer.names.duplicated(["place", "joined"]).any()
    assert (gazetteer.names["joined"] != "").all()


def test_counts_add_up_and_rows_are_numbered(dump):
    swapped = pd.DataFrame({"nom": ["Puits X"], "pays": ["NER"], "lon": [20.0], "lat": [8.0]})
    for gazetteer in (
        sg.load_gazetteer(cache=False),
        sg.load_gazetteer(dump, swapped, swapped + swapped),
    ):
        counts = gazetteer.summary()
        assert sum(counts["places"].values()) == sum(counts["sources"].values()) == len(gazetteer)
        assert counts["names"] == len(gazetteer.names)
        for part in ("set_aside", "corrected"):
            table = getattr(gazetteer, part)
            assert sum(counts[part].values()) == len(table)
            assert {reason: n for reason, n in counts[part].items() if n} == table[
                "reason"
            ].value_counts().to_dict()
        for table in (gazetteer.places, gazetteer.names, gazetteer.set_aside, gazetteer.corrected):
            assert table.index.tolist() == list(range(len(table)))
        html = gazetteer._repr_html_()
        assert f"{len(gazetteer)} places under {len(gazetteer.names)} names" in html
        assert f"{len(gazetteer.set_aside)} set aside" in html


def test_people_that_nobody_counted_are_none():
    table = pd.DataFrame({"name": ["Puits A", "Puits B", "Puits C"], "country": "MLI",
                          "lon": [2.4, 2.5, 2.6], "lat": 15.9,
                          "population": ["1200", "n.c.", "-5"]})  # fmt: skip
    places = sg.load_gazetteer(table).places.set_index("name")
    assert places.loc[["Puits A", "Puits B", "Puits C"], "population"].tolist() == [1200, 0, 0]


def test_a_commune_answers_to_its_other_names():
    row = sg.geocode(["Dinlin Oualia"]).iloc[0]
    assert (row["match_id"], row["location_precision"]) == ("ML010111", "admin3")
