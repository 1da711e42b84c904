"""Rows set aside: the table of them, and a CSV file that a spreadsheet opens without harm."""

from pathlib import Path
from typing import Final, NoReturn

import numpy as np
import pandas as pd

from sahel_geo.arrays import Flags, Positions
from sahel_geo.errors import InputError, require_language
from sahel_geo.files import write_csv
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.columns.texts import as_text
from sahel_geo.incidents.readers.raw import RAW_TEXT, RawTable
from sahel_geo.incidents.reasons import REASONS, Faults
from sahel_geo.incidents.table import QUARANTINE_COLUMNS, Incidents, Quarantine
from sahel_geo.schema import Language, PathLike

MOST_SET_ASIDE: Final = 1_000_000  # of a file that keeps fewer rows than that


def build_quarantine(table: RawTable, faults: Faults, keep: Flags) -> Quarantine:
    """Gather the rows not in `keep` (n,), with their number, reason and original fields."""
    positions = np.flatnonzero(~keep)
    if len(positions) > max(MOST_SET_ASIDE, int(keep.sum())):
        _refuse(table, faults, positions)
    codes, texts = faults.explained(positions)
    rejected = table.rejected
    details = [*texts, *(text for _, _, text, _ in rejected)]
    sentences = {id(text): Sentence.of(text) for text in details}
    entries = pd.DataFrame(
        {
            "row": np.array(
                [*table.rows[positions], *(row for row, *_ in rejected)], dtype=np.int64
            ),
            "reason": [*codes, *(code for _, code, _, _ in rejected)],
            "detail": details,
        }
    )
    fields = table.take(positions).astype(RAW_TEXT)
    if rejected:
        width = len(fields.columns)
        rows = [
            [*(cell or None for cell in cells), *[None] * width][:width] for *_, cells in rejected
        ]
        cut = pd.DataFrame(rows, columns=fields.columns, dtype=RAW_TEXT)
        fields = pd.concat([fields, cut], ignore_index=True) if len(fields) else cut
    fields.columns = pd.Index(
        [f"{name} (file)" if name in QUARANTINE_COLUMNS else name for name in fields.columns]
    )
    whole = pd.concat([entries, fields], axis=1).sort_values(
        "row", kind="stable", ignore_index=True
    )
    quarantine = Quarantine(
        {name: whole[name] if name == "row" else as_text(whole[name]) for name in whole.columns}
    )
    quarantine._sentences = {str(text): text for text in sentences.values()}  # noqa: SLF001
    return quarantine


def _refuse(table: RawTable, faults: Faults, positions: Positions) -> NoReturn:
    codes, texts = faults.explained(positions[:1])
    raise InputError(
        "{number:,} of {size:,} rows cannot be used, more than are kept; expected a table of "
        "incidents. The first is row {row}, {code}: {text}. Check the columns with `mapping`.",
        number=len(positions),
        size=len(table.rows),
        row=int(table.rows[positions[0]]),
        code=codes[0],
        text=texts[0],
    )


def write_quarantine(incidents: Incidents, path: PathLike, *, lang: Language = "fr") -> Path:
    """Write the rows set aside as CSV, to be corrected in a spreadsheet.

    Text that a spreadsheet would run as a formula gets an apostrophe in front; numbers stay.

    Parameters
    ----------
    incidents : Incidents
        As :func:`sahel_geo.read_incidents` returned them.
    path : path-like
        The file to write: UTF-8 with a byte order mark, so that Excel shows accents. It is
        replaced only once the new one is complete.
    lang : {"fr", "en"}
        Language of the columns ``explanation`` and ``detail``.

    Returns
    -------
    Path
        The file written; a header alone where nothing was set aside.

    Raises
    ------
    FileError
        If the folder cannot be written.
    InputError
        If `lang` is not known.

    Examples
    --------
    >>> import tempfile
    >>> import sahel_geo as sg
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = write_quarantine(sg.load_example_incidents(), f"{folder}/aside.csv")
    ...     written.read_text(encoding="utf-8-sig").splitlines()[0][:29]
    'row,reason,explanation,detail'
    """
    require_language(lang)
    quarantine = incidents.quarantine.say(lang)
    explanation = quarantine["reason"].map({code: text.say(lang) for code, text in REASONS.items()})
    quarantine.insert(2, "explanation", explanation)
    return write_csv(path, quarantine)
