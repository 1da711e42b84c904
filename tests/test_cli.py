"""The command line: what it prints, what it writes, and its exit codes."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.command_help import pages_of_help

ROOT = Path(__file__).resolve().parents[1]
GOOD = """date,latitude,longitude,place,fatalities
2024-03-01,15.92,2.40,Ménaka,3
2024-03-09,14.03,-0.03,Dori,0
"""


@pytest.fixture
def run(command_line):
    return command_line


@pytest.fixture
def process(tmp_path):
    """Run the command line as a process of its own."""

    def call(*arguments, lang=""):
        return subprocess.run(
            [sys.executable, "-m", "sahel_geo.cli", *map(str, arguments)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "SAHEL_GEO_LANG": lang, "LC_ALL": lang},
            check=False,
        )

    return call


def test_report_from_the_embedded_catalogue(process, tmp_path):
    done = process("report", "--lang", "en")
    assert done.returncode == 0, done.stderr
    assert "Incidents on the map" in done.stdout
    assert "78" in done.stdout
    folder = tmp_path / "outputs" / "maps"
    names = sorted(page.name for page in folder.iterdir())
    assert {"central-sahel.html", "index.html", "menaka-tri-border.html"} < set(names)
    assert {"hot-spots.html", "summary.json", "report.toml", "report.zip"} < set(names)
    assert sum(page.stat().st_size for page in folder.glob("*.html")) < 3_000_000
    assert (folder / "central-sahel.html").stat().st_size < 1_500_000


def test_report_as_json_follows_every_row(run, tmp_path):
    (tmp_path / "incidents.csv").write_text(
        GOOD + "2024-13-45,14.0,0.0,Nulle part,1\n2024-05-01,48.85,2.35,Paris,0\n", encoding="utf-8"
    )
    done = run("report", "incidents.csv", "--json", "--out", "pages", "--max-set-aside", "0.5")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    steps = summary["steps"]
    assert (steps["read"], steps["set_aside"], steps["kept"]) == (4, 1, 3)
    assert (steps["outside"], steps["mapped"]) == (1, 2)
    assert steps["set_aside_reasons"] == {"impossible_date": 1}
    assert summary["pages"][1] == "pages/central-sahel.html"
    assert "pages/report.zip" in summary["files"]
    settings = (tmp_path / "pages" / "report.toml").read_text(encoding="utf-8")
    assert 'incidents = "incidents.csv"' in settings  # a name, and no folder of whoever made it
    again = run("report", "--config", "pages/report.toml", "--out", "again", "--max-set-aside", "1")
    assert again.returncode == 0, again.stderr
    first, second = (tmp_path / name / "report.zip" for name in ("pages", "again"))
    assert first.read_bytes() == second.read_bytes()


def test_check_prints_the_quality_report_and_writes_the_quarantine(run, tmp_path):
    (tmp_path / "incidents.csv").write_text(
        GOOD + "2024-02-30,14.0,1.0,=cmd(),1\n", encoding="utf-8"
    )
    done = run("check", "incidents.csv", "--lang", "en", "--quarantine", "aside.csv")
    assert done.returncode == 1, "one row of three is more than five percent"
    assert "33.3% of the rows are set aside, more than the limit of 5%." in done.stderr
    aside = (tmp_path / "aside.csv").read_text(encoding="utf-8-sig")
    assert "impossible_date" in aside
    assert "'=cmd()" in aside
    as_json = run("check", "incidents.csv", "--json", "--max-set-aside", "1")
    assert as_json.returncode == 0
    assert json.loads(as_json.stdout)["rows_set_aside"] == 1


def test_check_counts_incidents_outside_the_country_that_they_state(run, tmp_path):
    # Djibo, Kaya and Dori in Burkina Faso, all but Kaya without the minus of their longitude
    rows = ["1.63,14.1", "-1.08,13.09", "0.03,14.03", ","]
    lines = [f"2024-01-0{day},Burkina Faso,{row},1" for day, row in enumerate(rows, 1)]
    (tmp_path / "east.csv").write_text("\n".join(["date,country,lon,lat,deaths", *lines]))
    told = run("check", "east.csv", "--lang", "en").stdout
    said = "1 incident lies outside the country that it states, by more than 10 km"
    assert said in " ".join(told.split())
    notes = json.loads(run("check", "east.csv", "--json").stdout)["notes"]
    assert [note for note in notes if "1 incident se trouve à plus de 10 km du pays" in note]
    regions = "date,region,lon,lat\n2024-01-01,Kayes,11.4,14.4\n2024-01-02,Sahel,-0.03,14.03\n"
    (tmp_path / "regions.csv").write_text(regions)
    assert said in " ".join(run("check", "regions.csv", "--lang", "en").stdout.split())
    (tmp_path / "west.csv").write_text("date,country,lon,lat,deaths\n2024-01-01,BFA,-1.63,14.1,1\n")
    assert "10 km" not in run("check", "west.csv", "--lang", "en").stdout


def test_a_file_about_elsewhere_writes_an_index_and_says_so(run, tmp_path):
    (tmp_path / "paris.csv").write_text("date,lat,lon\n2024-05-01,48.85,2.35\n", encoding="utf-8")
    done = run("report", "paris.csv", "--lang", "en", "--level", "0")
    assert done.returncode == 1
    assert "No incident could be placed" in done.stderr
    names = {page.name for page in (tmp_path / "outputs" / "maps").iterdir()}
    assert {"index.html", "quality.html"} < names
    assert not names & {"central-sahel.html", "indicators.csv"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["report", "missing.csv"], "missing.csv"),
        (["check", "empty.csv"], "empty"),
        (["report", "--zone", "menaka-tri-borders"], "menaka-tri-border"),
    ],
)
def test_unusable_input_is_one_message_and_code_2(run, tmp_path, arguments, message):
    (tmp_path / "empty.csv").touch()
    done = run(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "outputs").exists()


def test_escape_sequences_in_a_file_do_not_reach_the_terminal(process, tmp_path):
    (tmp_path / "evil.csv").write_text(GOOD.replace("Dori", "\x1b[2J\x07"), encoding="utf-8")
    done = process("check", "evil.csv")
    assert "\x1b" not in done.stdout + done.stderr
    assert "\x07" not in done.stdout + done.stderr


def test_help_and_version(run):
    assert "report" in run("--help").stdout
    assert run("--version").stdout.startswith("sahel-geo ")


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["report"],
        ["check"],
        ["geocode"],
        ["assign"],
        ["indicators"],
        ["map"],
        ["forecast"],
        ["alerts"],
        ["boundaries", "check"],
        ["boundaries", "compare"],
    ],
)
def test_help_has_examples_in_the_language_of_the_system(command):
    french, english = (
        pages_of_help(SAHEL_GEO_LANG=lang, LC_ALL=lang)[" ".join(command)]
        for lang in ("fr_FR.UTF-8", "C.UTF-8")
    )
    assert "Exemples\u202f:" in french
    assert "Examples:" in english
    assert f"sahel-geo {' '.join(command)}" in english


@pytest.mark.parametrize("lang", ["fr_FR.UTF-8", "C.UTF-8"])
def test_what_an_option_takes_is_a_word_and_no_type(lang):
    for text in pages_of_help(SAHEL_GEO_LANG=lang, LC_ALL=lang).values():
        taken = re.findall(r"^ +(?:--\w\S*|\w+) (<[^>]*>)", text, re.MULTILINE)
        types = re.compile(r"[\[\]]|str|int\b|float|path", re.IGNORECASE)
        assert not list(filter(types.search, taken))


def test_completion_is_offered_for_the_shell(process, monkeypatch):
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")  # whoever runs the test
    done = process("--show-completion", "bash")
    assert done.returncode == 0
    assert "complete" in done.stdout


def test_assign_writes_the_unit_of_each_row(run, tmp_path):
    (tmp_path / "incidents.csv").write_text(
        GOOD + "2024-05-01,48.85,2.35,=Paris(),0\n", encoding="utf-8"
    )
    done = run("assign", "incidents.csv", "--level", "1", "--out", "placed.csv", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "read": 3,
        "set_aside": 0,
        "kept": 3,
        "placed": 2,
        "outside_units": 1,
        "written": ["placed.csv"],
    }
    written = pd.read_csv(tmp_path / "placed.csv")
    assert written["unit_id"].tolist()[:2] == ["ML10", "BF56"]
    assert written["unit_id"].isna().tolist() == [False, False, True]
    assert "'=Paris()" in (tmp_path / "placed.csv").read_text(encoding="utf-8-sig")


def test_indicators_speak_of_the_countries_that_the_file_names(run, tmp_path):
    (tmp_path / "incidents.csv").write_text(
        "date,latitude,longitude,country\n2024-03-01,15.92,2.40,MLI\n2024-03-02,14.03,-0.03,MLI\n",
        encoding="utf-8",
    )
    done = run("indicators", "incidents.csv", "--level", "1", "--json", "--measure", "rates")
    assert done.returncode == 0, done.stderr
    numbers = json.loads(done.stdout)
    assert (numbers["placed"], numbers["elsewhere"], numbers["units"]) == (1, 1, 10)
    written = pd.read_csv(tmp_path / "indicators.csv").set_index("unit_id")
    assert set(written["country"]) == {"MLI"}
    assert written["incidents"].sum() == 1
    assert written.loc["ML10", "incidents"] == 1


def test_a_table_of_ones_own_becomes_a_map(run, tmp_path):
    (tmp_path / "people.csv").write_text(
        "région;habitants\nGao;712 000\nMenaka;318 000\nAtlantis;3\n", encoding="utf-8"
    )
    arguments = ("map", "people.csv", "--column", "habitants", "--level", "1", "--lang", "en")
    done = run(*arguments)
    assert done.returncode == 1, "one row of three has no unit"
    assert "Atlantis (row 4, unmatched)" in done.stderr
    assert "712000" in (tmp_path / "map.html").read_text(encoding="utf-8")
    assert run(*arguments, "--max-set-aside", "0.5", "--out", "b.html").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "nearest"),
    [
        (["map", "people.csv", "--column", "habitant", "--level", "1"], "'habitants'"),
        (["map", "people.csv", "--column", "habitants", "--unit", "region"], "'région'"),
        (["indicators", "incidents.csv", "--measure", "ratez"], "'rates'"),
        (["report", "incidents.csv", "--zone", "menaka"], "'menaka-tri-border'"),
    ],
)
def test_typos_are_answered_with_the_nearest_name(run, tmp_path, arguments, nearest):
    (tmp_path / "people.csv").write_text("région;habitants\nGao;7\n", encoding="utf-8")
    (tmp_path / "incidents.csv").write_text(GOOD, encoding="utf-8")
    done = run(*arguments)
    assert done.returncode == 2
    assert f"Did you mean {nearest}?" in done.stderr
    assert not list(tmp_path.glob("*.html"))


def test_french_users_are_told_in_french_what_is_wrong(run):
    done = run("check", "missing.csv", lang="fr")
    assert done.returncode == 2
    assert done.stderr.startswith("sahel-geo\u202f: 'missing.csv' n’existe pas.")


MONTHS = [f"{year}-{month:02d}-03" for year in (2022, 2023) for month in range(1, 13)]
BOTH_SIDES = "date,latitude,longitude,country,fatalities\n" + "".join(
    f"{day},15.92,2.40,MLI,2\n{day},14.21,1.45,NER,1\n{day},14.03,-0.03,BFA,1\n" for day in MONTHS
)


def test_indicators_of_every_kind_are_reached(run, tmp_path):
    (tmp_path / "i.csv").write_text(BOTH_SIDES, encoding="utf-8")
    codes = pd.read_csv(ROOT / "boundaries" / "units.csv")["adm1_pcode"].dropna().unique()
    tables = pd.DataFrame({"pcode": codes, "people": 100_000, "phase": 2.0})
    tables.to_csv(tmp_path / "t.csv", index=False)
    names = ("rates", "exposure", "hotspots", "emerging", "risk", "scdi", "spillover")
    asked = [part for name in names for part in ("--measure", name)]
    given = ("--people", "t.csv:people", "--vulnerability", "t.csv:phase", "--level", "1")
    done = run("indicators", "i.csv", *asked, *given, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    files = ["indicators.csv", "indicators-scdi.csv", "indicators-spillover.csv"]
    assert told["written"] == files
    assert "débordement" in told["sentence"]
    table = pd.read_csv(tmp_path / "indicators.csv").set_index("unit_id")
    assert {"per_100k_year", "foreign_share", "gi_kind", "emerging_kind", "risk"} <= set(table)
    assert table["risk"].idxmax() in {"ML10", "NE006", "BF56"}
    cells = pd.read_csv(tmp_path / "indicators-scdi.csv")
    assert cells["incidents"].sum() == len(MONTHS) * 3
    measures = pd.read_csv(tmp_path / "indicators-spillover.csv")
    assert {"figure", "baseline", "lower", "upper", "verdict"} <= set(measures)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--measure", "risk", "--level", "3"], "`people` is not given; expected people by unit"),
        (["--measure", "spilover"], "Did you mean 'spillover'?"),
        (["--people", "people.csv"], "expected FILE:COLUMN"),
    ],
)
def test_what_a_measure_lacks_is_named(run, tmp_path, arguments, message):
    (tmp_path / "i.csv").write_text(BOTH_SIDES, encoding="utf-8")
    level = () if "--level" in arguments else ("--level", "1")
    done = run("indicators", "i.csv", *level, *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert not (tmp_path / "indicators.csv").exists()


def test_a_map_is_also_a_picture(run, tmp_path):
    (tmp_path / "people.csv").write_text("région;habitants\nGao;7\nMénaka;3\n", encoding="utf-8")
    arguments = ("map", "people.csv", "--column", "habitants", "--level", "1")
    done = run(*arguments, "--png", "people.png", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["written"] == ["map.html", "people.png"]
    assert (tmp_path / "people.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert run(*arguments, "--png", "people.bmp").returncode == 2


def test_typos_in_commands_and_options_are_answered(run):
    for arguments, near in ((["reprot"], "'report'"), (["report", "--zon", "x"], "--zone")):
        done = run(*arguments)
        assert done.returncode == 2
        assert near in done.stderr


def test_shares_are_written_as_the_language_does(run, tmp_path):
    (tmp_path / "i.csv").write_text(GOOD + "2024-02-30,14.0,1.0,x,1\n", encoding="utf-8")
    done = run("check", "i.csv", "--lang", "fr")
    assert "33,3\u202f% des lignes sont mises de côté" in done.stderr


def test_a_safe_report_is_asked_for_on_the_command_line(run, tmp_path):
    (tmp_path / "i.csv").write_text(BOTH_SIDES, encoding="utf-8")
    done = run("report", "i.csv", "--publish", "safe", "--least", "30", "--level", "1", "--json")
    assert done.returncode == 0, done.stderr
    settings = (tmp_path / "outputs" / "maps" / "report.toml").read_text(encoding="utf-8")
    assert 'publish = "safe"\nleast = 30' in settings
    assert json.loads(done.stdout)["findings"] == {
        "refused": dict.fromkeys(
            ("hot", "emerging", "draws", "spillover", "comparison", "risk"), "safe"
        )
    }
