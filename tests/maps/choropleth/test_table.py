"""The table that the page saves: what is shown, for a spreadsheet, and nothing that would run."""

import csv
import io
import json

import geopandas as gpd
import pandas as pd
import pytest
import shapely

import sahel_geo as sg
from sahel_geo.files import write_csv
from tests.maps.hostile import HOSTILE
from tests.maps.node import in_node


def test_the_page_and_the_package_take_the_same_texts_for_formulas(tmp_path):
    texts = [text for text in HOSTILE if "\ud800" not in text]
    texts += [
        "=1",
        " @x",
        "-2.5",
        "a;=1",
        'a; "-b',
        "14;-1.5",
        "x\n+y",
        "－1",
        "Gao",
        "1e-7",
        "\t=1",
    ]
    got = in_node("table.js", f"console.log(JSON.stringify({json.dumps(texts)}.map(s.harmless)))")
    path = write_csv(tmp_path / "t.csv", pd.DataFrame({"text": texts}))
    with path.open(encoding="utf-8-sig", newline="") as stream:
        assert [row[0] for row in csv.reader(stream)][1:] == got


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    units = gpd.GeoDataFrame(
        {
            "unit_id": ["A", "B", "C"],
            "name": ["=cmd|' /C calc'!A0", 'East; "and" West', "Sud"],
            "incidents": [0, 7, None],
            "rate": [0.0, 1.5, None],
            "kind": ["hot", "cold", None],
            "population": [10, 20, 30],
        },
        geometry=[shapely.box(at, 14, at + 1, 15) for at in range(3)],
        crs=4326,
    )
    panel = pd.DataFrame({"unit_id": ["B"], "period": pd.PeriodIndex(["2021-03"], freq="M")})
    m = sg.choropleth(
        units,
        ["incidents", "rate", "kind"],
        lang="en",
        panel=panel.assign(incidents=7),
        details=["population"],
        source="test",
        neighbours=False,
        towns=False,
    )
    return sg.save_map(m, tmp_path_factory.mktemp("table") / "m.html")


def saved(page, name, delimiter, file):
    page.locator("details").evaluate("panel => { panel.open = true }")
    with page.expect_download() as found:
        page.get_by_role("button", name=name).click()
    assert found.value.suggested_filename == file
    text = found.value.path().read_text(encoding="utf-8")
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:]), delimiter=delimiter))


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_saves_what_it_shows(file, open_page, width):
    page, faults = open_page(file, width, 844)
    head, west, east, south = saved(page, "CSV table", ",", "incidents-number-2021-03.csv")
    assert head[:3] == ["code", "Unit", "Incidents, number, Whole period"]
    assert west[:2] == ["A", "'=cmd|' /C calc'!A0"]
    assert east[1:6] == ['East; "and" West', "7", "1.5", "Cold spot", "20"]
    assert west[2] == "0"
    assert south[2:5] == ["", "", ""], "no data is not zero"
    assert "Source: test" in west[-1]
    assert east[-1] == "", "the source stands once"
    page.get_by_role("slider").fill("0")
    page.get_by_role("button", name="FR, français").click()
    head, _, east, _ = saved(page, "Tableau CSV", ";", "incidents-nombre-2021-03.csv")
    assert head[2] == "Incidents, nombre, mars 2021"
    assert head[3].endswith("Toute la période")
    assert east[3] == "1,5"
    assert faults == []
