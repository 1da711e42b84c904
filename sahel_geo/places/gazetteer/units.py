"""Administrative units and embedded towns as places of the gazetteer."""

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sahel_geo.crs import WGS84
from sahel_geo.i18n.countries import COUNTRY_NAMES
from sahel_geo.places.boundaries.boundaries import load_boundaries, load_facts

UNIT_FEATURES: Final = ("country", "region", "district", "commune")
_UNIT_SOURCE: Final = "sahel_geo units"
# Frames whose regions and provinces bear names that the default frame lacks.
_LATER: Final = (("MLI", "2023", (1,)), ("BFA", "2025", (1, 2)))


def unit_places() -> pd.DataFrame:
    """Give every administrative unit as a place."""
    aliases = load_facts().set_index("pcode")["aliases"].to_dict()
    tables = []
    for level, feature in enumerate(UNIT_FEATURES):
        units = load_boundaries(level)
        table = _as_places(units, feature)
        if level == 3:
            table["alternates"] = [str(aliases.get(unit, "")) for unit in table["place_id"]]
        if level == 0:
            table["alternates"] = [str(COUNTRY_NAMES[code]) for code in table["country"]]
        tables.append(table)
    for country, vintage, levels in _LATER:
        for level in levels:
            units = load_boundaries(level, countries=country, vintage=vintage)
            known = set(tables[level].loc[tables[level]["country"] == country, "name"])
            fresh = units[~units["name"].isin(known)]
            tables.append(_as_places(fresh, UNIT_FEATURES[level]))
    return pd.concat(tables, ignore_index=True)


def _as_places(units: gpd.GeoDataFrame, feature: str) -> pd.DataFrame:
    shapes = units.geometry.to_numpy()
    inside = shapely.point_on_surface(shapes)
    corners, of_unit = shapely.get_coordinates(shapes, return_index=True)
    starts = shapely.get_coordinates(inside)[of_unit]
    metres = np.asarray(WGS84.inv(*starts.T, *corners.T)[2])
    farthest = pd.Series(metres).groupby(of_unit).max().to_numpy(dtype=np.float64)
    table = pd.DataFrame(
        {
            "place_id": units["unit_id"].to_numpy(),
            "name": units["name"].to_numpy(),
            "alternates": "",
            "country": units["country"].to_numpy(),
            "feature": feature,
            "feature_code": f"ADM{UNIT_FEATURES.index(feature)}",
            "lon": shapely.get_x(inside).round(5),
            "lat": shapely.get_y(inside).round(5),
            "population": 0.0,
            "radius_km": np.asarray(np.ceil(farthest / 100) / 10),
            "source": _UNIT_SOURCE,
        }
    )
    for level in (1, 2):
        table[f"adm{level}_id"] = units[f"adm{level}_id"].to_numpy()
        table[f"adm{level}_name"] = units[f"adm{level}_name"].to_numpy()
    lowest = feature == "commune"
    table["adm3_id"] = table["place_id"] if lowest else None
    table["adm3_name"] = table["name"] if lowest else None
    return table
