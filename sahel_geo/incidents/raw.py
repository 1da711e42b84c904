"""A file's rows before any interpretation, and what every container shares: headers, blanks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.errors import InputError
from sahel_geo.incidents.columns import header_score

MAX_COLUMNS: Final = 2000
HEADER_LINES: Final = 40  # how far down a header may stand below titles
NULLS: Final = ("", "NULL", "null", "NaN", "nan", "NA", "N/A", "n/a", "#N/A", "<Null>", "None")
RAW_TEXT: Final = pd.StringDtype("pyarrow")


@dataclass
class RawTable:
    """A file's rows before any interpretation.

    `rows` numbers them as a spreadsheet shows them. Text cells are stripped of nothing and missing
    where blank; columns may also be numbers or timestamps where the container has types.
    """

    frame: pd.DataFrame
    rows: npt.NDArray[np.int64]
    container: str
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    notes: list[str] = field(default_factory=list)
    rejected: list[tuple[int, str, str, list[str]]] = field(default_factory=list)


def find_header_row(records: Sequence[Sequence[str]], wanted: Sequence[str]) -> int:
    """Position of the line that holds the most column names we know; the first filled one if none."""
    scores = [header_score(record, wanted) for record in records]
    if max(scores) >= 2:
        return scores.index(max(scores))
    filled = (
        at for at, record in enumerate(records) if sum(bool(cell.strip()) for cell in record) > 1
    )
    return next(filled, 0)


def is_tag_row(cells: Sequence[str]) -> bool:
    """Whether a line holds HXL tags (``#date``, ``#geo+lat``) instead of an incident."""
    filled = [cell.strip() for cell in cells if cell and cell.strip()]
    return len(filled) > 1 and all(cell.startswith("#") for cell in filled)


def unique_names(header: Sequence[str]) -> list[str]:
    """Trim column names, number blank and repeated ones, and bound how many there are."""
    if len(header) > MAX_COLUMNS:
        raise InputError(
            f"the header has {len(header)} columns; expected at most {MAX_COLUMNS}. "
            "Check the delimiter, or remove columns.",
        )
    names: list[str] = []
    taken: set[str] = set()
    for position, cell in enumerate(header, start=1):
        base = " ".join(str(cell).split())[:200] or f"column {position}"
        name, copy = base, 2
        while name in taken:
            name, copy = f"{base} ({copy})", copy + 1
        names.append(name)
        taken.add(name)
    return names


def drop_blank_rows(
    frame: pd.DataFrame,
    rows: npt.NDArray[np.int64],
) -> tuple[pd.DataFrame, npt.NDArray[np.int64]]:
    """Leave out the rows without any content, which spreadsheets export by the thousand."""
    filled = np.zeros(len(frame), dtype=bool)
    for name in frame.columns:
        if filled.all():
            break
        filled |= frame[name].notna().to_numpy(dtype=bool)
    if filled.all():
        return frame, rows
    return frame.loc[filled].reset_index(drop=True), rows[filled]
