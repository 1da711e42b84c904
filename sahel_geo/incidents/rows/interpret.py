"""From raw columns to the columns of the schema, with the faults found on the way."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from sahel_geo.arrays import Flags, Positions
from sahel_geo.errors import first_offenders
from sahel_geo.i18n.sentence import Counted, Sentence, joined
from sahel_geo.incidents import reasons
from sahel_geo.incidents.columns.countries import country_codes
from sahel_geo.incidents.columns.dates.texts import MONTHS
from sahel_geo.incidents.columns.names import COORDINATES, DATE_PARTS, PCODES, plain_name
from sahel_geo.incidents.columns.profiles import UCDP, Profile
from sahel_geo.incidents.columns.texts import (
    NOT_STATED,
    as_text,
    distinctly,
    full_text,
    holds,
    longest,
    lowest,
    stripped,
    text_of,
    told_apart,
)
from sahel_geo.incidents.columns.tolls import parse_tolls
from sahel_geo.incidents.readers.raw import RawTable
from sahel_geo.incidents.rows.countries import code_standard
from sahel_geo.incidents.rows.dates import read_dates, read_parts
from sahel_geo.incidents.rows.locations import ADMINS, Locations
from sahel_geo.incidents.rows.shapes import NotIncidentsError
from sahel_geo.schema import DATE_PRECISIONS, FATALITIES, LOCATION_PRECISIONS

MAX_TEXT: Final = 1000  # characters kept of a place, an actor or a type
# Rows that sum others up; "Station Total" is a place.
_TOTAL: Final = re.compile(
    r"(?:grand )?tota(?:l|ux|ls)(?: general)?|(?:sous|sub) ?tota(?:l|ux|ls)(?: .*)?|"
    rf"total (?:{'|'.join(MONTHS)}|mois|annee|semaine|\d+)\b.*"
)
_TEXTS: Final = ("event_type", "actor1", "actor2", "source", "source_id")


@dataclass
class Interpreted:
    """Schema columns of every raw row, faulty rows too, and what is wrong with which."""

    columns: dict[str, Any]
    faults: reasons.Faults
    notes: list[Sentence] = field(default_factory=list)
    # Which country each row states, -1 for none, and the codes of the countries.
    countries: tuple[Positions, list[Any]] | None = None
    place_level: npt.NDArray[np.int8] = field(default_factory=lambda: np.zeros(0, np.int8))

    @classmethod
    def of(
        cls,
        raw: RawTable,
        chosen: Mapping[str, str],
        profile: Profile,
        *,
        others: Mapping[str, tuple[str, ...]] | None = None,
        undo_swapped_dates: bool = False,
    ) -> "Interpreted":
        """Read every schema column of `raw`."""
        # Refuse a table that says nothing about when, or nothing about where.
        lacking: list[str] = []
        if "date" not in chosen and "year" not in chosen:
            lacking.append(Sentence("a date (or year, month, day)"))
        where = {"place", COORDINATES, *ADMINS, *PCODES}
        if not ({"lon", "lat"} <= set(chosen) or where & set(chosen)):
            lacking.append(Sentence("longitude and latitude, or a place name"))
        if lacking:
            raise NotIncidentsError(
                "the table has no column for {lacking}; its columns are {columns}. Rename them in "
                "the file, or name them with mapping=, for example mapping={{'date': '...', "
                "'lon': '...', 'lat': '...'}} (--mapping date=...,lon=...,lat=...).",
                lacking=joined(lacking, " nor for "),
                columns=first_offenders(raw.names, 12),
            )
        job = _Job(raw, chosen, profile, cls({}, reasons.Faults(len(raw))), undo_swapped_dates)
        job.result.faults.add(
            reasons.REPEATED_HEADER,
            _is_repeated_header(raw),
            lambda _: Sentence("the header is repeated here"),
        )
        _read_dates(job)
        _read_locations(job, others or {})
        places = job.result.columns["place"]
        job.result.faults.add(
            reasons.TOTAL,
            _is_total(places),
            lambda at: Sentence("{name!r} is a total", name=places.iloc[at]),
        )
        for target in _TEXTS:
            _read_text(job, target)
        _read_event_type(job)
        _read_country(job)
        _read_tolls(job)
        _read_precision(job, "location_precision")
        _read_precision(job, "date_precision")
        return job.result


@dataclass
class _Job:
    raw: RawTable
    chosen: Mapping[str, str]
    profile: Profile
    result: Interpreted
    undo_swapped: bool = False

    def column(self, target: str) -> "pd.Series[Any] | None":
        name = self.chosen.get(target)
        return None if name is None else self.raw.column(name)

    def shown(self, target: str) -> Callable[[int], str]:
        """Word the cell of a row, for a quarantine's detail."""
        return _cells(self.chosen[target], self.raw.column(self.chosen[target]))

    def fault(self, code: str, mask: Flags, detail: Sentence, cells: Callable[[int], str]) -> None:
        """Record a fault whose detail names the ``{cell}`` of the row."""
        self.result.faults.add(code, mask, lambda at: detail.filled(cell=cells(at)))


def _is_total(places: "pd.Series[Any]") -> Flags:
    """Tell the rows that sum others up."""
    if not holds(places, b"otal", b"OTAL", b"otaux", b"OTAUX"):
        return np.zeros(len(places), dtype=bool)
    codes, distinct = pd.factorize(places)
    totals = [_TOTAL.fullmatch(plain_name(text)) is not None for text in distinct]
    return np.array([*totals, False])[codes]


def _read_dates(job: _Job) -> None:
    values = job.column("date")
    if values is not None:
        published = bool(job.profile.source)
        dates = read_dates(job.raw, job.chosen, published=published, undo=job.undo_swapped)
        texts = job.shown("date")
    else:
        dates = read_parts(job.raw, job.chosen)
        cells = [job.shown(part) for part in DATE_PARTS if part in job.chosen]

        def texts(position: int) -> str:
            return ", ".join(cell(position) for cell in cells)

    job.result.faults.add(reasons.NO_DATE, dates.missing, lambda _: Sentence("no date is stated"))
    for code, mask, detail in (
        (reasons.IMPOSSIBLE_DATE, dates.impossible, Sentence("{cell} is no date")),
        (reasons.AMBIGUOUS_DATE, dates.ambiguous, Sentence("{cell} may be one of two dates")),
        (reasons.FUTURE_DATE, dates.future, Sentence("{cell} has not come yet")),
    ):
        job.fault(code, mask, detail, texts)
    job.result.notes += dates.notes
    job.result.columns["date"] = dates.days
    job.result.columns["date_precision"] = dates.precision


def _read_locations(job: _Job, others: Mapping[str, tuple[str, ...]]) -> None:
    locations = Locations.of(job.raw, job.chosen, others)
    columns = job.result.columns
    columns["lon"], columns["lat"] = locations.lon, locations.lat
    for name, unreadable in locations.faults:
        _add_not_a_number(job, name, unreadable)
    for target, values in locations.names.items():
        if values is None or values.isna().all():
            columns[target] = full_text(None, len(job.raw))
        else:
            _add_text(job, target, values, values)
    job.result.place_level = locations.place_level
    job.result.notes += locations.notes


def _add_not_a_number(job: _Job, name: str, unreadable: Flags) -> None:
    cells = _cells(name, job.raw.column(name))
    job.fault(reasons.NOT_A_NUMBER, unreadable, Sentence("{cell} is not a number"), cells)


def _read_text(job: _Job, target: str) -> None:
    values = job.column(target)
    if values is None:
        filler = job.profile.source if target == "source" else ""
        job.result.columns[target] = full_text(filler or None, len(job.raw))
        return
    text = whole_numbers(values) if target == "source_id" else distinctly(stripped(values), _stated)
    _add_text(job, target, text, values)


def _stated(texts: "pd.Series[Any]") -> "pd.Series[Any]":
    return texts.mask(texts.str.lower().isin(NOT_STATED))


def _add_text(job: _Job, target: str, text: "pd.Series[Any]", values: "pd.Series[Any]") -> None:
    """Add a column of trimmed text to the result, in bounds and on one line."""
    long = int((text.str.len() > MAX_TEXT).sum()) if longest(text) > MAX_TEXT else 0
    if long:
        job.result.notes.append(
            Counted(
                "{target}: {count} text cut to {most} characters",
                "{target}: {count} texts cut to {most} characters",
                count=long,
                target=target,
                most=MAX_TEXT,
            )
        )
        text = text.str.slice(0, MAX_TEXT)
    damaged = np.zeros(len(text), dtype=bool)
    unusual = lowest(text) < ord(" ")
    if unusual:
        damaged = text.str.contains("\x00", regex=False).fillna(False).to_numpy(dtype=bool)
    detail = Sentence("{cell} holds NUL bytes")
    job.fault(reasons.DAMAGED_TEXT, damaged, detail, _cells(target, values))
    if unusual and text.str.contains("[\n\r\t]").fillna(False).any():
        text = text.str.replace(r"\s+", " ", regex=True)
    job.result.columns[target] = as_text(text)


def whole_numbers(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """Give identifiers as text; a column of floats such as ``2217.0`` as the numbers they were."""
    text = stripped(values)
    if holds(text, b".") and text.str.fullmatch(r"\d{1,15}\.0").fillna(True).all():
        return text.str.removesuffix(".0")
    return text


def _read_event_type(job: _Job) -> None:
    if not job.profile.event_types:
        return
    codes, distinct = pd.factorize(job.result.columns["event_type"])
    known = job.profile.event_types
    plain = [known.get(_plain_code(text), text) for text in distinct]
    job.result.columns["event_type"] = text_of(codes, [*plain, None])


def _read_country(job: _Job) -> None:
    values = job.column("country")
    if values is None:
        job.result.columns["country"] = full_text(None, len(job.raw))
        return
    codes, texts = told_apart(values)
    own = job.profile.countries
    if not own:
        lat = job.result.columns["lat"]
        own, notes = code_standard(codes, texts, lat, job.chosen["country"])
        job.result.notes += notes
    if own:
        texts = [own.get(code, "?" + code) for code in texts]
    countries, unknown = country_codes(pd.Series(texts, dtype=object))
    job.result.countries = (codes, countries.tolist())
    if unknown:
        examples = first_offenders(unknown)
        job.result.notes.append(
            Counted(
                "{count} name of a country is not known: {shown}",
                "{count} names of countries are not known: {shown}",
                count=len(unknown),
                shown=examples,
            )
        )
    job.result.columns["country"] = text_of(codes, [*countries, None])


def _read_tolls(job: _Job) -> None:
    """Read low, best and high, each from its own column, and else from what the best says."""
    columns = job.result.columns
    stated = [target for target in FATALITIES if target in job.chosen]
    for target in FATALITIES:
        columns[target] = np.full(len(job.raw), np.nan)
    for target in sorted(stated, key=lambda name: name != "fatalities_best"):
        tolls = parse_tolls(job.raw.column(job.chosen[target]), job.chosen[target])
        job.result.notes += tolls.notes
        _add_not_a_number(job, job.chosen[target], tolls.unreadable)
        detail = Sentence("{cell} is more than a million")
        job.fault(reasons.ABSURD_FATALITIES, tolls.absurd, detail, job.shown(target))
        if target != "fatalities_best":
            side = tolls.low if target == "fatalities_low" else tolls.high
            columns[target] = np.where(np.isnan(tolls.best), side, tolls.best)
            continue
        columns["fatalities_low"], columns["fatalities_high"] = tolls.low, tolls.high
        columns[target] = tolls.best
    if job.profile.missing_numbers:
        for target in FATALITIES:
            gone = np.isin(columns[target], job.profile.missing_numbers)
            columns[target] = np.where(gone, np.nan, columns[target])
    if job.profile.toll_of_event and "source_id" in job.chosen:
        _count_once(job)


def _count_once(job: _Job) -> None:
    """Leave the toll of an event that has a row for each of its places in the first one only."""
    columns = job.result.columns
    tolls = pd.DataFrame({target: columns[target] for target in FATALITIES})
    again = tolls.assign(event=columns["source_id"].astype(object)).duplicated()
    again &= columns["source_id"].notna().to_numpy(dtype=bool) & (tolls > 0).any(axis=1)
    if again.any():
        for target in FATALITIES:
            columns[target] = np.where(again, np.nan, columns[target])
        job.result.notes.append(
            Counted(
                "{count} row is a further place of an event above: its toll is counted once, in "
                "the first",
                "{count} rows are further places of an event above: its toll is counted once, in "
                "the first",
                count=int(again.sum()),
            )
        )


def _read_precision(job: _Job, target: str) -> None:
    values = job.column(target)
    if values is None:
        if target == "location_precision":
            job.result.columns[target] = full_text("unknown", len(job.raw))
        return
    codes, distinct = told_apart(values)
    allowed = _precision_codes(job.profile, target)
    plain = {_plain_code(text) for text in distinct}
    if not job.profile.source and _like_ucdp(target, plain, job.chosen):
        allowed |= _precision_codes(UCDP, target)
        job.result.notes.append(
            Sentence("{target}: the numbers in {column!r} are read as UCDP's codes",
                     target=target, column=job.chosen[target])
        )  # fmt: skip
    levels = [allowed.get(_plain_code(text)) for text in distinct]
    strange = [text for text, value in zip(distinct, levels, strict=True) if value is None]
    if strange:
        examples = first_offenders(strange)
        job.result.notes.append(
            Sentence(
                "{target}: {shown} has no meaning here and counts as unknown",
                target=target,
                shown=examples,
            )
        )
    stated = text_of(codes, [*(value or "unknown" for value in levels), "unknown"])
    if target == "date_precision":
        written = job.result.columns[target]
        order = pd.Index(["day", "week", "month", "year", "unknown"])
        ranks = [order.get_indexer(pd.Index(values)) for values in (stated, written)]
        stated = text_of(np.maximum(*ranks), order.tolist())
    job.result.columns[target] = stated


def _plain_code(text: object) -> str:
    plain = plain_name(str(text))
    return plain.removesuffix(" 0") if plain[:1].isdigit() else plain


def _cells(name: str, values: "pd.Series[Any]") -> Callable[[int], str]:
    """Word the cells of a column."""
    return lambda at: f"{name} = {str(values.iloc[at])[:80]!r}"


def _is_repeated_header(raw: RawTable) -> Flags:
    """Tell which rows say the names of the columns again, as files joined end to end have them."""
    same = np.ones(len(raw), dtype=bool)
    stated = np.zeros(len(raw), dtype=np.int64)
    for name in raw.names:
        if not same.any():
            break
        values = raw.column(name)
        other = isinstance(values.dtype, pd.StringDtype) and not values.hasnans
        if pd.api.types.is_numeric_dtype(values.dtype) or (
            other and not holds(values, name.encode(errors="replace"))
        ):
            return np.zeros(len(raw), dtype=bool)
        text = values.astype("string").str.strip()
        blank = text.isna().to_numpy(dtype=bool)
        same &= blank | (text == name).fillna(value=False).to_numpy(dtype=bool)
        stated += ~blank
    return same & (stated >= min(2, len(raw.names)))


def _like_ucdp(target: str, codes: set[str], chosen: Mapping[str, str]) -> bool:
    """Whether codes in a file of no known publisher are UCDP's: its tolls, or dates of 4 and 5."""
    numbers = bool(codes) and codes <= set("1234567")
    dates = target == "date_precision" and bool(codes & {"4", "5"})
    return numbers and (dates or set(FATALITIES) <= set(chosen))


def _precision_codes(profile: Profile, target: str) -> dict[str, str]:
    """Every spelling of a precision that `profile` allows, as plain words."""
    ours = LOCATION_PRECISIONS if target == "location_precision" else DATE_PRECISIONS
    own = profile.location if target == "location_precision" else profile.date
    codes = {value: value for value in ours} | dict(own)
    return {plain_name(code): value for code, value in codes.items()}
