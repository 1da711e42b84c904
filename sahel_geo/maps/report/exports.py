"""The figures of a map as files for other programs: CSV, GeoParquet, and a GeoPackage for QGIS.

Beside them stands what their columns are: tags of HXL, and the descriptor of a Data Package.
"""

import hashlib
import json
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.errors import InputError, first_offenders, saying_why
from sahel_geo.files import atomic_path, write_csv, write_text
from sahel_geo.formats.writing import write_layer
from sahel_geo.i18n.cldr import signs_of
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.maps.classes.categories import categories_of, is_categorical, known_set
from sahel_geo.maps.classes.classes import HIDDEN_COLOUR, classify
from sahel_geo.maps.texts import PAGE, said, wording
from sahel_geo.schema import HIDDEN, PathLike
from sahel_geo.version import __version__

FILE: Final = "datapackage.json"
_MEDIA: Final = {
    ".csv": ("csv", "text/csv"),
    ".parquet": ("parquet", "application/vnd.apache.parquet"),
    ".gpkg": ("gpkg", "application/geopackage+sqlite3"),
}
# what a column is called, and its HXL tag where it has one of its own
_COLUMNS: Final[dict[str, tuple[str, str]]] = {
    "unit_id": (Sentence("Identifier of the unit: its P-code, or one of sahel_geo"), ""),
    "name": (Sentence("Name of the unit"), ""),
    "country": (Sentence("Country, ISO 3166-1 alpha-3"), "#country+code+v_iso3"),
    "level": (Sentence("Administrative level"), "#meta+level"),
    "area_km2": (Sentence("Area on the ellipsoid, km²"), "#indicator+area+km2+num"),
    "source": (Sentence("Source of the outline"), "#meta+source"),
    "licence": (Sentence("Licence of the outline"), "#meta+license"),
    "valid_from": (Sentence("First day of the unit"), "#date+start"),
    "valid_to": (Sentence("Day after the last of the unit; empty if it still exists"), "#date+end"),
    "legal_act": (Sentence("Legal act that made the unit"), "#meta+legal_act"),
    "approximate": (Sentence("Whether the outline is approximate"), "#meta+approximate"),
    "incidents": (
        Sentence("Incidents in the period shown; empty is not known, not zero"),
        "#event+incidents+num",
    ),
    "fatalities_low": (Sentence("Deaths, lowest estimate"), "#affected+killed+low+num"),
    "fatalities_best": (Sentence("Deaths, best estimate"), "#affected+killed+best+num"),
    "fatalities_high": (Sentence("Deaths, highest estimate"), "#affected+killed+high+num"),
    "per_1000km2": (Sentence("Incidents per 1,000 km²"), ""),
    "per_1000km2_year": (Sentence("Incidents per 1,000 km² and year"), ""),
    "per_100k_year": (Sentence("Incidents per 100,000 people and year"), ""),
    "people": (Sentence("People"), "#population+num"),
    "population": ("population", "#population+num"),
    "foreign_exposure": (Sentence("Incidents in foreign neighbours, weighted"), ""),
    "domestic_exposure": (Sentence("Incidents in neighbours of the same country, weighted"), ""),
    "foreign_share": (Sentence("Share of the exposure that lies abroad"), ""),
    "risk": (Sentence("Risk index, 0 to 1"), ""),
    "suppressed_below": (Sentence("Counts below this number are hidden; 0 if nothing is"), ""),
}
_PREFIXES: Final = {
    "gi_": Sentence("Hot spots (Gi*): {part}"),
    "emerging_": Sentence("History of hot spots: {part}"),
    "change_": Sentence("Two periods compared: {part}"),
    "risk_": Sentence("Risk index: {part}"),
    "fatalities_": Sentence("Deaths: {part}"),
    "forecast_": Sentence("Forecast: {part}"),
}


LAYER: Final = "units"
_STAMP: Final = "2000-01-01T00:00:00.000Z"  # a GeoPackage must say when, the same bytes need one
_STYLES: Final = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
    f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
    styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
    owner TEXT(30), ui TEXT(30), update_time DATETIME)
"""


def write_exports(
    table: gpd.GeoDataFrame,
    columns: Sequence[str],
    out: PathLike,
    *,
    stem: str = "indicators",
    lang: str = "fr",
    hxl: bool = False,
) -> tuple[Path, ...]:
    """Write the figures of a map as CSV, GeoParquet and a GeoPackage with styles for QGIS.

    Parameters
    ----------
    table : GeoDataFrame, n rows
        Units with their figures, in EPSG:4326. Every column goes into the files: leave out what
        must not be published.
    columns : sequence of str
        Columns of numbers or of classes that get a style, as the map colours them; the first is the
        default. Where `table` has ``suppressed_below``, hidden figures are a class of their own.
    out : path-like
        Folder; created if needed.
    stem : str
        Name of the files without suffix.
    lang : {"fr", "en"}
        Language of the legends in the styles.
    hxl : bool
        Whether the CSV has a row of HXL tags below its header (:func:`hxl_tags`).

    Returns
    -------
    tuple of Path
        ``.csv`` (no geometry; formulas neutralised), ``.parquet`` and ``.gpkg``.

    Raises
    ------
    FileError
        If a file cannot be written.
    InputError
        If a column is missing or holds neither numbers nor classes.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=1, countries="NER")
    >>> written = write_exports(units.assign(people=1.0), ["people"], getfixture("tmp_path"))
    >>> [file.name for file in written]
    ['indicators.csv', 'indicators.parquet', 'indicators.gpkg']
    """
    missing = [name for name in columns if name not in table]
    if missing:
        raise InputError(
            f"`columns` names {first_offenders(missing)}, which `table` lacks; expected among "
            f"{first_offenders(table.columns, 12)}. Correct the name."
        )
    folder = Path(out)
    figures = pd.DataFrame(table.drop(columns=table.geometry.name))
    written = [write_csv(folder / f"{stem}.csv", figures, hxl_tags(figures) if hxl else ())]
    for suffix in (".parquet", ".gpkg"):
        target = folder / f"{stem}{suffix}"
        with (
            saying_why(
                "cannot write {target!r}: {why}.", OSError, sqlite3.Error, target=str(target)
            ),
            atomic_path(target) as temporary,
        ):
            if suffix == ".parquet":
                with temporary.open("wb") as stream:
                    table.to_parquet(
                        stream, index=False, compression="zstd", schema_version="1.1.0"
                    )
            else:
                write_layer(table, temporary, LAYER, stamp=_STAMP)
                styles = [(name, _style(table, name, lang)) for name in columns]
                _add_styles(temporary, table.geometry.name, styles)
        written.append(target)
    return tuple(written)


def _add_styles(path: Path, geometry: str, styles: Sequence[tuple[str, str]]) -> None:
    """Write the table that QGIS reads the styles of a layer from."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(_STYLES)
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles', ?)",
            [_STAMP],
        )
        (column,) = database.execute(
            "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?", [LAYER]
        ).fetchone() or (geometry,)
        for place, (name, qml) in enumerate(styles):
            row = (LAYER, column, name[:30], qml, place == 0, name, _STAMP)
            database.execute(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
                "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, "
                "owner, update_time) VALUES ('', '', ?, ?, ?, ?, '', ?, ?, '', ?)",
                row,
            )


def _style(table: gpd.GeoDataFrame, column: str, lang: str) -> str:
    """Write a QGIS style whose rules are the classes of the map."""
    values = table[column]
    quoted = '"' + column.replace('"', '""') + '"'
    if _is_number(values):
        looks = _numbers(values.to_numpy(dtype=float, na_value=np.nan), quoted, lang)
    elif is_categorical(values) and known_set(values):
        looks = [
            (
                said(wording(each.label, "categories"), lang),
                f"{quoted} = '{each.value}'",
                each.colour,
            )
            for each in categories_of(values)
        ]
    else:
        raise InputError(
            f"`columns` names {column!r}, which holds neither numbers nor classes of sahel_geo; "
            "expected one of them. Leave it out."
        )
    root = ET.Element("qgis", version="3.28", styleCategories="Symbology")
    renderer = ET.SubElement(root, "renderer-v2", type="RuleRenderer", symbollevels="0")
    rules = ET.SubElement(renderer, "rules", key="root")
    symbols = ET.SubElement(renderer, "symbols")
    for place, (label, test, colour) in enumerate([*looks, *_missing(table, values, quoted, lang)]):
        ET.SubElement(rules, "rule", key=str(place), symbol=str(place), filter=test, label=label)
        _symbol(symbols, place, colour)
    return ET.tostring(root, encoding="unicode")


def _numbers(values: Any, quoted: str, lang: str) -> list[tuple[str, str, str]]:
    """List the classes of numbers: label, expression and colour."""
    classes = classify(values)
    looks = []
    for place, each in enumerate(classes.classes):
        own = values[classes.class_of == place]
        if each.kind == "no_data":
            continue
        if each.kind == "zero" or not len(own):
            looks.append(("0", f"{quoted} = 0", each.colour))
            continue
        low, high = (repr(float(bound)) for bound in (own.min(), own.max()))
        label = " – ".join(f"{bound:g}" for bound in dict.fromkeys([each.low, each.high]))
        test = f"{quoted} >= {low} AND {quoted} <= {high}"  # holds for its values and no others
        looks.append((signs_of(label, lang), test, each.colour))
    return looks


def _missing(
    table: gpd.GeoDataFrame, values: "pd.Series[Any]", quoted: str, lang: str
) -> list[tuple[str, str, str]]:
    """List the classes of what has no figure: no data, and apart from it what is hidden."""
    if not values.isna().any():
        return []
    label = PAGE[lang]
    null = f"{quoted} IS NULL"
    if HIDDEN not in table:
        return [(label["no_data"], null, "")]
    visible, hidden = f"{null} AND NOT {HIDDEN} > 0", f"{null} AND {HIDDEN} > 0"
    most = int(table[HIDDEN].max()) - 1
    return [
        (label["no_data"], visible, ""),
        (label["suppressed"].format(most=most), hidden, HIDDEN_COLOUR),
    ]


def _symbol(symbols: ET.Element, place: int, own: str) -> None:
    rgb = [int(own[at : at + 2], 16) for at in (1, 3, 5)] if own else [120, 120, 120]
    symbol = ET.SubElement(symbols, "symbol", type="fill", name=str(place), alpha="1")
    layer = ET.SubElement(symbol, "layer", {"class": "SimpleFill", "enabled": "1", "pass": "0"})
    options = ET.SubElement(layer, "Option", type="Map")
    settings = {
        "color": ",".join(map(str, (*rgb, 255))),
        "style": "solid" if own else "b_diagonal",
        "outline_color": "110,110,110,255",
        "outline_width": "0.1",
        "outline_width_unit": "MM",
    }
    for name, value in settings.items():
        ET.SubElement(options, "Option", type="QString", name=name, value=value)


def hxl_tags(table: pd.DataFrame, level: int | None = None) -> list[str]:
    """Give the HXL tag of each column of a table by unit.

    Returns: Tags of HXL 1.1, in the order of the columns.

    Humanitarian Exchange Language, HXL standard 1.1 (2018): hashtag and attribute dictionaries.

    >>> hxl_tags(pd.DataFrame({"unit_id": ["ML01"], "level": 1, "incidents": 3, "gi_p": 0.2}))
    ['#adm1+code', '#meta+level', '#event+incidents+num', '#indicator+gi_p+num']
    """
    levels = set(table["level"]) if "level" in table else set()
    if level is None and len(levels) == 1:
        level = int(levels.pop())
    return [_tag(str(name), table[name], level) for name in table]


def _tag(name: str, values: "pd.Series[Any]", level: int | None) -> str:
    own = "#country" if level == 0 else "#loc" if level is None else f"#adm{level}"
    if name in ("unit_id", "name"):
        return own + ("+code" if name == "unit_id" else "+name")
    parent = re.fullmatch(r"adm([1-3])_(id|name)", name)
    if parent:
        return f"#adm{parent[1]}+{'code' if parent[2] == 'id' else 'name'}"
    if known := _COLUMNS.get(name, ("", ""))[1]:
        return known
    attribute = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    attribute = attribute if attribute[:1].isalpha() else f"n{attribute}"
    return f"#indicator+{attribute}" + ("+num" if _is_number(values) else "")


def write_descriptor(
    folder: Path, table: pd.DataFrame, files: Sequence[Path], *, lang: str, hxl: bool, source: str
) -> Path:
    """Write ``datapackage.json``: what the exports are, their columns, licences and checksums.

    hxl: Whether the CSV has a row of HXL tags below its header.

    Frictionless Data, Data Package standard 1.0 (2017) and Table Schema 1.0.
    """
    figures = table.drop(columns="geometry", errors="ignore")
    schema = {"fields": [_field(str(name), figures[name], lang) for name in figures],
              "missingValues": [""], "primaryKey": "unit_id"}  # fmt: skip
    resources = []
    for file in files:
        kind, media = _MEDIA[file.suffix]
        content = file.read_bytes()
        resource: dict[str, Any] = {
            "name": f"{file.stem}-{kind}",
            "path": file.name,
            "format": kind,
            "mediatype": media,
            "bytes": len(content),
            "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        }
        if kind == "csv":
            resource |= {
                "profile": "tabular-data-resource",
                "encoding": "utf-8-sig",
                "dialect": {"delimiter": ",", "header": True, "headerRows": [1]}
                | ({"commentRows": [2]} if hxl else {}),
                "schema": schema,
            }
        resources.append(resource)
    outlines = table["source"].dropna().astype(str) if "source" in table else ()
    stated = table["licence"].dropna().astype(str) if "licence" in table else ()
    licences = {re.sub(r"[^A-Za-z0-9._-]+", "-", text) for text in stated}
    title = Sentence("Figures of a report of sahel_geo, a row for each unit")
    package = {
        "profile": "data-package",
        "name": "sahel-geo-report",
        "title": title.say(lang),
        "version": __version__,
        "sources": [{"title": text} for text in dict.fromkeys([source, *outlines]) if text],
        # those of the outlines; that of the incidents is for their source to say
        "licenses": [{"name": text} for text in sorted(licences)],
        "resources": resources,
    }
    text = json.dumps(package, ensure_ascii=False, indent=2, allow_nan=False)
    return write_text(folder / FILE, text + "\n")


def _field(name: str, values: "pd.Series[Any]", lang: str) -> dict[str, Any]:
    field: dict[str, Any] = {"name": name, "title": _title_of(name).say(lang)}
    if pd.api.types.is_bool_dtype(values):
        return field | {"type": "boolean", "trueValues": ["True"], "falseValues": ["False"]}
    if pd.api.types.is_datetime64_any_dtype(values):
        return field | {"type": "datetime", "format": "%Y-%m-%d %H:%M:%S"}
    if _is_number(values):
        kind = "integer" if pd.api.types.is_integer_dtype(values) else "number"
        return field | {"type": kind}
    return field | {"type": "string"}


def _title_of(name: str) -> Sentence:
    """Say what a column is.

    >>> _title_of("gi_p").say("fr")
    'Points chauds (Gi*)\u202f: p'
    """
    if name in _COLUMNS:
        return Sentence.of(_COLUMNS[name][0])
    parent = re.fullmatch(r"adm([1-3])_(id|name)", name)
    if parent:
        level = int(parent[1])
        if parent[2] == "id":
            return Sentence("Identifier of the unit of level {level} around it", level=level)
        return Sentence("Name of the unit of level {level} around it", level=level)
    for prefix, sentence in _PREFIXES.items():
        if name.startswith(prefix):
            return Sentence(sentence.english, part=name.removeprefix(prefix).replace("_", " "))
    return Sentence.of(name)


def _is_number(values: "pd.Series[Any]") -> bool:
    numeric = pd.api.types.is_numeric_dtype(values)
    return bool(numeric and not pd.api.types.is_bool_dtype(values))
