"""``sahel-geo indicators``: a row for each unit."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import sahel_geo as sg
from sahel_geo.cli.places import place, units_counted_in
from sahel_geo.cli.sources import warn_of_people
from sahel_geo.cli.terminal import options
from sahel_geo.cli.terminal.output import (
    MANY_SET_ASIDE,
    choose,
    finish,
    print_numbers,
    read_table,
    say,
    set_aside,
    working,
)
from sahel_geo.cli.terminal.words import WORDS, Lang, tell
from sahel_geo.errors import InputError, first_offenders, require_names
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.columns.names import parse_mapping

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


class Step(StrEnum):
    """Length of a period."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


def _measures() -> list[str]:
    """Measures of ``indicators``."""
    from sahel_geo.indicators.risk.by_unit import APART, MEASURES  # noqa: PLC0415

    return [*MEASURES, *APART]


MeasureOption = Annotated[
    list[str] | None,
    typer.Option(
        autocompletion=_measures,
        help=tell(
            "By unit: rates, exposure, hotspots, emerging, risk; in a file of its own: scdi "
            "(by cell and year), spillover. May be repeated [rates]."
        ),
    ),
]
PeriodOption = Annotated[Step, typer.Option(help=tell("Time step, such as month."))]
SeedOption = Annotated[int, typer.Option(min=0, help=tell("Seed of the permutations."))]


def indicators(
    incidents: options.Incidents,
    measure: MeasureOption = None,
    level: options.Level = 2,
    vintage: options.Vintage = None,
    period: PeriodOption = Step.MONTH,
    seed: SeedOption = 1,
    people: options.People = None,
    vulnerability: options.Vulnerability = None,
    out: options.CsvOut = Path("indicators.csv"),
    gazetteer: options.Gazetteer = None,
    sheet: options.Sheet = None,
    mapping: options.Mapping = None,
    undo_swapped_dates: options.Undo = False,  # noqa: FBT002
    actor: options.Actor = None,
    event_type: options.EventType = None,
    civilians: options.Civilians = False,  # noqa: FBT002
    hxl: options.Hxl = False,  # noqa: FBT002
    lang: options.Lang = Lang.FRENCH,
    max_set_aside: options.Limit = 0.05,
    as_json: options.Json = False,  # noqa: FBT002
) -> None:
    """Compute indicators for the countries that the file speaks of.

    Incidents too coarse for the level are left out and counted.
    """
    from sahel_geo.files import check_not_folder  # noqa: PLC0415  keeps --help fast
    from sahel_geo.incidents.rows.shapes import CountsError  # noqa: PLC0415
    from sahel_geo.locate.geocode.names import locate_missing  # noqa: PLC0415
    from sahel_geo.locate.unit_table import read_unit_column  # noqa: PLC0415
    from sahel_geo.places.population import people_by_unit  # noqa: PLC0415

    check_not_folder(out)
    names = measure or ["rates"]
    require_names("--measure", names, _measures())
    with working(lang, "reading"):
        units = sg.load_boundaries(level=level, vintage=vintage)
        try:
            table = read_table(incidents, sheet, mapping, undo=undo_swapped_dates)
            table, geocoded = locate_missing(table, gazetteer or ())
        except CountsError:
            panel = sg.read_panel(incidents, units, mapping=parse_mapping(mapping), sheet=sheet)
            _of_counts(panel, names, units, seed, out, lang, as_json=as_json, hxl=hxl)
            return
        tables = {
            name: None if file is None else read_unit_column(file, name, units)
            for name, file in (("people", people), ("vulnerability", vulnerability))
        }
        _fill_from_cache(tables, names, units, lang)
        warn_of_people(tables["people"], units, lang)
        if tables["people"] is None:
            tables["people"] = people_by_unit(units)
    numbers = {"read": table.report.rows_read, "set_aside": table.report.rows_set_aside}
    with working(lang, "placing"):
        chosen = choose(table, actor, event_type, civilians=civilians)
        kept, units, left_out = place(table, units, level, chosen)
    for sentence in () if as_json else chosen.sentences:
        say(sentence, lang)
    numbers |= {"geocoded": sum(geocoded.values()), **left_out}
    if kept.empty:
        print_numbers(numbers, [], lang, as_json=as_json)
        typer.echo(WORDS[lang.value]["none_placed"], err=True)
        raise typer.Exit(MANY_SET_ASIDE)
    with working(lang, "measuring"):
        panel = sg.count(kept, units, period=period.value)
        written, claim = _measured(names, kept, panel, units, seed, tables, out, lang, hxl=hxl)
    numbers["periods"] = panel["period"].nunique()
    sentence = {"sentence": claim} if as_json and claim else {}
    print_numbers(numbers | sentence, written, lang, as_json=as_json)
    if claim and not as_json:
        say(claim, lang)
    finish(set_aside(table.report), max_set_aside, lang)


def _of_counts(
    panel: "pd.DataFrame",
    names: list[str],
    units: "gpd.GeoDataFrame",
    seed: int,
    out: Path,
    lang: Lang,
    *,
    as_json: bool,
    hxl: bool,
) -> None:
    """Measure counts that others have made; what needs single incidents is refused."""
    from sahel_geo.indicators.risk.by_unit import APART, by_unit  # noqa: PLC0415

    alone = [name for name in names if name in APART]
    if alone:
        raise InputError(
            "--measure names {shown}, which need single incidents; the file holds counts. Leave "
            "them out.",
            shown=first_offenders(alone),
        )
    counted = units_counted_in(panel, units)
    with working(lang, "measuring"):
        written = [_write(out, by_unit(panel, counted, names, rng=seed), counted, hxl=hxl)]
    numbers = {
        "rows": len(panel),
        "units": panel["unit_id"].nunique(),
        "periods": panel["period"].nunique(),
    }
    print_numbers(numbers, written, lang, as_json=as_json)


def _measured(
    names: list[str],
    kept: "pd.DataFrame",
    panel: "pd.DataFrame",
    units: "gpd.GeoDataFrame",
    seed: int,
    tables: "dict[str, pd.Series[Any] | None]",
    out: Path,
    lang: Lang,
    *,
    hxl: bool,
) -> tuple[list[Path], str]:
    """Write the table by unit, and each measure that has rows of another kind, beside it."""
    from sahel_geo.files import write_csv  # noqa: PLC0415
    from sahel_geo.indicators.risk.by_unit import APART, by_unit  # noqa: PLC0415

    written, sentence = [], ""
    plain = [name for name in names if name not in APART]
    if plain:
        table = by_unit(panel, units, plain, rng=seed, **tables)
        written.append(_write(out, table, units, hxl=hxl))
    if "scdi" in names:
        cells = sg.scdi.by_cell(kept).table
        written.append(write_csv(out.with_name(f"{out.stem}-scdi{out.suffix}"), cells))
    if "spillover" in names:
        summary = sg.spillover.summary(kept, units, rng=seed, population=tables["people"])
        sentence = summary.sentence(lang.value)
        file = out.with_name(f"{out.stem}-spillover{out.suffix}")
        details = [row["detail"] for row in summary.rows(lang.value)]
        written.append(write_csv(file, summary.table.assign(detail=details)))
    return written, sentence


def _write(out: Path, table: "pd.DataFrame", units: "gpd.GeoDataFrame", *, hxl: bool) -> Path:
    """Write the table by unit, with its tags if asked for."""
    from sahel_geo.files import write_csv  # noqa: PLC0415
    from sahel_geo.maps.report.exports import hxl_tags  # noqa: PLC0415

    level = int(units["level"].iloc[0])
    return write_csv(out, table, hxl_tags(table, level) if hxl else ())


def _fill_from_cache(
    tables: "dict[str, Any]", measures: Sequence[str], units: Any, lang: Lang
) -> None:
    """Take fetched people and food insecurity where rates or risk lack them, and say so."""
    from sahel_geo.sources.clients.food_security import food_insecure  # noqa: PLC0415
    from sahel_geo.sources.clients.population import people  # noqa: PLC0415
    from sahel_geo.sources.registry import provenance_of  # noqa: PLC0415

    wanted = {"people": ({"rates", "risk"}, people), "vulnerability": ({"risk"}, food_insecure)}
    for name, (needed_by, look_up) in wanted.items():
        if tables.get(name) is None and needed_by & set(measures):
            cached = look_up(units)
            if cached is None:
                continue
            tables[name] = cached
            origin = provenance_of(cached)[0]
            text = Sentence(
                "--{option}: {title} {version}, fetched on {day}.",
                option=name,
                title=origin.title,
                version=origin.version,
                day=origin.fetched[:10],
            )
            say(text, lang, err=True)
