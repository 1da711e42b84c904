"""The report: figures that add up, honest about what the file covers, safe with any text."""

import json
import re
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.maps.report.config import read_config
from sahel_geo.maps.report.run import run_config
from sahel_geo.maps.report.writing import _with_rates

HOSTILE = [
    "<script>window.__pwned = 1</script>",
    '"><img src=x onerror="window.__pwned = 1">',
    "</script><svg onload=window.__pwned=1>",
    "`${window.__pwned = 1}`",
    "{{ 7 * 7 }}{% raw %}",
    "'\\\"\u2028\u2029&amp;",
    "\u202eدليل",
    "🚩" * 400,
    "a" * 5_000,
]


MAPS = ["index.html", "central-sahel.html", "menaka-tri-border.html"]
PAGES = [
    f"{name}.html"
    for name in (
        "zone",
        "hot-spots",
        "comparison",
        "risk",
        "spillover",
        "quality",
        "methods",
        "licences",
    )
]
AFTER = ["actors.html", "forecast.html"]  # actors where the rows name some
WRITTEN = [*PAGES[:3], *AFTER, *PAGES[3:], "brief.html"]
NAVIGATION = ["index.html", *WRITTEN[:-2]]  # licences lie behind the methods


@pytest.fixture(scope="module")
def units():
    return sg.load_boundaries(level=2)


@pytest.fixture(scope="module")
def example(example_report):
    return example_report(level=2)[0]


def table(*rows):
    frame = pd.DataFrame(rows, columns=["lon", "lat", "country", "date", "location_precision"])
    return sg.incidents_from_frame(frame.assign(place="x", event=range(len(frame))), source="test")


def test_every_key_of_the_summary_is_explained(example, crowded):
    page = Path(__file__).resolve().parents[3] / "docs" / "command-line.md"
    told = page.read_text(encoding="utf-8").partition("`summary.json` has these keys")[2]
    for summary in (example.summary, crowded.summary):
        for key in (*summary, *summary["steps"], *summary["findings"]):
            assert f"`{key}`" in told, key


def test_every_row_is_accounted_for(units, tmp_path):
    incidents = table(
        (2.40, 15.92, "MLI", "2024-03-01", "exact"),
        (2.11, 13.51, "NER", "2024-03-02", "exact"),
        (-1.52, 12.37, "BFA", "2024-03-03", "admin1"),  # known to the region only
        (3.35, 6.45, "NGA", "2024-03-04", "exact"),  # outside the three countries
        (None, None, "BFA", "2024-03-05", "exact"),  # a place name and no point
    )
    steps = sg.write_report(incidents, units, tmp_path).summary["steps"]
    assert steps["kept"] == 5
    parts = ("no_coordinates", "outside", "coarse", "undated", "mapped")
    assert [steps[part] for part in parts] == [1, 1, 1, 0, 2]


@pytest.mark.parametrize("publish", ["full", "safe"])
def test_an_incident_beyond_the_countries_of_a_file_is_no_contradiction(units, tmp_path, publish):
    rows = [(-1.52, 12.37, "BFA", f"2024-{month:02d}-03", "exact") for month in range(1, 10)]
    beyond = (
        2.11,
        13.51,
        "BFA",
        "2024-03-02",
        "exact",
    )  # said to be in Burkina Faso, lies in Niger
    report = sg.write_report(
        table(*rows, beyond), units, tmp_path, lang="en", publish=publish, exports=False
    )
    assert report.summary["not_covered"] == ["MLI", "NER"]
    page = (tmp_path / "central-sahel.html").read_text(encoding="utf-8")
    data = json.loads(page.partition('type="application/json"')[2].partition(">")[2].split("<")[0])
    shown = next(each for each in data["indicators"] if each["key"] == "incidents")
    assert sum(value is not None for value in shown["values"]) == 45  # those of Burkina Faso
    assert report.summary["steps"]["beyond"] == 1
    assert report.summary["steps"]["mapped"] == report.summary["areas"][0]["incidents"] == 9
    assert "in a country that the file does not speak of" in (tmp_path / "quality.html").read_text(
        encoding="utf-8"
    )


def test_a_country_that_the_file_does_not_name_is_not_painted_with_zeros(units, tmp_path):
    incidents = table((-0.03, 14.03, "BFA", "2024-03-01", "exact"))
    report = sg.write_report(incidents, units, tmp_path, lang="en")
    assert report.summary["not_covered"] == ["MLI", "NER"]
    assert [area["name"] for area in report.summary["areas"]][:-1] == ["Burkina Faso"]
    assert {row["border"] for row in report.summary["border"]} == {"all", "BFA-MLI", "BFA-NER"}
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "This file has no incidents in Mali nor in Niger" in text


def test_the_catalogue_says_that_it_is_a_selection_on_every_page(example):
    notice = "no rate, trend or share may be concluded from it"
    assert example.summary["selection"] is True
    assert example.summary["border"] == []
    assert [page.name for page in example.pages] == [*MAPS, *WRITTEN]
    for page in example.pages:
        assert notice in page.read_text(encoding="utf-8")


def test_no_page_holds_the_point_of_an_incident(example):
    """Nonzero counts are of units; no coordinate of the catalogue is written anywhere."""
    incidents = sg.load_example_incidents()
    for page in example.pages:
        text = page.read_text(encoding="utf-8")
        for lon, lat in incidents[["lon", "lat"]].drop_duplicates().itertuples(index=False):
            assert f"{lon}, {lat}" not in text
            assert f"{lon},{lat}" not in text
            assert f"{lat},{lon}" not in text
        assert "Ogossagou" not in text


def test_the_index_says_what_a_link_without_a_file_means(example):
    index = example.pages[0].read_text(encoding="utf-8")
    names = [path.name for path in example.files if path.name != "summary.json"]
    links = re.findall(r'href="([^"#]+)"', index)
    assert set(names) <= set(links)
    assert all((example.pages[0].parent / link).is_file() for link in links)
    assert "sahel-geo report --config report.toml" in index


def test_figures_of_the_index_add_up(example):
    areas = example.summary["areas"]
    incidents = sg.load_example_incidents()
    assert sum(area["incidents"] for area in areas[:-1]) == len(incidents) == 78
    assert sum(a["fatalities_low"] for a in areas[:-1]) == incidents["fatalities_low"].sum()
    assert all(area["fatalities_best"] is None for area in areas)


def test_a_toll_that_no_row_states_is_not_an_indicator(example):
    text = example.pages[1].read_text(encoding="utf-8")
    assert '"key":"fatalities_low"' in text
    assert '"key":"fatalities_best"' not in text


def test_the_same_input_gives_the_same_bytes(units, example, tmp_path):
    again = sg.write_report(sg.load_example_incidents(), units, tmp_path, lang="en")
    assert example.files[-1].name == "report.zip"
    for first, second in zip(
        (*example.pages, *example.files), (*again.pages, *again.files), strict=True
    ):
        assert first.read_bytes() == second.read_bytes(), first.name


def test_the_settings_that_a_report_writes_make_it_again(example, tmp_path):
    settings = next(file for file in example.files if file.name == "report.toml")
    again = run_config(read_config(settings), tmp_path)
    assert (tmp_path / "report.zip").read_bytes() == example.files[-1].read_bytes()
    assert again.summary == example.summary


def test_the_archive_holds_every_file_and_nothing_else(example):
    with zipfile.ZipFile(example.files[-1]) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
    others = [file.name for file in (*example.pages, *example.files[:-1])]
    assert names == sorted(others)


def test_a_selection_claims_nothing_in_pages_or_files(example):
    folder = example.pages[0].parent
    for name in ("hot-spots", "spillover", "comparison"):
        text = (folder / f"{name}.html").read_text(encoding="utf-8")
        assert "This page claims nothing" in text
        assert "<table" not in text
        assert "<figure" not in text
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert set(summary["findings"]) == {"refused"}
    assert set(summary["findings"]["refused"].values()) == {"selection"}
    assert "no rate, trend or share" in summary["notice"]
    figures = pd.read_csv(folder / "indicators.csv", encoding="utf-8-sig")
    assert figures["incidents"].sum() == 78
    assert not [name for name in figures if "per_" in name or name.startswith(("gi_", "change_"))]


def test_a_selection_stays_one_through_other_tables(units, tmp_path):
    placed = sg.assign(sg.load_example_incidents(), units)
    for name, made in (
        ("placed", placed),
        ("plain", pd.DataFrame(placed[["date", "lon", "lat", "source"]])),
    ):
        report = sg.write_report(made, units, tmp_path / name, lang="en", exports=False)
        assert report.summary["selection"] is True
        assert report.summary["border"] == []
        assert "claims nothing" in (tmp_path / name / "spillover.html").read_text("utf-8")


@pytest.fixture(scope="module")
def crowded(units, tmp_path_factory):
    """A made-up file: 90 incidents a year around Ménaka, and one a year in far places."""
    rng = np.random.default_rng(1)
    rows = [
        (2.4 + lon, 15.9 + lat, "MLI", f"{year}-{month:02d}-10", "exact")
        for year in (2022, 2023)
        for month, lon, lat in zip(
            rng.integers(1, 13, 90), rng.normal(0, 0.3, 90), rng.normal(0, 0.3, 90), strict=True
        )
    ]
    rows += [
        (lon, lat, country, f"{year}-{month:02d}-01", "exact")
        for year, month in ((2022, 1), (2023, 12))
        for lon, lat, country in ((-8.0, 12.6, "MLI"), (2.1, 13.5, "NER"), (-1.5, 12.4, "BFA"))
    ]
    folder = tmp_path_factory.mktemp("crowded")
    return sg.write_report(table(*rows), units, folder, lang="fr")


def test_what_was_planted_is_found_and_what_was_not_is_not(crowded):
    folder = crowded.pages[0].parent
    figures = pd.read_csv(folder / "indicators.csv", encoding="utf-8-sig").set_index("unit_id")
    assert figures.loc["ML1001", "gi_kind"] == "hot"
    assert figures.loc["ML1001", "gi_hot_draws"] == 1
    assert set(figures.loc[figures["gi_kind"] == "hot", "adm1_id"]) <= {
        "ML10",
        "ML07",
        "NE005",
        "NE006",
    }
    assert crowded.summary["findings"]["comparison"]["before"] == ("2022-01", "2022-12")
    assert set(figures["change_kind"]) == {"no clear change", "no incident"}
    claim = crowded.summary["findings"]["spillover"]["all"]["sentence"]
    assert "aucun débordement n’est affirmé" in claim


def test_each_measure_of_spillover_names_its_baseline_interval_and_verdict(crowded):
    text = (crowded.pages[0].parent / "spillover-tables.html").read_text(encoding="utf-8")
    for word in ("Référence", "Intervalle", "Verdict", "Mesures qui"):
        assert word in text
    measures = crowded.summary["findings"]["spillover"]["zone"]["measures"]
    assert all(
        row["verdict"] == "not measurable" or row["baseline"] is not None for row in measures
    )


def test_safe_pages_and_files_hold_no_small_count(units, tmp_path):
    rng = np.random.default_rng(2)
    inside = units[units["country"] == "BFA"]
    points = inside.representative_point()
    numbers = rng.integers(0, 12, len(points))
    rows = [
        (point.x, point.y, "BFA", "2023-01-01", "exact")
        for point, number in zip(points, numbers, strict=True)
        for _ in range(number)
    ]
    report = sg.write_report(table(*rows), units, tmp_path, publish="safe", least=5, lang="en")
    truth = pd.Series(numbers, inside["unit_id"])
    for name in ("indicators.csv", "indicators.parquet"):
        read = pd.read_csv if name.endswith("csv") else pd.read_parquet
        shown = read(tmp_path / name).set_index("unit_id")["incidents"].reindex(truth.index)
        assert not shown.between(1, 4).any()
        assert (shown.dropna() == truth[shown.notna()]).all()
        assert shown[truth.between(1, 4)].isna().all()
        hidden = truth[shown.isna()].groupby(inside.set_index("unit_id")["adm1_id"])
        assert (hidden.size() != 1).all()  # one alone is its region less the others
    assert report.summary["areas"][0]["incidents"] == numbers.sum()
    assert [area["name"] for area in report.summary["areas"]] == ["Burkina Faso"]
    assert report.summary["border"] == []
    assert set(report.summary["findings"]) == {"refused"}
    for page in report.pages:
        text = page.read_text(encoding="utf-8")
        assert "hidden" in text, page.name
    page = (tmp_path / "comparison.html").read_text(encoding="utf-8")
    assert "Not published" in page
    with pytest.raises(InputError, match="too few to hide counts below 5"):
        sg.write_report(table(*rows[:3]), units, tmp_path / "few", publish="safe")
    with pytest.raises(InputError, match=r"expected one of \['full', 'safe'\]"):
        sg.write_report(table(*rows), units, tmp_path / "typo", publish="sage")


def test_two_periods_of_ones_own(units, tmp_path):
    rows = [(2.4, 15.9, "MLI", f"2023-{m:02d}-01", "exact") for m in (1, 2, 7, 8)]
    report = sg.write_report(
        table(*rows),
        units,
        tmp_path,
        before=("2023-01", "2023-03"),
        after=("2023-06", "2023-08"),
        lang="en",
    )
    assert report.summary["findings"]["comparison"]["no clear change"] == 1
    assert report.summary["findings"]["refused"]["spillover"] == "one_country"
    with pytest.raises(InputError, match=r"expected the first and last month of each"):
        sg.write_report(table(*rows), units, tmp_path, before=("2023-01", "2023-03"))


def test_no_coordinate_reaches_the_page_of_quality(units, tmp_path):
    rows = [(2.4012, 15.9034, "MLI", "2023-01-01", "exact")] * 6
    sg.write_report(table(*rows), units, tmp_path, lang="en")
    for page in tmp_path.glob("*.html"):
        assert "2.4012" not in page.read_text(encoding="utf-8"), page.name


def test_nothing_on_the_map_still_gives_an_index_with_the_reasons(units, tmp_path):
    report = sg.write_report(table((3.35, 6.45, "NGA", "2024-03-04", "exact")), units, tmp_path)
    assert [page.name for page in report.pages] == [
        "index.html",
        *(p for p in WRITTEN if p != "zone.html"),
    ]
    assert "Aucun incident" in report.pages[0].read_text(encoding="utf-8")


def test_refuses_what_it_cannot_use(units, tmp_path):
    incidents = sg.load_example_incidents()
    with pytest.raises(InputError, match="`lang` is 'de'; expected one of"):
        sg.write_report(incidents, units, tmp_path, lang="de")
    mixed = pd.concat([units, sg.load_boundaries(level=1)])
    with pytest.raises(InputError, match=r"mixes levels \[1, 2\]"):
        sg.write_report(incidents, mixed, tmp_path)
    part = units[units["adm1_name"] == "Kayes"]
    with pytest.raises(InputError, match=r"`zone` 'menaka-tri-border' shares no unit with `units`"):
        sg.write_report(incidents, part, tmp_path, zone="menaka-tri-border")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.browser
def test_the_map_of_a_selection_draws_no_trend(example, crowded, open_page):
    for report, trends in ((example, 0), (crowded, 1)):
        page, _ = open_page(next(p for p in report.pages if p.name == "central-sahel.html"))
        assert page.locator("[id$=_trend] svg").count() == trends


@pytest.mark.browser
def test_the_rate_shown_first_has_a_time_bar_and_the_incidents_behind_it(crowded, open_page):
    page, _ = open_page(next(p for p in crowded.pages if p.name == "central-sahel.html"))
    assert page.evaluate("sahelGeo.indicator") == "per_1000km2_year"
    slider = page.locator(".sg-time input[type=range]")
    assert slider.is_enabled()
    assert page.locator(".sg-time .sg-totals").count() == 1
    assert "Incidents (nombre), toutes les unités" in page.locator("[id$=_trend]").inner_text()
    page.locator("input[type=search]").fill("ML0404")
    page.keyboard.press("Enter")
    assert "Incidents (nombre)" in page.locator(".sg-card figcaption").inner_text()
    slider.press("End")
    assert "décembre 2023" in page.locator(".sg-card .sg-period").inner_text()


def test_rates_of_the_months_average_to_the_rate_of_the_year(units):
    placed = sg.assign(table((2.4, 15.9, "MLI", "2023-02-10", "exact")), units)
    panel = sg.count(placed, units, start="2023-01-01", end="2023-12-31")
    known = units.assign(per_1000km2_year=0.0, per_100k_year=0.0, people=50_000.0)
    rates = _with_rates(panel, known)
    here = rates[rates["unit_id"] == placed["unit_id"].iloc[0]]
    area = units.set_index("unit_id")["area_km2"][placed["unit_id"].iloc[0]]
    days = here["period"].dt.days_in_month
    for name, base in (("per_1000km2_year", area / 1e3), ("per_100k_year", 0.5)):
        mean = (here[name] * days).sum() / days.sum()
        assert mean == pytest.approx(1 / base / (365 / 365.2425))
    assert "per_100k_year" not in _with_rates(panel, known.drop(columns="people"))


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_the_index_opens_offline_and_fits_the_screen(example, open_page, width):
    page, faults = open_page(example.pages[0], width=width)
    assert faults == []
    assert page.title() == "Central Sahel: notable incidents by administrative unit"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    for link in page.locator("a.card").all():
        target = example.pages[0].parent / link.get_attribute("href")
        assert target.is_file()
    assert page.locator("figure svg path").count() > 5


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_offline_fits_the_screen_and_leads_to_the_others(
    crowded, open_page, name, width
):
    page, faults = open_page(crowded.pages[0].parent / name, width=width)
    assert faults == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.locator("html").get_attribute("lang") == "fr"
    links = page.locator("nav.site a")
    files = [link.get_attribute("href") for link in links.all()]
    assert files == NAVIGATION
    shown = page.locator("nav.site a[aria-current]").get_attribute("href")
    assert shown == {"licences.html": "methods.html"}.get(name, name)
    page.emulate_media(media="print")
    assert page.locator("nav.site").is_hidden()


@pytest.mark.browser
def test_hostile_texts_stay_text(units, open_page, tmp_path):
    boxes = [shapely.box(at, 14, at + 1, 15) for at in range(len(HOSTILE))]
    hostile = gpd.GeoDataFrame(
        {
            "unit_id": [f"{text[:40]}{at}" for at, text in enumerate(HOSTILE)],
            "name": HOSTILE,
            "country": "MLI",
            "level": 2,
            "adm1_id": HOSTILE,
            "adm1_name": HOSTILE,
            "adm2_id": HOSTILE,
            "adm2_name": HOSTILE,
            "area_km2": 12_000.0,
            "source": HOSTILE,
            "licence": HOSTILE,
        },
        geometry=boxes,
        crs=4326,
    )
    incidents = pd.DataFrame(
        {
            "lon": [at + 0.5 for at in range(len(HOSTILE))],
            "lat": 14.5,
            "date": pd.Timestamp("2024-03-01"),
            "country": "MLI",
            "source": HOSTILE,
        },
    )
    report = sg.write_report(incidents, hostile, tmp_path, zone=None, lang="en")
    for path in report.pages[:2] + report.pages[-4:]:
        page, faults = open_page(path, width=390, height=844)
        page.wait_for_timeout(300)
        assert faults == []
        assert page.evaluate("window.__pwned") is None
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        if path.name not in ("comparison.html", "quality.html", "methods.html"):
            assert "window.__pwned = 1" in page.locator("body").inner_text()


@pytest.mark.browser
@pytest.mark.parametrize("name", ["central-sahel", "menaka-tri-border"])
def test_the_maps_of_a_report_speak_both_languages(example, open_page, name):
    page, faults = open_page(example.pages[0].parent / f"{name}.html")
    english = page.locator("body").inner_text().replace("\u00a0", " ")
    page.locator("button[value=fr]").click()
    french = page.locator("body").inner_text().replace("\u00a0", " ")
    for text in ("no rate, trend or share", "Zero means", "Incidents by unit, 24 January 2012"):
        assert text.lower() in english.lower()
        assert text.lower() not in french.lower()
    for text in ("ni taux, ni tendance", "zéro signifie", "incidents par unité, du 24 janvier"):
        assert text.lower() in french.lower()
    assert faults == []


@pytest.mark.browser
def test_the_map_keeps_room_on_a_phone_under_a_long_title(example, open_page):
    page, _ = open_page(example.pages[0].parent / "menaka-tri-border.html", 390, 844)
    assert page.locator(".folium-map").bounding_box()["height"] > 290
    assert page.locator(".sg-foot").bounding_box()["height"] > 40
    panel = page.locator(".sg-panel").bounding_box()
    assert panel["y"] < 844 - 30, "the legend is there to be scrolled to"
    assert panel["height"] > 150
    head = page.locator(".sg-head")  # with what must not be concluded, whole
    for language, caveat in (("EN", "no rate, trend or share"), ("FR", "ni taux, ni tendance")):
        page.locator(f".sg-lang button[value={language.lower()}]").click()
        assert caveat in head.inner_text().replace("\u00a0", " ")
        assert head.evaluate("node => node.scrollHeight <= node.clientHeight")
