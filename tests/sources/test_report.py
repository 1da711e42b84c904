"""Fetch, report, and the same bytes again without a network; what changed since."""

import json
import socket
import tomllib
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import sahel_geo as sg
from sahel_geo.cli import app
from sahel_geo.errors import InputError
from sahel_geo.maps.report import run as run_module
from sahel_geo.maps.report.changes import Changes
from sahel_geo.maps.report.config import ReportConfig, read_config, read_fetched, write_config
from sahel_geo.maps.report.run import run_config
from sahel_geo.sources import SourceError
from sahel_geo.sources.access import session
from sahel_geo.sources.registry import reopen
from tests.loopback.server import Loopback, Reply
from tests.loopback.shapes import (
    GED_COLUMNS,
    Acled,
    acled_row,
    csv_bytes,
    downloads_page,
    ged_row,
    ged_zip,
)
from tests.sources.test_tables import address, raster


def publish(server, rows):
    server.answer("/downloads/", downloads_page(["ged261-csv.zip", "GEDEvent_v26_0_8.csv"]))
    yearly = [row for row in rows if row["date_start"] < "2026"]
    server.answer("/downloads/ged/ged261-csv.zip", Reply(ged_zip(yearly)))
    august = csv_bytes([row for row in rows if row["date_start"] >= "2026"], GED_COLUMNS)
    server.answer("/downloads/ged/GEDEvent_v26_0_8.csv", Reply(august))
    return f"{server.url}/downloads"


def rows(number=24):
    days = [f"202{4 + n % 3}-0{1 + n % 8}-1{n % 9}" for n in range(number)]
    return [ged_row(n, day, n, best=1 + n % 5) for n, day in enumerate(days)]


def contents(folder):
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def refuse(*_, **__):
    raise AssertionError("the network was used")


class Weeks:
    """Two weekly reports from UCDP, and the second made again without a network."""

    def __init__(self, folder, patch):
        self.first, self.second, self.again = (folder / name for name in "abc")
        common = {"level": 0, "zone": "none", "seed": 1}
        config = ReportConfig(source="ucdp", since="2024-01", lang="fr", **common)
        with Loopback() as server:
            self.base = publish(server, rows())
            run_config(config, self.first, base_url=self.base)
            now = [row for row in rows() if row["id"] != 7]  # one is gone
            now[3] = now[3] | {"best": 99, "high": 120}  # one is revised
            now.append(ged_row(900, "2026-08-20", 2))  # one is new
            publish(server, now)
            self.fetch_people(server, folder, 2025)
            report = run_config(
                config,
                self.second,
                cached=True,
                against=self.first / "report.toml",
                base_url=self.base,
                refresh=True,
            )
            self.fetch_people(server, folder, 2026)  # which the report made again must not take
        self.changes = report.summary["changes"]
        patch.setattr(socket, "socket", refuse)
        patch.setattr(socket, "create_connection", refuse)
        file = self.second / "report.toml"
        run_config(
            read_config(file),
            self.again,
            fetched=read_fetched(file),
            against=self.first / "report.toml",
        )
        patch.undo()

    def fetch_people(self, server, folder, year):
        for code in ("MLI", "NER", "BFA"):
            server.answer(address(code, year), raster(folder, 10 * (year - 2024), (-13, 26), 5))
        sg.sources.population(year=year, base_url=f"{server.url}/pop")


@pytest.fixture(scope="module")
def weeks(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("weeks")
        with pytest.MonkeyPatch.context() as cache:
            cache.setenv("SAHEL_GEO_CACHE", str(folder / "cache"))
            cache.setattr(session, "PAUSE_SECONDS", 0.0)
            yield Weeks(folder, patch)


def test_report_toml_says_where_the_data_came_from(weeks):
    config = tomllib.loads((weeks.first / "report.toml").read_text())
    assert (config["source"], config["since"], config["incidents"]) == ("ucdp", "2024-01", "")
    (fetched,) = config["fetched"]
    assert fetched["url"] == f"{weeks.base}/"
    assert fetched["version"] == "26.1 + 26.0.8"
    assert fetched["rows"] == 24
    assert len(fetched["sha256"]) == 64
    assert fetched["licence"] == "CC BY 4.0"
    assert [part["version"] for part in fetched["parts"]] == ["26.1", "26.0.8"]
    assert read_config(weeks.first / "report.toml").source == "ucdp"
    assert read_fetched(weeks.first / "report.toml")[0].as_dict() == fetched


def test_the_same_bytes_again_without_a_network(weeks):
    second, again = contents(weeks.second), contents(weeks.again)
    assert len(second) > 10
    assert second.keys() == again.keys()
    assert not [name for name in second if second[name] != again[name]]


def test_people_that_were_fetched_are_taken_and_named(weeks):
    fetched = read_fetched(weeks.second / "report.toml")
    years = [each.request["year"] for each in fetched if each.source == "population"]
    assert years == ["2025"] * 3
    assert "WorldPop" in (weeks.second / "licences.html").read_text()
    assert not [each for each in read_fetched(weeks.first / "report.toml") if each.source != "ucdp"]


def test_the_licences_page_names_source_version_and_terms(weeks):
    page = (weeks.first / "licences.html").read_text()
    words = ("UCDP GED 26.1 + 26.0.8", "CC BY 4.0", "24 lignes, SHA-256", "Libre d’usage")
    assert not [each for each in words if each not in page]


def test_what_changed_since_is_told_by_page_and_file(weeks):
    counts = {name: weeks.changes[name] for name in ("new", "revised", "removed", "outside")}
    assert counts == {"new": 1, "revised": 1, "removed": 1, "outside": 0}
    assert weeks.changes["figures"] > 0
    table = pd.read_csv(weeks.second / "changes.csv", encoding="utf-8-sig", dtype=str)
    kinds = table.set_index("kind")
    assert kinds["incident_id"].to_dict() == {"new": "900", "revised": "3", "removed": "7"}
    assert kinds.loc["revised", "fields"] == "fatalities_best, fatalities_high"
    assert float(kinds.loc["revised", "fatalities_best"]) == 99
    page = (weeks.second / "changes.html").read_text()
    assert "Ce qui a changé depuis le dernier rapport" in page
    said = page.replace("\N{NARROW NO-BREAK SPACE}", "")
    assert "incidents nouveaux: 1, révisés: 1, retirés: 1" in said
    assert "changes.html" in (weeks.second / "index.html").read_text()


def test_a_report_against_itself_changes_nothing(weeks):
    file = weeks.first / "report.toml"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAHEL_GEO_CACHE", str(weeks.first.parent / "cache"))
        incidents = reopen(read_fetched(file)[0])
        table = pd.read_csv(file.with_name("indicators.csv"), encoding="utf-8-sig")
        assert set(Changes.since(file, incidents, table).counts.values()) == {0}


def test_a_time_that_moved_on_removes_nothing(weeks, server, monkeypatch):
    file = weeks.first / "report.toml"
    later = sg.sources.ucdp(since="2025-01", base_url=publish(server, rows()))
    monkeypatch.setenv("SAHEL_GEO_CACHE", str(weeks.first.parent / "cache"))
    changes = Changes.since(file, later, None).counts
    assert (changes["new"], changes["revised"], changes["removed"]) == (0, 0, 0)
    assert changes["outside"] == sum(row["date_start"] < "2025" for row in rows())


def test_a_cache_that_lost_the_data_says_what_to_do(weeks, tmp_path):
    file = weeks.first / "report.toml"  # the cache of this test is empty
    with pytest.raises(SourceError, match="Fetch anew with --source ucdp"):
        run_config(read_config(file), tmp_path / "again", fetched=read_fetched(file))


def test_safe_reports_keep_no_checksum_of_rows_and_compare_nothing(server, tmp_path):
    base = publish(server, rows(200))
    config = ReportConfig(source="ucdp", level=1, lang="en", publish="safe", zone="none")
    run_config(config, tmp_path / "safe", base_url=base)
    (origin,) = read_fetched(tmp_path / "safe" / "report.toml")
    assert (origin.sha256, origin.rows, origin.parts, dict(origin.status)) == ("", 0, (), {})
    assert "SHA-256" not in (tmp_path / "safe" / "licences.html").read_text()
    with pytest.raises(InputError, match="lists single incidents"):
        run_config(config, tmp_path / "x", against=tmp_path / "safe" / "report.toml", base_url=base)


def test_rows_that_may_not_be_passed_on_stand_in_no_file(server, tmp_path, monkeypatch):
    days = [f"2025-0{1 + n % 8}-1{n % 9}" for n in range(24)]
    hidden = {"actor2": "Very secret toy group", "notes": "nobody else's", "location": "Hamlet"}
    publisher = Acled(server, [acled_row(n, day, n, **hidden) for n, day in enumerate(days)])
    monkeypatch.setenv("ACLED_EMAIL", publisher.account[0])
    monkeypatch.setenv("ACLED_PASSWORD", publisher.account[1])
    before = sg.sources.acled(since="2025-01", base_url=server.url)
    config = ReportConfig(source="acled", since="2025-01", lang="en")
    write_config(tmp_path / "old.toml", config, fetched=before.report.provenance)
    publisher.rows[4] = publisher.rows[4] | {"fatalities": "44", "timestamp": "1762400000"}
    report = run_config(
        ReportConfig(source="acled", since="2025-01", level=0, lang="en", zone="none"),
        tmp_path / "new",
        against=tmp_path / "old.toml",
        base_url=server.url,
        refresh=True,
    )
    assert report.summary["changes"]["revised"] == 1
    words = [*hidden.values(), *publisher.account, publisher.token, publisher.renewal]
    for path in (tmp_path / "new").iterdir():
        content = path.read_bytes()
        assert not [word for word in words if word.encode() in content], path.name
    drawn = (tmp_path / "new" / "actors.html").read_text(encoding="utf-8")
    assert "actor not in the table" in drawn  # it is counted, and drawn without its name
    assert "Rows may not be passed on" in (tmp_path / "new" / "licences.html").read_text()
    changes = (tmp_path / "new" / "changes.csv").read_text(encoding="utf-8-sig")
    assert "TOY4,revised,fatalities_best" in changes


class NoReportError(Exception):
    """What would have been written."""


@pytest.mark.parametrize(("since", "months"), [("13m", 13), ("260d", 8), ("a day", None)])
def test_months_that_were_not_fetched_or_not_yet_published_are_not_shown(
    server, monkeypatch, since, months
):
    today = pd.Timestamp.now("UTC").tz_localize(None)
    last = (today - pd.DateOffset(months=3)).replace(day=10)  # the publisher is behind
    days = pd.date_range(end=last, periods=700, freq="D")
    rows_of_days = [ged_row(n, f"{each:%Y-%m-%d}", n) for n, each in enumerate(days)]
    server.answer("/downloads/", downloads_page(["ged261-csv.zip"]))
    server.answer("/downloads/ged/ged261-csv.zip", Reply(ged_zip(rows_of_days)))
    early = today - pd.DateOffset(months=6)
    since = f"{early:%Y-%m-15}" if months is None else since
    shown = {}

    def note(incidents, *_, **options):
        shown.update(options, first=incidents["date"].min())
        raise NoReportError

    monkeypatch.setattr(run_module, "write_report", note)
    config = ReportConfig(source="ucdp", since=since, level=1, zone="none")
    with pytest.raises(NoReportError):
        run_config(config, "nowhere", base_url=f"{server.url}/downloads")
    if months is None:
        assert (shown["since"], f"{shown['first']:%Y-%m-%d}") == (since, f"{early:%Y-%m-01}")
        return
    first = (today - pd.DateOffset(months=months)) if since[-1] == "m" else (
        today - pd.DateOffset(days=260)
    )  # fmt: skip
    assert shown["since"] == f"{first:%Y-%m}"
    assert f"{shown['first']:%Y-%m-%d}" == f"{first:%Y-%m}-01"  # the whole of its first month
    assert shown["until"] == f"{last - pd.DateOffset(months=1):%Y-%m}"  # the last whole one


@pytest.mark.parametrize(
    ("option", "match"),
    [(("--since", "soon"), "`since` is 'soon'"), (("--last", "7"), "`last` is '7'"),
     (("--since", "2026-02", "--until", "2026-01"), "the earlier month first"),
     (("--before", "2025-01:2025-03", "--after", "2025-02:2025-04"), "overlap")],
)  # fmt: skip
def test_months_that_cannot_be_read_are_refused_before_anything_is_fetched(server, option, match):
    told = run("report", "--source", "ucdp", *option, "--base-url", publish(server, rows()))
    with pytest.raises(InputError, match=match):
        raise told.exception
    assert not server.asked


def run(*arguments):
    return CliRunner().invoke(app, [str(each) for each in arguments])


def test_fetch_says_what_came_and_under_which_terms(server, tmp_path):
    base = publish(server, rows())
    told = run("fetch", "ucdp", "--since", "2024-01", "--base-url", base, "--lang", "fr",
               "--out", tmp_path / "rows.csv")  # fmt: skip
    assert told.exit_code == 0, told.output
    for words in ("UCDP GED", "26.1 + 26.0.8", "CC BY 4.0", "Libre d’usage", "Clear 24"):
        assert words in told.output
    assert len(pd.read_csv(tmp_path / "rows.csv", encoding="utf-8-sig")) == 24


def test_fetch_gives_json_to_a_program(server):
    told = run("fetch", "ucdp", "--base-url", publish(server, rows()), "--json")
    (origin,) = json.loads(told.output)["provenance"]
    assert origin["rows"] == 24


def test_sources_lists_cache_age_key_licence_and_embargo(server, monkeypatch, own_cache):
    run("fetch", "ucdp", "--base-url", publish(server, rows()))
    told = run("sources", "--lang", "en", "--json")
    listed = {each["name"]: each for each in json.loads(told.output)["sources"]}
    assert listed["ucdp"]["age_days"] == 0.0
    assert listed["ucdp"]["version"] == "26.1 + 26.0.8"
    assert listed["ucdp"]["key"] == "optional"
    assert listed["acled"]["key"] == "missing"
    assert listed["acled"]["entries"] == 0
    monkeypatch.setenv("ACLED_EMAIL", "toy@example.org")
    monkeypatch.setenv("ACLED_PASSWORD", "toy-pass-word")
    told = run("sources", "--lang", "en")
    assert "present" in told.output
    assert "toy-pass-word" not in told.output
    pruned = run("sources", "--prune", "0", "--json")
    assert json.loads(pruned.output)["freed"] > 0


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        (("fetch", "ucpd"), InputError, "Did you mean 'ucdp'"),
        (("fetch", "ucdp", "--year", "2025"), InputError, "`--year` means nothing for ucdp"),
        (("fetch", "acled", "--out", "x.csv"), InputError, "expected --include-rows"),
        (("fetch", "ucdp", "--since", "soon"), InputError, "`since` is 'soon'"),
        (("fetch", "ucdp", "--country", "XXX"), InputError, r"`countries` has \['XXX'\]"),
        (("report", "x.csv", "--source", "ucdp"), InputError, "expected one of them"),
        (("fetch", "ucdp", "--offline"), SourceError, "put the file into"),
        (("fetch", "boundaries"), InputError, "`--country` names no country"),
        (("fetch", "boundaries", "--country", "MLI", "--country", "NER"), InputError, "or several"),
    ],
)
def test_what_cannot_be_done_is_told(arguments, error, match):
    outcome = run(*arguments)
    assert isinstance(outcome.exception, error)
    with pytest.raises(error, match=match):
        raise outcome.exception
