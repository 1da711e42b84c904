"""Calendar years: what adds up is added up, what is missing is said, what was hidden stays so."""

import json

import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.maps.choropleth.legend import _rule_of, series_data, year_data
from sahel_geo.maps.classes.classes import classify
from sahel_geo.maps.publish.timeline import YearGrid, read_timeline
from tests.conftest import make_toy_units
from tests.maps.choropleth.test_series import OPTIONS, make_panel, make_units
from tests.maps.node import in_node

MONTHS = pd.period_range("2020-11", "2023-02", freq="M")  # 2, 12, 12 and 2 months


def make_grid(rows=7, columns=28):
    rng = np.random.default_rng(5)
    grid = rng.poisson(0.7, (rows, columns)).astype(float)
    grid[1, 3], grid[2, 2:14], grid[3] = np.nan, np.nan, 0
    return grid


def test_sums_are_those_of_pandas_and_a_year_without_any_figure_is_missing():
    grid = make_grid()
    found = YearGrid.of(grid, MONTHS, "sum")
    frame = pd.DataFrame(grid.T, index=MONTHS.year)
    np.testing.assert_array_equal(found.values.T, frame.groupby(level=0).sum(min_count=1))
    np.testing.assert_array_equal(found.gaps.T, frame.isna().groupby(level=0).sum())
    assert found.years.tolist() == [2020, 2021, 2022, 2023]
    assert np.isnan(found.values[2, 1])
    assert found.gaps[1].tolist() == [0, 1, 0, 0]


def test_the_mean_of_rates_per_year_is_the_rate_of_the_year():
    counts = make_grid()[0]
    people = 40_000
    days = MONTHS.days_in_month.to_numpy()
    rates = counts / people * 1e5 / (days / 365.25)
    found = YearGrid.of(rates[None], MONTHS, "mean").values[0]
    for at, year in enumerate((2020, 2021, 2022, 2023)):
        inside = MONTHS.year == year
        whole = counts[inside].sum() / people * 1e5 / (days[inside].sum() / 365.25)
        assert found[at] == pytest.approx(whole, rel=1e-12)


def test_a_map_for_publication_shows_no_years_since_a_sum_around_a_hidden_month_tells_it():
    units = make_toy_units()
    placed = pd.DataFrame(
        {
            "unit_id": np.repeat(units["unit_id"].to_numpy(), [40, 7, 30, 25, 50, 0]),
            "date": pd.to_datetime(np.resize(["2021-03-01", "2021-09-05", "2022-02-01"], 152)),
        }
    )
    panel = sg.count(placed, units)
    table = units.merge(panel.groupby("unit_id")["incidents"].sum(), on="unit_id")
    for publish, shown in (("full", True), ("safe", False)):
        m = sg.choropleth(
            table, "incidents", panel=panel, publish=publish, neighbours=False, towns=False
        )
        assert ('"rule":"sum"' in m.get_root().render()) == shown


@pytest.mark.parametrize(
    ("rule", "start", "freq"),
    [
        ("sum", "2020-11", "M"),
        ("mean", "2020-11", "M"),
        ("sum", "2019Q4", "Q"),
        ("mean", "2019-12-20", "D"),
    ],
)
def test_the_page_makes_the_years_and_classes_that_python_makes(rule, start, freq):
    columns = 28 if freq != "D" else 400
    grid = make_grid(9, columns)
    grid = grid if rule == "sum" else np.round(grid * 1.37, 3)
    panel = make_panel(grid, freq, start)
    whole = pd.Series(np.nansum(grid, axis=1), name="value")
    timeline = read_timeline(panel, make_units(9), ["value"])
    data = series_data(timeline, whole, OPTIONS, {"value": rule})
    time, how = timeline.data(), data["years"]
    got = in_node(
        "years.js",
        f"const rows = s.readSeries({json.dumps(data)}, {columns}, () => false);"
        f"const found = s.yearRows(rows, {json.dumps(time)}, {json.dumps(how)});"
        "const plain = row => Array.from(row, v => Number.isNaN(v) ? null : v);"
        f"const sort = row => plain(row).map(v => s.classOf({json.dumps(how['classes'])}, "
        "v === null ? NaN : v));"
        "console.log(JSON.stringify([found.rows.map(plain), found.gaps.map(plain), "
        "found.rows.map(sort)]))",
    )
    found = YearGrid.of(grid, timeline.periods, rule)
    np.testing.assert_allclose(np.array(got[0], dtype=float), found.values, rtol=1e-5)
    assert got[1] == found.gaps.tolist()
    kept = [[np.nan if v is None else float(v) for v in row] for row in got[0]]
    expected = classify(np.array(kept).ravel(), **OPTIONS).class_of.reshape(found.values.shape)
    assert got[2] == expected.tolist()
    counted = np.bincount(expected.ravel(), minlength=len(how["classes"]))
    assert [entry["count"] for entry in how["classes"]] == counted.tolist()


def test_halves_are_rounded_as_the_page_rounds_them():
    months = pd.period_range("2021-01", periods=13, freq="M")
    grid = np.full((1, 13), 123456.5)
    data = year_data(grid, months, "mean", OPTIONS)
    assert data["classes"][0]["high"] == 123457
    assert in_node("years.js", "console.log(s.sixDigits(123456.5))") == 123457


def test_only_what_is_known_to_add_up_has_years():
    panel = make_panel(make_grid())
    timeline = read_timeline(panel, make_units(7), ["value"])
    values = pd.Series(np.ones(7), name="value")
    assert series_data(timeline, values, OPTIONS, {})["years"] is None
    assert _rule_of("fatalities_best_per_1000km2", {}) == "sum"
    assert _rule_of("fatalities_best_per_100k_year", {}) == "mean"
    assert _rule_of("population", {}) is None
    assert _rule_of("incidents", {"incidents": False}) is None
    assert _rule_of("raids", {"raids": "sum"}) == "sum"
    weeks = pd.period_range("2020-12-21", periods=4, freq="W")
    assert year_data(np.ones((1, 4)), weeks, "sum", OPTIONS) is None
    within = pd.period_range("2021-01", periods=12, freq="M")
    assert year_data(np.ones((1, 12)), within, "sum", OPTIONS) is None


def test_refuses_rules_that_are_none():
    table = make_toy_units().assign(incidents=1)
    with pytest.raises(InputError, match=r"`by_year` is \{'incidents': 'max'\}; expected 'sum'"):
        sg.choropleth(table, "incidents", by_year={"incidents": "max"})
    with pytest.raises(InputError, match="`by_year` names 1 columns"):
        sg.choropleth(table, "incidents", by_year={"deaths": "sum"})


COUNTS = np.zeros((6, len(MONTHS)))
COUNTS[0, [0, 2, 13, 26]] = [1, 2, 3, 4]
COUNTS[1, 2:14] = np.nan
COUNTS[2, [3, 4]] = [np.nan, 7]
COUNTS[4] = 1


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    table = make_toy_units()
    table["incidents"] = np.nansum(COUNTS, axis=1).astype(int)
    table["index"] = 0.5
    table["per_100k_year"] = 1.0
    panel = pd.DataFrame(
        {
            "unit_id": np.repeat(table["unit_id"].to_numpy(), len(MONTHS)),
            "period": MONTHS.take(np.tile(np.arange(len(MONTHS)), 6)),
            "incidents": COUNTS.ravel(),
            "index": np.tile(np.arange(len(MONTHS)) / 10, 6),
            "per_100k_year": np.tile(MONTHS.days_in_month.to_numpy(), 6),
        }
    )
    points = pd.DataFrame({"lon": [0.5, 0.6], "lat": [11.5, 11.6], "date": ["2020-12-03"] * 2})
    points["date"] = pd.to_datetime(points["date"])
    columns = ["incidents", "index", "per_100k_year"]
    labels = {"index": {"fr": "Indice", "en": "Index"}}
    m = sg.choropleth(
        table, columns, panel=panel, points=points, labels=labels, neighbours=False, towns=False
    )
    return sg.save_map(m, tmp_path_factory.mktemp("years") / "m.html")


def open_years(open_page, file, lang="fr"):
    page, faults = open_page(file)
    page.locator(f"[id$=_lang] button[value={lang}]").click()
    page.locator(".sg-time select").select_option("year")
    return page, faults


def box_of(page, unit):
    page.locator("input[type=search]").fill(unit)
    page.locator("input[type=search]").press("Enter")
    return page.locator(".sg-card").inner_text().replace("\u202f", " ")


@pytest.mark.browser
@pytest.mark.parametrize(
    ("lang", "labels"),
    [
        ("fr", ["2020, 2 mois", "2021", "2022", "2023, 2 mois"]),
        ("en", ["2020, 2 months", "2021", "2022", "2023, 2 months"]),
    ],
)
def test_the_slider_steps_through_whole_years_and_says_what_is_partial(
    file, open_page, lang, labels
):
    page, faults = open_years(open_page, file, lang)
    slider = page.locator("input[type=range]")
    slider.focus()
    seen = []
    for _ in range(5):
        page.keyboard.press("ArrowRight")
        seen.append(slider.get_attribute("aria-valuetext"))
        assert page.locator(".sg-now").inner_text() == seen[-1]
        assert page.locator("section[id$=_legend] .sg-period").inner_text() == seen[-1]
    assert seen == [*labels, labels[-1]]
    page.keyboard.press("Home")
    assert page.evaluate("sahelGeo.period") == -1
    assert faults == []


@pytest.mark.browser
def test_a_year_is_the_sum_of_its_months_in_map_legend_and_box(file, open_page):
    page, _ = open_years(open_page, file)
    page.locator("input[type=range]").fill("1")
    text = box_of(page, "M1")
    assert "2021" in text
    assert page.locator(".sg-card tr").first.inner_text().split() == [
        "Incidents",
        "nombre",
        "5",
        "rang",
        "2",
        "sur",
        "4",
    ]
    assert "Incidents (nombre), par année" in text
    assert "maximum : 5 (2021)" in text
    assert "Barre claire" in text
    counts = page.locator(".sg-classes .sg-count").all_inner_texts()
    assert sum(map(int, counts[:-1])) == 6  # the last line tells of incomplete years again
    assert counts[-1] == "1"
    assert "somme de ses mois" in page.locator("section[id$=_legend]").inner_text()


@pytest.mark.browser
def test_months_without_a_figure_are_said_and_never_zero(file, open_page):
    page, _ = open_years(open_page, file, "en")
    page.locator("input[type=range]").fill("1")
    assert page.evaluate("sahelGeo.colourOf('M2')") == "hatched"
    assert "no data" in box_of(page, "M2")
    part = box_of(page, "N1")
    assert "1 month without a figure" in part
    assert page.evaluate("sahelGeo.colourOf('N1')") == "hatched"
    assert "rank" not in page.locator(".sg-card tr").first.inner_text()
    assert "Incomplete year" in page.locator(".sg-classes").inner_text()
    page.locator("input[type=range]").fill("2")
    assert page.evaluate("sahelGeo.colourOf('N1')").startswith("#")
    assert "Incomplete year" not in page.locator(".sg-classes").inner_text()


@pytest.mark.browser
def test_points_of_the_whole_year_are_shown(file, open_page):
    page, _ = open_years(open_page, file)
    shown = []
    for at in range(-1, 4):
        page.locator("input[type=range]").fill(str(at))
        shown.append(sum(group[0] for group in page.evaluate("sahelGeo.groups")))
    assert shown == [2, 2, 0, 0, 0]


@pytest.mark.browser
def test_an_indicator_that_does_not_add_up_has_no_years_and_says_so(file, open_page):
    page, _ = open_years(open_page, file)
    page.locator("input[type=range]").fill("2")
    page.locator("select[id$=_switch]").select_option("1")
    assert not page.locator(".sg-time select").is_visible()
    assert page.locator(".sg-now").inner_text() == "janvier 2022"
    assert "pas de valeur annuelle" in page.locator("section[id$=_legend]").inner_text()
    page.locator("select[id$=_switch]").select_option("2")
    assert page.locator(".sg-now").inner_text() == "2022"
    assert "pondérée par leurs jours" in page.locator("section[id$=_legend]").inner_text()
    first = box_of(page, "M1")
    assert "Toute la période" in first  # the index, which has no year
    page.locator(".sg-time select").select_option("month")
    assert page.locator(".sg-now").inner_text() == "janvier 2022"


@pytest.mark.browser
def test_play_and_buttons_go_by_years_and_the_page_says_where_it_is(file, open_page):
    page, _ = open_years(open_page, file)
    status = page.locator("p[role=status]")
    page.evaluate("SahelGeo.PACE = 30")
    page.get_by_role("button", name="Lecture").click()
    page.get_by_role("button", name="Lecture").wait_for()  # it was called Pause meanwhile
    assert page.locator(".sg-now").inner_text() == "2023, 2 mois"
    assert status.inner_text() == "Incidents\u202f: 2023, 2 mois"
    page.get_by_role("button", name="Année précédente").click()
    assert page.locator(".sg-now").inner_text() == "2022"
    assert status.inner_text() == "Incidents\u202f: 2022"


@pytest.mark.browser
def test_pictures_of_a_year_carry_its_name_and_classes(file, open_page):
    page, _ = open_years(open_page, file, "en")
    page.locator("input[type=range]").fill("3")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="SVG drawing").click()
    text = waiting.value.path().read_text(encoding="utf-8")
    assert "number · 2023, 2 months" in text
    labels = page.locator(".sg-classes .sg-label").all_inner_texts()
    assert all(f">{label}<" in text for label in labels)
