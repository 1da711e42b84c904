"""What measures refuse of a panel, and how one is laid out."""

import numpy as np
import pandas as pd
import pytest

from sahel_geo.errors import InputError
from sahel_geo.indicators.weights.panel import panel_of, require_units

PERIODS = pd.period_range("2024-01", periods=2, freq="M")


def test_a_panel_has_the_periods_of_one_unit_after_those_of_the_other():
    table = panel_of(["A", "B"], PERIODS, incidents=np.array([[1, 2], [3, 4]]))
    assert table["unit_id"].tolist() == ["A", "A", "B", "B"]
    assert table["period"].tolist() == [*PERIODS, *PERIODS]
    assert table["incidents"].tolist() == [1, 2, 3, 4]
    assert table.pivot(index="unit_id", columns="period", values="incidents").loc["B"].sum() == 7


def test_units_that_are_not_those_of_the_panel_are_counted_and_shown():
    table = panel_of(["A", "B", "C"], PERIODS, incidents=np.zeros((3, 2)))
    with pytest.raises(InputError, match=r"names 2 units that `units` does not hold: \['B', 'C'\]"):
        require_units(table, ["A"])
    require_units(table, ["C", "B", "A", "D"])
