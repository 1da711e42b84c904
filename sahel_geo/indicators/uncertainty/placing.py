"""Where incidents known to an area only may have been: where people live, others were, or anywhere.

The incidents that are known exactly tell where the others of their area were, the more of them the
surer: a Dirichlet process whose base is people and chance (Ferguson 1973). Two things make them
tell less. Incidents come in bursts. And sources know the places of one town better than those of
another: by how much is read from how unequal the areas are, and drawn anew each time.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.crs import WGS84
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.locate.assign.unit_index import UnitIndex
from sahel_geo.places.context import load_towns

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

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
    lacking = [name for name in ("lon", "lat", "population") if name not in table]
    if lacking:
        raise InputError(
            f"`people` has no column {first_offenders(lacking)}; expected settlements with lon, "
            "lat and population. Rename the columns."
        )
    known = pd.DataFrame(table)[["lon", "lat", "population"]].dropna()
    lon, lat, weight = (known[name].to_numpy(np.float64) for name in known)
    return Spots(lon[weight > 0], lat[weight > 0], weight[weight > 0])


@dataclass(frozen=True)
class Placing:
    """Where people live, and where incidents that are known exactly were."""

    lived: Spots
    seen: Spots

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


def placing_of(
    lon: Floats, lat: Floats, exact: npt.NDArray[np.bool], people: pd.DataFrame | None
) -> Placing:
    """Gather where people live and where incidents that are known exactly were."""
    return Placing(_settlements(people), Spots(lon[exact], lat[exact], np.ones(int(exact.sum()))))


def within_km(
    lon: Floats, lat: Floats, rows: Any, km: float, index: UnitIndex, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Move places by the error of their source, those inside the units staying there."""
    metres = 1e3 * km * np.sqrt(rng.random(len(rows)))
    new = WGS84.fwd(lon[rows], lat[rows], rng.uniform(-180, 180, len(rows)), metres)
    x, y = (np.asarray(part) for part in new[:2])
    left = (index.locate(lon[rows], lat[rows]) >= 0) & (index.locate(x, y) < 0)
    return np.where(left, lon[rows], x), np.where(left, lat[rows], y)
