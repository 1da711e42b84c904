"""The figures of a report: what was read and placed, each unit, each country, each border."""

from typing import Any, Final

import geopandas as gpd
import pandas as pd

from sahel_geo.errors import InputError
from sahel_geo.i18n.countries import country_name
from sahel_geo.indicators.border import border as border_measures
from sahel_geo.maps.pages.findings import Findings
from sahel_geo.places.borders import international_borders
from sahel_geo.schema import UNIT_COLUMNS, Language

_COUNTS: Final = ("incidents", "fatalities_low", "fatalities_best", "fatalities_high")


def single_level(units: gpd.GeoDataFrame) -> int:
    """Give the level of the units."""
    needed = ("unit_id", "name", "country", "level", "area_km2")
    missing = [column for column in needed if column not in units]
    levels = sorted(set(units["level"])) if "level" in units else []
    if missing or len(levels) != 1:
        raise InputError(
            f"`units` lacks columns {missing} or mixes levels {levels}; expected the units of one "
            "level. Load them with sg.load_boundaries(level=...)."
        )
    return int(levels[0])


def safe_areas(
    table: gpd.GeoDataFrame, totals: pd.DataFrame, lang: Language
) -> list[dict[str, Any]]:
    """Give the totals of each country that may be published; none of the zone."""
    given = []
    for code, part in table[table["incidents"].notna()].groupby("country", sort=False):
        area: dict[str, Any] = {"name": country_name(code, lang), "per_1000km2_year": None}
        area |= {"units": len(part), "with_incidents": int((part["incidents"] > 0).sum())}
        rows = totals[(totals["level"] == 1) & (totals.get("country") == code)]
        for name in _COUNTS:
            known = name in rows and len(rows) == 1 and pd.notna(rows[name].iloc[0])
            area[name] = int(rows[name].iloc[0]) if known else None
        given.append(area)
    return given


def border_rows(
    mapped: pd.DataFrame, units: gpd.GeoDataFrame, covered: list[str]
) -> list[dict[str, Any]]:
    """Set the share of incidents near each border beside that of the land."""
    border = international_borders(units)
    border = border[border["country_a"].isin(covered) | border["country_b"].isin(covered)]
    if border.empty:
        return []
    land = units[units["country"].isin(covered)]
    profile = border_measures.proximity_profile(mapped, border, land, distances_km=(25, 50, 100))
    columns = [
        "border",
        "distance_km",
        "incidents",
        "incidents_within",
        "incidents_share",
        "area_share",
        "location_quotient",
    ]
    rows = profile.table[columns]
    records = rows.astype(object).where(rows.notna(), None).to_dict("records")
    return [{str(key): value for key, value in record.items()} for record in records]


def is_stated(table: gpd.GeoDataFrame, column: str) -> bool:
    """Tell whether a column says more than that units without incidents have zero."""
    figures = table.loc[table["incidents"] > 0, column] if "fatalities" in column else table[column]
    return bool(figures.notna().any())


def export_table(
    table: gpd.GeoDataFrame, findings: Findings, *, selection: bool
) -> gpd.GeoDataFrame:
    """Put the figures of each unit side by side, for the files of a report."""
    if selection:
        table = table[[name for name in table if name in UNIT_COLUMNS or name in _COUNTS]]
    parts = (
        (findings.hot, "gi_", ("z", "p", "q", "kind", "hot_draws")),
        (findings.emerging, "emerging_", ("kind", "total", "last", "around")),
        (
            findings.comparison.table if findings.comparison else None,
            "change_",
            ("before", "after", "ratio", "lower", "upper", "q", "kind"),
        ),
    )
    for part, prefix, names in parts:
        if part is not None:
            kept = [name for name in names if name in part]
            named = part.set_index("unit_id")[kept].add_prefix(prefix)
            table = table.merge(named, left_on="unit_id", right_index=True, how="left")
    # the same counts by the length of the period would be read as rates of a year
    table = table.drop(columns=[name for name in table if name.endswith("per_1000km2")])
    return table.replace([float("inf")], float("nan"))
