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
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Final, Literal, NamedTuple, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sahel_geo.arrays import Flags
from sahel_geo.crs import LONLAT, shipped_layer
from sahel_geo.errors import InputError, first_offenders, require_choice
from sahel_geo.files import data_path
from sahel_geo.i18n.countries import COUNTRY_NAMES
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.places.boundaries.vintages import FRAMES, check_countries, parents_of
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


class Start(NamedTuple):
    """The day a frame came into force at one level, and the act that says so."""

    day: str
    act: str


_MLI_2012: Final = Start("1991-08-08", "Ordonnance n° 91-039/P-CTSP du 8 août 1991")
_MLI_2016: Final = Start(
    "2016-01-19", "Loi n° 2012-017 du 2 mars 2012; gouverneurs nommés le 19 janvier 2016"
)
_MLI_2023: Final = Start("2023-03-13", "Loi n° 2023-006 du 13 mars 2023")
_NER_REGIONS: Final = Start("1998-09-14", "Loi n° 98-31 du 14 septembre 1998")
_NER_COMMUNES: Final = Start("2002-06-11", "Loi n° 2002-14 du 11 juin 2002")
_BFA_2025: Final = Start(
    "2025-07-02",
    "Décret portant réorganisation du territoire national, Conseil des ministres du 2 juillet 2025",
)
# Legal frames of each country in the order of time, with the start of levels 1 to 3 where known.
HISTORY: Final[dict[str, dict[str, dict[int, Start]]]] = {
    "MLI": {
        "2012": {1: _MLI_2012, 2: _MLI_2012},
        "2016": {1: _MLI_2016, 2: _MLI_2016},
        "2023": {1: _MLI_2023, 2: _MLI_2023},
    },
    "NER": {
        "1998": {
            1: _NER_REGIONS,
            2: Start("1998-09-14", "Loi n° 98-30 du 14 septembre 1998"),
            3: _NER_COMMUNES,
        },
        "2023": {
            1: _NER_REGIONS,
            2: Start("2011-08-08", "Loi n° 2011-22 du 8 août 2011"),
            3: _NER_COMMUNES,
        },
    },
    "BFA": {
        "2001": {
            1: Start("2001-07-02", "Loi n° 013-2001/AN du 2 juillet 2001"),
            2: Start("1996-04-24", "Loi n° 009/96/ADP du 24 avril 1996"),
        },
        "2025": {1: _BFA_2025, 2: _BFA_2025},
    },
}
# Units of 2023 that come out at least a tenth smaller or larger than OCHA draws them, though no
# commune is known to be cut: the missing ground lies in communes counted elsewhere.
_SHORT_2023: Final = ("Bamako", "Gabéro", "Konna", "Bintagoungou")


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
    require_choice("resolution", resolution, RESOLUTIONS)
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
        # Resolve a choice of vintage.
        result = {country: next(iter(FRAMES[country])) for country in countries}
        if isinstance(vintage, Mapping):
            wanted = {str(code).upper(): str(year) for code, year in vintage.items()}
        elif vintage is not None:
            wanted = {code: str(vintage) for code in countries if str(vintage) in FRAMES[code]}
        else:
            wanted = {}
        wrong = [code for code in wanted if wanted[code] not in FRAMES.get(code, {})]
        if wrong or (vintage is not None and not wanted):
            valid = "; ".join(f"{code}: {', '.join(FRAMES[code])}" for code in countries)
            raise InputError(
                "`vintage` is {vintage!r}, which does not exist{hint}; expected one of {valid}. "
                "Leave it out for the first one of each country.",
                vintage=vintage,
                hint=Sentence(" for {shown}", shown=first_offenders(wrong)) if wrong else "",
                valid=valid,
            )
        result |= {code: year for code, year in wanted.items() if code in result}
        return result
    if vintage is not None:
        raise InputError(
            f"`as_of` is {as_of!r} and `vintage` is {vintage!r}; expected one of the two. "
            "Leave one out."
        )
    return _frames_at(as_of, countries, level)


def load_facts() -> pd.DataFrame:
    """Load what is known of each commune: names, other spellings, codes and parents.

    >>> facts = load_facts()
    >>> len(facts)
    1318
    """
    return pd.read_csv(data_path("units.csv"), dtype=str, keep_default_na=False)


@cache
def _communes(resolution: str) -> pd.DataFrame:
    """Join geometry and facts once; callers only read it."""
    mosaic = pd.DataFrame(shipped_layer(_MOSAICS[resolution]))
    facts = load_facts().rename(columns={"pcode": "unit_id"})
    return mosaic.merge(facts, on="unit_id", validate="one_to_one")


@lru_cache(maxsize=64)
def _units(resolution: str, country: str, vintage: str, level: int) -> pd.DataFrame:
    """Build the units of one country once, in the order of their identifiers."""
    communes = _communes(resolution)
    own = communes[communes["country"] == country]
    table = own[["unit_id", "name", "area_km2", "geometry"]].join(
        [parents_of(own, country, vintage), _lives_of(own, country, vintage, level)]
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
        table = table.assign(unit_id=_PCODE_ADM0[country], name=COUNTRY_NAMES[country].say("fr"))
    else:
        table = table.assign(unit_id=table[f"adm{level}_id"], name=table[f"adm{level}_name"])
    groups = table.groupby("unit_id", sort=True)
    units = groups.first().reset_index()
    units["area_km2"] = groups["area_km2"].sum().to_numpy()
    units["approximate"] = groups["approximate"].any().to_numpy()
    shapes = table["geometry"].to_numpy()
    merged = np.empty(len(units), dtype=object)
    merged[:] = [shapely.coverage_union_all(shapes[rows]) for rows in groups.indices.values()]
    units["geometry"] = shapely.normalize(merged)
    return units


def _frames_at(as_of: str | date, countries: list[str], level: int) -> dict[str, str]:
    """Find the frame of each country that held on one day.

    >>> _frames_at("2014-06-01", ["MLI", "BFA"], 1)
    {'MLI': '2012', 'BFA': '2001'}
    """
    day = _day(as_of)
    chosen, unknown = {}, {}
    for country in countries:
        starts = {
            vintage: levels[min(level, 2)].day if level else ""
            for vintage, levels in HISTORY[country].items()
        }
        past = [vintage for vintage, start in starts.items() if start <= day]
        if past:
            chosen[country] = past[-1]
        else:
            unknown[country] = min(starts.values())
    if unknown:
        raise InputError(
            f"`as_of` is {day}, before the first frame known at level {level} of "
            f"{first_offenders(unknown)}; expected {max(unknown.values())} or later. Choose a "
            "later day, fewer countries, or vintage= if the later frame will do."
        )
    return chosen


def _day(as_of: str | date) -> str:
    if isinstance(as_of, datetime):
        return as_of.date().isoformat()
    if isinstance(as_of, date):
        return as_of.isoformat()
    try:
        return date.fromisoformat(as_of).isoformat()
    except (TypeError, ValueError) as error:
        raise InputError(
            f"`as_of` is {as_of!r}; expected a day such as '2014-06-01'. Give year, month and day."
        ) from error


def _lives_of(facts: pd.DataFrame, country: str, vintage: str, level: int) -> pd.DataFrame:
    """Tell from when to when the unit of each commune existed, and how well its map is known."""
    history = list(HISTORY[country].items())
    alive = np.ones((len(facts), len(history)), dtype=bool)
    if level in (1, 2):
        own = _labels(facts, country, vintage, level)
        doubt = _doubtful(facts, country, vintage, level)
        for column, (other, _) in enumerate(history):
            labels = _labels(facts, country, other, level)
            # Where the ground of a unit is doubtful, so is that it stayed the same.
            unsure = doubt | _doubtful(facts, country, other, level)
            alive[:, column] = _same_unit(own, labels, unsure & (other != vintage))
    first = np.where(alive.any(axis=1), alive.argmax(axis=1), -1)
    last = np.where(alive.any(axis=1), len(history) - 1 - alive[:, ::-1].argmax(axis=1), -1)
    starts = [levels.get(level, Start("", "")) for _, levels in history]
    # The last element answers for units of no legal frame, and for those that are still there.
    begin = np.array([*(start.day for start in starts), ""], dtype=object)
    end = np.array([*(start.day for start in starts[1:]), "", ""], dtype=object)
    acts = np.array([*(start.act or None for start in starts), None], dtype=object)
    return pd.DataFrame(
        {
            "valid_from": begin[first].astype("datetime64[s]"),
            "valid_to": end[last].astype("datetime64[s]"),
            "legal_act": acts[first],
            "approximate": _doubtful(facts, country, vintage, level),
        },
        index=facts.index,
    )


def _labels(facts: pd.DataFrame, country: str, vintage: str, level: int) -> pd.Series:
    """Name the unit of each commune so that equal names in two regions stay apart."""
    return parents_of(facts, country, vintage, codes=False)[f"adm{level}_name"]


def _same_unit(own: pd.Series, other: pd.Series, unsure: Flags) -> Flags:
    """Mark communes whose units have one name and the same communes in two frames."""
    broken = (own != other).to_numpy() | unsure
    a, _ = pd.factorize(own)
    b, _ = pd.factorize(other)
    return np.asarray((np.bincount(a, broken)[a] == 0) & (np.bincount(b, broken)[b] == 0))


def _doubtful(facts: pd.DataFrame, country: str, vintage: str, level: int) -> Flags:
    """Mark communes whose membership in a unit of that frame is not certain."""
    if country == "NER" and vintage == "1998" and level == 2:
        labels = _labels(facts, country, vintage, level)  # that held no town of their region
        return np.asarray(labels.isin({"Madarounfa", "Tahoua", "Mirriah"}))
    if country != "MLI" or vintage not in {"2016", "2023"} or level == 0:
        return np.zeros(len(facts), dtype=bool)
    if vintage == "2016":  # how much of Tombouctou went to Taoudénit is not known
        halves = facts["adm1_2016"].isin(["Taoudénit", "Tombouctou"])
        if level == 2:
            halves &= facts["adm2_name"] == "Tombouctou"
        return np.asarray(halves & (level < 3))
    if level == 3:  # the communes are those from before the law of 2023
        return np.ones(len(facts), dtype=bool)
    short = facts[f"adm{level}_2023"].isin(_SHORT_2023)
    return np.asarray(short | (facts[f"adm{level}_2023_basis"] != "law"))
