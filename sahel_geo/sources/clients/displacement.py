"""IOM's Displacement Tracking Matrix: displaced people by second-level unit."""

from collections.abc import Collection
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import Any, Final

import pandas as pd

from sahel_geo.i18n.countries import COUNTRY_NAMES
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.provenance import Part
from sahel_geo.schema import PathLike
from sahel_geo.sources.access.access import Access
from sahel_geo.sources.access.secrets import find_secret
from sahel_geo.sources.access.source import Collected, Source
from sahel_geo.sources.access.tables import (
    HDX_URL,
    as_csv,
    country_list,
    figures,
    hdx_file,
    once_each,
    plain_pcode,
    read_rows,
    require,
    with_provenance,
)

KEY: Final = "DTM_KEY"
API_URL: Final = "https://dtmapi.iom.int/"
_DATA_SET: Final = "global-iom-dtm-from-api"
_LONGEST_ROUND: Final = pd.Timedelta(days=120)
_NEEDED: Final = (
    *("admin0Pcode", "admin2Pcode", "admin2Name", "numPresentIdpInd"),
    *("reportingDate", "roundNumber"),
)


def displacement(
    countries: Collection[str] | str | None = None,
    *,
    base_url: str | None = None,
    cache: PathLike | None = None,
    offline: bool = False,
    refresh: bool = False,
) -> pd.DataFrame:
    """Fetch the displaced people that IOM counted in its last round, by second-level unit.

    With a key in ``DTM_KEY`` IOM is asked itself, otherwise the copy on HDX. A country's last round
    is that of its latest report; its other regions may have reported earlier. Units without a row
    were not covered by the round; that is not zero.

    Parameters
    ----------
    countries : collection of str, optional
        ISO 3166-1 alpha-3 codes; by default the three.
    base_url : str, optional
        Another address than IOM's, or HDX's.
    cache : path-like, optional
        Folder of received data.
    offline, refresh : bool
        Never to ask the network; to ask even if the cache holds young data.

    Returns
    -------
    DataFrame, one row a unit
        ``unit_id`` (P-code), ``name``, ``country``, ``displaced`` (people present), ``date`` (of
        the unit's latest report) and ``round``; where from stands in ``attrs``.

    Raises
    ------
    SourceError
        If the data cannot be had, or hold nothing of what is asked.
    InputError
        If an argument cannot be used.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> displaced = sg.sources.displacement("BFA")  # doctest: +SKIP
    """
    codes = country_list(countries)
    by_key = find_secret(KEY) is not None
    address = base_url or (API_URL if by_key else HDX_URL)
    with Access(SOURCE, base_url=address, cache=cache, offline=offline, refresh=refresh) as access:
        request = {"countries": " ".join(codes)}
        collect = _by_api if by_key else _by_hdx
        entry = access.data_set(request, partial(collect, access, codes))
    return with_provenance(_last_round(pd.read_csv(entry.path, dtype=str)), [entry])


def _by_api(access: Access, codes: Collection[str]) -> Collected:
    rows, parts = [], []
    for code in codes:
        name = str(COUNTRY_NAMES[code])
        answer, _ = access.json(
            "v3/displacement/admin2",
            {"CountryName": name},
            headers={"Ocp-Apim-Subscription-Key": access.key(KEY)},
            check=partial(_check, access),
        )
        own = _listed(answer)
        digest = sha256(repr(own).encode()).hexdigest()
        url = f"{access.base_url}v3/displacement/admin2?CountryName={name}"
        parts.append(Part(url, digest, "v3", len(own)))
        rows += [row for row in own if row.get("admin0Pcode") == code]
    return _collected(access, pd.DataFrame(rows, dtype=object), codes, parts)


def _listed(answer: Any) -> Any:
    return answer.get("result", answer.get("data")) if isinstance(answer, dict) else answer


def _check(access: Access, answer: Any) -> None:
    rows = _listed(answer)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        access.fail("the answer holds no rows; the publisher changed it. Update sahel_geo")
    if rows:
        require(access, set(rows[0]).intersection(*rows), _NEEDED, "the answer of the API")


def _by_hdx(access: Access, codes: Collection[str]) -> Collected:
    file = hdx_file(
        access, _DATA_SET, "csv", lambda name, format_: "csv" in format_ and "admin" in name
    )
    rows = read_rows(file.path, _NEEDED, access=access)
    rows = rows[rows["admin0Pcode"].isin(codes)]
    return _collected(access, rows, codes, [file.part(len(rows))])


def _collected(
    access: Access, rows: pd.DataFrame, codes: Collection[str], parts: Collection[Part]
) -> Collected:
    rows = rows[rows["admin2Pcode"].notna()] if len(rows) else rows
    if not len(rows):
        access.fail("no rows for {countries}. Ask for others", countries=", ".join(codes))
    rows = once_each(rows)
    table = rows[list(_NEEDED)].astype("string")
    days = _days(table["reportingDate"])
    if days.isna().any():
        access.fail(
            "{what} is not written as 2024-01-31; the publisher changed it. Update sahel_geo",
            what="reportingDate",
        )
    tomorrow = pd.Timestamp(datetime.now(UTC).date()) + pd.Timedelta(days=1)
    table = table[(days <= tomorrow).to_numpy()]  # a report of the future hides the last round
    if not len(table):
        access.fail("no rows for {countries}. Ask for others", countries=", ".join(codes))
    table = table.assign(**figures(access, table, ("numPresentIdpInd", "roundNumber")))
    version = next(iter(parts)).version
    return Collected(as_csv(table), "displacement.csv", len(table), tuple(parts), version)


def _last_round(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the last round of each country, one row a unit."""
    table = pd.DataFrame(
        {
            "unit_id": plain_pcode(rows["admin2Pcode"]),
            "name": rows["admin2Name"],
            "country": rows["admin0Pcode"],
            "displaced": pd.to_numeric(rows["numPresentIdpInd"], errors="coerce"),
            "date": _days(rows["reportingDate"]),
            "round": pd.to_numeric(rows["roundNumber"], errors="coerce"),
        }
    )
    last = table.groupby("country")["date"].transform("max")
    newest = table["date"] == last
    number = table["country"].map(table[newest].groupby("country")["round"].max())
    # regions report a round on several days; numbers of rounds begin anew after years
    same = (table["round"] == number) & (last - table["date"] <= _LONGEST_ROUND)
    recent = table[newest | same]
    latest = recent.groupby("unit_id")["date"].transform("max")
    by_unit = recent[recent["date"] == latest].groupby("unit_id", sort=True)
    firsts = by_unit[["name", "country", "date", "round"]].first()
    sums = by_unit["displaced"].sum(min_count=1)
    return firsts.assign(displaced=sums).reset_index()[list(table.columns)]


def _days(written: "pd.Series[Any]") -> "pd.Series[Any]":
    return pd.to_datetime(written.str[:10], format="%Y-%m-%d", errors="coerce")


SOURCE: Final = Source(
    name="displacement",
    title="IOM DTM",
    gives="table",
    fetch=displacement,
    base_url=HDX_URL,
    home="https://dtm.iom.int/",
    licence="CC BY 4.0",
    terms=Sentence(
        "Free to use and pass on with credit to IOM DTM. Rounds cover the places that could be "
        "reached; a unit without a row was not covered."
    ),
    keys=(KEY,),
    keys_needed=False,
    register="https://dtm-apim-portal.iom.int/",
    fresh_days=7.0,
)
