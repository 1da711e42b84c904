"""The page on who acts: what it says, and what it leaves out for publication."""

import re

import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.maps.parts import split_incidents

UNITS = sg.load_boundaries(level=1)


def incidents(size=240):
    """Incidents of three groups in Burkina Faso over three years, and two demonstrations."""
    rng = np.random.default_rng(4)
    table = pd.DataFrame(
        {
            "date": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 1090, size), "D"),
            "lon": rng.uniform(-1.5, 0.5, size),
            "lat": rng.uniform(12.5, 14.5, size),
            "country": "BFA",
            "actor1": rng.choice(["JNIM", "ISGS", "Koglweogo"], size, p=[0.6, 0.38, 0.02]),
            "actor2": rng.choice(["Civilians", "Government of Burkina Faso"], size),
            "event_type": "Battles",
            "fatalities_best": 1,
        }
    )
    table.loc[:1, ["actor1", "event_type"]] = ["Protesters", "Protests"]
    table.loc[table.index[table["actor1"] == "Koglweogo"][3:], "actor1"] = "JNIM"
    return sg.incidents_from_frame(table, source="toy")


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    out = tmp_path_factory.mktemp("full")
    return sg.write_report(incidents(), UNITS, out, lang="en", exports=False, zone=None), out


@pytest.fixture(scope="module")
def safe(tmp_path_factory):
    out = tmp_path_factory.mktemp("safe")
    report = sg.write_report(
        incidents(), UNITS, out, lang="en", exports=False, zone=None, publish="safe"
    )
    return report, out


def text_of(out, name="actors.html"):
    return (out / name).read_text(encoding="utf-8")


def test_who_is_named_and_what_is_shown(full):
    page = text_of(full[1])
    assert page.index("JNIM") < page.index("IS Sahel")
    assert "Shown: violence. Left out: demonstrations (2)." in page
    assert "These data do not show that fragmentation increases" in page
    assert "not what it controls" in page


def test_a_short_file_of_one_side_is_told_in_plain_words(tmp_path):
    table = incidents(80).drop(columns="actor2")
    table["date"] = pd.Timestamp("2023-01-01") + (table["date"] - table["date"].min()) / 2
    sg.write_report(table, UNITS, tmp_path, lang="en", exports=False, zone=None)
    page, brief = text_of(tmp_path), text_of(tmp_path, "brief.html")
    assert page.count("names one side of each incident") == 1
    assert "actor2" not in page
    assert "Incidents a month." in brief
    assert "(pale)" not in brief  # no bar is
    (away,) = re.findall(r"Not on the map: ([^<]*)\.", brief)
    assert re.fullmatch(r"[1-9]\d* outside the units", away)
    assert "No forecast is made: the panel has" in text_of(tmp_path, "forecast.html")


def test_names_that_the_table_lacks_are_counted_and_not_written(tmp_path):
    table = incidents()
    table.loc[table.index[10:40], "actor1"] = "Front of nobody knows whom"
    sg.write_report(table, UNITS, tmp_path, lang="en", exports=False, zone=None)
    page = text_of(tmp_path)
    assert "Front of nobody" not in page
    cells = re.search(r"actor not in the table</t[dh]>\s*<td[^>]*>(\d+)</td>", page)
    units = sg.assign(table[10:40], UNITS)["unit_id"]
    assert int(cells[1]) == units.str.startswith("BF").sum()  # the rest lies beyond the country
    shares = re.findall(r">([\d.]+)%</td>", page.split("Is the landscape")[0])
    assert sum(map(float, shares)) == pytest.approx(100, abs=0.3)


def test_no_page_says_that_ground_is_held(full, safe):
    for out in (full[1], safe[1]):
        for file in out.glob("*.html"):
            page = file.read_text(encoding="utf-8").lower()
            for word in ("territory held", "controlled by", "under the control", "stronghold"):
                assert word not in page, file.name


def test_a_map_switches_between_alliances(full):
    page = text_of(full[1], "central-sahel.html")
    assert "Incidents that name al-Qaida and pledged groups" in page
    assert "Incidents that name Islamic State provinces" in page
    assert "Incidents qui nomment Provinces de l’État islamique" in page


def test_nothing_is_shown_by_actor_for_publication(safe):
    assert not (safe[1] / "actors.html").exists()
    for file in safe[1].glob("*.html"):
        page = file.read_text(encoding="utf-8")
        assert "Koglweogo" not in page, file.name
        assert "Incidents that name" not in page, file.name


def test_counts_by_alliance_and_by_kind_add_up_over_units_and_over_months():
    placed = sg.assign(incidents(), UNITS)
    placed = placed[placed["unit_id"].notna()]
    placed["event_type"] = ["Battles", "Riots", None] * (len(placed) // 3) + ["Battles"] * (
        len(placed) % 3
    )
    parts = split_incidents(placed)
    panel = sg.count(placed, UNITS)
    table = parts.add_to(UNITS.assign(incidents=0.0)).set_index("unit_id")
    by_month = parts.add_to_panel(panel).groupby("unit_id")[list(parts.kinds)].sum()
    pd.testing.assert_frame_equal(table[list(parts.kinds)], by_month, check_like=True)
    named = placed[placed["actor1"].isin(["JNIM", "ISGS"])]
    alliances = table[["incidents_al-qaida", "incidents_islamic-state"]]
    assert alliances.to_numpy().sum() == len(named)
    kinds = [name for name, kind in parts.kinds.items() if kind == "event_type"]
    assert kinds == ["incidents_type_battles", "incidents_type_riots", "incidents_type_other"]
    assert table[kinds].to_numpy().sum() == len(placed)
    assert parts.names["incidents_type_riots"] == {"fr": "émeutes", "en": "riots"}
    bare = placed.drop(columns=["actor1", "actor2", "event_type"])
    assert split_incidents(bare) is None


def test_the_brief_says_who_is_named_most_and_whether_that_changed(full, safe):
    brief = text_of(full[1], "brief.html")
    said = "Most named from 1 January 2022 to 31 December 2022: IS Sahel (36), JNIM (36)"
    assert said in brief.replace("\u00a0", " "), "of the months shown, as the map"
    assert "These data do not show that fragmentation increases" in brief
    assert "Every mention of an armed non-state group names it." in brief
    assert " 0%" not in brief
    assert "Most named" not in text_of(safe[1], "brief.html")


def test_the_brief_stays_on_two_pages_in_french(tmp_path, chromium):
    sg.write_report(incidents(), UNITS, tmp_path, lang="fr", exports=False, zone=None)
    assert "Les plus nommés du 1er" in text_of(tmp_path, "brief.html")
    page = chromium.new_page()
    page.goto((tmp_path / "brief.html").as_uri())
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 2
    page.close()


def test_people_stand_beside_events_where_the_file_names_a_capital(full):
    assert re.search(r"\d+% of the land and \d+% of the people", text_of(full[1]))


def test_a_report_of_one_actor_says_so_on_its_pages_and_in_its_settings(tmp_path):
    report = sg.write_report(
        incidents(), UNITS, tmp_path, lang="en", zone=None, actors=("jnim",), civilians=True
    )
    assert "Only incidents that name JNIM on either side are shown." in text_of(
        tmp_path, "index.html"
    )
    both = text_of(tmp_path, "central-sahel.html")
    assert "Seuls les incidents visant des civils sont montrés." in both
    settings = (tmp_path / "report.toml").read_text(encoding="utf-8")
    assert 'actors = ["jnim"]' in settings
    assert "civilians = true" in settings
    assert report.summary["steps"]["mapped"] < 120


def test_a_country_without_a_chosen_incident_has_zeros(tmp_path):
    table = incidents()
    other = table.iloc[:3].assign(
        country="NER",
        lon=2.1,
        lat=14.5,
        actor1="ISGS",
        event_type="Battles",
        incident_id=list("abc"),
    )  # fmt: skip
    both = sg.incidents_from_frame(pd.concat([table, other]), source="toy")
    report = sg.write_report(
        both, UNITS, tmp_path, lang="en", zone=None, exports=False, actors=("jnim",)
    )
    assert report.summary["not_covered"] == ["MLI"]


def test_a_selection_is_listed_and_nothing_is_concluded(example_report):
    page = text_of(example_report()[1])
    assert "From a selection nothing is concluded" in page
    assert "Share of mentions" not in page


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_opens_without_fault_and_fits(full, open_page, width):
    page, faults = open_page(full[1] / "actors.html", width, 900)
    assert faults == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").inner_text() == "Who acts"


def test_kinds_that_differ_in_punctuation_alone_keep_their_own_counts():
    table = incidents(6).assign(
        event_type=["Attack!", "Attack!", "attack", "Other", None, "attack?"]
    )
    parts = split_incidents(table.assign(unit_id="X"))
    counts = parts.rows.groupby("column")["weight"].sum()
    kinds = [name for name, kind in parts.kinds.items() if kind == "event_type"]
    assert sorted(counts[kinds]) == [1, 1, 1, 1, 2]
