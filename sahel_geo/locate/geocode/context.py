"""The stated units around a place: which polygons they are, and how far a point is from them."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from sahel_geo.arrays import Floats
from sahel_geo.crs import WGS84
from sahel_geo.locate.geocode.candidates import CandidateSearch
from sahel_geo.locate.geocode.queries import parse_place
from sahel_geo.places.boundaries.boundaries import load_boundaries
from sahel_geo.places.gazetteer.gazetteer import Gazetteer
from sahel_geo.places.gazetteer.sources import UNIT_FEATURES

_KM_PER_DEGREE_LAT: Final = 110.6
_KM_PER_DEGREE_LON: Final = 107.0  # at 15 degrees north; within 4 % from 10 to 20
_LEAST_SCORE: Final = 0.85  # of a unit's name
_FORMER_KM: Final = 1.0  # a unit may be that of before it lost ground, a little less likely


class UnitContext:
    """Finds stated units of one gazetteer and measures distances to them."""

    def __init__(self, gazetteer: Gazetteer, search: CandidateSearch) -> None:
        places = gazetteer.places
        self._search = search
        self.feature = places["feature"].to_numpy(dtype=object)
        self._ids = places["place_id"].to_numpy(dtype=object)
        self._adm = [places[f"adm{level}_id"].to_numpy(dtype=object) for level in (1, 2, 3)]
        self.lon = places["lon"].to_numpy(dtype=float)
        self.lat = places["lat"].to_numpy(dtype=float)
        self._known: dict[tuple[str, int, str], list[tuple[int, float]]] = {}
        self._row_of_unit = {
            str(unit): row
            for row, unit in enumerate(self._ids)
            if self.feature[row] in UNIT_FEATURES
        }
        self.country = places["country"].to_numpy(dtype=object)
        whole = np.flatnonzero(self.feature == UNIT_FEATURES[0])
        self._countries = {str(self.country[row]): int(row) for row in whole}
        self._near: dict[tuple[int, int], float] = {}

    def find_unit(
        self, text: str, level: int, countries: Sequence[str], within: tuple[int, ...] = ()
    ) -> tuple[int, float]:
        """Give the gazetteer's row of the unit of this name and level, and how well its name fits.

        The row is -1 where none is known.

        Of several that bear the name, the one whose name is nearest, then the one inside the units
        of `within`, as far as they tell, then that of the first country.
        """
        around = [unit for unit in within if unit >= 0]
        candidates = []
        for country in countries:
            key = (text, level, country)
            if key not in self._known:
                self._known[key] = self._find_units(text, level, country)
            candidates += self._known[key]
        best = max((score for _, score in candidates), default=0.0)
        rows = [row for row, score in candidates if score == best]
        inside = [row for row in rows if all(self.distance_km(row, unit) == 0 for unit in around)]
        return (inside or rows or [-1])[0], best

    def units_of(
        self,
        parts: Sequence[str],
        countries: Sequence[str],
        stated: tuple[int, int, int] = (-1, -1, -1),
    ) -> tuple[int, int, int]:
        """Add the units that brackets name, as in "Bamba (Bourem, Gao)", to those stated.

        The last part is the widest. Only names of the same spelling or sound count, of units inside
        the wider ones; of several countries, the one that has most of them, then the widest.
        """
        named = [self._units_in(parts, country, stated) for country in countries]
        return max(
            named, key=lambda rows: (sum(row >= 0 for row in rows), [row >= 0 for row in rows])
        )

    def _units_in(
        self, parts: Sequence[str], country: str, stated: tuple[int, int, int]
    ) -> tuple[int, int, int]:
        units = list(stated)
        for part in reversed(parts):
            for level in (1, 2, 3):
                if units[level - 1] >= 0:
                    continue
                around = [unit for unit in units if unit >= 0]
                rows = [
                    each.place
                    for name in parse_place(part).names[:1]
                    for each in self._search.candidates(name, country)
                    if each.method != "fuzzy"
                    and self.feature[each.place] == UNIT_FEATURES[level]
                    and all(self.distance_km(each.place, unit) == 0 for unit in around)
                ]
                if rows:
                    units[level - 1] = rows[0]
                    break
        return units[0], units[1], units[2]

    def _find_units(self, text: str, level: int, country: str) -> list[tuple[int, float]]:
        """Find the units of the best score; the bulk search only where no name is the same."""
        if text in self._row_of_unit:
            return [(self._row_of_unit[text], 1.0)]
        names = parse_place(text).names
        for bulk in (False, True):
            if bulk:
                self._search.prepare([(name, country) for name in names])
            for name in names:
                candidates = [
                    each
                    for each in self._search.candidates(name, country)
                    if self.feature[each.place] == UNIT_FEATURES[level]
                    and each.score >= _LEAST_SCORE
                ]
                if candidates:
                    best = candidates[0].score
                    return [(each.place, best) for each in candidates if each.score == best]
        return []

    def country_unit(self, country: str) -> int:
        """Give the row of a whole country, -1 where the gazetteer does not hold it."""
        return self._countries.get(country, -1)

    def row_of(self, unit_id: str) -> int:
        """Give the row of a unit by its identifier, -1 where the gazetteer does not hold it."""
        return self._row_of_unit.get(unit_id, -1)

    def parent(self, place: int, level: int) -> int:
        """Give the row of the unit of a level that holds a place, -1 where none does."""
        return self._row_of_unit.get(str(self._adm[level - 1][place]), -1)

    def distance_km(self, place: int, unit: int) -> float:
        """Give the distance from a place to a unit, 0 inside it; right to within 5 %."""
        key = (place, unit)
        if key not in self._near:
            self._near[key] = self._measure(place, unit)
        return self._near[key]

    def _measure(self, place: int, unit: int) -> float:
        level = UNIT_FEATURES.index(self.feature[unit])
        if level and self._adm[level - 1][place] == self._ids[unit]:
            return 0.0
        point = shapely.Point(*_flat(self.lon[place], self.lat[place]))
        distance = float(shapely.distance(_shapes()[str(self._ids[unit])], point))
        former = _former_shapes().get(str(self._ids[unit]))
        if former is None:
            return distance
        return min(distance, _FORMER_KM + float(shapely.distance(former, point)))

    def reach_km(self, lon: float, lat: float, unit: int) -> float:
        """Give how far the ground of a unit reaches from a point, with what it lost of old."""
        east, north = _hull(str(self._ids[unit]))
        metres = WGS84.inv(np.full(len(east), lon), np.full(len(east), lat), east, north)[2]
        return float(np.max(metres)) / 1e3


def _flat(lon: Any, lat: Any) -> tuple[Any, Any]:
    return lon * _KM_PER_DEGREE_LON, lat * _KM_PER_DEGREE_LAT


@cache
def _hull(unit_id: str) -> Floats:
    """Give the corners around a unit and its former ground, in degrees."""
    shapes = [_shapes()[unit_id], _former_shapes().get(unit_id)]
    around = shapely.convex_hull(shapely.union_all([shape for shape in shapes if shape]))
    x, y = shapely.get_coordinates(around).T
    return np.array([x / _KM_PER_DEGREE_LON, y / _KM_PER_DEGREE_LAT])


@cache
def _former_shapes() -> dict[str, Any]:
    """Give, by unit, what the departments of Niger that lost ground in 2011 were before."""
    now = load_boundaries(2, countries="NER").set_index("name")["unit_id"]
    before = load_boundaries(2, countries="NER", vintage="1998").set_index("name")
    before = before[~before["unit_id"].isin(now)]
    shapes = _in_km(before["geometry"])
    return {str(now[name]): shape for name, shape in zip(before.index, shapes, strict=True)}


@cache
def _shapes() -> dict[str, Any]:
    """Give the polygons of all units that the gazetteer names, in kilometres."""
    tables = [load_boundaries(level) for level in (0, 1, 2, 3)]
    tables.append(load_boundaries(1, countries="MLI", vintage="2023"))
    tables += [load_boundaries(level, countries="BFA", vintage="2025") for level in (1, 2)]
    units = pd.concat([pd.DataFrame(table[["unit_id", "geometry"]]) for table in tables])
    units = units.drop_duplicates("unit_id")
    return dict(zip(units["unit_id"], _in_km(units["geometry"]), strict=True))


def _in_km(shapes: "pd.Series[Any]") -> npt.NDArray[Any]:
    flat = shapely.transform(shapes.to_numpy(), lambda xy: np.column_stack(_flat(*xy.T)))
    shapely.prepare(flat)
    return np.asarray(flat)
