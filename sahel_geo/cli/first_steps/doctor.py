"""``sahel-geo doctor``: whether the installation is whole, and what is missing."""

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from typing import Any, Final, Literal

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

import sahel_geo as sg
from sahel_geo.cli.terminal import options
from sahel_geo.cli.terminal.output import print_json, printable, say, working
from sahel_geo.cli.terminal.words import Lang
from sahel_geo.errors import SahelGeoError, why
from sahel_geo.i18n.sentence import Counted, Sentence

_FAULTY = 1


Group = Literal["versions", "packages", "data", "cache", "fonts", "browser", "extras"]
GROUPS: Final[dict[str, Sentence]] = {
    "versions": Sentence("Versions"),
    "packages": Sentence("Packages"),
    "data": Sentence("Embedded data"),
    "cache": Sentence("Cache"),
    "fonts": Sentence("Fonts"),
    "browser": Sentence("Browser"),
    "extras": Sentence("Extras"),
}
_EXTRAS: Final = {
    "h3": (("h3",), Sentence("grids of H3 cells")),
    "scale": (("dask", "distributed"), Sentence("tables larger than memory")),
    "points": (("lonboard",), Sentence("maps of a million points in notebooks")),
    "keys": (("keyring",), Sentence("keys of sources in the keyring of the system")),
}
_BROWSERS: Final = (
    "firefox", "chromium", "chromium-browser", "google-chrome", "chrome", "msedge",
    "microsoft-edge", "brave-browser", "safari", "opera",
)  # fmt: skip
_MEGABYTE: Final = 1e6


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    group: Group  # a key of `GROUPS`
    name: str  # what it is, for a program
    # label, value: what it is and how it is, for a person
    label: str
    value: str
    fact: Any = None  # how it is, for a program
    fault: bool = False  # whether the package does not work as it should


def doctor(
    lang: options.Lang = Lang.FRENCH,
    as_json: options.Json = False,  # noqa: FBT002
) -> None:
    """Tell versions, data, cache, fonts and browser, and what is missing; change nothing."""
    with working(lang, "examining"):
        findings = list(_examine())
    faults = [each for each in findings if each.fault]
    if as_json:
        groups: dict[str, dict[str, object]] = {group: {} for group in GROUPS}
        for each in findings:
            groups[each.group][each.name] = each.fact
        named = [{"group": each.group, "name": each.name, "what": str(each.value)}
                 for each in faults]  # fmt: skip
        print_json({**groups, "faults": named, "ok": not faults})
    else:
        _print(findings, lang)
        typer.echo()
        if faults:
            verdict: Sentence = Counted(
                "{count} thing does not work; its line is marked with !.",
                "{count} things do not work; their lines are marked with !.",
                count=len(faults),
            )
        else:
            verdict = Sentence("Everything that is needed is there.")
        say(verdict, lang)
    if faults:
        raise typer.Exit(_FAULTY)


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
    return [Finding("packages", "", number, versions), *[each for each in findings if each.fault]]


def _examine() -> Iterator[Finding]:
    """Look at everything, one thing after another; nothing is changed."""
    yield from _versions()
    yield from _packages()
    yield from _data()
    yield from _cache()
    yield _font()
    yield _browser()
    yield from _extras()


def _versions() -> Iterator[Finding]:
    python = platform.python_version()
    yield Finding("versions", "sahel_geo", "sahel-geo", sg.__version__, sg.__version__)
    yield Finding("versions", "python", "Python", f"{python} ({sys.executable})", python)
    system = platform.platform()
    yield Finding("versions", "platform", Sentence("System"), system, system)
    written = f"{sys.stdout.encoding or '?'}, {sys.getfilesystemencoding()}"
    yield Finding("versions", "encoding", Sentence("Encoding of terminal and files"), written,
                  written)  # fmt: skip


def _packages() -> Iterator[Finding]:
    """Compare each package that is needed with what is installed."""
    from packaging.requirements import Requirement  # noqa: PLC0415  no other command needs it

    try:
        needed = [Requirement(text) for text in requires("sahel-geo") or ()]
    except PackageNotFoundError:
        note = Sentence("sahel-geo runs from a folder and is not installed")
        yield Finding("packages", "sahel-geo", "sahel-geo", note, "not installed")
        return
    for each in needed:
        if each.marker is not None and not each.marker.evaluate({"extra": ""}):
            continue
        try:
            release = version(each.name)
        except PackageNotFoundError:
            lack = Sentence("missing; install again: pip install sahel-geo")
            yield Finding("packages", each.name, each.name, lack, None, fault=True)
            continue
        if each.specifier.contains(release, prereleases=True):
            yield Finding("packages", each.name, each.name, release, release)
        else:
            other = Sentence(
                "{version}, but {expected} is needed; pip install --upgrade sahel-geo",
                version=release,
                expected=str(each.specifier),
            )
            yield Finding("packages", each.name, each.name, other, release, fault=True)


def _boundaries() -> tuple[Sentence, Any]:
    from sahel_geo.places.boundaries.vintages import FRAMES  # noqa: PLC0415  slow to import

    units = sg.load_boundaries(level=3)
    default = {country: next(iter(frames)) for country, frames in FRAMES.items()}
    vintages = ", ".join(f"{country} {year}" for country, year in default.items())
    counts = {str(key): int(n) for key, n in units["country"].value_counts().items()}
    sentence = Sentence("{number:,} communes; vintage {shown}", number=len(units), shown=vintages)
    return sentence, {"communes": counts, "vintage": default}


def _incidents() -> tuple[Sentence, Any]:
    table = sg.load_example_incidents()
    first, last = (str(day.date()) for day in (table["date"].min(), table["date"].max()))
    sentence = Sentence(
        "{number:,} notable incidents, {first} to {last}", number=len(table), first=first, last=last
    )
    return sentence, {"rows": len(table), "first": first, "last": last}


def _people() -> tuple[Sentence, Any]:
    table = sg.load_population(level=2)
    year = int(table["year"].max())
    sentence = Sentence("{number:,} units, people of {year}", number=len(table), year=str(year))
    return sentence, {"units": len(table), "year": year}


def _places() -> tuple[Sentence, Any]:
    number = len(sg.load_gazetteer(cache=False).places)
    return Sentence("{number:,} places", number=number), {"places": number}


def _actors() -> tuple[Sentence, Any]:
    from sahel_geo.incidents.actors.register import Register  # noqa: PLC0415  slow to import

    number = int(Register.shipped().rows["actor_id"].nunique())
    return Sentence("{number:,} actors", number=number), {"actors": number}


def _surroundings() -> tuple[Sentence, Any]:
    towns, waters = len(sg.load_towns()), len(sg.load_waters())
    countries = len(sg.load_neighbour_countries())
    sentence = Sentence(
        "{countries} neighbouring countries, {towns:,} towns, {waters:,} rivers and lakes",
        countries=countries,
        towns=towns,
        waters=waters,
    )
    return sentence, {"countries": countries, "towns": towns, "waters": waters}


def _data() -> Iterator[Finding]:
    """Read each shipped file as a report would."""
    for name, (label, read) in _DATA.items():
        try:
            sentence, fact = read()
        except SahelGeoError as error:
            yield Finding("data", name, label, error.sentence, None, fault=True)
        except Exception as error:  # noqa: BLE001  a damaged file may raise anything
            lack = Sentence(
                "cannot be read ({why}); install again: pip install --force-reinstall sahel-geo",
                why=why(error),
            )
            yield Finding("data", name, label, lack, None, fault=True)
        else:
            yield Finding("data", name, label, sentence, fact)


def _cache() -> Iterator[Finding]:
    from sahel_geo.sources.access.cache import CACHE_VARIABLE, Cache  # noqa: PLC0415

    cache = Cache()
    folder = str(cache.folder)
    finding = partial(Finding, "cache")
    yield finding("folder", Sentence("Folder"), folder, folder)
    try:
        present = next(each for each in (cache.folder, *cache.folder.parents) if each.exists())
        with tempfile.TemporaryFile(dir=present) as file:
            file.write(b"sahel_geo")
    except OSError as error:
        lack = Sentence(
            "cannot be written: {why}; name another folder with {variable}",
            why=why(error),
            variable=CACHE_VARIABLE,
        )
        yield finding("writable", Sentence("Can be written"), lack, fact=False, fault=True)
    else:
        yield finding("writable", Sentence("Can be written"), Sentence("yes"), fact=True)
    size = Sentence("{size:.1f} MB", size=cache.size / _MEGABYTE)
    yield finding("bytes", Sentence("Size"), size, cache.size)


def _font() -> Finding:
    from matplotlib.font_manager import findfont  # noqa: PLC0415  slow to import

    from sahel_geo.maps.picture.drawing import FAMILY  # noqa: PLC0415  slow to import

    try:
        path = findfont(FAMILY, fallback_to_default=False)
    except ValueError:
        lack = Sentence(
            "missing; it comes with matplotlib: pip install --force-reinstall matplotlib"
        )
        return Finding("fonts", FAMILY, FAMILY, lack, None, fault=True)
    return Finding("fonts", FAMILY, FAMILY, Sentence("found (pictures)"), path)


def _browser() -> Finding:
    """Look for a browser; pages need one to be read, and nothing needs one to be made."""
    label = Sentence("To read pages")
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None and (sys.platform == "darwin" or os.name == "nt"):
        browser = "Safari" if sys.platform == "darwin" else "Microsoft Edge"
        return Finding("browser", "browser", label, Sentence("{name}, of the system", name=browser),
                       browser)  # fmt: skip
    if browser is None:
        lack = Sentence("none found here; pages are made without one, open them on any computer")
        return Finding("browser", "browser", label, lack)
    return Finding("browser", "browser", label, browser, browser)


def _extras() -> Iterator[Finding]:
    for name, (modules, gives) in _EXTRAS.items():
        present = all(find_spec(module) is not None for module in modules)
        how = (
            Sentence("installed ({gives})", gives=gives)
            if present
            else Sentence(
                "not installed; for {gives}: {command}",
                gives=gives,
                command=f'pip install "sahel-geo[{name}]"',
            )
        )
        yield Finding("extras", name, name, how, present)


_DATA: Final[dict[str, tuple[Sentence, Callable[[], tuple[Sentence, Any]]]]] = {
    "boundaries": (Sentence("Boundaries"), _boundaries),
    "incidents": (Sentence("Catalogue"), _incidents),
    "population": (Sentence("People"), _people),
    "gazetteer": (Sentence("Place names"), _places),
    "actors": (Sentence("Actors"), _actors),
    "surroundings": (Sentence("Surroundings"), _surroundings),
}
