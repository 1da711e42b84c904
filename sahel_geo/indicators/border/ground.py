"""Where the land lies and where people live, as points to measure distances from."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS, Transformer

from sahel_geo.crs import EQUAL_AREA, LONLAT
from sahel_geo.errors import CrsError, InputError, first_offenders
from sahel_geo.formats.rasters import CELLS_AT_ONCE, open_raster
from sahel_geo.locate.assign.unit_index import UnitIndex, index_of
from sahel_geo.places.borders import distance_to_border
from sahel_geo.projection import project, unproject
from sahel_geo.remember import remembered

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
People: TypeAlias = pd.Series | str | os.PathLike[str]

_KM_PER_DEGREE: Final = 110.5  # at least, along a meridian and along the equator, on WGS 84
_POLEWARD: Final = 80.0  # degrees, beyond which a circle in degrees is no use


@dataclass(frozen=True, eq=False)  # known by itself, so that what is made of it can be remembered
class Ground:
    """Points that stand for land or for people.

    lon, lat (n,): Degrees, WGS 84.
    unit (n,): Row of the unit that each lies in.
    weight (n,): How much each stands for: cells of one area, or people.
    """

    lon: Floats
    lat: Floats
    unit: Rows
    weight: Floats


def baselines(
    population: People | None, units: gpd.GeoDataFrame, cell_km: float
) -> dict[str, Ground]:
    """Give what shares near a border stand beside: the land, and the people if they are known."""
    if not (np.isfinite(cell_km) and cell_km > 0):
        raise InputError(f"`cell_km` is {cell_km}; expected a positive number of km.")
    cells = _land(units, float(cell_km))
    if population is None:
        return {"area": cells}
    return {"area": cells, "people": _people(population, units, index_of(units), cells, cell_km)}


@remembered("unit_id")
def _land(units: gpd.GeoDataFrame, cell_km: float) -> Ground:
    """Sample the land with the centres of an equal-area grid."""
    west, south, east, north = units.geometry.to_crs(EQUAL_AREA).total_bounds
    step = cell_km * 1e3
    x, y = np.meshgrid(
        np.arange(west + step / 2, east, step), np.arange(south + step / 2, north, step)
    )
    lon, lat = unproject(x.ravel(), y.ravel())
    row = index_of(units).locate(lon, lat)
    kept = row >= 0
    return Ground(lon[kept], lat[kept], row[kept].astype(np.int64), np.ones(int(kept.sum())))


def _people(
    population: People, units: gpd.GeoDataFrame, index: UnitIndex, cells: Ground, cell_km: float
) -> Ground:
    """Say where people live."""
    if not isinstance(population, pd.Series):
        gathered = [_gather(*part, index, cell_km) for part in _raster_cells(population)]
        empty = pd.DataFrame(columns=["unit", "column", "row", "people", "x", "y"], dtype=float)
        table = pd.concat([empty, *gathered]) if gathered else empty
        table = table.groupby(["unit", "column", "row"], as_index=False).sum()
        weight = table["people"].to_numpy(np.float64)
        return Ground(
            table["x"].to_numpy(np.float64) / weight,
            table["y"].to_numpy(np.float64) / weight,
            table["unit"].to_numpy(np.int64),
            weight,
        )
    figures = _by_unit(population, units)
    inside = np.bincount(cells.unit, minlength=len(units))
    small = np.flatnonzero((inside == 0) & (figures > 0))
    inner = units.geometry.iloc[small].representative_point()
    unit = np.concatenate([cells.unit, small])
    return Ground(
        np.concatenate([cells.lon, inner.x.to_numpy(np.float64)]),
        np.concatenate([cells.lat, inner.y.to_numpy(np.float64)]),
        unit,
        (figures / np.maximum(inside, 1))[unit],
    )


def distance_within(lon: Floats, lat: Floats, border: gpd.GeoDataFrame, limit_km: float) -> Floats:
    """Measure distances to a border up to a limit; most land lies beyond and need not be measured.

    lon, lat (n,): Degrees, WGS 84. Returns (n,): Kilometres, as by
    :func:`sahel_geo.distance_to_border`; infinite for points beyond the limit that a generous
    circle in degrees leaves out.
    """
    away = np.full(len(lon), np.inf)
    farthest = float(np.abs(lat).max(initial=0)) + limit_km / _KM_PER_DEGREE
    if farthest < _POLEWARD:
        reach = limit_km / (_KM_PER_DEGREE * np.cos(np.radians(farthest)))
        line = shapely.union_all(border.geometry.to_numpy())
        shapely.prepare(line)
        west, south, east, north = np.add(line.bounds, np.multiply(1.01 * reach, [-1, -1, 1, 1]))
        near = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
        near[near] = shapely.dwithin(line, shapely.points(lon[near], lat[near]), reach)
    else:
        near = np.ones(len(lon), dtype=bool)
    away[near] = distance_to_border(lon[near], lat[near], border)
    return away


@remembered()
def land_away(border: gpd.GeoDataFrame, land: Ground, limit_km: float) -> Floats:
    """Measure the distances of the land to a border, as `distance_within` does."""
    return distance_within(land.lon, land.lat, border, limit_km)


def _by_unit(population: "pd.Series[Any]", units: gpd.GeoDataFrame) -> Floats:
    ids = pd.Index(units["unit_id"].astype("str"))
    if not population.index.is_unique:
        twice = population.index[population.index.duplicated()]
        raise InputError(
            "`population` names {number} units twice: {shown}; expected each once. Add their "
            "parts up.",
            number=len(twice),
            shown=first_offenders(twice),
        )
    figures = population.set_axis(population.index.astype("str")).reindex(ids)
    values = figures.to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~(np.isfinite(values) & (values >= 0))
    if wrong.any():
        raise InputError(
            "`population` has no figure, or a negative one, for {number} units: {shown}; "
            "expected people by unit_id. Fill them in.",
            number=int(wrong.sum()),
            shown=first_offenders(ids[wrong]),
        )
    return np.asarray(values)


def _gather(
    lon: Floats, lat: Floats, number: Floats, index: UnitIndex, cell_km: float
) -> pd.DataFrame:
    """Add people up by unit and cell of land, with the sums of their coordinates."""
    unit = index.locate(lon, lat)
    kept = unit >= 0
    lon, lat, number = lon[kept], lat[kept], number[kept]
    x, y = project(lon, lat)
    table = pd.DataFrame(
        {
            "unit": unit[kept],
            "column": np.floor(x / (cell_km * 1e3)),
            "row": np.floor(y / (cell_km * 1e3)),
            "people": number,
            "x": lon * number,
            "y": lat * number,
        }
    )
    return table.groupby(["unit", "column", "row"], as_index=False).sum()


def _raster_cells(path: str | os.PathLike[str]) -> Iterator[tuple[Floats, Floats, Floats]]:
    """Give the centres of the inhabited cells and their people, block by block."""
    from rasterio.windows import Window  # noqa: PLC0415  slow to import

    with open_raster(path) as raster:
        if raster.crs is None:
            raise CrsError(
                f"{os.fspath(path)!r} has no coordinate reference system; expected one in the "
                "file. Add it, for example with gdal_edit -a_srs EPSG:4326."
            )
        plane = CRS.from_user_input(raster.crs)
        to_lonlat = Transformer.from_crs(plane, LONLAT, always_xy=True)
        for left, top, width, height in _windows(raster):
            window = Window(left, top, width, height)
            values = raster.read(1, window=window, masked=True).astype(np.float64).filled(0.0)
            row, column = np.nonzero(np.isfinite(values) & (values > 0))
            number = values[row, column]
            grid, right, down = raster.transform, column + (left + 0.5), row + (top + 0.5)
            x = grid.a * right + grid.b * down + grid.c
            y = grid.d * right + grid.e * down + grid.f
            lon, lat = to_lonlat.transform(x, y)
            yield np.asarray(lon), np.asarray(lat), number


def _windows(raster: Any, cells: int = CELLS_AT_ONCE) -> Iterator[tuple[int, int, int, int]]:
    """Cut a raster into windows of few cells, whatever its shape."""
    width = min(raster.width, cells)
    height = max(1, cells // width)
    for top in range(0, raster.height, height):
        for left in range(0, raster.width, width):
            yield left, top, min(width, raster.width - left), min(height, raster.height - top)
