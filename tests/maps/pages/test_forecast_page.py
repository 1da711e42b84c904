"""What a report says of the months to come, in full, for publication, and where it says nothing."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.maps.pages.forecast_layers import Layers
from sahel_geo.maps.pages.forecast_page import Outlook, _alerts_in_short, sections
from sahel_geo.maps.report.outlook import look_ahead
from tests.forecast import worlds

LAST = pd.Timestamp("2023-12-31")


def incidents(seed=8, size=1800):
    """Four years of incidents in Burkina Faso, in some provinces more, up to the last day."""
    units = sg.load_boundaries(level=2, countries=["BFA"])
    rng = np.random.default_rng(seed)
    points = units.geometry.representative_point()
    unit = rng.choice(len(units), size, p=rng.dirichlet(np.full(len(units), 0.4)))
    frame = pd.DataFrame(
        {
            "date": LAST - pd.to_timedelta(np.r_[0, rng.integers(0, 4 * 365, size - 1)], "D"),
            "lon": points.x.to_numpy()[unit],
            "lat": points.y.to_numpy()[unit],
            "country": "BFA",
            "location_precision": "exact",
            "fatalities_best": rng.negative_binomial(0.4, 0.2, size),
        }
    )
    return sg.incidents_from_frame(frame, source="made up"), units


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    out = tmp_path_factory.mktemp("full")
    table, units = incidents()
    return sg.write_report(table, units, out, lang="en", zone=None), out


def read(out, name):
    return (out / name).read_text(encoding="utf-8")


def plain(markup):
    bare = re.sub(r"<(style|svg).*?</\1>|<[^>]+>", " ", markup, flags=re.DOTALL)
    return re.sub(r"\s+", " ", bare)


def test_the_page_answers_where_how_good_and_what_it_cannot_see(report):
    _, out = report
    text = plain(read(out, "forecast.html"))
    for question in ("Where is worse expected?", "How good has this been?", "What can it not see?"):
        assert question in text
    assert "last 12 months" in text
    assert "must not be used to aim" in text
    assert "90% interval" in text.split("How good")[0]


def test_the_index_leads_to_the_page_and_the_summary_holds_the_record(report):
    made, out = report
    assert 'href="forecast.html"' in read(out, "index.html")
    told = json.loads(read(out, "summary.json"))["forecast"]
    assert told["origin"] == "2023-12"
    assert told["measure"] == "fatalities_best"
    assert told["skill"]["lower"] <= told["skill"]["skill"] <= told["skill"]["upper"]
    assert isinstance(told["alerts"], list)
    assert made.summary["forecast"]["sentence"] in plain(read(out, "forecast.html"))


def test_the_map_has_the_forecast_as_layers(report):
    _, out = report
    page = read(out, "central-sahel.html")
    data = json.loads(page.partition('type="application/json"')[2].partition(">")[2].split("<")[0])
    shown = {each["key"]: each for each in data["indicators"]}
    assert {"forecast_probability", "forecast_median", "alert"} <= set(shown)
    assert "no better here" in shown["forecast_median"]["uncertain"]["label"]["en"]
    values = [each for each in shown["forecast_probability"]["values"] if each is not None]
    assert len(values) == 45
    assert 0 <= min(values) <= max(values) <= 100
    assert shown["incidents"]["uncertain"] is None


def test_the_brief_says_what_is_expected_and_the_record_in_one_line(report):
    _, out = report
    text = plain(read(out, "brief.html"))
    assert "What comes next?" in text
    assert re.search(r"From \d origins between .* such forecasts", text)
    assert "Above what was expected" in text


def test_a_safe_report_says_why_it_forecasts_nothing_and_where_classes_are(tmp_path):
    table, units = incidents()
    sg.write_report(table, units, tmp_path, lang="en", zone=None, publish="safe")
    text = plain(read(tmp_path, "forecast.html"))
    assert "its figures move with them" in text
    assert "forecast --publish safe" in text
    assert set(json.loads(read(tmp_path, "summary.json"))["forecast"]) == {"refused"}
    assert "forecast_" not in read(tmp_path, "central-sahel.html")
    assert "such forecasts" not in plain(read(tmp_path, "brief.html"))


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_brief_with_a_forecast_still_fits_two_pages(report, open_page, tmp_path, lang):
    out = report[1]
    if lang != "en":
        out = tmp_path
        table, units = incidents()
        sg.write_report(table, units, out, lang=lang, zone=None, exports=False)
    page, faults = open_page(out / "brief.html", width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", pdf)) == 2
    assert faults == []


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"selection": True}, "From a selection of incidents nothing is forecast"),
        ({"level": 3}, "no smaller units"),
        ({"rows": 0}, "No incident could be placed"),
        ({"rows": 60}, "the panel has 45 units"),
        ({"rows": 1}, "no complete month|the panel has"),
    ],
)
def test_what_cannot_be_forecast_is_answered_in_words(options, match):
    table, units = incidents()
    placed = sg.assign(table, units)
    rows = placed[placed["date"] > "2023-06-01"].head(options.get("rows", len(placed)))
    given = {name: value for name, value in options.items() if name != "rows"}
    outlook = look_ahead(rows, units, **({"level": 2} | given))
    assert outlook.forecast is None
    assert re.search(match, outlook.refused.say("en"))
    assert outlook.refused.say("fr") != outlook.refused.say("en")
    assert outlook.in_short == ()


def test_incidents_dated_to_a_year_make_no_bad_january(monkeypatch):
    """Ten incidents of each year, whose year alone is known, stand on 1 January in the file."""
    table, units = incidents()
    placed = sg.assign(table, units)
    years = placed["date"].dt.year.unique()
    coarse = pd.concat([placed.head(10).assign(date=pd.Timestamp(year, 1, 1)) for year in years])
    every = pd.concat(
        [placed.assign(date_precision="day"), coarse.assign(date_precision="year")],
        ignore_index=True,
    )
    panels = []

    def stop(panel, *_, **__):
        panels.append(panel)
        raise InputError("enough")

    monkeypatch.setattr(sg.forecast, "evaluate", stop)
    look_ahead(every, units, level=2)
    look_ahead(placed, units, level=2)
    by_month = [each.groupby("period")["incidents"].sum() for each in panels]
    more = by_month[0] - by_month[1]
    assert more.sum() == 10 * len(years)
    assert more[more.index.month == 1].sum() <= 0.25 * more.sum()  # a twelfth is expected


def test_deaths_that_few_rows_state_are_not_what_is_forecast():
    table, units = incidents()
    placed = sg.assign(table, units)
    placed["fatalities_best"] = placed["fatalities_best"].astype("float64")
    placed.loc[placed.index % 4 > 0, "fatalities_best"] = np.nan
    outlook = look_ahead(placed, units, level=2)
    assert outlook.forecast.column == "incidents"
    assert "at least one incident" in " ".join(outlook.in_short[0].sentences)


def test_units_for_publication_stand_by_class_and_name_not_by_probability():
    parts = sections(worlds.forecast(), "en", publish="safe")
    rows = parts[0].table.rows
    order = {"60% or more": 0, "30 to 60%": 1}
    assert list(rows) == sorted(rows, key=lambda row: (order[row[1]], row[0]))
    expected = worlds.forecast().table.query("horizon == 1 and probability >= 0.3")
    assert len(rows) == len(expected)


def test_layers_leave_units_without_a_forecast_without_data():
    units, _ = worlds.provinces()
    layers = Layers.of(worlds.forecast(), worlds.alerts())
    strange = units.iloc[:3].assign(unit_id=["x", "y", units["unit_id"].iloc[2]])
    table = layers.add_to(strange)
    assert table["forecast_probability"].isna().tolist() == [True, True, False]
    assert table["no_better"].dtype == bool
    assert set(layers.table["alert"].dropna()) <= {"above expected", "as expected"}
    assert "alert" not in strange


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_unit_is_named_as_rising_only_beyond_its_own_mean_month(lang):
    forecast = worlds.forecast()
    usual = np.nanmean(forecast.past.counts[:, -12:], axis=1)
    drawn = forecast.draws(1)
    rising = ((drawn > usual[:, None]).mean(axis=1) > 0.5).sum()
    text = sections(forecast, lang)[0].paragraphs[1].say(lang)
    if rising:
        assert str(rising) in text.split("45")[0] + text.split("45")[1]
    else:
        assert ("violence comes in bursts" if lang == "en" else "par à-coups") in text


def test_the_brief_names_the_alerts_or_says_that_there_are_none():
    alerts = worlds.alerts()
    outlook = Outlook(worlds.forecast(), alerts)
    said = outlook.in_short[1].sentences[0]
    names = alerts.alerts.loc[alerts.alerts["method"] == "forecast", "name"]
    assert all(name in said for name in names[:4])
    assert names.empty == ("no unit had more" in said)


def test_quiet_units_are_put_in_order_with_the_record_of_such_orders():
    units = sg.load_boundaries(level=2, countries=["NER"])
    panel = sg.forecast.simulate_panel(units, months=72, level=0.15, rng=2)
    onset = sg.forecast.onset(panel, units, within=[6])
    outlook = Outlook(worlds.forecast(), onset=onset)
    said = " ".join(outlook.in_short[0].sentences)
    first, second, third = onset.table["name"].head(3)
    assert f"within 6 months, in this order: {first}, {second} and {third}." in said
    auc = onset.record["auc"].iloc[0]
    assert f"above another in {100 * auc:.0f}% of the pairs" in said
    assert f"{onset.table['probability'].iloc[0]:.0%}" not in said.split("in this order")[1][:80]
    french = " ".join(each.say("fr") for each in outlook.in_short[0].sentences)
    assert "Calmes depuis un an" in french


def test_where_no_unit_could_be_compared_none_is_called_as_expected():
    alerts = worlds.alerts()
    unknown = replace(alerts, table=alerts.table.assign(chance=np.nan, alert=False))
    assert "no unit could be compared with its own past" in _alerts_in_short(unknown).say("en")
    assert "aucune unité n’a pu être comparée" in _alerts_in_short(unknown).say("fr")
