"""The same answers whatever the system's encoding, line ends, and the names of folders."""

import os
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.cli.terminal.output import _plain
from sahel_geo.files import write_csv, write_text
from sahel_geo.maps.report.config import read_config

ROOT = Path(__file__).resolve().parents[1]
ROWS = "date;latitude;longitude;lieu;décès\n" + "".join(
    f"{day:02}/03/2024;{lat};{lon};{place};{day}\n"
    for day in range(1, 6)
    for lat, lon, place in (("15,92", "2,40", "Ménaka"), ("14,03", "-0,03", "Dori"))
)
# Commands one after another in one process, since starting takes longer than most of them.
JOBS = """
import sys
from sahel_geo.cli import main
print("FS", sys.getfilesystemencoding(), sys.flags.utf8_mode)
for line in sys.stdin.buffer.read().decode("utf-8").splitlines():
    words = line.split("|")
    sys.argv = ["sahel-geo", *(word.encode("utf-8").decode(sys.getfilesystemencoding(),
                "surrogateescape") for word in words)]
    try:
        main()
    except SystemExit as left:
        print("CODE", left.code, words[0], flush=True)
"""
FOLDER = "sortie d'été"
COMMANDS = [
    f"check|{FOLDER}/incidents à vérifier.csv",
    f"assign|{FOLDER}/incidents à vérifier.csv|--out|{FOLDER}/placé.csv",
    f"indicators|{FOLDER}/incidents à vérifier.csv|--level|1|--out|{FOLDER}/par région.csv",
    f"map|{FOLDER}/habitants.csv|--column|habitants|--out|{FOLDER}/carte.html|--png|{FOLDER}/é.png",
    f"example|{FOLDER}/exemple",
    "doctor|--json",
]


EXPORTS = """
import sys
from pathlib import Path
import sahel_geo as sg
from sahel_geo.maps.report.exports import write_exports
(folder,) = Path().glob("sortie*")
units = sg.load_boundaries(level=0).assign(number=[1.0, 2.0, 3.0])
for file in write_exports(units, ["number"], folder):
    print(file.suffix)
"""


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / FOLDER
    folder.mkdir()
    (folder / "incidents à vérifier.csv").write_bytes(ROWS.replace("\n", "\r\n").encode("cp1252"))
    (folder / "habitants.csv").write_text("région;habitants\nGao;7\nMénaka;2\n", encoding="utf-8")
    return tmp_path


def run(home, commands, jobs=JOBS, **environment):
    return subprocess.run(
        [sys.executable, "-c", jobs],
        input="\n".join(commands).encode("utf-8"),
        cwd=home,
        env={**os.environ, "PYTHONPATH": str(ROOT), "SAHEL_GEO_LANG": "fr", **environment},
        capture_output=True,
        check=False,
    )


C_LOCALE = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"}
only_posix = pytest.mark.skipif(os.name != "posix", reason="the C locale is one of POSIX")


@only_posix
def test_the_main_jobs_run_in_the_c_locale_in_a_folder_with_accents(home):
    done = run(home, COMMANDS, **C_LOCALE)
    printed = done.stdout.decode("utf-8")
    assert printed.startswith("FS ascii 0") or sys.platform == "darwin", printed
    codes = [line for line in printed.splitlines() if line.startswith("CODE")]
    assert codes == [f"CODE None {line.split('|')[0]}" for line in COMMANDS], done.stderr.decode()
    assert "Écrit sortie d'été/carte.html" in printed
    folder = home / FOLDER
    placed = pd.read_csv(folder / "placé.csv")
    assert placed["place"].tolist()[:2] == ["Ménaka", "Dori"]
    assert placed["source"].unique().tolist() == ["incidents à vérifier.csv"]
    assert pd.read_csv(folder / "par région.csv")["incidents"].sum() == 10
    assert (folder / "é.png").read_bytes().startswith(b"\x89PNG")
    html = (folder / "carte.html").read_text(encoding="utf-8")
    assert "Ménaka" in html
    assert (folder / "exemple" / "notebooks" / "01-first-map.ipynb").is_file()


@only_posix
def test_files_for_other_programs_are_written_there_too(home):
    done = run(home, [], EXPORTS, **C_LOCALE)
    assert done.returncode == 0, done.stderr.decode()
    folder = home / FOLDER
    assert len(gpd.read_file(folder / "indicators.gpkg", layer="units")) == 3
    assert len(pd.read_parquet(folder / "indicators.parquet")) == 3
    assert len(pd.read_csv(folder / "indicators.csv")) == 3


@pytest.mark.parametrize(("encoding", "words"), [("cp1252", "Écrit"), ("cp850", "Écrit")])
def test_a_terminal_of_windows_takes_every_sentence(home, encoding, words):
    jobs = [COMMANDS[1], COMMANDS[0], "map|absent.csv|--column|x", "--help"]
    done = run(home, jobs, PYTHONIOENCODING=encoding)
    printed = done.stdout.decode(encoding)
    assert words in printed
    assert "décès, estimation" in printed
    assert "CODE 2 map" in printed
    assert "absent.csv' n'existe pas" in done.stderr.decode(encoding).replace("’", "'")
    assert b"Traceback" not in done.stderr


def test_letters_that_a_stream_lacks_are_written_as_near_as_they_come():
    assert _plain("« d’ici »\N{NARROW NO-BREAK SPACE}: −5 → œuvre, Ségou…") == (
        '" d\'ici " : -5 -> oeuvre, Segou...'
    )
    assert _plain("日") == "?"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_line_ends_and_encodings_change_no_row(tmp_path, newline, encoding):
    file = tmp_path / "un fichier à lire.csv"
    file.write_bytes(ROWS.replace("\n", newline).encode(encoding))
    incidents = sg.read_incidents(file)
    assert (len(incidents), len(incidents.quarantine)) == (10, 0)
    assert incidents["place"].unique().tolist() == ["Ménaka", "Dori"]
    assert incidents["fatalities_best"].sum() == 30


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_line_ends_change_nothing_in_tables_of_units_and_settings(tmp_path, newline):
    units = sg.load_boundaries(level=1)
    table = tmp_path / "par région.csv"
    table.write_bytes(f"région;gens{newline}Gao;7{newline}Ménaka;2{newline}".encode())
    assert sg.read_unit_table(table, units).values["gens"].tolist() == [7, 2]
    settings = tmp_path / "report.toml"
    settings.write_bytes(f'lang = "fr"{newline}level = 1{newline}'.encode())
    assert read_config(settings).level == 1


def test_every_written_text_has_unix_line_ends_and_utf8_wherever_it_is_written(tmp_path):
    text = write_text(tmp_path / "é.html", "Ménaka\n")
    table = write_csv(tmp_path / "é.csv", pd.DataFrame({"nom": ["Ménaka"]}))
    assert text.read_bytes() == "Ménaka\n".encode()
    assert table.read_bytes() == "\ufeffnom\nMénaka\n".encode()
