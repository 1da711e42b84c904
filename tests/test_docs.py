"""What the documentation tells to type works."""

import importlib.util
import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest

import sahel_geo as sg

ROOT = Path(__file__).resolve().parents[1]
HOW_TO = (ROOT / "docs" / "how-to.md").read_text(encoding="utf-8")
GEONAMES = (
    "1\tTin-Test\tTin-Test\t\t{lat}\t{lon}\tP\tPPL\t{code}"
    "\t\t\t\t\t\t0\t\t300\tAfrica/X\t2020-01-01\n"
)


@pytest.fixture
def files(tmp_path, monkeypatch):
    """The files that the examples name, small and made up."""
    monkeypatch.chdir(tmp_path)
    enough = 8  # to publish without small counts; the last row has a day that no month has
    rows = {
        "date": [f"2024-03-{day:02}" for day in range(1, enough + 1)] + ["2024-02-30"],
        "lat": [15.92] * enough + [14.03],
        "lon": [2.40] * enough + [-0.03],
        "lieu": ["Ménaka"] * enough + ["Dori"],
    }
    pd.DataFrame(rows).to_excel("incidents.xlsx", index=False)
    units = sg.load_boundaries(level=2)
    pd.DataFrame({"pcode": units["unit_id"], "people": 50_000}).to_csv("people.csv", index=False)
    for code, lat, lon in (("ML", 16.0, 2.0), ("NE", 14.0, 5.0), ("BF", 12.5, -1.5)):
        with zipfile.ZipFile(f"{code}.zip", "w") as archive:
            archive.writestr(f"{code}.txt", GEONAMES.format(lat=lat, lon=lon, code=code))


def test_the_tutorial_runs_from_start_to_end(files):
    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    names = {}
    for block in re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL):
        exec(compile(block, "tutorial.md", "exec"), names)
    assert names["panel"]["incidents"].sum() == len(names["incidents"]) == 78
    assert Path("pages/report.zip").is_file()
    assert "hidden" in Path("safe/index.html").read_text(encoding="utf-8")


def test_the_french_page_runs_too(files):
    text = (ROOT / "docs" / "demarrer.md").read_text(encoding="utf-8")
    names = {}
    for block in re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL):
        exec(compile(block, "demarrer.md", "exec"), names)
    assert Path("carte.html").is_file()
    assert Path("carte.png").is_file()


def test_the_answers_of_the_how_to_run_one_after_another(files):
    names = {}
    for block in re.findall(r"```python\n(.*?)```", HOW_TO, flags=re.DOTALL):
        exec(compile(block, "how-to.md", "exec"), names)
    assert names["panel"]["incidents"].sum() == names["placed"]["unit_id"].notna().sum()
    assert len(names["rates"]) == len(names["exact"]) == 165
    assert Path("map.html").stat().st_size > 100_000


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: page.name)
def test_every_link_and_picture_of_a_page_exists(page):
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)|src=\"([^\"]+)\"", text)
    inside = ["".join(each) for each in targets if "://" not in "".join(each)]
    built = {"notebooks"}  # written when the documentation is built
    for target in inside:
        path = (page.parent / target).resolve()
        if path.parent.name in built:
            path = ROOT / "notebooks" / path.name
        assert path.exists(), f"{page.name} -> {target}"


def test_every_public_name_is_in_the_reference():
    text = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    shown = re.findall(r"^::: (\S+)$", text, flags=re.MULTILINE)
    assert len(shown) == len(set(shown))
    missing = []
    for name, home in sg._HOME.items():
        module = f"sahel_geo.{home}"
        whole = any(each.startswith(module) for each in shown)
        if not (whole if name in sg._MODULES else f"{module}.{name}" in shown):
            missing.append(name)
    assert not missing


def test_every_page_and_notebook_is_in_the_navigation():
    settings = (ROOT / "tools" / "mkdocs.yml").read_text(encoding="utf-8")
    nav = re.findall(r": (\S+\.(?:md|ipynb))$", settings, flags=re.MULTILINE)
    docs = ROOT / "docs"
    pages = {path.relative_to(docs).as_posix() for path in docs.rglob("*.md")}
    notebooks = {f"notebooks/{path.name}" for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert sorted(nav) == sorted(pages | notebooks)


def test_a_page_that_fetches_something_is_found_out(tmp_path):
    spec = importlib.util.spec_from_file_location("check", ROOT / "tools" / "check_offline.py")
    check = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(check)
    harmless = '<a href="https://example.org">a</a><link rel="canonical" href="https://e.org">'
    (tmp_path / "good.html").write_text(f'{harmless}<img src="a.png">', encoding="utf-8")
    assert check.addresses(tmp_path) == []
    for text in (
        "<script src='https://e.org/a.js'></script>",
        "<img alt=x src=//e.org/a.png>",
        "<link href='https://e.org/a.css' rel=stylesheet>",
        "<style>@font-face{src:url(https://e.org/f)}</style>",
        '<script>import("https://e.org/m.js")</script>',
    ):
        (tmp_path / "bad.html").write_text(text, encoding="utf-8")
        assert len(check.addresses(tmp_path)) == 1, text
