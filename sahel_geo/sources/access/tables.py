"""From rows of a publisher to a table: columns checked, one row an identifier, provenance kept."""

import re
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import pandas as pd

from sahel_geo.errors import InputError, did_you_mean, first_offenders
from sahel_geo.i18n.countries import COUNTRY_NAMES
from sahel_geo.i18n.sentence import joined
from sahel_geo.incidents.columns.numbers import parse_numbers
from sahel_geo.incidents.readers.opening import open_table
from sahel_geo.incidents.reading import read_incidents
from sahel_geo.incidents.reasons import REASONS
from sahel_geo.incidents.table import Incidents
from sahel_geo.schema import COUNTRIES
from sahel_geo.sources.access.access import Access
from sahel_geo.sources.access.cache import Entry
from sahel_geo.sources.access.errors import SourceError

PROVENANCE: Final = "provenance"  # key of a table's attrs
SUPERSEDED: Final = "superseded.csv"
SUPERSEDED_COLUMNS: Final = ("id", "version", "by")
Labelled = TypeVar("Labelled")

_ROUND: Final = 100  # rows; a limit of a server is such a number
_AGO: Final = re.compile(r"(\d{1,4})([dwmy])")
_DAY: Final = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
HDX_URL: Final = "https://data.humdata.org/"


def day(text: str | date | None, argument: str, *, end: bool = False) -> str | None:
    """Read a day, a month, a year, or how long ago.

    text: ``"2024-01-15"``, ``"2024-01"``, ``"2024"``, or ``"12m"``: months (m), weeks (w), days
    (d) or years (y) before today.

    >>> day("2024-02", "since"), day("2024-02", "until", end=True)
    ('2024-02-01', '2024-02-29')
    """
    if text is None or (isinstance(text, date) and not pd.isna(text)):
        return None if text is None else f"{text:%Y-%m-%d}"
    text = text if isinstance(text, str) else repr(text)  # which is no day
    ago = _AGO.fullmatch(text.strip())
    try:
        if ago:
            unit = {"d": "days", "w": "weeks", "m": "months", "y": "years"}[ago[2]]
            today = pd.Timestamp(datetime.now(UTC).date())
            return f"{today - pd.DateOffset(**{unit: int(ago[1])}):%Y-%m-%d}"  # type: ignore[arg-type]
        if _DAY.fullmatch(text.strip()):
            span = pd.Period(text.strip())
            return f"{span.end_time if end else span.start_time:%Y-%m-%d}"
    except (ValueError, OverflowError):
        pass
    raise InputError(
        "`{argument}` is {text!r:.60}; expected a day, month or year such as 2024-01, or how long "
        "ago, such as 12m. Correct it.",
        argument=argument,
        text=text,
    )


def span(since: str | date | None, until: str | date | None) -> tuple[str | None, str | None]:
    """Read both ends of a time."""
    first, last = day(since, "since"), day(until, "until", end=True)
    if first and last and first > last:
        raise InputError(
            "`since` is {first}, after `until`, {last}; expected the earlier one first. "
            "Exchange them.",
            first=first,
            last=last,
        )
    return first, last


def country_list(countries: Collection[str] | str | None) -> tuple[str, ...]:
    """Check the countries asked for; give each once, in order.

    >>> country_list(["NER", "MLI", "NER"])
    ('MLI', 'NER')
    """
    if countries is None:
        return COUNTRIES
    listed = isinstance(countries, Collection) and not isinstance(countries, str)
    asked = {
        each if isinstance(each, Hashable) else repr(each)
        for each in (countries if listed else [countries])
    }
    unknown = sorted(asked - set(COUNTRY_NAMES), key=str)
    if unknown or not asked:
        raise InputError(
            "`countries` has {unknown}; expected codes among {known}. {near}",
            unknown=first_offenders(unknown),
            known=first_offenders(COUNTRY_NAMES, 14),
            near=did_you_mean(unknown[0] if unknown else "", COUNTRY_NAMES, "Name some."),
        )
    return tuple(each for each in COUNTRY_NAMES if each in asked)


def require(access: Access, names: Iterable[object], needed: Sequence[str], what: str) -> None:
    """Make sure that a publisher's table still has the columns that are read."""
    present = {str(name) for name in names}
    missing = [name for name in needed if name not in present]
    if missing:
        access.fail(
            "{what} has no column {missing}; the publisher changed it. Update sahel_geo, or "
            "read the file with mapping=; columns: {present}",
            what=what,
            missing=first_offenders(missing),
            present=first_offenders(sorted(present), 12),
        )


def dated_days(access: Access, rows: pd.DataFrame, column: str) -> "pd.Series[Any]":
    """Read the days of events, each of which is to state one, and a country."""
    days = rows[column].astype("string").str[:10]
    named = rows["country"].astype("string").str.strip().fillna("") != ""
    stated = days.fillna("").str.fullmatch(r"\d{4}-\d{2}-\d{2}") & named
    if not stated.all():
        access.fail(
            "{number} events state no country, or no {column} written as 2024-01-31; the "
            "publisher changed it. Update sahel_geo, or read the file with read_incidents",
            number=int((~stated).sum()),
            column=column,
        )
    return days


def latest(
    releases: Sequence[tuple[Any, pd.DataFrame]], key: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep one row an identifier, that of the last release which has it; rows without are kept.

    Releases come oldest first. Also gives ``id``, ``version`` and ``by``, the version that replaced
    it.

    >>> old, new = pd.DataFrame({"id": ["1", "2"]}), pd.DataFrame({"id": ["2", None]})
    >>> kept, superseded = latest([("26.1", old), ("26.0.8", new)], "id")
    >>> kept["id"].tolist()[:2], superseded.values.tolist()
    (['1', '2'], [['2', '26.1', '26.0.8']])
    """
    version = "\0version"
    rows = pd.concat([frame.assign(**{version: name}) for name, frame in releases])
    rows = rows.reset_index(drop=True)
    # a number that went through a spreadsheet or beside a gap is the same number
    plain = rows[key].astype("string").str.strip().str.replace(r"^(\d+)\.0$", r"\1", regex=True)
    rows[key] = plain
    stated = rows[key].notna() & (rows[key] != "").fillna(False)
    last = rows[stated].drop_duplicates(key, keep="last").set_index(key)[version]
    replaced = stated & rows.duplicated(key, keep="last")
    superseded = pd.DataFrame(
        {
            "id": rows.loc[replaced, key].astype(str).to_numpy(),
            "version": rows.loc[replaced, version].to_numpy(),
            "by": rows.loc[replaced, key].map(last).to_numpy(),
        },
        columns=list(SUPERSEDED_COLUMNS),
    )
    return rows[~replaced].drop(columns=version).reset_index(drop=True), superseded


def as_csv(table: pd.DataFrame) -> bytes:
    """Write a table for the cache: UTF-8, the same rows always the same bytes."""
    return table.to_csv(index=False, lineterminator="\n").encode("utf-8", "replace")


def incidents_of(entry: Entry) -> Incidents:
    """Read a data set of the cache as incidents; the report tells where from, what replaced."""
    incidents = read_incidents(entry.path)
    if not len(incidents):
        raise SourceError(
            "{source}: none of {rows} rows can be read as an incident: {reasons}; the publisher "
            "changed it. Update sahel_geo, or look at {file}.",
            source=entry.provenance.title,
            rows=incidents.report.rows_read,
            reasons=joined([REASONS[each] for each in incidents.report.set_aside], "; "),
            file=str(entry.path),
        )
    extra = entry.extras.get(SUPERSEDED)
    replaced: Any = None if extra is None else pd.read_csv(extra, dtype=str, keep_default_na=False)
    report = replace(incidents.report, provenance=(entry.provenance,), superseded=replaced)
    incidents._report = report  # noqa: SLF001
    return incidents


def with_provenance(table: Labelled, entries: Iterable[Entry]) -> Labelled:
    """Let a table, series or layer say where it came from, in its ``attrs``."""
    labelled: Any = table  # a DataFrame, a Series or a layer
    labelled.attrs[PROVENANCE] = [entry.provenance.as_dict() for entry in entries]
    return table


def read_rows(
    path: Path, needed: Sequence[str], *, sheet: str | None = None, access: Access
) -> pd.DataFrame:
    """Read a publisher's table, CSV or workbook, as text; a row of HXL tags is passed over."""
    raw = access.usable(path.name, lambda: open_table(path, sheet, needed))
    require(access, raw.names, needed, path.name)
    return raw.take(np.arange(len(raw))).astype("string")


def figures(access: Access, rows: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Read columns that count people or events, before anything is kept of them.

    Returns: Numbers, missing where nothing is stated; thousands may be marked.
    Raises SourceError where something else is stated, or less than nothing.
    """
    read = pd.DataFrame(index=rows.index)
    for name in names:
        values = rows[name].astype("string")
        numbers = parse_numbers(values, name=name, decimal=".", whole=True)
        wrong = numbers.unreadable | (numbers.values < 0)
        if wrong.any():
            access.fail(
                "{number} rows of the column {name} state no count: {values}; the publisher "
                "changed it. Look at {home}",
                number=int(wrong.sum()),
                name=name,
                values=first_offenders(values[wrong]),
                home=access.source.home,
            )
        read[name] = numbers.values
    return read


def is_cut(rows: int) -> bool:
    """Whether a page ends where a server's own limit may be, below the one asked for.

    >>> is_cut(1000), is_cut(837), is_cut(0)
    (True, False, False)
    """
    return rows > 0 and rows % _ROUND == 0


def once_each(rows: pd.DataFrame) -> pd.DataFrame:
    """Leave out what repeats a row in every column, which would be added up twice."""
    return rows[~rows.astype("string").duplicated()].reset_index(drop=True)


def plain_pcode(codes: "pd.Series[Any]") -> "pd.Series[Any]":
    """Write P-codes as OCHA does: ``NER007002`` becomes ``NE007002``."""
    return codes.str.strip().str.replace(r"^(ML|NE|BF)[IRA](?=\d)", r"\1", regex=True)


def monthly_panel(rows: pd.DataFrame, first: str | None, last: str | None) -> pd.DataFrame:
    """Add counts up by unit (P-code in any writing) and month, as :func:`sahel_geo.count` does."""
    months = rows["month"].str[:7]
    rows = rows.assign(
        unit_id=plain_pcode(rows["unit_id"]),
        incidents=pd.to_numeric(rows["incidents"], errors="coerce"),
        fatalities_best=pd.to_numeric(rows["fatalities"], errors="coerce"),
        period=pd.PeriodIndex(months, freq="M"),
    )[(months >= (first or "")[:7]) & (months <= (last or "9999-99")[:7])]
    keys = ["unit_id", "country", "period"]
    sums = rows.groupby(keys, as_index=False)[["incidents", "fatalities_best"]].sum(min_count=1)
    return sums.sort_values(["unit_id", "period"], ignore_index=True)


def hdx_file(access: Access, data_set: str, kind: str, choose: Callable[[str, str], bool]) -> Entry:
    """Get the file of a data set of HDX that `choose` takes by name and format, anew if changed."""
    answer, _ = access.json(
        "api/3/action/package_show",
        {"id": data_set},
        check=partial(_check_package, access),
        old_serves=True,
    )
    offered = [each for each in answer["result"]["resources"] if isinstance(each, dict)]
    fitting = [
        each
        for each in offered
        if choose(_file_name(each), _stated(each, "format"))
        and (each.get("download_url") or each.get("url"))
    ]
    if not fitting:
        access.fail(
            "the data set {name} of HDX has no such file any more; it has {files}. Look at {home}",
            name=data_set,
            files=", ".join(_file_name(each) for each in offered)[:200] or "-",
            home=f"{access.base_url}dataset/{data_set}",
        )
    chosen = max(fitting, key=lambda each: _stated(each, "last_modified"))
    version = str(chosen.get("last_modified") or "")[:19]
    return access.file(str(chosen.get("download_url") or chosen["url"]), kind, version=version)


def _check_package(access: Access, answer: Any) -> None:
    names = answer if isinstance(answer, dict) else {}
    require(access, names, ("result",), "package_show")
    result = names["result"] if isinstance(names["result"], dict) else {}
    require(access, result, ("resources",), "package_show")
    if not isinstance(result["resources"], list):
        access.fail("resources is no list of files; the publisher changed it. Update sahel_geo")


def _file_name(resource: Mapping[str, Any]) -> str:
    address = str(resource.get("url") or "").rsplit("/", 1)[-1]
    return f"{_stated(resource, 'name')} {address.lower()}".strip()


def _stated(resource: Mapping[str, Any], key: str) -> str:
    return str(resource.get(key) or "").lower()
