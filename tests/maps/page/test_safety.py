"""A page runs nothing and fetches nothing that was not in it when it was written."""

import os
import subprocess
import sys
from contextlib import ExitStack

import folium
import geopandas as gpd
import pandas as pd
import pytest
import shapely

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.files import write_csv
from sahel_geo.maps.page.rendering import literal_text, script_text
from tests.maps.hostile import HOSTILE

RECORD = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.__violations.push(event.effectiveDirective + " " + event.blockedURI));
"""


@pytest.fixture
def watch(window):
    """Open a page; gives it with what it asked for and what the policy forbade."""
    with ExitStack() as pages:

        def open_file(path, width=390, height=844):
            asked, errors = [], []
            own = path.resolve().as_uri()
            heard = {
                "pageerror": lambda error: errors.append(str(error)),
                "dialog": lambda dialog: (errors.append("dialog"), dialog.dismiss()),
            }
            pages.close()  # the next file takes the place of the one before
            page = pages.enter_context(window(width, height, heard, RECORD))

            def refuse(route):
                address = route.request.url
                if address.split("#")[0] == own:
                    route.continue_()
                else:
                    asked.append(address)
                    route.abort()

            page.route("**/*", refuse)
            page.goto(own)
            page.wait_for_load_state()
            page.wait_for_timeout(300)
            return page, asked, errors

        yield open_file


def held(text):
    """Give a text as a table can hold it."""
    return text.encode("utf-8", "replace").decode("utf-8")


def is_half_a_template(text):
    return any(mark in text for mark in ("{%", "{#", "{{ ''"))


def grid(texts):
    names = [held(text) for text in texts]
    count = len(names)
    return gpd.GeoDataFrame(
        {
            "unit_id": [f"{i}-{name}" for i, name in enumerate(names)],
            "name": list(names),
            "country": ["MLI", *list(names)[1:]],
            "adm1_id": list(names),
            "adm1_name": list(names),
            "source": list(names),
            "licence": list(names),
            "incidents": range(count),
        },
        geometry=[shapely.box(i % 10, i // 10, i % 10 + 1, i // 10 + 1) for i in range(count)],
        crs=4326,
    )


def plain(units, **options):
    return sg.choropleth(units, "incidents", neighbours=False, towns=False, **options)


def is_whole(page, asked, errors):
    """Nothing ran, nothing was asked for, nothing was forbidden, and nothing is too wide."""
    assert page.evaluate("window.__pwned") is None
    assert asked == []
    assert errors == []
    assert page.evaluate("window.__violations") == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.locator("h1").count() == 1


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_hostile_names_and_notes_stay_text(watch, tmp_path, lang):
    units = grid(HOSTILE)
    m = plain(units, lang=lang, notes=HOSTILE, title="Plain title")
    page, asked, errors = watch(sg.save_map(m, tmp_path / "m.html"))
    is_whole(page, asked, errors)
    assert page.evaluate("window.sahelGeo.units") == len(HOSTILE)
    shown = page.evaluate("document.body.textContent")
    for text in HOSTILE:
        whole = held(text).replace("\0", "\ufffd").strip()
        if "\r" not in whole:
            assert whole in shown, text[:50]


@pytest.mark.browser
@pytest.mark.parametrize("first", range(0, len(HOSTILE), 4))
def test_hostile_titles_and_labels_stay_text(watch, tmp_path, first):
    title, subtitle, label, zone = (HOSTILE * 2)[first : first + 4]
    units = grid(["West", "East"])
    options = {"labels": {"incidents": label}, "unit_labels": {"incidents": label}}
    options |= {"zone": units, "zone_label": zone}
    m = plain(units, title=title, subtitle=subtitle, **options)
    page, asked, errors = watch(sg.save_map(m, tmp_path / "m.html"))
    is_whole(page, asked, errors)


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_hostile_texts_of_points_stay_text(watch, tmp_path, width):
    texts = [held(text) for text in HOSTILE]
    points = pd.DataFrame({"lon": [0.5], "lat": [0.5], **{text: [text] for text in texts}})
    m = plain(grid(["West", "East"]), points=points, point_columns=texts)
    page, asked, errors = watch(sg.save_map(m, tmp_path / "m.html"), width)
    page.evaluate("window.sahelGeo.ready")
    x, y = page.evaluate("window.sahelGeo.pointOf('0-West')")
    box = page.locator(".folium-map").bounding_box()
    page.mouse.move(box["x"] + x, box["y"] + y)
    assert "window.__pwned=1" in page.locator(".sg-tip").evaluate("tip => tip.textContent")
    page.mouse.click(box["x"] + x, box["y"] + y)
    page.wait_for_timeout(300)
    is_whole(page, asked, errors)


@pytest.mark.browser
def test_hostile_texts_in_layers_that_users_add_run_nothing(watch, tmp_path):
    m = plain(grid(["West", "East"]))
    hostile = [text.replace("src=x", "src=data:,") for text in HOSTILE]
    for i, text in enumerate(hostile):
        if "https:" in text and "<" in text:
            continue  # refused by name: it would load another file
        place = [0.5, i / 40]
        popup = folium.Popup(text, show=i % 7 == 0)
        folium.CircleMarker(
            place, tooltip=folium.Tooltip(text, permanent=True), popup=popup
        ).add_to(m)
        if not is_half_a_template(text):
            folium.Marker(place, icon=folium.DivIcon(html=text)).add_to(m)
    labels = [held(text) for text in HOSTILE if not is_half_a_template(text)]
    names = gpd.GeoDataFrame(
        {"label": labels}, geometry=[shapely.Point(0.5, 0.5)] * len(labels), crs=4326
    )
    folium.GeoJson(
        names,
        marker=folium.CircleMarker(),
        tooltip=folium.GeoJsonTooltip(["label"]),
        name=HOSTILE[21],
    ).add_to(m)
    folium.LayerControl().add_to(m)
    page, asked, errors = watch(sg.save_map(m, tmp_path / "m.html"))
    assert page.evaluate("window.__pwned") is None
    assert page.evaluate("window.sahelGeo.units") == 2
    assert errors == []
    shown = page.locator(".leaflet-tooltip-pane").evaluate("pane => pane.textContent")
    assert "{{ 7 * 7 }}" in shown
    assert "49" not in shown
    assert "`${window.__pwned=1}`" in shown
    # the layer's own HTML asked for a picture of this folder at most, and the policy refused that
    assert all(address.startswith("file:") for address in asked)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("add", "directive"),
    [
        ("<script>window.__pwned = 1</script>", "script-src-elem inline"),
        ('<script src="https://example.org/a.js"></script>', "script-src-elem https://example"),
        ('<img src="x" onerror="window.__pwned = 1">', "img-src"),
        ('<svg onload="window.__pwned = 1"></svg>', "script-src-attr inline"),
        ('<img src="https://example.org/a.png">', "img-src https://example.org/a.png"),
        ('<link rel="stylesheet" href="https://example.org/a.css">', "style-src-elem https://"),
        ('<iframe src="https://example.org/"></iframe>', "frame-src https://example.org"),
        ('<object data="https://example.org/"></object>', "object-src https://example.org"),
        ('<video src="https://example.org/a.mp4"></video>', "media-src https://example.org"),
        ('<a id="x" href="javascript:window.__pwned=1">x</a>', "script-src-elem inline"),
    ],
)
def test_what_is_put_into_the_file_afterwards_is_blocked(watch, tmp_path, add, directive):
    m = plain(grid(["West", "East"]))
    folium.Marker([0.5, 0.5], popup="here").add_to(m)
    path = sg.save_map(m, tmp_path / "m.html")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("<body>", f"<body>{add}", 1), encoding="utf-8")
    page, asked, errors = watch(path)
    if 'id="x"' in add:
        page.locator("#x").dispatch_event("click")
        page.wait_for_timeout(100)
    seen = page.evaluate("window.__violations")
    assert any(violation.startswith(directive) for violation in seen), seen
    assert asked == []
    assert errors == []
    assert page.evaluate("window.__pwned") is None
    assert page.evaluate("window.sahelGeo.units") == 2


@pytest.mark.browser
def test_scripts_of_the_page_cannot_reach_out_either(watch, tmp_path):
    page, asked, _ = watch(sg.save_map(plain(grid(["West", "East"])), tmp_path / "m.html"))
    page.evaluate("fetch('https://example.org/').catch(() => 0)")
    page.evaluate("navigator.sendBeacon('https://example.org/', 'x')")
    page.evaluate("new Image().src = 'https://example.org/a.png'")
    page.wait_for_timeout(200)
    assert asked == []
    seen = " ".join(page.evaluate("window.__violations"))
    assert "connect-src" in seen
    assert "img-src" in seen


@pytest.mark.browser
def test_a_map_with_tiles_may_fetch_tiles_and_nothing_else(watch, tmp_path):
    tiles = folium.TileLayer("https://{s}.tile.example.org/{z}/{x}/{y}.png", attr="example")
    m = plain(grid(["West", "East"]), tiles=tiles)
    page, asked, _ = watch(sg.save_map(m, tmp_path / "m.html", offline=False), 1280, 800)
    assert asked
    assert all(".tile.example.org/" in address for address in asked)
    page.evaluate("new Image().src = 'https://other.org/a.png'")
    page.wait_for_timeout(100)
    assert all(".tile.example.org/" in address for address in asked)
    assert page.evaluate("window.__violations") == ["img-src https://other.org/a.png"]


def test_a_map_of_unknown_needs_has_no_policy(tmp_path):
    m = plain(grid(["West", "East"]))
    folium.raster_layers.ImageOverlay("https://other.org/a.png", [[14, 0], [15, 1]]).add_to(m)
    text = sg.save_map(m, tmp_path / "m.html", offline=False).read_text(encoding="utf-8")
    assert "Content-Security-Policy" not in text


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_page_of_a_report_has_a_policy_and_keeps_it(watch, example_report, lang):
    report, _ = example_report(lang)
    for path in (each for each in report.pages if each.suffix == ".html"):
        assert "default-src 'none'" in path.read_text(encoding="utf-8"), path.name
        page, asked, errors = watch(path)
        is_whole(page, asked, errors)


def test_a_text_that_is_half_a_template_is_refused_by_name(tmp_path):
    m = plain(grid(["West", "East"]))
    folium.Marker([0.5, 0.5], icon=folium.DivIcon(html="{% raw %}")).add_to(m)
    with pytest.raises(InputError, match="whose text folium takes for a template"):
        sg.save_map(m, tmp_path / "m.html")


def test_texts_between_backticks_and_in_scripts_stay_what_they_are():
    assert literal_text("a `${b}` \\` \\") == "a \\`\\${b}\\` \\` \\\\"
    assert script_text("'</script>' '<!--' '<b>'") == "'\\x3c/script>' '\\x3c!--' '<b>'"


_MAKE = """
import sys
import folium
import sahel_geo as sg
import geopandas as gpd
import shapely
units = gpd.GeoDataFrame(
    {"unit_id": ["A", "B"], "name": ["West", "East"], "incidents": [0, 3]},
    geometry=[shapely.box(0, 14, 1, 15), shapely.box(1, 14, 2, 15)],
    crs=4326,
)
m = sg.choropleth(units, "incidents", lang="en", publish="safe")
folium.Marker([14, 0], popup="here", tooltip="there").add_to(m)
folium.GeoJson(units[["name", "geometry"]].iloc[:2]).add_to(m)
sg.save_map(m, sys.argv[1])
"""


def test_two_processes_write_the_same_bytes(tmp_path):
    written = []
    for seed in ("1", "2"):
        path = tmp_path / f"{seed}.html"
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", _MAKE, path], check=True, env=environment)
        written.append(path.read_bytes())
    assert written[0] == written[1]


def test_no_cell_of_a_csv_is_a_formula(tmp_path):
    texts = [held(text) for text in HOSTILE]
    table = pd.DataFrame({"=name": texts, "value": range(len(texts))})
    path = write_csv(tmp_path / "t.csv", table)
    read = pd.read_csv(path, dtype=str, keep_default_na=False)
    for cell in [*read.columns, *read.iloc[:, 0]]:
        assert not cell.lstrip().startswith(("=", "+", "-", "@"))
    assert len(read) == len(texts)
