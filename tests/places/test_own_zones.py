"""Zones of the user's own, and their files."""

import json

import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod

from sahel_geo.crs import WGS84
from sahel_geo.errors import CrsError, FileError, InputError
from sahel_geo.places.zone_files import read_zone
from sahel_geo.places.zones import load_zone, zone


@pytest.fixture
def saved(tmp_path):
    """A small zone on disk, and its content."""
    path = zone(["Ménaka", "ML0702"], name="east").save(tmp_path / "east.geojson")
    return path, json.loads(path.read_text(encoding="utf-8"))


def test_lake_chad():
    two = load_zone("lake-chad-niger")
    assert two.units["name"].tolist() == ["Bosso", "Diffa", "Maïné Soroa", "N'Guigmi"]
    three = load_zone("lake-chad-niger", level=3)
    assert set(three.units["adm2_name"]) == set(two.units["name"])
    assert three.units["area_km2"].sum() == pytest.approx(two.units["area_km2"].sum())
    with pytest.raises(InputError, match="`level` is 1, and no unit of it has half"):
        load_zone("lake-chad-niger", level=1)


def test_units_by_name_code_or_rows(units):
    names = zone(["Menaka", "ML0702", "ML0702"], name="east")
    assert names.units["unit_id"].tolist() == ["ML1001", "ML0702"]
    rows = units[2][units[2]["unit_id"].isin(["ML1001", "ML0702"])]
    assert set(zone(rows, name="east").units["unit_id"]) == {"ML1001", "ML0702"}
    assert zone("Gao", name="one", level=1).units["unit_id"].tolist() == ["ML07"]
    for found in (names.units, zone(rows, name="east").units):
        assert found.columns.tolist() == units[2].columns.tolist()
        assert found.index.tolist() == [0, 1]


def test_a_circle_holds_units_by_area(units):
    wide = zone(around=(2.4, 15.92), radius_km=300)
    ends = Geod(ellps="WGS84").fwd([2.4] * 360, [15.92] * 360, [*range(360)], [3e5] * 360)
    circle = shapely.Polygon(zip(*ends[:2], strict=True))
    share = shapely.area(shapely.intersection(units[2].geometry.to_numpy(), circle))
    share = pd.Series(share / shapely.area(units[2].geometry.to_numpy()), units[2]["unit_id"])
    assert (share[wide.units["unit_id"]] > 0.45).all()
    assert (share.drop(wide.units["unit_id"]) < 0.55).all()
    assert "300 km" in wide.definition_fr
    tiny = zone(around="Menaka", radius_km=1)
    assert tiny.units["name"].tolist() == ["Ménaka"]
    among = zone(units[2][units[2]["country"] == "NER"], around=(2.4, 15.92), radius_km=300)
    assert set(among.units["country"]) == {"NER"}
    assert set(among.units["unit_id"]) < set(wide.units["unit_id"])


@pytest.mark.parametrize("first", [0, 60, 90])
def test_a_circle_is_as_wide_as_its_radius_in_every_direction(toy_units, first):
    """Units of a kilometre, of which the middle lies 50 m inside or outside 100 km."""
    directions = first + np.array([0.0, 120, 180, 240, 300, 330])
    away = np.array([99_950, 100_050, 99_950, 100_050, 100_050, 99_950.0])
    lon, lat, _ = WGS84.fwd(np.full(6, 2.4), np.full(6, 15.9), directions, away)
    units = toy_units.set_geometry(
        shapely.box(lon - 0.005, lat - 0.005, lon + 0.005, lat + 0.005), crs=4326
    )
    found = zone(units, around=(2.4, 15.9), radius_km=100)
    assert found.units["unit_id"].tolist() == units["unit_id"][away < 1e5].tolist()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "`around` is None and `radius_km` is None; expected both"),
        ({"around": "Gao"}, "`around` is 'Gao' and `radius_km` is None"),
        ({"around": "Gao", "radius_km": -1}, "`radius_km` is -1; expected more than 0"),
        ({"around": "Gao", "radius_km": 0}, "`radius_km` is 0; expected more than 0"),
        ({"around": "Gao", "radius_km": 2000.1}, "`radius_km` is 2000.1; .* at most 2000"),
        ({"around": "Gao", "radius_km": float("nan")}, "`radius_km` is nan"),
        ({"around": "Atlantis", "radius_km": 9}, "'Atlantis', the name of 0 towns"),
        ({"around": (200, 0), "radius_km": 9}, r"`around` is \(200, 0\); expected \(lon, lat\)"),
        ({"around": (180.1, 0), "radius_km": 9}, r"`around` is \(180.1, 0\); expected"),
        ({"around": (-180.1, 0), "radius_km": 9}, r"`around` is \(-180.1, 0\); expected"),
        ({"around": (0, 90.1), "radius_km": 9}, r"`around` is \(0, 90.1\); expected"),
        ({"around": (0, -90.1), "radius_km": 9}, r"`around` is \(0, -90.1\); expected"),
        ({"around": (60, 0), "radius_km": 9}, "holds no unit"),
        ({"around": (180, 90), "radius_km": 9}, "holds no unit"),
        ({"around": (-180, -90), "radius_km": 9}, "holds no unit"),
        ({"units": ["Atlantis"]}, r"1 names that are no one unit .*Atlantis \(unmatched\)"),
        ({"units": []}, "`units` has 0 names"),
        ({"units": ["Gao"], "name": "Mon Est"}, "`name` is 'Mon Est'; expected lower-case"),
    ],
)
def test_faults_of_a_zone(arguments, message):
    with pytest.raises(InputError, match=message):
        zone(**arguments)


def test_faults_of_rows(units):
    with pytest.raises(CrsError, match="`units` is in"):
        zone(units[1].to_crs(3857))
    with pytest.raises(InputError, match=r"`units` has no column \['licence'\]"):
        zone(units[1].drop(columns="licence"))


@pytest.mark.parametrize("level", [2, 3])
def test_a_saved_zone_comes_back_as_it_was(tmp_path, level):
    before = load_zone(level=level)
    after = read_zone(before.save(tmp_path / "a" / "zone.geojson"))
    assert (after.name, after.title_fr, after.definition_en) == (
        before.name,
        before.title_fr,
        before.definition_en,
    )
    columns = [name for name in before.units if name not in {"geometry", "area_km2"}]
    pd.testing.assert_frame_equal(
        pd.DataFrame(after.units[columns]), pd.DataFrame(before.units[columns])
    )
    assert shapely.equals(after.units.geometry, before.units.geometry).all()
    pd.testing.assert_series_equal(after.units["area_km2"], before.units["area_km2"], rtol=1e-5)


def _spoil(content, place, value):
    *path, last = place
    for step in path:
        content = content[step]
    content[last] = value


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (["sahel_geo_zone", "title_fr"], "a\x1b[2Jb", "title_fr: not a plain text"),
        (["sahel_geo_zone", "title_fr"], "x" * 1001, "title_fr: not a plain text"),
        (["sahel_geo_zone", "name"], "../../etc", "name: not lower-case letters"),
        (["features", 0, "properties", "unit_id"], None, "feature 0: no unit_id or name"),
        (["features", 0, "properties", "unit_id"], "ML0702", "unit_id: repeated"),
        (["features", 1, "properties", "name"], {"a": 1}, "feature 1, name: not a plain text"),
        (["features", 0, "properties", "country"], "<b>", "country: not an alpha-3 code"),
        (["features", 0, "properties", "level"], True, "level: not one of"),
        (["features", 0, "properties", "approximate"], "no", "approximate: not true or false"),
        (["features", 0, "properties", "valid_from"], "soon", "valid_from: not a day"),
        (["features", 0, "geometry"], None, "feature 0: no polygon"),
        (["features", 0, "geometry", "type"], "Point", "feature 0: no polygon"),
        (["features", 0, "geometry", "coordinates"], [[["a"]]], "feature 0: no polygon"),
        (
            ["features", 0, "geometry"],
            {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]},
            "feature 0: Self-intersection",
        ),
        (
            ["features", 0, "geometry"],
            {"type": "Polygon", "coordinates": [[[0, 0], [999, 1], [1, 0], [0, 0]]]},
            "feature 0: coordinates are not degrees",
        ),
        *(
            (
                ["features", 0, "geometry"],
                shapely.geometry.mapping(shapely.box(*box)),
                "feature 0: coordinates are not degrees",
            )
            for box in ((-180.1, 0, 1, 1), (0, -90.1, 1, 1), (0, 0, 180.1, 1), (0, 0, 1, 90.1))
        ),
        (["features", 0, "properties", "level"], 4, "level: not one of"),
        (["features", 1, "properties", "valid_to"], "2024-20-01", "valid_to: not a day"),
        *(
            (["features", 1, "properties", "valid_to"], day, "valid_to: not a day")
            for day in ("2023-02-29", "2024-04-31", "2024-00-10", "2024-1-1", "20240101", "")
        ),
        (["features", 0], 7, "feature 0: no properties"),
        (["features"], [], "is not a zone"),
        (["sahel_geo_zone"], "x", "is not a zone"),
    ],
)
def test_hostile_files_are_refused(saved, place, value, message):
    path, content = saved
    _spoil(content, place, value)
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_zone(path)


def test_what_stands_at_the_limits_is_read(saved):
    path, content = saved
    _spoil(content, ["sahel_geo_zone", "title_fr"], "x" * 1000)
    world = shapely.geometry.mapping(shapely.box(-180, -90, 180, 90))
    _spoil(content, ["features", 0, "geometry"], world)
    _spoil(content, ["features", 1, "properties", "valid_from"], "2019-12-31")
    _spoil(content, ["features", 1, "properties", "level"], 0)
    del content["features"][0]["properties"]["approximate"]
    path.write_text(json.dumps(content), encoding="utf-8")
    found = read_zone(path)
    assert found.title_fr == "x" * 1000
    assert not found.units["approximate"].any()
    assert found.units.geometry.iloc[0].bounds == (-180, -90, 180, 90)
    assert str(found.units["valid_from"].iloc[1].date()) == "2019-12-31"
    assert found.units["level"].tolist()[1] == 0


def test_a_zone_has_as_many_units_as_allowed_and_no_more(saved, monkeypatch):
    path, content = saved
    number = len(content["features"])
    assert number == 2
    monkeypatch.setattr("sahel_geo.places.zone_files.MAX_UNITS", number)
    assert len(read_zone(path).units) == number
    monkeypatch.setattr("sahel_geo.places.zone_files.MAX_UNITS", number - 1)
    with pytest.raises(InputError, match=r"has 2 units; expected at most 1\. Split it"):
        read_zone(path)


@pytest.mark.parametrize("text", ["", "{", "[1, NaN]", "[" * 100_000, '{"a": NaN}'])
def test_what_is_not_json_is_refused(tmp_path, text):
    path = tmp_path / "zone.geojson"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="is not GeoJSON"):
        read_zone(path)


def test_files_that_cannot_be_read(tmp_path, monkeypatch, saved):
    with pytest.raises(FileError, match="cannot be read"):
        read_zone(tmp_path / "missing.geojson")
    (tmp_path / "latin").write_bytes(b'{"a": "\xe9"}')
    with pytest.raises(FileError, match="cannot be read"):
        read_zone(tmp_path / "latin")
    with (tmp_path / "large").open("wb") as file:
        file.truncate(64 * 2**20 + 1)
    with pytest.raises(FileError, match="expected at most 67,108,864"):
        read_zone(tmp_path / "large")
    monkeypatch.setattr("sahel_geo.places.zone_files.MAX_BYTES", 10)
    with pytest.raises(FileError, match="expected at most 10"):
        read_zone(saved[0])
