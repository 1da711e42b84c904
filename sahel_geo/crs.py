"""Coordinate reference systems: exchange in degrees, measure in kilometres.

Tables travel in EPSG:4326 with the order ``lon, lat``. Areas and lengths are geodesic on WGS 84;
surfaces use one equal-area projection for the whole region. The three countries span nine UTM
zones, so no UTM zone is ever guessed.
"""

import warnings
from functools import cache
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Geod

from sahel_geo.arrays import Floats
from sahel_geo.errors import CrsError
from sahel_geo.files import data_path

LONLAT: Final = CRS.from_epsg(4326)
WGS84: Final = Geod(ellps="WGS84")

# Albers equal-area conic with standard parallels at one sixth and five sixths of the region's
# latitudes (10 to 25 degrees north), centred on its middle meridian.
EQUAL_AREA: Final = CRS.from_proj4(
    "+proj=aea +lat_1=12.5 +lat_2=22.5 +lat_0=17 +lon_0=2 +datum=WGS84 +units=m +no_defs"
)


def require_lonlat(frame: gpd.GeoDataFrame | gpd.GeoSeries, argument: str) -> None:
    """Refuse a layer whose coordinates are not longitude and latitude on WGS 84."""
    if frame.crs is None:
        raise CrsError(
            f"`{argument}` has no coordinate reference system; expected EPSG:4326. "
            f"Set it with {argument}.set_crs(...), then {argument}.to_crs(4326)."
        )
    if not frame.crs.equals(LONLAT, ignore_axis_order=True):
        name = frame.crs.name
        raise CrsError(
            f"`{argument}` is in {name!r}; expected EPSG:4326 (lon, lat in degrees). "
            f"Use {argument}.to_crs(4326)."
        )


@cache
def shipped_layer(name: str) -> gpd.GeoDataFrame:
    """Read a layer that the package ships, in degrees as all are, once; callers only read it.

    What a file says of its reference system takes ten times as long to read as the layer itself.
    """
    table = pd.read_parquet(data_path(name))
    return gpd.GeoDataFrame(table, geometry=shapely.from_wkb(table["geometry"]), crs=LONLAT)


def is_equal_area(crs: CRS | None) -> bool:
    """Tell whether a reference system is that of the package, under whatever name a file gave."""
    if crs is None:
        return False
    return bool(crs.equals(EQUAL_AREA)) or _figures(crs) == _figures(EQUAL_AREA)


def to_equal_area(frame: gpd.GeoDataFrame, argument: str) -> gpd.GeoDataFrame:
    """Project a layer in EPSG:4326; one in the equal-area system already stays as it is."""
    if is_equal_area(frame.crs):
        return frame.set_crs(EQUAL_AREA, allow_override=True)
    require_lonlat(frame, argument)
    return frame.to_crs(EQUAL_AREA)


def _figures(crs: CRS) -> dict[str, Any]:
    """Give projection, parameters and datum, without the names that files change."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that names are lost is what is wanted
        known = crs.to_dict()
    unnamed = {name: value for name, value in known.items() if name not in ("no_defs", "type")}
    if unnamed.get("ellps") == "WGS84":
        unnamed["datum"] = unnamed.pop("ellps")
    return unnamed


def geodesic_area_km2(geometries: Any) -> Floats:
    """Measure polygons on the WGS 84 ellipsoid.

    geometries (n,): Polygons or multipolygons in EPSG:4326; rings may turn either way. Returns
    (n,): Areas in km²; 0 for what is missing or empty, and for points and lines.

    Karney, C. F. F. (2013). Algorithms for geodesics. Journal of Geodesy 87, 43-55, section 6.

    >>> cell = shapely.box(0, 0, 1, 1)
    >>> float(geodesic_area_km2([cell]).round(1)[0])
    12308.8
    """
    oriented = shapely.orient_polygons(np.asarray(geometries, dtype=object))
    areas = (
        0.0 if shape is None else abs(WGS84.geometry_area_perimeter(shape)[0]) / 1e6
        for shape in oriented
    )
    return np.fromiter(areas, dtype=np.float64, count=len(oriented))


def unit_vectors(lon: Any, lat: Any) -> Floats:
    """Give places on a sphere of radius 1, (n, 3); chords are hardly shorter than their arcs.

    >>> unit_vectors([0.0, 90.0], [0.0, 0.0]).round(9).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """
    x, y = np.radians(lon), np.radians(lat)
    return np.column_stack([np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)])
