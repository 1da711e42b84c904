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
from sahel_geo.places.gazetteer.spelling import joined_form, plain_form, sound_form


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
