"""What a map draws around the units: neighbouring countries, waters and towns."""

from collections.abc import Iterable
from typing import Final

import geopandas as gpd
import pandas as pd

from sahel_geo.crs import LONLAT, shipped_layer
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.files import data_path

TOWN_RANKS: Final = ("capital", "region", "district", "town")

_NEIGHBOUR_SOURCE: Final = ("Natural Earth 4.1, fitted by sahel_geo", "Public Domain")
_WATER_SOURCES: Final = {
    "river": ("GSHHG 2.3.6, thinned by sahel_geo", "LGPL-3.0-or-later"),
    "lake": ("Natural Earth, thinned by sahel_geo", "Public Domain"),
}
_TOWN_SOURCE: Final = ("GeoNames", "CC BY 4.0")


def load_neighbour_countries() -> gpd.GeoDataFrame:
    """Load the countries around Mali, Niger and Burkina Faso, as a background for maps.

    Their inner edge is that of the commune mosaic, vertex by vertex, so that no sliver shows; their
    outer edge is the frame 18 W to 21 E, 4 N to 29.5 N, or the coast. They are generalised to
    about 1 km and not meant for measuring.

    Returns
    -------
    GeoDataFrame
        One row per country, by code: ``country`` (ISO 3166-1 alpha-3), ``name_fr``, ``name_en``,
        ``source``, ``licence``, ``geometry`` in EPSG:4326.

    Examples
    --------
    >>> around = load_neighbour_countries()
    >>> {"DZA", "BEN", "NGA"} <= set(around["country"])
    True
    """
    frame = shipped_layer("neighbour_countries.parquet")
    source, licence = _NEIGHBOUR_SOURCE
    columns = ["country", "name_fr", "name_en", "source", "licence", "geometry"]
    return frame.assign(source=source, licence=licence)[columns]


def load_waters() -> gpd.GeoDataFrame:
    """Load the rivers and lakes of and around Mali, Niger and Burkina Faso.

    The Niger, its tributaries and inner delta, the Volta rivers, the Senegal, and the lakes above
    about 50 km², within 14 W to 17.5 E and 7.5 N to 26 N. They show a reader where things are; the
    seasons move water by tens of kilometres, and a line is about a kilometre wrong.

    Returns
    -------
    GeoDataFrame
        One row per stretch or lake: ``kind`` (``"river"``, ``"lake"``), ``source``, ``licence``,
        ``geometry`` in EPSG:4326.

    Examples
    --------
    >>> waters = load_waters()
    >>> sorted(waters["kind"].unique())
    ['lake', 'river']
    """
    frame = shipped_layer("waters.parquet")
    credits_ = pd.DataFrame(_WATER_SOURCES, index=["source", "licence"]).T
    frame = frame.join(credits_, on="kind")
    return frame[["kind", "source", "licence", "geometry"]]


def load_water_names() -> gpd.GeoDataFrame:
    """Load where maps name the waters of :func:`load_waters`; a long river is named at several.

    Returns: One row per name: ``kind`` (``"river"``, ``"lake"``), ``name_fr``, ``name_en``,
    ``lon``, ``lat``, ``zoom`` (from which a map has room for it), ``geometry`` in EPSG:4326.

    >>> names = load_water_names()
    >>> names.loc[0, ["name_fr", "name_en"]].tolist()
    ['le Niger', 'Niger River']
    """
    table = pd.read_csv(data_path("water_names.csv"))
    points = gpd.points_from_xy(table["lon"], table["lat"])
    return gpd.GeoDataFrame(table, geometry=points, crs=LONLAT)


def load_towns(countries: Iterable[str] | str | None = None) -> gpd.GeoDataFrame:
    """Load the towns that maps label.

    Parameters
    ----------
    countries : str or iterable of str, optional
        ISO 3166-1 alpha-3 codes in either case; by default the three countries and the few towns
        of their neighbours that help a reader find the way.

    Returns
    -------
    GeoDataFrame
        One row per town, by country, rank and falling population: ``name`` (French orthography in
        the three countries), ``country``, ``lon``, ``lat``, ``population`` (0 where unknown; the
        year differs from town to town), ``rank`` (one of `TOWN_RANKS`: national capital, chief
        town of a region, seat of a cercle, department or province, other), ``unit_id`` of the
        commune around it (missing abroad), ``source``, ``licence``, ``geometry`` in EPSG:4326.

    Raises
    ------
    InputError
        If no town of a country is known.

    Examples
    --------
    >>> towns = load_towns("MLI")
    >>> towns.loc[0, ["name", "rank"]].tolist()
    ['Bamako', 'capital']
    """
    table = pd.read_csv(data_path("towns.csv"), dtype={"unit_id": "str"})
    if countries is not None:
        given = [countries] if isinstance(countries, str) else list(countries)
        codes = [str(code).upper() for code in given]
        known = sorted(set(table["country"]))
        if not codes or not set(codes) <= set(known):
            raise InputError(
                f"`countries` is {first_offenders(given)}; expected one or more of "
                f"{first_offenders(known, limit=20)}, which have towns. Choose from these."
            )
        table = table[table["country"].isin(codes)].reset_index(drop=True)
    source, licence = _TOWN_SOURCE
    table = table.assign(source=source, licence=licence)
    points = gpd.points_from_xy(table["lon"], table["lat"])
    return gpd.GeoDataFrame(table, geometry=points, crs=LONLAT)
