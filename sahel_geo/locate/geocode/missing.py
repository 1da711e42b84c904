"""Give places to incidents that came without coordinates, before they are counted or drawn."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from sahel_geo.i18n.sentence import Counted, Sentence, joined
from sahel_geo.incidents.table import Incidents, as_text
from sahel_geo.locate.geocode.names import geocode
from sahel_geo.places.gazetteer.gazetteer import load_gazetteer

_COLUMNS = ("lon", "lat", "location_precision")
_SAID = {
    "exact": Sentence("exact place"),
    "near": Sentence("within 25 km"),
    "admin3": Sentence("commune"),
    "admin2": Sentence("cercle, department or province"),
    "admin1": Sentence("region"),
    "country": Sentence("country"),
    "unknown": Sentence("not stated"),
}


def locate_missing(
    incidents: Incidents, gazetteer: Sequence[str | os.PathLike[str]] = ()
) -> tuple[Incidents, Mapping[str, int]]:
    """Geocode the incidents without coordinates, and leave the others as they are.

    incidents: As :func:`sahel_geo.read_incidents` gives them. They are not changed.
    gazetteer: GeoNames dumps or tables of places beside the embedded gazetteer.
    Returns: With ``lon``, ``lat`` and ``location_precision`` where a place or a unit is named;
    the report has a note that counts them.
    Returns: Rows geocoded, by location precision; ``unknown`` for those still without a place.

    >>> import sahel_geo as sg
    >>> table = pd.DataFrame({"date": ["2025-01-03"], "pays": ["Mali"], "cercle": ["Ansongo"]})
    >>> located, counts = locate_missing(sg.incidents_from_frame(table))
    >>> located["location_precision"].tolist(), dict(counts)
    (['admin2'], {'admin2': 1})
    """
    named = incidents[["place", "admin1", "admin2", "admin3"]].notna().any(axis=1)
    lost = (incidents["lon"].isna() & named).to_numpy(dtype=bool)
    if not lost.any():
        return incidents, {}
    found = geocode(_no_finer_than_stated(incidents[lost]), load_gazetteer(*gazetteer))
    located = incidents.copy()
    for name in _COLUMNS:
        values = located[name].to_numpy(copy=True)
        values[lost] = found[name].to_numpy()
        located[name] = as_text(pd.Series(values)).to_numpy() if values.dtype == object else values
    tally = found["location_precision"].value_counts()
    counts = {str(name): int(number) for name, number in tally.items()}
    note = Counted(
        "{count} incident without coordinates is geocoded by its names: {counts}",
        "{count} incidents without coordinates are geocoded by their names: {counts}",
        count=int(np.isfinite(found["lon"]).sum()),
        counts=joined(
            [
                Sentence("{precision} {number}", precision=_SAID[name], number=number)
                for name, number in counts.items()
            ],
            ", ",
        ),
    )
    located._report = replace(incidents.report, notes=(*incidents.report.notes, note))  # noqa: SLF001
    return located, counts


def _no_finer_than_stated(incidents: pd.DataFrame) -> pd.DataFrame:
    """Drop the places of rows that state a unit only: its name is often a town's as well."""
    named = incidents[["admin1", "admin2", "admin3"]].notna().any(axis=1)
    unit_only = incidents["location_precision"].isin(["admin1", "admin2", "admin3"])
    return pd.DataFrame(incidents).assign(place=incidents["place"].mask(named & unit_only))
