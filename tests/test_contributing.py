"""What CONTRIBUTING.md says about adding things is tried with a toy of each, and files parse."""

import json
import re
import sys
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
import yaml
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from typer.testing import CliRunner

import sahel_geo as sg
from sahel_geo.cli import app
from sahel_geo.forecast.models.registry import MODELS
from sahel_geo.formats import proof
from sahel_geo.i18n import language
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.readers import opening
from sahel_geo.incidents.readers.raw import RawTable
from sahel_geo.indicators.risk import by_unit
from sahel_geo.provenance import Part
from sahel_geo.sources import registry
from sahel_geo.sources.access.source import Collected, Source

ROOT = Path(__file__).resolve().parents[1]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_a_reader_is_a_mark_of_content_and_a_function(tmp_path, monkeypatch):
    def read_toy(file):
        lines = file.read_text(encoding="utf-8").split("\n")[1:]
        cells = pd.DataFrame([line.split("~") for line in lines[1:]], columns=lines[0].split("~"))
        return RawTable(cells, np.arange(3, 3 + len(cells)), container="toy")

    module = ModuleType("sahel_geo.incidents.readers.toy")
    module.read_toy = read_toy
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(opening.READERS, "toy", "toy.read_toy")
    monkeypatch.setattr(proof, "_MAGIC", (*proof._MAGIC, (b"TOY1\n", "toy")))
    file = tmp_path / "whatever.csv"
    file.write_text("TOY1\ndate~lat~lon~lieu\n2024-03-01~15.92~2.4~Ménaka\nx~1~1~y", "utf-8")
    incidents = sg.read_incidents(file)
    assert incidents["place"].tolist() == ["Ménaka"]
    assert incidents.quarantine["row"].tolist() == [4]
    assert incidents.report.container == "toy"


def test_a_measure_is_a_function_and_a_name(tmp_path, monkeypatch):
    def double(work):
        total = work.panel.groupby("unit_id")["incidents"].sum()
        return (2 * total).rename("double").reset_index()

    monkeypatch.setitem(by_unit.MEASURES, "toy", double)
    (tmp_path / "i.csv").write_text("date,lat,lon\n2024-03-01,15.92,2.4\n", encoding="utf-8")
    out = tmp_path / "out.csv"
    words = ["indicators", tmp_path / "i.csv", "--measure", "toy", "--level", "1", "--out", out]
    done = CliRunner().invoke(app, [*map(str, words)])
    assert done.exit_code == 0, done.output
    found = pd.read_csv(out).set_index("unit_id")["double"]
    assert found.sum() == found["ML10"] == 2


def test_a_model_is_a_class_with_fit_and_predict_cdf():
    class Never:
        def fit(self, _past, _horizons, _rng):
            return self

        def predict_cdf(self, past, _horizon):
            return np.ones((len(past.counts), len(past.support)))

    sg.forecast.register("never", Never)
    try:
        units = sg.load_boundaries(level=1)
        rng = np.random.default_rng(3)
        inside = units.geometry.representative_point().iloc[rng.integers(0, len(units), 400)]
        dates = pd.Timestamp("2021-01-15") + pd.to_timedelta(rng.integers(0, 1300, 400), "D")
        rows = pd.DataFrame({"lon": inside.x, "lat": inside.y, "date": dates})
        placed = sg.assign(sg.incidents_from_frame(rows, source="toy"), units)
        panel = sg.count(placed, units, period="month")
        record = sg.forecast.evaluate(
            panel, units, models=["never", "zero"], horizons=1, every=12, column="incidents"
        )
        scores = record.table.set_index("model")["crps"]
        assert scores["never"] == scores["zero"]
    finally:
        MODELS.pop("never")


def test_a_source_is_a_module_with_a_source_and_a_function(tmp_path, monkeypatch):
    def fetch(*, cache=None, base_url=None, offline=False, refresh=False):
        assert not any((base_url, offline, refresh, cache))
        return pd.DataFrame({"unit_id": ["ML10"], "value": [7]})

    toy = Source("toy", "Toy table", "table", fetch, "https://host", "https://host", "CC0",
                 Sentence("Free to use."))  # fmt: skip
    point = EntryPoint("toy", "toy_package:SOURCE", registry.ENTRY_POINTS)
    monkeypatch.setattr(EntryPoint, "load", lambda _: toy)
    monkeypatch.setattr(registry, "entry_points", lambda **_: [point])
    monkeypatch.setenv("SAHEL_GEO_CACHE", str(tmp_path / "cache"))
    registry.list_sources.cache_clear()
    try:
        assert list(registry.list_sources())[-1] == "toy"
        out = tmp_path / "toy.csv"
        done = CliRunner().invoke(app, ["fetch", "toy", "--out", str(out), "--lang", "en"])
        assert done.exit_code == 0, done.output
        assert "Free to use." in done.output
        assert pd.read_csv(out)["value"].tolist() == [7]
        listed = json.loads(CliRunner().invoke(app, ["sources", "--json"]).stdout)
        assert "toy" in [each["name"] for each in listed["sources"]]
    finally:
        registry.list_sources.cache_clear()
    assert {"content", "name", "rows", "parts"} <= set(Collected.__dataclass_fields__)
    assert "sha256" in Part.__dataclass_fields__


def test_a_language_is_one_more_catalogue(tmp_path, monkeypatch):
    catalogue = Catalog(locale="ha")
    catalogue.add("Everything that is needed is there.", "Komai na nan.")
    with (tmp_path / "ha.po").open("wb") as file:
        write_po(file, catalogue)
    monkeypatch.setattr(language, "FOLDER", tmp_path)
    for cached in (language.languages, language._catalogue):
        cached.cache_clear()
    try:
        assert language.languages() == ("en", "ha")
        assert Sentence("Everything that is needed is there.").say("ha") == "Komai na nan."
        assert Sentence("yes").say("ha") == "yes", "what is not translated yet is said in English"
    finally:
        monkeypatch.undo()
        for cached in (language.languages, language._catalogue):
            cached.cache_clear()


def test_every_file_and_command_that_contributing_names_exists():
    section = CONTRIBUTING.split("## Boundaries and facts")[0]
    for name in re.findall(
        r"`((?:sahel_geo|tests|tools|docs|notebooks|boundaries)/[^`*<]*)`", section
    ):
        assert (ROOT / name).exists(), name
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"`make ([a-z-]+)", CONTRIBUTING)):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
    for word in ("A reader", "A measure", "A model", "A source", "A language"):
        assert f"### {word}" in CONTRIBUTING


FILES = [
    *sorted((ROOT / ".github").rglob("*.yml")),
    ROOT / ".pre-commit-config.yaml",
    ROOT / "CITATION.cff",
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_yaml_file_parses(path):
    assert isinstance(yaml.safe_load(path.read_text(encoding="utf-8")), dict)


def test_the_workflow_runs_the_checks_on_three_systems_with_three_pythons():
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    matrix = workflow["jobs"]["tests"]["strategy"]["matrix"]
    assert matrix["os"] == ["ubuntu-latest", "macos-latest", "windows-latest"]
    assert len(matrix["python"]) == 3
    steps = workflow["jobs"]["tests"]["steps"]
    assert ".ci/run" in " ".join(step.get("run", "") for step in steps)
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert settings["project"]["requires-python"] == f">={matrix['python'][0]}"
    assert workflow["permissions"] == {"contents": "read"}


def test_hooks_are_local_and_name_what_make_lint_runs():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [each["repo"] for each in hooks["repos"]] == ["local"]
    entries = [hook["entry"] for hook in hooks["repos"][0]["hooks"]]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for entry in entries:
        program = entry.removeprefix("python ").split()[0]
        assert program in makefile, entry


def test_the_container_for_development_is_json():
    settings = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text("utf-8"))
    assert "make" in settings["postCreateCommand"]


def test_the_version_is_the_same_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == sg.__version__
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## \[([^\]]+)\]", changelog, flags=re.MULTILINE)[0] == sg.__version__
    heads = re.findall(r"^## \[([^\]]+)\] - (\S+)$", changelog, flags=re.MULTILINE)
    assert all(day == "unreleased" or re.fullmatch(r"\d{4}-\d\d-\d\d", day) for _, day in heads)
    written = [
        path
        for path in (ROOT / "sahel_geo").rglob("*.py")
        if f'"{sg.__version__}"' in path.read_text(encoding="utf-8")
    ]
    assert [path.name for path in written] == ["version.py"]


def test_the_citation_has_what_its_format_asks_for():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(citation)
    allowed = {"cff-version", "title", "message", "type", "authors", "version", "date-released",
               "license", "keywords", "abstract", "url", "repository-code"}  # fmt: skip
    assert set(citation) <= allowed
    assert citation["type"] in ("software", "dataset")
    assert all(set(each) in ({"name"}, {"family-names", "given-names"}) for each in
               citation["authors"])  # fmt: skip
    assert str(citation["version"]).count(".") == 2
