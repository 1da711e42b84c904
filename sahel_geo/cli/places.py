"""``sahel-geo geocode`` and ``assign``: from rows to places."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import sahel_geo as sg
from sahel_geo.cli.terminal import options
from sahel_geo.cli.terminal.output import (
    finish,
    print_json,
    print_numbers,
    read_table,
    set_aside,
    working,
)
from sahel_geo.cli.terminal.words import Lang

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


def geocode(
    incidents: options.Incidents,
    out: options.CsvOut = Path("geocoded.csv"),
    gazetteer: options.Gazetteer = None,
    sheet: options.Sheet = None,
    mapping: options.Mapping = None,
    undo_swapped_dates: options.Undo = False,  # noqa: FBT002
    lang: options.Lang = Lang.FRENCH,
    max_set_aside: options.Limit = 0.05,
    as_json: options.Json = False,  # noqa: FBT002
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
    incidents: options.Incidents,
    level: options.Level = 2,
    vintage: options.Vintage = None,
    out: options.CsvOut = Path("placed.csv"),
    sheet: options.Sheet = None,
    mapping: options.Mapping = None,
    undo_swapped_dates: options.Undo = False,  # noqa: FBT002
    lang: options.Lang = Lang.FRENCH,
    max_set_aside: options.Limit = 0.05,
    as_json: options.Json = False,  # noqa: FBT002
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


def place(
    table: Any, units: "gpd.GeoDataFrame", level: int, chosen: Any = None
) -> "tuple[pd.DataFrame, gpd.GeoDataFrame, dict[str, int]]":
    """Give the incidents to count, the units of the file's countries, and what is left out."""
    from sahel_geo.locate.assign.assign import covered_countries, too_coarse  # noqa: PLC0415

    left_out = 0 if chosen is None else chosen.left_out
    placed = sg.assign(table if chosen is None else chosen.incidents, units)
    coarse = too_coarse(placed, level)
    dated = placed[placed["unit_id"].notna() & placed["date"].notna() & ~coarse]
    whole = sg.assign(table, units) if left_out else placed
    covered = units[units["country"].isin(covered_countries(whole, units))]
    kept = dated[dated["unit_id"].isin(set(covered["unit_id"]))]
    return kept, covered, {
        "not_chosen": left_out,
        "coarse": int((coarse & placed["unit_id"].notna()).sum()),
        "elsewhere": len(dated) - len(kept),
        "placed": len(kept),
        "units": len(covered),
    }  # fmt: skip


def units_counted_in(panel: "pd.DataFrame", units: "gpd.GeoDataFrame") -> "gpd.GeoDataFrame":
    """Keep the units of the countries that a table of counts speaks of."""
    spoken_of = units.set_index("unit_id")["country"][panel["unit_id"]]
    return units[units["country"].isin(spoken_of)]
