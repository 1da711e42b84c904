"""Options that commands share, as ``options.Level``, and what the Tab key offers for them."""

from pathlib import Path
from typing import Annotated

import typer

from sahel_geo.cli.terminal import words
from sahel_geo.cli.terminal.words import tell


def vintages() -> list[str]:
    """Vintages of the units of any country."""
    from sahel_geo.places.boundaries.vintages import FRAMES  # noqa: PLC0415

    return sorted({year for frames in FRAMES.values() for year in frames})


Incidents = Annotated[Path, typer.Argument(help=tell("A table of incidents."))]
Sheet = Annotated[str | None, typer.Option(help=tell("Sheet of a workbook, by name."))]
Mapping = Annotated[
    list[str] | None,
    typer.Option(help=tell("Columns of the file, such as date=Jour,lat=Y; may be repeated.")),
]
Undo = Annotated[
    bool,
    typer.Option(
        "--undo-swapped-dates",
        help=tell("Swap day and month back in dates that a spreadsheet swapped."),
    ),
]
Gazetteer = Annotated[
    list[Path] | None, typer.Option(help=tell("GeoNames dump or table of places; may be repeated."))
]
Actor = Annotated[
    list[str] | None,
    typer.Option(
        help=tell("Incidents that name this actor or alliance, such as jnim; may be repeated.")
    ),
]
EventType = Annotated[
    list[str] | None,
    typer.Option(
        help=tell(
            "violence, demonstrations, other, all, or a kind as the file writes it; may be "
            "repeated [violence]."
        )
    ),
]
Civilians = Annotated[
    bool, typer.Option("--civilians", help=tell("Only incidents aimed at civilians."))
]
Level = Annotated[
    int,
    typer.Option(
        min=0,
        max=3,
        help=tell(
            "Administrative level: 0 country, 1 region, 2 cercle, department or province, "
            "3 commune."
        ),
    ),
]
Vintage = Annotated[
    str | None,
    typer.Option(autocompletion=vintages, help=tell("Vintage of the units, such as 2016.")),
]
People = Annotated[
    str | None, typer.Option(help=tell("People by unit, FILE:COLUMN; for rates and risk."))
]
Vulnerability = Annotated[
    str | None, typer.Option(help=tell("Vulnerability by unit, FILE:COLUMN; for risk."))
]
CsvOut = Annotated[Path, typer.Option(help=tell("CSV file to write."))]
Hxl = Annotated[
    bool,
    typer.Option("--hxl", help=tell("Put a row of HXL tags below the header of indicators.csv.")),
]
Lang = Annotated[
    words.Lang,
    typer.Option(
        envvar=words.LANG_VARIABLE, show_envvar=False, help=tell("Language of pages and messages.")
    ),
]
Limit = Annotated[
    float,
    typer.Option(
        min=0.0,
        max=1.0,
        help=tell("Share of rows that may be set aside before the exit code is 1."),
    ),
]
Json = Annotated[bool, typer.Option("--json", help=tell("Print the result as JSON instead."))]
