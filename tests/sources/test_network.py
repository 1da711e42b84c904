"""The network is asked for by name, and by nothing else."""

import ast
import doctest
import inspect
import socket
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import sahel_geo as sg
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.sources import Source, SourceError
from sahel_geo.sources.registry import ENTRY_POINTS, list_sources

PACKAGE = Path(sg.__file__).parent
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


def close(monkeypatch, error):
    """Let no socket be opened, not even to this machine."""

    def refuse(*_, **__):
        raise error

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)


@pytest.fixture
def closed(monkeypatch):
    """No network, which whoever asks for it may expect."""
    close(monkeypatch, OSError("no network"))


@pytest.mark.parametrize("name", PUBLIC)
def test_no_public_function_uses_the_network(monkeypatch, name, request):
    close(monkeypatch, AssertionError("the network was used"))
    value = PUBLIC[name]
    module = import_module(getattr(value, "__module__", "sahel_geo"))
    finder = doctest.DocTestFinder(recurse=False)
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    runner = doctest.DocTestRunner(verbose=False, optionflags=flags)
    names = {**vars(module), "getfixture": request.getfixturevalue}
    examples = [each for each in finder.find(value, name, globs=names) if each.examples]
    said = []
    for each in examples:
        runner.run(each, out=said.append)
    assert "the network was used" not in "".join(said)


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
