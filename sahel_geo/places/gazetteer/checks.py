"""Find errors in sources of places: wrong countries, wrong signs, wrong units, duplicates.

Each place is laid on the project's own communes. One that does not lie where its source says it
lies is mirrored (a lost sign near Greenwich) or has its axes swapped if that puts it right, and is
set aside with a reason otherwise.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy
import shapely

from sahel_geo.arrays import Floats, Integers, Objects
from sahel_geo.crs import WGS84, unit_vectors
from sahel_geo.places.gazetteer.sources import SEPARATOR
from sahel_geo.places.gazetteer.spelling import MAX_NAME, joined_form, plain_form, sound_form
from sahel_geo.schema import COUNTRIES

BORDER_TOLERANCE_KM: Final = 10.0  # rounding of coordinates, and disputes between outlines
UNIT_TOLERANCE_KM: Final = 25.0  # sources draw communes differently
SAME_PLACE_KM: Final = 0.5
_KM_PER_DEGREE: Final = 111.2

REASONS: Final = {
    "no_name": "the name is missing or has no Latin letter",
    "name_too_long": f"the name has more than {MAX_NAME} characters",
    "no_coordinates": "a coordinate is missing, infinite or not a number",
    "outside_world": "coordinates outside [-180, 180] x [-90, 90]",
    "outside_country": "the place lies more than 10 km outside the country it is stated in",
    "outside_unit": "the place lies more than 25 km outside the unit it is stated in",
    "duplicate": "the same name stands within 500 m of it",
}
CORRECTIONS: Final = {
    "longitude_sign": "the sign of the longitude was wrong",
    "swapped_axes": "longitude and latitude were swapped",
}


@dataclass(frozen=True)
class Checked:
    """Places that stand, those set aside, and those corrected on the way.

    places: Rows of the source with ``country`` and ``unit`` (row of the communes, -1 outside them).
    set_aside, corrected: ``source_id``, ``name``, ``lon``, ``lat`` as stated, ``source``,
        ``reason``.
    """

    places: pd.DataFrame
    set_aside: pd.DataFrame
    corrected: pd.DataFrame

    @classmethod
    def of(cls, raw: pd.DataFrame, ground: "Ground") -> "Checked":
        """Lay the places of one source on the communes; correct or set aside what does not fit."""
        reason = _first_faults(raw)
        places = raw[reason == ""].reset_index(drop=True)
        aside = [_told(raw[reason != ""], reason[reason != ""])]
        lon, lat = (
            places["lon"].to_numpy(dtype=float).copy(),
            places["lat"].to_numpy(dtype=float).copy(),
        )
        unit = ground.locate(lon, lat)
        stated = places["country"].to_numpy(dtype=object)
        country = np.where(unit >= 0, ground.country[unit], "")
        fault = np.full(len(places), "", dtype=object)
        repair = np.full(len(places), "", dtype=object)
        suspects = np.flatnonzero((stated != country) | (places["stated_adm2"] != "").to_numpy())
        districts, communes = places["stated_adm2"].to_numpy(), places["stated_adm3"].to_numpy()
        for row in suspects:
            names = (str(communes[row]), str(districts[row]))
            fault[row], repair[row], lon[row], lat[row], unit[row] = _decide(
                ground, str(stated[row]), names, float(lon[row]), float(lat[row]), int(unit[row])
            )
        aside.append(_told(places[fault != ""], fault[fault != ""]))
        corrected = _told(places[repair != ""], repair[repair != ""])
        places = places.assign(lon=lon, lat=lat, unit=unit)
        places["country"] = np.where(unit >= 0, ground.country[unit], stated)
        kept = places[fault == ""].reset_index(drop=True)
        return cls(kept, pd.concat(aside, ignore_index=True), corrected)

    @classmethod
    def merge(cls, sources: "Iterable[Checked]") -> tuple[pd.DataFrame, pd.DataFrame]:
        """Merge rows of one name and kind within 500 m of each other, and keep all their names."""
        places = pd.concat([each.places for each in sources])
        sounds = np.array([sound_form(_key(name)) for name in places["name"]], dtype=object)
        codes = pd.factorize(pd.Series(sounds) + "\n" + places["feature"].reset_index(drop=True))[0]
        # on a sphere of 6,371 km, where chords of half a kilometre equal arcs
        sphere = 6371.0 * unit_vectors(places["lon"], places["lat"])
        pairs = scipy.spatial.KDTree(sphere).query_pairs(SAME_PLACE_KM, output_type="ndarray")
        pairs = pairs[codes[pairs[:, 0]] == codes[pairs[:, 1]]]
        size = len(places)
        links = scipy.sparse.coo_matrix(
            (np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(size, size)
        )
        group = scipy.sparse.csgraph.connected_components(links, directed=False)[1]
        first = pd.Series(np.arange(size)).groupby(group).transform("min").to_numpy()
        again = first != np.arange(size)
        names, alternates = places["name"].tolist(), places["alternates"].tolist()
        population = places["population"].to_numpy(dtype=float).copy()
        for row in np.flatnonzero(again):
            keeper = first[row]
            parts = [alternates[keeper], names[row], alternates[row]]
            alternates[keeper] = SEPARATOR.join(part for part in parts if part)
            population[keeper] = max(population[keeper], population[row])
        merged = places.assign(alternates=alternates, population=population)[~again]
        reason: npt.NDArray[Any] = np.full(int(again.sum()), "duplicate", dtype=object)
        return merged.reset_index(drop=True), _told(places[again], reason)


class Ground:
    """The communes, ready to be asked which one holds a point and how far a unit is."""

    def __init__(self, communes: gpd.GeoDataFrame) -> None:
        self.communes = communes
        self.shapes = communes.geometry.to_numpy()
        self.tree = shapely.STRtree(self.shapes)
        self.country = communes["country"].to_numpy(dtype=object)
        self._by_name: dict[tuple[str, str], list[int]] = {}
        for row, (country, commune, district) in enumerate(
            zip(self.country, communes["name"], communes["adm2_name"], strict=True)
        ):
            for name in {commune, district}:
                self._by_name.setdefault((country, _key(name)), []).append(row)

    def locate(self, lon: Floats, lat: Floats) -> Integers:
        """Give the commune of each point, the first by row on a shared edge, -1 outside all."""
        rows = np.full(len(lon), -1, dtype=np.int64)
        point, unit = self.tree.query(shapely.points(lon, lat), predicate="intersects")
        order = np.lexsort((unit, point))[::-1]
        rows[point[order]] = unit[order]
        return rows

    def nearest(self, lon: float, lat: float, country: str) -> tuple[int, float]:
        """Give the nearest commune of a country within 0.3 degrees, and its distance in km."""
        point = shapely.Point(lon, lat)
        near = self.tree.query(point.buffer(0.3))
        rows = near[self.country[near] == country]
        if not len(rows):
            return -1, np.inf
        feet = shapely.get_point(shapely.shortest_line(self.shapes[rows], point), 0)
        _, _, metres = WGS84.inv(
            np.full(len(rows), lon),
            np.full(len(rows), lat),
            shapely.get_x(feet),
            shapely.get_y(feet),
        )
        best = int(np.argmin(metres))
        return int(rows[best]), float(metres[best]) / 1e3

    def far_from_units(self, lon: float, lat: float, country: str, names: tuple[str, ...]) -> bool:
        """Tell whether a point is far from every unit of these names; False where none exists."""
        rows = [row for name in names if name
                for row in self._by_name.get((country, _key(name)), ())]  # fmt: skip
        if not rows:
            return False
        degrees = shapely.distance(self.shapes[rows], shapely.Point(lon, lat))
        return bool((degrees * _KM_PER_DEGREE > UNIT_TOLERANCE_KM).all())


def _key(name: str) -> str:
    return joined_form(plain_form(name))


def _first_faults(raw: pd.DataFrame) -> Objects:
    lon, lat = raw["lon"].to_numpy(dtype=float), raw["lat"].to_numpy(dtype=float)
    reason = np.full(len(raw), "", dtype=object)
    reason[(np.abs(lon) > 180) | (np.abs(lat) > 90)] = "outside_world"
    reason[~(np.isfinite(lon) & np.isfinite(lat))] = "no_coordinates"
    too_long = raw["name"].str.len().to_numpy() > MAX_NAME
    reason[[not plain_form(name) for name in raw["name"]]] = "no_name"
    reason[too_long] = "name_too_long"
    return reason


def _decide(
    ground: Ground, country: str, names: tuple[str, str], lon: float, lat: float, unit: int
) -> tuple[str, str, float, float, int]:
    """Give fault, correction, longitude, latitude and commune of one doubtful place."""
    if country not in COUNTRIES:
        # a neighbour's place, or a table that states no country: ours where it lies inside us
        inside_ours = unit >= 0 and bool(country) and not _near_edge(ground, lon, lat, unit)
        return ("outside_country" if inside_ours else ""), "", lon, lat, (-1 if country else unit)
    row = _fits(ground, country, names, lon, lat, unit)
    if row >= 0:
        return "", "", lon, lat, row
    wrong = unit < 0 or ground.country[unit] != country
    # just outside its country, a place is misplaced; a mirror image inside would be a coincidence
    just_outside = wrong and np.isfinite(ground.nearest(lon, lat, country)[1])
    turned = (("longitude_sign", -lon, lat), ("swapped_axes", lat, lon))
    for correction, x, y in () if just_outside else turned:
        there = int(ground.locate(np.array([x]), np.array([y]))[0])
        if there >= 0 and ground.country[there] == country and not ground.far_from_units(
            x, y, country, names
        ):  # fmt: skip
            return "", correction, x, y, there
    return ("outside_country" if wrong else "outside_unit"), "", lon, lat, unit


def _fits(
    ground: Ground, country: str, names: tuple[str, str], lon: float, lat: float, unit: int
) -> int:
    """Give the commune of a place that agrees with its source, -1 where it does not."""
    if unit < 0 or ground.country[unit] != country:
        unit, distance = ground.nearest(lon, lat, country)
        if distance > BORDER_TOLERANCE_KM:
            return -1
    return -1 if ground.far_from_units(lon, lat, country, names) else unit


def _near_edge(ground: Ground, lon: float, lat: float, unit: int) -> bool:
    """Whether a place inside us is within the tolerance of the outside."""
    reach = BORDER_TOLERANCE_KM / _KM_PER_DEGREE
    around = shapely.Point(lon, lat).buffer(reach)
    near = ground.tree.query(around, predicate="intersects")
    covered = shapely.union_all(ground.shapes[near[ground.country[near] == ground.country[unit]]])
    return not bool(shapely.covers(covered, around))


def _told(rows: pd.DataFrame, reason: Objects) -> pd.DataFrame:
    places = rows[["source_id", "name", "lon", "lat", "source"]].reset_index(drop=True)
    return places.assign(
        name=places["name"].str.slice(0, MAX_NAME), reason=pd.Series(reason, dtype="str")
    )
