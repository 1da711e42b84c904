"""What a map tells: the columns asked for, checked, made safe, and written for the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from sahel_geo.maps.choropleth.checks import check_safe, check_units
from sahel_geo.maps.choropleth.legend import Naming, indicator_data
from sahel_geo.maps.choropleth.series import YearRule, rule_of, series_data
from sahel_geo.maps.choropleth.units import (
    Uncertain,
    detail_data,
    find_intervals,
    interval_data,
    uncertain_data,
)
from sahel_geo.maps.classes.categories import is_categorical
from sahel_geo.maps.publish.publish import published
from sahel_geo.maps.publish.timeline import Timeline, read_timeline
from sahel_geo.maps.texts import PartKind
from sahel_geo.maps.wording import Words, wording
from sahel_geo.schema import HIDDEN, Language


@dataclass(frozen=True)
class Asked:
    """What a caller asks of the columns.

    Attributes
    ----------
    columns : list of str
        Indicators.
    naming : Naming
        Words for columns.
    scale : mapping
        Options of `classify`.
    by_year : mapping
        How years come from periods, by column.
    details : sequence of str
        Columns that only the box of a unit tells.
    intervals : mapping, optional
        Columns of limits by indicator.
    uncertain : str or mapping, optional
        Columns of truth values.
    like : mapping of str to mapping
        Indicators of a linked map, whose classes are shared, by column.
    parts : mapping of str to (kind, text), optional
        Columns that count a part of the incidents.
    """

    columns: list[str]
    naming: Naming
    scale: Mapping[str, Any]
    by_year: Mapping[str, Any]
    details: Sequence[str] = ()
    intervals: Mapping[str, tuple[str, str]] | None = None
    uncertain: Uncertain = None
    like: Mapping[str, Mapping[str, Any]] | None = None
    parts: Mapping[str, tuple[PartKind, Words]] | None = None


@dataclass(frozen=True)
class Figures:
    """The figures of a map, as they may be shown.

    Attributes
    ----------
    units : GeoDataFrame, shape (n, ...)
        Units, made safe where that was asked for.
    timeline : Timeline, optional
        Periods of the panel.
    indicators, details : list of mapping
        As the page keeps them.
    notes : mapping of str to sequence of str
        What was done to make them safe, by language.
    safe : bool
        Whether they were made safe.
    """

    units: gpd.GeoDataFrame
    timeline: Timeline | None
    indicators: list[dict[str, Any]]
    details: list[dict[str, Any]]
    notes: Mapping[Language, Sequence[str]]
    safe: bool


def prepare(
    units: gpd.GeoDataFrame,
    asked: Asked,
    panel: pd.DataFrame | None,
    overlays: Mapping[str, Any],
    publish: str,
    least: int,
) -> Figures:
    """Check units and columns, hide what may not be shown, and write the rest for the page."""
    safe = publish == "safe" or HIDDEN in units
    given = {"details": asked.details, "intervals": asked.intervals, "uncertain": asked.uncertain}
    check_safe(safe, {**given, **overlays})
    limits_of = find_intervals(units, asked.columns, asked.intervals)
    if isinstance(units, gpd.GeoDataFrame) and "name" not in units and "unit_id" in units:
        units = units.assign(name=units["unit_id"].astype("str"))  # cells of a grid have no names
    extra = [*asked.details, *(name for pair in limits_of.values() for name in pair)]
    check_units(units, asked.columns, extra)
    public = published(units, asked.columns, panel, publish, least)
    units, columns = public.units, public.columns
    timeline = None if public.panel is None else read_timeline(public.panel, units, columns)
    indicators = [_indicator(units, key, asked, timeline) for key in columns]
    doubts = uncertain_data(units, columns, asked.uncertain, asked.naming.labels)
    for indicator, key in zip(indicators, columns, strict=True):
        if key in limits_of and HIDDEN not in units:
            indicator["interval"] = interval_data(units, limits_of[key])
        indicator["uncertain"] = doubts.get(key)
    details = detail_data(units, asked.details, asked.naming)
    return Figures(units, timeline, indicators, details, public.notes, safe)


def _indicator(
    units: gpd.GeoDataFrame,
    key: str,
    asked: Asked,
    timeline: Timeline | None,
) -> dict[str, Any]:
    """Prepare an indicator, with its series if the panel has one."""
    values = units[key]
    options = {"hidden": units.get(HIDDEN), **asked.scale}
    like = (asked.like or {}).get(key)
    found = indicator_data(values, asked.naming, options, like)
    part = (asked.parts or {}).get(key)
    if part is not None:
        found["part"] = {"kind": part[0], "name": wording(part[1], "parts")}
    if timeline is not None and key in timeline.panel and not is_categorical(values):
        rule: YearRule | None = rule_of(key, {key: "sum"} if part else asked.by_year)
        linked = (like or {}).get("series")
        found["series"] = series_data(timeline, values, options, rule, linked)
        found["series"]["adds"] |= part is not None  # halves add up, too
    return found
