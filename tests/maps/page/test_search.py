"""The search of the page finds units as people write them, and asks where it cannot know."""

import json
import random

import geopandas as gpd
import pytest
import shapely

import sahel_geo as sg
from tests.maps.node import in_node

UNITS = [
    {"id": "ML1001", "name": "Ménaka"},
    {"id": "NE006012", "name": "Tillabéri"},
    {"id": "ML0703", "name": "Gao"},
    {"id": "BF1300", "name": "Kadiogo"},
    {"id": "ML05-7", "name": "N’Tillit"},
    {"id": "ML0706", "name": "Gao"},
    {"id": "BF56", "name": "Gorom-Gorom"},
]


def search(*queries):
    found = in_node(
        "search.js",
        f"console.log(JSON.stringify({json.dumps(queries)}.map("
        f"query => s.findUnits({json.dumps(UNITS)}, query))))",
    )
    return [(each["found"], each["sure"]) for each in found]


def test_codes_and_names_are_found_in_any_spelling():
    queries = ["menaka", " ml 1001", "ML-1001", "Ménaka (ML1001)", "Tilla", "ntillit", "N'Tillit"]
    assert search(*queries) == [([at], True) for at in (0, 0, 0, 0, 1, 4, 4)]
    assert search("gorom gorom", "GOROM", "ml057") == [([6], True), ([6], True), ([4], True)]


def test_a_name_that_two_units_bear_is_a_choice():
    assert search("gao", "Gao (ML0706)") == [([2, 5], True), ([5], True)]


def test_a_slip_is_answered_with_the_nearest_names_as_a_question():
    assert search("tilabery", "Menkaa", "kadigo") == [([1], False), ([0], False), ([3], False)]
    assert search("nowhere", "xy", "  ", "(") == [
        ([], False),
        ([], False),
        ([], True),
        ([], True),
    ]


def slips(one, other):
    """Edit distance with swaps of neighbours, written out as its definition."""
    rows = [
        [i + j if i * j == 0 else 0 for j in range(len(other) + 1)] for i in range(len(one) + 1)
    ]
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            costs = [rows[i - 1][j] + 1, rows[i][j - 1] + 1]
            costs.append(rows[i - 1][j - 1] + (one[i - 1] != other[j - 1]))
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                costs.append(rows[i - 2][j - 2] + 1)
            rows[i][j] = min(costs)
    return rows[-1][-1]


def test_slips_are_counted_as_defined():
    draw = random.Random(1)
    words = ["".join(draw.choices("abc", k=draw.randrange(7))) for _ in range(2000)]
    pairs = list(zip(words[::2], words[1::2], strict=True))
    got = in_node(
        "search.js",
        f"console.log(JSON.stringify({json.dumps(pairs)}.map(([a, b]) => s.slips(a, b, 3))))",
    )
    assert [min(each, 4) for each in got] == [min(slips(*pair), 4) for pair in pairs]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    units = gpd.GeoDataFrame(
        {
            "unit_id": [unit["id"] for unit in UNITS],
            "name": [unit["name"] for unit in UNITS],
            "country": "MLI",
            "adm1_name": [f"Region {at}" for at in range(len(UNITS))],
            "incidents": range(len(UNITS)),
        },
        geometry=[shapely.box(at, 14, at + 1, 15) for at in range(len(UNITS))],
        crs=4326,
    )
    m = sg.choropleth(units, "incidents", lang="en", neighbours=False, towns=False)
    return sg.save_map(m, tmp_path_factory.mktemp("search") / "m.html")


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_offers_what_it_cannot_decide(file, open_page, width):
    page, faults = open_page(file, width, 844)
    field = page.get_by_role("combobox", name="Find a unit")

    def ask(text):
        page.locator("details").evaluate("panel => { panel.open = true }")
        field.fill(text)
        field.press("Enter")

    ask("gao")
    offered = page.locator(".sg-found")
    assert offered.is_visible()
    assert "Several units match" in offered.inner_text()
    assert page.evaluate("window.sahelGeo.unit") is None
    offered.get_by_role("button", name="ML0706").click()
    assert page.evaluate("window.sahelGeo.unit") == "ML0706"
    assert offered.inner_text() == ""
    ask("tilabery")
    assert "Did you mean" in offered.inner_text()
    assert "Region 1" in offered.inner_text()
    ask("nowhere")
    assert "No unit of that name" in offered.inner_text()
    box = offered.bounding_box()
    assert box["height"] > 12, "those who see the page are told as well"
    ask("ml 1001")
    assert page.evaluate("window.sahelGeo.unit") == "ML1001"
    assert faults == []
