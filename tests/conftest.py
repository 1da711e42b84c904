"""The toy world that all tests share, and the reference data where it is present."""

import contextlib
import gc
import io
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import scipy.linalg  # noqa: F401  loads what is to use one thread
import shapely
from filelock import FileLock
from hypothesis import settings
from threadpoolctl import threadpool_limits

from sahel_geo.crs import geodesic_area_km2
from sahel_geo.schema import UNIT_COLUMNS
from tests.offline import is_example, without_network

# The first call of a compiled function is slow; on a shared machine the same cases run every time.
settings.register_profile("project", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("project")

# Six squares of one degree, 0 to 3 E and 10 to 12 N, in three countries:
#
#   12 N  +------+------+------+
#         |  M1  |  M2  |  N1  |      M Mali, N Niger, B Burkina Faso
#   11 N  +------+------+------+      The three countries meet at 2 E, 11 N.
#         |  B1  |  B2  |  N2  |
#   10 N  +------+------+------+
#         0 E    1      2      3
_SQUARES = {
    "M1": ("MLI", 0, 11),
    "M2": ("MLI", 1, 11),
    "N1": ("NER", 2, 11),
    "N2": ("NER", 2, 10),
    "B1": ("BFA", 0, 10),
    "B2": ("BFA", 1, 10),
}

# Whole files marked `long`: most of the time of all tests, and the same on every Python. What they
# test runs there all the same: test_cli writes a report, every reader opens its files, and views
# and examples of results fit their models.
_LONG = (
    "attack/",
    "forecast/test_pages.py",
    "formats/test_openings.py",
    "fuzz/",
    "indicators/display/",
    "indicators/hawkes/",
    "indicators/spillover/",
    "indicators/uncertainty/",
    "locate/test_partitions.py",
    "maps/pages/",
    "maps/picture/",
    "maps/publish/",
    "maps/report/",
    "test_docs.py",
    "test_menaka_notebook.py",
    "test_notebooks.py",
    "test_spillover_notebook.py",
)


def pytest_collection_modifyitems(items):
    tests = Path(__file__).parent.as_posix()
    for item in items:
        if is_example(item):
            item.runtest = without_network(item.runtest)
        if item.path.as_posix().startswith(tuple(f"{tests}/{name}" for name in _LONG)):
            item.add_marker(pytest.mark.long)


def pytest_collection_finish():
    """Keep the garbage collector from all that is imported: it took a twelfth of the time."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def make_toy_units() -> gpd.GeoDataFrame:
    """Six square units in three countries, with the columns of `load_boundaries` at level 2."""
    ids = list(_SQUARES)
    shapes = [shapely.box(x, y, x + 1, y + 1) for _, x, y in _SQUARES.values()]
    table = pd.DataFrame(
        {
            "unit_id": ids,
            "name": [f"Unit {unit}" for unit in ids],
            "country": [country for country, _, _ in _SQUARES.values()],
            "level": 2,
            "adm1_id": [unit[0] for unit in ids],
            "adm1_name": [f"Region {unit[0]}" for unit in ids],
            "adm2_id": ids,
            "adm2_name": [f"Unit {unit}" for unit in ids],
            "area_km2": geodesic_area_km2(shapes),
            "source": "toy world",
            "licence": "CC0",
            "valid_from": pd.Series(pd.NaT, index=range(len(ids)), dtype="datetime64[s]"),
            "valid_to": pd.Series(pd.NaT, index=range(len(ids)), dtype="datetime64[s]"),
            "legal_act": pd.Series(pd.NA, index=range(len(ids)), dtype="str"),
            "approximate": False,
        },
    )
    return gpd.GeoDataFrame(table, geometry=shapes, crs=4326)[list(UNIT_COLUMNS)]


@pytest.fixture(scope="session")
def kept_toy_units() -> bytes:
    """The toy world, made once."""
    return pickle.dumps(make_toy_units())


@pytest.fixture
def toy_units(kept_toy_units) -> gpd.GeoDataFrame:
    """Six square units in three countries; a fresh copy for each test, with shapes of its own."""
    return pickle.loads(kept_toy_units)


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """Folder of the reference data; the test is skipped where it is absent."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("SAHEL_GEO_REFERENCE", default))
    if not folder.is_dir():
        pytest.skip(f"no reference data in {folder}; set SAHEL_GEO_REFERENCE")
    return folder


@pytest.fixture(scope="session", autouse=True)
def one_thread_each():
    """Let products of matrices use one thread: tests run side by side, and waiting costs too."""
    with pytest.MonkeyPatch.context() as patch, threadpool_limits(1):
        for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):  # of libraries loaded later
            patch.setenv(name, "1")
        yield


@pytest.fixture(scope="session", autouse=True)
def few_permutations():
    """Let the spillover battery of a report take 99 permutations, not 499, and its draws be few.

    What tests read on the pages of a report does not hang on the third digit of a p; the battery
    has tests of its own, and the reports that other processes write keep all.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name, number in (("_PERMUTATIONS", 99), ("_RISK_DRAWS", 50), ("DRAWS", 10)):
            patch.setattr(f"sahel_geo.maps.pages.findings.{name}", number)
        yield


@pytest.fixture(scope="session")
def build_once(tmp_path_factory):
    """Build what many tests only read, in a folder that all workers share, by whoever comes first.

    Call it with a name and a function of a folder; gives what that function gave, and the folder.
    """
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    known = {}

    def build(name, make):
        if name in known:
            return known[name]
        folder, kept = root / f"shared-{name}", root / f"shared-{name}.pickle"
        with FileLock(root / f"shared-{name}.lock"):
            if not kept.exists():
                folder.mkdir(exist_ok=True)
                kept.write_bytes(pickle.dumps(make(folder)))
        known[name] = pickle.loads(kept.read_bytes()), folder  # written just above
        return known[name]

    return build


@pytest.fixture(scope="session")
def example_report(build_once):
    """Give the report of the embedded catalogue in a language, by units of a level; read only."""
    from sahel_geo import load_boundaries, load_example_incidents, write_report  # noqa: PLC0415

    def report(lang="en", level=1):
        def make(folder):
            return write_report(load_example_incidents(), load_boundaries(level), folder, lang=lang)

        return build_once(f"example-{lang}-{level}", make)

    return report


@pytest.fixture
def command_line(tmp_path, monkeypatch):
    """Run the command line inside this process, in a folder of its own, as its users see it."""
    from sahel_geo.cli import main  # noqa: PLC0415  most tests do without

    def call(*arguments, lang=""):
        monkeypatch.chdir(tmp_path)
        for name in ("SAHEL_GEO_LANG", "LC_ALL"):
            monkeypatch.setenv(name, lang)
        monkeypatch.setattr(sys, "argv", ["sahel-geo", *map(str, arguments)])
        told = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2)]
        with contextlib.redirect_stdout(told[0]), contextlib.redirect_stderr(told[1]):
            try:
                main()
            except SystemExit as end:
                code = end.code or 0
            for stream in told:
                stream.flush()
        said = (stream.buffer.getvalue().decode() for stream in told)
        return subprocess.CompletedProcess(sys.argv, code, *said)

    return call


# The first is the same engine without windows: a page takes a third of the processor time.
_CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser")
_CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def chromium():
    """Headless Chromium with no way out; the test is skipped where none is installed."""
    path = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if path is None:
        pytest.skip("no chromium on this machine (apt-get install chromium)")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_CHROMIUM_ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def window(chromium):
    """Give an empty page inside a `with`; one that a test leaves is emptied for the next.

    A page in a window of its own takes twice the processor time of one that is there. Call it with
    the size, what is to happen on events, a script that runs first, and settings of the window.
    """
    left = {}

    @contextlib.contextmanager
    def empty_page(width, height, heard, script="", **settings):
        idle = left.setdefault((script, *sorted(settings.items())), [])
        if idle:
            page = idle.pop()
        else:
            page = chromium.new_context(**settings).new_page()
            if script:
                page.add_init_script(script)
        page.set_viewport_size({"width": width, "height": height})
        for event, hear in heard.items():
            page.on(event, hear)
        try:
            yield page
        except BaseException:
            page.context.close()
            raise
        others = [other for other in page.context.pages if other != page]
        if page.is_closed() or others:
            page.context.close()
            return
        for event, hear in heard.items():
            page.remove_listener(event, hear)
        page.unroute_all(behavior="ignoreErrors")
        page.goto("about:blank")  # first, so that nothing is laid out anew
        page.emulate_media(media="null")
        page.mouse.move(-10, -10)
        idle.append(page)

    return empty_page


@pytest.fixture
def open_page(window):
    """Open a file with the network blocked; gives the page and all that went wrong in it.

    The next file of a test takes the place of the one before.
    """
    with contextlib.ExitStack() as pages:

        def open_file(path, width=1280, height=800):
            faults = []
            own = Path(path).resolve().as_uri()
            heard = {
                "console": lambda message: faults.append(f"console: {message.text}"),
                "pageerror": lambda error: faults.append(f"error: {error}"),
                "dialog": lambda dialog: (faults.append("dialog"), dialog.dismiss()),
            }
            pages.close()
            page = pages.enter_context(window(width, height, heard, offline=True))

            def refuse(route):
                if route.request.url.split("#")[0] == own or route.request.url.startswith("blob:"):
                    route.continue_()
                else:
                    faults.append(f"request for {route.request.url[:200]}")
                    route.abort()

            page.route("**/*", refuse)
            page.goto(own)
            page.wait_for_load_state()
            page.evaluate("window.sahelGeo ? window.sahelGeo.ready : null")
            return page, faults

        yield open_file
