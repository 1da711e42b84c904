"""Credits come with the address of the licence, as most licences ask."""

import sahel_geo as sg
from sahel_geo.maps.licences import licence_texts
from sahel_geo.maps.pages.background_pages import _incident_licence


def test_a_map_names_where_the_texts_of_its_licences_are():
    units = sg.load_boundaries(level=1)
    units["incidents"] = 1
    m = sg.choropleth(units, "incidents")
    data = next(child.data for child in m._children.values() if hasattr(child, "data"))
    said = [each["fr"] for each in data["sources"] if "creativecommons" in each["fr"]]
    assert len(said) == 1
    for licence in set(units["licence"]) - {"Public Domain"}:
        assert licence_texts([licence])[licence].removeprefix("https://").rstrip("/") in said[0]


def test_credits_are_said_in_french_on_a_french_page():
    units = sg.load_boundaries(level=1).assign(incidents=1)
    m = sg.choropleth(units, "incidents")
    data = next(child.data for child in m._children.values() if hasattr(child, "data"))
    french = " ".join(each["fr"] for each in data["sources"])
    for word in ("edges matched", "fitted by", "Public Domain"):
        assert word not in french
    assert "edges matched" in " ".join(each["en"] for each in data["sources"])


def test_every_licence_of_the_shipped_data_is_known_or_free():
    shipped = [sg.load_boundaries(level=3), sg.load_towns(), sg.load_neighbour_countries()]
    names = {name for layer in shipped for name in layer["licence"]}
    unknown = {name for name in names if not licence_texts([name])}
    assert {name.lower() for name in unknown} <= {"public domain"}


def test_a_source_of_incidents_that_is_not_known_has_no_licence():
    assert _incident_licence("UCDP GED", "en") == "CC BY 4.0"
    assert _incident_licence("my notes", "en") is None
