"""What people see of a forecast: the command line's files, the map and the parts of a page."""

import json

import numpy as np
import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.cli import app
from sahel_geo.cli.forecast import _complete, _draw
from sahel_geo.errors import InputError
from sahel_geo.maps.pages.forecast_page import sections
from tests.forecast import worlds

runner = pytest.importorskip("typer.testing").CliRunner()


@pytest.fixture(scope="module")
def incident_file(tmp_path_factory):
    """Four years of incidents in Burkina Faso, in some provinces more; none in the last days."""
    units = sg.load_boundaries(level=2, countries=["BFA"])
    rng = np.random.default_rng(8)
    points = units.geometry.representative_point()
    share = rng.dirichlet(np.full(len(units), 0.4))
    unit = rng.choice(len(units), 1500, p=share)
    days = rng.integers(0, 4 * 365 - 20, 1500)
    table = pd.DataFrame(
        {
            "date": (pd.Timestamp("2019-01-01") + pd.to_timedelta(days, "D")).strftime("%Y-%m-%d"),
            "lon": points.x.to_numpy()[unit],
            "lat": points.y.to_numpy()[unit],
            "country": "Burkina Faso",
            "fatalities": rng.poisson(2, 1500),
        }
    )
    path = tmp_path_factory.mktemp("incidents") / "incidents.csv"
    table.to_csv(path, index=False)
    return path


def run(*arguments):
    result = runner.invoke(app, [str(each) for each in arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_the_command_writes_table_scorecard_geometry_and_map(incident_file, tmp_path):
    options = ["--model", "faded", "--horizons", 2, "--lang", "en"]
    said = json.loads(run("forecast", incident_file, *options, "--out", tmp_path, "--json"))
    assert "last 12 months" in said["sentence"]
    table = pd.read_csv(tmp_path / "forecast.csv")
    assert table["period"].unique().tolist() == ["2022-12", "2023-01"]  # December had only begun
    assert len(table) == 2 * 45
    assert {"conflictology", "faded"} <= set(pd.read_csv(tmp_path / "scorecard.csv")["model"])
    assert len(pd.read_parquet(tmp_path / "forecast.parquet")) == 90
    assert pd.read_csv(tmp_path / "onset.csv")["probability"].between(0, 1).all()
    assert (tmp_path / "forecast.html").stat().st_size > 100_000


def test_a_safe_forecast_has_classes_only(incident_file, tmp_path):
    run("forecast", incident_file, "--model", "faded", "--horizons", 1, "--publish", "safe",
        "--out", tmp_path)  # fmt: skip
    assert list(pd.read_csv(tmp_path / "forecast.csv").columns) == [
        "unit_id", "period", "horizon", "probability_class",
    ]  # fmt: skip
    page = (tmp_path / "forecast.html").read_text(encoding="utf-8")
    assert "forecast_median" not in page
    assert not (tmp_path / "onset.csv").exists()


def test_alerts_by_week_are_written_with_their_record(incident_file, tmp_path):
    out = tmp_path / "alerts.csv"
    said = run("alerts", incident_file, "--period", "week", "--model", "faded", "--out", out)
    assert "Une alerte ne dit pas pourquoi" in said
    table = pd.read_csv(out)
    assert set(table["method"]) == {"forecast", "farrington", "ears"}
    record = pd.read_csv(tmp_path / "alerts-record.csv")
    assert (record["false_share"] < 0.05).all()


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_page_answers_where_how_good_and_what_is_not_seen(lang):
    parts = sections(worlds.forecast(), lang, alerts=worlds.alerts())
    assert len(parts) == 4
    assert len(parts[0].table.rows) == 12
    assert parts[0].figure is not None
    assert len(parts[1].table.rows) == len(worlds.record().table)
    assert len(parts[2].items) == 4
    safe = sections(worlds.forecast(), lang, publish="safe")
    assert all(len(row) == 2 for row in safe[0].table.rows)


@pytest.mark.browser
def test_the_map_shows_probability_median_and_where_it_is_no_better(tmp_path, open_page):
    units, _ = worlds.provinces()
    path = sg.save_map(_draw(worlds.forecast(), units, "en"), tmp_path / "map.html")
    page, faults = open_page(path)
    text = page.inner_text("body")
    assert faults == []
    assert "Probability of at least one death, January 2021" in text
    assert "no better here than the best simple rule" in text
    assert "must not be used to aim" in text


def table_of_counts(path, *, zeros):
    """Counts by province and month, as ACLED gives them out, with or without rows of zeros."""
    units, panel = worlds.provinces()
    wide = panel.merge(units[["unit_id", "name"]], on="unit_id")
    period = pd.PeriodIndex(wide["period"])
    table = pd.DataFrame(
        {
            "Country": "Burkina Faso",
            "Admin2 Pcode": wide["unit_id"],
            "Month": period.strftime("%B"),
            "Year": period.year,
            "Events": wide["incidents"],
            "Fatalities": wide["fatalities_best"].astype(int),
        }
    )
    table[zeros | (table["Events"] > 0)].to_csv(path, index=False)
    return path


@pytest.mark.parametrize("zeros", [True, False])
def test_tables_of_counts_are_forecast_as_incidents_are(tmp_path, zeros):
    path = table_of_counts(tmp_path / "counts.csv", zeros=zeros)
    options = ["--model", "faded", "--horizons", 1, "--lang", "en", "--measure", "incidents"]
    said = json.loads(run("forecast", path, *options, "--out", tmp_path / "out", "--json"))
    assert ("lists no zero" in said["sentence"]) == (not zeros)
    units, panel = worlds.provinces()
    record = sg.forecast.evaluate(panel, units, column="incidents", horizons=1, models=["faded"])
    written = pd.read_csv(tmp_path / "out" / "scorecard.csv").set_index("model")
    assert written.loc["faded", "crps"] == pytest.approx(
        record.table.set_index("model").loc["faded", "crps"]
    )
    assert pd.read_csv(tmp_path / "out" / "forecast.csv")["period"].unique() == ["2021-01"]


@pytest.mark.parametrize(
    ("last", "freq", "until", "kept"),
    [
        ("2025-06-24", "W-SUN", None, "2025-06-16/2025-06-22"),  # a Tuesday: the week has begun
        ("2025-06-28", "W-SUN", None, "2025-06-23/2025-06-29"),
        ("2025-06-24", "M", None, "2025-05"),
        ("2025-06-27", "M", None, "2025-06"),
        ("2025-06-24", "M", "2025-06", "2025-06"),  # as the user says
        ("2025-06-24", "M", "2030-01", "2025-05"),
        ("2025-06-24", "M", "2025-02", "2025-02"),
    ],
)
def test_a_period_that_has_only_begun_is_left_out(last, freq, until, kept):
    periods = pd.period_range("2025-01-01", last, freq=freq)
    panel = pd.DataFrame({"unit_id": "a", "period": periods, "incidents": 1})
    assert str(_complete(panel, pd.Timestamp(last), until)["period"].max()) == kept


def test_a_last_period_that_is_none_is_refused():
    panel = pd.DataFrame({"period": pd.period_range("2025-01", "2025-05", freq="M")})
    with pytest.raises(InputError, match="`--until` is 'soon'; expected a period such as 2025-05"):
        _complete(panel, pd.Timestamp("2025-05-31"), "soon")
