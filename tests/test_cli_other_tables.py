"""``sahel-geo check`` and ``map`` of files that hold no incidents, or incidents without a point."""

import json

import pytest
from typer.testing import CliRunner

from sahel_geo.cli import app
from sahel_geo.errors import InputError

_PEOPLE = "Région;PDI\nGao;30000\nMénaka;12000\nTombouctou;9000\n"
_COUNTS = "admin2_code,month,events,fatalities\nML0701,2025-01,7,21\nML0702,2025-01,2,\n"


def run(*arguments):
    return CliRunner().invoke(app, [str(each) for each in arguments])


@pytest.fixture
def write(tmp_path):
    def write_file(text, name="table.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


def test_a_table_by_unit_is_described(write):
    told = run("check", write(_PEOPLE), "--lang", "en")
    assert told.exit_code == 0, told.output
    assert "of level 1, by the column 'Région'" in told.output
    assert "by name 3" in told.output
    assert "'PDI', from 9000 to 30000" in told.output
    french = run("check", write(_PEOPLE), "--lang", "fr")
    assert "de niveau 1, d’après la colonne 'Région'" in french.output
    facts = json.loads(run("check", write(_PEOPLE), "--json").output)
    assert (facts["kind"], facts["level"], facts["matched"]) == ("units", 1, {"name": 3})


def test_units_that_are_not_found_set_the_exit_code(write):
    told = run("check", write(_PEOPLE + "Nulle Part;4\n"), "--lang", "en")
    assert told.exit_code == 1
    assert "3 units, 1 row of no unit" in told.output


def test_counts_are_described(write):
    told = run("check", write(_COUNTS), "--lang", "en")
    assert told.exit_code == 0, told.output
    assert "counts by unit and period" in told.output
    assert "'events', 9 in all" in told.output
    assert json.loads(run("check", write(_COUNTS), "--json").output)["period"] == "month"


def test_incidents_without_a_date_say_so_beside_what_they_may_be(write):
    told = run("check", write("Région,Morts\nGao,3\nMopti,2\n"), "--lang", "en")
    assert "the table has no column for a date" in " ".join(told.output.split())


def test_what_is_neither_says_both_reasons(write):
    told = run("check", write("a,b\n1,2\n3,4\n"), "--lang", "en")
    assert isinstance(told.exception, InputError)
    assert "no column for a date" in str(told.exception)
    assert "As a table of units: the file has no column that names units" in str(told.exception)


def test_codes_of_another_vintage_are_named_by_check(write):
    regions = "code,nom,pdi\nBF48,Guiriko,5\nBF47,Goulmou,4\nBF51,Liptako,3\n"
    told = run("check", write(regions), "--lang", "en")
    assert isinstance(told.exception, InputError)
    assert "vintage 2025" in str(told.exception)


def test_areas_are_no_incidents(write):
    ring = [[0, 14], [1, 14], [1, 15], [0, 14]]
    shape = {"type": "Feature", "properties": {"name": "a"},
             "geometry": {"type": "Polygon", "coordinates": [ring]}}  # fmt: skip
    path = write(json.dumps({"type": "FeatureCollection", "features": [shape]}), "zones.geojson")
    told = run("check", path)
    assert "Areas are read with sg.read_boundaries" in str(told.exception)


_VILLAGES = "Jour;Pays;Region;Cercle;Commune;Morts\n2025-01-03;Mali;Gao;Ansongo;;3\n"


def test_a_list_of_units_is_drawn_by_their_names(write):
    path = write(_VILLAGES)
    told = run("map", path, "--mapping", "date=Jour", "--out", path.with_suffix(".html"), "--json")
    assert told.exit_code == 0, told.output
    numbers = json.loads(told.output)
    assert (numbers["geocoded"], numbers["placed"]) == (1, 1)


def test_a_gazetteer_of_ones_own_places_villages(write):
    own = write("name,lon,lat,country\nToutafait Inconnu,0.5,15.66,MLI\n", "own.csv")
    path = write("date,pays,village\n2025-01-03,Mali,Toutafait Inconnu\n", "villages.csv")
    out = path.with_suffix(".html")
    with_own = json.loads(run("map", path, "--gazetteer", own, "--out", out, "--json").output)
    assert with_own["placed"] == 1
    without = run("map", path, "--out", out, "--json")
    assert json.loads(without.output)["placed"] == 0


def test_a_wrong_mapping_is_said_and_not_taken_for_a_missing_column(write):
    path = write(_VILLAGES)
    told = run("map", path, "--mapping", "date=Nonsuch", "--out", path.with_suffix(".html"))
    assert "'Nonsuch' is not a column of the file" in str(told.exception)


def test_options_of_incidents_do_not_go_with_a_column(write):
    path = write(_PEOPLE)
    told = run("map", path, "--column", "PDI", "--undo-swapped-dates", "--out", "map.html")
    assert "--undo-swapped-dates apply to incidents" in str(told.exception)
