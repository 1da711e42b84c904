"""Distances to a place, and what of the land and of the people lies within them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sahel_geo.arrays import Floats
from sahel_geo.crs import WGS84, geodesic_area_km2, require_lonlat
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.files import data_path
from sahel_geo.schema import COUNTRIES

RADII_KM: Final = (50.0, 100.0, 150.0, 250.0)
SECTORS: Final = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")
_ROUND: Final = np.linspace(0.0, 360.0, 361)


@dataclass(frozen=True)
class Target:
    """A place that events may come closer to."""

    name: str  # such as ``"Niamey"``
    country: str  # country whose events count; ``""`` for all
    # lon, lat: degrees
    lon: float
    lat: float

    def surroundings(
        self,
        units: gpd.GeoDataFrame,
        population: "pd.Series[Any] | None",
        radii_km: Sequence[float] = RADII_KM,
    ) -> tuple[Floats, Floats]:
        """Give the shares (k,) of the land, and of the people, within each distance of a place.

        Only its country's units count, if it states one; people are spread evenly, or not known
        (NaN).
        """
        require_lonlat(units, "units")
        own = units[units["country"] == self.country] if self.country else units
        shapes = own.geometry.to_numpy()
        area = geodesic_area_km2(shapes)
        people = np.full(len(own), np.nan)
        if population is not None:
            people = own["unit_id"].astype(str).map(population).to_numpy(np.float64)
        everyone = np.nansum(people)
        land, lived = [], []
        for radius in radii_km:
            x, y, metres = (
                np.full(len(_ROUND), value) for value in (self.lon, self.lat, 1e3 * radius)
            )
            lon, lat, _ = WGS84.fwd(x, y, _ROUND, metres)
            circle = shapely.Polygon(np.column_stack([lon, lat]))
            inside = geodesic_area_km2(shapely.intersection(shapes, circle))
            land.append(inside.sum() / area.sum() if area.sum() else np.nan)
            lived.append(np.nansum(people * inside / area) / everyone if everyone > 0 else np.nan)
        return np.array(land), np.array(lived)

    def measure(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """Give the geodesic distance (km) and bearing (degrees) from the target of each point."""
        own = np.full(len(lon), self.lon), np.full(len(lon), self.lat)
        azimuth, _, metres = WGS84.inv(*own, lon, lat)
        return np.asarray(metres) / 1e3, np.asarray(azimuth) % 360


def targets(to: Any) -> list[Target]:
    """Read where distances are measured to: capitals, named points, a table, or one point."""
    if isinstance(to, str):
        if to != "capital":
            raise InputError(
                "`to` is {to!r}; expected 'capital', or places such as {{'Gao': (-0.04, 16.27)}}. "
                "Give their coordinates.",
                to=to,
            )
        towns = pd.read_csv(data_path("towns.csv"))
        to = towns[(towns["rank"] == "capital") & towns["country"].isin(COUNTRIES)]
    try:
        if isinstance(to, pd.DataFrame):
            country = to["country"] if "country" in to else pd.Series("", to.index)
            rows = zip(to["name"], country.fillna(""), to["lon"], to["lat"], strict=True)
        elif isinstance(to, Mapping):
            rows = ((name, "", *place) for name, place in to.items())  # type: ignore[assignment]
        else:
            rows = iter([("", "", *to)])  # type: ignore[assignment]
        out = [Target(str(n), str(c), float(x), float(y)) for n, c, x, y in rows]
    except (TypeError, ValueError, KeyError) as error:
        raise InputError(
            "`to` is {to!r:.80}; expected 'capital', a pair (lon, lat), places such as {{'Gao': "
            "(-0.04, 16.27)}}, or a table with name, lon and lat. Correct it.",
            to=to,
        ) from error
    if not out:
        raise InputError("`to` is empty; expected at least one place. Name one.")
    wrong = [each.name for each in out if not (abs(each.lon) <= 180 and abs(each.lat) <= 90)]
    if wrong:
        raise InputError(
            "`to` has {number} places outside [-180, 180] x [-90, 90]: {wrong}; expected lon, lat "
            "in degrees. Correct them.",
            number=len(wrong),
            wrong=first_offenders(wrong),
        )
    return out
