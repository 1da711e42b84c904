"""``sahel-geo report``: the whole job."""

from pathlib import Path
from typing import Annotated, Final

import typer

import sahel_geo as sg
from sahel_geo.cli.output import (
    MANY_SET_ASIDE,
    JsonOption,
    LangOption,
    LevelOption,
    LimitOption,
    finish,
    print_json,
    print_numbers,
    working,
)
from sahel_geo.cli.words import WORDS, Lang, tell

_STEPS: Final = (
    "read",
    "set_aside",
    "kept",
    "no_coordinates",
    "outside",
    "coarse",
    "undated",
    "mapped",
)
_ALWAYS: Final = ("read", "set_aside", "kept", "mapped")


def report(
    incidents: Annotated[
        Path | None,
        typer.Argument(
            help=tell(
                "Un tableau d'incidents ; sans lui, le catalogue embarqué.",
                "A table of incidents; without it, the embedded catalogue.",
            ),
        ),
    ] = None,
    zone: Annotated[
        str,
        typer.Option(
            help=tell(
                "Zone de la deuxième carte, ou 'none'.", "Zone of the second map, or 'none'."
            ),
        ),
    ] = "menaka-tri-border",
    level: LevelOption = 2,
    lang: LangOption = Lang.FRENCH,
    out: Annotated[
        Path, typer.Option(help=tell("Dossier des pages.", "Folder for the pages."))
    ] = Path("outputs/maps"),
    max_set_aside: LimitOption = 0.05,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Write an index page and two offline maps."""
    with working(lang, "reading"):
        table = sg.load_example_incidents() if incidents is None else sg.read_incidents(incidents)
        units = sg.load_boundaries(level=level)
    with working(lang, "drawing"):
        written = sg.write_report(
            table,
            units,
            out,
            zone=None if zone == "none" else zone,
            lang=lang.value,
        )
    if as_json:
        print_json({**written.summary, "pages": [str(page) for page in written.pages]})
    else:
        steps = written.summary["steps"]
        shown = {key: steps[key] for key in _STEPS if steps[key] or key in _ALWAYS}
        print_numbers(shown, written.pages, lang, as_json=False)
    if not written.summary["steps"]["mapped"]:
        typer.echo(WORDS[lang.value]["nothing"], err=True)
        raise typer.Exit(MANY_SET_ASIDE)
    finish(written.share_set_aside, max_set_aside, lang)
