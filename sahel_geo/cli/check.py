"""``sahel-geo check``: the quality of a file."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sahel_geo.cli.terminal.output import (
    IncidentsArgument,
    JsonOption,
    LangOption,
    LimitOption,
    finish,
    print_json,
    printable,
    set_aside,
    working,
)
from sahel_geo.cli.terminal.tables import MappingOption, SheetOption, UndoOption, read_table
from sahel_geo.cli.terminal.words import Lang, tell

QuarantineOption = Annotated[
    Path | None,
    typer.Option(
        help=tell("Write the rows set aside, with their reasons, to this CSV file."),
    ),
]
HtmlOption = Annotated[
    Path | None,
    typer.Option(
        help=tell("Write the quality report as a page to this file."),
    ),
]


def check(
    incidents: IncidentsArgument,
    quarantine: QuarantineOption = None,
    html: HtmlOption = None,
    sheet: SheetOption = None,
    mapping: MappingOption = None,
    undo_swapped_dates: UndoOption = False,  # noqa: FBT002
    lang: LangOption = Lang.FRENCH,
    max_set_aside: LimitOption = 0.05,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Print the quality report of a file, and nothing else."""
    from sahel_geo.files import write_text  # noqa: PLC0415
    from sahel_geo.incidents.quality import quality_report  # noqa: PLC0415  keeps --help fast
    from sahel_geo.incidents.quarantine import write_quarantine  # noqa: PLC0415

    with working(lang, "reading"):
        table = read_table(incidents, sheet, mapping, undo=undo_swapped_dates)
        quality = quality_report(table)
    if quarantine is not None:
        write_quarantine(table, quarantine, lang=lang.value)
    if html is not None:
        write_text(html, quality.to_html(lang.value))
    if as_json:
        print_json(quality.to_dict())
    else:
        rows = Table.grid(padding=(0, 2))
        for label, value in quality.lines(lang.value):
            rows.add_row(Text(printable(label)), Text(printable(value)))
        Console(soft_wrap=True).print(rows)
    finish(set_aside(table.report), max_set_aside, lang)
