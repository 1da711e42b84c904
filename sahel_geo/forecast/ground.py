"""Neighbours, borders, capitals and people of the units that are forecast."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy
import shapely

from sahel_geo.arrays import Flags, Floats, Objects
from sahel_geo.crs import WGS84, geodesic_area_km2
from sahel_geo.errors import InputError
from sahel_geo.places.borders import distance_to_border, international_borders, neighbours
from sahel_geo.places.boundaries.boundaries import load_boundaries
from sahel_geo.places.context import load_neighbour_countries, load_towns


@dataclass(frozen=True)
class Ground:
    """What of the units does not change."""

    # unit_ids, names, country: (m,) the units
    unit_ids: Objects
    names: Objects
    country: Objects
    # domestic, foreign: (m, m) weights of the neighbours of each unit (row), by km of shared
    # border; both together sum to 1 in each row with neighbours
    domestic: "scipy.sparse.csr_array"
    foreign: "scipy.sparse.csr_array"
    # border_km, capital_km, log_people, log_area: (m,) distances of an inner point to the nearest
    # international border and to the capital, natural logarithms of people and of km²; missing
    # where unknown
    border_km: Floats
    capital_km: Floats
    log_people: Floats
    log_area: Floats
    level: int | None = None  # administrative level of the finest unit; None for cells

    @cached_property
    def on_border(self) -> Flags:
        """Whether a unit touches one of another country, shape (m,)."""
        return np.asarray(self.foreign.sum(axis=1)).ravel() > 0

    def without_foreign(self) -> "Ground":
        """Leave the foreign neighbours out, as if nothing were known across the border."""
        return replace(self, foreign=scipy.sparse.csr_array(self.foreign.shape, dtype=np.float64))


def read_ground(units: gpd.GeoDataFrame, population: "pd.Series[Any] | None" = None) -> Ground:
    """Measure what of the units does not change; cells take the country under their middle."""
    points = units.geometry.representative_point()
    country = _countries(units, points)
    frame = units[["unit_id", "geometry"]].assign(country=country)
    unit_ids = units["unit_id"].astype("str").to_numpy(dtype=object)
    links = neighbours(frame)
    index = pd.Index(unit_ids)
    row = index.get_indexer(pd.Index(links["unit_id"].astype("str")))
    column = index.get_indexer(pd.Index(links["neighbour_id"].astype("str")))
    shared = links["shared_km"].to_numpy(dtype=np.float64)
    weight = shared / np.bincount(row, weights=shared, minlength=len(index))[row]
    abroad = links["is_international"].to_numpy(dtype=bool)
    size = (len(index), len(index))
    domestic, foreign = (
        scipy.sparse.csr_array((weight[part], (row[part], column[part])), shape=size)
        for part in (~abroad, abroad)
    )
    areas = np.asarray(geodesic_area_km2(units.geometry.to_numpy()), dtype=np.float64)
    people = np.full(len(units), np.nan)
    if population is not None:
        if not isinstance(population, pd.Series) or not pd.api.types.is_numeric_dtype(population):
            raise InputError(
                "`population` is a {kind} that holds other than numbers; expected a Series of "
                "people by unit_id. Pass sg.load_population(), or one of your own.",
                kind=type(population).__name__,
            )
        people = population.reindex(unit_ids).to_numpy(dtype=np.float64, na_value=np.nan)
    return Ground(
        unit_ids=unit_ids,
        names=(units["name"] if "name" in units else units["unit_id"]).astype(str).to_numpy(object),
        country=country,
        domestic=domestic,
        foreign=foreign,
        border_km=_border_km(frame, points),
        capital_km=_capital_km(points, country),
        log_people=np.log(np.where(people > 0, people, np.nan)),
        log_area=np.log(areas),
        level=int(units["level"].max()) if "level" in units else None,
    )


def _countries(units: gpd.GeoDataFrame, points: gpd.GeoSeries) -> Objects:
    """Read the country of each unit, or look it up under its inner point; "" at sea."""
    if "country" in units:
        return np.asarray(units["country"].astype(str), dtype=object)
    own, around = load_boundaries(level=0), load_neighbour_countries()
    codes = np.r_[own["country"].to_numpy(object), around["country"].to_numpy(object)]
    tree = shapely.STRtree(np.r_[own.geometry.to_numpy(), around.geometry.to_numpy()])
    point, land = tree.query(points.to_numpy(), predicate="within")
    country = np.full(len(units), "", dtype=object)
    country[point[::-1]] = codes[land[::-1]]
    return country


def _border_km(frame: gpd.GeoDataFrame, points: gpd.GeoSeries) -> Floats:
    border = international_borders(frame)
    if border.empty:
        return np.full(len(frame), np.nan)
    return np.asarray(
        distance_to_border(points.x.to_numpy(), points.y.to_numpy(), border), dtype=np.float64
    )


def _capital_km(points: gpd.GeoSeries, country: Objects) -> Floats:
    towns = load_towns()
    capitals = towns[towns["rank"] == "capital"].drop_duplicates("country").set_index("country")
    seat = capitals.geometry.reindex(country)
    km = np.full(len(points), np.nan)
    known = np.asarray(seat.notna() & ~seat.is_empty)
    lon, lat = points.x.to_numpy()[known], points.y.to_numpy()[known]
    seats = seat[known]
    km[known] = np.asarray(WGS84.inv(lon, lat, seats.x.to_numpy(), seats.y.to_numpy())[2]) / 1e3
    return km
