"""The report answers first: words before the map, one country, who is exposed, whose people."""

import json
import re

import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.maps.report.config import read_config
from sahel_geo.maps.report.run import run_config

BEYOND = (2.5, 15.31)  # in Niger, two kilometres from Mali
PER_MONTH = {"Gao": 6, "Mopti": 4, "Ségou": 1}


def make_incidents(names=PER_MONTH, extra=(), seed=8):
    """Two years of incidents at the middle of some regions, and one at each point of `extra`."""
    rng = np.random.default_rng(seed)
    units = sg.load_boundaries(1)
    rows = []
    for name, rate in names.items():
        unit = units[units["name"] == name].iloc[0]
        at = unit.geometry.representative_point()
        for month in pd.period_range("2022-01", "2023-12", freq="M"):
            for _ in range(rng.poisson(rate)):
                day = month.start_time + pd.Timedelta(days=int(rng.integers(0, 27)))
                rows.append((day, at.y, at.x, unit["country"]))
    for lon, lat in extra:  # said to be in the country of the others
        rows.append((pd.Timestamp("2023-12-30"), lat, lon, rows[0][3]))
    rows.append((pd.Timestamp("2023-12-31"), rows[0][1], rows[0][2], rows[0][3]))
    frame = pd.DataFrame(rows, columns=["date", "lat", "lon", "country"])
    frame["fatalities_best"] = 1
    frame["location_precision"] = "exact"
    return sg.incidents_from_frame(frame)


@pytest.fixture(scope="module")
def mali(tmp_path_factory):
    out = tmp_path_factory.mktemp("mali")
    incidents = make_incidents(extra=[BEYOND])
    written = sg.write_report(incidents, sg.load_boundaries(1), out, lang="en")
    return incidents, written, out


def plain(markup):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", markup))


def read(out, name):
    return (out / f"{name}.html").read_text(encoding="utf-8")


def rows_of(page):
    for row in re.findall(r"<tr\b.*?</tr>", page, re.DOTALL):
        cells = re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        yield [plain(cell).strip() for cell in cells]


def test_at_most_150_words_stand_before_the_first_map(mali):
    page = read(mali[2], "index")
    body = page[page.index("<body>") : page.index('<svg class="map"')]
    assert len(plain(body).split()) <= 150


def test_a_file_of_one_country_is_titled_counted_and_fitted_to_it(mali):
    _, written, out = mali
    summary = written.summary
    assert summary["not_covered"] == ["BFA", "NER"]
    assert summary["steps"]["beyond"] == 1
    page = plain(read(out, "index"))
    mapped = summary["steps"]["mapped"]
    assert "Mali: incidents and rates by administrative unit" in page
    assert f"{mapped} incidents and {mapped} recorded deaths; most incidents in Gao" in page
    assert f"{mapped} incidents recorded from 1 January 2023" in page.replace("\xa0", " ")
    assert "placed in 3 units of Mali." in page
    table = {row[0]: row for row in rows_of(read(out, "index"))}
    assert table["Mali"][1] == str(mapped)
    most = [int(row[1]) for name, row in table.items() if re.match(r"\d+\. ", name)]
    assert sum(most) == mapped
    bounds = re.search(r'"bounds":(\[\[.*?\]\])', read(out, "central-sahel"))[1]
    (south, west), (north, east) = json.loads(bounds)
    box = sg.load_boundaries(1, countries="MLI").total_bounds
    assert [west, south, east, north] == pytest.approx(box.tolist(), abs=1e-3)


def test_no_banner_denies_a_unit_that_is_coloured(mali):
    """The incident in Niger, in a file of Mali, is counted apart and colours nothing."""
    _, written, out = mali
    figures = pd.read_csv(out / "indicators.csv", encoding="utf-8-sig")
    assert "no incidents in Burkina Faso nor in Niger" in read(out, "central-sahel")
    assert figures.loc[figures["country"] != "MLI", "incidents"].isna().all()
    assert figures["incidents"].sum() == written.summary["steps"]["mapped"]


def test_the_zone_is_left_out_where_the_file_does_not_reach_it(tmp_path):
    units = sg.load_boundaries(1)
    far = make_incidents({"Kayes": 2, "Sikasso": 2})
    report = sg.write_report(far, units, tmp_path / "far", lang="en", exports=False)
    assert report.summary["zone"] is None
    assert not (tmp_path / "far" / "zone.html").exists()
    asked = sg.write_report(
        far, units, tmp_path / "asked", lang="en", exports=False, zone="menaka-tri-border"
    )
    assert asked.summary["zone"] == "menaka-tri-border"
    near = sg.write_report(
        make_incidents({"Kayes": 2, "Gao": 1}), units, tmp_path / "near", exports=False
    )
    assert near.summary["zone"] == "menaka-tri-border"


def test_the_risk_page_ranks_by_the_index_and_says_what_moves_it(mali):
    incidents, written, out = mali
    units = sg.load_boundaries(1, countries="MLI")
    people = sg.load_population(1).set_index("unit_id")["population"]
    placed = sg.assign(incidents, units)
    panel = sg.count(placed, units, start="2022-01-01", end="2023-12-31")
    index = sg.risk.from_panel(panel, units, people)
    ordered = index.table[index.table["risk"] > 0].sort_values("rank")
    rows = [row for row in rows_of(read(out, "risk")) if re.match(r"\d+\. ", row[0])]
    assert [row[0].partition(". ")[2] for row in rows] == [
        index.names[unit] for unit in ordered.index
    ]
    for row, (unit, truth) in zip(rows, ordered.iterrows(), strict=True):
        assert float(row[1]) == pytest.approx(truth["risk"], abs=0.051)
        assert "without it" in row[-1] or row[-1] == "no single part", unit
    figures = pd.read_csv(out / "indicators.csv", encoding="utf-8-sig").set_index("unit_id")
    assert figures.loc[units["unit_id"], "risk"].tolist() == pytest.approx(
        index.table.loc[units["unit_id"], "risk"].tolist(), abs=1e-6
    )
    assert written.summary["findings"]["risk"]["first"][0] == ordered.index[0]
    page = plain(read(out, "risk"))
    assert "Vulnerability is not known and left out" in page
    assert "estimates in Ménaka" in page
    assert '"key":"risk"' in read(out, "central-sahel")


def test_vulnerability_that_is_given_takes_part(tmp_path):
    units = sg.load_boundaries(1)
    share = pd.Series(0.1, units["unit_id"], name="phases.csv")
    share["ML06"] = 0.6
    report = sg.write_report(
        make_incidents(), units, tmp_path, lang="en", exports=False, vulnerability=share
    )
    assert report.summary["vulnerability"] == "phases.csv"
    page = plain(read(tmp_path, "risk"))
    assert "Vulnerability: phases.csv." in page
    assert "left out" not in page
    assert "vulnerability: vulnerability" in page


def test_safe_reports_and_selections_have_no_risk(tmp_path, example_report):
    units = sg.load_boundaries(1)
    many = make_incidents({"Gao": 20, "Mopti": 20, "Ségou": 20, "Kidal": 0.1})
    sg.write_report(many, units, tmp_path / "safe", lang="en", publish="safe")
    page = read(tmp_path / "safe", "risk")
    assert "Not published" in page
    assert "<table" not in page
    assert "risk" not in pd.read_csv(tmp_path / "safe" / "indicators.csv")
    assert '"key":"risk"' not in read(tmp_path / "safe", "central-sahel")
    assert "Who is exposed?" not in read(tmp_path / "safe", "brief")
    some = example_report()[1]
    assert "This page claims nothing" in read(some, "risk")
    assert "per_100k_year" not in read(some, "central-sahel")


def test_people_of_ones_own_replace_the_shipped_table_and_are_checked(tmp_path):
    """A table that gives Gao forty times its people is used, named and warned of."""
    units = sg.load_boundaries(1, countries="MLI")
    shipped = sg.load_population(1).set_index("unit_id")["population"].reindex(units["unit_id"])
    table = shipped.rename("people").reset_index()
    table.loc[table["unit_id"] == "ML07", "people"] *= 40
    table.rename(columns={"unit_id": "pcode"}).to_csv(tmp_path / "people.csv", index=False)
    make_incidents().to_csv(tmp_path / "incidents.csv", index=False)
    settings = tmp_path / "own.toml"
    settings.write_text(
        'incidents = "incidents.csv"\npeople = "people.csv:people"\nlevel = 1\nlang = "en"\n',
        encoding="utf-8",
    )
    report = run_config(read_config(settings), tmp_path / "out")
    assert report.summary["people"]["source"] == "people.csv"
    assert report.summary["people"]["implausible"] == ["Gao"]
    figures = pd.read_csv(tmp_path / "out" / "indicators.csv", encoding="utf-8-sig")
    gao = figures.set_index("unit_id").loc["ML07"]
    years = 365 / 365.25
    rate = gao["incidents"] / (40 * shipped["ML07"]) * 1e5 / years
    assert gao["per_100k_year"] == pytest.approx(rate, rel=1e-4)
    page = plain(read(tmp_path / "out", "brief"))
    assert "can hardly be right in Gao" in page
    assert "Cadre Harmonisé" not in page
    assert 'people = "people.csv:people"' in (tmp_path / "out" / "report.toml").read_text("utf-8")


def test_counts_before_and_after_stand_beside_the_test_of_change(mali):
    incidents, written, out = mali
    page = read(out, "comparison")
    in_mali = incidents[:-2]  # without the one in Niger, and with the last day put back
    after = (incidents["date"] >= "2023-01-01").sum() - 1
    before = (in_mali["date"] < "2023-01-01").sum()
    assert f"{before:,} in all, then {after:,}" in plain(page)
    assert f"with {before:,} incidents in all" in plain(read(out, "brief"))
    rows = {row[0]: row for row in rows_of(page)}
    placed = sg.assign(incidents, sg.load_boundaries(1))
    gao = placed[placed["unit_id"] == "ML07"]
    assert rows["Gao"][2] == str((gao["date"] < "2023-01-01").sum())
    assert rows["Gao"][3] == str((gao["date"] >= "2023-01-01").sum())
    assert written.summary["steps"]["mapped"] == after


def test_spillover_is_two_sentences_and_a_picture_with_its_tables_behind(tmp_path):
    both = make_incidents({"Gao": 3, "Tillabéri": 3, "Sahel": 3})
    sg.write_report(both, sg.load_boundaries(1), tmp_path, lang="en", exports=False)
    page = read(tmp_path, "spillover")
    assert "<table" not in page
    assert '<svg class="plot"' in page
    lead = re.search(r'<p class="lead">(.*?)</p>', page, re.DOTALL)[1]
    assert len(re.findall(r"[.?!](?:\s|$)", lead)) <= 3
    assert 'href="spillover-tables.html"' in page
    annex = read(tmp_path, "spillover-tables")
    assert "Verdict" in annex
    nav = re.findall(r"<nav.*?</nav>", annex, re.DOTALL)[0]
    assert "spillover-tables.html" not in nav
    assert "licences.html" not in nav
    assert "methods.html" in nav


@pytest.mark.parametrize(
    ("lang", "headline", "caption"),
    [
        ("en", "The numbers of all units with incidents are hidden", "Numbers: the units"),
        ("fr", "Les chiffres de toutes les unités touchées sont masqués", "Les numéros renvoient"),
    ],
)
def test_where_every_unit_is_hidden_nobody_reads_that_none_was_placed(
    lang, headline, caption, tmp_path
):
    few = make_incidents(dict.fromkeys(["Gao", "Mopti", "Kayes", "Ségou"], 0.4))
    units = sg.load_boundaries(1)
    settings = {"lang": lang, "exports": False, "publish": "safe", "least": 20}
    written = sg.write_report(few, units, tmp_path, **settings)
    assert written.summary["steps"]["mapped"] > 1
    for name in ("index", "brief"):
        page = plain(read(tmp_path, name))
        assert headline in page
        assert caption not in page
        assert "could be placed in a unit" not in page
        assert "être placé dans une unité" not in page
