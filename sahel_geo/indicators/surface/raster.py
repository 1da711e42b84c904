"""The values of a surface, where they lie, and what they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from affine import Affine
from pyproj import CRS


@dataclass(frozen=True)
class Raster:
    """A raster of one measure, with the projection and the parameters that made it.

    Attributes
    ----------
    values : ndarray of float, shape (rows, columns)
        Row 0 is the northernmost.
    transform : Affine
        From (column, row) to projected metres.
    crs : CRS
        Projection of the raster.
    unit : str
        Unit of the values.
    parameters : mapping of str to str or number
        What it was made with.
    """

    values: npt.NDArray[np.float64]
    transform: Affine
    crs: CRS
    unit: str
    parameters: Mapping[str, str | float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.values.setflags(write=False)
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))

    @property
    def cell_km2(self) -> float:
        """Area of one cell in km²."""
        return abs(self.transform.a * self.transform.e) / 1e6
