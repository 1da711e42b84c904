"""Names of columns: what a mapping says, and which header is which field."""

import pytest

from sahel_geo.errors import InputError
from sahel_geo.incidents.columns.names import choose_columns, header_score, parse_mapping


@pytest.mark.parametrize("text", ["", "lat", "=Y", "D,lat=Y", " D,lat=Y", "Date=Jour,lat=Y"])
def test_a_mapping_begins_with_a_name_of_ours(text):
    with pytest.raises(InputError, match="expected NAME=COLUMN"):
        parse_mapping([text])
    assert parse_mapping([" lat = Y , lon=X"]) == {"lat": "Y", "lon": "X"}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["date", "lat", "long", "lat_gps"], {"date": "date", "lat": "lat", "lon": "long"}),
        (["x", "y", "longitude", "latitude"], {"lon": "longitude", "lat": "latitude"}),
        (["_Site GPS_latitude", "_Site GPS_longitude"],
         {"lat": "_Site GPS_latitude", "lon": "_Site GPS_longitude"}),
        (["latitude bureau", "longitude bureau"], {}),
        (["Site latitude B", "Site longitude B"], {}),
        (["province", "departement"], {"admin2": "province", "admin3": "departement"}),
        (["departement"], {"admin2": "departement"}),
        (["cercle", "departement"], {"admin2": "cercle"}),
        (["province", "departement", "commune"], {"admin2": "province", "admin3": "commune"}),
        (["date", "annee", "mois"], {"date": "date"}),
        (["annee", "today"], {"year": "annee"}),
        (["today", "morts"], {"date": "today", "fatalities_best": "morts"}),
        (["victimes"], {}), (["date", "submission date"], {"date": "date"}),
        (["Décès (estimation basse)", "Décès (meilleure estimation)", "Décès (estimation haute)"],
         {"fatalities_low": "Décès (estimation basse)",
          "fatalities_best": "Décès (meilleure estimation)",
          "fatalities_high": "Décès (estimation haute)"}),
        (["Morts (min)", "Morts (max)"],
         {"fatalities_low": "Morts (min)", "fatalities_high": "Morts (max)"}),
        (["Tués (civils)", "Tués (FDS)"], {}),
        (["Tués (civils)", "Tués"], {"fatalities_best": "Tués"}),
        (["groupe/localisation", "Type de lieu"], {"place": "groupe/localisation"}),
        (["Localisation", "Localité"], {"place": "Localité"}),
        (["Latitude Nord", "Longitude Ouest"],
         {"lat": "Latitude Nord", "lon": "Longitude Ouest"}),
        (["lat", "lon", "lat_min", "lat_max"], {"lat": "lat", "lon": "lon"}),
        (["Décédés", "Déplacés"], {"fatalities_best": "Décédés"}),
        (["Nbre de personnes décédées", "Nbre de personnes déplacées"],
         {"fatalities_best": "Nbre de personnes décédées"}),
        (["No. of persons killed", "No. of persons injured"],
         {"fatalities_best": "No. of persons killed"}),
        (["Décès min", "Décès max", "Décès retenu"],
         {"fatalities_low": "Décès min", "fatalities_high": "Décès max",
          "fatalities_best": "Décès retenu"}),
        (["dead_low", "dead_best", "dead_high"],
         {"fatalities_low": "dead_low", "fatalities_best": "dead_best",
          "fatalities_high": "dead_high"}),
        (["deaths_civilians", "deaths_total"], {"fatalities_best": "deaths_total"}),
        (["When", "Where", "Dead"], {"date": "When", "place": "Where", "fatalities_best": "Dead"}),
        (["Date d'accident", "Type d'engin"], {"date": "Date d'accident"}),
        (["Du", "Au", "Village"], {"date": "Du", "place": "Village"}),
    ],
)  # fmt: skip
def test_which_column_is_which(names, expected):
    assert dict(choose_columns(names).chosen) == expected


def test_a_second_column_of_tolls_is_named():
    (note,) = choose_columns(["Morts", "Morts (2)"]).notes
    assert note == "fatalities_best is read from 'Morts'; 'Morts (2)' also looks like it"
    (note,) = choose_columns(["Morts", *(f"Morts ({at})" for at in range(2, 9))]).notes
    assert "; 'Morts (2)', 'Morts (3)', 'Morts (4)' also looks like it" in note  # no more of them


@pytest.mark.parametrize(
    "names",
    [["Lat_deg", "Lat_min", "Lon_deg", "Lon_min"], ["Latitude", "Latitude (min)", "Longitude"]],
)
def test_degrees_without_their_minutes_are_refused(names):
    with pytest.raises(InputError, match="minutes of the coordinates stand in columns of their"):
        choose_columns(names)
    mapping = {"lat": names[0], "lon": names[2]}
    assert dict(choose_columns(names, mapping).chosen) == mapping


def test_a_line_of_names_counts_more_the_more_fields_it_names():
    assert header_score(["Date", "Latitude", "Morts"]) == 4  # an axis counts twice
    assert header_score(["Date", "date", "", "12,5"]) == 1
    assert header_score(["Jour", "x1"], ["x1", "x2"]) == 3
    assert header_score(["2025-01-03", "Gao"]) == 0


def test_doubts_about_deaths_are_said_only_where_no_column_holds_them():
    assert choose_columns(["date", "morts", "victimes", "blessés"]).notes == ()
    (doubt,) = choose_columns(["date", "victimes"]).notes
    assert "'victimes' is not read as deaths, since it may count the wounded" in doubt
    (parted,) = choose_columns(["date", "Tués (civils)", "Tués (FDS)"]).notes
    assert "deaths are not read: ['Tués (civils)', 'Tués (FDS)'] may each count some" in parted
    assert choose_columns(["date", "couleur", "forme"]).notes == ()


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("NOM_LOCALI", "place"), ("DATE_INCID", "date"), ("NOMBRE_DEC", "fatalities_best"),
        ("TYPE_INCID", "event_type"), ("NOMBRE_DE_", None), ("COORDONNEE", None),
        ("NOM_DU_PER", None), ("Nom locali", "place"), ("NOM_LOCAL", None),
        ("Estimation basse", "fatalities_low"), ("meilleure_estimation", "fatalities_best"),
        ("estimation_haute", "fatalities_high"), ("acteur_b", "actor2"), ("#loc", "place"),
    ],
)  # fmt: skip
def test_names_cut_by_a_shapefile_and_names_in_french(name, target):
    chosen = choose_columns([name]).chosen
    assert chosen == ({target: name} if target else {})


def test_a_city_says_more_of_the_place_than_the_kind_of_location():
    assert choose_columns(["Location", "City"]).chosen["place"] == "City"


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("Location / Localité", "place"), ("Killed / Tués", "fatalities_best"),
        ("Date of incident / Date de l'incident", "date"), ("Date | Jour incident", "date"),
        ("Morts / Blessés", None), ("Région / Province", None), ("Mali / Niger", None),
        ("No. killed (total)", "fatalities_best"), ("Pertes en vies humaines", "fatalities_best"),
        ("Cibles", "actor2"), ("dt_incident", "date"), ("nm_localite", "place"),
    ],
)  # fmt: skip
def test_names_in_two_languages_and_in_short(name, target):
    assert choose_columns([name]).chosen == ({target: name} if target else {})
