"""The whole job: from incidents and units to an index page and two offline maps."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd

import sahel_geo
from sahel_geo.errors import InputError
from sahel_geo.files import write_text
from sahel_geo.incidents.catalogue import SELECTION_NOTICE
from sahel_geo.incidents.table import Incidents
from sahel_geo.indicators import border as border_measures
from sahel_geo.indicators import density
from sahel_geo.locate.assign import (
    NO_COORDINATES,
    OUTSIDE_UNITS,
    assign,
    covered_countries,
    too_coarse,
)
from sahel_geo.locate.panel import count
from sahel_geo.maps.choropleth import choropleth
from sahel_geo.maps.index_page import index_page, not_covered_note, zone_title
from sahel_geo.maps.page import save_map
from sahel_geo.maps.report_texts import TEXTS, format_date
from sahel_geo.places.borders import international_borders
from sahel_geo.places.zones import Zone, load_zone
from sahel_geo.schema import COUNTRY_NAMES, LANGUAGES, Language

_MAP_COLUMNS: Final = (
    "per_1000km2",
    "incidents",
    "fatalities_low",
    "fatalities_best",
    "fatalities_high",
    "foreign_exposure",
)
ALL_FILE: Final = "central-sahel.html"
INDEX_FILE: Final = "index.html"


@dataclass(frozen=True)
class Report:
    """What a report was made of, and the pages it wrote.

    Attributes
    ----------
    pages : tuple of Path
        Index first, then the maps.
    summary : dict
        Figures of the report, ready for JSON: ``steps`` (what was read, placed and set aside),
        ``areas`` (countries and zone), ``border`` (empty for a selection), ``period``, ``source``.
    """

    pages: tuple[Path, ...]
    summary: dict[str, Any]

    @property
    def share_set_aside(self) -> float:
        """Share of the rows read that the checks set aside; 0 for an empty table."""
        steps = self.summary["steps"]
        return steps["set_aside"] / steps["read"] if steps["read"] else 0.0


def write_report(
    incidents: pd.DataFrame,
    units: gpd.GeoDataFrame,
    out: str | Path = "outputs/maps",
    *,
    zone: Zone | str | None = "menaka-tri-border",
    lang: Language = "fr",
    source: str | None = None,
) -> Report:
    """Write an index page and two offline maps: all units, and a zone closer up.

    Incidents known only to an area larger than the units are left off the maps and counted. No page
    holds a point: they show totals by unit.

    Parameters
    ----------
    incidents : Incidents or DataFrame, n rows
        From :func:`sahel_geo.read_incidents` or :func:`sahel_geo.load_example_incidents`.
    units : GeoDataFrame
        From :func:`sahel_geo.load_boundaries`, of one level.
    out : path-like
        Folder for the pages; created if needed.
    zone : Zone, str or None
        The zone of the second map, or its name; None writes no second map, nor do units of level 0,
        of which a zone is only a part.
    lang : {"fr", "en"}
        Language of the pages.
    source : str, optional
        Who the incidents come from, for the attribution; by default what the table says.

    Returns
    -------
    Report
        Paths and figures. With no incident that can be placed, only the index is written, with the
        reasons.

    Raises
    ------
    InputError
        If `lang` is unknown, `units` mix levels or lack a column, or no unit is of the zone.
    FileError
        If a page cannot be written.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=1)
    >>> folder = getfixture("tmp_path")
    >>> report = sg.write_report(sg.load_example_incidents(), units, folder, lang="en")
    >>> [page.name for page in report.pages]
    ['index.html', 'central-sahel.html', 'menaka-tri-border.html']
    """
    if lang not in LANGUAGES:
        raise InputError(f"`lang` is {lang!r}; expected one of {list(LANGUAGES)}.")
    level = _single_level(units)
    if level == 0:
        zone = None  # a zone is a part of each country
    area = load_zone(zone, level=level) if isinstance(zone, str) else zone
    zone_ids = _zone_ids(area, units) if area else []
    placed = _place(incidents, units, level)
    steps = _steps(incidents, placed, units)
    selection = isinstance(incidents, Incidents) and incidents.report.is_selection
    mapped = placed[placed["unit_id"].notna() & placed["date"].notna()]
    out = Path(out)
    summary: dict[str, Any] = {
        "version": sahel_geo.__version__,
        "lang": lang,
        "level": level,
        "zone": area.name if area else None,
        "selection": selection,
        "source": source or _source(incidents, lang),
        "steps": steps,
        "period": None,
        "not_covered": [],
        "areas": [],
        "border": [],
    }
    pages: list[Path] = []
    table = None
    if len(mapped):
        dates = mapped["date"]
        summary["period"] = [f"{dates.min():%Y-%m-%d}", f"{dates.max():%Y-%m-%d}"]
        covered = covered_countries(placed, units)
        summary["not_covered"] = sorted(set(units["country"]) - set(covered))
        table = _indicators(mapped, units, covered)
        summary["areas"] = _areas(table, area, zone_ids, summary)
        if not selection:
            summary["border"] = _border_rows(mapped, units, covered)
        pages = _write_maps(table, area, zone_ids, out, summary)
    index = index_page(summary, units, table, area, [page.name for page in pages])
    pages.insert(0, write_text(out / INDEX_FILE, index))
    return Report(pages=tuple(pages), summary=summary)


def _single_level(units: gpd.GeoDataFrame) -> int:
    needed = ("unit_id", "name", "country", "level", "area_km2")
    missing = [column for column in needed if column not in units]
    levels = sorted(set(units["level"])) if "level" in units else []
    if missing or len(levels) != 1:
        raise InputError(
            f"`units` lacks columns {missing} or mixes levels {levels}; expected the units of one "
            "level. Load them with sg.load_boundaries(level=...).",
        )
    return int(levels[0])


def _place(incidents: pd.DataFrame, units: gpd.GeoDataFrame, level: int) -> pd.DataFrame:
    """Assign the incidents; those too coarse for the level are unplaced with that reason."""
    placed = assign(incidents, units)
    coarse = too_coarse(placed, level) & placed["unit_id"].notna()
    placed.loc[coarse, "unit_id"] = None
    placed.loc[coarse, "unplaced_reason"] = "too_coarse"
    return placed


def _steps(
    incidents: pd.DataFrame,
    placed: pd.DataFrame,
    units: gpd.GeoDataFrame,
) -> dict[str, Any]:
    """Follow every row from the file to the map; the numbers add up."""
    read = incidents.report if isinstance(incidents, Incidents) else None
    reasons = placed["unplaced_reason"].value_counts()
    on_map = placed[placed["unit_id"].notna() & placed["date"].notna()]
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
        "undated": int((placed["unit_id"].notna() & placed["date"].isna()).sum()),
        "mapped": len(on_map),
        "differs": int((stated.notna() & (stated != country)).sum()),
        "precision": len(on_map) if precision is None else int((precision == "unknown").sum()),
    }


def _source(incidents: pd.DataFrame, lang: Language) -> str:
    if isinstance(incidents, Incidents) and incidents.report.is_selection:
        return TEXTS[lang]["source_selection"]
    if "source" not in incidents or incidents["source"].isna().all():
        return ""
    names = incidents["source"].dropna().astype(str).value_counts().index
    return ", ".join(names[:3]) + (f" (+{len(names) - 3})" if len(names) > 3 else "")


def _indicators(
    mapped: pd.DataFrame,
    units: gpd.GeoDataFrame,
    covered: list[str],
) -> gpd.GeoDataFrame:
    """Give each unit its counts, rates and exposure over the whole period."""
    panel = count(mapped, units, period="month")
    table = units.merge(density.rates(panel, units), on="unit_id", validate="one_to_one")
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


def _zone_ids(zone: Zone, units: gpd.GeoDataFrame) -> list[str]:
    ids = [unit for unit in zone.units["unit_id"] if unit in set(units["unit_id"])]
    if not ids:
        raise InputError(
            f"`zone` {zone.name!r} shares no unit with `units`; expected units of the same level "
            "and vintage. Pass zone=None, or load the zone for these units.",
        )
    return ids


def _areas(
    table: gpd.GeoDataFrame,
    zone: Zone | None,
    zone_ids: list[str],
    summary: dict[str, Any],
) -> list[dict[str, Any]]:
    lang: Language = summary["lang"]
    not_covered = summary["not_covered"]
    parts = [
        (COUNTRY_NAMES[code][lang], table[table["country"] == code])
        for code in table["country"].unique()
        if code not in not_covered
    ]
    if zone:
        parts.append((zone_title(zone, lang), table[table["unit_id"].isin(zone_ids)]))
    return [{"name": name, **_area(part)} for name, part in parts]


def _area(part: gpd.GeoDataFrame) -> dict[str, Any]:
    part = part[part["incidents"].notna()]
    incidents = int(part["incidents"].sum())
    area: dict[str, Any] = {
        "units": len(part),
        "with_incidents": int((part["incidents"] > 0).sum()),
        "incidents": incidents,
        "per_1000km2": incidents / float(part["area_km2"].sum()) * 1e3 if len(part) else None,
    }
    for name in ("fatalities_low", "fatalities_best", "fatalities_high"):
        stated = name in part and _is_stated(part, name)
        area[name] = int(part[name].sum()) if stated else None
    return area


def _border_rows(
    mapped: pd.DataFrame,
    units: gpd.GeoDataFrame,
    covered: list[str],
) -> list[dict[str, Any]]:
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


def _is_stated(table: gpd.GeoDataFrame, column: str) -> bool:
    """Tell whether a column says more than that units without incidents have zero."""
    figures = table.loc[table["incidents"] > 0, column] if "fatalities" in column else table[column]
    return bool(figures.notna().any())


def _write_maps(
    table: gpd.GeoDataFrame,
    zone: Zone | None,
    zone_ids: list[str],
    out: Path,
    summary: dict[str, Any],
) -> list[Path]:
    lang: Language = summary["lang"]
    texts = TEXTS[lang]
    first, last = (format_date(day, lang) for day in summary["period"])
    columns = [name for name in _MAP_COLUMNS if name in table and _is_stated(table, name)]
    notes = [texts["limit_zero"], texts["limit_rate"]]
    warnings = [SELECTION_NOTICE[lang] if summary["selection"] else "", not_covered_note(summary)]
    subtitle = " ".join(filter(None, warnings))
    if summary["source"]:
        notes.append(f"{texts['source_incidents']}{texts['colon']}{summary['source']}")
    title = texts["map_title"].format(first=first, last=last)
    whole = choropleth(table, columns, lang=lang, title=title, subtitle=subtitle, notes=notes)
    pages = [save_map(whole, out / ALL_FILE)]
    if zone:
        part = table[table["unit_id"].isin(zone_ids)]
        title = texts["zone_title"].format(zone=zone_title(zone, lang), first=first, last=last)
        closer = choropleth(
            part,
            columns,
            lang=lang,
            title=title,
            subtitle=subtitle,
            notes=notes,
            zone=zone,
        )
        pages.append(save_map(closer, out / f"{zone.name}.html"))
    return pages
