"""What commands print: the table of what was done, JSON, exit codes; on any terminal or pipe."""

import codecs
import json
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

import sahel_geo as sg
from sahel_geo.cli.terminal.words import WORDS, Lang, help_language
from sahel_geo.errors import as_unicode
from sahel_geo.i18n.cldr import percent
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.columns.names import parse_mapping
from sahel_geo.tasks import Task, progress

_PLAIN: Final = "sahel_geo.plain"
_LIKE: Final = {
    "’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-", "−": "-",
    "→": "->", "×": "x", "≥": ">=", "≤": "<=", "·": "-", "œ": "oe", "Œ": "OE", "æ": "ae", "²": "2",
    "▏": "|",
}  # fmt: skip

DONE: Final = 0
MANY_SET_ASIDE: Final = 1  # or nothing to show
UNUSABLE: Final = 2
INTERRUPTED: Final = 130


@contextmanager
def working(lang: Lang, step: str) -> Iterator[None]:
    """Show a turning sign, and how far it is, on a terminal; nothing in a pipe or file."""
    words = WORDS[lang.value][step]
    console = Console(stderr=True)
    with console.status(words) as sign:

        def show(tasks: Sequence[Task]) -> None:
            sign.update(" · ".join([words, *(_how_far(each, lang) for each in tasks)]))

        with progress(show if console.is_terminal else None, lang=lang.value):
            yield


def _how_far(task: Task, lang: Lang) -> str:
    return task.name if task.share is None else f"{task.name} {percent(task.share, lang)}"


@contextmanager
def stepping(lang: Lang, steps: Sequence[str]) -> Iterator[Callable[[str], None]]:
    """Show a bar on a terminal that moves on with each step; nothing in a pipe or file."""
    words = WORDS[lang.value]
    columns = (
        SpinnerColumn(),
        BarColumn(24),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    idle = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=idle) as bar:
        row = bar.add_task("", total=len(steps))

        def step(name: str) -> None:
            bar.update(row, completed=steps.index(name), description=words[name])

        def show(tasks: Sequence[Task]) -> None:
            bar.update(below, description=" · ".join(_how_far(each, lang) for each in tasks))
            bar.update(
                below, completed=(tasks[-1].share or 0.0) if tasks else 0.0, visible=bool(tasks)
            )

        below = bar.add_task("", total=1.0, visible=False)
        with progress(show if bar.console.is_terminal else None, lang=lang.value):
            yield step


def save_drawn(drawn: Any, out: Path, png: Path | None, lang: Lang) -> list[Path]:
    """Write a map as a page, and as a picture if that is asked for."""
    written = [sg.save_map(drawn, out)]
    return written if png is None else [*written, sg.save_png(drawn, png, lang=lang.value)]


def finish(share: float, limit: float, lang: Lang) -> None:
    """Leave with code 1 if more rows were set aside than allowed."""
    if share > limit:
        refusal = Sentence(
            "{share:.1%} of the rows are set aside, more than the limit of {limit:g}%.",
            share=share,
            limit=100 * limit,
        )
        say(refusal, lang, err=True)
        raise typer.Exit(MANY_SET_ASIDE)


def set_aside(report: Any) -> float:
    """Give the share of the rows read that a reader set aside; 0 for an empty file."""
    return float(report.rows_set_aside / max(report.rows_read, 1))


def print_numbers(
    numbers: Mapping[str, object], written: Sequence[Path], lang: Lang, *, as_json: bool
) -> None:
    """Print what was done: numbers by the words' keys, and the files written."""
    paths = [str(path) for path in written]
    if as_json:
        print_json({**numbers, "written": paths})
        return
    words = WORDS[lang.value]
    table = Table(words["step"], words["number"], box=None, pad_edge=False)
    table.columns[1].justify = "right"
    for key, number in numbers.items():
        # Name a step in words; what a geocoder did may be two things, such as "exact+offset".
        first, plus, more = key.partition("+")
        table.add_row(
            words.get(first, first) + (f", {words.get(plus + more, more)}" if plus else ""),
            str(number),
        )
    console = Console(soft_wrap=True)
    console.print(table)
    for path in paths:
        console.print(Text(f"{words['written']} {printable(path)}"))


def say(text: str, lang: Lang, *, err: bool = False) -> None:
    """Print a sentence in a language; any other text as it is."""
    typer.echo(_shown(text, lang), err=err)


def print_lines(lines: Iterable[tuple[str, str]], lang: Lang) -> None:
    """Print labels, each with its value beside it."""
    grid = Table.grid(padding=(0, 2))
    for label, value in lines:
        grid.add_row(Text(_shown(label, lang)), Text(_shown(value, lang)))
    Console(soft_wrap=True).print(grid)


def _shown(text: str, lang: Lang) -> str:
    return printable(text.say(lang.value) if isinstance(text, Sentence) else text)


def print_json(value: Mapping[str, Any]) -> None:
    """Print a result for a program."""
    # Tell whether standard output is in UTF-8, or in another encoding of Unicode.
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    typer.echo(
        json.dumps(value, ensure_ascii=not codecs.lookup(encoding).name.startswith("utf"), indent=2)
    )


def complain(message: str) -> None:
    """Say on standard error what cannot be used."""
    typer.echo(printable(WORDS[help_language().value]["unusable"].format(error=message)), err=True)


def printable(text: str) -> str:
    """Replace control characters, which could rewrite the terminal."""
    kept = "\n\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"
    plain = as_unicode(text)
    return "".join(
        c if c.isprintable() or c in kept else "\N{REPLACEMENT CHARACTER}" for c in plain
    )


def read_table(
    path: Path, sheet: str | None, mapping: Sequence[str] | None, *, undo: bool = False
) -> Any:
    """Read incidents with the options of the command line."""
    return sg.read_incidents(
        path, sheet=sheet, mapping=parse_mapping(mapping), undo_swapped_dates=undo
    )


def choose(
    incidents: Any, actor: list[str] | None, event_type: list[str] | None, *, civilians: bool
) -> Any:
    """Choose incidents with the options of the command line."""
    from sahel_geo.incidents.actors.selection import select  # noqa: PLC0415  keeps --help fast

    return select(incidents, actors=actor or (), event_types=event_type or (), civilians=civilians)


def _plain(text: str) -> str:
    """Write a text in ASCII, as near as it comes.

    >>> _plain("Ménaka\N{NARROW NO-BREAK SPACE}: −5\N{NO-BREAK SPACE}%, d’ici…")
    "Menaka : -5 %, d'ici..."
    """
    letters = (_LIKE.get(letter) or unicodedata.normalize("NFKD", letter) for letter in text)
    kept = "".join(letter for letter in "".join(letters) if not unicodedata.combining(letter))
    return kept.encode("ascii", "replace").decode("ascii")


def _replaced(error: UnicodeError) -> tuple[str, int]:
    """Replace what a stream cannot hold."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return _plain(error.object[error.start : error.end]), error.end


def accept_any_stream() -> None:
    """Let standard output and standard error take every letter, in plainer form if need be.

    Where the system states no encoding but ASCII, texts go out in UTF-8, as Python does by itself
    in the C locale.
    """
    codecs.register_error(_PLAIN, _replaced)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is None:
            continue
        if codecs.lookup(stream.encoding).name == "ascii":
            reconfigure(encoding="utf-8", errors=_PLAIN)
        else:
            reconfigure(errors=_PLAIN)
