"""``sahel-geo geocode`` and ``assign``: from rows to places."""

from pathlib import Path
from typing import Annotated

import typer

import sahel_geo as sg
from sahel_geo.cli.terminal.output import (
    IncidentsArgument,
    JsonOption,
    LangOption,
    LevelOption,
    LimitOption,
    VintageOption,
    finish,
    print_json,
    print_numbers,
    set_aside,
    working,
)
from sahel_geo.cli.terminal.tables import (
    GazetteerOption,
    MappingOption,
    SheetOption,
    UndoOption,
    read_table,
)
from sahel_geo.cli.terminal.words import Lang, tell

OutOption = Annotated[
    Path,
    typer.Option(help=tell("CSV file to write.")),
]


def geocode(
    incidents: IncidentsArgument,
    out: OutOption = Path("geocoded.csv"),
    gazetteer: GazetteerOption = None,
    sheet: SheetOption = None,
    mapping: MappingOption = None,
    undo_swapped_dates: UndoOption = False,  # noqa: FBT002
    lang: LangOption = Lang.FRENCH,
    max_set_aside: LimitOption = 0.05,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Give coordinates, with their precision, to incidents that have a place name only."""
    from sahel_geo.files import write_csv  # noqa: PLC0415  keeps --help fast

    with working(lang, "reading"):
        table = read_table(incidents, sheet, mapping, undo=undo_swapped_dates)
    with working(lang, "locating"):
        located = sg.geocode(table, sg.load_gazetteer(*(gazetteer or ())))
    write_csv(out, located)
    counts = {str(key): int(n) for key, n in located["method"].value_counts().items()}
    if as_json:
        print_json({"rows": len(located), "methods": counts, "written": str(out)})
    else:
        print_numbers(counts, [out], lang, as_json=False)
    finish(set_aside(table.report), max_set_aside, lang)


def assign(
    incidents: IncidentsArgument,
    level: LevelOption = 2,
    vintage: VintageOption = None,
    out: OutOption = Path("placed.csv"),
    sheet: SheetOption = None,
    mapping: MappingOption = None,
    undo_swapped_dates: UndoOption = False,  # noqa: FBT002
    lang: LangOption = Lang.FRENCH,
    max_set_aside: LimitOption = 0.05,
    as_json: JsonOption = False,  # noqa: FBT002
) -> None:
    """Place each incident in one unit; those in none keep their row, with the reason."""
    from sahel_geo.files import write_csv  # noqa: PLC0415  keeps --help fast

    with working(lang, "reading"):
        table = read_table(incidents, sheet, mapping, undo=undo_swapped_dates)
        units = sg.load_boundaries(level=level, vintage=vintage)
    with working(lang, "placing"):
        placed = sg.assign(table, units)
    write_csv(out, placed)
    reasons = placed["unplaced_reason"].value_counts()
    numbers = {
        "read": table.report.rows_read,
        "set_aside": table.report.rows_set_aside,
        "kept": len(placed),
        "placed": int(placed["unit_id"].notna().sum()),
        **{str(reason): int(number) for reason, number in reasons.items()},
    }
    print_numbers(numbers, [out], lang, as_json=as_json)
    finish(set_aside(table.report), max_set_aside, lang)
