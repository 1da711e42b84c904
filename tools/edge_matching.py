"""Turn overlapping, gapping polygons of several sources into one valid coverage.

All rings are noded together and polygonised, so that every face of the result lies inside a known
set of the input polygons. A face inside one polygon belongs to it; a face inside several is
*contested* and goes to the claimant with which it shares the longest edge (a large piece claimed by
two countries first goes to the country that a third source shows there); a face inside none is a
*gap* and goes to the longest neighbour, or, where it is large, is split between its nearest
neighbours. Only whole faces are handed out, so overlaps and gaps cannot remain.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from sahel_geo.crs import geodesic_area_km2

Ints = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]
Shapes = npt.NDArray[Any]

GRID_DEGREES: Final = 1e-6  # 0.1 m: coarser than rounding noise, finer than any source
SPLIT_GAP_KM2: Final = 0.5  # smaller gaps go whole to one neighbour
SAMPLE_DEGREES: Final = 0.004  # spacing of the points that a gap is split between, about 400 m
CLOSING_DEGREES: Final = 0.03  # wedges at the outer edge up to twice this width count as gaps
CRUMB_KM2: Final = 2.0  # detached pieces below this go to the unit around them
WITNESS_KM2: Final = 10.0  # larger pieces that two countries claim are left to a third source


@dataclass(frozen=True)
class Matched:
    """A coverage and what was done to reach it.

    Attributes
    ----------
    shapes : ndarray of Polygon or MultiPolygon, shape (n,)
        One geometry per input polygon, in EPSG:4326; together a valid coverage.
    contested : DataFrame
        One row per face that several inputs claimed: ``winner``, ``loser`` (positions in the
        input) and ``area_km2``; a face with three claimants has two rows.
    gaps : DataFrame
        One row per face that no input claimed: ``winner`` and ``area_km2``.
    """

    shapes: Shapes
    contested: pd.DataFrame
    gaps: pd.DataFrame


def match_edges(
    shapes: Shapes,
    groups: npt.NDArray[Any] | None = None,
    witness: dict[str, Any] | None = None,
    fixed: npt.NDArray[np.bool] | None = None,
) -> Matched:
    """Build one coverage out of polygons that nearly fit.

    Parameters
    ----------
    shapes : ndarray of Polygon or MultiPolygon, shape (n,)
        In EPSG:4326, in the order in which ties are decided.
    groups : ndarray, shape (n,), optional
        Country of each polygon; wedges at the outer edge are closed only between two countries,
        and not at all without this argument.
    witness : dict of str to geometry, optional
        Outline of each country in a source that had no part in `shapes`. It decides only between
        two countries that both claim a piece of at least `WITNESS_KM2`.
    fixed : ndarray of bool, shape (n,), optional
        Polygons that receive no part of a gap.

    Returns
    -------
    Matched
        The coverage, the contested faces and the filled gaps.
    """
    clean = shapely.make_valid(shapes, method="structure", keep_collapsed=False)
    closed = fixed if fixed is not None else np.zeros(len(shapes), dtype=bool)
    lines = [shapely.boundary(clean)]
    if groups is not None:
        lines.append(shapely.boundary(_wedges(clean, groups)))
    faces = _faces(lines)
    owners = _settle(faces, _by_witness(faces, _claims(faces, clean), groups, witness))
    splits = _split_lines(faces, owners, closed)
    if len(splits):
        faces = _faces([shapely.boundary(faces), splits])
    claims = _claims(faces, clean)
    owners = _settle(faces, _by_witness(faces, claims, groups, witness))
    gap = owners < 0
    owners = _fill(faces, owners, gap, closed)
    owners = _sweep_crumbs(faces, owners, closed)
    areas = geodesic_area_km2(faces)
    gap &= owners >= 0
    return Matched(
        shapes=_dissolve(faces, owners, len(shapes)),
        contested=_contested(claims, owners, areas),
        gaps=pd.DataFrame({"winner": owners[gap], "area_km2": areas[gap]}),
    )


def simplify(shapes: Shapes, tolerance: float, decimals: int) -> Shapes:
    """Simplify a coverage and round its coordinates, keeping it a valid coverage.

    Parameters
    ----------
    shapes : ndarray of Polygon or MultiPolygon, shape (n,)
        A valid coverage in EPSG:4326.
    tolerance : float
        Visvalingam-Whyatt tolerance in degrees (the square root of the smallest triangle).
    decimals : int
        Decimals of a degree that are kept.

    Returns
    -------
    ndarray of Polygon or MultiPolygon, shape (n,)
        The simplified coverage, rings oriented and started in one canonical way.

    Raises
    ------
    RuntimeError
        If rounding broke the coverage.
    """
    simple = shapely.coverage_simplify(shapes, tolerance)
    rounded = shapely.transform(simple, lambda xy: np.round(xy, decimals))
    result = shapely.normalize(shapely.remove_repeated_points(rounded))
    faults = int((~shapely.is_valid(result)).sum())
    if faults or not shapely.coverage_is_valid(result):
        raise RuntimeError(f"rounding to {decimals} decimals broke the coverage ({faults} shapes).")
    return np.asarray(result)


def displacement_km(before: Shapes, after: Shapes) -> Floats:
    """Measure how far the outline of each polygon moved.

    Parameters
    ----------
    before, after : ndarray of Polygon or MultiPolygon, shape (n,)
        The same units, in EPSG:4326.

    Returns
    -------
    ndarray of float, shape (m,)
        For every vertex of `before`, the distance in km to the outline of the same unit in
        `after`, on a local equirectangular plane.
    """
    result = []
    for old, new in zip(before, after, strict=True):
        stretch = _stretch(old.centroid.y) * 111.195
        outline = shapely.boundary(_scale(new, stretch))
        vertices = shapely.points(shapely.get_coordinates(old) * stretch)
        result.append(shapely.distance(vertices, outline))
    return np.concatenate(result)


def _stretch(lat: float) -> Floats:
    """Give the factors that make degrees of longitude as long as those of latitude."""
    return np.array([np.cos(np.radians(lat)), 1.0])


def _scale(shapes: Any, factor: Floats) -> Any:
    return shapely.transform(shapes, lambda xy: xy * factor)


def _faces(lines: list[Any]) -> Shapes:
    """Cut the plane along all lines; faces come in a fixed order."""
    linework = shapely.union_all(np.concatenate([np.atleast_1d(part) for part in lines]))
    noded = shapely.union_all(linework, grid_size=GRID_DEGREES)
    faces = shapely.normalize(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))))
    inside = shapely.point_on_surface(faces)
    return np.asarray(faces[np.lexsort((shapely.get_y(inside), shapely.get_x(inside)))])


def _claims(faces: Shapes, shapes: Shapes) -> csr_array:
    """Tell which polygons (columns) cover which faces (rows)."""
    face, unit = shapely.STRtree(shapes).query(shapely.point_on_surface(faces), "intersects")
    ones = np.ones(len(face))
    return coo_array((ones, (face, unit)), shape=(len(faces), len(shapes))).tocsr()


def _shared_length(faces: Shapes) -> csr_array:
    """Measure the edge that each two faces share; km, symmetric, zero diagonal."""
    rings, owner = shapely.get_rings(faces, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    face = owner[ring[:-1][same]]
    steps = np.round(np.hstack([xy[:-1][same], xy[1:][same]]) / GRID_DEGREES).astype(np.int64)
    flip = (steps[:, 0] > steps[:, 2]) | (
        (steps[:, 0] == steps[:, 2]) & (steps[:, 1] > steps[:, 3])
    )
    steps[flip] = steps[flip][:, [2, 3, 0, 1]]
    order = np.lexsort(steps.T)
    twin = (np.diff(steps[order], axis=0) == 0).all(axis=1)
    first, second = order[:-1][twin], order[1:][twin]
    span = (steps[first, 2:] - steps[first, :2]) * GRID_DEGREES * 111.195
    span[:, 0] *= np.cos(np.radians(steps[first, 1] * GRID_DEGREES))
    length = np.hypot(span[:, 0], span[:, 1])
    a, b = face[first], face[second]
    size = (len(faces), len(faces))
    both = (np.r_[length, length], (np.r_[a, b], np.r_[b, a]))
    result = coo_array(both, shape=size).tocsr()
    result.setdiag(0)
    return result


def _votes(shared: csr_array, owners: Ints, n_units: int) -> csr_array:
    """Sum, per face and unit, the edge shared with faces that the unit already owns."""
    known = np.flatnonzero(owners >= 0)
    membership = coo_array(
        (np.ones(len(known)), (known, owners[known])),
        shape=(len(owners), n_units),
    ).tocsr()
    return (shared @ membership).tocsr()


def _best(votes: csr_array, rows: Ints) -> Ints:
    """Pick the unit with the longest edge for each row, -1 where no edge is shared."""
    block = votes[rows].toarray()
    return np.where(block.max(axis=1) > 0, block.argmax(axis=1), -1)


def _settle(faces: Shapes, claims: csr_array) -> Ints:
    """Give claimed faces to an owner: the only claimant, or the one with the longest edge."""
    count = np.diff(claims.indptr)
    owners = np.full(len(faces), -1, dtype=np.intp)
    owners[count == 1] = claims.indices[claims.indptr[:-1][count == 1]]
    shared = _shared_length(faces)
    open_faces = np.flatnonzero(count > 1)
    while len(open_faces):
        votes = _votes(shared, owners, claims.shape[1]).multiply(claims).tocsr()
        chosen = _best(votes, open_faces)
        if (chosen < 0).all():  # claimants that own nothing nearby: the first in the given order
            chosen = np.array([claims.indices[claims.indptr[face]] for face in open_faces])
        owners[open_faces] = chosen
        open_faces = open_faces[chosen < 0]
    return owners


def _wedges(shapes: Shapes, groups: npt.NDArray[Any]) -> Shapes:
    """Find gaps between two countries that are open to the outside."""
    whole = shapely.union_all(shapes)
    closed = whole.buffer(CLOSING_DEGREES, join_style="mitre")
    closed = closed.buffer(-CLOSING_DEGREES, join_style="mitre")
    pieces = shapely.get_parts(shapely.difference(closed, whole, grid_size=GRID_DEGREES))
    return np.asarray(pieces[_touches_two(pieces, shapes, groups)])


def _touches_two(pieces: Shapes, shapes: Shapes, groups: npt.NDArray[Any]) -> npt.NDArray[np.bool]:
    piece, unit = shapely.STRtree(shapes).query(shapely.buffer(pieces, 1e-5), "intersects")
    pairs = pd.DataFrame({"piece": piece, "group": groups[unit]})
    count = pairs.groupby("piece")["group"].nunique().reindex(range(len(pieces)), fill_value=0)
    return (count > 1).to_numpy()


def _by_witness(
    faces: Shapes,
    claims: csr_array,
    groups: npt.NDArray[Any] | None,
    witness: dict[str, Any] | None,
) -> csr_array:
    """Leave large pieces claimed by two countries to the one that a third source shows there."""
    if groups is None or witness is None:
        return claims
    pairs = claims.tocoo()
    table = pd.DataFrame({"face": pairs.row, "unit": pairs.col, "group": groups[pairs.col]})
    several = table.groupby("face")["group"].nunique()
    disputed = several.index[several > 1].to_numpy()
    if len(disputed) == 0:
        return claims
    pieces = shapely.get_parts(shapely.union_all(faces[disputed]))
    pieces = pieces[geodesic_area_km2(pieces) >= WITNESS_KM2]
    countries = sorted(witness)
    cover = [shapely.area(shapely.intersection(pieces, witness[name])) for name in countries]
    winners = np.array(countries)[np.argmax(cover, axis=0)]
    inside = shapely.point_on_surface(faces[disputed])
    face, piece = shapely.STRtree(pieces).query(inside, "intersects")
    chosen = pd.Series(winners[piece], index=disputed[face])
    wanted = table["face"].map(chosen)
    has_claim = (table["group"] == wanted).groupby(table["face"]).transform("any")
    keep = wanted.isna() | ~has_claim | (table["group"] == wanted)
    kept = table[keep.to_numpy()]
    ones = np.ones(len(kept))
    return coo_array((ones, (kept["face"], kept["unit"])), shape=claims.shape).tocsr()


def _split_lines(faces: Shapes, owners: Ints, closed: npt.NDArray[np.bool]) -> Shapes:
    """Draw, inside every large gap, the lines of equal distance to the units around it."""
    gaps = shapely.get_parts(shapely.union_all(faces[owners < 0]))
    gaps = gaps[geodesic_area_km2(gaps) >= SPLIT_GAP_KM2]
    owned = np.flatnonzero((owners >= 0) & ~closed[owners])
    tree = shapely.STRtree(faces[owned])
    lines = [
        _equidistant(gap, faces[owned[near]], owners[owned[near]])
        for gap in gaps
        for near in [np.sort(tree.query(gap, predicate="intersects"))]
    ]
    return np.array([line for line in lines if not line.is_empty], dtype=object)


def _equidistant(gap: Any, around: Shapes, owners: Ints) -> Any:
    """Split one gap with a Voronoi diagram of points along the edges of its neighbours."""
    stretch = _stretch(gap.centroid.y)
    edges = shapely.intersection(shapely.boundary(around), shapely.boundary(gap))
    edges = shapely.segmentize(edges, SAMPLE_DEGREES)
    xy, edge = shapely.get_coordinates(edges, return_index=True)
    sites = pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1], "owner": owners[edge]})
    sites = sites.drop_duplicates().drop_duplicates(["x", "y"], keep=False)
    if sites["owner"].nunique() < 2:
        return shapely.LineString()
    points = shapely.MultiPoint(sites[["x", "y"]].to_numpy() * stretch)
    cells = shapely.get_parts(
        shapely.voronoi_polygons(points, extend_to=gap.envelope, ordered=True),
    )
    realms = [
        shapely.union_all(cells[(sites["owner"] == owner).to_numpy()])
        for owner in sorted(sites["owner"].unique())
    ]
    seams = shapely.union_all(shapely.boundary(np.array(realms, dtype=object)))
    return _scale(seams, 1 / stretch).intersection(gap)


def _fill(
    faces: Shapes,
    owners: Ints,
    gap: npt.NDArray[np.bool],
    closed: npt.NDArray[np.bool],
) -> Ints:
    """Give the faces of gaps to the nearest unit, small ones to the longest neighbour."""
    result = owners.copy()
    shared = _shared_length(faces)
    large = gap & _in_large_gap(faces, gap)
    rows = np.flatnonzero(large)
    if len(rows):
        owned = np.flatnonzero((owners >= 0) & ~closed[owners])
        nearest = _nearest(shapely.point_on_surface(faces[rows]), faces[owned])
        result[rows] = owners[owned[nearest]]
    rows = np.flatnonzero(gap & ~large)
    while len(rows):
        votes = _votes(shared, result, len(closed)) * ~closed
        chosen = _best(votes.tocsr(), rows)
        result[rows] = chosen
        if (chosen < 0).all():
            break
        rows = rows[chosen < 0]
    return result


def _in_large_gap(faces: Shapes, gap: npt.NDArray[np.bool]) -> npt.NDArray[np.bool]:
    gaps = shapely.get_parts(shapely.union_all(faces[gap]))
    gaps = gaps[geodesic_area_km2(gaps) >= SPLIT_GAP_KM2]
    hit = np.zeros(len(faces), dtype=bool)
    if len(gaps):
        face, _ = shapely.STRtree(gaps).query(shapely.point_on_surface(faces), "intersects")
        hit[face] = True
    return hit


def _nearest(points: Shapes, shapes: Shapes) -> Ints:
    """Find the nearest shape of each point, east-west distances shortened by the latitude."""
    tree = shapely.STRtree(shapes)
    result = np.empty(len(points), dtype=np.intp)
    for row, point in enumerate(points):
        reach = 1.1 * shapely.distance(point, shapes[tree.nearest(point)]) + 1e-9
        stretch = _stretch(point.y)
        near = np.sort(tree.query(point.buffer(reach * 1.1)))
        distances = shapely.distance(_scale(point, stretch), _scale(shapes[near], stretch))
        result[row] = near[distances.argmin()]
    return result


def _sweep_crumbs(faces: Shapes, owners: Ints, closed: npt.NDArray[np.bool]) -> Ints:
    """Hand small detached pieces of a unit to the unit around them."""
    result = owners.copy()
    shared = _shared_length(faces)
    areas = geodesic_area_km2(faces)
    pairs = shared.tocoo()
    keep = result[pairs.row] == result[pairs.col]
    same = coo_array((pairs.data[keep], (pairs.row[keep], pairs.col[keep])), shape=shared.shape)
    _, piece = connected_components(same, directed=False)
    table = pd.DataFrame({"piece": piece, "owner": result, "area": areas})
    size = table.groupby("piece")["area"].transform("sum")
    main = size.groupby(table["owner"]).transform("max")
    crumb = np.flatnonzero(((size < CRUMB_KM2) & (size < main)).to_numpy())
    if len(crumb) == 0:
        return result
    result[crumb] = -1
    while (result[crumb] < 0).any():
        rows = crumb[result[crumb] < 0]
        votes = _votes(shared, result, len(closed)) * ~closed
        chosen = _best(votes.tocsr(), rows)
        if (chosen < 0).all():  # detached from everything: a digitising error, left out
            break
        result[rows] = chosen
    return result


def _dissolve(faces: Shapes, owners: Ints, n_units: int) -> Shapes:
    order = np.argsort(owners, kind="stable")
    bounds = np.searchsorted(owners[order], np.arange(n_units + 1))
    parts = [faces[order[low:high]] for low, high in pairwise(bounds)]
    merged = [shapely.coverage_union_all(part) for part in parts]
    return np.array(merged, dtype=object)


def _contested(claims: csr_array, owners: Ints, areas: Floats) -> pd.DataFrame:
    pairs = claims.tocoo()
    winner = owners[pairs.row]
    lost = (pairs.col != winner) & (winner >= 0)
    return pd.DataFrame(
        {
            "winner": winner[lost],
            "loser": pairs.col[lost],
            "area_km2": areas[pairs.row[lost]],
        },
    )
