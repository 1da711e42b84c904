"""What the columns of the exports are: tags of HXL, and a Data Package descriptor beside them."""

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from sahel_geo.files import write_text
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.version import __version__

FILE: Final = "datapackage.json"
_MEDIA: Final = {
    ".csv": ("csv", "text/csv"),
    ".parquet": ("parquet", "application/vnd.apache.parquet"),
    ".gpkg": ("gpkg", "application/geopackage+sqlite3"),
}
_TAGS: Final = {
    "country": "#country+code+v_iso3",
    "level": "#meta+level",
    "area_km2": "#indicator+area+km2+num",
    "source": "#meta+source",
    "licence": "#meta+license",
    "valid_from": "#date+start",
    "valid_to": "#date+end",
    "legal_act": "#meta+legal_act",
    "approximate": "#meta+approximate",
    "incidents": "#event+incidents+num",
    "fatalities_low": "#affected+killed+low+num",
    "fatalities_best": "#affected+killed+best+num",
    "fatalities_high": "#affected+killed+high+num",
    "people": "#population+num",
    "population": "#population+num",
}
_TITLES: Final = {
    "unit_id": Sentence("Identifier of the unit: its P-code, or one of sahel_geo"),
    "name": Sentence("Name of the unit"),
    "country": Sentence("Country, ISO 3166-1 alpha-3"),
    "level": Sentence("Administrative level"),
    "area_km2": Sentence("Area on the ellipsoid, km²"),
    "source": Sentence("Source of the outline"),
    "licence": Sentence("Licence of the outline"),
    "valid_from": Sentence("First day of the unit"),
    "valid_to": Sentence("Day after the last of the unit; empty if it still exists"),
    "legal_act": Sentence("Legal act that made the unit"),
    "approximate": Sentence("Whether the outline is approximate"),
    "incidents": Sentence("Incidents in the period shown; empty is not known, not zero"),
    "fatalities_low": Sentence("Deaths, lowest estimate"),
    "fatalities_best": Sentence("Deaths, best estimate"),
    "fatalities_high": Sentence("Deaths, highest estimate"),
    "per_1000km2": Sentence("Incidents per 1,000 km²"),
    "per_1000km2_year": Sentence("Incidents per 1,000 km² and year"),
    "per_100k_year": Sentence("Incidents per 100,000 people and year"),
    "people": Sentence("People"),
    "foreign_exposure": Sentence("Incidents in foreign neighbours, weighted"),
    "domestic_exposure": Sentence("Incidents in neighbours of the same country, weighted"),
    "foreign_share": Sentence("Share of the exposure that lies abroad"),
    "risk": Sentence("Risk index, 0 to 1"),
    "suppressed_below": Sentence("Counts below this number are hidden; 0 if nothing is"),
}
_PREFIXES: Final = {
    "gi_": Sentence("Hot spots (Gi*): {part}"),
    "emerging_": Sentence("History of hot spots: {part}"),
    "change_": Sentence("Two periods compared: {part}"),
    "risk_": Sentence("Risk index: {part}"),
    "fatalities_": Sentence("Deaths: {part}"),
    "forecast_": Sentence("Forecast: {part}"),
}


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
    if name in _TAGS:
        return _TAGS[name]
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
    title = Sentence("Figures of a report of sahel_geo, a row for each unit")
    package = {
        "profile": "data-package",
        "name": "sahel-geo-report",
        "title": title.say(lang),
        "version": __version__,
        "sources": [{"title": text} for text in dict.fromkeys(_sources(table, source))],
        "licenses": [{"name": text} for text in _licences(table)],
        "resources": resources,
    }
    text = json.dumps(package, ensure_ascii=False, indent=2, allow_nan=False)
    return write_text(folder / FILE, text + "\n")


def _sources(table: pd.DataFrame, source: str) -> list[str]:
    outlines = table["source"].dropna().astype(str).unique().tolist() if "source" in table else []
    return [*([source] if source else []), *outlines]


def _licences(table: pd.DataFrame) -> list[str]:
    """Name the licences of the outlines; that of the incidents is for their source to say."""
    if "licence" not in table:
        return []
    stated = table["licence"].dropna().astype(str)
    return sorted({re.sub(r"[^A-Za-z0-9._-]+", "-", text) for text in stated})


def _field(name: str, values: "pd.Series[Any]", lang: str) -> dict[str, Any]:
    field: dict[str, Any] = {"name": name, "title": title_of(name).say(lang)}
    if pd.api.types.is_bool_dtype(values):
        return field | {"type": "boolean", "trueValues": ["True"], "falseValues": ["False"]}
    if pd.api.types.is_datetime64_any_dtype(values):
        return field | {"type": "datetime", "format": "%Y-%m-%d %H:%M:%S"}
    if _is_number(values):
        kind = "integer" if pd.api.types.is_integer_dtype(values) else "number"
        return field | {"type": kind}
    return field | {"type": "string"}


def title_of(name: str) -> Sentence:
    """Say what a column is.

    >>> title_of("gi_p").say("fr")
    'Points chauds (Gi*)\u202f: p'
    """
    if name in _TITLES:
        return _TITLES[name]
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
