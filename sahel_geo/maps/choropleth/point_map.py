"""Many points on a map in a notebook, drawn by the graphics card (lonboard)."""

from importlib import import_module
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sahel_geo.crs import LONLAT
from sahel_geo.errors import InputError
from sahel_geo.locate.assign.assign import coordinates

_POINT_COLOUR: Final = (203, 24, 29, 110)
_LINE_COLOUR: Final = (60, 60, 60, 200)


def point_map(
    points: pd.DataFrame,
    units: gpd.GeoDataFrame | None = None,
    *,
    radius_px: float = 2.0,
    background: Any = None,
) -> Any:
    """Look at a hundred thousand points or more in a notebook.

    For one's own desk, not for publishing: it shows every point where the table says it is, and no
    text of the table. No point leaves the machine, but the browser needs a network the first time:
    lonboard fetches its decoder from cdn.jsdelivr.net. Offline, look at a
    `sg.density.kernel_density`, or give up to some thousands of points to `sg.choropleth`.

    Parameters
    ----------
    points : DataFrame, n rows
        Columns ``lon`` and ``lat`` in degrees (EPSG:4326); rows without coordinates are left out.
    units : GeoDataFrame, optional
        Outlines to draw below the points, in EPSG:4326.
    radius_px : float
        Radius of a point in pixels, at any zoom.
    background : lonboard basemap, optional
        None draws no background, which would come from the network each time.

    Returns
    -------
    lonboard.Map
        A widget; its ``layers`` can be changed and added to.

    Raises
    ------
    InputError
        If lonboard is not installed, the table has no coordinates, or no row has any.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> shown = point_map(sg.load_example_incidents(), sg.load_boundaries(level=0))
    >>> len(shown.layers)
    2
    """
    if not radius_px > 0:
        raise InputError(f"`radius_px` is {radius_px}; expected more than 0. Give pixels.")
    lonboard = _lonboard()
    lon, lat = coordinates(points)
    located = np.isfinite(lon) & np.isfinite(lat)
    if not located.any():
        raise InputError(
            f"`points` has {len(points)} rows and no coordinates in any; expected lon and lat in "
            "degrees. Geocode them first with sg.geocode."
        )
    shapes = gpd.GeoDataFrame(geometry=shapely.points(lon[located], lat[located]), crs=LONLAT)
    layers = [
        lonboard.ScatterplotLayer.from_geopandas(
            shapes,
            auto_downcast=False,
            get_fill_color=list(_POINT_COLOUR),
            radius_units="pixels",
            get_radius=float(radius_px),
        )
    ]
    if units is not None:
        lines = units.geometry.boundary.explode(ignore_index=True)
        outlines = gpd.GeoDataFrame(geometry=lines.to_numpy(), crs=units.crs)
        layers.insert(
            0,
            lonboard.PathLayer.from_geopandas(
                outlines, auto_downcast=False, get_color=list(_LINE_COLOUR), width_min_pixels=1
            ),
        )
    return lonboard.Map(layers, basemap=background, show_tooltip=False)


def _lonboard() -> Any:
    try:
        return import_module("lonboard")
    except ImportError as error:
        raise InputError(
            "`point_map` needs lonboard, which is not installed; expected the extra 'points'. "
            "Install sahel-geo[points]."
        ) from error
