"""Geocode names of places: row for row, with a precision and a radius, never across a border.

`locate_missing` gives places to incidents that came without coordinates.
"""

import threading
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from sahel_geo.errors import InputError, did_you_mean, first_offenders
from sahel_geo.i18n.countries import COUNTRY_NAMES, spellings
from sahel_geo.i18n.sentence import Counted, Sentence, joined
from sahel_geo.incidents.columns.countries import country_codes
from sahel_geo.incidents.columns.texts import as_text
from sahel_geo.incidents.quality import PRECISIONS
from sahel_geo.incidents.table import Incidents
from sahel_geo.locate.geocode.answers import Answer, Answerer
from sahel_geo.locate.geocode.candidates import CandidateSearch
from sahel_geo.locate.geocode.choice import Chooser, Stated
from sahel_geo.locate.geocode.context import UnitContext
from sahel_geo.locate.geocode.queries import PlaceQuery, parse_place, read_path
from sahel_geo.places.gazetteer.gazetteer import Gazetteer, load_gazetteer
from sahel_geo.places.gazetteer.spelling import plain_form
from sahel_geo.schema import COUNTRIES, PathLike
from sahel_geo.tasks import track

ANSWER_COLUMNS: Final = tuple(each.name for each in fields(Answer))
_KEPT_WHERE_GIVEN: Final = ("lon", "lat", "location_precision")
_CONTEXT: Final = ("country", "admin1", "admin2", "admin3")
_MAX_TEXT: Final = 1000  # characters; a longer text is no name of a place

COUNTRY_OF: Final = {
    plain_form(name): code for code in COUNTRIES for name in spellings(code).values()
} | {"burkina": "BFA", "burkinafaso": "BFA"}
_ABROAD: Final = {
    plain_form(name): code
    for code in set(COUNTRY_NAMES) - set(COUNTRIES)
    for name in spellings(code).values()
} | {"ivory coast": "CIV"}
_CLOSE: Final = ("fuzzy", "sound")

Names = pd.DataFrame | pd.Series | Sequence[Any]
Context = str | Sequence[Any] | None


class _Request(NamedTuple):
    place: str
    country: str
    admin1: str
    admin2: str
    admin3: str


def geocode(
    places: Names,
    gazetteer: Gazetteer | None = None,
    *,
    country: Context = None,
    admin1: Context = None,
    admin2: Context = None,
    admin3: Context = None,
    report: str | None = None,
    cross_border: bool = False,
    overwrite: bool = False,
) -> pd.DataFrame:
    """Find where named places are, and say how sure that is.

    A name is compared as spelled, under its alternate names, by its sound in French and Tamasheq
    transliteration, and by similarity. Candidates are ranked by name, stated units, kind of place
    and population. Two good candidates far apart that the context cannot separate give
    ``"ambiguous"``; a name that is not known falls back to the smallest stated unit.

    Parameters
    ----------
    places : DataFrame, Series or sequence of str, n rows
        Names, or a table with the column ``place`` and, where known, ``country``, ``admin1``,
        ``admin2``, ``admin3`` (names or P-codes). Rows of a table that have ``lon`` and ``lat``
        keep them. It is not changed.
    gazetteer : Gazetteer, optional
        As :func:`sahel_geo.load_gazetteer` returned it; the embedded one by default, which knows
        units and towns but few villages.
    country, admin1, admin2, admin3 : str or sequence of n str, optional
        Stated units, for all rows or for each; they win over the columns of a table.
    report : str, optional
        Column of a table that tells which rows come from one report: an ambiguous name is then
        settled by the distance to the places of the same report that are certain.
    cross_border : bool
        Look in the other countries when the stated one does not know the name.
    overwrite : bool
        Geocode rows with coordinates, too.

    Returns
    -------
    DataFrame, n rows
        The table (or ``place``) with these columns, on the index of `places`: ``lon``, ``lat``
        (EPSG:4326, NaN where nothing answers), ``location_precision`` (one of
        :data:`sahel_geo.schema.LOCATION_PRECISIONS`), ``match_name``, ``match_id``, ``score``
        (0 to 1; 0 for a fallback), ``method`` (``exact``, ``alternate``, ``sound``, ``fuzzy``,
        each also with ``+offset`` or ``+near``, ``between``, ``ambiguous``, ``unit``, ``given``,
        ``too_long``, ``none``), ``n_candidates``, ``radius_km`` (meant to hold the true point in
        nine cases of ten) and ``alternatives`` (the rivals of an ambiguous name).

    Raises
    ------
    InputError
        If a table has no column ``place``, a context differs in length, or a country is unknown.

    Examples
    --------
    >>> result = geocode(["Ménaka", "20 km au nord de Ansongo", "Nulle-Part"], country="MLI")
    >>> result[["match_name", "location_precision", "method"]].values.tolist()
    [['Ménaka', 'exact', 'exact'], ['Ansongo', 'near', 'exact+offset'], ['Mali', 'country', 'unit']]
    """
    table = _as_table(places)
    given = {"country": country, "admin1": admin1, "admin2": admin2, "admin3": admin3}
    requests = _requests(_without_units_as_places(table), given)
    job = Job.of(gazetteer, cross_border=cross_border)
    answers = job.run(requests)
    if report is not None:
        answers = job.decide_by_company(requests, answers, _column(table, report))
    frame = pd.DataFrame(answers, columns=list(ANSWER_COLUMNS), index=table.index)
    return _joined(table, frame, overwrite=overwrite)


class Job:
    """Answers each distinct request once."""

    def __init__(self, gazetteer: Gazetteer, *, cross_border: bool) -> None:
        self.search = CandidateSearch(gazetteer)
        self.context = UnitContext(gazetteer, self.search)
        self.chooser = Chooser(gazetteer, self.search, self.context)
        self.answerer = Answerer(gazetteer, self.chooser, self.context)
        self.countries = tuple(sorted(set(gazetteer.places["country"]) - {""}))
        self.cross_border = cross_border

    def run(self, requests: Sequence[_Request]) -> list[Answer]:
        """Answer requests in their order."""
        distinct = list(dict.fromkeys(requests))
        read = [self._read(request) for request in distinct]
        queries, stated = [query for query, _ in read], [each for _, each in read]
        # Search close names, in bulk, for the queries that same names leave open.
        wanted = []
        for query, each in track(zip(queries, stated, strict=True), "geocoding", len(queries)):
            if not self.chooser.decided(query, each):
                names = [*query.names, *(end for pair in query.pairs for end in pair)]
                wanted += [(name, country) for name in names for country in each.countries]
        self.search.prepare(wanted)
        known = {
            request: self._answer(request, query, each)
            for request, query, each in track(
                zip(distinct, queries, stated, strict=True), "geocoding", len(distinct)
            )
        }
        return [known[request] for request in requests]

    def _read(self, request: _Request) -> tuple[PlaceQuery, Stated]:
        """Read a request; of a name that holds its units, as what is best known."""
        query = _without_countries(parse_place(request.place))
        stated = self.stated(request, query.around)
        paths = [path for path in read_path(query) if path == _without_countries(path)]
        if not paths or self._fits(query, stated)[0]:
            return query, stated
        readings = [(path, self.stated(request, path.around)) for path in paths]
        return max(readings, key=lambda reading: self._fits(*reading))

    def _fits(self, query: PlaceQuery, stated: Stated) -> tuple[bool, list[bool], float]:
        """Tell whether a place is known, in which of the units, and how well it fits them."""
        best = self.chooser.choose(query.names, query.kind, stated, query.whole).best
        return bool(best), [unit >= 0 for unit in stated.units], best[0].fit if best else 0.0

    def stated(self, request: _Request, around: Sequence[str] = ()) -> Stated:
        """Find the units that a request states, and those in the brackets of its place."""
        named = [COUNTRY_OF[name] for name in map(plain_form, around) if name in COUNTRY_OF]
        countries = (request.country,) if request.country else tuple(named) or COUNTRIES
        units = [-1, -1, -1]
        for level, text in enumerate(request[2:], start=1):
            if text:
                within = tuple(units[: level - 1])
                units[level - 1], _ = self.context.find_unit(text, level, countries, within)
        given = (units[0], units[1], units[2])
        return Stated(tuple(countries), self.context.units_of(around, countries, given))

    def _answer(self, request: _Request, query: PlaceQuery, stated: Stated) -> Answer:
        if len(request.place) > _MAX_TEXT:
            return Answer(method="too_long")
        answer = self.answerer.answer(query, stated)
        if not request.country and self._lies_abroad(query, answer):
            return Answer()
        if answer.method == "unit" and self.cross_border and request.country and query.names:
            others = tuple(code for code in self.countries if code != request.country)
            abroad = Stated(others, (-1, -1, -1))
            self.search.prepare([(name, code) for name in query.names for code in others])
            place = self.answerer.answer(query, abroad)
            if place.method not in {"unit", "none"}:
                return place
        return answer

    def _lies_abroad(self, query: PlaceQuery, answer: Answer) -> bool:
        """Whether a place names a country that is not searched: "Sokoto, Nigeria", "Nigeria"."""
        named = {_ABROAD.get(plain_form(part)) for part in (*query.names, *query.around)}
        if not named - {None, *self.countries}:
            return False
        return bool(query.around) or answer.method.startswith(_CLOSE)

    def decide_by_company(
        self, requests: Sequence[_Request], answers: Sequence[Answer], reports: Sequence[Any]
    ) -> list[Answer]:
        """Answer ambiguous requests again, near the certain places of the same report."""
        certain: dict[Any, list[tuple[float, float]]] = {}
        for answer, name in zip(answers, reports, strict=True):
            if answer.location_precision in {"exact", "near"} and answer.method != "ambiguous":
                certain.setdefault(name, []).append((answer.lon, answer.lat))
        settled = list(answers)
        for row, (request, answer) in enumerate(zip(requests, answers, strict=True)):
            anchors = certain.get(reports[row], [])
            if answer.method == "ambiguous" and anchors:
                query = _without_countries(parse_place(request.place))
                base = self.stated(request, query.around)
                beside = Stated(base.countries, base.units, tuple(anchors))
                settled[row] = self._answer(request, query, beside)
        return settled

    @classmethod
    def of(cls, gazetteer: Gazetteer | None, *, cross_border: bool = False) -> "Job":
        """Give the resolver of a gazetteer, by default the embedded one: built once, and kept."""
        gazetteer = gazetteer or _embedded()
        with _RECENT_LOCK:
            for known, crosses, job in _RECENT:
                if known() is gazetteer and crosses == cross_border:
                    return job
            job = cls(gazetteer, cross_border=cross_border)
            living = [each for each in _RECENT if each[0]() is not None]
            _RECENT[:] = [(weakref.ref(gazetteer), cross_border, job), *living][:_KEPT_JOBS]
            return job


def _without_countries(query: PlaceQuery) -> PlaceQuery:
    """Leave out names of countries beside others, which say where a place is; alone they are it."""
    names = tuple(name for name in query.names if plain_form(name) not in COUNTRY_OF)
    if query.names and not names and not query.around:
        return replace(query, kind=query.kind or "country")
    return query if names == query.names else replace(query, names=names)


_RECENT: list[tuple["weakref.ref[Gazetteer]", bool, Job]] = []
_KEPT_JOBS: Final = 2
_RECENT_LOCK = threading.Lock()
_embedded: Final = cache(load_gazetteer)  # of no other sources


def _as_table(places: Names) -> pd.DataFrame:
    if isinstance(places, pd.DataFrame):
        if "place" not in places:
            raise InputError(
                f"`places` has no column 'place'; its columns are "
                f"{first_offenders(places.columns, 12)}. Rename the one that holds the names."
            )
        return places
    if isinstance(places, pd.Series):
        return places.rename("place").to_frame()
    if isinstance(places, str | bytes):
        raise InputError(
            f"`places` is one text, {places[:60]!r}; expected a list of names or a table. "
            "Pass [name], or a whole report to sg.geocode_text."
        )
    return pd.DataFrame({"place": pd.Series(list(places), dtype=object)})


def _requests(table: pd.DataFrame, given: Mapping[str, Context]) -> list[_Request]:
    columns = [_texts(table["place"])]
    for name in _CONTEXT:
        value = given[name]
        if value is None and name in table:
            texts = _texts(table[name])
        elif value is None or isinstance(value, str):
            texts = [value or ""] * len(table)
        else:
            texts = _texts(pd.Series(list(value), dtype=object))
            if len(texts) != len(table):
                raise InputError(
                    f"`{name}` has {len(texts)} values; expected one, or {len(table)} as `places` "
                    "has rows."
                )
        columns.append(_codes(texts) if name == "country" else texts)
    return [_Request(*row) for row in zip(*columns, strict=True)]


def _texts(values: "pd.Series[Any]") -> list[str]:
    return ["" if value is None or value != value else str(value) for value in values.tolist()]  # noqa: PLR0124  NaN


def _codes(texts: list[str]) -> list[str]:
    codes, unknown = country_codes(pd.Series(texts, dtype=object).replace("", None))
    if unknown:
        raise InputError(
            "`country` has {number} unknown names: {shown}; expected names or ISO 3166-1 "
            "codes. Correct them, or leave them empty.",
            number=len(unknown),
            shown=first_offenders(unknown),
        )
    return _texts(codes)


def _column(table: pd.DataFrame, name: str) -> list[Any]:
    if name not in table:
        raise InputError(
            f"`report` is {name!r}, which is no column; expected one of "
            f"{first_offenders(table.columns, 12)}. {did_you_mean(name, table.columns)}"
        )
    values: list[Any] = table[name].tolist()
    return values


def _joined(table: pd.DataFrame, answers: pd.DataFrame, *, overwrite: bool) -> pd.DataFrame:
    result = table.copy()
    given = np.zeros(len(table), dtype=bool)
    if {"lon", "lat"} <= set(table.columns) and not overwrite:
        numbers = [pd.to_numeric(table[name], errors="coerce") for name in ("lon", "lat")]
        given = np.logical_and(*[np.isfinite(each.to_numpy(dtype=float)) for each in numbers])
    for name in ANSWER_COLUMNS:
        values = answers[name].astype("str") if answers[name].dtype == object else answers[name]
        if name in _KEPT_WHERE_GIVEN and name in table:
            values = values.where(~given, table[name])
        elif name == "method":
            values = values.mask(given, "given")
        elif name == "n_candidates":
            values = values.mask(given, 0)
        else:
            values = values.mask(given, np.nan)
        result[name] = values
    if given.any() and "location_precision" not in table:
        result.loc[given, "location_precision"] = "unknown"
    return result


def locate_missing(
    incidents: Incidents, gazetteer: Sequence[PathLike] = ()
) -> tuple[Incidents, Mapping[str, int]]:
    """Geocode the incidents without coordinates, and leave the others as they are.

    Returns them, with a note that counts them in the report, and the rows geocoded by location
    precision; ``unknown`` for those still without a place.

    >>> import sahel_geo as sg
    >>> table = pd.DataFrame({"date": ["2025-01-03"], "pays": ["Mali"], "cercle": ["Ansongo"]})
    >>> located, counts = locate_missing(sg.incidents_from_frame(table))
    >>> located["location_precision"].tolist(), dict(counts)
    (['admin2'], {'admin2': 1})
    """
    named = incidents[["place", "admin1", "admin2", "admin3"]].notna().any(axis=1)
    lost = (incidents["lon"].isna() & named).to_numpy(dtype=bool)
    if not lost.any():
        return incidents, {}
    answers = geocode(_no_finer_than_stated(incidents[lost]), load_gazetteer(*gazetteer))
    located = incidents.copy()
    for name in _KEPT_WHERE_GIVEN:
        values = located[name].to_numpy(copy=True)
        values[lost] = answers[name].to_numpy()
        located[name] = as_text(pd.Series(values)).to_numpy() if values.dtype == object else values
    tally = answers["location_precision"].value_counts()
    counts = {str(name): int(number) for name, number in tally.items()}
    note = Counted(
        "{count} incident without coordinates is geocoded by its names: {counts}",
        "{count} incidents without coordinates are geocoded by their names: {counts}",
        count=int(np.isfinite(answers["lon"]).sum()),
        counts=joined(
            [
                Sentence("{precision} {number}", precision=PRECISIONS[name], number=number)
                for name, number in counts.items()
            ],
            ", ",
        ),
    )
    located._report = replace(incidents.report, notes=(*incidents.report.notes, note))  # noqa: SLF001
    return located, counts


def _without_units_as_places(table: pd.DataFrame) -> pd.DataFrame:
    """Drop the places of rows of `read_incidents` in which a unit stands for a missing place."""
    # not of communes, which are small and mostly called after their chief place
    if "location_precision" not in table:
        return table
    place = table["place"].copy()
    for level in ("admin1", "admin2"):
        if level in table:
            only = (table["location_precision"] == level) & (table["place"] == table[level])
            place = place.mask(only.fillna(value=False).astype(bool))
    return table.assign(place=place)


def _no_finer_than_stated(incidents: pd.DataFrame) -> pd.DataFrame:
    """Drop the places of rows that state a unit only: its name is often a town's as well."""
    named = incidents[["admin1", "admin2", "admin3"]].notna().any(axis=1)
    unit_only = incidents["location_precision"].isin(["admin1", "admin2", "admin3"])
    return pd.DataFrame(incidents).assign(place=incidents["place"].mask(named & unit_only))
