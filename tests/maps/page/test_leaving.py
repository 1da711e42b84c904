"""A page stays where it is, whatever the texts of its layers say; plugins stay in their folder."""

import threading
from pathlib import Path

import folium
import pytest

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.maps.page.page import save_map
from sahel_geo.maps.page.rendering import _place_of

AWAY = '<META http-equiv="refresh" content="0; url=https://elsewhere.example/"> here'


def hostile_map():
    m = folium.Map([14, 0], zoom_start=6, tiles=None)
    shape = {
        "type": "Feature",
        "properties": {"name": AWAY},
        "geometry": {"type": "Polygon", "coordinates": [[[-5, 10], [5, 10], [5, 18], [-5, 10]]]},
    }
    tooltip = folium.GeoJsonTooltip(["name"], sticky=False)
    shapes = {"type": "FeatureCollection", "features": [shape]}
    folium.GeoJson(shapes, tooltip=tooltip, name=f"layer {AWAY}").add_to(m)
    folium.CircleMarker([14, 1], tooltip=folium.Tooltip(AWAY, permanent=True)).add_to(m)
    folium.CircleMarker([14, 2], popup=folium.Popup(AWAY, show=True)).add_to(m)
    folium.Marker([14, 3], icon=folium.DivIcon(html=f"<b>{AWAY}</b>")).add_to(m)
    folium.LayerControl().add_to(m)
    return m


@pytest.mark.browser
def test_no_text_of_a_layer_makes_the_page_leave(open_page, tmp_path):
    path = save_map(hostile_map(), tmp_path / "map.html")
    page, faults = open_page(path)
    page.evaluate(
        """html => {
          const box = document.createElement("div");
          document.body.append(box);
          box.insertAdjacentHTML("beforeend", html);
          box.lastChild.after(document.createElement("i"));
          box.lastElementChild.outerHTML = html;
        }""",
        AWAY,
    )
    page.mouse.move(640, 420)
    page.wait_for_timeout(1500)
    assert page.url == path.resolve().as_uri()
    assert page.locator("meta[http-equiv=refresh]").count() == 0
    assert page.locator("text=here").count() >= 4
    assert faults == []


@pytest.mark.browser
def test_markup_that_stays_is_left_alone(open_page, tmp_path):
    m = folium.Map([14, 0], zoom_start=6, tiles=None)
    text = "<b>bold</b> <a href='https://example.org'>link</a> <i>meta</i>"
    folium.CircleMarker([14, 1], tooltip=folium.Tooltip(text, permanent=True)).add_to(m)
    page, faults = open_page(save_map(m, tmp_path / "map.html"))
    shown = page.locator(".leaflet-tooltip div").first.inner_html()
    assert [tag in shown for tag in ("<b>bold</b>", "<i>meta</i>", "<a href=")] == [True] * 3
    assert faults == []


@pytest.mark.parametrize("tag", ["<meta http-equiv=refresh content='0;url=//x'>",
                                 '<META content="0" HTTP-EQUIV="&#114;efresh">'])  # fmt: skip
def test_html_of_the_page_itself_that_leaves_is_refused(tag, tmp_path):
    m = folium.Map([14, 0], tiles=None)
    m.get_root().html.add_child(folium.Element(tag))
    for offline in (True, False):
        with pytest.raises(InputError, match="makes the page leave for another address"):
            save_map(m, tmp_path / "map.html", offline=offline)


@pytest.mark.parametrize(
    "url",
    ["https://../x", "https://../../etc/passwd", "https://a/..%2f..\\..\\x", "https://./x.css",
     "https://a:1/../../x", "//../x", "https://a\\..\\b/x", "https:///../x", "https://a/\0/x"],
)  # fmt: skip
def test_no_address_of_a_plugin_leads_out_of_its_folder(url, tmp_path):
    place = Path(str(_place_of(url, tmp_path)))
    assert ".." not in place.parts
    assert place.resolve().is_relative_to(tmp_path.resolve())
    assert place != tmp_path


def test_an_address_that_is_none_says_so(tmp_path):
    with pytest.raises(InputError, match="is no address"):
        _place_of("https://[x/y", tmp_path)


def test_one_map_saved_by_several_threads_is_whole_each_time(tmp_path):
    m = hostile_map()
    folium.CircleMarker([14, 4], popup=folium.Popup("`${alert(1)}` {{ 7*7 }}")).add_to(m)
    alone = save_map(m, tmp_path / "alone.html").read_bytes()
    before = state(m)
    paths = [tmp_path / f"{number}.html" for number in range(12)]
    threads = [threading.Thread(target=save_map, args=(m, path)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [path.read_bytes() == alone for path in paths] == [True] * 12
    assert state(m) == before


def state(m):
    """What a map holds: every element below its figure, with its own attributes."""
    found, waiting = {}, [m.get_root()]
    while waiting:
        each = waiting.pop()
        plain = {key: str(value) for key, value in vars(each).items() if key != "_children"}
        found[id(each)] = (plain, [(key, id(child)) for key, child in each._children.items()])
        parts = [getattr(each, name, None) for name in ("header", "html", "script")]
        waiting += [*each._children.values(), *(part for part in parts if hasattr(part, "render"))]
    return found


def test_a_map_of_ours_is_as_it_was_after_it_was_saved(toy_units, tmp_path):
    m = sg.choropleth(toy_units.assign(value=range(6)), column="value")
    before = state(m)
    first = save_map(m, tmp_path / "a.html").read_bytes()
    assert state(m) == before
    assert save_map(m, tmp_path / "b.html").read_bytes() == first
