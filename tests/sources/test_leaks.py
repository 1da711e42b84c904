"""A server that reads along and repeats what it hears: no secret reaches a log, an error, the
cache, a page or the terminal."""

import base64
import json
import logging
import re
import traceback
from urllib.parse import quote, quote_plus

import pytest
from typer.testing import CliRunner

import sahel_geo as sg
from sahel_geo.cli import app
from sahel_geo.maps.report.config import ReportConfig, write_config
from sahel_geo.sources import SourceError
from tests.loopback.server import Reply
from tests.loopback.shapes import Acled, acled_row, downloads_page, ged_api, ged_row, json_reply

SECRETS = {
    "UCDP_TOKEN": "ucdp/token+of 64 letters",
    "ACLED_EMAIL": "toy.person@example.org",
    "ACLED_PASSWORD": "pass word/with+signs&more",
    "HAPI_EMAIL": "another.person@example.org",
    "DTM_KEY": "dtm-subscription-0123456789",
}
TOKEN = "toy-bearer-token-abcdef"


def spellings():
    """Every way in which a secret may be written."""
    plain = [*SECRETS.values(), TOKEN, f"sahel_geo:{SECRETS['HAPI_EMAIL']}"]
    coded = [base64.b64encode(text.encode()).decode() for text in plain]
    ways = {*plain, *coded}
    ways |= {way(text) for text in plain + coded for way in (quote_plus, quote)}
    return re.compile("|".join(re.escape(each) for each in sorted(ways)))


LEAK = spellings()


def repeat(status, **headers):
    """Answer with everything that was heard, as a careless server does."""

    def answer(asked):
        heard = json.dumps([asked.path, dict(asked.query), dict(asked.headers)])
        return Reply((heard + asked.body.decode()).encode(), status, headers)

    return answer


def repeat_as_page(asked):
    return Reply(b"<!doctype html>" + repeat(200)(asked).body)


def repeat_as_refusal(asked):
    heard = repeat(200)(asked).body.decode()
    return json_reply({"status": 403, "success": False, "messages": [heard], "data": []})


def move_along(asked):
    return Reply(status=302, headers={"Location": f"ftp://elsewhere.invalid/?{asked.query}"})


CARELESS = {
    "bad request": repeat(400),
    "unauthorised": repeat(401),
    "forbidden": repeat(403),
    "missing": repeat(404),
    "too many": repeat(429, **{"Retry-After": "9999"}),
    "broken": repeat(500),
    "web page": repeat_as_page,
    "no JSON": repeat(200),
    "refusal": repeat_as_refusal,
    "elsewhere": move_along,
    "cut": lambda asked: Reply(repeat(200)(asked).body, cut=9),
}
CLIENTS = {
    "ucdp": ("/gedevents/26.1", lambda url: sg.sources.ucdp(
        via="api", candidate=False, base_url=url, page_url=f"{url}/downloads/")),
    "acled": ("/api/acled/read", lambda url: sg.sources.acled(since="2025", base_url=url)),
    "acled login": ("/oauth/token", lambda url: sg.sources.acled(since="2025", base_url=url)),
    "hapi": ("/api/v2/coordination-context/conflict-events",
             lambda url: sg.sources.hapi_totals("MLI", base_url=url)),
    "dtm": ("/v3/displacement/admin2", lambda url: sg.sources.displacement("BFA", base_url=url)),
}  # fmt: skip


@pytest.fixture
def keys(monkeypatch):
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def publishers(server, keys):
    """All publishers that want a key, on one server."""
    server.answer("/downloads/", downloads_page(["ged261-csv.zip"]))
    token = SECRETS["UCDP_TOKEN"]
    server.answer("/gedevents/26.1", ged_api([ged_row(1, "2025-01-02")], token))
    account = Acled(server, [acled_row(1, "2025-01-03")])
    account.account, account.token = (SECRETS["ACLED_EMAIL"], SECRETS["ACLED_PASSWORD"]), TOKEN
    return server


def files(folder):
    return [each for each in folder.rglob("*") if each.is_file()]


def leaks(folder):
    return [each for each in files(folder) if LEAK.search(each.read_bytes().decode("latin-1"))]


@pytest.mark.parametrize("how", CARELESS)
@pytest.mark.parametrize("client", CLIENTS)
def test_what_a_careless_server_repeats_goes_no_further(publishers, own_cache, caplog, client, how):
    caplog.set_level(logging.DEBUG)
    path, fetch = CLIENTS[client]
    publishers.answer(path, CARELESS[how])
    with pytest.raises(SourceError) as caught:
        fetch(publishers.url)
    told = "".join(traceback.format_exception(caught.value)) + caught.value.say("fr")
    assert not LEAK.search(told)
    assert not LEAK.search(caplog.text)
    assert not leaks(own_cache)
    heard = "".join(str(each) for each in publishers.asked)
    assert LEAK.search(heard), "the server was not even told the secret"


def test_secrets_stay_out_of_what_succeeds(publishers, own_cache, caplog, tmp_path):
    caplog.set_level(logging.DEBUG)
    url = publishers.url
    results = [CLIENTS["ucdp"][1](url), CLIENTS["acled"][1](url)]
    for number, incidents in enumerate(results):
        assert not LEAK.search(str(incidents.report))
        origin = incidents.report.provenance
        write_config(tmp_path / f"{number}.toml", ReportConfig(), fetched=origin)
    assert len(files(own_cache)) > 5
    assert not leaks(own_cache)
    assert not leaks(tmp_path)
    assert not LEAK.search(caplog.text)


def test_an_answer_that_repeats_a_secret_is_used_but_not_kept(publishers, own_cache):
    rows = [ged_row(1, "2025-01-02", source_headline=f"token {SECRETS['UCDP_TOKEN']}")]
    publishers.answer("/gedevents/26.1", ged_api(rows, SECRETS["UCDP_TOKEN"]))
    CLIENTS["ucdp"][1](publishers.url)
    assert not leaks(own_cache)


@pytest.mark.parametrize(
    "arguments", [("sources",), ("sources", "--json"), ("fetch", "acled", "--since", "2025")]
)
def test_the_terminal_shows_no_secret(publishers, arguments):
    options = ("--base-url", publishers.url) if arguments[0] == "fetch" else ()
    outcome = CliRunner().invoke(app, [*arguments, *options])
    assert outcome.exit_code == 0, outcome.output
    assert not LEAK.search(outcome.output)
