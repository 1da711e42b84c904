"""Who counts as a neighbour of whom, and how much: contiguity, distance, k-nearest, kernels.

Distances are geodesic kilometres between the centroids of units, taken in an equal-area projection.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy

from sahel_geo.arrays import Floats, Integers, Objects
from sahel_geo.crs import EQUAL_AREA, LONLAT, WGS84, require_lonlat, unit_vectors
from sahel_geo.errors import InputError, first_offenders, require_choice, require_km
from sahel_geo.locate.assign.unit_index import unique_ids
from sahel_geo.notebook import table_html
from sahel_geo.places.borders import neighbours

Kernel = Literal["quartic", "gaussian", "triangular"]

_EARTH_KM: Final = 6378.137  # WGS 84, equatorial: chords through it are never longer than geodesics
_ROUNDING: Final = 1.01  # the sphere misses the ellipsoid by less than 1 %, either way


@dataclass(frozen=True)
class Weights:
    """Links from each unit to its neighbours, itself excluded.

    Attributes
    ----------
    unit_ids : tuple of str, n
        The units, in the order of the rows of `matrix`.
    matrix : scipy.sparse.csr_array of float, shape (n, n)
        Positive weight of each neighbour (column) for each unit (row), columns in order; nothing on
        the diagonal. A unit whose row is empty has no neighbours.
    kind : str
        How the links were made, such as ``"contiguity"`` or ``"distance 50 km"``.
    """

    unit_ids: tuple[str, ...]
    matrix: Any
    kind: str

    def __post_init__(self) -> None:
        matrix, size = self.matrix, len(self.unit_ids)
        if matrix.shape != (size, size):
            raise InputError(
                f"`matrix` has shape {matrix.shape}; expected {(size, size)}, one row and column "
                "per unit. Pass the units that it was made for."
            )
        if len(matrix.data) and not (np.isfinite(matrix.data).all() and matrix.data.min() > 0):
            wrong = matrix.data[~(matrix.data > 0) | ~np.isfinite(matrix.data)]
            raise InputError(
                f"`matrix` holds {len(wrong)} weights that are not positive numbers: "
                f"{first_offenders(wrong)}; expected positive weights, absent links left out. "
                "Drop them from the matrix."
            )
        loops = np.flatnonzero(matrix.diagonal())
        if len(loops):
            raise InputError(
                f"`matrix` links {len(loops)} units to themselves: "
                f"{first_offenders(self.unit_ids[at] for at in loops)}; expected an empty diagonal."
                " Clear it; star=True adds the unit itself."
            )

    def _repr_html_(self) -> str:
        counts = np.diff(self.matrix.indptr)
        words = f"{self.kind}: {len(counts)} units, {int(counts.sum())} links, "
        words += f"{int((counts == 0).sum())} units without neighbours"
        sums = np.asarray(self.matrix.sum(axis=1)).ravel()
        table = {"unit_id": self.unit_ids, "neighbours": counts, "sum_of_weights": sums}
        return table_html(words, pd.DataFrame(table))

    @classmethod
    def from_matrix(cls, unit_ids: Any, matrix: Any, *, kind: str = "given") -> "Weights":
        """Take weights from any matrix, dense or sparse.

        Parameters
        ----------
        unit_ids : sequence of str, n
            The units of rows and columns.
        matrix : array_like or sparse, shape (n, n)
            Weights; zeros mean no link.
        kind : str
            What to call them.

        Returns
        -------
        Weights
            A copy, with its columns sorted.

        Raises
        ------
        InputError
            If the shape does not fit, a weight is negative or not finite, or the diagonal is not
            empty.

        Examples
        --------
        >>> Weights.from_matrix(["A", "B"], [[0, 1], [1, 0]]).cardinality
        array([1, 1])
        """
        sparse = scipy.sparse.csr_array(matrix, dtype=np.float64, copy=True)
        sparse.eliminate_zeros()
        sparse.sum_duplicates()
        return cls(tuple(str(unit) for unit in unit_ids), sparse, kind)

    @property
    def cardinality(self) -> Integers:
        """Number of neighbours of each unit, shape (n,)."""
        return np.asarray(np.diff(self.matrix.indptr), dtype=np.int64)

    @property
    def symmetric(self) -> bool:
        """Whether each link weighs as much in both directions."""
        return bool(abs(self.matrix - self.matrix.T).sum() == 0)

    def row_standardised(self) -> "Weights":
        """Scale the weights of each unit to sum to 1; a unit without neighbours stays empty."""
        total = np.asarray(self.matrix.sum(axis=1)).ravel()
        scaled = self.matrix.copy()
        scaled.data = scaled.data / np.repeat(total, self.cardinality)
        return Weights(self.unit_ids, scaled, f"{self.kind}, row-standardised")


def contiguity(units: gpd.GeoDataFrame, *, corners: bool = True) -> Weights:
    """Link units that touch, each neighbour with weight 1.

    Parameters
    ----------
    units : GeoDataFrame, n rows
        Units of one level with ``unit_id``, ``country`` and matching edges, EPSG:4326.
    corners : bool
        Whether a single shared point is enough (queen) or a shared edge is needed (rook).

    Returns
    -------
    Weights
        Symmetric.

    Raises
    ------
    CrsError
        If `units` is not in EPSG:4326.
    InputError
        If a column is missing, a ``unit_id`` repeats, or units overlap or leave gaps.

    References
    ----------
    Anselin, L. (1988). Spatial Econometrics, section 3.1.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> contiguity(sg.load_boundaries(level=1, countries=["NER"])).cardinality.max().item()
    4
    """
    known = units if "country" in units else units.assign(country="")  # cells have none
    links = neighbours(known, corners=corners)
    ids = pd.Index(unique_ids(units))
    ends = (pd.Index(links[name].astype(str)) for name in ("unit_id", "neighbour_id"))
    row, column = map(ids.get_indexer, ends)
    return _from_pairs(ids, row, column, np.ones(len(links)), "contiguity")


def links_of(units: gpd.GeoDataFrame, weights: Weights | None) -> Weights:
    """Take the weights of some units, by default contiguity; refuse those of others."""
    links, ids = contiguity(units) if weights is None else weights, tuple(unique_ids(units))
    if links.unit_ids != ids:
        strangers = sorted(set(ids) ^ set(links.unit_ids)) or list(ids)
        raise InputError(
            "`weights` were made for other units, or in another order: "
            f"{first_offenders(strangers)}; expected those of `units`. Build them again from them."
        )
    return links


def distance_band(units: gpd.GeoDataFrame, km: float) -> Weights:
    """Link units whose centroids lie within a distance, each neighbour with weight 1.

    Parameters
    ----------
    units : GeoDataFrame, n rows
        Column ``unit_id`` and any geometries in EPSG:4326.
    km : float
        Geodesic distance; a centroid at exactly this distance is a neighbour.

    Returns
    -------
    Weights
        Symmetric. Units farther than this from all others have no neighbours.

    Raises
    ------
    CrsError
        If `units` is not in EPSG:4326.
    InputError
        If `km` is not positive, a geometry is missing or empty, or a ``unit_id`` repeats.

    Examples
    --------
    >>> places = gpd.GeoDataFrame(
    ...     {"unit_id": ["A", "B", "C"]},
    ...     geometry=gpd.points_from_xy([0, 0, 0], [14.0, 14.1, 16.0]), crs=4326)
    >>> distance_band(places, 20).cardinality.tolist()
    [1, 1, 0]
    """
    row, column, distance, ids = _pairs_within(units, km, "km")
    return _from_pairs(ids, row, column, np.ones_like(distance), f"distance {km:g} km")


def nearest(units: gpd.GeoDataFrame, k: int) -> Weights:
    """Link each unit to the k others whose centroids are nearest, each with weight 1.

    Parameters
    ----------
    units : GeoDataFrame, n rows
        Column ``unit_id`` and any geometries in EPSG:4326.
    k : int
        Number of neighbours, less than n. Of several at one distance, the first rows are taken.

    Returns
    -------
    Weights
        Not symmetric in general.

    Raises
    ------
    CrsError
        If `units` is not in EPSG:4326.
    InputError
        If `k` is below 1 or not below n, a geometry is missing or a ``unit_id`` repeats.

    Examples
    --------
    >>> places = gpd.GeoDataFrame(
    ...     {"unit_id": ["A", "B", "C"]},
    ...     geometry=gpd.points_from_xy([0, 0, 0], [14.0, 14.1, 16.0]), crs=4326)
    >>> nearest(places, 1).matrix.toarray().astype(int).tolist()
    [[0, 1, 0], [1, 0, 0], [0, 1, 0]]
    """
    ids, lon, lat = _centroids(units)
    if not 1 <= k < len(ids):
        raise InputError(
            f"`k` is {k} with {len(ids)} units; expected 1 to {len(ids) - 1}. Choose fewer."
        )
    spare = min(len(ids), 2 * k + 8)  # the ellipsoid may reorder what the sphere found
    sphere = _EARTH_KM * unit_vectors(lon, lat)
    _, nearest_rows = scipy.spatial.KDTree(sphere).query(sphere, spare)
    row = np.repeat(np.arange(len(ids)), spare)
    column = nearest_rows.ravel()
    row, column = row[row != column], column[row != column]
    distance = _geodesic_km(lon, lat, row, column)
    order = np.lexsort([column, distance.round(9), row])
    row, column = row[order], column[order]
    first = np.searchsorted(row, np.arange(len(ids)))
    keep = np.arange(len(row)) - first[row] < k
    return _from_pairs(ids, row[keep], column[keep], np.ones(int(keep.sum())), f"{k} nearest")


def kernel(units: gpd.GeoDataFrame, bandwidth_km: float, *, shape: Kernel = "quartic") -> Weights:
    """Weigh neighbours by a kernel of the distance between centroids.

    Parameters
    ----------
    units : GeoDataFrame, n rows
        Column ``unit_id`` and any geometries in EPSG:4326.
    bandwidth_km : float
        Reach of the quartic and triangular kernels; standard deviation of the Gaussian, which is
        cut at three of them.
    shape : {"quartic", "gaussian", "triangular"}
        Weight of a neighbour at distance d, with u = d / bandwidth: (1 - u²)², exp(-u²/2), 1 - u.

    Returns
    -------
    Weights
        Symmetric, between 0 and 1.

    Raises
    ------
    CrsError
        If `units` is not in EPSG:4326.
    InputError
        If `bandwidth_km` is not positive, `shape` is unknown, a geometry is missing or a
        ``unit_id`` repeats.

    Examples
    --------
    >>> places = gpd.GeoDataFrame(
    ...     {"unit_id": ["A", "B"]}, geometry=gpd.points_from_xy([0, 0], [14.0, 14.1]), crs=4326)
    >>> kernel(places, 22.13, shape="triangular").matrix.toarray().round(2).tolist()
    [[0.0, 0.5], [0.5, 0.0]]
    """
    require_choice("shape", shape, get_args(Kernel))
    reach = 3.0 if shape == "gaussian" else 1.0
    require_km("bandwidth_km", bandwidth_km)
    row, column, distance, ids = _pairs_within(units, bandwidth_km * reach, "bandwidth_km")
    u = distance / bandwidth_km
    if shape == "gaussian":
        weight = np.exp(-(u**2) / 2)
    else:
        weight = 1 - u if shape == "triangular" else (1 - u**2) ** 2
    kept = weight > 0
    return _from_pairs(ids, row[kept], column[kept], weight[kept], f"{shape} {bandwidth_km:g} km")


def _from_pairs(ids: Any, row: Any, column: Any, weight: Floats, kind: str) -> Weights:
    matrix = scipy.sparse.coo_array((weight, (row, column)), shape=(len(ids), len(ids))).tocsr()
    return Weights.from_matrix(ids, matrix, kind=kind)


def _pairs_within(
    units: gpd.GeoDataFrame, km: float, argument: str
) -> tuple[Any, Any, Floats, Any]:
    require_km(argument, km)
    ids, lon, lat = _centroids(units)
    chord = 2 * _EARTH_KM * np.sin(min(km * _ROUNDING / _EARTH_KM, np.pi) / 2) * _ROUNDING
    tree = scipy.spatial.KDTree(_EARTH_KM * unit_vectors(lon, lat))
    pairs = tree.query_pairs(chord, output_type="ndarray")
    row, column = np.r_[pairs[:, 0], pairs[:, 1]], np.r_[pairs[:, 1], pairs[:, 0]]
    distance = _geodesic_km(lon, lat, row, column)
    near = distance <= km
    return row[near], column[near], distance[near], ids


def _centroids(units: gpd.GeoDataFrame) -> tuple[Objects, Floats, Floats]:
    require_lonlat(units, "units")
    ids = unique_ids(units)
    nowhere = (units.geometry.isna() | units.geometry.is_empty).to_numpy()
    if nowhere.any():
        raise InputError(
            f"`units` has {int(nowhere.sum())} missing or empty geometries: units "
            f"{first_offenders(ids[nowhere])}; expected a place for each. Drop them."
        )
    centres = units.geometry.to_crs(EQUAL_AREA).centroid.to_crs(LONLAT)
    return ids, centres.x.to_numpy(np.float64), centres.y.to_numpy(np.float64)


def _geodesic_km(lon: Floats, lat: Floats, row: Any, column: Any) -> Floats:
    return np.asarray(WGS84.inv(lon[row], lat[row], lon[column], lat[column])[2]) / 1e3
