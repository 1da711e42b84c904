"""Backgrounds of Hawkes processes that follow what units of land have: people, roads, distance."""

from dataclasses import dataclass
from typing import Any, Final, Self

import geopandas as gpd
import numpy as np
import shapely

from sahel_geo.crs import to_equal_area
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.indicators.hawkes.covariates import Loglinear, Pieces
from sahel_geo.indicators.hawkes.likelihood import Array
from sahel_geo.indicators.hawkes.model import Events
from sahel_geo.indicators.hawkes.window import Window

_ERROR: Final = 0.02  # of the area, by which units may miss the window or overlap


@dataclass(frozen=True)
class Ground:
    """Covariates that hold inside polygons.

    laws: Of the background of each type, by polygon.
    piece (n,): Polygon of each incident.
    names: Of the covariates.
    """

    laws: tuple[Loglinear, ...]
    piece: Pieces
    names: tuple[str, ...]

    @classmethod
    def of(cls, covariates: gpd.GeoDataFrame, area: Window, x: Array, y: Array) -> Self:
        """Measure each polygon inside the window of each type, and find that of each incident.

        x, y (n,): Km.
        """
        plane = to_equal_area(covariates, "covariates").geometry.scale(1e-3, 1e-3, origin=(0, 0))
        numbers = covariates.drop(columns=covariates.geometry.name).select_dtypes("number")
        if not len(numbers.columns) or numbers.isna().any(axis=None):
            raise InputError(
                f"`covariates` has the columns {first_offenders(covariates.columns)} and "
                f"{int(numbers.isna().sum().sum())} missing numbers; expected polygons and a "
                "number in each row for each covariate. Complete it."
            )
        values, found = numbers.to_numpy(dtype=np.float64), dict[int, Loglinear]()
        for shape in area.shapes:
            if id(shape) not in found:
                found[id(shape)] = Loglinear.of(_sizes(plane.to_numpy(), shape), values)
        piece = np.asarray(shapely.STRtree(plane.to_numpy()).nearest(shapely.points(x, y)))
        names = tuple(str(name) for name in numbers.columns)
        return cls(tuple(found[id(shape)] for shape in area.shapes), piece, names)

    def pieces(self, events: Events, kind: int) -> tuple[Loglinear, Pieces]:
        """Give the law of a type, and the polygon in which each of its incidents lies."""
        return self.laws[kind], self.piece[events.members[kind]]

    def background(self, events: Events, kind: int, beta: Array) -> tuple[Array, Array]:
        """Give the density of the background at the incidents of a type, and their times."""
        law, piece = self.pieces(events, kind)
        return law.shape(beta)[piece] / law.sizes.sum(), events.times[events.members[kind]]


def _sizes(polygons: Any, shape: Any) -> Array:
    """Measure the part of each polygon inside a shape, which they must fill."""
    sizes = np.asarray(shapely.area(shapely.intersection(polygons, shape)))
    filled = float(sizes.sum() / shape.area)
    if abs(filled - 1) > _ERROR:
        raise InputError(
            f"`covariates` has polygons that fill {filled:.3f} of the window; expected all of it, "
            "once. Complete them, take out those that overlap, or pass window= with what they "
            "fill."
        )
    return sizes
