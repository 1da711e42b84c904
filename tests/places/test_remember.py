"""What is remembered belongs to the units it was made from, and to no others."""

import geopandas as gpd
import shapely

import sahel_geo as sg
from sahel_geo.places.remember import remembered


def counted(*columns):
    calls = []

    @remembered(*columns)
    def measure(units, factor=1):
        calls.append(factor)
        return len(units) * factor

    return measure, calls


def test_copies_and_the_same_rows_are_the_same_units(toy_units):
    measure, calls = counted("unit_id")
    assert measure(toy_units) == measure(toy_units.copy()) == 6
    assert measure(toy_units[["geometry", "unit_id"]].iloc[:]) == 6
    assert calls == [1]


def test_other_shapes_labels_systems_and_settings_are_others(toy_units):
    measure, calls = counted("unit_id")
    measure(toy_units)
    moved = toy_units.copy()
    moved.loc[0, "geometry"] = shapely.box(0, 11, 1, 12)
    renamed = toy_units.assign(unit_id=toy_units["unit_id"].str.lower())
    measure(moved)
    measure(renamed)
    measure(toy_units.set_crs(4269, allow_override=True))
    measure(toy_units.iloc[::-1])
    assert measure(toy_units, factor=2) == 12
    assert calls == [1, 1, 1, 1, 1, 2]


def test_the_least_recent_units_are_forgotten(toy_units):
    measure, calls = counted()
    layers = [toy_units.iloc[[row]] for row in range(6)] + [toy_units.iloc[:4], toy_units.iloc[:5]]
    for layer in layers:
        measure(layer)
    measure(layers[0])
    measure(toy_units)  # the ninth: the second layer goes
    measure(layers[0])
    assert len(calls) == 9
    measure(layers[1])
    assert len(calls) == 10


def test_what_a_caller_changes_is_his_own(toy_units):
    for function in (sg.neighbours, sg.international_borders, sg.tri_points):
        first = function(toy_units)
        expected = first.copy()
        first.iloc[0, 0] = "changed"
        first["more"] = 1
        again = function(toy_units)
        assert again.equals(expected)


def test_a_table_changed_in_place_is_measured_anew():
    units = gpd.GeoDataFrame(
        {"unit_id": ["A", "B"], "country": ["MLI", "NER"]},
        geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)],
        crs=4326,
    )
    assert sg.neighbours(units)["is_international"].all()
    units.loc[1, "country"] = "MLI"
    assert not sg.neighbours(units)["is_international"].any()
    units.loc[1, "geometry"] = shapely.box(5, 0, 6, 1)
    assert sg.neighbours(units).empty
