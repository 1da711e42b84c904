"""The figures of a map as files for other programs: CSV, GeoParquet, and a GeoPackage for QGIS."""

import os
import sqlite3
import zipfile
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.errors import FileError, InputError, first_offenders, why
from sahel_geo.files import atomic_path, write_csv
from sahel_geo.formats.writing import write_layer
from sahel_geo.i18n.cldr import signs_of
from sahel_geo.maps.classes.categories import categories_of, is_categorical, known_set
from sahel_geo.maps.classes.classes import LegendClass, classify
from sahel_geo.maps.classes.palettes import HIDDEN_COLOUR
from sahel_geo.maps.report.descriptor import hxl_tags
from sahel_geo.maps.texts import PAGE, Words, wording
from sahel_geo.schema import HIDDEN

_DATE: Final = (1980, 1, 1, 0, 0, 0)  # the earliest that the format can hold
_MODE: Final = 0o644 << 16


def write_archive(path: str | os.PathLike[str], files: Iterable[str | os.PathLike[str]]) -> Path:
    """Put files side by side into a zip archive, whole or not at all.

    >>> folder = getfixture("tmp_path")
    >>> _ = (folder / "a.txt").write_text("a")
    >>> zipfile.ZipFile(write_archive(folder / "all.zip", [folder / "a.txt"])).namelist()
    ['a.txt']
    """
    target = Path(path)
    with atomic_path(target) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for file in sorted(map(Path, files), key=lambda each: each.name):
            entry = zipfile.ZipInfo(file.name, _DATE)
            entry.external_attr = _MODE
            entry.create_system = 3  # Unix, on every system
            archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED, 9)
    return target


LAYER: Final = "units"
_STAMP: Final = (
    "2000-01-01T00:00:00.000Z"  # a GeoPackage must say when; the same bytes need one day
)
_NO_DATA: Final = ("#ffffff", "b_diagonal")
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
    out: str | os.PathLike[str],
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
    for suffix, write in ((".parquet", _write_parquet), (".gpkg", _write_package)):
        target = folder / f"{stem}{suffix}"
        try:
            with atomic_path(target) as temporary:
                temporary.unlink()  # GDAL takes an empty file for a damaged database
                write(table, temporary)
                if suffix == ".gpkg":
                    styles = [(name, _style(table, name, lang)) for name in columns]
                    _add_styles(temporary, table.geometry.name, styles)
        except FileError:
            raise
        except (OSError, sqlite3.Error) as error:
            raise FileError(
                "cannot write {target!r}: {why}.", target=str(target), why=why(error)
            ) from error
        written.append(target)
    return tuple(written)


def _write_parquet(table: gpd.GeoDataFrame, path: Path) -> None:
    with path.open("wb") as stream:
        table.to_parquet(stream, index=False, compression="zstd", schema_version="1.1.0")


def _write_package(table: gpd.GeoDataFrame, path: Path) -> None:
    write_layer(table, path, LAYER, stamp=_STAMP)


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
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        looks = _numbers(values.to_numpy(dtype=float, na_value=np.nan), quoted, lang)
    elif is_categorical(values) and known_set(values):
        looks = [
            (_said(each.label, lang), f"{quoted} = '{each.value}'", each.colour)
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


def _said(words: Words, lang: str) -> str:
    said = wording(words, "categories")
    return said if isinstance(said, str) else said[lang]


def _numbers(values: Any, quoted: str, lang: str) -> list[tuple[str, str, str]]:
    """List the classes of numbers: label, expression and colour."""
    found = classify(values)
    looks = []
    for place, each in enumerate(found.classes):
        if each.kind != "no_data":
            label, test = _rule(each, values[found.class_of == place], quoted, lang)
            looks.append((label, test, each.colour))
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
    shown, hidden = f"{null} AND NOT {HIDDEN} > 0", f"{null} AND {HIDDEN} > 0"
    most = int(table[HIDDEN].max()) - 1
    return [
        (label["no_data"], shown, ""),
        (label["suppressed"].format(most=most), hidden, HIDDEN_COLOUR),
    ]


def _rule(each: LegendClass, values: Any, quoted: str, lang: str) -> tuple[str, str]:
    """Give the label of a class and an expression that holds for its values and no others."""
    if each.kind == "zero" or not len(values):
        return "0", f"{quoted} = 0"
    low, high = (repr(float(bound)) for bound in (values.min(), values.max()))
    shown = " – ".join(f"{bound:g}" for bound in dict.fromkeys([each.low, each.high]))
    return signs_of(shown, lang), f"{quoted} >= {low} AND {quoted} <= {high}"


def _symbol(symbols: ET.Element, place: int, own: str) -> None:
    colour, pattern = (own, "solid") if own else _NO_DATA
    shown = (
        "120,120,120,255"
        if pattern != "solid"
        else (",".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5)) + ",255")
    )
    symbol = ET.SubElement(symbols, "symbol", type="fill", name=str(place), alpha="1")
    layer = ET.SubElement(symbol, "layer", {"class": "SimpleFill", "enabled": "1", "pass": "0"})
    options = ET.SubElement(layer, "Option", type="Map")
    settings = {
        "color": shown,
        "style": pattern,
        "outline_color": "110,110,110,255",
        "outline_width": "0.1",
        "outline_width_unit": "MM",
    }
    for name, value in settings.items():
        ET.SubElement(options, "Option", type="QString", name=name, value=value)
