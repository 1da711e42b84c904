"""One table of units to one map: colours, legend, time, labels, in French and in English."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal

import folium
import geopandas as gpd
import pandas as pd

from sahel_geo.crs import require_lonlat
from sahel_geo.i18n.language import languages
from sahel_geo.maps.choropleth import drawing, layers
from sahel_geo.maps.choropleth.checks import check_keys, check_lang, check_safe, check_units
from sahel_geo.maps.choropleth.legend import Naming, default_limits, indicator_data
from sahel_geo.maps.choropleth.points import point_data, surface_data
from sahel_geo.maps.choropleth.series import (
    YearRule,
    check_rules,
    rule_of,
    series_data,
)
from sahel_geo.maps.choropleth.topology import SCALE
from sahel_geo.maps.choropleth.units import (
    Uncertain,
    detail_data,
    find_intervals,
    interval_data,
    uncertain_data,
    unit_data,
)
from sahel_geo.maps.classes.categories import Category, is_categorical
from sahel_geo.maps.page.element import PageElement
from sahel_geo.maps.page.offline_map import OfflineMap
from sahel_geo.maps.publish.publish import published
from sahel_geo.maps.publish.timeline import Timeline, read_timeline
from sahel_geo.maps.texts import PAGE
from sahel_geo.maps.wording import Words, paired, wording, wordings
from sahel_geo.places.context import load_neighbour_countries, load_towns
from sahel_geo.schema import HIDDEN, Language

_PARTS: Final = ("source", "period", "left_out", "limits")


def choropleth(
    units: gpd.GeoDataFrame,
    column: str | Sequence[str],
    *,
    lang: Language = "fr",
    title: Words | None = None,
    subtitle: Words = "",
    labels: Mapping[str, Words] | None = None,
    unit_labels: Mapping[str, Words] | None = None,
    categories: Mapping[str, Sequence[Category] | Mapping[str, Words]] | None = None,
    scheme: str = "quantiles",
    k: int = 5,
    breaks: Sequence[float] | None = None,
    palette: str | Sequence[str] = "orange_red",
    panel: pd.DataFrame | None = None,
    by_year: Mapping[str, YearRule | Literal[False]] | None = None,
    details: Sequence[str] = (),
    intervals: Mapping[str, tuple[str, str]] | None = None,
    uncertain: Uncertain = None,
    points: pd.DataFrame | None = None,
    point_columns: Sequence[str] = (),
    surface: Any = None,
    surface_label: Words | None = None,
    source: Words | None = None,
    period: Words | None = None,
    left_out: Words | None = None,
    limits: Words | None = None,
    notes: Words | Iterable[Words] = (),
    neighbours: gpd.GeoDataFrame | Literal[False] | None = None,
    borders: gpd.GeoDataFrame | Literal[False] | None = None,
    towns: gpd.GeoDataFrame | Literal[False] | None = None,
    zone: Any = None,
    zone_label: Words | None = None,
    fit: gpd.GeoDataFrame | Sequence[float] | None = None,
    tiles: Any = None,
    publish: str = "full",
    least: int = 5,
) -> folium.Map:
    """Colour units by one or several indicators, over the whole time and by period.

    The page has one legend, that of what is shown. Zero and "no data" are classes of their own;
    pointing at a unit tells its values, choosing it (by pointer, search or keyboard) opens a box
    with its series, rank, interval and neighbours. A reader switches between French and English.

    Every text may be given once, for both languages, or as ``{"fr": ..., "en": ...}``.

    Parameters
    ----------
    units : GeoDataFrame, shape (n, ...)
        Polygons in EPSG:4326, one row per unit, with ``unit_id``, ``name`` and the indicators;
        units without names, such as cells of a grid, are called by their identifier.
        ``country``, ``adm1_id``, ``adm1_name``, ``adm2_name``, ``source`` and ``licence`` are used
        where they exist. Of the other columns only those named here go into the page.
    column : str or sequence of str
        Columns of numbers, or of texts or categories for classes; the first is shown first. NaN is
        missing. Classes that sahel_geo gives (hot spots, emerging hot spots, SCDi types) have
        names in both languages and colours.
    lang : {"fr", "en"}
        Language that the page opens in.
    title, subtitle : text, optional
        Heading; by default the title and unit of the indicator shown.
    labels, unit_labels : mapping of str to text, optional
        What a column is called and counted in, by column, instead of the shipped texts.
    categories : mapping, optional
        By column, the classes in the order of the legend: `Category`, or labels by value.
    scheme, k, breaks, palette
        Classes and colours, see `sahel_geo.maps.classes.classes.classify`.
    panel : DataFrame, optional
        From `sahel_geo.count`: ``unit_id``, ``period`` and columns of numbers with the names of
        indicators. Those get a time slider, with classes common to all periods, and a series in
        the box of a unit. An absent row is zero; a unit whose indicator is missing has no series.
        With ``publish="safe"`` small counts are hidden in it too, and periods are made longer where
        more than half of the figures would be; with units that `safe_units` gave, its panel.
    by_year : mapping of str to {"sum", "mean", False}, optional
        How calendar years come from the days, months or quarters of `panel`, by column. By default
        counts of incidents and fatalities, and those per area, are added up; rates per year are
        averaged, each period weighing its days; other columns are not shown by year. A year that
        `panel` covers in part is labelled so.
    details : sequence of str
        Columns of numbers that only the box of a unit tells, such as ``"population"``.
    intervals : mapping of str to (str, str), optional
        Columns of the lower and upper limit by indicator; by default its name with ``_low`` and
        ``_high``, where `units` has both.
    uncertain : str or mapping of str to str, optional
        Column of truth values, for all indicators or by indicator; the units are hatched. Its name
        in `labels` goes into the legend.
    points : DataFrame, optional
        Incidents with ``lon`` and ``lat``, drawn in groups: sized by recorded deaths, shaped by
        ``location_precision``. Positions are rounded to a hundredth of a degree. A map for
        publication should hold none.
    point_columns : sequence of str
        Columns of `points` whose texts the page tells; none goes into it otherwise.
    surface : Surface, optional
        A density surface that readers can show instead of the colours of the units.
    surface_label : text, optional
        Its name in the legend.
    source, period, left_out, limits : text, optional
        Parts of the sentence that always stands below the map and in print: who the figures come
        from, what time they cover (by default that of `panel`), what is not on the map, and what
        may not be read from it; without `limits`, counts and rates of incidents come with what zero
        means. ``""`` leaves a part out.
    notes : text or iterable of texts
        Paragraphs for the reader; attributions of the layers are added by themselves.
    neighbours : GeoDataFrame or False, optional
        Countries around, EPSG:4326 with ``country``; shipped ones by default, False for none.
    borders : GeoDataFrame or False, optional
        Border lines in EPSG:4326; by default the edges between units of two countries, False for
        none.
    towns : GeoDataFrame or False, optional
        Points in EPSG:4326 with ``name``; shipped ones by default, False for none.
    zone : GeoDataFrame, GeoSeries, shapely geometry or object with ``outline``, optional
        Area or lines to outline; what `load_zone` gives will do.
    zone_label : text, optional
        Its name in the legend; by default the title of the zone.
    fit : GeoDataFrame or (west, south, east, north), optional
        What the map shows first; the units by default.
    tiles : str or folium.TileLayer, optional
        A background map, which needs the network; none by default.
    publish : {"full", "safe"}
        With "safe", counts from 1 to `least` - 1 are hidden, further ones from which they could be
        worked out, and what is made of either, see `sahel_geo.safe_units`; the page
        says so. Then, and with units that `safe_units` gave, whatever could tell hidden figures is
        refused: `details`, `intervals`, `uncertain`, `points`, `surface`, and a `panel` that does
        not add up to the counts of the units, or was not made safe with them.
    least : int
        Smallest count that "safe" shows.

    Returns
    -------
    folium.Map
        A map to extend, show in a notebook, or write with `save_map`.

    Raises
    ------
    InputError
        If units are missing, without polygons, twice in the table or without the columns; if a
        column is neither numeric nor of classes or holds infinite values; if `panel` holds other
        units, or one twice in a period; if an option is unknown.
    CrsError
        If a layer is not in EPSG:4326.

    Examples
    --------
    >>> import shapely
    >>> import sahel_geo as sg
    >>> squares = gpd.GeoDataFrame(
    ...     {"unit_id": ["A", "B"], "name": ["West", "East"], "incidents": [0, 3]},
    ...     geometry=[shapely.box(0, 14, 1, 15), shapely.box(1, 14, 2, 15)],
    ...     crs=4326,
    ... )
    >>> m = sg.choropleth(squares, "incidents", lang="en", neighbours=False, towns=False)
    >>> isinstance(m, folium.Map)
    True
    """
    columns = [column] if isinstance(column, str) else list(column)
    safe = publish == "safe" or HIDDEN in units
    drawn_only = {"details": details, "intervals": intervals, "uncertain": uncertain}
    check_safe(safe, {**drawn_only, "points": points, "surface": surface})
    limits_of = find_intervals(units, columns, intervals)
    if isinstance(units, gpd.GeoDataFrame) and "name" not in units and "unit_id" in units:
        units = units.assign(name=units["unit_id"].astype("str"))  # cells of a grid have no names
    check_units(units, columns, [*details, *(name for pair in limits_of.values() for name in pair)])
    naming = Naming(labels or {}, unit_labels or {}, categories or {})
    _check_options(lang, columns, naming, by_year, (neighbours, borders, towns))
    public = published(units, columns, panel, publish, least)
    units, columns = public.units, public.columns
    timeline = None if public.panel is None else read_timeline(public.panel, units, columns)
    scale = {"scheme": scheme, "k": k, "breaks": breaks, "palette": palette}
    indicators = _indicators(units, columns, naming, scale, timeline, by_year)
    _add_doubts(
        indicators,
        units,
        columns,
        limits_of,
        uncertain_data(units, columns, uncertain, naming.labels),
    )
    around = load_neighbour_countries() if neighbours is None else neighbours
    places = load_towns() if towns is None else towns
    frame = drawing.frame_of(units, fit)
    drawn = drawing.draw(units, around, frame, borders, zone, shipped=neighbours is None)
    limits = default_limits(columns) if limits is None else limits
    statement = dict(zip(_PARTS, (source, period, left_out, limits), strict=True))
    data = {
        **_heading(title, subtitle, indicators[0]),
        **_ground(units, drawn, around, places, frame, zone, zone_label),
        "lang": lang,
        "texts": {each: dict(PAGE[each]) for each in languages()},
        "statement": {key: wording(text, key) for key, text in statement.items() if text},
        "notes": [*paired(public.notes), *wordings(notes, "notes")],
        "max_zoom": layers.max_zoom(drawn.tolerance),
        "online": tiles is not None,
        "time": timeline.data() if timeline else None,
        "details": detail_data(units, details, naming),
        "context": drawn.context if tiles is None else [],
        "indicators": indicators,
        "points": None
        if points is None
        else point_data(points, timeline, point_columns, dict(naming.labels)),
        "surface": None if surface is None else surface_data(surface, surface_label),
    }
    return _folium_map(PageElement(data, safe=safe), frame, tiles)


def _check_options(
    lang: str,
    columns: Sequence[str],
    naming: Naming,
    by_year: Mapping[str, Any] | None,
    layers_given: Sequence[Any],
) -> None:
    """Refuse names that no column has, and layers in another projection."""
    check_lang(lang)
    for name, layer in zip(("neighbours", "borders", "towns"), layers_given, strict=True):
        if isinstance(layer, gpd.GeoDataFrame):
            require_lonlat(layer, name)
    check_keys(naming.categories, columns, "categories")
    check_keys(by_year or {}, columns, "by_year")
    check_rules(by_year or {})


def _indicators(
    units: gpd.GeoDataFrame,
    columns: Sequence[str],
    naming: Naming,
    scale: Mapping[str, Any],
    timeline: Timeline | None,
    by_year: Mapping[str, Any] | None,
) -> list[dict[str, Any]]:
    """Write each column with its classes, over the whole time and by period."""
    options = {"hidden": units.get(HIDDEN), **scale}
    rules = {key: rule_of(key, by_year or {}) for key in columns}
    return [_indicator(units[key], naming, options, timeline, rules[key]) for key in columns]


def _add_doubts(
    indicators: Sequence[dict[str, Any]],
    units: gpd.GeoDataFrame,
    columns: Sequence[str],
    limits_of: Mapping[str, tuple[str, str]],
    doubts: Mapping[str, Any],
) -> None:
    """Add to each indicator its intervals and what is uncertain about it."""
    for indicator, key in zip(indicators, columns, strict=True):
        if key in limits_of and HIDDEN not in units:
            indicator["interval"] = interval_data(units, limits_of[key])
        indicator["uncertain"] = doubts.get(key)


def _heading(title: Words | None, subtitle: Words, first: Mapping[str, Any]) -> dict[str, Any]:
    """Give title and subtitle, and which of them follow the indicator on show."""
    return {
        "title": (wording(title, "title") if title else None) or first["title"],
        "subtitle": wording(subtitle, "subtitle") or ("" if title else first["unit"]),
        "follows": [] if title else ["title", "subtitle"][: 1 if subtitle else 2],
    }


def _ground(
    units: gpd.GeoDataFrame,
    drawn: layers.Layers,
    around: Any,
    places: Any,
    frame: tuple[float, float, float, float],
    zone: Any,
    zone_label: Words | None,
) -> dict[str, Any]:
    """Write what lies on the map whatever the indicator: units, lines, names, sources."""
    return {
        "sources": drawing.sources(units, around, places),
        "scale": SCALE,
        "bounds": [[frame[1], frame[0]], [frame[3], frame[2]]],
        "arcs": drawn.arcs,
        "units": unit_data(units, drawn.units),
        "paths": drawn.paths,
        "lines": drawing.line_legend(drawn, zone, zone_label),
        "meeting_points": drawing.meeting_points(units, drawn),
        "labels": drawing.label_data(units, around, places, frame),
    }


def _indicator(
    values: "pd.Series[Any]",
    naming: Naming,
    options: Mapping[str, Any],
    timeline: Timeline | None,
    rule: YearRule | None,
) -> dict[str, Any]:
    """Prepare an indicator, with its series if the panel has one."""
    found = indicator_data(values, naming, options)
    has_series = timeline is not None and values.name in timeline.panel
    if timeline is not None and has_series and not is_categorical(values):
        found["series"] = series_data(timeline, values, options, rule)
    return found


def _folium_map(page: PageElement, frame: layers.Bounds, tiles: Any) -> folium.Map:
    west, south, east, north = frame
    chart = OfflineMap(
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=6,
        tiles=tiles,
        zoom_control=False,
        zoomSnap=0.25,
        zoomDelta=0.5,
        wheelPxPerZoomLevel=90,
    )
    chart.default_js, chart.default_css = [], []
    page.add_to(chart)
    return chart
