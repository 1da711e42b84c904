"""The map: what it holds, what it refuses, and what a person sees when it opens."""

import itertools

import folium
import geopandas as gpd
import numpy as np
import pytest
import shapely
from folium.plugins import MarkerCluster

import sahel_geo as sg
from sahel_geo.errors import CrsError, InputError
from sahel_geo.maps.choropleth.topology import SCALE, decode_line
from sahel_geo.maps.page.element import PageElement
from tests.maps.report.test_report import HOSTILE


@pytest.fixture(scope="module")
def units():
    table = sg.load_boundaries(level=2)
    number = np.arange(len(table), dtype=float)
    table["per_1000km2"] = np.where(number % 4 == 0, 0.0, number * 1.234)
    table.loc[number % 17 == 0, "per_1000km2"] = np.nan
    table["incidents"] = number.astype(int)
    return table


@pytest.fixture(scope="module")
def pages(units, tmp_path_factory):
    folder = tmp_path_factory.mktemp("maps")
    return {
        lang: sg.save_map(
            sg.choropleth(units, ["per_1000km2", "incidents"], lang=lang, notes="Test <note>"),
            folder / f"{lang}.html",
        )
        for lang in ("fr", "en")
    }


def small(**columns):
    return gpd.GeoDataFrame(
        {"unit_id": ["A", "B"], "name": ["West", "East"], "incidents": [0, 3]} | columns,
        geometry=[shapely.box(0, 14, 1, 15), shapely.box(1, 14, 2, 15)],
        crs=4326,
    )


def plain(units, column="incidents", **options):
    return sg.choropleth(units, column, neighbours=False, towns=False, **options)


def test_the_page_is_small_and_names_no_address(pages):
    for page in pages.values():
        text = page.read_text(encoding="utf-8")
        assert page.stat().st_size < 600_000
        assert "cdn" not in text
        assert "Content-Security-Policy" in text
        assert "default-src 'none'" in text


def test_the_same_map_gives_the_same_bytes(units, pages, tmp_path):
    again = sg.choropleth(units, ["per_1000km2", "incidents"], lang="fr", notes="Test <note>")
    assert sg.save_map(again, tmp_path / "again.html").read_bytes() == pages["fr"].read_bytes()


def test_it_is_a_folium_map_that_users_extend(tmp_path):
    m = plain(small())
    assert isinstance(m, folium.Map)
    folium.CircleMarker([14.5, 0.5], tooltip="here").add_to(m)
    folium.GeoJson(small()[["geometry"]]).add_to(m)
    text = sg.save_map(m, tmp_path / "m.html").read_text(encoding="utf-8")
    assert "circleMarker" in text or "circle_marker" in text
    assert "<iframe" in m._repr_html_()


@pytest.mark.parametrize(
    ("add", "named"),
    [
        (lambda m: folium.TileLayer("OpenStreetMap").add_to(m), "tile layer openstreetmap"),
        (lambda m: MarkerCluster().add_to(m), "plugin MarkerCluster"),
        (
            lambda m: folium.Marker([14, 0], icon=folium.Icon(color="red")).add_to(m),
            r"folium\.Icon",
        ),
        (
            lambda m: folium.raster_layers.ImageOverlay(
                "https://example.org/a.png", [[0, 0], [1, 1]]
            ).add_to(m),
            r"ImageOverlay https://example\.org/a\.png",
        ),
        (
            lambda m: folium.Marker(
                [14, 0], popup=folium.Popup("<img src='https://example.org/b.png'>")
            ).add_to(m),
            r"HTML that loads 1 other files: .*b\.png",
        ),
    ],
)
def test_what_needs_the_network_is_refused_by_name(add, named, tmp_path):
    m = plain(small())
    add(m)
    with pytest.raises(InputError, match=named):
        sg.save_map(m, tmp_path / "m.html")
    assert list(tmp_path.iterdir()) == []
    assert sg.save_map(m, tmp_path / "online.html", offline=False).is_file()


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda u: u.set_crs(None, allow_override=True), CrsError, "no coordinate reference"),
        (lambda u: u.to_crs(3857), CrsError, r"expected EPSG:4326"),
        (lambda u: u.drop(columns="incidents"), InputError, r"lacks 1 columns: \['incidents'\]"),
        (lambda u: u.assign(incidents=["a", "b"]), InputError, "expected numbers"),
        (lambda u: u.assign(incidents=[1, np.inf]), InputError, r"infinite in 1 units: \['B'\]"),
        (lambda u: u.assign(unit_id=["A", "A"]), InputError, r"unit_id more than once: \['A'\]"),
        (lambda u: u.assign(unit_id=["A", None]), InputError, "without unit_id"),
        (lambda u: u.iloc[:0], InputError, "`units` has no rows"),
        (lambda u: u.assign(geometry=[None, shapely.Point(0, 0)]), InputError, "without a polygon"),
        (lambda u: u.drop(columns="geometry"), InputError, "expected a GeoDataFrame"),
    ],
)
def test_refuses_units_that_would_make_a_wrong_map(change, error, message):
    with pytest.raises(error, match=message):
        plain(change(small()))


def test_refuses_unknown_options(tmp_path):
    with pytest.raises(InputError, match="`lang` is 'de'"):
        plain(small(), lang="de")
    with pytest.raises(InputError, match="`scheme` is 'jenks'"):
        plain(small(), scheme="jenks")
    with pytest.raises(InputError, match="`zone` is a int"):
        plain(small(), zone=3)
    with pytest.raises(InputError, match=r"`fit` is \[1.0, 2.0\]"):
        plain(small(), fit=(1, 2))
    with pytest.raises(InputError, match=r"`m` is a str; expected a folium\.Map"):
        sg.save_map("map", tmp_path / "m.html")


def hover(page, unit_id):
    """Point at a unit, again while the page is still settling, and read the tip."""
    for step in range(20):
        x, y = page.evaluate(f"window.sahelGeo.pointOf({unit_id!r})")
        box = page.locator(".folium-map").bounding_box()
        page.mouse.move(box["x"] + x + step % 2, box["y"] + y)
        page.wait_for_timeout(100)
        if page.evaluate("window.sahelGeo.unit") == unit_id:
            break
    return page.locator(".sg-tip").inner_text()


@pytest.mark.browser
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_what_a_person_sees(pages, units, open_page, lang, width, height):
    page, faults = open_page(pages[lang], width, height)
    page.wait_for_timeout(300)
    assert faults == []
    assert page.locator("html").get_attribute("lang") == lang
    assert page.evaluate("window.sahelGeo.units") == len(units) == 165
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    legend = page.locator("section[id$=_legend]")
    rows = legend.locator("ul.sg-classes li")
    counts = [int(text) for text in legend.locator(".sg-count").all_inner_texts()]
    assert sum(counts) == 165
    assert counts[0] == (units["per_1000km2"] == 0).sum()
    assert counts[-1] == units["per_1000km2"].isna().sum()
    assert rows.last.inner_text().startswith("Pas de données" if lang == "fr" else "No data")
    for text in legend.locator(".sg-label").all():
        box = text.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width

    row = units[units["unit_id"] == "ML0601"].iloc[0]
    expected = f"{row['per_1000km2']:.1f}" if row["per_1000km2"] else "0"
    page.locator(".sg-tip").wait_for(state="attached")
    text = hover(page, "ML0601")
    assert row["name"] in text
    assert "ML0601" in text
    assert (expected.replace(".", ",") if lang == "fr" else expected) in text
    assert str(row["incidents"]) in text
    tip = page.locator(".sg-tip").bounding_box()
    assert tip["x"] >= 0
    assert tip["x"] + tip["width"] <= width


def paths_of(m):
    page = next(child for child in m._children.values() if isinstance(child, PageElement))
    return page.data["paths"]


def test_borders_are_the_edges_between_countries(toy_units):
    border = paths_of(plain(toy_units.assign(incidents=1)))["border"]
    edges = shapely.MultiLineString([decode_line(text) for text in border])
    expected = shapely.MultiLineString([[(0, 11), (2, 11)], [(2, 10), (2, 11)], [(2, 11), (2, 12)]])
    grid = shapely.transform(expected, lambda xy: xy * SCALE)
    assert edges.equals(grid)
    assert paths_of(plain(toy_units.assign(incidents=1), borders=False))["border"] == []


def test_units_whose_edges_do_not_meet_still_get_the_borders_of_the_region():
    whole = sg.load_boundaries(level=1, countries=["NER"]).assign(incidents=1)
    loose = whole.set_geometry(shapely.buffer(whole.geometry.to_numpy(), 0.01), crs=4326)
    matched, unmatched = (
        sum(len(text) for text in paths_of(sg.choropleth(table, "incidents"))["border"])
        for table in (whole, loose)
    )
    assert unmatched > 0.8 * matched


def test_only_the_chosen_columns_go_into_the_page(tmp_path):
    m = plain(small(secret=["do not", "print this"], per_100k_year=[1.5, 2.5]))
    text = sg.save_map(m, tmp_path / "m.html").read_text(encoding="utf-8")
    assert "print this" not in text
    assert "per_100k_year" not in text


def test_an_error_in_the_middle_leaves_the_old_file(tmp_path):
    m = plain(small())
    old = sg.save_map(m, tmp_path / "m.html").read_bytes()
    folium.TileLayer("OpenStreetMap").add_to(m)
    with pytest.raises(InputError, match="need the network"):
        sg.save_map(m, tmp_path / "m.html")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [old]


@pytest.mark.browser
def test_markers_and_popups_of_folium_show_offline_and_run_no_script(open_page, tmp_path):
    m = plain(small())
    trap = '<img src="data:image/png;base64,AAAA" onerror="window.__pwned = 1">'
    popup = folium.Popup(f"<b>Bonjour</b> `{trap}", show=True)
    folium.Marker([14.5, 0.5], popup=popup).add_to(m)
    page, faults = open_page(sg.save_map(m, tmp_path / "m.html"))
    icon = page.locator("img.leaflet-marker-icon")
    assert icon.evaluate("image => image.complete && image.naturalWidth") == 25
    assert "Bonjour" in page.locator(".leaflet-popup-content").inner_text()
    page.wait_for_timeout(200)
    assert page.evaluate("window.__pwned") is None
    assert all("Content Security Policy" in fault for fault in faults)


@pytest.mark.browser
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_title_map_and_legend_stand_apart_inside_the_window(pages, open_page, width, height):
    page, _ = open_page(pages["fr"], width, height)
    parts = [".sg-head", ".folium-map", ".sg-panel"]
    boxes = [page.locator(part).bounding_box() for part in parts]
    shapes = [shapely.box(b["x"], b["y"], b["x"] + b["width"], b["y"] + b["height"]) for b in boxes]
    window = shapely.box(0, 0, width, height)
    assert all(window.covers(shape) for shape in shapes[: 3 if width > 500 else 2])
    assert all(a.intersection(b).area < 1 for a, b in itertools.combinations(shapes, 2))
    assert shapes[1].area > 0.3 * window.area
    if width < 500:
        assert boxes[1]["height"] >= 0.6 * height - 1
        assert boxes[2]["y"] < height - 60, "the legend is there to be scrolled to"
        foot = page.locator(".sg-foot")
        assert foot.evaluate("node => node.scrollHeight <= node.clientHeight + 1"), "cut"


@pytest.mark.browser
def test_the_legend_follows_the_indicator(pages, units, open_page):
    unit = units["unit_id"].iloc[4]  # no rate, four incidents
    page, faults = open_page(pages["en"])
    legend = page.locator("section[id$=_legend]")
    before = legend.inner_text()
    colour = page.evaluate(f"window.sahelGeo.colourOf({unit!r})")
    page.locator("select").select_option("1")
    assert legend.inner_text() != before
    assert "number" in legend.inner_text()
    assert page.evaluate("window.sahelGeo.indicator") == "incidents"
    assert page.evaluate(f"window.sahelGeo.colourOf({unit!r})") != colour
    assert page.locator("section[id$=_legend] h2").count() == 1
    assert faults == []


@pytest.mark.browser
def test_search_and_keyboard_reach_a_unit(pages, open_page):
    page, faults = open_page(pages["fr"], 390, 844)
    field = page.locator("input[type=search]")
    field.fill("menaka")
    field.press("Enter")
    field.blur()
    assert page.evaluate("window.sahelGeo.unit") == "ML1001"
    assert "Ménaka" in page.locator("aside.sg-card").inner_text()  # the panel has made room for it
    page.keyboard.press("Escape")
    assert page.evaluate("window.sahelGeo.unit") is None
    field.fill("nulle part")
    field.blur()
    assert "Aucune unité" in page.locator(".sg-found").inner_text()
    assert faults == []


@pytest.mark.browser
def test_missing_values_are_hatched_and_zero_is_not(pages, units, open_page):
    page, _ = open_page(pages["en"])
    missing = units.loc[units["per_1000km2"].isna(), "unit_id"].iloc[0]
    zero = units.loc[units["per_1000km2"] == 0, "unit_id"].iloc[0]
    assert page.evaluate(f"window.sahelGeo.colourOf({missing!r})") == "hatched"
    assert page.evaluate(f"window.sahelGeo.colourOf({zero!r})").startswith("#")


@pytest.mark.browser
def test_hostile_labels_notes_and_names_stay_text(open_page, tmp_path):
    evil = HOSTILE[0]
    for at, text in enumerate(HOSTILE):
        frame = small(name=[text, "East"], adm1_name=[text, text], source=[text, text])
        m = plain(
            frame,
            title=text,
            notes=[text, evil],
            labels={"incidents": text},
            zone=frame.geometry,
            zone_label=text,
        )
        page, faults = open_page(sg.save_map(m, tmp_path / f"{at}.html"), 390, 844)
        page.wait_for_timeout(100)
        assert faults == [], text[:40]
        assert page.evaluate("window.__pwned") is None
        assert page.evaluate("window.sahelGeo.units") == 2
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        shown = page.locator("body").inner_text()
        assert evil in shown
        assert text.strip()[:30].splitlines()[0] in hover(page, "A")
