"""Turn a choice of places into an answer: a point, its precision and its radius."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sahel_geo.crs import WGS84
from sahel_geo.locate.geocode.choice import Choice, Chooser, Scored, Stated
from sahel_geo.locate.geocode.context import UnitContext
from sahel_geo.locate.geocode.queries import PlaceQuery
from sahel_geo.places.gazetteer.gazetteer import Gazetteer
from sahel_geo.places.gazetteer.sources import UNIT_FEATURES


@dataclass(frozen=True)
class Answer:
    """Where a text points to, how precisely, and how that was found."""

    lon: float = float("nan")
    lat: float = float("nan")
    location_precision: str = "unknown"
    match_name: str | None = None
    match_id: str | None = None
    score: float = 0.0
    method: str = "none"
    n_candidates: int = 0
    radius_km: float = float("nan")
    alternatives: str | None = None


_UNIT_PRECISION: Final = {"country": "country", "region": "admin1", "district": "admin2",
                          "commune": "admin3"}  # fmt: skip
# Radii that hold the true point of 95 in 100 places of events by benchmarks/geocoding.py.
_SURE_KM: Final = 10.0
_NATURAL_KM: Final = 25.0  # a hill or a pool and the village that bears its name
_UNSURE_KM: Final = 25.0  # at the least, around an answer that may be another place
_AROUND_KM: Final = 12.0  # outlines differ by a few kilometres
_NEAR_KM: Final = 10.0  # what "near" and "towards" add
_DIRECTED_KM: Final = 15.0  # a direction without a distance
_OFFSET_SHARE: Final = 0.25  # of a stated distance: bearings are named to 45 degrees
_AMID_KM: Final = 25.0  # rivals all this close to their middle are answered by it
_PAIR_REACH_KM: Final = 300.0  # no stretch of road in a report is longer
_ROAD_KM: Final = 40.0  # along a road of which one end only is known


class Answerer:
    """Answers queries over one gazetteer, whose names and identifiers are told."""

    def __init__(self, gazetteer: Gazetteer, chooser: Chooser, context: UnitContext) -> None:
        places = gazetteer.places
        self._chooser, self._context = chooser, context
        self._id = places["place_id"].to_numpy(dtype=object)
        self._name = places["name"].to_numpy(dtype=object)
        self._radius = places["radius_km"].to_numpy(dtype=float)

    def answer(self, query: PlaceQuery, stated: Stated) -> Answer:
        """Answer one query, by name if it can be, by the smallest stated unit otherwise."""
        if query.pairs:
            place = self._between(query, stated)
            if place is not None:
                return place
            ends = tuple(end for pair in query.pairs[:1] for end in pair)
            one = self.answer(replace(query, names=(*ends, *query.names), pairs=()), stated)
            if one.location_precision not in {"exact", "near"}:
                return one
            radius = one.radius_km + _ROAD_KM
            return replace(one, radius_km=radius, location_precision=_precision_of(radius))
        choice = self._chooser.choose(query.names, query.kind, stated, query.whole)
        if choice.found and not self._chooser.only_around(choice.best[0], query, stated):
            return self._displaced(self._by_name(choice, query.kind, stated), query)
        if choice.best and not choice.found:
            return self._ambiguous(choice, stated)
        return replace(self.by_unit(stated), n_candidates=choice.considered)

    def by_unit(self, stated: Stated) -> Answer:
        """Answer with the smallest stated unit, or with the only country."""
        units = [unit for unit in stated.units if unit >= 0]
        if units:
            answer = self.unit(units[-1], "unit")
            reach = self._context.reach_km(answer.lon, answer.lat, units[-1])
            return replace(answer, radius_km=max(answer.radius_km, round(reach, 1)))
        if len(stated.countries) == 1:
            unit = self._context.country_unit(stated.countries[0])
            if unit >= 0:
                return self.unit(unit, "unit")
        return Answer()

    def unit(self, unit: int, method: str) -> Answer:
        """Answer with a whole unit, by its row."""
        feature = str(self._chooser.feature[unit])
        return Answer(
            lon=float(self._chooser.lon[unit]),
            lat=float(self._chooser.lat[unit]),
            location_precision=_UNIT_PRECISION[feature],
            match_name=str(self._name[unit]),
            match_id=str(self._id[unit]),
            method=method,
            radius_km=float(self._radius[unit]),
        )

    def doubted(self, answer: Answer, stated: Stated) -> Answer:
        """Keep a point found by name, and say no more than the smallest stated unit around it."""
        rows = np.flatnonzero(self._id == answer.match_id)
        return self._unsure(answer, int(rows[0]), stated) if len(rows) else answer

    def _by_name(self, choice: Choice, kind: str, stated: Stated) -> Answer:
        best = choice.best[0]
        place, method = best.candidate.place, best.candidate.method
        feature = str(self._chooser.feature[place])
        if feature in UNIT_FEATURES:
            answer = self.unit(place, method)
        else:
            answer = Answer(
                lon=float(self._chooser.lon[place]),
                lat=float(self._chooser.lat[place]),
                location_precision="exact" if feature in {"populated", "site"} else "near",
                match_name=str(self._name[place]),
                match_id=str(self._id[place]),
                method=method,
                radius_km=_SURE_KM + float(self._radius[place]),
            )
        # villages are named after hills and pools that may be far away
        natural = feature not in {"populated", "site", *UNIT_FEATURES} and feature != kind
        # and a forest that is not known bears the name of a village
        natural = natural or (kind in {"relief", "water"} and feature == "populated")
        if natural:
            answer = replace(answer, radius_km=max(answer.radius_km, _NATURAL_KM))
            natural = feature == "populated" or not self._chooser.alone_in_region(
                best.candidate, stated
            )
        if natural or not self._chooser.sure(best.candidate):
            answer = self._unsure(answer, place, stated)
        return replace(
            answer, score=float(np.clip(round(best.total, 3), 0, 1)), n_candidates=choice.considered
        )

    def _unsure(self, answer: Answer, place: int, stated: Stated) -> Answer:
        """Keep the point, and say no more than the smallest stated unit around it."""
        around = [
            unit
            for unit in stated.units
            if unit >= 0 and self._context.distance_km(place, unit) <= _AROUND_KM
        ]
        if around:
            # a point off the middle of its unit is farther from the other end of it
            unit = around[-1]
            reach = self._context.reach_km(answer.lon, answer.lat, unit)
        else:
            unit = self._context.country_unit(str(self._chooser.country[place]))
            reach = float(self._radius[unit])
        radius = max(_UNSURE_KM, round(reach, 1), answer.radius_km)
        precision = _UNIT_PRECISION[str(self._chooser.feature[unit])]
        return replace(answer, location_precision=precision, radius_km=radius)

    def _displaced(self, answer: Answer, query: PlaceQuery) -> Answer:
        """Move an answer by a stated offset, and widen its radius by what the text leaves open."""
        if not query.near:
            return answer
        widened = answer.radius_km + _NEAR_KM
        lon, lat = answer.lon, answer.lat
        if query.distance_km and query.bearing is not None:
            lon, lat, _ = WGS84.fwd(lon, lat, query.bearing, 1e3 * query.distance_km)
            widened = answer.radius_km + max(5.0, 2 * _OFFSET_SHARE * query.distance_km)
        elif query.distance_km:
            widened = answer.radius_km + query.distance_km
        elif query.bearing is not None:
            widened = answer.radius_km + _DIRECTED_KM
        precision = answer.location_precision
        return replace(
            answer,
            lon=float(lon),
            lat=float(lat),
            location_precision="near" if precision == "exact" else precision,
            method=f"{answer.method}+offset" if query.distance_km else f"{answer.method}+near",
            radius_km=widened,
        )

    def _between(self, query: PlaceQuery, stated: Stated) -> Answer | None:
        """Answer with the middle of a stretch; None where no reading has two known ends."""
        best: tuple[float, Scored, Scored, float, int] | None = None
        for pair in query.pairs:
            # Choose both ends of a stretch; a sure one may lie outside the stated units.
            ends = [self._chooser.choose((end,), "", stated) for end in pair]
            for at in (0, 1):
                if ends[1 - at].found and not ends[at].found:
                    known = ends[1 - at].best[0].candidate.place
                    beside = (float(self._chooser.lon[known]), float(self._chooser.lat[known]))
                    free = Stated(stated.countries, (-1, -1, -1), (beside,))
                    choice = self._chooser.choose((pair[at],), "", free)
                    if choice.found and self._chooser.sure(choice.best[0].candidate):
                        ends[at] = choice
            if not all(end.found for end in ends):
                continue
            one, other = ends[0].best[0], ends[1].best[0]
            length = self._chooser.apart_km(one.candidate.place, other.candidate.place)
            total = min(one.total, other.total)
            if length <= _PAIR_REACH_KM and (best is None or total > best[0]):
                considered = sum(end.considered for end in ends)
                best = (total, one, other, length, considered)
        if best is None:
            return None
        total, one, other, length, considered = best
        a, b = one.candidate.place, other.candidate.place
        start = float(self._chooser.lon[a]), float(self._chooser.lat[a])
        azimuth, _, _ = WGS84.inv(*start, self._chooser.lon[b], self._chooser.lat[b])
        lon, lat, _ = WGS84.fwd(*start, azimuth, length * 500)
        radius = length / 2 + 5.0
        return Answer(
            lon=float(lon),
            lat=float(lat),
            location_precision=_precision_of(radius),
            match_name=f"{self._name[a]} - {self._name[b]}",
            match_id=f"{self._id[a]} - {self._id[b]}",
            score=float(np.clip(round(total, 3), 0, 1)),
            method="between",
            n_candidates=considered,
            radius_km=radius,
        )

    def _ambiguous(self, choice: Choice, stated: Stated) -> Answer:
        """Answer with the smallest unit that holds all rivals, and name them."""
        places = [each.candidate.place for each in choice.best]
        labels = [f"{self._name[place]} ({self._id[place]})" for place in places]
        sure = all(self._chooser.sure(each.candidate) for each in choice.best)
        between = self._amid(places) if sure else None
        if between is not None:
            answer = self._unsure(between, places[0], stated)
        else:
            answer = self.by_unit(stated)
            parents = (
                {self._context.parent(each, level) for each in places} for level in (3, 2, 1)
            )
            common = next((rows.pop() for rows in parents if len(rows) == 1 and rows != {-1}), -1)
            if common >= 0 and (sure or answer.location_precision == "unknown"):
                answer = min(self.unit(common, "ambiguous"), answer, key=_radius_or_none)
        return replace(
            answer,
            method="ambiguous",
            score=float(np.clip(round(choice.best[0].total, 3), 0, 1)),
            n_candidates=choice.considered,
            alternatives="; ".join(labels[:10]),
        )

    def _amid(self, places: list[int]) -> Answer | None:
        """Answer amid rivals that are neighbours, with a radius that holds them all."""
        lon, lat = self._chooser.lon[places], self._chooser.lat[places]
        middle = float(lon.mean()), float(lat.mean())
        starts = np.full(len(places), middle[0]), np.full(len(places), middle[1])
        reach = float(np.max(WGS84.inv(*starts, lon, lat)[2])) / 1e3
        if reach > _AMID_KM:
            return None
        return Answer(
            lon=middle[0],
            lat=middle[1],
            location_precision="near",
            method="ambiguous",
            match_name=str(self._name[places[0]]),
            match_id=str(self._id[places[0]]),
            radius_km=reach + _SURE_KM,
        )


def _radius_or_none(answer: Answer) -> float:
    return answer.radius_km if np.isfinite(answer.radius_km) else np.inf


def _precision_of(radius_km: float) -> str:
    """Say in terms of the schema what a radius means; a district is some 40 km across."""
    limits = ((30.0, "near"), (80.0, "admin2"), (250.0, "admin1"))
    return next((word for limit, word in limits if radius_km <= limit), "country")
