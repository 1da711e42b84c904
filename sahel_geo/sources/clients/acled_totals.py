"""ACLED's totals by second-level unit and month, as HDX publishes them without an account."""

import calendar
from collections.abc import Collection
from datetime import date
from functools import partial
from typing import Final

import pandas as pd

from sahel_geo.i18n.sentence import Sentence
from sahel_geo.schema import PathLike
from sahel_geo.sources.access.access import Access
from sahel_geo.sources.access.source import Collected, Source
from sahel_geo.sources.access.tables import (
    HDX_URL,
    as_csv,
    country_list,
    figures,
    hdx_file,
    monthly_panel,
    once_each,
    read_rows,
    span,
    with_provenance,
)

_DATA_SET: Final = "political-violence-events-and-fatalities"
_SHEET: Final = "Data"
_NEEDED: Final = ("ISO3", "Admin2 Pcode", "Month", "Year", "Events", "Fatalities")
_OURS: Final = {
    "Admin2 Pcode": "unit_id",
    "ISO3": "country",
    "Events": "incidents",
    "Fatalities": "fatalities",
}
_MONTHS: Final = {name.lower(): f"{number:02}" for number, name in enumerate(calendar.month_name)}


def acled_totals(
    countries: Collection[str] | str | None = None,
    *,
    since: str | date | None = None,
    until: str | date | None = None,
    base_url: str | None = None,
    cache: PathLike | None = None,
    offline: bool = False,
    refresh: bool = False,
) -> pd.DataFrame:
    """Fetch ACLED's monthly totals of political violence by second-level unit, from HDX.

    The rows are counts, not incidents: nothing that needs points can be made of them. No account is
    needed; ACLED's terms hold.

    Parameters
    ----------
    countries : collection of str, optional
        ISO 3166-1 alpha-3 codes; by default the three.
    since, until : str or date, optional
        Such as ``"2025-01"``, or ``"12m"``.
    base_url : str, optional
        Another address than HDX's.
    cache : path-like, optional
        Folder of received data.
    offline, refresh : bool
        Never to ask the network; to ask even if the cache holds data of today.

    Returns
    -------
    DataFrame, one row a unit and month
        ``unit_id`` (P-code as OCHA writes it), ``country``, ``period`` (months), ``incidents`` and
        ``fatalities_best``; where from stands in ``attrs``, see
        :func:`sahel_geo.sources.provenance_of`.

    Raises
    ------
    SourceError
        If the data cannot be had, or hold nothing of what is asked.
    InputError
        If an argument cannot be used.

    References
    ----------
    Raleigh, C., Kishi, R. and Linke, A. (2023). Political instability patterns are obscured by
    conflict dataset scope conditions, sources, and coding choices. Humanities and Social Sciences
    Communications 10, 74.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> panel = sg.sources.acled_totals("NER", since="2024")  # doctest: +SKIP
    """
    codes = country_list(countries)
    first, last = span(since, until)
    with Access(SOURCE, base_url=base_url, cache=cache, offline=offline, refresh=refresh) as access:
        entry = access.data_set({"countries": " ".join(codes)}, partial(_collect, access, codes))
    table = pd.read_csv(entry.path, dtype=str).rename(columns=_OURS)
    return with_provenance(monthly_panel(table, first, last), [entry])


def _collect(access: Access, codes: Collection[str]) -> Collected:
    file = hdx_file(access, _DATA_SET, "xlsx", lambda _, format_: "xlsx" in format_)
    rows = read_rows(file.path, _NEEDED, sheet=_SHEET, access=access)
    rows = rows[rows["ISO3"].isin(codes)].reset_index(drop=True)
    rows = once_each(rows)
    months = rows["Month"].str.strip().str.lower().map(_MONTHS)
    years = rows["Year"].str.strip().str.fullmatch(r"(?:19|20)\d{2}(?:\.0)?").fillna(False)
    if not len(rows) or months.isna().any() or not years.all():
        access.fail(
            "no months of {countries} in the file; the publisher changed it. Look at {home}",
            countries=", ".join(codes),
            home=SOURCE.home,
        )
    table = rows[list(_NEEDED)].assign(
        month=rows["Year"].str.strip().str[:4] + "-" + months,
        **figures(access, rows, ("Events", "Fatalities")),
    )
    part = file.part(len(rows))
    without = int(rows["Admin2 Pcode"].isna().sum())
    status = {"without a unit": without} if without else {}
    content = as_csv(table)
    return Collected(content, "acled-totals.csv", len(rows), (part,), part.version, status=status)


SOURCE: Final = Source(
    name="acled-totals",
    title="ACLED (HDX)",
    gives="panel",
    fetch=acled_totals,
    base_url=HDX_URL,
    home=f"{HDX_URL}dataset/{_DATA_SET}",
    licence="ACLED's terms of use",
    terms=Sentence(
        "Totals by unit and month; ACLED's terms hold: credit it, and do not pass the table on as "
        "a data set of your own."
    ),
    fresh_days=7.0,
    restricted=True,
)
