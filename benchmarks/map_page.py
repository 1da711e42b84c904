"""The map page beside plain folium.Choropleth, on the same communes, in one run.

    python benchmarks/map_page.py

Ours: 1,318 communes, three indicators, 120 months. Folium: the same communes, one indicator, no
time, with the geometry in as many bytes a commune as boundaries have when they are published (every
edge of the full geometry halved, which is what ours is made of too), in full, as this package ships
it (1:1 million), and simplified to what ours keeps. Chromium is slowed
down four times; no page may use the network. Folium asks for ten files from outside: Leaflet comes
from the installed package, the others are answered with nothing at once, and its colour scale is
left out, since it would need one of them. All of this is in its favour.

Painted is the first contentful paint of the browser. Drawn is two frames after the page has loaded
and all its scripts have run. Work is the processor time of the page's main thread until then, which
other programs and the slowing hardly touch. Medians of several turns, taken alternately; read the
ratios, not the seconds. The last line is the size, only, of what folium writes for the same three
indicators and 120 months with its own time slider.
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
from folium.plugins import TimeSliderChoropleth
from playwright.sync_api import sync_playwright

import sahel_geo as sg

TURNS = 7
SLOWER = 4
MONTHS = 120
INCIDENTS = 15_000
TIMES = ("painted", "drawn", "work")
COLUMNS = ["incidents", "fatalities_best", "per_1000km2_year"]

WATCH = """
const painted = new Promise((done) =>
  new PerformanceObserver((list) => list.getEntriesByName("first-contentful-paint")
    .forEach((paint) => done(paint.startTime))).observe({ type: "paint", buffered: true }));
const drawn = new Promise((done) =>
  window.addEventListener("load", async () => {
    await (window.sahelGeo && window.sahelGeo.ready);
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())));
  }));
window.__times = Promise.all([painted, drawn]);
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
    scales = [key for key in layer._children if key.startswith("color_map")]  # noqa: SLF001
    for key in scales:
        del layer._children[key]  # noqa: SLF001
    layer.geojson.add_child(folium.features.GeoJsonTooltip(["name"]))
    layer.add_to(m)
    m.save(path)
    return len(set(re.findall(r"(?:src|href)=\"(https://[^\"]+)\"", path.read_text())))


def as_published(table):
    """Halve every edge: 6 kB a commune, as in boundaries as states publish them."""

    def halved(ring):
        corners = shapely.get_coordinates(ring)
        middles = (corners[:-1] + corners[1:]) / 2
        return np.stack([corners[:-1], middles], axis=1).reshape(-1, 2)

    def polygon(part):
        return shapely.Polygon(halved(part.exterior), [halved(ring) for ring in part.interiors])

    shapes = [
        shapely.MultiPolygon([polygon(part) for part in shapely.get_parts(shape)])
        for shape in table.geometry
    ]
    return table.set_geometry(shapes, crs=4326)


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
    session = context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(path.as_uri())
    seconds = [moment / 1e3 for moment in page.evaluate("window.__times")]
    units = page.evaluate(
        "window.sahelGeo ? window.sahelGeo.units"
        " : document.querySelectorAll('.leaflet-overlay-pane path').length"
    )
    metrics = session.send("Performance.getMetrics")["metrics"]
    work = next(each["value"] for each in metrics if each["name"] == "TaskDuration")
    context.close()
    assert units >= 1_318, units
    return (*seconds, work)


def time_slider(table, panel, path):
    """The same content in folium's own plugin: a style for each unit, indicator and month."""
    m = folium.Map([15, 2], zoom_start=6, tiles=None)
    stamps = panel["period"].dt.start_time.astype("datetime64[s]").astype("int64").astype(str)
    for column in COLUMNS:
        highest = panel[column].max()
        colours = ("#fbfaf6", "#fdbb84", "#dc5039", "#68051a")
        place = np.ceil(panel[column].fillna(0) / highest * 3).astype(int)
        styles = {unit: {} for unit in table["unit_id"]}
        rows = zip(panel["unit_id"], stamps, place, strict=True)
        for unit, stamp, at in rows:
            styles[unit][stamp] = {"color": colours[at], "opacity": 1}
        shapes = table.set_index("unit_id")[["geometry"]].to_json()
        TimeSliderChoropleth(shapes, styledict=styles).add_to(m)
    m.save(path)


def main():
    rng = np.random.default_rng(1)
    table, panel = figures(sg.load_boundaries(level=3), rng)
    full = sg.load_boundaries(level=3, resolution="full").set_index("unit_id").geometry
    detailed = table.set_geometry(full.reindex(table["unit_id"]).to_numpy(), crs=4326)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        names = (
            "ours",
            "folium, as published",
            "folium, full",
            "folium, 1:1 million",
            "folium, simplified",
        )
        pages = {name: Path(folder) / f"{at}.html" for at, name in enumerate(names)}
        published = as_published(detailed)
        sg.save_map(sg.choropleth(published, COLUMNS, panel=panel), pages["ours"])
        addresses = plain_folium(published, pages["folium, as published"])
        plain_folium(detailed, pages["folium, full"])
        plain_folium(table, pages["folium, 1:1 million"])
        plain_folium(simplified(table), pages["folium, simplified"])
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
        time_slider(simplified(table), panel, Path(folder) / "slider.html")
        slider = (Path(folder) / "slider.html").stat().st_size / 1e6
    print(f"{len(table):,} communes; folium asks for {addresses} addresses; CPU slowed {SLOWER} x")
    print(f"ours: {len(COLUMNS)} indicators, {MONTHS} months; folium: one indicator")
    medians = {
        name: [statistics.median(turn[k] for turn in turns) for k in range(len(TIMES))]
        for name, turns in taken.items()
    }
    for name, found in medians.items():
        ratios = [a / b for a, b in zip(found, medians["ours"], strict=True)]
        told = [
            f"{word} {value:5.2f} s ({ratio:4.1f} x)"
            for word, value, ratio in zip(TIMES, found, ratios, strict=True)
        ]
        size = f"{sizes[name]:6.2f} MB ({sizes[name] / sizes['ours']:4.1f} x)"
        print(f"{name:20} {size}", *told, sep="  ")
    print(f"folium, same content {slider:6.1f} MB ({slider / sizes['ours']:4.1f} x)")


if __name__ == "__main__":
    main()
