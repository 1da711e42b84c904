"""Count placed incidents by unit and period, with every zero written out."""

from typing import Final, get_args

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.schema import Period

_FREQUENCY: Final[dict[str, str]] = {
    "day": "D",
    "week": "W-SUN",  # weeks run from Monday to Sunday (ISO 8601)
    "month": "M",
    "quarter": "Q",
    "year": "Y",
}
_FATALITIES: Final = ("fatalities_low", "fatalities_best", "fatalities_high")
_MOST_CELLS: Final = 50_000_000


def count(
    placed: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    period: Period = "month",
    start: str | pd.Timestamp | None = None,
    end: str | pd.Timestamp | None = None,
) -> pd.DataFrame:
    """Count incidents and sum fatalities in each unit and period.

    The panel is complete: a unit and period without incidents is a row of zeros, so that silence
    in the data is not mistaken for a gap in the table. Zero means that nothing was recorded, not
    that nothing happened.

    Parameters
    ----------
    placed : DataFrame, n rows
        Result of :func:`sahel_geo.assign`: columns ``unit_id`` and ``date``; the ``fatalities_*``
        columns are summed where they are there.
    units : GeoDataFrame, m rows
        The units that were assigned; their order is kept.
    period : {"month", "day", "week", "quarter", "year"}
        Length of a period. Weeks run from Monday to Sunday.
    start, end : date, optional
        The panel runs from the period that holds `start` to the one that holds `end`; by default
        those of the first and last placed incident. Incidents outside are left out and counted.

    Returns
    -------
    DataFrame, m x p rows
        Columns ``unit_id``, ``period`` (pandas periods), ``incidents`` (int) and the sums of
        fatalities (float; missing where incidents are counted but none states a figure). Its
        ``attrs`` say how many incidents are not in the panel: ``unplaced``, ``undated`` and
        ``outside_period``; and how many are dated less precisely than a period:
        ``imprecise_dates`` (they count at their first day).
        With no dated incident and no `start` and `end` the panel has no rows.

    Raises
    ------
    InputError
        If a column is missing, `period` is unknown, `start` is after `end`, or a placed incident
        names a unit that `units` does not hold.

    Examples
    --------
    >>> import shapely
    >>> units = gpd.GeoDataFrame({"unit_id": ["A", "B"]}, geometry=[shapely.box(0, 0, 1, 1)] * 2)
    >>> placed = pd.DataFrame({"unit_id": ["A"], "date": pd.to_datetime(["2024-02-10"])})
    >>> count(placed, units)[["unit_id", "incidents"]].values.tolist()
    [['A', 1], ['B', 0]]
    """
    _check(placed, period)
    unit_ids = pd.Index(units["unit_id"].astype(str))
    row = _unit_rows(placed["unit_id"], unit_ids)
    dates = pd.to_datetime(placed["date"])
    usable = (row >= 0) & dates.notna().to_numpy()
    periods = _period_range(dates[usable], period, start, end)
    if len(unit_ids) * len(periods) > _MOST_CELLS:
        raise InputError(
            f"the panel of {len(unit_ids)} units x {len(periods)} periods would hold over "
            f"{_MOST_CELLS:,} rows. Choose a longer `period`, or bound it with start= and end=.",
        )
    column = np.full(len(placed), -1, dtype=np.int64)
    column[usable] = periods.get_indexer(pd.PeriodIndex(dates[usable], freq=_FREQUENCY[period]))
    inside = column >= 0
    cell = row[inside] * len(periods) + column[inside]

    size = len(unit_ids) * len(periods)
    panel = pd.DataFrame(
        {
            "unit_id": np.repeat(unit_ids.to_numpy(dtype=object), len(periods)),
            "period": np.tile(np.arange(len(periods)), len(unit_ids)),
            "incidents": np.bincount(cell, minlength=size).astype(np.int64),
        },
    )
    panel["unit_id"] = panel["unit_id"].astype("str")
    panel["period"] = periods.take(panel["period"].to_numpy())
    for name in _FATALITIES:
        if name in placed:
            panel[name] = _sum_known(placed.loc[inside, name], cell, panel["incidents"].to_numpy())
    panel.attrs = {
        "period": period,
        "unplaced": int((row < 0).sum()),
        "undated": int(((row >= 0) & dates.isna().to_numpy()).sum()),
        "outside_period": int((usable & ~inside).sum()),
        "imprecise_dates": _imprecise(placed, inside, period),
    }
    return panel


def _check(placed: pd.DataFrame, period: str) -> None:
    if period not in _FREQUENCY:
        raise InputError(f"`period` is {period!r}; expected one of {list(get_args(Period))}.")
    missing = [name for name in ("unit_id", "date") if name not in placed]
    if missing:
        raise InputError(
            f"`placed` has no column {first_offenders(missing)}; expected the result of sg.assign. "
            "Call sg.assign(incidents, units) first.",
        )


def _unit_rows(ids: pd.Series, unit_ids: pd.Index) -> npt.NDArray[np.int64]:
    row = np.asarray(unit_ids.get_indexer(pd.Index(ids.astype("str"))), dtype=np.int64)
    strangers = ids[(row < 0) & ids.notna().to_numpy()].unique()
    if len(strangers):
        raise InputError(
            f"`placed` names {len(strangers)} units that `units` does not hold: "
            f"{first_offenders(strangers)}; expected the units used in sg.assign. "
            "Assign again with these units.",
        )
    return row


def _period_range(
    dates: "pd.Series[pd.Timestamp]",
    period: str,
    start: str | pd.Timestamp | None,
    end: str | pd.Timestamp | None,
) -> pd.PeriodIndex:
    frequency = _FREQUENCY[period]
    if dates.empty and (start is None or end is None):
        return pd.PeriodIndex([], freq=frequency)
    first = pd.Timestamp(dates.min() if start is None else start)
    last = pd.Timestamp(dates.max() if end is None else end)
    if first > last:
        raise InputError(f"`start` {first:%Y-%m-%d} is after `end` {last:%Y-%m-%d}; swap them.")
    return pd.period_range(first, last, freq=frequency)


def _sum_known(
    values: pd.Series,
    cell: npt.NDArray[np.int64],
    incidents: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    """Sum the stated figures of each cell; missing where there are incidents but no figure."""
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.isfinite(numbers)
    size = len(incidents)
    total = np.bincount(cell[known], weights=numbers[known], minlength=size)
    stated = np.bincount(cell[known], minlength=size)
    return np.where((incidents > 0) & (stated == 0), np.nan, total)


def _imprecise(placed: pd.DataFrame, inside: npt.NDArray[np.bool_], period: str) -> int:
    if "date_precision" not in placed:
        return 0
    scale = ["day", "week", "month", "quarter", "year"]
    coarser = {*scale[scale.index(period) + 1 :], "unknown"}
    return int(placed.loc[inside, "date_precision"].isin(list(coarser)).sum())
