"""People on the command line: rates on every map, and a warning where a table cannot be right."""

import pandas as pd
import pytest
from typer.testing import CliRunner

import sahel_geo as sg
from sahel_geo.cli import app


def run(*arguments):
    return CliRunner().invoke(app, [str(each) for each in arguments])


@pytest.fixture
def incidents(tmp_path):
    units = sg.load_boundaries(1, countries="NER").set_index("name")
    at = units.loc["Tillabéri"].geometry.representative_point()
    days = pd.date_range("2022-01-01", "2022-12-31", periods=30)
    path = tmp_path / "incidents.csv"
    table = pd.DataFrame({"date": days, "latitude": at.y, "longitude": at.x, "country": "Niger"})
    table.to_csv(path, index=False)
    return path


@pytest.fixture
def strange(tmp_path):
    """The published number of a region, given to Niamey."""
    people = sg.load_population(1).set_index("unit_id")["at_least"]
    table = people[people.index.str.startswith("NE")].rename("T_TL").reset_index()
    table.loc[table["unit_id"] == "NE008", "T_TL"] = 4_950_000
    path = tmp_path / "people.csv"
    table.rename(columns={"unit_id": "ADM1_PCODE"}).to_csv(path, index=False)
    return path


def test_a_map_of_incidents_has_rates_per_person(incidents, tmp_path):
    told = run("map", incidents, "--level", 1, "--lang", "en", "--out", tmp_path / "m.html")
    assert told.exit_code == 0, told.output
    page = (tmp_path / "m.html").read_text(encoding="utf-8")
    assert '"key":"per_100k_year"' in page
    assert "Cadre Harmonisé, 2020" in page
    assert "no rate per person there" in page  # the towns of Maradi and Zinder are missing


@pytest.mark.parametrize("command", ["map", "indicators"])
def test_people_of_ones_own_that_can_hardly_be_right_are_warned_of(
    incidents, strange, tmp_path, command
):
    out = tmp_path / ("m.html" if command == "map" else "i.csv")
    told = run(
        command, incidents, "--people", f"{strange}:T_TL", "--level", 1, "--lang", "en",
        "--out", out,
    )  # fmt: skip
    assert told.exit_code == 0, told.output
    assert "can hardly be right in Niamey" in told.stderr
    told = run("map", strange, "--column", "T_TL", "--lang", "fr", "--out", tmp_path / "p.html")
    assert told.exit_code == 0, told.output
    assert "peu vraisemblable pour Niamey" in told.stderr
