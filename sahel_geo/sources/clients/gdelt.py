"""GDELT 2: events that a machine read in the news, from the files of every quarter of an hour."""

import io
import re
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import pandas as pd

from sahel_geo.errors import InputError
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.incidents.columns.profiles import GDELT
from sahel_geo.incidents.readers.delimited import gdelt_names
from sahel_geo.incidents.table import Incidents
from sahel_geo.provenance import Part
from sahel_geo.schema import PathLike
from sahel_geo.sources.access.access import Access
from sahel_geo.sources.access.content import DamagedError, open_text
from sahel_geo.sources.access.errors import SourceError, SourceMissingError
from sahel_geo.sources.access.source import Collected, Source
from sahel_geo.sources.access.tables import (
    SUPERSEDED,
    as_csv,
    country_list,
    incidents_of,
    latest,
    span,
)

MOST_DAYS: Final = 31  # 96 files a day
_STEP: Final = timedelta(minutes=15)
_STAMP: Final = "%Y%m%d%H%M%S"
_LISTS: Final = ("lastupdate.txt", "lastupdate-translation.txt")
_VIOLENT: Final = ("18", "19", "20")  # CAMEO: assault, fight, mass violence
_ROOTS: Final = frozenset(f"{number:02}" for number in range(1, 21))
_COLUMNS: Final = gdelt_names(61)


def gdelt(
    countries: Collection[str] | str | None = None,
    *,
    since: str | date | None = None,
    until: str | date | None = None,
    translated: bool = True,
    root_codes: Collection[str] = _VIOLENT,
    base_url: str | None = None,
    cache: PathLike | None = None,
    offline: bool = False,
    refresh: bool = False,
) -> Incidents:
    """Fetch GDELT's events of violence for a few days, from its bulk files.

    A machine chose event, actors and place from the text of an article: the same attack appears
    many times and at wrong places. Use it to find reports, not to count incidents.

    Parameters
    ----------
    countries : collection of str, optional
        ISO 3166-1 alpha-3 codes; by default the three.
    since, until : str or date, optional
        At most 31 days, some 3,000 files a stream; by default the last quarter of an hour.
    translated : bool
        Whether to read the stream of translated articles, French ones among them, too.
    root_codes : collection of str
        CAMEO root codes; by default assault, fight and mass violence.
    base_url : str, optional
        Another address than GDELT's.
    cache : path-like, optional
        Folder of received data.
    offline, refresh : bool
        Never to ask the network; to ask even if the cache holds data of today.

    Returns
    -------
    Incidents
        One row an event that GDELT keeps apart.

    Raises
    ------
    SourceError
        If the files cannot be had, or hold nothing of what is asked.
    InputError
        If an argument cannot be used.

    References
    ----------
    Leetaru, K. and Schrodt, P. (2013). GDELT: Global data on events, location and tone, 1979-2012.
    ISA Annual Convention.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> events = sg.sources.gdelt(since="2d")  # doctest: +SKIP
    """
    codes = country_list(countries)
    roots = [root_codes] if isinstance(root_codes, str) else root_codes
    if not isinstance(roots, Collection) or not {*map(str, roots)} or {*map(str, roots)} - _ROOTS:
        raise InputError(
            "`root_codes` is {codes!r:.60}; expected some of CAMEO's, '01' to '20'. Correct it.",
            codes=root_codes,
        )
    roots = [str(each) for each in roots]
    first, last = span(since, until)
    unknown = set(codes) - set(GDELT.countries.values())
    if unknown:
        raise InputError(
            "`countries` has {unknown}, which GDELT's codes are not known for; expected others. "
            "Leave them out.",
            unknown=", ".join(sorted(unknown)),
        )
    request = {
        "countries": " ".join(codes),
        "since": str(since or ""),
        "until": str(until or ""),
        "translated": str(translated).lower(),
        "root_codes": " ".join(roots),
    }
    with Access(SOURCE, base_url=base_url, cache=cache, offline=offline, refresh=refresh) as access:
        lists = _LISTS if translated else _LISTS[:1]
        collect = partial(_collect, access, codes, first, last, lists, roots)
        return incidents_of(access.data_set(request, collect))


def _collect(
    access: Access,
    codes: Collection[str],
    first: str | None,
    last: str | None,
    lists: Collection[str],
    root_codes: Collection[str],
) -> Collected:
    fips = {own for own, iso3 in GDELT.countries.items() if iso3 in codes}
    tables, parts, missing = [], [], 0
    for name in lists:
        newest, md5 = _newest(access, name)
        for address in _addresses(access, newest, first, last):
            pinned = md5 if address == newest else None
            try:
                entry = access.file(address, "zip", checksum=pinned)
            except SourceError as error:  # some quarters were never published
                if address == newest or not isinstance(error, SourceMissingError):
                    raise
                missing += 1
                continue
            table = _events(access, entry.path, fips, root_codes)
            tables.append((address.rsplit("/", 1)[-1][:14], table))
            parts.append(Part(address, entry.provenance.sha256, tables[-1][0], len(table)))
    kept, superseded = latest(tables, "GLOBALEVENTID") if tables else (pd.DataFrame(), None)
    if superseded is None or not len(kept):
        access.fail(
            "no event in {countries} in {files} files ({missing} are missing). Ask for more time",
            countries=", ".join(codes),
            files=len(tables),
            missing=missing,
        )
    return Collected(
        as_csv(kept),
        "gdelt.csv",
        len(kept),
        tuple(part for part in parts if part.rows),
        version=max(part.version for part in parts),
        status={"files": len(parts), "files missing": missing},
        request={"first_day": first or "", "last_day": last or ""},
        extras={SUPERSEDED: as_csv(superseded)},
    )


def _newest(access: Access, name: str) -> tuple[str, str]:
    """Read the address and the checksum of the newest file of events."""
    for line in access.text(name).splitlines():
        size, _, rest = line.partition(" ")
        md5, _, address = rest.partition(" ")
        file = address.strip().rsplit("/", 1)[-1]
        if size.isdigit() and re.fullmatch(r"\d{14}\..*export\.csv\.zip", file, re.IGNORECASE):
            return access.base_url + file, f"md5:{md5}"
    return access.fail("{name} names no file of events; the publisher changed it", name=name)


def _addresses(access: Access, newest: str, first: str | None, last: str | None) -> list[str]:
    """Name the files of a time; a file appears every quarter of an hour."""
    stamp, _, rest = newest.rsplit("/", 1)[-1].partition(".")
    try:
        now = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        access.fail("{name} names no file of events; the publisher changed it", name=newest)
    if first is None:
        return [newest]
    start = datetime.fromisoformat(first).replace(tzinfo=UTC)
    end = now if last is None else datetime.fromisoformat(last).replace(tzinfo=UTC)
    end = min(now, end if last is None else end + timedelta(days=1) - _STEP)
    if end - start > timedelta(days=MOST_DAYS):
        raise InputError(
            "`since` to `until` is {days} days; expected at most {most}, {files} files. Ask for "
            "less.",
            days=(end - start).days,
            most=MOST_DAYS,
            files=MOST_DAYS * 96,
        )
    number = max(int((end - start) / _STEP), 0)
    moments = (start + step * _STEP for step in range(number + 1))
    return [f"{access.base_url}{each.strftime(_STAMP)}.{rest}" for each in moments]


def _events(
    access: Access, path: Path, fips: Collection[str], root_codes: Collection[str]
) -> pd.DataFrame:
    table = access.usable(path.name, lambda: _cut(path))
    if table.shape[1] != len(_COLUMNS):
        access.fail(
            "{file} has {number} columns, not {expected}; the publisher changed it. Update "
            "sahel_geo",
            file=path.name,
            number=table.shape[1],
            expected=len(_COLUMNS),
        )
    table.columns = pd.Index(_COLUMNS)
    chosen = table["ActionGeo_CountryCode"].isin(fips) & table["EventRootCode"].isin(root_codes)
    return table[chosen].reset_index(drop=True)


def _cut(path: Path) -> pd.DataFrame:
    try:
        with open_text(path) as stream:
            content = stream.read()
        return pd.read_csv(
            io.BytesIO(content),
            sep="\t",
            header=None,
            dtype=str,
            quoting=3,
            keep_default_na=False,
            encoding_errors="replace",
        )
    except pd.errors.EmptyDataError:  # nothing happened in a quarter of an hour
        return pd.DataFrame(columns=range(len(_COLUMNS)), dtype=str)
    except (ValueError, EOFError):
        fault = Sentence("{version} cannot be cut into rows", version=path.name)
        raise DamagedError(fault) from None


SOURCE: Final = Source(
    name="gdelt",
    title="GDELT 2 events",
    gives="incidents",
    fetch=gdelt,
    base_url="http://data.gdeltproject.org/gdeltv2/",
    home="https://www.gdeltproject.org/",
    licence="cite the GDELT Project",
    terms=Sentence(
        "Free to use and pass on with a citation and a link to the GDELT Project. A machine read "
        "the news: leads for research, no count of incidents."
    ),
)
