"""Indicators that are classes: known sets, own sets, and colours that readers can tell apart."""

import itertools

import numpy as np
import pandas as pd
import pytest

from sahel_geo.errors import InputError
from sahel_geo.indicators.hotspots import emerging, scdi
from sahel_geo.maps.choropleth.legend import Naming, indicator_data
from sahel_geo.maps.classes import categories
from sahel_geo.maps.classes.categories import Category, categories_of, is_categorical
from tests.maps.vision import lab


def test_ordered_classes_darken_steadily_so_that_they_survive_grey_printing():
    steps = [lab(level.colour)[0] for level in categories.LEVELS_OF_RISK]
    assert all(lighter - darker > 8 for lighter, darker in itertools.pairwise(steps))
    free = [lab(colour)[0] for colour in categories.FREE_COLOURS]
    assert free[0] > 85
    assert free[-1] < 25


def test_the_classes_that_the_measures_give_are_known():
    kinds = {f"{kind} {side} spot" for kind in emerging.KINDS for side in ("hot", "cold")}
    assert kinds | {emerging.NO_PATTERN} == {category.value for category in categories.EMERGING}
    assert {*scdi.TYPES, "unclassed"} == {category.value for category in categories.SCDI}
    for known in categories.KNOWN_SETS:
        for category in known:
            assert set(category.label) == {"fr", "en"}


def test_known_values_get_names_and_others_stand_for_themselves():
    values = pd.Series(["DL", None, "CH"], name="type")
    data = indicator_data(values, Naming(), {})
    assert [entry.get("label", {}) for entry in data["classes"]] == [
        {"fr": "Regroupé, forte intensité", "en": "Clustered, high intensity"},
        {"fr": "Dispersé, faible intensité", "en": "Dispersed, low intensity"},
        {},
    ]
    assert data["class_of"] == "BCA"
    assert [entry["count"] for entry in data["classes"]] == [1, 1, 1]
    own = pd.Series(pd.Categorical(["b", "a"], categories=["b", "a", "c"]), name="mine")
    assert [category.value for category in categories_of(own)] == ["b", "a"]
    chosen = [Category("a", {"fr": "Un", "en": "One"}, "#112233"), Category("b", "Two", "#ffffff")]
    assert [c.colour for c in categories_of(own, chosen)] == ["#112233", "#ffffff"]
    assert [c.label for c in categories_of(own, {"a": "A", "b": "B"})] == ["A", "B"]


def test_refuses_classes_that_cannot_be_shown():
    values = pd.Series(list("abcdefghij"), name="kind")
    with pytest.raises(InputError, match="'kind' has 10 classes"):
        categories_of(values)
    with pytest.raises(InputError, match=r"misses 9 values of the column: \['b'"):
        categories_of(values, {"a": "A"})
    with pytest.raises(InputError, match="items that are no colour"):
        categories_of(pd.Series(["a"]), [Category("a", "A", "red")])


def test_numbers_and_truth_values_are_no_classes():
    assert not is_categorical(pd.Series([1.0, np.nan]))
    assert not is_categorical(pd.Series([True, False]))
    assert not is_categorical(pd.Series([None, None], dtype="str"))
