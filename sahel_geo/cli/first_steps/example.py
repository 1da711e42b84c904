"""``sahel-geo example``: a sample file and the notebooks, to begin with."""

import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

import sahel_geo as sg
from sahel_geo.cli.terminal import options
from sahel_geo.cli.terminal.output import print_json, say
from sahel_geo.cli.terminal.words import Lang, tell
from sahel_geo.errors import FileError, why
from sahel_geo.i18n.sentence import Sentence

if TYPE_CHECKING:
    import pandas as pd

INCIDENTS = "incidents.csv"
PEOPLE = "people.csv"
FIRST_NOTEBOOK = "01-first-map.ipynb"


def example(
    folder: Annotated[
        Path, typer.Argument(help=tell("Folder to write into; created if needed."))
    ] = Path("sahel-geo-example"),
    lang: options.Lang = Lang.FRENCH,
    as_json: options.Json = False,  # noqa: FBT002
) -> None:
    """Write a sample file of incidents, one of people by unit, and the notebooks."""
    written: list[Path] = []
    kept: list[Path] = []
    for name, content in _contents():
        target = folder / name
        (written if _create(target, content) else kept).append(target)
    commands = list(_commands(folder))
    if as_json:
        print_json({"written": [*map(str, written)], "kept": [*map(str, kept)], "next": commands})
        return
    for sentence, paths in (
        (Sentence("Written:"), written),
        (Sentence("Was there already, and was left as it is:"), kept),
    ):
        if paths:
            say(sentence, lang)
            for path in paths:
                say(f"  {path}", lang)
    notice = Sentence(
        "The incidents are the embedded selection: nothing may be concluded from it. Next:"
    )
    say(notice, lang)
    for command in commands:
        say(f"  {command}", lang)


def _contents() -> Iterator[tuple[str, bytes]]:
    """Give each file with its name."""
    from sahel_geo.files import data_path, write_csv  # noqa: PLC0415  keeps --help fast

    with TemporaryDirectory() as made:
        for name, table in ((INCIDENTS, _incidents()), (PEOPLE, _people())):
            yield name, write_csv(Path(made, name), table).read_bytes()
    for notebook in sorted(data_path(FIRST_NOTEBOOK, "notebooks").parent.glob("*.ipynb")):
        yield f"notebooks/{notebook.name}", notebook.read_bytes()


def _incidents() -> "pd.DataFrame":
    """Give the catalogue as an office would keep it; its source says that it is a selection."""
    import pandas as pd  # noqa: PLC0415  slow to import

    table = pd.DataFrame(sg.load_example_incidents()).drop(columns="source_id")
    table["date"] = table["date"].dt.strftime("%Y-%m-%d")
    tolls = ["fatalities_low", "fatalities_high"]
    table[tolls] = table[tolls].astype("Int64")
    kept: pd.DataFrame = table.dropna(axis="columns", how="all")
    return kept


def _people() -> "pd.DataFrame":
    units = sg.load_boundaries(level=2)[["unit_id", "name"]]
    people = sg.load_population(level=2)[["unit_id", "population"]]
    table = units.merge(people, on="unit_id").dropna(subset="population")
    table["population"] = table["population"].round().astype(int)
    named: pd.DataFrame = table.set_axis(["pcode", "name", "people"], axis="columns")
    return named


def _create(target: Path, content: bytes) -> bool:
    """Write a new file; tell whether there was none of that name."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            file.write(content)
    except FileExistsError:
        if target.parent.is_dir():
            return False
        reason = Sentence("{path} is no folder", path=str(target.parent))
        raise FileError("cannot write {path!r}: {why}.", path=str(target), why=reason) from None
    except (OSError, ValueError) as error:
        raise FileError(
            "cannot write {path!r}: {why}.", path=str(target), why=why(error)
        ) from error
    return True


def _commands(folder: Path) -> Iterator[str]:
    """Say what to type next, in the order of a first day."""
    incidents, people, pages = (_quoted(folder / name) for name in (INCIDENTS, PEOPLE, "pages"))
    yield f"sahel-geo check {incidents}"
    yield f"sahel-geo report {incidents} --out {pages}"
    yield f"sahel-geo map {people} --column people --out {_quoted(folder / 'people.html')}"


def _quoted(path: Path) -> str:
    """Quote a path for the shell of the system."""
    if os.name != "nt":
        return shlex.quote(str(path))
    return f'"{path}"' if " " in str(path) else str(path)
