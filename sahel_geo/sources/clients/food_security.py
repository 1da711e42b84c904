"""The Cadre Harmonisé: people by phase of food insecurity, twice a year, from HDX."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from sahel_geo.errors import InputError, require_choice
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.provenance import Provenance
from sahel_geo.schema import PathLike
from sahel_geo.sources.access.access import Access
from sahel_geo.sources.access.cache import Cache, Entry
from sahel_geo.sources.access.source import Collected, Source
from sahel_geo.sources.access.tables import (
    HDX_URL,
    as_csv,
    country_list,
    figures,
    hdx_file,
    once_each,
    read_rows,
    require,
    with_provenance,
)

_DATA_SET: Final = "cadre-harmonise"
_NEEDED: Final = ("adm0_pcod3", "adm2_pcod2", "adm2_name", "population", "chtype", "reference_year")
_PHASES: Final = tuple(f"phase{number}" for number in range(1, 6))
_HALF: Final = 0.5
_MORE_THAN_ALL: Final = 1.01  # rounded counts; a share above it comes of a fault in the table
_SHARE: Final = 0.2  # of the people in a phase or worse make it the phase of the area
_ORDER: Final = {"jan": 1, "jun": 2, "sep": 3}  # months in which an analysis, or its time, begins


def food_security(
    countries: Collection[str] | str | None = None,
    *,
    year: int = 2025,
    season: Literal["current", "projected"] = "projected",
    base_url: str | None = None,
    cache: PathLike | None = None,
    offline: bool = False,
    refresh: bool = False,
) -> pd.DataFrame:
    """Fetch the Cadre Harmonisé's people by phase, one row a second-level unit.

    Where several analyses concern the same year, the last one is taken. Parts of a department that
    were analysed apart are added up, and the phase of the whole is found again: the worst one in
    which, or in a worse one, at least 20 % of the people are.

    Parameters
    ----------
    countries : collection of str, optional
        ISO 3166-1 alpha-3 codes; by default the three.
    year : int
        Year that the analysis concerns, from 2014 on.
    season : {"projected", "current"}
        The lean season to come, or the situation at the time.
    base_url : str, optional
        Another address than HDX's.
    cache : path-like, optional
        Folder of received data.
    offline, refresh : bool
        Never to ask the network; to ask even if the cache holds a young file.

    Returns
    -------
    DataFrame, one row a unit
        ``unit_id`` (P-code), ``name``, ``country``, ``population``, ``phase1`` to ``phase5`` where
        stated, ``phase35`` (people in phases 3 to 5), ``share35`` (missing where more people are
        in phases than there are), ``phase`` and ``reference`` (months that it concerns); where
        from stands in ``attrs``.

    Raises
    ------
    SourceError
        If the data cannot be had, or hold nothing of what is asked.
    InputError
        If an argument cannot be used.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> phases = sg.sources.food_security(year=2025, season="projected")  # doctest: +SKIP
    """
    codes = country_list(countries)
    require_choice("season", season, ("current", "projected"))
    if type(year) is not int:
        raise InputError(
            "`year` is {year!r}; expected a whole number, such as 2025. Correct it.", year=year
        )
    request = {"countries": " ".join(codes), "year": str(year), "season": season}
    with Access(SOURCE, base_url=base_url, cache=cache, offline=offline, refresh=refresh) as access:
        entry = access.data_set(request, partial(_collect, access, codes, year, season))
    return with_provenance(_by_unit(pd.read_csv(entry.path, dtype=str)), [entry])


def food_insecure(
    units: pd.DataFrame, *, cache: PathLike | None = None, pinned: Sequence[Provenance] = ()
) -> "pd.Series[float] | None":
    """Give the share of people in phases 3 to 5 of the newest analysis fetched; never asks.

    Parameters
    ----------
    units : DataFrame, m rows
        Units with ``unit_id``; codes of another vintage find nothing.
    cache : path-like, optional
        Folder of received data.
    pinned : sequence of Provenance
        Where an earlier report's data came from, to take the very same shares; where it had none,
        there are none now.

    Returns
    -------
    Series of float, or None
        Shares by ``unit_id``, missing where no analysis is; None where nothing was fetched, or
        fewer than half of the units have one. Where from stands in ``attrs``.

    Raises
    ------
    SourceError
        If the cache does not hold what is pinned any more.

    Examples
    --------
    >>> food_insecure(pd.DataFrame({"unit_id": ["NE0101"]}), cache=getfixture("tmp_path")) is None
    True
    """
    kept = Cache(cache)
    named = [kept.pinned(each) for each in pinned if each.source == SOURCE.name]
    own = [
        each
        for each in (named if pinned else kept.entries())
        if each.provenance.source == SOURCE.name and each.kind == "data set"
    ]
    if not own:
        return None
    # of the same year, what is projected for the lean season matters more than what was
    last = max(map(_analysis, own))
    newest = sorted(
        (each for each in own if _analysis(each) == last), key=lambda each: each.provenance.fetched
    )
    tables = [_by_unit(pd.read_csv(each.path, dtype=str)) for each in newest]
    table = pd.concat(tables).drop_duplicates("unit_id", keep="last").set_index("unit_id")
    shares = table["share35"].reindex(units["unit_id"]).rename("food_insecure")
    return with_provenance(shares, newest) if shares.notna().mean() >= _HALF else None


def _analysis(entry: Entry) -> tuple[str, str]:
    """Tell which analysis a data set holds."""
    request = entry.provenance.request
    return request["year"], request["season"]


def _collect(access: Access, codes: Collection[str], year: int, season: str) -> Collected:
    def fits(_: str, format_: str) -> bool:
        return "csv" in format_ or "xlsx" in format_

    file = hdx_file(access, _DATA_SET, "any", fits)
    rows = read_rows(file.path, _NEEDED, access=access)
    own = rows["adm0_pcod3"].isin(codes) & (rows["chtype"].str.strip().str.lower() == season)
    own &= pd.to_numeric(rows["reference_year"], errors="coerce") == year
    rows = once_each(rows[own & rows["adm2_pcod2"].notna()])
    if not len(rows):
        access.fail(
            "no {season} analysis of {year} for {countries}. Ask for another year or season",
            season=season,
            year=year,
            countries=", ".join(codes),
        )
    if not {*_PHASES} <= {*rows.columns}:
        require(access, rows.columns, ("phase35", "phase_class"), file.path.name)
    counted = [name for name in ("population", *_PHASES, "phase35") if name in rows]
    rows = rows.assign(**figures(access, rows, counted))
    if all(rows[name].max() <= 1 for name in counted if name != "population"):
        access.fail(
            "the phases of {file} hold no people but shares; the publisher changed it. Update "
            "sahel_geo",
            file=file.path.name,
        )
    part = file.part(len(rows))
    return Collected(as_csv(rows), "cadre-harmonise.csv", len(rows), (part,), part.version)


def _by_unit(rows: pd.DataFrame) -> pd.DataFrame:
    """Take the last analysis of each country, and add up the parts of a unit."""
    # Order analyses by when they were made.
    year = rows.get("exercise_year", rows["reference_year"])
    label = rows.get("exercise_label", pd.Series("", index=rows.index)).fillna("")
    rows = rows.assign(
        _when=(
            pd.to_numeric(year, errors="coerce").fillna(0) * 10
            + label.str[:3].str.lower().map(_ORDER).fillna(0)
        )
    )
    rows = rows[rows["_when"] == rows.groupby("adm0_pcod3")["_when"].transform("max")]
    numbers = [name for name in ("population", *_PHASES, "phase35", "phase_class") if name in rows]
    rows = rows.assign(**{name: pd.to_numeric(rows[name], errors="coerce") for name in numbers})
    groups = rows.groupby("adm2_pcod2", sort=True)
    phases = [name for name in _PHASES if name in rows]
    sums = groups[["population", *phases]].sum(min_count=1)
    table = pd.DataFrame(
        {
            "unit_id": sums.index,
            "name": groups["adm2_name"]
            .agg(lambda names: " + ".join(dict.fromkeys(names.dropna().astype(str))))
            .to_numpy(),
            "country": groups["adm0_pcod3"].first().to_numpy(),
        },
        index=sums.index,
    ).join(sums)
    worse = sums[phases[2:]].sum(axis=1, min_count=1) if len(phases) == len(_PHASES) else None
    stated: Any = groups["phase35"].sum(min_count=1) if "phase35" in rows else worse
    table["phase35"] = stated if worse is None else worse
    share = (table["phase35"] / table["population"]).where(table["population"] > 0)
    table["share35"] = share.where(share <= _MORE_THAN_ALL).clip(upper=1.0)
    table["phase"] = _phase(sums) if worse is not None else groups["phase_class"].max()
    if "reference_label" in rows:
        table["reference"] = groups["reference_label"].first()
    return table.reset_index(drop=True)


def _phase(sums: pd.DataFrame) -> Any:
    """Find the worst phase in which, or in a worse one, a fifth of the people are."""
    counts = sums[list(_PHASES)].fillna(0.0).to_numpy(np.float64)
    from_here_on = np.cumsum(counts[:, ::-1], axis=1)[:, ::-1]
    total = from_here_on[:, :1]
    enough = from_here_on >= _SHARE * total
    phase = np.where(enough, np.arange(1, 6), 0).max(axis=1).astype(np.float64)
    return np.where(total[:, 0] > 0, phase, np.nan)


SOURCE: Final = Source(
    name="food-security",
    title="Cadre Harmonisé (HDX)",
    gives="table",
    fetch=food_security,
    base_url=HDX_URL,
    home=f"{HDX_URL}dataset/{_DATA_SET}",
    licence="CC BY-IGO 3.0",
    terms=Sentence(
        "Free to use and pass on with credit to the Cadre Harmonisé. Analyses twice a year; areas "
        "that could not be reached are estimated or missing."
    ),
    fresh_days=30.0,
)
