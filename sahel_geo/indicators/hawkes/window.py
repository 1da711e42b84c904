"""Where incidents of each type can fall, and how much of a kernel lies inside."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy
import shapely
from affine import Affine

from sahel_geo.arrays import Flags, Integers, Positions
from sahel_geo.crs import to_equal_area
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.indicators.hawkes.likelihood import Array
from sahel_geo.indicators.surface.raster import cells_inside
from sahel_geo.places.borders import joined

_CELLS: Final = 400_000  # of the grid on which the area is drawn
_LEAST_CELL_KM: Final = 1.0
_CELLS_PER_SIGMA: Final = 6.0
_LEVELS_KM: Final = 2.0 ** np.arange(-1, 10.5, 0.5)  # sigma at which the share inside is measured
_REACH: Final = 6.0  # standard deviations


@dataclass(frozen=True)
class Window:
    """The part of the plane that was observed, for each type."""

    shapes: tuple[Any, ...]  # in the equal-area projection, km

    @classmethod
    def of(cls, window: gpd.GeoDataFrame, names: pd.Index, by: str) -> "Window":
        """Take the area from polygons."""
        plane = to_equal_area(window, "window").geometry.scale(1e-3, 1e-3, origin=(0, 0))
        if by not in window:
            return cls((joined(plane.to_numpy()),) * len(names))
        lacking = [name for name in names if not (window[by] == name).any()]
        if lacking:
            raise InputError(
                "`window` has no polygon for {number} of the types in its column {by!r}: "
                "{shown}; expected one of each. Add them, leave those incidents out, or drop "
                "the column {by!r} to let all types fall anywhere.",
                number=len(lacking),
                by=by,
                shown=first_offenders(lacking),
            )
        return cls(
            tuple(joined(plane[(window[by] == name).to_numpy()].to_numpy()) for name in names)
        )

    @classmethod
    def around(cls, x: Array, y: Array, count: int) -> "Window":
        """Take the rectangle around the incidents (km), wider by a hundredth of its longer side."""
        more = 0.01 * max(np.ptp(x), np.ptp(y))
        box = shapely.box(x.min() - more, y.min() - more, x.max() + more, y.max() + more)
        return cls((box,) * count)

    def holds(self, x: Array, y: Array, kinds: Integers) -> Flags:
        """Tell which incidents (km) lie where their type can fall, or on its boundary."""
        inside = np.zeros(len(x), dtype=bool)
        for kind, shape in enumerate(self.shapes):
            shapely.prepare(shape)
            own = kinds == kind
            inside[own] = shapely.intersects_xy(shape, x[own], y[own])
        return inside

    @property
    def areas_km2(self) -> Array:
        """Area of each type, shape (m,)."""
        return np.array([shape.area for shape in self.shapes])

    def shares(self, x: Array, y: Array) -> "Shares":
        """Measure how much of a Gaussian around each point (km) lies inside, for any sigma."""
        west, south, east, north = shapely.total_bounds(np.array(self.shapes)).tolist()
        cell = max(np.sqrt((east - west) * (north - south) / _CELLS), _LEAST_CELL_KM)
        size = int(np.ceil((north - south) / cell)), int(np.ceil((east - west) / cell))
        splines: dict[int, Array] = {}
        for shape in self.shapes:
            if id(shape) not in splines:
                to_km = Affine(cell, 0, west, 0, cell, south)
                grid = cells_inside(np.array([shape]), size, to_km).astype(np.float64)
                splines[id(shape)] = _blurred(grid, cell, (x - west, y - south))
        table = np.stack([splines[id(shape)] for shape in self.shapes], axis=1)
        return Shares(scipy.interpolate.CubicSpline(np.log(_LEVELS_KM), table))


@dataclass(frozen=True)
class Shares:
    """Share of a Gaussian that lies inside, as a function of its width."""

    # of the logarithm of sigma in km, with values of shape (m, n)
    spline: "scipy.interpolate.CubicSpline"
    order: Positions | None = None  # (n,) points in the order asked for

    def at(self, sigma_km: float) -> Array:
        """Give the share for each type and point, (m, n)."""
        shares = _spline_at(self.spline, sigma_km)
        return shares if self.order is None else shares[:, self.order]


@lru_cache(maxsize=4)  # shifted events keep their sigma: that of the fit and two to begin from
def _spline_at(spline: "scipy.interpolate.CubicSpline", sigma_km: float) -> Array:
    return np.asarray(np.clip(spline(np.log(sigma_km)), 0, 1))


def _blurred(grid: Array, cell: float, place: tuple[Array, Array]) -> Array:
    """Blur a mask at each level of sigma, on cells no finer than needed, and read it at points."""
    layers = []
    for sigma in _LEVELS_KM:
        coarse = max(int(sigma / (cell * _CELLS_PER_SIGMA)), 1)
        rows, columns = (-(-side // coarse) * coarse for side in grid.shape)
        padded = np.zeros((rows, columns))
        padded[: grid.shape[0], : grid.shape[1]] = grid
        blocks = padded.reshape(rows // coarse, coarse, columns // coarse, coarse).mean(axis=(1, 3))
        margin = 2  # cells of nothing around, so that points on the edge are interpolated
        blocks = np.pad(blocks, margin)
        side = cell * coarse
        # what lies beyond the reach of the cells inside stays 0, and need not be blurred
        reach = int(_REACH * sigma / side + 0.5) + 1
        inside = [np.flatnonzero(blocks.any(axis=axis)) for axis in (1, 0)]
        low = [max(int(each[0]) - reach, 0) if len(each) else 0 for each in inside]
        high = [int(each[-1]) + reach + 1 if len(each) else 1 for each in inside]
        blurred = scipy.ndimage.gaussian_filter(
            blocks[low[0] : high[0], low[1] : high[1]],
            sigma / side, mode="constant", truncate=_REACH,
        )  # fmt: skip
        at = [
            part / side - 0.5 + margin - begin
            for part, begin in zip((place[1], place[0]), low, strict=True)
        ]
        layers.append(scipy.ndimage.map_coordinates(blurred, at, order=1, mode="constant"))
    return np.array(layers)
