"""Read incidents from a file or a frame: sniff, interpret, check, set aside."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import pandas as pd

from sahel_geo.arrays import Flags
from sahel_geo.errors import InputError, as_unicode, did_you_mean, first_offenders
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents import reasons
from sahel_geo.incidents.columns.names import (
    COORDINATES,
    PCODES,
)
from sahel_geo.incidents.columns.numbers import parse_numbers
from sahel_geo.incidents.columns.profiles import ACLED, ICEWS, Profile
from sahel_geo.incidents.columns.texts import as_text, full_text, kept_rows, stripped
from sahel_geo.incidents.quarantine import build_quarantine
from sahel_geo.incidents.readers.encoded_twice import undo_encoding_twice
from sahel_geo.incidents.readers.headings import date_by_title, fold_headings
from sahel_geo.incidents.readers.layers import read_frame
from sahel_geo.incidents.readers.opening import open_table
from sahel_geo.incidents.readers.raw import RawTable
from sahel_geo.incidents.rows.checks import check_rows, find_duplicates, identifies
from sahel_geo.incidents.rows.choices import choose_by_content
from sahel_geo.incidents.rows.interpret import Interpreted, whole_numbers
from sahel_geo.incidents.rows.shapes import fold_sides, refuse_counts
from sahel_geo.incidents.table import Incidents, ReadReport, build_incidents
from sahel_geo.schema import FATALITIES, INCIDENT_COLUMNS, PathLike


def read_incidents(
    path: PathLike | bytes | pd.DataFrame,
    *,
    mapping: Mapping[str, str] | None = None,
    sheet: str | None = None,
    keep: bool | Sequence[str] = True,
    undo_swapped_dates: bool = False,
) -> Incidents:
    """Read a file of incidents: UCDP GED, ACLED, or any table with a date and a place.

    The container (CSV, TSV, XLSX, JSON, Parquet, Feather, GeoPackage, shapefile, FlatGeobuf, KML,
    GPX, SQLite, also in gzip, bzip2, xz or zip), the encoding, the delimiter, the header's
    line, the publisher and the meaning of the columns are recognised from the content, with names
    in English and in French. Rows that cannot be used are set aside with a reason, never dropped.

    Parameters
    ----------
    path : path-like, bytes or DataFrame
        The file, its content, or a table already read (also a GeoDataFrame of points). An address
        is refused: download it first.
    mapping : mapping of str to str, optional
        Schema column (or ``year``, ``month``, ``day``) to the file's column, where the names do
        not speak for themselves: ``{"lon": "X", "lat": "Y"}``.
    sheet : str, optional
        Sheet of a workbook, layer of a GeoPackage, file of an archive; by default all visible
        sheets with the columns of the best one, or the only layer or file.
    keep : bool or sequence of str
        Columns of the file to give back beside the schema's: all that the schema does not hold
        already, none, or those named.
    undo_swapped_dates : bool
        Swap day and month back in the real dates of a column that a spreadsheet half converted.

    Returns
    -------
    Incidents
        Columns of :data:`sahel_geo.schema.INCIDENT_COLUMNS`, then the file's own (one with a name
        of the schema has `` (file)`` appended); coordinates in EPSG:4326, NaN where
        only a place name is known; tolls as floats, NaN where not stated. ``.quarantine`` holds
        the rows set aside, ``.report`` says how the file was understood.

    Raises
    ------
    FileError
        If the file is missing, unreadable, too large, or of a kind that cannot hold a table.
    InputError
        If the content cannot be used: no rows, no date, no place, swapped axes, a wrong `mapping`.

    Notes
    -----
    ``incident_id`` is the publisher's own identifier where there is one. Otherwise it is a hash of
    the row's values: the same row gets the same identifier whatever its place in the file, and
    rows that differ only in columns outside the schema are numbered ``-2``, ``-3``.

    Where nothing states how precise a location or a date is, the location is ``unknown`` and the
    date as precise as it is written. Where the file has one toll it is ``fatalities_best``, and
    the range stays NaN. Low, best and high tolls out of order set a row aside, but UCDP's are kept
    as published, with a note. Codes of UCDP and ACLED are translated as
    :mod:`sahel_geo.incidents.columns.profiles` states.

    A row that equals an earlier one in every field is a duplicate, also where the file has no
    identifiers. Bounding boxes of Mali, Niger and Burkina Faso with a margin of one degree tell
    swapped axes and wrong coordinates; a file with most rows swapped is an error.

    Limits: 2 GiB of text, 200 MiB of workbook, 128 MiB of JSON, 512 MiB of decoded Parquet, 2,000
    columns; texts are cut to 1,000 characters with a note.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> from sahel_geo.files import data_path
    >>> incidents = sg.read_incidents(data_path("notable_incidents.csv"))
    >>> len(incidents), incidents.report.encoding, incidents.report.delimiter
    (78, 'utf-8', ',')
    """
    if isinstance(path, pd.DataFrame):
        return incidents_from_frame(
            path, mapping=mapping, keep=keep, undo_swapped_dates=undo_swapped_dates
        )
    if isinstance(path, bytes):
        with TemporaryDirectory(prefix="sahel-geo-") as folder:
            file = Path(folder, "bytes")
            file.write_bytes(path)
            return read_incidents(
                file, mapping=mapping, sheet=sheet, keep=keep, undo_swapped_dates=undo_swapped_dates
            )
    table = open_table(path, sheet, tuple((mapping or {}).values()))
    fold_headings(table)
    date_by_title(table)
    name = as_unicode(Path(path).name)
    return _to_incidents(table, mapping or {}, name, wanted=keep, undo=undo_swapped_dates)


def incidents_from_frame(
    frame: pd.DataFrame,
    *,
    mapping: Mapping[str, str] | None = None,
    source: str | None = None,
    keep: bool | Sequence[str] = True,
    undo_swapped_dates: bool = False,
) -> Incidents:
    """Read incidents from a DataFrame, by the same rules as from a file.

    Parameters
    ----------
    frame : DataFrame, shape (n, any)
        One row per incident. It is not changed.
    mapping : mapping of str to str, optional
        Schema column to the frame's column.
    source : str, optional
        Value of the ``source`` column where the frame has none.
    keep, undo_swapped_dates
        As for :func:`read_incidents`.

    Returns
    -------
    Incidents
        See :func:`read_incidents`. Rows of the quarantine are numbered as if the frame were
        written to a spreadsheet: its first row is 2.

    Raises
    ------
    InputError
        If the frame is empty or says nothing about when or where.
    CrsError
        If it is a GeoDataFrame in another CRS than EPSG:4326.

    Examples
    --------
    >>> frame = pd.DataFrame({"année": [2021], "mois": [1], "jour": [2], "village": ["Inates"]})
    >>> incidents_from_frame(frame)[["date", "place"]].values.tolist()
    [[Timestamp('2021-01-02 00:00:00'), 'Inates']]
    """
    if not len(frame):
        raise InputError("`frame` has no rows; expected at least one incident.")
    table = read_frame(frame)
    undo_encoding_twice(table, tuple((mapping or {}).values()))
    undo = undo_swapped_dates
    return _to_incidents(table, mapping or {}, "", wanted=keep, source=source, undo=undo)


def _to_incidents(
    table: RawTable,
    mapping: Mapping[str, str],
    name: str,
    *,
    wanted: bool | Sequence[str],
    source: str | None = None,
    undo: bool,
) -> Incidents:
    profile = Profile.of(table.names)
    choice = choose_by_content(table, mapping, profile)
    chosen = dict(choice.chosen)
    if profile.source and "source" not in mapping:
        chosen.pop("source", None)  # who reported an event is not who published the data
    refuse_counts(table, chosen)
    _state_precision(table, chosen, profile)
    folded = fold_sides(table, chosen) if profile is ACLED else 0
    interpreted = Interpreted.of(
        table, chosen, profile, others=choice.others, undo_swapped_dates=undo
    )
    interpreted.notes[:0] = [*table.notes, *choice.notes]
    check_rows(interpreted, profile)
    ids = _stated_ids(interpreted, chosen, table, published=bool(profile.source))
    find_duplicates(interpreted, table, ids)
    keep = ~interpreted.faults.any_row
    columns = _kept_columns(interpreted, keep, ids)
    if "source" not in chosen and not profile.source:
        columns["source"] = full_text(source or name or None, int(keep.sum()))
    columns |= _own_columns(table, chosen, keep, wanted=wanted)
    quarantine = build_quarantine(table, interpreted.faults, keep)
    report = _report(
        table,
        columns,
        quarantine,
        folded,
        name=name,
        format=profile.name,
        columns=chosen,
        notes=tuple(interpreted.notes),
    )
    return build_incidents(columns, quarantine, report)


def _all_numbers(values: "pd.Series[Any]") -> bool:
    first = parse_numbers(values.iloc[:1000])  # tells at once that names and most dates are none
    return not first.unreadable.any() and not parse_numbers(values).unreadable.any()


# What these say is not in the schema word for word.
_SAID_OTHERWISE: Final = (*FATALITIES, *PCODES, COORDINATES)


def _own_columns(
    table: RawTable, chosen: Mapping[str, str], keep: Flags, *, wanted: bool | Sequence[str]
) -> dict[str, Any]:
    """Give the file's own columns, of the rows kept, under names that the schema leaves free."""
    used = {column for target, column in chosen.items() if target not in _SAID_OTHERWISE}
    if isinstance(wanted, bool):
        names = [name for name in table.names if wanted and name not in used]
    else:
        names = list(wanted)
        lacking = [name for name in names if name not in table.names]
        if lacking:
            raise InputError(
                "`keep` names {shown}, which the file does not have; its columns are {columns}. "
                "{near}",
                shown=first_offenders(lacking),
                columns=first_offenders(table.names, 12),
                near=did_you_mean(lacking[0], table.names),
            )
    own = {}
    for name in names:
        values = table.column(name)
        if name in chosen.values() and _all_numbers(values):
            continue  # a number is in the schema as it is
        free = f"{name} (file)" if name in INCIDENT_COLUMNS else name
        own[free] = as_text(values) if isinstance(values.dtype, pd.StringDtype) else values
    return kept_rows(own, keep)


def _stated_ids(
    interpreted: Interpreted, chosen: Mapping[str, str], raw: RawTable, *, published: bool
) -> "pd.Series[Any] | None":
    """Give the identifiers that the file itself states, or None."""
    if "incident_id" in chosen:
        return as_text(whole_numbers(raw.column(chosen["incident_id"])))
    if "source_id" not in chosen:
        return None
    ids: pd.Series[Any] = interpreted.columns["source_id"]
    return ids if published or identifies(ids, interpreted, chosen["source_id"]) else None


def _kept_columns(
    interpreted: Interpreted, keep: Flags, ids: "pd.Series[Any] | None"
) -> dict[str, Any]:
    columns = kept_rows(
        interpreted.columns if ids is None else {**interpreted.columns, _ID: ids}, keep
    )
    if ids is None:
        columns[_ID] = _hashed_ids(columns)
    elif columns[_ID].isna().any():
        stated = columns[_ID]
        columns[_ID] = stated.where(stated.notna(), _hashed_ids(columns))
    nowhere = np.isnan(columns["lon"])
    if nowhere.any():
        levels = np.array(["unknown", "admin1", "admin2", "admin3"], dtype=object)
        known = pd.Series(levels[interpreted.place_level[keep]], dtype=object)
        columns["location_precision"] = as_text(
            columns["location_precision"].astype(object).mask(nowhere, known)
        )
    return columns


_ID: Final = "incident_id"


def _hashed_ids(columns: Mapping[str, Any]) -> "pd.Series[Any]":
    """Identify rows by 16 digits of a hash of what they say, in any order; repeats get a number."""
    names = ("date", "country", "place", "lon", "lat", "event_type", "actor1", "actor2",
            "fatalities_low", "fatalities_best", "fatalities_high")  # fmt: skip
    frame = pd.DataFrame({name: columns[name] for name in names})
    frame["date"] = frame["date"].astype("datetime64[us]").astype(np.int64)
    for name in ("country", "place", "event_type", "actor1", "actor2"):
        frame[name] = frame[name].astype(object).where(frame[name].notna(), "")
    hashes = pd.util.hash_pandas_object(frame, index=False).to_numpy(dtype=np.uint64)
    digits = hashes.astype(">u8").tobytes().hex().encode("ascii")
    texts = pd.Series(np.frombuffer(digits, dtype="S16").astype("U16").astype(object), dtype=object)
    numbered = "h" + texts
    again = texts.duplicated()
    if again.any():
        count = texts.groupby(texts).cumcount()[again] + 1
        numbered[again] = numbered[again] + "-" + count.astype(str)
    return as_text(numbered)


def _report(
    table: RawTable,
    kept_columns: Mapping[str, Any],
    quarantine: pd.DataFrame,
    folded: int,
    **facts: Any,
) -> ReadReport:
    counts = quarantine["reason"].value_counts()
    kept = len(kept_columns["date"])
    return ReadReport(
        container=table.container,
        encoding=table.encoding,
        delimiter=table.delimiter,
        sheet=table.sheet,
        rows_read=kept + len(quarantine) + folded,
        rows_folded=folded,
        rows_kept=kept,
        rows_set_aside=len(quarantine),
        set_aside={code: int(counts[code]) for code in reasons.REASONS if code in counts},
        rows_without_coordinates=int(np.isnan(kept_columns["lon"]).sum()),
        location_precision=_tally(kept_columns["location_precision"]),
        date_precision=_tally(kept_columns["date_precision"]),
        **facts,
    )


def _tally(values: "pd.Series[Any]") -> dict[str, int]:
    if len(values) and (values == values.iloc[0]).all():
        return {str(values.iloc[0]): len(values)}
    return {str(value): int(n) for value, n in values.value_counts().items()}


def _state_precision(table: RawTable, chosen: dict[str, str], profile: Profile) -> None:
    """Tell how precise ICEWS's points are by the smallest unit that a row names."""
    if profile is not ICEWS or "location_precision" in chosen:
        return
    known = np.full(len(table), "country", dtype=object)
    for target, value in (("admin1", "admin1"), ("admin2", "admin2"), ("place", "near")):
        if target in chosen:
            named = stripped(table.column(chosen[target])).fillna("").ne("")
            known[named.to_numpy(dtype=bool)] = value
    table.add_column("location precision", [str(value) for value in known])
    chosen["location_precision"] = table.names[-1]
    table.notes.append(
        Sentence("the precision of points is that of the smallest unit that the row names")
    )
