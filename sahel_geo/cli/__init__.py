"""The command line: arguments, a short table of what was done, and exit codes.

Exit code 0 means done; 1 done, with a larger share of rows set aside than allowed, or with nothing
to show; 2 that the command or the input cannot be used.
"""

import gc
import os
import sys
import warnings
from collections.abc import Callable
from typing import Annotated

import typer

import sahel_geo as sg
from sahel_geo.cli.boundaries import boundaries_app
from sahel_geo.cli.check import check
from sahel_geo.cli.drawing import draw
from sahel_geo.cli.first_steps.doctor import doctor
from sahel_geo.cli.first_steps.example import example
from sahel_geo.cli.forecast import alerts, forecast
from sahel_geo.cli.places import assign, geocode
from sahel_geo.cli.report import report
from sahel_geo.cli.sources import fetch, sources
from sahel_geo.cli.terminal.output import INTERRUPTED, UNUSABLE, accept_any_stream, complain
from sahel_geo.cli.terminal.usage import Command, Group, UsageError, explain
from sahel_geo.cli.terminal.words import LANG_VARIABLE, Lang, examples, help_language, tell
from sahel_geo.cli.units import indicators
from sahel_geo.errors import SahelGeoError

app = typer.Typer(
    name="sahel-geo",
    cls=Group,
    help=tell("From a file of incidents in Mali, Niger and Burkina Faso to an offline risk map."),
    epilog=examples("report", "check incidents.xlsx", "map people.csv --column people --level 1"),
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[  # noqa: FBT002  an option of typer
        bool, typer.Option("--version", help=tell("Print the version."))
    ] = False,
    lang: Annotated[Lang | None, typer.Option(help=tell("Language of all that follows."))] = None,
) -> None:
    if lang is not None:
        os.environ[LANG_VARIABLE] = lang.value  # where commands look
    if version:
        typer.echo(f"sahel-geo {sg.__version__}")
        raise typer.Exit


def _offer(command: Callable[..., None], what: str, *lines: str, name: str | None = None) -> None:
    app.command(name=name, cls=Command, help=what, epilog=examples(*lines))(command)


_offer(
    report,
    tell("Write a report: a few pages, two maps, and the figures for other programs."),
    "report",
    "report ged251.csv --lang en --out pages",
    "report ged251.csv --before 2022-01:2022-12 --after 2023-01:2023-12",
    "report ged251.csv --publish safe --least 5",
    "report --config pages/report.toml --out again",
    "report --source ucdp --since 12m",
)
_offer(
    check,
    tell("Print the quality report of a file, and nothing else."),
    "check incidents.xlsx",
    "check incidents.csv --quarantine aside.csv",
)
_offer(
    geocode,
    tell("Give coordinates, with their precision, to incidents that have a place name only."),
    "geocode villages.xlsx --gazetteer ML.zip --out located.csv",
)
_offer(
    assign,
    tell("Place each incident in one unit."),
    "assign incidents.csv --level 3 --out placed.csv",
)
_offer(
    indicators,
    tell("Compute indicators, a row for each unit."),
    "indicators ged251.csv --measure rates --measure hotspots",
    "indicators ged251.csv --measure emerging --period year --out emerging.csv",
    "indicators ged251.csv --measure spillover --measure scdi",
    "indicators ged251.csv --measure risk --people p.csv:people --vulnerability v.csv:phase",
)
_offer(
    draw,
    tell("Draw your own table, a row for each unit, as one offline map."),
    "map people.csv --column people --level 1 --out people.html",
    "map people.csv --column people --level 1 --png people.png",
    name="map",
)
_offer(
    fetch,
    tell("Fetch fresh data from its source; this and 'report --source' alone use the network."),
    "fetch ucdp --since 2024-01",
    "fetch acled --since 2025-01 --country MLI",
    "fetch boundaries --country MLI --level 2 --out units.gpkg",
)
_offer(
    sources,
    tell("List the sources, what of them is in the cache, and under which terms."),
    "sources",
    "sources --prune 90",
)
_offer(
    forecast,
    tell("Forecast each unit for the coming months, with the record of such forecasts."),
    "forecast ged251.csv",
    "forecast ged251.csv --measure incidents --horizons 3 --until 2026-04 --out ahead",
    "forecast ged251.csv --publish safe",
)
_offer(
    alerts,
    tell("List the units above what was expected of the latest week or month."),
    "alerts ged251.csv",
    "alerts ged251.csv --period week --out alerts.csv",
)
app.add_typer(boundaries_app, name="boundaries")
_offer(
    example,
    tell("Write a sample file and the notebooks into a folder, to begin with."),
    "example",
    "example first-day --lang en",
)
_offer(
    doctor,
    tell("Tell versions, data, cache, fonts and browser, and what is missing."),
    "doctor",
    "doctor --json",
)


def main() -> None:
    """Run the command line; what cannot be used is one message and exit code 2."""
    lang = help_language()
    accept_any_stream()
    gc.set_threshold(20_000)  # thousands of modules and tables would be searched for rings in vain
    try:
        with warnings.catch_warnings():
            if not sys.warnoptions:  # arithmetic warns of what only its author understands
                warnings.simplefilter("ignore", RuntimeWarning)
            sys.exit(app(prog_name="sahel-geo", standalone_mode=False))
    except SahelGeoError as error:
        complain(error.say(lang.value))
    except UsageError as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            typer.echo(error.ctx.get_help())
        else:
            complain(explain(error).say(lang.value))
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)
    sys.exit(UNUSABLE)
