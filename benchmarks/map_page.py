"""The map page beside plain folium.Choropleth, on the same communes, in one run.

    python benchmarks/map_page.py

Ours: 1,318 communes, three indicators, 120 months. Folium: the same communes, one indicator, no
time, once with the geometry as it is and once simplified to what ours keeps. Chromium is slowed
down four times; no page may use the network. Folium asks for ten files from outside: Leaflet comes
from the installed package, the others are answered with nothing at once, and its colour scale is
left out, since it would need one of them. All of this is in its favour.

Painted is the first contentful paint of the browser. Drawn is two frames after the page has loaded
and its scripts have run: by then the units are on the screen. Medians of several turns, taken
alternately; read the ratios, not the seconds.
"""

import re
import shutil
import statistics
import tempfile
from importlib.resources import files
from pathlib import Path

import folium
import numpy as np
import pandas as pd
import shapely
from playwright.sync_api import sync_playwright

import sahel_geo as sg

TURNS = 5
SLOWER = 4
MONTHS = 120
INCIDENTS = 15_000
COLUMNS = ["incidents", "fatalities_best", "per_1000km2_year"]

WATCH = """
window.__drawn = null;
window.addEventListener("load", () =>
  requestAnimationFrame(() => requestAnimationFrame(() => {
    window.__drawn = performance.now();
  })));
"""


def figures(units, rng):
    """Synthetic incidents, as unequal between communes as recorded ones are."""
    weight = rng.gamma(0.15, 1.0, len(units))
    chosen = rng.choice(len(units), INCIDENTS, p=weight / weight.sum())
    months = pd.date_range("2015-01-01", periods=MONTHS, freq="MS")
    placed = pd.DataFrame(
        {
            "unit_id": units["unit_id"].to_numpy()[chosen],
            "date": months[rng.integers(0, MONTHS, INCIDENTS)],
            "fatalities_best": rng.poisson(2.5, INCIDENTS).astype(float),
        },
    )
    panel = sg.count(placed, units, start="2015-01-01", end="2024-12-31")
    table = units.merge(sg.density.rates(panel, units), on="unit_id", validate="one_to_one")
    area = units.set_index("unit_id")["area_km2"].reindex(panel["unit_id"]).to_numpy()
    panel["per_1000km2_year"] = panel["incidents"] / area * 1e3 * 12
    return table, panel


def plain_folium(table, path):
    """One indicator, as the documentation of folium makes it."""
    m = folium.Map([15, 2], zoom_start=6, tiles=None)
    layer = folium.Choropleth(
        geo_data=table[["unit_id", "name", "geometry"]].to_json(),
        data=table,
        columns=["unit_id", "incidents"],
        key_on="feature.properties.unit_id",
        fill_color="OrRd",
    )
    for key in [key for key in layer._children if key.startswith("color_map")]:
        del layer._children[key]
    layer.geojson.add_child(folium.features.GeoJsonTooltip(["name"]))
    layer.add_to(m)
    m.save(path)
    return len(set(re.findall(r"(?:src|href)=\"(https://[^\"]+)\"", path.read_text())))


def simplified(table):
    kept = shapely.coverage_simplify(table.geometry.to_numpy(), 0.0047)
    return table.set_geometry(shapely.set_precision(kept, 1e-4, mode="pointwise"), crs=4326)


def serve(route):
    address = route.request.url
    root = files("js_lib_leaflet") / "static" / "js_lib_leaflet"
    if address.startswith("file:"):
        route.continue_()
    elif re.search(r"leaflet@[\d.]+/dist/leaflet\.(js|css)$", address):
        name = address.rsplit("/", 1)[1]
        kind = "text/javascript" if name.endswith("js") else "text/css"
        route.fulfill(body=(root / name).read_bytes(), content_type=kind)
    else:
        kind = "text/css" if address.endswith("css") else "text/javascript"
        route.fulfill(body=b"", content_type=kind)


def times(browser, path):
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.route("**/*", serve)
    page.add_init_script(WATCH)
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(path.as_uri())
    page.wait_for_function("window.__drawn !== null", timeout=120_000)
    painted = page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? window.__drawn"
    )
    drawn = page.evaluate("window.__drawn")
    units = page.evaluate(
        "window.sahelGeo ? window.sahelGeo.units"
        " : document.querySelectorAll('.leaflet-overlay-pane path').length"
    )
    context.close()
    assert units >= 1_318, units
    return painted / 1e3, drawn / 1e3


def main():
    units = sg.load_boundaries(level=3)
    table, panel = figures(units, np.random.default_rng(1))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        pages = {name: Path(folder) / f"{name}.html" for name in ("ours", "as is", "simplified")}
        sg.save_map(sg.choropleth(table, COLUMNS, panel=panel), pages["ours"])
        addresses = plain_folium(table, pages["as is"])
        plain_folium(simplified(table), pages["simplified"])
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        taken = {name: [] for name in pages}
        for _ in range(TURNS):
            for name, path in pages.items():
                taken[name].append(times(browser, path))
        browser.close()
        sizes = {name: path.stat().st_size / 1e6 for name, path in pages.items()}
    print(f"{len(table):,} communes; folium asks for {addresses} addresses; CPU slowed {SLOWER} x")
    print(f"ours: {len(COLUMNS)} indicators, {MONTHS} months; folium: one indicator")
    medians = {
        name: [statistics.median(turn[k] for turn in turns) for k in (0, 1)]
        for name, turns in taken.items()
    }
    for name, (painted, drawn) in medians.items():
        beside = [medians[name][k] / medians["ours"][k] for k in (0, 1)]
        print(
            f"{name:11} {sizes[name]:6.2f} MB ({sizes[name] / sizes['ours']:4.1f} x)  "
            f"painted {painted:6.2f} s ({beside[0]:4.1f} x)  "
            f"drawn {drawn:6.2f} s ({beside[1]:4.1f} x)"
        )


if __name__ == "__main__":
    main()
