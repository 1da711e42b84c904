"""Several measures at once, as one table with a row per unit."""

from collections.abc import Callable, Sequence
from typing import Final

import geopandas as gpd
import pandas as pd

from sahel_geo.errors import InputError, did_you_mean, first_offenders
from sahel_geo.indicators import border, density, emerging, hotspots

Measured = Callable[[pd.DataFrame, gpd.GeoDataFrame, int], pd.DataFrame]


def by_unit(
    panel: pd.DataFrame,
    units: gpd.GeoDataFrame,
    measures: Sequence[str] = ("rates",),
    *,
    rng: int = 1,
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
        (:func:`sahel_geo.emerging.hot_spots`).
    rng : int
        Seed of the permutations.

    Returns
    -------
    DataFrame, n rows
        ``unit_id``, ``name``, ``country`` and the columns of each measure; those of hot spots begin
        with ``gi_``, those of emerging ones with ``emerging_``.

    Raises
    ------
    InputError
        If a measure is unknown, or refuses the panel.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.load_boundaries(level=1, countries=["NER"])
    >>> placed = sg.assign(sg.load_example_incidents(), units)
    >>> table = by_unit(sg.count(placed, units), units, ["rates", "hotspots"])
    >>> {"per_1000km2", "gi_kind"} <= set(table)
    True
    """
    unknown = [name for name in measures if name not in MEASURES]
    if unknown or not measures:
        known = list(MEASURES)
        hint = did_you_mean(unknown[0], known, "Choose among them.") if unknown else "Name one."
        raise InputError(
            f"`measures` has {len(unknown)} unknown names: {first_offenders(unknown)}; expected "
            f"one or more of {known}. {hint}",
        )
    table = pd.DataFrame(units[["unit_id", "name", "country"]]).reset_index(drop=True)
    for name in dict.fromkeys(measures):
        found = MEASURES[name](panel, units, rng)
        table = table.merge(found, on="unit_id", how="left", validate="one_to_one")
    return table


def _rates(panel: pd.DataFrame, units: gpd.GeoDataFrame, _: int) -> pd.DataFrame:
    return density.rates(panel, units)


def _exposure(panel: pd.DataFrame, units: gpd.GeoDataFrame, _: int) -> pd.DataFrame:
    parts = ["foreign_exposure", "domestic_exposure"]
    found = border.foreign_exposure(panel, units)
    mean = found.groupby("unit_id")[parts].mean()
    whole = mean.sum(axis=1, skipna=False)
    mean["foreign_share"] = (mean["foreign_exposure"] / whole).where(whole > 0)
    return mean.reset_index()


def _hotspots(panel: pd.DataFrame, units: gpd.GeoDataFrame, rng: int) -> pd.DataFrame:
    found = hotspots.local_gi(panel, units, rng=rng).table[["unit_id", "z", "p", "q", "kind"]]
    return found.rename(columns=lambda name: name if name == "unit_id" else f"gi_{name}")


def _emerging(panel: pd.DataFrame, units: gpd.GeoDataFrame, _: int) -> pd.DataFrame:
    found = emerging.hot_spots(panel, units).table
    return found.rename(columns=lambda name: name if name == "unit_id" else f"emerging_{name}")


MEASURES: Final[dict[str, Measured]] = {
    "rates": _rates,
    "exposure": _exposure,
    "hotspots": _hotspots,
    "emerging": _emerging,
}
