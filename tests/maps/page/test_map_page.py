"""The map page as a whole: names, boxes, trend, comparison, small maps, links, paper, phone."""

import re

import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.maps.choropleth.legend import class_label
from sahel_geo.maps.classes.classes import classify
from sahel_geo.places.context import load_water_names
from tests.conftest import make_toy_units

MONTHS = pd.period_range("2001-01", "2020-12", freq="M")
COUNTRIES = {"MALI", "NIGER", "BURKINA FASO"}


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """Twenty years of second-level units, with everything that a page can hold."""
    units = sg.load_boundaries(level=2)
    rng = np.random.default_rng(4)
    cells = pd.DataFrame(
        {
            "unit_id": rng.choice(units["unit_id"].to_numpy(), 3_000),
            "period": MONTHS.take(rng.integers(0, len(MONTHS), 3_000)),
            "incidents": 1,
            "fatalities_best": rng.poisson(2.0, 3_000),
        },
    )
    panel = cells.groupby(["unit_id", "period"], as_index=False).sum()
    sums = panel.groupby("unit_id")[["incidents", "fatalities_best"]].sum()
    table = units.join(sums, on="unit_id").fillna({"incidents": 0, "fatalities_best": 0})
    table["per_1000km2"] = table["incidents"] / table["area_km2"] * 1e3
    table["population"] = 10_000
    table["incidents_battles"] = panel["incidents_battles"] = 0
    table.loc[table["unit_id"] == "ML0404", "incidents_battles"] = 2
    points = pd.DataFrame(
        {
            "lon": [0.0, 0.3, 2.4],
            "lat": [16.3, 14.2, 15.9],
            "event_type": ["Battles", "Battles", "Protests"],
            "date": pd.to_datetime(["2019-02-01", "2020-02-01", "2020-03-01"]),
        },
    )
    m = sg.choropleth(
        table.astype({"incidents": int, "fatalities_best": int}),
        ["incidents", "fatalities_best", "per_1000km2", "incidents_battles"],
        panel=panel,
        parts={"incidents_battles": ("event_type", {"fr": "combats", "en": "battles"})},
        details=["population"],
        points=points,
        point_types="event_type",
        annotations=[{"lon": 2.4, "lat": 15.9, "text": {"fr": "Le camp", "en": "The camp"}}],
        report="index.html",
        source="test",
        lang="en",
    )
    return sg.save_map(m, tmp_path_factory.mktemp("map") / "m.html")


def text_of(page, selector):
    return page.locator(selector).inner_text().replace("\u202f", " ").replace("\u00a0", " ")


@pytest.mark.browser
def test_names_boxes_search_and_trend(file, open_page):
    page, faults = open_page(file)
    names = page.evaluate("sahelGeo.labels")
    assert {name.upper() for name in names} >= COUNTRIES
    assert "Niger River" in names
    assert page.title() == "Incidents · number · January 2001 – December 2020"
    x, y = page.evaluate("sahelGeo.pointOf('ML0404')")
    box = page.locator(".folium-map").bounding_box()
    for shift in range(2):
        page.mouse.move(box["x"] + x + shift, box["y"] + y)
    rows = page.locator(".sg-tip tr").all_inner_texts()
    assert 2 <= len(rows) <= 3, "the indicator, incidents, deaths"
    page.locator("select[id$=_switch]").select_option("2")
    page.mouse.move(box["x"] + x + 2, box["y"] + y)
    heads = page.locator(".sg-tip th").all_inner_texts()
    assert [head.splitlines()[-1] for head in heads] == ["per 1,000 km²", "number", "number"]
    chosen = page.locator(".sg-chosen")
    assert chosen.inner_text() == "Incidents (per 1,000 km²)"
    assert chosen.evaluate("node => node.scrollWidth <= node.clientWidth")
    assert "Incidents (number), all units" in text_of(page, "[id$=_trend]"), "rates do not add up"
    ticks = page.locator("[id$=_trend] text").all_text_contents()
    assert "0" in ticks
    assert "2001" in ticks
    assert text_of(page, ".sg-count-head") == "Units"
    assert "1The camp" in text_of(page, ".sg-marked").replace("\n", "")
    assert page.locator("a.sg-back").get_attribute("href") == "index.html"
    page.locator("input[type=search]").fill("Gorom-Gorom")
    page.keyboard.press("Enter")
    assert page.evaluate("sahelGeo.unit") is not None, "a town opens the unit around it"
    parts = page.locator(".sg-card > *").evaluate_all("nodes => nodes.map(n => n.tagName)")
    assert parts.index("FIGURE") < parts.index("TABLE"), "the chart comes first"
    assert "people" in text_of(page, ".sg-card table")
    assert faults == []


@pytest.mark.browser
def test_two_periods_small_maps_and_the_link_that_restores_them(file, open_page):
    page, faults = open_page(file)
    page.get_by_role("button", name="Compare two periods").click()
    assert page.locator(".sg-side").all_inner_texts() == ["2019", "2020"]
    assert page.evaluate("sahelGeo.compared") >= 0
    counts = page.locator(".sg-classes .sg-count").all_inner_texts()
    assert all(re.fullmatch(r"\d+ \| \d+", count) for count in counts)
    both = np.array([count.split(" | ") for count in counts], dtype=int)
    assert both.sum(axis=0).tolist() == [page.evaluate("sahelGeo.units")] * 2, "one scale"
    slider = page.get_by_role("slider", name="Line between the two periods")
    slider.focus()
    page.keyboard.press("End")
    assert slider.get_attribute("aria-valuenow") == "98"
    page.get_by_role("button", name="Side by side").click()
    pair = page.locator(".sg-pair .sg-small-map")
    assert pair.all_inner_texts() == ["2019", "2020"]
    left, right = (pair.nth(at).bounding_box() for at in range(2))
    assert left["y"] == right["y"]
    assert left["x"] + left["width"] <= right["x"]
    page.wait_for_timeout(300)
    assert "period=2019&compare=2020&maps=two" in page.evaluate("location.hash")
    page.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="One map per year").click()
    maps = page.locator(".sg-small-map")
    assert maps.count() == 20
    assert maps.first.inner_text() == "2001"
    with page.expect_download() as found:
        page.locator(".sg-multiples").get_by_role("button", name="SVG").click()
    drawing = found.value.path().read_text(encoding="utf-8")
    assert all(f">{year}<" in drawing for year in range(2001, 2021))
    maps.nth(18).click()
    page.locator("select[id$=_switch]").select_option("1")
    page.locator("input[type=search]").fill("ML0404")
    page.keyboard.press("Enter")
    page.wait_for_timeout(400)
    link = page.evaluate("location.hash")
    assert "indicator=fatalities_best" in link
    assert "period=2019" in link
    shown = page.evaluate("sahelGeo.bounds")
    fills = page.evaluate("sahelGeo.colourOf('ML0404')")
    page.goto("about:blank")
    page.goto(file.as_uri() + link)
    page.evaluate("sahelGeo.ready")
    state = page.evaluate("[sahelGeo.indicator, sahelGeo.unit, sahelGeo.colourOf('ML0404')]")
    assert state == ["fatalities_best", "ML0404", fills]
    assert np.allclose(page.evaluate("sahelGeo.bounds"), shown, atol=0.4)
    page.get_by_role("button", name="Copy to embed").click()
    assert page.locator(".sg-share").input_value().startswith('<iframe src="m.html#indicator=')
    assert [fault for fault in faults if "clipboard" not in fault.lower()] == []


@pytest.mark.browser
def test_events_are_switched_by_their_type(file, open_page):
    page, _ = open_page(file)
    boxes = page.locator(".sg-types input")
    assert page.locator(".sg-types span").all_inner_texts() == ["Battles", "Protests"]
    total = "sahelGeo.groups.reduce((sum, group) => sum + group[0], 0)"
    assert page.evaluate(total) == 3
    boxes.first.uncheck()
    assert page.evaluate(total) == 1
    which = page.locator(".sg-which select")
    assert which.locator("option").all_inner_texts() == ["All incidents", "battles"]
    assert which.locator("optgroup").get_attribute("label") == "By kind of event"
    whole = page.locator("select[id$=_switch]")
    assert whole.locator("option").count() == 3
    which.select_option(label="battles")
    assert page.evaluate("sahelGeo.indicator") == "incidents_battles"
    assert page.locator(".sg-classes .sg-label").all_inner_texts() == ["0", "2"]
    assert whole.input_value() == "0"
    whole.select_option("2")
    assert which.input_value() == "0", "a rate is of all incidents"


@pytest.mark.browser
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_paper_shows_everything_that_the_screen_shows(file, open_page, width, height):
    page, faults = open_page(file, width, height)
    page.set_viewport_size({"width": 1055, "height": 720})  # a sheet of A4
    page.wait_for_timeout(300)
    assert page.evaluate("innerWidth") == 1055
    assert "view=" not in page.evaluate("location.hash"), "a sheet turned is no view of one's own"
    page.emulate_media(media="print")
    for _ in range(30):  # a busy machine lays the sheet out late
        page.wait_for_timeout(100)
        west, _, east, _ = page.evaluate("sahelGeo.bounds")
        if east - west < 1.5 * 28.3:
            break
    west, south, east, north = page.evaluate("sahelGeo.bounds")
    assert (west < -12.2, south < 9.5, east > 15.9, north > 24.9) == (True,) * 4
    assert east - west < 1.5 * 28.3, "as large as the paper allows"
    place = page.locator(".folium-map").bounding_box()
    assert place["width"] > 600, "the sheet, not a phone"
    assert place["x"] + place["width"] <= 1055
    assert page.locator(".sg-foot").bounding_box()["y"] >= place["y"] + place["height"] - 1
    page.emulate_media(media="screen")
    page.wait_for_timeout(500)
    west, south, east, north = page.evaluate("sahelGeo.bounds")
    assert (west < -12.2, south < 9.5, east > 15.9, north > 24.9) == (True,) * 4
    assert "view=" not in page.evaluate("location.hash"), "the reader has moved nothing"
    assert faults == []


@pytest.mark.browser
def test_a_phone_on_its_side_shows_the_map_as_large_as_one_held_up(file, open_page):
    page, faults = open_page(file, 844, 390)
    place = page.locator(".folium-map").bounding_box()
    assert place["width"] > 840
    assert place["height"] >= 230
    assert place["y"] + place["height"] <= 390
    west, _, east, _ = page.evaluate("sahelGeo.bounds")
    assert east - west < 3 * 28.3, "the countries fill a third of the width"
    page.locator(".sg-panel > summary").click()
    page.set_viewport_size({"width": 844, "height": 700})
    page.locator(".sg-panel[open]").wait_for()
    assert page.locator(".sg-panel").bounding_box()["x"] > 400, "beside the map where there is room"
    assert faults == []


@pytest.mark.browser
@pytest.mark.parametrize("count", [1, 3])
def test_one_country_with_few_incidents_has_a_plain_page(count, open_page, tmp_path):
    units = sg.load_boundaries(level=1, countries="NER")
    units["incidents"] = [count] + [0] * (len(units) - 1)
    units["rate"] = units["incidents"] * 5.5704138
    m = sg.choropleth(units, ["incidents", "rate"], lang="fr")
    page, faults = open_page(sg.save_map(m, tmp_path / "m.html"), 390, 844)
    assert page.locator(".sg-classes .sg-label").all_inner_texts() == ["0", str(count)]
    page.locator("select[id$=_switch]").select_option("1")
    known = {1: "5,57", 3: "16,7"}[count]
    assert page.locator(".sg-classes .sg-label").all_inner_texts() == ["0", known]
    assert "Niger" in page.evaluate("sahelGeo.labels")
    assert page.locator(".sg-compare").count() == 0
    west, south, east, north = page.evaluate("sahelGeo.bounds")
    assert west < 0.2 < 15.9 < east
    assert south < 11.7 < 23.5 < north
    assert faults == []


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([5.5704138], ["5.57"]),
        ([5.5704138, 0.0123456], ["0.0123", "5.57"]),
        ([5.5704138, 5.5712, 2.0], ["2", "5.57", "5.571"]),
        ([1, 2, 5, 300], ["1", "2", "5", "300"]),
        ([0.1, 0.25, 1234.5678, 9.87654], ["0.1", "0.25", "9.88", "1,235"]),
    ],
)
def test_legends_of_few_values_have_no_raw_digits(values, labels):
    found = classify(values)
    assert [class_label(entry, "en") for entry in found.classes] == labels
    assert [entry.count for entry in found.classes] == [1] * len(values)


def test_the_highest_class_is_split_where_it_spans_too_much():
    sizes = np.round(np.random.default_rng(3).pareto(1.0, 400) * 10 + 1)
    plain = classify(sizes, scheme="quantiles").classes[-1]
    assert plain.high / plain.low > 16
    found = classify(sizes)
    assert found.scheme == "quantiles_head_tail"
    top = sizes[found.class_of == len(found.classes) - 1]
    assert top.max() <= 4 * top.min() or len(found.classes) == 9
    even = classify(np.arange(10.0, 40.0))
    assert even.scheme == "quantiles", "nothing is split where quantiles tell the truth"


def test_a_linked_map_has_the_classes_of_the_other():
    units = make_toy_units()
    units["incidents"] = [1, 4, 9, 20, 60, 0]
    whole = sg.choropleth(units, "incidents", neighbours=False, towns=False)
    part = units.iloc[:2]
    linked = sg.choropleth(part, "incidents", neighbours=False, towns=False, scale_of=whole)

    def classes(m):
        page = next(child for child in m._children.values() if hasattr(child, "data"))
        return page.data["indicators"][0]["classes"]

    def shades(m):
        return [(each["kind"], each["high"], each["colour"]) for each in classes(m)]

    assert shades(linked) == shades(whole)
    assert sum(each["count"] for each in classes(linked)) == len(part)
    with pytest.raises(InputError, match=r"`scale_of` has no class for 1 values: \[-5.0\]"):
        sg.choropleth(part.assign(incidents=[-5, 1]), "incidents", scale_of=whole, towns=False)
    with pytest.raises(InputError, match=r"`scale_of` is a str that choropleth\(\) did not make"):
        sg.choropleth(part, "incidents", scale_of="map")


def test_notes_and_addresses_that_cannot_be_used_are_refused():
    units = make_toy_units().assign(incidents=1)
    with pytest.raises(InputError, match=r"`annotations` has 2 notes, 1 of them .*: \[1\]"):
        sg.choropleth(
            units,
            "incidents",
            annotations=[{"lon": 0, "lat": 1, "text": "a"}, {"lon": 0, "lat": 91, "text": "b"}],
        )
    for address in ("javascript:alert(1)", "//elsewhere.example/x"):
        with pytest.raises(InputError, match="expected a relative address or one of https"):
            sg.choropleth(units, "incidents", report=address)
    with pytest.raises(InputError, match=r"`waters` has no column \['kind'\]"):
        sg.choropleth(units, "incidents", waters=units[["geometry"]])


def test_waters_show_the_niger_and_its_inner_delta():
    waters = sg.load_waters()
    assert set(waters["licence"]) == {"LGPL-3.0-or-later", "Public Domain"}
    rivers = waters[waters["kind"] == "river"].geometry.to_crs("EPSG:32630")
    towns = sg.load_towns(["MLI", "NER"]).set_index("name").geometry.to_crs("EPSG:32630")
    towns = towns[~towns.index.duplicated()]
    for name in ("Bamako", "Ségou", "Mopti", "Gao", "Niamey"):
        assert rivers.distance(towns[name]).min() < 8_000, name
    assert rivers.distance(towns["Kidal"]).min() > 150_000


def test_every_name_of_a_river_or_lake_lies_on_it():
    waters = sg.load_waters().to_crs("EPSG:32630")
    names = load_water_names().to_crs("EPSG:32630")
    for kind, rows in names.groupby("kind"):
        shapes = waters.geometry[waters["kind"] == kind].union_all()
        assert rows.distance(shapes).max() < 1_000, kind
    niger = names[names["name_fr"] == "le Niger"]
    assert len(niger) > 3
    assert (names["name_fr"] != "Niger").all(), "that is the country"


def test_small_maps_are_drawn_without_a_browser(tmp_path):
    units = make_toy_units().assign(incidents=[3, 0, 1, 2, 0, 5])
    months = pd.period_range("2019-01", "2020-12", freq="M")
    panel = pd.DataFrame({"unit_id": "M1", "period": months, "incidents": 1})
    panel.loc[0, "incidents"] = 4
    m = sg.choropleth(units, "incidents", panel=panel, neighbours=False, towns=False)
    svg = sg.save_png(m, tmp_path / "m.svg", by="year", lang="en")
    assert svg.read_bytes() == sg.save_png(m, tmp_path / "n.svg", by="year", lang="en").read_bytes()
    with pytest.raises(InputError, match="`by` is 'decade'; expected 'year' or 'period'"):
        sg.save_png(m, tmp_path / "m.svg", by="decade")
    plain = sg.choropleth(units, "incidents", neighbours=False, towns=False)
    with pytest.raises(InputError, match="`by` is 'year', but 'incidents' has no such values"):
        sg.save_png(plain, tmp_path / "m.svg", by="year")
