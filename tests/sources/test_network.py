"""The network is asked for by name, and by nothing else."""

import ast
import doctest
import inspect
import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import sahel_geo as sg
from sahel_geo.cli import app
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.sources import Source, SourceError
from sahel_geo.sources.registry import ENTRY_POINTS, list_sources
from tests.loopback.shapes import json_reply
from tests.offline import OPENERS, PACKAGE, closed, is_example, without_network

CLIENTS = {"requests", "requests_cache", "urllib3", "pooch"}
NETWORKED = CLIENTS | {"http", "socket", "ftplib", "smtplib"}


def public_functions():
    """Every function that a user can call, by the name under which they find it."""
    for name in sg.__all__:
        if name in ("sources", "__version__"):
            continue
        value = getattr(sg, name)
        if inspect.ismodule(value):
            yield from ((f"{name}.{own}", getattr(value, own)) for own in value.__all__)
        else:
            yield name, value


PUBLIC = {name: value for name, value in public_functions() if inspect.isfunction(value)}


@pytest.fixture(name="closed")
def no_network():
    """No network, which whoever asks for it may expect."""
    with closed(OSError("no network")):
        yield


@pytest.mark.parametrize("opener", OPENERS)
def test_an_example_that_asks_the_network_fails(opener):
    def ask():
        return getattr(socket, opener)()

    with pytest.raises(AssertionError, match="the network was used"):
        without_network(ask)()


def test_no_public_function_uses_the_network(request):
    """Every example runs as a test that may open no socket (tests/conftest.py)."""
    collected = [each for each in request.session.items if is_example(each)]
    assert all(hasattr(each.runtest, "__wrapped__") for each in collected)
    assert request.config.option.doctestmodules
    assert request.config.getini("testpaths") == ["tests", "sahel_geo"]
    finder = doctest.DocTestFinder(recurse=False)
    for name, value in PUBLIC.items():
        (own,) = finder.find(value, name)
        assert Path(sys.modules[value.__module__].__file__).is_relative_to(PACKAGE), name
        if len(collected) > len(PUBLIC) and own.examples:
            where = f"{value.__module__}.{value.__qualname__}"
            assert where in {each.name for each in collected}, where


def test_most_public_functions_have_an_example_to_walk():
    walked = [name for name, value in PUBLIC.items() if ">>>" in (value.__doc__ or "")]
    assert len(walked) > 0.9 * len(PUBLIC)


@pytest.mark.parametrize("name", list_sources())
def test_a_source_asked_by_name_tries_and_says_that_it_cannot(closed, name):
    source = list_sources()[name]
    needed = {"country": "MLI"} if "country" in inspect.signature(source.fetch).parameters else {}
    with pytest.raises(SourceError, match=r"cannot be reached|no key"):
        source.fetch(**needed)


@pytest.mark.parametrize("name", list_sources())
def test_a_source_offline_says_where_to_put_what(closed, name, monkeypatch):
    for key in ("ACLED_EMAIL", "ACLED_PASSWORD", "HAPI_EMAIL"):
        monkeypatch.setenv(key, "toy-key-for-nothing")
    source = list_sources()[name]
    needed = {"country": "MLI"} if "country" in inspect.signature(source.fetch).parameters else {}
    with pytest.raises(SourceError, match="not in the cache"):
        source.fetch(**needed, offline=True)


def imported(path):
    """Top-level packages that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name.split(".")[0] for each in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").split(".")[0]


def test_only_the_session_of_sources_speaks_to_a_network():
    speaking = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if NETWORKED & set(imported(path))
    }
    assert {"sources/access/session.py", "sources/access/fetcher.py"} <= speaking
    others = speaking - {"sources/access/session.py", "sources/access/fetcher.py"}
    assert others <= {"maps/page/page.py"}  # fetch_plugins, which is asked for by name too


def test_importing_loads_no_network_library():
    code = (
        "import sys, sahel_geo as sg\n"
        "dir(sg); sg.sources; sg.read_incidents; sg.write_report\n"
        "print(sorted(set(sys.modules) & {'requests_cache', 'pooch'}))"  # folium has requests
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


class Point:
    """An entry point of another package."""

    name, dist = "toy", None

    def __init__(self, value):
        self.value = value

    def load(self):
        return self.value


@pytest.fixture
def registered(monkeypatch):
    def register(value):
        def points(group):
            assert group == ENTRY_POINTS
            return [Point(value)]

        monkeypatch.setattr("sahel_geo.sources.registry.entry_points", points)
        list_sources.cache_clear()

    yield register
    monkeypatch.undo()
    list_sources.cache_clear()


def toy(name):
    return Source(name, "Toy", "table", print, "http://x/", "http://x/", "CC0",
                  Sentence("it is empty"))  # fmt: skip


def test_another_package_registers_a_source(registered):
    registered(toy("toy-events"))
    assert list(list_sources())[-1] == "toy-events"


@pytest.mark.parametrize("wrong", [toy("ucdp"), print, "sahel_geo"])
def test_an_entry_point_that_is_no_new_source_is_named(registered, wrong):
    registered(wrong)
    with pytest.raises(SourceError, match=r"the entry point toy of .* is no new source"):
        list_sources()


THEIRS = """
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.provenance import Part
from sahel_geo.sources.access.access import Access
from sahel_geo.sources.access.source import Collected, Source
from sahel_geo.sources.access.tables import as_csv, incidents_of, require
import pandas as pd


def events(*, since=None, until=None, base_url=None, cache=None, offline=False, refresh=False):
    with Access(SOURCE, base_url=base_url, cache=cache, offline=offline, refresh=refresh) as access:

        def collect():
            rows, answer = access.json("events")
            require(access, rows[0], ("date", "lon", "lat"), "the answer")
            table = pd.DataFrame(rows)
            part = Part(answer.url, "", rows=len(table))
            return Collected(as_csv(table), "events.csv", len(table), (part,))

        return incidents_of(access.data_set({"since": str(since or "")}, collect))


SOURCE = Source("toy-events", "Toy events", "incidents", events, "http://127.0.0.1:9/",
                "https://toy.invalid", "CC0", Sentence("Free to use."))
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A package of somebody else, installed with an entry point as a wheel would be."""
    folder = tmp_path / "site"
    facts = folder / "toy_events-1.0.dist-info"
    facts.mkdir(parents=True)
    (folder / "toy_events.py").write_text(THEIRS)
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-events\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text(f"[{ENTRY_POINTS}]\nevents = toy_events:SOURCE\n")
    monkeypatch.syspath_prepend(str(folder))
    list_sources.cache_clear()
    yield
    monkeypatch.undo()
    list_sources.cache_clear()
    sys.modules.pop("toy_events", None)


def test_an_installed_package_adds_a_source_to_fetch_and_to_sources(installed, server):
    rows = [{"date": f"2026-01-0{n}", "lon": 0.5, "lat": 15.5, "country": "Mali"} for n in (1, 2)]
    server.answer("/events", json_reply(rows))
    told = CliRunner().invoke(app, ["fetch", "toy-events", "--base-url", server.url, "--json"])
    (origin,) = json.loads(told.output)["provenance"]
    assert (origin["source"], origin["rows"], origin["licence"]) == ("toy-events", 2, "CC0")
    told = CliRunner().invoke(app, ["sources", "--json"])
    listed = {each["name"]: each["entries"] for each in json.loads(told.output)["sources"]}
    assert listed["toy-events"] == 1
    server.answer("/events", json_reply([{"day": "2026-01-01"}]))
    told = CliRunner().invoke(
        app, ["report", "--source", "toy-events", "--base-url", server.url, "--refresh"]
    )
    with pytest.raises(SourceError, match=r"has no column \['date', 'lon', 'lat'\]"):
        raise told.exception
