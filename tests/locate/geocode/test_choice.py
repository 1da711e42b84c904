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
