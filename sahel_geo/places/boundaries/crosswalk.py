"""Carry tables from the units of one vintage to those of another.

Vintages of the package are made of the same communes, so a crosswalk between them needs no overlay:
each commune lies in one unit of either, and its area (or people) is the weight. Layers from
elsewhere are overlaid in longitude and latitude and measured in an equal-area projection.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from sahel_geo.arrays import Floats
from sahel_geo.crs import LONLAT, require_lonlat
from sahel_geo.errors import InputError, first_offenders, require_columns
from sahel_geo.places.boundaries.boundaries import load_boundaries
from sahel_geo.schema import PathLike

Vintage = str | Mapping[str, str] | None
Population = pd.Series | pd.DataFrame | PathLike

# Shares are multiples of this, so that they add up to 1 without rounding, in any order.
_QUANTUM: Final = 2.0**-50
_NO_OVERLAP: Final = 1e-6  # overlaps below this share of a unit are noise of the projection
# Equal-area, and parallels and meridians stay straight, so that areas of parts add up.
_CYLINDRICAL: Final = CRS.from_epsg(6933)


def crosswalk(
    level: int,
    source: Vintage | gpd.GeoDataFrame,
    target: Vintage | gpd.GeoDataFrame,
    *,
    countries: Iterable[str] | str | None = None,
    population: Population | None = None,
) -> pd.DataFrame:
    """Tell which share of each unit of one vintage lies in which unit of another.

    Parameters
    ----------
    level : {0, 1, 2, 3}
        Level of both sides, where they are vintages.
    source, target : str, mapping, GeoDataFrame or None
        A vintage as for `load_boundaries`, a day such as ``"2014-06-01"`` for the frames of that
        day, None for the default, or a layer of units with ``unit_id`` in EPSG:4326.
    countries : str or iterable of str, optional
        As for `load_boundaries`; countries without the vintage keep their default on both sides.
    population : Series, DataFrame or path, optional
        People per commune (a Series by P-code, or a table of ``unit_id`` and ``population``), or a
        raster of people per cell, to share out people too.

    Returns
    -------
    DataFrame
        One row per pair that overlaps: ``source_id``, ``source_name``, ``target_id``,
        ``target_name``, ``area_km2`` of the overlap, ``area_share`` of the source, and with
        `population` also ``population`` and ``population_share``. The shares of a source add up to
        exactly 1. A unit without people is shared out by area. Ground of a source that no target
        covers has a missing ``target_id``.

    Raises
    ------
    CrsError
        If a layer is not in EPSG:4326.
    InputError
        If a vintage does not exist, a layer has no or repeated ``unit_id``, or communes are missing
        from `population`.

    Examples
    --------
    >>> table = crosswalk(1, "2001", "2025", countries="BFA")
    >>> table.loc[table["source_name"] == "Sahel", ["target_name", "area_share"]].round(2).values
    array([['Liptako', 0.65],
           ['Soum', 0.35]], dtype=object)
    """
    if isinstance(source, gpd.GeoDataFrame) or isinstance(target, gpd.GeoDataFrame):
        sides = [
            side
            if isinstance(side, gpd.GeoDataFrame)
            else load_boundaries(level, countries=countries, **_frame(side))
            for side in (source, target)
        ]
        pieces, people_of = _overlay(*sides), _people_of_pieces
    else:
        pieces, people_of = _through_communes(level, source, target, countries), _people_of_communes
    keys = ["source_id", "source_name", "target_id", "target_name"]
    columns = ["area_km2"]
    if population is not None:
        pieces = pieces.assign(population=people_of(pieces, population))
        columns.append("population")
    grouped = pieces.groupby(keys, sort=False, dropna=False)[columns].sum().reset_index()
    for column in columns:
        name = "area_share" if column == "area_km2" else "population_share"
        grouped[name] = _exact_shares(grouped, column)
    order = [*keys, "area_km2", "area_share", "population", "population_share"]
    result: pd.DataFrame = grouped[[column for column in order if column in grouped]]
    return result.sort_values(["source_id", "target_id"], ignore_index=True)


def harmonise(
    table: pd.DataFrame,
    *,
    to: Vintage | gpd.GeoDataFrame,
    source: Vintage | gpd.GeoDataFrame = None,
    level: int | None = None,
    extensive: Sequence[str] = (),
    intensive: Sequence[str] = (),
    by: Sequence[str] = (),
    population: Population | None = None,
) -> pd.DataFrame:
    """Carry a table of units to another vintage.

    Counts are shared out and added up, so totals stay what they were; rates are averaged with the
    area (or, with `population`, the people) that each unit brings. Sharing out assumes that what is
    counted lies evenly over the ground, or over the people, of a unit: it does not know where in it
    an incident was. Where there are points, assign them to the new units instead.

    Parameters
    ----------
    table : DataFrame
        One row per unit (and per combination of `by`) with ``unit_id``.
    to, source : str, mapping, GeoDataFrame or None
        The vintage wanted and that of the table, as for `crosswalk`.
    level : {0, 1, 2, 3}, optional
        By default the level at which the identifiers of the table exist.
    extensive : sequence of str
        Columns of counts or totals.
    intensive : sequence of str
        Columns of rates, shares or means.
    by : sequence of str
        Further key columns, such as ``period``; each combination is carried on its own.
    population : Series, DataFrame or path, optional
        As for `crosswalk`.

    Returns
    -------
    DataFrame
        One row per unit of `to` that the table reaches (and combination of `by`): ``unit_id``,
        ``name``, the columns of `by`, the values, and ``coverage``, the share of the unit's ground
        (or people) that the table's units hold: below 1, a count is a part only. A missing value
        makes every value it goes into missing. A last row with a missing ``unit_id`` holds what
        lies outside all units of `to`, if anything does.

    Raises
    ------
    InputError
        If columns are missing or not numbers, keys repeat, or identifiers are unknown.

    Examples
    --------
    >>> counts = pd.DataFrame({"unit_id": ["BF56", "BF47"], "incidents": [100, 7]})
    >>> new = harmonise(counts, to="2025", source="2001", extensive=["incidents"])
    >>> new[["name", "incidents"]].round(1).values.tolist()
    [['Tannounyan', 7.0], ['Liptako', 64.5], ['Soum', 35.5]]
    """
    values = [*extensive, *intensive]
    _check_table(table, values, [*by])
    ids = table["unit_id"]
    depth = _level_of(ids, source) if level is None else level
    links = crosswalk(depth, source, to, population=population)
    unknown = sorted(set(ids.astype(str)) - set(links["source_id"].astype(str)))
    if unknown:
        raise InputError(
            f"`table` has {len(unknown)} unit_id that the source vintage lacks: "
            f"{first_offenders(unknown)}; expected those of load_boundaries({depth}, "
            f"vintage={source if not isinstance(source, gpd.GeoDataFrame) else '...'!r}). "
            "Use match_units first, or another source=."
        )
    weight: Literal["population", "area_km2"] = "area_km2" if population is None else "population"
    share = "area_share" if population is None else "population_share"
    whole = _whole_of_targets(links, weight, to, source, depth, population)
    joined = table[["unit_id", *by, *values]].merge(
        links.assign(whole=whole).rename(columns={"source_id": "unit_id"}),
        on="unit_id",
        suffixes=("", "_of_link"),
    )
    part = pd.DataFrame(
        {column: joined[column] * joined[share] for column in extensive}, index=joined.index
    )
    for column in intensive:
        part[column] = joined[column] * joined[weight]
    part["weight"], part["whole"] = joined[weight], joined["whole"]
    keys = [joined["target_id"], joined["target_name"], *(joined[column] for column in by)]
    groups = part.groupby(keys, dropna=False)
    gaps = part[values].isna().groupby(keys, dropna=False).any()  # a missing part: no sum
    result = groups[values].sum().mask(gaps)
    covered = groups["weight"].sum()
    for column in intensive:
        result[column] = result[column] / covered.where(covered > 0)
    whole_of_unit = groups["whole"].first()
    result["coverage"] = (covered / whole_of_unit.where(whole_of_unit > 0)).clip(upper=1.0)
    result = result.reset_index().rename(columns={"target_id": "unit_id", "target_name": "name"})
    return result[["unit_id", "name", *by, *values, "coverage"]]


def _whole_of_targets(
    links: pd.DataFrame,
    weight: str,
    to: Vintage | gpd.GeoDataFrame,
    source: Vintage | gpd.GeoDataFrame,
    level: int,
    population: Population | None,
) -> pd.Series:
    """Give, for each link, all ground or people of its target; a layer need not cover all of it."""
    covered = links.groupby("target_id", dropna=False)[weight].transform("sum")
    if isinstance(to, gpd.GeoDataFrame):
        targets = to
    elif isinstance(source, gpd.GeoDataFrame):
        targets = load_boundaries(level, **_frame(to))
    else:
        return covered  # made of the same communes
    reached = targets[targets["unit_id"].isin(links["target_id"])]
    if isinstance(population, str | os.PathLike):
        amounts = _people_of(reached.geometry, population)
    else:
        amounts = _area_km2(_valid(reached.geometry.to_numpy()))
    own = links["target_id"].map(pd.Series(amounts, reached["unit_id"].to_numpy()))
    return own.where(own - covered > _NO_OVERLAP * own, covered)


def _check_table(table: pd.DataFrame, values: list[str], by: list[str]) -> None:
    faults = []
    advice = "Rename those named in extensive, intensive and by."
    require_columns(table, "table", ["unit_id", *by, *values], advice)
    if not values:
        faults.append("names no column in extensive or intensive")
    twice = sorted({column for column in values if values.count(column) > 1})
    if twice:
        faults.append(f"has columns named twice in extensive and intensive: {twice}")
    texts = [column for column in values if not pd.api.types.is_numeric_dtype(table[column])]
    if texts:
        faults.append(f"has {len(texts)} columns that are not numbers: {first_offenders(texts)}")
    if table["unit_id"].isna().any():
        rows = table.index[table["unit_id"].isna()]
        faults.append(f"has {len(rows)} rows without unit_id: {first_offenders(rows)}")
    rows = table.index[table.duplicated(["unit_id", *by])]
    if len(rows):
        faults.append(f"has {len(rows)} rows that repeat a key: {first_offenders(rows)}")
    if faults:
        raise InputError(
            f"`table` {'; '.join(faults)}; expected one row per unit_id"
            f"{' and ' + ', '.join(by) if by else ''} with numbers. Clean or aggregate it first."
        )


def _level_of(ids: pd.Series, source: Vintage | gpd.GeoDataFrame) -> int:
    """Find the level whose units hold the identifiers; the best fit if none holds all."""
    if isinstance(source, gpd.GeoDataFrame):
        return int(source["level"].iloc[0]) if "level" in source and len(source) else 2
    known = {
        level: set(load_boundaries(level, resolution="5m", **_frame(source))["unit_id"])
        for level in (1, 2, 3, 0)
    }
    wanted = set(ids.astype(str))
    return max(known, key=lambda level: len(wanted & known[level]))


def _frame(side: Vintage) -> dict[str, Any]:
    """Read a side as a day or as a vintage."""
    if isinstance(side, str) and side.count("-") == 2:
        return {"as_of": side}
    return {"vintage": side}


def _through_communes(
    level: int, source: Vintage, target: Vintage, countries: Iterable[str] | str | None
) -> pd.DataFrame:
    """Give one row per commune with the unit it belongs to on either side."""
    if countries is not None and not isinstance(countries, str):
        countries = list(countries)
    unit = {1: "adm1_id", 2: "adm2_id", 3: "unit_id"}
    pieces = pd.DataFrame()
    for side, vintage in (("source", source), ("target", target)):
        units = load_boundaries(level, countries=countries, **_frame(vintage))
        communes = load_boundaries(3, countries=countries, **_frame(vintage))
        if level == 0:
            ids = communes["country"].map(units.set_index("country")["unit_id"])
        else:
            ids = communes[unit[level]]
        if pieces.empty:
            pieces = communes[["unit_id", "area_km2"]].rename(columns={"unit_id": "commune"})
        pieces[f"{side}_id"] = ids
        pieces[f"{side}_name"] = ids.map(units.set_index("unit_id")["name"])
    return pieces


def _overlay(source: gpd.GeoDataFrame, target: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Intersect two layers; ground of the source outside the target comes with a missing target."""
    for frame, argument in ((source, "source"), (target, "target")):
        require_lonlat(frame, argument)
        if "unit_id" not in frame or frame["unit_id"].duplicated().any():
            raise InputError(
                f"`{argument}` has no unit_id or repeats one; expected a layer with one row per "
                "unit. Use read_boundaries, or add the column."
            )
    sides = [_valid(side.geometry.to_numpy()) for side in (source, target)]
    a, b = shapely.STRtree(sides[1]).query(sides[0], predicate="intersects")
    shared = shapely.intersection(sides[0][a], sides[1][b])
    area, whole = _area_km2(shared), _area_km2(sides[0])
    keep = area > _NO_OVERLAP * whole[a]
    a, b, shared, area = a[keep], b[keep], shared[keep], area[keep]
    rest = whole - np.bincount(a, area, minlength=len(whole))
    alone = np.flatnonzero(rest > _NO_OVERLAP * whole)
    covers = shapely.union_all(sides[1]) if len(alone) else None
    outside = [shapely.difference(sides[0][row], covers) for row in alone]
    names = [
        (side["name"] if "name" in side else side["unit_id"]).to_numpy(dtype=object)
        for side in (source, target)
    ]
    ids = [side["unit_id"].to_numpy(dtype=object) for side in (source, target)]
    none = np.full(len(alone), None, dtype=object)
    rows = np.r_[a, alone]
    table = pd.DataFrame(
        {
            "source_id": ids[0][rows],
            "source_name": names[0][rows],
            "target_id": np.r_[ids[1][b], none],
            "target_name": np.r_[names[1][b], none],
            "area_km2": np.r_[area, rest[alone]],
        }
    )
    return gpd.GeoDataFrame(table, geometry=[*shared, *outside], crs=LONLAT)


def _area_km2(shapes: npt.NDArray[Any]) -> Floats:
    plane = gpd.GeoSeries(shapes, crs=LONLAT).to_crs(_CYLINDRICAL)
    return np.asarray(shapely.area(plane.to_numpy()) / 1e6)


def _valid(shapes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.asarray(shapely.make_valid(shapes, method="structure", keep_collapsed=False))


def _exact_shares(table: pd.DataFrame, column: str) -> Floats:
    """Divide a column by its total per source, so that the shares add up to 1 exactly."""
    source = table["source_id"]
    total = table[column].groupby(source).transform("sum")
    empty = (total <= 0).to_numpy()
    by_area = table["area_km2"].groupby(source).transform("sum")
    share = np.where(empty, table["area_km2"] / by_area, table[column] / total.where(~empty, 1.0))
    units = np.floor(share / _QUANTUM)
    frame = pd.DataFrame({"units": units, "source": source.to_numpy()})
    missing = round(1 / _QUANTUM) - frame.groupby("source")["units"].transform("sum")
    largest = frame.groupby("source")["units"].idxmax().to_numpy()
    units[largest] += missing.to_numpy()[largest]
    return np.asarray(units * _QUANTUM, dtype=np.float64)


def _people_of_communes(pieces: pd.DataFrame, population: Population) -> Floats:
    if isinstance(population, str | os.PathLike):
        communes = load_boundaries(3).set_index("unit_id").geometry
        return _people_of(communes[pieces["commune"]], population)
    if isinstance(population, pd.DataFrame):
        require_columns(population, "population", ("unit_id", "population"))
        population = population.set_index("unit_id")["population"]
    twice = population.index[population.index.duplicated()]
    if len(twice) or not pd.api.types.is_numeric_dtype(population) or (population < 0).any():
        raise InputError(
            f"`population` repeats {len(twice)} communes ({first_offenders(twice)}), has text or "
            "negative numbers; expected one number of people per commune P-code. Clean it first."
        )
    people = population.reindex(pieces["commune"])
    absent = pieces["commune"][people.isna().to_numpy()]
    if len(absent):
        raise InputError(
            f"`population` lacks {len(absent)} communes: {first_offenders(absent)}; expected a "
            "number for each of them. Fill them in, choose countries=, or use a raster."
        )
    return people.to_numpy(dtype=np.float64)


def _people_of_pieces(pieces: gpd.GeoDataFrame, population: Population) -> Floats:
    if not isinstance(population, str | os.PathLike):
        raise InputError(
            "`population` is a table of communes; expected a raster where a side is a layer from "
            "elsewhere. Give the path of a raster of people."
        )
    return _people_of(pieces.geometry, population)


def _people_of(shapes: gpd.GeoSeries, path: PathLike) -> Floats:
    from sahel_geo.places.zonal import zonal_sums  # noqa: PLC0415  loads rasterio

    return zonal_sums(shapes, path)
