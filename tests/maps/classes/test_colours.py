"""Colours that every reader can tell apart: all palettes, class sets, hatchings and outlines."""

import itertools

import pytest

from sahel_geo.errors import InputError
from sahel_geo.i18n import classes as class_table
from sahel_geo.indicators.hotspots import results as hotspot_results
from sahel_geo.indicators.hotspots import scdi
from sahel_geo.maps.classes import categories, classes
from sahel_geo.maps.classes.categories import Category
from sahel_geo.maps.picture import drawing as picture_look
from tests.maps.node import in_node
from tests.maps.vision import BLINDNESS, ciede2000, contrast, distance, lab

PAPER, GROUND = "#ffffff", "#ece8df"
NEXT, ANY = 5.0, 10.0  # CIEDE2000: classes in order beside each other, and any two kinds
PALETTES = sorted(classes.PALETTES)
SETS = {
    "hot and cold": categories.HOT_COLD,
    "local Moran": categories.LOCAL_MORAN,
    "SCDi": categories.SCDI,
    "emerging": categories.EMERGING,
}
KNOWN = (
    class_table.HOT_COLD,
    class_table.LOCAL_MORAN,
    class_table.SCDI,
    class_table.EMERGING,
    class_table.CHANGE,
    class_table.BORDER_EFFECT,
)


def ranges(palette, n):
    """Colours of one side of a legend, zero first."""
    return [classes.ZERO_COLOUR, *classes.colours(palette, n)]


def all_colours():
    """Every colour that a class of the library can have."""
    found = {classes.ZERO_COLOUR, classes.HIDDEN_COLOUR, *categories.FREE_COLOURS}
    for name in PALETTES:
        for n in range(1, classes.MAX_CLASSES + 1):
            found.update(classes.colours(name, n))
    for known in categories.KNOWN_SETS:
        found.update(category.colour for category in known)
    return sorted(found)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [  # Sharma, Wu and Dalal (2005), table 1
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0),
        ((50, 2.5, 0), (50, 0, -2.5), 4.3065),
        ((50, 2.5, 0), (58, 24, 15), 19.4535),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((22.7233, 20.0904, -46.694), (23.0331, 14.973, -42.5619), 2.0373),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_measure_of_these_tests_is_the_published_one(one, other, expected):
    assert ciede2000(one, other) == pytest.approx(expected, abs=5e-5)


def test_each_blindness_confuses_what_it_is_known_to_confuse():
    for colour in ("#ffffff", "#808080"):  # greys stay what they are
        for blindness in BLINDNESS:
            assert ciede2000(lab(colour, blindness), lab(colour)) < 0.5
    for blindness, pair in {
        "protan": ("#c00000", "#5a4a00"),
        "deutan": ("#e07070", "#a0a06a"),
        "tritan": ("#00a5b4", "#00b07a"),
    }.items():
        assert distance(*pair, blindness) < 0.55 * distance(*pair)


@pytest.mark.parametrize("blindness", BLINDNESS)
@pytest.mark.parametrize("palette", PALETTES)
def test_classes_in_order_differ_from_the_next_and_darken(palette, blindness):
    for n in range(1, classes.MAX_CLASSES + 1):
        row = ranges(palette, n)
        steps = [distance(a, b, blindness) for a, b in itertools.pairwise(row)]
        assert min(steps) > (NEXT if n > 5 else 7), (n, steps)
        light = [lab(colour, blindness)[0] for colour in row]
        assert all(a > b for a, b in itertools.pairwise(light))
        grey = [lab(colour)[0] for colour in row]
        assert min(a - b for a, b in itertools.pairwise(grey)) > 3


@pytest.mark.parametrize("blindness", BLINDNESS)
@pytest.mark.parametrize("palette", PALETTES)
def test_the_two_sides_of_a_signed_scale_are_never_taken_for_each_other(palette, blindness):
    other = classes.OPPOSITE.get(palette, "blues")
    for below, above in itertools.product((1, 2, 4, classes.MAX_CLASSES), repeat=2):
        low, high = classes.colours(other, below), classes.colours(palette, above)
        apart = [distance(a, b, blindness) for a, b in itertools.product(low, high)]
        assert min(apart) > NEXT + 1, (below, above)


@pytest.mark.parametrize("blindness", BLINDNESS)
@pytest.mark.parametrize("name", SETS)
def test_kinds_that_carry_the_same_mark_stay_apart(name, blindness):
    for one, other in itertools.combinations(SETS[name], 2):
        if one.mark == other.mark:
            apart = distance(one.colour, other.colour, blindness)
            assert apart > ANY, (one.value, other.value, apart)


def test_seventeen_classes_do_not_rely_on_colour_alone():
    marks = [category.mark for category in categories.EMERGING]
    assert len(marks) == categories.MOST_CATEGORIES == 17
    assert max(marks.count(mark) for mark in set(marks)) <= 7
    by_colour = [
        distance(a.colour, b.colour, blindness)
        for blindness in BLINDNESS
        for a, b in itertools.combinations(categories.EMERGING, 2)
    ]
    assert min(by_colour) < ANY  # why there are marks
    for side in ("hot", "cold"):  # what a mark means does not depend on the side
        kinds = [c.mark for c in categories.EMERGING if c.value.endswith(f"{side} spot")]
        assert kinds == marks[:8]


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_levels_of_risk_are_an_order(blindness):
    row = [level.colour for level in categories.LEVELS_OF_RISK]
    assert min(distance(a, b, blindness) for a, b in itertools.pairwise(row)) > ANY


@pytest.mark.parametrize("blindness", BLINDNESS)
@pytest.mark.parametrize("n", range(2, len(categories.FREE_COLOURS) + 1))
def test_as_many_free_classes_as_are_allowed_stay_apart(n, blindness):
    chosen = categories._painted([(str(at), str(at)) for at in range(n)], "kind")
    for one, other in itertools.combinations(chosen, 2):
        assert distance(one.colour, other.colour, blindness) > ANY


def test_maps_and_plots_take_a_class_from_one_table():
    for known in SETS.values():
        table = {each.value: each for each in known}
        own = next(s for s in KNOWN if {each.value for each in s} == set(table))
        for each in own:
            category = table[each.value]
            assert (category.colour, category.mark) == (each.colour, each.mark)
            assert category.label["fr"].lower() == class_table.name_in(own, each.value, "fr")
    assert {each.value for each in hotspot_results._CLASSES} == {
        each.value for each in (*class_table.HOT_COLD, *class_table.LOCAL_MORAN)
    }
    assert class_table.colours_of(class_table.SCDI) == scdi._TYPE_COLOURS


@pytest.mark.parametrize("blindness", BLINDNESS)
@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known[0].value)
def test_a_class_without_a_mark_is_told_from_what_is_neither(known, blindness):
    plain = {"not significant", "no pattern", "unclassed", "no clear change", "open"}
    rest = [each for each in known if each.value in plain]
    for each in known:
        if each.mark is None and each not in rest:
            for neither in rest:
                assert distance(each.colour, neither.colour, blindness) > 8, each.value


def test_lines_on_a_class_can_be_seen_on_its_colour():
    for colour in all_colours():
        ink = class_table.ink_on(colour)
        assert contrast(ink, colour) > 3, colour
        look = picture_look.fill_of({"kind": "range", "colour": colour}, doubtful=True)
        assert look["edgecolor"] == ink
    assert contrast("#8f8a80", PAPER) > 3  # no data
    assert contrast("#3d3830", classes.HIDDEN_COLOUR) > 3  # hidden


def test_the_page_hatches_dots_and_marks_as_the_picture_does():
    looks = in_node(
        "map.js",
        "const look = (entry, doubt) => s.lookOf(entry, doubt);"
        "const grid = { kind: 'category', colour: '#e8912d', mark: 'grid' };"
        "console.log(JSON.stringify([look({ kind: 'no_data' }, false), look({ kind: 'suppressed', "
        "colour: '#b9c7c4' }, false), look(grid, false), look(grid, true), "
        "look({ kind: 'range', colour: '#68051a' }, false)]))",
    )
    assert looks[0]["hatch"] == {"ink": "#8f8a80", "slope": 1, "size": 6}
    assert looks[1]["hatch"]["slope"] == 0
    assert looks[2]["hatch"] == {"ink": "#3d3830", "slope": None, "size": 9, "mark": "grid"}
    assert looks[3]["hatch"] == {"ink": "#3d3830", "slope": -1, "size": 9, "mark": "grid"}
    assert looks[4]["hatch"] is None
    entry = {"kind": "category", "colour": "#e8912d", "mark": "grid"}
    assert picture_look.fill_of(entry, doubtful=False)["hatch"] == "+++"
    assert picture_look.fill_of(entry, doubtful=True)["hatch"] == "+++\\\\\\\\"


def test_outlines_have_three_to_one_against_any_class_or_their_casing_has():
    style = in_node("map.js", "console.log(JSON.stringify(s.STYLE))")
    casing = style["casing"]["color"]
    for colour in all_colours():
        for line in ("border", "highlight", "chosen"):
            best = max(contrast(style[line]["color"], colour), contrast(casing, colour))
            assert best > 3, (line, colour)
            assert contrast(style[line]["color"], casing) > 3
    for line in ("outer", "region", "border"):
        assert contrast(style[line]["color"], GROUND) > 3


def test_refuses_a_mark_that_is_none():
    wrong = [Category("a", "A", "#112233", "zigzag")]  # type: ignore[arg-type]
    with pytest.raises(InputError, match="has the mark 'zigzag'; expected one of"):
        categories._check_chosen(wrong, {"a"}, "kind")
