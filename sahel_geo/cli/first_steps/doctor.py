"""``sahel-geo doctor``: whether the installation is whole, and what is missing."""

from collections.abc import Sequence

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sahel_geo.cli.first_steps.examination import GROUPS, Finding, examine
from sahel_geo.cli.terminal.output import JsonOption, LangOption, print_json, printable, working
from sahel_geo.cli.terminal.words import Lang
from sahel_geo.i18n.sentence import Counted, Sentence

_FAULTY = 1


def doctor(
    lang: LangOption = Lang.FRENCH,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Tell versions, data, cache, fonts and browser, and what is missing; change nothing."""
    with working(lang, "examining"):
        findings = list(examine())
    faults = [each for each in findings if each.fault]
    if as_json:
        print_json(_facts(findings))
    else:
        _print(findings, lang)
        typer.echo()
        if faults:
            told: Sentence = Counted(
                "{count} thing does not work; its line is marked with !.",
                "{count} things do not work; their lines are marked with !.",
                count=len(faults),
            )
        else:
            told = Sentence("Everything that is needed is there.")
        typer.echo(told.say(lang.value))
    if faults:
        raise typer.Exit(_FAULTY)


def _facts(findings: Sequence[Finding]) -> dict[str, object]:
    """Give the findings to a program: by group and name, and the list of faults."""
    groups: dict[str, dict[str, object]] = {group: {} for group in GROUPS}
    for each in findings:
        groups[each.group][each.name] = each.fact
    faults = [{"group": each.group, "name": each.name, "what": str(each.value)}
              for each in findings if each.fault]  # fmt: skip
    return {**groups, "faults": faults, "ok": not faults}


def _print(findings: Sequence[Finding], lang: Lang) -> None:
    console = Console(soft_wrap=True)
    for group, heading in GROUPS.items():
        console.print(Text(heading.say(lang.value), style="bold"))
        grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        for _ in range(3):
            grid.add_column(overflow="fold")
        for each in _shortened([each for each in findings if each.group == group]):
            label, value = (
                printable(Sentence.of(text).say(lang.value)) for text in (each.label, each.value)
            )
            grid.add_row(Text("!" if each.fault else " "), Text(label), Text(value))
        console.print(grid)


def _shortened(findings: Sequence[Finding]) -> list[Finding]:
    """Put the packages that are as they should be on one line."""
    sound = [each for each in findings if each.group == "packages" and not each.fault]
    if len(sound) < 2:
        return list(findings)
    number = Counted("{count} is there", "{count} are there", count=len(sound))
    versions = ", ".join(f"{each.label} {each.value}" for each in sound)
    rest = [each for each in findings if each.fault]
    return [Finding("packages", "", number, versions), *rest]
