"""The figures of a report: what was read and placed, each unit, each country, each border."""

from typing import Any, Final

import geopandas as gpd
import pandas as pd

from sahel_geo.errors import InputError
from sahel_geo.i18n.countries import country_name
from sahel_geo.incidents.catalogue import is_selection
from sahel_geo.incidents.table import Incidents
from sahel_geo.indicators.border import border as border_measures
from sahel_geo.indicators.density import density
from sahel_geo.locate.assign.assign import NO_COORDINATES, OUTSIDE_UNITS, assign, too_coarse
from sahel_geo.locate.panel.count import count
from sahel_geo.maps.pages.findings import Findings
from sahel_geo.maps.report_texts import TEXTS, zone_title
from sahel_geo.places.borders import international_borders
from sahel_geo.places.zones import Zone
from sahel_geo.schema import UNIT_COLUMNS, Language

_BEYOND: Final = "other_country"
_COUNTS: Final = ("incidents", "fatalities_low", "fatalities_best", "fatalities_high")


def single_level(units: gpd.GeoDataFrame) -> int:
    """Give the level of the units."""
    needed = ("unit_id", "name", "country", "level", "area_km2")
    missing = [column for column in needed if column not in units]
    levels = sorted(set(units["level"])) if "level" in units else []
    if missing or len(levels) != 1:
        raise InputError(
            f"`units` lacks columns {missing} or mixes levels {levels}; expected the units of one "
            "level. Load them with sg.load_boundaries(level=...).",
        )
    return int(levels[0])


def place(incidents: pd.DataFrame, units: gpd.GeoDataFrame, level: int) -> pd.DataFrame:
    """Assign the incidents; those too coarse for the level are unplaced with that reason."""
    placed = assign(incidents, units)
    coarse = too_coarse(placed, level) & placed["unit_id"].notna()
    placed.loc[coarse, "unit_id"] = None
    placed.loc[coarse, "unplaced_reason"] = "too_coarse"
    return placed


def keep_countries(
    placed: pd.DataFrame, units: gpd.GeoDataFrame, countries: list[str]
) -> pd.DataFrame:
    """Set aside what lies in a country that the file does not speak of."""
    country = placed["unit_id"].map(units.set_index("unit_id")["country"])
    beyond = placed["unit_id"].notna() & ~country.isin(countries)
    placed.loc[beyond, "unit_id"] = None
    placed.loc[beyond, "unplaced_reason"] = _BEYOND
    return placed


def follow(
    incidents: pd.DataFrame,
    placed: pd.DataFrame,
    on_map: pd.DataFrame,
    units: gpd.GeoDataFrame,
) -> dict[str, Any]:
    """Follow every row from the file to the map; the numbers add up."""
    read = incidents.report if isinstance(incidents, Incidents) else None
    reasons = placed["unplaced_reason"].value_counts()
    dated = placed["date"].notna()
    precision = on_map.get("location_precision")
    country = units.set_index("unit_id")["country"].reindex(on_map["unit_id"]).to_numpy()
    stated = on_map["country"] if "country" in on_map else pd.Series(None, index=on_map.index)
    return {
        "read": read.rows_read if read else len(incidents),
        "set_aside": read.rows_set_aside if read else 0,
        "set_aside_reasons": dict(read.set_aside) if read else {},
        "notes": list(read.notes) if read else [],
        "kept": len(incidents),
        "no_coordinates": int(reasons.get(NO_COORDINATES, 0)),
        "outside": int(reasons.get(OUTSIDE_UNITS, 0)),
        "coarse": int(reasons.get("too_coarse", 0)),
        "beyond": int(reasons.get(_BEYOND, 0)),
        "undated": int((placed["unit_id"].notna() & ~dated).sum()),
        "other_period": int((placed["unit_id"].notna() & dated).sum()) - len(on_map),
        "mapped": len(on_map),
        "differs": int((stated.notna() & (stated != country)).sum()),
        "precision": len(on_map) if precision is None else int((precision == "unknown").sum()),
    }


def source_of(incidents: pd.DataFrame, lang: Language) -> str:
    """Name who the incidents come from, as the table says."""
    if is_selection(incidents):
        return TEXTS[lang]["source_selection"]
    if "source" not in incidents or incidents["source"].isna().all():
        return ""
    names = incidents["source"].dropna().astype(str).value_counts().index
    return ", ".join(names[:3]) + (f" (+{len(names) - 3})" if len(names) > 3 else "")


def indicators(
    mapped: pd.DataFrame,
    units: gpd.GeoDataFrame,
    covered: list[str],
    people: "pd.Series[Any] | None" = None,
) -> gpd.GeoDataFrame:
    """Give each unit its counts, rates and exposure over the whole period."""
    panel = count(mapped, units, period="month")
    rates = density.rates(panel, units, population=people)
    table = units.merge(rates, on="unit_id", validate="one_to_one")
    if people is not None:
        table["people"] = table["unit_id"].map(people).astype("float64")
    if len(units["country"].unique()) > 1:
        exposure = border_measures.foreign_exposure(panel, units)
        total = exposure.groupby("unit_id")["foreign_exposure"].sum(min_count=1)
        table["foreign_exposure"] = table["unit_id"].map(total)
    unknown = ~table["country"].isin(covered) & (table["incidents"] == 0)
    measured = [name for name in table if name == "incidents" or name not in units]
    table[measured] = table[measured].astype("float64").mask(unknown)
    if len(covered) < 2:
        table = table.drop(columns="foreign_exposure", errors="ignore")
    return table


def zone_ids(zone: Zone, units: gpd.GeoDataFrame) -> list[str]:
    """Find the units of a zone."""
    ids = [unit for unit in zone.units["unit_id"] if unit in set(units["unit_id"])]
    if not ids:
        raise InputError(
            "`zone` {zone!r} shares no unit with `units`; expected units of the same level "
            "and vintage. Pass zone=None, or load the zone for these units.",
            zone=zone.name,
        )
    return ids


def areas(
    table: gpd.GeoDataFrame,
    zone: Zone | None,
    ids: list[str],
    summary: dict[str, Any],
) -> list[dict[str, Any]]:
    """Add up the figures of each country, and of the zone."""
    lang: Language = summary["lang"]
    years = _years(summary)
    not_covered = summary["not_covered"]
    parts = [
        (country_name(code, lang), table[table["country"] == code])
        for code in table["country"].unique()
        if code not in not_covered
    ]
    if zone:
        parts.append((zone_title(zone, lang), table[table["unit_id"].isin(ids)]))
    return [{"name": name, **_area(part, years)} for name, part in parts]


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


def _years(summary: dict[str, Any]) -> float:
    """Give the length of the months shown, in years, as `sahel_geo.density.rates` counts it."""
    first, last = (pd.Period(day, freq="M") for day in summary["period"])
    return ((last.end_time - first.start_time).days + 1) / 365.25


def _area(part: gpd.GeoDataFrame, years: float) -> dict[str, Any]:
    part = part[part["incidents"].notna()]
    incidents = int(part["incidents"].sum())
    area: dict[str, Any] = {
        "units": len(part),
        "with_incidents": int((part["incidents"] > 0).sum()),
        "incidents": incidents,
        "per_1000km2_year": None,
    }
    if len(part):
        area["per_1000km2_year"] = incidents / float(part["area_km2"].sum()) * 1e3 / years
    for name in ("fatalities_low", "fatalities_best", "fatalities_high"):
        stated = name in part and is_stated(part, name)
        area[name] = int(part[name].sum()) if stated else None
    return area


def border_rows(
    mapped: pd.DataFrame,
    units: gpd.GeoDataFrame,
    covered: list[str],
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
