"""``sahel-geo check``: the quality of a file; of a table of units, how many rows have one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

import sahel_geo as sg
from sahel_geo.cli.terminal import options
from sahel_geo.cli.terminal.output import (
    finish,
    print_json,
    print_lines,
    read_table,
    set_aside,
    working,
)
from sahel_geo.cli.terminal.words import Lang, tell
from sahel_geo.errors import InputError
from sahel_geo.i18n.sentence import Counted, Sentence, joined

if TYPE_CHECKING:
    import pandas as pd


_NEAR_DEGREES: Final = 0.1  # of a border: coordinates are rounded, and borders generalised
_FOUND: Final = {
    "pcode": Sentence("by code"),
    "name": Sentence("by name"),
    "alias": Sentence("by another name"),
    "sound": Sentence("by a name that sounds alike"),
}


@dataclass(frozen=True)
class _OtherTable:
    """Labels and values to print, the same for a program, and the share of rows of no unit."""

    lines: list[tuple[Sentence, str]]
    facts: Mapping[str, Any]
    unmatched: float


QuarantineOption = Annotated[
    Path | None,
    typer.Option(help=tell("Write the rows set aside, with their reasons, to this CSV file.")),
]
HtmlOption = Annotated[
    Path | None, typer.Option(help=tell("Write the quality report as a page to this file."))
]


def check(
    incidents: options.Incidents,
    quarantine: QuarantineOption = None,
    html: HtmlOption = None,
    sheet: options.Sheet = None,
    mapping: options.Mapping = None,
    undo_swapped_dates: options.Undo = False,  # noqa: FBT002
    vintage: options.Vintage = None,
    lang: options.Lang = Lang.FRENCH,
    max_set_aside: options.Limit = 0.05,
    as_json: options.Json = False,  # noqa: FBT002
) -> None:
    """Print the quality report of a file, and nothing else."""
    from sahel_geo.files import write_text  # noqa: PLC0415
    from sahel_geo.incidents.columns.names import parse_mapping  # noqa: PLC0415
    from sahel_geo.incidents.quality import quality_report  # noqa: PLC0415  keeps --help fast
    from sahel_geo.incidents.quarantine import write_quarantine  # noqa: PLC0415
    from sahel_geo.incidents.readers.geofiles import AreasError  # noqa: PLC0415
    from sahel_geo.incidents.rows.shapes import NotIncidentsError  # noqa: PLC0415

    other: _OtherTable | None = None
    with working(lang, "reading"):
        try:
            table = read_table(incidents, sheet, mapping, undo=undo_swapped_dates)
            quality = quality_report(table)
            quality = replace(quality, notes=(*quality.notes, *_abroad(table)))
        except (NotIncidentsError, AreasError) as error:
            other = _other_table(incidents, sheet, parse_mapping(mapping), error, vintage)
    if other is not None:
        if as_json:
            print_json(other.facts)
        else:
            print_lines(other.lines, lang)
        finish(other.unmatched, max_set_aside, lang)
        return
    if quarantine is not None:
        write_quarantine(table, quarantine, lang=lang.value)
    if html is not None:
        write_text(html, quality.to_html(lang.value))
    if as_json:
        print_json(quality.to_dict())
    else:
        print_lines(quality.lines(lang.value), lang)
    finish(set_aside(table.report), max_set_aside, lang)


def _abroad(incidents: "pd.DataFrame") -> list[Sentence]:
    """Say how many incidents lie outside the country that they state, or that of their region."""
    import shapely  # noqa: PLC0415  keeps --help fast

    from sahel_geo.incidents.columns.names import plain_name  # noqa: PLC0415

    countries = sg.load_boundaries(level=0)
    within = dict(zip(countries["country"], countries.geometry, strict=True))
    regions = sg.load_boundaries(level=1)
    names = regions["name"].map(plain_name)
    of_region = dict(zip(names, regions["country"], strict=True))
    stated = incidents["country"].fillna(
        incidents["admin1"].dropna().map(plain_name).map(of_region)
    )
    incidents = incidents.assign(country=stated)
    located = incidents[incidents["lon"].notna() & stated.isin(list(within))]
    outside = 0
    for code, rows in located.groupby("country"):
        points = shapely.points(rows["lon"].to_numpy(), rows["lat"].to_numpy())
        shapely.prepare(within[str(code)])
        outside += int((~shapely.dwithin(within[str(code)], points, _NEAR_DEGREES)).sum())
    if not outside:
        return []
    return [
        Counted(
            "{count} incident lies outside the country that it states, by more than 10 km: check "
            "the signs and the order of the coordinates",
            "{count} incidents lie outside the country that they state, by more than 10 km: check "
            "the signs and the order of the coordinates",
            count=outside,
        )
    ]


def _other_table(
    path: Path,
    sheet: str | None,
    mapping: Mapping[str, str],
    error: InputError,
    vintage: str | None = None,
) -> _OtherTable:
    """Describe counts by unit and period, or a table by unit; else say why it is neither."""
    from sahel_geo.incidents.rows.shapes import CountsError  # noqa: PLC0415

    try:
        if isinstance(error, CountsError):
            return _counts(path, sheet, mapping, vintage)
        return _by_unit(path, sheet, error, vintage)
    except InputError as other:
        raise InputError(
            "{error} As a table of units: {other}", error=error.sentence, other=other.sentence
        ) from other


def _counts(
    path: Path, sheet: str | None, mapping: Mapping[str, str], vintage: str | None
) -> _OtherTable:
    panel = sg.read_panel(path, mapping=mapping, sheet=sheet, vintage=vintage)
    about, periods = panel.attrs, panel["period"]
    rows = len(panel) + about["unmatched"]
    facts = {
        "kind": "counts",
        "rows": rows,
        **{name: about[name] for name in ("unmatched", "key", "level", "period")},
        "first": str(periods.min()),
        "last": str(periods.max()),
        "counts": about["counts"],
        "deaths": about["deaths"],
        "notes": [str(note) for note in about["notes"]],
    }
    lines = [
        (Sentence("file"), Sentence("{name} (counts by unit and period)", name=path.name)),
        _units(about["key"], about["level"]),
        (Sentence("rows"), _rows(panel["unit_id"].nunique(), about["unmatched"])),
        (Sentence("dates"), f"{facts['first']} → {facts['last']}"),
        (Sentence("counts"), _sum(about["counts"], panel["incidents"])),
    ]
    if about["deaths"]:
        lines.append((Sentence("deaths"), _sum(about["deaths"], panel["fatalities_best"])))
    lines += [(Sentence("note"), note) for note in about["notes"]]
    return _OtherTable(lines, facts, about["unmatched"] / max(rows, 1))


def _by_unit(path: Path, sheet: str | None, error: InputError, vintage: str | None) -> _OtherTable:
    from sahel_geo.incidents.rows.shapes import PeopleError  # noqa: PLC0415

    table = sg.read_unit_table(path, sheet=sheet, vintage=vintage)
    rows = len(table.values) + len(table.unmatched)
    numbers = [str(name) for name in table.values if table.values[name].dtype.kind in "iuf"]
    texts = [name for name in table.values if name not in numbers]
    facts = {
        "kind": "units",
        "rows": rows,
        "unmatched": len(table.unmatched),
        "key": table.key,
        "level": table.level,
        "matched": dict(table.matched),
        "numbers": numbers,
        "texts": texts,
    }
    how = joined(
        [
            Sentence("{how} {number:,}", how=_FOUND.get(name, name), number=number)
            for name, number in table.matched.items()
        ],
        ", ",
    )
    lines = [
        (Sentence("file"), Sentence("{name} (a row per unit)", name=path.name)),
        _units(table.key, table.level),
        (Sentence("rows"), _rows(len(table.values), len(table.unmatched))),
        (Sentence("units found"), how),
        *((Sentence("column of numbers"), _span(name, table.values[name])) for name in numbers),
        *((Sentence("column of texts"), repr(name)) for name in texts),
        *((Sentence("note"), note) for note in table.notes),
    ]
    if not isinstance(error, PeopleError):
        lines.append((Sentence("note"), error.sentence))
    return _OtherTable(lines, facts, len(table.unmatched) / max(rows, 1))


def _units(key: str, level: int | None) -> tuple[Sentence, str]:
    description = Sentence("of level {level}, by the column {column!r}", level=level, column=key)
    return Sentence("units"), description


def _rows(matched: int, unmatched: int) -> Sentence:
    return joined(
        [
            Counted("{count} unit", "{count} units", count=matched),
            Counted("{count} row of no unit", "{count} rows of no unit", count=unmatched),
        ],
        ", ",
    )


def _sum(name: str, values: Any) -> Sentence:
    return Sentence("{column!r}, {total:,.0f} in all", column=name, total=float(values.sum()))


def _span(name: str, values: Any) -> Sentence:
    return Sentence(
        "{column!r}, from {least:g} to {most:g}",
        column=name,
        least=float(values.min()),
        most=float(values.max()),
    )
