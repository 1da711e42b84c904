"""The cache: by checksum, whole after a crash, safe for two processes, and pruned on request."""

import json
import os
import subprocess
import sys
import time

import pytest

from sahel_geo.provenance import Part, Provenance
from sahel_geo.sources import Cache, SourceError
from sahel_geo.sources.access.access import Access, _now
from sahel_geo.sources.access.source import Collected
from sahel_geo.sources.registry import find_source
from tests.loopback.shapes import json_reply


def put(cache, content=b"rows", request=None, fetched=None, **extras):
    path, sha256 = cache.keep(content, "rows.csv")
    kept = {name: cache.keep(each, name)[1] for name, each in extras.items()}
    origin = Provenance("toy", "Toy", "http://x/", fetched or _now(), sha256=sha256, rows=1)
    return cache.store(request or {"q": "1"}, path, origin, extras=kept)


def test_what_was_stored_is_found_by_its_request():
    cache = Cache()
    put(cache, more=b"extra")
    entry = cache.find({"q": "1"})
    assert entry.path.read_bytes() == b"rows"
    assert entry.extras["more"].read_bytes() == b"extra"
    assert entry.size == 9
    assert cache.find({"q": "2"}) is None


def test_provenance_survives_the_index():
    cache = Cache()
    path, sha256 = cache.keep(b"x", "x")
    origin = Provenance("toy", "Toy", "http://x/", _now(), "1", sha256, 2, "CC0", "2026-01-01",
                        {"Clear": 1}, {"since": "12m"}, (Part("u", "s", "v", 3),))  # fmt: skip
    cache.store({"a": "b"}, path, origin)
    assert cache.find({"a": "b"}).provenance == origin


def test_an_object_that_changed_on_disk_is_not_used():
    cache = Cache()
    entry = put(cache)
    entry.path.chmod(0o644)
    entry.path.write_bytes(b"r0ws")
    assert cache.find({"q": "1"}) is None
    assert not entry.path.exists()


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"kind": 1}', "null", "\x00" * 50])
def test_a_broken_entry_of_the_index_is_as_none(broken):
    cache = Cache()
    entry = put(cache)
    put(cache, b"other", {"q": "2"})
    entry.index.write_text(broken)
    assert cache.find({"q": "1"}) is None
    assert len(list(cache.entries())) == 1
    put(cache)
    assert cache.find({"q": "1"}).path.read_bytes() == b"rows"


def test_a_crash_between_object_and_index_leaves_the_old_entry():
    cache = Cache()
    put(cache)
    cache.keep(b"new rows", "rows.csv")  # and then the power fails
    assert cache.find({"q": "1"}).path.read_bytes() == b"rows"


def test_a_crash_while_the_index_is_written_leaves_the_old_entry(monkeypatch):
    cache = Cache()
    put(cache)

    def fail(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", fail)
    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(KeyboardInterrupt):
        put(cache, b"rows")
    monkeypatch.undo()
    assert Cache(cache.folder).find({"q": "1"}).path.read_bytes() == b"rows"


def test_many_processes_at_once_leave_a_whole_cache(own_cache):
    code = (
        "from sahel_geo.sources import Cache\n"
        "from tests.sources.test_cache import put\n"
        "import sys\n"
        "for n in range(40):\n"
        "    put(Cache(), b'rows of %d' % (n % 5), {'q': str(n % 3)})\n"
        "    assert Cache().find({'q': str(n % 3)}) is not None\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code], env=os.environ, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    for each in running:
        _, complaint = each.communicate(timeout=120)
        assert each.returncode == 0, complaint.decode()
    assert len(list(Cache().entries())) == 3
    assert not [path for path in (own_cache / "partial").rglob("*") if path.is_file()]


def test_pruning_removes_what_is_old_and_what_nothing_names():
    cache = Cache()
    put(cache, b"old", {"q": "old"}, "2020-01-01T00:00:00Z")
    put(cache, b"new", {"q": "new"})
    orphan, _ = cache.keep(b"orphan", "x")
    young, _ = cache.keep(b"young orphan", "x")
    long_ago = time.time() - 9999
    os.utime(orphan.parent, (long_ago, long_ago))
    for path in cache.objects.glob("*"):
        if path != young.parent:
            os.utime(path, (long_ago, long_ago))
    assert cache.prune(30) > 0
    assert cache.find({"q": "old"}) is None
    assert cache.find({"q": "new"}).path.read_bytes() == b"new"
    assert not orphan.exists()
    assert young.exists()  # another process may be about to name it
    assert cache.prune(0) > 0
    assert not list(cache.objects.glob("*"))


def test_the_name_of_an_object_cannot_lead_out_of_the_cache(own_cache):
    path, _ = Cache().keep(b"x", "../../../etc/passwd")
    assert path.resolve().is_relative_to(own_cache.resolve())
    assert Cache().object("../../x") is None


def test_the_cache_is_the_users_own(own_cache):
    put(Cache())
    assert own_cache.stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(SourceError, match=r"cannot be written.*SAHEL_GEO_CACHE"):
        Cache(tmp_path / "file").keep(b"x", "x")


def test_the_index_holds_plain_json():
    entry = put(Cache())
    plain = json.loads(entry.index.read_text(encoding="utf-8"))
    assert plain["provenance"]["source"] == "toy"


@pytest.mark.parametrize("fault", [{"fetched": "soon"}, {"request": []}, {"rows": [], "x": 1}])
def test_an_index_that_says_what_it_cannot_mean_names_nothing(fault):
    cache = Cache()
    entry = put(cache)
    plain = json.loads(entry.index.read_text())
    plain["provenance"] |= fault
    entry.index.write_text(json.dumps(plain))
    assert cache.find({"q": "1"}) is None
    assert list(cache.entries()) == []


def test_a_store_of_answers_that_is_damaged_is_asked_for_again(server, own_cache):
    server.answer("/data", json_reply([1]))
    source = find_source("hapi")
    for _ in range(2):
        with Access(source, base_url=server.url) as access:
            assert access.json("data")[0] == [1]
        for each in own_cache.glob("answers.sqlite*"):
            each.write_bytes(b"no database" * 100)
    assert len(server.asked) == 2


def test_what_a_wrong_clock_dated_in_the_future_is_not_young_for_ever(server, own_cache):
    made = []

    def collect():
        made.append(1)
        return Collected(b"id\n1\n", "x.csv", 1, ())

    for _ in range(2):
        with Access(find_source("ucdp"), base_url=server.url) as access:
            access.data_set({"q": "1"}, collect)
        for index in (own_cache / "index").glob("*.json"):
            plain = json.loads(index.read_text())
            plain["provenance"]["fetched"] = "2999-01-01T00:00:00Z"
            index.write_text(json.dumps(plain))
    assert len(made) == 2
