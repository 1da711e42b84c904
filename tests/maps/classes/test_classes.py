"""Class breaks: zero and missing apart, every value in its class, degenerate data explained."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sahel_geo.errors import InputError
from sahel_geo.maps.classes.classes import classify

SCHEMES = ["quantiles", "fisher_jenks", "equal_interval", "head_tail", "log"]


def summary(values, **options):
    return [(c.kind, c.low, c.high, c.count) for c in classify(values, **options).classes]


def test_zero_and_missing_are_classes_of_their_own():
    classes = summary([0, 0, 1, 2, 3, 4, np.nan], k=2)
    assert [kind for kind, *_ in classes] == ["zero", "range", "range", "no_data"]
    assert [count for *_, count in classes] == [2, 2, 2, 1]


def test_breaks_are_those_of_mapclassify():
    import mapclassify  # noqa: PLC0415  it compiles when it is imported, a second in each process

    values = np.round(np.random.default_rng(1).gamma(1.0, 40.0, 200) + 1)
    for scheme, oracle in {
        "quantiles": mapclassify.Quantiles,
        "fisher_jenks": mapclassify.FisherJenks,
        "equal_interval": mapclassify.EqualInterval,
    }.items():
        upper = [high for _, _, high, _ in summary(values, scheme=scheme, k=5)]
        np.testing.assert_array_equal(upper, np.floor(oracle(values, k=5).bins))


values = st.lists(
    st.one_of(
        st.just(0.0),
        st.just(float("nan")),
        st.integers(1, 50).map(float),
        st.floats(1e-6, 1e6, allow_nan=False),
    ),
    min_size=1,
    max_size=60,
)


@given(values, st.sampled_from(SCHEMES), st.integers(1, 9))
def test_every_value_is_in_exactly_the_class_that_the_legend_shows(data, scheme, k):
    result = classify(data, scheme=scheme, k=k)
    counted = np.bincount(result.class_of, minlength=len(result.classes))
    assert counted.tolist() == [entry.count for entry in result.classes]
    for value, at in zip(data, result.class_of, strict=True):
        entry = result.classes[at]
        if np.isnan(value):
            assert entry.kind == "no_data"
        elif value == 0:
            assert entry.kind == "zero"
        else:
            assert entry.low <= value <= entry.high
    ranges = [e for e in result.classes if e.kind in ("range", "value")]
    assert len(ranges) <= k or scheme == "head_tail"
    assert all(a.high <= b.low for a, b in itertools.pairwise(ranges))
    colours = [entry.colour for entry in result.classes if entry.colour]
    assert len(set(colours)) == len(colours)


@pytest.mark.parametrize(
    ("data", "kinds"),
    [
        ([0, 0, 0], ["zero"]),
        ([np.nan, np.nan], ["no_data"]),
        ([7.0], ["value"]),
        ([7.0, 7.0, 0.0], ["zero", "value"]),
    ],
)
def test_degenerate_data_have_a_plain_legend(data, kinds):
    assert [kind for kind, *_ in summary(data)] == kinds


def test_refuses_what_it_cannot_use():
    with pytest.raises(InputError, match=r"`scheme` is 'quantile'; expected one of .*quantiles"):
        classify([1, 2], scheme="quantile")
    with pytest.raises(InputError, match="`k` is 0; expected a whole number from 1 to 9"):
        classify([1, 2], k=0)
    with pytest.raises(InputError, match=r"1 infinite values at positions \[1\]"):
        classify([1, np.inf])
    with pytest.raises(InputError, match=r"`breaks` is \[2, 1\]; expected finite upper bounds"):
        classify([1, 2], scheme="user", breaks=[2, 1])
    with pytest.raises(InputError, match="expected breaks with scheme='user'"):
        classify([1, 2], breaks=[1])


def test_values_on_both_sides_of_zero_mirror_one_another_in_two_hues():
    result = classify([-8, -4, -2, 0, 2, 4, 8], k=4)
    assert [(c.kind, c.low, c.high, c.count) for c in result.classes] == [
        ("value", -8, -8, 1),
        ("range", -4, -1, 2),
        ("zero", 0, 0, 1),
        ("range", 1, 4, 2),
        ("value", 8, 8, 1),
    ]
    assert len({c.colour for c in result.classes}) == 5


def test_chosen_breaks_keep_their_empty_classes_and_grow_one_for_what_lies_above():
    assert summary([0, 1, 7, 30], scheme="user", breaks=[5, 6, 10]) == [
        ("zero", 0, 0, 1),
        ("range", 1, 5, 1),
        ("value", 6, 6, 0),
        ("range", 7, 10, 1),
        ("range", 11, 30, 1),
    ]
