"""ACLED: an account for a token, pages, revisions, deletions, and what an account may not see."""

import re

import pytest

import sahel_geo as sg
from sahel_geo.sources import SourceError
from sahel_geo.sources.clients import acled
from tests.loopback.server import Reply, page
from tests.loopback.shapes import Acled, acled_reply, acled_row, json_reply

ROWS = [
    acled_row(1, "2025-01-03"),
    acled_row(2, "2025-02-04", 3, fatalities="7"),
    acled_row(3, "2025-02-05", 5),
    acled_row(4, "2025-02-06", country="Nigeria"),
    acled_row(5, "2024-02-06"),
]


@pytest.fixture
def publisher(server, monkeypatch):
    """ACLED on loopback, with an account that it knows."""
    account = Acled(server, ROWS)
    monkeypatch.setenv("ACLED_EMAIL", account.account[0])
    monkeypatch.setenv("ACLED_PASSWORD", account.account[1])
    account.server = server
    return account


def fetch(publisher, **options):
    return sg.sources.acled(since="2025-01", base_url=publisher.server.url, **options)


def test_events_of_the_time_and_the_countries_are_fetched(publisher):
    incidents = fetch(publisher)
    assert incidents["incident_id"].tolist() == ["TOY1", "TOY2", "TOY3"]
    assert incidents["fatalities_best"].tolist() == [2, 7, 2]
    assert set(incidents["source"]) == {"ACLED"}
    (origin,) = incidents.report.provenance
    assert origin.rows == 3
    assert origin.licence == "ACLED's terms of use"
    assert origin.embargo == ""


def test_a_name_that_is_part_of_another_brings_no_other_country(publisher):
    fetch(publisher, countries="NER")
    assert publisher.server.asked[1].query["country"] == "Niger"
    assert set(fetch(publisher, countries="NER")["country"]) == {"NER"}


def test_all_pages_are_read(publisher, monkeypatch):
    monkeypatch.setattr(acled, "PAGE_ROWS", 2)
    publisher.rows = [acled_row(n, f"2025-03-{n:02}") for n in range(1, 8)]
    assert len(fetch(publisher)) == 7
    asked = [each for each in publisher.server.asked if each.path == "/api/acled/read"]
    assert [each.query["page"] for each in asked] == ["1", "2", "3", "4"]


@pytest.mark.parametrize("known", [True, False])
def test_a_token_that_runs_out_is_renewed_or_the_account_signs_in_again(
    publisher, monkeypatch, own_cache, known
):
    monkeypatch.setattr(acled, "PAGE_ROWS", 2)
    publisher.rows = [acled_row(n, f"2025-03-{n:02}") for n in range(1, 6)]
    publisher.seconds = 0
    if not known:  # it forgets what it gave for renewal
        monkeypatch.setattr(publisher, "_renew", lambda _: json_reply({"error": "no"}, 400))
    assert len(fetch(publisher)) == 5
    forms = [each.body.decode() for each in publisher.server.asked if each.path == "/oauth/token"]
    renewals = ["grant_type=refresh_token" in each for each in forms]
    assert renewals == ([False, True, True, True] if known else [False] + [True, False] * 3)
    kept = [each.read_bytes() for each in own_cache.rglob("*") if each.is_file()]
    assert not [each for each in kept if b"toy-refresh-token" in each or b"toy-token" in each]


def test_a_cursor_is_followed(publisher):
    def answer(asked):
        if asked.query.get("cursor") == "more":
            return acled_reply([acled_row(2, "2025-03-02")])
        return acled_reply([acled_row(1, "2025-03-01")], next_cursor="more")

    publisher.server.answer("/api/acled/read", answer)
    assert fetch(publisher)["incident_id"].tolist() == ["TOY1", "TOY2"]


def test_a_page_that_repeats_is_an_error(publisher, monkeypatch):
    monkeypatch.setattr(acled, "PAGE_ROWS", 2)
    publisher.server.answer("/api/acled/read", acled_reply(ROWS[:2]))
    with pytest.raises(SourceError, match="page 2 repeats rows"):
        fetch(publisher)


def test_a_revised_event_is_kept_once_and_a_deleted_one_not_at_all(publisher):
    publisher.rows = [
        acled_row(1, "2025-01-03", fatalities="9", timestamp="1762400000"),
        acled_row(1, "2025-01-03", fatalities="2", timestamp="1762300000"),
        acled_row(2, "2025-01-04"),
        acled_row(3, "2025-01-05", timestamp="1762500000"),
    ]
    publisher.deleted = [
        {"event_id_cnty": "TOY2", "deleted_timestamp": "1762350000"},
        {"event_id_cnty": "TOY3", "deleted_timestamp": "1762350000"},  # and entered again later
    ]
    incidents = fetch(publisher)
    assert incidents["incident_id"].tolist() == ["TOY1", "TOY3"]
    assert incidents["fatalities_best"].tolist() == [9, 2]
    assert incidents.report.superseded.values.tolist() == [
        ["TOY1", "1762300000", "1762400000"],
        ["TOY2", "1762300000", "deleted"],
    ]


def test_events_without_an_identifier_are_all_kept(publisher):
    publisher.rows = [acled_row(n, f"2025-01-0{n}", event_id_cnty="") for n in range(1, 5)]
    assert len(fetch(publisher)) == 4


def test_an_account_that_may_not_see_the_time_is_an_error_that_names_the_day(publisher):
    publisher.rows = []
    publisher.more = {"data_query_restrictions": {"date_recency": {"date": "2024-11-29"}}}
    with pytest.raises(SourceError, match=r"events up to 2024-11-29 only.*access to") as caught:
        fetch(publisher)
    assert "ne voit que les événements jusqu’au 2024-11-29" in caught.value.say("fr")
    assert not list(sg.sources.Cache().entries())


def test_an_account_that_sees_a_part_says_up_to_when(publisher):
    publisher.more = {"data_query_restrictions": {"date_recency": {"date": "2025-11-29"}}}
    assert fetch(publisher).report.provenance[0].embargo == "2025-11-29"


def test_nothing_without_an_embargo_is_an_error_too(publisher):
    publisher.rows = []
    with pytest.raises(SourceError, match="no event in MLI, NER, BFA from 2025-01-01 to"):
        fetch(publisher)


def test_no_account_names_the_variable_and_where_to_register(publisher, monkeypatch):
    monkeypatch.delenv("ACLED_PASSWORD")
    with pytest.raises(SourceError, match=r"no key. Set ACLED_PASSWORD .*https://acleddata.com"):
        fetch(publisher)
    assert publisher.server.asked == []


def test_a_wrong_password_is_told(publisher, monkeypatch):
    monkeypatch.setenv("ACLED_PASSWORD", "another-pass-word")
    with pytest.raises(SourceError, match=r"does not know this account \(400\)") as caught:
        fetch(publisher)
    assert "another-pass-word" not in str(caught.value)


@pytest.mark.parametrize(
    ("path", "reply", "match"),
    [
        ("/oauth/token", page("Log in"), "web page, as for a login"),
        ("/oauth/token", json_reply({"token": 1}), "it holds no access_token"),
        ("/oauth/token", Reply(status=403), r"\(403\).*Accept its terms"),
        ("/api/acled/read", page("Consent"), "web page, as for a login"),
        ("/api/acled/read", json_reply({"message": "profile"}, 403), r"\(403\).*complete"),
        (
            "/api/acled/read",
            acled_reply([], success=False, status=403, messages=["Accept the terms"]),
            "it refuses: Accept the terms",
        ),
        ("/api/acled/read", json_reply({"status": 200}), r"no column \['data'\]"),
        ("/api/acled/read", acled_reply([], data={"a": 1}), "no list of events"),
        ("/api/acled/read", acled_reply(ROWS[:1], count=5), "1 rows came of 5"),
        (
            "/api/acled/read",
            acled_reply([{k: v for k, v in ROWS[0].items() if k != "fatalities"}]),
            r"no column \['fatalities'\]",
        ),
        ("/api/deleted/read", Reply(status=500), "fault of its own"),
    ],
)
def test_each_failure_of_acled_is_told_and_leaves_nothing(publisher, path, reply, match):
    publisher.server.answer(path, reply)
    with pytest.raises(SourceError, match=match) as caught:
        fetch(publisher)
    assert caught.value.say("fr") != str(caught.value)
    assert not [each for each in sg.sources.Cache().entries() if each.kind == "data set"]


def test_a_second_run_makes_no_request_and_offline_serves(publisher):
    first = fetch(publisher)
    asked = len(publisher.server.asked)
    assert fetch(publisher).equals(first)
    assert fetch(publisher, offline=True).equals(first)
    assert len(publisher.server.asked) == asked


def test_neither_account_nor_token_stays_on_disk(publisher, own_cache, caplog):
    caplog.set_level(0)
    fetch(publisher)
    pattern = re.compile(rb"toy@example|toy%40example|toy pass|toy\+pass|toy-token|refresh-token")
    files = [each for each in own_cache.rglob("*") if each.is_file()]
    assert len(files) > 3
    assert not [each for each in files if pattern.search(each.read_bytes())]
    assert not pattern.search(caplog.text.encode())


def test_what_was_not_asked_for_is_left_out_whatever_the_server_sends(publisher):
    rows = [*ROWS[:3], acled_row(8, "2024-12-31"), acled_row(9, "2099-01-01"),
            acled_row(10, "2025-02-01", country="Nigeria")]  # fmt: skip
    publisher.server.answer("/api/acled/read", acled_reply(rows))
    assert fetch(publisher)["incident_id"].tolist() == ["TOY1", "TOY2", "TOY3"]


@pytest.mark.parametrize(
    "other", [{"country": None}, {"country": " "}, {"event_date": None}, {"event_date": "03/01/25"}]
)
def test_an_event_without_country_or_date_is_not_dropped_in_silence(publisher, other):
    publisher.server.answer("/api/acled/read", acled_reply([ROWS[0] | other, ROWS[1]]))
    with pytest.raises(SourceError, match="1 events state no country, or no event_date"):
        fetch(publisher)


def test_an_event_revised_to_lie_outside_is_not_kept_as_it_was(publisher):
    rows = [
        acled_row(1, "2025-01-03", timestamp="1762300000"),
        acled_row(1, "2024-12-30", timestamp="1762400000"),
        acled_row(2, "2025-01-04"),
    ]
    publisher.server.answer("/api/acled/read", acled_reply(rows))
    incidents = fetch(publisher)
    assert incidents["incident_id"].tolist() == ["TOY2"]
    assert incidents.report.superseded["id"].tolist() == ["TOY1"]


def test_a_server_that_gives_less_a_page_than_asked_for_is_asked_for_the_rest(publisher):
    rows = [acled_row(n, "2025-03-01") for n in range(250)]

    def answer(asked):
        first = 100 * (int(asked.query["page"]) - 1)
        return acled_reply(rows[first : first + 100])

    publisher.server.answer("/api/acled/read", answer)
    assert len(fetch(publisher)) == 250


def test_rows_of_which_none_is_an_incident_are_an_error(publisher):
    publisher.rows = [row | {"fatalities": "-1"} for row in ROWS[:3]]
    with pytest.raises(SourceError, match="none of 3 rows can be read as an incident: negative"):
        fetch(publisher)


def test_numbers_that_json_does_not_know_are_missing(publisher):
    text = acled_reply([ROWS[0] | {"fatalities": float("nan")}, ROWS[1]]).body
    publisher.server.answer("/api/acled/read", Reply(text))
    assert fetch(publisher)["fatalities_best"].fillna(-1).tolist() == [-1, 7]
