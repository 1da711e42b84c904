"""``sahel-geo map`` of incidents: by alliance, by choice, and what it refuses."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from sahel_geo.cli import app
from sahel_geo.errors import InputError


@pytest.fixture
def file(tmp_path):
    rows = [
        ("2024-01-03", "JNIM", "Civilians", "Battles", 14.0),
        ("2024-02-03", "IS Sahel", "JNIM", "Battles", 14.0),
        ("2024-02-09", "JNIM", "Government of Burkina Faso", "Battles", 13.0),
        ("2024-03-03", "Protesters (Burkina Faso)", "", "Protests", 13.0),
        ("2024-04-03", "A name that nobody knows", "Civilians", "Battles", 13.0),
    ]
    table = pd.DataFrame(rows, columns=["date", "actor1", "actor2", "event_type", "latitude"])
    path = tmp_path / "incidents.csv"
    table.assign(longitude=-0.5, country="Burkina Faso").to_csv(path, index=False)
    return path


def draw(file, *options, lang="en"):
    out = file.with_suffix(".html")
    arguments = ["map", file, "--lang", lang, "--out", out, *options]
    told = CliRunner().invoke(app, [str(each) for each in arguments])
    return told, out.read_text(encoding="utf-8") if out.exists() else ""


def test_a_file_of_incidents_is_drawn_with_a_switch_by_alliance(file, open_page):
    told, page = draw(file)
    assert told.exit_code == 0, told.output
    assert "Shown: violence. Left out: demonstrations (1)." in told.output
    assert "A name that nobody knows" not in page
    opened, faults = open_page(file.with_suffix(".html"))
    choices = opened.locator("select[id$=_switch] option").all_inner_texts()
    assert choices[1:] == ["Incidents (per 100,000 inhabitants per year)"]
    which = opened.locator(".sg-which")
    alliances = which.locator("optgroup[label='By alliance named'] option").all_inner_texts()
    assert [name.split()[0] for name in alliances] == ["al-Qaida", "Islamic"]
    assert "2024-01-03 – 2024-04-03" in opened.content()
    assert not faults


def test_a_choice_and_a_picture(file):
    picture = file.with_suffix(".png")
    told, page = draw(file, "--actor", "jnim", "--civilians", "--png", picture, "--json", lang="fr")
    assert json.loads(told.output)["placed"] == 1
    assert "Seuls les incidents visant des civils" in page
    assert picture.stat().st_size > 10_000


@pytest.mark.parametrize(
    ("options", "match"),
    [
        (("--actor", "nonsuch"), "is the name of no actor"),
        (("--actor", "jnim", "--column", "latitude"), "--column choose from a table of units"),
        (("--civilians", "--decimal", ","), "--decimal choose from a table of units"),
        (("--event-type", "Batles"), "Did you mean 'Battles'"),
    ],
)
def test_what_cannot_be_chosen_is_refused(file, options, match):
    told, page = draw(file, *options)
    assert isinstance(told.exception, InputError)
    assert not page
    with pytest.raises(InputError, match=match):
        raise told.exception


def test_a_table_of_units_needs_a_column(tmp_path):
    table = tmp_path / "units.csv"
    table.write_text("unit,people\nDori,3\n")
    told, _ = draw(table)
    with pytest.raises(InputError, match="--column is missing"):
        raise told.exception
