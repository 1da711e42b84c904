"""Which sources there are: ours, a line each, and those that other packages register."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Final

from sahel_geo.errors import InputError, did_you_mean
from sahel_geo.sources.access.errors import SourceError
from sahel_geo.sources.access.source import Source

ENTRY_POINTS: Final = "sahel_geo.sources"
_MODULES: Final = (
    "ucdp",
    "acled",
)


@cache
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

    Parameters
    ----------
    name : str
        Such as ``"ucdp"``.

    Returns
    -------
    Source
        What is known of it.

    Raises
    ------
    InputError
        If there is none of this name.

    Examples
    --------
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
