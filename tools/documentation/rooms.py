"""The rooms of the reference, in the order in which data flow, and the public names in each."""

from typing import Final, NamedTuple


class Room(NamedTuple):
    """A page of the reference that lists what belongs together.

    Attributes
    ----------
    key : str
        Name of its page.
    title, about : str
        What it is called, and what one does there.
    names : tuple of str
        What one reaches as ``sg.NAME``; a module stands for all that it offers.
    more : tuple of str
        Full names of what one gets or hands in, but does not reach through ``sg``.
    """

    key: str
    title: str
    about: str
    names: tuple[str, ...]
    more: tuple[str, ...] = ()


ROOMS: Final = (
    Room(
        "places",
        "Boundaries, borders, zones, people",
        "The units of the three countries, in any vintage, and what lies around them.",
        (
            "load_boundaries",
            "read_boundaries",
            "match_units",
            "crosswalk",
            "harmonise",
            "international_borders",
            "tri_points",
            "neighbours",
            "distance_to_border",
            "load_zone",
            "zone",
            "read_zone",
            "load_population",
            "load_neighbour_countries",
            "load_towns",
            "load_waters",
            "SquareGrid",
            "HexagonGrid",
            "H3Grid",
            "PrioGrid",
        ),
    ),
    Room(
        "incidents",
        "Reading incidents",
        "From a file to checked incidents: nothing is guessed, and what is set aside is kept.",
        (
            "read_incidents",
            "incidents_from_frame",
            "load_example_incidents",
            "quality_report",
            "write_quarantine",
            "read_quarantine",
            "find_duplicates",
            "merge_sources",
        ),
        ("sahel_geo.incidents.table.ReadReport",),
    ),
    Room(
        "geocoding",
        "From names to points, and back",
        "Coordinates, with their precision, for incidents that have only the name of a place.",
        ("load_gazetteer", "geocode", "geocode_text", "reverse_geocode"),
    ),
    Room(
        "counting",
        "From points to counts",
        "Each incident in one unit, and every zero written out.",
        ("assign", "UnitIndex", "count", "read_panel", "read_unit_table"),
        ("sahel_geo.indicators.risk.by_unit.by_unit",),
    ),
    Room(
        "rates",
        "Rates, densities, two periods",
        "How much for the land and for the people, where, and whether it changed.",
        ("density", "rates", "comparison", "reporting"),
    ),
    Room(
        "hot-spots",
        "Hot spots and clusters",
        "Where incidents gather more than chance would gather them.",
        ("hotspots", "emerging", "clusters", "scdi"),
    ),
    Room(
        "borders",
        "Near and across the border",
        "Nearness to a border, what happens abroad, and whether both sides are alike.",
        ("border", "cross_border", "diffusion", "spillover"),
    ),
    Room(
        "time",
        "What follows what",
        "Near repeats, processes that feed themselves, series that move together.",
        ("near_repeat", "k_functions", "hawkes", "contagion", "connectedness", "migration"),
    ),
    Room(
        "actors", "Who", "Armed groups: how many, who fights whom, where they reach.", ("actors",)
    ),
    Room(
        "risk",
        "Who is exposed",
        "An index that ranks units, and how firm the ranks are.",
        ("risk",),
    ),
    Room(
        "uncertainty",
        "How sure",
        "What the precision of places and tolls leaves of any figure.",
        ("uncertainty",),
    ),
    Room(
        "forecasts",
        "What next: forecasts and alerts",
        "Distributions for the months to come, never without the record of such forecasts.",
        ("forecast", "alerts"),
    ),
    Room(
        "maps",
        "Maps, pictures, reports",
        "One offline file, in French and English; and the whole job.",
        ("choropleth", "point_map", "save_map", "save_png", "fetch_plugins", "write_report"),
        (
            "sahel_geo.maps.classes.categories.Category",
            "sahel_geo.maps.report.run.run_config",
            "sahel_geo.maps.report.config.read_config",
            "sahel_geo.maps.report.exports.write_exports",
        ),
    ),
    Room(
        "publishing",
        "Publishing without harm",
        "Small counts hidden, with others that would give them away; positions to pass on.",
        ("safe_units", "disclosure", "displace"),
    ),
    Room(
        "sources",
        "Live sources",
        "Data from their publishers, traceable to the byte.",
        ("sources",),
    ),
    Room("comfort", "Comfort", "How far long work is.", ("progress",)),
)
