"""The brief: its figures are those of the incidents, it fits two pages, it leaks nothing."""

import re

import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg

NAMES = ["Tillabéri", "Gao", "Sahel"]


def make_incidents(seed=5):
    """Three years of incidents at the middle of three regions."""
    rng = np.random.default_rng(seed)
    units = sg.load_boundaries(1)
    rows = []
    for name, rate in zip(NAMES, (0.45, 0.25, 0.15), strict=True):
        at = units[units["name"] == name].geometry.representative_point().iloc[0]
        for day in pd.date_range("2021-01-01", "2023-12-31"):
            rows += [(day, at.y, at.x)] * rng.poisson(rate)
    frame = pd.DataFrame(rows, columns=["date", "lat", "lon"])
    frame["fatalities_best"] = rng.integers(0, 4, len(frame))
    frame["fatalities_low"] = frame["fatalities_best"]
    frame["fatalities_high"] = frame["fatalities_best"] + 1
    frame["location_precision"] = "exact"
    return sg.incidents_from_frame(frame)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    out = tmp_path_factory.mktemp("brief")
    incidents = make_incidents()
    written = sg.write_report(
        incidents, sg.load_boundaries(1), out, lang="en", zone=None, exports=False
    )
    return incidents, written, (out / "brief.html").read_text(encoding="utf-8")


def plain(markup):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", markup))


def test_the_headline_counts_the_incidents_of_the_table_and_of_the_last_twelve_months(report):
    incidents, written, page = report
    year = incidents[incidents["date"] >= "2023-01-01"]
    deaths = int(year["fatalities_best"].sum())
    headline = plain(re.search(r"<h1>(.*?)</h1>", page, re.DOTALL)[1])
    assert f"{len(year):,} incidents and {deaths:,} recorded deaths" in headline
    assert all(name in headline for name in NAMES)
    assert written.summary["steps"]["mapped"] == len(year)
    assert written.summary["period"] == ["2023-01-01", "2023-12-31"]


def test_last_days_stand_beside_the_same_days_before(report):
    incidents, _, page = report
    edge = pd.Timestamp("2023-12-31")
    for days in (30, 90):
        start = edge - pd.Timedelta(days=days)
        now = (incidents["date"] > start).sum()
        before = (
            (incidents["date"] > start - pd.Timedelta(days=days)) & (incidents["date"] <= start)
        ).sum()
        row = re.search(rf"<tr[^>]*><th[^>]*>last {days} days.*?</tr>", page, re.DOTALL)[0]
        cells = re.findall(r"<td[^>]*>([^<]*)</td>", row)
        assert cells[:2] == [str(now), str(before)]


def test_units_are_ranked_with_deaths_people_and_the_year_before(report):
    incidents, _, page = report
    table = page[page.index("The units with most incidents") :]
    units = sg.load_boundaries(1)
    people = sg.load_population(1).set_index("name")["population"]
    placed = sg.assign(incidents, units).merge(units[["unit_id", "name"]], on="unit_id")
    rows = re.findall(
        r"<tr[^>]*><th scope=\"row\"[^>]*>(\d+\. [^<]*)</th>(.*?)</tr>", table, re.DOTALL
    )
    assert [int(place.partition(".")[0]) for place, _ in rows] == [1, 2, 3]
    for (place, row), name in zip(rows, NAMES, strict=True):
        cells = [plain(cell).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
        here = placed[placed["name"] == name]
        now = here[here["date"] >= "2023-01-01"]
        before = here[here["date"].between("2022-01-01", "2022-12-31")]
        assert place.partition(". ")[2].startswith(name)
        assert cells[0] == f"{len(now):,}"
        low, high = int(now["fatalities_low"].sum()), int(now["fatalities_high"].sum())
        assert cells[1] == f"{low:,} ({low:,} to {high:,})"
        assert cells[2] == f"{len(before):,}"
        assert cells[3] == f"{people[name]:,.0f}"
        rate = len(now) / people[name] * 1e5 / (365 / 365.25)
        assert float(cells[4]) == pytest.approx(rate, abs=0.005, rel=0.005)


def test_the_brief_asks_for_nothing_and_says_little_before_the_map(report):
    _, _, page = report
    assert not re.search(r"(?:src|href)=\"(?!data:)", page)
    assert "<script" not in page
    body = page[page.index("<body>") : page.index('<svg class="map"')]
    assert len(plain(body).split()) <= 150
    assert len(page.encode()) < 1_000_000


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_two_pages_of_paper_and_no_scrolling_sideways_on_a_phone(report, open_page, tmp_path, lang):
    brief = report[1].pages[0].with_name("brief.html")
    if lang != "en":
        units, brief = sg.load_boundaries(1), tmp_path / "brief.html"
        sg.write_report(report[0], units, tmp_path, lang=lang, zone=None, exports=False)
    page, faults = open_page(brief, width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", pdf)) == 2
    assert faults == []


def test_a_safe_brief_has_no_figure_of_hidden_units_nor_of_days(tmp_path):
    incidents = make_incidents()
    few = incidents[incidents["date"] >= "2023-01-01"].head(300)
    units = sg.load_boundaries(1)
    at = units[units["name"] == "Kidal"].geometry.representative_point().iloc[0]
    extra = few.head(2).assign(lon=at.x, lat=at.y, date=pd.Timestamp("2023-02-02"))
    table = sg.incidents_from_frame(pd.DataFrame(pd.concat([few, extra])))
    sg.write_report(table, units, tmp_path, lang="en", zone=None, exports=False, publish="safe")
    page = plain((tmp_path / "brief.html").read_text(encoding="utf-8"))
    assert "Kidal" not in page
    assert "last 30 days" not in page
    assert "Recorded deaths" not in page


def test_a_selection_concludes_nothing(example_report):
    page = plain((example_report()[1] / "brief.html").read_text(encoding="utf-8"))
    assert "last 30 days" not in page
    assert "Incidents before" not in page
    assert "per 1,000 km²" not in page


def test_incidents_dated_to_a_year_make_no_month_bad(report, tmp_path):
    known, _, without = report
    yearly = known.sample(40, random_state=1).assign(
        date=pd.to_datetime(["2023-01-01", "2023-12-20"] * 20), date_precision="year"
    )
    yearly["incident_id"] = [f"y{at}" for at in range(40)]
    incidents = pd.concat([known, yearly], ignore_index=True)
    units = sg.load_boundaries(1)
    sg.write_report(incidents, units, tmp_path, lang="en", zone=None, exports=False)
    along = (tmp_path / "brief.html").read_text(encoding="utf-8")
    for part in (r'<svg class="trend".*?</svg>', r"last \d+ days.*?</tr>"):
        assert re.findall(part, along, re.DOTALL) == re.findall(part, without, re.DOTALL) != []
    assert "40 incidents are dated to a year alone" in plain(along)
    assert "dated to a year alone" not in plain(without)
