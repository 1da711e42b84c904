"""GeoNames: the country dumps, as a gazetteer."""

from collections.abc import Collection
from typing import Final

from sahel_geo.i18n.sentence import Sentence
from sahel_geo.places.gazetteer.gazetteer import Gazetteer, load_gazetteer
from sahel_geo.places.gazetteer.sources import ISO2
from sahel_geo.schema import PathLike
from sahel_geo.sources.access.access import Access
from sahel_geo.sources.access.cache import Entry
from sahel_geo.sources.access.source import Collected, Source
from sahel_geo.sources.access.tables import country_list, with_provenance

_ALPHA2: Final = {code: short for short, code in ISO2.items()}
_DUMP_BYTES: Final = 50 * 1024**2


def gazetteer(
    countries: Collection[str] | str | None = None,
    *,
    base_url: str | None = None,
    cache: PathLike | None = None,
    offline: bool = False,
    refresh: bool = False,
) -> Gazetteer:
    """Fetch GeoNames' places of some countries, and load them beside the shipped ones.

    Parameters
    ----------
    countries : collection of str, optional
        ISO 3166-1 alpha-3 codes, of neighbours too; by default the three.
    base_url : str, optional
        Another address than GeoNames'.
    cache : path-like, optional
        Folder of received data.
    offline, refresh : bool
        Never to ask the network; to ask even if the cache holds a young dump.

    Returns
    -------
    Gazetteer
        As :func:`sahel_geo.load_gazetteer` gives it; where from stands in ``places.attrs``.

    Raises
    ------
    SourceError
        If a dump cannot be had.
    InputError
        If an argument cannot be used.

    Examples
    --------
    >>> import sahel_geo as sg
    >>> places = sg.sources.gazetteer(("MLI", "NER", "BFA"))  # doctest: +SKIP
    """
    codes = country_list(countries)
    with Access(SOURCE, base_url=base_url, cache=cache, offline=offline, refresh=refresh) as access:
        entries = [_dump(access, code) for code in codes]
        paths = [entry.path for entry in entries]
        loaded = access.usable(access.base_url, lambda: load_gazetteer(*paths))
    with_provenance(loaded.places, entries)
    return loaded


def _dump(access: Access, code: str) -> Entry:
    name = f"{_ALPHA2[code]}.zip"

    def collect() -> Collected:
        fresh = SOURCE.fresh_days
        file = access.file(access.base_url + name, "zip", fresh_days=fresh, limit=_DUMP_BYTES)
        day = file.provenance.fetched[:10]
        return Collected(file.path.read_bytes(), name, 0, (file.part(),), version=day)

    return access.data_set({"country": code}, collect)


SOURCE: Final = Source(
    name="gazetteer",
    title="GeoNames",
    gives="gazetteer",
    fetch=gazetteer,
    base_url="https://download.geonames.org/export/dump/",
    home="https://www.geonames.org/",
    licence="CC BY 4.0",
    terms=Sentence("Free to use and pass on with credit. Names and places entered by volunteers."),
    fresh_days=30.0,
)
