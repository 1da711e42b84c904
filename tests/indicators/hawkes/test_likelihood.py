"""The search for the shares of the parts: what cannot be seen is nothing, and stops nothing."""

import numpy as np
import pytest

from sahel_geo.indicators.hawkes.likelihood import Design, maximise_row


@pytest.mark.parametrize("least", [1e-100, 5e-162, 1e-300, 0.0])
def test_parts_too_far_away_to_be_told_apart_get_nothing(least):
    random = np.random.default_rng(6)
    row = np.column_stack([random.random(24) * 3e-3 + 1e-4, np.zeros((24, 2))])
    row[-1, 1:] = 3e-10, least  # both are seen by one incident only, and hardly
    parts, value = maximise_row(row, np.ones(3), np.array([20.0, 2.0, 0.03]))
    alone = maximise_row(np.ascontiguousarray(row[:, :1]), np.ones(1))[1]
    assert value == pytest.approx(alone, abs=1e-6)
    assert parts[1:] == pytest.approx([0, 0], abs=1e-6)


def test_a_part_that_no_incident_shows_costs_nothing_where_the_search_begins_at_the_maximum():
    """Followers that a type cannot have, such as those of a country too far away."""
    random = np.random.default_rng(6)
    row = np.column_stack([random.random((24, 2)) + 0.1, np.zeros(24)])
    parts, value = maximise_row(row, np.ones(3))
    parts[2] = 0.5
    again, found = maximise_row(row, np.ones(3), parts)
    assert found == pytest.approx(value, abs=1e-8)
    assert found == pytest.approx(np.log(row @ again).sum() - again.sum(), abs=1e-9)


def test_all_types_at_once_are_each_on_its_own():
    random = np.random.default_rng(7)
    table, ends = random.random((30, 3)) + 0.01, np.array([0, 12, 30])
    design = Design.of(table, ends, np.array([[20.0, 3, 4], [25, 5, 0.0]]))
    for found, columns in ((design.maximise(), [0, 1, 2]), (design.alone(), None)):
        for kind, row in enumerate(design.rows):
            own = row[:, columns or [0, 1 + kind]]
            parts, value = maximise_row(np.ascontiguousarray(own), np.ones(own.shape[1]))
            np.testing.assert_allclose(found[0][kind], parts, atol=1e-5)
            assert found[1][kind] == pytest.approx(value, abs=1e-8)
