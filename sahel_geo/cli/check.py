"""``sahel-geo check``: the quality of a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sahel_geo.cli.terminal import options
from sahel_geo.cli.terminal.output import (
    finish,
    print_json,
    printable,
    read_table,
    set_aside,
    working,
)
from sahel_geo.cli.terminal.words import Lang, tell
from sahel_geo.i18n.sentence import Sentence

if TYPE_CHECKING:
    from sahel_geo.cli.terminal.other_tables import OtherTable

QuarantineOption = Annotated[
    Path | None,
    typer.Option(help=tell("Write the rows set aside, with their reasons, to this CSV file.")),
]
HtmlOption = Annotated[
    Path | None, typer.Option(help=tell("Write the quality report as a page to this file."))
]


def check(
    incidents: options.Incidents,
    quarantine: QuarantineOption = None,
    html: HtmlOption = None,
    sheet: options.Sheet = None,
    mapping: options.Mapping = None,
    undo_swapped_dates: options.Undo = False,  # noqa: FBT002
    vintage: options.Vintage = None,
    lang: options.Lang = Lang.FRENCH,
    max_set_aside: options.Limit = 0.05,
    as_json: options.Json = False,  # noqa: FBT002
) -> None:
    """Print the quality report of a file, and nothing else."""
    from sahel_geo.cli.terminal.other_tables import other_table  # noqa: PLC0415
    from sahel_geo.files import write_text  # noqa: PLC0415
    from sahel_geo.incidents.columns.names import parse_mapping  # noqa: PLC0415
    from sahel_geo.incidents.quality import quality_report  # noqa: PLC0415  keeps --help fast
    from sahel_geo.incidents.quarantine import write_quarantine  # noqa: PLC0415
    from sahel_geo.incidents.rows.shapes import NotIncidentsError  # noqa: PLC0415

    other: OtherTable | None = None
    with working(lang, "reading"):
        try:
            table = read_table(incidents, sheet, mapping, undo=undo_swapped_dates)
            quality = quality_report(table)
        except NotIncidentsError as error:
            other = other_table(incidents, sheet, parse_mapping(mapping), error, vintage)
    if other is not None:
        _print_other(other, lang, as_json=as_json)
        finish(other.unmatched, max_set_aside, lang)
        return
    if quarantine is not None:
        write_quarantine(table, quarantine, lang=lang.value)
    if html is not None:
        write_text(html, quality.to_html(lang.value))
    if as_json:
        print_json(quality.to_dict())
    else:
        _print_lines(quality.lines(lang.value))
    finish(set_aside(table.report), max_set_aside, lang)


def _print_lines(lines: list[tuple[str, str]]) -> None:
    rows = Table.grid(padding=(0, 2))
    for label, value in lines:
        rows.add_row(Text(printable(label)), Text(printable(value)))
    Console(soft_wrap=True).print(rows)


def _print_other(other: "OtherTable", lang: Lang, *, as_json: bool) -> None:
    """Print what a table is that holds no incidents."""
    if as_json:
        print_json(other.facts)
        return
    _print_lines(
        [
            (label.say(lang.value), Sentence.of(value).say(lang.value))
            for label, value in other.lines
        ]
    )
