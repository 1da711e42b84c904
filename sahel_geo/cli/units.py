"""``sahel-geo indicators`` and ``map``: a row for each unit."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

import sahel_geo as sg
from sahel_geo.cli.output import (
    MANY_SET_ASIDE,
    IncidentsArgument,
    JsonOption,
    LangOption,
    LevelOption,
    LimitOption,
    VintageOption,
    finish,
    print_numbers,
    set_aside,
    working,
)
from sahel_geo.cli.words import WORDS, Lang, tell
from sahel_geo.errors import InputError, first_offenders


class Step(StrEnum):
    """Length of a period."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


def indicators(
    incidents: IncidentsArgument,
    measure: Annotated[
        list[str] | None,
        typer.Option(
            help=tell(
                "rates, exposure, hotspots ou emerging ; peut se répéter.",
                "rates, exposure, hotspots or emerging; may be repeated.",
            ),
        ),
    ] = None,
    level: LevelOption = 2,
    vintage: VintageOption = None,
    period: Annotated[
        Step,
        typer.Option(help=tell("Pas de temps, tel que month.", "Time step, such as month.")),
    ] = Step.MONTH,
    seed: Annotated[
        int,
        typer.Option(min=0, help=tell("Graine des permutations.", "Seed of the permutations.")),
    ] = 1,
    out: Annotated[
        Path,
        typer.Option(help=tell("Fichier CSV à écrire.", "CSV file to write.")),
    ] = Path("indicators.csv"),
    lang: LangOption = Lang.FRENCH,
    max_set_aside: LimitOption = 0.05,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Compute indicators for the countries that the file speaks of.

    Incidents too coarse for the level are left out and counted.
    """
    from sahel_geo.files import write_csv  # noqa: PLC0415  keeps --help fast
    from sahel_geo.indicators.by_unit import by_unit  # noqa: PLC0415
    from sahel_geo.locate.assign import covered_countries, too_coarse  # noqa: PLC0415

    with working(lang, "reading"):
        table = sg.read_incidents(incidents)
        units = sg.load_boundaries(level=level, vintage=vintage)
    with working(lang, "placing"):
        placed = sg.assign(table, units)
    coarse = too_coarse(placed, level)
    kept = placed[placed["unit_id"].notna() & placed["date"].notna() & ~coarse]
    units = units[units["country"].isin(covered_countries(placed, units))]
    elsewhere = len(kept)
    kept = kept[kept["unit_id"].isin(set(units["unit_id"]))]
    numbers = {
        "read": table.report.rows_read,
        "set_aside": table.report.rows_set_aside,
        "coarse": int((coarse & placed["unit_id"].notna()).sum()),
        "elsewhere": elsewhere - len(kept),
        "placed": len(kept),
        "units": len(units),
    }
    if kept.empty:
        print_numbers(numbers, [], lang, as_json=as_json)
        typer.echo(WORDS[lang.value]["none_placed"], err=True)
        raise typer.Exit(MANY_SET_ASIDE)
    with working(lang, "measuring"):
        panel = sg.count(kept, units, period=period.value)
        write_csv(out, by_unit(panel, units, measure or ["rates"], rng=seed))
    numbers["periods"] = panel["period"].nunique()
    print_numbers(numbers, [out], lang, as_json=as_json)
    finish(set_aside(table.report), max_set_aside, lang)


def draw(
    table: Annotated[
        Path,
        typer.Argument(
            help=tell("Un tableau, une ligne par unité.", "A table, a row for each unit."),
        ),
    ],
    column: Annotated[
        list[str],
        typer.Option(
            help=tell("Colonne à dessiner ; peut se répéter.", "Column to draw; may be repeated."),
        ),
    ],
    unit: Annotated[
        str | None,
        typer.Option(
            help=tell(
                "Colonne des P-codes ou des noms, si elle n'est pas reconnue.",
                "Column of P-codes or names, if it is not recognised.",
            ),
        ),
    ] = None,
    level: LevelOption = 2,
    vintage: VintageOption = None,
    title: Annotated[str, typer.Option(help=tell("Titre.", "Title."))] = "",
    source: Annotated[
        str,
        typer.Option(
            help=tell("Source des chiffres, dite sur la carte.", "Source, stated on the map.")
        ),
    ] = "",
    out: Annotated[
        Path,
        typer.Option(help=tell("Page à écrire.", "Page to write.")),
    ] = Path("map.html"),
    lang: LangOption = Lang.FRENCH,
    max_set_aside: LimitOption = 0.05,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Draw a table of one's own; a unit without a row is "no data"."""
    with working(lang, "reading"):
        units = sg.load_boundaries(level=level, vintage=vintage)
        read = sg.read_unit_table(table, units, columns=column, key=unit)
    texts = [name for name in column if read.values[name].dtype.kind not in "iuf"]
    if texts or read.values.empty:
        raise InputError(
            f"the columns {first_offenders(texts or column)} hold no numbers for units of level "
            f"{level}; expected numbers. Choose another column or level.",
        )
    with working(lang, "drawing"):
        shown = units.merge(read.values, left_on="unit_id", right_index=True, how="left")
        drawn = sg.choropleth(
            shown,
            column,
            lang=lang.value,
            title=title or ", ".join(column),
            notes=[source] if source else [],
        )
        sg.save_map(drawn, out)
    rows = len(read.values) + len(read.unmatched)
    numbers = {"rows": rows, "matched": len(read.values), "units": len(units)}
    print_numbers(numbers, [out], lang, as_json=as_json)
    if len(read.unmatched):
        left = [
            f"{each.query} (row {each.row}, {each.reason})" for each in read.unmatched.itertuples()
        ]
        words = WORDS[lang.value]["unmatched"]
        typer.echo(words.format(shown=first_offenders(left)), err=True)
    finish(len(read.unmatched) / rows, max_set_aside, lang)
