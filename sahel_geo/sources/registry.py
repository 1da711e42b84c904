"""Which sources there are: ours, a line each, and those that other packages register."""

from collections.abc import Mapping
from functools import cache as once
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, Final

from sahel_geo.errors import InputError, did_you_mean
from sahel_geo.incidents.table import Incidents, ReadReport
from sahel_geo.provenance import Provenance
from sahel_geo.schema import PathLike
from sahel_geo.sources.access.cache import Cache
from sahel_geo.sources.access.errors import SourceError
from sahel_geo.sources.access.source import Source
from sahel_geo.sources.access.tables import PROVENANCE, incidents_of

ENTRY_POINTS: Final = "sahel_geo.sources"
_MODULES: Final = (
    "ucdp", "acled", "acled_totals", "hapi", "boundaries", "population", "food_security",
    "displacement", "gazetteer", "gdelt",
)  # fmt: skip


@once
def list_sources() -> Mapping[str, Source]:
    """List the sources, ours first.

    Returns
    -------
    mapping of str to Source
        By name. Another package adds one through an entry point of the group
        ``sahel_geo.sources`` that leads to a :class:`Source`; it cannot take one of our names.

    Raises
    ------
    SourceError
        If an entry point leads elsewhere, or takes a name that is taken.

    Examples
    --------
    >>> next(iter(list_sources()))
    'ucdp'
    """
    named: dict[str, Source] = {}
    for module in _MODULES:
        ours: Source = import_module(f"sahel_geo.sources.clients.{module}").SOURCE
        named[ours.name] = ours
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda each: each.name):
        theirs = point.load()
        if not isinstance(theirs, Source) or theirs.name in named:
            raise SourceError(
                "the entry point {point} of {package} is no new source; expected a Source with a "
                "name of its own. Correct or remove that package.",
                point=point.name,
                package=point.dist.name if point.dist else "?",
            )
        named[theirs.name] = theirs
    return named


def find_source(name: str) -> Source:
    """Find a source by its name.

    >>> find_source("ucdp").licence
    'CC BY 4.0'
    """
    known = list_sources()
    if name not in known:
        raise InputError(
            "there is no source {name!r}; expected one of {known}. {near}",
            name=name,
            known=", ".join(known),
            near=did_you_mean(name, known, "Choose one."),
        )
    return known[name]


def provenance_of(result: Any) -> tuple[Provenance, ...]:
    """Tell where fetched data came from.

    Parameters
    ----------
    result : object
        What a source's function returned: incidents, a table, a series, units or a gazetteer.

    Returns
    -------
    tuple of Provenance
        Empty where it came from no source.

    Examples
    --------
    >>> import pandas as pd
    >>> provenance_of(pd.DataFrame())
    ()
    """
    report = getattr(result, "report", None)
    if isinstance(report, ReadReport):
        return report.provenance
    table = getattr(result, "places", result)
    stored = getattr(table, "attrs", {}).get(PROVENANCE, ())
    return tuple(Provenance.from_dict(each) for each in stored)


def fetch_incidents(name: str, **options: Any) -> Incidents:
    """Fetch incidents from a source named by the user."""
    source = find_source(name)
    if source.gives != "incidents":
        raise InputError(
            "the source {name!r} gives no incidents; expected one of {known}. Choose one.",
            name=name,
            known=", ".join(k for k, each in list_sources().items() if each.gives == "incidents"),
        )
    incidents: Incidents = source.fetch(**options)
    return incidents


def reopen(provenance: Provenance, *, cache: PathLike | None = None) -> Incidents:
    """Open the very data set that an earlier report was made of, without any network."""
    return incidents_of(Cache(cache).pinned(provenance))
