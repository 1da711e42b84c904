"""The command line: arguments, a short table of what was done, and exit codes.

Exit code 0 means done; 1 done, with a larger share of rows set aside than allowed, or with nothing
to show; 2 that the input cannot be used.
"""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

import sahel_geo as sg
from sahel_geo.errors import SahelGeoError

_DONE, _MANY_SET_ASIDE, _UNUSABLE = 0, 1, 2

app = typer.Typer(
    name="sahel-geo",
    help="From a file of incidents in Mali, Niger and Burkina Faso to an offline risk map.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

boundaries_app = typer.Typer(
    help="Check and compare boundary files.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(boundaries_app, name="boundaries")


class Lang(StrEnum):
    """Language of pages and tables."""

    FRENCH = "fr"
    ENGLISH = "en"


_WORDS: Final[dict[str, dict[str, str]]] = {
    "fr": {
        "step": "Étape",
        "number": "Nombre",
        "read": "Lignes lues",
        "set_aside": "  mises de côté",
        "kept": "Incidents retenus",
        "no_coordinates": "  sans coordonnées",
        "outside": "  hors des trois pays",
        "coarse": "  trop vagues pour ce niveau",
        "undated": "  sans date",
        "mapped": "Incidents sur la carte",
        "written": "Écrit",
        "too_many": "{share:.1%} des lignes sont mises de côté, plus que {limit:.1%}.",
        "reading": "Lecture…",
        "locating": "Géocodage…",
        "drawing": "Calculs et cartes…",
        "nothing": "Aucun incident n'a pu être placé : pas de carte ; l'index dit pourquoi.",
    },
    "en": {
        "step": "Step",
        "number": "Number",
        "read": "Rows read",
        "set_aside": "  set aside",
        "kept": "Incidents kept",
        "no_coordinates": "  without coordinates",
        "outside": "  outside the three countries",
        "coarse": "  too vague for this level",
        "undated": "  without a date",
        "mapped": "Incidents on the map",
        "written": "Written",
        "too_many": "{share:.1%} of the rows are set aside, more than {limit:.1%}.",
        "reading": "Reading…",
        "locating": "Geocoding…",
        "drawing": "Computing and drawing…",
        "nothing": "No incident could be placed: no map; the index says why.",
    },
}
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

LangOption = Annotated[Lang, typer.Option("--lang", help="Language of pages and tables.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON instead.")]
LimitOption = Annotated[
    float,
    typer.Option(
        "--max-set-aside",
        min=0.0,
        max=1.0,
        help="Share of rows that may be set aside before the exit code is 1.",
    ),
]


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,  # noqa: FBT002  an option of typer
) -> None:
    if version:
        typer.echo(f"sahel-geo {sg.__version__}")
        raise typer.Exit


@app.command()
def report(
    incidents: Annotated[
        Path | None,
        typer.Argument(help="A table of incidents; without it, the embedded catalogue."),
    ] = None,
    zone: Annotated[str, typer.Option(help="Zone of the second map, or 'none'.")] = (
        "menaka-tri-border"
    ),
    level: Annotated[int, typer.Option(min=0, max=3, help="Administrative level.")] = 2,
    lang: LangOption = Lang.FRENCH,
    out: Annotated[Path, typer.Option(help="Folder for the pages.")] = Path("outputs/maps"),
    max_set_aside: LimitOption = 0.05,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Write an index page and two offline maps.

    Examples: sahel-geo report; sahel-geo report ged251.csv --lang en --out pages
    """
    with _working(lang, "reading"):
        table = sg.load_example_incidents() if incidents is None else sg.read_incidents(incidents)
        units = sg.load_boundaries(level=level)
    with _working(lang, "drawing"):
        written = sg.write_report(
            table,
            units,
            out,
            zone=None if zone == "none" else zone,
            lang=lang.value,
        )
    if as_json:
        _print_json({**written.summary, "pages": [str(page) for page in written.pages]})
    else:
        _print_steps(written.summary["steps"], [str(page) for page in written.pages], lang)
    if not written.summary["steps"]["mapped"]:
        typer.echo(_WORDS[lang.value]["nothing"], err=True)
        raise typer.Exit(_MANY_SET_ASIDE)
    _finish(written.share_set_aside, max_set_aside, lang)


@app.command()
def check(
    incidents: Annotated[Path, typer.Argument(help="A table of incidents.")],
    quarantine: Annotated[
        Path | None,
        typer.Option(help="Write the rows set aside, with their reasons, to this CSV file."),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(help="Write the quality report as a page to this file."),
    ] = None,
    lang: LangOption = Lang.FRENCH,
    max_set_aside: LimitOption = 0.05,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Print the quality report of a file, and nothing else.

    Examples: sahel-geo check incidents.xlsx; sahel-geo check incidents.csv --quarantine aside.csv
    """
    from sahel_geo.files import write_text  # noqa: PLC0415
    from sahel_geo.incidents.quality import quality_report  # noqa: PLC0415  keeps --help fast
    from sahel_geo.incidents.quarantine import write_quarantine  # noqa: PLC0415

    with _working(lang, "reading"):
        table = sg.read_incidents(incidents)
        quality = quality_report(table)
    if quarantine is not None:
        write_quarantine(table, quarantine)
    if html is not None:
        write_text(html, quality.to_html(lang.value))
    if as_json:
        _print_json(quality.to_dict())
    else:
        rows = Table.grid(padding=(0, 2))
        for label, value in quality.lines(lang.value):
            rows.add_row(Text(_printable(label)), Text(_printable(value)))
        Console(soft_wrap=True).print(rows)
    read = table.report
    share = read.rows_set_aside / read.rows_read if read.rows_read else 0.0
    _finish(share, max_set_aside, lang)


@app.command()
def geocode(
    incidents: Annotated[Path, typer.Argument(help="A table of incidents with place names.")],
    out: Annotated[Path, typer.Option(help="CSV file to write.")] = Path("geocoded.csv"),
    gazetteer: Annotated[
        list[Path] | None,
        typer.Option(help="GeoNames dump or table of places; may be repeated."),
    ] = None,
    lang: LangOption = Lang.FRENCH,
    max_set_aside: LimitOption = 0.05,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Give coordinates, with their precision, to incidents that have a place name only.

    Examples: sahel-geo geocode villages.xlsx --gazetteer ML.zip --out located.csv
    """
    from sahel_geo.files import write_csv  # noqa: PLC0415  keeps --help fast

    with _working(lang, "reading"):
        table = sg.read_incidents(incidents)
    with _working(lang, "locating"):
        located = sg.geocode(table, sg.load_gazetteer(*(gazetteer or ())))
    write_csv(out, located)
    counts = {str(key): int(n) for key, n in located["method"].value_counts().items()}
    if as_json:
        _print_json({"rows": len(located), "methods": counts, "written": str(out)})
    else:
        words = _WORDS[lang.value]
        shown = Table(words["step"], words["number"], box=None, pad_edge=False)
        for key, number in counts.items():
            shown.add_row(key, str(number))
        console = Console(soft_wrap=True)
        console.print(shown)
        console.print(Text(f"{words['written']} {_printable(str(out))}"))
    read = table.report
    _finish(read.rows_set_aside / max(read.rows_read, 1), max_set_aside, lang)


@boundaries_app.command(name="check")
def check_boundaries(
    file: Annotated[Path, typer.Argument(help="A boundary file, or a zip archive of one.")],
    level: Annotated[int | None, typer.Option(min=0, max=3, help="Administrative level.")] = None,
    unit_id: Annotated[str | None, typer.Option(help="Column of codes, if not known.")] = None,
    name: Annotated[str | None, typer.Option(help="Column of names, if not known.")] = None,
    repaired: Annotated[
        Path | None,
        typer.Option("--repair", help="Mend the layer and write it to this GeoPackage."),
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option("--map", help="Draw the worst faults: a name in .svg or .html."),
    ] = None,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Report what is wrong with a boundary file; exit code 1 if anything is.

    Examples: sahel-geo boundaries check adm2.zip; ... check units.gpkg --level 2 --map faults.svg
    """
    given = {"unit_id": unit_id, "name": name}
    mapping = {ours: theirs for ours, theirs in given.items() if theirs is not None}
    layer = sg.read_boundaries(file, level=level, mapping=mapping, repair=repaired is not None)
    if picture is not None:
        from sahel_geo.places.boundary_map import draw_faults  # noqa: PLC0415  keeps --help fast

        draw_faults(layer, picture)
    if repaired is not None:
        from sahel_geo.places.foreign import write_units  # noqa: PLC0415

        write_units(layer.units, repaired)
    if as_json:
        _print_json(layer.report.to_dict())
    else:
        for line in layer.report.lines():
            typer.echo(_printable(line))
    if not layer.report.is_clean:
        raise typer.Exit(_MANY_SET_ASIDE)


@boundaries_app.command(name="compare")
def compare_boundaries(
    file: Annotated[Path, typer.Argument(help="A boundary file, or a zip archive of one.")],
    level: Annotated[int | None, typer.Option(min=0, max=3, help="Administrative level.")] = None,
    vintage: Annotated[str | None, typer.Option(help="Vintage of ours, such as 2025.")] = None,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Measure how the embedded units agree with those of a file.

    Example: sahel-geo boundaries compare mli_admbnda_adm2.zip
    """
    from sahel_geo.places.compare import compare_units  # noqa: PLC0415  keeps --help fast

    layer = sg.read_boundaries(file, level=level)
    found = compare_units(sg.load_boundaries(layer.report.level, vintage=vintage), layer.units)
    if as_json:
        _print_json(found.to_dict())
    else:
        for line in found.lines():
            typer.echo(_printable(line))


def main() -> None:
    """Run the command line; an unusable input is one message and exit code 2."""
    try:
        app()
    except SahelGeoError as error:
        typer.echo(f"sahel-geo: {_printable(str(error))}", err=True)
        sys.exit(_UNUSABLE)


def _working(lang: Lang, step: str) -> Status:
    """Show a turning sign on a terminal while something takes time; nothing in a pipe or file."""
    return Console(stderr=True).status(_WORDS[lang.value][step])


def _finish(share: float, limit: float, lang: Lang) -> None:
    if share > limit:
        words = _WORDS[lang.value]
        typer.echo(words["too_many"].format(share=share, limit=limit), err=True)
        raise typer.Exit(_MANY_SET_ASIDE)


def _print_steps(steps: dict[str, Any], pages: list[str], lang: Lang) -> None:
    words = _WORDS[lang.value]
    table = Table(words["step"], words["number"], box=None, pad_edge=False)
    table.columns[1].justify = "right"
    for key in _STEPS:
        if steps[key] or key in ("read", "set_aside", "kept", "mapped"):
            table.add_row(words[key], str(steps[key]))
    console = Console(soft_wrap=True)
    console.print(table)
    for page in pages:
        console.print(Text(f"{words['written']} {_printable(page)}"))


def _print_json(value: dict[str, Any]) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _printable(text: str) -> str:
    """Replace control characters, which could rewrite the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


if __name__ == "__main__":
    main()
