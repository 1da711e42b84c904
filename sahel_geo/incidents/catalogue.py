"""The embedded catalogue of notable incidents, and the notice that must go with it."""

from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from sahel_geo.files import data_path
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.columns.texts import as_text
from sahel_geo.incidents.reading import read_incidents
from sahel_geo.incidents.table import Incidents, build_incidents
from sahel_geo.schema import INCIDENT_COLUMNS

CATALOGUE_SOURCE: Final = "sahel_geo notable incidents"

SELECTION_NOTICE: Final = Sentence(
    "A selection of some of the deadliest and best known incidents, 2012 to 2025. It is not a "
    "complete data set: no rate, trend or share may be concluded from it."
)


def load_example_incidents() -> Incidents:
    """Load 78 widely reported incidents in Mali, Niger and Burkina Faso, 2012 to 2025.

    They are a selection for a first run and for teaching, from which no rate, trend or share may
    be concluded; show :data:`SELECTION_NOTICE` with anything made from them.

    Returns
    -------
    Incidents
        78 rows, sorted by country and date, in EPSG:4326. ``report.is_selection`` is True and
        every ``source`` begins with :data:`CATALOGUE_SOURCE`, then names who reported the toll.

    Raises
    ------
    FileError
        If the installation lacks the file.

    Notes
    -----
    Tolls are published ranges: ``fatalities_low`` and ``fatalities_high`` are filled and
    ``fatalities_best`` is NaN, because a midpoint would be a figure that nobody reported.

    ``date`` is the first day, also of the incidents that went on for several. Location precision
    is ``exact`` where one named place is known, ``near`` where a town or the surroundings of a
    village are, ``admin2`` where one point stands for several places, a road, or a place whose
    position is uncertain.

    Examples
    --------
    >>> incidents = load_example_incidents()
    >>> incidents["country"].value_counts().to_dict()
    {'MLI': 30, 'BFA': 28, 'NER': 20}
    >>> incidents.report.is_selection
    True
    """
    incidents = read_incidents(data_path("notable_incidents.csv"))
    columns = {name: incidents[name] for name in INCIDENT_COLUMNS}
    columns["source"] = as_text(CATALOGUE_SOURCE + ": " + incidents["source"].astype(object))
    columns["source_id"] = incidents["incident_id"]
    columns["fatalities_best"] = pd.Series(np.full(len(incidents), np.nan))
    report = replace(incidents.report, format="catalogue", is_selection=True)
    return build_incidents(columns, incidents.quarantine, report)


def is_selection(incidents: pd.DataFrame) -> bool:
    """Tell whether a table holds incidents of the catalogue, also after slicing or joining.

    >>> is_selection(pd.concat([load_example_incidents(), load_example_incidents()]))
    True
    """
    if isinstance(incidents, Incidents) and incidents.report.is_selection:
        return True
    if "source" not in incidents.columns:
        return False
    return bool(incidents["source"].dropna().astype(str).str.startswith(CATALOGUE_SOURCE).any())
