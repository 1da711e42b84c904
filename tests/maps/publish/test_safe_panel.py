"""Series for publication: protected with the whole time, and shown hidden where they are."""

import json

import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.maps.picture.picture import _choose
from sahel_geo.maps.picture.view import view_of
from sahel_geo.maps.publish.publish import safe_units
from sahel_geo.maps.publish.safe_panel import SafePanel
from sahel_geo.schema import HIDDEN
from tests.conftest import make_toy_units
from tests.maps.attack import page_data
from tests.maps.choropleth.test_map import hover
from tests.maps.node import in_node

YEARS = pd.period_range("2021", "2023", freq="Y")
#          2021 2022 2023
COUNTS = {
    "M1": (3, 20, 9),  # the 3 is small: its row, its column and both of M2 protect it
    "M2": (8, 30, 7),
    "N1": (40, 0, 12),
    "N2": (25, 33, 50),
    "B1": (0, 0, 0),
    "B2": (None, None, None),  # no data
}


def make(counts=COUNTS, periods=YEARS):
    """Give units with their whole-time figures, and the panel of them."""
    units = make_toy_units()
    rows = [
        (unit, period, number or 0)
        for unit in units["unit_id"]
        for period, number in zip(periods, counts[unit], strict=True)
    ]
    panel = pd.DataFrame(rows, columns=["unit_id", "period", "incidents"])
    panel["fatalities_best"] = panel["incidents"] * 2
    table = units.merge(sg.density.rates(panel, units), on="unit_id")
    missing = [unit for unit, row in counts.items() if row[0] is None]
    figures = [name for name in table if name not in units]
    table[figures] = table[figures].astype(float).mask(table["unit_id"].isin(missing))
    return table, panel


def shown(safe, name="incidents"):
    cells = safe.panel[safe.panel["unit_id"].notna()]
    return cells.pivot_table(
        index="unit_id", columns="period", values=name, dropna=False, sort=False
    )


def test_by_hand():
    table, panel = make()
    safe = safe_units(table, ["incidents", "per_1000km2", "fatalities_best"], panel=panel)
    cells = safe.panel[safe.panel["unit_id"].notna()]
    hidden = cells[cells[HIDDEN] > 0]
    assert (hidden[HIDDEN] == 5).all()
    sums = safe.panel[safe.panel["unit_id"].isna()]  # one a year, and hidden where it is missing
    assert sums[HIDDEN].tolist() == [5 if np.isnan(each) else 0 for each in sums["incidents"]]
    assert len(sums) == 3
    assert safe.panel.index.is_unique
    assert set(hidden["unit_id"]) == {"M1", "M2"}
    assert len(hidden) == 4
    assert ("M1", YEARS[0]) in set(zip(hidden["unit_id"], hidden["period"], strict=True))
    assert hidden[["incidents", "fatalities_best"]].isna().all(axis=None)
    assert (safe.units[HIDDEN] == 0).all()  # each unit has two of its years hidden
    assert safe.units["incidents"].dropna().tolist() == [32, 45, 52, 108, 0]
    sums = safe.panel[safe.panel["unit_id"].isna()]
    assert sums["incidents"].tolist() == [76, 83, 78]
    assert (safe.series.given, safe.series.shown) == ("Y", "Y")
    assert (safe.series.hidden, safe.series.held) == (4, 11)
    assert "4 of the 11 figures that are not zero are hidden" in " ".join(safe.notes("en"))
    assert "Par unité et par année, 4 des 11 chiffres" in " ".join(safe.notes("fr"))


def test_a_unit_hidden_over_the_whole_time_still_shows_its_zeros():
    counts = COUNTS | {"B1": (0, 1, 0)}
    safe = safe_units(*[make(counts)[0], "incidents"], panel=make(counts)[1])
    assert safe.units.set_index("unit_id").loc["B1", HIDDEN] == 5
    b1 = shown(safe).loc["B1"]
    assert b1.isna().tolist() == [False, True, False]
    assert safe.series.held == 12  # the 11 of by hand, and this one
    assert b1.dropna().tolist() == [0, 0]


def months(seed=0, mean=0.4):
    """A panel of 36 months, of few incidents in each."""
    periods = pd.period_range("2021-01", periods=36, freq="M")
    rng = np.random.default_rng(seed)
    draws = rng.poisson(np.array([[1], [2], [3], [4], [6], [8]]) * mean, (6, 36))
    return make(
        {unit: tuple(row) for unit, row in zip(COUNTS, draws.tolist(), strict=True)}, periods
    )


def test_months_become_longer_where_most_of_them_would_be_hidden():
    table, panel = months()
    safe = safe_units(table, "incidents", panel=panel)
    assert (safe.series.given, safe.series.shown) == ("M", "Y")
    totals = panel.groupby("unit_id", sort=False)["incidents"].sum()
    assert shown(safe).sum(axis=1).le(totals).all()
    assert "added up by year: otherwise more than half" in " ".join(safe.notes("en"))
    assert "additionnés par année\u202f: sinon, plus de la moitié" in " ".join(safe.notes("fr"))
    kept = safe_units(table, "incidents", panel=panel, period="month")
    assert kept.series.shown == "M"
    assert kept.panel["period"].nunique() == 36
    assert kept.series.hidden > kept.series.held / 2
    quarters = safe_units(table, "incidents", panel=panel, period="quarter")
    assert quarters.panel["period"].nunique() == 12
    for mean, length in ((1, "Q"), (6, "M")):  # the shortest of which half stays
        table, panel = months(mean=mean)
        assert safe_units(table, "incidents", panel=panel).series.shown == length


def test_weeks_stay_weeks_since_months_cut_them():
    weeks = pd.period_range("2021-01-04", periods=3, freq="W")
    counts = dict.fromkeys(COUNTS, (1, 2, 40))
    table, panel = make(counts, weeks)
    assert safe_units(table, "incidents", panel=panel).series.shown == "W"
    with pytest.raises(InputError, match=r"`period` is 'year', but the panel counts by week"):
        safe_units(table, "incidents", panel=panel, period="year")
    with pytest.raises(InputError, match=r"`period` is 'month', but the panel counts by year"):
        safe_units(make()[0], "incidents", panel=make()[1], period="month")


def test_rates_by_period_are_hidden_with_their_count_and_averaged_over_longer_ones():
    table, panel = months()
    days = panel["period"].dt.days_in_month
    panel["per_100k_year"] = panel["incidents"] / 2e5 * 1e5 / (days / 365)
    panel["per_1000km2"] = panel["incidents"] / 12.0
    table["per_100k_year"] = 1.0
    names = ["incidents", "per_100k_year", "per_1000km2"]
    safe = safe_units(table, names, panel=panel)
    cells = safe.panel[safe.panel["unit_id"].notna()]
    hidden = cells[HIDDEN] > 0
    assert 0 < hidden.sum() < len(cells)
    for name in names:
        assert (cells[name].isna() == hidden).all()
    left = cells[~hidden]
    np.testing.assert_allclose(left["per_1000km2"], left["incidents"] / 12)
    np.testing.assert_allclose(left["per_100k_year"], left["incidents"] / 2, rtol=1e-9)


def test_one_period_is_the_whole_time():
    table, panel = make({unit: (row[0],) for unit, row in COUNTS.items()}, YEARS[:1])
    safe = safe_units(table, "incidents", panel=panel)
    hidden = safe.units.set_index("unit_id")[HIDDEN] > 0
    assert hidden[["M1", "M2"]].all()
    assert (shown(safe)[YEARS[0]].isna() == (hidden | (hidden.index == "B2"))).all()
    assert sg.choropleth(safe.units, "incidents", panel=safe.panel) is not None


def test_absent_rows_are_zeros():
    table, panel = make()
    sparse = safe_units(table, "incidents", panel=panel[panel["incidents"] > 0])
    pd.testing.assert_frame_equal(sparse.panel, safe_units(table, "incidents", panel=panel).panel)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda p: p.drop(columns="incidents"),
            r"`panel` lacks \['incidents'\]; expected by period",
        ),
        (lambda p: p.drop(columns="fatalities_best"), r"`panel` lacks \['fatalities_best'\]"),
        (
            lambda p: p.assign(incidents=p["incidents"].replace(9, 8)),
            r"adds up to other 'incidents' than `units` in 1 units: \['M1'\]; expected the same",
        ),
        (
            lambda p: p.assign(incidents=p["incidents"].where(p["unit_id"] != "B2", 3)),
            r"adds up to other 'incidents' than `units` in 1 units: \['B2'\]",
        ),
        (
            lambda p: p.assign(per_1000km2=np.where(p["unit_id"] == "N1", 0.1, 0)),
            r"'per_1000km2' is not zero where 'incidents' is, in 1 .*'N1'.*Smoothed rates hold the",
        ),
    ],
)
def test_refuses_a_panel_that_cannot_be_protected(change, message):
    table, panel = make()
    columns = ["incidents", "per_1000km2", "fatalities_best"]
    with pytest.raises(InputError, match=message):
        sg.choropleth(table, columns, panel=change(panel), publish="safe")


def test_refuses_units_and_a_panel_that_were_not_protected_together():
    table, panel = make()
    safe = safe_units(table, "incidents", panel=panel)
    with pytest.raises(InputError, match="`panel` holds counts by period that these units hide"):
        sg.choropleth(safe.units, "incidents", panel=panel)
    with pytest.raises(InputError, match="`panel` is made for publication and `units` is not"):
        sg.choropleth(table, "incidents", panel=safe.panel)
    alone = safe.panel.copy()
    alone.loc[alone.index[0], [HIDDEN, "incidents"]] = [0, 3]
    with pytest.raises(InputError, match=r"hide different figures in 1 units: \['M1'\]"):
        sg.choropleth(safe.units, "incidents", panel=alone)
    whole = safe.units.assign(**{HIDDEN: [5, 0, 0, 5, 0, 0]})
    with pytest.raises(InputError, match=r"hide different figures in 1 units: \['N2'\]"):
        sg.choropleth(whole, "incidents", panel=safe.panel)


def test_a_part_of_the_units_has_no_sums_since_nobody_protected_them():
    table, panel = make()
    safe = safe_units(table, "incidents", panel=panel)
    inside = ["M1", "N1"]
    part = safe.units[safe.units["unit_id"].isin(inside)]
    m = sg.choropleth(part, "incidents", panel=safe.panel[safe.panel["unit_id"].isin(inside)])
    data = next(child.data for child in m._children.values() if hasattr(child, "data"))
    assert data["indicators"][0]["series"]["sums"] is None
    assert data["indicators"][0]["series"]["hidden"] is not None


def test_the_page_and_the_picture_read_what_is_hidden(tmp_path):
    table, panel = make()
    m = sg.choropleth(
        table, "incidents", panel=panel, publish="safe", neighbours=False, towns=False
    )
    data = page_data(sg.save_map(m, tmp_path / "m.html"))
    series = data["indicators"][0]["series"]
    assert series["years"] is None
    got = in_node(
        "series.js",
        f"const e = {json.dumps(series)}; const h = s.readHidden(e, 3);"
        "const rows = s.withoutHidden(s.readSeries(e, 3, at => at === 5), h);"
        "console.log(JSON.stringify([h.map(r => Array.from(r)), rows.map(r => Array.from(r))]))",
    )
    safe = safe_units(table, "incidents", panel=panel)
    cells = safe.panel[safe.panel["unit_id"].notna()]
    flags = (cells[HIDDEN] > 0).to_numpy().reshape(6, 3)
    assert got[0] == flags.astype(int).tolist()
    np.testing.assert_array_equal(
        np.array(got[1], dtype=float), cells["incidents"].to_numpy().reshape(6, 3)
    )
    for at in range(3):
        view = view_of(data, _choose(data, None, str(2021 + at), surface=False), "fr")
        kinds = [view.classes[number]["kind"] for number in view.numbers]
        assert [kind == "suppressed" for kind in kinds] == flags[:, at].tolist()
        assert kinds[4:] == ["zero", "no_data"]
        counts = {entry["kind"]: entry["count"] for entry in view.classes}
        assert counts["suppressed"] == flags[:, at].sum()


WORDS = {
    "fr": (
        "masqué",
        "pas de données",
        "Masqué (1 à 4",
        "périodes masquées (2)",
    ),
    "en": ("hidden", "no data", "Hidden (1 to 4", "Dotted: hidden periods (2)"),
}


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("width", [1280, 390])
def test_what_a_person_sees(open_page, tmp_path, lang, width):
    table, panel = make()
    options = {"lang": lang, "neighbours": False, "towns": False}
    m = sg.choropleth(table, ["incidents", "per_1000km2"], panel=panel, publish="safe", **options)
    page, faults = open_page(sg.save_map(m, tmp_path / "m.html"), width)
    hidden, missing, label, dotted = WORDS[lang]
    page.locator(".sg-icon-on").click()  # 2021
    assert page.locator(".sg-now").inner_text() == "2021"
    assert {unit: hidden in hover(page, unit) for unit in COUNTS} == {
        unit: unit in ("M1", "M2") for unit in COUNTS
    }
    assert missing in hover(page, "B2")
    assert "40" in hover(page, "N1")
    rows = page.locator("section[id$=_legend] ul.sg-classes li")
    told = {row.split("\n")[0]: row.split("\n")[-1] for row in rows.all_inner_texts()}
    own = next(text for text in told if text.startswith(label))
    assert told[own] == "2"
    assert told["0"] == "1"
    assert rows.filter(has_text=label).locator(".sg-dots").count() == 1
    assert page.locator(".sg-totals .sg-full").get_attribute("d").count("M") == 3
    x, y = page.evaluate("window.sahelGeo.pointOf('M1')")
    box = page.locator(".folium-map").bounding_box()
    page.mouse.click(box["x"] + x, box["y"] + y)
    card = page.locator(".sg-card")
    card.locator(".sg-series").wait_for()
    peak = {
        "fr": "maximum des chiffres publiés\u202f: 20 (2022)",
        "en": "highest of the figures shown: 20 (2022)",
    }
    assert peak[lang] in card.inner_text()
    assert dotted in card.inner_text()
    drawn = card.locator(".sg-hidden-figures").get_attribute("d")
    assert drawn.count("M") >= 6
    assert card.locator(".sg-full").get_attribute("d").count("M") == 1
    assert card.locator("tr").first.locator("td").inner_text().startswith(hidden)
    with page.expect_download() as found:
        page.locator("button[data-text=save_svg]").dispatch_event("click")
    found.value.save_as(tmp_path / "m.svg")
    drawing = (tmp_path / "m.svg").read_text(encoding="utf-8")
    assert label in drawing
    assert "2021" in drawing
    assert drawing.count("<pattern") == 2  # dotted, and hatched for no data
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert faults == []


def test_the_whole_time_and_its_series_are_one_table():
    table, panel = make()
    found = SafePanel.of(panel, table, ["incidents"], {}, ["country"], k=5)
    totals = found.protected.totals
    assert set(totals["level"]) == {0, 1, 2}
    assert totals["period"].isna().sum() == 1 + 3 + 6
    assert found.of_units().tolist() == [False] * 6
