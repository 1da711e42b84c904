"""What ``sahel-geo check`` says of a table that holds no incidents: counts, or a row per unit."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import sahel_geo as sg
from sahel_geo.errors import InputError
from sahel_geo.i18n.sentence import Counted, Sentence, joined
from sahel_geo.incidents.rows.shapes import CountsError, NotIncidentsError, PeopleError

_FOUND: Final = {
    "pcode": Sentence("by code"),
    "name": Sentence("by name"),
    "alias": Sentence("by another name"),
    "sound": Sentence("by a name that sounds alike"),
}


@dataclass(frozen=True)
class OtherTable:
    """Labels and values to print, the same for a program, and the share of rows of no unit."""

    lines: list[tuple[Sentence, str]]
    facts: Mapping[str, Any]
    unmatched: float


def other_table(
    path: Path,
    sheet: str | None,
    mapping: Mapping[str, str],
    error: NotIncidentsError,
    vintage: str | None = None,
) -> OtherTable:
    """Describe counts by unit and period, or a table by unit; else say why it is neither."""
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
) -> OtherTable:
    panel = sg.read_panel(path, mapping=mapping, sheet=sheet, vintage=vintage)
    about, periods = panel.attrs, panel["period"]
    rows = len(panel) + about["unmatched"]
    facts = {
        "kind": "counts",
        "rows": rows,
        "unmatched": about["unmatched"],
        "key": about["key"],
        "level": about["level"],
        "period": about["period"],
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
    return OtherTable(lines, facts, about["unmatched"] / max(rows, 1))


def _by_unit(
    path: Path, sheet: str | None, error: NotIncidentsError, vintage: str | None
) -> OtherTable:
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
    return OtherTable(lines, facts, len(table.unmatched) / max(rows, 1))


def _units(key: str, level: int | None) -> tuple[Sentence, str]:
    told = Sentence("of level {level}, by the column {column!r}", level=level, column=key)
    return Sentence("units"), told


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
