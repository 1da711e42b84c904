"""WorldPop: people on a grid of 100 m, summed over units."""

from collections.abc import Collection, Sequence
from typing import Final

import geopandas as gpd
import pandas as pd

from sahel_geo.errors import InputError
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.places.boundaries.boundaries import load_boundaries
from sahel_geo.places.zonal import zonal_sums
from sahel_geo.provenance import Part, Provenance
from sahel_geo.schema import PathLike
from sahel_geo.sources.access.access import Access
from sahel_geo.sources.access.cache import Entry
from sahel_geo.sources.access.source import Collected, Source
from sahel_geo.sources.access.tables import country_list, with_provenance

RELEASE: Final = "R2025A"
FIRST_YEAR: Final = 2015
LAST_YEAR: Final = 2030
_FILE_BYTES: Final = 500 * 1024**2  # the largest of the three has some 60 MB


def population(
    countries: Collection[str] | str | None = None,
    *,
    year: int = 2025,
    units: gpd.GeoDataFrame | None = None,
    checksum: str | None = None,
    base_url: str | None = None,
    cache: PathLike | None = None,
    offline: bool = False,
    refresh: bool = False,
) -> "pd.Series[float]":
    """Fetch WorldPop's estimate of people, and sum it over units.

    The estimates share out projected totals over settlements; in places that people fled they show
    who lived there before. The release is declared alpha: the first download pins its checksum, and
    another content at the same address is an error.

    Parameters
    ----------
    countries : collection of str, optional
        ISO 3166-1 alpha-3 codes; by default the three.
    year : int
        From 2015 to 2030.
    units : GeoDataFrame, m rows, optional
        Units in EPSG:4326 with ``unit_id`` and ``country``; by default the shipped second level.
    checksum : str, optional
        ``"sha256:..."`` that a single country's file must have; ``""`` accepts any.
    base_url : str, optional
        Another address than WorldPop's.
    cache : path-like, optional
        Folder of received data.
    offline, refresh : bool
        Never to ask the network; to ask even if the cache holds the file.

    Returns
    -------
    Series of float
        People by ``unit_id``, for the units of `countries`; where from stands in ``attrs``.

    Raises
    ------
    SourceError
        If a file cannot be had, or is not the one of before.
    InputError
        If an argument cannot be used.

    References
    ----------
    Bondarenko, M. et al. (2025). Constrained estimates of 2015-2030 total number of people per grid
    square at a resolution of 3 arc (approximately 100 m), R2025A. WorldPop, University of
    Southampton.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> people = sg.sources.population("NER", year=2025)  # doctest: +SKIP
    """
    codes = country_list(countries)
    if type(year) is not int or not FIRST_YEAR <= year <= LAST_YEAR:
        raise InputError(
            "`year` is {year!r}; expected {first} to {last}. Choose one.",
            year=year,
            first=FIRST_YEAR,
            last=LAST_YEAR,
        )
    if not isinstance(checksum, str | None):
        raise InputError(
            "`checksum` is {checksum!r}; expected such as 'sha256:...'. Correct it.",
            checksum=checksum,
        )
    areas = load_boundaries(2) if units is None else units
    areas = areas[areas["country"].isin(codes)]
    if not len(areas):
        raise InputError(
            "`units` has no unit in {countries}; expected some. Pass other units.",
            countries=", ".join(codes),
        )
    entries, sums = [], []
    with Access(SOURCE, base_url=base_url, cache=cache, offline=offline, refresh=refresh) as access:
        for code in codes:
            entry = _raster(access, code, year, checksum, refresh=refresh)
            entries.append(entry)
            sums.append(_sum(access, entry, areas[areas["country"] == code]))
    return with_provenance(pd.concat(sums), entries)


def _raster(access: Access, code: str, year: int, checksum: str | None, *, refresh: bool) -> Entry:
    name = f"{code.lower()}_pop_{year}_CN_100m_{RELEASE}_v1.tif"
    path = f"Global_2015_2030/{RELEASE}/{year}/{code}/v1/100m/constrained/{name}"
    url = access.base_url + path

    def collect() -> Collected:
        pinned = access.known(url) if checksum is None and refresh else checksum or None
        file = access.file(url, "tif", checksum=pinned, limit=_FILE_BYTES)
        part = Part(url, file.provenance.sha256, RELEASE)
        return Collected(file.path.read_bytes(), name, 0, (part,), RELEASE)

    return access.data_set({"country": code, "year": str(year), "release": RELEASE}, collect)


def _sum(access: Access, entry: Entry, areas: gpd.GeoDataFrame) -> "pd.Series[float]":
    url = entry.provenance.parts[0].url
    sums = access.usable(url, lambda: zonal_sums(areas.geometry, entry.path))
    if not (sums > 0).any() or (sums < 0).any():
        access.fail(
            "the raster {file} has no people in {empty} units and fewer than none in {negative}: "
            "it lies elsewhere, or its cells without data are not marked. Pass other units, or "
            "look at {home}",
            file=entry.path.name,
            empty=int((sums == 0).sum()),
            negative=int((sums < 0).sum()),
            home=SOURCE.home,
        )
    return pd.Series(sums, index=areas["unit_id"].to_numpy(), name="population")


def people(
    units: gpd.GeoDataFrame, *, cache: PathLike | None = None, pinned: Sequence[Provenance] = ()
) -> "pd.Series[float] | None":
    """Give the newest people that were fetched for all countries of some units; never asks.

    Parameters
    ----------
    units : GeoDataFrame, m rows
        Units in EPSG:4326 with ``unit_id`` and ``country``.
    cache : path-like, optional
        Folder of received data.
    pinned : sequence of Provenance
        Where an earlier report's data came from, to take the very same people; where it had none,
        there are none now.

    Returns
    -------
    Series of float, or None
        As :func:`population` gives it; None where not all of their countries were fetched.

    Raises
    ------
    SourceError
        If the cache does not hold what is pinned any more, or a file in it is damaged.
    InputError
        If `units` lacks a column.

    Examples
    --------
    >>> units = load_boundaries(1, countries="NER")
    >>> people(units, cache=getfixture("tmp_path")) is None
    True
    """
    if not {"unit_id", "country", "geometry"} <= set(units):
        raise InputError(
            "`units` lacks some of unit_id, country and geometry; expected units such as "
            "sg.load_boundaries gives. Pass these."
        )
    codes = sorted(set(units["country"]))
    with Access(SOURCE, cache=cache, offline=True) as access:
        newest: dict[str, Entry] = {}
        named = [access.cache.pinned(each) for each in pinned if each.source == SOURCE.name]
        for entry in named if pinned else access.cache.entries():
            origin = entry.provenance
            if origin.source == SOURCE.name and entry.kind == "data set":
                code, best = origin.request["country"], newest.get(origin.request["country"])
                if best is None or origin.request["year"] > best.provenance.request["year"]:
                    newest[code] = entry
        years = {newest[code].provenance.request["year"] for code in codes if code in newest}
        if len(years) != 1 or not set(codes) <= set(newest):
            return None  # people of different years would not compare
        sums = [_sum(access, newest[code], units[units["country"] == code]) for code in codes]
    return with_provenance(pd.concat(sums), [newest[code] for code in codes])


SOURCE: Final = Source(
    name="population",
    title="WorldPop",
    gives="people",
    fetch=population,
    base_url="https://data.worldpop.org/GIS/Population/",
    home="https://www.worldpop.org/",
    licence="CC BY 4.0",
    terms=Sentence(
        "Free to use and pass on with credit. Estimates of where people live, of an alpha release: "
        "they do not follow displacement."
    ),
    fresh_days=365.0,
)
