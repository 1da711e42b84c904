"""What the README tells a new user to type works, and what it shows exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_library_example_runs(tmp_path, monkeypatch):
    (example,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(compile(example, "README.md", "exec"), names)
    assert (tmp_path / "menaka.html").stat().st_size > 100_000
    assert len(names["units"]) == 165
    assert names["placed"].unplaced.empty


def test_it_stays_short():
    assert len(README.splitlines()) <= 120


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#]+)\)|src=\"([^\"]+)\"", README))
def test_every_link_and_picture_exists(target):
    path = "".join(target)
    assert (ROOT / path).exists(), path


@pytest.mark.parametrize("target", sorted(set(re.findall(r"`?make ([a-z]+)", README))))
def test_every_make_target_exists(target):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE)
