"""The heading, the names and the sentence of a page say what is shown, and no more."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import sahel_geo as sg
from sahel_geo.maps.choropleth.choropleth import _default_limits
from sahel_geo.maps.choropleth.legend import Naming, indicator_data
from sahel_geo.maps.classes.categories import EMERGING, categories_of


@pytest.fixture
def squares():
    return gpd.GeoDataFrame(
        {
            "unit_id": ["A", "B"],
            "name": ["West", "East"],
            "incidents": [0, 3],
            "risk": [1.5, 9.0],
            "kind": ["hot", "not significant"],
        },
        geometry=[shapely.box(0, 14, 1, 15), shapely.box(1, 14, 2, 15)],
        crs=4326,
    )


def plain(units, columns, **options):
    return sg.choropleth(units, columns, lang="en", neighbours=False, towns=False, **options)


def statement(m):
    return next(child.data for child in m._children.values() if hasattr(child, "data"))["statement"]


@pytest.mark.browser
def test_a_heading_that_nobody_wrote_follows_the_indicator(squares, tmp_path, open_page):
    panel = pd.DataFrame({"unit_id": ["B"], "period": pd.PeriodIndex(["2021-03"], freq="M")})
    m = plain(squares, ["incidents", "risk", "kind"], panel=panel.assign(incidents=3))
    page, faults = open_page(sg.save_map(m, tmp_path / "m.html"))
    page.get_by_role("slider").fill("0")
    seen = []
    for number in range(3):
        page.locator("select[id$=_switch]").select_option(str(number))
        seen.append((page.title(), page.locator("h1").inner_text()))
    assert seen == [
        ("Incidents · number · March 2021", "Incidents"),
        ("Risk index · 0 to 10 · March 2021", "Risk index"),
        ("Hot and cold spots · March 2021", "Hot and cold spots"),
    ]
    with page.expect_download() as found:
        page.get_by_role("button", name="SVG").click()
    assert found.value.suggested_filename == "hot-and-cold-spots-2021-03.svg"
    drawing = found.value.path().read_text(encoding="utf-8")
    assert "March 2021</text>" in drawing.partition("Period:")[0]
    page.get_by_role("button", name="FR, français").click()
    assert page.locator("h1").inner_text() == "Points chauds et froids"
    assert faults == []


@pytest.mark.browser
def test_a_heading_that_was_given_stays(squares, tmp_path, open_page):
    m = plain(squares, ["incidents", "risk"], title="Mine", subtitle="2021")
    page, faults = open_page(sg.save_map(m, tmp_path / "m.html"))
    page.locator("select[id$=_switch]").select_option("1")
    assert page.locator("h1").inner_text() == "Mine"
    assert page.locator("[data-say=subtitle]").inner_text() == "2021"
    assert faults == []


@pytest.mark.browser
def test_the_box_tells_which_rows_are_not_of_the_period(squares, tmp_path, open_page):
    panel = pd.DataFrame({"unit_id": ["B"], "period": pd.PeriodIndex(["2021-03"], freq="M")})
    m = plain(squares, ["incidents", "risk"], panel=panel.assign(incidents=3))
    page, faults = open_page(sg.save_map(m, tmp_path / "m.html"))
    page.get_by_role("slider").fill("0")
    page.locator("input[type=search]").fill("East")
    page.keyboard.press("Enter")
    rows = page.locator(".sg-card tr").all_inner_texts()
    assert "Whole period" not in rows[0]
    assert "Whole period" in rows[1]
    assert faults == []


def test_classes_of_our_own_measures_have_a_name_whatever_the_column_is_called():
    values = pd.Series([each.value for each in EMERGING], name="kind")
    assert indicator_data(values, Naming(), {})["title"] == {
        "fr": "Évolution des points chauds",
        "en": "History of hot spots",
    }
    own = pd.Series(["a", "b"], name="kind")
    assert indicator_data(own, Naming(), {})["title"] == "kind"
    assert [each.value for each in categories_of(pd.Series(["cold", "hot"]))] == ["hot", "cold"]


def test_a_name_that_was_given_wins_over_ours(squares):
    m = plain(squares, "kind", labels={"kind": "Mine"})
    data = next(child.data for child in m._children.values() if hasattr(child, "data"))
    assert data["title"] == "Mine"


def test_counts_come_with_what_zero_means_unless_it_is_left_out(squares):
    assert "proof of calm" in statement(plain(squares, "incidents"))["limits"]["en"]
    assert "limits" not in statement(plain(squares, "incidents", limits=""))
    assert "limits" not in statement(plain(squares, "risk"))
    assert _default_limits(["population", "kind"]) is None


def test_cells_of_the_scdi_are_a_map_with_one_incident_apart_from_no_data():
    incidents = pd.DataFrame(
        {
            "lon": [1.0, 1.0, 1.1, 3.0],
            "lat": [14.0, 14.0, 14.0, 14.0],
            "date": pd.to_datetime(["2022-01-01", "2022-05-01", "2022-06-01", "2022-06-01"]),
        }
    )
    cells = sg.scdi.by_cell(incidents).units()
    assert sorted(cells["type"]) == ["CL", "unclassed"]
    m = plain(cells, "type")
    data = next(child.data for child in m._children.values() if hasattr(child, "data"))
    assert data["title"]["en"] == "Type of conflict (SCDi)"
    classes = data["indicators"][0]["classes"]
    assert [(each["kind"], each["count"]) for each in classes] == [("category", 1)] * 2


def test_cells_of_a_grid_are_called_by_their_numbers(toy_units):
    cells = sg.PrioGrid(toy_units).cells().assign(incidents=1)
    m = plain(cells, "incidents")
    data = next(child.data for child in m._children.values() if hasattr(child, "data"))
    assert data["units"]["name"] == data["units"]["id"]
