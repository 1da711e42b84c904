"""Redraw incidents inside the area that their precision admits, and tolls between low and high."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.crs import WGS84
from sahel_geo.errors import InputError, first_offenders
from sahel_geo.indicators.uncertainty.placing import Placing, placing_of, within_km
from sahel_geo.locate.assign.assign import coordinates, take_text
from sahel_geo.locate.assign.unit_index import UnitIndex, index_of
from sahel_geo.places.boundaries.boundaries import load_boundaries
from sahel_geo.schema import LOCATION_PRECISIONS

Floats = npt.NDArray[np.float64]
Areas = Mapping[str, gpd.GeoDataFrame]

_EXACT_KM: Final = 2.0  # of a place known by name: where in and around it is not said
_NEAR_KM: Final = 25.0  # UCDP GED codebook, where_prec 2
_LEVEL: Final[dict[str, Any]] = {"country": 0, "admin1": 1, "admin2": 2, "admin3": 3}
_ROUNDS: Final = 400  # a place that fills 5 % of its box is missed so often once in 10^9 draws
_POINTS_AT_ONCE: Final = 2_000_000


@dataclass(frozen=True)
class Places:
    """Recorded places, and the area that each may be redrawn in."""

    lon: Floats
    lat: Floats
    near: npt.NDArray[np.intp]  # rows
    bound: npt.NDArray[np.bool]  # of near rows: recorded inside the units
    index: UnitIndex
    inside: list[tuple[npt.NDArray[np.intp], npt.NDArray[np.int32], UnitIndex, Floats]]
    redrawn: pd.DataFrame
    exact: npt.NDArray[np.intp]  # rows
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
            held = unit >= 0
            bounds = layer.geometry.bounds.to_numpy(dtype=np.float64)[unit[held]]
            inside.append((rows[held], unit[held], of_area, bounds))
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
        placing = placing_of(lon, lat, exact, people) if informed and inside else None
        rows = np.flatnonzero(exact)
        return cls(lon, lat, near, bound, index, inside, redrawn, rows, error, placing)

    def draws(self, n: int, rng: np.random.Generator) -> Any:
        """Give n pairs of coordinates, drawn in blocks."""
        block = max(1, _POINTS_AT_ONCE // max(len(self.lon), 1))
        for start in range(0, n, block):
            count = min(block, n - start)
            lon, lat = (np.repeat(axis[None], count, axis=0) for axis in (self.lon, self.lat))
            self._draw_near(lon, lat, rng)
            self._draw_exact(lon, lat, rng)
            for rows, unit, index, bounds in self.inside:
                x, y = _inside_areas(np.tile(unit, count), index, np.tile(bounds, (count, 1)), rng)
                if self.placing is not None:
                    x, y = self._placed(unit, index, count, (x, y), rng)
                stay = np.isnan(x)
                x[stay], y[stay] = lon[:, rows].ravel()[stay], lat[:, rows].ravel()[stay]
                lon[:, rows], lat[:, rows] = x.reshape(count, -1), y.reshape(count, -1)
            yield from zip(lon, lat, strict=True)

    def _placed(
        self,
        unit: npt.NDArray[np.int32],
        index: UnitIndex,
        count: int,
        anywhere: tuple[Floats, Floats],
        rng: np.random.Generator,
    ) -> tuple[Floats, Floats]:
        """Draw places as people and the incidents that are known exactly have it."""
        even = [axis.reshape(count, -1) for axis in anywhere]
        placing: Any = self.placing
        areas = placing.among(unit, index)
        drawn = [areas.draw((even[0][at], even[1][at]), rng) for at in range(count)]
        return np.concatenate([x for x, _ in drawn]), np.concatenate([y for _, y in drawn])

    def _draw_exact(self, lon: Floats, lat: Floats, rng: np.random.Generator) -> None:
        if not self.exact_km or not len(self.exact):
            return
        for at in range(len(lon)):
            lon[at, self.exact], lat[at, self.exact] = within_km(
                self.lon, self.lat, self.exact, self.exact_km, self.index, rng
            )

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


def _precisions(incidents: pd.DataFrame) -> npt.NDArray[np.object_]:
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


def placed(incidents: pd.DataFrame, lon: Floats, lat: Floats, index: UnitIndex) -> pd.DataFrame:
    """Place incidents as :func:`sahel_geo.assign` does, at other coordinates.

    lon, lat (n,): Where they are now.
    """
    row = index.locate(lon, lat)
    table = pd.DataFrame(incidents.copy(deep=False)).drop(columns="unit_name", errors="ignore")
    table["lon"], table["lat"] = lon, lat
    table["unit_id"] = pd.Series(take_text(index.unit_ids, row), table.index)
    nowhere = ~(np.isfinite(lon) & np.isfinite(lat))
    reason = np.where(row >= 0, -1, np.where(nowhere, 0, 1))
    names = ("no_coordinates", "outside_units")
    table["unplaced_reason"] = pd.Series(take_text(names, reason), table.index)
    return table


def draw_fatalities(table: pd.DataFrame, rng: np.random.Generator) -> None:
    """Replace the best figure by one between low and high, where all three are stated."""
    columns = ["fatalities_low", "fatalities_best", "fatalities_high"]
    if not set(columns) <= set(table.columns):
        return
    low, best, high = (table[name].to_numpy(np.float64, na_value=np.nan) for name in columns)
    varies = high > low
    drawn = best.copy()
    mode = np.clip(best, low, high)
    varies &= ~np.isnan(mode)
    if varies.any():
        figures = rng.triangular(low[varies], mode[varies], high[varies])
        drawn[varies] = np.round(figures)
    table["fatalities_best"] = drawn
