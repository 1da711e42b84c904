"""A raster of one measure, and how it is written to a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
from affine import Affine
from pyproj import CRS

from sahel_geo.files import atomic_path

NODATA: Final = -9999.0


@dataclass(frozen=True)
class Surface:
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

    def total(self) -> float:
        """Integrate the surface over its extent: for a density, the number of incidents."""
        return float(np.nansum(self.values) * self.cell_km2)

    def to_geotiff(self, path: str | Path) -> Path:
        """Write the surface as a GeoTIFF, whole or not at all.

        Parameters
        ----------
        path : path-like
            The file to write. Values are float32, missing cells -9999; the unit and the parameters
            stand in the tags.

        Returns
        -------
        Path
            The file written.

        Raises
        ------
        FileError
            If the folder cannot be written.
        """
        import rasterio  # noqa: PLC0415  half a second, and only this method needs it

        profile = {
            "driver": "GTiff",
            "dtype": "float32",
            "count": 1,
            "height": self.values.shape[0],
            "width": self.values.shape[1],
            "crs": self.crs.to_wkt(),
            "transform": self.transform,
            "nodata": NODATA,
            "compress": "deflate",
            "predictor": 3,
        }
        # the outer block renames the file, so the inner one must have closed it
        with atomic_path(path) as temporary, rasterio.open(temporary, "w", **profile) as raster:
            raster.write(np.nan_to_num(self.values, nan=NODATA).astype(np.float32), 1)
            raster.update_tags(**{key: str(value) for key, value in self.parameters.items()})
            raster.update_tags(1, units=self.unit)
            raster.set_band_unit(1, self.unit)
        return Path(path)
