"""Read tables of counts by unit and period, which others have counted, as panels."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.columns.dates.dates import parse_dates
from sahel_geo.incidents.columns.dates.parts import parse_date_parts
from sahel_geo.incidents.columns.dates.texts import MONTHS
from sahel_geo.incidents.columns.field_names import NAMES
from sahel_geo.incidents.columns.names import choose_columns, period_of, plain_name, readings
from sahel_geo.incidents.columns.numbers import parse_numbers
from sahel_geo.incidents.readers.opening import open_table
from sahel_geo.incidents.readers.raw import RawTable
from sahel_geo.incidents.rows.shapes import UNITS, CountColumns, WideTable
from sahel_geo.locate.iso_codes import name_iso_codes
from sahel_geo.locate.panel.count import FREQUENCY
from sahel_geo.locate.unit_keys import (
    UnitColumns,
    check_level,
    find_unit_columns,
    level_of,
    match_rows,
    refuse_without_units,
)
from sahel_geo.locate.unit_table import TOTAL, leave_out_totals, refuse_words
from sahel_geo.places.boundaries.boundaries import load_boundaries
from sahel_geo.schema import PathLike, Period

_UNIT: Final = "unit"
_FEWEST_UNITS: Final = 2  # columns that are units, or months
_DEATHS: Final = frozenset({*NAMES["fatalities_best"], "total fatalities", "sum fatalities"})
_WEEKDAYS: Final = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


def read_panel(
    path: PathLike,
    units: pd.DataFrame | None = None,
    *,
    mapping: Mapping[str, str] | None = None,
    sheet: str | None = None,
    vintage: str | Mapping[str, str] | None = None,
) -> pd.DataFrame:
    r"""Read counts by unit and period: ACLED's monthly tables, HAPI, weekly aggregates.

    Periods stand in rows or in columns: "2024-01", "janv-24", "T1 2024", "2024", or months by name
    beside a column of years; a blank cell of such a table is missing.

    Such a row is not an incident, and :func:`sahel_geo.read_incidents` refuses it. Rows of one
    unit and period that differ otherwise (by type of event) are added up. A unit and period
    without a row is missing, not zero: the file does not say that nothing happened there.

    Parameters
    ----------
    path : path-like
        A table with a column of counts, one or more of the period, and one that names the unit.
    units : DataFrame, optional
        Units of one level; by default those of the level that the rows are of.
    mapping : mapping of str to str, optional
        ``date``, ``year``, ``month``, ``admin1`` and so on to the file's columns.
    sheet : str, optional
        Sheet of a workbook.
    vintage : str or mapping, optional
        Vintage of the default `units`.

    Returns
    -------
    DataFrame
        Columns ``unit_id``, ``period`` (pandas periods), ``incidents`` and ``fatalities_best``
        (NaN where the file has none), sorted; ``attrs`` hold ``period``, ``key`` (the column that
        named the units), ``unmatched`` (rows of no unit) and ``counts`` (the column counted)
        and ``notes``, such as the rows of totals that were left out.
        :func:`sahel_geo.rates` and the other measures of panels take it as it is.

    Raises
    ------
    InputError
        If the table holds no counts, a period cannot be read, or its units disagree with `units`.

    Examples
    --------
    >>> file = getfixture("tmp_path") / "hrp.csv"
    >>> text = "Admin2 Pcode,Month,Year,Events,Fatalities\nML0701,January,2025,7,21\n"
    >>> _ = file.write_text(text, encoding="utf-8")
    >>> read_panel(file)[["unit_id", "incidents", "fatalities_best"]].values.tolist()
    [['ML0701', 7, 21.0]]
    """
    raw = open_table(path, sheet, tuple((mapping or {}).values()))
    totals = [*leave_out_totals(raw), *name_iso_codes(raw), *_dated_by_title(raw)]
    chosen = dict(choose_columns(raw.names, mapping).chosen)
    raw = _turned(raw, chosen, level_of(units))
    columns = find_unit_columns(raw, None, level_of(units))
    if columns is not None and columns.level and not set(UNITS) & set(chosen):
        # by what it holds: "Étiquettes de lignes", "Région/Année"
        chosen = {name: column for name, column in chosen.items() if column != columns.key}
        chosen[f"admin{columns.level}"] = columns.key
    if wide := WideTable.of(raw, chosen):
        raw, periods = wide.lay_out(raw)
        chosen = dict(choose_columns(raw.names).chosen)
        period, events = wide.length, "incidents"
    elif counted := CountColumns.of(raw, chosen):
        period, periods = _periods(raw, chosen, counted.periods)
        events = counted.events
    else:
        raise InputError(
            "the file has no columns of counts, periods and units: {columns}; expected all three. "
            "Read incidents with sg.read_incidents, a table without periods with "
            "sg.read_unit_table.",
            columns=first_offenders(raw.names, 12),
        )
    if columns is None or columns.level is None:
        refuse_without_units(raw)
    if units is None:
        units = load_boundaries(columns.level, vintage=vintage)
    check_level(columns, units, raw)
    panel = _added_up(raw, columns, units, period, periods, events)
    panel.attrs["notes"] += [*totals, *_coarser(chosen, columns)]
    return panel


def _dated_by_title(raw: RawTable) -> list[Sentence]:
    """Write the one year that the title states behind columns that are called after months."""
    months = [name for name in raw.names if plain_name(name) in MONTHS]
    named = any(set(readings(name)) & set(NAMES["year"]) for name in raw.names)
    if not raw.year or len(months) < _FEWEST_UNITS or named:
        return []
    raw.rename([f"{name} {raw.year}" if name in months else name for name in raw.names])
    return [
        Sentence(
            "the columns of months are those of {year}, which the title of the table states",
            year=raw.year,
        )
    ]


def _turned(raw: RawTable, chosen: Mapping[str, str], level: int | None) -> RawTable:
    """Give a row for each period and unit of a table whose columns are units, else the table."""
    periods = [name for name in raw.names if name in chosen.values() or period_of(name)]
    others = (name for name in raw.names if name not in periods)
    names = [name for name in others if not TOTAL.fullmatch(plain_name(name))]
    if not periods or len(names) < _FEWEST_UNITS:
        return raw
    heads = RawTable(pd.DataFrame({_UNIT: names}, dtype="str"), np.arange(len(names)), "frame")
    columns = find_unit_columns(heads, None, level)
    if columns is None or not columns.level:
        return raw
    frame = raw.take(np.arange(len(raw)))
    cells = frame.melt(periods, names, _UNIT, "incidents")
    rows = np.tile(raw.rows, len(names))
    return RawTable(cells, rows, raw.container, delimiter=raw.delimiter, notes=raw.notes)


def _coarser(chosen: Mapping[str, str], columns: UnitColumns) -> list[Sentence]:
    """Say that rows are added up by a wider unit than the smallest that the file names."""
    finer = [f"admin{level}" for level in (3, 2, 1) if level > (columns.level or 0)]
    named = [chosen[name] for name in finer if name in chosen and chosen[name] not in columns.all]
    return [
        Sentence(
            "most names in {finer!r} are no units that are known: the rows are added up by {key!r}",
            finer=column,
            key=columns.key,
        )
        for column in named[:1]
    ]


def _periods(
    raw: RawTable, chosen: Mapping[str, str], columns: Sequence[str]
) -> tuple[Period, "pd.PeriodIndex"]:
    """Read the period of each row from its columns, and tell how long periods are."""
    named = {name: set(readings(name)) for name in columns}
    stated = [chosen["date"]] if "date" in chosen else list(columns)
    weeks = [name for name in stated if {"semaine", "week"} & set(readings(name))]
    years = [name for name in columns if set(readings(name)) & set(NAMES["year"])]
    if years and weeks:
        dates = parse_dates(_weeks(raw, years[0], weeks[0]), name=weeks[0])
        length: Period = "week"
    elif "year" in chosen and "date" not in chosen:
        parts = {part: raw.column(chosen[part]) for part in ("year", "month") if part in chosen}
        dates = parse_date_parts(parts, len(raw))
        length = "month" if "month" in chosen else "year"
    else:
        column = chosen.get("date", columns[0])
        dates = parse_dates(raw.column(column), name=column)
        length = _length(dates.precision, dates.days, named.get(column, set()))
    first = raw.column(columns[0]).astype("string")
    half = first.str.contains(r"semes|\bhalf", case=False).fillna(value=False).to_numpy(dtype=bool)
    wrong = np.flatnonzero(np.isnat(dates.days) | half)
    if len(wrong):
        cells = [str(first.iloc[at]) for at in wrong]
        raise InputError(
            "the column {column!r} has {number} values that are no period: {shown}; expected "
            "weeks, months, quarters or years. Correct them.",
            column=columns[0],
            number=len(wrong),
            shown=first_offenders(cells),
        )
    days = pd.DatetimeIndex(dates.days)
    frequency = FREQUENCY[length]
    if length == "week" and len(set(days.day_of_week)) == 1:
        frequency = f"W-{_WEEKDAYS[days.day_of_week[0] - 1]}"  # weeks that begin as the file's do
    return length, days.to_period(frequency)


def _weeks(raw: RawTable, year: str, week: str) -> "pd.Series[str]":
    """Write the weeks of ISO 8601 of which a file has the year and the number in two columns."""
    years, weeks = (raw.column(name).astype("string").str.strip() for name in (year, week))
    numbers = weeks.str.extract(r"^(?:s|sem|semaine|w|week)?[ .]?0*([0-9]{1,2})(?:\.0)?$",
                                flags=re.IGNORECASE)[0]  # fmt: skip
    return (years.str[:4] + "-W" + numbers.str.zfill(2)).where(numbers.notna(), weeks)


def _length(precision: Any, days: Any, words: set[str]) -> Period:
    """Tell the length of periods from how they are written, and how far they lie apart."""
    text = " ".join(words)
    for pattern, length in (("week|semaine", "week"), ("month|mois", "month"),
                            ("quarter|trimestre", "quarter"), ("year|annee", "year")):  # fmt: skip
        if re.search(rf"\b(?:{pattern})", text):
            return length  # type: ignore[return-value]
    kinds = set(precision) - {"unknown"}
    yearly = days.astype("datetime64[D]") == days.astype("datetime64[Y]").astype("datetime64[D]")
    if kinds == {"year"} and not yearly.all():
        return "quarter"  # a date in one is no more exact than its year
    if kinds <= {"week", "month", "year"} and len(kinds) == 1:
        return kinds.pop()  # type: ignore[no-any-return]
    stated = np.unique(days[~np.isnat(days)].astype("datetime64[D]"))
    if (stated == stated.astype("datetime64[M]").astype("datetime64[D]")).all():
        return "year" if yearly.all() and len(stated) > 1 else "month"
    steps = np.diff(stated).astype(int)
    return "week" if len(steps) and (steps % 7 == 0).all() else "day"


def _added_up(
    raw: RawTable,
    columns: UnitColumns,
    units: pd.DataFrame,
    period: Period,
    periods: "pd.PeriodIndex",
    events: str,
) -> pd.DataFrame:
    rows, notes = match_rows(raw, columns, units, foreign_codes=True)
    deaths = [name for name in raw.names if set(readings(name)) & _DEATHS]
    table = pd.DataFrame(
        {
            "unit_id": rows["unit_id"].to_numpy(dtype=object),
            "period": periods,
            "incidents": _numbers(raw, events),
            "fatalities_best": _numbers(raw, deaths[0]) if deaths else np.nan,
        }
    )
    known = table["unit_id"].notna() & table["incidents"].notna()  # a blank count is missing
    groups = table[known].groupby(["unit_id", "period"])
    panel = pd.DataFrame(
        {
            "incidents": groups["incidents"].sum(),
            "fatalities_best": groups["fatalities_best"].sum(min_count=1),
        }
    ).reset_index()
    panel["unit_id"] = panel["unit_id"].astype("str")
    panel["incidents"] = panel["incidents"].astype(np.int64)
    panel.attrs = {
        "period": period,
        "key": columns.key,
        "level": columns.level,
        "unmatched": int(table["unit_id"].isna().sum()),
        "counts": events,
        "deaths": deaths[0] if deaths else None,
        "notes": list(notes),
    }
    return panel


def _numbers(raw: RawTable, name: str) -> Any:
    numbers = parse_numbers(raw.column(name), name=name, whole=True)
    wrong = np.flatnonzero(numbers.unreadable)
    if len(wrong):
        refuse_words(name, [str(raw.column(name).iloc[at]) for at in wrong])
    return numbers.values
