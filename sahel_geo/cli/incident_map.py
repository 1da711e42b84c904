"""``sahel-geo map`` of incidents, all of them or chosen by actor, kind of event or target."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

import sahel_geo as sg
from sahel_geo.cli.sources import warn_of_people
from sahel_geo.cli.terminal.output import (
    choose,
    finish,
    print_numbers,
    save_drawn,
    say,
    set_aside,
    working,
)
from sahel_geo.cli.terminal.words import Lang
from sahel_geo.i18n.sentence import Sentence, joined
from sahel_geo.incidents.catalogue import SELECTION_NOTICE, is_selection
from sahel_geo.locate.assign.assign import covered_countries, too_coarse
from sahel_geo.locate.unit_table import read_unit_column
from sahel_geo.maps.parts import split_incidents
from sahel_geo.maps.people import describe_people, people_credit, people_limits
from sahel_geo.places.population import people_by_unit


def draw_incidents(
    table: Any,
    geocoded: int,
    choice: tuple[list[str] | None, list[str] | None, bool],
    level: int,
    vintage: str | None,
    people: str | None,
    title: str,
    source: str,
    pages: tuple[Path, Path | None],
    lang: Lang,
    limit: float,
    *,
    as_json: bool,
) -> None:
    """Count the incidents chosen in each unit, all, by kind and by alliance; say what is shown."""
    actor, event_type, civilians = choice
    out, png = pages
    with working(lang, "reading"):
        chosen = choose(table, actor, event_type, civilians=civilians)
        units = sg.load_boundaries(level=level, vintage=vintage)
    units = units[units["country"].isin(covered_countries(sg.assign(table, units), units))]
    placed = sg.assign(chosen.incidents, units)
    coarse = too_coarse(placed, level)
    kept = placed[placed["unit_id"].notna() & ~coarse]
    table_by_unit, columns, text = _with_rates(kept, units, people, lang, plain=is_selection(table))
    split = split_incidents(kept)
    if split is not None:
        table_by_unit, columns = split.add_to(table_by_unit), [*columns, *split.kinds]
    days = kept["date"].dropna()
    notice = (SELECTION_NOTICE,) if is_selection(table) else ()
    remarks = (*chosen.sentences, *notice)
    caution = Sentence("Events show where a group acted and was named, not what it controls.")
    with working(lang, "drawing"):
        drawn = sg.choropleth(
            table_by_unit,
            columns,
            labels=None if split is None else split.labels,
            parts=None if split is None else split.switches,
            lang=lang.value,
            title=title or Sentence("Incidents").say(lang.value),
            subtitle=joined(remarks, " "),
            period=f"{days.min():%Y-%m-%d} – {days.max():%Y-%m-%d}" if len(days) else None,
            notes=[caution.say(lang.value), *([source] if source else []), *text],
        )
        written = save_drawn(drawn, out, png, lang)
    numbers = {
        "read": table.report.rows_read,
        "set_aside": table.report.rows_set_aside,
        "geocoded": geocoded,
        "not_chosen": chosen.left_out,
        "coarse": int((coarse & placed["unit_id"].notna()).sum()),
        "placed": len(kept),
        "units": len(units),
    }
    print_numbers(numbers, written, lang, as_json=as_json)
    for sentence in () if as_json else remarks:
        say(sentence, lang)
    finish(set_aside(table.report), limit, lang)


def _with_rates(
    kept: pd.DataFrame, units: gpd.GeoDataFrame, given: str | None, lang: Lang, *, plain: bool
) -> tuple[gpd.GeoDataFrame, list[str], list[Sentence]]:
    """Count by unit, and per 100,000 people and year where people are known; of no selection."""
    counts = kept["unit_id"].value_counts()
    counted = units.assign(incidents=units["unit_id"].map(counts).fillna(0).astype("int64"))
    own = None if given is None else read_unit_column(given, "people", units)
    people = people_by_unit(units) if own is None else own
    dated = kept[kept["date"].notna()]
    if plain or people is None or dated.empty:
        return counted, ["incidents"], []
    warn_of_people(own, units, lang)
    rates = sg.density.rates(sg.count(dated, units), units, population=people)
    counted["per_100k_year"] = rates["per_100k_year"].to_numpy()
    about = describe_people(people, units, None if own is None else str(own.name))
    return counted, ["incidents", "per_100k_year"], [*people_limits(about), *people_credit(about)]
