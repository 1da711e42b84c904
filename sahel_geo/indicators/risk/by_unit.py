"""Several measures at once, as one table with a row per unit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import pandas as pd

from sahel_geo.errors import InputError, require_names
from sahel_geo.indicators.border import border
from sahel_geo.indicators.density import density
from sahel_geo.indicators.hotspots import emerging, hotspots
from sahel_geo.indicators.risk import risk


@dataclass(frozen=True)
class Work:
    """What every measure is given."""

    panel: pd.DataFrame
    units: gpd.GeoDataFrame
    rng: int
    people: "pd.Series[float] | None"
    vulnerability: "pd.Series[float] | None"


Measured = Callable[[Work], pd.DataFrame]


def by_unit(
    panel: pd.DataFrame,
    units: gpd.GeoDataFrame,
    measures: Sequence[str] = ("rates",),
    *,
    rng: int = 1,
    people: "pd.Series[float] | None" = None,
    vulnerability: "pd.Series[float] | None" = None,
) -> pd.DataFrame:
    """Compute measures of a panel and set them side by side, one row per unit.

    Parameters
    ----------
    panel : DataFrame
        Result of :func:`sahel_geo.count`.
    units : GeoDataFrame, n rows
        The same units.
    measures : sequence of str
        Of `MEASURES`: ``"rates"`` (:func:`sahel_geo.density.rates`), ``"exposure"``
        (:func:`sahel_geo.border.foreign_exposure`, mean over the periods), ``"hotspots"``
        (:func:`sahel_geo.hotspots.local_gi`), ``"emerging"``
        (:func:`sahel_geo.emerging.hot_spots`), ``"risk"`` (:func:`sahel_geo.risk.from_panel`).
    rng : int
        Seed of the permutations.
    people, vulnerability : Series, optional
        People, and how hard they would be hit, by ``unit_id``; for the rates per person and for
        ``"risk"``, which needs people and leaves out a vulnerability that is not given.

    Returns
    -------
    DataFrame, n rows
        ``unit_id``, ``name``, ``country`` and the columns of each measure; those of hot spots begin
        with ``gi_``, those of emerging ones with ``emerging_``, the parts of risk with ``risk_``.

    Raises
    ------
    InputError
        If a measure is unknown, lacks a table, or refuses the panel.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=1, countries=["NER"])
    >>> placed = sg.assign(sg.load_example_incidents(), units)
    >>> table = by_unit(sg.count(placed, units), units, ["rates", "hotspots"])
    >>> {"per_1000km2", "gi_kind"} <= set(table)
    True
    """
    require_names("`measures`", measures, MEASURES)
    table = pd.DataFrame(units[["unit_id", "name", "country"]]).reset_index(drop=True)
    for name in dict.fromkeys(measures):
        columns = MEASURES[name](Work(panel, units, rng, people, vulnerability))
        table = table.merge(columns, on="unit_id", how="left", validate="one_to_one")
    return table


def _exposure(work: Work) -> pd.DataFrame:
    parts = ["foreign_exposure", "domestic_exposure"]
    mean = border.foreign_exposure(work.panel, work.units).groupby("unit_id")[parts].mean()
    whole = mean.sum(axis=1, skipna=False)
    mean["foreign_share"] = (mean["foreign_exposure"] / whole).where(whole > 0)
    return mean.reset_index()


def _labelled(columns: pd.DataFrame, label: str) -> pd.DataFrame:
    return columns.rename(columns=lambda name: name if name == "unit_id" else f"{label}_{name}")


def _risk(work: Work) -> pd.DataFrame:
    if work.people is None:
        raise InputError(
            "`measures` names 'risk', and `people` is not given; expected people by unit. Give "
            "people=, or ask for 'rates'."
        )
    index = risk.from_panel(
        work.panel, work.units, work.people, vulnerability=work.vulnerability
    ).table
    return index.rename(
        columns=lambda name: name if name == "risk" else f"risk_{name}"
    ).reset_index()


MEASURES: Final[dict[str, Measured]] = {
    "rates": lambda work: density.rates(work.panel, work.units, population=work.people),
    "exposure": _exposure,
    "hotspots": lambda work: _labelled(
        hotspots.local_gi(work.panel, work.units, rng=work.rng).table[
            ["unit_id", "z", "p", "q", "kind"]
        ],
        "gi",
    ),
    "emerging": lambda work: _labelled(
        emerging.hot_spots(work.panel, work.units).table, "emerging"
    ),
    "risk": _risk,
}
APART: Final = ("scdi", "spillover")  # their rows are not units
