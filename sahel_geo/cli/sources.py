"""``sahel-geo fetch`` and ``sources``: fresh data, and what of it is in the cache."""

import inspect
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sahel_geo.cli.terminal import options
from sahel_geo.cli.terminal.output import print_json, print_lines, printable, say, working
from sahel_geo.cli.terminal.words import Lang, tell
from sahel_geo.errors import InputError
from sahel_geo.i18n.sentence import Sentence

if TYPE_CHECKING:
    from sahel_geo.provenance import Provenance
    from sahel_geo.sources.access.source import Source

_MEGABYTE: Final = 1e6
_WIDE: Final = 200  # columns of a pipe or a file


def _source_names() -> list[str]:
    """Names of sources, for the Tab key."""
    from sahel_geo.sources.registry import list_sources  # noqa: PLC0415  keeps --help fast

    return list(list_sources())


SinceOption = Annotated[
    str | None, typer.Option(help=tell("First day, month or year, or how long ago, such as 12m."))
]
UntilOption = Annotated[str | None, typer.Option(help=tell("Last day, month or year."))]
CountryOption = Annotated[
    list[str] | None,
    typer.Option(help=tell("Country as three-letter ISO code; may be repeated [MLI, NER, BFA].")),
]
BaseUrlOption = Annotated[str | None, typer.Option(help=tell("Address of a mirror."))]
OfflineOption = Annotated[bool, typer.Option("--offline", help=tell("Do not use the network."))]
RefreshOption = Annotated[bool, typer.Option("--refresh", help=tell("Ask again, even if cached."))]


NameArgument = Annotated[
    str,
    typer.Argument(autocompletion=_source_names, help=tell("Name of the source; see 'sources'.")),
]
LevelOption = Annotated[int | None, typer.Option(min=0, max=3, help=tell("Administrative level."))]
YearOption = Annotated[int | None, typer.Option(help=tell("Year."))]
SeasonOption = Annotated[str | None, typer.Option(help=tell("'current' or 'projected'."))]
OfOption = Annotated[str | None, typer.Option(help=tell("'cod-ab' or 'geoboundaries'."))]
OutOption = Annotated[Path | None, typer.Option(help=tell("Write to this file as well."))]
RowsOption = Annotated[
    bool,
    typer.Option(
        "--include-rows", help=tell("Write rows that the terms of the source forbid to pass on.")
    ),
]


def fetch(
    source: NameArgument,
    since: SinceOption = None,
    until: UntilOption = None,
    country: CountryOption = None,
    level: LevelOption = None,
    year: YearOption = None,
    season: SeasonOption = None,
    of: OfOption = None,
    out: OutOption = None,
    include_rows: RowsOption = False,  # noqa: FBT002  an option of typer
    base_url: BaseUrlOption = None,
    offline: OfflineOption = False,  # noqa: FBT002
    refresh: RefreshOption = False,  # noqa: FBT002
    lang: options.Lang = Lang.FRENCH,
    as_json: options.Json = False,  # noqa: FBT002
) -> None:
    """Fetch from a source into the cache, and say what came and under which terms."""
    from sahel_geo.sources.registry import find_source, provenance_of  # noqa: PLC0415

    chosen = find_source(source)
    given = {
        "since": since,
        "until": until,
        "countries": tuple(country) if country else None,
        "level": level,
        "year": year,
        "season": season,
        "of": of,
        "base_url": base_url,
        "offline": offline or None,
        "refresh": refresh or None,
    }
    accepted = _accepted(chosen, {key: each for key, each in given.items() if each is not None})
    if out is not None and chosen.restricted and not include_rows:
        raise InputError(
            "`--out` would write rows of {source}, which its terms forbid to pass on ({terms}); "
            "expected --include-rows, if they stay with you. Add it.",
            source=chosen.title,
            terms=chosen.home,
        )
    with working(lang, "fetching"), saying_what_is_old(lang):
        result = chosen.fetch(**accepted)
    origins = provenance_of(result)
    if out is not None:
        _write(result, out)
    if as_json:
        written = None if out is None else str(out)
        print_json({"provenance": [each.as_dict() for each in origins], "written": written})
        return
    _print_origins(chosen, origins, lang)
    if out is not None:
        say(Sentence("Written: {path}", path=str(out)), lang)


def sources(
    prune: Annotated[
        float | None,
        typer.Option(min=0.0, help=tell("Remove from the cache what is older than so many days.")),
    ] = None,
    lang: options.Lang = Lang.FRENCH,
    as_json: options.Json = False,  # noqa: FBT002
) -> None:
    """List the sources: what is cached, how old, key present, licence, embargo."""
    from sahel_geo.sources.access.cache import Cache  # noqa: PLC0415
    from sahel_geo.sources.registry import list_sources  # noqa: PLC0415

    cache = Cache()
    freed = None if prune is None else cache.prune(prune)
    entries: dict[str, list[Any]] = {}
    for entry in cache.entries():
        entries.setdefault(entry.provenance.source, []).append(entry)
    rows = [_state(each, entries.get(name, [])) for name, each in list_sources().items()]
    if as_json:
        whole = {"folder": str(cache.folder), "bytes": cache.size, "freed": freed}
        print_json({**whole, "sources": rows})
        return
    _print_state(rows, lang)
    total = Sentence(
        "Cache: {folder}, {size:.1f} MB.", folder=str(cache.folder), size=cache.size / _MEGABYTE
    )
    say(total, lang)
    if freed is not None:
        say(Sentence("Removed: {size:.1f} MB.", size=freed / _MEGABYTE), lang)


@contextmanager
def saying_what_is_old(lang: Lang) -> Iterator[None]:
    """Say on standard error, in words, that older data are used."""
    from sahel_geo.sources.access.errors import StaleDataWarning  # noqa: PLC0415

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", StaleDataWarning)
        yield
    for each in caught:
        if issubclass(each.category, StaleDataWarning):
            say(getattr(each.message, "args", ("",))[0], lang, err=True)
        else:
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)


def warn_of_people(people: Any, units: Any, lang: Lang) -> None:
    """Warn where a table of people gives a unit a number that can hardly be right."""
    from sahel_geo.maps.people import implausible  # noqa: PLC0415
    from sahel_geo.places.population import implausible_people  # noqa: PLC0415

    strange = () if people is None else implausible_people(people, units)["name"].tolist()
    if strange:
        say(implausible(strange), lang, err=True)


def _accepted(source: "Source", given: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what the source's function takes, and refuse the rest."""
    known = inspect.signature(source.fetch).parameters
    asked = dict(given)
    country = known.get("country")
    if country and len(asked.get("countries", ())) == 1:
        asked["country"] = asked.pop("countries")[0]
    if country and country.default is inspect.Parameter.empty and "country" not in asked:
        raise InputError(
            "`--country` names no country or several; expected one. Name one, such as MLI."
        )
    unknown = [name for name in asked if name not in known]
    if unknown:
        usual = ("base_url", "cache", "offline", "refresh")
        raise InputError(
            "`{option}` means nothing for {source}; expected one of {known}. Leave it out.",
            option="--" + unknown[0].replace("countries", "country"),
            source=source.name,
            known=", ".join(name for name in known if name not in usual) or "-",
        )
    return asked


def _write(result: Any, out: Path) -> None:
    import geopandas as gpd  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415

    from sahel_geo.files import write_csv, write_text  # noqa: PLC0415
    from sahel_geo.places.boundaries.foreign import write_units  # noqa: PLC0415

    table = getattr(result, "places", result)
    if isinstance(table, gpd.GeoDataFrame):
        if out.suffix.lower() == ".gpkg":
            write_units(table, out)
        else:
            write_text(out, table.to_json(ensure_ascii=False))
    elif isinstance(table, pd.Series):
        write_csv(out, table.rename_axis("unit_id").reset_index())
    else:
        write_csv(out, pd.DataFrame(table))


def _print_origins(source: "Source", origins: Sequence["Provenance"], lang: Lang) -> None:
    lines: list[tuple[str, str]] = []
    for each in origins:
        status = ", ".join(f"{name or '?'} {number}" for name, number in each.status.items())
        lines += (
            (Sentence("Source"), each.title),
            (Sentence("Address"), each.url),
            (Sentence("Fetched"), each.fetched),
            (Sentence("Version"), each.version),
            (Sentence("Rows"), str(each.rows or "")),
            (Sentence("By status"), status),
            (Sentence("Sees events up to"), each.embargo),
            (Sentence("SHA-256"), each.sha256),
            (Sentence("Licence"), each.licence),
        )
    print_lines([(label, value) for label, value in lines if value], lang)
    say(source.terms, lang)


def _state(source: "Source", entries: Sequence[Any]) -> dict[str, Any]:
    """Sum up a source for a program: no key is shown, only whether it is there."""
    newest = max(entries, key=lambda each: each.provenance.fetched, default=None)
    sets = [each for each in entries if each.kind == "data set"]
    last = max(sets, key=lambda each: each.provenance.fetched, default=newest)
    return {
        "name": source.name,
        "title": source.title,
        "gives": source.gives,
        "key": _key_state(source),
        "entries": len(entries),
        "bytes": sum(each.size for each in entries),
        "age_days": None if last is None else round(last.provenance.age_days, 1),
        "version": "" if last is None else last.provenance.version,
        "embargo": "" if last is None else last.provenance.embargo,
        "licence": source.licence,
        "terms": source.terms.english,
        "register": source.register,
    }


def _key_state(source: "Source") -> str:
    from sahel_geo.sources.access.errors import SourceError  # noqa: PLC0415
    from sahel_geo.sources.access.secrets import find_secret  # noqa: PLC0415

    if not source.keys:
        return "none needed"
    try:
        present = all(find_secret(name) is not None for name in source.keys)
    except SourceError:
        return "unreadable"
    if present:
        return "present"
    return "missing" if source.keys_needed else "optional"


_KEY_STATES: Final = {
    "none needed": Sentence("none needed"),
    "present": Sentence("present"),
    "missing": Sentence("missing"),
    "optional": Sentence("optional, missing"),
    "unreadable": Sentence("file open to others"),
}


def _print_state(rows: Sequence[Mapping[str, Any]], lang: Lang) -> None:
    heads = (
        *(Sentence("Source"), Sentence("Key"), Sentence("In the cache"), Sentence("Age, days")),
        *(Sentence("Version"), Sentence("Sees events up to"), Sentence("Licence")),
    )
    table = Table(*(head.say(lang.value) for head in heads), box=None, pad_edge=False)
    for row in rows:
        size = Sentence("{size:.1f} MB", size=row["bytes"] / _MEGABYTE)
        cells = (
            row["name"],
            _KEY_STATES[row["key"]].say(lang.value),
            size.say(lang.value) if row["entries"] else "–",
            "–" if row["age_days"] is None else f"{row['age_days']:.0f}",
            row["version"] or "–",
            row["embargo"] or "–",
            row["licence"],
        )
        table.add_row(*(Text(printable(str(cell))) for cell in cells))
    for column in table.columns:
        column.no_wrap = True
    console = Console(soft_wrap=True)
    if not console.is_terminal:
        console.width = _WIDE
    console.print(table)
