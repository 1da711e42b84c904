"""UCDP: releases chosen from the page, the latest row of each id, and nothing taken on trust."""

import json
import re
import warnings

import pandas as pd
import pytest

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.sources import SourceError, StaleDataWarning
from sahel_geo.sources.access.tables import latest
from tests.loopback.server import Reply, page
from tests.loopback.shapes import (
    GED_COLUMNS,
    csv_bytes,
    downloads_page,
    ged_api,
    ged_row,
    ged_zip,
    json_reply,
    zip_bytes,
)

YEARLY = [
    ged_row(1, "2024-05-02"),
    ged_row(2, "2025-07-14", 1, best=5),
    ged_row(3, "2025-08-01", 3),
    ged_row(4, "2025-08-01", country="Somalia", country_id=520),
    ged_row(5, "1990-08-01"),
]
MONTHS_1_TO_6 = [ged_row(10, "2026-02-01", 2, code_status="check"), ged_row(11, "2026-06-09", 4)]
AUGUST = [
    ged_row(2, "2025-07-14", 1, best=9),
    ged_row(20, "2026-08-30", 5, code_status="check"),
]


@pytest.fixture
def downloads(server):
    """The download page with a yearly release and candidates under the names of 2026."""
    names = ["ged251-csv.zip", "ged261-csv.zip", "GEDEvent_v25_0_12.csv", "GEDEvent_v26_0_3.csv",
             "GEDEvent_v26_01_26_06.csv", "GEDEvent_v26_0_8.csv", "codebook.pdf"]  # fmt: skip
    server.answer("/downloads/", downloads_page(names))
    server.answer("/downloads/ged/ged261-csv.zip", Reply(ged_zip(YEARLY)))
    server.answer(
        "/downloads/ged/GEDEvent_v26_01_26_06.csv", Reply(csv_bytes(MONTHS_1_TO_6, GED_COLUMNS))
    )
    server.answer("/downloads/ged/GEDEvent_v26_0_8.csv", Reply(csv_bytes(AUGUST, GED_COLUMNS)))
    server.base = f"{server.url}/downloads"
    return server


def test_the_yearly_release_and_the_candidates_on_top_give_the_latest_row_of_each_id(downloads):
    incidents = sg.sources.ucdp(since="2024-01", base_url=downloads.base)
    found = incidents.set_index("incident_id")["fatalities_best"]
    assert found.sort_index().to_dict() == {"1": 3, "10": 3, "11": 3, "2": 9, "20": 3, "3": 3}
    superseded = incidents.report.superseded
    assert superseded.values.tolist() == [["2", "26.1", "26.0.8"]]
    (origin,) = incidents.report.provenance
    assert origin.version == "26.1 + 26.01.26.06 + 26.0.8"
    assert origin.rows == 6
    assert origin.status == {"Clear": 4, "check": 2}
    assert [part.rows for part in origin.parts] == [3, 2, 2]
    assert origin.licence == "CC BY 4.0"
    assert re.fullmatch(r"[0-9a-f]{64}", origin.sha256)


def test_releases_that_a_later_one_replaces_are_not_fetched(downloads):
    sg.sources.ucdp(base_url=downloads.base)
    assert sorted(downloads.paths) == [
        "/downloads/",
        "/downloads/ged/GEDEvent_v26_01_26_06.csv",
        "/downloads/ged/GEDEvent_v26_0_8.csv",
        "/downloads/ged/ged261-csv.zip",
    ]


def test_a_second_run_makes_no_request(downloads):
    first = sg.sources.ucdp(since="2024-01", base_url=downloads.base)
    asked = len(downloads.asked)
    again = sg.sources.ucdp(since="2024-01", base_url=downloads.base)
    offline = sg.sources.ucdp(since="2024-01", base_url=downloads.base, offline=True)
    assert len(downloads.asked) == asked
    pd.testing.assert_frame_equal(first, again)
    assert first.report.provenance == again.report.provenance == offline.report.provenance


def test_another_question_uses_the_files_that_are_there(downloads):
    sg.sources.ucdp(since="2024-01", base_url=downloads.base)
    asked = len(downloads.asked)
    niger = sg.sources.ucdp("NER", base_url=downloads.base, offline=True)
    assert set(niger["country"]) == {"NER"}
    assert len(downloads.asked) == asked


def test_refresh_asks_again_and_only_for_what_may_have_changed(downloads):
    sg.sources.ucdp(base_url=downloads.base)
    downloads.answer(
        "/downloads/ged/GEDEvent_v26_0_8.csv",
        Reply(csv_bytes([ged_row(20, "2026-08-30", 5, best=7)], GED_COLUMNS)),
    )
    again = sg.sources.ucdp(base_url=downloads.base, refresh=True).set_index("incident_id")
    assert again.loc["20", "fatalities_best"] == 7


def test_time_and_countries_choose_rows(downloads):
    chosen = sg.sources.ucdp(
        ["MLI", "NER"], since="2025-07", until="2026-02", base_url=downloads.base
    )
    assert sorted(chosen["incident_id"]) == ["10", "2", "3"]


def test_without_candidates_the_yearly_release_stands_alone(downloads):
    incidents = sg.sources.ucdp(candidate=False, base_url=downloads.base)
    assert incidents.report.provenance[0].version == "26.1"
    assert sorted(incidents["incident_id"]) == ["1", "2", "3", "5"]


def test_a_time_after_the_yearly_release_does_not_fetch_it(downloads):
    sg.sources.ucdp(since="2026-02", base_url=downloads.base)
    assert not [path for path in downloads.paths if path.endswith(".zip")]


def test_nothing_found_is_an_error_and_no_empty_table(downloads):
    with pytest.raises(SourceError, match=r"no event in BFA since 2026-09-01.*26\.0\.8"):
        sg.sources.ucdp("BFA", since="2026-09", base_url=downloads.base)


def test_a_column_that_disappeared_is_named(downloads, own_cache):
    less = [name for name in GED_COLUMNS if name not in ("best", "side_a")]
    downloads.answer("/downloads/ged/GEDEvent_v26_0_8.csv", Reply(csv_bytes(AUGUST, less)))
    with pytest.raises(SourceError, match=r"26\.0\.8 has no column \['side_a', 'best'\]") as caught:
        sg.sources.ucdp(base_url=downloads.base)
    assert "n’a pas de colonne ['side_a', 'best']" in caught.value.say("fr")
    assert not [each for each in sg.sources.Cache().entries() if each.kind == "data set"]


def test_another_way_to_write_dates_is_an_error(downloads):
    rows = [ged_row(20, "2026-08-30", date_start="8/30/2026")]
    downloads.answer("/downloads/ged/GEDEvent_v26_0_8.csv", Reply(csv_bytes(rows, GED_COLUMNS)))
    with pytest.raises(SourceError, match="date_start is not written as 2024-01-31"):
        sg.sources.ucdp(base_url=downloads.base)


def test_a_page_without_releases_is_an_error(server):
    server.answer("/downloads/", page("We have a new design"))
    with pytest.raises(SourceError, match="no link to a yearly release"):
        sg.sources.ucdp(base_url=f"{server.url}/downloads")


@pytest.mark.parametrize(
    ("reply", "match"),
    [
        (page(), "it is a web page, as for a login"),
        (Reply(ged_zip(YEARLY), cut=200), "broke off, and again on each attempt"),
        (Reply(ged_zip(YEARLY)[:-40]), "the archive is damaged, broken off"),
        (Reply(b"\x00" * 999), "no file of the kind zip"),
        (Reply(b"  \n"), "it is empty"),
        (Reply(status=404), r"\(404\)"),
        (Reply(status=500), "fault of its own"),
        (Reply(zip_bytes({"a.csv": b"id\n1\n", "b.csv": b"id\n1\n"})), "cannot be cut into rows"),
        (Reply(status=403), r"does not allow this \(403\)"),
    ],
)
def test_a_file_that_is_none_leaves_nothing_behind(downloads, own_cache, reply, match):
    downloads.answer("/downloads/ged/ged261-csv.zip", reply)
    with pytest.raises(SourceError, match=match) as caught:
        sg.sources.ucdp(base_url=downloads.base)
    assert str(caught.value).startswith("UCDP GED: ")
    assert caught.value.say("fr").startswith("UCDP GED\N{NARROW NO-BREAK SPACE}: ")
    assert not [path for path in (own_cache / "partial").rglob("*") if path.is_file()]


def test_a_download_that_broke_off_is_tried_again(downloads):
    whole = ged_zip(YEARLY)
    downloads.answer("/downloads/ged/ged261-csv.zip", [Reply(whole, cut=99), Reply(whole)])
    assert len(sg.sources.ucdp(base_url=downloads.base)) == 7


def test_a_file_fetched_on_another_machine_serves(server, own_cache):
    (own_cache / "received").mkdir(parents=True)
    (own_cache / "received" / "ged261-csv.zip").write_bytes(ged_zip(YEARLY))
    server.answer("/downloads/", downloads_page(["ged261-csv.zip"]))
    base = f"{server.url}/downloads"
    assert len(sg.sources.ucdp(candidate=False, base_url=base)) == 4
    assert server.paths == ["/downloads/"]


def test_files_fetched_on_another_machine_serve_without_any_network(own_cache):
    (own_cache / "received").mkdir(parents=True)
    (own_cache / "received" / "ged261-csv.zip").write_bytes(ged_zip(YEARLY))
    august = csv_bytes(AUGUST, GED_COLUMNS)
    (own_cache / "received" / "GEDEvent_v26_0_8.csv").write_bytes(august)
    incidents = sg.sources.ucdp(since="2024", offline=True)
    assert sorted(incidents["incident_id"]) == ["1", "2", "20", "3"]


def test_offline_with_an_empty_cache_names_the_file_and_the_folder(own_cache):
    with pytest.raises(SourceError, match=r"put the file into .*received"):
        sg.sources.ucdp(base_url="http://127.0.0.1:9/downloads", offline=True)


def test_older_data_serve_where_the_server_fails_and_say_how_old_they_are(downloads, monkeypatch):
    base = downloads.base
    first = sg.sources.ucdp(base_url=base)
    downloads.answer("/downloads/", Reply(status=503))
    with pytest.warns(StaleDataWarning, match="0 days ago, is used") as warned:
        again = sg.sources.ucdp(base_url=base, refresh=True)
    pd.testing.assert_frame_equal(first, again)
    assert "âgées de 0 jours" in warned[0].message.args[0].say("fr")


def test_the_api_gives_the_same_as_the_files(downloads, monkeypatch):
    monkeypatch.setenv("UCDP_TOKEN", "toy-token-1234")
    for version, rows in (("26.1", YEARLY), ("26.01.26.06", MONTHS_1_TO_6), ("26.0.8", AUGUST)):
        downloads.answer(f"/api/gedevents/{version}", ged_api(rows, "toy-token-1234"))
    files = sg.sources.ucdp(since="2024-01", base_url=downloads.base)
    api = sg.sources.ucdp(
        since="2024-01", via="api", base_url=f"{downloads.url}/api", page_url=f"{downloads.base}/"
    )
    columns = ["incident_id", "date", "country", "place", "lon", "lat", "fatalities_best"]
    assert len(api) == 6
    pd.testing.assert_frame_equal(
        api[columns].sort_values("incident_id", ignore_index=True),
        files[columns].sort_values("incident_id", ignore_index=True),
    )
    asked = [each for each in downloads.asked if each.path.startswith("/api/")]
    assert {each.query["StartDate"] for each in asked} == {"2024-01-01"}
    assert {each.query["pagesize"] for each in asked} == {"1000"}


def by_api(downloads):
    return sg.sources.ucdp(
        via="api", candidate=False, base_url=f"{downloads.url}/api", page_url=f"{downloads.base}/"
    )


def api_page(rows=YEARLY, **other):
    plain = {"TotalCount": len(rows), "TotalPages": 1, "NextPageUrl": "", "Result": rows}
    return json_reply(plain | other)


@pytest.mark.parametrize(
    ("reply", "match"),
    [
        (Reply(status=401), r"does not know the key \(401\).*ucdp\.uu\.se/apidocs"),
        (Reply(status=429), "too many requests"),
        (page("Log in"), "web page, as for a login"),
        (json_reply({"Result": []}), "no column"),
        (api_page(TotalPages=3), "page 1 repeats rows"),
        (api_page(TotalCount=99), "5 rows came of 99"),
        (api_page(TotalPages=10**9), "expected at most"),
        (api_page(TotalPages="many"), "publisher changed it"),
        (api_page(TotalCount=None), "publisher changed it"),
        (api_page(Result={"a": 1}), "publisher changed it"),
        (api_page([{"id": 1}]), "no column"),
        (api_page([]), "no event"),
    ],
)
def test_each_failure_of_the_api_is_told(downloads, monkeypatch, reply, match):
    monkeypatch.setenv("UCDP_TOKEN", "toy-token-1234")
    downloads.answer("/api/gedevents/26.1", reply)
    with pytest.raises(SourceError, match=match) as caught:
        by_api(downloads)
    assert caught.value.say("fr") != str(caught.value)


def test_the_api_without_a_token_says_where_to_ask_for_one(downloads):
    with pytest.raises(SourceError, match=r"no key\. Set UCDP_TOKEN .*register at"):
        by_api(downloads)


def test_rows_without_an_identifier_do_not_collapse_into_one():
    rows = pd.DataFrame({"id": [None, None, "", "7"], "best": [1, 2, 3, 4]})
    kept, superseded = latest([("a", rows), ("b", rows)], "id")
    assert kept["best"].tolist() == [1, 2, 3, 1, 2, 3, 4]
    assert superseded.values.tolist() == [["7", "a", "b"]]


def test_no_warning_is_given_where_all_is_well(downloads):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sg.sources.ucdp(base_url=downloads.base)


@pytest.mark.parametrize(
    ("revised", "asked"),
    [
        (ged_row(2, "2024-12-30", 1, best=9), {"since": "2025-01"}),
        (ged_row(2, "2025-07-14", 4, best=9), {"countries": "MLI", "since": "2025-01"}),
    ],
)
def test_an_event_that_a_later_release_moves_out_is_not_kept_as_it_was(downloads, revised, asked):
    rows = [revised, ged_row(20, "2026-08-30", 0)]
    downloads.answer("/downloads/ged/GEDEvent_v26_0_8.csv", Reply(csv_bytes(rows, GED_COLUMNS)))
    incidents = sg.sources.ucdp(base_url=downloads.base, **asked)
    assert "2" not in set(incidents["incident_id"])
    assert "20" in set(incidents["incident_id"])
    assert incidents.report.superseded.values.tolist() == [["2", "26.1", "26.0.8"]]


def test_an_identifier_written_as_a_decimal_is_the_same_one(downloads):
    rows = [ged_row("2.0", "2025-07-14", 1, best=9), ged_row(" 3 ", "2025-08-01", 3, best=8)]
    downloads.answer("/downloads/ged/GEDEvent_v26_0_8.csv", Reply(csv_bytes(rows, GED_COLUMNS)))
    incidents = sg.sources.ucdp(since="2025-07", until="2025-12", base_url=downloads.base)
    assert incidents.set_index("incident_id")["fatalities_best"].to_dict() == {"2": 9, "3": 8}


def test_the_api_may_lack_an_identifier_without_changing_the_others(downloads, monkeypatch):
    monkeypatch.setenv("UCDP_TOKEN", "toy-token-1234")
    downloads.answer("/api/gedevents/26.1", api_page([*YEARLY, ged_row(None, "2024-09-09")]))
    identifiers = set(by_api(downloads)["incident_id"])
    assert {"1", "2", "3", "5"} <= identifiers
    assert len(identifiers) == 5


@pytest.mark.parametrize("other", [{"country": None}, {"date_start": None}])
def test_a_row_of_the_api_without_country_or_date_is_told(downloads, monkeypatch, other):
    monkeypatch.setenv("UCDP_TOKEN", "toy-token-1234")
    downloads.answer("/api/gedevents/26.1", api_page([YEARLY[0], YEARLY[1] | other]))
    with pytest.raises(SourceError, match="1 events state no country, or no date_start"):
        by_api(downloads)


def test_a_row_of_a_file_without_country_is_told(downloads):
    rows = [ged_row(20, "2026-08-30", country="")]
    downloads.answer("/downloads/ged/GEDEvent_v26_0_8.csv", Reply(csv_bytes(rows, GED_COLUMNS)))
    with pytest.raises(SourceError, match="1 events state no country"):
        sg.sources.ucdp(base_url=downloads.base)


@pytest.mark.parametrize(
    "pages",
    [
        ([YEARLY[:2], YEARLY[1:3]], [2, 2], [4, 4]),  # a row moved onto the second page
        ([YEARLY[:2], YEARLY[2:3]], [2, 2], [3, 4]),
        ([YEARLY[:2], YEARLY[2:3]], [3, 2], [5, 3]),
    ],
)
def test_pages_that_change_while_they_are_read_are_an_error(downloads, monkeypatch, pages):
    monkeypatch.setenv("UCDP_TOKEN", "toy-token-1234")
    rows, numbers, totals = pages
    downloads.answer(
        "/api/gedevents/26.1",
        [
            api_page(part, TotalPages=number, TotalCount=total)
            for part, number, total in zip(rows, numbers, totals, strict=True)
        ],
    )
    with pytest.raises(SourceError, match=r"3 rows came of \d|4 rows came of 3"):
        by_api(downloads)


def test_a_month_without_events_is_none(downloads):
    header = csv_bytes(AUGUST, GED_COLUMNS).splitlines(keepends=True)[0]
    downloads.answer("/downloads/ged/GEDEvent_v26_0_8.csv", Reply(header))
    incidents = sg.sources.ucdp(since="2026", base_url=downloads.base)
    assert sorted(incidents["incident_id"]) == ["10", "11"]


@pytest.mark.parametrize(
    "content",
    [
        csv_bytes(YEARLY, GED_COLUMNS).replace(b"gwnoa,gwnob", b"country,gwnob", 1),
        csv_bytes(YEARLY, GED_COLUMNS).replace(b"Koro", b"M\xe9naka"),
        csv_bytes(YEARLY, GED_COLUMNS).decode().encode("utf-16"),
    ],
)
def test_a_file_that_cannot_be_cut_is_told_by_version(downloads, content):
    archive = zip_bytes({"GEDEvent_v26_1.csv": content})
    downloads.answer("/downloads/ged/ged261-csv.zip", Reply(archive))
    with pytest.raises(SourceError, match=r"^UCDP GED: 26\.1 cannot be cut into rows"):
        sg.sources.ucdp(candidate=False, base_url=downloads.base)


def test_a_release_offered_in_two_forms_is_read_once(downloads):
    both = ["ged261-csv.zip", "GEDEvent_v26_0_8.csv", "GEDEvent_v26_0_8.zip"]
    downloads.answer("/downloads/", downloads_page(both))
    august = zip_bytes({"GEDEvent_v26_0_8.csv": csv_bytes(AUGUST, GED_COLUMNS)})
    downloads.answer("/downloads/ged/GEDEvent_v26_0_8.zip", Reply(august))
    incidents = sg.sources.ucdp(base_url=downloads.base)
    assert incidents.report.provenance[0].version == "26.1 + 26.0.8"


def test_a_page_address_with_a_password_is_refused(downloads, monkeypatch):
    monkeypatch.setenv("UCDP_TOKEN", "toy-token-1234")
    with pytest.raises(InputError, match="`page_url` holds a user name or a password"):
        sg.sources.ucdp(via="api", page_url="http://me:toy-pass@127.0.0.1:9/")


def test_offline_data_made_of_an_old_page_are_as_old_as_it(downloads, own_cache):
    sg.sources.ucdp(since="2024-01", base_url=downloads.base)
    for index in (own_cache / "index").glob("*.json"):
        plain = json.loads(index.read_text())
        plain["provenance"]["fetched"] = "2026-01-05T06:07:08Z"
        index.write_text(json.dumps(plain))
    for _ in range(2):  # the second time too
        with pytest.warns(StaleDataWarning, match="fetched on 2026-01-05"):
            niger = sg.sources.ucdp("NER", base_url=downloads.base, offline=True)
        assert niger.report.provenance[0].fetched == "2026-01-05T06:07:08Z"
