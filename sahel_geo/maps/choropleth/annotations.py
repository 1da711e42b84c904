"""Notes that a user places on a map, numbered and listed in its legend."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.crs import require_lonlat
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.i18n.language import languages
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.maps.wording import wording

Annotations: TypeAlias = pd.DataFrame | Iterable[Mapping[str, Any]] | None

_MOST: Final = 40  # more numbers cannot be told apart on a map


def annotation_data(annotations: Annotations) -> list[dict[str, Any]]:
    """Write notes for the page: where each stands, and its text in both languages.

    Examples
    --------
    >>> annotation_data([{"lon": 2.4, "lat": 15.9, "text": {"fr": "Camp", "en": "Camp site"}}])
    [{'lat': 15.9, 'lon': 2.4, 'text': {'fr': 'Camp', 'en': 'Camp site'}}]
    """
    rows = _rows(annotations)
    wrong = [at for at, row in enumerate(rows) if not (_is_place(row) and _text(row))]
    if wrong or len(rows) > _MOST:
        raise InputError(
            Sentence(
                "`annotations` has {count} notes, {wrong} of them without a place or a text: "
                "{some}; expected at most {most}, each with lon and lat in degrees and text, or "
                "text_fr and text_en. Complete them, or leave them out.",
                count=len(rows),
                wrong=len(wrong),
                some=first_offenders(wrong),
                most=_MOST,
            ),
        )
    return [
        {
            "lat": round(float(row["lat"]), 4),
            "lon": round(float(row["lon"]), 4),
            "text": wording(_text(row), "annotations"),
        }
        for row in rows
    ]


def _rows(annotations: Annotations) -> list[dict[str, Any]]:
    """Read a table, points of a table, or mappings."""
    if annotations is None:
        return []
    if isinstance(annotations, gpd.GeoDataFrame):
        require_lonlat(annotations, "annotations")
        points = annotations.geometry.representative_point()
        annotations = pd.DataFrame(annotations).assign(lon=points.x, lat=points.y)
    if isinstance(annotations, pd.DataFrame):
        return [
            {str(key): value for key, value in row.items()}
            for row in annotations.to_dict("records")
        ]
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
