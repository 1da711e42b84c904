"""Which of several candidates is meant: by spelling, kind, stated units and people."""

import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.crs import WGS84


def gazetteer_of(*rows):
    columns = ["name", "lon", "lat", "country", "population"][: len(rows[0])]
    return sg.load_gazetteer(pd.DataFrame(list(rows), columns=columns), cache=False)


def one(name, gazetteer=None, **context):
    return sg.geocode([name], gazetteer, **context).iloc[0]


def km(row, lon, lat):
    return WGS84.inv(row["lon"], row["lat"], lon, lat)[2] / 1e3


@pytest.fixture(scope="module")
def alike():
    """Hamlets, each far from the unit of its sound."""
    return gazetteer_of(
        ("Sitakili", -4.0, 14.5, "MLI"), ("Kalabankoro", -4.0, 14.3, "MLI"),
        ("Sam", -1.0, 13.6, "BFA"), ("Bondokui", 0.5, 13.5, "BFA"), ("Inatess", 8.0, 13.9, "NER"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "country", "unit"),
    [
        # the towns of Zinder and Maradi are departments, and no commune bears their name
        ("commune de Zinder", "NER", "NE007011"), ("département de Zinder", "NER", "NE007011"),
        ("commune de Maradi", "NER", "NE004007"), ("région de Sinder", "NER", "NE006012006"),
        ("ville de Inatès", "NER", "NE006002002"), ("village de Sitakily", "MLI", "ML010412"),
        ("ville de Zam", "BFA", "BF550106"), ("ville de Bondokuy", "BFA", "BF460401"),
    ],
)  # fmt: skip
def test_a_unit_as_spelled_goes_before_what_only_sounds_like_it_whatever_the_kind(
    alike, text, country, unit
):
    found = one(text, alike, country=country)
    assert (found["match_id"], found["method"]) == (unit, "exact")
    assert found["location_precision"] in {"admin2", "admin3"}


def test_the_word_for_a_unit_says_more_than_the_spelling_of_a_hamlet(alike):
    assert one("commune de Kalabankoro", alike, country="MLI")["match_name"] == "Kalabancoro"
    assert one("commune de Sitakili", alike, country="MLI")["match_id"] == "ML010412"
    assert one("commune de Bondokui", alike, country="BFA")["match_id"] == "BF460401"


def test_the_stated_region_says_more_than_the_spelling_of_a_unit_elsewhere(alike):
    found = one("village de Sitakily", alike, country="MLI", admin1="Mopti")
    assert (found["lon"], found["lat"]) == (-4.0, 14.5)
    assert one("commune de Zinder", alike, country="NER", admin1="Tillabéri")["match_name"] == (
        "Sinder"
    )


def test_a_commune_that_disagrees_does_not_hide_the_only_place_of_its_name():
    """Zanbelga lies in the stated region and district, far from the commune stated."""
    gazetteer = gazetteer_of(("Zanbelga", 0.4, 15.2, "MLI"))
    found = one("Zanbelga", gazetteer, country="MLI", admin1="Gao", admin2="Ansongo",
                admin3="Talataye")  # fmt: skip
    unknown = one("Nulle-Part", gazetteer, country="MLI", admin3="Talataye")
    assert km(unknown, 0.4, 15.2) > 80
    assert (found["lon"], found["lat"], found["method"]) == (0.4, 15.2, "exact")


def test_names_known_as_spelled_are_not_compared_with_all_others(monkeypatch):
    calls = []
    monkeypatch.setattr(
        "sahel_geo.locate.geocode.candidates.process.cdist", lambda *a, **_: calls.append(a)
    )
    gazetteer = gazetteer_of(("Zanbelga", 0.4, 15.2, "MLI"))
    found = sg.geocode(["Zanbelga", "Ansongo", "axe Gao-Ansongo"], gazetteer, country="MLI")
    assert found["method"].tolist() == ["exact", "exact", "between"]
    assert not calls


def test_another_name_is_sure_unless_a_place_far_off_sounds_the_same():
    """Kalgo is also called Zamtaba."""
    columns = {"name": ["Kalgo", "Zamttaba"], "aliases": ["Zamtaba", ""], "lat": [14.1, 14.6],
               "country": "NER"}  # fmt: skip
    near, far = (
        sg.load_gazetteer(pd.DataFrame({**columns, "lon": [0.5, lon]}), cache=False)
        for lon in (0.5, 2.0)
    )
    alone = sg.load_gazetteer(pd.DataFrame({**columns, "lon": [0.5, 0.5]})[:1], cache=False)
    beside = pd.DataFrame({**columns, "lon": [0.5, 0.52], "lat": [14.1, 14.15]})
    beside = sg.load_gazetteer(beside, cache=False)
    for gazetteer in (alone, beside):
        found = one("Zamtaba", gazetteer, country="NER")
        assert (found["match_name"], found["location_precision"]) == ("Kalgo", "exact")
    for gazetteer in (near, far):  # 55 and 170 km off
        assert one("Zamtaba", gazetteer, country="NER")["location_precision"] not in {
            "exact", "near",
        }  # fmt: skip


@pytest.mark.parametrize(
    ("code", "word"), [("T", "mont"), ("H", "mare"), ("S", "mine"), ("L", None), ("P", "village")]
)
def test_a_village_goes_before_what_else_bears_its_name_unless_the_text_says_which(
    tmp_path, code, word
):
    """Zamtaba is a village, and something else 170 km off."""
    path = tmp_path / "NE.txt"
    lines = []
    for number, (lon, kind) in enumerate([(2.0, code), (0.5, "P")], start=1):
        lines.append("\t".join(
            [str(number), "Zamtaba", "Zamtaba", "", "14.1", str(lon), kind, "X", "NE",
             "", "99", "", "", "", "0", "", "250", "Africa/Niamey", "2024-01-01"],
        ))  # fmt: skip
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    gazetteer = sg.load_gazetteer(path, cache=False)
    plain = one("Zamtaba", gazetteer, country="NER")
    if code == "P":
        assert plain["method"] == "ambiguous"
        return
    assert plain["lon"] == 0.5
    assert one("village de Zamtaba", gazetteer, country="NER")["lon"] == 0.5
    if word is not None:
        assert one(f"{word} de Zamtaba", gazetteer, country="NER")["lon"] != 0.5


def test_another_name_is_not_sure_in_its_region_where_a_place_elsewhere_sounds_the_same():
    table = pd.DataFrame({"name": ["Kalgo", "Zamttaba"], "aliases": ["Zamtaba", ""],
                          "lon": [0.5, 8.9], "lat": [14.1, 13.6], "country": "NER"})  # fmt: skip
    told = [
        one("Zamtaba", sg.load_gazetteer(places, cache=False), country="NER", admin1="Tillabéri")
        for places in (table[:1], table)
    ]
    assert [row["match_name"] for row in told] == ["Kalgo", "Kalgo"]
    assert [row["location_precision"] for row in told] == ["exact", "admin1"]


def test_the_chief_town_of_a_region_goes_before_that_of_a_commune():
    found = one("Gao")  # a commune of Burkina Faso has the name, too
    assert (found["match_name"], found["location_precision"]) == ("Gao", "exact")
    assert km(found, -0.045, 16.272) < 5
    assert km(one("Gao", country="BFA"), -2.18, 11.65) < 5
    assert km(one("Gao", admin1="Centre-Ouest"), -2.18, 11.65) < 5


def test_a_chief_place_as_spelled_goes_before_a_town_that_only_sounds_like_it():
    places = gazetteer_of(("Banh", -2.59, 13.95, "BFA"), ("Bané", -0.25, 11.6, "BFA"))
    assert one("Banh", places, country="BFA")["match_name"] == "Banh"


@pytest.mark.parametrize(
    ("text", "country", "unit"),
    [
        ("département de Banibangou", "NER", "NE006004"),
        ("département de Dori", "BFA", "BF560202"),
        ("Ménaka region", "MLI", "ML10"),
    ],
)
def test_the_word_for_a_unit_says_its_level_in_its_country(text, country, unit):
    assert one(text, country=country)["match_id"] == unit


@pytest.mark.parametrize(
    ("lon", "lat", "people", "precision", "method"),
    [
        (-0.3, 14.6, 0, "admin2", "exact"),  # a hamlet in the province: the province is meant
        (-4.0, 12.0, 0, "admin", "ambiguous"),  # far off, either may be
        (-4.0, 12.0, 9_000, "exact", "exact"),  # a town
    ],
)
@pytest.mark.parametrize("name", ["Oudalan", "Loroum"])
def test_a_province_goes_before_a_hamlet_of_its_name(name, lon, lat, people, precision, method):
    if lon > -1:  # in the province itself
        lon, lat = sg.geocode([name])[["lon", "lat"]].iloc[0]
    places = gazetteer_of((name, lon, lat, "BFA", people))
    row = one(name, places)
    assert row["method"] == method
    assert str(row["location_precision"]).startswith(precision) or method == "ambiguous"
    assert one(f"village de {name}", places)["location_precision"] == "exact"


@pytest.fixture(scope="module")
def towns():
    """Two towns of Burkina Faso."""
    return gazetteer_of(("Dori", -0.03, 14.03, "BFA", 46_000),
                        ("Kongoussi", -1.53, 13.33, "BFA", 27_000))  # fmt: skip


@pytest.mark.parametrize(
    ("text", "town", "precision"),
    [
        ("Lycée de Dori", "Dori", "exact"), ("Mairie de Kongoussi", "Kongoussi", "exact"),
        ("École primaire publique de Dori", "Dori", "exact"), ("ex-base de Dori", "Dori", "exact"),
        ("Base de l'ONU à Dori", "Dori", "exact"), ("Ancien camp de Dori", "Dori", "exact"),
        ("Aéroport de Dori", "Dori", "near"), ("Faubourg de Dori", "Dori", "near"),
        ("Zone frontalière de Dori", "Dori", "near"), ("Route nationale 4, Dori", "Dori", "near"),
        ("3 km NNE Dori", "Dori", "near"), ("Dori (peul)", "Dori", "exact"),
        ("Sahel|Séno|Dori", "Dori", "exact"),
    ],
)  # fmt: skip
def test_what_stands_in_a_town_is_there_and_what_lies_off_it_is_near(towns, text, town, precision):
    row = one(text, towns)
    assert (row["match_name"], row["location_precision"]) == (town, precision)


def test_c_u_is_an_urban_commune():
    assert one("C.U. de Téra")["match_id"] == one("commune urbaine de Téra")["match_id"]
