"""Options of every command that reads a table, and reading it with them."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer

import sahel_geo as sg
from sahel_geo.cli.words import tell
from sahel_geo.errors import InputError

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
_NAMED: Final = re.compile(r"(?:^|,)\s*([a-z_0-9]+)\s*=")


def read_table(
    path: Path, sheet: str | None, mapping: Sequence[str] | None, *, undo: bool = False
) -> Any:
    """Read incidents with the options of the command line."""
    return sg.read_incidents(
        path, sheet=sheet, mapping=parse_mapping(mapping), undo_swapped_dates=undo
    )


def parse_mapping(given: Sequence[str] | None) -> dict[str, str]:
    """Read ``date=Jour,lat=Y``; a column's name may hold commas.

    Examples
    --------
    >>> parse_mapping(["date=Jour, mois,lat=Y", "lon=X"])
    {'date': 'Jour, mois', 'lat': 'Y', 'lon': 'X'}
    """
    found: dict[str, str] = {}
    for text in given or ():
        names = list(_NAMED.finditer(text))
        if not names or names[0].start() > 0:
            raise InputError(
                "--mapping is {given!r}; expected NAME=COLUMN, such as date=Jour,lat=Y. Write the "
                "column as in the file.",
                given=text,
            )
        ends = [*(match.start() for match in names[1:]), len(text)]
        for match, end in zip(names, ends, strict=True):
            found[match[1]] = text[match.end() : end].strip()
    return found
