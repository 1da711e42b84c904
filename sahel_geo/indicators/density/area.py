"""The area in which incidents were observed, and the correction of kernels that reach beyond it."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from affine import Affine

from sahel_geo.crs import EQUAL_AREA
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.indicators.density.kernels import Cells
from sahel_geo.indicators.surface.raster import cells_inside, projected, units_of

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class StudyArea:
    """An area in the region's equal-area projection.

    shapes: Its units, metres.
    """

    shapes: npt.NDArray[np.object_]

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

    def holds(self, x: Floats, y: Floats) -> npt.NDArray[np.bool_]:
        """Tell which points lie in the area or on its edge.

        x, y (n,): Metres. Returns (n,): Whether they do.
        """
        found = np.zeros(len(x), dtype=bool)
        for shape in self.shapes:
            shapely.prepare(shape)
            found |= shapely.intersects_xy(shape, x, y)
        return found

    def cells(self, cells: Cells) -> npt.NDArray[np.bool_]:
        """Tell which cells have their centre in the area."""
        north = cells.south + cells.size[0] * cells.side
        grid = Affine(cells.side, 0, cells.west, 0, -cells.side, north)
        inside = cells_inside(self.shapes, cells.size, grid)
        if not inside.any():
            raise InputError(
                f"the study area holds the centre of no cell of {cells.side / 1e3:g} km; expected "
                "at least one. Choose a smaller `cell_km`."
            )
        return inside


def corrected(weight: Floats, mass: Floats) -> Floats:
    """Divide weights by the share of each kernel inside the area.

    weight, mass (n,): Of each incident. Returns (n,): Larger weights near the edge; the surface
    then adds up to the sum of the old ones.
    """
    missed = np.flatnonzero(mass <= 1e-9)
    if len(missed):
        raise InputError(
            f"the kernels of {len(missed)} incidents reach the centre of no cell in `edge`: "
            f"incidents {first_offenders(missed)} of those inside; expected cells smaller than "
            "the kernel. Choose a smaller `cell_km` or a larger `bandwidth_km`."
        )
    return weight / mass
