"""A surface on paper: classes with their unit, outlines, and a scale in km."""

from itertools import pairwise
from typing import Any, Final

import geopandas as gpd
import numpy as np

from sahel_geo.errors import InputError
from sahel_geo.indicators.display.plotting import axes
from sahel_geo.indicators.plot_words import label_of, spelled, unit_name, words
from sahel_geo.indicators.surface.image import Class, classes_of
from sahel_geo.indicators.surface.raster import Raster
from sahel_geo.indicators.surface.sums import projected, units_of
from sahel_geo.schema import Language

_STEPS: Final = (1, 2, 5)
_INK: Final = "#333333"


def draw_surface(
    surface: Raster, ax: Any, outlines: gpd.GeoDataFrame | None, lang: Language
) -> Any:
    """Draw a surface; see :meth:`Surface.plot`."""
    words(lang)
    classes = classes_of(surface.values)
    if not classes:
        raise InputError(
            "the surface holds no value other than zero; expected one to draw. "
            "Check that incidents lie inside it.",
        )
    ax = axes(ax, size=(7.2, 4.6), lang=lang)
    rows, columns = surface.values.shape
    west, north = surface.transform.c / 1e3, surface.transform.f / 1e3
    east, south = (
        west + columns * surface.transform.a / 1e3,
        north + rows * surface.transform.e / 1e3,
    )
    colours, norm, ticks = _scale(classes)
    drawn = ax.imshow(
        surface.values,
        extent=(west, east, south, north),
        cmap=colours,
        norm=norm,
        interpolation="nearest",
        zorder=1,
    )
    if outlines is not None:
        shapes = gpd.GeoSeries(
            projected(units_of(outlines, "outlines"), surface.crs), crs=surface.crs.to_wkt()
        )
        # the plane of the plot is in km
        km = shapes.affine_transform([1e-3, 0, 0, 1e-3, 0, 0]).set_crs(None, allow_override=True)
        km.boundary.plot(ax=ax, color=_INK, linewidth=0.5, zorder=2, aspect=None)
        ax.set(xlim=(west, east), ylim=(south, north))
    bar = ax.figure.colorbar(drawn, ax=ax, ticks=ticks, spacing="uniform", shrink=0.8)
    bar.ax.set_yticklabels([spelled(f"{tick:g}", lang) for tick in ticks])
    bar.set_label(label_of(unit_name(surface.unit, lang)))
    ax.grid(visible=False)
    ax.set(xticks=[], yticks=[], xlabel="", ylabel="")
    ax.spines[:].set_visible(False)
    ax.set_aspect("equal")
    _draw_scale(ax, (west, east, south, north), lang)
    return ax


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
