"""The units as the page keeps them: one list per attribute, each name of a parent once."""

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.i18n.countries import spellings
from sahel_geo.maps.choropleth.checks import check_keys
from sahel_geo.maps.choropleth.layers import centres
from sahel_geo.maps.choropleth.legend import Naming, is_whole, plain_numbers, round_values
from sahel_geo.maps.choropleth.topology import encode_line, quantise_each
from sahel_geo.maps.page.element import clean_text
from sahel_geo.maps.wording import Words, wording

Uncertain = str | Mapping[str, str] | None


def unit_data(units: gpd.GeoDataFrame, shapes: Sequence[str]) -> dict[str, Any]:
    """Write names, codes, parents, centres and shapes."""
    rows = pd.DataFrame(units.drop(columns=units.geometry.name)).to_dict("records")
    groups: dict[str, int] = {}
    parents: list[dict[str, Any]] = []
    parent = []
    for row in rows:
        names, country = _parents(row), row.get("country")
        key = repr((names, country))
        if key not in groups:
            groups[key] = len(parents)
            parents.append(
                {"names": names, "country": country if isinstance(country, str) else None},
            )
        parent.append(groups[key])
    return {
        "id": [clean_text(str(row["unit_id"])) for row in rows],
        "name": [clean_text(str(row["name"])) for row in rows],
        "parent": parent,
        "parents": parents,
        "centre": encode_line(quantise_each(centres(units.geometry))),
        "shape": list(shapes),
    }


def _parents(row: Mapping[Any, Any]) -> list[str | dict[str, str]]:
    names: list[str | dict[str, str]] = []
    for level in ("adm2", "adm1"):
        parent = row.get(f"{level}_name")
        own = str(row.get(f"{level}_id")) == str(row["unit_id"])
        if isinstance(parent, str) and parent and not own:
            names.append(clean_text(parent))
    country = row.get("country")
    if isinstance(country, str) and row.get("level") != 0:
        names.append(wording(spellings(country) or country, "units"))
    return names


def detail_data(
    units: gpd.GeoDataFrame,
    details: Sequence[str],
    naming: Naming,
) -> list[dict[str, Any]]:
    """Write the columns that only the box of a unit tells."""
    found = []
    for name in details:
        data = units[name].to_numpy(dtype=float, na_value=np.nan)
        whole = is_whole(units[name], data)
        values = plain_numbers(data if whole else round_values(data))
        words = {"title": naming.title(name), "unit": naming.unit(name)}
        found.append({**words, "whole": whole, "values": values})
    return found


def find_intervals(
    units: gpd.GeoDataFrame,
    columns: Sequence[str],
    intervals: Mapping[str, tuple[str, str]] | None,
) -> dict[str, tuple[str, str]]:
    """Find the columns that hold the limits of each indicator's interval."""
    given = dict(intervals or {})
    check_keys(given, columns, "intervals")
    for name in columns:
        pair = (f"{name}_low", f"{name}_high")
        if name not in given and all(limit in units for limit in pair):
            given[name] = pair
    return given


def interval_data(units: gpd.GeoDataFrame, pair: tuple[str, str]) -> list[list[Any]]:
    """Write the lower and upper limits of one indicator."""
    low, high = (units[name].to_numpy(dtype=float, na_value=np.nan) for name in pair)
    crossed = units.loc[low > high, "unit_id"]
    if len(crossed):
        raise InputError(
            f"`intervals` {pair} are crossed in {len(crossed)} units: {first_offenders(crossed)}; "
            "expected the lower limit first. Swap the columns.",
        )
    return [plain_numbers(round_values(limit)) for limit in (low, high)]


def uncertain_data(
    units: gpd.GeoDataFrame,
    columns: Sequence[str],
    uncertain: Uncertain,
    labels: Mapping[str, Words],
) -> dict[str, dict[str, Any]]:
    """Write where each indicator is uncertain."""
    chosen = dict.fromkeys(columns, uncertain) if isinstance(uncertain, str) else uncertain or {}
    check_keys(chosen, columns, "uncertain")
    found: dict[str, dict[str, Any]] = {}
    for name, flag in chosen.items():
        if flag not in units or not pd.api.types.is_bool_dtype(units[flag].dtype):
            kind = units[flag].dtype if flag in units else "missing"
            raise InputError(
                f"`uncertain` column {flag!r} is {kind}; expected a column of `units` with true "
                "and false. Make one, such as units['few'] = units['incidents'] < 5.",
            )
        at = np.flatnonzero(units[flag].fillna(value=False).to_numpy(dtype=bool))
        label = wording(labels[flag], "labels") if flag in labels else None
        found[name] = {"at": at.tolist(), "label": label}
    return found
