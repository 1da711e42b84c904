"""Incidents, surfaces, periods and users' layers in a picture: where they lie, and what is said."""

import json
import re
from io import BytesIO
from xml.etree import ElementTree as ET

import folium
import geopandas as gpd
import matplotlib.image
import numpy as np
import pandas as pd
import pytest
import shapely
from folium.plugins import AntPath, Fullscreen, HeatMap, MarkerCluster
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from PIL import Image

import sahel_geo as sg
from sahel_geo.crs import WGS84
from sahel_geo.errors import InputError
from sahel_geo.maps.choropleth.legend import series_data
from sahel_geo.maps.picture.drawing import _symbol_corners, missing_letters
from sahel_geo.maps.picture.folium_layers import UserLayers
from sahel_geo.maps.picture.layout import Sheet, _group_points
from sahel_geo.maps.picture.picture import _period_span
from sahel_geo.maps.picture.view import (
    Choice,
    Group,
    Incidents,
    _period_label,
    _year_label,
    class_of,
    series_grid,
    view_of,
)
from sahel_geo.maps.publish.timeline import read_timeline
from sahel_geo.maps.texts import PAGE
from tests.conftest import make_toy_units
from tests.maps.choropleth.test_map_layers import POINTS
from tests.maps.hostile import HOSTILE
from tests.maps.node import in_node
from tests.maps.picture.test_picture import boxes_of, page_data

THREE = pd.period_range("2020-12", periods=3, freq="M")
PERIODS = pd.period_range("2021-01", periods=2, freq="M")
SQUEEZE = np.cos(np.radians(11))


def plain_map(**options):
    """Six squares with 0 to 5 incidents, and nothing around them."""
    table = make_toy_units().assign(incidents=range(6))
    return sg.choropleth(table, "incidents", neighbours=False, towns=False, **options)


def toy_panel(values=range(12), periods=PERIODS):
    units = make_toy_units()["unit_id"].to_numpy()
    return pd.DataFrame(
        {
            "unit_id": np.repeat(units, len(periods)),
            "period": periods.take(np.tile(np.arange(len(periods)), len(units))),
            "incidents": list(values),
        }
    )


class Canvas:
    """A drawn picture, asked for the colour at a place on the ground."""

    def __init__(self, m, choice=None, lang="en"):
        added = UserLayers.of(m)
        sheet = Sheet(page_data(m), choice or Choice(), lang, 12.0, 150.0, added)
        self.figure = sheet.drawn()
        canvas = FigureCanvasAgg(self.figure)
        with missing_letters():
            canvas.draw()
        self.pixels = np.asarray(canvas.buffer_rgba())[..., :3].astype(int)

    def at(self, lon, lat):
        x, y = self.figure.axes[0].transData.transform([lon * SQUEEZE, lat])
        return self.pixels[len(self.pixels) - 1 - round(y), round(x)]

    def texts(self):
        return [text.get_text() for text in self.figure.texts]


def rgb(colour):
    return np.array(to_rgb(colour)) * 255


def blend(over, under, alpha):
    return alpha * rgb(over) + (1 - alpha) * np.asarray(under)


def is_near(found, expected):
    return np.abs(found - expected).max() <= 2


# the same figures as the page


def test_groups_are_those_of_the_page():
    rng = np.random.default_rng(4)
    x, y = rng.uniform(0, 400, (2, 300))
    deaths = np.where(rng.random(300) < 0.1, np.nan, rng.integers(0, 90, 300))
    precision = rng.integers(0, 4, 300)
    points = [
        {"x": a, "y": b, "deaths": None if np.isnan(d) else d, "precision": int(p)}
        for a, b, d, p in zip(x, y, deaths, precision, strict=True)
    ]
    theirs = in_node(
        "points.js",
        f"const g = s.groupPoints({json.dumps(points)}, s.GROUP); console.log(JSON.stringify("
        "g.map((o) => [o.x, o.y, o.count, o.deaths, o.precision, s.groupRadius(o)])))",
    )
    ours = _group_points(x, y, deaths, precision)
    rows = [(g.x, g.y, g.count, g.deaths, g.precision, g.radius) for g in ours]
    assert len(rows) > 50
    np.testing.assert_allclose(rows, theirs, rtol=1e-9)
    corners = in_node(
        "points.js",
        "console.log(JSON.stringify([0, 1, 2, 3].map((p) => s.symbolCorners(p, 10))))",
    )
    for number, expected in enumerate(corners):
        found = _symbol_corners(number, 10)
        if expected is None:
            assert found is None
        else:  # y grows downwards on a page
            assert {(a, -b) for a, b in found} == {tuple(corner) for corner in expected}


def test_values_and_classes_of_a_period_are_those_of_the_page():
    rng = np.random.default_rng(1)
    values = np.where(rng.random(12) < 0.2, np.nan, rng.normal(0, 3, 12).round(2))
    values[:3] = 0, np.nan, 0
    units = make_toy_units().assign(incidents=[1.0, np.nan, 2.0, 3.0, 4.0, 5.0])
    timeline = read_timeline(toy_panel(values), units, ["incidents"])
    options = {"scheme": "quantiles", "k": 4, "breaks": None, "palette": "greys"}
    series = series_data(timeline, units["incidents"], options, {"incidents": False})
    missing = units["incidents"].isna().tolist()
    theirs = in_node(
        "series.js",
        f"const t = {json.dumps(series)}; const m = {json.dumps(missing)};"
        "const r = s.readSeries(t, 2, (at) => m[at]);"
        "console.log(JSON.stringify(r.map((row) => Array.from(row, (v) =>"
        " [Number.isNaN(v) ? null : v, s.classOf(t.classes, v)]))))",
    )
    for period in (0, 1):
        found = series_grid(series, 2, missing)[:, period]
        numbers = [class_of(series["classes"], value) for value in found]
        expected = [row[period] for row in theirs]
        assert numbers == [number for _, number in expected]
        assert [None if np.isnan(v) else v for v in found] == [value for value, _ in expected]
    assert {entry["kind"] for entry in series["classes"]} >= {"range", "zero", "no_data"}


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("freq", ["D", "W-SUN", "M", "Q-DEC", "Y-DEC"])
def test_periods_are_named_as_on_the_page(freq, lang):
    periods = pd.period_range("2021-02-10", periods=14, freq=freq)
    kind = {"D": "day", "W": "week", "M": "month", "Q": "quarter", "Y": "year"}[freq[0]]
    time = {"kind": kind, "first": f"{periods[0].start_time:%Y-%m-%d}", "count": 14}
    theirs = in_node(
        "words.js",
        f"const t = {json.dumps(time)}; const texts = {json.dumps(dict(PAGE[lang]))};"
        "const r = []; for (let n = 0; n < 14; n += 1)"
        f" r.push(s.periodLabel(t, n, '{lang}', texts)); console.log(JSON.stringify(r))",
    )
    assert [_period_label(time, number, lang) for number in range(14)] == theirs
    assert [_period_span(time, period)[0][0] for period in periods] == list(range(14))
    days = [f"{period.start_time:%Y-%m-%d}" for period in periods]
    assert [_period_span(time, day)[0][0] for day in days] == list(range(14))


@pytest.mark.parametrize("rule", ["sum", "mean"])
def test_years_are_those_of_the_page(rule):
    rng = np.random.default_rng(7)
    values = np.where(rng.random(6 * 15) < 0.1, np.nan, rng.gamma(1, 3, 6 * 15).round(2))
    months = pd.period_range("2020-11", periods=15, freq="M")
    units = make_toy_units().assign(incidents=1.0)
    m = sg.choropleth(
        units,
        "incidents",
        panel=toy_panel(values, months),
        by_year={"incidents": rule},
        neighbours=False,
        towns=False,
    )
    data = page_data(m)
    series, time = data["indicators"][0]["series"], data["time"]
    theirs = in_node(
        "years.js",
        f"const t = {json.dumps(time)}; const d = {json.dumps(series)};"
        f"const words = {json.dumps(dict(PAGE['fr']))};"
        "const y = s.yearRows(s.readSeries(d, t.count, () => false), t, d.years);"
        "console.log(JSON.stringify([s.calendar(t).map((c) => s.yearLabel(c, t.kind, words)),"
        " y.rows.map((r) => Array.from(r, (v) => s.classOf(d.years.classes, v))),"
        " y.gaps.map((g) => Array.from(g))]))",
    )
    years = (2020, 2021, 2022)
    assert theirs[0] == [_year_label(time, year, "fr") for year in years]
    assert theirs[0] == ["2020, 2 mois", "2021", "2022, 1 mois"]
    hatched = 0
    for at, year in enumerate(years):
        periods, found = _period_span(time, str(year))
        assert found == year
        view = view_of(data, Choice(periods=periods, year=year), "en")
        assert view.numbers.tolist() == [row[at] for row in theirs[1]]
        gaps = {unit for unit, row in enumerate(theirs[2]) if row[at]}
        known = {unit for unit in gaps if view.classes[view.numbers[unit]]["kind"] != "no_data"}
        assert view.doubtful == known
        hatched += len(known)
    assert hatched > 2


# incidents


def test_incidents_lie_where_they_were_and_look_as_their_precision():
    canvas = Canvas(plain_map(points=POINTS.iloc[2:4].assign(fatalities_best=20)))
    ground = [rgb(entry["colour"]) for entry in page_data(plain_map())["indicators"][0]["classes"]]
    places = ((2.5, 10.5, "diamond", ground[3]), (1.5, 10.4, "square", ground[5]))
    for lon, lat, shape, below in places:
        symbol = blend("#0b4f8a", below, 0.86)
        assert is_near(canvas.at(lon, lat), symbol)
        assert is_near(canvas.at(lon + 0.2, lat), below)
        # 6.9 of 10.2 pixels to the right and up: a square reaches there, a diamond does not
        shown = is_near(canvas.at(*_shifted(canvas, lon, lat, 6.9)), symbol)
        assert shown == (shape == "square")


def _shifted(canvas, lon, lat, pixels):
    """Give a place so many pixels of the page to the right of and above another."""
    ends = canvas.figure.axes[0].transData.transform([[0, 0], [0, 1]])
    degree = (ends[1, 1] - ends[0, 1]) / 150 * 96
    return lon + pixels / degree / SQUEEZE, lat + pixels / degree


def test_incidents_are_sized_by_deaths_grouped_and_explained():
    canvas = Canvas(plain_map(points=POINTS, lang="en"))
    axes = canvas.figure.axes[0]
    assert "2" in [text.get_text() for text in axes.texts]
    incidents = Incidents.of(page_data(plain_map(points=POINTS))["points"], range(0))
    assert sorted(incidents.deaths[~np.isnan(incidents.deaths)]) == [0, 4, 12]
    ends = axes.transData.transform([[0, 0], [0, 1]])
    degree = (ends[1, 1] - ends[0, 1]) / 150 * 96
    circle = next(patch for patch in axes.patches if type(patch).__name__ == "Circle")
    assert circle.radius * degree == pytest.approx(Group(0, 0, 2, 16, 0).radius)
    words = canvas.texts()
    for text in ("Place known", "Known to a unit", "Known to a region or country", "1", "10"):
        assert text in words
    assert "50" not in words
    assert "Precision unknown" not in words
    assert "Size: recorded deaths" in " ".join(words)


def test_a_period_shows_its_own_incidents_classes_and_name(tmp_path):
    m = plain_map(panel=toy_panel(), points=POINTS)
    february = Choice(periods=range(1, 2))
    canvas = Canvas(m, february)
    series = page_data(m)["indicators"][0]["series"]
    values = dict(zip(make_toy_units()["unit_id"], range(1, 12, 2), strict=True))
    for unit, (lon, lat) in {"M1": (0.2, 11.2), "B2": (1.2, 10.8), "N1": (2.2, 11.8)}.items():
        entry = series["classes"][class_of(series["classes"], values[unit])]
        assert is_near(canvas.at(lon, lat), rgb(entry["colour"])), unit
    words = canvas.texts()
    assert words[0] == "Incidents"
    assert "February 2021" in words
    assert "Period: January 2021 – February 2021" in words
    assert [t.get_text() for t in canvas.figure.axes[0].texts if t.get_text().isdigit()] == []
    shown = Incidents.of(page_data(m)["points"], range(1, 2))
    assert sorted(zip(shown.lon, shown.lat, strict=True)) == [(0.5, 11.5), (2.5, 10.5)]
    one = sg.save_png(m, tmp_path / "a.png", period="2021-02").read_bytes()
    same = sg.save_png(m, tmp_path / "b.png", period=PERIODS[1]).read_bytes()
    assert one == same
    assert one != sg.save_png(m, tmp_path / "c.png").read_bytes()


# the surface


@pytest.fixture(scope="module")
def surface():
    located = POINTS.dropna(subset=["lon"])
    return sg.density.kernel_density(located, bandwidth_km=50, cell_km=5)


def test_the_surface_lies_where_it_was_and_has_its_own_legend(surface):
    m = plain_map(surface=surface, surface_label={"fr": "Densité", "en": "Density"})
    canvas = Canvas(m, Choice(surface=True))
    image = surface.image()
    pixels = matplotlib.image.imread(BytesIO(image.png))
    west, south, east, north = image.bounds
    assert canvas.texts()[2:4] == ["Density", "incidents per km²"]
    seen = set()
    for lon, lat in [(0.3, 11.6), (0.8, 11.2), (1.6, 10.4), (2.4, 10.7), (2.8, 11.9), (1.3, 11.3)]:
        high, low, here = (np.arcsinh(np.tan(np.radians(each))) for each in (north, south, lat))
        row = int((high - here) / (high - low) * len(pixels))
        column = int((lon - west) / (east - west) * pixels.shape[1])
        around = pixels[row - 3 : row + 4, column - 3 : column + 4].reshape(-1, 4)
        if len(np.unique(around, axis=0)) > 1:
            continue  # the edge of a class
        red, green, blue, alpha = around[0]
        expected = alpha * np.array([red, green, blue]) * 255 + (1 - alpha) * rgb("#fbfaf6")
        assert is_near(canvas.at(lon, lat), expected), (lon, lat)
        seen.add(tuple(around[0]))
    assert len(seen) > 2
    without = Canvas(m)
    assert without.texts()[2:4] == ["Incidents", "number"]


# layers of users


def added_map():
    """One layer of each kind, each in a square of its own."""
    m = plain_map()
    style = {"color": "#000000", "fillOpacity": 1.0}
    areas = gpd.GeoDataFrame(
        {"kind": ["a", "b"]},
        geometry=[
            shapely.box(0.1, 11.1, 0.9, 11.9).difference(shapely.box(0.4, 11.4, 0.6, 11.6)),
            shapely.box(1.1, 11.1, 1.3, 11.3),
        ],
        crs=4326,
    )

    def colour(feature):
        return {
            **style,
            "fillColor": {"a": "lime", "b": "rgb(0, 0, 255)"}[feature["properties"]["kind"]],
        }

    folium.GeoJson(areas, style_function=colour, name="Areas").add_to(m)
    group = folium.FeatureGroup(name="Group").add_to(m)
    folium.Circle([11.7, 1.7], radius=11_000, color="red", fill=True, fill_opacity=1).add_to(group)
    folium.CircleMarker([11.2, 1.7], radius=8, color="#00f", fill_opacity=0.5, fill=True).add_to(
        group
    )
    folium.PolyLine([[11.1, 2.1], [11.1, 2.9]], color="#ff00ff", weight=6, opacity=0.5).add_to(m)
    folium.Rectangle([[11.3, 2.1], [11.6, 2.4]], fill_color="#00ffff", fill_opacity=1).add_to(m)
    folium.Polygon([[11.3, 2.6], [11.3, 2.9], [11.8, 2.9]], fill=True, color="gold").add_to(m)
    cluster = MarkerCluster(name="Markers").add_to(m)
    folium.Marker([10.3, 0.5]).add_to(cluster)
    folium.Marker([10.3, 0.6], icon=folium.Icon(color="red", icon="circle")).add_to(cluster)
    stripes = np.array([[[1.0, 0, 0, 1]], [[0, 1.0, 0, 1]]])
    folium.raster_layers.ImageOverlay(stripes, [[10.1, 1.1], [10.9, 1.9]], opacity=0.5).add_to(m)
    folium.LayerControl().add_to(m)
    return m


def test_layers_of_users_lie_where_they_were_and_look_as_on_the_page():
    m = added_map()
    added = UserLayers.of(m)
    assert added.left_out == []
    assert [name for name, _ in added.named] == ["Areas", "Group", "Markers"]
    canvas, bare = Canvas(m), Canvas(plain_map())
    for place, colour in {
        (0.2, 11.5): "lime",
        (1.2, 11.2): "blue",
        (1.7, 11.7): "red",
        (1.7, 11.62): "red",
        (2.25, 11.45): "cyan",
    }.items():
        assert is_near(canvas.at(*place), rgb(colour)), place
    half = ((1.7, 11.2, "#0000ff"), (2.5, 11.1, "#ff00ff"), (1.5, 10.3, "#00ff00"))
    for lon, lat, colour in (*half, (1.5, 10.7, "#ff0000")):
        assert is_near(canvas.at(lon, lat), blend(colour, bare.at(lon, lat), 0.5)), colour
    assert is_near(canvas.at(2.85, 11.5), blend("gold", bare.at(2.85, 11.5), 0.2))
    for place in ((0.5, 11.5), (1.7, 11.9), (0.9, 10.6), (2.7, 11.6)):
        assert is_near(canvas.at(*place), bare.at(*place)), place
    # markers: the body above the place, nothing below it
    for lon, colour in ((0.5, "#2a81cb"), (0.6, "#d43e2a")):
        above = _shifted(canvas, lon, 10.3, 12.0)[1]
        assert is_near(canvas.at(lon, above), rgb(colour)), lon
        assert is_near(canvas.at(lon, 10.28), bare.at(lon, 10.28)), lon
    words = canvas.texts()
    assert all(name in words for name in ("Areas", "Group", "Markers"))


def test_a_circle_on_the_ground_has_its_radius_in_metres():
    m = plain_map()
    folium.Circle([11.0, 1.5], radius=20_000).add_to(m)
    ring = UserLayers.of(m).marks[0].rings[0]
    _, _, metres = WGS84.inv(*np.broadcast_arrays(1.5, 11.0, *ring.T))
    np.testing.assert_allclose(metres, 20_000, atol=0.01)


def test_what_the_page_hides_at_first_is_hidden():
    m = plain_map()
    group = folium.FeatureGroup(name="Secret", show=False).add_to(m)
    folium.Marker([11, 1]).add_to(group)
    HeatMap([[11, 1, 1]], show=False).add_to(m)
    added = UserLayers.of(m)
    assert (added.marks, added.named, added.left_out) == ([], [], [])


def unfaithful_map(**options):
    m = plain_map(**options)
    HeatMap([[11, 1, 1]], name="Heat").add_to(m)
    AntPath([[11, 1], [11, 2]]).add_to(m)
    folium.Marker([11, 1], icon=folium.DivIcon(html="<b>7</b>")).add_to(m)
    folium.CircleMarker([11, 1], color="no colour").add_to(m)
    folium.raster_layers.ImageOverlay("https://example.org/a.png", [[10, 0], [11, 1]]).add_to(m)
    folium.WmsTileLayer("https://example.org/wms", layers="x", name="Floods").add_to(m)
    folium.TileLayer("OpenStreetMap").add_to(m)
    Fullscreen().add_to(m)
    return m


def test_what_cannot_be_drawn_is_named_and_said_below_the_map(tmp_path):
    m = unfaithful_map()
    telling = [
        "HeatMap (Heat)",
        "AntPath",
        "Marker (DivIcon)",
        "CircleMarker",
        "ImageOverlay",
        "WmsTileLayer (Floods)",
    ]
    assert UserLayers.of(m).telling == telling
    assert UserLayers.of(m).left_out == [*telling, "TileLayer (openstreetmap)"]
    with pytest.warns(UserWarning, match=r"`m` holds 7 things that a picture cannot show: \['Heat"):
        sg.save_png(m, tmp_path / "m.png")
    for lang, start in (
        ("fr", "Sur la page, mais pas sur cette image"),
        ("en", "On the page, but"),
    ):
        words = " ".join(Canvas(m, lang=lang).texts())
        assert start in words
        assert "HeatMap (Heat), AntPath" in words
        assert "openstreetmap" not in words


def test_a_map_with_background_tiles_only_warns(tmp_path):
    m = plain_map(tiles="OpenStreetMap")
    with pytest.warns(UserWarning, match="1 things that a picture cannot show"):
        sg.save_png(m, tmp_path / "m.png")
    assert not any("On the page" in text for text in Canvas(m).texts())


def test_a_safe_map_keeps_its_promise(tmp_path):
    table = make_toy_units().assign(incidents=[1, 2, 77, 88, 99, 111])
    m = sg.choropleth(table, "incidents", neighbours=False, towns=False, publish="safe", lang="en")
    data = page_data(m)
    assert data["points"] is None
    canvas = Canvas(m)
    words = canvas.texts()
    assert any(text.startswith("Hidden (1 to 4") for text in words)
    assert any("no points" in text for text in words)
    hidden = [at for at, value in enumerate(data["indicators"][0]["values"]) if value is None]
    assert len(hidden) >= 2
    drawn = " ".join(words)
    shown = [v for v in data["indicators"][0]["values"] if v is not None]
    for value in set(table["incidents"]) - set(shown) - set(range(10)):
        assert str(value) not in drawn
    with pytest.raises(InputError, match="`surface` is True, but the map holds none"):
        sg.save_png(m, tmp_path / "m.png", surface=True)
    with pytest.raises(InputError, match="shows the whole time only"):
        sg.save_png(m, tmp_path / "m.png", period="2021-01")


@pytest.mark.parametrize("first", range(0, len(HOSTILE), 10))
def test_hostile_names_of_layers_stay_text_inside_the_picture(first):
    m = plain_map(points=POINTS)
    names = ["$\\frac{x}$ " + "w" * 200, "a\nb\tc", *HOSTILE[first : first + 10]]
    for at, name in enumerate(names):
        folium.CircleMarker([11, 1 + at / 50]).add_to(folium.FeatureGroup(name=name).add_to(m))
        HeatMap([[11, 1, 1]], name=name).add_to(m)
    figure = Sheet(page_data(m), Choice(), "en", 12.0, 150.0, UserLayers.of(m)).drawn()
    for text, box in boxes_of(figure):
        assert box.x0 >= 0, text[:40]
        assert box.x1 <= figure.bbox.width, text[:40]
        assert box.y0 >= 0, text[:40]
        assert "\n" not in text


@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_layers_give_the_same_bytes_again(surface, tmp_path, suffix):
    written = []
    for name in "ab":
        m = added_map()
        other = plain_map(points=POINTS, surface=surface)
        for chart, options in ((m, {}), (other, {"surface": True})):
            path = tmp_path / f"{name}{len(written)}{suffix}"
            written.append(sg.save_png(chart, path, **options).read_bytes())
    assert written[0] == written[2]
    assert written[1] == written[3]


def test_the_size_on_paper_is_written_into_the_file(tmp_path):
    m = plain_map(points=POINTS)
    path = sg.save_png(m, tmp_path / "m.png", width_px=2400, width_cm=20.32)
    with Image.open(path) as picture:
        assert picture.width == 2400
        assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    root = ET.fromstring(sg.save_png(m, tmp_path / "m.svg", width_cm=25.4).read_text("utf-8"))
    assert root.get("width") == "720pt"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"period": "2022-01"},
            r"`period` is '2022-01'; expected a month that starts from 2021-01",
        ),
        ({"period": "2019"}, r"`period` is '2019'; expected a month"),
        ({"period": "2021"}, "`period` is '2021', but 'incidents' has no value of a year"),
        ({"period": "2021Q1"}, r"`period` is '2021Q1'; expected a month"),
        ({"period": "soon"}, r"`period` is 'soon'; expected a month"),
        ({"period": "2021-01", "indicator": "area_km2"}, "'area_km2' is given for the whole time"),
        ({"surface": True}, "`surface` is True, but the map holds none"),
        ({"width_cm": 10}, "`width_cm` is 10; expected 20 to 120"),
        ({"width_cm": 60}, r"`width_px` is 1800 on 60 cm, 76 pixels.*Raise it to 1969"),
    ],
)
def test_refuses_what_the_map_does_not_hold(tmp_path, options, message):
    table = make_toy_units().assign(incidents=range(6))
    columns = ["incidents", "area_km2"]
    m = sg.choropleth(table, columns, panel=toy_panel(), neighbours=False, towns=False)
    with pytest.raises(InputError, match=message):
        sg.save_png(m, tmp_path / "m.png", **options)


# the page's own export


def squeezed(texts):
    """Join texts without what a line break or a no-break space would change."""
    return re.sub(r"\s+", "", " ".join(texts))


def exported(path):
    """Read the drawing that the page saved: texts and fills of its legend, and of the rest."""
    root = ET.fromstring(path.read_text(encoding="utf-8"))
    edge = float(root.get("width")) - 300
    texts = [each for each in root.iter() if each.tag.endswith("}text")]
    paths = [each for each in root.iter() if each.tag.endswith("}path")]
    legend = [each.text for each in texts if each.text and float(each.get("x")) > edge]
    rest = [each.text for each in texts if each.text and float(each.get("x")) <= edge]
    grounds = {
        f"url(#{each.get('id')})": each[0].get("fill")
        for each in root.iter()
        if each.tag.endswith("}pattern")
    }
    paths = [each for each in paths if each.get("fill") and each.get("d")]  # no hatchings
    starts = [float(re.match(r"M([\d.-]+)", each.get("d"))[1]) for each in paths]
    fills = [
        grounds.get(each.get("fill"), each.get("fill"))
        for each, start in zip(paths, starts, strict=True)
        if start > edge and each.get("fill") != "none"
    ]
    return legend, rest, fills


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_picture_says_and_paints_what_the_page_exports(surface, open_page, tmp_path, lang):
    m = plain_map(
        panel=toy_panel([*range(14), np.nan, 1, 2, 3], THREE),
        points=POINTS,
        surface=surface,
        source="Essai",
        limits={"fr": "Rien", "en": "Nothing"},
        zone=make_toy_units().geometry.iloc[:2].union_all(),
        lang=lang,
    )
    page, faults = open_page(sg.save_map(m, tmp_path / "m.html"), 1400, 900)
    year = Choice(periods=range(1, 3), year=2021)
    for choice in (Choice(), Choice(periods=range(1, 2)), year, Choice(surface=True)):
        page.locator("[id$=_time] select").select_option(index=int(choice.year is not None))
        page.locator("input[type=range]").fill("1" if choice.periods else "-1")
        page.locator("input[value=surface]").set_checked(choice.surface)
        with page.expect_download() as found:
            page.get_by_role("button", name="SVG").click()
        found.value.save_as(tmp_path / "m.svg")
        legend, rest, fills = exported(tmp_path / "m.svg")
        canvas = Canvas(m, choice, lang)
        ours, at = squeezed(canvas.texts()), 0
        assert len(legend) > 12
        for text in legend:
            at = ours.find(squeezed([text]), at)
            assert at >= 0, (choice, text)
        theirs = squeezed(rest)
        last = max(n for n, t in enumerate(canvas.texts()) if t.startswith("Source"))
        for text in [*canvas.texts()[:2], *canvas.texts()[last:]]:
            assert squeezed([text]) in theirs or text == "sahel_geo.", text
        boxes = [patch for patch in canvas.figure.artists if type(patch).__name__ == "Rectangle"]
        painted = [to_hex(box.get_facecolor()) for box in boxes if box.get_facecolor()[3]]
        assert painted == fills[: len(painted)]
        assert len(painted) >= 4
    assert faults == []
