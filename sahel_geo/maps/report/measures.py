"""What the pages are told from: incidents placed, counted and measured, small counts hidden."""

from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from sahel_geo.errors import InputError
from sahel_geo.i18n.countries import country_name
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.catalogue import SELECTION_NOTICE, is_selection
from sahel_geo.incidents.table import Incidents
from sahel_geo.indicators.border import border as border_measures
from sahel_geo.indicators.density import density
from sahel_geo.locate.assign.assign import (
    NO_COORDINATES,
    OUTSIDE_UNITS,
)
from sahel_geo.locate.panel.count import count
from sahel_geo.maps.pages.basis import Basis
from sahel_geo.maps.pages.findings import Material
from sahel_geo.maps.people import describe_people
from sahel_geo.maps.publish.publish import SafeUnits, safe_units
from sahel_geo.maps.report.config import ReportConfig
from sahel_geo.maps.report_texts import WORDS
from sahel_geo.places.borders import international_borders
from sahel_geo.places.population import people_by_unit
from sahel_geo.places.zones import Zone
from sahel_geo.provenance import Provenance
from sahel_geo.schema import FATALITIES, Language
from sahel_geo.version import __version__

AUTO: Final = "auto"
_MAP_COLUMNS: Final = (
    "per_1000km2_year",
    "per_100k_year",
    *("incidents", *FATALITIES),
    "risk",
    "foreign_exposure",
)
_COUNTS: Final = ("incidents", *FATALITIES)
BEYOND: Final = "other_country"


@dataclass(frozen=True)
class Given:
    """Figures by unit that do not come from the incidents, and who says so."""

    # people, vulnerability: by ``unit_id``
    people: "pd.Series[Any] | None"
    vulnerability: "pd.Series[Any] | None"
    about: dict[str, Any] | None  # see :func:`sahel_geo.maps.people.describe_people`
    hardship: str | None  # where the vulnerability comes from
    fetched: tuple[Provenance, ...]  # of those that a source gave

    @classmethod
    def of(
        cls,
        people: "pd.Series[Any] | None",
        vulnerability: "pd.Series[Any] | None",
        units: gpd.GeoDataFrame,
        covered: gpd.GeoDataFrame,
        lang: Language,
    ) -> "Given":
        """Take what is given, and for people the shipped table by default."""
        own = people is not None
        taken = people if own else people_by_unit(units)
        tables = [each for each in (people, vulnerability) if each is not None]
        fetched = tuple(origin for table in tables for origin in _fetched(table))
        source = _named(people, lang) if people is not None else None
        hardship = _named(vulnerability, lang) if vulnerability is not None else None
        return cls(taken, vulnerability, describe_people(taken, covered, source), hardship, fetched)


def _fetched(table: "pd.Series[Any]") -> tuple[Provenance, ...]:
    if not table.attrs:
        return ()
    from sahel_geo.sources.registry import provenance_of  # noqa: PLC0415  only fetched data need it

    return provenance_of(table)


def _named(table: "pd.Series[Any]", lang: Language) -> str:
    """Name the source of a table by unit."""
    titles = dict.fromkeys(f"{each.title} {each.version}".strip() for each in _fetched(table))
    return ", ".join(titles) or str(table.name or Sentence("the table given").say(lang))


def summarise(
    material: Material,
    units: gpd.GeoDataFrame,
    config: ReportConfig,
    source: str | None,
    given: Given,
) -> tuple[dict[str, Any], gpd.GeoDataFrame | None]:
    """Give the summary, and the units with their figures if any incident was placed."""
    incidents, mapped, zone = material.incidents, material.mapped, material.zone
    ids = _zone_ids(zone, units) if zone else []
    selection = is_selection(incidents)
    summary: dict[str, Any] = {
        "version": __version__,
        "lang": config.lang,
        "level": config.level,
        "zone": zone.name if zone else None,
        "selection": selection,
        "notice": SELECTION_NOTICE.say(config.lang) if selection else None,
        "source": source or _source_of(incidents, config.lang),
        "fetched": [each.as_dict() for each in (*origins(incidents), *given.fetched)],
        "people": None if selection else given.about,
        "vulnerability": None if selection else given.hardship,
        "steps": _follow(incidents, material.everything, mapped, units),
        "period": None,
        "not_covered": [],
        "areas": [],
        "border": [],
    }
    if not len(mapped):
        return summary, None
    dates = mapped["date"]
    summary["period"] = [f"{dates.min():%Y-%m-%d}", f"{dates.max():%Y-%m-%d}"]
    if material.months is not None:
        summary["period"] = list(material.months.days)
    countries = list(material.units["country"].unique())
    summary["not_covered"] = sorted(set(units["country"]) - set(countries))
    table = _indicators(mapped, units, countries, None if selection else given.people)
    summary["areas"] = _areas(table, zone, ids, summary)
    if config.publish == "full" and not selection:
        summary["border"] = _border_rows(mapped, units, countries)
    return summary, table


def hide(
    table: gpd.GeoDataFrame, panel: pd.DataFrame, summary: dict[str, Any], least: int
) -> SafeUnits:
    """Hide small counts in the table, the series and the summary."""
    lang: Language = summary["lang"]
    columns = _shown(table, selection=summary["selection"])
    asked = [name for name in columns if name != "foreign_exposure"]
    safe = safe_units(table, asked, k=least, panel=panel)
    if safe.totals.loc[safe.totals["level"] == 0, "incidents"].isna().any():
        raise InputError(
            "`incidents` has {mapped} rows on the map, too few to hide counts below {least}; "
            "expected more. Do not publish them by unit.",
            mapped=summary["steps"]["mapped"],
            least=least,
        )
    # Give the totals of each country that may be published; none of the zone.
    given = []
    for code, part in table[table["incidents"].notna()].groupby("country", sort=False):
        area: dict[str, Any] = {"name": country_name(code, lang), "per_1000km2_year": None}
        area |= {"units": len(part), "with_incidents": int((part["incidents"] > 0).sum())}
        rows = safe.totals[(safe.totals["level"] == 1) & (safe.totals.get("country") == code)]
        for name in ("incidents", *FATALITIES):
            known = name in rows and len(rows) == 1 and pd.notna(rows[name].iloc[0])
            area[name] = int(rows[name].iloc[0]) if known else None
        given.append(area)
    summary["areas"] = given
    return safe


def columns_of(basis: Basis) -> list[str]:
    """Name the indicators of the maps; no rate of a selection."""
    return [] if basis.table is None else _shown(basis.table, selection=basis.plain)


def _shown(table: gpd.GeoDataFrame, *, selection: bool) -> list[str]:
    names = _COUNTS if selection else _MAP_COLUMNS
    return [name for name in names if name in table and _is_stated(table, name)]


def origins(incidents: pd.DataFrame) -> tuple[Provenance, ...]:
    """Tell where fetched incidents came from."""
    return incidents.report.provenance if isinstance(incidents, Incidents) else ()


def _follow(
    incidents: pd.DataFrame, placed: pd.DataFrame, on_map: pd.DataFrame, units: gpd.GeoDataFrame
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
        "beyond": int(reasons.get(BEYOND, 0)),
        "undated": int((placed["unit_id"].notna() & ~dated).sum()),
        "other_period": int((placed["unit_id"].notna() & dated).sum()) - len(on_map),
        "mapped": len(on_map),
        "differs": int((stated.notna() & (stated != country)).sum()),
        "precision": len(on_map) if precision is None else int((precision == "unknown").sum()),
    }


def _source_of(incidents: pd.DataFrame, lang: Language) -> str:
    """Name who the incidents come from, as the table says."""
    if is_selection(incidents):
        return WORDS[lang]["source_selection"]
    if "source" not in incidents or incidents["source"].isna().all():
        return ""
    names = incidents["source"].dropna().astype(str).value_counts().index
    return ", ".join(names[:3]) + (f" (+{len(names) - 3})" if len(names) > 3 else "")


def _indicators(
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


def _zone_ids(zone: Zone, units: gpd.GeoDataFrame) -> list[str]:
    """Find the units of a zone."""
    own = zone.units["unit_id"]
    ids: list[str] = own[own.isin(units["unit_id"])].tolist()
    if not ids:
        raise InputError(
            "`zone` {zone!r} shares no unit with `units`; expected units of the same level "
            "and vintage. Pass zone=None, or load the zone for these units.",
            zone=zone.name,
        )
    return ids


def _areas(
    table: gpd.GeoDataFrame, zone: Zone | None, ids: list[str], summary: dict[str, Any]
) -> list[dict[str, Any]]:
    """Add up the figures of each country, and of the zone."""
    lang: Language = summary["lang"]
    # Give the length of the months shown, in years, as `sahel_geo.density.rates` counts it.
    first, last = (pd.Period(day, freq="M") for day in summary["period"])
    years = ((last.end_time - first.start_time).days + 1) / 365.25
    not_covered = summary["not_covered"]
    parts = [
        (country_name(code, lang), table[table["country"] == code])
        for code in table["country"].unique()
        if code not in not_covered
    ]
    if zone:
        parts.append((zone.title_in(lang), table[table["unit_id"].isin(ids)]))
    return [{"name": name, **_area(part, years)} for name, part in parts]


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
    for name in FATALITIES:
        stated = name in part and _is_stated(part, name)
        area[name] = int(part[name].sum()) if stated else None
    return area


def _border_rows(
    mapped: pd.DataFrame, units: gpd.GeoDataFrame, covered: list[str]
) -> list[dict[Any, Any]]:
    """Set the share of incidents near each border beside that of the land."""
    border = international_borders(units)
    border = border[border["country_a"].isin(covered) | border["country_b"].isin(covered)]
    if border.empty:
        return []
    land = units[units["country"].isin(covered)]
    profile = border_measures.proximity_profile(mapped, border, land, distances_km=(25, 50, 100))
    columns = [
        *("border", "distance_km", "incidents", "incidents_within"),
        *("incidents_share", "area_share", "location_quotient"),
    ]
    rows = profile.table[columns]
    return rows.astype(object).where(rows.notna(), None).to_dict("records")


def _is_stated(table: gpd.GeoDataFrame, column: str) -> bool:
    """Tell whether a column says more than that units without incidents have zero."""
    figures = table.loc[table["incidents"] > 0, column] if "fatalities" in column else table[column]
    return bool(figures.notna().any())
