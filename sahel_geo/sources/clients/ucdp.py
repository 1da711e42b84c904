"""UCDP GED: the yearly release and the candidate events on top of it, as files or by the API."""

import csv
import io
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urljoin

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as pacsv

from sahel_geo.errors import FileError, require_choice
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.columns.countries import country_codes
from sahel_geo.incidents.table import Incidents
from sahel_geo.provenance import Part
from sahel_geo.schema import PathLike
from sahel_geo.sources.access.access import Access
from sahel_geo.sources.access.content import DamagedError, open_text
from sahel_geo.sources.access.errors import SourceError
from sahel_geo.sources.access.source import Collected, Source
from sahel_geo.sources.access.tables import (
    SUPERSEDED,
    as_csv,
    country_list,
    dated_days,
    incidents_of,
    latest,
    require,
    span,
)

TOKEN: Final = "UCDP_TOKEN"  # noqa: S105  the name of a variable
API_URL: Final = "https://ucdpapi.pcr.uu.se/api/"
PAGE_ROWS: Final = 1000
_MOST_PAGES: Final = 2000  # of a day's 5,000 calls
_NEEDED: Final = (
    *("id", "country", "date_start", "date_prec", "type_of_violence", "side_a", "side_b"),
    *("where_prec", "where_coordinates", "latitude", "longitude", "low", "best", "high"),
)
_YEARLY: Final = re.compile(r"ged(\d{2})(\d)-csv\.zip", re.IGNORECASE)
# GEDEvent_v26_0_8 holds August 2026, GEDEvent_v26_01_26_06 January to June.
_CANDIDATE: Final = re.compile(
    r"gedevent_v(\d{2})_(\d{1,2})_(\d{1,2})(?:_(\d{1,2}))?\.(?:csv|zip)", re.IGNORECASE
)
# Gleditsch and Ward's numbers, by which the API knows countries.
_NUMBERS: Final = {
    "MLI": 432, "NER": 436, "BFA": 439, "DZA": 615, "MRT": 435, "SEN": 433, "GIN": 438,
    "CIV": 437, "GHA": 452, "TGO": 461, "BEN": 434, "NGA": 475, "TCD": 483, "LBY": 620,
}  # fmt: skip


@dataclass(frozen=True)
class _Release:
    """A file of the download page: its version, the months it holds, its address."""

    version: str
    first: tuple[int, int]  # year, month
    last: tuple[int, int]
    url: str

    def covers(self, other: "_Release") -> bool:
        longer = (self.first, self.last) != (other.first, other.last)
        return longer and self.first <= other.first and other.last <= self.last


def ucdp(
    countries: Collection[str] | str | None = None,
    *,
    since: str | date | None = None,
    until: str | date | None = None,
    candidate: bool = True,
    via: Literal["files", "api"] = "files",
    page_url: str | None = None,
    base_url: str | None = None,
    cache: PathLike | None = None,
    offline: bool = False,
    refresh: bool = False,
) -> Incidents:
    """Fetch UCDP's georeferenced events: the yearly release, and the candidates of this year.

    The yearly release ends with the last year and appears in the middle of this one; the monthly
    candidates go on from there. Of an event that several releases hold, the latest row is kept. A
    release of several months replaces the monthly ones within it, as the yearly one replaces the
    candidates of its years.

    Parameters
    ----------
    countries : collection of str, optional
        ISO 3166-1 alpha-3 codes, of neighbours too; by default the three.
    since, until : str or date, optional
        Such as ``"2024-01"``, or ``"12m"`` for twelve months ago.
    candidate : bool
        Whether to add the candidate events.
    via : {"files", "api"}
        Files need no key. The API needs ``UCDP_TOKEN`` and allows 5,000 calls a day.
    page_url : str, optional
        Address of the download page, which names the versions, where ``via="api"``.
    base_url : str, optional
        Address of the download page, or of the API where ``via="api"``.
    cache : path-like, optional
        Folder of received data; by default what ``SAHEL_GEO_CACHE`` names, else the user's.
    offline : bool
        Never to ask the network.
    refresh : bool
        To ask even if the cache holds data of today.

    Returns
    -------
    Incidents
        One row an event; ``.report.provenance`` says where from, ``.report.superseded`` which rows
        a later release replaced.

    Raises
    ------
    SourceError
        If the data cannot be had, have changed their form, or hold nothing of what is asked.
    InputError
        If an argument cannot be used.

    Warns
    -----
    StaleDataWarning
        If UCDP cannot be reached and older data of the cache serve.

    References
    ----------
    Sundberg, R. and Melander, E. (2013). Introducing the UCDP Georeferenced Event Dataset. Journal
    of Peace Research 50, 523-532. Hegre, H., Croicu, M., Eck, K. and Högbladh, S. (2020).
    Introducing the UCDP Candidate Events Dataset. Research & Politics 7.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> incidents = sg.sources.ucdp(since="12m")  # doctest: +SKIP
    """
    codes = country_list(countries)
    first, last = span(since, until)
    require_choice("via", via, ("files", "api"))
    request = {
        "countries": " ".join(codes),
        "since": str(since or ""),
        "until": str(until or ""),
        "candidate": str(candidate).lower(),
        "via": via,
    }
    address = base_url or (API_URL if via == "api" else None)
    with Access(SOURCE, base_url=address, cache=cache, offline=offline, refresh=refresh) as access:
        wanted = _Wanted(codes, first, last, candidate, page_url or SOURCE.base_url)
        collect = partial(_by_api if via == "api" else _by_files, access, wanted)
        return incidents_of(access.data_set(request, collect))


@dataclass(frozen=True)
class _Wanted:
    countries: tuple[str, ...]
    since: str | None
    until: str | None
    candidate: bool
    page: str


def _by_files(access: Access, wanted: _Wanted) -> Collected:
    releases = _needed(_releases(access, access.base_url), wanted)
    tables, parts, seen = [], [], list[Any]()
    for each in releases:
        kind = "zip" if each.url.lower().endswith(".zip") else "csv"
        entry = access.file(each.url, kind, version=each.version)
        fault = None
        try:
            table = _read(access, entry.path, each.version, wanted, seen)
        except SourceError:
            raise
        except (DamagedError, FileError, KeyError, ValueError, csv.Error):
            fault = Sentence("{version} cannot be cut into rows", version=each.version)
        if fault is not None:
            access.fail(
                "{fault}. Fetch it again with --refresh, or look for a newer one at {home}",
                fault=fault,
                home=SOURCE.home,
            )
        tables.append((each.version, table))
        seen += table["id"].tolist()
        parts.append(entry.part(len(table)))
    return _collected(access, wanted, tables, parts)


def _releases(access: Access, page: str) -> list[_Release]:
    """Read which files the page offers, the oldest release first."""
    links = access.offered(page, r"ged\d+-csv\.zip|gedevent_v.*\.(csv|zip)")
    yearly = [
        _Release(f"{m[1]}.{m[2]}", (0, 1), (int(m[1]) - 1, 12), url)
        for name, url in links.items()
        if (m := _YEARLY.fullmatch(name))
    ]
    candidates = [
        _candidate(m, url) for name, url in links.items() if (m := _CANDIDATE.fullmatch(name))
    ]
    if not yearly:
        access.fail(
            "{page} has no link to a yearly release such as ged261-csv.zip; the page changed. "
            "Download the file in a browser and read it with read_incidents",
            page=page,
        )
    # the same months as .csv and as .zip are one release
    monthly = {(each.last, each.first): each for each in candidates}
    return [
        max(yearly, key=lambda each: each.version),
        *(monthly[months] for months in sorted(monthly)),
    ]


def _candidate(match: re.Match[str], url: str) -> _Release:
    year, second, third, fourth = match.groups()
    version = ".".join(part for part in (year, second, third, fourth) if part)
    if fourth is None:
        months = ((int(year), int(third)),) * 2
    else:
        months = ((int(year), int(second)), (int(third), int(fourth)))
    return _Release(version, *months, url)


def _needed(releases: Sequence[_Release], wanted: _Wanted) -> list[_Release]:
    """Leave out what another release replaces, and what is over before the time asked for."""
    year = int(wanted.since[2:4]) if wanted.since and wanted.since >= "2000" else 0
    yearly, *candidates = releases
    if not wanted.candidate:
        return [yearly]
    current = [each for each in candidates if not any(more.covers(each) for more in releases)]
    return [*([] if current and year > yearly.last[0] else [yearly]), *current]


def _read(
    access: Access, path: Path, version: str, wanted: _Wanted, seen: Sequence[Any]
) -> pd.DataFrame:
    """Read the rows asked for; the yearly file is too large to be read whole.

    seen: Identifiers of earlier releases' rows; what became of them is read too.
    """
    with open_text(path) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
        table = csv.reader(text)
        names, first = next(table, []), next(table, None)
        text.detach()
    require(access, names, _NEEDED, version)
    if first is None:  # a month without events
        return pd.DataFrame(columns=names, dtype=pd.StringDtype("pyarrow"))
    with open_text(path) as stream:
        batches = pacsv.open_csv(
            stream,
            read_options=pacsv.ReadOptions(block_size=1 << 24),
            parse_options=pacsv.ParseOptions(newlines_in_values=True),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=True,
                null_values=[""],
                quoted_strings_can_be_null=True,
            ),
        )
        earlier = pa.array(seen, pa.string(), from_pandas=True)
        kept = [_chosen(access, batch, version, wanted, earlier) for batch in batches]
    rows: pd.DataFrame = pa.concat_tables(kept).to_pandas(
        types_mapper=lambda _: pd.StringDtype("pyarrow")
    )
    return rows


def _chosen(access: Access, batch: Any, version: str, wanted: _Wanted, seen: pa.Array) -> pa.Table:
    days = pc.utf8_slice_codeunits(batch["date_start"], 0, 10)
    dated = pc.match_substring_regex(days, r"^\d{4}-\d{2}-\d{2}$")
    if not pc.all(pc.fill_null(dated, False)).as_py():
        access.fail(
            "{what}: date_start is not written as 2024-01-31; the publisher changed it. Update "
            "sahel_geo, or read the file with read_incidents",
            what=version,
        )
    if not pc.all(pc.fill_null(pc.match_substring_regex(batch["country"], r"\S"), False)).as_py():
        dated_days(access, batch.to_pandas(), "date_start")
    keep = pa.array(_of(batch["country"].to_pandas(), wanted.countries))
    if wanted.since:
        keep = pc.and_(keep, pc.greater_equal(days, wanted.since))
    if wanted.until:
        keep = pc.and_(keep, pc.less_equal(days, wanted.until))
    keep = pc.or_(keep, pc.is_in(batch["id"], value_set=seen))
    return pa.Table.from_batches([batch]).filter(keep)


def _of(names: "pd.Series[Any]", countries: Sequence[str]) -> "pd.Series[bool]":
    codes, _ = country_codes(names)
    return codes.isin(countries)


def _by_api(access: Access, wanted: _Wanted) -> Collected:
    tables, parts = [], []
    for each in _needed(_releases(access, wanted.page), wanted):
        rows: list[dict[str, Any]] = []
        digest = sha256()
        for answer in _pages(access, each.version, wanted):
            rows += answer["Result"]
            digest.update(repr(answer["Result"]).encode())
        table = pd.DataFrame(rows, dtype=object).astype("string")
        if rows:
            require(access, table.columns, _NEEDED, each.version)
            dated_days(access, table, "date_start")
            tables.append((each.version, table))
        url = urljoin(access.base_url, f"gedevents/{each.version}")
        parts.append(Part(url, digest.hexdigest(), each.version, len(rows)))
    return _collected(access, wanted, tables, parts)


def _pages(access: Access, version: str, wanted: _Wanted) -> Iterator[Any]:
    """Go through the pages of the API, each once."""
    params = {
        "pagesize": str(PAGE_ROWS),
        "Country": ",".join(str(_NUMBERS[each]) for each in wanted.countries),
        **({"StartDate": wanted.since} if wanted.since else {}),
        **({"EndDate": wanted.until} if wanted.until else {}),
    }
    headers = {"x-ucdp-access-token": access.key(TOKEN)}
    counted, seen, number, pages = "", set[str](), 0, 1
    while number < pages:
        answer, _ = access.json(
            f"gedevents/{version}",
            {**params, "page": str(number)},
            headers=headers,
            check=partial(_check, access),
        )
        rows = {repr(row) for row in answer["Result"]}
        if rows and rows <= seen:
            access.fail("page {page} repeats rows of earlier ones. Try again later", page=number)
        seen |= rows
        total = str(answer["TotalCount"])
        if counted not in ("", total):  # what is read while it changes may lack rows
            access.fail(
                "{total} rows came of {wanted} that it counts. Try again later",
                total=total,
                wanted=counted,
            )
        counted = total
        pages = int(answer["TotalPages"])
        if pages > _MOST_PAGES:
            access.fail(
                "{pages} pages; expected at most {most}. Ask for less, or use the files",
                pages=pages,
                most=_MOST_PAGES,
            )
        yield answer
        number += 1
    if len(seen) != int(counted):
        access.fail(
            "{total} rows came of {wanted} that it counts. Try again later",
            total=len(seen),
            wanted=int(counted),
        )


def _check(access: Access, answer: Any) -> None:
    names = answer if isinstance(answer, dict) else {}
    require(access, names, ("TotalCount", "TotalPages", "Result"), "the answer of the API")
    counts = [str(names[name]) for name in ("TotalCount", "TotalPages")]
    rows = names["Result"]
    if not (
        isinstance(rows, list)
        and all(isinstance(row, dict) for row in rows)
        and all(each.isascii() and each.isdecimal() for each in counts)
    ):
        access.fail("Result is no list of events; the publisher changed it. Update sahel_geo")


def _collected(
    access: Access,
    wanted: _Wanted,
    tables: Sequence[tuple[str, pd.DataFrame]],
    parts: Sequence[Part],
) -> Collected:
    kept, superseded = latest(tables, "id") if tables else (pd.DataFrame(), pd.DataFrame())
    if len(kept):  # as revised: an event may have moved out of the time, or the country
        day = kept["date_start"].str[:10]
        inside = (day >= (wanted.since or "")) & (day <= (wanted.until or "9999-99"))
        kept = kept[inside & _of(kept["country"], wanted.countries).to_numpy()]
        kept = kept.reset_index(drop=True)
    stated = kept["code_status"].fillna("").astype(str) if "code_status" in kept else pd.Series()
    status = {str(name): int(n) for name, n in stated.value_counts().sort_index().items()}
    if not len(kept):
        access.fail(
            "no event in {countries} since {since} until {until}, in the versions {versions}. "
            "Ask for more time, or for other countries",
            countries=", ".join(wanted.countries),
            since=wanted.since or "1989",
            until=wanted.until or "…",
            versions=", ".join(part.version for part in parts),
        )
    return Collected(
        as_csv(kept),
        "ucdp-ged.csv",
        len(kept),
        tuple(parts),
        version=" + ".join(part.version for part in parts),
        status=status,  # the publisher's own
        request={"first_day": wanted.since or "", "last_day": wanted.until or ""},
        extras={SUPERSEDED: as_csv(superseded)},
    )


SOURCE: Final = Source(
    name="ucdp",
    title="UCDP GED",
    gives="incidents",
    fetch=ucdp,
    base_url="https://ucdp.uu.se/downloads/",
    home="https://ucdp.uu.se/downloads/",
    licence="CC BY 4.0",
    terms=Sentence(
        "Free to use and pass on with credit. Candidate events are provisional; about two in five "
        "are not yet checked, as code_status says."
    ),
    keys=(TOKEN,),
    keys_needed=False,
    register="https://ucdp.uu.se/apidocs/",
)
