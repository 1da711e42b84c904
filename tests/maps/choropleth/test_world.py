"""Places on the web map: what the page's script works out, beside pyproj and shapely."""

import json

import numpy as np
import pytest
import shapely
from pyproj import Transformer

import sahel_geo as sg
from sahel_geo.maps.choropleth.topology import SCALE, Topology, encode_line, encode_shape, quantise
from tests.maps.node import in_node

EARTH = 2 * np.pi * 6_378_137  # metres around, as the web map has it


def run(program):
    return in_node("world.js", f"console.log(JSON.stringify({program}))")


def outlines(topology):
    """Program that makes `arcs` and `outlines` from a topology."""
    arcs = json.dumps([encode_line(arc) for arc in topology.arcs])
    shapes = json.dumps([encode_shape(shape) for shape in topology.polygons])
    return (
        f"const arcs = {arcs}.map((text) => s.worldLine(text, {SCALE}));"
        f"const outlines = {shapes}.map((text) => s.outline(s.decodeShape(text), arcs));"
    )


def show(topology, program):
    return in_node("world.js", f"{outlines(topology)} console.log(JSON.stringify({program}))")


@pytest.fixture(scope="module")
def communes():
    return sg.load_boundaries(level=3, countries=["MLI"]).head(120)


def test_places_are_those_of_the_web_map():
    points = np.array([[0, 0], [-4.25, 17.3], [2.4, 15.9], [16, -60], [-179.9, 85]])
    got = run(f"Array.from(s.worldLine({json.dumps(encode_line(quantise(points)))}, {SCALE}))")
    x, y = Transformer.from_crs(4326, 3857, always_xy=True).transform(*points.T)
    expected = np.column_stack([256 * (x / EARTH + 0.5), 256 * (0.5 - y / EARTH)])
    assert np.reshape(got, (-1, 2)) == pytest.approx(expected, abs=1e-9)


def test_units_hold_the_points_that_shapely_says(communes):
    topology = Topology.of(communes.geometry)
    rng = np.random.default_rng(3)
    west, south, east, north = communes.total_bounds
    points = np.column_stack([rng.uniform(west, east, 1_500), rng.uniform(south, north, 1_500)])
    line = json.dumps(encode_line([tuple(p) for p in np.rint(points * SCALE).astype(int)]))
    program = (
        f"(() => {{ const line = s.worldLine({line}, {SCALE}); const found = [];"
        "for (let at = 0; at < line.length; at += 2) { found.push(outlines.findIndex("
        "(outline) => s.contains(outline, arcs, line[at], line[at + 1]))); } return found; })()"
    )
    got = np.array(show(topology, program))
    places = shapely.points(np.rint(points * SCALE) / SCALE)
    shapes = communes.geometry.to_numpy()
    expected = np.full(len(places), -1)
    unit, point = shapely.STRtree(places).query(shapes, predicate="contains")
    expected[point] = unit
    # the grid of the page is 11 m wide: within that of a border either answer is right
    near = shapely.distance(shapely.union_all([shape.boundary for shape in shapes]), places) < 2e-4
    assert (expected >= 0).sum() > 300
    assert (got == expected)[~near].all()
    assert near.sum() < 5


def test_a_hole_is_outside_and_an_island_in_it_inside():
    lake = shapely.box(0, 0, 6, 6) - shapely.box(2, 2, 4, 4)
    shape = shapely.union_all([lake, shapely.box(2.8, 2.8, 3.2, 3.2)])
    points = [
        encode_line([(round(x * SCALE), round(y * SCALE))])
        for x, y in ((1, 1), (2.5, 2.5), (3, 3), (7, 1))
    ]
    program = (
        f"{json.dumps(points)}.map((text) => s.contains(outlines[0], arcs, "
        f"...s.worldLine(text, {SCALE})))"
    )
    assert show(Topology.of([shape]), program) == [True, False, True, False]


def test_a_drawing_has_the_rings_of_the_unit(communes):
    topology = Topology.of(communes.geometry)
    program = (
        "outlines.map((outline) => s.trace((pen) => "
        "s.walkAround(pen, outline, arcs, { x: 0, y: 0 })).map((ring) => ring.length))"
    )
    expected = [
        [
            sum(len(topology.arcs[arc if arc >= 0 else ~arc]) - 1 for arc in ring)
            for polygon in shape
            for ring in polygon
        ]
        for shape in topology.polygons
    ]
    assert show(topology, program) == expected


@pytest.mark.parametrize("scale", [20, 45, 100_000])
def test_what_is_left_out_of_a_drawing_is_too_small_to_see(communes, scale):
    topology = Topology.of(communes.geometry)
    got = show(
        topology,
        f"arcs.map((line) => [Array.from(s.enlarge(line, {scale}, s.FINEST)), Array.from(line)])",
    )
    kept = whole = 0
    for pixels, line in got:
        drawn, full = np.reshape(pixels, (-1, 2)), np.reshape(line, (-1, 2)) * scale
        assert (drawn[[0, -1]] == full[[0, -1]]).all()
        assert shapely.LineString(full).hausdorff_distance(shapely.LineString(drawn)) < 0.6
        kept, whole = kept + len(drawn), whole + len(full)
    assert kept < whole if scale < 100 else kept == whole
