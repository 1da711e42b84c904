"""What lies around the units of a map is gathered once for the same units, and only for those."""

import copy

import pytest
import shapely

import sahel_geo as sg
from sahel_geo.maps.page.element import PageElement


@pytest.fixture(scope="module")
def units():
    return sg.load_boundaries(level=1)


def ground(units, **options):
    """Draw a map of a number by unit; gives what it shows whatever the number."""
    m = sg.choropleth(units.assign(number=range(len(units))), "number", lang="en", **options)
    data = next(child for child in m._children.values() if isinstance(child, PageElement)).data
    names = ("arcs", "context", "labels", "lines", "meeting_points", "paths", "sources", "units")
    return {name: copy.deepcopy(data[name]) for name in names}


def changed(one, other):
    return {name for name, value in one.items() if other[name] != value}


def test_a_second_map_of_the_same_units_is_that_of_a_new_process(units):
    first = ground(units)
    assert ground(units) == first
    copies = units.set_geometry(shapely.from_wkb(shapely.to_wkb(units.geometry.to_numpy())))
    assert ground(copies) == first  # other shapes, so nothing is remembered of them


def test_a_zone_is_drawn_on_its_own_map_only(units):
    plain = ground(units)
    zone = shapely.box(0, 12, 3, 16)
    zoned = ground(units, zone=zone, zone_label="Here")
    assert changed(plain, zoned) == {"lines", "paths"}
    assert changed(plain["paths"], zoned["paths"]) == {"zone"}
    assert zoned["lines"][0] == {"kind": "zone", "label": "Here"}
    assert ground(units) == plain


@pytest.mark.parametrize(
    ("column", "value", "names"),
    [
        ("name", "elsewhere", {"units"}),
        ("adm1_name", "elsewhere", set()),
        ("source", "elsewhere", {"sources"}),
        ("licence", "CC0", {"sources"}),
        ("country", "MLI", {"labels", "meeting_points", "paths", "units"}),
    ],
)
def test_what_is_made_from_a_column_follows_it(units, column, value, names):
    assert changed(ground(units), ground(units.assign(**{column: value}))) - {"arcs"} == names


@pytest.mark.parametrize(
    ("layer", "names"),
    [
        ("neighbours", {"context", "labels", "sources"}),
        ("borders", {"paths"}),
        ("towns", {"labels"}),
        ("waters", {"labels", "paths", "sources"}),
    ],
)
def test_a_layer_that_is_left_out_is_left_out_of_this_map_only(units, layer, names):
    plain = ground(units)
    assert changed(plain, ground(units, **{layer: False})) >= names
    assert ground(units) == plain


def test_layers_of_ones_own_are_followed(units):
    towns = sg.load_towns()
    one, other = (ground(units, towns=each) for each in (towns, towns.assign(name="elsewhere")))
    assert changed(one, other) == {"labels"}
    assert "elsewhere" not in str(ground(units, towns=towns)["labels"])
