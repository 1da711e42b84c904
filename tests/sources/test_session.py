"""Every way in which a server can fail, over real HTTP, and what a person is told."""

import gzip
import json
import logging
import re
import threading
import time
import tracemalloc
from hashlib import sha256

import pytest

from sahel_geo.errors import InputError
from sahel_geo.formats import archives
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.sources import SourceError, StaleDataWarning
from sahel_geo.sources.access import session
from sahel_geo.sources.access.access import Access
from sahel_geo.sources.access.errors import SourceUnreachableError
from sahel_geo.sources.access.secrets import Secret
from sahel_geo.sources.access.source import Collected, Source
from sahel_geo.version import __version__
from tests.loopback.server import Loopback, Reply, moved, page, zipped_bomb
from tests.loopback.shapes import json_reply, zip_bytes

TOY = Source(
    name="toy",
    title="Toy events",
    gives="table",
    fetch=print,
    base_url="http://127.0.0.1:9/",
    home="https://toy.invalid/",
    licence="CC0",
    terms=Sentence("it is empty"),
    keys=("TOY_KEY",),
    register="https://toy.invalid/register",
)
OK = json_reply({"data": [1]})


def ask(server, path="data", **options):
    with Access(TOY, base_url=server.url, **options) as access:
        return access.json(path)[0]


def download(server, path="file.zip", kind="zip", **options):
    with Access(TOY, base_url=server.url) as access:
        return access.file(f"{server.url}/{path}", kind, **options)


@pytest.mark.parametrize(
    ("reply", "match", "french"),
    [
        (Reply(status=400), r"did not understand the request \(400\)", "pas été comprise"),
        (Reply(status=401), r"\(401\).*https://toy\.invalid/register", "pas reconnue"),
        (Reply(status=403), r"\(403\).*Accept its terms", "Acceptez les conditions"),
        (Reply(status=404), r"\(404\)", "déplacées"),
        (Reply(status=418), "status 418", "statut 418"),
        (Reply(status=429), r"asks to wait: too many requests \(429\)", "trop de demandes"),
        (Reply(status=500), r"a fault of its own \(500\)", "en panne"),
        (Reply(status=503), r"a fault of its own \(503\)", "en panne"),
        (page(), "it is a web page", "c’est une page web"),
        (Reply(b'{"data": ['), "it is no JSON, or breaks off", "ou il s’interrompt"),
        (Reply(b"[" * 100_000), "nested without end|no JSON", "sans fin|interrompt"),
        (Reply(b'{"data": []}', cut=4), "broke off, and again on each attempt", "à chaque essai"),
        (Reply(b"no gzip", headers={"Content-Encoding": "gzip"}), "broke off", "interrompue"),
        (moved("/data"), "without end", "sans fin"),
        (moved("file:///etc/passwd"), "no http or https address", "ni http ni https"),
        (moved("ftp://127.0.0.1/x"), "no http or https address", "ni http ni https"),
    ],
)
def test_each_failure_is_an_error_that_names_the_remedy(server, reply, match, french):
    server.answer("/data", reply)
    with pytest.raises(SourceError, match=match) as caught:
        ask(server)
    assert re.search(french, caught.value.say("fr"))
    assert isinstance(caught.value, OSError)


def test_a_failure_is_not_remembered(server):
    for bad in (page(), Reply(status=401), Reply(b'{"data": [')):
        server.answer("/data", bad)
        with pytest.raises(SourceError, match="Toy events"):
            ask(server)
    server.answer("/data", OK)
    assert ask(server) == {"data": [1]}


def test_a_redirect_is_followed(server):
    server.answer("/data", moved("/new/place"))
    server.answer("/new/place", OK)
    assert ask(server) == {"data": [1]}


def test_a_429_is_tried_again_after_the_time_that_the_server_names(server):
    server.answer("/data", [Reply(status=429, headers={"Retry-After": "1"}), OK])
    start = time.monotonic()
    assert ask(server) == {"data": [1]}
    assert time.monotonic() - start >= 1
    assert len(server.asked) == 2


@pytest.mark.parametrize("wait", ["3600", "Fri, 31 Dec 2100 23:59:59 GMT"])
def test_a_long_wait_is_left_to_the_user(server, wait):
    server.answer("/data", Reply(status=429, headers={"Retry-After": wait}))
    with pytest.raises(SourceUnreachableError, match="429"):
        ask(server)
    assert len(server.asked) == 1


def test_a_retry_after_that_is_none_does_no_harm(server):
    server.answer("/data", [Reply(status=429, headers={"Retry-After": "soon"}), OK])
    assert ask(server) == {"data": [1]}


def test_a_server_that_recovers_is_asked_again(server):
    server.answer("/data", [Reply(status=500), Reply(status=502), OK])
    assert ask(server) == {"data": [1]}


def test_an_answer_that_broke_off_is_asked_for_again(server):
    server.answer("/data", [Reply(OK.body, cut=3), OK])
    assert ask(server) == {"data": [1]}


def test_a_slow_server_is_left(server, monkeypatch):
    monkeypatch.setattr(session, "TIMEOUT_SECONDS", (5.0, 0.2))
    server.answer("/data", Reply(OK.body, delay=0.6))
    with pytest.raises(SourceUnreachableError, match="does not answer in time"):
        ask(server)


def test_a_server_that_drips_is_left(server, monkeypatch):
    monkeypatch.setattr(session, "MOST_SECONDS", -1.0)
    server.answer("/data", OK)
    with pytest.raises(SourceUnreachableError, match="does not answer in time"):
        ask(server)


def test_no_server_at_all():
    with Access(TOY) as access, pytest.raises(SourceUnreachableError, match="cannot be reached"):
        access.json("data")


def test_an_answer_that_unpacks_to_much_is_refused_before_it_fills_the_memory(server, monkeypatch):
    monkeypatch.setattr(session, "ANSWER_BYTES", 1 << 20)
    server.answer("/data", zipped_bomb(200 << 20))
    tracemalloc.start()
    with pytest.raises(SourceError, match="larger than it may be once unpacked"):
        ask(server)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 30 << 20


def test_a_zip_bomb_is_refused_and_not_kept(server, own_cache, monkeypatch):
    monkeypatch.setattr(archives, "MAX_BYTES", 1 << 20)
    server.answer("/file.zip", Reply(zip_bytes({"a.csv": bytes(50 << 20)})))
    with pytest.raises(SourceError, match="unpacks to more than it may"):
        download(server)
    assert not list((own_cache / "objects").rglob("*.zip"))


def test_a_zip_that_lies_about_its_size_is_refused(server):
    whole = bytearray(zip_bytes({"a.csv": b"id\n" * 1000}))
    at = whole.rindex(b"PK\x01\x02")
    whole[at + 24 : at + 28] = (10).to_bytes(4, "little")  # the size that the index states
    server.answer("/file.zip", Reply(bytes(whole)))
    with pytest.raises(SourceError, match=r"damaged|more than it may"):
        download(server)


def test_a_download_larger_than_it_may_be_stops(server):
    server.answer("/file.zip", Reply(zip_bytes({"a.csv": b"x" * 9999}) + bytes(99_999)))
    with pytest.raises(SourceError, match="larger than it may be"):
        download(server, limit=5000)


def test_a_wrong_checksum_is_tried_again_and_then_an_error(server, own_cache):
    good, bad = zip_bytes({"a.csv": b"id\n1\n"}), zip_bytes({"a.csv": b"id\n2\n"})
    pinned = sha256(good).hexdigest()
    server.answer("/file.zip", Reply(bad))
    with pytest.raises(SourceError, match="checksum is not the one expected"):
        download(server, checksum=f"sha256:{pinned}")
    assert len(server.asked) == 3
    assert not list((own_cache / "objects").rglob("*.zip"))
    server.answer("/file.zip", [Reply(bad), Reply(good)])
    assert download(server, checksum=f"sha256:{pinned}").provenance.sha256 == pinned


def test_one_request_at_a_time_goes_to_a_host(server):
    server.answer("/data", Reply(OK.body, delay=0.05))
    threads = [
        threading.Thread(target=ask, args=(server,), kwargs={"refresh": True}) for _ in range(6)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(server.asked) == 6
    assert server.most_at_once == 1


def test_there_is_a_pause_between_requests(server, monkeypatch):
    monkeypatch.setattr(session, "PAUSE_SECONDS", 0.2)
    server.answer("/data", OK)
    for _ in range(2):
        ask(server, refresh=True)
    assert server.times[1][0] - server.times[0][1] >= 0.15


def test_the_user_agent_names_the_project_and_its_version(server):
    server.answer("/data", OK)
    ask(server)
    assert server.asked[0].headers["User-Agent"].startswith(f"sahel_geo/{__version__} ")


def test_an_answer_of_the_last_hour_is_not_asked_for_again(server):
    server.answer("/data", OK)
    assert ask(server) == ask(server)
    assert len(server.asked) == 1
    ask(server, refresh=True)
    assert len(server.asked) == 2


def test_an_etag_saves_the_transfer(server, monkeypatch):
    monkeypatch.setattr(session, "FRESH_SECONDS", 0)
    first = json_reply({"data": [1]}, ETag='"toy"')
    server.answer(
        "/data",
        lambda asked: Reply(status=304) if asked.headers.get("If-None-Match") == '"toy"' else first,
    )
    assert ask(server) == ask(server) == {"data": [1]}
    assert server.asked[1].headers["If-None-Match"] == '"toy"'


def test_a_compressed_answer_is_read(server):
    body = gzip.compress(json.dumps({"data": [1]}).encode())
    server.answer("/data", Reply(body, headers={"Content-Encoding": "gzip"}))
    assert ask(server) == {"data": [1]}


def test_a_proxy_of_the_environment_is_used(server, monkeypatch):
    with Loopback() as proxy:
        proxy.answer("/data", OK)
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "")
        with Access(TOY, base_url="http://publisher.invalid") as access:
            assert access.json("data")[0] == {"data": [1]}
        assert proxy.asked[0].headers["Host"] == "publisher.invalid"


def test_a_key_does_not_go_along_to_another_host(server):
    with Loopback() as other:
        other.answer("/elsewhere", OK)
        server.answer("/data", moved(f"{other.url}/elsewhere"))
        with Access(TOY, base_url=server.url) as access:
            keys = {
                "x-ucdp-access-token": Secret("toy-secret-value"),
                "Authorization": Secret("b x"),
            }
            access.json("data", headers=keys)
        assert server.asked[0].headers["x-ucdp-access-token"] == "toy-secret-value"
        sent = {name.lower() for name in other.asked[0].headers}
        assert not sent & {"x-ucdp-access-token", "authorization"}


def test_a_netrc_is_left_alone(server, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password toy-netrc-pass\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.answer("/data", OK)
    ask(server)
    assert "Authorization" not in server.asked[0].headers


def test_no_library_writes_a_key_into_a_log(server, caplog):
    server.answer("/data", Reply(status=500))
    caplog.set_level(logging.DEBUG)
    with Access(TOY, base_url=server.url) as access, pytest.raises(SourceError, match="500"):
        access.json("data", secret_params={"app_identifier": Secret("toy-app-identifier")})
    assert server.asked[0].query["app_identifier"] == "toy-app-identifier"
    assert "/data" in caplog.text
    assert "toy-app-identifier" not in caplog.text


@pytest.mark.parametrize("status", [307, 308])
def test_a_form_with_a_password_does_not_go_along_to_another_host(server, status):
    with Loopback() as other:
        other.answer("/steal", OK)
        where = {"Location": f"http://localhost:{other.port}/steal"}
        server.answer("/token", Reply(status=status, headers=where))
        with Access(TOY, base_url=server.url) as access:
            form = {"password": Secret("toy-form-password")}
            with pytest.raises(
                SourceError, match="on to another host, which is not to have"
            ) as told:
                access.post("token", form)
        assert other.asked == []
    assert "vers un autre hôte" in told.value.say("fr")


def test_a_form_is_sent_on_at_the_same_host(server):
    server.answer("/token", Reply(status=307, headers={"Location": "/new/token"}))
    server.answer("/new/token", OK)
    with Access(TOY, base_url=server.url) as access:
        access.post("token", {"password": Secret("toy-form-password")})
    assert server.asked[1].body == b"password=toy-form-password"


def test_an_address_that_repeats_a_key_does_not_lead_to_another_host(server):
    with Loopback() as other:
        server.answer(
            "/data", lambda asked: moved(f"http://localhost:{other.port}/x?k={asked.query['key']}")
        )
        key = {"key": Secret("toy-key-in-query")}
        with (
            Access(TOY, base_url=server.url) as access,
            pytest.raises(SourceError, match="on to another host"),
        ):
            access.json("data", secret_params=key)
        assert other.asked == []


@pytest.mark.parametrize("key", ["toy-clé-\N{CYRILLIC SMALL LETTER ES}", "toy-key\nX-More: 1"])
def test_a_key_that_no_header_can_hold_is_told_as_such(server, key):
    with (
        Access(TOY, base_url=server.url) as access,
        pytest.raises(SourceError, match="a key has characters that no key has") as caught,
    ):
        access.json("data", headers={"Authorization": Secret(key)})
    assert key not in str(caught.value)
    assert server.asked == []


@pytest.mark.parametrize(
    "url", ["http://me:toy-mirror-pass@127.0.0.1:9/", "HTTPS://me@127.0.0.1/", 5]
)
def test_an_address_that_holds_a_password_is_refused(url):
    with pytest.raises(InputError, match="`base_url` holds a user name or a password") as caught:
        Access(TOY, base_url=url)
    assert "toy-mirror-pass" not in str(caught.value) + caught.value.say("fr")


def test_an_answer_whose_compression_broke_off_is_not_taken_for_whole(server):
    links = b"<!doctype html>" + b"".join(b'<a href="f%d.csv">x</a>' % n for n in range(99))
    packed = gzip.compress(links)
    headers = {"Content-Encoding": "gzip", "Content-Type": "text/html"}
    server.answer("/page", Reply(packed[:-30], headers=headers))
    with Access(TOY, base_url=server.url) as access:
        with pytest.raises(SourceError, match="broke off, and again on each attempt"):
            access.page(f"{server.url}/page")
        server.answer("/page", Reply(packed + b"\0" * 9, headers=headers))  # as some servers pad
        assert access.page(f"{server.url}/page") == links


def test_an_answer_past_its_time_serves_with_a_warning_and_dates_what_is_made_of_it(
    server, monkeypatch, own_cache
):
    monkeypatch.setattr(session, "FRESH_SECONDS", 1)
    server.answer("/data", [OK, Reply(status=503)])
    made = Collected(b"id\n1\n", "x.csv", 1, ())
    with Access(TOY, base_url=server.url) as access:
        first = access.data_set({"q": "1"}, lambda: access.json("data", old_serves=True) and made)
    time.sleep(2.1)
    with (
        Access(TOY, base_url=server.url) as access,
        pytest.warns(StaleDataWarning, match="0 days ago, is used"),
    ):
        later = access.data_set({"q": "2"}, lambda: access.json("data", old_serves=True) and made)
    # no younger than the answer that it is made of, so that it is asked for again in time
    assert later.provenance.fetched <= first.provenance.fetched


@pytest.mark.parametrize("half", [rb"\ud83d", rb"\uDC00 and \ud800"])
def test_half_a_letter_is_replaced(server, half):
    server.answer("/data", Reply(b'{"notes": "toy ' + half + b' text", "whole": "\\ud83d\\ude00"}'))
    value = ask(server)
    assert "?" in value["notes"]
    value["notes"].encode()
    assert value["whole"] == "\N{GRINNING FACE}"


def test_a_list_that_begins_with_a_mark_of_its_coding_is_read(server):
    server.answer("/list.txt", Reply(b"\xef\xbb\xbf12 a b\n"))
    with Access(TOY, base_url=server.url) as access:
        assert access.text("list.txt") == "12 a b\n"
