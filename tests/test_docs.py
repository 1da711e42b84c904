"""What the documentation tells to type works, and what it shows is right."""

import ast
import hashlib
import importlib
import importlib.util
import inspect
import math
import re
import shutil
import sys
import warnings
from itertools import pairwise
from pathlib import Path

import matplotlib as mpl
import pytest

import sahel_geo as sg
from sahel_geo.cli import main
from tests import documented

ROOT = documented.ROOT
PAGES = documented.pages()
BUILT = ("notebooks", "reference")  # folders written when the documentation is built
WRITTEN = ("glossary.md", "glossaire.md")  # pages written then
START = ROOT / "docs" / "methods" / "index.md"
TOOLS = ("catalogue", "glossary", "links", "reference", "rooms", "signatures")


def name_of(page):
    return page.relative_to(ROOT).as_posix()


@pytest.fixture
def tool(monkeypatch):
    """Import a module of those that build the documentation."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    monkeypatch.syspath_prepend(str(ROOT / "tools" / "documentation"))
    yield importlib.import_module
    for name in TOOLS:
        sys.modules.pop(name, None)


@pytest.fixture
def few_draws(monkeypatch):
    """Draw 39 times also where a block does not say how often: that it runs hangs on no more."""
    for module in filter(inspect.ismodule, (getattr(sg, name) for name in sg.__all__)):
        for function in filter(inspect.isfunction, (getattr(module, each) for each in dir(module))):
            defaults = function.__kwdefaults__ or {}
            for name in defaults.keys() & {"deals", "n", "permutations", "replicates", "shifts"}:
                monkeypatch.setitem(defaults, name, min(defaults[name], 39))


@pytest.mark.usefixtures("few_draws")
@pytest.mark.parametrize("page", [page for page in PAGES if documented.blocks(page)], ids=name_of)
def test_the_blocks_of_a_page_run_one_after_another(page, tmp_path, monkeypatch, build_once):
    """In a folder with the files that they name; pages on methods begin with their common block."""
    _, files = build_once("documented", documented.write_files)
    shutil.copytree(files, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SAHEL_GEO_CACHE", "cache")
    blocks = documented.blocks(page)
    if page.parent == START.parent and page != START:
        blocks = documented.blocks(START) + blocks
    names = {}
    with mpl.rc_context({"figure.max_open_warning": 0}):
        for block in blocks:
            if block.why:
                continue
            where = f"{name_of(page)}, line {block.line}"
            if block.kind == "python":
                run_python(block.text, where, names)
            elif block.kind == "sh":
                for command in block.commands():
                    run_command(command, where, monkeypatch, build_once)


def run_python(text, where, names):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what they say is shown to who runs it
        try:
            exec(compile(documented.few_draws(text), where, "exec"), names)
        except Exception as error:
            error.add_note(where)
            raise


def run_command(command, where, monkeypatch, build_once):
    """Run ours; of others only those that can be looked up: a target of make, a script."""
    program, *arguments = command
    if Path(program).name == "sahel-geo":

        def run(folder):
            monkeypatch.setattr(sys, "argv", ["sahel-geo", *arguments])
            monkeypatch.setattr(sys, "warnoptions", ["ignore"])
            before = {file: file.stat().st_mtime_ns for file in files_of(".")}
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                assert ended(main) == 0, f"{where}: {' '.join(command)}"
            for file in files_of("."):
                if before.get(file) != file.stat().st_mtime_ns:
                    (folder / file).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(file, folder / file)

        # What many pages do is done once: the same command, with the same in the files it reads.
        _, written = build_once(f"documented-{digest_of(arguments)}", run)
        shutil.copytree(written, ".", dirs_exist_ok=True)
    elif program == "make":
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        for target in (each for each in arguments if "=" not in each):
            assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), f"{where}: {target}"
    elif Path(program).name.startswith("python"):
        assert (ROOT / arguments[0]).is_file(), f"{where}: {arguments[0]}"
    else:
        pytest.fail(f"{where}: {program!r} is not run here; say why before the block")


def files_of(path):
    """List a file, or the files of a folder and of its folders."""
    return sorted(file for file in [Path(path), *Path(path).rglob("*")] if file.is_file())


def digest_of(arguments):
    """Tell a command, and what is in the files and folders that it reads, from others."""
    read = [name for option, name in pairwise(["", *arguments]) if option != "--out"]
    files = (file for name in read for file in files_of(name))
    parts = [(str(file), hashlib.sha256(file.read_bytes()).hexdigest()) for file in files]
    return hashlib.sha256(repr((arguments, parts)).encode()).hexdigest()[:16]


def ended(job):
    """Give the exit code of a command."""
    try:
        job()
    except SystemExit as error:
        return error.code or 0
    return 0


def test_blocks_are_found_with_their_reasons(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "```python\n1 + 1\n```\n\n<!-- not run: no network -->\n```sh\npip x\n```\n"
        ":::{tab}\n  ```sh\n  sahel-geo report \\\n    a.csv  # all\n  ```\n",
        encoding="utf-8",
    )
    first, second, third = documented.blocks(page)
    assert (first.kind, first.text, first.line, first.why) == ("python", "1 + 1\n", 1, "")
    assert second.why == "no network"
    assert third.commands() == [["sahel-geo", "report", "a.csv"]]


def test_most_blocks_are_run():
    listed = [block for page in PAGES for block in documented.blocks(page)]
    left_out = [block for block in listed if block.why]
    assert len(listed) > 100
    assert len(left_out) < len(listed) / 5


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_and_picture_of_a_page_exists(page):
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)|src=\"([^\"]+)\"", text)
    for target in ("".join(each) for each in targets):
        if re.match(r"[a-z]+:", target):
            continue
        path = (page.parent / target).resolve()
        if path.name in WRITTEN or path.parent.name == "reference":
            continue
        if path.parent.name == "notebooks":
            path = ROOT / "notebooks" / path.name
        assert path.exists(), f"{name_of(page)} -> {target}"


def test_every_page_and_notebook_is_in_the_navigation():
    docs = ROOT / "docs"
    listed = {
        (
            page.parent / entry.partition("<")[2].rstrip(">")
            if "<" in entry
            else page.parent / entry
        ).resolve()
        for page in docs.rglob("*.md")
        for tree in re.findall(
            r"```\{toctree\}\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL
        )
        for entry in tree.splitlines()
        if entry and not entry.startswith(":")
    }
    pages = {page.with_suffix("") for page in PAGES if docs in page.parents}
    notebooks = {docs / "notebooks" / path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert (pages | notebooks) - listed == {docs / "index", docs / "fr" / "index"}
    made = {docs / "glossary", docs / "fr" / "glossaire", docs / "reference" / "index"}
    assert listed - (pages | notebooks) == made


def test_every_public_name_has_one_room(tool):
    rooms = tool("rooms").ROOMS
    names = [name for room in rooms for name in room.names]
    assert sorted(names) == sorted(set(sg.__all__) - {"__version__"})


def test_every_public_function_has_a_page_and_every_result_a_place(tool):
    reference = tool("reference").Reference(ROOT / "docs" / "methods")
    pages = dict(named_pages(reference))
    shown = "\n".join(pages.values())
    for _, listed in reference.rooms:
        for entry in listed:
            target = reference.target(entry.thing)
            assert re.search(
                rf"^ *\.\. py:(function|class|exception|data):: {re.escape(target)}\b",
                shown,
                flags=re.MULTILINE,
            ), entry.name
    assert max(map(len, pages.values())) < 40_000  # a page is a page


def named_pages(reference):
    pytest.importorskip("sphinx", reason="docstrings are converted by Sphinx, of the docs group")
    return reference.pages()


@pytest.mark.parametrize("name", [name for name in sg.__all__ if name != "__version__"])
def test_defaults_are_those_of_python(name, tool):
    """A default that a page shows, read back, is the one that the function has."""
    signature = tool("signatures").signature
    thing = getattr(sg, name)
    things = (
        [getattr(thing, each) for each in thing.__all__] if inspect.ismodule(thing) else [thing]
    )
    for function in filter(inspect.isfunction, things):
        arguments = ast.parse(f"def f{signature(function)}: ...").body[0].args
        given = [*arguments.posonlyargs, *arguments.args]
        last = given[len(given) - len(arguments.defaults) :]
        shown = {each.arg: value for each, value in zip(last, arguments.defaults, strict=True)}
        shown |= {
            each.arg: default
            for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if default is not None
        }
        real = {
            each.name: each.default
            for each in inspect.signature(function).parameters.values()
            if each.default is not each.empty
        }
        assert set(shown) == set(real)
        for parameter, default in real.items():
            if isinstance(default, float) and not math.isfinite(default):
                assert ast.unparse(shown[parameter]) == str(default), (name, parameter)
            elif isinstance(default, int | float | str | tuple | None):
                assert ast.literal_eval(shown[parameter]) == default, (name, parameter)


def test_a_list_of_choices_is_no_default(tool):
    """The first of {0, 1, 2, 3} was once printed for the default of load_boundaries."""
    assert "level: int = 2," in tool("signatures").signature(sg.load_boundaries)


def test_the_glossary_says_what_the_package_says(tool):
    glossary = tool("glossary")
    said = glossary.catalogue()
    assert glossary.stale(glossary.terms(), said) == []
    wrong = [*glossary.terms(), glossary.Term("hot spot", "tache chaude", "", "")]
    assert glossary.stale(wrong, said) == ["hot spot / tache chaude"]
    english, french = glossary.page("en"), glossary.page("fr")
    assert "| hot spot | point chaud | A neighbourhood" in english
    assert "| point chaud | hot spot | Un voisinage" in french
    assert "| Deaths, high estimate (number) | Décès, estimation haute (nombre) |" in english


def test_a_link_that_leads_nowhere_is_found_out(tool, tmp_path):
    broken = tool("links").broken
    (tmp_path / "b.html").write_text('<p id="here">', encoding="utf-8")
    (tmp_path / "a.html").write_text(
        '<a href="b.html#here">1</a><a href="https://e.org/x">2</a><a href="#">3</a>',
        encoding="utf-8",
    )
    assert list(broken(tmp_path)) == []
    (tmp_path / "a.html").write_text(
        '<a href="b.html#there">1</a><a href="c.html">2</a><img src="d.png">', encoding="utf-8"
    )
    assert list(broken(tmp_path)) == [
        "a.html: b.html#there (no such anchor)",
        "a.html: c.html",
        "a.html: d.png",
    ]


def test_a_page_that_fetches_something_is_found_out(tmp_path):
    spec = importlib.util.spec_from_file_location("check", ROOT / "tools" / "check_offline.py")
    check = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(check)
    harmless = '<a href="https://example.org">a</a><link rel="canonical" href="https://e.org">'
    (tmp_path / "good.html").write_text(f'{harmless}<img src="a.png">', encoding="utf-8")
    assert check.addresses(tmp_path) == []
    for text in (
        "<script src='https://e.org/a.js'></script>",
        "<img alt=x src=//e.org/a.png>",
        "<link href='https://e.org/a.css' rel=stylesheet>",
        "<style>@font-face{src:url(https://e.org/f)}</style>",
        '<script>import("https://e.org/m.js")</script>',
    ):
        (tmp_path / "bad.html").write_text(text, encoding="utf-8")
        assert len(check.addresses(tmp_path)) == 1, text
