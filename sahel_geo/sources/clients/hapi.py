"""HDX HAPI: totals of conflict events by unit and month, with an identifier made offline."""

import base64
from collections.abc import Collection, Iterator
from datetime import date
from functools import partial
from hashlib import sha256
from typing import Any, Final

import pandas as pd

from sahel_geo.errors import require_choice
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.provenance import Part
from sahel_geo.schema import PathLike
from sahel_geo.sources.access.access import Access
from sahel_geo.sources.access.secrets import Secret
from sahel_geo.sources.access.source import Collected, Source
from sahel_geo.sources.access.tables import (
    as_csv,
    country_list,
    figures,
    is_cut,
    monthly_panel,
    once_each,
    require,
    span,
    with_provenance,
)

EMAIL: Final = "HAPI_EMAIL"
PAGE_ROWS: Final = 10_000
_MOST_PAGES: Final = 100
_EVENT_TYPES: Final = ("political_violence", "civilian_targeting", "demonstration")
_MONTH: Final = r"\d{4}-(?:0[1-9]|1[0-2])(?:\D.*)?"
_PATH: Final = "api/v2/coordination-context/conflict-events"
_NEEDED: Final = (
    *("location_code", "admin2_code", "event_type", "events", "fatalities"),
    "reference_period_start",
)
_OURS: Final = {
    "location_code": "country",
    "admin2_code": "unit_id",
    "events": "incidents",
    "reference_period_start": "month",
}


def hapi_totals(
    countries: Collection[str] | str | None = None,
    *,
    since: str | date | None = None,
    until: str | date | None = None,
    event_type: str = "political_violence",
    base_url: str | None = None,
    cache: PathLike | None = None,
    offline: bool = False,
    refresh: bool = False,
) -> pd.DataFrame:
    """Fetch monthly totals of conflict events by second-level unit from HDX HAPI.

    The figures are ACLED's. The identifier that the service asks for is made here, from the e-mail
    address in ``HAPI_EMAIL``.

    Parameters
    ----------
    countries : collection of str, optional
        ISO 3166-1 alpha-3 codes; by default the three.
    since, until : str or date, optional
        Such as ``"2025-01"``, or ``"12m"``.
    event_type : str
        ``"political_violence"``, ``"civilian_targeting"`` or ``"demonstration"``; the second is
        part of the first.
    base_url : str, optional
        Another address than HAPI's.
    cache : path-like, optional
        Folder of received data.
    offline, refresh : bool
        Never to ask the network; to ask even if the cache holds data of today.

    Returns
    -------
    DataFrame, one row a unit and month
        As :func:`sahel_geo.sources.acled_totals` gives it.

    Raises
    ------
    SourceError
        If the data cannot be had, or hold nothing of what is asked.
    InputError
        If an argument cannot be used.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> panel = sg.sources.hapi_totals("MLI", since="2024")  # doctest: +SKIP
    """
    codes = country_list(countries)
    first, last = span(since, until)
    require_choice("event_type", event_type, _EVENT_TYPES)
    request = {"countries": " ".join(codes), "event_type": event_type}
    with Access(SOURCE, base_url=base_url, cache=cache, offline=offline, refresh=refresh) as access:
        entry = access.data_set(request, partial(_collect, access, codes, event_type))
    table = pd.read_csv(entry.path, dtype=str).rename(columns=_OURS)
    return with_provenance(monthly_panel(table, first, last), [entry])


def _collect(access: Access, codes: Collection[str], event_type: str) -> Collected:
    email = access.key(EMAIL).reveal()
    identifier = Secret(base64.b64encode(f"sahel_geo:{email}".encode()).decode())
    rows: list[dict[str, Any]] = []
    parts = []
    for code in codes:
        own: list[dict[str, Any]] = []
        for page in _pages(access, code, event_type, identifier):
            own += page
        digest = sha256(repr(own).encode()).hexdigest()
        parts.append(Part(f"{access.base_url}{_PATH}?location_code={code}", digest, "v2", len(own)))
        # one type is part of another
        rows += [
            row for row in own if (row["location_code"], row["event_type"]) == (code, event_type)
        ]
    placed = [row for row in rows if row["admin2_code"]]
    if not placed:
        access.fail("no rows for {countries}. Ask for others", countries=", ".join(codes))
    without = len(rows) - len(placed)
    status = {"without a unit": without} if without else {}
    table = once_each(pd.DataFrame(placed, dtype=object))[list(_NEEDED)]
    table = table.assign(**figures(access, table, ("events", "fatalities")))
    return Collected(as_csv(table), "hapi.csv", len(table), tuple(parts), "v2", status=status)


def _pages(
    access: Access, code: str, event_type: str, identifier: Secret
) -> Iterator[list[dict[str, Any]]]:
    """Go through the pages; there is no total, so the last one is the first that is not full."""
    seen, size = None, PAGE_ROWS
    for number in range(_MOST_PAGES):
        query = {
            "location_code": code,  # a name would match as a part: Mali in Somalia
            "event_type": event_type,
            "output_format": "json",
            "limit": str(PAGE_ROWS),
            "offset": str(number * size),
        }
        answer, _ = access.json(
            _PATH,
            query,
            secret_params={"app_identifier": identifier},
            check=partial(_check, access),
        )
        rows = answer["data"]
        if rows and rows == seen:
            access.fail(
                "page {page} repeats rows of earlier ones. Try again later", page=number + 1
            )
        seen = rows
        yield rows
        size = size if number else len(rows) if is_cut(len(rows)) else PAGE_ROWS
        if len(rows) < max(size, 1):
            return
    access.fail(
        "{pages} pages; expected at most {most}. Ask for less time or fewer countries",
        pages=_MOST_PAGES,
        most=_MOST_PAGES,
    )


def _check(access: Access, answer: Any) -> None:
    names = answer if isinstance(answer, dict) else {}
    require(access, names, ("data",), "the answer of the API")
    rows = names["data"]
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        access.fail("data is no list of events; the publisher changed it. Update sahel_geo")
    if rows:
        require(access, set(rows[0]).intersection(*rows), _NEEDED, "the answer of the API")
    months = pd.Series([str(row["reference_period_start"]) for row in rows], dtype="string")
    if not months.str.fullmatch(_MONTH).all():
        access.fail(
            "{what} is not written as 2024-01-31; the publisher changed it. Update sahel_geo",
            what="reference_period_start",
        )


SOURCE: Final = Source(
    name="hapi",
    title="HDX HAPI",
    gives="panel",
    fetch=hapi_totals,
    base_url="https://hapi.humdata.org/",
    home="https://hapi.humdata.org/docs",
    licence="ACLED's terms of use",
    terms=Sentence(
        "Totals by unit and month; ACLED's terms hold: credit it, and do not pass the table on as "
        "a data set of your own."
    ),
    keys=(EMAIL,),
    register="https://hapi.humdata.org/docs",
    fresh_days=7.0,
    restricted=True,
)
