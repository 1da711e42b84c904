"""A raster of one measure, and how it is written to a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
from affine import Affine
from pyproj import CRS

from sahel_geo.files import atomic_path
from sahel_geo.indicators.surface_image import OPPOSITE, PALETTE, SurfaceImage, draw_image

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

    def image(
        self,
        *,
        palette: Sequence[str] = PALETTE,
        opposite: Sequence[str] = OPPOSITE,
        breaks: Sequence[float] | None = None,
        opacity: float = 0.75,
        max_px: int = 1600,
    ) -> SurfaceImage:
        """Colour the surface by classes, as a picture for a web map.

        Parameters
        ----------
        palette : sequence of str
            Colours ``"#rrggbb"`` of values above zero, light to dark; spread over the classes.
        opposite : sequence of str
            The same for values below zero, as in a surface of log ratios.
        breaks : sequence of float, optional
            Where classes begin, positive and ascending, in the unit of the surface; they are
            mirrored below zero. By default the numbers 1, 2, 5 times a power of ten below the
            largest value, as many as there are colours (half as many on each side of zero). Smaller
            values stay transparent, such as the far tails of a kernel.
        opacity : float
            Of every class, above 0 up to 1.
        max_px : int
            Most pixels along the longer side. Values between the centres of cells are interpolated
            on up to four pixels a cell.

        Returns
        -------
        SurfaceImage
            PNG, its bounds in degrees, and the classes for a legend. A surface of zeros, or without
            values, gives a transparent picture and no class.

        Raises
        ------
        InputError
            If an argument cannot be used, or the surface reaches a pole.

        Examples
        --------
        >>> from sahel_geo.crs import EQUAL_AREA
        >>> surface = Surface(
        ...     np.array([[0.0, 3.0]]), Affine(1e4, 0, 0, 0, -1e4, 0), EQUAL_AREA, "per km2")
        >>> [low for low, high, colour in surface.image().classes]
        [0.05, 0.1, 0.2, 0.5, 1.0, 2.0]
        """
        return draw_image(
            self,
            palette=palette,
            opposite=opposite,
            breaks=breaks,
            opacity=opacity,
            max_px=max_px,
        )

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
