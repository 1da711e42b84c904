"""The periods of a panel, in order, and where each row lies in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.arrays import Floats, Integers
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.schema import HIDDEN, Period

MOST_PERIODS: Final = 2_000
FREQUENCIES: Final[dict[str, Period]] = {
    "D": "day", "W": "week", "M": "month", "Q": "quarter", "Y": "year",
}  # fmt: skip
YearRule = Literal["sum", "mean"]
_KEPT: Final = Context(prec=6, rounding=ROUND_HALF_UP)  # as toPrecision of the page rounds


@dataclass(frozen=True)
class Timeline:
    """A panel as the page needs it."""

    periods: pd.PeriodIndex  # every period from the first to the last, in order
    # row, place: (m,) unit and period of each row of the panel
    row: Integers
    place: Integers
    panel: pd.DataFrame  # (m rows) the panel
    # rows of a panel made for publication that hold all units together, one for each period
    sums: pd.DataFrame | None = None

    def grid(self, name: str, count: int) -> Floats:
        """Lay a column out by unit and period, shape (count, t); zero where there is no row."""
        grid = np.zeros((count, len(self.periods)))
        grid[self.row, self.place] = self.panel[name].to_numpy(dtype=float, na_value=np.nan)
        return grid

    def data(self) -> dict[str, Any]:
        """Say which periods there are: the kind, the first day, and how many."""
        kind = FREQUENCIES[self.periods.freqstr[0]]
        first = f"{self.periods[0].start_time:%Y-%m-%d}"
        return {"kind": kind, "first": first, "count": len(self.periods)}


def read_timeline(panel: pd.DataFrame, units: gpd.GeoDataFrame, columns: Sequence[str]) -> Timeline:
    """Check a panel, and find the unit and the period of each row."""
    _check_panel(panel, columns)
    sums = None
    if HIDDEN in panel and panel["unit_id"].isna().any():
        sums = panel[panel["unit_id"].isna()].sort_values("period")
        panel = panel[panel["unit_id"].notna()]
    ids = pd.Index(units["unit_id"].astype(str))
    row = ids.get_indexer(pd.Index(panel["unit_id"].astype(str)))
    unknown = panel["unit_id"][row < 0].astype(str).unique()
    if len(unknown):
        raise InputError(
            f"`panel` has {len(unknown)} units that the map does not hold: "
            f"{first_offenders(unknown)}; expected unit_id of `units`. Count with the same units, "
            "or select the rows of the panel."
        )
    stated = pd.PeriodIndex(panel["period"])
    periods = pd.period_range(stated.min(), stated.max(), freq=stated.freq)
    if len(periods) > MOST_PERIODS:
        raise InputError(
            "`panel` spans {number} periods; expected at most {most_periods}, which a reader "
            "can step through. Count by longer periods.",
            number=len(periods),
            most_periods=MOST_PERIODS,
        )
    place = stated.asi8 - periods[0].ordinal
    twice = panel.duplicated(["unit_id", "period"])
    if twice.any():
        pairs = [f"{r.unit_id} {r.period}" for r in panel[twice].itertuples()]
        raise InputError(
            f"`panel` has {int(twice.sum())} rows for a unit and period that it already has: "
            f"{first_offenders(pairs)}; expected one. Select one value of what it was counted by."
        )
    return Timeline(periods, row.astype(np.int64), place.astype(np.int64), panel, sums)


def _check_panel(panel: pd.DataFrame, columns: Sequence[str]) -> None:
    missing = [name for name in ("unit_id", "period") if name not in panel]
    measured = [name for name in columns if name in panel]
    if missing or not measured:
        raise InputError(
            f"`panel` lacks columns {first_offenders(missing or columns)}; it has "
            f"{first_offenders(panel.columns, limit=20)}; expected unit_id, period and at least "
            "one indicator of the map. Count with sg.count, and rename what was counted."
        )
    if panel.empty or not isinstance(panel["period"].dtype, pd.PeriodDtype):
        raise InputError(
            f"`panel` has {len(panel)} rows with periods of type {panel['period'].dtype}; expected "
            "rows with pandas periods, as sg.count gives. Convert dates with .dt.to_period('M')."
        )
    kind = pd.PeriodIndex(panel["period"]).freqstr
    if kind[0] not in FREQUENCIES:
        raise InputError(
            f"`panel` has periods of {kind!r}; expected days, weeks, months, quarters or years. "
            "Count with sg.count."
        )
    wrong = [name for name in measured if not pd.api.types.is_numeric_dtype(panel[name])]
    if wrong or panel["period"].isna().any():
        raise InputError(
            f"`panel` has {int(panel['period'].isna().sum())} rows without a period and no "
            f"numbers in columns {first_offenders(wrong)}; expected both. Correct the table."
        )


@dataclass(frozen=True)
class YearGrid:
    """Values by unit and calendar year."""

    years: Integers  # calendar years, in order
    # (n, y) sum or mean of the periods that have a value; NaN where none has
    values: Floats
    gaps: Integers  # (n, y) periods of the year without a value

    @classmethod
    def of(cls, grid: Floats, periods: pd.PeriodIndex, rule: YearRule) -> "YearGrid":
        """Make calendar years out of days, months or quarters; grid (n, t) may hold NaN.

        >>> months = pd.period_range("2023-12", periods=3, freq="M")
        >>> result = YearGrid.of(np.array([[4.0, 1.0, np.nan]]), months, "sum")
        >>> result.years.tolist(), result.values.tolist(), result.gaps.tolist()
        ([2023, 2024], [[4.0, 1.0]], [[0, 1]])
        """
        year_of = np.asarray(periods.year, dtype=np.int64)
        days = np.asarray((periods.end_time - periods.start_time).days, dtype=np.int64) + 1
        years = np.unique(year_of)
        shape = (len(grid), len(years))
        total, weight = np.zeros(shape), np.zeros(shape)
        gaps = np.zeros(shape, dtype=np.int64)
        for at, place in enumerate(np.searchsorted(years, year_of)):  # in order, as the page adds
            known = ~np.isnan(grid[:, at])
            share = 1.0 if rule == "sum" else float(days[at])
            total[known, place] += grid[known, at] * share
            weight[known, place] += share
            gaps[~known, place] += 1
        values = total if rule == "sum" else total / np.where(weight == 0, 1.0, weight)
        return cls(years, np.where(weight == 0, np.nan, values), gaps)


def six_digits(values: Floats) -> Floats:
    """Round to the digits that the page keeps, halves away from zero as its language does.

    >>> six_digits(np.array([1.2345675])).tolist()
    [1.23457]
    """
    kept = [
        value if np.isnan(value) else float(_KEPT.create_decimal_from_float(value))
        for value in values.ravel().tolist()
    ]
    return np.array(kept, dtype=np.float64).reshape(values.shape)
