"""The tables kept of a gazetteer."""

import json

import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.places.gazetteer.gazetteer import _cached_tables, _store_tables


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "places.csv"
    path.write_text("name,lon,lat,x,y\nPuits Neuf,0.4,15.2,0.5,15.1\n", encoding="utf-8")
    return path


@pytest.fixture
def tables():
    return tuple(pd.DataFrame({"name": [name, "x"], "n": [1, 2]}) for name in "abcd")


def test_a_damaged_cache_is_made_again_and_never_believed(tmp_path, source, tables):
    home = tmp_path / "cache"
    _store_tables(tables, [source], None, home)
    assert _cached_tables([source], None, home)[0].equals(tables[0])
    rng = np.random.default_rng(3)
    files = sorted(home.iterdir())
    for turn in range(120):
        file = files[turn % len(files)]
        whole = file.read_bytes()
        content = bytearray(whole)
        content[int(rng.integers(len(content)))] ^= int(rng.integers(1, 256))
        file.write_bytes(content)
        found = _cached_tables([source], None, home)
        assert found is None or all(a.equals(b) for a, b in zip(found, tables, strict=True))
        file.write_bytes(whole)
    for file in files:
        whole = file.read_bytes()
        for content in (b"[" * 100_000, b"[]", b"{}", b"7", b""):
            file.write_bytes(content)
            assert _cached_tables([source], None, home) is None
        file.unlink()
        assert _cached_tables([source], None, home) is None
        file.write_bytes(whole)
    assert _cached_tables([source], None, home)[3].equals(tables[3])


def test_what_is_kept_answers_for_one_list_of_files_and_one_mapping(tmp_path, source, tables):
    home = tmp_path / "cache"
    _store_tables(tables, [source], None, home)
    assert _cached_tables([source], {}, home) is not None
    assert _cached_tables([source], {"lon": "x", "lat": "y"}, home) is None
    assert _cached_tables([source, source], None, home) is None
    assert _cached_tables([], None, home) is None


def test_a_relative_path_means_the_file_of_this_folder(tmp_path, monkeypatch, source, tables):
    home = tmp_path / "cache"
    _store_tables(tables, [source], None, home)
    monkeypatch.chdir(tmp_path)
    assert _cached_tables([source.relative_to(tmp_path)], None, home) is not None
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / source.name).write_bytes(source.read_bytes())
    monkeypatch.chdir(elsewhere)
    assert _cached_tables([source.relative_to(tmp_path)], None, home) is None


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"SAHEL_GEO_CACHE": "own", "XDG_CACHE_HOME": "xdg"}, "own/gazetteer"),
        ({"SAHEL_GEO_CACHE": "", "XDG_CACHE_HOME": "xdg"}, "xdg/sahel_geo/gazetteer"),
        ({"SAHEL_GEO_CACHE": "", "XDG_CACHE_HOME": ""}, ".cache/sahel_geo/gazetteer"),
    ],
)
def test_files_are_kept_where_the_user_says_and_frames_nowhere(
    tmp_path, monkeypatch, source, variables, folder
):
    for name, value in ({"HOME": ".", "USERPROFILE": "."} | variables).items():
        monkeypatch.setenv(name, str(tmp_path / value) if value else "")
    home = tmp_path / folder
    table = pd.read_csv(source)
    for gazetteer in (
        sg.load_gazetteer(source, cache=False), sg.load_gazetteer(table),
        sg.load_gazetteer(source, table), sg.load_gazetteer(table, cache=tmp_path / "given"),
    ):  # fmt: skip
        assert len(gazetteer.find("puits neuf")) == 1
    assert not home.exists()
    assert not (tmp_path / "given").exists()
    sg.load_gazetteer(source, cache=tmp_path / "given")
    assert len(list((tmp_path / "given").iterdir())) == 5
    assert not home.exists()
    built = sg.load_gazetteer(source)
    assert len(list(home.iterdir())) == 5
    note = next(home.glob("*.json"))
    kept = json.loads(note.read_text("utf-8"))
    monkeypatch.setattr("sahel_geo.places.gazetteer.gazetteer._build", None)  # is not built again
    pd.testing.assert_frame_equal(sg.load_gazetteer(source).places, built.places)
    assert json.loads(note.read_text("utf-8")) == kept
