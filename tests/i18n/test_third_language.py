"""A third language is one more catalogue: errors, a map, a report and help are said in it."""

import os
import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
FRENCH = ROOT / "sahel_geo" / "i18n" / "locales" / "fr.po"
RUN = """
import sys
from pathlib import Path
from sahel_geo.i18n import language
language.FOLDER = Path(sys.argv[1])  # before anything else reads a catalogue
import sahel_geo as sg
from sahel_geo.cli import main
from sahel_geo.errors import FileError, why
out = Path(sys.argv[2])
print(language.languages())
error = FileError("cannot read {file!r}: {why}.", file="x", why=why(PermissionError(13, "")))
print(error.say("pt"))
units = sg.load_boundaries(level=1)
units["per_1000km2"] = [1234.5 + at for at in range(len(units))]
sg.save_map(sg.choropleth(units, "per_1000km2", lang="pt"), out / "map.html")
print(sg.write_report(sg.load_example_incidents(), units, out / "report", lang="pt").files)
sys.argv = ["sahel-geo", "--lang", "pt", "check", "--help"]
main()
"""


def words_of(path):
    """What a page says, without its scripts and styles."""
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", text, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", " ", text))


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    """Everything said in a language that puts each text between signs of its own."""
    folder, out = tmp_path_factory.mktemp("locales"), tmp_path_factory.mktemp("out")
    shutil.copy(FRENCH, folder)
    catalogue = Catalog(locale="pt")
    with FRENCH.open("rb") as file:
        for message in read_po(file):
            if message.id:
                plural = isinstance(message.id, tuple)
                said = tuple(f"‹{each}›" for each in message.id) if plural else f"‹{message.id}›"
                catalogue.add(message.id, said, context=message.context)
    with (folder / "pt.po").open("wb") as file:
        write_po(file, catalogue)
    done = subprocess.run(
        [sys.executable, "-c", RUN, folder, out],
        capture_output=True, text=True, encoding="utf-8", check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout, out


def test_it_is_found_and_errors_are_said_in_it(spoken):
    printed, _ = spoken
    assert printed.startswith("('fr', 'en', 'pt')")
    assert "‹cannot read 'x': ‹Permission denied›.›" in printed


def test_a_map_speaks_it(spoken):
    _, out = spoken
    page = (out / "map.html").read_text(encoding="utf-8")
    assert '<html lang="pt">' in page
    assert 'aria-label="PT, português" aria-pressed="true"' in page
    assert 'aria-label="FR, français" aria-pressed="false"' in page
    shown = words_of(out / "map.html")
    assert "‹This map needs JavaScript.›" in shown
    assert '"no_data": "‹No data›"' in page or '"no_data":"‹No data›"' in page


@pytest.mark.parametrize("name", ["index", "hot-spots", "spillover", "quality"])
def test_pages_of_a_report_speak_it(spoken, name):
    _, out = spoken
    shown = words_of(out / "report" / f"{name}.html")
    assert "‹Overview›" in shown
    french = {"Vue d’ensemble", "Points chauds", "Méthodes", "Deux périodes", "Débordement"}
    assert not {word for word in french if word in shown}
    shown = shown.replace("Ménaka and the three borders", "")  # a zone has two names
    bare = re.sub(r"‹[^‹›]*›", " ", shown)
    while bare != shown:
        shown, bare = bare, re.sub(r"‹[^‹›]*›", " ", bare)
    assert not re.search(r"\b(the|is|are|which|of this|incidents in)\b", bare), bare


def test_help_speaks_it(spoken):
    printed, _ = spoken
    assert "‹Options:›" in printed
    assert "Afficher" not in printed
