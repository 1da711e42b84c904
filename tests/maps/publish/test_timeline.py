"""Panels as a map needs them: every row has its unit and its period, or the panel is refused."""

import numpy as np
import pandas as pd
import pytest

from sahel_geo.errors import InputError
from sahel_geo.maps.publish.timeline import YearGrid, read_timeline


def test_one_row_without_a_period_is_refused(toy_units):
    periods = pd.PeriodIndex(["2021", "2023", None, "2021"], freq="Y")
    panel = pd.DataFrame(
        {"unit_id": ["M1", "M1", "N1", "N2"], "period": periods, "incidents": [1, 2, 3, 4]}
    )
    with pytest.raises(InputError, match="has 1 rows without a period"):
        read_timeline(panel, toy_units, ["incidents"])
    found = read_timeline(panel.dropna(), toy_units, ["incidents"])
    assert found.data() == {"kind": "year", "first": "2021-01-01", "count": 3}
    assert found.place.tolist() == [0, 2, 0]
    assert toy_units["unit_id"].iloc[found.row].tolist() == ["M1", "M1", "N2"]


def test_rows_told_twice_are_counted_and_the_first_of_them_shown(toy_units):
    periods = pd.period_range("2021", "2027", freq="Y")
    panel = pd.DataFrame({"unit_id": "M1", "period": periods, "incidents": 1})
    with pytest.raises(
        InputError, match=r"7 rows .* has: \['M1 2021', .*'M1 2025', \.\.\. 2 more\]"
    ):
        read_timeline(pd.concat([panel, panel]), toy_units, ["incidents"])


@pytest.mark.parametrize("gone", ["unit_id", "period", "incidents"])
def test_a_panel_that_lacks_units_periods_or_every_indicator_is_refused(toy_units, gone):
    periods = pd.period_range("2021", periods=2, freq="Y")
    panel = pd.DataFrame({"unit_id": "M1", "period": periods, "incidents": [1, 2], "other": 3})
    with pytest.raises(InputError, match=rf"`panel` lacks columns \['{gone}'\]; it has"):
        read_timeline(panel.drop(columns=gone), toy_units, ["incidents"])


def test_a_year_adds_counts_up_and_weighs_rates_by_their_days():
    months = pd.period_range("2023-01", "2024-02", freq="M")
    grid = np.full((2, 14), np.nan)
    grid[0, :2] = 10, 3  # January has 31 days, February 28
    grid[0, 12:] = 4, 8
    sums, means = (YearGrid.of(grid, months, rule) for rule in ("sum", "mean"))
    np.testing.assert_allclose(sums.values, [[13, 12], [np.nan] * 2])
    leap = (4 * 31 + 8 * 29) / 60
    np.testing.assert_allclose(means.values, [[(310 + 3 * 28) / 59, leap], [np.nan] * 2])
    assert sums.gaps.tolist() == means.gaps.tolist() == [[10, 0], [12, 2]]
