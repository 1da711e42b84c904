"""What the command line says to inputs that cannot be used, in French and in English."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from typer.main import get_command

from sahel_geo.cli import app, main
from sahel_geo.cli.terminal.words import help_language
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.indicators.spillover.measures import Row
from sahel_geo.indicators.spillover.spillover import SpilloverSummary
from sahel_geo.places.boundaries.boundaries import load_boundaries
from tests.command_help import pages_of_help

ROOT = Path(__file__).resolve().parents[1]

GOOD = "date,latitude,longitude,place,fatalities\n2024-03-01,15.92,2.40,Ménaka,3\n"
MONTHS = "date,latitude,longitude,country,fatalities\n" + "".join(
    f"{year}-{month:02d}-0{day},{place},{2 + day}\n"
    for year in (2022, 2023)
    for month in range(1, 13)
    for day, place in ((3, "15.92,2.40,MLI"), (4, "14.21,1.45,NER"), (5, "14.03,-0.03,BFA"))
)
FILES = {
    "good.csv": GOOD,
    "months.csv": MONTHS,
    "empty.csv": "",
    "header.csv": "date,latitude,longitude\n",
    "columns.csv": "alpha,beta\n2024-03-01,Gao\n",
    "swapped.csv": "date,latitude,longitude,country\n" + "2024-03-01,2.40,15.92,MLI\n" * 9,
    "metres.csv": "date,latitude,longitude\n" + "2024-03-01,1780000.5,330000.2\n" * 9,
    "page.csv": "<html><body>Log in</body></html>",
    "paper.csv": "%PDF-1.7 x",
    "old.xls": b"\xd0\xcf\x11\xe0 x",
    "binary.csv": bytes(range(1, 32)) * 99,
    "broken.json": '{"type": "FeatureCollection", "features": [{"type"',
    "other.json": '{"a": 1}',
    "broken.parquet": b"PAR1 not one",
    "broken.xlsx": b"PK\x03\x04 not one",
    "people.csv": "région;habitants\nGao;712 000\nMénaka;318 000\n",
    "twice.csv": "région;habitants\nGao;1\nGao;2\n",
    "letters.csv": "région;habitants\nGao;1\nMénaka;2\nKidal;3\nMopti;4\nSégou;many\n",
    "noplace.csv": "a;b\nParis;1\nLyon;2\n",
    "negative.csv": "région;habitants\nGao;-5\n",
    "texts.csv": "région;habitants\nGao;beaucoup\n",
    "noise.toml": "level = [",
    "typo.toml": 'zon = "none"\nlevel = "deux"\nbefore = 3\n',
    "levels.toml": "level = 7\n",
    "seed.toml": "seed = -1\n",
    "named.csv": "région;name\nGao;1\n",
    "publish.toml": 'publish = "secret"\n',
    "places.txt": "just one column\n",
    "lists.csv": "a,b\n1,2\n",
    "broken.shp": b"\x00\x00\x27\x0a not one",
    "aside.csv": GOOD + "2024-13-45,14,0,x,1\n,14,0,x,1\n2030-01-01,14,0,x,1\n2024-05-01,,,,1\n"
    "2024-05-02,14,0,x,-2\n2024-05-03,0,0,x,2\n2024-05-04,14,zero,x,2\n2024-05-05,14\n",
    "unmatched.csv": "région;habitants\nGao;1\nMénaka;2\nAtlantis;3\n;4\n",
    "names.csv": "date,place\n2024-05-01,Ansongo\n2024-05-01,à 30 km de Gao\n2024-05-02,Nulle\n",
    "plain.geojson": '{"type": "FeatureCollection", "features": []}',
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("bad")
    for name, content in FILES.items():
        data = content if isinstance(content, bytes) else content.encode()
        (path / name).write_bytes(data)
    with zipfile.ZipFile(path / "docs.zip", "w") as archive:
        archive.writestr("word/document.xml", "x")
    (path / "cut.zip").write_bytes((path / "docs.zip").read_bytes()[:60])
    squares = [shapely.box(x, 14, x + 1, 15) for x in (0, 1)]
    unnamed = gpd.GeoDataFrame({"a": [1, 2]}, geometry=squares, crs=4326)
    unnamed.to_file(path / "unnamed.gpkg", layer="first")
    unnamed.to_file(path / "layers.gpkg", layer="first")
    unnamed.to_file(path / "layers.gpkg", layer="second")
    elsewhere = unnamed.assign(pcode=["FR01", "FR02"], name=["Ain", "Aisne"])
    elsewhere.to_file(path / "elsewhere_adm1.geojson")
    elsewhere.to_file(path / "nocrs_adm1.shp")
    (path / "nocrs_adm1.prj").unlink()
    crossed = shapely.Polygon([(0, 14), (1, 15), (1, 14), (0, 15)])
    elsewhere.assign(geometry=[crossed, squares[0]]).to_file(path / "crossed_adm1.geojson")
    return path


@pytest.fixture
def run(folder, monkeypatch, capsys):
    """Run a command in this process; gives its exit code and what it said."""

    def call(*arguments, lang):
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", ["sahel-geo", *arguments, "--lang", lang])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return call


CASES = {
    # words of the command
    "no such command": "reprot",
    "no such option": "report --levle 2",
    "no value": "report --zone none --seed",
    "needless value": "report --json=3",
    "too much": "check good.csv other.csv",
    "nothing given": "check",
    "no column named": "map people.csv",
    "level too high": "report --level 8",
    "level too low": "assign good.csv --level -1",
    "level in letters": "assign good.csv --level deux",
    "share too high": "check good.csv --max-set-aside 7",
    "share in letters": "check good.csv --max-set-aside x",
    "no such period": "indicators good.csv --period fortnight",
    "boundary command": "boundaries chek x.zip",
    # files of incidents, read alike by every command
    **{
        f"{name} of {command}": f"{command} {name}"
        for command in ("check", "report", "assign", "geocode", "indicators")
        for name in ("missing.csv", "empty.csv", "columns.csv")
    },
    **{
        name: f"check {name}"
        for name in (".", "header.csv", "swapped.csv", "metres.csv", "page.csv", "paper.csv",
                     "old.xls", "binary.csv", "broken.json", "other.json", "broken.parquet",
                     "broken.xlsx", "docs.zip", "x\0y")
    },
    # files to write
    "quarantine below a file": "check good.csv --quarantine good.csv/x.csv",
    "out is a folder": "assign good.csv --out .",
    "a map is a folder": "map people.csv --column habitants --level 1 --out .",
    "measures are a folder": "indicators months.csv --measure scdi --out .",
    "a picture below a file": "map people.csv --column habitants --level 1 --png good.csv/x.png",
    "out below a file": "assign good.csv --out good.csv/x.csv",
    "html below a file": "check good.csv --html good.csv/x.html",
    "report below a file": "report good.csv --out good.csv/pages",
    "picture of no known kind": "map people.csv --column habitants --level 1 --png x.bmp",
    "map below a file": "map people.csv --column habitants --level 1 --out good.csv/x.html",
    # settings
    "no such zone": "report --zone menaka-tri-borders",
    "no such vintage": "report --vintage 1066",
    "no such vintage to assign": "assign good.csv --vintage 1066",
    "one month": "report months.csv --before 2023-01",
    "before alone": "report months.csv --before 2022-01:2022-12",
    "months that are none": "report months.csv --before a:b --after c:d",
    "months backwards": "report months.csv --before 2022-12:2022-01 --after 2023-01:2023-12",
    "months that overlap": "report months.csv --before 2022-01:2023-06 --after 2023-01:2023-12",
    "publish": "report --publish secret",
    "least": "report months.csv --publish safe --least 1",
    "too few to hide": "report good.csv --publish safe --least 50",
    "config missing": "report --config missing.toml",
    "config is a folder": "report --config .",
    "config is no TOML": "report --config noise.toml",
    "config with typos": "report --config typo.toml",
    "config of no level": "report --config levels.toml",
    "config of no seed": "report --config seed.toml",
    "config of no kind": "report --config publish.toml",
    # measures
    "no such measure": "indicators good.csv --measure ratez",
    "risk without tables": "indicators months.csv --level 3 --measure risk",
    "risk of little time": "indicators good.csv --level 1 --measure risk "
    "--people people.csv:habitants --vulnerability people.csv:habitants",
    "emerging of one period": "indicators good.csv --level 1 --measure emerging",
    "people without a column": "indicators months.csv --people people.csv",
    "people who are not there": "indicators months.csv --level 1 --people people.csv:personnes",
    "people below zero": "indicators months.csv --level 1 --people negative.csv:habitants",
    "people in letters": "indicators months.csv --level 1 --people letters.csv:habitants",
    # gazetteers
    "gazetteer missing": "geocode good.csv --gazetteer missing.txt",
    "gazetteer is a folder": "geocode good.csv --gazetteer .",
    "gazetteer of one column": "geocode good.csv --gazetteer places.txt",
    "gazetteer without names": "geocode good.csv --gazetteer lists.csv",
    "gazetteer is a workbook": "geocode good.csv --gazetteer broken.xlsx",
    "gazetteer is an archive": "geocode good.csv --gazetteer docs.zip",
    # tables of one's own
    "table missing": "map missing.csv --column habitants",
    "no such column": "map people.csv --column habitant --level 1",
    "column named twice": "map people.csv --column habitants --column habitants --level 1",
    "no such unit column": "map people.csv --column habitants --unit region --level 1",
    "no column of units": "map noplace.csv --column b",
    "two rows of a unit": "map twice.csv --column habitants --level 1",
    "letters among numbers": "map letters.csv --column habitants --level 1",
    "named as a column of units": "map named.csv --column name --level 1",
    "texts alone": "map texts.csv --column habitants --level 1",
    # boundaries
    "boundaries missing": "boundaries check missing.zip",
    "boundaries are a folder": "boundaries check .",
    "boundaries broken": "boundaries check broken.shp",
    "boundaries cut": "boundaries check cut.zip",
    "boundaries of documents": "boundaries check docs.zip",
    "boundaries without rows": "boundaries check plain.geojson",
    "boundaries without names": "boundaries check unnamed.gpkg",
    "boundaries in layers": "boundaries check layers.gpkg",
    "boundaries without CRS": "boundaries check nocrs_adm1.shp",
    "columns not there": "boundaries check elsewhere_adm1.geojson --name nom",
    "a fault drawn as BMP": "boundaries check crossed_adm1.geojson --map x.bmp",
    "a layer mended into CSV": "boundaries check elsewhere_adm1.geojson --repair x.csv",
    "boundaries of elsewhere": "boundaries compare elsewhere_adm1.geojson",
    "compared with nothing": "boundaries compare missing.zip",
}  # fmt: skip
# Words that French does not have.
ENGLISH = re.compile(
    r"\b(the|is|are|of|and|with|has|have|cannot|expected|not|file|files|columns?|rows?|give|leave|"
    r"out|one|which|that|this|its?|from|for|to|be|at|least|most|choose|unknown|such|more|than|"
    r"did|you|mean|check|see|there|no|names?|them|each|must|should|only|first|value|error)\b",
    re.IGNORECASE,
)
FRENCH = re.compile(
    r"\b(attendu|est|dans|des|une|pas|pour|sont|avec|fichier|voir)\b", re.IGNORECASE
)


def own_words(text):
    """Drop what is quoted: names from the input, code, options, and other programs' messages."""
    text = re.sub(r"«\s.*?\s»|`[^`]*`|\{.*?\}|\[.*?\]", " ", text, flags=re.DOTALL)
    text = re.sub(r"(?<!\w)'[^']*'(?!\w)|\"[^\"]*\"", " ", text)
    return re.sub(r"--[\w-]+|\w+=\S*|sahel-geo[\w -]*|\S+\.\w+\b", " ", text)


HARDLY_RIGHT = ("Le nombre d’habitants est peu vraisemblable", "The number of people can hardly be")


def without_warning(text):
    """Drop the line that may stand before the error where a table of people looks wrong as well."""
    lines = text.splitlines(keepends=True)
    return "".join(lines[1:] if lines[0].startswith(HARDLY_RIGHT) else lines)


@pytest.mark.parametrize("case", CASES)
def test_what_cannot_be_used_is_said_in_the_language_asked_for(run, case):
    arguments = [word.replace("\\0", "\0") for word in CASES[case].split(" ")]
    code, _, french = run(*arguments, lang="fr")
    english_code, _, english = run(*arguments, lang="en")
    assert (code, english_code) == (2, 2), french + english
    french, english = without_warning(french), without_warning(english)
    assert french.startswith("sahel-geo\u202f: ")
    assert english.startswith("sahel-geo: ")
    assert not ENGLISH.findall(own_words(french)), french
    assert not FRENCH.findall(own_words(english)), english
    assert ENGLISH.search(own_words(english)), "these words would be seen in French"
    assert max(len(french), len(english)) < 900, "an error fits on a screen"
    assert french.count("\n") == english.count("\n") == 1


SPEAKING = {
    "check": "check aside.csv --max-set-aside 1",
    "too many": "check aside.csv",
    "geocode": "geocode names.csv --out geocoded.csv",
    "assign": "assign good.csv --level 1 --out placed.csv",
    "nowhere": "assign aside.csv --level 1 --max-set-aside 1 --out placed.csv",
    "indicators": "indicators months.csv --level 1 --measure rates --out rates.csv",
    "map": "map people.csv --column habitants --level 1 --out people.html",
    "rows without a unit": "map unmatched.csv --column habitants --level 1 --out people.html",
    "faults": "boundaries check crossed_adm1.geojson",
    "mended": "boundaries check crossed_adm1.geojson --repair mended.gpkg",
    "compared": "boundaries compare nigers_adm1.geojson",
}
NAMES = re.compile(r"<[^>]*>|^  [a-z]+  ", re.MULTILINE)  # of kinds and of commands
CODES = re.compile(r"^  [a-z]+_[a-z_]+  ", re.MULTILINE)  # of reasons, beside their words


@pytest.mark.parametrize("case", SPEAKING)
def test_what_is_done_is_said_in_the_language_asked_for(run, folder, case):
    units = load_boundaries(1, countries="NER", resolution="5m")
    named = units[["unit_id", "name", "geometry"]].rename(columns={"unit_id": "pcode"})
    named.to_file(folder / "nigers_adm1.geojson")
    arguments = SPEAKING[case].split(" ")
    french, english = (run(*arguments, lang=lang) for lang in ("fr", "en"))
    assert french[0] == english[0] < 2
    assert not ENGLISH.findall(own_words(CODES.sub("", french[1] + french[2]))), french
    assert not FRENCH.findall(own_words(english[1] + english[2])), english
    assert french[1] + french[2] != english[1] + english[2]
    as_json = [run(*arguments, "--json", lang=lang)[1] for lang in ("fr", "en")]
    assert json.loads(as_json[0]) if case != "check" else as_json[0]


def test_rows_set_aside_keep_their_codes_and_say_why_in_the_language(run, folder):
    told = {}
    for lang in ("fr", "en"):
        run("check", "aside.csv", "--quarantine", "q.csv", lang=lang)
        told[lang] = pd.read_csv(folder / "q.csv")
    assert told["fr"]["reason"].tolist() == told["en"]["reason"].tolist()
    assert len(told["fr"]) == 8
    for column in ("explanation", "detail"):
        assert not ENGLISH.findall(own_words(" ".join(told["fr"][column])))
        assert ENGLISH.search(own_words(" ".join(told["en"][column])))
    first = told["fr"].iloc[0]
    assert first["detail"] == "date = '2024-13-45' n’est pas une date"
    assert first["explanation"] == "la date n’existe pas ou ne se lit pas"


def test_refused_measures_keep_their_codes_and_say_why_in_the_language(run, folder):
    told = {}
    for lang in ("fr", "en"):
        run("indicators", "good.csv", "--level", "1", "--measure", "spillover", "--out", "i.csv",
            lang=lang)  # fmt: skip
        told[lang] = pd.read_csv(folder / "i-spillover.csv")
    codes = ["measure", "question", "evidence", "verdict"]
    assert told["fr"][codes].equals(told["en"][codes])
    assert set(told["fr"]["verdict"]) == {"not measurable"}
    assert not ENGLISH.findall(" ".join(told["fr"]["detail"]))
    assert ENGLISH.search(" ".join(told["en"]["detail"]))


def test_a_reason_made_of_parts_is_said_in_french_in_a_table():
    said = Sentence("`series` has {steps} periods; expected at least {fewest} for {k} series and "
                    "{lags} lags. Take a longer record, fewer series or fewer lags.",
                    steps=9, fewest=20, k=3, lags=2)  # fmt: skip
    row = Row.unmeasured(said, "connectedness").to_dict()
    table = pd.DataFrame([{**row, "q": float("nan")}])
    found = SpilloverSummary(table, None, 3, {}, reasons={str(said): said})
    assert found.rows("en")[0]["detail"].startswith("`series` has 9 periods; expected")
    assert found.rows("fr")[0]["detail"].startswith(
        "les séries ont 9 périodes\u202f; attendu\u202f: au moins"
    )


@pytest.mark.parametrize(
    ("environment", "arguments", "french"),
    [
        ({"LC_ALL": "fr_FR.UTF-8"}, [], True),
        ({"LC_ALL": "C.UTF-8"}, [], False),
        ({"LC_ALL": "fr_FR.UTF-8", "SAHEL_GEO_LANG": "en"}, [], False),
        ({"LC_ALL": "fr_FR.UTF-8", "SAHEL_GEO_LANG": "fr"}, ["--lang", "en"], False),
        ({"LC_ALL": "C.UTF-8"}, ["--lang=fr"], True),
        ({}, ["--lang"], False),
    ],
)
def test_the_option_wins_over_the_environment_and_that_over_the_system(
    monkeypatch, environment, arguments, french
):
    for name in ("SAHEL_GEO_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["sahel-geo", "check", "x.csv", *arguments])
    assert (help_language() == "fr") is french


def commands():
    yield "", get_command(app)
    for name, command in get_command(app).commands.items():
        yield name, command
        for inner, below in getattr(command, "commands", {}).items():
            yield f"{name} {inner}", below


@pytest.mark.parametrize("name", dict(commands()))
def test_help_is_in_the_language_and_every_command_has_its_options(name):
    texts = {lang: pages_of_help("--lang", lang)[name] for lang in ("fr", "en")}
    french, _, examples = texts["fr"].partition("Exemples\u202f:")
    assert not ENGLISH.findall(own_words(NAMES.sub("", french))), french
    assert "Options\u202f:" in french
    assert f"sahel-geo {name}".strip() in examples
    assert not FRENCH.findall(own_words(texts["en"].partition("Examples:")[0]))
    if not hasattr(dict(commands())[name], "commands"):
        assert {"--lang", "--json"} <= set(re.findall(r"--\w+", french))


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("report --zone men", {"menaka-tri-border"}),
        ("report --publish ", {"full", "safe"}),
        ("assign x.csv --vintage 201", {"2012", "2016"}),
        ("indicators x.csv --measure s", {"scdi", "spillover"}),
        ("boundaries co", {"compare"}),
    ],
)
def test_the_tab_key_completes_names(words, offered):
    done = subprocess.run(
        [sys.executable, "-m", "sahel_geo.cli"], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "_SAHEL_GEO_COMPLETE": "complete_bash",
             "COMP_WORDS": f"sahel-geo {words}", "COMP_CWORD": str(len(words.split(" ")))},
    )  # fmt: skip
    assert set(done.stdout.split()) == offered
