"""The first minutes on the command line: what is installed, and files to begin with."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import sahel_geo as sg
from sahel_geo.cli import app
from sahel_geo.cli.first_steps import doctor
from sahel_geo.errors import FileError
from sahel_geo.incidents.catalogue import is_selection

ROOT = Path(__file__).resolve().parents[1]


def run(*arguments):
    return CliRunner().invoke(app, [*map(str, arguments)])


@pytest.fixture
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache" / "not yet there"
    monkeypatch.setenv("SAHEL_GEO_CACHE", str(folder))
    return folder


def test_a_whole_installation_is_called_whole_and_nothing_is_changed(cache):
    done = run("doctor", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["ok"]
    assert told["faults"] == []
    assert told["versions"]["sahel_geo"] == sg.__version__
    assert told["data"]["boundaries"]["communes"] == {"MLI": 701, "BFA": 351, "NER": 266}
    assert told["data"]["boundaries"]["vintage"] == {"MLI": "2021", "NER": "2023", "BFA": "2001"}
    assert told["data"]["incidents"]["rows"] == 78
    assert told["data"]["population"]["year"] == 2020
    assert told["cache"] == {"folder": str(cache), "writable": True, "bytes": 0}
    assert set(told["extras"]) == {"h3", "scale", "points", "keys"}
    assert not cache.parent.exists()


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ["Embedded data", "vintage MLI 2021", "Everything that is needed is there."]),
        ("fr", ["Données fournies", "millésimes MLI 2021", "Tout ce qu’il faut est là."]),
    ],
)
def test_it_speaks_both_languages(cache, lang, words):
    done = run("doctor", "--lang", lang)
    assert done.exit_code == 0
    for each in words:
        assert each in done.stdout


def test_what_is_missing_damaged_or_too_old_is_named_with_its_remedy(cache, monkeypatch):
    def versions(name):
        if name == "rasterio":
            raise doctor.PackageNotFoundError(name)
        return "0.1" if name == "pandas" else "9999"

    def broken():
        raise FileError("the shipped file {name!r} is missing.", name="units.csv")

    def damaged():
        raise ZeroDivisionError("page 3")

    label = doctor._DATA["actors"][0]
    monkeypatch.setattr(doctor, "version", versions)
    monkeypatch.setitem(doctor._DATA, "boundaries", (label, broken))
    monkeypatch.setitem(doctor._DATA, "actors", (label, damaged))
    cache.parent.write_text("no folder", encoding="utf-8")
    done = run("doctor", "--json")
    assert done.exit_code == 1
    faults = {each["name"]: each["what"] for each in json.loads(done.stdout)["faults"]}
    assert faults["rasterio"] == "missing; install again: pip install sahel-geo"
    assert faults["pandas"].startswith("0.1, but >=3.0 is needed")
    assert faults["boundaries"] == "the shipped file 'units.csv' is missing."
    assert faults["actors"].startswith("cannot be read (page 3); install again")
    assert "SAHEL_GEO_CACHE" in faults["writable"]
    printed = run("doctor", "--lang", "en")
    assert "things do not work" in printed.stdout
    assert "!  pandas" in printed.stdout


def test_extras_that_are_absent_say_what_they_would_give(monkeypatch):
    monkeypatch.setattr(doctor, "find_spec", lambda _: None)
    found = {each.name: each for each in doctor._extras()}
    assert not any(each.fault or each.fact for each in found.values())
    assert str(found["h3"].value) == (
        'not installed; for grids of H3 cells: pip install "sahel-geo[h3]"'
    )


def test_without_a_browser_pages_are_still_made(monkeypatch):
    monkeypatch.setattr(doctor.shutil, "which", lambda _: None)
    monkeypatch.setattr(doctor.sys, "platform", "linux")
    found = doctor._browser()
    assert not found.fault
    assert "pages are made without one" in str(found.value)


def test_every_extra_of_the_package_is_examined():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert set(doctor._EXTRAS) == set(settings["project"]["optional-dependencies"])


def test_an_example_is_written_once_and_its_commands_run(tmp_path, monkeypatch):
    folder = tmp_path / "premier jour été"
    done = run("example", folder, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    notebooks = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    assert sorted(path.name for path in (folder / "notebooks").iterdir()) == notebooks
    assert sorted(path.name for path in folder.glob("*.csv")) == ["incidents.csv", "people.csv"]
    assert len(told["written"]) == len(notebooks) + 2

    incidents = sg.read_incidents(folder / "incidents.csv")
    assert (len(incidents), len(incidents.quarantine)) == (78, 0)
    assert is_selection(incidents)
    ours = sg.load_example_incidents()
    for column in ("incident_id", "date", "lon", "lat", "fatalities_low", "fatalities_high"):
        pd.testing.assert_series_equal(incidents[column], ours[column], check_dtype=False)

    (folder / "incidents.csv").write_text("mine", encoding="utf-8")
    (folder / "people.csv").unlink()
    again = json.loads(run("example", folder, "--json").stdout)
    assert again["written"] == [str(folder / "people.csv")]
    assert (folder / "incidents.csv").read_text(encoding="utf-8") == "mine"
    said = run("example", folder, "--lang", "fr").stdout
    assert "laissé tel quel" in said
    assert f"sahel-geo check '{folder}/incidents.csv'" in said

    check, report, draw = again["next"]
    assert "report" in report
    assert check.startswith("sahel-geo check")
    words = ["map", folder / "people.csv", "--column", "people", "--out", folder / "people.html"]
    assert draw == f"sahel-geo map '{words[1]}' --column people --out '{words[-1]}'"
    drawn = run(*words)
    assert drawn.exit_code == 0, drawn.output
    assert (folder / "people.html").stat().st_size > 100_000


def test_an_example_cannot_be_written_into_a_file(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "sahel_geo.cli", "example", "file", "--lang", "en"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 2
    assert "cannot write 'file" in done.stderr
    assert "Traceback" not in done.stderr
