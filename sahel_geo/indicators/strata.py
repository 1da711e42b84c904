"""Which rows can be used, and which of them may exchange their dates."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.errors import InputError, first_offenders

Integers = npt.NDArray[np.int64]

CALENDAR: Final[dict[str, Any]] = {
    "year": lambda date: date.dt.year,
    "season": lambda date: date.dt.quarter,
    "month": lambda date: date.dt.month,
}


def complete_rows(
    incidents: pd.DataFrame, needed: Sequence[str]
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Take the rows that have all that is needed.

    Parameters
    ----------
    incidents : DataFrame
        Any; ``date`` is read as dates if needed.
    needed : sequence of str
        Columns.

    Returns
    -------
    known : DataFrame
        The complete rows.
    missing : dict of str to int
        How often each column is missing, where it is.

    Raises
    ------
    InputError
        If a column is not there, or a date is none.
    """
    needed = list(dict.fromkeys(needed))
    absent = [name for name in needed if name not in incidents]
    if absent:
        raise InputError(
            f"`incidents` has no column {first_offenders(absent)}; it has "
            f"{first_offenders(incidents.columns)}. Read the file with sg.read_incidents, and take "
            "the country from the units of sg.assign where it is missing.",
        )
    table = pd.DataFrame(incidents).copy(deep=False)
    if "date" in needed:
        stated = table["date"]
        table["date"] = pd.to_datetime(stated, errors="coerce", format="ISO8601")
        if table["date"].dt.tz is not None:
            table["date"] = table["date"].dt.tz_localize(None)  # days as the source counts them
        bad = table["date"].isna() & stated.notna()
        if bad.any():
            raise InputError(
                f"`incidents` has {int(bad.sum())} values in 'date' that are no dates: "
                f"{first_offenders(stated[bad])}; expected dates. Read the file with "
                "sg.read_incidents, which sets such rows aside.",
            )
    missing = table[needed].isna()
    counts = {name: int(missing[name].sum()) for name in needed}
    return table[~missing.any(axis=1)], {name: lost for name, lost in counts.items() if lost}


def strata_within(known: pd.DataFrame, within: Sequence[str]) -> Integers:
    """Give incidents that may exchange dates the same number.

    Parameters
    ----------
    known : DataFrame, n rows
        Complete rows.
    within : sequence of str
        Columns, and ``"year"``, ``"season"`` (quarter of the year), ``"month"`` (of the year).

    Returns
    -------
    ndarray of int64, shape (n,)
        0, 1, 2, ...; all 0 without `within`.
    """
    if not len(within) or known.empty:
        return np.zeros(len(known), dtype=np.int64)
    keys = {
        str(at): CALENDAR[name](known["date"]) if name in CALENDAR else known[name]
        for at, name in enumerate(within)
    }
    frame = pd.DataFrame(keys)
    return np.asarray(frame.groupby(list(frame.columns), observed=True).ngroup(), dtype=np.int64)
