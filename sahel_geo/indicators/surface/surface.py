"""A raster of one measure: its total, its sums, its picture and its file."""

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from affine import Affine
from pyproj import CRS

from sahel_geo.errors import CrsError, FileError, InputError
from sahel_geo.files import atomic_path
from sahel_geo.formats.rasters import open_raster
from sahel_geo.formats.writing import create_raster
from sahel_geo.indicators.display.plotting import axes
from sahel_geo.indicators.display.result import plot_html
from sahel_geo.indicators.plot_words import label_of, spelled, unit_name, words
from sahel_geo.indicators.surface.image import (
    OPPOSITE,
    PALETTE,
    Class,
    SurfaceImage,
    classes_of,
    draw_image,
)
from sahel_geo.indicators.surface.raster import Raster, cells_inside, projected, units_of
from sahel_geo.notebook import table_html
from sahel_geo.schema import Language, PathLike

_STEPS: Final = (1, 2, 5)
_INK: Final = "#333333"
_NODATA: Final = -9999.0
_TAG: Final = "SAHEL_GEO"
_MOST_CELLS: Final = 50_000_000
_MOST_TAGS: Final = 200
_MOST_CHARACTERS: Final = 2_000


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
        return draw_image(self, palette, opposite, breaks, opacity, max_px)

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
        shapes = projected(units_of(area, "area"), self.crs)
        inside = cells_inside(shapes, (self.values.shape[0], self.values.shape[1]), self.transform)
        if not inside.any():
            raise InputError(
                "`area` holds the centre of no cell of the surface; expected an area that it "
                "covers. Make the surface with extent=, or with smaller cells."
            )
        rows, columns = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
        kept = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        corner = self.transform @ (float(columns[0]), float(rows[0]))
        grid = self.transform
        values = np.where(inside, self.values, np.nan)[kept]
        cut = Affine(grid.a, 0, corner[0], 0, grid.e, corner[1])
        return replace(self, values=values, transform=cut)

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
        from exactextract import exact_extract  # noqa: PLC0415  only sums need it
        from exactextract.raster import NumPyRasterSource  # noqa: PLC0415

        shapes = projected(units_of(units, "units"), self.crs)
        grid, (rows, columns) = self.transform, self.values.shape
        wkt = self.crs.to_wkt()
        source = NumPyRasterSource(
            np.nan_to_num(self.values, nan=0.0),
            xmin=grid.c,
            ymin=grid.f + rows * grid.e,
            xmax=grid.c + columns * grid.a,
            ymax=grid.f,
            srs_wkt=wkt,
        )
        drawn = np.array([shape is not None and shapely.area(shape) > 0 for shape in shapes])
        sums = np.zeros(len(shapes))
        frame = gpd.GeoDataFrame(geometry=shapes[drawn], crs=wkt)
        if drawn.any():
            totals = exact_extract(source, frame, ["sum"], output="pandas")["sum"]
            sums[drawn] = pd.to_numeric(totals).fillna(0.0).to_numpy(np.float64)
        return pd.Series(sums * self.cell_km2, index=units.index, name=self.unit)

    def plot(
        self, ax: Any = None, *, outlines: gpd.GeoDataFrame | None = None, lang: Language = "en"
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
        words(lang)
        classes = classes_of(self.values)
        if not classes:
            raise InputError(
                "the surface holds no value other than zero; expected one to draw. "
                "Check that incidents lie inside it."
            )
        ax = axes(ax, size=(7.2, 4.6), lang=lang)
        rows, columns = self.values.shape
        west, north = self.transform.c / 1e3, self.transform.f / 1e3
        east, south = (
            west + columns * self.transform.a / 1e3,
            north + rows * self.transform.e / 1e3,
        )
        colours, norm, ticks = _scale(classes)
        drawn = ax.imshow(
            self.values,
            extent=(west, east, south, north),
            cmap=colours,
            norm=norm,
            interpolation="nearest",
            zorder=1,
        )
        if outlines is not None:
            shapes = gpd.GeoSeries(
                projected(units_of(outlines, "outlines"), self.crs), crs=self.crs.to_wkt()
            )
            # the plane of the plot is in km
            km = shapes.affine_transform([1e-3, 0, 0, 1e-3, 0, 0]).set_crs(
                None, allow_override=True
            )
            km.boundary.plot(ax=ax, color=_INK, linewidth=0.5, zorder=2, aspect=None)
            ax.set(xlim=(west, east), ylim=(south, north))
        bar = ax.figure.colorbar(drawn, ax=ax, ticks=ticks, spacing="uniform", shrink=0.8)
        bar.ax.set_yticklabels([spelled(f"{tick:g}", lang) for tick in ticks])
        bar.set_label(label_of(unit_name(self.unit, lang)))
        ax.grid(visible=False)
        ax.set(xticks=[], yticks=[], xlabel="", ylabel="")
        ax.spines[:].set_visible(False)
        ax.set_aspect("equal")
        _draw_scale(ax, (west, east, south, north), lang)
        return ax

    def to_geotiff(self, path: PathLike) -> Path:
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
        profile = {
            "driver": "COG",
            "dtype": "float32",
            "count": 1,
            "height": self.values.shape[0],
            "width": self.values.shape[1],
            "crs": self.crs.to_wkt(),
            "transform": self.transform,
            "nodata": _NODATA,
            "compress": "deflate",
            "predictor": "floating_point",
            "overview_resampling": "average",
        }
        readable = {key: str(value) for key, value in self.parameters.items()}
        exact = json.dumps({"unit": self.unit, "parameters": dict(self.parameters)})
        # the outer block renames the file, so the inner one must have closed it
        with atomic_path(path) as temporary, create_raster(temporary, **profile) as raster:
            raster.write(np.nan_to_num(self.values, nan=_NODATA).astype(np.float32), 1)
            raster.update_tags(**readable, **{_TAG: exact})
            raster.update_tags(1, units=self.unit)
            raster.set_band_unit(1, self.unit)
        return Path(path)

    @classmethod
    def from_geotiff(cls, path: PathLike, *, band: int = 1) -> "Surface":
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
        with open_raster(path, band=band) as raster:
            crs = _checked_crs(raster, path)
            _check_cells(raster, path, band)
            values = raster.read(band, masked=True).astype(np.float64).filled(np.nan)
            unit, parameters = _meaning(raster, band)
            return cls(values, raster.transform, crs, unit, parameters)

    def _repr_html_(self) -> str:
        rows, columns = self.values.shape
        words = f"{self.unit}: {rows} x {columns} cells of {self.cell_km2:.4g} km²"
        return f"{plot_html(self)}{table_html(words, pd.DataFrame([dict(self.parameters)]))}"


def _scale(classes: tuple[Class, ...]) -> tuple[Any, Any, list[float]]:
    """Give matplotlib the classes; what lies between or below them is not painted."""
    from matplotlib.colors import BoundaryNorm, ListedColormap  # noqa: PLC0415

    ticks = sorted({float(bound) for low, high, _ in classes for bound in (low, high)})
    if ticks[-1] <= 0:  # the outermost class keeps its outer end, which a norm would leave out
        ticks.append(0.0)
    painted = {(low, high): colour for low, high, colour in classes}
    clear = (1.0, 1.0, 1.0, 0.0)
    painter = ListedColormap([painted.get(pair, clear) for pair in pairwise(ticks)])
    colours = painter.with_extremes(under=clear, bad=clear, over=classes[-1][2])
    return colours, BoundaryNorm(ticks, colours.N), ticks


def _draw_scale(ax: Any, extent: tuple[float, float, float, float], lang: Language) -> None:
    """Draw a line of a round number of km, about a fifth of the width."""
    west, east, south, north = extent
    fifth = (east - west) / 5
    power = 10.0 ** np.floor(np.log10(fifth))
    length = max(step * power for step in _STEPS if step * power <= fifth)
    left, low = west + 0.04 * (east - west), south + 0.05 * (north - south)
    ax.plot([left, left + length], [low, low], color=_INK, linewidth=2, zorder=3)
    ax.annotate(
        f"{spelled(f'{length:g}', lang)} km",
        (left + length / 2, low),
        xytext=(0, 4),
        textcoords="offset points",
        ha="center",
        fontsize="small",
        color=_INK,
        bbox={"facecolor": "#ffffff", "edgecolor": "none", "pad": 1},
    )


def _checked_crs(raster: Any, path: PathLike) -> CRS:
    crs = CRS.from_user_input(raster.crs.to_wkt())
    metres = [axis.unit_conversion_factor for axis in crs.axis_info[:2]] == [1.0, 1.0]
    if not (crs.is_projected and metres):
        raise CrsError(
            f"{os.fspath(path)!r} is in {crs.name!r}; expected a projection in metres, so that "
            "cells have areas. Warp it first, for example with gdalwarp -t_srs."
        )
    return crs


def _check_cells(raster: Any, path: PathLike, band: int) -> None:
    if raster.width * raster.height > _MOST_CELLS:
        raise FileError(
            f"{os.fspath(path)!r} has {raster.height} x {raster.width} cells; expected at most "
            f"{_MOST_CELLS:,}. Cut or coarsen it first."
        )
    if np.dtype(raster.dtypes[band - 1]).kind not in "iuf":
        raise InputError(
            f"{os.fspath(path)!r} holds {raster.dtypes[band - 1]}; expected real numbers. "
            "Choose another file."
        )


def _meaning(raster: Any, band: int) -> tuple[str, dict[str, str | float]]:
    """Read unit and parameters from our own tag, or as text from those that anyone may write."""
    tags = raster.tags()
    try:
        stored = json.loads(tags.get(_TAG, "")[: _MOST_TAGS * _MOST_CHARACTERS])
        unit, parameters = str(stored["unit"]), dict(stored["parameters"])
    except (ValueError, TypeError, KeyError, RecursionError):
        unit = str(raster.units[band - 1] or raster.tags(band).get("units", ""))
        parameters = {key: value for key, value in tags.items() if key != "AREA_OR_POINT"}
    kept: dict[str, str | float] = {}
    for key, value in list(parameters.items())[:_MOST_TAGS]:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        kept[str(key)[:_MOST_CHARACTERS]] = value if number else str(value)[:_MOST_CHARACTERS]
    return unit[:_MOST_CHARACTERS], kept
