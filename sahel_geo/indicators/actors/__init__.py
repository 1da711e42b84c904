"""Who: fragmentation, rivalry, overlap, networks and reach of the actors that incidents name."""

from sahel_geo.incidents.actors.selection import select
from sahel_geo.indicators.actors.contours import ReachMap, reach_map
from sahel_geo.indicators.actors.fragmentation import Fragmentation, fragmentation
from sahel_geo.indicators.actors.front import front
from sahel_geo.indicators.actors.front_result import Front
from sahel_geo.indicators.actors.harmonise import HarmonisedActors, harmonise
from sahel_geo.indicators.actors.hill import (
    concentration,
    difference_probability,
    hill_number,
    rarefied,
)
from sahel_geo.indicators.actors.network import ActorNetwork, network
from sahel_geo.indicators.actors.overlap import Overlap, overlap, panel
from sahel_geo.indicators.actors.rivalry import Rivalry, rivalry

__all__ = [
    "ActorNetwork", "Fragmentation", "Front", "HarmonisedActors", "Overlap", "ReachMap", "Rivalry",
    "concentration", "difference_probability", "fragmentation", "front", "harmonise", "hill_number",
    "network", "overlap", "panel", "rarefied", "reach_map", "rivalry", "select",
]  # fmt: skip
