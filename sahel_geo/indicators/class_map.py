"""Units drawn on plain axes in the colours of their classes, with a legend that counts them."""

from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from sahel_geo.errors import InputError
from sahel_geo.indicators.class_colours import HATCHES, ink_on
from sahel_geo.indicators.plotting import axes

NO_ANSWER: Final = "no answer"
_WIDTH_INCHES: Final = 7.2
_HEIGHTS_INCHES: Final = (3.0, 8.0)
_VECTOR_UNITS: Final = 400  # more shapes are drawn as pixels, to keep a notebook light
_PIXELS: Final = 600  # detail kept of an outline, across the map


def draw_classes(
    units: gpd.GeoDataFrame,
    labels: "pd.Series[Any]",
    colours: Mapping[str, str],
    *,
    marks: Mapping[str, str] | None = None,
    ax: Any = None,
    title: str = "",
    outlines: gpd.GeoDataFrame | None = None,
) -> Any:
    """Draw each unit in the colour of its class.

    Parameters
    ----------
    units : GeoDataFrame, n rows
        Polygons or points, EPSG:4326.
    labels : Series of str, n rows
        Class of each, in the same order; missing ones are hatched.
    colours : mapping of str to str
        Colour by class, in the order of the legend; classes that do not occur are left out.
    marks : mapping of str to {"vertical", "horizontal", "grid"}, optional
        Lines over the colour, by class, for those that colour alone does not keep apart.
    ax : matplotlib Axes, optional
        Axes to draw on; new ones by default.
    title : str
        Title of the legend.
    outlines : GeoDataFrame, optional
        Areas, EPSG:4326, whose outlines are drawn under the units.

    Returns
    -------
    matplotlib Axes
        The axes drawn on.

    Raises
    ------
    InputError
        If there is no unit to draw.
    """
    from matplotlib.patches import Patch  # noqa: PLC0415  only plots need it

    if units.empty or units.geometry.is_empty.all() or units.geometry.isna().all():
        raise InputError("`units` holds no shape to draw; expected at least one.")
    whole = units if outlines is None else outlines
    west, south, east, north = whole.total_bounds
    height = _WIDTH_INCHES * 0.72 * (north - south) / max(east - west, 1e-9)
    ax = axes(ax, size=(_WIDTH_INCHES, float(np.clip(height, *_HEIGHTS_INCHES))))
    if outlines is not None:
        outlines.boundary.simplify((east - west) / _PIXELS).plot(
            ax=ax, color="#8a8a8a", linewidth=0.6
        )
    shapes = units.geometry.simplify(max(east - west, north - south) / _PIXELS)
    pixels = len(units) > _VECTOR_UNITS
    values = np.asarray(labels.astype(object).where(labels.notna().to_numpy(), NO_ANSWER))
    handles = []
    look = {"linewidth": 0.3, "edgecolor": "#ffffff", "rasterized": pixels, "ax": ax}
    for name, colour in {**colours, NO_ANSWER: "#ffffff"}.items():
        inside = values == name
        if not inside.any():
            continue
        lines = _lines(name, colour, marks or {})
        shapes[inside].plot(color=colour, **(look | lines))
        label = f"{name} ({int(inside.sum())})"
        box: dict[str, Any] = {"edgecolor": "#b0b0b0", **lines}
        handles.append(Patch(facecolor=colour, label=label, **box))
    ax.legend(
        handles=handles,
        title=title or None,
        fontsize="small",
        title_fontsize="small",
        frameon=False,
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
    )
    ax.set_xlabel("°E")
    ax.set_ylabel("°N")
    return ax


def _lines(name: str, colour: str, marks: Mapping[str, str]) -> dict[str, Any]:
    if name == NO_ANSWER:
        return {"hatch": "////", "edgecolor": "#b0b0b0"}
    if name not in marks:
        return {}
    return {"hatch": HATCHES[marks[name]], "edgecolor": ink_on(colour)}
