"""``sahel-geo boundaries``: other people's boundary files."""

from pathlib import Path
from typing import Annotated

import typer

import sahel_geo as sg
from sahel_geo.cli.terminal import options
from sahel_geo.cli.terminal.output import MANY_SET_ASIDE, print_json, say
from sahel_geo.cli.terminal.usage import Command, Group
from sahel_geo.cli.terminal.words import Lang, examples, tell

boundaries_app = typer.Typer(
    cls=Group,
    help=tell("Check and compare boundary files."),
    epilog=examples("boundaries check adm2.zip", "boundaries compare mli_admbnda_adm2.zip"),
    no_args_is_help=True,
    rich_markup_mode=None,
)


FileArgument = Annotated[
    Path,
    typer.Argument(metavar=tell("file"), help=tell("A boundary file, or a zip archive of one.")),
]
LevelOption = Annotated[int | None, typer.Option(min=0, max=3, help=tell("Administrative level."))]
UnitIdOption = Annotated[str | None, typer.Option(help=tell("Column of codes, if not known."))]
NameOption = Annotated[str | None, typer.Option(help=tell("Column of names, if not known."))]
RepairedOption = Annotated[
    Path | None,
    typer.Option("--repair", help=tell("Mend the layer and write it to this GeoPackage.")),
]
PictureOption = Annotated[
    Path | None, typer.Option("--map", help=tell("Draw the worst faults: a name in .svg or .html."))
]


@boundaries_app.command(
    cls=Command,
    name="check",
    help=tell("Report what is wrong with a boundary file; exit code 1 if anything is."),
    epilog=examples(
        "boundaries check adm2.zip", "boundaries check units.gpkg --level 2 --map faults.svg"
    ),
)
def check_boundaries(
    file: FileArgument,
    level: LevelOption = None,
    unit_id: UnitIdOption = None,
    name: NameOption = None,
    repaired: RepairedOption = None,
    picture: PictureOption = None,
    lang: options.Lang = Lang.FRENCH,
    as_json: options.Json = False,  # noqa: FBT002
) -> None:
    """Report what is wrong with a boundary file; exit code 1 if anything is."""
    given = {"unit_id": unit_id, "name": name}
    mapping = {ours: theirs for ours, theirs in given.items() if theirs is not None}
    layer = sg.read_boundaries(file, level=level, mapping=mapping, repair=repaired is not None)
    if picture is not None:
        from sahel_geo.places.boundaries.boundary_map import draw_faults  # noqa: PLC0415  keeps --help fast

        draw_faults(layer, picture)
    if repaired is not None:
        from sahel_geo.places.boundaries.foreign import write_units  # noqa: PLC0415

        write_units(layer.units, repaired)
    if as_json:
        print_json(layer.report.to_dict())
    else:
        for line in layer.report.lines(lang=lang.value):
            say(line, lang)
    if not layer.report.is_clean:
        raise typer.Exit(MANY_SET_ASIDE)


VintageOption = Annotated[str | None, typer.Option(help=tell("Vintage of ours, such as 2025."))]


@boundaries_app.command(
    cls=Command,
    name="compare",
    help=tell("Measure how the embedded units agree with those of a file."),
    epilog=examples("boundaries compare mli_admbnda_adm2.zip"),
)
def compare_boundaries(
    file: FileArgument,
    level: LevelOption = None,
    vintage: VintageOption = None,
    lang: options.Lang = Lang.FRENCH,
    as_json: options.Json = False,  # noqa: FBT002
) -> None:
    """Measure how the embedded units agree with those of a file."""
    from sahel_geo.places.boundaries.compare import Comparison  # noqa: PLC0415  keeps --help fast

    layer = sg.read_boundaries(file, level=level)
    comparison = Comparison.of(sg.load_boundaries(layer.report.level, vintage=vintage), layer.units)
    if as_json:
        print_json(comparison.to_dict())
    else:
        for line in comparison.lines(lang.value):
            say(line, lang)
