"""Points, surface, layers and pictures: what goes into the page, and what a reader sees."""

import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.maps.choropleth.figures import Figures
from sahel_geo.maps.page.element import PageElement
from tests.conftest import make_toy_units
from tests.maps.node import in_node
from tests.maps.report.test_report import HOSTILE

NO_FIGURES = Figures(None, None, [], [], {}, safe=False)
POINTS = pd.DataFrame(
    {
        "lon": [0.501, 0.504, 2.5, 1.5, np.nan],
        "lat": [11.5, 11.5, 10.5, 10.4, 11.0],
        "date": pd.to_datetime(["2021-01-03", "2021-02-03", "2021-02-09", None, "2021-01-01"]),
        "location_precision": ["exact", "near", "admin1", "admin2", "exact"],
        "fatalities_best": [4.0, 12.0, np.nan, 0.0, 1.0],
        "notes": ["a secret", "b secret", HOSTILE[0], None, "e secret"],
    }
)


def make_panel(table):
    return pd.DataFrame(
        {
            "unit_id": np.repeat(table["unit_id"].to_numpy(), 2),
            "period": pd.period_range("2021-01", periods=2, freq="M").take(np.tile([0, 1], 6)),
            "incidents": 1,
        }
    )


@pytest.fixture(scope="module")
def surface():
    located = POINTS.dropna(subset=["lon"])
    return sg.density.kernel_density(located, bandwidth_km=50, cell_km=20)


@pytest.fixture(scope="module")
def file(surface, tmp_path_factory):
    table = make_toy_units().assign(incidents=2)
    m = sg.choropleth(
        table,
        "incidents",
        panel=make_panel(table),
        points=POINTS,
        surface=surface,
        surface_label={"fr": "Densité", "en": "Density"},
        towns=False,
        zone=table.geometry.iloc[:2],
        source="essai",
        lang="en",
    )
    return sg.save_map(m, tmp_path_factory.mktemp("layers") / "m.html")


def read_points(data):
    return in_node("points.js", f"console.log(JSON.stringify(s.readPoints({json.dumps(data)})))")


def test_points_are_rounded_sorted_and_without_texts_unless_asked_for():
    data = NO_FIGURES.point_data(POINTS, [], {})
    assert "secret" not in json.dumps(data)
    got = read_points(data)
    assert [(point["lat"], point["lon"]) for point in got] == [
        (10.4, 1.5),
        (10.5, 2.5),
        (11.5, 0.5),
        (11.5, 0.5),
    ]
    assert [point["deaths"] for point in got] == [0, None, 4, 12]
    assert [point["precision"] for point in got] == [1, 2, 0, 0]
    asked = NO_FIGURES.point_data(POINTS, ["notes"], {"notes": "Note"})
    assert asked["texts"][0]["title"] == "Note"
    assert asked["texts"][0]["values"] == [None, HOSTILE[0], "a secret", "b secret"]


def test_points_join_the_group_within_reach_and_totals_are_kept():
    rng = np.random.default_rng(4)
    points = [
        {"x": float(x), "y": float(y), "deaths": None if d == 3 else int(d), "precision": 0}
        for x, y, d in zip(*rng.uniform(0, 400, (2, 300)), rng.integers(0, 9, 300), strict=True)
    ]
    groups = in_node(
        "points.js",
        f"console.log(JSON.stringify(s.groupPoints({json.dumps(points)}, 40)))",
    )
    assert sum(group["count"] for group in groups) == 300
    assert sum(group["deaths"] for group in groups) == sum(p["deaths"] or 0 for p in points)
    assert sum(group["untold"] for group in groups) == sum(p["deaths"] is None for p in points)
    for group in groups:
        first = group["points"][0]
        apart = [np.hypot(p["x"] - first["x"], p["y"] - first["y"]) for p in group["points"]]
        assert max(apart) < 40
    firsts = np.array([[group["points"][0]["x"], group["points"][0]["y"]] for group in groups])
    gaps = np.hypot(*(firsts[:, None] - firsts[None]).transpose(2, 0, 1))
    assert gaps[~np.eye(len(firsts), dtype=bool)].min() >= 40


def test_refuses_points_and_surfaces_that_cannot_be_shown():
    table = make_toy_units().assign(incidents=2)
    with pytest.raises(InputError, match="`points` has 0 rows with coordinates"):
        sg.choropleth(table, "incidents", points=POINTS.iloc[4:])
    with pytest.raises(InputError, match=r"`point_columns` names \['story'\]"):
        sg.choropleth(table, "incidents", points=POINTS, point_columns=["story"])
    with pytest.raises(InputError, match="`surface` is a int"):
        sg.choropleth(table, "incidents", surface=3)
    with pytest.raises(InputError, match="`points` could tell figures that this map hides"):
        sg.choropleth(table, "incidents", points=POINTS, publish="safe")


def test_the_tri_point_is_marked():
    m = sg.choropleth(make_toy_units().assign(incidents=2), "incidents", towns=False)
    page = next(child for child in m._children.values() if isinstance(child, PageElement))
    assert page.data["meeting_points"] == [[11.0, 2.0]]


@pytest.mark.browser
def test_points_follow_the_period_and_tell_what_they_hold(file, open_page):
    page, faults = open_page(file)
    assert sorted(page.evaluate("sahelGeo.groups")) == [[1, 0, 1], [1, 0, 2], [2, 16, 0]]
    x, y = page.evaluate("sahelGeo.pointOf('M1')")
    box = page.locator(".folium-map").bounding_box()
    page.mouse.move(box["x"] + x, box["y"] + y)
    assert page.locator(".sg-tip").inner_text().split("\n") == [
        "2 incidents",
        "16 recorded deaths",
        "Place known",
    ]
    page.locator("input[type=range]").fill("0")
    assert page.evaluate("sahelGeo.groups") == [[1, 4, 0]]
    page.locator("input[value=points]").uncheck()
    assert page.evaluate("sahelGeo.groups") == []
    assert faults == []


@pytest.mark.browser
def test_the_surface_takes_the_place_of_the_colours_and_of_the_legend(file, open_page):
    page, faults = open_page(file)
    assert page.locator("img.leaflet-image-layer").count() == 0
    page.locator("input[value=surface]").check()
    picture = page.locator("img.leaflet-image-layer")
    assert picture.evaluate("image => image.complete && image.naturalWidth") > 10
    assert page.locator("section[id$=_legend] h2").all_inner_texts() == ["Density"]
    assert page.evaluate("sahelGeo.colourOf('M1')") == "#fbfaf6"
    page.locator("input[value=surface]").uncheck()
    assert page.locator("section[id$=_legend] h2").all_inner_texts() == ["Incidents"]
    assert faults == []


@pytest.mark.browser
def test_layers_can_be_hidden(file, open_page):
    page, _ = open_page(file)
    assert page.locator(".sg-meeting").count() == 1
    lines = page.locator(".sg-lines").first
    assert "International border" in lines.inner_text()
    page.locator("input[value=border]").uncheck()
    assert page.locator(".sg-meeting").count() == 0
    assert "International border" not in lines.inner_text()
    assert page.locator(".sg-name-around").count() > 0
    page.locator("input[value=around]").uncheck()
    assert page.locator(".sg-name-around").count() == 0


@pytest.mark.browser
def test_the_locator_shows_where_the_view_lies_and_goes_when_it_says_nothing(file, open_page):
    page, _ = open_page(file)
    locator = page.get_by_role("img", name="Where the view lies")
    assert locator.is_visible()
    colours = locator.evaluate(
        "c => new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size"
    )
    assert colours > 20


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_saves_a_picture_and_a_drawing_without_network(file, open_page, tmp_path, width):
    page, faults = open_page(file, width, 844)
    page.locator("input[value=surface]").check()
    for kind, ending in (("PNG", "png"), ("SVG", "svg")):
        with page.expect_download() as found:
            page.get_by_role("button", name=kind).click()
        assert found.value.suggested_filename == f"density-2021-01-2021-02.{ending}"
        found.value.save_as(tmp_path / f"m.{ending}")
    with Image.open(tmp_path / "m.png") as picture:
        assert picture.format == "PNG"
        assert picture.width > width
        assert len(picture.convert("RGB").getcolors(1 << 24)) > 50
    drawing = (tmp_path / "m.svg").read_text(encoding="utf-8")
    assert "International border" in drawing
    assert "Source: essai." in drawing
    assert "data:image/png" in drawing
    assert faults == []


@pytest.mark.browser
def test_hostile_texts_stay_text_in_points_classes_and_drawings(open_page, tmp_path):
    for at, text in enumerate(HOSTILE[:7]):
        table = make_toy_units().assign(kind=["a", text, "a", "a", "a", "a"], name=text)
        points = POINTS.assign(notes=text)
        m = sg.choropleth(
            table,
            "kind",
            points=points,
            point_columns=["notes"],
            towns=False,
            lang="en",
            labels={"kind": {"fr": text, "en": text + "."}},
            source=text,
            left_out={"en": text},
        )
        page, faults = open_page(sg.save_map(m, tmp_path / f"{at}.html"))
        page.locator("input[type=search]").fill("M1")
        page.keyboard.press("Enter")
        with page.expect_download() as found:
            page.locator("button[data-text=save_svg]").click()
        found.value.save_as(tmp_path / "m.svg")
        page.locator("button[value=fr]").click()
        assert faults == []
        assert page.evaluate("window.__pwned") is None
        other, faults = open_page(tmp_path / "m.svg")
        assert other.evaluate("document.documentElement.tagName") == "svg"
        assert other.evaluate("window.__pwned") is None
        assert faults == []
