"""``sahel-geo map``: a table of units, or incidents, as a page."""

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

import sahel_geo as sg
from sahel_geo.cli.sources import warn_of_people
from sahel_geo.cli.terminal import options
from sahel_geo.cli.terminal.output import (
    finish,
    print_numbers,
    read_table,
    save_drawn,
    say,
    working,
)
from sahel_geo.cli.terminal.words import Lang, tell
from sahel_geo.errors import InputError, did_you_mean, first_offenders
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.columns.names import parse_mapping

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from sahel_geo.locate.unit_table import UnitTable

_UNMATCHED: Final = {
    "ambiguous": Sentence("ambiguous"),
    "parent": Sentence("not in that parent"),
    "other vintage": Sentence("of another vintage"),
    "unmatched": Sentence("unmatched"),
    "empty": Sentence("empty"),
}


class Decimal(StrEnum):
    """A decimal mark."""

    COMMA = ","
    POINT = "."


DecimalOption = Annotated[
    Decimal | None, typer.Option(help=tell("Decimal mark, where the file does not tell."))
]
OwnLevelOption = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=3,
        help=tell(
            "Level of the rows: 0 country, 1 region, 2 cercle, department or province, 3 commune "
            "[the one that codes or names tell]."
        ),
    ),
]
TableArgument = Annotated[
    Path, typer.Argument(help=tell("A table, a row for each unit, or a file of incidents."))
]
ColumnOption = Annotated[
    list[str] | None,
    typer.Option(
        help=tell(
            "Column to draw; may be repeated. Without it, of a file of incidents, their number, "
            "and that of each alliance."
        )
    ),
]
UnitOption = Annotated[
    str | None, typer.Option(help=tell("Column of P-codes or names, if it is not recognised."))
]
SourceOption = Annotated[str, typer.Option(help=tell("Source, stated on the map."))]
DrawOutOption = Annotated[Path, typer.Option(help=tell("Page to write."))]
_PEOPLE: Final = ("pop", "people", "habitant", "t_tl")  # how columns of people begin
PngOption = Annotated[Path | None, typer.Option(help=tell("Write a picture too, .png or .svg."))]


def draw(
    table: TableArgument,
    column: ColumnOption = None,
    unit: UnitOption = None,
    level: OwnLevelOption = None,
    vintage: options.Vintage = None,
    sheet: options.Sheet = None,
    mapping: options.Mapping = None,
    gazetteer: options.Gazetteer = None,
    undo_swapped_dates: options.Undo = False,  # noqa: FBT002
    decimal: DecimalOption = None,
    title: Annotated[str, typer.Option(help=tell("Title."))] = "",
    source: SourceOption = "",
    out: DrawOutOption = Path("map.html"),
    png: PngOption = None,
    actor: options.Actor = None,
    event_type: options.EventType = None,
    civilians: options.Civilians = False,  # noqa: FBT002
    people: options.People = None,
    lang: options.Lang = Lang.FRENCH,
    max_set_aside: options.Limit = 0.05,
    as_json: options.Json = False,  # noqa: FBT002
) -> None:
    """Draw a table of one's own, or incidents; a unit without a row is "no data"."""
    choice = (actor, event_type, civilians)
    if not column or any(choice):
        from sahel_geo.cli.incident_map import draw_incidents  # noqa: PLC0415  keeps --help fast

        for_units = {"--column": column, "--unit": unit, "--decimal": decimal}
        given = [name for name in for_units if for_units[name]]
        opened = partial(read_table, table, sheet, mapping, undo=undo_swapped_dates)
        draw_incidents(
            *_incidents(opened, gazetteer, given, choice), choice, 2 if level is None else level,
            vintage, people, title, source, (out, png), lang, max_set_aside, as_json=as_json,
        )  # fmt: skip
        return
    for_incidents = {"--gazetteer": gazetteer, "--undo-swapped-dates": undo_swapped_dates}
    unused = [name for name, given in for_incidents.items() if given]
    if unused:
        raise InputError(
            "{options} apply to incidents, and --column to a table of units; expected one kind. "
            "Leave the other out.",
            options=", ".join(unused),
        )
    with working(lang, "reading"):
        own = None if level is None else sg.load_boundaries(level=level, vintage=vintage)
        read = _totals(table, column, own, sheet, vintage, mapping) or sg.read_unit_table(
            table, own, columns=column, key=unit, sheet=sheet,
            decimal=None if decimal is None else decimal.value, vintage=vintage,
        )  # fmt: skip
        level = (read.level or 0) if level is None else level
        units = sg.load_boundaries(level=level, vintage=vintage) if own is None else own
    _check_columns(column, read, units, level, lang)
    with working(lang, "drawing"):
        drawn = sg.choropleth(
            units.merge(read.values, left_on="unit_id", right_index=True, how="left"),
            column,
            lang=lang.value,
            title=title or ", ".join(column),
            notes=[source] if source else [],
        )
        written = save_drawn(drawn, out, png, lang)
    rows = len(read.values) + len(read.unmatched)
    numbers = {"rows": rows, "matched": len(read.values), **read.matched, "units": len(units)}
    more = {"level": level, "key": read.key} if as_json else {}
    print_numbers(numbers | more, written, lang, as_json=as_json)
    said = Sentence(
        "The units are of level {level}, by the column {column!r}.", level=level, column=read.key
    )
    for sentence in () if as_json else (said, *read.notes):
        say(sentence, lang)
    if len(read.unmatched):
        say(_unmatched(read.unmatched, units), lang, err=True)
    finish(len(read.unmatched) / (len(read.values) + len(read.unmatched)), max_set_aside, lang)


def _check_columns(
    column: list[str], read: "UnitTable", units: "gpd.GeoDataFrame", level: int, lang: Lang
) -> None:
    """Refuse columns that cannot be drawn; say where people can hardly be right."""
    reserved = [name for name in column if name in units]
    if reserved:
        raise InputError(
            "the columns {shown} have names that columns of units have; expected others. Rename "
            "them in the file.",
            shown=first_offenders(reserved),
        )
    for name in dict.fromkeys(column):
        if name.casefold().startswith(_PEOPLE) and read.values[name].dtype.kind in "iuf":
            warn_of_people(read.values[name].astype("float64"), units, lang)
    texts = [name for name in column if read.values[name].dtype.kind not in "iuf"]
    if texts or read.values.empty:
        raise InputError(
            "the columns {shown} hold no numbers for units of level {level}; expected "
            "numbers. Choose another column or level.",
            shown=first_offenders(texts or column),
            level=level,
        )


def _incidents(
    read: Callable[[], Any],
    gazetteer: list[Path] | None,
    unused: list[str],
    choice: tuple[Any, ...],
) -> tuple[Any, int]:
    """Read incidents to draw, or those of a named column; tell how many lack coordinates."""
    from sahel_geo.incidents.rows.shapes import CountsError, NotIncidentsError  # noqa: PLC0415
    from sahel_geo.locate.geocode.names import locate_missing  # noqa: PLC0415  keeps --help fast

    if unused and any(choice):
        raise InputError(
            "{options} choose from a table of units, and --actor, --event-type and --civilians "
            "from incidents; expected one kind. Leave the other out.",
            options=", ".join(unused),
        )
    try:
        incidents, geocoded = locate_missing(read(), gazetteer or ())
    except NotIncidentsError as error:
        if any(choice):
            raise
        wanted = Sentence("--column is missing; expected the column to draw. Name one.")
        if isinstance(error, CountsError):
            wanted = Sentence(
                "--column is missing; the rows are counts by unit and period. "
                "--column {counts!r} draws their sum.",
                counts=error.sentence.parts.get("events", "incidents"),
            )
        raise InputError(wanted) from None
    return incidents, sum(geocoded.values())


def _totals(
    path: Path,
    columns: list[str],
    units: "gpd.GeoDataFrame | None",
    sheet: str | None,
    vintage: str | None,
    mapping: list[str] | None,
) -> "UnitTable | None":
    """Add up a table of counts by unit, over all of its periods; None for any other table."""
    import pandas as pd  # noqa: PLC0415

    from sahel_geo.locate.unit_table import UnitTable  # noqa: PLC0415

    try:
        panel = sg.read_panel(
            path, units, mapping=parse_mapping(mapping), sheet=sheet, vintage=vintage
        )
    except InputError:
        return None
    named = {panel.attrs["counts"]: "incidents", panel.attrs["deaths"]: "fatalities_best"}
    if not set(columns) <= set(named):
        return None
    sums = panel.groupby("unit_id")[["incidents", "fatalities_best"]].sum(min_count=1)
    values = sums[[named[name] for name in columns]].astype("float64")
    values.columns = columns
    text = Sentence(
        "The rows are counts by period: each unit has the sum of {number} periods, {first} to "
        "{last}.",
        number=panel["period"].nunique(),
        first=str(panel["period"].min()),
        last=str(panel["period"].max()),
    )
    unmatched = pd.DataFrame({"row": [], "query": [], "reason": []})
    return UnitTable(values, unmatched, panel.attrs["key"], panel.attrs["level"],
                     notes=(text, *panel.attrs["notes"]))  # fmt: skip


def _unmatched(rows: "pd.DataFrame", units: "gpd.GeoDataFrame") -> Sentence:
    """Name the rows without a unit, and what the first of them may have meant."""
    names = rows["query"].astype(object).where(rows["query"].notna(), "?")
    left = [
        Sentence("{name} (row {row}, {reason})", name=name, row=row, reason=_UNMATCHED[reason])
        for name, row, reason in zip(names, rows["row"], rows["reason"], strict=True)
    ]
    strange = names[rows["reason"] == "unmatched"]
    return Sentence(
        "Rows without a unit: {shown}. Correct the names, or use P-codes. {near}",
        shown=first_offenders(left),
        near=did_you_mean(strange.iloc[0], units["name"]) if len(strange) else "",
    )
