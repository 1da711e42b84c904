"""One number per unit, from a panel, a Series or an array."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.arrays import Floats
from sahel_geo.errors import InputError, first_offenders, require_columns
from sahel_geo.indicators.weights.weights import Weights, links_of
from sahel_geo.locate.assign.unit_index import unique_ids

Seed: TypeAlias = np.random.Generator | int
Data: TypeAlias = "pd.DataFrame | pd.Series[Any] | Sequence[float] | npt.NDArray[Any]"


def values_by_unit(data: Data, units: gpd.GeoDataFrame, *, column: str = "incidents") -> Floats:
    """Read one number per unit, in their order, from a panel, a Series or an array.

    >>> units = gpd.GeoDataFrame({"unit_id": ["A", "B"]}, geometry=[None, None])
    >>> values_by_unit(pd.Series({"B": 2, "A": 1}), units).tolist()
    [1.0, 2.0]
    """
    ids = unique_ids(units)
    if isinstance(data, pd.DataFrame):
        require_columns(data, "data", ("unit_id", column), "Choose another column=.")
        sums = data.groupby(data["unit_id"].astype(str))[column].sum(min_count=1)
        series, absent = sums, set(ids) - set(sums.index)
        series = series.reindex([*series.index, *sorted(absent)], fill_value=0)
    elif isinstance(data, pd.Series):
        series = data
    else:
        numbers = np.asarray(list(data), dtype=np.float64)
        if numbers.shape != ids.shape:
            raise InputError(
                f"`data` has shape {numbers.shape}; expected {ids.shape}, one number per unit. "
                "Pass a Series by unit_id."
            )
        series = pd.Series(numbers, index=ids)
    strangers = series.index.difference(pd.Index(ids))
    if len(strangers) or not series.index.is_unique:
        raise InputError(
            f"`data` names {len(strangers)} units that `units` does not hold, or one twice: "
            f"{first_offenders(strangers)}; expected each of `units` once. Count again."
        )
    values = series.reindex(ids).to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~np.isfinite(values)
    if wrong.any():
        raise InputError(
            f"`data` is missing or infinite for {int(wrong.sum())} units: "
            f"{first_offenders(ids[wrong])}; expected a number for each. Fill or drop them."
        )
    return np.asarray(values)


def values_and_links(
    data: Data,
    units: gpd.GeoDataFrame,
    column: str,
    weights: Weights | None,
    permutations: int,
    alpha: float,
) -> tuple[Floats, Weights]:
    """Read the values, in the order of `units`, with their weights, and check the settings."""
    if permutations < 0 or not 0 < alpha < 1:
        raise InputError(
            f"`permutations` is {permutations} and `alpha` is {alpha}; expected 0 or more, and a "
            "share between 0 and 1. Correct the setting."
        )
    return values_by_unit(data, units, column=column), links_of(units, weights)


def names_of(units: gpd.GeoDataFrame | None) -> dict[str, str]:
    """Give the names of units by ``unit_id``; none without both columns."""
    if units is None or not {"unit_id", "name"} <= set(units):
        return {}
    return dict(zip(units["unit_id"].astype(str), units["name"].astype(str), strict=True))
