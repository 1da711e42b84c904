"""The map in a notebook: the page that will be saved, in a frame, with whatever folium adds."""

import html
import re

import folium
import pytest
from folium.plugins import MarkerCluster

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.maps.page import map_html
from tests.conftest import make_toy_units


def make_map():
    table = make_toy_units().assign(incidents=[0, 1, 2, 3, 4, 5])
    return sg.choropleth(table, "incidents", neighbours=False, towns=False, lang="en")


def framed(m):
    """Give the page inside the frame."""
    view = m._repr_html_()
    assert view.startswith("<iframe ")
    assert "Make this Notebook Trusted" not in view
    return html.unescape(re.search(r'srcdoc="([^"]*)"', view)[1])


def test_a_notebook_shows_the_page_that_will_be_saved(tmp_path):
    m = make_map()
    page = sg.save_map(m, tmp_path / "m.html").read_text(encoding="utf-8")
    assert framed(m) == page
    assert framed(m) == page  # showing it again changes nothing
    assert "https://cdn" not in page
    assert isinstance(m, folium.Map)


@pytest.mark.browser
def test_the_frame_shows_the_map_without_network_and_without_trust(tmp_path, open_page):
    m = make_map()
    folium.Marker([11, 1], tooltip="here", popup="<b>there</b>").add_to(m)
    folium.GeoJson(make_toy_units()[["geometry"]].head(1)).add_to(m)
    notebook = tmp_path / "notebook.html"
    notebook.write_text(f"<!doctype html><body>{m._repr_html_()}</body>", encoding="utf-8")
    page, faults = open_page(notebook, 900, 700)
    frame = page.frame_locator("iframe")
    assert "International border" in frame.locator("section[id$=_legend]").inner_text()
    assert frame.locator("img.leaflet-marker-icon").count() == 1
    assert frame.locator("svg path.leaflet-interactive").count() == 1
    assert all("about:srcdoc" in fault for fault in faults)


def test_a_plugin_from_a_content_network_shows_in_a_notebook_and_is_refused_on_saving(tmp_path):
    m = make_map()
    cluster = MarkerCluster().add_to(m)
    folium.Marker([11, 1]).add_to(cluster)
    page = framed(m)
    assert page.index("L.Icon.Default") < page.index("leaflet.markercluster.js")
    assert "markerClusterGroup" in page
    with pytest.raises(InputError, match="plugin MarkerCluster"):
        sg.save_map(m, tmp_path / "m.html")
    assert "markerClusterGroup" in map_html(m, offline=False)


def test_layers_and_controls_of_folium_that_need_nothing_are_saved(tmp_path):
    m = make_map()
    group = folium.FeatureGroup(name="own").add_to(m)
    folium.CircleMarker([11, 1], radius=4).add_to(group)
    folium.PolyLine([[10, 0], [12, 3]]).add_to(group)
    folium.Rectangle([[10, 0], [11, 1]]).add_to(m)
    folium.LayerControl().add_to(m)
    text = sg.save_map(m, tmp_path / "m.html").read_text(encoding="utf-8")
    for name in ("circleMarker", "polyline", "rectangle", "L.control.layers"):
        assert name in text
