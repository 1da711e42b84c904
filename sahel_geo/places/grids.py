"""Regular cells in place of administrative units: PRIO-GRID, equal-area squares and hexagons, H3.

A grid is a light object: it tells the cell of a point by a formula, and draws its cells only when
they are asked for. `sg.assign(incidents, grid)` and `sg.count(placed, grid)` take one instead of
units.
"""

from functools import cache, cached_property
from typing import Any, Final, Protocol, runtime_checkable

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from sahel_geo.arrays import Floats, Integers, Objects
from sahel_geo.compiled import compiled, over_chunks
from sahel_geo.crs import EQUAL_AREA, LONLAT, require_lonlat
from sahel_geo.errors import InputError, require_km
from sahel_geo.projection import project

Rows = npt.NDArray[np.int32]

_MOST_CELLS: Final = 20_000_000

_PRIO_COLUMNS, _PRIO_ROWS = 720, 360


@runtime_checkable
class Grid(Protocol):
    """What `sg.assign` needs of a grid."""

    @property
    def unit_ids(self) -> Objects:
        """Objects of the cells, m strings."""

    def locate(self, lon: Floats, lat: Floats) -> Rows:
        """Give the position of the cell of each point, -1 outside."""

    def cells(self) -> gpd.GeoDataFrame:
        """Draw the cells, in the order of `unit_ids`."""


class _Rectangle:
    """Cells in rows and columns, from (west, south) of a plane."""

    def __init__(self, west: int, south: int, columns: int, rows: int) -> None:
        _check_size(columns * rows)
        self.west, self.south, self.columns, self.rows = west, south, columns, rows

    @property
    def _column(self) -> Integers:
        return self.west + np.tile(np.arange(self.columns), self.rows)

    @property
    def _row(self) -> Integers:
        return self.south + np.repeat(np.arange(self.rows), self.columns)

    def _located(
        self, lon: Floats, lat: Floats, kernel: Any, *places: float, flat: bool = True
    ) -> Rows:
        """Give the cells of points by a kernel, which takes `places` before the extent."""
        out = np.empty(len(lon), dtype=np.int32)

        def work(part: slice) -> None:
            x, y = np.ascontiguousarray(lon[part]), np.ascontiguousarray(lat[part])
            if flat:
                x, y = project(x, y)
            kernel(x, y, *places, self.west, self.south, self.columns, self.rows, out[part])

        over_chunks(work, len(out))
        return out


class PrioGrid(_Rectangle):
    """Cells of half a degree with the numbers of PRIO-GRID.

    A point on a line between cells belongs to the one north or east of it.

    Parameters
    ----------
    extent : GeoDataFrame, optional
        Keep the cells that meet the bounding box of these units, EPSG:4326; by default the world.

    Raises
    ------
    CrsError
        If `extent` is not in EPSG:4326.

    References
    ----------
    Tollefsen, A. F., Strand, H. and Buhaug, H. (2012). PRIO-GRID: A unified spatial data structure.
    Journal of Peace Research 49, 363-374. Cells are numbered from 1 in the south-west, by rows.

    Examples
    --------
    >>> grid = PrioGrid()
    >>> grid.unit_ids[grid.locate(np.array([-0.33333]), np.array([14.66667]))].tolist()
    ['150840']
    """

    def __init__(self, extent: gpd.GeoDataFrame | None = None) -> None:
        west, south, east, north = (-180.0, -90.0, 180.0, 90.0)
        if extent is not None:
            require_lonlat(extent, "extent")
            west, south, east, north = extent.total_bounds
        first = int(np.floor((west + 180) * 2)), int(np.floor((south + 90) * 2))
        last = (
            min(int(np.floor((east + 180) * 2)), _PRIO_COLUMNS - 1),
            min(int(np.floor((north + 90) * 2)), _PRIO_ROWS - 1),
        )
        super().__init__(*first, last[0] - first[0] + 1, last[1] - first[1] + 1)

    @cached_property
    def unit_ids(self) -> Objects:
        """Official numbers (gid) of the cells, as text."""
        return (self._row * _PRIO_COLUMNS + self._column + 1).astype(str).astype(object)

    def locate(self, lon: Floats, lat: Floats) -> Rows:
        """Give the position of the cell of each point, -1 outside the extent.

        Parameters
        ----------
        lon, lat : ndarray of float64, shape (n,)
            Degrees, EPSG:4326.

        Returns
        -------
        ndarray of int32, shape (n,)
            Positions in `unit_ids`.
        """
        # the poleward and eastward ends of the world belong to its last cells
        places = (-180.0, -90.0, 0.5, _PRIO_COLUMNS, _PRIO_ROWS)
        return self._located(lon, lat, _squares, *places, flat=False)

    def cells(self) -> gpd.GeoDataFrame:
        """Draw the cells: ``unit_id``, ``gid`` and squares of half a degree, EPSG:4326."""
        west, south = self._column / 2 - 180, self._row / 2 - 90
        return gpd.GeoDataFrame(
            {"unit_id": self.unit_ids, "gid": self.unit_ids.astype(np.int64)},
            geometry=shapely.box(west, south, west + 0.5, south + 0.5),
            crs=LONLAT,
        )


class SquareGrid(_Rectangle):
    """Squares of one area, in the projection of the surfaces (`sahel_geo.crs.EQUAL_AREA`).

    Parameters
    ----------
    extent : GeoDataFrame
        Keep the cells that meet the bounding box of these units, EPSG:4326.
    cell_km : float
        Side of a cell. Cells are counted from the origin of the projection, 2 E 17 N, so that two
        grids of one size agree on theirs, and a surface of this size has the same cells.

    Raises
    ------
    CrsError
        If `extent` is not in EPSG:4326.
    InputError
        If `cell_km` is not positive, or there would be over 20 million cells.
    """

    def __init__(self, extent: gpd.GeoDataFrame, *, cell_km: float) -> None:
        require_km("cell_km", cell_km)
        self.cell_km = cell_km
        bounds = _flat_bounds(extent) / (cell_km * 1e3)
        first, last = np.floor(bounds[:2]).astype(int), np.floor(bounds[2:]).astype(int)
        super().__init__(int(first[0]), int(first[1]), *(int(n) for n in last - first + 1))

    @cached_property
    def unit_ids(self) -> Objects:
        """Objects such as ``"50km_E-3_N12"``: column and row from the origin of the projection."""
        return _names(f"{self.cell_km:g}km", self._column, self._row)

    def locate(self, lon: Floats, lat: Floats) -> Rows:
        """Give the position of the cell of each point, -1 outside the extent.

        Takes and gives what :meth:`PrioGrid.locate` does.
        """
        return self._located(lon, lat, _squares, 0.0, 0.0, self.cell_km * 1e3, 0, 0)

    def cells(self) -> gpd.GeoDataFrame:
        """Draw the cells, straight in degrees: ``unit_id``, ``area_km2`` and squares, EPSG:4326."""
        west, south = self._column * self.cell_km * 1e3, self._row * self.cell_km * 1e3
        side = self.cell_km * 1e3
        boxes = gpd.GeoSeries(shapely.box(west, south, west + side, south + side), crs=EQUAL_AREA)
        return gpd.GeoDataFrame(
            {"unit_id": self.unit_ids, "area_km2": self.cell_km**2}, geometry=boxes.to_crs(LONLAT)
        )


class HexagonGrid(_Rectangle):
    """Hexagons of one area with a corner to the north, in the projection of the surfaces.

    Parameters
    ----------
    extent : GeoDataFrame
        Keep the cells whose centre lies within a cell of the bounding box of these units.
    across_km : float
        Distance between opposite sides, and so between neighbouring centres.

    Raises
    ------
    CrsError
        If `extent` is not in EPSG:4326.
    InputError
        If `across_km` is not positive, or there would be over 20 million cells.
    """

    def __init__(self, extent: gpd.GeoDataFrame, *, across_km: float) -> None:
        require_km("across_km", across_km)
        self.across_km = across_km
        west, south, east, north = _flat_bounds(extent) / (across_km * 1e3)
        height = np.sqrt(0.75)
        first = int(np.floor(west)) - 1, int(np.floor(south / height)) - 1
        last = int(np.ceil(east)) + 1, int(np.ceil(north / height)) + 1
        super().__init__(*first, last[0] - first[0] + 1, last[1] - first[1] + 1)

    @cached_property
    def unit_ids(self) -> Objects:
        """Objects such as ``"hex50km_E-3_N12"``: place in the row, and row."""
        return _names(f"hex{self.across_km:g}km", self._column, self._row)

    def locate(self, lon: Floats, lat: Floats) -> Rows:
        """Give the position of the nearest centre of each point, -1 outside the extent.

        Takes and gives what :meth:`PrioGrid.locate` does.
        """
        return self._located(lon, lat, _hexagons, self.across_km * 1e3)

    def cells(self) -> gpd.GeoDataFrame:
        """Draw the cells, straight in degrees: ``unit_id``, ``area_km2``, hexagons, EPSG:4326."""
        step = self.across_km * 1e3
        # corners in whole numbers of half a step and of a sixth of the height of two rows, so that
        # neighbours share theirs to the last bit
        east = (2 * self._column + self._row % 2)[:, None] + np.array([1, 0, -1, -1, 0, 1])
        north = (3 * self._row)[:, None] + np.array([1, 2, 1, -1, -2, -1])
        rings = np.stack([east * (step / 2), north * (step / np.sqrt(12))], axis=-1)
        flat = gpd.GeoSeries(shapely.polygons(rings), crs=EQUAL_AREA)
        area = np.sqrt(0.75) * self.across_km**2
        return gpd.GeoDataFrame(
            {"unit_id": self.unit_ids, "area_km2": area}, geometry=flat.to_crs(LONLAT)
        )


class H3Grid:
    """Cells of the H3 system; needs the extra ``h3``.

    The cells are not of one area, and each point is looked up on its own, some hundred times slower
    than in the other grids.

    Parameters
    ----------
    extent : GeoDataFrame
        Keep the cells that meet the bounding box of these units, EPSG:4326.
    resolution : int
        0 (4 million km² a cell) to 15.

    Raises
    ------
    CrsError
        If `extent` is not in EPSG:4326.
    InputError
        If `resolution` is not from 0 to 15, or the package h3 is not installed.
    """

    def __init__(self, extent: gpd.GeoDataFrame, *, resolution: int) -> None:
        require_lonlat(extent, "extent")
        h3 = _h3()
        if resolution not in range(16):
            raise InputError(f"`resolution` is {resolution!r}; expected 0 to 15.")
        self.resolution = resolution
        west, south, east, north = extent.total_bounds
        box = h3.LatLngPoly([(south, west), (south, east), (north, east), (north, west)])
        cells = h3.h3shape_to_cells_experimental(box, resolution, contain="overlap")
        _check_size(len(cells))
        self._codes = np.sort(np.array([h3.str_to_int(cell) for cell in cells], np.uint64))

    @cached_property
    def unit_ids(self) -> Objects:
        """H3 indexes in their usual hexadecimal spelling."""
        return np.array([_h3().int_to_str(int(code)) for code in self._codes], dtype=object)

    def locate(self, lon: Floats, lat: Floats) -> Rows:
        """Give the position of the cell of each point, -1 outside the extent.

        Takes and gives what :meth:`PrioGrid.locate` does.
        """
        out = np.full(len(lon), -1, dtype=np.int32)
        usable = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
        cell_of, number_of = _h3().latlng_to_cell, _h3().str_to_int
        codes = np.fromiter(
            (
                number_of(cell_of(y, x, self.resolution))
                for x, y in zip(lon[usable].tolist(), lat[usable].tolist(), strict=True)
            ),
            dtype=np.uint64,
            count=len(usable),
        )
        at = np.minimum(np.searchsorted(self._codes, codes), len(self._codes) - 1)
        out[usable] = np.where(self._codes[at] == codes, at, -1)
        return out

    def cells(self) -> gpd.GeoDataFrame:
        """Draw the cells: ``unit_id`` and hexagons (twelve pentagons in the world), EPSG:4326."""
        rings = [
            shapely.Polygon([(lon, lat) for lat, lon in _h3().cell_to_boundary(cell)])
            for cell in self.unit_ids
        ]
        return gpd.GeoDataFrame({"unit_id": self.unit_ids}, geometry=rings, crs=LONLAT)


@cache
def _h3() -> Any:
    try:
        import h3  # noqa: PLC0415  an extra
    except ImportError as error:
        raise InputError(
            "the package h3 is not installed; it is needed for H3 cells. "
            "Install the extra: sahel-geo[h3]."
        ) from error
    return h3


def _check_size(cells: int) -> None:
    if cells > _MOST_CELLS:
        raise InputError(
            f"the grid would have {cells:,} cells; expected at most {_MOST_CELLS:,}. "
            "Choose larger cells or a smaller `extent`."
        )


def _flat_bounds(extent: gpd.GeoDataFrame) -> Floats:
    require_lonlat(extent, "extent")
    return np.asarray(extent.to_crs(EQUAL_AREA).total_bounds)


def _names(size: str, column: Integers, row: Integers) -> Objects:
    return np.array(
        [f"{size}_E{x}_N{y}" for x, y in zip(column.tolist(), row.tolist(), strict=True)],
        dtype=object,
    )


@compiled()
def _squares(
    x: Floats, y: Floats, origin_x: float, origin_y: float, side: float, last_column: int,
    last_row: int, west: int, south: int, columns: int, rows: int, out: Rows,
) -> None:  # fmt: skip
    """Give the cells of points; the far ends of a world of known size count to its last."""
    for at in range(len(x)):
        column = np.floor((x[at] - origin_x) / side)
        row = np.floor((y[at] - origin_y) / side)
        if last_column > 0:
            column = last_column - 1.0 if column == last_column else column
            row = last_row - 1.0 if row == last_row else row
        column, row = column - west, row - south
        inside = (column >= 0.0) & (column < columns) & (row >= 0.0) & (row < rows)
        out[at] = int(row * columns + column) if inside else -1


@compiled()
def _hexagons(
    x: Floats, y: Floats, step: float, west: int, south: int, columns: int, rows: int, out: Rows
) -> None:
    """Choose the nearest centre; rows stand sqrt(3)/2 steps apart, every second one moved."""
    height = step * np.sqrt(0.75)
    for at in range(len(x)):
        out[at] = -1
        if not (abs(x[at]) < 1e12 and abs(y[at]) < 1e12):
            continue
        low = int(np.floor(y[at] / height))
        best = np.inf
        for row in range(low, low + 2):
            shift = 0.5 * (row % 2)
            column = int(np.floor(x[at] / step - shift + 0.5))
            away = (x[at] - (column + shift) * step) ** 2 + (y[at] - row * height) ** 2
            if away < best:
                best = away
                inside = 0 <= column - west < columns and 0 <= row - south < rows
                out[at] = (row - south) * columns + column - west if inside else -1
