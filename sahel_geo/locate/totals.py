"""Rows of totals in tables by unit, which are no units and would be counted twice."""

import re
from typing import Final

import numpy as np

from sahel_geo.errors import first_offenders
from sahel_geo.i18n.sentence import Counted, Sentence
from sahel_geo.incidents.columns.names import choose_columns, plain_name
from sahel_geo.incidents.readers.raw import RawTable

_UNITS: Final = ("country", "admin1", "admin2", "admin3", "place")
_TOTAL: Final = re.compile(
    r"(?:(?:grand|sous|sub) ?)?tota(?:l|ux|ls)(?: .*)?|(?:.* )?(?:total|ensemble|confondus)|"
    r"ensemble .*|somme|sum|overall|all (?:regions|provinces|cercles|districts|units|areas)|"
    r"toutes? .*|national(?: .*)?|niveau national"
)


def leave_out_totals(raw: RawTable) -> list[Sentence]:
    """Leave the rows of totals out of a table by unit, and say which they were.

    A row is one if a cell that should name its unit says so: "Total", "Sous-total Gao", "Ensemble".
    """
    chosen = choose_columns(raw.names).chosen
    columns = {chosen[name] for name in _UNITS if name in chosen} | set(raw.names[:1])
    totals = np.zeros(len(raw), dtype=bool)
    labels: dict[int, str] = {}
    for column in columns:
        for at, value in enumerate(raw.column(column).tolist()):
            if isinstance(value, str) and _TOTAL.fullmatch(plain_name(value)):
                totals[at] = True
                labels[at] = value.strip()
    if not totals.any() or totals.all():
        return []
    shown = [
        Sentence("{name} (row {row})", name=labels[at], row=int(raw.rows[at]))
        for at in sorted(labels)
    ]
    raw.keep(~totals)
    return [
        Counted(
            "{count} row of totals is left out: {shown}",
            "{count} rows of totals are left out: {shown}",
            count=int(totals.sum()),
            shown=first_offenders(shown),
        )
    ]
