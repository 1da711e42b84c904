"""Borders as objects: their lines and lengths, tri-points, neighbours, and distances to them.

Everything is read off the edges that units share. In a coverage each edge is a segment that occurs
once (outer edge) or in exactly two units, so no geometry is overlaid and no tolerance is needed.
"""

from collections import deque
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sahel_geo.arrays import Flags, Objects
from sahel_geo.crs import LONLAT, WGS84, require_lonlat
from sahel_geo.errors import InputError, first_offenders, require_columns
from sahel_geo.places.boundaries.boundaries import RESOLUTIONS, Resolution, load_boundaries
from sahel_geo.places.context import load_neighbour_countries
from sahel_geo.places.distances import distance_to_border
from sahel_geo.places.remember import remembered

__all__ = ["distance_to_border", "international_borders", "neighbours", "tri_points"]

_COVERAGES: Final[deque[dict[int, Any]]] = deque(maxlen=8)  # the last shapes that matched
_TOUCHES_DEGREES: Final = 1e-4  # 10 m: the neighbouring countries share the mosaic's vertices


def international_borders(units: gpd.GeoDataFrame, *, outer: bool = False) -> gpd.GeoDataFrame:
    """Draw the border between each two countries.

    Parameters
    ----------
    units : GeoDataFrame, shape (n, ...)
        Units of one level with ``country`` and ``geometry``, EPSG:4326, edges matching.
    outer : bool
        Also give the borders with countries that `units` does not hold, from the outer edge of the
        units and the outlines of Mali, Niger, Burkina Faso and their neighbours.

    Returns
    -------
    GeoDataFrame
        One row per pair that meets, in alphabetical order: ``country_a``, ``country_b``,
        ``length_km`` (geodesic, at the resolution of the units), ``source``, ``licence``,
        ``geometry`` (MultiLineString, EPSG:4326). No rows if no two countries meet.

    Raises
    ------
    CrsError
        If `units` is not in EPSG:4326.
    InputError
        If a column is missing or the units overlap or leave gaps.

    Examples
    --------
    >>> from sahel_geo.places.boundaries.boundaries import load_boundaries
    >>> borders = international_borders(load_boundaries(level=1))
    >>> [f"{row.country_a}-{row.country_b}" for row in borders.itertuples()]
    ['BFA-MLI', 'BFA-NER', 'MLI-NER']
    """
    _require_coverage(units, ["country"])
    return _borders(units, outer).copy()


@remembered("country", "source", "licence")
def _borders(units: gpd.GeoDataFrame, outer: bool) -> gpd.GeoDataFrame:  # noqa: FBT001
    edges = _edges(units)
    country = units["country"].to_numpy(dtype=object)
    inner = edges[edges["second"] >= 0]
    edges = inner.assign(a=country[inner["first"]], b=country[inner["second"]])
    if outer:
        edges = pd.concat([edges, _outer_edges(units)], ignore_index=True)
    edges = edges[edges["a"] != edges["b"]]
    swap = (edges["a"] > edges["b"]).to_numpy()
    edges.loc[swap, ["a", "b"]] = edges.loc[swap, ["b", "a"]].to_numpy()
    rows = [_border_row(units, pair, group) for pair, group in edges.groupby(["a", "b"])]
    columns = ["country_a", "country_b", "length_km", "source", "licence", "geometry"]
    table = pd.DataFrame(rows, columns=columns).astype({"length_km": float})
    return gpd.GeoDataFrame(table, geometry="geometry", crs=LONLAT)


def tri_points(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Find the points where three or more countries meet.

    Parameters
    ----------
    units : GeoDataFrame, shape (n, ...)
        Units of one level with ``country`` and ``geometry``, EPSG:4326, edges matching.

    Returns
    -------
    GeoDataFrame
        One row per point, from west to east: ``countries`` (codes in alphabetical order, such as
        ``BFA-MLI-NER``), ``lon``, ``lat``, ``geometry`` in EPSG:4326. No rows if there is none.

    Raises
    ------
    CrsError
        If `units` is not in EPSG:4326.
    InputError
        If a column is missing or the units overlap or leave gaps.

    Examples
    --------
    >>> from sahel_geo.places.boundaries.boundaries import load_boundaries
    >>> tri_points(load_boundaries(level=0)).round(2)[["countries", "lon", "lat"]].values.tolist()
    [['BFA-MLI-NER', 0.22, 14.99]]
    """
    _require_coverage(units, ["country"])
    return _meeting_points(units).copy()


@remembered("country")
def _meeting_points(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    xy, unit = shapely.get_coordinates(units.geometry.to_numpy(), return_index=True)
    corners = pd.DataFrame({"lon": xy[:, 0], "lat": xy[:, 1]})
    corners["country"] = units["country"].to_numpy(dtype=object)[unit]
    corners = corners.drop_duplicates().sort_values("country")
    several = corners[corners.groupby(["lon", "lat"])["country"].transform("size") > 2]
    meetings = (
        several.groupby(["lon", "lat"])["country"].agg("-".join).reset_index(name="countries")
    )
    meetings = meetings[["countries", "lon", "lat"]]
    points = gpd.points_from_xy(meetings["lon"], meetings["lat"])
    return gpd.GeoDataFrame(meetings, geometry=points, crs=LONLAT)


def neighbours(units: gpd.GeoDataFrame, *, corners: bool = False) -> pd.DataFrame:
    """List which units touch, and along how many kilometres.

    Parameters
    ----------
    units : GeoDataFrame, shape (n, ...)
        Units of one level with ``unit_id``, ``country`` and ``geometry``, EPSG:4326, edges
        matching.
    corners : bool
        Also count units that meet in single points, with 0 km.

    Returns
    -------
    DataFrame
        Two rows per pair, one in each direction: ``unit_id``, ``neighbour_id``, ``shared_km``
        (geodesic), ``is_international``; in the order of `units`. A unit that touches no other
        does not appear.

    Raises
    ------
    CrsError
        If `units` is not in EPSG:4326.
    InputError
        If a column is missing, a ``unit_id`` occurs twice, or the units overlap or leave gaps.

    Examples
    --------
    >>> from sahel_geo.places.boundaries.boundaries import load_boundaries
    >>> links = neighbours(load_boundaries(level=1))
    >>> sorted(links.loc[links["unit_id"] == "ML10", "neighbour_id"])
    ['ML07', 'ML08', 'NE005', 'NE006']
    """
    _require_coverage(units, ["unit_id", "country"])
    twice = units.loc[units["unit_id"].duplicated(), "unit_id"]
    if len(twice):
        raise InputError(
            f"`units` has {len(twice)} repeated unit_id: {first_offenders(twice)}; expected each "
            "once. Dissolve the parts of a unit, or pass one level and vintage only."
        )
    return _links(units, corners).copy()


@remembered("unit_id", "country")
def _links(units: gpd.GeoDataFrame, corners: bool) -> pd.DataFrame:  # noqa: FBT001
    pairs = _edges(units)[["first", "second", "length_km"]]
    pairs = pairs[pairs["second"] >= 0]
    if corners:
        pairs = pd.concat([pairs, _corner_pairs(units)], ignore_index=True)
    total = pairs.groupby(["first", "second"])["length_km"].sum().reset_index()
    back = total.rename(columns={"first": "second", "second": "first"})
    links = pd.concat([total, back]).sort_values(["first", "second"], ignore_index=True)
    names = units["unit_id"].to_numpy(dtype=object)
    country = units["country"].to_numpy(dtype=object)
    first, second = links["first"].to_numpy(), links["second"].to_numpy()
    return pd.DataFrame(
        {
            "unit_id": names[first],
            "neighbour_id": names[second],
            "shared_km": links["length_km"],
            "is_international": country[first] != country[second],
        }
    ).astype({"unit_id": units["unit_id"].dtype, "neighbour_id": units["unit_id"].dtype})


def _require_coverage(units: gpd.GeoDataFrame, columns: list[str]) -> None:
    require_lonlat(units, "units")
    require_columns(units, "units", columns)
    faulty = _faulty(units)
    if faulty.any():
        rows = units.index[faulty]
        raise InputError(
            f"`units` has {len(rows)} rows whose edges overlap or do not match: "
            f"{first_offenders(rows)}; expected a coverage. Use units of one level from "
            "load_boundaries, or shapely.coverage_clean."
        )


def joined(shapes: Objects) -> Any:
    """Join polygons to one shape, much sooner if they are a coverage; shape (n,)."""
    if is_coverage(shapes):
        return shapely.coverage_union_all(shapes)
    return shapely.union_all(shapes)


def is_coverage(shapes: Objects) -> bool:
    """Tell whether polygons (n,) match at their edges; those that did so before still do."""
    own = {id(shape) for shape in shapes}
    if len(own) == len(shapes) and any(own <= known.keys() for known in _COVERAGES):
        return True
    valid = bool(shapely.coverage_is_valid(shapes))
    if valid:  # the shapes are kept, so that no other one can have their identity
        _COVERAGES.append({id(shape): shape for shape in shapes})
    return valid


@remembered()
def _faulty(units: gpd.GeoDataFrame) -> Flags:
    """Tell which units overlap others or do not match their edges."""
    shapes = units.geometry.to_numpy()
    if is_coverage(shapes):
        return np.zeros(len(shapes), dtype=bool)
    return np.asarray(~shapely.is_empty(shapely.coverage_invalid_edges(shapes)))


@remembered()
def _edges(units: gpd.GeoDataFrame) -> pd.DataFrame:
    """List every segment of the coverage once.

    Returns the columns x0, y0, x1, y1 (degrees), first, second (row numbers of the units on its two
    sides; second is -1 on the outer edge, and first < second otherwise) and length_km. A segment
    between two parts of one unit is no edge.
    """
    parts, unit = shapely.get_parts(units.geometry.to_numpy(), return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    owner = unit[part]
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    start, end = xy[:-1][same], xy[1:][same]
    flip = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    start[flip], end[flip] = end[flip], start[flip].copy()
    table = pd.DataFrame(np.hstack([start, end]), columns=["x0", "y0", "x1", "y1"])
    table["first"] = owner[ring[:-1][same]]
    table = table.sort_values(["x0", "y0", "x1", "y1", "first"], ignore_index=True)
    repeated = table.duplicated(["x0", "y0", "x1", "y1"]).to_numpy()
    second = np.full(len(table), -1)
    second[:-1][repeated[1:]] = table["first"].to_numpy()[1:][repeated[1:]]
    table["second"] = second
    table = table.loc[~repeated & (table["first"] != table["second"])].reset_index(drop=True)
    lengths = WGS84.inv(table["x0"], table["y0"], table["x1"], table["y1"])[2]
    table["length_km"] = np.asarray(lengths) / 1e3
    return table


def _corner_pairs(units: gpd.GeoDataFrame) -> pd.DataFrame:
    xy, unit = shapely.get_coordinates(units.geometry.to_numpy(), return_index=True)
    corners = pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1], "unit": unit}).drop_duplicates()
    corners = corners.sort_values(["x", "y", "unit"])
    x, y, unit = (corners[name].to_numpy() for name in ("x", "y", "unit"))
    pairs = np.empty((0, 2), dtype=np.int64)
    for apart in range(1, len(units)):  # at most as many units as meet in one point
        same = (x[apart:] == x[:-apart]) & (y[apart:] == y[:-apart])
        if not same.any():
            break
        pairs = np.vstack([pairs, np.column_stack([unit[:-apart][same], unit[apart:][same]])])
    return pd.DataFrame(np.unique(pairs, axis=0), columns=["first", "second"]).assign(length_km=0.0)


def _outer_edges(units: gpd.GeoDataFrame) -> pd.DataFrame:
    """Find, for each segment of the outer edge, the foreign country on its other side."""
    edges = _edges(units)
    edges = edges[edges["second"] < 0].reset_index(drop=True)
    edges["a"] = units["country"].to_numpy(dtype=object)[edges["first"]]
    resolution, edges = _on_national_outlines(edges)
    own, around = load_boundaries(level=0, resolution=resolution), load_neighbour_countries()
    codes = np.r_[own["country"].to_numpy(object), around["country"].to_numpy(object)]
    outlines = np.r_[own.geometry.to_numpy(), around.geometry.to_numpy()]
    middle: Any = shapely.points((edges["x0"] + edges["x1"]) / 2, (edges["y0"] + edges["y1"]) / 2)
    tree = shapely.STRtree(outlines)
    row, outline = tree.query(middle, predicate="dwithin", distance=_TOUCHES_DEGREES)
    outer = pd.DataFrame({"row": row, "b": codes[outline]})
    if resolution != "1m":  # the neighbours' outlines fit that resolution only: take the nearest
        lost = np.setdiff1d(np.arange(len(edges)), outer.loc[_abroad(outer, edges), "row"])
        parts = [outer]
        for country, rows in pd.Series(lost).groupby(edges["a"].to_numpy()[lost]):
            foreign = codes != country
            nearest = shapely.STRtree(outlines[foreign]).nearest(middle[rows])
            parts.append(pd.DataFrame({"row": rows, "b": codes[foreign][nearest]}))
        outer = pd.concat(parts, ignore_index=True)
    outer = outer[_abroad(outer, edges)]
    outer = outer.sort_values(["row", "b"]).drop_duplicates("row")
    result: pd.DataFrame = edges.iloc[outer["row"].to_numpy()]
    return result.assign(b=outer["b"].to_numpy())


def _on_national_outlines(edges: pd.DataFrame) -> tuple[Resolution, pd.DataFrame]:
    """Find the resolution the units were loaded at, and keep the edges on national outlines.

    Edges of a layer that is none of the package's come back whole, to be matched by distance.
    """
    ends = ["x0", "y0", "x1", "y1"]
    best, kept = RESOLUTIONS[0], np.zeros(len(edges), dtype=bool)
    for resolution in RESOLUTIONS:
        outline = _edges(load_boundaries(level=0, resolution=resolution))[ends]
        merged = edges[ends].merge(outline, how="left", indicator=True)
        matches = (merged["_merge"] == "both").to_numpy()
        if matches.sum() > kept.sum():
            best, kept = resolution, matches
        if kept.all():
            break
    return best, edges[kept].reset_index(drop=True) if kept.any() else edges


def _abroad(outer: pd.DataFrame, edges: pd.DataFrame) -> Flags:
    own = edges["a"].to_numpy()[outer["row"].to_numpy(dtype=np.intp)]
    return np.asarray(outer["b"].to_numpy() != own)


def _border_row(units: gpd.GeoDataFrame, pair: Any, edges: pd.DataFrame) -> list[Any]:
    ends = edges[["x0", "y0", "x1", "y1"]].to_numpy().reshape(-1, 2, 2)
    segments: Any = shapely.linestrings(ends)
    merged = shapely.line_merge(shapely.multilinestrings(segments))
    line = shapely.multilinestrings(shapely.get_parts(shapely.normalize(merged)))
    credit = [
        "; ".join(sorted(set(units.loc[units["country"].isin(pair), column].astype(str))))
        if column in units.columns
        else ""
        for column in ("source", "licence")
    ]
    return [*pair, float(edges["length_km"].sum()), *credit, line]
