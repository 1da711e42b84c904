"""Plugins of folium in a page: offline with their files inside, online with nothing but these."""

import base64
import re

import folium
import geopandas as gpd
import pytest
import shapely
from folium.plugins import Draw, Fullscreen, Geocoder, MarkerCluster, MiniMap

import sahel_geo as sg
from sahel_geo.errors import FileError, InputError
from sahel_geo.maps.page.rendering import _place_of

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
CLUSTER = """
L.markerClusterGroup = function () {
  window.cluster = new Function("return '</scr" + "ipt>'")();  // "</script>" in a text
  return L.layerGroup();
};
"""
FILES = {
    "leaflet.markercluster.js": CLUSTER.encode(),
    "MarkerCluster.css": b".leaflet-marker-icon { outline: 3px solid rgb(1, 2, 3); }",
    "MarkerCluster.Default.css": b"#x { background: url(images/a.png) } #y { color: red </style>",
    "a.png": PIXEL,
}


def make_map():
    units = gpd.GeoDataFrame(
        {"unit_id": ["A", "B"], "name": ["West", "East"], "incidents": [0, 3]},
        geometry=[shapely.box(0, 14, 1, 15), shapely.box(1, 14, 2, 15)],
        crs=4326,
    )
    return sg.choropleth(units, "incidents", lang="en", neighbours=False, towns=False)


def give(address):
    return FILES[address.rpartition("/")[2]]


@pytest.fixture
def clustered():
    m = make_map()
    MarkerCluster([[14.5, 0.5]]).add_to(m)
    return m


def policy_of(text):
    return re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]


@pytest.mark.browser
def test_a_plugin_runs_offline_once_its_files_are_in_the_page(clustered, tmp_path, open_page):
    found = sg.fetch_plugins(clustered, tmp_path / "files", get=give)
    assert sorted(file.name for file in found) == sorted(FILES)
    saved = sg.save_map(clustered, tmp_path / "m.html", plugins=tmp_path / "files")
    again = sg.save_map(clustered, tmp_path / "again.html", plugins=tmp_path / "files")
    assert saved.read_bytes() == again.read_bytes()
    text = saved.read_text(encoding="utf-8")
    assert "https://" not in policy_of(text)
    assert "data:image/png;base64," in text.partition("#x {")[2][:80]
    page, faults = open_page(saved)
    assert page.evaluate("window.cluster") == "</script>"
    marker = page.locator("img.leaflet-marker-icon")
    assert marker.evaluate("node => getComputedStyle(node).outlineColor") == "rgb(1, 2, 3)"
    assert page.evaluate("window.sahelGeo.units") == 2
    assert faults == []


def test_missing_files_are_named_with_what_to_do(clustered, tmp_path):
    with pytest.raises(InputError, match=r"`plugins` lacks 3 files.*markercluster.*fetch_plugins"):
        sg.save_map(clustered, tmp_path / "m.html", plugins=tmp_path)
    with pytest.raises(InputError, match=r"plugin MarkerCluster.*plugins="):
        sg.save_map(clustered, tmp_path / "m.html")


def test_files_put_there_by_hand_do(clustered, tmp_path):
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    text = sg.save_map(clustered, tmp_path / "m.html", plugins=tmp_path).read_text("utf-8")
    assert "window.cluster" in text


def test_files_that_are_there_are_not_fetched_again(clustered, tmp_path):
    asked = []
    for _ in range(2):
        sg.fetch_plugins(clustered, tmp_path, get=lambda address: asked.append(address) or b"")
    assert len(asked) == len(set(asked)) == 3


@pytest.mark.parametrize("plugin", [MiniMap, Geocoder])
def test_what_needs_a_service_cannot_be_put_into_a_page(plugin, tmp_path):
    m = make_map()
    plugin().add_to(m)
    with pytest.raises(InputError, match=f"service of {plugin.__name__}"):
        sg.save_map(m, tmp_path / "m.html", plugins=tmp_path)


def test_a_page_with_plugins_runs_their_scripts_and_no_others(tmp_path):
    m = make_map()
    for plugin in (MarkerCluster, MiniMap, Draw, Fullscreen):
        plugin().add_to(m)
    text = sg.save_map(m, tmp_path / "m.html", offline=False).read_text(encoding="utf-8")
    rules = dict(rule.split(" ", 1) for rule in policy_of(text).split("; "))
    assert rules["default-src"] == "'none'"
    assert "leaflet.markercluster/1.1.0/leaflet.markercluster.js" in rules["script-src"]
    for word in ("'unsafe-inline'", "https: ", "*", ".css"):
        assert word not in rules["script-src"] + " "
    assert "MarkerCluster.css" in rules["style-src"]


def test_an_icon_brings_what_it_needs(tmp_path):
    m = make_map()
    folium.Marker([14.5, 0.5], icon=folium.Icon(color="red")).add_to(m)
    asked = []
    sg.fetch_plugins(m, tmp_path, get=lambda address: asked.append(address) or b"")
    assert any("awesome-markers" in address for address in asked)
    assert not any("leaflet@" in address for address in asked), "the page has its own"
    text = sg.save_map(m, tmp_path / "m.html", plugins=tmp_path).read_text(encoding="utf-8")
    assert 'src="https' not in text


@pytest.mark.browser
def test_tiles_that_are_added_later_are_not_covered_by_land(tmp_path, open_page):
    m = make_map()
    folium.TileLayer("https://tile.example.org/{z}/{x}/{y}.png", attr="x").add_to(m)
    page, _ = open_page(sg.save_map(m, tmp_path / "m.html", offline=False))
    assert page.locator(".sg-online").is_visible()
    assert page.locator(".leaflet-sahel-context-pane canvas").count() == 0


@pytest.mark.browser
def test_a_popup_may_hold_a_frame_in_which_nothing_runs(tmp_path, chromium):
    m = make_map()
    frame = folium.IFrame("<b>framed</b><script>document.body.append('RAN')</script>")
    folium.Marker([14.5, 0.5], popup=folium.Popup(frame, show=True)).add_to(m)
    page = chromium.new_page()
    page.goto(sg.save_map(m, tmp_path / "m.html").as_uri())
    page.wait_for_timeout(500)
    texts = [each.locator("body").inner_text() for each in page.frames[1:]]
    page.close()
    assert [text.strip() for text in texts] == ["framed"]


def test_an_address_leads_nowhere_but_into_the_folder(tmp_path):
    place = _place_of("https://example.org/../../etc/passwd", tmp_path)
    assert place.is_relative_to(tmp_path)
    assert ".." not in place.parts


def test_only_addresses_over_https_are_fetched(tmp_path):
    m = folium.Map([14, 0], tiles=None)
    m.default_js = [("x", "http://example.org/x.js")]
    with pytest.raises(FileError, match="no address over HTTPS"):
        sg.fetch_plugins(m, tmp_path)
