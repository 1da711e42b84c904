"""The two maps of a report, in both languages: all units, and the zone closer up."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from sahel_geo.i18n.language import languages
from sahel_geo.incidents.catalogue import SELECTION_NOTICE
from sahel_geo.maps.choropleth.choropleth import choropleth
from sahel_geo.maps.finding_texts import WORDS
from sahel_geo.maps.page.page import save_map
from sahel_geo.maps.pages.findings_pages import Story
from sahel_geo.maps.pages.forecast_layers import with_layers
from sahel_geo.maps.pages.index_page import not_covered_note
from sahel_geo.maps.people import people_credit, people_limits
from sahel_geo.maps.report_texts import TEXTS
from sahel_geo.maps.wording import paired
from sahel_geo.schema import Language

ALL_FILE: Final = "central-sahel.html"
_UNPLACED: Final = ("no_coordinates", "outside", "coarse", "beyond", "undated")
_REASONS: Final = ("set_aside", *_UNPLACED, "other_period")
_CLASSES: Final = ("hot_spot", "emerging")
_DAYS_PER_YEAR: Final = 365.2425  # as the rates of the whole time count them


def map_names(story: Story) -> list[str]:
    """Name the files of the maps of a report."""
    if story.table is None:
        return []
    return [ALL_FILE, f"{story.zone.name}.html"] if story.zone else [ALL_FILE]


def write_maps(story: Story, columns: Sequence[str], out: Path) -> list[Path]:
    """Write the maps of a report."""
    if story.table is None:
        return []
    table, shown = _with_classes(story, story.table, columns)
    panel, split, labels = story.panel, story.split, {}
    if split is not None:
        table, shown = split.add_to(table), [*shown, *split.kinds]
        panel, labels = None if panel is None else split.add_to_panel(panel), split.labels
    if panel is not None and not story.safe:
        panel = with_rates(panel, table)
    ahead = story.layers
    if ahead is not None:
        table, shown = with_layers(table, ahead), [*shown, *ahead.shown]
        labels = labels | ahead.labels
    said = {
        "lang": story.lang,
        "subtitle": _both(story, _subtitle) or "",
        "source": _both(story, _source),
        "period": _both(story, lambda told: "{first} – {last}".format(**told.span)),
        "left_out": _both(story, _left_out),
        "limits": _both(story, _limits),
        "notes": [
            *paired({lang: said[1:] for lang, said in story.protection.items()}),
            *_people(story, shown),
        ],
        "fit": table[table["country"].isin(set(story.units["country"]))],
        "labels": {
            name: {lang: WORDS[lang][f"map_{name}"] for lang in languages()} for name in _CLASSES
        }
        | labels,
        "parts": None if split is None else split.switches,
        "unit_labels": {} if ahead is None else ahead.unit_labels,
        "report": "index.html",
    }
    title = _both(story, lambda told: TEXTS[told.lang]["map_title"].format(**told.span))
    doubts = {} if ahead is None else ahead.uncertain
    whole = choropleth(table, shown, title=title, panel=panel, uncertain=doubts, **said)
    pages = [save_map(whole, out / ALL_FILE)]
    if story.zone:
        inside = set(story.zone.units["unit_id"])
        inside &= set(story.units["unit_id"])
        part = table[table["unit_id"].isin(inside)]
        panel = None if panel is None else panel[panel["unit_id"].isin(inside)]
        title = _both(story, _zone_title)
        said["fit"] = None
        if ahead is not None:  # none of the zone may have been forecast
            shown = [name for name in shown if name not in ahead.shown or part[name].notna().any()]
        closer = choropleth(
            part,
            shown,
            title=title,
            zone=story.zone,
            panel=panel,
            uncertain={name: flag for name, flag in doubts.items() if name in shown},
            scale_of=whole,
            **said,
        )
        pages.append(save_map(closer, out / f"{story.zone.name}.html"))
    return pages


def _positive(values: "pd.Series[Any]") -> Any:
    """Leave out what nothing can be divided by."""
    return values.astype("float64").where(values > 0).to_numpy()


def with_rates(panel: pd.DataFrame, table: gpd.GeoDataFrame) -> pd.DataFrame:
    """Add to counts by unit and period the rates per year that the map shows of the whole time."""
    periods = pd.PeriodIndex(panel["period"])
    years = ((periods.end_time - periods.start_time).days + 1) / _DAYS_PER_YEAR
    units = table.set_index("unit_id").reindex(panel["unit_id"])
    per = {"per_1000km2_year": ("area_km2", 1e3), "per_100k_year": ("people", 1e5)}
    rates = {
        name: panel["incidents"].to_numpy() / _positive(units[base]) * unit / years
        for name, (base, unit) in per.items()
        if name in table and base in table
    }
    return panel.assign(**rates)


def _people(story: Story, shown: Sequence[str]) -> list[dict[Language, str]]:
    """Say what rates per person rest on, where the map has them."""
    if not {"per_100k_year", "risk"} & set(shown):
        return []
    people = story.summary["people"]
    said = (*people_limits(people), *people_credit(people))
    return [{lang: each.say(lang) for lang in languages()} for each in said]


def _both(story: Story, say: Callable[[Story], str]) -> Any:
    """Say something of the report in each language; None where there is nothing to say."""
    told: dict[Language, str] = {}
    for lang in languages():
        summary = {**story.summary, "lang": lang}
        told[lang] = say(replace(story, lang=lang, summary=summary))
    return told if any(told.values()) else None


def _subtitle(story: Story) -> str:
    """Warn of what the file is not; a remark written in one language only stays with it."""
    notice = SELECTION_NOTICE.say(story.lang) if story.summary["selection"] else ""
    others = {not_covered_note({**story.summary, "lang": lang}) for lang in languages()}
    others |= {each.say(lang) for each in story.chosen for lang in languages()}
    remarks = [remark for remark in story.remarks if remark not in others]
    remarks += [each.say(story.lang) for each in story.chosen]
    if story.safe:  # the notes of the map say the rest, in both languages
        shown = [each.say(story.lang) for each in story.chosen]
        remarks = [story.words["map_safe"].format(most=story.least - 1), *shown]
    return " ".join(filter(None, [notice, not_covered_note(story.summary), *remarks]))


def _source(story: Story) -> str:
    known = [TEXTS[lang]["source_selection"] for lang in languages()]
    source = str(story.summary["source"] or "")
    return TEXTS[story.lang]["source_selection"] if source in known else source


def _limits(story: Story) -> str:
    texts = TEXTS[story.lang]
    return texts["limit_zero"] + ("" if story.plain else f" {texts['limit_rate']}")


def _zone_title(story: Story) -> str:
    texts = TEXTS[story.lang]
    return texts["zone_title"].format(zone=story.zone_title, **story.span)


def _left_out(story: Story) -> str:
    """Say how many incidents are not on the map, and why."""
    texts, steps = TEXTS[story.lang], story.summary["steps"]
    told = [
        f"{story.number(steps[name])} {texts[f'row_{name}'].lower()}"
        for name in _REASONS
        if steps[name]
    ]
    return ", ".join(told)


def _with_classes(
    story: Story, table: gpd.GeoDataFrame, columns: Sequence[str]
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Add hot spots and their history to what a map shows."""
    shown = list(columns)
    for name, found in zip(_CLASSES, (story.findings.hot, story.findings.emerging), strict=True):
        if found is not None and found["kind"].notna().any():
            kinds = found.set_index("unit_id")["kind"]
            table = table.assign(**{name: table["unit_id"].map(kinds)})
            shown.append(name)
    return table, shown
