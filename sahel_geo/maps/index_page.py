"""The index page of a report: what was read, what the maps show, and how far to trust them."""

from importlib.resources import files
from typing import Any, Final

import geopandas as gpd
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from sahel_geo.incidents.catalogue import SELECTION_NOTICE
from sahel_geo.incidents.reasons import REASONS
from sahel_geo.maps.report_texts import TEXTS, format_date
from sahel_geo.maps.texts import decimals_for, format_number
from sahel_geo.maps.thumbnail import thumbnail
from sahel_geo.places.zones import Zone
from sahel_geo.schema import COUNTRY_NAMES, Language

_TEMPLATES: Final = files("sahel_geo.maps") / "templates"


def index_page(
    summary: dict[str, Any],
    units: gpd.GeoDataFrame,
    table: gpd.GeoDataFrame | None,
    zone: Zone | None,
    maps: list[str],
) -> str:
    """Fill the template of the index; every text from data is escaped by it.

    Parameters
    ----------
    summary : dict
        Figures of the report, see :class:`sahel_geo.maps.report.Report`.
    units : GeoDataFrame
        The units, for their sources and licences.
    table : GeoDataFrame or None
        Units with their indicators, for the small pictures; None if no incident was placed.
    zone : Zone or None
        The zone of the second map.
    maps : list of str
        File names of the maps, all units first.

    Returns
    -------
    str
        One HTML page that asks for nothing from outside.
    """
    lang: Language = summary["lang"]
    texts = TEXTS[lang]
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    template = environment.from_string((_TEMPLATES / "index.html").read_text(encoding="utf-8"))
    credits_ = sorted({f"{row.source} ({row.licence})" for row in units.itertuples()})
    return template.render(
        lang=lang,
        t=texts,
        style=Markup((_TEMPLATES / "index.css").read_text(encoding="utf-8")),  # noqa: S704
        lead=_lead(summary, texts),
        notice=SELECTION_NOTICE[lang] if summary["selection"] else None,
        not_covered=not_covered_note(summary),
        maps=_cards(summary, table, zone, maps) if table is not None else [],
        steps=_step_rows(summary["steps"], lang),
        areas=[_area_row(area, lang) for area in summary["areas"]],
        border=[_border_row(row, lang) for row in summary["border"]],
        zone_definition=(zone.definition_fr if lang == "fr" else zone.definition_en)
        if zone
        else None,
        source=summary["source"],
        boundaries=credits_,
        made_with=texts["made_with"].format(version=summary["version"]),
    )


def zone_title(zone: Zone, lang: Language) -> str:
    """Give the title of a zone in a language."""
    return zone.title_fr if lang == "fr" else zone.title_en


def not_covered_note(summary: dict[str, Any]) -> str:
    """Say which countries the file does not speak of; empty if it speaks of all."""
    lang: Language = summary["lang"]
    names = [COUNTRY_NAMES[code][lang] for code in summary["not_covered"]]
    return TEXTS[lang]["not_covered"].format(countries=", ".join(names)) if names else ""


def _lead(summary: dict[str, Any], texts: dict[str, str]) -> str:
    if summary["period"] is None:
        return texts["lead_none"]
    first, last = (format_date(day, summary["lang"]) for day in summary["period"])
    counted = [area["with_incidents"] for area in summary["areas"]]
    units = sum(counted[:-1] if summary["zone"] else counted)
    incidents = format_number(summary["steps"]["mapped"], summary["lang"])
    return texts["lead"].format(incidents=incidents, first=first, last=last, units=units)


def _cards(
    summary: dict[str, Any],
    table: gpd.GeoDataFrame,
    zone: Zone | None,
    maps: list[str],
) -> list[dict[str, str]]:
    lang: Language = summary["lang"]
    texts = TEXTS[lang]
    level = texts[f"level_{summary['level']}"]
    cards = [
        {
            "href": maps[0],
            "title": texts["map_all"],
            "text": texts["map_all_text"].format(level=level),
            "picture": thumbnail(table, "per_1000km2"),
        },
    ]
    if zone:
        part = table[table["unit_id"].isin(zone.units["unit_id"])]
        cards.append(
            {
                "href": maps[1],
                "title": zone_title(zone, lang),
                "text": texts["map_zone_text"],
                "picture": thumbnail(part, "per_1000km2"),
            },
        )
    return cards


def _step_rows(steps: dict[str, Any], lang: Language) -> list[dict[str, str | int]]:
    texts = TEXTS[lang]

    def row(depth: int, label: str, value: int) -> dict[str, str | int]:
        return {"depth": depth, "label": label, "value": format_number(value, lang)}

    rows = [row(0, texts["row_read"], steps["read"])]
    rows.append(row(1, texts["row_set_aside"], steps["set_aside"]))
    rows += [
        row(2, REASONS[code][lang], number) for code, number in steps["set_aside_reasons"].items()
    ]
    rows.append(row(0, texts["row_kept"], steps["kept"]))
    for key in ("no_coordinates", "outside", "coarse", "undated"):
        if steps[key]:
            rows.append(row(1, texts[f"row_{key}"], steps[key]))
    rows.append(row(0, texts["row_mapped"], steps["mapped"]))
    for key in ("differs", "precision"):
        if steps[key]:
            rows.append(row(1, texts[f"row_{key}"], steps[key]))
    return rows


def _area_row(area: dict[str, Any], lang: Language) -> dict[str, str]:
    texts = TEXTS[lang]
    low, best, high = (area[f"fatalities_{name}"] for name in ("low", "best", "high"))
    fatalities = texts["none"] if best is None else format_number(best, lang)
    if best is None and low is not None and high is not None:
        fatalities = f"{format_number(low, lang)} {texts['to']} {format_number(high, lang)}"
    elif best is not None and low is not None and high is not None and low != high:
        fatalities += f" ({format_number(low, lang)} {texts['to']} {format_number(high, lang)})"
    return {
        "name": area["name"],
        "incidents": format_number(area["incidents"], lang),
        "fatalities": fatalities,
        "rate": _measure(area["per_1000km2"], lang),
        "units": f"{area['with_incidents']} / {area['units']}",
    }


def _border_row(row: dict[str, Any], lang: Language) -> dict[str, str]:
    texts = TEXTS[lang]
    names = [COUNTRY_NAMES[code][lang] for code in row["border"].split("-") if code != "all"]
    return {
        "border": " – ".join(names) or texts["border_all"],
        "distance": f"≤ {format_number(row['distance_km'], lang)} km",
        "within": f"{row['incidents_within']} / {row['incidents']}",
        "incidents_share": _share(row["incidents_share"], lang),
        "area_share": _share(row["area_share"], lang),
        "quotient": _measure(row["location_quotient"], lang),
    }


def _share(value: float | None, lang: Language) -> str:
    if value is None:
        return TEXTS[lang]["none"]
    percent = format_number(value * 100, lang, decimals=1)
    return f"{percent} %" if lang == "fr" else f"{percent}%"


def _measure(value: float | None, lang: Language) -> str:
    if value is None:
        return TEXTS[lang]["none"]
    return format_number(value, lang, decimals=min(2, decimals_for(value)))
