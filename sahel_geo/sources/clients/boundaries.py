"""Boundaries as their keepers publish them: OCHA's COD-AB and geoBoundaries."""

from functools import partial
from typing import Any, Final, Literal

import geopandas as gpd

from sahel_geo.errors import InputError
from sahel_geo.i18n.sentence import Sentence
from sahel_geo.places.boundaries.foreign import read_boundaries
from sahel_geo.places.gazetteer.sources import ISO2
from sahel_geo.schema import PathLike
from sahel_geo.sources.access.access import Access
from sahel_geo.sources.access.cache import Entry
from sahel_geo.sources.access.source import Collected, Source
from sahel_geo.sources.access.tables import (
    HDX_URL,
    country_list,
    hdx_file,
    require,
    with_provenance,
)

GEOBOUNDARIES_URL: Final = "https://www.geoboundaries.org/"
_COD_LICENCE: Final = "CC BY-IGO 3.0"


def boundaries(
    country: str,
    level: int = 2,
    *,
    of: Literal["cod-ab", "geoboundaries"] = "cod-ab",
    base_url: str | None = None,
    cache: PathLike | None = None,
    offline: bool = False,
    refresh: bool = False,
) -> gpd.GeoDataFrame:
    """Fetch the published boundaries of a country.

    They are as published: neighbours' edges do not match, and codes are those of the publisher's
    vintage. The shipped units (:func:`sahel_geo.load_boundaries`) fit each other.

    Parameters
    ----------
    country : str
        ISO 3166-1 alpha-3 code.
    level : {0, 1, 2, 3}
        Administrative level.
    of : {"cod-ab", "geoboundaries"}
        OCHA's common operational data sets from HDX, or geoBoundaries' open ones.
    base_url : str, optional
        Another address than HDX's, or geoBoundaries'.
    cache : path-like, optional
        Folder of received data.
    offline, refresh : bool
        Never to ask the network; to ask even if the cache holds a young file.

    Returns
    -------
    GeoDataFrame
        Columns of :data:`sahel_geo.schema.UNIT_COLUMNS`, EPSG:4326; where from stands in ``attrs``.

    Raises
    ------
    SourceError
        If they cannot be had, or the file is not what was announced.
    InputError
        If an argument cannot be used, or the file lacks the level.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> units = sg.sources.boundaries("MLI", level=2)  # doctest: +SKIP
    """
    codes = country_list(country)
    if country is None or len(codes) != 1:
        raise InputError(
            "`country` is {country!r}; expected one country. Name one, such as 'MLI'.",
            country=country,
        )
    (code,) = codes
    if of not in ("cod-ab", "geoboundaries"):
        raise InputError("`of` is {of!r}; expected 'cod-ab' or 'geoboundaries'. Choose one.", of=of)
    if level not in (0, 1, 2, 3):
        raise InputError("`level` is {level!r}; expected 0 to 3. Choose one.", level=level)
    address = base_url or (GEOBOUNDARIES_URL if of == "geoboundaries" else None)
    with Access(SOURCE, base_url=address, cache=cache, offline=offline, refresh=refresh) as access:
        request = {"country": code, "level": str(level), "of": of}
        collect = _by_geoboundaries if of == "geoboundaries" else _by_hdx
        entry = access.data_set(request, partial(collect, access, code, level))
        url = entry.provenance.parts[0].url
        units = access.usable(url, lambda: read_boundaries(entry.path, level=level).units)
        announced = entry.provenance.request.get("units", "")
        if announced.isdigit() and int(announced) != len(units):
            access.fail(
                "the file holds {number} units where {announced} are announced. Try again later, "
                "or take the others with of=",
                number=len(units),
                announced=int(announced),
            )
        others = set(units["unit_id"].astype("str").str[:2].map(ISO2).dropna()) - {code}
        if of == "cod-ab" and others:
            access.fail(
                "{what} came where {wanted} was asked for. Try again later, or take the others "
                "with of=",
                what=", ".join(sorted(others)),
                wanted=code,
            )
    licence = entry.provenance.request.get("licence") or _COD_LICENCE
    return with_provenance(units.assign(licence=licence, country=code), [entry])


def _by_hdx(access: Access, code: str, _: int) -> Collected:
    def fits(name: str, _format: str) -> bool:
        return "admin_boundaries" in name and name.endswith((".geojson.zip", ".shp.zip"))

    file = hdx_file(access, f"cod-ab-{code.lower()}", "zip", fits)
    return _whole(file, {"licence": _COD_LICENCE})


def _by_geoboundaries(access: Access, code: str, level: int) -> Collected:
    answer, _ = access.json(f"api/current/gbOpen/{code}/ADM{level}/", check=partial(_check, access))
    stated = (
        str(answer.get("boundaryISO") or code),
        str(answer.get("boundaryType") or f"ADM{level}"),
    )
    if stated != (code, f"ADM{level}"):
        access.fail(
            "{what} came where {wanted} was asked for. Try again later, or take the others "
            "with of=",
            what=" ".join(stated),
            wanted=f"{code} ADM{level}",
        )
    file = access.file(str(answer["gjDownloadURL"]), "json", version=str(answer.get("buildDate")))
    licence = str(answer["boundaryLicense"])
    return _whole(file, {"licence": licence, "units": str(answer["admUnitCount"])})


def _check(access: Access, answer: Any) -> None:
    names = answer if isinstance(answer, dict) else {}
    needed = ("gjDownloadURL", "boundaryLicense", "admUnitCount")
    require(access, names, needed, "the answer of the API")


def _whole(file: Entry, request: dict[str, str]) -> Collected:
    """Take a file as it is for the data set."""
    content, part = file.path.read_bytes(), file.part()
    return Collected(content, file.path.name, 0, (part,), part.version, request=request)


SOURCE: Final = Source(
    name="boundaries",
    title="OCHA COD-AB / geoBoundaries",
    gives="units",
    fetch=boundaries,
    base_url=HDX_URL,
    home=f"{HDX_URL}dataset/?q=cod-ab",
    licence="CC BY-IGO 3.0 (COD-AB); CC BY 4.0 (geoBoundaries)",
    terms=Sentence(
        "Free to use and pass on with credit; the licence of each geoBoundaries layer stands in "
        "its column. The boundaries imply no endorsement."
    ),
    fresh_days=30.0,
)
