"""Redraw incidents inside the area that their precision admits.

Incidents known to an area only may have been where people live, where others were, or anywhere.
Those that are known exactly tell where the others of their area were, the more of them the surer: a
Dirichlet process whose base is people and chance (Ferguson 1973). Two things make them tell less.
Incidents come in bursts. And sources know the places of one town better than those of another: by
how much is read from how unequal the areas are, and drawn anew each time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.arrays import Flags, Floats, Objects, Positions
from sahel_geo.crs import WGS84
from sahel_geo.errors import InputError, first_offenders, require_columns
from sahel_geo.locate.assign.assign import coordinates
from sahel_geo.locate.assign.unit_index import UnitIndex, index_of
from sahel_geo.places.boundaries.boundaries import load_boundaries
from sahel_geo.places.context import load_towns
from sahel_geo.schema import LOCATION_PRECISIONS

Rows = npt.NDArray[np.intp]
Areas = Mapping[str, gpd.GeoDataFrame]

_EXACT_KM: Final = 2.0  # of a place known by name: where in and around it is not said
_NEAR_KM: Final = 25.0  # UCDP GED codebook, where_prec 2
_LEVEL: Final[dict[str, Any]] = {"country": 0, "admin1": 1, "admin2": 2, "admin3": 3}
_ROUNDS: Final = 400  # a place that fills 5 % of its box is missed so often once in 10^9 draws
_POINTS_AT_ONCE: Final = 2_000_000
_SPREAD_KM: Final = 10.0  # standard deviation around a settlement or another incident
_TRIES: Final = 20
_TELLS: Final = 0.5  # incidents that one tells for: they come in bursts
_CELL_DEGREES: Final = 0.5  # in which sources know places equally well
_LEAST_UNEQUAL: Final = 0.3  # deviation of the logarithm of the odds that a place is known


@dataclass(frozen=True)
class Spots:
    """Weighted places, such as settlements or incidents that are known exactly."""

    lon: Floats
    lat: Floats
    weight: Floats

    def by_area(self, index: UnitIndex) -> list[Rows]:
        """List the places of each area."""
        area = index.locate(self.lon, self.lat)
        order = np.argsort(area, kind="stable")
        starts = np.searchsorted(area[order], np.arange(len(index.unit_ids) + 1))
        return [order[starts[at] : starts[at + 1]] for at in range(len(index.unit_ids))]


def _settlements(people: pd.DataFrame | None) -> Spots:
    """Take a table of settlements, ``lon``, ``lat`` and ``population``; by default the towns."""
    table = load_towns() if people is None else people
    require_columns(table, "people", ("lon", "lat", "population"))
    known = pd.DataFrame(table)[["lon", "lat", "population"]].dropna()
    lon, lat, weight = (known[name].to_numpy(np.float64) for name in known)
    return Spots(lon[weight > 0], lat[weight > 0], weight[weight > 0])


@dataclass(frozen=True)
class Placing:
    """Where people live, and where incidents that are known exactly were."""

    lived: Spots
    seen: Spots

    @classmethod
    def of(cls, lon: Floats, lat: Floats, exact: Flags, people: pd.DataFrame | None) -> "Placing":
        """Take settlements, by default the towns, and the incidents that are known exactly."""
        return cls(_settlements(people), Spots(lon[exact], lat[exact], np.ones(int(exact.sum()))))

    def among(self, unit: npt.NDArray[np.int32], index: UnitIndex) -> "_Areas":
        """Prepare to draw the places of incidents that are known to be in an area of a layer."""
        lived, seen = self.lived.by_area(index), self.seen.by_area(index)
        corner = np.floor(np.stack([self.seen.lon, self.seen.lat]) / _CELL_DEGREES)
        cell = np.unique(corner, axis=1, return_inverse=True)[1].ravel()
        coarse = np.bincount(unit, minlength=len(seen))
        return _Areas(self, unit, index, lived, seen, cell, _unequal(coarse, seen, cell))


def _unequal(coarse: Rows, seen: list[Rows], cell: Rows) -> float:
    """Estimate how the odds that a place is known vary between cells, by moments.

    coarse (a,): Incidents known to each area only. Returns the standard deviation of the logarithm.
    Areas with several cells vary less: by the sum of the squares of the cells' shares.
    """
    known = np.array([len(rows) for rows in seen])
    both, number = known > 0, coarse + known
    share = coarse.sum() / max(number.sum(), 1)
    law = share * (1 - share)
    if not law or not (number[both] > 1).any():
        return _LEAST_UNEQUAL
    squares = [(np.bincount(cell[rows]) ** 2).sum() / len(rows) ** 2 for rows in seen if len(rows)]
    apart = (coarse - share * number)[both] ** 2 / (number[both] * law) - 1
    alike = apart.sum() / ((number[both] - 1) * squares).sum()
    return float(max(np.sqrt(max(alike, 0.0) / law), _LEAST_UNEQUAL))


@dataclass(frozen=True)
class _Areas:
    """What draws places of incidents in the areas of one layer."""

    placing: Placing
    unit: npt.NDArray[np.int32]
    index: UnitIndex
    lived: list[Rows]
    seen: list[Rows]
    cell: Rows
    unequal: float

    def draw(
        self, anywhere: tuple[Floats, Floats], rng: np.random.Generator
    ) -> tuple[Floats, Floats]:
        """Draw a place in the area of each incident; `anywhere` has one spread evenly in each."""
        x, y = (axis.copy() for axis in anywhere)
        known = np.exp(rng.normal(0.0, self.unequal, self.cell.max(initial=-1) + 1))
        for area in np.unique(self.unit):
            rows, lived, seen = np.flatnonzero(self.unit == area), self.lived[area], self.seen[area]
            towns = self.placing.lived.weight[lived] * rng.exponential(size=len(lived))
            others = rng.gamma(_TELLS, size=len(seen)) * known[self.cell[seen]]
            part = np.array([*rng.exponential(size=2), others.sum()])
            part[0] *= len(lived) > 0
            chosen = rng.choice(3, len(rows), p=part / part.sum())
            for at, spots, places, weight in (
                (0, self.placing.lived, lived, towns),
                (2, self.placing.seen, seen, others),
            ):
                mine = rows[chosen == at]
                if len(mine):
                    picked = places[rng.choice(len(places), len(mine), p=weight / weight.sum())]
                    x[mine], y[mine] = spots.lon[picked], spots.lat[picked]
                    self._scatter(x, y, mine, rng)
        return x, y

    def _scatter(self, x: Floats, y: Floats, rows: Any, rng: np.random.Generator) -> None:
        """Move places a little, inside their area."""
        todo = rows
        for _ in range(_TRIES):
            if not len(todo):
                return
            metres = 1e3 * _SPREAD_KM * np.sqrt(2 * rng.exponential(size=len(todo)))
            azimuth = rng.uniform(-180, 180, len(todo))
            new_x, new_y = (
                np.asarray(part) for part in WGS84.fwd(x[todo], y[todo], azimuth, metres)[:2]
            )
            kept = self.index.locate(new_x, new_y) == self.unit[todo]
            x[todo[kept]], y[todo[kept]] = new_x[kept], new_y[kept]
            todo = todo[~kept]


@dataclass(frozen=True)
class Places:
    """Recorded places, and the area that each may be redrawn in."""

    lon: Floats
    lat: Floats
    near: Positions  # rows
    bound: Flags  # of near rows: recorded inside the units
    index: UnitIndex
    inside: list[tuple[Positions, npt.NDArray[np.int32], UnitIndex, Floats]]
    redrawn: pd.DataFrame
    exact: Positions  # rows
    exact_km: float
    placing: Placing | None

    @classmethod
    def of(
        cls,
        incidents: pd.DataFrame,
        index: UnitIndex,
        areas: Areas | None,
        people: "pd.DataFrame | None" = None,
        exact_km: float | None = None,
    ) -> "Places":
        """Read places and precisions, and find the area of each."""
        lon, lat = coordinates(incidents)
        precision = _precisions(incidents)
        known = np.isfinite(lon) & np.isfinite(lat)
        near = np.flatnonzero(known & (precision == "near"))
        inside = []
        for name, level in _LEVEL.items():
            rows = np.flatnonzero(known & (precision == name))
            if len(rows) == 0:
                continue
            layer = load_boundaries(level=level) if areas is None else areas.get(name)
            if layer is None:
                raise InputError(
                    f"`areas` has no {name!r}, the precision of {len(rows)} incidents; it has "
                    f"{first_offenders(areas or ())}. Add its units, or leave areas= out."
                )
            of_area = index_of(layer)
            unit = of_area.locate(lon[rows], lat[rows])
            in_unit = unit >= 0
            bounds = layer.geometry.bounds.to_numpy(dtype=np.float64)[unit[in_unit]]
            inside.append((rows[in_unit], unit[in_unit], of_area, bounds))
        moved = np.zeros(len(lon), dtype=bool)
        moved[near] = True
        for rows, *_ in inside:
            moved[rows] = True
        redrawn = pd.DataFrame({"location_precision": precision, "moved": moved})
        redrawn = redrawn.groupby("location_precision")["moved"].agg(["size", "sum"]).reset_index()
        redrawn.columns = pd.Index(["location_precision", "incidents", "moved"])
        bound = index.locate(lon[near], lat[near]) >= 0
        exact = known & (precision == "exact")
        informed = areas is None or people is not None
        error = (_EXACT_KM if informed and inside else 0.0) if exact_km is None else exact_km
        placing = Placing.of(lon, lat, exact, people) if informed and inside else None
        rows = np.flatnonzero(exact)
        return cls(lon, lat, near, bound, index, inside, redrawn, rows, error, placing)

    def draws(self, n: int, rng: np.random.Generator) -> Any:
        """Give n pairs of coordinates, drawn in blocks."""
        block = max(1, _POINTS_AT_ONCE // max(len(self.lon), 1))
        for start in range(0, n, block):
            count = min(block, n - start)
            lon, lat = (np.repeat(axis[None], count, axis=0) for axis in (self.lon, self.lat))
            self._draw_near(lon, lat, rng)
            if self.exact_km and len(self.exact):
                for at in range(count):
                    lon[at, self.exact], lat[at, self.exact] = self._around_exact(rng)
            for rows, unit, index, bounds in self.inside:
                x, y = _inside_areas(np.tile(unit, count), index, np.tile(bounds, (count, 1)), rng)
                if self.placing is not None:
                    among = self.placing.among(unit, index)
                    even = zip(x.reshape(count, -1), y.reshape(count, -1), strict=True)
                    x, y = map(
                        np.concatenate, zip(*(among.draw(at, rng) for at in even), strict=True)
                    )
                stay = np.isnan(x)
                x[stay], y[stay] = lon[:, rows].ravel()[stay], lat[:, rows].ravel()[stay]
                lon[:, rows], lat[:, rows] = x.reshape(count, -1), y.reshape(count, -1)
            yield from zip(lon, lat, strict=True)

    def _around_exact(self, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Move places by the error of their source, those inside the units staying there."""
        lon, lat = self.lon[self.exact], self.lat[self.exact]
        metres = 1e3 * self.exact_km * np.sqrt(rng.random(len(lon)))
        new = WGS84.fwd(lon, lat, rng.uniform(-180, 180, len(lon)), metres)
        x, y = (np.asarray(part) for part in new[:2])
        left = (self.index.locate(lon, lat) >= 0) & (self.index.locate(x, y) < 0)
        return np.where(left, lon, x), np.where(left, lat, y)

    def _draw_near(self, lon: Floats, lat: Floats, rng: np.random.Generator) -> None:
        count = len(lon)
        x, y = lon[:, self.near].ravel(), lat[:, self.near].ravel()
        bound, todo = np.tile(self.bound, count), np.arange(x.size)
        from_x, from_y = x.copy(), y.copy()
        for _ in range(_ROUNDS):
            if len(todo) == 0:
                break
            metres = 1e3 * _NEAR_KM * np.sqrt(rng.random(len(todo)))
            azimuth = rng.uniform(-180, 180, len(todo))
            new_x, new_y, _ = WGS84.fwd(from_x[todo], from_y[todo], azimuth, metres)
            kept = ~bound[todo] | (self.index.locate(np.asarray(new_x), np.asarray(new_y)) >= 0)
            x[todo[kept]], y[todo[kept]] = np.asarray(new_x)[kept], np.asarray(new_y)[kept]
            todo = todo[~kept]
        lon[:, self.near], lat[:, self.near] = x.reshape(count, -1), y.reshape(count, -1)


def _inside_areas(
    unit: npt.NDArray[np.int32], index: UnitIndex, bounds: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Draw one point in each of the units, uniform on the sphere; NaN where none was found."""
    x, y = np.full(len(unit), np.nan), np.full(len(unit), np.nan)
    south, north = np.sin(np.radians(bounds[:, 1])), np.sin(np.radians(bounds[:, 3]))
    todo = np.arange(len(unit))
    for _ in range(_ROUNDS):
        if len(todo) == 0:
            break
        first, second = rng.random(len(todo)), rng.random(len(todo))
        new_x = bounds[todo, 0] + first * (bounds[todo, 2] - bounds[todo, 0])
        sine = south[todo] + second * (north[todo] - south[todo])
        new_y = np.degrees(np.arcsin(sine))
        kept = index.locate(new_x, new_y) == unit[todo]
        x[todo[kept]], y[todo[kept]] = new_x[kept], new_y[kept]
        todo = todo[~kept]
    return x, y


def _precisions(incidents: pd.DataFrame) -> Objects:
    if "location_precision" not in incidents:
        return np.full(len(incidents), "unknown", dtype=object)
    stated = incidents["location_precision"].astype(object)
    precision = stated.where(stated.notna(), "unknown").to_numpy(dtype=object)
    wrong = ~np.isin(precision.astype(str), LOCATION_PRECISIONS)
    if wrong.any():
        raise InputError(
            f"`incidents` has {int(wrong.sum())} unknown values of 'location_precision': "
            f"{first_offenders(sorted(set(precision[wrong])))}; expected one of "
            f"{list(LOCATION_PRECISIONS)}. Map them, or read the file with sg.read_incidents."
        )
    return precision
