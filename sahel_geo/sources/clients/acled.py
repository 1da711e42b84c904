"""ACLED: events by the API, with revisions and deletions taken into account."""

import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from hashlib import sha256
from typing import Any, Final

import pandas as pd

from sahel_geo.i18n.countries import COUNTRY_NAMES
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.columns.countries import country_codes
from sahel_geo.incidents.table import Incidents
from sahel_geo.provenance import Part
from sahel_geo.schema import PathLike
from sahel_geo.sources.access.access import Access
from sahel_geo.sources.access.secrets import Secret, without_secrets
from sahel_geo.sources.access.session import Answer
from sahel_geo.sources.access.source import Collected, Source
from sahel_geo.sources.access.tables import (
    SUPERSEDED,
    as_csv,
    country_list,
    dated_days,
    incidents_of,
    is_cut,
    latest,
    require,
    span,
)

EMAIL: Final = "ACLED_EMAIL"
PASSWORD: Final = "ACLED_PASSWORD"  # noqa: S105  the name of a variable
PAGE_ROWS: Final = 5000
FIRST_DAY: Final = "1997-01-01"
_MOST_PAGES: Final = 400
_TOKEN_SECONDS: Final = 24 * 3600  # where the publisher does not say how long a token serves
_MARGIN_SECONDS: Final = 60  # a token that has less left is renewed first
_OK: Final = 200
_DELETED: Final = "deleted"
_KEY: Final = "event_id_cnty"
_INSIDE: Final = "\0inside"  # column of whether an event is of the time and countries asked for
_WHEN: Final = "\0when"  # column of timestamps as numbers
_NEEDED: Final = (
    *(_KEY, "event_date", "time_precision", "event_type", "actor1", "actor2", "country"),
    *("location", "latitude", "longitude", "geo_precision", "fatalities"),
)


@dataclass(frozen=True)
class _Wanted:
    countries: tuple[str, ...]
    since: str
    until: str

    @property
    def names(self) -> str:
        """As the API takes them."""
        own = {"CIV": "Ivory Coast"}
        return "|".join(own.get(each, str(COUNTRY_NAMES[each])) for each in self.countries)


def acled(
    countries: Collection[str] | str | None = None,
    *,
    since: str | date | None = None,
    until: str | date | None = None,
    base_url: str | None = None,
    cache: PathLike | None = None,
    offline: bool = False,
    refresh: bool = False,
) -> Incidents:
    """Fetch ACLED's events; an account is needed, ``ACLED_EMAIL`` and ``ACLED_PASSWORD``.

    Of an event that was revised, the latest row is kept; deleted events are left out. Some accounts
    see events only up to a day some months ago: where nothing is left, that is an error, otherwise
    ``.report.provenance[0].embargo`` is that day.

    Parameters
    ----------
    countries : collection of str, optional
        ISO 3166-1 alpha-3 codes, of neighbours too; by default the three.
    since, until : str or date, optional
        Such as ``"2025-01"``, or ``"12m"`` for twelve months ago.
    base_url : str, optional
        Another address than ACLED's.
    cache : path-like, optional
        Folder of received data; by default what ``SAHEL_GEO_CACHE`` names, else the user's.
    offline : bool
        Never to ask the network.
    refresh : bool
        To ask even if the cache holds data of today.

    Returns
    -------
    Incidents
        One row an event; ``.report.superseded`` says which rows were revised or deleted.

    Raises
    ------
    SourceError
        If there is no account, it may not see this, or the data cannot be had.
    InputError
        If an argument cannot be used.

    Warns
    -----
    StaleDataWarning
        If ACLED cannot be reached and older data of the cache serve.

    References
    ----------
    Raleigh, C., Kishi, R. and Linke, A. (2023). Political instability patterns are obscured by
    conflict dataset scope conditions, sources, and coding choices. Humanities and Social Sciences
    Communications 10, 74.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> incidents = sg.sources.acled("MLI", since="2025-01")  # doctest: +SKIP
    """
    codes = country_list(countries)
    first, last = span(since, until)
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    request = {"countries": " ".join(codes), "since": str(since or ""), "until": str(until or "")}
    with Access(SOURCE, base_url=base_url, cache=cache, offline=offline, refresh=refresh) as access:
        wanted = _Wanted(codes, first or FIRST_DAY, last or today)
        return incidents_of(access.data_set(request, partial(_collect, access, wanted)))


def _collect(access: Access, wanted: _Wanted) -> Collected:
    login = _Login(access)
    digest, rows, embargo = sha256(), list[dict[str, Any]](), ""
    query = {
        "country": wanted.names,
        "event_date": f"{wanted.since}|{wanted.until}",
        "event_date_where": "BETWEEN",
    }
    for answer in _pages(access, "api/acled/read", query, login, _NEEDED):
        rows += answer["data"]
        embargo = embargo or _embargo(answer)
        digest.update(repr(answer["data"]).encode())
    deleted = _deleted(access, wanted, login) if rows else {}
    kept, superseded = _current(access, pd.DataFrame(rows, dtype=object), wanted, deleted)
    if not len(kept):
        if embargo:
            access.fail(
                "this account sees events up to {embargo} only, and was asked for {since} to "
                "{until}. Ask for an earlier time, or for access to recent events: {register}",
                embargo=embargo,
                since=wanted.since,
                until=wanted.until,
                register=SOURCE.register,
            )
        access.fail(
            "no event in {countries} from {since} to {until}. Ask for more time, or for other "
            "countries",
            countries=", ".join(wanted.countries),
            since=wanted.since,
            until=wanted.until,
        )
    return Collected(
        as_csv(kept),
        "acled.csv",
        len(kept),
        (Part(f"{access.base_url}api/acled/read", digest.hexdigest(), "", len(rows)),),
        embargo=embargo,
        request={"first_day": wanted.since, "last_day": wanted.until},
        extras={SUPERSEDED: as_csv(superseded)},
    )


class _Login:
    """A token of 24 hours for the account, kept nowhere, and renewed where it runs out."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._token, self._renewal, self._until = Secret(""), Secret(""), float("-inf")

    @property
    def bearer(self) -> Secret:
        """What each request carries."""
        if time.monotonic() >= self._until:
            answer = self._renewed() or self._signed_in()
            value = self._access.json_of(answer)
            fields = value if isinstance(value, dict) else {}
            token, renewal, seconds = (
                fields.get(name) for name in ("access_token", "refresh_token", "expires_in")
            )
            if not isinstance(token, str) or not token:
                self._access.damaged(answer.url, Sentence("it holds no access_token"))
            self._token = Secret(token)
            self._renewal = Secret(renewal if isinstance(renewal, str) else "")
            lasts = seconds if isinstance(seconds, int | float) else _TOKEN_SECONDS
            self._until = time.monotonic() + lasts - _MARGIN_SECONDS
        return Secret(f"Bearer {self._token.reveal()}")

    def _renewed(self) -> Answer | None:
        """Ask with the token for renewal, which serves 14 days; None where it does not."""
        if not self._renewal.reveal():
            return None
        form: dict[str, str | Secret] = {"grant_type": "refresh_token", "client_id": "acled"}
        form["refresh_token"] = self._renewal
        answer = self._access.post("oauth/token", form)
        return answer if answer.status == _OK else None

    def _signed_in(self) -> Answer:
        form: dict[str, str | Secret] = {
            "username": self._access.key(EMAIL),
            "password": self._access.key(PASSWORD),
            "grant_type": "password",
            "client_id": "acled",
            "scope": "authenticated",
        }
        answer = self._access.post("oauth/token", form)
        if answer.status in (400, 401):
            self._access.fail(
                "it does not know this account ({status}). Correct {email} and {password}, or "
                "register at {register}",
                status=answer.status,
                email=EMAIL,
                password=PASSWORD,
                register=SOURCE.register,
            )
        return self._access.check(answer)


def _pages(
    access: Access, path: str, query: Mapping[str, str], login: _Login, needed: Collection[str]
) -> Iterator[Any]:
    """Go through the pages of an answer, each once, by cursor where there is one."""
    seen, number, cursor, size = set[str](), 1, "", PAGE_ROWS
    while number <= _MOST_PAGES:
        page = {"_format": "json", "limit": str(PAGE_ROWS), "page": str(number), **query}
        answer, _ = access.json(
            path,
            page | ({"cursor": cursor} if cursor else {}),
            headers={"Authorization": login.bearer},
            check=partial(_check, access, needed),
        )
        rows = answer["data"]
        ids = {str(row.get(_KEY)) for row in rows if row.get(_KEY)}
        if ids and ids <= seen and len(ids) == len(rows):
            access.fail("page {page} repeats rows of earlier ones. Try again later", page=number)
        seen |= ids
        yield answer
        cursor = str(answer.get("next_cursor") or "")
        if number == 1 and is_cut(len(rows)):
            size = len(rows)  # the server's own limit may be below the one asked for
        number += 1
        if not cursor and len(rows) < size:
            return
    access.fail(
        "{pages} pages; expected at most {most}. Ask for less time or fewer countries",
        pages=number - 1,
        most=_MOST_PAGES,
    )


def _check(access: Access, needed: Collection[str], answer: Any) -> None:
    """Refuse an answer that says no, or whose rows have changed their form."""
    names = answer if isinstance(answer, dict) else {}
    require(access, names, ("data",), "the answer of the API")
    if names.get("success") is False or names.get("status") not in (200, "200", None):
        stated = names.get("messages") or names.get("error") or []
        text = "; ".join(map(str, stated if isinstance(stated, list) else [stated]))
        access.fail(
            "it refuses: {said}. Accept its terms, complete the profile of your account, or "
            "ask for access: {register}",
            said=without_secrets(text)[:200] or names.get("status"),
            register=SOURCE.register,
        )
    rows = names["data"]
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        access.fail("data is no list of events; the publisher changed it. Update sahel_geo")
    if rows:
        require(access, set().union(*rows), list(needed), "the answer of the API")
    if isinstance(names.get("count"), int) and names["count"] != len(rows):
        access.fail(
            "{total} rows came of {wanted} that it counts. Try again later",
            total=len(rows),
            wanted=names["count"],
        )


def _embargo(answer: Mapping[str, Any]) -> str:
    """Read the last day that the account may see."""
    limits = answer.get("data_query_restrictions")
    recent = limits.get("date_recency") if isinstance(limits, dict) else None
    day = recent.get("date") if isinstance(recent, dict) else recent
    return str(day)[:10] if day else ""


def _deleted(access: Access, wanted: _Wanted, login: _Login) -> dict[str, float]:
    """Look up which events were deleted since the first day asked for, and when."""
    start = datetime.fromisoformat(wanted.since).replace(tzinfo=UTC)
    query = {
        "deleted_timestamp": f"{start.timestamp():.0f}|{datetime.now(UTC).timestamp():.0f}",
        "deleted_timestamp_where": "BETWEEN",
    }
    needed = (_KEY, "deleted_timestamp")
    pages = _pages(access, "api/deleted/read", query, login, needed)
    rows = pd.DataFrame([row for answer in pages for row in answer["data"]], columns=list(needed))
    when = pd.to_numeric(rows["deleted_timestamp"], errors="coerce").fillna(float("inf"))
    return {str(key): float(at) for key, at in zip(rows[_KEY], when, strict=True)}


def _current(
    access: Access, rows: pd.DataFrame, wanted: _Wanted, deleted: Mapping[str, float]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep the latest row of each event that is of the countries asked for and not deleted."""
    if not len(rows):
        return rows, pd.DataFrame(columns=["id", "version", "by"])
    rows = rows.astype("string")
    codes, _ = country_codes(rows["country"])
    day = dated_days(access, rows, "event_date")
    inside = (day >= wanted.since) & (day <= wanted.until) & codes.isin(wanted.countries)
    rows = rows.assign(**{_INSIDE: inside.to_numpy()})
    stamps = rows.get("timestamp", pd.Series("0", index=rows.index))
    when = pd.to_numeric(stamps, errors="coerce").fillna(0)
    rows = rows.assign(**{_WHEN: when}).sort_values(_WHEN, kind="stable")
    kept, superseded = latest([(rows[_WHEN].map("{:.0f}".format), rows)], _KEY)
    kept = kept[kept.pop(_INSIDE).astype(bool)]  # as revised: it may have moved out
    written = kept.pop(_WHEN)
    gone = kept[_KEY].map(lambda key: deleted.get(str(key), -1.0)) >= written
    lost = pd.DataFrame(
        {"id": kept.loc[gone, _KEY], "version": written[gone].map("{:.0f}".format), "by": _DELETED}
    )
    kept = kept[~gone].sort_values(["event_date", _KEY], kind="stable", ignore_index=True)
    return kept, pd.concat([superseded, lost], ignore_index=True)


SOURCE: Final = Source(
    name="acled",
    title="ACLED",
    gives="incidents",
    fetch=acled,
    base_url="https://acleddata.com/",
    home="https://acleddata.com/",
    licence="ACLED's terms of use",
    terms=Sentence(
        "Rows may not be passed on, nor used to train models, without ACLED's leave; maps and "
        "totals may be published with credit. See section 'Terms' of https://acleddata.com/."
    ),
    keys=(EMAIL, PASSWORD),
    register="https://acleddata.com/myacled-faqs",
    restricted=True,
)
