"""Live sources of data: one client each, fetched on request and kept by checksum.

Nothing here asks the network unless one of its functions is called by name.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sahel_geo.provenance import Provenance as Provenance
    from sahel_geo.sources.access.cache import Cache as Cache
    from sahel_geo.sources.access.errors import SourceError as SourceError
    from sahel_geo.sources.access.errors import StaleDataWarning as StaleDataWarning
    from sahel_geo.sources.access.source import Source as Source
    from sahel_geo.sources.clients.acled import acled as acled
    from sahel_geo.sources.clients.acled_totals import acled_totals as acled_totals
    from sahel_geo.sources.clients.boundaries import boundaries as boundaries
    from sahel_geo.sources.clients.displacement import displacement as displacement
    from sahel_geo.sources.clients.food_security import food_insecure as food_insecure
    from sahel_geo.sources.clients.food_security import food_security as food_security
    from sahel_geo.sources.clients.gazetteer import gazetteer as gazetteer
    from sahel_geo.sources.clients.gdelt import gdelt as gdelt
    from sahel_geo.sources.clients.hapi import hapi_totals as hapi_totals
    from sahel_geo.sources.clients.population import people as people
    from sahel_geo.sources.clients.population import population as population
    from sahel_geo.sources.clients.ucdp import ucdp as ucdp
    from sahel_geo.sources.registry import list_sources as list_sources
    from sahel_geo.sources.registry import provenance_of as provenance_of

_HOME = {
    "Cache": "sources.access.cache",
    "Provenance": "provenance",
    "Source": "sources.access.source",
    "SourceError": "sources.access.errors",
    "StaleDataWarning": "sources.access.errors",
    "acled": "sources.clients.acled",
    "acled_totals": "sources.clients.acled_totals",
    "hapi_totals": "sources.clients.hapi",
    "boundaries": "sources.clients.boundaries",
    "population": "sources.clients.population",
    "people": "sources.clients.population",
    "food_insecure": "sources.clients.food_security",
    "food_security": "sources.clients.food_security",
    "displacement": "sources.clients.displacement",
    "gazetteer": "sources.clients.gazetteer",
    "gdelt": "sources.clients.gdelt",
    "provenance_of": "sources.registry",
    "list_sources": "sources.registry",
    "ucdp": "sources.clients.ucdp",
}

__all__ = sorted(_HOME)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    """Import a public name from the module that holds it."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"sahel_geo.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
