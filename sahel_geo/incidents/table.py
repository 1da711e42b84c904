"""The table of incidents: one row per event, and what reading it set aside."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final

import numpy as np
import pandas as pd

from sahel_geo.i18n.sentence import Sentence, spoken
from sahel_geo.incidents.columns.texts import as_text
from sahel_geo.incidents.reasons import REASONS
from sahel_geo.notebook import table_html
from sahel_geo.provenance import Provenance
from sahel_geo.schema import INCIDENT_COLUMNS, Language

QUARANTINE_COLUMNS: Final = ("row", "reason", "detail")
_SHOWN_ROWS: Final = 10


@dataclass(frozen=True)
class ReadReport:
    """What reading a file, or a frame, did.

    Attributes
    ----------
    name : str
        Name of the file without its folder; ``""`` for a frame.
    format : str
        ``"ucdp-ged"``, ``"acled"``, ``"gdelt"``, ``"icews"``, ``"catalogue"`` or ``"table"``.
    container : str
        ``"csv"``, ``"xlsx"``, ``"parquet"``, ``"geojson"`` or ``"frame"``.
    encoding, delimiter, sheet : str or None
        How the text was decoded and cut, or which sheet was read, where that applies.
    rows_read, rows_kept, rows_set_aside : int
        Rows with content below the header; read is kept plus set aside plus folded.
    rows_folded : int
        Rows of a monadic file that are the other side of a row kept.
    set_aside : mapping of str to int
        Rows set aside by reason code, in the order of :data:`sahel_geo.incidents.reasons.REASONS`.
    columns : mapping of str to str
        Schema column to the file's column that filled it.
    notes : tuple of Sentence
        Assumptions and oddities that leave the rows valid; ``note.say("fr")``.
    rows_without_coordinates : int
        Kept rows that have a place name only.
    location_precision, date_precision : mapping of str to int
        Kept rows by precision.
    is_selection : bool
        Whether the rows are a selection, from which no rate, trend or share may be concluded.
    provenance : tuple of Provenance
        Where fetched data came from; empty for a file of the user's.
    superseded : DataFrame or None
        Of fetched data: ``id``, ``version`` and ``by``, the version that replaced the row.
    """

    name: str = ""
    format: str = "table"
    container: str = "frame"
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    rows_read: int = 0
    rows_kept: int = 0
    rows_set_aside: int = 0
    rows_folded: int = 0
    set_aside: Mapping[str, int] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Sentence, ...] = ()
    rows_without_coordinates: int = 0
    location_precision: Mapping[str, int] = field(default_factory=dict)
    date_precision: Mapping[str, int] = field(default_factory=dict)
    is_selection: bool = False
    provenance: tuple[Provenance, ...] = ()
    superseded: pd.DataFrame | None = field(default=None, compare=False, repr=False)


class Quarantine(pd.DataFrame):
    """Rows set aside, as a DataFrame that a notebook shows with the reasons in words."""

    _metadata = ["_sentences"]  # noqa: RUF012  (pandas' own protocol)
    _sentences: Mapping[str, Sentence] | None = None

    @property
    def _constructor(self) -> Callable[..., "Quarantine"]:
        return Quarantine

    def say(self, lang: Language) -> "Quarantine":
        """Give the rows with their details in one language; reason codes stay."""
        known = self._sentences or {}
        entries = {
            text: known.get(text, Sentence(text)).say(lang) for text in self["detail"].unique()
        }
        return self.assign(detail=as_text(self["detail"].map(entries)))

    def _repr_html_(self) -> str:
        if "reason" not in self.columns:
            return self.to_html(escape=True)
        counts = self["reason"].value_counts()
        most = max(counts.max(), 1)
        title = " / ".join(spoken(Sentence("rows set aside")).values())
        rows = "".join(_explained(str(code), n, n / most) for code, n in counts.items())
        first = self.head(_SHOWN_ROWS).to_html(border=0, escape=True, index=False, na_rep="")
        more = f"… + {len(self) - _SHOWN_ROWS}" if len(self) > _SHOWN_ROWS else ""
        return (
            f"<p>{len(self)}: {title}</p><table>{rows}</table>"
            f'<div style="overflow-x:auto;white-space:nowrap">{first}</div>{more}'
        )


def _explained(code: str, number: int, share: float) -> str:
    words = spoken(REASONS.get(code, code))
    bar = f"<div style='width:{120 * share:.0f}px;height:0.8em;background:#d55e00'></div>"
    return (
        f"<tr><th>{number}</th><td>{bar}</td>"
        + "".join(f"<td lang='{lang}'>{escape(text)}</td>" for lang, text in words.items())
        + "</tr>"
    )


class Incidents(pd.DataFrame):
    """A DataFrame with the columns of :data:`sahel_geo.schema.INCIDENT_COLUMNS`.

    It behaves as any DataFrame; slices and copies keep :attr:`quarantine` and :attr:`report`,
    which describe the reading of the whole file. ``pandas.concat`` of several tables starts with
    an empty quarantine: ask each part for its own.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> incidents = sg.load_example_incidents()
    >>> incidents.report.rows_kept, len(incidents.quarantine)
    (78, 0)
    >>> incidents[incidents["country"] == "NER"].report.rows_kept
    78
    """

    _metadata = ["_quarantine", "_report"]  # noqa: RUF012  (pandas' own protocol)
    _quarantine: Quarantine | None = None
    _report: ReadReport | None = None

    @property
    def _constructor(self) -> Callable[..., "Incidents"]:
        return Incidents

    def _repr_html_(self) -> str:
        report = self.report
        words = f"{len(self)} rows; {report.name or 'table'}: {report.rows_read} read, "
        words += f"{report.rows_set_aside} set aside (.quarantine)"
        if report.is_selection:
            words += ". A selection: no rate, trend or share may be concluded from it"
        filled = [name for name in self.columns[self.notna().any()] if name != "incident_id"]
        kept = [*filled, *(name for name in ("incident_id",) if name in self)] or list(self.columns)
        return table_html(words, pd.DataFrame(self)[kept])

    @property
    def quarantine(self) -> Quarantine:
        """Rows set aside: ``row``, ``reason``, ``detail``, then the file's own fields as text.

        ``row`` counts as a spreadsheet shows it: the first line of the file is 1, and a field that
        spans several lines is one row. In GeoJSON and JSON it is the number of the feature.
        """
        table = self._quarantine
        return _empty_quarantine() if table is None else table

    @property
    def report(self) -> ReadReport:
        """How the file was understood; a bare count where the table was not read by us."""
        summary = self._report
        if summary is not None:
            return summary
        return ReadReport(rows_read=len(self), rows_kept=len(self))


def build_incidents(
    columns: Mapping[str, Any], quarantine: Quarantine, report: ReadReport
) -> Incidents:
    """Assemble a table from its columns, in the order of the schema.

    columns (n,): One entry for each of :data:`sahel_geo.schema.INCIDENT_COLUMNS`; others come
    after them. Arrays become the table's own.
    """
    own = [name for name in columns if name not in INCIDENT_COLUMNS]
    incidents = Incidents({name: columns[name] for name in (*INCIDENT_COLUMNS, *own)}, copy=False)
    incidents._quarantine = quarantine  # noqa: SLF001
    incidents._report = report  # noqa: SLF001
    return incidents


def _empty_quarantine() -> Quarantine:
    """Give a quarantine without rows."""
    empty = Quarantine(
        {name: as_text(pd.Series([], dtype=object)) for name in ("reason", "detail")}
    )
    empty.insert(0, "row", np.empty(0, dtype=np.int64))
    return empty
