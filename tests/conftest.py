"""The toy world that all tests share, and the reference data where it is present."""

import os
import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import settings

from sahel_geo.crs import geodesic_area_km2
from sahel_geo.schema import UNIT_COLUMNS

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


@pytest.fixture
def toy_units() -> gpd.GeoDataFrame:
    """Six square units in three countries; a fresh copy for each test."""
    return make_toy_units()


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """Folder of the reference data; the test is skipped where it is absent."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("SAHEL_GEO_REFERENCE", default))
    if not folder.is_dir():
        pytest.skip(f"no reference data in {folder}; set SAHEL_GEO_REFERENCE")
    return folder


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
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no chromium on this machine (apt-get install chromium)")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_CHROMIUM_ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium):
    """Open a file with the network blocked; gives the page and all that went wrong in it."""
    contexts = []

    def open_file(path, width=1280, height=800):
        context = chromium.new_context(viewport={"width": width, "height": height}, offline=True)
        contexts.append(context)
        page = context.new_page()
        faults = []
        own = Path(path).resolve().as_uri()

        def refuse(route):
            if route.request.url.split("#")[0] == own or route.request.url.startswith("blob:"):
                route.continue_()
            else:
                faults.append(f"request for {route.request.url[:200]}")
                route.abort()

        page.route("**/*", refuse)
        page.on("console", lambda message: faults.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (faults.append("dialog"), dialog.dismiss()))
        page.goto(own)
        page.wait_for_load_state()
        page.evaluate("window.sahelGeo ? window.sahelGeo.ready : null")
        return page, faults

    yield open_file
    for context in contexts:
        context.close()
