"""Numbers and labels as French and English write them."""

import pytest

from sahel_geo.maps.choropleth.legend import class_label, method_text
from sahel_geo.maps.classes.classes import LegendClass, classify
from sahel_geo.maps.texts import PAGE, decimals_for, format_number


@pytest.mark.parametrize(
    ("value", "decimals", "fr", "en"),
    [
        (0, 0, "0", "0"),
        (1234567, 0, "1\u202f234\u202f567", "1,234,567"),
        (1234.5, 1, "1\u202f234,5", "1,234.5"),
        (-0.25, 2, "\u22120,25", "\u22120.25"),
        (-0.001, 1, "0,0", "0.0"),
    ],
)
def test_numbers_follow_the_language(value, decimals, fr, en):
    assert format_number(value, "fr", decimals=decimals) == fr
    assert format_number(value, "en", decimals=decimals) == en


def test_counts_are_whole_and_measures_have_three_digits():
    assert format_number(12.0, "fr") == "12"
    assert format_number(0.012345, "fr", decimals=decimals_for(0.012345)) == "0,0123"
    assert format_number(1234.56, "en", decimals=decimals_for(1234.56)) == "1,235"


def test_labels_show_every_digit_of_a_bound_and_no_more():
    assert class_label(LegendClass("range", 0.006, 1.25, "#000000", 1), "en") == "0.006 to 1.25"
    assert class_label(LegendClass("range", 1.0, 1500.0, "#000000", 1), "fr") == "1 à 1\u202f500"
    low = float("-inf")
    assert class_label(LegendClass("range", low, -1.0, "#000000", 1), "en") == "≤ \u22121"


def test_both_languages_have_the_same_texts():
    assert PAGE["fr"].keys() == PAGE["en"].keys()


def test_the_legend_says_which_bound_belongs_to_a_class():
    rates = classify([0.5, 1.5, 2.5, 3.5, 4.5, 5.5], k=2)
    changes = classify([-4.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 4.5], k=4)
    assert "The upper bound" in method_text(rates, "en")
    assert "la plus éloignée de zéro" in method_text(changes, "fr")
