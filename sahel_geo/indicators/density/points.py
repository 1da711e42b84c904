"""Incidents as projected points with weights, from one table or from its pieces."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.errors import InputError, first_offenders
from sahel_geo.locate.assign.assign import coordinates
from sahel_geo.locate.partitions import reduce_partitions
from sahel_geo.projection import project

Floats = npt.NDArray[np.float64]
Points = tuple[Floats, Floats, Floats]


@dataclass(frozen=True)
class Outline:
    """Projected bounds of some incidents, and how many there are.

    low, high: Corners, metres; infinite where there is no incident.
    incidents: Those with coordinates.
    """

    low: tuple[float, float]
    high: tuple[float, float]
    incidents: int


def _reduce(table: Any, work: Any, shared: Any, add: Any) -> Any:
    if isinstance(table, pd.DataFrame):
        return work(table, shared)
    return reduce_partitions(table, work, shared, add)


def outline_piece(piece: pd.DataFrame, weights: str | None) -> Outline:
    """Outline the incidents of one piece of a table."""
    return outline(projected_points(piece, weights))


def outline(points: Points) -> Outline:
    """Outline projected points."""
    x, y, _ = points
    low = (float(x.min(initial=np.inf)), float(y.min(initial=np.inf)))
    return Outline(low, (float(x.max(initial=-np.inf)), float(y.max(initial=-np.inf))), len(x))


def join_outlines(parts: Sequence[Outline]) -> Outline:
    """Outline several pieces together."""
    low, high = np.array([p.low for p in parts]), np.array([p.high for p in parts])
    return Outline(
        (float(low[:, 0].min()), float(low[:, 1].min())),
        (float(high[:, 0].max()), float(high[:, 1].max())),
        sum(part.incidents for part in parts),
    )


def projected_points(incidents: pd.DataFrame, weights: str | None) -> Points:
    """Give x, y in metres and the weight of each incident that has coordinates.

    x, y, weight (n,): In the region's equal-area projection. A missing weight is 0.
    """
    lon, lat = coordinates(incidents)
    weight = np.ones(len(lon)) if weights is None else _weights(incidents, weights)
    located = np.isfinite(lon) & np.isfinite(lat)
    if located.all():
        return *project(lon, lat), weight
    return *project(lon[located], lat[located]), weight[located]


def check_weights(table: Any, weights: str | None) -> None:
    """Refuse a column of weights that is not there or states nothing."""
    if weights is None:
        return
    if weights not in table.columns:
        raise InputError(
            f"`weights` is {weights!r}, which `incidents` does not hold; expected one of "
            f"{first_offenders(table.select_dtypes('number').columns)}."
        )
    if len(table) and not _reduce(table, _states_a_figure, weights, any):
        raise InputError(
            f"`weights` column {weights!r} states no figure in {len(table)} rows; "
            "expected numbers. Choose another column."
        )


def _states_a_figure(piece: pd.DataFrame, column: str) -> bool:
    return bool(pd.to_numeric(piece[column], errors="coerce").notna().any())


def _weights(incidents: pd.DataFrame, column: str) -> Floats:
    numbers = pd.to_numeric(incidents[column], errors="coerce").to_numpy(
        np.float64, na_value=np.nan
    )
    if (numbers < 0).any() or np.isinf(numbers).any():
        raise InputError(
            f"`weights` column {column!r} is negative or infinite in rows "
            f"{first_offenders(incidents.index[(numbers < 0) | np.isinf(numbers)])}; "
            "expected zero or more. Correct these rows."
        )
    return np.where(np.isnan(numbers), 0.0, numbers)
