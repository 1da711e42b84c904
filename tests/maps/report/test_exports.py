"""The figures of a map as files for other programs."""

import sqlite3
from contextlib import closing
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.errors import FileError, InputError
from sahel_geo.maps.classes.classes import classify
from sahel_geo.maps.report.exports import write_exports


@pytest.fixture
def table():
    units = sg.load_boundaries(level=1)
    rng = np.random.default_rng(1)
    values = np.where(rng.random(len(units)) < 0.3, 0.0, rng.gamma(1.0, 3.0, len(units)))
    values[:2] = np.nan
    table = units[["unit_id", "name", "geometry"]].assign(per_1000km2=values, incidents=7)
    table.loc[3, "name"] = "=cmd|'/c calc'!A1"
    return table


def test_every_file_gives_the_same_figures_back(table, tmp_path):
    csv, parquet, package = write_exports(table, ["per_1000km2", "incidents"], tmp_path)
    for read in (gpd.read_parquet(parquet), gpd.read_file(package, layer="units")):
        assert read["unit_id"].tolist() == table["unit_id"].tolist()
        np.testing.assert_array_equal(read["per_1000km2"], table["per_1000km2"])
        assert read.crs == table.crs
        assert read.geometry.geom_equals(table.geometry).all()
    text = csv.read_text(encoding="utf-8-sig")
    assert "'=cmd|" in text
    assert "geometry" not in text
    np.testing.assert_allclose(pd.read_csv(csv)["per_1000km2"], table["per_1000km2"])


def test_the_styles_paint_each_unit_as_the_map_does(table, tmp_path):
    package = write_exports(table, ["per_1000km2", "incidents"], tmp_path)[-1]
    with closing(sqlite3.connect(package)) as database:
        styles = database.execute(
            "SELECT styleName, styleQML, useAsDefault, f_table_name, f_geometry_column "
            "FROM layer_styles ORDER BY id"
        ).fetchall()
        assert [(name, default) for name, _, default, *_ in styles] == [
            ("per_1000km2", 1),
            ("incidents", 0),
        ]
        assert {tuple(row[3:]) for row in styles} == {("units", "geom")}
        root = ET.fromstring(styles[0][1])
        colours = {
            symbol.get("name"): symbol.find(".//Option[@name='color']").get("value")
            for symbol in root.iter("symbol")
        }
        found = classify(table["per_1000km2"])
        painted = {}
        for rule in root.iter("rule"):
            if rule.get("filter"):  # the expressions are plain SQL, too
                rows = database.execute(f"SELECT unit_id FROM units WHERE {rule.get('filter')}")
                painted |= {unit: colours[rule.get("symbol")] for (unit,) in rows}
    for unit, place in zip(table["unit_id"], found.class_of, strict=True):
        colour = found.classes[place].colour
        channels = (
            [str(int(colour[at : at + 2], 16)) for at in (1, 3, 5)] if colour else ["120"] * 3
        )
        assert painted.pop(unit) == ",".join([*channels, "255"])
    assert not painted


def test_the_same_table_gives_the_same_bytes(table, tmp_path):
    one = write_exports(table, ["incidents"], tmp_path / "a")
    other = write_exports(table, ["incidents"], tmp_path / "b")
    assert [file.read_bytes() for file in one] == [file.read_bytes() for file in other]
    write_exports(table, ["incidents"], tmp_path / "a")
    assert sorted(file.name for file in (tmp_path / "a").iterdir()) == sorted(
        file.name for file in one
    )


def test_legends_speak_the_language(table, tmp_path):
    for lang, words in (("fr", "Pas de données"), ("en", "No data")):
        package = write_exports(table, ["per_1000km2"], tmp_path, lang=lang)[-1]
        with closing(sqlite3.connect(package)) as database:
            ((qml,),) = database.execute("SELECT styleQML FROM layer_styles").fetchall()
        assert words in qml


def painted(package, name):
    """Colours and labels of a style by unit, as the expressions of its rules find them."""
    with closing(sqlite3.connect(package)) as database:
        ((qml,),) = database.execute(
            "SELECT styleQML FROM layer_styles WHERE styleName = ?", [name]
        ).fetchall()
        root = ET.fromstring(qml)
        found = {}
        for rule in root.iter("rule"):
            if rule.get("filter"):
                rows = database.execute(f"SELECT unit_id FROM units WHERE {rule.get('filter')}")
                for (unit,) in rows:
                    assert unit not in found, "one rule for each unit"
                    found[unit] = rule.get("label")
        return found


def test_classes_have_styles_with_their_names(table, tmp_path):
    kinds = ["hot", "cold", "not significant"]
    classed = table.assign(gi_kind=[kinds[at % 3] for at in range(len(table))])
    classed.loc[classed.index[0], "gi_kind"] = None
    package = write_exports(classed, ["incidents", "gi_kind"], tmp_path, lang="fr")[-1]
    labels = painted(package, "gi_kind")
    assert len(labels) == len(table)
    assert labels[classed["unit_id"].iloc[0]] == "Pas de données"
    assert labels[classed["unit_id"].iloc[1]] == "Point froid"


def test_hidden_figures_are_not_called_no_data(table, tmp_path):
    figures = table["incidents"].astype(float)
    figures.iloc[:2] = float("nan")
    hidden = [5] + [0] * (len(table) - 1)
    safe = table.assign(incidents=figures, suppressed_below=hidden)
    labels = painted(write_exports(safe, ["incidents"], tmp_path, lang="en")[-1], "incidents")
    assert labels[table["unit_id"].iloc[0]].startswith("Hidden (1 to 4")
    assert labels[table["unit_id"].iloc[1]] == "No data"


def test_what_cannot_be_written_is_refused_and_leaves_nothing(table, tmp_path):
    with pytest.raises(InputError, match=r"names \['nothing'\]"):
        write_exports(table, ["nothing"], tmp_path / "a")
    with pytest.raises(InputError, match="'name', which holds neither numbers nor"):
        write_exports(table, ["name"], tmp_path / "b")
    assert not (tmp_path / "b" / "indicators.gpkg").exists()
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match="cannot write"):
        write_exports(table, ["incidents"], tmp_path / "file")
