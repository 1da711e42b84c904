"""From a file of incidents to a defensible, offline risk map of the Central Sahel.

The public names are imported on first use, so that ``import sahel_geo`` stays fast.

Examples
--------
>>> import sahel_geo as sg
>>> regions = sg.load_boundaries(level=1, countries=["NER"])
>>> len(regions)
8
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sahel_geo.version import __version__

if TYPE_CHECKING:
    from sahel_geo import alerts as alerts
    from sahel_geo import forecast as forecast
    from sahel_geo import sources as sources
    from sahel_geo.incidents.catalogue import load_example_incidents as load_example_incidents
    from sahel_geo.incidents.corrections import read_quarantine as read_quarantine
    from sahel_geo.incidents.matching import find_duplicates as find_duplicates
    from sahel_geo.incidents.matching import merge_sources as merge_sources
    from sahel_geo.incidents.quality import quality_report as quality_report
    from sahel_geo.incidents.quarantine import write_quarantine as write_quarantine
    from sahel_geo.incidents.reading import incidents_from_frame as incidents_from_frame
    from sahel_geo.incidents.reading import read_incidents as read_incidents
    from sahel_geo.indicators import actors as actors
    from sahel_geo.indicators.border import border as border
    from sahel_geo.indicators.density import density as density
    from sahel_geo.indicators.hawkes import hawkes as hawkes
    from sahel_geo.indicators.hotspots import clusters as clusters
    from sahel_geo.indicators.hotspots import emerging as emerging
    from sahel_geo.indicators.hotspots import hotspots as hotspots
    from sahel_geo.indicators.hotspots import scdi as scdi
    from sahel_geo.indicators.migration import migration as migration
    from sahel_geo.indicators.near_repeat import near_repeat as near_repeat
    from sahel_geo.indicators.near_repeat.second_order import k_functions as k_functions
    from sahel_geo.indicators.rates import comparison as comparison
    from sahel_geo.indicators.rates import rates  # noqa: F401
    from sahel_geo.indicators.risk import risk as risk
    from sahel_geo.indicators.spillover import spillover as spillover
    from sahel_geo.indicators.spread import connectedness as connectedness
    from sahel_geo.indicators.spread import contagion as contagion
    from sahel_geo.indicators.spread import cross_border as cross_border
    from sahel_geo.indicators.spread import diffusion as diffusion
    from sahel_geo.indicators.uncertainty import reporting as reporting
    from sahel_geo.indicators.uncertainty import uncertainty as uncertainty
    from sahel_geo.locate.assign.assign import assign as assign
    from sahel_geo.locate.assign.displace import displace as displace
    from sahel_geo.locate.assign.unit_index import UnitIndex as UnitIndex
    from sahel_geo.locate.geocode.names import geocode as geocode
    from sahel_geo.locate.geocode.reports.texts import geocode_text as geocode_text
    from sahel_geo.locate.geocode.reverse import reverse_geocode as reverse_geocode
    from sahel_geo.locate.panel.count import count as count
    from sahel_geo.locate.panel.reading import read_panel as read_panel
    from sahel_geo.locate.unit_table import read_unit_table as read_unit_table
    from sahel_geo.maps.choropleth.choropleth import choropleth as choropleth
    from sahel_geo.maps.choropleth.point_map import point_map as point_map
    from sahel_geo.maps.page.page import fetch_plugins as fetch_plugins
    from sahel_geo.maps.page.page import save_map as save_map
    from sahel_geo.maps.picture.picture import save_png as save_png
    from sahel_geo.maps.publish import disclosure as disclosure
    from sahel_geo.maps.publish.publish import safe_units as safe_units
    from sahel_geo.maps.report.report import write_report as write_report
    from sahel_geo.places.borders import distance_to_border as distance_to_border
    from sahel_geo.places.borders import international_borders as international_borders
    from sahel_geo.places.borders import neighbours as neighbours
    from sahel_geo.places.borders import tri_points as tri_points
    from sahel_geo.places.boundaries.boundaries import load_boundaries as load_boundaries
    from sahel_geo.places.boundaries.crosswalk import crosswalk as crosswalk
    from sahel_geo.places.boundaries.crosswalk import harmonise as harmonise
    from sahel_geo.places.boundaries.foreign import read_boundaries as read_boundaries
    from sahel_geo.places.boundaries.names import match_units as match_units
    from sahel_geo.places.context import load_neighbour_countries as load_neighbour_countries
    from sahel_geo.places.context import load_towns as load_towns
    from sahel_geo.places.context import load_waters as load_waters
    from sahel_geo.places.gazetteer.gazetteer import load_gazetteer as load_gazetteer
    from sahel_geo.places.grids import H3Grid as H3Grid
    from sahel_geo.places.grids import HexagonGrid as HexagonGrid
    from sahel_geo.places.grids import PrioGrid as PrioGrid
    from sahel_geo.places.grids import SquareGrid as SquareGrid
    from sahel_geo.places.population import load_population as load_population
    from sahel_geo.places.zone_files import read_zone as read_zone
    from sahel_geo.places.zones import load_zone as load_zone
    from sahel_geo.places.zones import zone as zone
    from sahel_geo.tasks import progress as progress


_MODULES = {
    "alerts": "alerts",
    "actors": "indicators.actors",
    "border": "indicators.border.border",
    "clusters": "indicators.hotspots.clusters",
    "comparison": "indicators.rates.comparison",
    "connectedness": "indicators.spread.connectedness",
    "contagion": "indicators.spread.contagion",
    "cross_border": "indicators.spread.cross_border",
    "density": "indicators.density.density",
    "diffusion": "indicators.spread.diffusion",
    "disclosure": "maps.publish.disclosure",
    "emerging": "indicators.hotspots.emerging",
    "forecast": "forecast",
    "hawkes": "indicators.hawkes.hawkes",
    "hotspots": "indicators.hotspots.hotspots",
    "k_functions": "indicators.near_repeat.second_order.k_functions",
    "migration": "indicators.migration.migration",
    "near_repeat": "indicators.near_repeat.near_repeat",
    "rates": "indicators.rates.rates",
    "reporting": "indicators.uncertainty.reporting",
    "risk": "indicators.risk.risk",
    "scdi": "indicators.hotspots.scdi",
    "sources": "sources",
    "spillover": "indicators.spillover.spillover",
    "uncertainty": "indicators.uncertainty.uncertainty",
}
_HOME = {
    "H3Grid": "places.grids",
    "HexagonGrid": "places.grids",
    "PrioGrid": "places.grids",
    "SquareGrid": "places.grids",
    "UnitIndex": "locate.assign.unit_index",
    "assign": "locate.assign.assign",
    "choropleth": "maps.choropleth.choropleth",
    "count": "locate.panel.count",
    "crosswalk": "places.boundaries.crosswalk",
    "displace": "locate.assign.displace",
    "distance_to_border": "places.borders",
    "find_duplicates": "incidents.matching",
    "geocode": "locate.geocode.names",
    "geocode_text": "locate.geocode.reports.texts",
    "harmonise": "places.boundaries.crosswalk",
    "incidents_from_frame": "incidents.reading",
    "international_borders": "places.borders",
    "load_boundaries": "places.boundaries.boundaries",
    "load_example_incidents": "incidents.catalogue",
    "load_gazetteer": "places.gazetteer.gazetteer",
    "load_neighbour_countries": "places.context",
    "load_population": "places.population",
    "load_towns": "places.context",
    "load_waters": "places.context",
    "load_zone": "places.zones",
    "match_units": "places.boundaries.names",
    "merge_sources": "incidents.matching",
    "neighbours": "places.borders",
    "point_map": "maps.choropleth.point_map",
    "progress": "tasks",
    "quality_report": "incidents.quality",
    "read_boundaries": "places.boundaries.foreign",
    "read_incidents": "incidents.reading",
    "read_panel": "locate.panel.reading",
    "read_quarantine": "incidents.corrections",
    "read_unit_table": "locate.unit_table",
    "read_zone": "places.zone_files",
    "reverse_geocode": "locate.geocode.reverse",
    "safe_units": "maps.publish.publish",
    "fetch_plugins": "maps.page.page",
    "save_map": "maps.page.page",
    "save_png": "maps.picture.picture",
    "tri_points": "places.borders",
    "write_quarantine": "incidents.quarantine",
    "write_report": "maps.report.report",
    "zone": "places.zones",
}

__all__ = ["__version__", *sorted(_HOME | _MODULES)]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    """Import a public name from the module that holds it."""
    value: Any
    if name in _MODULES:
        value = import_module(f"{__name__}.{_MODULES[name]}")
        value.__dir__ = lambda: sorted(value.__all__)  # completion lists what one can use
    elif name in _HOME:
        value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    else:
        from difflib import get_close_matches  # noqa: PLC0415  only a typo pays for it

        near = [] if name.startswith("_") else get_close_matches(name, __all__, n=1)
        meant = f". Did you mean: {near[0]!r}?" if near else ""
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}{meant}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, those not imported yet too."""
    return sorted(__all__)
