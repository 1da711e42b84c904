"""Shared arcs: each edge stored once, and the page's own script reads back what was written."""

import itertools
import json

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

import sahel_geo as sg
from sahel_geo.maps.choropleth.topology import (
    SCALE,
    build_topology,
    decode_line,
    encode_line,
    encode_shape,
)
from tests.maps import node

steps = st.integers(-1_800_000, 1_800_000)


def in_node(program):
    return node.in_node("geometry.js", program)


@given(st.lists(st.tuples(steps, steps), max_size=30))
def test_a_line_survives_writing_and_reading(points):
    text = encode_line(points)
    assert decode_line(text) == points
    assert text == "" or text.replace("-", "").replace("_", "").isalnum()


def test_the_script_reads_what_python_writes():
    lines = [[(0, 0), (3, -2)], [(-1_799_999, 899_999), (5, 5), (5, -900_000)], [(16, -17)]]
    texts = [encode_line(line) for line in lines]
    got = in_node(
        f"console.log(JSON.stringify({json.dumps(texts)}.map(t => s.decodeLine(t, {SCALE}))))"
    )
    for line, decoded in zip(lines, got, strict=True):
        expected = [[lat / SCALE, lon / SCALE] for lon, lat in line]
        np.testing.assert_allclose(decoded, expected)


def rebuilt(topology, position):
    """Put the rings of one geometry together again."""
    polygons = []
    for rings in topology.polygons[position]:
        lines = []
        for ring in rings:
            line = []
            for number in ring:
                arc = topology.arcs[number] if number >= 0 else topology.arcs[~number][::-1]
                line += arc[1:] if line else arc
            lines.append(line)
        polygons.append(shapely.Polygon(lines[0], lines[1:]))
    return shapely.MultiPolygon(polygons)


def test_real_units_come_back_whole_and_every_edge_is_stored_once():
    shapes = sg.load_boundaries(level=2, countries=["BFA"]).geometry.to_numpy()
    topology = build_topology(shapes)
    for position, shape in enumerate(shapes):
        back = shapely.transform(rebuilt(topology, position), lambda xy: xy / SCALE)
        # a neck narrower than the grid may close to a point, which a drawing does not mind
        difference = shapely.make_valid(back).symmetric_difference(shape)
        assert difference.area < 1e-3 * shape.area
    edges = [tuple(sorted(edge)) for arc in topology.arcs for edge in itertools.pairwise(arc)]
    assert len(edges) == len(set(edges))


def test_a_hole_and_an_island_keep_their_rings():
    lake = shapely.box(0, 0, 6, 6) - shapely.box(1, 1, 5, 5)
    topology = build_topology([lake, shapely.box(2, 2, 4, 4), shapely.Polygon()])
    assert rebuilt(topology, 0).area / SCALE**2 == 36 - 16
    assert topology.polygons[2] == []


def test_labels_stay_in_the_frame_and_do_not_cover_one_another():
    got = in_node(
        "const box = (x, y) => ({x, y, width: 10, height: 10});"
        "const labels = [[box(0, 0)], [box(5, 5)], [box(5, 0), box(20, 0)], [box(-1, 30)],"
        "  [box(35, 35)]];"
        "const frame = {width: 50, height: 50};"
        "console.log(JSON.stringify(s.declutter(labels, frame, [box(40, 40)])))"
    )
    assert got == [0, -1, 1, -1, -1]


def test_a_tip_stays_inside_the_frame():
    got = in_node(
        "const box = {width: 100, height: 50}, frame = {width: 390, height: 300};"
        "console.log(JSON.stringify([[10, 10], [380, 290], [200, 150]].map("
        "([x, y]) => s.placeBeside({x, y}, box, frame))))"
    )
    for place in got:
        assert 0 <= place["left"] <= 290
        assert 0 <= place["top"] <= 250


def test_shapes_survive_writing_and_reading():
    shapes = [[[[0, ~1], [2]], [[~31, 4_000]]], []]
    texts = json.dumps([encode_shape(shape) for shape in shapes])
    assert in_node(f"console.log(JSON.stringify({texts}.map(s.decodeShape)))") == shapes
