"""Shared arcs: each edge stored once, and the page's own script reads back what was written."""

import itertools
import json

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

import sahel_geo as sg
from sahel_geo.maps.choropleth.drawing import _unit_data
from sahel_geo.maps.choropleth.topology import (
    SCALE,
    Topology,
    _chain,
    _sort_lines,
    decode_line,
    encode_line,
    encode_shape,
    quantise,
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
    topology = Topology.of(shapes)
    for position, shape in enumerate(shapes):
        back = shapely.transform(rebuilt(topology, position), lambda xy: xy / SCALE)
        # a neck narrower than the grid may close to a point, which a drawing does not mind
        difference = shapely.make_valid(back).symmetric_difference(shape)
        assert difference.area < 1e-3 * shape.area
    edges = [tuple(sorted(edge)) for arc in topology.arcs for edge in itertools.pairwise(arc)]
    assert len(edges) == len(set(edges))


def test_a_hole_and_an_island_keep_their_rings():
    lake = shapely.box(0, 0, 6, 6) - shapely.box(1, 1, 5, 5)
    topology = Topology.of([lake, shapely.box(2, 2, 4, 4), shapely.Polygon()])
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


def test_points_are_rounded_to_the_grid_longitude_first_and_each_is_kept():
    points = [(1.23456, -2.34567), (1.23457, -2.34568), (0.0, 15.00004), (-0.00006, 0.00016)]
    units = gpd.GeoDataFrame(
        {"unit_id": list("ABCD"), "name": list("ABCD")}, geometry=shapely.points(points), crs=4326
    )
    centres = decode_line(_unit_data(units, [""] * 4)["centre"])
    assert centres == [(12346, -23457), (12346, -23457), (0, 150000), (-1, 2)]


def test_a_line_drops_vertices_that_fall_on_the_one_before():
    line = [(0.0, 0.0, 9.0), (0.00001, 0.00001, 9.0), (0.0, 0.0002, 9.0), (0.0, 0.0002, 1.0)]
    assert quantise(line) == ((0, 0), (0, 2))
    assert quantise([(0.5, 0.25)]) == ((5000, 2500),)
    assert quantise([(0, 0), (0, 1), (0, 0)]) == ((0, 0), (0, 10000), (0, 0))


def test_lines_are_joined_at_either_end():
    a, b, c = ((0, 0), (1, 0)), ((1, 0), (2, 5)), ((2, 5), (3, 0), (4, 4))
    whole = ((0, 0), (1, 0), (2, 5), (3, 0), (4, 4))
    for lines in itertools.permutations([a, b, c]):
        for turned in itertools.product((1, -1), repeat=3):
            given_lines = [line[::way] for line, way in zip(lines, turned, strict=True)]
            joined = _chain(given_lines)
            assert joined in ([whole], [whole[::-1]])


def test_lines_are_not_joined_where_three_meet():
    star = [((0, 0), (1, 0)), ((0, 0), (-1, 0)), ((0, 0), (0, 1)), ((0, 1), (0, 2))]
    joined = {frozenset((line[0], line[-1])): len(line) for line in _chain(star)}
    assert joined == {
        frozenset({(0, 0), (1, 0)}): 2,
        frozenset({(0, 0), (-1, 0)}): 2,
        frozenset({(0, 0), (0, 2)}): 3,
    }


def test_a_ring_of_lines_is_joined_once_around():
    sides = [((0, 0), (1, 0)), ((1, 1), (1, 0)), ((1, 1), (0, 1)), ((0, 1), (0, 0))]
    (ring,) = _chain(sides)
    assert ring[0] == ring[-1]
    assert len(ring) == 5
    assert set(ring) == {(0, 0), (1, 0), (1, 1), (0, 1)}
    alone = ((0, 0), (1, 0), (1, 1), (0, 0))
    assert _chain([alone]) in ([alone], [alone[::-1]])
    assert _chain([]) == []


def test_a_ring_that_collapses_on_the_grid_is_left_out():
    crumb = shapely.box(0, 0, 0.00003, 0.00003)
    sliver = shapely.Polygon([(0, 0), (1, 0), (1, 0.00001)])
    triangle = shapely.Polygon([(2, 0), (3, 0), (3, 1)])
    pierced = shapely.box(0, 0, 1, 1) - shapely.box(0.5, 0.5, 0.50003, 0.50003)
    topology = Topology.of([crumb, sliver, triangle, pierced, crumb.union(triangle)])
    assert [len(polygons) for polygons in topology.polygons] == [0, 0, 1, 1, 1]
    assert len(topology.polygons[3][0]) == 1
    assert rebuilt(topology, 3).area == SCALE**2
    assert topology.polygons[4] == topology.polygons[2]
    hole = shapely.Polygon([(0.2, 0.2), (0.4, 0.2), (0.4, 0.4)])
    assert len(Topology.of([shapely.box(0, 0, 1, 1) - hole]).polygons[0][0]) == 2


def test_an_arc_is_stored_once_and_walked_both_ways():
    west, east = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)
    topology = Topology.of([west, east, shapely.Point(0, 0), None])
    shared = [arc for arc, owners in enumerate(topology.owners()) if owners == (0, 1)]
    assert len(shared) == 1
    assert set(topology.arcs[shared[0]]) == {(SCALE, 0), (SCALE, SCALE)}
    walked = [{*topology.polygons[row][0][0]} for row in (0, 1)]
    assert (shared[0] in walked[0]) != (shared[0] in walked[1])
    assert (~shared[0] in walked[0]) != (~shared[0] in walked[1])
    assert sorted(topology.owners()) == [(0,), (0, 1), (1,)]
    assert topology.polygons[2:] == [[], []]


def test_a_shape_alone_is_one_arc_from_its_least_vertex():
    topology = Topology.of([shapely.Polygon([(3, 3), (1, 2), (2, 0), (4, 1)])])
    (arc,) = topology.arcs
    assert arc[0] == arc[-1] == (10000, 20000)
    assert len(arc) == 5
    assert topology.polygons == [[[[0]]]]


def test_three_shapes_meet_in_a_point_that_cuts_their_arcs():
    shapes = [shapely.box(0, 0, 2, 1), shapely.box(0, 1, 1, 2), shapely.box(1, 1, 2, 2)]
    shapes[0] = shapely.Polygon([(0, 0), (2, 0), (2, 1), (1, 1), (0, 1)])
    topology = Topology.of(shapes)
    ends = {end for arc in topology.arcs for end in (arc[0], arc[-1])}
    assert ends == {(0, 10000), (10000, 10000), (20000, 10000), (10000, 20000)}
    assert sorted(topology.owners()) == [(0,), (0, 1), (0, 2), (1,), (1, 2), (2,)]


def test_each_line_is_of_one_kind_by_what_lies_on_its_two_sides(toy_units):
    regions = {"M1": "Ma", "M2": "Mb", "N1": "Na", "N2": "Na", "B1": "Ba", "B2": "Ba"}
    units = toy_units.assign(adm1_id=toy_units["unit_id"].map(regions))
    coast = shapely.Polygon([(0, 9), (3, 9), (3, 10), (2, 10), (1, 10), (0, 10)])
    around = gpd.GeoDataFrame(
        {"country": ["BEN", "TGO"]}, geometry=[coast, shapely.box(0, 8, 3, 9)], crs=4326
    )
    topology = Topology.of([*units.geometry, *around.geometry])
    sides = {
        kind: sum(shapely.LineString(line).length for line in lines) / SCALE
        for kind, lines in _sort_lines(topology, units, around).items()
    }
    # four sides between the three countries and three to the next; M1 and M2 are two regions
    assert sides == {"border": 4 + 3, "region": 1, "outer": 2 + 3 + 2, "around": 3}
