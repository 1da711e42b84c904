"""What a map takes: units, columns and options are checked before anything is drawn."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.crs import require_lonlat
from sahel_geo.errors import InputError, first_offenders, require_language
from sahel_geo.i18n.sentence import Sentence, joined
from sahel_geo.maps.classes.categories import is_categorical, known_set
from sahel_geo.maps.classes.palettes import nearest
from sahel_geo.maps.texts import INDICATORS

_REQUIRED: Final = ("unit_id", "name")
_AREAS: Final = ("Polygon", "MultiPolygon")


def check_lang(lang: str) -> None:
    """Refuse a language that the page does not speak."""
    require_language(lang)


def check_units(
    units: gpd.GeoDataFrame,
    columns: Sequence[str],
    extra: Sequence[str] = (),
) -> None:
    """Refuse units that would make a wrong map."""
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
    missing = [name for name in (*_REQUIRED, *columns, *extra) if name not in units]
    if missing:
        raise InputError(
            f"`units` lacks {len(missing)} columns: {first_offenders(missing)}; it has "
            f"{first_offenders(units.columns, limit=20)}. {nearest(missing[0], units.columns)}",
        )
    faults = [*_row_faults(units), *_column_faults(units, columns, extra)]
    if faults:
        raise InputError(joined(faults, " "))


def _row_faults(units: gpd.GeoDataFrame) -> list[str]:
    faults: list[str] = []
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


def _column_faults(
    units: gpd.GeoDataFrame,
    columns: Sequence[str],
    extra: Sequence[str],
) -> list[str]:
    faults: list[str] = []
    if len(set(columns)) < len(columns):
        faults.append(
            Sentence(
                "`column` names a column twice: {shown}. Name each once.",
                shown=first_offenders(columns),
            )
        )
    for name in dict.fromkeys((*columns, *extra)):
        values = units[name]
        if name in columns and is_categorical(values) and not _is_number_in_text(values):
            continue
        if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
            faults.append(
                f"`units` column {name!r} holds {values.dtype} values, such as "
                f"{first_offenders(values.dropna().head(2))}; expected numbers, or texts for "
                "classes. Convert it with pandas.to_numeric or .astype('category').",
            )
            continue
        infinite = units.loc[np.isinf(values.to_numpy(float, na_value=np.nan)), "unit_id"]
        if len(infinite):
            faults.append(
                Sentence(
                    "`units` column {name!r} is infinite in {number} units: {shown}; expected "
                    "finite numbers. Look for a division by a zero area or population.",
                    name=name,
                    number=len(infinite),
                    shown=first_offenders(infinite),
                ),
            )
    return faults


def check_safe(safe: bool, extras: Mapping[str, Any]) -> None:  # noqa: FBT001
    """Refuse what could tell the figures that a map for publication hides."""
    given = [name for name, value in extras.items() if _is_given(value)]
    if safe and given:
        raise InputError(
            f"`{given[0]}` could tell figures that this map hides; expected none of {list(extras)} "
            "with publish='safe'. Leave it out, or make the map with publish='full'.",
        )


def _is_given(value: Any) -> bool:
    return value is not None and (not hasattr(value, "__len__") or len(value) > 0)


def _is_number_in_text(values: "pd.Series[Any]") -> bool:
    """Tell whether texts stand where numbers are meant: a known measure, or texts like "12"."""
    if known_set(values):
        return False
    known = values.dropna().astype(str)
    return str(values.name) in INDICATORS or bool(known.str.fullmatch(r"[-+]?\d+([.,]\d+)?").all())


def check_keys(given: Mapping[str, Any], columns: Sequence[str], argument: str) -> None:
    """Refuse options for a column that the map does not show."""
    unknown = [name for name in given if name not in columns]
    if unknown:
        raise InputError(
            f"`{argument}` names {len(unknown)} columns that the map does not show: "
            f"{first_offenders(unknown)}; expected columns of `column`. "
            f"{nearest(str(unknown[0]), columns)}",
        )
