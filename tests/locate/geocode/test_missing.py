"""Incidents without coordinates get them on the way into reports and indicators."""

import pandas as pd
import pytest
from typer.testing import CliRunner

import sahel_geo as sg
from sahel_geo.cli import app
from sahel_geo.locate.geocode import names
from sahel_geo.locate.geocode.context import UnitContext
from sahel_geo.locate.geocode.names import locate_missing

VILLAGES = "Date;Pays;Région;Cercle;Commune;Latitude;Longitude;Morts\n\
03/01/2025;Mali;Gao;Bourem;Bamba;;;1\n04/01/2025;Mali;Mopti;Koro;Bamba;;;2\n\
05/01/2025;Mali;Gao;Ansongo;;15,66;0,5;1\n06/01/2025;Mali;;;;15,7;0,6;1\n"


def test_units_of_the_row_tell_namesakes_apart(tmp_path):
    path = tmp_path / "villages.csv"
    path.write_text(VILLAGES, encoding="utf-8")
    incidents = sg.read_incidents(path)
    before = pd.DataFrame(incidents).copy()
    located, counts = locate_missing(incidents)
    pd.testing.assert_frame_equal(pd.DataFrame(incidents), before)
    assert sum(counts.values()) == 2
    units = sg.assign(located, sg.load_boundaries(2))
    assert units["unit_id"].tolist()[:3] == ["ML0702", "ML0505", "ML0701"]
    assert located[["lon", "lat"]].iloc[2:].to_numpy().tolist() == [[0.5, 15.66], [0.6, 15.7]]
    assert "2 incidents without coordinates are geocoded" in located.report.notes[-1]


def test_a_table_with_coordinates_stays_as_it_is():
    incidents = sg.load_example_incidents()
    located, counts = locate_missing(incidents)
    assert located is incidents
    assert counts == {}


def test_the_command_line_counts_them(tmp_path, monkeypatch):
    path = tmp_path / "villages.csv"
    path.write_text(VILLAGES, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["indicators", str(path), "--lang", "en", "--out", "i.csv"])
    assert done.exit_code == 0, done.output
    table = pd.read_csv(tmp_path / "i.csv").set_index("unit_id")
    assert table.loc[["ML0702", "ML0505"], "incidents"].tolist() == [1, 1]
    assert "geocoded" in done.output


def test_counts_are_measured_as_they_are(tmp_path, monkeypatch):
    path = tmp_path / "hrp.csv"
    path.write_text(
        "Admin1,Admin2,Month,Year,Events,Fatalities\nGao,Ansongo,January,2025,7,21\n"
        "Mopti,Koro,January,2025,12,40\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["indicators", str(path), "--out", "i.csv"])
    assert done.exit_code == 0, done.output
    table = pd.read_csv(tmp_path / "i.csv").set_index("unit_id")
    assert table.loc[["ML0701", "ML0505"], "incidents"].tolist() == [7, 12]
    drawn = CliRunner().invoke(app, ["map", str(path), "--column", "Events", "--lang", "en"])
    assert drawn.exit_code == 0, drawn.output
    assert "each unit has the sum of 1 periods" in drawn.output


def test_options_of_the_command_line_name_columns(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("Jour;Y;X;n\n03/01/2025;15,66;0,5;1\n", encoding="utf-8")
    mapping = ["--mapping", "date=Jour,lat=Y", "--mapping", "lon=X,fatalities_best=n"]
    done = CliRunner().invoke(app, ["check", str(path), "--lang", "en", *mapping])
    assert done.exit_code == 0, done.output
    assert "date = 'Jour'" in done.output
    wrong = CliRunner().invoke(app, ["check", str(path), "--mapping", "Jour"])
    assert "expected NAME=COLUMN" in str(wrong.exception)


@pytest.mark.parametrize(
    ("commune", "cercle", "unit"),
    [("Baye", "Bankass", "ML050202"), ("Baye", "Kéniéba", "ML010401")],
)
def test_units_of_a_text_lie_inside_the_units_that_it_states(commune, cercle, unit):
    text = f"Une attaque a visé la commune de {commune}, cercle de {cercle}, au Mali."
    hits = sg.geocode_text(text).set_index("text")
    assert hits.loc[commune, "match_id"] == unit
    row = sg.geocode(["x"], country="MLI", admin2=cercle, admin3=commune)
    assert row["match_id"].tolist() == [unit]


def test_a_town_outside_the_stated_region_is_not_dropped():
    text = "Attaque dans la région de Gao ; six soldats ont été tués dans la ville de Sikasso."
    hits = sg.geocode_text(text, country="MLI").set_index("text")
    assert hits.loc["Sikasso", "role"] == "scene"
    assert hits.loc["Gao", "match_id"] == "ML07"


def test_an_acronym_is_no_place_by_its_sound():
    gazetteer = sg.load_gazetteer(
        pd.DataFrame({"name": ["Mynusma"], "lon": [-1.0], "lat": [15.0], "country": ["MLI"]})
    )
    text = "Une patrouille de la MINUSMA a été attaquée à Ansongo."
    assert "MINUSMA" not in sg.geocode_text(text, gazetteer)["text"].tolist()


def test_an_offset_may_stand_behind_the_name():
    found = sg.geocode(["Gao 50km W", "Gao, 50 km west"], country="MLI")
    town = sg.geocode(["Gao"], country="MLI").iloc[0]
    assert found["method"].tolist() == ["exact+offset"] * 2
    assert (found["lon"] < town["lon"] - 0.4).all()
    assert (abs(found["lat"] - town["lat"]) < 0.05).all()


def test_an_exact_name_alone_in_its_region_outweighs_a_district_that_disagrees():
    gazetteer = sg.load_gazetteer(
        pd.DataFrame(
            {
                "name": ["Zanbelga"],
                "lon": [-1.0],
                "lat": [13.9],
                "country": ["BFA"],
                "feature": ["populated"],
            }
        )
    )
    context = {"country": "BFA", "admin1": "Sahel", "admin2": "Séno"}
    found = sg.geocode(["Zanbelga"], gazetteer, **context).iloc[0]
    assert (found["match_name"], found["location_precision"]) == ("Zanbelga", "exact")


def test_the_resolver_of_a_gazetteer_is_built_once(monkeypatch):
    made = []
    monkeypatch.setattr(names, "UnitContext", lambda *a: made.append(a) or UnitContext(*a))
    gazetteer = sg.load_gazetteer()
    for _ in range(3):
        sg.geocode_text("Attaque à Ansongo.", gazetteer)
    assert len(made) == 1


def test_what_is_said_of_them_is_in_words_of_the_language():
    table = pd.DataFrame({"date": ["2025-01-03"], "pays": ["Mali"], "cercle": ["Ansongo"]})
    located, _ = locate_missing(sg.incidents_from_frame(table))
    note = located.report.notes[-1]
    assert "cercle, department or province 1" in str(note)
    assert "cercle, département ou province 1" in note.say("fr")


@pytest.mark.parametrize(
    ("context", "precision"),
    [
        ({"région": "Kayes"}, "admin1"), ({"cercle": "Goundam"}, "admin2"),
        ({"commune": "Ansongo"}, "admin3"), ({"cercle": "Ansongo", "commune": "Ansongo"}, "admin3"),
    ],
)  # fmt: skip
def test_an_incident_of_a_unit_alone_is_not_put_into_the_town_of_its_name(context, precision):
    row = {"date": "2025-01-03", "pays": "Mali", **context}
    _, counts = locate_missing(sg.incidents_from_frame(pd.DataFrame([row])))
    assert dict(counts) == {precision: 1}
