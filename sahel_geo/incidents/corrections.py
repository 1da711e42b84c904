"""Read a quarantine back once a person has corrected it."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pandas as pd

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.incidents.readers.opening import open_table
from sahel_geo.incidents.reading import incidents_from_frame
from sahel_geo.incidents.table import QUARANTINE_COLUMNS, Incidents
from sahel_geo.schema import PathLike

_OURS: Final = ("row", "reason", "explanation", "detail")
_GUARDED: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_GUARDED_INSIDE: Final = re.compile(r"([;\t\r\n]['\"\s]*)'(?=[=+@＝＋＠－-])")


def read_quarantine(
    path: PathLike, *, mapping: Mapping[str, str] | None = None, source: str | None = None
) -> Incidents:
    """Read the rows of a quarantine file again, after their cells were corrected.

    The rows pass the same checks as those of any file: what is still wrong is in the new
    ``.quarantine``. Join them to the first reading with ``pandas.concat``.

    Parameters
    ----------
    path : path-like
        A file that :func:`sahel_geo.write_quarantine` wrote, corrected in a spreadsheet, as CSV
        or XLSX. The columns ``row``, ``reason``, ``explanation`` and ``detail`` are not read.
    mapping : mapping of str to str, optional
        As for :func:`sahel_geo.read_incidents`, in the names of the first file.
    source : str, optional
        Value of ``source`` where the file has no such column.

    Returns
    -------
    Incidents
        See :func:`sahel_geo.read_incidents`.

    Raises
    ------
    FileError
        If the file cannot be read.
    InputError
        If it is no quarantine, or holds no rows.

    Examples
    --------
    >>> import tempfile
    >>> import sahel_geo as sg
    >>> wrong = pd.DataFrame({"date": ["31/02/2020", "1/3/2020"], "place": ["Gao", "Dori"]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = sg.write_quarantine(sg.incidents_from_frame(wrong), f"{folder}/aside.csv")
    ...     text = file.read_text(encoding="utf-8-sig").replace("Gao", "x").replace(
    ...         "31/02/2020,x", "29/02/2020,Gao")
    ...     _ = file.write_text(text, encoding="utf-8-sig")
    ...     sg.read_quarantine(file)[["date", "place"]].values.tolist()
    [[Timestamp('2020-02-29 00:00:00'), 'Gao']]
    """
    table = open_table(path, None, _OURS)
    lacking = [name for name in QUARANTINE_COLUMNS if name not in table.names]
    if lacking:
        raise InputError(
            f"{Path(path).name!r} has no column {first_offenders(lacking)}; expected a file that "
            "sg.write_quarantine wrote. Read any other file with sg.read_incidents."
        )
    columns = {}
    for name in table.names:
        if name not in _OURS:
            values = table.column(name).reset_index(drop=True)
            columns[name.removesuffix(" (file)")] = values.map(_unguarded, na_action="ignore")
    frame = pd.DataFrame(columns)
    if not len(frame):
        raise InputError(f"{Path(path).name!r} holds no rows; nothing was set aside.")
    return incidents_from_frame(frame, mapping=mapping, source=source)


def _unguarded(cell: object) -> object:
    """Take off the apostrophes that kept a spreadsheet from running the text."""
    if not isinstance(cell, str):
        return cell
    guarded = cell.startswith("'") and cell[1:].lstrip(" ").startswith(_GUARDED)
    return _GUARDED_INSIDE.sub(r"\1", cell[1:] if guarded else cell)
