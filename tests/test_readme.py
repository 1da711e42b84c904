"""What the README tells a new user to type works, and what it shows exists, in both languages."""

import re
import shlex
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import sahel_geo as sg
from sahel_geo.cli import app

ROOT = Path(__file__).resolve().parents[1]
READMES = {
    name: (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.fr.md")
}
both = pytest.mark.parametrize("name", READMES)


@both
def test_the_library_example_runs(name, tmp_path, monkeypatch):
    (example,) = re.findall(r"```python\n(.*?)```", READMES[name], flags=re.DOTALL)
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(compile(example, name, "exec"), names)
    assert (tmp_path / "menaka.html").stat().st_size > 100_000
    assert len(names.get("units", names.get("unites"))) == 165
    assert names.get("placed", names.get("places")).unplaced.empty


@both
def test_its_commands_are_understood(name, tmp_path, monkeypatch):
    """Each command runs, but for reports, whose options alone are read: other tests write them."""
    monkeypatch.chdir(tmp_path)
    rows = {"date": ["2024-03-01"], "lat": [15.92], "lon": [2.40], "lieu": ["Ménaka"]}
    pd.DataFrame(rows).to_excel("incidents.xlsx", index=False)
    people = sg.load_boundaries(level=1)[["unit_id"]].assign(people=900_000)
    people.to_csv("people.csv", index=False)
    blocks = re.findall(r"```sh\n(.*?)```", READMES[name], flags=re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    commands = [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("sahel")]
    assert len(commands) == 5
    for words in commands:
        ending = ["--help"] if words[0] == "report" else []
        done = CliRunner().invoke(app, [*words, *ending])
        assert done.exit_code == 0, (words, done.output)


@both
def test_it_stays_short(name):
    assert len(READMES[name].splitlines()) <= 120


@pytest.mark.parametrize(
    ("name", "target"),
    [
        (name, "".join(each))
        for name, text in READMES.items()
        for each in re.findall(r"\]\(([^)#]+)\)|src=\"([^\"]+)\"", text)
    ],
)
def test_every_link_and_picture_exists(name, target):
    assert (ROOT / target).exists(), f"{name}: {target}"


@both
def test_its_picture_is_in_its_language(name):
    (picture,) = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", READMES[name])
    assert picture.endswith("-fr.png" if name == "README.fr.md" else "-en.png")


@both
def test_every_make_target_exists(name):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"`make ([a-z]+)", READMES[name])):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target


def test_both_have_the_same_parts_in_the_same_order():
    one, other = (re.findall(r"^#+", text, flags=re.MULTILINE) for text in READMES.values())
    assert one == other
