"""How near to a border incidents lie, and what happens on the other side of it.

Every figure stands beside its baseline: a share of incidents near a border says nothing without the
share of the land that is as near.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.crs import EQUAL_AREA, LONLAT, require_lonlat
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.locate.assign import assign
from sahel_geo.locate.unit_index import UnitIndex
from sahel_geo.places.borders import distance_to_border, neighbours

ALL_BORDERS: Final = "all"
_FATALITIES: Final = ("fatalities_low", "fatalities_best", "fatalities_high")


@dataclass(frozen=True)
class ProximityProfile:
    """Shares of incidents near each border, beside the shares of land.

    Attributes
    ----------
    table : DataFrame
        One row per border and distance: ``border`` (``"MLI-NER"``, or ``"all"``), ``distance_km``,
        ``incidents`` (number in the countries of that border), ``incidents_within``,
        ``incidents_share``, ``area_share``, ``location_quotient``, and a ``*_share`` for each
        column of fatalities.
    unplaced : int
        Incidents outside every unit or without coordinates, left out of the shares.
    imprecise : int
        Incidents in the shares whose stated precision is coarser than a place; their distance to a
        border is not known to the kilometre.
    """

    table: pd.DataFrame
    unplaced: int
    imprecise: int


def proximity_profile(
    incidents: pd.DataFrame,
    border: gpd.GeoDataFrame,
    units: gpd.GeoDataFrame,
    *,
    distances_km: Sequence[float] = (10, 25, 50, 100),
    cell_km: float = 5.0,
) -> ProximityProfile:
    """Compare the share of incidents within each distance of a border with the share of land.

    A location quotient above 1 means more incidents near the border than land near it: nearness is
    over-represented, which is not yet spillover, since people, roads and towns gather there too.

    Parameters
    ----------
    incidents : DataFrame, n rows
        Columns ``lon`` and ``lat``, EPSG:4326; ``fatalities_*`` and ``location_precision`` are used
        where they are there.
    border : GeoDataFrame, b rows
        Result of :func:`sahel_geo.international_borders`: ``country_a``, ``country_b``, lines.
    units : GeoDataFrame
        The study area: units with ``unit_id`` and ``country``, EPSG:4326. Only incidents inside it
        count. For the border of a pair, the study area is the two countries; for ``"all"``, it is
        every unit.
    distances_km : sequence of float
        Upper limits of the distance to the border, geodesic; an incident at exactly the limit is
        within.
    cell_km : float
        Cell of the equal-area grid whose centres measure the share of land.

    Returns
    -------
    ProximityProfile
        A share is missing where there is nothing to share out: no incident, or no fatality stated.

    Raises
    ------
    InputError
        If `distances_km` is empty or not positive, `border` has no row, or a column is missing.
    CrsError
        If `border` or `units` is not in EPSG:4326.

    References
    ----------
    Florence, P. S. (1939). Report on the location of industry. Political and Economic Planning
    (the location quotient).
    """
    limits = _check_distances(distances_km)
    require_lonlat(border, "border")
    require_lonlat(units, "units")
    _check_columns(border, "border", ("country_a", "country_b"))
    _check_columns(units, "units", ("unit_id", "country"))
    if border.empty:
        raise InputError(
            "`border` has no row; expected at least one pair of countries. "
            "Use units of two or more countries, or international_borders(units, outer=True).",
        )
    placed = assign(incidents, units)
    inside = placed[placed["unit_id"].notna()]
    country_of = units.set_index("unit_id")["country"].astype("str")
    here = _Study(
        inside["lon"].to_numpy(dtype=np.float64),
        inside["lat"].to_numpy(dtype=np.float64),
        country_of.reindex(inside["unit_id"]).to_numpy(dtype=object),
        {name: _figures(inside[name]) for name in _FATALITIES if name in inside},
    )
    land = _land(units, cell_km)

    rows = []
    for name, countries, line in _border_parts(border):
        events, cells = here.within(countries), land.within(countries)
        near = distance_to_border(events.lon, events.lat, line)
        ground = distance_to_border(cells.lon, cells.lat, line)
        rows += [{"border": name, **_band(limit, near, ground, events)} for limit in limits]
    return ProximityProfile(
        table=pd.DataFrame(rows),
        unplaced=len(placed) - len(inside),
        imprecise=_imprecise(inside),
    )


def foreign_exposure(
    panel: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    column: str = "incidents",
) -> pd.DataFrame:
    """Weigh what happens in the neighbours of each unit, abroad and at home.

    The exposure of a unit is the mean activity of its neighbours, weighted by the length of the
    border shared with each. It splits exactly into a foreign and a domestic part. High foreign
    exposure means activity next door across the border; it does not say that anything crossed.

    Parameters
    ----------
    panel : DataFrame
        Result of :func:`sahel_geo.count`.
    units : GeoDataFrame, m rows
        The same units, with ``unit_id``, ``country`` and coverage-valid polygons in EPSG:4326.
    column : str
        The activity: ``"incidents"`` or a column of fatalities. Missing figures make the exposure
        of every neighbour missing.

    Returns
    -------
    DataFrame, m x p rows
        ``unit_id``, ``period``, ``foreign_exposure``, ``domestic_exposure`` (in the unit of
        `column`), and ``foreign_share``, the foreign part of the two, missing where both are 0. All
        are missing for a unit without neighbours.

    Raises
    ------
    InputError
        If a column is missing or the panel names units that `units` does not hold.

    References
    ----------
    Anselin, L. (1988). Spatial Econometrics, section 3.1 (spatial lag, weights by shared border).
    """
    _check_columns(panel, "panel", ("unit_id", "period", column))
    _check_columns(units, "units", ("unit_id", "country"))
    unit_ids = pd.Index(units["unit_id"].astype("str"))
    strangers = pd.Index(panel["unit_id"].unique()).difference(unit_ids)
    if len(strangers):
        raise InputError(
            f"`panel` names {len(strangers)} units that `units` does not hold: "
            f"{first_offenders(strangers)}; expected the same units. Count again with these units.",
        )
    activity = panel.pivot(index="unit_id", columns="period", values=column).reindex(unit_ids)
    foreign, domestic = _border_weights(units, unit_ids)
    values = activity.to_numpy(dtype=np.float64)
    abroad, at_home = _lag(foreign, values), _lag(domestic, values)
    alone = (foreign + domestic).sum(axis=1) == 0
    abroad[alone], at_home[alone] = np.nan, np.nan
    both = abroad + at_home
    return pd.DataFrame(
        {
            "unit_id": np.repeat(unit_ids.to_numpy(), activity.shape[1]),
            "period": activity.columns.take(np.tile(np.arange(activity.shape[1]), len(unit_ids))),
            "foreign_exposure": abroad.ravel(),
            "domestic_exposure": at_home.ravel(),
            "foreign_share": np.divide(
                abroad,
                both,
                out=np.full_like(both, np.nan),
                where=both > 0,
            ).ravel(),
        },
    )


@dataclass(frozen=True)
class _Study:
    """Points of a study area, each with its country and figures."""

    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    country: npt.NDArray[np.object_]
    figures: dict[str, npt.NDArray[np.float64]]

    def within(self, countries: Sequence[str] | None) -> "_Study":
        if countries is None:
            return self
        keep = np.isin(self.country.astype(str), countries)
        figures = {name: values[keep] for name, values in self.figures.items()}
        return _Study(self.lon[keep], self.lat[keep], self.country[keep], figures)


def _border_parts(
    border: gpd.GeoDataFrame,
) -> list[tuple[str, tuple[str, str] | None, gpd.GeoDataFrame]]:
    parts: list[tuple[str, tuple[str, str] | None, gpd.GeoDataFrame]] = [
        (ALL_BORDERS, None, border),
    ]
    for at in range(len(border)):
        line = border.iloc[[at]]
        pair = (str(line["country_a"].iloc[0]), str(line["country_b"].iloc[0]))
        parts.append(("-".join(pair), pair, line))
    return parts


def _land(units: gpd.GeoDataFrame, cell_km: float) -> _Study:
    """Sample the land with the centres of an equal-area grid, each with its country."""
    if not (np.isfinite(cell_km) and cell_km > 0):
        raise InputError(f"`cell_km` is {cell_km}; expected a positive number of km.")
    countries = units[["country", "geometry"]].dissolve("country", method="coverage")
    west, south, east, north = countries.to_crs(EQUAL_AREA).total_bounds
    step = cell_km * 1e3
    x, y = np.meshgrid(
        np.arange(west + step / 2, east, step),
        np.arange(south + step / 2, north, step),
    )
    centres = gpd.GeoSeries.from_xy(x.ravel(), y.ravel(), crs=EQUAL_AREA).to_crs(LONLAT)
    lon, lat = centres.x.to_numpy(), centres.y.to_numpy()
    index = UnitIndex(countries.reset_index(names="unit_id"))
    row = index.locate(lon, lat)
    kept = row >= 0
    return _Study(lon[kept], lat[kept], index.unit_ids[row[kept]], {})


def _band(
    limit: float,
    near: npt.NDArray[np.float64],
    ground: npt.NDArray[np.float64],
    events: _Study,
) -> dict[str, Any]:
    within = near <= limit
    share = float(within.mean()) if len(within) else np.nan
    area_share = float((ground <= limit).mean()) if len(ground) else np.nan
    row = {
        "distance_km": limit,
        "incidents": len(near),
        "incidents_within": int(within.sum()),
        "incidents_share": share,
        "area_share": area_share,
        "location_quotient": share / area_share if area_share > 0 else np.nan,
    }
    for name, values in events.figures.items():
        total = np.nansum(values)
        row[f"{name}_share"] = float(np.nansum(values[within]) / total) if total > 0 else np.nan
    return row


def _border_weights(
    units: gpd.GeoDataFrame,
    unit_ids: pd.Index,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Share of each unit's border with other units that each foreign and domestic one holds."""
    links = neighbours(units)
    row = unit_ids.get_indexer(pd.Index(links["unit_id"]))
    column = unit_ids.get_indexer(pd.Index(links["neighbour_id"]))
    weights = np.zeros((len(unit_ids), len(unit_ids)))
    weights[row, column] = links["shared_km"]
    whole = weights.sum(axis=1, keepdims=True)
    weights = np.divide(weights, whole, out=weights, where=whole > 0)
    abroad = np.zeros(weights.shape, dtype=bool)
    abroad[row, column] = links["is_international"]
    return np.where(abroad, weights, 0.0), np.where(abroad, 0.0, weights)


def _lag(
    weights: npt.NDArray[np.float64],
    values: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Weigh the neighbours' values; a missing one spoils only the units that it touches."""
    missing = np.isnan(values)
    lagged = weights @ np.where(missing, 0.0, values)
    touched = (weights > 0).astype(np.float64) @ missing.astype(np.float64) > 0
    return np.asarray(np.where(touched, np.nan, lagged))


def _figures(values: "pd.Series[Any]") -> npt.NDArray[np.float64]:
    return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan))


def _imprecise(inside: pd.DataFrame) -> int:
    if "location_precision" not in inside:
        return 0
    return int((~inside["location_precision"].isin(["exact", "near"])).sum())


def _check_distances(distances_km: Sequence[float]) -> list[float]:
    limits = sorted(float(limit) for limit in distances_km)
    if not limits or not all(np.isfinite(limit) and limit > 0 for limit in limits):
        raise InputError(
            f"`distances_km` is {list(distances_km)}; expected one or more positive numbers of km.",
        )
    return limits


def _check_columns(frame: pd.DataFrame, argument: str, columns: Sequence[str]) -> None:
    missing = [name for name in columns if name not in frame]
    if missing:
        raise InputError(
            f"`{argument}` has no column {first_offenders(missing)}; it has "
            f"{first_offenders(frame.columns)}. Rename the columns, or load them with sahel_geo.",
        )
