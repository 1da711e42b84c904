"""One table of units to one map: colours, legend, time, labels, in French and in English."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias, get_args

import folium
import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.crs import require_lonlat
from sahel_geo.errors import InputError, first_offenders, require_language
from sahel_geo.i18n.language import languages
from sahel_geo.indicators.plot_words import unit_name
from sahel_geo.maps.choropleth.drawing import Layer, Surroundings
from sahel_geo.maps.choropleth.figures import Figures
from sahel_geo.maps.choropleth.legend import Asked, Naming, Uncertain, check_keys
from sahel_geo.maps.classes.categories import Category
from sahel_geo.maps.page.element import PageElement
from sahel_geo.maps.page.page import OfflineMap
from sahel_geo.maps.publish.timeline import YearRule
from sahel_geo.maps.texts import INDICATORS, PAGE, PartKind, Words, paired, wording
from sahel_geo.schema import Language

_PARTS: Final = ("source", "period", "left_out", "limits")
_ADDRESS: Final = re.compile(r"(https?://|(?!//))[\w.~/%-]+(#[\w.~%=&-]*)?")


Annotations: TypeAlias = pd.DataFrame | Iterable[Mapping[str, Any]] | None
_MOST: Final = 40  # more numbers cannot be told apart on a map


_NO_COUNTS: Final = ("population", "area_km2", "distance_to_border_km", "risk")


def choropleth(
    units: gpd.GeoDataFrame,
    column: str | Sequence[str],
    *,
    lang: Language = "fr",
    title: Words | None = None,
    subtitle: Words = "",
    labels: Mapping[str, Words] | None = None,
    unit_labels: Mapping[str, Words] | None = None,
    categories: "Mapping[str, Sequence[Category] | Mapping[str, Words]] | None" = None,
    scheme: str = "auto",
    k: int = 5,
    breaks: Sequence[float] | None = None,
    palette: str | Sequence[str] = "orange_red",
    panel: pd.DataFrame | None = None,
    by_year: Mapping[str, YearRule | Literal[False]] | None = None,
    details: Sequence[str] = (),
    parts: "Mapping[str, tuple[PartKind, Words]] | None" = None,
    intervals: Mapping[str, tuple[str, str]] | None = None,
    uncertain: Uncertain = None,
    points: pd.DataFrame | None = None,
    point_columns: Sequence[str] = (),
    point_types: str | None = None,
    surface: Any = None,
    surface_label: Words | None = None,
    source: Words | None = None,
    period: Words | None = None,
    left_out: Words | None = None,
    limits: Words | None = None,
    notes: Words | Iterable[Words] = (),
    annotations: Annotations = None,
    neighbours: Layer | None = None,
    borders: Layer | None = None,
    towns: Layer | None = None,
    waters: Layer | None = None,
    zone: Any = None,
    zone_label: Words | None = None,
    fit: gpd.GeoDataFrame | Sequence[float] | None = None,
    scale_of: folium.Map | None = None,
    report: str = "",
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
        Classes and colours, see `sahel_geo.maps.classes.classes.classify`. By default quantiles,
        whose highest class is split where its values differ more than fourfold; the legend says so.
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
    parts : mapping of str to (kind, text), optional
        Columns of `column` that count a part of the incidents, such as
        ``{"incidents_jnim": ("alliance", "JNIM")}``: the page offers them in a switch of their own,
        by kind (``"event_type"`` or ``"alliance"``).
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
    point_types : str, optional
        Column of `points` with the type of event, such as ``"event_type"``: the page then has a
        switch for each of the eight most frequent types, and one for the others.
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
    annotations : DataFrame, GeoDataFrame or iterable of mappings, optional
        Notes to place on the map, at most 40: ``lon`` and ``lat`` in degrees (or a geometry in
        EPSG:4326) and ``text``, or ``text_fr`` and ``text_en``. Each has a number on the map and
        its text in the legend. A map for publication shows them as they are.
    neighbours : GeoDataFrame or False, optional
        Countries around, EPSG:4326 with ``country``; shipped ones by default, False for none.
    borders : GeoDataFrame or False, optional
        Border lines in EPSG:4326; by default the edges between units of two countries, False for
        none.
    towns : GeoDataFrame or False, optional
        Points in EPSG:4326 with ``name``; shipped ones by default, False for none.
    waters : GeoDataFrame or False, optional
        Rivers and lakes in EPSG:4326 with ``kind``; shipped ones by default, False for none.
    zone : GeoDataFrame, GeoSeries, shapely geometry or object with ``outline``, optional
        Area or lines to outline; what `load_zone` gives will do.
    zone_label : text, optional
        Its name in the legend; by default the title of the zone.
    fit : GeoDataFrame or (west, south, east, north), optional
        What the map shows first; the units by default.
    scale_of : folium.Map, optional
        A map of this function whose classes this one shares, by column, so that a shade means the
        same figure on both. The highest class grows where values lie beyond it.
    report : str, optional
        Address of the page that this map belongs to, relative or https, for a link back to it.
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
    naming = Naming(labels or {}, unit_labels or {}, categories or {})
    columns = [column] if isinstance(column, str) else list(column)
    layers_given = (neighbours, borders, towns, waters)
    _check_options(lang, columns, naming, by_year, parts, layers_given, report)
    scale = {"scheme": scheme, "k": k, "breaks": breaks, "palette": palette}
    linked = [] if scale_of is None else _page_of(scale_of)["indicators"]
    like = {each["key"]: each for each in linked}
    asked = Asked(columns, naming, scale, by_year or {}, details, intervals, uncertain, like, parts)
    figures = Figures.of(
        units, asked, panel, {"points": points, "surface": surface}, publish, least
    )
    around = Surroundings(neighbours, borders, towns, waters, zone, zone_label, fit)
    ground = around.data(figures.units, online=tiles is not None)
    limits = _default_limits(columns) if limits is None else limits
    statement = dict(zip(_PARTS, (source, period, left_out, limits), strict=True))
    listed: Iterable[Words] = [notes] if isinstance(notes, str | Mapping) else notes
    own_notes = [wording(each, "notes") for each in listed]
    first = figures.indicators[0]
    data = {
        "title": (wording(title, "title") if title else None) or first["title"],
        "subtitle": wording(subtitle, "subtitle") or ("" if title else first["unit"]),
        # which of them go with the indicator shown
        "follows": [] if title else ["title", "subtitle"][: 1 if subtitle else 2],
        **ground,
        "lang": lang,
        "texts": {each: dict(PAGE[each]) for each in languages()},
        "statement": {key: wording(text, key) for key, text in statement.items() if text},
        "notes": [*paired(figures.notes), *filter(None, own_notes)],
        "online": tiles is not None,
        "report": report,
        **figures.data(),
        "annotations": _annotation_data(annotations),
        "points": figures.point_data(points, point_columns, naming.labels, point_types),
        "surface": None if surface is None else _surface_data(surface, surface_label),
    }
    return _folium_map(PageElement(data, safe=figures.safe), tiles)


def _check_options(
    lang: str,
    columns: Sequence[str],
    naming: Naming,
    by_year: Mapping[str, Any] | None,
    parts: Mapping[str, Any] | None,
    layers_given: Sequence[Any],
    report: str,
) -> None:
    """Refuse names of no column, layers in another projection, and addresses that run code."""
    require_language(lang)
    names = ("neighbours", "borders", "towns", "waters")
    for name, layer in zip(names, layers_given, strict=True):
        if isinstance(layer, gpd.GeoDataFrame):
            require_lonlat(layer, name)
    check_keys(naming.categories, columns, "categories")
    check_keys(parts or {}, columns, "parts")
    check_keys(by_year or {}, columns, "by_year")
    # Refuse a way to make years that is none.
    rules = by_year or {}
    known = (*get_args(YearRule), False)
    wrong = {name: rule for name, rule in rules.items() if rule not in known}
    if wrong:
        raise InputError(
            f"`by_year` is {wrong}; expected 'sum' for what adds up over time, 'mean' for a rate "
            "per year, or False. Leave out columns that have no value of a year."
        )
    if report and not _ADDRESS.fullmatch(report):
        raise InputError(
            f"`report` is {report!r:.200}; expected a relative address or one of https, such as "
            "'index.html'. Give one, or leave it out."
        )


def _folium_map(page: PageElement, tiles: Any) -> folium.Map:
    (south, west), (north, east) = page.data["bounds"]
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


def _annotation_data(annotations: Annotations) -> list[dict[str, Any]]:
    """Write notes for the page: where each stands, and its text in both languages.

    >>> _annotation_data([{"lon": 2.4, "lat": 15.9, "text": {"fr": "Camp", "en": "Camp site"}}])
    [{'lat': 15.9, 'lon': 2.4, 'text': {'fr': 'Camp', 'en': 'Camp site'}}]
    """
    rows = _rows(annotations)
    wrong = [at for at, row in enumerate(rows) if not (_is_place(row) and _text(row))]
    if wrong or len(rows) > _MOST:
        raise InputError(
            "`annotations` has {count} notes, {wrong} of them without a place or a text: "
            "{some}; expected at most {most}, each with lon and lat in degrees and text, or "
            "text_fr and text_en. Complete them, or leave them out.",
            count=len(rows),
            wrong=len(wrong),
            some=first_offenders(wrong),
            most=_MOST,
        )
    return [
        {
            "lat": round(float(row["lat"]), 4),
            "lon": round(float(row["lon"]), 4),
            "text": wording(_text(row), "annotations"),
        }
        for row in rows
    ]


def _rows(annotations: Annotations) -> list[dict[Any, Any]]:
    """Read a table, points of a table, or mappings."""
    if annotations is None:
        return []
    if isinstance(annotations, gpd.GeoDataFrame):
        require_lonlat(annotations, "annotations")
        points = annotations.geometry.representative_point()
        annotations = pd.DataFrame(annotations).assign(lon=points.x, lat=points.y)
    if isinstance(annotations, pd.DataFrame):
        return annotations.to_dict("records")
    return [dict(row) for row in annotations]


def _is_place(row: Mapping[str, Any]) -> bool:
    try:
        lon, lat = float(row["lon"]), float(row["lat"])
    except (KeyError, TypeError, ValueError):
        return False
    return bool(np.isfinite([lon, lat]).all() and abs(lon) <= 180 and abs(lat) <= 85)


def _text(row: Mapping[str, Any]) -> Any:
    """Find the text of a note; a table may hold one for each language."""
    texts = {lang: row.get(f"text_{lang}") for lang in languages()}
    if all(isinstance(text, str) and text for text in texts.values()):
        return texts
    text = row.get("text")
    if isinstance(text, Mapping):
        return text if all(text.get(lang) for lang in languages()) else None
    return text if isinstance(text, str) and text else None


def _default_limits(columns: Sequence[str]) -> dict[str, str] | None:
    """Say what zero means, on a map of recorded incidents or deaths."""
    counting = [key for key in columns if key in INDICATORS and key not in _NO_COUNTS]
    return {lang: PAGE[lang]["limit_zero"] for lang in languages()} if counting else None


def _surface_data(surface: Any, label: Words | None) -> dict[str, Any]:
    """Write a surface for the page: its picture, bounds and classes."""
    image = surface.image() if hasattr(surface, "image") else surface
    if not all(hasattr(image, name) for name in ("data_uri", "bounds", "classes", "unit")):
        raise InputError(
            f"`surface` is a {type(surface).__name__}; expected a Surface or the picture of one. "
            "Make one with sg.density.kernel_density."
        )
    west, south, east, north = (round(float(value), 5) for value in image.bounds)
    unit = str(image.unit)
    return {
        "picture": image.data_uri,
        "bounds": [[south, west], [north, east]],
        "unit": wording({lang: unit_name(unit, lang) for lang in languages()}, "surface"),
        "label": wording(label, "surface_label") if label else None,
        "classes": [
            {"kind": "range", "low": float(low), "high": float(high), "colour": colour}
            for low, high, colour in image.classes
        ],
    }


def _page_of(m: Any) -> Mapping[str, Any]:
    """Find what the page of a map draws and says."""
    page = PageElement.of(m)
    if page is None:
        raise InputError(
            f"`scale_of` is a {type(m).__name__} that choropleth() did not make; expected a map of "
            "it. Make the map with sg.choropleth."
        )
    return page.data
