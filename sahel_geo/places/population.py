"""How many people live in a unit: the shipped table of 2020, and a check of other tables."""

from functools import cache
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from sahel_geo.errors import InputError
from sahel_geo.files import data_path
from sahel_geo.places.boundaries.boundaries import load_boundaries
from sahel_geo.places.boundaries.crosswalk import Vintage, harmonise

SOURCE: Final = "Cadre Harmonisé, 2020"
_LEVELS: Final = (0, 1, 2)
_CONFIDENCES: Final = ("none", "low", "medium", "high")  # from the weakest
_DENSEST: Final = 25_000.0  # people per km²; Bamako, the densest unit, has about 10,000
_MOST_OF: Final = 0.9  # of the units must be known
_LARGEST_RATIO: Final = 2.0  # beside 2020; 4 % a year, the fastest growth, doubles in 18 years


def load_population(level: int = 2, *, vintage: Vintage = None) -> pd.DataFrame:
    """Load how many people lived in each unit in 2020.

    Parameters
    ----------
    level : {0, 1, 2}
        Administrative level; there is no table by commune.
    vintage : str, mapping or None
        As for :func:`sahel_geo.load_boundaries`. People of units that another vintage cuts
        differently are shared out by area, and their confidence is "low".

    Returns
    -------
    DataFrame
        One row per unit: ``unit_id``; ``population``, missing where any part is unknown (a missing
        town is never zero); ``at_least``, the sum of the parts that are known; ``year``;
        ``confidence``, that of the weakest part ("high", "medium", "low", "none"); ``source``.

    Raises
    ------
    InputError
        If the level has no table, or the vintage does not exist.

    References
    ----------
    Cadre Harmonisé, current analysis of January to May 2020, as published on HDX. Four cercles of
    Ménaka are estimates; Ville de Maradi and Ville de Zinder are missing.

    Examples
    --------
    >>> people = load_population(level=1).set_index("unit_id")
    >>> float(people.loc["ML10", "population"]), people.loc["ML10", "confidence"]
    (76976.0, 'low')
    """
    if level not in _LEVELS:
        raise InputError(
            f"`level` is {level!r}; expected 0, 1 or 2, the levels of the shipped table. Give your "
            "own table of people by commune."
        )
    table = _read(vintage)
    units = load_boundaries(2, vintage=vintage)
    parts = units.merge(table, on="unit_id", how="left", validate="one_to_one")
    parts["confidence"] = parts["confidence"].fillna("none")
    key = {0: "country", 1: "adm1_id", 2: "unit_id"}[level]
    rank = parts["confidence"].map(_CONFIDENCES.index)
    groups = parts.assign(rank=rank).groupby(parts[key].rename("of"), sort=False)
    totals = pd.DataFrame(
        {
            "population": groups["population"].agg(lambda values: values.sum(skipna=False)),
            "at_least": groups["population"].sum(),
            "year": 2020,
            "confidence": groups["rank"].min().map(dict(enumerate(_CONFIDENCES))),
            "source": SOURCE,
        }
    )
    wanted = load_boundaries(level, vintage=vintage)
    keys = wanted["country"] if level == 0 else wanted["unit_id"]
    totals = totals.reindex(keys).reset_index(drop=True)
    return pd.DataFrame(pd.concat([wanted[["unit_id", "name"]], totals], axis=1))


def people_by_unit(units: gpd.GeoDataFrame) -> "pd.Series[float] | None":
    """Give the people of 2020 of units of the default frame, by ``unit_id``; None for others.

    >>> int(people_by_unit(load_boundaries(1, countries="MLI"))["ML07"])
    689598
    """
    known = _same_units(units)
    if known is None or len(known) < _MOST_OF * len(units):
        return None
    return known.set_index("unit_id")["population"]


def implausible_people(people: "pd.Series[Any]", units: gpd.GeoDataFrame) -> pd.DataFrame:
    """Find units whose number of people can hardly be right.

    Published tables have figures against the names of other units. A unit is named where more
    than 25,000 people live on a km², or where it has more than twice, or less than half, the
    people of the shipped table of 2020.

    Returns: One row per unit that is named: ``unit_id``, ``name``, ``people``, ``per_km2``,
    ``in_2020`` (missing where not known).

    >>> units = load_boundaries(1, countries="NER")
    >>> table = pd.Series({"NE008": 4_950_000.0})
    >>> implausible_people(table, units)["name"].tolist()
    ['Niamey']
    """
    frame = units[["unit_id", "name", "area_km2"]].assign(
        people=units["unit_id"].map(people).astype("float64").to_numpy()
    )
    frame["per_km2"] = frame["people"] / frame["area_km2"]
    in_2020, known = pd.Series(dtype="float64"), _same_units(units)
    if known is not None:  # all of them, or the part that is known
        in_2020 = known[known["at_least"] > 0].set_index("unit_id")["at_least"]
    frame["in_2020"] = frame["unit_id"].map(in_2020).to_numpy(dtype="float64")
    ratio = frame["people"] / frame["in_2020"]
    strange = (
        (frame["per_km2"] > _DENSEST) | (ratio > _LARGEST_RATIO) | (ratio < 1 / _LARGEST_RATIO)
    )
    return pd.DataFrame(frame[strange].drop(columns="area_km2")).reset_index(drop=True)


def _same_units(units: gpd.GeoDataFrame) -> pd.DataFrame | None:
    """Find the units whose code and name are those of the shipped frame; None if there is none."""
    levels = set(units["level"]) if "level" in units else set()
    if len(levels) != 1 or not levels <= set(_LEVELS):
        return None
    known = _in_2020(int(levels.pop()))
    same = known.merge(units[["unit_id", "name"]], on=["unit_id", "name"])
    return None if same.empty else same


@cache
def _in_2020(level: int) -> pd.DataFrame:
    """Keep the table of the default frame; callers share it and must not change it."""
    return load_population(level)


def _read(vintage: Vintage) -> pd.DataFrame:
    """Read the table of second-level units, carried to the vintage."""
    table = pd.read_csv(data_path("population.csv"), dtype={"unit_id": "str"})
    table = table[["unit_id", "population", "confidence"]]
    if vintage is None:
        return table
    carried = harmonise(table, to=vintage, level=2, extensive=["population"])
    carried = carried[carried["unit_id"].notna()].merge(
        table[["unit_id", "confidence"]], on="unit_id", how="left"
    )
    kept = carried["confidence"].fillna("low")  # a code of both frames stands for the same communes
    carried["confidence"] = kept.mask(carried["population"].isna(), "none")
    return carried[["unit_id", "population", "confidence"]]
