"""Choose among candidates, or say that the choice cannot be made."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from sahel_geo.crs import WGS84
from sahel_geo.locate.geocode.candidates import Candidate, CandidateSearch
from sahel_geo.locate.geocode.context import UnitContext
from sahel_geo.locate.geocode.queries import PlaceQuery, parse_place
from sahel_geo.places.gazetteer.gazetteer import Gazetteer
from sahel_geo.places.gazetteer.sources import UNIT_FEATURES
from sahel_geo.places.gazetteer.spelling import plain_form

# Least total score of an answer by name, and of one so good that close names need no search.
CONFIDENT: Final = 0.82
SETTLED: Final = 0.93
# Totals closer than this are equally good: where the name is as spelled, and where it is close.
_TIE: Final = 0.03
_FUZZY_TIE: Final = 0.06
_TOWN: Final = 5000.0  # people of a town that is meant where hamlets have its name
_TIMES: Final = 20.0  # as many people as the largest of them
_SAME_ANSWER_KM: Final = 12.0  # candidates this close answer the same
_ALIKE: Final = (
    95.0  # of 100: spellings of one sound this alike; benchmarks/geocoding.py --calibrate
)
_FEATURE_BONUS: Final = {"populated": 0.0, "commune": -0.02, "district": -0.05, "region": -0.06,
                         "country": -0.08, "site": -0.05, "area": -0.08, "relief": -0.08,
                         "water": -0.10}  # fmt: skip
_OTHER_KIND: Final = -0.08  # for a feature of another kind than the text names
_NO_UNIT: Final = -0.20  # for a town where the text names a unit
_PROMINENT: Final = 0.03  # for a chief town, named without further words; again, of a region
_WIDE: Final = 0.09  # as little a province or region falls behind a hamlet by what it is alone
_IN_BRACKETS: Final = 0.10  # per name after the first: brackets hold a place nearby as often
# What the distance to a stated unit costs, by level: outlines differ by a few kilometres.
_REGION_COSTS: Final = ((0.0, 0.0), (12.0, -0.02), (40.0, -0.20), (np.inf, -0.32))
_DISTRICT_COSTS: Final = ((0.0, 0.03), (12.0, 0.0), (40.0, -0.08), (np.inf, -0.22))
_COMMUNE_COSTS: Final = ((0.0, 0.03), (12.0, 0.01), (40.0, -0.06), (np.inf, -0.15))
_COSTS: Final = (_REGION_COSTS, _DISTRICT_COSTS, _COMMUNE_COSTS)
_NEAR_ITS_UNITS: Final = 0.1  # cost of a place at most 40 km off its cercle or commune


@dataclass(frozen=True)
class Stated:
    """What a report states around a place."""

    countries: tuple[str, ...]  # countries to search
    # gazetteer rows of the stated units of levels 1 to 3, -1 where none is known
    units: tuple[int, int, int]
    anchors: tuple[tuple[float, float], ...] = ()  # positions of other places of the same report


class Scored(NamedTuple):
    """A candidate with its score in the stated context, and with what ranks equals, too."""

    candidate: Candidate
    fit: float
    total: float


@dataclass(frozen=True)
class Choice:
    """The candidates that remain: one, or several that cannot be told apart; best first."""

    best: tuple[Scored, ...]
    considered: int

    @property
    def found(self) -> bool:
        """Whether exactly one place answers."""
        return len(self.best) == 1


class Chooser:
    """Ranks candidates of one gazetteer by name, stated units, kind, population and company."""

    def __init__(self, gazetteer: Gazetteer, search: CandidateSearch, context: UnitContext) -> None:
        self._search, self._context = search, context
        self.feature, self.country = context.feature, context.country
        self.lon, self.lat = context.lon, context.lat
        self._name = gazetteer.places["name"].to_numpy(dtype=object)
        self._population = population = gazetteer.places["population"].to_numpy(dtype=float)
        self._prominence = np.minimum(np.log10(population + 1) / 5, 1.0) * 0.03
        self._seats = gazetteer.seats
        self._prominence += _PROMINENT * gazetteer.seats
        of_region = gazetteer.places["name"] == gazetteer.places["adm1_name"]
        self._prominence += _PROMINENT * (gazetteer.seats & of_region.to_numpy(dtype=bool))

    def choose(self, names: Sequence[str], kind: str, stated: Stated, whole: str = "") -> Choice:
        """Choose the place meant by any name, the first before others; `whole` word for word."""
        scored = self._of_whole(whole, kind, stated) if whole else []
        for position, name in enumerate(names):
            discount = _IN_BRACKETS * position
            for country in stated.countries:
                for candidate in self._search.candidates(name, country):
                    fit = self._fit(candidate, stated) - discount
                    total = fit + self._rank(candidate, kind, stated)
                    scored.append(Scored(candidate, fit, total))
            if any(unit >= 0 for unit in stated.units) and any(
                each.fit >= max(CONFIDENT, each.candidate.score - _NEAR_ITS_UNITS)
                for each in scored
            ):
                break  # what else stands in brackets are the units around it
        scored = self._of_the_region(scored, stated)
        scored.sort(key=lambda each: (-each.total, each.candidate.place))
        good = [each for each in scored if each.fit >= CONFIDENT]
        good = self._wide_unit_first(self._spelled_unit_first(good, kind), kind)
        if not good:
            return Choice((), len(scored))
        rivals = [good[0]]
        tie = _FUZZY_TIE if good[0].candidate.method == "fuzzy" else _TIE
        for each in good[1:]:
            if good[0].total - each.total >= tie:
                break
            place = each.candidate.place
            near = min(self.apart_km(place, rival.candidate.place) for rival in rivals)
            if near > _SAME_ANSWER_KM and not self._inside(place, good[0].candidate.place):
                rivals.append(each)
        if len(rivals) > 1 and self.alone_in_region(good[0].candidate, stated, scored):
            rivals = rivals[:1]
        return Choice(tuple(self._without_hamlets(rivals)), len(scored))

    def _spelled_unit_first(self, good: list[Scored], kind: str) -> list[Scored]:
        """Leave out names that sound like that of a unit as spelled, though it is of another kind.

        "commune de Zinder" is the town of Zinder, which is no commune, and not the commune Sinder.
        """
        exact = [each for each in good if each.candidate.method == "exact"]
        # a hamlet as spelled says less than the word for a unit does
        exact = [each for each in exact[: 1 if kind else None] if self._is_unit(each)]
        if not exact:
            return good
        unit = exact[0]
        spelled = {"exact", "alternate"}
        return [each for each in good if each.candidate.method in spelled or each.fit > unit.fit]

    def _wide_unit_first(self, good: list[Scored], kind: str) -> list[Scored]:
        """Rank a province or region before a hamlet or commune of its name that is no town.

        "Gourma" is the province, and not a hamlet in it; "Séno" may be either where they lie apart.
        """
        best = None if kind or not good else good[0]
        if best is None or self.is_town(best.candidate.place) or self._seats[best.candidate.place]:
            return good
        wide = [
            each
            for each in good
            if self.feature[each.candidate.place] in {"district", "region"}
            and each.candidate.method != "fuzzy"
            and best.total - each.total < _WIDE
        ]
        if not wide or wide[0] is best:
            return good
        first = wide[0]._replace(total=best.total)
        return [first, *(each for each in good if each is not wide[0])]

    def _is_unit(self, scored: Scored) -> bool:
        return self.feature[scored.candidate.place] in UNIT_FEATURES

    def _without_hamlets(self, rivals: list[Scored]) -> list[Scored]:
        """Take the one large town among hamlets of its name, if it is the best already."""
        people = [float(self._population[each.candidate.place]) for each in rivals]
        if len(rivals) > 1 and people[0] >= _TOWN and people[0] >= _TIMES * max(people[1:]):
            return rivals[:1]
        return rivals

    def _of_the_region(self, scored: list[Scored], stated: Stated) -> list[Scored]:
        """Let a name as spelled, of one town in the region, outweigh a district that disagrees."""
        if stated.units[1] < 0:
            return scored
        same = [each for each in scored if self.alone_in_region(each.candidate, stated, scored)]
        if len(same) != 1 or self.feature[same[0].candidate.place] != "populated":
            return scored
        one = same[0]
        distance = self._context.distance_km(one.candidate.place, stated.units[1])
        cost = next(cost for limit, cost in _DISTRICT_COSTS if distance <= limit)
        if cost >= 0:
            return scored
        lifted = Scored(one.candidate, one.fit - cost, one.total - cost)
        return [lifted if each is one else each for each in scored]

    def alone_in_region(
        self, candidate: Candidate, stated: Stated, scored: Sequence[Scored] = ()
    ) -> bool:
        """Whether a name as spelled is that of one place only in the stated region."""
        region = stated.units[0]
        if candidate.method != "exact" or region < 0:
            return False
        if self._context.distance_km(candidate.place, region) > 0:
            return False
        others = {each.candidate.place for each in scored if each.candidate.method == "exact"}
        others |= set(self._search.namesakes(candidate, str(self.country[candidate.place])))
        return all(
            other == candidate.place
            or self.feature[other] in UNIT_FEATURES
            or self._context.distance_km(other, region) > 0
            or self.apart_km(other, candidate.place) <= _SAME_ANSWER_KM
            for other in others
        )

    def _of_whole(self, whole: str, kind: str, stated: Stated) -> list[Scored]:
        asks = kind if _asks_unit(kind) else ""
        return [
            Scored(candidate, fit, fit + self._rank(candidate, asks, stated))
            for country in stated.countries
            for candidate in self._search.candidates(whole, country)
            if candidate.method != "fuzzy"
            for fit in (self._fit(candidate, stated),)
        ]

    def decided(self, query: PlaceQuery, stated: Stated) -> bool:
        """Whether names of the same spelling or sound answer so well that no others matter."""
        singles = [(query.names, query.whole)] if query.names else []
        ends = [((end,), "") for pair in query.pairs for end in pair]
        for names, whole in (*singles, *ends):
            choice = self.choose(names, query.kind, stated, whole)
            if not choice.best or choice.best[0].fit < SETTLED:
                return False
            if self.only_around(choice.best[0], query, stated):
                return False
        return True

    def only_around(self, best: Scored, query: PlaceQuery, stated: Stated) -> bool:
        """Whether only units in brackets are known: a village that is not is not their town."""
        if not query.around:
            return False
        place = best.candidate.place
        parts = (parse_place(part) for part in query.around)
        points = {"populated", "site"}
        around = {
            plain_form(part.names[0]) for part in parts if part.names and part.kind not in points
        }
        units = {plain_form(str(self._name[unit])) for unit in stated.units if unit >= 0}
        if plain_form(str(self._name[place])) not in around & units:
            return False
        first = (self._search.candidates(query.names[0], each) for each in stated.countries)
        return all(candidate.place != place for own in first for candidate in own)

    def _fit(self, candidate: Candidate, stated: Stated) -> float:
        fit = candidate.score
        for unit, costs in zip(stated.units, _COSTS, strict=True):
            if unit >= 0:
                distance = self._context.distance_km(candidate.place, unit)
                fit += next(cost for limit, cost in costs if distance <= limit)
        return fit

    def _rank(self, candidate: Candidate, kind: str, stated: Stated) -> float:
        feature = self.feature[candidate.place]
        rank = _FEATURE_BONUS[feature] + _of_kind(feature, kind, self.country[candidate.place])
        rank += float(self._prominence[candidate.place])
        if stated.anchors:
            rank -= 0.10 * min(self.company_km(candidate.place, stated.anchors) / 200, 1.0)
        return rank

    def is_town(self, place: int) -> bool:
        """Whether so many people live in a place that it is meant where hamlets have its name."""
        return float(self._population[place]) >= _TOWN

    def company_km(self, place: int, anchors: Sequence[tuple[float, float]]) -> float:
        """Give the middle one of the distances from a place to the others of its report."""
        lon, lat = np.array(anchors, dtype=float).T
        here = np.full(len(lon), self.lon[place]), np.full(len(lat), self.lat[place])
        return float(np.median(WGS84.inv(*here, lon, lat)[2])) / 1e3

    def sure(self, candidate: Candidate) -> bool:
        """Whether the evidence of the name says which place is meant, and not only which may be.

        The name as spelled does. An alternate name does where no other place of the country
        sounds the same; so does a name of the same sound that is also spelled nearly alike.
        """
        if candidate.method == "exact":
            return True
        if candidate.method == "fuzzy" or candidate.alike < _ALIKE:
            return False
        here = candidate.place
        return all(
            self.apart_km(here, other) <= _SAME_ANSWER_KM or self._inside(here, other)
            for other in self._search.namesakes(candidate, str(self.country[here]))
        )

    def apart_km(self, a: int, b: int) -> float:
        """Give the distance between two places."""
        return float(WGS84.inv(self.lon[a], self.lat[a], self.lon[b], self.lat[b])[2]) / 1e3

    def _inside(self, a: int, b: int) -> bool:
        """Whether a place is the unit around the other, or the town inside it."""
        for unit, place in ((a, b), (b, a)):
            a_unit = self.feature[unit] in UNIT_FEATURES[1:]
            if a_unit and self._context.distance_km(place, unit) == 0.0:
                return True
        return False


def _asks_unit(kind: str) -> bool:
    return kind in UNIT_FEATURES or kind == "department"


def _of_kind(feature: str, kind: str, country: str) -> float:
    # a department is of the third level in Burkina Faso, and of the second in Niger
    asked = {"BFA": "commune"}.get(country, "district") if kind == "department" else kind
    if feature == asked or not kind:
        return 0.0
    return _NO_UNIT if _asks_unit(kind) and feature not in UNIT_FEATURES else _OTHER_KIND
