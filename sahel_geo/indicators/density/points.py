"""Incidents as projected points with weights, and the area in which they were observed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sahel_geo.arrays import Flags, Floats, Objects
from sahel_geo.crs import EQUAL_AREA
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.indicators.density.kernels import Cells
from sahel_geo.indicators.surface.raster import cells_inside, projected, units_of
from sahel_geo.locate.assign.assign import coordinates
from sahel_geo.projection import project

Points = tuple[Floats, Floats, Floats]


@dataclass(frozen=True)
class Outline:
    """Projected bounds of some incidents, and how many there are."""

    low: tuple[float, float]  # corners, metres
    high: tuple[float, float]  # infinite where there is no incident
    incidents: int  # those with coordinates

    @classmethod
    def of(cls, x: Floats, y: Floats, reach: "Floats | float" = 0.0) -> "Outline":
        """Outline projected points with what lies within reach of them."""
        low = (float((x - reach).min(initial=np.inf)), float((y - reach).min(initial=np.inf)))
        high = (float((x + reach).max(initial=-np.inf)), float((y + reach).max(initial=-np.inf)))
        return cls(low, high, len(x))

    @classmethod
    def of_piece(cls, piece: pd.DataFrame, weights: str | None) -> "Outline":
        """Outline the incidents of one piece of a table."""
        x, y, _ = projected_points(piece, weights)
        return cls.of(x, y)

    @classmethod
    def joined(cls, parts: Sequence["Outline"]) -> "Outline":
        """Outline several pieces together."""
        low, high = np.array([p.low for p in parts]), np.array([p.high for p in parts])
        return cls(
            (float(low[:, 0].min()), float(low[:, 1].min())),
            (float(high[:, 0].max()), float(high[:, 1].max())),
            sum(part.incidents for part in parts),
        )


@dataclass(frozen=True)
class StudyArea:
    """An area in the region's equal-area projection."""

    shapes: Objects  # its units, metres

    @classmethod
    def of(cls, area: Any, argument: str) -> "StudyArea":
        """Project the units of an area."""
        shapes = projected(units_of(area, argument), EQUAL_AREA)
        return cls(shapes[shapely.area(shapes) > 0])

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north, metres."""
        west, south, east, north = gpd.GeoSeries(self.shapes).total_bounds
        return float(west), float(south), float(east), float(north)

    def holds(self, x: Floats, y: Floats) -> Flags:
        """Tell which points (metres) lie in the area or on its edge."""
        inside = np.zeros(len(x), dtype=bool)
        for shape in self.shapes:
            shapely.prepare(shape)
            inside |= shapely.intersects_xy(shape, x, y)
        return inside

    def cells(self, cells: Cells) -> Flags:
        """Tell which cells have their centre in the area."""
        inside = cells_inside(self.shapes, cells.size, cells.transform)
        if not inside.any():
            raise InputError(
                f"the study area holds the centre of no cell of {cells.side / 1e3:g} km; expected "
                "at least one. Choose a smaller `cell_km`."
            )
        return inside


def projected_points(incidents: pd.DataFrame, weights: str | None) -> Points:
    """Give x, y (metres) and weight (0 where missing) of each incident that has coordinates."""
    lon, lat = coordinates(incidents)
    weight = np.ones(len(lon))
    if weights is not None:
        stated: Any = pd.to_numeric(incidents[weights], errors="coerce")
        weight = stated.fillna(0).to_numpy(np.float64)
        wrong = (weight < 0) | np.isinf(weight)
        if wrong.any():
            raise InputError(
                f"`weights` column {weights!r} is negative or infinite in rows "
                f"{first_offenders(incidents.index[wrong])}; expected zero or more. Correct these "
                "rows."
            )
    located = np.isfinite(lon) & np.isfinite(lat)
    if located.all():
        return *project(lon, lat), weight
    return *project(lon[located], lat[located]), weight[located]
