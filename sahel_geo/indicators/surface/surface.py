"""A raster of one measure: its total, its sums, its picture and its file."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.indicators.display.result import plot_html
from sahel_geo.indicators.surface.files import read_surface, write_surface
from sahel_geo.indicators.surface.image import OPPOSITE, PALETTE, SurfaceImage, draw_image
from sahel_geo.indicators.surface.plot import draw_surface
from sahel_geo.indicators.surface.raster import Raster
from sahel_geo.indicators.surface.sums import clipped, sums_over
from sahel_geo.notebook import table_html
from sahel_geo.schema import Language


class Surface(Raster):
    """A raster of one measure, with the projection and the parameters that made it.

    Its attributes are those of `Raster`: `values` of shape (rows, columns), row 0 the
    northernmost; `transform` from (column, row) to metres of `crs`; `unit`; `parameters`.
    """

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
        >>> from affine import Affine
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

    def clip(self, area: Any) -> "Surface":
        """Keep the cells whose centre lies in an area, and cut the surface down to them.

        Parameters
        ----------
        area : Zone or GeoDataFrame
            Units, EPSG:4326.

        Returns
        -------
        Surface
            The others are NaN. Cells that an edge cuts are kept or dropped whole: for totals of
            units use :meth:`sum_over`.

        Raises
        ------
        CrsError
            If `area` is not in EPSG:4326.
        InputError
            If it holds the centre of no cell.
        """
        values, transform = clipped(self, area)
        return replace(self, values=values, transform=transform)

    def sum_over(self, units: gpd.GeoDataFrame) -> "pd.Series[float]":
        """Integrate the surface over each unit: for a density, the incidents that it puts there.

        Parameters
        ----------
        units : GeoDataFrame, n rows
            Polygons, EPSG:4326; or a zone.

        Returns
        -------
        Series, shape (n,)
            On the index of `units`. Cells count by the share of their area inside, so that units
            without gap or overlap share out the surface exactly. Cells without value, and ground
            outside the surface, count 0; so do units without area.

        Raises
        ------
        CrsError
            If `units` is not in EPSG:4326.
        InputError
            If none has an area.
        """
        return sums_over(self, units)

    def plot(
        self,
        ax: Any = None,
        *,
        outlines: gpd.GeoDataFrame | None = None,
        lang: Language = "en",
    ) -> Any:
        """Draw the surface in classes, with its unit and a scale in km.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Axes to draw on; new ones by default.
        outlines : GeoDataFrame, optional
            Units whose outlines help to find one's way, EPSG:4326.
        lang : {"fr", "en"}
            Language of the labels.

        Returns
        -------
        matplotlib Axes
            The axes drawn on. The classes are those of :meth:`image`.

        Raises
        ------
        InputError
            If the surface holds no value other than zero, or `lang` is not a language of the
            package.
        """
        return draw_surface(self, ax, outlines, lang)

    def to_geotiff(self, path: str | os.PathLike[str]) -> Path:
        """Write the surface as a Cloud-Optimised GeoTIFF, whole or not at all.

        Parameters
        ----------
        path : path-like
            The file to write. Values are float32, missing cells -9999; the unit and the parameters
            stand in the tags, to be read by people and by :meth:`from_geotiff`.

        Returns
        -------
        Path
            The file written.

        Raises
        ------
        FileError
            If the folder cannot be written.
        """
        return write_surface(self, path)

    @classmethod
    def from_geotiff(cls, path: str | os.PathLike[str], *, band: int = 1) -> "Surface":
        """Read a surface from a GeoTIFF.

        Parameters
        ----------
        path : path-like
            A file of :meth:`to_geotiff`: values come back to seven digits, all else as it was. Or
            another GeoTIFF in metres, whose unit is that of the band and whose tags become
            parameters.
        band : int
            Which band, from 1.

        Returns
        -------
        Surface
            Cells without data are NaN.

        Raises
        ------
        FileError
            If the file is missing, broken, no GeoTIFF, or over 50 million cells.
        CrsError
            If it has no CRS, or not one in metres.
        InputError
            If it has no such band, is rotated, or does not hold real numbers.
        """
        values, transform, crs, unit, parameters = read_surface(path, band)
        return cls(values, transform, crs, unit, parameters)

    def _repr_html_(self) -> str:
        rows, columns = self.values.shape
        words = f"{self.unit}: {rows} x {columns} cells of {self.cell_km2:.4g} km²"
        made = pd.DataFrame([dict(self.parameters)])
        return f"{plot_html(self)}{table_html(words, made)}"
