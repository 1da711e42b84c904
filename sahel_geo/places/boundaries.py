"""Administrative units of Mali, Niger and Burkina Faso, at four levels and several vintages.

All units come from one mosaic of 1,318 communes whose edges match, also across the borders. Units
above the commune are dissolved from it, so that levels nest exactly and neighbours share vertices.
Matching edges makes the borders of three sources consistent, not more correct; the project takes no
position on any boundary.

Vintages
--------
======== ============ ======== =====================================================================
Country  Vintage      Levels   Frame
======== ============ ======== =====================================================================
MLI      2021         0 to 3   OCHA COD-AB 2021 (default): 10 regions with Bamako, 53 cercles
MLI      2012         0 to 3   8 regions and Bamako; Ménaka a cercle of Gao
MLI      2016         0 to 3   Ménaka and Taoudénit regions; Taoudénit is the commune of Salam only
MLI      2023         0 and 1  19 regions and Bamako; the 159 cercles cut through communes
NER      2023         0 to 3   OCHA COD-AB 2023 (default): 8 regions, 67 departments
BFA      2001         0 to 3   13 regions, 45 provinces (default)
BFA      2025         0 to 3   17 regions, 47 provinces
======== ============ ======== =====================================================================
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from sahel_geo.crs import LONLAT
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.files import data_path
from sahel_geo.places.vintages import check_countries, check_vintage, parents_of
from sahel_geo.schema import COUNTRY_NAMES, LEVELS, UNIT_COLUMNS

_PCODE_ADM0: Final = {"MLI": "ML", "NER": "NE", "BFA": "BF"}
_SOURCES: Final = {
    "MLI": ("geoBoundaries gbOpen MLI ADM3, edges matched by sahel_geo", "CC BY 4.0"),
    "NER": ("geoBoundaries gbOpen NER ADM3, edges matched by sahel_geo", "CC BY 3.0"),
    "BFA": ("geoBoundaries gbOpen BFA ADM3, edges matched by sahel_geo", "Public Domain"),
}


def load_boundaries(
    level: int = 2,
    *,
    countries: Iterable[str] | str | None = None,
    vintage: str | Mapping[str, str] | None = None,
) -> gpd.GeoDataFrame:
    """Load the administrative units of one level.

    Parameters
    ----------
    level : {0, 1, 2, 3}
        0 countries, 1 regions, 2 cercles / departments / provinces, 3 communes.
    countries : str or iterable of str, optional
        ISO 3166-1 alpha-3 codes in either case; all three by default.
    vintage : str or mapping of str to str, optional
        The administrative frame: a year, applied to every chosen country that has it while the
        others keep their default, or one year per country such as
        ``{"MLI": "2023", "BFA": "2025"}``. The module lists what exists.

    Returns
    -------
    GeoDataFrame
        Columns `sahel_geo.schema.UNIT_COLUMNS`, EPSG:4326, one row per unit, by country (MLI, NER,
        BFA) and ``unit_id``. A unit's own level repeats its identifier (``adm2_id`` of a cercle is
        its ``unit_id``); levels below it, and both at level 0, are missing values. ``area_km2`` is
        the sum over its communes, so that areas add up through the levels.

    Raises
    ------
    InputError
        If the level, a country or a vintage does not exist, or if a vintage is not known down to
        the level asked for.

    Examples
    --------
    >>> regions = load_boundaries(level=1, countries=["MLI"])
    >>> regions.loc[regions["name"] == "Ménaka", "unit_id"].item()
    'ML10'
    >>> before = load_boundaries(level=1, countries=["MLI"], vintage="2012")
    >>> before.loc[before["name"] == "Gao", "unit_id"].item()
    'MLI-2012-gao'

    References
    ----------
    Runfola, D. et al. (2020). geoBoundaries: A global database of political administrative
    boundaries. PLoS ONE 15(4), e0231866.
    """
    if isinstance(level, bool) or level not in LEVELS:
        raise InputError(
            f"`level` is {level!r}; expected one of {first_offenders(LEVELS)}: 0 country, "
            "1 region, 2 cercle / department / province, 3 commune.",
        )
    chosen = check_countries(countries)
    vintages = check_vintage(vintage, chosen, level)
    communes = _communes()
    tables = [_units(communes, country, vintages[country], level) for country in chosen]
    table = pd.concat(tables, ignore_index=True)[list(UNIT_COLUMNS)]
    return gpd.GeoDataFrame(table, geometry="geometry", crs=LONLAT)


def load_facts() -> pd.DataFrame:
    """Load what is known of each commune: names, other spellings, codes and parents.

    Returns
    -------
    DataFrame
        One row per commune, all columns text, empty where unknown. ``pcode`` is the ``unit_id`` of
        level 3; ``aliases`` holds other spellings separated by ``|``; ``confidence`` is ``high``,
        ``medium`` or ``low``; ``adm1_2023_basis`` is ``law``, or ``kept`` where the region of 2023
        was not established and the one of 2021 stands in.

    Examples
    --------
    >>> facts = load_facts()
    >>> len(facts)
    1318
    """
    return pd.read_csv(data_path("units.csv"), dtype=str, keep_default_na=False)


@cache
def _communes() -> pd.DataFrame:
    """Join geometry and facts once; callers only read it."""
    mosaic = pd.DataFrame(gpd.read_parquet(data_path("communes.parquet")))
    facts = load_facts().rename(columns={"pcode": "unit_id"})
    return mosaic.merge(facts, on="unit_id", validate="one_to_one")


def _units(communes: pd.DataFrame, country: str, vintage: str, level: int) -> pd.DataFrame:
    """Build the units of one country, in the order of their identifiers."""
    own = communes[communes["country"] == country]
    table = own[["unit_id", "name", "area_km2", "geometry"]].join(
        parents_of(own, country, vintage),
    )
    if level < 3:
        table = _dissolve(table, country, level)
    if level < 2:
        table = table.assign(adm2_id=None, adm2_name=None)
    if level < 1:
        table = table.assign(adm1_id=None, adm1_name=None)
    texts = ["unit_id", "name", "adm1_id", "adm1_name", "adm2_id", "adm2_name"]
    table = table.astype(dict.fromkeys(texts, communes["name"].dtype))
    source, licence = _SOURCES[country]
    table = table.assign(country=country, level=level, source=source, licence=licence)
    return table.sort_values("unit_id", ignore_index=True)


def _dissolve(table: pd.DataFrame, country: str, level: int) -> pd.DataFrame:
    """Merge communes into units; shared edges vanish, all others keep every vertex."""
    if level == 0:
        table = table.assign(
            unit_id=_PCODE_ADM0[country],
            name=COUNTRY_NAMES[country]["fr"],
        )
    else:
        table = table.assign(
            unit_id=table[f"adm{level}_id"],
            name=table[f"adm{level}_name"],
        )
    groups = table.groupby("unit_id", sort=True)
    units = groups.first().reset_index()
    units["area_km2"] = groups["area_km2"].sum().to_numpy()
    shapes = table["geometry"].to_numpy()
    units["geometry"] = _merge([shapes[rows] for rows in groups.indices.values()])
    return units


def _merge(groups: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    merged = np.empty(len(groups), dtype=object)
    merged[:] = [shapely.coverage_union_all(shapes) for shapes in groups]
    return np.asarray(shapely.normalize(merged))
