"""Every plot of a result speaks the language asked for, and nothing of it is cut off."""

import dataclasses
import importlib
import inspect
import itertools
import pkgutil
import re
from functools import cache, partial

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgba_array
from matplotlib.lines import Line2D
from matplotlib.text import Text

import sahel_geo as sg
import sahel_geo.alerts
import sahel_geo.forecast
import sahel_geo.indicators
import sahel_geo.maps.publish
from sahel_geo.crs import EQUAL_AREA
from sahel_geo.errors import InputError
from sahel_geo.i18n.classes import EMERGING, grey
from sahel_geo.i18n.language import languages
from sahel_geo.indicators.display.plotting import hatches
from sahel_geo.indicators.display.result import Result
from sahel_geo.indicators.plot_words import TEXTS
from sahel_geo.indicators.surface.surface import Surface
from tests.conftest import make_toy_units
from tests.forecast import worlds

UNITS = make_toy_units()
SPAN = {"start": "2020-01-01", "end": "2021-12-31"}
# What is the same in both languages: names of data, symbols and units.
SHARED = set(
    """Unit CRPS M N B E MLI NER BFA A C G Gi I K L km km² p q s t CH DH CL DL ¼ ½ DBSCAN Knox Moran
    arcgis distance ellipses global incidents Incidents latitude local longitude multiple
    permutation total Total zone zéro JNIM Sahel Province Provinces islam mentions
    al alliances Mali source base""".split()  # noqa: SIM905
)


@cache
def incidents():
    """600 incidents of two years that gather on both sides of the meeting point."""
    rng = np.random.default_rng(4)
    middle = np.array([[0.6, 11.6], [1.8, 11.2], [2.2, 10.9], [1.6, 10.6]])
    places = middle[rng.choice(4, 600, p=[0.2, 0.4, 0.2, 0.2])] + rng.normal(0, 0.15, (600, 2))
    lon, lat = places.clip([0.01, 10.01], [2.99, 11.99]).T
    days = np.sort(rng.integers(0, 731, 600))
    return pd.DataFrame(
        {
            "lon": lon,
            "lat": lat,
            "date": pd.Timestamp("2020-01-01") + pd.to_timedelta(days, unit="D"),
            "location_precision": rng.choice(["exact", "near", "admin2"], 600),
            "actor1": rng.choice(["A", "B"], 600),
            "fatalities_best": rng.poisson(2, 600),
        }
    )


@cache
def placed():
    return sg.assign(incidents(), UNITS).merge(UNITS[["unit_id", "country"]], how="left")


@cache
def panel(period="month"):
    return sg.count(placed(), UNITS, period=period, **SPAN)


def people():
    return pd.Series(1e5 * np.arange(1, 7), UNITS["unit_id"].to_numpy())


@cache
def risk():
    hazard = sg.risk.recent_hazard(panel(), UNITS, periods=6)
    return sg.risk.index(hazard=hazard, exposure=people(), vulnerability=people()[::-1])


def propagated(measure, column):
    on_panel = sg.uncertainty.on_panel(measure, column, **SPAN)
    return sg.uncertainty.propagate(on_panel, incidents(), UNITS, n=4, rng=1)


def series():
    table = panel().pivot(index="period", columns="unit_id", values="incidents")
    return table[["M1", "M2", "N2"]].set_axis(["A", "B", "C"], axis=1)


def ground():
    """A rectangle around the units in the plane of the measure."""
    frame = shapely.box(*UNITS.to_crs(EQUAL_AREA).total_bounds)
    return gpd.GeoDataFrame(geometry=[frame], crs=EQUAL_AREA)


def every_history():
    """One square for each class of an emerging hot spot, and one without an answer."""
    kinds = [*(each.value for each in EMERGING), None, None]
    squares = [shapely.box(at % 5, 10 + at // 5, at % 5 + 1, 11 + at // 5) for at in range(19)]
    ids = [f"M{at}" for at in range(19)]
    units = gpd.GeoDataFrame({"unit_id": ids}, geometry=squares, crs=4326)
    found = sg.emerging.hot_spots(panel(), UNITS)
    table = pd.DataFrame({"unit_id": ids, "kind": pd.Series(kinds, dtype=object)})
    return dataclasses.replace(found, table=table, units=units)


def profile(**options):
    near = {"distances_km": [10, 25, 50], "rng": 1, "replicates": 9}
    border = sg.international_borders(UNITS)
    return sg.border.proximity_profile(placed(), border, UNITS, **near, **options)


SEEDED = {"rng": 1, "permutations": 99}
SHIFTS = {"rng": 1, "permutations": 99, "deal": "times"}
BANDS = {"distances_km": [10.5, 40], "days": [7, 30]}


def fights():
    """The same incidents, of named groups on both sides."""
    table = incidents()
    sides = np.where(np.arange(len(table)) % 3 == 0, "ISGS", "JNIM")
    return table.assign(
        actor1=sides, actor2=np.where(sides == "JNIM", "ISGS", "Government of Mali")
    )


def seen_twice():
    flags = [(True, False)] * 30 + [(False, True)] * 30 + [(True, True)] * 20
    return pd.DataFrame(flags * 2, columns=["in_a", "in_b"]).assign(
        country=["MLI"] * 80 + ["NER"] * 80
    )


FACTORIES = {
    "Alerts": [worlds.alerts],
    "ActorNetwork": [lambda: sg.actors.network(fights(), replicates=19)],
    "RemoteReporting": [
        lambda: sg.reporting.sensitivity(placed(), UNITS, rng=1, permutations=99),
    ],
    "Unreported": [lambda: sg.reporting.unreported(seen_twice(), by=["country"])],
    "Fragmentation": [lambda: sg.actors.fragmentation(fights(), replicates=19)],
    "Front": [lambda: sg.actors.front(fights(), {"A": (1.0, 11.0)}, units=UNITS, replicates=19)],
    "HarmonisedActors": [lambda: sg.actors.harmonise(fights())],
    "Overlap": [lambda: sg.actors.overlap(sg.actors.panel(fights(), UNITS), "jnim", "is-sahel")],
    "ReachMap": [lambda: sg.actors.reach_map(fights(), UNITS)],
    "Rivalry": [lambda: sg.actors.rivalry(fights(), "jnim", "is-sahel", replicates=19)],
    "Clusters": [lambda: sg.clusters.dbscan(incidents(), radius_km=8, min_incidents=25)],
    "ScanResult": [lambda: sg.clusters.scan(panel(), UNITS, rng=1, replicates=19)],
    "PeriodComparison": [
        lambda: sg.comparison.compare_periods(
            panel(), UNITS, ("2020-01", "2020-12"), ("2021-01", "2021-12"), **SEEDED
        )
    ],
    "Connectedness": [
        lambda: sg.connectedness.fit(series(), rng=1, lags=1, replicates=9, shifts=9)
    ],
    "RollingConnectedness": [
        lambda: sg.connectedness.rolling(series(), rng=1, window=20, lags=1, shifts=9)
    ],
    "ContagionFit": [lambda: sg.contagion.fit(panel(), UNITS)],
    "CrossBorderMoran": [
        lambda: sg.cross_border.moran(panel(), UNITS, lags=[0, 1], **SEEDED),
        lambda: sg.cross_border.moran(panel(), UNITS, lags=[1], by_pair=True, **SHIFTS),
        lambda: sg.cross_border.moran(np.arange(6.0), UNITS, **SEEDED),
    ],
    "CrossBorderJoins": [lambda: sg.cross_border.join_counts(panel("week"), UNITS, **SEEDED)],
    "DiffusionCounts": [lambda: sg.diffusion.join_counts(panel("week"), UNITS, **SEEDED)],
    "Onsets": [lambda: sg.diffusion.onsets(panel("week"), UNITS)],
    "ProtectedTable": [
        lambda: sg.disclosure.protect(
            panel().merge(UNITS[["unit_id", "country"]]), period="period", parents=["country"]
        )
    ],
    "EmergingHotspots": [lambda: sg.emerging.hot_spots(panel(), UNITS), every_history],
    "Exposure": [lambda: sg.border.exposure(panel(), UNITS)],
    "Forecast": [worlds.forecast],
    "ForecastScores": [worlds.record],
    "OnsetForecast": [worlds.onset],
    "HawkesFit": [lambda: sg.hawkes.fit(placed(), by="country")],
    "SpatialHawkesFit": [lambda: sg.hawkes.fit_spatial(placed(), window=UNITS)],
    "LocalSpots": [
        lambda: sg.hotspots.local_gi(panel(), UNITS, **SEEDED),
        lambda: sg.hotspots.local_moran(np.array([1e3, 900, 0, 0, 0, 1]), UNITS, **SEEDED),
    ],
    "GlobalMeasure": [
        lambda: sg.hotspots.global_moran(panel(), UNITS, **SEEDED),
        lambda: sg.hotspots.global_g(panel(), UNITS, **SEEDED),
    ],
    "JoinCounts": [lambda: sg.hotspots.join_counts(np.array([1, 1, 0, 0, 1, 0]), UNITS, **SEEDED)],
    "SpaceTimeK": [lambda: sg.k_functions.space_time_k(incidents(), UNITS, **BANDS, **SEEDED)],
    "CrossK": [
        lambda: sg.k_functions.cross_k(incidents(), ground(), distances_km=[10, 20, 40], **SEEDED)
    ],
    "KnoxTable": [
        lambda: sg.near_repeat.knox(placed(), by="country", **BANDS, **SEEDED),
        lambda: sg.near_repeat.knox(placed(), by="actor1", **BANDS, **SEEDED),
    ],
    "Migration": [lambda: sg.migration.path(incidents(), UNITS, rng=1, replicates=19)],
    "ProximityProfile": [
        profile,
        partial(profile, period="year", population=people()),
        partial(profile, zone=UNITS.iloc[:2]),
    ],
    "Propagated": [lambda: propagated(sg.density.rates, "incidents")],
    "PropagatedClasses": [
        lambda: propagated(partial(sg.hotspots.local_gi, rng=1, permutations=19), "kind")
    ],
    "RelativeRisk": [
        lambda: sg.density.relative_risk(
            incidents(),
            ("2020-01-01", "2020-12-31"),
            ("2021-01-01", "2021-12-31"),
            bandwidth_km=30,
            rng=1,
            cell_km=20,
            permutations=19,
        )
    ],
    "RiskIndex": [risk],
    "RankSensitivity": [lambda: sg.risk.rank_sensitivity(risk(), rng=1, n=20)],
    "ScdiTable": [lambda: sg.scdi.by_cell(incidents(), grid="equal-area")],
    "ScdiTypes": [lambda: sg.uncertainty.scdi_types(incidents(), UNITS, n=4, rng=1)],
    "SpilloverSummary": [
        lambda: sg.spillover.summary(
            placed(), UNITS, rng=1, permutations=19, measures=["border_area", "near_repeat"]
        )
    ],
    "Surface": [lambda: sg.density.kernel_density(incidents(), bandwidth_km=30, cell_km=10)],
}
CASES = [(name, at) for name, made in FACTORIES.items() for at in range(len(made))]


@cache
def result(name, at):
    return FACTORIES[name][at]()


def plots(found):
    """List the ways to draw a result."""
    ways = [found.plot]
    if hasattr(found, "plot_series"):
        ways.append(partial(found.plot_series, "M2"))
    if "zone" in set(getattr(found, "table", {}).get("part", ())):
        ways += [partial(found.plot, part=part) for part in ("zone", "rest")]
    return ways


def result_classes():
    """Find every class of the package that is a result."""
    for room in (
        sahel_geo.indicators,
        sahel_geo.forecast,
        sahel_geo.alerts,
        sahel_geo.maps.publish,
    ):
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            importlib.import_module(module.name)
    found, todo = set(), [Result]
    while todo:
        for child in todo.pop().__subclasses__():
            if child.__module__.startswith("sahel_geo."):
                if dataclasses.is_dataclass(child):  # others are what several results are made from
                    found.add(child)
                todo.append(child)
    return found | {Surface}


def texts_of(ax):
    """List what is written in a figure: not the labels of ticks beyond the ends of an axis."""
    figure = ax.figure
    FigureCanvasAgg(figure).draw()
    beyond = set()
    for each in figure.findobj(Axis):
        low, high = sorted(each.get_view_interval())
        slack = 1e-6 * (high - low)
        for tick in [*each.get_major_ticks(), *each.get_minor_ticks()]:
            if not low - slack <= tick.get_loc() <= high + slack or not each.axes.axison:
                beyond |= {tick.label1, tick.label2}
    shown = [text for text in figure.findobj(Text) if text.get_visible() and text not in beyond]
    return [text for text in shown if text.get_text().strip()]


def words_of(text):
    return re.findall(r"[^\W\d_]+", re.sub(r"\$[^$]*\$", "", text))


def test_every_result_is_drawn_here():
    assert {each.__name__ for each in result_classes()} == set(FACTORIES)


@pytest.mark.parametrize("kind", sorted(result_classes(), key=lambda each: each.__name__))
def test_every_plot_takes_a_language(kind):
    ways = [kind.plot, *([kind.plot_series] if hasattr(kind, "plot_series") else [])]
    for way in ways:
        lang = inspect.signature(way).parameters["lang"]
        assert lang.default == "en"
        assert lang.kind is lang.KEYWORD_ONLY


def drawings(name, at):
    """Draw a result in every way: by default, and in each language; with what is written there."""
    for draw in plots(result(name, at)):
        axes = {lang: draw(lang=lang) for lang in languages()} | {"": draw()}
        yield draw, axes, {lang: texts_of(ax) for lang, ax in axes.items()}


@pytest.mark.parametrize(("name", "at"), CASES)
def test_a_plot_speaks_its_language_whole_and_in_grey(name, at):
    """Each result is made and drawn once for all that is asked of its plots."""
    for draw, axes, texts in drawings(name, at):
        written = {lang: [text.get_text() for text in each] for lang, each in texts.items()}
        assert written["en"] == written[""]
        assert len(written["en"]) > 3
        no_english_is_left(written["en"], written["fr"])
        for lang in languages():
            nothing_is_cut_off(axes[lang], texts[lang])
        if (name, at) not in BEYOND_GREY:
            entries_are_told_apart_in_grey(axes[""].get_legend())
        with pytest.raises(InputError, match="`lang` is 'de'; expected one of"):
            draw(lang="de")


def no_english_is_left(english, french):
    same = {word for text in set(english) & set(french) for word in words_of(text)}
    assert same <= SHARED, same - SHARED
    only_english = {word.lower() for text in english for word in words_of(text)} - {
        word.lower() for text in TEXTS["fr"].values() for word in words_of(text)
    }
    left = {word for text in french for word in words_of(text) if word.lower() in only_english}
    assert left <= SHARED, left - SHARED
    decimals = [text for text in french if re.search(r"\d\.\d", text)]
    assert decimals == []


def nothing_is_cut_off(ax, texts):
    edge, renderer = ax.figure.bbox, ax.figure.canvas.get_renderer()
    for text in texts:
        box = text.get_window_extent(renderer)
        low = min(box.x0, box.y0)
        assert low >= -1, (text.get_text(), box)
        assert max(box.x1 - edge.x1, box.y1 - edge.y1) <= 1, (text.get_text(), box, edge)


def look_of(handle):
    """Give the grey of an entry of a legend, and all else that tells it apart."""
    if isinstance(handle, Line2D):
        colour = handle.get_color()
        other = (handle.get_marker(), handle.get_linestyle(), handle.get_markerfacecolor())
    else:
        colour = handle.get_facecolor()
        other = (getattr(handle, "get_hatch", lambda: None)(),)
    return grey(to_hex(np.atleast_2d(to_rgba_array(colour))[0])), type(handle), other


# Seventeen classes cannot do so: marks and colours part them for any colour vision, not in grey.
BEYOND_GREY = [("EmergingHotspots", 1)]


def entries_are_told_apart_in_grey(legend):
    looks = [] if legend is None else [look_of(handle) for handle in legend.legend_handles]
    for one, other in itertools.combinations(looks, 2):
        assert abs(one[0] - other[0]) >= 20 or one[1:] != other[1:], looks


def test_many_like_colours_get_hatchings_that_differ():
    chosen = hatches(["#808080"] * 5 + ["#ffffff"])
    assert chosen[0] is None
    assert len(set(chosen[:5])) == 5
    assert chosen[5] is None
