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
    from sahel_geo.sources.clients.ucdp import ucdp as ucdp
    from sahel_geo.sources.registry import list_sources as list_sources

_HOME = {
    "Cache": "sources.access.cache",
    "Provenance": "provenance",
    "Source": "sources.access.source",
    "SourceError": "sources.access.errors",
    "StaleDataWarning": "sources.access.errors",
    "acled": "sources.clients.acled",
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
