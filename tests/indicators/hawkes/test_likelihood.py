"""The search for the shares of the parts: what cannot be seen is nothing, and stops nothing."""

import numpy as np
import pytest

from sahel_geo.indicators.hawkes.likelihood import maximise_row


@pytest.mark.parametrize("least", [1e-100, 5e-162, 1e-300, 0.0])
def test_parts_too_far_away_to_be_told_apart_get_nothing(least):
    random = np.random.default_rng(6)
    row = np.column_stack([random.random(24) * 3e-3 + 1e-4, np.zeros((24, 2))])
    row[-1, 1:] = 3e-10, least  # both are seen by one incident only, and hardly
    parts, value = maximise_row(row, np.ones(3), np.array([20.0, 2.0, 0.03]))
    alone = maximise_row(np.ascontiguousarray(row[:, :1]), np.ones(1))[1]
    assert value == pytest.approx(alone, abs=1e-6)
    assert parts[1:] == pytest.approx([0, 0], abs=1e-6)
