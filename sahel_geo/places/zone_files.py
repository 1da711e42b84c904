"""A zone as a value, and as a GeoJSON file that another person may have touched."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely

from sahel_geo.crs import LONLAT, geodesic_area_km2
from sahel_geo.errors import FileError, InputError, first_offenders
from sahel_geo.files import write_text
from sahel_geo.formats.jsons import check_memory
from sahel_geo.formats.proof import read_bytes
from sahel_geo.notebook import outlines_html, table_html
from sahel_geo.schema import LEVELS, UNIT_COLUMNS, PathLike

MAX_BYTES: Final = 64 * 1024**2
MAX_UNITS: Final = 20_000
_MAX_TEXT: Final = 1000
_WORDS: Final = ("name", "title_fr", "title_en", "definition_fr", "definition_en")
_TEXTS: Final = (
    "unit_id", "name", "country", "adm1_id", "adm1_name", "adm2_id", "adm2_name", "source",
    "licence", "legal_act",
)  # fmt: skip
_MEMBER: Final = "sahel_geo_zone"
_DAYS: Final = ("valid_from", "valid_to")


@dataclass(frozen=True)
class Zone:
    """A set of units and what it stands for.

    Attributes
    ----------
    name : str
        Identifier, as `load_zone` takes it.
    title_fr, title_en : str
        Title for a map.
    definition_fr, definition_en : str
        One sentence that says what belongs to the zone.
    units : GeoDataFrame
        Its units, columns `sahel_geo.schema.UNIT_COLUMNS`, EPSG:4326.
    """

    name: str
    title_fr: str
    title_en: str
    definition_fr: str
    definition_en: str
    units: gpd.GeoDataFrame

    def title_in(self, lang: str) -> str:
        """Give the title in a language, in English where it has none."""
        return str(getattr(self, f"title_{lang}", self.title_en))

    def definition_in(self, lang: str) -> str:
        """Give the definition in a language, in English where it has none."""
        return str(getattr(self, f"definition_{lang}", self.definition_en))

    def _repr_html_(self) -> str:
        words = f"{self.title_fr} / {self.title_en}: {len(self.units)} units. {self.definition_en}"
        return outlines_html(self.units.geometry) + table_html(words, self.units)

    @property
    def outline(self) -> Any:
        """Outer edge of all units: a Polygon or MultiPolygon in EPSG:4326."""
        return shapely.normalize(shapely.coverage_union_all(self.units.geometry.to_numpy()))

    def save(self, path: PathLike) -> Path:
        """Write the zone as GeoJSON, to be opened by `read_zone` or any GIS.

        Parameters
        ----------
        path : path-like
            The file to write; it appears whole or not at all.

        Returns
        -------
        Path
            The file written.

        Raises
        ------
        FileError
            If the file cannot be written.
        """
        words = {word: getattr(self, word) for word in _WORDS}
        features = [
            {"type": "Feature", "properties": properties, "geometry": json.loads(shape)}
            for properties, shape in zip(
                _properties(self.units),
                shapely.to_geojson(self.units.geometry.to_numpy()),
                strict=True,
            )
        ]
        content = {"type": "FeatureCollection", _MEMBER: words, "features": features}
        return write_text(path, json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n")


def _properties(units: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    table = pd.DataFrame(units.drop(columns=units.geometry.name)).astype(object)
    rows = table.where(table.notna(), None).to_dict("records")
    return [
        {
            str(column): value.isoformat()[:10] if isinstance(value, pd.Timestamp) else value
            for column, value in row.items()
        }
        for row in rows
    ]


def read_zone(path: PathLike) -> Zone:
    """Read a zone that `Zone.save` wrote, trusting nothing in it.

    Areas are measured again; properties that are not columns of units are dropped.

    Parameters
    ----------
    path : path-like
        A GeoJSON file.

    Returns
    -------
    Zone
        As it was saved.

    Raises
    ------
    FileError
        If the file cannot be read, or is larger than 64 MiB.
    InputError
        If it is not GeoJSON of a zone, or its texts, codes or polygons are not sound.
    """
    content = _read_json(Path(path))
    words, features = content.get(_MEMBER), content.get("features")
    if not isinstance(words, Mapping) or not isinstance(features, list) or not features:
        raise InputError(
            f"{os.fspath(path)!r} is not a zone; expected a FeatureCollection with features and a "
            f"member {_MEMBER!r}. Write it with Zone.save."
        )
    if len(features) > MAX_UNITS:
        raise InputError(
            f"{os.fspath(path)!r} has {len(features)} units; expected at most {MAX_UNITS}. "
            "Split it."
        )
    faults: list[str] = []
    texts = {word: _text(words.get(word), word, faults) or "" for word in _WORDS}
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", texts["name"]):
        faults.append("name: not lower-case letters, digits and hyphens")
    rows = [_unit(feature, place, faults) for place, feature in enumerate(features)]
    twice = {row["unit_id"] for row in rows if row} if not faults else set()
    if not faults and len(twice) < len(rows):
        faults.append("unit_id: repeated")
    if faults:
        raise InputError(
            f"{os.fspath(path)!r} has {len(faults)} faults: {first_offenders(faults)}; expected "
            "what Zone.save writes. Mend or write it again."
        )
    table = gpd.GeoDataFrame(pd.DataFrame(rows), geometry="geometry", crs=LONLAT)
    table["area_km2"] = geodesic_area_km2(table.geometry)
    for name in _DAYS:
        table[name] = pd.to_datetime(table[name], format="%Y-%m-%d").astype("datetime64[s]")
    table = table.astype(dict.fromkeys(_TEXTS, "str") | {"approximate": bool, "level": int})
    return Zone(units=table[list(UNIT_COLUMNS)], **texts)


def _read_json(path: Path) -> dict[str, Any]:
    content_bytes = read_bytes(path, MAX_BYTES)
    check_memory(path, content_bytes)
    try:
        text = content_bytes.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FileError(f"{str(path)!r} cannot be read: {error}. Check the path.") from error
    try:
        content = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"{str(path)!r} is not GeoJSON ({str(error)[:100]}); expected what Zone.save writes. "
            "Write it again."
        ) from error
    return content if isinstance(content, dict) else {}


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not a number of JSON")


def _text(value: Any, what: str, faults: list[str]) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > _MAX_TEXT or not value.isprintable():
        faults.append(f"{what}: not a plain text of at most {_MAX_TEXT} characters")
        return None
    return value


def _unit(feature: Any, place: int, faults: list[str]) -> dict[str, Any]:
    """Check one feature; faults are added to the list."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        faults.append(f"feature {place}: no properties")
        return {}
    row: dict[str, Any] = {
        name: _text(properties.get(name), f"feature {place}, {name}", faults) for name in _TEXTS
    }
    for name in _DAYS:
        day = _text(properties.get(name), f"feature {place}, {name}", faults)
        if day is not None and not _is_day(day):
            faults.append(f"feature {place}, {name}: not a day")
        row[name] = day
    row["approximate"] = properties.get("approximate", False)
    row["level"] = properties.get("level")
    if not row["unit_id"] or not row["name"]:
        faults.append(f"feature {place}: no unit_id or name")
    if not re.fullmatch("[A-Z]{3}", row["country"] or ""):
        faults.append(f"feature {place}, country: not an alpha-3 code")
    if isinstance(row["level"], bool) or row["level"] not in LEVELS:
        faults.append(f"feature {place}, level: not one of {list(LEVELS)}")
    if not isinstance(row["approximate"], bool):
        faults.append(f"feature {place}, approximate: not true or false")
    row["geometry"] = _polygon(feature.get("geometry"), place, faults)
    return row


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _polygon(value: Any, place: int, faults: list[str]) -> Any:
    try:
        shape = shapely.from_geojson(json.dumps(value))
    except (shapely.errors.ShapelyError, RecursionError):
        shape = None
    if shape is None or shape.is_empty or shape.geom_type not in {"Polygon", "MultiPolygon"}:
        faults.append(f"feature {place}: no polygon")
        return None
    west, south, east, north = shape.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        faults.append(f"feature {place}: coordinates are not degrees")
    elif not shape.is_valid:
        faults.append(f"feature {place}: {shapely.is_valid_reason(shape)}")
    return shapely.force_2d(shape)
