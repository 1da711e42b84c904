"""Options of every command that reads a table, and reading it with them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

import sahel_geo as sg
from sahel_geo.cli.terminal.words import tell
from sahel_geo.incidents.columns.names import parse_mapping

SheetOption = Annotated[
    str | None,
    typer.Option("--sheet", help=tell("Sheet of a workbook, by name.")),
]
MappingOption = Annotated[
    list[str] | None,
    typer.Option(
        "--mapping",
        help=tell("Columns of the file, such as date=Jour,lat=Y; may be repeated."),
    ),
]
UndoOption = Annotated[
    bool,
    typer.Option(
        "--undo-swapped-dates",
        help=tell("Swap day and month back in dates that a spreadsheet swapped."),
    ),
]
GazetteerOption = Annotated[
    list[Path] | None,
    typer.Option(
        help=tell("GeoNames dump or table of places; may be repeated."),
    ),
]


def read_table(
    path: Path, sheet: str | None, mapping: Sequence[str] | None, *, undo: bool = False
) -> Any:
    """Read incidents with the options of the command line."""
    return sg.read_incidents(
        path, sheet=sheet, mapping=parse_mapping(mapping), undo_swapped_dates=undo
    )
