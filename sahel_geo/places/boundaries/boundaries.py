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
MLI      2023         0 to 3   19 regions and Bamako; cercles as far as communes allow
NER      2023         0 to 3   OCHA COD-AB 2023 (default): 8 regions, 67 departments
NER      1998         0 to 3   8 regions, 36 departments before the law of 2011, and Niamey
BFA      2001         0 to 3   13 regions, 45 provinces (default)
BFA      2025         0 to 3   17 regions, 47 provinces
======== ============ ======== =====================================================================

Resolutions
-----------
========== ============ ============================================================================
Name       Scale        Against ``full``: median and 99th percentile of the displacement
========== ============ ============================================================================
``full``   as built     none; coordinates to six decimals
``1m``     1:1,000,000  under 1 m and 70 m (default)
``5m``     1:5,000,000  60 m and 1.3 km; for small maps, not for measuring or placing points
========== ============ ============================================================================
"""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache, lru_cache
from typing import Any, Final, Literal, get_args

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from sahel_geo.crs import LONLAT
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.files import data_path
from sahel_geo.i18n.countries import COUNTRY_NAMES
from sahel_geo.places.boundaries.history import frames_at, lives_of
from sahel_geo.places.boundaries.vintages import check_countries, check_vintage, parents_of
from sahel_geo.schema import LEVELS, UNIT_COLUMNS

Resolution = Literal["1m", "full", "5m"]
RESOLUTIONS: Final[tuple[Resolution, ...]] = get_args(Resolution)

_MOSAICS: Final = {
    "1m": "communes.parquet",
    "full": "communes_full.parquet",
    "5m": "communes_5m.parquet",
}
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
    as_of: str | date | None = None,
    resolution: Resolution = "1m",
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
    as_of : str or date, optional
        A day such as ``"2014-06-01"`` instead of `vintage`: every country gets the legal frame of
        that day. Identifiers then differ from those of the default vintage wherever the units do.
    resolution : {"1m", "full", "5m"}
        How much the edges are generalised; see the module. Each is one valid coverage.

    Returns
    -------
    GeoDataFrame
        Columns `sahel_geo.schema.UNIT_COLUMNS`, EPSG:4326, one row per unit, by country (MLI, NER,
        BFA) and ``unit_id``. A unit's own level repeats its identifier (``adm2_id`` of a cercle is
        its ``unit_id``); levels below it, and both at level 0, are missing values. ``area_km2`` is
        the sum over its communes at the chosen resolution, so that areas add up through the
        levels. ``valid_from``, ``valid_to`` and ``legal_act`` tell the life of the unit in this
        name and extent as far as the frames here show it; ``approximate`` marks units whose outline
        in this vintage is a reconstruction.

    Raises
    ------
    InputError
        If the level, the resolution, a country or a vintage does not exist, if no frame is known
        for the day, or if both `vintage` and `as_of` are given.

    Examples
    --------
    >>> regions = load_boundaries(level=1, countries=["MLI"])
    >>> regions.loc[regions["name"] == "Ménaka", "unit_id"].item()
    'ML10'
    >>> before = load_boundaries(level=1, countries=["MLI"], vintage="2012")
    >>> before.loc[before["name"] == "Gao", "unit_id"].item()
    'MLI-2012-gao'
    >>> len(load_boundaries(level=1, countries=["BFA"], as_of="2025-12-31"))
    17

    References
    ----------
    Runfola, D. et al. (2020). geoBoundaries: A global database of political administrative
    boundaries. PLoS ONE 15(4), e0231866.
    """
    if isinstance(level, bool) or level not in LEVELS:
        raise InputError(
            "`level` is {level!r}; expected one of {shown}: 0 country, 1 region, 2 cercle / "
            "department / province, 3 commune.",
            level=level,
            shown=first_offenders(LEVELS),
        )
    if resolution not in RESOLUTIONS:
        raise InputError(
            "`resolution` is {resolution!r}; expected one of {shown}. Leave it out for '1m'.",
            resolution=resolution,
            shown=first_offenders(RESOLUTIONS),
        )
    chosen = check_countries(countries)
    vintages = _frames(vintage, as_of, chosen, level)
    tables = [_units(resolution, country, vintages[country], level) for country in chosen]
    table = pd.concat(tables, ignore_index=True)[list(UNIT_COLUMNS)]
    return gpd.GeoDataFrame(table, geometry="geometry", crs=LONLAT)


def _frames(
    vintage: str | Mapping[str, str] | None,
    as_of: str | date | None,
    countries: list[str],
    level: int,
) -> dict[str, str]:
    if as_of is None:
        return check_vintage(vintage, countries)
    if vintage is not None:
        raise InputError(
            f"`as_of` is {as_of!r} and `vintage` is {vintage!r}; expected one of the two. "
            "Leave one out.",
        )
    return frames_at(as_of, countries, level)


def load_facts() -> pd.DataFrame:
    """Load what is known of each commune: names, other spellings, codes and parents.

    Examples
    --------
    >>> facts = load_facts()
    >>> len(facts)
    1318
    """
    return pd.read_csv(data_path("units.csv"), dtype=str, keep_default_na=False)


@cache
def _communes(resolution: str) -> pd.DataFrame:
    """Join geometry and facts once; callers only read it."""
    mosaic = pd.DataFrame(gpd.read_parquet(data_path(_MOSAICS[resolution])))
    facts = load_facts().rename(columns={"pcode": "unit_id"})
    return mosaic.merge(facts, on="unit_id", validate="one_to_one")


@lru_cache(maxsize=64)
def _units(resolution: str, country: str, vintage: str, level: int) -> pd.DataFrame:
    """Build the units of one country once, in the order of their identifiers."""
    communes = _communes(resolution)
    own = communes[communes["country"] == country]
    table = own[["unit_id", "name", "area_km2", "geometry"]].join(
        [parents_of(own, country, vintage), lives_of(own, country, vintage, level)],
    )
    if level < 3:
        table = _dissolve(table, country, level)
    if level < 2:
        table = table.assign(adm2_id=None, adm2_name=None)
    if level < 1:
        table = table.assign(adm1_id=None, adm1_name=None)
    texts = ["unit_id", "name", "adm1_id", "adm1_name", "adm2_id", "adm2_name", "legal_act"]
    table = table.astype(dict.fromkeys(texts, communes["name"].dtype))
    source, licence = _SOURCES[country]
    table = table.assign(country=country, level=level, source=source, licence=licence)
    return table.sort_values("unit_id", ignore_index=True)


def _dissolve(table: pd.DataFrame, country: str, level: int) -> pd.DataFrame:
    """Merge communes into units; shared edges vanish, all others keep every vertex."""
    if level == 0:
        table = table.assign(
            unit_id=_PCODE_ADM0[country],
            name=COUNTRY_NAMES[country].say("fr"),
        )
    else:
        table = table.assign(
            unit_id=table[f"adm{level}_id"],
            name=table[f"adm{level}_name"],
        )
    groups = table.groupby("unit_id", sort=True)
    units = groups.first().reset_index()
    units["area_km2"] = groups["area_km2"].sum().to_numpy()
    units["approximate"] = groups["approximate"].any().to_numpy()
    shapes = table["geometry"].to_numpy()
    units["geometry"] = _merge([shapes[rows] for rows in groups.indices.values()])
    return units


def _merge(groups: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    merged = np.empty(len(groups), dtype=object)
    merged[:] = [shapely.coverage_union_all(shapes) for shapes in groups]
    return np.asarray(shapely.normalize(merged))
