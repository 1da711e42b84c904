"""The map in a notebook: the page that will be saved, in a frame, with whatever folium adds."""

import html
import re

import folium
import pytest
from folium.plugins import MarkerCluster

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.maps.page.page import _map_html
from tests.conftest import make_toy_units
from tests.maps.hostile import HOSTILE

RECORD = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.__violations.push(event.effectiveDirective + " " + event.blockedURI));
"""


def make_map(lang="en", **columns):
    table = make_toy_units().assign(incidents=[0, 1, 2, 3, 4, 5], **columns)
    return sg.choropleth(table, "incidents", neighbours=False, towns=False, lang=lang)


def with_hostile_layers(m):
    """Add a marker, a popup and a layer for each hostile text that folium can write."""
    for i, text in enumerate(HOSTILE):
        if ("https:" in text and "<" in text) or "src=x" in text:
            continue  # refused by name: it would load another file
        place = [10.5, i / 40]
        popup = folium.Popup(text, show=i % 7 == 0)
        tip = folium.Tooltip(text, permanent=True)
        folium.CircleMarker(place, tooltip=tip, popup=popup).add_to(m)
        if not any(mark in text for mark in ("{%", "{#", "{{ ''")):
            folium.Marker(place, icon=folium.DivIcon(html=text)).add_to(m)
    return m


def as_exported(*maps):
    """Write a page as nbconvert does: each output in a cell of its own, and a script around."""
    cells = "".join(f'<div class="jp-RenderedHTML">{m._repr_html_()}</div>' for m in maps)
    return (
        "<!doctype html><html><head><title>n</title><script>window.kernel = 'mine'</script></head>"
        f"<body>{cells}</body></html>"
    )


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
    assert page.index("L.Icon.Default") < page.index('leaflet.markercluster.js"></script>')
    assert "markerClusterGroup" in page
    with pytest.raises(InputError, match="plugin MarkerCluster"):
        sg.save_map(m, tmp_path / "m.html")
    assert "markerClusterGroup" in _map_html(m, offline=False)


def test_rendering_a_map_leaves_it_as_it_was():
    m = make_map()
    tiles = folium.TileLayer("https://{s}.tile.example.org/{z}/{x}/{y}.png", attr="example")
    MarkerCluster().add_to(folium.FeatureGroup(name="own").add_to(m))
    folium.GeoJson(make_toy_units()[["name", "geometry"]], tooltip="here").add_to(m)
    tiles.add_to(m)
    first = _map_html(m, offline=False)
    assert m._repr_html_() == m._repr_html_()
    assert _map_html(m, offline=False) == first


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


@pytest.fixture
def open_notebook(chromium, tmp_path):
    """Open maps as an exported notebook shows them; gives page, frames and what went wrong."""
    contexts = []

    def open_maps(*maps, width=900, height=800):
        path = tmp_path / "exported.html"
        path.write_text(as_exported(*maps), encoding="utf-8")
        context = chromium.new_context(
            viewport={"width": width, "height": height}, accept_downloads=True
        )
        contexts.append(context)
        page = context.new_page()
        faults = []

        def refuse(route):
            address = route.request.url
            if address.startswith(("about:srcdoc", "blob:")) or address == path.as_uri():
                route.continue_()
            else:
                faults.append(address)
                route.abort()

        page.route("**/*", refuse)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: (faults.append("dialog"), dialog.dismiss()))
        page.add_init_script(RECORD)
        page.goto(path.as_uri())
        page.wait_for_load_state()
        frames = page.frames[1 : 1 + len(maps)]
        for frame in frames:
            frame.wait_for_function("window.sahelGeo")  # its document may come after the load
            frame.evaluate("window.sahelGeo.ready")
        return page, frames, faults

    yield open_maps
    for context in contexts:
        context.close()


@pytest.mark.browser
def test_hostile_texts_run_nothing_in_the_frame_and_do_not_reach_the_notebook(open_notebook):
    names = [HOSTILE[i] for i in (11, 14, 20, 28, 34, 40)]
    page, (frame,), faults = open_notebook(with_hostile_layers(make_map(name=names)))
    assert frame.evaluate("window.__pwned") is None
    assert page.evaluate("window.__pwned") is None
    assert faults == []
    shown = frame.evaluate("document.querySelector('.leaflet-tooltip-pane').textContent")
    assert "{{ 7 * 7 }}" in shown
    assert "`${window.__pwned=1}`" in shown
    assert "49" not in shown
    assert frame.evaluate("window.sahelGeo.units") == 6


@pytest.mark.browser
def test_a_script_in_the_frame_is_forbidden_and_could_not_read_the_notebook(open_notebook):
    page, (frame,), faults = open_notebook(make_map())
    frame.evaluate("document.body.insertAdjacentHTML('beforeend', '<svg onload=\"stolen=1\">')")
    frame.evaluate("fetch('https://example.org/').catch(() => 0)")
    page.wait_for_timeout(200)
    seen = " ".join(frame.evaluate("window.__violations"))
    assert "script-src-attr inline" in seen
    assert "connect-src" in seen
    assert faults == []
    # even a script that the policy admits, as a plugin's is, has an origin of its own
    read = "(() => { try { return parent.kernel } catch (error) { return error.name } })()"
    assert frame.evaluate(read) == "SecurityError"


@pytest.mark.browser
@pytest.mark.parametrize("width", [900, 390])
def test_two_maps_in_a_notebook_leave_each_other_alone(open_notebook, width):
    page, (first, second), faults = open_notebook(make_map(), make_map("fr"), width=width)
    assert first.evaluate("document.documentElement.lang") == "en"
    assert second.evaluate("document.documentElement.lang") == "fr"
    first.evaluate("document.querySelector('button[lang=fr]').click()")
    first.evaluate("document.querySelector('button[lang=en]').click()")
    second.evaluate("document.querySelector('button[lang=en]').click()")
    assert "International border" in second.evaluate("document.body.innerText")
    second.evaluate("document.querySelector('button[lang=fr]').click()")
    assert "International border" in first.evaluate("document.body.innerText")
    assert "International border" not in second.evaluate("document.body.innerText")
    boxes = [box.bounding_box() for box in page.locator("iframe").all()]
    assert [round(box["height"]) for box in boxes] == [702, 702]
    assert boxes[1]["y"] >= boxes[0]["y"] + 702
    assert all(box["width"] <= width for box in boxes)
    for frame in (first, second):
        assert frame.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert frame.evaluate("document.querySelector('.folium-map').clientHeight") > 220
    assert faults == []


@pytest.mark.browser
def test_a_frame_that_was_hidden_at_first_shows_all_units(tmp_path, chromium):
    m = make_map()
    path = tmp_path / "hidden.html"
    path.write_text(
        f"<!doctype html><body><div id=cell style='display: none'>{m._repr_html_()}</div></body>",
        encoding="utf-8",
    )
    page = chromium.new_page(viewport={"width": 900, "height": 800})
    page.goto(path.as_uri())
    page.wait_for_timeout(500)
    page.evaluate("document.getElementById('cell').style.display = 'block'")
    page.wait_for_timeout(800)
    frame = page.frames[1]
    shown = frame.evaluate("window.sahelGeo.pointOf('M1')")
    other = frame.evaluate("window.sahelGeo.pointOf('N2')")
    box = frame.evaluate(
        "(({ clientWidth, clientHeight }) => [clientWidth, clientHeight])"
        "(document.querySelector('.folium-map'))"
    )
    page.close()
    for place in (shown, other):
        assert all(0 < at < size for at, size in zip(place, box, strict=True))
    assert abs(shown[0] - other[0]) > 0.3 * min(box)


@pytest.mark.browser
def test_a_picture_can_be_saved_from_the_frame(open_notebook):
    page, (frame,), faults = open_notebook(make_map())
    frame.evaluate("document.querySelector('details.sg-panel').open = true")
    for ending in (".png", ".svg"):
        with page.expect_download() as waiting:
            button = frame.get_by_role("button", name=re.compile(ending[1:], re.IGNORECASE)).first
            button.evaluate("button => button.click()")
        assert waiting.value.suggested_filename.endswith(ending)
        assert waiting.value.path().stat().st_size > 5_000
    assert faults == []


def test_a_map_that_cannot_be_written_says_why_in_the_notebook():
    m = make_map()
    folium.Marker([10.5, 0.5], icon=folium.DivIcon(html="{% raw %}<b>")).add_to(m)
    shown = m._repr_html_()
    assert "whose text folium takes for a template" in shown
    assert "<b>" not in shown


def test_no_way_that_folium_writes_a_map_takes_a_name_for_a_template(tmp_path):
    m = make_map()
    folium.CircleMarker([10.5, 0.5], tooltip="{{ 7 * 7 }}", popup="</script>").add_to(m)
    page = _map_html(m)
    assert "{{ 7" not in page
    m.save(tmp_path / "m.html")
    assert (tmp_path / "m.html").read_text(encoding="utf-8") == page
    assert m.get_root().render() == page
    folium.TileLayer("https://{s}.tile.example.org/{z}/{x}/{y}.png", attr="example").add_to(m)
    assert m.get_root().render() == _map_html(m, offline=False)


_WATCH_PENS = """
window.__pens = [];
for (const name of ["fill", "clearRect"]) {
  const draw = CanvasRenderingContext2D.prototype[name];
  CanvasRenderingContext2D.prototype[name] = function (...given) {
    window.__pens.push(name);
    return draw.apply(this, given);
  };
}
"""


@pytest.mark.browser
def test_printing_clears_no_canvas_since_on_paper_that_clears_those_below(tmp_path, chromium):
    path = sg.save_map(make_map(), tmp_path / "m.html")
    page = chromium.new_page(viewport={"width": 900, "height": 800})
    page.add_init_script(_WATCH_PENS)
    page.goto(path.as_uri())
    page.evaluate("window.sahelGeo.ready")
    page.wait_for_timeout(300)
    page.evaluate("window.__pens.length = 0")
    page.pdf()
    used = page.evaluate("window.__pens")
    page.close()
    assert used.count("fill") >= 6
    assert "clearRect" not in used
