"""Where incidents known to an area only may have been: where people live, others were, or anywhere.

Nobody knows how much incidents follow people, so that the parts of the three are drawn anew each
time, as are the weights of the places: an interval from one fixed rule would be too narrow.
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
            "lat and population. Rename the columns.",
        )
    known = pd.DataFrame(table)[["lon", "lat", "population"]].dropna()
    lon, lat, weight = (known[name].to_numpy(np.float64) for name in known)
    return Spots(lon[weight > 0], lat[weight > 0], weight[weight > 0])


@dataclass(frozen=True)
class Placing:
    """What draws the places of incidents that are known to an area only."""

    lived: Spots
    seen: Spots

    def draw(
        self,
        unit: npt.NDArray[np.int32],
        index: UnitIndex,
        anywhere: tuple[Floats, Floats],
        rng: np.random.Generator,
    ) -> tuple[Floats, Floats]:
        """Draw a place in the area of each incident; `anywhere` has one spread evenly in each."""
        x, y = (axis.copy() for axis in anywhere)
        lists = [(spots, spots.by_area(index)) for spots in (self.lived, self.seen)]
        for area in np.unique(unit):
            rows = np.flatnonzero(unit == area)
            present = [(spots, places[area]) for spots, places in lists if len(places[area])]
            part = rng.dirichlet(np.ones(1 + len(present)))
            chosen = rng.choice(len(part), len(rows), p=part)
            for at, (spots, places) in enumerate(present, start=1):
                mine = rows[chosen == at]
                # weights of the places as uncertain as one observation of each leaves them
                weight = spots.weight[places] * rng.exponential(size=len(places))
                picked = places[rng.choice(len(places), len(mine), p=weight / weight.sum())]
                x[mine], y[mine] = spots.lon[picked], spots.lat[picked]
                self._scatter(x, y, mine, unit, index, rng)
        return x, y

    @staticmethod
    def _scatter(x: Floats, y: Floats, rows: Any, unit: Any, index: UnitIndex, rng: Any) -> None:
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
            kept = index.locate(new_x, new_y) == unit[todo]
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
