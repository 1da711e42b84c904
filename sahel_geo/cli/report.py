"""``sahel-geo report``: the whole job."""

import os
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from sahel_geo.cli.sources import (
    BaseUrlOption,
    OfflineOption,
    RefreshOption,
    SinceOption,
    UntilOption,
    saying_what_is_old,
)
from sahel_geo.cli.terminal import options
from sahel_geo.cli.terminal.output import (
    MANY_SET_ASIDE,
    finish,
    print_json,
    print_numbers,
    say,
    stepping,
)
from sahel_geo.cli.terminal.words import LANG_VARIABLE, WORDS, Lang, help_language, tell
from sahel_geo.i18n.sentence import Sentence

if TYPE_CHECKING:
    from sahel_geo.maps.report.config import ReportConfig
    from sahel_geo.maps.report.report import Report

_STEPS: Final = (
    "read", "set_aside", "kept", "no_coordinates", "outside", "coarse", "beyond", "undated",
    "other_period", "mapped",
)  # fmt: skip
_ALWAYS: Final = ("read", "set_aside", "kept", "mapped")
_MONTHS: Final = "2023-01:2023-12"
_OPTIONS: Final = {"actors": "actor", "event_types": "event_type"}  # of settings of another name
_CHECKSUM: Final = 64  # letters of a SHA-256


def _zones() -> list[str]:
    """Names of zones, none, and the choice by the file."""
    from sahel_geo.places.zones import ZONES  # noqa: PLC0415  keeps --help fast

    return [*ZONES, "none", "auto"]


def _incident_source_names() -> list[str]:
    """Names of sources of incidents, for the Tab key."""
    from sahel_geo.sources.registry import list_sources  # noqa: PLC0415  keeps --help fast

    return [name for name, each in list_sources().items() if each.gives == "incidents"]


SourceOption = Annotated[
    str | None,
    typer.Option(
        autocompletion=_incident_source_names,
        help=tell("Live source of incidents, instead of a file; see 'sources'."),
    ),
]
AgainstOption = Annotated[
    Path | None,
    typer.Option(help=tell("report.toml of an earlier report: say what changed since.")),
]


IncidentsArgument = Annotated[
    Path | None,
    typer.Argument(help=tell("A table of incidents; without it, the embedded catalogue.")),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        help=tell("Settings, such as the report.toml of a report; options win over them.")
    ),
]
ZoneOption = Annotated[
    str | None,
    typer.Option(
        autocompletion=_zones,
        help=tell(
            "Zone of the second map, 'none', or 'auto' for that of Ménaka where the file reaches "
            "it [auto]."
        ),
    ),
]
LevelOption = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=3,
        help=tell(
            "Administrative level: 0 country, 1 region, 2 cercle, department or province, "
            "3 commune [2]."
        ),
    ),
]
LastOption = Annotated[
    str | None,
    typer.Option(
        help=tell(
            "Length shown, such as 24m or 2y, or 'all' for the whole file "
            "[the last twelve complete months]."
        )
    ),
]
SingleOption = Annotated[
    Path | None,
    typer.Option(help=tell("Write the brief of two pages into this one file too, .html.")),
]
BeforeOption = Annotated[
    str | None,
    typer.Option(help=tell("First period to compare, such as {months}.").format(months=_MONTHS)),
]
AfterOption = Annotated[
    str | None, typer.Option(help=tell("Second period to compare [the period shown]."))
]
PublishOption = Annotated[
    str | None,
    typer.Option(
        autocompletion=lambda: ["full", "safe"],
        help=tell("'full', or 'safe' to hide small counts [full]."),
    ),
]
LeastOption = Annotated[
    int | None, typer.Option(help=tell("Smallest count that 'safe' shows [5]."))
]
SeedOption = Annotated[int | None, typer.Option(min=0, help=tell("Seed of all draws [1]."))]
LangOption = Annotated[Lang | None, typer.Option(help=tell("Language of pages and messages."))]


def report(  # every option is a setting of report.toml
    incidents: IncidentsArgument = None,
    config: ConfigOption = None,
    sheet: options.Sheet = None,
    mapping: options.Mapping = None,
    gazetteer: options.Gazetteer = None,
    source: SourceOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    against: AgainstOption = None,
    base_url: BaseUrlOption = None,
    offline: OfflineOption = False,  # noqa: FBT002
    refresh: RefreshOption = False,  # noqa: FBT002
    zone: ZoneOption = None,
    level: LevelOption = None,
    vintage: options.Vintage = None,
    last: LastOption = None,
    before: BeforeOption = None,
    after: AfterOption = None,
    publish: PublishOption = None,
    least: LeastOption = None,
    seed: SeedOption = None,
    lang: LangOption = None,
    single: SingleOption = None,
    out: Annotated[Path, typer.Option(help=tell("Folder for the pages."))] = Path("outputs/maps"),
    max_set_aside: options.Limit = 0.05,
    actor: options.Actor = None,
    event_type: options.EventType = None,
    civilians: options.Civilians = False,  # noqa: FBT002
    people: options.People = None,
    vulnerability: options.Vulnerability = None,
    hxl: options.Hxl = False,  # noqa: FBT002
    as_json: options.Json = False,  # noqa: FBT002
) -> None:
    """Write a site of a few pages, two offline maps, and the figures for other programs."""
    asked = dict(locals())
    from sahel_geo.files import write_text  # noqa: PLC0415
    from sahel_geo.maps.report.config import read_made  # noqa: PLC0415

    made = {} if config is None else read_made(config)
    settings = _settings(asked)
    spoken = Lang(settings.lang) if settings.lang in set(Lang) else Lang.FRENCH
    access = {"base_url": base_url, "offline": offline, "refresh": refresh}
    again = None if refresh or any((source, since, until)) else config
    written = _make(settings, out, again, against, spoken, access)
    if single is not None:
        write_text(single, (out / "brief.html").read_text(encoding="utf-8"))
    _warn_of_people(written, spoken)
    now = read_made(out / "report.toml")
    changed = [  # why a report made again may have other bytes than the first one
        f"{name} {before} → {now[name]}" if len(before) < _CHECKSUM else name
        for name, before in made.items()
        if now.get(name, before) != before
    ]
    if changed:
        typer.echo(WORDS[spoken.value]["changed"].format(what=", ".join(changed)), err=True)
    _print_written(written, spoken, as_json=as_json)
    if not written.summary["steps"]["mapped"]:
        typer.echo(WORDS[spoken.value]["nothing"], err=True)
        raise typer.Exit(MANY_SET_ASIDE)
    finish(written.share_set_aside, max_set_aside, spoken)


def _settings(asked: dict[str, Any]) -> "ReportConfig":
    """Lay the options given, by their names in Python, over the settings of a file."""
    from sahel_geo.maps.report.config import ReportConfig, read_config  # noqa: PLC0415

    config = asked["config"]
    if asked["lang"] is None and config is None and os.environ.get(LANG_VARIABLE):
        asked["lang"] = help_language()
    given: dict[str, Any] = {}
    for setting in fields(ReportConfig):
        name = setting.name
        value = asked[_OPTIONS.get(name, name)]
        if value is None or value is False:
            continue
        if name in {"before", "after"}:
            value = value and _months(value, name)
        if isinstance(value, list):
            value = tuple(map(str, value))
        given[name] = str(value) if isinstance(value, Path | Lang) else value
    return replace(ReportConfig() if config is None else read_config(config), **given)


def _make(
    settings: "ReportConfig",
    out: Path,
    again: Path | None,
    against: Path | None,
    lang: Lang,
    access: dict[str, Any],
) -> "Report":
    """Write the report, showing each step; `again` names the data of an earlier one to take."""
    from sahel_geo.maps.report.config import read_fetched  # noqa: PLC0415
    from sahel_geo.maps.report.report import STEPS  # noqa: PLC0415  keeps --help fast
    from sahel_geo.maps.report.run import run_config  # noqa: PLC0415

    fetched = () if again is None else read_fetched(again)
    with stepping(lang, ("reading", *STEPS)) as step, saying_what_is_old(lang):
        return run_config(
            settings, out, fetched=fetched, against=against, cached=again is None, step=step,
            **access,
        )  # fmt: skip


def _print_written(written: "Report", lang: Lang, *, as_json: bool) -> None:
    """Print what was counted and which files were written."""
    if as_json:
        files = {"pages": written.pages, "files": written.files}
        named = {key: [str(path) for path in paths] for key, paths in files.items()}
        print_json({**written.summary, **named})
        return
    steps = written.summary["steps"]
    counts = {key: steps[key] for key in _STEPS if steps[key] or key in _ALWAYS}
    for note in steps["notes"]:
        say(Sentence.of(note), lang, err=True)
    print_numbers(counts, [*written.pages, *written.files], lang, as_json=False)
    if "changes" in written.summary:
        changes = Sentence(
            "Since the earlier report: new incidents {new:,}, revised {revised:,}, removed "
            "{removed:,}; figures of units that moved {figures:,}.",
            **written.summary["changes"],
        )
        say(changes, lang)


def _months(span: str, option: str) -> tuple[str, ...]:
    """Split "2023-01:2023-12"."""
    months = tuple(part.strip() for part in span.split(":"))
    if len(months) != 2:
        from sahel_geo.errors import InputError  # noqa: PLC0415

        raise InputError(
            "--{option} is {span!r}; expected first and last month, such as {months}. Correct it.",
            option=option,
            span=span,
            months=_MONTHS,
        )
    return months


def _warn_of_people(written: "Report", lang: Lang) -> None:
    """Say whose people and vulnerability were taken, and where the people can hardly be right."""
    from sahel_geo.maps.people import implausible, people_credit  # noqa: PLC0415

    about, hardship = written.summary["people"], written.summary["vulnerability"]
    sentences = [] if about is None or about["year"] else people_credit(about)
    sentences += [Sentence("Vulnerability: {source}.", source=hardship)] if hardship else []
    sentences += [implausible(about["implausible"])] if about and about["implausible"] else []
    for each in sentences:
        say(each, lang, err=True)
