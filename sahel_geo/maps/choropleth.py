"""One table of units to one map: colours, legend, labels, in French or English."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal

import folium
import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.crs import require_lonlat
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.maps import layers
from sahel_geo.maps.element import PageElement, clean_text
from sahel_geo.maps.legend import indicator_data
from sahel_geo.maps.palettes import nearest
from sahel_geo.maps.publish import HIDDEN, published
from sahel_geo.maps.texts import PAGE
from sahel_geo.maps.topology import SCALE
from sahel_geo.places.boundaries import load_boundaries
from sahel_geo.places.context import load_neighbour_countries, load_towns
from sahel_geo.schema import COUNTRY_NAMES, LANGUAGES, Language

_REQUIRED: Final = ("unit_id", "name")
_AREAS: Final = ("Polygon", "MultiPolygon")


def choropleth(
    units: gpd.GeoDataFrame,
    column: str | Sequence[str],
    *,
    lang: Language = "fr",
    title: str | None = None,
    subtitle: str = "",
    labels: Mapping[str, str] | None = None,
    unit_labels: Mapping[str, str] | None = None,
    scheme: str = "quantiles",
    k: int = 5,
    breaks: Sequence[float] | None = None,
    palette: str | Sequence[str] = "orange_red",
    notes: str | Iterable[str] = (),
    neighbours: gpd.GeoDataFrame | Literal[False] | None = None,
    borders: gpd.GeoDataFrame | Literal[False] | None = None,
    towns: gpd.GeoDataFrame | Literal[False] | None = None,
    zone: Any = None,
    zone_label: str | None = None,
    fit: gpd.GeoDataFrame | Sequence[float] | None = None,
    tiles: Any = None,
    publish: str = "full",
    least: int = 5,
) -> folium.Map:
    """Colour units by one or several indicators.

    The page has one legend, that of the indicator shown. Zero and "no data" are classes of their
    own; pointing at a unit, touching it or finding it by name tells its name, code, parents and
    every indicator.

    Parameters
    ----------
    units : GeoDataFrame, shape (n, ...)
        Polygons in EPSG:4326, one row per unit, with ``unit_id``, ``name`` and the indicators.
        ``country``, ``adm1_id``, ``adm1_name``, ``adm2_name``, ``source`` and ``licence`` are used
        where they exist. Only the columns named in `column` go into the page.
    column : str or sequence of str
        Numeric columns; the first is shown first. NaN is missing.
    lang : {"fr", "en"}
        Language of the page and its numbers.
    title, subtitle : str, optional
        Heading; by default the title of the first indicator.
    labels, unit_labels : mapping of str to str, optional
        What a column is called and counted in, by column, instead of the shipped texts.
    scheme, k, breaks, palette
        Classes and colours, see `sahel_geo.maps.classes.classify`.
    notes : str or iterable of str
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
    zone_label : str, optional
        Its name in the legend; by default the title of the zone.
    fit : GeoDataFrame or (west, south, east, north), optional
        What the map shows first; the units by default.
    tiles : str or folium.TileLayer, optional
        A background map, which needs the network; none by default.
    publish : {"full", "safe"}
        With "safe", counts from 1 to `least` - 1 are hidden, further ones from which they could be
        worked out, and what is made of either, see `sahel_geo.maps.publish.safe_units`; the page
        says so.
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
        column is not numeric or holds infinite values; if an option is unknown.
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
    >>> type(m).__name__
    'Map'
    """
    columns = [column] if isinstance(column, str) else list(column)
    _check_lang(lang)
    _check_units(units, columns)
    for name, layer in (("neighbours", neighbours), ("borders", borders), ("towns", towns)):
        if isinstance(layer, gpd.GeoDataFrame):
            require_lonlat(layer, name)
    units, columns, said = published(units, columns, publish, least)
    notes = [*said[lang], *([notes] if isinstance(notes, str) else notes)]
    options = {
        "hidden": units.get(HIDDEN),
        "scheme": scheme,
        "k": k,
        "breaks": breaks,
        "palette": palette,
    }
    indicators = [
        indicator_data(units[key], lang, labels or {}, unit_labels or {}, options)
        for key in columns
    ]
    around = load_neighbour_countries() if neighbours is None else neighbours
    places = load_towns() if towns is None else towns
    frame = _frame(units, fit)
    drawn = _draw(units, around, frame, borders, zone, shipped=neighbours is None)
    data = {
        "lang": lang,
        "texts": PAGE[lang],
        "scale": SCALE,
        "bounds": [[frame[1], frame[0]], [frame[3], frame[2]]],
        "max_zoom": layers.max_zoom(drawn.tolerance),
        "opacity": 1 if tiles is None else 0.75,
        "arcs": drawn.arcs,
        "units": _unit_data(units, drawn, lang),
        "context": drawn.context if tiles is None else [],
        "paths": drawn.paths,
        "lines": _line_legend(drawn, lang, zone_label or getattr(zone, f"title_{lang}", None)),
        "labels": _label_data(units, around, places, frame, lang),
        "indicators": indicators,
    }
    page = PageElement(
        data,
        lang=lang,
        title=title or indicators[0]["title"],
        subtitle=subtitle or ("" if title else indicators[0]["unit"]),
        notes=notes,
        sources=_sources(units, around, places, lang),
        online=tiles is not None,
    )
    return _folium_map(page, frame, tiles)


def _folium_map(page: PageElement, frame: layers.Bounds, tiles: Any) -> folium.Map:
    west, south, east, north = frame
    chart = folium.Map(
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


def _draw(
    units: gpd.GeoDataFrame,
    around: gpd.GeoDataFrame | Literal[False],
    frame: layers.Bounds,
    borders: gpd.GeoDataFrame | Literal[False] | None,
    zone: Any,
    *,
    shipped: bool,
) -> layers.Layers:
    context = gpd.GeoDataFrame({"country": []}, geometry=[], crs=units.crs)
    countries = load_boundaries(level=0) if shipped else None
    if around is not False:
        context = layers.land_around(units, around, countries)
    drawn = layers.build_layers(units, context, frame)
    kinds = ["sea" if code == layers.SEA else "land" for code in context["country"]]
    drawn.context = [
        {"kind": kind, "shape": shape} for kind, shape in zip(kinds, drawn.context, strict=True)
    ]
    if borders is False:
        drawn.paths["border"] = []
    elif borders is not None:
        lines = (layers.encode_outline(line) for line in borders.geometry)
        drawn.paths["border"] = [text for texts in lines for text in texts]
    elif around is not False and countries is not None and not drawn.shared:
        # Edges that do not meet tell neither a border nor a rim; the shipped countries do.
        drawn.paths["outer"] = []
        nothing = units.iloc[:0]
        whole = layers.land_around(nothing, around, countries)
        drawn.paths["border"] = layers.build_layers(nothing, whole, frame).paths["border"]
    if zone is not None:
        drawn.paths["zone"] = layers.encode_outline(_outline(zone))
    return drawn


def _outline(zone: Any) -> Any:
    """Find the geometry of a zone in whatever form it comes."""
    shape = getattr(zone, "outline", zone)
    if isinstance(shape, gpd.GeoDataFrame | gpd.GeoSeries):
        require_lonlat(shape, "zone")
        shape = shape.geometry.union_all()
    if not hasattr(shape, "geom_type") or shape.geom_type.endswith("Point"):
        raise InputError(
            f"`zone` is a {type(zone).__name__}; expected areas or lines in EPSG:4326. "
            "Pass what sahel_geo.load_zone gives, a GeoDataFrame or a shapely geometry.",
        )
    return shape


def _unit_data(
    units: gpd.GeoDataFrame,
    drawn: layers.Layers,
    lang: Language,
) -> list[dict[str, Any]]:
    centres = layers.centres(units.geometry)
    rows = pd.DataFrame(units.drop(columns=units.geometry.name)).to_dict("records")
    return [
        {
            "id": clean_text(str(row["unit_id"])),
            "name": clean_text(str(row["name"])),
            "parents": _parents(row, lang),
            "centre": centre,
            "shape": shape,
        }
        for row, centre, shape in zip(rows, centres, drawn.units, strict=True)
    ]


def _parents(row: Mapping[Any, Any], lang: Language) -> list[str]:
    names = []
    for level in ("adm2", "adm1"):
        parent = row.get(f"{level}_name")
        own = str(row.get(f"{level}_id")) == str(row["unit_id"])
        if isinstance(parent, str) and parent and not own:
            names.append(parent)
    country = row.get("country")
    if isinstance(country, str) and row.get("level") != 0:
        names.append(COUNTRY_NAMES.get(country, {}).get(lang, country))
    return [clean_text(name) for name in names]


def _line_legend(
    drawn: layers.Layers,
    lang: Language,
    zone_label: str | None,
) -> list[dict[str, str]]:
    texts = {**PAGE[lang]}
    texts["zone"] = clean_text(zone_label or texts["zone"])
    kinds = ("zone", "border", "region")
    return [{"kind": kind, "label": texts[kind]} for kind in kinds if drawn.paths[kind]]


def _label_data(
    units: gpd.GeoDataFrame,
    around: gpd.GeoDataFrame | Literal[False],
    places: gpd.GeoDataFrame | Literal[False],
    frame: layers.Bounds,
    lang: Language,
) -> list[dict[str, Any]]:
    """Order the labels: capitals and countries first, then towns by rank."""
    wide = _padded(frame, 0.08)
    empty = gpd.GeoDataFrame({"country": []}, geometry=[], crs=units.crs)
    names = layers.name_labels(units, empty if around is False else around, wide, lang)
    if places is False:
        return names
    points = layers.town_labels(places, _padded(frame, 0.3))
    first = [label for label in points if label["zoom"] == 0]
    return [*first, *names, *(label for label in points if label["zoom"] > 0)]


def _sources(
    units: gpd.GeoDataFrame,
    around: gpd.GeoDataFrame | Literal[False],
    places: gpd.GeoDataFrame | Literal[False],
    lang: Language,
) -> list[str]:
    texts = PAGE[lang]
    listed = [("boundaries", units), ("context", around), ("towns", places)]
    lines = []
    for key, layer in listed:
        if layer is not False and "source" in layer:
            credits_ = "; ".join(_credits(layer))
            lines.append(f"{texts[key]}{texts['colon']}{credits_}.")
    return [*lines, texts["software"], texts["disclaimer"]]


def _credits(layer: gpd.GeoDataFrame) -> list[str]:
    licences = layer["licence"] if "licence" in layer else pd.Series(None, index=layer.index)
    pairs = pd.DataFrame({"source": layer["source"], "licence": licences}).drop_duplicates()
    return [
        f"{row.source} ({row.licence})" if isinstance(row.licence, str) else str(row.source)
        for row in pairs.dropna(subset="source").itertuples()
    ]


def _frame(
    units: gpd.GeoDataFrame,
    fit: gpd.GeoDataFrame | Sequence[float] | None,
) -> layers.Bounds:
    if isinstance(fit, gpd.GeoDataFrame):
        require_lonlat(fit, "fit")
    shown = fit.total_bounds if isinstance(fit, gpd.GeoDataFrame) else fit
    values = [float(value) for value in (units.total_bounds if shown is None else shown)]
    if len(values) != 4 or not np.isfinite(values).all() or values[:2] >= values[2:]:
        raise InputError(
            f"`fit` is {values}; expected (west, south, east, north) in degrees, or a layer. "
            "Leave it out to show all units.",
        )
    west, south, east, north = (round(value, 4) for value in values)
    return west, south, east, north


def _padded(frame: layers.Bounds, share: float) -> layers.Bounds:
    west, south, east, north = frame
    wide, high = (east - west) * share, (north - south) * share
    return west - wide, south - high, east + wide, north + high


def _check_lang(lang: str) -> None:
    if lang not in LANGUAGES:
        raise InputError(f"`lang` is {lang!r}; expected one of {list(LANGUAGES)}. Choose one.")


def _check_units(units: gpd.GeoDataFrame, columns: Sequence[str]) -> None:
    if not isinstance(units, gpd.GeoDataFrame):
        raise InputError(
            f"`units` is a {type(units).__name__}; expected a GeoDataFrame. Merge the table into "
            "the units, not the units into the table: units.merge(table).",
        )
    require_lonlat(units, "units")
    if units.empty:
        raise InputError(
            "`units` has no rows; expected at least one unit. If it comes from a merge, compare "
            "the unit_id of both tables.",
        )
    if not columns:
        raise InputError("`column` is empty; expected one or more columns of `units`. Name one.")
    missing = [name for name in (*_REQUIRED, *columns) if name not in units]
    if missing:
        raise InputError(
            f"`units` lacks {len(missing)} columns: {first_offenders(missing)}; it has "
            f"{first_offenders(units.columns, limit=20)}. {nearest(missing[0], units.columns)}",
        )
    faults = [*_row_faults(units), *_column_faults(units, columns)]
    if faults:
        raise InputError(" ".join(faults))


def _row_faults(units: gpd.GeoDataFrame) -> list[str]:
    faults = []
    codes = units["unit_id"]
    if codes.isna().any():
        rows = first_offenders(units.index[codes.isna()])
        faults.append(f"`units` has rows without unit_id: {rows}. Fill them or drop the rows.")
    twice = codes[codes.duplicated() & codes.notna()].unique()
    if len(twice):
        faults.append(
            f"`units` has {len(twice)} unit_id more than once: {first_offenders(twice)}; expected "
            "one row per unit. Choose one period, or aggregate, before merging.",
        )
    shapes = units.geometry
    wrong = codes[shapes.isna() | shapes.is_empty | ~shapes.geom_type.isin(_AREAS)]
    if len(wrong):
        faults.append(
            f"`units` has {len(wrong)} rows without a polygon: {first_offenders(wrong)}. "
            "Drop them or give them their area.",
        )
    return faults


def _column_faults(units: gpd.GeoDataFrame, columns: Sequence[str]) -> list[str]:
    faults = []
    if len(set(columns)) < len(columns):
        faults.append(f"`column` names a column twice: {first_offenders(columns)}. Name each once.")
    for name in dict.fromkeys(columns):
        values = units[name]
        if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
            faults.append(
                f"`units` column {name!r} holds {values.dtype} values, such as "
                f"{first_offenders(values.dropna().head(2))}; expected numbers. Convert it with "
                "pandas.to_numeric.",
            )
            continue
        infinite = units.loc[np.isinf(values.to_numpy(float, na_value=np.nan)), "unit_id"]
        if len(infinite):
            faults.append(
                f"`units` column {name!r} is infinite in {len(infinite)} units: "
                f"{first_offenders(infinite)}; expected finite numbers. Look for a division by a "
                "zero area or population.",
            )
    return faults
